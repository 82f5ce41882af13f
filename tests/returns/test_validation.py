"""How findings are made: nothing passes unchecked, equal faults are told once, and exceptions are
seen."""

import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from statsbidrag.model.decisions import Waiver
from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import gx_loading, suites, validation
from statsbidrag.returns.light_expectations import light
from statsbidrag.returns.records import Record
from tests.support import planted
from tests.support.planted import ACTIVITIES, AS_OF, BOARD, COSTS, EQUAL, as_csv, filled
from tests.support.rows import rows_in
from tests.support.way import PLANS, Sent, Way

QUARTER = PLANS[False]
SUITES = {"problems": 1, "personal": 1, "files": 18, "cells": 14, "lines": 9, "activities": 2}
"""How many expectations each suite holds: one that is lost would be one thing less to check."""
Expectations = list[dict[str, Any]]


def judge(way: Way, book: Rulebook, *contents: bytes) -> list[Finding]:
    return way.judge(
        way.take_in({f"{n}.xlsx": c for n, c in enumerate(contents, 1)}, book), book, QUARTER
    )


# -- nothing passes because its check crashed ------------------------------------------------------


def with_expectation(suite: str, expectation: Mapping[str, Any]) -> Callable[[str], Expectations]:
    real = suites.suite
    return lambda name: [*real(name), dict(expectation)] if name == suite else real(name)


CRASHING = {
    "a column that is not there": ("files", {"column": "finns_inte", "value_set": ["x"]}),
    "a column that is not there, in the lines": (
        "lines",
        {"column": "finns_inte", "value_set": ["x"]},
    ),
}


@pytest.mark.parametrize("name", CRASHING)
def test_a_check_that_crashes_holds_every_return(
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    way: Way,
    decisions: Rulebook,
    clean: Mapping[str, Return],
) -> None:
    suite, kwargs = CRASHING[name]
    broken = {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": kwargs,
        "meta": {"rule": "omrade-okant"},
    }
    monkeypatch.setattr(suites, "suite", with_expectation(suite, broken))
    returns = list(clean.values())
    told = way.judge(returns, decisions, QUARTER)
    assert [(f.rule, f.severity, f.file) for f in told] == [
        ("kontroll-kunde-inte-goras", "blocking", returned.file) for returned in returns
    ]
    assert "Kontrollen omrade-okant kunde inte göras" in told[0].message
    (result,) = way.settle(returns, told, decisions, QUARTER)
    assert {row["return_status"] for row in rows_in(result, "board")} == {"held"}


@pytest.mark.parametrize(
    "misspelt",
    [
        {
            "type": "expect_column_values_to_be_in_sett",
            "kwargs": {"column": "area", "value_set": []},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "area", "value_sett": []},
        },
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "area", "value_set": {"$PARAMETER": "are"}},
        },
    ],
    ids=["type", "argument", "parameter"],
)
def test_a_misspelt_expectation_stops_the_run(
    misspelt: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    decisions: Rulebook,
    clean: Mapping[str, Return],
) -> None:
    """GX alone would leave it out with a line in a log, and all would pass."""
    changed = with_expectation("lines", {**misspelt, "meta": {"rule": "omrade-okant"}})
    monkeypatch.setattr(suites, "suite", changed)
    with pytest.raises(Exception, match=r"sett|understood|\$PARAMETER are"):
        validation.validate(list(clean.values()), decisions, QUARTER)


def test_every_suite_holds_what_it_should() -> None:
    assert {name: len(suites.suite(name)) for name in SUITES} == SUITES


def test_the_only_check_of_the_final_report_is_the_attest() -> None:
    final = {
        e["meta"]["rule"]
        for name in SUITES
        for e in suites.suite(name)
        if e["meta"].get("only_final")
    }
    assert final == {"attest-saknas"}


def test_validation_is_quiet_and_tells_nobody(
    capfd: pytest.CaptureFixture[str], decisions: Rulebook, clean: Mapping[str, Return]
) -> None:
    assert validation.validate(list(clean.values()), decisions, QUARTER) == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert capfd.readouterr() == ("", "")


