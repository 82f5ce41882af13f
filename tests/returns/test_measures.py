"""Posts and measures from the grant file to the workbook, back from it as rows, and what is said of
them."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from statsbidrag.decisions import plans
from statsbidrag.model.decisions import Grant, Waiver
from statsbidrag.model.findings import Finding
from statsbidrag.model.measures import row_key
from statsbidrag.model.returns import (
    MEASURE_COLUMNS,
    POST_COLUMNS,
    Cell,
    Problem,
    Reading,
    Return,
    Row,
)
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import duck, loading
from statsbidrag.returns import answer, intake, return_template
from tests.support import filling, four_years, planted
from tests.support.drawn import Run, content_of
from tests.support.four_years import (
    FOUR_YEARS,
    MEASURES,
    POSTS,
    counted,
    grant_file,
    with_measures,
)
from tests.support.reckoning import Filling, Line, Measured
from tests.support.rows import rows_in
from tests.support.way import Way, load_one

D = Decimal
PERIOD_END, AS_OF = date(2018, 12, 31), date(2019, 1, 20)
BOARD = "farsta"
Change = Callable[[Workbook], object]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The city's decisions, and the grant of four years that asks for posts and measures."""
    folder = tmp_path_factory.mktemp("data")
    grant = load_one(folder, FOUR_YEARS, with_measures(grant_file()), AS_OF)
    return replace(planted.decided(), grants=(*planted.decided().grants, grant))


@pytest.fixture(scope="module")
def grant(book: Rulebook) -> Grant:
    return book.grant(FOUR_YEARS)


@pytest.fixture(scope="module")
def good(book: Rulebook, grant: Grant) -> bytes:
    """A return of two years in which everything asked for is counted."""
    lines = four_years.lines(BOARD, PERIOD_END)[:4]
    sent = Filling(
        BOARD, PERIOD_END, 1, lines, D(4000000), posts=POSTS, measures=counted(PERIOD_END)
    )
    return content_of(Run(book, AS_OF), grant, sent, attested_on=AS_OF)


