"""Whether all that a final report rests on is as it was."""

from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

from ..base import program, swedish, tree
from ..base.errors import InputError
from ..decisions import data_names
from ..documents import printed
from ..model.case import ReportState, Review
from ..model.codes import Outcome
from ..model.returns import FOR_A_VOUCHER, NUMBER_RULE
from ..model.rulebook import Rulebook
from ..money import earlier_runs
from ..money.results import GrantResult
from ..returns import file_names, inbox
from .as_written import broken_folder
from .audit_log import LOG, Log
from .casefile import (
    Occasion,
    latest_report,
    place_of,
    report_runs,
    rests_on,
    review_of,
    run_again,
)


def as_it_was(
    occasion: Occasion, grant_id: str, log: Log, report_id: str | None = None
) -> tuple[GrantResult, Rulebook]:
    """The latest final result, or that of an interim report, once it is certain that nothing it
    rests on has changed since it was run."""
    again, place = run_again(grant_id, report_id), place_of(grant_id, report_id)
    unsound = broken_database(occasion.out, log) or broken_folder(occasion.out, log, place)
    if unsound:
        raise InputError(f"{unsound} {again}")
    review = review_of(log, grant_id, report_id)
    misprints = list(misprinted(occasion.out, place, review))
    if misprints:
        raise InputError(
            f"{misprints[0]} Lägg tillbaka {LOG} och {grant_id} från en säkerhetskopia."
        )
    result, decided = latest_report(occasion.data, occasion.out, grant_id, log, report_id)
    was = {name: sha256 for name, sha256, _ in result.data_files}
    now = {name: sha256 for name, sha256, _ in decided.files}
    grant = result.grant
    for name in data_names.rested_on(grant.file, grant.report.report_id, was):
        if was.get(name) != now.get(name):
            raise InputError(f"{name} har ändrats sedan rapporten kördes. {again}")
    placed = earlier_runs.others_files(occasion.out / earlier_runs.DATABASE, grant_id)
    changed = changed_originals(occasion.returns, result, placed)
    if changed:
        raise InputError(f"{changed} {again}")
    return result, decided


def other_rules(log: Log, grant_id: str, report_id: str | None = None) -> str | None:
    """That the program's rules are not those of a report's latest run, as a sentence.

    Raises InputError when they have changed under this very process.
    """
    latest = report_runs(log, grant_id, report_id)[-1]
    now, was = program.now(), program.rules_told(latest.details)
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
        rooms = [room for room in now.rooms if now.rooms[room] != was.rooms.get(room)]
        what = (
            f"Programmets regler har ändrats sedan rapporten om {grant_id} kördes, i "
            f"{swedish.listing(rooms)}."
        )
    else:
        return None
    return f"{what} {run_again(grant_id, report_id)}"


def broken_database(out: Path, log: Log) -> str | None:
    """The first table that is not as the log says that the latest run left it, as a sentence."""
    ran = [event for event in log.events if event.kind == "run"]
    left = ran[-1].details["database"] if ran else None
    if left is None:
        return None
    database = out / earlier_runs.DATABASE
    if not database.exists():
        return f"Databasen {earlier_runs.DATABASE} fattas."
    now = earlier_runs.digests(database)
    for table in sorted({*left, *now}):
        if left.get(table) != now.get(table):
            return (
                f"Databasen {earlier_runs.DATABASE}: tabellen {table} är inte som den senaste "
                "körningen lämnade den."
            )
    return None


def misprinted(out: Path, place: str, review: Review) -> Iterator[str]:
    """A sentence for each thing that a final report prints of its review and the log tells
    otherwise."""
    page = f"{place}/underlag.html"
    if tree.kind(out / page) is None:
        # Where it stood before the basis was a document of its own.
        page = f"{place}/aterrapport.html"
    try:
        stated = printed.read((out / page).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return  # that it is gone or altered is told already
    if stated is None:
        yield f"{page} säger inte vem som har granskat och attesterat."
        return
    logged = [(act.state.value, swedish.tidy(act.by), act.on.isoformat()) for act in review.acts]
    shown = [(state, swedish.tidy(by), on) for state, by, on in stated.acts]
    for on_page, in_log in zip_longest(shown, logged):
        if on_page != in_log:
            yield (
                f"{page} säger ”{_step(on_page)}”, men loggen säger ”{_step(in_log)}”. En av dem "
                "är gjord på nytt."
            )
    is_attested = review.state not in {ReportState.DRAFT, ReportState.REVIEWED}
    attested = review.log_sha256 if is_attested else None
    if stated.log_sha256 != attested:
        yield (
            f"{page} har loggens hash vid attest {stated.log_sha256 or 'utelämnad'}, men i loggen "
            f"är den {attested or 'utelämnad'}. En av dem är gjord på nytt."
        )


def _step(act: tuple[str, str, str] | None) -> str:
    if act is None:
        return "inget"
    state, by, on = act
    return f"{state} av {by} {on}"


def changed_originals(
    returns: Path, result: GrantResult, placed: set[tuple[str, str]]
) -> str | None:
    """The first return that has changed, gone or come since it was read, as a sentence; other
    grants' are left out.

    `placed` are the files that some run has found to be another grant's, by name and SHA-256.
    """
    # What the accounts say beside the returns changes no figure.
    others = _files_with(result, {Outcome.OTHER_GRANT, Outcome.SKIPPED, Outcome.EVIDENCE})
    read = {file.name: file.sha256 for file in result.tables.manifest}
    now = {name: sha256 for name, (_, sha256) in inbox.fingerprints(returns).items()}
    for name in sorted({*read, *now} - others):
        if name not in now:
            return f"Redovisningen {name} fattas i {returns}."
        is_new = name not in read and not file_names.is_extract(name)
        if is_new and (name, now[name]) not in placed:
            return f"Filen {name} har kommit till i {returns} sedan rapporten kördes."
        if name in read and read[name] != now[name]:
            return f"Redovisningen {name} har ändrats sedan den lästes."
    return None


def originals(returns: Path, result: GrantResult) -> dict[str, tuple[Path, str]]:
    """The returns behind a result that may be kept and sent on: not one that holds a personal
    number."""
    personal = {
        finding.file for finding in result.findings if finding.rule in {NUMBER_RULE, FOR_A_VOUCHER}
    }
    kept = _files_with(result, rests_on(result) - {Outcome.UNIDENTIFIED}) - personal
    files = inbox.fingerprints(returns)
    return {name: place for name, place in files.items() if name in kept}


def _files_with(result: GrantResult, outcomes: Collection[Outcome]) -> set[str]:
    """The names of the files of a run with some outcomes."""
    return {file.name for file in result.tables.manifest if file.outcome in outcomes}


def filed_by(log: Log, grant_id: str, report_id: str | None = None) -> program.Rules | None:
    """The rules by which the figures of a report that were filed last had been reckoned; None when
    the log doesn't tell."""
    filed_at = log.about(grant_id, "filed", report_id=report_id)[-1].number
    before = [run for run in report_runs(log, grant_id, report_id) if run.number < filed_at]
    return program.rules_told(before[-1].details)
