"""The doors of the installed program: who gets what from the Prefect server of `serve` and of a
single run.

Everything is tried without the key, with a wrong one, from another origin and under another name,
while flows run.
"""

import base64
import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from statsbidrag.base.environment import MAIL_PASSWORD
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.running import door
from tests.support import browser
from tests.support.commands import COMMAND, ROOT, inbox
from tests.support.waiting import until
from tests.support.way import copied

__all__ = ["inbox"]

GRANTS = sorted(path.stem for path in (ROOT / "data" / "grants").glob("*.toml"))
SCHEDULED = {"quarterly_reconciliation", "unspent_watch", "deadline_watch"}
SMTP_WORD = "smtp-ord-som-ingen-annan-har"
SOCKETS = (
    *(
        "/api/events/in",
        "/api/events/out",
        "/api/logs/out",
        "/api/task_runs/subscriptions/scheduled",
    ),
    *("/api/work_pools/nagon/workers/connect", "/api/inget", "/"),
)
FIRST_WORDS = {
    "/api/events/out": {
        "type": "filter",
        "filter": {"occurred": {"since": "2020-01-01T00:00:00Z"}},
    },
    "/api/logs/out": {"type": "filter", "filter": {}},
}

AT_A_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it runs in the background ignore Ctrl+C
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Doors:
    """A Prefect server that the program has started, as those see it who may and those who may
    not."""

    port: int
    process: int
    state: Path
    out: Path
    pages: int = 0
    """The port of the desk."""
    key_file: Path | None = None
    desk_key: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the server's process was given."""
        told = Path(f"/proc/{self.process}/environ").read_bytes().decode().rstrip("\0").split("\0")
        return dict(one.partition("=")[::2] for one in told)

    @property
    def key(self) -> str:
        """The key of this start."""
        return self.environment["PREFECT_SERVER_API_AUTH_STRING"]

    def ask(
        self,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        method: str = "",
        **headers: str,
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """What one request comes to; with a key as curl shows it, without one otherwise."""
        sent = None if body is None else json.dumps(body)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent:
            told.setdefault("Content-Type", "application/json")
        if key is not None:
            told["Authorization"] = "Basic " + base64.b64encode(key.encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method or ("POST" if sent else "GET"), path, sent, told)
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
        connection.close()
        assert answer.headers["Access-Control-Allow-Origin"] in {None, told.get("Origin")}
        return answer.status, said, answer.headers

    def is_up(self) -> bool:
        """Whether the server answers."""
        try:
            return self.ask("/api/health")[0] == 200
        except OSError:
            return False

    def api(self, path: str, body: object = None, method: str = "") -> Any:
        """What Prefect's API answers whoever has the key."""
        for _ in range(20):
            status, said, _ = self.ask(f"/api{path}", body, key=self.key, method=method)
            if status != 503:  # its database is busy: it asks to be asked again
                assert 200 <= status < 300, (path, status, said)
                return json.loads(said) if said else None
            time.sleep(1)
        raise AssertionError(f"Prefect's server was busy all the time: {path}")

    def deployments(self) -> dict[str, Any]:
        """The flows that are served, by name, once all of them are."""
        until(lambda: len(self.api("/deployments/filter", {})) == 4)
        return {
            self.api(f"/flows/{d['flow_id']}")["name"]: d
            for d in self.api("/deployments/filter", {})
        }

    def talk(self, path: str, first: object = None, **given: Any) -> str:
        """What a web socket comes to: `refused`, `closed`, or the first message."""
        try:
            with connect(
                f"ws://127.0.0.1:{self.port}{path}",
                open_timeout=20,
                close_timeout=5,
                proxy=None,
                **given,
            ) as wire:
                if first is not None:
                    wire.send(first if isinstance(first, str) else json.dumps(first))
                return str(wire.recv(20))
        except InvalidStatus as no:
            return "refused" if no.response.status_code in {400, 403} else str(no)
        except ConnectionClosed:
            return "closed"


def servers_of(parent: int) -> list[tuple[int, int]]:
    """The Prefect servers that a process has started, with their ports."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            is_child = f"\nPPid:\t{parent}\n" in (place / "status").read_text()
            if not is_child or b"statsbidrag.running.prefect_door" not in words:
                continue
            opened = str(
                (
                    place
                    / "fd"
                    / words[words.index(b"statsbidrag.running.prefect_door") + 1].decode()
                ).readlink()
            )
        except OSError:
            continue
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            told = line.split()
            if opened == f"socket:[{told[9]}]":
                found.append((int(place.name), int(told[1].partition(":")[2], 16)))
    return found


def two_ports() -> int:
    """The first of two ports in a row that nobody has now."""
    for port in range(20000 + os.getpid() % 10000, 65000, 2):
        with suppress(OSError), socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", port))
            two.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("There are no ports.")


def environment(folder: Path) -> dict[str, str]:
    """What a person's shell gives a command, with the password of the mail."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return own | {"XDG_STATE_HOME": str(folder / "state"), MAIL_PASSWORD: SMTP_WORD}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, inbox: Path) -> Iterator[Doors]:
    """`statsbidrag serve` as a person starts it, on the example's returns, where standard output is
    no terminal."""
    folder = tmp_path_factory.mktemp("serve")
    port = two_ports()
    out = folder / "out"
    folders = ("--returns", str(inbox), "--data", str(copied(folder)), "--out", str(out))
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, COMMAND, "serve", *folders, "--port", str(port)],
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as served:
        try:
            assert served.stdout
            told = []
            for line in served.stdout:
                told.append(line)
                if line.startswith("Flödena körs"):
                    break
            key_file = (
                folder / "state" / "statsbidrag" / "prefect" / "nyckel" / f"prefect-{served.pid}"
            )
            desk = re.fullmatch(
                rf"Skrivbordet: http://127\.0\.0\.1:{port + 1}/\?nyckel=([\w-]{{43}})\n", told[2]
            )
            assert desk, told
            assert [*told[:2], *told[3:]] == [
                f"Prefects sidor: http://127.0.0.1:{port}\n",
                f"Nyckeln till Prefects sidor står i {key_file}\n",
                "Flödena körs enligt schemat. Avbryt med Ctrl+C.\n",
            ]
            ((process, found),) = servers_of(served.pid)
            assert found == port
            yield Doors(port, process, folder / "state", out, port + 1, key_file, desk[1])
            served.send_signal(signal.SIGINT)
            rest, _ = served.communicate(timeout=60)
        finally:
            served.kill()
        assert served.returncode in {0, 2}
        assert "Traceback" not in rest
        assert not key_file.exists()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, inbox: Path) -> Iterator[Doors]:
    """The server of a single `statsbidrag run`, which is held still while it is looked at and ends
    well afterwards."""
    folder = tmp_path_factory.mktemp("run")
    words = [COMMAND, "run", GRANTS[0], "--returns", str(inbox), "--data", str(ROOT / "data")]
    words += ["--out", str(folder / "out"), "--as-of", "2024-01-20"]
    with subprocess.Popen(
        words, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            process, port = until(lambda: servers_of(run.pid))[0]
            run.send_signal(signal.SIGSTOP)
            found = Doors(port, process, folder / "state", folder / "out")
            until(found.is_up)
            yield found
            run.send_signal(signal.SIGCONT)
            told, _ = run.communicate(timeout=120)
        finally:
            run.kill()  # one that is stopped would be waited for without end
        assert run.returncode in {0, 3}, told  # a reader may have run out of its time meanwhile


@pytest.fixture(params=["serving", "running"])
def doors(request: pytest.FixtureRequest) -> Doors:
    """Either of the two."""
    found: Doors = request.getfixturevalue(request.param)
    return found


# -- who gets in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", [None, "", "statsbidrag:fel", "fel"], ids=["none", "empty", "wrong", "word"]
)
def test_the_api_gives_nothing_and_does_nothing_without_the_key(
    doors: Doors, key: str | None
) -> None:
    flow = "/api/deployments/00000000-0000-0000-0000-000000000000"
    asked: tuple[tuple[str, str, object], ...] = (
        ("GET", "/api/admin/settings", None),
        ("GET", "/api/admin/version", None),
        ("POST", "/api/deployments/filter", {}),
        ("POST", "/api/flow_runs/filter", {}),
        ("POST", "/api/logs/filter", {}),
        ("POST", "/api/artifacts/filter", {}),
        ("POST", "/api/variables/", {"name": "x", "value": "y"}),
        ("POST", "/api/block_documents/filter", {"include_secrets": True}),
        (
            "PATCH",
            flow,
            {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "id"}}]},
        ),
        ("POST", f"{flow}/create_flow_run", {}),
        ("DELETE", flow, None),
        ("POST", "/api/admin/database/clear", {"confirm": True}),
        ("GET", "/api/static/prefect-logo-mark-gradient.png", None),
        ("GET", "/api/finns-inte", None),
        ("GET", "/api//admin/version", None),
        ("GET", "/api/./admin/version", None),
        ("GET", "/api/health/../admin/version", None),
        ("GET", "/api/%61dmin/version", None),
    )
    for method, path, body in asked:
        status, said, _ = doors.ask(path, body, key=key, method=method)
        assert (status, json.loads(said)) == (401, {"exception_message": "Unauthorized"}), path
    assert doors.ask("/api/health", key=key)[:2] == (
        200,
        "true",
    )  # that it is there can be seen anyway


