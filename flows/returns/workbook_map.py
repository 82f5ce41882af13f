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
_CONTACTS = {"kontaktperson", "epost", "e-post"}


class WorkbookMap:
    """The map of a workbook, drawn from the texts of its parts as each is asked for.

    A sheet is named by its part, as `xl/worksheets/sheet1.xml`.
    """

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        """`texts`: each part that is XML, with its encoding."""
        self._texts = texts

    @cached_property
    def sheets(self) -> dict[str, str]:
        """The part of each sheet, by its name."""
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {
            title: part for title, part in zip(titles, self._parts_of_sheets, strict=True) if part
        }

    @cached_property
    def _parts_of_sheets(self) -> list[str]:
        """The part of each sheet, in their order; empty for one that leads nowhere."""
        targets = self._targets("xl/workbook.xml")
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        links = [
            [value for key, value in tag_values(tag).items() if key.endswith(":id")] for tag in tags
        ]
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
                found[values.get("Id", "")] = normpath(
                    join(folder, target) if target[:1] != "/" else target[1:]
                )
        return found

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The sheet, by its part, that each part is for."""
        found: dict[str, str] = {}
        for sheet in self.sheets.values():
            waiting = [sheet]
            while waiting:
                part = waiting.pop()
                if part not in found:
                    found[part] = sheet
                    waiting += self._targets(part).values()
        return found

    def sheet_of(self, part: str) -> str:
        """The sheet that a part is for, by its part; "" for what belongs to none."""
        if part.endswith(".rels"):
            part = join(dirname(dirname(part)), part.rpartition("/")[2].removesuffix(".rels"))
        return self._owners.get(part, "")

    def titles_in(self, made: Mapping[str, bytes]) -> dict[str, str]:
        """The names of the sheets, masked, by their parts."""
        tags = _SHEET.findall(as_text(made.get("xl/workbook.xml", b""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {
            part: title for part, title in zip(self._parts_of_sheets, titles, strict=True) if part
        }

    @cached_property
    def cells(self) -> dict[str, dict[tuple[int, int], tuple[Cell, str]]]:
        """The cells of each sheet, by its part, by row and column, with what is stored in each."""
        found: dict[str, dict[tuple[int, int], tuple[Cell, str]]] = {}
        for sheet in self.sheets.values():
            cells = found[sheet] = {}
            xml, _ = self._texts.get(sheet, ("", ""))
            for text in Walk(xml).texts():
                if text.cell and text.element in {"v", "t"}:
                    cells[text.cell.row, text.cell.column] = (
                        text.cell,
                        said_in(xml, text.pieces).text,
                    )
        return found

    @cached_property
    def cells_of_shared(self) -> dict[int, list[tuple[str, Cell]]]:
        """The cells that show each shared text, by its number, with the part of their sheet."""
        found: dict[int, list[tuple[str, Cell]]] = {}
        for sheet, cells in self.cells.items():
            for cell, stored in cells.values():
                if cell.type == "s" and stored.strip().isdecimal():
                    found.setdefault(int(stored), []).append((sheet, cell))
        return found

    @cached_property
    def _strings(self) -> dict[int, str]:
        """The shared texts, by their numbers."""
        xml = self._part_called("sharedstrings.xml")
        texts = (text for text in Walk(xml).texts() if text.item >= 0 and text.element == "t")
        return {text.item: said_in(xml, text.pieces).text for text in texts}

    def _part_called(self, name: str) -> str:
        return next(
            (xml for part, (xml, _) in self._texts.items() if part.casefold().endswith(name)), ""
        )

    def key(self, sheet: str, row: int, column: int) -> str:
        """What stands in a cell, as names are compared."""
        return swedish.key(self.stored(sheet, row, column).rstrip(": "))

    def voucher_header(self, sheet: str, cell: Cell) -> int | None:
        """The row of the header that says that a column holds what the bookkeeping numbers its
        things by."""
        rows = {
            row
            for row, column in self.cells.get(sheet, {})
            if column == cell.column and row < cell.row
        }
        return max(
            (row for row in rows if self.key(sheet, row, cell.column) in VOUCHER_COLUMNS),
            default=None,
        )

    def stored(self, sheet: str, row: int, column: int) -> str:
        """What is stored in a cell, shared texts too."""
        cell, stored = self.cells.get(sheet, {}).get((row, column), (None, ""))
        is_shared = cell is not None and cell.type == "s" and stored.strip().isdecimal()
        return self._strings.get(int(stored), "") if is_shared else stored.strip()

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
        xml, _ = self._texts.get("xl/workbook.xml", ("", ""))
        is_old = re.search(r"""date1904\s*=\s*["'](?:1|true)""", xml)
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
        found = set()
        for attributes, places in _NAMED.findall(self._texts.get("xl/workbook.xml", ("", ""))[0]):
            title, _, ref = html.unescape(places).rpartition("!")
            name = tag_values(f"<x {attributes}>").get("name", "").casefold()
            match = CELL_REF.match(ref)
            if name in _CONTACTS and match:
                title = title.strip("'").replace("''", "'")
                found.add((self.sheets.get(title, ""), f"{match[1]}{match[2]}"))
        return found

    @cached_property
    def ten_digit_styles(self) -> set[int]:
        """The styles of cells that show ten digits."""
        xml = self._part_called("styles.xml")
        formats = (tag_values(tag) for tag in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", xml))
        ten = {
            f.get("numFmtId")
            for f in formats
            if is_ten_digits(html.unescape(f.get("formatCode", "")))
        }
        listed = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
        styles = re.findall(r"<(?:\w+:)?xf\b[^>]*>", listed[0] if listed else "")
        return {
            number for number, tag in enumerate(styles) if tag_values(tag).get("numFmtId") in ten
        }
