"""The way of a run as plain functions on frozen values: take in, judge, reconcile.

Prefect's tasks, `compare`, `check` and the tests call these. What is written, and where, is theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from ..model.evidence import Extract
from ..model.findings import Finding, Severity
from ..model.returns import Problem, Return
from ..model.rulebook import Rulebook, RunPlan
from ..money import reconciliation
from ..money.results import GrantResult
from ..returns import placing, second_reader, waivers
from ..returns.evidence.extracts import Extracts
from ..returns.inbox import Source
from ..returns.intake import Intake
from ..returns.workshop import Workshop


@dataclass(frozen=True)
class Taken:
    """Returns that have been read, in the order of their names, and where each of them is."""

    returns: tuple[Return, ...]
    sources: tuple[Source, ...]
    extracts: tuple[Extract, ...] = ()
    """What the accounts say beside them."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files of those lie that were not handed over."""
        return tuple(source for source in self.sources if isinstance(source, Path))

    def reckoned(self) -> "Taken":
        """The same when all rows are in the database: each return without them."""
        return replace(self, returns=tuple(one.without_rows() for one in self.returns))


@dataclass(frozen=True)
class Judged:
    """Returns with what is wrong with each by itself, and with what a second reader found in those
    that may count."""

    taken: Taken
    findings: tuple[Finding, ...]
    recounts: Mapping[str, tuple[int, Decimal]]
    """By file, how many cost lines have an amount and their sum in kronor."""


def take_in(
    reading: Intake,
    decided: Rulebook,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
    extracts: Extracts | None = None,
) -> Taken:
    """What is being read, each return with its grant and sender where they are known, and each
    extract of the accounts with its grant; `tell` hears how many returns are."""
    read = reading.returns(tell)
    returns = tuple(placing.identify(returned, decided) for _, returned in read)
    beside = extracts.extracts() if extracts else []
    return Taken(
        returns,
        tuple(source for source, _ in read),
        tuple(_sound(placing.of_grant(extract, decided), decided) for extract in beside),
    )


def _sound(extract: Extract, decided: Rulebook) -> Extract:
    """An extract as it may be compared: nothing of one in which something can't be read, since its
    sums are not whole."""
    for problem in extract.problems:
        if decided.rules[problem.rule_id].severity is Severity.BLOCKING:
            return replace(extract, bookings=())
    return extract


def _told_of_extracts(taken: Taken, decided: Rulebook, plan: RunPlan) -> list[Finding]:
    """What is wrong with the extracts of the accounts, each by itself; it holds no return."""
    found = []
    for extract in taken.extracts:
        problems = extract.problems
        concerned = [extract.grant_id]
        if extract.grant_id is None:
            problems = (Problem("huvudbok-okant-bidrag"),)
            concerned = [*plan.periods]
        for grant_id in concerned:
            if grant_id not in plan.periods:
                continue
            for problem in problems:
                finding = decided.rules[problem.rule_id].finding(
                    is_final=plan.is_final,
                    grant=grant_id,
                    file=extract.file,
                    sheet=problem.sheet,
                    cells=problem.cells,
                    value=problem.value,
                    details=problem.details,
                )
                found.append(finding)
    return found


def judge(
    taken: Taken, decided: Rulebook, plan: RunPlan, workshop: Workshop, docs: Path | None = None
) -> Judged:
    """The suites of expectations over the returns, while others recount those of the plan's grants.

    `docs` is a folder for Great Expectations' own pages. Raises InputError when a file is no longer
    the one that was read.
    """
    read = zip(taken.sources, taken.returns, strict=True)
    recount = second_reader.Recount(
        (one for one in read if one[1].grant_id in plan.periods), workshop.readers
    )
    breaches = workshop.validator.validate(taken.returns, decided, plan, docs)
    findings = waivers.waive(breaches, taken.returns, decided, plan)
    recounts = recount.totals()
    doubts = second_reader.doubts(taken.returns, findings, recounts, decided, plan)
    about_extracts = _told_of_extracts(taken, decided, plan)
    return Judged(taken, (*findings, *doubts, *about_extracts), recounts)


def reconcile(
    judged: Judged, decided: Rulebook, plan: RunPlan, database: Path
) -> list[GrantResult]:
    """The result of each grant of the plan, by the steps of SQL, in a database that nobody else
    reads.

    Raises FigureError when the money doesn't meet itself.
    """
    findings = (*decided.broken, *judged.findings)
    return reconciliation.reconcile(
        database,
        decided,
        plan,
        judged.taken.returns,
        findings,
        judged.recounts,
        judged.taken.extracts,
    )
