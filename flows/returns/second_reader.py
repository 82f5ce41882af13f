"""The returns a second time, by another way: what each file's cost lines sum to.

Nothing here comes from the first way (`intake`): workbooks are read by calamine, CSV by a few lines
of our own. All that the two share is what a Swedish amount looks like and what the columns are
called.
"""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..base import swedish
from ..base.children import Children, StoppedError
from ..base.errors import InputError
from ..model.findings import Finding, Severity
from ..model.returns import COST_COLUMNS, Return
from ..model.rulebook import Rulebook, RunPlan

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook


LARGEST_SEK = Decimal(10) ** 15
"""No return comes to as much; what does is the slip of a keyboard, and is held by the first
reader."""
Cells = Sequence[object]
_TABLE, _AMOUNT = "kostnader", "belopp"
_REQUIRED = {swedish.key(column.header) for column in COST_COLUMNS if column.is_required}
_WAIT = "Vänta tills filerna i mappen är klara och kör igen."


class UnreadableError(Exception):
    """The second reader can't read a file to the öre."""


class Recount:
    """Returns being read a second time in child processes, from the moment this is made."""

    def __init__(self, read: Iterable[tuple[Path, Return]], readers: Children) -> None:
        self._asked: dict[str, Future[tuple[int, Decimal]]] = {
            returned.file: readers.submit(total, path, returned.file, returned.sha256)
            for path, returned in read
            if returned.kind in {"xlsx", "csv"}
        }

    def totals(self) -> dict[str, tuple[int, Decimal]]:
        """By file, how many cost lines have an amount and their sum; a file that can't be read
        again is not there.

        Raises InputError when a file is no longer the one that was read.
        """
        found = {}
        for file, asked in self._asked.items():
            with suppress(UnreadableError, StoppedError):
                found[file] = asked.result()
        return found


def totals(
    read: Iterable[tuple[Path, Return]], readers: Children
) -> dict[str, tuple[int, Decimal]]:
    """The totals of returns, for a caller that has nothing else to do meanwhile; see
    `Recount.totals`."""
    return Recount(read, readers).totals()


def doubts(
    returns: Iterable[Return],
    findings: Sequence[Finding],
    recounts: Mapping[str, tuple[int, Decimal]],
    rulebook: Rulebook,
    plan: RunPlan,
) -> Iterator[Finding]:
    """A blocking finding on each return of the plan's grants that the two readers don't agree on,
    or that kills one.

    Such a file may show another amount to whoever opens it than to us. One that is held already is
    not compared.
    """
    held = {finding.file for finding in findings if finding.severity is Severity.BLOCKING}
    for returned in returns:
        if (
            returned.kind not in {"xlsx", "csv"}
            or returned.grant_id not in plan.periods
            or returned.file in held
        ):
            continue
        amounts = [
            row.cells["amount_sek"].value for row in returned.costs if "amount_sek" in row.cells
        ]
        known = [amount for amount in amounts if isinstance(amount, Decimal)]
        first, second = (len(known), sum(known, Decimal(0))), recounts.get(returned.file)
        if first == second:
            continue
        told = (
            f"{swedish.kr(second[1])} på {second[0]} rader"
            if second
            else "inget belopp, eftersom läsningen stannade"
        )
        yield rulebook.rules["fil-laser-olika"].finding(
            is_final=plan.is_final,
            grant=returned.grant_id,
            board=rulebook.holder(returned, plan),
            file=returned.file,
            details={"first": f"{swedish.kr(first[1])} på {first[0]} rader", "second": told},
        )


