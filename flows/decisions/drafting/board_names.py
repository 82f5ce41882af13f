"""The boards' names as documents write them: by any spelling of the register, broken over lines, or
merely near to one."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...base import swedish
from ...model.boards import Board

_MARKS = "*¹²³⁴⁵⁶⁷⁸⁹⁰:;,."
"""What may stand after a name and is no part of it."""
_OFFICE = re.compile(
    r"\b(stadsdelsnämnden i|stadsdelsnämnden|stadsdelsnämnd|stadsdelsförvaltning(en)?|sdn|sdf)\b",
    re.IGNORECASE,
)
_CLEARLY = 0.15
"""How much nearer a name must be than the next board's, for it not to be a guess between them."""


@dataclass(frozen=True)
class NameRead:
    """The board that a name stands for."""

    board_id: str | None
    is_nearest: bool = False
    """Whether the name is another than the board's own: a misspelling, in the register or not, or
    an abbreviation. It is to be shown to a person."""

    @property
    def is_known(self) -> bool:
        """Whether there is a board."""
        return self.board_id is not None


UNKNOWN = NameRead(None)


class BoardNames:
    """The names of a register of boards."""

    def __init__(self, boards: Sequence[Board]) -> None:
        self._ids: dict[str, str] = {}
        for board in boards:
            for text in (board.board_id, board.name, *board.spellings):
                self._ids.setdefault(swedish.key(text), board.board_id)
        self._own = {board.board_id: board.name for board in boards}

    def name(self, board_id: str) -> str:
        """What a board is called."""
        return self._own[board_id]

    def known(self, text: str) -> NameRead:
        """The board that goes by a name in the register; capitals, blanks and dashes are alike."""
        key = swedish.key(_bare(text))
        board_id = self._ids.get(key)
        if board_id is None:
            return UNKNOWN
        return NameRead(board_id, swedish.key(self._own[board_id]) not in key)

    def read(self, text: str) -> NameRead:
        """The board that a name stands for, or the one whose name is clearly nearest."""
        known = self.known(text)
        return known if known.is_known else self._near(text)

    def joined(self, first: str, second: str) -> str | None:
        """A name that was broken over two lines, where the register knows it; else None."""
        whole = [f"{first} {second}"]
        if first.endswith("-"):
            whole.append(f"{first.removesuffix('-')}{second}")
        return next((name for name in whole if self.known(name).is_known), None)

    def may_go_on(self, text: str) -> bool:
        """Whether a text may be the first line of a name that the register knows."""
        begun = swedish.key(_bare(text))
        return bool(begun) and any(key.startswith(begun) for key in self._ids)

    def _near(self, text: str) -> NameRead:
        bare = swedish.tidy(_OFFICE.sub(" ", _bare(text)))
        names = list(self._own.values())
        nearest = swedish.nearest(bare, names)
        if nearest is None:
            return UNKNOWN
        second = swedish.nearest(bare, (name for name in names if name != nearest))
        if second is not None and _likeness(bare, nearest) - _likeness(bare, second) < _CLEARLY:
            return UNKNOWN
        board_id = next(one for one, name in self._own.items() if name == nearest)
        return NameRead(board_id, is_nearest=True)


def _bare(text: str) -> str:
    return swedish.tidy(text).rstrip(_MARKS).removeprefix("• ").removeprefix("- ")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, swedish.key(one), swedish.key(other)).ratio()
