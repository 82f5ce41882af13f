"""Reminders to boards that have not sent in a return, or not put it right."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ..base import swedish
from ..base.working_days import after
from ..model.boards import Unit
from ..model.case import Review
from ..model.codes import ReturnStatus
from ..model.decisions import Grant
from ..model.findings import Finding, Severity
from ..model.rulebook import Rulebook
from ..model.year import Deadline, Reminder
from ..money.results import GrantResult
from ..money.shapes import known
from .deadlines import RETURNS, DeadlineCase, deadlines_of


def reminders(
    rulebook: Rulebook,
    grant: Grant,
    as_of: date,
    result: GrantResult | None = None,
    review: Review | None = None,
    since: date | None = None,
) -> list[Reminder]:
    """The reminders to make on a day: at most one for each board that has not sent in, by board.

    `since` is the day on which the grant's reminders were last made, None before the first. A
    reminder whose day was missed is made on the first day after it; of several that were missed
    only the last. The last one of all comes the working day after the deadline and names the money
    at risk. Same arguments, same reminders.
    """
    case = DeadlineCase(rulebook, grant, as_of, result, review)
    last_made_on = since or date.min
    by_board: dict[str, Reminder] = {}
    for deadline in deadlines_of(rulebook, grant, as_of, result, review):
        if deadline.kind not in RETURNS or deadline.is_closed:
            continue
        if not deadline.on or not deadline.period_end:
            continue
        days = (*deadline.remind_on, after(deadline.on, 1))
        days_to_remind = [day for day in days if last_made_on < day <= as_of]
        if not days_to_remind:
            continue
        remind_on = max(days_to_remind)
        for board_id, unseen_sek in case.unreported(deadline.kind, deadline.period_end).items():
            reminder = _reminder(rulebook, case, deadline, board_id, unseen_sek, remind_on)
            by_board[board_id] = reminder
    return [by_board[board_id] for board_id in sorted(by_board)]


def _reminder(
    rulebook: Rulebook,
    case: DeadlineCase,
    deadline: Deadline,
    board_id: str,
    unseen_sek: Decimal,
    remind_on: date,
) -> Reminder:
    assert deadline.on
    assert deadline.period_end
    grant = case.grant
    subject, when = _opening(case, deadline, board_id, swedish.kr(unseen_sek))
    lacking = [*_lacking(case, deadline, board_id)]
    unit = case.units(deadline.period_end)[board_id]
    otherwise = _otherwise(rulebook, deadline, unseen_sek, unit)
    remedy = _PUT_RIGHT if _is_held(case, deadline, board_id) else _SEND_IN
    period_end = swedish.long_date(deadline.period_end)
    paragraphs = [
        f"Till {rulebook.board(board_id).name}",
        f"Det gäller er redovisning av {grant.name} till och med {period_end}. {when}",
    ]
    if lacking:
        paragraphs.append("\n".join(["Det här saknas", *lacking]))
    paragraphs += [
        f"Det här händer annars\n{otherwise}",
        f"Gör så här\n{remedy}",
        rulebook.organisation.signature,
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


_SEND_IN = (
    "Fyll i redovisningsmallen för perioden och skicka in den. Har ni redan skickat den? Hör av er "
    "till oss."
)
_PUT_RIGHT = "Rätta det som hindrar, höj versionen med ett i redovisningen och skicka in den igen."


def _is_held(case: DeadlineCase, deadline: Deadline, board_id: str) -> bool:
    """Whether the board has sent in for the period, and something in it stops it from being
    counted."""
    is_of_period = case.result is not None and case.result.period_end == deadline.period_end
    return is_of_period and _status(case, board_id) is ReturnStatus.HELD


def _status(case: DeadlineCase, board_id: str) -> ReturnStatus:
    """How a board's return stands in the latest result; one that the result knows nothing of has
    sent nothing."""
    board = case.boards.get(board_id)
    return board.return_status if board else ReturnStatus.MISSING


def _opening(case: DeadlineCase, deadline: Deadline, board_id: str, unseen: str) -> tuple[str, str]:
    """The subject of a reminder, and its sentence on the day."""
    assert deadline.on
    assert deadline.period_end
    name = case.grant.short_name
    is_held = _is_held(case, deadline, board_id)
    wanted = "rättelse" if is_held else "redovisning"
    ready = "rättad" if is_held else "hos oss"
    if deadline.is_overdue:
        late = swedish.counted((deadline.as_of - deadline.on).days, "dag", "dagar")
        return (
            f"Försenad {wanted}: {name}, {unseen} i fara",
            f"Den skulle ha varit {ready} senast {deadline.words} och är försenad {late}.",
        )
    about = f"Påminnelse om {wanted}"
    if deadline.as_of <= deadline.period_end:
        about = "Snart dags att redovisa"
    return (
        f"{about}: {name}, senast {swedish.long_date(deadline.on)}",
        f"Den ska vara {ready} senast {deadline.words}. {_time_left(deadline)}",
    )


def _time_left(deadline: Deadline) -> str:
    """How long it is to a deadline that has not passed, as a sentence."""
    if deadline.working_days_left:
        days = swedish.counted(deadline.working_days_left, "arbetsdag", "arbetsdagar")
        return f"Det är {days} kvar."
    if deadline.days_left == 0:
        return "Det är i dag."
    return "Ingen arbetsdag är kvar."


def _lacking(case: DeadlineCase, deadline: Deadline, board_id: str) -> Iterator[str]:
    """What is not there, in a line or more; nothing while the period lasts. Of a held return, each
    thing that stops it.

    Of a return for an earlier period the last day it covers.
    """
    assert deadline.period_end
    status = _status(case, board_id)
    if deadline.as_of <= deadline.period_end:
        return
    if case.result is None or status is ReturnStatus.MISSING:
        yield "Vi har inte fått någon redovisning från er."
    elif _is_held(case, deadline, board_id):
        yield (
            "Er redovisning väntar på rättelse. Så länge det här står kvar räknas ingenting av den:"
        )
        for finding in case.result.findings:
            if finding.board == board_id and finding.severity is Severity.BLOCKING:
                yield _stopping(finding)
    else:
        senders = [s for s in case.result.tables.sender if s.board_id == board_id]
        latest = swedish.long_date(max(known(sender.period_end_on) for sender in senders))
        waiting = ", och den väntar på rättelse" if status is ReturnStatus.HELD else ""
        yield (
            f"Den senaste redovisning vi har från er gäller till och med {latest}{waiting}. Tiden "
            "efter det saknas."
        )


def _stopping(finding: Finding) -> str:
    """A finding that stops a return, as a line of a list."""
    parts = (finding.file, finding.sheet, swedish.listing(finding.cells))
    place = ", ".join(part for part in parts if part)
    if not place:
        return f"– {finding.message}"
    return f"– {place}: {finding.message} {finding.remedy}"


def _otherwise(rulebook: Rulebook, deadline: Deadline, unseen_sek: Decimal, unit: Unit) -> str:
    """What happens if nothing is done, how much of the board's money it is about, and what of that
    it has taken over."""
    allocated = swedish.kr(unit.allocated_sek)
    part = f"{swedish.kr(unseen_sek)} av era {allocated}"
    if unseen_sek == unit.allocated_sek:
        part = f"hela ert belopp, {allocated}"
    consequence = f"{deadline.consequence} För er är det {part}."
    if not unit.inherited_sek:
        return consequence
    inherited = swedish.listing(
        f"{swedish.kr(sek)} beslutat för {rulebook.board(board_id).name}"
        for board_id, sek in sorted(unit.inherited_sek.items())
    )
    grant = rulebook.grant(deadline.grant_id)
    yours = f"er {grant.level.words.one}"
    return f"{consequence} Av ert belopp är {inherited}, som har uppgått i {yours}."
