"""An interim report: it goes the way of a final one, with no claim, and is never taken for one."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess

import docx
import pytest

from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.decisions import data_folder
from tests.support.commands import ROOT, call_here, run, server
from tests.support.drawn import Run, content_of
from tests.support.four_years import FOUR_YEARS, fillings, grant_file
from tests.support.reckoning import reckon, shared

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
AS_OF, UNTIL = date(2019, 9, 15), date(2019, 8, 31)
REPORT = ("--report", "halvtid")


@dataclass(frozen=True)
class City:
    """The folders of a city that has made its half-time report."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def place(self) -> Path:
        return self.out / FOUR_YEARS / "delrapport-halvtid"

    def run(self, *arguments: str, as_of: date = AS_OF) -> CompletedProcess[str]:
        data = ("--data", str(self.folder / "data"))
        inbox = self.folder / "inbox"
        return run(inbox, self.out, FOUR_YEARS, *data, *arguments, as_of=as_of.isoformat())

    def decide(self, command: str, by: str, *arguments: str) -> CompletedProcess[str]:
        folders = ["--data", str(self.folder / "data"), "--returns", str(self.folder / "inbox")]
        folders += ["--out", str(self.out)]
        return call_here(command, FOUR_YEARS, "--by", by, *folders, *arguments)

    def verified(self) -> CompletedProcess[str]:
        returns = ("--returns", str(self.folder / "inbox"))
        return call_here("verify", *returns, "--out", str(self.out))

    def filed(self) -> None:
        """Reviewed, attested and filed by three people."""
        on = ("--on", "2019-10-01")
        for command, by in (("review", "Anna Alm"), ("approve", "Bo Berg"), ("file", "Cia Cid")):
            why = ("--why", "Skärholmen har inte svarat.") if command == "approve" else ()
            done = self.decide(command, by, *REPORT, *on, *why)
            assert done.returncode == 0, done.stderr


def made(folder: Path) -> City:
    city = City(folder)
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("inbox"))
    (folder / "data" / "grants" / f"{FOUR_YEARS}.toml").write_text(grant_file(), "utf-8")
    book = data_folder.load(folder / "data", [FOUR_YEARS], AS_OF)
    inbox = folder / "inbox" / FOUR_YEARS
    inbox.mkdir(parents=True)
    for filling in fillings(UNTIL):
        content = content_of(Run(book, AS_OF), book.grant(FOUR_YEARS), filling)
        (inbox / f"{filling.sender}.xlsx").write_bytes(content)
    done = city.run(*REPORT)
    assert done.returncode == 0, done.stderr
    return city


@pytest.fixture
def city(tmp_path: Path) -> City:
    return made(tmp_path)


def test_its_figures_are_those_of_its_day(city: City) -> None:
    told = json.loads((city.place / "reconciliation.json").read_text("utf-8"))
    book = data_folder.load(city.folder / "data", [FOUR_YEARS], AS_OF)
    sent = fillings(UNTIL)
    reckoned = reckon(book.grant(FOUR_YEARS), book.boards, AS_OF, sent, until=UNTIL)
    assert told["report"] == "halvtid"
    assert shared(told, reckoned) == reckoned
    assert told["period_end"] == "2019-08-31"
    report = (city.place / "aterrapport.html").read_text("utf-8")
    for words in ("Delrapport september 2019", "Socialnämnden", "samtliga stadsdelsnämnder"):
        assert words in report
    assert "UTKAST" in report
    (ran,) = [event for event in Log.read(city.out / LOG).events if event.kind == "run"]
    assert ran.details["flow"] == "interim_report"  # the schedule's quarter is still to be made
    page = (city.place / "boards" / "skarholmen.html").read_text("utf-8")
    assert "eftersom delrapporten ska lämnas senast tisdag 22\u00a0oktober\u00a02019" in page
    assert not list(city.place.glob("omfordelning*"))


def test_it_is_reviewed_attested_filed_packed_and_proved(city: City) -> None:
    city.filed()
    kept = city.out / FOUR_YEARS / "inlamnad" / "delrapport-halvtid-1"
    assert (kept / "aterrapport.pdf").exists()
    assert (kept / "underlag" / FOUR_YEARS / "farsta.xlsx").exists()
    assert "UTKAST" not in (city.place / "aterrapport.html").read_text("utf-8")
    packed = city.decide("package", "Cia Cid", *REPORT)
    assert packed.returncode == 0, packed.stderr
    with zipfile.ZipFile(packed.stdout.strip()) as package:
        names = package.namelist()
        assert "Delrapport till och med 2019-08-31" in package.read("LÄS MIG.txt").decode()
    assert "rapport/aterrapport.pdf" in names
    assert not [name for name in names if name.startswith("reskontra/")]
    proved = city.verified()
    assert proved.returncode == 0, proved.stdout
    events = Log.read(city.out / LOG).about(FOUR_YEARS, "filed", report_id="halvtid")
    assert events[0].sentence.startswith(f"Delrapporten halvtid om {FOUR_YEARS} lämnades in")


