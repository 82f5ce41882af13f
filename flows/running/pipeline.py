"""The Prefect flows of a run. Stages in order, one task each; no arithmetic, no SQL, no frames here.

A run's things travel between tasks as one opaque `Job`, since Prefect walks and hashes every list it is handed.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import prefect
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from ..base import program, swedish
from ..base.errors import InputError
from ..case import casefile, casework, people, state_of_grants, store
from ..case.audit_log import LOG, Log
from ..decisions import data_folder, plans
from ..documents import report, second_proof
from ..model.findings import Finding, Severity
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from ..money import earlier_runs, reconciliation
from ..money.results import GrantResult
from ..money.tables import Sender
from ..returns import (
    answer,
    intake,
    placing,
    second_reader,
    validation,
    waivers,
)
from ..returns.workshop import Workshop
from ..year import acknowledgements, deadlines, overview
from . import artifacts, prefect_server, questions

WORKSHOP: ContextVar[Workshop | None] = ContextVar("workshop", default=None)
"""Children that the caller has warmed; a flow without them starts its own."""
READING: ContextVar[Iterable[intake.Intake]] = ContextVar("reading", default=())
"""Reading that the caller has begun while Prefect started; taken once, so that a retry reads anew."""
AT: ContextVar[str] = ContextVar("at", default="")
"""The moment that the audit log gets; when nobody says, it is when Prefect began the flow."""


class Listener(Protocol):
    """Whoever waits for a run, at a terminal or in Prefect's pages."""

    def say(self, sentence: str) -> None:
        """Something that a person must know."""

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are."""


LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)
"""The one who waits; a flow without it tells Prefect."""
DONE: ContextVar[list["Job | None"] | None] = ContextVar("done", default=None)
"""What a flow has come to, as soon as it stands in the out folder: a caller who has Prefect fail later has it here."""


@dataclass(frozen=True)
class Errand:
    """What a run is to do: which grants (none: all), with which folders, as of which day, and who asked for it."""

    grants: list[str]
    returns: Path
    data: Path
    out: Path
    as_of: date
    by: str
    pages: str = ""
    """The address at which the out folder can be read; empty: nowhere but in the folder."""


class Job:
    """A run on its way through the stages; each stage adds what it found, and the last one publishes it all."""

    def __init__(
        self,
        errand: Errand,
        plan: RunPlan,
        decided: Rulebook,
        change: store.Change,
        workshop: Workshop,
        listener: Listener,
    ) -> None:
        self.errand, self.plan, self.rulebook = errand, plan, decided
        self.change, self.workshop, self.listener = change, workshop, listener
        self.out, self.by, self.at = change.out, errand.by, AT.get() or begun_at()
        self.log = casefile.log_of(change, self.at, self.by)
        self.rules = program.now()
        lost = casefile.lost_lines(self.out, self.log)
        if lost:
            raise InputError(lost)
        if change.repaired:
            listener.say(change.repaired)
        self.begun = iter(READING.get())
        self.paths: list[Path] = []
        self.returns: list[Return] = []
        self.recount = second_reader.Recount((), workshop.readers)
        self.findings: list[Finding] = []
        self.results: list[GrantResult] = []
        self.standings: list[overview.Standing] = []
        self.commented: dict[str, bytes] = {}

    @property
    def has_blocking(self) -> bool:
        """Whether anything must be put right before the figures are whole."""
        found = [*self.rulebook.broken, *(f for result in self.results for f in result.findings)]
        return any(finding.severity is Severity.BLOCKING for finding in found)


# -- the stages ------------------------------------------------------------------------------------------------------


def _may_pass(task: object, task_run: object, state: State[object]) -> bool:  # noqa: ARG001
    """Whether what stopped a task may pass by itself: a folder that is briefly away, not our own faults."""
    try:
        state.result()
    except OSError as error:
        return not store.is_full(error)
    except Exception:
        return False
    return False


@task(name="Ta in redovisningar", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1, retry_condition_fn=_may_pass)
def take_in(job: Job) -> None:
    """Every file under the returns folder, read in child processes; retried when the folder can't be reached."""
    reading = next(job.begun, None) or intake.Intake.of(job.errand.returns, job.workshop.readers)
    read = reading.returns(lambda done, of: job.listener.stage(take_in.name, done, of))
    job.paths = [path for path, _ in read]
    gone = next((p for p in (job.errand.returns, *job.paths) if not p.exists() and not p.is_symlink()), None)
    if gone:  # a disk that was lost must not pass for boards that have sent nothing
        raise InputError(
            f"{gone} försvann medan redovisningarna lästes. Kontrollera att mappen går att nå och kör igen."
        )
    if not job.paths and any(event.kind == "taken_in" for event in job.log.events):
        raise InputError(
            f"{job.errand.returns} är tom, men det har funnits redovisningar där. Kontrollera att mappen är rätt och "
            "går att nå. Ska resultaten börja om från början, välj en annan mapp med --out."
        )
    job.returns = [placing.identify(returned, job.rulebook) for _, returned in read]


