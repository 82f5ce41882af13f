"""One cell on its way in: what stands there, how it was read, and its value."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from ..base import swedish
from ..base.bounds import BOUNDS
from ..model.returns import HIDDEN_TEXT, Cell, Reading
from .refusal import RefusedError

LARGEST_SEK = Decimal(10) ** 10
"""No line of a return is ten thousand million kronor; what is larger is a slip of the keyboard."""


def read_cell(
    sheet: str,
    ref: str,
    value: object,
    kind: str,
    *,
    is_error: bool = False,
    is_hidden: bool = False,
    is_computed: bool = False,
) -> Cell:
    """A cell as it was read; `value` is what the workbook or the CSV holds there, personal numbers
    masked.

    Of a text that held one (`is_hidden`) no more than that is told further on. `is_computed`: an
    amount that a formula or a program has reckoned, and that may have parts of öre.
    """
    shown = _shown(value)
    if len(shown) > BOUNDS.text_characters:
        places = {"sheet": sheet or None, "cells": (ref,)}
        raise RefusedError("text-for-lang", **places, limit=swedish.number(BOUNDS.text_characters))
    if is_error:
        return Cell(sheet, ref, shown, Reading.ERROR, None)
    if shown == "":
        return Cell(sheet, ref, "", Reading.BLANK, None)
    if is_hidden and kind in {"text", "prose"}:
        return Cell(sheet, ref, shown, Reading.OK, HIDDEN_TEXT)
    is_one_line = isinstance(value, str) and kind != "prose"
    reading, parsed = _PARSERS[kind](shown if is_one_line else value)
    if reading is Reading.DECIMALS and is_computed and isinstance(value, float):
        reading, parsed = _rounded(value)
    return Cell(sheet, ref, shown, reading, parsed)


def _shown(value: object) -> str:
    """What a person sees in the cell."""
    match value:
        case None:
            return ""
        case bool():
            return "SANT" if value else "FALSKT"
        case int() | float():
            return f"{value:.15g}".replace(".", ",")
        case datetime():
            has_time = value.time() != datetime.min.time()
            return value.isoformat(" ") if has_time else value.date().isoformat()
        case date():
            return value.isoformat()
    return swedish.tidy(str(value))


def _text(value: object) -> tuple[Reading, str]:
    return Reading.OK, _shown(value)


def _prose(value: object) -> tuple[Reading, str]:
    """A longer text: its lines are its writer's, and at most one blank line stands between two of
    them."""
    if not isinstance(value, str):
        return _text(value)
    lines = "\n".join(swedish.tidy(line) for line in value.splitlines())
    return Reading.OK, re.sub("\n{3,}", "\n\n", lines).strip("\n")


def _amount(value: object) -> tuple[Reading, Decimal | None]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return Reading.UNREADABLE, None
    if isinstance(value, str):
        return _checked_amount(swedish.parse_amount(value), Reading.FROM_TEXT)
    return _checked_amount(Decimal(f"{value:.15g}"), Reading.OK)


def _checked_amount(amount: Decimal | None, reading: Reading) -> tuple[Reading, Decimal | None]:
    if amount is None or not amount.is_finite() or abs(amount) >= LARGEST_SEK:
        return Reading.UNREADABLE, None
    if int(amount.as_tuple().exponent) < -2:  # as written: "125,000" is no 125 kronor
        return Reading.DECIMALS, None
    return reading, amount.quantize(swedish.ORE)


_NOISE = swedish.ORE / 1000
"""What binary numbers may add to or take from an amount that is whole öre: too little for Excel to
show."""


def _rounded(value: float) -> tuple[Reading, Decimal]:
    """A computed amount to the öre, half up (below zero away from it); binary noise goes without a
    word."""
    exact = Decimal(f"{value:.15g}")
    amount = exact.quantize(swedish.ORE, ROUND_HALF_UP)
    if abs(amount - exact) <= _NOISE:
        return Reading.OK, amount
    return Reading.ROUNDED, amount


def _csv_amount(value: object, *, is_comma_decimal: bool) -> tuple[Reading, Decimal | None]:
    text = str(value)
    amount = None
    if is_comma_decimal or "," not in text:
        amount = swedish.parse_amount(text)
    if amount is None:
        amount = swedish.parse_machine_amount(text)
    reading = Reading.FROM_TEXT if swedish.has_odd_minus(text) else Reading.OK
    return _checked_amount(amount, reading)


def _day(value: object) -> tuple[Reading, date | None]:
    if isinstance(value, datetime):
        return Reading.OK, value.date()
    if isinstance(value, date):  # as other programs than Excel store a day
        return Reading.OK, value
    text = _shown(value)
    day = swedish.parse_date(text) or swedish.parse_odd_date(text)
    return (Reading.FROM_TEXT, day) if day else (Reading.UNREADABLE, None)


def _csv_day(value: object) -> tuple[Reading, date | None]:
    day = swedish.parse_date(str(value))
    return (Reading.OK, day) if day else _day(value)


def _count(value: object) -> tuple[Reading, Decimal | None]:
    text = _shown(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", text):
        return Reading.UNREADABLE, None
    return Reading.OK, Decimal(text)


_PERCENT = re.compile("([0-9]{1,9}(?:[,.][0-9]{1,15})?) ?%?")


def _percent(value: object) -> tuple[Reading, Decimal | None]:
    """Per cent as a number, with or without its sign. What Excel stores for 50 % is 0.5, and is
    left at that: whether it is a share is for whoever asks."""
    text = "" if isinstance(value, bool) else _shown(value)
    match = _PERCENT.fullmatch(text)
    if not match:
        return Reading.UNREADABLE, None
    return _checked_amount(Decimal(match[1].replace(",", ".")), Reading.OK)


def _choice(value: object) -> tuple[Reading, str | None]:
    answer = {"ja": "Ja", "nej": "Nej"}.get(swedish.key(_shown(value)))
    return (Reading.OK, answer) if answer else (Reading.UNREADABLE, None)


def _answer(value: object) -> tuple[Reading, str | Decimal | None]:
    """Ja, Nej or a whole number: which of them is wanted is for whoever knows the question."""
    reading, number = _count(value)
    if reading is Reading.OK:
        return reading, number
    return _choice(value)


_PARSERS: Mapping[str, Callable[[object], tuple[Reading, Decimal | date | str | None]]] = {
    "text": _text,
    "prose": _prose,
    "amount": _amount,
    "date": _day,
    "percent": _percent,
    "count": _count,
    "choice": _choice,
    "answer": _answer,
    "csv-amount;": partial(_csv_amount, is_comma_decimal=True),
    "csv-amount,": partial(_csv_amount, is_comma_decimal=False),
    "csv-date": _csv_day,
}
