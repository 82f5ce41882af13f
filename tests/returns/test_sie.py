"""SIE files into bookings: what programs write, what the standard allows, and what is no SIE at
all.

The personal number is one of Skatteverket's test numbers. Never put another valid number here.
"""

import time
import zlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.decisions import register
from statsbidrag.model.evidence import Booking, ExtractForms
from statsbidrag.model.returns import Problem
from statsbidrag.returns.evidence import extracts, sie, sie_text, tellable_codes
from statsbidrag.returns.evidence.sie import is_sie
from statsbidrag.returns.refusal import RefusedError
from tests.support.places import NUMBER

HEAD = ("#FLAGGA 0", '#PROGRAM "Ekonomi" 1.0', "#FORMAT PC8", "#GEN 20240110", "#SIETYP 4")
OTHER_SIDE = "#TRANS 2440 {} -1000.00"
RULES = register.register()
CHARSETS = ("cp437", "utf-8", "utf-8-sig", "cp1252", "latin-1", "iso8859-15")


class Every(frozenset[str]):
    """As though the city's files named every code there is, so that each is told as it was read."""

    def __contains__(self, code: object) -> bool:
        return True


def read_sie(
    content: bytes, known_codes: frozenset[str] = Every(), **asked: Any
) -> tuple[tuple[Booking, ...], tuple[Problem, ...]]:
    return sie.read_sie(content, known_codes=known_codes, **asked)


def file_of(*lines: str, charset: str = "cp437", end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in (*HEAD, *lines)).encode(charset)


def voucher(*rows: str, head: str = "#VER A 123 20230215") -> tuple[str, ...]:
    return (head, "{", *rows, "}")


def read(*lines: str, **asked: Any) -> tuple[tuple[Booking, ...], tuple[Problem, ...]]:
    return read_sie(file_of(*lines), **asked)


def booking(row: str, head: str = "#VER A 123 20230215", **asked: Any) -> Booking:
    """What the first row of a voucher is read as, without problems but that it has no other
    side."""
    bookings, problems = read(*voucher(row, head=head), **asked)
    assert {problem.rule_id for problem in problems} <= {"sie-verifikation-obalans"}
    return bookings[0]


def refusal(content: bytes) -> Problem:
    with pytest.raises(RefusedError) as refused:
        read_sie(content)
    return refused.value.problem


def said(problem: Problem) -> str:
    """A problem as people read it."""
    told = RULES[problem.rule_id].finding(
        is_final=False, cells=problem.cells, details=dict(problem.details)
    )
    return told.message


# -- a booking -------------------------------------------------------------------------------------


def test_a_row_of_a_voucher_is_a_booking() -> None:
    bookings, problems = read(
        *voucher('#TRANS 5410 {1 "K10" 6 "P1"} 1000.00 20230220 "Text" 3 "ANNA"', OTHER_SIDE)
    )
    assert not problems
    assert bookings[0] == Booking(
        place="rad 8",
        sheet="",
        voucher="A 123",
        booked_on=date(2023, 2, 20),
        account="5410",
        responsibility="K10",
        project="P1",
        activity="",
        amount_sek=Decimal("1000.00"),
    )
    assert bookings[1].booked_on == date(2023, 2, 15)
    assert (bookings[1].account, bookings[1].amount_sek) == ("2440", Decimal(-1000))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("#VER A 123 20230215", "A 123"),
        ('#VER "A" "123" 20230215 "Text" 20230216 "SIGN"', "A 123"),
        ('#VER "" 123 20230215', "123"),
        ('#VER A "" 20230215', ""),
        ('#VER "" "" 20230215', ""),
        ('#VER "Lön mars" 7 20230215', "7"),
        ("#VER  A\t123 \t 20230215 ", "A 123"),
        ('#ver "A\\"B" 1 20230215', "1"),
    ],
)
def test_a_voucher_is_its_series_and_number(head: str, name: str) -> None:
    assert booking("#trans 5410 {} 1", head).voucher == name


@pytest.mark.parametrize("first", "1289")
def test_accounts_of_every_kind_come_out(first: str) -> None:
    assert booking(f"#TRANS {first}910 {{}} 1").account == f"{first}910"


