"""The Prefect flows of a run. Stages in order, one task each; no arithmetic, no SQL, no frames here.

A run's things travel between tasks as one opaque `Job`, since Prefect walks and hashes every list it is handed.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import date, datetime
from itertools import dropwhile
from pathlib import Path
from typing import Literal

import prefect
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from pydantic import Field, ValidationError

from . import (
    casefile,
    casework,
    intake,
    overview,
    post,
    recount,
    report,
    rulebook,
    store,
    swedish,
    validation,
    warehouse,
)
from .audit import LOG, Log
from .children import Workshop
from .model import (
    RETURN_STATUS,
    Finding,
    Grant,
    GrantResult,
    InputError,
    ReportState,
    Return,
    Review,
    Rulebook,
    RunPlan,
    Severity,
)

WORKSHOP: ContextVar[Workshop | None] = ContextVar("workshop", default=None)
"""Children that the caller has warmed; a flow without them starts its own."""
READING: ContextVar[Iterable[intake.Intake]] = ContextVar("reading", default=())
"""Reading that the caller has begun while Prefect started; taken once, so that a retry reads anew."""
AT: ContextVar[str] = ContextVar("at", default="")
"""The moment that the audit log gets; when nobody says, it is when Prefect began the flow."""
SAY: ContextVar[Callable[[str], None]] = ContextVar("say", default=lambda _: None)
"""Where a flow tells a waiting person how far it has come."""


class Job:
    """A run on its way through the stages; each stage adds what it found, and the last one publishes it all."""

    def __init__(
        self,
        plan: RunPlan,
        decided: Rulebook,
        returns_folder: Path,
        change: store.Change,
        workshop: Workshop,
        by: str,
    ) -> None:
        self.plan, self.rulebook, self.workshop = plan, decided, workshop
        self.returns_folder, self.change, self.out = returns_folder, change, change.out
        self.log = Log.read(self.out / LOG)
        lost = casefile.lost_lines(self.out, self.log)
        if lost:
            raise InputError(lost)
        self.by, self.at = by, AT.get() or begun_at()
        self.begun = iter(READING.get())
        self.paths: list[Path] = []
        self.returns: list[Return] = []
        self.recount = recount.Recount((), workshop.readers)
        self.findings: list[Finding] = []
        self.results: list[GrantResult] = []
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
    reading = next(job.begun, None) or intake.Intake.of(job.returns_folder, job.workshop.readers)
    read = reading.returns()
    job.paths = [path for path, _ in read]
    job.returns = [rulebook.identify(returned, job.rulebook) for _, returned in read]


@task(name="Granska redovisningar", cache_policy=NO_CACHE)
def validate(job: Job) -> None:
    """The suites of expectations over all returns that may concern the run's grants, while others recount them."""
    read = zip(job.paths, job.returns, strict=True)
    job.recount = recount.Recount((one for one in read if one[1].grant_id in job.plan.periods), job.workshop.readers)
    told = validation.validate_apart(job.returns, job.rulebook, job.plan, job.workshop.validator)
    job.findings = [*job.rulebook.broken, *rulebook.waive(told, job.rulebook, job.plan.as_of)]


@task(name="Stäm av", cache_policy=NO_CACHE)
def reconcile(job: Job) -> None:
    """Load the database's next version, and run the SQL steps and rules."""
    database = job.change.place(warehouse.DATABASE)
    database.unlink(missing_ok=True)
    if (job.out / warehouse.DATABASE).exists():
        shutil.copyfile(job.out / warehouse.DATABASE, database)
    recounts = job.recount.totals()
    job.results = warehouse.reconcile(database, job.rulebook, job.plan, job.returns, job.findings, recounts)


