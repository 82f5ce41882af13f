"""Returns read and validated by Dask's workers: the same bytes as in one process, also when one of
them is killed; and nobody is asked over an open line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from statsbidrag.base import program
from statsbidrag.base.errors import InputError
from statsbidrag.returns import intake
from statsbidrag.returns.workshop import Room
from statsbidrag.running import cluster
from tests.support import planted
from tests.support.commands import COMMAND, call, digests, inbox  # noqa: F401
from tests.support.waiting import until

_LONGEST_SECONDS = 120


class Dask:
    """A scheduler and two workers on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = folder / "scheduler.json"
        here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(self._told)]
        self._scheduler = self._start("dask_scheduler", "--port", "0", *here)
        until(lambda: self._told.exists() and bool(self._told.read_bytes()))
        self.address: str = json.loads(self._told.read_bytes())["address"]
        own = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
        self.workers = [self._start("dask_worker", self.address, *own) for _ in range(2)]

    def _start(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "dask.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                stdout=log,
                stderr=log,
            )

    def close(self) -> None:
        """End all of it."""
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()


def has_children(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a worker has begun to read: it has readers of its own."""
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return any((thread / "children").read_text("ascii").strip() for thread in threads)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    folder = tmp_path / "dask"
    folder.mkdir()
    started = Dask(folder)
    try:
        yield started
    finally:
        started.close()


def test_two_workers_of_which_one_is_killed_come_to_the_same_bytes(
    tmp_path: Path,
    dask: Dask,
    inbox: Path,  # noqa: F811
) -> None:
    same = {"XDG_STATE_HOME": str(tmp_path / "state"), "SOURCE_DATE_EPOCH": "1706000000"}
    own = {**os.environ, **same, cluster.ADDRESS: dask.address}
    words = ["run", "--returns", str(inbox), "--as-of", "2024-01-20", "--out"]
    there = subprocess.Popen(
        [COMMAND, *words, str(tmp_path / "there")],
        env=own,
        stdout=subprocess.PIPE,
        text=True,
    )
    lost, kept = dask.workers
    until(lambda: has_children(lost) or there.poll() is not None)
    lost.send_signal(signal.SIGKILL)
    said = there.communicate(timeout=_LONGEST_SECONDS)[0]
    assert has_children(kept), "nobody else has read"
    other = {**same, "XDG_STATE_HOME": str(tmp_path / "other")}
    here = call(*words, str(tmp_path / "here"), **other)
    assert there.returncode == here.returncode
    assert said.replace("/there/", "/here/") == here.stdout
    assert digests(tmp_path / "there") == digests(tmp_path / "here")
    # The log tells of the database too, table by table.
    log = "logg.jsonl"
    assert (tmp_path / "there" / log).read_bytes() == (tmp_path / "here" / log).read_bytes()


def test_a_worker_with_another_program_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(planted.good())
    own = program.LOADED.sha256
    returned = cluster._done(own, Room.READERS, intake.read, path, "a.xlsx")
    assert returned == intake.read(path, "a.xlsx")
    with pytest.raises(InputError, match="en annan version av Statsbidrag"):
        cluster._done("0" * 64, Room.READERS, intake.read, path, "a.xlsx")
    cluster._own().close()
    cluster._own.cache_clear()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://dask.staden.se:8786", "ska förbindelsen vara krypterad"),
        ("tcp://10.0.0.7:8786", "ska förbindelsen vara krypterad"),
        ("dask.staden.se:8786", "ska vara som tls://"),
        ("tls://dask.staden.se", "ska vara som tls://"),
        ("http://dask.staden.se:8786", "ska vara som tls://"),
        ("tls://dask.staden.se:många", "ska vara som tls://"),
    ],
)
def test_no_other_machine_is_asked_over_an_open_line(
    address: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cluster.ADDRESS, address)
    with pytest.raises(InputError, match=words):
        cluster.address()


@pytest.mark.parametrize("address", ["tls://dask.staden.se:8786", "tcp://127.0.0.1:8786", "", None])
def test_which_schedulers_are_asked(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if address is None:
        monkeypatch.delenv(cluster.ADDRESS, raising=False)
    else:
        monkeypatch.setenv(cluster.ADDRESS, address)
    assert cluster.address() == (address or None)
    assert (cluster.task_runner() is None) == (not address)


def test_a_scheduler_that_does_not_answer_stops_the_run_in_words(
    tmp_path: Path,
    inbox: Path,  # noqa: F811
) -> None:
    nowhere = {cluster.ADDRESS: "tcp://127.0.0.1:9", "XDG_STATE_HOME": str(tmp_path / "state")}
    done = call("run", "--returns", str(inbox), "--out", str(tmp_path / "out"), **nowhere)
    assert done.returncode == 2
    assert done.stderr.startswith("Dask svarar inte på tcp://127.0.0.1:9, som STATSBIDRAG_DASK")
    assert not (tmp_path / "out" / "logg.jsonl").exists()
