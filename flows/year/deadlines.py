"""The deadlines of a grant: their days, whose they are, whether they are met and what is at risk.

A stated day never moves: the sentence of lagen (1930:173) on the next weekday is about time by law,
and a grant's terms are a decision. What is counted in working days is.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

from ..base import swedish
from ..base.working_days import after, before, last_working_day, working_days_left
from ..model.boards import Unit
from ..model.case import ReportState, Review
from ..model.codes import ReturnStatus
from ..model.decisions import CarryOver, DeadlineKind, Due, Grant, InterimReport
from ..model.rulebook import Rulebook
from ..model.sources import Source, Year
from ..model.year import Deadline, DeadlineState, ReturnDays
from ..money.results import GrantResult
from ..money.tables import BoardMoney

RETURNS: tuple[DeadlineKind, ...] = ("quarterly_return", "final_return")
"""The deadlines that are the boards'."""

_SENTENCES: Mapping[DeadlineKind, tuple[str, str, str]] = {
    "quarterly_return": (
        "Nämnderna redovisar till och med {period}",
        "Nämnderna",
        "Medel som inte är redovisade räknas inte som använda.",
    ),
    "last_use": (
        "Sista dag att använda medlen",
        "Nämnderna",
        "Det som inte är använt den dagen ska {words.be_repaid}.",
    ),
    "final_return": (
        "Nämnderna slutredovisar",
        "Nämnderna",
        "Medel som inte är redovisade kan behöva {words.be_repaid}.",
    ),
    "internal_review": (
        "{words.the_report} ska vara granskad",
        "{department}",
        "Utan granskning kommer {words.the_report} inte i väg i tid.",
    ),
    "committee": (
        "{committee} tar upp {words.the_report}",
        "{committee}",
        "Utan beslut kommer {words.the_report} inte i väg i tid.",
    ),
    "agency": (
        "{words.report} till {agency}",
        "{department}",
        "Utan {words.report} i tid kan {agency} kräva tillbaka {words.the_money}.",
    ),
    "repayment": (
        "{words.repayment} till {agency}",
        "{department}",
        "Det som inte är betalt i tid är ett förfallet krav.",
    ),
    "interim_report": (
        "{report} till {recipients}",
        "{department}",
        "Delrapporten kommer för sent till {recipients}.",
    ),
}
"""What is to be done, whose it is, and what happens otherwise."""

_IS_IN = {ReturnStatus.ACCEPTED, ReturnStatus.ACCEPTED_WITH_WARNINGS}
"""The standings of a return that counts, for the period that is asked about."""
_DONE_WHEN: Mapping[DeadlineKind, ReportState] = {
    "quarterly_return": ReportState.FILED,
    "final_return": ReportState.FILED,
    "internal_review": ReportState.REVIEWED,
    "committee": ReportState.ATTESTED,
    "agency": ReportState.FILED,
    "repayment": ReportState.REPAID,
}
"""How far the final report has come when there is no more to do."""
_AFTER_REVIEW: tuple[DeadlineKind, ...] = ("committee", "agency")
"""Where the final report goes when it has been reviewed."""


def deadlines_of(
    rulebook: Rulebook,
    grant: Grant,
    as_of: date,
    result: GrantResult | None = None,
    review: Review | None = None,
    filed: Collection[str] = (),
) -> list[Deadline]:
    """Every deadline of a grant as of a day, the first day first and those without a day last.

    `result` is the grant's latest reconciliation, `review` how far its final report has come, None
    before the first, and `filed` the ids of the interim reports that are filed: they tell what is
    done and how much money is at risk.
    """
    case = DeadlineCase(rulebook, grant, as_of, result, review)
    deadlines: list[Deadline] = []
    for kind, due in grant.due.items():
        deadlines += case.deadlines(kind, due)
    for report in grant.interim_reports:
        if report.due_on:
            deadlines.append(case.of_report(report, report.due_on, report.report_id in filed))
    kinds = get_args(DeadlineKind)
    return sorted(deadlines, key=lambda d: (d.on or date.max, kinds.index(d.kind)))


