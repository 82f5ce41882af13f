"""The tables of decision documents are read as a person read them, or not at all."""

import contextlib
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from statsbidrag.base import swedish
from statsbidrag.decisions import data_folder
from statsbidrag.decisions.drafting import allocation_tables, column_splits
from statsbidrag.decisions.drafting.allocation_tables import AllocationTable, merged, tables_in
from statsbidrag.decisions.drafting.board_names import BoardNames
from statsbidrag.decisions.drafting.column_splits import TooManyWaysError, fits, pieces_of, splits
from statsbidrag.decisions.drafting.table_doubts import Doubt
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL
from tests.support.planted import DATA

D = Decimal
NBSP, THIN, NARROW, SOFT_HYPHEN = "\u00a0", "\u2009", "\u202f", "\u00ad"
BOARDS = data_folder.boards(DATA)
NAMED = BoardNames(BOARDS)
SOURCES = {path.name[:3]: path for path in sorted((DATA / "sources").glob("0*.txt"))}
TABLED = [source for source in SOURCES if source != "002"]
"""Those that have a table of allocations: the city's own half-time report has none."""
steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)


def lines_of(source: str) -> list[str]:
    return SOURCES[source].read_text("utf-8").splitlines()


def read(text: str) -> tuple[list[AllocationTable], list[Doubt]]:
    return tables_in(text.splitlines(), BOARDS)


def codes(doubts: Sequence[Doubt]) -> list[str]:
    return [doubt.code for doubt in doubts]


def only(text: str) -> AllocationTable:
    (table,), _ = read(text)
    return table


def amounts(table: AllocationTable) -> dict[str | None, tuple[Decimal, ...]]:
    return {row.board_id: row.amounts_sek for row in table.rows}


def sek(**by_board: int | tuple[int, ...]) -> dict[str, tuple[Decimal, ...]]:
    found = {}
    for board, value in by_board.items():
        values = value if isinstance(value, tuple) else (value,)
        found[board.replace("_", "-")] = tuple(map(D, values))
    return found


def shipped(grant_id: str) -> dict[str | None, tuple[Decimal, ...]]:
    """What a person read from the document: kronor per board, a component after the other."""
    parsed = tomllib.loads((DATA / "grants" / f"{grant_id}.toml").read_text("utf-8"))
    found: dict[str | None, tuple[Decimal, ...]] = {}
    for name, stated in parsed["beslut"][0]["fordelning"].items():
        values = stated.values() if isinstance(stated, dict) else [stated]
        found[NAMED.known(name).board_id] = tuple(map(D, values))
    return found


# -- the source documents --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "grant_ids"), [("000", [EQUAL, CRIME]), ("001", [EQUAL, CRIME]), ("003", [AREAS])]
)
def test_documents_give_the_amounts_of_the_grant_files(source: str, grant_ids: list[str]) -> None:
    tables, doubts = tables_in(lines_of(source), BOARDS)
    once, differing = merged(tables)
    assert not differing
    assert not [doubt for doubt in doubts if doubt.is_unread]
    assert len(tables) == 2 * len(once)
    for table, grant_id in zip(once, grant_ids, strict=True):
        read_back = {row.board_id: table.parts(row) for row in table.rows}
        assert read_back == shipped(grant_id)


def test_two_readings_of_one_document_are_the_same_tables() -> None:
    both = [*tables_in(lines_of("000"), BOARDS)[0], *tables_in(lines_of("001"), BOARDS)[0]]
    once, doubts = merged(both)
    assert (len(once), doubts) == (2, [])


@pytest.mark.parametrize("source", ["000", "001"])
def test_the_krona_that_is_missing_is_told(source: str) -> None:
    tables, doubts = tables_in(lines_of(source), BOARDS)
    assert [table.unallocated for table in tables] == [(D(1),), (D(0),)] * 2
    assert tables[0].totals == (D(8_453_075),)
    told = [doubt for doubt in doubts if doubt.code == "summa-skiljer"]
    assert codes(doubts) == ["summa-skiljer"] * 2
    assert "8 453 074 kr" in swedish.tidy(told[0].text)
    assert "8 453 075 kr" in swedish.tidy(told[0].text)


