"""What boards answer to what was said of their returns, in words: kept in the log, and shown beside
the finding to those who read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..base import swedish
from ..base.errors import InputError
from ..case.audit_log import Log
from ..model.findings import Finding
from ..money.tables import Sender
from ..year.overview import Standing
from .asking import Ask, MissingError
from .clerk import Line
from .rights import ForbiddenError, Person, Right

MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class Reply:
    """What somebody at a board has answered to a finding."""

    by: str
    at: str
    text: str


Replies = Mapping[tuple[str | None, str], Sequence[Reply]]
"""By the file and the rule that it is about, oldest first."""


def replies(log: Log) -> Replies:
    """Every answer in the log."""
    found: dict[tuple[str | None, str], list[Reply]] = {}
    for event in log.events:
        if event.kind == "answered":
            details = event.details
            reply = Reply(event.by or "", swedish.to_the_minute(event.recorded_at), details["text"])
            found.setdefault((details["file"], details["rule"]), []).append(reply)
    return found


def reply(ask: Ask) -> None:
    """Keep an answer. Raises InputError for an empty or too long one, MissingError for one to
    nothing that was said, and ForbiddenError where it was said to another board."""
    file, rule, text = (ask.form.text(name) for name in ("fil_namn", "regel", "svar"))
    if not text:
        raise InputError("Skriv vad du vill svara.")
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"Svaret är för långt. Skriv högst {MOST_CHARACTERS} tecken.")
    standings, _ = ask.office.seen()
    finding = _said(standings, file, rule)
    if finding is None:
        raise MissingError("Anmärkningen finns inte längre. Ladda om sidan.")
    if not _is_about(ask.person, finding, standings):
        raise ForbiddenError("Du kan bara svara på det som gäller dina egna nämnder.")
    masked, _ = swedish.mask_personal_numbers(text)
    details = {"file": file, "rule": rule, "board": finding.board, "text": masked}
    line = Line("answered", ask.office.now(), ask.by(), ask.person.login, finding.grant, details)
    ask.office.clerk.note(line)
    ask.office.clerk.settled(2)


def _said(standings: Iterable[Standing], file: str, rule: str) -> Finding | None:
    for standing in standings:
        for finding in standing.result.findings if standing.result else ():
            if finding.file == file and finding.rule == rule:
                return finding
    return None


def _is_about(person: Person, finding: Finding, standings: Iterable[Standing]) -> bool:
    """Whether a finding was said to one of somebody's own boards; whoever may read all may answer
    for all."""
    if person.may(Right.READ) or finding.board in person.boards:
        return True
    senders: list[Sender] = []
    for standing in standings:
        if standing.result is not None:
            senders += standing.result.tables.sender
    return any(s.file == finding.file and s.sender_id in person.boards for s in senders)
