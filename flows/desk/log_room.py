"""The log in readable Swedish, and the walk that an auditor asks for."""

from collections.abc import Mapping

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import proof, store
from ..model.case import kept_hash
from .asking import Ask
from .desk_words import at_the_desk

_MOST_SHOWN = 200
KINDS: Mapping[str, frozenset[str]] = {
    "Beslut om rapporter": frozenset({"reviewed", "attested", "returned", "filed"}),
    "Krav och betalningar": frozenset({"claimed", "relieved", "paid", "repaid", "reopened"}),
    "Körningar": frozenset({"run", "reconciled", "fell_back", "rules_changed", "corrected"}),
    "Redovisningar": frozenset({"taken_in", "held", "excepted", "received", "answered"}),
    "Ändringar i bidragens filer": frozenset({"amended"}),
    "In- och utloggningar": frozenset({"entered", "left"}),
    "Det som skrevs": frozenset(
        {"written", "placed", "drafted", "posted", "packaged", "inventoried"}
    ),
}


def log_page(ask: Ask) -> Response:
    """What has happened, the latest first, of one kind, one grant or one person where that is
    wanted."""
    office = ask.office
    office.clerk.settled(2)
    log = office.log()
    kind, grant_id, by = ask.wish("slag"), ask.wish("bidrag"), ask.wish("vem")
    wanted = [
        event
        for event in reversed(log.events)
        if (kind not in KINDS or event.kind in KINDS[kind])
        and (not grant_id or event.grant_id == grant_id)
        and (not by or event.by == by)
    ]
    people = sorted({event.by for event in log.events if event.by}, key=swedish.order)
    view = {
        "events": wanted[:_MOST_SHOWN],
        "count": len(wanted),
        "kinds": list(KINDS),
        "kind": kind,
        "grants": [standing.grant for standing in office.seen()[0]],
        "grant_id": grant_id,
        "people": people,
        "by": by,
        "last": log.events[-1] if log.events else None,
    }
    return ask.page("logg.html.j2", "Händelseloggen", view)


def verified(ask: Ask) -> Response:
    """Walk log, database, reports and returns, and say what doesn't hold."""
    folders = ask.office.folders
    ask.office.clerk.settled()
    kept = kept_hash(ask.wish("hash"))
    if ask.wish("hash") and kept is None:
        raise InputError("En hash ur loggen är 64 tecken lång, av 0–9 och a–f.")
    with store.reading(folders.out):
        verdict = proof.verify(folders.returns, folders.out, [kept] if kept else [])
    return ask.page(
        "kontroll.html.j2",
        "Kontroll av allt som är skrivet",
        {"verdict": verdict, "in_words": at_the_desk, "kept": kept or ""},
    )
