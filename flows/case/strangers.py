"""What stands in the out folder, and what of it nobody has written."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..base import places, tree
from ..money import earlier_runs
from ..year import outbox
from . import casefile, store
from .audit_log import LOG, Log

_NAMES_OF_OURS = re.compile(
    rf"{'|'.join(sorted(places.OF_A_GRANT))}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    r"|(?:aterrapport|sparning|omfordelning|reskontra|reconciliation)\.[a-z]+"
    rf"|{re.escape(LOG)}"
)
"""The names of folders and files that only the program gives: what has one is taken for a report by
whoever sees it."""


def old_calendars(log: Log) -> dict[str, dict[str, str]]:
    """The folder of calendars that an older program wrote, until they are written again: each with
    its SHA-256."""
    start = f"{casefile.CALENDARS}/"
    calendars: dict[str, str] = {}
    for name, sha256 in (log.inventory() or {}).items():
        if name.startswith(start):
            calendars[name.removeprefix(start)] = sha256
    return {casefile.CALENDARS: calendars} if calendars else {}


def placed_files(log: Log) -> dict[str, str]:
    """The files that are published alone: packages, and the page of all grants."""
    inventory = log.inventory() or {}
    files: dict[str, str] = {}
    if casefile.INDEX in inventory:
        files[casefile.INDEX] = inventory[casefile.INDEX]
    return files | log.placed()


def alone(out: Path, log: Log) -> Iterator[str]:
    """A sentence for each file published alone that is gone or not as it was."""
    for name, sha256 in placed_files(log).items():
        what = "Filen" if name == casefile.INDEX else "Paketet"
        link = tree.link_on_the_way(out, name)
        if link:
            yield f"{link} är en länk, inte det som skrevs."
        elif tree.kind(out / name) is None:
            yield f"{what} {name} fattas."
        elif tree.kind(out / name) != "file":
            yield f"{name} är ingen vanlig fil."
        elif tree.sha256(out / name) != sha256:
            yield f"{what} {name} har ändrats sedan det gjordes."


def strangers(out: Path, log: Log) -> Iterator[str]:
    """What stands where only the program writes, or is called as only the program calls things, and
    nobody wrote."""
    known = {*log.written(), *old_calendars(log), *placed_files(log)}
    grants = {event.grant_id for event in log.events if event.grant_id}
    is_old = log.inventory() is None
    for name, what in sorted(topmost(out).items()):
        is_untold = is_old and name in {casefile.INDEX, casefile.CALENDARS}
        if name in known or name in NOT_LOOKED_AT or is_untold:
            continue
        if name not in grants:
            yield from _named_as_ours(out, name, what)
        elif what != "folder":
            yield f"{name} är ingen mapp, utan en länk eller något annat."
        else:
            yield from _unknown(out, name, known)


NOT_LOOKED_AT = {LOG, earlier_runs.DATABASE, store.LOCK, store.WORK, *outbox.BOXES}
"""What is looked at elsewhere, or holds nothing that anybody reads."""


def topmost(out: Path) -> dict[str, tree.Kind]:
    """What stands directly in the out folder, by its name."""
    kinds: dict[str, tree.Kind] = {}
    if not out.is_dir():
        return kinds
    for path in out.iterdir():
        kind = tree.kind(path)
        if kind is not None:
            kinds[path.name] = kind
    return kinds


def _named_as_ours(out: Path, name: str, what: tree.Kind) -> Iterator[str]:
    paths = [name]
    if what == "folder":
        paths += [f"{name}/{below}" for below in tree.look(out / name)]
    for path in sorted(paths):
        if _NAMES_OF_OURS.fullmatch(path.rsplit("/", 1)[-1].casefold()):
            yield f"{path} finns men står inte i loggen."
            return
    if name in {casefile.INDEX, casefile.CALENDARS, f"{earlier_runs.DATABASE}.wal"}:
        yield f"{name} finns men står inte i loggen."


def _unknown(out: Path, grant: str, known: set[str]) -> Iterator[str]:
    """The topmost things under a grant's folder that the log doesn't tell of."""
    # What is known or named already, with all that is within it.
    settled = set(known)
    on_the_way = _folders_above(known)
    for name in sorted(tree.look(out / grant)):
        place = f"{grant}/{name}"
        if place in settled or place in on_the_way or _folders_above([place]) & settled:
            continue
        settled.add(place)
        what = "Paketet " if f"/{casefile.PACKAGES}/" in place else ""
        yield f"{what}{place} finns men står inte i loggen."


def _folders_above(places: Iterable[str]) -> set[str]:
    """The folders that some places lie in, those above these, and so on."""
    folders: set[str] = set()
    for place in places:
        parts = place.split("/")
        for count in range(1, len(parts)):
            folders.add("/".join(parts[:count]))
    return folders
