"""What is known of a grant's final report (ärendet), and whether all that it rests on is as it was.

Reads the log, the database, the published folders and the returns together; writes nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from . import audit, deadlines, intake, overview, report, rulebook, store, warehouse
from .audit import LOG, Log
from .model import Grant, GrantResult, InputError, Review, Rulebook

FILED, LEDGER = "inlamnad", "reskontra"
"""The folders of a grant under the out folder that hold what was filed, and its repayment ledger."""
FINAL = "slutlig"
"""The folder that holds its final report."""
COUNTED = frozenset({"counted", "held", "superseded", "later_period", "unidentified"})
"""The outcomes of the files that a grant's figures rest on."""


@dataclass(frozen=True)
class Desk:
    """Where a case lies, and the moment that the log gets for what is done."""

    data: Path
    returns: Path
    out: Path
    at: str

    @property
    def today(self) -> date:
        """The day of that moment, in Sweden."""
        return date.fromisoformat(self.at[:10])


def log_of(change: store.Change, at: str, by: str) -> Log:
    """The log that a change goes on from, with a line on what had to be done about an earlier one that was cut off."""
    log = Log.read(change.out / LOG)
    if change.repaired:
        log.add("repaired", at, by=by, what=change.repaired)
    return log


def must_have_come(desk: Desk, on: date) -> None:
    """Raises InputError for a day that is still to come: nobody can have decided, filed or paid on it."""
    if on > desk.today:
        raise InputError(f"{on} har inte varit ännu; i dag är det {desk.today}. Ange med --on dagen då det gjordes.")


def standing(out: Path, grant_id: str) -> Review | None:
    """Where a grant's final report stands; None before its first final run."""
    return Log.read(out / LOG).review(grant_id)


def review_of(log: Log, grant_id: str) -> Review:
    """Where a grant's final report stands. Raises InputError when it has never been run."""
    review = log.review(grant_id)
    if review is None:
        raise InputError(f"Det finns ingen slutrapport för {grant_id}. Kör statsbidrag run {grant_id} --final först.")
    return review


# -- the latest of it -------------------------------------------------------------------------------------------------


def latest(database: Path, grant: Grant) -> GrantResult | None:
    """What the grant's latest run found, of either kind; None before the first."""
    number = warehouse.latest_run(database, grant.grant_id)
    return None if number is None else warehouse.result(database, grant, number)


def standings(
    database: Path, log: Log, decided: Rulebook, as_of: date, fresh: Sequence[GrantResult] = ()
) -> list[overview.Standing]:
    """Where every grant stands as of a day: each by its fresh result, else by its latest run in the database."""
    newest = {result.grant.grant_id: result for result in fresh}
    return [
        standing_of(decided, grant, newest.get(grant.grant_id) or latest(database, grant), log, as_of)
        for grant in decided.grants
    ]


def standing_of(
    decided: Rulebook, grant: Grant, result: GrantResult | None, log: Log, as_of: date
) -> overview.Standing:
    """Where one grant stands as of a day, with its deadlines."""
    review = log.review(grant.grant_id)
    return overview.Standing(grant, as_of, result, review, tuple(deadlines.of(decided, grant, as_of, result, review)))


def read_standings(data: Path, out: Path, as_of: date) -> tuple[list[overview.Standing], Rulebook]:
    """Where every grant stands, the most money at risk first, and the decisions that this was read from."""
    decided = rulebook.load(data, (), as_of)
    with store.reading(out):
        found = standings(out / warehouse.DATABASE, Log.read(out / LOG), decided, as_of)
    return overview.by_risk(found), decided


