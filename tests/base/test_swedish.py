"""Kronor, days, names and personal numbers: read without a guess, written as Swedes write them."""

import random
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.base import name_lists, swedish
from statsbidrag.base.swedish import MINUS, NBSP
from statsbidrag.model.returns import Cell, Reading
from statsbidrag.returns import cell_reading, intake

D = Decimal
THIN, NARROW, ZERO_WIDTH, SOFT_HYPHEN = "\u2009", "\u202f", "\u200b", "\u00ad"
EN_DASH, FULL_WIDTH = "–", str.maketrans("0123456789", "０１２３４５６７８９")
steady = settings(derandomize=True, database=None, deadline=None)

# -- amounts ---------------------------------------------------------------------------------------

ACCEPTED = {
    "0": "0",
    "125000": "125000",
    "125 000": "125000",
    "1 250 000,50": "1250000.50",
    "1 250 000,5": "1250000.50",
    f"125{NBSP}000": "125000",
    f"125{THIN}000": "125000",
    f"125{NARROW}000": "125000",
    "125\t000": "125000",
    "  125 000  ": "125000",
    f"125{ZERO_WIDTH} 000": "125000",
    "125 000 kr": "125000",
    "125 000kr": "125000",
    f"125 000{NBSP}KR": "125000",
    "125 000:-": "125000",
    "125 000,50 kr": "125000.50",
    "-125 000": "-125000",
    "-0,01": "-0.01",
    f"{MINUS}125": "-125",
    f"{MINUS}1{NBSP}250,50{NBSP}kr": "-1250.50",
    "1 000-": "-1000",
    "1 000,50-": "-1000.50",
    f"125{MINUS}": "-125",
    "125- kr": "-125",
    "125-kr": "-125",
    "-125:-": "-125",
    "0-": "0",
    "0,00": "0",
    "9999999999999": "9999999999999",
}
REFUSED = (
    *(
        "",
        " ",
        "-",
        "kr",
        ",50",
        "125,",
        "125.000",
        "125.50",
        "1.250.000,50",
        "125,000.00",
        "1,250,000",
    ),
    *(
        "125 tkr",
        "1,5 mnkr",
        "2 msek",
        "(1 000)",
        f"{EN_DASH}125",
        f"125{EN_DASH}",
        "--5",
        "+5",
        "- 5",
    ),
    *("-5-", f"{MINUS}5-", f"-{MINUS}5", "5--", "5 -", "5 - kr", "5 kr-", f"{MINUS} 5", "-"),
    *("ca 5000", "5000 ca", "~5000", "5000?", "5000 SEK", "5000 euro", "5 000 kr kr", "5 %"),
    *("12 50 000", "1 25", "1 2500", "1250 000", "0125 00", "125 000 ,50", "125 000, 50"),
    *("NaN", "inf", "1_000", "1e6", "0x10", "1/2", "=1+1", "1+1", "12345678901234"),
    *(
        "125".translate(FULL_WIDTH),
        "١٢٥",
        "½",
        "1²",
        "#REF!",
        "SANT",
        "2023-12-31",
        "5.0",
        "1'000",
        "1;5",
    ),
)


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_swedish_amount_is_read(text: str) -> None:
    assert swedish.parse_amount(text) == D(ACCEPTED[text])


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_swedish_amount_is_refused_and_not_guessed(text: str) -> None:
    assert swedish.parse_amount(text) is None


def test_decimals_are_kept_as_written() -> None:
    """So that whoever asks can see that there are three of them."""
    assert str(swedish.parse_amount("1,005")) == "1.005"
    assert str(swedish.parse_amount("125,000")) == "125.000"


@pytest.mark.parametrize("text", ["125,000", "1,005", "0,001", "1250,500 kr"])
def test_an_amount_as_text_with_three_decimals_is_not_taken_for_kronor(text: str) -> None:
    """ "125,000" may be 125 kr or, as the English write, 125 000 kr: a thousand times as much is no
    guess to make."""
    assert cell_reading.read_cell("Kostnader", "H6", text, "amount").reading in {
        Reading.DECIMALS,
        Reading.UNREADABLE,
    }


