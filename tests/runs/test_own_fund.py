"""The city's own fund, whose amount nobody has published: costs are followed and nothing is said to
be owed, by the shipped grant file and what boards might have sent."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import docx
import openpyxl
import pytest

from statsbidrag.decisions import data_folder
from tests.example import FUND as OWN
from tests.support.commands import ROOT, call_here, run, server
from tests.support.drawn import Run, content_of
from tests.support.four_years import BOARDS, fillings
from tests.support.reckoning import Filling, Json
from tests.support.way import change, copied

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
AREAS = {
    "Utökade hembesök": "Utökade hembesöksprogram",
    "Strukturerade program": "Strukturerade föräldraskapsstödsprogram",
}
KINDS = {"Lokaler": "Lokaler och arrangemang"}
"""What the made-up grant of four years calls its areas and kinds of cost, and what this one does."""
UNKNOWN = (
    *("allocated_sek", "remaining_sek", "overspent_sek", "used_share"),
    *("liability_sek", "projected_unspent_sek", "flag"),
)
"""What of a board rests on an amount that nobody knows."""


@dataclass(frozen=True)
class Made:
    """A run of the grant: where it lies, and what it says."""

    inbox: Path
    out: Path
    place: Path
    told: Json

    def decide(self, command: str, *arguments: str) -> CompletedProcess[str]:
        folders = ["--data", str(ROOT / "data"), "--out", str(self.out)]
        if command != "paper":
            folders += ["--returns", str(self.inbox)]
        return call_here(command, OWN, *folders, *arguments)


def sent(period_end: date) -> list[Filling]:
    """What the boards have sent to a day, in the areas of this grant."""
    filled = []
    for filling in fillings(period_end):
        lines = []
        for line in filling.lines:
            area, kind = AREAS.get(line.area, line.area), KINDS.get(line.cost_kind, line.cost_kind)
            lines.append(replace(line, area=area, cost_kind=kind))
        filled.append(replace(filling, lines=tuple(lines)))
    return filled


def made(folder: Path, as_of: date, period_end: date, kept: str, *options: str) -> Made:
    book = data_folder.load(ROOT / "data", [OWN], as_of)
    is_final = "--final" in options
    asked = Run(book, as_of, is_final)
    own = folder / "inbox" / OWN
    own.mkdir(parents=True)
    for filling in sent(period_end):
        content = content_of(asked, book.grant(OWN), filling, as_of if is_final else None)
        (own / f"{filling.sender}.xlsx").write_bytes(content)
    done = run(folder / "inbox", folder / "out", OWN, *options, as_of=as_of.isoformat())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bidragets belopp är okänt" in done.stdout
    place = folder / "out" / OWN / kept
    told = json.loads((place / "reconciliation.json").read_text("utf-8"))
    return Made(folder / "inbox", folder / "out", place, told)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("half")
    report = ("--report", "halvtid")
    return made(folder, date(2019, 9, 15), date(2019, 8, 31), "delrapport-halvtid", *report)


@pytest.fixture(scope="module")
def at_the_end(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("end")
    return made(folder, date(2021, 1, 20), date(2020, 12, 31), "slutlig", "--final")


def board(told: Json, board_id: str) -> Any:
    return next(row for row in told["boards"] if row["board"] == board_id)


def test_what_rests_on_the_amount_is_unknown_and_never_zero(half_way: Made) -> None:
    told = half_way.told
    assert [told[name] for name in ("total_sek", "allocated_sek", "unallocated_sek")] == [None] * 3
    liability = told["liability"]
    assert {name: known for name, known in liability.items() if known} == {"basis": "namnd"}
    for row in told["boards"]:
        assert [row[name] for name in UNKNOWN] == [None] * len(UNKNOWN)
        assert row["liability_grounds"] == []
        assert row["eligible_sek"] is not None
    farsta = board(told, "farsta")
    assert farsta["ineligible_sek"] == "1200.50"
    assert told["city"]["eligible_sek"] == "12862511.20"


def test_a_board_that_sent_nothing_is_not_missing(half_way: Made) -> None:
    boards = {row["board"] for row in half_way.told["boards"]}
    assert boards == set(BOARDS.values()) - {"skarholmen"}
    assert half_way.told["city"]["missing_count"] == 0


def test_the_merged_boards_are_one_unit_in_the_end(at_the_end: Made) -> None:
    merged = board(at_the_end.told, "hagersten-alvsjo")
    assert merged["return_status"] == "accepted_with_warnings"  # it has counted nothing
    senders = {"alvsjo", "hagersten-liljeholmen", "hagersten-alvsjo"}
    assert not senders - {"hagersten-alvsjo"} & {row["board"] for row in at_the_end.told["boards"]}
    summed = sum(
        line.amount
        for filling in sent(date(2020, 12, 31))
        if filling.sender in senders
        for line in filling.lines
    )
    assert merged["eligible_sek"] == f"{summed:.2f}"


@pytest.mark.parametrize("page", ["aterrapport.html", "underlag.html", "boards/farsta.html"])
def test_the_pages_say_why_nothing_is_owed(half_way: Made, page: str) -> None:
    text = (half_way.place / page).read_text("utf-8")
    assert "Bidragets belopp är okänt: Tjänsteutlåtandet anger inget belopp." in text
    assert "återför" in text
    assert "återbetal" not in text.lower()
    assert not re.search("betala[rs]?( pengar)? tillbaka", text)


WRONG = re.compile(r"återbetal|återrapport(?!\.)|betala[rs]? tillbaka|myndighet", re.IGNORECASE)
"""What nobody says of the city's own money; `aterrapport.html` is a file's name."""


def said_in(path: Path) -> str:
    """The text that people read in a file; of a page without the rules and steps that it prints."""
    if path.suffix == ".html":
        text = path.read_text("utf-8")
        return re.sub(r"<(pre|style|script).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    if path.suffix == ".docx":
        return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    return path.read_text("utf-8") if path.suffix in {".eml", ".ics"} else ""


@pytest.mark.parametrize("made_of", ["half_way", "at_the_end"])
def test_no_file_speaks_of_an_agency(made_of: str, request: pytest.FixtureRequest) -> None:
    run_made: Made = request.getfixturevalue(made_of)
    passed_over = {"sparning.html", "kontrakt.html"}  # they tell of steps and rules of all grants
    for path in sorted(run_made.place.rglob("*")):
        if path.name not in passed_over:
            assert not WRONG.findall(said_in(path)), path.name


def test_the_final_paper_asks_for_approval_alone(at_the_end: Made) -> None:
    text = said_in(at_the_end.place / "tjansteutlatande.docx")
    assert "Socialnämnden godkänner ”Slutrapport” om Stärkt tidigt stöd" in text
    assert "Tjänsteutlåtandet anger inget belopp" in text
    for wrong in ("beviljats", "har fördelat", "Inget ska"):
        assert wrong not in text


def test_a_board_that_there_was_not_yet_does_not_take_part(tmp_path: Path) -> None:
    """Rinkeby-Kista and Spånga-Tensta became Järva after the grant: it can't be told for which."""
    as_of = date(2021, 1, 20)
    book = data_folder.load(ROOT / "data", [OWN], as_of)
    grant = book.grant(OWN)
    assert book.assignment("jarva", grant, as_of, date(2020, 12, 31)) is None
    done = call_here(
        *("template", OWN, "--board", "Järva", "--period-end", "2020-12-31"),
        *("--out", str(tmp_path)),
    )
    assert done.returncode == 2
    assert "Järva" in done.stderr


