"""All that is decided and known before any return is opened, and what a run covers."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..base import swedish
from .boards import Assignment, Board, Unit
from .decisions import Grant, InterimReport
from .evidence import ExtractForms
from .findings import Finding, Rule
from .levels import Level
from .organisation import Organisation
from .returns import Return
from .sources import Year

# -- the decisions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReferenceRate:
    """The Riksbank's reference rate (referensränta, 9 § räntelagen) of the half-year that begins on
    a day; percent."""

    from_on: date
    percent: Decimal
    source: str

    @property
    def to_on(self) -> date:
        """The half-year's last day."""
        return (
            date(self.from_on.year, 6, 30)
            if self.from_on.month == 1
            else date(self.from_on.year, 12, 31)
        )


@dataclass(frozen=True)
class Rulebook:
    """All that is decided and known before any return is opened."""

    organisation: Organisation
    grants: tuple[Grant, ...]
    boards: tuple[Board, ...]
    rules: Mapping[str, Rule]
    broken: tuple[Finding, ...]
    files: tuple[tuple[str, str, int], ...]
    """Every file of the decisions: name, SHA-256, size in bytes."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """`swedish.key` of every name and spelling -> board id."""
    extract_forms: ExtractForms = field(default_factory=ExtractForms)
    """In which forms extracts come out of the city's accounts."""
    reference_rates: tuple[ReferenceRate, ...] = ()
    """The half-years whose rate is known, oldest first; none is guessed."""
    levels: Mapping[str, Level] = field(default_factory=dict)
    """The levels that recipients can be on, by their ids."""

    def grant(self, grant_id: str) -> Grant:
        """The grant with this id."""
        return next(g for g in self.grants if g.grant_id == grant_id)

    def board(self, board_id: str) -> Board:
        """The board with this id."""
        return self._boards_by_id[board_id]

    @functools.cached_property
    def _boards_by_id(self) -> Mapping[str, Board]:
        return {board.board_id: board for board in self.boards}

    @property
    def grants_in_use(self) -> tuple[Grant, ...]:
        """All but the drafts: those that something can be reported of."""
        return tuple(grant for grant in self.grants if not grant.is_draft)

    def grant_named(self, text: str | None) -> str | None:
        """The id of the grant that the text names (id or name), or None, as for a draft; also of
        one whose own file is broken."""
        wanted = swedish.key(text or "")
        names = {
            swedish.key(name): g.grant_id
            for g in self.grants_in_use
            for name in (g.grant_id, g.name, g.short_name)
        }
        names |= {finding.grant: finding.grant for finding in self.broken if finding.grant}
        return names.get(wanted)

    def board_named(self, text: str | None) -> str | None:
        """The id of the board that the text names in any known spelling, or None."""
        return self.spellings.get(swedish.key(text or ""))

    def heirs(self, board_id: str) -> Iterator[Board]:
        """The boards that a board became: its successor, that one's successor, and so on."""
        successor_id = self.board(board_id).successor_id
        while successor_id is not None:
            heir = self.board(successor_id)
            yield heir
            successor_id = heir.successor_id

    def above(self, board_id: str) -> Iterator[str]:
        """The recipients that a recipient is a part of, by their ids, the nearest first."""
        above_id = self.board(board_id).above_id
        while above_id is not None:
            yield above_id
            above_id = self.board(above_id).above_id

    def held_on(
        self, grant: Grant, as_of: date, year: Year | None = None
    ) -> dict[tuple[str, str], Decimal]:
        """Kronor per board and component that end when a decision of a day, for a year where the
        grant has years, names the board: its own, and what was decided for boards that have become
        it by then."""
        amounts = grant.allocations_on(as_of, year)
        held = dict(amounts)
        for (board_id, component_id), sek in amounts.items():
            for heir in self.heirs(board_id):
                if heir.valid_from_on is None or heir.valid_from_on <= as_of:
                    key = (heir.board_id, component_id)
                    held[key] = held.get(key, Decimal(0)) + sek
        return held

    def inherited_on(
        self, board_id: str, grant: Grant, as_of: date, year: Year | None = None
    ) -> dict[str, Decimal]:
        """Of what a board holds on a day, for a year where the grant has years, kronor over all
        components by the name of each board that has become it."""
        begun_on = self.board(board_id).valid_from_on
        allocated = grant.allocated_by_board(as_of, year)
        inherited: dict[str, Decimal] = {}
        for before in self.boards:
            is_ours = any(heir.board_id == board_id for heir in self.heirs(before.board_id))
            sek = allocated.get(before.board_id)
            if is_ours and sek and (begun_on is None or begun_on <= as_of):
                inherited[before.name] = sek
        return inherited

    def unit_of(self, board_id: str, grant: Grant, as_of: date, unit_on: date) -> str:
        """The unit that a board is part of within a grant, with or without an allocation, by the
        unit's id.

        It is the last board of the chain that has begun by the unit day, or that a decision names.
        """
        if self.board(board_id).successor_id is None:
            return board_id  # as most are; what decisions name is gone through for the others alone
        named = grant.named_on(as_of)
        unit_id = board_id
        for heir in self.heirs(board_id):
            has_begun = heir.valid_from_on is not None and heir.valid_from_on <= unit_on
            if has_begun or heir.board_id in named:
                unit_id = heir.board_id
        return unit_id

    def units(self, grant: Grant, as_of: date, unit_on: date) -> dict[str, Unit]:
        """Every unit of a grant with an allocation by the decisions in force on a day, by its id;
        where the grant's amount is unknown every unit that there is, without any."""
        place = (id(grant), as_of, unit_on)
        known = self._known_units.get(place)
        if known is None or known[0] is not grant:
            known = (grant, self._units(grant, as_of, unit_on))
            self._known_units[place] = known
        return known[1]

    @functools.cached_property
    def _known_units(self) -> dict[tuple[int, date, date], tuple[Grant, dict[str, Unit]]]:
        """The units that have been asked for: every return asks for those of its grant, and to
        tell who became whom takes a look at every board. A grant is known by itself, and kept so
        that no other takes its place."""
        return {}

    def _units(self, grant: Grant, as_of: date, unit_on: date) -> dict[str, Unit]:
        if not grant.has_amounts:
            return self._units_there(grant, as_of, unit_on)
        amounts: dict[str, dict[str, Decimal]] = {}
        inherited: dict[str, dict[str, Decimal]] = {}
        for (board_id, component_id), sek in grant.allocations_on(as_of).items():
            unit_id = self.unit_of(board_id, grant, as_of, unit_on)
            own = amounts.setdefault(unit_id, {})
            own[component_id] = own.get(component_id, Decimal(0)) + sek
            if board_id != unit_id:
                by_board = inherited.setdefault(unit_id, {})
                by_board[board_id] = by_board.get(board_id, Decimal(0)) + sek
        return {
            unit_id: Unit(unit_id, own, inherited.get(unit_id, {}))
            for unit_id, own in amounts.items()
        }

    def _units_there(self, grant: Grant, as_of: date, unit_on: date) -> dict[str, Unit]:
        """Every unit that has begun by the unit day."""
        there: dict[str, Unit] = {}
        for board in self.boards:
            has_begun = board.valid_from_on is None or board.valid_from_on <= unit_on
            if has_begun and self.unit_of(board.board_id, grant, as_of, unit_on) == board.board_id:
                there[board.board_id] = Unit(board.board_id, {}, {})
        return there

    def counts_under(self, sender_id: str, grant: Grant, as_of: date, unit_on: date) -> str | None:
        """The unit with an allocation that a sender's returns count under, by its id; None when
        there is none.

        It is the one that the sender is part of. A successor that the grant knows nothing of counts
        under its predecessors' unit, where they have only one.
        """
        units = self.units(grant, as_of, unit_on)
        unit_id = self.unit_of(sender_id, grant, as_of, unit_on)
        if unit_id in units:
            return unit_id
        before = [one for one in units if any(heir.board_id == unit_id for heir in self.heirs(one))]
        return before[0] if len(before) == 1 else None

    def participants(self, grant: Grant, as_of: date, unit_on: date) -> list[str]:
        """Who may report on a grant to a day: the units with an allocation, by their ids. Where
        the grant's amount is unknown so is who has got any of it, so every board that there is."""
        return sorted(self.units(grant, as_of, unit_on))

    def assignment(
        self, sender_id: str, grant: Grant, as_of: date, unit_on: date
    ) -> Assignment | None:
        """What a sender has been given; None when neither it nor any unit that it counts under has
        an allocation."""
        unit_id = self.counts_under(sender_id, grant, as_of, unit_on)
        if unit_id is None:
            return None
        if unit_id == sender_id:
            unit = self.units(grant, as_of, unit_on)[unit_id]
            inherited = {
                self.board(board_id).name: sek for board_id, sek in unit.inherited_sek.items()
            }
            return Assignment(unit.amounts_sek, inherited)
        own = {
            part: sek
            for (board_id, part), sek in grant.allocations_on(as_of).items()
            if board_id == sender_id
        }
        return Assignment(own, counted_with=self.board(unit_id).name)

    def holder(self, returned: "Return", plan: "RunPlan") -> str | None:
        """The unit that a return is about: the one it counts under, else its sender's; None while
        that is unknown.

        Of a return whose grant is unknown, or outside the run, it is the sender itself.
        """
        sender_id, grant_id = returned.sender_id, returned.grant_id
        if sender_id is None or grant_id is None or grant_id not in plan.periods:
            return sender_id
        grant, unit_on = self.grant(grant_id), plan.periods[grant_id]
        counted = self.counts_under(sender_id, grant, plan.as_of, unit_on)
        return counted or self.unit_of(sender_id, grant, plan.as_of, unit_on)


# -- the run ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunPlan:
    """What is reconciled: which grants, as of which day, in a quarter or finally."""

    as_of: date
    is_final: bool
    periods: Mapping[str, date]
    """Grant id -> the period's end that the run reconciles to."""
    report: InterimReport | None = None
    """The interim report that it is for, of its only grant."""