@pytest.mark.parametrize(
    ("delimiter", "text"),
    [(";", "125.000"), (",", "125.000"), (";", "125,000"), (";", "1.250"), (",", "0.001")],
)
def test_an_amount_in_csv_with_three_decimals_is_not_taken_for_kronor(
    delimiter: str, text: str, tmp_path: Path
) -> None:
    cell = _csv_amount(delimiter, text, tmp_path)
    assert (cell.reading, cell.value) in {(Reading.DECIMALS, None), (Reading.UNREADABLE, None)}


@pytest.mark.parametrize(
    ("delimiter", "text", "amount"),
    [
        (";", "1250,50", "1250.50"),
        (";", "1250.50", "1250.50"),
        (",", "1250.5", "1250.50"),
        (";", "1 250,5 kr", "1250.50"),
    ],
)
def test_an_amount_in_csv_is_read(delimiter: str, text: str, amount: str, tmp_path: Path) -> None:
    assert _csv_amount(delimiter, text, tmp_path).value == D(amount)


@pytest.mark.parametrize(
    ("text", "amount", "reading"),
    [
        ("-1250,50", "-1250.50", Reading.OK),
        ("-1250:-", "-1250", Reading.OK),
        ("1250:-", "1250", Reading.OK),
        ("1250,50-", "-1250.50", Reading.FROM_TEXT),
        ("1 250- kr", "-1250", Reading.FROM_TEXT),
        (f"{MINUS}1250,50", "-1250.50", Reading.FROM_TEXT),
        ("1250.50-", None, Reading.UNREADABLE),
        ("-1250,505", None, Reading.DECIMALS),
        ("1250,505-", None, Reading.DECIMALS),
    ],
)
def test_another_minus_in_csv_is_read_and_told(
    text: str, amount: str | None, reading: Reading, tmp_path: Path
) -> None:
    cell = _csv_amount(";", text, tmp_path)
    assert (cell.reading, cell.value) == (reading, amount and D(amount))


def _csv_amount(delimiter: str, text: str, folder: Path) -> Cell:
    names = [
        "bidrag",
        "namnd",
        "period_tom",
        "version",
        "insats",
        "omrade",
        "kostnadsslag",
        "datum",
        "belopp",
    ]
    row = ["b", "farsta", "2023-12-31", "1", "Stöd", "Område", "Resor", "2023-05-01", text]
    path = folder / "r.csv"
    path.write_text("\n".join(delimiter.join(cells) for cells in (names, row)), "utf-8")
    (line,) = intake.read(path, "r.csv").costs
    return line.cells["amount_sek"]


@steady
@given(st.decimals(D("-9999999999999.99"), D("9999999999999.99"), places=2))
def test_an_amount_written_is_an_amount_read(amount: Decimal) -> None:
    """Our own reports can be copied into a return: their minus sign, or a hyphen, before the
    figures or after."""
    for text in (swedish.kr(amount), swedish.number(amount)):
        assert swedish.parse_amount(text) == amount
        assert swedish.has_odd_minus(text) is (amount < 0)
        assert swedish.parse_amount(text.replace(MINUS, "-")) == amount
        assert not swedish.has_odd_minus(text.replace(MINUS, "-"))
    after = f"{swedish.number(abs(amount))}-"
    assert swedish.parse_amount(after) == -abs(amount)
    assert swedish.has_odd_minus(after)


@steady
@given(st.decimals(D("-9999999999999.99"), D("9999999999999.99"), places=2))
def test_a_machine_amount_is_read_back(amount: Decimal) -> None:
    assert swedish.parse_machine_amount(str(amount)) == amount


