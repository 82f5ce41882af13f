"""Small counts of persons in what is published: what stands in their place, and in place of those
that they could be reckoned from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..base import swedish
from ..model.findings import Finding
from . import hiding, measure_suppression
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
    for place, is_small in hiding.hide(values, parents, least).items():
        count = counts[place]
        hidden = Hidden(f"färre än {least}" if is_small else "visas inte")
        words.setdefault((count.table, count.row), {})[count.column] = hidden
    (everyone,) = _with_words("gender", tables.gender, words)
    shown = replace(
        tables,
        measured=measure_suppression.published(tables.measured, least),
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