def test_supplementary_and_cancelled_rows_are_never_counted() -> None:
    bookings, problems = read(
        *voucher(
            "#RTRANS 5410 {} 1000.00", "#TRANS 5410 {} 1000.00", "#BTRANS 5410 {} 7", OTHER_SIDE
        )
    )
    assert [one.account for one in bookings] == ["5410", "2440"]
    assert not problems


def test_what_is_not_known_is_passed_over() -> None:
    bookings, problems = read(
        *('#NYTT "något" {1 2} 3', "text utan etikett", "}", '#KONTO 5410 "Förbrukning"'),
        *voucher("#TRANS 5410 {} 1000 20230220 text 1 sign mer {1 2} ännu mer", OTHER_SIDE),
        *("#PSALDO 0 202302 5410 {6 P1} 999", "#OUB 0 5410 {6 P1} 999"),
    )
    assert len(bookings) == 2
    assert not problems


def test_a_voucher_without_rows_gives_none() -> None:
    assert read(*voucher()) == ((), ())


# -- characters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("stated", ["PC8", "UTF-8", "ANSI"])
def test_each_character_set_is_told_by_its_letters(charset: str, stated: str) -> None:
    lines = (
        f"#FORMAT {stated}",
        '#FNAMN "Räksmörgåsen & Öberg"',
        *voucher('#TRANS 5410 {6 "Åäö-Üé"} 1000', OTHER_SIDE),
    )
    bookings, problems = read_sie(file_of(*lines, charset=charset))
    assert not problems
    assert bookings[0].project == "Åäö-Üé"


@pytest.mark.parametrize("letter", "åäöÅÄÖéü")
@pytest.mark.parametrize("charset", CHARSETS)
def test_one_letter_tells_the_character_set(letter: str, charset: str) -> None:
    content = file_of(*voucher(f"#TRANS 5410 {{6 P{letter}}} 0"), charset=charset)
    assert read_sie(content)[0][0].project == f"P{letter}"


def test_the_character_set_is_that_of_most_letters() -> None:
    assert sie_text.charset_of("åäö".encode("cp437") + "å".encode("cp1252")) == "cp437"
    assert sie_text.charset_of("å".encode("cp437") + "åäö".encode("cp1252")) == "cp1252"
    assert sie_text.charset_of(b"\xef\xbb\xbf\xff") == "utf-8"


def test_a_byte_that_is_no_character_stops_nothing() -> None:
    content = file_of(*voucher("#TRANS 5410 {6 P@1} 0 20230220 @"), "#PROSA åäö", charset="cp1252")
    bookings, problems = read_sie(content.replace(b"@", b"\x81"))
    assert [one.project for one in bookings] == ["P\ufffd1"]
    assert not problems


def test_signs_that_split_lines_elsewhere_split_none_here() -> None:
    """In CP437 0x85 is à and 0xA0 is á; as Unicode they would be an end of a line and a blank."""
    assert booking('#TRANS 5410 {6 "xàáx"} 0 20230220 "àá"').project == "xàáx"


def test_controls_are_no_part_of_a_code() -> None:
    assert booking("#TRANS 5410 {6 P\x01\x0b1} 0 20230220 \x00\x0c\x1b").project == "P 1"


# -- lines and fields ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("tail", [b"", b"\x1a", b"\r\n\x1a\0\0\0", b"\n\n\x1a\x1a"])
def test_ends_of_lines_and_of_the_file(end: str, tail: bytes) -> None:
    content = file_of(*voucher("#TRANS 5410 {} 1000", OTHER_SIDE), end=end)
    bookings, problems = read_sie(content.rstrip() + tail)
    assert [one.place for one in bookings] == ["rad 8", "rad 9"]
    assert not problems


def test_blanks_stand_anywhere() -> None:
    bookings, problems = read(
        *("", " \t", "\t#VER\tA\t1\t20230215", "", "  {  ", "\t", " \t#TRANS  5410\t { } \t1000 "),
        *("\t#TRANS\t2440\t{\t}\t-1000\t", "", " } "),
    )
    assert [one.amount_sek for one in bookings] == [1000, -1000]
    assert not problems


