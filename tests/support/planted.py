"""Good returns, and faults planted in them: each with the one finding that it is to give."""

import functools
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from statsbidrag.base import fixed_times
from statsbidrag.base.archive import packed
from statsbidrag.decisions import data_folder
from statsbidrag.model.returns import COST_COLUMNS
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import return_template, template_book
from tests import example
from tests.support import filling
from tests.support.filling import Row, at, csv_return, fill, place

DATA = Path(__file__).parents[2] / "data"
AS_OF, PERIOD_END = date(2024, 1, 20), date(2023, 12, 31)
EQUAL, BOARD = example.EQUAL, "farsta"
"""The grant and the board whose return the faults are planted in."""
NUMBER = "19121212-1212"
"""A personal number from Skatteverket's list of test numbers."""

COSTS: tuple[Row, ...] = (
    {
        "Insats": "Föräldragrupper",
        "Område": "Universellt stöd",
        "Kostnadsslag": "Personalkostnader",
        "Konto": "5011",
        "Projekt": "P100",
        "Verifikation": "V1",
        "Datum": date(2023, 3, 31),
        "Belopp": Decimal("40000.50"),
    },
    {
        "Insats": "Föräldragrupper",
        "Område": "Universellt stöd",
        "Kostnadsslag": "Köpta tjänster",
        "Verifikation": "V2",
        "Datum": date(2023, 5, 15),
        "Belopp": Decimal(12000),
    },
    {
        "Insats": "Hembesök",
        "Område": "Föräldrar under graviditet och småbarnsåren",
        "Kostnadsslag": "Personalkostnader",
        "Verifikation": "V3",
        "Datum": date(2023, 9, 30),
        "Belopp": Decimal("30000.25"),
        "Kommentar": "Juli till september",
    },
    {
        "Insats": "Hembesök",
        "Område": "Föräldrar under graviditet och småbarnsåren",
        "Kostnadsslag": "Resor",
        "Verifikation": "V4",
        "Datum": date(2023, 11, 2),
        "Belopp": Decimal(-500),
        "Kommentar": "Rättelse av V2",
    },
)
TOTAL = Decimal("81500.75")
ACTIVITIES: tuple[Row, ...] = (
    {
        "Insats": "Föräldragrupper",
        "Område": "Universellt stöd",
        "Målområde": "Ett tillgängligt stöd",
        "Antal kvinnor": 40,
        "Antal män": 31,
        "Antal okänt kön": 0,
        "Resultat": "Åtta av tio fullföljde.",
    },
    {"Insats": "Hembesök", "Antal kvinnor": 12, "Antal män": 9, "Resultat": "Fler har tackat ja."},
)
HEADER: Mapping[str, object] = {
    "version": 1,
    "summa_kostnader": TOTAL,
    "prognos": Decimal(200000),
    "ersatter_befintlig": "Nej",
    "annan_finansiering": "Nej",
    "intygas_av": "Förvaltningschefen",
    "intygas_befattning": "Avdelningschef",
    "intygas_den": date(2024, 1, 10),
}
CSV_HEADER = {"bidrag": EQUAL, "namnd": BOARD, "period_tom": PERIOD_END, "version": 1}


@functools.cache
def decided() -> Rulebook:
    """The city's own decisions."""
    return data_folder.load(DATA, [], AS_OF)


@functools.cache
def template(board: str = BOARD, grant_id: str = EQUAL, period_end: date = PERIOD_END) -> bytes:
    """The return workbook as the board gets it."""
    grant = decided().grant(grant_id)
    assigned = filling.assigned(grant, board, AS_OF)
    with patch.dict(
        template_book.ROWS, {"Kostnader": 20, "Insatser": 20}
    ):  # fewer empty rows to read, for time's sake
        return return_template.template(
            decided().organisation, grant, decided().board(board), assigned, period_end, AS_OF
        )


@functools.cache
def good(board: str = BOARD, grant_id: str = EQUAL) -> bytes:
    """A return that gives no finding."""
    return filled(board, grant_id)


def filled(
    board: str = BOARD,
    grant_id: str = EQUAL,
    *,
    period_end: date = PERIOD_END,
    header: Mapping[str, object] | None = None,
    costs: Sequence[Row] = COSTS,
    activities: Sequence[Row] = ACTIVITIES,
) -> bytes:
    """A return with other fields or rows than the good one; the stated total follows the costs."""
    total = (
        {"summa_kostnader": sum((Decimal(str(row["Belopp"])) for row in costs), Decimal(0))}
        if not header
        else {}
    )
    return fill(
        template(board, grant_id, period_end),
        header={**HEADER, **total, **(header or {})},
        costs=costs,
        activities=activities,
    )


def cell_of(where: str) -> tuple[str | None, tuple[str, ...]]:
    """Sheet and cells of "Kostnader!H6 H7", of "!L3" in a CSV, or of a defined name such as
    "prognos"."""
    if "!" not in where:
        sheet, ref = place(load_workbook(io.BytesIO(template())), where)
        return sheet, (ref,)
    sheet, _, refs = where.partition("!")
    return sheet or None, tuple(refs.split())


