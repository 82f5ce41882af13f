"""The looks of a workbook's cells: what colour they have, changed without touching what else they
are.

A look is a number in a list of the workbook's. New looks are put in last, so that none of the
sender's changes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..model.findings import Severity
from . import xml_text
from .cell_places import Place, place_of, prefixed, ref_of
from .ooxml import MAIN
from .parts import AFTER_DATA, DECLARED, SPREADSHEET, Parts, values_of
from .tags import PREFIX, WORKBOOK, Element, Text, started, tags, with_attribute, without_attribute

FILLS = {Severity.BLOCKING: "F8D4D0", Severity.WARNING: "FFE3B3", Severity.INFO: "DCE9F5"}
"""The colour of a cell with a finding."""
INK, BLUE, RED, GREEN = "1A1A1A", "1F3F66", "8C1D18", "1B5E2A"
_LINE, _OPEN, _LOCKED = "BFBFBF", "FFF8DC", "F0F0F0"
"""Colours as the template has them: of lines, and of cells to fill in and those that are locked."""


# -- the cells of a sheet --------------------------------------------------------------------------

_ROW, _CELL, _COL, _MERGED = tags("row"), tags("c"), tags("col"), tags("mergeCell")


@dataclass(frozen=True)
class _Row:
    """A row as it is stored: its number, its start tag, and where its content ends."""

    number: int
    tag: xml_text.Span
    content_end: int
    is_closed: bool


class Page:
    """One sheet of the sender's, whose cells get another look."""

    def __init__(self, text: Text) -> None:
        self._text = text
        xml = text.xml
        begun = re.search(rf"<{PREFIX}sheetData(?=[\s/>])[^>]*>", xml)
        after = AFTER_DATA.search(xml)
        self.has_cells = bool(begun and after)
        """Whether it is a sheet that has cells."""
        self._begin = begun.end() if begun else 0
        self._end = after.start() if after and after[0].startswith("</") else self._begin
        self._tail = after.end() if after else 0
        self._all_rows: list[_Row] | None = None
        self._cells: dict[int, list[tuple[Place, xml_text.Span]]] = {}
        self._merged: list[tuple[Place, Place]] = []
        for tag in started(_MERGED, xml, self._tail):
            refs = values_of(tag[0]).get("ref", "").replace("$", "").split(":")
            first, last = place_of(refs[0]), place_of(refs[-1])
            if first and last:
                self._merged.append((first, last))

    def first_of_merged(self, place: Place) -> Place:
        """The cell itself, or the first one of the merged range that it is in."""
        for first, last in self._merged:
            if first[0] <= place[0] <= last[0] and first[1] <= place[1] <= last[1]:
                return first
        return place

    @property
    def _rows(self) -> list[_Row]:
        if self._all_rows is None:
            xml = self._text.xml
            rows = []
            number = 0
            for tag in started(_ROW, xml, self._begin, self._end):
                stated = xml_text.tag_values(tag[0]).get("r", "")
                number = int(stated) if stated.isdecimal() else number + 1
                is_closed = tag[0].endswith("/>")
                end = tag.end() if is_closed else xml.index(f"</{tag['tag']}", tag.end())
                rows.append(_Row(number, tag.span(), end, is_closed))
            self._all_rows = rows
        return self._all_rows

    def _cells_of(self, row: _Row) -> list[tuple[Place, xml_text.Span]]:
        """The cells of a row with their start tags, in their order."""
        start, tag_end = row.tag
        if start not in self._cells:
            cells = []
            column = 0
            for tag in started(_CELL, self._text.xml, tag_end, row.content_end):
                stated = place_of(xml_text.tag_values(tag[0]).get("r", ""))
                column = stated[1] if stated else column + 1
                cells.append(((row.number, column), tag.span()))
            self._cells[start] = cells
        return self._cells[start]

    def _stored(self, place: Place) -> xml_text.Span | None:
        """The start tag of a cell; None for one that isn't stored."""
        for row in self._rows:
            if row.number != place[0]:
                continue
            for stored, span in self._cells_of(row):
                if stored == place:
                    return span
        return None

    def style(self, place: Place) -> int:
        """The number of a cell's look; of one that isn't stored, that of its row or else of its
        column."""
        span = self._stored(place)
        if span:
            return _number(self._text.xml[slice(*span)], "s")
        for row in self._rows:
            if row.number != place[0]:
                continue
            tag = self._text.xml[slice(*row.tag)]
            if xml_text.tag_values(tag).get("customFormat") in {"1", "true"}:
                return _number(tag, "s")
        for col in started(_COL, self._text.xml, 0, self._begin):
            if _number(col[0], "min") <= place[1] <= _number(col[0], "max"):
                return _number(col[0], "style")
        return 0

    def write_styles(self, styles: Mapping[Place, int]) -> None:
        """Give cells their looks. One that isn't stored is put in at its place: rows and cells
        stand in their order."""
        missing: dict[int, dict[int, int]] = {}
        for place, style in styles.items():
            span = self._stored(place)
            if span:
                tag = self._text.xml[slice(*span)]
                self._text.replace(*span, with_attribute(tag, "s", str(style)))
            else:
                missing.setdefault(place[0], {})[place[1]] = style
        rows = {row.number: row for row in self._rows}
        new: dict[int, str] = {}
        for number, cells in sorted(missing.items()):
            if number in rows:
                self._put_cells(rows[number], cells)
            else:
                new[number] = self._new_row(number, cells)
        self._put_rows(new)

    def _new_cells(self, row: int, cells: Mapping[int, int]) -> str:
        prefix = self._text.prefix
        return "".join(
            f'<{prefix}c r="{ref_of((row, column))}" s="{cells[column]}"/>'
            for column in sorted(cells)
        )

    def _put_cells(self, row: _Row, cells: Mapping[int, int]) -> None:
        text = self._text
        tag = text.xml[slice(*row.tag)]
        # It says which columns are used, and need not be there.
        opened = without_attribute(tag, "spans")
        if row.is_closed:
            name = tag[1:].split()[0].rstrip("/>")
            new = self._new_cells(row.number, cells)
            text.replace(*row.tag, f"{opened.removesuffix('/>').rstrip()}>{new}</{name}>")
            return
        if opened != tag:
            text.replace(*row.tag, opened)
        for column, style in sorted(cells.items()):
            at = self._start_of_cell_after(row, column)
            text.replace(at, at, self._new_cells(row.number, {column: style}))

    def _start_of_cell_after(self, row: _Row, column: int) -> int:
        """Where the first cell after a column stands in a row; the end of the row when it has
        none."""
        for place, span in self._cells_of(row):
            if place[1] > column:
                return span[0]
        return row.content_end

    def _new_row(self, number: int, cells: Mapping[int, int]) -> str:
        prefix = self._text.prefix
        return f'<{prefix}row r="{number}">{self._new_cells(number, cells)}</{prefix}row>'

    def _put_rows(self, new: Mapping[int, str]) -> None:
        """Rows of ours among those that are stored."""
        text, prefix = self._text, self._text.prefix
        has_no_cells = not self._rows and text.xml[: self._begin].endswith("/>")
        if new and has_no_cells:
            start = text.xml.rfind("<", 0, self._begin)
            rows = "".join(new.values())
            text.replace(start, self._begin, f"<{prefix}sheetData>{rows}</{prefix}sheetData>")
            return
        for number, row in new.items():
            at = self._start_of_row_after(number)
            text.replace(at, at, row)

    def _start_of_row_after(self, number: int) -> int:
        """Where the first row after a number stands; the end of the rows when there is none."""
        for row in self._rows:
            if row.number > number:
                return row.tag[0]
        return self._end