def test_the_key_opens_the_api_and_is_new_at_each_start(serving: Doors, running: Doors) -> None:
    for one in (serving, running):
        assert re.fullmatch(r"statsbidrag:[\w-]{43}", one.key)
        assert one.ask("/api/admin/version", key=one.key)[0] == 200
    assert serving.key != running.key
    assert serving.ask("/api/admin/version", key=running.key)[0] == 401


PATHS = (
    "/",
    "/ui-settings",
    "/docs",
    "/openapi.json",
    "/runs",
    "/assets/x.js",
    "/api/health",
    "/api/ready",
    "/api/inget",
)


def test_another_name_is_refused_on_every_path_whatever_key_it_has(doors: Doors) -> None:
    for path in (*PATHS, "/api/admin/version", "/api/deployments/filter"):
        for host in (
            *(
                "evil.example",
                f"evil.example:{doors.port}",
                "127.0.0.1",
                f"127.0.0.1:{doors.port + 1}",
            ),
            *(f"localhost.:{doors.port}", f"LOCALHOST:{doors.port}", f"[::1]:{doors.port}"),
        ):
            status, _, headers = doors.ask(path, key=doors.key, Host=host)
            assert status == 403, (path, host)
            assert headers["X-Frame-Options"] == "DENY"
    assert doors.ask("/api/admin/version", key=doors.key, Host=f"localhost:{doors.port}")[0] == 200
    assert doors.ask("/api/admin/version", key=doors.key, X_Forwarded_Host="evil.example")[0] == 200


