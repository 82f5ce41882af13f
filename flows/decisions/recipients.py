"""The register of boards into nouns: who exists when, who became whom."""

from collections import Counter

from ..base import swedish
from ..base.errors import InputError
from ..model.boards import Board
from .declaration import BoardsFile


def boards_of(parsed: BoardsFile) -> tuple[Board, ...]:
    """The boards of the register. Raises InputError for names that two have, and for chains that
    don't hold."""
    boards = tuple(
        Board(
            board_id=b.id,
            name=b.namn,
            number=b.nummer,
            valid_from_on=b.fran,
            valid_to_on=b.till,
            successor_id=b.eftertradare,
            spellings=tuple(b.stavningar),
            cost_centres=tuple(b.ansvar),
            email=b.epost,
        )
        for b in parsed.namnd
    )
    by_id = {b.board_id: b for b in boards}
    names = Counter(
        k for b in boards for k in {swedish.key(t) for t in (b.board_id, b.name, *b.spellings)}
    )
    for name, count in names.items():
        if count > 1:
            raise InputError(
                f"boards.toml, namnd: namnet {name} står på {count} nämnder. Behåll det på en av "
                "dem."
            )
    codes = Counter(
        code for b in boards for code in {*b.cost_centres, *([b.number] if b.number else [])}
    )
    for code, count in codes.items():
        if count > 1:
            raise InputError(
                f"boards.toml, namnd: ansvar {code} står på {count} nämnder. Behåll det på en av "
                "dem."
            )
    for b in boards:
        heir = by_id.get(b.successor_id or "")
        if b.successor_id and heir is None:
            raise InputError(
                f"boards.toml, namnd {b.board_id}: efterträdaren {b.successor_id} finns inte. Lägg "
                "till den."
            )
        if heir and not (
            b.valid_to_on and heir.valid_from_on and b.valid_to_on < heir.valid_from_on
        ):
            raise InputError(
                f"boards.toml, namnd {b.board_id}: perioden överlappar efterträdarens. Sätt till "
                f"på {b.board_id} till dagen före fran på {heir.board_id}."
            )
        if b.valid_from_on and b.valid_to_on and b.valid_to_on < b.valid_from_on:
            raise InputError(
                f"boards.toml, namnd {b.board_id}: till ligger före fran. Byt plats på dagarna."
            )
    return boards


def predecessors_of(boards: tuple[Board, ...]) -> dict[str, tuple[str, ...]]:
    """The boards that became each board, near and far, in the order of the register."""
    successors = {board.board_id: board.successor_id for board in boards}
    found: dict[str, list[str]] = {board.board_id: [] for board in boards}
    for board in boards:
        heir = board.successor_id
        while heir is not None:
            found[heir].append(board.board_id)
            heir = successors[heir]
    return {board_id: tuple(before) for board_id, before in found.items()}
