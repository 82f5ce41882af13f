"""What a person at a terminal sees: what the commands answer, line by line, and how far a long one
has come."""

import codecs
import errno
import io
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from ..base import swedish
from ..documents import pages
from ..model.decisions import WHOLE_GRANT
from ..model.findings import Severity
from ..money.tables import Change, LineChange, SenderChange
from ..returns.file_names import plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..case.bookkeeping import Ledger
    from ..model.case import Move
    from ..model.findings import Finding
    from ..running.checking import Checked
    from ..running.comparison import Comparison
    from ..running.errand import Ran
    from ..year.overview import Standing


FULL = {errno.ENOSPC, errno.EDQUOT}
"""The errors that say that there is no room for what is said."""
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
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(character: str) -> str:
    found = _PLAINER.get(character)
    if found is None:
        parts = unicodedata.normalize("NFKD", character)
        found = parts.encode("ascii", "ignore").decode() or "?"
    return found


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines, each as soon as it is known; nothing in them can steer the terminal."""
    for line in lines:
        print("\n".join(map(plain, line.split("\n"))), file=to, flush=True)


class Listener:
    """Hears how far a run has come: a bar on a terminal, nothing where nobody is looking; sentences
    always."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeElapsedColumn,
            )

            text = TextColumn("{task.description} {task.fields[count]}", markup=False)
            columns = (SpinnerColumn(), text, BarColumn(), TimeElapsedColumn())
            shown = Console(stderr=True)  # what is piped on must get the sentences and no bar
            self._bar = Progress(
                *columns, console=shown, transient=True, redirect_stdout=sys.stdout.isatty()
            )
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


def run(ran: "Ran") -> Iterator[str]:
    """What the run found, grant by grant, and where the reports lie."""
    for finding in ran.decided.broken:
        yield f"\n{finding.message}\n  {finding.remedy}"
    for result in ran.results:
        city = result.city
        count = {
            severity: sum(f.severity is severity for f in result.findings) for severity in Severity
        }
        kind = "Slutredovisning" if result.is_final else "Avstämning"
        waiting = [
            f"{count} {words}"
            for count, words in (
                (city.missing_count, "har inte redovisat"),
                (city.held_count, "väntar på rättelse"),
                (city.outdated_count, "gäller en tidigare period"),
            )
            if count
        ]
        yield f"\n{result.grant.name}"
        yield f"  {kind} till och med {swedish.long_date(result.period_end)}"
        yield f"  Använt {swedish.kr(city.eligible_sek)} av {swedish.kr(city.total_sek)}"
        if_nothing = " om inget mer används" if result.can_use_more else ""
        yield f"  Att återbetala{if_nothing} {swedish.kr(city.to_repay_sek)}"
        boards = swedish.counted(city.board_count, "nämnd", "nämnder")
        yield f"  {boards}: {swedish.listing(waiting) or 'alla redovisningar räknas'}"
        blocking = swedish.counted(
            count[Severity.BLOCKING], "hindrande anmärkning", "hindrande anmärkningar"
        )
        yield f"  {blocking}, {swedish.counted(count[Severity.WARNING], 'varning', 'varningar')}"
        yield f"  Rapport: {ran.out / result.place / 'aterrapport.html'}"
    yield f"\nÖversikt: {ran.out / 'index.html'}"


def checked(told: "Checked") -> Iterator[str]:
    """What is found in each return; nothing of what programs leave in a folder."""
    for returned in told.returns:
        mine = [one for one in told.findings if one.file == returned.file]
        if returned.kind == "skipped" and not mine:
            continue
        count = (
            swedish.counted(len(mine), "anmärkning", "anmärkningar")
            if mine
            else "inga anmärkningar"
        )
        yield f"{returned.file}: {count}"
        yield from map(finding, mine)
    for one in told.broken:
        yield f"{one.message} {one.remedy}"


def finding(told: "Finding") -> str:
    """A finding: how grave, where, what is wrong and what to do."""
    where = " ".join(part for part in (told.sheet, swedish.listing(told.cells)) if part)
    word = {Severity.BLOCKING: "HINDRAR", Severity.WARNING: "varning", Severity.INFO: "upplysning"}[
        told.severity
    ]
    return f"  {word} {where}{': ' if where else ''}{told.message}\n    {told.remedy}"


