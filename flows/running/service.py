"""What runs by the clock: the watches, what was missed while the machine was off, and the command
that keeps it all.

Alone, with `pipeline`, imports prefect. The days are counted in Swedish time; a run that is already
in the audit log for its day is not made again.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from ..base import swedish
from ..base.errors import InputError
from ..base.folders import Folders
from ..case import casefile, store
from ..case.audit_log import LOG, Log
from ..model.case import SCHEDULED
from ..year import mail_settings, sending
from . import arrivals, artifacts, ending, moments, pipeline, prefect_answers, watch
from .errand import Errand

HOUR = 6
"""When the scheduled flows run, by the clock on the wall; no change of clocks falls on it."""


@dataclass(frozen=True)
class Schedule:
    """The days on which a flow runs: a day of some months, or some days of every week (0 is
    Monday)."""

    day: int | None = None
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()

    @property
    def cron(self) -> str:
        """As Prefect is told; its weekdays begin with Sunday."""
        day = self.day or "*"
        months = ",".join(str(month) for month in self.months) or "*"
        weekdays = ",".join(str(weekday + 1) for weekday in self.weekdays) or "*"
        return f"0 {HOUR} {day} {months} {weekdays}"

    def has(self, day: date) -> bool:
        """Whether the flow runs on a day."""
        if self.day is not None and day.day != self.day:
            return False
        if self.months and day.month not in self.months:
            return False
        return not self.weekdays or day.weekday() in self.weekdays


SCHEDULES: Mapping[str, Schedule] = {
    "quarterly_reconciliation": Schedule(day=15, months=(1, 4, 7, 10)),
    "unspent_watch": Schedule(weekdays=(0,)),
    "deadline_watch": Schedule(weekdays=(0, 1, 2, 3, 4)),
}


# -- the watches -----------------------------------------------------------------------------------


@flow(name="unspent_watch")
def unspent_watch(
    returns: Path,
    data: Path,
    out: Path,
    post_settings: Path | None = None,
    as_of: date | None = None,
    pages: str = "",
) -> None:
    """Bevakning av medel som riskerar att bli oanvända: tar in nya redovisningar, stämmer av och
    säger vilka nämnder.

    Args:
        returns: mappen med nämndernas redovisningar.
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        post_settings: fil med inställningar för e-post; utan den blir breven liggande som utkast i
            utkorgen.
        as_of: den dag som gäller; utelämnad: dagen då flödet skulle köras.
        pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
    """
    day = as_of or moments.scheduled_day()
    errand = Errand(data, returns, out, [], day, SCHEDULED, pages)
    ran = pipeline.carry_out(errand, is_final=False)
    if ran:
        artifacts.unspent(ran.standings, day, artifacts.Shelf(out, pages))
    send_letters(out, post_settings)


@flow(name="deadline_watch")
def deadline_watch(
    data: Path,
    out: Path,
    post_settings: Path | None = None,
    as_of: date | None = None,
    pages: str = "",
) -> None:
    """Bevakning av frister: kalendrar, påminnelser till dem som inte har redovisat, och översikten
    som den är i dag.

    Args:
        data: mappen med nämnder och bidrag.
        out: mappen där rapporterna läggs.
        post_settings: fil med inställningar för e-post; utan den blir breven liggande som utkast i
            utkorgen.
        as_of: den dag som gäller; utelämnad: dagen då flödet skulle köras.
        pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
    """
    day = as_of or moments.scheduled_day()
    if moments.is_made(out, day):
        get_run_logger().info(moments.already(day))
        return
    occasion = casefile.Occasion(data, Path(), out, moments.begun_at())
    watched = watch.look(occasion, day, SCHEDULED)
    shelf = artifacts.Shelf(out, pages)
    artifacts.deadlines(watched.deadlines, watched.letters, day, shelf)
    artifacts.standings(watched.standings, watched.broken, day, shelf, watched.repaired)
    send_letters(out, post_settings)


def send_letters(out: Path, post_settings: Path | None) -> None:
    """Send what lies in the outbox, when there are settings to send by, and say what was and wasn't
    sent.

    Letters never stop a flow: what it is for is done by then, and what keeps them from being sent
    is said.
    """
    if post_settings is None:
        return
    try:
        settings = mail_settings.settings(post_settings)
        if settings is None:
            return
        at = datetime.fromisoformat(moments.begun_at())
        sentences = sending.send(out, settings, at).sentences
    except InputError as error:
        sentences = (f"Breven skickades inte. {error}",)
        get_run_logger().warning(sentences[0])
    if sentences:
        artifacts.sent(sentences)


# -- by the clock ----------------------------------------------------------------------------------


def last_due(name: str, now: datetime) -> date:
    """The last day on or before a moment on which a scheduled flow should have begun."""
    on_the_wall = swedish.swedish_time(now)
    day = on_the_wall.date()
    if on_the_wall.hour < HOUR:
        day -= timedelta(days=1)
    while not SCHEDULES[name].has(day):
        day -= timedelta(days=1)
    return day


def missed(log: Log, now: datetime) -> list[str]:
    """The scheduled flows whose last day passed without a run; none before the first run of all."""
    if not log.events:
        return []
    last_run = dict.fromkeys(SCHEDULES, "")
    for event in log.events:
        name = event.details.get("flow")
        if name in last_run:
            last_run[name] = max(last_run[name], event.details["as_of"])
    return [name for name, day in last_run.items() if day < last_due(name, now).isoformat()]


# -- the one command -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places(Folders):
    """The folders that the scheduled flows work on, and the file of the mail's settings when there
    is one."""

    post_settings: Path | None
    pages: str = ""

    def parameters(self, the_flow: Any) -> dict[str, Any]:
        """What a deployment gives its flow, of what it takes; absolute, for Prefect runs it
        elsewhere."""
        taken = the_flow.parameters.properties
        parameters: dict[str, Any] = {
            "grants": [],
            "returns": self.returns.absolute(),
            "data": self.data.absolute(),
            "out": self.out.absolute(),
            "post_settings": self.post_settings.absolute() if self.post_settings else None,
            "pages": self.pages,
        }
        return {name: value for name, value in parameters.items() if name in taken}


_FLOWS: Sequence[Any] = (
    pipeline.quarterly_reconciliation,
    unspent_watch,
    deadline_watch,
    pipeline.year_end_report,
)
FLOWS: Mapping[str, Any] = {the_flow.name: the_flow for the_flow in _FLOWS}
"""Every flow by its name."""


def deployments(places: Places) -> list[RunnerDeployment]:
    """Every flow with its parameters filled in and its schedule; the final report runs when
    somebody asks for it."""
    return [_deployment(name, the_flow, places) for name, the_flow in FLOWS.items()]


def _deployment(name: str, the_flow: Any, places: Places) -> RunnerDeployment:
    parameters = places.parameters(the_flow)
    for parameter, value in parameters.items():
        if isinstance(value, Path):
            parameters[parameter] = str(value)
    schedules = None
    if name in SCHEDULES:
        schedules = [Cron(SCHEDULES[name].cron, timezone=swedish.ZONE)]
    return RunnerDeployment.from_flow(
        the_flow,
        name="statsbidrag",
        parameters=parameters,
        schedules=schedules,
        entrypoint_type=EntrypointType.MODULE_PATH,
        tags=["statsbidrag"],
    )


def serve(
    places: Places,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    *,
    is_watching: bool,
    seconds: float = 30,
) -> None:
    """Keep the scheduled flows going until this process is stopped; what was missed is run first,
    once.

    With `is_watching` new files in the inbox are taken in as soon as they have lain still for one
    look.
    """
    now = clock()
    with store.reading(places.out):
        log = Log.read(places.out / LOG)
    for name in missed(log, now):
        say(f"{name} skulle ha körts {last_due(name, now)} och körs nu.")
        _run_when_free(name, places, swedish.swedish_time(now).date(), say, seconds)
        ending.must_go_on()
    if is_watching:
        say(f"Bevakar {places.returns} och tar in nya filer.")
        threading.Thread(target=_watch, args=(places, clock, say, seconds), daemon=True).start()
    runner = _Runner(pause_on_shutdown=False, limit=1)
    for deployment in deployments(places):
        runner.add_deployment(deployment)
    try:
        asyncio.run(runner.start())
    except KeyboardInterrupt:
        ending.close()


class _Runner(Runner):
    """Prefect's own way to start flows when their time has come; told to end it does so with all
    that is around it."""

    def handle_sigterm(self, *_: Any, **__: Any) -> None:
        """Prefect puts this in the place of what `ending` answers the signal with."""
        ending.tell()


def _run_when_free(
    name: str, places: Places, day: date, say: Callable[[str], None], seconds: float
) -> None:
    """Run a flow for a day, as soon as nobody else changes the out folder. Raises EndedError when
    the program ends before that."""
    the_flow = FLOWS[name]
    while True:
        try:
            with prefect_answers.asked():
                the_flow(**places.parameters(the_flow), as_of=day)
        except store.BusyError:
            ending.must_go_on()
            time.sleep(seconds)
        except ending.EndedError:
            raise
        except InputError as error:
            say(str(error))
            return
        else:
            return


def _watch(
    places: Places, clock: Callable[[], datetime], say: Callable[[str], None], seconds: float
) -> None:
    """Take in what is new in the inbox each time it has changed and then lain still; while somebody
    else changes the out folder, wait and try again."""
    for _ in settled(lambda: _not_taken_in(places), seconds):
        say("Nya filer i inkorgen tas in.")
        try:
            day = swedish.swedish_time(clock()).date()
            _run_when_free("unspent_watch", places, day, say, seconds)
        except ending.EndedError:
            return


def _not_taken_in(places: Places) -> frozenset[str]:
    """The files in the inbox that no run has taken in, by the SHA-256 of what is in them."""
    with store.reading(places.out):
        log = Log.read(places.out / LOG)
    return frozenset(arrivals.not_taken_in(places.returns, log).values())


def settled(look: Callable[[], frozenset[str]], seconds: float) -> Iterator[frozenset[str]]:
    """What a look shows, each time that it shows something else than it last gave and the look
    before showed the same.

    So a file that is still being copied is let be, and one that can't be taken in is tried once.
    """
    last_given: frozenset[str] = frozenset()
    before = look()
    while True:
        time.sleep(seconds)
        now = look()
        if now and now == before and now != last_given:
            last_given = now
            yield now
        before = now
