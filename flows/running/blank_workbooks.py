"""The workbooks that boards fill in for a period: for whom there is one, and what is filled in
already."""

from datetime import date

from ..base import swedish
from ..base.errors import InputError
from ..model.decisions import Grant
from ..model.returns import Return
from ..model.rulebook import Rulebook
from ..returns import return_template
from ..year import deadlines


def senders(decided: Rulebook, grant: Grant, as_of: date, period_end: date) -> list[str]:
    """Who gets a workbook: each unit with an allocation, by its id; where amounts are unknown each
    board that there is.

    Raises InputError for a day outside the grant, and where no decision is in force.
    """
    first, last = grant.spend_from_on, grant.spend_to_on
    if not first <= period_end <= last:
        raise InputError(
            f"Bidraget gäller {swedish.period(first, last)}. Ange en --period-end inom den tiden."
        )
    ids = decided.participants(grant, as_of, period_end)
    if not ids or not grant.is_decided_on(as_of):
        raise InputError(
            f"Inget beslut om {grant.grant_id} gäller {as_of}. Ange en senare dag med --as-of."
        )
    return ids


def blank(
    decided: Rulebook,
    grant: Grant,
    sender_id: str,
    as_of: date,
    period_end: date,
    before: Return | None = None,
) -> tuple[str, bytes]:
    """A sender's workbook, and what it is called; with the rows of what it sent last, where that is
    given and isn't for a later period. Raises InputError for one without an allocation."""
    before = to_go_on_from(before, period_end)
    board = decided.board(sender_id)
    assigned = decided.assignment(sender_id, grant, as_of, period_end)
    if assigned is None:
        raise InputError(f"{board.name} har inga medel i {grant.grant_id} {as_of}.")
    due = deadlines.return_day(decided, grant, as_of, period_end)
    workbook = return_template.template(
        decided.organisation,
        grant,
        board,
        assigned,
        period_end,
        as_of,
        due.words if due else None,
        before,
    )
    return f"{grant.grant_id}_{sender_id}_{period_end}.xlsx", workbook


def to_go_on_from(before: Return | None, period_end: date) -> Return | None:
    """A return whose rows belong in the workbook of a period: not one for a later period."""
    sent_until = before.value("period_end_on") if before is not None else None
    return before if isinstance(sent_until, date) and sent_until <= period_end else None


def periods(decided: Rulebook, grant: Grant, as_of: date) -> list[date]:
    """The periods that boards may be filling in now, by their last days: the one that was to be
    returned last, the next, and what an interim report covers between them."""
    ends = [
        deadline.period_end
        for deadline in deadlines.deadlines_of(decided, grant, as_of)
        if deadline.kind in deadlines.RETURNS and deadline.period_end is not None
    ]
    # Where no deadline is known the quarters are returned all the same.
    ends = sorted({*ends, grant.spend_to_on}) if ends else deadlines.periods(grant)
    passed = [end for end in ends if end <= as_of]
    coming = [end for end in ends if end > as_of]
    asked = {*passed[-1:], *coming[:1]}
    for report in grant.interim_reports:
        if (not passed or passed[-1] < report.on) and report.on < max(asked):
            asked.add(report.on)
    return sorted(asked)
