"""Which counts in a tree of sums are hidden, so that no small one can be reckoned from what is
shown."""

from collections.abc import Iterable, Sequence

from ..base.errors import FigureError

# A small count is hidden, but a reader knows the sums: of 3 + ? = 5 the hidden part is 2. So as
# long as whoever reckons with all that is shown can tell some small count exactly, one more count
# beside it, or above it, is hidden too. Each time it is the smallest, so that as little as possible
# is lost.
#
# A sum can be divided in several ways: all by board, and the same all by sex. Its parts of one way
# are a group, and each group makes the whole sum, so what one group gives away the others know.


def hide(
    values: Sequence[int],
    parents: Sequence[int | None],
    least: int,
    groups: Sequence[int] | None = None,
) -> dict[int, bool]:
    """Which counts of a tree of sums to hide, by place: True for "under the least", False for
    nothing said.

    `parents` is the place of the sum that a count is part of; a sum stands before its parts.
    `groups` is which group of that sum's parts it belongs to: a number that the others of the group
    have too, and no other of its parts. Left out, all parts of a sum are one group. It means
    nothing for a count without a parent. The parts of each group add up to the whole sum.

    Every count from 1 and under `least` is hidden, and then others, the next smallest beside it
    first, until whoever reckons with all that is shown can't tell which of two numbers any of them
    is. 0 is always shown, and one of which nothing is said is `least` - 1 or more. FigureError
    where the parts don't add up and there is nothing left to hide.
    """
    if groups is None:
        groups = [0] * len(values)
    tree = _Tree(values, parents, least, groups)
    while exposed := tree.exposed():
        if not tree.hide_beside(exposed):
            raise FigureError(
                "Små antal personer går inte att dölja så att de inte kan räknas ut. Inget har "
                "skrivits."
            )
    return tree.hidden


class _Bounds:
    """What each count, and the parts of each group together, are at least and at most."""

    def __init__(self, counts: int, groups: int) -> None:
        self.low, self.high = [0] * counts, [0] * counts
        self.group_low, self.group_high = [0] * groups, [0] * groups


