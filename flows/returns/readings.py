"""What has been read of files in a folder of returns, kept from run to run, so that a file that is
as it was is not read again.

It lies in a file of its own that only the user of this process can open (`state`). It is a copy of
what a reader once answered and decides nothing: whoever throws it away makes the next run slower.
A file is known by what the file system says of it, and by its SHA-256 where that is new or so fresh
that a later change could look the same. Nothing is kept from one version of the program, or of the
libraries that read, to another; of files that are gone nothing is kept either.
"""

import hashlib
import io
import os
import pickle
import sqlite3
import stat
import sys
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..base import program, state, tree
from ..base.bounds import BOUNDS
from ..model import evidence, packed_rows, returns

FOLDER, FILE = "lasningar", "lasningar.sqlite"
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS program (sha256 TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS reading (
        path BLOB,
        reader TEXT,
        about TEXT,
        sha256 TEXT,
        status TEXT,
        answer BLOB,
        PRIMARY KEY (path, reader)
    );
"""
_LIBRARIES = ("openpyxl", "python-calamine")
"""What a reading depends on beside the program itself and Python."""
_FRESH_NS = 2_000_000_000
"""How long ago a file must have been changed for its times to tell of a later change: some file
systems count in steps of two seconds."""
_WAIT_SECONDS = 5.0
_CLASSES = (
    returns.Return,
    returns.Outline,
    packed_rows.PackedRows,
    returns.Row,
    returns.Cell,
    returns.Reading,
    returns.Problem,
    returns.NumberPlace,
    evidence.Extract,
    evidence.Booking,
)
_MAY_BE_READ: dict[tuple[str, str], Any] = {
    (kind.__module__, kind.__qualname__): kind for kind in (*_CLASSES, Decimal, date)
}
"""All that an answer is made of; nothing else is looked up by its name when one is unpacked."""


@dataclass(frozen=True)
class Asked:
    """What a reader is asked of a file: by which function, and a fingerprint of what it is told
    beside the file."""

    path: Path
    reader: str
    about: str


@dataclass(frozen=True)
class Known:
    """What is known of a file: its SHA-256, and what the file system says of it where that is
    enough to know it by."""

    sha256: str
    status: str | None


class Readings:
    """The readings that are kept; whatever is wrong with the file that they lie in, none are."""

    def __init__(self, place: Path | None = None) -> None:
        """`place` is the file; by itself that of the user of this process."""
        self._place = place or state.own_folder() / FOLDER / FILE
        self._guard = threading.Lock()
        self._con: sqlite3.Connection | None = None
        try:
            self._con = self._opened()
        except (OSError, sqlite3.OperationalError):  # locked, or a folder that can't be written
            return
        except sqlite3.DatabaseError:  # damaged, or no database at all: nothing of it is missed
            with suppress(OSError, sqlite3.Error):
                for end in ("", "-wal", "-shm"):
                    self._place.with_name(f"{self._place.name}{end}").unlink(missing_ok=True)
                self._con = self._opened()

    def _opened(self) -> sqlite3.Connection:
        folder = self._place.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.close(os.open(self._place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        con = sqlite3.connect(
            self._place, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            con.execute("PRAGMA journal_mode = WAL")
            con.execute("PRAGMA synchronous = NORMAL")
            con.execute("PRAGMA secure_delete = ON")
            con.executescript(_SCHEMA)
            _must_be_of(con, _program())
        except BaseException:
            con.close()
            raise
        return con

    def known(self, path: Path) -> Known | None:
        """What is known of a file as it is now; None for what is no file that may be read."""
        try:
            before = path.lstat()
            if not stat.S_ISREG(before.st_mode) or before.st_size > BOUNDS.file_bytes:
                return None
            status = _said(before)
            sha256 = self._sha256_by(path, status)
            if sha256 is not None:
                return Known(sha256, status)
            now_ns = self._now_ns()
            sha256 = tree.sha256(path)
        except OSError:  # whoever reads it says so
            return None
        changed_ns = max(before.st_mtime_ns, before.st_ctime_ns)
        return Known(sha256, status if changed_ns + _FRESH_NS < now_ns else None)

    def _now_ns(self) -> int:
        """What the file system has for now, in nanoseconds: no clock is asked."""
        os.utime(self._place)
        return self._place.stat().st_mtime_ns

    def _sha256_by(self, path: Path, status: str) -> str | None:
        """The SHA-256 of a file of which the file system says the same as when it was read."""
        found = self._asked_for(
            "SELECT sha256 FROM reading WHERE path = ? AND status = ?", (os.fsencode(path), status)
        )
        return None if found is None else str(found[0])

    def answer(self, asked: Asked, known: Known) -> Any:
        """What a reader has answered about a file with these bytes; None when it hasn't been
        asked."""
        found = self._asked_for(
            "SELECT answer, status FROM reading "
            "WHERE path = ? AND reader = ? AND about = ? AND sha256 = ?",
            (os.fsencode(asked.path), asked.reader, asked.about, known.sha256),
        )
        if found is None:
            return None
        try:
            answer = _Unpacking(io.BytesIO(zlib.decompress(found[0]))).load()
        except Exception:  # whatever is wrong with it: the file itself is there to be read
            return None
        if known.status is not None and found[1] != known.status:
            self._done(
                "UPDATE reading SET status = ? WHERE path = ? AND reader = ?",
                (known.status, os.fsencode(asked.path), asked.reader),
            )
        return answer

    def keep(self, asked: Asked, known: Known, answer: object) -> None:
        """Keep what a reader has answered about a file with these bytes."""
        self._done(
            "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)",
            (
                os.fsencode(asked.path),
                asked.reader,
                asked.about,
                known.sha256,
                known.status,
                zlib.compress(pickle.dumps(answer), 1),
            ),
        )

    def forget_gone(self) -> None:
        """Forget what has been read of files that are no longer where they were."""
        with self._guard, suppress(sqlite3.Error):
            if self._con is None:
                return
            paths = self._con.execute("SELECT DISTINCT path FROM reading").fetchall()
            gone = [row for row in paths if not os.path.lexists(row[0])]
            self._con.executemany("DELETE FROM reading WHERE path = ?", gone)

    def _asked_for(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._guard, suppress(sqlite3.Error):
            if self._con is not None:
                found: tuple[Any, ...] | None = self._con.execute(query, values).fetchone()
                return found
        return None

    def _done(self, statement: str, values: tuple[object, ...]) -> None:
        with self._guard, suppress(sqlite3.Error):
            if self._con is not None:
                self._con.execute(statement, values)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            if self._con is not None:
                self._con.close()
            self._con = None


def _program() -> str:
    """What a reading depends on beside the file: the program, Python, and the libraries that
    read."""
    versions = [sys.version, *(f"{name} {version(name)}" for name in _LIBRARIES)]
    whole = "\n".join((program.LOADED.sha256, *versions))
    return hashlib.sha256(whole.encode()).hexdigest()


def _must_be_of(con: sqlite3.Connection, sha256: str) -> None:
    """Forget everything that another version of the program has read."""
    if con.execute("SELECT sha256 FROM program").fetchall() == [(sha256,)]:
        return
    con.execute("BEGIN IMMEDIATE")
    con.execute("DELETE FROM reading")
    con.execute("DELETE FROM program")
    con.execute("INSERT INTO program VALUES (?)", (sha256,))
    con.execute("COMMIT")


def _said(status: os.stat_result) -> str:
    """What the file system says of a file, by which a change of it is seen."""
    parts = (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
    return " ".join(map(str, parts))


class _Unpacking(pickle.Unpickler):
    """Answers as they were packed, and nothing that isn't one."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the nouns that an answer is made of. Raises UnpicklingError for anything else."""
        kind = _MAY_BE_READ.get((module, name))
        if kind is None:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")
        return kind
