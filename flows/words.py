"""Every text of a workbook's zip, in whatever part: read as a person reads it, masked where it stands.

There is no list of the parts that are looked at. A part that is XML is taken apart into texts: what a person sees as
one run of characters (a cell, a note, a paragraph of a text box, however many pieces it is stored in), and each
attribute, formula, comment and instruction. Character references and Excel's `_xHHHH_` are decoded once, and each
character knows where it stands, so that only the digits of personal numbers are written over and all else stays byte
for byte. Other parts are read as ASCII and as UTF-16, and an Office file within the workbook is opened in its turn.
"""

import html
import io
import re
import zipfile
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from posixpath import dirname, join, normpath

from . import ooxml, swedish
from .archive import packed
from .model import FOR_A_VOUCHER, IN_CELL, LIKE_A_VOUCHER, NUMBER_RULE, VOUCHER_COLUMNS, NumberPlace

Span = tuple[int, int]
"""Where something stands in a part's text: its first character and the one after its last."""

# -- characters ------------------------------------------------------------------------------------------------------

_CODE = re.compile("_x(?P<code>[0-9A-Fa-f]{4})_")
_REFERENCE = re.compile("&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);")
_DECLARED = re.compile(rb"""<\?xml[^>]{1,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{1,40})["']""")


def unescaped(text: str) -> str:
    """A text of a workbook with Excel's `_xHHHH_` decoded, once: `_x005F_x0041_` is `_x0041_`."""
    return _CODE.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def _encoding(part: bytes) -> str:
    """How a part that is XML is written down, in a way that gives the same bytes again."""
    if part.startswith((b"\xff\xfe", b"<\0")):
        return "utf-16-le"
    if part.startswith((b"\xfe\xff", b"\0<")):
        return "utf-16-be"
    declared = _DECLARED.match(part[3:] if part.startswith(b"\xef\xbb\xbf") else part)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        is_same = part.decode(name, "strict").encode(name, "strict") == part and "16" not in name and "32" not in name
    except (LookupError, ValueError, AssertionError):
        is_same = False
    return name if is_same else "utf-8"


def as_text(part: bytes) -> tuple[str, str]:
    """A part that is XML as text, and the encoding that gives its bytes again."""
    encoding = _encoding(part)
    try:
        return part.decode(encoding, _lossless(encoding)), encoding
    except UnicodeDecodeError:  # a last half character of UTF-16
        return part.decode("latin-1"), "latin-1"


def as_bytes(xml: str, encoding: str) -> bytes:
    """The bytes of a part that is XML, from what `as_text` gave, changed or not.

    What is new in it is written as character references where the encoding has no such letters.
    """
    try:
        return xml.encode(encoding, _lossless(encoding))
    except UnicodeEncodeError:
        return xml.encode(encoding, "xmlcharrefreplace")


