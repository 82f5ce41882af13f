"""A workbook into a flat return, by openpyxl."""

import functools
import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base import swedish
from ..base.bounds import BOUNDS
from ..model.returns import (
    ANSWER_NAME,
    HEADER_FIELDS,
    TABLES,
    Cell,
    Column,
    Problem,
    Reading,
    Return,
    Row,
)
from . import bare, bare_sheet, file_names, guard, xml_text
from .cell_reading import read_cell
from .refusal import RefusedError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


_REF = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROWS = re.compile("[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")


def read_workbook(content: bytes) -> Return:
    """A workbook as a return without its name. Raises RefusedError for one that is not taken in."""
    seen = guard.workbook(content, BOUNDS)
    book = _Book(seen)
    problems = [*book.hidden_sheets(), *seen.told]
    header = dict(book.header())
    rows: dict[str, tuple[Row, ...]] = {}
    for table, columns in TABLES.items():
        rows[table], told = book.table(table, columns)
        problems += told
    if not _OWN & header.keys() and any(problem.rule_id == "tabell-saknas" for problem in problems):
        foreign = (Problem("fil-ingen-mall"), *seen.told)
        return Return("", "", 0, "other", foreign, personal_numbers=book.personal_numbers)
    found = Return(
        file="",
        sha256="",
        size_bytes=0,
        kind="xlsx",
        problems=tuple(problems),
        header=header,
        costs=rows["Kostnader"],
        activities=rows["Insatser"],
        personal_numbers=book.personal_numbers,
    )
    return _as_answer(found) if book.answers == found.cells_key else found


def _as_answer(found: Return) -> Return:
    """An answer of ours that has come in again with nothing changed: whose it is, and that it is no
    return."""
    named = {name: found.header[name] for name in ("grant", "board") if name in found.header}
    numbers = tuple(place for place in found.personal_numbers if place.is_masked)
    return Return(
        "", "", 0, "skipped", (Problem("fil-ar-vart-svar"),), named, personal_numbers=numbers
    )


