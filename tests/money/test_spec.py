"""Every money step, check and rule does what its file in `tests/spec` says: small tables in, a
table out, exactly.

How those files are written stands in `tests/spec/README.md`; they are the documentation of the
money.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from statsbidrag.decisions import register
from statsbidrag.money import repayment, steps
from statsbidrag.money.tables import CHANGE_STEPS
from tests.support.spec import COMMON, SPEC, Table, empty, named, sql, tables, types, value


@dataclass(frozen=True)
class Example:
    """One example of a step, check (`checks/…`) or rule: the tables that are given, and what it
    must then give."""

    step: str
    title: str
    given: Mapping[str, Table]
    then: Table

    def __str__(self) -> str:
        return f"{self.step}: {self.title}"


def table_of(step: str) -> str:
    """The name of what a step, check or rule makes."""
    folder, _, name = step.rpartition("/")
    return name if folder else step[4:]


def examples(step: str) -> Iterator[Example]:
    """The examples of a spec file; an example's own table stands in for the common one of the same
    name."""
    text = (SPEC / f"{step}.md").read_text("utf-8")
    common: dict[str, Table] = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        found = tables(body)
        if title == COMMON:
            common = {name: rows for _, name, rows in found}
            continue
        given = {name: rows for word, name, rows in found if word == "Givet"}
        then = [rows for word, name, rows in found if (word, name) == ("Då", table_of(step))]
        assert len(then) == 1, f"{step}, {title}: exactly one Då `{table_of(step)}`"
        assert len(given) + len(then) == len(found), f"{step}, {title}: one table of each name"
        yield Example(step, title.removeprefix("Exempel: "), common | given, then[0])


def made_by(example: Example, query: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The rows that a step makes of the example's tables, in the columns that its expected table
    names."""
    con = empty(query)
    for table, rows in example.given.items():
        columns = types()[table]
        given = [{"grant_id": "g"} | row if "grant_id" in columns else row for row in rows]
        values = [value(columns[name], row[name]) for row in given for name in row]
        if table in named(query) and given:
            places = ", ".join(f"({', '.join('?' * len(row))})" for row in given)
            con.execute(f"INSERT INTO {table} ({', '.join(given[0])}) VALUES {places}", values)
    names = list(example.then[0])
    made = con.execute(f"SELECT {', '.join(names)} FROM ({query})").fetchall()
    con.close()
    return made, names


def expected(example: Example) -> list[tuple[Any, ...]]:
    kinds = types().get(table_of(example.step)) or _kinds(sql(example.step))
    return [
        tuple(value(kinds[name], text) for name, text in row.items())
        for row in example.then
        if any(row.values())
    ]


def _kinds(query: str) -> dict[str, str]:
    """The columns that a query makes, with their types."""
    with empty(query) as con:
        return {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {query}").fetchall()}


CHECKS = tuple(f"checks/{name}" for name in steps.CHECKS)
RULES = tuple(f"rules/{rule.rule_id}" for rule in register.register().values() if rule.is_in_sql)
STEPS = (*steps.STEPS, *repayment.STEPS, *CHANGE_STEPS, *CHECKS, *RULES)
ALL = [example for step in STEPS if (SPEC / f"{step}.md").exists() for example in examples(step)]


@pytest.mark.parametrize("example", ALL, ids=str)
def test_the_step_does_as_its_spec_says(example: Example) -> None:
    made, names = made_by(example, sql(example.step))
    assert Counter(map(_hashable, made)) == Counter(map(_hashable, expected(example))), names
    assert not any(isinstance(cell, float) for row in made for cell in row)


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row)


def test_every_step_has_a_spec_and_every_spec_a_step() -> None:
    specs = {path.relative_to(SPEC).with_suffix("").as_posix() for path in SPEC.rglob("*.md")}
    whole = {
        spec for spec in specs if spec.startswith("hela/")
    }  # the whole way: tests/money/test_chains.py
    assert specs - {"README"} - whole == set(STEPS)


def test_money_is_exact_in_every_table() -> None:
    """Kronor are decimals with two places, and no table has a binary fraction in it."""
    for table, columns in types().items():
        for name, kind in columns.items():
            assert kind not in {"DOUBLE", "FLOAT"}, f"{table}.{name}"
            if name.endswith("_sek"):
                assert kind == "DECIMAL(18,2)", f"{table}.{name} is {kind}"


def test_an_empty_expected_table_means_no_rows() -> None:
    none = Example("530_ineligible", "", {}, [{"reason": ""}])
    assert expected(none) == []
    assert value("DECIMAL(18,2)", "1 000,50") == Decimal("1000.50")
