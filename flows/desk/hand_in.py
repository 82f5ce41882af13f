"""What somebody hands in at the desk, kept once in the folder of returns, with a receipt: a return
under their login, an extract of the accounts with its grant."""

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from ..base import disk, swedish, tree
from ..base.errors import InputError
from ..returns import file_names
from .clerk import Line
from .office import Office
from .rights import Person
from .uploads import Upload

FOLDER = "inlamnat"
"""The folder, under that of returns, where what is handed in at the desk lies: a folder for each
login."""
_NOBODY = "skrivbordet"
"""The folder of a desk where nobody logs in."""
_LETTERS = "bcdfghjkmnpqrstvwxz"
"""Of which a receipt is made: no vowels, so that it spells nothing, and no digits, which could look
like a personal number."""
_RECEIPT_LENGTH, _GROUP = 12, 4
_HANDING = threading.Lock()


@dataclass(frozen=True)
class Receipt:
    """That a file has been handed in."""

    number: str
    file: str
    """Its name in the folder of returns, as it may be told."""
    sha256: str
    received_at: str
    is_new: bool
    """Whether these bytes have been handed in for the first time."""


def receipt_number(sha256: str) -> str:
    """The number of the receipt of some bytes: always the same for the same ones."""
    rest, letters = int(sha256, 16), ""
    for _ in range(_RECEIPT_LENGTH):
        rest, place = divmod(rest, len(_LETTERS))
        letters += _LETTERS[place]
    groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
    return "-".join(groups).upper()


def hand_in(office: Office, person: Person, by: str, upload: Upload) -> Receipt:
    """Keep a return under the login of whoever sends it. Raises InputError when it can't be
    kept."""
    return keep(office, person, by, upload, PurePosixPath(FOLDER, _folder_of(person)))


def keep(
    office: Office, person: Person, by: str, upload: Upload, under: PurePath, known_as: str = "*"
) -> Receipt:
    """Keep a file in a folder under that of returns, and note who handed it in; the same bytes
    again, beside it or beside others of its kind, give the first receipt, if their name fits
    `known_as`, a pattern.

    Raises InputError when it can't be kept.
    """
    sha256 = hashlib.sha256(upload.content).hexdigest()
    number = receipt_number(sha256)
    with _HANDING:
        beside = office.folders.returns / under.parent
        kept = _kept(beside, f"{number}_{known_as}", sha256)
        is_new = kept is None
        at = office.now()
        if kept is None:
            kept = _keep(office.folders.returns / under, number, upload, at)
        file = _name(office.folders.returns, kept)
        before = _received(office, file, sha256)
        if before is None:
            details = {"file": file, "sha256": sha256, "receipt": number}
            office.clerk.note(Line("received", at, by, person.login, details=details))
            before = at if is_new else _moment(kept)
    return Receipt(number, file, sha256, before, is_new)


def _kept(beside: Path, pattern: str, sha256: str) -> Path | None:
    """Where the very bytes of a receipt lie already, in one of several folders side by side."""
    for path in sorted(beside.glob(f"*/{pattern}")):
        if tree.sha256(path) == sha256:
            return path
    return None


def _name(returns: Path, path: Path) -> str:
    return file_names.tellable(path.relative_to(returns).as_posix())


def _received(office: Office, file: str, sha256: str) -> str | None:
    """When the log says that some bytes were handed in first, as a file."""
    wanted = (file, sha256)
    for line in office.clerk.pending():
        if line.kind == "received" and _what(line.details) == wanted:
            return line.at
    for event in office.log().events:
        if event.kind == "received" and _what(event.details) == wanted:
            return event.recorded_at
    return None


def _what(details: Mapping[str, Any]) -> tuple[str, str]:
    return details["file"], details["sha256"]


def _moment(path: Path) -> str:
    moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return swedish.swedish_time(moment).isoformat(timespec="seconds")


def _keep(folder: Path, number: str, upload: Upload, at: str) -> Path:
    """Put a file in its folder, whole or not at all."""
    path = folder / f"{number}_{plain_name(upload)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(path, upload.content)
        moment = datetime.fromisoformat(at).timestamp()
        os.utime(path, (moment, moment))
        disk.sync(folder)
    except OSError as error:
        raise InputError(
            f"Filen gick inte att spara i {folder}. Inget är inlämnat. Säg till den som sköter "
            f"Skrivbordet ({error.strerror or 'okänt fel'})."
        ) from None
    return path


def _folder_of(person: Person) -> str:
    """The folder of a login: its letters and digits, of which none is somebody's personal
    number."""
    if person.login is None:
        return _NOBODY
    letters = unicodedata.normalize("NFKD", person.login.casefold()).encode("ascii", "ignore")
    plain = re.sub(r"[^a-z0-9._-]+", "-", letters.decode()).strip("-.")
    if not plain or swedish.mask_personal_numbers(plain)[1]:
        return receipt_number(hashlib.sha256(person.login.encode()).hexdigest()).casefold()
    return plain[:60]


def plain_name(upload: Upload) -> str:
    """What a file is called in the folder of returns, after the number of its receipt: as its
    sender calls it, where that can be told, or the end of that."""
    shown = re.sub(r'[<>:"|?*\\/]+', "-", upload.shown_name)
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[-80:]}{dot}{suffix[:8]}" if dot else shown[-80:]


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, also when this process is killed within."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        handle = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o640)
    except OSError:  # a file system that has no files without names
        os.close(folder)
        disk.write(path, content)
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            # Only where a folder is named does Python ask for the link to be followed.
            os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)
