"""A workbook opened by openpyxl, and what openpyxl would lose or guess put right."""

import io
import warnings
from typing import TYPE_CHECKING, Any

from . import xml_text
from .refusal import RefusedError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


def opened(content: bytes, *, data_only: bool, has_codes: bool) -> "Workbook":
    """A workbook with its formulas, or with the values that are stored for them (`data_only`).

    `has_codes`: whether a text in it may hold Excel's `_xHHHH_`. Raises RefusedError for what
    can't be opened.
    """
    import openpyxl
    from openpyxl.worksheet import _reader

    vars(_reader).update(from_excel=_day_or_number, from_ISO8601=_moment_or_text)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(
                io.BytesIO(content), data_only=data_only, keep_links=False
            )
    except MemoryError:
        raise
    # openpyxl raises whatever the XML made it stumble on; the sender needs one sentence.
    except Exception:
        raise RefusedError("fil-olasbar") from None
    if has_codes:
        _unescape(book)
    return book


def _unescape(book: "Workbook") -> None:
    """Put into a workbook's texts the characters that Excel writes as `_xHHHH_`."""
    for ws in book.worksheets:
        for cell in ws._cells.values():
            if isinstance(cell.value, str) and cell.data_type != "f":
                # Past `value`, which guesses what a text is.
                cell._value = xml_text.unescaped(cell.value)  # type: ignore[attr-defined]


def _day_or_number(value: float, *args: Any, **named: Any) -> object:
    """The day or time that a number is in a cell of dates; the number itself where Excel shows no
    day for it.

    openpyxl would say that the cell shows an error, and what stands in it would be lost.
    """
    from openpyxl.utils.datetime import from_excel

    try:
        return from_excel(value, *args, **named)
    except (OverflowError, ValueError):
        return value


def _moment_or_text(value: str) -> object:
    """The day or time that a cell holds in ISO 8601; the text itself where it is none."""
    from openpyxl.utils.datetime import from_ISO8601

    try:
        moment: object = from_ISO8601(value)  # type: ignore[no-untyped-call]
    except ValueError:
        return value
    return moment
