"""The Prefect flows: the only conductor. Stages in order, one task each; no arithmetic, no SQL, no frames here.

A run's things travel between tasks as one opaque `Job`, since Prefect walks and hashes every list it is handed.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import date
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from . import intake, report, rulebook, swedish, validation, warehouse
from .children import Workshop
from .model import RETURN_STATUS, Finding, GrantResult, Return, Rulebook, RunPlan, Severity

WORKSHOP: ContextVar[Workshop | None] = ContextVar("workshop", default=None)
"""Children that the caller has warmed; a flow without them starts its own."""
READING: ContextVar[Iterable[intake.Intake]] = ContextVar("reading", default=())
"""Reading that the caller has begun while Prefect started; taken once, so that a retry reads anew."""
SAY: ContextVar[Callable[[str], None]] = ContextVar("say", default=lambda _: None)
"""Where a flow tells a waiting person how far it has come."""


class Job:
    """A run on its way through the stages; each stage adds what it found."""

    def __init__(self, plan: RunPlan, decided: Rulebook, folders: tuple[Path, Path], workshop: Workshop) -> None:
        self.plan, self.rulebook, self.workshop = plan, decided, workshop
        self.returns_folder, self.out = folders
        self.begun = iter(READING.get())
        self.paths: list[Path] = []
        self.returns: list[Return] = []
        self.findings: list[Finding] = []
        self.results: list[GrantResult] = []

    @property
    def has_blocking(self) -> bool:
        """Whether anything must be put right before the figures are whole."""
        found = [*self.rulebook.broken, *(f for result in self.results for f in result.findings)]
        return any(finding.severity is Severity.BLOCKING for finding in found)


# -- the stages ------------------------------------------------------------------------------------------------------


@task(name="Ta in redovisningar", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1)
def take_in(job: Job) -> None:
    """Every file under the returns folder, read in child processes; retried when the folder can't be reached."""
    reading = next(job.begun, None) or intake.Intake.of(job.returns_folder, job.workshop.readers)
    read = reading.returns()
    job.paths = [path for path, _ in read]
    job.returns = [rulebook.identify(returned, job.rulebook) for _, returned in read]


@task(name="Granska redovisningar", cache_policy=NO_CACHE)
def validate(job: Job) -> None:
    """The suites of expectations over all returns that may concern the run's grants, together."""
    told = validation.validate_apart(job.returns, job.rulebook, job.plan, job.workshop.validator)
    job.findings = [*job.rulebook.broken, *rulebook.waive(told, job.rulebook, job.plan.as_of)]


@task(name="Stäm av", cache_policy=NO_CACHE)
def reconcile(job: Job) -> None:
    """Load, run the SQL steps and rules, and publish the database."""
    database = job.out / warehouse.DATABASE
    job.results = warehouse.reconcile(database, job.rulebook, job.plan, job.returns, job.findings)


@task(name="Skriv rapporter", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1)
def render(job: Job) -> None:
    """The reports of every grant, and each board's own workbook back; retried when a folder is briefly locked."""
    for result in job.results:
        place = job.out / result.place
        fresh = place.with_name(f".{place.name}.ny")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "boards").mkdir(parents=True)
        workbooks = list(_annotated(job, result))
        report.render_grant(result, job.rulebook, fresh)
        for name, workbook in workbooks:
            try:
                (fresh / "boards" / name).write_bytes(workbook.result())
            except Exception:  # a workbook that can be read but not written again must not cost the reports
                SAY.get()(
                    f"Arbetsboken till {name} gick inte att kommentera. Nämndens anmärkningar står i dess HTML-sida."
                )
        _swap(fresh, place)
    report.render_index(job.results, job.rulebook, job.rulebook.broken, job.out / "index.html")


def _annotated(job: Job, result: GrantResult) -> Iterator[tuple[str, "Future[bytes]"]]:
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
        yield name, job.workshop.readers.submit(place, content, told, returned.personal_numbers)


def _unused(sender: Mapping[str, str], used: set[str]) -> str:
    """BOARD.xlsx, BOARD-SENDER.xlsx for a predecessor; returns that tie are all held and get a number."""
    board = sender["board_id"]
    stem = board if sender["is_own"] else f"{board}-{sender['sender_id']}"
    number = sum(name == f"{stem}.xlsx" or name.startswith(f"{stem}_") for name in used)
    return f"{stem}_{number + 1}.xlsx" if number else f"{stem}.xlsx"


def _swap(fresh: Path, place: Path) -> None:
    """A finished folder takes the place of the one before."""
    old = place.with_name(f".{place.name}.gammal")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


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


@flow(name="quarterly_reconciliation")
def quarterly_reconciliation(grants: list[str], returns: Path, data: Path, out: Path, as_of: date) -> Job | None:
    """Kvartalsavstämningen: ta in, granska, stäm av och skriv rapporter.

    Args:
        grants: id på de statsbidrag som ska stämmas av; en tom lista betyder alla.
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        as_of: den dag som avstämningen görs per.
    """
    return _stages(grants, returns, data, out, as_of, is_final=False)


@flow(name="year_end_report")
def year_end_report(grants: list[str], returns: Path, data: Path, out: Path, as_of: date) -> Job | None:
    """Årets återredovisning: samma väg som kvartalet, med slutredovisningens regler.

    Args:
        grants: id på de statsbidrag som ska redovisas; en tom lista betyder alla.
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        as_of: den dag som redovisningen görs per.
    """
    return _stages(grants, returns, data, out, as_of, is_final=True)


def _stages(grants: list[str], returns: Path, data: Path, out: Path, as_of: date, *, is_final: bool) -> Job | None:
    decided = rulebook.load(data, grants, as_of)
    plan, waiting = rulebook.plan(decided, grants, as_of, is_final=is_final)
    say = SAY.get()
    for sentence in waiting:
        say(sentence)
    if not plan.periods:
        return None
    warmed = WORKSHOP.get()
    with warehouse.only_run(out), nullcontext(warmed) if warmed else Workshop() as workshop:
        job = Job(plan, decided, (returns, out), workshop)
        for stage in (take_in, validate, reconcile, render, show_status):
            say(f"{stage.name} …")
            stage(job)
    return job


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
    workshop: Workshop,
    reading: Iterable[intake.Intake],
    say: Callable[[str], None],
) -> Job | None:
    """Run a flow for somebody who waits; `folders` are returns, data and out. None when there is nothing to reconcile.

    Raises InputError for what the person must put right before anything can run. The heartbeat that finds dead
    scheduled runs is off: here somebody is waiting, and it rounds every flow up to a whole second.
    """
    returns, data, out = folders
    WORKSHOP.set(workshop)
    READING.set(reading)
    SAY.set(say)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return (year_end_report if is_final else quarterly_reconciliation)(grants, returns, data, out, as_of)