def standing(told: "Standing") -> Iterator[str]:
    """Where a grant stands, what to do next, and by when."""
    grant, result = told.grant, told.result
    yield f"\n{grant.name} ({grant.grant_id})"
    yield f"  Pengar i fara: {swedish.kr(told.at_risk_sek)}"
    if result is None or told.city is None:
        yield "  Inte avstämt ännu. Hela beloppet är oredovisat."
    else:
        yield (
            f"  Senast avstämt per {result.as_of}{' (slutredovisning)' if result.is_final else ''}"
        )
        used, gone = swedish.percent(told.used_share), swedish.percent(told.elapsed_share)
        yield f"  Använt {used} av bidraget, när {gone} av tiden har gått"
        if told.projected_unspent_sek is not None and not result.is_final:
            yield f"  {' '.join(told.unspent_words)}: {swedish.kr(told.projected_unspent_sek)}"
        repay, unknown = told.city.to_repay_sek, told.city.undetermined_sek
        yield f"  Att återbetala {swedish.kr(repay)}, ännu inte känt {swedish.kr(unknown)}"
        for step in told.steps:
            yield f"  • {step}"
    if told.open_deadlines:
        yield "  Frister"
    for deadline in told.open_deadlines:
        day, left = (deadline.on, deadline.left) if deadline.on else ("utan dag  ", deadline.words)
        yield f"    {day}  {deadline.label} ({deadline.owner}): {left}"


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


def ledger(told: "Ledger") -> Iterator[str]:
    """What each account of a repayment ledger has left, and why."""
    for row in told.tables.account:
        left = (
            "inte avgjort"
            if row.remaining_sek is None
            else f"återstår {swedish.kr(row.remaining_sek)}"
        )
        late = " (förfallet)" if row.is_overdue else ""
        due = f", senast {row.due_on}{late}" if row.due_on else ""
        yield f"{told.names[row.board_id]}: {left}{due}"
        for name, words in _LEDGER.items():
            amount_sek = getattr(row, name)
            if amount_sek:
                yield f"  {swedish.kr(amount_sek)}  {words}"
    yield f"Rapporten är {told.state}."


def comparison(told: "Comparison") -> Iterator[str]:
    """What new versions of the returns would change: senders, lines and figures."""
    yield f"{told.grant.name}, jämfört med körningen per {told.since}"
    if not (told.moved or told.lines or told.senders):
        yield "Inget skulle ändras."
    for sender in told.senders:
        yield f"\n{sender.sender_name}: {_sender_change(sender)}"
    for board_id in dict.fromkeys(line.board_id for line in told.lines):
        yield f"\n{told.names[board_id]}, rader som ändras"
        for line in told.lines:
            if line.board_id == board_id:
                yield f"  {_line_change(line)}"
    if told.moved:
        yield "\nBelopp som ändras"
    for move in told.moved:
        if move.component_id != WHOLE_GRANT:
            yield f"  {_move(move, told.names)}"


def _sender_change(sender: SenderChange) -> str:
    def named(file: str | None, version: int | None) -> str:
        return f"{file} (version {version or 'okänd'})"

    before = named(sender.before_file, sender.before_version)
    after = named(sender.after_file, sender.after_version)
    held = ", som väntar på rättelse" if sender.is_held else ""
    if sender.before_file is None:
        return f"ny redovisning, {after}{held}"
    if sender.after_file is None:
        return f"{before} räknas inte längre"
    return f"{after} {'väntar nu på rättelse' if held else 'väntar inte längre på rättelse'}"


_CHANGE = {Change.ADDED: "ny", Change.REMOVED: "borttagen", Change.CHANGED: "ändrad"}


def _line_change(line: LineChange) -> str:
    place = f"{line.file} {line.sheet} {line.cell or ''}".rstrip()
    values = [
        _from_to(
            *(None if sek is None else swedish.kr(sek) for sek in (line.before_sek, line.after_sek))
        ),
        _from_to(
            *(None if on is None else on.isoformat() for on in (line.before_on, line.after_on))
        ),
        _from_to(line.before_words, line.after_words),
    ]
    return f"{_CHANGE[line.change]}: {line.activity}, {', '.join(filter(None, values))}  ({place})"


def _from_to(before: str | None, after: str | None) -> str:
    if before == after or None in {before, after}:
        return after or before or ""
    return f"{before} → {after}"


def _move(move: "Move", names: Mapping[str, str]) -> str:
    """A figure that changes: whose it is, what it is called, before and after, and by how much."""
    whose = names[move.board_id] if move.board_id else "Staden"
    part = f", {move.component_id}" if move.component_id else ""
    told = pages.moved(move)
    unit = f"{swedish.NBSP}{told['unit']}" if told["unit"] else ""
    before, after, by = (
        text if text == "–" else f"{text}{unit}"
        for text in (told["before"], told["after"], told["difference"])
    )
    return f"{whose}{part}: {told['figure']} {before} → {after}{'' if by == '–' else f' ({by})'}"
