"""A workbook into a flat return, by openpyxl."""

import functools
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base import swedish
from ..base.bounds import BOUNDS
from ..model.returns import (
    ALL_TABLES,
    ANSWER_NAME,
    HEADER_FIELDS,
    MEASURES,
    POSTS,
    QUESTIONS,
    TABLES,
    Cell,
    Column,
    Problem,
    Reading,
    Return,
    Row,
)
from . import bare, bare_sheet, file_names, guard, opening
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
    for table, columns in ALL_TABLES.items():
        rows[table], in_the_way = book.table(table, columns)
        problems += in_the_way
    has_costs = all(problem.rule_id != "tabell-saknas" for problem in problems)
    if not has_costs and not _OWN & header.keys():
        foreign = (Problem("fil-ingen-mall"), *seen.told)
        return Return("", "", 0, "other", foreign, personal_numbers=book.personal_numbers)
    returned = Return(
        file="",
        sha256="",
        size_bytes=0,
        kind="xlsx",
        problems=tuple(problems),
        header=header,
        costs=rows["Kostnader"],
        activities=rows["Insatser"],
        posts=rows[POSTS],
        measures=rows[MEASURES],
        questions=rows[QUESTIONS],
        personal_numbers=book.personal_numbers,
    )
    return _as_answer(returned) if book.answers == returned.cells_key else returned


