"""The nouns of what is decided: a grant with its terms, allocations and deadlines. Money is
`Decimal` kronor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from .asked_questions import AskedQuestion, PercentRounding, QuestionRow, question_rows
from .conditions import FlagLimits, SeparateAccounts
from .grant_words import WORDS, GrantorKind, GrantWords
from .levels import BOARD_LEVEL, Level
from .measures import AskedRow, Measure, Posts, asked_rows
from .organisation import AgencyReport
from .sources import Source, Year, calendar_years

WHOLE_GRANT = "alla"
"""The component of a grant that has no components of its own."""


# -- the decisions ---------------------------------------------------------------------------------


class LiabilityBasis(StrEnum):
    """How the city's repayment is reckoned (contract 4)."""

    PER_BOARD = "namnd"
    WHOLE_CITY = "kommun"


LIABILITY_BASIS: Mapping[LiabilityBasis, str] = {
    LiabilityBasis.PER_BOARD: "per nämnd",
    LiabilityBasis.WHOLE_CITY: "för kommunen som helhet",
}


@dataclass(frozen=True)
class Term:
    """One term of a grant as it is printed: Swedish label, value in words, and its source."""

    label: str
    value: str
    source: Source
    key: str = ""
    """Its key in the grant file; empty for what is no term of it, such as a decision."""


@dataclass(frozen=True)
class Allocation:
    """What one decision gives one board for one component, in kronor."""

    board_id: str
    component_id: str
    amount_sek: Decimal
    ends: tuple[str, ...] = ()
    """The boards that became this one: what was decided for them for the component ends here
    (contract 2)."""


class CarryOver(StrEnum):
    """What of a year's unused money goes over to the next (contract 7)."""

    NOTHING = "inget"
    ALL = "allt"
    SHARE = "andel"


@dataclass(frozen=True)
class Decision:
    """A decision on allocations; from its day it replaces earlier amounts of its year for the
    boards and components it names."""

    decision_id: str
    decided_on: date
    decided_by: str
    source: Source
    allocations: tuple[Allocation, ...]
    year: Year | None = None
    """None: the amounts are for the whole grant."""


@dataclass(frozen=True)
class InterimReport:
    """A report while the grant is still in use (delrapport): it is reviewed, attested and filed as
    a final one is, and nothing is claimed by it."""

    report_id: str
    name: str
    on: date
    """The last day that it covers."""
    recipients: tuple[str, ...]
    informed: tuple[str, ...]
    """Who gets it for their information (för kännedom)."""
    due_on: date | None
    source: Source


@dataclass(frozen=True)
class Component:
    """A part of a grant with its own money, and the areas whose spending belongs to it."""

    component_id: str
    name: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Pledge:
    """What a decision promises (åtagande): how many boards are to work in some area."""

    pledge_id: str
    areas: tuple[str, ...]
    """Any of them will do."""
    board_count: int
    sentence: str
    """As the document has it."""


@dataclass(frozen=True)
class Waiver:
    """An exception from a rule (undantag), decided by somebody with a reason; it turns the finding
    into a note."""

    rule_id: str
    board_id: str
    reason: str
    decided_by: str
    decided_on: date
    until_on: date
    file: str | None = None
    cell: str | None = None


@dataclass(frozen=True)
class Interest:
    """The interest that a grant's terms state on a claim from the day after its due date; rates in
    percent a year.

    One of the two rates is None. Simple interest: never interest on interest.
    """

    rate_percent: Decimal | None
    """The rate, where the terms state one."""
    margin_percent: Decimal | None
    """What 6 § räntelagen adds to the reference rate, where the terms point to that law."""
    days_per_year: int
    source: Source


DeadlineKind = Literal[
    "quarterly_return",
    "last_use",
    "final_return",
    "internal_review",
    "committee",
    "agency",
    "repayment",
    "interim_report",
]
"""What has a deadline in the life of a grant, in the order that they come."""


REMIND_BEFORE = (10, 3)
"""When reminders go out where a grant file says nothing of it, in working days."""


