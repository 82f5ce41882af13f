"""What was backed up, laid out in an empty folder and walked: whether it is what was put into the
backup, and whether it holds.

A backup comes from elsewhere. So nothing in it is believed: not its names, not its sizes, not that
its files are those that it tells of. What isn't as it was is named and not laid out.
"""

import hashlib
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import disk
from ..base.errors import InputError
from . import backup, proof, store
from .audit_log import LOG
from .backup import DATA, MANIFEST, OUT, RETURNS, Kept, Manifest

INBOX = "inbox"
"""Where the program looks for returns in the data folder when nobody says otherwise."""
_WORK = ".aterstalls"
_MOST_MANIFEST_BYTES = 256_000_000
_LONGEST_NAME, _LONGEST_PLACE = 255, 2000
"""The bytes of a file's name, and of the names on the way to it, that every disk can have."""
_PIECE_BYTES = 1_000_000
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True)
class Restored:
    """What has been laid out, and what was found when it was walked."""

    manifest: Manifest
    returns: Path
    """Where the returns lie."""
    faults: tuple[str, ...]
    """What in the backup isn't as it was put in."""
    verdict: proof.Verdict | None
    """What the walk came to; None where nothing has been run."""

    @property
    def holds(self) -> bool:
        """Whether all is as it was, and holds."""
        return not self.faults and (self.verdict is None or not self.verdict.faults)


def restore(file: Path, to: Path) -> Restored:
    """Lay out a backup in a new or empty folder, and walk it as `verify` does.

    Raises InputError for what is no backup of ours, for a folder that isn't empty and when there is
    no room.
    """
    try:
        with _opened(file) as archive:
            manifest = _manifest(archive, file)
            _must_be_safe(archive, manifest, file)
            _must_be_empty(to)
            _must_have_room(manifest, to)
            faults = _laid_out(archive, manifest, to)
    except OSError as error:
        if store.is_full(error):
            raise InputError(
                f"Disken är full. Töm {to}, frigör utrymme och kör samma kommando igen."
            ) from None
        raise
    returns = to / RETURNS if (to / RETURNS).is_dir() else to / DATA / INBOX
    return Restored(manifest, returns, tuple(faults), _walked(returns, to / OUT, manifest))


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError:
        raise InputError(f"{file} finns inte.") from None
    except PermissionError:
        raise
    except (*_UNREADABLE, OSError):
        raise InputError(
            f"{file} är ingen hel säkerhetskopia: den har skadats eller klippts av. Ta en annan. "
            "Inget är återställt."
        ) from None


def _walked(returns: Path, out: Path, manifest: Manifest) -> proof.Verdict | None:
    if not (out / LOG).exists() and manifest.log_sha256 is None:
        return None
    hashes = [manifest.log_sha256] if manifest.log_sha256 else []
    with store.reading(out):
        return proof.verify(returns, out, hashes)


# -- what a backup says of itself ------------------------------------------------------------------


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    """What a backup says of itself. Raises InputError when it says nothing that can be read."""
    unreadable = InputError(
        f"{file} är ingen säkerhetskopia från statsbidrag: {MANIFEST} fattas eller är skadad. Ta "
        "en annan. Inget är återställt."
    )
    try:
        member = archive.getinfo(MANIFEST)
        if member.file_size > _MOST_MANIFEST_BYTES:
            raise unreadable
        with archive.open(member) as part:
            told = json.loads(part.read(_MOST_MANIFEST_BYTES))
        manifest = _told(told)
    except (*_UNREADABLE, OSError, LookupError, TypeError, AttributeError):
        raise unreadable from None
    if told.get("format") != backup.FORMAT:
        raise InputError(
            f"{file} är gjord av ett nyare program, {manifest.version}. Återställ med det."
        )
    return manifest


_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,
)
"""What reading a part of a zip comes to when it has been damaged, or is of a kind that we don't
make."""


def _told(told: Mapping[str, Any]) -> Manifest:
    files: dict[str, Kept] = {}
    for name, kept in told["files"].items():
        if not isinstance(kept["size"], int) or kept["size"] < 0:
            raise ValueError
        files[name] = Kept(str(kept["sha256"]), kept["size"])
    log_sha256 = told["log_sha256"]
    return Manifest(
        made_at=str(told["made_at"]),
        version=str(told["version"]),
        log_sha256=None if log_sha256 is None else str(log_sha256),
        files=files,
        left_out=tuple(map(str, told["left_out"])),
    )


