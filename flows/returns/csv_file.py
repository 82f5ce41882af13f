"""A CSV file into a flat return."""

import csv
import io
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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
from . import masking, number_doubts, ooxml
from .cell_reading import read_cell
from .refusal import RefusedError

_PLAIN = str.maketrans("åäöéü", "aaoeu")
_CSV_HEADER = {
    f.defined_name: f
    for f in HEADER_FIELDS
    if f.defined_name in {"bidrag", "namnd", "period_tom", "version"}
}
_CSV_COLUMNS = {column.header.casefold().translate(_PLAIN): column for column in COST_COLUMNS}
_REQUIRED = (*_CSV_HEADER, *(name for name, column in _CSV_COLUMNS.items() if column.is_required))
"""The headers that every CSV return has."""


@dataclass
class _Lines:
    """The fields of a CSV file, row by row, with the line each row begins on; `width` counts blank
    headers too."""

    delimiter: str
    names: list[str]
    width: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in a row the field of each name is, from 0; no two headers have one name."""
        return {name: place for place, name in enumerate(self.names)}

    def add(self, fields: list[str], at: int) -> None:
        """A row, which begins on the line `at`. Raises RefusedError for one that does not fit the
        headers."""
        width = len(self.names)
        if len(fields) < width or any(f.strip() for f in fields[width:]):
            counts = {"line": str(at), "found": str(len(fields)), "wanted": str(width)}
            raise RefusedError("csv-rad", cells=(f"A{at}",), **counts)
        if self.delimiter == "," and _has_decimal_comma(fields, self):
            ref = _ref(self.places["belopp"], at)
            raise RefusedError("csv-decimalkomma", cells=(ref,), line=str(at))
        self.rows.append((at, fields[:width]))


def read_csv(content: bytes) -> Return:
    """A CSV file as a return without its name. Raises RefusedError for one that is not taken in."""
    text, is_windows, numbers = _decoded(content)
    lines = _split(text)
    hidden = {place.ref for place in numbers if place.is_of_cell}
    problems: list[Problem] = []
    if is_windows:
        problems.append(Problem("csv-windows-1252"))
    if lines.delimiter == "\t":
        problems.append(Problem("csv-tabbar"))
    for name in _REQUIRED:
        if name not in lines.places:
            problems.append(Problem("kolumn-saknas", None, ("A1",), name, {"table": "CSV-filen"}))
    for name in _header_names(lines):
        other = _other_than_first(lines, lines.places[name])
        if other:
            problems.append(Problem("csv-blandat", None, other, name))
    return Return(
        file="",
        sha256="",
        size_bytes=0,
        kind="csv",
        problems=tuple(problems),
        header=_header(lines, hidden),
        costs=tuple(_costs(lines, hidden)),
        personal_numbers=numbers,
    )


def _header_names(lines: _Lines) -> list[str]:
    """Which of the return's single cells the file has columns for."""
    return [name for name in _CSV_HEADER if name in lines.places]


def _header(lines: _Lines, hidden: Container[str]) -> dict[str, Cell]:
    """The single cells of the return, as its first row has them."""
    number, fields = lines.rows[0]
    header: dict[str, Cell] = {}
    for name in _header_names(lines):
        wanted = _CSV_HEADER[name]
        place = lines.places[name]
        ref = _ref(place, number)
        kind = "csv-date" if wanted.kind == "date" else wanted.kind
        header[wanted.name] = read_cell("", ref, fields[place], kind, is_hidden=ref in hidden)
    return header


def _other_than_first(lines: _Lines, place: int) -> tuple[str, ...]:
    """The cells of a column that say something else than its first one."""
    _, first = lines.rows[0]
    return tuple(
        _ref(place, number)
        for number, fields in lines.rows
        if fields[place].strip() != first[place].strip()
    )


def _costs(lines: _Lines, hidden: Container[str]) -> Iterator[Row]:
    """The rows in which something stands in a cost column."""
    decimals = "," if lines.delimiter == "," else ";"
    kinds = {"amount": f"csv-amount{decimals}", "date": "csv-date"}
    for number, fields in lines.rows:
        cells: dict[str, Cell] = {}
        for name, column in _CSV_COLUMNS.items():
            if name not in lines.places:
                continue
            place = lines.places[name]
            ref = _ref(place, number)
            kind = kinds.get(column.kind, str(column.kind))
            cells[column.name] = read_cell("", ref, fields[place], kind, is_hidden=ref in hidden)
        if any(cell.reading is not Reading.BLANK for cell in cells.values()):
            yield Row("", number, cells)


_WORD = r"[^\s;,]{0,12}"
_DOUBLY = re.compile(f"{_WORD}(?:Ã[¤¥¶…„–©]|Â[ §\u00a0]|√[§•∂]|\ufffd){_WORD}")
"""Å, ä and ö in UTF-8 that have been read as something else, and what is put where a character is
lost."""
_OF_DOS = re.compile(f"{_WORD}(?<=[A-Za-z])[„†”Š\u0152š](?=[a-z]){_WORD}")
"""Å, ä and ö as DOS and the old Mac wrote them, read as Windows-1252; only telling where no real
one is found."""
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f]")


def _decoded(content: bytes) -> tuple[str, bool, tuple[NumberPlace, ...]]:
    """The text of a CSV file with its personal numbers masked, whether it was Windows-1252, and
    where the numbers stood.

    Raises RefusedError for what is no text, or is broken.
    """
    text, is_windows = _as_text(content)
    text = _END_OF_FILE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text, with_number = _masked(text)
    control = _NO_TEXT.search(text)
    if control:
        raise _refused_at("csv-inte-text", text, control, None)
    broken = _broken_word(text, is_windows=is_windows)
    if broken:
        is_hidden = any(one.hides(broken) for one in with_number)
        word = HIDDEN_TEXT if is_hidden else broken.group()
        raise _refused_at("csv-teckenkod", text, broken, word)
    return text, is_windows, tuple(one.place for one in with_number)


