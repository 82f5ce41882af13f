"""New Excel files for people to read: result tables in typed cells; alone imports xlsxwriter."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from ..base import printable
from .pages import WORDS

Row = Mapping[str, Any]

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"valign": "top", "text_wrap": True},
    "money": {"valign": "top", "num_format": "#,##0.00_-"},
    "count": {"valign": "top", "num_format": "#,##0_-"},
    "share": {"valign": "top", "num_format": "0.0%"},
    "rate": {"valign": "top", "num_format": "0.00##"},
    "date": {"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    "header": {"valign": "top", "text_wrap": True, "bold": True, "bg_color": "#DCE6EE", "bottom": 1},
}
_EXCEL_TEXT = 32767
"""The longest text that an Excel cell can hold."""

Column = tuple[str, str, str, int]
"""Header, key in the row, kind of cell, width in characters."""

_BOARD: Column = ("Nämnd", "board_id", "name", 21)
_SENDER: Column = ("Avsändare", "sender_id", "name", 21)
_FILE: Column = ("Fil", "file", "text", 24)
_MONEY: tuple[Column, ...] = (
    ("Fördelat, kr", "allocated_sek", "money", 14),
    ("Redovisat, kr", "reported_sek", "money", 14),
    ("Berättigat, kr", "eligible_sek", "money", 14),
    ("Inte berättigat, kr", "ineligible_sek", "money", 14),
)
_PEOPLE: tuple[Column, ...] = (
    ("Kvinnor", "women_count", "count", 10),
    ("Män", "men_count", "count", 10),
    ("Uppgift saknas", "unknown_count", "count", 10),
)
SHEETS: Mapping[str, tuple[Column, ...]] = {
    "Sammanställning": (
        _BOARD,
        ("Läge", "return_status", "word", 25),
        *_MONEY,
        ("Återstår, kr", "remaining_sek", "money", 14),
        ("Över tilldelningen, kr", "overspent_sek", "money", 14),
        ("Använt", "used_share", "share", 9),
        ("Inte använt, kr", "not_used_sek", "money", 14),
        ("Använt till annat, kr", "wrong_purpose_sek", "money", 14),
        ("Ingen redovisning, kr", "no_report_sek", "money", 14),
        ("Att återbetala, kr", "liability_sek", "money", 14),
        ("Prognos, kr", "forecast_sek", "money", 14),
        ("Väntas bli över, kr", "projected_unspent_sek", "money", 14),
        ("Flagga", "flag", "word", 9),
    ),
    "Staden": (
        ("Beviljat, kr", "total_sek", "money", 16),
        ("Fördelat, kr", "allocated_sek", "money", 16),
        ("Ej fördelat, kr", "unallocated_sek", "money", 14),
        ("Nämndernas återbetalning, kr", "boards_sek", "money", 16),
        ("Ännu inte avgjort, kr", "undetermined_sek", "money", 16),
        ("Räknat per nämnd, kr", "namnd_basis_sek", "money", 16),
        ("Räknat för kommunen, kr", "kommun_basis_sek", "money", 16),
        ("Kvittning, kr", "set_off_sek", "money", 14),
        ("Räknas", "basis", "word", 22),
        ("Att återbetala, hela kr", "to_repay_sek", "money", 16),
    ),
    "Komponenter": (
        _BOARD,
        ("Komponent", "name", "text", 24),
        *_MONEY,
        ("Att återbetala, kr", "liability_sek", "money", 14),
    ),
    "Rader": (
        _BOARD,
        _SENDER,
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Cell", "cell", "text", 7),
        ("Insats", "activity", "text", 28),
        ("Område", "area", "text", 26),
        ("Komponent", "component_id", "component", 18),
        ("Kostnadsslag", "cost_kind", "text", 20),
        ("Konto", "account", "text", 8),
        ("Projekt", "project", "text", 8),
        ("Verifikation", "voucher", "text", 11),
        ("Datum", "worked_on", "date", 11),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Berättigat", "is_eligible", "yes", 10),
        ("Skäl", "reason", "word", 26),
        ("Kommentar", "comment", "text", 30),
    ),
    "Insatser": (
        _BOARD,
        _SENDER,
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Rad", "row_no", "count", 6),
        ("Insats", "activity", "text", 28),
        ("Område", "area", "text", 26),
        ("Målområde", "target_area", "text", 24),
        ("Målgrupp", "target_group", "text", 24),
        ("Beskrivning", "description", "text", 40),
        *_PEOPLE,
        ("Resultat", "result", "text", 40),
    ),
    "Anmärkningar": (
        ("Grad", "severity", "word", 12),
        ("Nämnd", "board", "name", 21),
        ("Anmärkning", "message", "text", 50),
        ("Gör så här", "remedy", "text", 40),
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Celler", "cells", "list", 16),
        ("Värde", "value", "text", 20),
        ("Regel", "rule", "text", 22),
        ("Källa", "source", "text", 40),
    ),
    "Beslut": (
        ("Beslut", "decision_id", "text", 20),
        ("Datum", "decided_on", "date", 11),
        ("Beslutat av", "decided_by", "text", 20),
        ("Nämnd", "name", "text", 22),
        ("Komponent", "component_id", "component", 20),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Gäller nu", "is_in_force", "yes", 10),
    ),
    "Filer": (
        ("Fil", "name", "text", 40),
        _BOARD,
        _SENDER,
        ("Utfall", "outcome", "word", 26),
        ("Byte", "size_bytes", "count", 10),
        ("SHA-256", "sha256", "text", 68),
    ),
}


def appendix(view: Mapping[str, Any]) -> bytes:
    """Every figure of a report down to file, sheet and cell."""
    result = view["result"]
    tables = result.tables
    city = tables["city"][0]
    total = {**dict.fromkeys(tables["board"][0]), **city, "board_id": "summa", "liability_sek": city["boards_sek"]}
    rows: Mapping[str, Sequence[Row]] = {
        "Sammanställning": [*tables["board"], total],
        "Staden": tables["city"],
        "Komponenter": tables["board_component"],
        "Rader": tables["line"],
        "Insatser": tables["activity"],
        "Anmärkningar": [asdict(finding) for finding in view["findings"]],
        "Beslut": tables["allocation"],
        "Filer": tables["manifest"],
    }
    say: Mapping[str, Any] = {
        "name": (view["names"] | {"summa": "Summa"}).__getitem__,
        "component": view["component_names"].__getitem__,
        "word": WORDS.__getitem__,
        "yes": lambda value: "ja" if value else "nej",
        "list": ", ".join,
        "text": str,
    }
    return book(view, result.as_of, SHEETS, rows, say, total_in="Sammanställning")


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column of so many characters."""
    return sum(max(1, -(-len(line) // width)) for line in text.split("\n"))


def book(
    view: Mapping[str, Any],
    as_of: date,
    sheets: Mapping[str, tuple[Column, ...]],
    rows: Mapping[str, Sequence[Row]],
    say: Mapping[str, Any],
    total_in: str,
) -> bytes:
    """A workbook in typed cells; text stays text whatever it begins with. The total of one sheet is not filtered."""
    import xlsxwriter

    made = io.BytesIO()
    made_book = xlsxwriter.Workbook(made, {"in_memory": True})
    made_book.set_properties({"title": view["title"], "created": datetime.combine(as_of, time())})
    looks = {kind: made_book.add_format(look) for kind, look in _LOOKS.items()}
    for title, columns in sheets.items():
        sheet = made_book.add_worksheet(title)
        sheet.set_row(0, 32)
        for at, (header, _, _, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, header, looks["header"])
        for place, row in enumerate(rows[title], 1):
            height = 1
            for at, (_, key, kind, width) in enumerate(columns):
                value = row[key]
                if value is None:
                    continue
                if kind in say:
                    text = printable.clean(say[kind](value))[:_EXCEL_TEXT]
                    sheet.write_string(place, at, text, looks["text"])
                    height = max(height, min(_lines(text, width), 12))
                elif kind == "date":
                    sheet.write_datetime(place, at, value, looks["date"])
                else:
                    sheet.write_number(place, at, float(value), looks[kind])
            sheet.set_row(place, 15 * height)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(rows[title]) - (title == total_in)), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1 if sum(width for *_, width in columns) < 220 else 2, 0)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        if view["mark"]:
            sheet.set_header(f"&C&28&K9AA5AF{view['mark']}")
        sheet.set_footer(f"&L{view['grant'].short_name.replace('&', '&&')}&RSida &P (&N)")
    made_book.close()
    return made.getvalue()
