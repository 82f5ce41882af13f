"""Workbooks that say the same in other ways."""

import re
from collections.abc import Callable, Mapping

from openpyxl.workbook import Workbook

from tests.support import planted
from tests.support.planted import (
    TOTAL,
    edited,
    rewritten,
)

KOSTNADER = "xl/worksheets/sheet3.xml"


def rows_apart(book: Workbook) -> None:
    sheet = book["Kostnader"]
    sheet.move_range("A9:I9", rows=60)
    sheet.move_range("A8:I8", rows=3)


def small_table(book: Workbook) -> None:
    table = book["Kostnader"].tables["Kostnader"]
    table.ref = table.autoFilter.ref = "A5:I7"


def totals_row(book: Workbook) -> None:
    sheet = book["Kostnader"]
    table = sheet.tables["Kostnader"]
    sheet["A10"].value, sheet["H10"].value = "Summa", float(TOTAL)
    table.ref, table.totalsRowCount = "A5:I10", 1


def lying_dimension(part: bytes) -> bytes:
    return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part)


SAME: Mapping[str, Callable[[], bytes]] = {
    "blank rows between the lines, and lines below the table": edited(rows_apart),
    "a table that ends before its last lines": edited(small_table),
    "a totals row": edited(totals_row),
    "a sheet that says that it is one cell": rewritten(KOSTNADER, lying_dimension),
    "the tables under other names": edited(planted.rename_table),
    "defined names lost": edited(planted.drop_names),
    "sheets moved and renamed": edited(planted.move_sheets),
    "the columns in another order": edited(planted.turn_columns),
}
