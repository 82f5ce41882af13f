"""Every identity of the money, over generated decisions and returns: contract 4, what is looked
ahead, and the ledger.

Each case is a handful of grants with their own components, decisions and terms, and what boards
sent in for them, all in one reconciliation. `HYPOTHESIS_PROFILE=many` tries far more of them, and
other ones each time.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, get_args

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from statsbidrag.base.errors import InputError
from statsbidrag.decisions import recipients
from statsbidrag.model.case import Entry
from statsbidrag.model.codes import RECKONED_GROUNDS
from statsbidrag.model.decisions import Allocation, Component, Decision, Grant
from statsbidrag.money import repayment
from tests.example import EQUAL
from tests.support import ledgers
from tests.support.drawn import LAST, Run, decided
from tests.support.reckoning import KNOWN_OF_HELD, Filling, Json, Line, shared
from tests.support.rows import rows_in

D, ZERO = Decimal, Decimal(0)
IS_MANY = os.environ.get("HYPOTHESIS_PROFILE") == "many"
GRANTS = 6
"""How many grants there are in each case."""
CASES, LEDGERS = (250, 250) if IS_MANY else (8, 12)
BASE = settings(
    derandomize=not IS_MANY,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

# -- what is decided and sent in -------------------------------------------------------------------

BOARDS = (
    "jarva",
    "spanga-tensta",
    "rinkeby-kista",
    "farsta",
    "bromma",
    "norra-innerstaden",
    "norrmalm",
    "ostermalm",
)
"""Boards of today and of yesterday: those that became one another are one unit from July."""
ENDS = recipients.predecessors_of(decided().boards)


def exists(board_id: str, day: date) -> bool:
    board = decided().board(board_id)
    return (board.valid_from_on or day) <= day <= (board.valid_to_on or day)


ores = st.sampled_from([0, 1, 49, 50, 99, 10_000, 10_001, 2_500_000]) | st.integers(0, 900_000_000)
positive = ores.map(lambda ore: D(ore) / 100)
amounts = positive | positive.map(lambda amount: -amount / 4).map(
    lambda amount: amount.quantize(D("0.01"))
)


@st.composite
def granted(draw: st.DrawFn, number: int) -> Grant:
    """A grant with one to three components, decisions on up to three days, and terms of its own."""
    base = decided().grant(EQUAL)
    count = draw(st.integers(1, 3))
    components = tuple(
        Component(f"del-{n}", f"Del {n}", base.areas[n : n + 1]) for n in range(count)
    )
    decisions: list[Decision] = []
    for name, day in (
        ("forsta", date(2023, 3, 1)),
        ("andra", date(2023, 11, 1)),
        ("tredje", date(2024, 1, 20)),
    ):
        there = [board for board in BOARDS if exists(board, day)]
        named = draw(
            st.lists(
                st.sampled_from(there), min_size=1 if not decisions else 0, max_size=4, unique=True
            )
        )
        made = tuple(
            Allocation(b, c.component_id, draw(positive), ENDS[b])
            for b in named
            for c in components
        )
        decisions += (
            [replace(base.decisions[0], decision_id=name, decided_on=day, allocations=made)]
            if made
            else []
        )
    grant = replace(
        base,
        grant_id=f"bidrag-{number}",
        components=components,
        areas=base.areas[:4],  # the last belongs to no component
        decisions=tuple(decisions),
        is_earmarked=draw(st.booleans()),
        liability_basis=draw(st.sampled_from(["namnd", "kommun"])),
    )
    most = max(sum(grant.allocations_on(d.decided_on).values(), ZERO) for d in decisions)
    return replace(
        grant, total_sek=most + draw(st.sampled_from([ZERO, D("0.49"), D("0.50"), D(1000)]))
    )


def lines_of(grant: Grant) -> st.SearchStrategy[Line]:
    first, last, day = grant.spend_from_on, grant.spend_to_on, timedelta(days=1)
    other = next(
        a for g in decided().grants for a in g.areas if a not in decided().grant(EQUAL).areas
    )
    return st.builds(
        Line,
        worked_on=st.sampled_from([first, first, last, date(2023, 7, 1), first - day, last + day]),
        cost_kind=st.sampled_from(
            [grant.cost_kinds[0], grant.cost_kinds[0], grant.unpaid_cost_kinds[0]]
        ),
        area=st.sampled_from([*grant.areas, other]),
        amount=amounts,
    )


@st.composite
def sendings(draw: st.DrawFn, grant: Grant, as_of: date) -> list[Filling]:
    """What comes in for a grant: corrected, late, early, tied, held, and the same file under two
    names."""
    allocated = sorted({board for board, _ in grant.allocations_on(as_of)})
    now = date(2023, 9, 30) if as_of < date(2023, 12, 31) else date(2023, 12, 31)
    filling = st.builds(
        Filling,
        sender=st.sampled_from(BOARDS),
        period_end=st.sampled_from(
            [*[now] * 5, date(2023, 6, 30), date(2023, 9, 30), date(2024, 3, 31)]
        ),
        version=st.integers(1, 3),
        lines=st.lists(lines_of(grant), max_size=4).map(tuple),
        forecast=st.none() | positive,
        has_fault=st.sampled_from([False] * 8 + [True]),
    )
    sent = draw(st.lists(filling, max_size=2))
    for board in allocated:
        own = filling.map(lambda one, board=board: replace(one, sender=board))  # type: ignore[misc]
        count = draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        sent += draw(st.lists(own, min_size=count, max_size=count))
    is_twice = bool(sent) and draw(st.booleans())
    return (
        [*[replace(sent[0], content=f"{grant.grant_id}-samma")] * 2, *sent[1:]]
        if is_twice
        else sent
    )


@dataclass(frozen=True)
class Case:
    """Some grants, and what was sent in for each."""

    run: Run
    sent: Mapping[str, Sequence[Filling]]


@st.composite
def cases(draw: st.DrawFn, *, is_final: bool) -> Case:
    grants = tuple(draw(granted(number)) for number in range(GRANTS))
    ended = [date(2023, 12, 31), LAST]
    as_of = draw(st.sampled_from(ended if is_final else [date(2023, 10, 2), *ended]))
    run = Run(replace(decided(), grants=grants), as_of, is_final)
    return Case(run, {grant.grant_id: draw(sendings(grant, as_of)) for grant in grants})


# -- the identities --------------------------------------------------------------------------------

Told = Iterator[tuple[str, object, object]]
"""The name of an identity, what the program says, and what it must be."""


def hold(told: Told, seen: Counter[str], where: str) -> None:
    for name, found, expected in told:
        assert found == expected, f"{where}: {name}"
        seen[name] += 1


def all_were_met(seen: Counter[str], always: set[str], rare: set[str]) -> None:
    """Which cases are drawn depends on whatever modules are loaded, by their constants; many cases
    meet all."""
    assert set(seen) - rare == always
    assert not IS_MANY or set(seen) == always | rare


def total(rows: Sequence[Json], name: str) -> Decimal:
    return sum((D(row[name]) for row in rows if row[name] is not None), ZERO)


def owed(allocated: Decimal, eligible: Decimal) -> Decimal:
    return min(allocated, max(ZERO, allocated - eligible))


def half_up(share: Fraction, places: int) -> Decimal:
    """A number to some places, half away from zero."""
    whole = int(abs(share) * 10**places + Fraction(1, 2))
    return D(whole if share >= 0 else -whole).scaleb(-places)


def of_a_board(grant: Grant, as_of: date, period_end: date, is_final: bool, board: Json) -> Told:
    """Contract 4 for a board and its components, from its allocation and its eligible and
    ineligible spending alone."""
    parts, status = board["components"], board["return_status"]
    yield "A = sum of the components", D(board["allocated_sek"]), total(parts, "allocated_sek")
    if status == "held":
        yield (
            "held: nothing is known",
            {board[name] for name in board.keys() - KNOWN_OF_HELD},
            {None},
        )
        for part in parts:
            yield (
                "held: nothing is known",
                {part[n] for n in part.keys() - {"component", "allocated_sek"}},
                {None},
            )
        return
    for row in (board, *parts):
        known = D(row["eligible_sek"]) + D(row["ineligible_sek"])
        yield "reported = eligible + ineligible", D(row["reported_sek"]), known
    for name in ("reported_sek", "eligible_sek", "ineligible_sek"):
        yield "the components are the board", D(board[name]), total(parts, name)
    allocated, eligible = D(board["allocated_sek"]), D(board["eligible_sek"])
    yield "remaining = A - E", D(board["remaining_sek"]), allocated - eligible
    yield "overspent = max(0, E - A)", D(board["overspent_sek"]), max(ZERO, eligible - allocated)
    share = half_up(Fraction(eligible) / Fraction(allocated), 4) if allocated else None
    yield "used share = E / A", board["used_share"] and D(board["used_share"]), share
    apart = parts if grant.is_earmarked else [board]
    liabilities = [owed(D(row["allocated_sek"]), D(row["eligible_sek"])) for row in apart]
    wrong = [
        min(max(ZERO, D(row["ineligible_sek"])), liability)
        for row, liability in zip(apart, liabilities, strict=True)
    ]
    if grant.is_earmarked:
        yield "L = min(A, max(0, A - E))", [D(p["liability_sek"]) for p in parts], liabilities
    else:
        yield (
            "not earmarked: no liability of a component",
            {p["liability_sek"] for p in parts},
            {None},
        )
    yield "L of a board", D(board["liability_sek"]), sum(liabilities, ZERO)
    grounds = {row["ground"]: D(row["amount_sek"]) for row in board["liability_grounds"]}
    yield "the grounds are the liability", sum(grounds.values(), ZERO), D(board["liability_sek"])
    if status == "missing":
        wanted = {"no_report": allocated}
        yield "missing: nothing is spent", eligible + D(board["reported_sek"]), ZERO
    else:
        wanted = {
            "not_used": sum(liabilities, ZERO) - sum(wrong, ZERO),
            "wrong_purpose": sum(wrong, ZERO),
        }
    yield "why L is owed", grounds, {ground: sek for ground, sek in wanted.items() if sek}
    forecast = board["forecast_sek"] and D(board["forecast_sek"])
    unspent = None if forecast is None else max(ZERO, allocated - max(forecast, eligible))
    if period_end == grant.spend_to_on:
        unspent = max(ZERO, allocated - eligible)
    yield (
        "projected unspent = max(0, A - max(forecast, E)), on the last day max(0, A - E)",
        board["projected_unspent_sek"] and D(board["projected_unspent_sek"]),
        unspent,
    )
    if is_final:
        yield "final: no flag", board["flag"], None
    else:
        days = (grant.spend_to_on - as_of).days
        is_large = unspent is not None and unspent >= 500_000
        has_share = unspent is not None and allocated > 0
        must = is_large or (has_share and unspent * 10 >= allocated)
        must = must or (allocated > 0 and days < 90 and eligible * 3 < allocated * 2)
        may = forecast is None or (has_share and unspent * 20 >= allocated)
        yield "flag", board["flag"], "act" if must else "watch" if may else "ok"


def of_the_city(grant: Grant, told: Json) -> Told:
    """Contract 4 for the city, from its boards alone."""
    boards, liability, city = told["boards"], told["liability"], told["city"]
    known = [board for board in boards if board["return_status"] != "held"]
    held = [board for board in boards if board["return_status"] == "held"]
    whole = D(told["total_sek"])
    yield (
        "sum A + unallocated = total",
        D(told["allocated_sek"]) + D(told["unallocated_sek"]),
        whole,
    )
    yield "the boards' allocations", D(told["allocated_sek"]), total(boards, "allocated_sek")
    in_force = [row for row in told["decisions"] if row["is_in_force"]]
    yield "what is decided and in force", D(told["allocated_sek"]), total(in_force, "amount_sek")
    yield "boards_sek", D(liability["boards_sek"]), total(known, "liability_sek")
    yield "undetermined_sek", D(liability["undetermined_sek"]), total(held, "allocated_sek")
    by_board = D(told["unallocated_sek"]) + D(liability["boards_sek"])
    yield "namnd basis = unallocated + boards", D(liability["namnd_basis_sek"]), by_board
    as_one = min(
        whole, max(ZERO, whole - total(known, "eligible_sek") - D(liability["undetermined_sek"]))
    )
    yield "kommun basis", D(liability["kommun_basis_sek"]), as_one
    yield "namnd = kommun + set-off", by_board, as_one + D(liability["set_off_sek"])
    filed = {"namnd": by_board, "kommun": as_one}[grant.liability_basis]
    yield (
        "to repay: half up to whole kronor",
        D(liability["to_repay_sek"]),
        filed.quantize(D(1), ROUND_HALF_UP),
    )
    for name in ("reported_sek", "eligible_sek", "ineligible_sek", "remaining_sek"):
        yield "the boards are the city", D(city[name]), total(known, name)
    yield "the areas are the city", total(told["areas"], "eligible_sek"), D(city["eligible_sek"])
    for board in boards:
        why = [row for row in told["ineligible"] if row["board"] == board["board"]]
        yield (
            "the reasons are what is ineligible",
            total(why, "amount_sek"),
            D(board["ineligible_sek"] or 0),
        )


def of_what_is_ahead(told: Json) -> Told:
    """The forecasts by days, what has changed, and what could be moved; a final report has none of
    it."""
    ahead = [row for row in told.get("outlook", []) if row["board"]]
    for row in ahead:
        if row["run_rate_sek"] is not None:
            rate = (
                Fraction(D(row["eligible_sek"])) * row["total_day_count"] / row["elapsed_day_count"]
            )
            yield "run rate = E x days / days gone", D(row["run_rate_sek"]), half_up(rate, 2)
            unspent = max(ZERO, D(row["allocated_sek"]) - D(row["run_rate_sek"]))
            yield "unspent by run rate", D(row["run_rate_unspent_sek"]), unspent
    for row in (row for row in told.get("outlook", []) if not row["board"]):
        whole = [r for r in ahead if not r["component"]]
        for name in ("run_rate_sek", "run_rate_unspent_sek", "forecast_sek"):
            yield "the boards' outlook is the city's", D(row[name] or 0), total(whole, name)
        unspent = total(told["boards"], "projected_unspent_sek")
        yield (
            "what is left of the boards is left of the city",
            D(row["projected_unspent_sek"] or 0),
            unspent,
        )
        yield "the city has used", D(row["eligible_sek"]), D(told["city"]["eligible_sek"])
    for row in told.get("since", []):
        for change, now, then in (
            ("eligible_change_sek", "eligible_sek", "before_eligible_sek"),
            ("forecast_change_sek", "forecast_sek", "before_forecast_sek"),
            ("run_rate_error_sek", "run_rate_said_sek", "eligible_sek"),
            ("forecast_error_sek", "forecast_said_sek", "eligible_sek"),
        ):
            if row[change] is not None:
                yield "a change is now less then", D(row[change]), D(row[now]) - D(row[then])
    for row in told.get("redistribution", []):
        saved = total(row["transfers"], "amount_sek")
        yield "what is moved is what is saved", D(row["saved_sek"]), saved
        yield "before - saved = after", D(row["after_sek"]), D(row["before_sek"]) - saved
        yield "moving makes no money", total(row["boards"], "moved_sek"), ZERO
        for board in row["boards"]:
            into = [t for t in row["transfers"] if t["to"] == board["board"]]
            out = [t for t in row["transfers"] if t["from"] == board["board"]]
            moved = total(into, "amount_sek") - total(out, "amount_sek")
            yield "a board's moves", D(board["moved_sek"]), moved
            yield (
                "A after the moves",
                D(board["allocated_after_sek"]),
                D(board["allocated_sek"]) + moved,
            )


def of_a_grant(grant: Grant, run: Run, told: Json, by_hand: Json) -> Told:
    yield "as reckoned by hand", shared(told, by_hand), by_hand
    period_end = date.fromisoformat(told["period_end"])
    for board in told["boards"]:
        yield from of_a_board(grant, run.as_of, period_end, run.is_final, board)
    yield from of_the_city(grant, told)
    yield from of_what_is_ahead(told)


IDENTITIES = {
    *("A = sum of the components", "held: nothing is known", "reported = eligible + ineligible"),
    *(
        "the components are the board",
        "remaining = A - E",
        "overspent = max(0, E - A)",
        "used share = E / A",
    ),
    *("L = min(A, max(0, A - E))", "not earmarked: no liability of a component", "L of a board"),
    *("the grounds are the liability", "missing: nothing is spent", "why L is owed"),
    *(
        "projected unspent = max(0, A - max(forecast, E)), on the last day max(0, A - E)",
        "final: no flag",
        "flag",
    ),
    *("sum A + unallocated = total", "the boards' allocations", "what is decided and in force"),
    *("boards_sek", "undetermined_sek", "namnd basis = unallocated + boards", "kommun basis"),
    *("namnd = kommun + set-off", "to repay: half up to whole kronor", "the boards are the city"),
    *("the areas are the city", "the reasons are what is ineligible"),
    *(
        "run rate = E x days / days gone",
        "unspent by run rate",
        "the boards' outlook is the city's",
        "what is left of the boards is left of the city",
    ),
    *("the city has used", "a change is now less then", "as reckoned by hand"),
}
RARE = {"what is moved is what is saved", "before - saved = after", "moving makes no money"} | {
    *("a board's moves", "A after the moves"),
}
"""Of a proposal to move money, which few cases give."""


def test_every_identity_of_the_money_holds() -> None:
    seen: Counter[str] = Counter()

    def of_a_case(case: Case) -> None:
        told, reckoned = case.run.reconciled(case.sent), case.run.reckoned(case.sent)
        for grant in case.run.rulebook.grants:
            name = grant.grant_id
            hold(of_a_grant(grant, case.run, told[name], reckoned[name]), seen, name)

    for is_final in (False, True):
        drawn = given(cases(is_final=is_final))(of_a_case)
        settings(BASE, max_examples=CASES // 2)(drawn)()
    all_were_met(seen, IDENTITIES, RARE)


# -- the ledger ------------------------------------------------------------------------------------

AS_OF = date(2024, 12, 31)
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


@st.composite
def filed(draw: st.DrawFn) -> tuple[Grant, Json, list[Entry]]:
    """A final report reckoned by hand, and what was entered in its ledger."""
    grant = draw(granted(0))
    run = Run(replace(decided(), grants=(grant,)), LAST, is_final=True)
    figures = run.reckoned({grant.grant_id: draw(sendings(grant, LAST))})
    there = {None, *(board["board"] for board in figures[grant.grant_id]["boards"])}
    told = [
        entry for entry in draw(st.lists(ledgers.entries(), max_size=8)) if entry.board_id in there
    ]
    return ledgers.charging(grant), figures[grant.grant_id], told


def reckoned(grant: Grant, figures: Json, entries: Sequence[Entry], as_of: date = AS_OF) -> Tables:
    return repayment.reckon(grant, figures, entries, decided().reference_rates, as_of)


def summed(rows: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    return sum((row[name] for row in rows if row[name] is not None), ZERO)


def of_the_ledger(figures: Json, entries: Sequence[Entry], tables: Tables) -> Told:
    agency = [row for row in rows_in(tables, "owed") if row["board_id"] is None]
    yield (
        "owed to the agency is what was filed",
        summed(agency, "amount_sek"),
        D(figures["liability"]["to_repay_sek"]),
    )
    for board in figures["boards"]:
        mine = [row for row in rows_in(tables, "owed") if row["board_id"] == board["board"]]
        yield (
            "a board owes what was filed",
            summed(mine, "amount_sek"),
            D(board["liability_sek"] or 0),
        )
        grounds = {row["ground"]: D(row["amount_sek"]) for row in board["liability_grounds"]}
        for ground in RECKONED_GROUNDS:
            on_it = [row for row in mine if row["ground"] == ground]
            yield (
                "a board owes on its grounds",
                summed(on_it, "amount_sek"),
                grounds.get(ground, ZERO),
            )
    for row in rows_in(tables, "account"):
        kinds = dict.fromkeys(get_args(ledgers.Kind), ZERO)
        for entry in entries:
            kinds[entry.kind] += entry.amount_sek if entry.board_id == row["board_id"] else ZERO
        yield "claimed", row["claimed_sek"] or ZERO, kinds["claim"]
        yield "relieved", row["relief_sek"], kinds["relief"]
        yield "paid", row["paid_sek"], kinds["payment"]
        yield "interest that was paid", row["interest_paid_sek"], kinds["interest_payment"]
        if row["to_pay_sek"] is not None:
            to_pay = (row["claimed_sek"] or ZERO) + row["awaiting_sek"] - row["relief_sek"]
            yield "to pay = claims + awaited - relief", row["to_pay_sek"], to_pay
            yield "remaining = to pay - paid", row["remaining_sek"], to_pay - row["paid_sek"]
        if row["difference_sek"] is not None:
            different = row["claimed_sek"] + row["awaiting_sek"] - row["computed_sek"]
            yield "claimed and awaited against computed", row["difference_sek"], different
        last = [e for e in rows_in(tables, "entry") if e["board_id"] == row["board_id"]][-1]
        yield "the last balance is what remains", last["balance_sek"], row["remaining_sek"]
        accrued = (
            summed(rows_in(tables, "interest"), "amount_sek") if row["board_id"] is None else ZERO
        )
        left = accrued - row["interest_paid_sek"]
        yield "interest that remains", row["interest_remaining_sek"], left
    internal = [row for row in rows_in(tables, "account") if row["board_id"] is not None]
    for name in ("computed_sek", "relief_sek", "to_pay_sek", "paid_sek", "remaining_sek"):
        yield (
            "the accounts are the boards together",
            rows_in(tables, "boards")[0][name],
            summed(internal, name),
        )


LEDGER_IDENTITIES = {
    *(
        "owed to the agency is what was filed",
        "a board owes what was filed",
        "a board owes on its grounds",
    ),
    *("claimed", "relieved", "paid", "interest that was paid", "interest that remains"),
    *(
        "to pay = claims + awaited - relief",
        "remaining = to pay - paid",
        "claimed and awaited against computed",
    ),
    *("the last balance is what remains", "the accounts are the boards together"),
}
HAPPENED = {*get_args(ledgers.Kind), "interest"}
"""What must have happened, or the identities say that nothing is nothing; some of it in few
cases."""


def in_two(entry: Entry) -> Iterator[Entry]:
    """An entry as two of the same day, an öre apart; an öre can't be split."""
    rest = entry.amount_sek - D("0.01")
    yield from (replace(entry, amount_sek=part) for part in (rest, entry.amount_sek - rest) if part)


