"""Small counts of persons among the measures (mått) that are published: which are hidden, and which
with them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from . import hiding
from .shapes import Hidden, not_hidden
from .tables import Measured

_RATED = ("agree_count", "answered_count", "asked_count")


def published(rows: Sequence[Measured], least: int) -> tuple[Measured, ...]:
    """The measures as the public may read them: all together and their parts, and each unit's
    total. No small count is told, nor one that gives it away; a unit's own parts are not shown.

    `least` is the smallest count that is told; 0 when the terms say nothing of it.
    """
    if not least:
        return tuple(rows)
    words: dict[tuple[str | None, int], dict[str, Any]] = {}
    for same in _by_total(rows):
        told = _of_rating(same, least) if same[0].is_rating else _of_counts(same, least)
        words |= told
    shown = []
    for row in rows:
        changes = words.get((row.board_id, row.asked_no), {})
        shown.append(replace(row, **changes))
    return tuple(shown)


def _by_total(rows: Iterable[Measured]) -> list[list[Measured]]:
    """The rows of each measure and year that are published, that of all together first."""
    groups: dict[tuple[str, int], list[Measured]] = {}
    for row in rows:
        if row.board_id is None or not row.split_no:
            groups.setdefault((row.measure_id, row.year_no), []).append(row)
    together = []
    for same in groups.values():
        together.append(sorted(same, key=lambda row: (row.board_id is not None, row.split_no)))
    return together


_Told = dict[tuple[str | None, int], dict[str, Any]]
"""What stands in place of some counts, by the unit and the number of their row."""


# -- a plain count ---------------------------------------------------------------------------------


def _of_counts(rows: Sequence[Measured], least: int) -> _Told:
    """All together is divided by unit, and once more by each split. What a division leaves out, of
    those who told a total and no parts, is a part of it too: a reader can reckon it."""
    total, *parts = rows
    if total.people_count is None:
        return _untold([part for part in parts if part.people_count is not None])
    known = [part for part in parts if part.people_count is not None]
    values = [not_hidden(total.people_count)]
    parents: list[int | None] = [None]
    groups = [0]
    owners: list[Measured | None] = [total]
    overfull: list[Measured] = []
    for division in sorted({part.split_no for part in known}):
        own = [part for part in known if part.split_no == division]
        counts = [_count(part) for part in own]
        left = values[0] - sum(counts)
        if left < 0:  # more in the parts than in all: what they say of each other can't be told
            overfull += own
            continue
        for owner, count in [*zip(own, counts, strict=True), (None, left)]:
            owners.append(owner)
            values.append(count)
            parents.append(0)
            groups.append(division)
    told = _untold(overfull)
    for place, is_small in hiding.hide(values, parents, least, groups).items():
        owner = owners[place]
        if owner is not None:
            hidden = Hidden(f"färre än {least}" if is_small else "visas inte")
            told[owner.board_id, owner.asked_no] = {"people_count": hidden}
    return told


def _count(row: Measured) -> int:
    assert row.people_count is not None
    return not_hidden(row.people_count)


def _untold(rows: Iterable[Measured]) -> _Told:
    """Rows of which nothing is said but that there are some."""
    told: _Told = {}
    for row in rows:
        told[row.board_id, row.asked_no] = {"people_count": Hidden("visas inte")}
    return told


# -- how many agree --------------------------------------------------------------------------------


def _of_rating(rows: Sequence[Measured], least: int) -> _Told:
    """A row is told when neither those who agree nor those who answered and don't are few. Where a
    row of a division isn't, or what the division leaves out isn't, none of it is: the rest would
    give it away."""
    total, *parts = rows
    told: _Told = {}
    if not _may_be_told(total, least):
        for row in rows:
            told |= _unrated(row)
        return told
    for division in sorted({part.split_no for part in parts}):
        own = [part for part in parts if part.split_no == division]
        agree = _sum_of(own, "agree_count")
        answered = _sum_of(own, "answered_count")
        left = replace(
            total,
            agree_count=_known(total.agree_count) - agree,
            answered_count=_known(total.answered_count) - answered,
        )
        if all(_may_be_told(row, least) for row in (*own, left)):
            continue
        for row in own:
            told |= _unrated(row)
    return told


def _known(count: int | Hidden | None) -> int:
    return 0 if count is None else not_hidden(count)


def _sum_of(rows: Iterable[Measured], name: str) -> int:
    return sum(_known(getattr(row, name)) for row in rows)


def _may_be_told(row: Measured, least: int) -> bool:
    agree, answered = _known(row.agree_count), _known(row.answered_count)
    return all(few == 0 or few >= least for few in (agree, answered - agree))


def _unrated(row: Measured) -> _Told:
    """What stands in place of a row's counts; nothing in place of one that has none, or where
    nobody answered."""
    if not _known(row.answered_count):
        return {}
    hidden = dict.fromkeys(_RATED, Hidden("visas inte"))
    return {(row.board_id, row.asked_no): {**hidden, "agree_share": None, "answered_share": None}}
