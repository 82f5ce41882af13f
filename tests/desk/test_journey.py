"""A grant's whole way at the desk, each step by somebody who may take it and is logged in: from a
faulty return to a repayment of which nothing remains."""

import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from statsbidrag.base.environment import OPENID_SECRET, PROXY_SECRET
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.returns.workshop import Workshop
from tests.example import CRIME
from tests.support import planted
from tests.support.desks import SCHEME, SECRET, OpenDesk, Visitor, by_openid, city, open_desk, words
from tests.support.filling import at, place, put
from tests.support.four_years import FOUR_YEARS, grant_file
from tests.support.planted import EQUAL
from tests.support.providers import logged_in, provider

pytestmark = pytest.mark.usefixtures("server")
GRANT = f"/bidrag/{CRIME}"


@pytest.fixture(params=["proxy", "openid"])
def way_in(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    workshop: Workshop,
    inbox: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator["WayIn"]:
    """A desk with the example's returns, where people log in one way or the other."""
    returns = tmp_path / "in"
    shutil.copytree(inbox, returns)
    with ExitStack() as stack:
        scheme = SCHEME
        monkeypatch.setenv(PROXY_SECRET, SECRET)
        if request.param == "openid":
            monkeypatch.setenv(OPENID_SECRET, "hemlig")
            scheme = by_openid(stack.enter_context(provider()))
        data = city(tmp_path, scheme)
        desk = stack.enter_context(open_desk(returns, tmp_path / "out", data, workshop=workshop))
        yield WayIn(desk, is_openid=request.param == "openid")


class WayIn:
    """A desk, and how somebody comes in there."""

    def __init__(self, desk: OpenDesk, *, is_openid: bool) -> None:
        self.desk, self._is_openid = desk, is_openid

    def as_(self, login: str) -> Visitor:
        """Somebody who has logged in."""
        return logged_in(self.desk, login)[0] if self._is_openid else self.desk.visitor(login)


def done(visitor: Visitor, path: str) -> str:
    """What a piece of work has come to, once it is over, as its page says."""
    until = time.monotonic() + 120
    while True:
        answer = visitor.get(path)
        if "data-again" not in answer.text:
            return words(answer)
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.mark.long
def test_from_a_faulty_return_to_a_repayment_of_which_nothing_remains(way_in: WayIn) -> None:
    good = sent_in(way_in)
    reconciled(way_in)
    corrected_and_compared(way_in, good)
    decided_by_three(way_in)
    claimed_and_paid(way_in)
    controlled(way_in)
    log = Log.read(way_in.desk.office.folders.out / LOG)
    acts = {e.kind: e.details["login"] for e in log.events if e.kind in {"reviewed", "attested"}}
    assert acts == {"reviewed": "ola.berg", "attested": "sara.lind"}
    assert {e.details["login"] for e in log.about(CRIME, "reconciled")} == {"maria.ek"}


def sent_in(way_in: WayIn) -> bytes:
    """The ekonom tries a faulty file, mends it and sends it; the file comes back."""
    (own,) = (way_in.desk.office.folders.returns / CRIME).glob("*farsta*")
    good = own.read_bytes()
    own.unlink()
    sheet, cell = place(load_workbook(BytesIO(good)), "summa_kostnader")
    farsta = way_in.as_("farsta")
    tried = farsta.post("/prova", [("farsta.xlsx", put(good, sheet, cell, 1))], slutlig="ja")
    assert "Redovisningen kan inte räknas ännu" in words(tried)
    assert f"bladet {sheet}, cell {cell}" in words(tried)
    sent = words(farsta.post("/lamna-in", [("farsta.xlsx", good)], slutlig="ja"))
    assert "Kvittens" in sent
    return good


def reconciled(way_in: WayIn) -> None:
    """The handläggare sees what has come, reconciles and reads the letters; a board reads its own
    page and no other."""
    maria, farsta = way_in.as_("maria.ek"), way_in.as_("farsta")
    assert "nya filer har kommit in" in words(maria.get("/"))
    begun = maria.post(f"{GRANT}/rakna", slutlig="ja", follow=False)
    said = done(maria, begun.headers["location"])
    assert "Slutredovisning till och med 31 december 2023" in said, said
    assert "Inget skulle ändras" in words(maria.get(f"{GRANT}/jamfor?slutlig=ja"))
    assert "väntar på att skickas" in words(maria.get("/brev"))
    assert maria.get(f"/ut/{CRIME}/slutlig/aterrapport.html").status_code == 200
    assert farsta.get(f"/ut/{CRIME}/slutlig/boards/farsta.html").status_code == 200
    for path in ("boards/jarva.html", "aterrapport.html", "../../index.html", "sparning.html"):
        assert farsta.get(f"/ut/{CRIME}/slutlig/{path}").status_code == 404
    assert farsta.get(GRANT).status_code == 403
    # The next workbook holds what was reported last.
    fetched = farsta.get(f"/mallar/{CRIME}/farsta/2023-12-31")
    sheet = load_workbook(BytesIO(fetched.content))["Kostnader"]
    assert sheet["H6"].value is not None
    assert "Farsta" in words(farsta.get("/"))


def corrected_and_compared(way_in: WayIn, good: bytes) -> None:
    """A new version comes: what it would change, before it counts. Then it is taken away again."""
    maria, farsta = way_in.as_("maria.ek"), way_in.as_("farsta")
    newer = put(good, "Kostnader", at("Belopp", 0), 1)
    newer = put(newer, *place(load_workbook(BytesIO(good)), "version"), 2)
    assert "Kvittens" in words(farsta.post("/lamna-in", [("ny.xlsx", newer)], slutlig="ja"))
    assert "1 ny fil" in words(maria.get("/"))
    compared = words(maria.get(f"{GRANT}/jamfor?slutlig=ja"))
    assert "Farsta" in compared
    assert "Inget skulle ändras" not in compared
    for path in way_in.desk.office.folders.returns.rglob("*_ny.xlsx"):
        path.unlink()


def decided_by_three(way_in: WayIn) -> None:
    """Three logins review, attest and file; a decision on what is no longer so is refused."""
    maria, ola, sara = (way_in.as_(login) for login in ("maria.ek", "ola.berg", "sara.lind"))
    assert maria.decide(CRIME, "reviewed").status_code == 403
    assert "Rapporten är nu granskad" in words(ola.decide(CRIME, "reviewed"))
    seen = re.search('name="sett" value="([^"]+)"', sara.get(f"{GRANT}/slutrapport").text)
    assert seen
    assert "Rapporten är nu attesterad" in words(sara.decide(CRIME, "attested"))
    stale = sara.post(f"{GRANT}/slutrapport", beslut="attested", dag="2024-01-20", sett=seen[1])
    assert stale.status_code == 400
    assert "någon annan har beslutat" in words(stale)
    page = maria.get(f"/ut/{CRIME}/slutlig/aterrapport.html").text
    page += maria.get(f"/ut/{CRIME}/slutlig/underlag.html").text
    assert "UTKAST" not in page
    assert "Alla var inloggade" in page
    assert "Programmet har ingen inloggning" not in page
    assert "Rapporten är nu inlämnad" in words(maria.decide(CRIME, "filed"))


def claimed_and_paid(way_in: WayIn) -> None:
    """The agency's claim is entered and paid, until nothing remains."""
    maria, ledger = way_in.as_("maria.ek"), f"{GRANT}/reskontra"
    owed = re.search(r"MFoF ([0-9 ]+) –", words(maria.get(ledger)))
    assert owed, words(maria.get(ledger))
    entry = {"konto": "", "belopp": owed[1], "dag": "2024-01-20"}
    said = words(maria.post(ledger, post="krav", referens="dnr 1", **entry))
    assert f"Kravet på {owed[1]} kr är bokfört" in said
    twice = maria.post(ledger, post="krav", referens="dnr 1", **entry)
    assert "är redan bokfört" in words(twice)
    assert "--" not in words(twice)
    maria.post(ledger, post="betalning", referens="bg 1", **entry)
    assert "Rapporten är återbetald" in words(maria.get(ledger))


def controlled(way_in: WayIn) -> None:
    """The controller reads every figure, the log, the walk and the package, and changes nothing."""
    karl = way_in.as_("karl.rev")
    assert karl.get(f"/ut/{CRIME}/slutlig/sparning.html").status_code == 200
    logged = words(karl.get("/logg?slag=Beslut+om+rapporter"))
    assert "granskades den 2024-01-20 av Ola Berg" in logged
    checked = karl.get("/kontroll")
    assert "verdict stop" not in checked.text, words(checked)
    package = karl.post(f"{GRANT}/paket")
    names = zipfile.ZipFile(BytesIO(package.content)).namelist()
    assert any(name.endswith("aterrapport.pdf") for name in names)
    assert karl.get(f"{GRANT}/tjansteutlatande").content.startswith(b"PK")
    assert karl.post(f"{GRANT}/rakna").status_code == 403


def test_two_who_decide_at_once_and_one_who_ran_it(shared: OpenDesk) -> None:
    """One of two is told that somebody else has decided; and who runs it by a login can't review
    it by the same one, whatever they are called."""
    (shared.office.folders.returns / "farsta.xlsx").write_bytes(planted.good("farsta"))
    grant = f"/bidrag/{EQUAL}"
    maria = shared.visitor("maria.ek")
    begun = maria.post(f"{grant}/rakna", slutlig="ja", follow=False)
    assert "Slutredovisning" in done(maria, begun.headers["location"])
    report = f"/ut/{EQUAL}/slutlig/underlag.html"
    assert "Alla var inloggade" in maria.get(report).text
    ola, other = shared.visitor("ola.berg"), shared.visitor("ola.berg")
    seen = re.search('name="sett" value="([^"]+)"', ola.get(f"{grant}/slutrapport").text)
    assert seen
    fields = {"beslut": "reviewed", "dag": "2024-01-20", "sett": seen[1]}
    answers = [one.post(f"{grant}/slutrapport", **fields) for one in (ola, other)]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert "någon annan har beslutat" in words(answers[1])
    log = Log.read(shared.office.folders.out / LOG)
    assert len(log.about(EQUAL, "reviewed")) == 1


def test_a_day_that_is_still_to_come_is_refused(shared: OpenDesk) -> None:
    maria, grant = shared.visitor("maria.ek"), f"/bidrag/{EQUAL}"
    for day in ("2024-01-21", "9999-12-31", "i morgon"):
        assert maria.post(f"{grant}/rakna", slutlig="nej", per=day).status_code == 400
        assert maria.get(f"{grant}/jamfor?per={day}").status_code == 400
    assert maria.get("/arbete/\u00b2").status_code == 400


def test_a_board_answers_what_was_said_and_the_handlaggare_reads_it(shared: OpenDesk) -> None:
    faulty = planted.line(1, Belopp="tolv kronor")()
    (shared.office.folders.returns / "mars.xlsx").write_bytes(faulty)
    maria, farsta = shared.visitor("maria.ek"), shared.visitor("farsta")
    begun = maria.post(f"/bidrag/{EQUAL}/rakna", slutlig="nej", follow=False)
    assert "väntar på rättelse" in done(maria, begun.headers["location"])
    page = farsta.get("/")
    assert "väntar på rättelse" in words(page)
    rule = re.search('name="regel" value="(belopp[^"]*)"', page.text)
    assert rule, words(page)
    about = {"fil_namn": "mars.xlsx", "regel": rule[1]}
    said = "Beloppet är 12 kr <b>ungefär</b>. Fråga 19121212-1212."
    assert "Ditt svar är sparat" in words(farsta.post("/svar", svar=said, **about))
    for reader in (farsta.get("/"), maria.get(f"/bidrag/{EQUAL}")):
        assert "Fia Farsta" in reader.text
        assert "&lt;b&gt;ungefär" in reader.text
        assert "1212-1212" not in reader.text
    for visitor, fields, status in (
        (shared.visitor("bromma"), {"svar": "Hej", **about}, 403),
        (shared.visitor("karl.rev"), {"svar": "Hej", **about}, 403),
        (farsta, {"svar": " ", **about}, 400),
        (farsta, {"svar": "x" * 2001, **about}, 400),
        (farsta, {"svar": "Hej", **about, "regel": "finns-inte"}, 404),
    ):
        assert visitor.post("/svar", **fields).status_code == status
    log = Log.read(shared.office.folders.out / LOG)
    (event,) = (event for event in log.events if event.kind == "answered")
    assert (event.by, event.details["login"], event.details["board"]) == (
        "Fia Farsta",
        "farsta",
        "farsta",
    )
    assert "1212-1212" not in log.text


def test_an_interim_report_is_made_reviewed_attested_and_filed_at_the_desk(
    shared: OpenDesk,
) -> None:
    """It goes the way of a final report, on a page of its own, and claims nothing."""
    folders = shared.office.folders
    (folders.data / "grants" / f"{FOUR_YEARS}.toml").write_text(grant_file(), "utf-8")
    grant, report = f"/bidrag/{FOUR_YEARS}", f"/bidrag/{FOUR_YEARS}/delrapport/halvtid"
    maria, ola, sara = (shared.visitor(f"{name}") for name in ("maria.ek", "ola.berg", "sara.lind"))
    page = words(maria.get(grant))
    assert "Delrapport september 2019 , till och med 31 augusti 2019" in page
    assert "Den är inte gjord." in page
    assert ola.post(f"{report}/rakna", per="2019-09-15").status_code == 403
    begun = maria.post(f"{report}/rakna", per="2019-09-15", follow=False)
    assert "Delrapport till och med 31 augusti 2019" in done(maria, begun.headers["location"])

    def decided(visitor: Visitor, kind: str) -> str:
        seen = re.search('name="sett" value="([^"]+)"', visitor.get(report).text)
        assert seen
        fields = {"beslut": kind, "dag": "2024-01-20", "sett": seen[1], "skal": "Ingen har svarat."}
        return words(visitor.post(report, **fields))

    shown = words(ola.get(report))
    assert "Lämnas till Socialnämnden, och för kännedom till samtliga stadsdelsnämnder" in shown
    assert "Rapporten är nu granskad" in decided(ola, "reviewed")
    assert "Rapporten är nu attesterad" in decided(sara, "attested")
    assert "Delrapporten är lämnad till mottagarna." in words(maria.get(report))
    assert "Rapporten är nu inlämnad" in decided(maria, "filed")
    assert "Den är inlämnad ." in words(maria.get(grant))
    assert maria.get(f"/ut/{FOUR_YEARS}/delrapport-halvtid/aterrapport.html").status_code == 200
    assert maria.get(f"{report}/tjansteutlatande").content.startswith(b"PK")
    karl = shared.visitor("karl.rev")
    names = zipfile.ZipFile(BytesIO(karl.post(f"{report}/paket").content)).namelist()
    assert "rapport/aterrapport.pdf" in names
    assert "är inte inlämnad" in words(maria.get(f"{grant}/reskontra"))
    assert maria.get(f"/bidrag/{FOUR_YEARS}/delrapport/annan").status_code in {400, 404}
