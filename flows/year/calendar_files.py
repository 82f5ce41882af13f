"""Deadlines as calendars for a mail program."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ..base import swedish
from ..model.year import Deadline

if TYPE_CHECKING:
    from icalendar import Event


_ALARM_HOUR = 9


def calendar(deadlines: Sequence[Deadline], name: str) -> bytes:
    """An iCalendar file (RFC 5545) with an all-day event for each deadline that has a day; `name`
    is the calendar's.

    An event keeps its UID from run to run, so a mail program that reads the file anew moves what it
    has. The stamp is the as-of day: same deadlines, same bytes.
    """
    from icalendar import Calendar

    calendar_ = Calendar()
    calendar_.add("prodid", "-//statsbidrag//statsbidrag//SV")
    calendar_.add("version", "2.0")
    calendar_.add("x-wr-calname", name)
    without = [f"{d.grant_name}: {d.label} ({d.words})" for d in deadlines if d.on is None]
    if without:
        calendar_.add("x-wr-caldesc", "Utan känd dag: " + "; ".join(without))
    for deadline in deadlines:
        if deadline.on:
            calendar_.add_component(_event(deadline, deadline.on))
    return bytes(calendar_.to_ical())


def _event(deadline: Deadline, on: date) -> "Event":
    from icalendar import Alarm, Event

    event = Event()
    parts = [deadline.grant_id, deadline.kind]
    if deadline.kind in {"quarterly_return", "last_use"} and deadline.period_end:
        parts.append(str(deadline.period_end))
    parts += [deadline.report_id] if deadline.report_id else []
    event.add("uid", f"{'_'.join(parts)}@statsbidrag")
    event.add(
        "dtstamp",
        datetime(deadline.as_of.year, deadline.as_of.month, deadline.as_of.day, tzinfo=UTC),
    )
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))
    event.add("summary", f"{deadline.grant_name}: {deadline.label}")
    event.add("description", "\n".join(_told(deadline, on)))
    event.add("categories", ["Statsbidrag"])
    event.add("transp", "TRANSPARENT")
    for day in () if deadline.is_closed else deadline.remind_on:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{deadline.grant_name}: {deadline.label} senast {deadline.words}")
        alarm.add("trigger", day - on + timedelta(hours=_ALARM_HOUR))
        event.add_component(alarm)
    return event


def _told(deadline: Deadline, on: date) -> Iterator[str]:
    """The description of an event, line by line."""
    yield f"Vem: {deadline.owner}"
    if deadline.last_working_day and deadline.last_working_day < on:
        working = deadline.last_working_day
        yield (
            f"Dagen är ingen arbetsdag. Den sista före är {swedish.weekday(working)} "
            f"{swedish.long_date(working)}."
        )
    if deadline.is_closed:
        yield f"Läge {deadline.as_of}: {deadline.left}"
    else:
        yield deadline.consequence
        yield f"Pengar i fara {deadline.as_of}: {swedish.kr_if_known(deadline.at_risk_sek)}"
    yield deadline.source.sentence
