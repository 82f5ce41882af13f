"""The days of a grant: Swedish working days, deadlines, calendars for a mail program, and reminders to boards.

A working day is a Monday to Friday that is no public holiday (lagen 1989:253 om allmänna helgdagar) and not
midsommarafton, julafton or nyårsafton, which 2 § lagen (1930:173) om beräkning av lagstadgad tid puts beside them. The
days before a holiday on which offices close early are working days. A stated day never moves: the sentence of that law
on the next weekday is about time by law, and a grant's terms are a decision. What is counted in working days is.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from . import swedish
from .model import (
    Deadline,
    DeadlineKind,
    Due,
    Grant,
    GrantResult,
    Reminder,
    ReportState,
    Review,
    Rulebook,
    Severity,
    Unit,
)

if TYPE_CHECKING:
    from holidays import HolidayBase
    from icalendar import Event

Row = Mapping[str, Any]

# -- working days ----------------------------------------------------------------------------------------------------


@cache
def _holidays() -> "HolidayBase":
    """The weekdays that are free in Sweden; the library counts them out for each year that is asked for."""
    from holidays import country_holidays
    from holidays.constants import DE_FACTO, PUBLIC

    return country_holidays("SE", categories=(PUBLIC, DE_FACTO))


def is_working_day(day: date) -> bool:
    """Whether people are at work that day."""
    return _holidays().is_working_day(day)


def last_working_day(day: date) -> date:
    """The day itself, or when that is no working day the last one before it."""
    return day if is_working_day(day) else _holidays().get_nth_working_day(day, -1)


def after(day: date, working_days: int) -> date:
    """The working day that comes so many working days after a day, the day itself not counted."""
    return _holidays().get_nth_working_day(day, working_days)


def before(day: date, working_days: int) -> date:
    """The working day on which so many are left to a day, or to the last one before it when it is none."""
    return _holidays().get_nth_working_day(last_working_day(day), -working_days)


def working_days_left(as_of: date, day: date) -> int:
    """Working days after one day up to and with another; negative when the other has passed."""
    first, last, sign = (as_of, day, 1) if as_of <= day else (day, as_of, -1)
    return sign * _holidays().get_working_days_count(first + timedelta(days=1), last) if first < last else 0


# -- deadlines -------------------------------------------------------------------------------------------------------

RETURNS: tuple[DeadlineKind, ...] = ("quarterly_return", "final_return")
"""The deadlines that are the boards'."""

_SAID: Mapping[DeadlineKind, tuple[str, str, str]] = {
    "quarterly_return": (
        "Nämnderna redovisar till och med {period}",
        "Nämnderna",
        "Medel som inte är redovisade räknas inte som använda.",
    ),
    "last_use": (
        "Sista dag att använda medlen",
        "Nämnderna",
        "Det som inte är använt den dagen ska betalas tillbaka.",
    ),
    "final_return": (
        "Nämnderna slutredovisar",
        "Nämnderna",
        "Medel som inte är redovisade kan behöva betalas tillbaka.",
    ),
    "internal_review": (
        "Återrapporten ska vara granskad",
        "Socialförvaltningen",
        "Utan granskning kommer återrapporten inte i väg i tid.",
    ),
    "committee": (
        "{committee} tar upp återrapporten",
        "{committee}",
        "Utan beslut kommer återrapporten inte i väg i tid.",
    ),
    "agency": (
        "Återrapport till {agency}",
        "Socialförvaltningen",
        "Utan återrapport i tid kan {agency} kräva tillbaka bidraget.",
    ),
    "repayment": (
        "Återbetalning till {agency}",
        "Socialförvaltningen",
        "Det som inte är betalt i tid är ett förfallet krav.",
    ),
}
"""What is to be done, whose it is, and what happens otherwise."""

_DONE_WHEN: Mapping[DeadlineKind, ReportState] = {
    "quarterly_return": ReportState.FILED,
    "final_return": ReportState.FILED,
    "internal_review": ReportState.REVIEWED,
    "committee": ReportState.ATTESTED,
    "agency": ReportState.FILED,
    "repayment": ReportState.REPAID,
}
"""How far the final report has come when there is no more to do."""


