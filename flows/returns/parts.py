"""A workbook's zip taken apart, so that a few places in it can be changed and all else stay byte
for byte.

A part that is XML is changed by spans of its text, never parsed and written anew: namespace
prefixes, attributes that we don't know and the order of everything are the sender's. What is put in
goes where ECMA-376 wants it, since Excel repairs (and empties) a workbook whose elements come in
another order.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from xml.parsers import expat

from ..base.archive import repacked
from . import masking, xml_text
from .ooxml import PACKAGE, RELATIONS
from .tags import (
    DEFAULT,
    PREFIX,
    TYPE,
    TYPES,
    WORKBOOK,
    Text,
    escaped,
    started,
    tags,
    with_attribute,
)

OFFICE = "application/vnd.openxmlformats-officedocument"
SPREADSHEET = f"{OFFICE}.spreadsheetml"
"""What the names of elements and of types of content begin with."""


@dataclass(frozen=True)
class Relation:
    """One relation of a part: its tag in the part of relations, and what it leads to."""

    id: str
    kind: str
    """The last word of its type."""
    target: str
    """The part that it leads to, or as it is written where it leads out of the workbook."""
    is_external: bool
    span: xml_text.Span


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
    """The parts of a workbook, as they came but for personal numbers, and what has been changed,
    added or taken away.

    What is changed is asked for as a `Text`, once, and kept until `packed`.
    """

    content: bytes
    parts: dict[str, bytes]
    changed: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    look: masking.Look = field(default_factory=masking.Look)

    _texts: dict[str, tuple[Text, str]] = field(default_factory=dict)
    _relations: dict[str, list[Relation]] = field(default_factory=dict)

    @classmethod
    def read(cls, content: bytes, *, holds_numbers: bool = True) -> "Parts":
        """A workbook that the guard has let through, with its personal numbers masked.

        `holds_numbers`: false for one in which the guard's own walk over the same bytes has found
        none. Raises ValueError for one whose parts have names that we would not find what they hold
        by.
        """
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
            _must_be_usual(parts)
            look = (
                masking.masked_parts(parts, masking.loose(archive))
                if holds_numbers
                else masking.Look()
            )
        masked_parts = cls(content, parts, look=look)
        if look.has_masked:
            for (old, before), (new, after) in zip(
                list(parts.items()), look.parts.items(), strict=True
            ):
                if old != new:  # a part whose name held a number
                    masked_parts.gone.add(old)
                if (old, before) != (new, after):
                    masked_parts.changed[new] = after
            masked_parts.parts = look.parts
        return masked_parts

    def __contains__(self, name: str) -> bool:
        return (name in self.parts or name in self.changed) and name not in self.gone

    def names(self) -> list[str]:
        """The parts that are there now."""
        return [
            name for name in dict.fromkeys((*self.parts, *self.changed)) if name not in self.gone
        ]

    def text(self, name: str) -> Text:
        """The text of a part that is XML, to read and to change."""
        if name not in self._texts:
            xml, encoding = xml_text.as_text(self.changed.get(name, self.parts.get(name, b"")))
            self._texts[name] = (Text(xml), encoding)
        return self._texts[name][0]

    def settle(self) -> None:
        """Make the changes that are waiting: what is asked for after this is read as it has become.

        Raises ValueError where a part has become no XML: its like was never seen, and it must not
        be sent.
        """
        for name in list(self._texts):
            self.settle_one(name)

    def settle_one(self, name: str) -> None:
        """The same for one part; a `Text` of it that somebody still holds is no longer the
        part's."""
        text, encoding = self._texts.pop(name, (Text(""), ""))
        if text.is_changed and name not in self.gone:
            self.changed[name] = xml_text.as_bytes(text.result(), encoding)
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
        taken = {name.casefold() for name in self.parts} | {
            name.casefold() for name in self.changed
        }
        number = 1
        while f"{start}{number}{suffix}".casefold() in taken:
            number += 1
        return f"{start}{number}{suffix}"

    def packed(self) -> bytes:
        """The workbook as it has become; the bytes that came where nothing has."""
        self.settle()
        if (
            not self.changed and not self.gone and not self.look.places
        ):  # one may stand beside the parts
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
        relations = []
        for tag in started(_RELATION, xml):
            values = {
                key: html.unescape(value) for key, value in xml_text.tag_values(tag[0]).items()
            }
            target, is_external = values.get("Target", ""), values.get("TargetMode") == "External"
            if not is_external:
                target = normpath(join(dirname(part), target) if target[:1] != "/" else target[1:])
            kind = values.get("Type", "").rpartition("/")[2]
            relations.append(Relation(values.get("Id", ""), kind, target, is_external, tag.span()))
        return relations

    def related(self, part: str, kind: str) -> str:
        """The part of a kind that a part leads to; "" where there is none."""
        targets = (
            one.target for one in self.relations(part) if one.kind == kind and not one.is_external
        )
        return next((target for target in targets if target in self), "")

    def relate(self, part: str, kind: str, target: str, family: str = RELATIONS) -> str:
        """A new relation from one part to another; its id."""
        taken = {one.id for one in self.relations(part)}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        rels, name = relations_part(part), f"rId{number}"
        if rels not in self:
            self.add(
                rels, f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships"></Relationships>'
            )
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
        """Say what kind of content the parts of a part's suffix are, as programs do for drawings of
        comments."""
        suffix = part.rpartition(".")[2]
        stated = {}
        for tag in started(DEFAULT, self.text(TYPES).xml):
            values = values_of(tag[0])
            stated[values.get("Extension", "").casefold()] = values.get("ContentType", "")
        if suffix not in stated:
            self._append(TYPES, f'{{}}Default Extension="{suffix}" ContentType="{kind}"/>')
            self.settle_one(TYPES)
        elif stated[suffix] != kind:
            self.typed(part, kind)

    def drop(self, part: str) -> None:
        """Take a part away, with its relations and what is said of its type; not what leads to
        it."""
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
        return [
            tag
            for tag in started(TYPE, xml)
            if values_of(tag[0]).get("PartName", "").casefold() == name
        ]

    def _append(self, name: str, element: str) -> None:
        """A last element below the root of a part; `{}` in it becomes the `<` and the prefix of the
        root."""
        text = self.text(name)
        written = element.replace("{}", f"<{text.prefix}", 1)
        end = text.xml.rfind("</")
        if end < text.root_end:  # a root that is one tag
            close = (
                f"</{text.prefix}{text.root_tag[1 + len(text.prefix) :].split()[0].rstrip('/>')}>"
            )
            start = text.root_end - len(text.root_tag)
            opened = f"{text.root_tag.removesuffix('/>').rstrip()}>"
            text.replace(start, text.root_end, f"{opened}{written}{close}")
        else:
            text.replace(end, end, written)

    # -- sheets

    def sheets(self) -> list[Sheet]:
        """The workbook's sheets in their order, of whatever kind."""
        targets = {one.id: one for one in self.relations(WORKBOOK) if not one.is_external}
        sheets = []
        for tag in started(SHEET, self.text(WORKBOOK).xml):
            values = xml_text.tag_values(tag[0])
            ids = [value for key, value in values.items() if key.endswith(":id")]
            led = targets.get(html.unescape(ids[0])) if ids else None
            if led and led.target in self:
                title = html.unescape(values.get("name", ""))
                sheets.append(Sheet(title, led.target, led.kind == "worksheet"))
        return sheets


def _must_be_usual(parts: Iterable[str]) -> None:
    """Raises ValueError for names of parts that readers take in more ways than one: what lies in
    them may be missed."""
    for name in parts:
        folded = name.casefold()
        is_main = folded in {WORKBOOK, TYPES.casefold()} and name not in {WORKBOOK, TYPES}
        is_list = folded.endswith(".rels") and not (name.endswith(".rels") and "_rels/" in name)
        if "\\" in name or is_main or is_list:
            raise ValueError(f"the part {name} has an unusual name")


AFTER_DATA = re.compile(rf"</{PREFIX}sheetData\s*>|<{PREFIX}sheetData\s*/>")
"""Where the cells of a sheet end; what comes after them is little, and has an order of its own."""
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

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
    return {key: html.unescape(value) for key, value in xml_text.tag_values(tag).items()}