def test_a_misspelt_board_is_told() -> None:
    """The register has the misspelling, so that returns can be read; it is told all the same."""
    tables, doubts = tables_in(lines_of("003"), BOARDS)
    assert [row.text for row in tables[0].rows if row.is_nearest] == ["Hägersten-Ålvsjö"]
    assert not any(row.is_nearest for row in tables[1].rows)
    assert codes(doubts) == ["namn-narmast"]
    assert doubts[0].line_nos == (20,)


def test_a_misspelt_board_is_read_as_the_nearest() -> None:
    """As well when the register doesn't have the misspelling."""
    boards = []
    for board in BOARDS:
        spellings = tuple(s for s in board.spellings if "Ålvsjö" not in s)
        boards.append(replace(board, spellings=spellings))
    tables, doubts = tables_in(lines_of("003"), boards)
    assert tables[0].rows[4].board_id == "hagersten-alvsjo"
    assert tables[0].rows[4].is_nearest
    assert codes(doubts) == ["namn-narmast"]


def test_headings_and_captions_are_as_they_stand() -> None:
    first, second = tables_in(lines_of("003"), BOARDS)[0]
    assert first.columns[1] == "Extra medel skol/sociala team"
    assert second.columns[1] == "Extra medel skolsociala team"
    assert first.sum_column == second.sum_column == 2
    table = tables_in(lines_of("001"), BOARDS)[0][1]
    assert table.columns == ("Fördelning i kronor",)
    assert table.caption == (
        "Statsbidrag för föräldraskapsstödjande insatser i syfte att förebygga kriminalitet bland "
        "barn och unga"
    )
    assert (table.first_line_no, table.last_line_no) == (40, 48)


def test_three_columns_as_plain_text_are_read_alike() -> None:
    """With tabs lost, the sums tell where the columns are; the headings can't be told apart."""
    lines = [line.replace("\t", " ") for line in lines_of("003")]
    tables, doubts = tables_in(lines, BOARDS)
    assert [table.parts(row) for table in tables for row in table.rows] == [
        *shipped(AREAS).values(),
        *shipped(AREAS).values(),
    ]
    assert tables[0].columns == ("", "", "")
    assert codes(doubts).count("rubriker-oklara") == 2


def test_cells_are_read_as_lines_are() -> None:
    rows = [line.split("\t") for line in lines_of("003")]
    tables, doubts = allocation_tables.tables_in_cells(rows, BOARDS)
    assert (tables, doubts) == tables_in(lines_of("003"), BOARDS)


# -- how amounts are written -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        *("1 978 155", "1978155", "1 978 155 kr", "1978155kr", "1 978 155 kronor", "1 978 155:-"),
        *(f"1{NBSP}978{NBSP}155", f"1{THIN}978{NARROW}155{NBSP}kr", "1 978 155,00"),
    ],
)
def test_ways_to_write_an_amount(written: str) -> None:
    table = only(f"Nämnd Kronor\nJärva {written}\nBromma 438 957\nTotalt 2 417 112")
    assert amounts(table) == sek(jarva=1_978_155, bromma=438_957)


@pytest.mark.parametrize("dash", ["–", "-", "\u2212"])
def test_a_dash_is_nothing(dash: str) -> None:
    table = only(
        f"Nämnd Grund Extra\nJärva 1 978 155 {dash}\nBromma {dash} 438 957\nFarsta {dash} {dash}\n"
        "Totalt 1 978 155 438 957"
    )
    assert amounts(table) == sek(jarva=(1_978_155, 0), bromma=(0, 438_957), farsta=(0, 0))


