"""Who somebody is at the desk, and what they may do there."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.errors import InputError


class Role(enum.StrEnum):
    """What somebody is at the desk (roll); the values are those of data/skrivbord.toml."""

    EKONOM = "ekonom"
    HANDLAGGARE = "handlaggare"
    GRANSKARE = "granskare"
    ATTESTANT = "attestant"
    CONTROLLER = "controller"


class Right(enum.Enum):
    """Something that can be done at the desk."""

    TRY = enum.auto()
    """See what a run would say of a return, with nothing kept."""
    SEND = enum.auto()
    """Hand in a return, for one's own boards."""
    READ = enum.auto()
    """Read all there is: every grant, every board, the log."""
    RUN = enum.auto()
    """Reconcile, compare, and all that a handläggare does from day to day."""
    REVIEW = enum.auto()
    ATTEST = enum.auto()
    FILE = enum.auto()
    BOOK = enum.auto()
    """Enter claims, reliefs and payments."""
    SETTLE = enum.auto()
    """Put waivers, decisions, terms and addresses in the city's own files."""


_RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.EKONOM: frozenset({Right.TRY, Right.SEND}),
    Role.HANDLAGGARE: frozenset(
        {Right.TRY, Right.SEND, Right.READ, Right.RUN, Right.FILE, Right.BOOK, Right.SETTLE}
    ),
    Role.GRANSKARE: frozenset({Right.TRY, Right.READ, Right.REVIEW}),
    Role.ATTESTANT: frozenset({Right.TRY, Right.READ, Right.ATTEST}),
    Role.CONTROLLER: frozenset({Right.TRY, Right.READ}),
}
ALONE = frozenset(Right)
"""What the one person may do who has a desk of their own on their own machine: everything."""


class ForbiddenError(InputError):
    """Somebody asks for what they have no right to: a sentence that says so."""


@dataclass(frozen=True)
class Person:
    """Somebody at the desk."""

    name: str
    """As the log has it; empty for whoever is alone at a desk of their own and hasn't said."""
    login: str | None = None
    """What they are known by where people log in; None at a desk of one's own."""
    rights: frozenset[Right] = frozenset()
    roles: tuple[Role, ...] = ()
    boards: frozenset[str] = field(default_factory=frozenset)
    """The boards that an ekonom sends returns for, by id; whoever may read all may send for all."""

    def may(self, right: Right) -> bool:
        """Whether somebody may do something at all."""
        return right in self.rights

    def must_have(self, right: Right) -> None:
        """Raises ForbiddenError for what somebody may not do."""
        if right not in self.rights:
            raise ForbiddenError(
                "Du har inte behörighet till det här. Fråga den som sköter Skrivbordet om du "
                "behöver det."
            )

    def may_send_for(self, board_id: str | None) -> bool:
        """Whether somebody may hand in a return from a board."""
        if not self.may(Right.SEND):
            return False
        return self.may(Right.READ) or board_id in self.boards


def person(name: str, login: str, roles: tuple[Role, ...], boards: frozenset[str]) -> Person:
    """Somebody who is logged in, with the rights of all their roles."""
    rights: frozenset[Right] = frozenset()
    for role in roles:
        rights |= _RIGHTS[role]
    return Person(name, login, rights, roles, boards)


def alone(name: str) -> Person:
    """Whoever has a desk of their own."""
    return Person(name, None, ALONE)
