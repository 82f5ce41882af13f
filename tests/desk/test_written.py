"""The out folder's files at the desk: reports and calendars, nothing else, for nobody else; and how
long its door stands open."""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from statsbidrag.running import door
from tests.support.desks import OpenDesk, open_desk

SHOWN = (
    "index.html",
    "g/slutlig/aterrapport.pdf",
    "g/inlamnad/1/aterrapport.html",
    "kalender/alla.ics",
)
HIDDEN = (
    *(
        "logg.jsonl",
        "utkorg/brev.eml",
        ".pagar/a.html",
        "x.duckdb",
        "g/paket/g_1.zip",
        "g/slutlig/.a.html",
    ),
    *(
        "g/inlamnad/1/underlag/a.xlsx",
        "g/inlamnad/1/underlag/b/a.html",
        "g/inlamnad/1/UNDERLAG/a.xlsx",
    ),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An out folder that is itself reached by a link, with links in it."""
    real = tmp_path / "disk"
    for name in (*SHOWN, *HIDDEN):
        path = real / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    outside = tmp_path / "utanfor"
    outside.mkdir()
    (outside / "hemlig.html").write_text("utanför")
    (tmp_path / "utanfor.html").write_text("utanför")
    (real / "lank.html").symlink_to(outside / "hemlig.html")
    (real / "passwd.txt").symlink_to("/etc/passwd")
    (real / "mapp").symlink_to(outside)
    (real / "inat.html").symlink_to("g/inlamnad/1/aterrapport.html")
    (real / "kopia").symlink_to("g/inlamnad/1/underlag")
    (real / "logg.html").symlink_to("logg.jsonl")
    (real / "mapp.html").mkdir()
    os.mkfifo(real / "ror.html")
    link = tmp_path / "out"
    link.symlink_to(real)
    return link


@pytest.fixture
def desk(out: Path, tmp_path: Path) -> Iterator[OpenDesk]:
    (tmp_path / "in").mkdir()
    with open_desk(tmp_path / "in", out) as opened:
        yield opened


@pytest.fixture
def port(desk: OpenDesk) -> int:
    KEYS[desk.port] = desk.key
    return desk.port


KEYS: dict[int, str] = {}
"""The key of the desk on each port."""


def asked(
    port: int, path: str, host: str | None = None, method: str = "GET", **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, f"/ut{path}", skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.putheader("Authorization", f"Bearer {KEYS[port]}")
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said, answer.headers


def raw(port: int, said: bytes, seconds: float = 10) -> bytes:
    """What comes back for bytes that no well-behaved client sends, until the connection is
    closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := connection.recv(65536):
            heard += piece
        return heard


@pytest.mark.parametrize("name", SHOWN)
def test_reports_are_shown(port: int, name: str) -> None:
    assert asked(port, f"/{name}?x=1#rad")[:2] == (200, name)
    status, said, headers = asked(port, f"/{name}", method="HEAD")
    assert (status, said, headers["Content-Length"]) == (200, "", str(len(name)))


def test_links_within_the_folder_are_followed(port: int) -> None:
    status, said, headers = asked(port, "/index.html")
    assert (status, said) == (200, "index.html")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Access-Control-Allow-Origin"] is None
    assert asked(port, "/inat.html")[:2] == (200, "g/inlamnad/1/aterrapport.html")
    assert asked(port, "/g/slutlig/%61terrapport.pdf")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{name}" for name in HIDDEN),
        *("/g", "/g/", "/g/slutlig/", "/finns-inte.html", "/mapp.html", "/ror.html"),
        *(
            "/../utanfor.html",
            "/%2e%2e/utanfor.html",
            "/g/..%2f..%2futanfor.html",
            "//utanfor.html",
            "/%2futanfor.html",
        ),
        *(
            "/g/../../utanfor.html",
            "/./index.html",
            "/g//slutlig/aterrapport.pdf",
            "/index.html%00",
            "/%00.html",
        ),
        *(
            "/lank.html",
            "/passwd.txt",
            "/mapp/hemlig.html",
            "/kopia/a.xlsx",
            "/kopia/b/a.html",
            "/logg.html",
        ),
        *(
            "/g/inlamnad/1/%75nderlag/a.xlsx",
            "/g/inlamnad/1/UNDERLAG/a.xlsx",
            "/g/inlamnad/1/underlag./a.xlsx",
        ),
        *(
            "/g/inlamnad/1/x/../underlag/a.xlsx",
            "/g/inlamnad/1/%2e/underlag/a.xlsx",
            "/index.HTML",
            "/index.html/",
        ),
        *(
            "/etc/passwd",
            "//etc/passwd",
            "/%ff.html",
            "/" + "a" * 5000 + ".html",
            "/proc/self/environ.txt",
        ),
    ],
)
def test_nothing_else_is(port: int, path: str) -> None:
    status, said, _ = asked(port, path)
    assert (status, json.loads(said)) == (404, {"error": "Sidan finns inte."})


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:{port}",
            "127.0.0.1",
            "localhost",
            "localhost.:{port}",
            "127.0.0.1.:{port}",
        ),
        *(
            "127.0.0.1:{other}",
            "[::1]:{port}",
            "evil@127.0.0.1:{port}",
            "127.0.0.1:{port}, evil.example",
            "0.0.0.0:{port}",
        ),
    ],
)
def test_another_name_for_this_machine_is_refused(port: int, host: str) -> None:
    status, said, _ = asked(port, "/index.html", host=host.format(port=port, other=port + 1))
    assert status == 403
    assert said == "Nekad: frågan kommer inte från den här datorns egna sidor.\n"