def _bared(content: bytes) -> bare.Workbook:
    """What holds the content of a workbook that the guard has let through."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        return bare.workbook(parts, rows=BOUNDS.rows, columns=BOUNDS.columns)
    except bare_sheet.OddError:
        raise RefusedError("fil-trasig") from None


_OWN = {"grant", "period_end_on", "stated_total_sek", "template_version"}
"""What no workbook but a return has, by its name or its label; other forms may say `Nämnd` or
`Version` too."""


class _Book:
    """A workbook being read: formulas as they stand, and their stored values when there are any
    formulas."""

    def __init__(self, seen: guard.Seen) -> None:
        self._seen, self._bare = seen, _bared(seen.content)
        self._formulas = self._load(data_only=False)
        titles = [ws.title for ws in self._formulas.worksheets]
        self.titles = dict(zip(titles, file_names.sheets(titles, seen.named), strict=True))
        self.personal_numbers = tuple(
            replace(place, sheet=self.titles.get(place.sheet, ""))
            for place in seen.personal_numbers
        )
        """Where personal numbers stood, by the names of the sheets that may be told."""
        self._hidden = {
            (place.sheet, place.ref) for place in self.personal_numbers if place.is_of_cell
        }

    def _load(self, *, data_only: bool) -> "Workbook":
        import openpyxl
        from openpyxl.worksheet import _reader

        vars(_reader).update(from_excel=_day_or_number, from_ISO8601=_moment_or_text)
        try:
            with warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(
                    io.BytesIO(self._bare.content), data_only=data_only, keep_links=False
                )
        except MemoryError:
            raise
        except (
            Exception
        ):  # openpyxl raises whatever the XML made it stumble on; the sender needs one sentence
            raise RefusedError("fil-olasbar") from None
        coded = book.worksheets if self._seen.has_codes else []
        for cell in (cell for ws in coded for cell in ws._cells.values()):
            if (
                isinstance(cell.value, str) and cell.data_type != "f"
            ):  # past `value`, which guesses what a text is
                cell._value = xml_text.unescaped(cell.value)  # type: ignore[attr-defined]
        return book

    @cached_property
    def _values(self) -> "Workbook":
        return self._load(data_only=True)

    def cell(self, ws: "Worksheet", found: Any, kind: str, *, is_computed: bool = False) -> Cell:
        """A cell of the workbook, read as a `kind` of value; a formula by its stored value."""
        sheet, ref = self.titles[ws.title], found.coordinate
        if found.data_type == "f":
            is_computed = True
            found = self._values[ws.title][ref]
            if found.value is None:
                return Cell(sheet, ref, "(formel utan värde)", Reading.NO_VALUE, None)
        is_error, is_hidden = found.data_type == "e", (sheet, ref) in self._hidden
        return read_cell(
            sheet,
            ref,
            found.value,
            kind,
            is_error=is_error,
            is_hidden=is_hidden,
            is_computed=is_computed,
        )

    @property
    def answers(self) -> str:
        """The fingerprint of the return that the workbook is our answer to; empty for what is no
        answer."""
        name = self._formulas.defined_names.get(ANSWER_NAME)
        return str(name.attr_text).strip('"') if name else ""

    def hidden_sheets(self) -> Iterator[Problem]:
        """Sheets that a person doesn't see, but for the lists that our own workbook hides."""
        for ws in self._formulas.worksheets:
            if ws.sheet_state != "visible" and ws.title != "Listor":
                yield Problem("dolt-blad", sheet=self.titles[ws.title], value=self.titles[ws.title])

    def header(self) -> Iterator[tuple[str, Cell]]:
        """The single cells of the return, by defined name, else by the label to their left."""
        for wanted in HEADER_FIELDS:
            place = self._named(wanted.defined_name) or self._labelled(wanted.label)
            if place:
                ws, ref = place
                is_sum = (
                    wanted.name == "stated_total_sek"
                )  # reckoned somewhere, however it came here
                yield wanted.name, self.cell(ws, ws[ref], wanted.kind, is_computed=is_sum)

    def _named(self, name: str) -> "tuple[Worksheet, str] | None":
        scopes = [
            self._formulas.defined_names,
            *(ws.defined_names for ws in self._formulas.worksheets),
        ]
        for names in scopes:
            defined = next((names[n] for n in names if n.casefold() == name), None)
            try:
                places = list(defined.destinations) if defined else []
            except Exception:  # a name that points nowhere (#REF!) is no name
                continue
            for title, ref in places:
                ws = next((ws for ws in self._formulas.worksheets if ws.title == title), None)
                first = ref.replace("$", "").split(":")[0]
                if ws and _REF.fullmatch(first):
                    return ws, first
        return None

    def _labelled(self, label: str) -> "tuple[Worksheet, str] | None":
        for ws in self._visible():
            for row in ws.iter_rows(max_row=200, max_col=20):
                for place, cell in enumerate(row[:-1]):
                    if isinstance(cell.value, str) and swedish.key(
                        cell.value.rstrip(": ")
                    ) == swedish.key(label):
                        return ws, row[place + 1].coordinate
        return None

    def _visible(self) -> "Iterable[Worksheet]":
        return (ws for ws in self._formulas.worksheets if ws.title != "Listor")

    def table(self, name: str, columns: Sequence[Column]) -> tuple[tuple[Row, ...], list[Problem]]:
        """The rows of a table, found by its name or else by its headers, and what stood in the
        way."""
        places = list(self._tables(name)) or list(self._headed(columns))
        if not places:
            return (), [
                Problem("tabell-saknas" if name == "Kostnader" else "insatser-saknas", value=name)
            ]
        if len(places) > 1:
            sheets = swedish.listing(self.titles[ws.title] for ws, *_ in places)
            return (), [Problem("tabell-tvetydig", value=name, details={"sheets": sheets})]
        ws, header_row, totals_row = places[0]
        found, problems = _columns(ws[header_row], self.titles[ws.title], name, columns)
        rows = list(self._rows(ws, header_row, totals_row, found, columns))
        problems += self._concealed(ws, header_row, found, rows)
        if not any(
            problem.rule_id == "kolumn-saknas" for problem in problems
        ):  # then the table itself is displaced
            problems += self._passed_over(ws, found, name, columns)
        return tuple(rows), problems

    def _rows(
        self,
        ws: "Worksheet",
        header_row: int,
        totals_row: int | None,
        found: Mapping[str, int],
        columns: Sequence[Column],
    ) -> Iterator[Row]:
        """The rows below a header row in which something stands, by the declared columns."""
        sheet = self.titles[ws.title]
        for number in sorted({row for row, _ in ws._cells} - {totals_row}):
            cells = {name: ws.cell(number, place + 1) for name, place in found.items()}
            if number <= header_row or all(cell.value is None for cell in cells.values()):
                continue
            read = {
                c.name: self.cell(ws, cells[c.name], c.kind) for c in columns if c.name in found
            }
            if any(cell.reading is not Reading.BLANK for cell in read.values()):
                yield Row(sheet, number, read)

    def _concealed(
        self, ws: "Worksheet", header_row: int, found: Mapping[str, int], rows: Sequence[Row]
    ) -> Iterator[Problem]:
        """Rows and columns of a table that a person doesn't see; they are read all the same."""
        sheet = self.titles[ws.title]
        hidden = [row for row in rows if ws.row_dimensions[row.row].hidden]
        if hidden:
            yield Problem("dolda-rader", sheet, tuple(_first_filled(row) for row in hidden))
        headers: list[Any] = [ws[header_row][place] for place in found.values()]
        folded = [(d.min, d.max) for d in ws.column_dimensions.values() if d.hidden]
        concealed = tuple(
            c.coordinate for c in headers if any(a <= c.column <= b for a, b in folded)
        )
        if concealed and rows:
            yield Problem("dold-kolumn", sheet, concealed)

    def _passed_over(
        self, home: "Worksheet", places: Mapping[str, int], name: str, columns: Sequence[Column]
    ) -> Iterator[Problem]:
        """Rows elsewhere in the workbook that look like the table's and are not read as it: a
        copied sheet, say."""
        seen = [(home.title, places)]
        for ws, header_row in self._every_header(columns):
            found, _ = _columns(ws[header_row], self.titles[ws.title], name, columns)
            if (ws.title, found) in seen:  # headers once more below the first are read as a row
                continue
            seen.append((ws.title, found))
            rows = list(self._rows(ws, header_row, None, found, columns))
            if rows:
                details = {"table": name, "home": self.titles[home.title], "sum": _said_sum(rows)}
                details["count"] = swedish.counted(len(rows), "rad", "rader")
                cells = tuple(_first_filled(row) for row in rows)
                sheet = self.titles[ws.title]
                yield Problem("rader-utanfor", sheet, cells, sheet, details)

    def _tables(self, name: str) -> "Iterator[tuple[Worksheet, int, int | None]]":
        for ws, tables in zip(self._formulas.worksheets, self._bare.tables, strict=True):
            for table in tables:
                match = _ROWS.fullmatch(table.ref)
                if match and name.casefold() in {own.casefold() for own in table.names}:
                    yield ws, int(match[1]), int(match[2]) if table.has_totals else None

    def _headed(self, columns: Sequence[Column]) -> "Iterator[tuple[Worksheet, int, int | None]]":
        for ws, rows in itertools.groupby(self._every_header(columns), lambda place: place[0]):
            number = next(number for _, number in rows)
            if number <= _LAST_HEADER_ROW:
                yield ws, number, None

    def _every_header(self, columns: Sequence[Column]) -> "Iterator[tuple[Worksheet, int]]":
        """Each row of the visible sheets that names the required columns of a table, and more than
        half of all."""
        every = {swedish.key(c.header) for c in columns}
        required = {swedish.key(c.header) for c in columns if c.is_required}
        for ws in self._visible():
            named: dict[int, set[str]] = {}
            for (number, _), cell in ws._cells.items():
                if isinstance(cell.value, str) and _MAY_BE_HEADER.fullmatch(cell.value):
                    named.setdefault(number, set()).add(_header_key(cell.value))
            for number, names in sorted(named.items()):
                if required <= names and len(names & every) > len(every) // 2:
                    yield ws, number


