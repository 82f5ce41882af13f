"""The way of a run as plain functions on frozen values: take in, judge, reconcile.

Prefect's tasks, `compare`, `check` and the tests call these. What is written, and where, is theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..model.findings import Finding
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from ..money import reconciliation
from ..money.results import GrantResult
from ..returns import placing, second_reader, waivers
from ..returns.intake import Intake, Source
from ..returns.workshop import Workshop


@dataclass(frozen=True)
class Taken:
    """Returns that have been read, in the order of their names, and where each of them is."""

    returns: tuple[Return, ...]
    sources: tuple[Source, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files of those lie that were not handed over."""
        return tuple(source for source in self.sources if isinstance(source, Path))


@dataclass(frozen=True)
class Judged:
    """Returns with what is wrong with each by itself, and with what a second reader found in those
    that may count."""

    taken: Taken
    findings: tuple[Finding, ...]
    recounts: Mapping[str, tuple[int, Decimal]]
    """By file, how many cost lines have an amount and their sum in kronor."""


def take_in(
    reading: Intake, decided: Rulebook, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Taken:
    """What is being read, each return with its grant and sender where they are known; `tell` hears
    how many are."""
    read = reading.returns(tell)
    returns = tuple(placing.identify(returned, decided) for _, returned in read)
    return Taken(returns, tuple(source for source, _ in read))


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
    return Judged(taken, (*findings, *doubts), recounts)


def reconcile(
    judged: Judged, decided: Rulebook, plan: RunPlan, database: Path
) -> list[GrantResult]:
    """The result of each grant of the plan, by the steps of SQL, in a database that nobody else
    reads.

    Raises FigureError when the money doesn't meet itself.
    """
    findings = (*decided.broken, *judged.findings)
    return reconciliation.reconcile(
        database, decided, plan, judged.taken.returns, findings, judged.recounts
    )
