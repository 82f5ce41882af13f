"""The personal numbers in one part of a workbook."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..base import swedish
from .number_doubts import DECODED, squeezed
from .part_texts import (
    DIGIT,
    FORMULAS,
    FRACTION,
    GUID,
    JOINED,
    MARGIN_CODES,
    MARGINS,
    MEASURES,
    OF_PROGRAMS,
    Text,
    Walk,
)
from .xml_text import Said, Span, said_in


@dataclass(frozen=True)
class Found:
    """A personal number in a text of a part, and what is to be written over it."""

    part: str
    text: Text
    edits: Mapping[Span, str]
    number: swedish.PersonalNumber


def numbers_in(part: str, xml: str, ten_digit_styles: set[int]) -> Iterator[Found]:
    """Every personal number in the texts of a part that is XML."""
    for text in Walk(xml).texts():
        raw = "".join(xml[start:end] for start, end, _ in text.pieces)
        if (
            len(DIGIT.findall(DECODED.sub(squeezed, raw) if "&#" in raw or "_x" in raw else raw))
            < 7
        ):
            continue  # too few, also for a number that has lost its noughts
        if text.cell and text.element == "v" and text.cell.type in {"n", "s", "b"}:
            if text.cell.type == "n":
                yield from _in_number(part, text, raw, text.cell.style in ten_digit_styles)
            continue
        if not _is_of_a_program(text, raw.strip()):
            yield from _in_text(part, xml, text)


def _is_of_a_program(text: Text, raw: str) -> bool:
    """Whether a value is what programs write: an identity, a measure, a fraction. No person's
    number is one."""
    if GUID.fullmatch(raw) or (text.element != "t" and FRACTION.fullmatch(raw)):
        return True
    if not text.attribute or not raw.isdecimal():
        return False
    return (
        text.attribute.endswith("id") or text.attribute in MEASURES or text.element in OF_PROGRAMS
    )


def _in_number(part: str, text: Text, raw: str, shows_ten_digits: bool) -> Iterator[Found]:
    """A personal number that Excel has made a number of."""
    assert text.cell is not None
    try:
        value = Decimal(raw.strip())
        whole = abs(int(value)) if value.is_finite() and abs(value) < 10**13 else 0
    except (ArithmeticError, ValueError):
        return
    digits = str(whole)
    if shows_ten_digits and 7 <= len(digits) < 10:
        digits = digits.zfill(10)
    if value != int(value) or len(digits) not in {10, 12}:
        return
    for number in swedish.personal_numbers(digits):
        masked = "".join(
            "X" if place in number.digits else digit for place, digit in enumerate(digits)
        )
        span = (text.pieces[0][0], text.pieces[-1][1])
        yield Found(part, text, {span: masked}, number)


def _in_text(part: str, xml: str, text: Text) -> Iterator[Found]:
    words = said_in(xml, text.pieces)
    readings = [words]
    if text.element in MARGINS:
        readings = [words, *(words.without(codes) for codes in MARGIN_CODES)]
    elif text.element in FORMULAS:
        readings = [words, words.without(JOINED)]
    quoted = _quoted(words) if text.element in FORMULAS else None
    is_number = words.text.strip().isdecimal() and _wants_a_number(text)
    seen: set[tuple[Span, ...]] = set()
    for reading in readings:
        for number in swedish.personal_numbers(reading.text):
            spans = tuple(dict.fromkeys(reading.spans[place] for place in number.digits))
            if spans in seen:
                continue
            seen.add(spans)
            mask = {
                span: "0" if is_number or (quoted is not None and span not in quoted) else "X"
                for span in spans
            }
            yield Found(part, text, mask, number)


def _wants_a_number(text: Text) -> bool:
    """Whether a program that reads the part may stumble on anything but digits."""
    return text.attribute not in {"", "name"} or text.element in {
        "v",
        "n",
        "i4",
        "i8",
        "ui4",
        "ui8",
        "int",
        "r8",
    }


def _quoted(formula: Said) -> set[Span]:
    """The characters of a formula that stand in a text or in the name of a sheet; others must stay
    a formula."""
    quoted = re.finditer(r""""[^"]*"|'[^']*'""", formula.text)
    return {formula.spans[place] for match in quoted for place in range(*match.span())}
