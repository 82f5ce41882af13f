"""The sheet of measures in the template: every row that is asked for is there, and only the counts
are left to fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..model.measures import AskedRow, Measure, RowKey, Split, row_key
from ..model.returns import (
    MEASURE_COLUMNS,
    MEASURE_COUNT_COLUMNS,
    MEASURE_KEY_COLUMNS,
    MEASURES,
    Cell,
    Column,
    Reading,
    Row,
)
from .ooxml import column_letters
from .template_basis import Basis
from .template_book import HEADER_ROW, ON_RED, QUIET, RED, WIDTHS, Book
from .template_words import TABLE_INTRO, measure_words

_FIRST = HEADER_ROW + 1
_NAMES = [column.name for column in MEASURE_COLUMNS]
_COUNTS = len(MEASURE_KEY_COLUMNS)
"""The first column of counts, from 0."""
_CHECK = len(MEASURE_COLUMNS)
"""The column beside the table in which the workbook says what is wrong with a row."""


@dataclass(frozen=True)
class _Line:
    """An asked row and the row of the sheet that it stands in, from 0 as XlsxWriter counts."""

    number: int
    asked: AskedRow

    def cell(self, name: str) -> str:
        """The cell of a column, such as "E6"."""
        return f"{column_letters(_NAMES.index(name) + 1)}{self.number + 1}"


def fill_measures(book: Book, basis: Basis) -> None:
    """A sheet with one Excel table, whose rows are those that the grant asks for.

    It is protected, since it isn't to grow: what a row is about stays as it is, and only the counts
    that the measure has can be written.
    """
    sheet = book.prepare(
        MEASURES, MEASURES, TABLE_INTRO[MEASURES], color="#3E7CB1", widths=WIDTHS[MEASURES]
    )
    lines = [_Line(number, row) for number, row in enumerate(basis.asked_rows, start=_FIRST)]
    sent = _sent_before(basis.rows_before(MEASURES))
    _fill_headers(book, sheet, last=lines[-1].number)
    for line in lines:
        _fill_line(book, sheet, line, sent.get(line.asked.key, {}))
    _check_lines(book, sheet, lines)
    sheet.freeze_panes(_FIRST, 1)
    sheet.repeat_rows(HEADER_ROW)
    book.protect(sheet)


def _sent_before(rows: Sequence[Row]) -> dict[RowKey, Mapping[str, Cell]]:
    """The cells that the board sent last, by what their rows are about; of a row that it sent
    twice none, since there is no telling which it meant."""
    by_key: dict[RowKey, list[Row]] = {}
    for row in rows:
        about = []
        for column in MEASURE_KEY_COLUMNS:
            cell = row.cells.get(column.name)
            about.append(cell.raw if cell else "")
        by_key.setdefault(row_key(*about), []).append(row)
    return {key: own[0].cells for key, own in by_key.items() if len(own) == 1}


def _fill_headers(book: Book, sheet: Any, last: int) -> None:
    head = book.head_look()
    sheet.set_row(HEADER_ROW, 34)
    hint = book.look(font_size=8, font_color=QUIET)
    for place, column in enumerate(MEASURE_COLUMNS):
        words = "ifylld" if column.is_required else "fyll i där det är gult"
        sheet.write_string(HEADER_ROW - 1, place, words, hint)
    sheet.write_string(
        HEADER_ROW, _CHECK, "Kontroll", book.look(bold=True, valign="vcenter", indent=1)
    )
    columns = [{"header": c.header, "header_format": head} for c in MEASURE_COLUMNS]
    sheet.add_table(
        *(HEADER_ROW, 0, last, len(MEASURE_COLUMNS) - 1),
        {"name": MEASURES, "columns": columns, "style": None, "autofilter": False},
    )
    letter = column_letters(_NAMES.index("year") + 1)
    years = f"{letter}{_FIRST + 1}:{letter}{last + 1}"
    sheet.ignore_errors({"number_stored_as_text": years})


def _fill_line(book: Book, sheet: Any, line: _Line, sent: Mapping[str, Cell]) -> None:
    """One row: what it is about, locked, and the counts, open where the measure has them."""
    asked = line.asked
    about = (asked.measure.name, asked.year.words, asked.split_name, asked.part)
    is_total = asked.split is None
    look = book.field_look("text", is_locked=True, bold=is_total)
    for place, words in enumerate(about):
        sheet.write_string(line.number, place, words, look)
    for place, column in enumerate(MEASURE_COUNT_COLUMNS, start=_COUNTS):
        is_open = column.name in asked.measure.count_names
        number = book.field_look("count", is_locked=not is_open, bold=is_total, indent=1)
        cell = sent.get(column.name)
        _fill_count(sheet, line.number, place, cell if is_open else None, number)
        if is_open:
            allowed = _allowed(column, asked.measure)
            sheet.data_validation(line.number, place, line.number, place, allowed)


def _fill_count(sheet: Any, row: int, place: int, cell: Cell | None, look: Any) -> None:
    """A count as the board sent it last; blank where it sent none."""
    if cell is None or cell.reading is Reading.BLANK:
        sheet.write_blank(row, place, None, look)
    elif isinstance(cell.value, Decimal):
        sheet.write_number(row, place, int(cell.value), look)
    else:
        sheet.write_string(row, place, cell.raw, look)


def _allowed(column: Column, measure: Measure) -> dict[str, object]:
    """Only whole numbers, and help when the cell is chosen, cut to what Excel takes."""
    return {
        "validate": "integer",
        "criteria": ">=",
        "value": 0,
        "error_title": "Skriv ett heltal",
        "error_message": "Skriv ett heltal som är 0 eller större. Lämna tomt om ni inte vet.",
        "input_title": column.header,
        "input_message": measure_words(measure)[:255],
    }


# -- what can't be right ---------------------------------------------------------------------------


def _check_lines(book: Book, sheet: Any, lines: Sequence[_Line]) -> None:
    """Says beside each row what is wrong with it, colours it, and counts such rows at the top."""
    parts: dict[RowKey, dict[Split, list[_Line]]] = {}
    for line in lines:
        if line.asked.split is not None:
            of_total = parts.setdefault(line.asked.total_key, {})
            of_total.setdefault(line.asked.split, []).append(line)
    for line in lines:
        tests = _tests_of_line(line)
        for split, own in parts.get(line.asked.key, {}).items():
            tests.append(
                (_test_of_parts(line, own), f"{split.name}: delarna stämmer inte med Alla")
            )
        look = book.look(font_color=ON_RED, indent=1, text_wrap=False)
        sheet.write_formula(line.number, _CHECK, _first_wrong(tests), look, "")
    first, last = _FIRST + 1, lines[-1].number + 1
    check, count = column_letters(_CHECK + 1), column_letters(_COUNTS + 1)
    counts = (_FIRST, _COUNTS, lines[-1].number, len(MEASURE_COLUMNS) - 1)
    book.colour(
        sheet, counts, f'AND(${check}{first}<>"",NOT(ISBLANK({count}{first})))', RED, ON_RED
    )
    says = '"Röda rader att rätta: "0;;"Inga röda rader att rätta"'
    wrong = f"=SUMPRODUCT(--(LEN({check}{first}:{check}{last})>0))"
    sheet.write_formula(2, 0, wrong, book.look(num_format=says, text_wrap=False), 0)


def _tests_of_line(line: _Line) -> list[tuple[str, str]]:
    """Excel's tests of a row by itself, each with the words for what it finds."""
    names = line.asked.measure.count_names
    counts = f"{line.cell(names[0])}:{line.cell(names[-1])}"
    tests = [(f"COUNTA({counts})>COUNT({counts})", "Skriv antal med siffror")]
    if line.asked.measure.is_rating:
        agree, answered, asked = (line.cell(name) for name in names)
        is_partly = f"AND(COUNT({counts})>0,COUNT({counts})<3)"
        tests += [
            (is_partly, "Alla tre antalen behövs"),
            (f"{agree}>{answered}", "Fler instämmer än som har svarat"),
            (f"{answered}>{asked}", "Fler har svarat än som har fått frågan"),
        ]
    return tests


def _test_of_parts(total: _Line, parts: Sequence[_Line]) -> str:
    """Excel's test for parts that can't be those of a total: more than it, or, when none of them is
    blank, fewer."""
    tests = []
    for name in total.asked.measure.count_names:
        whole, own = total.cell(name), f"{parts[0].cell(name)}:{parts[-1].cell(name)}"
        is_less = f"AND(COUNT({own})={len(parts)},SUM({own})<{whole})"
        tests.append(f"AND(ISNUMBER({whole}),OR(SUM({own})>{whole},{is_less}))")
    return f"OR({','.join(tests)})"


def _first_wrong(tests: Sequence[tuple[str, str]]) -> str:
    """A formula that gives the words of the first test that finds something, else an empty text."""
    formula = '""'
    for test, words in reversed(tests):
        said = words.replace('"', '""')
        formula = f'IF({test},"{said}",{formula})'
    return f"={formula}"
