"""Questions that a grant asks, from the grant file to the workbook, back from it as rows, and what
is said of the answers."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from statsbidrag.model.decisions import Grant
from statsbidrag.model.returns import QUESTION_COLUMNS, Reading, Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import duck, loading
from statsbidrag.returns import answer, intake, return_template
from tests.support import filling, four_years, planted
from tests.support.asking_questions import MAPPED, TRAINED, answers, with_questions
from tests.support.drawn import Run, content_of
from tests.support.four_years import FOUR_YEARS, grant_file
from tests.support.reckoning import Asked, Filling
from tests.support.way import load_one

D = Decimal
PERIOD_END, AS_OF = date(2018, 12, 31), date(2019, 1, 20)
BOARD = "farsta"
Change = Callable[[Workbook], object]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The city's decisions, and the grant of four years that asks two questions."""
    folder = tmp_path_factory.mktemp("data")
    grant = load_one(folder, FOUR_YEARS, with_questions(grant_file()), AS_OF)
    return replace(planted.decided(), grants=(*planted.decided().grants, grant))


@pytest.fixture(scope="module")
def grant(book: Rulebook) -> Grant:
    return book.grant(FOUR_YEARS)


@pytest.fixture(scope="module")
def good(book: Rulebook, grant: Grant) -> bytes:
    """A return of two years in which every question is answered."""
    lines = four_years.lines(BOARD, PERIOD_END)[:4]
    sent = Filling(BOARD, PERIOD_END, 1, lines, D(4000000), answers=answers(PERIOD_END))
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


def answers_of(returned: Return) -> dict[Asked, object]:
    """The answers that were read, by what their rows are about; rows without any left out."""
    given: dict[Asked, object] = {}
    for row in returned.questions:
        question, year, said = (row.cells[column.name] for column in QUESTION_COLUMNS)
        if said.reading is not Reading.BLANK:
            given[str(question.value), str(year.value)] = said.value
    return given


def put(**cells: object) -> Change:
    """Other values in some cells of the sheet of questions."""

    def change(workbook: Workbook) -> None:
        for ref, value in cells.items():
            workbook["Frågor"][ref].value = value

    return change


# -- the template ----------------------------------------------------------------------------------


def test_every_question_and_year_is_there_and_only_its_answer_is_open(
    book: Rulebook, grant: Grant
) -> None:
    sheet: Any = opened(template(book, grant))["Frågor"]
    left, top, right, bottom = range_boundaries(sheet.tables["Frågor"].ref)
    headers = [sheet.cell(top, column).value for column in range(left, right + 1)]
    assert headers == ["Fråga", "År", "Svar"]
    rows = []
    for number in range(top + 1, bottom + 1):
        cells = [sheet.cell(number, column) for column in range(left, right + 1)]
        assert [cell.protection.locked for cell in cells] == [True, True, False]
        rows.append((*(cell.value for cell in cells), sheet.cell(number, right + 1).value))
    assert rows == [
        (MAPPED, "2017", None, "Ja eller Nej"),
        (MAPPED, "2018", None, "Ja eller Nej"),
        (TRAINED, "2017", None, "Antal utbildade gruppledare"),
        (TRAINED, "2018", None, "Antal utbildade gruppledare"),
    ]
    assert sheet.protection.sheet
    assert sheet.protection.password is None


def test_an_answer_is_chosen_from_a_list_or_is_a_whole_number(book: Rulebook, grant: Grant) -> None:
    workbook = opened(template(book, grant))
    sheet: Any = workbook["Frågor"]
    kinds = {}
    for validation in sheet.data_validations.dataValidation:
        for cells in validation.sqref.ranges:
            for row in range(cells.min_row, cells.max_row + 1):
                kinds[row] = (validation.type, validation.formula1)
    assert kinds == {
        **dict.fromkeys((6, 7), ("list", "lista_ja_nej")),
        **dict.fromkeys((8, 9), ("whole", "0")),
    }
    title, ref = filling.place(workbook, "lista_ja_nej")
    listed: Any = workbook[title][ref]
    assert [row[0].value for row in listed] == ["Ja", "Nej"]


def test_only_a_grant_that_asks_has_the_sheet_and_the_words_about_it(
    book: Rulebook, grant: Grant
) -> None:
    plain = opened(template(book, replace(grant, questions=())))
    assert "Frågor" not in plain.sheetnames
    asked = opened(template(book, grant))
    assert asked.sheetnames[:6] == [
        *("Anvisning", "Redovisning", "Kostnader", "Insatser", "Frågor", "Villkor"),
    ]
    steps = [str(cell.value) for cell in asked["Anvisning"]["B"] if cell.value]
    assert "4. Frågor" in steps
    told = "\n".join(str(cell.value) for cell in asked["Anvisning"]["C"] if cell.value)
    assert f"{MAPPED}\nJa eller Nej.\nSvaren från och med 1\u00a0januari\u00a02019 går inte" in told
    assert f"{TRAINED}\nAntal utbildade gruppledare." in told


