"""New Excel files for people to read: result tables in typed cells; alone imports xlsxwriter."""

import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from ..base import printable
from ..model.codes import Outcome
from ..model.decisions import WHOLE_GRANT
from ..model.levels import PLAIN, Wording
from ..money.level_tables import Coverage, LevelAnswer, LevelSum
from ..money.results import GrantResult
from ..money.shapes import Row, shape_of
from ..money.tables import (
    Activity,
    AllocationRow,
    Answered,
    BoardAnswer,
    BoardMoney,
    BoardYear,
    City,
    ComponentMoney,
    FileOutcome,
    Line,
    Measured,
    Staffing,
    Tables,
)
from .pages import WORDS, View

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"valign": "top", "text_wrap": True},
    "money": {"valign": "top", "num_format": "#,##0.00_-"},
    "count": {"valign": "top", "num_format": "#,##0_-"},
    "share": {"valign": "top", "num_format": "0.0%"},
    "whole share": {"valign": "top", "num_format": "0%"},
    "rate": {"valign": "top", "num_format": "0.00##"},
    "date": {"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    "header": {
        "valign": "top",
        "text_wrap": True,
        "bold": True,
        "bg_color": "#DCE6EE",
        "bottom": 1,
    },
}
_EXCEL_TEXT = 32767
"""The longest text that an Excel cell can hold."""
_MOST_LINES = 12
"""No row is made higher than this."""
_A4 = 9
"""The number that Excel has for the size of paper."""


Say = Mapping[str, Callable[[Any], str]]
"""How a value is put in words, by the kind of its column."""
_Formats = Mapping[str, Any]
"""The looks as the workbook knows them."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its header, which attribute of a row it shows, how its cells look, and
    their width."""

    header: str
    name: str
    kind: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its columns, its rows, and a row of sums that is not filtered with
    them."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[object]
    total: object | None = None


_PLACES = {"board_id", "sender_id", "from_board_id", "board"}
"""Columns that hold the id of a board, which is told by its name."""
_OWN_KINDS = {"component_id": "component", "places": "list"}
"""Columns that look as no other does."""
_FINDINGS: tuple[Column, ...] = (
    Column("Grad", "severity", "word", 12),
    Column("Nämnd", "board", "name", 21),
    Column("Anmärkning", "message", "text", 50),
    Column("Gör så här", "remedy", "text", 40),
    Column("Fil", "file", "text", 24),
    Column("Blad", "sheet", "text", 11),
    Column("Celler", "cells", "list", 16),
    Column("Värde", "value", "text", 20),
    Column("Regel", "rule", "text", 22),
    Column("Källa", "source", "text", 40),
)


_ATTESTED: tuple[Column, ...] = (
    Column("Nämnd", "sender_name", "text", 28),
    Column("Intygas av", "attested_by", "text", 32),
    Column("Befattning", "attested_title", "text", 24),
    Column("Datum", "attested_on", "date", 12),
    Column("Redovisat till och med", "period_end_on", "date", 14),
    Column("Fil", "file", "text", 50),
)


_LOOK_BY_END = {
    "_sek": "money",
    "_months": "rate",
    "_whole_share": "whole share",
    "_share": "share",
    "_percent": "rate",
    "_on": "date",
}
"""How the cells of a column look, by how the column's name ends."""


def columns_of(kind: type[Row]) -> tuple[Column, ...]:
    """The columns of a table that stand in a workbook, as they are declared."""
    declared = shape_of(kind).excel
    columns = []
    for name in kind.SHEET_ORDER or declared:
        excel = declared[name]
        columns.append(Column(excel.header, name, _kind(name, kind), excel.width))
    return tuple(columns)


def _kind(name: str, kind: type[Row]) -> str:
    """How the cells of a column look, by what the column is called and what it holds."""
    if name in _PLACES:
        return "name"
    if name in _OWN_KINDS:
        return _OWN_KINDS[name]
    if name in shape_of(kind).codes:
        return "word"
    for end, look in _LOOK_BY_END.items():
        if name.endswith(end):
            return look
    if name.startswith("is_"):
        return "yes"
    is_count = name.endswith("_count") or name in {"row_no", "size_bytes"}
    return "count" if is_count else "text"


def appendix(view: View) -> bytes:
    """Every figure of a report down to file, sheet and cell."""
    result: GrantResult = view["result"]
    tables, city = result.tables, result.city
    total = dict.fromkeys(shape_of(BoardMoney).columns) | vars(city)
    total |= {"board_id": "summa", "liability_sek": city.boards_sek}
    # It goes to the agency, and what the accounts say is for the city alone.
    files = [file for file in tables.manifest if file.outcome is not Outcome.EVIDENCE]
    # A grant without parts has the years of its only one already.
    of_years = [row for row in tables.board_year if row.component_id != WHOLE_GRANT]
    years = [Sheet(BoardYear.SHEET, columns_of(BoardYear), of_years)]
    year_no = [Column("År, i ordning", "year_no", "count", 8)] if of_years else []
    decided = (*columns_of(AllocationRow), *year_no)
    sheets = [
        Sheet(BoardMoney.SHEET, columns_of(BoardMoney), tables.board, SimpleNamespace(**total)),
        Sheet(City.SHEET, columns_of(City), tables.city),
        Sheet(ComponentMoney.SHEET, columns_of(ComponentMoney), tables.board_component),
        *(years if of_years else []),
        Sheet(Line.SHEET, columns_of(Line), tables.line),
        Sheet(Activity.SHEET, columns_of(Activity), tables.activity),
        *_asked(tables),
        *_levels(tables),
        Sheet("Anmärkningar", _FINDINGS, view["findings"]),
        Sheet(AllocationRow.SHEET, decided, tables.allocation),
        Sheet(FileOutcome.SHEET, columns_of(FileOutcome), files),
    ]
    say: Say = {
        "name": (view["names"] | {"summa": "Summa"}).__getitem__,
        "component": view["component_names"].__getitem__,
        "word": lambda code: view["wording"].said(WORDS[code]),
        "yes": lambda value: "ja" if value else "nej",
        "list": ", ".join,
        "text": str,
    }
    if not result.grant.has_amounts:
        sheets = list(_without_amounts(sheets))
    return book(view, result.as_of, sheets, say)


