"""The money of the program equals the money reckoned by hand, to the öre, whatever the boards send
in."""

import hashlib
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statsbidrag.base import swedish
from statsbidrag.base.errors import InputError
from statsbidrag.decisions import data_folder, declaration, plans, recipients, terms
from statsbidrag.model.case import Entry
from statsbidrag.model.conditions import FlagLimits
from statsbidrag.model.decisions import Allocation, Component, Grant, Waiver
from statsbidrag.model.findings import Finding
from statsbidrag.model.rulebook import ReferenceRate, Rulebook, RunPlan
from statsbidrag.money import redistribution
from statsbidrag.returns import (
    cell_reading,
    inbox,
    intake,
    placing,
    second_reader,
    waivers,
)
from statsbidrag.returns.workshop import Workshop
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL, FUND
from tests.support import filling as filled
from tests.support import ledgers, quarters
from tests.support.drawn import (
    LAST,
    D,
    Run,
    Sender,
    decided,
    drawn_run,
    fillings,
    real_files,
    return_of,
)
from tests.support.planted import CSV_HEADER, DATA
from tests.support.reckoning import Filling, Json, Line, shared
from tests.support.way import change, load_one

SEEDS = range(40)
DRAWN = [pytest.param(seed, marks=[] if seed < 20 else [pytest.mark.long]) for seed in SEEDS]
"""Half of them are tried each time, the others in the long tests."""


# -- a filling as the return that intake would have made of it -------------------------------------


# -- fillings of every kind ------------------------------------------------------------------------


def chained(rng: random.Random) -> Rulebook:
    """The first grant decided while the boards of early 2023 were there, with or without a decision
    on those after."""
    book = decided()
    grant = book.grant(EQUAL)
    before = recipients.predecessors_of(book.boards)
    given = grant.decisions[0].allocations
    parts = rng.choice([("alla",), ("del1", "del2")])
    early, late = [], []
    for allocation in given:
        named = [
            b for b in before[allocation.board_id] if b not in {"alvsjo", "hagersten-liljeholmen"}
        ]
        for board_id in named or [allocation.board_id]:
            for part in parts:
                whole = allocation.amount_sek / len(named or "x") / len(parts)
                early.append(
                    Allocation(
                        board_id, part, whole.quantize(D(1), "ROUND_FLOOR"), before[board_id]
                    )
                )
        if named and rng.random() < 0.5:
            part = rng.choice(parts)
            share = (allocation.amount_sek / len(parts) * rng.choice([1, D("0.5")])).quantize(
                D(1), "ROUND_FLOOR"
            )
            late.append(Allocation(allocation.board_id, part, share, before[allocation.board_id]))
    first = replace(grant.decisions[0], decided_on=date(2023, 2, 1), allocations=tuple(early))
    decisions = [first]
    if late:
        day = rng.choice([date(2023, 7, 1), date(2023, 7, 20), date(2023, 12, 1)])
        decisions.append(
            replace(first, decision_id="flytt", decided_on=day, allocations=tuple(late))
        )
    half = len(grant.areas) // 2
    components = (
        [
            Component("del1", "Del ett", grant.areas[:half]),
            Component("del2", "Del två", grant.areas[half:]),
        ]
        if len(parts) > 1
        else grant.components
    )
    changed = replace(
        grant,
        decisions=tuple(decisions),
        components=tuple(components),
        is_earmarked=len(parts) == 1 or rng.random() < 0.5,
        liability_basis=rng.choice(["namnd", "kommun"]),
        spend_to_on=rng.choice([date(2023, 6, 30), date(2023, 7, 1), *[grant.spend_to_on] * 4]),
    )
    return replace(book, grants=(changed, *(g for g in book.grants if g.grant_id != EQUAL)))


# -- the program and the reckoning agree -----------------------------------------------------------


@pytest.mark.parametrize("seed", DRAWN)
def test_random_returns_are_reconciled_as_reckoned_by_hand(seed: int) -> None:
    run, sent = drawn_run(seed)
    told, reckoned = run.reconciled(sent), run.reckoned(sent)
    for grant_id in sent:
        assert shared(told[grant_id], reckoned[grant_id]) == reckoned[grant_id]


@pytest.mark.parametrize("seed", DRAWN)
def test_random_returns_of_chains_are_reconciled_as_reckoned_by_hand(seed: int) -> None:
    rng = random.Random(seed)
    run = Run(
        chained(rng), rng.choice([date(2023, 4, 10), date(2023, 7, 20), date(2023, 10, 2), LAST])
    )
    if rng.random() < 0.3 and run.as_of >= run.rulebook.grant(EQUAL).spend_to_on:
        run = replace(run, is_final=True)
    sent = {EQUAL: Sender(rng, run, run.rulebook.grant(EQUAL)).all()}
    told, reckoned = run.reconciled(sent), run.reckoned(sent)
    assert shared(told[EQUAL], reckoned[EQUAL]) == reckoned[EQUAL]


