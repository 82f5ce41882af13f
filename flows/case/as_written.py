"""Whether what the program has written is as the log says; and what was filed last of a report."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..base import places, tree
from ..base.errors import InputError
from .audit_log import Log


def broken_folder(out: Path, log: Log, place: str) -> str | None:
    """The first thing in a published folder that is not as the log says, as a sentence."""
    wanted = log.written().get(place)
    if wanted is None:
        return None
    return next(faults_in(out, place, wanted), None)


def faults_in(out: Path, place: str, wanted: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each thing in a published folder that is not as it was written."""
    link = tree.link_on_the_way(out, place)
    if link:
        yield f"{link} är en länk, inte det som skrevs."
        return
    there = tree.look(out / place)
    if wanted and not there:
        yield f"Mappen {place} fattas."
        return
    links = tuple(f"{name}/" for name, what in there.items() if what == "link")
    for name in sorted({*wanted, *there}):
        what = there.get(name)
        if what == "link":
            yield f"{place}/{name} är en länk, inte det som skrevs."
        elif what == "folder" and name not in wanted:
            continue
        elif what is None and name.startswith(links):
            continue  # the link has a sentence
        elif what is None:
            yield f"Filen {place}/{name} fattas."
        elif name not in wanted:
            yield f"Filen {place}/{name} är inte skriven av programmet."
        elif what != "file":
            yield f"{place}/{name} är ingen vanlig fil."
        elif tree.sha256(out / place / name) != wanted[name]:
            yield f"Filen {place}/{name} har ändrats sedan den skrevs."


def filed_folder(out: Path, log: Log, grant_id: str, report_id: str | None = None) -> Path:
    """The folder with what was filed last of a report. Raises InputError when it is not as it
    was."""
    version = log.about(grant_id, "filed", report_id=report_id)[-1].details["version"]
    place = f"{grant_id}/{places.filed_folder(version, report_id)}"
    unsound = broken_folder(out, log, place)
    if unsound:
        raise InputError(f"{unsound} Lägg tillbaka {place} från en säkerhetskopia.")
    return out / place


def filed_figures(out: Path, log: Log, grant_id: str) -> dict[str, Any]:
    """The reconciliation.json that was filed last."""
    text = (filed_folder(out, log, grant_id) / "reconciliation.json").read_text("utf-8")
    figures: dict[str, Any] = json.loads(text)
    return figures
