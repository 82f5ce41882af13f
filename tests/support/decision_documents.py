"""The source documents as text, and the same made into Word and PDF files."""

import io
import re
from collections.abc import Iterator, Sequence

import docx
import typst

from statsbidrag.decisions.drafting.document_texts import DocumentText
from tests.support.planted import DATA

SOURCES = {path.name[:3]: path for path in sorted((DATA / "sources").glob("0*.txt"))}
AGENCIES = (
    ("Myndigheten för familjerätt och föräldraskapsstöd", "MFoF"),
    ("Socialstyrelsen", "Socialstyrelsen"),
)
REPORTS = ("mfof", "socialstyrelsen")
Table = list[list[str]]


def content_of(source: str) -> str:
    return SOURCES[source].read_text("utf-8")


def document(content: str, name: str = "beslut.txt") -> DocumentText:
    return DocumentText(name, tuple(content.splitlines()), (), "0" * 64)


def source(number: str) -> DocumentText:
    return document(content_of(number), SOURCES[number].name)


def blocks(content: str) -> Iterator[str | Table]:
    """The paragraphs and the tables of a text that has tabs between its cells."""
    table: Table = []
    for line in [*content.splitlines(), ""]:
        if "\t" in line.strip():
            table.append(line.strip().split("\t"))
            continue
        if table:
            yield table
            table = []
        if line.strip():
            yield line.strip()


def word(content: str) -> bytes:
    """A text as a Word document, with real tables and points."""
    made = docx.Document()
    for block in blocks(content):
        if isinstance(block, str):
            point = re.match(r"- (?:[0-9]+\) )?", block)
            style = "List Number" if point else None
            made.add_paragraph(block[point.end() :] if point else block, style=style)
        else:
            _add_table(made, block)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _add_table(made: docx.document.Document, rows: Table) -> None:
    table = made.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


_PAGE = '#set page(paper: "a4", margin: 2.5cm)\n#set text(size: 11pt, font: "New Computer Modern", hyphenate: false)\n'


def pdf(content: str, *, has_rules: bool = True) -> bytes:
    """A text as a PDF; its tables with rules around the cells, or without."""
    stroke = "0.5pt" if has_rules else "none"
    pieces = [_PAGE]
    for block in blocks(content):
        if isinstance(block, str):
            pieces.append(f"#par({_quoted(block)})\n")
        else:
            cells = ", ".join(_quoted(cell) for row in block for cell in row)
            pieces.append(f"#table(columns: {len(block[0])}, stroke: {stroke}, {cells})\n")
    return typst_of("".join(pieces))


def typst_of(text: str) -> bytes:
    """What typst makes of its own language."""
    made = typst.Compiler(text.encode("utf-8")).compile(format="pdf")
    assert isinstance(made, bytes)
    return made


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def cited(value: object) -> Iterator[str]:
    """Every sentence that a grant file cites."""
    if isinstance(value, dict):
        if "mening" in value:
            yield value["mening"]
        for inner in value.values():
            yield from cited(inner)
    elif isinstance(value, list | Sequence) and not isinstance(value, str):
        for inner in value:
            yield from cited(inner)
