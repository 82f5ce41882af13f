"""Letters to the boards: written as drafts that Outlook opens, and sent by SMTP where the city has set that up.

A letter is one `.eml` file, and the folder it lies in says how far it has come:

- `utkorg/`: a draft, waiting to be sent by a person or by `send`; laid there with the change that made it.
- `osakert/`: sent, but nobody has heard whether the server took it.
- `skickat/`: sent, as the draft was when a person sent it, and else as it went out.

No letter is ever sent twice by the program. The whole letter is handed over first; then the file is moved from `utkorg`
to `osakert`; only then go the last three bytes, without which a server delivers nothing (RFC 5321, 4.1.1.4); and the
server's yes moves it on to `skickat`. What is cut off before the move was not delivered and is sent next time. What is
cut off after it may have been: such a letter stays in `osakert` and is shown until somebody has asked the board and
moved it. A board that gets the same demand twice loses trust in both; one that gets none is seen here, by name.
"""

import fcntl
import hashlib
import os
import re
import smtplib
import socket
import ssl
import stat
import textwrap
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from . import deadlines, disk, places, swedish
from .model import MAIL_PASSWORD, Finding, Grant, GrantResult, InputError, Return, Rulebook, Severity

OUTBOX, UNCERTAIN, SENT = places.OUTBOX, places.UNCERTAIN, places.SENT
BOXES = (OUTBOX, UNCERTAIN, SENT)
"""The folders under the out folder, in the order that a letter goes through them."""
WIDTH = 78
"""The longest line of a letter, in characters (RFC 5322, 2.1.1)."""
TIMEOUT_SECONDS = 60
"""How long a server that says nothing is waited for."""
VERDICT_SECONDS = 300
"""How long it may think about a letter that it has got: to stop earlier is to be uncertain."""
SENDING_SECONDS = 600
"""How long one call of `send` goes on beginning new letters; what is left waits for the next call."""
_MOST_SILENCES = 2
"""After how many letters in a row that a server breaks off, the rest wait: it is the server, not the letters."""
_MOST_FINDINGS = 40
_MOST_PASSWORD_BYTES = 1000
_ADDED = (b"From", b"Date", b"Message-ID", b"Auto-Submitted")
"""The headers that a letter gets when it is sent."""
_FORM = SMTP.clone(max_line_length=76)  # what quoted-printable allows (RFC 2045, 6.7)


# -- a letter --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attachment:
    """A workbook that follows a letter; the name is plain ASCII."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A letter as it will be written. Letters with one identity are one letter, whatever else differs."""

    kind: str
    """What it is, for the name of its file: `kvittens`, `paminnelse`."""
    place: str
    """The grant and the board, for the name of its file."""
    about: str
    """What it is about; a newer letter about the same takes the place of one that has not been sent."""
    identity: str
    to: str | None
    """None: nobody is known to send it to, and the letter says so."""
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()
    is_minor: bool = False
    """It is not worth a letter to somebody who has already got one about the same."""

    @property
    def file_name(self) -> str:
        """The name of its file, the same every time."""
        place = re.sub("[^a-z0-9]+", "-", swedish.key(self.place)).strip("-")[:80]
        return f"{self.kind}_{place}_{_digest(self.kind, self.about)}_{self.identity}.eml"

    def draft(self) -> bytes:
        """The file: RFC 5322 with CRLF, without sender and date, which the one who sends it adds."""
        message = EmailMessage(policy=_FORM)
        message["X-Unsent"] = "1"  # Outlook then opens it as a draft
        if self.to:
            message["To"] = self.to
        message["Subject"] = self.subject
        message["Content-Language"] = "sv"
        message.set_content(self.body, cte="quoted-printable")
        for attachment in self.attachments:
            message.add_attachment(
                attachment.content,
                maintype="application",
                subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                filename=attachment.name,
            )
        if self.attachments:
            message.set_boundary(f"=_{self.identity}")  # quoted-printable and base64 never hold "=_"
        # Read and written once, so that it is the same bytes, but for its new headers, when it is sent.
        return BytesParser(policy=_FORM).parsebytes(message.as_bytes()).as_bytes()


