"""The money reckoned a second time, by hand and from the contract's words alone (sections 2, 3 and
4).

Nothing here knows how the program does it: a filling is what a board wrote, a reckoning is what
`reconciliation.json` must then say. Kronor are `Decimal`, one sum at a time, as with pencil and
paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from statsbidrag.model.boards import Board
from statsbidrag.model.decisions import CarryOver, Grant
from statsbidrag.model.sources import Year

ZERO = Decimal(0)
Json = dict[str, Any]
KNOWN_OF_HELD = {
    "board",
    "name",
    "return_status",
    "allocated_sek",
    "liability_grounds",
    "components",
    "inherited",
}
"""What is known of a board that is held; all else of it is null."""


@dataclass(frozen=True)
class Line:
    """A cost line as the board means it: `cost_kind` and `area` in the grant's own words,
    kronor."""

    worked_on: date
    cost_kind: str
    area: str
    amount: Decimal


@dataclass(frozen=True)
class Post:
    """A post (tjänst) as the board means it: per cent of full time, from and to, and if it stays
    when the grant has ended."""

    role: str
    percent: Decimal
    from_on: date
    to_on: date | None = None
    stays: bool | None = None


Measured = tuple[str, str, str, str]
"""What a row of Mått is about: measure, year, split and part, as the template has them."""
Asked = tuple[str, str]
"""What a row of Frågor is about: question and year, as the template has them."""


@dataclass(frozen=True)
class Filling:
    """A return that somebody sent. Two fillings with the same `content` are the same bytes under
    two names."""

    sender: str
    period_end: date | None
    version: int | None
    lines: tuple[Line, ...] = ()
    forecast: Decimal | None = None
    has_fault: bool = False
    """Something blocking stands in it."""
    has_remark: bool = False
    """Something that is a warning stands in it, over and above what follows from its lines."""
    content: str = ""
    posts: tuple[Post, ...] = ()
    measures: Mapping[Measured, tuple[int, ...]] = field(default_factory=dict, hash=False)
    """The counts of each row that is filled in: one of a measure; of a rating how many agree, how
    many answered and how many were asked. A CSV return has none, nor any posts."""
    answers: Mapping[Asked, object] = field(default_factory=dict, hash=False)
    """What stands in Svar: Ja, Nej or a number. A CSV return has none."""


@dataclass(frozen=True)
class _Standing:
    """What became of one sender: the filling that counts, or None when the sender is held."""

    sender: str
    counts: Filling | None
    period_end: date | None
    earlier: tuple[Filling, ...] = ()


def reckon(
    grant: Grant,
    boards: Sequence[Board],
    as_of: date,
    fillings: Sequence[Filling],
    *,
    is_final: bool = False,
    until: date | None = None,
) -> Json:
    """What `reconciliation.json` says for one grant on a day, given every filling that was sent;
    `until` is the last day that an interim report covers.

    The contract's figures, and of the others those that follow from cost lines and decisions alone.
    """
    period_end = grant.spend_to_on if is_final else min(_last_quarter_end(as_of), grant.spend_to_on)
    period_end = until or period_end
    by_id = {board.board_id: board for board in boards}
    amounts = _in_force(grant, by_id, as_of)
    units: dict[str, dict[str, dict[str, Decimal]]] = {}
    given: dict[str, list[InYear]] = {}
    for (board, component, year), sek in amounts.items():
        unit = _unit(board, by_id, grant, as_of, period_end)
        parts = units.setdefault(unit, {}).setdefault(board, {})
        parts[component] = parts.get(component, ZERO) + sek
        if year:
            given.setdefault(unit, []).append((component, year, sek))
    standings: dict[str, list[_Standing]] = {unit: [] for unit in units}
    for sender in sorted({f.sender for f in fillings}):
        standing = _standing([f for f in fillings if f.sender == sender], sender, grant, period_end)
        if standing:
            standings.setdefault(
                _answers(sender, by_id, grant, as_of, period_end, set(units)), []
            ).append(standing)
    rows = [
        _board(
            grant,
            by_id,
            as_of,
            period_end,
            units.get(name, {}),
            given.get(name, []),
            name,
            standings[name],
            is_final,
        )
        for name in sorted(standings)
    ]
    allocated = sum(amounts.values(), ZERO)
    ineligible = [reckoned for row in rows for reckoned in row.pop("ineligible")]
    spent = [reckoned for row in rows for reckoned in row.pop("by_year")]
    known = {row["board"] for row in rows if row["return_status"] != "held"}
    of_known = [one for name in known for one in given.get(name, [])]
    in_years = _years(grant, period_end, of_known, spent) if grant.years else []
    return {
        "schema": 2,
        "grant": grant.grant_id,
        "as_of": as_of.isoformat(),
        "period_end": period_end.isoformat(),
        "final": is_final,
        "total_sek": _sek(grant.total_sek),
        "allocated_sek": _sek(allocated),
        "unallocated_sek": _sek(grant.total_sek - allocated),
        "boards": rows,
        "liability": _city(grant, rows, grant.total_sek - allocated, in_years),
        "city": _sums(rows)
        | {"ineligible_line_count": sum(row["line_count"] for row in ineligible)},
        "ineligible": ineligible,
        "decisions": _decisions(grant, amounts, as_of),
    }


def shared(told: Any, reckoned: Any) -> Any:
    """The part of what the program told that was reckoned too: figures over and above the
    contract's are free."""
    if isinstance(reckoned, dict):
        return {name: shared(told[name], value) for name, value in reckoned.items() if name in told}
    if isinstance(reckoned, list) and len(told) == len(reckoned):
        return [shared(*pair) for pair in zip(told, reckoned, strict=True)]
    return told


