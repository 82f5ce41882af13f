"""Documents read back as people read them."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import docx
import pypdf

from statsbidrag.base.swedish import NBSP, parse_amount
from statsbidrag.money.results import GrantResult
from tests.support import report_fixture


def render(result: GrantResult, folder: Path) -> Path:
    folder.mkdir(parents=True)
    report_fixture.render(result, report_fixture.rulebook(result.grant), folder)
    return folder


def page(path: Path) -> ElementTree.Element:
    """The page as XML: it must be well-formed but for its doctype."""
    return ElementTree.fromstring(path.read_text("utf-8").removeprefix("<!DOCTYPE html>"))


def said(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split(" "))


def pdf_text(path: Path) -> str:
    return "\n".join(p.extract_text() for p in pypdf.PdfReader(path).pages)


def word_text(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def numbers_in(text: str) -> Iterator[Decimal]:
    """Every amount that stands with öre, or with fixed spaces between its thousands."""
    for written in re.findall(
        rf"(?<![\d,])\d{{1,3}}(?:{NBSP}\d{{3}})+(?:,\d\d)?(?![\d,])|(?<![\d,{NBSP}])\d+,\d\d(?!\d)",
        text,
    ):
        amount = parse_amount(written)
        assert amount is not None
        yield amount
