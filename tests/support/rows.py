"""Rows of result tables as plain mappings, as examples write them, and tables made of such rows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from statsbidrag.money.results import GrantResult
from statsbidrag.money.shapes import Row, rows_of, shape_of
from statsbidrag.money.tables import OF_STEPS, SHAPES, Tables

Plain = Mapping[str, Any]


def plain(row: Row) -> dict[str, Any]:
    """A row by the names of its columns."""
    return {name: getattr(row, name) for name in shape_of(type(row)).columns}


def rows_in(found: Any, table: str) -> tuple[dict[str, Any], ...]:
    """The rows of a table, of a result or of tables themselves."""
    return tuple(map(plain, getattr(getattr(found, "tables", found), table)))


def others_than(board_id: str, result: GrantResult) -> dict[str, list[dict[str, Any]]]:
    """The figures of every board but one."""
    figures: dict[str, list[dict[str, Any]]] = {}
    for table in ("board", "board_component", "line", "activity"):
        rows = rows_in(result, table)
        figures[table] = [row for row in rows if row["board_id"] != board_id]
    return figures


def every_row(found: Any) -> dict[str, tuple[dict[str, Any], ...]]:
    """The rows of every table, by its name."""
    tables = getattr(found, "tables", found)
    return {name: rows_in(tables, name) for name in vars(tables)}


def with_rows(result: GrantResult, **changed: Iterable[Plain]) -> GrantResult:
    """The same result with other rows in some tables."""
    made: dict[str, Any] = {name: rows_of(SHAPES[name], given) for name, given in changed.items()}
    return replace(result, tables=replace(result.tables, **made))


def tables_of(**given: Iterable[Plain]) -> Tables:
    """Tables with some rows, and the others empty. What a row doesn't tell of is None."""
    made: dict[str, Any] = {name: rows_of(SHAPES[name], given.get(name, ())) for name in OF_STEPS}
    return Tables(**made)
