"""The proposal to move money: the best there is by its model, and never more than is projected
unspent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import docx
import pytest

from statsbidrag.base.swedish import NBSP
from statsbidrag.documents import anchors, record
from statsbidrag.money import redistribution
from statsbidrag.money.redistribution import Giver, Taker, Transfer
from statsbidrag.money.results import GrantResult
from tests.support import report_fixture
from tests.support.quarters import Basis, Board, D, quarter, result

NAMES = ("bromma", "farsta", "jarva")


# -- every way to move money, one after the other --------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A grant small enough to try everything in."""

    boards: Mapping[str, Board]
    basis: Basis
    unallocated: int
    is_earmarked: bool

    def unspent(self, name: str) -> int:
        """What the board projects to leave; nothing when it has given no forecast."""
        board = self.boards[name]
        known = board.status == "accepted" and board.forecast is not None
        return max(0, sum(board.allocated) - board.expected) if known else 0

    def lots(self, name: str) -> list[tuple[int, int]]:
        """Allocation and eligible spending of each part that is kept apart from the others."""
        board = self.boards[name]
        if self.is_earmarked:
            return list(zip(board.allocated, board.eligible, strict=True))
        return [(sum(board.allocated), sum(board.eligible))]

    def room(self, name: str, part: int) -> int:
        """What may be taken from a part."""
        allocated, eligible = self.lots(name)[part]
        return max(0, allocated - eligible)

    def overspent(self, name: str, part: int) -> int:
        """Eligible spending beyond the part's allocation; none of a part that the board has not
        been given."""
        allocated, eligible = self.lots(name)[part]
        return max(0, eligible - allocated) if allocated else 0

    def moves(self) -> Iterator[dict[tuple[str, str, int], int]]:
        """Every set of transfers that the terms allow."""
        names = [name for name, b in self.boards.items() if b.status == "accepted"]
        pairs = [
            (a, b, part)
            for a in names
            for b in names
            if a != b
            for part in range(len(self.lots(a)))
        ]
        pairs = [p for p in pairs if self.lots(p[1])[p[2]][0] and self.unspent(p[0])]

        def chosen(
            at: int, moved: dict[tuple[str, str, int], int]
        ) -> Iterator[dict[tuple[str, str, int], int]]:
            if at == len(pairs):
                yield dict(moved)
                return
            for kronor in range(self.room(pairs[at][0], pairs[at][2]) + 1):
                moved[pairs[at]] = kronor
                if not self.is_allowed(moved):
                    break
                yield from chosen(at + 1, moved)
            moved.pop(pairs[at], None)

        yield from chosen(0, {})

    def is_allowed(self, moved: Mapping[tuple[str, str, int], int]) -> bool:
        """Nobody gives more than is projected unspent, or gets more than it has overspent and
        wishes for."""
        for name in self.boards:
            gave = [
                sum(n for (a, _, p), n in moved.items() if (a, p) == (name, part))
                for part in self.parts
            ]
            got = self.got(name, moved)
            if sum(gave) > self.unspent(name) or any(
                n > self.room(name, p) for p, n in enumerate(gave)
            ):
                return False
            if self.wished(name, got) > (
                0 if self.unspent(name) else self.boards[name].wanted or 0
            ):
                return False
        return True

    @property
    def parts(self) -> range:
        """The parts that are kept apart."""
        return range(len(self.lots(next(iter(self.boards)))))

    def got(self, name: str, moved: Mapping[tuple[str, str, int], int]) -> list[int]:
        """What a board gets in each part."""
        return [
            sum(n for (_, b, p), n in moved.items() if (b, p) == (name, part))
            for part in self.parts
        ]

    def wished(self, name: str, got: list[int]) -> int:
        """How much of what a board gets goes to its wish: all of it where overspending sets off
        already."""
        covered = [
            self.overspent(name, part) if self.basis == "namnd" else 0 for part in self.parts
        ]
        return sum(max(0, n - over) for n, over in zip(got, covered, strict=True))

    def repayment(self, moved: Mapping[tuple[str, str, int], int]) -> int:
        """The projected repayment once money has moved, by contract 4."""
        total = self.unallocated + sum(sum(b.allocated) for b in self.boards.values())
        spent, owed = 0, self.unallocated
        for name, board in self.boards.items():
            got = self.got(name, moved)
            expected = board.expected + self.wished(name, got)
            allocated = (
                sum(board.allocated)
                + sum(got)
                - sum(n for (a, _, _), n in moved.items() if a == name)
            )
            over = 0
            if self.is_earmarked and board.status == "accepted":  # no other part can pay for it
                over = sum(max(0, self.overspent(name, p) - n) for p, n in enumerate(got))
            spent += expected
            owed += max(0, allocated - expected + over)
        return owed if self.basis == "namnd" else min(total, max(0, total - spent))


