"""Returns checked one by one: what a run would say of each by itself, with nothing kept or
written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from ..base.errors import InputError
from ..decisions import plans
from ..model.findings import Finding, Severity
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from ..money.alone import told_of_alone
from ..returns import file_names, inbox
from ..returns.inbox import Source
from ..returns.intake import Intake
from ..returns.workshop import Workshop
from . import way

BY_ITSELF = {
    "aterbetalning-skiljer",
    "eftertradare-inraknad",
    "foretradare-inraknad",
    "insats-utan-resultat",
    "overforbrukning",
    "paket-utan-ar",
    "redovisning-aldre-period",
    "redovisning-flera-enheter",
    "redovisning-senare-period",
    "redovisning-utan-tilldelning",
}
"""The rules across tables that one return alone decides; the others need the returns beside it, or
are of the grant."""


class Verdict(StrEnum):
    """What a run would make of a return by itself."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    HELD = "held"
    REFUSED = "refused"
    """It is no return that can be read, or it can't be told whose it is."""


@dataclass(frozen=True)
class Checked:
    """The returns, in the order they were named, and what is found in them and in the grant
    files."""

    returns: Sequence[Return]
    findings: Sequence[Finding]
    broken: Sequence[Finding]

    @property
    def has_blocking(self) -> bool:
        """Whether anything would hold a return, or a grant."""
        return any(
            finding.severity is Severity.BLOCKING for finding in (*self.findings, *self.broken)
        )

    def of(self, returned: Return) -> list[Finding]:
        """What is found in one of the returns."""
        return [finding for finding in self.findings if finding.file == returned.file]

    def verdict(self, returned: Return) -> Verdict:
        """What a run would make of one of the returns."""
        severities = {finding.severity for finding in self.of(returned)}
        if not returned.is_opened or None in {returned.grant_id, returned.sender_id}:
            return Verdict.REFUSED
        if Severity.BLOCKING in severities:
            return Verdict.HELD
        if Severity.WARNING in severities:
            return Verdict.ACCEPTED_WITH_WARNINGS
        return Verdict.ACCEPTED


def named(paths: Iterable[Path]) -> list[tuple[Source, str]]:
    """The files that somebody has named, and all that a run would take in from the folders, each
    once and by its path.

    Raises InputError for what isn't there.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(one for one in inbox.listing(path) if not _is_extract(one, path))
        elif path.is_file():
            found[path] = None
        else:
            raise InputError(f"Filen eller mappen {path} finns inte.")
    return [(path, str(path)) for path in found]


def _is_extract(path: Path, folder: Path) -> bool:
    """Whether a file lies among the extracts of the accounts, which a run takes for no returns."""
    return file_names.EXTRACTS in path.relative_to(folder).parts[:-1]


def check(
    files: Sequence[tuple[Source, str]],
    decided: Rulebook,
    as_of: date,
    workshop: Workshop,
    *,
    is_final: bool,
    docs: Path | None = None,
) -> Checked:
    """Check returns, each with the name that it is told by, against what is decided as of a day;
    `docs` is a folder for Great Expectations' own pages. Raises InputError as a run does."""
    taken = way.take_in(Intake(files, workshop.readers), decided)
    plan = plans.plan_of_checks(decided, as_of, is_final=is_final)
    findings = [*way.judge(taken, decided, plan, workshop, docs).findings]
    for alone in _turns(taken.returns, decided, plan):
        findings += _across_tables(alone, findings, decided, plan)
    return Checked(taken.returns, findings, decided.broken)


def _turns(returns: Iterable[Return], decided: Rulebook, plan: RunPlan) -> list[list[Return]]:
    """The returns in as few groups as there can be with no two of one unit's in a group, so that
    each stands alone."""
    turns: list[dict[tuple[str, str], Return]] = []
    for returned in returns:
        unit_id = decided.holder(returned, plan)
        if returned.grant_id not in plan.periods or returned.grant_id is None or unit_id is None:
            continue
        place = (returned.grant_id, unit_id)
        free = next((turn for turn in turns if place not in turn), None)
        if free is None:
            free = {}
            turns.append(free)
        free[place] = returned
    return [list(turn.values()) for turn in turns]


def _across_tables(
    alone: Sequence[Return], findings: Sequence[Finding], decided: Rulebook, plan: RunPlan
) -> list[Finding]:
    """What the rules across tables say of returns when each is the only one of its unit."""
    files = {
        (returned.grant_id, decided.holder(returned, plan)): returned.file for returned in alone
    }
    own = {returned.file for returned in alone}
    mine = [finding for finding in findings if finding.file in own]
    found: list[Finding] = []
    for finding in told_of_alone(decided, plan, alone, mine, BY_ITSELF):
        file = finding.file or files.get((finding.grant, finding.board))
        if file in own:
            found.append(replace(finding, file=file))
    return found
