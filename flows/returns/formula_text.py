"""Which formulas of a workbook ask outside it."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import xml_text
from .parts import values_of
from .tags import (
    PASSED_OVER,
    PREFIX,
    REST,
)

_FUNCTIONS = (
    r"WEBSERVICE|FILTERXML|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|UNREGISTER|EXEC|EXECUTE|INITIATE|POKE|REQUEST|RUN"
    r"|SQL\.REQUEST|DDE|PY|STOCKHISTORY|TRANSLATE|DETECTLANGUAGE|COPILOT|CUBE[A-Z]+"
    r"|IMPORT[A-Z]+|FILES|GOOGLEFINANCE|GOOGLETRANSLATE|QUERYSTRING"
)
_CALLS = re.compile(
    rf"(?<![\w.])(?:(?:_xlfn\.|_xlws\.)*(?:{_FUNCTIONS})\s*\(|_xl(?:fn|eta)\.(?:_xlws\.)?(?:{_FUNCTIONS})\b|_xll\.|_xldudf_)",
    re.IGNORECASE,
)
"""Functions that start or fetch something, called or handed on by name, and those of add-ins, which
are programs."""
_IN_DUMMY = re.compile(r"DUMMYFUNCTION\s*\(.*(?:IMPORT|GOOGLE)", re.IGNORECASE | re.DOTALL)
"""How Google writes its own functions in a workbook: within a text, and it runs them when it opens
it again."""
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*+")|'(?P<name>(?:[^']|'')*+)'(?P<leads>\s*[!#])?|(?P<column>\[(?:'.|[^\[\]'])*+\])""",
    re.DOTALL,
)
"""A text, a quoted name, or the name of a column: in each of them the signs of the others are
letters."""
_OTHER_BOOK = re.compile(r"(?<![\w\]\[.'#@])\[(?!0\]!)[^\[\]]+\][^\[\]!\"'(),;+*/=<>&^\s{}]*!")
"""A reference to another workbook without quotes: `[1]Blad1!A1`, `[1]!Namn`; `[0]!` is this one."""


def asks_outside(formula: str) -> bool:
    """Whether a formula starts a program (DDE), asks the net, or refers to another workbook."""
    return any(_asks(reading) for reading in {formula, xml_text.unescaped(formula)})


def _asks(formula: str) -> bool:
    bare, names = _without_letters(formula)
    if any(
        re.search(r"[\[\\/|]", name) for name in names
    ):  # no sheet's name can hold these but |, which is DDE's
        return True
    if "|" in bare or _CALLS.search(bare) or _OTHER_BOOK.search(bare):
        return True
    return bool(_IN_DUMMY.search(formula))


def _without_letters(formula: str) -> tuple[str, list[str]]:
    """A formula without what is only letters in it, and the names within quotes that lead to a
    place."""
    names: list[str] = []
    said: list[str] = []
    at = 0
    for token in _TOKEN.finditer(formula):
        said.append(formula[at : token.start()])
        at = token.end()
        if token["text"] is not None:
            said.append('""')
        elif token["column"] is not None:
            said.append(re.sub("[\"'|]", "_", token["column"]))
        else:
            said.append("''")
            if token["leads"]:
                names.append(token["name"])
                said.append(token["leads"])
    return "".join([*said, formula[at:]]), names


_NAMES = (
    "f|formula|formula1|formula2|definedName|calculatedColumnFormula|"
    "totalsRowFormula|oldFormula|FmlaMacro"
)
_FORMULA = re.compile(
    rf"{PASSED_OVER}|<(?P<tag>{PREFIX}(?:{_NAMES}))(?P<rest>{REST})>"
    rf"(?:(?<=/>)|(?P<content>[^<]*(?:(?:{PASSED_OVER}|<(?!/(?P=tag)\s*>))[^<]*)*)</(?P=tag)\s*>)",
    re.DOTALL,
)
_LAST_TAG = re.compile(rf"<(?P<tag>{PREFIX}c){REST}>\s*\Z")
_INNER = re.compile(r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|<!--.*?-->|<\?.*?\?>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Formula:
    """A formula of a part: whose it is, what it says, where it stands."""

    element: str
    values: dict[str, str]
    text: str
    whole: xml_text.Span
    content: xml_text.Span
    cell: str | None
    """The address of the cell that it is in; "" for a cell that states none, None for what is in no
    cell."""


def formulas_in(xml: str) -> Iterator[Formula]:
    """Every formula of a part, with what stands before it."""
    for found in _FORMULA.finditer(xml):
        if not found["tag"]:
            continue
        content = found["content"] or ""
        span = found.span("content") if found["content"] is not None else (found.end(), found.end())
        cell = None
        before = xml.rfind("<", 0, found.start())
        tag = _LAST_TAG.match(xml, before, found.start()) if before >= 0 else None
        if tag:
            cell = values_of(tag[0]).get("r", "")
        name = found["tag"].rpartition(":")[2]
        values = dict(values_of(f"<x {found['rest']}>"))
        yield Formula(name, values, _plain(content), found.span(), span, cell)


def _plain(content: str) -> str:
    """What the content of an element says."""
    if "<" not in content:
        return html.unescape(content)
    said, at = [], 0
    for inner in _INNER.finditer(content):
        said += [html.unescape(content[at : inner.start()]), inner["cdata"] or ""]
        at = inner.end()
    return "".join([*said, html.unescape(content[at:])])
