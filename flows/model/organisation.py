"""The user's own organisation, and the reports that agencies ask it for."""

from dataclasses import dataclass, replace
from enum import StrEnum

from .levels import PLAIN, Level, Wording


@dataclass(frozen=True)
class Organisation:
    """What the city and its parts are called, in reports, letters and workbooks."""

    name: str
    """The city or municipality that the grants are given to."""
    department: str
    """The one that divides the grants among the boards and reports to the agency."""
    committee: str
    """The board that the department works for, and that the other boards repay to."""
    director: str
    """The title of the department's head."""
    website: str
    """The city's website, at the foot of a paper to the committee."""
    contact: str | None = None
    """Who answers the boards' questions, as their workbooks say; None: whoever sent the
    workbook."""
    handed_in_at: str | None = None
    """Where the boards hand in their workbooks; None: where they were told."""
    wording: Wording = PLAIN
    """What it and those that answer to it are called in the house's own sentences."""

    def wording_of(self, level: Level) -> Wording:
        """What it and those on a level that answer to it are called in the house's own
        sentences."""
        return replace(self.wording, recipient=level.words)

    @property
    def sender(self) -> str:
        """Who sends a report: the city, and its department."""
        return f"{self.name}, {self.department}"

    @property
    def signature(self) -> str:
        """Who has written a letter to a board: the department, and its city."""
        return f"{self.department}, {self.name}"


class Section(StrEnum):
    """A section of an återrapport that an agency may ask for, named as its place in the page."""

    ANSWERS = "svar"
    ECONOMY = "ekonomi"
    INELIGIBLE = "inte-berattigat"
    REPAYMENT = "aterbetalning"
    ACTIVITIES = "insatser"
    GENDER = "kon"
    REASONS = "orsaker"
    FORECAST = "prognos"
    MEASURES = "matt"
    POSTS = "tjanster"
    RESPONSE = "svarsfrekvens"
    LEVELS = "nivaer"
    COVERAGE = "tackning"
    EXCEPTIONS = "avvikelser"
    QUESTIONS = "fragor"


class Answer(StrEnum):
    """What answers a question of an agency's web form."""

    GRANT = "bidraget"
    CONTACT = "kontaktperson"
    AMOUNTS = "belopp"
    ACTIVITIES = "aktiviteter"
    RESULTS = "resultat"
    GENDER = "kon"
    REASONS = "orsaker"


@dataclass(frozen=True)
class Question:
    """A question of an agency's web form, in its own words, and what answers it."""

    text: str
    answer: Answer


@dataclass(frozen=True)
class AgencyReport:
    """What an agency asks for: the sections of its report in their order, and its form's
    questions."""

    report_id: str
    sections: tuple[Section, ...]
    activities_heading: str
    questions: tuple[Question, ...]
    title: str | None = None
    """What stands above the final report, where it is not what every agency's is called."""
