"""Letters to the boards: written as drafts that Outlook opens, and sent by SMTP where the city has
set that up.

A letter is one `.eml` file, and the folder it lies in says how far it has come:

- `utkorg/`: a draft, waiting to be sent by a person or by `send`; laid there with the change that
  made it.
- `osakert/`: sent, but nobody has heard whether the server took it.
- `skickat/`: sent, as the draft was when a person sent it, and else as it went out.

No letter is ever sent twice by the program. The whole letter is handed over first; then the file is
moved from `utkorg` to `osakert`; only then go the last three bytes, without which a server delivers
nothing (RFC 5321, 4.1.1.4); and the server's yes moves it on to `skickat`. What is cut off before
the move was not delivered and is sent next time. What is cut off after it may have been: such a
letter stays in `osakert` and is shown until somebody has asked the board and moved it. A board that
gets the same demand twice loses trust in both; one that gets none is seen here, by name.
"""

import fcntl
import hashlib
import os
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesParser
from email.utils import format_datetime
from functools import partial
from pathlib import Path

from ..base import disk, swedish
from ..base.addresses import address
from ..base.environment import MAIL_PASSWORD
from ..base.errors import InputError
from .correspondence import FORM, tally
from .mail_settings import Settings, password
from .outbox import ADDED, OUTBOX, SENT, UNCERTAIN, move, outbox

TIMEOUT_SECONDS = 60
"""How long a server that says nothing is waited for."""
VERDICT_SECONDS = 300
"""How long it may think about a letter that it has got: to stop earlier is to be uncertain."""
SENDING_SECONDS = 600
"""How long one call of `send` goes on beginning new letters; what is left waits for the next
call."""
_MOST_SILENCES = 2
"""After how many letters in a row that a server breaks off, the rest wait: it is the server, not
the letters."""


# -- sending ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sending:
    """What one call of `send` came to: names of letters, and sentences for whoever reads the
    log."""

    sent: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    """All that lie in `osakert` now, from this call and from earlier ones."""
    sentences: tuple[str, ...] = ()


class _KeptError(Exception):
    """The letter has not been delivered; the sentence says why."""


class _NoServerError(Exception):
    """No letter can be delivered now; the sentence says why."""


class _BrokenOffError(_KeptError):
    """The letter has not been delivered, since the server went silent or hung up."""


class _UncertainError(Exception):
    """The letter may have been delivered."""


def send(
    out: Path,
    settings: Settings,
    at: datetime,
    secret: Callable[[], str] | None = None,
    only: str | None = None,
) -> Sending:
    """Send every letter in `utkorg` that has a recipient, or only the one with a name, each at most
    once; what can't be sent is kept for next time.

    A server that doesn't say whether it took a letter, or breaks off twice in a row, gets no more
    of them now: each would take minutes, and in the first case be uncertain too. Nor is a letter
    begun after `SENDING_SECONDS`.

    `at` is the moment that the letters get as their date. `secret` gives the password (otherwise
    `password` does), and is asked only when it is needed. Two calls at once: the second sends
    nothing and says so.
    """
    if not (out / OUTBOX).is_dir():
        return Sending()
    with alone(out) as is_alone:
        if not is_alone:
            return Sending(
                kept=outbox(out).waiting,
                sentences=("Ett annat utskick pågår. Inget skickas av det här.",),
            )
        names = [name for name in outbox(out).waiting if only is None or name == only]
        return _send_all(out, names, settings, at, secret or partial(password, settings))


@contextmanager
def alone(out: Path) -> Iterator[bool]:
    """Whether nobody else sends letters, and then nobody does for as long as this lasts."""
    try:
        folder = os.open(out / OUTBOX, os.O_RDONLY)
    except OSError:
        raise InputError(
            f"Det går inte att läsa {out / OUTBOX}. Kontrollera att du har rätt till mappen."
        ) from None
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(folder)