_COSTS = "xl/worksheets/sheet3.xml"

# -- how a fault is planted ------------------------------------------------------------------------

Make = Callable[[], bytes]


def line(number: int, **changes: object) -> Make:
    """One cost line with other cells; the stated total stays."""
    return lambda: filled(header={"summa_kostnader": TOTAL}, costs=_changed(COSTS, number, changes))


def activity(number: int, **changes: object) -> Make:
    """One row of Insatser with other cells."""
    return lambda: filled(activities=_changed(ACTIVITIES, number, changes))


def fields(**changes: object) -> Make:
    """Other values in the single cells of the form."""
    return lambda: filled(header=changes)


def edited(change: Callable[[Workbook], object]) -> Make:
    """Whatever else a person does to the good workbook in Excel."""
    return lambda: filling.edited(good(), change)


def as_csv(
    change: Callable[[str], str] = str, *, delimiter: str = ";", encoding: str = "utf-8"
) -> Make:
    """A CSV return with its text changed."""

    def make() -> bytes:
        text = csv_return(header=CSV_HEADER, costs=COSTS, delimiter=delimiter).decode()
        changed = change(text)
        assert change is str or changed != text
        return changed.encode(encoding)

    return make


def raw(content: bytes) -> Make:
    """A file that is no return at all."""
    return lambda: content


def zipped(change: Callable[[zipfile.ZipFile], object]) -> Make:
    """The good workbook with more parts in its zip."""

    def make() -> bytes:
        content = io.BytesIO(good())
        with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
            change(archive)
        return content.getvalue()

    return make


def repacked(
    change: Callable[[str, bytes], tuple[str, bytes]], workbook: Make | None = None
) -> Make:
    """A workbook, the good one if none is given, with the names and the content of its parts
    changed."""

    def make() -> bytes:
        with zipfile.ZipFile(io.BytesIO((workbook or good)())) as source:
            return packed([change(name, source.read(name)) for name in source.namelist()])

    return make


def rewritten(part: str, change: Callable[[bytes], bytes]) -> Make:
    """The good workbook with one of its parts changed."""

    def only_there(name: str, old: bytes) -> tuple[str, bytes]:
        new = change(old) if name == part else old
        assert name != part or new != old
        return name, new

    return repacked(only_there)


def computed(values: Mapping[str, str], workbook: Make | None = None) -> Make:
    """A workbook, the good one if none is given, in which some cells of Kostnader are formulas with
    a stored value."""

    def formulas(name: str, part: bytes) -> tuple[str, bytes]:
        for ref, value in values.items() if name == _COSTS else ():
            cell = re.compile(rb'<c r="%s"( s="[0-9]+")?[^>]*?(?:/>|>.*?</c>)' % ref.encode())
            part, found = cell.subn(
                rb'<c r="%s"\1><f>1*1</f><v>%s</v></c>' % (ref.encode(), value.encode()), part
            )
            assert found == 1
        return name, part

    return repacked(formulas, workbook)


def ole(*names: str) -> bytes:
    """The beginning of a file of old Office, with the names of what is in it."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + b"".join(n.encode("utf-16-le") + bytes(64) for n in names)
    )


def _changed(rows: Sequence[Row], number: int, changes: Mapping[str, object]) -> list[Row]:
    named = {name.replace("_", " "): value for name, value in changes.items()}
    return [{**row, **named} if place_ == number else row for place_, row in enumerate(rows)]


def _with_amounts(*amounts: int) -> Make:
    """The good return with other amounts, and the total that they come to."""
    costs = [{**row, "Belopp": amount} for row, amount in zip(COSTS, amounts, strict=False)]
    return lambda: filled(costs=costs)


def _put(
    sheet: str, ref: str, value: object, number_format: str | None = None
) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[sheet][ref].value = value  # type: ignore[index]
        if number_format:
            book[sheet][ref].number_format = number_format  # type: ignore[index]

    return change


def _hide_row(book: Workbook) -> None:
    book["Kostnader"].row_dimensions[8].hidden = True


def _hide_column(book: Workbook) -> None:
    book["Kostnader"].column_dimensions["H"].hidden = True


def _hide_columns(book: Workbook) -> None:
    for column in "GHI":
        book["Kostnader"].column_dimensions[column].hidden = True
    book["Kostnader"].column_dimensions.group("G", "I", hidden=True)


def _hidden_sheet(book: Workbook) -> None:
    book.create_sheet("Underlag").sheet_state = "hidden"


def _named_sheet(book: Workbook) -> None:
    book.create_sheet(f"Ärende {NUMBER}")


def _note(book: Workbook) -> None:
    book["Kostnader"]["I6"].comment = Comment(f"Se {NUMBER}", "")


def _without_table(name: str) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        del book[name].tables[name]
        book[name].delete_rows(5)

    return change


def _second_table(book: Workbook) -> None:
    copy: Any = book.copy_worksheet(book["Kostnader"])
    copy.title = "Kostnader 2"
    del book["Kostnader"].tables["Kostnader"]


def copied_costs(book: Workbook) -> None:
    """A sheet that somebody copied, with a line of 750 000 kr in it that is nowhere else."""
    copied(book, "Kostnader", 1)
    book["Kostnader (2)"]["H6"].value = 750_000


def copied(book: Workbook, name: str, rows: int) -> None:
    """A sheet copied as Excel does it, without its table, and with some of its rows left."""
    copy: Any = book.copy_worksheet(book[name])
    copy.title = f"{name} (2)"
    for row in copy.iter_rows(min_row=6 + rows):
        for cell in row:
            cell.value = None


def _formula_with_number() -> bytes:
    """A formula whose stored value is a personal number that the formula itself doesn't show."""

    def formula(part: bytes) -> bytes:
        stored = (
            f'<c r="I8" t="str"><f>Anvisning!X1&amp;Anvisning!X2</f><v>{NUMBER}</v></c>'.encode()
        )
        return re.sub(rb'<c r="I8".*?</c>', stored, part, count=1)

    return rewritten("xl/worksheets/sheet3.xml", formula)()


