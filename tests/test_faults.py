"""Every planted fault gives exactly one finding, on the right cell, and touches no other board's figures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from conftest import Way, planned
from planted import BOARD, EQUAL, FAULTS, Fault, cell_of
from statsbidrag.model import Finding, GrantResult, Return, Rulebook

PLANS = {is_final: planned(EQUAL, is_final=is_final) for is_final in (False, True)}


class Judged(NamedTuple):
    """A planted return and what the suites say about it, by whether the run is final."""

    returned: Return
    findings: Mapping[bool, Sequence[Finding]]


@pytest.fixture(scope="module")
def judged(way: Way, decisions: Rulebook) -> dict[str, Judged]:
    """Every planted return, validated together as a run does."""
    files = {fault.name + fault.suffix: fault.make() for fault in FAULTS}
    returns = way.take_in(files, decisions)
    told = {is_final: way.judge(returns, decisions, plan) for is_final, plan in PLANS.items()}
    return {
        fault.name: Judged(returned, {final: [f for f in told[final] if f.file == returned.file] for final in told})
        for fault, returned in zip(FAULTS, returns, strict=True)
    }


@pytest.fixture(scope="module")
def untouched(way: Way, decisions: Rulebook, clean: Mapping[str, Return]) -> dict[bool, GrantResult]:
    """What a run gives when every board has sent a good return."""
    returns = list(clean.values())
    return {
        final: way.settle(returns, way.judge(returns, decisions, plan), decisions, plan)[0]
        for final, plan in PLANS.items()
    }


@pytest.mark.parametrize("is_final", [False, True])
def test_the_good_returns_give_no_finding_of_their_own(is_final: bool, untouched: Mapping[bool, GrantResult]) -> None:
    assert [f.rule for f in untouched[is_final].findings] == ["fordelning-avviker-fran-belopp"]
    assert {row["return_status"] for row in untouched[is_final].tables["board"]} == {"accepted"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_gives_one_finding(
    fault: Fault,
    way: Way,
    decisions: Rulebook,
    judged: Mapping[str, Judged],
    clean: Mapping[str, Return],
    untouched: Mapping[bool, GrantResult],
) -> None:
    final = fault.only_final
    sent = judged[fault.name]
    before = untouched[final]
    returns = [sent.returned, *(returned for board, returned in clean.items() if board != BOARD)]
    (result,) = way.settle(returns, sent.findings[final], decisions, PLANS[final])

    told = [f for f in result.findings if f not in before.findings]
    if fault.leaves_missing:
        told = [f for f in told if (f.rule, f.board) != ("redovisning-saknas", BOARD)]
    assert [(f.rule, f.severity) for f in told] == [(fault.rule, fault.severity)]
    (finding,) = told
    sheet, cells = cell_of(fault.where) if fault.where else (None, ())
    assert finding.file == sent.returned.file
    if fault.where:
        assert (finding.sheet, finding.cells) == (sheet, cells)
    assert fault.says in finding.message
    assert not set("{}") & set(finding.message + finding.remedy)

    assert others(result) == others(before)
    (row,) = (row for row in result.tables["board"] if row["board_id"] == BOARD)
    assert row["return_status"] == (
        "missing" if fault.leaves_missing else "held" if fault.severity == "blocking" else "accepted_with_warnings"
    )


@pytest.mark.parametrize("fault", [f for f in FAULTS if not f.only_final], ids=lambda fault: fault.name)
def test_a_fault_of_a_cell_is_as_severe_in_the_final_report(fault: Fault, judged: Mapping[str, Judged]) -> None:
    quarter, final = (
        [(f.rule, f.severity, f.cells) for f in judged[fault.name].findings[is_final] if f.rule != "attest-saknas"]
        for is_final in (False, True)
    )
    assert quarter == final


def others(result: GrantResult) -> dict[str, list[Any]]:
    """The figures of every board but the one with the fault."""
    return {
        table: [row for row in result.tables[table] if row["board_id"] != BOARD]
        for table in ("board", "board_component", "line", "activity")
    }