@task(name="Skriv rapporter", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1, retry_condition_fn=_may_pass)
def render(job: Job) -> None:
    """The reports of every grant, and each board's own workbook back; retried when a folder is briefly locked."""
    log = Log(job.log.events, job.log.text)
    casework.log_intake(log, job.at, job.by, job.results, job.rulebook.rules)
    results = [casework.log_result(log, job.at, job.by, result) for result in job.results]
    for result in results:
        place = job.change.place(result.place)
        shutil.rmtree(place, ignore_errors=True)
        (place / "boards").mkdir(parents=True)
        workbooks = list(_annotated(job, result))
        report.render_grant(result, job.rulebook, place)
        recount.check_written((place / "reconciliation.json").read_bytes(), result)
        for file, name, workbook in workbooks:
            try:
                annotated = workbook.result()
            except Exception as error:  # a workbook that can be read but not written must not cost the reports
                if store.is_full(error):
                    raise
                SAY.get()(
                    f"Arbetsboken till {name} gick inte att kommentera. Nämndens anmärkningar står i dess HTML-sida."
                )
            else:
                (place / "boards" / name).write_bytes(annotated)
                job.commented[file] = annotated
        casework.log_written(log, job.at, job.by, result.grant.grant_id, result.place, place)
    database, index = job.change.current(warehouse.DATABASE), job.change.place("index.html")
    standings = casefile.standings(database, log, job.rulebook, job.plan.as_of, results)
    overview.render(standings, job.rulebook.broken, job.plan.as_of, index)
    job.results, job.log = results, log


@task(name="Publicera", cache_policy=NO_CACHE)
def publish(job: Job) -> None:
    """The database, the reports and the log's new lines take their places together."""
    job.log.add(
        "run",
        job.at,
        by=job.by,
        what="Slutredovisning" if job.plan.is_final else "Kvartalsavstämning",
        flow=_flow_name(),
        as_of=job.plan.as_of,
        grants=[result.grant.grant_id for result in job.results],
        database=warehouse.digests(job.change.current(warehouse.DATABASE)),
    )
    job.change.place(LOG).write_text(job.log.text, "utf-8")
    job.change.commit()


@task(name="Skriv brev", cache_policy=NO_CACHE)
def acknowledge(job: Job) -> None:
    """A letter to the sender of each return, the first time that it is read and when what is said of it changes."""
    read = [returned for returned in job.returns if returned.sha256]
    came = {returned.sha256: job.plan.as_of for returned in read}
    post.put(job.out, post.acknowledgements(job.results, read, job.rulebook, came, job.commented))


def _annotated(job: Job, result: GrantResult) -> Iterator[tuple[str, str, "Future[bytes]"]]:
    """Each workbook that counts or is held, on its way back to its board with every finding on its cell."""
    sent = {returned.file: (returned, path) for returned, path in zip(job.returns, job.paths, strict=True)}
    used: set[str] = set()
    for sender in result.tables["sender"]:
        returned, path = sent[sender["file"]]
        content = path.read_bytes() if path.is_file() else b""
        if returned.kind != "xlsx" or hashlib.sha256(content).hexdigest() != returned.sha256:
            continue  # no workbook, or no longer the one that was read
        name = _unused(sender, used)
        used.add(name)
        told = [finding for finding in result.findings if finding.file == returned.file]
        place = "statsbidrag.workbook:annotate"
        yield returned.file, name, job.workshop.readers.submit(place, content, told, returned.personal_numbers)


def _unused(sender: Mapping[str, str], used: set[str]) -> str:
    """BOARD.xlsx, BOARD-SENDER.xlsx for a predecessor; returns that tie are all held and get a number."""
    board = sender["board_id"]
    stem = board if sender["is_own"] else f"{board}-{sender['sender_id']}"
    number = sum(name == f"{stem}.xlsx" or name.startswith(f"{stem}_") for name in used)
    return f"{stem}_{number + 1}.xlsx" if number else f"{stem}.xlsx"


@task(name="Visa läget", cache_policy=NO_CACHE)
def show_status(job: Job) -> None:
    """The boards' status as a table in the Prefect UI."""
    for result in job.results:
        create_table_artifact(
            key=f"lage-{result.grant.grant_id}",
            table=[
                {
                    "Nämnd": board["name"],
                    "Redovisning": RETURN_STATUS[board["return_status"]],
                    "Tilldelat": swedish.say(board["allocated_sek"]),
                    "Förbrukat": swedish.say(board["eligible_sek"]),
                    "Att återbetala": swedish.say(board["liability_sek"]),
                }
                for board in result.tables["board"]
            ],
            description=f"{result.grant.name}, till och med {result.period_end}",
        )


