"""What stands in a folder, without following a link out of it."""

import hashlib
import os
from pathlib import Path
from typing import Literal

Kind = Literal["file", "folder", "link", "other"]


def look(folder: Path) -> dict[str, Kind]:
    """Everything under a folder by its name there; nothing when it isn't there, or goes away
    meanwhile."""
    found: dict[str, Kind] = {}
    try:
        with os.scandir(folder) as entries:
            here = sorted((entry.name, kind(Path(entry.path))) for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return found
    for name, what in here:
        if what is None:
            continue
        found[name] = what
        if what == "folder":
            found |= {f"{name}/{below}": its for below, its in look(folder / name).items()}
    return found


def kind(path: Path) -> Kind | None:
    """What a path itself is; None when nothing is there."""
    if path.is_symlink():
        return "link"
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "file"
    return "other" if path.exists() else None


def link_on_the_way(root: Path, name: str) -> str | None:
    """The first part of a place under a root that is a link, so that what lies there lies
    elsewhere."""
    parts = name.split("/")
    ways = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return next((way for way in ways if (root / way).is_symlink()), None)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every regular file under a folder, by its name there."""
    return {name: sha256(folder / name) for name, what in look(folder).items() if what == "file"}


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
