"""How a final report looks by its state, the answers for a web form, and the paper to
Socialnämnden."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdf
import pytest

from statsbidrag.base.swedish import NBSP
from statsbidrag.documents import anchors, committee_paper, record
from statsbidrag.model.decisions import Grant, Term
from statsbidrag.model.sources import Source
from statsbidrag.money.results import GrantResult
from tests.support import report_fixture
from tests.support.documents import numbers_in, page, pdf_text, render, said, word_text
from tests.support.report_fixture import MFOF, MFOF_AREAS, Sent
from tests.support.reviews import (
    ATTESTED,
    DRAFT,
    REVIEWED,
    REVIEWS,
    WHY,
    taken,
)
from tests.support.rows import rows_in

SEED = Path(__file__).parents[2] / "data" / "sources" / "000_ab17da66eb01f91d.txt"


DRAFTS = ("not yet known", "draft", "moved", "reviewed")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports of one result in every state, and of a quarter."""
    out = tmp_path_factory.mktemp("out")
    final = report_fixture.mfof_final()
    made = {
        name: render(replace(final, review=review), out / name) for name, review in REVIEWS.items()
    }
    return made | {"quarter": render(report_fixture.social_quarter(), out / "quarter")}


def headers(path: Path) -> list[str]:
    """The XML of the page headers that a Word file uses."""
    with zipfile.ZipFile(path) as archive:
        return [
            archive.read(name).decode()
            for name in archive.namelist()
            if re.match(r"word/header\d", name)
        ]


# -- the mark of a draft ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*REVIEWS, "quarter"])
def test_a_draft_is_marked_on_every_page_until_it_is_attested(
    folders: dict[str, Path], name: str
) -> None:
    folder, is_draft = folders[name], name in DRAFTS
    pages = [p.extract_text() for p in pypdf.PdfReader(folder / "aterrapport.pdf").pages]
    assert [("UTKAST" in text) for text in pages] == [is_draft] * len(pages)
    files = ["aterrapport.docx", *(["tjansteutlatande.docx"] if name != "quarter" else [])]
    for file in files:
        marks = [
            "PowerPlusWaterMarkObject" in xml and 'string="UTKAST"' in xml
            for xml in headers(folder / file)
        ]
        assert marks
        assert marks == [is_draft] * len(marks), file
    web = (folder / "aterrapport.html").read_text("utf-8")
    assert ('<p class="mark">UTKAST</p>' in web) == is_draft
    book = openpyxl.load_workbook(folder / "bilaga.xlsx")
    assert {("UTKAST" in (sheet.oddHeader.center.text or "")) for sheet in book} == {is_draft}


def test_the_marked_pdf_is_still_ua(folders: dict[str, Path]) -> None:
    root: Any = pypdf.PdfReader(folders["draft"] / "aterrapport.pdf").trailer["/Root"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_a_draft_is_the_same_whoever_runs_it(folders: dict[str, Path], tmp_path: Path) -> None:
    result = replace(report_fixture.mfof_final(), review=replace(DRAFT, run_by="Någon Annan"))
    again = render(result, tmp_path / "again")
    for path in sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file()):
        assert (again / path).read_bytes() == (folders["draft"] / path).read_bytes(), path


# -- where it stands -------------------------------------------------------------------------------

STANDING = {
    "draft": "Utkast. Ingen har granskat eller attesterat uppgifterna.",
    "moved": "Uppgifter har ändrats sedan rapporten senast granskades eller attesterades, och den "
    "är därför ett utkast",
    "reviewed": "Utkast. Granskad av Gun Granskare den 22 januari 2024. Ingen har attesterat "
    "rapporten ännu.",
    "attested": "Attesterad av Atle Attestant den 24 januari 2024, efter granskning av Gun "
    "Granskare den 22 januari",
    "filed": "Inlämnad till MFoF av Kim Körare den 31 januari 2024. Attesterad av Atle Attestant",
    "correction": "Rättelse 1 av den återrapport som lämnades in till MFoF.",
    "repaid": "Återbetalningen är gjord den 4 mars 2024, enligt Ester Ekonom. Inlämnad till MFoF",
}


