"""The program's own files: by which rules figures were reckoned, checked and printed, and if they
are the same now.

The rules are all of sql/, expectations/ and reports/, and the code itself.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from .. import FLOORS, __version__
from .archive import packed
from .errors import InputError

_ROOMS: Mapping[str, str] = {
    "expectations": "statsbidrag.expectations",
    "flows": "statsbidrag",
    **{f"flows/{floor}": f"statsbidrag.{floor}" for floor in FLOORS},
    "reports": "statsbidrag.reports",
    "reports/desk": "statsbidrag.reports.desk",
    "sql": "statsbidrag.sql",
    "sql/checks": "statsbidrag.sql.checks",
    "sql/rules": "statsbidrag.sql.rules",
}
_SUFFIXES = (".py", ".sql", ".yaml", ".toml", ".j2", ".css", ".js", ".typ", ".docx")


@dataclass(frozen=True)
class Rules:
    """The program as it was at some moment: its version, and SHA-256 of all its rules and of each
    room of them."""

    version: str
    sha256: str
    rooms: Mapping[str, str]

    def details(self) -> dict[str, Any]:
        """As an event of the log has them."""
        return {
            "program_version": self.version,
            "rules_sha256": self.sha256,
            "rules": dict(self.rooms),
        }


def rules_told(details: Mapping[str, Any]) -> Rules | None:
    """The rules that an event of the log tells of; None in a log that was written before they were
    told."""
    if "rules_sha256" not in details:
        return None
    return Rules(details["program_version"], details["rules_sha256"], details["rules"])


def parts() -> dict[str, bytes]:
    """The files of the program as they are now, by their names in the repository."""
    found: dict[str, bytes] = {}
    for room, package in _ROOMS.items():
        is_floor = room.startswith("flows/")
        found |= _files_in(room, files(package), with_rooms=is_floor)
    return found


def _files_in(room: str, folder: Traversable, *, with_rooms: bool) -> dict[str, bytes]:
    """The files of a room, and of the rooms inside it where it is a floor of the house."""
    found: dict[str, bytes] = {}
    for item in folder.iterdir():
        name = f"{room}/{item.name}"
        if item.is_file() and item.name.endswith(_SUFFIXES):
            found[name] = item.read_bytes()
        elif with_rooms and item.is_dir() and item.name != "__pycache__":
            found |= _files_in(name, item, with_rooms=True)
    return found


def rules(found: Mapping[str, bytes], version: str | None = None) -> Rules:
    """The fingerprint of some files of the program; of this version when none is named."""
    names = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    rooms: dict[str, list[str]] = {}
    for name, sha256 in sorted(names.items()):
        rooms.setdefault(name.split("/", 1)[0], []).append(f"{sha256}  {name}\n")
    digests = {
        room: hashlib.sha256("".join(lines).encode()).hexdigest() for room, lines in rooms.items()
    }
    whole = "".join(f"{sha256}  {room}\n" for room, sha256 in digests.items())
    return Rules(version or __version__, hashlib.sha256(whole.encode()).hexdigest(), digests)


LOADED = rules(parts())
"""The rules when this process began: its code is in memory, whatever becomes of the files."""


def now() -> Rules:
    """The rules of the program that runs. Raises InputError when its files have changed under
    it."""
    rules_now = rules(parts())
    if rules_now != LOADED:
        raise InputError(
            "Programmets filer har ändrats medan det var igång. Starta om det och kör igen."
        )
    return rules_now


def kept() -> bytes:
    """The rules as a zip, the same bytes for the same rules."""
    return packed(sorted(parts().items()))


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a zip that `kept` has made."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def differing(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """The names of the files that are not the same in both."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
