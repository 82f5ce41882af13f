"""What boards count and how their posts are filled, from four years of workbooks through a merger to
what is written: every figure as reckoned here, plainly."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import docx
import openpyxl
import pytest

from statsbidrag.decisions import data_folder
from tests.support.commands import ROOT, call_here, run, server
from tests.support.drawn import Run, content_of
from tests.support.four_years import (
    FOUR_YEARS,
    POSTS,
    counted,
    fillings,
    grant_file,
    with_measures,
)
from tests.support.reckoning import Filling, Json, Post

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
SMALL = """
[villkor.sma_antal]
dolj_under = 5
antagande = "Påhittat."
"""


@dataclass(frozen=True)
class Made:
    """A run: where it lies, what it says, and what was sent."""

    place: Path
    told: Json
    sent: Sequence[Filling]


def sent(period_end: date) -> list[Filling]:
    """What each board has counted and its posts: Hässelby-Vällingby has few men and leaves out the
    rating, Farsta the totals; Rinkeby-Kista has one post only."""
    filled = []
    for number, filling in enumerate(fillings(period_end)):
        until = filling.period_end
        assert until is not None
        counts = counted(until, number)
        posts: Sequence[Post] = POSTS
        if filling.sender == "hasselby-vallingby":
            counts = {
                about: (3,) if about[3] == "Män" else own
                for about, own in counts.items()
                if len(own) == 1
            }
        if filling.sender == "farsta":
            counts = {about: own for about, own in counts.items() if about[3] != "Alla"}
        if filling.sender == "rinkeby-kista":
            posts = POSTS[:1]
        if filling.sender == "hagersten-alvsjo":
            counts = {about: own for about, own in counts.items() if about[1] == "2020"}
            posts = [Post("Föräldrarådgivare", Decimal(50), date(2020, 7, 1))]
        filled.append(replace(filling, measures=counts, posts=tuple(posts)))
    return filled


def made(folder: Path, as_of: date, period_end: date, kept: str, *options: str) -> Made:
    data = folder / "data"
    shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("inbox"))
    text = with_measures(grant_file().replace("[villkor.ranta]", f"{SMALL}\n[villkor.ranta]"))
    (data / "grants" / f"{FOUR_YEARS}.toml").write_text(text, "utf-8")
    book = data_folder.load(data, [FOUR_YEARS], as_of)
    is_final = "--final" in options
    asked = Run(book, as_of, is_final)
    inbox = folder / "inbox" / FOUR_YEARS
    inbox.mkdir(parents=True)
    filled = sent(period_end)
    for filling in filled:
        attested_on = as_of if is_final else None
        content = content_of(asked, book.grant(FOUR_YEARS), filling, attested_on)
        (inbox / f"{filling.sender}.xlsx").write_bytes(content)
    folders = ("--data", str(data))
    done = run(
        folder / "inbox", folder / "out", FOUR_YEARS, *folders, *options, as_of=as_of.isoformat()
    )
    assert done.returncode in {0, 3}, done.stderr
    place = folder / "out" / FOUR_YEARS / kept
    told = json.loads((place / "reconciliation.json").read_text("utf-8"))
    return Made(place, told, filled)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("half")
    kept = "delrapport-halvtid"
    return made(folder, date(2019, 9, 15), date(2019, 8, 31), kept, "--report", "halvtid")


@pytest.fixture(scope="module")
def at_the_end(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("end")
    return made(folder, date(2021, 1, 20), date(2020, 12, 31), "2020-12-31")


@pytest.fixture(params=["half_way", "at_the_end"])
def run_made(request: pytest.FixtureRequest) -> Made:
    result: Made = request.getfixturevalue(request.param)
    return result


UNITS = {"alvsjo": "hagersten-alvsjo", "hagersten-liljeholmen": "hagersten-alvsjo"}
"""What boards had become on the grant's last day."""


def unit_of(one: Filling, told: Json) -> str:
    boards = {row["board"] for row in told["boards"]}
    return one.sender if one.sender in boards else UNITS[one.sender]


