"""A grant to the whole country: every county's sums, and the country's, are as reckoned plainly."""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

from statsbidrag.base import swedish
from statsbidrag.decisions import data_folder
from tests import example_city, example_nation
from tests.example import CRIME, EQUAL
from tests.example_nation import AS_OF, DATA, PLANTED, Sent
from tests.support.commands import ROOT, run, server
from tests.support.plain_nation import Sums, places, reckoned

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
HELD = {EQUAL: ("habo-0643",), CRIME: ()}


@dataclass(frozen=True)
class Nation:
    """A run of one of the nation's grants."""

    grant_id: str
    place: Path
    told: Mapping[str, Any]
    sums: Mapping[tuple[str, str | None], Sums]
    sent: tuple[Sent, ...]
    said: str


def ran(folder: Path, grant_id: str) -> Nation:
    book = data_folder.load(ROOT / DATA, [grant_id], AS_OF)
    sent = tuple(example_nation.sendings(book, book.grant(grant_id)))
    for one in sent:
        name, content = example_nation.workbook(book, one)
        path = folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    out = folder / "out"
    options = ("--data", str(ROOT / DATA), "--final")
    done = run(folder / "inbox", out, grant_id, *options, as_of=AS_OF.isoformat())
    assert done.returncode == 3, done.stderr
    place = out / grant_id / "slutlig"
    told = json.loads((place / "reconciliation.json").read_text("utf-8"))
    names = {board.board_id: board.name for board in book.boards}
    sums = reckoned(grant_id, sent, names, HELD[grant_id])
    return Nation(grant_id, place, told, sums, sent, done.stdout)


