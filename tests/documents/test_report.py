"""The reports of a run, read back as the people and the scripts that get them would read them."""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import openpyxl
import pypdf
import pytest

from statsbidrag.base.swedish import NBSP
from statsbidrag.documents import charts, report
from statsbidrag.money.results import GrantResult
from statsbidrag.year import overview, overview_page
from tests.support import report_fixture
from tests.support.documents import numbers_in, page, pdf_text, render, said, word_text
from tests.support.reckoning import KNOWN_OF_HELD
from tests.support.rows import every_row, rows_in, with_rows

HOSTILE = '<script>alert("x")</script> R&D < 10 000 {{ 7*7 }} {% raw %} {_{ #import $x$ ]]> </w:t>'
RESULTS = {"mfof": report_fixture.mfof_final, "socialstyrelsen": report_fixture.social_quarter}


@pytest.fixture(scope="module", params=sorted(RESULTS))
def rendered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GrantResult, Path]:
    result = RESULTS[request.param]()
    return result, render(result, tmp_path_factory.mktemp("out") / "rapport")


def pieces(element: ElementTree.Element) -> str:
    """The text, with a mark where one cell or phrase ends and the next begins."""
    return " | ".join(element.itertext())


def known_numbers(result: GrantResult) -> set[Decimal]:
    """Every number that the result tables hold, and the few that a report may count or turn into
    percent."""
    every = every_row(result)
    told = [row for table in every.values() for row in table]
    values = {abs(Decimal(v)) for row in told for v in row.values() if isinstance(v, Decimal | int)}
    counts = {Decimal(len(v)) for v in every.values()} | {Decimal(len(result.findings))}
    gender = rows_in(result, "gender")[0]
    everyone = sum(gender[name] for name in ("women_count", "men_count", "unknown_count"))
    return (
        values | counts | {Decimal(everyone)} | {Decimal(size) for _, _, size in result.data_files}
    )


# -- JSON ------------------------------------------------------------------------------------------


def test_what_was_decided_for_a_predecessor_is_said_wherever_the_allocation_is(
    tmp_path: Path,
) -> None:
    """In the report, the trace, the board's page, the paper and the JSON, each with its way to the
    decision."""
    result = report_fixture.mfof_final()
    farsta = next(b for b in rows_in(result, "board") if b["board_id"] == "farsta")
    row = {"board_id": "farsta", "decided_board_id": "alvsjo", "decided_name": "Älvsjö"}
    row |= {"amount_sek": farsta["allocated_sek"] - 1}
    folder = render(with_rows(result, inherited=[row]), tmp_path / "r")
    amount = "636\u00a0207"
    words = f"{amount} är beslutat för Älvsjö"
    assert words in said(page(folder / "aterrapport.html"))
    assert f"{amount}\u00a0kr är beslutat för Älvsjö" in said(
        page(folder / "boards" / "farsta.html")
    )
    assert "beslutat för" not in said(page(folder / "boards" / "bromma.html"))
    assert "Av det fördelade är beslutat för Älvsjö" in said(page(folder / "sparning.html"))
    for name in ("aterrapport.docx", "tjansteutlatande.docx"):
        assert words in word_text(folder / name), name
    made = json.loads((folder / "reconciliation.json").read_text("utf-8"))
    told = {b["board"]: b["inherited"] for b in made["boards"]}
    assert told["farsta"] == [{"board": "alvsjo", "amount_sek": "636207.00"}]
    assert told["bromma"] == []


