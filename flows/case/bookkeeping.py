"""What is claimed, forgiven and paid when a report has been filed: the entries of its repayment
ledger (reskontra).

Conducts without Prefect. Each entry is one change of the out folder: the log's new lines, the
ledger's pages and, when nothing remains to be repaid, the report as it then stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ..base import name_lists, swedish
from ..base.errors import InputError
from ..documents import ledger_report
from ..model.case import Entry, EntryKind, ReportState
from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from ..money import repayment
from ..money.ledger_tables import LedgerTables
from ..money.shapes import known
from . import as_written, casefile, casework, people, store
from .audit_log import LOG, Log
from .casefile import LEDGER, Occasion


@dataclass(frozen=True)
class Ledger:
    """A grant's repayment ledger as of a day: its tables, and what its accounts are called."""

    tables: LedgerTables
    names: Mapping[str | None, str]
    state: ReportState


def enter(occasion: Occasion, grant_id: str, entry: Entry, as_of: date) -> Ledger:
    """Put a claim, a payment or a relief in a filed report's ledger; the ledger as of a day comes
    back.

    Raises InputError when nothing has been filed yet, when the entry can't be, or when it is there
    already: whoever saw the program break off may give the same command again.
    """
    entry = replace(entry, by=people.named(entry.by))
    people.must_point_out_nobody("Märkningen", entry.reference)
    people.must_point_out_nobody("Skälet", entry.why)
    casefile.must_have_come(occasion, entry.on)
    kind = {EntryKind.CLAIM: "claimed", EntryKind.RELIEF: "relieved"}.get(entry.kind, "paid")
    with store.Change(occasion.out) as change:
        log = casefile.log_of(change, occasion.at, entry.by, occasion.login)
        casefile.must_be_filed(log, grant_id)
        grant, decided = casefile.known(occasion.data, grant_id, log)
        if not grant.has_amounts:
            raise InputError(
                f"Beloppet för {grant.short_name} är okänt, så det finns inget att "
                "föra i en reskontra."
            )
        boards = set(decided.units(grant, as_of, grant.spend_to_on))
        if entry.board_id and entry.board_id not in boards:
            raise InputError(
                f"{entry.board_id} har inga medel i {grant_id}. Välj bland "
                f"{name_lists.some_of(sorted(boards))}."
            )
        if any(_is_same(entry, other) for other in log.entries(grant_id)):
            raise InputError(
                f"{swedish.kr(entry.amount_sek)} den {entry.on} med märkningen {entry.reference} "
                "är redan bokfört. Ange en annan --ref om det är en till."
            )
        log.add(
            kind,
            occasion.at,
            by=entry.by,
            grant=grant_id,
            entry=entry.kind,
            board_id=entry.board_id,
            amount=swedish.kr(entry.amount_sek),
            amount_sek=f"{entry.amount_sek:.2f}",
            on=entry.on,
            reference=entry.reference,
            ground=entry.ground,
            due_on=entry.due_on,
            why=entry.why,
        )
        tables = _reckoned(occasion.out, log, grant, decided, as_of)
        place = f"{grant_id}/{LEDGER}"
        folder = change.place(place)
        folder.mkdir(parents=True)
        ledger_report.render(grant, tables, as_of, decided, folder)
        _note_settlement(occasion, change, log, grant_id, tables, entry)
        casework.log_written(log, occasion.at, entry.by, grant_id, place, folder)
        casework.publish(change, log)
        return _ledger(grant, decided, log, tables)


def _is_same(entry: Entry, other: Entry) -> bool:
    return other == replace(entry, by=other.by, due_on=other.due_on, why=other.why)


def read(data: Path, out: Path, grant_id: str, as_of: date) -> Ledger:
    """A grant's ledger as of a day; nothing is written. Raises InputError when nothing has been
    filed."""
    with store.reading(out):
        log = Log.read(out / LOG)
        casefile.must_be_filed(log, grant_id)
        grant, decided = casefile.known(data, grant_id, log)
        tables = _reckoned(out, log, grant, decided, as_of)
    return _ledger(grant, decided, log, tables)


def _reckoned(out: Path, log: Log, grant: Grant, decided: Rulebook, as_of: date) -> LedgerTables:
    filed = as_written.filed_figures(out, log, grant.grant_id)
    return repayment.reckon(
        grant, filed, log.entries(grant.grant_id), decided.reference_rates, as_of
    )


def _ledger(grant: Grant, decided: Rulebook, log: Log, tables: LedgerTables) -> Ledger:
    names = {None: grant.grantor_short} | {board.board_id: board.name for board in decided.boards}
    return Ledger(tables, names, casefile.review_of(log, grant.grant_id).state)


def _note_settlement(
    occasion: Occasion,
    change: store.Change,
    log: Log,
    grant_id: str,
    tables: LedgerTables,
    entry: Entry,
) -> None:
    """The report is repaid when nothing remains with the agency, and no longer is when a new claim
    comes."""
    state = casefile.review_of(log, grant_id).state
    city = tables.city
    is_settled = (
        known(city.remaining_sek) <= 0
        and city.interest_remaining_sek <= 0
        and not tables.together.undetermined_count
    )
    if state is ReportState.FILED and is_settled:
        kind = "repaid"
    elif state is ReportState.REPAID and not is_settled:
        kind = "reopened"
    else:
        return
    log.add(kind, occasion.at, by=entry.by, grant=grant_id, on=entry.on)
    result, decided = casefile.latest_report(occasion.data, occasion.out, grant_id, log)
    casework.write_report(occasion, change, log, entry.by, result, decided)
