"""The letters to the boards: read, sent one by one or all, or taken home to be sent by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from starlette.responses import Response

from ..base.errors import InputError
from ..year import mail_settings, outbox, sending
from .asking import Ask, MissingError

_KINDS: Mapping[str, str] = {"paminnelse": "Påminnelse"}
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
    view = {
        "waiting": [_read(ask.office.folders.out, outbox.OUTBOX, name) for name in boxes.waiting],
        "uncertain": [
            _read(ask.office.folders.out, outbox.UNCERTAIN, name) for name in boxes.uncertain
        ],
        "sent_count": len(boxes.sent),
        "can_send": _settings(ask) is not None,
    }
    return ask.page("brev.html.j2", "Breven till nämnderna", view)


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


def send_all(ask: Ask) -> Response:
    """Send every letter that waits and has somebody to go to."""
    settings = _settings(ask)
    if settings is None:
        raise InputError(
            "E-post är inte inställd. Hämta breven och skicka dem från ditt eget e-postprogram, "
            "eller be den som sköter Skrivbordet att fylla i post.toml."
        )
    at = datetime.fromisoformat(ask.office.now())
    done = sending.send(ask.office.folders.out, settings, at)
    return ask.go("/brev", " ".join(done.sentences) or "Inget brev väntade på att skickas.")


def sent_by_hand(ask: Ask) -> Response:
    """That somebody has sent a letter from their own mail program."""
    name, out = ask.form.text("brev"), ask.office.folders.out
    if name not in outbox.outbox(out).waiting:
        raise MissingError("Brevet ligger inte längre i utkorgen.")
    with ask.office.clerk.in_turn():
        outbox.move(out / outbox.OUTBOX / name, outbox.SENT)
    return ask.go("/brev", "Brevet är lagt bland de skickade.")