def of(
    rulebook: Rulebook,
    grant: Grant,
    as_of: date,
    result: GrantResult | None = None,
    review: Review | None = None,
) -> list[Deadline]:
    """Every deadline of a grant as of a day, the first day first and those without a day last.

    `result` is the grant's latest reconciliation and `review` how far its final report has come, None before the first:
    they tell what is done and how much money is at risk.
    """
    case = _Case(rulebook, grant, as_of, result, review)
    found = [deadline for kind, due in grant.due.items() for deadline in case.deadlines(kind, due)]
    return sorted(found, key=lambda d: (d.on or date.max, [*grant.due].index(d.kind)))


def return_day(rulebook: Rulebook, grant: Grant, as_of: date, period_end: date) -> Deadline | None:
    """The deadline by which the boards return a period; None when the terms know none for it."""
    for deadline in of(rulebook, grant, as_of):
        if deadline.kind in RETURNS and deadline.period_end == period_end and deadline.on:
            return deadline
    return None


def answer_by(rulebook: Rulebook, result: GrantResult) -> str:
    """By when a board must put its return right, in words that go on from "skicka in".

    That is the day of the period's return, or when it has passed the next that the city itself has to keep: its own
    review, or the report to the agency.
    """
    has_passed = False
    for deadline in of(rulebook, result.grant, result.as_of, result, result.review):
        is_of_period = deadline.kind in RETURNS and deadline.period_end == result.period_end
        if deadline.on is None or not (is_of_period or deadline.kind in {"internal_review", "agency"}):
            continue
        if deadline.on >= result.as_of and not deadline.is_closed:
            return f"senast {deadline.words}"
        has_passed = True
    return "så snart ni kan, eftersom fristen har gått ut" if has_passed else "så snart ni kan"


def periods(grant: Grant) -> list[date]:
    """The last day of each period that the boards return: the quarters' ends, at last the grant's.

    A quarter that ended before anything was decided is nobody's to return.
    """
    decided_on = min((d.decided_on for d in grant.decisions), default=grant.spend_to_on)
    years = range(grant.spend_from_on.year, grant.spend_to_on.year + 1)
    ends = [
        date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for year in years for month in (3, 6, 9, 12)
    ]
    first = max(decided_on, grant.spend_from_on)
    return [*(end for end in ends if first <= end < grant.spend_to_on), grant.spend_to_on]


