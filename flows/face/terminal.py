"""What a person at a terminal sees: what the commands answer, line by line, and how far a long one has come."""

import codecs
import errno
import io
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from ..base import swedish
from ..documents import pages
from ..model.decisions import LIABILITY_BASIS, WHOLE_GRANT
from ..model.findings import Severity
from ..model.results import INELIGIBLE_REASON, RETURN_STATUS
from ..money.figures import FIGURES
from ..returns.file_names import plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..case.bookkeeping import Ledger
    from ..model.case import Move
    from ..model.findings import Finding
    from ..running.checking import Checked
    from ..running.comparison import Comparison
    from ..running.pipeline import Job
    from ..year.overview import Standing


Row = Mapping[str, Any]
OF_A_BOARD = ("board_component", "inherited", "allocation", "line", "sender", "activity")
"""The tables that an explanation of one board draws on, beside its own row."""


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
    """Let a terminal, or a file, of any encoding get all that is said: what it doesn't have comes out as the nearest.

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
    """Hears how far a run has come: a bar on a terminal, nothing where nobody is looking; sentences always."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            text = TextColumn("{task.description} {task.fields[count]}", markup=False)
            columns = (SpinnerColumn(), text, BarColumn(), TimeElapsedColumn())
            shown = Console(stderr=True)  # what is piped on must get the sentences and no bar
            self._bar = Progress(*columns, console=shown, transient=True, redirect_stdout=sys.stdout.isatty())
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def say(self, sentence: str) -> None:
        """Something that a person must know."""
        say(sentence)

    def stage(self, name: str, done: int = 0, of: int | None = None) -> None:
        """What is being done now, and how many files of how many are; None: nobody knows how many."""
        if self._bar is None:
            return
        if self._task is not None and self._bar.tasks[-1].description != name:
            self._bar.remove_task(self._task)
            self._task = None
        count = f"({done} av {of} filer)" if of else "…"
        if self._task is None:
            self._task = self._bar.add_task(name, total=of, count=count)
        self._bar.update(self._task, completed=done, total=of, count=count)


def run(job: "Job") -> Iterator[str]:
    """What the run found, grant by grant, and where the reports lie."""
    for finding in job.rulebook.broken:
        yield f"\n{finding.message}\n  {finding.remedy}"
    for result in job.results:
        city = result.tables["city"][0]
        count = {severity: sum(f.severity is severity for f in result.findings) for severity in Severity}
        kind = "Slutredovisning" if result.is_final else "Avstämning"
        waiting = [
            f"{city[f'{status}_count']} {words}"
            for status, words in (
                ("missing", "har inte redovisat"),
                ("held", "väntar på rättelse"),
                ("outdated", "gäller en tidigare period"),
            )
            if city[f"{status}_count"]
        ]
        yield f"\n{result.grant.name}"
        yield f"  {kind} till och med {swedish.long_date(result.period_end)}"
        yield f"  Använt {swedish.kr(city['eligible_sek'])} av {swedish.kr(city['total_sek'])}"
        if_nothing = " om inget mer används" if result.can_use_more else ""
        yield f"  Att återbetala{if_nothing} {swedish.kr(city['to_repay_sek'])}"
        boards = swedish.counted(city["board_count"], "nämnd", "nämnder")
        yield f"  {boards}: {swedish.listing(waiting) or 'alla redovisningar räknas'}"
        blocking = swedish.counted(count[Severity.BLOCKING], "hindrande anmärkning", "hindrande anmärkningar")
        yield f"  {blocking}, {swedish.counted(count[Severity.WARNING], 'varning', 'varningar')}"
        yield f"  Rapport: {job.out / result.place / 'aterrapport.html'}"
    yield f"\nÖversikt: {job.out / 'index.html'}"


def checked(told: "Checked") -> Iterator[str]:
    """What is found in each return; nothing of what programs leave in a folder."""
    for returned in told.returns:
        mine = [one for one in told.findings if one.file == returned.file]
        if returned.kind == "skipped" and not mine:
            continue
        count = swedish.counted(len(mine), "anmärkning", "anmärkningar") if mine else "inga anmärkningar"
        yield f"{returned.file}: {count}"
        yield from map(finding, mine)
    for one in told.broken:
        yield f"{one.message} {one.remedy}"