@pytest.mark.parametrize(
    "head", ["HTTP/1.0", "HTTP/1.1", "HTTP/1.1\r\nHost: {own}\r\nHost: evil.example"]
)
def test_a_request_without_a_name_or_with_two_is_refused(doors: Doors, head: str) -> None:
    word = base64.b64encode(doors.key.encode()).decode()
    told = head.format(own=f"127.0.0.1:{doors.port}")
    with socket.create_connection(("127.0.0.1", doors.port), timeout=30) as wire:
        wire.sendall(
            f"GET /api/admin/version {told}\r\nAuthorization: Basic {word}\r\n\r\n".encode()
        )
        assert wire.recv(65536).split(b" ")[1] in {b"400", b"403"}


def test_a_page_from_elsewhere_is_refused_whatever_key_it_has(doors: Doors) -> None:
    foreign = (
        "http://evil.example",
        f"http://127.0.0.1:{doors.port + 1}",
        f"https://127.0.0.1:{doors.port}",
        "null",
    )
    for path in (*PATHS, "/api/admin/version"):
        for origin in foreign:
            assert doors.ask(path, key=doors.key, Origin=origin)[0] == 403, (path, origin)
            asks = {
                "Access_Control_Request_Method": "PATCH",
                "Access_Control_Request_Headers": "authorization",
            }
            assert doors.ask(path, method="OPTIONS", Origin=origin, **asks)[0] == 403
        told = {
            "Sec_Fetch_Site": "same-site",
            "Sec_Fetch_Mode": "no-cors",
            "Sec_Fetch_Dest": "script",
        }
        assert doors.ask(path, key=doors.key, **told)[0] == 403
    for name in door.NAMES:
        own = f"http://{name}:{doors.port}"
        _, _, headers = doors.ask("/api/admin/version", key=doors.key, Origin=own)
        assert headers["Access-Control-Allow-Origin"] == own