def test_no_returns_give_no_findings(decisions: Rulebook) -> None:
    assert validation.validate([], decisions, QUARTER) == []


@pytest.mark.parametrize("is_final", [False, True])
@pytest.mark.parametrize("most_rows", [1, 12, 100])
def test_parts_find_what_all_find_at_once_in_the_same_order(
    most_rows: int,
    is_final: bool,
    decisions: Rulebook,
    planted_faults: Mapping[str, Sent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every fault there is; the returns in parts of one, of some and of many."""
    returns = [returned for sent in planted_faults.values() for returned in sent.returns]
    plan = PLANS[is_final]
    at_once = validation.validate(returns, decisions, plan)
    monkeypatch.setattr(validation, "_MOST_ROWS", most_rows)
    parts = validation.parts(returns)
    assert len(parts) > 5
    assert [returned for part in parts for returned in part] == returns
    found = [validation.validate_part(part, decisions, plan) for part in parts]
    assert validation.together(found) == at_once
    asked = validation.packed(decisions, plan)
    assert [validation.validate_packed(part, asked) for part in parts] == found
    assert len({finding.rule for finding in at_once}) > 50


def test_a_check_that_crashes_in_one_part_holds_what_is_in_it_and_comes_first(
    decisions: Rulebook, clean: Mapping[str, Return], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the other parts is checked, and told after what could not be."""
    faulty, other, *_ = clean.values()
    total = replace(other.header["stated_total_sek"], value=Decimal(1))
    late = replace(other, header={**other.header, "stated_total_sek": total}, file="sist.xlsx")
    broken = {
        "type": "expect_column_values_to_be_null",
        "kwargs": {"column": "finns_inte"},
        "meta": {"rule": "omrade-okant"},
    }
    real = validation.run_suite

    def crashing(frame: suites.Frame, *args: Any) -> Any:
        is_first = frame.records[0].returned.file == faulty.file
        if frame.name == "files" and is_first:
            monkeypatch.setattr(suites, "suite", with_expectation("files", broken))
        try:
            yield from real(frame, *args)
        finally:
            monkeypatch.setattr(suites, "suite", real_suite)

    real_suite = suites.suite
    monkeypatch.setattr(validation, "run_suite", crashing)
    found = [
        validation.validate_part(part, decisions, QUARTER) for part in ([late], [faulty], [other])
    ]
    assert [(f.rule, f.file) for f in validation.together(found)] == [
        ("kontroll-kunde-inte-goras", faulty.file),
        ("summa-stammer-inte", "sist.xlsx"),
    ]


def test_rows_that_are_compared_with_one_another_are_never_checked_as_one(
    decisions: Rulebook, planted_faults: Mapping[str, Sent]
) -> None:
    """Cells that were read alike share their values; a line that is there twice must not."""
    returns = [returned for sent in planted_faults.values() for returned in sent.returns]
    for name, make in validation.FRAMES.items():
        records = list(make(returns, decisions, QUARTER))
        shared = len(records) - len({id(record.values) for record in records})
        kinds = {expectation["type"] for expectation in suites.suite(name)}
        is_row_by_row = all(
            kind.startswith(("expect_column_values_to_", "expect_column_pair_values_"))
            and "unique" not in kind
            for kind in kinds
        )
        assert not shared or is_row_by_row
        assert (shared > 1000) == (name == "cells")


def test_the_order_of_the_files_changes_nothing(
    way: Way, decisions: Rulebook, planted_faults: Mapping[str, Sent]
) -> None:
    returns = [planted_faults[name].returns[0] for name in sorted(planted_faults)]
    forth, back = (validation.validate(r, decisions, QUARTER) for r in (returns, returns[::-1]))
    assert sorted(map(repr, forth)) == sorted(map(repr, back))


# -- light, and with nothing left --------------------------------------------------------------------


@pytest.mark.parametrize("is_final", [False, True])
def test_the_short_way_tells_what_great_expectations_tells_by_itself(
    is_final: bool, tmp_path: Path, decisions: Rulebook, planted_faults: Mapping[str, Sent]
) -> None:
    """For its own pages it goes through every expectation, as they come, once and with all places."""
    returns: list[Return] = []
    for number, sent in enumerate(planted_faults.values()):
        returns += [replace(one, file=f"{number}/{one.file}") for one in sent.returns]
    short = validation.validate(returns, decisions, PLANS[is_final])
    assert len({finding.rule for finding in short}) > 50
    assert short == validation.validate(returns, decisions, PLANS[is_final], tmp_path)


def test_every_expectation_has_a_light_form() -> None:
    """Were Great Expectations changed so that one has not, all would be as right, and slow."""
    kinds = {expectation["type"] for name in SUITES for expectation in suites.suite(name)}
    assert {light(kind) for kind in kinds} == {f"{kind}_light" for kind in kinds}


def test_a_light_expectation_says_anew_what_has_changed() -> None:
    gx_loading.loaded()
    (expectation,) = suites._loaded(
        "lines",
        [{"type": light("expect_column_values_to_be_null"), "kwargs": {"column": "a"}, "meta": {}}],
    ).expectations
    assert expectation.configuration is expectation.configuration
    assert expectation.configuration.kwargs["column"] == "a"
    expectation.column = "b"
    assert expectation.configuration.kwargs["column"] == "b"


def test_nothing_of_what_was_validated_is_left(
    decisions: Rulebook, clean: Mapping[str, Return], planted_faults: Mapping[str, Sent]
) -> None:
    faulty = [one for sent in planted_faults.values() for one in sent.returns]
    before = _kept_in_memory()
    for returns in (faulty, list(clean.values())):
        validation.validate(returns, decisions, QUARTER)
    assert _kept_in_memory() == before


def _kept_in_memory() -> int:
    """How many frames that aren't empty, and records, there are in this process."""
    gc.collect()
    frames = [one for one in gc.get_objects() if isinstance(one, pd.DataFrame) and len(one)]
    return len(frames) + sum(isinstance(one, Record) for one in gc.get_objects())


# -- what is told, and how often -------------------------------------------------------------------


def test_equal_faults_are_one_finding_with_every_cell(way: Way, decisions: Rulebook) -> None:
    costs = [
        {**COSTS[0], "Verifikation": f"V{n}", "Område": "Univrsellt stöd", "Belopp": 1000}
        for n in range(20)
    ]
    (finding,) = judge(way, decisions, filled(costs=costs, activities=ACTIVITIES))
    assert finding.rule == "omrade-okant"
    assert finding.cells == tuple(f"B{row}" for row in range(6, 26))
    assert (finding.cell, finding.value, finding.sheet) == ("B6", "Univrsellt stöd", "Kostnader")


def test_different_values_are_different_findings(way: Way, decisions: Rulebook) -> None:
    costs = [{**COSTS[0], "Verifikation": kind, "Kostnadsslag": kind} for kind in ("Fika", "Tårta")]
    told = judge(way, decisions, filled(costs=costs))
    assert [(f.rule, f.value, f.cells) for f in told] == [
        ("kostnadsslag-okant", "Fika", ("C6",)),
        ("kostnadsslag-okant", "Tårta", ("C7",)),
    ]


def test_equal_faults_in_two_files_are_two_findings(way: Way, decisions: Rulebook) -> None:
    content = filled(costs=[{**COSTS[0], "Kostnadsslag": "Fika"}])
    assert [f.file for f in judge(way, decisions, content, content)] == ["1.xlsx", "2.xlsx"]


def test_blank_cells_silence_what_follows(way: Way, decisions: Rulebook) -> None:
    """A line with nothing but a comment: five cells are asked for, and nothing is said of codes,
    days or sums."""
    told = judge(
        way,
        decisions,
        filled(header={"version": 1}, costs=[*COSTS, {"Kommentar": "Kommer i nästa"}]),
    )
    assert {f.rule for f in told} == {"obligatorisk-cell-tom"}
    assert sorted(f.cells for f in told) == [(f"{letter}10",) for letter in "ABCGH"]


def test_an_untouched_template_is_asked_for_what_it_lacks_and_no_more(
    way: Way, decisions: Rulebook
) -> None:
    told = judge(way, decisions, planted.template())
    assert {(f.rule, f.cells) for f in told} == {
        (rule, planted.cell_of(name)[1])
        for rule, name in (
            ("obligatorisk-cell-tom", "summa_kostnader"),
            ("svar-saknas", "ersatter_befintlig"),
            ("svar-saknas", "annan_finansiering"),
        )
    }


def test_two_faults_are_both_told(way: Way, decisions: Rulebook) -> None:
    costs = [{**COSTS[0], "Område": "Univrsellt stöd", "Datum": date(2024, 1, 1)}]
    told = judge(
        way,
        decisions,
        filled(header={"ersatter_befintlig": "Ja", "summa_kostnader": 1}, costs=costs),
    )
    assert sorted(f.rule for f in told) == [
        "datum-utanfor",
        "ersatter-befintlig",
        "omrade-okant",
        "summa-stammer-inte",
    ]


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        # a day that can't be right is told itself, and nothing else is held against it
        ({"period_tom": date(2042, 12, 31)}, ["period-utanfor-bidraget"]),
        ({"period_tom": date(2022, 12, 31)}, ["period-utanfor-bidraget"]),
        (
            {"intygas_den": date(2023, 12, 1), "prognos": -1},
            ["attest-orimlig-dag", "prognos-for-lag"],
        ),
    ],
)
def test_a_day_that_can_not_be_right_is_told_once(
    change: Mapping[str, object], rules: list[str], way: Way, decisions: Rulebook
) -> None:
    told = judge(way, decisions, filled(header={"version": 1, **change}))
    assert sorted(f.rule for f in told) == rules


