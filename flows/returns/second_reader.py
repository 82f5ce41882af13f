"""The returns a second time, by another way: what each file's cost lines sum to.

Nothing here comes from the first way (`intake`): workbooks are read by calamine, CSV and filed
reports by a few lines of our own. All that the two share is what a Swedish amount looks like and
what the columns are called.
"""

import hashlib
import io
import json
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
from .readers import of_file

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

    def __init__(self, read: Iterable[tuple[Path | bytes, Return]], readers: Children) -> None:
        self._asked: dict[str, Future[tuple[int, Decimal]]] = {}
        for source, returned in read:
            if returned.is_opened:
                self._asked[returned.file] = _being_read(source, returned, readers)

    def totals(self) -> dict[str, tuple[int, Decimal]]:
        """By file, how many cost lines have an amount and their sum; a file that can't be read
        again is not there.

        Raises InputError when a file is no longer the one that was read.
        """
        totals = {}
        for file, asked in self._asked.items():
            with suppress(UnreadableError, StoppedError):
                totals[file] = asked.result()
        return totals


def _being_read(
    source: Path | bytes, returned: Return, readers: Children
) -> "Future[tuple[int, Decimal]]":
    told = (returned.file, returned.sha256, returned.kind)
    if isinstance(source, bytes):
        return readers.submit(total, source, *told)
    return of_file(readers, total, source, *told, about=" ".join(told))


