"""A workbook with nothing but what holds its content: cells with a value or a formula, tables,
names and day formats.

Looks are no content, but they are what programs differ in. A colour, a theme, a chart or a
document's property that a library doesn't know must not make a return unreadable, and a thousand
rows that are only coloured are nothing. So the first reader is shown this, made of parts that the
guard has looked through. The file as it came is never changed.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import join, normpath
from typing import TypeAlias
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from . import ooxml
from .ooxml import MAIN, PACKAGE, RELATIONS

_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = "xl/workbook.xml"
Element: TypeAlias = "ElementTree.Element[str]"


class OddError(Exception):
    """A workbook is not put together as one: a main part that names no sheet, or a sheet that is
    none."""


@dataclass(frozen=True)
class Table:
    """An Excel table: its two names, the cells that it covers (`A5:I25`), and whether it ends with
    a row of totals."""

    names: frozenset[str]
    ref: str
    has_totals: bool


@dataclass(frozen=True)
class Workbook:
    """The bare workbook, and the tables of each of its sheets in their order."""

    content: bytes
    tables: Sequence[Sequence[Table]]


# -- a sheet ---------------------------------------------------------------------------------------

# The patterns are for XML in UTF-8 of which every `<` begins a tag (`_plain`); what they take away
# is then exactly an element. Should they be wrong, what is left is no XML, and the guard refuses
# it.

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
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
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
    while found := _NO_TAG.search(part, at):
        ending = _ENDS.get(found[0])
        end = part.find(ending, found.end()) if ending else -1
        if ending is None or end < 0:
            return None
        kept.append(part[at : found.start()])
        if found[0] == b"<![CDATA[":
            text = part[found.end() : end]
            kept.append(text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;"))
        at = end + len(ending)
    return b"".join([*kept, part[at:]])


def _made_plain(part: bytes) -> bytes:
    """The same of XML in any encoding."""
    plain = _plain(part)
    if plain is None:
        plain = _plain(ElementTree.tostring(ElementTree.fromstring(part), "utf-8"))
    if plain is None:
        raise OddError
    return plain


def _sheet(part: bytes, rows: int, columns: int) -> tuple[bytes, int]:
    """A sheet with its cells, its hidden rows and columns and what is merged; and the highest
    number of a style in it.

    What is merged beyond some rows and columns is cut there.
    """
    plain = _made_plain(part)
    plain = _SHOWS_NOTHING.sub(lambda cell: b"<%bc%b/>" % (cell[1], _TYPE.sub(b"", cell[2])), plain)
    if not _NAMELESS.search(plain):
        plain = _without_blanks(plain)
    root, data = _SHEET.match(plain), _DATA.search(plain)
    if not root or (not data and b"sheetData" in plain):
        raise OddError
    if not data:
        return f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode(), 0
    cells = _without_looks(_FORMULA.sub(rb"<\1f>x</\1f>", _ROW.sub(_bare_row, data[0])))
    hidden = [
        column for tag in _COLUMN.findall(plain, 0, data.start()) for column in _hidden_column(tag)
    ]
    merged = [
        area for tag in _MERGED.findall(plain, data.end()) for area in _clipped(tag, rows, columns)
    ]
    made = [root[1]]
    if hidden:
        made.append(f'<cols xmlns="{MAIN}">{"".join(hidden)}</cols>'.encode())
    made.append(cells)
    if merged:
        made.append(f'<mergeCells xmlns="{MAIN}">{"".join(merged)}</mergeCells>'.encode())
    made.append(b"</%bworksheet>" % root[2])
    return b"".join(made), max(map(int, _STYLE.findall(cells)), default=0)


def _without_looks(texts: bytes) -> bytes:
    """Texts without their looks and how they are pronounced, whatever the program that wrote those
    calls them."""
    return _RUN.sub(rb"<\1\2\3>", _RUN_LOOKS.sub(b"", texts))


def _bare_row(row: re.Match[bytes]) -> bytes:
    """The tag of a row with its number, and whether it is hidden."""
    values = _values(row[2])
    number = f' r="{values["r"]}"' if "r" in values else ""
    hidden = ' hidden="1"' if values.get("hidden") in {"1", "true"} else ""
    return b"<%brow%b>" % (row[1], f"{number}{hidden}".encode())


def _hidden_column(tag: bytes) -> Iterator[str]:
    values = _values(tag)
    first, last = values.get("min", ""), values.get("max", "")
    if values.get("hidden") in {"1", "true"} and first.isdecimal() and last.isdecimal():
        yield f'<col min="{first}" max="{last}" hidden="1"/>'


def _clipped(tag: bytes, rows: int, columns: int) -> Iterator[str]:
    """What is merged, as far as it lies within some rows and columns; nothing when it begins beyond
    them."""
    area = _AREA.fullmatch(_values(tag).get("ref", ""))
    if area and area[3] and int(area[2]) <= rows and ooxml.column_number(area[1]) <= columns:
        last = ooxml.column_letters(min(ooxml.column_number(area[3]), columns))
        yield f'<mergeCell ref="{area[1]}{area[2]}:{last}{min(int(area[4]), rows)}"/>'


def _values(attributes: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(attributes.decode("utf-8", "replace"))
    return {one[1]: one[2] if one[2] is not None else one[3] for one in found}


# -- the workbook ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Relation:
    kind: str
    target: str


class _Parts:
    """The parts of a workbook by their names, in whatever case those are written."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = {name.replace("\\", "/").casefold(): part for name, part in parts.items()}

    def get(self, name: str) -> bytes | None:
        return self._parts.get(name.casefold())

    def relations(self, part: str) -> dict[str, _Relation]:
        """Where a part leads within the workbook, by the id of the relation."""
        folder, _, name = part.rpartition("/")
        found: dict[str, _Relation] = {}
        xml = self.get(f"{folder}/_rels/{name}.rels")
        for relation in ElementTree.fromstring(xml) if xml else ():
            target = relation.get("Target", "").replace("\\", "/")
            if relation.get("TargetMode") != "External":
                place = target[1:] if target.startswith("/") else normpath(join(folder, target))
                found[relation.get("Id", "")] = _Relation(
                    relation.get("Type", "").rpartition("/")[2], place
                )
        return found


