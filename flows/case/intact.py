"""Whether all that a final report rests on is as it was."""

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..base import program, swedish, tree
from ..base.errors import InputError
from ..decisions import data_files
from ..documents import printed
from ..model.case import ReportState, Review
from ..model.codes import Outcome
from ..model.returns import FOR_A_VOUCHER, NUMBER_RULE
from ..model.rulebook import Rulebook
from ..money import earlier_runs
from ..money.results import GrantResult
from ..returns import intake
from .audit_log import LOG, Log
from .casefile import COUNTED, FILED, FINAL, Desk, latest_final, review_of, run_again, runs


def as_it_was(desk: Desk, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result, once it is certain that nothing it rests on has changed since it was
    run."""
    again = run_again(grant_id)
    unsound = broken_database(desk.out, log) or broken_folder(desk.out, log, f"{grant_id}/{FINAL}")
    if unsound:
        raise InputError(f"{unsound} {again}")
    misprint = next(misprinted(desk.out, f"{grant_id}/{FINAL}", review_of(log, grant_id)), None)
    if misprint:
        raise InputError(f"{misprint} Lägg tillbaka {LOG} och {grant_id} från en säkerhetskopia.")
    result, decided = latest_final(desk.data, desk.out, grant_id, log)
    was = {name: sha256 for name, sha256, _ in result.data_files}
    now = {name: sha256 for name, sha256, _ in decided.files}
    for name in data_files.files_of(result.grant):
        if was.get(name) != now.get(name):
            raise InputError(f"{name} har ändrats sedan rapporten kördes. {again}")
    changed = changed_originals(
        desk.returns, result, earlier_runs.others_files(desk.out / earlier_runs.DATABASE, grant_id)
    )
    if changed:
        raise InputError(f"{changed} {again}")
    return result, decided


def other_rules(log: Log, grant_id: str) -> str | None:
    """That the program's rules are not those of a grant's latest final run, as a sentence.

    Raises InputError when they have changed under this very process.
    """
    now, was = program.now(), program.told(runs(log, grant_id, is_final=True)[-1].details)
    if was is None:
        what = (
            f"Loggen säger inte med vilka regler rapporten om {grant_id} kördes: den är från ett "
            "äldre program."
        )
    elif was.version != now.version:
        what = (
            f"Rapporten om {grant_id} kördes med program {was.version}, och det här är "
            f"{now.version}."
        )
    elif was != now:
        rooms = swedish.listing(
            room for room in now.rooms if now.rooms[room] != was.rooms.get(room)
        )
        what = f"Programmets regler har ändrats sedan rapporten om {grant_id} kördes, i {rooms}."
    else:
        return None
    return f"{what} {run_again(grant_id)}"


def broken_database(out: Path, log: Log) -> str | None:
    """The first table that is not as the log says that the latest run left it, as a sentence."""
    wanted = next((e.details["database"] for e in reversed(log.events) if e.kind == "run"), None)
    if wanted is None:
        return None
    if not (out / earlier_runs.DATABASE).exists():
        return f"Databasen {earlier_runs.DATABASE} fattas."
    found = earlier_runs.digests(out / earlier_runs.DATABASE)
    for table in sorted({*wanted, *found}):
        if wanted.get(table) != found.get(table):
            return (
                f"Databasen {earlier_runs.DATABASE}: tabellen {table} är inte som den senaste "
                "körningen lämnade den."
            )
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
    """A sentence for each thing that a final report prints of its review and the log tells
    otherwise."""
    page = f"{place}/underlag.html"
    if tree.kind(out / page) is None:
        # Where it stood before the basis was a document of its own.
        page = f"{place}/aterrapport.html"
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
            yield (
                f"{page} säger ”{_step(theirs)}”, men loggen säger ”{_step(ours)}”. En av dem är "
                "gjord på nytt."
            )
    attested = (
        None if review.state in {ReportState.DRAFT, ReportState.REVIEWED} else review.log_sha256
    )
    if told.log_sha256 != attested:
        yield (
            f"{page} har loggens hash vid attest {told.log_sha256 or 'utelämnad'}, men i loggen är "
            f"den {attested or 'utelämnad'}. En av dem är gjord på nytt."
        )


def _step(act: tuple[str, str, str] | None) -> str:
    return f"{act[0]} av {act[1]} {act[2]}" if act else "inget"


def changed_originals(
    returns: Path, result: GrantResult, placed: set[tuple[str, str]]
) -> str | None:
    """The first return that has changed, gone or come since it was read, as a sentence; other
    grants' are left out.

    `placed` are the files that some run has found to be another grant's, by name and SHA-256.
    """
    others = {
        f.name
        for f in result.tables.manifest
        if f.outcome in {Outcome.OTHER_GRANT, Outcome.SKIPPED}
    }
    wanted = {f.name: f.sha256 for f in result.tables.manifest}
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
    """The returns behind a result that may be kept and sent on: not one that holds a personal
    number."""
    personal = {f.file for f in result.findings if f.rule in {NUMBER_RULE, FOR_A_VOUCHER}}
    behind = {
        f.name for f in result.tables.manifest if f.outcome in COUNTED - {Outcome.UNIDENTIFIED}
    }
    return {
        name: found
        for name, found in intake.fingerprints(returns).items()
        if name in behind - personal
    }


def filed_folder(out: Path, log: Log, grant_id: str) -> Path:
    """The folder with what was filed last. Raises InputError when it is not as it was."""
    version = log.about(grant_id, "filed")[-1].details["version"]
    place = f"{grant_id}/{FILED}/{version}"
    unsound = broken_folder(out, log, place)
    if unsound:
        raise InputError(f"{unsound} Lägg tillbaka {place} från en säkerhetskopia.")
    return out / place


def filed_by(log: Log, grant_id: str) -> program.Rules | None:
    """The rules by which the figures that were filed last had been reckoned; None when the log
    doesn't tell."""
    filed_at = log.about(grant_id, "filed")[-1].number
    return program.told(
        next(e for e in reversed(runs(log, grant_id, is_final=True)) if e.number < filed_at).details
    )


def filed_figures(out: Path, log: Log, grant_id: str) -> dict[str, Any]:
    """The reconciliation.json that was filed last."""
    text = (filed_folder(out, log, grant_id) / "reconciliation.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
