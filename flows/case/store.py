"""The out folder changes whole or not at all.

A change is prepared beside what stands. When all of it is there, a list of what goes where is
written: before the list the change is thrown away, after it the moves are carried out, by whoever
comes next if this process is killed.

One process at a time makes a change, which the lock file guards. Readers come in all the while:
they and the moves keep out of each other's way by a lock on the folder itself, which needs no right
to write in it.
"""

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ..base import disk, places
from ..base.errors import InputError

LOCK, WORK = places.LOCK, places.WORK
_LIST = "klar.json"
PATIENCE_SECONDS = 2
"""How long a change waits for another to be made; most are made in less."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BusyError(InputError):
    """Another change is under way: a sentence that says to wait."""


class Change:
    """One change of an out folder, and the only one while it lasts; the lock goes with its process,
    however that ends.

    Raises BusyError when another change is under way, and InputError when the folder can't be
    written, or when the disk is full.
    """

    def __init__(self, out: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.out = out
        self._patience_seconds = patience_seconds
        self._work = out / WORK
        self._names: list[str] = []
        self._gone: list[str] = []
        self._lock: IO[str]
        self.repaired = ""
        """What had to be done about an earlier change whose process was killed, as a sentence; else
        empty."""

    def __enter__(self) -> Self:
        make(self.out)
        try:
            self._lock = (self.out / LOCK).open("w")
        except OSError as error:
            raise _sentence(error, self.out) from None
        try:
            _take(self._lock, self._patience_seconds)
            self.repaired = _settle(self.out)
            self._work.mkdir()
        except BlockingIOError:
            self._lock.close()
            raise BusyError(
                f"En annan körning skriver till {self.out}. Vänta tills den är klar och försök "
                "igen."
            ) from None
        except OSError as error:
            self._lock.close()
            raise _sentence(error, self.out) from None
        except InputError:
            self._lock.close()
            raise
        return self

    def current(self, name: str) -> Path:
        """What stands under the out folder now, or will once this change is made."""
        return self._work / name if name in self._names else self.out / name

    def place(self, name: str) -> Path:
        """Where to write what is to become the file or folder `name` under the out folder; its
        parent is there."""
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name not in self._names:
            self._names.append(name)
        return path

    def remove(self, name: str) -> None:
        """A file under the out folder that is to be there no longer."""
        self._gone.append(name)

    def commit(self) -> None:
        """Make the change. When this returns it is made; were the process killed within, it is made
        or it is not."""
        fresh = self._work / f"{_LIST}.ny"
        fresh.write_text(json.dumps({"placed": self._names, "gone": self._gone}), "utf-8")
        disk.sync(*self._work.rglob("*"))
        with _holding(self.out, fcntl.LOCK_EX):
            fresh.replace(self._work / _LIST)
            disk.sync(self._work, self.out)
            _carry_out(self.out)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # a disk that is full now has room when somebody comes next
            _settle(self.out)
        is_on = is_decided(self.out)
        self._lock.close()
        if error and is_full(error):
            raise _full_disk(self.out, is_decided=is_on) from None
        if isinstance(error, OSError) and _is_within(error, self.out):
            raise _unwritable(error, self.out, is_decided=is_on) from None


def _take(lock: IO[str], patience_seconds: float) -> None:
    """Be the only one who makes a change. Raises BlockingIOError when another still does after a
    while."""
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def reading(out: Path) -> Iterator[None]:
    """While an out folder is read: it stays as it is, whole, whoever is at work on its next change.

    What a killed process had decided on is finished first; only that needs the right to write. A
    change that is made meanwhile waits with its moves, so read all and say it afterwards.

    Raises InputError when the folder can't be read, or must be finished and can't be.
    """
    while out.exists():
        settle(out)
        with _holding(out, fcntl.LOCK_SH):
            if not is_decided(out):  # else somebody was killed just now
                yield
                return
    yield


def settle(out: Path) -> None:
    """Finish what a killed process had decided on, throw away what it had not.

    Does nothing while another process is at work there, or where nothing is left to do. Raises
    InputError when there is something to finish that can't be.
    """
    if not (out / WORK).exists():
        return
    try:
        with (out / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _settle(out)
    except BlockingIOError:
        return
    except OSError as error:
        if is_full(error):
            raise _sentence(error, out) from None
        if is_decided(out):
            if _names_in(error, out):
                raise _unwritable(error, out, is_decided=True) from None
            raise InputError(
                f"En körning avbröts när den skrev till {out}, och det går inte att skriva där nu. "
                "Låt någon som får skriva i mappen köra statsbidrag status."
            ) from None


def must_lie_apart(out: Path, returns: Path, data: Path) -> None:
    """Raises InputError when the out folder lies in another one or the other way round, links
    followed.

    A run would then read its own reports and answers as returns, and change what is not its own.
    """
    for words, folder in (("redovisningar", returns), ("nämnder och bidrag", data)):
        ours, theirs = out.resolve(), folder.resolve()
        if ours == theirs:
            raise InputError(
                f"Resultaten kan inte läggas i mappen med {words}, {folder}. {_ANOTHER}"
            )
        if ours.is_relative_to(theirs):
            raise InputError(
                f"Mappen för resultaten, {out}, ligger i mappen med {words}, {folder}. {_ANOTHER}"
            )
        if theirs.is_relative_to(ours):
            raise InputError(
                f"Mappen med {words}, {folder}, ligger i mappen för resultaten, {out}. {_ANOTHER}"
            )


_ANOTHER = "Välj en annan mapp med --out."


def make(folder: Path) -> None:
    """A folder to write in, made when it isn't there. Raises InputError when it can't be written
    in."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _sentence(error, folder) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _sentence(PermissionError(), folder)