def test_the_next_workbook_holds_the_answers_that_were_sent_last(
    book: Rulebook, grant: Grant, good: bytes
) -> None:
    before = read(filling.edited(good, put(C6="Kanske", C9=None)))
    workbook = opened(template(book, grant, before))
    assert [workbook["Frågor"][f"C{row}"].value for row in range(6, 10)] == [
        "Kanske",
        "Ja",
        4,
        None,
    ]


def test_of_a_row_that_was_sent_twice_no_answer_is_filled_in(
    book: Rulebook, grant: Grant, good: bytes
) -> None:
    before = read(filling.edited(good, put(B7="2017")))
    workbook = opened(template(book, grant, before))
    assert [workbook["Frågor"][f"C{row}"].value for row in range(6, 8)] == [None, None]


def test_a_sheet_without_its_years_fills_in_nothing(
    book: Rulebook, grant: Grant, good: bytes
) -> None:
    before = read(filling.edited(good, put(B5="Årtal")))
    assert [problem.rule_id for problem in before.problems] == ["kolumn-saknas"]
    workbook = opened(template(book, grant, before))
    assert {workbook["Frågor"][f"C{row}"].value for row in range(6, 10)} == {None}


@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not installed")
def test_the_workbook_itself_says_what_cannot_be_right(good: bytes) -> None:
    wrong = filling.edited(good, put(C6="Kanske", C7=None, C8=2.5, C9="tre"))
    books = filling.saved_by_libreoffice([good, wrong])
    fine, told = (load_workbook(io.BytesIO(one), data_only=True)["Frågor"] for one in books)
    assert [fine[f"E{row}"].value or "" for row in range(6, 10)] == [""] * 4
    assert fine["A3"].value == 0
    assert [told[f"E{row}"].value or "" for row in range(6, 10)] == [
        *("Välj Ja eller Nej", "", "Skriv ett heltal med siffror", "Skriv ett heltal med siffror"),
    ]
    assert told["A3"].value == 3


# -- read back -------------------------------------------------------------------------------------


def test_what_is_filled_in_is_read_as_rows(good: bytes) -> None:
    returned = read(good)
    assert not returned.problems
    assert answers_of(returned) == answers(PERIOD_END)
    cell = returned.questions[0].cells["answer"]
    assert (cell.sheet, cell.ref, cell.raw) == ("Frågor", "C6", "Ja")


@pytest.mark.parametrize(
    ("stands", "value", "reading"),
    [
        ("Ja", "Ja", Reading.OK),
        (" nej ", "Nej", Reading.OK),
        (0, D(0), Reading.OK),
        ("12", D(12), Reading.OK),
        (2.5, None, Reading.UNREADABLE),
        (-1, None, Reading.UNREADABLE),
        ("kanske", None, Reading.UNREADABLE),
        (True, None, Reading.UNREADABLE),
        (None, None, Reading.BLANK),
    ],
)
def test_an_answer_is_read_without_a_guess(
    good: bytes, stands: object, value: object, reading: Reading
) -> None:
    cell = read(filling.put(good, "Frågor", "C6", stands)).questions[0].cells["answer"]
    assert (cell.reading, cell.value) == (reading, value)


def renamed(workbook: Workbook) -> None:
    workbook["Frågor"].title = "Våra svar"


def without_table(workbook: Workbook) -> None:
    del workbook["Frågor"].tables["Frågor"]


@pytest.mark.parametrize("change", [renamed, without_table], ids=lambda one: one.__name__)
def test_the_table_is_found_by_name_or_by_its_headers(good: bytes, change: Change) -> None:
    returned = read(filling.edited(good, change))
    assert not returned.problems
    assert answers_of(returned) == answers(PERIOD_END)


def test_a_workbook_without_the_sheet_is_no_problem_to_the_reader(good: bytes) -> None:
    returned = read(filling.edited(good, lambda workbook: workbook.remove(workbook["Frågor"])))
    assert (returned.problems, returned.questions) == ((), ())


def test_answers_are_part_of_what_a_return_says(good: bytes) -> None:
    assert read(good).cells_key != read(filling.put(good, "Frågor", "C6", "Nej")).cells_key


def test_rows_reach_the_database_by_a_part_of_their_own(good: bytes, tmp_path: Path) -> None:
    con = duck.connect(tmp_path / "prov.duckdb", read_only=False)
    con.execute(duck.sql("000_schema"))
    loading.load_returns(con, [read(good)])
    query = (
        "SELECT cell, words, amount_sek FROM raw_cell WHERE part = 'questions' "
        "AND column_name = 'answer' ORDER BY cell"
    )
    assert con.execute(query).fetchall() == [
        *(("C6", "Ja", None), ("C7", "Ja", None)),
        *(("C8", None, D(4)), ("C9", None, D(4))),
    ]
    con.close()


def test_a_clean_return_goes_back_with_the_same_bytes(good: bytes) -> None:
    assert answer.of_return(good, [], read(good)) == good