@pytest.mark.parametrize("name", STANDING)
def test_the_first_page_says_where_the_report_stands(folders: dict[str, Path], name: str) -> None:
    folder = folders[name]
    web = next(
        s
        for s in page(folder / "aterrapport.html").iter("section")
        if "state" in s.get("class", "")
    )
    first = pypdf.PdfReader(folder / "aterrapport.pdf").pages[0].extract_text()
    for text in (said(web), first.replace("-\n", ""), word_text(folder / "aterrapport.docx")):
        assert STANDING[name] in re.sub(r"\s+", " ", text)


def test_what_is_attested_without_being_known_stands_on_the_first_page_with_the_reason(
    folders: dict[str, Path],
) -> None:
    for name in ("attested", "filed", "correction", "repaid"):
        first = pypdf.PdfReader(folders[name] / "aterrapport.pdf").pages[0].extract_text()
        text = re.sub(r"\s+", " ", first.replace("-\n", ""))
        assert "Ännu inte avgjort: vad Bromma och Södermalm har använt." in text
        assert WHY in text
        assert "Bromma: redovisningen väntar på rättelse. 438 957 kr räknas varken som" in text
    assert "Ännu inte avgjort:" not in pdf_text(folders["reviewed"] / "aterrapport.pdf")


def test_what_has_moved_is_told_with_both_values_and_the_difference(
    folders: dict[str, Path],
) -> None:
    tables = {
        said(t.find("caption")): t  # type: ignore[arg-type]
        for name in ("aterrapport.html", "underlag.html")
        for t in page(folders["moved"] / name).iter("table")
    }
    rows = [
        [said(cell).replace(NBSP, " ") for cell in row]
        for row in tables[
            "Det som har ändrats sedan rapporten senast granskades eller attesterades"
        ].iter("tr")
    ]
    assert rows == [
        ["Uppgift", "Före", "Nu", "Skillnad"],
        ["Att återbetala, kr", "1 440 001", "1 432 619", "−7 382"],
        ["Redovisningens lägeBromma", "räknas", "väntar på rättelse", "–"],
        ["Använt till annat, krEnskede-Årsta-Vantör", "–", "102 680,50", "–"],
        ["AnväntFarsta", "90,0 %", "92,8 %", "–"],
    ]
    assert len(list(tables["Det som har ändrats i stadens belopp"].iter("tr"))) == 2


def test_hashes_and_names_are_told_when_they_may_be(folders: dict[str, Path]) -> None:
    for name, review in REVIEWS.items():
        text = re.sub(r"\s|-", "", pdf_text(folders[name] / "underlag.pdf"))
        assert ("Programmetharingeninloggning." in text) == (review is not None)
        assert ("a1" * 32 in text) == ("b2" * 32 in text) == (review is not None)
        is_attested = name not in DRAFTS
        assert ("c3" * 32 in text) == is_attested
        assert ("KörningenärgjordavKimKörare." in text) == is_attested
    assert "Granskning och attest" not in pdf_text(folders["quarter"] / "underlag.pdf")


# -- answers for a web form ------------------------------------------------------------------------


def test_the_answers_are_those_of_the_report(folders: dict[str, Path]) -> None:
    folder = folders["quarter"]
    answers = json.loads((folder / "svar.json").read_text("utf-8"))
    sections = [
        s for s in page(folder / "aterrapport.html").iter("section") if s.get("class") == "answer"
    ]
    assert len(answers) == len(sections) == 7
    text = (folder / "svar.txt").read_text("utf-8")
    pasted = " ".join(text.split(" ")).replace("\n", " ")
    for answer, section in zip(answers, sections, strict=True):
        assert list(answer) == ["question", "answer"]
        assert answer["question"] == section.findtext("h3")
        paragraphs = [" ".join("".join(p.itertext()).split(" ")) for p in section.iter("p")]
        assert answer["answer"].split("\n") == [p.strip() for p in paragraphs]
        assert answer["question"] in text
        assert all(paragraph.strip() in pasted for paragraph in paragraphs)
    assert all(
        paragraph in text.splitlines()
        for answer in answers
        for paragraph in answer["answer"].split("\n")
    )
    assert f"Rekvirerat: 32{NBSP}926{NBSP}000{NBSP}kr." in text