def total(path: Path, file: str, sha256: str) -> tuple[int, Decimal]:
    """How many cost lines of a return have an amount, and their sum in kronor; meant for a child
    process.

    `file` is the name that people know it by. Raises InputError when the file is no longer the one
    that was read, and UnreadableError when it can't be read to the öre.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(f"Filen {file} försvann medan körningen läste den. {_WAIT}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"Filen {file} ändrades medan körningen läste den. {_WAIT}")
    try:
        with _silence():
            amounts = list(
                _from_workbook(content) if content.startswith(b"PK") else _from_csv(content)
            )
        found = sum(amounts, Decimal(0))
        if abs(found) >= LARGEST_SEK:
            raise ValueError("more money than there is")
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # whatever the library stumbles on; when it panics, that is no Exception
        raise UnreadableError(file) from None
    return len(amounts), found


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing to standard error: when calamine panics it writes a stack trace there by itself, past
    Python."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


# -- workbooks -------------------------------------------------------------------------------------


def _from_workbook(content: bytes) -> Iterator[Decimal]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content), load_tables=True)
    header, rows = _table(book, _totals_rows(content))
    place = _place(header)
    for row in rows:
        value = row[place]
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield Decimal(f"{value:.15g}").quantize(
                swedish.ORE, ROUND_HALF_UP
            )  # one that is typed so is held already
        elif not isinstance(value, str) or swedish.tidy(value):
            yield _to_the_ore(swedish.parse_amount(value) if isinstance(value, str) else None)


def _table(
    book: "CalamineWorkbook", totals_rows: Mapping[str, int]
) -> tuple[Cells, Iterable[Cells]]:
    """Header and lines of the costs: the table of that name to the sheet's end, else the sheet that
    has the headers."""
    for name in book.table_names or ():
        if name.casefold() == _TABLE:
            table = book.get_table_by_name(name)
            if table.start is None or table.end is None:
                raise ValueError("an empty table")
            rows = book.get_sheet_by_name(table.sheet).to_python(skip_empty_area=False)
            first, below = table.start[0], table.end[0] + 1
            if not _has_amount(rows[first - 1 : first]) and _has_amount(rows[first : first + 1]):
                first += 1  # a table that is said to have no headers, and has them
            return rows[first - 1], [*rows[first:below], *rows[below + totals_rows.get(name, 0) :]]
    sheets = (book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names)
    found = (
        (row, rows[n + 1 :])
        for rows in sheets
        for n, row in enumerate(rows)
        if _keys(row) >= _REQUIRED
    )
    ((header, lines),) = found
    return header, lines


def _has_amount(rows: Sequence[Cells]) -> bool:
    return any(_AMOUNT in _keys(row) for row in rows)


def _keys(row: Cells) -> set[str]:
    return {swedish.key(cell) for cell in row if isinstance(cell, str)}


def _totals_rows(content: bytes) -> dict[str, int]:
    """How many rows of totals each Excel table ends with; calamine leaves them out of the table and
    doesn't say."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [
            archive.read(name)
            for name in archive.namelist()
            if re.fullmatch(r"xl/tables/[^/]+\.xml", name)
        ]
    tables = [ElementTree.fromstring(part) for part in parts]
    return {table.get("displayName", ""): int(table.get("totalsRowCount", "0")) for table in tables}


def _place(header: Cells) -> int:
    (place,) = (
        n for n, cell in enumerate(header) if isinstance(cell, str) and swedish.key(cell) == _AMOUNT
    )
    return place


def _to_the_ore(amount: Decimal | None) -> Decimal:
    if amount is None or amount != amount.quantize(swedish.ORE):
        raise ValueError("no amount")
    return amount


# -- CSV -------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> Iterator[Decimal]:
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANK_LINES.sub("", text)
    if declared := re.match("sep=(.)\n", text):
        text = _BLANK_LINES.sub("", text[declared.end() :])
    for delimiter in declared[1] if declared else ";,\t":
        header, *rows = _fields(text, delimiter)
        if any(swedish.key(name) == _AMOUNT for name in header):
            place = _place(header)
            written = (row[place] for row in rows if any(map(str.strip, row)))
            for amount in filter(swedish.tidy, written):
                machine = swedish.parse_machine_amount(amount)
                yield _to_the_ore(swedish.parse_amount(amount) if machine is None else machine)
            return
    raise ValueError("no header")


_BLANK_LINES = re.compile(r"\A(?:[;, \t]*+\n)++")
"""The lines at the start that say nothing."""


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
    return re.sub("\x1a[\x1a\0\\s]*\\Z", "", text)  # DOS ends a text so


def _fields(text: str, delimiter: str) -> list[list[str]]:
    """The fields of each row; in a quoted field a doubled quote is one, and line ends are text."""
    rows: list[list[str]] = [[]]
    for quoted, plain, end in re.findall(
        rf'(?:"((?:[^"]|"")*+)"|([^{delimiter}\n]*))([{delimiter}\n]|\Z)', text
    ):
        rows[-1].append(quoted.replace('""', '"') or plain)
        if end == "\n":
            rows.append([])
    return rows
