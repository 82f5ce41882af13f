"""Small counts among the measures that are published: whoever reckons with all that is shown can't
tell any of them."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from random import Random

import pytest

from statsbidrag.money.measure_suppression import published
from statsbidrag.money.shapes import Count, Hidden
from statsbidrag.money.tables import Measured

LEAST = 3
MOST = 14


def row(
    board_id: str | None,
    asked_no: int,
    *counts: int | None,
    split_no: int = 0,
    part_no: int = 0,
) -> Measured:
    """A row of a measure; with three counts, of a rating."""
    is_rating = len(counts) == 3
    people, agree, answered, asked = (None, *counts) if is_rating else (*counts, None, None, None)
    return Measured(
        board_id=board_id,
        asked_no=asked_no,
        subject="",
        measure_id="m",
        name="Mått",
        is_rating=is_rating,
        year_no=1,
        from_on=date(2017, 1, 1),
        to_on=date(2017, 12, 31),
        split_no=split_no,
        split="Kön" if split_no else None,
        part_no=part_no,
        part="",
        is_by_sex=False,
        people_count=people,
        agree_count=agree,
        answered_count=answered,
        asked_count=asked,
        agree_share=None,
        answered_share=None,
        counting_count=None,
        board_count=None,
    )


def rows_of(boards: Sequence[int], *splits: Sequence[int]) -> list[Measured]:
    """All together, each board's total, and the parts of each split."""
    rows = [row(None, 1, sum(boards))]
    number = 1
    for split_no, parts in enumerate(splits, start=1):
        for part_no, count in enumerate(parts, start=1):
            number += 1
            rows.append(row(None, number, count, split_no=split_no, part_no=part_no))
    rows += [row(f"b{place}", 1, count) for place, count in enumerate(boards)]
    return rows


def may_be(shown: Count | None) -> Sequence[int]:
    """What a count may be, by what stands in its place."""
    if not isinstance(shown, Hidden):
        assert shown is not None
        return [shown]
    return range(1, LEAST) if shown.startswith("färre") else range(LEAST - 1, MOST + 1)


def fits(rows: Sequence[Measured]) -> Iterator[tuple[int, ...]]:
    """Every way that the counts can be, by what is shown: boards and parts make up the total; what
    a split leaves out of it nobody has said."""
    total, others = rows[0], rows[1:]
    choices = [may_be(one.people_count) for one in others]
    for whole in may_be(total.people_count):
        for counts in product(*choices):
            by_split: dict[int, int] = {}
            for one, count in zip(others, counts, strict=True):
                by_split[one.split_no] = by_split.get(one.split_no, 0) + count
            boards = by_split.pop(0)
            if boards == whole and all(summed <= whole for summed in by_split.values()):
                yield (whole, *counts)


@pytest.mark.parametrize("seed", range(60))
def test_no_small_count_can_be_told(seed: int) -> None:
    rng = Random(seed)
    boards = [rng.choice([0, 1, 1, 2, 3, 4]) for _ in range(rng.choice([1, 2, 3]))]
    parts = [0, 0, 0]
    for _ in range(sum(boards)):
        parts[rng.choice([0, 0, 0, 1, 2])] += 1
    if rng.random() < 0.3:
        parts[0] = max(0, parts[0] - rng.choice([1, 3]))  # some boards left their parts out
    rows = rows_of(boards, parts)
    shown = published(rows, LEAST)
    ways = list(fits(shown))
    true = [one.people_count for one in rows]
    assert tuple(true) in ways
    for place, count in enumerate(true):
        assert count is not None
        if 0 < count < LEAST:
            assert isinstance(shown[place].people_count, Hidden)
            assert len({way[place] for way in ways}) > 1, (place, shown)


def test_nothing_is_hidden_where_nothing_is_few() -> None:
    rows = rows_of([10, 20], [30, 0])
    assert published(rows, LEAST) == tuple(rows)
    assert published(rows_of([1, 2], [3]), 0) == tuple(rows_of([1, 2], [3]))


