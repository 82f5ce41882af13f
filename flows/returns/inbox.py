"""The files that lie in a folder of returns: which they are, by what names they may be told, and
their SHA-256. What is in them is not looked at here.
"""

import hashlib
import io
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from . import file_names

_PIECE_BYTES = 1 << 20
Source = Path | bytes
"""Where a return is: in a file, or here, when somebody has handed it over and it is to lie
nowhere."""


def listing(folder: Path) -> list[Path]:
    """Everything under a folder that is not itself a folder, in the order of the names.

    Raises PermissionError for a folder that can't be read: the returns in it must not pass for
    missing.
    """
    paths: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=_stop):
        paths += [Path(place, name) for name in files]
        below = [Path(place, name) for name in folders]
        paths += [path for path in below if path.is_symlink()]
    return sorted(paths)


def _stop(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise error


def fingerprints(folder: Path) -> dict[str, tuple[Path, str]]:
    """Where each file under a folder lies and its SHA-256 (empty for what can't be read), by
    the name we say."""
    paths = listing(folder)
    names = shown_names(path.relative_to(folder).as_posix() for path in paths)
    files: dict[str, tuple[Path, str]] = {}
    for path, name in zip(paths, names, strict=True):
        try:
            is_regular = stat.S_ISREG(path.lstat().st_mode)
            files[name] = (path, digest(path)[0] if is_regular else "")
        except OSError:  # a file that is gone, or that may not be read, is told of by the run
            files[name] = (path, "")
    return files


def shown_names(names: Iterable[str]) -> list[str]:
    """Names as they may be shown: none that holds a personal number, nothing unseen, and no two
    alike."""
    return file_names.apart(file_names.tellable(name) for name in names)


def opened(source: Source) -> BinaryIO:
    """The file itself, to be read: never what a link leads to, and nothing that makes one wait."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def digest(source: Source) -> tuple[str, int]:
    """The SHA-256 of a file and its size in bytes."""
    with opened(source) as stream:
        sha256 = hashlib.sha256()
        while piece := stream.read(_PIECE_BYTES):
            sha256.update(piece)
        return sha256.hexdigest(), stream.tell()
