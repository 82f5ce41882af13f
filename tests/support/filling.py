"""Fills return workbooks as a person does in Excel, writes CSV returns, and plants faults in
both."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook

from statsbidrag.base.fixed_times import with_fixed_times
from statsbidrag.model.boards import Assignment
from statsbidrag.model.decisions import Grant
from statsbidrag.model.returns import COST_COLUMNS
from tests.support.reckoning import Asked, Measured

SOFFICE = shutil.which("soffice")
Row = Mapping[str, object]
"""What stands in one row of a table, by the Swedish header of the column."""


def allocation_of(grant: Grant, board_id: str, on: date) -> dict[str, Decimal]:
    """What a board is allocated on a day: component -> kronor."""
    return {
        part: amount
        for (owner, part), amount in grant.allocations_on(on).items()
        if owner == board_id
    }


def assigned(grant: Grant, board_id: str, on: date) -> Assignment:
    """The same as its workbook is told it."""
    return Assignment(allocation_of(grant, board_id, on))


def fill(
    template: bytes,
    *,
    header: Mapping[str, object],
    costs: Sequence[Row],
    activities: Sequence[Row] = (),
    posts: Sequence[Row] = (),
    measures: Mapping[Measured, Row] | None = None,
    answers: Mapping[Asked, object] | None = None,
) -> bytes:
    """The template filled in: `header` by defined name, the rows of the tables by header.

    `measures` and `answers` are those of rows that the template has, by what they are about.
    Where `header` doesn't give `summa_kostnader`, it is the sum of the amounts that are numbers.
    """
    book = load_workbook(io.BytesIO(template))
    total = sum(
        (Decimal(str(row["Belopp"])) for row in costs if _is_number(row.get("Belopp"))), Decimal(0)
    )
    for name, value in {"summa_kostnader": total, **header}.items():
        sheet, ref = place(book, name)
        book[sheet][ref].value = value
    tables = {"Kostnader": costs, "Insatser": activities}
    if posts:
        tables["Tjänster"] = posts
    for table, rows in tables.items():
        _fill_table(book, table, rows)
    if measures:
        fill_measures(book, measures)
    if answers:
        fill_answers(book, answers)
    return _saved(book)


def place(book: Workbook, name: str) -> tuple[str, str]:
    """The sheet and the cell that a defined name of the workbook stands for."""
    ((sheet, ref),) = book.defined_names[name].destinations
    return sheet, ref.replace("$", "")


def at(header: str, row: int, columns: Sequence[Any] = COST_COLUMNS) -> str:
    """The cell of a column in the n-th filled row (from 0) of the template's tables, such as
    "H6"."""
    return f"{get_column_letter([c.header for c in columns].index(header) + 1)}{6 + row}"


def put(content: bytes, sheet: str, ref: str, value: object, *, as_text: bool = False) -> bytes:
    """The workbook with one cell changed; `as_text` keeps a text that begins with = from becoming a
    formula."""
    book = load_workbook(io.BytesIO(content))
    cell = book[sheet][ref]
    cell.value = value
    if as_text:
        cell.data_type = "s"
    return _saved(book)


def edited(content: bytes, change: Callable[[Workbook], object]) -> bytes:
    """The workbook with whatever else somebody does to it in Excel."""
    book = load_workbook(io.BytesIO(content))
    change(book)
    return _saved(book)


def saved_by_libreoffice(contents: Sequence[bytes], to: str = "xlsx") -> list[bytes]:
    """Workbooks opened and saved by LibreOffice, in their own format or another one."""
    assert SOFFICE
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.xlsx" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        profile, out = f"-env:UserInstallation=file://{folder}/profile", Path(folder) / "out"
        command = [
            SOFFICE,
            profile,
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            str(out),
            *map(str, paths),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return [(out / path.name).with_suffix(f".{to}").read_bytes() for path in paths]


def csv_return(
    *,
    header: Mapping[str, object],
    costs: Iterable[Row],
    delimiter: str = ";",
    encoding: str = "utf-8",
) -> bytes:
    """A CSV return (contract section 2): the cost columns, and bidrag, namnd, period_tom and
    version on every row."""
    names = {_plain(c.header): c.header for c in COST_COLUMNS}
    text = io.StringIO()
    lines = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    fixed = ("bidrag", "namnd", "period_tom", "version")
    lines.writerow([*fixed, *names])
    for row in costs:
        values = [
            *(header[name] for name in fixed),
            *(row.get(shown, "") for shown in names.values()),
        ]
        lines.writerow([_written(value, comma=delimiter == ";") for value in values])
    return text.getvalue().encode(encoding)


def _fill_table(book: Workbook, name: str, rows: Sequence[Row]) -> None:
    sheet: Any = next(ws for ws in book.worksheets if name in ws.tables)
    table = sheet.tables[name]
    left, top, right, bottom = range_boundaries(table.ref)
    columns = {sheet.cell(top, column).value: column for column in range(left, right + 1)}
    looks = {c: d._style for d in sheet.column_dimensions.values() for c in range(d.min, d.max + 1)}
    for number, row in enumerate(rows, start=top + 1):
        for title, value in row.items():
            cell = sheet.cell(number, columns[title], value)
            cell._style = copy(looks[cell.column])
    if top + len(rows) > bottom:  # as Excel does when somebody writes below the last row
        table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{top + len(rows)}"
        table.autoFilter.ref = table.ref


def fill_measures(book: Workbook, counts: Mapping[Measured, Row]) -> None:
    """Write counts in the rows of the sheet Mått that are about something, as the template has
    them."""
    sheet = book["Mått"]
    headers = {cell.value: cell.column for cell in sheet[5]}
    numbers = {}
    for number in range(6, sheet.max_row + 1):
        about = tuple(str(sheet.cell(number, column).value) for column in range(1, 5))
        numbers[about] = number
    for about, row in counts.items():
        for title, value in row.items():
            sheet.cell(numbers[about], headers[title]).value = value


def fill_answers(book: Workbook, answers: Mapping[Asked, object]) -> None:
    """Write answers in the rows of the sheet Frågor that are about something, as the template has
    them."""
    sheet: Any = book["Frågor"]
    numbers = {}
    for number in range(6, sheet.max_row + 1):
        about = (str(sheet.cell(number, 1).value), str(sheet.cell(number, 2).value))
        numbers[about] = number
    for about, answer in answers.items():
        sheet.cell(numbers[about], 3).value = answer


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(text: str) -> str:
    return text.lower().translate(str.maketrans("åäö", "aao"))


def _written(value: object, *, comma: bool) -> str:
    text = "" if value is None else str(value)
    return text.replace(".", ",") if comma and _is_number(value) else text


def _saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return with_fixed_times(content.getvalue())