@pytest.mark.parametrize("path", SOCKETS)
def test_a_web_socket_needs_the_key_its_own_name_and_its_own_origin(
    doors: Doors, path: str
) -> None:
    shown = {"type": "auth", "token": doors.key}
    word = "Basic " + base64.b64encode(doors.key.encode()).decode()
    assert (
        doors.talk(path, shown) == "refused"
    )  # without Prefect's protocol nobody would look at the key
    assert doors.talk(path, shown, subprotocols=["annat"]) == "refused"
    for first in (
        *(
            {"type": "auth"},
            {"type": "auth", "token": None},
            {"type": "auth", "token": "fel"},
            {"type": "auth", "token": 1},
        ),
        *(
            {"type": "auth", "token": "\ud800é"},
            {"type": "filter", "filter": {}},
            [],
            "auth",
            "{",
            "\0",
        ),
    ):
        assert doors.talk(path, first, subprotocols=["prefect"]) in {"refused", "closed"}, first
    wrong = {"additional_headers": {"Authorization": "Basic ZmVs"}, "subprotocols": ["prefect"]}
    assert doors.talk(path, shown, **wrong) == "refused"
    for origin in ("http://evil.example", f"http://127.0.0.1:{doors.port + 1}", "null"):
        given = {
            "additional_headers": {"Authorization": word},
            "subprotocols": ["prefect"],
            "origin": origin,
        }
        assert doors.talk(path, shown, **given) == "refused"
    if path in {"/", "/api/inget"}:
        return
    for headers in ({}, {"Authorization": word}):
        given = {
            "additional_headers": headers,
            "subprotocols": ["prefect"],
            "origin": f"http://localhost:{doors.port}",
        }
        assert json.loads(doors.talk(path, shown, **given)) == {"type": "auth_success"}


def test_a_web_socket_under_another_name_is_refused(doors: Doors) -> None:
    word = base64.b64encode(doors.key.encode()).decode()
    for path in SOCKETS:
        with socket.create_connection(("127.0.0.1", doors.port), timeout=30) as wire:
            wire.sendall(
                f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: "
                "Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                f"{base64.b64encode(b'x' * 16).decode()}\r\n"
                f"Sec-WebSocket-Protocol: prefect\r\nAuthorization: Basic {word}\r\n\r\n".encode()
            )
            assert wire.recv(65536).startswith(b"HTTP/1.1 403 "), path


# -- where the secrets are -------------------------------------------------------------------------


def holders(folder: Path, secret: str) -> list[Path]:
    """The files that hold a secret, as it is or as it is sent."""
    forms = {
        secret.encode(),
        base64.b64encode(secret.encode()),
        secret.partition(":")[2].encode() or secret.encode(),
    }
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and any(form in path.read_bytes() for form in forms)
    ]


