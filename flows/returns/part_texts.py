"""The texts of an XML part, each whole, with where in a workbook it stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import ooxml
from .xml_text import ATTRIBUTE, Span

RUNS = (
    "t|r|rPr|b|i|u|s|strike|sz|color|rFont|font|span|strong|em|family|charset|scheme|vertAlign"
    "|fld|ins|del|outline|shadow"
)
"""Elements that a text goes on through: the pieces that it is stored in, and their looks."""

# The part is read as a row of tokens, and not as a tree: what is masked must be found again at its
# very place in the text. What stands between two tags is a piece. Pieces with nothing but the tags
# of `RUNS` between them are one text, since a number may be stored in several.
_TOKEN = re.compile(
    r"<!--(?P<remark>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?(?P<instruction>.*?)\?>"
    r"""|<(?P<end>/?)(?P<name>[^\s/<>"'=]+)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|(?P<text>[^<]+)""",
    re.DOTALL,
)
_THROUGH = {name.casefold() for name in RUNS.split("|")}
_BLANKS = {"br", "tab", "cr"}
_ON = _THROUGH | _BLANKS
_COUNTED = {"row", "c", "si"}
_SHORTEST = 8
"""How long the value of an attribute is at least that may hold a personal number."""
FORMULAS = {
    "f",
    "formula",
    "formula1",
    "formula2",
    "definedname",
    "oldformula",
    "calculatedcolumnformula",
}
MARGINS = {
    "firstheader",
    "firstfooter",
    "oddheader",
    "oddfooter",
    "evenheader",
    "evenfooter",
}
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
            if self._pieces:
                self._pieces.append((token.start(), token.start(), False))
        elif not above.in_looks and name not in _THROUGH:
            yield from self._ended()
        written = token["attributes"]
        spans = self._attributes(token) if written else []
        values = {key: self._xml[start:end] for key, (start, end) in spans}
        if name in _COUNTED:
            self._count(name, token, values)
        match = CELL_REF.match(values.get("ref") or values.get("sqref") or values.get("r") or "")
        ref = f"{match[1]}{match[2]}" if match else above.ref
        for key, span in spans:
            if span[1] - span[0] >= _SHORTEST:
                yield Text(name, key.rpartition(":")[2].casefold(), ((*span, True),), ref)
        # HTML within VML leaves some open.
        is_left_open = not written.endswith("/") and name not in _BLANKS
        if is_left_open:
            in_looks = above.in_looks or name == "rpr"
            is_spoken = above.is_spoken or name == "rph"
            self._open.append(_Open(name, ref, in_looks, is_spoken))
        elif name == "c":
            self._cell = None

    def _attributes(self, token: re.Match[str]) -> list[tuple[str, Span]]:
        """The attributes of a tag by their names, each with where its value stands."""
        spans: list[tuple[str, Span]] = []
        for attribute in ATTRIBUTE.finditer(self._xml, *token.span("attributes")):
            # A value stands between double signs or between single ones.
            group = 3 if attribute[2] is None else 2
            spans.append((attribute[1], attribute.span(group)))
        return spans

    def _count(self, name: str, token: re.Match[str], values: Mapping[str, str]) -> None:
        """Keep count of where we are: a row or a cell that doesn't say its number comes after the
        one before it."""
        if name == "si":
            self._item += 1
        elif name == "c":
            self._cell = self._begun(token, values)
        else:
            stated = values.get("r", "")
            self._row = int(stated) if stated.isdecimal() else self._row + 1
            self._column = 0

    def _begun(self, token: re.Match[str], values: Mapping[str, str]) -> Cell:
        match = CELL_REF.fullmatch(values.get("r", ""))
        self._column = ooxml.column_number(match[1]) if match else self._column + 1
        row = int(match[2]) if match else self._row
        style = int(values["s"]) if values.get("s", "").isdecimal() else 0
        return Cell(
            ref=f"{ooxml.column_letters(self._column)}{row}",
            row=row,
            column=self._column,
            type=values.get("t", "n"),
            style=style,
            tag=token.span(),
        )

    def _close(self, name: str) -> Iterator[Text]:
        in_looks = self._open[-1].in_looks if self._open else False
        if not in_looks and name not in _ON:
            yield from self._ended()
        # What HTML has left open within the element ends with it; an end without a start is passed
        # over.
        if any(element.name == name for element in self._open[-8:]):
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
