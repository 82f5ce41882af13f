"""Prefect's server as a child of the run, so that a person starts none; and Prefect's settings, before its import.

Everything of Prefect's lies in a folder of ours, and its telemetry is off. When `PREFECT_API_URL` is set, that server
is used and none is started. Whoever may ask Prefect's server something may let it run commands as the user of this
process. So it stands behind a door (`prefect_door`), with a key that is new at each start and that only the processes
that need it get, by environment. No other server steps in: that one would have no door.
"""

import ctypes
import errno
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from .model import MAIL_PASSWORD, InputError

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
    ours = state / "statsbidrag" / "prefect"
    for name, value in {
        "PREFECT_HOME": str(ours),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": level,
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",  # its worries about a server that stops are nobody's here
        "PREFECT_CLI_PROMPT": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }.items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"
    # A proxy for the net outside must not be asked for our own server.
    direct = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy", ""), "127.0.0.1", "localhost"]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, dict.fromkeys(",".join(direct).split(","))))
    home = Path(os.environ["PREFECT_HOME"])
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home == ours:
            home.chmod(0o700)  # earlier versions let others in
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

    key: str | None = None
    """What the server asks for; None when it isn't ours, or when the user has chosen it and so knows it."""

    def __init__(self, *, port: int = 0) -> None:
        """A port of its own means that people look at its pages and that it keeps schedules.

        Raises OSError when the port is taken.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._set: list[str] = []
        if os.environ.get("PREFECT_API_URL"):
            return
        is_lasting = port > 0
        # The port is ours from here to the end, so that nobody else's server can stand where this one should.
        self._listener = socket.create_server(("127.0.0.1", port))
        port = self._listener.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/api"
        chosen = os.environ.get("PREFECT_SERVER_API_AUTH_STRING") or os.environ.get("PREFECT_API_AUTH_STRING")
        key = chosen or f"statsbidrag:{secrets.token_urlsafe(32)}"
        own_pages = f"http://127.0.0.1:{port},http://localhost:{port}"
        environment = {name: value for name, value in os.environ.items() if name != MAIL_PASSWORD}
        environment |= {
            "PREFECT_SERVER_API_AUTH_STRING": key,
            # one setting with two names
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": own_pages,
            "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": own_pages,
        }
        if is_lasting:
            environment |= {"PREFECT_SERVER_UI_ENABLED": "true", "PREFECT_UI_API_URL": self._url}
        else:
            environment |= {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_SERVICES}
            environment |= {"PREFECT_SERVER_UI_ENABLED": "false"}
        with open(self._log, "wb", opener=_for_us_alone) as told:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "statsbidrag.prefect_door", str(self._listener.fileno())],
                env=environment,
                stdout=told,
                stderr=told,
                pass_fds=[self._listener.fileno()],
                umask=0o077,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread holds a lock this early
            )
        self._is_closed = threading.Event()
        threading.Thread(target=_hold, args=(self._process, self._listener, self._is_closed), daemon=True).start()
        self.key = None if chosen else key
        self._let("PREFECT_API_URL", self._url)
        if not os.environ.get("PREFECT_API_AUTH_STRING"):
            self._let("PREFECT_API_AUTH_STRING", key)

    @property
    def _log(self) -> Path:
        return Path(os.environ["PREFECT_HOME"]) / "server.log"

    def _let(self, name: str, value: str) -> None:
        """Tell Prefect's clients in this process, and in those that it starts."""
        os.environ[name] = value
        self._set.append(name)

    def wait(self) -> None:
        """Return when the server answers. Raises InputError when it doesn't, or refuses the key of the user."""
        if self._process is None:
            _must_answer()
            return
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            with suppress(OSError, HTTPException), urllib.request.urlopen(f"{self._url}/health", timeout=5):
                if self.key is None:
                    _must_answer()
                return
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.close()
        raise InputError(
            f"Prefects server, som behövs för körningen, startade inte. Vad den sade står i {self._log}. Rätta det och "
            "kör samma kommando igen."
        )

    @contextmanager
    def noting(self) -> Iterator[Path]:
        """While it lasts the key stands in a file that only the user of this process can read.

        Raises InputError when it can't be written.
        """
        path = Path(os.environ["PREFECT_HOME"]) / "nyckel" / f"prefect-{os.getpid()}"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.parent.chmod(0o700)
            path.unlink(missing_ok=True)
            with open(path, "x", encoding="ascii", opener=_for_us_alone) as file:
                file.write(f"{self.key}\n")
        except OSError:
            raise InputError(f"Nyckeln till Prefects sidor går inte att skriva i {path.parent}.") from None
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Ask the server that was started here to stop; it does so in its own time, at the latest with this process."""
        for name in self._set:
            os.environ.pop(name, None)
        self._set.clear()
        if self._process is not None:
            self._process.terminate()
            self._is_closed.set()
            self._process = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _hold(process: "subprocess.Popen[bytes]", listener: socket.socket, is_closed: threading.Event) -> None:
    """When the server is gone before its time: turn away whoever asks it, and let nobody else have its port."""
    process.wait()
    with listener, suppress(OSError):
        listener.settimeout(1)
        while not is_closed.is_set():
            with suppress(TimeoutError):
                listener.accept()[0].close()


def _must_answer() -> None:
    """Raises InputError when the server that Prefect's settings name doesn't answer, or refuses the key."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    address = urlsplit(str(get_current_settings().api.url))
    url = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()  # a password is not for the screen
    try:
        with get_client(sync_client=True) as client:
            client.api_version()
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError, ValueError) as error:
        cause = error.__cause__ if isinstance(error, RuntimeError) else error
        status = cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else None
        if status in {401, 403}:
            raise InputError(
                f"Prefects server {url} godtar inte nyckeln. Ange den som gäller i PREFECT_API_AUTH_STRING."
            ) from None
        raise InputError(
            f"Prefects server {url} svarar inte som den ska. Se till att den är i gång, eller ta bort PREFECT_API_URL "
            "så startas en egen."
        ) from None


def _for_us_alone(path: str, flags: int) -> int:
    """Open a file that nobody else can read, however it came to be there."""
    file = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    os.fchmod(file, 0o600)
    return file


def _die_with_parent() -> None:
    """Linux: the server gets SIGTERM when this process is gone, so that a killed run leaves no server behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