def totals(
    read: Iterable[tuple[Path | bytes, Return]], readers: Children
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
        if not returned.is_opened or returned.file in held:
            continue
        if returned.grant_id not in plan.periods:
            continue
        first = returned.total
        second = recounts.get(returned.file)
        if first == second:
            continue
        yield rulebook.rules["fil-laser-olika"].finding(
            is_final=plan.is_final,
            grant=returned.grant_id,
            board=rulebook.holder(returned, plan),
            file=returned.file,
            details={"first": _said(first), "second": _said(second)},
        )


def _said(total: tuple[int, Decimal] | None) -> str:
    """What a reader found, as the finding's sentence has it."""
    if total is None:
        return "inget belopp, eftersom läsningen stannade"
    count, sek = total
    return f"{swedish.kr(sek)} på {count} rader"


def total(source: Path | bytes, file: str, sha256: str, kind: str = "") -> tuple[int, Decimal]:
    """How many cost lines of a return have an amount, and their sum in kronor; meant for a child
    process.

    `file` is the name that people know it by, `kind` that of the return. Raises InputError when the
    file is no longer the one that was read, and UnreadableError when it can't be read to the öre.
    """
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError:
        raise InputError(f"Filen {file} försvann medan körningen läste den. {_WAIT}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"Filen {file} ändrades medan körningen läste den. {_WAIT}")
    try:
        if kind == "report":
            count, sek = _of_package(content)
        else:
            read = _from_workbook if content.startswith(b"PK") else _from_csv
            with _silence():
                amounts = list(read(content))
            count, sek = len(amounts), sum(amounts, Decimal(0))
        if abs(sek) >= LARGEST_SEK:
            raise ValueError("more money than there is")
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # whatever the library stumbles on; when it panics, that is no Exception
        raise UnreadableError(file) from None
    return count, sek


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing to standard error: when calamine panics it writes a stack trace there by itself, past
    Python."""
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


# -- packages --------------------------------------------------------------------------------------


def _of_package(content: bytes) -> tuple[int, Decimal]:
    """Of a filed report how many amounts it tells of areas and of what isn't paid for, and what its
    boards have reported together, component by component."""
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        archive.open("rapport/reconciliation.json") as stream,
    ):
        report = json.loads(stream.read(_MOST_JSON_BYTES))
    told = [row for row in report["areas"] if Decimal(row["eligible_sek"])]
    told += report["ineligible"]
    sek = Decimal(0)
    for board in report["boards"]:
        for component in board["components"]:
            sek += _to_the_ore(Decimal(component["reported_sek"] or 0))
    return len(told), sek


_MOST_JSON_BYTES = 60_000_000


# -- workbooks -------------------------------------------------------------------------------------


def _from_workbook(content: bytes) -> Iterator[Decimal]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content), load_tables=True)
    header, rows = _table(book, _totals_rows(content))
    place = _place(header)
    for row in rows:
        value = row[place]
        if isinstance(value, int | float) and not isinstance(value, bool):
            # Where more than two decimals were typed, the return is held already.
            yield Decimal(f"{value:.15g}").quantize(swedish.ORE, ROUND_HALF_UP)
        elif not isinstance(value, str) or swedish.tidy(value):
            yield _to_the_ore(swedish.parse_amount(value) if isinstance(value, str) else None)


def _table(
    book: "CalamineWorkbook", totals_rows: Mapping[str, int]
) -> tuple[Cells, Iterable[Cells]]:
    """Header and lines of the costs: the table of that name to the sheet's end, else the sheet that
    has the headers."""
    for name in book.table_names or ():
        if name.casefold() == _TABLE:
            return _named(book, name, totals_rows.get(name, 0))
    return _headed(book)


def _named(book: "CalamineWorkbook", name: str, totals: int) -> tuple[Cells, Iterable[Cells]]:
    """Header and lines of a table, and of what stands below it; without its rows of totals."""
    table = book.get_table_by_name(name)
    if table.start is None or table.end is None:
        raise ValueError("an empty table")
    rows = book.get_sheet_by_name(table.sheet).to_python(skip_empty_area=False)
    header_row = _header_row(rows, table.start[0])
    below = table.end[0] + 1
    return rows[header_row], [*rows[header_row + 1 : below], *rows[below + totals :]]


def _header_row(rows: Sequence[Cells], first: int) -> int:
    """The row of a table's headers: the one above its first, or that one in a table that is said to
    have no headers, and has them. Rows are counted from 0; raises ValueError for neither."""
    for row in (first - 1, first):
        if row >= 0 and _AMOUNT in _keys(rows[row]):
            return row
    raise ValueError("no headers")


def _headed(book: "CalamineWorkbook") -> tuple[Cells, Iterable[Cells]]:
    """The only row of the workbook that has the required headers, and all below it."""
    found: list[tuple[Sequence[Cells], int]] = []
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name).to_python()
        found += [(sheet, at) for at, row in enumerate(sheet) if _keys(row) >= _REQUIRED]
    (only,) = found
    rows, header_row = only
    return rows[header_row], rows[header_row + 1 :]


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
    """Where in a header the amounts are; raises ValueError when not in just one place."""
    names = [swedish.key(cell) if isinstance(cell, str) else "" for cell in header]
    if names.count(_AMOUNT) != 1:
        raise ValueError("not one column of amounts")
    return names.index(_AMOUNT)


def _to_the_ore(amount: Decimal | None) -> Decimal:
    if amount is None or amount != amount.quantize(swedish.ORE):
        raise ValueError("no amount")
    return amount


# -- CSV -------------------------------------------------------------------------------------------


def _from_csv(content: bytes) -> Iterator[Decimal]:
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANK_LINES.sub("", text)
    delimiters = ";,\t"
    declared = re.match("sep=(.)\n", text)
    if declared:
        delimiters = declared[1]
        text = _BLANK_LINES.sub("", text[declared.end() :])
    for delimiter in delimiters:
        header, *rows = _fields(text, delimiter)
        if _AMOUNT in _keys(header):
            place = _place(header)
            filled = [row for row in rows if any(field.strip() for field in row)]
            column = [row[place] for row in filled]
            for written in filter(swedish.tidy, column):
                amount = swedish.parse_machine_amount(written)
                if amount is None:
                    amount = swedish.parse_amount(written)
                yield _to_the_ore(amount)
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
