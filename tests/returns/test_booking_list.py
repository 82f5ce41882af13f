"""Transaction lists into bookings: what is read, what is not, and what is said of the rest."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from statsbidrag.base.archive import packed
from statsbidrag.base.bounds import BOUNDS
from statsbidrag.decisions import booking_layouts, register
from statsbidrag.decisions.data_files import parsed_as
from statsbidrag.model.evidence import Booking, BookingLayout
from statsbidrag.model.returns import Problem
from statsbidrag.returns.evidence import list_sheets, tellable_codes
from statsbidrag.returns.evidence.booking_list import read_list
from statsbidrag.returns.refusal import RefusedError

ROOT = Path(__file__).parents[2]
RULES = register.register()
HEADERS = ("Ver", "Datum", "Konto", "Ansvar", "Projekt", "Verks", "Text", "Belopp")
LAYOUT = BookingLayout(
    file="huvudbok/a.toml",
    name="Lista A",
    known_by=("Ver", "Konto", "Belopp"),
    voucher=("Ver",),
    booked_on="Datum",
    account="Konto",
    responsibility="Ansvar",
    project="Projekt",
    activity="Verks",
    amount="Belopp",
    passed_over=("Summa", "Totalt", "Ingående balans"),
)
TWO = replace(LAYOUT, amount="", debit="Debet", credit="Kredit", known_by=("Ver", "Konto"))
TWO_HEADERS = (*HEADERS[:-1], "Debet", "Kredit")
DAY = date(2024, 3, 15)
ROW: Sequence[object] = ("A 12", DAY, "5020", "112", "718", "4401", "Kaffe hos Kim", 1250.5)
BOOKING = Booking(
    place="H2",
    sheet="Transaktioner",
    voucher="A 12",
    booked_on=DAY,
    account="5020",
    responsibility="112",
    project="718",
    activity="4401",
    amount_sek=Decimal("1250.50"),
)
Read = tuple[tuple[Booking, ...], tuple[Problem, ...]]


def workbook(*rows: Sequence[object], **sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these rows on its first sheet, and the sheets beside it."""
    book = Workbook()
    ws = book.active
    assert ws is not None
    ws.title = "Transaktioner"
    for row in rows:
        ws.append(list(row))
    for name, others in sheets.items():
        other = book.create_sheet(name)
        for row in others:
            other.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def comma_text(*rows: Sequence[object], delimiter: str = ";") -> str:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def read(*rows: Sequence[object], layout: BookingLayout = LAYOUT, name: str = "lista.xlsx") -> Read:
    """What is read of a workbook with these rows below the usual headers."""
    return read_list(workbook(HEADERS, *rows), name, [layout])


def read_csv(
    text: str | bytes,
    layout: BookingLayout = LAYOUT,
    name: str = "lista.csv",
    known: Iterable[str] = (),
) -> Read:
    content = text if isinstance(text, bytes) else text.encode()
    return read_list(content, name, [layout], frozenset(known))


def refused(content: bytes, *layouts: BookingLayout, name: str = "lista.xlsx") -> Problem:
    """Why a list is not read."""
    with pytest.raises(RefusedError) as error:
        read_list(content, name, layouts or [LAYOUT])
    worded(error.value.problem)
    return error.value.problem


def worded(problem: Problem) -> None:
    """The register has whole sentences for a problem."""
    finding = RULES[problem.rule_id].finding(
        is_final=True, cells=problem.cells, value=problem.value, details=problem.details
    )
    for sentence in (finding.message, finding.remedy):
        assert sentence.endswith(".")
        assert not set("{}") & set(sentence)
        assert "  " not in sentence
        assert "””" not in sentence


def only(answer: Read) -> Booking:
    """The one booking of a list in which nothing is wrong."""
    ((booking,), problems) = answer
    assert problems == ()
    return booking


def odd(answer: Read, *, bookings: int = 0) -> list[tuple[str, tuple[str, ...]]]:
    """The rules and cells of what can't be read in a list."""
    assert len(answer[0]) == bookings
    for problem in answer[1]:
        worded(problem)
        assert problem.value is None, "what stands in a cell is never told"
    return [(problem.rule_id, problem.cells) for problem in answer[1]]


def changed(**values: object) -> list[object]:
    """The good row with other values under some headers."""
    assert values.keys() <= {*HEADERS}
    return [values.get(header, value) for header, value in zip(HEADERS, ROW, strict=True)]


def csv_row(**values: str) -> str:
    """The headers and the good row, with other values under some headers, as CSV."""
    row = [str(value) for value in changed(**{"Belopp": "1250,50", **values})]
    return comma_text(HEADERS, row)


# -- what is read ----------------------------------------------------------------------------------


