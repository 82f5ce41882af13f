"""The acknowledgement of a return: received, checked, what is wrong, whether it counts, what is
next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..base import swedish
from ..base.addresses import address
from ..model.boards import Board
from ..model.codes import Flag, Outcome
from ..model.decisions import Grant
from ..model.evidence import as_boards_are_told
from ..model.findings import Finding, Severity
from ..model.organisation import Organisation
from ..model.returns import Return
from ..model.rulebook import Rulebook
from ..money.results import GrantResult
from ..money.tables import Sender
from . import deadlines
from .correspondence import (
    Attachment,
    Letter,
    addressed,
    digest,
    on_one_line,
    paragraph,
    tally,
)

_MOST_FINDINGS = 40


# -- the acknowledgement of a return ---------------------------------------------------------------


@dataclass(frozen=True)
class _Received:
    """A return that has come in, and what became of it."""

    organisation: Organisation
    returned: Return
    on: date
    grant: Grant | None
    boards: Sequence[Board]
    """The one that sent it, and those that it has become; none where nobody knows who sent it."""
    outcome: Outcome
    result: GrantResult
    is_up_to_date: bool
    is_unspent: bool
    """Its board has money that may be left unspent, and time left to use it."""
    answer_by: str
    """By when a board must put its return right, in words."""
    returns_on: date | None
    """The day by which the boards return the period; None when none is known."""
    findings: Sequence[Finding]

    def of_severity(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is severity]

    @property
    def board_name(self) -> str | None:
        return self.boards[0].name if self.boards else None

    @property
    def address(self) -> str | None:
        """Where its letter goes: where the register has it, else where the return says."""
        registered = next((board.email for board in self.boards if board.email), None)
        return address(registered) or address(self.returned.value("email"))

    def said(self, text: str) -> str:
        """A text of the house in the words of the grant's level; of the user's own where the grant
        is unknown."""
        if self.grant is None:
            return self.organisation.wording.said(text)
        return self.organisation.wording_of(self.grant.level).said(text)

    @property
    def document(self) -> str:
        return {"csv": "fil", "report": "rapport"}.get(self.returned.kind, "arbetsbok")

    @property
    def again(self) -> str:
        """What its sender does to change it, as a sentence goes on with it."""
        if self.returned.kind == "report":
            return "lämna in en rättelse av rapporten och skicka in dess paket"
        return f"öka versionen med ett och skicka in hela {self.document}en igen"


def acknowledgements(
    results: Sequence[GrantResult],
    returns: Sequence[Return],
    rulebook: Rulebook,
    received: Mapping[str, date],
    workbooks: Mapping[str, bytes],
) -> list[Letter]:
    """The acknowledgement of every return of a run: received, checked, what is wrong, whether it
    counts, what is next.

    `received` is the day each file came, by its SHA-256; `workbooks` the boards' workbooks with
    findings as comments, by `Return.file`. The identity is the file's content, the grant, the
    findings and whether it is held, so neither the day nor a better wording makes a new letter. The
    same bytes sent twice are acknowledged once, and a file that can't be opened at all has not been
    received.
    """
    letters = []
    for place, result in enumerate(results):
        outcomes = {row.name: row.outcome for row in result.tables.manifest}
        senders = {row.file: row for row in result.tables.sender}
        answer_by = deadlines.return_days(rulebook, result).answer_by
        due = deadlines.return_day(rulebook, result.grant, result.as_of, result.period_end)
        for returned in returns:
            is_placed = returned.grant_id == result.grant.grant_id
            is_unplaced = (
                returned.grant_id is None and place == 0
            )  # in every result, acknowledged once
            outcome = outcomes[returned.file]
            if result.report and outcome in {Outcome.LATER_PERIOD, Outcome.SUPERSEDED}:
                continue  # the quarter's run tells of what an interim report has no use for
            if (
                not (is_placed or is_unplaced)
                or not returned.sha256
                or outcome in {Outcome.SKIPPED, Outcome.DUPLICATE}
            ):
                continue
            sender = senders.get(returned.file)
            flags = {row.board_id: row.flag for row in result.tables.board}
            one = _Received(
                rulebook.organisation,
                returned,
                received[returned.sha256],
                result.grant if is_placed else None,
                _in_chain(rulebook, returned.sender_id),
                outcome,
                result,
                sender is None or sender.is_up_to_date,
                sender is not None
                and flags.get(sender.board_id) is Flag.ACT
                and result.as_of <= result.grant.spend_to_on,
                answer_by,
                due.on if due else None,
                _concerning(result.findings, returned.file, sender),
            )
            letters.append(_acknowledgement(one, workbooks.get(returned.file)))
    return letters


def _in_chain(rulebook: Rulebook, sender_id: str | None) -> list[Board]:
    """A sender, and the boards that it has become."""
    if sender_id is None:
        return []
    return [rulebook.board(sender_id), *rulebook.heirs(sender_id)]


def _concerning(findings: Iterable[Finding], file: str, sender: Sender | None) -> list[Finding]:
    """The findings that a sender can do something about: those on its file, and on its board as a
    whole.

    That a return has become old is no finding on what it holds. The letter says it in its own
    words, and a new quarter makes no new letter about an old file; reminders do that.
    """
    board = sender.board_id if sender and sender.is_own else None
    mine = [
        f
        for f in findings
        if f.file == file or (f.file is None and board is not None and f.board == board)
    ]
    telling = [
        f for f in mine if f.rule != "redovisning-aldre-period" or f.severity is Severity.BLOCKING
    ]
    return sorted(as_boards_are_told(telling), key=lambda f: list(Severity).index(f.severity))


def _acknowledgement(one: _Received, workbook: bytes | None) -> Letter:
    returned, grant = one.returned, one.grant
    to = one.address
    is_commented = workbook is not None and any(f.cells and f.file for f in one.findings)
    parts = [
        paragraph("Hej!"),
        _heading(one),
        _judgement(one),
        *_listed(one),
        _next(one, is_commented=is_commented),
    ]
    parts.append(
        paragraph(
            "Skriv aldrig personuppgifter i redovisningen. Svara på det här brevet om något är "
            "oklart."
        )
    )
    parts.append(f"Vänliga hälsningar\n{one.organisation.signature}")
    about = "Er redovisning är mottagen"
    if one.outcome is Outcome.COUNTED:
        about = "Er redovisning räknas"
    elif one.of_severity(Severity.BLOCKING):
        about = "Er redovisning måste rättas"
    named = ", ".join(filter(None, (one.board_name, grant.short_name if grant else None))) or _base(
        returned.file
    )
    seen = [(f.rule, str(f.severity), f.sheet, f.cells, f.value) for f in one.findings]
    is_held = one.outcome is not Outcome.COUNTED
    return Letter(
        kind="kvittens",
        place=f"{returned.grant_id or 'okant-bidrag'} {returned.sender_id or 'okand-namnd'}",
        about=returned.sha256,
        identity=digest("kvittens", returned.sha256, returned.grant_id, is_held, seen),
        to=to,
        subject=swedish.tidy(on_one_line(f"{about}: {named}")),
        body=addressed(to, "\n\n".join(parts)),
        attachments=(Attachment("redovisning-med-kommentarer.xlsx", workbook),)
        if workbook and is_commented
        else (),
        is_minor=one.outcome in {Outcome.SUPERSEDED, Outcome.LATER_PERIOD},
    )


def _base(file: str) -> str:
    return file.rsplit("/", 1)[-1]


def _heading(one: _Received) -> str:
    """What came in, and what has been checked."""
    day, version = one.returned.value("period_end_on"), one.returned.value("version")
    facts = {
        "Fil": _base(one.returned.file),
        "Mottagen": swedish.long_date(one.on),
        one.said("Nämnd"): one.board_name or "framgår inte",
        "Statsbidrag": one.grant.name if one.grant else "framgår inte",
        "Gäller till och med": swedish.long_date(day) if isinstance(day, date) else "framgår inte",
        "Version": str(version) if version else "framgår inte",
    }
    lines = [paragraph(value, f"  {name + ':':<21}", " " * 23) for name, value in facts.items()]
    costs, activities = one.returned.cost_count, one.returned.activity_count
    read = swedish.listing(
        words
        for count, words in (
            (costs, tally(costs, "kostnadsrad", "kostnadsrader")),
            (activities, tally(activities, "insats", "insatser")),
        )
        if count
    )
    checked = f"Vi har läst {read} och kontrollerat dem mot bidragets villkor."
    if not costs and not activities:
        checked = "Vi har inte hittat några kostnadsrader eller insatser att kontrollera i filen."
    elif one.outcome in {Outcome.SUPERSEDED, Outcome.LATER_PERIOD}:
        checked = f"Vi har läst {read}."
    return "\n".join(
        [paragraph("Vi har tagit emot er redovisning."), "", *lines, "", paragraph(checked)]
    )


def _judgement(one: _Received) -> str:
    """Whether the return counts now."""
    stopping, noted = one.of_severity(Severity.BLOCKING), one.of_severity(Severity.WARNING)
    stops = stopping and tally(len(stopping), "fel", "fel")
    notes = noted and tally(len(noted), "anmärkning", "anmärkningar")
    now = f"Vi stämmer nu av till och med den {swedish.long_date(one.result.period_end)}."
    match one.outcome:
        case Outcome.SUPERSEDED:
            sentence = (
                "Den här redovisningen räknas inte, för ni har lämnat en nyare som ersätter den."
            )
        case Outcome.LATER_PERIOD:
            sentence = f"Er redovisning räknas inte ännu, för den gäller en senare period. {now}"
        case Outcome.COUNTED if not one.is_up_to_date:
            sentence = f"Er redovisning räknas, men den gäller en tidigare period. {now}"
        case Outcome.COUNTED if notes:
            sentence = f"Er redovisning räknas. Vi har {notes} som vi vill att ni tittar på."
        case Outcome.COUNTED if one.is_unspent:
            sentence = "Er redovisning räknas. Men ni har medel som riskerar att bli oanvända."
        case Outcome.COUNTED:
            sentence = "Er redovisning räknas. Ni behöver inte göra något mer. Tack!"
        case _ if stops:
            sentence = f"Er redovisning räknas inte ännu. {stops} måste rättas först."
        case Outcome.UNIDENTIFIED:
            sentence = one.said(
                "Er redovisning räknas inte ännu. Det framgår inte vilken nämnd och vilket "
                "statsbidrag den gäller."
            )
        case _:
            sentence = (
                "Er redovisning räknas inte ännu. Den räknas ihop med en annan redovisning, som "
                "måste rättas först."
            )
    return paragraph(sentence)


def _listed(one: _Received) -> Iterator[str]:
    """Each finding: what, where and what to do, those that stop the return first."""
    headings = {
        Severity.BLOCKING: "Det här måste rättas",
        Severity.WARNING: "Det här vill vi att ni tittar på",
        Severity.INFO: "För kännedom",
    }
    shown = one.findings[:_MOST_FINDINGS]
    for severity, heading in headings.items():
        items = [
            "\n".join(_item(number, f))
            for number, f in enumerate(shown, start=1)
            if f.severity is severity
        ]
        if items:
            yield "\n\n".join([f"{heading}:", *items])
    if len(one.findings) > len(shown):
        more = tally(len(one.findings) - len(shown), "anmärkning", "anmärkningar")
        yield paragraph(
            f"Vi har {more} till. Börja med dem som står här. De andra får ni när ni har skickat "
            "in igen."
        )


def _item(number: int, finding: Finding) -> Iterator[str]:
    yield paragraph(finding.message, f"{number:>2}. ", " " * 4)
    where = ", ".join(
        filter(None, (finding.sheet and f"bladet {finding.sheet}", _cells(finding.cells)))
    )
    if where:
        yield paragraph(f"Var: {where}", " " * 4)
    yield paragraph(f"Gör så här: {finding.remedy}", " " * 4)


def _when_it_counts(one: _Received, again: str) -> Iterator[str]:
    """What a board does whose return counts, to the period's end."""
    where = one.result.grant.words.report if one.result.is_final else "avstämning"
    if one.result.report:
        where = "delrapport"
    yield one.said("Beloppen går in i stadens ") + f"{where}. Vill ni ändra något, {again}."
    grant = one.result.grant
    if one.is_unspent and grant.years:
        rule = grant.carry_over_words
        yield (
            f"Varje års medel är till för det året. Överföring till nästa år: {rule}. Bestäm nu "
            "vad ni gör med det som är kvar av årets medel."
        )
    elif one.is_unspent:
        last = swedish.long_date(grant.spend_to_on)
        yield (
            f"Medlen får användas till och med den {last}. Det som då inte är använt ska "
            f"{grant.words.be_repaid}. Bestäm nu vad ni gör med det som är kvar, eller hör av er "
            f"till oss, så att en annan {grant.level.words.one} kan få det."
        )


