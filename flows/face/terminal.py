"""What a person at a terminal sees: what the commands answer, line by line, and how far a long one
has come."""

import codecs
import io
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from ..base import swedish
from ..documents import pages
from ..model.decisions import WHOLE_GRANT
from ..model.findings import Severity
from ..money.tables import Change, LineChange
from ..returns.file_names import plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..case.bookkeeping import Ledger
    from ..model.case import Move
    from ..model.findings import Finding
    from ..model.year import Deadline
    from ..money.ledger_tables import Account
    from ..money.results import GrantResult
    from ..money.tables import City
    from ..running.checking import Checked
    from ..running.comparison import Comparison
    from ..running.errand import Ran
    from ..year.overview import Standing


_PLAINER: Mapping[str, str] = {
    **dict.fromkeys("”“„»«", '"'),
    **dict.fromkeys("’‘‚", "'"),
    **dict.fromkeys("–—−‑‐", "-"),
    "•": "*",
    "…": "...",
    "→": "->",
    "×": "x",
    "€": "EUR",
    "§": "par. ",
    swedish.NBSP: " ",
    "\u202f": " ",
    "æ": "ae",
    "Æ": "AE",
    "ø": "o",
    "Ø": "O",
    "ß": "ss",
    "ł": "l",
    "Ł": "L",
}
"""What is shown for a character that a terminal doesn't have."""
_WAY = "statsbidrag-plainer"


def any_encoding(*streams: TextIO) -> None:
    """Let a terminal, or a file, of any encoding get all that is said: what it doesn't have comes
    out as the nearest.

    A stream that somebody has told what to do with such characters does that.
    """
    codecs.register_error(_WAY, _plainer)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "backslashreplace"}:
            stream.reconfigure(errors=_WAY)


def shows_everything(stream: TextIO) -> bool:
    """Whether a stream has every character there is, so that nothing becomes another."""
    return (stream.encoding or "utf-8").casefold().replace("-", "").startswith("utf")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """The way that `any_encoding` registers: characters that can't be encoded, as ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_in_ascii(character) for character in missing), error.end


def _in_ascii(character: str) -> str:
    if character in _PLAINER:
        return _PLAINER[character]
    parts = unicodedata.normalize("NFKD", character)
    return parts.encode("ascii", "ignore").decode() or "?"


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines, each as soon as it is known; nothing in them can steer the terminal."""
    for line in lines:
        parts = [plain(part) for part in line.split("\n")]
        print("\n".join(parts), file=to, flush=True)


def complain(text: str) -> None:
    """Say something to whoever looks after the program."""
    say(text, to=sys.stderr)


class Listener:
    """Hears how far a run has come: a bar on a terminal, nothing where nobody is looking; sentences
    always."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def say(self, sentence: str) -> None:
        """Something that a person must know."""
        say(sentence)

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are; None: nobody knows how
        many."""
        if self._bar is None:
            return
        if self._task is not None and self._bar.tasks[-1].description != name:
            self._bar.remove_task(self._task)
            self._task = None
        count = f"({done} av {of} filer)" if of else "…"
        if self._task is None:
            self._task = self._bar.add_task(name, total=of, count=count)
        self._bar.update(self._task, completed=done, total=of, count=count)


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description} {task.fields[count]}", markup=False)
    return Progress(
        SpinnerColumn(),
        text,
        BarColumn(),
        TimeElapsedColumn(),
        # What is piped on must get the sentences and no bar.
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )


def run(ran: "Ran") -> Iterator[str]:
    """What the run found, grant by grant, and where the reports lie."""
    for finding in ran.decided.broken:
        yield f"\n{finding.message}\n  {finding.remedy}"
    for result in ran.results:
        yield from _result(result)
        yield f"  Rapport: {ran.out / result.place / 'aterrapport.html'}"
    yield f"\nÖversikt: {ran.out / 'index.html'}"