class _Case:
    """A grant as of a day, with what is known of its returns and its report."""

    def __init__(
        self, rulebook: Rulebook, grant: Grant, as_of: date, result: GrantResult | None, review: Review | None
    ) -> None:
        self.rulebook, self.grant, self.as_of, self.result, self.review = rulebook, grant, as_of, result, review
        self.boards: Mapping[str, Row] = {b["board_id"]: b for b in result.tables["board"]} if result else {}

    def units(self, period_end: date) -> dict[str, Unit]:
        """The units that answer for a period, with what they have by the decisions in force on the as-of date."""
        return self.rulebook.units(self.grant, self.as_of, period_end)

    def seen_sek(self, unit_id: str, period_end: date) -> Decimal:
        """What the latest result has counted of a unit, under whatever boards it was then; nothing while it is held."""
        seen = Decimal(0)
        for board_id, row in self.boards.items():
            if self.rulebook.unit_of(board_id, self.grant, self.as_of, period_end) == unit_id:
                seen += row["eligible_sek"] or Decimal(0)
        return seen

    def deadlines(self, kind: DeadlineKind, due: Due) -> Iterator[Deadline]:
        """The deadlines of one kind: one for each period of the quarterly returns, otherwise one."""
        if kind == "quarterly_return" and due.working_days:
            ends = periods(self.grant)
            if "final_return" in self.grant.due and self.grant.due["final_return"].on:
                ends = ends[:-1]  # the final return is the last one
            for end in ends:
                yield self.deadline(kind, due, after(end, due.working_days), end)
        elif kind == "internal_review" and due.working_days:
            known = [self.grant.due[k].on for k in ("committee", "agency") if k in self.grant.due]
            first = min((day for day in known if day), default=None)
            yield self.deadline(kind, due, before(first, due.working_days) if first else None, None)
        else:
            yield self.deadline(kind, due, due.on, self.grant.spend_to_on if kind == "final_return" else None)

    def deadline(self, kind: DeadlineKind, due: Due, on: date | None, period_end: date | None) -> Deadline:
        """One deadline as it stands."""
        standing = self.standing(kind, on, period_end)
        names = {
            "agency": self.grant.grantor_short,
            "committee": self.grant.decisions[-1].decided_by if self.grant.decisions else "Socialnämnden",
            "period": swedish.long_date(period_end) if period_end else "kvartalets slut",
        }
        label, owner, consequence = (words.format_map(names) for words in _SAID[kind])
        counted = kind == "internal_review" and due.working_days
        unknown = f"{due.words} återrapportens sista dag, som inte är känd" if counted else due.words
        return Deadline(
            grant_id=self.grant.grant_id,
            grant_name=self.grant.short_name,
            kind=kind,
            as_of=self.as_of,
            label=label,
            owner=owner,
            on=on,
            words=f"{swedish.weekday(on)} {swedish.long_date(on)}" if on else unknown,
            source=due.source,
            at_risk_sek=Decimal(0) if standing != "open" else self.at_risk_sek(kind, period_end),
            consequence=consequence,
            standing=standing,
            period_end=period_end,
            working_days_left=working_days_left(self.as_of, on) if on else None,
            last_working_day=last_working_day(on) if on else None,
            remind_on=tuple(before(on, days) for days in self.grant.remind_before) if on else (),
        )

    def unreported(self, kind: DeadlineKind, period_end: date) -> dict[str, Decimal]:
        """The boards whose return for a period is not in or does not count, with the kronor that it leaves unseen.

        In a quarter that is what an earlier return has not told of; in the end all that the board was given.
        """
        covered = self.result.period_end if self.result else date.min
        unseen: dict[str, Decimal] = {}
        for board_id, unit in self.units(period_end).items():
            allocated_sek = unit.allocated_sek
            row = self.boards.get(board_id)
            is_in = row is not None and row["return_status"] not in {"missing", "held", "outdated"}
            if not allocated_sek or covered > period_end or (covered == period_end and is_in):
                continue
            unseen[board_id] = allocated_sek
            if kind == "quarterly_return":
                left_sek = allocated_sek - self.seen_sek(board_id, period_end)
                unseen[board_id] = min(allocated_sek, max(Decimal(0), left_sek))
        return unseen

    def standing(
        self, kind: DeadlineKind, on: date | None, period_end: date | None
    ) -> Literal["open", "done", "passed"]:
        """Whether there is still something to do about it."""
        if kind == "last_use":
            return "passed" if on and on < self.as_of else "open"
        if period_end and any(period_end < end <= self.as_of for end in periods(self.grant)):
            return "passed"  # a return lists all since the grant's start, so the next one covers this one
        if kind in RETURNS and period_end and self.units(period_end) and not self.unreported(kind, period_end):
            return "done"
        return "done" if self.review and self.is_done(kind, self.review) else "open"

    def is_done(self, kind: DeadlineKind, review: Review) -> bool:
        """Whether the final report has come so far that it is done."""
        states = list(ReportState)
        # A second version is a correction of what has been filed.
        least = ReportState.FILED if review.version > 1 else ReportState.DRAFT
        owes = self.result is None or self.result.tables["city"][0]["at_risk_sek"] > 0
        wanted = ReportState.FILED if kind == "repayment" and not owes else _DONE_WHEN[kind]
        return max(states.index(review.state), states.index(least)) >= states.index(wanted)

    def at_risk_sek(self, kind: DeadlineKind, period_end: date | None) -> Decimal:
        """Kronor that may have to be paid back if this one is missed."""
        total_sek = self.grant.total_sek
        if kind in RETURNS:
            return sum(self.unreported(kind, period_end).values(), Decimal(0)) if period_end else total_sek
        if self.result is None or kind not in {"last_use", "repayment"}:
            return total_sek
        city = self.result.tables["city"][0]
        used_sek: Decimal = city["eligible_sek"]
        owed_sek: Decimal = city["at_risk_sek"]
        return owed_sek if kind == "repayment" else min(total_sek, max(Decimal(0), total_sek - used_sek))


