"""Which counts in a tree of sums are hidden, so that no small one can be reckoned from what is
shown."""

from collections.abc import Iterable, Sequence

from ..base.errors import FigureError

# A small count is hidden, but a reader knows the sums: of 3 + ? = 5 the hidden part is 2. So as
# long as whoever reckons with all that is shown can tell some small count exactly, one more count
# beside it, or above it, is hidden too. Each time it is the smallest, so that as little as possible
# is lost.


def hide(values: Sequence[int], parents: Sequence[int | None], least: int) -> dict[int, bool]:
    """Which counts of a tree of sums to hide, by place: True for "under the least", False for
    nothing said.

    `parents` is the place of the sum that a count is part of; a sum stands before its parts. Every
    count from 1 and under `least` is hidden, and then others, the next smallest beside it first,
    until whoever reckons with all that is shown can't tell which of two numbers any of them is. 0
    is always shown.
    """
    tree = _Tree(values, parents, least)
    while exposed := tree.exposed():
        if not tree.hide_beside(exposed):
            raise FigureError(
                "Små antal personer går inte att dölja så att de inte kan räknas ut. Inget har "
                "skrivits."
            )
    return tree.hidden


class _Tree:
    """A tree of sums, and which of its counts are hidden so far."""

    def __init__(self, values: Sequence[int], parents: Sequence[int | None], least: int) -> None:
        self._values, self._parents, self._least = values, parents, least
        self._parts: dict[int, list[int]] = {}
        for place, parent in enumerate(parents):
            if parent is not None:
                self._parts.setdefault(parent, []).append(place)
        self._small = [place for place, value in enumerate(values) if 0 < value < least]
        self.hidden: dict[int, bool] = {}
        for place in self._small:
            # Of as many ones as make the largest hidden number, "under the least" would say that
            # each is a one.
            is_sum = place in self._parts
            self.hidden[place] = not is_sum or self._ones(place) < least - 1

    def _ones(self, place: int) -> int:
        """How many of the counts that a count is made of are 1."""
        if place in self._parts:
            return sum(map(self._ones, self._parts[place]))
        return int(self._values[place] == 1)

    def _smallest_shown(self, places: Iterable[int]) -> int | None:
        """The smallest of some counts that is shown and not 0, of two alike the first; None when
        there is none."""
        shown = [place for place in places if self._values[place] and place not in self.hidden]
        return min(shown, key=self._values.__getitem__, default=None)

    def hide_beside(self, exposed: Iterable[int]) -> bool:
        """Hide one more count beside or above each of some counts; False when there is none to
        hide."""
        changed: set[int] = set()
        for place in exposed:
            above = self._parents[place]
            while above is not None and above not in changed:
                # Of two alike a part is hidden, and not the sum, which stands last here.
                smallest = self._smallest_shown((*self._parts[above], above))
                if smallest is not None:
                    self._cover(smallest)
                    changed.add(above)
                    break
                above = self._parents[above]
        return bool(changed)

    def _cover(self, place: int) -> None:
        """Hide a count and, so that its parts don't give it back, the smallest of them."""
        self.hidden[place] = False
        parts = [part for part in self._parts.get(place, []) if self._values[part]]
        if parts and self.hidden.keys().isdisjoint(parts):
            self._cover(min(parts, key=self._values.__getitem__))

    def exposed(self) -> list[int]:
        """Which of the small counts only one number fits, for one who reckons with all that is
        shown.

        Exact, since the sums are a tree: bounds go first from the parts to the sums, then from the
        sums to the parts.
        """
        low, high = self._stated_bounds()
        parts_low, parts_high = [0] * len(low), [0] * len(high)
        for place in reversed(range(len(low))):
            if place in self._parts:
                low[place] = max(low[place], parts_low[place])
                high[place] = min(high[place], parts_high[place])
            above = self._parents[place]
            if above is not None:
                parts_low[above] += low[place]
                parts_high[above] += high[place]
        for place, above in enumerate(self._parents):
            if above is not None:
                # A part is its sum without the other parts: at least when those are as large as
                # they can be, at most when they are as small.
                others_low = parts_low[above] - low[place]
                others_high = parts_high[above] - high[place]
                low[place] = max(low[place], low[above] - others_high)
                high[place] = min(high[place], high[above] - others_low)
        return [place for place in self._small if low[place] >= high[place]]

    def _stated_bounds(self) -> tuple[list[int], list[int]]:
        """What each count is at least and at most by what is said of it alone."""
        low, high = list(self._values), list(self._values)
        endless = 2 * sum(self._values) + self._least
        for place, is_small in self.hidden.items():
            # One of which nothing is said is no small one, or a sum of ones, one under the least.
            low[place] = 1 if is_small else self._least - 1
            high[place] = self._least - 1 if is_small else endless
        return low, high