@pytest.fixture(scope="module")
def crime(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    return ran(tmp_path_factory.mktemp("crime"), CRIME)


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    return ran(tmp_path_factory.mktemp("equal"), EQUAL)


def upper_ids() -> dict[str, str]:
    """The id of each county, and of the nation, by the name in the plain sums."""
    book = data_folder.load(ROOT / DATA, [], AS_OF)
    named = {board.name: board.board_id for board in book.boards if board.level_id == "lan"}
    return {**named, "riket": "riket"}


def must_be_as_reckoned(nation: Nation) -> None:
    ids = upper_ids()
    told = {(row["recipient"], row["of_level"]): row for row in nation.told["levels"]}
    assert set(told) >= {(ids[upper], level) for upper, level in nation.sums}
    for (upper, level), sums in nation.sums.items():
        row = told[ids[upper], level]
        expected = {
            "allocated_sek": f"{sums.allocated:.2f}",
            "reported_sek": f"{sums.reported:.2f}",
            "eligible_sek": f"{sums.eligible:.2f}",
            "ineligible_sek": f"{sums.ineligible:.2f}",
            "liability_sek": f"{sums.liability:.2f}",
            "undetermined_sek": f"{sums.undetermined:.2f}",
            "board_count": sums.asked,
            "answered_count": sums.answered,
            "held_count": sums.held,
            "counted_count": sums.answered - sums.held,
        }
        assert {name: row[name] for name in expected} == expected, (upper, level)
    coverage = {
        (row["recipient"], row["area"], row["target_area"]): row["working_count"]
        for row in nation.told["coverage"]
    }
    for (upper, level), sums in nation.sums.items():
        if level is None:
            for (area, target), those in sums.working.items():
                assert coverage.pop((ids[upper], area, target)) == len(those)
    assert not [place for place in coverage if place[1] and place[2]]


def must_be_answered_as_counted(nation: Nation) -> None:
    ids = upper_ids()
    for question in nation.told["questions"]:
        told = {row["recipient"]: row for row in question["levels"]}
        for (upper, level), sums in nation.sums.items():
            if level is not None:
                continue
            row, said = told[ids[upper]], sums.answers.get(question["text"], [])
            assert (row["asked_count"], row["answering_count"]) == (sums.asked, len(said))
            if question["unit"]:
                assert row["number_count"] == (sum(map(int, map(str, said))) if said else None)
                continue
            yes = said.count("Ja")
            assert (row["yes_count"], row["no_count"]) == (yes, len(said) - yes)
            if said:
                # 86.84 is printed as 87
                percent = (200 * yes + len(said)) // (2 * len(said))
                assert Decimal(row["yes_whole_share"]) == Decimal(percent) / 100


def test_every_county_and_the_nation_are_as_reckoned_plainly(crime: Nation) -> None:
    must_be_as_reckoned(crime)
    whole = crime.sums["riket", None]
    assert whole.asked == 74
    assert crime.told["total_sek"] == "185000000.00"
    assert 0 < whole.answered < 74


@pytest.mark.long
def test_all_municipalities_and_regions_are_as_reckoned_plainly(equal: Nation) -> None:
    must_be_as_reckoned(equal)
    whole = equal.sums["riket", None]
    assert (whole.asked, whole.held) == (290 + 21, 1)
    kommuner, regioner = equal.sums["riket", "kommun"], equal.sums["riket", "region"]
    assert (kommuner.asked, regioner.asked) == (290, 21)
    assert kommuner.allocated + regioner.allocated == whole.allocated == 190_000_000
    assert len(equal.told["questions"]) == 3
    must_be_answered_as_counted(equal)


def pages_of(nation: Nation) -> list[str]:
    document = pypdfium2.PdfDocument(nation.place / "aterrapport.pdf")
    return [page.get_textpage().get_text_range() for page in document]


def test_the_overview_is_short_and_names_only_who_has_not_answered(crime: Nation) -> None:
    pages = pages_of(crime)
    assert len(pages) <= 15
    text = " ".join(" ".join(pages).split())
    whole = crime.sums["riket", None]
    percent = (200 * whole.answered + whole.asked) // (2 * whole.asked)
    answered = f"{whole.answered} av {whole.asked} ({percent} %) tillfrågade kommuner har svarat"
    assert " ".join(answered.split()) in text
    silent = {b["name"] for b in crime.told["boards"] if b["return_status"] == "missing"}
    assert len(silent) == whole.asked - whole.answered
    assert all(name in text for name in silent)
    answering = {b["name"] for b in crime.told["boards"]} - silent
    assert sum(name in text for name in answering) < 30


@pytest.mark.long
def test_the_overview_of_all_is_at_most_fifteen_pages(equal: Nation) -> None:
    pages = pages_of(equal)
    assert len(pages) <= 15
    text = " ".join(" ".join(pages).split())
    assert "Gotlands kommun och Region Gotland är samma organisation" in text
    assert (EQUAL, "habo-0305") in PLANTED, "it has used more than it was given"
    assert "Håbo kommun" in text


@pytest.mark.long
def test_stockholms_row_is_what_the_city_itself_has_filed(tmp_path: Path) -> None:
    packages = example_city.packages(tmp_path / "city")
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    for package in packages:
        (inbox / package.name).write_bytes(package.read_bytes())
    options = ("--data", str(ROOT / DATA), "--final")
    done = run(inbox, out, EQUAL, CRIME, *options, as_of=AS_OF.isoformat())
    assert done.returncode == 3, done.stderr
    for grant_id, package in zip((EQUAL, CRIME), packages, strict=True):
        with zipfile.ZipFile(package) as archive:
            filed = json.loads(archive.read("rapport/reconciliation.json"))
        told = json.loads((out / grant_id / "slutlig" / "reconciliation.json").read_text("utf-8"))
        row = next(one for one in told["boards"] if one["board"] == "stockholm-0180")
        figures = ("reported_sek", "eligible_sek", "ineligible_sek")
        assert {name: row[name] for name in figures} == {n: filed["city"][n] for n in figures}
        assert row["allocated_sek"] == filed["total_sek"]
        # Here the city is one recipient, so what one board has used too much another has left.
        assert row["liability_sek"] == filed["liability"]["kommun_basis_sek"]
        county = next(r for r in told["levels"] if r["recipient"] == "stockholms-lan-01")
        assert county["eligible_sek"] == row["eligible_sek"]


def test_everybody_stands_in_excel(crime: Nation) -> None:
    book = openpyxl.load_workbook(crime.place / "bilaga.xlsx", read_only=True)
    names = {row[0] for row in book["Sammanställning"].values}
    assert names >= {row["name"] for row in crime.told["boards"]}
    assert "Nivåer" in book.sheetnames
    attested = [row[1] for row in book["Intygande"].values]
    assert len(attested) == 1 + crime.sums["riket", None].answered
    assert "Ekonomichef, Malmö kommun" in attested


HOUSE_WORDS = re.compile(r"\bnämnd(en|er|erna)?s?\b|\bstad(en)?s?\b", re.IGNORECASE)


def test_nothing_speaks_of_a_citys_boards(crime: Nation) -> None:
    """But what a document says, and the rules' sources."""
    names = {name for name in places() if "stad" in name}
    for path in sorted(crime.place.rglob("*.html")):
        if path.name in {"kontrakt.html"}:
            continue
        text = path.read_text("utf-8")
        body = re.sub(r"<pre>.*?</pre>|<[^>]+>", " ", text, flags=re.DOTALL)
        for name in names:
            body = body.replace(name, "")
        body = re.sub(r"”[^”]*”", "", body)
        found = [match.group() for match in HOUSE_WORDS.finditer(body)]
        assert not found, (path.name, found[:5])
    assert f"74{swedish.NBSP}kommuner" in crime.said