def plainly(one: Filling) -> Mapping[tuple[str, str, str, str], tuple[int, ...]]:
    """What a return says, with totals that it leaves out and can be summed by sex."""
    said = dict(one.measures)
    for measure, year, _split, _part in one.measures:
        total = (measure, year, "Alla", "Alla")
        by_sex = [own for about, own in one.measures.items() if about[:2] == (measure, year)]
        parts = [
            own
            for about, own in one.measures.items()
            if about[:3] == (measure, year, "Förälderns kön")
        ]
        if total not in said and by_sex:
            assert len(parts) == 3
            said[total] = tuple(map(sum, zip(*parts, strict=True)))
    return said


def about(row: Json) -> tuple[str, str, str, str]:
    name = NAMES[row["measure"]]
    return name, row["from"][:4], row["split"] or "Alla", row["part"]


NAMES = {
    "rad-och-stodsamtal": "Råd- och stödsamtal",
    "utokade-hembesok": "Utökade hembesök",
    "strukturerade-program": "Strukturerade program",
    "oppna-forskolor": "Öppna förskolor",
    "starkt-i-foraldraskapet": "Stärkt i föräldraskapet",
}


def counts_of(row: Json) -> tuple[int, ...] | None:
    rated = (row["agree_count"], row["answered_count"], row["asked_count"])
    if row["people_count"] is not None:
        return (row["people_count"],)
    return None if rated == (None, None, None) else rated