def test_a_row_is_a_booking() -> None:
    assert only(read(ROW)) == BOOKING


def test_a_row_of_a_csv_is_the_same_booking_on_its_line() -> None:
    assert only(read_csv(csv_row())) == replace(BOOKING, place="rad 2", sheet="")


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_however_it_is_saved(delimiter: str, encoding: str, end: str) -> None:
    layout = replace(LAYOUT, booked_on="Bokföringsdatum")
    headers = ["Bokföringsdatum" if header == "Datum" else header for header in HEADERS]
    row = changed(Belopp="-1 250,50", Text='Å "citat"; och, mer', Projekt="7;1,8")
    text = comma_text(["Huvudbok för året"], [], headers, row, delimiter=delimiter)
    content = text.replace("\r\n", end).encode(encoding)
    wanted = replace(
        BOOKING, place="rad 4", sheet="", project="7;1,8", amount_sek=Decimal("-1250.50")
    )
    assert only(read_csv(content, layout, known={"7;1,8"})) == wanted


def test_the_line_of_a_row_after_texts_of_several_lines() -> None:
    text = comma_text(
        HEADERS, changed(Text="ett\ntvå\n\ntre", Belopp="1,00"), changed(Belopp="2,00")
    )
    assert [booking.place for booking in read_csv(text)[0]] == ["rad 2", "rad 6"]


@pytest.mark.parametrize(
    ("stands", "kronor"),
    [
        (0.1 + 0.2, "0.30"),
        (1234567.890000001, "1234567.89"),
        (-250, "-250.00"),
        (0, "0.00"),
        ("1 250,50", "1250.50"),
        ("1\u00a0250,50", "1250.50"),
        ("-1 250,5", "-1250.50"),
        ("1 250,50-", "-1250.50"),
        ("\u2212125 kr", "-125.00"),
        ("-0,00", "0.00"),
    ],
)
def test_an_amount_is_read_to_the_ore(stands: object, kronor: str) -> None:
    assert str(only(read(changed(Belopp=stands))).amount_sek) == kronor
    if isinstance(stands, str):
        assert str(only(read_csv(csv_row(Belopp=stands))).amount_sek) == kronor


@pytest.mark.parametrize(
    "stands",
    [
        *(
            "1.250,50",
            "-1.250,50",
            "1,250",
            "tusen",
            "-",
            "1e3",
            "(250)",
            "12,",
            "1 25",
            "#N/A",
            "",
        ),
        *(1.005, 1e300, 1e10, True, DAY, None),
    ],
)
def test_an_amount_that_has_to_be_guessed_is_a_problem(stands: object) -> None:
    assert odd(read(changed(Belopp=stands), ROW), bookings=1) == [("huvudbok-belopp", ("H2",))]
    if isinstance(stands, str):
        assert odd(read_csv(csv_row(Belopp=stands))) == [("huvudbok-belopp", ("rad 2",))]


@pytest.mark.parametrize(("stands", "kronor"), [("1250.50", "1250.50"), ("-3.5", "-3.50")])
def test_a_decimal_point_is_read_as_programs_write_it_in_a_csv(stands: str, kronor: str) -> None:
    assert str(only(read_csv(csv_row(Belopp=stands))).amount_sek) == kronor
    assert odd(read_csv(csv_row(Belopp="1.250"))) == [("huvudbok-belopp", ("rad 2",))]


@pytest.mark.parametrize(
    ("debit", "credit", "kronor", "place"),
    [
        (100.25, None, "100.25", "H2"),
        (None, 100.25, "-100.25", "I2"),
        (100, 0, "100.00", "H2"),
        (0, 100, "-100.00", "I2"),
        ("150,00", "50,00", "100.00", "H2"),
        (-100, None, "-100.00", "H2"),
        (0, 0, "0.00", "H2"),
    ],
)
def test_debit_less_credit(debit: object, credit: object, kronor: str, place: str) -> None:
    booking = only(read_list(workbook(TWO_HEADERS, [*ROW[:-1], debit, credit]), "a.xlsx", [TWO]))
    assert (str(booking.amount_sek), booking.place) == (kronor, place)


def test_neither_debit_nor_credit_or_one_that_cannot_be_read() -> None:
    rows = [[*ROW[:-1], debit, credit] for debit, credit in [(None, ""), (1, "x"), ("x", None)]]
    answer = read_list(workbook(TWO_HEADERS, *rows), "a.xlsx", [TWO])
    assert odd(answer) == [("huvudbok-belopp", ("H2", "I3", "H4"))]


def test_a_cost_with_a_minus() -> None:
    assert only(read(ROW, layout=replace(LAYOUT, is_cost_negative=True))).amount_sek == Decimal(
        "-1250.50"
    )
    content = workbook(TWO_HEADERS, [*ROW[:-1], 100, 30])
    (booking,), _ = read_list(content, "a.xlsx", [replace(TWO, is_cost_negative=True)])
    assert booking.amount_sek == -70