def test_a_line_outside_the_grant_is_not_told_as_too_late_as_well(
    way: Way, decisions: Rulebook
) -> None:
    days = (date(2024, 1, 1), date(2028, 12, 31), date(2029, 1, 1), date(2018, 1, 1))
    costs = [{**row, "Datum": day} for row, day in zip(COSTS, days, strict=True)]
    told = judge(way, decisions, filled(costs=costs))
    assert sorted((f.rule, f.cells) for f in told) == [
        ("datum-orimligt", ("G8",)),
        ("datum-utanfor", ("G6",)),
        ("datum-utanfor", ("G7",)),
        ("datum-utanfor", ("G9",)),
    ]


def test_a_predecessor_may_state_nothing_or_what_its_successor_has(
    way: Way, decisions: Rulebook
) -> None:
    own, heirs, wrong = (
        filled("spanga-tensta", header={"tilldelat": sek}) for sek in (0, 1978155, 1)
    )
    assert [(f.file, f.rule) for f in judge(way, decisions, own, heirs, wrong)] == [
        ("3.xlsx", "tilldelat-fel")
    ]


def test_a_csv_is_not_asked_for_what_it_has_no_place_for(way: Way, decisions: Rulebook) -> None:
    returns = way.take_in({"farsta.csv": as_csv()()}, decisions)
    assert way.judge(returns, decisions, QUARTER) == []


