"""The workbook of a template on its way: its sheets, its looks and what all its sheets have in
common."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ..model.returns import ALL_TABLES
from .template_basis import Basis

GUIDE, FORM, TERMS, LISTS = "Anvisning", "Redovisning", "Villkor", "Listor"
"""The sheets beside those of the tables, which have their table's name."""

ROWS = {"Kostnader": 300, "Insatser": 200, "Tjänster": 60}
"""Empty rows of each table. Its sheet is not protected, so the table grows when a ledger has more
lines than this."""

HEADER_ROW = 4
"""The row of a table's headers, counted from 0 as XlsxWriter does."""

INK, BLUE, PALE, QUIET = "#1A1A1A", "#1F3F66", "#E6EDF5", "#595959"
OPEN, LOCKED, LINE = "#FFF8DC", "#F0F0F0", "#BFBFBF"
RED, ON_RED, AMBER, ON_AMBER, GREEN, ON_GREEN = (
    "#F8D4D0",
    "#8C1D18",
    "#FFE3B3",
    "#6B4300",
    "#D5EBD8",
    "#1B5E2A",
)
KR, DAY, TEXT = "#,##0.00", "yyyy-mm-dd", "@"
NUMBER_FORMATS = {
    "amount": KR,
    "date": DAY,
    "percent": "General",
    "count": "0",
    "text": TEXT,
    "prose": TEXT,
    "choice": TEXT,
}
NUMERIC = {"amount", "percent", "count"}
"""The kinds of cells that stand to the right."""
WIDTHS = {
    "Kostnader": (29, 37, 29, 9, 11, 13, 12, 16, 36),
    "Insatser": (29, 26, 24, 24, 44, 10, 10, 10, 44),
    "Tjänster": (40, 18, 14, 14, 14),
    "Mått": (34, 12, 24, 20, 12, 12, 12, 12, 44),
    "Frågor": (70, 12, 14, 36, 36),
}


class Book:
    """The workbook, its formats, and the names of its lists."""

    def __init__(self, basis: Basis) -> None:
        import xlsxwriter

        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties(
            {
                "title": f"{basis.grant.words.return_title}: {basis.board.name}",
                "subject": basis.grant.name,
                "company": basis.organisation.name,
                "created": datetime.combine(basis.as_of, datetime.min.time()),
            }
        )
        self.footer = f"{basis.grant.short_name} · {basis.board.name}".replace("&", "&&")
        self.sheets = {
            name: self.book.add_worksheet(name)
            for name in (GUIDE, FORM, *basis.tables, TERMS, LISTS)
        }
        self.lists: dict[str, str] = {}
        """Column name -> the workbook name of the range that its drop-down lists."""
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def content(self) -> bytes:
        """The finished workbook."""
        self.book.close()
        return self.file.getvalue()

    def look(self, **properties: object) -> Any:
        """A cell format; the same properties give the same format."""
        looks = {
            "font_name": "Arial",
            "font_size": 10,
            "font_color": INK,
            "valign": "top",
            "align": "left",
            "text_wrap": True,
        }
        key = tuple(sorted((looks | properties).items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(looks | properties)
        return self._formats[key]

    def field_look(self, kind: str, *, is_locked: bool, **properties: object) -> Any:
        """The format of a cell that somebody fills in, or that is filled in and locked."""
        shape: dict[str, object] = {
            "border": 1,
            "border_color": LINE,
            "bg_color": LOCKED if is_locked else OPEN,
            "num_format": NUMBER_FORMATS[kind],
            "align": "right" if kind in NUMERIC else "left",
            "locked": is_locked,
        }
        return self.look(**shape | properties)

    def head_look(self) -> Any:
        """The format of a table's headers."""
        return self.look(
            bold=True,
            font_color="#FFFFFF",
            bg_color=BLUE,
            valign="vcenter",
            border=1,
            border_color=BLUE,
        )

    def prepare(
        self, name: str, title: str, subtitle: str, *, color: str, widths: Sequence[float]
    ) -> Any:
        """A sheet with its title, column widths and print setup: A4 landscape, one page wide,
        numbered."""
        sheet = self.sheets[name]
        sheet.hide_gridlines(2)
        sheet.set_tab_color(color)
        for place, width in enumerate(widths):
            sheet.set_column(
                place, place, width, self.look(text_wrap=False) if name not in ALL_TABLES else None
            )
        at = 0 if name in ALL_TABLES else 1
        sheet.set_row(0, 28)
        sheet.write_string(
            0, at, title, self.look(font_size=18, bold=True, font_color=BLUE, text_wrap=False)
        )
        sheet.write_string(1, at, subtitle, self.look(font_color=QUIET, text_wrap=False))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L&9{self.footer}&C&9{name}&R&9Sida &P (&N)")
        return sheet

    def heading(self, sheet: Any, row: int, text: str, columns: int) -> int:
        """A heading over a section of a sheet of words; the row below it."""
        sheet.set_row(row, 12)
        sheet.set_row(row + 1, 22)
        look = self.look(
            bold=True,
            font_size=12,
            font_color=BLUE,
            bg_color=PALE,
            valign="vcenter",
            text_wrap=False,
        )
        for place in range(1, 1 + columns):
            sheet.write_blank(row + 1, place, None, look)
        sheet.write_string(row + 1, 1, text, look)
        return row + 2

    def protect(self, sheet: Any) -> None:
        """Locked cells stay as they are; there is no password, and the sheet's looks may be
        changed."""
        sheet.protect("", dict.fromkeys(("format_cells", "format_columns", "format_rows"), True))

    def colour(
        self,
        sheet: Any,
        area: tuple[int, int, int, int],
        test: str,
        back: str = "",
        ink: str = INK,
    ) -> None:
        """Frames the cells of an area where Excel's test holds, and colours those that no earlier
        test has."""
        fill = {"bg_color": back, "font_color": ink} if back else {}
        look = self.book.add_format({"border": 1, "border_color": LINE, **fill})
        sheet.conditional_format(*area, {"type": "formula", "criteria": f"={test}", "format": look})


def height(text: str, width: int) -> int:
    """The height in points of a cell with wrapped text, in a column `width` characters wide."""
    lines = sum(1 + int(len(paragraph) / (width * 1.3)) for paragraph in text.split("\n"))
    return max(20, 13 * lines + 7)


def serial(day: date) -> int:
    """A day as Excel counts it."""
    return day.toordinal() - date(1899, 12, 30).toordinal()
