"""The nouns of what a run found out about a grant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..base import places
from .case import Review
from .decisions import Grant
from .findings import Finding

# -- the run ---------------------------------------------------------------------------------------------------------

RETURN_STATUS: Mapping[str, str] = {
    "missing": "ingen redovisning",
    "held": "väntar på rättelse",
    "outdated": "gäller en tidigare period",
    "accepted_with_warnings": "räknas, med anmärkningar",
    "accepted": "räknas",
}
"""The standing of a board's return (contract 3), as people read it."""

INELIGIBLE_REASON: Mapping[str, str] = {
    "outside_period": "arbetet är utfört utanför bidragets period",
    "cost_kind": "bidraget betalar inte kostnadsslaget",
    "area": "bidraget betalar inte området",
}
"""Why a grant doesn't pay for a line (contract 4), the first reason in this order."""


# -- what people decide about a final report -------------------------------------------------------------------------

LIABILITY_GROUND: Mapping[str, str] = {
    "not_used": "inte använt",
    "wrong_purpose": "använt till annat än ändamålet",
    "no_report": "ingen redovisning",
    "breach_of_terms": "villkor har inte följts",
    "wrongly_received": "mottaget på felaktig grund eller med för högt belopp",
}
"""Why money is to be repaid."""
RECKONED_GROUNDS = ("not_used", "wrong_purpose", "no_report")
"""The grounds that follow from the returns (contract 4); the others only somebody can decide."""


@dataclass(frozen=True)
class GrantResult:
    """What a run found out about one grant: the result tables of sql/, the findings and the files it rests on."""

    grant: Grant
    as_of: date
    period_end: date
    is_final: bool
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    """Table name (a step of sql/ without its number) -> its rows for this grant, in a fixed order."""
    findings: tuple[Finding, ...]
    data_files: tuple[tuple[str, str, int], ...]
    review: Review | None = None
    """Where the report stands, once that is known; None in a quarter."""

    @property
    def place(self) -> str:
        """Where its reports lie under the out folder."""
        return f"{self.grant.grant_id}/{places.FINAL if self.is_final else self.period_end.isoformat()}"

    @property
    def can_use_more(self) -> bool:
        """Whether any of the money can still be used after the period: not when it reaches the grant's last day."""
        return not self.is_final and self.period_end < self.grant.spend_to_on