def test_no_finding_holds_an_unmasked_number(planted_faults: Mapping[str, Sent]) -> None:
    for name in planted_faults:
        assert not re.search(r"(19)?121212.?1212|701063.?2391", repr(planted_faults[name].findings))


# -- exceptions ------------------------------------------------------------------------------------

DECIDED_ON, UNTIL_ON = date(2024, 1, 10), date(2024, 1, 31)
WAIVER = Waiver(
    rule_id="annan-finansiering",
    board_id=BOARD,
    reason="Avser bara lokalen.",
    decided_by="Socialnämnden",
    decided_on=DECIDED_ON,
    until_on=UNTIL_ON,
)


def under(book: Rulebook, waivers: Sequence[Waiver]) -> Rulebook:
    return replace(
        book,
        grants=tuple(
            replace(g, waivers=tuple(waivers)) if g.grant_id == EQUAL else g for g in book.grants
        ),
    )


@pytest.fixture(scope="module")
def asked(way: Way, decisions: Rulebook) -> list[Return]:
    content = filled(header={"annan_finansiering": "Ja", "intygas_den": planted.PERIOD_END})
    return way.take_in({"farsta.xlsx": content}, decisions)


CELL = planted.cell_of("annan_finansiering")[1][0]


@pytest.mark.parametrize(
    ("change", "as_of", "holds"),
    [
        ({}, AS_OF, True),
        ({}, DECIDED_ON, True),
        ({}, DECIDED_ON - timedelta(days=1), False),
        ({}, UNTIL_ON, True),
        ({}, UNTIL_ON + timedelta(days=1), False),
        ({"board_id": "bromma"}, AS_OF, False),
        ({"rule_id": "ersatter-befintlig"}, AS_OF, False),
        ({"file": "farsta.xlsx"}, AS_OF, True),
        ({"file": "bromma.xlsx"}, AS_OF, False),
        ({"cell": CELL}, AS_OF, True),
        ({"cell": "C99"}, AS_OF, False),
    ],
)
def test_an_exception_clears_what_it_names_and_no_more(
    change: dict[str, Any],
    as_of: date,
    holds: bool,
    way: Way,
    decisions: Rulebook,
    asked: list[Return],
) -> None:
    book = under(decisions, [replace(WAIVER, **change)])
    plan = replace(QUARTER, as_of=as_of)
    (finding,) = way.judge(asked, book, plan)
    assert (finding.rule, finding.severity) == (
        "annan-finansiering",
        "info" if holds else "blocking",
    )
    told = (
        "Undantag: Avser bara lokalen. Beslutat av Socialnämnden 2024-01-10, gäller till och med "
        "2024-01-31."
    )
    assert (told in finding.message) is holds


