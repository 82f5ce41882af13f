"""Which columns a row of numbers holds, where the blank within a number and the blank between two
columns are the same sign: every way is weighed, and the sums choose.

Nothing is guessed: two ways that fit are as good as none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

Cells = tuple[Decimal | None, ...]
"""What a row says, a value a column: kronor, or None for what can't be kronor (a share)."""
Amounts = tuple[Decimal, ...]
"""Kronor, one a column."""
MOST_COLUMNS = 6
_MOST_GROUPS = 4
"""An amount is less than 10^12 kronor: four groups of three digits."""
_MOST_WAYS = 4000
"""Ways to split one row, before it is given up."""
_MOST_STEPS = 120_000
"""Steps of one search, half a second, before it is given up."""


class TooManyWaysError(Exception):
    """The ways to read a table are too many to try, so that nobody can say that only one fits."""


class Kind(Enum):
    """What a piece of a row of numbers is."""

    GROUP = auto()
    """Digits: a whole number, or a part of one."""
    NOTHING = auto()
    """A dash: no kronor."""
    OTHER = auto()
    """A number that can't be kronor: per cent, or more than two decimals."""
    UNREADABLE = auto()


@dataclass(frozen=True)
class Piece:
    """Signs without a blank in a row of numbers."""

    kind: Kind
    digits: str = ""
    decimals: str = ""
    is_edge: bool = False
    """Whether a column must begin here."""

    @property
    def may_begin(self) -> bool:
        """Whether a value can begin with it: nobody writes 012 kronor."""
        return self.kind is not Kind.GROUP or self.digits == "0" or self.digits[0] != "0"

    @property
    def may_go_on(self) -> bool:
        """Whether it can be the next three digits of a value."""
        return self.kind is Kind.GROUP and len(self.digits) == 3 and not self.is_edge


_NUMBER = re.compile(r"([0-9]+)(?:,([0-9]+))?(%|kr|:-|,-)?", re.IGNORECASE)
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
_UNITS = frozenset({"kr", "kr.", "kronor", "sek", ":-"})
_ODD_NUMBER = re.compile(r"[^\w]*[0-9][^A-Za-zÅÄÖåäö]*")


def is_numeric(token: str) -> bool:
    """Whether a word can belong to the numbers of a row, readable or not."""
    lower = token.casefold()
    if lower in _DASHES or lower in _UNITS or lower == "%":
        return True
    return bool(_NUMBER.fullmatch(token) or _ODD_NUMBER.fullmatch(token))


def pieces_of(cells: Sequence[str]) -> tuple[Piece, ...]:
    """The pieces of a row's numbers; a column must begin with each cell, after a unit and on both
    sides of a dash or a share."""
    pieces: list[Piece] = []
    for cell in cells:
        is_edge = True
        for token in cell.split():
            is_edge = _read_token(token, is_edge, pieces)
    return tuple(pieces)


def _read_token(token: str, is_edge: bool, pieces: list[Piece]) -> bool:
    """Adds what a token is; gives whether a column must begin after it."""
    if token.casefold() in _UNITS:
        return True
    if token == "%":
        last = pieces.pop() if pieces else Piece(Kind.UNREADABLE)
        is_share = last.kind is Kind.GROUP
        pieces.append(Piece(Kind.OTHER if is_share else Kind.UNREADABLE, is_edge=True))
        return True
    if token in _DASHES:
        pieces.append(Piece(Kind.NOTHING, is_edge=True))
        return True
    match = _NUMBER.fullmatch(token)
    if not match:
        pieces.append(Piece(Kind.UNREADABLE, is_edge=True))
        return True
    digits, decimals, unit = match[1], match[2] or "", match[3]
    if unit == "%" or len(decimals) > 2:
        pieces.append(Piece(Kind.OTHER, is_edge=True))
        return True
    pieces.append(Piece(Kind.GROUP, digits, decimals, is_edge))
    return bool(unit or decimals)


def splits(pieces: Sequence[Piece], most: int = MOST_COLUMNS) -> list[Cells]:
    """All ways to read a row's pieces as at most so many columns; none where a piece can't be read.

    Raises TooManyWaysError for a row that has thousands of ways.
    """
    found: list[Cells] = []
    if any(piece.kind is Kind.UNREADABLE for piece in pieces):
        return found
    unfinished: list[tuple[int, Cells]] = [(0, ())]
    while unfinished:
        at, cells = unfinished.pop()
        if at == len(pieces):
            found.append(cells)
            continue
        if len(cells) == most:
            continue
        for end, value in _values_from(pieces, at):
            unfinished.append((end, (*cells, value)))
        if len(found) + len(unfinished) > _MOST_WAYS:
            raise TooManyWaysError
    return found