def _broken_word(text: str, *, is_windows: bool) -> re.Match[str] | None:
    """The first word whose å, ä and ö were lost on the way here."""
    doubly = _DOUBLY.search(text)
    if doubly:
        return doubly
    if is_windows and not re.search("[åäöÅÄÖ]", text):
        return _OF_DOS.search(text)
    return None


def _refused_at(rule_id: str, text: str, found: re.Match[str], value: str | None) -> RefusedError:
    """That a file is not taken in for what was found in its text, with the line where it is."""
    line = text.count("\n", 0, found.start()) + 1
    return RefusedError(rule_id, cells=(f"A{line}",), value=value, line=str(line))


_END_OF_FILE = re.compile("\x1a[\x1a\0\\s]*\\Z")
"""What DOS and the systems after it end a text with, and fill the last block of a file with."""


def _as_text(content: bytes) -> tuple[str, bool]:
    """The text of a CSV file, and whether it was Windows-1252; a lost character where it can't be
    read."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), False
    text = content.decode("utf-8-sig", "replace")
    lost = text.count(_LOST)
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if not lost or beyond_ascii - lost >= lost:  # the odd byte is the fault, not all that is right
        return text, False
    return content.decode("cp1252", "replace"), True


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
    with_number: list[_Field] = []
    names: list[str] = []
    for row in _rough_rows(text, start, delimiter):
        year = _year_of(row, names)
        for place, field_ in enumerate(row):
            written = field_[0]
            numbers = swedish.personal_numbers(written)
            if not numbers:
                masked.append(written)
                continue
            rule = NUMBER_RULE
            if place < len(names) and names[place] in VOUCHER_COLUMNS:
                rule = masking.rule_for_voucher(numbers, year)
            stood = NumberPlace("", _ref(place, line), rule_id=rule)
            with_number.append(_Field(stood, *field_.span()))
            masked.append(written if rule == LIKE_A_VOUCHER else swedish.masked(written, numbers))
        if not names:
            headers = [field_[0].rstrip(f"{delimiter}\n").strip('"') for field_ in row]
            names = [_column_name(header) for header in headers]
        line += sum(field_[0].count("\n") for field_ in row)
    return "".join(masked), with_number


def _year_of(row: Sequence[re.Match[str]], names: Sequence[str]) -> int | None:
    """The year of a row's day, however roughly it is written; None where no day can be seen."""
    named = dict(zip(names, (field_[0] for field_ in row), strict=False))
    day = re.match("\\W*(20[0-9]{2})-?[0-9]{2}-?[0-9]{2}", named.get("datum", ""))
    return int(day[1]) if day else None


def _rough_rows(text: str, start: int, delimiter: str) -> Iterator[list[re.Match[str]]]:
    """The fields of each row, each with what ends it."""
    one = re.compile(rf'(?:"(?:[^"]|"")*+"|[^{delimiter}\n]*)([{delimiter}\n]|\Z)')
    row: list[re.Match[str]] = []
    while start < len(text):
        match = one.match(text, start)
        # The second alternative takes anything up to the next end of a field.
        assert match is not None
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
        delimiter = declared[1]
    else:
        headers = text[start:].split("\n", 1)[0]
        delimiter = max(_SEPARATORS, key=headers.count)
    return delimiter, start, text.count("\n", 0, start) + 1


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
    """The fields of a CSV file's text. Raises RefusedError for what can't be told apart, or is too
    much."""
    text = _without_blank_end(text)
    delimiter, start, first = _delimiter(text)
    reader = csv.reader(io.StringIO(text[start:]), delimiter=delimiter, strict=True)
    lines: _Lines | None = None
    at = first
    try:
        for fields in reader:
            width = _filled_width(fields)
            if width and (at > BOUNDS.rows or width > BOUNDS.columns):
                value, limit = f"rad {swedish.number(at)}", swedish.number(BOUNDS.rows)
                raise RefusedError("fil-for-manga-rader", value=value, where="Filen", limit=limit)
            if lines is None:
                lines = _with_headers(fields, delimiter, at)
            elif width:
                lines.add(fields, at)
            at = first + reader.line_num
    except csv.Error:
        raise RefusedError("csv-citattecken", cells=(f"A{at}",), line=str(at)) from None
    if lines is None:
        raise RefusedError("csv-rubriker", cells=("A1",), line="1")
    if not lines.rows:
        raise RefusedError("csv-utan-rader", cells=(f"A{first}",))
    return lines


def _filled_width(fields: Sequence[str]) -> int:
    """How many fields a row has up to the last one in which something stands."""
    filled = [place for place, field_ in enumerate(fields, start=1) if field_.strip()]
    return filled[-1] if filled else 0


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
    if len(fields) != lines.width:
        return True
    amount, *after = fields[lines.places["belopp"] :]
    is_whole = re.fullmatch("-?[0-9]+", amount.strip())
    return bool(is_whole and after and re.fullmatch("[0-9]{1,2}", after[0].strip()))


def _ref(place: int, line: int) -> str:
    """The cell where a person finds a field of a CSV file, as a spreadsheet shows it; `place` is
    counted from 0."""
    return f"{ooxml.column_letters(place + 1)}{line}"
