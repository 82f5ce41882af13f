"""What somebody at the keyboard has named: folders, and boards by any of their names."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.errors import InputError

if TYPE_CHECKING:
    from ..model.rulebook import Rulebook
    from ..money.tables import BoardMoney


def must_have_folders(asked: argparse.Namespace) -> None:
    """Raises InputError where the folder of returns is not there, or where what is written would
    lie among what is read."""
    from ..case import store

    if not asked.returns.is_dir():
        raise InputError(
            f"Mappen {asked.returns} finns inte. Ange mappen med redovisningar med --returns."
        )
    store.must_lie_apart(asked.out, asked.returns, asked.data)


def decided_board(decided: "Rulebook", name: str) -> str:
    """The id of a board that somebody has named. Raises InputError, with the name that may be
    meant."""
    board_id = decided.board_named(name)
    if board_id is None:
        near = swedish.nearest(name, [b.name for b in decided.boards])
        raise InputError(
            f"Det finns ingen nämnd som heter {name}.{f' Menas {near}?' if near else ''}"
        )
    return board_id


def board_named(text: str, boards: Sequence["BoardMoney"]) -> str:
    """The id of a board of a reconciliation. Raises InputError, with those to choose from."""
    names = {swedish.key(name): b.board_id for b in boards for name in (b.board_id, b.name)}
    found: str | None = names.get(swedish.key(text))
    if found is None and not names:
        raise InputError(f"{text} finns inte i avstämningen. Ingen nämnd har redovisat.")
    if found is None:
        choices = swedish.listing(sorted(set(names.values()), key=swedish.order))
        raise InputError(f"{text} finns inte i avstämningen. Välj bland {choices}.")
    return found