def address(text: object) -> str | None:
    """The one plain e-mail address that a text is; None for anything more, less or cleverer than that."""
    match = re.fullmatch(
        r"(?=.{6,254}$)(?=[^@]{1,64}@)[a-z0-9_-]+(?:[.+][a-z0-9_-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        text.strip(" ") if isinstance(text, str) else "",
        re.IGNORECASE | re.ASCII,
    )
    return match[0] if match else None


def letter(kind: str, place: str, about: str, to: object, subject: str, body: str) -> Letter:
    """A letter in the sender's own words, such as a reminder; `to` is an address as somebody wrote it.

    `about` is what it is about, such as the deadline: see `Letter.about`. Each line of the body is a paragraph.
    """
    sendable = address(to)
    subject = swedish.tidy(_said(subject))
    body = _wrapped(body.strip("\n"))
    identity = _digest(kind, about, sendable or "", subject, body)
    return Letter(kind, place, about, identity, sendable, subject, _addressed(sendable, body))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _said(text: str) -> str:
    """Somebody's words on one line: personal numbers masked, what can't be seen dropped, fixed spaces kept."""
    masked, _ = swedish.mask_personal_numbers(text)
    return swedish.NBSP.join(swedish.tidy(part) for part in masked.split(swedish.NBSP))


def _wrapped(body: str) -> str:
    return "\n".join(_line(line.strip(" "), " " * (len(line) - len(line.lstrip(" ")))) for line in body.split("\n"))


def _line(text: str, first: str = "", rest: str | None = None) -> str:
    """A paragraph in lines of a letter's width; fixed spaces and days like 2024-01-20 stay whole."""
    after = first if rest is None else rest
    return textwrap.fill(_said(text), WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False)


def _addressed(to: str | None, body: str) -> str:
    if to:
        return f"{body}\n"
    return (
        "[Brevet har ingen mottagare, för vi saknar en e-postadress som går att\n"
        f"använda. Fyll i mottagaren och ta bort de här raderna innan du skickar.]\n\n{body}\n"
    )


# -- the acknowledgement of a return ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Received:
    """A return that has come in, and what became of it."""

    returned: Return
    on: date
    grant: Grant | None
    board: str | None
    outcome: str
    result: GrantResult
    is_up_to_date: bool
    is_unspent: bool
    """Its board has money that may be left unspent, and time left to use it."""
    answer_by: str
    """By when a board must put its return right, in words."""
    returns_on: date | None
    """The day by which the boards return the period; None when none is known."""
    findings: Sequence[Finding]

    def told(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is severity]

    @property
    def document(self) -> str:
        return "fil" if self.returned.kind == "csv" else "arbetsbok"


def acknowledgements(
    results: Sequence[GrantResult],
    returns: Sequence[Return],
    rulebook: Rulebook,
    received: Mapping[str, date],
    workbooks: Mapping[str, bytes],
) -> list[Letter]:
    """The acknowledgement of every return of a run: received, checked, what is wrong, whether it counts, what is next.

    `received` is the day each file came, by its SHA-256; `workbooks` the boards' workbooks with findings as comments,
    by `Return.file`. The identity is the file's content, the grant, the findings and whether it is held, so neither
    the day nor a better wording makes a new letter. The same bytes sent twice are acknowledged
    once, and a file that can't be opened at all has not been received.
    """
    letters = []
    for place, result in enumerate(results):
        outcomes = {row["name"]: row["outcome"] for row in result.tables["manifest"]}
        senders = {row["file"]: row for row in result.tables["sender"]}
        answer_by = deadlines.answer_by(rulebook, result)
        due = deadlines.return_day(rulebook, result.grant, result.as_of, result.period_end)
        for returned in returns:
            is_placed = returned.grant_id == result.grant.grant_id
            is_unplaced = returned.grant_id is None and place == 0  # in every result, acknowledged once
            outcome = outcomes[returned.file]
            if not (is_placed or is_unplaced) or not returned.sha256 or outcome in {"skipped", "duplicate"}:
                continue
            sender = senders.get(returned.file, {})
            flags = {row["board_id"]: row["flag"] for row in result.tables["board"]}
            one = _Received(
                returned,
                received[returned.sha256],
                result.grant if is_placed else None,
                rulebook.board(returned.sender_id).name if returned.sender_id else None,
                outcome,
                result,
                sender.get("is_up_to_date", True),
                flags.get(sender.get("board_id")) == "act" and result.as_of <= result.grant.spend_to_on,
                answer_by,
                due.on if due else None,
                _concerning(result.findings, returned.file, sender),
            )
            letters.append(_acknowledgement(one, workbooks.get(returned.file)))
    return letters


