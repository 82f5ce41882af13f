"""Every figure that a report prints is in reconciliation.json, and leads to its rule, its lines,
its file and cell."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pypdf
import pytest

from statsbidrag.base.errors import FigureError
from statsbidrag.base.swedish import MINUS, MONTHS, NBSP, parse_amount
from statsbidrag.documents import anchors, pages, record, report_view, spreadsheet, trace_view
from statsbidrag.documents.bodies import Body
from statsbidrag.documents.founded import Figures
from statsbidrag.money.results import GrantResult
from statsbidrag.money.tables import FIGURES, SHAPES
from tests.support import report_fixture
from tests.support.rows import every_row, rows_in, with_rows

Json = Mapping[str, Any]
RESULTS = {"mfof": report_fixture.mfof_final, "socialstyrelsen": report_fixture.social_quarter}
HOSTILE = "<script>alert(1)</script> {{x}} {% raw %} &amp; ]]>"


def render(result: GrantResult, folder: Path) -> Path:
    folder.mkdir(parents=True)
    report_fixture.render(result, report_fixture.rulebook(result.grant), folder)
    return folder


@pytest.fixture(scope="module", params=sorted(RESULTS))
def rendered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GrantResult, Path]:
    result = RESULTS[request.param]()
    return result, render(result, tmp_path_factory.mktemp("out") / "rapport")


def page(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(path.read_text("utf-8").removeprefix("<!DOCTYPE html>"))


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "reconciliation.json").read_text("utf-8"))
    return found


# -- what is printed is what is reckoned -----------------------------------------------------------

NO_FIGURES = {
    "Villkor och källor": "the grant file's own words",
    "Undantag": "reasons and days",
    "Intygande": "names and days",
    "Granskning och attest": "names, days and hashes",
    "Anmärkningar": "the words of findings.json",
    "Bilaga: filer som rapporten bygger på": "names, sizes and hashes of files",
    "Varför medel inte har använts": "the boards' own words",
}
"""The sections of an återrapport whose numbers are no figures of the reconciliation, and what they
hold."""
DAY = re.compile(
    rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}[ {NBSP}](?:{'|'.join(MONTHS)})(?:[ {NBSP}]\d{{4}})?"
)
NUMBER = re.compile(rf"{MINUS}?\d+(?:{NBSP}\d{{3}})*(?:,\d+)?(?:{NBSP}%)?")


def figures_of(told: Any, name: str = "") -> Iterator[str]:
    """Every figure of a reconciliation as it may be printed: amounts and counts exactly, shares as
    whole per mille."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from figures_of(value, key)
    elif isinstance(told, list):
        for value in told:
            yield from figures_of(value)
    elif told is not None and name.endswith("_share"):
        yield f"{Decimal(told).quantize(Decimal('0.001'), ROUND_HALF_UP)} share"
    elif told is not None and name.endswith(("_sek", "_count")):
        yield f"{Decimal(told):.2f}"


def printed(text: str, words: list[str]) -> Iterator[tuple[str, str]]:
    """Every number of a text, parsed back, and as it stands there; days and what others have
    written taken out."""
    for other in sorted(words, key=len, reverse=True):
        text = text.replace(other, " ")
    for written in NUMBER.findall(DAY.sub(" ", text)):
        plain = written.replace(MINUS, "-")
        amount = parse_amount(plain.removesuffix("%").strip())
        assert amount is not None, written
        yield (f"{amount / 100:.3f} share" if plain.endswith("%") else f"{amount:.2f}"), written


def words_of(result: GrantResult) -> list[str]:
    """What the boards and the decisions have written, which may hold numbers of its own."""
    free = (
        "activity",
        "description",
        "result",
        "target_group",
        "target_area",
        "area",
        "unspent_reason",
    )
    every = [row for table in every_row(result).values() for row in table]
    found = {str(row[name]).rstrip(".") for row in every for name in free if row.get(name)}
    grant = result.grant
    found |= {grant.name, grant.short_name, *(d.source.sentence for d in grant.decisions)}
    return [re.sub(r"\s+", " ", word) for word in found]


def web_sections(path: Path) -> dict[str, str]:
    sections = {s.findtext("h2", ""): s for s in page(path).iter("section") if s.get("id")}
    return {title: " | ".join(section.itertext()) for title, section in sections.items()}


def word_sections(path: Path) -> dict[str, str]:
    found: dict[str, list[str]] = {"": []}
    document = docx.Document(str(path))
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            found[[*found][-1]] += [cell.text for row in part.rows for cell in row.cells]
        elif part.style is not None and part.style.name == "Heading 1":
            found[part.text] = []
        else:
            found[[*found][-1]].append(part.text)
    return {title: " | ".join(texts) for title, texts in found.items() if title}