def return_day(rulebook: Rulebook, grant: Grant, as_of: date, period_end: date) -> Deadline | None:
    """The deadline by which the boards return a period; None when the terms know none for it."""
    for deadline in deadlines_of(rulebook, grant, as_of):
        if deadline.kind in RETURNS and deadline.period_end == period_end and deadline.on:
            return deadline
    return None


def return_days(rulebook: Rulebook, result: GrantResult) -> ReturnDays:
    """By when the boards return the period of a result, and put right what is wrong."""
    if result.report:
        by = _in_time_for(result.report, result.as_of)
        return ReturnDays(by, by)
    due = return_day(rulebook, result.grant, result.as_of, result.period_end)
    returns_by = f"senast {due.words}" if due else result.grant.board_deadline_words
    return ReturnDays(returns_by, answer_by(rulebook, result))


def _in_time_for(report: InterimReport, as_of: date) -> str:
    """By when a board is in time for an interim report, in words that go on from "skicka in"."""
    if report.due_on is None:
        return "så snart ni kan"
    if report.due_on < as_of:
        return "så snart ni kan, eftersom fristen har gått ut"
    day = f"{swedish.weekday(report.due_on)} {swedish.long_date(report.due_on)}"
    return f"så snart ni kan, eftersom delrapporten ska lämnas senast {day}"


def answer_by(rulebook: Rulebook, result: GrantResult) -> str:
    """By when a board must put its return right, in words that go on from "skicka in".

    That is the day of the period's return, or when it has passed the next that the city itself has
    to keep: its own review, or the report to the agency.
    """
    has_passed = False
    for deadline in deadlines_of(rulebook, result.grant, result.as_of, result, result.review):
        is_of_period = deadline.kind in RETURNS and deadline.period_end == result.period_end
        is_of_report = deadline.kind in {"internal_review", "agency"}
        if deadline.on is None or not (is_of_period or is_of_report):
            continue
        if deadline.on >= result.as_of and not deadline.is_closed:
            return f"senast {deadline.words}"
        has_passed = True
    if has_passed:
        return "så snart ni kan, eftersom fristen har gått ut"
    return "så snart ni kan"


