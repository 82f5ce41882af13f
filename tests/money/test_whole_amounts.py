"""What a decision on a proposal to move money would say: whole new amounts, with what a merged board
inherited, and only on the amounts that the proposal reckoned with."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from statsbidrag.decisions import data_folder
from statsbidrag.model.decisions import WHOLE_GRANT, Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import redistribution
from tests import example
from tests.support.commands import ROOT

TODAY = date(2024, 1, 20)
FILE = f"grants/{example.EQUAL}.toml"
MERGED = {"Rinkeby-Kista": 2890470, "Spånga-Tensta": 2000000, "Farsta": 1427014}
"""Amounts decided before two boards became Järva."""


def merged(later: str = "") -> tuple[Rulebook, Grant]:
    """The grant, decided for boards of which two have become one; `later` is a decision more."""
    content = (ROOT / "data" / FILE).read_text("utf-8")
    rows = "\n".join(f'"{name}" = {kronor}' for name, kronor in MERGED.items())
    decision = (
        '[[beslut]]\nid = "n"\ndatum = 2023-04-25\nbeslutat_av = "N"\nantagande = "x"\n\n'
        f"[beslut.fordelning]\n{rows}\n\n{later}"
    )
    instead = {FILE: (content[: content.index("[[beslut]]")] + decision).encode()}
    decided = data_folder.load(ROOT / "data", [example.EQUAL], TODAY, instead)
    return decided, decided.grant(example.EQUAL)


def proposed(
    decided: Rulebook, giver: str, taker: str, kronor: int, reckoned: Mapping[str, int]
) -> dict[str, Decimal]:
    """The whole new amounts by board, of a proposal by a run that reckoned with some amounts."""
    transfer: Any = SimpleNamespace(
        from_board_id=giver, to_board_id=taker, component_id=None, amount_sek=Decimal(kronor)
    )
    rows = []
    for board_id, sek in reckoned.items():
        row = {"board_id": board_id, "component_id": WHOLE_GRANT, "allocated_sek": Decimal(sek)}
        rows.append(SimpleNamespace(**row))
    result: Any = SimpleNamespace(
        grant=decided.grant(example.EQUAL), tables=SimpleNamespace(board_component=rows)
    )
    proposal = redistribution.Proposal((transfer,), Decimal(0), ())
    amounts = redistribution.whole_amounts(result, proposal, decided, TODAY)
    return {board_id: sek for (board_id, _), sek in amounts.items()}


@pytest.mark.parametrize(
    ("giver", "taker", "whole"),
    [
        ("farsta", "jarva", {"farsta": 1393014, "jarva": 4924470}),
        ("jarva", "farsta", {"farsta": 1461014, "jarva": 4856470}),
    ],
)
def test_what_a_board_inherited_is_part_of_its_whole_new_amount(
    giver: str, taker: str, whole: dict[str, int]
) -> None:
    """A new decision about Järva ends what was decided for the boards that became it."""
    decided, grant = merged()
    held = decided.held_on(grant, TODAY)
    assert held["jarva", WHOLE_GRANT] == 4890470
    assert held["rinkeby-kista", WHOLE_GRANT] == 2890470
    assert decided.inherited_on("jarva", grant, TODAY) == {
        "Rinkeby-Kista": 2890470,
        "Spånga-Tensta": 2000000,
    }
    now = {"farsta": 1427014, "jarva": 4890470}
    assert proposed(decided, giver, taker, 34000, now) == whole


def test_before_its_first_day_a_board_has_inherited_nothing() -> None:
    decided, grant = merged()
    assert ("jarva", WHOLE_GRANT) not in decided.held_on(grant, date(2023, 6, 30))
    assert decided.inherited_on("jarva", grant, date(2023, 6, 30)) == {}


def test_a_proposal_that_reckoned_with_other_amounts_says_nothing() -> None:
    """What was proposed has been decided already, and no quarter has been run since."""
    decided, _ = merged()
    before = {"farsta": 1393014, "jarva": 4924470}
    assert proposed(decided, "jarva", "farsta", 34000, before) == {}


def test_a_decision_that_is_still_to_come_in_force_has_to_be_counted_first() -> None:
    later = (
        '[[beslut]]\nid = "m"\ndatum = 2024-03-01\nbeslutat_av = "N"\nantagande = "x"\n\n'
        '[beslut.fordelning]\n"Farsta" = 1000000\n'
    )
    decided, _ = merged(later)
    now = {"farsta": 1427014, "jarva": 4890470}
    assert proposed(decided, "jarva", "farsta", 34000, now) == {}
