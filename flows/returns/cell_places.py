"""Where a cell of a workbook stands, as text and as numbers; and names and letters in its XML."""

import html
import re

from . import ooxml, xml_text
from .tags import PREFIX

_REF = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
Place = tuple[int, int]
"""A cell of a sheet: its row and its column, both from 1."""


def place_of(ref: str) -> Place | None:
    """The place that an address such as "H6" stands for; None for what is no address."""
    match = _REF.fullmatch(ref)
    return (int(match[2]), ooxml.column_number(match[1])) if match else None


def ref_of(place: Place) -> str:
    """The address of a place."""
    return f"{ooxml.column_letters(place[1])}{place[0]}"


def prefixed(xml: str, prefix: str) -> str:
    """XML of ours with the prefix that a part of the sender's has for the same namespace."""
    return re.sub("<(/?)(?=[A-Za-z])", rf"<\1{prefix}", xml) if prefix else xml


_T = re.compile(rf"<({PREFIX}t)(?:\s[^>]*)?>([^<]*)</\1\s*>")


def letters_of(xml: str) -> str:
    """What a text of cells or comments says, whatever runs it is stored in."""
    words = "".join(html.unescape(found[2]) for found in _T.finditer(xml))
    return xml_text.unescaped(words).replace("\r\n", "\n")
