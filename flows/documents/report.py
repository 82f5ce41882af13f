"""Result tables -> templates -> files: the reports of a grant, the paper to the committee.

A report is said once: the agency's template renders the body of the återrapport; the web page, the
PDF and the Word file only dress that body (`pages`, `typeset`).
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ..base.beside import beside
from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from ..model.year import ReturnDays
from ..money import suppression
from ..money.results import GrantResult
from . import anchors, bodies, contract, evidence_names, founded, pages, pdf, record, word
from .bodies import Body
from .committee_paper import approving_paper, paper
from .founded import Figures
from .pages import View
from .report_view import board_views, report_view
from .spreadsheet import appendix
from .trace_view import trace_view


class Press(Protocol):
    """Where documents are set while whoever asks goes on; a call of `beside`, or of a child."""

    def __call__(self, function: Callable[..., bytes], *args: object) -> "Future[bytes]":
        """What a function will have made of what it is handed."""


def warm(press: Callable[..., object]) -> None:
    """Load the libraries of the reports ahead of the first one, those that set documents where they
    are set."""
    press(pdf.warm)
    press(importlib.import_module, "xlsxwriter")
    pages.environment()


@dataclass(frozen=True)
class _Pdf:
    """A PDF that is to be set, when the files that go inside it are there."""

    name: str
    look: bodies.Look
    blocks: Sequence[bodies.Block]
    inside: Sequence[pdf.Attachment]


@dataclass(frozen=True)
class Begun:
    """The reports of a grant in their folder, but for the documents that are still to be set there,
    or are being set."""

    folder: Path
    press: Press
    pdfs: Sequence[_Pdf]
    being_set: "dict[str, Future[bytes]]"

    def set_pdfs(self) -> None:
        """Have the PDFs set; large ones take more memory than all the rest."""
        for one in self.pdfs:
            making = self.press(pdf.pdf, one.look, one.blocks, self.folder, one.inside)
            self.being_set[one.name] = making

    def write(self) -> None:
        """Write each document when it is done."""
        for name, content in self.being_set.items():
            record.write(self.folder / name, content.result())


def render_grant(result: GrantResult, rulebook: Rulebook, days: ReturnDays, folder: Path) -> None:
    """Write every report of one grant into an existing, empty folder."""
    begun = begin_grant(result, rulebook, days, folder)
    begun.set_pdfs()
    begun.write()


def begin_grant(
    result: GrantResult,
    rulebook: Rulebook,
    days: ReturnDays,
    folder: Path,
    press: Press = beside,
) -> Begun:
    """Write every report of one grant into an existing, empty folder, but for the PDFs, which are
    still to be set, and for what then is being set.

    The grant's `report` names the template; `rulebook.load` has seen that there is one.
    """
    grant = result.grant
    view = report_view(result, rulebook)
    shown = suppression.published(result)
    public = view if shown is result else report_view(shown, rulebook)
    appended = press(appendix, view)
    written = record.reconciliation(result)
    figures = Figures(anchors.anchored(written))
    body = founded.body(pages.render("aterrapport.html.j2", public), figures, grant)
    answers = _answers(body)
    downloads = _downloads(result, view, has_answers=bool(answers))
    page = pages.page(view["title"], body.text, body.contents(), downloads, view["mark"])
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
    being_set = {"aterrapport.docx": press(word.word, look, blocks)}
    record.write(folder / "reconciliation.json", record.json_text(written))
    del written  # a large grant's is large, and nobody asks for it any more
    record.write(folder / "findings.json", record.json_text(record.findings(result)))
    record.write(folder / "manifest.json", record.json_text(record.manifest(result)))
    if answers:
        record.write(folder / "svar.json", record.json_text(answers))
        record.write(folder / "svar.txt", _pasted(answers, view))
    draft = _draft(result, view)
    if draft is Draft.APPROVAL:
        record.write(folder / "tjansteutlatande.docx", approving_paper(result, rulebook))
    if draft is Draft.ACCOUNT:
        record.write(folder / "tjansteutlatande.docx", paper([result], rulebook))
    if draft is Draft.MOVES:
        document = _render_redistribution(public, figures, folder, press)
        being_set["omfordelning.docx"] = document
    # Beside the report the amounts of single lines are printed, too.
    lines = view["result"].tables.line
    of_lines = figures.beside({line.amount_sek.anchor: line.amount_sek for line in lines})
    _render_trace(view, of_lines, rulebook, folder)
    _render_boards(view, of_lines, days, folder)
    pdfs = (
        _Pdf("aterrapport.pdf", look, blocks, _attached(_FILED, grant)),
        _render_basis(public, figures, folder),
    )
    record.write(folder / "bilaga.xlsx", appended.result())
    return Begun(folder, press, pdfs, being_set)


class Draft(StrEnum):
    """What somebody is to decide, of which a draft lies beside the report."""

    APPROVAL = "godkännande"
    ACCOUNT = "återredovisning"
    MOVES = "omfördelning"


def _draft(result: GrantResult, view: View) -> Draft | None:
    """The draft that goes with a report; None where there is nothing to decide."""
    if result.report or (result.is_final and not result.grant.has_amounts):
        return Draft.APPROVAL
    if view["levels"]:
        # The follow-up of many goes to no committee, and what one has left is not another's.
        return None
    if result.is_final:
        return Draft.ACCOUNT
    return Draft.MOVES if view["redistribution"] else None


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
    draft = _draft(result, view)
    if draft in {Draft.APPROVAL, Draft.ACCOUNT}:
        downloads.append(("tjansteutlatande.docx", "Utkast till tjänsteutlåtande i Word"))
    if draft is Draft.MOVES:
        downloads.append(("omfordelning.html", "Förslag till omfördelning"))
    return downloads


def _render_trace(view: View, figures: Figures, rulebook: Rulebook, folder: Path) -> None:
    """Write the page of where every figure comes from, piece by piece, since it has a row for each
    line of every board; and the contract that it cites."""
    grant: Grant = view["grant"]
    title = f"Spårning: {grant.name}"
    pieces = pages.pieces("sparning.html.j2", {**view, **trace_view(view, rulebook)})
    with (folder / "sparning.html").open("wb") as file:

        def write(text: str) -> None:
            file.write(record.encoded(text))

        write(pages.around(title, mark=view["mark"])[0])
        first, latest = next(pieces), ""
        write(pages.scrollable(first))
        of_boards: list[tuple[str, str]] = []
        for piece in pieces:
            write(pages.scrollable(piece))
            if latest:
                of_boards += founded.body(latest, figures, grant).contents()
            latest = piece
        # The last piece is no board's: it closes what the first one opens, and is read with it.
        around = founded.body(f"{first}{_BOARDS}{latest}", figures, grant).contents()
        place = around.index(_CONTENTS_OF_BOARDS)
        contents = [*around[:place], *of_boards, *around[place + 1 :]]
        write(pages.around(title, contents, _TRACED, view["mark"])[1])
    record.write(folder / contract.PAGE, contract.page())


_CONTENTS_OF_BOARDS = ("|", "|")
_BOARDS = '<section id="|"><h2>|</h2></section>'
"""What stands for the boards' pieces where what stands around them is read."""


