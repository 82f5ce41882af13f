"""The Prefect flows of a run: by the schedule, from Prefect's pages, and for somebody who waits."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

from prefect import Flow, flow
from prefect.context import SettingsContext, get_settings_context

from ..base import program
from ..base.errors import InputError
from ..case import casefile, people, store
from ..case.audit_log import Log
from ..decisions import data_folder, plans
from ..documents import report
from ..model.case import SCHEDULED
from ..money import reconciliation
from ..returns.intake import Intake
from ..returns.workshop import Workshop
from . import artifacts, cluster, ending, prefect_answers, questions, stages
from .errand import Caller, Errand, Listener, Parcel, Ran, Run
from .moments import already, begun_at, is_made, scheduled_day

# On the page where a flow is started Prefect shows what its Args say of each parameter, and takes
# it from nowhere else.


def _quarterly(caller: Caller | None) -> Flow[..., Parcel[Ran | None]]:
    """The quarter's flow, for somebody who waits or for nobody."""

    @flow(name="quarterly_reconciliation", persist_result=False, task_runner=cluster.task_runner())
    def quarterly_reconciliation(
        grants: list[str],
        returns: Path,
        data: Path,
        out: Path,
        as_of: date | None = None,
        by: str = SCHEDULED,
        pages: str = "",
        report: str = "",
    ) -> Parcel[Ran | None]:
        """Kvartalsavstämningen: ta in, granska, stäm av och skriv rapporter.

        Args:
            grants: id på de statsbidrag som ska stämmas av; en tom lista betyder alla.
            returns: mappen med nämndernas redovisningar.
            data: mappen med nämnder och bidrag.
            out: mappen där rapporterna läggs.
            as_of: den dag som avstämningen görs per; utelämnad: dagen då flödet skulle köras.
            by: vem som kör, för händelseloggen.
            pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
            report: id på den delrapport som ska göras av ett enda statsbidrag; tom: kvartalets
                avstämning.
        """
        as_of = as_of or scheduled_day()
        errand = Errand(data, returns, out, grants, as_of, by, pages, report or None)
        return Parcel(carry_out(errand, is_final=False, caller=caller))

    return quarterly_reconciliation


def _year_end(caller: Caller | None) -> Flow[..., Parcel[Ran | None]]:
    """The year's flow, for somebody who waits or for nobody."""

    @flow(name="year_end_report", persist_result=False, task_runner=cluster.task_runner())
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
    ) -> Parcel[Ran | None]:
        """Årets återredovisning: samma väg som kvartalet, med slutredovisningens regler.

        Args:
            grants: id på de statsbidrag som ska redovisas; en tom lista betyder alla.
            returns: mappen med nämndernas redovisningar.
            data: mappen med nämnder och bidrag.
            out: mappen där rapporterna läggs.
            as_of: den dag som redovisningen görs per; utelämnad: dagen då flödet skulle köras.
            by: vem som kör, för händelseloggen; granskning och attest måste göras av andra.
            pages: adressen där rapporterna kan läsas, för länkar; tom: deras plats i mappen.
            wait_for_decisions: vänta på att granskning och attest görs här i Prefect. Flödet läggs
                undan så länge och går vidare när någon har svarat.
        """
        errand = Errand(data, returns, out, grants, as_of or scheduled_day(), by, pages)
        asked = questions.last_asked()
        ran = None if asked else carry_out(errand, is_final=True, caller=caller)
        if wait_for_decisions:
            occasion, shelf = (
                casefile.Occasion(data, returns, out, begun_at()),
                artifacts.Shelf(out, pages),
            )
            questions.go_on(occasion, shelf, grants, errand.as_of, asked)
        return Parcel(ran)

    return year_end_report


quarterly_reconciliation, year_end_report = _quarterly(None), _year_end(None)
"""The flows that the schedule and Prefect's pages start."""


def carry_out(errand: Errand, *, is_final: bool, caller: Caller | None = None) -> Ran | None:
    """The run itself, from the returns to what is published; None when there is nothing to
    reconcile."""
    ending.must_go_on()
    listener = caller.listener if caller else artifacts.Listener(len(stages.STAGES))
    errand = replace(errand, by=people.named(errand.by))
    store.must_lie_apart(errand.out, errand.returns, errand.data)
    if is_made(errand.out, errand.as_of):
        listener.say(already(errand.as_of))
        return None
    decided = data_folder.load(errand.data, errand.grants, errand.as_of)
    plan, waiting = plans.plan(
        decided, errand.grants, errand.as_of, is_final=is_final, report_id=errand.report_id
    )
    for sentence in waiting:
        listener.say(sentence)
    if not plan.periods:
        if caller:
            caller.done(None)
        return None
    with (
        store.Change(errand.out) as change,
        _workshop(caller) as workshop,
    ):
        at = caller.at if caller and caller.at else begun_at()
        login = caller.login if caller else None
        run = Run(
            errand=errand,
            plan=plan,
            decided=decided,
            change=change,
            log=_log_of(change, at, errand, login),
            rules=program.now(),
            at=at,
            workshop=workshop,
            reading=caller.reading if caller and caller.workshop is workshop else iter(()),
            listener=listener,
            done=caller.done if caller else lambda _: None,
        )
        if change.repaired:
            listener.say(change.repaired)
        return _staged(run)