def test_a_return_with_an_exception_counts(
    way: Way, decisions: Rulebook, asked: list[Return]
) -> None:
    book = under(decisions, [WAIVER])
    (result,) = way.settle(asked, way.judge(asked, book, QUARTER), book, QUARTER)
    (row,) = (row for row in rows_in(result, "board") if row["board_id"] == BOARD)
    assert row["reported_sek"] == planted.TOTAL
    assert row["return_status"] != "held"


def test_a_false_alarm_in_one_cell_does_not_clear_another(way: Way, decisions: Rulebook) -> None:
    costs = [{**COSTS[0], "Kommentar": planted.NUMBER}, {**COSTS[1], "Kommentar": "701063-2391"}]
    book = under(decisions, [replace(WAIVER, rule_id="personnummer", cell="I6")])
    told = judge(way, book, filled(costs=costs))
    assert [(f.rule, f.severity, f.cells) for f in told] == [
        ("personnummer", "blocking", ("I6", "I7"))
    ]


def test_the_same_text_in_two_cells_is_cleared_in_the_one_that_is_named(
    way: Way, decisions: Rulebook
) -> None:
    """Equal faults are grouped; the exception is for one of the cells, and the other still holds
    the return."""
    costs = [{**row, "Kommentar": planted.NUMBER} for row in COSTS[:2]]
    book = under(decisions, [replace(WAIVER, rule_id="personnummer", cell="I6")])
    assert "blocking" in {f.severity for f in judge(way, book, filled(costs=costs))}


def test_the_same_text_in_two_cells_is_cleared_by_an_exception_for_each(
    way: Way, decisions: Rulebook
) -> None:
    costs = [{**row, "Kommentar": planted.NUMBER} for row in COSTS[:2]]
    each = [replace(WAIVER, rule_id="personnummer", cell=cell) for cell in ("I6", "I7")]
    told = judge(way, under(decisions, each), filled(costs=costs))
    assert {f.severity for f in told} == {"info"}


# -- how it is loaded ------------------------------------------------------------------------------


def loaded_by(code: str) -> list[str]:
    """Which of the heavy libraries a process of its own has loaded in the end."""
    heavy = ["scipy.stats._stats_py", "altair.vegalite"]
    told = f"import sys; {code}; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout.split()


def test_what_is_not_needed_is_not_loaded_until_it_is() -> None:
    """The expectations about distributions have it as soon as they ask."""
    warm = "from statsbidrag.returns import suites; suites.warm()"
    assert loaded_by(warm) == []
    assert loaded_by(f"{warm}; from scipy import stats; stats.norm") == ["scipy.stats._stats_py"]
    assert loaded_by(f"{warm}; import altair; altair.Chart") == ["altair.vegalite"]
