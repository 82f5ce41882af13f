"""The installed command as a person calls it, with one Prefect server for all the runs of a test
file."""

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from contextvars import copy_context
from pathlib import Path

import pytest

from statsbidrag.decisions import data_folder
from statsbidrag.face import cli
from statsbidrag.returns.workshop import Workshop
from statsbidrag.running.prefect_server import Server, configure
from tests import example

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("statsbidrag"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Prefect server in a folder of its own, which every command of the file then uses, and
    children for its runs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        for name in ("PREFECT_HOME", "PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
            patched.delenv(name, raising=False)
        before = dict(os.environ)
        configure()
        with Server() as running:
            running.wait()
            # Prefect has read its settings when another file had another server, or none.
            from prefect.context import refresh_global_settings_context

            refresh_global_settings_context()
            kept = Workshop(keeps=True)
            patched.setattr(Workshop, "__init__", lambda self, **_: vars(self).update(vars(kept)))
            patched.setattr(Workshop, "__exit__", lambda *_: None)
            yield
            kept.close()
        for name in set(os.environ) - set(before):
            del os.environ[name]


def call(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """One call of the command."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def call_here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One call of a command that needs no Prefect, in this process, which spares its start."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code: int | str | None = cli.main(arguments)
        except SystemExit as stopped:
            code = stopped.code
    return subprocess.CompletedProcess(arguments, int(code or 0), out.getvalue(), err.getvalue())


def run(
    returns: Path, out: Path, *arguments: str, as_of: str = "2024-01-20"
) -> subprocess.CompletedProcess[str]:
    """`statsbidrag run` in this process, with the file's server and children, which spares their
    start."""
    return run_here(*arguments, "--returns", str(returns), "--out", str(out), "--as-of", as_of)


def run_here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`statsbidrag run` with all its options."""
    return copy_context().run(call_here, "run", *arguments)


def digests(folder: Path) -> dict[str, str]:
    """The bytes of every file that the same run must write alike; not the database, the lock and
    the log."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".duckdb", ".las", ".jsonl"}
    }


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example returns, as `make run` writes them."""
    folder = tmp_path_factory.mktemp("inbox")
    for name, content in example.files(data_folder.load(ROOT / "data", [], example.AS_OF)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
