"""A grant of four years from its file to what is written: each year of each board stands in the
report, the workbook, the trace and `explain` as reckoned by hand."""

import json
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from statsbidrag.base import swedish
from statsbidrag.decisions import data_folder
from tests.support.commands import ROOT, call_here, run, server
from tests.support.drawn import Run, content_of
from tests.support.four_years import FOUR_YEARS, SHARE, fillings, grant_file
from tests.support.reckoning import Json, reckon, shared

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")


def decided(folder: Path, rule: str) -> Path:
    """The city's decisions with the grant of four years among them."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("inbox"))
    (folder / "grants" / f"{FOUR_YEARS}.toml").write_text(grant_file(rule), "utf-8")
    return folder


def ran(folder: Path, rule: str, as_of: date, *, is_final: bool = False) -> tuple[Path, Json, Json]:
    """Where the report lies, what it says and what is reckoned by hand."""
    data = decided(folder / "data", rule)
    book = data_folder.load(data, [FOUR_YEARS], as_of)
    asked = Run(book, as_of, is_final)
    grant = book.grant(FOUR_YEARS)
    sent = fillings(asked.plan([FOUR_YEARS]).periods[FOUR_YEARS])
    own = folder / "inbox" / FOUR_YEARS
    own.mkdir(parents=True)
    for filling in sent:
        attested_on = as_of if is_final else None
        (own / f"{filling.sender}.xlsx").write_bytes(content_of(asked, grant, filling, attested_on))
    options = ["--data", str(data), *(["--final"] if is_final else [])]
    inbox, out = folder / "inbox", folder / "out"
    done = run(inbox, out, FOUR_YEARS, *options, as_of=as_of.isoformat())
    assert done.returncode in {0, 3}, done.stderr
    period = "slutlig" if is_final else asked.plan([FOUR_YEARS]).periods[FOUR_YEARS].isoformat()
    place = out / FOUR_YEARS / period
    told = json.loads((place / "reconciliation.json").read_text("utf-8"))
    return place, told, reckon(grant, book.boards, as_of, sent, is_final=is_final)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Json, Json]:
    return ran(tmp_path_factory.mktemp("half"), SHARE, date(2019, 8, 31))


@pytest.fixture(scope="module")
def at_the_end(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Json, Json]:
    return ran(tmp_path_factory.mktemp("end"), SHARE, date(2021, 1, 20), is_final=True)


def board(told: Json, board_id: str) -> Any:
    return next(row for row in told["boards"] if row["board"] == board_id)


def test_half_way_every_figure_is_as_reckoned_by_hand(half_way: tuple[Path, Json, Json]) -> None:
    _, told, reckoned = half_way
    assert shared(told, reckoned) == reckoned
    years = board(told, "farsta")["years"]
    assert [year["carried_out_sek"] is None for year in years] == [False, False, True, True]
    assert [year["carried_in_sek"] is None for year in years] == [False, False, False, True]
    assert years[2]["allocated_sek"] == "700000.50"  # by the later decision


def test_at_the_end_the_merged_boards_are_one_unit_in_every_year(
    at_the_end: tuple[Path, Json, Json],
) -> None:
    _, told, reckoned = at_the_end
    assert shared(told, reckoned) == reckoned
    merged = board(told, "hagersten-alvsjo")
    assert [year["allocated_sek"] for year in merged["years"]] == ["2000000.00"] * 4
    assert merged["years"][-1]["carried_out_sek"] == "0.00"
    assert merged["components"][0]["years"] == merged["years"]


def test_the_report_and_the_boards_page_show_each_year(
    at_the_end: tuple[Path, Json, Json],
) -> None:
    place, told, _ = at_the_end
    report = (place / "aterrapport.html").read_text("utf-8")
    page = (place / "boards" / "farsta.html").read_text("utf-8")
    for year in board(told, "farsta")["years"]:
        lapsed = swedish.number(Decimal(year["lapsed_sek"]))
        for written in (report, page):
            rows = re.findall("<tr>.*?</tr>", written, re.DOTALL)
            (row,) = [row for row in rows if f"farsta.ar.{int(year['from'][:4]) - 2016}." in row]
            assert lapsed in row
            assert swedish.number(Decimal(year["eligible_sek"])) in row
    assert "Ja, högst 10" in report
    assert "År för år, kronor" in report


def test_the_workbook_and_the_trace_have_each_year(at_the_end: tuple[Path, Json, Json]) -> None:
    place, told, _ = at_the_end
    sheet = openpyxl.load_workbook(place / "bilaga.xlsx")["År för år"]
    rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]
    assert len(rows) == sum(len(row["years"]) for row in told["boards"])
    trace = (place / "sparning.html").read_text("utf-8")
    for number in range(1, 5):
        assert f'id="farsta.ar.{number}.lapsed_sek"' in trace
        assert f'id="farsta.alla.ar.{number}.carried_out_sek"' in trace
    assert "305_part_year" in trace


def test_explain_tells_each_year(at_the_end: tuple[Path, Json, Json]) -> None:
    place, told, _ = at_the_end
    out = str(place.parents[1])
    said = call_here("explain", FOUR_YEARS, "farsta", "--out", out).stdout
    lapsed = swedish.kr(Decimal(board(told, "farsta")["years"][0]["lapsed_sek"]))
    assert f"Förfaller {lapsed}" in said
    assert "Till nästa år" in said
    assert "sql/305_part_year.sql" in said
    assert "Socialnämnden 2016-12-01, Farsta, alla, för 2019 (ersatt av ett senare beslut)" in said