def _workshop(caller: Caller | None) -> AbstractContextManager[Workshop]:
    """Who reads and validates in a run: Dask's workers where there are any, else the children that
    are warm already, else new ones."""
    if cluster.address() is not None:
        return cluster.workshop()
    if caller is not None:
        return nullcontext(caller.workshop)
    return Workshop(keeps=True, lasts=False)


def _log_of(change: store.Change, at: str, errand: Errand, login: str | None) -> Log:
    """The log that the run goes on from. Raises InputError when lines of it have been taken
    away."""
    log = casefile.log_of(change, at, errand.by, login)
    lost = casefile.lost_lines(errand.out, log)
    if lost:
        raise InputError(lost)
    return log


def _staged(begun: Run) -> Ran:
    """One stage after the other, each given what those before it have found."""

    def tell(stage: str) -> None:
        ending.must_go_on()
        begun.listener.stage(stage)

    run = Parcel(begun)
    tell(stages.take_in.name)
    taken = stages.take_in(run)
    tell(stages.validate.name)
    judged = stages.validate(run, taken)
    tell(stages.reconcile.name)
    reckoned = stages.reconcile(run, judged)
    counted = Parcel(taken.content.reckoned())
    taken.empty()
    judged.empty()
    tell(stages.render.name)
    rendered = stages.render(run, counted, reckoned)
    tell(stages.acknowledge.name)
    stages.acknowledge(run, counted, rendered)
    tell(stages.publish.name)
    ran = stages.publish(run, rendered)
    begun.listener.stage(stages.show_status.name)
    stages.show_status(run, rendered)
    begun.listener.stage("Klart")
    return ran.content


def warm(workshop: Workshop) -> None:
    """Load what the later stages need, while the server starts."""
    reconciliation.warm()
    for _ in range(workshop.press_count):
        report.warm(workshop.press.submit)


def _without_heartbeat() -> SettingsContext:
    """Prefect's settings but for one. Its own `temporary_settings` makes all of them anew."""
    now = get_settings_context()
    flows = now.settings.flows.model_copy(update={"heartbeat_frequency": None})
    return SettingsContext(
        profile=now.profile, settings=now.settings.model_copy(update={"flows": flows})
    )


def run(
    errand: Errand,
    *,
    is_final: bool,
    at: str,
    workshop: Workshop,
    reading: Iterable[Intake],
    listener: Listener,
    login: str | None = None,
    published: Callable[[Ran], object] = lambda _: None,
) -> Ran | None:
    """Run a flow for somebody who waits; `at` is the moment for the log, and `login` theirs if they
    have one. None when there is nothing to reconcile. `published` hears what it has come to as soon
    as that stands in the out folder; Prefect's pages are then still to be told.

    Raises InputError for what the person must put right before anything can run, Prefect's server
    among it. The heartbeat that finds dead scheduled runs is off: here somebody is waiting, and it
    rounds every flow up to a whole second.
    """
    cluster.must_answer()
    done: list[Ran | None] = []

    def hear(ran: Ran | None) -> None:
        done.append(ran)
        if ran is not None:
            published(ran)

    caller = Caller(at, login, workshop, iter(reading), listener, hear)
    flow = _year_end(caller) if is_final else _quarterly(caller)
    of_report = {"report": errand.report_id} if errand.report_id else {}
    try:
        with _without_heartbeat(), prefect_answers.asked():
            parcel = flow(
                errand.grants,
                errand.returns,
                errand.data,
                errand.out,
                errand.as_of,
                errand.by,
                **of_report,
            )
            return parcel.content
    except prefect_answers.UnansweredError as error:
        if not done:
            raise InputError(
                f"{error} Inget i {errand.out} är ändrat. Kör samma kommando igen."
            ) from None
        listener.say(f"{error} Körningen är ändå klar, och allt som den skulle skriva är skrivet.")
        return done[0]
