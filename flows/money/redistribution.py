"""Omfördelning: which moves between the boards of a grant make the projected repayment smallest.
Nothing is moved.

What can be moved is a small network: from boards that project unspent money, through the component
that it belongs to, to boards that have used more than they got or wish for more. The largest flow
through it saves the most, since each krona that arrives is one krona less to pay back. Kronor are
`Decimal` to the öre, and nothing is divided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..model.decisions import LiabilityBasis
from .results import GrantResult
from .shapes import known
from .tables import ComponentMoney, MovedBoard, Redistribution, Transfer

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
        return sum((t.amount_sek for t in self.transfers), ZERO)

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
    """
    city, grant = result.city, result.grant
    is_apart = grant.is_earmarked and len(grant.components) > 1
    parts: dict[str, list[ComponentMoney]] = {}
    for row in result.tables.board_component:
        parts.setdefault(row.board_id, []).append(row)
    outlook = {
        row.board_id: row for row in result.tables.outlook if row.board_id and not row.component_id
    }
    givers, takers, unknown = [], [], []
    used = owed = ZERO
    is_over = result.as_of > grant.spend_to_on
    for board in result.tables.board:
        board_id, allocated = board.board_id, board.allocated_sek
        seen = outlook.get(board_id)
        eligible = board.eligible_sek or ZERO
        forecast = seen.forecast_sek if seen else None
        expected = max(eligible, allocated if forecast is None else forecast)
        unspent = max(ZERO, allocated - expected)
        used += expected
        if forecast is None:
            unknown.append(board_id)
        if seen is None:
            continue
        left: dict[Part, Decimal] = {}
        if is_apart:
            for component in parts[board_id]:
                if component.allocated_sek:
                    left[component.component_id] = component.allocated_sek - known(
                        component.eligible_sek
                    )
        elif allocated:
            left[None] = allocated - eligible
        overspent = {name: -sek for name, sek in left.items() if sek < 0}
        owed += max(
            ZERO, allocated - expected + (sum(overspent.values(), ZERO) if is_apart else ZERO)
        )
        if unspent:
            givers.append(
                Giver(board_id, unspent, {name: sek for name, sek in left.items() if sek > 0})
            )
        wanted = ZERO if unspent or is_over else max(ZERO, seen.wanted_sek or ZERO)
        takers.append(
            Taker(
                board_id,
                overspent if grant.liability_basis == LiabilityBasis.PER_BOARD else {},
                wanted,
                tuple(left),
            )
        )
    before = city.unallocated_sek + owed
    if grant.liability_basis == LiabilityBasis.WHOLE_CITY:
        before = min(grant.total_sek, max(ZERO, grant.total_sek - used))
    return Proposal(best(givers, takers, before), before, tuple(unknown))


def with_proposal(result: GrantResult) -> GrantResult:
    """The same result with the proposal as tables: the whole, each transfer, and each board that it
    is about."""
    proposal = propose(result) if result.tables.outlook else None
    if proposal is None or not proposal.transfers:
        return result
    moved: dict[str, Decimal] = {}
    for transfer in proposal.transfers:
        moved[transfer.from_board_id] = (
            moved.get(transfer.from_board_id, ZERO) - transfer.amount_sek
        )
        moved[transfer.to_board_id] = moved.get(transfer.to_board_id, ZERO) + transfer.amount_sek
    outlook = {row.subject: row for row in result.tables.outlook}
    boards = []
    for board in result.tables.board:
        if board.board_id in moved:
            moved_board = MovedBoard(
                board_id=board.board_id,
                allocated_sek=board.allocated_sek,
                projected_unspent_sek=board.projected_unspent_sek,
                overspent_sek=board.overspent_sek,
                wanted_sek=outlook[board.board_id].wanted_sek,
                moved_sek=moved[board.board_id],
                allocated_after_sek=board.allocated_sek + moved[board.board_id],
            )
            boards.append(moved_board)
    whole = Redistribution(
        unknown=proposal.unknown,
        before_sek=proposal.before_sek,
        saved_sek=proposal.saved_sek,
        after_sek=proposal.after_sek,
    )
    tables = replace(
        result.tables, redistribution=(whole,), transfer=proposal.transfers, moved=tuple(boards)
    )
    return replace(result, tables=tables)