def drawn(seed: int) -> Case:
    """A small grant: boards with money left, overspent, with wishes, without forecast, missing and
    held."""
    rng = Random(seed)
    is_earmarked = rng.random() < 0.6
    parts = 2 if is_earmarked else rng.choice([1, 2])
    boards = {}
    for name in NAMES[: rng.choice([2, 3, 3])]:
        allocated = tuple(rng.randint(0, 4) for _ in range(parts))
        eligible = tuple(rng.randint(0, 5) for _ in range(parts))
        forecast = rng.choice([None, *range(sum(allocated) + 3), *range(sum(allocated))])
        status = rng.choices(["accepted", "missing", "held"], [12, 1, 1])[0]
        if status != "accepted":
            eligible, forecast = (0,) * parts, None
        boards[name] = Board(allocated, eligible, forecast, rng.choice([None, 0, 1, 2, 5]), status)
    return Case(boards, rng.choice(["namnd", "kommun"]), rng.choice([0, 0, 2]), is_earmarked)


@pytest.mark.parametrize("block", range(10))
def test_no_other_way_to_move_the_money_is_better(block: int) -> None:
    seen = 0
    for seed in range(block * 100, block * 100 + 100):
        case = drawn(seed)
        made = redistribution.propose(
            result(case.boards, case.basis, case.unallocated, is_earmarked=case.is_earmarked)
        )
        assert made.before_sek == case.repayment({}), case
        assert made.after_sek == min(map(case.repayment, case.moves())), case
        part = {None: 0, "del-0": 0, "del-1": 1}
        moved: dict[tuple[str, str, int], int] = {}
        for t in made.transfers:
            place = (t.from_board_id, t.to_board_id, part[t.component_id])
            assert t.amount_sek > 0
            assert place not in moved
            moved[place] = int(t.amount_sek)
        assert case.is_allowed(moved), case
        assert case.repayment(moved) == made.after_sek, case
        for p in case.parts:
            here = [place for place in moved if place[2] == p]
            boards = {a for a, _, _ in here} | {b for _, b, _ in here}
            assert len(here) <= max(0, len(boards) - 1), case
        seen += bool(moved)
    assert seen > 8, "too few of the cases have anything to move"


# -- cases that can be followed by hand ------------------------------------------------------------


def test_the_largest_amount_goes_first() -> None:
    givers = [Giver("a", D(30), {None: D(30)}), Giver("b", D(50), {None: D(50)})]
    takers = [
        Taker("c", {None: D("20.50")}),
        Taker("d", {}, D(100), (None,)),
        Taker("e", {None: D(40)}),
    ]
    assert redistribution.best(givers, takers, D(1000)) == (
        Transfer("b", "e", None, D(40)),
        Transfer("a", "c", None, D("20.50")),
        Transfer("b", "d", None, D(10)),
        Transfer("a", "d", None, D("9.50")),
    )


def test_no_more_moves_than_there_is_to_pay_back() -> None:
    moved = redistribution.best(
        [Giver("a", D(30), {None: D(30)})], [Taker("b", {}, D(30), (None,))], D("12.34")
    )
    assert moved == (Transfer("a", "b", None, D("12.34")),)


def test_equal_amounts_go_by_name() -> None:
    givers = [Giver(name, D(5), {None: D(5)}) for name in ("z", "a")]
    takers = [Taker(name, {None: D(5)}) for name in ("y", "b")]
    assert [
        (t.from_board_id, t.to_board_id) for t in redistribution.best(givers, takers, D(99))
    ] == [
        ("a", "b"),
        ("z", "y"),
    ]


def test_a_wish_takes_from_the_part_that_nobody_else_needs() -> None:
    """Greed would give the wish the part that the overspent board must have."""
    givers = [Giver("a", D(20), {"x": D(10), "y": D(10)})]
    takers = [Taker("b", {}, D(10), ("x", "y")), Taker("c", {}, D(9), ("x",))]
    moved = redistribution.best(givers, takers, D(99))
    assert sum(t.amount_sek for t in moved) == 19
    assert Transfer("a", "c", "x", D(9)) in moved


