"""The codes of what a run finds out, and the words that people read for them."""

from collections.abc import Mapping
from enum import StrEnum


class ReturnStatus(StrEnum):
    """The standing of a board's return (contract 3)."""

    MISSING = "missing"
    HELD = "held"
    OUTDATED = "outdated"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    ACCEPTED = "accepted"


RETURN_STATUS: Mapping[ReturnStatus, str] = {
    ReturnStatus.MISSING: "ingen redovisning",
    ReturnStatus.HELD: "väntar på rättelse",
    ReturnStatus.OUTDATED: "gäller en tidigare period",
    ReturnStatus.ACCEPTED_WITH_WARNINGS: "räknas, med anmärkningar",
    ReturnStatus.ACCEPTED: "räknas",
}


class Flag(StrEnum):
    """How a board's unspent money looks (contract 3)."""

    ACT = "act"
    WATCH = "watch"
    OK = "ok"


class IneligibleReason(StrEnum):
    """Why a grant doesn't pay for a line (contract 4), the first reason in this order."""

    OUTSIDE_PERIOD = "outside_period"
    COST_KIND = "cost_kind"
    AREA = "area"


INELIGIBLE_REASON: Mapping[IneligibleReason, str] = {
    IneligibleReason.OUTSIDE_PERIOD: "arbetet är utfört utanför bidragets period",
    IneligibleReason.COST_KIND: "bidraget betalar inte kostnadsslaget",
    IneligibleReason.AREA: "bidraget betalar inte området",
}


class Outcome(StrEnum):
    """What became of a file of the run (contract 3)."""

    COUNTED = "counted"
    HELD = "held"
    SUPERSEDED = "superseded"
    LATER_PERIOD = "later_period"
    DUPLICATE = "duplicate"
    UNIDENTIFIED = "unidentified"
    OTHER_GRANT = "other_grant"
    SKIPPED = "skipped"
    EVIDENCE = "evidence"
    """What the accounts say, beside the returns."""


RESTED_ON = frozenset(
    {Outcome.COUNTED, Outcome.HELD, Outcome.SUPERSEDED, Outcome.LATER_PERIOD, Outcome.UNIDENTIFIED}
)
"""The outcomes of the files that a grant's figures rest on."""


class Ground(StrEnum):
    """Why money is to be repaid."""

    NOT_USED = "not_used"
    WRONG_PURPOSE = "wrong_purpose"
    NO_REPORT = "no_report"
    BREACH_OF_TERMS = "breach_of_terms"
    WRONGLY_RECEIVED = "wrongly_received"


LIABILITY_GROUND: Mapping[Ground, str] = {
    Ground.NOT_USED: "inte använt",
    Ground.WRONG_PURPOSE: "använt till annat än ändamålet",
    Ground.NO_REPORT: "ingen redovisning",
    Ground.BREACH_OF_TERMS: "villkor har inte följts",
    Ground.WRONGLY_RECEIVED: "mottaget på felaktig grund eller med för högt belopp",
}
RECKONED_GROUNDS = (Ground.NOT_USED, Ground.WRONG_PURPOSE, Ground.NO_REPORT)
"""The grounds that follow from the returns (contract 4); the others only somebody can decide."""


class OwedItem(StrEnum):
    """What an amount that is owed is made of."""

    BOARD = "board"
    UNALLOCATED = "unallocated"
    SET_OFF = "set_off"
    ROUNDING = "rounding"


class Meeting(StrEnum):
    """How lines of a return and bookings in the accounts belong together (contract 6)."""

    AGREED = "agreed"
    OTHER_AMOUNT = "other_amount"
    LIKELY = "likely"
    """Equal, but found by the amount alone."""
    ONLY_RETURN = "only_return"
    ONLY_BOOKED = "only_booked"


MEETING: Mapping[Meeting, str] = {
    Meeting.AGREED: "Stämmer",
    Meeting.OTHER_AMOUNT: "Annat belopp",
    Meeting.LIKELY: "Troligen samma",
    Meeting.ONLY_RETURN: "Bara i redovisningen",
    Meeting.ONLY_BOOKED: "Bara i huvudboken",
}
