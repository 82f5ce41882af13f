"""How a result table is declared: a frozen class with a field for each column, and marks on those
that are told.

A figure is a column with a `Figure`: the reports' JSON, the trace, the second proof and the
templates read there what it is. A column with an `Excel` stands in a workbook, in the order of the
fields. `KEY` is what tells the rows of a table apart, `ORDER` the order that SQL gives them in,
`ANCHOR` what the anchors of a row's figures begin with in sparning.html, from the row and its
`place` in the table, and `SHEET` the sheet that they stand on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, get_args, get_type_hints


class Hidden(str):
    """What is printed in place of a count of persons that isn't told to the public."""

    __slots__ = ()


Count = int | Hidden
"""A count of persons: the number, or why it isn't told."""


@dataclass(frozen=True)
class Figure:
    """A figure of a reconciliation: what it is called, how it is reckoned, in which steps of sql/,
    by what rule."""

    label: str
    reckoned: str
    """In Swedish; {names} are values of the same row."""
    steps: tuple[str, ...]
    """Names of steps without `.sql`, in the order they work; none when it stands in the
    decisions."""
    source: str
    in_years: str = ""
    """How it is reckoned where each year has money of its own; empty: as else."""


@dataclass(frozen=True)
class Excel:
    """A column of a workbook: its header, and its width in characters."""

    header: str
    width: int


@dataclass(frozen=True)
class Row:
    """A row of a result table; its columns are the fields that are not of this class."""

    KEY: ClassVar[tuple[str, ...]] = ()
    ORDER: ClassVar[str] = ""
    ANCHOR: ClassVar[str] = ""
    SHEET: ClassVar[str] = ""
    SHEET_ORDER: ClassVar[tuple[str, ...]] = ()
    """The order of the columns on the sheet, where it is another than that of the fields."""
    anchor: str = field(default="", kw_only=True, repr=False, compare=False)
    """What the anchors of its figures begin with, once it is traced."""


R = TypeVar("R", bound=Row)
V = TypeVar("V")


@dataclass(frozen=True)
class Shape:
    """What the class of a table's rows declares, by the names of the columns and in their order."""

    columns: tuple[str, ...]
    figures: Mapping[str, Figure]
    excel: Mapping[str, Excel]
    codes: Mapping[str, type[StrEnum]]


_SHAPES: dict[type[Row], Shape] = {}


def shape_of(kind: type[Row]) -> Shape:
    """The shape of a table, by the class of its rows; read from the class once."""
    if kind not in _SHAPES:
        _SHAPES[kind] = _read(kind)
    return _SHAPES[kind]


def _read(kind: type[Row]) -> Shape:
    hints = get_type_hints(kind, include_extras=True)
    plain = get_type_hints(kind)
    columns = tuple(one.name for one in fields(kind) if one.name != "anchor")
    figures: dict[str, Figure] = {}
    excel: dict[str, Excel] = {}
    codes: dict[str, type[StrEnum]] = {}
    for name in columns:
        for mark in getattr(hints[name], "__metadata__", ()):
            if isinstance(mark, Figure):
                figures[name] = mark
            if isinstance(mark, Excel):
                excel[name] = mark
        for option in (plain[name], *get_args(plain[name])):
            if isinstance(option, type) and issubclass(option, StrEnum):
                codes[name] = option
    return Shape(columns, figures, excel, codes)


def figures_of(row: Row | type[Row]) -> Mapping[str, Figure]:
    """The figures of a table: column -> what it is."""
    return shape_of(row if isinstance(row, type) else type(row)).figures


def rows_of(kind: type[R], records: Iterable[Mapping[str, Any]]) -> tuple[R, ...]:
    """What SQL gives as rows of a table; a column that an older version of the program did not keep
    is None."""
    shape = shape_of(kind)
    rows = []
    texts: dict[str, str] = {}  # the same names stand in all rows, and then share one text
    for record in records:
        values: dict[str, Any] = {}
        for name in shape.columns:
            value: Any = record.get(name)
            if isinstance(value, str):
                value = texts.setdefault(value, value)
            elif isinstance(value, list):
                value = tuple(value)
            is_code = value is not None and name in shape.codes
            values[name] = shape.codes[name](value) if is_code else value
        rows.append(kind(**values))
    return tuple(rows)


def known(value: V | None) -> V:
    """A value that is known wherever the row that it stands in is asked for."""
    assert value is not None
    return value


def not_hidden(count: Count) -> int:
    """A count of persons that is told."""
    assert not isinstance(count, Hidden)
    return count
