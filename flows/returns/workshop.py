"""The children of a run: two that read and write workbooks, one that holds Great Expectations, and
one or two that set documents."""

from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import Any, Protocol

from ..base import collector
from ..base.children import Children
from .readers import Readers
from .readings import Readings
from .validator import Validator

VALIDATION_SECONDS = 1800
_SETTING_SECONDS = 1800
_PRESS_BYTES = 200_000_000
"""A press that holds more has set something large, and keeps it until ten others are set."""


class Room(StrEnum):
    """What is done apart, by who does it."""

    READERS = "readers"
    JUDGES = "judges"


class Elsewhere(Protocol):
    """Where a function is called that isn't called in a child of this process."""

    def __call__(self, room: Room, function: Callable[..., Any], *args: object) -> "Future[Any]":
        """What a function of some module answers in a room of somebody else's workshop."""


class _Judges(Children):
    """One child that holds Great Expectations, here or elsewhere."""

    def __init__(self, elsewhere: Elsewhere | None) -> None:
        super().__init__(1, memory_bytes=None, seconds=VALIDATION_SECONDS)
        self._elsewhere = elsewhere

    def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        if self._elsewhere is None:
            return super().submit(function, *args)
        return self._elsewhere(Room.JUDGES, function, *args)


class _Readers(Readers):
    """Two children with the limits of a reader, here or elsewhere."""

    def __init__(self, kept: Readings | None, elsewhere: Elsewhere | None) -> None:
        super().__init__(kept)
        self._elsewhere = elsewhere

    def submit(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        if self._elsewhere is None:
            return super().submit(function, *args)
        return self._elsewhere(Room.READERS, function, *args)


class Workshop:
    """The children of a run, each started when it is first needed. `keeps` is whether what is read
    of files in a folder of returns is kept for the next run, `lasts` whether it is for more than
    one."""

    def __init__(
        self,
        *,
        keeps: bool = False,
        lasts: bool = True,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`elsewhere` is where returns are read and validated, None for children of this
        process."""
        self._lasts = lasts
        self.readers: Children = _Readers(Readings() if keeps else None, elsewhere)
        self._judges = _Judges(elsewhere)
        self.validator = Validator(self._judges)
        self.press_count = 2 if lasts else 1
        """Where people wait for one run after another, the two PDFs are set at the same time; for a
        single run it wouldn't make up for loading the libraries twice."""
        self.press = Children(
            self.press_count, memory_bytes=None, seconds=_SETTING_SECONDS, rests_bytes=_PRESS_BYTES
        )
        """Sets documents from what is handed to it, while the run writes the rest."""

    def warm(self) -> None:
        """Let the children load their libraries while the run does something else."""
        self.validator.warm()
        for _ in range(2):
            self.readers.submit(collector.load, "openpyxl")

    def room(self, room: Room) -> Children:
        """Those who do what is done in a room."""
        return self.readers if room is Room.READERS else self._judges

    def has_validated(self) -> None:
        """Nothing more is validated in this run: where there is no other, the child ends."""
        if not self._lasts:
            self.validator.close()

    def has_read(self) -> None:
        """No file is being read or written; where there is no other run, the children end."""
        if not self._lasts:
            self.readers.rest()
            collector.trim()

    def close(self) -> None:
        """End the children."""
        self.readers.close()
        self.validator.close()
        self.press.close()

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