def test_ore_are_kept() -> None:
    table = only("Nämnd Kronor\nJärva 1 978,50\nBromma 438,25\nTotalt 2 416,75")
    assert amounts(table) == {"jarva": (D("1978.50"),), "bromma": (D("438.25"),)}
    assert table.unallocated == (D(0),)


@pytest.mark.parametrize("odd", ["1.978.155", "1 978 l55", "cirka", "1 978 155*", "1,978,155"])
def test_what_is_no_number_is_a_doubt(odd: str) -> None:
    tables, doubts = read(f"Nämnd\tKronor\nJärva\t{odd}\nBromma\t438 957\nTotalt\t2 417 112")
    assert tables == []
    assert any(doubt.is_unread for doubt in doubts)


# -- rows ------------------------------------------------------------------------------------------

WRAPPED = {
    "before the numbers": "Enskede-Årsta-\nVantör 1 093 127",
    "in three, at a hyphen": "Norra\nInnerstaden 599 972",
    "after the numbers": "Enskede-Årsta- 1 093 127\nVantör",
    "the office on its own line": "Enskede-Årsta-Vantörs\nstadsdelsnämnd 1 093 127",
    "the office after": "Enskede-Årsta-Vantörs 1 093 127\nstadsdelsnämnd",
    "within a word": "Enskede-Årsta-Van-\ntör 1 093 127",
    "a board that ends as another": "Hägersten-\nÄlvsjö 819 232",
    "a soft hyphen": f"Skär{SOFT_HYPHEN}holmen 678 304",
    "blanks around the hyphen": "Hässelby – Vällingby 1 017 996",
}


@pytest.mark.parametrize("written", WRAPPED.values(), ids=WRAPPED.keys())
def test_wrapped_names_are_joined_by_the_register(written: str) -> None:
    text = f"Nämnd Kronor\nBromma 100 000\n{written}\nSödermalm 300 000"
    tables, doubts = read(text)
    assert codes(doubts) == ["summa-saknas"]
    assert len(tables[0].rows) == 3
    row = tables[0].rows[1]
    digits = "".join(char for char in written if char.isdigit())
    assert row.amounts_sek == (D(digits),)
    assert row.board_id not in {None, "bromma", "sodermalm", "alvsjo"}
    assert not row.is_nearest


def test_numbers_on_lines_of_their_own() -> None:
    """As some readers of PDF write a table: a line for each cell."""
    table = only(
        "Nämnd\nGrund\nExtra\nJärva\n1 200 000\n\n300 000\nBromma\n400 000\n\n–\nTotalt\n1 600 000\n\n"
        "300 000\n\n7"
    )
    assert amounts(table) == sek(jarva=(1_200_000, 300_000), bromma=(400_000, 0))
    assert table.totals == (D(1_600_000), D(300_000))


def test_a_total_is_not_taken_for_the_amount_of_a_board_without_one() -> None:
    tables, doubts = read("Nämnd Kronor\nJärva 200\nFarsta 100\nBromma\n300")
    assert (tables, codes(doubts)) == ([], ["belopp-olasligt"])


def test_any_spelling_of_the_register() -> None:
    table = only("SDN Farsta 100\nstadsdelsnämnden i JÄRVA 200\nBromma SDF 300\nSUMMA 600")
    assert amounts(table) == sek(farsta=100, jarva=200, bromma=300)


@pytest.mark.parametrize("total", ["Summa", "TOTALT", "Total:", "Summa kronor", "", "Totalt\n"])
def test_totals(total: str) -> None:
    table = only(f"Nämnd Kronor\nJärva 200\n\nBromma 300\n\n{total} 500")
    assert table.totals == (D(500),)


def test_a_page_may_end_within_a_table() -> None:
    text = (
        "Nämnd Kronor\nJärva 200 000\n\nTjänsteutlåtande\nDnr SOF 2023/329\nSida 2 (7)\n\n"
        "Nämnd Kronor\nBromma 300 000\nTotalt 500 000"
    )
    assert amounts(only(text)) == sek(jarva=200_000, bromma=300_000)