def pdf_sections(path: Path, titles: list[str]) -> dict[str, str]:
    reader = pypdf.PdfReader(path)
    text = (
        "\n".join(p.extract_text() for p in reader.pages)
        .replace("\u00ad\n", "")
        .replace("\u00ad", "")
    )
    text = re.sub(r"Sida \d+ \(\d+\)", " ", text.replace(f"Sida{NBSP}", "Sida "))
    found, rest = {}, text
    for title in reversed(titles):
        heading = "\n" + r"\s+".join(re.escape(word) for word in title.split(" ")) + "\n"
        last = [*re.finditer(heading, rest)][-1]
        found[title] = re.sub("[ \n]+", " ", rest[last.end() :])
        rest = rest[: last.start() + 1]
    return found


def test_every_figure_printed_is_in_reconciliation_json(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    known, words = set(figures_of(told(folder))), words_of(result)
    web = web_sections(folder / "aterrapport.html")
    formats = {
        "html": web,
        "docx": word_sections(folder / "aterrapport.docx"),
        "pdf": pdf_sections(folder / "aterrapport.pdf", [*web]),
    }
    for name, sections in formats.items():
        assert set(sections) == set(web), name
        seen = 0
        for title, text in sections.items():
            if title not in NO_FIGURES:
                for value, written in printed(text, words):
                    assert value in known, (name, title, written)
                    seen += 1
        assert seen > 100, name


def test_a_figure_that_reconciliation_json_lacks_stops_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = report_fixture.mfof_final()
    right = record.reconciliation(result)
    wrong = {**right, "liability": {**right["liability"], "to_repay_sek": "1432618.00"}}
    monkeypatch.setattr(record, "reconciliation", lambda result: wrong)
    with pytest.raises(
        FigureError, match=r"staden\.to_repay_sek.*stämmer inte med reconciliation\.json"
    ):
        render(result, tmp_path / "r")
    assert list((tmp_path / "r").iterdir()) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('<p><a class="figure" href="sparning.html#a.x_sek">1{n}250,50{n}kr</a></p>', []),
        ('<p><a class="figure" href="../sparning.html#a.x_sek">1{n}250,50</a></p>', []),
        ('<p><a class="figure" href="#a.x_sek">1{n}250{n}kr</a></p>', ["1{n}250{n}kr (a.x_sek)"]),
        (
            '<p><a class="figure" href="#a.y_sek">1{n}250,50{n}kr</a></p>',
            ["1{n}250,50{n}kr (a.y_sek)"],
        ),
        ('<p><a class="figure" href="#b.z_share">85,1{n}%</a></p>', []),
        ('<p><a class="figure" href="#b.z_share">85,2{n}%</a></p>', ["85,2{n}% (b.z_share)"]),
        ('<p><span class="figure">1{n}250,50{n}kr</span></p>', []),
        ('<p><span class="figure">{m}1{n}250,50{n}kr</span></p>', ["{m}1{n}250,50{n}kr"]),
        ('<p><span class="figure">–</span></p>', ["–"]),
        ('<svg><text class="figure">1{n}250,50 av 7{n}kr</text></svg>', []),
        ('<svg><text class="figure">1{n}250,50 av 8{n}kr</text></svg>', ["1{n}250,50 av 8{n}kr"]),
    ],
)
def test_unfounded_figures_are_found(body: str, wrong: list[str]) -> None:
    figures = {
        "a.x_sek": Decimal("1250.50"),
        "a.w_sek": Decimal("7.00"),
        "b.z_share": Decimal("0.8512"),
    }
    told = Body.of(body.format(n=NBSP, m=MINUS))
    assert Figures(figures).unfounded(told) == [w.format(n=NBSP, m=MINUS) for w in wrong]


# -- the trace -------------------------------------------------------------------------------------


def test_every_figure_has_its_anchor_and_value_in_the_trace(
    rendered: tuple[GrantResult, Path],
) -> None:
    _, folder = rendered
    known = told(folder)
    places = {e.get("id"): e for e in page(folder / "sparning.html").iter() if e.get("id")}
    owners = {"staden": {**known, **known["liability"], **known["city"]}}
    for board in known["boards"]:
        owners[board["board"]] = board
        owners |= {f"{board['board']}.{c['component']}": c for c in board["components"]}
    for owner, row in owners.items():
        for name in row:
            assert f"{owner}.{name}" in places or not name.endswith(("_sek", "_share", "_count"))
    anchored = anchors.anchored(known)
    assert len(anchored) > 200
    for anchor, value in anchored.items():
        cell = (
            places[anchor] if places[anchor].tag == "td" else places[anchor].find("td[@class='n']")
        )
        assert cell is not None
        text = (cell.text or "").replace(MINUS, "-")
        shown = parse_amount(text.removesuffix("%").strip())
        assert shown is not None, anchor
        assert (
            abs(shown / 100 - value) <= Decimal("0.0005") if text.endswith("%") else shown == value
        ), anchor


