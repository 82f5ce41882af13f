"""The nouns of the year between the papers: deadlines and reminders."""

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ..base import swedish
from .decisions import DeadlineKind
from .sources import Source

DeadlineState = Literal["open", "done", "passed"]
"""Whether there is something left to do about a deadline. Passed: nobody can do it any longer, or
need not, since what came after covers it."""


@dataclass(frozen=True)
class Deadline:
    """The day by which something must be done with a grant (frist), as it stands on the as-of
    date."""

    grant_id: str
    grant_name: str
    kind: DeadlineKind
    as_of: date
    label: str
    """What is to be done, without the grant's name."""
    owner: str
    """Whose it is."""
    on: date | None
    words: str
    """The day as people read it; where none is known, what is known of it."""
    source: Source
    at_risk_sek: Decimal | None
    """Kronor that may have to be paid back if it is missed; 0 once it is closed, None where the
    grant's amount is unknown."""
    consequence: str
    """What happens otherwise, as a sentence."""
    standing: DeadlineState
    period_end: date | None = None
    """Of a return, the last day that it covers."""
    working_days_left: int | None = None
    """Working days after the as-of date up to and with the deadline; negative: how many it is
    late."""
    last_working_day: date | None = None
    """The day itself, or when that is no working day the last one before it."""
    report_id: str | None = None
    """The interim report that it is for."""
    remind_on: tuple[date, ...] = ()
    """The days on which to remind of it, earliest first."""

    @property
    def days_left(self) -> int | None:
        """Calendar days to the deadline, negative when it has passed; None when no day is known."""
        return (self.on - self.as_of).days if self.on else None

    @property
    def is_closed(self) -> bool:
        """Nobody has anything left to do about it."""
        return self.standing != "open"

    @property
    def is_overdue(self) -> bool:
        """The day has passed and it is not done."""
        return not self.is_closed and self.on is not None and self.on < self.as_of

    @property
    def left(self) -> str:
        """How long there is to go, in a few words; of what is overdue, what is at risk."""
        days, working = self.days_left, self.working_days_left
        if self.is_closed:
            return "klart" if self.standing == "done" else "har passerat"
        if days is None or working is None:
            return "ingen dag är känd"
        if days == 0:
            return "i dag"
        if days > 0:
            left = swedish.counted(days, "dag", "dagar")
            return f"{left} kvar, varav {swedish.counted(working, 'arbetsdag', 'arbetsdagar')}"
        late = f"försenat {swedish.counted(-days, 'dag', 'dagar')}"
        return f"{late}, det gäller {swedish.kr(self.at_risk_sek)}" if self.at_risk_sek else late


@dataclass(frozen=True)
class Reminder:
    """A text that reminds a board of a return that it has not sent in, or not put right
    (påminnelse)."""

    reminder_id: str
    """The same for the same reminder however often it is made, so that it is sent once."""
    board_id: str
    deadline: Deadline
    remind_on: date
    """The day that it was due to go out."""
    at_risk_sek: Decimal
    """The board's own kronor that are at risk."""
    subject: str
    text: str


@dataclass(frozen=True)
class ReturnDays:
    """By when a board returns a period, and by when it puts its return right; words that go on from
    "skicka in"."""

    returns_by: str
    answer_by: str


class StepKind(enum.Enum):
    """What somebody does next with a grant, so that a page can lead to where it is done."""

    RECONCILE = enum.auto()
    ANSWER_BOARDS = enum.auto()
    PLACE_FILES = enum.auto()
    MAKE_FINAL = enum.auto()
    CONTACT = enum.auto()
    REDISTRIBUTE = enum.auto()
    REPORT = enum.auto()
    """The next step with its final report, which follows from the report's state."""
    SETTLE = enum.auto()
    DEBTS = enum.auto()
    NOTHING = enum.auto()


@dataclass(frozen=True)
class Step:
    """Something to do next with a grant, as a sentence with its command."""

    kind: StepKind
    sentence: str