def periods(grant: Grant) -> list[date]:
    """The last day of each period that the boards return: the quarters' ends, at last the grant's.

    A quarter that ended before anything was decided is nobody's to return.
    """
    decided_on = min((d.decided_on for d in grant.decisions), default=grant.spend_to_on)
    first = max(decided_on, grant.spend_from_on)
    ends = []
    for year in range(grant.spend_from_on.year, grant.spend_to_on.year + 1):
        for month in (3, 6, 9, 12):
            first_of_next = date(year + month // 12, month % 12 + 1, 1)
            end = first_of_next - timedelta(days=1)
            if first <= end < grant.spend_to_on:
                ends.append(end)
    return [*ends, grant.spend_to_on]


class DeadlineCase:
    """A grant as of a day, with what is known of its returns and its report."""

    def __init__(
        self,
        rulebook: Rulebook,
        grant: Grant,
        as_of: date,
        result: GrantResult | None,
        review: Review | None,
    ) -> None:
        self.rulebook = rulebook
        self.grant = grant
        self.as_of = as_of
        self.result = result
        self.review = review
        self.boards: Mapping[str, BoardMoney] = {}
        if result:
            self.boards = {b.board_id: b for b in result.tables.board}

    def units(self, period_end: date) -> dict[str, Unit]:
        """The units that answer for a period, with what they have by the decisions in force on the
        as-of date."""
        if not self.grant.has_amounts:
            return {}  # nobody knows who is to return anything
        return self.rulebook.units(self.grant, self.as_of, period_end)

    def seen_sek(self, period_end: date) -> dict[str, Decimal]:
        """What the latest result has counted of each unit, under whatever boards it was then;
        nothing while it is held."""
        seen: dict[str, Decimal] = {}
        for board_id, row in self.boards.items():
            unit_id = self.rulebook.unit_of(board_id, self.grant, self.as_of, period_end)
            seen[unit_id] = seen.get(unit_id, Decimal(0)) + (row.eligible_sek or Decimal(0))
        return seen

    def deadlines(self, kind: DeadlineKind, due: Due) -> Iterator[Deadline]:
        """The deadlines of one kind: one for each period of the quarterly returns, and for each
        year whose money lapses; otherwise one."""
        if kind == "quarterly_return" and due.working_days:
            ends = periods(self.grant)
            if "final_return" in self.grant.due and self.grant.due["final_return"].on:
                ends = ends[:-1]  # the final return is the last one
            for end in ends:
                yield self.deadline(kind, due, after(end, due.working_days), end)
        elif kind == "internal_review" and due.working_days:
            first = self._first_after_review()
            on = before(first, due.working_days) if first else None
            yield self.deadline(kind, due, on, None)
        elif kind == "last_use":
            yield from self._last_days(due)
        elif kind == "final_return":
            yield self.deadline(kind, due, due.on, self.grant.spend_to_on)
        else:
            yield self.deadline(kind, due, due.on, None)

    def _last_days(self, due: Due) -> Iterator[Deadline]:
        """The last day to use the money: of each year of which something lapses, and of all."""
        if self.grant.carry_over is not CarryOver.ALL:
            for year in self.grant.years[:-1]:
                yield self.of_year(year, due)
        yield self.deadline("last_use", due, due.on, None)

    def of_year(self, year: Year, due: Due) -> Deadline:
        """The last day to use the money of a year of which something lapses then."""
        deadline = self.deadline("last_use", due, year.to_on, None)
        left_sek = Decimal(0)
        for row in self.result.tables.board_year if self.result else ():
            if row.component_id is None and row.to_on == year.to_on:
                has_sek = row.allocated_sek + (row.carried_in_sek or Decimal(0))
                left_sek += max(Decimal(0), has_sek - (row.eligible_sek or Decimal(0)))
        if self.result is None:
            left_sek = sum(self.grant.allocations_on(self.as_of, year).values(), Decimal(0))
        rule, be_repaid = self.grant.carry_over_words, self.grant.words.be_repaid
        return replace(
            deadline,
            label=f"Sista dag att använda medlen för {year.words}",
            consequence=f"Överföring till nästa år: {rule}. Resten ska {be_repaid}.",
            at_risk_sek=left_sek if deadline.standing == "open" else Decimal(0),
            period_end=year.to_on,
        )

    def of_report(self, report: InterimReport, on: date, is_filed: bool) -> Deadline:
        """When an interim report is to be filed. Nothing can be claimed for its being late."""
        names = self._names(None)
        names |= {"report": report.name, "recipients": swedish.listing(report.recipients)}
        standing: DeadlineState = "done" if is_filed else "open"
        made = self._said("interim_report", names, on, "", report.source, standing)
        return replace(made, at_risk_sek=Decimal(0), report_id=report.report_id)

    def _first_after_review(self) -> date | None:
        """The first known day on which the report goes on, to the committee or the agency."""
        days = []
        for kind in _AFTER_REVIEW:
            if kind in self.grant.due and (day := self.grant.due[kind].on):
                days.append(day)
        return min(days, default=None)

    def deadline(
        self, kind: DeadlineKind, due: Due, on: date | None, period_end: date | None
    ) -> Deadline:
        """One deadline as it stands."""
        standing = self.standing(kind, on, period_end)
        words = due.words
        if kind == "internal_review" and due.working_days:
            words = f"{due.words} {self.grant.words.the_report}s sista dag, som inte är känd"
        made = self._said(kind, self._names(period_end), on, words, due.source, standing)
        at_risk_sek = self.at_risk_sek(kind, period_end) if standing == "open" else Decimal(0)
        return replace(made, at_risk_sek=at_risk_sek, period_end=period_end)

    def _said(
        self,
        kind: DeadlineKind,
        names: Mapping[str, object],
        on: date | None,
        words: str,
        source: Source,
        standing: DeadlineState,
    ) -> Deadline:
        """A deadline in its sentences, and how far it is away; `words` is what is known of a day
        that isn't."""
        wording = self.rulebook.organisation.wording_of(self.grant.level)
        label, owner, consequence = map(wording.said, _SENTENCES[kind])
        return Deadline(
            grant_id=self.grant.grant_id,
            grant_name=self.grant.short_name,
            kind=kind,
            as_of=self.as_of,
            label=swedish.capital(label.format_map(names)),
            owner=owner.format_map(names),
            on=on,
            words=f"{swedish.weekday(on)} {swedish.long_date(on)}" if on else words,
            source=source,
            at_risk_sek=None,
            consequence=consequence.format_map(names),
            standing=standing,
            working_days_left=working_days_left(self.as_of, on) if on else None,
            last_working_day=last_working_day(on) if on else None,
            remind_on=tuple(before(on, days) for days in self.grant.remind_before) if on else (),
        )

    def _names(self, period_end: date | None) -> dict[str, object]:
        """What the places in a deadline's sentences are filled with."""
        organisation = self.rulebook.organisation
        committee = organisation.committee
        if self.grant.decisions:
            committee = self.grant.decisions[-1].decided_by
        return {
            "words": self.grant.words,
            "agency": self.grant.grantor_short,
            "committee": committee,
            "department": organisation.department,
            "period": swedish.long_date(period_end) if period_end else "kvartalets slut",
        }

    def unreported(self, kind: DeadlineKind, period_end: date) -> dict[str, Decimal]:
        """The boards whose return for a period is not in or does not count, with the kronor that it
        leaves unseen.

        In a quarter that is what an earlier return has not told of; in the end all that the board
        was given.
        """
        covered = self.result.period_end if self.result else date.min
        seen_sek = self.seen_sek(period_end)
        unseen: dict[str, Decimal] = {}
        for board_id, unit in self.units(period_end).items():
            allocated_sek = unit.allocated_sek
            row = self.boards.get(board_id)
            is_in = row is not None and row.return_status in _IS_IN
            is_seen = covered > period_end or (covered == period_end and is_in)
            if not allocated_sek or is_seen:
                continue
            unseen[board_id] = allocated_sek
            if kind == "quarterly_return":
                left_sek = allocated_sek - seen_sek.get(board_id, Decimal(0))
                unseen[board_id] = min(allocated_sek, max(Decimal(0), left_sek))
        return unseen

    def standing(
        self, kind: DeadlineKind, on: date | None, period_end: date | None
    ) -> DeadlineState:
        """Whether there is still something to do about it."""
        if kind == "last_use":
            return "passed" if on and on < self.as_of else "open"
        if period_end and any(period_end < end <= self.as_of for end in periods(self.grant)):
            # A return lists all since the grant's start, so the next one covers this one
            return "passed"
        if kind in RETURNS and period_end and self._are_all_in(kind, period_end):
            return "done"
        return "done" if self.review and self.is_done(kind, self.review) else "open"

    def _are_all_in(self, kind: DeadlineKind, period_end: date) -> bool:
        """Whether somebody answers for the period, and everybody who does has returned it."""
        return bool(self.units(period_end)) and not self.unreported(kind, period_end)

    def is_done(self, kind: DeadlineKind, review: Review) -> bool:
        """Whether the final report has come so far that it is done."""
        states = list(ReportState)
        # A second version is a correction of what has been filed.
        least = ReportState.FILED if review.version > 1 else ReportState.DRAFT
        reached = max(states.index(review.state), states.index(least))
        owes = self.result is None or bool(self.result.city.at_risk_sek)
        wanted = _DONE_WHEN[kind]
        if kind == "repayment" and not owes:
            wanted = ReportState.FILED
        return reached >= states.index(wanted)

    def at_risk_sek(self, kind: DeadlineKind, period_end: date | None) -> Decimal | None:
        """Kronor that may have to be paid back if this one is missed; None where the grant's amount
        is unknown."""
        total_sek = self.grant.total_sek
        if total_sek is None:
            return None
        if kind in RETURNS:
            if period_end is None:
                return total_sek
            return sum(self.unreported(kind, period_end).values(), Decimal(0))
        if self.result is None or kind not in {"last_use", "repayment"}:
            return total_sek
        city = self.result.city
        if kind == "repayment":
            return city.at_risk_sek
        unused_sek = total_sek - city.eligible_sek
        return min(total_sek, max(Decimal(0), unused_sek))
