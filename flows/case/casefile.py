"""What is known of a grant's final report (ärendet), and whether all that it rests on is as it was.

Reads the log, the database, the published folders and the returns together; writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ..base import places, tree
from ..base.errors import InputError
from ..base.folders import Folders
from ..decisions import data_folder
from ..documents import committee_paper
from ..model.case import Event, Review
from ..model.codes import Outcome
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
COUNTED = frozenset(
    {Outcome.COUNTED, Outcome.HELD, Outcome.SUPERSEDED, Outcome.LATER_PERIOD, Outcome.UNIDENTIFIED}
)
"""The outcomes of the files that a grant's figures rest on."""


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


def review_of(log: Log, grant_id: str) -> Review:
    """Where a grant's final report stands. Raises InputError when it has never been run."""
    review = log.review(grant_id)
    if review is None:
        raise InputError(
            f"Det finns ingen slutrapport för {grant_id}. Kör statsbidrag run {grant_id} --final "
            "först."
        )
    return review


# -- the latest of it ------------------------------------------------------------------------------


def latest(database: Path, grant: Grant) -> GrantResult | None:
    """What the grant's latest run found, of either kind; None before the first."""
    return earlier_runs.latest(database, [grant]).get(grant.grant_id)


def latest_final(data: Path, out: Path, grant_id: str, log: Log) -> tuple[GrantResult, Rulebook]:
    """The latest final result as the database has it, where its report stands, and all that was
    decided by its day."""
    review = review_of(log, grant_id)
    database = out / earlier_runs.DATABASE
    number = earlier_runs.latest_run(database, grant_id, is_final=True)
    if number is None:
        raise InputError(f"Databasen har ingen slutrapport för {grant_id}. {run_again(grant_id)}")
    grant, decided = known(data, grant_id, log)
    result = earlier_runs.result(database, grant, number)
    return replace(result, review=review), decided


def must_be_filed(log: Log, grant_id: str) -> None:
    """Raises InputError when no report of the grant has been filed."""
    if not log.about(grant_id, "filed"):
        raise InputError(
            f"Rapporten om {grant_id} är inte inlämnad, så det finns ingen återbetalning att "
            "bokföra."
        )


def run_again(grant_id: str) -> str:
    """What to do when a final report is no longer what it rests on, as a sentence."""
    return f"Kör statsbidrag run {grant_id} --final igen."


def known(data: Path, grant_id: str, log: Log) -> tuple[Grant, Rulebook]:
    """A grant with its terms as of the day of its latest final run, and all that was decided
    then."""
    decided = data_folder.load(data, [grant_id], known_as_of(log, grant_id))
    return decided.grant(grant_id), decided


def known_as_of(log: Log, grant_id: str) -> date:
    """The as-of day of a grant's latest final run."""
    return date.fromisoformat(runs(log, grant_id, is_final=True)[-1].details["as_of"])


def runs(log: Log, grant_id: str, *, is_final: bool) -> list[Event]:
    """A grant's final runs so far, or its quarters', oldest first."""
    return [
        event
        for event in log.about(grant_id, "reconciled")
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


def paper(data: Path, out: Path, grant_ids: list[str]) -> bytes:
    """A draft tjänsteutlåtande on the latest final reports of some grants, as a Word file."""
    log = Log.read(out / LOG)
    finals = [latest_final(data, out, grant_id, log) for grant_id in grant_ids]
    results = [result for result, _ in finals]
    _, decided = finals[-1]
    return committee_paper.paper(results, decided)
