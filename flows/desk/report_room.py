"""A final report, or an interim one: what its reviewer and attester decide on, and their
decisions."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import casefile, casework, package, papers, people
from ..documents import pages
from ..model.case import Actor, ReportState, Review
from ..model.codes import ReturnStatus
from .asking import Ask, MissingError
from .rights import Right

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"


@dataclass(frozen=True)
class Decision:
    """Something that can be decided about a report."""

    kind: str
    right: Right
    button: str
    words: str

    def is_open(self, state: ReportState) -> bool:
        """Whether it can be decided about a report in a state."""
        return state in casework.STEPS[self.kind].before


DECISIONS: Mapping[str, Decision] = {
    decision.kind: decision
    for decision in (
        Decision(
            "reviewed",
            Right.REVIEW,
            "Granska rapporten",
            "Jag har kontrollerat beloppen mot underlaget.",
        ),
        Decision(
            "attested",
            Right.ATTEST,
            "Attestera rapporten",
            "Jag godkänner rapporten. Utkastmärkningen tas bort.",
        ),
        Decision(
            "filed",
            Right.FILE,
            "Anteckna att den är inlämnad",
            "Rapporten är inlämnad. Den läggs undan och ändras aldrig mer.",
        ),
        Decision(
            "returned",
            Right.REVIEW,
            "Återlämna rapporten",
            "Rapporten blir utkast igen, och skälet står i loggen.",
        ),
    )
}


def report_page(ask: Ask) -> Response:
    """What is decided on: the figures, what has moved since, who has done what, and what can be
    decided now."""
    office = ask.office
    log = office.log()
    grant_id, report_id = ask.part("grant"), _report_id(ask)
    result, decided = casefile.latest_report(
        office.folders.data, office.folders.out, grant_id, log, report_id
    )
    review = result.review
    assert review is not None
    unsettled = [
        board.name
        for board in result.tables.board
        if board.return_status in {ReturnStatus.HELD, ReturnStatus.MISSING}
    ]
    moves = []
    for move in review.moved:
        whose = decided.board(move.board_id).name if move.board_id else "Staden"
        moves.append({"whose": whose, **pages.moved(move)})
    earliest = max([result.as_of, *(act.on for act in review.acts)])
    view = {
        "result": result,
        "grant": result.grant,
        "review": review,
        "unsettled": sorted(unsettled, key=swedish.order),
        "moves": moves,
        "decisions": [d for d in DECISIONS.values() if d.is_open(review.state) and _may(ask, d)],
        "why_not": _why_not(ask, review),
        "mark": mark_of(review),
        "earliest": earliest,
        "default_day": max(office.today, earliest),
        "page": _page_of(grant_id, report_id),
        "base": _page_of(grant_id, report_id) if report_id else f"/bidrag/{grant_id}",
        "words": _INTERIM_WORDS if report_id else {},
    }
    title = f"Slutrapporten om {result.grant.short_name}"
    if result.report:
        title = f"{result.report.name} om {result.grant.short_name}"
    return ask.page("slutrapport.html.j2", title, view)


_INTERIM_WORDS: Mapping[str, str] = {
    "filed": "Delrapporten är lämnad till mottagarna. Den läggs undan och ändras aldrig mer.",
}
"""What is decided about an interim report, where it is another than of a final one."""


def _report_id(ask: Ask) -> str | None:
    """The interim report that the address names, by its id; None: it is about the final one. Raises
    MissingError for one that nobody has named."""
    report_id: str | None = ask.request.path_params.get("report")
    if report_id is None:
        return None
    grant = ask.grant(ask.office.decided())
    made = ask.office.log().interim_reports(grant.grant_id)
    if grant.interim(report_id) is None and report_id not in made:
        raise MissingError(f"Det finns ingen delrapport med id {report_id}.")
    return report_id


def _page_of(grant_id: str, report_id: str | None) -> str:
    """The address of a report's page."""
    if report_id is None:
        return f"/bidrag/{grant_id}/slutrapport"
    return f"/bidrag/{grant_id}/delrapport/{report_id}"


def _may(ask: Ask, decision: Decision) -> bool:
    if decision.kind == "returned":
        return ask.person.may(Right.REVIEW) or ask.person.may(Right.ATTEST)
    return ask.person.may(decision.right)


def _why_not(ask: Ask, review: Review) -> str:
    """Why whoever reads the page can't take the next step themselves, as a sentence; empty when
    they can, or when nobody knows who they are."""
    if ask.person.login is None:
        return ""
    actor = Actor(ask.person.name, ask.person.login)
    others = [*review.runners, *(act.actor for act in review.acts)]
    is_next_a_decision = review.state in {ReportState.DRAFT, ReportState.REVIEWED}
    if is_next_a_decision and any(people.is_same(actor, other) for other in others):
        return (
            "Du har själv kört eller granskat rapporten. Den som kör, den som granskar och den som "
            "attesterar ska vara tre olika personer."
        )
    return ""


def mark_of(review: Review) -> str:
    """What is another as soon as what is decided on is: figures, inputs, state and steps."""
    acts = ",".join(f"{act.state} {act.on}" for act in review.acts)
    parts = (review.figures_sha256, review.inputs_sha256, review.version, review.state, acts)
    return "-".join(map(str, parts))


def decide(ask: Ask) -> Response:
    """Take a decision. Raises InputError when it can't be taken, and when the report is no longer
    what the page showed."""
    grant_id, report_id = ask.part("grant"), _report_id(ask)
    decision = DECISIONS.get(ask.form.text("beslut"))
    if decision is None:
        raise MissingError("Det beslutet finns inte.")
    if not _may(ask, decision):
        ask.person.must_have(decision.right)
    by, on = ask.by(), ask.day("dag", "Dagen för beslutet", ask.office.today)
    with ask.office.clerk.in_turn():
        log = ask.office.log()
        if mark_of(casefile.review_of(log, grant_id, report_id)) != ask.form.text("sett"):
            raise InputError(
                "Rapporten har ändrats, eller någon annan har beslutat, sedan du öppnade sidan. "
                "Läs den igen och besluta sedan."
            )
        review = casework.decide(
            ask.office.occasion(ask.person),
            grant_id,
            decision.kind,
            by,
            on,
            ask.form.text("skal") or None,
            report_id,
        )
    return ask.go(_page_of(grant_id, report_id), f"Rapporten är nu {review.state}.")


def paper(ask: Ask) -> Response:
    """A draft tjänsteutlåtande on a grant's final report, or on an interim one."""
    folders, grant_id = ask.office.folders, ask.part("grant")
    content = papers.paper(folders.data, folders.out, [grant_id], _report_id(ask))
    name = "_".join(filter(None, ("tjansteutlatande", grant_id, _report_id(ask))))
    return ask.file(content, f"{name}.docx", DOCX)


def make_package(ask: Ask) -> Response:
    """Make the package for the auditor and the archive, and send it."""
    with ask.office.clerk.in_turn():
        occasion = ask.office.occasion(ask.person)
        path = package.make(occasion, ask.part("grant"), ask.by(), _report_id(ask))
    return ask.file(path.read_bytes(), path.name, ZIP)