def _result(result: "GrantResult") -> Iterator[str]:
    city = result.city
    kind = result.words
    yield f"\n{result.grant.name}"
    yield f"  {kind} till och med {swedish.long_date(result.period_end)}"
    if city.total_sek is None or city.to_repay_sek is None:
        yield f"  Använt {swedish.kr(city.eligible_sek)}; bidragets belopp är okänt"
    else:
        yield f"  Använt {swedish.kr(city.eligible_sek)} av {swedish.kr(city.total_sek)}"
        if_nothing = " om inget mer används" if result.can_use_more else ""
        words = result.grant.words.to_repay.capitalize()
        yield f"  {words}{if_nothing} {swedish.kr(city.to_repay_sek)}"
    called = result.grant.level.words
    boards = swedish.counted(city.board_count, called.one, called.many)
    if city.board_count:
        yield f"  {boards}: {swedish.listing(_waiting(city)) or 'alla redovisningar räknas'}"
    else:
        yield f"  Ingen {called.one} har redovisat"
    severities = Counter(finding.severity for finding in result.findings)
    blocking = swedish.counted(
        severities[Severity.BLOCKING], "hindrande anmärkning", "hindrande anmärkningar"
    )
    warnings = swedish.counted(severities[Severity.WARNING], "varning", "varningar")
    yield f"  {blocking}, {warnings}"


def _waiting(city: "City") -> list[str]:
    """How many boards' returns stand in the way of a whole reconciliation, and why."""
    waiting = []
    if city.missing_count:
        waiting.append(f"{city.missing_count} har inte redovisat")
    if city.held_count:
        waiting.append(f"{city.held_count} väntar på rättelse")
    if city.outdated_count:
        waiting.append(f"{city.outdated_count} gäller en tidigare period")
    return waiting


def checked(checked: "Checked") -> Iterator[str]:
    """What is found in each return; nothing of what programs leave in a folder."""
    for returned in checked.returns:
        findings = checked.of(returned)
        if findings:
            count = swedish.counted(len(findings), "anmärkning", "anmärkningar")
            yield f"{returned.file}: {count}"
        elif returned.kind != "skipped":
            yield f"{returned.file}: inga anmärkningar"
        for finding in findings:
            yield _finding(finding)
    for finding in checked.broken:
        yield f"{finding.message} {finding.remedy}"


_SEVERITY_WORDS = {
    Severity.BLOCKING: "HINDRAR",
    Severity.WARNING: "varning",
    Severity.INFO: "upplysning",
}


def _finding(finding: "Finding") -> str:
    """A finding: how grave, where, what is wrong and what to do."""
    places = [place for place in (finding.sheet, swedish.listing(finding.cells)) if place]
    where = f"{' '.join(places)}: " if places else ""
    word = _SEVERITY_WORDS[finding.severity]
    return f"  {word} {where}{finding.message}\n    {finding.remedy}"


def standing(standing: "Standing") -> Iterator[str]:
    """Where a grant stands, what to do next, and by when."""
    yield f"\n{standing.grant.name} ({standing.grant.grant_id})"
    yield f"  Pengar i fara: {swedish.kr_if_known(standing.at_risk_sek)}"
    if standing.result is None:
        unseen = " Hela beloppet är oredovisat." if standing.grant.has_amounts else ""
        yield f"  Inte avstämt ännu.{unseen}"
    else:
        yield from _reconciled(standing, standing.result)
    for report_id, state in standing.interim.items():
        yield f"  Delrapporten {report_id} är {state}"
    if standing.open_deadlines:
        yield "  Frister"
    for deadline in standing.open_deadlines:
        yield f"    {_deadline(deadline)}"


def _deadline(deadline: "Deadline") -> str:
    what = f"{deadline.label} ({deadline.owner})"
    if deadline.on is None:
        return f"utan dag    {what}: {deadline.words}"
    return f"{deadline.on}  {what}: {deadline.left}"


def _reconciled(standing: "Standing", result: "GrantResult") -> Iterator[str]:
    """Where a grant stands by its latest reconciliation."""
    final = " (slutredovisning)" if result.is_final else ""
    yield f"  Senast avstämt per {result.as_of}{final}"
    gone = swedish.percent(standing.elapsed_share)
    if standing.used_share is None:
        used_sek = swedish.kr(result.city.eligible_sek)
        yield f"  Använt {used_sek} av ett okänt belopp, när {gone} av tiden har gått"
    else:
        used = swedish.percent(standing.used_share)
        yield f"  Använt {used} av bidraget, när {gone} av tiden har gått"
    if standing.projected_unspent_sek is not None and not result.is_final:
        words = " ".join(standing.unspent_words)
        yield f"  {words}: {swedish.kr(standing.projected_unspent_sek)}"
    repay, unknown = result.city.to_repay_sek, result.city.undetermined_sek
    if repay is not None and unknown is not None:
        words = result.grant.words.to_repay.capitalize()
        yield f"  {words} {swedish.kr(repay)}, ännu inte känt {swedish.kr(unknown)}"
    for step in standing.steps:
        yield f"  • {step}"


