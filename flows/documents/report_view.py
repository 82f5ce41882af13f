"""What the templates of a report see: everything they may print, and the choices they may make."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from ..base import swedish
from ..model.case import Move, ReportState
from ..model.codes import Flag, ReturnStatus
from ..model.decisions import WHOLE_GRANT, Grant
from ..model.findings import Severity
from ..model.rulebook import Rulebook
from ..model.year import ReturnDays
from ..money.results import GrantResult
from ..money.shapes import Hidden, Row, known, told
from ..money.tables import Activity, AllocationRow, Area, BoardMoney, PrintedCity
from . import charts, pages, record


def report_view(result: GrantResult, rulebook: Rulebook) -> dict[str, Any]:
    """Everything a template may print, and the choices it may make: counts, signs and lists, never
    sums of money."""
    names = {b.board_id: b.name for b in rulebook.boards} | {None: "–"}
    result = _in_order(record.traced(result), names)
    grant, tables = result.grant, result.tables
    boards, gender = tables.board, tables.gender[0]
    city = result.city
    assert isinstance(city, PrintedCity)
    by_status = record.grouped(boards, lambda board: board.return_status)
    is_told = not any(map(_hides, (gender, *tables.area)))
    difference = 0 if _hides(gender) else told(gender.women_count) - told(gender.men_count)
    kind = "Återrapport av statsbidrag" if result.is_final else "Delavstämning av statsbidrag"
    owing = sorted((b for b in boards if b.liability_sek), key=lambda b: -known(b.liability_sek))
    return {
        "trace": "sparning.html",
        "organisation": rulebook.organisation,
        "result": result,
        "grant": grant,
        "city": city,
        "boards": boards,
        "gender": SimpleNamespace(**vars(gender), **_told_of_hidden(result)),
        "kind": kind,
        "title": f"{kind}: {grant.name}",
        "names": names,
        "component_names": {c.component_id: c.name for c in grant.components},
        "agency_deadline": _deadline(grant.agency_deadline_on, grant.agency_deadline_words),
        "ore": any(line.amount_sek % 1 for line in tables.line),
        "repays": city.to_repay_sek > 0,
        "reported_count": city.reported_count,
        "missing": by_status.get(ReturnStatus.MISSING, []),
        "held": by_status.get(ReturnStatus.HELD, []),
        "outdated": by_status.get(ReturnStatus.OUTDATED, []),
        "owing": owing,
        "components": component_views(result),
        "areas": _areas(result),
        "unwritten": [
            a.area for a in tables.area if a.activity_count and a.area not in grant.accounts
        ],
        "unexplained": _unexplained(result),
        "reasons": [s for s in tables.sender if s.unspent_reason],
        "senders": tables.sender,
        "inherited": record.grouped(tables.inherited, lambda row: row.board_id),
        "predecessors": [s for s in tables.sender if not s.is_own and not s.is_held],
        "decisions_made": [
            {
                "decided_by": rows[0].decided_by,
                "decided_on": rows[0].decided_on,
                "source": next(
                    d.source for d in result.grant.decisions if d.decision_id == decision_id
                ).sentence,
                "allocations": rows,
            }
            for decision_id, rows in record.grouped(
                tables.allocation, lambda row: row.decision_id
            ).items()
        ],
        "findings": sorted(
            record.told(result),
            key=lambda f: (
                list(Severity).index(f.severity),
                swedish.order(names.get(f.board) or ""),
            ),
        ),
        "majority": "kvinnor" if difference > 0 else "män" if difference < 0 else None,
        "minority": "män" if difference > 0 else "kvinnor",
        "widest": _widest(tables.area, difference) if is_told else None,
        "used_chart": charts.used(boards),
        "repay_chart": charts.repay(owing),
        "gender_chart": charts.gender(tables.area, gender) if is_told else None,
        **_standing(result, rulebook),
        **_ahead(result),
    }


_BY_BOARD = (
    "board",
    "board_component",
    "inherited",
    "sender",
    "ineligible",
    "activity",
    "since",
    "moved",
)
"""The tables whose rows people read board by board."""


def _in_order(result: GrantResult, names: Mapping[str | None, str]) -> GrantResult:
    """The same result, its boards in the order of a Swedish list; a board's own return before its
    predecessors'."""

    def place(row: Any) -> tuple[str, bool, str]:
        board_id = row.board_id
        sender_id = getattr(row, "sender_id", None) or board_id
        return (
            swedish.order(names[board_id]),
            sender_id != board_id,
            swedish.order(names[sender_id]),
        )

    def by_decision(row: AllocationRow) -> tuple[date, str, str]:
        return row.decided_on, row.decision_id, swedish.order(row.name)

    ordered: dict[str, Any] = {}
    for table in _BY_BOARD:
        ordered[table] = tuple(sorted(getattr(result.tables, table), key=place))
    ordered["allocation"] = tuple(sorted(result.tables.allocation, key=by_decision))
    return replace(result, tables=replace(result.tables, **ordered))


