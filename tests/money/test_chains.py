"""Boards that became one another, the whole way: every example of `tests/spec/hela` through all
steps and checks."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from statsbidrag.money import steps
from tests.support.spec import COMMON, SPEC, Table, sql, tables, types, value

GRANT = {
    "grant_id": "g",
    "is_final": "nej",
    "act_unspent_share": "0,10",
    "act_unspent_sek": "500 000",
    "act_days_left": "90",
    "act_used_numerator": "2",
    "act_used_denominator": "3",
    "watch_unspent_share": "0,05",
    "is_percent_cut": "nej",
}
"""What an example does not say of its grant."""
DECISION = {"grant_id": "g", "decided_by": "nämnden"}
ALL_PAID_FOR = "pengar"
"""The one cost kind of the examples. A component's one area bears its id."""


@dataclass(frozen=True)
class Whole:
    """An example of the whole way: the given tables, and the rows of each table that it must end
    with."""

    title: str
    given: Mapping[str, Table]
    then: Mapping[str, Table]

    def __str__(self) -> str:
        return self.title


def examples() -> Iterator[Whole]:
    for path in sorted((SPEC / "hela").glob("*.md")):
        common: dict[str, Table] = {}
        for section in re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, body = section.partition("\n")
            given = {name: rows for word, name, rows in tables(body) if word == "Givet"}
            if title == COMMON:
                common = given
                continue
            then = {name: rows for word, name, rows in tables(body) if word == "Då"}
            yield Whole(title.removeprefix("Exempel: "), common | given, then)


def database(example: Whole) -> duckdb.DuckDBPyConnection:
    """A database with the example's tables, and its returns as what intake would have loaded."""
    con = duckdb.connect(config={"threads": 1})
    con.execute(sql("000_schema"))
    con.execute(sql("010_functions"))

    def put(table: str, row: Mapping[str, str]) -> None:
        values = [value(types()[table][name], text) for name, text in row.items()]
        con.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", values
        )

    for row in example.given["given_board"]:
        put("given_board", row)
    for row in example.given["given_grant"]:
        put("given_grant", GRANT | row)
    for row in example.given["given_component"]:
        component = row["component_id"]
        put("given_component", {"grant_id": "g"} | row)
        area = {
            "area_key": component,
            "area": component,
            "component_id": component,
            "position": row["position"],
        }
        put("given_area", {"grant_id": "g"} | area)
        put("given_word", {"words": component, "word_key": component})
    put("given_cost_kind", {"grant_id": "g", "cost_kind_key": ALL_PAID_FOR})
    put("given_word", {"words": ALL_PAID_FOR, "word_key": ALL_PAID_FOR})
    for row in example.given["given_decision"]:
        put("given_decision", DECISION | row)
    first_day = example.given["given_grant"][0]["spend_from_on"]
    sent = example.given["redovisning"]
    for sender in dict.fromkeys(row["sender_id"] for row in sent):
        lines = [row for row in sent if row["sender_id"] == sender]
        file = {
            "file": sender,
            "sha256": sender,
            "reading_id": sender,
            "grant_id": "g",
            "sender_id": sender,
        }
        put("given_file", file | {"size_bytes": "1", "kind": "xlsx"})

        def cell(part: str, row_no: int, column: str, sender: str = sender, **holds: str) -> None:
            place = {
                "reading_id": sender,
                "part": part,
                "sheet": part,
                "row_no": str(row_no),
                "cell": "A1",
            }
            put("raw_cell", place | {"column_name": column, "raw": "x", "reading": "ok"} | holds)

        cell("header", 0, "period_end_on", day_on=lines[0]["period_end_on"])
        cell("header", 0, "version", amount_sek="1")
        for number, line in enumerate(lines, 1):
            cell("costs", number, "area", words=line["component_id"])
            cell("costs", number, "cost_kind", words=ALL_PAID_FOR)
            cell("costs", number, "worked_on", day_on=first_day)
            cell("costs", number, "amount_sek", amount_sek=line["amount_sek"])
        if any(line.get("hindras") == "ja" for line in lines):
            words = {"message": "m", "remedy": "r", "source": "s", "cells": "A1"}
            found = {
                "finding_no": "1",
                "rule_id": "r",
                "severity": "blocking",
                "grant_id": "g",
                "file": sender,
            }
            put("finding", found | words)
        money = sum(value("DECIMAL(18, 2)", line["amount_sek"]) for line in lines)
        con.execute("INSERT INTO given_recount VALUES (?, ?, ?)", [sender, len(lines), money])
    return con


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_the_whole_way_of_a_chain_is_as_its_example_says(example: Whole) -> None:
    con = database(example)
    for step in steps.STEPS:
        con.execute(f"CREATE TABLE {step[4:]} AS {sql(step)}")
    for table, rows in example.then.items():
        names = list(rows[0])
        wanted = [
            tuple(value(types()[table][n], t) for n, t in row.items())
            for row in rows
            if any(row.values())
        ]
        made: list[tuple[Any, ...]] = con.execute(
            f"SELECT {', '.join(names)} FROM {table}"
        ).fetchall()
        assert Counter(made) == Counter(wanted), (table, names)
    for check in steps.CHECKS:
        assert con.execute(steps.unequal(check)).fetchall() == [], check
    con.close()
