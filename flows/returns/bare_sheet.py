"""A sheet without its looks and blanks, as the first reader is shown it.

The patterns are for XML in UTF-8 of which every `<` begins a tag (`_plain`); what they take away
is then exactly an element. Should they be wrong, what is left is no XML, and the guard refuses it.
"""

import re
from xml.etree import ElementTree

from . import ooxml
from .ooxml import MAIN
from .xml_text import tag_values

# The repetition is possessive (`++`, `*+`): it gives nothing back, so that a tag is gone through
# once, whatever a file has put into it.
_ATTRIBUTES = rb"""(?:[^<>"'/]++|"[^"<]*+"|'[^'<]*+'|/(?!>))*+"""
_WITH = rb"(?:\s%b)?" % _ATTRIBUTES
_NAMELESS = re.compile(rb"<(?:\w+:)?(?:c|row)(?=[\s/>])(?![^<>]*?\sr\s*=)")
"""A cell or a row that does not say where it stands, and so stands after the one before it."""
_BLANK_CELL = re.compile(
    rb"<((?:\w+:)?)c%b(?:/>|>\s*+(?:<\1v%b(?:/>|>\s*+</\1v\s*+>)\s*+)?</\1c\s*+>)" % (_WITH, _WITH)
)
_BLANK_ROW = re.compile(rb"<((?:\w+:)?)row%b(?:/>|>\s*+</\1row\s*+>)" % _WITH)
_SHOWS_NOTHING = re.compile(
    rb"""<((?:\w+:)?)c(?=[^<>]*?\st\s*=\s*["']str["'])(\s%b)>\s*+<\1f%b(?:/>|>[^<]*+</\1f\s*+>)\s*+"""
    rb"<\1v%b(?:/>|></\1v\s*+>)\s*+</\1c\s*+>" % (_ATTRIBUTES, _WITH, _WITH)
)
"""A cell whose formula shows nothing: the text that is stored is empty. One that is not reckoned
has none stored."""
_TYPE = re.compile(rb"""\st\s*=\s*["']str["']""")
_FORMULA = re.compile(rb"<((?:\w+:)?)f%b(?:/>|>[^<]*+</\1f\s*+>)" % _WITH)
_ROW = re.compile(rb"<((?:\w+:)?)row(%b)(?<!/)>" % _WITH)
_RUN_LOOKS = re.compile(
    rb"<((?:\w+:)?)(rPr|rPh|phoneticPr)%b(?:/>|>.*?</\1\2\s*+>)" % _WITH, re.DOTALL
)
_RUN = re.compile(rb"<((?:\w+:)?)(si|is|r)\s%b(/?)>" % _ATTRIBUTES)
_SHEET = re.compile(rb"\s*(<((?:\w+:)?)worksheet%b>)" % _WITH)
_DATA = re.compile(rb"<((?:\w+:)?)sheetData%b(?:/>|>.*?</\1sheetData\s*+>)" % _WITH, re.DOTALL)
_COLUMN = re.compile(rb"<(?:\w+:)?col(\s%b)/?>" % _ATTRIBUTES)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell(\s%b)/?>" % _ATTRIBUTES)
_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d{1,6})["']""")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_NO_TAG = re.compile(rb"<!--|<!\[CDATA\[|<\?|<!")
_DECLARED = re.compile(rb"""<\?xml[^>]{1,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{1,40})["']""")


def light(part: bytes) -> bytes:
    """A sheet's part without the cells that hold neither a value nor a formula, and without blank
    rows.

    It says the same. A part that is not in UTF-8, or whose cells don't all say where they stand, is
    as it was.
    """
    plain = _plain(part)
    if plain is None or _NAMELESS.search(plain):
        return part
    return _without_blanks(plain)


def _without_blanks(plain: bytes) -> bytes:
    return _BLANK_ROW.sub(b"", _BLANK_CELL.sub(b"", plain))


def blank_cells(part: bytes) -> int:
    """About how many cells of a sheet hold nothing, without taking it apart."""
    return part.count(b"<c ") + part.count(b":c ") - part.count(b"</c>") - part.count(b":c>")


