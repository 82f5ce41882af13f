"""The tables of the template: a sheet for each, with what colours and counts its wrong cells."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ..model.returns import Column, Reading, Row
from .ooxml import column_letters
from .template_basis import Basis
from .template_book import (
    AMBER,
    HEADER_ROW,
    KR,
    NUMBER_FORMATS,
    NUMERIC,
    ON_AMBER,
    ON_RED,
    OPEN,
    QUIET,
    RED,
    ROWS,
    WIDTHS,
    Book,
    serial,
)
from .template_rules import allowed_values, help_shown, list_of, test_of_wrong
from .template_words import TABLE_INTRO


def fill_table(book: Book, basis: Basis, name: str, columns: Sequence[Column]) -> None:
    """A sheet with one Excel table and nothing below it; sums and checks stand above.

    It is not protected: a protected sheet stops its tables from growing, sorting and taking
    pasted rows. What is typed over a header is refused by a validation instead. Empty rows hold
    no cells, only the looks of their columns, so that reading a return costs what is written in
    it.
    """
    sheet = book.prepare(name, name, TABLE_INTRO[name], color="#3E7CB1", widths=WIDTHS[name])
    is_prose = name == "Insatser"
    first, last = HEADER_ROW + 1, HEADER_ROW + row_count(basis, name)
    sheet.set_row(HEADER_ROW, 34)
    head = book.head_look()
    for place, column in enumerate(columns):
        letter = column_letters(place + 1)
        hint = "krävs" if column.is_required else "frivillig"
        sheet.write_string(HEADER_ROW - 1, place, hint, book.look(font_size=8, font_color=QUIET))
        indent = int(column.kind in NUMERIC)
        side, number = "right" if indent else "left", NUMBER_FORMATS[column.kind]
        look = book.look(
            num_format=number, align=side, indent=indent, text_wrap=is_prose, locked=False
        )
        sheet.set_column(place, place, WIDTHS[name][place], look)
        own_name = {
            "validate": "custom",
            "value": f'=EXACT({letter}{HEADER_ROW + 1},"{column.header}")',
            "error_title": "Rubriken behövs",
            "error_message": f"Rubrikerna läses av {basis.organisation.department} och får inte "
            "ändras. Ångra med Esc.",
        }
        sheet.data_validation(HEADER_ROW, place, HEADER_ROW, place, own_name)
        allowed = allowed_values(book, basis, column.kind, column.name, f"{letter}{first + 1}")
        shown = help_shown(column.header, basis.help(column))
        sheet.data_validation(first, place, last, place, shown | allowed)
    if is_prose:
        for row in range(first, last + 1):
            sheet.set_row(row, 56)
    sheet.add_table(
        *(HEADER_ROW, 0, last, len(columns) - 1),
        {
            "name": name,
            "columns": [{"header": c.header, "header_format": head} for c in columns],
            "style": None,
        },
    )
    _fill_rows(book, sheet, columns, basis.rows_before(name), is_prose=is_prose)
    _check_table(book, basis, sheet, name, columns)
    whole = (first, 0, last, len(columns) - 1)
    book.colour(sheet, whole, f"ISBLANK(A{first + 1})", OPEN)
    book.colour(sheet, whole, "TRUE")
    sheet.ignore_errors(
        {"number_stored_as_text": f"A{first + 1}:{column_letters(len(columns))}{last + 1}"}
    )
    sheet.freeze_panes(first, 1)
    sheet.repeat_rows(HEADER_ROW)


def row_count(basis: Basis, name: str) -> int:
    """How many rows a table has: those that are filled in, and the empty ones below them."""
    return ROWS[name] + len(basis.rows_before(name))


def _fill_rows(
    book: Book, sheet: Any, columns: Sequence[Column], rows: Sequence[Row], *, is_prose: bool
) -> None:
    """Write what the board sent last, each cell as it was read; what couldn't be read as it stood
    there."""
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        for place, column in enumerate(columns):
            cell = row.cells.get(column.name)
            if cell is None or cell.reading is Reading.BLANK:
                continue
            indent = int(column.kind in NUMERIC)
            look = book.look(
                num_format=NUMBER_FORMATS[column.kind],
                align="right" if indent else "left",
                indent=indent,
                text_wrap=is_prose,
                locked=False,
            )
            if isinstance(cell.value, Decimal):
                sheet.write_number(number, place, float(cell.value), look)
            elif isinstance(cell.value, date):
                sheet.write_number(number, place, serial(cell.value), look)
            else:
                sheet.write_string(number, place, cell.raw, look)


def _check_table(
    book: Book, basis: Basis, sheet: Any, name: str, columns: Sequence[Column]
) -> None:
    """Colours and counts the cells that can't be right, and sums the amounts.

    Validation sees only what is typed. What is pasted from a ledger is caught here, before the
    board sends it.
    """
    first, last = HEADER_ROW + 1, HEADER_ROW + row_count(basis, name)
    telling = next((c for c in columns if c.kind in {"amount", "percent"}), columns[-1])
    tests = []
    for place, column in enumerate(columns):
        mate = columns[0] if column is telling else telling
        cell = f"${column_letters(place + 1)}{first + 1}"
        beside = f"${column_letters(columns.index(mate) + 1)}{first + 1}"
        area, listed = (first, place, last, place), list_of(book, column.kind, column.name)
        wrong = test_of_wrong(column, listed, cell, beside)
        if wrong:
            book.colour(sheet, area, wrong, RED, ON_RED)
            whole = (f"{name}[{column.header}]", f"{name}[{mate.header}]")
            tests.append(test_of_wrong(column, listed, *whole))
        if column.name in {"worked_on", "from_on", "to_on"}:
            begin, end = serial(basis.grant.spend_from_on), serial(basis.grant.spend_to_on) + 1
            outside = f"AND(ISNUMBER({cell}),OR({cell}<{begin},{cell}>={end}))"
            book.colour(sheet, area, outside, AMBER, ON_AMBER)
        if name == "Kostnader" and column.name == "activity":
            last_activity = HEADER_ROW + 1 + row_count(basis, "Insatser")
            known = f"Insatser!$A${first + 1}:$A${last_activity}"
            book.colour(sheet, area, f'AND({cell}<>"",COUNTIF({known},{cell})=0)', AMBER, ON_AMBER)
        if column.kind == "amount":
            sheet.write_string(2, place - 1, "Summa", book.look(align="right", bold=True))
            total = f'=IFERROR(SUM({name}[{column.header}]),"Fel i belopp")'
            sheet.write_formula(
                2, place, total, book.look(num_format=KR, bold=True, align="right"), 0
            )
    says = '"Röda celler att rätta: "0;;"Inga röda celler att rätta"'
    look = book.look(num_format=says, text_wrap=False)
    count = "+".join(f"SUMPRODUCT(--({test}))" for test in tests)
    formula = f'=IFERROR({count},"Någon cell visar fel, till exempel #REF!")'
    sheet.write_formula(2, 0, formula, look, 0)
