"""Prefect's server as a child of the run, so that a person starts none; and Prefect's settings, before its import.

Everything of Prefect's lies in a folder of ours, and its telemetry is off. When `PREFECT_API_URL` is set, that server
is used and none is started. When ours doesn't come up, Prefect's own ephemeral mode takes over.
"""

import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from .model import InputError

START_SECONDS = 120
ROOM_BYTES = 10_000_000
"""What Prefect's database and log take at most in a run; without room for them its server answers with errors."""
UNUSED_SERVICES = ("SCHEDULER", "LATE_RUNS", "TRIGGERS", "FOREMAN", "CANCELLATION_CLEANUP", "PAUSE_EXPIRATIONS")
"""What a server that lives as long as one run has no use for; it starts sooner without."""


def configure(*, level: str = "CRITICAL") -> None:
    """Settings that must stand before Prefect and Great Expectations are imported; what the user has set stays.

    `level` is how much Prefect logs: where people look at its pages, what the flows say there too.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    for name, value in {
        "PREFECT_HOME": str(state / "statsbidrag" / "prefect"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(START_SECONDS),
        "PREFECT_LOGGING_LEVEL": level,
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",  # its worries about a server that stops are nobody's here
        "PREFECT_CLI_PROMPT": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }.items():
        os.environ.setdefault(name, value)
    # A proxy for the net outside must not be asked for our own server.
    direct = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy", ""), "127.0.0.1", "localhost"]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, dict.fromkeys(",".join(direct).split(","))))
    home = Path(os.environ["PREFECT_HOME"])
    try:
        home.mkdir(parents=True, exist_ok=True)
        is_full = shutil.disk_usage(home).free < ROOM_BYTES
    except OSError as error:
        is_full = error.errno == errno.ENOSPC
        if not is_full:
            raise InputError(f"Det går inte att skriva i {home}. Ange en annan mapp med PREFECT_HOME.") from None
    if is_full:
        raise InputError(
            f"Disken är full: Prefect får inte plats i {home}. Frigör utrymme och kör samma kommando igen."
        )


class Server:
    """A Prefect server for the length of a run; nothing at all when the user has a server of their own."""

    def __init__(self, *, port: int = 0) -> None:
        """A port of its own means that people look at its pages and that it keeps schedules."""
        self._process: subprocess.Popen[bytes] | None = None
        if os.environ.get("PREFECT_API_URL"):
            return
        is_lasting = port > 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            port = probe.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/api"
        log = Path(os.environ["PREFECT_HOME"]) / "server.log"
        lean = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_SERVICES}
        lean |= {"PREFECT_SERVER_UI_ENABLED": "false"}
        shown = {"PREFECT_SERVER_UI_ENABLED": "true", "PREFECT_UI_API_URL": self._url}
        with log.open("wb") as told:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
                    *("--host", "127.0.0.1", "--port", str(port), "--log-level", "error"),
                ],
                env={**os.environ, **(shown if is_lasting else lean)},
                stdout=told,
                stderr=told,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread holds a lock this early
            )
        os.environ["PREFECT_API_URL"] = self._url

    def wait(self) -> None:
        """Return when the server answers; fall back to Prefect's ephemeral mode when it doesn't."""
        deadline = time.monotonic() + START_SECONDS
        while self._process is not None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                return
            with suppress(OSError), urllib.request.urlopen(f"{self._url}/health", timeout=2):
                return
            time.sleep(0.05)

    def close(self) -> None:
        """Ask the server that was started here to stop; it does so in its own time, at the latest with this process."""
        if self._process is not None:
            os.environ.pop("PREFECT_API_URL", None)
            self._process.terminate()
            threading.Thread(target=self._process.wait, daemon=True).start()
            self._process = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _die_with_parent() -> None:
    """Linux: the server gets SIGTERM when this process is gone, so that a killed run leaves no server behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
