"""The nouns of what the accounts say (huvudboken): bookings, and the extracts that they come in.

Of an extract only what stands here is ever read: never a text, a supplier, a customer, an employee
or who signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from .findings import Finding, Severity
from .returns import Problem


@dataclass(frozen=True)
class Booking:
    """A row of the accounts: an amount on an account, with the codes that say whose and what for it
    is."""

    place: str
    """Where in its file a person finds it: a cell, or the line's number ("H212", "rad 212")."""
    sheet: str
    """The sheet of the cell; empty in a file without sheets."""
    voucher: str
    """The voucher's series and number, as the file writes them; empty where it has none."""
    booked_on: date
    """The day that it is booked on; the last of its month where only the month is told."""
    account: str
    responsibility: str
    """The code by which the board is known (ansvar or förvaltning); empty where there is none."""
    project: str
    activity: str
    """Verksamhet; empty where there is none."""
    amount_sek: Decimal
    """Kronor; a cost is positive, what is credited is negative."""
    is_balance: bool = False
    """Whether it is what an account holds on that day, and no event: such are compared as sums."""


@dataclass(frozen=True)
class SieDimensions:
    """By which dimensions of a SIE file the codes of a booking are known; those of the standard
    where nothing else is said."""

    project: int = 6
    responsibility: int = 1
    activity: int | None = None


RULES = frozenset(
    {
        "annat-belopp-i-huvudboken",
        "bara-i-huvudboken",
        "bara-i-redovisningen",
        "huvudbok-belopp",
        "huvudbok-datum",
        "huvudbok-flera-uppstallningar",
        "huvudbok-for-stort",
        "huvudbok-kod",
        "huvudbok-kolumn-saknas",
        "huvudbok-kolumn-tvetydig",
        "huvudbok-konto-saknas",
        "huvudbok-manad-i-namnet",
        "huvudbok-okand-uppstallning",
        "huvudbok-okant-ansvar",
        "huvudbok-okant-bidrag",
        "huvudbok-orimligt",
        "huvudbok-teckenkod",
        "huvudbok-utan-namnd",
        "huvudbok-utan-villkor",
        "inte-sarredovisat",
        "konto-passar-inte",
        "krediterat-i-huvudboken",
        "saknar-stod-i-huvudboken",
        "samma-bokning-i-tva-bidrag",
        "sie-avbruten",
        "sie-belopp",
        "sie-datum",
        "sie-inga-poster",
        "sie-ksumma",
        "sie-verifikation-obalans",
    }
)
"""The rules that speak of the accounts beside the returns. What they find is for the city and its
boards; nothing of it goes to the agency."""


def as_boards_are_told(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as a board is told them: what the accounts say may stop a report, but it holds no
    return, so to the board it is a warning."""
    told = []
    for finding in findings:
        if finding.rule in RULES and finding.severity is Severity.BLOCKING:
            told.append(replace(finding, severity=Severity.WARNING))
        else:
            told.append(finding)
    return told


@dataclass(frozen=True)
class Extract:
    """A huvudboksutdrag as it was read: its bookings, and what stood in the way of reading it."""

    file: str
    """The name under the returns folder, with `/`; personal numbers masked."""
    sha256: str
    size_bytes: int
    kind: Literal["sie", "list", "other"]
    problems: tuple[Problem, ...] = ()
    bookings: tuple[Booking, ...] = ()
    """None where there is a problem that stops it."""
    grant_id: str | None = None
    """Of the grant in whose folder it lies."""


@dataclass(frozen=True)
class BookingLayout:
    """How a transaction list out of one system is laid out: which header is what, and how it is
    read. Headers and words are compared as names are (`swedish.key`)."""

    file: str
    """The file in the data folder that describes it ("huvudbok/ekonomi.toml")."""
    name: str
    """What people call it."""
    known_by: tuple[str, ...]
    """The headers that it is known by: all of them stand in one row."""
    account: str
    """The header of the column, as those below."""
    amount: str = ""
    """Empty where an amount stands in `debit` or `credit`."""
    debit: str = ""
    credit: str = ""
    booked_on: str = ""
    """Empty where the month stands in the file's name."""
    voucher: tuple[str, ...] = ()
    """The columns whose texts are joined with a blank; none where the list has none."""
    responsibility: str = ""
    """Empty where the list has no such column, as the two below."""
    project: str = ""
    activity: str = ""
    sheet: str = ""
    """The only sheet that is looked at; empty where it may be any."""
    is_cost_negative: bool = False
    """Whether a cost is below zero in the list."""
    dated_by: Literal["day", "month", "file_name"] = "day"
    """What tells when something is booked: a day, a month (ÅÅÅÅMM or ÅÅÅÅ-MM), or a month in the
    file's name."""
    has_text_after_code: bool = False
    """Whether account, project and so on stand in one cell with their text ("5020 Löner"): then
    only the digits that come first are kept."""
    passed_over: tuple[str, ...] = ()
    """What the first filled cell of a row that is no booking begins with ("Summa")."""


@dataclass(frozen=True)
class ExtractForms:
    """In which forms the city takes extracts out of its accounts."""

    layouts: tuple[BookingLayout, ...] = ()
    """Of transaction lists."""
    sie: SieDimensions = SieDimensions()
    codes: frozenset[str] = frozenset()
    """The codes of cost centres, projects and activities that the city's own files name."""