def finding(told: "Finding") -> str:
    """A finding: how grave, where, what is wrong and what to do."""
    where = " ".join(part for part in (told.sheet, swedish.listing(told.cells)) if part)
    word = {Severity.BLOCKING: "HINDRAR", Severity.WARNING: "varning", Severity.INFO: "upplysning"}[told.severity]
    return f"  {word} {where}{': ' if where else ''}{told.message}\n    {told.remedy}"


def standing(told: "Standing") -> Iterator[str]:
    """Where a grant stands, what to do next, and by when."""
    grant, result = told.grant, told.result
    yield f"\n{grant.name} ({grant.grant_id})"
    yield f"  Pengar i fara: {swedish.kr(told.at_risk_sek)}"
    if result is None or told.city is None:
        yield "  Inte avstämt ännu. Hela beloppet är oredovisat."
    else:
        yield f"  Senast avstämt per {result.as_of}{' (slutredovisning)' if result.is_final else ''}"
        used, gone = swedish.percent(told.used_share), swedish.percent(told.elapsed_share)
        yield f"  Använt {used} av bidraget, när {gone} av tiden har gått"
        if told.projected_unspent_sek is not None and not result.is_final:
            yield f"  {' '.join(told.unspent_words)}: {swedish.kr(told.projected_unspent_sek)}"
        repay, unknown = told.city["to_repay_sek"], told.city["undetermined_sek"]
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
    for row in told.tables["account"]:
        left = "inte avgjort" if row["remaining_sek"] is None else f"återstår {swedish.kr(row['remaining_sek'])}"
        late = " (förfallet)" if row["is_overdue"] else ""
        due = f", senast {row['due_on']}{late}" if row["due_on"] else ""
        yield f"{told.names[row['board_id']]}: {left}{due}"
        for name, words in _LEDGER.items():
            if row[name]:
                yield f"  {swedish.kr(row[name])}  {words}"
    yield f"Rapporten är {told.state}."


def comparison(told: "Comparison") -> Iterator[str]:
    """What new versions of the returns would change: senders, lines and figures."""
    yield f"{told.grant.name}, jämfört med körningen per {told.since}"
    if not (told.moved or told.lines or told.senders):
        yield "Inget skulle ändras."
    for sender in told.senders:
        yield f"\n{sender['sender_name']}: {_sender_change(sender)}"
    for board_id in dict.fromkeys(line["board_id"] for line in told.lines):
        yield f"\n{told.names[board_id]}, rader som ändras"
        for line in told.lines:
            if line["board_id"] == board_id:
                yield f"  {_line_change(line)}"
    if told.moved:
        yield "\nBelopp som ändras"
    for move in told.moved:
        if move.component_id != WHOLE_GRANT:
            yield f"  {_move(move, told.names)}"


def _sender_change(sender: Row) -> str:
    def named(when: str) -> str:
        return f"{sender[f'{when}_file']} (version {sender[f'{when}_version'] or 'okänd'})"

    held = ", som väntar på rättelse" if sender["is_held"] else ""
    if sender["before_file"] is None:
        return f"ny redovisning, {named('after')}{held}"
    if sender["after_file"] is None:
        return f"{named('before')} räknas inte längre"
    return f"{named('after')} {'väntar nu på rättelse' if held else 'väntar inte längre på rättelse'}"


def _line_change(line: Row) -> str:
    place = f"{line['file']} {line['sheet']} {line['cell'] or ''}".rstrip()
    words = {"added": "ny", "removed": "borttagen", "changed": "ändrad"}[line["change"]]
    values = [
        _from_to(*(None if part is None else show(part) for part in (line[f"before_{name}"], line[f"after_{name}"])))
        for name, show in (("sek", swedish.kr), ("on", date.isoformat), ("words", str))
    ]
    return f"{words}: {line['activity']}, {', '.join(value for value in values if value)}  ({place})"


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
        text if text == "–" else f"{text}{unit}" for text in (told["before"], told["after"], told["difference"])
    )
    return f"{whose}{part}: {told['figure']} {before} → {after}{'' if by == '–' else f' ({by})'}"