def _without_amounts(sheets: Iterable[Sheet]) -> Iterator[Sheet]:
    """The sheets of a grant whose amount is unknown: not those of how it was divided and what is
    left of it, and of each unit's money only the columns in which anything is known."""
    for sheet in sheets:
        if sheet.title in {BoardMoney.SHEET, ComponentMoney.SHEET}:
            known = []
            for column in sheet.columns:
                if any(getattr(row, column.name) is not None for row in sheet.rows):
                    known.append(column)
            yield replace(sheet, columns=known)
        elif sheet.title not in {City.SHEET, AllocationRow.SHEET}:
            yield sheet


def _asked(tables: Tables) -> Iterator[Sheet]:
    """The sheets of what boards were asked to count, of their posts, and of what they were asked
    about themselves; the sums first."""
    for rows, kind in ((tables.measured, Measured), (tables.staffing, Staffing)):
        named: list[Row] = []
        for row in rows:
            named.append(row if row.board_id else replace(row, board_id="summa"))
        if named:
            yield Sheet(kind.SHEET, columns_of(kind), named)
    if tables.answered:
        yield Sheet(Answered.SHEET, columns_of(Answered), tables.answered)
        yield Sheet(BoardAnswer.SHEET, columns_of(BoardAnswer), tables.answer)


def _levels(tables: Tables) -> Iterator[Sheet]:
    """The sheets of what those on higher levels have together."""
    if tables.level:
        yield Sheet(LevelSum.SHEET, columns_of(LevelSum), tables.level)
        yield Sheet(Coverage.SHEET, columns_of(Coverage), tables.coverage)
        if tables.level_answer:
            yield Sheet(LevelAnswer.SHEET, columns_of(LevelAnswer), tables.level_answer)
        # In a report on so many there is no room for who has attested each return.
        yield Sheet("Intygande", _ATTESTED, tables.sender)


def book(
    view: View,
    as_of: date,
    sheets: Iterable[Sheet],
    say: Say,
) -> bytes:
    """A workbook in typed cells; text stays text whatever it begins with.

    `say` has the words for the kinds of columns that become text; days and numbers stay such.
    """
    import xlsxwriter

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True})
    workbook.set_properties({"title": view["title"], "created": datetime.combine(as_of, time())})
    looks = {kind: workbook.add_format(look) for kind, look in _LOOKS.items()}
    wording: Wording = view.get("wording", PLAIN)
    for declared in sheets:
        sheet = workbook.add_worksheet(wording.said(declared.title))
        _write_header(sheet, declared, wording, looks)
        rows = list(declared.rows)
        if declared.total is not None:
            rows.append(declared.total)
        for place, row in enumerate(rows, 1):
            _write_row(sheet, place, declared, row, say, looks)
        _lay_out(sheet, declared, view)
    workbook.close()
    return content.getvalue()


def _write_header(sheet: Any, declared: Sheet, wording: Wording, looks: _Formats) -> None:
    sheet.set_row(0, 32)
    for at, column in enumerate(declared.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, wording.said(column.header), looks["header"])


def _write_row(
    sheet: Any,
    place: int,
    declared: Sheet,
    row: object,
    say: Say,
    looks: _Formats,
) -> None:
    """Write the cells of a row, what is unknown left empty, and make it as high as its texts."""
    height = 1
    for at, column in enumerate(declared.columns):
        value = getattr(row, column.name)
        if value is None:
            continue
        if column.kind in say:
            text = printable.clean(say[column.kind](value))[:_EXCEL_TEXT]
            sheet.write_string(place, at, text, looks["text"])
            height = max(height, min(_lines(text, column.width), _MOST_LINES))
        elif column.kind == "date":
            sheet.write_datetime(place, at, value, looks["date"])
        else:
            sheet.write_number(place, at, float(value), looks[column.kind])
    sheet.set_row(place, 15 * height)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column of so many characters."""
    lines = 0
    for line in text.split("\n"):
        lines += max(1, math.ceil(len(line) / width))
    return lines


def _lay_out(sheet: Any, declared: Sheet, view: View) -> None:
    """The way a sheet is read: its header and first column in sight, filters, and how it is
    printed."""
    sheet.freeze_panes(1, 1)
    # The filter leaves the row of sums out.
    sheet.autofilter(0, 0, max(1, len(declared.rows)), len(declared.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    is_narrow = sum(column.width for column in declared.columns) < 220
    sheet.fit_to_pages(1 if is_narrow else 2, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    if view["mark"]:
        sheet.set_header(f"&C&28&K9AA5AF{view['mark']}")
    name = view["grant"].short_name.replace("&", "&&")
    sheet.set_footer(f"&L{name}&RSida &P (&N)")
