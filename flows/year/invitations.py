"""The letter with which a board gets the workbook of a period."""

import hashlib
from datetime import date

from ..base import swedish
from ..base.addresses import address
from ..model.boards import Board
from ..model.decisions import Grant
from ..model.organisation import Organisation
from .correspondence import Attachment, Letter, addressed, digest, on_one_line, paragraph


def invitation(
    organisation: Organisation,
    grant: Grant,
    board: Board,
    period_end: date,
    last_day: str | None,
    workbook: Attachment,
    to: str | None,
    *,
    has_rows: bool,
) -> Letter:
    """The letter to a board with its workbook.

    `last_day` is the day by which it returns the period, in words, None where there is none or it
    has passed; `has_rows`: the workbook holds what the board reported last. A board gets one letter
    for a period: a newer one takes the place of one that still waits, and none comes after one that
    has been sent.
    """
    covered = swedish.period(grant.spend_from_on, period_end)
    wording = organisation.wording_of(grant.level)
    filled = wording.said("Den är ifylld med bidrag, nämnd, period och det ni har fått")
    if has_rows:
        filled += ", och med raderna som ni redovisade senast"
    place = on_one_line(organisation.handed_in_at or "")
    handed_in = paragraph(f"Lämna in den {_by(last_day)}{':' if place else '.'}")
    if place:
        handed_in += f"\n{place}"  # whole, so that a link in it can be followed
    asked = "Svara på det här brevet om något är oklart."
    if organisation.contact:
        asked = f"Frågor: {organisation.contact.rstrip('.')}."
    parts = (
        "Hej!",
        paragraph(f"Här är arbetsboken för er redovisning av {grant.name}, {covered}. {filled}."),
        handed_in,
        paragraph(_CUMULATIVE),
        paragraph(f"Skriv aldrig personuppgifter i redovisningen. {asked}"),
    )
    body = "\n\n".join(parts)
    body += f"\n\nVänliga hälsningar\n{organisation.signature}"
    sendable = address(to)
    about = f"{grant.grant_id} {board.board_id} {period_end}"
    content = hashlib.sha256(workbook.content).hexdigest()
    return Letter(
        kind="arbetsbok",
        place=f"{grant.grant_id} {board.board_id}",
        about=about,
        identity=digest("arbetsbok", about, sendable, body, content),
        to=sendable,
        subject=swedish.tidy(
            on_one_line(f"Dags att redovisa {grant.short_name}: {board.name}, {covered}")
        ),
        body=addressed(sendable, body),
        attachments=(workbook,),
        is_minor=True,
    )


_CUMULATIVE = (
    "Redovisningen visar allt som ni har använt sedan bidragets början. Har ni inget nytt att "
    "redovisa lämnar ni ändå in den."
)


def _by(last_day: str | None) -> str:
    return f"senast {last_day}" if last_day else "så snart som möjligt"