def _plain(part: bytes) -> bytes | None:
    """XML in UTF-8 without declaration, comments and CDATA, so that every `<` begins a tag; None
    for other XML."""
    part = part.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(part)
    if part.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        return None
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii"}:
        return None
    kept: list[bytes] = []
    at = 0
    while opening := _NO_TAG.search(part, at):
        ending = _ENDS.get(opening[0])
        if ending is None:
            return None
        end = part.find(ending, opening.end())
        if end < 0:
            return None
        kept.append(part[at : opening.start()])
        if opening[0] == b"<![CDATA[":
            text = part[opening.end() : end]
            kept.append(text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;"))
        at = end + len(ending)
    kept.append(part[at:])
    return b"".join(kept)


class OddError(Exception):
    """A workbook is not put together as one: a main part that names no sheet, or a sheet that is
    none."""


def made_plain(part: bytes) -> bytes:
    """The same of XML in any encoding."""
    plain = _plain(part)
    if plain is None:
        plain = _plain(ElementTree.tostring(ElementTree.fromstring(part), "utf-8"))
    if plain is None:
        raise OddError
    return plain


def bare_sheet(part: bytes, rows: int, columns: int) -> tuple[bytes, int]:
    """A sheet with its cells, its hidden rows and columns and what is merged; and the highest
    number of a style in it.

    What is merged beyond some rows and columns is cut there.
    """
    plain = _SHOWS_NOTHING.sub(_without_text, made_plain(part))
    if not _NAMELESS.search(plain):
        plain = _without_blanks(plain)
    root, data = _SHEET.match(plain), _DATA.search(plain)
    if not root or (not data and b"sheetData" in plain):
        raise OddError
    if not data:
        return f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode(), 0
    cells = without_looks(_FORMULA.sub(rb"<\1f>x</\1f>", _ROW.sub(_bare_row, data[0])))
    # Columns are declared before the cells, and what is merged after them.
    hidden = "".join(map(_hidden_column, _COLUMN.findall(plain, 0, data.start())))
    merged = "".join(_clipped(tag, rows, columns) for tag in _MERGED.findall(plain, data.end()))
    sheet = [root[1]]
    if hidden:
        sheet.append(f'<cols xmlns="{MAIN}">{hidden}</cols>'.encode())
    sheet.append(cells)
    if merged:
        sheet.append(f'<mergeCells xmlns="{MAIN}">{merged}</mergeCells>'.encode())
    sheet.append(b"</%bworksheet>" % root[2])
    return b"".join(sheet), max(map(int, _STYLE.findall(cells)), default=0)


def _without_text(cell: re.Match[bytes]) -> bytes:
    """A cell whose formula shows nothing, as a blank one."""
    prefix, attributes = cell.groups()
    return b"<%bc%b/>" % (prefix, _TYPE.sub(b"", attributes))


def without_looks(texts: bytes) -> bytes:
    """Texts without their looks and how they are pronounced, whatever the program that wrote those
    calls them."""
    return _RUN.sub(rb"<\1\2\3>", _RUN_LOOKS.sub(b"", texts))


def _bare_row(row: re.Match[bytes]) -> bytes:
    """The tag of a row with its number, and whether it is hidden."""
    values = _values(row[2])
    number = f' r="{values["r"]}"' if "r" in values else ""
    hidden = ' hidden="1"' if values.get("hidden") in {"1", "true"} else ""
    return b"<%brow%b>" % (row[1], f"{number}{hidden}".encode())


def _hidden_column(tag: bytes) -> str:
    """The declaration of some columns if they are hidden, else nothing."""
    values = _values(tag)
    first, last = values.get("min", ""), values.get("max", "")
    if values.get("hidden") not in {"1", "true"}:
        return ""
    if not first.isdecimal() or not last.isdecimal():
        return ""
    return f'<col min="{first}" max="{last}" hidden="1"/>'


def _clipped(tag: bytes, rows: int, columns: int) -> str:
    """What is merged, as far as it lies within some rows and columns; nothing when it begins beyond
    them."""
    area = _AREA.fullmatch(_values(tag).get("ref", ""))
    if not area or not area[3]:
        return ""
    first_column, first_row, last_column, last_row = area.groups()
    if int(first_row) > rows or ooxml.column_number(first_column) > columns:
        return ""
    last_column = ooxml.column_letters(min(ooxml.column_number(last_column), columns))
    last_row = min(int(last_row), rows)
    return f'<mergeCell ref="{first_column}{first_row}:{last_column}{last_row}"/>'


def _values(attributes: bytes) -> dict[str, str]:
    return tag_values(attributes.decode("utf-8", "replace"))