def _must_be_safe(archive: zipfile.ZipFile, manifest: Manifest, file: Path) -> None:
    """Raises InputError for names that lead elsewhere, that are there twice, or of which one is
    both a file and a folder."""
    members = [member.filename for member in archive.infolist()]
    names = {*members, *manifest.files} - {MANIFEST}
    folders = {above for name in names for above in _above(name)}
    wrong = [name for name in sorted(names) if not _is_plain(name) or name in folders]
    wrong += [name for name, count in Counter(members).items() if count > 1]
    if wrong:
        raise InputError(
            f"{file} är inte gjord av statsbidrag: den har en fil med ett otillåtet namn, "
            f"{wrong[0][:100]!r}. Inget är återställt."
        )


def _above(name: str) -> Iterator[str]:
    parts = name.split("/")
    for count in range(1, len(parts)):
        yield "/".join(parts[:count])


def _is_plain(name: str) -> bool:
    """Whether a name is that of a file in one of the three folders."""
    room, *parts = name.split("/")
    if room not in {DATA, RETURNS, OUT} or not parts or {"", ".", ".."} & {*parts}:
        return False
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError:
        return False
    return "\0" not in name and max(sizes) <= _LONGEST_NAME and sum(sizes) <= _LONGEST_PLACE


# -- laying out ------------------------------------------------------------------------------------


def _must_be_empty(to: Path) -> None:
    if to.exists() and not to.is_dir():
        raise InputError(f"{to} är ingen mapp. Ange en ny eller tom mapp med --to.")
    if to.is_dir() and {path.name for path in to.iterdir()} - {_WORK}:
        raise InputError(
            f"Mappen {to} är inte tom. Ange en ny eller tom mapp med --to. Inget är återställt."
        )


def _must_have_room(manifest: Manifest, to: Path) -> None:
    """Raises InputError when the files that a backup tells of have no room."""
    there = next(folder for folder in (to.absolute(), *to.absolute().parents) if folder.is_dir())
    if sum(kept.size_bytes for kept in manifest.files.values()) > shutil.disk_usage(there).free:
        raise InputError(
            f"Säkerhetskopian får inte plats i {to}: den är {manifest.contents}. Inget är "
            "återställt. Välj en annan mapp med --to."
        )


def _laid_out(archive: zipfile.ZipFile, manifest: Manifest, to: Path) -> list[str]:
    """Lay out what is as it was put in, and name what isn't."""
    work = to / _WORK
    try:
        to.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
    except OSError as error:
        if store.is_full(error):
            raise
        raise InputError(
            f"Det går inte att skriva i mappen {to}. Ange en annan mapp med --to."
        ) from None
    has_own_inbox = any(f"{name}/".startswith(f"{DATA}/{INBOX}/") for name in manifest.files)
    returns = RETURNS if has_own_inbox else f"{DATA}/{INBOX}"
    try:
        faults = _extracted(archive, manifest, work, returns)
        for room in (DATA, returns, OUT):
            (work / room).mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.sync(*work.rglob("*"))
        for path in sorted(work.iterdir()):
            path.rename(to / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    disk.sync(to)
    return faults


def _extracted(archive: zipfile.ZipFile, manifest: Manifest, work: Path, returns: str) -> list[str]:
    members = {member.filename: member for member in archive.infolist()}
    faults = []
    for name, kept in sorted(manifest.files.items()):
        room, _, rest = name.partition("/")
        path = work / (returns if room == RETURNS else room) / rest
        if name not in members:
            faults.append(f"{name} fattas i säkerhetskopian.")
        elif not _is_extracted(archive, members[name], kept, path):
            faults.append(f"{name} är skadad i säkerhetskopian och är inte återställd.")
    for name in sorted(members.keys() - manifest.files.keys() - {MANIFEST}):
        faults.append(f"{name} hör inte till säkerhetskopian och är inte återställd.")
    return faults


def _is_extracted(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, kept: Kept, path: Path
) -> bool:
    """Whether a file was as it was put in, and now stands at a path; nothing stands there
    otherwise, and never more than it should hold."""
    if member.file_size != kept.size_bytes or member.compress_type not in _PLAIN:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    is_whole = True
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "wb") as file:
        try:
            with archive.open(member) as part:
                while is_whole and (piece := part.read(_PIECE_BYTES)):
                    size += len(piece)
                    is_whole = size <= kept.size_bytes
                    if is_whole:
                        digest.update(piece)
                        file.write(piece)
        except _UNREADABLE:
            is_whole = False
        except OSError as error:  # a disk that can't be read is one thing, one that is full another
            if store.is_full(error):
                raise
            is_whole = False
    if is_whole and size == kept.size_bytes and digest.hexdigest() == kept.sha256:
        return True
    path.unlink()
    return False
