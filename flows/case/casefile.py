"""What is known of a grant's final report (ärendet), and whether all that it rests on is as it was.

Reads the log, the database, the published folders and the returns together; writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ..base import places, tree
from ..base.errors import InputError
from ..base.folders import Folders
from ..decisions import data_folder, plans
from ..model.case import Event, Review
from ..model.codes import RESTED_ON, Outcome
from ..model.decisions import Grant
from ..model.rulebook import Rulebook
from ..money import earlier_runs
from ..money.results import GrantResult
from ..year import outbox
from . import store
from .audit_log import LOG, Log

FILED, LEDGER, PACKAGES = places.FILED, places.LEDGER, places.PACKAGES
"""The folders of a grant under the out folder that hold what was filed, its repayment ledger, and
its packages."""
CALENDARS, INDEX = places.CALENDARS, places.INDEX
"""The folder under the out folder that holds a calendar for each grant and one for all, and the
page of all grants."""
FINAL = places.FINAL
"""The folder that holds its final report."""
RULES = "regler.zip"
"""The file beside what was filed that holds the program's rules as they were."""


def rests_on(result: GrantResult) -> frozenset[Outcome]:
    """The outcomes of the files that a report rests on. Of an interim report no return for a later
    period: while a grant is in use they keep coming."""
    return RESTED_ON - {Outcome.LATER_PERIOD} if result.report else RESTED_ON


@dataclass(frozen=True)
class Occasion(Folders):
    """Where a case lies, and the moment and the login that the log gets for what is done."""

    at: str
    login: str | None = None
    """Of whoever does it; None where nobody logs in, as at a terminal."""

    @property
    def today(self) -> date:
        """The day of that moment, in Sweden."""
        return date.fromisoformat(self.at[:10])


def log_of(change: store.Change, at: str, by: str, login: str | None = None) -> Log:
    """The log that a change goes on from, with a line on what had to be done about an earlier one
    that was cut off; each line that is added has the login.

    The first change of all, or the first after a program that told of less, also tells what lay
    there already.
    """
    log = Log.read(change.out / LOG)
    log.login = login
    if log.inventory() is None:
        log.add("inventoried", at, by=by, files=_untold(change.out))
    if change.repaired:
        log.add("repaired", at, by=by, what=change.repaired)
    return log


def _untold(out: Path) -> dict[str, str]:
    """What an older program wrote without telling the log: the page of all grants, calendars and
    letters."""
    files: dict[str, str] = {}
    if tree.kind(out / INDEX) == "file":
        files[INDEX] = tree.sha256(out / INDEX)
    for folder in (CALENDARS, *outbox.BOXES):
        if tree.kind(out / folder) == "folder":
            for name, sha256 in tree.digests(out / folder).items():
                files[f"{folder}/{name}"] = sha256
    return files


def must_have_come(occasion: Occasion, on: date) -> None:
    """Raises InputError for a day that is still to come: nobody can have decided, filed or paid on
    it."""
    if on > occasion.today:
        raise InputError(
            f"{on} har inte varit ännu; i dag är det {occasion.today}. Ange med --on dagen då det "
            "gjordes."
        )


def standing(out: Path, grant_id: str) -> Review | None:
    """Where a grant's final report stands; None before its first final run."""
    return Log.read(out / LOG).review(grant_id)


def review_of(log: Log, grant_id: str, report_id: str | None = None) -> Review:
    """Where a grant's final report stands, or an interim one. Raises InputError when it has never
    been run."""
    review = log.review(grant_id, report_id=report_id)
    if review is None:
        what = "slutrapport" if report_id is None else f"delrapport {report_id}"
        raise InputError(
            f"Det finns ingen {what} för {grant_id}. Kör {_command(grant_id, report_id)} först."
        )
    return review


def place_of(grant_id: str, report_id: str | None = None) -> str:
    """Where a grant's final report lies under the out folder, or an interim one."""
    return f"{grant_id}/{places.report_folder(report_id)}"


def _command(grant_id: str, report_id: str | None) -> str:
    """The command that makes a report."""
    kind = "--final" if report_id is None else f"--report {report_id}"
    return f"statsbidrag run {grant_id} {kind}"


# -- the latest of it ------------------------------------------------------------------------------


def latest(database: Path, grant: Grant) -> GrantResult | None:
    """What the grant's latest run found, of either kind; None before the first."""
    return earlier_runs.latest(database, [grant]).get(grant.grant_id)


def latest_report(
    data: Path, out: Path, grant_id: str, log: Log, report_id: str | None = None
) -> tuple[GrantResult, Rulebook]:
    """The latest final result as the database has it, or that of an interim report; where its
    report stands, and all that was decided by its day."""
    review = review_of(log, grant_id, report_id)
    database = out / earlier_runs.DATABASE
    number = earlier_runs.latest_run(
        database, grant_id, is_final=report_id is None, report_id=report_id
    )
    if number is None:
        raise InputError(
            f"Databasen har ingen sådan rapport för {grant_id}. {run_again(grant_id, report_id)}"
        )
    grant, decided = known(data, grant_id, log, report_id)
    result = earlier_runs.result(database, grant, number)
    if report_id is not None:
        stated = plans.interim_report(grant, report_id)
        if stated.on != result.period_end:
            raise InputError(
                f"Delrapporten {report_id} har fått en annan dag i {grant.file} sedan den gjordes. "
                f"{run_again(grant_id, report_id)}"
            )
    return replace(result, review=review), decided


def must_be_filed(log: Log, grant_id: str) -> None:
    """Raises InputError when no report of the grant has been filed."""
    if not log.about(grant_id, "filed"):
        raise InputError(
            f"Rapporten om {grant_id} är inte inlämnad, så det finns ingen återbetalning att "
            "bokföra."
        )


def run_again(grant_id: str, report_id: str | None = None) -> str:
    """What to do when a report is no longer what it rests on, as a sentence."""
    return f"Kör {_command(grant_id, report_id)} igen."


def known(
    data: Path, grant_id: str, log: Log, report_id: str | None = None
) -> tuple[Grant, Rulebook]:
    """A grant with its terms as of the day of its latest final run, or that of an interim report,
    and all that was decided then."""
    run = report_runs(log, grant_id, report_id)[-1]
    decided = data_folder.load(data, [grant_id], date.fromisoformat(run.details["as_of"]))
    return decided.grant(grant_id), decided


def report_runs(log: Log, grant_id: str, report_id: str | None = None) -> list[Event]:
    """The runs of a grant's final report so far, or of an interim one, oldest first."""
    return runs(log, grant_id, is_final=report_id is None, report_id=report_id)


def runs(log: Log, grant_id: str, *, is_final: bool, report_id: str | None = None) -> list[Event]:
    """A grant's final runs so far, or its quarters', or those of an interim report, oldest
    first."""
    return [
        event
        for event in log.about(grant_id, "reconciled", report_id=report_id)
        if event.details["is_final"] is is_final
    ]


def lost_lines(out: Path, log: Log) -> str | None:
    """That the database knows of more runs than the log, so that the log or its end was taken away,
    as a sentence."""
    database = out / earlier_runs.DATABASE
    logged = sum(event.kind == "run" for event in log.events)
    if not database.exists() or earlier_runs.run_count(database) <= logged:
        return None
    return (
        f"Händelseloggen {LOG} saknar körningar som databasen har. Lägg tillbaka den från en "
        "säkerhetskopia."
    )
