"""Reminders to boards that have not sent in a return, or not put it right."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.working_days import after
from ..model.boards import Unit
from ..model.case import Review
from ..model.codes import ReturnStatus
from ..model.decisions import Grant
from ..model.findings import Severity
from ..model.rulebook import Rulebook
from ..model.year import Deadline, Reminder
from ..money.results import GrantResult
from ..money.shapes import known
from .deadlines import RETURNS, DeadlineCase, of

if TYPE_CHECKING:
    pass


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
    made: dict[str, Reminder] = {}
    for deadline in of(rulebook, grant, as_of, result, review):
        if (
            deadline.kind not in RETURNS
            or deadline.is_closed
            or not deadline.on
            or not deadline.period_end
        ):
            continue
        days = [
            d
            for d in (*deadline.remind_on, after(deadline.on, 1))
            if (since or date.min) < d <= as_of
        ]
        if days:
            for board_id, unseen_sek in case.unreported(deadline.kind, deadline.period_end).items():
                made[board_id] = _reminder(
                    rulebook, case, deadline, board_id, unseen_sek, max(days)
                )
    return [made[board_id] for board_id in sorted(made)]


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
    grant, unseen = case.grant, swedish.kr(unseen_sek)
    subject, when = _opening(case, deadline, board_id, unseen)
    lacking = [*_lacking(case, deadline, board_id)]
    otherwise = _otherwise(
        rulebook, deadline, unseen_sek, case.units(deadline.period_end)[board_id]
    )
    period_end = swedish.long_date(deadline.period_end)
    paragraphs = [
        f"Till {rulebook.board(board_id).name}",
        f"Det gäller er redovisning av {grant.name} till och med {period_end}. {when}",
        *(["\n".join(["Det här saknas", *lacking])] if lacking else []),
        f"Det här händer annars\n{otherwise}",
        f"Gör så här\n{_PUT_RIGHT if _is_held(case, deadline, board_id) else _SEND_IN}",
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
        left = (
            f"Det är {swedish.counted(deadline.working_days_left, 'arbetsdag', 'arbetsdagar')} "
            "kvar."
        )
    soon = deadline.as_of <= deadline.period_end
    what = (
        "Snart dags att redovisa"
        if soon
        else "Påminnelse om rättelse"
        if held
        else "Påminnelse om redovisning"
    )
    return (
        f"{what}: {name}, senast {swedish.long_date(deadline.on)}",
        f"Den ska vara {'rättad' if held else 'hos oss'} senast {deadline.words}. {left}",
    )


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
                place = ", ".join(
                    p for p in (finding.file, finding.sheet, swedish.listing(finding.cells)) if p
                )
                yield (
                    f"– {place}: {finding.message} {finding.remedy}"
                    if place
                    else f"– {finding.message}"
                )
    else:
        sent = (s.period_end_on for s in case.result.tables.sender if s.board_id == board_id)
        latest = swedish.long_date(max(known(day) for day in sent))
        waiting = ", och den väntar på rättelse" if status is ReturnStatus.HELD else ""
        yield (
            f"Den senaste redovisning vi har från er gäller till och med {latest}{waiting}. Tiden "
            "efter det saknas."
        )


def _otherwise(rulebook: Rulebook, deadline: Deadline, unseen_sek: Decimal, unit: Unit) -> str:
    unseen, allocated = swedish.kr(unseen_sek), swedish.kr(unit.allocated_sek)
    part = (
        f"hela ert belopp, {allocated}"
        if unseen_sek == unit.allocated_sek
        else f"{unseen} av era {allocated}"
    )
    told = f"{deadline.consequence} För er är det {part}."
    if not unit.inherited_sek:
        return told
    given = (
        f"{swedish.kr(sek)} beslutat för {rulebook.board(board_id).name}"
        for board_id, sek in sorted(unit.inherited_sek.items())
    )
    return f"{told} Av ert belopp är {swedish.listing(given)}, som har uppgått i er nämnd."