TORN = {
    "a note": "Enligt anvisningarna i bilagan.\n\n",
    "a page with a head of its own": "stockholm.se\n\n\nFördelning av statsbidrag\nSida 3 av 7\n\n",
    "the heading once more": "stockholm.se\nFördelning av statsbidrag\n\nNämnd Kronor\n",
}


@pytest.mark.parametrize("between", TORN.values(), ids=TORN.keys())
def test_a_table_that_is_torn_is_put_together_by_its_total(between: str) -> None:
    rows = "Nämnd Kronor\nJärva 200 000\nFarsta 100 000\n\n{}Bromma 300 000\nTotalt {}"
    table = only(rows.format(between, "600 000"))
    assert amounts(table) == sek(jarva=200_000, farsta=100_000, bromma=300_000)
    tables, doubts = read(rows.format(between, "300 000"))
    assert (tables, codes(doubts)) == ([], ["tabell-gar-inte-ihop"])


def test_two_tables_after_each_other_are_not_put_together() -> None:
    tables, doubts = read(
        "Nämnd Kronor\nJärva 200 000\nFarsta 100 000\n\nNämnd Belopp\nBromma 300 000\nTotalt 300 000"
    )
    assert [len(table.rows) for table in tables] == [2, 1]
    assert codes(doubts) == ["summa-saknas"]


def test_a_name_that_is_no_boards_is_kept_and_told() -> None:
    tables, doubts = read("Nämnd Kronor\nJärva 200 000\nSocialförvaltningen 50 000\nTotalt 250 000")
    assert [(row.text, row.board_id) for row in tables[0].rows] == [
        ("Järva", "jarva"),
        ("Socialförvaltningen", None),
    ]
    assert codes(doubts) == ["namn-okant"]


def test_a_name_between_two_boards_is_no_guess() -> None:
    tables, doubts = read("Nämnd Kronor\nJärva 200 000\nHägersten 50 000\nTotalt 250 000")
    assert tables[0].rows[1].board_id is None
    assert codes(doubts) == ["namn-okant"]


def test_a_misspelt_first_row_belongs_to_the_table() -> None:
    tables, doubts = read("Nämnd Kronor\nSkarpneck 200 000\nBromma 50 000\nTotalt 250 000")
    assert amounts(tables[0]) == sek(skarpnack=200_000, bromma=50_000)
    assert codes(doubts) == ["namn-narmast"]


def test_one_board_twice_is_a_doubt() -> None:
    tables, doubts = read("Nämnd Kronor\nJärva 200\nSDN Järva 50\nTotalt 250")
    assert (tables, codes(doubts)) == ([], ["namnd-tva-ganger"])


def test_what_is_said_of_boards_in_sentences_is_no_table() -> None:
    assert read(
        "Farsta har 5 skolor och Skärholmen 7.\n"
        "stadsdelsnämnderna Rinkeby-Kista, Spånga-Tensta,\nHägersten-Älvsjö och Skärholmen.\n"
        "123 21 Farsta\nBox 44\nKungsklippan 6"
    ) == ([], [])


def test_a_row_alone_is_told() -> None:
    tables, doubts = read("Som framgår av beslutet fick\nFarsta 636 208\nunder året.")
    assert (tables, codes(doubts)) == ([], ["rad-ensam"])


# -- columns ---------------------------------------------------------------------------------------


def test_no_total() -> None:
    """One column by the heading, and nothing to check it against."""
    tables, doubts = read("Nämnd Kronor\nJärva 200 000\nBromma 300 000\n\nBilaga")
    assert amounts(tables[0]) == sek(jarva=200_000, bromma=300_000)
    assert (tables[0].totals, tables[0].unallocated) == (None, ())
    assert codes(doubts) == ["summa-saknas"]


def test_no_total_and_several_ways() -> None:
    tables, doubts = read("Nämnd Grund Extra\nJärva 200 500\nBromma 300 100")
    assert (tables, codes(doubts)) == ([], ["tabell-flertydig"])


