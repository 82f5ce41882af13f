"""Which counts in a tree of sums are hidden: no small one can be reckoned from those that are
shown, by one who tries all numbers."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.base.errors import FigureError
from statsbidrag.money import hiding


class Sums(NamedTuple):
    """Counts, the sum that each is part of, and which group of that sum's parts it belongs to."""

    values: list[int]
    parents: list[int | None]
    groups: list[int]

    def add(self, value: int, parent: int | None, group: int = 0) -> int:
        self.values.append(value)
        self.parents.append(parent)
        self.groups.append(group)
        return len(self.values) - 1

    def parts(self, place: int) -> list[list[int]]:
        """The parts of a count, group by group."""
        found: dict[int, list[int]] = {}
        for part, (parent, group) in enumerate(zip(self.parents, self.groups, strict=True)):
            if parent == place:
                found.setdefault(group, []).append(part)
        return list(found.values())


@st.composite
def trees(draw: st.DrawFn) -> Sums:
    """A sum of sums, as a grant's: all, each sex, each area, each activity; few and small, so that
    all can be tried."""
    sums = Sums([], [], [])
    everyone = sums.add(0, None)
    for _ in range(draw(st.integers(1, 2))):
        sex = sums.add(0, everyone)
        for _ in range(draw(st.integers(1, 2))):
            area = sums.add(0, sex)
            for part in draw(st.lists(st.integers(0, 6), max_size=3)):
                sums.add(part, area)
                sums.values[area] += part
            sums.values[sex] += sums.values[area]
        sums.values[everyone] += sums.values[sex]
    return sums


@st.composite
def divided_sums(draw: st.DrawFn) -> Sums:
    """A sum that is divided in two or three ways, and some of its parts in one, two or three."""
    sums = Sums([], [], [])

    def divide(place: int, ways: int) -> Iterator[int]:
        for group in range(ways):
            value = sums.values[place]
            # Many ones are what is hardest to hide.
            cuts = draw(st.lists(st.integers(0, value), max_size=3) | st.just([*range(1, value)]))
            for low, high in itertools.pairwise([0, *sorted(cuts), value]):
                yield sums.add(high - low, place, group)

    everyone = sums.add(draw(st.integers(0, 9)), None)
    for part in [*divide(everyone, draw(st.integers(2, 3)))]:
        for _ in divide(part, draw(st.sampled_from([0, 0, 1, 2, 3]))):
            pass
    return sums


# -- what a reader can reckon ----------------------------------------------------------------------


def open_to(sums: Sums, hidden: Mapping[int, bool], least: int) -> list[Sequence[int]]:
    """The numbers that what is said of each count alone leaves open."""
    small, any_ = range(1, least), range(least - 1, max(sums.values) + least + 2)
    return [
        (value,) if place not in hidden else small if hidden[place] else any_
        for place, value in enumerate(sums.values)
    ]


def every_number(sums: Sums, hidden: Mapping[int, bool], least: int) -> list[set[int]]:
    """Every number that each count can be, by trying all numbers of all counts together."""
    of = open_to(sums, hidden, least)
    groups = [sums.parts(place) for place in range(len(of))]
    leaves = [place for place, parts in enumerate(groups) if not parts]
    found: list[set[int]] = [set() for _ in of]
    for guess in itertools.product(*(of[leaf] for leaf in leaves)):
        numbers = dict(zip(leaves, guess, strict=True))
        for place in reversed(range(len(of))):
            if groups[place]:
                # Of two that are not alike, neither: no count is -1.
                made = {sum(numbers[part] for part in parts) for parts in groups[place]}
                numbers[place] = made.pop() if len(made) == 1 else -1
            if numbers[place] not in of[place]:
                break
        else:
            for place, number in numbers.items():
                found[place].add(number)
    return found


def can_be(sums: Sums, hidden: Mapping[int, bool], least: int, place: int, number: int) -> bool:
    """Whether a count can be a number: some numbers of all the others go with it.

    Faster than to try all together, since it looks at one sum at a time.
    """
    of = open_to(sums, hidden, least)
    of[place] = (number,) if number in of[place] else ()

    def made(whole: int) -> set[int]:
        numbers = {*of[whole]}
        for parts in sums.parts(whole):
            so_far = {0}
            for part in parts:
                so_far = {a + b for a, b in itertools.product(so_far, made(part))}
            numbers &= so_far
        return numbers

    return bool(made(0))


def assert_hides(sums: Sums, hidden: Mapping[int, bool], least: int) -> None:
    """Each small count can be two numbers, by what is shown; and what is said is true."""
    small = {place for place, value in enumerate(sums.values) if 0 < value < least}
    assert small <= hidden.keys()
    assert small or not hidden, "nothing is hidden where nothing is small"
    assert all(sums.values[place] for place in hidden), "0 is shown"
    for place, is_small in hidden.items():
        value = sums.values[place]
        assert value < least if is_small else value >= least - 1
    for place in small:
        # Those that it can be have no gaps, so another one is next to it.
        value = sums.values[place]
        fitting = [n for n in range(value - 1, value + 2) if can_be(sums, hidden, least, place, n)]
        assert value in fitting
        assert len(fitting) > 1, (sums, hidden, place)
    if sum(place not in sums.parents for place in hidden) <= 4:
        found = every_number(sums, hidden, least)
        assert all(sums.values[place] in found[place] for place in small)
        assert all(len(found[place]) > 1 for place in small), (sums, hidden)