def _concerning(findings: Iterable[Finding], file: str, sender: Mapping[str, Any]) -> list[Finding]:
    """The findings that a sender can do something about: those on its file, and on its board as a whole.

    That a return has become old is no finding on what it holds. The letter says it in its own words, and a new
    quarter makes no new letter about an old file; reminders do that.
    """
    board = sender["board_id"] if sender.get("is_own") else None
    mine = [f for f in findings if f.file == file or (f.file is None and board is not None and f.board == board)]
    told = [f for f in mine if f.rule != "redovisning-aldre-period" or f.severity is Severity.BLOCKING]
    return sorted(told, key=lambda f: list(Severity).index(f.severity))


def _acknowledgement(one: _Received, workbook: bytes | None) -> Letter:
    returned, grant = one.returned, one.grant
    to = address(returned.value("email"))
    is_commented = workbook is not None and any(f.cells and f.file for f in one.findings)
    parts = [_line("Hej!"), _heading(one), _judgement(one), *_listed(one), _next(one, is_commented=is_commented)]
    parts.append(_line("Skriv aldrig personuppgifter i redovisningen. Svara på det här brevet om något är oklart."))
    parts.append("Vänliga hälsningar\nSocialförvaltningen, Stockholms stad")
    about = "Er redovisning är mottagen"
    if one.outcome == "counted":
        about = "Er redovisning räknas"
    elif one.told(Severity.BLOCKING):
        about = "Er redovisning måste rättas"
    named = ", ".join(filter(None, (one.board, grant.short_name if grant else None))) or _base(returned.file)
    seen = [(f.rule, str(f.severity), f.sheet, f.cells, f.value) for f in one.findings]
    is_held = one.outcome != "counted"
    return Letter(
        kind="kvittens",
        place=f"{returned.grant_id or 'okant-bidrag'} {returned.sender_id or 'okand-namnd'}",
        about=returned.sha256,
        identity=_digest("kvittens", returned.sha256, returned.grant_id, is_held, seen),
        to=to,
        subject=swedish.tidy(_said(f"{about}: {named}")),
        body=_addressed(to, "\n\n".join(parts)),
        attachments=(Attachment("redovisning-med-kommentarer.xlsx", workbook),) if workbook and is_commented else (),
        is_minor=one.outcome in {"superseded", "later_period"},
    )


def _base(file: str) -> str:
    return file.rsplit("/", 1)[-1]


def _heading(one: _Received) -> str:
    """What came in, and what has been checked."""
    day, version = one.returned.value("period_end_on"), one.returned.value("version")
    facts = {
        "Fil": _base(one.returned.file),
        "Mottagen": swedish.long_date(one.on),
        "Nämnd": one.board or "framgår inte",
        "Statsbidrag": one.grant.name if one.grant else "framgår inte",
        "Gäller till och med": swedish.long_date(day) if isinstance(day, date) else "framgår inte",
        "Version": str(version) if version else "framgår inte",
    }
    lines = [_line(value, f"  {name + ':':<21}", " " * 23) for name, value in facts.items()]
    costs, activities = len(one.returned.costs), len(one.returned.activities)
    read = swedish.listing(
        words
        for count, words in (
            (costs, _tally(costs, "kostnadsrad", "kostnadsrader")),
            (activities, _tally(activities, "insats", "insatser")),
        )
        if count
    )
    checked = f"Vi har läst {read} och kontrollerat dem mot bidragets villkor."
    if not costs and not activities:
        checked = "Vi har inte hittat några kostnadsrader eller insatser att kontrollera i filen."
    elif one.outcome in {"superseded", "later_period"}:
        checked = f"Vi har läst {read}."
    return "\n".join([_line("Vi har tagit emot er redovisning."), "", *lines, "", _line(checked)])


