"""The letters to the boards: read, sent one by one or all, or taken home to be sent by hand; and
the workbooks sent out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..running import sending_out
from ..year import mail_settings, outbox, sending
from .asking import Ask, MissingError
from .clerk import Line

_KINDS: Mapping[str, str] = {"paminnelse": "Påminnelse", "arbetsbok": "Arbetsbok"}
EML = "message/rfc822"


@dataclass(frozen=True)
class Waiting:
    """A letter, as whoever is to send it reads it."""

    name: str
    kind: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def letters_page(ask: Ask) -> Response:
    """What waits to be sent, what nobody knows if it came, and what has been sent."""
    boxes = outbox.outbox(ask.office.folders.out)
    can_send = is_set_wrong = False
    try:
        can_send = _settings(ask) is not None
    except InputError:  # whoever sends is told what is wrong with them
        is_set_wrong = True
    view = {
        "waiting": [_read(ask.office.folders.out, outbox.OUTBOX, name) for name in boxes.waiting],
        "uncertain": [
            _read(ask.office.folders.out, outbox.UNCERTAIN, name) for name in boxes.uncertain
        ],
        "sent_count": len(boxes.sent),
        "can_send": can_send,
        "is_set_wrong": is_set_wrong,
    }
    return ask.page("brev.html.j2", ask.office.wording.said("Breven till nämnderna"), view)


def _settings(ask: Ask) -> mail_settings.Settings | None:
    return mail_settings.settings(ask.office.mail)


def _read(out: Path, box: str, name: str) -> Waiting:
    message = message_from_bytes((out / box / name).read_bytes(), policy=default)
    body = message.get_body(("plain",))
    attached = [part.get_filename() or "bilaga" for part in message.iter_attachments()]
    kind = _KINDS.get(name.split("_", 1)[0], "Svar på en redovisning")
    return Waiting(
        name,
        kind,
        str(message.get("To", "")),
        str(message.get("Subject", "")),
        str(body.get_content()) if body else "",
        tuple(attached),
    )


def letter_file(ask: Ask) -> Response:
    """A letter as a file that a mail program opens."""
    name = ask.part("name")
    if name not in outbox.outbox(ask.office.folders.out).waiting:
        raise MissingError("Brevet ligger inte längre i utkorgen.")
    content = (ask.office.folders.out / outbox.OUTBOX / name).read_bytes()
    return ask.file(content, name, EML)


def send_letters(ask: Ask) -> Response:
    """Send the letter that is named, or every one that waits and has somebody to go to."""
    settings = _settings(ask)
    if settings is None:
        raise InputError(
            "E-post är inte inställd. Hämta breven och skicka dem från ditt eget e-postprogram, "
            "eller be den som sköter Skrivbordet att fylla i post.toml."
        )
    only = ask.form.text("brev") or None
    if only is not None:
        _must_lie_in(ask, outbox.OUTBOX, only)
    at = datetime.fromisoformat(ask.office.now())
    done = sending.send(ask.office.folders.out, settings, at, only=only)
    return ask.go("/brev", " ".join(done.sentences) or "Inget brev väntade på att skickas.")


def sent_by_hand(ask: Ask) -> Response:
    """That somebody has sent a letter from their own mail program."""
    name = ask.form.text("brev")
    with ask.office.clerk.in_turn():
        _must_lie_in(ask, outbox.OUTBOX, name)
        outbox.move(ask.office.folders.out / outbox.OUTBOX / name, outbox.SENT)
    _note(ask, name, "det är skickat")
    return ask.go("/brev", "Brevet är lagt bland de skickade.")


def settle_uncertain(ask: Ask) -> Response:
    """What somebody has found out of a letter that nobody knew if it came: it did, or it is to be
    sent again."""
    name, has_come = ask.form.text("brev"), ask.form.text("kom") == "ja"
    with ask.office.clerk.in_turn():
        _must_lie_in(ask, outbox.UNCERTAIN, name)
        target = outbox.SENT if has_come else outbox.OUTBOX
        outbox.move(ask.office.folders.out / outbox.UNCERTAIN / name, target)
    _note(ask, name, "det kom fram" if has_come else "det kom inte fram")
    told = "Brevet är lagt bland de skickade." if has_come else "Brevet ligger i utkorgen igen."
    return ask.go("/brev", told)


def _must_lie_in(ask: Ask, box: str, name: str) -> None:
    boxes = outbox.outbox(ask.office.folders.out)
    there = boxes.waiting if box == outbox.OUTBOX else boxes.uncertain
    if name not in there:
        raise MissingError("Brevet ligger inte längre där. Ladda om sidan.")


def _note(ask: Ask, name: str, what: str) -> None:
    details = {"file": name, "what": what}
    line = Line("posted", ask.office.now(), ask.known_as(), ask.person.login, None, details)
    ask.office.clerk.note(line)


# -- workbooks, sent out ---------------------------------------------------------------------------


def send_out(ask: Ask) -> Response:
    """Lay a letter with its workbook in the outbox for each board of a grant."""
    grant = ask.grant(ask.office.decided())
    period_end = swedish.parse_date(ask.part("day"))
    if period_end is None:
        raise MissingError("Det finns ingen sådan period.")
    by = ask.by()
    with ask.office.clerk.in_turn():
        names = sending_out.send_out(
            ask.office.occasion(ask.person),
            grant.grant_id,
            period_end,
            by,
            ask.office.sent_last(grant.grant_id),
        )
    told = swedish.counted(len(names), "brev med arbetsbok ligger", "brev med arbetsböcker ligger")
    return ask.go("/brev", f"{told} i utkorgen." if names else "De breven finns redan.")
