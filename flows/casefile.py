"""What is known of a grant's final report (ärendet), and whether all that it rests on is as it was.

Reads the log, the database, the published folders and the returns together; writes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from . import (
    deadlines,
    intake,
    ledger,
    overview,
    places,
    post,
    printed,
    program,
    record,
    report,
    rulebook,
    store,
    swedish,
    tree,
    warehouse,
)
from .audit import LOG, Log
from .figures import FigureError
from .model import (
    FOR_A_VOUCHER,
    NUMBER_RULE,
    Event,
    Grant,
    GrantResult,
    InputError,
    ReportState,
    Review,
    Rulebook,
)

FILED, LEDGER, PACKAGES = places.FILED, places.LEDGER, places.PACKAGES
"""The folders of a grant under the out folder that hold what was filed, its repayment ledger, and its packages."""
CALENDARS, INDEX = places.CALENDARS, places.INDEX
"""The folder under the out folder that holds a calendar for each grant and one for all, and the page of all grants."""
FINAL = places.FINAL
"""The folder that holds its final report."""
RULES = "regler.zip"
"""The file beside what was filed that holds the program's rules as they were."""
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
    """The log that a change goes on from, with a line on what had to be done about an earlier one that was cut off.

    The first change of all, or the first after a program that told of less, also tells what lay there already.
    """
    log = Log.read(change.out / LOG)
    if log.inventory() is None:
        log.add("inventoried", at, by=by, files=_untold(change.out))
    if change.repaired:
        log.add("repaired", at, by=by, what=change.repaired)
    return log


def _untold(out: Path) -> dict[str, str]:
    """What an older program wrote without telling the log: the page of all grants, calendars and letters."""
    found = {INDEX: tree.sha256(out / INDEX)} if tree.kind(out / INDEX) == "file" else {}
    for folder in (CALENDARS, *post.BOXES):
        if tree.kind(out / folder) == "folder":
            found |= {f"{folder}/{name}": sha256 for name, sha256 in tree.digests(out / folder).items()}
    return found


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
    out: Path, database: Path, log: Log, decided: Rulebook, as_of: date, fresh: Sequence[GrantResult] = ()
) -> list[overview.Standing]:
    """Where every grant stands as of a day: each by its fresh result, else by its latest run in the database.

    The database may be one that a change of the out folder is about to put there.
    """
    newest = {result.grant.grant_id: result for result in fresh}
    return [
        _standing_of(out, database, decided, grant, newest.get(grant.grant_id) or latest(database, grant), log, as_of)
        for grant in decided.grants
    ]


def _standing_of(
    out: Path, database: Path, decided: Rulebook, grant: Grant, result: GrantResult | None, log: Log, as_of: date
) -> overview.Standing:
    """Where one grant stands as of a day, with its deadlines and what is owed."""
    review = log.review(grant.grant_id)
    return overview.Standing(
        grant,
        as_of,
        result,
        review,
        tuple(deadlines.of(decided, grant, as_of, result, review)),
        _accounts(out, database, decided, grant, log, as_of),
        tuple(_rooms(log, grant.grant_id, result)),
    )


def _accounts(
    out: Path, database: Path, decided: Rulebook, grant: Grant, log: Log, as_of: date
) -> Sequence[Mapping[str, Any]] | None:
    """The accounts of the ledger of what was filed last; none before anything was, None when they can't be reckoned."""
    if not log.about(grant.grant_id, "filed"):
        return ()
    try:
        filed = _last_filed(out, database, grant, log)
        tables = ledger.reckon(grant, filed, log.entries(grant.grant_id), decided.reference_rates, as_of)
    except (InputError, FigureError):  # the command about the ledger says why
        return None
    return ledger.accounts(filed, tables)


def _last_filed(out: Path, database: Path, grant: Grant, log: Log) -> dict[str, Any]:
    """The figures that were filed last; of what is being filed this moment those of the run that it rests on."""
    version = log.about(grant.grant_id, "filed")[-1].details["version"]
    number = warehouse.latest_run(database, grant.grant_id, is_final=True)
    if (out / grant.grant_id / FILED / str(version)).exists() or number is None:
        return filed_figures(out, log, grant.grant_id)
    return record.reconciliation(warehouse.result(database, grant, number))


def _rooms(log: Log, grant_id: str, result: GrantResult | None) -> Iterator[overview.Room]:
    """What the log says has been written about a grant beside its latest report."""
    written = log.written()
    if result and "svar.txt" in written.get(result.place, {}):
        yield overview.Room(f"{result.place}/svar.txt", "Svaren till webbformuläret")
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
    """Where every grant stands, the most money at risk first, and the decisions that this was read from."""
    decided = rulebook.load(data, (), as_of)
    with store.reading(out):
        found = standings(out, out / warehouse.DATABASE, Log.read(out / LOG), decided, as_of)
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


def filed_folder(out: Path, log: Log, grant_id: str) -> Path:
    """The folder with what was filed last. Raises InputError when it is not as it was."""
    version = log.about(grant_id, "filed")[-1].details["version"]
    place = f"{grant_id}/{FILED}/{version}"
    unsound = broken_folder(out, log, place)
    if unsound:
        raise InputError(f"{unsound} Lägg tillbaka {place} från en säkerhetskopia.")
    return out / place


def filed_by(log: Log, grant_id: str) -> program.Rules | None:
    """The rules by which the figures that were filed last had been reckoned; None when the log doesn't tell."""
    filed_at = log.about(grant_id, "filed")[-1].number
    return program.told(next(e for e in reversed(runs(log, grant_id, is_final=True)) if e.number < filed_at).details)


