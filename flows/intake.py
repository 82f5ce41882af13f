"""Excel and CSV into flat returns: every cell with its address, its text and its value. No judgement here.

A number's way in: float -> `Decimal` at 15 significant digits, as Excel shows it, once and here. Personal numbers are
masked here too, so that none gets further into the house. `read` is meant to run in a child process with limits:
a hostile file may kill its reader, and then `Intake` says so.
"""

import csv
import functools
import hashlib
import io
import itertools
import os
import re
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import bare, guard, ooxml, swedish, words
from .bounds import BOUNDS
from .children import Children, Stop, StoppedError
from .guard import RefusedError
from .model import (
    ANSWER_NAME,
    COST_COLUMNS,
    HEADER_FIELDS,
    HIDDEN_TEXT,
    LIKE_A_VOUCHER,
    NUMBER_RULE,
    TABLES,
    VOUCHER_COLUMNS,
    Cell,
    Column,
    NumberPlace,
    Problem,
    Reading,
    Return,
    Row,
)

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


LARGEST_SEK = Decimal(10) ** 10
"""No line of a return is ten thousand million kronor; what is larger is a slip of the keyboard."""

# -- files -----------------------------------------------------------------------------------------------------------


def listing(folder: Path) -> list[Path]:
    """Everything under a folder that is not itself a folder, in the order of the names.

    Raises PermissionError for a folder that can't be read: the returns in it must not pass for missing.
    """
    found = []
    for place, folders, files in os.walk(folder, onerror=_stop):
        found += [Path(place, name) for name in files]
        found += [path for name in folders if (path := Path(place, name)).is_symlink()]
    return sorted(found)


