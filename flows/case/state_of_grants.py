"""Where every grant stands, read from the log, the database and the published folders."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..base import places
from ..base.errors import FigureError, InputError
from ..decisions import data_folder
from ..documents import record
from ..model.case import ReportState
from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from ..money import earlier_runs, repayment
from ..money.ledger_tables import NamedAccount
from ..money.results import GrantResult
from ..year import deadlines, overview
from . import casefile, store
from .as_written import filed_figures
from .audit_log import LOG, Log
from .casefile import CALENDARS, FILED, LEDGER


def standings(
    out: Path,
    database: Path,
    log: Log,
    decided: Rulebook,
    as_of: date,
    fresh: Sequence[GrantResult] = (),
) -> list[overview.Standing]:
    """Where every grant stands as of a day, but for drafts: each by its fresh result, else by its
    latest run in the database.

    The database may be one that a change of the out folder is about to put there.
    """
    known = {result.grant.grant_id: result for result in fresh}
    known |= earlier_runs.latest(
        database, [grant for grant in decided.grants if grant.grant_id not in known]
    )
    return [
        _standing_of(
            out,
            database,
            decided,
            grant,
            known.get(grant.grant_id),
            log,
            as_of,
        )
        for grant in decided.grants_in_use
    ]


def _standing_of(
    out: Path,
    database: Path,
    decided: Rulebook,
    grant: Grant,
    result: GrantResult | None,
    log: Log,
    as_of: date,
) -> overview.Standing:
    """Where one grant stands as of a day, with its deadlines and what is owed."""
    review = log.review(grant.grant_id)
    interim: dict[str, ReportState] = {}
    filed = []
    for report_id in log.interim_reports(grant.grant_id):
        interim[report_id] = casefile.review_of(log, grant.grant_id, report_id).state
        # A correction that has begun doesn't make it late.
        if log.about(grant.grant_id, "filed", report_id=report_id):
            filed.append(report_id)
    return overview.Standing(
        grant,
        as_of,
        result,
        review,
        tuple(deadlines.deadlines_of(decided, grant, as_of, result, review, filed)),
        _accounts(out, database, decided, grant, log, as_of),
        tuple(_rooms(log, grant.grant_id, result, interim)),
        interim,
    )


def _accounts(
    out: Path, database: Path, decided: Rulebook, grant: Grant, log: Log, as_of: date
) -> Sequence[NamedAccount] | None:
    """The accounts of the ledger of what was filed last; none before anything was, nor where the
    grant's amount is unknown, None when they can't be reckoned."""
    if not grant.has_amounts or not log.about(grant.grant_id, "filed"):
        return ()
    try:
        filed = _last_filed(out, database, grant, log)
        tables = repayment.reckon(
            grant, filed, log.entries(grant.grant_id), decided.reference_rates, as_of
        )
    except (InputError, FigureError):  # the command about the ledger says why
        return None
    return repayment.accounts(filed, tables)


def _last_filed(out: Path, database: Path, grant: Grant, log: Log) -> dict[str, Any]:
    """The figures that were filed last; of what is being filed this moment those of the run that it
    rests on."""
    version = log.about(grant.grant_id, "filed")[-1].details["version"]
    number = earlier_runs.latest_run(database, grant.grant_id, is_final=True)
    if (out / grant.grant_id / FILED / str(version)).exists() or number is None:
        return filed_figures(out, log, grant.grant_id)
    return record.reconciliation(earlier_runs.result(database, grant, number))


def _rooms(
    log: Log, grant_id: str, result: GrantResult | None, interim: Mapping[str, ReportState]
) -> Iterator[overview.Room]:
    """What the log says has been written about a grant beside its latest report."""
    written = log.written()
    if result and "svar.txt" in written.get(result.place, {}):
        yield overview.Room(f"{result.place}/svar.txt", "Svaren till webbformuläret")
    for report_id, state in interim.items():
        name = f"Delrapporten {report_id} ({state})"
        yield overview.Room(f"{casefile.place_of(grant_id, report_id)}/aterrapport.html", name)
        kept = log.about(grant_id, "filed", report_id=report_id)
        if kept:
            folder = places.filed_folder(kept[-1].details["version"], report_id)
            words = f"Delrapporten {report_id} som den lämnades in"
            yield overview.Room(f"{grant_id}/{folder}/aterrapport.pdf", words)
    filed = log.about(grant_id, "filed")
    if filed:
        version = filed[-1].details["version"]
        yield overview.Room(f"{grant_id}/{FILED}/{version}/aterrapport.pdf", "Det som lämnades in")
    if f"{grant_id}/{LEDGER}" in written:
        yield overview.Room(f"{grant_id}/{LEDGER}/reskontra.html", "Reskontran för återbetalningen")
    packages = log.about(grant_id, "packaged")
    if packages:
        yield overview.Room(packages[-1].details["file"], "Paketet till revisor och arkiv")
    if f"{grant_id}.ics" in written.get(CALENDARS, {}):
        yield overview.Room(f"{CALENDARS}/{grant_id}.ics", "Fristerna till kalendern")


def read_standings(data: Path, out: Path, as_of: date) -> tuple[list[overview.Standing], Rulebook]:
    """Where every grant stands, the most money at risk first, and the decisions that this was read
    from."""
    decided = data_folder.load(data, (), as_of)
    with store.reading(out):
        unsorted = standings(out, out / earlier_runs.DATABASE, Log.read(out / LOG), decided, as_of)
    return overview.by_risk(unsorted), decided