def test_several_ways_that_add_up() -> None:
    """1 100 + 2 200 = 3 300, and 1 + 2 = 3, 100 + 200 = 300."""
    rows = "Järva 1 100\nBromma 2 200\nTotalt 3 300"
    tables, doubts = read(f"Nämnd Grund Extra\n{rows}")
    assert (tables, codes(doubts)) == ([], ["tabell-flertydig"])
    assert amounts(only(f"Nämnd Fördelning i kronor\n{rows}")) == sek(jarva=1_100, bromma=2_200)
    assert amounts(only(f"Nämnd\tKronor\n{rows.replace(' ', chr(9), 1)}".replace("a ", "a\t")))


def test_two_ways_of_three_rows_of_equal_length() -> None:
    """123 | 456 789 and 123 456 | 789 both add up, as rows and total have no carry."""
    text = "Nämnd Grund Extra\nJärva 123 111 222\nBromma 123 111 222\nTotalt 246 222 444"
    tables, doubts = read(text)
    assert (tables, codes(doubts)) == ([], ["tabell-flertydig"])


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_heading_of_two_lines_does_not_hide_a_column(between: str) -> None:
    """The lower line alone has words for one column, and as one the numbers add up too."""
    rows = "Järva 200 300\nBromma 100 200\nTotalt 300 500"
    tables, doubts = read(f"Grund Extra{between}Nämnd (kr)\n{rows}")
    assert (tables, codes(doubts)) == ([], ["tabell-flertydig"])
    assert amounts(only(f"Fördelas enligt följande:{between}Nämnd Belopp (kr)\n{rows}")) == sek(
        jarva=200_300, bromma=100_200
    )


@pytest.mark.parametrize("limit", ["_MOST_STEPS", "_MOST_WAYS"])
def test_ways_that_are_too_many_to_try_are_a_doubt(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_splits, limit, 3)
    tables, doubts = read("Järva 111 222 333\nBromma 111 222 333\nTotalt 222 444 666")
    assert (tables, codes(doubts)) == ([], ["tabell-for-manga-satt"])


@pytest.mark.parametrize("edge", [" ", "\t"])
@pytest.mark.parametrize("source", TABLED)
def test_any_digit_of_the_documents_that_is_changed_is_told(source: str, edge: str) -> None:
    """Each digit of each amount in the first table, one at a time."""
    before = tables_in(lines_of(source), BOARDS)[0][0]
    lines = lines_of(source)[: before.last_line_no]
    for at in range(before.first_line_no - 1, before.last_line_no):
        for place, char in enumerate(lines[at]):
            if not char.isdigit():
                continue
            other = str((int(char) + 1) % 10)
            changed = [*lines]
            changed[at] = lines[at][:place] + other + lines[at][place + 1 :]
            tables, doubts = tables_in([line.replace("\t", edge) for line in changed], BOARDS)
            is_unread = any(doubt.is_unread for doubt in doubts)
            assert is_unread or tables[0].unallocated != before.unallocated, changed[at]


def test_no_way_adds_up() -> None:
    tables, doubts = read("Nämnd Kronor\nJärva 200 000\nBromma 300 000\nTotalt 500 002")
    assert (tables, codes(doubts)) == ([], ["tabell-gar-inte-ihop"])


@pytest.mark.parametrize(("total", "rest"), [("500 001", 1), ("499 999", -1)])
def test_a_krona_between_rows_and_total_is_kept(total: str, rest: int) -> None:
    for edge in (" ", "\t"):
        text = f"Nämnd Kronor\nJärva{edge}200 000\nBromma{edge}300 000\nTotalt{edge}{total}"
        tables, doubts = read(text)
        assert tables[0].unallocated == (D(rest),)
        assert codes(doubts) == ["summa-skiljer"]


