"""The folders that letters lie in."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..base import disk, places
from ..base.errors import InputError
from .correspondence import Letter, digest

OUTBOX, UNCERTAIN, SENT = places.OUTBOX, places.UNCERTAIN, places.SENT
BOXES = (OUTBOX, UNCERTAIN, SENT)
"""The folders under the out folder, in the order that a letter goes through them."""

ADDED = (b"From", b"Date", b"Message-ID", b"Auto-Submitted")
"""The headers that a letter gets when it is sent."""


# -- the outbox ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outbox:
    """The names of the letters in each folder."""

    waiting: tuple[str, ...]
    uncertain: tuple[str, ...]
    sent: tuple[str, ...]


def outbox(out: Path) -> Outbox:
    """How far the letters of an out folder have come."""
    # In the order that letters move, so that none is missed while it does.
    return Outbox(*(tuple(sorted(p.name for p in (out / box).glob("*.eml"))) for box in BOXES))


@dataclass(frozen=True)
class Putting:
    """What is to become of the outbox: the new drafts, by the names of their files, and the names
    of those replaced."""

    drafts: Mapping[str, bytes]
    replaced: tuple[str, ...]


def to_put(out: Path, letters: Iterable[Letter]) -> Putting:
    """Which letters are to be laid in `utkorg`; nothing is written.

    A letter that lies in any of the folders is not made again. One that waits gives way to a newer
    one about the same.

    Raises InputError when the folder can't be written in.
    """
    stand = outbox(out)
    waiting, gone = set(stand.waiting), {*stand.uncertain, *stand.sent}
    drafts: dict[str, bytes] = {}
    replaced: list[str] = []
    for one in letters:
        name = one.file_name
        same = f"_{digest(one.kind, one.about)}_"
        if name in waiting | gone or (one.is_minor and any(same in other for other in gone)):
            continue
        for older in sorted(other for other in waiting if same in other):
            if drafts.pop(older, None) is None:
                replaced.append(older)
            waiting.discard(older)
        drafts[name] = one.draft()
        waiting.add(name)
    box = out / OUTBOX
    if drafts and (
        box.is_symlink()
        or (box.exists() and not (box.is_dir() and os.access(box, os.W_OK | os.X_OK)))
    ):
        raise InputError(
            f"Det går inte att skriva brev i {box}. Kontrollera att det är en mapp, ingen länk, "
            "och att du får skriva där. Inget är ändrat; kör igen."
        )
    return Putting(drafts, tuple(replaced))


def draft_of(sent: bytes) -> bytes:
    """The draft that a letter was sent from, by what was sent: `_outgoing` the other way, for all
    but empty letters."""
    head, blank, body = sent.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if line.split(b":", 1)[0] not in ADDED]
    return b"\r\n".join([b"X-Unsent: 1", *kept]) + blank + body


def leftover_of(name: str) -> str | None:
    """The letter that a file in `skickat` is half of, when somebody pulled the plug as it was
    written; else None."""
    match = re.fullmatch(r"\.(.+\.eml)\.ny", name)
    return match[1] if match else None


def move(path: Path, box: str) -> Path:
    """A letter into another folder, on the disk itself when this returns."""
    target = path.parent.parent / box / path.name
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    disk.sync(target.parent, path.parent, target.parent.parent)
    return target