@pytest.mark.parametrize(
    ("objects", "responsibility", "project"),
    [
        ("{}", "", ""),
        ("{ \t }", "", ""),
        ("{6 P1}", "", "P1"),
        ('{"6" "P1"}', "", "P1"),
        ("{1 K1 6 P1}", "K1", "P1"),
        ('{ 6\t"P 1"\t1  "K1" }', "K1", "P 1"),
        ('{6 "P}1" 1 "K{1"}', "K{1", "P}1"),
        ('{6 "P\\"1"}', "", 'P"1'),
        ('{6 "" 1 " "}', "", ""),
        ("{6 P1 6 P2}", "", "P1"),
        ("{1 K1 6}", "K1", ""),
        ("{P1}", "", ""),
        ("{16 P1 61 P2}", "", ""),
    ],
)
def test_a_list_of_objects(objects: str, responsibility: str, project: str) -> None:
    for row in (f"#TRANS 5410 {objects} 5.00", f"#TRANS 5410{objects}5.00"):
        found = booking(row)
        assert (found.responsibility, found.project) == (responsibility, project)
        assert found.amount_sek == 5


def test_an_empty_list_may_be_left_out() -> None:
    found = booking('#TRANS 5410 5.00 20230220 "Text"')
    assert (found.account, found.amount_sek, found.booked_on.day) == ("5410", 5, 20)


def test_quotes_around_any_field() -> None:
    found = booking('#TRANS "5410" {} "-5,50" "20230220" "Sa \\"hej\\" och gick"')
    assert (found.account, found.amount_sek) == ("5410", Decimal("-5.50"))
    assert found.booked_on.day == 20


@pytest.mark.parametrize("text", ['"aldrig slut', 'F"rskott', '"F"rskott till Lind" Park"', '"\\"'])
def test_quotes_that_are_wrong_in_a_text_do_no_harm(text: str) -> None:
    bookings, problems = read(
        *voucher(
            f"#TRANS 5410 {{}} 1000 20230220 {text}",
            OTHER_SIDE,
            head=f"#VER A 1 20230215 {text}",
        )
    )
    assert len(bookings) == 2
    assert not problems


def test_a_quote_that_never_ends_takes_the_rest_of_its_line() -> None:
    bookings, problems = read(*voucher('#TRANS 5410 {6 "P1} 1000 20230220', OTHER_SIDE))
    assert [one.account for one in bookings] == ["2440"]
    assert [(one.rule_id, one.cells) for one in problems] == [("sie-belopp", ("rad 8",))]


FIELD = st.text(st.characters(max_codepoint=255, exclude_characters="\\\r\n\x1a"), max_size=30)


def quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '\\"'))


@given(st.lists(FIELD, max_size=8))
def test_what_is_quoted_is_unquoted(texts: list[str]) -> None:
    line = "#X " + "\t ".join(map(quoted, texts))
    assert [sie_text.unquoted(one) for one in sie_text.fields_of(line)] == ["#X", *texts]


@given(st.dictionaries(st.integers(1, 99), FIELD.filter(str.strip), max_size=8))
def test_what_is_put_in_a_list_is_found_there(objects: dict[int, str]) -> None:
    line = " ".join(f"{dimension} {quoted(code)}" for dimension, code in objects.items())
    fields = sie_text.fields_of(f"#TRANS 5410 {{{line}}} 1")
    assert len(fields) == 4
    assert sie_text.objects_in(fields[2]) == {str(d): code for d, code in objects.items()}


# -- dimensions ------------------------------------------------------------------------------------


def test_the_dimensions_are_those_asked_for() -> None:
    row = "#TRANS 5410 {1 K1 3 V1 6 P1 10 X1} 0"
    assert booking(row).activity == ""
    found = booking(row, project_dimension=10, responsibility_dimension=6, activity_dimension=3)
    assert (found.responsibility, found.project, found.activity) == ("P1", "X1", "V1")


@pytest.mark.parametrize("dimension", [7, 8, 9])
@pytest.mark.parametrize("asked", ["project", "responsibility", "activity"])
def test_dimensions_of_persons_are_never_read(dimension: int, asked: str) -> None:
    content = file_of(*voucher(f"#TRANS 5410 {{{dimension} Hemlig}} 0"))
    with pytest.raises(ValueError, match="of persons"):
        read_sie(content, **{f"{asked}_dimension": dimension})
    below = file_of(f"#UNDERDIM {dimension} x 6", *voucher(f"#TRANS 5410 {{{dimension} X}} 0"))
    assert read_sie(below)[0][0].project == ""
    assert "Hemlig" not in repr(read_sie(content))


