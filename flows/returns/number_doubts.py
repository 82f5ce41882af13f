"""A first look at a part: whether it may hold a personal number at all."""

import html
import re
from bisect import bisect
from collections.abc import Iterator

from ..base import swedish
from .part_texts import MARGIN_CODES, RUNS
from .xml_text import CODE, REFERENCE, Said, Span, as_text, is_xml, unescaped

_SQUEEZED = re.compile(
    r"<(?:\w+:)?rPr\b[^>]*(?<!/)>.*?</(?:\w+:)?rPr>"
    r"|(?P<blank></?(?:\w+:)?(?:br|tab|cr)(?:\s[^<>]*)?/?>)"
    rf"|</?(?:\w+:)?(?:{RUNS})(?:\s[^<>]*)?/?>"
    r"|(?<=>)\s+(?=<(?!/(?:\w+:)?t>))"
    r'|"\s*&amp;\s*"|<!\[CDATA\[|\]\]>'
    rf"|{REFERENCE.pattern}|{CODE.pattern}",
    re.DOTALL,
)
_TELLING = r"&#(?!(?:19[2-9]|2[0-5][0-9]|x[C-Fc-f][0-9A-Fa-f]);)[0-9A-Fa-fx]{1,7};"
"""A reference to a character that is no letter of ours."""
_IS_CODED = re.compile(
    rf"""_x[0-9A-Fa-f]{{4}}_|[0-9][^0-9<>"&]{{0,3}}{_TELLING}|{_TELLING}[^0-9<>"&]{{0,3}}(?:[0-9]|{_TELLING})"""
)
DECODED = re.compile(f"{REFERENCE.pattern}|{CODE.pattern}")
_IS_PIECEMEAL = re.compile(
    r'</(?:\w+:)?(?:r|font|span|b|i|u|s|strong|em|fld|ins|del)>|CDATA|"\s*&amp;\s*"'
    r"|</(?:\w+:)?t>\s*<(?:\w+:)?t\b|<(?:\w+:)?(?:br|tab|cr)\b"
)
_ODD = "[^\t\n\r -~\u00a0-\u00ac\u00ae-\u00ff\u2010-\u2015\u2018-\u201e\u2022\u2026\u20ac\u2212]"
_HAS_ODD = re.compile(_ODD)
_IS_ODD_NUMBER = re.compile(
    rf"""(?![0-9])\d|[0-9][^\d<>"]{{0,12}}?(?!\d){_ODD}[^\d<>"]{{0,12}}?\d"""
)
"""A digit of another script, or something unseen or unusual between two digits."""
_MARGIN = re.compile(r"<(?:\w+:)?(?:first|odd|even)(?:Header|Footer)\b[^>]*>([^<]*[0-9][^<]*)<")
SHORT = re.compile(r"<(?:\w+:)?v>\s*[0-9]{7,9}(?:\.0*)?\s*<")
_POWER = re.compile(r"<(?:\w+:)?v>\s*[0-9.]+[eE]\+?[0-9]{1,2}\s*<")
_FORMAT = re.compile(r"""formatCode\s*=\s*["']([^"']*)["']""")


def may_hold_number(text: str) -> bool:
    """Whether a plain text may hold a personal number; no only when there is none."""
    is_odd = _HAS_ODD.search(text) and _IS_ODD_NUMBER.search(text)
    return bool(is_odd) or swedish.holds_personal_number(text)


class Doubts:
    """A quick look at a workbook's parts, one after the other: whether a personal number may stand
    in any of them.

    It says no only when `look` would find nothing, and costs a small part of what that does.
    """

    def __init__(self) -> None:
        self._is_certain = False
        self._has_short_numbers = False
        self._has_ten_digit_format = False
        self.has_codes = False
        """Whether a text may hold Excel's `_xHHHH_`."""

    @property
    def are_there(self) -> bool:
        """Whether it is worth while to look."""
        return self._is_certain or (self._has_short_numbers and self._has_ten_digit_format)

    def part(self, name: str, content: bytes) -> None:
        """Look at one part."""
        if not is_xml(name, content):
            if not self._is_certain:
                self._is_certain = (
                    swedish.holds_personal_number(name)
                    or is_zip(content)
                    or bool(in_bytes(content))
                )
            return
        xml, encoding = as_text(content)
        if b"_x" in content or (encoding.startswith("utf-16") and "_x" in xml):
            self.has_codes = True
        if not self._has_ten_digit_format:
            self._has_ten_digit_format = _has_ten_digit_format(xml)
        if not self._has_short_numbers:
            self._has_short_numbers = bool(SHORT.search(xml))
        if not self._is_certain:
            self._is_certain = swedish.holds_personal_number(name) or is_doubtful(xml)

    def loose(self, content: bytes) -> None:
        """Look at what the zip says beside its parts."""
        if not self._is_certain:
            self._is_certain = bool(in_bytes(content))


