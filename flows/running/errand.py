"""What a run is given, what it carries from stage to stage, and what it comes to."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ..base import program
from ..base.folders import Folders
from ..case import store
from ..case.audit_log import Log
from ..model.findings import Severity
from ..model.rulebook import Rulebook, RunPlan
from ..money.results import GrantResult
from ..returns.intake import Intake
from ..returns.workshop import Workshop
from ..year import overview

T = TypeVar("T")


class Listener(Protocol):
    """Whoever waits for a run, at a terminal or in Prefect's pages."""

    def say(self, sentence: str) -> None:
        """Something that a person must know."""

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are."""


@dataclass(frozen=True)
class Caller:
    """Somebody who waits for a run, and what has been made ready while Prefect started."""

    at: str
    """The moment that the log gets."""
    login: str | None
    """The login of who asked for the run; None where nobody logs in."""
    workshop: Workshop
    """Children that are warm."""
    reading: Iterator[Intake]
    """Reading that has begun; taken once, so that a retry reads anew."""
    listener: Listener
    done: Callable[["Ran | None"], None]
    """Hears what the flow has come to as soon as it stands in the out folder, whatever becomes of
    Prefect later."""


@dataclass(frozen=True)
class Errand(Folders):
    """What a run is to do: which grants (none: all), with which folders, as of which day, and who
    asked for it."""

    grants: list[str]
    as_of: date
    by: str
    pages: str = ""
    """The address at which the out folder can be read; empty: nowhere but in the folder."""
    report_id: str | None = None
    """The interim report that is to be made, of the one grant."""


@dataclass(frozen=True)
class Run:
    """A run that has begun: what it is to do, what was decided, and the change of the out folder
    that it prepares."""

    errand: Errand
    plan: RunPlan
    decided: Rulebook
    change: store.Change
    log: Log
    rules: program.Rules
    at: str
    workshop: Workshop
    reading: Iterator[Intake]
    listener: Listener
    done: Callable[["Ran | None"], None]


@dataclass(frozen=True)
class Reckoned:
    """What a run has found out, and the fingerprints of the database that holds it, which are being
    taken."""

    results: tuple[GrantResult, ...]
    digests: "Future[dict[str, str]]"
    """By table, as `earlier_runs.digests` has them."""


@dataclass(frozen=True)
class Rendered:
    """What a run has found out, as it stands in the reports; the log with what has been written so
    far."""

    results: tuple[GrantResult, ...]
    standings: tuple[overview.Standing, ...]
    commented: Mapping[str, bytes]
    """The boards' own workbooks with findings as comments, by `Return.file`."""
    log: Log
    digests: "Future[dict[str, str]]"


@dataclass(frozen=True)
class Ran:
    """What a run has come to."""

    decided: Rulebook
    out: Path
    results: tuple[GrantResult, ...]
    standings: tuple[overview.Standing, ...]

    @property
    def has_blocking(self) -> bool:
        """Whether anything must be put right before the figures are whole."""
        findings = [*self.decided.broken, *(f for result in self.results for f in result.findings)]
        return any(finding.severity is Severity.BLOCKING for finding in findings)


class Parcel(Generic[T]):
    """What travels between tasks: Prefect walks and hashes all that it can look into, and can't
    look into this."""

    __slots__ = ("content",)

    def __init__(self, content: T) -> None:
        self.content = content

    def empty(self) -> None:
        """Let go of what is in it: Prefect keeps what a task has given until the flow is over."""
        del self.content
