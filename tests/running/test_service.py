"""What runs by the clock: which days, and what was missed. `test_doors.py` has a real server that
keeps the flows."""

from contextlib import nullcontext
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from statsbidrag.running import prefect_server

prefect_server.configure()

from statsbidrag.base.errors import InputError  # noqa: E402
from statsbidrag.case import store  # noqa: E402
from statsbidrag.case.audit_log import LOG, Log  # noqa: E402
from statsbidrag.running import moments, service  # noqa: E402
from tests.support.commands import ROOT  # noqa: E402

AT = "2024-01-20T09:00:00+01:00"


@pytest.mark.parametrize(
    ("name", "now", "day"),
    [
        ("quarterly_reconciliation", "2024-01-15T05:59:00+01:00", "2023-10-15"),
        ("quarterly_reconciliation", "2024-01-15T06:00:00+01:00", "2024-01-15"),
        ("quarterly_reconciliation", "2024-04-14T23:59:00+02:00", "2024-01-15"),
        ("unspent_watch", "2024-01-21T12:00:00+01:00", "2024-01-15"),
        ("unspent_watch", "2024-01-22T06:00:00+01:00", "2024-01-22"),
        ("deadline_watch", "2024-01-20T12:00:00+01:00", "2024-01-19"),
        ("deadline_watch", "2024-01-22T05:00:00+01:00", "2024-01-19"),
        # the nights when the clocks change: the same day however the moment is written
        ("deadline_watch", "2024-04-01T04:30:00+00:00", "2024-04-01"),
        ("deadline_watch", "2024-10-28T04:30:00+00:00", "2024-10-25"),
        ("deadline_watch", "2024-10-28T05:30:00+00:00", "2024-10-28"),
    ],
)
def test_the_last_day_that_a_flow_was_due(name: str, now: str, day: str) -> None:
    assert service.last_due(name, datetime.fromisoformat(now)) == date.fromisoformat(day)


def ran(*runs: tuple[str, str]) -> Log:
    log = Log()
    log.add("watched", AT, as_of="2020-01-01", grants=[])
    for flow, as_of in runs:
        log.add("run", AT, what="Kvartalsavstämning", flow=flow, as_of=as_of, grants=[])
    return log


NOW = datetime.fromisoformat("2024-01-22T08:00:00+01:00")


def test_nothing_is_missed_before_the_first_run() -> None:
    assert service.missed(Log(), NOW) == []


def test_what_was_missed_while_the_machine_was_off_is_told_once() -> None:
    log = ran(("quarterly_reconciliation", "2023-10-15"), ("unspent_watch", "2024-01-22"))
    assert service.missed(log, NOW) == ["quarterly_reconciliation", "deadline_watch"]
    log.add(
        "run",
        AT,
        what="Kvartalsavstämning",
        flow="quarterly_reconciliation",
        as_of="2024-01-22",
        grants=[],
    )
    log.add("watched", AT, flow="deadline_watch", as_of="2024-01-22", grants=[])
    assert service.missed(log, NOW) == []


def test_new_files_are_taken_in_when_they_have_lain_still() -> None:
    shown = iter(["", "", "a", "ab", "ab", "ab", "ab", "", "c", "c"])
    assert list(islice(service.settled(lambda: frozenset(next(shown)), 0), 2)) == [
        frozenset("ab"),
        frozenset("c"),
    ]


def test_who_waits_for_somebody_else_runs_when_the_folder_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that is at work when files come makes nobody wait for the next file."""
    tried: list[date] = []

    def flow(as_of: date) -> None:
        tried.append(as_of)
        if len(tried) < 3:
            raise store.BusyError("En annan körning skriver.")
        raise InputError("Det går inte att läsa mappen.")

    monkeypatch.setitem(service.FLOWS, "unspent_watch", flow)
    monkeypatch.setattr(service.Places, "parameters", lambda *_: {})
    monkeypatch.setattr(service.prefect_answers, "asked", nullcontext)
    said: list[str] = []
    places = service.Places(tmp_path, tmp_path, tmp_path, None)
    service._run_when_free("unspent_watch", places, NOW.date(), said.append, 0)
    assert tried == [NOW.date()] * 3
    assert said == ["Det går inte att läsa mappen."]


def test_files_that_lay_there_before_the_watch_began_are_taken_in_too() -> None:
    assert next(service.settled(lambda: frozenset("a"), 0)) == frozenset("a")


def test_every_flow_is_deployed_with_its_folders_and_its_schedule(tmp_path: Path) -> None:
    places = service.Places(tmp_path / "data", tmp_path / "in", tmp_path / "out", None)
    made = {deployment.flow_name: deployment for deployment in service.deployments(places)}
    assert set(made) == {*service.SCHEDULES, "year_end_report"}
    for name, planned in service.SCHEDULES.items():
        (schedule,) = made[name].schedules or []
        assert (schedule.schedule.cron, schedule.schedule.timezone) == (
            planned.cron,
            "Europe/Stockholm",
        )
        assert made[name].parameters["out"] == str(tmp_path / "out")
    assert not made["year_end_report"].schedules
    assert {"grants", "returns"} <= set(made["year_end_report"].parameters)


def test_the_deployments_of_a_shared_server_are_the_same() -> None:
    """`prefect.yaml` says what `serve` does: the same flows, days and parameters."""
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    made = {one["entrypoint"].rsplit(".", 1)[1]: one for one in told["deployments"]}
    assert set(made) == set(service.FLOWS)
    for name, one in made.items():
        module = service.FLOWS[name].fn.__module__
        assert one["entrypoint"] == f"{module}.{name}"
        assert set(one["parameters"]) == set(
            service.Places(Path(), Path(), Path(), None).parameters(service.FLOWS[name])
        ) - {"pages"}
        crons = [(schedule["cron"], schedule["timezone"]) for schedule in one.get("schedules", [])]
        assert crons == (
            [(service.SCHEDULES[name].cron, "Europe/Stockholm")]
            if name in service.SCHEDULES
            else []
        )


@pytest.mark.parametrize("is_scheduled", [True, False])
def test_a_day_is_run_once_by_the_schedule_and_as_often_as_a_person_wants(
    is_scheduled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two starts of the same day, as around a change of clocks or after a restart."""
    (tmp_path / LOG).write_text(ran(("unspent_watch", "2024-01-22")).text, "utf-8")
    run = SimpleNamespace(flow_run=SimpleNamespace(auto_scheduled=is_scheduled))
    monkeypatch.setattr(moments, "FlowRunContext", SimpleNamespace(get=lambda: run))
    monkeypatch.setattr(
        moments.prefect.runtime.flow_run, "flow_name", "unspent_watch", raising=False
    )
    assert moments.is_made(tmp_path, date(2024, 1, 22)) is is_scheduled
    assert not moments.is_made(tmp_path, date(2024, 1, 29))
