"""The workbooks of a period, sent out: a letter to each board with its own, laid in the outbox.

Conducts without Prefect.
"""

from collections.abc import Mapping
from datetime import date

from ..base.errors import InputError
from ..case import casefile, casework, store
from ..case.casefile import Occasion
from ..decisions import data_folder
from ..model.returns import Return
from ..money import earlier_runs
from ..year import deadlines
from ..year.correspondence import Attachment
from ..year.invitations import invitation
from . import blank_workbooks, watch


def send_out(
    occasion: Occasion, grant_id: str, period_end: date, by: str, sent_last: Mapping[str, Return]
) -> tuple[str, ...]:
    """Lay a letter with its workbook in the outbox for each board with an allocation; the names of
    those that are new come back. `sent_last` is what boards sent last, by their ids.

    Raises InputError for a period that the grant doesn't have, and when the outbox can't be written
    in.
    """
    today = occasion.today
    decided = data_folder.load(occasion.data, [grant_id], today)
    grant = decided.grant(grant_id)
    if not grant.has_amounts:
        raise InputError(
            f"Bidragsfilen säger inte vilka nämnder som har medel i {grant.short_name}, så inga "
            "brev skrivs till alla. Hämta arbetsboken för var och en som deltar."
        )
    if period_end not in blank_workbooks.periods(decided, grant, today):
        raise InputError("Den perioden redovisas inte nu. Ladda om sidan.")
    due = deadlines.return_day(decided, grant, today, period_end)
    last_day = due.words if due and due.on and due.on >= today else None
    result = casefile.latest(occasion.out / earlier_runs.DATABASE, grant)
    to_each = watch.addresses(decided, result)
    letters = []
    for board_id in blank_workbooks.senders(decided, grant, today, period_end):
        before = blank_workbooks.to_go_on_from(sent_last.get(board_id), period_end)
        name, content = blank_workbooks.blank(decided, grant, board_id, today, period_end, before)
        letters.append(
            invitation(
                decided.organisation,
                grant,
                decided.board(board_id),
                period_end,
                last_day,
                Attachment(name, content),
                to_each.get(board_id),
                has_rows=before is not None,
            )
        )
    with store.Change(occasion.out) as change:
        log = casefile.log_of(change, occasion.at, by, occasion.login)
        names = casework.put_letters(change, log, occasion.at, by, letters)
        casework.publish(change, log)
    return names