def _lossless(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


def is_xml(name: str, part: bytes) -> bool:
    """Whether a part is XML by its name or by how it begins, in whatever encoding and after however many blanks."""
    is_named = name.casefold().endswith((".xml", ".rels", ".vml"))
    return is_named or part.lstrip(b"\xef\xbb\xbf\xfe\xff\0\t\r\n ").startswith(b"<")


@dataclass(frozen=True)
class _Said:
    """A text as it is read, with where each of its characters stands in the part."""

    text: str
    spans: Sequence[Span]

    def without(self, pattern: re.Pattern[str]) -> "_Said":
        """The text with what the pattern finds left out."""
        gone = {place for match in pattern.finditer(self.text) for place in range(*match.span())}
        kept = [place for place in range(len(self.text)) if place not in gone]
        return _Said("".join(self.text[place] for place in kept), [self.spans[place] for place in kept])


def _said(xml: str, pieces: Iterable[tuple[int, int, bool]]) -> _Said:
    """The text that pieces of a part make together; a piece has references to decode unless it is CDATA."""
    text: list[str] = []
    spans: list[Span] = []
    for start, end, has_references in pieces:
        if start == end:  # the end of a line
            text.append(" ")
            spans.append((start, end))
        at = start
        references = _REFERENCE.finditer(xml, start, end) if has_references else ()
        for reference in references:
            text.append(xml[at : reference.start()])
            spans += [(place, place + 1) for place in range(at, reference.start())]
            decoded = html.unescape(reference[0])
            text.append(decoded)
            spans += [reference.span()] * len(decoded)
            at = reference.end()
        text.append(xml[at:end])
        spans += [(place, place + 1) for place in range(at, end)]
    return _without_codes("".join(text), spans)


def _without_codes(text: str, spans: list[Span]) -> _Said:
    if "_x" not in text:
        return _Said(text, spans)
    read: list[str] = []
    kept: list[Span] = []
    at = 0
    for code in _CODE.finditer(text):
        read += [text[at : code.start()], chr(int(code[1], 16))]
        kept += [*spans[at : code.start()], (spans[code.start()][0], spans[code.end() - 1][1])]
        at = code.end()
    return _Said("".join([*read, text[at:]]), [*kept, *spans[at:]])


# -- a first look ----------------------------------------------------------------------------------------------------

_RUNS = (
    "t|r|rPr|b|i|u|s|strike|sz|color|rFont|font|span|strong|em|family|charset|scheme|vertAlign|fld|ins|del|outline"
    "|shadow"
)
"""Elements that a text goes on through: the pieces that it is stored in, and their looks."""
_SQUEEZED = re.compile(
    r"<(?:\w+:)?rPr\b[^>]*(?<!/)>.*?</(?:\w+:)?rPr>"
    r"|(?P<blank></?(?:\w+:)?(?:br|tab|cr)(?:\s[^<>]*)?/?>)"
    rf"|</?(?:\w+:)?(?:{_RUNS})(?:\s[^<>]*)?/?>"
    r"|(?<=>)\s+(?=<(?!/(?:\w+:)?t>))"
    r'|"\s*&amp;\s*"|<!\[CDATA\[|\]\]>'
    rf"|{_REFERENCE.pattern}|{_CODE.pattern}",
    re.DOTALL,
)
_TELLING = r"&#(?!(?:19[2-9]|2[0-5][0-9]|x[C-Fc-f][0-9A-Fa-f]);)[0-9A-Fa-fx]{1,7};"
"""A reference to a character that is no letter of ours."""
_IS_CODED = re.compile(
    rf"""_x[0-9A-Fa-f]{{4}}_|[0-9][^0-9<>"&]{{0,3}}{_TELLING}|{_TELLING}[^0-9<>"&]{{0,3}}(?:[0-9]|{_TELLING})"""
)
_DECODED = re.compile(f"{_REFERENCE.pattern}|{_CODE.pattern}")
_IS_PIECEMEAL = re.compile(
    r'</(?:\w+:)?(?:r|font|span|b|i|u|s|strong|em|fld|ins|del)>|CDATA|"\s*&amp;\s*"'
    r"|</(?:\w+:)?t>\s*<(?:\w+:)?t\b|<(?:\w+:)?(?:br|tab|cr)\b"
)
_ODD = "[^\t\n\r -~\u00a0-\u00ac\u00ae-\u00ff\u2010-\u2015\u2018-\u201e\u2022\u2026\u20ac\u2212]"
_HAS_ODD = re.compile(_ODD)
_IS_ODD_NUMBER = re.compile(rf"""(?![0-9])\d|[0-9][^\d<>"]{{0,12}}?(?!\d){_ODD}[^\d<>"]{{0,12}}?\d""")
"""A digit of another script, or something unseen or unusual between two digits."""
_MARGIN = re.compile(r"<(?:\w+:)?(?:first|odd|even)(?:Header|Footer)\b[^>]*>([^<]*[0-9][^<]*)<")
_SHORT = re.compile(r"<(?:\w+:)?v>\s*[0-9]{7,9}(?:\.0*)?\s*<")
_POWER = re.compile(r"<(?:\w+:)?v>\s*[0-9.]+[eE]\+?[0-9]{1,2}\s*<")
_FORMAT = re.compile(r"""formatCode\s*=\s*["']([^"']*)["']""")


def may_hold_number(text: str) -> bool:
    """Whether a plain text may hold a personal number; no only when there is none."""
    is_odd = _HAS_ODD.search(text) and _IS_ODD_NUMBER.search(text)
    return bool(is_odd) or swedish.holds_personal_number(text)


class Doubts:
    """A quick look at a workbook's parts, one after the other: whether a personal number may stand in any of them.

    It says no only when `look` would find nothing, and costs a small part of what that does.
    """

    def __init__(self) -> None:
        self._is_certain = False
        self._has_short_numbers = False
        self._has_ten_digit_format = False
        self.has_codes = False
        """Whether a text may hold Excel's `_xHHHH_`."""

    @property
    def are_there(self) -> bool:
        """Whether it is worth while to look."""
        return self._is_certain or (self._has_short_numbers and self._has_ten_digit_format)

    def part(self, name: str, content: bytes) -> None:
        """Look at one part."""
        self._is_certain = self._is_certain or swedish.holds_personal_number(name)
        if not is_xml(name, content):
            self._is_certain = self._is_certain or _is_zip(content) or bool(_in_bytes(content))
            return
        self.has_codes = self.has_codes or b"_x" in content
        xml, encoding = as_text(content)
        self.has_codes = self.has_codes or (encoding.startswith("utf-16") and "_x" in xml)
        self._has_ten_digit_format |= any(_is_ten_digits(html.unescape(code)) for code in _FORMAT.findall(xml))
        self._has_short_numbers = self._has_short_numbers or bool(_SHORT.search(xml))
        self._is_certain = self._is_certain or _is_doubtful(xml)

    def loose(self, content: bytes) -> None:
        """Look at what the zip says beside its parts."""
        self._is_certain = self._is_certain or bool(_in_bytes(content))


def _is_doubtful(xml: str) -> bool:
    """Whether a part may hold a personal number, but for numbers whose first figures are noughts that aren't stored."""
    if any(_in_margin(unescaped(html.unescape(text))) for text in _MARGIN.findall(xml)) or _POWER.search(xml):
        return True
    if _IS_PIECEMEAL.search(xml):
        return may_hold_number(_SQUEEZED.sub(_squeezed, xml))
    return may_hold_number(_DECODED.sub(_squeezed, xml) if _IS_CODED.search(xml) else xml)


def _squeezed(found: re.Match[str]) -> str:
    if found[0].startswith("&"):
        return html.unescape(found[0])
    if found.lastgroup == "blank":
        return " "
    return chr(int(found["code"], 16)) if found["code"] else ""


def _in_margin(text: str) -> bool:
    letters = _Said(text, [(0, 0)] * len(text))
    return any(swedish.personal_numbers(letters.without(codes).text) for codes in _MARGIN_CODES)


def _is_ten_digits(code: str) -> bool:
    """Whether a number format shows ten digits whatever the number, as one for personal numbers does."""
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
    return any(len(re.sub("[^0#?]", "", section.partition(".")[0])) == 10 for section in shown.split(";"))


# -- the texts of a part ---------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"<!--(?P<remark>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?(?P<instruction>.*?)\?>"
    r"""|<(?P<end>/?)(?P<name>[^\s/<>"'=]+)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|(?P<text>[^<]+)""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_THROUGH = {name.casefold() for name in _RUNS.split("|")}
_BLANKS = {"br", "tab", "cr"}
_ON = _THROUGH | _BLANKS
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedname", "oldformula", "calculatedcolumnformula"}
_MARGINS = {f"{page}{end}" for page in ("first", "odd", "even") for end in ("header", "footer")}
_MARGIN_CODES = tuple(
    re.compile(rf'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{{6}}|[0-9]{{2}}[+-][0-9]{{3}})|[0-9]{{1,{most}}}|[A-Za-z&])')
    for most in (2, 3)
)
"""The codes of a page header; how many digits of a size are its own, programs don't agree on."""
_JOINED = re.compile(r'"\s*&\s*"')
_CELL_REF = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_DIGIT = re.compile(r"\d")
_FRACTION = re.compile(r"[+-]?[0-9]{0,5}\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_OF_PROGRAMS = {"axid", "crossax", "creationid", "rowid", "colid"}
_MEASURES = {"x", "y", "cx", "cy"}


@dataclass(frozen=True)
class _Cell:
    """A cell of a sheet as its tag says."""

    ref: str
    row: int
    column: int
    type: str
    style: int
    tag: Span


@dataclass(frozen=True)
class _Text:
    """One text of a part: what it belongs to, and the pieces that it is stored in."""

    element: str
    attribute: str
    pieces: tuple[tuple[int, int, bool], ...]
    ref: str = ""
    """The first cell of what it is about, where that has one."""
    cell: _Cell | None = None
    item: int = -1
    """Which of the texts that cells share it is, from 0; -1 elsewhere."""


@dataclass
class _Open:
    """An element that is open: its name, the cell it is about, whether it is within a run's looks or its phonetics."""

    name: str = ""
    ref: str = ""
    in_looks: bool = False
    is_spoken: bool = False


class _Walk:
    """The texts of a part that is XML, in their order."""

    def __init__(self, xml: str) -> None:
        self._xml = xml
        self._open: list[_Open] = []
        self._pieces: list[tuple[int, int, bool]] = []
        self._of = _Open()
        self._cell: _Cell | None = None
        self._row = self._column = 0
        self._item = -1

    def texts(self) -> Iterator[_Text]:
        """Every text that is long enough to hold a personal number."""
        for token in _TOKEN.finditer(self._xml):
            kind = token.lastgroup
            if kind in {"text", "cdata"}:
                self._piece(token, kind)
            elif kind in {"remark", "instruction"}:
                yield _Text(kind, "", ((*token.span(kind), False),))
            elif token["end"]:
                yield from self._close(token["name"].rpartition(":")[2].casefold())
            else:
                yield from self._start(token)
        yield from self._ended()

    def _piece(self, token: re.Match[str], kind: str) -> None:
        within = self._open[-1] if self._open else self._of
        if within.name != "t" and token[kind].isspace():
            return
        if not self._pieces:
            self._of = within
        self._pieces.append((*token.span(kind), kind == "text"))

    def _start(self, token: re.Match[str]) -> Iterator[_Text]:
        name = token["name"].rpartition(":")[2].casefold()
        above = self._open[-1] if self._open else _Open()
        if name in _BLANKS:
            self._pieces += [(token.start(), token.start(), False)] if self._pieces else []
        elif not above.in_looks and name not in _THROUGH:
            yield from self._ended()
        asked = self._attributes(token) if token["attributes"] else ()
        found = [(m[1], m.span(2) if m[2] is not None else m.span(3)) for m in asked]
        values = {key: self._xml[slice(*span)] for key, span in found}
        if name == "row" and values.get("r", "").isdecimal():
            self._row, self._column = int(values["r"]), 0
        elif name == "row":
            self._row, self._column = self._row + 1, 0
        elif name == "c":
            self._cell = self._begun(token, values)
        elif name == "si":
            self._item += 1
        match = _CELL_REF.match(values.get("ref") or values.get("sqref") or values.get("r") or "")
        ref = f"{match[1]}{match[2]}" if match else above.ref
        for key, span in found:
            if span[1] - span[0] >= 8:
                yield _Text(name, key.rpartition(":")[2].casefold(), ((*span, True),), ref)
        if not token["attributes"].endswith("/") and name not in _BLANKS:  # HTML within VML leaves some open
            looks, spoken = above.in_looks or name == "rpr", above.is_spoken or name == "rph"
            self._open.append(_Open(name, ref, looks, spoken))
        elif name == "c":
            self._cell = None

    def _attributes(self, token: re.Match[str]) -> Iterator[re.Match[str]]:
        return _ATTRIBUTE.finditer(self._xml, *token.span("attributes"))

    def _begun(self, token: re.Match[str], values: Mapping[str, str]) -> _Cell:
        match = _CELL_REF.fullmatch(values.get("r", ""))
        self._column = ooxml.column_number(match[1]) if match else self._column + 1
        row = int(match[2]) if match else self._row
        style = int(values["s"]) if values.get("s", "").isdecimal() else 0
        kind = values.get("t", "n")
        return _Cell(f"{ooxml.column_letters(self._column)}{row}", row, self._column, kind, style, token.span())

    def _close(self, name: str) -> Iterator[_Text]:
        looks = self._open[-1].in_looks if self._open else False
        if not looks and name not in _ON:
            yield from self._ended()
        if any(one.name == name for one in self._open[-8:]):
            while self._open.pop().name != name:
                pass
        if name == "c":
            self._cell = None

    def _ended(self) -> Iterator[_Text]:
        if self._pieces:
            item = self._item if self._of.name == "t" else -1
            ref = self._cell.ref if self._cell else self._of.ref
            name = "rph" if self._of.is_spoken else self._of.name
            yield _Text(name, "", tuple(self._pieces), ref, self._cell, item)
        self._pieces = []


# -- numbers in a part -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A personal number in a text of a part, and what is to be written over it."""

    part: str
    text: _Text
    edits: Mapping[Span, str]
    number: swedish.PersonalNumber


def _numbers(part: str, xml: str, ten_digit_styles: set[int]) -> Iterator[_Found]:
    """Every personal number in the texts of a part that is XML."""
    for text in _Walk(xml).texts():
        raw = "".join(xml[start:end] for start, end, _ in text.pieces)
        if len(_DIGIT.findall(_DECODED.sub(_squeezed, raw) if "&#" in raw or "_x" in raw else raw)) < 7:
            continue  # too few, also for a number that has lost its noughts
        if text.cell and text.element == "v" and text.cell.type in {"n", "s", "b"}:
            if text.cell.type == "n":
                yield from _in_number(part, text, raw, text.cell.style in ten_digit_styles)
            continue
        if not _is_of_a_program(text, raw.strip()):
            yield from _in_text(part, xml, text)


def _is_of_a_program(text: _Text, raw: str) -> bool:
    """Whether a value is what programs write: an identity, a measure, a fraction. No person's number is one."""
    if _GUID.fullmatch(raw) or (text.element != "t" and _FRACTION.fullmatch(raw)):
        return True
    if not text.attribute or not raw.isdecimal():
        return False
    return text.attribute.endswith("id") or text.attribute in _MEASURES or text.element in _OF_PROGRAMS


def _in_number(part: str, text: _Text, raw: str, shows_ten_digits: bool) -> Iterator[_Found]:
    """A personal number that Excel has made a number of."""
    assert text.cell is not None
    try:
        value = Decimal(raw.strip())
        whole = abs(int(value)) if value.is_finite() and abs(value) < 10**13 else 0
    except (ArithmeticError, ValueError):
        return
    digits = str(whole)
    if shows_ten_digits and 7 <= len(digits) < 10:
        digits = digits.zfill(10)
    if value != int(value) or len(digits) not in {10, 12}:
        return
    for number in swedish.personal_numbers(digits):
        masked = "".join("X" if place in number.digits else digit for place, digit in enumerate(digits))
        span = (text.pieces[0][0], text.pieces[-1][1])
        yield _Found(part, text, {span: masked}, number)


def _in_text(part: str, xml: str, text: _Text) -> Iterator[_Found]:
    said = _said(xml, text.pieces)
    readings = [said]
    if text.element in _MARGINS:
        readings = [said, *(said.without(codes) for codes in _MARGIN_CODES)]
    elif text.element in _FORMULAS:
        readings = [said, said.without(_JOINED)]
    quoted = _quoted(said) if text.element in _FORMULAS else None
    is_number = said.text.strip().isdecimal() and _wants_a_number(text)
    seen: set[tuple[Span, ...]] = set()
    for reading in readings:
        for number in swedish.personal_numbers(reading.text):
            spans = tuple(dict.fromkeys(reading.spans[place] for place in number.digits))
            if spans in seen:
                continue
            seen.add(spans)
            mask = {span: "0" if is_number or (quoted is not None and span not in quoted) else "X" for span in spans}
            yield _Found(part, text, mask, number)


def _wants_a_number(text: _Text) -> bool:
    """Whether a program that reads the part may stumble on anything but digits."""
    return text.attribute not in {"", "name"} or text.element in {"v", "n", "i4", "i8", "ui4", "ui8", "int", "r8"}


def _quoted(formula: _Said) -> set[Span]:
    """The characters of a formula that stand in a text or in the name of a sheet; others must stay a formula."""
    found = re.finditer(r""""[^"]*"|'[^']*'""", formula.text)
    return {formula.spans[place] for match in found for place in range(*match.span())}


def _in_bytes(part: bytes) -> list[Span]:
    """The digits of personal numbers in a part that is no XML, where they stand in its bytes."""
    found: list[Span] = []
    if re.search(rb"[0-9]{4}", part):
        text = part.decode("latin-1")
        if swedish.holds_personal_number(text):
            found += [(place, place + 1) for place in _digits_in(text)]
    for encoding, pair in (("utf-16-le", rb"[0-9]\0"), ("utf-16-be", rb"\0[0-9]")):
        for first in sorted({match.start() % 2 for match in re.finditer(rb"(?:%b){4}" % pair, part)}):
            text = part[first : len(part) - (len(part) - first) % 2].decode(encoding, "replace")
            if swedish.holds_personal_number(text):
                wide = [place for place, char in enumerate(text) if char > "\uffff"]  # each takes two pairs of bytes
                starts = [first + 2 * (place + bisect(wide, place)) for place in _digits_in(text)]
                low = 0 if encoding == "utf-16-le" else 1
                found += [(start + low, start + low + 1) for start in starts]
    return found


def _digits_in(text: str) -> list[int]:
    return [
        place
        for line in re.finditer(r"[0-9][\x20-\x7e\xa0-\xff\s]{8,}", text)
        for number in swedish.personal_numbers(line[0])
        for place in (line.start() + digit for digit in number.digits)
    ]


def _is_zip(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


# -- a whole workbook ------------------------------------------------------------------------------------------------

_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_NAMED = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>([^<]*)<")
_IN_EMBEDDED = 20_000_000
"""How many bytes, unpacked, of a file within the workbook are looked at as more than bytes."""
_CONTACTS = {"kontaktperson", "epost", "e-post"}


@dataclass
class Look:
    """What was found in a workbook: its parts with the personal numbers masked, and where those stood."""

    parts: dict[str, bytes] = field(default_factory=dict)
    places: tuple[NumberPlace, ...] = ()
    named: frozenset[str] = frozenset()
    """The names, masked, of the sheets whose names held one."""

    @property
    def has_masked(self) -> bool:
        """Whether anything was written over."""
        return any(place.is_masked for place in self.places)

    def packed(self) -> bytes:
        """The parts as a zip."""
        return packed(self.parts.items())


def masked(content: bytes) -> Look:
    """A workbook with its personal numbers masked. Meant for one that the guard has let through."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return masked_parts({name: archive.read(name) for name in archive.namelist()}, loose(archive))


def masked_parts(parts: Mapping[str, bytes], beside: Sequence[bytes]) -> Look:
    """The same, for a workbook that has been unpacked; `beside` is what its zip says beside its parts."""
    doubts = Doubts()
    for name, part in parts.items():
        doubts.part(name, part)
    for text in beside:
        doubts.loose(text)
    return look(parts, beside) if doubts.are_there else Look()


def loose(archive: zipfile.ZipFile) -> list[bytes]:
    """What a zip says beside its parts: its comment, and each part's comment and extra field."""
    return [archive.comment, *(text for member in archive.infolist() for text in (member.comment, member.extra))]


def look(parts: Mapping[str, bytes], beside: Iterable[bytes] = (), *, is_within: bool = False) -> Look:
    """Look through all parts of a workbook, and what its zip says beside them; `is_within`: it lies in another one."""
    return _Look(parts, is_within=is_within).done(beside)


class _Look:
    def __init__(self, parts: Mapping[str, bytes], *, is_within: bool) -> None:
        self._parts, self._is_within = parts, is_within
        self._texts = {name: as_text(part) for name, part in parts.items() if is_xml(name, part)}
        self._places: dict[NumberPlace, None] = {}
        self._edits: dict[str, dict[Span, str]] = {}

    def done(self, beside: Iterable[bytes]) -> Look:
        """Look through everything."""
        made: dict[str, bytes] = {}
        for name, (xml, _) in self._texts.items():
            if _is_doubtful(xml) or (self._ten_digit_styles and _SHORT.search(xml)):
                for found in _numbers(name, xml, self._ten_digit_styles):
                    self._found(found)
        for name, part in self._parts.items():
            if name in self._texts:
                xml, encoding = self._texts[name]
                new = as_bytes(rewritten(xml, self._edits.get(name, {})), encoding)
            else:
                new = self._no_xml(name, part)
            own, is_personal = swedish.mask_personal_numbers(name)
            if is_personal:
                self._place(name, "i namnet på en del av filen")
            made[_other_than(own, made)] = new
        if any(_in_bytes(text) for text in beside):
            self._place("", "i zip-filens kommentarer")
        titles = self._titles_now(made)
        told = (replace(place, sheet=titles.get(place.sheet, "")) for place in self._places)
        before = {part: title for title, part in self._sheets.items()}
        named = {title for part, title in titles.items() if before[part] != title}
        return Look(made, tuple(dict.fromkeys(told)), frozenset(named))

    # -- what is found

    def _found(self, found: _Found) -> None:
        cells = self._cells_of(found)
        if found.number.may_be_mobile and cells and all(self._is_contact(*cell) for cell in cells):
            return
        rules = {self._rule(found.number, *cell) for cell in cells}
        rule = next((one for one in (NUMBER_RULE, FOR_A_VOUCHER, LIKE_A_VOUCHER) if one in rules), NUMBER_RULE)
        for sheet, cell in cells:
            self._add(NumberPlace(sheet, cell.ref, self._where(found), rule))
        if not cells and found.text.element == "sheet":
            start, end, _ = found.text.pieces[0]
            title = html.unescape(self._texts[found.part][0][start:end])
            self._add(NumberPlace(self._sheets.get(title, ""), "", self._where(found)))
        elif not cells:
            self._place(found.part, self._where(found), found.text.ref)
        if rule == LIKE_A_VOUCHER:
            return
        self._edits.setdefault(found.part, {}).update(found.edits)
        cell_ = found.text.cell
        if cell_ and found.text.element == "v":
            self._edits[found.part].update(_as_words(self._texts[found.part][0], cell_))

    def _add(self, place: NumberPlace) -> None:
        self._places[place] = None

    def _place(self, part: str, where: str, ref: str = "") -> None:
        self._add(NumberPlace(self._sheet_of(part), ref, where))

    def _cells_of(self, found: _Found) -> list[tuple[str, _Cell]]:
        """The cells that show a text, each with the part of its sheet; none for what is no cell's."""
        if found.text.attribute or found.text.element in _FORMULAS:
            return []
        if found.text.cell:
            return [(found.part, found.text.cell)]
        if found.text.item >= 0:
            return self._shared.get(found.text.item, [])
        return []

    def _where(self, found: _Found) -> str:
        text = found.text
        if found.part in self._sheets.values() or (text.item >= 0 and text.element != "rph"):
            return self._where_in_sheet(text)
        if text.element == "rph":
            return "i uttalet av en text (fonetisk text)"
        if text.element == "definedname":
            return "i ett namn i Namnhanteraren"
        if text.element == "sheet":
            return "i bladets namn"
        if "/drawings/" in found.part.casefold() and text.attribute:
            return "i namnet på en figur eller i dess alternativtext"
        return next((where for mark, where in _WHERE.items() if mark in found.part.casefold()), _HIDDEN)

    def _where_in_sheet(self, text: _Text) -> str:
        if text.element in _MARGINS:
            return "i sidhuvudet eller sidfoten"
        if text.element == "rph":
            return "i uttalet av en text (fonetisk text)"
        if text.element == "f" and text.cell:
            return "i formeln"
        if text.cell or (text.item >= 0 and text.item in self._shared):
            return IN_CELL
        if text.item >= 0:
            return "i en text som ingen cell visar längre"
        return _IN_SETTINGS.get(text.element, "i bladets inställningar")

    # -- where it stands

    @cached_property
    def _sheets(self) -> dict[str, str]:
        """The part of each sheet, by its name."""
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {title: part for title, part in zip(titles, self._parts_of_sheets, strict=True) if part}

    @cached_property
    def _parts_of_sheets(self) -> list[str]:
        """The part of each sheet, in their order; empty for one that leads nowhere."""
        targets = self._targets("xl/workbook.xml")
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        links = [[value for key, value in tag_values(tag).items() if key.endswith(":id")] for tag in tags]
        return [targets.get(link[0], "") if link else "" for link in links]

    def _targets(self, part: str) -> dict[str, str]:
        """The parts that a part leads to, by the id of the relation."""
        folder, _, name = part.rpartition("/")
        xml, _ = self._texts.get(f"{folder}/_rels/{name}.rels", ("", ""))
        found = {}
        for tag in _RELATION.findall(xml):
            values = tag_values(tag)
            target = html.unescape(values.get("Target", ""))
            if values.get("TargetMode") != "External":
                found[values.get("Id", "")] = normpath(join(folder, target) if target[:1] != "/" else target[1:])
        return found

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The sheet, by its part, that each part is for."""
        found: dict[str, str] = {}
        for sheet in self._sheets.values():
            waiting = [sheet]
            while waiting:
                part = waiting.pop()
                if part not in found:
                    found[part] = sheet
                    waiting += self._targets(part).values()
        return found

    def _sheet_of(self, part: str) -> str:
        if part.endswith(".rels"):
            part = join(dirname(dirname(part)), part.rpartition("/")[2].removesuffix(".rels"))
        return self._owners.get(part, "")

    def _titles_now(self, made: Mapping[str, bytes]) -> dict[str, str]:
        """The names of the sheets, masked, by their parts."""
        tags = _SHEET.findall(as_text(made.get("xl/workbook.xml", b""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {part: title for part, title in zip(self._parts_of_sheets, titles, strict=True) if part}

    # -- what stands beside it

    @cached_property
    def _cells(self) -> dict[str, dict[tuple[int, int], tuple[_Cell, str]]]:
        """The cells of each sheet, by its part, by row and column, with what is stored in each."""
        found: dict[str, dict[tuple[int, int], tuple[_Cell, str]]] = {}
        for sheet in self._sheets.values():
            cells = found[sheet] = {}
            xml, _ = self._texts.get(sheet, ("", ""))
            for text in _Walk(xml).texts():
                if text.cell and text.element in {"v", "t"}:
                    cells[text.cell.row, text.cell.column] = (text.cell, _said(xml, text.pieces).text)
        return found

    @cached_property
    def _shared(self) -> dict[int, list[tuple[str, _Cell]]]:
        """The cells that show each shared text, by its number, with the part of their sheet."""
        found: dict[int, list[tuple[str, _Cell]]] = {}
        for sheet, cells in self._cells.items():
            for cell, stored in cells.values():
                if cell.type == "s" and stored.strip().isdecimal():
                    found.setdefault(int(stored), []).append((sheet, cell))
        return found

    @cached_property
    def _strings(self) -> dict[int, str]:
        """The shared texts, by their numbers."""
        xml = self._part_called("sharedstrings.xml")
        texts = (text for text in _Walk(xml).texts() if text.item >= 0 and text.element == "t")
        return {text.item: _said(xml, text.pieces).text for text in texts}

    def _part_called(self, name: str) -> str:
        return next((xml for part, (xml, _) in self._texts.items() if part.casefold().endswith(name)), "")

    def _key(self, sheet: str, row: int, column: int) -> str:
        """What stands in a cell, as names are compared."""
        return swedish.key(self._stored(sheet, row, column).rstrip(": "))

    def _header(self, sheet: str, cell: _Cell) -> int | None:
        """The row of the header that says that a column holds what the bookkeeping numbers its things by."""
        rows = {row for row, column in self._cells.get(sheet, {}) if column == cell.column and row < cell.row}
        return max((row for row in rows if self._key(sheet, row, cell.column) in VOUCHER_COLUMNS), default=None)

    def _rule(self, number: swedish.PersonalNumber, sheet: str, cell: _Cell) -> str:
        """The rule about a number in a cell of a sheet, by the header that the cell stands under."""
        header = self._header(sheet, cell)
        if header is None:
            return NUMBER_RULE
        days = [
            place for place in self._cells.get(sheet, {}) if place[0] == header and self._key(sheet, *place) == "datum"
        ]
        return rule_for_voucher([number], self._year(self._stored(sheet, cell.row, days[0][1])) if days else None)

    def _stored(self, sheet: str, row: int, column: int) -> str:
        """What is stored in a cell, shared texts too."""
        cell, stored = self._cells.get(sheet, {}).get((row, column), (None, ""))
        is_shared = cell is not None and cell.type == "s" and stored.strip().isdecimal()
        return self._strings.get(int(stored), "") if is_shared else stored.strip()

    def _year(self, stored: str) -> int | None:
        if re.match("20[0-9]{2}-?[0-9]{2}-?[0-9]{2}", stored):
            return int(stored[:4])
        if not re.fullmatch(r"[0-9]{5}(?:\.[0-9]*)?", stored):
            return None
        is_old = re.search(r"""date1904\s*=\s*["'](?:1|true)""", self._texts.get("xl/workbook.xml", ("", ""))[0])
        return ((date(1904, 1, 1) if is_old else date(1899, 12, 30)) + timedelta(int(stored.partition(".")[0]))).year

    def _is_contact(self, sheet: str, cell: _Cell) -> bool:
        """Whether a cell is for whom to ask: there ten digits that begin with 07 are a telephone's."""
        if (sheet, cell.ref) in self._contacts:
            return True
        return self._key(sheet, cell.row, cell.column - 1) in _CONTACTS

    @cached_property
    def _contacts(self) -> set[tuple[str, str]]:
        found = set()
        for attributes, places in _NAMED.findall(self._texts.get("xl/workbook.xml", ("", ""))[0]):
            title, _, ref = html.unescape(places).rpartition("!")
            name = tag_values(f"<x {attributes}>").get("name", "").casefold()
            match = _CELL_REF.match(ref)
            if name in _CONTACTS and match:
                title = title.strip("'").replace("''", "'")
                found.add((self._sheets.get(title, ""), f"{match[1]}{match[2]}"))
        return found

    @cached_property
    def _ten_digit_styles(self) -> set[int]:
        """The styles of cells that show ten digits."""
        xml = self._part_called("styles.xml")
        formats = (tag_values(tag) for tag in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", xml))
        ten = {f.get("numFmtId") for f in formats if _is_ten_digits(html.unescape(f.get("formatCode", "")))}
        listed = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
        styles = re.findall(r"<(?:\w+:)?xf\b[^>]*>", listed[0] if listed else "")
        return {number for number, tag in enumerate(styles) if tag_values(tag).get("numFmtId") in ten}

    # -- parts that are no XML

    def _no_xml(self, name: str, part: bytes) -> bytes:
        within = self._opened(part) if _is_zip(part) and not self._is_within else None
        if within is not None:
            if within.places:
                self._place(name, "i en fil inuti arbetsboken")
                return within.packed()
            return part
        found = _in_bytes(part)
        if not found:
            return part
        self._place(name, next((where for mark, where in _WHERE.items() if mark in name.casefold()), _HIDDEN))
        changed = bytearray(part)
        for start, end in found:
            changed[start:end] = b"X"
        return bytes(changed)

    def _opened(self, part: bytes) -> Look | None:
        """A file within the workbook; None for one that is too large or damaged, which is looked at as bytes."""
        try:
            with zipfile.ZipFile(io.BytesIO(part)) as archive:
                parts = dict(_within_bounds(archive))
                return look(parts, loose(archive), is_within=True)
        except Exception:  # zip and zlib have many errors, and all of them mean that it can't be opened
            return None


def _within_bounds(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    left = _IN_EMBEDDED
    for member in archive.infolist():
        with archive.open(member) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise ValueError("larger than what is looked at")
        yield member.filename, part


def rule_for_voucher(numbers: Iterable[swedish.PersonalNumber], year: int | None) -> str:
    """The rule about personal numbers in a text that the bookkeeping numbers something by.

    Ten bare digits may be its own. They are taken for that when they begin with a day, YYMMDD, of the line's `year` or
    the one after it.
    """
    bare = [number.bare for number in numbers]
    if None in bare:
        return NUMBER_RULE
    years = {f"{(year + more) % 100:02}" for more in (0, 1)} if year else set()
    is_day = all(digits[:2] in years and int(digits[4:6]) <= 31 for digits in bare if digits)
    return LIKE_A_VOUCHER if is_day else FOR_A_VOUCHER


def tag_values(tag: str) -> dict[str, str]:
    """The attributes of a tag, as they are written down."""
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _ATTRIBUTE.finditer(tag)}


def rewritten(xml: str, edits: Mapping[Span, str]) -> str:
    """The text of a part with the edits made, and all else as it was."""
    made: list[str] = []
    at = 0
    for (start, end), new in sorted(edits.items()):
        if start >= at:
            made += [xml[at:start], new]
            at = end
    return "".join([*made, xml[at:]])


def _as_words(xml: str, cell: _Cell) -> Iterator[tuple[Span, str]]:
    """What makes a cell one that holds a text, and no longer reckons it."""
    start, end = cell.tag
    tag = xml[start:end]
    typed = re.search(r"""\st\s*=\s*(["'])[a-zA-Z]*\1""", tag)
    if cell.type != "str" and typed:
        yield (start + typed.start(), start + typed.end()), ' t="str"'
    elif cell.type != "str":
        yield (end - 1, end - 1), ' t="str"'
    formula = re.compile(r"<(?P<tag>(?:\w+:)?f)\b(?P<attributes>[^>]*?)(?:/>|>[^<]*</(?P=tag)>)")
    found = formula.match(xml, end + len(re.match(r"\s*", xml[end : end + 1000])[0]))  # type: ignore[index]
    if not found:
        return
    yield found.span(), ""
    shared = tag_values(f"<x {found['attributes']}>").get("si")
    if shared is not None:
        for other in formula.finditer(xml):
            if tag_values(f"<x {other['attributes']}>").get("si") == shared:
                yield other.span(), ""


def _other_than(name: str, names: Iterable[str]) -> str:
    """A name that none of the others is."""
    while name in names:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem}_{dot}{suffix}"
    return name


_HIDDEN = "i en del av filen som inte visas i Excel"
_WHERE = {
    "comments": "i en anteckning",
    "persons/": "i namnet på den som har skrivit en anteckning",
    "vmldrawing": "i en textruta, en knapp eller en anteckning",
    "/drawings/": "i en textruta",
    "/diagrams/": "i ett diagram",
    "/charts/": "i ett diagram",
    "docprops/": "i filens egenskaper",
    "externallinks/": "i det som sparats från en annan fil",
    "/tables/": "i en tabells rubriker eller namn",
    "pivot": "i en pivottabell",
    "slicer": "i ett utsnitt",
    "connections": "i en datakoppling",
    "querytables": "i en datakoppling",
    "printersettings": "i skrivarens inställningar",
    "vba": "i ett makro",
    "/media/": "i en bild",
    "embeddings/": "i en fil inuti arbetsboken",
    "_rels/": "i en länk",
}
"""Where a person looks for what a part holds, by what is in its name; the first that fits."""
_IN_SETTINGS: Mapping[str, str] = {
    "hyperlink": "i en länk",
    "datavalidation": "i en rullista eller ett meddelande om vad som får skrivas",
    "formula1": "i en rullista eller ett villkor för vad som får skrivas",
    "formula2": "i en rullista eller ett villkor för vad som får skrivas",
    "formula": "i en regel för färger",
    "filter": "i ett filter",
}
