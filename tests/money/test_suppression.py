"""Small counts of persons in what is published: none is printed, and none can be reckoned from what
is."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pypdf
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from statsbidrag.base.errors import InputError
from statsbidrag.base.swedish import NBSP
from statsbidrag.decisions import register
from statsbidrag.documents import anchors, pages, record, report_view
from statsbidrag.documents.bodies import Body
from statsbidrag.documents.founded import Figures
from statsbidrag.model.decisions import Grant, Term
from statsbidrag.model.sources import Source
from statsbidrag.money import suppression
from statsbidrag.money.results import GrantResult
from tests.example import EQUAL
from tests.support import report_fixture
from tests.support.commands import ROOT
from tests.support.rows import rows_in, with_rows
from tests.support.way import load_one

SEXES = ("women_count", "men_count", "unknown_count")


def told(result: GrantResult, least: int) -> GrantResult:
    """The result under a term that hides counts below `least`."""
    term = Term(
        "Minsta antal personer som visas",
        str(least),
        Source("antagande", "Små antal kan peka ut en person."),
    )
    grant = replace(result.grant, terms=(*result.grant.terms, term), least_shown_count=least)
    return replace(result, grant=grant)


def counting(result: GrantResult, counts: Sequence[Sequence[int | None]]) -> GrantResult:
    """The result with these women, men and unknown in its activities, in turn and around again, and
    their sums."""
    activities = tuple(
        {**row, **dict(zip(SEXES, counts[place % len(counts)], strict=True))}
        for place, row in enumerate(rows_in(result, "activity"))
    )
    areas = tuple(
        {
            **area,
            **{
                sex: sum(a[sex] or 0 for a in activities if a["area"] == area["area"])
                for sex in SEXES
            },
        }
        for area in rows_in(result, "area")
    )
    gender = report_fixture._gender(activities)
    return replace(
        result, tables=with_rows(result, activity=activities, area=areas, gender=[gender]).tables
    )


# -- the pages -------------------------------------------------------------------------------------


def read_back(
    body: str, basis: str
) -> tuple[list[str], list[int | None], list[tuple[str, str | None, int | None]]]:
    """The counts of persons printed in a report and its basis: words, what each is part of, and
    whose they are."""
    root = ElementTree.fromstring(body)
    by_caption = {t.findtext("caption"): t for t in root.iter("table")}
    areas = [
        _words(tr) for tr in by_caption["Insatser, kostnader och personer per område"].iter("tr")
    ][1:]
    people = [_words(tr) for tr in by_caption["Personer som insatserna har nått"].iter("tr")]
    said: list[str] = [people[-1][1]]
    parents: list[int | None] = [None]
    whose: list[tuple[str, str | None, int | None]] = [("people_count", None, None)]
    for column, sex in enumerate(SEXES):
        whole = len(said)
        said.append(areas[-1][3 + column])
        assert said[-1] == people[1 + column][1]
        parents.append(0)
        whose.append((sex, None, None))
        places = {}
        for row in areas[:-1]:
            places[row[0]] = len(said)
            said.append(row[3 + column])
            parents.append(whole)
            whose.append((sex, row[0], None))
        for place, (area, notes) in enumerate(_activities(ElementTree.fromstring(basis))):
            if column < len(notes) and notes[column] != "uppgift saknas":
                said.append(notes[column])
                parents.append(places[area])
                whose.append((sex, area, place))
    return said, parents, whose


def _words(row: ElementTree.Element) -> list[str]:
    return ["".join(cell.itertext()).strip().replace(NBSP, "") for cell in row]


def _activities(root: ElementTree.Element) -> Iterator[tuple[str, list[str]]]:
    section = next(s for s in root.iter("section") if s.get("id") == "insatser")
    area = ""
    for element in section:
        area = "".join(element.itertext()) if element.tag == "h3" else area
        if element.get("class") == "activity":
            note = "".join(element[-1].itertext()).replace(NBSP, "")
            yield area, re.findall(r"(?:Kvinnor|Män|Uppgift saknas): ([^.]*)\.", note)


COUNTS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.integers(0, 7), st.integers(0, 60))] * 3),
    min_size=2,
    max_size=9,
)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(COUNTS, st.sampled_from([3, 5, 10]))
def test_nobody_can_reckon_a_small_count_from_a_page(
    counts: list[tuple[int | None, ...]], least: int
) -> None:
    """Read as a person reads: every count, its sums, and the sentences; then all that they leave
    open."""
    result = counting(told(report_fixture.mfof_final(), least), counts)
    if not rows_in(result, "gender")[0]["people_count"]:
        return
    view = report_view.report_view(
        suppression.published(result), report_fixture.rulebook(result.grant)
    )
    body = pages.render("aterrapport.html.j2", view)
    basis = pages.render("underlag.html.j2", view)
    for document in (body, basis):
        figures = Figures(anchors.anchored(record.reconciliation(result)))
        assert not figures.unfounded(Body.of(document))
    said, parents, whose = read_back(body, basis)
    activities = [a for area in view["areas"] for a in area["activities"]]
    by_row = {(a["sender_id"], a["row_no"]): a for a in rows_in(result, "activity")}
    for words, (sex, area, place) in zip(said, whose, strict=True):
        rows: Any = rows_in(result, "gender")
        if place is not None:
            rows = [by_row[activities[place].sender_id, activities[place].row_no]]
        elif area is not None:
            rows = [a for a in rows_in(result, "area") if a["area"] == area]
        true = rows[0][sex]
        shown = {f"färre än {least}"} if 0 < true < least else {str(true)}
        assert words in shown | ({"visas inte"} if true >= least - 1 else set()), words
    values = [0 if not word.isdigit() else int(word) for word in said]
    hidden = {place: word != "visas inte" for place, word in enumerate(said) if not word.isdigit()}
    bounds = reckoned(values, parents, hidden, least)
    assert all(low < high for place, (low, high) in enumerate(bounds) if hidden.get(place)), (
        said,
        bounds,
    )
    text = " ".join(
        "".join(ElementTree.fromstring(document).itertext()) for document in (body, basis)
    )
    assert ("visas inte, och inte heller de antal" in text) == bool(hidden)
    if any(whose[place][2] is None for place in hidden):
        assert "skillnaden är störst" not in text
        assert "Andel kvinnor och män per område" not in text


def reckoned(
    values: Sequence[int], parents: Sequence[int | None], hidden: Mapping[int, bool], least: int
) -> list[tuple[int, int]]:
    """What is left open when every sum and every part has told all it can, again and again until
    nothing is new."""
    most = 10**6
    bounds = {
        p: (v, v) if p not in hidden else (1, least - 1) if hidden[p] else (least - 1, most)
        for p, v in enumerate(values)
    }
    parts = {p: [c for c, parent in enumerate(parents) if parent == p] for p in range(len(values))}
    before = None
    while before != bounds:
        before = dict(bounds)
        for whole, of in parts.items():
            if not of:
                continue
            lows, highs = sum(bounds[c][0] for c in of), sum(bounds[c][1] for c in of)
            bounds[whole] = (max(bounds[whole][0], lows), min(bounds[whole][1], highs))
            for c in of:
                low, high = bounds[c]
                bounds[c] = (
                    max(low, bounds[whole][0] - (highs - high)),
                    min(high, bounds[whole][1] - (lows - low)),
                )
    return [bounds[p] for p in range(len(values))]


@pytest.mark.parametrize(
    "fixture", [report_fixture.mfof_final, report_fixture.social_quarter], ids=["mfof", "social"]
)
def test_what_is_published_has_no_small_count_and_the_city_keeps_them(
    fixture: Any, tmp_path: Path
) -> None:
    small = [(3, 71, 0), (64, 2, 1), (88, 91, 93)]
    result = counting(told(fixture(), 5), small)
    report_fixture.render(result, report_fixture.rulebook(result.grant), tmp_path)
    for name, text in texts(tmp_path).items():
        assert not re.search(r"(Kvinnor|Män|Uppgift saknas): [1-4]\.", text), name
        if "aterrapport" in name:
            assert "färre än 5" in text, name
        assert "visas inte" in text, name
    assert not pypdf.PdfReader(tmp_path / "aterrapport.pdf").attachments
    assert list(pypdf.PdfReader(tmp_path / "underlag.pdf").attachments) == ["manifest.json"]
    kept = json.loads((tmp_path / "reconciliation.json").read_text("utf-8"))
    assert {row["women_count"] for row in kept["activities"]} == {3, 64, 88}
    assert "visas inte" not in (tmp_path / "sparning.html").read_text("utf-8")


def test_a_count_that_cannot_be_read_is_not_shown_either(tmp_path: Path) -> None:
    result = told(report_fixture.mfof_final(), 5)
    rule = register.register()["antal-inte-heltal"]
    found = rule.finding(
        is_final=True,
        grant=result.grant.grant_id,
        board="jarva",
        value="ca 3",
        details={"column": "Antal kvinnor"},
    )
    report_fixture.render(replace(result, findings=(found,)), _with_rule(result), tmp_path)
    for name in ("aterrapport.html", "underlag.html"):
        assert "ca 3" not in (tmp_path / name).read_text("utf-8")
    assert "Uppgiften Antal kvinnor är inte ett helt antal." in (
        tmp_path / "underlag.html"
    ).read_text("utf-8")
    assert "ca 3" in (tmp_path / "findings.json").read_text("utf-8")


def _with_rule(result: GrantResult) -> Any:
    return replace(report_fixture.rulebook(result.grant), rules=register.register())


def texts(folder: Path) -> dict[str, str]:
    """What a person reads in each file that is published."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name in {"aterrapport.html", "underlag.html", "svar.txt", "svar.json"}:
            found[path.name] = path.read_text("utf-8")
        elif path.name in {"aterrapport.docx", "tjansteutlatande.docx"}:
            document = docx.Document(str(path))
            cells = [
                cell.text for table in document.tables for row in table.rows for cell in row.cells
            ]
            found[path.name] = "\n".join([*(p.text for p in document.paragraphs), *cells])
        elif path.suffix == ".pdf":
            found[path.name] = "\n".join(p.extract_text() for p in pypdf.PdfReader(path).pages)
    return found