# -- section 2: which return counts ----------------------------------------------------------------


def _last_quarter_end(day: date) -> date:
    ends = [date(day.year - 1, 12, 31)]
    ends += [
        date(day.year, 3, 31),
        date(day.year, 6, 30),
        date(day.year, 9, 30),
        date(day.year, 12, 31),
    ]
    return max(end for end in ends if end <= day)


def _standing(
    sent: Sequence[Filling], sender: str, grant: Grant, period_end: date
) -> _Standing | None:
    """The latest period that is not later than the run's, then the highest version; None when there
    is none.

    A period outside the grant holds the sender, whatever else it has sent.
    """
    if any(
        f.period_end and not grant.spend_from_on <= f.period_end <= grant.spend_to_on for f in sent
    ):
        return _Standing(sender, None, None)
    seen: set[str] = set()
    once: list[Filling] = []
    for filling in sent:
        if not filling.content or filling.content not in seen:
            once.append(filling)
        seen.add(filling.content)
    not_later = [f for f in once if f.period_end is None or f.period_end <= period_end]
    if not not_later:
        return None
    dated = [
        (f.period_end, f.version, f) for f in not_later if f.period_end and f.version is not None
    ]
    if len(dated) < len(not_later):
        return _Standing(sender, None, None)
    latest = max((period, version) for period, version, _ in dated)
    counting = [f for period, version, f in dated if (period, version) == latest]
    if len(counting) > 1 or counting[0].has_fault:
        return _Standing(sender, None, latest[0])
    earlier = [
        (period, version, f.content, f) for period, version, f in dated if period < latest[0]
    ]
    before = max(earlier, key=lambda e: e[:2])[3:] if earlier else ()
    return _Standing(sender, counting[0], latest[0], before)


def _line_of(board: str, boards: dict[str, Board]) -> list[str]:
    """The board, the one it became, the one that became, and so on."""
    line = [board]
    while heir := boards[line[-1]].successor_id:
        line.append(heir)
    return line


def _unit(board: str, boards: dict[str, Board], grant: Grant, as_of: date, unit_day: date) -> str:
    """The last of the line that exists by the unit day, or that a decision in force names."""
    named = {a.board_id for d in grant.decisions if d.decided_on <= as_of for a in d.allocations}
    first, *later = _line_of(board, boards)
    for heir in reversed(later):
        begins = boards[heir].valid_from_on
        if heir in named or (begins and begins <= unit_day):
            return heir
    return first


def _answers(
    sender: str,
    boards: dict[str, Board],
    grant: Grant,
    as_of: date,
    unit_day: date,
    units: set[str],
) -> str:
    """The unit that a sender's returns count under; itself as it is when it has no money and no one
    predecessor has."""
    unit = _unit(sender, boards, grant, as_of, unit_day)
    before = [other for other in units if unit in _line_of(other, boards)]
    return before[0] if unit not in units and len(before) == 1 else unit


def _is_up_to_date(standing: _Standing, period_end: date, boards: dict[str, Board]) -> bool:
    own_last_day = boards[standing.sender].valid_to_on
    wanted = min(period_end, own_last_day) if own_last_day else period_end
    return standing.period_end is not None and standing.period_end >= wanted


