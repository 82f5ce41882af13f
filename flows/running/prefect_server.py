"""Prefect's server as a child of the run, so that a person starts none; and Prefect's settings,
before its import.

Everything of Prefect's lies in a folder of ours, and its telemetry is off. When `PREFECT_API_URL`
is set, that server is used and none is started. Whoever may ask Prefect's server something may let
it run commands as the user of this process. So it stands behind a door (`prefect_door`), with a key
that is new at each start and that only the processes that need it get, by environment. No other
server steps in: that one would have no door.

What Prefect keeps in its database is its own history, and nothing of ours. So a server of ours that
can't start on it gets a new one, once, and the old one is put aside. Whatever else Prefect can't do
is one sentence.
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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from ..base import state
from ..base.environment import SECRETS
from ..base.errors import InputError
from ..base.listening import listen
from .prefect_answers import UnansweredError, asked, must_answer, unanswered
from .prefect_database import ASIDE, is_locked, own_database, put_aside, put_back

START_SECONDS = 300
"""How long a server may take to start: on a busy machine, and when it makes its database after
another."""
_STOP_SECONDS = 4
"""How long a server that was to last may take to stop."""
ROOM_BYTES = 10_000_000
"""What Prefect's database and log take at most in a run; without room for them its server answers
with errors."""
UNUSED_SERVICES = (
    "SCHEDULER",
    "LATE_RUNS",
    "TRIGGERS",
    "FOREMAN",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
)
"""What a server that lives as long as one run has no use for; it starts sooner without."""


def configure(*, level: str = "CRITICAL") -> None:
    """Settings that must stand before Prefect and Great Expectations are imported; what the user
    has set stays.

    `level` is how much Prefect logs: where people look at its pages, what the flows say there too.
    """
    ours = state.own_folder() / "prefect"
    for name, value in {
        "PREFECT_HOME": str(ours),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": level,
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        # Its worries about a server that stops are nobody's here
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_CLI_PROMPT": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }.items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"
    # A proxy for the net outside must not be asked for our own server.
    direct = [
        os.environ.get("NO_PROXY") or os.environ.get("no_proxy", ""),
        "127.0.0.1",
        "localhost",
    ]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, dict.fromkeys(",".join(direct).split(",")))
    )
    home = Path(os.environ["PREFECT_HOME"])
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home == ours:
            home.chmod(0o700)  # earlier versions let others in
        is_full = shutil.disk_usage(home).free < ROOM_BYTES
    except OSError as error:
        is_full = error.errno == errno.ENOSPC
        if not is_full:
            raise InputError(
                f"Det går inte att skriva i {home}. Ange en annan mapp med PREFECT_HOME."
            ) from None
    if is_full:
        raise InputError(
            f"Disken är full: Prefect får inte plats i {home}. Frigör utrymme och kör samma "
            "kommando igen."
        )


class Server:
    """A Prefect server for the length of a run; nothing at all when the user has a server of their
    own."""

    key: str | None = None
    """What the server asks for; None when it isn't ours, or when the user has chosen it and so
    knows it."""
    repaired = ""
    """What had to be done about Prefect's database before the server could start, as a sentence;
    else empty."""

    def __init__(self, *, port: int = 0) -> None:
        """A port of its own means that people look at its pages and that it keeps schedules.

        Raises OSError when the port is taken.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._set: list[str] = []
        self._noted: Path | None = None
        if os.environ.get("PREFECT_API_URL"):
            return
        # The port is ours from here to the end, so that nobody else's server can stand where this
        # one should.
        self._listener = listen("127.0.0.1", port)
        self._is_lasting = port > 0
        port = self._listener.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/api"
        chosen = os.environ.get("PREFECT_SERVER_API_AUTH_STRING") or os.environ.get(
            "PREFECT_API_AUTH_STRING"
        )
        key = chosen or f"statsbidrag:{secrets.token_urlsafe(32)}"
        self._environment = self._told(port, key)
        self._start()
        self.key = None if chosen else key
        self._let("PREFECT_API_URL", self._url)
        if not os.environ.get("PREFECT_API_AUTH_STRING"):
            self._let("PREFECT_API_AUTH_STRING", key)

    def _told(self, port: int, key: str) -> Mapping[str, str]:
        """The environment that the server gets."""
        own_pages = f"http://127.0.0.1:{port},http://localhost:{port}"
        environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
        environment |= {
            "PREFECT_SERVER_API_AUTH_STRING": key,
            # one setting with two names
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": own_pages,
            "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": own_pages,
        }
        if self._is_lasting:
            environment |= {"PREFECT_SERVER_UI_ENABLED": "true", "PREFECT_UI_API_URL": self._url}
        else:
            environment |= {
                f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_SERVICES
            }
            environment |= {"PREFECT_SERVER_UI_ENABLED": "false"}
        return environment

    def _start(self) -> None:
        """Start the process on the port that is ours."""
        with open(self._log, "wb", opener=_for_us_alone) as told:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "statsbidrag.running.prefect_door",
                    str(self._listener.fileno()),
                ],
                env=self._environment,
                stdout=told,
                stderr=told,
                pass_fds=[self._listener.fileno()],
                umask=0o077,
                process_group=0,  # Ctrl+C is for the command, which then stops its server
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread holds a lock this early
            )
        self._is_closed = threading.Event()
        held = self._listener.dup()
        threading.Thread(
            target=_hold, args=(self._process, held, self._is_closed), daemon=True
        ).start()

    @property
    def _log(self) -> Path:
        return Path(os.environ["PREFECT_HOME"]) / "server.log"

    def _let(self, name: str, value: str) -> None:
        """Tell Prefect's clients in this process, and in those that it starts."""
        os.environ[name] = value
        self._set.append(name)

    def wait(self) -> None:
        """Return when the server answers. Raises InputError when it doesn't, or refuses the key of
        the user."""
        if self._process is None:
            must_answer()
            return
        if not self._answers():
            self._start_anew()
        if self.key is None:
            must_answer()

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """While the server must last: what runs in the main thread is stopped, as by Ctrl+C, when
        it is gone.

        Raises UnansweredError then.
        """
        process, is_gone, is_over = self._process, threading.Event(), threading.Event()

        def watch() -> None:
            assert process is not None
            process.wait()
            if not is_over.is_set():
                is_gone.set()
                os.kill(os.getpid(), signal.SIGINT)

        if process is not None:
            threading.Thread(target=watch, daemon=True).start()
        try:
            with asked():
                yield
        except KeyboardInterrupt:
            if not is_gone.is_set():
                raise
        finally:
            is_over.set()
        if is_gone.is_set():
            raise UnansweredError(unanswered())

    def _answers(self) -> bool:
        """Whether the process comes so far that it answers, before its time is out."""
        deadline = time.monotonic() + START_SECONDS
        while (
            self._process is not None
            and self._process.poll() is None
            and time.monotonic() < deadline
        ):
            with (
                suppress(OSError, HTTPException),
                urllib.request.urlopen(f"{self._url}/health", timeout=5),
            ):
                return True
            time.sleep(0.05)
        return False

    def _start_anew(self) -> None:
        """Try once more with Prefect's own database put aside, if there is one. Raises InputError
        when it doesn't help.

        A server that came to no end in its time is stopped and not tried again.
        """
        process, database = self._process, own_database()
        has_given_up = process is not None and process.poll() is not None
        if database is not None and has_given_up:
            if is_locked(database):
                self.close()
                raise InputError(
                    f"Prefects databas {database} används av ett annat program som har låst den. "
                    "Stäng det programmet och kör samma kommando igen. Inget är ändrat."
                )
            self._is_closed.set()
            moved = put_aside(database)
            self._start()
            if self._answers():
                self.repaired = (
                    "Prefects databas gick inte att använda, så en ny är gjord. Den gamla ligger "
                    f"kvar som {ASIDE} i {database.parent}. Där står bara vad Prefect har kört, "
                    "inget om bidragen."
                )
                return
            put_back(moved)
        self.close()
        raise InputError(
            "Prefects server, som behövs för körningen, startade inte. Vad den sade står i "
            f"{self._log}. Rätta det och kör samma kommando igen."
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
            raise InputError(
                f"Nyckeln till Prefects sidor går inte att skriva i {path.parent}."
            ) from None
        self._noted = path
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Ask the server that was started here to stop. One for a single run does so in its own
        time, at the latest with this process; one that was to last has ended when this returns."""
        for name in self._set:
            os.environ.pop(name, None)
        self._set.clear()
        if self._process is not None:
            self._process.terminate()
            self._is_closed.set()
            self._listener.close()
            if self._is_lasting:
                _end(self._process)
            self._process = None
        if self._noted is not None:
            self._noted.unlink(missing_ok=True)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _hold(
    process: "subprocess.Popen[bytes]", listener: socket.socket, is_closed: threading.Event
) -> None:
    """When the server is gone before its time: turn away whoever asks it, and let nobody else have
    its port."""
    process.wait()
    with listener, suppress(OSError):
        listener.settimeout(1)
        while not is_closed.is_set():
            with suppress(TimeoutError):
                listener.accept()[0].close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a server that has been asked to stop; kill one that doesn't."""
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _for_us_alone(path: str, flags: int) -> int:
    """Open a file that nobody else can read, however it came to be there."""
    file = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    os.fchmod(file, 0o600)
    return file


def _die_with_parent() -> None:
    """Linux: the server gets SIGTERM when this process is gone, so that a killed run leaves no
    server behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