def _stop(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise error


def fingerprints(folder: Path) -> dict[str, tuple[Path, str]]:
    """Where each file under a folder lies and its SHA-256 (empty for what is no regular file), by the name we say."""
    paths = listing(folder)
    return {
        name: (path, _digest(path)[0] if stat.S_ISREG(path.lstat().st_mode) else "")
        for path, name in zip(paths, _said(path.relative_to(folder).as_posix() for path in paths), strict=True)
    }


def _said(names: Iterable[str]) -> list[str]:
    """Names as they may be shown: none that holds a personal number, nothing unseen, and no two alike."""
    return guard.apart(guard.told(name) for name in names)


class Intake:
    """Files being read in child processes from the moment this is made; a stopped reader costs one file."""

    def __init__(self, files: Sequence[tuple[Path, str]], readers: Children) -> None:
        self._files = [(path, said) for (path, _), said in zip(files, _said(name for _, name in files), strict=True)]
        self._asked = [readers.submit("statsbidrag.intake:read", path, name) for path, name in files]

    @classmethod
    def of(cls, folder: Path, readers: Children) -> "Intake":
        """Every file under a folder, by its name there."""
        return cls([(path, path.relative_to(folder).as_posix()) for path in listing(folder)], readers)

    def returns(self, tell: Callable[[int, int], None] = lambda _done, _of: None) -> list[tuple[Path, Return]]:
        """Each file's return beside where the file lies, in the order of the names; `tell` hears how many are read."""
        found = []
        for (path, said), asked in zip(self._files, self._asked, strict=True):
            found.append((path, _answer(asked, path, said)))
            tell(len(found), len(self._files))
        return found


def _answer(asked: "Future[Return]", path: Path, said: str) -> Return:
    try:
        return replace(asked.result(), file=said)
    except StoppedError as stopped:
        try:
            sha256, size = _digest(path)
        except OSError:
            return Return(said, "", 0, "other", (Problem("fil-otillganglig"),))
        rule_id, details = _STOPS[stopped.stop]
        return Return(said, sha256, size, "other", (Problem(rule_id, details=details),))


_STOPS: Mapping[Stop, tuple[str, dict[str, str]]] = {
    Stop.PROCESSOR: (
        "fil-stoppade-lasningen",
        {"why": f"tog mer än {BOUNDS.reader_seconds} sekunder av datorns arbetstid"},
    ),
    Stop.MEMORY: ("fil-stoppade-lasningen", {"why": "tog för mycket minne"}),
    Stop.DEATH: ("fil-stoppade-lasningen", {"why": "fick läsprogrammet att krascha"}),
    Stop.CLOCK: ("fil-vantade-for-lange", {"minutes": str(BOUNDS.reader_wait_seconds // 60)}),
}
"""What is said of a file whose reader was stopped."""


def read(path: Path, name: str) -> Return:
    """One file as a return. Whatever is wrong with it is told in `problems`; nothing is raised for bad content."""
    said = guard.told(name)
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return Return(said, "", 0, "skipped", (Problem("fil-ar-ingen-fil", details={"what": guard.called(mode)}),))
        with _opened(path) as stream:
            content = stream.read(BOUNDS.file_bytes + 1)
        too_large = len(content) > BOUNDS.file_bytes
        sha256, size = _digest(path) if too_large else (hashlib.sha256(content).hexdigest(), len(content))
    except OSError:
        return Return(said, "", 0, "other", (Problem("fil-otillganglig"),))
    blank = Return(said, sha256, size, "other")
    if guard.is_nobodys(path.name):
        return replace(blank, kind="skipped")
    try:
        if too_large:
            raise RefusedError("fil-for-stor", limit=f"{BOUNDS.file_bytes // 1_000_000}{swedish.NBSP}MB")
        kind = guard.kind_of(content, path.suffix.lower())
        found = _read_workbook(content) if kind == "xlsx" else _read_csv(content)
    except RefusedError as refused:
        return replace(blank, problems=(refused.problem,))
    except MemoryError:
        raise
    except Exception:  # whatever the guard let through and a reader stumbles on: it costs this file and no other
        return replace(blank, problems=(Problem("fil-trasig"),))
    if swedish.mask_personal_numbers(name)[1]:
        named = NumberPlace("", "", "i filens namn")
        found = replace(found, personal_numbers=(named, *found.personal_numbers))
    return replace(found, file=said, sha256=sha256, size_bytes=size)


def _opened(path: Path) -> io.BufferedReader:
    """The file itself, to be read: never what a link leads to, and nothing that makes one wait."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _digest(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its size in bytes."""
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()


# -- one cell --------------------------------------------------------------------------------------------------------


def _cell(
    sheet: str,
    ref: str,
    value: object,
    kind: str,
    *,
    is_error: bool = False,
    is_hidden: bool = False,
    is_computed: bool = False,
) -> Cell:
    """A cell as it was read; `value` is what the workbook or the CSV holds there, personal numbers masked.

    Of a text that held one (`is_hidden`) no more than that is told further on. `is_computed`: an amount that a formula
    or a program has reckoned, and that may have parts of öre.
    """
    shown = _shown(value)
    if len(shown) > BOUNDS.text_characters:
        places = {"sheet": sheet or None, "cells": (ref,)}
        raise RefusedError("text-for-lang", **places, limit=swedish.number(BOUNDS.text_characters))
    if is_error:
        return Cell(sheet, ref, shown, Reading.ERROR, None)
    if shown == "":
        return Cell(sheet, ref, "", Reading.BLANK, None)
    if is_hidden and kind in {"text", "prose"}:
        return Cell(sheet, ref, shown, Reading.OK, HIDDEN_TEXT)
    given = value
    if kind == "text" or (isinstance(value, str) and kind != "prose"):
        given = shown
    reading, parsed = _PARSERS[kind](given)
    if reading is Reading.DECIMALS and is_computed and isinstance(value, float):
        reading, parsed = _rounded(value)
    return Cell(sheet, ref, shown, reading, parsed)


def _shown(value: object) -> str:
    """What a person sees in the cell."""
    match value:
        case None:
            return ""
        case bool():
            return "SANT" if value else "FALSKT"
        case int() | float():
            return f"{value:.15g}".replace(".", ",")
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
        case date():
            return value.isoformat()
    return swedish.tidy(str(value))


def _text(value: object) -> tuple[Reading, str]:
    return Reading.OK, _shown(value)


def _prose(value: object) -> tuple[Reading, str]:
    """A longer text: its lines are its writer's, and at most one blank line stands between two of them."""
    if not isinstance(value, str):
        return _text(value)
    lines = "\n".join(swedish.tidy(line) for line in value.splitlines())
    return Reading.OK, re.sub("\n{3,}", "\n\n", lines).strip("\n")


def _amount(value: object) -> tuple[Reading, Decimal | None]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return Reading.UNREADABLE, None
    if isinstance(value, str):
        return _checked_amount(swedish.parse_amount(value), Reading.FROM_TEXT)
    return _checked_amount(Decimal(f"{value:.15g}"), Reading.OK)


def _checked_amount(amount: Decimal | None, reading: Reading) -> tuple[Reading, Decimal | None]:
    if amount is None or not amount.is_finite() or abs(amount) >= LARGEST_SEK:
        return Reading.UNREADABLE, None
    if int(amount.as_tuple().exponent) < -2:  # as written: "125,000" is no 125 kronor
        return Reading.DECIMALS, None
    return reading, amount.quantize(swedish.ORE)


_NOISE = swedish.ORE / 1000
"""What binary numbers may add to or take from an amount that is whole öre: too little for Excel to show."""


def _rounded(value: float) -> tuple[Reading, Decimal]:
    """A computed amount to the öre, half up (below zero away from it); binary noise goes without a word."""
    exact = Decimal(f"{value:.15g}")
    amount = exact.quantize(swedish.ORE, ROUND_HALF_UP)
    return (Reading.OK if abs(amount - exact) <= _NOISE else Reading.ROUNDED), amount


def _csv_amount(value: object, *, is_comma_decimal: bool) -> tuple[Reading, Decimal | None]:
    text = str(value)
    swedish_form = swedish.parse_amount(text) if is_comma_decimal or "," not in text else None
    machine_form = swedish.parse_machine_amount(text)
    reading = Reading.FROM_TEXT if swedish.has_odd_minus(text) else Reading.OK
    return _checked_amount(swedish_form if swedish_form is not None else machine_form, reading)


def _day(value: object) -> tuple[Reading, date | None]:
    if isinstance(value, datetime):
        return Reading.OK, value.date()
    if isinstance(value, date):  # as other programs than Excel store a day
        return Reading.OK, value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = _shown(value) if is_number or isinstance(value, str) else ""
    day = swedish.parse_date(text) or swedish.parse_odd_date(text)
    return (Reading.FROM_TEXT, day) if day else (Reading.UNREADABLE, None)


def _csv_day(value: object) -> tuple[Reading, date | None]:
    day = swedish.parse_date(str(value))
    return (Reading.OK, day) if day else _day(value)


def _count(value: object) -> tuple[Reading, Decimal | None]:
    text = _shown(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", text):
        return Reading.UNREADABLE, None
    return Reading.OK, Decimal(text)


def _choice(value: object) -> tuple[Reading, str | None]:
    answer = {"ja": "Ja", "nej": "Nej"}.get(swedish.key(_shown(value)))
    return (Reading.OK, answer) if answer else (Reading.UNREADABLE, None)


_PARSERS: Mapping[str, Callable[[object], tuple[Reading, Decimal | date | str | None]]] = {
    "text": _text,
    "prose": _prose,
    "amount": _amount,
    "date": _day,
    "count": _count,
    "choice": _choice,
    "csv-amount;": partial(_csv_amount, is_comma_decimal=True),
    "csv-amount,": partial(_csv_amount, is_comma_decimal=False),
    "csv-date": _csv_day,
}


# -- workbooks -------------------------------------------------------------------------------------------------------

_REF = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROWS = re.compile("[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")


def _read_workbook(content: bytes) -> Return:
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
    """An answer of ours that has come in again with nothing changed: whose it is, and that it is no return."""
    named = {name: found.header[name] for name in ("grant", "board") if name in found.header}
    numbers = tuple(place for place in found.personal_numbers if place.is_masked)
    return Return("", "", 0, "skipped", (Problem("fil-ar-vart-svar"),), named, personal_numbers=numbers)


def _bared(content: bytes) -> bare.Workbook:
    """What holds the content of a workbook that the guard has let through."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        return bare.workbook(parts, rows=BOUNDS.rows, columns=BOUNDS.columns)
    except bare.OddError:
        raise RefusedError("fil-trasig") from None


_OWN = {"grant", "period_end_on", "stated_total_sek", "template_version"}
"""What no workbook but a return has, by its name or its label; other forms may say `Nämnd` or `Version` too."""


class _Book:
    """A workbook being read: formulas as they stand, and their stored values when there are any formulas."""

    def __init__(self, seen: guard.Seen) -> None:
        self._seen, self._bare = seen, _bared(seen.content)
        self._formulas = self._load(data_only=False)
        titles = [ws.title for ws in self._formulas.worksheets]
        self.titles = dict(zip(titles, guard.sheets(titles, seen.named), strict=True))
        self.personal_numbers = tuple(
            replace(place, sheet=self.titles.get(place.sheet, "")) for place in seen.personal_numbers
        )
        """Where personal numbers stood, by the names of the sheets that may be told."""
        self._hidden = {(place.sheet, place.ref) for place in self.personal_numbers if place.is_of_cell}

    def _load(self, *, data_only: bool) -> "Workbook":
        import openpyxl
        from openpyxl.worksheet import _reader

        vars(_reader).update(from_excel=_day_or_number, from_ISO8601=_moment_or_text)
        try:
            with warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(io.BytesIO(self._bare.content), data_only=data_only, keep_links=False)
        except MemoryError:
            raise
        except Exception:  # openpyxl raises whatever the XML made it stumble on; the sender needs one sentence
            raise RefusedError("fil-olasbar") from None
        coded = book.worksheets if self._seen.has_codes else []
        for cell in (cell for ws in coded for cell in ws._cells.values()):
            if isinstance(cell.value, str) and cell.data_type != "f":  # past `value`, which guesses what a text is
                cell._value = words.unescaped(cell.value)  # type: ignore[attr-defined]
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
        return _cell(sheet, ref, found.value, kind, is_error=is_error, is_hidden=is_hidden, is_computed=is_computed)

    @property
    def answers(self) -> str:
        """The fingerprint of the return that the workbook is our answer to; empty for what is no answer."""
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
                is_sum = wanted.name == "stated_total_sek"  # reckoned somewhere, however it came here
                yield wanted.name, self.cell(ws, ws[ref], wanted.kind, is_computed=is_sum)

    def _named(self, name: str) -> "tuple[Worksheet, str] | None":
        scopes = [self._formulas.defined_names, *(ws.defined_names for ws in self._formulas.worksheets)]
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
                    if isinstance(cell.value, str) and swedish.key(cell.value.rstrip(": ")) == swedish.key(label):
                        return ws, row[place + 1].coordinate
        return None

    def _visible(self) -> "Iterable[Worksheet]":
        return (ws for ws in self._formulas.worksheets if ws.title != "Listor")

    def table(self, name: str, columns: Sequence[Column]) -> tuple[tuple[Row, ...], list[Problem]]:
        """The rows of a table, found by its name or else by its headers, and what stood in the way."""
        places = list(self._tables(name)) or list(self._headed(columns))
        if not places:
            return (), [Problem("tabell-saknas" if name == "Kostnader" else "insatser-saknas", value=name)]
        if len(places) > 1:
            sheets = swedish.listing(self.titles[ws.title] for ws, *_ in places)
            return (), [Problem("tabell-tvetydig", value=name, details={"sheets": sheets})]
        ws, header_row, totals_row = places[0]
        found, problems = _columns(ws[header_row], self.titles[ws.title], name, columns)
        rows = list(self._rows(ws, header_row, totals_row, found, columns))
        problems += self._concealed(ws, header_row, found, rows)
        if not any(problem.rule_id == "kolumn-saknas" for problem in problems):  # then the table itself is displaced
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
            read = {c.name: self.cell(ws, cells[c.name], c.kind) for c in columns if c.name in found}
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
        concealed = tuple(c.coordinate for c in headers if any(a <= c.column <= b for a, b in folded))
        if concealed and rows:
            yield Problem("dold-kolumn", sheet, concealed)

    def _passed_over(
        self, home: "Worksheet", places: Mapping[str, int], name: str, columns: Sequence[Column]
    ) -> Iterator[Problem]:
        """Rows elsewhere in the workbook that look like the table's and are not read as it: a copied sheet, say."""
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
        """Each row of the visible sheets that names the required columns of a table, and more than half of all."""
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
    """What the amounts that could be read in some rows come to, as a sentence goes on with it; nothing without any."""
    amounts = [row.cells["amount_sek"].value for row in rows if "amount_sek" in row.cells]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    return f" på tillsammans {swedish.kr(sum(known, Decimal(0)))}" if known else ""


def _day_or_number(value: float, *args: Any, **named: Any) -> object:
    """The day or time that a number is in a cell of dates; the number itself where Excel shows no day for it.

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
    missing = [column.header for column in columns if column.is_required and column.name not in found]
    problems += [Problem("kolumn-saknas", sheet, (at,), name, {"table": table}) for name in missing]
    return found, problems


# -- CSV -------------------------------------------------------------------------------------------------------------

_PLAIN = str.maketrans("åäöéü", "aaoeu")
_CSV_HEADER = {
    f.defined_name: f for f in HEADER_FIELDS if f.defined_name in {"bidrag", "namnd", "period_tom", "version"}
}
_CSV_COLUMNS = {column.header.casefold().translate(_PLAIN): column for column in COST_COLUMNS}


@dataclass
class _Lines:
    """The fields of a CSV file, row by row, with the line each row begins on; `width` counts blank headers too."""

    delimiter: str
    names: list[str]
    width: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, fields: list[str], at: int) -> None:
        """A row, which begins on the line `at`. Raises RefusedError for one that does not fit the headers."""
        width = len(self.names)
        if len(fields) < width or any(f.strip() for f in fields[width:]):
            counts = {"line": str(at), "found": str(len(fields)), "wanted": str(width)}
            raise RefusedError("csv-rad", cells=(f"A{at}",), **counts)
        if self.delimiter == "," and _has_decimal_comma(fields, self):
            ref = _ref(self.names.index("belopp"), at)
            raise RefusedError("csv-decimalkomma", cells=(ref,), line=str(at))
        self.rows.append((at, fields[:width]))


def _read_csv(content: bytes) -> Return:
    text, told, numbers = _decoded(content)
    lines = _split(text)
    if lines.delimiter == "\t":
        told.append(Problem("csv-tabbar"))
    hidden = {place.ref for place in numbers if place.is_of_cell}
    places = {name: place for place, name in enumerate(lines.names)}
    problems = list(told)
    for name in [*_CSV_HEADER, *(n for n, c in _CSV_COLUMNS.items() if c.is_required)]:
        if name not in places:
            problems.append(Problem("kolumn-saknas", None, ("A1",), name, {"table": "CSV-filen"}))
    header: dict[str, Cell] = {}
    for name, wanted in _CSV_HEADER.items():
        if name not in places or not lines.rows:
            continue
        number, fields = lines.rows[0]
        kind = "csv-date" if wanted.kind == "date" else wanted.kind
        ref = _ref(places[name], number)
        header[wanted.name] = _cell("", ref, fields[places[name]], kind, is_hidden=ref in hidden)
        odd = [at for at, row in lines.rows if row[places[name]].strip() != fields[places[name]].strip()]
        if odd:
            problems.append(Problem("csv-blandat", None, tuple(_ref(places[name], n) for n in odd), name))
    rows: list[Row] = []
    kinds = {"amount": f"csv-amount{',' if lines.delimiter == ',' else ';'}", "date": "csv-date"}
    for number, fields in lines.rows:
        cells: dict[str, Cell] = {}
        for name, column in _CSV_COLUMNS.items():
            if name in places:
                ref = _ref(places[name], number)
                asked = kinds.get(column.kind, str(column.kind))
                cells[column.name] = _cell("", ref, fields[places[name]], asked, is_hidden=ref in hidden)
        if any(cell.reading is not Reading.BLANK for cell in cells.values()):
            rows.append(Row("", number, cells))
    return Return("", "", 0, "csv", tuple(problems), header, tuple(rows), (), numbers)


_WORD = r"[^\s;,]{0,12}"
_DOUBLY = re.compile(f"{_WORD}(?:Ã[¤¥¶…„–©]|Â[ §\u00a0]|√[§•∂]|\ufffd){_WORD}")
"""Å, ä and ö in UTF-8 that have been read as something else, and what is put where a character is lost."""
_OF_DOS = re.compile(f"{_WORD}(?<=[A-Za-z])[„†”Š\u0152š](?=[a-z]){_WORD}")
"""Å, ä and ö as DOS and the old Mac wrote them, read as Windows-1252; only telling where no real one is found."""
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f]")


def _decoded(content: bytes) -> tuple[str, list[Problem], tuple[NumberPlace, ...]]:
    """The text of a CSV file with its personal numbers masked, what to tell, and where the numbers stood.

    Raises RefusedError for what is no text, or is broken.
    """
    text, told = _as_text(content)
    text = _END_OF_FILE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text, found_in = _masked(text)
    broken = _DOUBLY.search(text) or (None if not told or re.search("[åäöÅÄÖ]", text) else _OF_DOS.search(text))
    for found, rule in ((_NO_TEXT.search(text), "csv-inte-text"), (broken, "csv-teckenkod")):
        if found:
            line = text.count("\n", 0, found.start()) + 1
            value: str | None = None if rule == "csv-inte-text" else found.group()
            if value and any(one.hides(found) for one in found_in):
                value = HIDDEN_TEXT
            raise RefusedError(rule, cells=(f"A{line}",), value=value, line=str(line))
    return text, told, tuple(field.place for field in found_in)


_END_OF_FILE = re.compile("\x1a[\x1a\0\\s]*\\Z")
"""What DOS and the systems after it end a text with, and fill the last block of a file with."""


def _as_text(content: bytes) -> tuple[str, list[Problem]]:
    """The text of a CSV file, and what to tell of how it is written; a lost character where it can't be read."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), []
    text = content.decode("utf-8-sig", "replace")
    lost = text.count(_LOST)
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if not lost or beyond_ascii - lost >= lost:  # the odd byte is the fault, not all that is right
        return text, []
    return content.decode("cp1252", "replace"), [Problem("csv-windows-1252")]


_LOST = "\ufffd"


@dataclass(frozen=True)
class _Field:
    """A field of a CSV file that holds a personal number."""

    place: NumberPlace
    start: int
    end: int

    def hides(self, found: re.Match[str]) -> bool:
        """Whether what was found in the file's text is in the field."""
        return self.start <= found.end() and found.start() <= self.end


def _masked(text: str) -> tuple[str, list[_Field]]:
    """The text of a CSV file with its personal numbers masked, and the fields that hold one.

    Fields are told apart more gently than when they are read: here a broken file is read to its end.
    """
    if not words.may_hold_number(text):
        return text, []
    delimiter, start, line = _delimiter(text)
    masked: list[str] = [text[:start]]
    found: list[_Field] = []
    names: list[str] = []
    for row in _rough_rows(text, start, delimiter):
        named = dict(zip(names, (field[0] for field in row), strict=False))
        year = re.match("\\W*(20[0-9]{2})-?[0-9]{2}-?[0-9]{2}", named.get("datum", ""))
        for place, field_ in enumerate(row):
            numbers = swedish.personal_numbers(field_[0])
            rule = NUMBER_RULE
            if numbers and names[place : place + 1] and names[place] in VOUCHER_COLUMNS:
                rule = words.rule_for_voucher(numbers, int(year[1]) if year else None)
            if numbers:
                ref = _ref(place, line)
                found.append(_Field(NumberPlace("", ref, rule_id=rule), *field_.span()))
            masked.append(swedish.masked(field_[0], numbers) if rule != LIKE_A_VOUCHER else field_[0])
        names = names or [_column_name(field[0].rstrip(f"{delimiter}\n").strip('"')) for field in row]
        line += sum(field[0].count("\n") for field in row)
    return "".join(masked), found


def _rough_rows(text: str, start: int, delimiter: str) -> Iterator[list[re.Match[str]]]:
    """The fields of each row, each with what ends it."""
    one = re.compile(rf'(?:"(?:[^"]|"")*+"|[^{delimiter}\n]*)([{delimiter}\n]|\Z)')
    row: list[re.Match[str]] = []
    while start < len(text):
        match = one.match(text, start)
        assert match is not None  # the second alternative takes anything up to the next end of a field
        row.append(match)
        start = match.end()
        if match[1] != delimiter:
            yield row
            row = []
    if row:
        yield row


_SEPARATORS = ";,\t"
_CHARACTERS = {"|": "lodstreck (|)", ":": "kolon", "^": "cirkumflex (^)", "~": "tilde (~)", " ": "blanktecken"}
"""What some systems put between fields, by its name; a file of theirs is told, not read."""


def _delimiter(text: str) -> tuple[str, int, int]:
    """What stands between the fields of a CSV file, where its headers begin, and on which line: the first not blank."""
    start = _content_at(text, 0)
    declared = re.match(rf"sep=([{_SEPARATORS}])\n", text[start : start + 6])
    if declared:
        start = _content_at(text, start + declared.end())
    first = text[start:].split("\n", 1)[0]
    guessed = max(_SEPARATORS, key=first.count)
    return (declared[1] if declared else guessed), start, text.count("\n", 0, start) + 1


def _content_at(text: str, start: int) -> int:
    """Where the first line begins in which something stands."""
    blank = re.compile(rf"(?:[{_SEPARATORS} ]*+\n)*+").match(text, start)
    assert blank is not None  # it also matches nothing
    return blank.end()


def _without_blank_end(text: str) -> str:
    """A text without the lines at its end in which nothing stands, of which some programs write thousands."""
    end = text.find("\n", len(text.rstrip(f"{_SEPARATORS} \n")))
    return text if end < 0 else text[: end + 1]


def _split(text: str) -> _Lines:
    text = _without_blank_end(text)
    delimiter, start, line = _delimiter(text)
    text, skipped = text[start:], line - 1
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    lines: _Lines | None = None
    at = skipped + 1
    try:
        for fields in reader:
            filled = [place for place, field_ in enumerate(fields, start=1) if field_.strip()]
            if filled and (at > BOUNDS.rows or filled[-1] > BOUNDS.columns):
                value, limit = f"rad {swedish.number(at)}", swedish.number(BOUNDS.rows)
                raise RefusedError("fil-for-manga-rader", value=value, where="Filen", limit=limit)
            if lines is None:
                lines = _with_headers(fields, delimiter, at)
            elif filled:
                lines.add(fields, at)
            at = skipped + reader.line_num + 1
    except csv.Error:
        raise RefusedError("csv-citattecken", cells=(f"A{at}",), line=str(at)) from None
    if lines is None:
        raise RefusedError("csv-rubriker", cells=("A1",), line="1")
    if not lines.rows:
        raise RefusedError("csv-utan-rader", cells=(f"A{line}",))
    return lines


def _column_name(header: str) -> str:
    return swedish.key(header).translate(_PLAIN).replace("-", "_")


def _with_headers(fields: Sequence[str], delimiter: str, at: int) -> _Lines:
    names = [_column_name(name) for name in fields]
    while names and not names[-1]:
        names.pop()
    if "belopp" not in names or len(set(names)) < len(names):
        other = _other_separator(delimiter.join(fields))
        if other:
            raise RefusedError("csv-skiljetecken", cells=(f"A{at}",), separator=_CHARACTERS[other])
        raise RefusedError("csv-rubriker", cells=(f"A{at}",), line=str(at))
    return _Lines(delimiter, names, len(fields))


def _other_separator(headers: str) -> str | None:
    """What would have to stand between the fields for the line to be the headers."""
    for separator in _CHARACTERS:
        names = {_column_name(name) for name in headers.split(separator)}
        if {"belopp", "datum", "insats"} <= names:
            return separator
    return None


def _has_decimal_comma(fields: Sequence[str], lines: _Lines) -> bool:
    """Whether a decimal comma seems to have split an amount: one field too many, or öre in the field after it."""
    place = lines.names.index("belopp")
    whole, after = fields[place].strip(), "".join(fields[place + 1 : place + 2]).strip()
    is_split = bool(re.fullmatch("-?[0-9]+", whole) and re.fullmatch("[0-9]{1,2}", after))
    return is_split or len(fields) != lines.width


def _ref(place: int, line: int) -> str:
    """The cell where a person finds a field of a CSV file, as a spreadsheet shows it; `place` is counted from 0."""
    return f"{ooxml.column_letters(place + 1)}{line}"