def _judgement(one: _Received) -> str:
    """Whether the return counts now."""
    stopping, noted = one.told(Severity.BLOCKING), one.told(Severity.WARNING)
    stops = stopping and _tally(len(stopping), "fel", "fel")
    notes = noted and _tally(len(noted), "anmärkning", "anmärkningar")
    now = f"Vi stämmer nu av till och med den {swedish.long_date(one.result.period_end)}."
    match one.outcome:
        case "superseded":
            told = "Den här redovisningen räknas inte, för ni har lämnat en nyare som ersätter den."
        case "later_period":
            told = f"Er redovisning räknas inte ännu, för den gäller en senare period. {now}"
        case "counted" if not one.is_up_to_date:
            told = f"Er redovisning räknas, men den gäller en tidigare period. {now}"
        case "counted" if notes:
            told = f"Er redovisning räknas. Vi har {notes} som vi vill att ni tittar på."
        case "counted" if one.is_unspent:
            told = "Er redovisning räknas. Men ni har medel som riskerar att bli oanvända."
        case "counted":
            told = "Er redovisning räknas. Ni behöver inte göra något mer. Tack!"
        case _ if stops:
            told = f"Er redovisning räknas inte ännu. {stops} måste rättas först."
        case "unidentified":
            told = "Er redovisning räknas inte ännu. Det framgår inte vilken nämnd och vilket statsbidrag den gäller."
        case _:
            told = "Er redovisning räknas inte ännu. Den räknas ihop med en annan redovisning, som måste rättas först."
    return _line(told)


def _listed(one: _Received) -> Iterator[str]:
    """Each finding: what, where and what to do, those that stop the return first."""
    headings = {
        Severity.BLOCKING: "Det här måste rättas",
        Severity.WARNING: "Det här vill vi att ni tittar på",
        Severity.INFO: "För kännedom",
    }
    shown = one.findings[:_MOST_FINDINGS]
    for severity, heading in headings.items():
        told = ["\n".join(_item(number, f)) for number, f in enumerate(shown, start=1) if f.severity is severity]
        if told:
            yield "\n\n".join([f"{heading}:", *told])
    if len(one.findings) > len(shown):
        more = _tally(len(one.findings) - len(shown), "anmärkning", "anmärkningar")
        yield _line(f"Vi har {more} till. Börja med dem som står här. De andra får ni när ni har skickat in igen.")


def _item(number: int, finding: Finding) -> Iterator[str]:
    yield _line(finding.message, f"{number:>2}. ", " " * 4)
    where = ", ".join(filter(None, (finding.sheet and f"bladet {finding.sheet}", _cells(finding.cells))))
    if where:
        yield _line(f"Var: {where}", " " * 4)
    yield _line(f"Gör så här: {finding.remedy}", " " * 4)


