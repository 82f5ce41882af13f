"""What happens at the desk, written in the log: a line at a time, in turn with all else that is
changed from here."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..base.errors import InputError
from ..case import casefile, casework, store

_PAUSE_SECONDS = 0.2
_PATIENCE_SECONDS = 10
_COMPLAINS_EACH_SECONDS = 300


@dataclass(frozen=True)
class Line:
    """A line that the log is to get."""

    kind: str
    at: str
    by: str
    login: str | None
    grant: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


class Clerk:
    """Keeps the log of what happens at the desk.

    A line is written as soon as nothing else changes the out folder, so that nobody who logs in
    waits for a run; `settled` waits for it.
    """

    def __init__(self, out: Path, complain: Callable[[str], None]) -> None:
        self.turn = threading.RLock()
        """Whoever changes the out folder from here holds it, so that two wait for one another."""
        self._out, self._complain = out, complain
        self._guard = threading.Lock()
        self._pending: list[Line] = []
        self._lines: queue.Queue[Line | None] = queue.Queue()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def note(self, line: Line) -> None:
        """A line more, to be written soon."""
        with self._guard:
            self._pending.append(line)
        self._lines.put(line)

    def pending(self) -> list[Line]:
        """The lines that are not written yet."""
        with self._guard:
            return list(self._pending)

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """While nothing else from here changes the out folder. Raises InputError when something has
        done so for a while."""
        if not self.turn.acquire(timeout=_PATIENCE_SECONDS):
            raise InputError("En körning pågår. Försök igen när den är klar. Inget är ändrat.")
        try:
            yield
        finally:
            self.turn.release()

    def settled(self, seconds: float = _PATIENCE_SECONDS) -> bool:
        """Wait until every line is written, for so long; whether all are."""
        until = time.monotonic() + seconds
        while self._lines.unfinished_tasks:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Write what is left, and stop."""
        self._lines.put(None)
        self._thread.join(_PATIENCE_SECONDS)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            lines: list[Line] = [line]
            is_last = False
            while not self._lines.empty():
                following = self._lines.get()
                if following is None:
                    is_last = True
                    break
                lines.append(following)
            self._put(lines)
            with self._guard:
                del self._pending[: len(lines)]
            for _ in lines:
                self._lines.task_done()
            if is_last:
                return

    def _put(self, lines: list[Line]) -> None:
        """Put lines in the log, however long something else holds it: none is dropped."""
        said_at = time.monotonic()
        while True:
            try:
                with self.turn:
                    put(self._out, lines)
            except (InputError, OSError) as error:
                if time.monotonic() > said_at + _COMPLAINS_EACH_SECONDS:
                    said_at = time.monotonic()
                    self._complain(f"{len(lines)} rader väntar på att komma in i loggen: {error}")
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def put(out: Path, lines: list[Line]) -> None:
    """Put lines in the log in one change. Raises InputError when another change is under way."""
    with store.Change(out) as change:
        log = casefile.log_of(change, lines[0].at, lines[0].by, lines[0].login)
        for line in lines:
            log.login = line.login
            log.add(line.kind, line.at, by=line.by, grant=line.grant, **line.details)
        casework.publish(change, log)