def test_nothing_is_claimed_by_it(city: City) -> None:
    city.filed()
    ledger = call_here(
        "ledger", FOUR_YEARS, "--data", str(city.folder / "data"), "--out", str(city.out)
    )
    assert ledger.returncode == 2
    assert "är inte inlämnad" in ledger.stderr
    claim = city.decide("claim", "Cia Cid", "--amount", "5", "--on", "2019-10-01", "--ref", "1")
    assert claim.returncode == 2
    assert "är inte inlämnad" in claim.stderr
    final = city.decide("review", "Anna Alm")
    assert "Det finns ingen slutrapport" in final.stderr
    again = city.decide("file", "Cia Cid", *REPORT)
    assert "Den är lämnad, och inget krävs tillbaka." in again.stderr


def test_four_eyes_see_it_and_what_it_rests_on_may_not_change(city: City) -> None:
    twice = city.decide("review", "Anna Alm", *REPORT, "--on", "2019-10-01")
    assert twice.returncode == 0, twice.stderr
    same = city.decide("approve", "Anna Alm", *REPORT, "--on", "2019-10-01", "--why", "Så är det.")
    assert same.returncode == 2
    assert "har själv granskat" in same.stderr
    path = city.folder / "inbox" / FOUR_YEARS / "farsta.xlsx"
    path.write_bytes(path.read_bytes() + b"x")
    changed = city.decide("approve", "Bo Berg", *REPORT, "--on", "2019-10-01", "--why", "Ja.")
    assert changed.returncode == 2
    assert f"Kör statsbidrag run {FOUR_YEARS} --report halvtid igen." in changed.stderr


def test_the_quarter_and_the_interim_report_stand_beside_each_other(city: City) -> None:
    """A quarter's run leaves the interim report as it was, and is what the grant's page shows."""
    city.filed()
    before = (city.place / "reconciliation.json").read_bytes()
    assert city.run(as_of=date(2019, 10, 15)).returncode == 0
    assert (city.place / "reconciliation.json").read_bytes() == before
    status = call_here(
        *("status", "--json", "--data", str(city.folder / "data"), "--out", str(city.out)),
        *("--as-of", "2019-10-15"),
    )
    (standing,) = [one for one in json.loads(status.stdout) if one["grant"] == FOUR_YEARS]
    assert standing["reconciled_as_of"] == "2019-10-15"
    assert standing["interim_reports"] == {"halvtid": "inlämnad"}
    told = call_here(
        *("status", "--data", str(city.folder / "data"), "--out", str(city.out)),
        *("--as-of", "2019-10-15"),
    )
    assert "Delrapporten halvtid är inlämnad" in told.stdout
    ends = {
        one["label"]: (one["on"], one["standing"])
        for one in standing["deadlines"]
        if one["kind"] == "last_use"
    }
    assert ends == {
        "Sista dag att använda medlen för 2017": ("2017-12-31", "passed"),
        "Sista dag att använda medlen för 2018": ("2018-12-31", "passed"),
        "Sista dag att använda medlen för 2019": ("2019-12-31", "open"),
        "Sista dag att använda medlen": ("2020-12-31", "open"),
    }
    (of_2019,) = [d for d in standing["deadlines"] if d["label"].endswith("för 2019")]
    quarter = json.loads(
        (city.out / FOUR_YEARS / "2019-09-30" / "reconciliation.json").read_text("utf-8")
    )
    left = sum(
        max(
            Decimal(0),
            Decimal(year["allocated_sek"])
            + Decimal(year["carried_in_sek"])
            - Decimal(year["eligible_sek"]),
        )
        for row in quarter["boards"]
        for year in row["years"]
        if year["to"] == "2019-12-31"
    )
    assert Decimal(of_2019["at_risk_sek"]) == left > 0
    (due,) = [one for one in standing["deadlines"] if one["kind"] == "interim_report"]
    assert due["label"] == "Delrapport september 2019 till Socialnämnden"
    assert (due["on"], due["standing"]) == ("2019-10-22", "done")
    assert city.run(*REPORT, as_of=date(2019, 10, 16)).returncode == 0
    status = call_here(
        *("status", "--json", "--data", str(city.folder / "data"), "--out", str(city.out)),
        *("--as-of", "2019-10-16"),
    )
    (standing,) = [one for one in json.loads(status.stdout) if one["grant"] == FOUR_YEARS]
    assert standing["reconciled_as_of"] == "2019-10-15"
    assert city.verified().returncode == 0