def _values_from(pieces: Sequence[Piece], at: int) -> Iterator[tuple[int, Decimal | None]]:
    """The values that can begin at a piece, each with where the next one begins."""
    first = pieces[at]
    if first.kind is Kind.NOTHING:
        yield at + 1, Decimal(0)
    elif first.kind is Kind.OTHER:
        yield at + 1, None
    elif first.may_begin:
        yield from _amounts_from(pieces, at)


def _amounts_from(pieces: Sequence[Piece], at: int) -> Iterator[tuple[int, Decimal]]:
    first = pieces[at]
    digits = first.digits
    yield at + 1, _value(digits, first.decimals)
    if first.decimals or len(digits) > 3 or digits == "0":
        return
    for end in range(at + 1, min(len(pieces), at + _MOST_GROUPS)):
        piece = pieces[end]
        if not piece.may_go_on:
            return
        digits += piece.digits
        yield end + 1, _value(digits, piece.decimals)
        if piece.decimals:
            return


def _value(digits: str, decimals: str) -> Decimal:
    return Decimal(f"{digits}.{decimals}" if decimals else digits)


# -- what fits -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A way to read all rows of a table by which its columns add up."""

    rows: tuple[Amounts, ...]
    totals: Amounts | None
    is_other: tuple[bool, ...]
    """For each column as it stands, those that can't be kronor too, whether it is one of them."""


def slack(row_count: int) -> int:
    """How near a column's sum must be to the total row, in kronor: less than one krona a row, which
    is what rounding each row can make."""
    return row_count


def sum_column(rows: Sequence[Amounts]) -> int | None:
    """The column that is the sum of the others in each row, where two others at least hold
    money; None where there is none."""
    width = len(rows[0])
    holds_money = [any(row[column] for row in rows) for column in range(width)]
    if width < 3 or sum(holds_money) < 3:
        return None
    for column in range(width):
        if all(2 * row[column] == sum(row) for row in rows):
            return column
    return None


def fits(rows: Sequence[Sequence[Cells]], total: Sequence[Cells] | None) -> list[Fit]:
    """The ways to read a table by which it adds up: none, the only one, or two of several.

    `rows` has each row's ways, `total` those of the total row; None where there is none. Of ways
    with as many columns, where three rows or more can be read so that one column is the sum of the
    others in all of them, only such ways count: that is no chance.

    Raises TooManyWaysError when they are too many to try.
    """
    search = _Search()
    found: list[Fit] = []
    for is_other in _shapes(rows):
        shaped = [_of_shape(row, is_other) for row in rows]
        totals = None if total is None else _totals_of_shape(total, is_other)
        by_sum = _fits_by_sum(search, shaped, totals, is_other)
        found += by_sum or search.fits(shaped, totals, is_other)
    return _first_two(found)


def _fits_by_sum(
    search: "_Search",
    rows: Sequence[Sequence[Amounts]],
    totals: Sequence[Amounts] | None,
    is_other: tuple[bool, ...],
) -> list[Fit]:
    """The ways by which one column is the sum of the others in three rows or more."""
    found: list[Fit] = []
    if len(rows) < 3:
        return found
    for column in range(_width(is_other)):
        summing = [_summing(row, column) for row in rows]
        found += search.fits(summing, totals, is_other)
    return [fit for fit in found if sum_column(fit.rows) is not None]


def _first_two(found: Sequence[Fit]) -> list[Fit]:
    return list(dict.fromkeys(found))[:2]


def _shapes(rows: Sequence[Sequence[Cells]]) -> list[tuple[bool, ...]]:
    """The shapes that every row can have: how many columns, and which of them can't be kronor."""
    common: dict[tuple[bool, ...], None] | None = None
    for row in rows:
        shapes = dict.fromkeys(tuple(cell is None for cell in cells) for cells in row)
        common = shapes if common is None else {one: None for one in common if one in shapes}
    return sorted(shape for shape in common or () if not all(shape))


def _width(is_other: Sequence[bool]) -> int:
    """How many columns of a shape can be kronor."""
    return len(is_other) - sum(is_other)


def _kronor(cells: Cells) -> Amounts:
    return tuple(cell for cell in cells if cell is not None)


def _of_shape(row: Sequence[Cells], is_other: tuple[bool, ...]) -> list[Amounts]:
    return [_kronor(cells) for cells in row if tuple(c is None for c in cells) == is_other]


def _totals_of_shape(total: Sequence[Cells], is_other: tuple[bool, ...]) -> list[Amounts]:
    """The ways to read the total row, which may leave out the columns that aren't kronor."""
    bare = (False,) * _width(is_other)
    return list(dict.fromkeys([*_of_shape(total, is_other), *_of_shape(total, bare)]))