_LAST_HEADER_ROW = 60
"""A table that has lost its name is looked for this far down."""
_MAY_BE_HEADER = re.compile(r"[^0-9]{1,40}")
"""What is looked at as a header; vouchers and comments, of which there are many, mostly aren't."""
_header_key = functools.lru_cache(maxsize=1000)(swedish.key)


def _first_filled(row: Row) -> str:
    """The address of the first cell of a row in which something stands."""
    return next(cell.ref for cell in row.cells.values() if cell.reading is not Reading.BLANK)


def _said_sum(rows: Iterable[Row]) -> str:
    """What the amounts that could be read in some rows come to, as a sentence goes on with it;
    nothing without any."""
    amounts = [row.cells["amount_sek"].value for row in rows if "amount_sek" in row.cells]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    return f" på tillsammans {swedish.kr(sum(known, Decimal(0)))}" if known else ""


def _day_or_number(value: float, *args: Any, **named: Any) -> object:
    """The day or time that a number is in a cell of dates; the number itself where Excel shows no
    day for it.

    openpyxl would say that the cell shows an error, and what stands in it would be lost.
    """
    from openpyxl.utils.datetime import from_excel

    try:
        return from_excel(value, *args, **named)
    except (OverflowError, ValueError):
        return value


def _moment_or_text(value: str) -> object:
    """The day or time that a cell holds in ISO 8601; the text itself where it is none."""
    from openpyxl.utils.datetime import from_ISO8601

    try:
        moment: object = from_ISO8601(value)  # type: ignore[no-untyped-call]
    except ValueError:
        return value
    return moment


def _columns(
    header: Sequence[Any], sheet: str, table: str, columns: Sequence[Column]
) -> tuple[dict[str, int], list[Problem]]:
    """Where each declared column stands in a header row, and which are missing or there twice."""
    wanted = {swedish.key(column.header): column for column in columns}
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for place, cell in enumerate(header):
        column = wanted.get(swedish.key(str(cell.value))) if cell.value is not None else None
        if column and column.name in found:
            problems.append(Problem("kolumn-tvetydig", sheet, (cell.coordinate,), column.header))
        elif column:
            found[column.name] = place
    at = header[min(found.values(), default=0)].coordinate
    missing = [
        column.header for column in columns if column.is_required and column.name not in found
    ]
    problems += [Problem("kolumn-saknas", sheet, (at,), name, {"table": table}) for name in missing]
    return found, problems
