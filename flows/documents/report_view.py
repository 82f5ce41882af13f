"""What the templates of a report see: everything they may print, and the choices they may make."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any, TypeVar

from ..base import swedish
from ..model.codes import Flag, ReturnStatus
from ..model.evidence import as_boards_are_told
from ..model.findings import Finding, Severity
from ..model.rulebook import Rulebook
from ..model.year import ReturnDays
from ..money.results import GrantResult
from ..money.shapes import Hidden, Row, known, not_hidden
from ..money.tables import Activity, AllocationRow, Area, BoardMoney, Measured, PrintedCity
from . import charts, record
from .evidence_names import list_name
from .forecast_view import forecast_view
from .level_view import level_view
from .measure_view import measure_view
from .pages import View
from .review_view import review_view
from .trace_view import traced

T = TypeVar("T")


def report_view(result: GrantResult, rulebook: Rulebook) -> View:
    """Everything a template may print, and the choices it may make: counts, signs and lists, never
    sums of money."""
    names = {b.board_id: b.name for b in rulebook.boards} | {None: "–"}
    result = _in_order(traced(result), names)
    view = _grant_view(result)
    view["organisation"] = rulebook.organisation
    view["wording"] = rulebook.organisation.wording_of(result.grant.level)
    view["names"] = names
    view["findings"] = _findings(result, names)
    view["decisions_made"] = _decisions_made(result)
    view |= _boards_view(result)
    view |= _activities_view(result)
    view |= _people_view(result)
    view |= review_view(result, rulebook)
    view |= forecast_view(result)
    view |= measure_view(result)
    view |= level_view(result, rulebook)
    return view


def _grant_view(result: GrantResult) -> View:
    """The grant as a whole, and what its report is called."""
    grant, city = result.grant, result.city
    title = grant.report.title or grant.words.title
    kind = title if result.is_final else grant.words.quarter_title
    recipients = grant.grantor_short
    if result.report:
        kind, recipients = result.report.name, swedish.listing(result.report.recipients)
    assert isinstance(city, PrintedCity)
    return {
        "trace": "sparning.html",
        "result": result,
        "grant": grant,
        "city": city,
        "kind": kind,
        "title": f"{kind}: {grant.name}",
        "recipients": recipients,
        "called": result.words.lower() if result.report else grant.words.report,
        "component_names": {c.component_id: c.name for c in grant.components},
        "components": component_views(result),
        "agency_deadline": _deadline(grant.agency_deadline_on, grant.agency_deadline_words),
        "ore": any(line.amount_sek % 1 for line in result.tables.line),
        "repays": bool(city.to_repay_sek),
        "reported_count": city.reported_count,
    }


def _boards_view(result: GrantResult) -> View:
    """The boards: how their returns stand, what they have used, owe and have explained."""
    tables = result.tables
    by_status = record.grouped(tables.board, lambda board: board.return_status)
    owing = [board for board in tables.board if board.liability_sek]
    owing.sort(key=lambda board: -known(board.liability_sek))
    return {
        "boards": tables.board,
        "missing": by_status.get(ReturnStatus.MISSING, []),
        "held": by_status.get(ReturnStatus.HELD, []),
        "outdated": by_status.get(ReturnStatus.OUTDATED, []),
        "owing": owing,
        "unexplained": _unexplained(result),
        "reasons": [sender for sender in tables.sender if sender.unspent_reason],
        "senders": tables.sender,
        "predecessors": [s for s in tables.sender if not s.is_own and not s.is_held],
        "inherited": record.grouped(tables.inherited, lambda row: row.board_id),
        "years": [row for row in tables.board_year if row.component_id is None],
        "carry_over": result.grant.carry_over_words,
        "used_chart": charts.used(tables.board),
        "repay_chart": charts.repay(owing),
    }


def _decisions_made(result: GrantResult) -> list[View]:
    """The decisions that gave boards their money, each with its source and its allocations."""
    sources = {d.decision_id: d.source.sentence for d in result.grant.decisions}
    years = {d.decision_id: d.year.words for d in result.grant.decisions if d.year}
    by_decision = record.grouped(result.tables.allocation, lambda row: row.decision_id)
    decisions = []
    for decision_id, allocations in by_decision.items():
        decisions.append(
            {
                "decided_by": allocations[0].decided_by,
                "decided_on": allocations[0].decided_on,
                "source": sources[decision_id],
                "year": years.get(decision_id),
                "allocations": allocations,
            }
        )
    return decisions


def _findings(result: GrantResult, names: Mapping[str | None, str]) -> list[Finding]:
    """The findings that the report tells: the most severe first, then by the names of boards."""
    severities = list(Severity)

    def place(finding: Finding) -> tuple[int, str]:
        name = names.get(finding.board) or ""
        return severities.index(finding.severity), swedish.order(name)

    return sorted(record.told_findings(result), key=place)


def _activities_view(result: GrantResult) -> View:
    """What was done, area by area, and the areas that the city has not written of itself."""
    active = [row.area for row in result.tables.area if row.activity_count]
    return {
        "areas": _areas(result),
        "unwritten": [area for area in active if area not in result.grant.accounts],
    }


def _people_view(result: GrantResult) -> View:
    """The persons reached: who are more, and where by most. Hidden counts are not compared."""
    everyone, areas = result.tables.gender[0], result.tables.area
    view: View = {
        "gender": SimpleNamespace(**vars(everyone), **_words_of_hidden(result)),
        "majority": None,
        "minority": "kvinnor",
        "widest": None,
        "gender_chart": None,
    }
    if _hides(everyone):
        return view
    difference = not_hidden(everyone.women_count) - not_hidden(everyone.men_count)
    if difference > 0:
        view |= {"majority": "kvinnor", "minority": "män"}
    if difference < 0:
        view["majority"] = "män"
    if not any(_hides(area) for area in areas):
        view["widest"] = _widest(areas, difference)
        view["gender_chart"] = charts.gender(areas, everyone)
    return view


_BY_BOARD = (
    "board",
    "board_component",
    "inherited",
    "board_year",
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


def _areas(result: GrantResult) -> list[View]:
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


def _named(activities: Sequence[Activity]) -> list[View]:
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


def _texts(activities: Sequence[Activity], column: str) -> list[View]:
    """What senders have written in a column, each text once, and who wrote it; a blank is
    nothing."""
    written = [row for row in activities if getattr(row, column)]
    texts = []
    for same in _alike(written, column):
        texts.append({"text": getattr(same[0], column), "senders": _senders(same)})
    return texts


def _alike(rows: Sequence[Activity], column: str) -> list[list[Activity]]:
    """Rows in groups of one spelling of a column, in the order that they come."""
    groups: dict[str, list[Activity]] = {}
    for row in rows:
        spelling = swedish.key(getattr(row, column) or "")
        groups.setdefault(spelling, []).append(row)
    return list(groups.values())


def _senders(rows: Sequence[Activity]) -> list[str]:
    return list(dict.fromkeys(row.sender_id for row in rows))


def _unexplained(result: GrantResult) -> list[BoardMoney]:
    """The boards that have money left, or that nothing has come from, and have given no reason."""
    explained = {row.board_id for row in result.tables.sender if row.unspent_reason}
    return [b for b in result.tables.board if b.liability_sek and b.board_id not in explained]


def _deadline(day: date | None, words: str) -> str:
    return f"senast {swedish.long_date(day)}" if day else words


def component_views(result: GrantResult) -> list[View]:
    """The components with their boards; none when the grant is one whole."""
    if len(result.grant.components) == 1:
        return []
    rows = record.grouped(result.tables.board_component, lambda row: row.component_id)
    return [
        {"name": c.name, "boards": rows.get(c.component_id, [])} for c in result.grant.components
    ]


def _widest(areas: Sequence[Area], difference: int) -> Area | None:
    """The area where the majority is ahead by most people; None when one area is all there is."""
    counted = [area for area in areas if area.women_count or area.men_count]
    if len(counted) < 2:
        return None
    sign = 1 if difference > 0 else -1

    def more(area: Area) -> int:
        return sign * (not_hidden(area.women_count) - not_hidden(area.men_count))

    return max(counted, key=more)


def _hides(row: Row) -> bool:
    """Whether any count of a row is hidden."""
    return any(isinstance(value, Hidden) for value in vars(row).values())


def _words_of_hidden(result: GrantResult) -> View:
    """What the row of all persons says of small counts: what the reader must know, and whether its
    own are hidden."""
    tables = result.tables
    counted: list[Row] = [*tables.gender, *tables.area, *tables.activity]
    if not any(_hides(row) for row in counted):
        return {}
    most = result.grant.least_shown_count - 1
    words: View = {
        "hidden": f"Antal personer från 1 till {most} visas inte, och inte heller de antal som "
        "avslöjar dem."
    }
    if _hides(tables.gender[0]):
        words["is_hidden"] = True
    return words


def board_views(view: View, days: ReturnDays) -> Iterator[tuple[BoardMoney, View]]:
    """Each board, and what its own page prints beside what every page may."""
    result: GrantResult = view["result"]
    tables = result.tables
    # A missing return is the city's to ask for; the page itself tells the board that nothing has
    # come.
    told = [*view["findings"], *filter(record.is_of_the_accounts, result.findings)]
    findings = _by_board(told, lambda finding: finding.board)
    rows: dict[str, dict[str | None, list[Any]]] = {
        "senders": _by_board(tables.sender, _board_of),
        "lines": _by_board(tables.line, _board_of),
        "others": _by_board(tables.inherited, _board_of),
        "own_years": _by_board(view["years"], _board_of),
        "own_measured": _by_board(filter(_is_counted, tables.measured), _board_of),
        "own_staffing": _by_board(tables.staffing, _board_of),
    }
    with_list = {row.board_id for row in tables.evidence if row.booked_sek is not None}
    for board in view["boards"]:
        board_id = board.board_id
        own: View = {name: by_board.get(board_id, []) for name, by_board in rows.items()}
        own["evidence_list"] = list_name(board_id) if board_id in with_list else None
        yield board, _board_view(result, board, findings.get(board_id, []), days) | own


def _by_board(rows: Iterable[T], board_of: Callable[[T], str | None]) -> dict[str | None, list[T]]:
    """Rows by the board that each is of, looked through once however many boards there are."""
    by_board: dict[str | None, list[T]] = {}
    for row in rows:
        by_board.setdefault(board_of(row), []).append(row)
    return by_board


def _board_of(row: Any) -> str | None:
    board_id: str | None = row.board_id
    return board_id


def _board_view(
    result: GrantResult, board: BoardMoney, told: Iterable[Finding], days: ReturnDays
) -> View:
    """What a board's own page says of it, with all that is told of the board."""
    own = [finding for finding in told if finding.rule != "redovisning-saknas"]
    mine = as_boards_are_told(own)
    can_still_use = result.as_of <= result.grant.spend_to_on
    return {
        "trace": "../sparning.html",
        "b": board,
        "returns_by": days.returns_by,
        "answer_by": days.answer_by,
        "mine": mine,
        "stops": [f for f in mine if f.severity == Severity.BLOCKING],
        "notes": [f for f in mine if f.severity == Severity.WARNING],
        "is_commented": any(_is_in_workbook(finding) for finding in mine),
        "is_overspent": bool(board.overspent_sek),
        "is_unspent": board.flag is Flag.ACT and can_still_use,
    }


def _is_counted(row: Measured) -> bool:
    """Whether a unit has counted anything in a row that boards are asked to fill in."""
    return row.people_count is not None or row.answered_count is not None


def _is_in_workbook(finding: Finding) -> bool:
    """Whether a finding points at cells of a workbook, where it stands as a comment too."""
    file = finding.file or ""
    return bool(finding.cells) and file.lower().endswith(".xlsx")
