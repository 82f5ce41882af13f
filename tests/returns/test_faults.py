"""Every planted fault gives exactly one finding, on the right cell, and touches no other board's
figures."""

from collections.abc import Iterator, Mapping

import pytest

from statsbidrag.decisions import register
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from tests.support.planted import BOARD, COSTS, FAULTS, Fault, as_csv, cell_of, good
from tests.support.rows import others_than, rows_in
from tests.support.way import PLANS, Sent, Way


def is_found_by_sql(fault: Fault) -> bool:
    """Found when the return has been loaded, and not by itself."""
    return register.register()[fault.rule].checked_by == "sql"


def _by_kind() -> Iterator[object]:
    """The faults, by their names; one of each kind is settled each time, the others in the long
    tests."""
    met: set[tuple[object, ...]] = set()
    for fault in FAULTS:
        kind = (fault.severity, fault.only_final, fault.leaves_missing, fault.suffix)
        is_long = kind in met and not is_found_by_sql(fault)
        yield pytest.param(fault, id=fault.name, marks=[pytest.mark.long] if is_long else [])
        met.add(kind)


BY_KIND = tuple(_by_kind())


@pytest.fixture(scope="module")
def untouched(
    way: Way, decisions: Rulebook, clean: Mapping[str, Return]
) -> dict[bool, GrantResult]:
    """What a run gives when every board has sent a good return."""
    returns = list(clean.values())
    return {
        final: way.settle(returns, way.judge(returns, decisions, plan), decisions, plan)[0]
        for final, plan in PLANS.items()
    }


@pytest.mark.parametrize("is_final", [False, True])
def test_the_good_returns_give_no_finding_of_their_own(
    is_final: bool, untouched: Mapping[bool, GrantResult]
) -> None:
    assert [f.rule for f in untouched[is_final].findings] == ["fordelning-avviker-fran-belopp"]
    assert {row["return_status"] for row in rows_in(untouched[is_final], "board")} == {"accepted"}


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if not is_found_by_sql(f)], ids=lambda fault: fault.name
)
def test_a_planted_fault_gives_one_finding(
    fault: Fault, planted_faults: Mapping[str, Sent]
) -> None:
    (returned,), findings = planted_faults[fault.name]
    (finding,) = findings[fault.only_final]
    assert (finding.rule, finding.severity, finding.file) == (
        fault.rule,
        fault.severity,
        returned.file,
    )
    if fault.where:
        assert (finding.sheet, finding.cells) == cell_of(fault.where)
    assert fault.says in finding.message
    assert not set("{}") & set(finding.message + finding.remedy)


@pytest.mark.parametrize("fault", BY_KIND)
def test_a_planted_fault_touches_no_other_board(
    fault: Fault,
    way: Way,
    decisions: Rulebook,
    planted_faults: Mapping[str, Sent],
    clean: Mapping[str, Return],
    untouched: Mapping[bool, GrantResult],
) -> None:
    final = fault.only_final
    (returned,), findings = planted_faults[fault.name]
    before = untouched[final]
    returns = [returned, *(other for board, other in clean.items() if board != BOARD)]
    (result,) = way.settle(returns, findings[final], decisions, PLANS[final])
    told = [f for f in result.findings if f not in before.findings]
    if fault.leaves_missing:
        told = [f for f in told if (f.rule, f.board) != ("redovisning-saknas", BOARD)]
    assert [(f.rule, f.severity) for f in told] == [(fault.rule, fault.severity)]
    assert others_than(BOARD, result) == others_than(BOARD, before)
    (row,) = (row for row in rows_in(result, "board") if row["board_id"] == BOARD)
    assert row["return_status"] == (
        "missing"
        if fault.leaves_missing
        else "held"
        if fault.severity == "blocking"
        else "accepted_with_warnings"
    )


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if not f.only_final], ids=lambda fault: fault.name
)
def test_a_fault_of_a_cell_is_as_severe_in_the_final_report(
    fault: Fault, planted_faults: Mapping[str, Sent]
) -> None:
    findings = planted_faults[fault.name].findings
    quarter, final = (
        [(f.rule, f.severity, f.cells) for f in findings[is_final] if f.rule != "attest-saknas"]
        for is_final in (False, True)
    )
    assert quarter == final


def test_a_file_that_was_cut_off_is_refused_or_holds_whole_lines_only(
    way: Way,
    decisions: Rulebook,
    clean: Mapping[str, Return],
    untouched: Mapping[bool, GrantResult],
) -> None:
    """At every tenth of its bytes. Of a CSV nobody can tell that whole lines are missing, but no
    amount is cut."""
    whole = {"xlsx": good(), "csv": as_csv()()}
    cuts = {
        f"{n}.{kind}": content[: len(content) * n // 10]
        for kind, content in whole.items()
        for n in range(10)
    }
    returns = dict(zip(cuts, way.take_in(cuts, decisions), strict=True))
    told = way.judge(list(returns.values()), decisions, PLANS[False])
    for name, returned in returns.items():
        amounts = [row.cells["amount_sek"].value for row in returned.costs]
        assert amounts == [row["Belopp"] for row in COSTS[: len(amounts)]]
        is_held = any(finding.file == name and finding.severity == "blocking" for finding in told)
        assert is_held or (name.endswith("csv") and amounts)
    xlsx = [returns[name] for name in cuts if name.endswith("xlsx")]
    (result,) = way.settle(
        [*xlsx, *(other for board, other in clean.items() if board != BOARD)],
        [finding for finding in told if str(finding.file).endswith("xlsx")],
        decisions,
        PLANS[False],
    )
    assert others_than(BOARD, result) == others_than(BOARD, untouched[False])
