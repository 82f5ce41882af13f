"""The out folder changes whole or not at all.

A change is prepared beside what stands. When all of it is there, a list of what goes where is written: before the list
the change is thrown away, after it the moves are carried out, by whoever comes next if this process is killed.
"""

import errno
import fcntl
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .model import InputError

LOCK = "statsbidrag.las"
_WORK = ".pagar"
_LIST = "klar.json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Change:
    """One change of an out folder, and the only one while it lasts; the lock goes with its process, however that ends.

    Raises InputError when another change is under way, when the folder can't be written, or when the disk is full.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._work = out / _WORK
        self._names: list[str] = []
        self._lock: IO[str]

    def __enter__(self) -> Self:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            self._lock = (self.out / LOCK).open("w")
        except OSError as error:
            raise _sentence(error, self.out) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise InputError(
                f"En annan körning skriver till {self.out}. Vänta tills den är klar och försök igen."
            ) from None
        try:
            _settle(self.out)
            self._work.mkdir()
        except OSError as error:
            self._lock.close()
            raise _sentence(error, self.out) from None
        return self

    def current(self, name: str) -> Path:
        """What stands under the out folder now, or will once this change is made."""
        return self._work / name if name in self._names else self.out / name

    def place(self, name: str) -> Path:
        """Where to write what is to become the file or folder `name` under the out folder; its parent is there."""
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name not in self._names:
            self._names.append(name)
        return path

    def commit(self) -> None:
        """Make the change. When this returns it is made; were the process killed within, it is made or it is not."""
        for name in self._names:
            _to_disk(self._work / name)
        fresh = self._work / f"{_LIST}.ny"
        fresh.write_text(json.dumps(self._names), "utf-8")
        _to_disk(fresh)
        fresh.replace(self._work / _LIST)
        _sync(self._work)
        _settle(self.out)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a disk that is full now has room when somebody comes next
            _settle(self.out)
        is_decided = (self._work / _LIST).exists()
        self._lock.close()
        if error and is_full(error):
            raise _full_disk(self.out, is_decided=is_decided) from None


def settle(out: Path) -> None:
    """Before reading an out folder: finish what a killed process had decided on, throw away what it had not.

    Does nothing while another process is at work there, or where nothing is left to do.
    """
    if not (out / _WORK).exists():
        return
    try:
        with (out / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _settle(out)
    except BlockingIOError:
        return
    except OSError as error:
        raise _sentence(error, out) from None


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk is full, in any library's words."""
    return (isinstance(error, OSError) and error.errno in _FULL) or "No space left on device" in str(error)


def _settle(out: Path) -> None:
    """The moves of a list can be made any number of times: what has been moved is no longer in the work folder."""
    work = out / _WORK
    if (work / _LIST).exists():
        for name in json.loads((work / _LIST).read_text("utf-8")):
            new, old = work / name, out / name
            if new.exists():
                old.parent.mkdir(parents=True, exist_ok=True)
                if old.is_dir():
                    gone = work / ".gammalt" / name
                    gone.parent.mkdir(parents=True, exist_ok=True)
                    old.rename(gone)
                new.replace(old)
                _sync(old.parent)
        (work / _LIST).unlink()
    shutil.rmtree(work, ignore_errors=True)


def _to_disk(path: Path) -> None:
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _full_disk(out: Path, *, is_decided: bool) -> InputError:
    what = "görs klart av nästa kommando" if is_decided else "har ändrats"
    return InputError(
        f"Disken är full. {'Det som pågick i' if is_decided else 'Inget i'} {out} {what}. "
        "Frigör utrymme och kör samma kommando igen."
    )


def _sentence(error: OSError, out: Path) -> InputError:
    if is_full(error):
        return _full_disk(out, is_decided=(out / _WORK / _LIST).exists())
    return InputError(f"Det går inte att skriva i mappen {out}. Välj en annan med --out.")