def _next(one: _Received, *, is_commented: bool) -> str:
    """What the board does now, and by when."""
    again = f"öka versionen med ett och skicka in hela {one.document}en igen"
    told = []
    if is_commented:
        told.append("Er arbetsbok följer med. Anmärkningarna står där som kommentarer i cellerna.")
    if one.outcome == "superseded":
        told.append("Ni behöver inte göra något. Den nyare redovisningen får ett eget svar.")
    elif one.outcome == "later_period":
        told.append("Den räknas när vi stämmer av perioden som den gäller. Ni får då ett nytt svar.")
    elif one.outcome != "counted" and not one.returned.header:
        told.append("Skicka in redovisningen igen när felen är rättade. Ni får då ett nytt svar.")
        told.append(f"Svara {one.answer_by}.")
    elif one.told(Severity.BLOCKING) or one.outcome == "unidentified":
        told.append(f"Rätta felen i er egen {one.document}, {again}. Den nya redovisningen ersätter den gamla.")
        told.append(f"Svara {one.answer_by}.")
    elif one.outcome == "counted" and not one.is_up_to_date:
        told.append(f"Lämna också en redovisning till och med den {swedish.long_date(one.result.period_end)}.")
    elif one.outcome == "counted":
        where = "återrapport" if one.result.is_final else "avstämning"
        told.append(f"Beloppen går in i stadens {where}. Vill ni ändra något, {again}.")
        if one.is_unspent:
            last = swedish.long_date(one.result.grant.spend_to_on)
            told.append(
                f"Medlen får användas till och med den {last}. Det som då inte är använt ska betalas tillbaka. Bestäm "
                "nu vad ni gör med det som är kvar, eller hör av er till oss, så att en annan nämnd kan få det."
            )
    else:
        told.append("Ni behöver inte göra något. Ni får ett nytt svar när er redovisning räknas.")
    if one.grant and one.outcome != "superseded":
        ours, theirs = one.returns_on, one.grant.agency_deadline_on
        if ours and ours >= one.result.as_of:
            told.append(f"Ni redovisar till Socialförvaltningen senast den {swedish.long_date(ours)}.")
        if theirs and theirs >= one.result.as_of:
            agency = one.grant.grantor_short
            told.append(f"Socialförvaltningen återrapporterar till {agency} senast den {swedish.long_date(theirs)}.")
    return "\n".join(["Vad händer nu?", "", _line(" ".join(told))])


def _cells(cells: Sequence[str]) -> str:
    rest = f" och {_tally(len(cells) - 6, 'cell', 'celler')} till" if len(cells) > 6 else ""
    listed = ", ".join(cells[:6]) if rest else swedish.listing(cells)
    return f"{'cell' if len(cells) == 1 else 'cellerna'} {listed}{rest}" if cells else ""


def _tally(count: int, one: str, many: str) -> str:
    return f"{swedish.number(count)}{swedish.NBSP}{one if count == 1 else many}"


# -- the outbox ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outbox:
    """The names of the letters in each folder."""

    waiting: tuple[str, ...]
    uncertain: tuple[str, ...]
    sent: tuple[str, ...]


def outbox(out: Path) -> Outbox:
    """How far the letters of an out folder have come."""
    # In the order that letters move, so that none is missed while it does.
    return Outbox(*(tuple(sorted(p.name for p in (out / box).glob("*.eml"))) for box in BOXES))


@dataclass(frozen=True)
class Putting:
    """What is to become of the outbox: the new drafts, by the names of their files, and the names of those replaced."""

    drafts: Mapping[str, bytes]
    replaced: tuple[str, ...]


def to_put(out: Path, letters: Iterable[Letter]) -> Putting:
    """Which letters are to be laid in `utkorg`; nothing is written.

    A letter that lies in any of the folders is not made again. One that waits gives way to a newer one about the same.

    Raises InputError when the folder can't be written in.
    """
    stand = outbox(out)
    waiting, gone = set(stand.waiting), {*stand.uncertain, *stand.sent}
    drafts: dict[str, bytes] = {}
    replaced: list[str] = []
    for one in letters:
        name = one.file_name
        same = f"_{_digest(one.kind, one.about)}_"
        if name in waiting | gone or (one.is_minor and any(same in other for other in gone)):
            continue
        for older in sorted(other for other in waiting if same in other):
            if drafts.pop(older, None) is None:
                replaced.append(older)
            waiting.discard(older)
        drafts[name] = one.draft()
        waiting.add(name)
    box = out / OUTBOX
    if drafts and (box.is_symlink() or (box.exists() and not (box.is_dir() and os.access(box, os.W_OK | os.X_OK)))):
        raise InputError(
            f"Det går inte att skriva brev i {box}. Kontrollera att det är en mapp, ingen länk, och att du får skriva "
            "där. Inget är ändrat; kör igen."
        )
    return Putting(drafts, tuple(replaced))


def draft_of(sent: bytes) -> bytes:
    """The draft that a letter was sent from, by what was sent: `_outgoing` the other way, for all but empty letters."""
    head, blank, body = sent.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if line.split(b":", 1)[0] not in _ADDED]
    return b"\r\n".join([b"X-Unsent: 1", *kept]) + blank + body


