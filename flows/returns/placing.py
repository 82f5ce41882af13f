"""Who has sent what: a return with its grant and sender known by id, and an extract of the accounts
with its grant."""

from dataclasses import replace

from ..model.evidence import Extract
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


def of_grant(extract: Extract, rulebook: Rulebook) -> Extract:
    """The extract with the grant in whose folder it lies, where there is one of that name."""
    return replace(extract, grant_id=rulebook.grant_named(extract.file.split("/")[0]))
