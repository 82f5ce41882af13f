"""Years and what goes over from one to the next: the program reckons as with pencil and paper
(contract 7), whatever is decided, whoever merges and whatever the boards send in."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from statsbidrag.decisions import recipients
from statsbidrag.model.decisions import Allocation, CarryOver, Component, Decision, Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.model.sources import Year
from tests.example import EQUAL
from tests.support.drawn import D, Run, Sender, decided
from tests.support.reckoning import Json, shared

SEEDS = range(100)
DRAWN = [pytest.param(seed, marks=[] if seed < 10 else [pytest.mark.long]) for seed in SEEDS]
"""A part of them is tried each time, the others in the long tests."""
GRANTS = 10
"""How many grants there are in each case."""
BOARDS = (
    *("rinkeby-kista", "spanga-tensta", "jarva", "norrmalm", "ostermalm", "norra-innerstaden"),
    *("farsta", "bromma"),
)
"""Boards of today and of yesterday: those that became one another did so on 1 July 2023."""
FIRST, LAST = date(2021, 1, 1), date(2024, 12, 31)
ENDS = recipients.predecessors_of(decided().boards)


def years_of(rng: random.Random) -> list[Year]:
    """Years that cover 2021–2024, calendar years or not."""
    splits = rng.choice(
        [
            [date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1)],
            [date(2023, 1, 1)],
            [date(2021, 7, 1), date(2022, 7, 1), date(2023, 7, 1)],
            [date(2021, 2, 15), date(2024, 12, 31)],
            [],
        ]
    )
    starts = [FIRST, *splits]
    ends = [day - timedelta(days=1) for day in splits] + [LAST]
    return [Year(start, end) for start, end in zip(starts, ends, strict=True)]


def there_on(day: date) -> list[str]:
    boards = []
    for board_id in BOARDS:
        board = decided().board(board_id)
        if (board.valid_from_on or day) <= day <= (board.valid_to_on or day):
            boards.append(board_id)
    return boards


def amount(rng: random.Random) -> Decimal:
    return rng.choice([D(0), D("0.01"), D("333.33"), D(100000), D(rng.randint(1, 40000000)) / 100])


def decision(
    rng: random.Random, base: Decision, number: int, on: date, year: Year, parts: Iterable[str]
) -> Decision:
    there = there_on(on)
    named = rng.sample(there, rng.randint(1, len(there)))
    rows = [Allocation(board, part, amount(rng), ENDS[board]) for board in named for part in parts]
    return replace(
        base, decision_id=f"beslut-{number}", decided_on=on, allocations=tuple(rows), year=year
    )


def granted(rng: random.Random, number: int) -> Grant:
    """A grant of four years with a rule of its own; some of its amounts are decided anew, also for
    years that have ended."""
    base = decided().grant(EQUAL)
    count = rng.choice([1, 1, 2])
    components = tuple(
        Component(f"del-{n}", f"Del {n}", base.areas[n : n + 1]) for n in range(count)
    )
    if count == 1:
        components = (Component("alla", "Hela bidraget", base.areas),)
    parts = [component.component_id for component in components]
    years = years_of(rng)
    plans = [(FIRST, year) for year in years if rng.random() < 0.5]
    plans += [(max(FIRST, year.from_on - timedelta(days=20)), year) for year in years]
    for _ in range(rng.randint(0, 3)):
        on = rng.choice([date(2022, 3, 1), date(2023, 7, 1), date(2023, 12, 1), date(2024, 12, 31)])
        plans.append((on, rng.choice(years)))
    decisions: list[Decision] = []
    taken: set[tuple[date, Year]] = set()
    for on, year in sorted(plans, key=lambda plan: plan[0]):
        if (on, year) not in taken:
            taken.add((on, year))
            decisions.append(decision(rng, base.decisions[0], len(decisions), on, year, parts))
    rule = rng.choice([*CarryOver])
    grant = replace(
        base,
        grant_id=f"bidrag-{number}",
        spend_from_on=FIRST,
        spend_to_on=LAST,
        components=components,
        areas=base.areas[:4],
        decisions=tuple(decisions),
        is_earmarked=count == 1 or rng.random() < 0.5,
        liability_basis=rng.choice(["namnd", "kommun"]),
        carry_over=rule,
        carry_share=rng.choice([D("0.1"), D("0.3333"), D(1)]) if rule is CarryOver.SHARE else None,
    )
    most = max(sum(grant.allocations_on(one.decided_on).values(), D(0)) for one in decisions)
    return replace(grant, total_sek=most + rng.choice([D(0), D("0.50"), D(100000)]))


def drawn(seed: int) -> tuple[Run, dict[str, list[object]]]:
    rng = random.Random(seed)
    as_of = rng.choice(
        [
            *(date(2021, 10, 1), date(2022, 1, 10), date(2023, 5, 1), date(2023, 7, 20)),
            *(date(2024, 1, 20), date(2024, 12, 31), date(2025, 1, 20), date(2025, 1, 20)),
        ]
    )
    grants = tuple(granted(rng, number) for number in range(GRANTS))
    # The grants that are there before have areas that these ones don't pay for.
    book: Rulebook = replace(decided(), grants=(*decided().grants, *grants))
    run = Run(book, as_of, is_final=as_of > LAST and rng.random() < 0.5)
    sent = {grant.grant_id: Sender(rng, run, grant).all() for grant in grants}
    return run, sent  # type: ignore[return-value]


@pytest.mark.parametrize("seed", DRAWN)
def test_random_years_are_reckoned_as_by_hand(seed: int) -> None:
    run, sent = drawn(seed)
    told, reckoned = run.reconciled(sent), run.reckoned(sent)  # type: ignore[arg-type]
    for grant_id in sent:
        assert shared(told[grant_id], reckoned[grant_id]) == reckoned[grant_id]


def test_the_random_years_are_of_every_kind() -> None:
    """The draws above would prove nothing about what they never draw."""
    seen: set[str] = set()
    for seed in SEEDS[:10]:
        run, sent = drawn(seed)
        for grant_id, told in run.reckoned(sent).items():  # type: ignore[arg-type]
            rule = str(run.rulebook.grant(grant_id).carry_over)
            for board in told["boards"]:
                seen |= kinds(board, rule)
    assert seen >= {
        *("inget: förfaller", "allt: förs vidare", "andel: förs vidare", "andel: förfaller"),
        *("över årets medel", "har inte börjat", "håller på", "hålls", "saknas", "komponent"),
    }


def kinds(board: Json, rule: str) -> set[str]:
    """What the years of a board show."""
    seen = {"hålls"} if board["return_status"] == "held" else set()
    if board["return_status"] == "missing":
        seen.add("saknas")
    if any("years" in component for component in board["components"]):
        seen.add("komponent")
    for year in board["years"]:
        if board["return_status"] == "held":
            continue
        if year["carried_in_sek"] is None:
            seen.add("har inte börjat")
        elif year["carried_out_sek"] is None:
            seen.add("håller på")
        else:
            seen |= {f"{rule}: förfaller"} if D(year["lapsed_sek"]) else set()
            seen |= {f"{rule}: förs vidare"} if D(year["carried_out_sek"]) else set()
        if year["overspent_sek"] and D(year["overspent_sek"]):
            seen.add("över årets medel")
    return seen
