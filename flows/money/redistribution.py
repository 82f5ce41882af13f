"""Omfördelning: which moves between the boards of a grant make the projected repayment smallest.
Nothing is moved.

What can be moved is a small network: from boards that project unspent money, through the component
that it belongs to, to boards that have used more than they got or wish for more. The largest flow
through it saves the most, since each krona that arrives is one krona less to pay back. Kronor are
`Decimal` to the öre, and nothing is divided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..model.decisions import Grant, LiabilityBasis
from ..model.rulebook import Rulebook
from .results import GrantResult
from .shapes import known
from .tables import BoardMoney, MovedBoard, Outlook, Redistribution, Transfer

ZERO = Decimal(0)
Part = str | None
"""A component that is kept apart from the others; None: the grant's money is one."""


@dataclass(frozen=True)
class Giver:
    """A board that projects unspent money: how much in all, and at most how much from each part."""

    board_id: str
    unspent_sek: Decimal
    parts: Mapping[Part, Decimal]


@dataclass(frozen=True)
class Taker:
    """A board that can use more: what it has used beyond its allocation, and what it wishes for,
    from which parts."""

    board_id: str
    overspent: Mapping[Part, Decimal] = field(default_factory=dict)
    wanted_sek: Decimal = ZERO
    wanted_from: Sequence[Part] = ()


@dataclass(frozen=True)
class Proposal:
    """The transfers, the projected repayment without and with them, and the boards whose forecast
    is not known."""

    transfers: tuple[Transfer, ...]
    before_sek: Decimal
    unknown: tuple[str, ...]

    @property
    def saved_sek(self) -> Decimal:
        """How much smaller the projected repayment becomes."""
        return sum((transfer.amount_sek for transfer in self.transfers), ZERO)

    @property
    def after_sek(self) -> Decimal:
        """The projected repayment once the money has moved."""
        return self.before_sek - self.saved_sek


def propose(result: GrantResult) -> Proposal:
    """The moves within a grant, in a quarter, that make its projected repayment smallest; no
    transfers: none would.

    A board is expected to use its own forecast, or what it has used already where that is more. One
    whose forecast is not known is expected to use its allocation, and gives nothing. It gets only
    what the decision gives boards: a part of which the board has an allocation. Counted per board,
    both overspending and wishes save; counted for the city as one recipient, overspending sets off
    already, so only wishes save, and no more than is to be paid back. Once the spending period is
    over nobody can use what it wishes for.

    Nothing is proposed where nobody knows what the boards have got, nor where each year has money
    of its own: a forecast is of the whole grant, and doesn't say in which year it will be used.
    """
    grant = result.grant
    if grant.years or grant.total_sek is None:
        return Proposal((), ZERO, ())
    is_per_board = grant.liability_basis == LiabilityBasis.PER_BOARD
    is_over = result.as_of > grant.spend_to_on
    outlooks = _outlooks(result)
    givers, takers, unknown = [], [], []
    used = owed = ZERO
    for board in result.tables.board:
        outlook = outlooks.get(board.board_id)
        expected = _expected(board, outlook)
        used += expected
        if outlook is None or outlook.forecast_sek is None:
            unknown.append(board.board_id)
        if outlook is None:
            continue
        left = _left(result, board)
        overspent = {name: -sek for name, sek in left.items() if sek < 0}
        not_used = known(board.allocated_sek) - expected
        unspent = max(ZERO, not_used)
        if _is_apart(grant):
            # What is above one part's money can't be paid with what is left of another's.
            not_used += sum(overspent.values(), ZERO)
        owed += max(ZERO, not_used)
        if unspent:
            to_give = {name: sek for name, sek in left.items() if sek > 0}
            givers.append(Giver(board.board_id, unspent, to_give))
        wanted = ZERO if unspent or is_over else max(ZERO, outlook.wanted_sek or ZERO)
        needs = overspent if is_per_board else {}
        takers.append(Taker(board.board_id, needs, wanted, tuple(left)))
    before = known(result.city.unallocated_sek) + owed
    if grant.liability_basis == LiabilityBasis.WHOLE_CITY:
        before = min(grant.total_sek, max(ZERO, grant.total_sek - used))
    return Proposal(best(givers, takers, before), before, tuple(unknown))


def _is_apart(grant: Grant) -> bool:
    """Whether the components of a grant are parts that are kept apart."""
    return grant.is_earmarked and len(grant.components) > 1