# -- the best moves --------------------------------------------------------------------------------


def best(
    givers: Iterable[Giver], takers: Iterable[Taker], most_sek: Decimal
) -> tuple[Transfer, ...]:
    """The transfers that move as much as can be moved, `most_sek` at most, in a way that can be
    followed by hand.

    Overspending comes before wishes. The largest amount comes first, among those who give and among
    those who get; the board that is first by id when amounts are equal.
    """
    network = _network(givers, takers, most_sek)
    flow = _filled(network)
    gives: dict[Part, dict[str, Decimal]] = {}
    gets: dict[Part, dict[str, Decimal]] = {}
    for (kind, board_id, part), (_, target_id, _), sek in flow:
        if kind == "part":
            gives.setdefault(part, {})[board_id] = sek
        elif kind == "pot":
            got = gets.setdefault(part, {})
            got[target_id] = got.get(target_id, ZERO) + sek
    return tuple(transfer for part in gets for transfer in _paired(part, gives[part], gets[part]))


Node = tuple[str, str, Part]
"""Kind, board (if it has one) and part (if it has one)."""
Need = tuple[Decimal, Node, Sequence[Part]]
"""How much some board may get, and from which parts."""
Network = dict[Node, dict[Node, Decimal]]
_START: Node = ("start", "", None)
_ALL: Node = ("all", "", None)
_END: Node = ("end", "", None)


def _network(givers: Iterable[Giver], takers: Iterable[Taker], most_sek: Decimal) -> Network:
    """From the start by way of givers, their parts, the pot of each part and the needs to the end;
    kronor at most."""
    network: Network = {_START: {_ALL: most_sek}, _ALL: {}, _END: {}}

    def lead(source: Node, target: Node, sek: Decimal) -> None:
        network.setdefault(source, {})[target] = sek
        network.setdefault(target, {})

    for giver in sorted(givers, key=lambda g: (-g.unspent_sek, g.board_id)):
        lead(_ALL, ("giver", giver.board_id, None), giver.unspent_sek)
        for part, sek in sorted(giver.parts.items(), key=lambda p: -p[1]):
            lead(("giver", giver.board_id, None), ("part", giver.board_id, part), sek)
            lead(("part", giver.board_id, part), ("pot", "", part), sek)
    needs: list[Need] = [
        (sek, ("overspent", t.board_id, part), (part,))
        for t in takers
        for part, sek in t.overspent.items()
    ]
    wishes: list[Need] = [
        (t.wanted_sek, ("wanted", t.board_id, None), t.wanted_from) for t in takers if t.wanted_sek
    ]
    for sek, need, sources in (*sorted(needs, key=_largest), *sorted(wishes, key=_largest)):
        lead(need, _END, sek)
        for source in sources:
            lead(("pot", "", source), need, sek)
    return network


def _largest(need: Need) -> tuple[Decimal, str]:
    sek, (_, board_id, _), _ = need
    return -sek, board_id


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
            room[target][source] = room[target].get(source, ZERO) + sek
    for source, targets in network.items():
        for target, most in targets.items():
            if room[source][target] < most:
                yield source, target, most - room[source][target]


def _way(room: Network) -> list[tuple[Node, Node]]:
    """The steps of a shortest way with room from start to end, the last step first; none when all
    ways are full."""
    came_from: dict[Node, Node] = {}
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
        giver, taker = (min(side, key=lambda b: (-side[b], b)) for side in (givers, takers))
        sek = min(givers[giver], takers[taker])
        yield Transfer(giver, taker, part, sek)
        for side, board_id in ((givers, giver), (takers, taker)):
            side[board_id] -= sek
            if not side[board_id]:
                del side[board_id]