@pytest.mark.parametrize(
    "stands",
    ["2024-03-15", "20240315", 20240315, 20240315.0, datetime(2024, 3, 15, 14, 30), " 2024-03-15 "],  # noqa: DTZ001
)
def test_a_day_is_read_as_it_is_written(stands: object) -> None:
    assert only(read(changed(Datum=stands))).booked_on == DAY
    if isinstance(stands, str):
        assert only(read_csv(csv_row(Datum=stands))).booked_on == DAY


@pytest.mark.parametrize(
    "stands",
    ["15/3 2024", "240315", "2024-02-30", "45366", 45366, "", None, "2024-03", "202403", 1.5],
)
def test_a_day_that_cannot_be_read_is_a_problem(stands: object) -> None:
    assert odd(read(ROW, changed(Datum=stands)), bookings=1) == [("huvudbok-datum", ("B3",))]
    if isinstance(stands, str):
        assert odd(read_csv(csv_row(Datum=stands))) == [("huvudbok-datum", ("rad 2",))]


MONTHLY = replace(LAYOUT, dated_by="month")


@pytest.mark.parametrize("stands", ["202402", 202402, 202402.0, "2024-02", date(2024, 2, 1)])
def test_a_month_is_its_last_day(stands: object) -> None:
    assert only(read(changed(Datum=stands), layout=MONTHLY)).booked_on == date(2024, 2, 29)
    if isinstance(stands, str):
        assert only(read_csv(csv_row(Datum=stands), MONTHLY)).booked_on == date(2024, 2, 29)


@pytest.mark.parametrize("stands", ["202413", "2024-03-15", "mars", 20240315, 3, "", True])
def test_a_month_that_cannot_be_read_is_a_problem(stands: object) -> None:
    assert odd(read(changed(Datum=stands), layout=MONTHLY)) == [("huvudbok-datum", ("B2",))]


BY_NAME = replace(LAYOUT, dated_by="file_name", booked_on="")


@pytest.mark.parametrize(
    "name",
    [
        *("202403.xlsx", "huvudbok_2024-03.xlsx", "hb-2024-03 (2).xlsx", "2023-01/hb 202403.xlsx"),
        "2024-03_202403.xlsx",
    ],
)
def test_the_month_is_in_the_name_of_the_file(name: str) -> None:
    assert only(read(ROW, layout=BY_NAME, name=name)).booked_on == date(2024, 3, 31)


@pytest.mark.parametrize(
    "name",
    [
        *("lista.xlsx", "2024.xlsx", "202413.xlsx", "20240331.xlsx", "2024-03-31.xlsx"),
        *("1202403.xlsx", "202401_202403.xlsx", "2024-01-2024-03.xlsx", "202401-202403.xlsx"),
        "2024-03/hb.xlsx",
    ],
)
def test_a_name_without_just_one_month_is_refused(name: str) -> None:
    problem = refused(workbook(HEADERS, ROW), BY_NAME, name=name)
    assert problem.rule_id == "huvudbok-manad-i-namnet"
    assert problem.value is None


# -- codes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stands", "code"),
    [
        (718, "718"),
        (718.0, "718"),
        ("0718", "0718"),
        (" 718 ", "718"),
        ("P-71", "P-71"),
        (None, ""),
    ],
)
def test_a_code_is_text(stands: object, code: str) -> None:
    assert only(read(changed(Projekt=stands))).project == code


@pytest.mark.parametrize("stands", [718.5, DAY, True, 1e15, "#REF!"])
def test_what_excel_has_made_of_a_code_is_a_problem(stands: object) -> None:
    for place, header in {"A2": "Ver", "C2": "Konto", "E2": "Projekt"}.items():
        assert odd(read(changed(**{header: stands}))) == [("huvudbok-kod", (place,))]


def test_a_voucher_in_several_columns() -> None:
    layout = replace(LAYOUT, voucher=("Ver", "Text"))
    assert only(read(changed(Ver="A", Text=12.0), layout=layout)).voucher == "A 12"
    assert only(read(changed(Ver=None, Text=12), layout=layout)).voucher == "12"


def test_columns_that_a_list_has_not() -> None:
    layout = replace(LAYOUT, voucher=(), responsibility="", project="", activity="")
    assert only(read(ROW, layout=layout)) == replace(
        BOOKING, voucher="", responsibility="", project="", activity=""
    )


TEXTED = replace(LAYOUT, has_text_after_code=True)