def test_reconciliation_is_the_contract_to_the_letter(tmp_path: Path) -> None:
    folder = render(report_fixture.mfof_final(), tmp_path / "r")
    text = (folder / "reconciliation.json").read_text("utf-8")
    made = json.loads(text)
    assert text.endswith("}\n")
    assert "Hägersten" in text
    assert list(made) == [
        *(
            "schema",
            "grant",
            "as_of",
            "period_end",
            "final",
            "total_sek",
            "allocated_sek",
            "unallocated_sek",
        ),
        *("boards", "liability"),
        *("city", "ineligible", "areas", "gender", "activities", "decisions"),
    ]
    assert (made["schema"], made["as_of"], made["period_end"], made["final"]) == (
        2,
        "2024-01-20",
        "2023-12-31",
        True,
    )
    assert (made["total_sek"], made["allocated_sek"], made["unallocated_sek"]) == (
        "8453075.00",
        "8453074.00",
        "1.00",
    )
    assert made["liability"] == {
        "unallocated_sek": "1.00",
        "boards_sek": "1432618.25",
        "undetermined_sek": "438957.00",
        "namnd_basis_sek": "1432619.25",
        "kommun_basis_sek": "1420466.25",
        "set_off_sek": "12153.00",
        "basis": "namnd",
        "to_repay_sek": "1432619.00",
    }
    boards = {b["board"]: b for b in made["boards"]}
    assert list(boards) == sorted(report_fixture.MFOF)
    assert boards["enskede-arsta-vantor"] == {
        "board": "enskede-arsta-vantor",
        "name": "Enskede-Årsta-Vantör",
        "return_status": "accepted_with_warnings",
        "allocated_sek": "1093127.00",
        "reported_sek": "1015230.50",
        "eligible_sek": "912550.00",
        "ineligible_sek": "102680.50",
        "remaining_sek": "180577.00",
        "overspent_sek": "0.00",
        "used_share": "0.8348",
        "liability_sek": "180577.00",
        "liability_grounds": [
            {"ground": "not_used", "amount_sek": "77896.50"},
            {"ground": "wrong_purpose", "amount_sek": "102680.50"},
        ],
        "forecast_sek": None,
        "projected_unspent_sek": None,
        "flag": None,
        "inherited": [],
        "components": [
            {
                "component": "alla",
                "allocated_sek": "1093127.00",
                "eligible_sek": "912550.00",
                "ineligible_sek": "102680.50",
                "liability_sek": "180577.00",
                "reported_sek": "1015230.50",
            }
        ],
    }
    assert list(boards["farsta"]) == list(boards["enskede-arsta-vantor"])
    assert boards["kungsholmen"]["remaining_sek"] == "-12153.00"
    assert boards["kungsholmen"]["liability_grounds"] == []
    assert boards["sodermalm"]["liability_grounds"] == [
        {"ground": "no_report", "amount_sek": "559876.00"}
    ]
    assert boards["sodermalm"]["eligible_sek"] == "0.00"
    held = boards["bromma"]
    assert {held[name] for name in held if name not in KNOWN_OF_HELD} == {None}
    assert held["liability_grounds"] == []
    assert held["components"] == [
        {
            "component": "alla",
            "allocated_sek": "438957.00",
            "eligible_sek": None,
            "ineligible_sek": None,
            "liability_sek": None,
            "reported_sek": None,
        }
    ]


