"""Who is named in a report by level, and under whom."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.decisions import data_folder
from statsbidrag.documents.level_view import MOST_NAMED, LevelView, level_view
from statsbidrag.model.boards import Board
from statsbidrag.model.codes import ReturnStatus
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from tests.support.rows import tables_of

ROOT = Path(__file__).parents[2]
D = Decimal


@pytest.fixture(scope="module")
def nation() -> Rulebook:
    return data_folder.load(ROOT / "data" / "nation", [], date(2024, 2, 15))


def board(board_id: str, status: str = "accepted", **figures: Any) -> dict[str, Any]:
    return {"board_id": board_id, "name": board_id, "return_status": status, **figures}


def upper(upper_id: str, above_id: str | None = None) -> dict[str, Any]:
    return {
        "upper_id": upper_id,
        "above_id": above_id,
        "name": upper_id.upper(),
        "upper_level_id": "lan" if above_id else "riket",
    }


def seen(book: Rulebook, boards: list[Any], uppers: list[Any]) -> LevelView:
    tables = tables_of(board=boards, level=uppers)
    day = date(2023, 12, 31)
    result = GrantResult(book.grants[0], day, day, True, tables, (), ())
    view = level_view(result, book)["levels"]
    assert isinstance(view, LevelView)
    return view


def among(book: Rulebook, *boards: Board) -> Rulebook:
    return replace(book, boards=boards)


def recipient(board_id: str, above_id: str | None, same_as_id: str | None = None) -> Board:
    return Board(
        board_id, board_id, None, None, None, None, (), above_id=above_id, same_as_id=same_as_id
    )


def test_everybody_silent_is_named_under_whom_they_are_within(nation: Rulebook) -> None:
    book = among(
        nation,
        recipient("riket", None),
        recipient("lan", "riket"),
        recipient("habo", "lan"),
        recipient("malmo", "riket"),
        recipient("lund", "riket"),
    )
    boards = [board("habo", "missing"), board("malmo", "missing"), board("lund", "held")]
    view = seen(book, boards, [upper("riket"), upper("lan", "riket")])
    assert [(w.name, [b.board_id for b in w.boards]) for w in view.silent] == [
        ("LAN", ["habo"]),
        ("RIKET", ["malmo"]),
    ]
    assert [(w.name, [b.board_id for b in w.boards]) for w in view.held] == [("RIKET", ["lund"])]


def test_where_there_is_but_one_level_above_they_are_named_under_it(nation: Rulebook) -> None:
    book = among(nation, recipient("riket", None), recipient("habo", "riket"))
    view = seen(book, [board("habo", "missing")], [upper("riket")])
    assert [(w.name, len(w.boards)) for w in view.silent] == [("RIKET", 1)]
    assert view.uppers == ()


def test_a_return_from_the_highest_itself_is_no_fault_of_the_page(nation: Rulebook) -> None:
    book = among(nation, recipient("riket", None), recipient("habo", "riket"))
    view = seen(book, [board("riket", "held"), board("habo")], [upper("riket")])
    assert [w.name for w in view.held] == ["RIKET"]


def test_those_that_stick_out_most_are_first_and_no_more_than_people_read(
    nation: Rulebook,
) -> None:
    ids = [f"k{number}" for number in range(MOST_NAMED + 3)]
    book = among(nation, recipient("riket", None), *(recipient(one, "riket") for one in ids))
    boards = []
    for number, one in enumerate(ids):
        figures = {"overspent_sek": D(number), "used_share": D("0.4") + D(number) / 1000}
        boards.append(board(one, **figures))
    boards.append(board("riket", "missing", used_share=D(0)))
    view = seen(book, boards, [upper("riket")])
    # The first has used nothing too much, and who has not answered has not used too little.
    assert (len(view.overspent.boards), view.overspent.more) == (MOST_NAMED, 2)
    assert view.overspent.boards[0].board_id == ids[-1]
    assert (view.least_used.boards[0].board_id, view.least_used.more) == ("k0", 3)
    assert view.ineligible.boards == ()


def test_two_that_are_one_body_are_told_of_where_both_are_there(nation: Rulebook) -> None:
    book = among(
        nation,
        recipient("riket", None),
        recipient("gotland", "riket"),
        recipient("region", "riket", same_as_id="gotland"),
    )
    both = seen(book, [board("gotland"), board("region")], [upper("riket")])
    assert both.in_two_roles == (("gotland", "region"),)
    alone = seen(book, [board("region")], [upper("riket")])
    assert alone.in_two_roles == ()
    assert ReturnStatus.MISSING not in {b.return_status for w in alone.silent for b in w.boards}