def _send_all(
    out: Path, names: Sequence[str], settings: Settings, at: datetime, secret: Callable[[], str]
) -> Sending:
    sent: list[str] = []
    reasons: dict[str, list[str]] = {}
    word: str | None = None
    silent = ""
    silences = 0
    begun = time.monotonic()
    for name in names:
        try:
            content, to = _outgoing((out / OUTBOX / name).read_bytes(), settings, at)
            if not silent and time.monotonic() - begun > SENDING_SECONDS:
                silent = f"Utskicket tog mer än {_minutes(SENDING_SECONDS)} och avbröts."
            if silent:
                raise _KeptError(silent)
            word = secret() if word is None and settings.user else word
            _deliver(out / OUTBOX / name, content, to, settings, word or "")
        except FileNotFoundError:
            continue  # taken away by somebody while we were at it, which stops it
        except _NoServerError as error:
            silent = str(error)
            reasons.setdefault(silent, []).append(name)
        except _KeptError as error:
            reasons.setdefault(str(error), []).append(name)
            if isinstance(error, _BrokenOffError):
                silences += 1
                silent = str(error) if silences == _MOST_SILENCES else ""
        except _UncertainError:
            silent = "E-postservern svarade inte på om den tog emot ett brev, så utskicket avbröts."
        except OSError:
            raise InputError(
                f"Det går inte att flytta brev i {out}. Kontrollera att disken har plats och att "
                f"du får skriva där. Brev som ligger i {UNCERTAIN} kan ha kommit fram."
            ) from None
        else:
            sent.append(name)
            silences = 0
    stand = outbox(out)
    sentences = [f"{tally(len(sent), 'brev är skickat', 'brev är skickade')}."] if sent else []
    sentences += [f"{reason} {_kept(kept)}" for reason, kept in reasons.items()]
    sentences += [uncertainty(stand.uncertain)] if stand.uncertain else []
    return Sending(tuple(sent), stand.waiting, stand.uncertain, tuple(sentences))


def _minutes(seconds: float) -> str:
    return swedish.counted(round(seconds / 60), "minut", "minuter")


def uncertainty(names: Sequence[str]) -> str:
    """What somebody must do about the letters in `osakert`, as a sentence."""
    return (
        f"Det är osäkert om {tally(len(names), 'brev', 'brev')} kom fram ({_few(names)}). Fråga "
        f"mottagaren. Flytta brevet från {UNCERTAIN} till {SENT} om det kom fram, annars till "
        f"{OUTBOX}."
    )


def _kept(names: Sequence[str]) -> str:
    lies = "ligger kvar i utkorgen och prövas igen nästa gång"
    return f"{tally(len(names), 'brev', 'brev')} {lies} ({_few(names)})."


def _few(names: Sequence[str]) -> str:
    shown = list(names[:3])
    return swedish.listing([*shown, f"{len(names) - 3} till"] if len(names) > 3 else shown)


def _outgoing(draft: bytes, settings: Settings, at: datetime) -> tuple[bytes, str]:
    """A draft as it goes out, and to whom. Raises _KeptError when it may not go anywhere."""
    message = BytesParser(policy=FORM).parsebytes(draft)
    to = address(str(message["To"] or ""))
    if to is None:
        raise _KeptError(
            "Mottagare saknas. Öppna brevet i Outlook, fyll i en mottagare och skicka det därifrån."
        )
    domain = to.rpartition("@")[2].casefold()
    if not any(domain == allowed or domain.endswith(f".{allowed}") for allowed in settings.domains):
        raise _KeptError(
            "Mottagaren finns utanför de domäner som brev får skickas till. Kontrollera adressen, "
            "och skicka brevet från Outlook om den är rätt."
        )
    for name in (b"X-Unsent", *ADDED):
        del message[name.decode()]
    message["From"] = settings.sender
    message["Date"] = format_datetime(at)
    message["Message-ID"] = (
        f"<{hashlib.sha256(draft).hexdigest()[:32]}@{settings.sender.rpartition('@')[2]}>"
    )
    message["Auto-Submitted"] = "auto-generated"  # no answering machine replies to it (RFC 3834)
    return message.as_bytes().rstrip(b"\r\n") + b"\r\n", to


