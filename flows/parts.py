"""A workbook's zip taken apart, so that a few places in it can be changed and all else stay byte for byte.

A part that is XML is changed by spans of its text, never parsed and written anew: namespace prefixes, attributes that
we don't know and the order of everything are the sender's. What is put in goes where ECMA-376 wants it, since Excel
repairs (and empties) a workbook whose elements come in another order.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from xml.parsers import expat

from . import words
from .archive import repacked
from .ooxml import PACKAGE, RELATIONS

WORKBOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument"
SPREADSHEET = f"{OFFICE}.spreadsheetml"
"""What the names of elements and of types of content begin with."""
PREFIX = r"(?:[^\s<>/:=\"'!?]+:)?"
REST = r"(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*"
"""A name's prefix, and the rest of a tag after its name, up to the `>`."""
PASSED_OVER = r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
"""What looks like tags and is none."""
_TAG = re.compile(rf"{PASSED_OVER}|<(?P<end>/?)(?P<name>[^\s<>/=\"'!?]+){REST}>", re.DOTALL)
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """A text as it stands in XML, between tags or in an attribute; Excel's `_xHHHH_` stays the letters that it is."""
    plain = _CODE.sub("_x005F_", _CONTROLS.sub("", text))
    return html.escape(plain, quote=True)


def said(text: str) -> str:
    """A text as cells and comments hold it, with its spaces and the ends of its lines."""
    return f'<t xml:space="preserve">{escaped(text)}</t>'


def tags(name: str) -> re.Pattern[str]:
    """A pattern of the start tags of an element, whatever its prefix; what is passed over has no group `tag`."""
    return re.compile(rf"{PASSED_OVER}|<(?P<tag>{PREFIX}(?:{name})){REST}>", re.DOTALL)