def test_a_later_version_is_a_correction_and_what_was_filed_stays(city: City) -> None:
    city.filed()
    book = data_folder.load(city.folder / "data", [FOUR_YEARS], AS_OF)
    (filling,) = [one for one in fillings(UNTIL) if one.sender == "farsta"]
    corrected = type(filling)(
        "farsta", UNTIL, 2, filling.lines[:-2], forecast=Decimal(4000000), has_remark=False
    )
    content = content_of(Run(book, AS_OF), book.grant(FOUR_YEARS), corrected)
    path = city.folder / "inbox" / FOUR_YEARS / "farsta-2.xlsx"
    path.write_bytes(content)
    assert city.run(*REPORT, as_of=date(2019, 10, 20)).returncode == 0
    log = Log.read(city.out / LOG)
    assert log.about(FOUR_YEARS, "corrected", report_id="halvtid")
    review = log.review(FOUR_YEARS, report_id="halvtid")
    assert review is not None
    assert (str(review.state), review.version) == ("utkast", 2)
    report = (city.place / "aterrapport.html").read_text("utf-8")
    assert "Rättelse 1 av den delrapport som lämnades in." in report


def test_its_paper_is_in_the_committees_form(city: City, tmp_path: Path) -> None:
    to = tmp_path / "utlatande.docx"
    done = call_here(
        *("paper", FOUR_YEARS, *REPORT, "--to", str(to)),
        *("--data", str(city.folder / "data"), "--out", str(city.out)),
    )
    assert done.returncode == 0, done.stderr
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(to)).paragraphs)
    for words in (
        "godkänner ”Delrapport september 2019” om Påhittad satsning",
        "om fördelningen för 2017, 2018, 2019 och 2020.",
        "Delrapporten lämnas till Socialnämnden.",
        "Ärendet överlämnas för kännedom till samtliga stadsdelsnämnder.",
        "Läget per målområde",
        "Jämställdhetsanalys",
        "Beskriv hur arbetet ska finansieras",
    ):
        assert words in text
    assert "återkräva" not in text


@pytest.mark.parametrize(
    ("arguments", "as_of", "says"),
    [
        (("--report", "annan"), AS_OF, "Delrapporten annan står inte i grants/fyra-ar-2017.toml."),
        ((*REPORT, "--final"), AS_OF, "Ange antingen --final eller --report"),
        (REPORT, date(2019, 8, 30), "som inte har varit 2019-08-30"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], as_of: date, says: str
) -> None:
    city = City(tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("inbox"))
    (tmp_path / "data" / "grants" / f"{FOUR_YEARS}.toml").write_text(grant_file(), "utf-8")
    (tmp_path / "inbox").mkdir()
    done = city.run(*arguments, as_of=as_of)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_return_for_a_later_period_leaves_it_as_it_is(city: City) -> None:
    """While a grant is in use returns keep coming; the interim report rests on none of them."""
    on = ("--on", "2019-10-01")
    assert city.decide("review", "Anna Alm", *REPORT, *on).returncode == 0
    book = data_folder.load(city.folder / "data", [FOUR_YEARS], date(2019, 10, 15))
    later = fillings(date(2019, 9, 30))[0]
    content = content_of(Run(book, date(2019, 10, 15)), book.grant(FOUR_YEARS), later)
    (city.folder / "inbox" / FOUR_YEARS / "senare.xlsx").write_bytes(content)
    assert city.run(*REPORT, as_of=AS_OF).returncode == 0
    review = Log.read(city.out / LOG).review(FOUR_YEARS, report_id="halvtid")
    assert review is not None
    assert str(review.state) == "granskad"


def test_one_that_is_given_another_day_must_be_made_again(city: City) -> None:
    city.filed()
    path = city.folder / "data" / "grants" / f"{FOUR_YEARS}.toml"
    path.write_text(
        path.read_text("utf-8").replace("dag = 2019-08-31", "dag = 2019-07-31"), "utf-8"
    )
    again = city.decide("package", "Cia Cid", *REPORT)
    assert again.returncode == 2
    assert "har fått en annan dag" in again.stderr