class _Tree:
    """A tree of sums, and which of its counts are hidden so far."""

    def __init__(
        self,
        values: Sequence[int],
        parents: Sequence[int | None],
        least: int,
        groups: Sequence[int],
    ) -> None:
        self._values, self._parents, self._least = values, parents, least
        self._endless = 2 * sum(values) + least
        self._parts: list[list[int]] = []
        """The parts of each group."""
        self._group: list[int | None] = []
        """The group that each count is part of."""
        self._groups: list[list[int]] = [[] for _ in values]
        """The groups that each count is divided in."""
        numbers: dict[tuple[int, int], int] = {}
        for place, (parent, group) in enumerate(zip(parents, groups, strict=True)):
            if parent is None:
                self._group.append(None)
                continue
            number = numbers.setdefault((parent, group), len(self._parts))
            if number == len(self._parts):
                self._parts.append([])
                self._groups[parent].append(number)
            self._parts[number].append(place)
            self._group.append(number)
        self._small = [place for place, value in enumerate(values) if 0 < value < least]
        self.hidden: dict[int, bool] = dict.fromkeys(self._small, True)

    def _smallest_shown(self, places: Iterable[int]) -> int | None:
        """The smallest of some counts that is shown and not 0, of two alike the first; None when
        there is none."""
        shown = [place for place in places if self._values[place] and place not in self.hidden]
        return min(shown, key=self._values.__getitem__, default=None)

    # Beside and above is far enough. Say that a hidden count can be 3 only, and its sum both 8 and
    # 9; those beside it are then 5 or 6. By its own words and its parts it can be one more or one
    # less (`_loosen` sees to that), and would be 4 of 9 beside 5, or 2 of 8 beside 6. So its sum
    # is one number only. It is shown, or that is the fault of what is above it, never of its other
    # groups, by the same reasoning; and so on up to a sum that is shown, which is asked here. Other
    # groups are touched in `_cover` alone.
    def hide_beside(self, exposed: Iterable[int]) -> bool:
        """Hide one more count beside or above each of some counts; False when there is none to
        hide."""
        changed: set[int] = set()
        for place in exposed:
            above, group = self._parents[place], self._group[place]
            while above is not None and group is not None and above not in changed:
                # Of two alike a part is hidden, and not the sum, which stands last here.
                smallest = self._smallest_shown((*self._parts[group], above))
                if smallest is not None:
                    self._cover(smallest)
                    changed.add(above)
                    break
                group = self._group[above]
                above = self._parents[above]
        return bool(changed)

    def _cover(self, place: int) -> None:
        """Hide a count and, so that no group of its parts gives it back, the smallest of each."""
        self.hidden[place] = False
        for group in self._groups[place]:
            parts = [part for part in self._parts[group] if self._values[part]]
            if parts and self.hidden.keys().isdisjoint(parts):
                self._cover(min(parts, key=self._values.__getitem__))

    # Exact, though each count is asked only twice. What ties counts together is "this group makes
    # that sum", and a sum with its groups, their parts, the groups of those and so on never comes
    # around to itself, also where it has many groups: they meet in their sum and nowhere else. So
    # once the sum is fixed, its groups don't know of each other, nor of what is above. What is
    # below a count then leaves it the numbers that its own words and every one of its groups
    # allow, their intersection; a group allows each sum of numbers of its parts. Whole numbers from
    # one to another, without gaps, stay so when they are added and when they are intersected:
    # two bounds say all of it. On the way back a sum is final before its parts, and a part's
    # numbers are those that some number of the sum and of the parts beside it make up for. That
    # its own group has had a say of the sum adds nothing that isn't so.
    def exposed(self) -> list[int]:
        """Which of the small counts only one number fits, for one who reckons with all that is
        shown.

        Bounds go first from the parts to the sums, then from the sums to the parts. On the way up
        each hidden count is given room by itself, which is what `hide_beside` counts on.
        """
        bounds = _Bounds(len(self._values), len(self._parts))
        low, high = bounds.low, bounds.high
        for place in reversed(range(len(low))):
            self._bound(place, bounds)
            if place in self.hidden and low[place] == high[place]:
                self._loosen(place, bounds)
        for place, above in enumerate(self._parents):
            group = self._group[place]
            if above is not None and group is not None:
                # A part is its sum without the other parts: at least when those are as large as
                # they can be, at most when they are as small.
                others_low = bounds.group_low[group] - low[place]
                others_high = bounds.group_high[group] - high[place]
                low[place] = max(low[place], low[above] - others_high)
                high[place] = min(high[place], high[above] - others_low)
        return [place for place in self._small if low[place] >= high[place]]

    def _bound(self, place: int, bounds: _Bounds) -> None:
        """Reckon what a count is at least and at most by its own words and those of its parts."""
        low = high = self._values[place]
        if place in self.hidden:
            # One of which nothing is said is no small one, or the largest of the small.
            is_small = self.hidden[place]
            low = 1 if is_small else self._least - 1
            high = self._least - 1 if is_small else self._endless
        for group in self._groups[place]:
            parts = self._parts[group]
            bounds.group_low[group] = sum([bounds.low[part] for part in parts])
            bounds.group_high[group] = sum([bounds.high[part] for part in parts])
            low = max(low, bounds.group_low[group])
            high = min(high, bounds.group_high[group])
        bounds.low[place], bounds.high[place] = low, high

    # Four ones of four boards: that they are "under five" together says that each is a one. And
    # eight ones of eight boards say that four women and four men, each "under five", are four. So
    # of whatever says that a count isn't more than it is, nothing is said any more. That is a part
    # in each group that is as large as it can be. One such part is hidden, as in each group of a
    # hidden sum; it is a small one of the largest, or a sum that is held by its parts in turn.
    # Nothing more needs to be hidden for it.
    def _loosen(self, place: int, bounds: _Bounds) -> None:
        """Give a hidden count that is as large as it can be, by its words and its parts, room to be
        larger."""
        if bounds.high[place] != self._values[place]:
            return  # The parts don't add up; `hide` says so.
        self.hidden[place] = False
        for group in self._groups[place]:
            if bounds.group_high[group] == self._values[place]:
                self._loosen(next(p for p in self._parts[group] if p in self.hidden), bounds)
        self._bound(place, bounds)
