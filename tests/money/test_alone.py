"""The database in which returns are asked about one by one: the same each time, and empty after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb
import pytest

from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook, RunPlan
from statsbidrag.money import alone, duck
from tests.support.planted import COSTS, filled
from tests.support.way import PLANS, Way

QUARTER = PLANS[False]
RULES = frozenset({"overforbrukning"})


@pytest.fixture
def ground() -> Iterator[alone._Ground]:
    made = alone._Ground()
    yield made
    made._drop()


@pytest.fixture
def overspent(way: Way, decisions: Rulebook) -> list[Return]:
    """A return of more than its board was given."""
    content = filled(
        costs=[{**COSTS[0], "Belopp": 5_000_000}],
        header={"summa_kostnader": 5_000_000, "prognos": 5_000_000},
    )
    return way.take_in({"mer.xlsx": content}, decisions)


def told(
    ground: alone._Ground, book: Rulebook, returns: Sequence[Return], plan: RunPlan = QUARTER
) -> list[Finding]:
    return ground.told(book, plan, returns, (), RULES)


def test_nothing_of_what_was_asked_about_is_left(
    ground: alone._Ground,
    decisions: Rulebook,
    overspent: list[Return],
    clean: Mapping[str, Return],
) -> None:
    first = told(ground, decisions, overspent)
    assert [finding.rule for finding in first] == ["overforbrukning"]
    con = ground._con
    assert con is not None
    for table in ("given_file", "raw_cell", "raw_reading", "given_word", "finding"):
        assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    made = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert "allocation" in made
    assert not made & {"returned", "cost", "sender", "line", "activity"}
    assert told(ground, decisions, list(clean.values())) == []
    assert told(ground, decisions, overspent) == first
    assert ground._con is con, "it is made once"


def test_it_is_made_anew_when_something_else_is_decided(
    ground: alone._Ground, decisions: Rulebook, overspent: list[Return]
) -> None:
    (grant,) = [one for one in decisions.grants if one.grant_id == overspent[0].grant_id]
    decided = []
    for decision in grant.decisions:
        given = [replace(one, amount_sek=one.amount_sek * 100) for one in decision.allocations]
        decided.append(replace(decision, allocations=tuple(given)))
    grants = [
        replace(grant, decisions=tuple(decided)) if g is grant else g for g in decisions.grants
    ]
    richer = replace(decisions, grants=tuple(grants))
    rules = [[f.rule for f in told(ground, book, overspent)] for book in (decisions, richer)]
    assert rules == [["overforbrukning"], []]


def test_what_goes_wrong_for_one_harms_no_other(
    ground: alone._Ground,
    decisions: Rulebook,
    overspent: list[Return],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = told(ground, decisions, overspent)
    with monkeypatch.context() as broken:
        broken.setattr(duck, "sql", lambda _: "SELECT finns_inte FROM given_file")
        with pytest.raises(duckdb.Error, match="finns_inte"):
            told(ground, decisions, overspent)
    assert ground._con is None
    assert told(ground, decisions, overspent) == first
