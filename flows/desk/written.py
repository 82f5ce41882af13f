"""Which files of the out folder are shown in a browser, and how one is opened."""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

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
PIECE_BYTES = 65536


def opened_file(out: Path, asked: str) -> tuple[BinaryIO, str] | None:
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
