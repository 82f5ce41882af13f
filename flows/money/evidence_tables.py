"""The tables that say how what is reported meets what is booked, declared once. `shapes` says how.

A test holds the fields against the columns that DuckDB has.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from ..model.codes import Meeting
from .shapes import Row


@dataclass(frozen=True)
class Evidence(Row):
    """A unit's return beside the accounts, in kronor; None where nothing is known."""

    KEY: ClassVar = ("board_id",)
    ORDER: ClassVar = "board_id"

    board_id: str
    name: str
    is_told: bool
    """Whether the extracts say anything of the unit, on whatever project."""
    is_held: bool
    reported_sek: Decimal | None
    booked_sek: Decimal | None
    difference_sek: Decimal | None
    only_return_sek: Decimal | None
    only_booked_sek: Decimal | None
    other_amount_sek: Decimal | None
    agreed_sek: Decimal | None
    likely_sek: Decimal | None
    agreed_share: Decimal | None
    """Of what is reported; None where nothing is."""
    likely_share: Decimal | None
    other_period_sek: Decimal | None
    after_period_sek: Decimal | None
    before_decision_sek: Decimal | None
    """Reported for the time before the first decision about the unit."""
    decided_on: date | None
    """The day of that decision."""


@dataclass(frozen=True)
class Pair(Row):
    """Lines and bookings that belong together, of one unit; kronor."""

    KEY: ClassVar = ("board_id", "pair_no")
    ORDER: ClassVar = "board_id, pair_no"

    board_id: str
    pair_no: int
    how: Meeting
    reported_sek: Decimal
    booked_sek: Decimal
    other_period_sek: Decimal
    after_period_sek: Decimal


@dataclass(frozen=True)
class Member(Row):
    """A line of a return or a booking, in its pair."""

    KEY: ClassVar = ("board_id", "is_line", "no")
    ORDER: ClassVar = "board_id, pair_no, is_line DESC, no"

    board_id: str
    pair_no: int
    how: Meeting
    is_line: bool
    no: int
    file: str
    sheet: str
    cell: str
    """The cell; of a file without cells the number of the line, as words."""
    voucher: str | None
    day_on: date | None
    account: str | None
    """Of a booking."""
    amount_sek: Decimal
    is_late: bool
    """Whether a booking is dated after the period."""
