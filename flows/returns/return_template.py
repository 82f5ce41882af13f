"""Writes the return workbook that a board fills in.

The template is built from the declarations in `model` and from the grant, so that what a board may
fill in and what the checks accept can't come apart. Layout and Swedish words live here; which
columns and fields there are does not.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.boards import Assignment, Board
from ..model.decisions import Component, Grant
from ..model.returns import HEADER_FIELDS, TABLES, TEMPLATE_VERSIONS, Column, HeaderField
from .template_words import COLUMN_HELP, FIELD_HELP, SECTIONS, STEPS, TABLE_INTRO, UNUSED

GUIDE, FORM, TERMS, LISTS = "Anvisning", "Redovisning", "Villkor", "Listor"
"""The sheets beside those of the tables, which have their table's name."""

ROWS = {"Kostnader": 300, "Insatser": 200}
"""Empty rows of each table. Its sheet is not protected, so the table grows when a ledger has more
lines than this."""

HEADER_ROW = 4
"""The row of a table's headers, counted from 0 as XlsxWriter does."""


# -- looks -----------------------------------------------------------------------------------------

_INK, _BLUE, _PALE, _QUIET = "#1A1A1A", "#1F3F66", "#E6EDF5", "#595959"
_OPEN, _LOCKED, _LINE = "#FFF8DC", "#F0F0F0", "#BFBFBF"
_RED, _ON_RED, _AMBER, _ON_AMBER, _GREEN, _ON_GREEN = (
    "#F8D4D0",
    "#8C1D18",
    "#FFE3B3",
    "#6B4300",
    "#D5EBD8",
    "#1B5E2A",
)
_KR, _DAY, _TEXT = "#,##0.00", "yyyy-mm-dd", "@"
_NUMBER_FORMATS = {
    "amount": _KR,
    "date": _DAY,
    "count": "0",
    "text": _TEXT,
    "prose": _TEXT,
    "choice": _TEXT,
}
_WIDTHS = {
    "Kostnader": (29, 37, 29, 9, 11, 13, 12, 16, 36),
    "Insatser": (29, 26, 24, 24, 44, 10, 10, 10, 44),
}


def _height(text: str, width: int) -> int:
    """The height in points of a cell with wrapped text, in a column `width` characters wide."""
    lines = sum(1 + int(len(paragraph) / (width * 1.3)) for paragraph in text.split("\n"))
    return max(20, 13 * lines + 7)


# -- the template ----------------------------------------------------------------------------------


def template(
    grant: Grant,
    board: Board,
    assigned: Assignment,
    period_end: date,
    as_of: date,
    returns_by: str | None = None,
) -> bytes:
    """The return workbook for one board, as the bytes of an xlsx file; the same arguments give the
    same bytes.

    `assigned` is what the board has been given by the decisions in force on `as_of`; `returns_by`
    the day by which the period is to be returned, in words, where one is known.
    """
    return _Template(grant, board, assigned, period_end, as_of, returns_by).content()