def test_both_of_its_own_names_are_good_whatever_a_proxy_is_said_to_say(port: int) -> None:
    assert asked(port, "/index.html", host=f"localhost:{port}")[0] == 200
    assert (
        asked(
            port,
            "/index.html",
            X_Forwarded_Host="evil.example",
            X_Forwarded_For="10.0.0.1",
            Forwarded="host=evil",
        )[0]
        == 200
    )


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET index.html HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost : evil.example\r\n\r\n",
        (
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nOrigin: "
            b"http://evil.example\r\n\r\n"
        ),
        b"GET /\r\n\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(port: int, said: bytes) -> None:
    heard = raw(port, said.replace(b"{port}", str(port).encode()))
    assert heard.split(b" ")[1] in {b"400", b"403"}
    assert b"index.html" not in heard


def test_pages_from_elsewhere_are_refused(port: int) -> None:
    for origin in (
        "http://evil.example",
        f"http://127.0.0.1:{port + 1}",
        f"https://127.0.0.1:{port}",
        "null",
        "",
    ):
        assert asked(port, "/index.html", Origin=origin)[0] == 403, origin
    assert asked(port, "/index.html", Origin=f"http://127.0.0.1:{port}")[0] == 200
    for site in ("cross-site", "same-site"):
        for mode, where in (
            ("no-cors", "image"),
            ("no-cors", "script"),
            ("navigate", "iframe"),
            ("cors", "empty"),
        ):
            told = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": where}
            assert asked(port, "/index.html", **told)[0] == 403, told
    # a link on Prefect's pages, or in a letter
    told = {
        "Sec_Fetch_Site": "same-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "document",
    }
    assert asked(port, "/index.html", **told)[0] == 200
    assert asked(port, "/index.html", method="POST", **told)[0] == 403
    assert (
        asked(
            port,
            "/index.html",
            Sec_Fetch_Site="same-origin",
            Sec_Fetch_Mode="no-cors",
            Sec_Fetch_Dest="image",
        )[0]
        == 200
    )


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HITTA-PA"]
)
def test_nothing_can_be_sent(port: int, method: str) -> None:
    assert asked(port, "/index.html", method=method)[0] == 405


# -- time and room ---------------------------------------------------------------------------------


def opened(port: int, said: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(said)
    return connection


def is_cut(connection: socket.socket) -> bool:
    """Whether the server has closed a connection, by now."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    finally:
        connection.settimeout(10)


def test_thousands_of_silent_connections_take_no_threads_and_shut_nobody_out(port: int) -> None:
    before = threading.active_count()
    with ExitStack() as stack:
        silent = [stack.enter_context(opened(port)) for _ in range(1200)]
        assert asked(port, "/index.html")[0] == 200
        assert threading.active_count() <= before + 5
        until = time.monotonic() + 10
        while sum(not is_cut(one) for one in silent) > door.MOST_CONNECTIONS:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert not is_cut(silent[-1])


def test_a_silence_is_cut_and_bytes_that_trickle_in_are_no_request(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert door.SILENCE_SECONDS == 30
    monkeypatch.setattr(door, "SILENCE_SECONDS", 1)
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 9\r\n".encode()
    with opened(port) as silent, opened(port, head) as slow, opened(port, head + b"\r\n1") as half:
        answered = opened(port, head.replace(b"Length: 9", b"Length: 0") + b"\r\n")
        for _ in range(8):
            time.sleep(0.1)
            slow.sendall(b"X-Slow: 1\r\n")
        assert not is_cut(silent)
        for connection in (answered, half):
            assert connection.recv(65536).startswith(b"HTTP/1.1 405")
        time.sleep(1)
        for connection in (silent, slow, half, answered):
            assert is_cut(connection)
        answered.close()


def test_who_has_been_silent_for_a_while_has_all_the_time_for_an_upload(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SILENCE_SECONDS", 1)
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    head = (
        f"POST /prova HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{shown(port)}"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with opened(port) as connection:
        time.sleep(0.7)
        connection.sendall(head.encode())
        time.sleep(0.7)
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400")


def shown(port: int) -> str:
    """The line by which a program shows the key."""
    return f"Authorization: Bearer {KEYS[port]}\r\n"


def taken(connection: socket.socket) -> int:
    """How many bytes come before a connection ends."""
    count = 0
    with suppress(ConnectionResetError):
        while piece := connection.recv(1_000_000):
            count += len(piece)
    return count


def test_an_answer_that_nobody_takes_is_cut(
    port: int, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SILENCE_SECONDS", 1)
    size = 30_000_000
    (out / "stor.pdf").write_bytes(b"x" * size)
    head = f"GET /ut/stor.pdf HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{shown(port)}\r\n".encode()
    with opened(port, head) as deaf, opened(port, head) as noisy:
        for _ in range(20):
            time.sleep(0.1)
            with suppress(OSError):
                noisy.sendall(head)
        assert taken(deaf) < size
        assert taken(noisy) < size


def test_who_takes_an_answer_slowly_gets_all_of_it(
    port: int, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SILENCE_SECONDS", 1)
    (out / "stor.pdf").write_bytes(b"x" * 8_000_000)
    head = f"GET /ut/stor.pdf HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n{shown(port)}\r\n".encode()
    got = 0
    with opened(port, head) as slow:
        while piece := slow.recv(400_000):
            got += len(piece)
            time.sleep(0.1)
    assert got > 8_000_000
