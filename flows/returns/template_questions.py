"""The sheet of questions in the template: every question and year that is asked is there, and only
the answers are left to fill in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..model.asked_questions import QuestionKey, QuestionRow, question_key
from ..model.returns import QUESTION_COLUMNS, QUESTIONS, Cell, Reading, Row
from .ooxml import column_letters
from .template_basis import Basis
from .template_book import HEADER_ROW, ON_RED, QUIET, RED, WIDTHS, Book, height
from .template_rules import allowed_values, help_shown
from .template_words import TABLE_INTRO, answer_words

_FIRST = HEADER_ROW + 1
_ANSWER = len(QUESTION_COLUMNS) - 1
"""The column of answers, from 0."""
_HOW = len(QUESTION_COLUMNS)
_CHECK = len(QUESTION_COLUMNS) + 1
"""The columns beside the table in which the workbook says with what each row is answered, and what
is wrong with it."""


def fill_questions(book: Book, basis: Basis) -> None:
    """A sheet with one Excel table, whose rows are those that the grant asks.

    It is protected, since it isn't to grow: what a row is about stays as it is, and only its answer
    can be written.
    """
    sheet = book.prepare(
        QUESTIONS, QUESTIONS, TABLE_INTRO[QUESTIONS], color="#3E7CB1", widths=WIDTHS[QUESTIONS]
    )
    rows = basis.question_rows
    last = HEADER_ROW + len(rows)
    sent = _sent_before(basis.rows_before(QUESTIONS))
    _fill_headers(book, sheet, last)
    for number, row in enumerate(rows, start=_FIRST):
        _fill_row(book, basis, sheet, number, row, sent.get(row.key))
    _check_rows(book, sheet, rows)
    sheet.freeze_panes(_FIRST, 1)
    sheet.repeat_rows(HEADER_ROW)
    book.protect(sheet)


def _sent_before(rows: Sequence[Row]) -> Mapping[QuestionKey, Cell]:
    """The answers that the board sent last, by what their rows are about; of a row that it sent
    twice none, since there is no telling which it meant."""
    by_key: dict[QuestionKey, list[Cell]] = {}
    for row in rows:
        question, year, answer = (row.cells.get(column.name) for column in QUESTION_COLUMNS)
        if question and year and answer:
            by_key.setdefault(question_key(question.raw, year.raw), []).append(answer)
    return {key: own[0] for key, own in by_key.items() if len(own) == 1}


def _fill_headers(book: Book, sheet: Any, last: int) -> None:
    head = book.head_look()
    sheet.set_row(HEADER_ROW, 34)
    hint = book.look(font_size=8, font_color=QUIET)
    for place, column in enumerate(QUESTION_COLUMNS):
        words = "ifylld" if column.is_required else "fyll i"
        sheet.write_string(HEADER_ROW - 1, place, words, hint)
    beside = book.look(bold=True, valign="vcenter", indent=1)
    sheet.write_string(HEADER_ROW, _HOW, "Svara med", beside)
    sheet.write_string(HEADER_ROW, _CHECK, "Kontroll", beside)
    columns = [{"header": c.header, "header_format": head} for c in QUESTION_COLUMNS]
    sheet.add_table(
        *(HEADER_ROW, 0, last, _ANSWER),
        {"name": QUESTIONS, "columns": columns, "style": None, "autofilter": False},
    )
    sheet.ignore_errors({"number_stored_as_text": f"B{_FIRST + 1}:B{last + 1}"})


def _fill_row(
    book: Book, basis: Basis, sheet: Any, number: int, row: QuestionRow, sent: Cell | None
) -> None:
    """One row: what it is about, locked, and its answer, open and as the board sent it last."""
    sheet.set_row(number, height(row.question.text, WIDTHS[QUESTIONS][0]))
    look = book.field_look("text", is_locked=True)
    sheet.write_string(number, 0, row.question.text, look)
    sheet.write_string(number, 1, row.year.words, look)
    kind = "count" if row.question.is_number else "choice"
    answer = book.field_look(kind, is_locked=False)
    if sent is None or sent.reading is Reading.BLANK:
        sheet.write_blank(number, _ANSWER, None, answer)
    elif isinstance(sent.value, Decimal):
        sheet.write_number(number, _ANSWER, int(sent.value), answer)
    else:
        sheet.write_string(number, _ANSWER, sent.raw, answer)
    words = answer_words(row.question)
    allowed = allowed_values(book, basis, kind, "answer", _cell(number))
    shown = help_shown("Svar", words)
    sheet.data_validation(number, _ANSWER, number, _ANSWER, shown | allowed)
    sheet.write_string(number, _HOW, words, book.look(font_color=QUIET, indent=1))


def _cell(number: int) -> str:
    """The cell of a row's answer, such as "C6"."""
    return f"{column_letters(_ANSWER + 1)}{number + 1}"


def _check_rows(book: Book, sheet: Any, rows: Sequence[QuestionRow]) -> None:
    """Says beside each row if its answer can't be right, colours it, and counts such rows at the
    top: validation sees what is typed, and not what is pasted."""
    look = book.look(font_color=ON_RED, indent=1, text_wrap=False)
    check = column_letters(_CHECK + 1)
    for number, row in enumerate(rows, start=_FIRST):
        cell, words = _cell(number), "Välj Ja eller Nej"
        is_right = f"COUNTIF({book.lists['choice']},{cell})>0"
        if row.question.is_number:
            is_right = f"IF(ISNUMBER({cell}),AND({cell}>=0,INT({cell})={cell}),FALSE)"
            words = "Skriv ett heltal med siffror"
        wrong = f'=IF(ISBLANK({cell}),"",IF({is_right},"","{words}"))'
        sheet.write_formula(number, _CHECK, wrong, look, "")
    first, last = _FIRST + 1, _FIRST + len(rows)
    answers = (_FIRST, _ANSWER, last - 1, _ANSWER)
    book.colour(sheet, answers, f'${check}{first}<>""', RED, ON_RED)
    says = '"Röda rader att rätta: "0;;"Inga röda rader att rätta"'
    wrong = f"=SUMPRODUCT(--(LEN({check}{first}:{check}{last})>0))"
    sheet.write_formula(2, 0, wrong, book.look(num_format=says, text_wrap=False), 0)