# -- section 4: the money --------------------------------------------------------------------------


def _in_force(
    grant: Grant, boards: dict[str, Board], as_of: date
) -> dict[tuple[str, str, Year | None], Decimal]:
    """The latest amount of each board, component and year, but for what a decision on a later board
    of the line has ended."""
    amounts: dict[tuple[str, str, Year | None], Decimal] = {}
    for decision in sorted(grant.decisions, key=lambda d: d.decided_on):
        for allocation in decision.allocations:
            if decision.decided_on <= as_of:
                place = (allocation.board_id, allocation.component_id, decision.year)
                amounts[place] = allocation.amount_sek
    return {
        (board, component, year): sek
        for (board, component, year), sek in amounts.items()
        if not any((heir, component, year) in amounts for heir in _line_of(board, boards)[1:])
    }


def reason(grant: Grant, line: Line) -> str | None:
    """Why the grant does not pay for a line, or None when it does."""
    if not grant.spend_from_on <= line.worked_on <= grant.spend_to_on:
        return "outside_period"
    if line.cost_kind not in grant.cost_kinds:
        return "cost_kind"
    return None if line.area in grant.areas else "area"


def _component(grant: Grant, line: Line) -> str:
    for component in grant.components:
        if line.area in component.areas:
            return component.component_id
    return grant.components[0].component_id


def _liability(
    allocated: Decimal, eligible: Decimal, ineligible: Decimal
) -> tuple[Decimal, Decimal]:
    """What is owed, and how much of it was spent on the wrong purpose."""
    owed = min(allocated, max(ZERO, allocated - eligible))
    return owed, min(max(ZERO, ineligible), owed)


# -- section 7: years ------------------------------------------------------------------------------

InYear = tuple[str, Year, Decimal]
"""What a year has of a component, given or spent."""


@dataclass(frozen=True)
class _YearRow:
    """A year as contract 7 has it; what isn't known yet is None."""

    year: Year
    allocated: Decimal
    carried_in: Decimal | None
    eligible: Decimal
    carried_out: Decimal | None
    lapsed: Decimal | None
    overspent: Decimal | None


def _years(
    grant: Grant, period_end: date, given: Sequence[InYear], spent: Sequence[InYear]
) -> list[_YearRow]:
    """Each year of some sums, the first first, with pencil and paper."""
    rows: list[_YearRow] = []
    coming: Decimal | None = ZERO
    for year in grant.years:
        allocated = sum((sek for _, of, sek in given if of == year), ZERO)
        eligible = sum((sek for _, of, sek in spent if of == year), ZERO)
        if coming is None:
            rows.append(_YearRow(year, allocated, None, eligible, None, None, None))
            continue
        has = coming + allocated
        over = max(ZERO, eligible - has)
        if year.to_on > period_end:
            rows.append(_YearRow(year, allocated, coming, eligible, None, None, over))
            coming = None
            continue
        left = max(ZERO, has - eligible)
        kept = ZERO
        if year != grant.years[-1] and grant.carry_over is CarryOver.ALL:
            kept = left
        if year != grant.years[-1] and grant.carry_over is CarryOver.SHARE:
            most = (grant.carry_share or ZERO) * allocated
            kept = min(left, most.quantize(Decimal("0.01"), ROUND_HALF_DOWN))
        rows.append(_YearRow(year, allocated, coming, eligible, kept, left - kept, over))
        coming = kept
    return rows


def _left(rows: Sequence[_YearRow]) -> tuple[Decimal, Decimal]:
    """What has lapsed, and what is left of the years that haven't ended; below zero where more is
    spent than they have."""
    lapsed = sum((row.lapsed for row in rows if row.lapsed is not None), ZERO)
    left = ZERO
    for row in rows:
        if row.lapsed is None:
            left += (row.carried_in or ZERO) + row.allocated - row.eligible
    return lapsed, left


def _owed_in_years(rows: Sequence[_YearRow], ineligible: Decimal) -> tuple[Decimal, Decimal]:
    """What is owed, and how much of it was spent on the wrong purpose."""
    lapsed, left = _left(rows)
    owed = min(sum((row.allocated for row in rows), ZERO), lapsed + max(ZERO, left))
    return owed, min(max(ZERO, ineligible), owed)


