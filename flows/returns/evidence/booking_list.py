"""A transaction list (huvudboksutdrag in Excel or CSV) into bookings, by the layouts that the data
folder describes.

Nothing is read but the columns that a layout names, and nothing of the file is quoted in what is
said of it: beside the codes and amounts stand the names of people. What has two readings is a
Problem, never a guess.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import PurePosixPath

from ...base import swedish
from ...model.evidence import Booking, BookingLayout
from ...model.returns import Cell, Problem, Reading
from .. import ooxml
from ..cell_reading import read_cell
from ..refusal import RefusedError
from . import tellable_codes
from .list_sheets import LAST_HEADER_ROW, Line, Missing, Sheet, has_wrong_code, sheets_of

_READ = {Reading.OK, Reading.FROM_TEXT}
"""How an amount or a day is read without rounding it and without a guess."""


def read_list(
    content: bytes,
    file_name: str,
    layouts: Sequence[BookingLayout],
    known_codes: AbstractSet[str] = frozenset(),
) -> tuple[tuple[Booking, ...], tuple[Problem, ...]]:
    """The bookings of a transaction list, and what in it can't be read.

    `file_name` is what the file was called when it came: it tells what kind of file it may be, and
    the month where the layout says so. `known_codes` are told as they stand, and of other fields
    only what is shaped as a code. Raises RefusedError for a file that is not read at all: broken,
    too much, or laid out as none or several of the layouts say.
    """
    sheets, told = sheets_of(content, file_name)
    found = _only_one(sheets, layouts)
    places = _Places.of(found)
    month_end = None
    if found.layout.dated_by == "file_name":
        month_end = _month_in_name(file_name)
    reading = _ListReading(found, places, month_end, known_codes)
    for line in found.sheet.below(found.header, places.amounts):
        reading.add(line)
    return tuple(reading.bookings), (*told, *reading.problems())


# -- which layout, and where its columns are -------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A sheet that is laid out as a layout says, and its row of headers."""

    layout: BookingLayout
    sheet: Sheet
    header: Line


def _only_one(sheets: Iterable[Sheet], layouts: Sequence[BookingLayout]) -> _Found:
    """The one sheet that is laid out as one layout says. Raises RefusedError for none or
    several."""
    sheets = list(sheets)
    found = [one for sheet in sheets for one in _fitting(sheet, layouts)]
    if not found and any(map(has_wrong_code, sheets)):
        raise RefusedError("huvudbok-teckenkod")
    if not found:
        raise RefusedError("huvudbok-okand-uppstallning", last=str(LAST_HEADER_ROW))
    if len(found) > 1:
        counts = Counter(one.layout.name for one in found)
        names = [
            f"{name} ({swedish.counted(count, 'blad', 'blad')})" for name, count in counts.items()
        ]
        raise RefusedError("huvudbok-flera-uppstallningar", value=swedish.listing(names))
    return found[0]


def _fitting(sheet: Sheet, layouts: Iterable[BookingLayout]) -> Iterator[_Found]:
    """The layouts that a sheet is laid out by, each with the first row that has its headers."""
    rows = [(line, set(_keys(line))) for line in sheet.top()]
    for layout in layouts:
        known_by = set(map(swedish.key, layout.known_by))
        is_other = layout.sheet and sheet.own_title
        if is_other and swedish.key(layout.sheet) != swedish.key(sheet.own_title):
            continue
        headers = [line for line, keys in rows if known_by <= keys]
        if headers:
            yield _Found(layout, sheet, headers[0])


def _keys(line: Line) -> list[str]:
    """The texts of a row as headers are compared; nothing for what is no text."""
    return [swedish.key(value) if isinstance(value, str) else "" for value in line.values]


@dataclass(frozen=True)
class _Places:
    """Where in a row each column is, from 0; None for one that the layout has not."""

    account: int
    amounts: tuple[int, ...]
    """The amount, or debit and credit."""
    booked_on: int | None
    voucher: tuple[int, ...]
    responsibility: int | None
    project: int | None
    activity: int | None

    @classmethod
    def of(cls, found: _Found) -> "_Places":
        """The columns of a list. Raises RefusedError for one that is missing or there twice."""
        layout = found.layout
        amounts = [layout.amount] if layout.amount else [layout.debit, layout.credit]
        return cls(
            account=_place(found, layout.account),
            amounts=tuple(_place(found, name) for name in amounts),
            booked_on=_place(found, layout.booked_on) if layout.booked_on else None,
            voucher=tuple(_place(found, name) for name in layout.voucher),
            responsibility=_place(found, layout.responsibility) if layout.responsibility else None,
            project=_place(found, layout.project) if layout.project else None,
            activity=_place(found, layout.activity) if layout.activity else None,
        )

    @property
    def all(self) -> tuple[int, ...]:
        """Every column that is read."""
        maybe = (self.booked_on, self.responsibility, self.project, self.activity)
        there = (place for place in maybe if place is not None)
        return (self.account, *self.amounts, *self.voucher, *there)


