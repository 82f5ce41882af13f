"""When a flow began, and whether it has been run already: what Prefect knows of the flow run."""

from datetime import date, datetime
from pathlib import Path

import prefect
from prefect.context import FlowRunContext

from ..base import swedish
from ..case.audit_log import LOG, Log


def begun_at() -> str:
    """When Prefect began this part of the flow run, in Swedish time; what is decided in it gets
    that moment."""
    run = FlowRunContext.get()
    state = run.flow_run.state if run and run.flow_run else None
    return swedish.swedish_time(state.timestamp).isoformat(timespec="seconds") if state else ""


def scheduled_day() -> date:
    """The day that the flow should have begun, in Swedish time, however late it did."""
    due: datetime = prefect.runtime.flow_run.scheduled_start_time
    return swedish.swedish_time(due).date()


def flow_name() -> str:
    """What the flow that is running is called."""
    return str(prefect.runtime.flow_run.flow_name)


def is_made(out: Path, as_of: date) -> bool:
    """Whether a run that the schedule asks for stands in the log already: twice a day is once too
    many."""
    run = FlowRunContext.get()
    is_scheduled = bool(run and run.flow_run and run.flow_run.auto_scheduled)
    return is_scheduled and any(
        e.details["as_of"] == as_of.isoformat()
        for e in Log.read(out / LOG).events
        if e.details.get("flow") == flow_name()
    )


def already(as_of: date) -> str:
    """That the flow is run already for a day, as a sentence."""
    return f"{flow_name()} är redan körd för {as_of}."
