"""Small counts of persons: which are hidden in what is published, and which with them so that none
can be reckoned."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..base import swedish
from ..base.errors import FigureError
from ..model.findings import Finding
from .results import GrantResult
from .shapes import Hidden, R
from .tables import Activity, Area, Line

_SEXES = ("women_count", "men_count", "unknown_count")
_NO_AREA = "Inget område angivet"
"""What `sql/520_area.sql` calls the area of an activity that names none."""


_Place = tuple[str, int, str]
"""A count: its table, the place of its row there, and its column."""


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
    counted: list[_Place] = [("gender", 0, "people_count")]
    parents: list[int | None] = [None]
    for sex in _SEXES:
        whole = len(counted)
        areas = {area_key(row): place for place, row in enumerate(tables.area, len(counted) + 1)}
        activities = [at for at, row in enumerate(tables.activity) if getattr(row, sex) is not None]
        counted.append(("gender", 0, sex))
        counted += [("area", at, sex) for at in range(len(tables.area))]
        counted += [("activity", at, sex) for at in activities]
        parents += [
            0,
            *(whole for _ in areas),
            *(areas[area_key(tables.activity[at])] for at in activities),
        ]
    values = [int(getattr(getattr(tables, table)[at], name)) for table, at, name in counted]
    hidden: dict[tuple[str, int], dict[str, Any]] = {}
    for place, is_small in hide(values, parents, least).items():
        table, at, name = counted[place]
        words = Hidden(f"färre än {least}" if is_small else "visas inte")
        hidden.setdefault((table, at), {})[name] = words
    (everyone,) = _hiding("gender", tables.gender, hidden)
    shares: dict[str, Any] = {}
    for sex in _SEXES:
        if isinstance(getattr(everyone, sex), Hidden) or isinstance(everyone.people_count, Hidden):
            shares[sex.replace("_count", "_share")] = None
    shown = replace(
        tables,
        gender=(replace(everyone, **shares),),
        area=_hiding("area", tables.area, hidden),
        activity=_hiding("activity", tables.activity, hidden),
    )
    findings = tuple(
        _without_count(f) if f.rule == "antal-inte-heltal" else f for f in result.findings
    )
    return replace(result, tables=shown, findings=findings)


def _hiding(
    table: str, rows: tuple[R, ...], hidden: Mapping[tuple[str, int], Mapping[str, Any]]
) -> tuple[R, ...]:
    """The rows of a table with the words that stand in place of some counts, by the table and the
    row's place in it."""
    return tuple(replace(row, **hidden.get((table, at), {})) for at, row in enumerate(rows))


def _without_count(finding: Finding) -> Finding:
    return replace(
        finding, value=None, message=finding.message.replace(f", ”{finding.value}”,", "")
    )


def hide(values: Sequence[int], parents: Sequence[int | None], least: int) -> dict[int, bool]:
    """Which counts of a tree of sums to hide, by place: True for "under the least", False for
    nothing said.

    `parents` is the place of the sum that a count is part of; a sum stands before its parts. Every
    count from 1 and under `least` is hidden, and then others, the next smallest beside it first,
    until whoever reckons with all that is shown can't tell which of two numbers any of them is. 0
    is always shown.
    """
    small = [place for place, value in enumerate(values) if 0 < value < least]
    parts: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents):
        parts.setdefault(parent, []).append(place)

    def ones(place: int) -> int:
        return sum(map(ones, parts[place])) if place in parts else int(values[place] == 1)

    # Of as many ones as make the largest hidden number, "under the least" would say that each is a
    # one.
    hidden = {place: place not in parts or ones(place) < least - 1 for place in small}

    def cover(place: int) -> None:
        """Hide a count and, so that its parts don't give it back, the smallest of them."""
        hidden[place] = False
        shown = [part for part in parts.get(place, []) if values[part]]
        if shown and hidden.keys().isdisjoint(shown):
            cover(min(shown, key=values.__getitem__))

    while exposed := _exposed(small, values, parents, hidden, least):
        changed: set[int] = set()
        for place in exposed:
            at = place
            while (above := parents[at]) is not None and above not in changed:
                shown = [p for p in (*parts[above], above) if values[p] and p not in hidden]
                if shown:
                    cover(
                        min(shown, key=values.__getitem__)
                    )  # of two alike the part, which stands before the sum
                    changed.add(above)
                    break
                at = above
        if not changed:
            raise FigureError(
                "Små antal personer går inte att dölja så att de inte kan räknas ut. Inget har "
                "skrivits."
            )
    return hidden


def _exposed(
    small: Sequence[int],
    values: Sequence[int],
    parents: Sequence[int | None],
    hidden: Mapping[int, bool],
    least: int,
) -> list[int]:
    """Which of the small counts only one number fits, for one who reckons with all that is shown.

    Exact, since the sums are a tree: bounds go first from the parts to the sums, then from the sums
    to the parts.
    """
    endless = 2 * sum(values) + least
    bounds = [(value, value) for value in values]
    for place, is_small in hidden.items():
        bounds[place] = (1, least - 1) if is_small else (least - 1, endless)
    low, high, sums = [0] * len(values), [0] * len(values), set(parents)
    for place in reversed(range(len(values))):
        if place in sums:
            bounds[place] = (max(bounds[place][0], low[place]), min(bounds[place][1], high[place]))
        if (above := parents[place]) is not None:
            low[above] += bounds[place][0]
            high[above] += bounds[place][1]
    for place, above in enumerate(parents):
        if above is not None:
            lowest, highest = bounds[place]
            from_above = (
                bounds[above][0] - (high[above] - highest),
                bounds[above][1] - (low[above] - lowest),
            )
            bounds[place] = (max(lowest, from_above[0]), min(highest, from_above[1]))
    return [place for place in small if bounds[place][0] >= bounds[place][1]]