def _number(tag: str, name: str) -> int:
    """A number among the attributes of a tag, 0 where there is none."""
    value = xml_text.tag_values(tag).get(name, "")
    return int(value) if value.isdecimal() else 0


# -- looks -----------------------------------------------------------------------------------------

_IN_STYLES = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
"""The sequence of CT_Stylesheet (ECMA-376 part 1, 18.8.39)."""
_XF = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
_FIRST = {
    "fonts": ('<font><sz val="11"/><name val="Calibri"/></font>',),
    "fills": (
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
    ),
    "borders": ("<border/>",),
    "cellXfs": (_XF,),
}
"""What each list begins with in a workbook that has none: the first of each is what a plain cell
looks like."""
_PLAIN = (
    f'<cellStyleXfs count="1">{_XF}</cellStyleXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
)
"""What a workbook without any looks also needs, beside the lists."""
_ELEMENT = {
    "fonts": tags("font"),
    "fills": tags("fill"),
    "borders": tags("border"),
    "cellXfs": tags("xf"),
}


def _elements(xml: str, element: re.Pattern[str], within: Element) -> list[str]:
    """The elements of a list, of which none is within another."""
    starts = [tag.start() for tag in started(element, xml, within.tag_end, within.content_end)]
    ends = [*starts[1:], within.content_end]
    return [xml[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]


class Styles:
    """The looks of a workbook. New ones are added last in each list, so that no number of the
    sender's changes."""

    def __init__(self, parts: Parts) -> None:
        part = parts.related(WORKBOOK, "styles")
        if not part:
            part = "xl/styles.xml"  # some programs look for it by this name only
            parts.add(part, f'{DECLARED}<styleSheet xmlns="{MAIN}">{_PLAIN}</styleSheet>')
            parts.typed(part, f"{SPREADSHEET}.styles+xml")
            parts.relate(WORKBOOK, "styles", part)
        self._parts, self._part = parts, part
        self._text = parts.text(part)
        self._lists: dict[str, Element] = {}
        self._stored: dict[str, list[str]] = {}
        """The elements of each list as the workbook has them."""
        self._new: dict[str, dict[str, int]] = {}
        """Those that are put in after them, each with its number."""
        for name, first in _FIRST.items():
            self._stored[name] = []
            self._new[name] = {}
            stored = self._text.first(name)
            if stored:
                self._lists[name] = stored
                self._stored[name] = _elements(self._text.xml, _ELEMENT[name], stored)
            if not self._stored[name]:
                for element in first:
                    self._own(name, element)

    def _add(self, name: str, element: str) -> int:
        """The number of an element of a list, which is put in when it isn't new."""
        new = self._new[name]
        return new.setdefault(element, len(self._stored[name]) + len(new))

    def _own(self, name: str, element: str) -> int:
        return self._add(name, prefixed(element, self._text.prefix))

    def _fill(self, color: str) -> int:
        pattern = (
            f'<patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor '
            'indexed="64"/></patternFill>'
        )
        return self._own("fills", f"<fill>{pattern}</fill>")

    def _all(self, name: str) -> list[str]:
        """The elements of a list by their numbers, the new ones too."""
        return [*self._stored[name], *self._new[name]]

    def _look(self, number: int) -> str:
        looks = self._all("cellXfs")
        return looks[number] if number < len(looks) else looks[0]

    def filled(self, number: int, color: str) -> int:
        """A look that is another one but for the colour of the cell."""
        return self._with_fill(number, self._fill(color))

    def _with_fill(self, number: int, fill: int) -> int:
        look = self._look(number)
        end = look.index(">") + 1
        tag = with_attribute(look[:end], "fillId", str(fill))
        tag = with_attribute(tag, "applyFill", "1" if fill else "0")
        return self._add("cellXfs", f"{tag}{look[end:]}")

    def unmarked(self, number: int, *, has_tables: bool) -> int:
        """A look without the colour of an earlier answer: as the template has it, none in a sheet
        of tables."""
        look = self._look(number)
        if not self._is_marked(look):
            return number
        if has_tables:
            return self._with_fill(number, 0)
        is_open = re.search(r"""\slocked\s*=\s*["'](?:0|false)""", look)
        return self._with_fill(number, self._fill(_OPEN if is_open else _LOCKED))

    def _is_marked(self, look: str) -> bool:
        """Whether a look has one of the colours of findings."""
        fills = self._all("fills")
        number = _number(look[: look.index(">") + 1], "fillId")
        if number >= len(fills):
            return False
        fill = fills[number].upper()
        return any(f'"FF{color}"' in fill for color in FILLS.values())

    def own(
        self,
        *,
        size: int = 10,
        color: str = INK,
        bold: bool = False,
        underlined: bool = False,
        fill: str = "",
        has_line: bool = False,
        wraps: bool = True,
    ) -> int:
        """A look of our own sheet."""
        font = self._own("fonts", _font(size, color, bold=bold, underlined=underlined))
        border = self._own("borders", _border(has_line=has_line))
        filling = self._fill(fill) if fill else 0
        ids = f'numFmtId="0" fontId="{font}" fillId="{filling}" borderId="{border}"'
        applied = 'applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        wrapped = ' wrapText="1"' if wraps else ""
        alignment = f'<alignment vertical="top"{wrapped}/>'
        return self._own("cellXfs", f"<xf {ids} {applied}>{alignment}</xf>")

    def write(self) -> None:
        """Put the new looks into the workbook."""
        text = self._text
        for name in _FIRST:
            new = "".join(self._new[name])
            if not new:
                continue
            count = len(self._all(name))
            stored = self._lists.get(name)
            if stored is None:
                whole = f'<{text.prefix}{name} count="{count}">{new}</{text.prefix}{name}>'
                text.put_in_order(whole, name, _IN_STYLES)
                continue
            tag = with_attribute(text.xml[stored.start : stored.tag_end], "count", str(count))
            if stored.is_closed:
                full = tag[1:].split()[0].rstrip("/>")
                whole = f"{tag.removesuffix('/>').rstrip()}>{new}</{full}>"
                text.replace(stored.start, stored.end, whole)
            else:
                text.replace(stored.start, stored.tag_end, tag)
                text.replace(stored.content_end, stored.content_end, new)


def _font(size: int, color: str, *, bold: bool, underlined: bool) -> str:
    weight = "<b/>" if bold else ""
    line = "<u/>" if underlined else ""
    letters = f'<sz val="{size}"/><color rgb="FF{color}"/><name val="Arial"/><family val="2"/>'
    return f"<font>{weight}{line}{letters}</font>"


def _border(*, has_line: bool) -> str:
    bottom = "<bottom/>"
    if has_line:
        bottom = f'<bottom style="thin"><color rgb="FF{_LINE}"/></bottom>'
    return f"<border><left/><right/><top/>{bottom}<diagonal/></border>"