_LEDGER = {
    "computed_sek": "enligt den inlämnade rapporten",
    "claimed_sek": "krävt",
    "difference_sek": "skillnad mot det beräknade",
    "relief_sek": "nedsatt",
    "paid_sek": "betalt",
    "interest_sek": "ränta",
    "interest_paid_sek": "betald ränta",
    "interest_remaining_sek": "ränta som återstår",
}


def ledger(ledger: "Ledger") -> Iterator[str]:
    """What each account of a repayment ledger has left, and why."""
    for account in ledger.tables.account:
        yield f"{ledger.names[account.board_id]}: {_left(account)}"
        for column, words in _LEDGER.items():
            amount_sek = getattr(account, column)
            if amount_sek:
                yield f"  {swedish.kr(amount_sek)}  {words}"
    yield f"Rapporten är {ledger.state}."


def _left(account: "Account") -> str:
    """What an account has left, and the last day to pay it."""
    left = "inte avgjort"
    if account.remaining_sek is not None:
        left = f"återstår {swedish.kr(account.remaining_sek)}"
    if account.due_on:
        left += f", senast {account.due_on}"
        left += " (förfallet)" if account.is_overdue else ""
    return left


def comparison(comparison: "Comparison") -> Iterator[str]:
    """What new versions of the returns would change: senders, lines and figures."""
    yield f"{comparison.grant.name}, jämfört med körningen per {comparison.since}"
    if not (comparison.moved or comparison.lines or comparison.senders):
        yield "Inget skulle ändras."
    for sender in comparison.senders:
        yield f"\n{sender.sender_name}: {pages.sender_change(sender)}"
    for board_id in dict.fromkeys(line.board_id for line in comparison.lines):
        yield f"\n{comparison.names[board_id]}, rader som ändras"
        for line in comparison.lines:
            if line.board_id == board_id:
                yield f"  {_line_change(line)}"
    if comparison.moved:
        yield "\nBelopp som ändras"
    for move in comparison.moved:
        if move.component_id != WHOLE_GRANT:
            yield f"  {_move(move, comparison.names)}"


_CHANGE = {Change.ADDED: "ny", Change.REMOVED: "borttagen", Change.CHANGED: "ändrad"}


def _line_change(line: LineChange) -> str:
    values = [
        _from_to(_amount(line.before_sek), _amount(line.after_sek)),
        _from_to(_day(line.before_on), _day(line.after_on)),
        _from_to(line.before_words, line.after_words),
    ]
    changed = ", ".join(value for value in values if value)
    place = f"{line.file} {line.sheet} {line.cell or ''}".rstrip()
    return f"{_CHANGE[line.change]}: {line.activity}, {changed}  ({place})"


def _amount(amount_sek: Decimal | None) -> str | None:
    return None if amount_sek is None else swedish.kr(amount_sek)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _from_to(before: str | None, after: str | None) -> str:
    if before == after or None in {before, after}:
        return after or before or ""
    return f"{before} → {after}"


def _move(move: "Move", names: Mapping[str, str]) -> str:
    """A figure that changes: whose it is, what it is called, before and after, and by how much."""
    whose = names[move.board_id] if move.board_id else "Staden"
    if move.component_id:
        whose += f", {move.component_id}"
    words = pages.moved(move)
    unit = f"{swedish.NBSP}{words['unit']}" if words["unit"] else ""
    before = _with_unit(words["before"], unit)
    after = _with_unit(words["after"], unit)
    change = f"{whose}: {words['figure']} {before} → {after}"
    if words["difference"] == "–":
        return change
    return f"{change} ({words['difference']}{unit})"


def _with_unit(text: str, unit: str) -> str:
    """A value with its unit; a dash is none and has none."""
    return text if text == "–" else f"{text}{unit}"