def started(pattern: re.Pattern[str], xml: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """The start tags that a pattern of `tags` finds in a part of a text."""
    for found in pattern.finditer(xml, start, len(xml) if end is None else end):
        if found["tag"]:
            yield found


_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""\s+(?P<name>[^\s=<>"'/]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


def _attribute(tag: str, name: str) -> re.Match[str] | None:
    """An attribute of a start tag: one after the other, since what looks like one may stand in another's value."""
    start = _NAME.match(tag)
    for found in _ATTRIBUTE.finditer(tag, start.end() if start else 0):
        if found["name"] == name:
            return found
    return None


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag with an attribute that has a value; `value` is written as it is."""
    found = _attribute(tag, name)
    if found:
        return f'{tag[: found.start()]} {name}="{value}"{tag[found.end() :]}'
    end = len(tag) - (2 if tag.endswith("/>") else 1)
    return f'{tag[:end].rstrip()} {name}="{value}"{tag[end:]}'


def without_attribute(tag: str, name: str) -> str:
    """A start tag without an attribute."""
    found = _attribute(tag, name)
    return f"{tag[: found.start()]}{tag[found.end() :]}" if found else tag


@dataclass(frozen=True)
class Element:
    """An element of a part: its name without prefix, where its start tag and the whole of it stand."""

    name: str
    tag_end: int
    start: int
    end: int
    content_end: int
    """Where its content ends; `tag_end` where it has none."""

    @property
    def is_closed(self) -> bool:
        """Whether it is one tag, with no content and no end tag."""
        return self.content_end == self.tag_end == self.end


def children(xml: str, start: int, end: int) -> list[Element]:
    """The elements of a part's text that are in none of each other, between two places in it."""
    found: list[Element] = []
    depth, opened = 0, None
    for tag in _TAG.finditer(xml, start, end):
        if not tag["name"]:
            continue
        if tag["end"]:
            depth -= 1
            if depth == 0 and opened is not None:
                name = opened["name"].rpartition(":")[2]
                found.append(Element(name, opened.end(), opened.start(), tag.end(), tag.start()))
            if depth < 0:
                break
        elif not tag[0].endswith("/>"):
            if depth == 0:
                opened = tag
            depth += 1
        elif depth == 0:
            found.append(Element(tag["name"].rpartition(":")[2], tag.end(), tag.start(), tag.end(), tag.end()))
    return found


class Text:
    """The text of one part that is XML, and the changes that are waiting to be made in it."""

    def __init__(self, xml: str) -> None:
        self.xml = xml
        self._edits: dict[words.Span, str] = {}
        root = next((tag for tag in _TAG.finditer(xml) if tag["name"]), None)
        self.root_end = root.end() if root else len(xml)
        """Where the start tag of the root element ends."""
        self.root_tag = root[0] if root else ""
        name = root["name"] if root else ""
        self.prefix = name[: name.find(":") + 1]
        """The prefix of the root element, with its colon; empty where it has none."""

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self._edits)

    def replace(self, start: int, end: int, new: str) -> None:
        """Write something instead of what stands at a place; where `start` is `end` it is put in there."""
        before = self._edits.get((start, end), "") if start == end else ""
        self._edits[start, end] = before + new

    def result(self) -> str:
        """The text with the changes made."""
        return words.rewritten(self.xml, self._edits)

    def children(self) -> list[Element]:
        """The elements right below the root."""
        return children(self.xml, self.root_end, len(self.xml))

    def first(self, name: str) -> Element | None:
        """The first element of a name with the prefix of the root; meant for one that is never within another."""
        found = re.compile(rf"{PASSED_OVER}|(?P<tag><{re.escape(self.prefix + name)}{REST}>)", re.DOTALL)
        tag = next((one for one in found.finditer(self.xml, self.root_end) if one["tag"]), None)
        if tag is None:
            return None
        close = re.compile(rf"</{re.escape(self.prefix + name)}\s*>").search(self.xml, tag.end())
        if tag[0].endswith("/>") or close is None:
            return Element(name, tag.end(), tag.start(), tag.end(), tag.end())
        return Element(name, tag.end(), tag.start(), close.end(), close.start())

    def put_in_order(self, new: str, name: str, order: Sequence[str], start: int | None = None) -> None:
        """Put an element in where a sequence of ECMA-376 has it: after the last of those that come before it.

        `order` names the elements of the sequence. `start` is a place below the root before which none need be sought.
        """
        earlier = set(order[: order.index(name)])
        at = self.root_end if start is None else start
        for child in children(self.xml, at, len(self.xml)):
            if child.name in earlier:
                at = child.end
        self.replace(at, at, new)


@dataclass(frozen=True)
class Relation:
    """One relation of a part: its tag in the part of relations, and what it leads to."""

    id: str
    kind: str
    """The last word of its type."""
    target: str
    """The part that it leads to, or as it is written where it leads out of the workbook."""
    is_external: bool
    span: words.Span


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its name, its part, and whether it is one of cells."""

    title: str
    part: str
    is_worksheet: bool


_RELATION = tags("Relationship")


def relations_part(part: str) -> str:
    """The part that holds the relations of a part; of the whole workbook for ""."""
    folder, _, name = part.rpartition("/")
    return join(folder, "_rels", f"{name}.rels")


def owner_of(rels: str) -> str:
    """The part that a part of relations is about; "" for those of the whole workbook."""
    return join(dirname(dirname(rels)), rels.rpartition("/")[2].removesuffix(".rels"))


@dataclass
class Parts:
    """The parts of a workbook, as they came but for personal numbers, and what has been changed, added or taken away.

    What is changed is asked for as a `Text`, once, and kept until `packed`.
    """

    content: bytes
    parts: dict[str, bytes]
    changed: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    look: words.Look = field(default_factory=words.Look)

    _texts: dict[str, tuple[Text, str]] = field(default_factory=dict)
    _relations: dict[str, list[Relation]] = field(default_factory=dict)

    @classmethod
    def of(cls, content: bytes, *, holds_numbers: bool = True) -> "Parts":
        """A workbook that the guard has let through, with its personal numbers masked.

        `holds_numbers`: false for one in which the guard's own walk over the same bytes has found none. Raises
        ValueError for one whose parts have names that we would not find what they hold by.
        """
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
            _must_be_usual(parts)
            look = words.masked_parts(parts, words.loose(archive)) if holds_numbers else words.Look()
        made = cls(content, parts, look=look)
        if look.has_masked:
            for (old, before), (new, after) in zip(list(parts.items()), look.parts.items(), strict=True):
                if old != new:  # a part whose name held a number
                    made.gone.add(old)
                if (old, before) != (new, after):
                    made.changed[new] = after
            made.parts = look.parts
        return made

    def __contains__(self, name: str) -> bool:
        return (name in self.parts or name in self.changed) and name not in self.gone

    def names(self) -> list[str]:
        """The parts that are there now."""
        return [name for name in dict.fromkeys((*self.parts, *self.changed)) if name not in self.gone]

    def text(self, name: str) -> Text:
        """The text of a part that is XML, to read and to change."""
        if name not in self._texts:
            xml, encoding = words.as_text(self.changed.get(name, self.parts.get(name, b"")))
            self._texts[name] = (Text(xml), encoding)
        return self._texts[name][0]

    def settle(self) -> None:
        """Make the changes that are waiting: what is asked for after this is read as it has become.

        Raises ValueError where a part has become no XML: its like was never seen, and it must not be sent.
        """
        for name in list(self._texts):
            self.settle_one(name)

    def settle_one(self, name: str) -> None:
        """The same for one part; a `Text` of it that somebody still holds is no longer the part's."""
        text, encoding = self._texts.pop(name, (Text(""), ""))
        if text.is_changed and name not in self.gone:
            self.changed[name] = words.as_bytes(text.result(), encoding)
            self._relations.pop(name, None)
            _must_be_xml(name, self.changed[name])

    def add(self, name: str, part: str) -> None:
        """A part of our own, or one of another's that is replaced."""
        self._texts.pop(name, None)
        self._relations.pop(name, None)
        self.gone.discard(name)
        self.changed[name] = part.encode("utf-8")
        _must_be_xml(name, self.changed[name])

    def unused(self, start: str, suffix: str) -> str:
        """A name for a new part: `start`, the lowest number that no part has, `suffix`."""
        taken = {name.casefold() for name in self.parts} | {name.casefold() for name in self.changed}
        number = 1
        while f"{start}{number}{suffix}".casefold() in taken:
            number += 1
        return f"{start}{number}{suffix}"

    def packed(self) -> bytes:
        """The workbook as it has become; the bytes that came where nothing has."""
        self.settle()
        if not self.changed and not self.gone and not self.look.places:  # one may stand beside the parts
            return self.content
        return repacked(self.content, self.changed, self.gone)

    # -- relations and types

    def relations(self, part: str) -> list[Relation]:
        """What a part leads to; what leads nowhere in the workbook too."""
        rels = relations_part(part)
        if rels not in self:
            return []
        if rels not in self._relations:
            self._relations[rels] = self._read_relations(part, self.text(rels).xml)
        return self._relations[rels]

    def _read_relations(self, part: str, xml: str) -> list[Relation]:
        found = []
        for tag in started(_RELATION, xml):
            values = {key: html.unescape(value) for key, value in words.tag_values(tag[0]).items()}
            target, is_external = values.get("Target", ""), values.get("TargetMode") == "External"
            if not is_external:
                target = normpath(join(dirname(part), target) if target[:1] != "/" else target[1:])
            kind = values.get("Type", "").rpartition("/")[2]
            found.append(Relation(values.get("Id", ""), kind, target, is_external, tag.span()))
        return found

    def related(self, part: str, kind: str) -> str:
        """The part of a kind that a part leads to; "" where there is none."""
        found = (one.target for one in self.relations(part) if one.kind == kind and not one.is_external)
        return next((target for target in found if target in self), "")

    def relate(self, part: str, kind: str, target: str, family: str = RELATIONS) -> str:
        """A new relation from one part to another; its id."""
        taken = {one.id for one in self.relations(part)}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        rels, name = relations_part(part), f"rId{number}"
        if rels not in self:
            self.add(rels, f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships"></Relationships>')
        values = f'Id="{name}" Type="{family}/{kind}" Target="/{escaped(target)}"'
        self._append(rels, f"{{}}Relationship {values}/>")
        self.settle_one(rels)
        return name

    def unrelate(self, part: str, relation: Relation) -> None:
        """Take a relation away."""
        self.text(relations_part(part)).replace(*relation.span, "")

    def typed(self, part: str, kind: str) -> None:
        """Say what kind of content a part is, over whatever was said of it."""
        text = self.text(TYPES)
        for tag in self._types_of(part):
            text.replace(*tag.span(), with_attribute(tag[0], "ContentType", kind))
            self.settle_one(TYPES)
            return
        self._append(TYPES, f'{{}}Override PartName="/{escaped(part)}" ContentType="{kind}"/>')
        self.settle_one(TYPES)

    def typed_by_suffix(self, part: str, kind: str) -> None:
        """Say what kind of content the parts of a part's suffix are, as programs do for drawings of comments."""
        suffix = part.rpartition(".")[2]
        stated = {}
        for tag in started(_DEFAULT, self.text(TYPES).xml):
            values = values_of(tag[0])
            stated[values.get("Extension", "").casefold()] = values.get("ContentType", "")
        if suffix not in stated:
            self._append(TYPES, f'{{}}Default Extension="{suffix}" ContentType="{kind}"/>')
            self.settle_one(TYPES)
        elif stated[suffix] != kind:
            self.typed(part, kind)

    def drop(self, part: str) -> None:
        """Take a part away, with its relations and what is said of its type; not what leads to it."""
        self.gone |= {part, relations_part(part)}
        self.changed.pop(part, None)
        self.changed.pop(relations_part(part), None)
        for tag in self._types_of(part):
            self.text(TYPES).replace(*tag.span(), "")

    def _types_of(self, part: str) -> list[re.Match[str]]:
        """What is said of the type of a part's content."""
        xml, name = self.text(TYPES).xml, f"/{part}".casefold()
        if name not in xml.casefold() and "&" not in xml:
            return []
        return [tag for tag in started(_TYPE, xml) if values_of(tag[0]).get("PartName", "").casefold() == name]

    def _append(self, name: str, element: str) -> None:
        """A last element below the root of a part; `{}` in it becomes the `<` and the prefix of the root."""
        text = self.text(name)
        written = element.replace("{}", f"<{text.prefix}", 1)
        end = text.xml.rfind("</")
        if end < text.root_end:  # a root that is one tag
            close = f"</{text.prefix}{text.root_tag[1 + len(text.prefix) :].split()[0].rstrip('/>')}>"
            start = text.root_end - len(text.root_tag)
            opened = f"{text.root_tag.removesuffix('/>').rstrip()}>"
            text.replace(start, text.root_end, f"{opened}{written}{close}")
        else:
            text.replace(end, end, written)

    # -- sheets

    def sheets(self) -> list[Sheet]:
        """The workbook's sheets in their order, of whatever kind."""
        targets = {one.id: one for one in self.relations(WORKBOOK) if not one.is_external}
        found = []
        for tag in started(SHEET, self.text(WORKBOOK).xml):
            values = words.tag_values(tag[0])
            ids = [value for key, value in values.items() if key.endswith(":id")]
            led = targets.get(html.unescape(ids[0])) if ids else None
            if led and led.target in self:
                is_worksheet = led.kind == "worksheet"
                found.append(Sheet(html.unescape(values.get("name", "")), led.target, is_worksheet))
        return found


def _must_be_usual(parts: Iterable[str]) -> None:
    """Raises ValueError for names of parts that readers take in more ways than one: what lies in them may be missed."""
    for name in parts:
        folded = name.casefold()
        is_main = folded in {WORKBOOK, TYPES.casefold()} and name not in {WORKBOOK, TYPES}
        is_list = folded.endswith(".rels") and not (name.endswith(".rels") and "_rels/" in name)
        if "\\" in name or is_main or is_list:
            raise ValueError(f"the part {name} has an unusual name")


AFTER_DATA = re.compile(rf"</{PREFIX}sheetData\s*>|<{PREFIX}sheetData\s*/>")
"""Where the cells of a sheet end; what comes after them is little, and has an order of its own."""
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE, _DEFAULT = tags("Override"), tags("Default")
SHEET = tags("sheet")
"""The tag of a sheet in the part of the workbook."""


def _must_be_xml(name: str, part: bytes) -> None:
    if name.casefold().endswith(".vml"):  # Excel's own is often none: HTML stands in it
        return
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(part, True)
    except expat.ExpatError as error:
        raise ValueError(f"{name} would be no XML: {error}") from None


def values_of(tag: str) -> Mapping[str, str]:
    """The attributes of a tag, decoded."""
    return {key: html.unescape(value) for key, value in words.tag_values(tag).items()}