@task(name="Granska redovisningar", cache_policy=NO_CACHE)
def validate(job: Job) -> None:
    """The suites of expectations over all returns that may concern the run's grants, while others recount them."""
    read = zip(job.paths, job.returns, strict=True)
    job.recount = second_reader.Recount(
        (one for one in read if one[1].grant_id in job.plan.periods), job.workshop.readers
    )
    told = validation.validate_apart(job.returns, job.rulebook, job.plan, job.workshop.validator)
    job.findings = [*job.rulebook.broken, *waivers.waive(told, job.returns, job.rulebook, job.plan)]


@task(name="Stäm av", cache_policy=NO_CACHE)
def reconcile(job: Job) -> None:
    """Load the database's next version, and run the SQL steps and rules."""
    database = job.change.place(earlier_runs.DATABASE)
    database.unlink(missing_ok=True)
    if (job.out / earlier_runs.DATABASE).exists():
        earlier_runs.copy(job.out / earlier_runs.DATABASE, database)
    recounts = job.recount.totals()
    job.findings += second_reader.doubts(job.returns, job.findings, recounts, job.rulebook, job.plan)
    job.results = reconciliation.reconcile(database, job.rulebook, job.plan, job.returns, job.findings, recounts)


@task(name="Skriv rapporter", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1, retry_condition_fn=_may_pass)
def render(job: Job) -> None:
    """The reports of every grant, and each board's own workbook back; retried when a folder is briefly locked."""
    log = Log(job.log.events, job.log.text)
    casework.log_intake(log, job.at, job.by, job.results, job.rulebook.rules)
    results = [casework.log_result(log, job.at, job.by, result, job.rules) for result in job.results]
    for result in results:
        place = job.change.place(result.place)
        shutil.rmtree(place, ignore_errors=True)
        (place / "boards").mkdir(parents=True)
        workbooks = list(_annotated(job, result))
        report.render_grant(result, job.rulebook, deadlines.return_days(job.rulebook, result), place)
        second_proof.check_written((place / "reconciliation.json").read_bytes(), result)
        for file, name, workbook in workbooks:
            try:
                annotated = workbook.result()
            except Exception as error:  # a workbook that can be read but not written must not cost the reports
                if store.is_full(error):
                    raise
                job.listener.say(
                    f"Arbetsboken till {name} gick inte att kommentera. Nämndens anmärkningar står i dess HTML-sida."
                )
            else:
                (place / "boards" / name).write_bytes(annotated)
                job.commented[file] = annotated
        casework.log_written(log, job.at, job.by, result.grant.grant_id, result.place, place)
    database, index = job.change.current(earlier_runs.DATABASE), job.change.place(casefile.INDEX)
    job.standings = state_of_grants.standings(job.out, database, log, job.rulebook, job.plan.as_of, results)
    overview.render(job.standings, job.rulebook.broken, job.plan.as_of, index)
    casework.log_placed(log, job.at, job.by, casefile.INDEX, index)
    job.results, job.log = results, log


@task(name="Skriv brev", cache_policy=NO_CACHE)
def acknowledge(job: Job) -> None:
    """A letter to the sender of each return, the first time that it is read and when what is said of it changes."""
    read = [returned for returned in job.returns if returned.sha256]
    came = {returned.sha256: job.plan.as_of for returned in read}
    letters = acknowledgements.acknowledgements(job.results, read, job.rulebook, came, job.commented)
    casework.put_letters(job.change, job.log, job.at, job.by, letters)