def test_cells_that_do_not_add_up_are_a_doubt() -> None:
    rows = [["Nämnd", "Kronor"], ["Järva", "200"], ["Bromma", "300"], ["Totalt", "600"]]
    tables, doubts = allocation_tables.tables_in_cells(rows, BOARDS)
    assert (tables, codes(doubts)) == ([], ["tabell-gar-inte-ihop"])
    assert "”Kronor”" in doubts[0].text


@pytest.mark.parametrize("edge", ["\t", "  "])
def test_columns_of_per_cent_are_kept_out(edge: str) -> None:
    rows = (
        ("Nämnd", "Andel", "Belopp"),
        ("Järva", "40,0 %", "200 000"),
        ("Bromma", "60 %", "300 000"),
        ("Totalt", "100 %", "500 000"),
    )
    tables, doubts = read("\n".join(edge.join(row) for row in rows))
    assert amounts(tables[0]) == sek(jarva=200_000, bromma=300_000)
    assert tables[0].columns == ("Belopp",)
    assert codes(doubts) == ["kolumn-utelamnad"]


def test_per_cent_in_plain_text_that_the_total_leaves_out() -> None:
    tables, doubts = read(
        "Nämnd Andel Belopp\nJärva 40,0 % 200 000\nBromma 60,0 % 300 000\nTotalt 500 000"
    )
    assert amounts(tables[0]) == sek(jarva=200_000, bromma=300_000)
    assert codes(doubts) == ["kolumn-utelamnad", "rubriker-oklara"]


def test_other_numbers_are_told_apart_by_their_heading() -> None:
    rows = [
        ["Nämnd", "Befolkning", "Fördelning"],
        ["Järva", "97 000", "800 000"],
        ["Bromma", "81 000", "300 000"],
        ["Totalt", "178 000", "1 100 000"],
    ]
    tables, doubts = allocation_tables.tables_in_cells(rows, BOARDS)
    assert amounts(tables[0]) == sek(jarva=800_000, bromma=300_000)
    assert codes(doubts) == ["kolumn-utelamnad"]
    plain = [" ".join(row) for row in rows]
    tables, doubts = tables_in(plain, BOARDS)
    assert (tables, codes(doubts)) == ([], ["kolumn-oklar"])


def test_other_numbers_are_told_apart_by_the_total() -> None:
    rows = [["", "Nyckel", "Kronor"], ["Järva", "7", "200"], ["Bromma", "9", "300"]]
    for nothing in ("", "–", "100 %"):
        cells = [*rows, ["Totalt", nothing, "500"]]
        tables, doubts = allocation_tables.tables_in_cells(cells, BOARDS)
        assert amounts(tables[0]) == sek(jarva=200, bromma=300)
        assert codes(doubts) == ["kolumn-utelamnad"]


def test_a_table_of_other_numbers_alone_is_none() -> None:
    text = "Nämnd\tAntal barn\nJärva\t97 000\nBromma\t81 000\nTotalt\t178 000"
    tables, doubts = read(text)
    assert (tables, codes(doubts)) == ([], ["kronor-saknas"])


@pytest.mark.parametrize("unit", ["tkr", "mnkr", "tusental kronor"])
def test_other_units_are_a_doubt(unit: str) -> None:
    tables, doubts = read(f"Nämnd Belopp ({unit})\nJärva 200\nBromma 300\nTotalt 500")
    assert (tables, codes(doubts)) == ([], ["enhet-oklar"])


def test_empty_columns_of_cells_are_none() -> None:
    rows = [["Nämnd", "", "Kronor"], ["Järva", "", "200"], ["Bromma", "", ""], ["", "", "200"]]
    tables, doubts = allocation_tables.tables_in_cells(rows, BOARDS)
    assert amounts(tables[0]) == sek(jarva=200, bromma=0)
    assert tables[0].totals == (D(200),)
    assert doubts == []


