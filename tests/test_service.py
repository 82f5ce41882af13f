"""What runs by the clock: which days, what was missed, and a real server that keeps a schedule."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from statsbidrag import prefect_server

prefect_server.configure()

from statsbidrag import pipeline, post, service  # noqa: E402
from statsbidrag.audit import LOG, Log  # noqa: E402
from tests.commands import COMMAND, ROOT, inbox, server  # noqa: E402

__all__ = ["inbox", "server"]

GRANTS = sorted(path.stem for path in (ROOT / "data" / "grants").glob("*.toml"))

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
    log.add("run", AT, what="Kvartalsavstämning", flow="quarterly_reconciliation", as_of="2024-01-22", grants=[])
    log.add("watched", AT, flow="deadline_watch", as_of="2024-01-22", grants=[])
    assert service.missed(log, NOW) == []


def test_new_files_are_taken_in_when_they_have_lain_still() -> None:
    shown = iter(["", "", "a", "ab", "ab", "ab", "ab", "", "c", "c"])
    assert list(islice(service.settled(lambda: frozenset(next(shown)), 0), 2)) == [frozenset("ab"), frozenset("c")]


def test_files_that_lay_there_before_the_watch_began_are_taken_in_too() -> None:
    assert next(service.settled(lambda: frozenset("a"), 0)) == frozenset("a")


def test_every_flow_is_deployed_with_its_folders_and_its_schedule(tmp_path: Path) -> None:
    places = service.Places(tmp_path / "in", tmp_path / "data", tmp_path / "out", None)
    made = {deployment.flow_name: deployment for deployment in service.deployments(places)}
    assert set(made) == {*service.SCHEDULES, "year_end_report"}
    for name, planned in service.SCHEDULES.items():
        (schedule,) = made[name].schedules or []
        assert (schedule.schedule.cron, schedule.schedule.timezone) == (planned.cron, "Europe/Stockholm")
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
        assert crons == ([(service.SCHEDULES[name].cron, "Europe/Stockholm")] if name in service.SCHEDULES else [])


AT_A_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it runs in the background ignore Ctrl+C
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def serving(tmp_path: Path, inbox: Path, data: Path) -> Iterator[tuple[int, Path]]:
    """`statsbidrag serve` as a person starts it, on the example's returns."""
    with socket.socket() as one, socket.socket() as two:
        for port in range(20000 + os.getpid() % 20000, 65000, 2):
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            break
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"XDG_STATE_HOME": str(tmp_path / "state")}
    out = tmp_path / "out"
    folders = ("--returns", str(inbox), "--data", str(data), "--out", str(out))
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, COMMAND, "serve", *folders, "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as served:
        assert served.stdout
        told = list(iter(served.stdout.readline, "Flödena körs enligt schemat. Avbryt med Ctrl+C.\n"))
        assert told == [f"Prefects sidor: http://127.0.0.1:{port}\n", f"Rapporterna: http://127.0.0.1:{port + 1}/\n"]
        yield port, out
        served.send_signal(signal.SIGINT)
        try:
            rest, _ = served.communicate(timeout=60)
        finally:
            served.kill()
        assert served.returncode in {0, 2}
        assert "Traceback" not in rest


def asked(port: int, path: str, body: object = None) -> Any:
    """What Prefect's server answers."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api{path}", sent, {"Content-Type": "application/json"})
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # its database is busy: it asks to be asked again
                raise
            time.sleep(1)
    raise AssertionError(f"Prefect's server was busy all the time: {path}")


def test_serve_keeps_the_flows_and_a_person_can_start_one(serving: tuple[int, Path]) -> None:
    port, out = serving
    deadline = time.monotonic() + 60
    while len(deployments := asked(port, "/deployments/filter", {})) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    flows = {asked(port, f"/flows/{d['flow_id']}")["name"]: d for d in deployments}
    assert {name for name, d in flows.items() if d["schedules"]} == set(service.SCHEDULES)
    quarterly = flows["quarterly_reconciliation"]
    given = {"parameters": quarterly["parameters"] | {"as_of": "2024-01-20"}, "state": {"type": "SCHEDULED"}}
    started = asked(port, f"/deployments/{quarterly['id']}/create_flow_run", given)["id"]
    deadline = time.monotonic() + 120
    while (run := asked(port, f"/flow_runs/{started}"))["state_type"] not in {"COMPLETED", "FAILED", "CRASHED"}:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    logged = [one["message"] for one in asked(port, "/logs/filter", {"logs": {"flow_run_id": {"any_": [started]}}})]
    assert run["state_type"] == "COMPLETED", logged
    assert "Skriv rapporter" in logged

    shown = {one["key"]: one["data"] for one in asked(port, "/artifacts/filter", {})}
    assert shown["korningen"] == 100.0
    assert "Pengar i fara" in shown["oversikt"]
    assert {f"{kind}-{grant}" for kind in ("lage", "rapport") for grant in GRANTS} <= set(shown)
    for address in re.findall(r"\]\((http[^)]+)\)", shown["oversikt"]):
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200
            assert page.headers["Content-Type"] == "text/html"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/statsbidrag.duckdb", timeout=30)
    assert {event.details.get("flow") for event in Log.read(out / LOG).events if event.kind == "run"} == {
        "quarterly_reconciliation"
    }


@pytest.mark.parametrize("is_scheduled", [True, False])
def test_a_day_is_run_once_by_the_schedule_and_as_often_as_a_person_wants(
    is_scheduled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two starts of the same day, as around a change of clocks or after a restart."""
    (tmp_path / LOG).write_text(ran(("unspent_watch", "2024-01-22")).text, "utf-8")
    run = SimpleNamespace(flow_run=SimpleNamespace(auto_scheduled=is_scheduled))
    monkeypatch.setattr(pipeline, "FlowRunContext", SimpleNamespace(get=lambda: run))
    monkeypatch.setattr(pipeline.prefect.runtime.flow_run, "flow_name", "unspent_watch", raising=False)
    assert pipeline.is_made(tmp_path, date(2024, 1, 22)) is is_scheduled
    assert not pipeline.is_made(tmp_path, date(2024, 1, 29))


@pytest.mark.usefixtures("server")
def test_the_password_of_the_mail_is_in_the_environment_or_in_a_prefect_block(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.blocks.system import Secret
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: os.environ["PREFECT_API_URL"]}):
        assert service._secret() == ""
        Secret(value="hemligt").save("statsbidrag-smtp")
        assert service._secret() == "hemligt"
        monkeypatch.setenv(post.PASSWORD, "annat")
        assert service._secret() == "annat"
