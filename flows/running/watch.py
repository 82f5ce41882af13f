"""What a day asks for: the calendars, the page of all grants, and the reminders whose day has come.

Conducts without Prefect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..base import places
from ..case import casefile, casework, state_of_grants, store
from ..case.audit_log import Log
from ..case.casefile import Occasion
from ..decisions import data_folder
from ..model.findings import Finding
from ..model.rulebook import Rulebook
from ..model.year import Deadline
from ..money import earlier_runs
from ..money.results import GrantResult
from ..year import calendar_files, correspondence, overview, overview_page, reminders


@dataclass(frozen=True)
class Watched:
    """What a look at the deadlines came to."""

    deadlines: tuple[Deadline, ...]
    """All of them, the first day first."""
    letters: tuple[str, ...]
    """The names of the new letters."""
    standings: list[overview.Standing]
    broken: tuple[Finding, ...]
    repaired: str


def look(occasion: Occasion, as_of: date, by: str) -> Watched:
    """Write the calendars and the page of all grants as of a day, and the reminders whose day has
    come."""
    with store.Change(occasion.out) as change:
        log = casefile.log_of(change, occasion.at, by, occasion.login)
        database = occasion.out / earlier_runs.DATABASE
        decided = data_folder.load(occasion.data, (), as_of)
        last_watched = _last_watched(log)
        folder = change.place(casefile.CALENDARS)
        folder.mkdir()
        standings = state_of_grants.standings(occasion.out, database, log, decided, as_of)
        letters: list[correspondence.Letter] = []
        for standing in standings:
            since = last_watched.get(standing.grant.grant_id)
            letters += _reminding_letters(decided, standing, since)
        deadlines = _in_order(standings)
        _write_calendars(folder, standings, deadlines)
        casework.log_written(log, occasion.at, by, None, casefile.CALENDARS, folder)
        if database.exists():
            index = change.place(casefile.INDEX)
            overview_page.render(standings, decided, as_of, index)
            casework.log_placed(log, occasion.at, by, casefile.INDEX, index)
        names = casework.put_letters(change, log, occasion.at, by, letters)
        log.add(
            "watched",
            occasion.at,
            by=by,
            flow="deadline_watch",
            as_of=as_of,
            grants=[grant.grant_id for grant in decided.grants_in_use],
        )
        casework.publish(change, log)
    return Watched(tuple(deadlines), names, standings, tuple(decided.broken), change.repaired)


def _last_watched(log: Log) -> dict[str, date]:
    """The day that each grant was last watched for."""
    days: dict[str, date] = {}
    for event in log.events:
        if event.kind == "watched":
            day = date.fromisoformat(event.details["as_of"])
            days |= dict.fromkeys(event.details["grants"], day)
    return days


def _in_order(standings: Iterable[overview.Standing]) -> list[Deadline]:
    """Every deadline, the first day first; those without a day last."""
    deadlines: list[Deadline] = []
    for standing in standings:
        deadlines += standing.deadlines
    return sorted(deadlines, key=lambda deadline: (deadline.on or date.max, deadline.grant_id))


def _write_calendars(
    folder: Path, standings: Iterable[overview.Standing], deadlines: Sequence[Deadline]
) -> None:
    """Write a calendar for each grant, and one of all their deadlines."""
    for standing in standings:
        grant = standing.grant
        calendar = calendar_files.calendar(standing.deadlines, grant.short_name)
        (folder / f"{grant.grant_id}.ics").write_bytes(calendar)
    calendar = calendar_files.calendar(deadlines, "Statsbidrag")
    (folder / f"{places.ALL_GRANTS}.ics").write_bytes(calendar)


def _reminding_letters(
    decided: Rulebook, standing: overview.Standing, since: date | None
) -> list[correspondence.Letter]:
    """The reminders of a grant that are due, as letters to whom the boards have named, if they have
    named anybody."""
    due = reminders.reminders(
        decided, standing.grant, standing.as_of, standing.result, standing.review, since
    )
    to_each = addresses(decided, standing.result)
    letters = []
    for reminder in due:
        place = f"{reminder.deadline.grant_id} {reminder.board_id}"
        to = to_each.get(reminder.board_id)
        letters.append(
            correspondence.letter(
                "paminnelse", place, reminder.reminder_id, to, reminder.subject, reminder.text
            )
        )
    return letters


def addresses(decided: Rulebook, result: GrantResult | None) -> dict[str, str | None]:
    """The address of each board: that of the register, else the one it has given, that of the
    unit's own return first."""
    found: dict[str, str | None] = {}
    for board in decided.boards:
        if board.email:
            found[board.board_id] = board.email
    for sender in result.tables.sender if result else ():
        found.setdefault(sender.board_id, sender.email)
    return found