@task(name="Publicera", cache_policy=NO_CACHE)
def publish(job: Job) -> None:
    """The database, the reports, the letters and the log's new lines take their places together."""
    program.now()  # what was changed meanwhile may be in some of it
    job.log.add(
        "run",
        job.at,
        by=job.by,
        what="Slutredovisning" if job.plan.is_final else "Kvartalsavstämning",
        flow=_flow_name(),
        as_of=job.plan.as_of,
        grants=[result.grant.grant_id for result in job.results],
        database=earlier_runs.digests(job.change.current(earlier_runs.DATABASE)),
        **job.rules.details(),
    )
    job.change.place(LOG).write_text(job.log.text, "utf-8")
    job.change.commit()
    _done(job)


def _annotated(job: Job, result: GrantResult) -> Iterator[tuple[str, str, "Future[bytes]"]]:
    """Each workbook that counts or is held, on its way back to its board with every finding on its cell."""
    sent = {returned.file: (returned, path) for returned, path in zip(job.returns, job.paths, strict=True)}
    used: set[str] = set()
    for sender in result.tables.sender:
        returned, path = sent[sender.file]
        content = path.read_bytes() if path.is_file() else b""
        if returned.kind != "xlsx" or hashlib.sha256(content).hexdigest() != returned.sha256:
            continue  # no workbook, or no longer the one that was read
        name = _unused(sender, used)
        used.add(name)
        told = [finding for finding in result.findings if finding.file == returned.file]
        yield returned.file, name, job.workshop.readers.submit(answer.of_return, content, told, returned)


def _unused(sender: Sender, used: set[str]) -> str:
    """BOARD.xlsx, BOARD-SENDER.xlsx for a predecessor; returns that tie are all held and get a number."""
    board = sender.board_id
    stem = board if sender.is_own else f"{board}-{sender.sender_id}"
    number = sum(name == f"{stem}.xlsx" or name.startswith(f"{stem}_") for name in used)
    return f"{stem}_{number + 1}.xlsx" if number else f"{stem}.xlsx"


@task(name="Visa läget", cache_policy=NO_CACHE)
def show_status(job: Job) -> None:
    """Each grant, and all of them, in Prefect's pages."""
    shelf = artifacts.Shelf(job.out, job.errand.pages)
    for result in job.results:
        artifacts.result(result, shelf)
    artifacts.standings(job.standings, job.rulebook.broken, job.plan.as_of, shelf, job.change.repaired)


STAGES = (take_in, validate, reconcile, render, acknowledge, publish, show_status)


# -- the flows -------------------------------------------------------------------------------------------------------

# On the page where a flow is started Prefect shows what its Args say of each parameter, and takes it from nowhere else.


SCHEDULED = "schemalagd körning"


@flow(name="quarterly_reconciliation", persist_result=False)
def quarterly_reconciliation(
    grants: list[str],
    returns: Path,
    data: Path,
    out: Path,
    as_of: date | None = None,
    by: str = SCHEDULED,
    pages: str = "",
) -> Job | None:
    """Kvartalsavstämningen: ta in, granska, stäm av och skriv rapporter.

    Args:
        grants: id på de statsbidrag som ska stämmas av; en tom lista betyder alla.
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        as_of: den dag som avstämningen görs per; utelämnad: dagen då flödet skulle köras.
        by: vem som kör, för händelseloggen.
        pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
    """
    return stages(Errand(grants, returns, data, out, as_of or scheduled_day(), by, pages), is_final=False)


@flow(name="year_end_report", persist_result=False)
def year_end_report(
    grants: list[str],
    returns: Path,
    data: Path,
    out: Path,
    as_of: date | None = None,
    by: str = SCHEDULED,
    pages: str = "",
    *,
    wait_for_decisions: bool = False,
) -> Job | None:
    """Årets återredovisning: samma väg som kvartalet, med slutredovisningens regler.

    Args:
        grants: id på de statsbidrag som ska redovisas; en tom lista betyder alla.
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        as_of: den dag som redovisningen görs per; utelämnad: dagen då flödet skulle köras.
        by: vem som kör, för händelseloggen; granskning och attest måste göras av andra.
        pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
        wait_for_decisions: vänta på att granskning och attest görs här i Prefect. Flödet läggs undan så länge och går
            vidare när någon har svarat.
    """
    errand = Errand(grants, returns, data, out, as_of or scheduled_day(), by, pages)
    asked = questions.last_asked()
    job = None if asked else stages(errand, is_final=True)
    if wait_for_decisions:
        desk, shelf = casefile.Desk(data, returns, out, begun_at()), artifacts.Shelf(out, pages)
        questions.go_on(desk, shelf, grants, errand.as_of, asked)
    return job