def _told_years(parts: Sequence[Sequence[_YearRow]], *, is_held: bool = False) -> list[Json]:
    """The years of one or several parts together, as reconciliation.json says them."""
    told = []
    for same in zip(*parts, strict=True):
        row: Json = {
            "from": same[0].year.from_on.isoformat(),
            "to": same[0].year.to_on.isoformat(),
            "allocated_sek": _sek(sum((one.allocated for one in same), ZERO)),
        }
        for name in ("carried_in", "eligible", "carried_out", "lapsed", "overspent"):
            values = [getattr(one, name) for one in same]
            is_unknown = is_held or None in values
            row[f"{name}_sek"] = None if is_unknown else _sek(sum(values, ZERO))
        told.append(row)
    return told


def _year_of(grant: Grant, day: date) -> Year | None:
    for year in grant.years:
        if year.from_on <= day <= year.to_on:
            return year
    return None


def _board(
    grant: Grant,
    boards: dict[str, Board],
    as_of: date,
    period_end: date,
    decided: dict[str, dict[str, Decimal]],
    given: Sequence[InYear],
    name: str,
    standings: list[_Standing],
    is_final: bool,
) -> Json:
    parts = {
        c.component_id: sum((own.get(c.component_id, ZERO) for own in decided.values()), ZERO)
        for c in grant.components
    }
    allocated = sum(parts.values(), ZERO)
    inherited = [
        {"board": board, "amount_sek": _sek(sum(own.values(), ZERO))}
        for board, own in sorted(decided.items())
        if board != name
    ]
    is_missing = not standings
    is_behind = not all(_is_up_to_date(s, period_end, boards) for s in standings)
    reaches = any(s.period_end and s.period_end >= period_end for s in standings)
    is_late = not is_missing and (is_behind or not reaches)
    is_held = not is_missing and (
        not decided or any(s.counts is None for s in standings) or (is_final and is_behind)
    )
    if is_held:
        row = _held_row(name, boards[name].name, allocated, parts, inherited)
        if grant.years:
            by_part = _parts_in_years(grant, period_end, given, [])
            _add_years(grant, row, by_part, is_held=True)
        return row
    counted = [s.counts for s in standings if s.counts]
    lines = [line for filling in counted for line in filling.lines]
    spent = {c: [ZERO, ZERO] for c in parts}
    for line in lines:
        spent[_component(grant, line)][0 if reason(grant, line) is None else 1] += line.amount
    by_year = [
        (_component(grant, line), year, line.amount)
        for line in lines
        if reason(grant, line) is None and (year := _year_of(grant, line.worked_on))
    ]
    eligible = sum((e for e, _ in spent.values()), ZERO)
    ineligible = sum((i for _, i in spent.values()), ZERO)
    owed = {c: _liability(parts[c], *spent[c]) for c in parts}
    if grant.is_earmarked:
        liability = sum((whole for whole, _ in owed.values()), ZERO)
        wrong = sum((part for _, part in owed.values()), ZERO)
    else:
        liability, wrong = _liability(allocated, eligible, ineligible)
    in_years = _parts_in_years(grant, period_end, given, by_year) if grant.years else {}
    if grant.years:
        of_part = (
            {c: i for c, (_, i) in spent.items()} if grant.is_earmarked else {None: ineligible}
        )
        owed = {c: _owed_in_years(rows, of_part[c]) for c, rows in in_years.items()}  # type: ignore[index, misc]
        liability = sum((whole for whole, _ in owed.values()), ZERO)
        wrong = sum((part for _, part in owed.values()), ZERO)
    grounds = (
        {"no_report": liability}
        if is_missing
        else {"not_used": liability - wrong, "wrong_purpose": wrong}
    )
    gave = [f.forecast for f in counted if f.forecast is not None]
    forecast = sum(gave, ZERO) if counted and len(gave) == len(counted) else None
    unspent = None if forecast is None else max(ZERO, allocated - max(forecast, eligible))
    if period_end == grant.spend_to_on:
        unspent = max(ZERO, allocated - eligible)
    used = (
        None
        if allocated == 0
        else (eligible / allocated).quantize(Decimal("0.0001"), ROUND_HALF_UP) + 0
    )
    is_remarked = eligible > allocated or any(_is_remarked(grant, s) for s in standings)
    row: Json = {
        "board": name,
        "name": boards[name].name,
        "return_status": "missing"
        if is_missing
        else "outdated"
        if is_late
        else "accepted_with_warnings"
        if is_remarked
        else "accepted",
        "allocated_sek": _sek(allocated),
        "reported_sek": _sek(sum((line.amount for line in lines), ZERO)),
        "eligible_sek": _sek(eligible),
        "ineligible_sek": _sek(ineligible),
        "remaining_sek": _sek(allocated - eligible),
        "overspent_sek": _sek(max(ZERO, eligible - allocated)),
        "used_share": None if used is None else f"{used:.4f}",
        "liability_sek": _sek(liability),
        "liability_grounds": [
            {"ground": g, "amount_sek": _sek(sek)} for g, sek in grounds.items() if sek
        ],
        "forecast_sek": _sek(forecast),
        "projected_unspent_sek": _sek(unspent),
        "flag": None if is_final else _flag(grant, as_of, allocated, eligible, forecast, unspent),
        "inherited": inherited,
        "components": [
            {
                "component": c,
                "allocated_sek": _sek(parts[c]),
                "reported_sek": _sek(spent[c][0] + spent[c][1]),
                "eligible_sek": _sek(spent[c][0]),
                "ineligible_sek": _sek(spent[c][1]),
                "liability_sek": _sek(owed[c][0]) if grant.is_earmarked else None,
            }
            for c in parts
        ],
        "ineligible": _unpaid(grant, name, lines),
        "by_year": by_year,
    }
    if grant.years:
        _add_years(grant, row, in_years)
    return row


