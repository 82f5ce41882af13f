"""Where every grant stands, the most money at risk first: the rows of `statsbidrag status` and of
index.html."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ..base import name_lists, swedish
from ..documents import record
from ..model.case import ReportState, Review, next_step
from ..model.codes import Flag, Outcome, ReturnStatus
from ..model.decisions import Grant
from ..model.year import Deadline, Step, StepKind
from ..money import redistribution
from ..money.ledger_tables import NamedAccount
from ..money.results import GrantResult
from ..money.shapes import known
from ..money.tables import BoardMoney, City

_STEP_FOR = {
    ReturnStatus.MISSING: "Påminn om redovisning",
    ReturnStatus.HELD: "Skicka återkoppling och begär rättelse",
    ReturnStatus.OUTDATED: "Begär in den senaste perioden",
}
"""The standings of a return that somebody must do something about, in this order, and what."""


@dataclass(frozen=True)
class Room:
    """Something that has been written under the out folder: where it is and what it is."""

    place: str
    words: str


@dataclass(frozen=True)
class Owing:
    """What a board has to pay the committee, in kronor: claimed, or only computed as long as no
    claim is made."""

    name: str
    amount_sek: Decimal


@dataclass(frozen=True)
class Standing:
    """A grant as of a day: its latest reconciliation, when there is one, and how far its final
    report has come."""

    grant: Grant
    as_of: date
    result: GrantResult | None
    review: Review | None
    deadlines: tuple[Deadline, ...] = ()
    """Every deadline of the grant as it stands on the day, the first day first."""
    accounts: Sequence[NamedAccount] | None = ()
    """The accounts of its repayment ledger, as `ledger.accounts` has them.

    Empty before a report has been filed; None when they can't be reckoned.
    """
    rooms: tuple[Room, ...] = ()
    """What has been written about it beside the latest report."""
    interim: Mapping[str, ReportState] = field(default_factory=dict)
    """How far each of its interim reports that are made has come, by its id."""

    @property
    def city(self) -> City | None:
        """The city's figures by the latest reconciliation."""
        return self.result.city if self.result else None

    @property
    def boards(self) -> Sequence[BoardMoney]:
        """Each board's figures by the latest reconciliation, in the order of a Swedish list."""
        if self.result is None:
            return ()
        return sorted(self.result.tables.board, key=lambda board: swedish.order(board.name))

    def boards_that_are(self, status: ReturnStatus) -> list[BoardMoney]:
        """The boards whose return stands so."""
        return [board for board in self.boards if board.return_status == status]

    @property
    def counted(self) -> int:
        """How many boards have a return that counts."""
        uncounted = {ReturnStatus.MISSING, ReturnStatus.HELD}
        return sum(board.return_status not in uncounted for board in self.boards)

    @property
    def sent_in(self) -> list[BoardMoney]:
        """The boards that something has come from, whether it counts or not."""
        return [b for b in self.boards if b.return_status is not ReturnStatus.MISSING]

    @property
    def flagged(self) -> list[BoardMoney]:
        """The boards whose money is about to be left unspent and that somebody can still talk
        to."""
        return [board for board in self.sent_in if board.flag is Flag.ACT]

    @property
    def is_closed(self) -> bool:
        """Nothing is at risk any longer: the report is filed and what was owed is paid."""
        return self.review is not None and self.review.state is ReportState.REPAID

    @property
    def at_risk_sek(self) -> Decimal | None:
        """What must be paid back if nothing more is sent in or put right; all of it before any
        reconciliation, None where the grant's amount is unknown."""
        if self.is_closed:
            return Decimal(0)
        return self.city.at_risk_sek if self.city else self.grant.total_sek

    @property
    def is_at_risk(self) -> bool:
        """Whether any money is."""
        return bool(self.at_risk_sek)

    @property
    def projected_unspent_sek(self) -> Decimal | None:
        """What the boards expect to leave unspent, of those of which it is known; None when it is
        of none.

        After the last day of use it is what they have not reported, with or without a forecast.
        """
        projected = [board.projected_unspent_sek for board in self.boards]
        known_sek = [sek for sek in projected if sek is not None]
        return sum(known_sek, Decimal(0)) if known_sek else None

    @property
    def unspent_words(self) -> tuple[str, str]:
        """What `projected_unspent_sek` is, and by whom it is said."""
        called = self.grant.level.words
        if self.result and not self.result.can_use_more:
            return "Oanvänt", f"av det {called.the_many} har fått"
        if self.projected_unspent_sek is None:
            return "Väntas bli oanvänt", f"ingen {called.one} har lämnat prognos"
        return "Väntas bli oanvänt", f"enligt {called.the_many} själva"

    @property
    def proposal(self) -> redistribution.Proposal | None:
        """How money could be moved between its boards to pay back less, where that would save
        anything."""
        if self.result is None or not self.result.tables.outlook:
            return None
        proposal = redistribution.propose(self.result)
        return proposal if proposal.transfers else None

    @property
    def used_share(self) -> Decimal | None:
        """Eligible spending of the whole grant, four decimals, half up; never below zero. None
        where the grant's amount is unknown."""
        is_unknown = self.city is not None and self.city.total_sek is None
        if self.grant.total_sek is None or is_unknown:
            return None
        used = self.city.eligible_sek if self.city else Decimal(0)
        return _share(max(0, int(used * 100)), int(self.grant.total_sek * 100))

    @property
    def elapsed_share(self) -> Decimal:
        """How much of the spending period has passed on the day, four decimals, half up."""
        days = (self.grant.spend_to_on - self.grant.spend_from_on).days + 1
        gone = (self.as_of - self.grant.spend_from_on).days + 1
        return _share(min(max(gone, 0), days), days)

    @property
    def open_deadlines(self) -> list[Deadline]:
        """What somebody still has to do, the first day first."""
        return [d for d in self.deadlines if not d.is_closed]

    @property
    def closed_deadlines(self) -> list[Deadline]:
        """What is done, or what nobody can do any longer."""
        return [d for d in self.deadlines if d.is_closed]

    @property
    def pressing(self) -> list[Deadline]:
        """Everything that is overdue, and the next day that comes."""
        overdue = [d for d in self.open_deadlines if d.is_overdue]
        coming = [d for d in self.open_deadlines if d.on and not d.is_overdue]
        return [*overdue, *coming[:1]]

    @property
    def days_left(self) -> int | None:
        """Days to the agency's deadline, negative when it has passed; None when no day is known."""
        deadline = self.grant.agency_deadline_on
        return (deadline - self.as_of).days if deadline else None

    @property
    def unclaimed(self) -> list[Owing]:
        """The boards that owe money on which no claim has been made, by the ledger."""
        owing = []
        for account in self.owing_accounts:
            waits_sek = min(known(account.awaiting_sek), known(account.remaining_sek))
            if waits_sek > 0:
                owing.append(Owing(account.name, waits_sek))
        return owing

    @property
    def unpaid(self) -> list[Owing]:
        """The boards that have not paid all that has been claimed of them, by the ledger."""
        owing = []
        for account in self.owing_accounts:
            left_sek = known(account.remaining_sek) - known(account.awaiting_sek)
            if left_sek > 0:
                owing.append(Owing(account.name, left_sek))
        return owing

    @property
    def owing_accounts(self) -> list[NamedAccount]:
        """The accounts of boards with something left to pay."""
        accounts = self.accounts or ()
        return [a for a in accounts if a.board_id and (a.remaining_sek or 0) > 0]

    @property
    def owes_nothing(self) -> bool:
        """Whether the city has nothing left to pay back to the agency by a report that has been
        filed."""
        if self.is_closed:
            return True
        if self.review is None or self.review.state is not ReportState.FILED:
            return False
        cities = [a for a in self.accounts or () if a.board_id is None]
        return any(known(a.remaining_sek) <= 0 and a.interest_remaining_sek <= 0 for a in cities)

    @property
    def steps(self) -> list[str]:
        """What to do next, the first thing first, as sentences."""
        return [step.sentence for step in self.next_steps]

    @property
    def next_steps(self) -> list[Step]:
        """What to do next, the first thing first."""
        if self.result is None:
            run = f"statsbidrag run {self.grant.grant_id}"
            called = self.grant.level.words.the_many
            when = f"Stäm av bidraget när {called} har redovisat: {run}."
            return [Step(StepKind.RECONCILE, when)]
        if self.grant.has_amounts and self.result.city.total_sek is None:
            run = f"statsbidrag run {self.grant.grant_id}"
            when = f"Beloppet är känt nu. Räkna igen: {run}."
            return [Step(StepKind.RECONCILE, when)]
        return [
            *self._of_returns(self.result),
            *self._of_money(),
            *self._of_report(),
            *self._of_debts(),
        ]

    def _of_returns(self, result: GrantResult) -> Iterator[Step]:
        """What to do about the boards' returns."""
        for status, words in _STEP_FOR.items():
            boards = self.boards_that_are(status)
            if boards:
                yield Step(StepKind.ANSWER_BOARDS, f"{words}: {_names(boards)}.")
        unplaced = sum(f.outcome is Outcome.UNIDENTIFIED for f in result.tables.manifest)
        if unplaced:
            files = "1 fil" if unplaced == 1 else f"{unplaced} filer"
            yield Step(
                StepKind.PLACE_FILES,
                f"Ta reda på vad som ska göras med {files} som inte går att knyta till en "
                f"{self.grant.level.words.one} och ett bidrag.",
            )

    def _of_money(self) -> Iterator[Step]:
        """What to do about money that may be left unspent."""
        has_ended = self.as_of > self.grant.spend_to_on
        if has_ended and self.review is None:
            run = f"statsbidrag run {self.grant.grant_id} --final"
            yield Step(StepKind.MAKE_FINAL, f"Gör slutredovisningen: {run}.")
        if self.flagged and not has_ended:
            names = _names(self.flagged)
            yield Step(
                StepKind.CONTACT, f"Kontakta nu om medel som riskerar att bli oanvända: {names}."
            )
        if self.proposal:
            saved = swedish.kr(self.proposal.saved_sek)
            yield Step(
                StepKind.REDISTRIBUTE,
                f"Pröva förslaget till omfördelning mellan {self.grant.level.words.many}, som "
                f"väntas minska {self.grant.words.repayment}en med {saved}.",
            )

    def _of_report(self) -> Iterator[Step]:
        """What to do with the final report."""
        if self.review is None:
            return
        words = self.grant.words
        what = next_step(self.review.state, self.grant.grant_id, None, words.recipient)
        is_filed = self.review.state is ReportState.FILED
        if is_filed and self.city is not None and self.city.to_repay_sek is None:
            what = f"Den är lämnad. Beloppet är okänt, så ingen {words.repayment} är räknad."
        elif self.owes_nothing and not self.is_closed:
            what = f"Inget ska {words.be_repaid} till {words.recipient}."
        yield Step(StepKind.REPORT, f"Slutrapporten är {self.review.state}. {what}")
        if self.review.state in {ReportState.DRAFT, ReportState.REVIEWED} and self.grant.unsettled:
            points = swedish.counted(len(self.grant.unsettled), "punkt", "punkter")
            yield Step(
                StepKind.SETTLE,
                f"Klara ut {points} före attest: villkor som är okända eller antagna. De står i "
                "underlaget.",
            )

    def _of_debts(self) -> Iterator[Step]:
        """What to do about what boards owe the committee."""
        grant_id = self.grant.grant_id
        if self.unclaimed:
            yield Step(
                StepKind.DEBTS,
                f"Ställ krav på {_owing(self.unclaimed)}: statsbidrag claim {grant_id} --board "
                "NÄMND. Inget krav är bokfört där.",
            )
        if self.unpaid:
            yield Step(
                StepKind.DEBTS,
                f"Bevaka betalningen från {_owing(self.unpaid)}: statsbidrag repaid {grant_id} "
                "--board NÄMND.",
            )
        if self.owes_nothing and self.accounts is not None and not self.owing_accounts:
            yield Step(StepKind.NOTHING, "Inget mer behöver göras.")

    def as_json(self) -> dict[str, Any]:
        """The row of `statsbidrag status --json`; money is text with two decimals."""
        grant, result, city = self.grant, self.result, self.city
        row: dict[str, Any] = {
            "grant": grant.grant_id,
            "name": grant.name,
            "as_of": self.as_of,
            "reconciled_as_of": result.as_of if result else None,
            "final": result.is_final if result else None,
            "report_state": self.review.state if self.review else None,
            **({"interim_reports": dict(self.interim)} if self.interim else {}),
            "next_steps": self.steps,
            "board_deadline": grant.board_deadline_on or grant.board_deadline_words,
            "agency_deadline": grant.agency_deadline_on or grant.agency_deadline_words,
            "days_to_agency_deadline": self.days_left,
            "sent_in": [board.board_id for board in self.sent_in],
        }
        for status in _STEP_FOR:
            row[status] = [board.board_id for board in self.boards_that_are(status)]
        return row | {
            "used_share": None if self.used_share is None else f"{self.used_share:.4f}",
            "elapsed_share": f"{self.elapsed_share:.4f}",
            "projected_unspent_sek": record.money(self.projected_unspent_sek),
            "to_repay_sek": record.money(city.to_repay_sek if city else None),
            "undetermined_sek": record.money(city.undetermined_sek if city else None),
            "at_risk_sek": record.money(self.at_risk_sek),
            "deadlines": [_deadline_json(deadline) for deadline in self.deadlines],
        }