def workbook(parts: Mapping[str, bytes], *, rows: int, columns: int) -> Workbook:
    """The bare workbook of a workbook's parts; `rows` and `columns` are how far cells can stand.

    Raises OddError for what is no workbook, and what ElementTree raises for what is no XML.
    """
    found = _Parts(parts)
    main = found.get(_WORKBOOK)
    if main is None or b"spreadsheetml" not in (found.get("[Content_Types].xml") or b""):
        raise OddError
    book, relations = ElementTree.fromstring(main), found.relations(_WORKBOOK)
    made: dict[str, bytes] = {}
    listed: list[str] = []
    tables: list[Sequence[Table]] = []
    places: dict[int, int] = {}
    """The place of each sheet among those that are kept, by its place among all."""
    highest_style = 0
    for place, sheet in enumerate(_children(book, "sheets", "sheet")):
        relation = relations.get(sheet.get(f"{{{RELATIONS}}}id", ""))
        part = found.get(relation.target) if relation and relation.kind == "worksheet" else None
        if relation is None or part is None:
            continue
        number = len(listed) + 1
        places[place] = number - 1
        made[f"xl/worksheets/s{number}.xml"], style = _sheet(part, rows, columns)
        highest_style = max(highest_style, style)
        state = sheet.get("state") if sheet.get("state") in {"hidden", "veryHidden"} else "visible"
        title = quoteattr(sheet.get("name", ""))
        listed.append(f'<sheet name={title} sheetId="{number}" state="{state}" r:id="s{number}"/>')
        tables.append(list(_tables(found, relation.target)))
    if not listed:
        raise OddError
    made["xl/styles.xml"] = _styles(_part_of(found, relations, "styles"), highest_style)
    texts = _part_of(found, relations, "sharedStrings")
    made["xl/sharedStrings.xml"] = (
        _without_looks(_made_plain(texts)) if texts else f'<sst xmlns="{MAIN}"/>'.encode()
    )
    names = "".join(_names(book, places))
    is_from_1904 = any(p.get("date1904") in {"1", "true"} for p in book if _is(p, "workbookPr"))
    head = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr '
        f'date1904="{int(is_from_1904)}"/>'
    )
    written = (
        f"{head}<sheets>{''.join(listed)}</sheets><definedNames>{names}</definedNames></workbook>"
    )
    made[_WORKBOOK] = written.encode("utf-8", "xmlcharrefreplace")
    return Workbook(_packed(made, len(listed)), tables)