SUB = ('#UNDERDIM 21 "Delprojekt" 6', '#UNDERDIM 22 "Etapp" 21', '#UNDERDIM "2" "Bärare" "1"')


@pytest.mark.parametrize(
    ("objects", "project"),
    [
        ("{21 D1}", "D1"),
        ("{22 E1}", "E1"),
        ("{22 E1 21 D1}", "D1"),
        ("{22 E1 6 P1 21 D1}", "P1"),
        ('{6 "" 21 D1}', "D1"),
        ("{2 B1}", ""),
    ],
)
def test_an_object_of_a_sub_dimension_counts_where_there_is_none_above(
    objects: str, project: str
) -> None:
    rows = voucher(f"#TRANS 5410 {objects} 0")
    for lines in ((*SUB, *rows), (*rows, *SUB)):
        assert read(*lines)[0][0].project == project
    assert read(*SUB, *voucher("#TRANS 5410 {2 B1} 0"))[0][0].responsibility == "B1"


def test_dimensions_in_a_circle_come_to_an_end() -> None:
    circle = ("#UNDERDIM 6 x 22", "#UNDERDIM 22 x 21", "#UNDERDIM 21 x 6", "#UNDERDIM 5 x 5")
    bookings, _ = read(*circle, *voucher("#TRANS 5410 {22 E1} 0", "#TRANS 5410 {6 P1 21 D1} 0"))
    assert [one.project for one in bookings] == ["E1", "P1"]


# -- amounts and days ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0", "0"),
        ("1000", "1000"),
        ("-1000.5", "-1000.50"),
        ("12.34", "12.34"),
        ("-12,34", "-12.34"),
        ("9999999999999.99", "9999999999999.99"),
        ("-0.00", "0"),
    ],
)
def test_an_amount_is_exact(written: str, amount: str) -> None:
    assert booking(f"#TRANS 5410 {{}} {written}").amount_sek == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        *("12.345", "1.000,00", "1e3", "12-", "--1", "+1", "kr", '""', "", "NaN", "Infinity"),
        *("1_000", "99999999999999", "1.", ".", "-", "²", '"1 000"'),
    ],
)
def test_an_amount_that_cannot_be_read_is_told_with_its_line(written: str) -> None:
    bookings, problems = read(*voucher(f"#TRANS 5410 {{}} {written}", OTHER_SIDE))
    assert [one.account for one in bookings] == ["2440"]
    assert problems == (Problem("sie-belopp", None, ("rad 8",)),)
    assert "rad 8" in said(problems[0])


IMPOSSIBLE = ("20230229", "20231301", "00000101", "2023-02-15", "230215", "²0230215", "Hemlig")


@pytest.mark.parametrize("written", IMPOSSIBLE)
def test_a_day_of_a_row_that_does_not_exist_is_told_with_its_line(written: str) -> None:
    bookings, problems = read(*voucher(f"#TRANS 5410 {{}} 1000 {written}", OTHER_SIDE))
    assert [one.account for one in bookings] == ["2440"]
    assert problems == (Problem("sie-datum", None, ("rad 8",)),)
    assert "rad 8" in said(problems[0])


@pytest.mark.parametrize("written", [*IMPOSSIBLE, '""', ""])
def test_a_day_of_a_voucher_that_does_not_exist_is_told_once(written: str) -> None:
    rows = ("#TRANS 5410 {} 1000 20230220", "#TRANS 2440 {} -500", '#TRANS 2440 {} -500 ""')
    bookings, problems = read(*voucher(*rows, head=f"#VER A 1 {written}"))
    assert [one.booked_on for one in bookings] == [date(2023, 2, 20)]
    assert problems == (Problem("sie-datum", None, ("rad 6",)),)