def test_the_random_returns_are_of_every_kind() -> None:
    """The draws above would prove nothing about what they never draw."""
    statuses: set[str] = set()
    flags: set[str | None] = set()
    grounds: set[str] = set()
    count = 0
    for seed in SEEDS:
        run, sent = drawn_run(seed)
        count += sum(map(len, sent.values()))
        for reckoned in run.reckoned(sent).values():
            statuses |= {b["return_status"] for b in reckoned["boards"]}
            flags |= {b["flag"] for b in reckoned["boards"]}
            grounds |= {g["ground"] for b in reckoned["boards"] for g in b["liability_grounds"]}
    assert statuses == {"missing", "held", "outdated", "accepted_with_warnings", "accepted"}
    assert flags == {None, "act", "watch", "ok"}
    assert grounds == {"not_used", "wrong_purpose", "no_report"}
    assert count > 1000


def test_the_krona_that_the_city_lost_is_there() -> None:
    told = Run(decided()).reconciled({EQUAL: []})[EQUAL]
    assert (told["total_sek"], told["allocated_sek"], told["unallocated_sek"]) == (
        "8453075.00",
        "8453074.00",
        "1.00",
    )
    spent = {
        EQUAL: [
            Filling(b, date(2023, 12, 31), 1, (_line(sek),))
            for (b, _), sek in decided().grant(EQUAL).allocations_on(LAST).items()
        ]
    }
    told = Run(decided()).reconciled(spent)[EQUAL]
    assert told["liability"] == {
        "unallocated_sek": "1.00",
        "boards_sek": "0.00",
        "undetermined_sek": "0.00",
        "namnd_basis_sek": "1.00",
        "kommun_basis_sek": "1.00",
        "set_off_sek": "0.00",
        "basis": "namnd",
        "to_repay_sek": "1.00",
    }


def _line(amount: Decimal, area: str = "Universellt stöd") -> Line:
    return Line(date(2023, 6, 1), "Personalkostnader", area, amount)


def _one(grant: Grant, *amounts: str) -> Filling:
    lines = tuple(
        replace(_line(D(a)), area=grant.areas[0], worked_on=grant.spend_from_on) for a in amounts
    )
    return Filling(grant.decisions[0].allocations[0].board_id, grant.spend_to_on, 1, lines)


# -- through real workbooks and Great Expectations -------------------------------------------------


def test_real_workbooks_are_reconciled_as_reckoned_by_hand(tmp_path: Path) -> None:
    """The whole way from bytes, in process; tests/runs/test_run.py does the same through the command."""
    run = Run(decided())
    sent = real_files(run, 6, tmp_path)
    read = [
        intake.read(path, path.relative_to(tmp_path).as_posix()) for path in inbox.listing(tmp_path)
    ]
    returns = [placing.identify(returned, run.rulebook) for returned in read]
    with Workshop() as workshop:
        findings = workshop.validator.validate(returns, run.rulebook, run.plan())
    told, reckoned = run.through(returns, findings, sent), run.reckoned(sent)
    for grant_id in sent:
        assert shared(told[grant_id], reckoned[grant_id]) == reckoned[grant_id]
    assert sum(map(len, sent.values())) > 20


# -- the identities of section 4 -------------------------------------------------------------------

quick = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@quick
@given(st.lists(fillings, max_size=8))
def test_the_sums_of_section_4_hold(sent: list[Filling]) -> None:
    told = Run(decided()).reconciled({EQUAL: sent})[EQUAL]
    boards, city = told["boards"], told["liability"]
    assert _sum(boards, "allocated_sek") + D(told["unallocated_sek"]) == D(told["total_sek"])
    for board in boards:
        if board["return_status"] == "held":
            assert board["liability_sek"] is None
            continue
        owed, allocated = D(board["liability_sek"]), D(board["allocated_sek"])
        assert D(board["reported_sek"]) == D(board["eligible_sek"]) + D(board["ineligible_sek"])
        assert _sum(board["liability_grounds"], "amount_sek") == owed
        assert D(board["remaining_sek"]) == allocated - D(board["eligible_sek"])
        assert 0 <= owed <= allocated
        assert _sum(board["components"], "liability_sek") == owed
        assert _sum(board["components"], "eligible_sek") == D(board["eligible_sek"])
    known = [board for board in boards if board["return_status"] != "held"]
    assert D(city["boards_sek"]) == _sum(known, "liability_sek")
    assert D(city["undetermined_sek"]) == _sum(
        [b for b in boards if b not in known], "allocated_sek"
    )
    assert D(city["namnd_basis_sek"]) == D(city["kommun_basis_sek"]) + D(city["set_off_sek"])
    assert D(city["namnd_basis_sek"]) == D(city["unallocated_sek"]) + D(city["boards_sek"])
    assert 0 <= D(city["kommun_basis_sek"]) <= D(told["total_sek"])
    assert abs(D(city["to_repay_sek"]) - D(city[f"{city['basis']}_basis_sek"])) <= D("0.5")


def _sum(rows: Iterable[Json], name: str) -> Decimal:
    return sum((D(row[name]) for row in rows), D(0))


# -- what may not matter, and what must ------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_files_and_rows_does_not_matter(seed: int) -> None:
    run, sent = drawn_run(seed)
    told = run.reconciled(sent)
    rng = random.Random(seed)
    turned = {
        g: [replace(f, lines=tuple(rng.sample(f.lines, len(f.lines)))) for f in fs]
        for g, fs in sent.items()
    }
    assert _unspelled(run.reconciled(turned, shuffled=rng)) == _unspelled(told)


