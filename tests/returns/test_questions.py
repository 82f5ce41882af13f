"""Questions that a grant asks, from the grant file to the workbook, back from it as rows, and what
is said of the answers."""

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
from statsbidrag.model.returns import QUESTION_COLUMNS, Reading, Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import duck, loading
from statsbidrag.returns import answer, intake, return_template
from tests.support import filling, four_years, planted
from tests.support.asking_questions import MAPPED, TRAINED, answers, with_questions
from tests.support.drawn import Run, content_of
from tests.support.four_years import FOUR_YEARS, grant_file
from tests.support.reckoning import Asked, Filling, Line
from tests.support.rows import rows_in
from tests.support.way import Way, load_one

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


def again(workbook: Workbook) -> None:
    """The first row once more below the last one, in a table that has grown by it."""
    sheet: Any = workbook["Frågor"]
    for column in range(1, 4):
        sheet.cell(10, column).value = sheet.cell(6, column).value
    sheet.tables["Frågor"].ref = "A5:C10"


def again_unanswered(workbook: Workbook) -> None:
    """The same, but without an answer and about something else."""
    again(workbook)
    put(A10="Något annat", C10=None)(workbook)


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


def test_no_grant_that_is_shipped_asks_anything() -> None:
    for grant in planted.decided().grants:
        assert grant.question_rows(grant.spend_to_on) == ()


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


# -- what is said of them --------------------------------------------------------------------------


def judged(
    way: Way, book: Rulebook, files: Mapping[str, bytes], *, is_final: bool = False
) -> list[Finding]:
    """What the suites find in some returns to the end of 2018."""
    plan = plans.plan(book, [FOUR_YEARS], AS_OF, is_final=False)[0]
    return way.judge(way.take_in(files, book), book, replace(plan, is_final=is_final))


# The rows of the sheet: 6 and 7 are the question of yes or no, 8 and 9 the one of a number.
FAULTS: Mapping[str, tuple[str, Change, str, tuple[str, ...], str]] = {
    "a misspelt question": (
        "fraga-okand",
        put(A6="Har behovet hos föräldrar kartlagts?", C7="Ja"),
        "Frågor",
        ("A6",),
        f"frågan ”Har behovet hos föräldrar kartlagts?” i tabellen Frågor. Menas ”{MAPPED}”?",
    ),
    "a year that isn't asked for": (
        "fraga-okant-ar",
        put(B6="2016"),
        "Frågor",
        ("B6",),
        f"Raden ”{MAPPED} 2016” i tabellen Frågor gäller ett år som bidraget inte frågar om.",
    ),
    "a row twice": (
        "fraga-dubbel",
        again,
        "Frågor",
        ("A6", "A10"),
        f"Raden ”{MAPPED} 2017” finns flera gånger i tabellen Frågor",
    ),
    "neither yes nor no": (
        "fraga-fel-svar",
        put(C6="Delvis"),
        "Frågor",
        ("C6",),
        f"Svaret ”Delvis” på ”{MAPPED} 2017” går inte att använda. Frågan besvaras med Ja eller",
    ),
    "a number for yes or no": (
        "fraga-fel-svar",
        put(C7=1),
        "Frågor",
        ("C7",),
        f"Svaret ”1” på ”{MAPPED} 2018”",
    ),
    "yes for a number": (
        "fraga-fel-svar",
        put(C8="Ja"),
        "Frågor",
        ("C8",),
        f"Svaret ”Ja” på ”{TRAINED} 2017” går inte att använda. Frågan besvaras med ett heltal",
    ),
    "no whole number": (
        "fraga-fel-svar",
        put(C9=2.5),
        "Frågor",
        ("C9",),
        f"Svaret ”2,5” på ”{TRAINED} 2018”",
    ),
    "an answer that is left out": (
        "fraga-obesvarad",
        put(C7=None),
        "",
        (),
        f"Svar saknas på ”{MAPPED}” (2018).",
    ),
    "no sheet of questions": (
        "fraga-obesvarad",
        lambda workbook: workbook.remove(workbook["Frågor"]),
        "",
        (),
        f"Svar saknas på ”{MAPPED}” (2017), ”{MAPPED}” (2018), ”{TRAINED}” (2017) och ”{TRAINED}”",
    ),
    "a row without its year": (
        "obligatorisk-cell-tom",
        put(B7=None),
        "Frågor",
        ("B7",),
        "Uppgiften År saknas.",
    ),
}
BESIDE = {"a misspelt question", "a year that isn't asked for", "a row without its year"}
"""Faults in what a row is about: the right row is then not answered, and that is told too."""
KEEPS: Mapping[str, Change] = {
    "nothing changed": lambda workbook: workbook,
    "no, and none": put(C6="Nej", C7=" NEJ ", C8=0, C9="12"),
    "a row without an answer that isn't asked": again_unanswered,
    "another case and other blanks": put(A6=f"  {MAPPED.upper()} ", B6=2017),
}


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
        told = [one for one in faulty[is_final] if one.file == f"{name}.xlsx"]
        beside = [one.rule for one in told if one.rule != rule_id]
        assert beside == (["fraga-obesvarad"] if name in BESIDE else [])
        (finding,) = (one for one in told if one.rule == rule_id)
        assert finding.severity == book.rules[rule_id].severity_in(is_final)
        assert (finding.sheet or "", finding.cells) == (sheet, cells)
        assert says in finding.message
        assert finding.board == BOARD