def whole_amounts(
    result: GrantResult, proposal: Proposal, decided: Rulebook, as_of: date
) -> dict[tuple[str, str], Decimal]:
    """What a decision on a proposal would say: the whole new amounts of the boards that give or
    take, by board and component.

    None when the run reckoned with other amounts than those that are decided by a day, or will be
    later; nor where the parts of a grant are one sum, since a person has to say which part.
    """
    grant = decided.grant(result.grant.grant_id)
    if grant.allocations_on(as_of) != grant.allocations_on(date.max):
        return {}
    held = decided.held_on(grant, as_of)
    only = grant.components[0].component_id if len(grant.components) == 1 else None
    amounts: dict[tuple[str, str], Decimal] = {}
    for transfer in proposal.transfers:
        component_id = transfer.component_id or only
        if component_id is None:
            return {}
        giver, taker = (transfer.from_board_id, component_id), (transfer.to_board_id, component_id)
        amounts[giver] = amounts.get(giver, held.get(giver, ZERO)) - transfer.amount_sek
        amounts[taker] = amounts.get(taker, held.get(taker, ZERO)) + transfer.amount_sek
    for row in result.tables.board_component:
        place = (row.board_id, row.component_id)
        if place in amounts and row.allocated_sek != held.get(place, ZERO):
            return {}
    return amounts


def _outlooks(result: GrantResult) -> dict[str, Outlook]:
    """The outlook of each board, all components together."""
    return {
        row.board_id: row for row in result.tables.outlook if row.board_id and not row.component_id
    }


def _expected(board: BoardMoney, outlook: Outlook | None) -> Decimal:
    """What a board is expected to use in all, in kronor."""
    forecast = outlook.forecast_sek if outlook else None
    if forecast is None:
        forecast = known(board.allocated_sek)
    return max(board.eligible_sek or ZERO, forecast)


def _left(result: GrantResult, board: BoardMoney) -> dict[Part, Decimal]:
    """What is left of each part of which a board has an allocation; below zero where it has used
    more."""
    if not _is_apart(result.grant):
        if not board.allocated_sek:
            return {}
        return {None: board.allocated_sek - (board.eligible_sek or ZERO)}
    left: dict[Part, Decimal] = {}
    for component in result.tables.board_component:
        if component.board_id == board.board_id and component.allocated_sek:
            eligible = known(component.eligible_sek)
            left[component.component_id] = component.allocated_sek - eligible
    return left


def with_proposal(result: GrantResult) -> GrantResult:
    """The same result with the proposal as tables: the whole, each transfer, and each board that it
    is about."""
    proposal = propose(result) if result.tables.outlook else None
    if proposal is None or not proposal.transfers:
        return result
    whole = Redistribution(
        unknown=proposal.unknown,
        before_sek=proposal.before_sek,
        saved_sek=proposal.saved_sek,
        after_sek=proposal.after_sek,
    )
    tables = replace(
        result.tables,
        redistribution=(whole,),
        transfer=proposal.transfers,
        moved=tuple(_moved_boards(result, proposal)),
    )
    return replace(result, tables=tables)


def _moved_boards(result: GrantResult, proposal: Proposal) -> Iterator[MovedBoard]:
    """What the proposal would mean for each board that gives or gets."""
    moved: dict[str, Decimal] = {}
    for transfer in proposal.transfers:
        giver, taker = transfer.from_board_id, transfer.to_board_id
        moved[giver] = moved.get(giver, ZERO) - transfer.amount_sek
        moved[taker] = moved.get(taker, ZERO) + transfer.amount_sek
    outlooks = {row.subject: row for row in result.tables.outlook}
    for board in result.tables.board:
        board_id = board.board_id
        if board_id not in moved:
            continue
        yield MovedBoard(
            board_id=board_id,
            allocated_sek=known(board.allocated_sek),
            projected_unspent_sek=board.projected_unspent_sek,
            overspent_sek=board.overspent_sek,
            wanted_sek=outlooks[board_id].wanted_sek,
            moved_sek=moved[board_id],
            allocated_after_sek=known(board.allocated_sek) + moved[board_id],
        )


# -- the best moves --------------------------------------------------------------------------------

# The moves are a largest flow through a network (max-flow). Each krona runs from the start to the
# end along one way:
#
#     start - all - giver - part of a giver - pot of the part - need of a taker - end
#
# and each step holds what may go through it: `all` what is worth saving, a giver what it has
# unspent, its part what is left of that, a need what the taker can use. The pot mixes what all
# givers give of a part; who gives to whom is settled last, pot by pot (`_paired`).


def best(
    givers: Iterable[Giver], takers: Iterable[Taker], most_sek: Decimal
) -> tuple[Transfer, ...]:
    """The transfers that move as much as can be moved, `most_sek` at most, in a way that can be
    followed by hand.

    Overspending comes before wishes. The largest amount comes first, among those who give and among
    those who get; the board that is first by id when amounts are equal.
    """
    network = _network(givers, takers, most_sek)
    gives: dict[Part, dict[str, Decimal]] = {}
    gets: dict[Part, dict[str, Decimal]] = {}
    for source, target, sek in _filled(network):
        if source.kind == "part":
            gives.setdefault(source.part, {})[source.board_id] = sek
        elif source.kind == "pot":
            got = gets.setdefault(source.part, {})
            got[target.board_id] = got.get(target.board_id, ZERO) + sek
    transfers: list[Transfer] = []
    for part, takers_of_part in gets.items():
        transfers += _paired(part, gives[part], takers_of_part)
    return tuple(transfers)


