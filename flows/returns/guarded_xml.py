"""The XML of a workbook, read in pieces and within bounds."""

import re
from collections.abc import Mapping
from xml.parsers import expat

from ..base import swedish
from ..base.bounds import Bounds
from . import xml_text
from .file_kinds import WORKBOOK
from .refusal import RefusedError

LINKS = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/webextensions/")
TOLD_BY_LINK = {
    "fil-makron": {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "dialogsheet", "control"},
    "fil-lankar": {
        "externalLink",
        "connections",
        "queryTable",
        "externalLinkPath",
        "attachedTemplate",
    },
    "fil-inbaddat": {"oleObject", "package"},
}

_REF = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(
    r"\s*[-+]?([0-9]{1,310}\.?[0-9]{0,340}|\.[0-9]{1,340})([eE][-+]?[0-9]{1,4})?\s*", re.ASCII
)
_VALUES: Mapping[str, re.Pattern[str]] = {
    "n": _NUMBER,
    "s": re.compile(r"\s*[0-9]{1,9}\s*", re.ASCII),
    "b": re.compile(r"\s*[01]\s*", re.ASCII),
}
"""What the value of a cell of a type may look like: a reader in Python takes far more, and another
reader less."""
_TYPES = {"n", "s", "b", "e", "str", "inlineStr", "d"}
_CHEAP = {"v", "f", "t", "is"}
_STRICT = b"purl.oclc.org/ooxml"


class Parts:
    """What has been counted in the XML of a workbook's parts, one part after the other."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._cells = self._texts = self._others = 0
        self._sheets: set[str] = set()
        self._targets: set[str] = set()
        self.told: set[str] = set()

    def part(self, name: str, content: bytes) -> None:
        """Count what is in one part. Raises RefusedError where it goes beyond the bounds, or
        deceives."""
        if not xml_text.is_xml(name, content):
            return
        if name == WORKBOOK and _STRICT in content:
            raise RefusedError("fil-strikt")
        self._row = self._column = 0
        self._is_of_others = name.casefold().startswith(
            LINKS
        )  # what another workbook held, and no reader opens
        self._at: set[int] = set()
        self._type, self._has_value, self._text = "", False, ""
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            if name.casefold().endswith(
                (".xml", ".rels")
            ):  # what else begins as XML may be something of its own
                raise RefusedError("fil-trasig") from None
            return

    def _doctype(self, *_: object) -> None:
        raise RefusedError("fil-misstankt")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._parser.CharacterDataHandler:  # a value is a text and nothing else
            raise RefusedError("fil-misstankt")
        name = tag.rpartition(":")[2]
        if name == "c" and self._row:
            self._cell(attributes)
        elif name == "v" and self._type:
            if self._has_value:
                raise RefusedError("fil-misstankt")
            self._has_value, self._text = True, ""
            self._parser.CharacterDataHandler, self._parser.EndElementHandler = (
                self._characters,
                self._end_value,
            )
        elif name == "row" and not self._is_of_others:
            self._begin_row(attributes.get("r"))
        elif name == "si":
            self._texts = self._counted(self._texts + 1, self._bounds.texts, "texter")
        elif name not in _CHEAP or attributes.get("t") == "shared":
            self._others = self._counted(
                self._others + 1, self._bounds.other_elements, "inställningar och format"
            )
            self._other(name, attributes)

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self._column += 1
        row = self._row
        if "r" in attributes:
            row, self._column = self._place(attributes["r"])
            if row != self._row:
                raise RefusedError("fil-misstankt")
        else:
            self._within(row, self._column)
        self._cells = self._counted(self._cells + 1, self._bounds.cells, "celler")
        place = row << 15 | self._column
        if place in self._at:  # which of the two a person sees is up to the program
            raise RefusedError("fil-misstankt")
        self._at.add(place)
        self._type, self._has_value = attributes.get("t", "n"), False
        if self._type not in _TYPES:
            raise RefusedError("fil-misstankt")

    def _characters(self, text: str) -> None:
        self._text += text

    def _end_value(self, _: str) -> None:
        """Check the value that has just been read: a number that only one of two readers takes is
        no number."""
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        pattern = _VALUES.get(self._type)
        if pattern and self._text and not pattern.fullmatch(self._text):
            raise RefusedError("fil-misstankt")

    def _begin_row(self, number: str | None) -> None:
        """A row; one that says its number may stand anywhere until something stands in it."""
        if number is not None and not re.fullmatch("[0-9]{1,9}", number):
            raise RefusedError("fil-misstankt")
        self._row, self._column = self._row + 1 if number is None else int(number), 0
        if number is None or self._row < 1:
            self._within(self._row, 1)

    def _other(self, name: str, attributes: Mapping[str, str]) -> None:
        if (
            name in {"mergeCell", "hyperlink", "comment", "threadedComment", "table"}
            and "ref" in attributes
        ):
            is_table = (
                name == "table"
            )  # its rows are its content; else only what lies among the cells costs anything
            corners = [
                self._place(ref.replace("$", ""), is_cut=not is_table)
                for ref in attributes["ref"].split(":")
            ]
            (top, left), (bottom, right) = corners[0], corners[-1]
            area = 0 if is_table else (abs(bottom - top) + 1) * (abs(right - left) + 1)
            self._cells = self._counted(self._cells + area, self._bounds.cells, "celler")
        elif name == "sheet":
            self._once(
                self._sheets, next((v for k, v in attributes.items() if k.endswith(":id")), "")
            )
            self._counted(len(self._sheets), self._bounds.sheets, "blad")
        elif name == "Relationship":
            self._link(attributes)

    def _link(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.told |= {rule for rule, kinds in TOLD_BY_LINK.items() if kind in kinds}
        if kind == "worksheet":
            target = attributes.get("Target", "")
            self._once(self._targets, target.removeprefix("/xl/"))
            if any(start in f"xl/{target.casefold().removeprefix('/xl/')}" for start in LINKS):
                raise RefusedError("fil-misstankt")
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            self.told.add("fil-lankar")

    def _once(self, seen: set[str], name: str) -> None:
        if name in seen:
            raise RefusedError("fil-misstankt")
        seen.add(name)

    def _place(self, ref: str, *, is_cut: bool = False) -> tuple[int, int]:
        """The row and the column of a cell's address, both from 1, within bounds; `is_cut`: the
        nearest that are."""
        match = _REF.fullmatch(ref)
        if not match:
            raise RefusedError("fil-misstankt")
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        row = int(match[2])
        if is_cut:
            row, column = min(row, self._bounds.rows), min(column, self._bounds.columns)
        self._within(row, column, ref)
        return row, column

    def _within(self, row: int, column: int, ref: str = "") -> None:
        if row > self._bounds.rows or column > self._bounds.columns:
            limit = swedish.number(self._bounds.rows)
            value = ref or f"rad {swedish.number(row)}"
            raise RefusedError("fil-for-manga-rader", value=value, where="Filen", limit=limit)
        if row < 1:
            raise RefusedError("fil-misstankt")

    def _counted(self, number: int, limit: int, what: str) -> int:
        if number > limit:
            raise RefusedError("fil-for-mycket", what=what, limit=swedish.number(limit))
        return number
