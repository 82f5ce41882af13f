"""Extracts of the accounts at the desk: who may put one in and read of it, and what is kept."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from statsbidrag.base.environment import PROXY_SECRET
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.returns.workshop import Workshop
from tests.example import CRIME
from tests.support.desks import SCHEME, SECRET, OpenDesk, city, open_desk, words
from tests.support.planted import EQUAL

PAGE = f"/bidrag/{EQUAL}/huvudbok"
SIE = b"""#FLAGGA 0
#SIETYP 4
#VER A 1 20230301 "Hemlig text"
{
#TRANS 5020 {1 "71801" 6 "41"} 100.00
#TRANS 1930 {} -100.00
}
"""
CUT_OFF = SIE.rstrip(b"}\n")


def kept(desk: OpenDesk) -> list[Path]:
    """What lies with the grant's extracts."""
    return sorted((desk.office.folders.returns / EQUAL / "huvudbok").glob("*"))


def put(desk: OpenDesk, login: str, content: bytes = SIE, name: str = "mars.se") -> tuple[int, str]:
    """Put an extract in, as somebody does it in the browser."""
    answer = desk.visitor(login).post(PAGE, [(name, content)])
    return answer.status_code, words(answer)


@pytest.mark.parametrize("login", ["ola.berg", "sara.lind", "karl.rev", "farsta"])
def test_only_who_may_reconcile_puts_one_in(shared: OpenDesk, login: str) -> None:
    status, _ = put(shared, login)
    assert status == 403
    assert kept(shared) == []


def test_an_extract_is_kept_once_with_its_grant(shared: OpenDesk) -> None:
    status, told = put(shared, "maria.ek")
    assert status == 200
    assert "2 rader" in told
    (path,) = kept(shared)
    assert path.name.endswith("_mars.se")
    assert path.read_bytes() == SIE
    status, told = put(shared, "maria.ek", name="en gång till.se")
    assert "redan inlagt" in told
    assert kept(shared) == [path]
    assert shared.office.clerk.settled()
    (event,) = [
        event
        for event in Log.read(shared.office.folders.out / LOG).events
        if event.kind == "received"
    ]
    assert event.details["login"] == "maria.ek"
    assert "Hemlig" not in (shared.office.folders.out / LOG).read_text("utf-8")


LAYOUT = """format = 1
namn = "Månadslistan"
rubriker = ["Konto", "Projekt", "Belopp"]
[kolumner]
konto = "Konto"
belopp = "Belopp"
projekt = "Projekt"
[tolkning]
datum = "filnamn"
"""


def test_the_same_list_can_be_of_another_month(shared: OpenDesk) -> None:
    """Where the month stands in the name alone, and however long that is."""
    folder = shared.office.folders.data / "huvudbok"
    folder.mkdir(exist_ok=True)
    (folder / "manad.toml").write_text(LAYOUT, "utf-8")
    rent = b"Konto;Projekt;Belopp\n6010;41;5000,00\n"
    for name in ("hyra 2023-03.csv", "hyra 2023-04.csv", f"{'lokal' * 30} 2023-05.csv"):
        status, told = put(shared, "maria.ek", rent, name)
        assert status == 200, told
        assert "redan inlagt" not in told
    _, told = put(shared, "maria.ek", rent, "hyra 2023-04.csv")
    assert "redan inlagt" in told
    months = [path.name[-11:] for path in kept(shared)]
    assert sorted(months) == ["2023-03.csv", "2023-04.csv", "2023-05.csv"]


