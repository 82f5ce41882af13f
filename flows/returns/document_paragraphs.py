"""A Word document into lines and tables of cells, by python-docx.

Its content controls, text boxes and page heads are read too, since the diary number often stands
there. Tracked changes have two readings, so a document with any is refused.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from ..base import swedish
from ..base.errors import InputError
from .document_blocks import Blocks

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = f"{_WORD}txbxContent"
_TRACKED = ("ins", "del", "moveFrom", "moveTo")
_SIGNS = {
    f"{_WORD}tab": "\t",
    f"{_WORD}br": "\n",
    f"{_WORD}cr": "\n",
    f"{_WORD}noBreakHyphen": "-",
    f"{_WORD}softHyphen": "\u00ad",
}
_LISTS = ("ListBullet", "ListNumber", "Punktlista", "Numreradlista")
"""What the styles of points begin with."""


def read_paragraphs(content: bytes, name: str, blocks: Blocks) -> None:
    """Put what a Word document holds in `blocks`. Raises InputError for tracked changes."""
    import docx

    document = docx.Document(io.BytesIO(content))
    body = document.element.body
    if any(next(body.iter(f"{_WORD}{tag}"), None) is not None for tag in _TRACKED):
        raise InputError(
            f"{name}: dokumentet har spårade ändringar. Godkänn eller avvisa dem i Word och spara "
            "det på nytt."
        )
    for head in _heads(document):
        _read(head, blocks)
    _read(body, blocks)


def _heads(document: Any) -> list[Any]:
    """The heads of the pages, each wording once."""
    heads: dict[str, Any] = {}
    parts = [part for part in document.part.package.iter_parts() if _is_head(part)]
    for part in sorted(parts, key=lambda part: str(part.partname)):
        heads.setdefault("".join(part.element.itertext()), part.element)
    return list(heads.values())


def _is_head(part: Any) -> bool:
    return str(part.partname).startswith("/word/header") and hasattr(part, "element")


def _read(element: Any, blocks: Blocks) -> None:
    """The paragraphs and tables within an element, in their order."""
    for block in _blocks(element):
        if block.tag == f"{_WORD}p":
            _read_paragraph(block, blocks)
        else:
            _read_table(block, blocks)


def _blocks(element: Any) -> Iterator[Any]:
    """The paragraphs and tables of an element, those in its content controls too."""
    for child in element:
        if child.tag in {f"{_WORD}p", f"{_WORD}tbl"}:
            yield child
        elif child.tag in {f"{_WORD}sdt", f"{_WORD}sdtContent", f"{_WORD}customXml"}:
            yield from _blocks(child)


def _read_paragraph(paragraph: Any, blocks: Blocks) -> None:
    text = _text(paragraph)
    if swedish.tidy(text):
        blocks.paragraph(f"- {text}" if _is_point(paragraph) else text)
    for box in paragraph.iter(_BOX):
        if not _is_fallback(box, paragraph):
            _read(box, blocks)


def _is_fallback(box: Any, paragraph: Any) -> bool:
    """Whether a text box is written once more for older programs, or within another box."""
    for above in box.iterancestors():
        if above is paragraph:
            return False
        if above.tag in {_FALLBACK, _BOX}:
            return True
    return False


def _text(paragraph: Any) -> str:
    """The text of a paragraph, without that of its boxes."""
    pieces: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag == f"{_WORD}t":
            pieces.append(element.text or "")
        elif element.tag in _SIGNS:
            pieces.append(_SIGNS[element.tag])
        elif element.tag not in {_BOX, _FALLBACK, f"{_WORD}pPr"}:
            waiting += reversed(element)
    return "".join(pieces)


def _is_point(paragraph: Any) -> bool:
    """Whether a paragraph is a point of a list, whose number or sign isn't in its text."""
    settings = paragraph.find(f"{_WORD}pPr")
    if settings is None:
        return False
    style = settings.find(f"{_WORD}pStyle")
    name = "" if style is None else style.get(f"{_WORD}val", "")
    return settings.find(f"{_WORD}numPr") is not None or name.startswith(_LISTS)


def _read_table(table: Any, blocks: Blocks) -> None:
    """A table of numbers as cells; one that only places text, cell by cell."""
    rows = [list(_cells(row)) for row in _within(table, f"{_WORD}tr")]
    texts = [[_cell_text(cell) for cell in row] for row in rows]
    if blocks.is_of_numbers(texts):
        blocks.table(texts)
        return
    for row in rows:
        for cell in row:
            _read(cell, blocks)


def _cells(row: Any) -> Sequence[Any]:
    return list(_within(row, f"{_WORD}tc"))


def _within(element: Any, tag: str) -> Iterator[Any]:
    """The children of a kind, those in content controls too."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{_WORD}sdt", f"{_WORD}sdtContent", f"{_WORD}customXml"}:
            yield from _within(child, tag)


def _cell_text(cell: Any) -> str:
    return swedish.tidy(" ".join(_text(paragraph) for paragraph in cell.iter(f"{_WORD}p")))