def _summing(row: Sequence[Amounts], column: int) -> list[Amounts]:
    """The ways by which one column of three or more is the sum of the others."""
    return [way for way in row if len(way) > 2 and 2 * way[column] == sum(way)]


@dataclass(frozen=True)
class _Chosen:
    """The ways chosen so far, the last first."""

    row: int
    amounts: Amounts
    before: "_Chosen | None"


@dataclass
class _Search:
    """A search for the ways to read a table, and the steps that it has taken."""

    steps: int = 0

    def fits(
        self,
        rows: Sequence[Sequence[Amounts]],
        totals: Sequence[Amounts] | None,
        is_other: tuple[bool, ...],
    ) -> list[Fit]:
        """The ways by which every column adds up; two of them are enough."""
        if not all(rows):
            return []
        if totals is None:
            return _without_total(rows, is_other)
        found: list[Fit] = []
        for total in totals:
            for chosen in self._choices(rows, total):
                found.append(Fit(_in_order(chosen), total, is_other))
        return found[:2]

    def _choices(self, rows: Sequence[Sequence[Amounts]], total: Amounts) -> list[_Chosen]:
        """Row by row, those that can differ the most first, the sums from which the total can still
        be reached. Equal sums are one state, so that a table's length costs little."""
        near = slack(len(rows))
        able = [_not_above(row, total, near) for row in rows]
        if not all(able):
            return []
        order = sorted(range(len(rows)), key=lambda row: _spread(able[row]), reverse=True)
        least, most = _bounds([able[row] for row in order], len(total))
        states: dict[Amounts, list[_Chosen | None]] = {(Decimal(0),) * len(total): [None]}
        for place, row in enumerate(order):
            after: dict[Amounts, list[_Chosen | None]] = {}
            for reached, paths in states.items():
                for way in able[row]:
                    self._step()
                    now = tuple(a + b for a, b in zip(reached, way, strict=True))
                    if not _can_reach(now, least[place + 1], most[place + 1], total, near):
                        continue
                    kept = after.setdefault(now, [])
                    kept += [_Chosen(row, way, path) for path in paths[: 2 - len(kept)]]
            states = after
        ends: list[_Chosen] = []
        for paths in states.values():
            ends += [path for path in paths if path is not None]
        return ends[:2]

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TooManyWaysError


def _without_total(rows: Sequence[Sequence[Amounts]], is_other: tuple[bool, ...]) -> list[Fit]:
    """With nothing to add up to, only what can be read in one way is read; two ways of it stand for
    all others."""
    first = Fit(tuple(row[0] for row in rows), None, is_other)
    last = Fit(tuple(row[-1] for row in rows), None, is_other)
    return _first_two([first, last])


def _not_above(row: Sequence[Amounts], total: Amounts, near: int) -> list[Amounts]:
    """The ways of a row that no column's total forbids: nothing is below zero."""
    able = []
    for way in row:
        if all(part < whole + near for part, whole in zip(way, total, strict=True)):
            able.append(way)
    return able


def _spread(row: Sequence[Amounts]) -> Decimal:
    """How much a row's ways differ, in the column where they differ the most."""
    spread = Decimal(0)
    for column in zip(*row, strict=True):
        spread = max(spread, max(column) - min(column))
    return spread


def _bounds(
    rows: Sequence[Sequence[Amounts]], width: int
) -> tuple[list[list[Decimal]], list[list[Decimal]]]:
    """The least and the most that the rows from each place on can add to each column."""
    least = [[Decimal(0)] * width]
    most = [[Decimal(0)] * width]
    for row in reversed(rows):
        columns = list(zip(*row, strict=True))
        least.append([low + min(column) for low, column in zip(least[-1], columns, strict=True)])
        most.append([high + max(column) for high, column in zip(most[-1], columns, strict=True)])
    return least[::-1], most[::-1]


def _can_reach(
    now: Amounts, least: Sequence[Decimal], most: Sequence[Decimal], total: Amounts, near: int
) -> bool:
    """Whether every column can still end near its total."""
    for reached, low, high, whole in zip(now, least, most, total, strict=True):
        if reached + low >= whole + near or reached + high <= whole - near:
            return False
    return True


def _in_order(chosen: _Chosen) -> tuple[Amounts, ...]:
    """The chosen ways in the order of the rows."""
    by_row: dict[int, Amounts] = {}
    step: _Chosen | None = chosen
    while step is not None:
        by_row[step.row] = step.amounts
        step = step.before
    return tuple(by_row[row] for row in sorted(by_row))
