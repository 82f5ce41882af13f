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
        made[f"xl/worksheets/s{number}.xml"], style = bare_sheet(part, rows, columns)
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
        without_looks(made_plain(texts)) if texts else f'<sst xmlns="{MAIN}"/>'.encode()
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