def _deadline_json(deadline: Deadline) -> dict[str, Any]:
    return {
        "kind": deadline.kind,
        "label": deadline.label,
        "owner": deadline.owner,
        "on": deadline.on,
        "words": deadline.words,
        "period_end": deadline.period_end,
        "standing": deadline.standing,
        "is_overdue": deadline.is_overdue,
        "days_left": deadline.days_left,
        "working_days_left": deadline.working_days_left,
        "left": deadline.left,
        "at_risk_sek": record.money(deadline.at_risk_sek),
    }


def _share(part: int, whole: int) -> Decimal:
    """A part of a whole, four decimals, half up; none of nothing."""
    if not whole:
        return Decimal(0)
    # The floor of so many ten thousandths and a half, in whole numbers.
    ten_thousandths = (part * 20000 + whole) // (2 * whole)
    return ten_thousandths * Decimal("0.0001")


def _owing(boards: Sequence[Owing]) -> str:
    """The boards, and what they owe together."""
    whole = sum((board.amount_sek for board in boards), Decimal(0))
    together = "tillsammans " if len(boards) > 1 else ""
    names = name_lists.some_of([board.name for board in boards])
    return f"{names}, {together}{swedish.kr(whole)}"


def _names(boards: Sequence[BoardMoney]) -> str:
    return name_lists.some_of([board.name for board in boards])


def by_risk(standings: Sequence[Standing]) -> list[Standing]:
    """The most money at risk first, those of which it is unknown last."""

    def place(standing: Standing) -> tuple[bool, Decimal, str]:
        at_risk_sek = standing.at_risk_sek
        return at_risk_sek is None, -(at_risk_sek or Decimal(0)), standing.grant.grant_id

    return sorted(standings, key=place)
