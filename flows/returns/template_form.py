"""The form of the template: the sheet of single cells, with the sums that it reckons itself."""

from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.returns import HEADER_FIELDS, TEMPLATE_VERSIONS, HeaderField
from .template_basis import Basis
from .template_book import FORM, GREEN, KR, ON_GREEN, ON_RED, QUIET, RED, Book, height
from .template_rules import allowed_values, help_shown
from .template_words import FIELD_HELP, NEEDED, NEEDED_FINALLY, SECTIONS


def fill_form(book: Book, basis: Basis) -> None:
    """The sheet of single cells: what is known is filled in and locked, the rest is open and
    coloured."""
    sheet = book.prepare(
        FORM,
        "Redovisning",
        "Fyll i de gula fälten. De grå är ifyllda och låsta, eller räknas ut.",
        color="#D9A400",
        widths=(2, 42, 34, 66),
    )
    filled = {
        "grant": basis.grant.grant_id,
        "board": basis.board.board_id,
        "period_end_on": basis.period_end,
        "version": basis.version,
        "template_version": TEMPLATE_VERSIONS[-1],
        "allocated_sek": basis.allocated_sek if basis.grant.has_amounts else None,
    }
    if basis.before is not None:
        filled |= {name: basis.before.value(name) for name in ("contact", "email")}
    _fill_verdict(book, basis, sheet)
    row = 2
    for field in HEADER_FIELDS:
        if field.name in SECTIONS:
            row = book.heading(sheet, row, basis.wording.said(SECTIONS[field.name]), 3)
        _fill_field(book, basis, sheet, row, field, filled.get(field.name))
        row += 1
        if field.name == "stated_total_sek":
            row = _fill_sums(book, basis, sheet, row)
    sheet.set_row(0, 34)
    sheet.freeze_panes(2, 0)
    sheet.fit_to_pages(1, 1)
    book.protect(sheet)


def _fill_verdict(book: Book, basis: Basis, sheet: Any) -> None:
    """Whether the return can be sent, and what is missing, beside the title."""
    is_last = basis.period_end >= basis.grant.spend_to_on
    wanted = dict(NEEDED_FINALLY if is_last else NEEDED)
    tests = [(f"ISBLANK({name})", words) for name, words in wanted.items()]
    differs = "IFERROR(ROUND(summa_kostnader-SUM(Kostnader[Belopp]),2)<>0,TRUE)"
    tests.append((f"AND(NOT(ISBLANK(summa_kostnader)),{differs})", "summan stämmer inte"))
    for name in basis.tables:
        tests.append((f"N({name}!$A$3)>0", f"röda celler i {name}"))
    missing = "&".join(f'IF({test},", {words}","")' for test, words in tests)
    middle = {"valign": "vcenter", "indent": 1}
    ready = f'=IF(LEN({missing})=0,"Klar att skicka","Inte klar att skicka")'
    sheet.write_formula(0, 2, ready, book.look(bold=True, **middle), "Inte klar att skicka")
    said = f'=IF(LEN({missing})=0,"","Saknas: "&MID({missing},3,500))'
    listed = "Saknas: " + ", ".join(wanted.values())
    sheet.write_formula(0, 3, said, book.look(**middle), listed)
    book.colour(sheet, (0, 2, 0, 2), '$C$1="Klar att skicka"', GREEN, ON_GREEN)
    book.colour(sheet, (0, 2, 0, 2), '$C$1="Inte klar att skicka"', RED, ON_RED)


def _fill_field(
    book: Book, basis: Basis, sheet: Any, row: int, field: HeaderField, value: object
) -> None:
    """One field of the form: label, the named cell, and help beside it."""
    book.book.define_name(field.defined_name, f"={FORM}!$C${row + 1}")
    words = basis.wording.said(FIELD_HELP[field.name]).format_map(basis.words)
    label = basis.wording.said(field.label)
    is_long = field.name == "unspent_reason"
    valign = "top" if is_long else "vcenter"
    sheet.set_row(row, 80 if is_long else height(words, 64))
    sheet.write_string(row, 1, label, book.look(bold=True, valign=valign))
    sheet.write_string(row, 3, words, book.look(font_color=QUIET, indent=1, valign=valign))
    side = "right" if field.kind == "amount" else "left"
    look = book.field_look(
        field.kind, is_locked=field.is_locked, valign=valign, align=side, indent=1
    )
    sheet.write(row, 2, value, look)
    if not field.is_locked:
        allowed = allowed_values(book, basis, field.kind, field.name, f"C{row + 1}")
        sheet.data_validation(row, 2, row, 2, help_shown(label, words) | allowed)


def _fill_sums(book: Book, basis: Basis, sheet: Any, row: int) -> int:
    """The sums that the workbook reckons itself, beside what the board states; the row below
    them."""
    middle: dict[str, object] = {"valign": "vcenter", "indent": 1}
    number = book.field_look("amount", is_locked=True, **middle)
    left = book.look(
        font_color=QUIET,
        num_format=f'"Kvar av det tilldelade: "{KR}" kr";"Mer än tilldelat: "{KR}" '
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
        sheet.write_string(row, 1, label, book.look(valign="vcenter", indent=indent))
        sheet.write_formula(row, 2, f'=IFERROR({total},"Ett belopp visar fel")', number, 0)
        sheet.write_formula(row, 3, f"={beside}", look, result)
        row += 1
        return f"C{row}"

    ask, unsure = "Fyll i er summa ovan", "Kontrollera beloppen"
    differs = f'"Stämmer inte. Skillnaden är {{}}"{KR}" kr"'
    says = ";".join([differs.format(""), differs.format(swedish.MINUS), '"Stämmer"'])
    verdict = book.look(bold=True, num_format=says, **middle)
    difference = f'IFERROR(ROUND(summa_kostnader-C{row + 1},2),"{unsure}")'
    compared = f'IF(ISBLANK(summa_kostnader),"{ask}",{difference})'
    at, cell = (row, 3, row, 3), f"$D${row + 1}"
    book.colour(sheet, at, f"AND(ISNUMBER({cell}),{cell}=0)", GREEN, ON_GREEN)
    book.colour(sheet, at, f'{cell}<>"{ask}"', RED, ON_RED)
    label = "Summa av raderna i fliken Kostnader, kr"
    total = line(label, "SUM(Kostnader[Belopp])", compared, ask, look=verdict)
    if not basis.assigned.amounts_sek:
        return row
    for place, component in enumerate(basis.components):
        # Money whose area belongs to no component counts in the first, so that one is what the
        # others leave.
        others = f"{total}-SUM(C{row + 2}:C{row + len(basis.components)})"
        areas = book.lists[component.component_id]
        own = f"SUMPRODUCT(SUMIF(Kostnader[Område],{areas},Kostnader[Belopp]))"
        allocated = basis.part(component)
        beside = f'IFERROR({allocated}-C{row + 1},"")'
        line(f"varav {component.name}", own if place else others, beside, allocated, indent=3)
    line("Tilldelat minus kostnader, kr", f"tilldelat-{total}", f"C{row + 1}", basis.allocated_sek)
    return row
