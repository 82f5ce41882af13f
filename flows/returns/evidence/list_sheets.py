"""The sheets of a transaction list, row by row, out of a workbook or a CSV file.

Rows are handed over as they stand, for whoever knows which columns of them may be read. Nothing of
them is kept or told here.
"""

import csv
import enum
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Protocol

from ...base import swedish
from ...base.bounds import BOUNDS
from ...model.returns import Problem
from .. import bare, file_kinds, file_names, guard, opening
from ..refusal import RefusedError

LAST_HEADER_ROW = 50
"""The headers of a list are looked for this far down."""
MOST_LINES = 100_000
"""The most rows of a CSV file, below its headers, in which something stands."""


class Missing(enum.Enum):
    """What is read where a cell shows an Excel error, or has a formula whose value isn't stored."""

    VALUE = "value"


@dataclass(frozen=True)
class Line:
    """A row of a sheet, or a line of a CSV file: its number, and what stands in it from the first
    column on."""

    number: int
    values: Sequence[object]

    def at(self, place: int) -> object:
        """What stands in a column, counted from 0; None beyond the end of the row."""
        return self.values[place] if place < len(self.values) else None

    @property
    def first(self) -> object:
        """What stands in the first cell that is filled; None in a row where none is."""
        for value in self.values:
            if isinstance(value, str) and not value.strip():
                continue
            if value is not None:
                return value
        return None


class Sheet(Protocol):
    """A sheet of a workbook, or a CSV file with its fields told apart in one way."""

    @property
    def title(self) -> str:
        """Its name as it may be told; empty for a CSV file."""

    @property
    def own_title(self) -> str:
        """Its name as it is compared."""

    @property
    def amount_kind(self) -> str:
        """As what kind of value `read_cell` reads its amounts."""

    def top(self) -> Iterator[Line]:
        """The rows among which the headers are looked for."""

    def below(self, header: Line, amounts: Sequence[int]) -> Iterator[Line]:
        """The rows below the headers in which something stands; `amounts` are the columns that hold
        some. Raises RefusedError for what can't be told apart, or is too much."""


def sheets_of(content: bytes, file_name: str) -> tuple[Sequence[Sheet], Sequence[Problem]]:
    """The sheets of a list, and what its sender should know of the file.

    Raises RefusedError for what is neither a workbook nor CSV, is broken, or is too much.
    """
    if len(content) > BOUNDS.file_bytes:
        raise _too_much()
    kind = file_kinds.kind_of(content, PurePosixPath(file_name).suffix.lower())
    if kind == "csv":
        text = _text_of(content)
        return [_CsvSheet(text, delimiter) for delimiter in _DELIMITERS], ()
    try:
        seen = guard.workbook(content, BOUNDS)
        return _Book(seen).sheets(), seen.told
    except RefusedError as refused:
        if refused.problem.rule_id in _BEYOND_BOUNDS:
            raise _too_much() from None
        raise
    except MemoryError:
        raise
    # What is no workbook all the same, in whatever way the guard and the readers stumble on it.
    except Exception:
        raise RefusedError("fil-trasig") from None


_BEYOND_BOUNDS = {"fil-for-stor", "fil-for-manga-rader", "fil-for-mycket"}
"""The rules whose words are about returns, and send people to a return's template."""


def _too_much() -> RefusedError:
    bounds = {
        "rows": swedish.number(BOUNDS.rows),
        "cells": swedish.number(BOUNDS.cells),
        "lines": swedish.number(MOST_LINES),
        "size": f"{BOUNDS.file_bytes // 1_000_000}{swedish.NBSP}MB",
    }
    return RefusedError("huvudbok-for-stort", **bounds)


# -- workbooks -------------------------------------------------------------------------------------


class _Book:
    """A workbook that the guard has let through: formulas as they stand, and their stored values
    when there are any formulas."""

    def __init__(self, seen: guard.Seen) -> None:
        self._seen = seen
        self._content = _bared(seen.content)
        self._formulas = self._opened(data_only=False)

    def _opened(self, *, data_only: bool) -> Any:
        return opening.opened(self._content, data_only=data_only, has_codes=self._seen.has_codes)

    @cached_property
    def _values(self) -> Any:
        return self._opened(data_only=True)

    def sheets(self) -> list[Sheet]:
        """Its sheets, in their order."""
        own = [ws.title for ws in self._formulas.worksheets]
        titles = file_names.sheets(own, self._seen.named)
        return [
            _WorkbookSheet(title, self, ws)
            for title, ws in zip(titles, self._formulas.worksheets, strict=True)
        ]

    def value(self, ws: Any, cell: Any) -> object:
        """What stands in a cell; of a formula, what is stored for it."""
        if cell.data_type == "f":
            cell = self._values[ws.title][cell.coordinate]
            if cell.value is None:
                return Missing.VALUE
        is_beyond = isinstance(cell.value, int) and abs(cell.value) >= _BEYOND_EXCEL
        return Missing.VALUE if cell.data_type == "e" or is_beyond else cell.value


_BEYOND_EXCEL = 10**308
"""Excel stores no such number, and no float holds it."""


