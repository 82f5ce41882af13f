"""Result tables -> templates -> files: the reports of a grant, the paper to the committee.

A report is said once: the agency's template renders the body of the återrapport; the web page, the
PDF and the Word file only dress that body (`pages`, `typeset`).
"""

import importlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from ..model.year import ReturnDays
from ..money import suppression
from ..money.results import GrantResult
from . import bodies, contract, pages, pdf, record, word
from .committee_paper import paper
from .pages import View
from .report_view import board_view, report_view
from .spreadsheet import appendix
from .trace_view import trace_view


def warm() -> None:
    """Load the libraries of the reports ahead of the first one."""
    importlib.import_module("xlsxwriter")
    pdf.warm()
    pages.environment()


def render_grant(result: GrantResult, rulebook: Rulebook, days: ReturnDays, folder: Path) -> None:
    """Write every report of one grant into an existing, empty folder.

    The grant's `report` names the template; `rulebook.load` has seen that there is one.
    """
    grant = result.grant
    view = report_view(result, rulebook)
    shown = suppression.published(result)
    public = view if shown is result else report_view(shown, rulebook)
    written = record.reconciliation(result)
    figures = record.anchored(written)
    body = record.must_be_founded(pages.render("aterrapport.html.j2", public), figures, grant)
    answers = _answers(body)
    downloads = _downloads(result, view, has_answers=bool(answers))
    page = pages.page(view["title"], body, pages.contents(body), downloads, view["mark"])
    record.write(folder / "aterrapport.html", page)
    blocks = bodies.blocks(body)
    look = bodies.Look(
        view["title"],
        view["kind"],
        grant.name,
        grant.short_name,
        result.as_of,
        rulebook.organisation,
        view["mark"],
    )
    record.write(folder / "aterrapport.docx", word.word(look, blocks))
    record.write(folder / "bilaga.xlsx", appendix(view))
    record.write(folder / "reconciliation.json", record.json_text(written))
    record.write(folder / "findings.json", record.json_text(record.findings(result)))
    record.write(folder / "manifest.json", record.json_text(record.manifest(result)))
    # The PDF holds files that were written above.
    attached = _attached(_FILED, grant, folder)
    record.write(folder / "aterrapport.pdf", pdf.pdf(look, blocks, attached))
    _render_basis(public, figures, folder)
    if answers:
        record.write(folder / "svar.json", record.json_text(answers))
        record.write(folder / "svar.txt", _pasted(answers, view))
    if result.is_final:
        record.write(folder / "tjansteutlatande.docx", paper([result], rulebook))
    elif view["redistribution"]:
        _render_redistribution(public, figures, folder)
    # Beside the report the amounts of single lines are printed, too.
    figures |= {line.amount_sek.anchor: line.amount_sek for line in view["result"].tables.line}
    _render_trace(view, figures, rulebook, folder)
    _render_boards(view, figures, days, folder)


def _downloads(result: GrantResult, view: View, *, has_answers: bool) -> list[tuple[str, str]]:
    """What lies beside the report, and what it is."""
    downloads = [
        ("aterrapport.pdf", "Rapporten som PDF"),
        ("aterrapport.docx", "Rapporten i Word"),
        ("bilaga.xlsx", "Alla belopp i Excel"),
        ("underlag.html", "Underlag: villkor, anmärkningar och filer"),
        ("sparning.html", "Varje siffra, spårad till fil och cell"),
    ]
    if has_answers:
        downloads.append(("svar.txt", "Svaren till webbformuläret som text"))
    if result.is_final:
        downloads.append(("tjansteutlatande.docx", "Utkast till tjänsteutlåtande i Word"))
    if view["redistribution"]:
        downloads.append(("omfordelning.html", "Förslag till omfördelning"))
    return downloads


def _render_trace(
    view: View, figures: Mapping[str, Decimal], rulebook: Rulebook, folder: Path
) -> None:
    """Write the page of where every figure comes from, and the contract that it cites."""
    grant: Grant = view["grant"]
    trace = pages.render("sparning.html.j2", {**view, **trace_view(view, rulebook)})
    body = record.must_be_founded(trace, figures, grant)
    page = pages.page(f"Spårning: {grant.name}", body, pages.contents(body), _TRACED, view["mark"])
    record.write(folder / "sparning.html", page)
    record.write(folder / contract.PAGE, contract.page())


