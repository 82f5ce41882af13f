"""Exceptions from rules (undantag): the findings that one covers become notes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ..model.findings import Finding, Severity
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan


def waive(
    findings: Iterable[Finding], returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan
) -> list[Finding]:
    """The findings, with those that an undantag in force covers turned into notes that say so.

    An undantag is for a unit, and covers all that is sent under it, or for one of its senders.
    """
    senders = {returned.file: returned.sender_id for returned in returns}
    return [
        _waived(finding, senders.get(finding.file or ""), rulebook, plan.as_of)
        for finding in findings
    ]


def _waived(finding: Finding, sender_id: str | None, rulebook: Rulebook, as_of: date) -> Finding:
    if finding.grant is None or finding.board is None:
        return finding
    grant = rulebook.grant(finding.grant)
    mine = [
        waiver
        for waiver in grant.waivers
        if waiver.rule_id == finding.rule
        and waiver.board_id in {finding.board, sender_id}
        and waiver.decided_on <= as_of <= waiver.until_on
        and waiver.file in {None, finding.file}
        and (
            waiver.cell is None
            or {waiver.cell, waiver.cell.removeprefix(f"{finding.sheet}!")} & set(finding.cells)
        )
    ]
    covered = {(w.cell or "").removeprefix(f"{finding.sheet}!") for w in mine}
    if not mine or ("" not in covered and not set(finding.cells) <= covered):
        return finding
    reasons = " ".join(
        f"{w.reason} Beslutat av {w.decided_by} {w.decided_on}, gäller till och med {w.until_on}."
        for w in mine
    )
    return replace(
        finding,
        severity=Severity.INFO,
        message=f"{finding.message} Undantag: {reasons}",
        remedy="Inget behöver göras så länge undantaget gäller.",
    )