def _unspelled(told: Mapping[str, Json]) -> dict[str, Json]:
    """The areas without their names: how a board spells one in `return` follows from the place of
    its row."""
    nameless = {g: [{**area, "area": ""} for area in json["areas"]] for g, json in told.items()}
    return {g: {**json, "areas": sorted(nameless[g], key=str)} for g, json in told.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_row_split_in_two_changes_nothing(seed: int) -> None:
    run, sent = drawn_run(seed)
    split = {
        grant_id: [
            replace(
                f,
                lines=tuple(part for line in f.lines for part in _halves(line)),
                content=f.content and "delad",
            )
            for f in fs
        ]
        for grant_id, fs in sent.items()
    }
    assert _uncounted(_unspelled(run.reconciled(split))) == _uncounted(
        _unspelled(run.reconciled(sent))
    )


def _uncounted(told: Any) -> Any:
    """A reconciliation without its counts of lines."""
    if isinstance(told, dict):
        return {
            name: _uncounted(value)
            for name, value in told.items()
            if not name.endswith("line_count")
        }
    return [_uncounted(value) for value in told] if isinstance(told, list) else told


def _halves(line: Line) -> tuple[Line, Line]:
    part = (line.amount / 3).quantize(D("0.01"))
    return replace(line, amount=part), replace(line, amount=line.amount - part)


_AHEAD = {
    "eligible_sek": 1,
    "run_rate_sek": 1,
    "run_rate_unspent_sek": -1,
    "projected_unspent_sek": -1,
}
"""What a krona more moves of a quarter's outlook on the grant's last day."""


def test_one_krona_in_one_cell_moves_that_boards_chain_only() -> None:
    run = Run(decided())
    grant = run.rulebook.grant(EQUAL)
    sent = [
        Filling(b, date(2023, 12, 31), 1, (_line(sek / 2), _line(D(1000), "Fritidsgård")), sek)
        for (b, _), sek in grant.allocations_on(LAST).items()
    ]
    more = [
        replace(f, lines=(_line(f.lines[0].amount + 1), f.lines[1])) if f.sender == "farsta" else f
        for f in sent
    ]
    old, new = run.reconciled({EQUAL: sent})[EQUAL], run.reconciled({EQUAL: more})[EQUAL]
    changed = dict(_differences(old, new))
    place = [b["board"] for b in old["boards"]].index("farsta")
    assert changed == {
        f"boards.{place}.reported_sek": 1,
        f"boards.{place}.eligible_sek": 1,
        f"boards.{place}.remaining_sek": -1,
        f"boards.{place}.projected_unspent_sek": -1,
        f"boards.{place}.liability_sek": -1,
        f"boards.{place}.liability_grounds.0.amount_sek": -1,
        f"boards.{place}.components.0.reported_sek": 1,
        f"boards.{place}.components.0.eligible_sek": 1,
        f"boards.{place}.components.0.liability_sek": -1,
        "liability.boards_sek": -1,
        "liability.namnd_basis_sek": -1,
        "liability.kommun_basis_sek": -1,
        "liability.to_repay_sek": -1,
        "city.reported_sek": 1,
        "city.eligible_sek": 1,
        "city.remaining_sek": -1,
        f"areas.{grant.areas.index('Universellt stöd')}.eligible_sek": 1,
        **{
            f"outlook.{row}.{name}": change
            for row in (0, place + 1)  # the city, and the board
            for name, change in _AHEAD.items()
        },
    }


def _differences(old: Any, new: Any, path: str = "") -> Iterable[tuple[str, Decimal]]:
    """Where two reconciliations differ, and by how many kronor; a used share is left out, being no
    money."""
    if isinstance(old, dict):
        assert old.keys() == new.keys()
        for name in old.keys() - {"used_share"}:
            yield from _differences(old[name], new[name], f"{path}.{name}")
    elif isinstance(old, list):
        assert len(old) == len(new)
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{path}.{number}")
    elif old != new:
        yield path[1:], D(new) - D(old)


def test_twice_the_money_is_twice_every_figure() -> None:
    run, sent = drawn_run(3)
    grant_id = EQUAL if EQUAL in sent else AREAS
    # whole kronor, so that the last rounding doubles too; no limit in kronor, since limits don't
    # double
    grant = run.rulebook.grant(grant_id)
    grant = replace(
        grant,
        limits=replace(grant.limits, act_unspent_sek=D(10) ** 12),
        total_sek=D(int(grant.total_sek)),
    )
    whole = [
        replace(f, lines=tuple(replace(x, amount=D(int(x.amount))) for x in f.lines))
        for f in sent[grant_id]
    ]
    double = [
        replace(
            f,
            lines=tuple(replace(x, amount=2 * x.amount) for x in f.lines),
            forecast=None if f.forecast is None else 2 * f.forecast,
        )
        for f in whole
    ]
    once = replace(run, rulebook=replace(run.rulebook, grants=(_times(grant, 1),)))
    twice = replace(run, rulebook=replace(run.rulebook, grants=(_times(grant, 2),)))
    small, large = (
        once.reconciled({grant_id: whole})[grant_id],
        twice.reconciled({grant_id: double})[grant_id],
    )
    rounded = {"outlook", "since"}  # a forecast by days is rounded to whole öre
    assert {k: v for k, v in large.items() if k not in rounded} == {
        k: v for k, v in _doubled(small).items() if k not in rounded
    }


def _times(grant: Grant, factor: int) -> Grant:
    decisions = tuple(
        replace(
            d,
            allocations=tuple(
                replace(a, amount_sek=int(a.amount_sek) * D(factor)) for a in d.allocations
            ),
        )
        for d in grant.decisions
    )
    return replace(grant, total_sek=factor * grant.total_sek, decisions=decisions)


def _doubled(told: Any, name: str = "") -> Any:
    match told:
        case dict():
            return {key: _doubled(value, key) for key, value in told.items()}
        case list():
            return [_doubled(value) for value in told]
        case str() if name.endswith("_sek"):
            return f"{2 * D(told):.2f}"
    return told


# -- decisions have days ---------------------------------------------------------------------------


def test_a_later_decision_counts_from_its_day() -> None:
    """Omfördelning: Farsta gives 100 000,50 kr to Bromma; Skarpnäck, which it doesn't name, keeps
    what it had."""
    grant = decided().grant(EQUAL)
    later = replace(
        grant.decisions[0],
        decision_id="omfordelning",
        decided_on=date(2023, 12, 12),
        allocations=(
            Allocation("farsta", "alla", D("536207.50")),
            Allocation("bromma", "alla", D("538957.50")),
        ),
    )
    book = replace(decided(), grants=(replace(grant, decisions=(*grant.decisions, later)),))
    spent = [Filling("farsta", date(2023, 9, 30), 1, (_line(D(600000)),))]

    def farsta(as_of: date) -> tuple[str, ...]:
        told = Run(book, as_of).reconciled({EQUAL: spent})[EQUAL]
        boards = {b["board"]: b for b in told["boards"]}
        own = boards["farsta"]
        return (
            own["allocated_sek"],
            own["liability_sek"],
            own["overspent_sek"],
            boards["bromma"]["allocated_sek"],
            boards["skarpnack"]["allocated_sek"],
            told["unallocated_sek"],
        )

    before = ("636208.00", "36208.00", "0.00", "438957.00", "382020.00", "1.00")
    assert farsta(date(2023, 12, 11)) == before
    assert farsta(date(2023, 12, 12)) == (
        "536207.50",
        "0.00",
        "63792.50",
        "538957.50",
        "382020.00",
        "1.00",
    )


def test_a_board_that_a_later_decision_adds_has_an_allocation_from_that_day() -> None:
    """Until then its return is held, and its predecessor's is not its successor's."""
    grant = decided().grant(CRIME)
    later = replace(
        grant.decisions[0],
        decision_id="tillagg",
        decided_on=date(2023, 12, 1),
        allocations=(
            Allocation("jarva", "alla", D(4890000)),
            Allocation("norra-innerstaden", "alla", D(470)),
        ),
    )
    book = replace(decided(), grants=(replace(grant, decisions=(*grant.decisions, later)),))
    sent = {
        CRIME: [
            Filling("norra-innerstaden", date(2023, 9, 30), 1, (_line(D(400)),)),
            Filling("norrmalm", date(2023, 6, 30), 1, (_line(D(70)),)),
        ]
    }
    for as_of, statuses in (
        (date(2023, 11, 30), {"norra-innerstaden": "held"}),
        (date(2023, 12, 1), {"norra-innerstaden": "accepted"}),
    ):
        run = Run(book, as_of)
        told = run.reconciled(sent)
        assert shared(told, run.reckoned(sent)) == run.reckoned(sent)
        found = {b["board"]: b["return_status"] for b in told[CRIME]["boards"]}
        assert {b: s for b, s in found.items() if b.startswith("norr")} == statuses


# -- rounding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spent", "exact", "to_repay"),
    [
        ("8453073.50", "1.50", "2.00"),
        ("8453073.51", "1.49", "1.00"),
        ("8453073.49", "1.51", "2.00"),
        ("8453072.50", "2.50", "3.00"),
        ("8453074.50", "0.50", "1.00"),
        ("8453074.51", "0.49", "0.00"),
    ],
)
def test_what_is_repaid_is_rounded_half_up_to_whole_kronor(
    spent: str, exact: str, to_repay: str
) -> None:
    """Half up also where half to even would go down (0,50 and 2,50), and only here: the bases keep
    their öre."""
    grant = replace(decided().grant(EQUAL), liability_basis="kommun")
    run = Run(replace(decided(), grants=(grant,)))
    told = run.reconciled({EQUAL: [_one(grant, spent)]})[EQUAL]["liability"]
    assert (told["kommun_basis_sek"], told["to_repay_sek"]) == (exact, to_repay)


