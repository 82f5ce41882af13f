"""The values of a return's rows, as checks ask for them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ..base import swedish
from ..model.decisions import Grant
from ..model.returns import Cell, Reading, Return, Row
from ..model.rulebook import Rulebook

UNREAD = {Reading.UNREADABLE, Reading.DECIMALS, Reading.ERROR, Reading.NO_VALUE}


# -- what can hardly be ----------------------------------------------------------------------------


def amount_cells(rows: Iterable[Row]) -> tuple[Cell, ...]:
    """The cells of the amounts of some rows."""
    return tuple(row.cells["amount_sek"] for row in rows if "amount_sek" in row.cells)


def sum_of(rows: Iterable[Row]) -> Decimal:
    """The amounts of some rows that could be read, in kronor."""
    amounts = (cell.value for cell in amount_cells(rows))
    return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))


def is_opened(returned: Return) -> bool:
    """Whether a return is a file that could be read at all."""
    return returned.is_opened


def is_filled_in(returned: Return) -> bool:
    """Whether a return was filled in for this very grant, so that it can be missed in it what the
    grant asks for: a report that was filed one level down tells only what was asked there."""
    return returned.is_opened and returned.kind != "report"


def grant_of(returned: Return, rulebook: Rulebook) -> Grant | None:
    """The grant that a return is about; None while it is unknown."""
    return rulebook.grant(returned.grant_id) if returned.grant_id else None


def asked_from(returned: Return, rulebook: Rulebook, grant: Grant) -> date:
    """From which day a return's sender is asked about a grant: from its own first day, since what
    others did before it is theirs to tell."""
    sender = rulebook.board(returned.sender_id) if returned.sender_id else None
    began_on = sender.valid_from_on if sender else None
    return began_on or grant.spend_from_on


def value_in(row: Row, name: str) -> object:
    """The value of a row in a column, None where there is none."""
    cell = row.cells.get(name)
    return cell.value if cell else None


def text_in(row: Row, name: str) -> str | None:
    """The text of a row in a column, None where it holds no text."""
    value = value_in(row, name)
    return value if isinstance(value, str) else None


def code_in(row: Row, name: str) -> str | None:
    """What stands in a row in a column as codes are compared, None where it holds no text."""
    return swedish.key(text_in(row, name) or "") or None