def added(counts: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    return tuple(map(sum, zip(*counts, strict=True))) if counts else None


def test_every_count_is_as_reckoned_plainly(run_made: Made) -> None:
    said = [(unit_of(one, run_made.told), plainly(one)) for one in run_made.sent]
    years = {row["from"][:4] for row in run_made.told["measures"]}
    # Five measures by sex, the first by language too: their totals and parts.
    assert len(run_made.told["measures"]) == len(years) * (5 * (1 + 3) + 5)
    for row in run_made.told["measures"]:
        key = about(row)
        of_all = [counts[key] for _, counts in said if key in counts]
        assert counts_of(row) == added(of_all), key
        for board in row["boards"]:
            own = [counts[key] for unit, counts in said if unit == board["board"] and key in counts]
            assert counts_of(board) == added(own), (board["board"], key)
        units = {unit for unit, counts in said if key in counts}
        assert (row["counting_count"], row["board_count"]) == (len(units), len(row["boards"]))


def test_a_share_stands_with_both_its_counts(run_made: Made) -> None:
    rated = [row for row in run_made.told["measures"] if row["answered_count"]]
    assert rated
    for row in rated:
        for share, part, whole in (
            ("agree_share", "agree_count", "answered_count"),
            ("answered_share", "answered_count", "asked_count"),
        ):
            exact = Decimal(row[part]) / Decimal(row[whole])
            assert Decimal(row[share]) == exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def months(one: Filling, first: date, last: date) -> Fraction:
    """The months that a return's posts were filled, in whole posts, day by day."""
    filled = Fraction(0)
    until = one.period_end
    assert until is not None
    for post in one.posts:
        ends = min(post.to_on or until, until, last)
        day = max(post.from_on, first)
        while day <= ends:
            next_month = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            in_month = (next_month - timedelta(days=1)).day
            filled += Fraction(post.percent) / 100 / in_month
            day += timedelta(days=1)
    return filled


def test_posts_are_filled_as_reckoned_day_by_day(run_made: Made) -> None:
    last = date.fromisoformat(run_made.told["period_end"])
    whole = Fraction(0)
    for board in run_made.told["posts"]["boards"]:
        own = [one for one in run_made.sent if unit_of(one, run_made.told) == board["board"]]
        filled = sum((months(one, date(2017, 1, 1), last) for one in own), Fraction(0))
        assert Decimal(board["filled_months"]) == rounded(filled), board["board"]
        assert board["post_count"] == sum(len(one.posts) for one in own)
        whole += filled
    assert Decimal(run_made.told["posts"]["filled_months"]) == rounded(whole)


def rounded(exact: Fraction) -> Decimal:
    hundredths = (exact * 200 + 1) // 2
    return Decimal(int(hundredths)) / 100


def test_a_vacant_month_is_named(half_way: Made) -> None:
    boards = {row["board"]: row for row in half_way.told["posts"]["boards"]}
    assert set(boards) == {row["board"] for row in half_way.told["boards"]} - {"skarholmen"}
    rinkeby = boards["rinkeby-kista"]
    assert rinkeby["vacant_in"][:3] == ["2017-01", "2017-02", "2017-03"]
    assert rinkeby["vacant_month_count"] == len(rinkeby["vacant_in"]) == 32
    report = (half_way.place / "aterrapport.html").read_text("utf-8")
    assert "Rinkeby-Kista hade vakans januari\u00a02017–augusti\u00a02019." in report


def test_the_report_hides_what_is_few_and_what_gives_it_away(half_way: Made) -> None:
    report = (half_way.place / "aterrapport.html").read_text("utf-8")
    assert "Antal personer från 1 till 4 visas inte" in report
    page = (half_way.place / "boards" / "hasselby-vallingby.html").read_text("utf-8")
    assert "Era mått" in page  # the board's own page shows its own counts


def test_each_figure_of_the_report_leads_to_the_trace(run_made: Made) -> None:
    report = (run_made.place / "aterrapport.html").read_text("utf-8")
    trace = (run_made.place / "sparning.html").read_text("utf-8")
    led = set(re.findall(r'href="sparning\.html#([^"]+)"', report))
    assert any(anchor.startswith("matt-") for anchor in led)
    assert any(".tjanster." in anchor for anchor in led)
    assert {anchor for anchor in led if f'id="{anchor}"' not in trace} == set()
    assert "245_counted" in trace
    assert "summan av delarna" in trace  # what Farsta left out


def test_excel_has_each_row(run_made: Made) -> None:
    book = openpyxl.load_workbook(run_made.place / "bilaga.xlsx")
    rows = [row for row in book["Mått"].iter_rows(min_row=2, values_only=True) if any(row)]
    measures = run_made.told["measures"]
    assert len(rows) == len(measures) + sum(len(row["boards"]) for row in measures)
    posts = [row for row in book["Tjänster"].iter_rows(min_row=2, values_only=True) if any(row)]
    assert len(posts) == 1 + len(run_made.told["posts"]["boards"])


def test_a_break_is_told_in_the_report(half_way: Made) -> None:
    report = (half_way.place / "aterrapport.html").read_text("utf-8")
    assert "Från 2019 går siffrorna inte att jämföra med dem före." in report


def test_the_paper_has_measures_posts_and_both_sexes(half_way: Made) -> None:
    paper = docx.Document(str(half_way.place / "tjansteutlatande.docx"))
    text = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    for words in ("Mått", "Tjänster", "Råd- och stödsamtal per nämnd, antal föräldrar"):
        assert words in text
    (line,) = [words for words in text.splitlines() if words.startswith("Stärkt i föräldraskapet,")]
    assert "kvinnor" in line
    assert "män" in line
    assert re.search(r"\(\d+ av \d+ svarande, \d+ tillfrågade\)", line.replace("\u00a0", ""))
    (header,) = {
        tuple(cell.text for cell in table.rows[0].cells)
        for table in paper.tables
        if table.rows[0].cells[-1].text == "2019"
    }
    assert header == ("Nämnd", "2017", "2018", "2019")


def test_explain_tells_of_a_boards_posts_and_counts(at_the_end: Made) -> None:
    out = str(at_the_end.place.parents[1])
    said = call_here("explain", FOUR_YEARS, "farsta", "--out", out).stdout
    assert "Råd- och stödsamtal 2017" in said
    assert "Bemannade månader" in said