@steady
@given(st.text(max_size=30))
def test_no_text_makes_a_reader_fall(text: str) -> None:
    swedish.parse_amount(text)
    swedish.parse_machine_amount(text)
    swedish.parse_date(text)
    swedish.key(text)
    swedish.mask_personal_numbers(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0 kr"),
        ("1978155", "1 978 155 kr"),
        ("1978155.00", "1 978 155 kr"),
        ("1250.5", "1 250,50 kr"),
        ("-1250", "−1 250 kr"),
        ("-0.01", "−0,01 kr"),
        ("999", "999 kr"),
        ("-0.00", "0 kr"),
    ],
)
def test_kronor_are_written_with_fixed_spaces(amount: str, text: str) -> None:
    assert swedish.kr(D(amount)) == text.replace(" ", NBSP)
    assert swedish.say(D(amount)) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        ("0.8512", "85,1 %"),
        ("0.8515", "85,2 %"),
        ("0.0005", "0,1 %"),
        ("0.0004", "0,0 %"),
        ("0.125", "12,5 %"),
        ("1", "100,0 %"),
        ("-0.2505", "−25,1 %"),
        ("0", "0,0 %"),
        ("-0.0001", "0,0 %"),
    ],
)
def test_a_share_is_written_as_percent_half_up(share: str, text: str) -> None:
    assert swedish.percent(D(share)) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("share", "text"), [("0.87", "87 %"), ("0.865", "87 %"), ("1", "100 %"), ("0", "0 %")]
)
def test_a_share_may_be_written_in_whole_per_cent(share: str, text: str) -> None:
    assert swedish.percent(D(share), decimals=0) == text.replace(" ", NBSP)


# -- days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2023-12-31", " 2023-12-31 ", "2024-02-29", f"2023{ZERO_WIDTH}-12-31"]
)
def test_a_day_is_read(text: str) -> None:
    assert str(swedish.parse_date(text)) == swedish.tidy(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2023-02-29",
            "2023-13-01",
            "2023-00-10",
            "0000-01-01",
            "31/12 2023",
            "12/31/2023",
            "2023/12/31",
        ),
        *(
            "20231231",
            "23-12-31",
            "2023-1-1",
            "2023-12-31 00:00",
            "dec 2023",
            "2023–12–31",
            "45291",
        ),
        "2023-12-31".translate(FULL_WIDTH),
    ],
)
def test_any_other_writing_of_a_day_is_refused(text: str) -> None:
    assert swedish.parse_date(text) is None


ODD_DAYS = (
    "20231231",
    "2023-12-31 00:00",
    "2023-12-31 23:59:59",
    "2023-12-31T00:00:00.000Z",
    f" 2023{ZERO_WIDTH}1231 ",
)


@pytest.mark.parametrize("text", ODD_DAYS)
def test_a_day_as_systems_write_it_is_read_apart(text: str) -> None:
    assert swedish.parse_odd_date(text) == date(2023, 12, 31)
    assert swedish.parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2023-12-31",
            "20230229",
            "20231301",
            "231231",
            "202312310",
            "2023 1231",
            "45291",
            "00000101",
        ),
        *(
            "2023-02-29 00:00",
            "2023-12-31T",
            "2023-12-31 kl 10",
            "2023-12-31 1",
            "2023-12-31 10:00 CET",
            "31122023",
        ),
        *("20231231".translate(FULL_WIDTH), "-20231231", "20231231,5", "20231231 00:00"),
    ],
)
def test_what_is_no_day_is_not_made_one(text: str) -> None:
    assert swedish.parse_odd_date(text) is None


@steady
@given(st.dates())
def test_a_day_written_is_a_day_read(day: date) -> None:
    assert swedish.parse_date(swedish.say(day)) == day


def test_days_and_periods_in_words() -> None:
    assert swedish.long_date(date(2024, 2, 1)) == "1 februari 2024".replace(" ", NBSP)
    assert {swedish.long_date(date(2024, m, 1)).split(NBSP)[1] for m in range(1, 13)} == set(
        swedish.MONTHS
    )
    one_year = swedish.period(date(2023, 1, 1), date(2023, 12, 31))
    assert one_year == "1 januari–31 december 2023".replace(" ", NBSP)
    two_years = swedish.period(date(2022, 7, 1), date(2023, 6, 30))
    assert two_years == "1 juli 2022–30 juni 2023".replace(" ", NBSP)