class Node(NamedTuple):
    """A place in the network: its kind, and the board and the part that it is of, if any."""

    kind: str
    board_id: str = ""
    part: Part = None


class Need(NamedTuple):
    """How much some board may get at a node, and from which parts."""

    most_sek: Decimal
    node: Node
    sources: Sequence[Part]


Network = dict[Node, dict[Node, Decimal]]
_START, _ALL, _END = Node("start"), Node("all"), Node("end")


def _network(givers: Iterable[Giver], takers: Iterable[Taker], most_sek: Decimal) -> Network:
    """From the start by way of givers, their parts, the pot of each part and the needs to the end;
    kronor at most.

    What is put in first is filled first, so the order here is the order of what is moved.
    """
    network: Network = {_START: {_ALL: most_sek}, _ALL: {}, _END: {}}

    def lead(source: Node, target: Node, sek: Decimal) -> None:
        network.setdefault(source, {})[target] = sek
        network.setdefault(target, {})

    for giver in sorted(givers, key=lambda giver: (-giver.unspent_sek, giver.board_id)):
        gives = Node("giver", giver.board_id)
        lead(_ALL, gives, giver.unspent_sek)
        for part, sek in sorted(giver.parts.items(), key=lambda item: -item[1]):
            gives_of_part = Node("part", giver.board_id, part)
            lead(gives, gives_of_part, sek)
            lead(gives_of_part, Node("pot", part=part), sek)
    for need in _needs(takers):
        lead(need.node, _END, need.most_sek)
        for part in need.sources:
            lead(Node("pot", part=part), need.node, need.most_sek)
    return network


def _needs(takers: Iterable[Taker]) -> list[Need]:
    """What the takers can use: what they have overspent, and then what they wish for."""
    overspent: list[Need] = []
    wishes: list[Need] = []
    for taker in takers:
        for part, sek in taker.overspent.items():
            overspent.append(Need(sek, Node("overspent", taker.board_id, part), (part,)))
        if taker.wanted_sek:
            wish = Node("wanted", taker.board_id)
            wishes.append(Need(taker.wanted_sek, wish, taker.wanted_from))
    return sorted(overspent, key=_largest_first) + sorted(wishes, key=_largest_first)


def _largest_first(need: Need) -> tuple[Decimal, str]:
    return -need.most_sek, need.node.board_id


def _filled(network: Network) -> Iterator[tuple[Node, Node, Decimal]]:
    """The largest flow from start to end, where there is any: along one shortest way after another
    that has room.

    A way may also go backwards, and so take back what an earlier one sent (Edmonds and Karp).
    """
    room = {source: dict(targets) for source, targets in network.items()}
    while way := _way(room):
        sek = min(room[source][target] for source, target in way)
        for source, target in way:
            room[source][target] -= sek
            # What was sent can be taken back.
            room[target][source] = room[target].get(source, ZERO) + sek
    for source, targets in network.items():
        for target, most in targets.items():
            if room[source][target] < most:
                yield source, target, most - room[source][target]


def _way(room: Network) -> list[tuple[Node, Node]]:
    """The steps of a shortest way with room from start to end, the last step first; none when all
    ways are full."""
    came_from: dict[Node, Node] = {}
    # The list grows while it is gone through: breadth first, so that the first way is a shortest.
    reached = [_START]
    for source in reached:
        for target, sek in room[source].items():
            if sek and target != _START and target not in came_from:
                came_from[target] = source
                reached.append(target)
    way: list[tuple[Node, Node]] = []
    node = _END
    while node in came_from:
        way.append((came_from[node], node))
        node = came_from[node]
    return way


def _paired(
    part: Part, gives: Mapping[str, Decimal], gets: Mapping[str, Decimal]
) -> Iterator[Transfer]:
    """Who gives to whom: the largest of what is left on each side, until nothing is; equal sums."""
    givers, takers = dict(gives), dict(gets)
    while givers:
        giver, taker = _first_of(givers), _first_of(takers)
        sek = min(givers[giver], takers[taker])
        yield Transfer(giver, taker, part, sek)
        for side, board_id in ((givers, giver), (takers, taker)):
            side[board_id] -= sek
            if not side[board_id]:
                del side[board_id]


def _first_of(side: Mapping[str, Decimal]) -> str:
    """The board with the largest amount; the first by id when amounts are equal."""
    return min(side, key=lambda board_id: (-side[board_id], board_id))
