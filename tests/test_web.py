"""The pages of the out folder on this machine: reports and calendars, nothing else, for nobody else."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from statsbidrag import web


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    shown, hidden = ("index.html", "g/slutlig/aterrapport.pdf"), ("logg.jsonl", "utkorg/brev.eml", ".pagar/a.html")
    for name in (*shown, *hidden, "x.duckdb"):
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "utanfor.html").write_text("utanför")
    with web.showing(tmp_path / "out", 0) as address:
        yield int(address.rstrip("/").rsplit(":", 1)[1])


def asked(port: int, path: str, host: str | None = None, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("path", "seen"), [("/", "index.html"), ("/g/slutlig/aterrapport.pdf", "g/slutlig/aterrapport.pdf")]
)
def test_reports_are_shown(port: int, path: str, seen: str) -> None:
    assert asked(port, path) == (200, seen)
    assert asked(port, f"{path}?x=1#rad")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/logg.jsonl", "/x.duckdb", "/utkorg/brev.eml", "/.pagar/a.html"),
        *("/g", "/g/", "/g/slutlig/", "/finns-inte.html"),
        *("/../utanfor.html", "/%2e%2e/utanfor.html", "/g/..%2f..%2futanfor.html", "//utanfor.html"),
    ],
)
def test_nothing_else_is(port: int, path: str) -> None:
    status, seen = asked(port, path)
    assert status in {301, 404}
    assert "utanför" not in seen
    assert "brev" not in seen


def test_another_name_for_this_machine_is_refused(port: int) -> None:
    assert asked(port, "/", host="evil.example")[0] == 403


def test_nothing_can_be_sent(port: int) -> None:
    assert asked(port, "/index.html", method="POST")[0] == 501
    assert asked(port, "/index.html", method="PUT")[0] == 501