def _place(found: _Found, name: str) -> int:
    """Where the column of a header is. Raises RefusedError where it is not in just one place."""
    key, keys = swedish.key(name), _keys(found.header)
    places = [place for place, header in enumerate(keys) if header == key]
    title = found.sheet.title
    cells = tuple(dict.fromkeys(_where(title, at, found.header) for at in places or [0]))
    if not places:
        raise RefusedError("huvudbok-kolumn-saknas", sheet=title or None, cells=cells, value=name)
    if len(places) > 1:
        raise RefusedError("huvudbok-kolumn-tvetydig", sheet=title or None, cells=cells, value=name)
    return places[0]


def _where(title: str, place: int, line: Line) -> str:
    """Where a person finds what stands in a row: a cell of a sheet, or a line of a CSV file."""
    if not title:
        return f"rad {line.number}"
    return f"{ooxml.column_letters(place + 1)}{line.number}"


# -- the rows --------------------------------------------------------------------------------------

_AMOUNT, _DAY = "huvudbok-belopp", "huvudbok-datum"
_CODE, _NO_ACCOUNT = "huvudbok-kod", "huvudbok-konto-saknas"


class _OddError(Exception):
    """A row can't be read: the rule that it breaks, and the cell."""

    def __init__(self, rule_id: str, ref: str) -> None:
        super().__init__(rule_id)
        self.rule_id, self.ref = rule_id, ref