def titles(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The name of each sheet by its part, as far as the workbook's main part and its relations can
    be read."""
    found = _Parts(parts)
    main = found.get(_WORKBOOK)
    try:
        relations = found.relations(_WORKBOOK)
        sheets = list(_children(ElementTree.fromstring(main), "sheets", "sheet")) if main else []
    except ElementTree.ParseError:
        return {}
    ids = ((sheet.get(f"{{{RELATIONS}}}id", ""), sheet.get("name", "")) for sheet in sheets)
    return {relations[number].target: title for number, title in ids if number in relations}


def _is(element: Element, name: str) -> bool:
    return element.tag == f"{{{MAIN}}}{name}"


def _children(element: Element, parent: str, name: str) -> Iterator[Element]:
    for above in element:
        if _is(above, parent):
            yield from (child for child in above if _is(child, name))


def _part_of(parts: _Parts, relations: Mapping[str, _Relation], kind: str) -> bytes | None:
    """The one part of a kind that the workbook leads to."""
    targets = [relation.target for relation in relations.values() if relation.kind == kind]
    return parts.get(targets[0]) if targets else None


def _tables(parts: _Parts, sheet: str) -> Iterator[Table]:
    for relation in parts.relations(sheet).values():
        part = parts.get(relation.target) if relation.kind == "table" else None
        if part is None:
            continue
        table = ElementTree.fromstring(part)
        names = frozenset(table.get(name, "") for name in ("name", "displayName"))
        yield Table(names, table.get("ref", ""), table.get("totalsRowCount", "0") not in {"", "0"})


def _names(book: Element, places: Mapping[int, int]) -> Iterator[str]:
    """The defined names of the workbook and of its sheets, but for Excel's own: what is printed,
    filtered and so on."""
    for defined in _children(book, "definedNames", "definedName"):
        name, local = defined.get("name", ""), defined.get("localSheetId", "")
        if name.casefold().startswith("_xlnm") or (
            local and (not local.isdecimal() or int(local) not in places)
        ):
            continue
        whose = f' localSheetId="{places[int(local)]}"' if local else ""
        yield (
            f"<definedName name={quoteattr(name)}{whose}>{escape(defined.text or '')}</definedName>"
        )


def _styles(part: bytes | None, highest: int) -> bytes:
    """Number formats alone, which tell a day from a number; as many styles as the cells ask for."""
    styles = ElementTree.fromstring(part) if part else ElementTree.Element("styleSheet")
    formats = {
        f.get("numFmtId", ""): f.get("formatCode", "")
        for f in _children(styles, "numFmts", "numFmt")
    }
    own = {number for number in formats if number.isdecimal()}
    asked = [style.get("numFmtId", "0") for style in _children(styles, "cellXfs", "xf")]
    asked += ["0"] * (highest + 1 - len(asked))
    used = [
        number if number in own or (number.isdecimal() and int(number) < _FIRST_OWN_FORMAT) else "0"
        for number in asked
    ]
    named = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(formats[number])}/>'
        for number in sorted(own)
    )
    xfs = "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for number in used
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{named}</numFmts><fonts><font/></fonts>'
        "<fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f"<cellXfs>{xfs}</cellXfs></styleSheet>"
    ).encode("utf-8", "xmlcharrefreplace")


_FIRST_OWN_FORMAT = 164
"""Number formats below are Excel's own and need no definition."""


def _packed(made: Mapping[str, bytes], sheets: int) -> bytes:
    """The parts as a zip that openpyxl takes for a workbook; not squeezed, since it is read at once
    and thrown away."""
    kinds = {
        _WORKBOOK: "sheet.main",
        "xl/styles.xml": "styles",
        "xl/sharedStrings.xml": "sharedStrings",
    }
    kinds |= {f"xl/worksheets/s{number}.xml": "worksheet" for number in range(1, sheets + 1)}
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{_KIND}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    links = "".join(
        f'<Relationship Id="s{number}" Type="{RELATIONS}/worksheet" '
        f'Target="worksheets/s{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    links += f'<Relationship Id="x" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="y" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    first = f'<Relationship Id="w" Type="{RELATIONS}/officeDocument" Target="{_WORKBOOK}"/>'
    around = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{first}</Relationships>',
        "xl/_rels/workbook.xml.rels": "<Relationships "
        f'xmlns="{PACKAGE}/relationships">{links}</Relationships>',
    }
    made = {**{name: text.encode() for name, text in around.items()}, **made}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, part in made.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return content.getvalue()
