"""Writes the return workbook that a board fills in.

The template is built from the declarations in `model` and from the grant, so that what a board may
fill in and what the checks accept can't come apart. Layout and Swedish words live here and in the
modules named `template_`; which columns and fields there are does not.
"""

from datetime import date

from ..model.boards import Assignment, Board
from ..model.decisions import Grant
from ..model.organisation import Organisation
from ..model.returns import MEASURES, QUESTIONS, Return
from .ooxml import column_letters
from .template_basis import Basis
from .template_book import (
    BLUE,
    GUIDE,
    LINE,
    LISTS,
    ON_RED,
    QUIET,
    RED,
    TERMS,
    Book,
    height,
)
from .template_form import fill_form
from .template_measures import fill_measures
from .template_questions import fill_questions
from .template_tables import fill_table


def template(
    organisation: Organisation,
    grant: Grant,
    board: Board,
    assigned: Assignment,
    period_end: date,
    as_of: date,
    returns_by: str | None = None,
    before: Return | None = None,
) -> bytes:
    """The return workbook for one board, as the bytes of an xlsx file; the same arguments give the
    same bytes.

    `assigned` is what the board has been given by the decisions in force on `as_of`; `returns_by`
    the day by which the period is to be returned, in words, where one is known. `before` is what
    the board sent last: its rows are filled in, since a return is cumulative.
    """
    basis = Basis(organisation, grant, board, assigned, period_end, as_of, returns_by, before)
    book = Book(basis)
    _fill_lists(book, basis)
    _fill_guide(book, basis)
    fill_form(book, basis)
    for name, columns in basis.tables.items():
        if name == MEASURES:
            fill_measures(book, basis)
        elif name == QUESTIONS:
            fill_questions(book, basis)
        else:
            fill_table(book, basis, name, columns)
    _fill_terms(book, basis)
    return book.content()


def _fill_lists(book: Book, basis: Basis) -> None:
    """The hidden sheet of drop-down lists: exactly what the grant pays for."""
    sheet = book.sheets[LISTS]
    lists = {
        "area": ("omraden", basis.grant.areas),
        "cost_kind": ("kostnadsslag", basis.grant.cost_kinds),
        "target_area": ("malomraden", basis.grant.target_areas),
        "choice": ("ja_nej", ("Ja", "Nej")),
    }
    lists |= {
        c.component_id: (f"del_{place}", c.areas)
        for place, c in enumerate(basis.components, start=1)
    }
    if basis.grant.posts is not None:
        lists["role"] = ("roller", basis.grant.posts.roles)
    for place, (column, (name, values)) in enumerate(lists.items()):
        if not values:
            continue
        sheet.set_column(place, place, 46)
        sheet.write_string(0, place, name, book.look(bold=True))
        sheet.write_column(1, place, values)
        letter = column_letters(place + 1)
        book.lists[column] = f"lista_{name}"
        book.book.define_name(
            book.lists[column], f"={LISTS}!${letter}$2:${letter}${1 + len(values)}"
        )
    sheet.protect()
    sheet.very_hidden()


def _fill_guide(book: Book, basis: Basis) -> None:
    """The sheet that says what to do, what counts and what does not."""
    sheet = book.prepare(
        GUIDE,
        basis.grant.words.return_title,
        f"{basis.board.name} · {basis.grant.name}",
        color=BLUE,
        widths=(2, 28, 96),
    )
    row = 2
    for title, lines in basis.guide().items():
        row = book.heading(sheet, row, title, 2)
        for label, text in lines.items():
            if not text:
                continue
            sheet.set_row(row, height(text, 96))
            is_warning = label == "Personuppgifter"
            shade = {"bg_color": RED, "font_color": ON_RED} if is_warning else {}
            sheet.write_string(row, 1, label, book.look(bold=True, **shade))
            sheet.write_string(row, 2, text, book.look(**shade))
            row += 1
    book.protect(sheet)
    sheet.activate()


def _fill_terms(book: Book, basis: Basis) -> None:
    """The sheet of all terms with their sources."""
    sheet = book.prepare(
        TERMS,
        "Villkor",
        basis.wording.said(
            "Bidragets villkor och var de kommer från. Ett antagande är stadens tolkning och inte "
            "ett beslut."
        ),
        color=QUIET,
        widths=(2, 30, 50, 76),
    )
    head = book.look(bold=True, font_color="#FFFFFF", bg_color=BLUE)
    sheet.write_row(3, 1, ("Villkor", "Det som gäller", "Källa"), head)
    line = {"bottom": 1, "bottom_color": LINE}
    for row, term in enumerate(basis.grant.terms, start=4):
        sheet.set_row(row, max(height(term.value, 50), height(term.source.sentence, 76)))
        sheet.write_string(row, 1, term.label, book.look(bold=True, **line))
        sheet.write_string(row, 2, term.value, book.look(**line))
        sheet.write_string(row, 3, term.source.sentence, book.look(font_color=QUIET, **line))
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(0, 3)
    book.protect(sheet)