def test_without_the_term_nothing_is_hidden() -> None:
    result = counting(report_fixture.mfof_final(), [(3, 71, 0)])
    assert suppression.published(result) is result


# -- the term --------------------------------------------------------------------------------------


def hiding(folder: Path, value: str) -> Grant:
    """The grant with the term as the README writes it, with another number."""
    text = (ROOT / "data" / "grants" / f"{EQUAL}.toml").read_text("utf-8")
    head, first, rest = text.partition("[[beslut]]")
    readme = (ROOT / "data" / "grants" / "README.md").read_text("utf-8")
    (term,) = re.findall(r"```\n(\[villkor\.sma_antal\]\n.*?)```", readme, re.DOTALL)
    return load_one(folder, EQUAL, head + term.replace("= 5", f"= {value}") + "\n" + first + rest)


def test_the_term_is_read_and_printed_with_its_source(tmp_path: Path) -> None:
    grant = hiding(tmp_path, "5")
    assert grant.least_shown_count == 5
    assert grant.term_words("sma_antal") == "5"
    assert report_fixture.mfof_grant().least_shown_count == 0


@pytest.mark.parametrize("value", ["2", "21", '"5"', "5.0", "true"])
def test_a_term_that_hides_nothing_or_too_much_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"villkor\.sma_antal\.dolj_under: ska vara ett helt tal från 3 till 20"
    ):
        hiding(tmp_path, value)
