"""The whole way of a grant at the desk in a real browser, each step seen: nothing that axe finds, no
page wider than the window, on a phone and at 200 % too, and all of it without script.

With STATSBIDRAG_PICTURES=docs/pictures the pictures of docs/skrivbordet.md are made anew.
"""

import os
import shutil
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from statsbidrag.base.environment import PROXY_SECRET
from statsbidrag.returns.workshop import Workshop
from tests.example import CRIME
from tests.support import axe, browser, planted
from tests.support.browser import Tab
from tests.support.desks import SCHEME, SECRET, OpenDesk, city, open_desk
from tests.support.filling import place, put

pytestmark = [
    pytest.mark.long,
    pytest.mark.usefixtures("server"),
    pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed"),
]
GRANT = f"/bidrag/{CRIME}"
DECISION = Path(__file__).parents[2] / "data" / "sources" / "003_7edb7cfa3a35362e.txt"
WIDTHS = (1200, 640, 390)
"""A window, the same at 200 %, and a phone."""


@pytest.fixture
def desk(
    tmp_path: Path, workshop: Workshop, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenDesk]:
    monkeypatch.setenv(PROXY_SECRET, SECRET)
    data, returns = city(tmp_path, SCHEME), tmp_path / "in"
    shutil.copytree(inbox / CRIME, returns / CRIME)
    with open_desk(returns, tmp_path / "out", data, workshop=workshop) as opened:
        yield opened


class Person:
    """Somebody at the desk with a browser, logged in by the proxy."""

    def __init__(self, tab: Tab, desk: OpenDesk) -> None:
        self.tab, self._desk = tab, desk
        self.seen: dict[str, list[str]] = {}

    def let_scripts(self, *, run: bool) -> None:
        """Whether the browser runs scripts of pages."""
        self.tab.ask("Emulation.setScriptExecutionDisabled", value=not run)

    def become(self, login: str) -> None:
        """Somebody else sits down."""
        headers = {"X-Remote-User": login, "X-Statsbidrag-Proxy": SECRET}
        self.tab.ask("Network.setExtraHTTPHeaders", headers=headers)
        self.go("/")

    def go(self, path: str) -> None:
        """Open a page."""
        self.tab.visit(f"{self._desk.address}{path}")

    def look(self, name: str) -> None:
        """Look at the page in every width, and keep a picture where pictures are wanted."""
        self.let_scripts(run=True)  # axe is one; the page's own ran when it was opened, or never
        for width in WIDTHS:
            self.tab.resize(width)
            found = axe.violations(self.tab)
            if found:
                self.seen[f"{name} {width}"] = found
        self.let_scripts(run=False)
        self.tab.resize(WIDTHS[0])
        folder = os.environ.get("STATSBIDRAG_PICTURES")
        if folder:
            self.tab.resize(1000)
            (Path(folder) / f"skrivbordet-{name}.png").write_bytes(self.tab.picture(900))
            self.tab.resize(WIDTHS[0])

    def wait_for_work(self) -> None:
        """Until a piece of work is over; without script its page has a button that asks again."""
        until = time.monotonic() + 120
        while self.tab.run("!!document.querySelector('[data-again]')"):
            assert time.monotonic() < until
            time.sleep(0.3)
            self.tab.click("[data-again]")


def test_a_grant_from_a_faulty_return_to_nothing_left_in_a_browser(
    desk: OpenDesk, tmp_path: Path
) -> None:
    with browser.opened("") as tab:
        tab.ask("Emulation.setLocaleOverride", locale="sv-SE")
        person = Person(tab, desk)
        person.let_scripts(run=False)
        hand_in(person, desk, tmp_path)
        reconcile(person)
        settle(person)
        decide(person)
        repay(person)
        read(person)
    assert person.seen == {}


def hand_in(person: Person, desk: OpenDesk, tmp_path: Path) -> None:
    """An ekonom tries a faulty file, mends it and sends it."""
    tab = person.tab
    (own,) = (desk.office.folders.returns / CRIME).glob("*farsta*")
    good, faulty = tmp_path / "farsta.xlsx", tmp_path / "farsta-fel.xlsx"
    shutil.move(own, good)
    where = place(load_workbook(BytesIO(good.read_bytes())), "summa_kostnader")
    faulty.write_bytes(put(good.read_bytes(), *where, 1))
    person.become("farsta")
    person.look("namnd-start")
    person.go("/mallar")
    person.look("mallar")
    person.go("/prova")
    tab.attach("#fil", faulty)
    tab.click("main button")
    assert "Rätta det som hindrar" in tab.text
    person.look("prova")
    person.go("/lamna-in")
    person.look("lamna-in")
    tab.attach("#fil", good)
    tab.click("main button")
    assert "Kvittens" in tab.text
    person.look("kvittens")


def reconcile(person: Person) -> None:
    """The handläggare reconciles, compares and reads the letters."""
    tab = person.tab
    person.become("maria.ek")
    assert "nya filer har kommit in" in tab.text
    person.go(GRANT)
    tab.click("#rakna ~ form button")
    person.wait_for_work()
    assert "Att återbetala" in tab.text
    person.look("raknat")
    person.go("/")
    person.look("start")
    person.go(GRANT)
    person.look("bidrag")
    person.go(f"{GRANT}/jamfor?slutlig=ja")
    assert "Inget skulle ändras" in tab.text
    person.look("jamfor")
    person.go("/brev")
    assert "väntar på att skickas" in tab.text
    person.look("brev")