def explanation(found: Mapping[str, Sequence[Row]], wanted: str | None) -> Iterator[str]:
    """Every figure of a reconciliation down to file, sheet and cell: of one board, or of all of them and the city."""
    for board in found["board"]:
        if wanted in {None, board["board_id"]}:
            mine = {n: [row for row in found[n] if _owner(row) == board["board_id"]] for n in OF_A_BOARD}
            yield from _board(board, mine)
    if wanted is None:
        yield "\nStaden"
        yield from _row("city", found["city"][0])
        for area in found["area"]:
            yield f"\nOmrådet {area['area']}"
            yield from _row("area", area)
        yield "\nKvinnor och män"
        yield from _row("gender", found["gender"][0])


def _owner(row: Row) -> str:
    """The unit that a row is about; a decision names one of its boards. Runs of earlier versions know no other unit."""
    return str(row.get("unit_id") or row["board_id"])


def _board(board: Row, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    yield f"\n{board['name']}: {RETURN_STATUS[board['return_status']]}"
    for sender in rows["sender"]:
        yield f"  Fil {sender['file']}, SHA-256 {sender['sha256']}"
    yield from _row("board", board, rows)
    if board["return_status"] == "held":
        yield "  Redovisningen väntar på rättelse, så inget annat belopp är känt."
        return
    for part in rows["board_component"]:
        yield f"  Komponenten {part['component_id']}"
        yield from _row("board_component", part, margin="    ")
    for row in rows["activity"]:
        yield f"  Insatsen {row['activity']}  {row['file']} {row['sheet']} rad {row['row_no']}"
        for name, figure in FIGURES["activity"].items():
            cell = row[name.replace("_count", "_cell")]
            yield f"    {figure.label} {'uppgift saknas' if row[name] is None else row[name]}{f'  {cell}' * bool(cell)}"


def _row(table: str, row: Row, rows: Mapping[str, Sequence[Row]] | None = None, margin: str = "  ") -> Iterator[str]:
    """Each known figure of a row: its value, how it is reckoned, in which steps, and below it what it rests on."""
    words = {name: LIABILITY_BASIS[value] if name == "basis" else swedish.say(value) for name, value in row.items()}
    for name, figure in FIGURES[table].items():
        if row.get(name) is None:
            continue
        value = swedish.percent(row[name]) if name.endswith("_share") else words[name]
        steps = swedish.listing(f"sql/{step}.sql" for step in figure.steps) or figure.source
        yield f"{margin}{figure.label} {value}: {figure.reckoned.format_map(words)} ({steps})"
        for basis in _basis(name, rows) if rows else ():
            yield f"{margin}  {basis}"


def _basis(name: str, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """What a figure of a board rests on: decisions, lines or cells."""
    if name == "allocated_sek":
        for row in rows["allocation"]:
            replaced = "" if row["is_in_force"] else " (ersatt av ett senare beslut)"
            what = f"{row['decided_by']} {row['decided_on']}, {row['name']}, {row['component_id']}{replaced}"
            yield f"{swedish.kr(row['amount_sek'])}  {what}"
    if name in {"eligible_sek", "ineligible_sek"}:
        for row in rows["line"]:
            if row["is_eligible"] is (name == "eligible_sek"):
                place = " ".join(part for part in (row["file"], row["sheet"], row["cell"]) if part)
                why = f"  {INELIGIBLE_REASON[row['reason']]}" if row["reason"] else ""
                yield f"{swedish.kr(row['amount_sek'])}  {row['worked_on']}  {place}  {row['component_id']}{why}"
    if name == "forecast_sek":
        for row in rows["sender"]:
            place = " ".join(part for part in (row["file"], row["forecast_sheet"], row["forecast_cell"]) if part)
            yield f"{swedish.kr(row['forecast_sek'])}  {place}"