def test_nothing_is_attested_on_nothing_without_a_reason(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = run(tmp_path / "inbox", tmp_path / "out", OWN, "--final", as_of="2021-01-20")
    assert done.returncode == 0, done.stderr
    assert "Ingen nämnd har redovisat" in done.stdout
    made_of = Made(tmp_path / "inbox", tmp_path / "out", tmp_path, {})
    assert made_of.decide("review", "--by", "Anna Alm", "--on", "2021-01-21").returncode == 0
    refused = made_of.decide("approve", "--by", "Bo Berg", "--on", "2021-01-21")
    assert refused.returncode == 2
    assert "--why" in refused.stderr


def test_returns_count_when_the_amount_becomes_known(at_the_end: Made, tmp_path: Path) -> None:
    """Their workbooks were made before, so the cell that says what the board has is blank."""
    data = copied(tmp_path)
    path = data / "grants" / f"{OWN}.toml"
    change(path, 'okand = "Tjänsteutlåtandet anger inget belopp"', KNOWN)
    amounts = ", ".join(f'"{name}" = 4000000' for name in BOARDS)
    decided_by = 'beslutat_av = "Stockholms stad, fonden för sociala investeringar"'
    change(path, decided_by, f"{decided_by}\nfordelning = {{ {amounts} }}")
    out = tmp_path / "out"
    done = run(at_the_end.inbox, out, OWN, "--final", "--data", str(data), as_of="2021-01-20")
    told = json.loads((out / OWN / "slutlig" / "reconciliation.json").read_text("utf-8"))
    assert told["city"]["held_count"] == 0, done.stdout
    assert told["city"]["eligible_sek"] == at_the_end.told["city"]["eligible_sek"]
    assert told["liability"]["to_repay_sek"] is not None


KNOWN = 'kronor = 28000000\nantagande = "Påhittat."'


def test_the_final_report_is_a_slutrapport(at_the_end: Made) -> None:
    text = (at_the_end.place / "aterrapport.html").read_text("utf-8")
    assert "Slutrapport om stadens egna medel" in text
    assert "Sociala investeringsfonden" in text
    assert not re.search(r"[0-9] kr ska", text)
    index = (at_the_end.out / "index.html").read_text("utf-8")
    assert "bidragets belopp är okänt" in index
    book = openpyxl.load_workbook(at_the_end.place / "bilaga.xlsx")
    assert {"Staden", "Beslut"}.isdisjoint(book.sheetnames)
    headers = [cell.value for cell in book["Sammanställning"][1]]
    assert headers[:3] == ["Nämnd", "Läge", "Redovisat, kr"]
    assert not {"Fördelat, kr", "Återstår, kr", "Att återbetala, kr", "Flagga"} & set(headers)


def test_status_and_explain_know_of_no_amount(at_the_end: Made) -> None:
    folders = ["--data", str(ROOT / "data"), "--out", str(at_the_end.out)]
    as_of = ("--as-of", "2021-01-20")
    said = call_here("status", *folders, *as_of).stdout
    assert "Pengar i fara: okänt" in said
    assert "av ett okänt belopp" in said
    standings = json.loads(call_here("status", "--json", *folders, *as_of).stdout)
    (own,) = [one for one in standings if one["grant"] == OWN]
    assert (own["at_risk_sek"], own["to_repay_sek"], own["used_share"]) == (None, None, None)
    explained = call_here("explain", OWN, "farsta", "--out", str(at_the_end.out))
    assert explained.returncode == 0, explained.stderr
    assert "Berättigat" in explained.stdout


def test_it_is_filed_and_proved_and_nothing_can_be_claimed(at_the_end: Made) -> None:
    for command, by in (("review", "Anna Alm"), ("approve", "Bo Berg"), ("file", "Cia Cid")):
        done = at_the_end.decide(command, "--by", by, "--on", "2021-01-21")
        assert done.returncode == 0, done.stderr
    claimed = at_the_end.decide(
        "claim", "--by", "Cia Cid", "--on", "2021-02-01", "--amount", "100", "--ref", "F1"
    )
    assert claimed.returncode == 2
    assert "okänt" in claimed.stderr
    proved = call_here("verify", "--returns", str(at_the_end.inbox), "--out", str(at_the_end.out))
    assert proved.returncode == 0, proved.stdout
    packed = at_the_end.decide("package", "--by", "Cia Cid")
    assert packed.returncode == 0, packed.stderr


def test_the_paper_leaves_out_what_nobody_knows(half_way: Made, tmp_path: Path) -> None:
    wanted = tmp_path / "paper.docx"
    done = half_way.decide("paper", "--report", "halvtid", "--to", str(wanted))
    assert done.returncode == 0, done.stderr
    paper = docx.Document(str(wanted))
    text = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "Tjänsteutlåtandet anger inget belopp" in text
    headers = [cell.text for table in paper.tables for cell in table.rows[0].cells]
    assert "Återstår" not in headers
    assert "Fördelat" not in headers


def test_every_board_gets_a_workbook_without_an_amount(tmp_path: Path) -> None:
    done = call_here("template", OWN, "--period-end", "2020-12-31", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert f"{OWN}_hagersten-alvsjo_2020-12-31.xlsx" in names
    assert f"{OWN}_alvsjo_2020-12-31.xlsx" not in names
    book = openpyxl.load_workbook(tmp_path / f"{OWN}_farsta_2020-12-31.xlsx")
    sheet, cell = next(iter(book.defined_names["tilldelat"].destinations))
    assert book[sheet][cell.replace("$", "")].value is None


def test_an_amount_that_a_board_states_itself_is_not_passed_over(tmp_path: Path) -> None:
    as_of = date(2021, 1, 20)
    book = data_folder.load(ROOT / "data", [OWN], as_of)
    filling = next(one for one in sent(date(2020, 12, 31)) if one.sender == "farsta")
    path = tmp_path / "farsta.xlsx"
    path.write_bytes(content_of(Run(book, as_of, True), book.grant(OWN), filling, as_of))
    stated = openpyxl.load_workbook(path)
    sheet, cell = next(iter(stated.defined_names["tilldelat"].destinations))
    stated[sheet][cell.replace("$", "")] = 1500000
    stated.save(path)
    done = call_here("check", str(path), "--as-of", "2021-01-20", "--final")
    assert "Redovisningen säger att nämnden har tilldelats 1\u00a0500\u00a0000" in done.stdout
    assert "Avstämningen räknar inte med det." in done.stdout
