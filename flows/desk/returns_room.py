"""Where boards try a return, hand it in and fetch their workbooks, and see what was said of what
they sent."""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..documents import record
from ..model.findings import Finding, Severity
from ..model.returns import Return
from ..model.rulebook import Rulebook
from ..returns import answer
from ..returns.inbox import Source
from ..running import blank_workbooks, checking
from ..running.checking import Checked, Verdict
from ..year import deadlines
from .asking import Ask, MissingError
from .hand_in import Receipt, hand_in
from .rights import ForbiddenError, Right
from .uploads import Upload, must_be_clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_MARKED_BYTES = 5_000_000
"""A workbook larger than this isn't sent back within the page."""
_GRAVEST_FIRST = {severity: place for place, severity in enumerate(Severity)}
VERDICT_WORDS = {
    Verdict.ACCEPTED: "Redovisningen kan räknas. Inget behöver rättas.",
    Verdict.ACCEPTED_WITH_WARNINGS: "Redovisningen kan räknas, men titta på varningarna.",
    Verdict.HELD: "Redovisningen kan inte räknas ännu. Rätta det som hindrar.",
    Verdict.REFUSED: "Det här går inte att ta emot som en redovisning.",
}


@dataclass(frozen=True)
class Tried:
    """A return that has been tried: what a run would make of it, and why."""

    upload: Upload
    returned: Return
    verdict: Verdict
    findings: Sequence[Finding]
    whose: str
    """The grant and the board that it is about, as people call them; empty while unknown."""
    sum_sek: Decimal | None
    """What its cost lines come to, in kronor; None for what isn't read as a return."""

    @property
    def words(self) -> str:
        """What a run would make of it, as a sentence."""
        return VERDICT_WORDS[self.verdict]

    @property
    def is_stopped(self) -> bool:
        """Whether it would not be counted."""
        return self.verdict in {Verdict.HELD, Verdict.REFUSED}

    def as_json(self) -> dict[str, Any]:
        """As a program is told."""
        return {
            "name": self.returned.file,
            "sha256": self.returned.sha256,
            "outcome": self.verdict,
            "findings": [record.finding_of(finding) for finding in self.findings],
        }


# -- to try ----------------------------------------------------------------------------------------


def trial(ask: Ask) -> Response:
    """The form where returns are tried."""
    return ask.page("prova.html.j2", "Prova en redovisning", {"tried": (), "broken": ()})


def try_them(ask: Ask) -> Response:
    """What a run would say of returns; nothing of them is kept."""
    if not ask.form.files:
        raise InputError("Välj minst en fil att prova.")
    checked, tried = _try(ask, ask.form.files)
    if ask.wants_json:
        return ask.json({"files": [one.as_json() for one in tried]})
    view = {
        "tried": tried,
        "broken": checked.broken,
        "marked": {one.returned.file: _marked(ask, one) for one in tried},
    }
    return ask.page("prova.html.j2", "Prova en redovisning", view)


def _try(ask: Ask, uploads: Sequence[Upload]) -> tuple[Checked, list[Tried]]:
    """Check returns as `check` does, from memory alone."""
    office = ask.office
    scanner = office.settings.declared.virusskanner if office.settings else None
    files: list[tuple[Source, str]] = []
    for upload in uploads:
        must_be_clean(upload, scanner, os.environ)
        files.append((upload.content, upload.name))
    is_final = ask.form.text("slutlig") == "ja"
    decided = office.decided()
    checked = checking.check(files, decided, office.today, office.workshop, is_final=is_final)
    tried = []
    for upload, returned in zip(uploads, checked.returns, strict=True):
        tried.append(
            Tried(
                upload,
                returned,
                checked.verdict(returned),
                sorted(checked.of(returned), key=lambda finding: _GRAVEST_FIRST[finding.severity]),
                _whose(returned, decided),
                _sum(returned),
            )
        )
    return checked, tried


def _whose(returned: Return, decided: Rulebook) -> str:
    """The board and the grant that a return is about."""
    words = []
    if returned.sender_id is not None:
        words.append(decided.board(returned.sender_id).name)
    names = {grant.grant_id: grant.short_name for grant in decided.grants}
    if returned.grant_id in names:
        words.append(names[returned.grant_id])
    return ", ".join(words)


def _sum(returned: Return) -> Decimal | None:
    if not returned.is_opened:
        return None
    amounts = [row.cells["amount_sek"].value for row in returned.costs if "amount_sek" in row.cells]
    return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))