def test_the_rules_of_questions_hold_nothing_in_a_quarter(book: Rulebook) -> None:
    told = {rule_id for rule_id, *_ in FAULTS.values()}
    of_ours = {rule_id for rule_id in told if rule_id.startswith("fraga-")}
    for rule_id in of_ours - {"fraga-obesvarad"}:
        rule = book.rules[rule_id]
        assert (rule.severity_in(False), rule.severity_in(True)) == ("warning", "blocking")
        assert rule.can_be_waived
    assert book.rules["fraga-obesvarad"].severity_in(True) == "warning"
    assert book.rules["fraga-inte-stalld"].severity_in(True) == "info"


def test_what_just_keeps_the_rules_gives_no_finding(way: Way, book: Rulebook, good: bytes) -> None:
    files = {f"{name}.xlsx": filling.edited(good, change) for name, change in KEEPS.items()}
    for is_final in (False, True):
        told = judged(way, book, files, is_final=is_final)
        assert [(one.file, one.rule, one.message) for one in told] == []


def test_a_board_is_not_asked_for_years_before_it_was_there(
    way: Way, book: Rulebook, grant: Grant
) -> None:
    """Hägersten-Älvsjö began in 2020: its predecessors answered for the years before."""
    last_day = date(2020, 12, 31)
    given = {about: said for about, said in answers(last_day).items() if about[1] == "2020"}
    line = Line(date(2020, 12, 1), "Lokaler", four_years.AREAS[3], D(100))
    sent = Filling("hagersten-alvsjo", last_day, 1, (line,), D(900000), answers=given)
    run = Run(book, date(2021, 1, 20))
    files = {"ny.xlsx": content_of(run, grant, sent)}
    returns = way.take_in(files, book)
    assert [one.rule for one in way.judge(returns, book, run.plan([FOUR_YEARS]))] == []


def test_a_csv_return_is_told_that_its_answers_are_missing(way: Way, book: Rulebook) -> None:
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
    assert [one.rule for one in told] == ["fraga-obesvarad"]


def test_a_grant_that_asks_nothing_is_told_of_answers_only_for_the_record(
    way: Way, book: Rulebook, good: bytes
) -> None:
    grant = replace(book.grant(FOUR_YEARS), questions=())
    plain = replace(book, grants=(*planted.decided().grants, grant))
    (finding,) = judged(way, plain, {"farsta.xlsx": good}, is_final=True)
    assert (finding.rule, finding.severity) == ("fraga-inte-stalld", "info")
    assert (finding.sheet, finding.cells[0]) == ("Frågor", "C6")


def test_a_waiver_turns_the_finding_into_a_note(way: Way, book: Rulebook, good: bytes) -> None:
    waiver = Waiver(
        rule_id="fraga-fel-svar",
        board_id=BOARD,
        reason="Kartläggningen pågår.",
        decided_by="Enhetschefen",
        decided_on=date(2019, 1, 10),
        until_on=date(2019, 12, 31),
    )
    grant = replace(book.grant(FOUR_YEARS), waivers=(waiver,))
    waived = replace(book, grants=(*planted.decided().grants, grant))
    content = filling.edited(good, put(C6="Pågår"))
    (finding,) = judged(way, waived, {"farsta.xlsx": content}, is_final=True)
    assert (finding.rule, finding.severity) == ("fraga-fel-svar", "info")


def test_a_personal_number_in_an_answer_is_masked_and_quoted_nowhere(
    way: Way, book: Rulebook, good: bytes
) -> None:
    content = filling.put(good, "Frågor", "C6", f"Eva {planted.NUMBER}")
    told = judged(way, book, {"farsta.xlsx": content})
    found = [one for one in told if one.rule == "personnummer"]
    assert [(one.sheet, one.cells) for one in found] == [("Frågor", ("C6",))]
    for one in told:
        assert planted.NUMBER not in f"{one.message}{one.value}"
        assert "Eva" not in f"{one.message}{one.value}"


def test_comments_on_the_sheet_come_back(way: Way, book: Rulebook, good: bytes) -> None:
    content = filling.edited(good, put(C6="Delvis"))
    (returned,) = way.take_in({"farsta.xlsx": content}, book)
    told = judged(way, book, {"farsta.xlsx": content})
    back = answer.of_return(content, told, returned)
    workbook = opened(back)
    assert "Frågan besvaras med Ja eller Nej" in str(workbook["Frågor"]["C6"].comment)
    assert workbook["Frågor"].protection.sheet
    assert read(back).kind == "skipped", "it is known when it comes in again"


def test_questions_change_no_money(way: Way, book: Rulebook, good: bytes) -> None:
    grant = replace(book.grant(FOUR_YEARS), questions=())
    plain = replace(book, grants=(*planted.decided().grants, grant))
    plan = plans.plan(book, [FOUR_YEARS], AS_OF, is_final=False)[0]
    without = filling.edited(good, lambda workbook: workbook.remove(workbook["Frågor"]))
    (asked,) = way.run({"farsta.xlsx": good}, book, plan)
    (unasked,) = way.run({"farsta.xlsx": without}, plain, plan)
    assert rows_in(asked, "board") == rows_in(unasked, "board")
    assert rows_in(asked, "line") == rows_in(unasked, "line")


def test_a_clean_return_goes_back_with_the_same_bytes(good: bytes) -> None:
    assert answer.of_return(good, [], read(good)) == good