def _deliver(path: Path, content: bytes, to: str, settings: Settings, password: str) -> None:
    """Hand one letter to the server; its file then lies where it belongs.

    One connection for each letter: what goes wrong with one is never the next one's fault.
    """
    with closing(_connected(settings, password)) as smtp, _ending(smtp, SENDING_SECONDS):
        try:
            _accepted(
                smtp.mail(
                    settings.sender, [f"size={len(content)}"] if smtp.has_extn("size") else []
                ),
                "brevet från avsändaren",
            )
            _accepted(smtp.rcpt(to), "mottagaren")
            _accepted(smtp.docmd("DATA"), "brevet", 3)
            smtp.send(re.sub(rb"(?m)^\.", b"..", content))
        except smtplib.SMTPException:
            raise _BrokenOffError(
                "E-postservern avbröt kontakten innan den hade fått brevet."
            ) from None
        path = move(path, UNCERTAIN)
        try:
            smtp.send(b".\r\n")
        except smtplib.SMTPException:
            move(path, OUTBOX)
            raise _BrokenOffError(
                "E-postservern avbröt kontakten innan den hade fått brevet."
            ) from None
        try:
            if smtp.sock:
                smtp.sock.settimeout(VERDICT_SECONDS)
            with _ending(smtp, VERDICT_SECONDS):
                verdict = smtp.getreply()
        except smtplib.SMTPException:
            raise _UncertainError from None
        if verdict[0] // 100 not in {2, 4, 5}:
            raise _UncertainError
        try:
            _accepted(verdict, "brevet")
        except _KeptError:
            move(path, OUTBOX)
            raise
        path = move(path, SENT)
        with suppress(OSError):
            disk.write(path, content)  # as it was sent, and no longer a draft
            smtp.quit()


@contextmanager
def _ending(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """While a server may talk: it is hung up on after some seconds, however slowly it says one
    thing after another."""

    def hang_up() -> None:
        with suppress(OSError):
            if smtp.sock:
                smtp.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _accepted(reply: tuple[int, bytes], what: str, wanted: int = 2) -> None:
    """Raises _KeptError when the server says no; of its words only the codes are told, they name
    nobody."""
    code, words = reply
    if code // 100 != wanted:
        detail = re.match(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", words)
        answer = " ".join([str(code), *([detail[0].decode()] if detail else [])])
        raise _KeptError(f"E-postservern tog inte emot {what} (svar {answer}).")


def _connected(settings: Settings, password: str) -> smtplib.SMTP:
    """A connection that is as safe as the settings demand. Raises _NoServerError, which never holds
    the password."""
    if settings.user and not password:
        raise _NoServerError(
            f"Lösenordet till e-postservern saknas. Ange det i miljövariabeln {MAIL_PASSWORD}."
        )
    if not password.isascii():
        raise _NoServerError(
            "Lösenordet till e-postservern innehåller annat än ASCII, till exempel å, ä eller ö."
        )
    place = f"{settings.host}:{settings.port}"
    context = ssl.create_default_context()
    try:
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_SECONDS)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if settings.user:
                smtp.login(settings.user, password)
        except BaseException:
            smtp.close()
            raise
    except ssl.SSLError:
        why = (
            f"Krypteringen till e-postservern {place} går inte att lita på. Kontrollera dess "
            "certifikat."
        )
    except smtplib.SMTPAuthenticationError:
        why = f"E-postservern {place} godtog inte användaren och lösenordet."
    except smtplib.SMTPNotSupportedError:
        why = f"E-postservern {place} erbjuder inte den kryptering eller inloggning som krävs."
    except OSError:  # whatever smtplib raises is one, too
        why = f"E-postservern {place} svarar inte som den ska."
    else:
        return smtp
    raise _NoServerError(why)
