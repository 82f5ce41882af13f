"""A report's body, read once: its sections, and the blocks that the PDF and the Word file dress."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from ..model.organisation import Organisation


@dataclass(frozen=True)
class Look:
    """What stands around the blocks of a document: its title, kind and running head, and the day it
    is for."""

    title: str
    kind: str
    name: str
    running: str
    as_of: date
    organisation: Organisation
    mark: str | None = None
    """A word across every page, such as UTKAST; None for a document that is nothing but what it
    is."""


@dataclass(frozen=True, eq=False)
class Body:
    """What a template has rendered, between the head and the foot of a document."""

    text: str
    tree: ElementTree.Element

    @classmethod
    def of(cls, text: str) -> "Body":
        """A body as it was rendered."""
        return cls(text, ElementTree.fromstring(text))

    def contents(self) -> list[tuple[str, str]]:
        """The sections that have a heading of the second level: id and heading."""
        sections = []
        for section in self.tree.iter("section"):
            section_id = section.get("id", "")
            heading = section.findtext("h2", "")
            if section_id and heading:
                sections.append((section_id, heading))
        return sections


# -- the body as blocks ----------------------------------------------------------------------------

Block = dict[str, Any]
Run = dict[str, str]

_DRAWING = re.compile(r"<svg .*?</svg>", re.DOTALL)
_SVG = "{http://www.w3.org/2000/svg}"
_BLANKS = re.compile("[ \t\r\n]+")
_INLINE = {
    "strong": "strong",
    "small": "small",
    "code": "code",
    "mark": "mark",
    "a": "",
    "span": "",
}


def blocks(body: Body) -> list[Block]:
    """The body's elements, in order, as what a typesetter needs to know; parts for the screen alone
    are left out."""
    return list(_blocks(body.tree, iter(_DRAWING.findall(body.text))))


def _blocks(parent: ElementTree.Element, drawings: Iterator[str]) -> Iterator[Block]:
    for element in parent:
        if element.get("data-only") == "html":
            continue
        style = element.get("class", "")
        match element.tag:
            case "section" if style == "activity":
                yield {"kind": "group", "blocks": list(_blocks(element, drawings))}
            case "section" if "state" in style.split():
                yield {"kind": "frame", "items": _items(element)}
            case "article" | "section" | "header" | "div":
                yield from _blocks(element, drawings)
            case "h1" | "h2" | "h3" | "p":
                yield {"kind": element.tag, "style": style, "runs": _runs(element)}
            case "ul" | "ol":
                yield {"kind": element.tag, "style": style, "items": _items(element)}
            case "dl":
                words = _items(element)
                facts = list(zip(words[::2], words[1::2], strict=True))
                yield {"kind": "dl", "style": style, "items": facts}
            case "table":
                yield _table(element)
            case "figure":
                yield _figure(element, drawings)
            case tag:
                raise ValueError(f"a report's body holds no <{tag}>")


def _items(element: ElementTree.Element) -> list[list[Run]]:
    return [_runs(item) for item in element]


def _figure(element: ElementTree.Element, drawings: Iterator[str]) -> Block:
    title = element.findtext(f"{_SVG}svg/{_SVG}title", "")
    description = element.findtext(f"{_SVG}svg/{_SVG}desc", "")
    caption = element.find("figcaption")
    assert caption is not None
    return {
        "kind": "figure",
        "svg": next(drawings),
        "alt": f"{title} {description}",
        "runs": _runs(caption),
    }


def _table(element: ElementTree.Element) -> Block:
    caption = element.find("caption")
    head = element.find("thead/tr")
    assert caption is not None
    assert head is not None
    return {
        "kind": "table",
        "caption": _runs(caption),
        "is_number": [cell.get("class") == "n" for cell in head],
        "thead": _rows(element, "thead"),
        "tbody": _rows(element, "tbody"),
        "tfoot": _rows(element, "tfoot"),
    }


def _rows(table: ElementTree.Element, part: str) -> list[list[list[Run]]]:
    return [_items(row) for row in table.findall(f"{part}/tr")]


def _runs(element: ElementTree.Element) -> list[Run]:
    """The text of an element in pieces of one style each, blanks as a browser would show them."""
    runs: list[Run] = []
    for style, pieces in groupby(_pieces(element, ""), key=lambda piece: piece["style"]):
        runs.append({"text": "".join(piece["text"] for piece in pieces), "style": style})
    if runs:
        runs[0]["text"] = runs[0]["text"].lstrip(" ")
        runs[-1]["text"] = runs[-1]["text"].rstrip(" ")
    return [run for run in runs if run["text"] or run["style"] == "break"]


def _pieces(element: ElementTree.Element, style: str) -> Iterator[Run]:
    yield {"text": _BLANKS.sub(" ", element.text or ""), "style": style}
    for child in element:
        if child.tag in {"wbr", "br"}:
            yield {"text": "", "style": "break"}
        elif child.get("data-only") != "html":
            yield from _pieces(child, _INLINE[child.tag] or style)
        yield {"text": _BLANKS.sub(" ", child.tail or ""), "style": style}


def plain(element: ElementTree.Element) -> str:
    """The text of an element as it stands on paper, a new line for each break."""
    return text_of_runs(_runs(element))


def text_of_runs(runs: Iterable[Run]) -> str:
    """The text of a paragraph, without its looks."""
    text = ""
    for run in runs:
        if run["style"] in {"break", "small"}:
            text += "\n"
        text += run["text"]
    return text


_SHORT = 26
"""A text column whose longest line is no longer than this is never broken in the PDF."""


def column_weights(table: Block) -> list[int]:
    """How many characters each column wants: numbers and short text whole, long text by its usual
    length."""
    rows = [*table["thead"], *table["tbody"], *table["tfoot"]]
    weights = []
    for is_number, cells in zip(table["is_number"], zip(*rows, strict=True), strict=True):
        texts = [text_of_runs(cell) for cell in cells]
        # The head of a column of numbers may be broken, the numbers never.
        kept_whole = texts[1:] if is_number else texts
        wanted = _longest(kept_whole, "\n")
        if wanted > _SHORT:
            usual = sum(map(len, texts)) // len(texts)
            wanted = min(max(usual, _SHORT + 1), 80)
        longest_word = _longest(texts, "[ \n/-]")
        weights.append(max(6, min(longest_word, 44), wanted))
    return weights


def _longest(texts: Iterable[str], between: str) -> int:
    """How long the longest part of some texts is, parted by a pattern."""
    longest = 0
    for text in texts:
        lengths = [len(part) for part in re.split(between, text)]
        longest = max(longest, *lengths)
    return longest