def leftover_of(name: str) -> str | None:
    """The letter that a file in `skickat` is half of, when somebody pulled the plug as it was written; else None."""
    match = re.fullmatch(r"\.(.+\.eml)\.ny", name)
    return match[1] if match else None


def _move(path: Path, box: str) -> Path:
    """A letter into another folder, on the disk itself when this returns."""
    target = path.parent.parent / box / path.name
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    disk.sync(target.parent, path.parent, target.parent.parent)
    return target


# -- sending ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """How letters are sent by SMTP. The password is no part of it, only the file that it may stand in."""

    host: str
    port: int
    security: Literal["starttls", "tls", "ingen"]
    sender: str
    user: str | None
    domains: tuple[str, ...]
    """Where letters may be sent: a board's address is what somebody wrote in a file."""
    password_file: Path | None = None


_SHAPE: Mapping[str, tuple[type, str, Callable[[Any], bool]]] = {
    "format": (int, "är 1", lambda value: value == 1),
    "server": (str, "är e-postserverns namn", lambda value: bool(re.fullmatch("[A-Za-z0-9.:-]{1,253}", value))),
    "port": (int, "är ett tal från 1 till 65535", lambda value: 0 < value < 65536),
    "sakerhet": (str, 'är "starttls", "tls" eller "ingen"', lambda value: value in {"starttls", "tls", "ingen"}),
    "avsandare": (str, "är en e-postadress utan å, ä och ö", lambda value: address(value) == value),
    "mottagare": (
        list,
        'är domäner som brev får skickas till, till exempel ["stockholm.se"]',
        lambda value: bool(value) and all(isinstance(d, str) and address(f"x@{d}") for d in value),
    ),
    "anvandare": (str, "är användarens namn utan å, ä och ö", lambda value: bool(value) and value.isascii()),
    "losenordsfil": (str, "är namnet på en fil med lösenordet", lambda value: bool(value) and "\0" not in value),
}
_OPTIONAL = {"anvandare", "losenordsfil"}
_IS_TEXT = "Kontrollera att den är en textfil i UTF-8."


def settings(path: Path) -> Settings | None:
    """The settings of a file like `data/post.toml.exempel`; None when there is none: the letters stay drafts.

    Raises InputError, which never quotes what stands in the file but its keys.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        line = re.search("line [0-9]+", str(error))
        where = line[0].replace("line", "rad") if line else "slutet"
        raise InputError(f"{path}, {where}: raden går inte att läsa. Skriv text inom raka citattecken.") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise InputError(f"{path}: filen går inte att läsa. {_IS_TEXT}") from None
        raise InputError(
            f"{path}: filen har för många parenteser i varandra eller ett för långt tal. Jämför med post.toml.exempel."
        ) from None
    except OSError:
        raise InputError(f"{path}: filen går inte att läsa. {_IS_TEXT}") from None
    for key in raw:
        if key not in _SHAPE:
            raise InputError(
                f"{path}: nyckeln {_said(key)} finns inte. Lösenordet ska aldrig stå i filen, utan i miljövariabeln "
                f"{MAIL_PASSWORD} eller i en egen fil som nyckeln losenordsfil anger."
            )
    for key, (kind, words, is_right) in _SHAPE.items():
        value = raw.get(key)
        if value is None and key in _OPTIONAL:
            continue
        if not isinstance(value, kind) or isinstance(value, bool) or not is_right(value):
            raise InputError(f"{path}: nyckeln {key} {'saknas' if value is None else 'är fel'}. Den {words}.")
    if raw.get("anvandare") and raw["sakerhet"] == "ingen":
        raise InputError(f'{path}: lösenord skickas aldrig utan kryptering. Välj sakerhet = "starttls" eller "tls".')
    domains = tuple(domain.casefold() for domain in raw["mottagare"])
    file = path.parent / raw["losenordsfil"] if raw.get("losenordsfil") else None
    found = Settings(raw["server"], raw["port"], raw["sakerhet"], raw["avsandare"], raw.get("anvandare"), domains, file)
    password(found)
    return found


def password(settings: Settings) -> str:
    """The password of the environment, else of the file that the settings name; an empty text without either.

    Raises InputError when the file isn't as it must be: others than its owner may do nothing with it.
    """
    if found := os.environ.get(MAIL_PASSWORD):
        return found
    if settings.password_file is None:
        return ""
    # What stands in the settings is never said: somebody may have written the password itself there.
    named = "Filen som losenordsfil anger i inställningarna för e-post"
    try:
        with open(settings.password_file, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            content = file.read(_MOST_PASSWORD_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    except OSError:
        raise InputError(f"{named} går inte att läsa. Kontrollera att den finns och att du äger den.") from None
    if status.st_mode & 0o077:
        raise InputError(
            f"{named} kan läsas eller ändras av andra. Ta bort deras rätt till den med chmod 600, och byt lösenordet "
            "om någon kan ha läst det."
        )
    found = content.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
    if not found or len(content) > _MOST_PASSWORD_BYTES or "\n" in found or "\r" in found:
        raise InputError(f"{named} ska innehålla lösenordet till e-postservern på en rad, och inget annat.")
    return found


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, or a pipe that nobody writes to."""
    return os.open(path, flags | os.O_NONBLOCK)