@dataclass
class _ListReading:
    """A list being read, row by row."""

    found: _Found
    places: _Places
    month_end: date | None
    """The day of all bookings, where the month stands in the file's name."""
    known_codes: AbstractSet[str]
    bookings: list[Booking] = field(default_factory=list)
    odd: dict[str, list[str]] = field(default_factory=dict)
    """The cells that can't be read, by the rule that they break."""

    def __post_init__(self) -> None:
        self._passed_over = tuple(map(swedish.key, self.found.layout.passed_over))
        self._headers = self._texts(self.found.header)

    def add(self, line: Line) -> None:
        """Read a row, if it is a booking."""
        if self._is_passed_over(line) or self._texts(line) == self._headers:
            return
        try:
            booking = self._booking(line)
        except _OddError as odd:
            self.odd.setdefault(odd.rule_id, []).append(odd.ref)
            return
        if booking:
            self.bookings.append(booking)

    def problems(self) -> Iterator[Problem]:
        """What can't be read: one problem a rule, with all its cells."""
        for rule_id, cells in sorted(self.odd.items()):
            yield Problem(rule_id, self.found.sheet.title or None, tuple(cells))

    def _is_passed_over(self, line: Line) -> bool:
        first = line.first
        if not self._passed_over or not isinstance(first, str):
            return False
        return swedish.key(first).startswith(self._passed_over)

    def _texts(self, line: Line) -> list[object]:
        """What stands in the columns that are read: the headers once more, on each printed page of
        some lists."""
        return [line.at(place) for place in self.places.all]

    def _booking(self, line: Line) -> Booking | None:
        """A row as a booking; None for one that has neither account nor amount. Raises
        _OddError."""
        account = self._account(line)
        amounts = [
            self._cell(line, place, self.found.sheet.amount_kind) for place in self.places.amounts
        ]
        filled = [cell for cell in amounts if cell.reading is not Reading.BLANK]
        if not account and not filled:
            return None
        if not account:
            raise _OddError(_NO_ACCOUNT, filled[0].ref)
        if not filled:
            raise _OddError(_AMOUNT, amounts[0].ref)
        return Booking(
            place=next((cell.ref for cell in filled if cell.value), filled[0].ref),
            sheet=self.found.sheet.title,
            voucher=self._voucher(line),
            booked_on=self._day(line),
            account=account,
            responsibility=self._code(line, self.places.responsibility),
            project=self._code(line, self.places.project),
            activity=self._code(line, self.places.activity),
            amount_sek=self._amount(amounts),
        )

    def _cell(self, line: Line, place: int, kind: str) -> Cell:
        """A cell read as a `kind` of value."""
        value = line.at(place)
        is_missing = value is Missing.VALUE
        return read_cell(
            self.found.sheet.title,
            self._where(place, line),
            None if is_missing else value,
            kind,
            is_error=is_missing,
            is_computed=True,  # a system's sum may have binary noise, which is no part of an öre
        )

    def _where(self, place: int, line: Line) -> str:
        return _where(self.found.sheet.title, place, line)

    def _amount(self, amounts: Sequence[Cell]) -> Decimal:
        """Kronor, a cost positive. Raises _OddError where a cell can't be read to the öre."""
        total = Decimal("0.00")
        sign = -1 if self.found.layout.is_cost_negative else 1
        for cell in amounts:
            total += sign * self._read_amount(cell)
            sign = -sign  # credit is taken from debit
        return total

    def _read_amount(self, cell: Cell) -> Decimal:
        if cell.reading is Reading.BLANK:
            return Decimal(0)
        if cell.reading not in _READ or not isinstance(cell.value, Decimal):
            raise _OddError(_AMOUNT, cell.ref)
        return cell.value

    def _day(self, line: Line) -> date:
        """The day of a booking, the last of its month where only that is told. Raises
        _OddError."""
        place = self.places.booked_on
        if self.month_end or place is None:
            assert self.month_end is not None  # a list has either a column of days or a month
            return self.month_end
        if self.found.layout.dated_by == "month":
            day = self._month_end(line, place)
        else:
            day = self._cell_day(line, place)
        if day is None:
            raise _OddError(_DAY, self._where(place, line))
        return day

    def _cell_day(self, line: Line, place: int) -> date | None:
        value = self._cell(line, place, "date").value
        return value if isinstance(value, date) else None

    def _month_end(self, line: Line, place: int) -> date | None:
        """The last day of the month in a cell; None for what is no month. Excel makes a day of
        "2024-03" by itself."""
        value = line.at(place)
        if isinstance(value, date):
            return _last_day(value.year, value.month)
        cell = self._cell(line, place, "text")
        month = _MONTH.fullmatch(cell.raw)
        return _last_day(int(month[1]), int(month[2])) if month else None

    def _account(self, line: Line) -> str:
        """The account; empty where there is none, also where a text stands instead."""
        account = self._code_in(self._text(line, self.places.account))
        return "" if account == tellable_codes.UNTELLABLE else account

    def _code(self, line: Line, place: int | None) -> str:
        """A code that is not the account; empty where there is none. Raises _OddError for a text
        that should begin with its code, and does not."""
        if place is None:
            return ""
        code = self._code_in(self._text(line, place))
        if code == tellable_codes.UNTELLABLE and self.found.layout.has_text_after_code:
            raise _OddError(_CODE, self._where(place, line))
        return code

    def _code_in(self, text: str) -> str:
        """A code alone, also where its text stands in the same cell."""
        if self.found.layout.has_text_after_code:
            return tellable_codes.digits(text)
        return tellable_codes.code(text, self.known_codes)

    def _voucher(self, line: Line) -> str:
        parts = [self._text(line, place) for place in self.places.voucher]
        return tellable_codes.voucher(" ".join(part for part in parts if part))

    def _text(self, line: Line, place: int) -> str:
        """What stands in a cell of codes, before it is seen whether it may be told. Raises
        _OddError for what is no code: an error, a day, a number with decimals."""
        cell = self._cell(line, place, "text")
        if cell.reading is Reading.ERROR or _is_no_code(line.at(place)):
            raise _OddError(_CODE, cell.ref)
        return cell.raw


_LARGEST_CODE = 10**15
"""From here on Excel no longer stores each figure of a number."""


def _is_no_code(value: object) -> bool:
    """Whether what stands in a cell can't be a code: Excel makes days of "1-2", and numbers with
    decimals of "1,5"."""
    if isinstance(value, bool | date | time):
        return True
    if isinstance(value, int | float):
        return abs(value) >= _LARGEST_CODE or not float(value).is_integer()
    return False


# -- months ----------------------------------------------------------------------------------------

_MONTH = re.compile("((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])")
_MONTH_IN_NAME = re.compile(rf"(?<![0-9])(?<![0-9]-){_MONTH.pattern}(?!-?[0-9])")
"""A month that is no part of a day, of a longer number or of a span of months."""


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _month_in_name(file_name: str) -> date:
    """The last day of the month in a file's name. Raises RefusedError where there is not just
    one."""
    months = set(_MONTH_IN_NAME.findall(PurePosixPath(file_name).name))
    if len(months) != 1:
        raise RefusedError("huvudbok-manad-i-namnet")
    ((year, month),) = months
    return _last_day(int(year), int(month))