def rename_table(book: Workbook) -> None:
    """Both tables under the names that Excel gives by itself."""
    for number, name in enumerate(("Kostnader", "Insatser"), start=1):
        table = book[name].tables.pop(name)
        table.name = table.displayName = f"Tabell{number}"
        book[name].tables.add(table)


def drop_names(book: Workbook) -> None:
    """Every defined name lost, as when sheets are copied into a new workbook."""
    for name in list(book.defined_names):
        del book.defined_names[name]


def move_sheets(book: Workbook) -> None:
    """The sheets in another order and under other titles."""
    book.move_sheet("Kostnader", offset=-2)
    book["Kostnader"].title = "Blad1"


def turn_columns(book: Workbook) -> None:
    """The columns of Kostnader in the opposite order."""
    sheet = book["Kostnader"]
    for row in range(5, 10):
        cells = [
            (sheet.cell(row, column).value, sheet.cell(row, column).number_format)
            for column in range(1, 10)
        ]
        for column, (value, number_format) in enumerate(reversed(cells), start=1):
            sheet.cell(row, column).value = value
            sheet.cell(row, column).number_format = number_format


# -- the faults ------------------------------------------------------------------------------------

BLOCKING, WARNING = "blocking", "warning"


@dataclass(frozen=True)
class Fault:
    """One fault: how it is planted, and the finding it gives. `where` is None when it is about the
    file as a whole."""

    name: str
    rule: str
    severity: str
    where: str | None
    make: Make
    says: str = ""
    """Words that must stand in the message."""
    suffix: str = ".xlsx"
    only_final: bool = False
    """It is judged in the final report, where it is blocking; in a quarter it is a warning or
    nothing."""
    leaves_missing: bool = False
    """Nobody can tell whose return it is, so its board has sent nothing, and that is a finding
    too."""


def _fault(
    name: str, rule: str, severity: str, where: str | None, make: Make, says: str = "", **more: Any
) -> Fault:
    return Fault(name, rule, severity, where, make, says, **more)


def _amount(
    name: str,
    value: object,
    rule: str = "belopp-olasligt",
    severity: str = BLOCKING,
    says: str = "",
) -> Fault:
    return Fault(
        f"belopp-{name}",
        rule,
        severity,
        f"Kostnader!{at('Belopp', 2)}",
        line(2, Belopp=value),
        says,
    )


def _csv(
    name: str, rule: str, severity: str, where: str | None, make: Make, says: str = "", **more: Any
) -> Fault:
    return Fault(f"csv-{name}", rule, severity, where, make, says, suffix=".csv", **more)


def _file(name: str, rule: str, content: Make, says: str = "", suffix: str = ".xlsx") -> Fault:
    return Fault(f"fil-{name}", rule, BLOCKING, None, content, says, suffix, leaves_missing=True)


_DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
_FAR = (b'<c r="A1"', b'<c r="XFD1048576"')
_LINKED = b'</sheetData><hyperlinks><hyperlink ref="A1:IV20000"/></hyperlinks>'
_NO_TEXT = (b't="n"><v>30000.25</v>', b't="s"><v>99999</v>')
_STRICT = (
    b"schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"purl.oclc.org/ooxml/spreadsheetml/main",
)


def _foreign() -> bytes:
    """A workbook that has nothing to do with us, though some words are the same."""
    book = Workbook()
    book.active.append(["Nämnd", "Version", "Insats", "Belopp"])  # type: ignore[union-attr]
    book.active.append(["Farsta", 3, "Städning", 1200])  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return fixed_times.with_fixed_times(content.getvalue())