@dataclass(frozen=True)
class Sending:
    """What one call of `send` came to: names of letters, and sentences for whoever reads the log."""

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


def send(out: Path, settings: Settings, at: datetime, secret: Callable[[], str] | None = None) -> Sending:
    """Send every letter in `utkorg` that has a recipient, each at most once; what can't be sent is kept for next time.

    A server that doesn't say whether it took a letter, or breaks off twice in a row, gets no more of them now: each
    would take minutes, and in the first case be uncertain too. Nor is a letter begun after `SENDING_SECONDS`.

    `at` is the moment that the letters get as their date. `secret` gives the password (otherwise `password` does), and
    is asked only when it is needed. Two calls at once: the second sends nothing and says so.
    """
    if not (out / OUTBOX).is_dir():
        return Sending()
    with _alone(out) as is_alone:
        if not is_alone:
            return Sending(kept=outbox(out).waiting, sentences=("Ett annat utskick pågår. Inget skickas av det här.",))
        return _send_all(out, settings, at, secret or partial(password, settings))


@contextmanager
def _alone(out: Path) -> Iterator[bool]:
    try:
        folder = os.open(out / OUTBOX, os.O_RDONLY)
    except OSError:
        raise InputError(f"Det går inte att läsa {out / OUTBOX}. Kontrollera att du har rätt till mappen.") from None
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(folder)


def _send_all(out: Path, settings: Settings, at: datetime, secret: Callable[[], str]) -> Sending:
    sent: list[str] = []
    reasons: dict[str, list[str]] = {}
    word: str | None = None
    silent = ""
    silences = 0
    begun = time.monotonic()
    for name in outbox(out).waiting:
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
                f"Det går inte att flytta brev i {out}. Kontrollera att disken har plats och att du får skriva där. "
                f"Brev som ligger i {UNCERTAIN} kan ha kommit fram."
            ) from None
        else:
            sent.append(name)
            silences = 0
    stand = outbox(out)
    told = [f"{_tally(len(sent), 'brev är skickat', 'brev är skickade')}."] if sent else []
    told += [f"{reason} {_kept(names)}" for reason, names in reasons.items()]
    told += [uncertainty(stand.uncertain)] if stand.uncertain else []
    return Sending(tuple(sent), stand.waiting, stand.uncertain, tuple(told))


def _minutes(seconds: float) -> str:
    return swedish.counted(round(seconds / 60), "minut", "minuter")


def uncertainty(names: Sequence[str]) -> str:
    """What somebody must do about the letters in `osakert`, as a sentence."""
    return (
        f"Det är osäkert om {_tally(len(names), 'brev', 'brev')} kom fram ({_few(names)}). Fråga mottagaren. Flytta "
        f"brevet från {UNCERTAIN} till {SENT} om det kom fram, annars till {OUTBOX}."
    )


def _kept(names: Sequence[str]) -> str:
    lies = "ligger kvar i utkorgen och prövas igen nästa gång"
    return f"{_tally(len(names), 'brev', 'brev')} {lies} ({_few(names)})."