def settle(person: Person) -> None:
    """What is unknown is settled and a waiver decided, in the grant's file; then it is reconciled
    anew."""
    tab = person.tab
    for path, name in (
        (f"{GRANT}/beslut", "beslut"),
        (f"{GRANT}/undantag", "undantag"),
        ("/namnder", "namnder"),
        ("/frister", "frister"),
        ("/utkast", "utkast"),
        (f"{GRANT}/huvudbok", "huvudbok"),
        (f"{GRANT}/klara-ut", "villkor"),
        (f"{GRANT}/klara-ut?punkt=villkor.ranta", "ranta"),
        (f"{GRANT}/klara-ut?punkt=kontaktperson", "kontaktperson"),
        (f"{GRANT}/klara-ut?omrade=Universellt%20st%C3%B6d", "egna-ord"),
    ):
        person.go(path)
        person.look(name)
    person.go("/utkast")
    tab.attach("#fil", DECISION)
    tab.click("form[enctype] button")
    assert "lästes som Hägersten-Älvsjö" in tab.text
    person.look("utkast-last")
    person.go(f"{GRANT}/klara-ut")
    tab.click("a[aria-label='Klara ut: Myndighetens diarienummer']")
    person.look("punkt")
    tab.write("#v-varde", "MFoF 2023/77")
    tab.run("document.querySelector('#kalla').value = 'antas'; null")
    tab.write("#ord", "Enligt telefon med MFoF.")
    tab.click("main form button")
    assert "Det är infört" in tab.text
    assert "MFoF 2023/77" in tab.text
    person.go(f"{GRANT}/undantag")
    tab.run("document.querySelector('#regel').value = 'personnummer'; null")
    tab.run("document.querySelector('#namnd').value = 'farsta'; null")
    for field, text in (("skal", "Ärendenummer."), ("beslutat_av", "Enhetschefen")):
        tab.write(f"#{field}", text)
    for field, day in (("beslutat_den", "2023-10-02"), ("till", "2023-01-01")):
        tab.run(f"document.querySelector('#{field}').value = '{day}'; null")
    tab.click("main form button")
    assert "kan inte sluta gälla" in tab.text
    person.look("undantag-fel")
    tab.run("document.querySelector('#till').value = '2024-03-01'; null")
    tab.click("main form button")
    assert "Undantaget är infört" in tab.text
    tab.click("#rakna ~ form button")
    person.wait_for_work()


def decide(person: Person) -> None:
    """Reviewer and attester decide, the one by keyboard alone; the handläggare files."""
    tab = person.tab
    person.become("ola.berg")
    person.go(f"{GRANT}/slutrapport")
    person.look("granska")
    for _ in range(100):
        tab.press("Tab")
        if tab.run("document.activeElement.innerText") == "Granska rapporten":
            break
    tab.press("Enter", leads_on=True)
    assert "Rapporten är nu granskad" in tab.text
    person.become("sara.lind")
    person.go(f"{GRANT}/slutrapport")
    tab.click("form[aria-label='Attestera rapporten'] button")
    assert "Rapporten är nu attesterad" in tab.text
    person.look("attesterad")
    person.become("maria.ek")
    person.go(f"{GRANT}/slutrapport")
    tab.click("form[aria-label='Anteckna att den är inlämnad'] button")
    assert "Rapporten är nu inlämnad" in tab.text


def repay(person: Person) -> None:
    """What is claimed is entered and paid, until nothing remains."""
    tab = person.tab
    person.go(f"{GRANT}/reskontra")
    amount = tab.run("document.querySelector('td[data-label=Framräknat]').innerText")
    for kind, reference in (("krav", "dnr 1"), ("betalning", "bg 1")):
        tab.run(f"document.querySelector('input[value={kind}]').checked = true")
        tab.write("#belopp", amount)
        tab.write("#referens", reference)
        tab.click("form[aria-label='Bokför en post'] button")
    assert "återbetald" in tab.text
    person.look("reskontra")
    tab.run("document.querySelector('input[value=krav]').checked = true")
    tab.write("#belopp", "många")
    tab.write("#referens", "dnr 2")
    tab.click("form[aria-label='Bokför en post'] button")
    assert "skriv ett belopp i kronor" in tab.text
    person.look("besked")


def read(person: Person) -> None:
    """The controller reads the log and the walk; whoever has no role stays outside."""
    tab = person.tab
    person.become("karl.rev")
    person.go("/logg")
    assert "attesterades den 2024-01-20 av Sara Lind" in tab.text
    person.look("logg")
    person.go("/kontroll")
    person.look("kontroll")
    tab.click("header form button")
    assert "Du är utloggad" in tab.text
    person.look("utloggad")
    person.become("okand")
    assert "har ingen roll på Skrivbordet" in tab.text
    person.look("utanfor")


def test_where_script_runs_work_is_followed_and_a_file_can_be_dropped(shared: OpenDesk) -> None:
    (shared.office.folders.returns / "farsta.xlsx").write_bytes(planted.good("farsta"))
    with browser.opened("") as tab:
        person = Person(tab, shared)
        person.become("maria.ek")
        person.go(f"/bidrag/{planted.EQUAL}")
        tab.click("#rakna ~ form button")
        until = time.monotonic() + 120
        while "Läs rapporten" not in tab.text:
            assert time.monotonic() < until
            time.sleep(0.3)
        assert "Att återbetala" in tab.text
        person.go("/prova")
        tab.run("document.querySelector('#fil').dispatchEvent(new Event('dragenter')); null")
        assert tab.run("document.querySelector('#fil').classList.contains('over')")
        assert {
            url for url in tab.requests if not url.startswith((shared.address, "data:"))
        } == set()
