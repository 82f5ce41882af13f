"""Every table of a repayment ledger, declared once. `shapes` says how. A board_id of None is the
city's account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, get_args, get_type_hints

from ..model.case import EntryKind
from ..model.codes import Ground, OwedItem
from .shapes import Excel, Row


@dataclass(frozen=True)
class Owed(Row):
    """Something that the filed report says is owed, why, and the term that it rests on."""

    ORDER: ClassVar = (
        "board_id NULLS FIRST, from_board_id NULLS LAST, component_id, item DESC, ground"
    )
    SHEET: ClassVar = "Framräknat"

    board_id: str | None
    item: Annotated[OwedItem, Excel("Del", 30)]
    from_board_id: Annotated[str | None, Excel("Från nämnd", 21)]
    component_id: Annotated[str | None, Excel("Komponent", 24)]
    ground: Annotated[Ground | None, Excel("Grund", 30)]
    amount_sek: Annotated[Decimal, Excel("Belopp, kr", 14)]
    clause: Annotated[str | None, Excel("Vilar på", 60)]


@dataclass(frozen=True)
class Posting(Row):
    """A row of an account: what was computed, claimed, relieved or paid, and what is left after
    it."""

    ORDER: ClassVar = "board_id NULLS FIRST, row_no"
    SHEET: ClassVar = "Poster"
    SHEET_ORDER: ClassVar = (
        *("row_no", "entered_on", "kind", "ground", "amount_sek", "balance_sek"),
        *("due_on", "reference", "entered_by", "why"),
    )

    board_id: str | None
    row_no: Annotated[int, Excel("Nr", 6)]
    kind: Annotated[EntryKind, Excel("Post", 18)]
    ground: Annotated[Ground | None, Excel("Grund", 30)]
    amount_sek: Annotated[Decimal | None, Excel("Belopp, kr", 14)]
    entered_on: Annotated[date, Excel("Dag", 11)]
    due_on: Annotated[date | None, Excel("Förfaller", 11)]
    reference: Annotated[str | None, Excel("Referens", 22)]
    entered_by: Annotated[str | None, Excel("Av", 22)]
    why: Annotated[str | None, Excel("Varför", 40)]
    is_claimed: bool
    balance_sek: Annotated[Decimal | None, Excel("Kvar, kr", 14)]


@dataclass(frozen=True)
class GroundSum(Row):
    """An account's sums for one ground."""

    ORDER: ClassVar = "board_id NULLS FIRST, ground NULLS LAST"
    SHEET: ClassVar = "Grunder"

    board_id: str | None
    ground: Annotated[Ground | None, Excel("Grund", 40)]
    computed_sek: Annotated[Decimal | None, Excel("Framräknat, kr", 14)]
    claimed_sek: Annotated[Decimal | None, Excel("Krav, kr", 14)]
    relief_sek: Annotated[Decimal, Excel("Nedsatt, kr", 14)]


@dataclass(frozen=True)
class InterestSpan(Row):
    """Days with the same overdue balance and the same rate, and the interest of them."""

    ORDER: ClassVar = "from_on"
    SHEET: ClassVar = "Ränta"

    from_on: Annotated[date, Excel("Från", 11)]
    to_on: Annotated[date, Excel("Till och med", 11)]
    day_count: Annotated[int, Excel("Dagar", 8)]
    balance_sek: Annotated[Decimal, Excel("Förfallet, kr", 14)]
    rate_percent: Annotated[Decimal | None, Excel("Procent per år", 10)]
    amount_sek: Annotated[Decimal | None, Excel("Ränta, kr", 14)]
    source: Annotated[str | None, Excel("Källa", 60)]


@dataclass(frozen=True)
class Account(Row):
    """Where an account stands: the city's with the agency, or a board's with the committee."""

    ORDER: ClassVar = "board_id NULLS FIRST"
    SHEET: ClassVar = "Konton"

    board_id: str | None
    computed_sek: Annotated[Decimal | None, Excel("Framräknat, kr", 14)]
    claimed_sek: Annotated[Decimal | None, Excel("Krav, kr", 14)]
    awaiting_sek: Annotated[Decimal | None, Excel("Framräknat utan krav, kr", 14)]
    difference_sek: Annotated[Decimal | None, Excel("Skillnad, kr", 14)]
    relief_sek: Annotated[Decimal, Excel("Nedsatt, kr", 14)]
    to_pay_sek: Annotated[Decimal | None, Excel("Att betala, kr", 14)]
    paid_sek: Annotated[Decimal, Excel("Betalt, kr", 14)]
    remaining_sek: Annotated[Decimal | None, Excel("Kvar, kr", 14)]
    due_on: Annotated[date | None, Excel("Förfaller", 11)]
    is_overdue: Annotated[bool, Excel("Försenat", 10)]
    interest_sek: Annotated[Decimal | None, Excel("Ränta, kr", 14)]
    interest_paid_sek: Annotated[Decimal, Excel("Betald ränta, kr", 14)]
    interest_remaining_sek: Annotated[Decimal, Excel("Ränta kvar, kr", 14)]


@dataclass(frozen=True)
class NamedAccount(Account):
    """An account with the name of its board; the city's has none."""

    name: str


@dataclass(frozen=True)
class BoardsTogether(Row):
    """The boards' accounts together. What is not determined is counted, not summed."""

    ORDER: ClassVar = "computed_sek"

    computed_sek: Decimal
    claimed_sek: Decimal | None
    relief_sek: Decimal
    to_pay_sek: Decimal
    paid_sek: Decimal
    remaining_sek: Decimal
    undetermined_count: int


@dataclass(frozen=True)
class LedgerTables:
    """The tables of a ledger, by the names of the steps 610-660 without the number, each in its
    `ORDER`."""

    owed: tuple[Owed, ...]
    entry: tuple[Posting, ...]
    ground: tuple[GroundSum, ...]
    interest: tuple[InterestSpan, ...]
    account: tuple[Account, ...]
    boards: tuple[BoardsTogether, ...]

    @property
    def together(self) -> BoardsTogether:
        """The one row of the boards together."""
        return self.boards[0]

    @property
    def city(self) -> Account:
        """The city's account with the agency."""
        return next(account for account in self.account if account.board_id is None)


LEDGER_SHAPES: Mapping[str, type[Row]] = {
    name: get_args(hint)[0] for name, hint in get_type_hints(LedgerTables).items()
}
"""Table name -> the class of its rows."""
