"""`serve` is told to end (SIGTERM) at any moment: it ends well, soon, and leaves nothing behind."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from statsbidrag.case import casefile, proof, store
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.running import ending, watch
from tests.support.commands import COMMAND, inbox
from tests.support.waiting import until
from tests.support.way import copied

__all__ = ["inbox"]
SECONDS = 20
RETURN = Path("mfof-2023-jamlik-tillgang") / "redovisning_bromma_2023-12-31_v2.xlsx"
AT = "2024-01-20T12:00:00+01:00"


def test_what_is_under_way_gives_up_when_the_program_ends() -> None:
    with ending.ending():
        ending.must_go_on()
        ending.close()
        with pytest.raises(ending.EndedError, match="Inget är ändrat"):
            ending.must_go_on()
    with ending.ending():
        ending.must_go_on()


def test_another_fault_is_a_fault_and_the_signal_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="annat"), ending.ending():
        raise ValueError("annat")
    assert signal.getsignal(signal.SIGTERM) is before
    assert signal.set_wakeup_fd(-1) == -1


def kin(parent: int) -> dict[int, str]:
    """All processes that a process has started, those that they have started and so on, with their
    commands."""
    found: dict[int, str] = {}
    for told in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, told.read_text().split()):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
                found |= kin(child)
    return found


@dataclass
class Serving:
    """`statsbidrag serve` as a service manager starts it."""

    root: Path
    process: subprocess.Popen[str]
    port: int
    told: list[str] = field(default_factory=list)

    def says(self, words: str) -> str:
        """Wait for a line."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.told.append(line)
            if words in line:
                return line
        raise AssertionError(self.told)

    @property
    def state(self) -> Path:
        """Prefect's folder."""
        return self.root / "state" / "statsbidrag" / "prefect"

    def key(self) -> str:
        """What opens the desk."""
        line = next(line for line in self.told if line.startswith("Skrivbordet: "))
        return re.findall(r"nyckel=(\S+)", line)[0]

    def prefect(self, path: str, body: object) -> Any:
        """What Prefect's API answers."""
        (file,) = (self.state / "nyckel").iterdir()
        key = base64.b64encode(file.read_bytes().strip()).decode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Basic {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def ends_well(self) -> None:
        """Told to end it does."""
        started = kin(self.process.pid)
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=60)
        assert time.monotonic() - begun < SECONDS
        assert self.process.returncode == 0, rest
        assert "Traceback" not in rest
        until(lambda: not [child for child in started if Path(f"/proc/{child}").exists()], 10)
        assert not [*self.state.glob("nyckel/*")]
        out = self.root / "out"
        if (out / LOG).exists():
            with store.reading(out):
                assert proof.verify(self.root / "in", out).faults == ()
        with socket.create_server(("127.0.0.1", self.port)):
            pass


@pytest.fixture
def serving(request: pytest.FixtureRequest, inbox: Path, tmp_path: Path) -> Any:
    """`serve` that has just been started on a new city; or on one whose quarter was missed, where a
    test asks for that."""
    data = copied(tmp_path)
    shutil.copytree(inbox, tmp_path / "in")
    if getattr(request, "param", None) == "behind":
        occasion = casefile.Occasion(data, tmp_path / "in", tmp_path / "out", AT)
        watch.look(occasion, date(2024, 1, 19), "Kim Kör")
    port = next(port for port in range(21000 + os.getpid() % 9000, 65000, 2) if is_free(port))
    words = ["serve", "--returns", tmp_path / "in", "--data", data, "--out", tmp_path / "out"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with subprocess.Popen(
        [COMMAND, *map(str, words), "--port", str(port)],
        env=own | {"XDG_STATE_HOME": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Serving(tmp_path, process, port)
        process.kill()


def is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", port))
        two.bind(("127.0.0.1", port + 1))
        return True
    return False


@pytest.mark.long
@pytest.mark.parametrize("seconds", [1, 3, 6, 10])
def test_soon_after_the_start(seconds: float, serving: Serving) -> None:
    time.sleep(seconds)
    serving.ends_well()


@pytest.mark.long
@pytest.mark.parametrize("serving", ["behind"], indirect=True)
@pytest.mark.parametrize("seconds", [0, 4, 9])
def test_while_what_was_missed_is_run(seconds: float, serving: Serving) -> None:
    serving.says("körs nu")
    time.sleep(seconds)
    serving.ends_well()


@pytest.mark.long
def test_while_the_desk_works_and_the_log_is_waited_for(serving: Serving) -> None:
    log = serving.root / "out" / LOG
    serving.says("Flödena körs")
    until(lambda: len(serving.prefect("/deployments/filter", {})) == 4)
    desk = f"http://127.0.0.1:{serving.port + 1}"
    with httpx.Client(base_url=desk, trust_env=False, timeout=60) as client:
        shown = {"Authorization": f"Bearer {serving.key()}"}
        begun = client.post("/rakna", data={"namn": "Kim Kör"}, headers=shown)
        assert begun.status_code == 303, begun.text
        until((serving.root / "out" / store.WORK).exists)
        sent = {"fil": (RETURN.name, (serving.root / "in" / RETURN).read_bytes())}
        shown["Accept"] = "application/json"
        handed_in = client.post("/lamna-in", data={"namn": "Kim Kör"}, files=sent, headers=shown)
        assert handed_in.status_code == 200, handed_in.text
    serving.ends_well()
    assert [event.kind for event in Log.read(log).events] == ["inventoried", "received"]


@pytest.mark.long
def test_while_a_flow_runs_that_prefect_has_started(serving: Serving) -> None:
    serving.says("Flödena körs")
    until(lambda: len(serving.prefect("/deployments/filter", {})) == 4)
    for deployment in serving.prefect("/deployments/filter", {}):
        if deployment["entrypoint"].endswith("year_end_report"):
            path = f"/deployments/{deployment['id']}/create_flow_run"
            serving.prefect(path, {"parameters": {"as_of": "2024-01-20"}})
    until(
        lambda: [
            one
            for one in kin(serving.process.pid).values()
            if "prefect.engine" in one or "prefect.flow_engine" in one
        ]
    )
    time.sleep(5)
    serving.ends_well()