# -- reminders -------------------------------------------------------------------------------------------------------


def reminders(
    rulebook: Rulebook,
    grant: Grant,
    as_of: date,
    result: GrantResult | None = None,
    review: Review | None = None,
    since: date | None = None,
) -> list[Reminder]:
    """The reminders to make on a day: at most one for each board that has not sent in, by board.

    `since` is the day on which the grant's reminders were last made, None before the first. A reminder whose day was
    missed is made on the first day after it; of several that were missed only the last. The last one of all comes the
    working day after the deadline and names the money at risk. Same arguments, same reminders.
    """
    case = _Case(rulebook, grant, as_of, result, review)
    made: dict[str, Reminder] = {}
    for deadline in of(rulebook, grant, as_of, result, review):
        if deadline.kind not in RETURNS or deadline.is_closed or not deadline.on or not deadline.period_end:
            continue
        days = [d for d in (*deadline.remind_on, after(deadline.on, 1)) if (since or date.min) < d <= as_of]
        if days:
            for board_id, unseen_sek in case.unreported(deadline.kind, deadline.period_end).items():
                made[board_id] = _reminder(rulebook, case, deadline, board_id, unseen_sek, max(days))
    return [made[board_id] for board_id in sorted(made)]


def _reminder(
    rulebook: Rulebook, case: _Case, deadline: Deadline, board_id: str, unseen_sek: Decimal, remind_on: date
) -> Reminder:
    assert deadline.on
    assert deadline.period_end
    grant, unseen = case.grant, swedish.kr(unseen_sek)
    subject, when = _opening(case, deadline, board_id, unseen)
    lacking = [*_lacking(case, deadline, board_id)]
    otherwise = _otherwise(rulebook, deadline, unseen_sek, case.units(deadline.period_end)[board_id])
    paragraphs = [
        f"Till {rulebook.board(board_id).name}",
        f"Det gäller er redovisning av {grant.name} till och med {swedish.long_date(deadline.period_end)}. {when}",
        *(["\n".join(["Det här saknas", *lacking])] if lacking else []),
        f"Det här händer annars\n{otherwise}",
        f"Gör så här\n{_PUT_RIGHT if _is_held(case, deadline, board_id) else _SEND_IN}",
        "Socialförvaltningen, Stockholms stad",
    ]
    return Reminder(
        reminder_id=f"{grant.grant_id}_{board_id}_{deadline.period_end}_{remind_on}",
        board_id=board_id,
        deadline=deadline,
        remind_on=remind_on,
        at_risk_sek=unseen_sek,
        subject=subject,
        text="\n\n".join(paragraphs) + "\n",
    )


_SEND_IN = "Fyll i redovisningsmallen för perioden och skicka in den. Har ni redan skickat den? Hör av er till oss."
_PUT_RIGHT = "Rätta det som hindrar, höj versionen med ett i redovisningen och skicka in den igen."


def _is_held(case: _Case, deadline: Deadline, board_id: str) -> bool:
    """Whether the board has sent in for the period, and something in it stops it from being counted."""
    status = case.boards.get(board_id, {}).get("return_status")
    return case.result is not None and case.result.period_end == deadline.period_end and status == "held"


def _opening(case: _Case, deadline: Deadline, board_id: str, unseen: str) -> tuple[str, str]:
    """The subject of a reminder, and its sentence on the day."""
    assert deadline.on
    assert deadline.period_end
    name, held = case.grant.short_name, _is_held(case, deadline, board_id)
    if deadline.is_overdue:
        late = swedish.counted((deadline.as_of - deadline.on).days, "dag", "dagar")
        ready = "rättad" if held else "hos oss"
        return (
            f"Försenad {'rättelse' if held else 'redovisning'}: {name}, {unseen} i fara",
            f"Den skulle ha varit {ready} senast {deadline.words} och är försenad {late}.",
        )
    if not deadline.working_days_left:
        left = "Det är i dag." if deadline.days_left == 0 else "Ingen arbetsdag är kvar."
    else:
        left = f"Det är {swedish.counted(deadline.working_days_left, 'arbetsdag', 'arbetsdagar')} kvar."
    soon = deadline.as_of <= deadline.period_end
    what = "Snart dags att redovisa" if soon else "Påminnelse om rättelse" if held else "Påminnelse om redovisning"
    return (
        f"{what}: {name}, senast {swedish.long_date(deadline.on)}",
        f"Den ska vara {'rättad' if held else 'hos oss'} senast {deadline.words}. {left}",
    )


