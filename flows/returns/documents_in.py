"""The files of a decision (text, Word, PDF) into their texts, for a draft of a grant file.

`read_document` is meant to run in a child with limits, as the readers of returns do: a hostile file
may kill its reader. No link is followed and no macro run, and personal numbers are masked before
anything is quoted.
"""

import re
from collections.abc import Mapping

from ..base.errors import InputError
from ..decisions.drafting.document_texts import DocumentText
from . import document_zip, file_kinds, file_names, inbox, intake
from .document_blocks import Blocks
from .document_pages import read_pages
from .document_paragraphs import read_paragraphs
from .refusal import RefusedError

_PDF = b"%PDF"
_PDF_WITHIN = 1024
"""How far from the start of a PDF its mark may stand."""
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1b]")
_WHY: Mapping[str, str] = {
    "fil-ar-ingen-fil": "det är ingen vanlig fil. Ange filen själv, inte en länk eller en mapp.",
    "fil-for-stor": "filen är för stor. Ta med bara de sidor där beslutet står.",
    "fil-for-mycket": "filen är för stor. Ta med bara de sidor där beslutet står.",
    "fil-losenord": "filen har lösenord. Spara den utan lösenord.",
    "fil-misstankt": "filen är inte gjord som ett ordbehandlingsprogram gör. Öppna den i ett och "
    "spara den på nytt.",
    "fil-tom": "filen är tom. Välj den fil som beslutet står i.",
    "fil-trasig": "filen är trasig. Öppna den i det program som den är gjord i och spara den på "
    "nytt.",
}
_OTHER = "filen är varken text (.txt), Word (.docx) eller PDF. Spara beslutet som något av dem."


def read_document(source: inbox.Source, name: str) -> DocumentText:
    """A file's text and its tables of cells. `name` is what the file is called to people.

    Raises InputError, with what to do, for a file that can't be read: of another kind, broken, with
    a password, too large, with tracked changes or with no text; and for a PDF where pdfplumber
    isn't installed.
    """
    shown = file_names.tellable(name)
    try:
        taken = intake.take(source)
        taken.must_be_read()
        blocks = _read(taken.content, shown)
    except RefusedError as refused:
        why = _WHY.get(refused.problem.rule_id, _OTHER)
        raise InputError(f"{shown}: {why}") from None
    except OSError:
        raise InputError(
            f"{shown}: det går inte att komma åt filen. Kontrollera att du har rätt till den."
        ) from None
    return DocumentText(shown, blocks.lines, blocks.tables, taken.sha256)


def _read(content: bytes, name: str) -> Blocks:
    blocks = Blocks(name)
    try:
        if _PDF in content[:_PDF_WITHIN]:
            read_pages(content, name, blocks)
        elif file_kinds.kind_of(content, ".txt") == "xlsx":  # any zip; which one is seen next
            document_zip.must_be_safe(content)
            read_paragraphs(content, name, blocks)
        else:
            _read_text(content, blocks)
    except (InputError, RefusedError, MemoryError):
        raise
    except Exception:
        # Whatever the guard let through and a library stumbles on says no more than this.
        raise RefusedError("fil-trasig") from None
    return blocks


def _read_text(content: bytes, blocks: Blocks) -> None:
    text = _decoded(content)
    if _NO_TEXT.search(text):
        raise RefusedError("fil-fel-format")
    for line in text.splitlines():
        blocks.line(line)


def _decoded(content: bytes) -> str:
    """A text in UTF-8, UTF-16 with its mark, or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