def _render_boards(
    view: View, figures: Mapping[str, Decimal], days: ReturnDays, folder: Path
) -> None:
    """Write each board's own page."""
    pages_of_boards = folder / "boards"
    pages_of_boards.mkdir(exist_ok=True)
    for board in view["boards"]:
        page = pages.render("board.html.j2", {**view, **board_view(view, board, days)})
        body = record.must_be_founded(page, figures, view["grant"])
        whole = pages.page(f"{board.name}: {view['title']}", body)
        record.write(pages_of_boards / f"{board.board_id}.html", whole)


def _render_redistribution(view: View, figures: Mapping[str, Decimal], folder: Path) -> None:
    """Write the draft decision on moving money between boards, as a page and in Word."""
    grant: Grant = view["grant"]
    title = f"Förslag till omfördelning av statsbidraget {grant.name}"
    proposal = pages.render("omfordelning.html.j2", {**view, "title": title})
    body = record.must_be_founded(proposal, figures, grant)
    downloads = [("omfordelning.docx", "Förslaget i Word"), ("aterrapport.html", "Avstämningen")]
    page = pages.page(title, body, pages.contents(body), downloads, "UTKAST")
    record.write(folder / "omfordelning.html", page)
    look = bodies.Look(
        title,
        "Tjänsteutlåtande",
        title,
        grant.city_ref or "",
        view["result"].as_of,
        view["organisation"],
        "UTKAST",
    )
    document = word.word(look, bodies.blocks(body), "tjansteutlatande.docx")
    record.write(folder / "omfordelning.docx", document)


def _render_basis(view: View, figures: Mapping[str, Decimal], folder: Path) -> None:
    """Write what the city and its auditor need beside the report, as a page and as a PDF with files
    inside."""
    grant: Grant = view["grant"]
    result: GrantResult = view["result"]
    title = f"Underlag: {grant.name}"
    body = record.must_be_founded(pages.render("underlag.html.j2", view), figures, grant)
    downloads = [
        ("aterrapport.html", "Återrapporten" if result.is_final else "Delavstämningen"),
        ("underlag.pdf", "Underlaget som PDF"),
        *_TRACED[1:],
        ("sparning.html", "Varje siffra, spårad till fil och cell"),
    ]
    page = pages.page(title, body, pages.contents(body), downloads, view["mark"])
    record.write(folder / "underlag.html", page)
    running = f"Underlag, {grant.short_name}"
    look = bodies.Look(
        title,
        "Underlag",
        grant.name,
        running,
        result.as_of,
        view["organisation"],
        view["mark"],
    )
    content = pdf.pdf(look, bodies.blocks(body), _attached(_BASIS, grant, folder))
    record.write(folder / "underlag.pdf", content)


Inside = tuple[str, str, str]
"""A file that lies inside a PDF as well: its name, its media type and what it is."""

_FILED: Sequence[Inside] = (
    (
        "bilaga.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Alla belopp i Excel",
    ),
    ("reconciliation.json", "application/json", "Rapportens siffror"),
)
_BASIS: Sequence[Inside] = (
    ("findings.json", "application/json", "Anmärkningarna"),
    ("manifest.json", "application/json", "Filerna som rapporten bygger på"),
)


def _attached(inside: Sequence[Inside], grant: Grant, folder: Path) -> list[pdf.Attachment]:
    """The files that go inside a PDF; where small counts are hidden, only what holds no counts."""
    attached = []
    for name, media_type, words in inside:
        if grant.least_shown_count and name != "manifest.json":
            continue
        content = (folder / name).read_bytes()
        attached.append(pdf.Attachment(name, media_type, words, content))
    return attached


# -- answers for an agency's web form --------------------------------------------------------------

Answer = Mapping[str, str]

_TRACED = (
    ("aterrapport.html", "Rapporten"),
    ("bilaga.xlsx", "Alla belopp i Excel"),
    (contract.PAGE, "Kontraktet, som reglerna hänvisar till"),
)


def _answers(body: str) -> list[Answer]:
    """The questions and answers of a report's body, for a web form; none where the agency has no
    form."""
    answers: list[Answer] = []
    for section in ElementTree.fromstring(body).iter("section"):
        if section.get("class") != "answer":
            continue
        paragraphs = [bodies.plain(paragraph) for paragraph in section.iter("p")]
        question = section.findtext("h3", "")
        answers.append({"question": question, "answer": "\n".join(paragraphs)})
    return answers


def _pasted(answers: Sequence[Answer], view: View) -> str:
    """The answers as plain text, each paragraph one line: what is pasted in a form breaks where the
    form breaks it."""
    parts = [view["title"]]
    if view["mark"]:
        parts = [f"{view['mark']}\n{view['title']}"]
    parts += [f"{answer['question']}\n\n{answer['answer']}" for answer in answers]
    return "\n\n\n".join(parts) + "\n"
