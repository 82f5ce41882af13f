"""What a grant's report and its repayment are called, by who gives the money."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class GrantorKind(StrEnum):
    """Who gives the money."""

    AGENCY = "myndighet"
    OWN = "egen"
    """The city itself, out of a fund of its own."""


@dataclass(frozen=True)
class GrantWords:
    """The Swedish words in which grants of one kind differ from those of another."""

    the_money: str
    """What is given, in the definite form, as are the others that begin with `the`."""
    report: str
    the_report: str
    title: str
    """What stands above the final report."""
    quarter_title: str
    repayment: str
    to_repay: str
    be_repaid: str
    """After "ska"."""
    is_reported_to: str
    """Between the name of who reports and that of who gets the report."""


WORDS: Mapping[GrantorKind, GrantWords] = {
    GrantorKind.AGENCY: GrantWords(
        the_money="bidraget",
        report="återrapport",
        the_report="återrapporten",
        title="Återrapport av statsbidrag",
        quarter_title="Delavstämning av statsbidrag",
        repayment="återbetalning",
        to_repay="att återbetala",
        be_repaid="betalas tillbaka",
        is_reported_to="återrapporterar till",
    ),
    GrantorKind.OWN: GrantWords(
        the_money="medlen",
        report="slutrapport",
        the_report="slutrapporten",
        title="Slutrapport om stadens egna medel",
        quarter_title="Delavstämning av stadens egna medel",
        repayment="återföring",
        to_repay="att återföra",
        be_repaid="återföras",
        is_reported_to="lämnar slutrapport till",
    ),
}
"""The words of each kind."""
