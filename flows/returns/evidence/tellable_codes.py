"""Codes and numbers of vouchers as they may be told: what people write into a field of codes, and
is no code, may be somebody's name.
"""

import re
from collections.abc import Set as AbstractSet

from ...base import swedish

UNTELLABLE = "(visas inte)"
"""What stands where there is something that isn't told."""

_LONGEST_CODE = 20
_CODE = re.compile(r"(?=.*[0-9])(?!.*[^\W\d_]{4})[\w.:/-]+")
"""At least one digit, and nowhere more than three letters in a row."""
_VOUCHER = re.compile(
    r"(?:ver(?:ifikat(?:ion)?)?(?:nr)?\b[ .:]*)?+(?:nr\b[ .:]*)?+"  # what people call it
    r"(?:[^\W\d_]{1,4}[ .:/-]*)?"  # the series
    r"[0-9](?:[0-9.:/-]| (?=[0-9]{1,4}(?![0-9])))*"  # the number
    r"(?:[ ]?[^\W\d_]{1,2}[ .:/-]?[0-9][0-9.:/-]*)*"  # a series within it
    r"(?:[^\W\d_](?![^\W_]))?",  # a letter at its end
    re.IGNORECASE,
)
_DIGITS = re.compile("[0-9]+")
_DIGITS_OF_A_PERSON = 10
_MASK = "XXXX"
"""What stands where a cell's reader has taken a personal number away."""


def code(text: str, known: AbstractSet[str] = frozenset()) -> str:
    """The code that a field holds: all of it when it is one of those `known`, else its first word
    where that is shaped as a code; empty where there is nothing, and UNTELLABLE for anything else.

    `known` are the codes that the city's own files name.
    """
    if not text or text in known:
        return text
    first = text.partition(" ")[0]
    if first in known:
        return first
    is_one = len(first) <= _LONGEST_CODE and _CODE.fullmatch(first) is not None
    return first if is_one and not _is_of_a_person(text) else UNTELLABLE


def digits(text: str) -> str:
    """The code of digits that a field begins with, where its text comes after; empty where there is
    nothing, and UNTELLABLE where it doesn't begin with one."""
    found = _DIGITS.match(text)
    if found and not _is_of_a_person(text):
        return found[0]
    return UNTELLABLE if text else ""


def voucher(text: str) -> str:
    """A voucher's series and number, as they are written, without what else stands there; the
    number alone where something longer than a series comes before it, empty where there is none,
    and UNTELLABLE where somebody's personal number stands there."""
    if _is_of_a_person(text):
        return UNTELLABLE
    found = _VOUCHER.match(text) or _DIGITS.search(text)
    return found[0].rstrip(" .:/-") if found else ""


def _is_of_a_person(text: str) -> bool:
    """Whether a personal number stands in a text, as a sole trader's number is."""
    if _MASK in text:
        return True
    if sum(map(str.isdigit, text)) < _DIGITS_OF_A_PERSON:
        return False
    return swedish.mask_personal_numbers(text)[0] != text