def test_every_link_leads_somewhere(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    own = ("aterrapport", "sparning", "underlag", "kontrakt")
    pages = [
        *(folder / f"{name}.html" for name in own),
        *sorted((folder / "boards").glob("*.html")),
    ]
    ids = {path: {e.get("id") for e in page(path).iter()} for path in pages}
    for path in pages:
        links = [link.get("href", "") for link in page(path).iter("a")]
        for link in links:
            target, _, anchor = link.partition("#")
            leads = (path.parent / target).resolve() if target else path.resolve()
            assert leads.exists(), (path.name, link)
            assert not anchor or anchor in ids[leads], (path.name, link)
        assert path.stem == "kontrakt" or any("#" in link for link in links), path.name
        assert not [e for e in page(path).iter("span") if e.get("class") == "figure"], (
            f"a figure leads nowhere: {path}"
        )
    web = page(folder / "aterrapport.html")
    linked = {
        e.get("href", "").partition("#")[2] for e in web.iter("a") if e.get("class") == "figure"
    }
    for board in rows_in(result, "board"):
        assert f"{board['board_id']}.allocated_sek" in linked
    assert "staden.to_repay_sek" in linked


def test_the_lines_of_a_board_sum_to_what_it_reported(rendered: tuple[GrantResult, Path]) -> None:
    _, folder = rendered
    sections = {s.get("id"): s for s in page(folder / "sparning.html").iter("section")}
    for board in told(folder)["boards"]:
        cells = [
            c
            for c in sections[f"{board['board']}.rader"].iter("td")
            if c.get("id", "").endswith(".amount_sek")
        ]
        amounts = [parse_amount((cell.text or "").replace(MINUS, "-")) for cell in cells]
        assert sum(amount for amount in amounts if amount is not None) == Decimal(
            board["reported_sek"] or 0
        )


def test_the_trace_needs_no_script_and_hides_nothing_in_print(
    rendered: tuple[GrantResult, Path],
) -> None:
    result, folder = rendered
    text, root = (folder / "sparning.html").read_text("utf-8"), page(folder / "sparning.html")
    assert "<script" not in text
    assert not list(root.iter("details"))
    said = " ".join("".join(root.itertext()).split())
    for finding in result.findings:
        assert finding.message.replace(NBSP, " ") in said.replace(NBSP, " ")
    for file in rows_in(result, "manifest"):
        assert file["sha256"] in said


def test_the_pieces_are_the_page_and_only_the_outermost_is_not_whole(
    rendered: tuple[GrantResult, Path],
) -> None:
    """One piece a board, in order; what stands around them is whole only together."""
    result, folder = rendered
    decided = report_fixture.rulebook(result.grant)
    view = report_view.report_view(result, decided)
    view |= trace_view.trace_view(view, decided)
    head, *boards, tail = pages.pieces("sparning.html.j2", view)
    whole = pages.render("sparning.html.j2", view)
    assert "".join([head, *boards, tail]) == whole.replace(pages.PIECE, "")
    ElementTree.fromstring(head + tail)
    sections = [ElementTree.fromstring(board) for board in boards]
    assert [section.get("id") for section in sections] == [b.anchor for b in view["boards"]]
    assert len(boards) > 1
    text = (folder / "sparning.html").read_text("utf-8")
    assert pages.PIECE not in text
    nav = page(folder / "sparning.html").find("body/nav")
    assert nav is not None
    contents = [link.get("href", "") for link in nav.iter("a")]
    places = [text.index(f'id="{link[1:]}"') for link in contents if link.startswith("#")]
    assert places == sorted(places), "the list of contents is in the order of the page"
    assert len(places) > len(boards)


def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    result = report_fixture.mfof_final()
    lines = tuple(
        {**line, "activity": HOSTILE, "area": HOSTILE, "file": HOSTILE}
        for line in rows_in(result, "line")
    )
    folder = render(with_rows(result, line=lines), tmp_path / "r")
    assert "<script" not in (folder / "sparning.html").read_text("utf-8")
    assert HOSTILE in "".join(page(folder / "sparning.html").itertext())


# -- what the figures are called -------------------------------------------------------------------


def test_every_figure_says_where_and_how_it_is_reckoned() -> None:
    result = report_fixture.mfof_final()
    for table, figures in FIGURES.items():
        for name, figure in figures.items():
            assert name.endswith(("_sek", "_share", "_count", "_months"))
            assert figure.reckoned.endswith(".")
            assert all(
                files("statsbidrag.sql").joinpath(f"{step}.sql").is_file() for step in figure.steps
            )
            places = set(re.findall(r"\{(\w+)\}", figure.reckoned))
            row = next(iter(every_row(result)[table]), {})
            assert places <= {*figures, *row}, (table, name)


def test_the_appendix_in_excel_uses_the_same_words() -> None:
    for sheet, table in (("Sammanställning", "board"), ("Komponenter", "board_component")):
        assert sheet == SHAPES[table].SHEET
        for column in spreadsheet.columns_of(SHAPES[table]):
            if column.name in FIGURES[table]:
                assert column.header.removesuffix(", kr") == FIGURES[table][column.name].label
