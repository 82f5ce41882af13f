"""The stages of a run as Prefect tasks: no arithmetic, no SQL, no frames here.

What is found out is frozen and goes from each stage to those after it; see `way`.
"""

import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from ..base import program
from ..base.beside import beside
from ..base.errors import InputError
from ..case import casefile, casework, state_of_grants, store
from ..documents import evidence_report, record, report, second_proof
from ..model.evidence import as_boards_are_told
from ..money import earlier_runs
from ..money.results import GrantResult
from ..money.tables import Sender
from ..returns import answer, readers
from ..returns.evidence.extracts import Extracts
from ..returns.intake import Intake
from ..year import acknowledgements, deadlines, overview_page
from . import artifacts, ending, way
from .errand import Parcel, Ran, Reckoned, Rendered, Run
from .moments import flow_name
from .way import Judged, Taken


def _may_pass(task: object, task_run: object, state: State[object]) -> bool:  # noqa: ARG001
    """Whether what stopped a task may pass by itself: a folder that is briefly away, not our own
    faults."""
    try:
        state.result()
    except OSError as error:
        return not store.is_full(error)
    except Exception:
        return False
    return False


@task(
    name="Ta in redovisningar",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=1,
    retry_condition_fn=_may_pass,
)
def take_in(parcel: Parcel[Run]) -> Parcel[Taken]:
    """Every file under the returns folder, read in child processes; retried when the folder can't
    be reached."""
    run = parcel.content
    folder = run.errand.returns
    reading = next(run.reading, None) or Intake.of_folder(folder, run.workshop.readers)

    def tell(done: int, of: int) -> None:
        ending.must_go_on()
        run.listener.stage(take_in.name, done, of)

    beside = Extracts.of_folder(folder, run.decided.extract_forms, run.workshop.readers)
    taken = way.take_in(reading, run.decided, tell, beside)
    gone = next((p for p in (folder, *taken.paths) if not p.exists() and not p.is_symlink()), None)
    if gone:  # a disk that was lost must not pass for boards that have sent nothing
        raise InputError(
            f"{gone} försvann medan redovisningarna lästes. Kontrollera att mappen går att nå och "
            "kör igen."
        )
    if not taken.paths and any(event.kind == "taken_in" for event in run.log.events):
        raise InputError(
            f"{folder} är tom, men det har funnits redovisningar där. Kontrollera att mappen är "
            "rätt och går att nå. Ska resultaten börja om från början, välj en annan mapp med "
            "--out."
        )
    return Parcel(taken)


@task(name="Granska redovisningar", cache_policy=NO_CACHE)
def validate(parcel: Parcel[Run], taken: Parcel[Taken]) -> Parcel[Judged]:
    """The suites of expectations over all returns that may concern the run's grants, while others
    recount them."""
    run = parcel.content
    judged = way.judge(taken.content, run.decided, run.plan, run.workshop)
    run.workshop.has_validated()
    return Parcel(judged)


@task(name="Stäm av", cache_policy=NO_CACHE)
def reconcile(parcel: Parcel[Run], judged: Parcel[Judged]) -> Parcel[Reckoned]:
    """Load the database's next version, and run the SQL steps and rules; what it has come to is
    fingerprinted while the reports are written."""
    run = parcel.content
    before, database = (
        run.errand.out / earlier_runs.DATABASE,
        run.change.place(earlier_runs.DATABASE),
    )
    database.unlink(missing_ok=True)
    if before.exists():
        earlier_runs.copy(before, database)
    results = way.reconcile(judged.content, run.decided, run.plan, database)
    return Parcel(Reckoned(tuple(results), beside(earlier_runs.digests, database)))


@task(
    name="Skriv rapporter",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=1,
    retry_condition_fn=_may_pass,
)
def render(
    parcel: Parcel[Run], taken: Parcel[Taken], reckoned: Parcel[Reckoned]
) -> Parcel[Rendered]:
    """The reports of every grant, and each board's own workbook back; retried when a folder is
    briefly locked."""
    run, by, found = parcel.content, parcel.content.errand.by, reckoned.content.results
    log = run.log.copy()
    casework.log_intake(log, run.at, by, found, run.decided.rules)
    results = tuple(casework.log_result(log, run.at, by, result, run.rules) for result in found)
    begun: list[tuple[GrantResult, report.Begun, list[_GoingBack]]] = []
    for result in results:
        place = run.change.place(result.place)
        shutil.rmtree(place, ignore_errors=True)
        (place / "boards").mkdir(parents=True)
        workbooks = list(_annotated(run, taken.content, result))
        ending.must_go_on()
        days = deadlines.return_days(run.decided, result)
        press = run.workshop.press.submit
        written = report.begin_grant(result, run.decided, days, place, press)
        evidence_report.render(result, run.decided, place)
        second_proof.check_written((place / "reconciliation.json").read_bytes(), result)
        begun.append((result, written, workbooks))
    commented: dict[str, bytes] = {}
    for _, written, workbooks in begun:
        commented |= _gone_back(run, workbooks, written.folder / "boards")
    run.workshop.has_read()
    for _, written, _ in begun:
        written.set_pdfs()
    for result, written, _ in begun:
        written.write()
        casework.log_written(log, run.at, by, result.grant.grant_id, result.place, written.folder)
    out, database = run.errand.out, run.change.current(earlier_runs.DATABASE)
    # An interim report is not where the grant stands now.
    fresh = () if run.plan.report else results
    standings = state_of_grants.standings(out, database, log, run.decided, run.plan.as_of, fresh)
    index = run.change.place(casefile.INDEX)
    overview_page.render(standings, run.decided, run.plan.as_of, index)
    casework.log_placed(log, run.at, by, casefile.INDEX, index)
    digests = reckoned.content.digests
    return Parcel(Rendered(results, tuple(standings), commented, log, digests))