def _parts_in_years(
    grant: Grant, period_end: date, given: Sequence[InYear], spent: Sequence[InYear]
) -> dict[str | None, list[_YearRow]]:
    """The years of each part that is reckoned by itself: of the components, or of them as one."""
    if not grant.is_earmarked:
        return {None: _years(grant, period_end, given, spent)}
    parts: dict[str | None, list[_YearRow]] = {}
    for component in grant.components:
        own = [one for one in given if one[0] == component.component_id]
        used = [one for one in spent if one[0] == component.component_id]
        parts[component.component_id] = _years(grant, period_end, own, used)
    return parts


def _add_years(
    grant: Grant, row: Json, parts: dict[str | None, list[_YearRow]], *, is_held: bool = False
) -> None:
    row["years"] = _told_years(list(parts.values()), is_held=is_held)
    if grant.is_earmarked:
        for component in row["components"]:
            years = parts[component["component"]]
            component["years"] = _told_years([years], is_held=is_held)


def _unpaid(grant: Grant, board: str, lines: Sequence[Line]) -> list[Json]:
    """The lines of a board that the grant does not pay for, by reason."""
    found: dict[str, list[Decimal]] = {}
    for line in lines:
        why = reason(grant, line)
        if why:
            found.setdefault(why, []).append(line.amount)
    return [
        {
            "board": board,
            "reason": why,
            "line_count": len(found[why]),
            "amount_sek": _sek(sum(found[why], ZERO)),
        }
        for why in sorted(found)
    ]


def _held_row(
    name: str, title: str, allocated: Decimal, parts: dict[str, Decimal], inherited: list[Json]
) -> Json:
    unknown = (
        "reported_sek",
        "eligible_sek",
        "ineligible_sek",
        "remaining_sek",
        "overspent_sek",
        "used_share",
    )
    return {
        "board": name,
        "name": title,
        "return_status": "held",
        "allocated_sek": _sek(allocated),
        **dict.fromkeys((*unknown, "liability_sek")),
        "liability_grounds": [],
        **dict.fromkeys(("forecast_sek", "projected_unspent_sek", "flag")),
        "inherited": inherited,
        "components": [
            {"component": c, "allocated_sek": _sek(sek)}
            | dict.fromkeys(("reported_sek", "eligible_sek", "ineligible_sek", "liability_sek"))
            for c, sek in parts.items()
        ],
        "ineligible": [],
        "by_year": [],
    }


def _is_remarked(grant: Grant, standing: _Standing) -> bool:
    """Whether a sender's return has a warning: planted, a line not paid for, or an earlier quarter
    that changed."""
    filling = standing.counts
    if filling is None:
        return False
    if filling.has_remark or any(reason(grant, line) for line in filling.lines):
        return True
    return any(
        _quarters(filling, before) != _quarters(before, before) for before in standing.earlier
    )