def template(book: Rulebook, grant: Grant, before: Return | None = None) -> bytes:
    assigned = filling.assigned(grant, BOARD, AS_OF)
    return return_template.template(
        book.organisation, grant, book.board(BOARD), assigned, PERIOD_END, AS_OF, before=before
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def read(content: bytes) -> Return:
    return intake.read(content, "farsta.xlsx")


def counts_of(returned: Return) -> dict[Measured, tuple[object, ...]]:
    """The counts that were read, by what their rows are about; rows without any left out."""
    counts: dict[Measured, tuple[object, ...]] = {}
    for row in returned.measures:
        measure, year, split, part = (str(row.cells[c.name].value) for c in MEASURE_COLUMNS[:4])
        cells = [row.cells[column.name] for column in MEASURE_COLUMNS[4:]]
        values = tuple(cell.value for cell in cells if cell.reading is not Reading.BLANK)
        if values:
            counts[measure, year, split, part] = values
    return counts


# -- the template ----------------------------------------------------------------------------------


def test_every_row_that_is_asked_for_is_there_and_only_its_counts_are_open(
    book: Rulebook, grant: Grant
) -> None:
    sheet: Any = opened(template(book, grant))["Mått"]
    left, top, right, bottom = range_boundaries(sheet.tables["Mått"].ref)
    headers = [sheet.cell(top, column).value for column in range(left, right + 1)]
    assert headers == [column.header for column in MEASURE_COLUMNS]
    asked = grant.asked_rows(PERIOD_END)
    assert bottom - top == len(asked)
    for number, row in enumerate(asked, start=top + 1):
        cells = [sheet.cell(number, column) for column in range(left, right + 1)]
        assert row_key(*(str(cell.value) for cell in cells[:4])) == row.key
        open_headers = [
            header
            for header, cell in zip(headers, cells, strict=True)
            if not cell.protection.locked
        ]
        rating = ["Instämmer", "Svarande", "Tillfrågade"]
        assert open_headers == (rating if row.measure.is_rating else ["Antal"])
    assert sheet.protection.sheet
    assert sheet.protection.password is None


def test_posts_have_their_table_with_lists_to_choose_from(book: Rulebook, grant: Grant) -> None:
    workbook = opened(template(book, grant))
    sheet: Any = workbook["Tjänster"]
    left, top, right, bottom = range_boundaries(sheet.tables["Tjänster"].ref)
    assert bottom - top == 60
    assert not sheet.protection.sheet
    headers = [sheet.cell(top, column).value for column in range(left, right + 1)]
    assert headers == [column.header for column in POST_COLUMNS]
    lists = {}
    for validation in sheet.data_validations.dataValidation:
        if validation.type == "list":
            title, ref = filling.place(workbook, validation.formula1)
            cells: Any = workbook[title][ref]
            rows = cells if isinstance(cells, tuple) else ((cells,),)
            lists[validation.promptTitle] = [row[0].value for row in rows]
    assert lists == {"Roll": ["Föräldrarådgivare"], "Finns kvar": ["Ja", "Nej"]}


def test_only_a_grant_that_asks_has_the_sheets_and_the_words_about_them(
    book: Rulebook, grant: Grant
) -> None:
    plain = opened(template(book, replace(grant, measures=(), posts=None)))
    assert "Mått" not in plain.sheetnames
    assert "Tjänster" not in plain.sheetnames
    asked = opened(template(book, grant))
    assert asked.sheetnames == [
        *("Anvisning", "Redovisning", "Kostnader", "Insatser", "Tjänster", "Mått"),
        *("Villkor", "Listor"),
    ]
    steps = [str(cell.value) for cell in asked["Anvisning"]["B"] if cell.value]
    numbered = [step for step in steps if step[0].isdigit()]
    assert numbered[3:6] == ["4. Tjänster", "5. Mått", "6. Redovisning"]
    assert set(MEASURES) <= set(steps)
    told = "\n".join(str(cell.value) for cell in asked["Anvisning"]["C"] if cell.value)
    assert "Antal föräldrar under året." in told
    assert "går inte att jämföra med dem före.\nFrån 2019 räknas besök" in told
    assert "”Jag känner mig stärkt i min roll som förälder”" in told
    assert "2 till 3 hela tjänster per nämnd" in told


def test_the_next_workbook_holds_the_counts_and_posts_that_were_sent_last(
    book: Rulebook, grant: Grant, good: bytes
) -> None:
    before = read(good)
    again = read(template(book, grant, before))
    assert counts_of(again) == counts_of(before)
    assert len(counts_of(before)) == len(counted(PERIOD_END))
    posts = [[cell.value for cell in row.cells.values()] for row in before.posts]
    assert [[cell.value for cell in row.cells.values()] for row in again.posts] == posts


def test_a_count_that_could_not_be_read_comes_back_as_it_stood(
    book: Rulebook, grant: Grant, good: bytes
) -> None:
    before = read(filling.put(good, "Mått", "E6", "cirka tio"))
    assert opened(template(book, grant, before))["Mått"]["E6"].value == "cirka tio"


@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not installed")
def test_the_workbook_itself_says_what_cannot_be_right(good: bytes) -> None:
    wrong = filling.edited(good, put("Mått", E6=101, E24="tio", F51=21, F48=61, H50=None))
    fine, told = (opened(one) for one in reckoned([good, wrong]))
    assert [fine["Mått"].cell(row, 9).value or "" for row in range(6, 56)] == [""] * 50
    assert fine["Mått"]["A3"].value == 0
    says = {cell.row: cell.value for cell in told["Mått"]["I"][5:] if cell.value}
    assert says == {
        6: "Förälderns kön: delarna stämmer inte med Alla",
        24: "Skriv antal med siffror",
        50: "Alla tre antalen behövs",
        51: "Fler instämmer än som har svarat",
    }
    assert told["Mått"]["A3"].value == 4


def reckoned(contents: list[bytes]) -> list[bytes]:
    """The workbooks with the values of their formulas, as LibreOffice reckons them."""
    values = []
    for content in filling.saved_by_libreoffice(contents):
        book = load_workbook(io.BytesIO(content), data_only=True)
        saved = io.BytesIO()
        book.save(saved)
        values.append(saved.getvalue())
    return values


# -- read back -------------------------------------------------------------------------------------


def test_what_is_filled_in_is_read_as_rows(good: bytes) -> None:
    returned = read(good)
    assert not returned.problems
    assert counts_of(returned) == {
        about: tuple(D(count) for count in counts) for about, counts in counted(PERIOD_END).items()
    }
    values = [[row.cells[column.name].value for column in POST_COLUMNS] for row in returned.posts]
    assert values == [
        ["Föräldrarådgivare", D(100), date(2017, 3, 1), None, "Ja"],
        ["Föräldrarådgivare", D("75.50"), date(2017, 9, 1), date(2019, 8, 31), None],
    ]


def test_a_year_that_is_a_number_is_the_same_year(good: bytes) -> None:
    returned = read(filling.put(good, "Mått", "B6", 2017))
    assert returned.measures[0].cells["year"].value == "2017"
    assert counts_of(returned) == counts_of(read(good))


def renamed(workbook: Workbook) -> None:
    workbook["Mått"].title = "Våra mått"
    workbook["Tjänster"].title = "Folk"


def without_tables(workbook: Workbook) -> None:
    for name in ("Mått", "Tjänster"):
        del workbook[name].tables[name]


def moved(workbook: Workbook) -> None:
    sheet: Any = workbook["Mått"]
    table = sheet.tables["Mått"]
    sheet.move_range(table.ref, rows=3, cols=1)
    del sheet.tables["Mått"]


@pytest.mark.parametrize("change", [renamed, without_tables, moved], ids=lambda one: one.__name__)
def test_the_tables_are_found_by_name_or_by_their_headers(good: bytes, change: Change) -> None:
    returned, wanted = read(filling.edited(good, change)), read(good)
    assert not returned.problems
    assert counts_of(returned) == counts_of(wanted)
    assert len(returned.posts) == len(wanted.posts)


def test_rows_that_are_taken_away_are_no_problem_to_the_reader(good: bytes) -> None:
    def change(workbook: Workbook) -> None:
        workbook["Mått"].delete_rows(7, 5)

    returned = read(filling.edited(good, change))
    assert not returned.problems
    assert len(counts_of(returned)) == len(counted(PERIOD_END)) - 5


def test_a_workbook_without_the_sheets_is_no_problem_to_the_reader(good: bytes) -> None:
    def change(workbook: Workbook) -> None:
        del workbook["Mått"]
        del workbook["Tjänster"]

    returned = read(filling.edited(good, change))
    assert (returned.problems, returned.posts, returned.measures) == ((), (), ())


@pytest.mark.parametrize(
    ("stands", "value", "reading"),
    [
        (50, D(50), Reading.OK),
        (33.33333333, D("33.33333333"), Reading.DECIMALS),
        ("50 %", D(50), Reading.OK),
        ("37,5", D("37.50"), Reading.OK),
        ("halvtid", None, Reading.UNREADABLE),
        ("50 kr", None, Reading.UNREADABLE),
        (-50, None, Reading.UNREADABLE),
        (True, None, Reading.UNREADABLE),
    ],
)
def test_per_cent_is_read_without_a_guess(
    good: bytes, stands: object, value: Decimal | None, reading: Reading
) -> None:
    cell = read(filling.put(good, "Tjänster", "B6", stands)).posts[0].cells["full_time_percent"]
    assert cell.reading is reading
    assert cell.value == (value if reading is Reading.OK else None)


def test_what_a_return_without_the_tables_says_is_said_as_before() -> None:
    """An answer that was sent before there were measures is known when it comes in again."""
    blank = Cell("Kostnader", "B6", "", Reading.BLANK, None)
    activity = Cell("Kostnader", "A6", "Kurs", Reading.OK, "Kurs")
    returned = Return(
        file="a.xlsx",
        sha256="",
        size_bytes=1,
        kind="xlsx",
        problems=(Problem("dolda-rader", "Kostnader", ("A6",)),),
        header={"version": Cell("Redovisning", "C8", "1", Reading.OK, D(1))},
        costs=(Row("Kostnader", 6, {"activity": activity, "comment": blank}),),
        activities=(Row("Insatser", 6, {"activity": activity}),),
    )
    # As the program reckoned it in the release before.
    key = "nebkdfkjafkndfapjddpcgppjhffnioogodhnppmcanfdmidglfghdodibaelpgk"
    assert returned.cells_key == key


def test_counts_are_part_of_what_a_return_says(good: bytes) -> None:
    assert read(good).cells_key != read(filling.put(good, "Mått", "E7", 61)).cells_key
    assert read(good).cells_key != read(filling.put(good, "Tjänster", "B6", 99)).cells_key


def test_rows_reach_the_database_by_their_own_parts(good: bytes, tmp_path: Path) -> None:
    con = duck.connect(tmp_path / "prov.duckdb", read_only=False)
    con.execute(duck.sql("000_schema"))
    loading.load_returns(con, [read(good)])
    query = "SELECT part, count(*), sum(amount_sek) FROM raw_cell WHERE column_name = ? GROUP BY 1"
    plain = sum(counts[0] for counts in counted(PERIOD_END).values() if len(counts) == 1)
    found = con.execute(query, ["count"]).fetchall()
    rows = sum(len(counts) == 1 for counts in counted(PERIOD_END).values())
    assert found == [("measures", rows, D(plain))]
    assert con.execute(query, ["full_time_percent"]).fetchall() == [("posts", 2, D("175.50"))]
    con.close()


def test_measures_and_posts_change_no_money(way: Way, book: Rulebook, good: bytes) -> None:
    def change(workbook: Workbook) -> None:
        del workbook["Mått"]
        del workbook["Tjänster"]

    grant = replace(book.grant(FOUR_YEARS), measures=(), posts=None)
    plain = replace(book, grants=(*planted.decided().grants, grant))
    plan = plans.plan(book, [FOUR_YEARS], AS_OF, is_final=False)[0]
    (asked,) = way.run({"farsta.xlsx": good}, book, plan)
    (unasked,) = way.run({"farsta.xlsx": filling.edited(good, change)}, plain, plan)
    assert rows_in(asked, "board") == rows_in(unasked, "board")
    assert rows_in(asked, "line") == rows_in(unasked, "line")


# -- what is said of them --------------------------------------------------------------------------


def judged(
    way: Way, book: Rulebook, files: Mapping[str, bytes], *, is_final: bool = False
) -> list[Finding]:
    """What the suites find in some returns to the end of 2018."""
    plan = plans.plan(book, [FOUR_YEARS], AS_OF, is_final=False)[0]
    return way.judge(way.take_in(files, book), book, replace(plan, is_final=is_final))


def put(sheet: str, **cells: object) -> Change:
    """Other values in some cells of a sheet."""

    def change(workbook: Workbook) -> None:
        for ref, value in cells.items():
            workbook[sheet][ref].value = value

    return change


def again(workbook: Workbook) -> None:
    """The first row once more below the last one, in a table that has grown by it."""
    sheet: Any = workbook["Mått"]
    table = sheet.tables["Mått"]
    _, _, _, bottom = range_boundaries(table.ref)
    for column in range(1, 6):
        sheet.cell(bottom + 1, column).value = sheet.cell(6, column).value
    table.ref = f"A5:H{bottom + 1}"


def without_year(workbook: Workbook) -> None:
    """No count of any visit of 2018."""
    sheet: Any = workbook["Mått"]
    for row in sheet.iter_rows(min_row=6):
        if (row[0].value, str(row[1].value)) == (MEASURES[1], "2018"):
            row[4].value = None


# The rows of the sheet: 6 is the total of the first measure for 2017, 7–9 its parts by sex and
# 10–14 by language; 48 is the rating's total for 2017, and 49–51 its parts by sex.
FAULTS: Mapping[str, tuple[str, Change, str, tuple[str, ...], str]] = {
    "an unknown role": (
        "tjanst-roll",
        put("Tjänster", A6="Föräldrarådgivaren"),
        "Tjänster",
        ("A6",),
        "Bidraget har ingen tjänst som heter ”Föräldrarådgivaren”. Menas Föräldrarådgivare?",
    ),
    "a share for per cent": (
        "tjanst-andel",
        put("Tjänster", B6=0.5),
        "Tjänster",
        ("B6",),
        "mer än 1 och högst 100, men är till exempel 0,5.",
    ),
    "one per cent": ("tjanst-andel", put("Tjänster", B6=1), "Tjänster", ("B6",), "exempel 1."),
    "more than full time": (
        "tjanst-andel",
        put("Tjänster", B6=100.5, B7=200),
        "Tjänster",
        ("B6", "B7"),
        "till exempel 100,5.",
    ),
    "per cent in words": (
        "procent-olasligt",
        put("Tjänster", B7="halvtid"),
        "Tjänster",
        ("B7",),
        "Uppgiften Procent av heltid, ”halvtid”, går inte att läsa.",
    ),
    "a post that ends before it begins": (
        "tjanst-dagar",
        put("Tjänster", D7=date(2017, 8, 31)),
        "Tjänster",
        ("D7",),
        "En tjänst slutar innan den börjar, eller",
    ),
    "a post that begins before the grant": (
        "tjanst-dagar",
        put("Tjänster", C6=date(2016, 12, 31)),
        "Tjänster",
        ("C6",),
        "utanför bidragets tid, 1\u00a0januari\u00a02017–31\u00a0december\u00a02020.",
    ),
    "a post that ends after the grant": (
        "tjanst-dagar",
        put("Tjänster", D6=date(2021, 1, 1)),
        "Tjänster",
        ("D6",),
        "utanför bidragets tid",
    ),
    "a misspelt measure": (
        "matt-okant",
        put("Mått", A7="Råd- och stödsamtalen"),
        "Mått",
        ("A7",),
        "efter raden ”Råd- och stödsamtalen” i tabellen Mått. Menas Råd- och stödsamtal?",
    ),
    "a part that isn't asked for": (
        "matt-okant",
        put("Mått", D7="Flickor"),
        "Mått",
        ("A7",),
        "raden ”Råd- och stödsamtal, 2017, Förälderns kön, Flickor” i tabellen Mått.",
    ),
    "a row twice": (
        "matt-dubbelt",
        again,
        "Mått",
        ("A6", "A56"),
        "Raden ”Råd- och stödsamtal 2017” finns flera gånger",
    ),
    "parts that are fewer than all": (
        "matt-delar",
        put("Mått", E7=0, E6=101, E10=21),
        "Mått",
        ("E6",),
        "Delarna är tillsammans 40, men på raden Alla står det 101 (Råd- och stödsamtal 2017, För",
    ),
    "some parts that are more than all": (
        "matt-delar",
        put("Mått", E7=81, E9=None),
        "Mått",
        ("E6",),
        "Delarna är tillsammans 101, men på raden Alla står det 100",
    ),
    "parts of a rating": (
        "matt-delar",
        put("Mått", F48=49),
        "Mått",
        ("F48",),
        "(Stärkt i föräldraskapet 2017, Förälderns kön, Instämmer)",
    ),
    "more agree than answered": (
        "matt-svar",
        put("Mått", F51=21, F48=61),
        "Mått",
        ("F51",),
        "går inte ihop eller är inte kompletta: 21 instämmer, 20 svarande och 40 tillfrågade.",
    ),
    "more answered than were asked": (
        "matt-svar",
        put("Mått", G51=41, G48=121),
        "Mått",
        ("G51",),
        "10 instämmer, 41 svarande och 40 tillfrågade.",
    ),
    "a rating without how many were asked": (
        "matt-svar",
        put("Mått", H51=None),
        "Mått",
        ("F51", "G51"),
        "kompletta: 10 instämmer och 20 svarande.",
    ),
    "a count in the column of another kind": (
        "matt-fel-kolumn",
        put("Mått", G6=5),
        "Mått",
        ("G6",),
        "På raden ”Råd- och stödsamtal 2017” står ett antal i fel kolumn. Måttet räknas i Antal.",
    ),
    "a year without a count": (
        "matt-saknas",
        without_year,
        "",
        (),
        "Antal saknas för Utökade hembesök (2018).",
    ),
    "no sheet of measures": (
        "matt-saknas",
        lambda workbook: workbook.remove(workbook["Mått"]),
        "",
        (),
        f"Antal saknas för {', '.join(MEASURES[:-1])} och {MEASURES[-1]}.",
    ),
    "a count that is no number": (
        "antal-inte-heltal",
        put("Mått", E6="cirka hundra"),
        "Mått",
        ("E6",),
        "cirka hundra",
    ),
    "a row without its year": (
        "obligatorisk-cell-tom",
        put("Mått", B7=None),
        "Mått",
        ("B7",),
        "Uppgiften År saknas.",
    ),
    "a post without its first day": (
        "obligatorisk-cell-tom",
        put("Tjänster", C6=None),
        "Tjänster",
        ("C6",),
        "Uppgiften Från saknas.",
    ),
    "an answer that is neither yes nor no": (
        "svar-olasligt",
        put("Tjänster", E6="kanske"),
        "Tjänster",
        ("E6",),
        "kanske",
    ),
}
KEEPS: Mapping[str, Change] = {
    "nothing changed": lambda workbook: workbook,
    "only totals": lambda workbook: only(workbook, "Alla"),
    "only the parts of one split": lambda workbook: only(workbook, "Förälderns kön"),
    "some parts, fewer than all": put("Mått", E7=10, E9=None, E11=None),
    "a row without any count that isn't asked for": put("Mått", A8="Något annat", E8=None),
    "full time, and a little above one per cent": put("Tjänster", B6=100, B7=1.01),
    "a post of the grant's first day, and of its last": put(
        "Tjänster", C6=date(2017, 1, 1), D6=date(2017, 1, 1), D7=date(2020, 12, 31)
    ),
    "all agree, and all answered": put("Mått", F51=20, F48=60, H51=20, H48=180),
    "another case and other blanks": put("Mått", A7="  RÅD–  och stödsamtal ", B7=2017),
}


def only(workbook: Workbook, split: str) -> None:
    """No counts but of one split, or of the totals."""
    sheet: Any = workbook["Mått"]
    for row in sheet.iter_rows(min_row=6):
        if row[2].value != split:
            for cell in row[4:8]:
                cell.value = None


@pytest.fixture(scope="module")
def faulty(way: Way, book: Rulebook, good: bytes) -> dict[bool, list[Finding]]:
    """What is found in every fault, in the quarter and finally."""
    files = {}
    for name, (_, change, *_) in FAULTS.items():
        files[f"{name}.xlsx"] = filling.edited(good, change)
    return {final: judged(way, book, files, is_final=final) for final in (False, True)}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gives_the_one_finding_that_it_is_to_give(
    name: str, faulty: Mapping[bool, list[Finding]], book: Rulebook
) -> None:
    rule_id, _, sheet, cells, says = FAULTS[name]
    for is_final in (False, True):
        (finding,) = (one for one in faulty[is_final] if one.file == f"{name}.xlsx")
        assert finding.rule == rule_id
        assert finding.severity == book.rules[rule_id].severity_in(is_final)
        assert (finding.sheet or "", finding.cells) == (sheet, cells)
        assert says in finding.message
        assert finding.board == BOARD


def test_the_rules_of_posts_and_measures_hold_a_final_report_and_can_be_waived(
    book: Rulebook,
) -> None:
    told = {rule_id for rule_id, *_ in FAULTS.values()}
    of_ours = {rule_id for rule_id in told if rule_id.startswith(("matt-", "tjanst-"))}
    for rule_id in of_ours - {"matt-saknas"}:
        rule = book.rules[rule_id]
        assert (rule.severity_in(False), rule.severity_in(True)) == ("warning", "blocking")
        assert rule.can_be_waived
    assert book.rules["matt-saknas"].severity_in(True) == "warning"
    assert book.rules["matt-utan-fraga"].severity_in(True) == "info"


def test_what_just_keeps_the_rules_gives_no_finding(way: Way, book: Rulebook, good: bytes) -> None:
    files = {f"{name}.xlsx": filling.edited(good, change) for name, change in KEEPS.items()}
    for is_final in (False, True):
        told = judged(way, book, files, is_final=is_final)
        assert [(one.file, one.rule, one.message) for one in told] == []


def test_a_board_is_not_asked_for_years_before_it_was_there(
    way: Way, book: Rulebook, grant: Grant
) -> None:
    """Hägersten-Älvsjö began in 2020: its predecessors count what they did."""
    last_day = date(2020, 12, 31)
    counts = {about: own for about, own in counted(last_day).items() if about[1] == "2020"}
    line = Line(date(2020, 12, 1), "Lokaler", four_years.AREAS[3], D(100))
    sent = Filling("hagersten-alvsjo", last_day, 1, (line,), D(900000), measures=counts)
    run = Run(book, date(2021, 1, 20))
    files = {"ny.xlsx": content_of(run, grant, sent)}
    returns = way.take_in(files, book)
    assert [one.rule for one in way.judge(returns, book, run.plan([FOUR_YEARS]))] == []


def test_a_csv_return_is_told_that_its_measures_are_missing(way: Way, book: Rulebook) -> None:
    header = {"bidrag": FOUR_YEARS, "namnd": BOARD, "period_tom": PERIOD_END, "version": 1}
    line = {
        "Insats": "Kurs",
        "Område": four_years.AREAS[0],
        "Kostnadsslag": "Personalkostnader",
        "Datum": date(2018, 5, 2),
        "Belopp": D(100),
    }
    content = filling.csv_return(header=header, costs=[line])
    told = judged(way, book, {"farsta.csv": content})
    assert [one.rule for one in told] == ["matt-saknas"]


def test_a_grant_that_asks_for_no_measures_is_told_of_counts_only_for_the_record(
    way: Way, book: Rulebook, good: bytes
) -> None:
    grant = replace(book.grant(FOUR_YEARS), measures=())
    plain = replace(book, grants=(*planted.decided().grants, grant))
    (finding,) = judged(way, plain, {"farsta.xlsx": good}, is_final=True)
    assert (finding.rule, finding.severity) == ("matt-utan-fraga", "info")
    assert (finding.sheet, finding.cells[0]) == ("Mått", "E6")


def test_a_waiver_turns_the_finding_into_a_note(way: Way, book: Rulebook, good: bytes) -> None:
    waiver = Waiver(
        rule_id="matt-fel-kolumn",
        board_id=BOARD,
        reason="Svarande redovisas också för samtalen.",
        decided_by="Enhetschefen",
        decided_on=date(2019, 1, 10),
        until_on=date(2019, 12, 31),
    )
    grant = replace(book.grant(FOUR_YEARS), waivers=(waiver,))
    waived = replace(book, grants=(*planted.decided().grants, grant))
    content = filling.edited(good, put("Mått", G6=5))
    (finding,) = judged(way, waived, {"farsta.xlsx": content}, is_final=True)
    assert (finding.rule, finding.severity) == ("matt-fel-kolumn", "info")


# -- a personal number, and the workbook that goes back --------------------------------------------


def test_a_personal_number_in_the_new_sheets_is_masked_and_told(
    way: Way, book: Rulebook, good: bytes
) -> None:
    content = filling.put(good, "Tjänster", "A6", f"Rådgivare {planted.NUMBER}")
    told = judged(way, book, {"farsta.xlsx": content})
    found = [one for one in told if one.rule == "personnummer"]
    assert [(one.sheet, one.cells) for one in found] == [("Tjänster", ("A6",))]
    assert all(planted.NUMBER not in f"{one.message}{one.value}" for one in told)


def test_comments_on_the_new_sheets_come_back(way: Way, book: Rulebook, good: bytes) -> None:
    def change(workbook: Workbook) -> None:
        put("Mått", E6=101)(workbook)
        put("Tjänster", B6=0.5)(workbook)

    content = filling.edited(good, change)
    (returned,) = way.take_in({"farsta.xlsx": content}, book)
    told = judged(way, book, {"farsta.xlsx": content})
    back = answer.of_return(content, told, returned)
    workbook = opened(back)
    assert "Delarna är tillsammans 100" in str(workbook["Mått"]["E6"].comment)
    assert "skriv 50, inte 0,5" in str(workbook["Tjänster"]["B6"].comment)
    assert workbook["Mått"].protection.sheet
    assert read(back).kind == "skipped", "it is known when it comes in again"


def test_a_clean_return_goes_back_with_the_same_bytes(good: bytes) -> None:
    assert answer.of_return(good, [], read(good)) == good