@pytest.mark.parametrize(
    ("allocated", "spent", "share"),
    [
        ("20000", "1", "0.0001"),
        ("20000", "0.99", "0.0000"),
        ("20000", "3", "0.0002"),
        ("20000", "-1", "-0.0001"),
        ("20000", "-0.99", "0.0000"),
        ("3", "2", "0.6667"),
        ("3", "1", "0.3333"),
        ("9999999999", "9999999999", "1.0000"),
        ("0.01", "1000000", "100000000.0000"),
    ],
)
def test_the_used_share_is_rounded_half_up(allocated: str, spent: str, share: str) -> None:
    grant = decided().grant(EQUAL)
    decision = replace(
        grant.decisions[0], allocations=(Allocation("farsta", "alla", D(allocated)),)
    )
    grant = replace(grant, decisions=(decision,), total_sek=D(10) ** 12)
    run = Run(replace(decided(), grants=(grant,)))
    sent = {EQUAL: [_one(grant, spent)]}
    told = run.reconciled(sent)
    assert told[EQUAL]["boards"][0]["used_share"] == share
    assert shared(told, run.reckoned(sent)) == run.reckoned(sent)


def test_oren_add_up_exactly() -> None:
    """A thousand times ten öre is a hundred kronor, which binary fractions don't give."""
    grant = decided().grant(EQUAL)
    told = Run(decided()).reconciled({EQUAL: [_one(grant, *["0.10"] * 1000, "0.01")]})[EQUAL]
    assert next(b["eligible_sek"] for b in told["boards"] if b["board"] == "jarva") == "100.01"