def _areas(result: GrantResult) -> list[dict[str, Any]]:
    """The areas that anything was done in, in the order of the terms: the city's own words, and
    what the boards did."""
    by_area = record.grouped(result.tables.activity, lambda row: row.area)
    order = [*(row.area for row in result.tables.area), *by_area]
    areas = []
    for area in sorted(by_area, key=order.index):
        areas.append(
            {
                "area": area or "Utan område",
                "account": result.grant.accounts.get(area or ""),
                "activities": by_area[area],
                "named": _named(by_area[area]),
            }
        )
    return areas


def _named(activities: Sequence[Activity]) -> list[dict[str, Any]]:
    """The activities of an area, those of one name together: who did them, and what was written,
    each text once."""
    named = []
    for same in _alike(activities, "activity"):
        named.append(
            {
                "activity": same[0].activity,
                "senders": _senders(same),
                "descriptions": _texts(same, "description"),
                "results": _texts(same, "result"),
            }
        )
    return named


def _texts(activities: Sequence[Activity], column: str) -> list[dict[str, Any]]:
    """What senders have written in a column, each text once, and who wrote it; a blank is
    nothing."""
    written = [row for row in activities if getattr(row, column)]
    return [
        {"text": getattr(same[0], column), "senders": _senders(same)}
        for same in _alike(written, column)
    ]


def _alike(rows: Sequence[Activity], column: str) -> list[list[Activity]]:
    """Rows in groups of one spelling of a column, in the order that they come."""
    groups: dict[str, list[Activity]] = {}
    for row in rows:
        groups.setdefault(swedish.key(getattr(row, column) or ""), []).append(row)
    return list(groups.values())


def _senders(rows: Sequence[Activity]) -> list[str]:
    return list(dict.fromkeys(row.sender_id for row in rows))


def _unexplained(result: GrantResult) -> list[BoardMoney]:
    """The boards that have money left, or that nothing has come from, and have given no reason."""
    explained = {row.board_id for row in result.tables.sender if row.unspent_reason}
    return [b for b in result.tables.board if b.liability_sek and b.board_id not in explained]


def _ahead(result: GrantResult) -> dict[str, Any]:
    """What the section on forecasts prints, and the proposal to move money; empty in the final
    report."""
    tables, boards = result.tables, {b.board_id: b for b in result.tables.board}
    outlook = {(o.board_id, o.component_id): o for o in tables.outlook}
    latest = [s for s in tables.since if s.is_latest]
    reasons = record.grouped(
        (s for s in tables.sender if s.unspent_reason), lambda row: row.board_id
    )
    whole = tables.redistribution[0] if tables.redistribution else None
    return {
        "outlook": outlook,
        "city_outlook": outlook.get((None, None)),
        "paced": next(
            (o for o in outlook.values() if o.board_id and o.run_rate_sek is not None), None
        ),
        "changes": [
            {
                "caption": caption,
                "before": f"before_{name}_sek",
                "now": now,
                "change": f"{name}_change_sek",
                "rows": sorted(
                    (s for s in latest if getattr(s, f"{name}_change_sek") is not None),
                    key=lambda s: -abs(getattr(s, f"{name}_change_sek")),
                ),
            }
            for caption, name, now in _CHANGES
        ]
        if latest
        else [],
        "reviews": tables.since,
        "flagged": [
            {"board": b, "reasons": reasons.get(b.board_id, [])}
            for b in sorted(boards.values(), key=lambda b: b.flag is not Flag.ACT)
            if b.flag in {Flag.ACT, Flag.WATCH} and b.return_status is not ReturnStatus.MISSING
        ],
        "redistribution": whole,
        "transfers": tables.transfer,
        "moved": tables.moved,
        "unknown": [boards[board_id] for board_id in whole.unknown] if whole else [],
        "is_over": result.as_of > result.grant.spend_to_on,
        "is_apart": any(t.component_id for t in tables.transfer),
    }


_CHANGES = (
    ("Väntas bli över", "unspent", "projected_unspent_sek"),
    ("Nämndens prognos", "forecast", "forecast_sek"),
    ("Använt", "eligible", "eligible_sek"),
)
"""What is compared with the earlier return: words, the figure's name there, and now."""


