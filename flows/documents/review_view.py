"""What a report prints of how far it has come: who has done what, and what has moved since."""

from collections.abc import Iterable

from ..model.case import Move, ReportState
from ..model.codes import ReturnStatus
from ..model.decisions import WHOLE_GRANT, Grant
from ..model.rulebook import Rulebook
from ..money.results import GrantResult
from ..money.tables import BoardMoney
from . import pages
from .pages import View


def review_view(result: GrantResult, rulebook: Rulebook) -> View:
    """How far a final report has come, who has done what with it, and what has moved since somebody
    last did."""
    review = result.review
    state = review.state if review else ReportState.DRAFT
    is_draft = state in {ReportState.DRAFT, ReportState.REVIEWED}
    is_unsettled = result.is_decided_on and is_draft
    latest = {act.state: act for act in review.acts} if review else {}
    moved = review.moved if review else ()
    # A grant that is one whole has the figures of its only component already.
    moves = [move for move in moved if move.component_id != WHOLE_GRANT]
    return {
        "review": review,
        "mark": "UTKAST" if is_unsettled else None,
        "is_unsettled": is_unsettled,
        "reviewed": latest.get(ReportState.REVIEWED),
        "attested": latest.get(ReportState.ATTESTED),
        "filed": latest.get(ReportState.FILED),
        "repaid": latest.get(ReportState.REPAID),
        "correction_no": review.version - 1 if review else 0,
        "undecided": [] if is_draft else _undecided(result.tables.board),
        "moves": [_move(move, result.grant, rulebook) for move in moves],
        "city_moves": [_move(m, result.grant, rulebook) for m in moves if m.board_id is None],
    }


def _undecided(boards: Iterable[BoardMoney]) -> list[BoardMoney]:
    """The boards that no return counts from."""
    uncounted = {ReturnStatus.MISSING, ReturnStatus.HELD}
    return [board for board in boards if board.return_status in uncounted]


def _move(move: Move, grant: Grant, rulebook: Rulebook) -> dict[str, str]:
    """A figure that has moved, in words: with its unit, its board and its component."""
    places = [rulebook.board(move.board_id).name] if move.board_id else []
    places += [c.name for c in grant.components if c.component_id == move.component_id]
    words = pages.moved(move)
    figure = f"{words['figure']}, {words['unit']}" if words["unit"] else words["figure"]
    return words | {"figure": figure, "place": ", ".join(places)}