def latest_final(data: Path, out: Path, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result as the database has it, where its report stands, and all that was decided by its day."""
    review = review_of(log, grant_id)
    number = warehouse.latest_run(out / warehouse.DATABASE, grant_id, is_final=True)
    if number is None:
        raise InputError(f"Databasen har ingen slutrapport för {grant_id}. {_again(grant_id)}")
    grant, decided = known(data, grant_id, log)
    return replace(warehouse.result(out / warehouse.DATABASE, grant, number), review=review), decided


def must_be_filed(log: Log, grant_id: str) -> None:
    """Raises InputError when no report of the grant has been filed."""
    if not log.about(grant_id, "filed"):
        raise InputError(f"Rapporten om {grant_id} är inte inlämnad, så det finns ingen återbetalning att bokföra.")


def filed_figures(out: Path, log: Log, grant_id: str) -> dict[str, Any]:
    """The reconciliation.json that was filed last."""
    version = log.about(grant_id, "filed")[-1].details["version"]
    place = f"{grant_id}/{FILED}/{version}"
    unsound = broken_folder(out, log, place)
    if unsound:
        raise InputError(f"{unsound} Lägg tillbaka {place} från en säkerhetskopia.")
    found: dict[str, Any] = json.loads((out / place / "reconciliation.json").read_text("utf-8"))
    return found


# -- as it was -------------------------------------------------------------------------------------------------------


def as_it_was(desk: Desk, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result, once it is certain that nothing it rests on has changed since it was run."""
    again = _again(grant_id)
    unsound = broken_database(desk.out, log) or broken_folder(desk.out, log, f"{grant_id}/{FINAL}")
    if unsound:
        raise InputError(f"{unsound} {again}")
    result, decided = latest_final(desk.data, desk.out, grant_id, log)
    was = {name: sha256 for name, sha256, _ in result.data_files}
    now = {name: sha256 for name, sha256, _ in decided.files}
    for name in (result.grant.file, rulebook.BOARDS):
        if was[name] != now[name]:
            raise InputError(f"{name} har ändrats sedan rapporten kördes. {again}")
    changed = changed_originals(desk.returns, result, warehouse.others_files(desk.out / warehouse.DATABASE, grant_id))
    if changed:
        raise InputError(f"{changed} {again}")
    return result, decided


def _again(grant_id: str) -> str:
    return f"Kör statsbidrag run {grant_id} --final igen."


def known(data: Path, grant_id: str, log: Log) -> tuple[Grant, Rulebook]:
    """A grant with its terms as of the day of its latest final run, and all that was decided then."""
    decided = rulebook.load(data, [grant_id], known_as_of(log, grant_id))
    return decided.grant(grant_id), decided


def known_as_of(log: Log, grant_id: str) -> date:
    """The as-of day of a grant's latest final run."""
    runs = [event for event in log.about(grant_id, "reconciled") if event.details["is_final"]]
    return date.fromisoformat(runs[-1].details["as_of"])


def lost_lines(out: Path, log: Log) -> str | None:
    """That the database knows of more runs than the log, so that the log or its end was taken away, as a sentence."""
    database = out / warehouse.DATABASE
    if database.exists() and warehouse.run_count(database) > sum(e.kind == "run" for e in log.events):
        return f"Händelseloggen {LOG} saknar körningar som databasen har. Lägg tillbaka den från en säkerhetskopia."
    return None


def broken_database(out: Path, log: Log) -> str | None:
    """The first table that is not as the log says that the latest run left it, as a sentence."""
    wanted = next((e.details["database"] for e in reversed(log.events) if e.kind == "run"), None)
    if wanted is None:
        return None
    if not (out / warehouse.DATABASE).exists():
        return f"Databasen {warehouse.DATABASE} fattas."
    found = warehouse.digests(out / warehouse.DATABASE)
    for table in sorted({*wanted, *found}):
        if wanted.get(table) != found.get(table):
            return f"Databasen {warehouse.DATABASE}: tabellen {table} är inte som den senaste körningen lämnade den."
    return None


def broken_folder(out: Path, log: Log, place: str) -> str | None:
    """The first file of a published folder that is not as the log says, as a sentence."""
    wanted = next(
        (e.details["files"] for e in reversed(log.events) if e.kind == "written" and e.details["place"] == place), None
    )
    if wanted is None:
        return None
    found = audit.digests(out / place)
    for name in sorted({*wanted, *found}):
        if name not in found:
            return f"Filen {place}/{name} fattas."
        if name not in wanted:
            return f"Filen {place}/{name} är inte skriven av programmet."
        if wanted[name] != found[name]:
            return f"Filen {place}/{name} har ändrats sedan den skrevs."
    return None


def changed_originals(returns: Path, result: GrantResult, placed: set[tuple[str, str]]) -> str | None:
    """The first return that has changed, gone or come since it was read, as a sentence; other grants' are left out.

    `placed` are the files that some run has found to be another grant's, by name and SHA-256.
    """
    others = {f["name"] for f in result.tables["manifest"] if f["outcome"] in {"other_grant", "skipped"}}
    wanted = {f["name"]: f["sha256"] for f in result.tables["manifest"]}
    found = {name: sha256 for name, (_, sha256) in intake.fingerprints(returns).items()}
    for name in sorted({*wanted, *found} - others):
        if name not in found:
            return f"Redovisningen {name} fattas i {returns}."
        if name not in wanted and (name, found[name]) not in placed:
            return f"Filen {name} har kommit till i {returns} sedan rapporten kördes."
        if name in wanted and wanted[name] != found[name]:
            return f"Redovisningen {name} har ändrats sedan den lästes."
    return None


def originals(returns: Path, result: GrantResult) -> dict[str, tuple[Path, str]]:
    """The returns behind a result that may be kept and sent on: not one that holds a personal number."""
    personal = {f.file for f in result.findings if f.rule == "personnummer"}
    behind = {f["name"] for f in result.tables["manifest"] if f["outcome"] in COUNTED - {"unidentified"}}
    return {name: found for name, found in intake.fingerprints(returns).items() if name in behind - personal}


def paper(data: Path, out: Path, grant_ids: list[str]) -> bytes:
    """A draft tjänsteutlåtande on the latest final reports of some grants, as a Word file."""
    log = Log.read(out / LOG)
    found = [latest_final(data, out, grant_id, log) for grant_id in grant_ids]
    return report.paper([result for result, _ in found], found[-1][1])
