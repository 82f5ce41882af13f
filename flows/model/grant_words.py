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
    the_grant: str
    of_the_grant: str
    """After "rapporten" and before the grant's name."""
    given_in: str
    """Between an amount and the grant's name."""
    is_from: str
    """From the grant's name to that of the grantor, and on to when it may be used."""
    account: str
    the_account: str
    """What a committee approves."""
    report: str
    the_report: str
    title: str
    """What stands above the final report."""
    quarter_title: str
    return_title: str
    """What stands above what a board sends."""
    repayment: str
    recipient: str
    """Who gets the report and what is repaid."""
    to_repay: str
    be_repaid: str
    """After "ska"."""
    repays: str
    """Before "staden", of what the city gives back."""
    is_reported_on_to: str
    """Before the grantor, and then by when."""
    is_reported_to: str
    """Between the name of who reports and that of who gets the report."""


WORDS: Mapping[GrantorKind, GrantWords] = {
    GrantorKind.AGENCY: GrantWords(
        the_money="bidraget",
        the_grant="statsbidraget",
        of_the_grant="av statsbidraget",
        given_in="i statsbidraget",
        is_from="Statsbidraget {grant} kommer från {grantor}. Det",
        account="Återredovisning",
        the_account="återredovisningen",
        report="återrapport",
        the_report="återrapporten",
        title="Återrapport av statsbidrag",
        quarter_title="Delavstämning av statsbidrag",
        return_title="Redovisning av statsbidrag",
        repayment="återbetalning",
        recipient="myndigheten",
        to_repay="att återbetala",
        be_repaid="betalas tillbaka",
        repays="betalar",
        is_reported_on_to="Återrapporteras till",
        is_reported_to="återrapporterar till",
    ),
    GrantorKind.OWN: GrantWords(
        the_money="medlen",
        the_grant="medlen",
        of_the_grant="om medlen till",
        given_in="till",
        is_from="Medlen till {grant} kommer från {grantor}. De",
        account="Slutrapport",
        the_account="slutrapporten",
        report="slutrapport",
        the_report="slutrapporten",
        title="Slutrapport om stadens egna medel",
        quarter_title="Delavstämning av stadens egna medel",
        return_title="Redovisning av stadens egna medel",
        repayment="återföring",
        recipient="fonden",
        to_repay="att återföra",
        be_repaid="återföras",
        repays="återför",
        is_reported_on_to="Slutrapport lämnas till",
        is_reported_to="lämnar slutrapport till",
    ),
}
"""The words of each kind."""
