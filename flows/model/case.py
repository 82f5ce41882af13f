"""The nouns of what people decide about a final report: its states, the log, and the entries of its
ledger."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .codes import Ground


class ReportState(enum.StrEnum):
    """How far a final report has come (läge), in this order; the value is the word that people
    read."""

    DRAFT = "utkast"
    REVIEWED = "granskad"
    ATTESTED = "attesterad"
    FILED = "inlämnad"
    REPAID = "återbetald"


NEXT_STEP: Mapping[ReportState, str] = {
    ReportState.DRAFT: "Någon annan än den som körde den behöver granska den: statsbidrag review "
    "{grant}.",
    ReportState.REVIEWED: "En tredje person behöver attestera den: statsbidrag approve {grant}.",
    ReportState.ATTESTED: "Den är klar att lämna in: statsbidrag file {grant}.",
    ReportState.FILED: "Betala tillbaka till {recipient} och bokför det: statsbidrag repaid "
    "{grant}.",
    ReportState.REPAID: "Allt är betalt tillbaka till {recipient}.",
}
"""What somebody does next with a report in each state, a sentence with places for the grant's id
and for who gets the money back."""


def next_step(
    state: ReportState, grant_id: str, report_id: str | None, recipient: str = "myndigheten"
) -> str:
    """What somebody does next with a grant's final report, or with an interim one, as a
    sentence."""
    if report_id is None:
        return NEXT_STEP[state].format(grant=grant_id, recipient=recipient)
    if state is ReportState.FILED:
        return "Den är lämnad, och inget krävs tillbaka."
    return NEXT_STEP[state].format(grant=f"{grant_id} --report {report_id}", recipient=recipient)


@dataclass(frozen=True)
class Event:
    """One line of the audit log (händelselogg); its hash covers all of it and the hash of the line
    before."""

    number: int
    recorded_at: str
    """When the line was written, ISO 8601 in Swedish time. Nothing is decided by it."""
    kind: str
    grant_id: str | None
    by: str | None
    """Who, as stated, or as whoever was logged in is called; `details` then has the login."""
    sentence: str
    details: Mapping[str, Any]
    previous: str
    sha256: str


def kept_hash(text: str) -> str | None:
    """A hash of the log as somebody has kept it; None for what is none."""
    plain = "".join(text.split()).casefold()
    return plain if re.fullmatch("[0-9a-f]{64}", plain) else None


SCHEDULED = "schemalagd körning"
"""Who has run what runs by the clock."""


@dataclass(frozen=True)
class Actor:
    """Whoever did something: the name, and the login of those who were logged in when they did."""

    name: str
    login: str | None = None


@dataclass(frozen=True)
class Act:
    """A step that somebody took with a final report: to which state, who, which day and why."""

    state: ReportState
    by: str
    on: date
    why: str | None = None
    login: str | None = None

    @property
    def actor(self) -> Actor:
        """Who took the step."""
        return Actor(self.by, self.login)


@dataclass(frozen=True)
class Move:
    """A figure of a report that has changed: where it stands, and its value before and after; None:
    it had none."""

    figure: str
    board_id: str | None
    component_id: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Review:
    """Where a final report stands: what people have done with exactly these figures and inputs."""

    figures_sha256: str
    inputs_sha256: str
    state: ReportState = ReportState.DRAFT
    version: int = 1
    """1 is the first report; a change after filing starts the next one, a correction (rättelse)."""
    run_by: str | None = None
    """Whom the report names: those who had run it when it was reviewed."""
    runners: tuple[Actor, ...] = field(default=(), compare=False)
    """All who have run it with these figures and inputs; they can neither review nor attest it."""
    acts: tuple[Act, ...] = ()
    log_sha256: str | None = None
    """The hash of the audit log at the moment of attest."""
    moved: tuple[Move, ...] = ()
    """What has changed since the figures that were last reviewed, attested or filed."""

    @property
    def is_by_login(self) -> bool:
        """Whether all who have run, reviewed and attested it were logged in when they did."""
        actors = [*self.runners, *(act.actor for act in self.acts)]
        return bool(actors) and all(actor.login is not None for actor in actors)

    @property
    def assurance(self) -> str:
        """How it is known who they are, as the report and the package say it."""
        if self.is_by_login:
            return (
                "Alla var inloggade när de gjorde det, och programmet har sett till att de är "
                "olika personer."
            )
        return "Programmet har ingen inloggning. Namnen är de som har angetts."


class EntryKind(enum.StrEnum):
    """What a row of a repayment ledger is."""

    COMPUTED = "computed"
    """What was reckoned in the filed report; nobody enters it."""
    CLAIM = "claim"
    PAYMENT = "payment"
    INTEREST_PAYMENT = "interest_payment"
    RELIEF = "relief"


@dataclass(frozen=True)
class Entry:
    """A row that somebody has entered in the repayment ledger (reskontra), in kronor."""

    kind: EntryKind
    board_id: str | None
    """None: between the city and the agency; else between that board and the committee."""
    amount_sek: Decimal
    on: date
    reference: str
    """The dnr of the decision, or what the payment is marked with."""
    by: str
    ground: Ground | None = None
    """For a claim or a relief."""
    due_on: date | None = None
    why: str | None = None