@given(
    st.lists(
        st.tuples(
            st.text("0123456789", min_size=1, max_size=8),
            st.text("ABCÅÄÖåäö019-/ ", max_size=9).map(lambda code: " ".join(code.split())),
            st.decimals(-(10**9), 10**9, places=2),
            st.dates(date(1990, 1, 1)),
        ),
        max_size=20,
    ),
    st.sampled_from(CHARSETS),
)
def test_what_is_written_is_read(rows: list[tuple[str, str, Decimal, date]], charset: str) -> None:
    lines = [
        f"#TRANS {account} {{6 {quoted(code)}}} {amount} {day:%Y%m%d} {quoted(code)}"
        for account, code, amount, day in rows
    ]
    content = file_of('#FNAMN "åäöåäöåäö ÅÄÖ"', *voucher(*lines), charset=charset)
    bookings, problems = read_sie(content)
    found = [(one.account, one.project, one.amount_sek, one.booked_on) for one in bookings]
    total = sum((amount for _, _, amount, _ in rows), Decimal(0))
    assert found == rows
    assert [one.rule_id for one in problems] == ["sie-verifikation-obalans"] * bool(total)


# -- what doesn't agree ----------------------------------------------------------------------------


def test_a_voucher_that_does_not_balance_is_named_and_counts() -> None:
    bookings, problems = read(
        *voucher("#TRANS 5410 {} 1000", OTHER_SIDE),
        *voucher("#TRANS 5410 {} 1000", "#TRANS 2440 {} -998.50", head="#VER B 7 20230301 Hemlig"),
        *voucher("#TRANS 5410 {} 1000", OTHER_SIDE, head="#VER B 8 20230301"),
    )
    assert len(bookings) == 6
    details = {"voucher": "B 7", "difference": "1,50\u00a0kr"}
    assert problems == (Problem("sie-verifikation-obalans", None, ("rad 11",), None, details),)
    assert "Verifikation B 7 (rad 11)" in said(problems[0])
    assert "1,50\u00a0kr" in said(problems[0])


def test_an_unbalanced_voucher_may_lack_a_number() -> None:
    (problem,) = read(*voucher("#TRANS 5410 {} -0.01", head='#VER "" "" 20230215'))[1]
    assert problem.details == {"voucher": "utan nummer", "difference": "0,01\u00a0kr"}


def test_a_voucher_balances_over_all_accounts_and_days_to_the_ore() -> None:
    rows = ("#TRANS 5410 {} 0.1", "#TRANS 5410 {} 0.2 20230301", "#TRANS 1930 {} -0.3")
    assert read(*voucher(*rows))[1] == ()


# -- cut off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("#VER A 1 20230215",),
        ("#VER A 1 20230215", "{"),
        ("#VER A 1 20230215", "{", OTHER_SIDE),
        ("#VER A 1 20230215", "{", *voucher(OTHER_SIDE)),
        ("#VER A 1 20230215", *voucher(OTHER_SIDE)),
        ("#VER A 1 20230215", OTHER_SIDE, "}"),
        ("#VER A 1 20230215", "}"),
    ],
)
def test_a_voucher_that_is_not_finished_is_of_a_file_that_was_cut_off(lines: tuple[str]) -> None:
    problem = refusal(file_of(*lines))
    assert (problem.rule_id, problem.cells) == ("sie-avbruten", ("rad 6",))
    assert "rad 6" in said(problem)


def test_a_row_outside_vouchers_is_of_a_file_that_lacks_its_beginning() -> None:
    problem = refusal(file_of("}", OTHER_SIDE))
    assert (problem.rule_id, problem.cells) == ("sie-avbruten", ("rad 7",))


def test_a_file_that_is_cut_anywhere_is_refused_or_holds_whole_vouchers_only() -> None:
    content = file_of(*voucher("#TRANS 5410 {} 1000", OTHER_SIDE) * 3)
    for length in range(len(content)):
        try:
            bookings, problems = read_sie(content[:length])
        except RefusedError:
            continue
        assert not problems
        assert sum(one.amount_sek for one in bookings) == 0


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"text", file_of(), file_of("#KONTO 1910 Kassa")]
)
def test_a_file_without_bookings_is_refused(content: bytes) -> None:
    problem = refusal(content)
    assert problem.rule_id == "sie-inga-poster"
    assert said(problem)


# -- the checksum ----------------------------------------------------------------------------------


def with_checksum(body: tuple[str, ...], total: int | str, charset: str = "cp437") -> bytes:
    lines = ("#FLAGGA 0", "#KSUMMA", *body, f"#KSUMMA {total}")
    return "\r\n".join(lines).encode(charset)