def test_the_same_extract_has_a_receipt_of_its_own_in_each_grant(shared: OpenDesk) -> None:
    """The second is received when it comes, not when the first did."""
    put(shared, "maria.ek")
    other = f"/bidrag/{CRIME}/huvudbok"
    answer = shared.visitor("maria.ek").post(other, [("mars.se", SIE)])
    assert "redan inlagt" not in words(answer)
    assert shared.office.clerk.settled()
    files = [
        event.details["file"].split("/")[0]
        for event in Log.read(shared.office.folders.out / LOG).events
        if event.kind == "received"
    ]
    assert files == [EQUAL, CRIME]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (CUT_OFF, "Inget är sparat"),
        (b"Ver;Konto\n1;2\n", "Ingen fil i data/huvudbok/ beskriver"),
        (b"", "Inget är sparat"),
    ],
)
def test_of_one_that_cannot_be_read_nothing_is_kept(
    shared: OpenDesk, content: bytes, says: str
) -> None:
    status, told = put(shared, "maria.ek", content)
    assert status == 422
    assert says in told
    assert kept(shared) == []


@pytest.mark.parametrize(
    "name", ["../../ut.se", "..\\ut.se", "/etc/ut.se", ".~lock.se#", "~$ut.se"]
)
def test_no_name_leads_out_of_the_folder(shared: OpenDesk, name: str) -> None:
    put(shared, "maria.ek", name=name)
    inside = {path.parent for path in shared.office.folders.returns.rglob("*") if path.is_file()}
    assert inside <= {shared.office.folders.returns / EQUAL / "huvudbok"}


@pytest.fixture
def written(
    tmp_path: Path, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenDesk]:
    """A desk with what a run writes of two boards beside the accounts."""
    monkeypatch.setenv(PROXY_SECRET, SECRET)
    (tmp_path / "in").mkdir()
    place = tmp_path / "out" / EQUAL / "2023-12-31"
    (place / "boards").mkdir(parents=True)
    (place / "avstamning.html").write_text("<p>alla nämnder</p>", "utf-8")
    (place / "evidence.json").write_text("{}", "utf-8")
    for board_id in ("farsta", "bromma"):
        shutil.copyfile(__file__, place / "boards" / f"{board_id}-avstamning.xlsx")
    with open_desk(
        tmp_path / "in", tmp_path / "out", city(tmp_path, SCHEME), workshop=workshop
    ) as desk:
        yield desk


@pytest.mark.parametrize(
    ("login", "name", "status"),
    [
        ("farsta", "boards/farsta-avstamning.xlsx", 200),
        ("farsta", "boards/bromma-avstamning.xlsx", 404),
        ("farsta", "avstamning.html", 404),
        ("farsta", "evidence.json", 404),
        ("karl.rev", "avstamning.html", 200),
        ("karl.rev", "boards/bromma-avstamning.xlsx", 200),
        ("karl.rev", "evidence.json", 200),
    ],
)
def test_a_board_reads_its_own_list_and_nothing_of_the_others(
    written: OpenDesk, login: str, name: str, status: int
) -> None:
    answer = written.visitor(login).get(f"/ut/{EQUAL}/2023-12-31/{name}")
    assert answer.status_code == status


def test_a_board_does_not_see_the_page_of_the_accounts(shared: OpenDesk) -> None:
    assert shared.visitor("farsta").get(PAGE).status_code == 403
    assert shared.visitor("karl.rev").get(PAGE).status_code == 200


def test_the_project_is_put_in_the_grant_file_at_the_desk(shared: OpenDesk) -> None:
    maria = shared.visitor("maria.ek")
    path = f"/bidrag/{EQUAL}/klara-ut?punkt=villkor.sarredovisning"
    assert path.replace("&", "&amp;") in maria.get(PAGE).text
    (seen,) = re.findall(r'name="sett" value="([0-9a-f]{64})"', maria.get(path).text)
    fields = {
        "sett": seen,
        "kalla": "antas",
        "ord": "Enligt ekonomiavdelningen.",
        "v-projekt": "41020\n41021",
        "v-grans_kronor": "500",
    }
    answer = maria.post(path, **fields)
    assert "Det är infört" in words(answer)
    (grant,) = [one for one in shared.office.decided().grants if one.grant_id == EQUAL]
    assert grant.separate_accounts is not None
    assert grant.separate_accounts.projects == ("41020", "41021")
    assert grant.separate_accounts.limit_sek == 500
    assert "Ange projektet" not in maria.get(PAGE).text
    assert all(term.label != "Särredovisas i huvudboken" for term in grant.terms)
