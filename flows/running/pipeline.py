"""The Prefect flows of a run. Stages in order, one task each; no arithmetic, no SQL, no frames here.

What is found out is frozen and goes from each stage to those after it; see `way`.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import prefect
from prefect import Flow, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from ..base import program, swedish
from ..base.errors import InputError
from ..base.folders import Folders
from ..case import casefile, casework, people, state_of_grants, store
from ..case.audit_log import LOG, Log
from ..decisions import data_folder, plans
from ..documents import report, second_proof
from ..model.findings import Severity
from ..model.rulebook import Rulebook, RunPlan
from ..money import earlier_runs, reconciliation
from ..money.results import GrantResult
from ..money.tables import Sender
from ..returns import (
    answer,
)
from ..returns.intake import Intake
from ..returns.workshop import Workshop
from ..year import acknowledgements, deadlines, overview
from . import artifacts, prefect_server, questions, way
from .way import Judged, Taken

T = TypeVar("T")


class Listener(Protocol):
    """Whoever waits for a run, at a terminal or in Prefect's pages."""

    def say(self, sentence: str) -> None:
        """Something that a person must know."""

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are."""


@dataclass(frozen=True)
class Caller:
    """Somebody who waits for a run, and what has been made ready while Prefect started."""

    at: str
    """The moment that the log gets."""
    workshop: Workshop
    """Children that are warm."""
    reading: Iterator[Intake]
    """Reading that has begun; taken once, so that a retry reads anew."""
    listener: Listener
    done: Callable[["Ran | None"], None]
    """Hears what the flow has come to as soon as it stands in the out folder, whatever becomes of Prefect later."""


@dataclass(frozen=True)
class Errand(Folders):
    """What a run is to do: which grants (none: all), with which folders, as of which day, and who asked for it."""

    grants: list[str]
    as_of: date
    by: str
    pages: str = ""
    """The address at which the out folder can be read; empty: nowhere but in the folder."""


@dataclass(frozen=True)
class Run:
    """A run that has begun: what it is to do, what was decided, and the change of the out folder that it prepares."""

    errand: Errand
    plan: RunPlan
    decided: Rulebook
    change: store.Change
    log: Log
    rules: program.Rules
    at: str
    workshop: Workshop
    reading: Iterator[Intake]
    listener: Listener
    done: Callable[["Ran | None"], None]


@dataclass(frozen=True)
class Rendered:
    """What a run has found out, as it stands in the reports; the log with what has been written so far."""

    results: tuple[GrantResult, ...]
    standings: tuple[overview.Standing, ...]
    commented: Mapping[str, bytes]
    """The boards' own workbooks with findings as comments, by `Return.file`."""
    log: Log


@dataclass(frozen=True)
class Ran:
    """What a run has come to."""

    decided: Rulebook
    out: Path
    results: tuple[GrantResult, ...]
    standings: tuple[overview.Standing, ...]

    @property
    def has_blocking(self) -> bool:
        """Whether anything must be put right before the figures are whole."""
        found = [*self.decided.broken, *(f for result in self.results for f in result.findings)]
        return any(finding.severity is Severity.BLOCKING for finding in found)


class Parcel(Generic[T]):
    """What travels between tasks: Prefect walks and hashes all that it can look into, and can't look into this."""

    __slots__ = ("content",)

    def __init__(self, content: T) -> None:
        self.content = content


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
def take_in(parcel: Parcel[Run]) -> Parcel[Taken]:
    """Every file under the returns folder, read in child processes; retried when the folder can't be reached."""
    run = parcel.content
    folder = run.errand.returns
    reading = next(run.reading, None) or Intake.of(folder, run.workshop.readers)
    taken = way.take_in(reading, run.decided, lambda done, of: run.listener.stage(take_in.name, done, of))
    gone = next((p for p in (folder, *taken.paths) if not p.exists() and not p.is_symlink()), None)
    if gone:  # a disk that was lost must not pass for boards that have sent nothing
        raise InputError(
            f"{gone} försvann medan redovisningarna lästes. Kontrollera att mappen går att nå och kör igen."
        )
    if not taken.paths and any(event.kind == "taken_in" for event in run.log.events):
        raise InputError(
            f"{folder} är tom, men det har funnits redovisningar där. Kontrollera att mappen är rätt och "
            "går att nå. Ska resultaten börja om från början, välj en annan mapp med --out."
        )
    return Parcel(taken)