SUMMED = (
    '#KONTO 5410 "F\\"rbrukning, \\"å\\""',
    *voucher('  #TRANS\t5410 {1 "K 1"  6 P1}  0.00', head="#VER  A 1 20230215"),
)
COUNTED = '#KONTO5410F"rbrukning, "å"#VERA120230215#TRANS54101K 16P10.00'


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_checksum_is_of_labels_and_fields(charset: str) -> None:
    right = zlib.crc32(COUNTED.encode(charset.removesuffix("-sig")))
    for stated in (right, right - 2**32, f'"{right}"'):
        assert read_sie(with_checksum(SUMMED, stated, charset))[1] == ()


def test_the_crc_is_the_table_of_the_standard() -> None:
    table = []
    for place in range(256):
        entry = place
        for _ in range(8):
            entry = (entry >> 1) ^ (0xEDB88320 if entry & 1 else 0)
        table.append(entry)
    crc = 0xFFFFFFFF
    for byte in COUNTED.encode("cp437"):
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    lines = [line.encode("cp437").decode("latin-1") for line in SUMMED]
    assert sie_text.checksum(lines) == crc ^ 0xFFFFFFFF


def test_a_checksum_that_differs_is_a_warning() -> None:
    right = zlib.crc32(COUNTED.encode("cp437"))
    changed = tuple(line.replace("0.00", "0.0") for line in SUMMED)
    for content in (with_checksum(changed, right), with_checksum(SUMMED, right ^ 1)):
        bookings, problems = read_sie(content)
        assert len(bookings) == 1
        assert problems == (Problem("sie-ksumma"),)
    assert RULES["sie-ksumma"].severity == "warning"


@pytest.mark.parametrize(
    "closing", [(), ("#KSUMMA",), ("#KSUMMA Hemlig",), ("#KSUMMA 12345678901",)]
)
def test_a_promised_checksum_that_never_comes(closing: tuple[str, ...]) -> None:
    problem = refusal(file_of("#ksumma ", *SUMMED, *closing))
    assert (problem.rule_id, problem.cells) == ("sie-avbruten", ("rad 6",))
    assert "Hemlig" not in repr(problem)
    assert "rad 6" in said(problem)


def test_a_checksum_of_no_known_beginning_is_passed_over() -> None:
    assert read(*SUMMED, "#KSUMMA 1")[1] == ()


# -- balances --------------------------------------------------------------------------------------

YEAR = ("#SIETYP 3", "#RAR 0 20230101 20231231", "#RAR -1 20220101 20221231")
BALANCES = (
    "#OUB 0 5410 {6 P1} 500.50 3",
    "#OUB -1 5410 {6 P1} 400",
    "#OUB 0 3987 {1 K1} -100",
    "#OUB 0 1910 {6 P1} 7",
    "#OUB 0 2440 {6 P1} 7",
    "#OUB 0 5410 {7 Hemlig} 9",
    "#OUB 0 5410 {} 9",
    "#RES 0 5410 900.50",
    "#PSALDO 0 202312 5410 {6 P1} 999",
    "#OIB 0 5410 {6 P1} 999",
    "#OUB",
)


def test_a_file_without_vouchers_tells_what_objects_hold() -> None:
    bookings, problems = read(*YEAR, *BALANCES)
    assert not problems
    assert [(one.account, one.project, one.responsibility, one.amount_sek) for one in bookings] == [
        ("5410", "P1", "", Decimal("500.50")),
        ("3987", "", "K1", Decimal(-100)),
    ]
    assert {(one.booked_on, one.is_balance, one.voucher) for one in bookings} == {
        (date(2023, 12, 31), True, "")
    }
    assert bookings[0].place == "rad 9"


@pytest.mark.parametrize(
    ("days", "day"),
    [
        (("#OMFATTN 20230930", *YEAR), date(2023, 9, 30)),
        ((*YEAR, '#OMFATTN "20230930"'), date(2023, 9, 30)),
        ((*YEAR, "#OMFATTN 20240131"), date(2023, 12, 31)),
        (("#OMFATTN 20230930",), date(2023, 9, 30)),
        ((*YEAR, "#OMFATTN", "#RAR", "#RAR 0"), date(2023, 12, 31)),
    ],
)
def test_balances_are_of_the_last_day_of_the_year_or_of_what_is_covered(
    days: tuple[str, ...], day: date
) -> None:
    bookings, problems = read(*BALANCES, *days)
    assert {one.booked_on for one in bookings} == {day}
    assert not problems