def _standing(result: GrantResult, rulebook: Rulebook) -> dict[str, Any]:
    """How far a final report has come, who has done what with it, and what has moved since somebody
    last did."""
    review = result.review
    state = review.state if review else ReportState.DRAFT
    is_draft = state in {ReportState.DRAFT, ReportState.REVIEWED}
    latest = {act.state: act for act in review.acts} if review else {}
    # A grant that is one whole has the figures of its only component already.
    moves = [m for m in review.moved if m.component_id != WHOLE_GRANT] if review else []
    open_boards = [
        b
        for b in result.tables.board
        if b.return_status in {ReturnStatus.MISSING, ReturnStatus.HELD}
    ]
    return {
        "review": review,
        "mark": "UTKAST" if result.is_final and is_draft else None,
        "is_unsettled": result.is_final and is_draft,
        "reviewed": latest.get(ReportState.REVIEWED),
        "attested": latest.get(ReportState.ATTESTED),
        "filed": latest.get(ReportState.FILED),
        "repaid": latest.get(ReportState.REPAID),
        "correction_no": review.version - 1 if review else 0,
        "undecided": [] if is_draft else open_boards,
        "moves": [_move(m, result.grant, rulebook) for m in moves],
        "city_moves": [_move(m, result.grant, rulebook) for m in moves if m.board_id is None],
    }


def _move(move: Move, grant: Grant, rulebook: Rulebook) -> dict[str, str]:
    names = [rulebook.board(move.board_id).name] if move.board_id else []
    names += [c.name for c in grant.components if c.component_id == move.component_id]
    told = pages.moved(move)
    return told | {
        "figure": ", ".join(filter(None, (told["figure"], told["unit"]))),
        "place": ", ".join(names),
    }


def _deadline(day: date | None, words: str) -> str:
    return f"senast {swedish.long_date(day)}" if day else words


def component_views(result: GrantResult) -> list[dict[str, Any]]:
    """The components with their boards; none when the grant is one whole."""
    if len(result.grant.components) == 1:
        return []
    rows = record.grouped(result.tables.board_component, lambda row: row.component_id)
    return [
        {"name": c.name, "boards": rows.get(c.component_id, [])} for c in result.grant.components
    ]


def _widest(areas: Sequence[Area], difference: int) -> Area | None:
    """The area where the majority is ahead by most people; None when one area is all there is."""
    counted = [a for a in areas if a.women_count or a.men_count]
    sign = 1 if difference > 0 else -1
    ahead = max(
        counted, key=lambda a: sign * (told(a.women_count) - told(a.men_count)), default=None
    )
    return ahead if len(counted) > 1 else None


def _hides(row: Row) -> bool:
    return any(isinstance(value, Hidden) for value in vars(row).values())


def _told_of_hidden(result: GrantResult) -> dict[str, Any]:
    """What the row of all persons says of small counts: what the reader must know, and whether its
    own are hidden."""
    least, tables = result.grant.least_shown_count, result.tables
    if not any(
        _hides(row) for rows in (tables.gender, tables.area, tables.activity) for row in rows
    ):
        return {}
    words = (
        f"Antal personer från 1 till {least - 1} visas inte, och inte heller de antal som avslöjar "
        "dem."
    )
    return {"hidden": words, **({"is_hidden": True} if _hides(tables.gender[0]) else {})}


def board_view(view: Mapping[str, Any], board: BoardMoney, days: ReturnDays) -> dict[str, Any]:
    """What a board's own page prints beside what every page may."""
    tables, board_id = view["result"].tables, board.board_id
    # A missing return is the city's to ask for; the page itself tells the board that nothing has
    # come.
    mine = [f for f in view["findings"] if f.board == board_id and f.rule != "redovisning-saknas"]
    stops = [f for f in mine if f.severity == Severity.BLOCKING]
    return {
        "trace": "../sparning.html",
        "b": board,
        "returns_by": days.returns_by,
        "answer_by": days.answer_by,
        "mine": mine,
        "stops": stops,
        "notes": [f for f in mine if f.severity == Severity.WARNING],
        "is_commented": any(f.cells and (f.file or "").lower().endswith(".xlsx") for f in mine),
        "senders": [s for s in tables.sender if s.board_id == board_id],
        "lines": [line for line in tables.line if line.board_id == board_id],
        "others": [row for row in tables.inherited if row.board_id == board_id],
        "is_overspent": bool(board.overspent_sek),
        "is_unspent": board.flag is Flag.ACT
        and view["result"].as_of <= view["result"].grant.spend_to_on,
    }