_NO_RETURNS: Mapping[str, bytes] = {
    "fil-losenord": ole("EncryptedPackage"),
    "fil-etikett": ole("EncryptedPackage", "DRMEncryptedDataSpace"),
    "fil-sie": b"#FLAGGA 0\r\n#SIETYP 4\r\n",
    "fil-json": b'{"bidrag": 1}',
    "fil-xls": ole("Workbook"),
    "fil-xlsb": packed(
        [("[Content_Types].xml", b"application/vnd.ms-excel.sheet.binary.macroEnabled.main")]
    ),
    "fil-ods": packed([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")]),
    "fil-numbers": packed([("Index/Document.iwa", b"")]),
    "fil-pdf": b"%PDF-1.7\n%...",
    "fil-bild": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "fil-dokument": packed(
        [("[Content_Types].xml", b"application/vnd.openxmlformats-officedocument.wordprocessingml")]
    ),
    "fil-arkiv": packed([("redovisning.csv", b"x")]),
    "fil-webbsida": b"<html><table><tr><td>Belopp</td></tr></table></html>",
    "fil-xml": b'<?xml version="1.0"?><Workbook/>',
    "fil-epost": b"From: nagon@example.se\r\nSubject: Redovisning\r\n",
    "fil-genvag": b"[InternetShortcut]\r\nURL=https://example.se/\r\n",
    "fil-program": b"MZ" + bytes(100),
    "fil-tom": b"",
    "fil-fel-format": b"SQLite format 3" + bytes(100),
}
"""A file of each kind that is no return, by the rule that says so."""

FAULTS: tuple[Fault, ...] = (
    # required cells that are blank
    *(
        _fault(
            f"tom-{c.header.lower()}",
            "obligatorisk-cell-tom",
            BLOCKING,
            f"Kostnader!{at(c.header, 2)}",
            line(2, **{c.header: None}),
            c.header,
        )
        for c in COST_COLUMNS
        if c.is_required
    ),
    _fault(
        "tom-insats-i-insatser",
        "obligatorisk-cell-tom",
        BLOCKING,
        "Insatser!A8",
        edited(_put("Insatser", "D8", "Föräldrar")),
        "Insats",
    ),
    *(
        _fault(f"tom-{name}", "obligatorisk-cell-tom", BLOCKING, name, fields(**{name: None}))
        for name in ("period_tom", "version", "summa_kostnader")
    ),
    # amounts
    _amount("ref", "#REF!", "cell-felvarde", says="#REF!"),
    _amount("division", "#DIV/0!", "cell-felvarde", says="#DIV/0!"),
    _amount("formel-utan-varde", "=10000.25+20000", "cell-formel-utan-varde"),
    _amount("text-kr", "30\u00a0000,25\u00a0kr", "belopp-text", WARNING),
    _amount("text-smalt-blanksteg", "30\u202f000,25", "belopp-text", WARNING),
    _amount("punkt", "125.000", says="125.000"),
    _amount("tkr", "30 tkr", says="30 tkr"),
    _amount("parentes", "(1 000)"),
    _amount("ca", "ca 500"),
    _amount("exponent", 1e20),
    _amount("tredje-decimal", 30000.255, "belopp-decimaler", says="30000,255"),
    _amount("sant", True, says="SANT"),
    _fault(
        "belopp-datum",
        "belopp-olasligt",
        BLOCKING,
        "Kostnader!H8",
        edited(_put("Kostnader", "H8", date(2023, 9, 30), "yyyy-mm-dd")),
        "2023-09-30",
    ),
    _amount("fullbredd", "１２５", "belopp-olasligt"),
    _fault(
        "belopp-minus-efter",
        "belopp-text",
        WARNING,
        f"Kostnader!{at('Belopp', 3)}",
        line(3, Belopp="500-"),
    ),
    _fault(
        "belopp-minustecken",
        "belopp-text",
        WARNING,
        f"Kostnader!{at('Belopp', 3)}",
        line(3, Belopp="\u2212500"),
    ),
    _amount("minus-pa-bada-sidor", "-500-"),
    _fault("prognos-olaslig", "belopp-olasligt", BLOCKING, "prognos", fields(prognos="ca 2 mnkr")),
    _fault("prognos-ref", "cell-felvarde", BLOCKING, "prognos", fields(prognos="#REF!")),
    _fault(
        "summa-text", "belopp-text", WARNING, "summa_kostnader", fields(summa_kostnader="81 500,75")
    ),
    # days
    _fault("datum-text", "datum-text", WARNING, "Kostnader!G8", line(2, Datum="2023-09-30")),
    *(
        _fault(
            f"datum-{name}", "datum-text", WARNING, "Kostnader!G8", line(2, Datum=value), str(value)
        )
        for name, value in {
            "utan-streck": "20230930",
            "utan-streck-tal": 20230930,
            "med-tid": "2023-09-30 00:00:00",
            "med-tid-och-t": "2023-09-30T14:30:00",
        }.items()
    ),
    _fault(
        "datum-omojligt-tal",
        "datum-olasligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum=20230931),
        "20230931",
    ),
    _fault(
        "datum-som-excel-inte-kan-visa",
        "datum-olasligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum=99999999),
        "99999999",
    ),
    _fault(
        "datum-omojligt",
        "datum-olasligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum="2023-02-30"),
        "2023-02-30",
    ),
    _fault("datum-i-ord", "datum-olasligt", BLOCKING, "Kostnader!G8", line(2, Datum="sept 2023")),
    _fault(
        "datum-serienummer",
        "datum-olasligt",
        BLOCKING,
        "Kostnader!G8",
        edited(_put("Kostnader", "G8", 45199, "0")),
        "45199",
    ),
    _fault(
        "datum-belopp",
        "datum-olasligt",
        BLOCKING,
        "Kostnader!G8",
        edited(_put("Kostnader", "G8", 30000.25, "0.00")),
    ),
    _fault(
        "datum-utanfor",
        "datum-utanfor",
        WARNING,
        "Kostnader!G8",
        line(2, Datum=date(2024, 1, 1)),
        "2024-01-01",
    ),
    _fault(
        "datum-fore", "datum-utanfor", WARNING, "Kostnader!G8", line(2, Datum=date(2022, 12, 31))
    ),
    _fault(
        "datum-fem-ar-fore",
        "datum-utanfor",
        WARNING,
        "Kostnader!G8",
        line(2, Datum=date(2018, 1, 1)),
    ),
    _fault(
        "datum-fem-ar-efter",
        "datum-utanfor",
        WARNING,
        "Kostnader!G8",
        line(2, Datum=date(2028, 12, 31)),
    ),
    _fault(
        "datum-langt-fore",
        "datum-orimligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum=date(2017, 12, 31)),
    ),
    _fault(
        "datum-langt-efter",
        "datum-orimligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum=date(2029, 1, 1)),
        "2029-01-01",
    ),
    _fault(
        "datum-231005",
        "datum-orimligt",
        BLOCKING,
        "Kostnader!G8",
        line(2, Datum=231005),
        "2532-06-19",
    ),
    *(
        _fault(
            f"period-{day}",
            "period-utanfor-bidraget",
            BLOCKING,
            "period_tom",
            fields(period_tom=day),
            str(day),
        )
        for day in (date(2022, 12, 31), date(2024, 1, 1), date(2042, 12, 31))
    ),
    _fault(
        "period-olaslig",
        "datum-olasligt",
        BLOCKING,
        "period_tom",
        fields(period_tom="fjärde kvartalet"),
    ),
    # codes
    _fault(
        "omrade-felstavat",
        "omrade-okant",
        BLOCKING,
        "Kostnader!B8",
        line(2, Område="Univrsellt stöd"),
        "Menas Universellt stöd?",
    ),
    _fault(
        "omrade-annat-bidrag",
        "omrade-ej-tillatet",
        WARNING,
        "Kostnader!B8",
        line(2, Område="Samlokalisering polisen"),
    ),
    _fault(
        "kostnadsslag-okant",
        "kostnadsslag-okant",
        BLOCKING,
        "Kostnader!C8",
        line(2, Kostnadsslag="Fika"),
        "Fika",
    ),
    _fault(
        "kostnadsslag-ej-tillatet",
        "kostnadsslag-ej-tillatet",
        WARNING,
        "Kostnader!C8",
        line(2, Kostnadsslag="Representation"),
    ),
    _fault(
        "malomrade-okant",
        "malomrade-okant",
        BLOCKING,
        "Insatser!C6",
        activity(0, Målområde="Ett tillgängligt stöt"),
        "Menas Ett tillgängligt stöd?",
    ),
    _fault(
        "omrade-i-insatser",
        "omrade-okant",
        BLOCKING,
        "Insatser!B6",
        activity(0, Område="Universellt"),
    ),
    # sums, answers and what the city filled in
    _fault(
        "dubblett",
        "dubblett-rad",
        WARNING,
        "Kostnader!H8 H10",
        lambda: filled(costs=[*COSTS, COSTS[2]]),
    ),
    _fault(
        "summa-stammer-inte",
        "summa-stammer-inte",
        BLOCKING,
        "summa_kostnader",
        fields(summa_kostnader=TOTAL + 1),
        "Skillnaden är 1\u00a0kr",
    ),
    _fault(
        "allt-negativt",
        "summa-under-noll",
        BLOCKING,
        "Kostnader!H6 H7 H8 H9",
        lambda: filled(
            costs=[{**row, "Belopp": -abs(Decimal(str(row["Belopp"])))} for row in COSTS]
        ),
        "\u221282\u00a0500,75\u00a0kr",
        only_final=True,
    ),
    _fault(
        "ett-ore-under-noll",
        "summa-under-noll",
        BLOCKING,
        "Kostnader!H9",
        lambda: filled(costs=_changed(COSTS, 3, {"Belopp": Decimal("-82000.76")})),
        "\u22120,01\u00a0kr",
        only_final=True,
    ),
    *(
        _fault(
            f"tusental-{sum(amounts)}",
            "belopp-i-tusental",
            BLOCKING,
            "Kostnader!" + " ".join(at("Belopp", place_) for place_ in range(len(amounts))),
            _with_amounts(*amounts),
            f"de blir {sum(amounts)}\u00a0kr, och tusen gånger mer ligger nära det tilldelade "
            "beloppet, 636\u00a0208\u00a0kr",
            only_final=True,
        )
        for amounts in ((300, 150, 100, 50), (319, 1, -1), (699, 1, -1), (99_999, -99_400, 1, -1))
    ),
    _fault(
        "noll",
        "inga-kostnader",
        WARNING,
        "summa_kostnader",
        lambda: filled(costs=(), activities=()),
        "0 kr",
    ),
    _fault(
        "prognos-under-redovisat",
        "prognos-for-lag",
        WARNING,
        "prognos",
        fields(prognos=TOTAL - Decimal("0.01")),
    ),
    _fault(
        "prognos-negativ",
        "prognos-for-lag",
        WARNING,
        "prognos",
        fields(prognos=-1),
        "\u22121\u00a0kr",
    ),
    _fault(
        "tilldelat-fel",
        "tilldelat-fel",
        BLOCKING,
        "tilldelat",
        fields(tilldelat=636209),
        "636\u00a0208\u00a0kr",
    ),
    _fault(
        "tilldelat-tomt",
        "tilldelat-fel",
        BLOCKING,
        "tilldelat",
        fields(tilldelat=None),
        "636\u00a0208\u00a0kr",
    ),
    _fault(
        "ersatter-ja",
        "ersatter-befintlig",
        BLOCKING,
        "ersatter_befintlig",
        fields(ersatter_befintlig="Ja"),
    ),
    _fault(
        "annan-finansiering-ja",
        "annan-finansiering",
        BLOCKING,
        "annan_finansiering",
        fields(annan_finansiering="ja"),
    ),
    _fault(
        "svar-saknas", "svar-saknas", WARNING, "annan_finansiering", fields(annan_finansiering=None)
    ),
    _fault(
        "svar-olasligt",
        "svar-olasligt",
        BLOCKING,
        "annan_finansiering",
        fields(annan_finansiering="Kanske"),
        "Kanske",
    ),
    _fault(
        "bidrag-okant",
        "bidrag-okant",
        BLOCKING,
        "bidrag",
        fields(bidrag="mfof-2023-jamlik"),
        EQUAL,
        leaves_missing=True,
    ),
    _fault(
        "bidrag-tomt",
        "obligatorisk-cell-tom",
        BLOCKING,
        "bidrag",
        fields(bidrag=None),
        leaves_missing=True,
    ),
    _fault(
        "namnd-okand",
        "namnd-okand",
        BLOCKING,
        "namnd",
        fields(namnd="Farstta"),
        "Menas Farsta?",
        leaves_missing=True,
    ),
    _fault(
        "mallversion-okand",
        "mallversion-okand",
        BLOCKING,
        "mallversion",
        fields(mallversion="2019-1"),
        "2019-1",
    ),
    _fault("version-i-ord", "version-olaslig", BLOCKING, "version", fields(version="två"), "två"),
    _fault("version-halv", "version-olaslig", BLOCKING, "version", fields(version=1.5), "1,5"),
    _fault(
        "intyg-saknas",
        "attest-saknas",
        BLOCKING,
        "intygas_av",
        fields(intygas_av=None),
        "Intygas av",
        only_final=True,
    ),
    _fault(
        "intygsdag-olaslig",
        "datum-olasligt",
        BLOCKING,
        "intygas_den",
        fields(intygas_den="i januari"),
        "i januari",
    ),
    *(
        _fault(
            f"intygad-{day}",
            "attest-orimlig-dag",
            BLOCKING,
            "intygas_den",
            fields(intygas_den=day),
            str(day),
            only_final=True,
        )
        for day in (date(2023, 12, 30), date(2024, 1, 21), date(2042, 1, 10))
    ),
    # personal numbers
    _fault(
        "personnummer-kommentar",
        "personnummer",
        BLOCKING,
        "Kostnader!I8",
        line(2, Kommentar=f"Gäller {NUMBER}"),
        "i cellen",
    ),
    _fault(
        "personnummer-beskrivning",
        "personnummer",
        BLOCKING,
        "Insatser!E6",
        activity(0, Beskrivning="Stöd till 121212 1212"),
        "i cellen",
    ),
    _fault(
        "samordningsnummer",
        "personnummer",
        BLOCKING,
        "Kostnader!I8",
        line(2, Kommentar="701063-2391"),
        "i cellen",
    ),
    _fault(
        "personnummer-tal",
        "personnummer",
        BLOCKING,
        "Kostnader!F8",
        line(2, Verifikation=191212121212),
        "i cellen",
    ),
    _fault(
        "personnummer-kort-tal",
        "personnummer",
        BLOCKING,
        "Kostnader!I8",
        line(2, Kommentar=1212121212),
        "i cellen",
    ),
    _fault(
        "personnummer-i-verifikation",
        "personnummer-i-verifikation",
        WARNING,
        "Kostnader!F8",
        line(2, Verifikation=1212121212),
    ),
    _fault(
        "verifikation-lik-personnummer",
        "verifikation-lik-personnummer",
        WARNING,
        "Kostnader!F8",
        line(2, Verifikation="2402292383"),
    ),
    _fault(
        "personnummer-formel",
        "personnummer",
        BLOCKING,
        "Kostnader!I8",
        _formula_with_number,
        "i cellen",
    ),
    _fault(
        "personnummer-anteckning",
        "personnummer",
        BLOCKING,
        "Kostnader!I6",
        edited(_note),
        "i en anteckning",
    ),
    _fault(
        "personnummer-bladnamn",
        "personnummer",
        BLOCKING,
        "flik 7 (personnummer)!",
        edited(_named_sheet),
        "i bladets namn",
    ),
    _fault(
        "personnummer-anvisning",
        "personnummer",
        BLOCKING,
        "Villkor!F40",
        edited(_put("Villkor", "F40", f"tel. {NUMBER}")),
    ),
    # rows, sheets and tables
    _fault("dold-rad", "dolda-rader", WARNING, "Kostnader!A8", edited(_hide_row)),
    _fault("dold-kolumn", "dold-kolumn", WARNING, "Kostnader!H5", edited(_hide_column)),
    _fault("dolda-kolumner", "dold-kolumn", WARNING, "Kostnader!G5 H5 I5", edited(_hide_columns)),
    _fault("dolt-blad", "dolt-blad", WARNING, "Underlag!", edited(_hidden_sheet), "Underlag"),
    _fault(
        "kolumn-saknas",
        "kolumn-saknas",
        BLOCKING,
        "Kostnader!A5",
        edited(_put("Kostnader", "B5", "Ändamål")),
        "Område",
    ),
    _fault(
        "kolumn-tvetydig",
        "kolumn-tvetydig",
        BLOCKING,
        "Kostnader!I5",
        edited(_put("Kostnader", "I5", "Belopp")),
        "Belopp",
    ),
    _fault(
        "tabell-saknas",
        "tabell-saknas",
        BLOCKING,
        None,
        edited(_without_table("Kostnader")),
        "Kostnader",
    ),
    _fault(
        "insatser-saknas",
        "insatser-saknas",
        WARNING,
        None,
        edited(_without_table("Insatser")),
        "Insatser",
    ),
    _fault(
        "tabell-tvetydig",
        "tabell-tvetydig",
        BLOCKING,
        None,
        edited(_second_table),
        "Kostnader och Kostnader 2",
    ),
    _fault(
        "kopierat-blad",
        "rader-utanfor",
        BLOCKING,
        "Kostnader (2)!A6",
        edited(copied_costs),
        "Bladet Kostnader (2) ser ut som tabellen Kostnader och har 1\u00a0rad på tillsammans "
        "750\u00a0000\u00a0kr",
    ),
    _fault(
        "kopierade-insatser",
        "rader-utanfor",
        BLOCKING,
        "Insatser (2)!A6 A7",
        edited(lambda book: copied(book, "Insatser", 2)),
        "Bladet Insatser (2) ser ut som tabellen Insatser och har 2\u00a0rader, men",
    ),
    _fault(
        "antal-negativt",
        "antal-inte-heltal",
        WARNING,
        "Insatser!F6",
        activity(0, Antal_kvinnor=-3),
        "3",
    ),
    _fault(
        "antal-halvt",
        "antal-inte-heltal",
        WARNING,
        "Insatser!G6",
        activity(0, Antal_män=2.5),
        "2,5",
    ),
    _fault(
        "antal-i-ord",
        "antal-inte-heltal",
        WARNING,
        "Insatser!H6",
        activity(0, Antal_okänt_kön="några"),
    ),
    _fault(
        "insats-utan-resultat",
        "insats-utan-resultat",
        WARNING,
        "Kostnader!A8 A9",
        activity(1, Resultat=None),
        "Hembesök",
    ),
    # CSV
    _csv(
        "kort-rad",
        "csv-rad",
        BLOCKING,
        "!A3",
        as_csv(lambda t: t.replace(";12000;", ";12000")),
        "Rad 3",
        leaves_missing=True,
    ),
    _csv(
        "citattecken",
        "csv-citattecken",
        BLOCKING,
        "!A3",
        as_csv(lambda t: t.replace(";V2;", ';"V2;')),
        leaves_missing=True,
    ),
    _csv(
        "cp1252", "csv-windows-1252", WARNING, None, as_csv(lambda t: t + "\r\n", encoding="cp1252")
    ),
    _csv(
        "mojibake",
        "csv-teckenkod",
        BLOCKING,
        "!A2",
        as_csv(lambda t: t.encode().decode("cp1252", "replace")),
        leaves_missing=True,
    ),
    _csv(
        "blandat",
        "csv-blandat",
        BLOCKING,
        "!D3",
        as_csv(
            lambda t: t.replace(
                ";1;Föräldragrupper;Universellt stöd;Köpta",
                ";2;Föräldragrupper;Universellt stöd;Köpta",
            )
        ),
        "version",
    ),
    _csv(
        "komma-i-kommafil",
        "csv-decimalkomma",
        BLOCKING,
        "!L2",
        as_csv(lambda t: t.replace("40000.50", "40000,50"), delimiter=","),
        leaves_missing=True,
    ),
    _csv(
        "komma-utan-slutkomma",
        "csv-decimalkomma",
        BLOCKING,
        "!L2",
        as_csv(lambda t: t.replace("40000.50,\r", "40000,50\r"), delimiter=","),
        leaves_missing=True,
    ),
    _csv(
        "citerat-komma-i-kommafil",
        "belopp-olasligt",
        BLOCKING,
        "!L2",
        as_csv(lambda t: t.replace("40000.50", '"40000,50"'), delimiter=","),
        "40000,50",
    ),
    _csv(
        "punkt",
        "belopp-olasligt",
        BLOCKING,
        "!L3",
        as_csv(lambda t: t.replace(";12000;", ";12.000;")),
        "12.000",
    ),
    _csv(
        "punkt-i-kommafil",
        "belopp-olasligt",
        BLOCKING,
        "!L3",
        as_csv(lambda t: t.replace(",12000,", ",12.000,"), delimiter=","),
        "12.000",
    ),
    _csv(
        "belopp-ca",
        "belopp-olasligt",
        BLOCKING,
        "!L2",
        as_csv(lambda t: t.replace("40000,50", "ca 40000")),
    ),
    _csv(
        "kolumn-saknas",
        "kolumn-saknas",
        BLOCKING,
        "!A1",
        as_csv(lambda t: t.replace("omrade;", "andamal;")),
        "omrade",
    ),
    _csv(
        "bidrag-saknas",
        "kolumn-saknas",
        BLOCKING,
        "!A1",
        as_csv(lambda t: t.replace("bidrag;", "bidraget;")),
        "bidrag",
        leaves_missing=True,
    ),
    _csv(
        "rubriker",
        "csv-rubriker",
        BLOCKING,
        "!A1",
        as_csv(lambda t: t.split("\r\n", 1)[1]),
        leaves_missing=True,
    ),
    _csv("tabbar", "csv-tabbar", WARNING, None, as_csv(lambda t: t.replace(";", "\t"))),
    _csv(
        "skiljetecken",
        "csv-skiljetecken",
        BLOCKING,
        "!A1",
        as_csv(lambda t: t.replace(";", "|")),
        "lodstreck",
        leaves_missing=True,
    ),
    _csv("slutredovisning", "attest-saknas", BLOCKING, None, as_csv(), only_final=True),
    _csv(
        "inte-text",
        "csv-inte-text",
        BLOCKING,
        "!A3",
        as_csv(lambda t: t.replace("V2", "V\0")),
        leaves_missing=True,
    ),
    _csv(
        "utan-rader",
        "csv-utan-rader",
        BLOCKING,
        "!A1",
        as_csv(lambda t: t.split("\r\n")[0]),
        leaves_missing=True,
    ),
    _csv(
        "text-for-lang",
        "text-for-lang",
        BLOCKING,
        "!M5",
        as_csv(lambda t: t.replace("Rättelse av V2", "x" * 32_768)),
        "32\u00a0767",
        leaves_missing=True,
    ),
    # files that are no returns
    _file(
        "zipbomb",
        "fil-for-stor",
        zipped(lambda z: z.writestr("xl/media/bild.bin", bytes(61_000_000))),
    ),
    _file(
        "langt-bort",
        "fil-for-manga-rader",
        rewritten("xl/worksheets/sheet3.xml", lambda part: part.replace(*_FAR, 1)),
        "XFD1048576",
    ),
    _file("klippt", "fil-trasig", lambda: good()[:-2000]),
    _file("olasbar", "fil-olasbar", rewritten(_COSTS, lambda part: part.replace(*_NO_TEXT, 1))),
    _file("ingen-mall", "fil-ingen-mall", _foreign),
    _file("uppat", "fil-misstankt", zipped(lambda z: z.writestr("../utanfor.xml", "<x/>"))),
    _file("doctype", "fil-misstankt", zipped(lambda z: z.writestr("xl/customXml.xml", _DOCTYPE))),
    _file(
        "doctype-utf16",
        "fil-misstankt",
        zipped(lambda z: z.writestr("xl/customXml.xml", _DOCTYPE.decode().encode("utf-16"))),
    ),
    _file(
        "for-mycket",
        "fil-for-mycket",
        rewritten(_COSTS, lambda part: part.replace(b"</sheetData>", _LINKED)),
    ),
    *(
        _file(rule.removeprefix("fil-"), rule, raw(content))
        for rule, content in _NO_RETURNS.items()
    ),
    _file(
        "strikt", "fil-strikt", rewritten("xl/workbook.xml", lambda part: part.replace(*_STRICT))
    ),
    _fault(
        "lankar",
        "fil-lankar",
        WARNING,
        None,
        zipped(lambda z: z.writestr("xl/connections.xml", "<x/>")),
    ),
    _fault(
        "inbaddat",
        "fil-inbaddat",
        WARNING,
        None,
        zipped(lambda z: z.writestr("xl/embeddings/a.bin", b"x")),
    ),
    _fault(
        "makron",
        "fil-makron",
        WARNING,
        None,
        zipped(lambda z: z.writestr("xl/vbaProject.bin", b"x")),
    ),
)