def _as_answer(returned: Return) -> Return:
    """An answer of ours that has come in again with nothing changed: whose it is, and that it is no
    return."""
    whose = {name: returned.header[name] for name in ("grant", "board") if name in returned.header}
    return Return(
        file="",
        sha256="",
        size_bytes=0,
        kind="skipped",
        problems=(Problem("fil-ar-vart-svar"),),
        header=whose,
        personal_numbers=tuple(place for place in returned.personal_numbers if place.is_masked),
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
        self._seen = seen
        self._bare = _bared(seen.content)
        self._formulas = self._opened(data_only=False)
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

    def _opened(self, *, data_only: bool) -> "Workbook":
        return opening.opened(
            self._bare.content, data_only=data_only, has_codes=self._seen.has_codes
        )

    @cached_property
    def _values(self) -> "Workbook":
        return self._opened(data_only=True)

    def cell(self, ws: "Worksheet", cell: Any, kind: str, *, is_computed: bool = False) -> Cell:
        """A cell of the workbook, read as a `kind` of value; a formula by its stored value."""
        sheet = self.titles[ws.title]
        ref = cell.coordinate
        if cell.data_type == "f":
            is_computed = True
            cell = self._values[ws.title][ref]
            if cell.value is None:
                return Cell(sheet, ref, "(formel utan värde)", Reading.NO_VALUE, None)
        return read_cell(
            sheet,
            ref,
            cell.value,
            kind,
            is_error=cell.data_type == "e",
            is_hidden=(sheet, ref) in self._hidden,
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
                # The total has been reckoned somewhere, however it came here.
                is_sum = wanted.name == "stated_total_sek"
                yield wanted.name, self.cell(ws, ws[ref], wanted.kind, is_computed=is_sum)

    def _named(self, name: str) -> "tuple[Worksheet, str] | None":
        """The cell of a defined name, the workbook's own before those of its sheets."""
        sheets = {ws.title: ws for ws in self._formulas.worksheets}
        of_sheets = [ws.defined_names for ws in self._formulas.worksheets]
        for names in (self._formulas.defined_names, *of_sheets):
            for title, ref in _destinations(names, name):
                first = ref.replace("$", "").split(":")[0]
                if title in sheets and _REF.fullmatch(first):
                    return sheets[title], first
        return None

    def _labelled(self, label: str) -> "tuple[Worksheet, str] | None":
        """The cell to the right of the first one that holds a label."""
        wanted = swedish.key(label)
        for ws in self._visible():
            for row in ws.iter_rows(max_row=_LAST_LABEL_ROW, max_col=_LAST_VALUE_COLUMN):
                for cell, beside in itertools.pairwise(row):
                    text = cell.value
                    if isinstance(text, str) and swedish.key(text.rstrip(": ")) == wanted:
                        return ws, beside.coordinate
        return None

    def _visible(self) -> "Iterable[Worksheet]":
        return (ws for ws in self._formulas.worksheets if ws.title != "Listor")

    def table(self, name: str, columns: Sequence[Column]) -> tuple[tuple[Row, ...], list[Problem]]:
        """The rows of a table, found by its name or else by its headers, and what stood in the
        way."""
        candidates = list(self._tables(name)) or list(self._headed(columns))
        if not candidates and name not in TABLES:
            return (), []  # whether the grant asks for it is not known here
        if not candidates:
            rule_id = "tabell-saknas" if name == "Kostnader" else "insatser-saknas"
            return (), [Problem(rule_id, value=name)]
        if len(candidates) > 1:
            sheets = swedish.listing(self.titles[ws.title] for ws, *_ in candidates)
            return (), [Problem("tabell-tvetydig", value=name, details={"sheets": sheets})]
        (only,) = candidates
        ws, header_row, totals_row = only
        places, problems = _columns(ws[header_row], self.titles[ws.title], name, columns)
        rows = list(self._rows(ws, header_row, totals_row, places, columns))
        problems += self._concealed(ws, header_row, places, rows)
        # Where a column is missing, what is passed over is the table itself.
        if all(problem.rule_id != "kolumn-saknas" for problem in problems):
            problems += self._passed_over(ws, places, name, columns)
        return tuple(rows), problems

    def _rows(
        self,
        ws: "Worksheet",
        header_row: int,
        totals_row: int | None,
        places: Mapping[str, int],
        columns: Sequence[Column],
    ) -> Iterator[Row]:
        """The rows below a header row in which something stands, by the declared columns."""
        sheet = self.titles[ws.title]
        there = [column for column in columns if column.name in places]
        for number in sorted({row for row, _ in ws._cells} - {totals_row}):
            cells = {c.name: ws.cell(number, places[c.name] + 1) for c in there}
            if number <= header_row or all(cell.value is None for cell in cells.values()):
                continue
            read = {c.name: self.cell(ws, cells[c.name], c.kind) for c in there}
            if any(cell.reading is not Reading.BLANK for cell in read.values()):
                yield Row(sheet, number, read)

    def _concealed(
        self, ws: "Worksheet", header_row: int, places: Mapping[str, int], rows: Sequence[Row]
    ) -> Iterator[Problem]:
        """Rows and columns of a table that a person doesn't see; they are read all the same."""
        sheet = self.titles[ws.title]
        hidden = [row for row in rows if ws.row_dimensions[row.row].hidden]
        if hidden:
            yield Problem("dolda-rader", sheet, tuple(_first_filled(row) for row in hidden))
        headers: list[Any] = [ws[header_row][place] for place in places.values()]
        concealed = tuple(header.coordinate for header in headers if _is_folded(ws, header))
        if concealed and rows:
            yield Problem("dold-kolumn", sheet, concealed)

    def _passed_over(
        self, home: "Worksheet", places: Mapping[str, int], name: str, columns: Sequence[Column]
    ) -> Iterator[Problem]:
        """Rows elsewhere in the workbook that look like the table's and are not read as it: a
        copied sheet, say."""
        read = [(home.title, places)]
        for ws, header_row in self._every_header(columns):
            sheet = self.titles[ws.title]
            here, _ = _columns(ws[header_row], sheet, name, columns)
            if (ws.title, here) in read:  # headers once more below the first are read as a row
                continue
            read.append((ws.title, here))
            rows = list(self._rows(ws, header_row, None, here, columns))
            if not rows:
                continue
            details = {
                "table": name,
                "home": self.titles[home.title],
                "sum": _said_sum(rows),
                "count": swedish.counted(len(rows), "rad", "rader"),
            }
            cells = tuple(_first_filled(row) for row in rows)
            yield Problem("rader-utanfor", sheet, cells, sheet, details)

    def _tables(self, name: str) -> "Iterator[tuple[Worksheet, int, int | None]]":
        """The Excel tables of a name: sheet, header row, and the row of totals when there is
        one."""
        for ws, tables in zip(self._formulas.worksheets, self._bare.tables, strict=True):
            for table in tables:
                rows = _ROWS.fullmatch(table.ref)
                if rows and name.casefold() in {own.casefold() for own in table.names}:
                    totals_row = int(rows[2]) if table.has_totals else None
                    yield ws, int(rows[1]), totals_row

    def _headed(self, columns: Sequence[Column]) -> "Iterator[tuple[Worksheet, int, int | None]]":
        """The same by the headers alone: those that stand first on their sheet, and near its
        top."""
        previous = None
        for ws, number in self._every_header(columns):
            is_first = ws is not previous
            previous = ws
            if is_first and number <= _LAST_HEADER_ROW:
                yield ws, number, None

    def _every_header(self, columns: Sequence[Column]) -> "Iterator[tuple[Worksheet, int]]":
        """Each row of the visible sheets that names the required columns of a table, and more than
        half of all."""
        every = {_header_key(c.header) for c in columns}
        required = {_header_key(c.header) for c in columns if c.is_required}
        for ws, number, names in self._named_rows:
            if required <= names and len(names & every) > len(every) // 2:
                yield ws, number

    @cached_property
    def _named_rows(self) -> "list[tuple[Worksheet, int, set[str]]]":
        """The rows of the visible sheets in which headers of tables stand, and which: the cells
        are gone through once for all tables."""
        rows: list[tuple[Worksheet, int, set[str]]] = []
        for ws in self._visible():
            named: dict[int, set[str]] = {}
            for (number, _), cell in ws._cells.items():
                if isinstance(cell.value, str) and _MAY_BE_HEADER.fullmatch(cell.value):
                    key = _header_key(cell.value)
                    if key in _HEADERS:
                        named.setdefault(number, set()).add(key)
            rows += [(ws, number, names) for number, names in sorted(named.items())]
        return rows


_LAST_LABEL_ROW = 200
_LAST_VALUE_COLUMN = 20
"""A value that has lost its name is looked for this far down, and this far to the right."""
_LAST_HEADER_ROW = 60
"""A table that has lost its name is looked for this far down."""
_MAY_BE_HEADER = re.compile(r"[^0-9]{1,40}")
"""What is looked at as a header; vouchers and comments, of which there are many, mostly aren't."""
_HEADERS = {swedish.key(column.header) for table in ALL_TABLES.values() for column in table}
_header_key = functools.lru_cache(maxsize=1000)(swedish.key)


def _is_folded(ws: "Worksheet", header: Any) -> bool:
    """Whether the column of a header is hidden, by itself or among those beside it."""
    hidden = [(d.min, d.max) for d in ws.column_dimensions.values() if d.hidden]
    return any(first <= header.column <= last for first, last in hidden)


def _destinations(names: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    """Sheets and cells of a defined name, however it is cased; none for one that points nowhere
    (#REF!)."""
    for own, defined in names.items():
        if own.casefold() == name:
            try:
                return list(defined.destinations)
            except Exception:
                return []
    return []


def _first_filled(row: Row) -> str:
    """The address of the first cell of a row in which something stands."""
    return next(cell.ref for cell in row.cells.values() if cell.reading is not Reading.BLANK)


def _said_sum(rows: Iterable[Row]) -> str:
    """What the amounts that could be read in some rows come to, as a sentence goes on with it;
    nothing without any."""
    amounts = [row.cells["amount_sek"].value for row in rows if "amount_sek" in row.cells]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    return f" på tillsammans {swedish.kr(sum(known, Decimal(0)))}" if known else ""


def _columns(
    header: Sequence[Any], sheet: str, table: str, columns: Sequence[Column]
) -> tuple[dict[str, int], list[Problem]]:
    """Where each declared column stands in a header row, and which are missing or there twice."""
    wanted = {swedish.key(column.header): column for column in columns}
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for place, cell in enumerate(header):
        column = wanted.get(swedish.key(str(cell.value)))
        if not column:
            continue
        if column.name in places:
            problems.append(Problem("kolumn-tvetydig", sheet, (cell.coordinate,), column.header))
        else:
            places[column.name] = place
    at = header[min(places.values(), default=0)].coordinate
    for column in columns:
        if column.is_required and column.name not in places:
            details = {"table": table}
            problems.append(Problem("kolumn-saknas", sheet, (at,), column.header, details))
    return places, problems