def test_every_identity_of_the_ledger_holds() -> None:
    """Also when entries come in another order, are split, are taken back, or are of a later day."""
    seen: Counter[str] = Counter()

    @settings(BASE, max_examples=LEDGERS)
    @given(filed())
    def of_a_case(case: tuple[Grant, Json, list[Entry]]) -> None:
        grant, figures, entries = case
        try:
            tables = reckoned(grant, figures, entries)
        except InputError as error:
            assume("Nedsättningen" not in str(error))
            raise
        hold(of_the_ledger(figures, entries, tables), seen, grant.grant_id)
        seen.update(
            [
                *(entry.kind for entry in entries),
                *(["interest"] if rows_in(tables, "interest") else []),
            ]
        )
        split = [part for entry in entries for part in in_two(entry)]
        slips = [
            turned for e in entries[:2] for turned in (e, replace(e, amount_sek=-e.amount_sek))
        ]
        later = [
            replace(e, on=AS_OF + timedelta(days=1))
            for e in entries
            if e.kind not in {"claim", "relief"}
        ]
        for other in (split[::-1], [*entries, *slips, *later]):
            changed = reckoned(grant, figures, other)
            for table in ("owed", "account", "boards", "ground", "interest"):
                assert getattr(changed, table) == getattr(tables, table), table

    of_a_case()
    all_were_met(seen, LEDGER_IDENTITIES, HAPPENED)
