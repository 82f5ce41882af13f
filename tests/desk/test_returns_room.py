"""Returns that are tried and handed in at the desk: what is said, what is kept, and what is not."""

import hashlib
import io
import json
import re
import socket
import stat
import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import httpx
import openpyxl
import pytest

from statsbidrag.base.bounds import BOUNDS
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.desk import hand_in, uploads
from statsbidrag.desk.desk_settings import desk_settings
from statsbidrag.returns.workshop import Workshop
from statsbidrag.running import checking
from tests.support import planted
from tests.support.desks import XLSX, OpenDesk, words
from tests.support.filling import csv_return
from tests.support.planted import EQUAL

FAULTY = planted.line(1, Belopp="tolv kronor")()
NUMBER = "19121212-1212"


def tried(desk: OpenDesk, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """Try files as a program does."""
    sent = [("fil", (name, content, XLSX)) for name, content in files]
    return desk.program().post("/prova", files=sent, data=fields)


def handed(desk: OpenDesk, name: str, content: bytes, **fields: str) -> httpx.Response:
    """Hand a file in as a program does."""
    return desk.program().post("/lamna-in", files=[("fil", (name, content, XLSX))], data=fields)


def stand(*folders: Path) -> dict[str, str]:
    """Every file under some folders, with its hash."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- to try ----------------------------------------------------------------------------------------


def test_what_is_said_is_what_check_says(desk: OpenDesk, workshop: Workshop) -> None:
    files = (("bra.xlsx", planted.good()), ("fel.xlsx", FAULTY), ("annat.txt", b"hej"))
    answer = tried(desk, *files)
    assert answer.status_code == 200
    told = answer.json()["files"]
    assert [one["name"] for one in told] == [name for name, _ in files]
    assert [one["sha256"] for one in told] == [hashlib.sha256(c).hexdigest() for _, c in files]
    assert [one["outcome"] for one in told] == ["accepted", "held", "refused"]
    checked = checking.check(
        [(content, name) for name, content in files],
        desk.office.decided(),
        desk.office.today,
        workshop,
        is_final=False,
    )
    for one, returned in zip(told, checked.returns, strict=True):
        assert sorted(f["rule"] for f in one["findings"]) == sorted(
            f.rule for f in checked.of(returned)
        )
    (finding, *_) = told[1]["findings"]
    assert (finding["severity"], finding["sheet"], finding["cell"][0]) == (
        "blocking",
        "Kostnader",
        "H",
    )
    assert set(finding) == {
        *("rule", "severity", "grant", "board", "file", "sheet", "cell", "cells", "value"),
        *("message", "remedy", "source"),
    }


def test_a_final_return_is_tried_as_one(desk: OpenDesk) -> None:
    unsigned = planted.fields(intygas_av=None)()
    assert tried(desk, ("a.xlsx", unsigned)).json()["files"][0]["outcome"] != "held"
    final = tried(desk, ("a.xlsx", unsigned), slutlig="ja").json()["files"][0]
    assert final["outcome"] == "held"


def test_nothing_of_what_is_tried_is_kept(
    desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    large = planted.good() + b"\0" * 3_000_000
    opened: list[str] = []
    monkeypatch.setattr(
        "tempfile.SpooledTemporaryFile.rollover", lambda self: opened.append("rolled")
    )
    before = stand(tmp_path)
    visitor = desk.visitor()
    for content in (planted.good(), FAULTY, large, b"PK\3\4", b""):
        assert visitor.post("/prova", [("a.xlsx", content)]).status_code == 200
        assert tried(desk, ("a.xlsx", content)).status_code == 200
    assert stand(tmp_path) == before
    assert opened == []


def test_the_page_says_each_finding_with_its_cell_and_gives_the_workbook_back(
    desk: OpenDesk,
) -> None:
    answer = desk.visitor().post("/prova", [("mars.xlsx", FAULTY)])
    said = words(answer)
    assert "Redovisningen kan inte räknas ännu. Rätta det som hindrar." in said
    assert re.search("Hindrar: bladet Kostnader, cell H[0-9]+", said)
    assert "Gör så här:" in said
    (data,) = re.findall('href="data:[^,"]+,([^"]+)"', answer.text)
    book = openpyxl.load_workbook(io.BytesIO(b64decode(unescape(data))))
    comments = [
        cell.comment.text for row in book["Kostnader"].iter_rows() for cell in row if cell.comment
    ]
    assert any("tolv kronor" in text for text in comments)


def test_a_good_return_is_praised(desk: OpenDesk) -> None:
    said = words(desk.visitor().post("/prova", [("mars.xlsx", planted.good())]))
    assert "Redovisningen kan räknas. Inget behöver rättas." in said
    assert "Inga" not in said
    assert "Farsta" in said or "Bromma" in said


def test_a_personal_number_is_told_nowhere(desk: OpenDesk) -> None:
    content = planted.line(1, Kommentar=f"Möte med {NUMBER}")()
    name = f"{NUMBER}.xlsx"
    visitor = desk.visitor()
    for answer in (
        tried(desk, (name, content)),
        visitor.post("/prova", [(name, content)]),
        handed(desk, name, content),
    ):
        assert answer.status_code == 200
        assert NUMBER not in answer.text
        assert "121212" not in re.sub('base64,[^"]+', "", answer.text)
    desk.office.clerk.settled()
    assert "121212" not in (desk.office.folders.out / LOG).read_text("utf-8")
    assert all("121212" not in str(p) for p in desk.office.folders.returns.rglob("*"))


def test_text_from_a_file_is_no_code_in_a_page(desk: OpenDesk) -> None:
    evil = "<script>alert(1)</script>"
    content = planted.line(1, Kostnadsslag=evil, Insats=evil)()
    answer = desk.visitor().post("/prova", [(f"{evil}.xlsx", content)])
    assert evil not in answer.text
    assert "&lt;script&gt;" in answer.text


# -- bounds ----------------------------------------------------------------------------------------


def test_what_is_too_large_is_refused_before_it_is_read(desk: OpenDesk) -> None:
    size = BOUNDS.file_bytes * 3
    head = (
        f"POST /prova HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\n"
        f"Authorization: Bearer {desk.key}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {size}\r\n\r\n--x\r\n"
    )
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_what_doesnt_say_how_large_it_is_is_counted(desk: OpenDesk) -> None:
    sent = 0

    def pieces() -> object:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="fil"; filename="a.xlsx"\r\n\r\n'
        while sent < 10 * BOUNDS.file_bytes:
            sent += 1_000_000
            yield b"x" * 1_000_000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = desk.program().post("/lamna-in", content=pieces(), headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 413
    except httpx.HTTPError:
        pass  # the connection is closed while it is still being written to
    assert sent < 5 * BOUNDS.file_bytes
    assert list(desk.office.folders.returns.rglob("*")) == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"", "multipart/form-data; boundary=", 400),
        (b"hej", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"{}", "application/json", 400),
        (b"a=b", "", 400),
        (b"a=" + b"b" * 300_000, "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=b" % n for n in range(500)), "application/x-www-form-urlencoded", 400),
        (b"a=b", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded; charset=x", 400),
    ],
)
def test_what_is_no_form_is_refused_in_a_sentence(
    desk: OpenDesk, content: bytes, kind: str, status: int
) -> None:
    answer = desk.program().post("/prova", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_more_files_than_may_be_are_refused(desk: OpenDesk) -> None:
    many = [("a.xlsx", b"x")] * (uploads.MOST_FILES + 1)
    answer = tried(desk, *many)
    assert answer.status_code == 400
    assert "högst 20 filer" in answer.json()["error"]
    two = [("fil", ("a.xlsx", b"x", XLSX))] * 2
    assert desk.program().post("/lamna-in", files=two).status_code == 400


def test_a_person_has_so_many_uploads_under_way_and_no_more() -> None:
    under = uploads.Under()
    ways = [under.way("a") for _ in range(uploads.MOST_AT_ONCE)]
    for way in ways:
        way.__enter__()
    with pytest.raises(uploads.TooManyError, match="Vänta"), under.way("a"):
        pass
    with under.way("b"):
        pass
    for way in ways:
        way.__exit__(None, None, None)
    with under.way("a"):
        pass


def test_what_is_too_many_is_told_so_before_it_is_read(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 0)
    for path in ("/prova", "/lamna-in"):
        answer = desk.program().post(path, files=[("fil", ("a.xlsx", planted.good(), XLSX))])
        assert answer.status_code == 429
        assert "Vänta" in answer.json()["error"]


def test_an_upload_that_is_broken_off_leaves_nothing(desk: OpenDesk, tmp_path: Path) -> None:
    before = stand(tmp_path)
    body = b'--x\r\nContent-Disposition: form-data; name="fil"; filename="a.xlsx"\r\n\r\n'
    head = (
        f"POST /lamna-in HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\n"
        f"Authorization: Bearer {desk.key}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 1000000\r\n\r\n"
    ).encode()
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as connection:
            connection.sendall(head + body + planted.good()[:5000])
    time.sleep(0.3)
    assert desk.program().get("/halsa").status_code == 200
    assert stand(tmp_path) == before


SCANNER = """#!/bin/sh
content=$(cat; echo .)
case "$content" in *EICAR*) exit 1;; *TRASIG*) exit 2;; *SEG*) sleep 60;; esac
[ -z "$STATSBIDRAG_PROXY_SECRET" ] || exit 3
"""


def test_a_scanner_sees_each_file_first(
    shared: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = tmp_path / "skanner"
    scanner.write_text(SCANNER)
    scanner.chmod(0o700)
    monkeypatch.setattr(uploads, "_SCAN_SECONDS", 1)
    settings = tmp_path / "data" / "skrivbord.toml"
    settings.write_text(
        settings.read_text("utf-8").replace(
            "[proxy]", f"virusskanner = [{json.dumps(str(scanner))}]\n[proxy]"
        ),
        "utf-8",
    )
    boards = [board.board_id for board in planted.decided().boards]
    shared.office.settings = desk_settings(tmp_path / "data", boards)
    farsta = shared.visitor("farsta")
    for content, said in (
        (b"EICAR", "virusskannern stoppade filen"),
        (b"TRASIG", "virusskannern svarar inte som den ska"),
        (b"SEG", "virusskannern svarar inte som den ska"),
    ):
        for path in ("/prova", "/lamna-in"):
            answer = farsta.post(path, [("a.xlsx", content)])
            assert answer.status_code == 400
            assert said in words(answer)
    assert farsta.post("/prova", [("a.xlsx", planted.good("farsta"))]).status_code == 200
    assert list(shared.office.folders.returns.rglob("*")) == []


# -- to hand in ------------------------------------------------------------------------------------


def test_a_return_is_handed_in_once_with_a_receipt(desk: OpenDesk) -> None:
    answer = handed(desk, "mars.xlsx", planted.good(), namn="Karin Berg")
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"receipt", "sha256", "received_at", "outcome", "findings"}
    assert re.fullmatch("([BCDFGHJKMNPQRSTVWXZ]{4}-){2}[BCDFGHJKMNPQRSTVWXZ]{4}", told["receipt"])
    assert (told["outcome"], told["received_at"]) == ("accepted", desk.office.now())
    (kept,) = (p for p in desk.office.folders.returns.rglob("*") if p.is_file())
    assert kept.read_bytes() == planted.good()
    assert kept.name == f"{told['receipt']}_mars.xlsx"
    assert stat.S_IMODE(kept.stat().st_mode) & 0o007 == 0
    again = handed(desk, "annat namn.xlsx", planted.good(), namn="Någon Annan")
    assert (again.status_code, again.json()) == (200, told)
    assert [p for p in desk.office.folders.returns.rglob("*") if p.is_file()] == [kept]
    desk.office.clerk.settled()
    log = Log.read(desk.office.folders.out / LOG)
    (event,) = (event for event in log.events if event.kind == "received")
    assert (event.by, event.details["sha256"]) == ("Karin Berg", told["sha256"])
    assert told["receipt"] in event.sentence


def test_a_return_that_must_be_mended_is_taken_in_all_the_same(desk: OpenDesk) -> None:
    answer = desk.visitor().post("/lamna-in", [("fel.xlsx", FAULTY)], namn="Karin Berg")
    said = words(answer)
    assert answer.status_code == 200
    assert "Kvittens" in said
    assert "Rätta det som hindrar" in said
    assert "höj versionen" in said


@pytest.mark.parametrize("content", [b"", b"hej", b"PK\3\4trasig", b"%PDF-1.7"])
def test_what_is_no_return_is_not_taken_in(desk: OpenDesk, content: bytes) -> None:
    answer = handed(desk, "a.xlsx", content)
    assert answer.status_code == 422
    assert answer.json()["outcome"] == "refused"
    assert words(desk.visitor().post("/lamna-in", [("a.xlsx", content)], namn="Karin Berg"))
    assert list(desk.office.folders.returns.rglob("*")) == []


def test_a_csv_is_handed_in_too(desk: OpenDesk) -> None:
    content = csv_return(
        header={
            "bidrag": EQUAL,
            "namnd": planted.BOARD,
            "period_tom": planted.PERIOD_END,
            "version": 1,
        },
        costs=planted.COSTS,
    )
    assert handed(desk, "mars.csv", content).json()["outcome"] in {
        "accepted",
        "accepted_with_warnings",
    }


@pytest.mark.parametrize(
    "name",
    [
        *("../../utanfor.xlsx", "..\\..\\utanfor.xlsx", "/etc/passwd", "C:\\a\\b.xlsx", ".."),
        *("a/../b.xlsx", "~$a.xlsx", ".dold.xlsx", "a" * 300 + ".xlsx", "a\u202e.xlsx", "å ä.xlsx"),
    ],
)
def test_a_name_leads_nowhere_else(desk: OpenDesk, tmp_path: Path, name: str) -> None:
    before = stand(tmp_path)
    answer = handed(desk, name, planted.good())
    assert answer.status_code == 200
    desk.office.clerk.settled()
    new = [p for p in stand(tmp_path) if p not in before]
    inbox = [p for p in new if "/in/" in p]
    assert len(inbox) == 1
    assert Path(inbox[0]).parent == desk.office.folders.returns / hand_in.FOLDER / "skrivbordet"
    assert all("/out/" in p for p in new if p not in inbox)


def test_the_same_file_by_many_at_once_is_stored_once(desk: OpenDesk) -> None:
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: handed(desk, "a.xlsx", planted.good()), range(4)))
    assert len({answer.text for answer in answers}) == 1
    assert len([p for p in desk.office.folders.returns.rglob("*") if p.is_file()]) == 1


# -- whose it is -----------------------------------------------------------------------------------


def test_a_board_hands_in_its_own_under_its_own_login(shared: OpenDesk) -> None:
    farsta = shared.visitor("farsta")
    answer = farsta.post("/lamna-in", [("mars.xlsx", planted.good("farsta"))])
    assert answer.status_code == 200
    (kept,) = (p for p in shared.office.folders.returns.rglob("*") if p.is_file())
    assert kept.parent.name == "farsta"
    shared.office.clerk.settled()
    log = Log.read(shared.office.folders.out / LOG)
    (event,) = (event for event in log.events if event.kind == "received")
    assert (event.by, event.details["login"]) == ("Fia Farsta", "farsta")


def test_a_board_hands_in_for_no_other(shared: OpenDesk) -> None:
    answer = shared.visitor("bromma").post("/lamna-in", [("a.xlsx", planted.good("farsta"))])
    assert answer.status_code == 403
    assert "Du kan bara lämna in för dina egna nämnder" in words(answer)
    assert list(shared.office.folders.returns.rglob("*")) == []
    headers = {"Accept": "application/json"}
    client = shared.visitor("bromma")
    sent = client.client.post(
        "/lamna-in",
        files=[("fil", ("a.xlsx", planted.good("farsta"), XLSX))],
        data={"biljett": client.token},
        headers=headers,
    )
    assert (sent.status_code, list(sent.json())) == (403, ["error"])


def test_a_board_fetches_its_own_workbooks_and_no_others(shared: OpenDesk) -> None:
    farsta = shared.visitor("farsta")
    paths = re.findall('href="(/mallar/[^"]+)"', farsta.get("/mallar").text)
    assert paths
    assert all("/farsta/" in path for path in paths)
    book = openpyxl.load_workbook(io.BytesIO(farsta.get(paths[0]).content))
    assert "namnd" in book.defined_names
    assert farsta.get(paths[0].replace("/farsta/", "/bromma/")).status_code == 403
    assert farsta.get(paths[0].replace("/farsta/", "/finns-inte/")).status_code == 404
    assert farsta.get("/mallar/finns-inte/farsta/2023-12-31").status_code == 404
    assert farsta.get(paths[0][:-10] + "i-morgon").status_code == 404


def test_the_first_page_of_a_board_is_about_that_board(shared: OpenDesk) -> None:
    said = words(shared.visitor("farsta").get("/"))
    assert said.startswith("Farsta")
    assert "Bromma" not in said
    assert "Pengar i fara" not in said
