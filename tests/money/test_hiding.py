"""Which counts in a tree of sums are hidden: no small one can be reckoned from those that are
shown, by one who tries all numbers."""

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.money import hiding

Tree = tuple[list[int], list[int | None]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A sum of sums, as a grant's: all, each sex, each area, each activity; few and small, so that
    all can be tried."""
    values: list[int] = [0]
    parents: list[int | None] = [None]
    for _ in range(draw(st.integers(1, 2))):
        sex = len(values)
        values.append(0)
        parents.append(0)
        for _ in range(draw(st.integers(1, 2))):
            area = len(values)
            parts = draw(st.lists(st.integers(0, 6), max_size=3))
            values += [sum(parts), *parts]
            parents += [sex, *(area for _ in parts)]
            values[sex] += sum(parts)
        values[0] += values[sex]
    return values, parents


def fitting(
    values: Sequence[int], parents: Sequence[int | None], hidden: Mapping[int, bool], least: int
) -> list[set[int]]:
    """Every number that each count can be, by trying all: what a patient reader could reckon."""
    leaves = [place for place in range(len(values)) if place not in parents]
    small, any_ = range(1, least), range(least - 1, max(values) + least + 2)
    of = {
        p: (values[p],) if p not in hidden else small if hidden[p] else any_
        for p in range(len(values))
    }
    found: list[set[int]] = [set() for _ in values]
    for guess in itertools.product(*(of[leaf] for leaf in leaves)):
        sums = dict(zip(leaves, guess, strict=True))
        for place in reversed(range(len(values))):
            sums.setdefault(place, 0)
            parent = parents[place]
            if parent is not None:
                sums[parent] = sums.get(parent, 0) + sums[place]
        if all(sums[place] in of[place] for place in of):
            for place, value in sums.items():
                found[place].add(value)
    return found


@settings(max_examples=200, deadline=None)
@given(trees(), st.integers(3, 5))
def test_no_small_count_can_be_reckoned_from_those_that_are_shown(tree: Tree, least: int) -> None:
    values, parents = tree
    hidden = hiding.hide(values, parents, least)
    small = {place for place, value in enumerate(values) if 0 < value < least}
    assert small <= set(hidden)
    assert all(values[place] for place in hidden), "0 is shown"
    for place, is_small in hidden.items():
        assert values[place] < least if is_small else values[place] >= least - 1
    if sum(place not in parents for place in hidden) <= 5:
        found = fitting(values, parents, hidden, least)
        assert all(values[place] in found[place] for place in small)
        assert all(len(found[place]) > 1 for place in small), (values, parents, hidden)


@pytest.mark.parametrize(
    ("values", "parents", "hidden"),
    [
        ([40, 15, 25], [None, 0, 0], []),
        ([40, 0, 40], [None, 0, 0], []),
        ([40, 3, 37], [None, 0, 0], [1, 2]),  # one of two gives the other away
        ([60, 3, 20, 37], [None, 0, 0, 0], [1, 2]),  # the next smallest goes with it
        (
            [8, 4, 4],
            [None, 0, 0],
            [0, 1, 2],
        ),  # two under five that are eight together are four each
        ([3, 3, 0], [None, 0, 0], [0, 1]),
        ([4, 1, 1, 1, 1], [None, 0, 0, 0, 0], [0, 1, 2, 3, 4]),
        # A sum that is hidden for another's sake hides the smallest of its own parts too.
        ([33, 3, 30, 3, 10, 20], [None, 0, 0, 1, 2, 2], [1, 2, 3, 4]),
    ],
)
def test_what_is_hidden(values: list[int], parents: list[int | None], hidden: list[int]) -> None:
    assert sorted(hiding.hide(values, parents, 5)) == hidden


def test_of_four_ones_the_sum_is_not_said_to_be_under_five() -> None:
    assert hiding.hide([4, 1, 1, 1, 1], [None, 0, 0, 0, 0], 5) == {
        0: False,
        1: True,
        2: True,
        3: True,
        4: True,
    }