@pytest.mark.parametrize(
    ("days", "place"),
    [
        ((), "rad 6"),
        ((*YEAR, "#OMFATTN 20230931"), "rad 20"),
        (("#RAR 0 20230101 20231331",), "rad 17"),
    ],
)
def test_balances_of_an_unknown_day_are_told(days: tuple[str, ...], place: str) -> None:
    assert read(*BALANCES, *days) == ((), (Problem("sie-datum", None, (place,)),))


def test_a_balance_that_cannot_be_read_is_told_with_its_line() -> None:
    bookings, problems = read(*YEAR, "#OUB 0 5410 {6 P1} mycket", *BALANCES)
    assert len(bookings) == 2
    assert problems == (Problem("sie-belopp", None, ("rad 9",)),)


@pytest.mark.parametrize("rows", [(), BALANCES[3:]])
def test_balances_of_no_object_are_refused(rows: tuple[str, ...]) -> None:
    assert refusal(file_of(*YEAR, *rows)).rule_id == "sie-inga-poster"


# -- what is never kept ----------------------------------------------------------------------------


def test_no_text_name_or_signature_comes_out() -> None:
    secret = "Hemlig"
    lines = (
        *(f'#FNAMN "{secret}"', f'#OBJEKT 6 P1 "{secret}"', f'#OBJEKT 7 1 "{secret}"'),
        f'#ADRESS "{secret}" "{secret}"',
        *voucher(
            f'#TRANS 5410 {{6 P1 7 "{secret}" 8 {secret} 9 {secret}}} 5 "" "{secret}" 3 "{secret}"',
            f'#TRANS 5410 {{}} "{secret}" 20230215 "{secret}"',
            f'#TRANS 5410 {{}} 5 {secret} "{secret}"',
            f'#TRANS 5410 {secret} 5 20230215 "{secret}"',
            f"#RTRANS {secret} {{6 {secret}}} 5",
            head=f'#VER A 1 20230215 "{secret}" 20230215 "{secret}"',
        ),
        *voucher("#TRANS 5410 {} 5", head=f"#VER A 2 {secret} {secret}"),
        *voucher("#TRANS 5410 {} 5", head=f'#VER A 3 20230215 "{secret}" {secret} {secret}'),
    )
    bookings, problems = read(*lines)
    assert len(bookings) == 2
    assert {one.rule_id for one in problems} == {
        *("sie-belopp", "sie-datum", "sie-verifikation-obalans")
    }
    assert secret not in repr((bookings, problems))
    cut = refusal(file_of(*lines, f'#VER A 4 20230215 "{secret}"'))
    assert secret not in repr(cut)


@pytest.mark.parametrize("written", [NUMBER, f"{NUMBER[:8]}-{NUMBER[8:]}", f"P{NUMBER[2:]}"])
def test_personal_numbers_are_told_in_no_code(written: str) -> None:
    row = f'#TRANS "{written}" {{1 "{written}" 6 "{written}" 3 "{written}"}} 5'
    bookings, problems = read(
        *voucher(row, head=f'#VER A "{written}" 20230215'),
        activity_dimension=3,
        known_codes=frozenset(),
    )
    assert NUMBER[8:] not in repr((bookings, problems))
    (found,) = bookings
    for code in (found.account, found.responsibility, found.project, found.activity, found.voucher):
        assert code == tellable_codes.UNTELLABLE
    spread = booking("#TRANS 5410 {} 0", f"#VER {NUMBER[:8]} -{NUMBER[8:]} 20230215")
    assert spread.voucher == tellable_codes.UNTELLABLE


def test_long_codes_that_are_no_personal_numbers_stay() -> None:
    assert booking("#TRANS 5410 {6 1234567890123} 0").project == "1234567890123"


# -- which files are SIE ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"#FLAGGA 0", True),
        (b"\xef\xbb\xbf\r\n \t#flagga\t1\r\n", True),
        (b"\r\r#FLAGGA 0\r", True),
        (b"#GEN 20240101\r#SIETYP 4\r", True),
        (b"\n#Program x\n", True),
        (b"#FORMAT PC8", True),
        (b"", False),
        (b"\0\xff" * 5000, False),
        (b"Datum;Konto;Belopp\n", False),
        (b"# FLAGGA 0", False),
        (b"#FLAGGAD 0", False),
        (b"text #FLAGGA 0", False),
        (b"#RUBRIK\n#FLAGGA 0", False),
        (b"PK\x03\x04#FORMAT", False),
        (b"\n" * 10_000 + b"#FORMAT", False),
    ],
)
def test_what_a_sie_file_begins_with(content: bytes, is_one: bool) -> None:
    assert is_sie(content) is is_one


