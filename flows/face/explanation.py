"""Every figure of a reconciliation down to file, sheet and cell, as `explain` tells it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..base import swedish
from ..model.codes import INELIGIBLE_REASON, RETURN_STATUS, ReturnStatus
from ..model.decisions import LIABILITY_BASIS, WHOLE_GRANT, LiabilityBasis
from ..model.sources import Year
from ..money.shapes import Figure, Row
from ..money.tables import (
    FIGURES,
    Activity,
    AllocationRow,
    BoardMoney,
    Line,
    Sender,
    Tables,
    figures_of_run,
)


def explanation(tables: Tables, wanted: str | None) -> Iterator[str]:
    """Of one board by its id, or of all of them and the city."""
    figures = figures_of_run(tables)
    for board in tables.board:
        if wanted in {None, board.board_id}:
            yield from _board(board, tables)
    if wanted is None:
        yield "\nStaden"
        if tables.city[0].total_sek is None:
            yield f"  {_UNKNOWN}"
        yield from _figures(figures["city"], tables.city[0])
        for area in tables.area:
            yield f"\nOmrådet {area.area}"
            yield from _figures(figures["area"], area)
        yield "\nKvinnor och män"
        yield from _figures(figures["gender"], tables.gender[0])
        yield from _asked(tables, None)
        yield from _answered(tables, None)


@dataclass(frozen=True)
class _Basis:
    """What the figures of a board rest on: decisions, lines and returns."""

    allocations: Sequence[AllocationRow] = ()
    lines: Sequence[Line] = ()
    years: Mapping[int | None, str] = field(default_factory=dict)
    """What each year of the grant is called, by its number."""
    senders: Sequence[Sender] = ()


_NOTHING = _Basis()
"""What is told of a figure that nothing but other figures is behind."""


_UNKNOWN = "Bidragets belopp är okänt, så inget är räknat som vilar på det."


def _board(board: BoardMoney, tables: Tables) -> Iterator[str]:
    basis = _Basis(
        # A decision names one of the unit's boards; runs of earlier versions know no other unit.
        [row for row in tables.allocation if (row.unit_id or row.board_id) == board.board_id],
        [row for row in tables.line if row.board_id == board.board_id],
        {row.year_no: Year(row.from_on, row.to_on).words for row in tables.board_year},
        [row for row in tables.sender if row.board_id == board.board_id],
    )
    figures = figures_of_run(tables)
    yield f"\n{board.name}: {RETURN_STATUS[board.return_status]}"
    for sender in basis.senders:
        yield f"  Fil {sender.file}, SHA-256 {sender.sha256}"
    if board.allocated_sek is None:
        yield f"  {_UNKNOWN}"
    yield from _figures(figures["board"], board, basis)
    if board.return_status is ReturnStatus.HELD:
        yield "  Redovisningen väntar på rättelse, så inget annat belopp är känt."
        return
    for component in tables.board_component:
        if component.board_id == board.board_id:
            yield f"  Komponenten {component.component_id}"
            yield from _figures(figures["board_component"], component, margin="    ")
    for year in tables.board_year:
        # A grant without parts has the years of its only one already.
        if year.board_id == board.board_id and year.component_id != WHOLE_GRANT:
            of_component = f", komponenten {year.component_id}" if year.component_id else ""
            yield f"  {swedish.period(year.from_on, year.to_on)}{of_component}"
            yield from _figures(figures["board_year"], year, margin="    ")
    for activity in tables.activity:
        if activity.board_id == board.board_id:
            yield from _activity(activity)
    yield from _asked(tables, board.board_id)
    yield from _answered(tables, board.board_id)


def _asked(tables: Tables, board_id: str | None) -> Iterator[str]:
    """What a unit, or all together, has counted, and its posts."""
    figures = figures_of_run(tables)
    for row in tables.measured:
        is_counted = row.people_count is not None or row.answered_count is not None
        if row.board_id == board_id and is_counted:
            part = f", {row.split}: {row.part}" if row.split else ""
            yield f"  {row.name} {Year(row.from_on, row.to_on).words}{part}"
            yield from _figures(figures["measured"], row, margin="    ")
            for counted in tables.counted:
                if (counted.board_id, counted.asked_no) == (board_id, row.asked_no):
                    at = f"rad {counted.row_no}" if counted.row_no else "summan av delarna"
                    yield f"      {counted.file} {counted.sheet} {at}"
    for staffing in tables.staffing:
        if staffing.board_id == board_id:
            yield "  Tjänster"
            yield from _figures(figures["staffing"], staffing, margin="    ")


def _answered(tables: Tables, board_id: str | None) -> Iterator[str]:
    """What a unit, or all together, has answered to what was asked."""
    figures = figures_of_run(tables)
    for answer in tables.answer:
        if answer.board_id == board_id:
            said = "" if answer.is_number else f" {_YES_OR_NO[answer.is_yes]}"
            yield f"  {answer.text} {Year(answer.from_on, answer.to_on).words}{said}"
            yield from _figures(figures["answer"], answer, margin="    ")
            for place in answer.places or ():
                yield f"      {place}"
    if board_id is None:
        for row in tables.answered:
            yield f"  {row.text} {Year(row.from_on, row.to_on).words}"
            yield from _figures(figures["answered"], row, margin="    ")


_YES_OR_NO: Mapping[bool | None, str] = {True: "ja", False: "nej", None: "uppgift saknas"}


def _activity(activity: Activity) -> Iterator[str]:
    """An activity, and each count of persons in it with its cell."""
    place = f"{activity.file} {activity.sheet} rad {activity.row_no}"
    yield f"  Insatsen {activity.activity}  {place}"
    for name, figure in FIGURES["activity"].items():
        count = getattr(activity, name)
        cell = getattr(activity, name.replace("_count", "_cell"))
        reached = "uppgift saknas" if count is None else count
        place = f"  {cell}" if cell else ""
        yield f"    {figure.label} {reached}{place}"


def _figures(
    figures: Mapping[str, Figure], row: Row, basis: _Basis = _NOTHING, margin: str = "  "
) -> Iterator[str]:
    """Each known figure of a row: its value, how it is reckoned, in which steps, and below it what
    it rests on."""
    words = {name: _words(value) for name, value in vars(row).items()}
    for name, figure in figures.items():
        value = getattr(row, name, None)
        if value is None:
            continue
        text = words[name]
        if name.endswith("_share"):
            text = swedish.percent(value, decimals=0 if name.endswith("_whole_share") else 1)
        reckoned = figure.reckoned.format_map(words)
        steps = swedish.listing(f"sql/{step}.sql" for step in figure.steps)
        yield f"{margin}{figure.label} {text}: {reckoned} ({steps or figure.source})"
        for line in _below(name, basis):
            yield f"{margin}  {line}"


def _words(value: object) -> str:
    if isinstance(value, LiabilityBasis):
        return LIABILITY_BASIS[value]
    return swedish.say(value)


def _below(name: str, basis: _Basis) -> Iterator[str]:
    """What a figure of a board rests on."""
    if name == "allocated_sek":
        for allocation in basis.allocations:
            yield _allocation(allocation, basis.years)
    if name in {"eligible_sek", "ineligible_sek"}:
        for line in basis.lines:
            if line.is_eligible is (name == "eligible_sek"):
                yield _line(line)
    if name == "forecast_sek":
        for sender in basis.senders:
            yield _forecast(sender)


def _allocation(row: AllocationRow, years: Mapping[int | None, str]) -> str:
    of_year = f", för {years[row.year_no]}" if row.year_no in years else ""
    text = (
        f"{swedish.kr(row.amount_sek)}  {row.decided_by} {row.decided_on}, {row.name}, "
        f"{row.component_id}{of_year}"
    )
    return text if row.is_in_force else f"{text} (ersatt av ett senare beslut)"


def _line(line: Line) -> str:
    place = _place(line.file, line.sheet, line.cell)
    # What was filed one level down has no day of its own.
    day = f"{line.worked_on}  " if line.worked_on else ""
    text = f"{swedish.kr(line.amount_sek)}  {day}{place}  {line.component_id}"
    return f"{text}  {INELIGIBLE_REASON[line.reason]}" if line.reason else text


def _forecast(sender: Sender) -> str:
    place = _place(sender.file, sender.forecast_sheet, sender.forecast_cell)
    forecast = "okänt" if sender.forecast_sek is None else swedish.kr(sender.forecast_sek)
    return f"{forecast}  {place}"


def _place(*parts: str | None) -> str:
    """File, sheet and cell, those that are known."""
    return " ".join(part for part in parts if part)