def _marked(ask: Ask, tried: Tried) -> str | None:
    """The sender's own workbook with each finding on its cell, as an address that holds all of it:
    nothing is kept. None where there is none to send back."""
    is_small = len(tried.upload.content) <= _MOST_MARKED_BYTES
    if tried.returned.kind != "xlsx" or not tried.findings or not is_small:
        return None
    reading = ask.office.workshop.readers.submit(
        answer.of_return, tried.upload.content, tried.findings, tried.returned
    )
    try:
        marked = reading.result()
    except Exception:  # a workbook that can be read but not written
        return None
    return f"data:{XLSX};base64,{base64.b64encode(marked).decode('ascii')}"


# -- to hand in ------------------------------------------------------------------------------------


def handing_in(ask: Ask) -> Response:
    """The form where a return is handed in."""
    return ask.page("lamna_in.html.j2", "Lämna in en redovisning", _handed(None, None))


def hand_one_in(ask: Ask) -> Response:
    """Keep a return under the login of whoever sends it, and give a receipt."""
    if len(ask.form.files) != 1:
        raise InputError("Välj en fil att lämna in.")
    (upload,) = ask.form.files
    by = ask.by() if ask.session is not None else (ask.form.text("namn") or "okänd")
    _, (tried,) = _try(ask, ask.form.files)
    if tried.verdict is Verdict.REFUSED:
        return _not_taken(ask, tried)
    if not ask.person.may_send_for(tried.returned.sender_id):
        raise ForbiddenError(
            f"{upload.shown_name} är en redovisning från {tried.whose}. Du kan bara lämna in för "
            "dina egna nämnder. Inget är inlämnat."
        )
    receipt = hand_in(ask.office, ask.person, by, upload)
    if ask.wants_json:
        return ask.json(
            {
                "receipt": receipt.number,
                "sha256": receipt.sha256,
                "received_at": receipt.received_at,
                "outcome": tried.verdict,
                "findings": [record.finding_of(finding) for finding in tried.findings],
            }
        )
    return ask.page("lamna_in.html.j2", "Redovisningen är inlämnad", _handed(tried, receipt))


def _not_taken(ask: Ask, tried: Tried) -> Response:
    """That a file is no return, and why."""
    if ask.wants_json:
        answer = tried.as_json() | {"error": VERDICT_WORDS[Verdict.REFUSED]}
        return ask.json(answer, 422)
    return ask.page("lamna_in.html.j2", "Filen är inte inlämnad", _handed(tried, None), 422)


def _handed(tried: Tried | None, receipt: Receipt | None) -> dict[str, Any]:
    return {"one": tried, "receipt": receipt}


# -- workbooks to fill in --------------------------------------------------------------------------


def workbooks(ask: Ask) -> Response:
    """The workbooks that boards may fill in now: those of one's own, or all."""
    decided, today = ask.office.decided(), ask.office.today
    rows = []
    for grant in decided.grants_in_use:
        for period_end in blank_workbooks.periods(decided, grant, today):
            boards = []
            for board_id in decided.participants(grant, today, period_end):
                if _may_fill_in(ask, board_id):
                    boards.append(decided.board(board_id))
            boards.sort(key=lambda board: swedish.order(board.name))
            due = deadlines.return_day(decided, grant, today, period_end)
            if boards:
                rows.append(
                    {"grant": grant, "boards": boards, "period_end": period_end, "due": due}
                )
    return ask.page("mallar.html.j2", "Arbetsböcker att fylla i", {"rows": rows})


def workbook(ask: Ask) -> Response:
    """A board's workbook for a period, filled in with what is known."""
    decided = ask.office.decided()
    board_id, period_end = ask.part("board"), swedish.parse_date(ask.part("day"))
    is_known = board_id in {board.board_id for board in decided.boards}
    if not is_known or period_end is None:
        raise MissingError("Det finns ingen sådan arbetsbok.")
    if not _may_fill_in(ask, board_id):
        raise ForbiddenError("Du kan bara hämta arbetsböcker för dina egna nämnder.")
    grant = ask.grant(decided)
    blank_workbooks.senders(decided, grant, ask.office.today, period_end)
    before = ask.office.sent_last(grant.grant_id, board_id).get(board_id)
    name, content = blank_workbooks.blank(
        decided, grant, board_id, ask.office.today, period_end, before
    )
    return ask.file(content, name, XLSX)


def _may_fill_in(ask: Ask, board_id: str) -> bool:
    return ask.person.may(Right.READ) or ask.person.may_send_for(board_id)
