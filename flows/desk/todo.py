"""What waits to be done with a grant, each thing with the page where it is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..base import swedish
from ..model.case import ReportState
from ..model.codes import Outcome, ReturnStatus
from ..year.overview import Standing
from .rights import Person, Right


@dataclass(frozen=True)
class ToDo:
    """Something that waits to be done: what, and where it is done."""

    words: str
    button: str
    path: str
    grant: str
    """What people call the grant that it is about."""
    can_be_done: bool
    """Whether whoever reads it may do it; else it is somebody else's."""


def todo(standing: Standing, person: Person) -> list[ToDo]:
    """What waits to be done with a grant, the first thing first."""
    return list(_steps(standing, person))


_STEP_WORDS = {
    ReturnStatus.MISSING: "Påminn om redovisning",
    ReturnStatus.HELD: "Skicka återkoppling och begär rättelse",
    ReturnStatus.OUTDATED: "Begär in den senaste perioden",
}
_REPORT_STEPS = {
    ReportState.DRAFT: (
        "Slutrapporten är ett utkast. Någon annan än den som körde den ska granska den.",
        "Granska",
        Right.REVIEW,
    ),
    ReportState.REVIEWED: (
        "Slutrapporten är granskad. En tredje person ska attestera den.",
        "Attestera",
        Right.ATTEST,
    ),
    ReportState.ATTESTED: ("Slutrapporten är attesterad. Lämna in den.", "Lämna in", Right.FILE),
}


def _steps(standing: Standing, person: Person) -> Iterator[ToDo]:
    grant, result = standing.grant, standing.result
    own = f"/bidrag/{grant.grant_id}"

    def task(words: str, button: str, path: str, right: Right) -> ToDo:
        return ToDo(words, button, path, grant.short_name, person.may(right))

    if result is None:
        yield task(
            "Stäm av bidraget när nämnderna har redovisat.", "Räkna", f"{own}#rakna", Right.RUN
        )
        return
    for status, words in _STEP_WORDS.items():
        boards = standing.boards_that_are(status)
        if boards and standing.review is None:
            names = swedish.listing(board.name for board in boards)
            yield task(f"{words}: {names}.", "Breven", "/brev", Right.RUN)
    unplaced = sum(row.outcome is Outcome.UNIDENTIFIED for row in result.tables.manifest)
    if unplaced:
        files = swedish.counted(unplaced, "fil", "filer")
        yield task(
            f"Ta reda på vad som ska göras med {files} som inte går att knyta till en nämnd och "
            "ett bidrag.",
            "Filerna",
            f"{own}#filer",
            Right.RUN,
        )
    has_ended = standing.as_of > grant.spend_to_on
    if has_ended and standing.review is None:
        yield task("Gör slutredovisningen.", "Räkna", f"{own}#rakna", Right.RUN)
    if standing.flagged and not has_ended:
        names = swedish.listing(board.name for board in standing.flagged)
        yield task(
            f"Kontakta nu om medel som riskerar att bli oanvända: {names}.",
            "Nämnderna",
            f"{own}#namnder",
            Right.RUN,
        )
    if standing.proposal:
        saved = swedish.kr(standing.proposal.saved_sek)
        yield task(
            "Pröva förslaget till omfördelning mellan nämnder, som väntas minska återbetalningen "
            f"med {saved}.",
            "Förslaget",
            f"/ut/{result.place}/omfordelning.html",
            Right.RUN,
        )
    yield from _of_report(standing, person)


def _of_report(standing: Standing, person: Person) -> Iterator[ToDo]:
    """What waits to be done with the final report, and with what is owed by it."""
    grant, review = standing.grant, standing.review
    own = f"/bidrag/{grant.grant_id}"
    if review is None:
        return
    if review.state in _REPORT_STEPS:
        words, button, right = _REPORT_STEPS[review.state]
        path = f"{own}/slutrapport"
        yield ToDo(words, button, path, grant.short_name, person.may(right))
        return
    for owing, words in (
        (standing.unclaimed, "Ställ krav på"),
        (standing.unpaid, "Bevaka betalning från"),
    ):
        if owing:
            names = swedish.listing(board.name for board in owing)
            yield ToDo(
                f"{words} {names}.",
                "Reskontran",
                f"{own}/reskontra",
                grant.short_name,
                person.may(Right.BOOK),
            )
    if review.state is ReportState.FILED and not standing.owes_nothing:
        yield ToDo(
            "Betala tillbaka till myndigheten, och bokför det.",
            "Reskontran",
            f"{own}/reskontra",
            grant.short_name,
            person.may(Right.BOOK),
        )
