"""The children that read returns, and what they have read of the folder of returns: a file that is
as it was, by its bytes and its name, needn't be read again.

It is kept in this process' memory and nowhere else, and nothing of what is handed over without
lying in a folder is.
"""

import stat
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from ..base import tree
from ..base.bounds import BOUNDS
from ..base.children import Children
from ..model.returns import Return

Reader = Callable[[Path, str], Return]
_MOST_BYTES = 10_000_000
"""How large the files are, together, whose returns are kept: in memory they take some ten times as
much."""
_Key = tuple[str, str]
"""A file's SHA-256, and the name that it is read by."""


class Readers(Children):
    """Two children with the limits of a reader; `keeps` is whether they remember."""

    def __init__(self, *, keeps: bool = False) -> None:
        super().__init__(
            2,
            memory_bytes=BOUNDS.reader_bytes,
            seconds=BOUNDS.reader_seconds,
            wait_seconds=BOUNDS.reader_wait_seconds,
        )
        self._keeps = keeps
        self._kept: OrderedDict[_Key, Return] = OrderedDict()
        self._guard = threading.Lock()

    def of_file(self, read: Reader, path: Path, name: str) -> "Future[Return]":
        """What a file in the folder of returns is read as; from memory where it has been read."""
        key = self._key(path, name)
        if key is None:
            return self.submit(read, path, name)
        with self._guard:
            returned = self._kept.get(key)
        if returned is not None:
            known: Future[Return] = Future()
            known.set_result(returned)
            return known
        reading = self.submit(read, path, name)
        reading.add_done_callback(lambda done: self._keep(key, done))
        return reading

    def _key(self, path: Path, name: str) -> _Key | None:
        """By what a file is known; None where it is not to be kept."""
        try:
            status = path.lstat()
            is_plain = stat.S_ISREG(status.st_mode) and status.st_size <= BOUNDS.file_bytes
            return (tree.sha256(path), name) if self._keeps and is_plain else None
        except OSError:  # whoever reads it says so
            return None

    def _keep(self, key: _Key, done: "Future[Return]") -> None:
        """Keep what has been read, while there is room; the oldest goes first."""
        if done.cancelled() or done.exception() is not None:
            return
        returned = done.result()
        if returned.sha256 != key[0]:  # the file was changed meanwhile
            return
        with self._guard:
            self._kept[key] = returned
            while sum(one.size_bytes for one in self._kept.values()) > _MOST_BYTES:
                self._kept.popitem(last=False)