def test_of_a_code_with_its_text_the_digits_are_kept() -> None:
    row = changed(Konto="5020 Löner", Ansvar="112-Kim Ek", Projekt="718 Fritid 2", Verks=4401)
    answer = read(row, layout=TEXTED)
    assert only(answer) == BOOKING
    assert "Kim" not in repr(answer)


def test_a_text_without_its_code_is_a_problem_and_no_empty_code() -> None:
    answer = read(changed(Projekt="P718 Fritid"), changed(Projekt=None), layout=TEXTED)
    assert odd(answer, bookings=1) == [("huvudbok-kod", ("E2",))]
    assert odd(read(changed(Konto="Löner"), layout=TEXTED)) == [("huvudbok-konto-saknas", ("H2",))]


NUMBERS = {
    "811218-9876": tellable_codes.UNTELLABLE,
    "8112189876": tellable_codes.UNTELLABLE,
    "19811218-9876": tellable_codes.UNTELLABLE,
    "212000-0142": "212000-0142",
    "2120000142": "2120000142",
}
"""What looks like the number of a sole trader is not told; that of a company or a municipality is
not."""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_personal_number_is_not_told_wherever_a_code_stands(number: str) -> None:
    row = changed(Ver=number, Ansvar=number, Projekt=number, Verks=number)
    told = NUMBERS[number]
    for answer in (read(row), read_csv(comma_text(HEADERS, [*row[:-1], "1,00"]))):
        booking = only(answer)
        found = (booking.voucher, booking.responsibility, booking.project, booking.activity)
        assert found == (told,) * 4
        assert number == told or number not in repr(answer)


def test_a_personal_number_is_no_account() -> None:
    answer = read(changed(Konto="811218-9876"))
    assert odd(answer) == [("huvudbok-konto-saknas", ("H2",))]
    assert "9876" not in repr(answer)


def test_a_personal_number_that_two_columns_make_is_not_told() -> None:
    layout = replace(LAYOUT, voucher=("Ver", "Text"))
    booking = only(read_csv(csv_row(Ver="811218", Text="9876"), layout))
    assert booking.voucher == tellable_codes.UNTELLABLE


@pytest.mark.parametrize("number", ["19811218-9876", "8112189876"])
def test_of_a_personal_number_no_digits_are_kept_as_a_code(number: str) -> None:
    assert odd(read_csv(csv_row(Projekt=f"{number} Kim Ek"), TEXTED)) == [
        ("huvudbok-kod", ("rad 2",))
    ]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("41020", "41020"),
        ("P41020", "P41020"),
        ("41020-1", "41020-1"),
        ("41020 Kim Ek", "41020"),
        ("ABC12", "ABC12"),
        ("ABCD12", tellable_codes.UNTELLABLE),
        ("Kim", tellable_codes.UNTELLABLE),
        ("Kim 41020", tellable_codes.UNTELLABLE),
        ("41020,Kim", tellable_codes.UNTELLABLE),
        ("1" * 20, "1" * 20),
        ("1" * 21, tellable_codes.UNTELLABLE),
        ("SAMVERKAN", "SAMVERKAN"),
        ("SAMVERKAN Kim Ek", "SAMVERKAN"),
        ("ÖPPEN FÖRSKOLA", "ÖPPEN FÖRSKOLA"),
        ("", ""),
    ],
)
def test_of_a_field_only_its_code_is_told(field: str, code: str) -> None:
    """The city's own files name SAMVERKAN and ÖPPEN FÖRSKOLA."""
    assert tellable_codes.code(field, {"SAMVERKAN", "ÖPPEN FÖRSKOLA"}) == code


@pytest.mark.parametrize(
    ("field", "voucher"),
    [
        ("L 77 lön Kim Ek", "L 77"),
        ("77 lön Kim Ek", "77"),
        ("A 12 Kim", "A 12"),
        ("A 12 Kim 34", "A 12"),
        ("Lönekörning 77 Kim Ek", "77"),
        ("Kim", ""),
        ("77 0701234567", "77"),
        ("79 =1+1", "79"),
        ("Ver. nr A-000 120", "Ver. nr A-000 120"),
        ("Ver 7", "Ver 7"),
        ("2023 A 12", "2023 A 12"),
        ("2023-0007", "2023-0007"),
        ("K2024:12", "K2024:12"),
        ("120A", "120A"),
        ("LEVF 12", "LEVF 12"),
        ("", ""),
    ],
)
def test_of_a_voucher_only_its_series_and_number_are_told(field: str, voucher: str) -> None:
    assert tellable_codes.voucher(field) == voucher


PLANTED = ("Kim Ek", "Firma Snickeri", "811218-9876", "kim.ek", "Lagat", "hemlig")