def write(path: Path, content: bytes) -> None:
    """One file, whole or not at all. Raises InputError when it can't be written, or when the disk
    is full."""
    try:
        disk.write(path, content)
    except OSError as error:
        raise _sentence(error, path.parent) from None


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk is full, in any library's words."""
    return getattr(error, "errno", None) in _FULL or any(
        os.strerror(number) in str(error) for number in _FULL
    )


def is_decided(out: Path) -> bool:
    """Whether a change has been decided on that is still to be carried out."""
    return (out / WORK / _LIST).exists()


@contextmanager
def _holding(out: Path, how: int) -> Iterator[None]:
    """The folder's own lock, shared by readers, alone for moves; nothing on a file system that has
    none for folders."""
    try:
        folder = os.open(out, os.O_RDONLY)
    except OSError:
        raise InputError(
            f"Det går inte att läsa mappen {out}. Kontrollera att du har rätt till den."
        ) from None
    try:
        with suppress(OSError):
            fcntl.flock(folder, how)
        yield
    finally:
        os.close(folder)


def _settle(out: Path) -> str:
    """Nothing is left of an earlier change; what was done about it as a sentence, empty when there
    was none."""
    if not (out / WORK).exists():
        return ""
    notice = (
        "En tidigare körning avbröts innan den var klar. Det den hade påbörjat är borttaget, och "
        "inget är ändrat."
    )
    if is_decided(out):
        with _holding(out, fcntl.LOCK_EX):
            _carry_out(out)
        notice = "En tidigare körning avbröts när den skrev sina resultat. De är nu på plats."
    shutil.rmtree(out / WORK, ignore_errors=True)
    return notice


def _carry_out(out: Path) -> None:
    """The moves of a list can be made any number of times: what has been moved is no longer in the
    work folder."""
    work = out / WORK
    listed = _listed(out)
    for name in listed["placed"]:
        new, old = work / name, out / name
        if new.exists():
            old.parent.mkdir(parents=True, exist_ok=True)
            if old.is_dir():
                gone = work / ".gammalt" / name
                gone.parent.mkdir(parents=True, exist_ok=True)
                old.rename(gone)
            new.replace(old)
            disk.sync(old.parent)
    for name in listed["gone"]:
        (out / name).unlink(missing_ok=True)
        if (out / name).parent.is_dir():
            disk.sync((out / name).parent)
    (work / _LIST).unlink()


def _listed(out: Path) -> dict[str, list[str]]:
    """What a list says is to be placed and to go. Raises InputError for one that is cut off or
    names other folders."""
    try:
        listed = json.loads((out / WORK / _LIST).read_text("utf-8"))
        if isinstance(listed, list):  # as the program wrote it before anything could be taken away
            listed = {"placed": listed, "gone": []}
        names_of = {"placed": list(listed["placed"]), "gone": list(listed["gone"])}
        is_sound = all(_is_under(name) for names in names_of.values() for name in names)
    except (ValueError, KeyError, TypeError, RecursionError):
        is_sound = False
    if not is_sound:
        raise InputError(
            f"{WORK}/{_LIST} i {out} är skadad. Den säger vad en körning som avbröts hade kvar att "
            f"skriva, och utan den vet ingen om mappen är hel. Lägg tillbaka {out} från en "
            "säkerhetskopia. Inget är ändrat."
        )
    return names_of


def _is_under(name: object) -> bool:
    """Whether a name is that of something below the folder that it is told for."""
    return (
        isinstance(name, str)
        and bool(name)
        and not name.startswith("/")
        and ".." not in name.split("/")
    )


def _full_disk(out: Path, *, is_decided: bool) -> InputError:
    what = "görs klart av nästa kommando" if is_decided else "har ändrats"
    return InputError(
        f"Disken är full. {'Det som pågick i' if is_decided else 'Inget i'} {out} {what}. Frigör "
        "utrymme och kör samma kommando igen."
    )


def _names_in(error: OSError, out: Path) -> list[str]:
    """What an error names that lies under the out folder and isn't the folder itself, by its name
    there."""
    named = [
        os.fsdecode(name)
        for name in (error.filename2, error.filename)
        if isinstance(name, str | bytes)
    ]
    places = [Path(name) for name in named]
    names = [
        place.relative_to(out).as_posix()
        for place in places
        if place != out and place.is_relative_to(out)
    ]
    mine = f"{WORK}/"
    return [name for name in names if not name.startswith(mine) and name not in {WORK, LOCK}]


def _is_within(error: OSError, out: Path) -> bool:
    """Whether an error is about something under the out folder, or the folder itself."""
    return any(
        isinstance(name, str) and Path(name).is_relative_to(out)
        for name in (error.filename, error.filename2)
    )


def _unwritable(error: OSError, out: Path, *, is_decided: bool) -> InputError:
    """What to do when something in the out folder can't be written that usually can."""
    names = _names_in(error, out)
    what = f"{names[0]} i {out}" if names else f"i mappen {out}"
    after = "Det som pågick görs då klart." if is_decided else "Inget är ändrat."
    return InputError(
        f"Det går inte att skriva {what}. Är något därifrån öppet i ett annat program: stäng det. "
        f"Kontrollera att du får skriva där, och kör samma kommando igen. {after}"
    )


def _sentence(error: OSError, out: Path) -> InputError:
    if is_full(error):
        return _full_disk(out, is_decided=is_decided(out))
    if error.errno == errno.EROFS:
        return InputError(
            f"Mappen {out} ligger på en disk som bara går att läsa. Välj en annan med --out."
        )
    return InputError(f"Det går inte att skriva i mappen {out}. Välj en annan med --out.")
