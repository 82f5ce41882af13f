"""A backup (säkerhetskopia): one zip of the three folders, which agree with each other although the
desk is open.

Decisions and results are read while nobody else may change the out folder, and the returns after
that: so every return that the log tells of is there, and some that it doesn't know yet. Nothing is
written in the folders themselves. What can't be read as it stands is left out, and told.
"""

import fcntl
import hashlib
import json
import os
import stat
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .. import __version__
from ..base import disk, swedish, tree
from ..base.errors import InputError
from ..base.folders import Folders
from ..model.log_lines import BrokenLogError
from ..year import outbox, sending
from . import casefile, casework, store
from .audit_log import LOG, Log

MANIFEST = "manifest.json"
FORMAT = 1
DATA, RETURNS, OUT = "data", "returns", "out"
"""What the three folders are called in a backup."""
NOT_KEPT = frozenset({store.LOCK, store.WORK})
"""What stands in the out folder for as long as somebody writes there."""
_UNFINISHED = ".statsbidrag.zip.ny"
_BY = "säkerhetskopian"
_PATIENCE_SECONDS = 600
"""How long a backup waits for a run, or for letters that are being sent."""
_TRIES, _PAUSE_SECONDS = 3, 0.5
"""How often a file that changes while it is read is read again, and how long it is let be first."""
_IN_MEMORY_BYTES = 16_000_000
_PIECE_BYTES = 1_000_000


@dataclass(frozen=True)
class Kept:
    """What a backup says of one of its files."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    version: str
    """That of the program that made it."""
    log_sha256: str | None
    """The hash of the log's last line; None where there was no log, or a broken one."""
    files: Mapping[str, Kept]
    left_out: tuple[str, ...]

    @property
    def contents(self) -> str:
        """How many files a backup has, and how large they are together."""
        size = sum(kept.size_bytes for kept in self.files.values())
        files = swedish.counted(len(self.files), "fil", "filer")
        return f"{files}, {swedish.number(-(-size // 1_000_000))}{swedish.NBSP}MB"

    def as_json(self) -> dict[str, Any]:
        """As it stands in the backup."""
        files = {name: {"sha256": f.sha256, "size": f.size_bytes} for name, f in self.files.items()}
        return {
            "format": FORMAT,
            "program": "statsbidrag",
            "version": self.version,
            "made_at": self.made_at,
            "log_sha256": self.log_sha256,
            "left_out": list(self.left_out),
            "files": files,
        }


@dataclass(frozen=True)
class Backup:
    """A backup that has been made."""

    path: Path
    manifest: Manifest
    repaired: str
    """What had to be done first about a change that was cut off, as a sentence; else empty."""


def make(folders: Folders, to: Path, at: str) -> Backup:
    """Make a backup in a folder, whole or not at all; only the user of this process may read it.

    Raises InputError when a folder is missing, when it would lie in one of them or can't be
    written, and when a run, letters or another backup are under way for too long.
    """
    _must_be_there(folders)
    _must_lie_outside(folders, to)
    target = to / f"statsbidrag_{at[:10]}_{at[11:19].replace(':', '')}.zip"
    try:
        to.mkdir(parents=True, exist_ok=True)
        with _unfinished(to) as file:
            if target.exists():
                raise InputError(f"{target} finns redan. Inget är ändrat.")
            made = _filled(folders, file, target, at)
            file.flush()
            os.fsync(file.fileno())
            (to / _UNFINISHED).replace(target)
        disk.sync(to)
    except OSError as error:
        if store.is_full(error):
            raise InputError(
                f"Disken är full: säkerhetskopian får inte plats i {to}. Frigör utrymme och kör "
                "samma kommando igen."
            ) from None
        if isinstance(error.filename, str) and Path(error.filename).is_relative_to(to):
            raise InputError(
                f"Det går inte att skriva i mappen {to}. Välj en annan mapp med --to."
            ) from None
        raise
    return made


def _must_be_there(folders: Folders) -> None:
    named = {"data": folders.data, "returns": folders.returns, "out": folders.out}
    for option, folder in named.items():
        if not folder.is_dir():
            raise InputError(f"Mappen {folder} finns inte. Ange rätt mapp med --{option}.")
    if folders.data.resolve().is_relative_to(folders.returns.resolve()):
        raise InputError(
            f"Mappen med nämnder och bidrag, {folders.data}, ligger i mappen med redovisningar, "
            f"{folders.returns}. Lägg den utanför."
        )
    store.must_lie_apart(folders.out, folders.returns, folders.data)


def _must_lie_outside(folders: Folders, to: Path) -> None:
    for folder in (folders.data, folders.returns, folders.out):
        if to.resolve().is_relative_to(folder.resolve()):
            raise InputError(
                f"Säkerhetskopian kan inte läggas i {to}: den skulle ligga i {folder}, som den är "
                "en kopia av. Välj en annan mapp med --to."
            )