def _next(one: _Received, *, is_commented: bool) -> str:
    """What the board does now, and by when."""
    again = one.again
    steps = []
    if is_commented:
        steps.append("Er arbetsbok följer med. Anmärkningarna står där som kommentarer i cellerna.")
    if one.outcome is Outcome.SUPERSEDED:
        steps.append("Ni behöver inte göra något. Den nyare redovisningen får ett eget svar.")
    elif one.outcome is Outcome.LATER_PERIOD:
        steps.append(
            "Den räknas när vi stämmer av perioden som den gäller. Ni får då ett nytt svar."
        )
    elif one.outcome is not Outcome.COUNTED and not one.returned.header:
        steps.append("Skicka in redovisningen igen när felen är rättade. Ni får då ett nytt svar.")
        steps.append(f"Svara {one.answer_by}.")
    elif one.of_severity(Severity.BLOCKING) or one.outcome is Outcome.UNIDENTIFIED:
        steps.append(
            f"Rätta felen i er egen {one.document}, {again}. Den nya redovisningen ersätter den "
            "gamla."
        )
        steps.append(f"Svara {one.answer_by}.")
    elif one.outcome is Outcome.COUNTED and not one.is_up_to_date:
        steps.append(
            "Lämna också en redovisning till och med den "
            f"{swedish.long_date(one.result.period_end)}."
        )
    elif one.outcome is Outcome.COUNTED:
        steps += _when_it_counts(one, again)
    else:
        steps.append("Ni behöver inte göra något. Ni får ett nytt svar när er redovisning räknas.")
    if one.grant and one.outcome is not Outcome.SUPERSEDED:
        ours, theirs = one.returns_on, one.grant.agency_deadline_on
        if ours and ours >= one.result.as_of:
            steps.append(
                f"Ni redovisar till {one.organisation.department} senast den "
                f"{swedish.long_date(ours)}."
            )
        if theirs and theirs >= one.result.as_of:
            reports = f"{one.grant.words.is_reported_to} {one.grant.grantor_short}"
            steps.append(
                f"{one.organisation.department} {reports} senast den {swedish.long_date(theirs)}."
            )
    return "\n".join(["Vad händer nu?", "", paragraph(" ".join(steps))])


def _cells(cells: Sequence[str]) -> str:
    if not cells:
        return ""
    rest = f" och {tally(len(cells) - 6, 'cell', 'celler')} till" if len(cells) > 6 else ""
    listed = ", ".join(cells[:6]) if rest else swedish.listing(cells)
    kind = "cell" if len(cells) == 1 else "cellerna"
    return f"{kind} {listed}{rest}"
