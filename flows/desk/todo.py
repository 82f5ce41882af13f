"""What waits to be done with a grant, each thing with the page where it is done."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.case import ReportState
from ..model.year import Step, StepKind
from ..year.overview import Standing
from .desk_words import at_the_desk
from .rights import Person, Right


@dataclass(frozen=True)
class ToDo:
    """Something that waits to be done: what, and where it is done."""

    words: str
    button: str
    path: str
    """Where it is done; empty for what is done nowhere."""
    grant: str
    """What people call the grant that it is about."""
    can_be_done: bool
    """Whether whoever reads it may do it; else it is somebody else's."""


@dataclass(frozen=True)
class _Place:
    """Where something is done: the button that leads there, the address, and the right it takes."""

    button: str
    path: str
    right: Right


_PLACES: Mapping[StepKind, _Place] = {
    StepKind.RECONCILE: _Place("Räkna", "/bidrag/{grant}#rakna", Right.RUN),
    StepKind.ANSWER_BOARDS: _Place("Breven", "/brev", Right.RUN),
    StepKind.PLACE_FILES: _Place("Filerna", "/bidrag/{grant}#filer", Right.RUN),
    StepKind.MAKE_FINAL: _Place("Räkna", "/bidrag/{grant}#rakna", Right.RUN),
    StepKind.CONTACT: _Place("Nämnderna", "/bidrag/{grant}#namnder", Right.RUN),
    StepKind.REDISTRIBUTE: _Place("Förslaget", "/ut/{place}/omfordelning.html", Right.RUN),
    StepKind.SETTLE: _Place("Klara ut", "/bidrag/{grant}/klara-ut", Right.SETTLE),
    StepKind.DEBTS: _Place("Reskontran", "/bidrag/{grant}/reskontra", Right.BOOK),
}
_OF_REPORT: Mapping[ReportState, _Place] = {
    ReportState.DRAFT: _Place("Granska", "/bidrag/{grant}/slutrapport", Right.REVIEW),
    ReportState.REVIEWED: _Place("Attestera", "/bidrag/{grant}/slutrapport", Right.ATTEST),
    ReportState.ATTESTED: _Place("Lämna in", "/bidrag/{grant}/slutrapport", Right.FILE),
    ReportState.FILED: _PLACES[StepKind.DEBTS],
}


def todo(standing: Standing, person: Person) -> list[ToDo]:
    """What waits to be done with a grant, the first thing first."""
    return [_todo(step, standing, person) for step in standing.next_steps]


def _todo(step: Step, standing: Standing, person: Person) -> ToDo:
    grant = standing.grant
    words = at_the_desk(step.sentence)
    place = _PLACES.get(step.kind)
    if step.kind is StepKind.REPORT and standing.review is not None:
        place = _OF_REPORT.get(standing.review.state)
    if place is None:
        return ToDo(words, "", "", grant.short_name, can_be_done=False)
    written = standing.result.place if standing.result else ""
    path = place.path.format(grant=grant.grant_id, place=written)
    return ToDo(words, place.button, path, grant.short_name, person.may(place.right))
