"""What stands in the out folder, and what of it nobody has written."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..base import places, tree
from ..money import earlier_runs
from ..year import outbox
from . import casefile, store
from .audit_log import LOG, Log

_OURS = re.compile(
    rf"{'|'.join(sorted(places.OF_A_GRANT))}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    r"|(?:aterrapport|sparning|omfordelning|reskontra|reconciliation)\.[a-z]+"
    rf"|{re.escape(LOG)}"
)
"""The names of folders and files that only the program gives: what has one is taken for a report by
whoever sees it."""


def _calendars(log: Log) -> dict[str, dict[str, str]]:
    """The calendars that an older program wrote, until they are written again."""
    start = f"{casefile.CALENDARS}/"
    old = {
        name: sha256 for name, sha256 in (log.inventory() or {}).items() if name.startswith(start)
    }
    return {casefile.CALENDARS: {n.removeprefix(start): s for n, s in old.items()}} if old else {}


def placed_files(log: Log) -> dict[str, str]:
    """The files that are published alone: packages, and the page of all grants."""
    old = {
        name: sha256 for name, sha256 in (log.inventory() or {}).items() if name == casefile.INDEX
    }
    return old | log.placed()


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
    known = {*log.written(), *_calendars(log), *placed_files(log)}
    grants = {event.grant_id for event in log.events if event.grant_id}
    is_old = log.inventory() is None
    for name, what in sorted(_top(out).items()):
        is_untold = is_old and name in {casefile.INDEX, casefile.CALENDARS}
        if name in known or name in _OWN or is_untold:
            continue
        if name not in grants:
            yield from _named_as_ours(out, name, what)
        elif what != "folder":
            yield f"{name} är ingen mapp, utan en länk eller något annat."
        else:
            yield from _unknown(out, name, known)


_OWN = {LOG, earlier_runs.DATABASE, store.LOCK, store.WORK, *outbox.BOXES}
"""What is looked at elsewhere, or holds nothing that anybody reads."""


def _top(out: Path) -> dict[str, tree.Kind]:
    return (
        {path.name: what for path in out.iterdir() if (what := tree.kind(path))}
        if out.is_dir()
        else {}
    )


def _named_as_ours(out: Path, name: str, what: tree.Kind) -> Iterator[str]:
    below = tree.look(out / name) if what == "folder" else {}
    called = sorted([name, *(f"{name}/{its}" for its in below)])
    ours = [path for path in called if _OURS.fullmatch(path.rsplit("/", 1)[-1].casefold())]
    if ours or name in {casefile.INDEX, casefile.CALENDARS, f"{earlier_runs.DATABASE}.wal"}:
        yield f"{(ours or [name])[0]} finns men står inte i loggen."


def _unknown(out: Path, grant: str, known: set[str]) -> Iterator[str]:
    """The topmost things under a grant's folder that the log doesn't tell of."""
    on_the_way = {
        "/".join(place.split("/")[:count])
        for place in known
        for count in range(1, place.count("/") + 1)
    }
    told: list[str] = []
    for name in sorted(tree.look(out / grant)):
        place = f"{grant}/{name}"
        is_within = any(
            place == other or place.startswith(f"{other}/") for other in (*known, *told)
        )
        if not is_within and place not in on_the_way:
            told.append(place)
            what = "Paketet" if f"/{casefile.PACKAGES}/" in place else ""
            yield f"{what} {place} finns men står inte i loggen.".lstrip()