def _few(names: Sequence[str]) -> str:
    shown = list(names[:3])
    return swedish.listing([*shown, f"{len(names) - 3} till"] if len(names) > 3 else shown)


def _outgoing(draft: bytes, settings: Settings, at: datetime) -> tuple[bytes, str]:
    """A draft as it goes out, and to whom. Raises _KeptError when it may not go anywhere."""
    message = BytesParser(policy=_FORM).parsebytes(draft)
    to = address(str(message["To"] or ""))
    if to is None:
        raise _KeptError("Mottagare saknas. Öppna brevet i Outlook, fyll i en mottagare och skicka det därifrån.")
    domain = to.rpartition("@")[2].casefold()
    if not any(domain == allowed or domain.endswith(f".{allowed}") for allowed in settings.domains):
        raise _KeptError(
            "Mottagaren finns utanför de domäner som brev får skickas till. Kontrollera adressen, och skicka brevet "
            "från Outlook om den är rätt."
        )
    for name in (b"X-Unsent", *_ADDED):
        del message[name.decode()]
    message["From"] = settings.sender
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{hashlib.sha256(draft).hexdigest()[:32]}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no answering machine replies to it (RFC 3834)
    return message.as_bytes().rstrip(b"\r\n") + b"\r\n", to


def _deliver(path: Path, content: bytes, to: str, settings: Settings, password: str) -> None:
    """Hand one letter to the server; its file then lies where it belongs.

    One connection for each letter: what goes wrong with one is never the next one's fault.
    """
    with closing(_connected(settings, password)) as smtp, _ending(smtp, SENDING_SECONDS):
        try:
            _accepted(
                smtp.mail(settings.sender, [f"size={len(content)}"] if smtp.has_extn("size") else []),
                "brevet från avsändaren",
            )
            _accepted(smtp.rcpt(to), "mottagaren")
            _accepted(smtp.docmd("DATA"), "brevet", 3)
            smtp.send(re.sub(rb"(?m)^\.", b"..", content))
        except smtplib.SMTPException:
            raise _BrokenOffError("E-postservern avbröt kontakten innan den hade fått brevet.") from None
        path = _move(path, UNCERTAIN)
        try:
            smtp.send(b".\r\n")
        except smtplib.SMTPException:
            _move(path, OUTBOX)
            raise _BrokenOffError("E-postservern avbröt kontakten innan den hade fått brevet.") from None
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
            _move(path, OUTBOX)
            raise
        path = _move(path, SENT)
        with suppress(OSError):
            disk.write(path, content)  # as it was sent, and no longer a draft
            smtp.quit()


@contextmanager
def _ending(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """While a server may talk: it is hung up on after some seconds, however slowly it says one thing after another."""

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
    """Raises _KeptError when the server says no; of its words only the codes are told, they name nobody."""
    code, words = reply
    if code // 100 != wanted:
        detail = re.match(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", words)
        said = " ".join([str(code), *([detail[0].decode()] if detail else [])])
        raise _KeptError(f"E-postservern tog inte emot {what} (svar {said}).")


def _connected(settings: Settings, password: str) -> smtplib.SMTP:
    """A connection that is as safe as the settings demand. Raises _NoServerError, which never holds the password."""
    if settings.user and not password:
        raise _NoServerError(f"Lösenordet till e-postservern saknas. Ange det i miljövariabeln {MAIL_PASSWORD}.")
    if not password.isascii():
        raise _NoServerError("Lösenordet till e-postservern innehåller annat än ASCII, till exempel å, ä eller ö.")
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
        why = f"Krypteringen till e-postservern {place} går inte att lita på. Kontrollera dess certifikat."
    except smtplib.SMTPAuthenticationError:
        why = f"E-postservern {place} godtog inte användaren och lösenordet."
    except smtplib.SMTPNotSupportedError:
        why = f"E-postservern {place} erbjuder inte den kryptering eller inloggning som krävs."
    except OSError:  # whatever smtplib raises is one, too
        why = f"E-postservern {place} svarar inte som den ska."
    else:
        return smtp
    raise _NoServerError(why)