@pytest.mark.parametrize("is_broken", [False, True], ids=["whole", "broken"])
def test_nothing_else_of_a_list_is_told(is_broken: bool) -> None:
    headers = [*HEADERS, "Leverantör", "Anställd", "Attest av Kim Ek", "Pnr"]
    rest = ["Firma Snickeri", "Kim Ek", "kim.ek", "811218-9876"]
    broken = {"Belopp": "hemlig", "Datum": "hemlig"} if is_broken else {"Belopp": "1,00"}
    rows = [
        ["Utdrag för Kim Ek, 811218-9876"],
        headers,
        [*changed(Text="Lagat hos Kim Ek", **broken), *rest],
        ["Summa hemlig"],
    ]
    for content, name in (
        (workbook(*rows), "a.xlsx"),
        (comma_text(*rows).encode(), "a.csv"),
        (comma_text(*rows, delimiter="\t").encode("cp1252"), "a.txt"),
    ):
        answer = read_list(content, name, [LAYOUT])
        assert len(answer[0]) == (0 if is_broken else 1)
        assert len(answer[1]) == (1 if is_broken else 0)
        assert not [word for word in PLANTED if word in repr(answer)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_nothing_of_a_list_is_told_when_it_is_refused(delimiter: str) -> None:
    rows = [["Kim Ek", "hemlig"], ["Firma Snickeri", "Lagat", "Ã¤r 811218-9876"]]
    for content, name in (
        (workbook(*rows), "a.xlsx"),
        (comma_text(*rows, delimiter=delimiter).encode(), "a.csv"),
        (comma_text(HEADERS, [*ROW, "Kim Ek"], delimiter=delimiter).encode(), "a.csv"),
        ((comma_text(HEADERS, delimiter=delimiter) + '"Kim Ek" hemlig').encode(), "a.csv"),
    ):
        problem = refused(content, name=name)
        assert not [word for word in PLANTED if word in repr(problem)]


# -- which rows ------------------------------------------------------------------------------------


def test_rows_that_are_no_bookings_are_passed_over() -> None:
    rows = [
        [],
        ROW,
        ["Summa 5020", None, None, None, None, None, None, 1250.5],
        [None, None, "Totalt", None, None, None, None, 1250.5],
        ["INGÅENDE  BALANS 2024", None, "1510", None, None, None, None, 9],
        HEADERS,
        ["Sida 2", None, None, None, None, None, "Kaffe"],
        ["", " ", None],
        changed(Belopp=2),
    ]
    bookings, problems = read(*rows)
    assert problems == ()
    assert [(booking.place, booking.amount_sek) for booking in bookings] == [
        ("H3", Decimal("1250.50")),
        ("H10", Decimal(2)),
    ]
    as_text = [
        ["" if cell is None else str(cell).replace(".", ",") for cell in row] for row in rows
    ]
    bookings, problems = read_csv(comma_text(HEADERS, *as_text))
    assert problems == ()
    assert [booking.place for booking in bookings] == ["rad 3", "rad 10"]


def test_an_amount_without_an_account_is_a_problem() -> None:
    sums = [None, None, None, None, None, None, None, 1250.5]
    assert odd(read(ROW, sums, sums), bookings=1) == [("huvudbok-konto-saknas", ("H3", "H4"))]


def test_one_problem_a_rule_has_all_its_cells() -> None:
    rows = [changed(Belopp="x"), changed(Datum="x"), changed(Projekt=DAY), changed(Belopp=None)]
    assert odd(read(*rows, ROW), bookings=1) == [
        ("huvudbok-belopp", ("H2", "H5")),
        ("huvudbok-datum", ("B3",)),
        ("huvudbok-kod", ("E4",)),
    ]


def test_a_list_without_rows_has_no_bookings() -> None:
    assert read() == ((), ())
    assert read_csv(comma_text(HEADERS)) == ((), ())


def test_formulas_are_read_by_their_values() -> None:
    """openpyxl stores no values, so that those of this workbook are missing."""
    answer = read(changed(Belopp="=1+1"), changed(Text="=1+1"), changed(Konto="=5000+20"))
    assert odd(answer, bookings=1) == [("huvudbok-belopp", ("H2",)), ("huvudbok-kod", ("C4",))]


def test_a_stored_value_of_a_formula_is_read() -> None:
    content = with_values(workbook(HEADERS, changed(Belopp="=10/4", Konto="=5000+20")))
    assert only(read_list(content, "a.xlsx", [LAYOUT])) == replace(
        BOOKING, amount_sek=Decimal("2.50")
    )


def with_values(content: bytes) -> bytes:
    """The workbook with the values of its two formulas stored."""
    values = {b"<f>10/4</f><v />": b"<f>10/4</f><v>2.5</v>"}
    values[b"<f>10/4</f><v></v>"] = b"<f>10/4</f><v>2.5</v>"
    values[b"<f>5000+20</f><v />"] = b"<f>5000+20</f><v>5020</v>"
    values[b"<f>5000+20</f><v></v>"] = b"<f>5000+20</f><v>5020</v>"

    def stored(part: bytes) -> bytes:
        for old, new in values.items():
            part = part.replace(old, new)
        return part

    return repacked_sheet(content, stored)


def repacked_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with its first sheet changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = change(parts[name])
    return packed(parts.items())


# -- which layout, sheet and columns ---------------------------------------------------------------


def test_headers_are_compared_as_names_are() -> None:
    headers = [f" {header.upper()} " for header in HEADERS]
    assert only(read_list(workbook(headers, ROW), "a.xlsx", [LAYOUT])) == BOOKING


def test_headers_are_found_below_what_stands_above_them() -> None:
    above = [["Huvudbok"], ["Konto", "5020"]] + [[None]] * 47
    content = workbook(*above, HEADERS, ROW)
    assert only(read_list(content, "a.xlsx", [LAYOUT])).place == "H51"
    content = workbook(*above, [None], HEADERS, ROW)
    assert refused(content).rule_id == "huvudbok-okand-uppstallning"
    text = comma_text(*above, HEADERS, changed(Belopp="1,00"))
    assert only(read_csv(text)).place == "rad 51"
    late = "\r\n" + text
    assert refused(late.encode(), name="a.csv").rule_id == "huvudbok-okand-uppstallning"


def test_a_list_that_no_layout_knows() -> None:
    content = workbook(("Något", "annat"), ROW)
    assert refused(content) == Problem("huvudbok-okand-uppstallning", details={"last": "50"})
    with pytest.raises(RefusedError, match="huvudbok-okand-uppstallning"):
        read_list(workbook(HEADERS, ROW), "a.xlsx", [])


def test_headers_with_broken_letters_are_told_as_that() -> None:
    layout = replace(LAYOUT, known_by=("Ver", "Bokföringsdatum"))
    text = comma_text(["Ver", "Bokföringsdatum", "Konto"])
    twice = text.encode().decode("cp1252").encode()
    assert refused(twice, layout, name="a.csv").rule_id == "huvudbok-teckenkod"
    mixed = text.encode() + "å".encode("cp1252")
    assert refused(mixed, layout, name="a.csv").rule_id == "huvudbok-teckenkod"


def test_one_sheet_of_several_is_the_list() -> None:
    others = {"Försättsblad": [["Huvudbok", "Kim Ek"]], "Tomt": []}
    assert only(read_list(workbook(HEADERS, ROW, **others), "a.xlsx", [LAYOUT])) == BOOKING


def test_two_sheets_or_two_layouts_are_refused_unless_the_layout_says_which() -> None:
    content = workbook(HEADERS, ROW, Kopia=[HEADERS, ROW])
    problem = refused(content)
    assert (problem.rule_id, problem.value) == (
        "huvudbok-flera-uppstallningar",
        "Lista A (2\u00a0blad)",
    )
    one = replace(LAYOUT, sheet="TRANSAKTIONER")
    assert only(read_list(content, "a.xlsx", [one])) == BOOKING
    missing = replace(LAYOUT, sheet="Bokningar")
    assert refused(content, missing).rule_id == "huvudbok-okand-uppstallning"
    other = replace(LAYOUT, name="Lista B", known_by=("Ver", "Datum"))
    assert refused(workbook(HEADERS, ROW), LAYOUT, other).value == (
        "Lista A (1\u00a0blad) och Lista B (1\u00a0blad)"
    )


def test_a_csv_has_no_sheets_to_choose_among() -> None:
    only(read_csv(csv_row(), replace(LAYOUT, sheet="Transaktioner")))


@pytest.mark.parametrize("name", ["Datum", "Projekt", "Verks"])
def test_a_column_that_is_missing_is_named(name: str) -> None:
    headers = ["" if header == name else header for header in HEADERS]
    problem = refused(workbook(["Huvudbok"], headers, ROW))
    assert problem == Problem("huvudbok-kolumn-saknas", "Transaktioner", ("A2",), name)
    problem = refused(comma_text(headers, ROW).encode(), name="a.csv")
    assert problem == Problem("huvudbok-kolumn-saknas", None, ("rad 1",), name)


def test_a_column_that_is_there_twice_is_named_if_it_is_read() -> None:
    headers = ["konto" if header == "Text" else header for header in HEADERS]
    problem = refused(workbook(headers, ROW))
    assert problem == Problem("huvudbok-kolumn-tvetydig", "Transaktioner", ("C1", "G1"), "Konto")
    problem = refused(comma_text(headers, ROW).encode(), name="a.csv")
    assert problem.cells == ("rad 1",)
    content = workbook([*HEADERS, "Text", "Text"], ROW)
    assert only(read_list(content, "a.xlsx", [LAYOUT])) == BOOKING


# -- files that are not read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule_id"),
    [
        (csv_row() + "\0", "csv-inte-text"),
        (csv_row() + '"Kaffe" hos Kim;1\n', "csv-citattecken"),
        (csv_row() + '"Kaffe;1\n', "csv-citattecken"),
        (csv_row().replace("1250,50", "1250,50;;x"), "csv-rad"),
        (
            comma_text(HEADERS, changed(Belopp="1,00"), delimiter=",").replace('"', ""),
            "csv-decimalkomma",
        ),
    ],
)
def test_what_is_no_csv_is_refused_as_a_return_is(text: str, rule_id: str) -> None:
    assert refused(text.encode(), name="a.csv").rule_id == rule_id


