"""What a run found out about a grant."""

from dataclasses import dataclass
from datetime import date

from ..base import places
from ..model.case import Review
from ..model.decisions import Grant, InterimReport
from ..model.findings import Finding
from .tables import City, Tables


@dataclass(frozen=True)
class GrantResult:
    """What a run found out about one grant: the result tables of sql/, the findings and the files
    it rests on."""

    grant: Grant
    as_of: date
    period_end: date
    is_final: bool
    tables: Tables
    findings: tuple[Finding, ...]
    data_files: tuple[tuple[str, str, int], ...]
    review: Review | None = None
    """Where the report stands, once that is known; None in a quarter."""
    report: InterimReport | None = None
    """The interim report that it is."""

    @property
    def city(self) -> City:
        """The grant as a whole."""
        return self.tables.city[0]

    @property
    def place(self) -> str:
        """Where its reports lie under the out folder."""
        period = self.period_end.isoformat()
        if self.is_decided_on:
            period = places.report_folder(self.report_id)
        return f"{self.grant.grant_id}/{period}"

    @property
    def report_id(self) -> str | None:
        """The id of the interim report that it is."""
        return self.report.report_id if self.report else None

    @property
    def is_decided_on(self) -> bool:
        """Whether people review, attest and file it: a final or an interim report."""
        return self.is_final or self.report is not None

    @property
    def words(self) -> str:
        """What it is, in a word."""
        if self.report:
            return "Delrapport"
        return "Slutredovisning" if self.is_final else "Avstämning"

    @property
    def can_use_more(self) -> bool:
        """Whether any of the money can still be used after the period: not when it reaches the
        grant's last day."""
        return not self.is_final and self.period_end < self.grant.spend_to_on