def _has_ten_digit_format(xml: str) -> bool:
    return any(is_ten_digits(html.unescape(code)) for code in _FORMAT.findall(xml))


def is_doubtful(xml: str) -> bool:
    """Whether a part may hold a personal number, but for numbers whose first figures are noughts
    that aren't stored."""
    # The text is made plain only as far as something in it asks for that: most parts have neither
    # codes nor texts in pieces, and are looked through as they are.
    if _has_margin_number(xml) or _POWER.search(xml):
        return True
    if _IS_PIECEMEAL.search(xml):
        return may_hold_number(_SQUEEZED.sub(squeezed, xml))
    if _IS_CODED.search(xml):
        return may_hold_number(DECODED.sub(squeezed, xml))
    return may_hold_number(xml)


def squeezed(match: re.Match[str]) -> str:
    """What a match of the squeezing pattern leaves behind."""
    if match[0].startswith("&"):
        return html.unescape(match[0])
    if match.lastgroup == "blank":
        return " "
    return chr(int(match["code"], 16)) if match["code"] else ""


def _has_margin_number(xml: str) -> bool:
    """Whether a personal number stands in a page header or footer, once its codes are taken out."""
    for margin in _MARGIN.findall(xml):
        text = unescaped(html.unescape(margin))
        letters = Said(text, [(0, 0)] * len(text))
        if any(swedish.personal_numbers(letters.without(codes).text) for codes in MARGIN_CODES):
            return True
    return False


def is_ten_digits(code: str) -> bool:
    """Whether a number format shows ten digits whatever the number, as one for personal numbers
    does."""
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
    for section in shown.split(";"):
        whole, _, _ = section.partition(".")
        if len(re.sub("[^0#?]", "", whole)) == 10:
            return True
    return False


def in_bytes(part: bytes) -> list[Span]:
    """The digits of personal numbers in a part that is no XML, where they stand in its bytes."""
    spans: list[Span] = []
    if re.search(rb"[0-9]{4}", part):
        text = part.decode("latin-1")
        if swedish.holds_personal_number(text):
            spans += [(place, place + 1) for place in _digits_in(text)]
    spans += _in_pairs(part, "utf-16-le", rb"(?:[0-9]\0){4}", low=0)
    spans += _in_pairs(part, "utf-16-be", rb"(?:\0[0-9]){4}", low=1)
    return spans


def _in_pairs(part: bytes, encoding: str, digits: bytes, *, low: int) -> Iterator[Span]:
    """The same where each letter is a pair of bytes; `low` is the one of the pair that tells one
    digit from another.

    Nothing says where the pairs begin, so both ways are tried, if four digits stand there so.
    """
    for first in sorted({match.start() % 2 for match in re.finditer(digits, part)}):
        end = len(part) - (len(part) - first) % 2
        text = part[first:end].decode(encoding, "replace")
        if not swedish.holds_personal_number(text):
            continue
        # A letter beyond the first 65 536 takes two pairs.
        wide = [place for place, letter in enumerate(text) if letter > "\uffff"]
        for place in _digits_in(text):
            start = first + 2 * (place + bisect(wide, place))
            yield start + low, start + low + 1


def _digits_in(text: str) -> Iterator[int]:
    for line in re.finditer(r"[0-9][\x20-\x7e\xa0-\xff\s]{8,}", text):
        for number in swedish.personal_numbers(line[0]):
            for digit in number.digits:
                yield line.start() + digit


def is_zip(content: bytes) -> bool:
    """Whether some bytes begin as a zip does."""
    return content.startswith(b"PK\x03\x04")