def test_absurd_amounts_stop_nobody_else() -> None:
    """The largest amount that a cell may hold, many times over, is one board's mistake and not the
    end of the run."""
    run = Run(decided())
    largest = (cell_reading.LARGEST_SEK - D("0.01")).quantize(D("0.01"))
    sent = {EQUAL: [Filling("farsta", date(2023, 12, 31), 1, (_line(largest),) * 20)]}
    assert shared(run.reconciled(sent), run.reckoned(sent)) == run.reckoned(sent)


# -- where the contract's words leave no choice ----------------------------------------------------


def test_components_that_are_not_earmarked_set_each_other_off() -> None:
    """Overspent by 500 in one component and 700 left in the other: earmarked 700 is owed, otherwise
    200."""
    grant = decided().grant(AREAS)
    parts = (Component("a", "A", grant.areas[:1]), Component("b", "B", grant.areas[1:2]))
    decision = replace(
        grant.decisions[0],
        allocations=(Allocation("farsta", "a", D(1000)), Allocation("farsta", "b", D(1000))),
    )
    for is_earmarked, owed in ((True, "700.00"), (False, "200.00")):
        own = replace(
            grant,
            components=parts,
            decisions=(decision,),
            is_earmarked=is_earmarked,
            total_sek=D(2000),
        )
        run = Run(replace(decided(), grants=(own,)))
        lines = (
            Line(date(2021, 6, 1), "Resor", grant.areas[0], D(1500)),
            Line(date(2021, 6, 1), "Resor", grant.areas[1], D(300)),
            Line(date(2021, 6, 1), "Resor", grant.areas[2], D(0)),
        )
        sent = {AREAS: [Filling("farsta", date(2021, 12, 31), 1, lines)]}
        told = run.reconciled(sent)
        assert shared(told, run.reckoned(sent)) == run.reckoned(sent)
        assert told[AREAS]["boards"][0]["liability_sek"] == owed


# -- the edges: one day, one öre, one more ---------------------------------------------------------


def test_edge_of_a_quarter() -> None:
    """Every day of two years has the quarter that was over last; before the first there is nothing
    to reconcile."""
    grant = decided().grant(EQUAL)
    first = (replace(grant.decisions[0], decided_on=date(2022, 1, 1)),)
    early = replace(grant, grant_id="tidigt", decisions=first)
    late = replace(grant, grant_id="sent", decisions=first, spend_from_on=date(2023, 3, 31))
    book = replace(decided(), grants=(early, late))
    ends = [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]
    for number in range(730):
        day = date(2023, 1, 1) + timedelta(days=number)
        plan, waiting = plans.plan(book, [], day, is_final=False)
        over = [end for end in ends if end <= day]
        assert plan.periods == ({"tidigt": over[-1], "sent": over[-1]} if over else {})
        assert len(waiting) == (0 if over else 2)


def test_edge_of_the_first_decision() -> None:
    """Nothing is reconciled before the day of the first decision, however long the grant has
    lasted."""
    grant = decided().grant(EQUAL)
    on = date(2023, 8, 29)
    (first, *_) = grant.decisions
    book = replace(decided(), grants=(replace(grant, decisions=(replace(first, decided_on=on),)),))
    plan, waiting = plans.plan(book, [], on - timedelta(days=1), is_final=False)
    assert (plan.periods, len(waiting)) == ({}, 1)
    assert "inget beslut gäller ännu 2023-08-28" in waiting[0]
    plan, waiting = plans.plan(book, [], on, is_final=False)
    assert (plan.periods, waiting) == ({EQUAL: date(2023, 6, 30)}, [])


def test_edge_of_what_a_check_is_made_against() -> None:
    """The last quarter's end; where none has ended since the grant began, and for a final report,
    its last day."""
    grant = decided().grant(EQUAL)
    early = replace(grant, grant_id="tidigt", spend_from_on=date(2023, 1, 1))
    late = replace(grant, grant_id="sent", spend_from_on=date(2023, 3, 31))
    later = replace(grant, grant_id="senare", spend_from_on=date(2023, 4, 1))
    book = replace(decided(), grants=(early, late, later))
    ends = [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]
    for number in range(730):
        day = date(2023, 1, 1) + timedelta(days=number)
        for is_final in (False, True):
            plan = plans.plan_of_checks(book, day, is_final=is_final)
            assert (plan.as_of, plan.is_final) == (day, is_final)
            for checked in book.grants:
                over = [end for end in ends if checked.spend_from_on <= end <= day]
                wanted = over[-1] if over and not is_final else checked.spend_to_on
                assert plan.periods[checked.grant_id] == wanted


