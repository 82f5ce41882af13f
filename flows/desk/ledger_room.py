"""The repayment ledger of a report that has been filed: what is claimed, forgiven and paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import bookkeeping
from ..case.bookkeeping import Ledger
from ..model.case import Entry, EntryKind
from ..model.codes import LIABILITY_GROUND, Ground
from .asking import Ask


@dataclass(frozen=True)
class _Way:
    """A kind of row that can be entered, and what it asks for."""

    kind: EntryKind
    words: str
    has_ground: bool
    has_due_day: bool


WAYS: Mapping[str, _Way] = {
    "krav": _Way(EntryKind.CLAIM, "Krav", has_ground=True, has_due_day=True),
    "nedsattning": _Way(EntryKind.RELIEF, "Nedsättning", has_ground=True, has_due_day=False),
    "betalning": _Way(EntryKind.PAYMENT, "Betalning", has_ground=False, has_due_day=False),
    "ranta": _Way(
        EntryKind.INTEREST_PAYMENT, "Betalning av ränta", has_ground=False, has_due_day=False
    ),
}


def ledger_page(ask: Ask) -> Response:
    """A grant's accounts: the city's with the agency, and each board's with the committee."""
    folders, grant_id = ask.office.folders, ask.part("grant")
    ledger = bookkeeping.read(folders.data, folders.out, grant_id, ask.office.today)
    return ask.page("reskontra.html.j2", "Återbetalningen", _view(ask, ledger))


def _view(ask: Ask, ledger: Ledger) -> dict[str, Any]:
    grant_id = ask.part("grant")
    accounts = [(ledger.names[account.board_id], account) for account in ledger.tables.account]
    accounts.sort(key=lambda one: (one[1].board_id is not None, swedish.order(one[0])))
    standings, _ = ask.office.seen()
    standing = next((s for s in standings if s.grant.grant_id == grant_id), None)
    return {
        "grant_id": grant_id,
        "grant": standing.grant if standing else None,
        "ledger": ledger,
        "accounts": accounts,
        "entries": ledger.tables.entry,
        "ways": WAYS,
        "grounds": {ground: LIABILITY_GROUND[ground] for ground in Ground},
        "page": f"/ut/{grant_id}/reskontra/reskontra.html",
    }


def enter(ask: Ask) -> Response:
    """Put a row in the ledger. Raises InputError when it can't be."""
    grant_id = ask.part("grant")
    way = WAYS.get(ask.form.text("post"))
    if way is None:
        raise InputError("Välj om det är ett krav, en nedsättning eller en betalning.")
    reference = ask.form.text("referens")
    if not reference:
        raise InputError("Skriv beslutets dnr, eller vad betalningen är märkt med.")
    ground = ask.form.text("grund") if way.has_ground else ""
    due = ask.form.text("forfaller") if way.has_due_day else ""
    entry = Entry(
        kind=way.kind,
        board_id=ask.form.text("konto") or None,
        amount_sek=ask.amount("belopp", "Belopp"),
        on=ask.day("dag", "Dagen"),
        reference=reference,
        by=ask.by(),
        ground=_ground(ground),
        due_on=ask.day("forfaller", "När det ska vara betalt") if due else None,
        why=ask.form.text("skal") or None,
    )
    with ask.office.clerk.in_turn():
        bookkeeping.enter(ask.office.occasion(ask.person), grant_id, entry, ask.office.today)
    said = f"{way.words} på {swedish.kr(entry.amount_sek)} är bokförd."
    if way.kind is EntryKind.CLAIM:
        said = f"Kravet på {swedish.kr(entry.amount_sek)} är bokfört."
    return ask.go(f"/bidrag/{grant_id}/reskontra", said)


def _ground(text: str) -> Ground | None:
    if not text:
        return None
    try:
        return Ground(text)
    except ValueError:
        raise InputError("Välj grunden i listan.") from None
