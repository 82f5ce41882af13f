"""The nouns of who answers for the money: boards, the units they become, and what a sender has been
given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .levels import BOARD_LEVEL


@dataclass(frozen=True)
class Board:
    """A recipient (nämnd; on other levels kommun, region, län) with the days it existed, the
    spellings it goes by and the one that took over from it."""

    board_id: str
    name: str
    number: str | None
    valid_from_on: date | None
    valid_to_on: date | None
    successor_id: str | None
    spellings: tuple[str, ...]
    cost_centres: tuple[str, ...] = ()
    """What its cost centres (ansvar) begin with in the accounts, beside its number."""
    email: str | None = None
    """Where letters to it go, rather than where its return says; None where the register has no
    address."""
    level_id: str = BOARD_LEVEL.level_id
    """The level that it is on (nivå)."""
    above_id: str | None = None
    """The recipient on a higher level that it is a part of, such as a kommun of its län; None for
    the highest, and where no levels are told apart."""
    same_as_id: str | None = None
    """Another recipient that is the same body in another role, such as a kommun that is also its
    region."""


@dataclass(frozen=True)
class Unit:
    """Boards that became one another, which answer for a grant's money as one (enhet, contract 2,
    Chains)."""

    board_id: str
    """The board whose id and name the unit bears: the one that exists on the unit day, or that a
    decision names."""
    amounts_sek: Mapping[str, Decimal]
    """Kronor per component: the living board's own, and what it inherited."""
    inherited_sek: Mapping[str, Decimal]
    """Of that, kronor over all components per predecessor that a decision named."""

    @property
    def allocated_sek(self) -> Decimal:
        """What the unit has in all, in kronor (A)."""
        return sum(self.amounts_sek.values(), Decimal(0))


@dataclass(frozen=True)
class Assignment:
    """What a sender is told that it has been given in a grant, as its return workbook says it."""

    amounts_sek: Mapping[str, Decimal]
    """Kronor per component; none for a board that has no money of its own, such as a
    predecessor."""
    inherited_sek: Mapping[str, Decimal] = field(default_factory=dict)
    """Of that, kronor per name of a predecessor that it was decided for."""
    counted_with: str | None = None
    """The name of the unit that its returns are counted under, when that is another board."""
