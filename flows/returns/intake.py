"""Excel and CSV into flat returns: every cell with its address, its text and its value. No
judgement here.

A number's way in: float -> `Decimal` at 15 significant digits, as Excel shows it, once and here.
Personal numbers are masked here too, so that none gets further into the house. `read` is meant to
run in a child process with limits: a hostile file may kill its reader, and then `Intake` says so.
"""

import hashlib
import stat
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from ..base import swedish
from ..base.bounds import BOUNDS
from ..base.children import Children, Stop, StoppedError
from ..model.returns import NumberPlace, Problem, Return
from . import file_kinds, file_names, filed_package, inbox
from .csv_file import read_csv
from .excel import read_workbook
from .filed_report import read_package
from .inbox import Source
from .readers import Readers, of_file
from .refusal import RefusedError


class Intake:
    """Files being read in child processes from the moment this is made; a stopped reader costs one
    file."""

    def __init__(self, files: Sequence[tuple[Source, str]], readers: Children) -> None:
        self._sources = [source for source, _ in files]
        self._names = inbox.shown_names(name for _, name in files)
        self._readings = deque(reading(readers, source, name) for source, name in files)

    @classmethod
    def of_folder(cls, folder: Path, readers: Children) -> "Intake":
        """Every file under a folder but the extracts of the accounts, by its name there."""
        if isinstance(readers, Readers):
            readers.forget_gone()
        files: list[tuple[Source, str]] = []
        for path in inbox.listing(folder):
            name = path.relative_to(folder).as_posix()
            if not file_names.is_extract(name):
                files.append((path, name))
        return cls(files, readers)

    def returns(
        self, tell: Callable[[int, int], None] = lambda _done, _of: None
    ) -> list[tuple[Source, Return]]:
        """Each file's return beside where it is, in the order of the names, handed over once;
        `tell` hears how many are read."""
        returns = []
        for source, name in zip(self._sources, self._names, strict=True):
            # Nothing is held of what has been handed over.
            returns.append((source, _answer(self._readings.popleft(), source, name)))
            tell(len(returns), len(self._sources))
        return returns


def reading(readers: Children, source: Source, name: str) -> "Future[Return]":
    """A file being read; of one that lies in a folder, what has been read of it before where the
    readers remember it."""
    if isinstance(source, Path):
        return of_file(readers, read, source, name, about=name)
    return readers.submit(read, source, name)


def _answer(reading: "Future[Return]", source: Source, name: str) -> Return:
    """The return that a reader has made of a file, or that its reader was stopped."""
    try:
        return replace(reading.result(), file=name)
    except StoppedError as stopped:
        try:
            sha256, size = inbox.digest(source)
        except OSError:
            return _out_of_reach(name)
        return Return(name, sha256, size, "other", (stopped_reading(stopped),))


def stopped_reading(stopped: StoppedError) -> Problem:
    """What is said of a file whose reader was stopped."""
    rule_id, details = _STOPS[stopped.stop]
    return Problem(rule_id, details=details)


def _out_of_reach(name: str) -> Return:
    return Return(name, "", 0, "other", (Problem("fil-otillganglig"),))


_STOPS: Mapping[Stop, tuple[str, dict[str, str]]] = {
    Stop.PROCESSOR: (
        "fil-stoppade-lasningen",
        {"why": f"tog mer än {BOUNDS.reader_seconds} sekunder av datorns arbetstid"},
    ),
    Stop.MEMORY: ("fil-stoppade-lasningen", {"why": "tog för mycket minne"}),
    Stop.DEATH: ("fil-stoppade-lasningen", {"why": "fick läsprogrammet att krascha"}),
    Stop.CLOCK: ("fil-vantade-for-lange", {"minutes": str(BOUNDS.reader_wait_seconds // 60)}),
}


@dataclass(frozen=True)
class Content:
    """What a file holds, its SHA-256 and its size."""

    content: bytes
    """Its beginning alone where it is larger than may be."""
    sha256: str
    size_bytes: int

    def must_be_read(self) -> None:
        """Raises RefusedError for a file that is larger than may be."""
        if len(self.content) > BOUNDS.file_bytes:
            limit = f"{BOUNDS.file_bytes // 1_000_000}{swedish.NBSP}MB"
            raise RefusedError("fil-for-stor", limit=limit)


def take(source: Source) -> Content:
    """What a file holds, as far as it may be read. Raises RefusedError for what is no file, and
    OSError."""
    if isinstance(source, Path):
        mode = source.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise RefusedError("fil-ar-ingen-fil", what=file_names.called(mode))
    with inbox.opened(source) as stream:
        content = stream.read(BOUNDS.file_bytes + 1)
    if len(content) > BOUNDS.file_bytes:
        return Content(content, *inbox.digest(source))
    return Content(content, hashlib.sha256(content).hexdigest(), len(content))


def read(source: Source, name: str) -> Return:
    """One file as a return. Whatever is wrong with it is told in `problems`; nothing is raised for
    bad content."""
    shown = file_names.tellable(name)
    own_name = PurePath(name) if isinstance(source, bytes) else source
    try:
        taken = take(source)
    except RefusedError as refused:
        return Return(shown, "", 0, "skipped", (refused.problem,))
    except OSError:
        return _out_of_reach(shown)
    sha256, size, content = taken.sha256, taken.size_bytes, taken.content
    unread = Return(shown, sha256, size, "other")
    if file_names.is_nobodys(own_name.name):
        return replace(unread, kind="skipped")
    try:
        taken.must_be_read()
        kind = file_kinds.kind_of(content, own_name.suffix.lower())
        if kind == "xlsx" and filed_package.is_package(content):
            returned = read_package(content)
        else:
            returned = read_workbook(content) if kind == "xlsx" else read_csv(content)
    except RefusedError as refused:
        return replace(unread, problems=(refused.problem,))
    except MemoryError:
        raise
    except Exception:
        # Whatever the guard let through and a reader stumbles on costs this file and no other.
        return replace(unread, problems=(Problem("fil-trasig"),))
    if swedish.mask_personal_numbers(name)[1]:
        in_name = NumberPlace("", "", "i filens namn")
        returned = replace(returned, personal_numbers=(in_name, *returned.personal_numbers))
    return replace(returned, file=shown, sha256=sha256, size_bytes=size).packed()