def test_an_amount_that_a_comma_splits_is_not_read_as_its_kronor() -> None:
    headers = [header for header in HEADERS if header != "Text"] + ["Text"]
    row = ["A 12", "2024-03-15", "5020", "112", "718", "4401", "1250", "50"]
    content = comma_text(headers, row, delimiter=",").encode()
    assert refused(content, name="a.csv").rule_id == "csv-decimalkomma"
    row[-1] = "Kaffe"
    assert only(read_csv(comma_text(headers, row, delimiter=","))).amount_sek == 1250


def test_debit_without_credit_in_a_csv_with_commas() -> None:
    text = comma_text(TWO_HEADERS, [*ROW[:-1], "1250", "0"], delimiter=",")
    assert only(read_csv(text, TWO)).amount_sek == 1250


def test_a_row_that_has_lost_its_blank_end_is_read() -> None:
    headers = ["Belopp", *HEADERS[:-1]]
    text = comma_text(headers, ["1,00", "A 12", "2024-03-15", "5020"])
    assert only(read_csv(text)).project == ""


@pytest.mark.parametrize(
    ("content", "rule_id"),
    [
        (b"", "fil-tom"),
        (b"%PDF-1.7", "fil-pdf"),
        (b"PK\x03\x04 and no more", "fil-trasig"),
        (b"\xff\xd8\xff\xe0", "fil-bild"),
        (b"#FLAGGA 0\n#FORMAT PC8\n", "fil-sie"),
        (b"no list at all", "fil-fel-format"),
    ],
)
def test_other_files_are_refused_by_what_they_are(content: bytes, rule_id: str) -> None:
    with pytest.raises(RefusedError, match=rule_id):
        read_list(content, "lista", [LAYOUT])