def _render_boards(view: View, figures: Figures, days: ReturnDays, folder: Path) -> None:
    """Write each board's own page."""
    pages_of_boards = folder / "boards"
    pages_of_boards.mkdir(exist_ok=True)
    for board, own in board_views(view, days):
        page = pages.render("board.html.j2", {**view, **own})
        body = founded.body(page, figures, view["grant"])
        whole = pages.page(f"{board.name}: {view['title']}", body.text)
        record.write(pages_of_boards / f"{board.board_id}.html", whole)


def _render_redistribution(
    view: View, figures: Figures, folder: Path, press: Press
) -> "Future[bytes]":
    """Write the draft decision on moving money between boards as a page, and have it set in
    Word."""
    grant: Grant = view["grant"]
    title = f"Förslag till omfördelning av statsbidraget {grant.name}"
    proposal = pages.render("omfordelning.html.j2", {**view, "title": title})
    body = founded.body(proposal, figures, grant)
    downloads = [("omfordelning.docx", "Förslaget i Word"), ("aterrapport.html", "Avstämningen")]
    page = pages.page(title, body.text, body.contents(), downloads, "UTKAST")
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
    return press(word.word, look, bodies.blocks(body), "tjansteutlatande.docx")


def _render_basis(view: View, figures: Figures, folder: Path) -> _Pdf:
    """Write what the city and its auditor need beside the report as a page; it becomes a PDF, too,
    with files inside."""
    grant: Grant = view["grant"]
    result: GrantResult = view["result"]
    title = f"Underlag: {grant.name}"
    body = founded.body(pages.render("underlag.html.j2", view), figures, grant)
    downloads = [
        ("aterrapport.html", _called(result)),
        ("underlag.pdf", "Underlaget som PDF"),
        *_TRACED[1:],
        ("sparning.html", "Varje siffra, spårad till fil och cell"),
    ]
    if result.tables.evidence:
        downloads.append((evidence_names.PAGE, "Avstämning mot huvudboken"))
    page = pages.page(title, body.text, body.contents(), downloads, view["mark"])
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
    return _Pdf("underlag.pdf", look, bodies.blocks(body), _attached(_BASIS, grant))


def _called(result: GrantResult) -> str:
    """What a link to a report says."""
    if result.is_final:
        return result.grant.words.the_report.capitalize()
    return "Delrapporten" if result.report else "Delavstämningen"


_FILED = (
    pdf.Attachment(
        "bilaga.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Alla belopp i Excel",
    ),
    pdf.Attachment("reconciliation.json", "application/json", "Rapportens siffror"),
)
_BASIS = (
    pdf.Attachment("findings.json", "application/json", "Anmärkningarna"),
    pdf.Attachment("manifest.json", "application/json", "Filerna som rapporten bygger på"),
)
"""The files that lie inside the two PDFs as well."""


def _attached(inside: Iterable[pdf.Attachment], grant: Grant) -> list[pdf.Attachment]:
    """The files that go inside a PDF; where small counts are hidden, only what holds no counts."""
    if not grant.least_shown_count:
        return [*inside]
    return [attachment for attachment in inside if attachment.name == "manifest.json"]


# -- answers for an agency's web form --------------------------------------------------------------

Answer = Mapping[str, str]

_TRACED = (
    ("aterrapport.html", "Rapporten"),
    ("bilaga.xlsx", "Alla belopp i Excel"),
    (contract.PAGE, "Kontraktet, som reglerna hänvisar till"),
)


def _answers(body: Body) -> list[Answer]:
    """The questions and answers of a report's body, for a web form; none where the agency has no
    form."""
    answers: list[Answer] = []
    for section in body.tree.iter("section"):
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