def test_a_row_whose_own_sum_is_wrong_is_told() -> None:
    """Two faults that hide each other in the columns."""
    rows = [
        ["Nämnd", "Grund", "Extra", "Totalt"],
        ["Järva", "100", "50", "150"],
        ["Bromma", "200", "60", "260"],
        ["Farsta", "300", "70", "370"],
        ["Kungsholmen", "300", "70", "380"],
        ["Södermalm", "300", "70", "360"],
        ["Totalt", "1 200", "320", "1 520"],
    ]
    tables, doubts = allocation_tables.tables_in_cells(rows, BOARDS)
    assert tables[0].sum_column == 2
    assert [doubt.line_nos for doubt in doubts] == [(5,), (6,)]
    assert codes(doubts) == ["radsumma-skiljer"] * 2


# -- several tables --------------------------------------------------------------------------------


def test_twice_the_same_is_one() -> None:
    text = "Nämnd Kronor\nJärva 200 000\nBromma 300 000\nTotalt 500 000\n"
    tables, _ = read(f"{text}\nText emellan.\n\n{text}")
    assert len(tables) == 2
    assert merged(tables) == (tables[:1], [])


def test_two_that_differ_are_a_doubt_that_names_the_rows() -> None:
    first = "Nämnd Kronor\nJärva 200 000\nBromma 300 000\nFarsta 100 000\nTotalt 600 000\n"
    second = first.replace("200 000", "199 000").replace("Totalt 600", "Totalt 599")
    tables, _ = read(f"{first}\n\n{second}")
    kept, doubts = merged(tables)
    assert (kept, codes(doubts)) == ([], ["tabeller-olika"])
    assert "Järva" in doubts[0].text
    assert "Farsta" not in doubts[0].text


def test_two_that_differ_in_a_row_that_one_lacks() -> None:
    first = "Nämnd Kronor\nJärva 200 000\nBromma 300 000\nFarsta 100 000\nTotalt 600 000\n"
    second = "Nämnd Kronor\nJärva 200 000\nBromma 300 000\nTotalt 500 000\n"
    kept, doubts = merged(read(f"{first}\n\n{second}")[0])
    assert kept == []
    assert "Farsta" in doubts[0].text


def test_two_totals_that_differ() -> None:
    first = "Nämnd Kronor\nJärva 200 000\nBromma 300 000\nTotalt 500 000\n"
    kept, doubts = merged(
        read(f"{first}\n\n{first.replace('Totalt 500 000', 'Totalt 500 001')}")[0]
    )
    assert kept == []
    assert "summaraden" in doubts[0].text


def test_two_grants_for_the_same_boards_are_two() -> None:
    first = "Till det ena\n\nNämnd Kronor\nJärva 200 000\nBromma 300 000\nTotalt 500 000\n"
    second = "Till det andra\n\nNämnd Kronor\nJärva 120 000\nBromma 10 000\nTotalt 130 000\n"
    tables, _ = read(f"{first}\n{second}")
    assert merged(tables) == (tables, [])


# -- made up ---------------------------------------------------------------------------------------

Table = tuple[list[str], list[tuple[int, ...]]]
NAMES = [board.name for board in BOARDS]
AMOUNT = st.one_of(
    st.integers(0, 999),
    st.integers(0, 99).map(lambda thousands: thousands * 1000),
    st.integers(1_000, 999_999),
    st.integers(1_000_000, 40_000_000),
)


@st.composite
def drawn(draw: st.DrawFn) -> Table:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=14, unique=True))
    width = draw(st.integers(1, 3))
    rows = draw(st.lists(st.tuples(*[AMOUNT] * width), min_size=len(names), max_size=len(names)))
    return names, rows


def written(
    names: Sequence[str], rows: Sequence[tuple[int, ...]], edge: str = " "
) -> list[list[str]]:
    """The table as lines of texts: a name and an amount for each column."""
    totals = tuple(map(sum, zip(*rows, strict=True)))
    found = []
    for name, row in zip([*names, "Totalt"], [*rows, totals], strict=True):
        found.append([name, *(swedish.number(amount).replace(NBSP, " ") for amount in row)])
    return found