def test_findings_and_manifest(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    assert len(findings) == len(result.findings)
    for made, finding in zip(findings, result.findings, strict=True):
        assert list(made) == [
            *("rule", "severity", "grant", "board", "file", "sheet", "cell", "cells"),
            *("value", "message", "remedy", "source"),
        ]
        assert made["cells"] == (list(finding.cells) or None)
        assert made["severity"] == finding.severity.value
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert list(manifest) == ["schema", "grant", "as_of", "period_end", "final", "files", "data"]
    assert list(manifest["files"][0]) == ["name", "sha256", "size", "outcome", "board", "sender"]
    assert manifest["files"][-1]["board"] is None
    assert manifest["data"] == [{"name": "boards.toml", "sha256": "cd" * 32, "size": 4711}]


# -- what a person reads ---------------------------------------------------------------------------


def test_every_printed_amount_is_one_of_the_results(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    known = known_numbers(result)
    texts = {
        "aterrapport.html": pieces(page(folder / "aterrapport.html")),
        "aterrapport.pdf": pdf_text(folder / "aterrapport.pdf"),
        "aterrapport.docx": word_text(folder / "aterrapport.docx"),
    }
    for board in rows_in(result, "board"):
        path = folder / "boards" / f"{board['board_id']}.html"
        texts[path.name] = pieces(page(path))
    for name, text in texts.items():
        printed = set(numbers_in(text))
        assert printed, name
        assert printed <= known, (name, sorted(printed - known))
    city = rows_in(result, "city")[0]
    for name in ("aterrapport.html", "aterrapport.pdf", "aterrapport.docx"):
        printed = set(numbers_in(texts[name]))
        for figure in (
            "total_sek",
            "allocated_sek",
            "eligible_sek",
            "namnd_basis_sek",
            "kommun_basis_sek",
        ):
            assert city[figure] in printed, (name, figure)
        assert city["to_repay_sek"] in printed


def test_table_cells_in_html_and_word_are_the_same(rendered: tuple[GrantResult, Path]) -> None:
    _, folder = rendered
    html = page(folder / "aterrapport.html")
    details = {id(t) for d in html.iter("details") for t in d.iter("table")}
    web = [
        [["".join(cell.itertext()).split() for cell in row] for row in table.iter("tr")]
        for table in html.iter("table")
        if id(table) not in details
    ]
    word = [
        [[cell.text.split() for cell in row.cells] for row in table.rows]
        for table in docx.Document(str(folder / "aterrapport.docx")).tables
        if table.style is not None and table.style.name == "Tabell"
    ]
    assert len(web) == len(word)
    joined = [["".join("".join(words) for words in row) for row in table] for table in web]
    assert joined == [["".join("".join(words) for words in row) for row in table] for table in word]


def test_html_is_accessible_and_needs_nothing_else(rendered: tuple[GrantResult, Path]) -> None:
    _, folder = rendered
    for path in [folder / "aterrapport.html", *sorted((folder / "boards").glob("*.html"))]:
        text, root = path.read_text("utf-8"), page(path)
        assert root.get("lang") == "sv"
        assert len(list(root.iter("h1"))) == 1
        assert "<script" not in text
        assert "http://www.w3.org/2000/svg" not in text.replace(
            'xmlns="http://www.w3.org/2000/svg"', ""
        )
        assert not re.search(r'(?:src|href)="(?:[a-z]+:|//)|url\((?!#)|@import', text)
        assert all(
            table.find("caption") is not None and table.find("thead") is not None
            for table in root.iter("table")
        )
        assert all(th.get("scope") for th in root.iter("th"))
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        for link in root.iter("a"):
            target = link.get("href", "").partition("#")[0]
            assert not target or (path.parent / target).exists()


def test_sections_stand_in_every_format(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    html = [said(h) for h in page(folder / "aterrapport.html").iter("h2")]
    assert html[0] == "Utfallet i korthet"
    assert {"Ekonomi per nämnd", "Att återbetala", "Kvinnor och män"} <= set(html)
    assert html[-1] == "Intygande"
    assert ("Svar att föra in i webbformuläret" in html) == (
        result.grant.report.report_id == "socialstyrelsen"
    )
    assert ("Prognos och flaggor" in html) != result.is_final
    headings = [
        p.text
        for p in docx.Document(str(folder / "aterrapport.docx")).paragraphs
        if p.style is not None and p.style.name == "Heading 1"
    ]
    assert headings == html
    outline = [
        item["/Title"]
        for item in pypdf.PdfReader(folder / "aterrapport.pdf").outline
        if isinstance(item, dict)
    ]
    assert outline == html


def test_pdf_is_tagged_swedish_ua(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    reader = pypdf.PdfReader(folder / "aterrapport.pdf")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] in {"sv", "sv-SE"}
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title is not None
    assert result.grant.name in reader.metadata.title
    assert reader.pages[0].mediabox.width == pytest.approx(595.3, abs=0.5)
    assert f"Sida 1 ({len(reader.pages)})" in reader.pages[0].extract_text().replace(NBSP, " ")


def test_word_keeps_the_citys_styles_and_says_what_the_charts_show(
    rendered: tuple[GrantResult, Path],
) -> None:
    result, folder = rendered
    document = docx.Document(str(folder / "aterrapport.docx"))
    texts = [p.text for p in document.paragraphs]
    assert result.grant.name in texts
    assert "{" not in "".join(texts)
    pictures = [p.get("descr") for p in document.element.body.iter() if p.tag.endswith("}docPr")]
    assert len(pictures) == 1
    assert all(board["name"] in pictures[0] for board in rows_in(result, "board"))
    assert (
        document.sections[0].footer.paragraphs[0].text.startswith(f"Uppgifter per {result.as_of}")
    )
    assert {p.style.name for p in document.paragraphs if p.style is not None} >= {
        "Title",
        "Heading 1",
        "Ingress",
    }


def test_women_men_and_unknown_are_always_all_shown(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    gender = rows_in(result, "gender")[0]
    section = next(
        s for s in page(folder / "aterrapport.html").iter("section") if s.get("id") == "kon"
    )
    rows = [[said(cell) for cell in row] for row in section.iter("tr")][1:4]
    assert [row[:2] for row in rows] == [
        ["Kvinnor", str(gender["women_count"])],
        ["Män", str(gender["men_count"])],
        ["Uppgift saknas", str(gender["unknown_count"])],
    ]
    assert "Fler kvinnor än män" in said(section)


def test_nobody_counted_is_said_and_not_zero(tmp_path: Path) -> None:
    result = report_fixture.mfof_final()
    tables = dict(every_row(result))
    nobody = {"women_count": 0, "men_count": 0, "unknown_count": 0, "people_count": 0}
    tables["gender"] = ({**tables["gender"][0], **nobody},)
    tables["area"] = tuple({**row, **nobody} for row in tables["area"])
    folder = render(with_rows(result, **tables), tmp_path / "r")
    section = next(
        s for s in page(folder / "aterrapport.html").iter("section") if s.get("id") == "kon"
    )
    assert "har inte redovisat hur många kvinnor och män" in said(section)
    assert section.find(".//table") is None


def test_an_empty_grant_still_gives_reports(tmp_path: Path) -> None:
    missing = [report_fixture.Sent(board, {}, status="missing") for board in report_fixture.MFOF]
    grant = replace(report_fixture.mfof_grant(), waivers=())
    result = report_fixture.result(
        grant, missing, (), date(2023, 10, 2), date(2023, 9, 30), is_final=False
    )
    folder = render(result, tmp_path / "r")
    text = said(page(folder / "aterrapport.html"))
    assert f"0 av 11{NBSP}nämnder har redovisat" in text
    text = said(page(folder / "underlag.html"))
    assert "Inga undantag har beslutats." in text
    assert "Kontrollerna har inte gett några anmärkningar." in text


@pytest.mark.parametrize(
    ("board_id", "words"),
    [
        ("sodermalm", "Vi har inte fått någon redovisning från er för perioden."),
        ("bromma", f"Er redovisning räknas inte ännu. 1{NBSP}fel måste rättas först."),
        (
            "enskede-arsta-vantor",
            f"Er redovisning räknas. Vi har 1{NBSP}varning som vi vill att ni tittar på.",
        ),
        ("farsta", "Ni behöver inte göra något mer. Tack!"),
        ("kungsholmen", f"Ni har använt 12{NBSP}153{NBSP}kr mer än er tilldelning."),
    ],
)
def test_feedback_says_where_a_board_stands(tmp_path: Path, board_id: str, words: str) -> None:
    folder = render(report_fixture.mfof_final(), tmp_path / "r")
    text = said(page(folder / "boards" / f"{board_id}.html"))
    assert words in text
    assert "i början av 2024" in text


def test_feedback_leads_to_sheet_and_cell(tmp_path: Path) -> None:
    folder = render(report_fixture.mfof_final(), tmp_path / "r")
    held = said(page(folder / "boards" / "bromma.html"))
    assert "Var: bromma/redovisning.xlsx, bladet Kostnader, cellerna G8 och G9" in held
    assert "Gör så här: Fyll i den dag arbetet utfördes." in held
    own = said(page(folder / "boards" / "enskede-arsta-vantor.html"))
    assert "nej: bidraget betalar inte kostnadsslaget" in own
    assert "Södermalm" not in own


DAY = date(2024, 1, 20)


def test_index_leads_to_all_reports_the_most_at_risk_first(tmp_path: Path) -> None:
    results = [make() for make in RESULTS.values()]
    broken = replace(
        results[0].findings[0], file="grants/trasig.toml", message="Nyckeln id saknas."
    )
    rulebook = report_fixture.rulebook(*(r.grant for r in results))
    for result, period in zip(results, ("slutlig", "2021-09-30"), strict=True):
        folder = tmp_path / result.grant.grant_id / period
        folder.mkdir(parents=True)
        report_fixture.render(result, rulebook, folder)
    untold = replace(
        results[0].grant, grant_id="inte-avstamt", name="Ett bidrag som inte är avstämt"
    )
    grants = [(r.grant, r) for r in results] + [(untold, None)]
    standings = [overview.Standing(grant, DAY, result, None) for grant, result in grants]
    overview_page.render(
        standings, replace(rulebook, broken=(broken,)), DAY, tmp_path / "index.html"
    )
    root = page(tmp_path / "index.html")
    links = [link.get("href", "") for link in root.iter("a")]
    assert f"{results[0].grant.grant_id}/slutlig/aterrapport.html" in links
    for link in links:
        name, _, anchor = link.partition("#")
        target = tmp_path / (name or "index.html")
        assert target.exists(), link
        assert not anchor or f'id="{anchor}"' in target.read_text("utf-8"), link
    text = said(root)
    assert "Påminn om redovisning: Södermalm." in text
    assert "Nyckeln id saknas." in text
    assert f"1{NBSP}432{NBSP}619{NBSP}kr" in text
    assert "Inte avstämt ännu. Hela beloppet" in text
    risks = [standing.at_risk_sek for standing in overview.by_risk(standings)]
    assert risks == sorted(risks, reverse=True)
    assert standings[-1].at_risk_sek == untold.total_sek, (
        "all of it is at risk before any reconciliation"
    )


def test_index_without_any_grant(tmp_path: Path) -> None:
    overview_page.render((), report_fixture.rulebook(), None, tmp_path / "index.html")
    assert "Inget statsbidrag har stämts av." in said(page(tmp_path / "index.html"))


@pytest.mark.parametrize(
    ("day", "share"),
    [
        ("2022-12-31", "0.0000"),
        ("2023-01-01", "0.0027"),
        ("2023-12-31", "1.0000"),
        ("2024-06-01", "1.0000"),
    ],
)
def test_the_elapsed_share_counts_days_with_both_ends(day: str, share: str) -> None:
    standing = overview.Standing(
        report_fixture.mfof_final().grant, date.fromisoformat(day), None, None
    )
    assert f"{standing.elapsed_share:.4f}" == share


# -- Excel -----------------------------------------------------------------------------------------


def test_appendix_holds_typed_cells(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    book = openpyxl.load_workbook(folder / "bilaga.xlsx")
    assert book.sheetnames == [
        *(
            "Sammanställning",
            "Staden",
            "Komponenter",
            "Rader",
            "Insatser",
            "Anmärkningar",
            "Beslut",
            "Filer",
        ),
    ]
    sheet = book["Rader"]
    header = [cell.value for cell in sheet[1]]
    lines = rows_in(result, "line")
    assert sheet.max_row == len(lines) + 1
    for row, line in zip(sheet.iter_rows(min_row=2, values_only=True), lines, strict=True):
        found = dict(zip(header, row, strict=True))
        assert isinstance(found["Belopp, kr"], int | float)
        assert Decimal(str(found["Belopp, kr"])) == line["amount_sek"]
        assert isinstance(found["Datum"], datetime)
        assert (found["Fil"], found["Blad"], found["Cell"]) == (
            line["file"],
            line["sheet"],
            line["cell"],
        )
    total = [cell.value for cell in list(book["Sammanställning"])[-1]]
    assert total[0] == "Summa"
    assert [Decimal(str(v)) for v in total[2:6]] == [
        rows_in(result, "city")[0][f"{name}_sek"]
        for name in ("allocated", "reported", "eligible", "ineligible")
    ]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref
        assert sheet.page_setup.paperSize == 9


# -- safe and same ---------------------------------------------------------------------------------


def hostile(result: GrantResult) -> GrantResult:
    """The same result with every free text of the boards turned against the reader."""
    free = {
        "line": ("activity", "comment", "account", "voucher"),
        "activity": ("activity", "target_group", "description", "result"),
        "sender": ("unspent_reason", "contact", "attested_by", "attested_title"),
    }

    def turn(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**row, **dict.fromkeys(free.get(name, ()), f"={HOSTILE}\x00\x08\x1b\ufffe\ud800")}

    tables = {
        name: tuple(turn(name, row) for row in given) for name, given in every_row(result).items()
    }
    findings = tuple(replace(f, message=f"{HOSTILE}\x0b", value="=1+1") for f in result.findings)
    return replace(with_rows(result, **tables), findings=findings)


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_hostile_text_shows_as_written_and_does_nothing(tmp_path: Path, kind: str) -> None:
    folder = render(hostile(RESULTS[kind]()), tmp_path / "r")
    web = (folder / "aterrapport.html").read_text("utf-8")
    assert "<script" not in web
    assert HOSTILE in said(page(folder / "aterrapport.html"))
    assert HOSTILE in word_text(folder / "aterrapport.docx")
    printed = re.sub(r"\s+", "", pdf_text(folder / "aterrapport.pdf"))
    assert re.sub(r"\s+", "", HOSTILE) in printed.replace("\u00ad", "").replace("\u200b", "")
    book = openpyxl.load_workbook(folder / "bilaga.xlsx")
    cells = [cell for row in book["Rader"].iter_rows() for cell in row]
    assert f"={HOSTILE}" in {cell.value for cell in cells}
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert all(cell.hyperlink is None for cell in cells)
    for path in sorted((folder / "boards").glob("*.html")):
        assert "<script" not in path.read_text("utf-8")
        page(path)


def test_same_result_same_bytes(rendered: tuple[GrantResult, Path], tmp_path: Path) -> None:
    result, first = rendered
    second = render(result, tmp_path / "igen")
    made = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert made == sorted(p.relative_to(second) for p in second.rglob("*") if p.is_file())
    own = 1 if result.is_final else 0  # the draft of a tjänsteutlåtande
    own += (
        2 if result.grant.report.report_id == "socialstyrelsen" else 0
    )  # the answers for its web form
    assert len(made) == 11 + own + len(rows_in(result, "board"))
    for path in made:
        assert (first / path).read_bytes() == (second / path).read_bytes(), path


def test_word_and_excel_carry_no_clock(rendered: tuple[GrantResult, Path]) -> None:
    result, folder = rendered
    for name in ("aterrapport.docx", "bilaga.xlsx"):
        with zipfile.ZipFile(folder / name) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[^<]*", core)) == {f"{result.as_of}T00:00:00Z"}


def test_templates_hold_no_sums() -> None:
    for path in sorted(Path(str(report.__file__)).parents[1].joinpath("reports").glob("*.j2")):
        text = path.read_text("utf-8")
        assert not re.search(
            r"\|\s*sum\b|_sek\s*[-+*/<>=]|[-+*/<>=]\s*\w+\._?\w*_sek|%\}?\s*if[^%]*_sek", text
        ), path.name


OURS = (
    "Antagande:",
    "SHA-256",
    "Anmärkningar",
    "Villkor och källor",
    "Undantag",
    "statsbidrag run",
    "Regel:",
    "utkast som",
)


def test_what_is_filed_says_nothing_that_is_the_citys_own(
    rendered: tuple[GrantResult, Path],
) -> None:
    """Terms, assumptions, findings and fingerprints stand in the basis, for the city and its
    auditor."""
    result, folder = rendered
    filed = said(page(folder / "aterrapport.html").find(".//article"))
    basis = said(page(folder / "underlag.html").find(".//article"))
    assert [words for words in OURS if words in filed] == []
    assert "okänt" not in filed
    for finding in result.findings:
        assert finding.message in basis
    for _, sha256, _ in result.data_files:
        assert sha256 in basis.replace(" ", "")
    assert ("Att klara ut före attest" in basis) == result.is_final
    for term in result.grant.unsettled:
        assert term.label in basis


def test_the_citys_own_words_and_each_text_once(tmp_path: Path) -> None:
    result = report_fixture.mfof_final()
    first = rows_in(result, "activity")[0] | {"result": "Fler har fått stöd i tid."}
    twin = {
        **first,
        "sender_id": "skarpnack",
        "board_id": "skarpnack",
        "row_no": first["row_no"] + 50,
    }
    own = {first["area"]: "Staden har samlat stödet.\nDet finns nu på ett ställe."}
    grant = replace(result.grant, accounts=own)
    turned = with_rows(result, activity=(first, *rows_in(result, "activity")[1:], twin))
    folder = render(replace(turned, grant=grant), tmp_path / "r")
    root = page(folder / "aterrapport.html")
    text = said(root)
    assert text.count(first["result"]) == 1
    assert "Staden har samlat stödet.Det finns nu på ett ställe." in text, (
        "a line each, as it was written"
    )
    assert sum(1 for _ in root.iter("br")) == 1
    assert said(page(folder / "underlag.html")).count(first["result"]) == 2


def test_more_bars_than_fit_on_a_page_are_left_out_with_a_word(tmp_path: Path) -> None:
    grant = report_fixture.mfof_grant()
    result = report_fixture.mfof_final()
    (board, *_) = rows_in(result, "board")
    more = tuple({**board, "board_id": f"{board['board_id']}"} for _ in range(charts.MOST_ROWS))
    folder = render(
        replace(with_rows(result, board=(*rows_in(result, "board"), *more)), grant=grant),
        tmp_path / "r",
    )
    text = said(page(folder / "aterrapport.html"))
    assert "Diagrammet är utelämnat, eftersom det har fler än 20 rader." in text
    assert page(folder / "aterrapport.html").find(".//{http://www.w3.org/2000/svg}svg") is None


def test_when_nothing_more_can_be_used_nobody_says_if(tmp_path: Path) -> None:
    quarter = report_fixture.social_quarter()
    early = said(page(render(quarter, tmp_path / "a") / "aterrapport.html"))
    last = replace(quarter, period_end=quarter.grant.spend_to_on)
    late = said(page(render(last, tmp_path / "b") / "aterrapport.html"))
    assert "om inget mer används" in early.casefold()
    assert "om inget mer används" not in late.casefold()


def test_what_the_pdf_rests_on_goes_with_it(rendered: tuple[GrantResult, Path]) -> None:
    _, folder = rendered
    wanted = {
        "aterrapport.pdf": {"bilaga.xlsx", "reconciliation.json"},
        "underlag.pdf": {"findings.json", "manifest.json"},
    }
    for document, names in wanted.items():
        inside = pypdf.PdfReader(folder / document).attachments
        assert set(inside) == names
        for name, (content,) in inside.items():
            assert content == (folder / name).read_bytes()