def test_a_workbook_that_a_reader_stumbles_on_is_broken() -> None:
    declared = b'<?xml version="1.0" encoding="euc-jp"?>'
    content = repacked_sheet(WHOLE, lambda part: declared + part)
    assert refused(content).rule_id == "fil-trasig"


def test_a_workbook_beyond_bounds_is_told_as_a_list() -> None:
    content = workbook(HEADERS, *([ROW] * 2))
    far = repacked_sheet(
        content,
        lambda part: part.replace(
            b"</sheetData>",
            f'<row r="{BOUNDS.rows + 1}"><c r="A{BOUNDS.rows + 1}"><v>1</v></c></row></sheetData>'.encode(),
        ),
    )
    problem = refused(far)
    assert problem.rule_id == "huvudbok-for-stort"
    assert problem.details["rows"] == "20\u00a0000"


def test_a_csv_beyond_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_sheets, "MOST_LINES", 3)
    rows = [changed(Belopp="1,00")] * 3
    assert len(read_csv(comma_text(HEADERS, *rows, [], []))[0]) == 3
    content = comma_text(HEADERS, *rows, *rows[:1]).encode()
    assert refused(content, name="a.csv").rule_id == "huvudbok-for-stort"
    too_large = b"x" * (BOUNDS.file_bytes + 1)
    assert refused(too_large, name="a.csv").rule_id == "huvudbok-for-stort"


def test_a_number_beyond_excel_is_no_code_and_no_amount() -> None:
    def grown(part: bytes) -> bytes:
        return re.sub(rb"<v>(718|2)</v>", b"<v>" + b"9" * 310 + b"</v>", part)

    content = repacked_sheet(workbook(HEADERS, changed(Projekt=718), changed(Belopp=2)), grown)
    assert odd(read_list(content, "a.xlsx", [LAYOUT])) == [
        ("huvudbok-belopp", ("H3",)),
        ("huvudbok-kod", ("E2",)),
    ]


# -- as many as a city has -------------------------------------------------------------------------