def test_vouchers_alone_are_read() -> None:
    content = "\n".join(voucher("#TRANS 5410 {} 1000", OTHER_SIDE)).encode()
    assert len(read_sie(content)[0]) == 2


# -- bounds ----------------------------------------------------------------------------------------


def test_a_file_of_too_many_lines_is_refused() -> None:
    problem = refusal(b"\n" * sie_text.LINES + b"x")
    assert (problem.rule_id, problem.details["what"]) == ("fil-for-mycket", "rader")
    assert problem.details["limit"] == "2\u00a0000\u00a0000"
    assert said(problem)


def test_a_line_that_is_too_long_is_refused() -> None:
    within = "#PROSA ".ljust(sie_text.LINE_CHARACTERS, "x")
    assert read(within, *voucher("#TRANS 5410 {} 1000", OTHER_SIDE))[1] == ()
    problem = refusal(file_of(f"{within}x"))
    assert (problem.rule_id, problem.cells) == ("text-for-lang", ("rad 6",))
    assert said(problem)


@pytest.mark.parametrize("odd", ['"', "{", '\\"', '{"', '"\\', "{1 ", "}", "#VER ", "\x1a", '"" '])
def test_no_line_takes_more_time_than_its_length(odd: str) -> None:
    line = f"#TRANS {odd * 9_000}"[: sie_text.LINE_CHARACTERS]
    start = time.perf_counter()
    read(*voucher(*[line] * 100))
    assert time.perf_counter() - start < 5  # a hundredth of it is needed


def test_many_sub_dimensions_take_no_time() -> None:
    chain = [f"#UNDERDIM {n + 10} x {n + 9}" for n in range(20_000)]
    rows = [f"#TRANS 5410 {{{n + 5_000} A {n} B}} 0" for n in range(1, 2_000)]
    start = time.perf_counter()
    bookings, _ = read("#UNDERDIM 10 x 6", *chain[1:], *voucher(*rows))
    assert time.perf_counter() - start < 5
    assert len(bookings) == len(rows)


PIECES = (
    *(b"#VER A 1 20230215", b"#TRANS 5410 {6 P1} 10", b"#KSUMMA", b"#KSUMMA 1", b"#UNDERDIM 6 x 6"),
    *(b"#OUB 0 5410 {6 P1} 1", b"#RAR 0 20230101 20231231", b"{", b"}", b'"', b"\\", b"\n", b"\r"),
    *(
        b"\t",
        b"\x1a",
        b"\0",
        b"\xef\xbb\xbf",
        b"\x84",
        b"\xe4",
        b"#TRANS",
        b"#VER",
        b"#OUB",
        b"#RAR",
    ),
)


@settings(max_examples=500)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40).map(b"".join)
    | st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40).map(b"\n".join)
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    is_sie(content)
    bookings, problems = read_or_refused(content)
    assert all(problem.rule_id in RULES for problem in problems)
    assert all(isinstance(one.amount_sek, Decimal) for one in bookings)
    assert all(said(problem) for problem in problems)


def read_or_refused(content: bytes) -> tuple[tuple[Booking, ...], tuple[Problem, ...]]:
    try:
        return read_sie(content, activity_dimension=3)
    except RefusedError as refused:
        return (), (refused.problem,)


@pytest.mark.parametrize(
    ("each", "rules"), [("4999999999999.99", []), ("5000000000000.00", ["huvudbok-orimligt"])]
)
def test_sums_that_no_accounts_hold_are_refused(each: str, rules: list[str]) -> None:
    """In one file alone, of which nothing is taken in; the run goes on."""
    content = file_of(*voucher(f"#TRANS 5410 {{}} {each}", f"#TRANS 2440 {{}} -{each}"))
    extract = extracts.read(content, "huvudbok.se", ExtractForms())
    assert [problem.rule_id for problem in extract.problems] == rules
    assert len(extract.bookings) == (0 if rules else 2)
    assert all(said(problem) for problem in extract.problems)
