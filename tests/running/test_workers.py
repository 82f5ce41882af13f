"""Groups of grants on Prefect's own workers, as docs/server.md sets them up: side by side, each in
its own folder, and each comes to what a run alone comes to."""

import base64
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.commands import ROOT, call, digests, inbox, server  # noqa: F401
from tests.support.waiting import until

pytestmark = pytest.mark.long

PREFECT = str(Path(sys.executable).with_name("prefect"))
GROUPS = ("mfof-2023-forebygga-kriminalitet", "mfof-2023-jamlik-tillgang")
"""One grant in each, which is a group all the same."""
_LONGEST_SECONDS = 120


def asked(*arguments: str, folder: Path) -> None:
    """One call of Prefect's command, in the folder that all machines share."""
    done = subprocess.run(
        [PREFECT, *arguments],
        cwd=folder,
        env=os.environ | {"STATSBIDRAG_MAPP": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def shared(tmp_path: Path, inbox: Path) -> Path:  # noqa: F811
    """The folder that all machines share, with a block in `prefect.yaml` for each group."""
    (tmp_path / "inbox").symlink_to(inbox)
    (tmp_path / "data").symlink_to(ROOT / "data")
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    quarter = told["deployments"][0]
    told["deployments"] = [
        quarter
        | {
            "name": grant,
            "schedules": [],
            "parameters": quarter["parameters"]
            | {"grants": [grant], "out": f"{{{{ $STATSBIDRAG_MAPP }}}}/out-{grant}"},
        }
        for grant in GROUPS
    ]
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(told), "utf-8")
    return tmp_path


@pytest.fixture
def queue(shared: Path) -> None:
    """The queue, and the flows that come in it."""
    asked("work-pool", "create", "statsbidrag", "--type", "process", folder=shared)
    asked("work-pool", "set-concurrency-limit", "statsbidrag", "2", folder=shared)
    asked("--no-prompt", "deploy", "--all", folder=shared)


@contextmanager
def workers(shared: Path) -> Iterator[None]:
    """A worker on each of two machines."""
    start = [PREFECT, "worker", "start", "--pool", "statsbidrag", "--limit", "1", "--name"]
    with ExitStack() as stack, (shared / "workers.log").open("wb") as log:
        for name in ("den-ena", "den-andra"):
            worker = subprocess.Popen(
                [*start, name],
                cwd=shared,
                env=os.environ
                | {"STATSBIDRAG_MAPP": str(shared), "PREFECT_WORKER_QUERY_SECONDS": "1"},
                stdout=log,
                stderr=log,
            )
            stack.callback(worker.wait, _LONGEST_SECONDS)
            stack.callback(worker.terminate)
        yield


def flow_runs() -> list[dict[str, Any]]:
    """What Prefect's server says of the runs."""
    key = base64.b64encode(os.environ["PREFECT_API_AUTH_STRING"].encode()).decode()
    asking = urllib.request.Request(
        f"{os.environ['PREFECT_API_URL']}/flow_runs/filter",
        b"{}",
        {"Authorization": f"Basic {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asking) as answer:
        runs: list[dict[str, Any]] = json.load(answer)
    return runs


@pytest.mark.usefixtures("server", "queue")
def test_two_groups_run_side_by_side_and_come_to_what_each_comes_to_alone(shared: Path) -> None:
    for grant in GROUPS:
        flow, day = f"quarterly_reconciliation/{grant}", 'as_of="2024-01-20"'
        asked("deployment", "run", flow, "--param", day, folder=shared)
    with workers(shared):
        until(lambda: all(run["end_time"] for run in flow_runs()))
    runs = flow_runs()
    assert [run["state_type"] for run in runs] == ["COMPLETED"] * len(GROUPS)
    begun = max(datetime.fromisoformat(run["start_time"]) for run in runs)
    ended = min(datetime.fromisoformat(run["end_time"]) for run in runs)
    assert begun < ended, "one has waited for the other"
    for grant in GROUPS:
        out = shared / f"alone-{grant}"
        folders = ["--returns", str(shared / "inbox"), "--out", str(out)]
        call("run", grant, *folders, "--as-of", "2024-01-20")
        there, here = digests(shared / f"out-{grant}" / grant), digests(out / grant)
        assert there == here
        assert here