def filed_figures(out: Path, log: Log, grant_id: str) -> dict[str, Any]:
    """The reconciliation.json that was filed last."""
    text = (filed_folder(out, log, grant_id) / "reconciliation.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


# -- as it was -------------------------------------------------------------------------------------------------------


def as_it_was(desk: Desk, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result, once it is certain that nothing it rests on has changed since it was run."""
    again = _again(grant_id)
    unsound = broken_database(desk.out, log) or broken_folder(desk.out, log, f"{grant_id}/{FINAL}")
    if unsound:
        raise InputError(f"{unsound} {again}")
    misprint = next(misprinted(desk.out, f"{grant_id}/{FINAL}", review_of(log, grant_id)), None)
    if misprint:
        raise InputError(f"{misprint} Lägg tillbaka {LOG} och {grant_id} från en säkerhetskopia.")
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


def other_rules(log: Log, grant_id: str) -> str | None:
    """That the program's rules are not those of a grant's latest final run, as a sentence.

    Raises InputError when they have changed under this very process.
    """
    now, was = program.now(), program.told(runs(log, grant_id, is_final=True)[-1].details)
    if was is None:
        what = f"Loggen säger inte med vilka regler rapporten om {grant_id} kördes: den är från ett äldre program."
    elif was.version != now.version:
        what = f"Rapporten om {grant_id} kördes med program {was.version}, och det här är {now.version}."
    elif was != now:
        rooms = swedish.listing(room for room in now.rooms if now.rooms[room] != was.rooms.get(room))
        what = f"Programmets regler har ändrats sedan rapporten om {grant_id} kördes, i {rooms}."
    else:
        return None
    return f"{what} {_again(grant_id)}"


def _again(grant_id: str) -> str:
    return f"Kör statsbidrag run {grant_id} --final igen."


def known(data: Path, grant_id: str, log: Log) -> tuple[Grant, Rulebook]:
    """A grant with its terms as of the day of its latest final run, and all that was decided then."""
    decided = rulebook.load(data, [grant_id], known_as_of(log, grant_id))
    return decided.grant(grant_id), decided


def known_as_of(log: Log, grant_id: str) -> date:
    """The as-of day of a grant's latest final run."""
    return date.fromisoformat(runs(log, grant_id, is_final=True)[-1].details["as_of"])


def runs(log: Log, grant_id: str, *, is_final: bool) -> list[Event]:
    """A grant's final runs so far, or its quarters', oldest first."""
    return [event for event in log.about(grant_id, "reconciled") if event.details["is_final"] is is_final]


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
    """The first thing in a published folder that is not as the log says, as a sentence."""
    wanted = log.written().get(place)
    return None if wanted is None else next(faults_in(out, place, wanted), None)


def faults_in(out: Path, place: str, wanted: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each thing in a published folder that is not as it was written."""
    link = tree.link_on_the_way(out, place)
    if link:
        yield f"{link} är en länk, inte det som skrevs."
        return
    found = tree.look(out / place)
    if wanted and not found:
        yield f"Mappen {place} fattas."
        return
    links = [name for name, what in found.items() if what == "link"]
    for name in sorted({*wanted, *found}):
        what = found.get(name)
        if what == "link":
            yield f"{place}/{name} är en länk, inte det som skrevs."
        elif what == "folder" and name not in wanted:
            continue
        elif what is None:
            if not any(name.startswith(f"{link}/") for link in links):
                yield f"Filen {place}/{name} fattas."
        elif name not in wanted:
            yield f"Filen {place}/{name} är inte skriven av programmet."
        elif what != "file":
            yield f"{place}/{name} är ingen vanlig fil."
        elif tree.sha256(out / place / name) != wanted[name]:
            yield f"Filen {place}/{name} har ändrats sedan den skrevs."


def misprinted(out: Path, place: str, review: Review) -> Iterator[str]:
    """A sentence for each thing that a final report prints of its review and the log tells otherwise."""
    page = f"{place}/underlag.html"
    if tree.kind(out / page) is None:
        page = f"{place}/aterrapport.html"  # where it stood before the basis was a document of its own
    try:
        told = printed.read((out / page).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return  # that it is gone or altered is told already
    if told is None:
        yield f"{page} säger inte vem som har granskat och attesterat."
        return
    logged = [(act.state.value, swedish.tidy(act.by), act.on.isoformat()) for act in review.acts]
    shown = [(state, swedish.tidy(by), on) for state, by, on in told.acts]
    for theirs, ours in zip_longest(shown, logged):
        if theirs != ours:
            yield f"{page} säger ”{_step(theirs)}”, men loggen säger ”{_step(ours)}”. En av dem är gjord på nytt."
    attested = None if review.state in {ReportState.DRAFT, ReportState.REVIEWED} else review.log_sha256
    if told.log_sha256 != attested:
        yield (
            f"{page} har loggens hash vid attest {told.log_sha256 or 'utelämnad'}, men i loggen är den "
            f"{attested or 'utelämnad'}. En av dem är gjord på nytt."
        )


def _step(act: tuple[str, str, str] | None) -> str:
    return f"{act[0]} av {act[1]} {act[2]}" if act else "inget"


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
    personal = {f.file for f in result.findings if f.rule in {NUMBER_RULE, FOR_A_VOUCHER}}
    behind = {f["name"] for f in result.tables["manifest"] if f["outcome"] in COUNTED - {"unidentified"}}
    return {name: found for name, found in intake.fingerprints(returns).items() if name in behind - personal}


def paper(data: Path, out: Path, grant_ids: list[str]) -> bytes:
    """A draft tjänsteutlåtande on the latest final reports of some grants, as a Word file."""
    log = Log.read(out / LOG)
    found = [latest_final(data, out, grant_id, log) for grant_id in grant_ids]
    return report.paper([result for result, _ in found], found[-1][1])