@task(name="Skriv brev", cache_policy=NO_CACHE)
def acknowledge(parcel: Parcel[Run], taken: Parcel[Taken], rendered: Parcel[Rendered]) -> None:
    """A letter to the sender of each return, the first time that it is read and when what is said
    of it changes."""
    run, content = parcel.content, rendered.content
    read = [returned for returned in taken.content.returns if returned.sha256]
    came = {returned.sha256: run.plan.as_of for returned in read}
    letters = acknowledgements.acknowledgements(
        content.results, read, run.decided, came, content.commented
    )
    casework.put_letters(run.change, content.log, run.at, run.errand.by, letters)


@task(name="Publicera", cache_policy=NO_CACHE)
def publish(parcel: Parcel[Run], rendered: Parcel[Rendered]) -> Parcel[Ran]:
    """The database, the reports, the letters and the log's new lines take their places together."""
    run, content = parcel.content, rendered.content
    program.now()  # what was changed meanwhile may be in some of it
    what = "Slutredovisning" if run.plan.is_final else "Kvartalsavstämning"
    flow = flow_name()
    if run.plan.report:
        # It is not the quarter's run, which the schedule still has to make.
        what, flow = f"Delrapporten {run.plan.report.report_id}", "interim_report"
    content.log.add(
        "run",
        run.at,
        by=run.errand.by,
        what=what,
        flow=flow,
        as_of=run.plan.as_of,
        grants=[result.grant.grant_id for result in content.results],
        database=content.digests.result(),
        **run.rules.details(),
    )
    casework.publish(run.change, content.log)
    ran = Ran(run.decided, run.errand.out, content.results, content.standings)
    run.done(ran)
    return Parcel(ran)


@dataclass(frozen=True)
class _GoingBack:
    """A workbook on its way back to its board: the file that came, and what it is called now."""

    file: str
    name: str
    making: "Future[bytes]"


def _gone_back(run: Run, workbooks: Iterable[_GoingBack], folder: Path) -> dict[str, bytes]:
    """The workbooks written where boards find them, by the files that came."""
    written: dict[str, bytes] = {}
    for workbook in workbooks:
        try:
            annotated = workbook.making.result()
        except (FileNotFoundError, answer.ChangedError):
            continue  # no longer the one that was read
        except (
            Exception
        ) as error:  # a workbook that can be read but not written must not cost the reports
            if store.is_full(error):
                raise
            run.listener.say(
                f"Arbetsboken till {workbook.name} gick inte att kommentera. Nämndens anmärkningar "
                "står i dess HTML-sida."
            )
        else:
            (folder / workbook.name).write_bytes(annotated)
            written[workbook.file] = annotated
    return written


def _annotated(run: Run, taken: Taken, result: GrantResult) -> Iterator[_GoingBack]:
    """Each workbook that counts or is held, on its way back to its board with every finding on its
    cell."""
    sent = {
        returned.file: (returned, path)
        for returned, path in zip(taken.returns, taken.paths, strict=True)
    }
    by_file = record.grouped(result.findings, lambda finding: finding.file)
    used: set[str] = set()
    for sender in result.tables.sender:
        returned, path = sent[sender.file]
        if returned.kind != "xlsx":
            continue
        name = _unused(sender, used)
        used.add(name)
        findings = as_boards_are_told(by_file.get(returned.file, []))
        making = readers.of_file(
            run.workshop.readers,
            answer.of_file,
            path,
            findings,
            returned,
            about=f"{returned.file} {returned.sha256} {findings}",
        )
        yield _GoingBack(returned.file, name, making)


def _unused(sender: Sender, used: set[str]) -> str:
    """BOARD.xlsx, BOARD-SENDER.xlsx for a predecessor; returns that tie are all held and get a
    number."""
    board = sender.board_id
    stem = board if sender.is_own else f"{board}-{sender.sender_id}"
    number = sum(name == f"{stem}.xlsx" or name.startswith(f"{stem}_") for name in used)
    return f"{stem}_{number + 1}.xlsx" if number else f"{stem}.xlsx"


@task(name="Visa läget", cache_policy=NO_CACHE)
def show_status(parcel: Parcel[Run], rendered: Parcel[Rendered]) -> None:
    """Each grant, and all of them, in Prefect's pages."""
    run, content = parcel.content, rendered.content
    shelf = artifacts.Shelf(run.errand.out, run.errand.pages)
    for result in content.results:
        artifacts.result(result, shelf)
    artifacts.standings(
        content.standings, run.decided.broken, run.plan.as_of, shelf, run.change.repaired
    )


STAGES = (take_in, validate, reconcile, render, acknowledge, publish, show_status)