def test_edge_of_the_final_report() -> None:
    """It is for the whole period, and from the last day of it; a grant that is not asked for is
    left out."""
    equal = decided().grant(EQUAL)
    day = equal.spend_to_on
    assert plans.plan(decided(), [EQUAL], day, is_final=True)[0].periods == {EQUAL: day}
    assert set(plans.plan(decided(), [EQUAL], day, is_final=False)[0].periods) == {EQUAL}
    before = day - timedelta(days=1)
    with pytest.raises(InputError, match="kan inte slutredovisas före"):
        plans.plan(decided(), [EQUAL], before, is_final=True)
    plan, waiting = plans.plan(decided(), [], before, is_final=True)
    assert set(plan.periods) == {AREAS, FUND}
    assert len(waiting) == 2


@pytest.mark.parametrize("written", ["0", "0.0001", "2.1255", "99.9999", "100"])
def test_edge_of_a_percent_that_may_be(written: str) -> None:
    assert declaration._percent(0, 100)(D(written)) == D(written)


@pytest.mark.parametrize("written", [D("-0.0001"), D("100.0001"), D("2.12555"), True, 2.5, "2"])
def test_edge_of_a_percent_that_may_not_be(written: object) -> None:
    with pytest.raises(ValueError, match="procent per år"):
        declaration._percent(0, 100)(written)


@pytest.mark.parametrize(
    ("percent", "may_be"), [("-8.00", True), ("-7.50", True), ("-8.01", False)]
)
def test_edge_of_a_reference_rate(percent: str, may_be: bool, data: Path) -> None:
    """With what the law adds, 8 per cent, it is never below zero."""
    change(data / "referensranta.toml", "procent = 0.50", f"procent = {percent}")
    if may_be:
        assert D(percent) in {
            rate.percent for rate in data_folder.load(data, [], LAST).reference_rates
        }
    else:
        with pytest.raises(InputError, match="blir lägre än noll"):
            data_folder.load(data, [], LAST)


def test_edge_of_decisions_with_one_id(tmp_path: Path) -> None:
    """Two decisions may not go by one id, though their days differ."""
    text = (DATA / "grants" / f"{EQUAL}.toml").read_text("utf-8")
    decision = text[text.index("[[beslut]]") :].replace("datum = 2023-08-29", "datum = 2023-12-31")
    with pytest.raises(
        InputError, match="nyckeln beslut: id socialnamnden-2023-08-29 står 2 gånger"
    ):
        load_one(tmp_path, EQUAL, f"{text}\n{decision}")


@pytest.mark.parametrize(
    ("board", "day", "says"),
    [
        ("Järva", "2023-07-01", ""),
        ("Järva", "2023-06-30", "Järva fanns inte 2023-06-30. Rätta nämnden eller dagen."),
        ("Spånga-Tensta", "2023-06-30", ""),
        ("Spånga-Tensta", "2023-07-01", "Spånga-Tensta fanns inte 2023-07-01. Menas Järva?"),
    ],
)
def test_edge_of_a_board_that_money_is_decided_for(
    board: str, day: str, says: str, tmp_path: Path
) -> None:
    """From its first day to its last."""
    text, heading, _ = (
        (DATA / "grants" / f"{EQUAL}.toml").read_text("utf-8").partition("[beslut.fordelning]\n")
    )
    text = text.replace("datum = 2023-08-29", f"datum = {day}").replace(
        "summa = 8453074", "summa = 1000"
    )
    content = f'{text}{heading}"{board}" = 1000\n'
    if says:
        with pytest.raises(InputError, match=says):
            load_one(tmp_path, EQUAL, content)
    else:
        decisions = load_one(tmp_path, EQUAL, content).decisions
        assert [(a.amount_sek, str(d.decided_on)) for d in decisions for a in d.allocations] == [
            (D(1000), day)
        ]


def test_edge_of_earmarked_money() -> None:
    """A grant without components is one, and that one is earmarked; with components the terms say
    which."""
    assert {g.grant_id: (len(g.components), g.is_earmarked) for g in decided().grants} == {
        EQUAL: (1, True),
        CRIME: (1, True),
        AREAS: (2, True),
        FUND: (1, True),
    }


def test_edge_of_the_limits_of_a_flag() -> None:
    """What the terms don't state is as the program has it."""
    assert terms.flag_limits(None) == FlagLimits()
    stated = declaration.LimitsFile(
        antagande="Prov.", agera_dagar_kvar=30, agera_andel_ej_forbrukat=D("0.2")
    )
    assert terms.flag_limits(stated) == replace(
        FlagLimits(), act_days_left=30, act_unspent_share=D("0.2")
    )


def test_edge_between_a_quarter_and_the_final_report() -> None:
    """The same breach may be a warning in a quarter and blocking in the final report."""
    rule = decided().rules["redovisning-saknas"]
    assert (rule.severity_in(False), rule.severity_in(True)) == ("warning", "blocking")


def test_edge_of_a_half_year() -> None:
    halves = [ReferenceRate(date(2024, month, 1), D(4), "Prov.").to_on for month in (1, 7)]
    assert halves == [date(2024, 6, 30), date(2024, 12, 31)]


