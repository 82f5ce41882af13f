"""The out folder's pages on this machine, so that Prefect's pages can lead to them."""

import asyncio
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import door

_SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
}
"""Reports and calendars. The database, the log and the letters are for those who may open the
folder itself."""
_HIDDEN = {"underlag"}
"""Folders of returns as they came."""
_PIECE_BYTES = 65536


@contextmanager
def showing(out: Path, port: int) -> Iterator[str]:
    """While it lasts the pages can be read at the address that comes back, from this machine only;
    nothing is written.

    Raises OSError when the port is taken; 0 is any port that is free.
    """
    listener = socket.create_server((door.HOST, port))
    with door.serving(door.Door(_Pages(out)), listener):
        yield f"http://{door.HOST}:{listener.getsockname()[1]}/"


class _Pages:
    """A file of the out folder, never a list of what there is."""

    def __init__(self, out: Path) -> None:
        self._out = out

    async def __call__(self, scope: door.Scope, receive: door.Receive, send: door.Send) -> None:  # noqa: ARG002
        if scope["method"] not in {"GET", "HEAD"}:
            await _say(send, 405, "Här går det bara att läsa.")
            return
        opened = await asyncio.to_thread(_opened, self._out, scope["path"])
        if opened is None:
            await _say(send, 404, "Sidan finns inte.")
            return
        file, kind = opened
        with file:
            size = os.fstat(file.fileno()).st_size
            await _begin(send, 200, kind, size)
            if scope["method"] == "GET":
                await _send_pieces(send, file, size)
            await send({"type": "http.response.body"})


async def _send_pieces(send: door.Send, file: BinaryIO, size: int) -> None:
    """Send as much of a file as has been promised, or all that there still is of it."""
    left = size
    while left:
        piece = await asyncio.to_thread(file.read, min(left, _PIECE_BYTES))
        if not piece:
            return
        left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _say(send: door.Send, status: int, sentence: str) -> None:
    body = f"{sentence}\n".encode()
    await _begin(send, status, "text/plain; charset=utf-8", len(body))
    await send({"type": "http.response.body", "body": body})


async def _begin(send: door.Send, status: int, kind: str, size: int) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(size).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})


def _opened(out: Path, asked: str) -> tuple[BinaryIO, str] | None:
    """The file that an address leads to, open, and what kind it is; None when it may not be
    shown."""
    path = "index.html" if asked == "/" else asked.removeprefix("/")
    if not _is_shown(path):
        return None
    try:
        file = open(out / path, "rb", opener=_without_waiting)  # noqa: SIM115 - closed by whoever reads it
    except (OSError, ValueError):
        return None
    # Where links lead is known for certain only of what has been opened.
    place = Path(f"/proc/self/fd/{file.fileno()}").readlink()
    is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    if is_file and _is_shown_within(out.resolve(), place):
        return file, _SHOWN[place.suffix]
    file.close()
    return None


def _is_shown_within(folder: Path, place: Path) -> bool:
    """Whether a file lies in a folder, at a path that is shown."""
    if not place.is_relative_to(folder):
        return False
    return _is_shown(place.relative_to(folder).as_posix())


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, or a pipe that nobody writes to."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _is_shown(path: str) -> bool:
    """Whether a path within the out folder is that of a report or a calendar, by its names
    alone."""
    parts = path.split("/")
    if not all(parts) or any(_is_hidden(part) for part in parts):
        return False
    return PurePosixPath(path).suffix in _SHOWN


def _is_hidden(name: str) -> bool:
    # Some file systems take UNDERLAG and "underlag." for the same folder.
    return name.startswith(".") or name.rstrip(". ").casefold() in _HIDDEN
