"""The user's own names, and agencies' reports, from their files into nouns."""

from ..model.organisation import AgencyReport, Organisation, Question
from .declaration import OrganisationFile, ReportFile


def organisation_of(parsed: OrganisationFile) -> Organisation:
    """What the city and its parts are called."""
    return Organisation(
        name=parsed.namn,
        department=parsed.forvaltning,
        committee=parsed.namnd,
        director=parsed.direktor,
        website=parsed.webbplats,
        contact=parsed.kontakt,
        handed_in_at=parsed.lamnas_in,
    )


def report_of(report_id: str, parsed: ReportFile) -> AgencyReport:
    """What an agency asks for."""
    questions = tuple(Question(one.fraga, one.svar) for one in parsed.fraga)
    return AgencyReport(report_id, tuple(parsed.avsnitt), parsed.insatser, questions)