def test_the_key_is_on_no_command_line_and_in_no_file_that_others_can_read(
    serving: Doors, running: Doors
) -> None:
    for one in (serving, running):
        lines = [
            place.read_bytes() for place in Path("/proc").glob("[0-9]*/cmdline") if place.exists()
        ]
        assert any(b"statsbidrag.running.prefect_door" in line for line in lines)
        assert not any(one.key.partition(":")[2].encode() in line for line in lines)
        assert holders(one.state, one.key) == ([one.key_file] if one.key_file else [])
        assert holders(one.out, one.key) == []
        home = one.state / "statsbidrag" / "prefect"
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        for path in home.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
    assert serving.key_file
    assert serving.key_file.read_text("ascii") == f"{serving.key}\n"
    assert stat.S_IMODE(serving.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(serving.key_file.parent.stat().st_mode) == 0o700


@pytest.mark.long
def test_the_password_of_the_mail_is_nowhere_that_prefect_can_show_it(
    serving: Doors, running: Doors
) -> None:
    for one in (serving, running):
        assert MAIL_PASSWORD not in one.environment
        assert SMTP_WORD not in "".join(one.environment.values())
        assert holders(one.state, SMTP_WORD) == holders(one.out, SMTP_WORD) == []
        told = [
            one.api("/admin/settings"),
            one.api("/block_documents/filter", {"include_secrets": True}),
        ]
        told += [
            one.api(f"/{what}/filter", {})
            for what in ("deployments", "flow_runs", "task_runs", "artifacts", "logs")
        ]
        told += [one.api("/variables/filter", {}), one.api("/events/filter", {"filter": {}})]
        assert SMTP_WORD not in json.dumps(told)
        assert "statsbidrag-smtp" not in json.dumps(told)
        assert one.key not in json.dumps(told)


# -- and the flows run -----------------------------------------------------------------------------


@pytest.mark.long
def test_a_person_with_the_key_can_start_a_flow_that_runs_to_its_end(serving: Doors) -> None:
    flows = serving.deployments()
    assert {name for name, d in flows.items() if d["schedules"]} == SCHEDULED
    assert set(flows) == SCHEDULED | {"year_end_report"}
    quarterly = flows["quarterly_reconciliation"]
    given = {
        "parameters": quarterly["parameters"] | {"as_of": "2024-01-20"},
        "state": {"type": "SCHEDULED"},
    }
    with ExitStack() as silent:
        for _ in range(300):
            silent.enter_context(socket.create_connection(("127.0.0.1", serving.port), timeout=30))
        started = serving.api(f"/deployments/{quarterly['id']}/create_flow_run", given)["id"]
        ended = {"COMPLETED", "FAILED", "CRASHED"}
        run = until(
            lambda: (r := serving.api(f"/flow_runs/{started}"))["state_type"] in ended and r, 180
        )
    logs = serving.api("/logs/filter", {"logs": {"flow_run_id": {"any_": [started]}}})
    logged = [one["message"] for one in logs]
    assert run["state_type"] == "COMPLETED", logged
    assert "Skriv rapporter" in logged
    # what a flow tells comes through the web sockets
    of_flows = {"filter": {"event": {"prefix": ["prefect.flow-run."]}}}
    until(lambda: serving.api("/events/filter", of_flows)["events"])

    shown = {one["key"]: one["data"] for one in serving.api("/artifacts/filter", {})}
    assert shown["korningen"] == 100.0
    assert "Pengar i fara" in shown["oversikt"]
    assert {f"{kind}-{grant}" for kind in ("lage", "rapport") for grant in GRANTS} <= set(shown)
    pages = Doors(serving.pages, serving.process, serving.state, serving.out)
    addresses = re.findall(r"\]\(http://127\.0\.0\.1:(\d+)(/[^)]+)\)", shown["oversikt"])
    assert addresses
    for port, path in addresses:
        assert port == str(serving.pages)
        shows = {"Authorization": f"Bearer {serving.desk_key}"}
        status, _, headers = pages.ask(path, **shows)
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert pages.ask(path)[0] == 401
        assert (
            pages.ask(path, **shows, Host="evil.example")[0]
            == pages.ask(path, **shows, Origin="http://evil.example")[0]
            == 403
        )
    for hidden in ("/ut/statsbidrag.duckdb", "/ut/logg.jsonl"):
        assert pages.ask(hidden, **shows)[0] == 404
    assert {
        event.details.get("flow")
        for event in Log.read(serving.out / LOG).events
        if event.kind == "run"
    } == {"quarterly_reconciliation"}


# -- a server that isn't there ---------------------------------------------------------------------


def refused(folder: Path, *words: str, **given: str) -> str:
    """The one sentence of a command that can't start."""
    own = environment(folder) | given
    done = subprocess.run(
        [COMMAND, *words], env=own, capture_output=True, text=True, check=False, timeout=180
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def run_or_serve(command: str, inbox: Path, out: Path) -> list[str]:
    """The words of either command that needs Prefect's server."""
    words = [command, "--returns", str(inbox), "--data", str(ROOT / "data"), "--out", str(out)]
    if command == "run":
        return [*words, "--as-of", "2024-01-20"]
    return [*words, "--port", str(two_ports())]


@pytest.mark.long
@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_server_of_the_users_own_that_is_not_there_or_refuses_the_key_is_one_sentence(
    command: str, serving: Doors, tmp_path: Path, inbox: Path
) -> None:
    words = run_or_serve(command, inbox, tmp_path / "out")
    told = refused(tmp_path, *words, PREFECT_API_URL="http://anna:LÖSENORD@127.0.0.1:9/api")
    assert told.startswith("Prefects server http://127.0.0.1:9/api svarar inte som den ska.")
    own = {"PREFECT_API_URL": f"http://127.0.0.1:{serving.port}/api"}
    for given in ({}, {"PREFECT_API_AUTH_STRING": "statsbidrag:fel"}):
        assert "godtar inte nyckeln" in refused(tmp_path, *words, **own, **given)
    assert "svarar inte" in refused(
        tmp_path, *words, PREFECT_API_URL=f"http://127.0.0.1:{serving.pages}/api"
    )


@pytest.mark.long
@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_server_of_ours_that_does_not_come_up_is_one_sentence(
    command: str, tmp_path: Path, inbox: Path
) -> None:
    words = run_or_serve(command, inbox, tmp_path / "out")
    told = refused(
        tmp_path,
        *words,
        PREFECT_SERVER_DATABASE_CONNECTION_URL="sqlite+aiosqlite:////finns/inte/x.db",
    )
    assert told.startswith("Prefects server, som behövs för körningen, startade inte.")


@pytest.mark.long
@pytest.mark.parametrize("name", ["PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"])
def test_a_key_that_the_user_has_chosen_is_kept(name: str, tmp_path: Path) -> None:
    script = (
        "import os; from statsbidrag.running.prefect_server import Server, configure; configure()\n"
        "with Server() as server: print(server.key, os.environ.get('PREFECT_API_AUTH_STRING'))\n"
        "print(os.environ.get('PREFECT_API_AUTH_STRING'), os.environ.get('PREFECT_API_URL'))"
    )
    own = environment(tmp_path) | {name: "anna:ord"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=own, capture_output=True, text=True, check=True
    )
    kept = "anna:ord" if name == "PREFECT_API_AUTH_STRING" else None
    assert done.stdout == f"None anna:ord\n{kept} None\n"


# -- a real browser --------------------------------------------------------------------------------

without_chromium = pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed")

ATTACK = """
(async () => {
  const got = [];
  const tried = async (name, ask) => {
    try { const answer = await ask(); if (answer) got.push(name + ": " + answer); } catch (error) { }
  };
  const read = async answer => answer.type === "opaque" ? "" : answer.status + " " + (await answer.text()).slice(0, 80);
  const loaded = (tag, given) => new Promise(end => {
    const made = Object.assign(document.createElement(tag), given);
    made.onload = () => end("loaded"); made.onerror = () => end("");
    document.body.append(made); setTimeout(() => end(""), 3000);
  });
  const steps = JSON.stringify({pull_steps: [{"prefect.deployments.steps.run_shell_script": {script: "touch HIT"}}]});
  for (const host of HOSTS) {
    const api = `http://${host}/api`, json = {"Content-Type": "application/json"};
    for (const headers of [{}, {Authorization: "Basic " + btoa(KEY)}]) {
      for (const path of ["/health", "/admin/version", "/admin/settings"])
        await tried(host + path, async () => read(await fetch(api + path, {headers})));
      await tried(host + " POST", async () => read(await fetch(api + "/deployments/filter",
        {method: "POST", body: "{}", headers: {...headers, ...json}})));
      await tried(host + " PATCH", async () => read(await fetch(`${api}/deployments/${DEPLOYMENT}`,
        {method: "PATCH", body: steps, headers: {...headers, ...json}})));
    }
    await tried(host + " simple", async () => read(await fetch(`${api}/variables/`,
      {method: "POST", mode: "no-cors", body: '{"name": "hit", "value": "x"}'})));
    await tried(host + " credentials", async () => read(await fetch(`${api}/admin/version`, {credentials: "include"})));
    for (const path of ["/", "/ui-settings", "/openapi.json", "/index.html"])
      await tried(host + path, async () => read(await fetch(`http://${host}${path}`)));
    await tried(host + " events", () => new Promise(end => {
      const source = new EventSource(`${api}/events/out`);
      source.onopen = () => end("open"); source.onerror = () => end("");
    }));
    for (const path of ["/events/in", "/events/out", "/logs/out"])
      await tried(host + " socket " + path, () => new Promise(end => {
        const wire = new WebSocket(`ws://${host}/api${path}`, ["prefect"]);
        wire.onopen = () => { wire.send(JSON.stringify({type: "auth", token: KEY})); end("open"); };
        wire.onerror = wire.onclose = () => end("");
      }));
    for (const path of ["/", "/index.html", "/api/health"]) {
      await tried(host + " script " + path, () => loaded("script", {src: `http://${host}${path}`}));
      await tried(host + " style " + path, () => loaded("link", {rel: "stylesheet", href: `http://${host}${path}`}));
      await loaded("iframe", {src: `http://${host}${path}`});
    }
    await tried(host + " image", () => loaded("img", {src: `http://${host}/favicon.ico`}));
    const form = Object.assign(document.createElement("form"),
      {method: "POST", action: `${api}/variables/`, enctype: "text/plain", target: "inner"});
    form.innerHTML = `<input name='{"name": "hit", "value": "' value='"}'><iframe name="inner"></iframe>`;
    document.body.append(form); form.submit();
    await new Promise(end => setTimeout(end, 500));
  }
  return got;
})()
"""


def attack(hosts: list[str], key: str, deployment: str) -> str:
    """The script of a page that tries all it can, even if it has come by the key; its value is what
    it got."""
    told = {"HOSTS": hosts, "KEY": key, "DEPLOYMENT": deployment}
    return (
        "{"
        + "".join(f"const {name} = {json.dumps(value)};" for name, value in told.items())
        + ATTACK
        + "}"
    )


@contextmanager
def foreign_page(folder: Path) -> Iterator[int]:
    """A page of somebody else's on this machine, at another port, that anybody may read."""
    (folder / "index.html").write_text("<!DOCTYPE html><title>x</title><body>", "utf-8")
    handler = partial(SilentHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield other.server_port
        other.shutdown()


class SilentHandler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def tab() -> Iterator[browser.Tab]:
    names = "MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    with browser.opened(names) as opened:
        yield opened


@pytest.mark.long
@without_chromium
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_of_another_origin_gets_nothing_in_a_real_browser(
    name: str, serving: Doors, running: Doors, tab: browser.Tab, tmp_path: Path
) -> None:
    before = serving.deployments()
    quarterly = before["quarterly_reconciliation"]
    ports = (serving.port, serving.pages, running.port)
    hosts = [f"{own}:{port}" for port in ports for own in door.NAMES]
    with foreign_page(tmp_path) as port:
        tab.visit(f"http://{name}:{port}/")
        assert tab.run(attack(hosts, serving.key, quarterly["id"])) == []
        asked = [(url, status) for url, status in tab.answers if urlsplit(url).port in ports]
        assert len(asked) > 50
        assert {status for _, status in asked} == {403}
    assert (
        serving.deployments()["quarterly_reconciliation"]["pull_steps"] == quarterly["pull_steps"]
    )
    assert not any(one["name"] == "hit" for one in serving.api("/variables/filter", {}))


@pytest.mark.long
@without_chromium
def test_the_attack_finds_a_door_that_is_open(tab: browser.Tab, tmp_path: Path) -> None:
    (tmp_path / "favicon.ico").write_bytes(
        base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")
    )
    with foreign_page(tmp_path) as port, foreign_page(tmp_path) as other:
        tab.visit(f"http://127.0.0.1:{port}/")
        got = tab.run(attack([f"127.0.0.1:{other}"], "x", "x"))
    assert f"127.0.0.1:{other}/index.html: 200 <!DOCTYPE html><title>x</title><body>" in got
    assert f"127.0.0.1:{other} image: loaded" in got


@pytest.mark.long
@without_chromium
def test_a_name_that_is_made_to_lead_here_shows_nothing(serving: Doors, tab: browser.Tab) -> None:
    for port in (serving.port, serving.pages):
        tab.visit(f"http://evil.example:{port}/")
        assert (
            tab.run("document.body.innerText")
            == "Nekad: frågan kommer inte från den här datorns egna sidor.\n"
        )


@pytest.mark.long
@without_chromium
@pytest.mark.parametrize("name", door.NAMES)
def test_prefects_pages_work_for_whoever_has_the_key_and_ask_nobody_else(
    name: str, serving: Doors, tab: browser.Tab
) -> None:
    serving.deployments()
    tab.visit("about:blank")  # what the page before still asks for is not asked by these
    tab.visit(f"http://{name}:{serving.port}/")
    until(lambda: tab.run("!!document.querySelector('input[type=password]')"))
    assert "quarterly_reconciliation" not in tab.run("document.body.innerText")
    tab.run("document.querySelector('input[type=password]').focus()")
    tab.ask("Input.insertText", text=serving.key)
    tab.run("document.querySelector('button[type=submit]').click()")
    until(lambda: tab.run("document.querySelector('input[type=password]') === null"))
    everything = list(tab.requests)
    for path in ("/v2/deployments", "/deployments"):  # both of the pages that Prefect has
        tab.visit(f"http://{name}:{serving.port}{path}")
        until(lambda: "quarterly_reconciliation" in tab.run("document.body.innerText"))
        everything += tab.requests
    until(lambda: "4 Deployments" in tab.run("document.body.innerText"))
    here = {f"{own}:{serving.port}" for own in door.NAMES}
    assert {
        urlsplit(url).netloc for url in everything if not url.startswith(("data:", "blob:"))
    } <= here


@pytest.mark.long
@without_chromium
def test_a_link_from_prefects_pages_leads_to_a_report(serving: Doors, tab: browser.Tab) -> None:
    (serving.out / "prov.html").write_text("<!DOCTYPE html><title>x</title>Pengar i fara", "utf-8")
    tab.visit(f"http://127.0.0.1:{serving.port}/")
    desk = f"http://127.0.0.1:{serving.pages}"
    tab.follow(f"{desk}/ut/prov.html")
    assert "Du är inte inne på Skrivbordet" in tab.run("document.body.innerText")
    tab.visit(f"{desk}/?nyckel={serving.desk_key}")
    tab.visit(f"http://127.0.0.1:{serving.port}/")
    tab.follow(f"{desk}/ut/prov.html")
    assert tab.run("document.body.innerText") == "Pengar i fara"