class _Template:
    """One template on its way: the workbook, what is known about it, and one method for each
    sheet."""

    def __init__(
        self,
        grant: Grant,
        board: Board,
        assigned: Assignment,
        period_end: date,
        as_of: date,
        returns_by: str | None,
    ) -> None:
        import xlsxwriter

        self.returns_by = returns_by
        self.grant, self.board, self.assigned, self.period_end, self.as_of = (
            grant,
            board,
            assigned,
            period_end,
            as_of,
        )
        self.allocated = assigned.amounts_sek
        self.total = sum(self.allocated.values(), Decimal(0))
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties(
            {
                "title": f"Redovisning av statsbidrag: {board.name}",
                "subject": grant.name,
                "company": "Stockholms stad",
                "created": datetime.combine(as_of, datetime.min.time()),
            }
        )
        self.sheets = {
            name: self.book.add_worksheet(name) for name in (GUIDE, FORM, *TABLES, TERMS, LISTS)
        }
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self.components = [c for c in grant.components if len(grant.components) > 1]
        self.lists: dict[str, str] = {}
        """Column name -> the workbook name of the range that its drop-down lists."""
        self.words = {
            "grant": grant.name,
            "board": board.name,
            "reported": swedish.period(grant.spend_from_on, period_end),
            "spending": swedish.period(grant.spend_from_on, grant.spend_to_on),
            "period_end": period_end.isoformat(),
            "allocation": self.allocation(),
        }

    def allocation(self) -> str:
        """What the board has been given, in a sentence."""
        together = ""
        if self.assigned.counted_with:
            together = (
                " Det ni redovisar räknas samman med redovisningen från "
                f"{self.assigned.counted_with}."
            )
        if not self.allocated:
            return f"Nämnden har ingen egen tilldelning i bidraget.{together}"
        total = f"{swedish.kr(self.total)} enligt beslut till och med {self.as_of}"
        given = (
            f"{swedish.kr(sek)} beslutat för {name}"
            for name, sek in self.assigned.inherited_sek.items()
        )
        inherited = f" Av det är {swedish.listing(given)}." if self.assigned.inherited_sek else ""
        if not self.components:
            return f"{total}.{inherited}{together}"
        parts = (f"{c.name} {swedish.kr(self.part(c))}" for c in self.components)
        kept = ""
        if self.grant.is_earmarked:
            kept = (
                " Delarna är öronmärkta: det som blir över i den ena får inte användas i den andra."
            )
        return f"{total}: {swedish.listing(parts)}.{inherited}{kept}{together}"

    def part(self, component: Component) -> Decimal:
        """What the board has been given for one component, in kronor."""
        return self.allocated.get(component.component_id, Decimal(0))

    def help(self, column: Column) -> str:
        """What to write in a column of this grant's workbook."""
        if column.name == "target_area" and not self.grant.target_areas:
            return UNUSED
        return COLUMN_HELP[column.name].format_map(self.words)

    def look(self, **properties: object) -> Any:
        """A cell format; the same properties give the same format."""
        looks = {
            "font_name": "Arial",
            "font_size": 10,
            "font_color": _INK,
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
            "border_color": _LINE,
            "bg_color": _LOCKED if is_locked else _OPEN,
            "num_format": _NUMBER_FORMATS[kind],
            "align": "right" if kind in {"amount", "count"} else "left",
            "locked": is_locked,
        }
        return self.look(**shape | properties)

    def content(self) -> bytes:
        """The finished workbook."""
        self.fill_lists()
        self.fill_guide()
        self.fill_form()
        for name, columns in TABLES.items():
            self.fill_table(name, columns)
        self.fill_terms()
        self.book.close()
        return self.file.getvalue()

    # what every sheet has in common

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
                place, place, width, self.look(text_wrap=False) if name not in TABLES else None
            )
        at = 0 if name in TABLES else 1
        sheet.set_row(0, 28)
        sheet.write_string(
            0, at, title, self.look(font_size=18, bold=True, font_color=_BLUE, text_wrap=False)
        )
        sheet.write_string(1, at, subtitle, self.look(font_color=_QUIET, text_wrap=False))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        about = f"{self.grant.short_name} · {self.board.name}".replace("&", "&&")
        sheet.set_footer(f"&L&9{about}&C&9{name}&R&9Sida &P (&N)")
        return sheet

    def heading(self, sheet: Any, row: int, text: str, columns: int) -> int:
        """A heading over a section of a sheet of words; the row below it."""
        sheet.set_row(row, 12)
        sheet.set_row(row + 1, 22)
        look = self.look(
            bold=True,
            font_size=12,
            font_color=_BLUE,
            bg_color=_PALE,
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

    # the sheets

    def fill_lists(self) -> None:
        """The hidden sheet of drop-down lists: exactly what the grant pays for."""
        sheet = self.sheets[LISTS]
        lists = {
            "area": ("omraden", self.grant.areas),
            "cost_kind": ("kostnadsslag", self.grant.cost_kinds),
            "target_area": ("malomraden", self.grant.target_areas),
            "choice": ("ja_nej", ("Ja", "Nej")),
        }
        lists |= {
            c.component_id: (f"del_{place}", c.areas)
            for place, c in enumerate(self.components, start=1)
        }
        for place, (column, (name, values)) in enumerate(lists.items()):
            if not values:
                continue
            sheet.set_column(place, place, 46)
            sheet.write_string(0, place, name, self.look(bold=True))
            sheet.write_column(1, place, values)
            letter = _letter(place)
            self.lists[column] = f"lista_{name}"
            self.book.define_name(
                self.lists[column], f"={LISTS}!${letter}$2:${letter}${1 + len(values)}"
            )
        sheet.protect()
        sheet.very_hidden()

    def fill_guide(self) -> None:
        """The sheet that says what to do, what counts and what does not."""
        sheet = self.prepare(
            GUIDE,
            "Redovisning av statsbidrag",
            f"{self.board.name} · {self.grant.name}",
            color=_BLUE,
            widths=(2, 28, 96),
        )
        row = 2
        for title, lines in self.guide().items():
            row = self.heading(sheet, row, title, 2)
            for label, text in lines.items():
                if not text:
                    continue
                sheet.set_row(row, _height(text, 96))
                is_warning = label == "Personuppgifter"
                shade = {"bg_color": _RED, "font_color": _ON_RED} if is_warning else {}
                sheet.write_string(row, 1, label, self.look(bold=True, **shade))
                sheet.write_string(row, 2, text, self.look(**shade))
                row += 1
        self.protect(sheet)
        sheet.activate()

    def guide(self) -> dict[str, dict[str, str]]:
        """The guide: heading -> label -> text. A line whose text is empty is left out."""
        grant = self.grant
        ref = f" Ange diarienummer {grant.city_ref}." if grant.city_ref else ""
        known = f"senast {self.returns_by}" if self.returns_by else grant.board_deadline_words
        ask = "" if self.returns_by else " Stäm av dagen med Socialförvaltningen."
        return {
            "Det viktigaste": {
                "Bidraget": f"{grant.name}. Bidragsgivare: {grant.grantor}.",
                "Ändamål": next((t.value for t in grant.terms if t.label == "Ändamål"), ""),
                "Er nämnd": self.board.name,
                "Det ni har fått": self.words["allocation"],
                "Det ni redovisar": "Allt ni har använt av bidraget sedan dess början, "
                f"{self.words['reported']}.",
                "Till Socialförvaltningen": f"{known[0].upper()}{known[1:]}.{ask}",
                f"Till {grant.grantor_short}": f"{grant.agency_deadline_words}. "
                "Socialförvaltningen återrapporterar, med er redovisning som grund.",
                "Frågor": "Vänd er till den på Socialförvaltningen som skickade arbetsboken till "
                f"er.{ref}",
                "Personuppgifter": "Skriv inga personuppgifter – inga namn eller personnummer – om "
                "barn, föräldrar eller anställda. En redovisning med personnummer stoppas. Bara "
                "kontaktpersonen och den som intygar får nämnas.",
            },
            "Gör så här": STEPS,
            "Det här betalar bidraget": {
                "Arbete utfört": self.words["spending"],
                "Områden": "\n".join(grant.areas),
                "Målområden": "\n".join(grant.target_areas),
                "Kostnadsslag": "\n".join(grant.cost_kinds),
            },
            "Det här betalar bidraget inte": {
                "Får inte användas till": "\n".join(grant.not_for),
                "Andra områden": "\n".join(grant.unpaid_areas),
                "Andra kostnadsslag": "\n".join(grant.unpaid_cost_kinds),
            },
            "Återbetalning": {
                "Skäl till återbetalning": "\n".join(grant.repayment_grounds),
                "Om pengar blir över": "Ange prognos och orsak i fliken Redovisning så snart ni "
                "vet, så hinner Socialförvaltningen göra något åt det.",
            },
        } | {
            f"Kolumnerna i fliken {name}": {
                f"{c.header}{' (krävs)' if c.is_required else ''}": self.help(c) for c in columns
            }
            for name, columns in TABLES.items()
        }

    def fill_form(self) -> None:
        """The sheet of single cells: what is known is filled in and locked, the rest is open and
        coloured."""
        sheet = self.prepare(
            FORM,
            "Redovisning",
            "Fyll i de gula fälten. De grå är ifyllda och låsta, eller räknas ut.",
            color="#D9A400",
            widths=(2, 42, 34, 66),
        )
        filled = {
            "grant": self.grant.grant_id,
            "board": self.board.board_id,
            "period_end_on": self.period_end,
            "version": 1,
            "template_version": TEMPLATE_VERSIONS[-1],
            "allocated_sek": self.total,
        }
        row = 2
        for field in HEADER_FIELDS:
            if field.name in SECTIONS:
                row = self.heading(sheet, row, SECTIONS[field.name], 3)
            self.fill_field(sheet, row, field, filled.get(field.name))
            row += 1
            if field.name == "stated_total_sek":
                row = self.fill_sums(sheet, row)
        sheet.freeze_panes(2, 0)
        sheet.fit_to_pages(1, 1)
        self.protect(sheet)

    def fill_field(self, sheet: Any, row: int, field: HeaderField, value: object) -> None:
        """One field of the form: label, the named cell, and help beside it."""
        self.book.define_name(field.defined_name, f"={FORM}!$C${row + 1}")
        words = FIELD_HELP[field.name].format_map(self.words)
        is_long = field.name == "unspent_reason"
        valign = "top" if is_long else "vcenter"
        sheet.set_row(row, 80 if is_long else _height(words, 64))
        sheet.write_string(row, 1, field.label, self.look(bold=True, valign=valign))
        sheet.write_string(row, 3, words, self.look(font_color=_QUIET, indent=1, valign=valign))
        side = "right" if field.kind == "amount" else "left"
        look = self.field_look(
            field.kind, is_locked=field.is_locked, valign=valign, align=side, indent=1
        )
        sheet.write(row, 2, value, look)
        if not field.is_locked:
            allowed = self.validation(field.kind, field.name, f"C{row + 1}", field.label, words)
            sheet.data_validation(row, 2, row, 2, allowed)

    def fill_sums(self, sheet: Any, row: int) -> int:
        """The sums that the workbook reckons itself, beside what the board states; the row below
        them."""
        middle: dict[str, object] = {"valign": "vcenter", "indent": 1}
        number = self.field_look("amount", is_locked=True, **middle)
        left = self.look(
            font_color=_QUIET,
            num_format=f'"Kvar av det tilldelade: "{_KR}" kr";"Mer än tilldelat: "{_KR}" '
            'kr";"Allt är använt"',
            **middle,
        )

        def line(
            label: str,
            total: str,
            beside: str,
            result: Decimal | str,
            *,
            look: Any = left,
            indent: int = 1,
        ) -> str:
            """One sum and what is said beside it, `result` while nothing is filled in; the sum's
            cell."""
            nonlocal row
            sheet.set_row(row, 20)
            sheet.write_string(row, 1, label, self.look(valign="vcenter", indent=indent))
            sheet.write_formula(row, 2, f'=IFERROR({total},"Ett belopp visar fel")', number, 0)
            sheet.write_formula(row, 3, f"={beside}", look, result)
            row += 1
            return f"C{row}"

        ask, unsure = "Fyll i er summa ovan", "Kontrollera beloppen"
        differs = f'"Stämmer inte. Skillnaden är {{}}"{_KR}" kr"'
        says = ";".join([differs.format(""), differs.format(swedish.MINUS), '"Stämmer"'])
        verdict = self.look(bold=True, num_format=says, **middle)
        difference = f'IFERROR(ROUND(summa_kostnader-C{row + 1},2),"{unsure}")'
        compared = f'IF(ISBLANK(summa_kostnader),"{ask}",{difference})'
        at, cell = (row, 3, row, 3), f"$D${row + 1}"
        self.colour(sheet, at, f"AND(ISNUMBER({cell}),{cell}=0)", _GREEN, _ON_GREEN)
        self.colour(sheet, at, f'{cell}<>"{ask}"', _RED, _ON_RED)
        label = "Summa av raderna i fliken Kostnader, kr"
        total = line(label, "SUM(Kostnader[Belopp])", compared, ask, look=verdict)
        if not self.allocated:
            return row
        for place, component in enumerate(self.components):
            # Money whose area belongs to no component counts in the first, so that one is what the
            # others leave.
            others = f"{total}-SUM(C{row + 2}:C{row + len(self.components)})"
            areas = self.lists[component.component_id]
            own = f"SUMPRODUCT(SUMIF(Kostnader[Område],{areas},Kostnader[Belopp]))"
            given = self.part(component)
            beside = f'IFERROR({given}-C{row + 1},"")'
            line(f"varav {component.name}", own if place else others, beside, given, indent=3)
        line("Tilldelat minus kostnader, kr", f"tilldelat-{total}", f"C{row + 1}", self.total)
        return row

    def colour(
        self,
        sheet: Any,
        area: tuple[int, int, int, int],
        test: str,
        back: str = "",
        ink: str = _INK,
    ) -> None:
        """Frames the cells of an area where Excel's test holds, and colours those that no earlier
        test has."""
        fill = {"bg_color": back, "font_color": ink} if back else {}
        look = self.book.add_format({"border": 1, "border_color": _LINE, **fill})
        sheet.conditional_format(*area, {"type": "formula", "criteria": f"={test}", "format": look})

    def fill_table(self, name: str, columns: Sequence[Column]) -> None:
        """A sheet with one Excel table and nothing below it; sums and checks stand above.

        It is not protected: a protected sheet stops its tables from growing, sorting and taking
        pasted rows. What is typed over a header is refused by a validation instead. Empty rows hold
        no cells, only the looks of their columns, so that reading a return costs what is written in
        it.
        """
        sheet = self.prepare(name, name, TABLE_INTRO[name], color="#3E7CB1", widths=_WIDTHS[name])
        is_prose = name == "Insatser"
        first, last = HEADER_ROW + 1, HEADER_ROW + ROWS[name]
        sheet.set_row(HEADER_ROW, 34)
        head = self.look(
            bold=True,
            font_color="#FFFFFF",
            bg_color=_BLUE,
            valign="vcenter",
            border=1,
            border_color=_BLUE,
        )
        for place, column in enumerate(columns):
            letter = _letter(place)
            hint = "krävs" if column.is_required else "frivillig"
            sheet.write_string(
                HEADER_ROW - 1, place, hint, self.look(font_size=8, font_color=_QUIET)
            )
            indent = int(column.kind in {"amount", "count"})
            side, number = "right" if indent else "left", _NUMBER_FORMATS[column.kind]
            look = self.look(
                num_format=number, align=side, indent=indent, text_wrap=is_prose, locked=False
            )
            sheet.set_column(place, place, _WIDTHS[name][place], look)
            own_name = {
                "validate": "custom",
                "value": f'=EXACT({letter}{HEADER_ROW + 1},"{column.header}")',
                "error_title": "Rubriken behövs",
                "error_message": "Rubrikerna läses av Socialförvaltningen och får inte ändras. "
                "Ångra med Esc.",
            }
            sheet.data_validation(HEADER_ROW, place, HEADER_ROW, place, own_name)
            allowed = self.validation(
                column.kind, column.name, f"{letter}{first + 1}", column.header, self.help(column)
            )
            sheet.data_validation(first, place, last, place, allowed)
        for row in range(first, last + 1) if is_prose else ():
            sheet.set_row(row, 56)
        sheet.add_table(
            *(HEADER_ROW, 0, last, len(columns) - 1),
            {
                "name": name,
                "columns": [{"header": c.header, "header_format": head} for c in columns],
                "style": None,
            },
        )
        self.check_table(sheet, name, columns)
        whole = (first, 0, last, len(columns) - 1)
        self.colour(sheet, whole, f"ISBLANK(A{first + 1})", _OPEN)
        self.colour(sheet, whole, "TRUE")
        sheet.ignore_errors(
            {"number_stored_as_text": f"A{first + 1}:{_letter(len(columns) - 1)}{last + 1}"}
        )
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(HEADER_ROW)

    def check_table(self, sheet: Any, name: str, columns: Sequence[Column]) -> None:
        """Colours and counts the cells that can't be right, and sums the amounts.

        Validation sees only what is typed. What is pasted from a ledger is caught here, before the
        board sends it.
        """
        first, last = HEADER_ROW + 1, HEADER_ROW + ROWS[name]
        telling = next((c for c in columns if c.kind == "amount"), columns[-1])
        tests = []
        for place, column in enumerate(columns):
            mate = columns[0] if column is telling else telling
            cell, beside = (f"${_letter(columns.index(c))}{first + 1}" for c in (column, mate))
            area, listed = (first, place, last, place), self.lists.get(column.name)
            if wrong := _wrong(column, listed, cell, beside):
                self.colour(sheet, area, wrong, _RED, _ON_RED)
                tests.append(
                    _wrong(column, listed, f"{name}[{column.header}]", f"{name}[{mate.header}]")
                )
            if column.name == "worked_on":
                begin, end = _serial(self.grant.spend_from_on), _serial(self.grant.spend_to_on) + 1
                outside = f"AND(ISNUMBER({cell}),OR({cell}<{begin},{cell}>={end}))"
                self.colour(sheet, area, outside, _AMBER, _ON_AMBER)
            if name == "Kostnader" and column.name == "activity":
                known = f"Insatser!$A${first + 1}:$A${HEADER_ROW + 1 + ROWS['Insatser']}"
                self.colour(
                    sheet, area, f'AND({cell}<>"",COUNTIF({known},{cell})=0)', _AMBER, _ON_AMBER
                )
            if column.kind == "amount":
                sheet.write_string(2, place - 1, "Summa", self.look(align="right", bold=True))
                total = f'=IFERROR(SUM({name}[{column.header}]),"Fel i belopp")'
                sheet.write_formula(
                    2, place, total, self.look(num_format=_KR, bold=True, align="right"), 0
                )
        told = self.look(
            num_format='"Röda celler att rätta: "0;;"Inga röda celler att rätta"', text_wrap=False
        )
        count = "+".join(f"SUMPRODUCT(--({test}))" for test in tests)
        sheet.write_formula(
            2, 0, f'=IFERROR({count},"Någon cell visar fel, till exempel #REF!")', told, 0
        )

    def validation(
        self, kind: str, name: str, cell: str, title: str, words: str
    ) -> dict[str, object]:
        """The validation of a cell or a column that begins at `cell`: help when it is chosen, and
        what is refused."""
        shown: dict[str, object] = {"input_title": title[:32], "input_message": words[:255]}
        listed = self.lists.get("choice" if kind == "choice" else name)
        if listed:
            return shown | {
                "validate": "list",
                "source": f"={listed}",
                "error_title": "Välj i listan",
                "error_message": "Det ni skrev finns inte i listan. Klicka på pilen till höger om "
                "cellen och välj.",
            }
        rules: dict[str, dict[str, object]] = {
            "amount": {
                "validate": "custom",
                "value": f"=IF(ISNUMBER({cell}),ROUND({cell},2)={cell},FALSE)",
                "error_title": "Beloppet kan inte läsas",
                "error_message": "Skriv kronor med siffror och högst två decimaler, till exempel "
                "12500,50. Skriv inte kr eller tkr.",
            },
            "count": {
                "validate": "integer",
                "criteria": ">=",
                "value": 1 if name == "version" else 0,
                "error_title": "Skriv ett heltal",
                "error_message": f"Skriv ett heltal som är {1 if name == 'version' else 0} eller "
                "större.",
            },
            "date": {
                "validate": "date",
                "criteria": ">=",
                "value": self.grant.spend_from_on,
                "error_title": "Dagen kan inte läsas",
                "error_message": "Skriv dagen med år, månad och dag, till exempel "
                f"{self.period_end}.",
            },
            "worked_on": {
                "validate": "date",
                "criteria": "between",
                "minimum": self.grant.spend_from_on,
                "maximum": self.grant.spend_to_on,
                "error_type": "warning",
                "error_title": "Utanför bidragets tid",
                "error_message": f"Medlen får användas {self.words['spending']}. En rad utanför "
                "den tiden får stå kvar men betalas inte av bidraget. Skriv dagen som "
                f"{self.period_end}.",
            },
        }
        return shown | rules.get(name, rules.get(kind, {"validate": "any"}))

    def fill_terms(self) -> None:
        """The sheet of all terms with their sources."""
        sheet = self.prepare(
            TERMS,
            "Villkor",
            "Bidragets villkor och var de kommer från. Ett antagande är stadens tolkning och inte "
            "ett beslut.",
            color=_QUIET,
            widths=(2, 30, 50, 76),
        )
        head = self.look(bold=True, font_color="#FFFFFF", bg_color=_BLUE)
        sheet.write_row(3, 1, ("Villkor", "Det som gäller", "Källa"), head)
        line = {"bottom": 1, "bottom_color": _LINE}
        for row, term in enumerate(self.grant.terms, start=4):
            sheet.set_row(row, max(_height(term.value, 50), _height(term.source.sentence, 76)))
            sheet.write_string(row, 1, term.label, self.look(bold=True, **line))
            sheet.write_string(row, 2, term.value, self.look(**line))
            sheet.write_string(row, 3, term.source.sentence, self.look(font_color=_QUIET, **line))
        sheet.freeze_panes(4, 0)
        sheet.repeat_rows(0, 3)
        self.protect(sheet)


def _wrong(column: Column, listed: str | None, x: str, beside: str) -> str:
    """Excel's test for what can't be right in `x`, a cell or a whole column; "" when nothing can be
    told.

    `listed` names the range of allowed values; where `beside` is filled in, a required `x` must be
    so too.
    """
    tests = [f"ISTEXT({x})"] if column.kind in {"amount", "date", "count"} else []
    tests += [f'({x}<>"")*(COUNTIF({listed},{x})=0)'] if listed else []
    tests += [f'({x}="")*({beside}<>"")'] if column.is_required else []
    return f"({'+'.join(tests)})>0" if tests else ""


def _letter(place: int) -> str:
    """The letter of a column, counted from 0; no table of ours is wider than the alphabet."""
    return chr(ord("A") + place)


def _serial(day: date) -> int:
    """A day as Excel counts it."""
    return day.toordinal() - date(1899, 12, 30).toordinal()
