"""The user's own names, and agencies' reports, from their files into nouns."""

from collections.abc import Mapping

from ..model.levels import AGENCY_LEVEL, BOARD_LEVEL, CITY_LEVEL, Level, LevelWords, Wording
from ..model.organisation import AgencyReport, Organisation, Question
from .data_names import ORGANISATION
from .declaration import OrganisationFile, ReportFile
from .recipients import level_named


def organisation_of(parsed: OrganisationFile, levels: Mapping[str, Level]) -> Organisation:
    """What the user's organisation and its parts are called. Raises InputError for a level that
    there isn't."""

    def words_of(key: str, stated: str | None, else_: Level) -> LevelWords:
        where = f"{ORGANISATION}, nyckeln {key}"
        return level_named(levels, stated or else_.level_id, where).words

    wording = Wording(
        giver=words_of("niva", parsed.niva, CITY_LEVEL),
        recipient=words_of("mottagarniva", parsed.mottagarniva, BOARD_LEVEL),
        grantor=words_of("givarniva", parsed.givarniva, AGENCY_LEVEL),
    )
    return Organisation(
        name=parsed.namn,
        department=parsed.forvaltning,
        committee=parsed.namnd,
        director=parsed.direktor,
        website=parsed.webbplats,
        contact=parsed.kontakt,
        handed_in_at=parsed.lamnas_in,
        wording=wording,
    )


def report_of(report_id: str, parsed: ReportFile) -> AgencyReport:
    """What an agency asks for."""
    questions = tuple(Question(one.fraga, one.svar) for one in parsed.fraga)
    sections = tuple(parsed.avsnitt)
    return AgencyReport(report_id, sections, parsed.insatser, questions, parsed.titel)