def heading(width: int) -> str:
    return " ".join(["Nämnd", "Grund", "Extra", "Lovstöd"][: width + 1])


def as_drawn(table: AllocationTable, names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> bool:
    read_rows = [(row.text, row.amounts_sek) for row in table.rows]
    return read_rows == [(n, tuple(map(D, r))) for n, r in zip(names, rows, strict=True)]


@steady
@given(drawn(), st.booleans())
def test_plain_text_is_read_back_equal_or_is_a_doubt(table: Table, has_heading: bool) -> None:
    names, rows = table
    lines = [" ".join(row) for row in written(names, rows)]
    top = [heading(len(rows[0]))] if has_heading else []
    tables, doubts = tables_in([*top, *lines], BOARDS)
    if tables:
        assert as_drawn(tables[0], names, rows)
        assert not any(tables[0].unallocated)
    else:
        assert [doubt for doubt in doubts if doubt.is_unread]


@steady
@given(drawn())
def test_tabs_and_cells_are_always_read_back(table: Table) -> None:
    names, rows = table
    assume(all(any(column) for column in zip(*rows, strict=True)))
    cells = [heading(len(rows[0])).split(), *written(names, rows)]
    for tables, _ in (
        tables_in(["\t".join(row) for row in cells], BOARDS),
        allocation_tables.tables_in_cells(cells, BOARDS),
    ):
        assert as_drawn(tables[0], names, rows)
        assert not any(tables[0].unallocated)


@steady
@given(drawn(), st.data(), st.sampled_from([" ", "\t"]))
def test_any_digit_that_is_changed_is_told(table: Table, data: st.DataObject, edge: str) -> None:
    names, rows = table
    cells = written(names, rows)
    row = data.draw(st.sampled_from(cells))
    column = data.draw(st.integers(1, len(row) - 1))
    place = data.draw(
        st.sampled_from([at for at, char in enumerate(row[column]) if char.isdigit()])
    )
    digit = data.draw(st.sampled_from("0123456789"))
    assume(digit != row[column][place])
    row[column] = row[column][:place] + digit + row[column][place + 1 :]
    lines = [heading(len(rows[0])).replace(" ", edge), *(edge.join(row) for row in cells)]
    tables, doubts = tables_in(lines, BOARDS)
    is_different = bool(tables) and any(tables[0].unallocated)
    is_told = bool(doubts)
    assert is_told
    assert is_different or any(doubt.is_unread for doubt in doubts)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_most_tables_of_plain_text_are_read(width: int) -> None:
    """A doubt is no answer for amounts as decisions have them."""
    were_read = 0
    for start in range(1, 51):
        rows = []
        for place in range(11):
            seed = start * 7919 + place * 104_729
            rows.append(tuple(50_000 + (seed * (k + 3)) % 4_900_001 for k in range(width)))
        lines = [" ".join(row) for row in written(NAMES[:11], rows)]
        tables, _ = tables_in([heading(width), *lines], BOARDS)
        were_read += bool(tables) and as_drawn(tables[0], NAMES[:11], rows)
    assert were_read >= 48


def test_many_rows_and_columns_take_no_time() -> None:
    """Thirty rows of three columns, where each row has several ways; and those that have so many
    that it is given up."""
    usual = [f"{1 + k % 9} {100 + 29 * k} 000 {300 + 7 * k} {512 + k}" for k in range(30)]
    hard = [f"{100 + 29 * k} {200 + 3 * k} {300 + 7 * k} {512 + k} {900 - k}" for k in range(30)]
    for rows in (usual, hard, ["111 111 111 111 111 111"] * 30):
        ways = [splits(pieces_of([row]), 3) for row in rows]
        total = splits(pieces_of(["16 123 456 15 654 321 17 100 000"]), 3)
        began = time.process_time()
        with contextlib.suppress(TooManyWaysError):
            fits(ways, total)
        assert time.process_time() - began < 1