def _bared(content: bytes) -> bytes:
    """The parts of a workbook that hold its content."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return bare.workbook(parts, rows=BOUNDS.rows, columns=BOUNDS.columns).content


class _WorkbookSheet:
    """A sheet of a workbook."""

    amount_kind = "amount"

    def __init__(self, title: str, book: _Book, ws: Any) -> None:
        self.title = title
        self.own_title: str = ws.title
        self._book, self._ws = book, ws

    @cached_property
    def _rows(self) -> Mapping[int, Mapping[int, Any]]:
        """The cells of each row, by the number of their column from 1.

        Only those that are there: a sheet with one cell far out has no others in between.
        """
        rows: dict[int, dict[int, Any]] = {}
        for (row, column), cell in self._ws._cells.items():
            rows.setdefault(row, {})[column] = cell
        return rows

    def _line(self, number: int) -> Line:
        cells = self._rows[number]
        values: list[object] = [None] * max(cells)
        for column, cell in cells.items():
            values[column - 1] = self._book.value(self._ws, cell)
        return Line(number, values)

    def top(self) -> Iterator[Line]:
        for number in sorted(self._rows):
            if number <= LAST_HEADER_ROW:
                yield self._line(number)

    def below(self, header: Line, amounts: Sequence[int]) -> Iterator[Line]:  # noqa: ARG002
        for number in sorted(self._rows):
            if number <= header.number:
                continue
            line = self._line(number)
            if line.first is not None:
                yield line


# -- CSV -------------------------------------------------------------------------------------------


_DELIMITERS = ";\t,"
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f]")
_END_OF_FILE = re.compile("\x1a[\x1a\0\\s]*\\Z")
"""What DOS and the systems after it end a text with, and fill the last block of a file with."""
_OF_WRONG_CODE = re.compile("Ã[¤¥¶…„–©]|√[§•∂]|\ufffd")
"""Å, ä and ö in UTF-8 that have been read as something else, and what is put where a character is
lost."""


def _text_of(content: bytes) -> str:
    """The text of a CSV file. Raises RefusedError for what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        text = _of_bytes(content)
    text = _END_OF_FILE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    control = _NO_TEXT.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise RefusedError("csv-inte-text", cells=(f"A{line}",), line=str(line))
    return text


def _of_bytes(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class _CsvSheet:
    """A CSV file, with one of the characters that may stand between its fields."""

    title = own_title = ""
    amount_kind = "csv-amount;"

    def __init__(self, text: str, delimiter: str) -> None:
        self._text, self._delimiter = text, delimiter

    def top(self) -> Iterator[Line]:
        # Not strict: told apart at the wrong character, quotes of a whole file stand oddly.
        with suppress(RefusedError):
            for line in self._lines(is_strict=False):
                if line.number > LAST_HEADER_ROW:
                    return
                yield line

    def below(self, header: Line, amounts: Sequence[int]) -> Iterator[Line]:
        count = 0
        for line in self._lines(is_strict=True):
            if line.number <= header.number or line.first is None:
                continue
            count += 1
            if count > MOST_LINES:
                raise _too_much()
            self._must_fit(line, len(header.values), amounts)
            yield line

    def _lines(self, *, is_strict: bool) -> Iterator[Line]:
        """The rows of the file, each with the number of the line that it begins on."""
        reader = csv.reader(io.StringIO(self._text), delimiter=self._delimiter, strict=is_strict)
        number = 1
        try:
            for fields in reader:
                yield Line(number, fields)
                number = reader.line_num + 1
        except csv.Error:
            raise RefusedError("csv-citattecken", cells=(f"A{number}",), line=str(number)) from None

    def _must_fit(self, line: Line, width: int, amounts: Sequence[int]) -> None:
        """Raises RefusedError for a row that its fields can't be told apart in.

        One that is shorter than the headers may have lost blank fields at its end; what is read of
        it is what stands there.
        """
        where = {"cells": (f"A{line.number}",), "line": str(line.number)}
        if self._delimiter == "," and self._has_decimal_comma(line, width, amounts):
            raise RefusedError("csv-decimalkomma", **where)
        if any(str(value).strip() for value in line.values[width:]):
            counts = {"found": str(len(line.values)), "wanted": str(width)}
            raise RefusedError("csv-rad", **where, **counts)

    def _has_decimal_comma(self, line: Line, width: int, amounts: Sequence[int]) -> bool:
        """Whether a decimal comma seems to have split an amount: one field too many, or öre in the
        field after it."""
        if len(line.values) > width:
            return True
        for place in amounts:
            whole, after = str(line.at(place) or ""), str(line.at(place + 1) or "")
            is_nothing = after.strip() == "0" and place + 1 in amounts  # debit, and no credit
            if _WHOLE.fullmatch(whole.strip()) and _ORE.fullmatch(after.strip()) and not is_nothing:
                return True
        return False


_WHOLE, _ORE = re.compile("-?[0-9 ]+"), re.compile("[0-9]{1,2}")


def has_wrong_code(sheet: Sheet) -> bool:
    """Whether å, ä and ö are broken where the headers are looked for, so that they can't be
    known."""
    for line in sheet.top():
        if any(_OF_WRONG_CODE.search(str(value)) for value in line.values):
            return True
    return False