def test_words_in_a_row() -> None:
    assert [swedish.listing(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a och b",
        "a, b och c",
    ]
    assert swedish.say([D(1), None, date(2023, 1, 2)]) == f"1{NBSP}kr,  och 2023-01-02"
    assert swedish.say(None) == ""


# -- names -----------------------------------------------------------------------------------------

BOARD = "Enskede-Årsta-Vantör"


@pytest.mark.parametrize(
    "text",
    [
        BOARD,
        BOARD.upper(),
        BOARD.lower(),
        f"  {BOARD}\n",
        unicodedata.normalize("NFD", BOARD),
        BOARD.replace("-", EN_DASH),
        BOARD.replace("-", MINUS),
        BOARD.replace("-", "\u2011"),
        BOARD.replace("-", " - "),
        BOARD.replace("-", " "),
        BOARD.replace("-", NBSP),
        f"Enskede{ZERO_WIDTH}-Års{SOFT_HYPHEN}ta-Vantör",
    ],
)
def test_spellings_of_one_name_have_one_key(text: str) -> None:
    assert swedish.key(text) == swedish.key(BOARD) == "enskede-årsta-vantör"


@pytest.mark.parametrize(
    "text",
    ["Enskede-Arsta-Vantör", "Enskede-Årsta", "Enskede/Årsta/Vantör", "EnskedeÅrstaVantör", ""],
)
def test_other_names_have_other_keys(text: str) -> None:
    assert swedish.key(text) != swedish.key(BOARD)


@steady
@given(st.text(max_size=30))
def test_a_key_is_its_own_key(text: str) -> None:
    assert swedish.key(swedish.key(text)) == swedish.key(text)
    assert swedish.tidy(swedish.tidy(text)) == swedish.tidy(text)


BLANKS = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in {"Zs", "Zl", "Zp"} or chr(code) in "\t\n\v\f\r\x85"
]


@steady
@given(st.text(st.sampled_from([*BLANKS, *"aÅé1,-", ZERO_WIDTH, SOFT_HYPHEN, "\0"]), max_size=12))
def test_text_is_tidied_as_it_is_seen(text: str) -> None:
    seen = ""
    for char in text:
        if char in BLANKS:
            seen += " "
        elif unicodedata.category(char) not in {"Cf", "Cc", "Cs"}:
            seen += char
    assert swedish.tidy(text) == " ".join(part for part in seen.split(" ") if part)


def test_the_nearest_name_is_a_help_or_nothing() -> None:
    names = ["Hägersten-Älvsjö", "Skärholmen", "Farsta"]
    assert swedish.nearest("Hägersten-Ålvsjö", names) == "Hägersten-Älvsjö"
    assert swedish.nearest("farsta sdn", names) == "Farsta"
    assert swedish.nearest("Göteborg", names) is None


# -- personal numbers ------------------------------------------------------------------------------

PERSONAL = {
    # the examples of Skatteverket: no living person has them
    "19121212-1212": "1912XXXX-XXXX",
    "191212121212": "1912XXXXXXXX",
    "121212-1212": "XXXXXX-XXXX",
    "121212+1212": "XXXXXX+XXXX",
    "1212121212": "XXXXXXXXXX",
    "701063-2391": "XXXXXX-XXXX",
    "19701063-2391": "1970XXXX-XXXX",
    "197010632391": "1970XXXXXXXX",
    "1912-12-12-1212": "1912-XX-XX-XXXX",
    "121212 1212": "XXXXXX XXXX",
    "121212 - 1212": "XXXXXX - XXXX",
    "121212/1212": "XXXXXX/XXXX",
    "121212, 1212": "XXXXXX, XXXX",
    "19121212_1212": "1912XXXX_XXXX",
    "19121212--1212": "1912XXXX--XXXX",
    "121212 -/- 1212": "XXXXXX -/- XXXX",
    "1912/12/12/1212": "1912/XX/XX/XXXX",
    f"121212{NBSP}1212": f"XXXXXX{NBSP}XXXX",
    f"121212{EN_DASH}1212": f"XXXXXX{EN_DASH}XXXX",
    f"121212{MINUS}1212": f"XXXXXX{MINUS}XXXX",
    f"1212{ZERO_WIDTH}12-12{SOFT_HYPHEN}12": f"XXXX{ZERO_WIDTH}XX-XX{SOFT_HYPHEN}XX",
    "١٢١٢١٢-١٢١٢": "XXXXXX-XXXX",
    "121212-1212".translate(FULL_WIDTH): "XXXXXX-XXXX",
}
NOT_PERSONAL = (
    "212000-0142",  # organisationsnummer: the City of Stockholm
    "5052-5781",  # bankgiro
    "08-508 25 000",
    "0850825000",
    "070-174 06 05",
    "+46 8 508 25 000",
    "dnr SOF 2023/329",
    "1 978 155 kr",
    "12 121 212 kr",
    "121212-1213",  # wrong check digit
    "121312-1212",  # no such month
    "120230-1212",  # no such day
    "2023-12-31",
    "2023-12-31 10:15",
    "31121212121234",  # part of a longer number
    "konto 4010 projekt 121212",
    "",
)


