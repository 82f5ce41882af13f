"""What boards answer to the questions that a grant asks, from workbooks through a merger to what is
written: every sum as counted here, plainly."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from statsbidrag.decisions import data_folder
from tests.support.asking_questions import CUT, MAPPED, TRAINED, answers, with_questions
from tests.support.commands import ROOT, call_here, run, server
from tests.support.drawn import Run, content_of
from tests.support.four_years import FOUR_YEARS, fillings, grant_file
from tests.support.reckoning import Asked, Filling, Json

__all__ = ["server"]
pytestmark = pytest.mark.usefixtures("server")
PERIOD_END, AS_OF = date(2020, 12, 31), date(2021, 1, 20)
SAID: Mapping[str, tuple[str, int]] = {
    "rinkeby-kista": ("Ja", 4),
    "hasselby-vallingby": ("Ja", 0),
    "farsta": ("Nej", 7),
    "enskede-arsta-vantor": ("Ja", 12),
    "alvsjo": ("Nej", 3),
    "hagersten-liljeholmen": ("Ja", 5),
    "hagersten-alvsjo": ("Ja", 9),
}
"""What each board says of every year. The last is what the two before it became in 2020."""


@dataclass(frozen=True)
class Made:
    """A run: where it lies, and what it says."""

    place: Path
    told: Json


def sent() -> list[Filling]:
    """Hägersten-Älvsjö answers for 2020 alone, Farsta not of its leaders in 2018, and
    Hässelby-Vällingby not if it had mapped anything in 2017; Skärholmen has sent nothing."""
    filled = []
    for filling in fillings(PERIOD_END):
        given: dict[Asked, object] = dict(answers(PERIOD_END, *SAID[filling.sender]))
        if filling.sender == "hagersten-alvsjo":
            given = {about: said for about, said in given.items() if about[1] == "2020"}
        if filling.sender == "farsta":
            del given[TRAINED, "2018"]
        if filling.sender == "hasselby-vallingby":
            del given[MAPPED, "2017"]
        filled.append(replace(filling, answers=given))
    return filled


def made(folder: Path, more: str = "") -> Made:
    data = folder / "data"
    shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("inbox"))
    report = data / "rapporter" / "stadens-fond.toml"
    asks = report.read_text("utf-8").replace('avsnitt = ["matt"', 'avsnitt = ["fragor", "matt"')
    report.write_text(asks, "utf-8")
    text = with_questions(grant_file()) + more
    (data / "grants" / f"{FOUR_YEARS}.toml").write_text(text, "utf-8")
    book = data_folder.load(data, [FOUR_YEARS], AS_OF)
    inbox = folder / "inbox" / FOUR_YEARS
    inbox.mkdir(parents=True)
    for filling in sent():
        content = content_of(Run(book, AS_OF), book.grant(FOUR_YEARS), filling)
        (inbox / f"{filling.sender}.xlsx").write_bytes(content)
    folders = ("--data", str(data))
    out = folder / "out"
    done = run(folder / "inbox", out, FOUR_YEARS, *folders, as_of=AS_OF.isoformat())
    assert done.returncode == 0, done.stderr
    place = out / FOUR_YEARS / PERIOD_END.isoformat()
    return Made(place, json.loads((place / "reconciliation.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("asked"))


def plainly(question: str, year: str) -> dict[str, object]:
    """What each unit has said: Hägersten-Älvsjö itself of 2020, and before it what its two
    predecessors say together, which is nothing where one says yes and the other no."""
    said = {one.sender: one.answers.get((question, year)) for one in sent()}
    own = said.pop("hagersten-alvsjo")
    first, second = said.pop("alvsjo"), said.pop("hagersten-liljeholmen")
    together: object = None
    if isinstance(first, int) and isinstance(second, int):
        together = first + second
    elif first == second:
        together = first
    return {**said, "hagersten-alvsjo": together if own is None else own, "skarholmen": None}


def yes_or_no(said: object) -> bool | None:
    return {"Ja": True, "Nej": False}.get(str(said))


def test_every_answer_is_as_counted_plainly(asked: Made) -> None:
    questions = asked.told["questions"]
    about = [(row["question"], row["from"][:4]) for row in questions]
    years = ("2017", "2018", "2019", "2020")
    assert about == [(name, year) for name in ("kartlaggning", "utbildade") for year in years]
    for row in questions:
        said = plainly(row["text"], row["from"][:4])
        assert {own["board"] for own in row["boards"]} == set(said)
        for own in row["boards"]:
            answer = said[own["board"]]
            number = answer if isinstance(answer, int) else None
            assert (own["is_yes"], own["number_count"]) == (yes_or_no(answer), number)
        known = [answer for answer in said.values() if answer is not None]
        assert (row["asked_count"], row["answering_count"]) == (len(said), len(known))
        if row["question"] == "utbildade":
            assert row["number_count"] == sum(answer for answer in known if isinstance(answer, int))
            assert (row["yes_count"], row["no_count"], row["yes_whole_share"]) == (None, None, None)
        else:
            assert (row["yes_count"], row["no_count"]) == (known.count("Ja"), known.count("Nej"))
            assert row["number_count"] is None


def test_a_share_is_in_whole_per_cent_and_never_without_its_counts(asked: Made) -> None:
    mapped = [row for row in asked.told["questions"] if row["question"] == "kartlaggning"]
    # Of the years before 2020 the merged board's predecessors contradict each other.
    assert [row["yes_whole_share"] for row in mapped] == ["0.6700", "0.7500", "0.7500", "0.8000"]
    words = text_of(asked.place / "aterrapport.html")
    assert "2 av 3 svarande (67 %), 6 tillfrågade" in words
    assert "3 av 4 svarande (75 %), 6 tillfrågade" in words
    assert "4 av 5 svarande (80 %), 6 tillfrågade" in words
    assert "31 hos 5 svarande, 6 tillfrågade" in words
    assert "Från 2019 går siffrorna inte att jämföra med dem före." in words
    assert "Från 2019 räknas bara skriftliga kartläggningar." in words


def text_of(page: Path) -> str:
    """The words of a page, without its tags and with plain blanks."""
    plain = re.sub("<[^>]*>", "", page.read_text("utf-8")).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", plain)


def test_predecessors_that_contradict_each_other_are_told(asked: Made) -> None:
    findings = json.loads((asked.place / "findings.json").read_text("utf-8"))
    told = [one for one in findings if one["rule"] == "fraga-olika-svar"]
    assert [one["board"] for one in told] == ["hagersten-alvsjo"] * 3
    assert "alvsjo.xlsx Frågor C6" in told[0]["message"]
    unanswered = {one["message"] for one in findings if one["rule"] == "fraga-obesvarad"}
    assert unanswered == {
        f"Svar saknas på ”{TRAINED}” (2018).",
        f"Svar saknas på ”{MAPPED}” (2017).",
    }


def test_each_figure_leads_to_the_trace_and_there_to_the_cells(asked: Made) -> None:
    report = (asked.place / "aterrapport.html").read_text("utf-8")
    trace = (asked.place / "sparning.html").read_text("utf-8")
    led = set(re.findall(r'href="sparning\.html#([^"]+)"', report))
    assert {"fraga-1.yes_count", "fraga-1.yes_whole_share", "fraga-8.number_count"} <= led
    assert {anchor for anchor in led if f'id="{anchor}"' not in trace} == set()
    assert f"{FOUR_YEARS}/farsta.xlsx Frågor C6" in trace
    for step in ("246_answer", "549_answered"):
        assert f'id="steg.{step}"' in trace
    assert "svaren säger emot varandra" in trace


def test_excel_has_the_sums_and_every_answer(asked: Made) -> None:
    book = openpyxl.load_workbook(asked.place / "bilaga.xlsx")
    sums = list(book["Frågor"].iter_rows(min_row=2, values_only=True))
    assert len(sums) == 8
    assert sums[0][0] == MAPPED
    assert sums[0][4:9] == (6, 3, 2, 1, 0.67)
    assert book["Frågor"]["I2"].number_format == "0%"
    own = [row for row in book["Svar"].iter_rows(min_row=2, values_only=True) if row[0] == "Farsta"]
    assert [row[4:6] for row in own] == [
        *[("nej", None)] * 4,
        *((None, 7), (None, None), (None, 7), (None, 7)),
    ]
    assert own[0][6] == f"{FOUR_YEARS}/farsta.xlsx Frågor C6"


def test_a_boards_page_has_its_own_answers_only(asked: Made) -> None:
    page = text_of(asked.place / "boards" / "farsta.html")
    assert "Era svar" in page
    assert re.search(rf"{re.escape(MAPPED)} ?2017 ?Nej", page)
    assert "7 utbildade gruppledare" in page
    assert "12 utbildade" not in page
    assert "Era svar" not in text_of(asked.place / "boards" / "skarholmen.html")


def test_explain_tells_of_answers_and_their_cells(asked: Made) -> None:
    out = str(asked.place.parents[1])
    said = call_here("explain", FOUR_YEARS, "farsta", "--out", out).stdout
    assert f"{MAPPED} 2017 nej" in said
    assert f"{FOUR_YEARS}/farsta.xlsx Frågor C6" in said
    assert "Andel ja" not in said
    whole = call_here("explain", FOUR_YEARS, "--out", out).stdout
    assert "Andel ja 67\u00a0%: Ja 2 delat med svarande 3" in whole


def test_the_terms_may_say_that_shares_are_cut(tmp_path: Path) -> None:
    cut = made(tmp_path, CUT)
    shares = [row["yes_whole_share"] for row in cut.told["questions"][:4]]
    assert shares == ["0.6600", "0.7500", "0.7500", "0.8000"]
    assert "2 av 3 svarande (66 %), 6 tillfrågade" in text_of(cut.place / "aterrapport.html")