def stages(errand: Errand, *, is_final: bool) -> Job | None:
    """The run itself, from the returns to what is published; None when there is nothing to reconcile."""
    listener, errand = LISTENER.get() or artifacts.Listener(len(STAGES)), replace(errand, by=people.named(errand.by))
    store.must_lie_apart(errand.out, errand.returns, errand.data)
    if is_made(errand.out, errand.as_of):
        listener.say(already(errand.as_of))
        return None
    decided = data_folder.load(errand.data, errand.grants, errand.as_of)
    plan, waiting = plans.plan(decided, errand.grants, errand.as_of, is_final=is_final)
    for sentence in waiting:
        listener.say(sentence)
    if not plan.periods:
        _done(None)
        return None
    warmed = WORKSHOP.get()
    with store.Change(errand.out) as change, nullcontext(warmed) if warmed else Workshop() as workshop:
        job = Job(errand, plan, decided, change, workshop, listener)
        for stage in STAGES:
            listener.stage(stage.name)
            stage(job)
        listener.stage("Klart")
    return job


def _done(job: Job | None) -> None:
    """A flow has done what it is for, whatever becomes of Prefect afterwards."""
    done = DONE.get()
    if done is not None:
        done.append(job)


def begun_at() -> str:
    """When Prefect began this part of the flow run, in Swedish time; what is decided in it gets that moment."""
    run = FlowRunContext.get()
    state = run.flow_run.state if run and run.flow_run else None
    return swedish.here(state.timestamp).isoformat(timespec="seconds") if state else ""


def scheduled_day() -> date:
    """The day that the flow should have begun, in Swedish time, however late it did."""
    due: datetime = prefect.runtime.flow_run.scheduled_start_time
    return swedish.here(due).date()


def _flow_name() -> str:
    return str(prefect.runtime.flow_run.flow_name)


def is_made(out: Path, as_of: date) -> bool:
    """Whether a run that the schedule asks for stands in the log already: twice a day is once too many."""
    run = FlowRunContext.get()
    is_scheduled = bool(run and run.flow_run and run.flow_run.auto_scheduled)
    return is_scheduled and any(
        e.details["as_of"] == as_of.isoformat()
        for e in Log.read(out / LOG).events
        if e.details.get("flow") == _flow_name()
    )


def already(as_of: date) -> str:
    """That the flow is run already for a day, as a sentence."""
    return f"{_flow_name()} är redan körd för {as_of}."


def warm() -> None:
    """Load what the later stages need, while the server starts."""
    reconciliation.warm()
    report.warm()


def run(
    errand: Errand,
    *,
    is_final: bool,
    at: str,
    workshop: Workshop,
    reading: Iterable[intake.Intake],
    listener: Listener,
) -> Job | None:
    """Run a flow for somebody who waits; `at` is the moment for the log. None when there is nothing to reconcile.

    Raises InputError for what the person must put right before anything can run, Prefect's server among it. The
    heartbeat that finds dead scheduled runs is off: here somebody is waiting, and it rounds every flow up to a whole
    second.
    """
    done: list[Job | None] = []
    DONE.set(done)
    AT.set(at)
    WORKSHOP.set(workshop)
    READING.set(reading)
    LISTENER.set(listener)
    flow = year_end_report if is_final else quarterly_reconciliation
    try:
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), prefect_server.asked():
            return flow(errand.grants, errand.returns, errand.data, errand.out, errand.as_of, errand.by)
    except prefect_server.UnansweredError as error:
        if not done:
            raise InputError(f"{error} Inget i {errand.out} är ändrat. Kör samma kommando igen.") from None
        listener.say(f"{error} Körningen är ändå klar, och allt som den skulle skriva är skrivet.")
        return done[0]
