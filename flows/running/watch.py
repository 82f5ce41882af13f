"""What a day asks for: the calendars, the page of all grants, and the reminders whose day has come.

Conducts without Prefect.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ..base import places
from ..case import casefile, casework, state_of_grants, store
from ..case.casefile import Desk
from ..decisions import data_folder
from ..model.findings import Finding
from ..model.year import Deadline, Reminder
from ..money import earlier_runs
from ..money.results import GrantResult
from ..year import (
    calendar_files,
    correspondence,
    overview,
    reminders,
)


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


def look(desk: Desk, as_of: date, by: str) -> Watched:
    """Write the calendars and the page of all grants as of a day, and the reminders whose day has
    come."""
    letters: list[correspondence.Letter] = []
    with store.Change(desk.out) as change:
        log, database = casefile.log_of(change, desk.at, by), desk.out / earlier_runs.DATABASE
        decided = data_folder.load(desk.data, (), as_of)
        before = {
            g: e.details["as_of"]
            for e in log.events
            if e.kind == "watched"
            for g in e.details["grants"]
        }
        folder = change.place(casefile.CALENDARS)
        folder.mkdir()
        standings = state_of_grants.standings(desk.out, database, log, decided, as_of)
        for standing in standings:
            grant, result = standing.grant, standing.result
            since = date.fromisoformat(before[grant.grant_id]) if grant.grant_id in before else None
            (folder / f"{grant.grant_id}.ics").write_bytes(
                calendar_files.calendar(standing.deadlines, grant.short_name)
            )
            due = reminders.reminders(decided, grant, as_of, result, standing.review, since)
            letters += map(_reminding(result), due)
        found = sorted(
            (d for s in standings for d in s.deadlines),
            key=lambda d: (d.on or date.max, d.grant_id),
        )
        (folder / f"{places.ALL_GRANTS}.ics").write_bytes(
            calendar_files.calendar(found, "Statsbidrag")
        )
        casework.log_written(log, desk.at, by, None, casefile.CALENDARS, folder)
        if database.exists():
            index = change.place(casefile.INDEX)
            overview.render(standings, decided, as_of, index)
            casework.log_placed(log, desk.at, by, casefile.INDEX, index)
        made = casework.put_letters(change, log, desk.at, by, letters)
        log.add(
            "watched",
            desk.at,
            by=by,
            flow="deadline_watch",
            as_of=as_of,
            grants=[g.grant_id for g in decided.grants],
        )
        casework.publish(change, log)
    return Watched(tuple(found), made, standings, tuple(decided.broken), change.repaired)


def _reminding(result: GrantResult | None) -> Callable[[Reminder], correspondence.Letter]:
    """How a reminder becomes a letter to whom the board has named, if it has named anybody."""
    senders = result.tables.sender if result else ()
    named = {
        s.board_id: s.email for s in reversed(senders)
    }  # the unit's own comes first, and so is kept

    def letter(reminder: Reminder) -> correspondence.Letter:
        place = f"{reminder.deadline.grant_id} {reminder.board_id}"
        to = named.get(reminder.board_id)
        return correspondence.letter(
            "paminnelse", place, reminder.reminder_id, to, reminder.subject, reminder.text
        )

    return letter