def test_edge_of_whose_return_it_is() -> None:
    """The board whose money it is; the sender itself when nobody has any, or when the grant is not
    known."""
    book = decided()
    sent = {
        sender: return_of(book.grant(grant_id), Filling(sender, LAST, 1), 0)
        for sender, grant_id in {"spanga-tensta": EQUAL, "farsta": EQUAL, "norrmalm": CRIME}.items()
    }
    plan = Run(book).plan()
    assert {sender: book.holder(returned, plan) for sender, returned in sent.items()} == {
        "spanga-tensta": "jarva",
        "farsta": "farsta",
        "norrmalm": "norra-innerstaden",
    }
    assert book.holder(replace(sent["spanga-tensta"], grant_id=None), plan) == "spanga-tensta"
    assert book.holder(replace(sent["spanga-tensta"], grant_id="annat"), plan) == "spanga-tensta"
    assert book.holder(replace(sent["spanga-tensta"], sender_id=None), plan) is None


def test_edge_of_a_move_between_boards() -> None:
    """Half a krona too much in one part is covered by nobody, and half a krona left in another
    covers nothing."""
    boards = {
        "farsta": quarters.Board((100, 100), (D("100.50"), 50), 160),
        "bromma": quarters.Board((100, 100), (D("99.50"), 145), D("244.50")),
    }
    found = redistribution.propose(quarters.result(boards, "namnd", 0, is_earmarked=True))
    assert found.transfers == (redistribution.Transfer("farsta", "bromma", "del-1", D(40)),)
    assert (found.before_sek, found.unknown) == (41, ())


def test_edge_of_a_move_to_a_part_that_is_overspent_by_less_than_a_krona() -> None:
    """It gets the öre that it lacks and gives nothing, though its board has more left than others
    need."""
    boards = {
        "farsta": quarters.Board((100, 100), (D("100.50"), 0), 120),
        "bromma": quarters.Board((100, 100), (50, 100), 190),
    }
    found = redistribution.propose(quarters.result(boards, "namnd", 0, is_earmarked=True))
    assert found.transfers == (redistribution.Transfer("bromma", "farsta", "del-0", D("0.50")),)


def test_edge_of_what_a_move_makes_of_each_board() -> None:
    """What a board gives is below zero, what it gets above, and its allocation afterwards is the
    sum."""
    boards = {
        "farsta": quarters.Board((100,), (50,), 60),
        "bromma": quarters.Board((100,), (115,), 115),
        "jarva": quarters.Board((100,), (107,), 107),
        "alvsjo": quarters.Board((100,), (100,), 100),
    }
    tables = redistribution.with_proposal(quarters.result(boards, "namnd", 0, is_earmarked=False))
    assert {
        row.board_id: (row.moved_sek, row.allocated_after_sek) for row in tables.tables.moved
    } == {
        "farsta": (-22, 78),
        "bromma": (15, 115),
        "jarva": (7, 107),
    }


def test_edge_of_a_move_when_there_is_not_enough_for_all() -> None:
    """The largest giver first; needs before wishes, then the largest, then the first by name."""
    giver, taker, transfer = redistribution.Giver, redistribution.Taker, redistribution.Transfer
    small, large = giver("a", D(5), {None: D(5)}), giver("b", D(20), {None: D(20)})
    in_need = taker("d", {None: D(5)})
    assert redistribution.best([small, large], [in_need], D(99)) == (
        transfer("b", "d", None, D(5)),
    )
    assert redistribution.best([small], [taker("c", {}, D(3), (None,)), in_need], D(99)) == (
        transfer("a", "d", None, D(5)),
    )
    for more in (taker("c", {None: D(4)}), taker("e", {None: D(5)})):
        assert redistribution.best([small], [more, in_need], D(99)) == (
            transfer("a", "d", None, D(5)),
        )


def test_edge_of_a_move_from_the_part_with_most_left() -> None:
    giver, taker = redistribution.Giver("a", D(10), {"x": D(5), "y": D(20)}), redistribution.Taker
    assert redistribution.best([giver], [taker("b", {}, D(10), ("x", "y"))], D(99)) == (
        redistribution.Transfer("a", "b", "y", D(10)),
    )


def test_edge_of_a_move_within_a_grant_that_is_one() -> None:
    """It has no parts to keep apart, earmarked or not; boards whose forecast is not known are
    named."""
    boards = {
        "farsta": quarters.Board((100,), (50,), 60),
        "bromma": quarters.Board((100,), (115,)),
        "jarva": quarters.Board((100,), (0,), 100, status="held"),
    }
    for is_earmarked in (True, False):
        found = redistribution.propose(
            quarters.result(boards, "namnd", 0, is_earmarked=is_earmarked)
        )
        assert found.transfers == (redistribution.Transfer("farsta", "bromma", None, D(15)),)
        assert (found.before_sek, found.unknown) == (40, ("bromma", "jarva"))


def test_edge_of_an_amount_in_a_file_of_decisions() -> None:
    assert declaration._exact(5) == declaration._exact(D("5.00")) == D(5)
    for written in (True, 5.0, "5"):
        with pytest.raises(ValueError, match="ett tal utan citattecken"):
            declaration._exact(written)


def test_edge_of_a_tidied_text() -> None:
    assert swedish.tidy("a?\u00a0b") == "a? b"


