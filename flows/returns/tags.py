"""XML as text: tags, attributes and elements found and changed in place, and nothing else
touched."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import xml_text

WORKBOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"

PREFIX = r"(?:[^\s<>/:=\"'!?]+:)?"
REST = r"(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*"
"""A name's prefix, and the rest of a tag after its name, up to the `>`."""
PASSED_OVER = r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
"""What looks like tags and is none."""
_TAG = re.compile(rf"{PASSED_OVER}|<(?P<end>/?)(?P<name>[^\s<>/=\"'!?]+){REST}>", re.DOTALL)
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """A text as it stands in XML, between tags or in an attribute; Excel's `_xHHHH_` stays the
    letters that it is."""
    plain = _CODE.sub("_x005F_", _CONTROLS.sub("", text))
    return html.escape(plain, quote=True)


def text_element(text: str) -> str:
    """A text as cells and comments hold it, with its spaces and the ends of its lines."""
    return f'<t xml:space="preserve">{escaped(text)}</t>'


def tags(name: str) -> re.Pattern[str]:
    """A pattern of the start tags of an element, whatever its prefix; what is passed over has no
    group `tag`."""
    return re.compile(rf"{PASSED_OVER}|<(?P<tag>{PREFIX}(?:{name})){REST}>", re.DOTALL)


def started(
    pattern: re.Pattern[str], xml: str, start: int = 0, end: int | None = None
) -> Iterator[re.Match[str]]:
    """The start tags that a pattern of `tags` finds in a part of a text."""
    for found in pattern.finditer(xml, start, len(xml) if end is None else end):
        if found["tag"]:
            yield found


_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""\s+(?P<name>[^\s=<>"'/]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


def _attribute(tag: str, name: str) -> re.Match[str] | None:
    """An attribute of a start tag: one after the other, since what looks like one may stand in
    another's value."""
    start = _NAME.match(tag)
    for found in _ATTRIBUTE.finditer(tag, start.end() if start else 0):
        if found["name"] == name:
            return found
    return None


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag with an attribute that has a value; `value` is written as it is."""
    attribute = _attribute(tag, name)
    if attribute:
        return f'{tag[: attribute.start()]} {name}="{value}"{tag[attribute.end() :]}'
    end = len(tag) - (2 if tag.endswith("/>") else 1)
    return f'{tag[:end].rstrip()} {name}="{value}"{tag[end:]}'


def without_attribute(tag: str, name: str) -> str:
    """A start tag without an attribute."""
    attribute = _attribute(tag, name)
    return f"{tag[: attribute.start()]}{tag[attribute.end() :]}" if attribute else tag


@dataclass(frozen=True)
class Element:
    """An element of a part: its name without prefix, where its start tag and the whole of it
    stand."""

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
            found.append(
                Element(
                    tag["name"].rpartition(":")[2], tag.end(), tag.start(), tag.end(), tag.end()
                )
            )
    return found


class Text:
    """The text of one part that is XML, and the changes that are waiting to be made in it."""

    def __init__(self, xml: str) -> None:
        self.xml = xml
        self._edits: dict[xml_text.Span, str] = {}
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
        """Write something instead of what stands at a place; where `start` is `end` it is put in
        there."""
        before = self._edits.get((start, end), "") if start == end else ""
        self._edits[start, end] = before + new

    def result(self) -> str:
        """The text with the changes made."""
        return xml_text.rewritten(self.xml, self._edits)

    def children(self) -> list[Element]:
        """The elements right below the root."""
        return children(self.xml, self.root_end, len(self.xml))

    def first(self, name: str) -> Element | None:
        """The first element of a name with the prefix of the root; meant for one that is never
        within another."""
        pattern = re.compile(
            rf"{PASSED_OVER}|(?P<tag><{re.escape(self.prefix + name)}{REST}>)", re.DOTALL
        )
        tag = next((one for one in pattern.finditer(self.xml, self.root_end) if one["tag"]), None)
        if tag is None:
            return None
        close = re.compile(rf"</{re.escape(self.prefix + name)}\s*>").search(self.xml, tag.end())
        if tag[0].endswith("/>") or close is None:
            return Element(name, tag.end(), tag.start(), tag.end(), tag.end())
        return Element(name, tag.end(), tag.start(), close.end(), close.start())

    def put_in_order(
        self, new: str, name: str, order: Sequence[str], start: int | None = None
    ) -> None:
        """Put an element in where a sequence of ECMA-376 has it: after the last of those that come
        before it.

        `order` names the elements of the sequence. `start` is a place below the root before which
        none need be sought.
        """
        earlier = set(order[: order.index(name)])
        at = self.root_end if start is None else start
        for child in children(self.xml, at, len(self.xml)):
            if child.name in earlier:
                at = child.end
        self.replace(at, at, new)


TYPE, DEFAULT = tags("Override"), tags("Default")
