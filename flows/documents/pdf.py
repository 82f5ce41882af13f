"""Blocks as a PDF, by typst."""

import functools
import importlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..base.printable import NOT_IN_FONTS
from .bodies import Block, Look, Run, column_weights


def warm() -> None:
    """Load the libraries ahead of the first document."""
    importlib.import_module("docxtpl")
    _fonts()


# -- PDF -------------------------------------------------------------------------------------------

_TYPST_CHARTS = b"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#for chart in json(bytes(sys.inputs.charts)) { page(image(bytes(chart), format: "svg")) }"""


@functools.cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


_LONG = re.compile(r"\S{100}(?=\S)")
"""What needs a place to break: a PDF/A holds no word of more than some ten thousand characters."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a PDF, inside it."""

    name: str
    """In the folder where it lies."""
    media_type: str
    words: str


def pdf(
    look: Look, blocks: Sequence[Block], folder: Path, attachments: Sequence[Attachment] = ()
) -> bytes:
    """The report as a tagged PDF, A4, by typst; the same bytes for the same report.

    It follows PDF/UA-1, for everybody to read, and PDF/A-3a, for the archive, with the files of a
    folder that the report rests on.
    """
    tables = (
        block | {"weights": column_weights(block)} if block["kind"] == "table" else block
        for block in blocks
    )
    report = {
        "title": look.title,
        "running": look.running,
        "sender": look.organisation.sender,
        "as_of": [look.as_of.year, look.as_of.month, look.as_of.day],
        "mark": look.mark,
        "blocks": list(tables),
    }
    attached = [[a.name, a.media_type, a.words] for a in attachments]
    source = files("statsbidrag.reports").joinpath("aterrapport.typ").read_bytes()
    return _typst(
        source,
        {"report": json.dumps(_printable(report) | {"attachments": attached})},
        root=folder,
        format="pdf",
        pdf_standards=["ua-1", "a-3a"],
    )[0]


_CODE = "code"
_WORD_IN_CELL = re.compile(r"\S{21,}")
_BREAKS_IN_WORD = re.compile(r"[_./-]+(?=[^\W_])|[^\s_./-]{24}(?=[^\s_./-])")


def _breakable(text: str) -> str:
    """A cell's text with places where a long word, such as the name of a file, may go on on the
    next line."""
    return _WORD_IN_CELL.sub(lambda word: _BREAKS_IN_WORD.sub("\\g<0>\u200b", word[0]), text)


def _printable(value: Any) -> Any:
    """The text in a report's values, as a PDF/A can hold it."""
    match value:
        case str():
            return _LONG.sub("\\g<0>\u200b", NOT_IN_FONTS.sub("\ufffd", value))
        case dict() if value.get("kind") == "table" and "tbody" in value:
            return {name: _printable(part) for name, part in _with_breaks(value).items()}
        case dict():
            return {
                name: part if name == "svg" else _printable(part) for name, part in value.items()
            }
        case [*parts]:
            return [_printable(part) for part in parts]
    return value


def _with_breaks(table: Block) -> Block:
    """A table whose cells can break their long words; a fingerprint has its own places to break."""
    cells = {}
    for part in ("tbody", "tfoot"):
        cells[part] = [
            [[_run_with_breaks(run) for run in cell] for cell in row] for row in table[part]
        ]
    return table | cells


def _run_with_breaks(run: Run) -> Run:
    return run if run["style"] == _CODE else run | {"text": _breakable(run["text"])}


def pictures_of(blocks: Iterable[Block]) -> list[bytes]:
    """The charts as PNG for Word, at 200 dots an inch."""
    charts = [block["svg"] for block in blocks if block["kind"] == "figure"]
    return (
        _typst(_TYPST_CHARTS, {"charts": json.dumps(charts)}, format="png", ppi=200)
        if charts
        else []
    )


def _typst(
    source: bytes, inputs: dict[str, str], root: Path | None = None, **output: Any
) -> list[bytes]:
    """What typst makes of a source: one PDF, or one picture per page. Only its own fonts are used,
    and what the source reads lies in the root."""
    import typst

    compiler = typst.Compiler(source, root=root, font_paths=_fonts(), sys_inputs=inputs)
    written = compiler.compile(**output)
    return written if isinstance(written, list) else [bytes(written or b"")]
