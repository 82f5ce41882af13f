"""Excel and CSV into flat returns: every cell with its address, its text and its value. No
judgement here.

A number's way in: float -> `Decimal` at 15 significant digits, as Excel shows it, once and here.
Personal numbers are masked here too, so that none gets further into the house. `read` is meant to
run in a child process with limits: a hostile file may kill its reader, and then `Intake` says so.
"""

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.bounds import BOUNDS
from ..base.children import Children, Stop, StoppedError
from ..model.returns import NumberPlace, Problem, Return
from . import file_kinds, file_names
from .csv_file import read_csv
from .excel import read_workbook
from .refusal import RefusedError

if TYPE_CHECKING:
    pass


def listing(folder: Path) -> list[Path]:
    """Everything under a folder that is not itself a folder, in the order of the names.

    Raises PermissionError for a folder that can't be read: the returns in it must not pass for
    missing.
    """
    found = []
    for place, folders, files in os.walk(folder, onerror=_stop):
        found += [Path(place, name) for name in files]
        found += [path for name in folders if (path := Path(place, name)).is_symlink()]
    return sorted(found)


def _stop(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise error


def fingerprints(folder: Path) -> dict[str, tuple[Path, str]]:
    """Where each file under a folder lies and its SHA-256 (empty for what is no regular file), by
    the name we say."""
    paths = listing(folder)
    return {
        name: (path, _digest(path)[0] if stat.S_ISREG(path.lstat().st_mode) else "")
        for path, name in zip(
            paths, _said(path.relative_to(folder).as_posix() for path in paths), strict=True
        )
    }


def _said(names: Iterable[str]) -> list[str]:
    """Names as they may be shown: none that holds a personal number, nothing unseen, and no two
    alike."""
    return file_names.apart(file_names.told(name) for name in names)


class Intake:
    """Files being read in child processes from the moment this is made; a stopped reader costs one
    file."""

    def __init__(self, files: Sequence[tuple[Path, str]], readers: Children) -> None:
        self._files = [
            (path, said)
            for (path, _), said in zip(files, _said(name for _, name in files), strict=True)
        ]
        self._asked = [readers.submit(read, path, name) for path, name in files]

    @classmethod
    def of(cls, folder: Path, readers: Children) -> "Intake":
        """Every file under a folder, by its name there."""
        return cls(
            [(path, path.relative_to(folder).as_posix()) for path in listing(folder)], readers
        )

    def returns(
        self, tell: Callable[[int, int], None] = lambda _done, _of: None
    ) -> list[tuple[Path, Return]]:
        """Each file's return beside where the file lies, in the order of the names; `tell` hears
        how many are read."""
        found = []
        for (path, said), asked in zip(self._files, self._asked, strict=True):
            found.append((path, _answer(asked, path, said)))
            tell(len(found), len(self._files))
        return found


def _answer(asked: "Future[Return]", path: Path, said: str) -> Return:
    try:
        return replace(asked.result(), file=said)
    except StoppedError as stopped:
        try:
            sha256, size = _digest(path)
        except OSError:
            return Return(said, "", 0, "other", (Problem("fil-otillganglig"),))
        rule_id, details = _STOPS[stopped.stop]
        return Return(said, sha256, size, "other", (Problem(rule_id, details=details),))


_STOPS: Mapping[Stop, tuple[str, dict[str, str]]] = {
    Stop.PROCESSOR: (
        "fil-stoppade-lasningen",
        {"why": f"tog mer än {BOUNDS.reader_seconds} sekunder av datorns arbetstid"},
    ),
    Stop.MEMORY: ("fil-stoppade-lasningen", {"why": "tog för mycket minne"}),
    Stop.DEATH: ("fil-stoppade-lasningen", {"why": "fick läsprogrammet att krascha"}),
    Stop.CLOCK: ("fil-vantade-for-lange", {"minutes": str(BOUNDS.reader_wait_seconds // 60)}),
}
"""What is said of a file whose reader was stopped."""


def read(path: Path, name: str) -> Return:
    """One file as a return. Whatever is wrong with it is told in `problems`; nothing is raised for
    bad content."""
    said = file_names.told(name)
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return Return(
                said,
                "",
                0,
                "skipped",
                (Problem("fil-ar-ingen-fil", details={"what": file_names.called(mode)}),),
            )
        with _opened(path) as stream:
            content = stream.read(BOUNDS.file_bytes + 1)
        too_large = len(content) > BOUNDS.file_bytes
        sha256, size = (
            _digest(path) if too_large else (hashlib.sha256(content).hexdigest(), len(content))
        )
    except OSError:
        return Return(said, "", 0, "other", (Problem("fil-otillganglig"),))
    blank = Return(said, sha256, size, "other")
    if file_names.is_nobodys(path.name):
        return replace(blank, kind="skipped")
    try:
        if too_large:
            raise RefusedError(
                "fil-for-stor", limit=f"{BOUNDS.file_bytes // 1_000_000}{swedish.NBSP}MB"
            )
        kind = file_kinds.kind_of(content, path.suffix.lower())
        found = read_workbook(content) if kind == "xlsx" else read_csv(content)
    except RefusedError as refused:
        return replace(blank, problems=(refused.problem,))
    except MemoryError:
        raise
    except (
        Exception
    ):  # whatever the guard let through and a reader stumbles on: it costs this file and no other
        return replace(blank, problems=(Problem("fil-trasig"),))
    if swedish.mask_personal_numbers(name)[1]:
        named = NumberPlace("", "", "i filens namn")
        found = replace(found, personal_numbers=(named, *found.personal_numbers))
    return replace(found, file=said, sha256=sha256, size_bytes=size)


def _opened(path: Path) -> io.BufferedReader:
    """The file itself, to be read: never what a link leads to, and nothing that makes one wait."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _digest(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its size in bytes."""
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
