"""A SIE file, the Swedish standard for what accounting systems hand to each other, into bookings.

What is read is accounts, days, amounts, the numbers of vouchers and the codes of objects. Texts,
quantities, signatures and the names of objects are never so much as decoded, and objects of
employees, customers and suppliers are passed over.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ...base import swedish
from ...model.evidence import Booking
from ...model.returns import Problem
from ..refusal import RefusedError
from . import sie_text, tellable_codes
from .sie_text import fields_of, is_sie, unquoted

__all__ = ["is_sie", "read_sie"]

_OF_PERSONS = {"7", "8", "9"}
"""The dimensions of employees, customers and suppliers."""
_UNDERDIM = re.compile(r"[ \t]*+#UNDERDIM[ \t]", re.IGNORECASE)
_AMOUNT = re.compile("-?[0-9]{1,13}(?:[.,][0-9]{1,2})?")
_DAY = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})")
_CURRENT_YEAR = "0"
_OF_BALANCE_SHEET = ("1", "2")
"""What the numbers of accounts of assets and liabilities begin with."""


def read_sie(
    content: bytes,
    *,
    project_dimension: int = 6,
    responsibility_dimension: int = 1,
    activity_dimension: int | None = None,
    known_codes: AbstractSet[str] = frozenset(),
) -> tuple[tuple[Booking, ...], tuple[Problem, ...]]:
    """The bookings of a SIE file, and what in it can't be read or doesn't agree.

    A file with vouchers (type 4) gives a booking for each #TRANS. One without (types 1-3) gives
    what accounts of income and costs hold for each object at the end of the current year (#OUB).
    The dimensions are those of the file whose objects are projects, responsibility and activity;
    `known_codes` are told as they stand, and of other fields only what is shaped as a code.

    A checksum (#KSUMMA) that differs is but a Problem, `sie-ksumma`: the standard's rule for it
    could not be established beyond doubt. Raises RefusedError for a file that is too much, is cut
    off or holds no bookings, and ValueError for a dimension of employees, customers or suppliers.
    """
    lines = sie_text.lines_of(content)
    below = _below(lines)
    dimensions = _Dimensions(
        _counting(responsibility_dimension, below),
        _counting(project_dimension, below),
        {} if activity_dimension is None else _counting(activity_dimension, below),
    )
    accounts = _Accounts(sie_text.charset_of(content), dimensions, known_codes)
    if sie_text.is_checksum_right(lines) is False:
        accounts.problems.append(Problem("sie-ksumma"))
    accounts.read(lines)
    return tuple(accounts.bookings), tuple(accounts.problems)


# -- dimensions ------------------------------------------------------------------------------------


class _Dimensions(NamedTuple):
    """The dimensions whose objects count as each of our codes, with how far below it they are: the
    least is the nearest."""

    responsibility: Mapping[str, int]
    project: Mapping[str, int]
    activity: Mapping[str, int]


class _Codes(NamedTuple):
    """The codes of a row, empty where it has none."""

    responsibility: str
    project: str
    activity: str


def _below(lines: Iterable[str]) -> dict[str, list[str]]:
    """The sub-dimensions of each dimension, of which a file may tell anywhere."""
    above: dict[str, str] = {}
    for line in filter(_UNDERDIM.match, lines):
        said = [unquoted(part) for part in fields_of(line)]
        if len(said) > 3:
            above[said[1]] = said[3]
    below: dict[str, list[str]] = {}
    for dimension, its_own in above.items():
        below.setdefault(its_own, []).append(dimension)
    return below


def _counting(number: int, below: Mapping[str, list[str]]) -> dict[str, int]:
    """A dimension and all those below it, in the order in which their objects count as its own.

    Each is taken once, so that a circle comes to an end. Raises ValueError for one that is never
    read.
    """
    wanted = str(number)
    if wanted in _OF_PERSONS:
        raise ValueError(f"dimension {wanted} is of persons and is never read")
    order = {wanted: 0}
    waiting = [wanted]
    for dimension in waiting:  # grows as we go
        for lower in below.get(dimension, ()):
            if lower not in order and lower not in _OF_PERSONS:
                order[lower] = len(order)
                waiting.append(lower)
    return order


def _nearest(objects: Mapping[str, str], order: Mapping[str, int]) -> str:
    """The object that counts first; empty where none does."""
    counting = [dimension for dimension in objects if dimension in order]
    return objects[min(counting, key=order.__getitem__)] if counting else ""


# -- rows ------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """The fields of a row that tell of money, as they stand; empty where there is none."""

    account: str
    objects: str
    amount: str
    day: str


def _row(fields: list[str]) -> _Row:
    """The row whose account is the first field; some programs leave out an empty list of
    objects."""
    account, objects, amount, day = (*fields[:4], "", "", "", "")[:4]
    if objects.startswith("{"):
        return _Row(account, objects, unquoted(amount), unquoted(day))
    return _Row(account, "", unquoted(objects), unquoted(amount))


def _amount(written: str) -> Decimal | None:
    """Kronor to the öre; None for what can't be read."""
    return Decimal(written.replace(",", ".")) if _AMOUNT.fullmatch(written) else None


def _day(written: str) -> date | None:
    """A day written ÅÅÅÅMMDD; None for any other writing and for days that don't exist."""
    match = _DAY.fullmatch(written)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


@dataclass
class _Voucher:
    """The voucher that is being read."""

    line: int
    name: str
    day: date | None
    is_begun: bool = False
    """Whether its brace has come."""
    is_whole: bool = True
    """Whether each of its amounts could be read."""
    total: Decimal = Decimal(0)


@dataclass
class _Accounts:
    """What has been read of a file, and what is needed to read on."""

    charset: str
    dimensions: _Dimensions
    known_codes: AbstractSet[str]
    bookings: list[Booking] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    voucher: _Voucher | None = None
    has_vouchers: bool = False
    balances: list[tuple[int, list[str]]] = field(default_factory=list)
    """The rows of balances for objects, with their lines."""
    last_days: list[tuple[int, date | None]] = field(default_factory=list)
    """The days that balances may be of, with their lines."""
    codes_of: dict[str, _Codes] = field(default_factory=dict)
    """By the list of objects, of which a file repeats few."""

    def read(self, lines: Iterable[str]) -> None:
        """Take in every line. Raises RefusedError for a file that is cut off or has no bookings."""
        actions: dict[str, Callable[[int, list[str]], None]] = {
            "#VER": self._begin_voucher,
            "{": self._open_voucher,
            "#TRANS": self._book,
            "}": self._close_voucher,
            "#RAR": self._keep_year,
            "#OMFATTN": self._keep_last_day,
            "#OUB": self._keep_balance,
        }
        for number, line in enumerate(lines, start=1):
            fields = fields_of(line)
            action = actions.get(fields[0].upper()) if fields else None
            if action:
                action(number, fields)
        if self.voucher:
            raise _unfinished(self.voucher)
        if not self.has_vouchers:
            self._book_balances()

    # -- vouchers --

    def _begin_voucher(self, number: int, fields: list[str]) -> None:
        if self.voucher:
            raise _unfinished(self.voucher)
        self.has_vouchers = True
        series, of_series, written = (*fields[1:4], "", "", "")[:3]
        name = tellable_codes.voucher(f"{self._text(series)} {self._text(of_series)}".strip())
        day = _day(unquoted(written))
        if day is None:
            self._tell("sie-datum", number)
        self.voucher = _Voucher(number, name, day)

    def _open_voucher(self, _number: int, _fields: list[str]) -> None:
        if self.voucher:
            self.voucher.is_begun = True

    def _book(self, number: int, fields: list[str]) -> None:
        """Take in a row. One whose day or amount can't be read is told and left out; one without a
        day of its own when that of its voucher can't be read is left out with it."""
        voucher = self._begun(number)
        row = _row(fields[1:])
        amount = _amount(row.amount)
        if amount is None:
            voucher.is_whole = False
            self._tell("sie-belopp", number)
            return
        voucher.total += amount
        day = _day(row.day) if row.day else voucher.day
        if day is not None:
            self._add(number, row, amount, day, voucher.name)
        elif row.day:
            self._tell("sie-datum", number)

    def _begun(self, number: int) -> _Voucher:
        """The voucher that a row on a line belongs to."""
        if self.voucher is None:
            what = f"raden {number} hör inte till någon verifikation"
            raise RefusedError("sie-avbruten", cells=(f"rad {number}",), what=what)
        if not self.voucher.is_begun:
            raise _unfinished(self.voucher)
        return self.voucher

    def _close_voucher(self, _number: int, _fields: list[str]) -> None:
        voucher = self.voucher
        if voucher is None:
            return
        if not voucher.is_begun:
            raise _unfinished(voucher)
        if voucher.is_whole and voucher.total:
            self._tell(
                "sie-verifikation-obalans",
                voucher.line,
                voucher=voucher.name or "utan nummer",
                difference=swedish.kr(abs(voucher.total)),
            )
        self.voucher = None

    # -- balances --

    def _keep_year(self, number: int, fields: list[str]) -> None:
        if len(fields) > 3 and unquoted(fields[1]) == _CURRENT_YEAR:
            self.last_days.append((number, _day(unquoted(fields[3]))))

    def _keep_last_day(self, number: int, fields: list[str]) -> None:
        if len(fields) > 1:
            self.last_days.append((number, _day(unquoted(fields[1]))))

    def _keep_balance(self, number: int, fields: list[str]) -> None:
        if len(fields) > 1 and unquoted(fields[1]) == _CURRENT_YEAR:
            self.balances.append((number, fields[2:]))

    def _book_balances(self) -> None:
        """Take in what income and costs come to for each object that is asked for."""
        rows = [(number, _row(fields)) for number, fields in self.balances]
        told = [(number, row) for number, row in rows if self._is_of_object(row)]
        if not told:
            raise RefusedError("sie-inga-poster")
        day = self._balance_day(told[0][0])
        for number, row in told:
            amount = _amount(row.amount)
            if amount is None:
                self._tell("sie-belopp", number)
            elif day is not None:
                self._add(number, row, amount, day, "", is_balance=True)

    def _is_of_object(self, row: _Row) -> bool:
        is_of_result = not self._text(row.account).startswith(_OF_BALANCE_SHEET)
        return is_of_result and any(self._codes(row.objects))

    def _balance_day(self, first_row: int) -> date | None:
        """The day that balances are of; None where the file doesn't tell, which is a problem."""
        unread = [number for number, day in self.last_days if day is None]
        if unread or not self.last_days:
            self._tell("sie-datum", unread[0] if unread else first_row)
            return None
        return min(day for _, day in self.last_days if day is not None)

    # -- what both have --

    def _add(
        self,
        number: int,
        row: _Row,
        amount: Decimal,
        day: date,
        voucher: str,
        *,
        is_balance: bool = False,
    ) -> None:
        of_row = self._codes(row.objects)
        booking = Booking(
            place=f"rad {number}",
            sheet="",
            voucher=voucher,
            booked_on=day,
            account=self._code(row.account),
            responsibility=of_row.responsibility,
            project=of_row.project,
            activity=of_row.activity,
            amount_sek=amount,
            is_balance=is_balance,
        )
        self.bookings.append(booking)

    def _tell(self, rule_id: str, number: int, **details: str) -> None:
        self.problems.append(Problem(rule_id, None, (f"rad {number}",), None, details))

    def _codes(self, written: str) -> _Codes:
        """The codes that a list of objects holds."""
        if written not in self.codes_of:
            objects = sie_text.objects_in(written)
            self.codes_of[written] = _Codes(
                *(self._code(_nearest(objects, order)) for order in self.dimensions)
            )
        return self.codes_of[written]

    def _code(self, written: str) -> str:
        return tellable_codes.code(self._text(written), self.known_codes)

    def _text(self, written: str) -> str:
        """What a field holds as a person reads it, before it is seen whether it may be told."""
        text = unquoted(written)
        if text.isascii() and text.isprintable():
            return " ".join(text.split())
        return swedish.tidy(sie_text.decoded(text, self.charset))


def _unfinished(voucher: _Voucher) -> RefusedError:
    what = f"verifikationen som börjar på rad {voucher.line} är inte avslutad"
    return RefusedError("sie-avbruten", cells=(f"rad {voucher.line}",), what=what)
