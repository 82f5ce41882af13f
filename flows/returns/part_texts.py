"""The texts of an XML part, each whole, with where in a workbook it stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import ooxml
from .xml_text import ATTRIBUTE, Span

RUNS = (
    "t|r|rPr|b|i|u|s|strike|sz|color|rFont|font|span|strong|em|family|charset|scheme|vertAlign|fld|ins|del|outline"
    "|shadow"
)
"""Elements that a text goes on through: the pieces that it is stored in, and their looks."""

_TOKEN = re.compile(
    r"<!--(?P<remark>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?(?P<instruction>.*?)\?>"
    r"""|<(?P<end>/?)(?P<name>[^\s/<>"'=]+)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|(?P<text>[^<]+)""",
    re.DOTALL,
)
_THROUGH = {name.casefold() for name in RUNS.split("|")}
_BLANKS = {"br", "tab", "cr"}
_ON = _THROUGH | _BLANKS
FORMULAS = {
    "f",
    "formula",
    "formula1",
    "formula2",
    "definedname",
    "oldformula",
    "calculatedcolumnformula",
}
MARGINS = {f"{page}{end}" for page in ("first", "odd", "even") for end in ("header", "footer")}
MARGIN_CODES = tuple(
    re.compile(
        rf'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{{6}}|[0-9]{{2}}[+-][0-9]{{3}})|[0-9]{{1,{most}}}|[A-Za-z&])'
    )
    for most in (2, 3)
)
"""The codes of a page header; how many digits of a size are its own, programs don't agree on."""
JOINED = re.compile(r'"\s*&\s*"')
CELL_REF = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
DIGIT = re.compile(r"\d")
FRACTION = re.compile(r"[+-]?[0-9]{0,5}\.[0-9]+(?:[eE][+-]?[0-9]+)?")
OF_PROGRAMS = {"axid", "crossax", "creationid", "rowid", "colid"}
MEASURES = {"x", "y", "cx", "cy"}


@dataclass(frozen=True)
class Cell:
    """A cell of a sheet as its tag says."""

    ref: str
    row: int
    column: int
    type: str
    style: int
    tag: Span


@dataclass(frozen=True)
class Text:
    """One text of a part: what it belongs to, and the pieces that it is stored in."""

    element: str
    attribute: str
    pieces: tuple[tuple[int, int, bool], ...]
    ref: str = ""
    """The first cell of what it is about, where that has one."""
    cell: Cell | None = None
    item: int = -1
    """Which of the texts that cells share it is, from 0; -1 elsewhere."""


@dataclass
class _Open:
    """An element that is open: its name, the cell it is about, whether it is within a run's looks
    or its phonetics."""

    name: str = ""
    ref: str = ""
    in_looks: bool = False
    is_spoken: bool = False


class Walk:
    """The texts of a part that is XML, in their order."""

    def __init__(self, xml: str) -> None:
        self._xml = xml
        self._open: list[_Open] = []
        self._pieces: list[tuple[int, int, bool]] = []
        self._of = _Open()
        self._cell: Cell | None = None
        self._row = self._column = 0
        self._item = -1

    def texts(self) -> Iterator[Text]:
        """Every text that is long enough to hold a personal number."""
        for token in _TOKEN.finditer(self._xml):
            kind = token.lastgroup
            if kind in {"text", "cdata"}:
                self._piece(token, kind)
            elif kind in {"remark", "instruction"}:
                yield Text(kind, "", ((*token.span(kind), False),))
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

    def _start(self, token: re.Match[str]) -> Iterator[Text]:
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
        match = CELL_REF.match(values.get("ref") or values.get("sqref") or values.get("r") or "")
        ref = f"{match[1]}{match[2]}" if match else above.ref
        for key, span in found:
            if span[1] - span[0] >= 8:
                yield Text(name, key.rpartition(":")[2].casefold(), ((*span, True),), ref)
        if (
            not token["attributes"].endswith("/") and name not in _BLANKS
        ):  # HTML within VML leaves some open
            looks, spoken = above.in_looks or name == "rpr", above.is_spoken or name == "rph"
            self._open.append(_Open(name, ref, looks, spoken))
        elif name == "c":
            self._cell = None

    def _attributes(self, token: re.Match[str]) -> Iterator[re.Match[str]]:
        return ATTRIBUTE.finditer(self._xml, *token.span("attributes"))

    def _begun(self, token: re.Match[str], values: Mapping[str, str]) -> Cell:
        match = CELL_REF.fullmatch(values.get("r", ""))
        self._column = ooxml.column_number(match[1]) if match else self._column + 1
        row = int(match[2]) if match else self._row
        style = int(values["s"]) if values.get("s", "").isdecimal() else 0
        kind = values.get("t", "n")
        return Cell(
            f"{ooxml.column_letters(self._column)}{row}",
            row,
            self._column,
            kind,
            style,
            token.span(),
        )

    def _close(self, name: str) -> Iterator[Text]:
        looks = self._open[-1].in_looks if self._open else False
        if not looks and name not in _ON:
            yield from self._ended()
        if any(one.name == name for one in self._open[-8:]):
            while self._open.pop().name != name:
                pass
        if name == "c":
            self._cell = None

    def _ended(self) -> Iterator[Text]:
        if self._pieces:
            item = self._item if self._of.name == "t" else -1
            ref = self._cell.ref if self._cell else self._of.ref
            name = "rph" if self._of.is_spoken else self._of.name
            yield Text(name, "", tuple(self._pieces), ref, self._cell, item)
        self._pieces = []
