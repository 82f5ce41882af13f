"""The children that read returns, and what they remember of it."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from ..base.bounds import BOUNDS
from ..base.children import Children
from .readings import Asked, Known, Readings

Answer = TypeVar("Answer")


class Readers(Children):
    """Two children with the limits of a reader; `kept` is where they remember what they have read
    of files, None where they don't."""

    def __init__(self, kept: Readings | None = None) -> None:
        super().__init__(
            2,
            memory_bytes=BOUNDS.reader_bytes,
            seconds=BOUNDS.reader_seconds,
            wait_seconds=BOUNDS.reader_wait_seconds,
        )
        self._kept = kept

    def of_file(
        self, function: Callable[..., Answer], path: Path, *told: object, about: str
    ) -> "Future[Answer]":
        """What a function answers about a file and what it is told beside it; from memory where it
        has been asked the same about the same bytes.

        `about` is all that the answer depends on beside the bytes, as text.
        """
        known = self._kept.known(path.absolute()) if self._kept else None
        if self._kept is None or known is None:
            return self.submit(function, path, *told)
        reader = f"{function.__module__}.{function.__qualname__}"
        asked = Asked(path.absolute(), reader, _digest(about))
        answered = self._kept.answer(asked, known)
        if answered is not None:
            done: Future[Answer] = Future()
            done.set_result(answered)
            return done
        reading = self.submit(function, path, *told)
        reading.add_done_callback(lambda answer: self._keep(asked, known, answer))
        return reading

    def _keep(self, asked: Asked, known: Known, reading: "Future[Answer]") -> None:
        """Keep an answer, if it is about the bytes that the file had when it was asked."""
        if self._kept is None or reading.cancelled() or reading.exception() is not None:
            return
        answer = reading.result()
        if getattr(answer, "sha256", known.sha256) == known.sha256:
            self._kept.keep(asked, known, answer)

    def forget_gone(self) -> None:
        """Forget what has been read of files that are no longer where they were."""
        if self._kept is not None:
            self._kept.forget_gone()

    def close(self) -> None:
        """End the children."""
        super().close()
        if self._kept is not None:
            self._kept.close()


def _digest(about: str) -> str:
    # The name of a file may be no Unicode.
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()


def of_file(
    readers: Children, function: Callable[..., Answer], path: Path, *told: object, about: str
) -> "Future[Answer]":
    """`Readers.of_file` where it is they who read; other children are always asked."""
    if isinstance(readers, Readers):
        return readers.of_file(function, path, *told, about=about)
    return readers.submit(function, path, *told)