@dataclass(frozen=True)
class Due:
    """When something is due, as the grant file states it: a day, a count of working days, or no
    more than words."""

    words: str
    source: Source
    on: date | None = None
    working_days: int | None = None
    """Of a quarterly return, after the quarter's end; of the internal review, before what it
    prepares."""


@dataclass(frozen=True)
class Grant:
    """A statsbidrag with its terms as they stand on the run's as-of date."""

    grant_id: str
    name: str
    short_name: str
    report: AgencyReport
    grantor: str
    grantor_short: str
    total_sek: Decimal | None
    """None: nobody knows it, and then no board's part is known either. Costs and results are
    followed all the same."""
    spend_from_on: date
    spend_to_on: date
    areas: tuple[str, ...]
    unpaid_areas: tuple[str, ...]
    target_areas: tuple[str, ...]
    cost_kinds: tuple[str, ...]
    unpaid_cost_kinds: tuple[str, ...]
    not_for: tuple[str, ...]
    repayment_grounds: tuple[str, ...]
    components: tuple[Component, ...]
    is_earmarked: bool
    liability_basis: LiabilityBasis
    board_deadline_on: date | None
    board_deadline_words: str
    agency_deadline_on: date | None
    agency_deadline_words: str
    city_ref: str | None
    agency_ref: str | None
    limits: FlagLimits
    decisions: tuple[Decision, ...]
    waivers: tuple[Waiver, ...]
    terms: tuple[Term, ...]
    file: str
    sha256: str
    interest: Interest | None = None
    """None: the terms state no interest, so none is reckoned."""
    due: Mapping[DeadlineKind, Due] = field(default_factory=dict)
    """What the grant file states of each deadline; the city's own that it leaves out are not
    here."""
    remind_before: tuple[int, ...] = REMIND_BEFORE
    """How many working days before a deadline reminders go out, the first reminder first."""
    least_shown_count: int = 0
    """The smallest count of persons, but for 0, that the public may see; 0 when the terms say
    nothing of it."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Area -> what the city itself says of it in the report to the agency, in as many lines as it
    was written."""
    pledges: tuple[Pledge, ...] = ()
    interim_reports: tuple[InterimReport, ...] = ()
    separate_accounts: SeparateAccounts | None = None
    """None: nothing is said of how the grant's costs are known in the accounts."""
    contact: str | None = None
    """Who at the city answers the agency's questions; None where the file names nobody."""
    carry_over: CarryOver | None = None
    """None where no rule is stated."""
    carry_share: Decimal | None = None
    """Of a year's allocation, the most that goes over to the next, where the rule is a share."""
    grantor_kind: GrantorKind = GrantorKind.AGENCY
    is_draft: bool = False
    """Whether nobody has gone through the grant file yet: no run takes it."""
    measures: tuple[Measure, ...] = ()
    """What boards are asked to count for each year (mått); none: they are asked for no counts."""
    posts: Posts | None = None
    """None where the terms say nothing of posts, or that it is unknown."""
    level: Level = BOARD_LEVEL
    """The level of those who are given the money (mottagarnivå)."""
    questions: tuple[AskedQuestion, ...] = ()
    """What each recipient is asked about itself for each year (frågor); none: nothing is asked."""
    percent_rounding: PercentRounding = PercentRounding.NEAREST
    """How the shares of answers become whole per cent."""

    @property
    def has_amounts(self) -> bool:
        """Whether it is known what was given, so that what is left and owed can be reckoned."""
        return self.total_sek is not None

    @property
    def words(self) -> GrantWords:
        """What its report and its repayment are called."""
        return WORDS[self.grantor_kind]

    def is_decided_on(self, day: date) -> bool:
        """Whether a decision about it is in force on a day: one that gives somebody something,
        where that is known."""
        if self.has_amounts:
            return bool(self.allocations_on(day))
        return any(decision.decided_on <= day for decision in self.decisions)

    @property
    def unsettled(self) -> tuple[Term, ...]:
        """What a person must settle before a report is attested: terms and decisions that are
        unknown or assumed."""
        decided = [
            Term(f"Beslutet {d.decided_on.isoformat()}", d.decided_by, d.source)
            for d in self.decisions
        ]
        return tuple(term for term in (*self.terms, *decided) if term.source.kind != "kalla")

    def term(self, key: str) -> Term | None:
        """A term by its key in the grant file; None where the file doesn't state it."""
        for term in self.terms:
            if term.key == key:
                return term
        return None

    def term_words(self, key: str) -> str:
        """The words of a term by its key, for what has no value of its own; that it is unknown
        where the grant doesn't state it."""
        term = self.term(key)
        return term.value if term else "okänt"

    def interim(self, report_id: str | None) -> InterimReport | None:
        """The interim report with an id; None where the grant names none such."""
        for report in self.interim_reports:
            if report.report_id == report_id:
                return report
        return None

    @property
    def years(self) -> tuple[Year, ...]:
        """The years of the spending period that the decisions are for, in order; none where they
        are for the whole grant."""
        years = set()
        for decision in self.decisions:
            if decision.year is not None and decision.year.from_on <= self.spend_to_on:
                years.add(decision.year)
        return tuple(sorted(years, key=lambda year: year.from_on))

    @property
    def measured_years(self) -> tuple[Year, ...]:
        """The years that measures are counted for: those of the decisions, else the calendar years
        of the spending period."""
        return self.years or calendar_years(self.spend_from_on, self.spend_to_on)

    def asked_rows(self, period_end: date) -> tuple[AskedRow, ...]:
        """The rows of measures that boards are asked for up to a period's end, in order."""
        return asked_rows(self.measures, self.measured_years, period_end)

    def question_rows(self, period_end: date) -> tuple[QuestionRow, ...]:
        """The questions that are asked up to a period's end, in order; they are answered for the
        years that measures are counted for."""
        return question_rows(self.questions, self.measured_years, period_end)

    @property
    def carry_over_words(self) -> str:
        """What of a year's money may be used the next, as the terms say it."""
        return self.term_words("overforing_till_nasta_ar")

    def allocations_on(
        self, as_of: date, year: Year | None = None
    ) -> dict[tuple[str, str], Decimal]:
        """Kronor per (board, component) by the decisions in force on a day, of one year or of all
        together; empty before the first.

        The boards are those that the decisions name. What was decided for a board that has become
        another one stays with it until a decision names the successor for the same year.
        """
        by_year: dict[tuple[str, str, Year | None], Decimal] = {}
        for decision in self.decisions:
            if decision.decided_on > as_of:
                continue
            for allocation in decision.allocations:
                component_id = allocation.component_id
                place = (allocation.board_id, component_id, decision.year)
                by_year[place] = allocation.amount_sek
                for ended in allocation.ends:
                    by_year.pop((ended, component_id, decision.year), None)
        amounts: dict[tuple[str, str], Decimal] = {}
        for (board_id, component_id, of_year), sek in by_year.items():
            if year in {None, of_year}:
                before = amounts.get((board_id, component_id), Decimal(0))
                amounts[board_id, component_id] = before + sek
        return amounts

    def named_on(self, as_of: date) -> frozenset[str]:
        """The boards that some decision up to a day has given money, whether or not it is theirs
        still."""
        decided = (decision for decision in self.decisions if decision.decided_on <= as_of)
        return frozenset(
            allocation.board_id for decision in decided for allocation in decision.allocations
        )

    def allocated_on(self, board_id: str, as_of: date, year: Year | None = None) -> Decimal:
        """What the decisions in force on a day give a board by its own name, for one year or for
        all together, in kronor over all components."""
        return self.allocated_by_board(as_of, year).get(board_id, Decimal(0))

    def allocated_by_board(self, as_of: date, year: Year | None = None) -> dict[str, Decimal]:
        """What `allocated_on` has for each board that the decisions name."""
        by_board: dict[str, Decimal] = {}
        for (board_id, _), sek in self.allocations_on(as_of, year).items():
            by_board[board_id] = by_board.get(board_id, Decimal(0)) + sek
        return by_board


# -- the run ---------------------------------------------------------------------------------------
