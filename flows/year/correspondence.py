"""A letter to a board: an `.eml` file that Outlook opens as a draft."""

import hashlib
import re
import textwrap
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, EmailPolicy

from ..base import swedish
from ..base.addresses import address

WIDTH = 78
"""The longest line of a letter, in characters (RFC 5322, 2.1.1)."""


class _Form(EmailPolicy):
    """The form of a letter, whose subject always reads back as it was.

    The library loses a blank where two encoded words meet; such a subject is written as encoded
    words alone.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        folded = super().fold_binary(name, value)
        is_as_read = not hasattr(value, "fold")  # from a letter's file, and folded before
        if name != "Subject" or is_as_read:
            return folded
        words = folded.decode("ascii").removeprefix("Subject:").strip()
        if HeaderRegistry()(name, words.replace(self.linesep, "")) == value:
            return folded
        encoded = Header(str(value), "utf-8", self.max_line_length, name)
        return f"{name}: {encoded.encode(linesep=self.linesep)}{self.linesep}".encode("ascii")


FORM = _Form(linesep=SMTP.linesep, max_line_length=76)
"""How letters are written: in lines of what quoted-printable allows (RFC 2045, 6.7)."""


# -- a letter --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attachment:
    """A workbook that follows a letter; the name is plain ASCII."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A letter as it will be written. Letters with one identity are one letter, whatever else
    differs."""

    kind: str
    """What it is, for the name of its file: `kvittens`, `paminnelse`."""
    place: str
    """The grant and the board, for the name of its file."""
    about: str
    """What it is about; a newer letter about the same takes the place of one that has not been
    sent."""
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
        return f"{self.kind}_{place}_{digest(self.kind, self.about)}_{self.identity}.eml"

    def draft(self) -> bytes:
        """The file: RFC 5322 with CRLF, without sender and date, which the one who sends it
        adds."""
        message = EmailMessage(policy=FORM)
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
            message.set_boundary(
                f"=_{self.identity}"
            )  # quoted-printable and base64 never hold "=_"
        # Read and written once, so that it is the same bytes, but for its new headers, when it is
        # sent.
        return BytesParser(policy=FORM).parsebytes(message.as_bytes()).as_bytes()


def letter(kind: str, place: str, about: str, to: object, subject: str, body: str) -> Letter:
    """A letter in the sender's own words, such as a reminder; `to` is an address as somebody wrote
    it.

    `about` is what it is about, such as the deadline: see `Letter.about`. Each line of the body is
    a paragraph.
    """
    sendable = address(to)
    subject = swedish.tidy(on_one_line(subject))
    body = _wrapped(body).strip("\n")
    identity = digest(kind, about, sendable or "", subject, body)
    return Letter(kind, place, about, identity, sendable, subject, addressed(sendable, body))


def digest(*parts: object) -> str:
    """Sixteen characters that follow from some parts."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def on_one_line(text: str) -> str:
    """Somebody's words on one line: personal numbers masked, what can't be seen dropped, fixed
    spaces kept."""
    masked, _ = swedish.mask_personal_numbers(text)
    return swedish.NBSP.join(swedish.tidy(part) for part in masked.split(swedish.NBSP))


def _wrapped(body: str) -> str:
    return "\n".join(
        paragraph(line.strip(" "), " " * (len(line) - len(line.lstrip(" "))))
        for line in body.split("\n")
    )


def paragraph(text: str, first: str = "", rest: str | None = None) -> str:
    """A paragraph in lines of a letter's width; fixed spaces and days like 2024-01-20 stay
    whole."""
    after = first if rest is None else rest
    return textwrap.fill(
        on_one_line(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=after,
        break_on_hyphens=False,
    )


def addressed(to: str | None, body: str) -> str:
    """The body of a letter, with what to do about it when nobody is known to send it to."""
    if to:
        return f"{body}\n"
    return (
        "[Brevet har ingen mottagare, för vi saknar en e-postadress som går att\n"
        f"använda. Fyll i mottagaren och ta bort de här raderna innan du skickar.]\n\n{body}\n"
    )


# -- the acknowledgement of a return ---------------------------------------------------------------


def tally(count: int, one: str, many: str) -> str:
    """A count and what is counted, kept on one line."""
    return f"{swedish.number(count)}{swedish.NBSP}{one if count == 1 else many}"