@task(name="Granska redovisningar", cache_policy=NO_CACHE)
def validate(parcel: Parcel[Run], taken: Parcel[Taken]) -> Parcel[Judged]:
    """The suites of expectations over all returns that may concern the run's grants, while others recount them."""
    run = parcel.content
    return Parcel(way.judge(taken.content, run.decided, run.plan, run.workshop))


@task(name="Stäm av", cache_policy=NO_CACHE)
def reconcile(parcel: Parcel[Run], judged: Parcel[Judged]) -> Parcel[list[GrantResult]]:
    """Load the database's next version, and run the SQL steps and rules."""
    run = parcel.content
    before, database = run.errand.out / earlier_runs.DATABASE, run.change.place(earlier_runs.DATABASE)
    database.unlink(missing_ok=True)
    if before.exists():
        earlier_runs.copy(before, database)
    return Parcel(way.reconcile(judged.content, run.decided, run.plan, database))


@task(name="Skriv rapporter", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1, retry_condition_fn=_may_pass)
def render(parcel: Parcel[Run], taken: Parcel[Taken], reckoned: Parcel[list[GrantResult]]) -> Parcel[Rendered]:
    """The reports of every grant, and each board's own workbook back; retried when a folder is briefly locked."""
    run, by = parcel.content, parcel.content.errand.by
    log = Log(run.log.events, run.log.text)
    casework.log_intake(log, run.at, by, reckoned.content, run.decided.rules)
    results = tuple(casework.log_result(log, run.at, by, result, run.rules) for result in reckoned.content)
    commented: dict[str, bytes] = {}
    for result in results:
        place = run.change.place(result.place)
        shutil.rmtree(place, ignore_errors=True)
        (place / "boards").mkdir(parents=True)
        workbooks = list(_annotated(run, taken.content, result))
        report.render_grant(result, run.decided, deadlines.return_days(run.decided, result), place)
        second_proof.check_written((place / "reconciliation.json").read_bytes(), result)
        for file, name, workbook in workbooks:
            try:
                annotated = workbook.result()
            except Exception as error:  # a workbook that can be read but not written must not cost the reports
                if store.is_full(error):
                    raise
                run.listener.say(
                    f"Arbetsboken till {name} gick inte att kommentera. Nämndens anmärkningar står i dess HTML-sida."
                )
            else:
                (place / "boards" / name).write_bytes(annotated)
                commented[file] = annotated
        casework.log_written(log, run.at, by, result.grant.grant_id, result.place, place)
    out, database = run.errand.out, run.change.current(earlier_runs.DATABASE)
    standings = state_of_grants.standings(out, database, log, run.decided, run.plan.as_of, results)
    index = run.change.place(casefile.INDEX)
    overview.render(standings, run.decided.broken, run.plan.as_of, index)
    casework.log_placed(log, run.at, by, casefile.INDEX, index)
    return Parcel(Rendered(results, tuple(standings), commented, log))


@task(name="Skriv brev", cache_policy=NO_CACHE)
def acknowledge(parcel: Parcel[Run], taken: Parcel[Taken], rendered: Parcel[Rendered]) -> None:
    """A letter to the sender of each return, the first time that it is read and when what is said of it changes."""
    run, found = parcel.content, rendered.content
    read = [returned for returned in taken.content.returns if returned.sha256]
    came = {returned.sha256: run.plan.as_of for returned in read}
    letters = acknowledgements.acknowledgements(found.results, read, run.decided, came, found.commented)
    casework.put_letters(run.change, found.log, run.at, run.errand.by, letters)