@settings(max_examples=200, deadline=None)
@given(trees(), st.integers(3, 5))
def test_no_small_count_can_be_reckoned_from_those_that_are_shown(sums: Sums, least: int) -> None:
    hidden = hiding.hide(sums.values, sums.parents, least)
    assert_hides(sums, hidden, least)
    assert hiding.hide(sums.values, sums.parents, least, sums.groups) == hidden


@settings(max_examples=300, deadline=None)
@given(divided_sums(), st.integers(3, 5))
def test_nor_from_other_groups_of_the_same_sum(sums: Sums, least: int) -> None:
    assert_hides(sums, hiding.hide(*sums[:2], least, sums.groups), least)


# -- what is hidden, by example --------------------------------------------------------------------


def said(values: list[int], parents: list[int | None], groups: list[int] | None = None) -> str:
    """What is said of each count under five, in turn: `.` itself, `<` under five, `-` nothing."""
    hidden = hiding.hide(values, parents, 5, groups)
    words = {None: ".", True: "<", False: "-"}
    return "".join(words[hidden.get(place)] for place in range(len(values)))


@pytest.mark.parametrize(
    ("values", "parents", "words"),
    [
        ([40, 15, 25], [None, 0, 0], "..."),
        ([40, 0, 40], [None, 0, 0], "..."),
        ([40, 3, 37], [None, 0, 0], ".<-"),  # one of two gives the other away
        ([60, 3, 20, 37], [None, 0, 0, 0], ".<-."),  # the next smallest goes with it
        ([8, 4, 4], [None, 0, 0], "-<<"),  # two under five that are eight together are four each
        ([3, 3, 0], [None, 0, 0], "<<."),
        # Of four ones the sum is not said to be under five.
        ([4, 1, 1, 1, 1], [None, 0, 0, 0, 0], "-<<<<"),
        # A sum that is hidden for another's sake hides the smallest of its own parts too.
        ([33, 3, 30, 3, 10, 20], [None, 0, 0, 1, 2, 2], ".<-<-."),
        # Larger ones, as they have been hidden since the first release.
        (
            [30, 4, 26, 5, 5, 0, 0, 11, 4, 7, 10, 10],
            [None, 0, 0, 2, 3, 3, 2, 2, 7, 7, 2, 10],
            ".<---...<-..",
        ),
        (
            [43, 27, 25, 25, 2, 1, 15, 0, 0, 12, 5, 7, 0, 3],
            [None, 0, 1, 2, 1, 0, 0, 6, 7, 6, 9, 9, 6, 6],
            "..--<<-..--..<",
        ),
        (
            [22, 11, 7, 7, 4, 1, 3, 11, 2, 2, 9, 7, 2],
            [None, 0, 1, 2, 1, 4, 4, 0, 7, 8, 7, 10, 10],
            "..--<<<.<<--<",
        ),
        ([13, 13, 9, 1, 1, 7, 4, 1, 1, 1, 1], [None, 0, 1, 2, 2, 2, 1, 6, 6, 6, 6], "..-<<--<<<<"),
        (
            [19, 4, 4, 4, 0, 7, 2, 2, 5, 5, 8, 8, 7, 1],
            [None, 0, 1, 2, 0, 0, 5, 6, 5, 8, 0, 10, 11, 11],
            ".<<<.-<<--..-<",
        ),
    ],
)
def test_what_is_hidden(values: list[int], parents: list[int | None], words: str) -> None:
    assert said(values, parents) == words


@pytest.mark.parametrize(
    ("total", "groups", "words"),
    [
        (40, [[15, 25], [20, 20]], ". .. .."),
        # What one group hides is nothing to the other, as long as the sum is shown.
        (40, [[3, 37], [20, 20]], ". <- .."),
        (40, [[3, 37], [20, 0, 20], [1, 9, 30]], ". <- ... <-."),
        # A hidden sum hides the smallest in each group that would give it back.
        (8, [[4, 4], [8]], "- << -"),
        (8, [[4, 4], [8, 0], [3, 5]], "- << -. <."),
        # Small ones of one group can hold the sum up for those of another, where they are as
        # large as they are said to be at most: of one of those nothing is said.
        (8, [[1] * 8, [4, 4]], "- <<<<<<<< -<"),
        (4, [[1] * 4, [4, 0]], "- <<<< -."),
        (8, [[1] * 8, [4, 4], [4, 3, 1]], "- <<<<<<<< -< <<<"),
        (0, [[0, 0], [0]], ". .. ."),
    ],
)
def test_what_is_hidden_of_several_groups(total: int, groups: list[list[int]], words: str) -> None:
    sums = Sums([total], [None], [0])
    for group, parts in enumerate(groups):
        for part in parts:
            sums.add(part, 0, group)
    assert said(*sums) == words.replace(" ", "")


def test_a_sum_that_is_held_by_parts_of_its_parts_is_let_go_there() -> None:
    """Eight ones of eight, and in another group one part, the eight, which is four and four."""
    sums = Sums([8], [None], [0])
    for _ in range(8):
        sums.add(1, 0)
    other = sums.add(8, 0, 1)
    sums.add(4, other)
    sums.add(4, other)
    assert said(*sums) == "-<<<<<<<<--<"


def test_parts_that_do_not_make_the_sum_are_never_said_to_be_hidden() -> None:
    with pytest.raises(FigureError, match="går inte att dölja"):
        hiding.hide([5, 3], [None, 0], 5)
    with pytest.raises(FigureError, match="går inte att dölja"):
        hiding.hide([9, 4, 5, 3], [None, 0, 0, 0], 5, [0, 0, 0, 1])
    with pytest.raises(FigureError, match="går inte att dölja"):
        hiding.hide([3, 1, 1, 1, 1], [None, 0, 0, 0, 0], 5)
