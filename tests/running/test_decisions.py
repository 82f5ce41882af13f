"""Review and attest in Prefect: a served flow that waits for people, answered as Prefect's own page
answers it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from statsbidrag.case import casefile
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.model.case import ReportState
from tests import example
from tests.support.commands import ROOT, call_here, inbox, server
from tests.support.waiting import until

__all__ = ["inbox", "server"]
pytestmark = pytest.mark.long
GRANT = example.CRIME
SERVE = """
from statsbidrag.running import prefect_server
prefect_server.configure()
from prefect.types.entrypoint import EntrypointType
from statsbidrag.running.pipeline import year_end_report
year_end_report.serve("statsbidrag", entrypoint_type=EntrypointType.MODULE_PATH, print_starting_message=False)
"""
SECONDS = 180


class Serving:
    """A process that serves the flow; killed at the end with all that it has started."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin to serve."""
        environment = os.environ | {
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
            "PREFECT_LOGGING_LEVEL": "ERROR",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=environment, start_new_session=True
        )

    def kill(self) -> None:
        """End it without notice."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@dataclass(frozen=True)
class Waiting:
    """A run of `year_end_report` in Prefect, and what it writes."""

    api: httpx.Client
    run: str
    returns: Path
    out: Path

    def state(self) -> dict[str, Any]:
        """Where the run stands, once it waits or has ended."""

        def at_rest() -> dict[str, Any] | None:
            state: dict[str, Any] = self.api.get(f"flow_runs/{self.run}").json()["state"]
            return state if state["type"] in {"PAUSED", "COMPLETED", "FAILED", "CRASHED"} else None

        return until(at_rest)

    def asked(self, part: str = "description") -> Any:
        """The description or the schema of the form that the run waits for."""
        state = self.state()
        assert state["name"] == "Suspended", state["message"]
        place = f"flow_runs/{self.run}/input/{state['state_details']['run_input_keyset'][part]}"
        return until(lambda: answer.json() if (answer := self.api.get(place)).is_success else None)

    def answer(self, verdict: str, by: str, on: str = "2024-01-25", why: str = "") -> None:
        """Fill the form in and send it."""
        self.asked()
        filled = {"verdict": verdict, "by": by, "on": on, "why": why}

        def told() -> Any:  # a server that is busy says so, and has then done nothing
            answer = self.api.post(f"flow_runs/{self.run}/resume", json={"run_input": filled})
            return None if answer.is_server_error else answer.json()

        assert until(told)["status"] == "ACCEPT"

    def log(self) -> Log:
        """The audit log."""
        return Log.read(self.out / LOG)

    def steps(self) -> list[tuple[str, str | None]]:
        """What has been done with the report, and by whom."""
        return [
            (event.kind, event.by) for event in self.log().about(GRANT) if event.kind != "written"
        ]

    def report(self) -> str:
        """The report as it now stands."""
        return (self.out / GRANT / "slutlig" / "aterrapport.html").read_text("utf-8")


@pytest.fixture(scope="module")
def serving(server: None) -> Iterator[Serving]:
    """The flow, served."""
    served = Serving()
    yield served
    served.kill()


@pytest.fixture(scope="module")
def runs(
    serving: Serving, inbox: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Waiting]]:
    """Two runs by Kim, begun at the same time."""
    user, _, word = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
    with httpx.Client(
        base_url=os.environ["PREFECT_API_URL"], auth=(user, word), timeout=120
    ) as api:

        def created(parameters: dict[str, object]) -> str:
            """The id of a new run; asked for again while the flow is not yet served, or the server
            is busy."""

            def run() -> str | None:
                found = api.get("deployments/name/year_end_report/statsbidrag")
                place = f"deployments/{found.json().get('id')}/create_flow_run"
                made = (
                    api.post(place, json={"parameters": parameters}) if found.is_success else found
                )
                return made.json()["id"] if made.is_success else None

            return until(run)

        begun = []
        for name in ("first", "second"):
            folder = tmp_path_factory.mktemp(name)
            shutil.copytree(inbox / GRANT, folder / "in")
            told = {
                "grants": [GRANT],
                "returns": str(folder / "in"),
                "data": str(ROOT / "data"),
                "out": str(folder / "out"),
                "as_of": "2024-01-20",
                "by": "Kim Kör",
                "wait_for_decisions": True,
            }
            begun.append(Waiting(api, created(told), folder / "in", folder / "out"))
        yield begun


def test_a_report_is_reviewed_and_attested_in_prefect(runs: list[Waiting]) -> None:
    waiting, _ = runs
    assert "**Granska** Förstärkt föräldraskapsstöd" in waiting.asked()
    assert "Rapporten kördes av Kim Kör." in waiting.asked()
    form = waiting.asked("schema")
    fields = {name: field["title"] for name, field in form["properties"].items()}
    assert fields == {"verdict": "Beslut", "by": "Namn", "on": "Dag för beslutet", "why": "Skäl"}
    assert form["properties"]["verdict"]["enum"] == ["godkänn", "återlämna"]
    assert form["properties"]["on"]["format"] == "date"
    assert "UTKAST" in waiting.report()

    waiting.answer("godkänn", "Gro Gransk")
    assert "**Attestera**" in waiting.asked()
    assert "Den är granskad 2024-01-25 av Gro Gransk." in waiting.asked()
    waiting.answer("godkänn", "Alf Attest", "2024-01-26")
    assert waiting.state()["type"] == "COMPLETED"
    assert waiting.steps() == [
        ("reconciled", "Kim Kör"),
        ("reviewed", "Gro Gransk"),
        ("attested", "Alf Attest"),
    ]
    assert "UTKAST" not in waiting.report()


def test_a_run_goes_on_where_it_stood(runs: list[Waiting], serving: Serving) -> None:
    _, waiting = runs
    waiting.answer("godkänn", "Kim Kör")
    assert "Kim Kör har själv kört rapporten." in waiting.asked()
    waiting.answer("godkänn", "Kör, K.")
    assert "Namnet kan inte skiljas från Kim Kör." in waiting.asked()
    waiting.answer("godkänn", "Gro Gransk", "2999-01-01")
    assert "2999-01-01 har inte varit ännu" in waiting.asked()
    assert "--on" not in waiting.asked()

    serving.kill()
    places = ["--returns", str(waiting.returns), "--out", str(waiting.out)]
    done = call_here("review", GRANT, "--by", "Gro Gransk", "--on", "2024-01-25", *places)
    assert done.returncode == 0, done.stderr
    waiting.answer("godkänn", "Ada Annan")
    serving.start()
    assert "beslutats på annat håll sedan frågan ställdes" in waiting.asked()
    assert "**Attestera**" in waiting.asked()

    waiting.answer("godkänn", "Gro Gransk")
    assert "Gro Gransk har själv granskat rapporten." in waiting.asked()
    waiting.answer("återlämna", "Alf Attest", "2024-01-26", "Fel kontaktperson")
    assert waiting.state()["type"] == "COMPLETED"
    assert waiting.steps() == [
        ("reconciled", "Kim Kör"),
        ("reviewed", "Gro Gransk"),
        ("returned", "Alf Attest"),
    ]
    assert waiting.log().about(GRANT, "returned")[0].details["why"] == "Fel kontaktperson"
    review = casefile.standing(waiting.out, GRANT)
    assert review
    assert review.state is ReportState.DRAFT
    assert "UTKAST" in waiting.report()