def _lacking(case: _Case, deadline: Deadline, board_id: str) -> Iterator[str]:
    """What is not there, in a line or more; nothing while the period lasts. Of a held return, each thing that stops it.

    Of a return for an earlier period the last day it covers.
    """
    assert deadline.period_end
    status = case.boards.get(board_id, {}).get("return_status", "missing")
    if deadline.as_of <= deadline.period_end:
        return
    if case.result is None or status == "missing":
        yield "Vi har inte fått någon redovisning från er."
    elif _is_held(case, deadline, board_id):
        yield "Er redovisning väntar på rättelse. Så länge det här står kvar räknas ingenting av den:"
        for finding in case.result.findings:
            if finding.board == board_id and finding.severity is Severity.BLOCKING:
                place = ", ".join(p for p in (finding.file, finding.sheet, swedish.listing(finding.cells)) if p)
                yield f"– {place}: {finding.message} {finding.remedy}" if place else f"– {finding.message}"
    else:
        sent = (s["period_end_on"] for s in case.result.tables["sender"] if s["board_id"] == board_id)
        latest = swedish.long_date(max(sent))
        waiting = ", och den väntar på rättelse" if status == "held" else ""
        yield f"Den senaste redovisning vi har från er gäller till och med {latest}{waiting}. Tiden efter det saknas."


def _otherwise(rulebook: Rulebook, deadline: Deadline, unseen_sek: Decimal, unit: Unit) -> str:
    unseen, allocated = swedish.kr(unseen_sek), swedish.kr(unit.allocated_sek)
    part = f"hela ert belopp, {allocated}" if unseen_sek == unit.allocated_sek else f"{unseen} av era {allocated}"
    told = f"{deadline.consequence} För er är det {part}."
    if not unit.inherited_sek:
        return told
    given = (
        f"{swedish.kr(sek)} beslutat för {rulebook.board(board_id).name}"
        for board_id, sek in sorted(unit.inherited_sek.items())
    )
    return f"{told} Av ert belopp är {swedish.listing(given)}, som har uppgått i er nämnd."


# -- calendars -------------------------------------------------------------------------------------------------------

_ALARM_HOUR = 9


def calendar(deadlines: Sequence[Deadline], name: str) -> bytes:
    """An iCalendar file (RFC 5545) with an all-day event for each deadline that has a day; `name` is the calendar's.

    An event keeps its UID from run to run, so a mail program that reads the file anew moves what it has. The stamp is
    the as-of day: same deadlines, same bytes.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//Stockholms stad//statsbidrag//SV")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    without = [f"{d.grant_name}: {d.label} ({d.words})" for d in deadlines if d.on is None]
    if without:
        made.add("x-wr-caldesc", "Utan känd dag: " + "; ".join(without))
    for deadline in deadlines:
        if deadline.on:
            made.add_component(_event(deadline, deadline.on))
    return bytes(made.to_ical())


def _event(deadline: Deadline, on: date) -> "Event":
    from icalendar import Alarm, Event

    event = Event()
    parts = [deadline.grant_id, deadline.kind]
    parts += [str(deadline.period_end)] if deadline.kind == "quarterly_return" else []
    event.add("uid", f"{'_'.join(parts)}@statsbidrag")
    event.add("dtstamp", datetime(deadline.as_of.year, deadline.as_of.month, deadline.as_of.day, tzinfo=UTC))
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
        yield (f"Dagen är ingen arbetsdag. Den sista före är {swedish.weekday(working)} {swedish.long_date(working)}.")
    if deadline.is_closed:
        yield f"Läge {deadline.as_of}: {deadline.left}"
    else:
        yield deadline.consequence
        yield f"Pengar i fara {deadline.as_of}: {swedish.kr(deadline.at_risk_sek)}"
    yield deadline.source.sentence