def _quarters(filling: Filling, before: Filling) -> dict[tuple[int, int], Decimal]:
    """Kronor per quarter, of the days that the earlier return covered; quarters without money don't
    count."""
    sums: dict[tuple[int, int], Decimal] = {}
    for line in filling.lines:
        if before.period_end and line.worked_on <= before.period_end:
            quarter = (line.worked_on.year, (line.worked_on.month - 1) // 3)
            sums[quarter] = sums.get(quarter, ZERO) + line.amount
    return {quarter: sek for quarter, sek in sums.items() if sek}


def _flag(
    grant: Grant,
    as_of: date,
    allocated: Decimal,
    eligible: Decimal,
    forecast: Decimal | None,
    unspent: Decimal | None,
) -> str:
    limits, has_money = grant.limits, allocated > 0
    if unspent is not None and unspent >= limits.act_unspent_sek:
        return "act"
    if unspent is not None and has_money and unspent >= allocated * limits.act_unspent_share:
        return "act"
    is_late = as_of + timedelta(days=limits.act_days_left) > grant.spend_to_on
    is_slow = eligible * limits.act_used_denominator < allocated * limits.act_used_numerator
    if is_late and is_slow and has_money:
        return "act"
    is_watched = (
        unspent is not None and has_money and unspent >= allocated * limits.watch_unspent_share
    )
    return "watch" if forecast is None or is_watched else "ok"


def _city(
    grant: Grant, rows: list[Json], unallocated: Decimal, in_years: Sequence[_YearRow]
) -> Json:
    known = [row for row in rows if row["return_status"] != "held"]
    owed = sum((Decimal(row["liability_sek"]) for row in known), ZERO)
    eligible = sum((Decimal(row["eligible_sek"]) for row in known), ZERO)
    undetermined = sum((Decimal(row["allocated_sek"]) for row in rows if row not in known), ZERO)
    by_board = unallocated + owed
    as_one = min(grant.total_sek, max(ZERO, grant.total_sek - eligible - undetermined))
    if in_years:
        # What was never allocated belongs to no year: it covers what was overspent in any of them.
        lapsed, left = _left(in_years)
        over = sum((row.overspent or ZERO for row in in_years if row.lapsed is not None), ZERO)
        uncovered = max(ZERO, unallocated - over - max(ZERO, -left))
        as_one = min(grant.total_sek, uncovered + lapsed + max(ZERO, left))
    filed = {"namnd": by_board, "kommun": as_one}[grant.liability_basis]
    return {
        "unallocated_sek": _sek(unallocated),
        "boards_sek": _sek(owed),
        "undetermined_sek": _sek(undetermined),
        "namnd_basis_sek": _sek(by_board),
        "kommun_basis_sek": _sek(as_one),
        "set_off_sek": _sek(by_board - as_one),
        "basis": grant.liability_basis,
        "to_repay_sek": _sek(filed.quantize(Decimal(1), ROUND_HALF_UP)),
    }


def _sums(rows: list[Json]) -> Json:
    """The boards together, those that are held left out."""
    known = [row for row in rows if row["return_status"] != "held"]
    names = ("reported_sek", "eligible_sek", "ineligible_sek", "remaining_sek")
    statuses = [row["return_status"] for row in rows]
    return {name: _sek(sum((Decimal(row[name]) for row in known), ZERO)) for name in names} | {
        "board_count": len(rows),
        "reported_count": sum(status not in {"missing", "held"} for status in statuses),
        **{f"{status}_count": statuses.count(status) for status in ("missing", "held", "outdated")},
    }


def _decisions(
    grant: Grant, amounts: dict[tuple[str, str, Year | None], Decimal], as_of: date
) -> list[Json]:
    """Every allocation decided by the day, and whether a later one has replaced or ended it."""
    made = [(d, a) for d in grant.decisions if d.decided_on <= as_of for a in d.allocations]
    latest = {
        (a.board_id, a.component_id, d.year): d.decision_id
        for d, a in sorted(made, key=lambda m: m[0].decided_on)
    }
    return [
        {
            "decision": d.decision_id,
            "decided_on": d.decided_on.isoformat(),
            "board": a.board_id,
            "component": a.component_id,
            **(
                {"from": d.year.from_on.isoformat(), "to": d.year.to_on.isoformat()}
                if d.year
                else {}
            ),
            "amount_sek": _sek(a.amount_sek),
            "is_in_force": (a.board_id, a.component_id, d.year) in amounts
            and latest[a.board_id, a.component_id, d.year] == d.decision_id,
        }
        for d, a in sorted(
            made,
            key=lambda m: (m[0].decided_on, m[0].decision_id, m[1].board_id, m[1].component_id),
        )
    ]


def _sek(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount + ZERO:.2f}"