@pytest.mark.parametrize("number", PERSONAL)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("Resa för ", " i maj"), ("(", ")."), ("Åsa & Örjan: ", "!")]
)
def test_a_personal_number_is_masked_and_the_rest_kept(
    number: str, before: str, after: str
) -> None:
    assert swedish.mask_personal_numbers(f"{before}{number}{after}") == (
        f"{before}{PERSONAL[number]}{after}",
        True,
    )


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert swedish.mask_personal_numbers(text) == (text, False)


def test_every_number_of_a_text_is_masked() -> None:
    text = f"19121212-1212, 212000-0142 och 701063{EN_DASH}2391; 1 978 155 kr"
    assert swedish.mask_personal_numbers(text) == (
        f"1912XXXX-XXXX, 212000-0142 och XXXXXX{EN_DASH}XXXX; 1 978 155 kr",
        True,
    )


def test_two_numbers_beside_each_other_are_both_masked() -> None:
    assert swedish.mask_personal_numbers("121212-1212 701063-2391") == (
        "XXXXXX-XXXX XXXXXX-XXXX",
        True,
    )
    assert swedish.mask_personal_numbers("121212-1212\n701063-2391")[0].count("XXXXXX-XXXX") == 2


@steady
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_masked_text_has_no_personal_number_left(before: str, after: str) -> None:
    masked, _ = swedish.mask_personal_numbers(f"{before} 19121212-1212 {after}")
    assert swedish.mask_personal_numbers(masked) == (masked, False)


def test_false_alarms_are_rare() -> None:
    """Amounts never alarm. Of ten random digits in a row one in a hundred may: a real date and a
    right check digit."""
    rng = random.Random(20230829)
    amounts = [swedish.kr(D(rng.randint(1, 10**11)) / 100) for _ in range(20_000)]
    assert not any(swedish.mask_personal_numbers(text)[1] for text in amounts)
    plain = [f"{rng.randint(1, 10**9)},{rng.randint(0, 99):02}" for _ in range(20_000)]
    assert not any(swedish.mask_personal_numbers(text)[1] for text in plain)
    digits = [f"{rng.randrange(10**10):010}" for _ in range(20_000)]
    assert sum(swedish.mask_personal_numbers(text)[1] for text in digits) < 200
    days = [date(2023, 1, 1) + timedelta(days=rng.randint(0, 400)) for _ in range(2_000)]
    assert not any(
        swedish.mask_personal_numbers(f"{day} {rng.randint(1, 9999)}")[1] for day in days
    )


@pytest.mark.parametrize(
    "names",
    [
        ["Skarpnäck", "Skärholmen", "Södermalm"],
        ["Enskede-Årsta-Vantör", "Farsta", "Hägersten-Älvsjö", "Hässelby-Vällingby"],
        ["Zinkensdamm", "Årsta", "Älvsjö", "Östermalm"],
        ["bromma", "Bromma Östra", "Brömma"],
        ["Café", "Cafét", "Cåfe"],
    ],
)
def test_names_are_sorted_as_a_swedish_list_has_them(names: list[str]) -> None:
    assert sorted(sorted(names), key=swedish.order) == names


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1 250,50 kr", "1250.50"), ("−3", "-3"), ("0,125", None), ("tolv", None), ("", None)],
)
def test_kronor_have_at_most_two_decimals(text: str, amount: str | None) -> None:
    assert swedish.parse_kronor(text) == (None if amount is None else Decimal(amount))


def test_of_very_many_names_only_some_stand_in_a_sentence() -> None:
    names = [f"N{number}" for number in range(1, 22)]
    assert name_lists.some_of(names[:2]) == "N1 och N2"
    assert name_lists.some_of(names[:20]) == swedish.listing(names[:20])
    assert name_lists.some_of(names) == (
        "N1, N2, N3, N4, N5, N6, N7, N8, N9, N10, N11, N12, N13, N14, N15 och 6 till"
    )
