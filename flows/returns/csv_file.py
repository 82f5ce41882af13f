"""A CSV file into a flat return."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.bounds import BOUNDS
from ..model.returns import (
    COST_COLUMNS,
    HEADER_FIELDS,
    HIDDEN_TEXT,
    LIKE_A_VOUCHER,
    NUMBER_RULE,
    VOUCHER_COLUMNS,
    Cell,
    NumberPlace,
    Problem,
    Reading,
    Return,
    Row,
)
from . import (
    masking,
    number_doubts,
    ooxml,
)
from .cell_reading import read_cell
from .refusal import RefusedError

if TYPE_CHECKING:
    pass


_PLAIN = str.maketrans("åäöéü", "aaoeu")
_CSV_HEADER = {
    f.defined_name: f
    for f in HEADER_FIELDS
    if f.defined_name in {"bidrag", "namnd", "period_tom", "version"}
}
_CSV_COLUMNS = {column.header.casefold().translate(_PLAIN): column for column in COST_COLUMNS}


@dataclass
class _Lines:
    """The fields of a CSV file, row by row, with the line each row begins on; `width` counts blank
    headers too."""

    delimiter: str
    names: list[str]
    width: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    def add(self, fields: list[str], at: int) -> None:
        """A row, which begins on the line `at`. Raises RefusedError for one that does not fit the
        headers."""
        width = len(self.names)
        if len(fields) < width or any(f.strip() for f in fields[width:]):
            counts = {"line": str(at), "found": str(len(fields)), "wanted": str(width)}
            raise RefusedError("csv-rad", cells=(f"A{at}",), **counts)
        if self.delimiter == "," and _has_decimal_comma(fields, self):
            ref = _ref(self.names.index("belopp"), at)
            raise RefusedError("csv-decimalkomma", cells=(ref,), line=str(at))
        self.rows.append((at, fields[:width]))


def read_csv(content: bytes) -> Return:
    """A CSV file as a return without its name. Raises RefusedError for one that is not taken in."""
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
        header[wanted.name] = read_cell(
            "", ref, fields[places[name]], kind, is_hidden=ref in hidden
        )
        odd = [
            at
            for at, row in lines.rows
            if row[places[name]].strip() != fields[places[name]].strip()
        ]
        if odd:
            problems.append(
                Problem("csv-blandat", None, tuple(_ref(places[name], n) for n in odd), name)
            )
    rows: list[Row] = []
    kinds = {"amount": f"csv-amount{',' if lines.delimiter == ',' else ';'}", "date": "csv-date"}
    for number, fields in lines.rows:
        cells: dict[str, Cell] = {}
        for name, column in _CSV_COLUMNS.items():
            if name in places:
                ref = _ref(places[name], number)
                asked = kinds.get(column.kind, str(column.kind))
                cells[column.name] = read_cell(
                    "", ref, fields[places[name]], asked, is_hidden=ref in hidden
                )
        if any(cell.reading is not Reading.BLANK for cell in cells.values()):
            rows.append(Row("", number, cells))
    return Return("", "", 0, "csv", tuple(problems), header, tuple(rows), (), numbers)


_WORD = r"[^\s;,]{0,12}"
_DOUBLY = re.compile(f"{_WORD}(?:Ã[¤¥¶…„–©]|Â[ §\u00a0]|√[§•∂]|\ufffd){_WORD}")
"""Å, ä and ö in UTF-8 that have been read as something else, and what is put where a character is
lost."""
_OF_DOS = re.compile(f"{_WORD}(?<=[A-Za-z])[„†”Š\u0152š](?=[a-z]){_WORD}")
"""Å, ä and ö as DOS and the old Mac wrote them, read as Windows-1252; only telling where no real
one is found."""
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f]")


def _decoded(content: bytes) -> tuple[str, list[Problem], tuple[NumberPlace, ...]]:
    """The text of a CSV file with its personal numbers masked, what to tell, and where the numbers
    stood.

    Raises RefusedError for what is no text, or is broken.
    """
    text, told = _as_text(content)
    text = _END_OF_FILE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text, found_in = _masked(text)
    broken = _DOUBLY.search(text) or (
        None if not told or re.search("[åäöÅÄÖ]", text) else _OF_DOS.search(text)
    )
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
    """The text of a CSV file, and what to tell of how it is written; a lost character where it
    can't be read."""
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

    Fields are told apart more gently than when they are read: here a broken file is read to its
    end.
    """
    if not number_doubts.may_hold_number(text):
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
                rule = masking.rule_for_voucher(numbers, int(year[1]) if year else None)
            if numbers:
                ref = _ref(place, line)
                found.append(_Field(NumberPlace("", ref, rule_id=rule), *field_.span()))
            masked.append(
                swedish.masked(field_[0], numbers) if rule != LIKE_A_VOUCHER else field_[0]
            )
        names = names or [
            _column_name(field[0].rstrip(f"{delimiter}\n").strip('"')) for field in row
        ]
        line += sum(field[0].count("\n") for field in row)
    return "".join(masked), found


def _rough_rows(text: str, start: int, delimiter: str) -> Iterator[list[re.Match[str]]]:
    """The fields of each row, each with what ends it."""
    one = re.compile(rf'(?:"(?:[^"]|"")*+"|[^{delimiter}\n]*)([{delimiter}\n]|\Z)')
    row: list[re.Match[str]] = []
    while start < len(text):
        match = one.match(text, start)
        assert (
            match is not None
        )  # the second alternative takes anything up to the next end of a field
        row.append(match)
        start = match.end()
        if match[1] != delimiter:
            yield row
            row = []
    if row:
        yield row


_SEPARATORS = ";,\t"
_CHARACTERS = {
    "|": "lodstreck (|)",
    ":": "kolon",
    "^": "cirkumflex (^)",
    "~": "tilde (~)",
    " ": "blanktecken",
}
"""What some systems put between fields, by its name; a file of theirs is told, not read."""


def _delimiter(text: str) -> tuple[str, int, int]:
    """What stands between the fields of a CSV file, where its headers begin, and on which line: the
    first not blank."""
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
    """A text without the lines at its end in which nothing stands, of which some programs write
    thousands."""
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
    """Whether a decimal comma seems to have split an amount: one field too many, or öre in the
    field after it."""
    place = lines.names.index("belopp")
    whole, after = fields[place].strip(), "".join(fields[place + 1 : place + 2]).strip()
    is_split = bool(re.fullmatch("-?[0-9]+", whole) and re.fullmatch("[0-9]{1,2}", after))
    return is_split or len(fields) != lines.width


def _ref(place: int, line: int) -> str:
    """The cell where a person finds a field of a CSV file, as a spreadsheet shows it; `place` is
    counted from 0."""
    return f"{ooxml.column_letters(place + 1)}{line}"
