"""The tables are declared as DuckDB makes them, and a misspelt column or code is a type error."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from statsbidrag.decisions import data_folder, plans
from statsbidrag.money.ledger_tables import LEDGER_SHAPES
from statsbidrag.money.shapes import Hidden, Row, figures_of, shape_of
from statsbidrag.money.tables import CHANGE_STEPS, FIGURES, OF_STEPS, SHAPES
from tests import example
from tests.support import spec
from tests.support.commands import ROOT
from tests.support.way import Way

OF_SQL: Mapping[str, type[Row]] = {
    **{name: SHAPES[name] for name in OF_STEPS},
    **LEDGER_SHAPES,
    **{step[4:]: shape for step, shape in CHANGE_STEPS.items()},
}
IN_DUCKDB = {str: "VARCHAR", int: "INTEGER", bool: "BOOLEAN", date: "DATE", tuple: "VARCHAR[]"}


def kinds(hint: Any) -> set[type]:
    """The kinds of value that a field may hold, None not among them."""
    found: set[type] = set()
    for option in (
        get_args(hint) if NoneType in get_args(hint) or Hidden in get_args(hint) else (hint,)
    ):
        plain = getattr(option, "__origin__", option)
        if plain not in {NoneType, Hidden}:
            found.add(str if issubclass(plain, StrEnum) else plain)
    return found


@pytest.mark.parametrize("name", OF_SQL)
def test_a_table_is_declared_as_duckdb_makes_it(name: str) -> None:
    made = {column: kind for column, kind in spec.types()[name].items() if column != "grant_id"}
    hints = get_type_hints(OF_SQL[name])
    assert {*made} == {*shape_of(OF_SQL[name]).columns}
    for column, kind in made.items():
        (declared,) = kinds(hints[column])
        wanted = "DECIMAL" if declared is Decimal else IN_DUCKDB[declared]
        assert kind.replace("BIGINT", "INTEGER").partition("(")[0] == wanted, column


@pytest.mark.long
def test_what_is_never_null_is_never_null(way: Way) -> None:
    """On the example returns: a field that may be None says so."""
    book = data_folder.load(ROOT / "data", [], example.AS_OF)
    returns = way.take_in(example.files(book), book)
    for is_final in (False, True):
        plan, _ = plans.plan(book, [], example.AS_OF, is_final=is_final)
        for result in way.settle(returns, way.judge(returns, book, plan), book, plan):
            for table in OF_STEPS:
                must_be = [
                    n
                    for n, hint in get_type_hints(SHAPES[table]).items()
                    if NoneType not in get_args(hint)
                ]
                for row in getattr(result.tables, table):
                    assert not [name for name in must_be if getattr(row, name, "") is None], table


def test_every_figure_is_named_once_and_stands_in_the_order_of_its_table() -> None:
    for name, figures in FIGURES.items():
        labels = [figure.label for figure in figures.values()]
        assert len(labels) == len(set(labels)), name
        if name != "city":
            assert list(figures) == list(figures_of(SHAPES[name]))


PLANTED = {
    "flows/year/deadlines.py": ("city.eligible_sek", "city.elegible_sek"),
    "flows/documents/record.py": ("city.held_count", "city.held_cuont"),
    "flows/money/redistribution.py": ("LiabilityBasis.PER_BOARD", "LiabilityBasis.PER_BORD"),
    "flows/case/casework.py": ("Outcome.HELD", "Outcome.HOLD"),
    "flows/face/explanation.py": ("line.worked_on", "line.worked_at"),
}
"""A misspelling in each of five floors."""


@pytest.mark.long
def test_a_misspelt_column_or_code_is_a_type_error(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "flows", tmp_path / "flows", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, (right, wrong) in PLANTED.items():
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert right in text, file
        path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    for file, (_, wrong) in PLANTED.items():
        name = wrong.rpartition(".")[2]
        assert any(file in line and f'"{name}"' in line for line in done.stdout.splitlines()), (
            done.stdout
        )
