"""Every figure of a reconciliation down to file, sheet and cell, as `explain` tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..base import swedish
from ..model.codes import INELIGIBLE_REASON, RETURN_STATUS, ReturnStatus
from ..model.decisions import LIABILITY_BASIS, LiabilityBasis
from ..money.shapes import Row
from ..money.tables import FIGURES, AllocationRow, BoardMoney, Line, Sender, Tables


def explanation(tables: Tables, wanted: str | None) -> Iterator[str]:
    """Of one board by its id, or of all of them and the city."""
    for board in tables.board:
        if wanted in {None, board.board_id}:
            yield from _board(board, tables)
    if wanted is None:
        yield "\nStaden"
        yield from _figures("city", tables.city[0])
        for area in tables.area:
            yield f"\nOmrådet {area.area}"
            yield from _figures("area", area)
        yield "\nKvinnor och män"
        yield from _figures("gender", tables.gender[0])


@dataclass(frozen=True)
class _Basis:
    """What the figures of a board rest on: decisions, lines and returns."""

    allocations: Sequence[AllocationRow] = ()
    lines: Sequence[Line] = ()
    senders: Sequence[Sender] = ()


def _board(board: BoardMoney, tables: Tables) -> Iterator[str]:
    basis = _Basis(
        # A decision names one of the unit's boards; runs of earlier versions know no other unit.
        [row for row in tables.allocation if (row.unit_id or row.board_id) == board.board_id],
        [row for row in tables.line if row.board_id == board.board_id],
        [row for row in tables.sender if row.board_id == board.board_id],
    )
    yield f"\n{board.name}: {RETURN_STATUS[board.return_status]}"
    for sender in basis.senders:
        yield f"  Fil {sender.file}, SHA-256 {sender.sha256}"
    yield from _figures("board", board, basis)
    if board.return_status is ReturnStatus.HELD:
        yield "  Redovisningen väntar på rättelse, så inget annat belopp är känt."
        return
    for part in tables.board_component:
        if part.board_id == board.board_id:
            yield f"  Komponenten {part.component_id}"
            yield from _figures("board_component", part, margin="    ")
    for row in tables.activity:
        if row.board_id != board.board_id:
            continue
        yield f"  Insatsen {row.activity}  {row.file} {row.sheet} rad {row.row_no}"
        for name, figure in FIGURES["activity"].items():
            count, cell = getattr(row, name), getattr(row, name.replace("_count", "_cell"))
            said = "uppgift saknas" if count is None else count
            yield f"    {figure.label} {said}{f'  {cell}' if cell else ''}"


def _figures(
    table: str, row: Row, basis: _Basis | None = None, margin: str = "  "
) -> Iterator[str]:
    """Each known figure of a row: its value, how it is reckoned, in which steps, and below it what
    it rests on."""
    words = {name: _say(value) for name, value in vars(row).items()}
    for name, figure in FIGURES[table].items():
        value = getattr(row, name, None)
        if value is None:
            continue
        said = swedish.percent(value) if name.endswith("_share") else words[name]
        steps = swedish.listing(f"sql/{step}.sql" for step in figure.steps) or figure.source
        yield f"{margin}{figure.label} {said}: {figure.reckoned.format_map(words)} ({steps})"
        for line in _below(name, basis) if basis else ():
            yield f"{margin}  {line}"


def _say(value: object) -> str:
    return LIABILITY_BASIS[value] if isinstance(value, LiabilityBasis) else swedish.say(value)


def _below(name: str, basis: _Basis) -> Iterator[str]:
    """What a figure of a board rests on."""
    if name == "allocated_sek":
        for row in basis.allocations:
            replaced = "" if row.is_in_force else " (ersatt av ett senare beslut)"
            what = f"{row.decided_by} {row.decided_on}, {row.name}, {row.component_id}{replaced}"
            yield f"{swedish.kr(row.amount_sek)}  {what}"
    if name in {"eligible_sek", "ineligible_sek"}:
        for line in basis.lines:
            if line.is_eligible is (name == "eligible_sek"):
                place = " ".join(part for part in (line.file, line.sheet, line.cell) if part)
                why = f"  {INELIGIBLE_REASON[line.reason]}" if line.reason else ""
                yield (
                    f"{swedish.kr(line.amount_sek)}  {line.worked_on}  {place}  "
                    f"{line.component_id}{why}"
                )
    if name == "forecast_sek":
        for sender in basis.senders:
            place = " ".join(
                part for part in (sender.file, sender.forecast_sheet, sender.forecast_cell) if part
            )
            yield (
                f"{'okänt' if sender.forecast_sek is None else swedish.kr(sender.forecast_sek)}  "
                f"{place}"
            )