@task(name="Publicera", cache_policy=NO_CACHE)
def publish(parcel: Parcel[Run], rendered: Parcel[Rendered]) -> Parcel[Ran]:
    """The database, the reports, the letters and the log's new lines take their places together."""
    run, found = parcel.content, rendered.content
    program.now()  # what was changed meanwhile may be in some of it
    found.log.add(
        "run",
        run.at,
        by=run.errand.by,
        what="Slutredovisning" if run.plan.is_final else "Kvartalsavstämning",
        flow=_flow_name(),
        as_of=run.plan.as_of,
        grants=[result.grant.grant_id for result in found.results],
        database=earlier_runs.digests(run.change.current(earlier_runs.DATABASE)),
        **run.rules.details(),
    )
    casework.publish(run.change, found.log)
    ran = Ran(run.decided, run.errand.out, found.results, found.standings)
    run.done(ran)
    return Parcel(ran)


def _annotated(run: Run, taken: Taken, result: GrantResult) -> Iterator[tuple[str, str, "Future[bytes]"]]:
    """Each workbook that counts or is held, on its way back to its board with every finding on its cell."""
    sent = {returned.file: (returned, path) for returned, path in zip(taken.returns, taken.paths, strict=True)}
    used: set[str] = set()
    for sender in result.tables.sender:
        returned, path = sent[sender.file]
        content = path.read_bytes() if path.is_file() else b""
        if returned.kind != "xlsx" or hashlib.sha256(content).hexdigest() != returned.sha256:
            continue  # no workbook, or no longer the one that was read
        name = _unused(sender, used)
        used.add(name)
        told = [finding for finding in result.findings if finding.file == returned.file]
        yield returned.file, name, run.workshop.readers.submit(answer.of_return, content, told, returned)


def _unused(sender: Sender, used: set[str]) -> str:
    """BOARD.xlsx, BOARD-SENDER.xlsx for a predecessor; returns that tie are all held and get a number."""
    board = sender.board_id
    stem = board if sender.is_own else f"{board}-{sender.sender_id}"
    number = sum(name == f"{stem}.xlsx" or name.startswith(f"{stem}_") for name in used)
    return f"{stem}_{number + 1}.xlsx" if number else f"{stem}.xlsx"


@task(name="Visa läget", cache_policy=NO_CACHE)
def show_status(parcel: Parcel[Run], rendered: Parcel[Rendered]) -> None:
    """Each grant, and all of them, in Prefect's pages."""
    run, found = parcel.content, rendered.content
    shelf = artifacts.Shelf(run.errand.out, run.errand.pages)
    for result in found.results:
        artifacts.result(result, shelf)
    artifacts.standings(found.standings, run.decided.broken, run.plan.as_of, shelf, run.change.repaired)


STAGES = (take_in, validate, reconcile, render, acknowledge, publish, show_status)


# -- the flows -------------------------------------------------------------------------------------------------------

# On the page where a flow is started Prefect shows what its Args say of each parameter, and takes it from nowhere else.


SCHEDULED = "schemalagd körning"


def _quarterly(caller: Caller | None) -> Flow[..., Ran | None]:
    """The quarter's flow, for somebody who waits or for nobody."""

    @flow(name="quarterly_reconciliation", persist_result=False)
    def quarterly_reconciliation(
        grants: list[str],
        returns: Path,
        data: Path,
        out: Path,
        as_of: date | None = None,
        by: str = SCHEDULED,
        pages: str = "",
    ) -> Ran | None:
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
        errand = Errand(data, returns, out, grants, as_of or scheduled_day(), by, pages)
        return stages(errand, is_final=False, caller=caller)

    return quarterly_reconciliation