@contextmanager
def _unfinished(to: Path) -> Iterator[IO[bytes]]:
    """The file that becomes a backup when it is whole; what a killed process left of one is written
    over. Raises InputError when another backup is being made there."""
    path = to / _UNFINISHED
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "w+b") as file:
        with suppress(OSError):  # a file system that has no locks
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _another(to) from None
        if not path.exists() or not os.path.samestat(path.stat(), os.fstat(opened)):
            raise _another(to)  # which was finished just now
        os.fchmod(opened, 0o600)
        file.truncate()
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _another(to: Path) -> InputError:
    return InputError(f"En annan säkerhetskopia görs i {to}. Vänta tills den är klar.")


def _filled(folders: Folders, file: IO[bytes], target: Path, at: str) -> Backup:
    """Fill the zip with all that is to be in it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        packing = _Packing(archive, target.parent)
        with store.Change(folders.out, patience_seconds=_PATIENCE_SECONDS) as change:
            if change.repaired:
                casework.publish(change, casefile.log_of(change, at, _BY))
            with _still_letters(folders.out):
                log_sha256 = packing.last_hash(folders.out)
                packing.add(DATA, folders.data, folders.returns)
                packing.add(OUT, folders.out)
        packing.add(RETURNS, folders.returns.resolve())
        manifest = Manifest(at, __version__, log_sha256, packing.files, tuple(packing.left_out))
        told = json.dumps(manifest.as_json(), ensure_ascii=True, indent=1)
        archive.writestr(_member(MANIFEST), told, zipfile.ZIP_DEFLATED)
    return Backup(target, manifest, change.repaired)


@contextmanager
def _still_letters(out: Path) -> Iterator[None]:
    """While no letter is sent, since that moves it. Raises InputError when sending takes too
    long."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while (out / outbox.OUTBOX).is_dir():
        with sending.alone(out) as is_alone:
            if is_alone:
                yield
                return
        if time.monotonic() > until:
            raise InputError("Brev skickas just nu. Kör samma kommando igen när det är klart.")
        time.sleep(_PAUSE_SECONDS)
    yield


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = (stat.S_IFREG | 0o600) << 16
    return member


@dataclass
class _Packing:
    """The files that have been put into a zip so far, and what was left out of it."""

    archive: zipfile.ZipFile
    scratch: Path
    """The folder where what is too large for memory lies for a moment, without a name."""
    files: dict[str, Kept] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def last_hash(self, out: Path) -> str | None:
        """The hash of the log's last line."""
        try:
            events = Log.read(out / LOG).events
        except BrokenLogError as error:
            self.left_out.append(f"Loggen är med som den är, men är skadad. {error}")
            return None
        return events[-1].sha256 if events else None

    def add(self, room: str, folder: Path, elsewhere: Path | None = None) -> None:
        """Put a folder's files in, but what stands in the one that is kept elsewhere."""
        for name, kind in tree.look(folder).items():
            path = folder / name
            if room == OUT and name.split("/")[0] in NOT_KEPT:
                continue
            if elsewhere and _is_within(path, elsewhere):
                continue
            if kind == "file":
                self._put(_packed_name(f"{room}/{name}"), path)
            elif kind != "folder":
                what = "en länk" if kind == "link" else "ingen vanlig fil"
                self.left_out.append(f"{room}/{name} är {what} och är inte med.")

    def _put(self, name: str, path: Path) -> None:
        """Put one file in, as it stands at one moment."""
        if name in self.files:
            self.left_out.append(f"{name} har samma namn som en annan fil och är inte med.")
            return
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=str(self.scratch)) as copy:
            try:
                kept = _read_still(path, copy)
            except FileNotFoundError:
                self.left_out.append(f"{name} försvann innan den hann läsas och är inte med.")
                return
            except PermissionError:
                self.left_out.append(f"{name} får inte läsas och är inte med.")
                return
            if kept is None:
                self.left_out.append(f"{name} ändrades medan den lästes och är inte med.")
                return
            copy.seek(0)
            member = _member(name)
            member.file_size = kept.size_bytes
            with self.archive.open(member, "w") as part:
                while piece := copy.read(_PIECE_BYTES):
                    part.write(piece)
        self.files[name] = kept


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a path is a folder, a link to that folder, or lies in it."""
    ours = path.parent.resolve() / path.name
    return ours.is_relative_to(folder.resolve()) or path.resolve() == folder.resolve()


def _packed_name(name: str) -> str:
    """A file's name as a zip can have it: bytes of it that are no text are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _read_still(path: Path, copy: IO[bytes]) -> Kept | None:
    """Copy a file as it was at one moment; None when it changes each time, or is no file any
    more."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        copy.seek(0)
        copy.truncate()
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as file:
            before = os.fstat(opened)
            if not stat.S_ISREG(before.st_mode):
                return None
            digest = hashlib.sha256()
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                copy.write(piece)
            if copy.tell() == before.st_size and _mark(before) == _mark(os.fstat(opened)):
                return Kept(digest.hexdigest(), before.st_size)
    return None


def _mark(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