def test_edge_of_an_exception() -> None:
    """From its first day to its last; for its rule, board, file and cells, and for nothing else."""
    first, last = date(2023, 10, 1), date(2023, 12, 31)
    sent = replace(
        return_of(decided().grant(EQUAL), Filling("spanga-tensta", LAST, 1), 0), file="f.xlsx"
    )
    waiver = Waiver("personnummer", "farsta", "Prov.", "Kim", first, last, "f.xlsx", "Kostnader!A7")
    found = (
        decided()
        .rules["personnummer"]
        .finding(
            is_final=False,
            grant=EQUAL,
            board="farsta",
            file="f.xlsx",
            sheet="Kostnader",
            cells=("A7",),
            details={"where": "i cellen"},
        )
    )

    def waived(finding: Finding, grant: Grant, as_of: date) -> Finding:
        (told,) = waivers.waive(
            [finding], [sent], replace(decided(), grants=(grant,)), RunPlan(as_of, False, {})
        )
        return told

    def is_waived(finding: Finding, as_of: date = first, *waivers: Waiver) -> bool:
        told = waived(finding, replace(decided().grant(EQUAL), waivers=waivers or (waiver,)), as_of)
        assert told is finding or told.severity == "info"
        return told is not finding

    assert is_waived(found)
    assert is_waived(found, last)
    assert is_waived(found, first, replace(waiver, cell="A7"))
    assert is_waived(found, first, replace(waiver, file=None, cell=None))
    assert is_waived(replace(found, cells=("A7", "B8")), first, replace(waiver, cell=None))
    assert is_waived(replace(found, cells=("A7", "B8")), first, waiver, replace(waiver, cell="B8"))
    both = replace(
        decided().grant(EQUAL), waivers=(waiver, replace(waiver, cell="C9", reason="Annan cell."))
    )
    told = waived(found, both, first)
    assert "Prov." in told.message
    assert "Annan cell." not in told.message
    assert is_waived(
        replace(found, board="jarva"), first, replace(waiver, board_id="spanga-tensta")
    )
    assert not is_waived(found, first - timedelta(days=1))
    assert not is_waived(found, last + timedelta(days=1))
    assert not is_waived(replace(found, rule="formel-i-cell"))
    assert not is_waived(replace(found, board="bromma"))
    assert not is_waived(replace(found, board=None))
    assert not is_waived(replace(found, grant=None))
    assert not is_waived(replace(found, file="annan.xlsx"))
    assert not is_waived(replace(found, cells=("A8",)))
    assert not is_waived(replace(found, cells=("A7", "B8")))


def test_edge_of_the_ledger_that_is_accepted() -> None:
    """Due the same day, relieved of all, taken back to nothing, and single öre."""
    tables = ledgers.reckoned(
        ledgers.entry("claim", "1.05", "2024-03-01", "2024-03-01"),
        ledgers.entry("relief", "1.05", "2024-03-02"),
        ledgers.entry("payment", "1", "2024-03-02"),
        ledgers.entry("payment", "-1", "2024-03-03"),
        ledgers.entry("interest_payment", "0.50", "2024-03-02"),
        ledgers.entry("interest_payment", "-0.50", "2024-03-03"),
        ledgers.entry("claim", "10.50", "2024-03-04", "2024-04-01"),
        ledgers.entry("claim", "-10", "2024-03-05", "2024-04-01"),
        ledgers.entry("claim", "0", "2024-03-05"),
    )
    account = ledgers.account(tables)
    assert (account["claimed_sek"], account["relief_sek"], account["paid_sek"]) == (
        D("1.55"),
        D("1.05"),
        D(0),
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            ledgers.entry("relief", "0.50", "2024-03-02", board="farsta"),
            "Nedsättningen på kontot Farsta",
        ),
        (ledgers.entry("payment", "-0.50", "2024-03-02"), "Betalningarna på kontot MFoF"),
        (
            ledgers.entry("interest_payment", "-0.50", "2024-03-02"),
            "Den betalda räntan på kontot MFoF",
        ),
        (ledgers.entry("claim", "-0.50", "2024-03-02", "2024-04-01"), "Kravet på kontot MFoF"),
        (
            ledgers.entry("claim", "1.001", "2024-03-02", "2024-04-01"),
            "Beloppet ska vara hela ören",
        ),
    ],
    ids=lambda given: getattr(given, "kind", ""),
)
def test_edge_of_the_ledger_that_is_refused(wrong: Entry, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ledgers.reckoned(wrong)


@pytest.mark.parametrize(
    ("due", "said"), [("2024-05-31", "första"), ("2024-06-29", "första"), ("2024-06-30", "andra")]
)
def test_edge_of_a_half_year_whose_rate_the_ledger_misses(due: str, said: str) -> None:
    old = [rate for rate in ledgers.book().reference_rates if rate.from_on < date(2024, 1, 1)]
    with pytest.raises(InputError, match=f"{said} halvåret 2024 saknas"):
        ledgers.reckoned(ledgers.entry("claim", "1000", "2024-03-01", due), rates=old)


@pytest.mark.parametrize("last", ["99.99", "100"])
def test_edge_of_what_the_second_reader_counts(last: str, tmp_path: Path) -> None:
    """A return of ten to the fifteenth kronor is the slip of a keyboard; an öre less is counted."""
    lines = [{"Belopp": amount} for amount in [*[D(10) ** 13 - 1] * 100, D(last)]]
    content = filled.csv_return(header=CSV_HEADER, costs=lines)
    (tmp_path / "f.csv").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    if last == "100":
        with pytest.raises(second_reader.UnreadableError):
            second_reader.total(tmp_path / "f.csv", "f.csv", digest)
    else:
        assert second_reader.total(tmp_path / "f.csv", "f.csv", digest) == (
            101,
            D(10) ** 15 - D("0.01"),
        )