def test_no_web_form_no_answers(folders: dict[str, Path]) -> None:
    assert not (folders["draft"] / "svar.json").exists()
    assert not (folders["draft"] / "svar.txt").exists()


# -- the paper to Socialnämnden --------------------------------------------------------------------


def paper(*results: GrantResult) -> Any:
    return docx.Document(
        io.BytesIO(
            committee_paper.paper(results, report_fixture.rulebook(*(r.grant for r in results)))
        )
    )


def texts(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def styled(document: Any, style: str) -> list[str]:
    return [p.text.replace(NBSP, " ") for p in document.paragraphs if p.style.name == style]


def final(grant: Grant, used: dict[str, str | None], held: tuple[str, ...] = ()) -> GrantResult:
    """A final result where each board has used an amount; None is no report."""
    sent = [
        Sent(b, {}, status="held" if b in held else "missing")
        if amount is None or b in held
        else Sent(b, {MFOF_AREAS[2]: amount})
        for b, amount in used.items()
    ]
    return report_fixture.result(
        grant, sent, (), date(2024, 1, 20), date(2023, 12, 31), is_final=True
    )


def whole(**changed: Any) -> Grant:
    """MFoF's grant with nothing left to give, so that only the boards can owe."""
    return replace(report_fixture.mfof_grant(), **({"total_sek": Decimal(8453074)} | changed))


ALL: dict[str, str | None] = {board: str(amount) for board, amount in MFOF.items()}


def test_the_paper_has_the_order_of_the_citys_own() -> None:
    known = {line.strip() for line in SEED.read_text("utf-8").splitlines()}
    headings = styled(paper(report_fixture.mfof_final()), "Heading 1")
    shared = [heading for heading in headings if heading in known]
    own = ["Ekonomiska konsekvenser", "Jämställdhetsanalys"]
    assert [heading for heading in headings if heading not in known] == own
    lines = [line.strip() for line in SEED.read_text("utf-8").splitlines()]
    assert shared == sorted(shared, key=lines.index)
    assert shared == [
        *(
            "Förvaltningens förslag till beslut",
            "Sammanfattning",
            "Bakgrund",
            "Ärendet",
            "Ärendets beredning",
        ),
        *("Förvaltningens synpunkter och förslag", "Bilaga", "Attesterat av"),
    ]
    assert headings.index("Ärendet") < headings.index(own[0]) < headings.index(own[1])
    assert headings.index(own[1]) < headings.index("Ärendets beredning")


def test_the_head_of_the_paper() -> None:
    document = paper(report_fixture.mfof_final())
    first = document.sections[0].first_page_header
    head = "\n".join(
        p.text for table in first.tables for cell in table.rows[0].cells for p in cell.paragraphs
    )
    assert "Tjänsteutlåtande\nDnr SOF 2023/329\n2024-01-20\nSida " in head
    block = [cell.text for cell in document.tables[0].rows[0].cells]
    assert block == [
        "Handläggare\n[Namn]\nTelefon: [telefonnummer]",
        "Till\nSocialnämnden\n[sammanträdesdag]",
    ]
    assert styled(document, "Title") == [
        f"Återredovisning av statsbidraget {report_fixture.mfof_grant().name}"
    ]
    assert document.core_properties.title == styled(document, "Title")[0]


def test_every_amount_of_the_paper_is_a_figure_of_the_reconciliation() -> None:
    first = report_fixture.mfof_final()
    other = final(
        whole(grant_id="b", name="Det andra", liability_basis="kommun"),
        ALL | {"farsta": "700000.50"},
    )
    for results in ([first], [other], [first, other]):
        figures = [anchors.anchored(record.reconciliation(r)) for r in results]
        known = {abs(value) for values in figures for value in values.values()}
        known |= {value.quantize(Decimal(1), "ROUND_HALF_UP") for value in known}
        printed = set(numbers_in(texts(paper(*results))))
        assert len(printed) > 10
        assert printed <= known, sorted(printed - known)
        assert {
            rows_in(r, "city")[0]["to_repay_sek"]
            for r in results
            if rows_in(r, "city")[0]["to_repay_sek"]
        } <= printed


def points(*results: GrantResult) -> list[str]:
    return styled(paper(*results), "Beslutspunkt")


def test_the_decision_points_are_those_that_the_figures_call_for() -> None:
    told = points(report_fixture.mfof_final())
    assert [point.split(" av ")[0] for point in told] == [
        "Socialnämnden godkänner återredovisningen",
        "Socialnämnden beslutar att 1 432 619 kr",
        "Socialnämnden beslutar att återkräva 1 432 618,25 kr",
        "Socialnämnden beslutar att senare pröva återbetalningen",
    ]
    assert told[1].endswith(
        "ska betalas tillbaka till Myndigheten för familjerätt och föräldraskapsstöd (MFoF)."
    )
    assert told[2].endswith("från 7 nämnder, enligt tabellen nedan.")
    assert told[3].endswith(
        "Bromma och är ännu inte avgjort, eftersom nämndens redovisning väntar på rättelse."
    )


def test_nothing_to_repay_is_one_point_and_no_table_of_claims() -> None:
    result = final(whole(), ALL)
    assert len(points(result)) == 1
    text = texts(paper(result)).replace(NBSP, " ")
    assert "Inget ska betalas tillbaka till MFoF." in text
    assert "Ingen nämnd ska betala tillbaka något till Socialnämnden." in text
    assert "återkräva" not in text


def test_one_board_is_named_and_several_held_are_listed() -> None:
    one = points(final(whole(), ALL | {"farsta": "600000"}))
    assert one[1].startswith("Socialnämnden beslutar att 36 208 kr av statsbidraget")
    assert one[2] == "Socialnämnden beslutar att återkräva 36 208 kr av statsbidraget från Farsta."
    two = points(final(whole(), ALL, held=("farsta", "bromma")))
    assert len(two) == 2
    assert (
        "Bromma och Farsta och är ännu inte avgjort, eftersom nämndernas redovisningar väntar"
        in two[1]
    )


def test_what_the_boards_owe_is_not_what_the_city_owes() -> None:
    used = ALL | {"farsta": "600000", "jarva": "1990155"}
    per_board, whole_city = (
        final(whole(liability_basis=basis), used) for basis in ("namnd", "kommun")
    )
    assert points(per_board)[1].startswith("Socialnämnden beslutar att 36 208 kr")
    assert points(whole_city)[1].startswith("Socialnämnden beslutar att 24 208 kr")
    assert points(per_board)[2] == points(whole_city)[2]
    text = texts(paper(whole_city)).replace(NBSP, " ")
    assert (
        "Före avrundningen är det 12 000 kr mindre än om varje nämnd hade räknats för sig" in text
    )
    assert "[Ta ställning till hur de 12 000 kr ska hanteras inom staden.]" in text
    assert "Ta ställning" not in texts(paper(per_board))
    # What was overspent covers all that was left: the city owes nothing, and the board still owes
    # what it has left.
    covered = final(whole(liability_basis="kommun"), ALL | {"farsta": "636000", "jarva": "1990155"})
    assert [point.split(" av ")[0] for point in points(covered)] == [
        "Socialnämnden godkänner återredovisningen",
        "Socialnämnden beslutar att återkräva 208 kr",
    ]
    assert "Räknat så ska staden inte betala tillbaka något." in texts(paper(covered))


def test_earmarked_components_are_shown_since_a_board_may_owe_more_than_it_has_left() -> None:
    first, second = report_fixture.SOCIAL_AREAS[0], report_fixture.SOCIAL_AREAS[4]
    sent = [
        Sent(board, {first: str(model - 5000), second: str(team + 2000 * (board == "skarholmen"))})
        for board, (model, team) in report_fixture.SOCIAL.items()
    ]
    grant = report_fixture.social_grant()
    result = report_fixture.result(
        grant, sent, (), date(2022, 1, 20), date(2021, 12, 31), is_final=True
    )
    text = texts(paper(result)).replace(NBSP, " ")
    assert points(result)[1].startswith("Socialnämnden beslutar att 28 000 kr")
    assert points(result)[2].startswith("Socialnämnden beslutar att återkräva 30 000 kr")
    assert "Komponenten Skolsociala team, kronor" in text
    assert "Komponenterna är öronmärkta" in text
    assert (
        "2 000 kr mindre än om varje nämnd hade räknats för sig, eftersom det som är använt utöver"
        in text
    )
    loose = texts(paper(replace(result, grant=replace(grant, is_earmarked=False))))
    assert "Komponenten" not in loose


def test_two_grants_are_one_paper() -> None:
    family = "Förstärkt föräldraskapsstöd 2023"
    first = final(whole(name=f"{family}: ökad och jämlik tillgång"), ALL | {"farsta": "600000"})
    second = final(
        whole(name=f"{family}: förebygga kriminalitet", grant_id="b", city_ref=None), ALL
    )
    document = paper(first, second)
    assert styled(document, "Title") == [f"Återredovisning av statsbidragen {family}"]
    assert len(styled(document, "Beslutspunkt")) == 3
    assert styled(document, "Bilagepunkt") == [
        f"Återrapport av statsbidrag: {family}: ökad och jämlik tillgång",
        f"Återrapport av statsbidrag: {family}: förebygga kriminalitet",
    ]
    assert "Bilagor" in styled(document, "Heading 1")
    assert styled(document, "Heading 2").count(second.grant.name) == 4
    head = document.sections[0].header.tables[0].rows[0].cells[1].text
    assert "Dnr [diarienummer]" in head


def test_what_only_a_person_knows_is_a_marked_place() -> None:
    document = paper(report_fixture.mfof_final())
    runs = [run for p in document.paragraphs for run in p.runs if run.text]
    for run in runs:
        assert (run.style.name == "Fyll i") == (
            run.text.startswith("[") and run.text.endswith("]")
        ), run.text
    marked = [run.text for run in runs if run.style.name == "Fyll i"]
    assert marked.count("[Namn]") == 2
    assert marked.count("[datum]") == 2
    assert "[Beskriv bidragets ändamål.]" in marked
    assert any(text.startswith("[Kontrollera beslutet. Förslaget antogs") for text in marked)
    grant = report_fixture.mfof_grant()
    term = Term(
        "Ändamål",
        "Bidra till en jämlik tillgång",
        Source("kalla", "Så står det.", "Beslutet"),
        "andamal",
    )
    known = texts(paper(final(replace(grant, terms=(*grant.terms, term)), ALL)))
    assert "Ändamålet är enligt villkoren: ”Bidra till en jämlik tillgång”." in known
    assert "[Beskriv bidragets ändamål.]" not in known


def test_the_paper_says_how_far_the_report_has_come() -> None:
    result = report_fixture.mfof_final()
    assert "Rapportens läge: Utkast. Ingen har granskat" in texts(paper(result))
    told = texts(paper(replace(result, review=taken(REVIEWED, ATTESTED)))).replace(NBSP, " ")
    assert (
        "Rapportens läge: Attesterad av Atle Attestant den 24 januari 2024, efter granskning av Gun"
        in told
    )


def test_names_and_reasons_are_text_whatever_they_hold(tmp_path: Path) -> None:
    hostile = '<script>alert("x")</script> {{ 7*7 }} {% raw %} & ]]>\x00'
    review = taken(replace(REVIEWED, by=hostile), replace(ATTESTED, by=hostile, why=hostile))
    folder = render(replace(report_fixture.mfof_final(), review=review), tmp_path / "r")
    shown = hostile.removesuffix("\x00")
    assert "<script" not in (folder / "aterrapport.html").read_text("utf-8")
    assert shown in said(page(folder / "aterrapport.html"))
    for name in ("aterrapport.docx", "tjansteutlatande.docx"):
        assert shown in word_text(folder / name), name


def test_the_paper_is_the_same_bytes() -> None:
    result = report_fixture.mfof_final()
    book = report_fixture.rulebook(result.grant)
    made = committee_paper.paper([result], book)
    assert made == committee_paper.paper([result], book)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def styles_used(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.match(r"word/(?:document|header\d|footer\d)\.xml", name):
                yield from re.findall(
                    r'<w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', archive.read(name).decode()
                )


@pytest.mark.parametrize("file", ["aterrapport.docx", "tjansteutlatande.docx"])
def test_the_word_template_has_every_style_that_its_document_uses(
    folders: dict[str, Path], file: str
) -> None:
    path = folders["correction"] / file
    assert set(styles_used(path)) <= {style.style_id for style in docx.Document(str(path)).styles}