@pytest.mark.parametrize("basis", ["namnd", "kommun"])
def test_nothing_to_give_or_nobody_to_get(basis: Basis) -> None:
    for boards in (
        {"farsta": Board((10,), (5,), 5), "bromma": Board((10,), (10,), 10)},
        {"farsta": Board((10,), (12,), 12, 5), "bromma": Board((10,), (10,), 10)},
        {"farsta": Board((10,), (5,)), "bromma": Board((10,), (12,), 12, 3)},
        {"farsta": Board((10,), (5,), 5, 4)},
    ):
        found = redistribution.propose(result(boards, basis, 0, is_earmarked=False))
        assert found.transfers == ()
        assert (
            redistribution.with_proposal(
                result(boards, basis, 0, is_earmarked=False)
            ).tables.redistribution
            == ()
        )


def test_overspending_is_covered_only_where_the_boards_are_counted_one_by_one() -> None:
    boards = {"farsta": Board((100,), (50,), 60), "bromma": Board((100,), (115,), 115)}
    alone = redistribution.propose(result(boards, "namnd", 1, is_earmarked=False))
    assert (alone.before_sek, alone.saved_sek, alone.after_sek) == (41, 15, 26)
    as_one = redistribution.propose(result(boards, "kommun", 1, is_earmarked=False))
    assert (as_one.before_sek, as_one.saved_sek) == (26, 0)


def test_a_wish_saves_nothing_once_the_money_may_no_longer_be_used() -> None:
    boards = {"farsta": Board((100,), (50,), 60), "bromma": Board((100,), (115,), 115, 20)}
    made = result(boards, "namnd", 0, is_earmarked=False)
    last = made.grant.spend_to_on
    saved = [
        redistribution.propose(replace(made, as_of=day)).saved_sek
        for day in (last, last + timedelta(days=1))
    ]
    assert saved == [35, 15]


# -- what is written -------------------------------------------------------------------------------


def rendered(made: GrantResult, folder: Path) -> Path:
    folder.mkdir()
    report_fixture.render(made, report_fixture.rulebook(made.grant), folder)
    return folder


def test_the_draft_is_written_with_what_it_saves(tmp_path: Path) -> None:
    made = quarter("kommun", "100000.50")
    folder = rendered(made, tmp_path / "r")
    for name in ("omfordelning.html", "aterrapport.html", "sparning.html"):
        assert f"100{NBSP}000,50" in (folder / name).read_text("utf-8"), name
    document = docx.Document(str(folder / "omfordelning.docx"))
    texts = [p.text for p in document.paragraphs]
    assert "Förvaltningens förslag till beslut" in texts
    assert any("Det här är ett förslag. Inga pengar är flyttade." in text for text in texts)
    told = record.reconciliation(made)["redistribution"]
    assert [t["amount_sek"] for t in told[0]["transfers"]] == ["100000.50"]
    figures = anchors.anchored(record.reconciliation(made))
    trace = (folder / "sparning.html").read_text("utf-8")
    for anchor in (name for name in figures if name.startswith(("omfordelning", "flytt-"))):
        assert f'id="{anchor}"' in trace


def test_nothing_is_written_when_nothing_would_be_saved(tmp_path: Path) -> None:
    folder = rendered(quarter("kommun", None), tmp_path / "r")
    assert not list(folder.glob("omfordelning*"))
    assert "omfordelning" not in (folder / "aterrapport.html").read_text("utf-8").casefold()


def test_the_final_report_proposes_nothing(tmp_path: Path) -> None:
    folder = rendered(report_fixture.mfof_final(), tmp_path / "r")
    assert not list(folder.glob("omfordelning*"))
    assert "prognos." not in (folder / "sparning.html").read_text("utf-8")


def test_the_boards_that_are_moved_between_are_told_wherever_they_stand() -> None:
    """Bromma, which stands first and whose money stays, is not among them."""
    boards = {
        "bromma": Board((100,), (100,), 100),
        "farsta": Board((100,), (40,), 60),
        "alvsjo": Board((100,), (100,), 100),
        "jarva": Board((100,), (100,), 100, 30),
    }
    tables = redistribution.with_proposal(result(boards, "namnd", 0, is_earmarked=False)).tables
    told = {row.board_id: (row.moved_sek, row.allocated_after_sek) for row in tables.moved}
    assert told == {"farsta": (D(-30), D(70)), "jarva": (D(30), D(130))}
