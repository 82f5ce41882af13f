"""What a quarter's report says of the time that is left: forecasts, flags, what has changed since
the earlier returns, and the proposal to move money."""

from collections.abc import Iterable, Sequence

from ..model.codes import Flag, ReturnStatus
from ..money.results import GrantResult
from ..money.tables import Outlook, Since
from . import record
from .pages import View

_CHANGES = (
    ("Väntas bli över", "unspent", "projected_unspent_sek"),
    ("Nämndens prognos", "forecast", "forecast_sek"),
    ("Använt", "eligible", "eligible_sek"),
)
"""What is compared with the earlier return: words, the figure's name there, and now."""


def forecast_view(result: GrantResult) -> View:
    """What the section on forecasts prints, and the proposal to move money; empty in the final
    report."""
    tables = result.tables
    outlook = {(row.board_id, row.component_id): row for row in tables.outlook}
    proposal = tables.redistribution[0] if tables.redistribution else None
    boards = {board.board_id: board for board in tables.board}
    unknown = proposal.unknown if proposal else ()
    return {
        "outlook": outlook,
        "city_outlook": outlook.get((None, None)),
        "paced": _paced(tables.outlook),
        "changes": _changes([row for row in tables.since if row.is_latest]),
        "reviews": tables.since,
        "flagged": _flagged(result),
        "redistribution": proposal,
        "transfers": tables.transfer,
        "moved": tables.moved,
        "unknown": [boards[board_id] for board_id in unknown],
        "is_over": result.as_of > result.grant.spend_to_on,
        "is_apart": any(transfer.component_id for transfer in tables.transfer),
    }


def _paced(outlooks: Iterable[Outlook]) -> Outlook | None:
    """The first board whose spending at the same rate is known: the report's example of it."""
    for outlook in outlooks:
        if outlook.board_id and outlook.run_rate_sek is not None:
            return outlook
    return None


def _flagged(result: GrantResult) -> list[View]:
    """The boards to contact, then those to watch, with their reasons; a board whose return is
    missing is told of elsewhere."""
    explained = [sender for sender in result.tables.sender if sender.unspent_reason]
    reasons = record.grouped(explained, lambda sender: sender.board_id)
    sent_in = [b for b in result.tables.board if b.return_status is not ReturnStatus.MISSING]
    flagged = [board for board in sent_in if board.flag is Flag.ACT]
    flagged += [board for board in sent_in if board.flag is Flag.WATCH]
    return [{"board": board, "reasons": reasons.get(board.board_id, [])} for board in flagged]


def _changes(latest: Sequence[Since]) -> list[View]:
    """What has changed since the boards' earlier returns, figure by figure, the largest change
    first."""
    if not latest:
        return []
    changes = []
    for caption, name, now in _CHANGES:
        column = f"{name}_change_sek"
        rows = [row for row in latest if getattr(row, column) is not None]
        changes.append(
            {
                "caption": caption,
                "before": f"before_{name}_sek",
                "now": now,
                "change": column,
                "rows": _largest_first(rows, column),
            }
        )
    return changes


def _largest_first(rows: Sequence[Since], column: str) -> list[Since]:
    """Rows by an amount without its sign."""
    return sorted(rows, key=lambda row: -abs(getattr(row, column)))