def test_parts_that_are_more_than_all_are_not_shown() -> None:
    for most in (40, 29):
        shown = published(rows_of([10, 20], [most, 2]), LEAST)
        assert [one.people_count for one in shown] == [30, "visas inte", "visas inte", 10, 20]


def test_a_split_is_looked_at_though_another_says_too_much() -> None:
    *_, third, fourth, _, _ = published(rows_of([10, 20], [40, 2], [28, 2]), LEAST)
    assert (third.people_count, fourth.people_count) == ("visas inte", "färre än 3")


def test_a_count_that_nobody_gave_stays_unknown() -> None:
    rows = [*rows_of([10, 2]), row("b9", 1, None)]
    shown = published(rows, LEAST)
    assert [one.people_count for one in shown] == [12, "visas inte", "färre än 3", None]
    untold = [row(None, 1, None), row(None, 2, 5, split_no=1), row(None, 3, None, split_no=1)]
    assert [one.people_count for one in published(untold, LEAST)] == [None, "visas inte", None]


def test_a_units_own_parts_are_no_part_of_what_is_published() -> None:
    own = row("b0", 2, 1, split_no=1)
    assert published([*rows_of([10]), own], LEAST)[-1] == own


@pytest.mark.parametrize(
    ("rated", "hidden"),
    [
        # all together, two of a split: (agree, answered, asked)
        ([(9, 19, 20), (3, 8, 9), (6, 11, 11)], []),
        ([(9, 19, 20), (0, 8, 9), (9, 11, 11)], [1, 2]),  # two of eleven don't agree
        ([(9, 19, 20), (2, 8, 9), (7, 11, 11)], [1, 2]),
        ([(9, 19, 20), (4, 9, 9), (5, 10, 11)], []),
        ([(9, 19, 20), (4, 9, 9), (4, 9, 9)], [1, 2]),  # one is left who said neither
        ([(9, 19, 20), (4, 9, 9), (5, 9, 9)], [1, 2]),  # one is left who doesn't agree
        ([(2, 19, 20), (0, 9, 9), (2, 10, 11)], [0, 1, 2]),
        ([(0, 19, 20), (0, 9, 9), (0, 10, 11)], []),
        ([(9, 19, 20), (9, 19, 20), (0, 0, 0)], []),
    ],
)
def test_a_rating_is_told_when_neither_side_is_few(
    rated: Sequence[tuple[int, int, int]], hidden: Sequence[int]
) -> None:
    total, *parts = rated
    rows = [row(None, 1, *total)]
    rows += [
        row(None, number, *counts, split_no=1, part_no=number)
        for number, counts in enumerate(parts, start=2)
    ]
    rows.append(row("b0", 1, *total))
    shown = published(rows, LEAST)
    told = [place for place, one in enumerate(shown) if isinstance(one.agree_count, Hidden)]
    # the only board is all together
    assert told == ([*hidden, 3] if 0 in hidden else list(hidden))
    for place in told:
        assert (shown[place].answered_count, shown[place].agree_share) == ("visas inte", None)


def test_each_split_of_a_rating_is_told_or_not_by_itself() -> None:
    rows = [
        row(None, 1, 9, 19, 20),
        row(None, 2, 3, 8, 9, split_no=1),
        row(None, 3, 6, 11, 11, split_no=1),
        row(None, 4, 2, 8, 9, split_no=2),
        row(None, 5, 7, 11, 11, split_no=2),
        row("b0", 1, 9, 19, 20),
    ]
    shown = [one.agree_count for one in published(rows, LEAST)]
    assert shown == [9, 3, 6, "visas inte", "visas inte", 9]


def test_a_unit_that_nobody_has_rated_hides_nothing() -> None:
    rows = [row(None, 1, 9, 19, 20), row("b0", 1, 9, 19, 20), row("b1", 1, None, None, None)]
    assert published(rows, LEAST) == tuple(rows)
    few = [row(None, 1, 2, 19, 20), row("b0", 1, 2, 19, 20), row("b1", 1, None, None, None)]
    hidden = [one.agree_count for one in published(few, LEAST)]
    assert hidden == ["visas inte", "visas inte", None]
