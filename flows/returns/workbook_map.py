"""Where the texts of a workbook's parts stand: in which sheet and cell, under which header."""

import html
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from posixpath import dirname, join, normpath

from ..base import swedish
from ..model.returns import VOUCHER_COLUMNS
from .number_doubts import is_ten_digits
from .part_texts import CELL_REF, Cell, Walk
from .xml_text import as_text, said_in, tag_values

_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_NAMED = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>([^<]*)<")
_FORMAT = re.compile(r"<(?:\w+:)?numFmt\b[^>]*>")
_LOOKS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_LOOK = re.compile(r"<(?:\w+:)?xf\b[^>]*>")
_CONTACTS = {"kontaktperson", "epost", "e-post"}


class WorkbookMap:
    """The map of a workbook, drawn from the texts of its parts as each is asked for.

    A sheet is named by its part, as `xl/worksheets/sheet1.xml`.
    """

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        """`texts`: each part that is XML, with its encoding."""
        self._texts = texts

    @cached_property
    def _workbook(self) -> str:
        """The part that names the sheets."""
        xml, _ = self._texts.get("xl/workbook.xml", ("", ""))
        return xml

    @cached_property
    def sheets(self) -> dict[str, str]:
        """The part of each sheet, by its name."""
        named = zip(_titles(self._workbook), self._parts_of_sheets, strict=True)
        return {title: part for title, part in named if part}

    @cached_property
    def _parts_of_sheets(self) -> list[str]:
        """The part of each sheet, in their order; empty for one that leads nowhere."""
        targets = self._targets("xl/workbook.xml")
        parts: list[str] = []
        for tag in _SHEET.findall(self._workbook):
            relation = _relation_of(tag)
            parts.append("" if relation is None else targets.get(relation, ""))
        return parts

    def _targets(self, part: str) -> dict[str, str]:
        """The parts that a part leads to, by the id of the relation."""
        folder, _, name = part.rpartition("/")
        xml, _ = self._texts.get(f"{folder}/_rels/{name}.rels", ("", ""))
        targets: dict[str, str] = {}
        for tag in _RELATION.findall(xml):
            values = tag_values(tag)
            if values.get("TargetMode") == "External":
                continue
            target = html.unescape(values.get("Target", ""))
            place = target[1:] if target.startswith("/") else join(folder, target)
            targets[values.get("Id", "")] = normpath(place)
        return targets

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The sheet, by its part, that each part is for."""
        owners: dict[str, str] = {}
        for sheet in self.sheets.values():
            waiting = [sheet]
            while waiting:
                part = waiting.pop()
                if part not in owners:
                    owners[part] = sheet
                    waiting += self._targets(part).values()
        return owners

    def sheet_of(self, part: str) -> str:
        """The sheet that a part is for, by its part; "" for what belongs to none."""
        if part.endswith(".rels"):
            part = join(dirname(dirname(part)), part.rpartition("/")[2].removesuffix(".rels"))
        return self._owners.get(part, "")

    def titles_in(self, parts: Mapping[str, bytes]) -> dict[str, str]:
        """The names of the sheets, masked, by their parts; `parts` are those of the masked
        workbook."""
        xml, _ = as_text(parts.get("xl/workbook.xml", b""))
        named = zip(self._parts_of_sheets, _titles(xml), strict=True)
        return {part: title for part, title in named if part}

    @cached_property
    def cells(self) -> dict[str, dict[tuple[int, int], tuple[Cell, str]]]:
        """The cells of each sheet, by its part, by row and column, with what is stored in each."""
        cells: dict[str, dict[tuple[int, int], tuple[Cell, str]]] = {}
        for sheet in self.sheets.values():
            stored = cells[sheet] = {}
            xml, _ = self._texts.get(sheet, ("", ""))
            for text in Walk(xml).texts():
                cell = text.cell
                if cell and text.element in {"v", "t"}:
                    stored[cell.row, cell.column] = cell, said_in(xml, text.pieces).text
        return cells

    @cached_property
    def cells_of_shared(self) -> dict[int, list[tuple[str, Cell]]]:
        """The cells that show each shared text, by its number, with the part of their sheet."""
        showing: dict[int, list[tuple[str, Cell]]] = {}
        for sheet, cells in self.cells.items():
            for cell, stored in cells.values():
                if cell.type == "s" and stored.strip().isdecimal():
                    showing.setdefault(int(stored), []).append((sheet, cell))
        return showing

    @cached_property
    def _strings(self) -> dict[int, str]:
        """The shared texts, by their numbers."""
        xml = self._part_called("sharedstrings.xml")
        strings: dict[int, str] = {}
        for text in Walk(xml).texts():
            if text.item >= 0 and text.element == "t":
                strings[text.item] = said_in(xml, text.pieces).text
        return strings

    def _part_called(self, name: str) -> str:
        for part, (xml, _) in self._texts.items():
            if part.casefold().endswith(name):
                return xml
        return ""

    def key(self, sheet: str, row: int, column: int) -> str:
        """What stands in a cell, as names are compared."""
        return swedish.key(self.stored(sheet, row, column).rstrip(": "))

    def voucher_header(self, sheet: str, cell: Cell) -> int | None:
        """The row of the header that says that a column holds what the bookkeeping numbers its
        things by."""
        headers: list[int] = []
        for row, column in self.cells.get(sheet, {}):
            is_above = column == cell.column and row < cell.row
            if is_above and self.key(sheet, row, column) in VOUCHER_COLUMNS:
                headers.append(row)
        return max(headers, default=None)

    def stored(self, sheet: str, row: int, column: int) -> str:
        """What is stored in a cell, shared texts too."""
        cell, stored = self.cells.get(sheet, {}).get((row, column), (None, ""))
        if cell is not None and cell.type == "s" and stored.strip().isdecimal():
            return self._strings.get(int(stored), "")
        return stored.strip()

    def year_beside(self, sheet: str, cell: Cell, header: int) -> int | None:
        """The year of the day on a cell's row, in the column that the row of headers calls `Datum`;
        None where no day can be read."""
        for row, column in self.cells.get(sheet, {}):
            if row == header and self.key(sheet, row, column) == "datum":
                return self._year(self.stored(sheet, cell.row, column))
        return None

    def _year(self, stored: str) -> int | None:
        if re.match("20[0-9]{2}-?[0-9]{2}-?[0-9]{2}", stored):
            return int(stored[:4])
        if not re.fullmatch(r"[0-9]{5}(?:\.[0-9]*)?", stored):
            return None
        is_old = re.search(r"""date1904\s*=\s*["'](?:1|true)""", self._workbook)
        first = date(1904, 1, 1) if is_old else date(1899, 12, 30)
        return (first + timedelta(int(stored.partition(".")[0]))).year

    def is_contact(self, sheet: str, cell: Cell) -> bool:
        """Whether a cell is for whom to ask: there ten digits that begin with 07 are a
        telephone's."""
        if (sheet, cell.ref) in self._contacts:
            return True
        return self.key(sheet, cell.row, cell.column - 1) in _CONTACTS

    @cached_property
    def _contacts(self) -> set[tuple[str, str]]:
        contacts: set[tuple[str, str]] = set()
        for attributes, places in _NAMED.findall(self._workbook):
            title, _, ref = html.unescape(places).rpartition("!")
            name = tag_values(f"<x {attributes}>").get("name", "").casefold()
            match = CELL_REF.match(ref)
            if name in _CONTACTS and match:
                title = title.strip("'").replace("''", "'")
                contacts.add((self.sheets.get(title, ""), f"{match[1]}{match[2]}"))
        return contacts

    @cached_property
    def ten_digit_styles(self) -> set[int]:
        """The styles of cells that show ten digits."""
        xml = self._part_called("styles.xml")
        formats: set[str | None] = set()
        for tag in _FORMAT.findall(xml):
            values = tag_values(tag)
            if is_ten_digits(html.unescape(values.get("formatCode", ""))):
                formats.add(values.get("numFmtId"))
        listed = _LOOKS.search(xml)
        looks = _LOOK.findall(listed[0]) if listed else []
        return {
            number for number, tag in enumerate(looks) if tag_values(tag).get("numFmtId") in formats
        }


def _titles(workbook: str) -> list[str]:
    """The names of the sheets, in their order."""
    return [html.unescape(tag_values(tag).get("name", "")) for tag in _SHEET.findall(workbook)]


def _relation_of(sheet: str) -> str | None:
    """The id of the relation that leads from the tag of a sheet to its part, whatever the prefix is
    called."""
    for key, value in tag_values(sheet).items():
        if key.endswith(":id"):
            return value
    return None
