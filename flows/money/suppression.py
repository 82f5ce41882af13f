"""Small counts of persons: which are hidden in what is published, and which with them so that none
can be reckoned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..base import swedish
from ..base.errors import FigureError
from ..model.findings import Finding
from .results import GrantResult
from .shapes import Hidden, R
from .tables import Activity, Area, Gender, Line, Tables

_SEXES = ("women_count", "men_count", "unknown_count")
_NO_AREA = "Inget område angivet"
"""What `sql/520_area.sql` calls the area of an activity that names none."""


class _Place(NamedTuple):
    """Where a count stands: its table, the place of its row there, and its column."""

    table: str
    row: int
    column: str


def area_key(row: Area | Activity | Line) -> str:
    """What the lines, the activities and the sums of an area have in common."""
    return swedish.key(row.area or _NO_AREA)


def published(result: GrantResult) -> GrantResult:
    """The result as the public may read it: no count of persons under the grant's least, and none
    that gives one away.

    In their place stand `Hidden` words, in the activities, the areas and all of the grant; shares
    that rest on them are gone. The same result when the grant's terms say nothing of small counts.
    """
    least = result.grant.least_shown_count
    if not least:
        return result
    tables = result.tables
    counts, parents = _counts(tables)
    values = [int(getattr(getattr(tables, c.table)[c.row], c.column)) for c in counts]
    words: dict[tuple[str, int], dict[str, Any]] = {}
    for place, is_small in hide(values, parents, least).items():
        count = counts[place]
        hidden = Hidden(f"färre än {least}" if is_small else "visas inte")
        words.setdefault((count.table, count.row), {})[count.column] = hidden
    (everyone,) = _with_words("gender", tables.gender, words)
    shown = replace(
        tables,
        gender=(_without_shares(everyone),),
        area=_with_words("area", tables.area, words),
        activity=_with_words("activity", tables.activity, words),
    )
    return replace(result, tables=shown, findings=tuple(map(_without_count, result.findings)))


def _counts(tables: Tables) -> tuple[list[_Place], list[int | None]]:
    """Every count of persons that is published, and for each the place in this list of the sum that
    it is part of.

    They are a tree: all persons; all of each sex; those of its areas; those of their activities.
    """
    counts: list[_Place] = []
    parents: list[int | None] = []

    def add(count: _Place, parent: int | None) -> int:
        counts.append(count)
        parents.append(parent)
        return len(counts) - 1

    everyone = add(_Place("gender", 0, "people_count"), None)
    for sex in _SEXES:
        all_of_sex = add(_Place("gender", 0, sex), everyone)
        areas: dict[str, int] = {}
        for row_no, area in enumerate(tables.area):
            areas[area_key(area)] = add(_Place("area", row_no, sex), all_of_sex)
        for row_no, activity in enumerate(tables.activity):
            if getattr(activity, sex) is not None:
                add(_Place("activity", row_no, sex), areas[area_key(activity)])
    return counts, parents


def _with_words(
    table: str, rows: tuple[R, ...], words: Mapping[tuple[str, int], Mapping[str, Any]]
) -> tuple[R, ...]:
    """The rows of a table with the words that stand in place of some counts, by the table and the
    row's place in it."""
    return tuple(replace(row, **words.get((table, place), {})) for place, row in enumerate(rows))


def _without_shares(everyone: Gender) -> Gender:
    """The counts of the grant without the shares that rest on a hidden one."""
    gone: dict[str, Any] = {}
    for sex in _SEXES:
        if isinstance(getattr(everyone, sex), Hidden) or isinstance(everyone.people_count, Hidden):
            gone[sex.replace("_count", "_share")] = None
    return replace(everyone, **gone)


def _without_count(finding: Finding) -> Finding:
    """A finding that doesn't quote what a board has written as a count of persons."""
    if finding.rule != "antal-inte-heltal":
        return finding
    message = finding.message.replace(f", ”{finding.value}”,", "")
    return replace(finding, value=None, message=message)


# -- which counts to hide --------------------------------------------------------------------------

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
