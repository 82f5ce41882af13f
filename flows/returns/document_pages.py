"""The pages of a PDF into lines and tables of cells, by pdfplumber where it is installed."""

import io
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from ..base import swedish
from ..base.errors import InputError
from .document_blocks import Blocks, Rows

_MOST_PAGES = 300
_BLANK_LINE = 0.7
"""How much of a line's height lies between two paragraphs, at least."""
_TOTALS = ("summa", "total", "sammanlagt")


def read_pages(content: bytes, name: str, blocks: Blocks) -> None:
    """Put what the pages of a PDF hold in `blocks`. Raises InputError where pdfplumber isn't
    installed, and for a PDF with too many pages or with no text."""
    try:
        pdfplumber: Any = import_module("pdfplumber")  # an extra, that is not always there
    except ImportError:
        raise InputError("Installera tillägget pdf för att läsa PDF-filer.") from None
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        if len(pdf.pages) > _MOST_PAGES:
            raise InputError(
                f"{name}: PDF-filen har fler än {_MOST_PAGES} sidor. Dela den, och ta med de sidor "
                "där beslutet står."
            )
        has_text = False
        for page in pdf.pages:
            has_text = has_text or bool(page.chars)
            _read_page(page, blocks)
            page.close()
    if not has_text:
        raise InputError(
            f"{name}: PDF-filen har ingen text, bara bilder. Ta den som Word-fil, eller skanna om "
            "den med textigenkänning."
        )


def _read_page(page: Any, blocks: Blocks) -> None:
    """A page from its top: the lines outside its tables of numbers, and those tables."""
    tables: list[tuple[Sequence[float], Rows]] = []
    for table in page.find_tables():
        rows = [[cell or "" for cell in row] for row in table.extract()]
        is_rest = not tables and _may_be_rest(rows, blocks)
        if is_rest or blocks.is_of_numbers(rows):
            tables.append((table.bbox, rows))
    boxes = [box for box, _ in tables]
    rest = page.filter(lambda item: not _is_in_any(item, boxes))
    placed: list[tuple[float, float, str | Rows]] = []
    for line in rest.extract_text_lines(return_chars=False):
        placed.append((line["top"], line["bottom"], line["text"]))
    placed += [(box[1], box[3], rows) for box, rows in tables]
    _add(sorted(placed, key=lambda one: one[0]), blocks)


def _add(placed: Iterable[tuple[float, float, str | Rows]], blocks: Blocks) -> None:
    """What a page holds, each with its top and its bottom; a blank line where paragraphs part."""
    end: float | None = None
    is_first_table = True
    for top, bottom, what in placed:
        if isinstance(what, str):
            if end is not None and top - end > _BLANK_LINE * (bottom - top):
                blocks.blank()
            blocks.line(what)
        elif is_first_table and _may_be_rest(what, blocks):
            blocks.go_on(what)
            is_first_table = False
        else:
            blocks.table(what)
            is_first_table = False
        end = bottom
    blocks.blank()


def _may_be_rest(rows: Rows, blocks: Blocks) -> bool:
    """Whether the first table of a page is the rest of the last one, which a page has torn before
    its total."""
    last = blocks.last_table()
    if last is None or _is_total(last[-1]) or blocks.has_lines_since_table():
        return False
    return len(last[-1]) == len(rows[0]) and any(map(str.isdigit, rows[-1][-1]))


def _is_total(row: Sequence[str]) -> bool:
    return swedish.tidy(row[0]).casefold().startswith(_TOTALS) or not swedish.tidy(row[0])


def _is_in_any(item: Any, boxes: Sequence[Sequence[float]]) -> bool:
    """Whether something on a page lies within one of some boxes, by its middle."""
    across, down = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
    return any(
        left <= across <= right and top <= down <= bottom for left, top, right, bottom in boxes
    )
