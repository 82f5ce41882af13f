"""The steps' specifications in tests/spec, as tables."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from statsbidrag.base import swedish
from statsbidrag.money import repayment, steps
from statsbidrag.money.tables import CHANGE_STEPS

SPEC = Path(__file__).parents[1] / "spec"


COMMON = "Givet i alla exempel"


Table = list[dict[str, str]]


def tables(body: str) -> list[tuple[str, str, Table]]:
    """Every table of a section, with the word and the name in front of it."""
    found = re.findall(r"^(Givet|Då) `([\w-]+)`[^\n]*:\n\n((?:\|.*\n?)+)", body, flags=re.MULTILINE)
    assert len(found) == len(re.findall(r"^\|[ :|]*-[ :|-]*\|$", body, flags=re.MULTILINE)), (
        f"a table without a name: {body}"
    )
    return [(word, name, rows(lines.splitlines())) for word, name, lines in found]


def rows(lines: Sequence[str]) -> Table:
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def sql(step: str) -> str:
    folder, _, name = step.rpartition("/")
    if folder == "checks":
        return steps.unequal(name)
    return files(f"statsbidrag.sql.{folder}".rstrip(".")).joinpath(f"{name}.sql").read_text("utf-8")


@cache
def types() -> dict[str, dict[str, str]]:
    """Every table that a step may read or make, with the types of its columns as an empty run makes
    them."""
    con = duckdb.connect()
    con.execute(sql("000_schema"))
    con.execute(sql("010_functions"))
    for step in steps.STEPS:
        con.execute(f"CREATE TABLE {step[4:]} AS {sql(step)}")
    con.execute(sql("600_ledger"))
    for step in repayment.STEPS:
        con.execute(f"CREATE TABLE {step[4:]} AS {sql(step)}")
    for table in ("line", "sender"):
        for when in ("before", "after"):
            con.execute(f"CREATE TABLE {when}_{table} AS FROM {table}")
    for step in CHANGE_STEPS:
        con.execute(f"CREATE TABLE {step[4:]} AS {sql(step)}")
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER "
        "BY column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    con.close()
    return found


def named(query: str) -> set[str]:
    """The tables that a query speaks of."""
    return types().keys() & set(re.findall(r"\w+", query))


def empty(query: str) -> duckdb.DuckDBPyConnection:
    """A database with the tables that a query speaks of, without rows."""
    con = duckdb.connect(config={"threads": 1})
    con.execute(sql("010_functions"))
    for table in sorted(named(query)):
        con.execute(
            f"CREATE TABLE {table} "
            f"({', '.join(f'{name} {kind}' for name, kind in types()[table].items())})"
        )
    return con


def value(kind: str, text: str) -> Any:
    """What a cell of a spec table says: Swedish amounts, days, ja and nej, words; an empty cell is
    no value."""
    if not text:
        return None
    if kind.startswith("DECIMAL"):
        amount = swedish.parse_amount(text)
        assert amount is not None, f"{text} is no amount"
        return amount
    if kind == "BOOLEAN":
        return {"ja": True, "nej": False}[text]
    if kind == "DATE":
        return date.fromisoformat(text)
    if kind.endswith("[]"):
        return text.split(", ")
    return int(text) if kind.endswith("INT") or kind == "INTEGER" else text