# -- the flows -------------------------------------------------------------------------------------------------------


SCHEDULED = "schemalagd körning"


@flow(name="quarterly_reconciliation", persist_result=False)
def quarterly_reconciliation(
    grants: list[str], returns: Path, data: Path, out: Path, as_of: date | None = None, by: str = SCHEDULED
) -> Job | None:
    """Kvartalsavstämningen: ta in, granska, stäm av och skriv rapporter.

    Args:
        grants: id på de statsbidrag som ska stämmas av; en tom lista betyder alla.
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        as_of: den dag som avstämningen görs per; utelämnad: dagen då flödet skulle köras.
        by: vem som kör, för händelseloggen.
    """
    return stages(grants, returns, data, out, as_of or scheduled_day(), by, is_final=False)


@flow(name="year_end_report", persist_result=False)
def year_end_report(
    grants: list[str],
    returns: Path,
    data: Path,
    out: Path,
    as_of: date | None = None,
    by: str = SCHEDULED,
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
        wait_for_decisions: vänta på att granskning och attest görs här i Prefect. Flödet läggs undan så länge och går
            vidare när någon har svarat.
    """
    asked, day = _asked(), as_of or scheduled_day()
    job = None if asked else stages(grants, returns, data, out, day, by, is_final=True)
    if wait_for_decisions:
        _decisions(casefile.Desk(data, returns, out, begun_at()), grants, day, asked)
    return job


class Decision(RunInput):
    """Svaret från den som granskar eller attesterar."""

    verdict: Literal["godkänn", "återlämna"] = Field(title="Beslut")
    by: str = Field(
        title="Namn",
        description="Den som granskar får inte ha kört rapporten. Den som attesterar får varken ha kört eller "
        "granskat den.",
    )
    on: date = Field(title="Dag för beslutet")
    why: str = Field(
        "", title="Skäl", description="Måste anges om rapporten återlämnas eller om något belopp inte är avgjort."
    )


_QUESTIONS = {ReportState.DRAFT: ("reviewed", "Granska"), ReportState.REVIEWED: ("attested", "Attestera")}


def _decisions(desk: casefile.Desk, grants: list[str], as_of: date, asked: str | None) -> None:
    """Take the answer that the flow was laid aside for, if any, and ask the next question, grant by grant.

    Prefect runs the flow from its start each time somebody has answered, so each call asks once at most. What has been
    decided is read from the audit log, where a decision that was taken on the command line meanwhile also stands.
    """
    decided = rulebook.load(desk.data, grants, as_of)
    plan, _ = rulebook.plan(decided, grants, as_of, is_final=True)
    grant_asked = asked and asked.split("-", 4)[4]
    for grant_id in dropwhile(lambda grant_id: grant_asked not in {None, grant_id}, plan.periods):
        refused = ""
        if asked and grant_id == grant_asked:
            try:
                if _take_answer(desk, grant_id, asked) == "återlämna":
                    continue
            except InputError as error:
                # The sentences are those of the command line, whose options are fields here.
                refused = f"**Det förra svaret användes inte.** {re.sub(' med --[a-z]+', '', str(error))}"
        _ask(desk, decided.grant(grant_id), refused)


def _asked() -> str | None:
    """The key of the question that this flow run was last laid aside for; None when it begins or begins again."""
    return max(_questions(), key=lambda key: int(key.split("-")[1]), default=None)


def _questions() -> set[str]:
    run = FlowRunContext.get()
    return (run.flow_run.empirical_policy.pause_keys if run and run.flow_run else None) or set()


def _ask(desk: casefile.Desk, grant: Grant, refused: str) -> None:
    """Lay the flow aside until somebody has reviewed or attested; nothing when neither remains to be done.

    The key counts the times that the flow was begun anew and the questions since, so that none gets an old answer.
    """
    review = casefile.standing(desk.out, grant.grant_id)
    if review is None or review.state not in _QUESTIONS:
        return
    _, verb = _QUESTIONS[review.state]
    path = desk.out / grant.grant_id / "slutlig" / "aterrapport.html"
    history = [f"Rapporten kördes av {review.run_by}."]
    history += [f"Den är {act.state} {act.on} av {act.by}." for act in review.acts]
    lines = (refused, f"**{verb}** {grant.name}. {' '.join(history)}", f"`{path}`")
    number = f"{prefect.runtime.flow_run.run_count}-{len(_questions()) + 1}"
    suspend_flow_run(
        wait_for_input=Decision.with_initial_data(description="\n\n".join(filter(None, lines))),
        key=f"{number}-{_question(review)}-{grant.grant_id}",
    )


def _question(review: Review) -> str:
    """What is asked about a report: the step, and the figures that it binds to."""
    kind, _ = _QUESTIONS.get(review.state, ("none", ""))
    return f"{kind}-{review.figures_sha256[:12]}"


def _take_answer(desk: casefile.Desk, grant_id: str, asked: str) -> str:
    """Do what the answer to a question says, and give its verdict. Raises InputError when it can't be done."""
    try:
        answer = suspend_flow_run(wait_for_input=Decision, key=asked)
    except ValidationError:
        raise InputError("Dagen för beslutet gick inte att läsa. Skriv som 2023-12-31.") from None
    review = casefile.standing(desk.out, grant_id)
    if review is None or _question(review) not in asked:
        raise InputError("Rapporten har ändrats eller beslutats på annat håll sedan frågan ställdes.")
    if answer.verdict == "godkänn":
        kind = "reviewed" if review.state is ReportState.DRAFT else "attested"
        casework.decide(desk, grant_id, kind, answer.by, answer.on, answer.why or None)
    elif review.state is not ReportState.DRAFT:
        casework.decide(desk, grant_id, "returned", answer.by, answer.on, answer.why or None)
    elif not answer.why:
        raise InputError("Ange varför rapporten återlämnas.")
    told = f"{grant_id}: {answer.verdict} av {answer.by} {answer.on}. {answer.why}"
    create_markdown_artifact(key=f"beslut-{grant_id}", markdown=told.strip(), description="Beslut om slutrapporten")
    return answer.verdict


def stages(
    grants: list[str], returns: Path, data: Path, out: Path, as_of: date, by: str, *, is_final: bool
) -> Job | None:
    """The run itself, from the returns to what is published; None when there is nothing to reconcile."""
    if _is_made(out, as_of):
        SAY.get()(f"{_flow_name()} är redan körd för {as_of}.")
        return None
    decided = rulebook.load(data, grants, as_of)
    plan, waiting = rulebook.plan(decided, grants, as_of, is_final=is_final)
    say = SAY.get()
    for sentence in waiting:
        say(sentence)
    if not plan.periods:
        return None
    warmed = WORKSHOP.get()
    with store.Change(out) as change, nullcontext(warmed) if warmed else Workshop() as workshop:
        job = Job(plan, decided, returns, change, workshop, by)
        for stage in (take_in, validate, reconcile, render, publish, acknowledge, show_status):
            say(f"{stage.name} …")
            stage(job)
    return job


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


def _is_made(out: Path, as_of: date) -> bool:
    """Whether a run that the schedule asks for stands in the log already: twice a day is once too many."""
    run = FlowRunContext.get()
    is_scheduled = bool(run and run.flow_run and run.flow_run.auto_scheduled)
    return is_scheduled and Log.read(out / LOG).has("run", flow=_flow_name(), as_of=as_of)


def warm() -> None:
    """Load what the later stages need, while the server starts."""
    warehouse.warm()
    report.warm()


def run(
    grants: list[str],
    folders: tuple[Path, Path, Path],
    as_of: date,
    *,
    is_final: bool,
    who: tuple[str, str],
    workshop: Workshop,
    reading: Iterable[intake.Intake],
    say: Callable[[str], None],
) -> Job | None:
    """Run a flow for somebody who waits; `folders` are returns, data and out, `who` is the person and the moment.

    None when there is nothing to reconcile.

    Raises InputError for what the person must put right before anything can run. The heartbeat that finds dead
    scheduled runs is off: here somebody is waiting, and it rounds every flow up to a whole second.
    """
    returns, data, out = folders
    by, at = who
    AT.set(at)
    WORKSHOP.set(workshop)
    READING.set(reading)
    SAY.set(say)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return (year_end_report if is_final else quarterly_reconciliation)(grants, returns, data, out, as_of, by)
