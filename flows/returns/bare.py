"""A workbook with nothing but what holds its content: cells with a value or a formula, tables,
names and day formats.

Looks are no content, but they are what programs differ in. A colour, a theme, a chart or a
document's property that a library doesn't know must not make a return unreadable, and a thousand
rows that are only coloured are nothing. So the first reader is shown this, made of parts that the
guard has looked through. The file as it came is never changed.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import join, normpath
from typing import TypeAlias
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from .bare_sheet import OddError, bare_sheet, made_plain, without_looks
from .ooxml import MAIN, PACKAGE, RELATIONS

_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = "xl/workbook.xml"
_RELATION_ID = f"{{{RELATIONS}}}id"
Element: TypeAlias = "ElementTree.Element[str]"


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
        xml = self.get(f"{folder}/_rels/{name}.rels")
        if not xml:
            return {}
        relations: dict[str, _Relation] = {}
        for relation in ElementTree.fromstring(xml):
            if relation.get("TargetMode") == "External":
                continue
            target = relation.get("Target", "").replace("\\", "/")
            place = target[1:] if target.startswith("/") else normpath(join(folder, target))
            kind = relation.get("Type", "").rpartition("/")[2]
            relations[relation.get("Id", "")] = _Relation(kind, place)
        return relations


def workbook(parts: Mapping[str, bytes], *, rows: int, columns: int) -> Workbook:
    """The bare workbook of a workbook's parts; `rows` and `columns` are how far cells can stand.

    Raises OddError for what is no workbook, and what ElementTree raises for what is no XML.
    """
    named_parts = _Parts(parts)
    main = named_parts.get(_WORKBOOK)
    if main is None or b"spreadsheetml" not in (named_parts.get("[Content_Types].xml") or b""):
        raise OddError
    book, relations = ElementTree.fromstring(main), named_parts.relations(_WORKBOOK)
    bare: dict[str, bytes] = {}
    sheets = list(_sheets(named_parts, book, relations))
    highest_style = 0
    for number, sheet in enumerate(sheets, 1):
        bare[f"xl/worksheets/s{number}.xml"], style = bare_sheet(sheet.part, rows, columns)
        highest_style = max(highest_style, style)
    if not sheets:
        raise OddError
    bare["xl/styles.xml"] = _styles(_part_of(named_parts, relations, "styles"), highest_style)
    bare["xl/sharedStrings.xml"] = _shared_texts(_part_of(named_parts, relations, "sharedStrings"))
    bare[_WORKBOOK] = _main_part(book, sheets).encode("utf-8", "xmlcharrefreplace")
    return Workbook(_packed(bare, len(sheets)), [sheet.tables for sheet in sheets])


@dataclass(frozen=True)
class _Sheet:
    """A sheet with cells: its place among all that the workbook names, its title and state, its
    part and tables."""

    place: int
    title: str
    state: str
    part: bytes
    tables: Sequence[Table]


def _sheets(parts: _Parts, book: Element, relations: Mapping[str, _Relation]) -> Iterator[_Sheet]:
    """The sheets that are kept: not a chart, nor one that leads nowhere."""
    for place, sheet in enumerate(_children(book, "sheets", "sheet")):
        relation = relations.get(sheet.get(_RELATION_ID, ""))
        if relation is None or relation.kind != "worksheet":
            continue
        part = parts.get(relation.target)
        if part is None:
            continue
        state = sheet.get("state", "")
        if state not in {"hidden", "veryHidden"}:
            state = "visible"
        tables = list(_tables(parts, relation.target))
        yield _Sheet(place, sheet.get("name", ""), state, part, tables)


def _shared_texts(part: bytes | None) -> bytes:
    if not part:
        return f'<sst xmlns="{MAIN}"/>'.encode()
    return without_looks(made_plain(part))


def _main_part(book: Element, sheets: Sequence[_Sheet]) -> str:
    """What names the sheets and the cells; the first day of all is kept, since days are counted
    from it."""
    is_from_1904 = any(
        element.get("date1904") in {"1", "true"} for element in book if _is(element, "workbookPr")
    )
    listed = "".join(
        f'<sheet name={quoteattr(sheet.title)} sheetId="{number}" state="{sheet.state}" '
        f'r:id="s{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    names = "".join(_names(book, {sheet.place: at for at, sheet in enumerate(sheets)}))
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr '
        f'date1904="{int(is_from_1904)}"/><sheets>{listed}</sheets>'
        f"<definedNames>{names}</definedNames></workbook>"
    )


def titles(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The name of each sheet by its part, as far as the workbook's main part and its relations can
    be read."""
    named_parts = _Parts(parts)
    main = named_parts.get(_WORKBOOK)
    try:
        relations = named_parts.relations(_WORKBOOK)
        book = ElementTree.fromstring(main) if main else None
    except ElementTree.ParseError:
        return {}
    if book is None:
        return {}
    names: dict[str, str] = {}
    for sheet in _children(book, "sheets", "sheet"):
        relation = relations.get(sheet.get(_RELATION_ID, ""))
        if relation:
            names[relation.target] = sheet.get("name", "")
    return names


