"""The register of boards into nouns: who exists when, who became whom."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from ..base import swedish
from ..base.errors import InputError
from ..model.boards import Board
from ..model.levels import AGENCY_LEVEL, BOARD_LEVEL, CITY_LEVEL, Level, LevelWords
from .declaration import BoardFile, BoardsFile
from .recipient_lists import recipients_of

NO_LISTS: Mapping[str, bytes] = MappingProxyType({})


def boards_of(parsed: BoardsFile, lists: Mapping[str, bytes] = NO_LISTS) -> tuple[Board, ...]:
    """The boards of the register, and the recipients of the lists that it names, whose contents are
    given by their files. Raises InputError for names that two have, and for chains and levels that
    don't hold."""
    boards = (
        *(_board(one) for one in parsed.namnd),
        *recipients_of(parsed.lista, lists, parsed.mottagare),
    )
    _names_must_differ(boards)
    _chains_must_hold(boards)
    _levels_must_hold(parsed, boards)
    return boards


def _board(stated: BoardFile) -> Board:
    return Board(
        board_id=stated.id,
        name=stated.namn,
        number=stated.nummer,
        valid_from_on=stated.fran,
        valid_to_on=stated.till,
        successor_id=stated.eftertradare,
        spellings=tuple(stated.stavningar),
        cost_centres=tuple(stated.ansvar),
        email=stated.epost,
        level_id=stated.niva or BOARD_LEVEL.level_id,
        above_id=stated.over,
    )


def _names_must_differ(boards: tuple[Board, ...]) -> None:
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


def _chains_must_hold(boards: tuple[Board, ...]) -> None:
    by_id = {b.board_id: b for b in boards}
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


def _levels_must_hold(parsed: BoardsFile, boards: tuple[Board, ...]) -> None:
    """See that each is on a level that there is, and a part of one that there is and that is no
    part of itself."""
    known = {BOARD_LEVEL.level_id, *(level.id for level in parsed.niva)}
    above = {board.board_id: board.above_id for board in boards}
    for level in parsed.niva:
        for part in level.omfattar:
            if part not in known:
                raise InputError(
                    f"boards.toml, niva {level.id}: nivån {part} finns inte. Lägg till den under "
                    "[[niva]]."
                )
    for board in boards:
        where = f"boards.toml, {board.board_id}"
        if board.level_id not in known:
            raise InputError(
                f"{where}: nivån {board.level_id} finns inte. Lägg till den under [[niva]]."
            )
        for other_id in (board.above_id, board.same_as_id):
            if other_id is not None and other_id not in above:
                raise InputError(f"{where}: {other_id} finns inte. Rätta id, eller lägg till den.")
        passed = {board.board_id}
        higher_id = board.above_id
        while higher_id is not None:
            if higher_id in passed:
                raise InputError(
                    f"{where}: den är en del av sig själv, genom {higher_id}. Rätta over."
                )
            passed.add(higher_id)
            higher_id = above[higher_id]


def levels_of(parsed: BoardsFile) -> dict[str, Level]:
    """The levels by their ids: those of a city and its boards, and those that the register
    declares. Raises InputError for one that stands twice."""
    levels = {level.level_id: level for level in (BOARD_LEVEL, CITY_LEVEL, AGENCY_LEVEL)}
    seen: set[str] = set()
    for stated in parsed.niva:
        if stated.id in seen:
            raise InputError(f"boards.toml, niva: {stated.id} står två gånger. Behåll den ena.")
        seen.add(stated.id)
        words = LevelWords(stated.en, stated.den, stated.flera, stated.de)
        levels[stated.id] = Level(stated.id, words, tuple(stated.omfattar))
    return levels


def level_named(levels: Mapping[str, Level], level_id: str, where: str) -> Level:
    """A level by its id. Raises InputError, which begins with where it is named, when there is none
    such."""
    level = levels.get(level_id)
    if level is None:
        raise InputError(
            f"{where}: nivån {level_id} finns inte. Lägg till den under [[niva]] i boards.toml."
        )
    return level


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