def _year_end(caller: Caller | None) -> Flow[..., Ran | None]:
    """The year's flow, for somebody who waits or for nobody."""

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
    ) -> Ran | None:
        """Årets återredovisning: samma väg som kvartalet, med slutredovisningens regler.

        Args:
            grants: id på de statsbidrag som ska redovisas; en tom lista betyder alla.
            returns: mappen med nämndernas redovisningar.
            data: mappen med nämnder och bidrag.
            out: mappen där rapporterna läggs.
            as_of: den dag som redovisningen görs per; utelämnad: dagen då flödet skulle köras.
            by: vem som kör, för händelseloggen; granskning och attest måste göras av andra.
            pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
            wait_for_decisions: vänta på att granskning och attest görs här i Prefect. Flödet läggs undan så länge och
                går vidare när någon har svarat.
        """
        errand = Errand(data, returns, out, grants, as_of or scheduled_day(), by, pages)
        asked = questions.last_asked()
        ran = None if asked else stages(errand, is_final=True, caller=caller)
        if wait_for_decisions:
            desk, shelf = casefile.Desk(data, returns, out, begun_at()), artifacts.Shelf(out, pages)
            questions.go_on(desk, shelf, grants, errand.as_of, asked)
        return ran

    return year_end_report


quarterly_reconciliation, year_end_report = _quarterly(None), _year_end(None)
"""The flows that the schedule and Prefect's pages start."""


def stages(errand: Errand, *, is_final: bool, caller: Caller | None = None) -> Ran | None:
    """The run itself, from the returns to what is published; None when there is nothing to reconcile."""
    listener = caller.listener if caller else artifacts.Listener(len(STAGES))
    errand = replace(errand, by=people.named(errand.by))
    store.must_lie_apart(errand.out, errand.returns, errand.data)
    if is_made(errand.out, errand.as_of):
        listener.say(already(errand.as_of))
        return None
    decided = data_folder.load(errand.data, errand.grants, errand.as_of)
    plan, waiting = plans.plan(decided, errand.grants, errand.as_of, is_final=is_final)
    for sentence in waiting:
        listener.say(sentence)
    if not plan.periods:
        if caller:
            caller.done(None)
        return None
    with store.Change(errand.out) as change, nullcontext(caller.workshop) if caller else Workshop() as workshop:
        at = caller.at if caller and caller.at else begun_at()
        run = Run(
            errand=errand,
            plan=plan,
            decided=decided,
            change=change,
            log=_log_of(change, at, errand),
            rules=program.now(),
            at=at,
            workshop=workshop,
            reading=caller.reading if caller else iter(()),
            listener=listener,
            done=caller.done if caller else lambda _: None,
        )
        if change.repaired:
            listener.say(change.repaired)
        return _staged(run)


def _log_of(change: store.Change, at: str, errand: Errand) -> Log:
    """The log that the run goes on from. Raises InputError when lines of it have been taken away."""
    log = casefile.log_of(change, at, errand.by)
    lost = casefile.lost_lines(errand.out, log)
    if lost:
        raise InputError(lost)
    return log


def _staged(begun: Run) -> Ran:
    """One stage after the other, each given what those before it have found."""

    run, tell = Parcel(begun), begun.listener.stage
    tell(take_in.name)
    taken = take_in(run)
    tell(validate.name)
    judged = validate(run, taken)
    tell(reconcile.name)
    reckoned = reconcile(run, judged)
    tell(render.name)
    rendered = render(run, taken, reckoned)
    tell(acknowledge.name)
    acknowledge(run, taken, rendered)
    tell(publish.name)
    ran = publish(run, rendered)
    tell(show_status.name)
    show_status(run, rendered)
    tell("Klart")
    return ran.content


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
    reading: Iterable[Intake],
    listener: Listener,
) -> Ran | None:
    """Run a flow for somebody who waits; `at` is the moment for the log. None when there is nothing to reconcile.

    Raises InputError for what the person must put right before anything can run, Prefect's server among it. The
    heartbeat that finds dead scheduled runs is off: here somebody is waiting, and it rounds every flow up to a whole
    second.
    """
    done: list[Ran | None] = []
    caller = Caller(at, workshop, iter(reading), listener, done.append)
    flow = _year_end(caller) if is_final else _quarterly(caller)
    try:
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), prefect_server.asked():
            return flow(errand.grants, errand.returns, errand.data, errand.out, errand.as_of, errand.by)
    except prefect_server.UnansweredError as error:
        if not done:
            raise InputError(f"{error} Inget i {errand.out} är ändrat. Kör samma kommando igen.") from None
        listener.say(f"{error} Körningen är ändå klar, och allt som den skulle skriva är skrivet.")
        return done[0]
