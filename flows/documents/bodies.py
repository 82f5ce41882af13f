"""A report's body as blocks, which the PDF and the Word file dress."""

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


def blocks(body: str) -> list[Block]:
    """The body's elements, in order, as what a typesetter needs to know; parts for the screen alone
    are left out."""
    return list(_blocks(ElementTree.fromstring(body), iter(_DRAWING.findall(body))))


def _blocks(parent: ElementTree.Element, drawings: Iterator[str]) -> Iterator[Block]:
    for element in parent:
        if element.get("data-only") == "html":
            continue
        match element.tag:
            case "section" if element.get("class") == "activity":
                yield {"kind": "group", "blocks": list(_blocks(element, drawings))}
            case "section" if "state" in element.get("class", "").split():
                yield {"kind": "frame", "items": [_runs(part) for part in element]}
            case "article" | "section" | "header" | "div":
                yield from _blocks(element, drawings)
            case "h1" | "h2" | "h3" | "p":
                yield {
                    "kind": element.tag,
                    "style": element.get("class", ""),
                    "runs": _runs(element),
                }
            case "ul" | "ol":
                items = [_runs(item) for item in element]
                yield {"kind": element.tag, "style": element.get("class", ""), "items": items}
            case "dl":
                facts = [_runs(item) for item in element]
                pairs = list(zip(facts[::2], facts[1::2], strict=True))
                yield {"kind": "dl", "style": element.get("class", ""), "items": pairs}
            case "table":
                yield _table(element)
            case "figure":
                texts = [
                    element.findtext(f"{_SVG}svg/{_SVG}{tag}", "") for tag in ("title", "desc")
                ]
                caption = element.find("figcaption")
                assert caption is not None
                yield {
                    "kind": "figure",
                    "svg": next(drawings),
                    "alt": " ".join(texts),
                    "runs": _runs(caption),
                }
            case tag:
                raise ValueError(f"a report's body holds no <{tag}>")


def _table(element: ElementTree.Element) -> Block:
    parts = {
        tag: [list(row) for row in element.findall(f"{tag}/tr")]
        for tag in ("thead", "tbody", "tfoot")
    }
    caption = element.find("caption")
    assert caption is not None
    return {
        "kind": "table",
        "caption": _runs(caption),
        "is_number": [cell.get("class") == "n" for cell in parts["thead"][0]],
        **{tag: [[_runs(cell) for cell in row] for row in rows] for tag, rows in parts.items()},
    }


def _runs(element: ElementTree.Element) -> list[Run]:
    """The text of an element in pieces of one style each, blanks as a browser would show them."""
    pieces = groupby(_pieces(element, ""), key=lambda piece: piece["style"])
    runs = [
        {"text": "".join(piece["text"] for piece in same), "style": style} for style, same in pieces
    ]
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
    return "".join("\n" * (run["style"] in {"break", "small"}) + run["text"] for run in runs)


_SHORT = 26
"""A text column whose longest line is no longer than this is never broken in the PDF."""


def column_weights(table: Block) -> list[int]:
    """How many characters each column wants: numbers and short text whole, long text by its usual
    length."""
    weights = []
    columns = zip(*table["thead"], *table["tbody"], *table["tfoot"], strict=True)
    for is_number, column in zip(table["is_number"], columns, strict=True):
        texts = [text_of_runs(cell) for cell in column]
        lines = [len(line) for text in texts[is_number:] for line in text.split("\n")]
        words = [len(word) for text in texts for word in re.split("[ \n/-]", text)]
        longest = max(lines, default=0)
        usual = sum(map(len, texts)) // len(texts)
        weights.append(
            max(
                6,
                min(max(words), 44),
                longest if longest <= _SHORT else min(max(usual, _SHORT + 1), 80),
            )
        )
    return weights