def test_a_hundred_thousand_rows_are_read() -> None:
    rows = [
        (f"A {number}", "2024-03-15", "5020", "112", "718", "4401", "Kaffe", f"{number},25")
        for number in range(100_000)
    ]
    bookings, problems = read_csv(comma_text(HEADERS, *rows))
    assert problems == ()
    assert len(bookings) == 100_000
    assert sum(booking.amount_sek for booking in bookings) == sum(range(100_000)) + 25_000


# -- the example of the readme ---------------------------------------------------------------------


def test_the_example_of_the_readme_reads_a_list() -> None:
    readme = (ROOT / "data" / "huvudbok" / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    name = "huvudbok/exempel.toml"
    declared = parsed_as(example.encode(), booking_layouts.BookingLayoutFile, name)
    layouts = booking_layouts.layouts_of({name: declared})
    headers = ["Verserie", "Vernr", "Bokföringsdatum", "Konto", "Ansvar", "Projekt", "Verksamhet"]
    row = ["A", 12, DAY, "5020 Löner", "112 Farsta", "718 Fritid", "4401 Fritid", "Kim", 1250.5]
    totals = ["Totalt", *[None] * 7, 1250.5]
    content = workbook(["Huvudbok"], [*headers, "Text", "Belopp"], row, totals)
    assert read_list(content, "utdrag.xlsx", layouts) == ((replace(BOOKING, place="I3"),), ())


# -- whatever stands in them -----------------------------------------------------------------------


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")),
    ),
    st.sampled_from([b"", b"Ver;Konto;Belopp\n", b"Ver,Konto,Belopp\n", b"PK\x03\x04"]),
    st.sampled_from(["a.csv", "a.xlsx", "202403", "a.txt"]),
)
def test_no_bytes_raise_anything_but_a_refusal(content: bytes, before: bytes, name: str) -> None:
    three = replace(BY_NAME, voucher=("Ver",), responsibility="", project="", activity="")
    for layout in (LAYOUT, three):
        try:
            bookings, problems = read_list(before + content, name, [layout])
        except RefusedError as error:
            worded(error.problem)
        else:
            assert all(isinstance(booking, Booking) for booking in bookings)
            for problem in problems:
                worded(problem)


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_no_damage_to_a_workbook_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_list(bytes(content), "a.xlsx", [LAYOUT])
    except RefusedError as error:
        worded(error.problem)


WHOLE = workbook(HEADERS, ROW)

CODES = st.from_regex('[0-9A-ZÅÄÖ][0-9A-ZÅÄÖ ;,."-]{0,6}[0-9A-ZÅÄÖ]', fullmatch=True).filter(
    lambda code: "  " not in code
)
DRAWN = st.lists(
    st.fixed_dictionaries(
        {
            "voucher": st.from_regex("[A-Z]{0,3} ?[1-9][0-9]{0,8}", fullmatch=True).map(str.strip),
            "booked_on": st.dates(date(2000, 1, 1), date(2099, 12, 31)),
            "account": CODES,
            "responsibility": st.one_of(st.just(""), CODES),
            "project": st.one_of(st.just(""), CODES),
            "activity": st.one_of(st.just(""), CODES),
            "amount_sek": st.decimals(Decimal("-1e9"), Decimal("1e9"), places=2),
        }
    ),
    max_size=12,
)


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(DRAWN, st.text(max_size=12).filter(str.isprintable), st.sampled_from([";", "\t", ","]))
def test_a_list_is_read_back_as_it_was_written(
    drawn: list[Mapping[str, object]], text: str, delimiter: str
) -> None:
    """In a workbook and in a CSV file; whatever stands in the columns that are not read."""
    wanted, in_cells, in_text = [], [], []
    known: set[str] = set()
    for number, row in enumerate(drawn, start=2):
        amount = Decimal(str(row["amount_sek"])) + 0
        of_row = [str(row[name]) for name in ("account", "responsibility", "project", "activity")]
        known.update(of_row)
        in_cells.append([row["voucher"], row["booked_on"], *of_row, None, float(amount)])
        said = f"{amount:.2f}".replace(".", ",")
        in_text.append([row["voucher"], row["booked_on"], *of_row, text, said])
        values = {**row, "amount_sek": amount}
        wanted.append(Booking(place=f"H{number}", sheet="Transaktioner", **values))  # type: ignore[arg-type]
    layout = replace(LAYOUT, passed_over=())
    content = workbook(HEADERS, *in_cells)
    bookings, problems = read_list(content, "a.xlsx", [layout], frozenset(known))
    assert (bookings, problems) == (tuple(wanted), ())
    text = comma_text(HEADERS, *in_text, delimiter=delimiter)
    bookings, problems = read_csv(text, layout, known=known)
    assert problems == ()
    assert [replace(booking, place="", sheet="") for booking in bookings] == [
        replace(booking, place="", sheet="") for booking in wanted
    ]
