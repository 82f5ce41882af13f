"""Who has sent what: a return with its grant and sender known by id."""

from dataclasses import replace

from ..model.returns import Return
from ..model.rulebook import Rulebook


def identify(returned: Return, rulebook: Rulebook) -> Return:
    """The return with its grant and sender known by id, where their names are known."""
    grant, board = returned.value("grant"), returned.value("board")
    return replace(
        returned,
        grant_id=rulebook.grant_named(str(grant)) if grant else None,
        sender_id=rulebook.board_named(str(board)) if board else None,
    )