def _is(element: Element, name: str) -> bool:
    return element.tag == f"{{{MAIN}}}{name}"


def _children(element: Element, parent: str, name: str) -> Iterator[Element]:
    """The elements of a name within those of another that stand directly in an element."""
    for above in element:
        if not _is(above, parent):
            continue
        for child in above:
            if _is(child, name):
                yield child


def _part_of(parts: _Parts, relations: Mapping[str, _Relation], kind: str) -> bytes | None:
    """The one part of a kind that the workbook leads to."""
    for relation in relations.values():
        if relation.kind == kind:
            return parts.get(relation.target)
    return None


def _tables(parts: _Parts, sheet: str) -> Iterator[Table]:
    for relation in parts.relations(sheet).values():
        part = parts.get(relation.target) if relation.kind == "table" else None
        if part is None:
            continue
        table = ElementTree.fromstring(part)
        names = frozenset((table.get("name", ""), table.get("displayName", "")))
        has_totals = table.get("totalsRowCount", "0") not in {"", "0"}
        yield Table(names, table.get("ref", ""), has_totals)


def _names(book: Element, places: Mapping[int, int]) -> Iterator[str]:
    """The defined names of the workbook and of its sheets, but for Excel's own: what is printed,
    filtered and so on.

    `places`: the place of each sheet among those that are kept, by its place among all.
    """
    for defined in _children(book, "definedNames", "definedName"):
        name, sheet = defined.get("name", ""), defined.get("localSheetId", "")
        if name.casefold().startswith("_xlnm"):
            continue
        scope = ""
        if sheet:
            place = places.get(int(sheet)) if sheet.isdecimal() else None
            if place is None:
                continue
            scope = f' localSheetId="{place}"'
        cells = escape(defined.text or "")
        yield f"<definedName name={quoteattr(name)}{scope}>{cells}</definedName>"


def _styles(part: bytes | None, highest: int) -> bytes:
    """Number formats alone, which tell a day from a number; as many styles as the cells ask for."""
    styles = ElementTree.fromstring(part) if part else ElementTree.Element("styleSheet")
    formats: dict[str, str] = {}
    for declared in _children(styles, "numFmts", "numFmt"):
        formats[declared.get("numFmtId", "")] = declared.get("formatCode", "")
    own = sorted(number for number in formats if number.isdecimal())
    asked = [style.get("numFmtId", "0") for style in _children(styles, "cellXfs", "xf")]
    asked += ["0"] * (highest + 1 - len(asked))
    named = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(formats[number])}/>' for number in own
    )
    xfs = "".join(
        f'<xf numFmtId="{_known_format(number, formats)}" fontId="0" fillId="0" borderId="0" '
        'xfId="0"/>'
        for number in asked
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{named}</numFmts><fonts><font/></fonts>'
        "<fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f"<cellXfs>{xfs}</cellXfs></styleSheet>"
    ).encode("utf-8", "xmlcharrefreplace")


def _known_format(number: str, formats: Mapping[str, str]) -> str:
    """The number of a format that is declared or Excel's own; that of no format for any other."""
    if number.isdecimal() and (number in formats or int(number) < _FIRST_OWN_FORMAT):
        return number
    return "0"


_FIRST_OWN_FORMAT = 164
"""Number formats below are Excel's own and need no definition."""


def _packed(bare: Mapping[str, bytes], sheets: int) -> bytes:
    """The parts as a zip that openpyxl takes for a workbook; not squeezed, since it is read at once
    and thrown away."""
    kinds = {
        _WORKBOOK: "sheet.main",
        "xl/styles.xml": "styles",
        "xl/sharedStrings.xml": "sharedStrings",
    }
    links = ""
    for number in range(1, sheets + 1):
        kinds[f"xl/worksheets/s{number}.xml"] = "worksheet"
        links += _link(f"s{number}", "worksheet", f"worksheets/s{number}.xml")
    links += _link("x", "styles", "styles.xml")
    links += _link("y", "sharedStrings", "sharedStrings.xml")
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{_KIND}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    around = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": _links(_link("w", "officeDocument", _WORKBOOK)),
        "xl/_rels/workbook.xml.rels": _links(links),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, text in around.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode())
        for name, part in bare.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return content.getvalue()


def _link(relation: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{relation}" Type="{RELATIONS}/{kind}" Target="{target}"/>'


def _links(links: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
