"""The return workbook as a board opens it. Read with openpyxl, written by XlsxWriter."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from statsbidrag.decisions import data_folder
from statsbidrag.model.boards import Assignment, Board
from statsbidrag.model.decisions import WHOLE_GRANT, Grant
from statsbidrag.model.returns import HEADER_FIELDS, TABLES, TEMPLATE_VERSIONS, Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import intake, return_template
from tests import example, example_fund
from tests.support import filling, four_years, planted

AS_OF = date(2024, 1, 20)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return data_folder.load(Path(__file__).parents[2] / "data", [], AS_OF)


def made(book: Rulebook, grant_id: str, board_id: str, period_end: date) -> bytes:
    grant, board = book.grant(grant_id), book.board(board_id)
    return return_template.template(
        book.organisation, grant, board, filling.assigned(grant, board_id, AS_OF), period_end, AS_OF
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def template(book: Rulebook) -> bytes:
    return made(book, example.EQUAL, "jarva", date(2023, 12, 31))


@pytest.fixture(
    params=[(example.EQUAL, "jarva"), (example.CRIME, "farsta"), (example.AREAS_2021, "skarholmen")]
)
def every(request: pytest.FixtureRequest, book: Rulebook) -> tuple[Grant, Workbook]:
    grant_id, board_id = request.param
    grant = book.grant(grant_id)
    return grant, opened(made(book, grant_id, board_id, grant.spend_to_on))


# -- the template ----------------------------------------------------------------------------------


def test_every_header_field_is_one_named_cell_that_is_not_merged(template: bytes) -> None:
    wb = opened(template)
    for field in HEADER_FIELDS:
        sheet, ref = filling.place(wb, field.defined_name)
        assert ":" not in ref
        assert wb[sheet].cell(wb[sheet][ref].row, wb[sheet][ref].column - 1).value == field.label
        assert not wb[sheet].merged_cells.ranges
        assert wb[sheet][ref].protection.locked is field.is_locked


def test_what_is_known_is_filled_in_and_the_rest_is_blank(template: bytes) -> None:
    wb = opened(template)
    seen = {
        name: wb[sheet][ref].value for name in _fields() for sheet, ref in [filling.place(wb, name)]
    }
    assert {name: value for name, value in seen.items() if value is not None} == {
        "bidrag": example.EQUAL,
        "namnd": "jarva",
        "period_tom": datetime(2023, 12, 31),  # noqa: DTZ001
        "version": 1,
        "mallversion": TEMPLATE_VERSIONS[-1],
        "tilldelat": 1978155,
    }


def test_components_are_added_up_and_a_predecessor_has_nothing(book: Rulebook) -> None:
    parts = opened(made(book, example.AREAS_2021, "rinkeby-kista", date(2021, 12, 31)))
    assert _value(parts, "tilldelat") == 6954200
    grant, day = book.grant(example.EQUAL), date(2023, 6, 30)
    assigned = book.assignment("spanga-tensta", grant, AS_OF, day)
    assert assigned
    none = opened(
        return_template.template(
            book.organisation, grant, book.board("spanga-tensta"), assigned, day, AS_OF
        )
    )
    assert _value(none, "tilldelat") == 0
    assert "räknas samman med redovisningen från Järva" in str(_beside(none, "tilldelat"))


def test_a_unit_is_told_what_of_its_money_was_decided_for_others_and_they_whom_they_count_with(
    book: Rulebook,
) -> None:
    grant, day = book.grant(example.EQUAL), date(2023, 12, 31)
    whole = Assignment({WHOLE_GRANT: Decimal(500)}, {"Spånga-Tensta": Decimal(500)})
    own = Assignment({WHOLE_GRANT: Decimal(500)}, counted_with="Järva")
    heir = opened(
        return_template.template(book.organisation, grant, book.board("jarva"), whole, day, AS_OF)
    )
    before = opened(
        return_template.template(
            book.organisation, grant, book.board("spanga-tensta"), own, day, AS_OF
        )
    )
    assert "Av det är 500\u00a0kr beslutat för Spånga-Tensta." in str(_beside(heir, "tilldelat"))
    assert _value(before, "tilldelat") == 500
    assert "räknas samman med redovisningen från Järva" in str(_beside(before, "tilldelat"))


def test_tables_have_the_columns_of_the_declaration_and_empty_rows_with_nothing_below(
    template: bytes,
) -> None:
    wb = opened(template)
    for name, columns in TABLES.items():
        sheet: Any = wb[name]
        table = sheet.tables[name]
        left, top, right, bottom = range_boundaries(table.ref)
        assert [sheet.cell(top, c).value for c in range(left, right + 1)] == [
            c.header for c in columns
        ]
        assert table.totalsRowCount in {None, 0}
        assert table.autoFilter is not None
        assert bottom - top >= 200
        assert sheet.max_row == top
        assert sheet.freeze_panes == f"B{top + 1}"


def test_drop_downs_list_exactly_what_the_grant_pays_for(every: tuple[Grant, Workbook]) -> None:
    grant, wb = every
    for name in TABLES:
        lists = _drop_downs(wb, name)
        assert lists["Område"] == grant.areas
        assert lists.get("Kostnadsslag", grant.cost_kinds) == grant.cost_kinds
        assert lists.get("Målområde", ()) == (grant.target_areas if name == "Insatser" else ())
    assert "Kostnadsslag" in _drop_downs(wb, "Kostnader")
    answers = [v for v in wb["Redovisning"].data_validations.dataValidation if v.type == "list"]
    assert [_listed(wb, v) for v in answers] == [("Ja", "Nej")] * 2
    assert wb["Listor"].sheet_state == "veryHidden"


def test_an_unused_column_says_so(book: Rulebook) -> None:
    wb = opened(made(book, example.AREAS_2021, "skarholmen", date(2021, 12, 31)))
    (prompt,) = [
        v.prompt
        for v in wb["Insatser"].data_validations.dataValidation
        if v.promptTitle == "Målområde"
    ]
    assert "Används inte" in prompt


def test_what_can_be_typed_is_checked(template: bytes) -> None:
    wb = opened(template)
    rules = {
        v.promptTitle: v for v in wb["Kostnader"].data_validations.dataValidation if v.promptTitle
    }
    assert (rules["Datum"].type, rules["Datum"].errorStyle, rules["Datum"].operator) == (
        "date",
        "warning",
        None,
    )
    assert [int(rules["Datum"].formula1), int(rules["Datum"].formula2)] == [44927, 45291]
    assert "ROUND(H6,2)=H6" in rules["Belopp"].formula1
    counted = {v.promptTitle: v for v in wb["Insatser"].data_validations.dataValidation}[
        "Antal män"
    ]
    assert (counted.type, counted.operator, counted.formula1) == (
        "whole",
        "greaterThanOrEqual",
        "0",
    )


def test_words_are_protected_and_tables_can_grow(template: bytes) -> None:
    wb = opened(template)
    locked = {
        ws.title: ws.protection.sheet and ws.protection.password is None for ws in wb.worksheets
    }
    assert locked == {
        **dict.fromkeys(("Anvisning", "Redovisning", "Villkor", "Listor"), True),
        **dict.fromkeys(("Kostnader", "Insatser"), False),
    }


def test_it_prints_on_a4(template: bytes) -> None:
    for ws in opened(template).worksheets[:-1]:
        assert (ws.page_setup.paperSize, ws.page_setup.orientation, ws.page_setup.fitToWidth) == (
            9,
            "landscape",
            1,
        ) or (ws.page_setup.fitToWidth is None)
        assert "&P (&N)" in ws.oddFooter.right.text
        assert ws.oddFooter.left.text.endswith("Jämlik tillgång 2023 · Järva")


def test_the_guide_says_what_counts_and_repeats_no_label_of_the_form(
    every: tuple[Grant, Workbook],
) -> None:
    grant, wb = every
    guide = [str(c.value) for row in wb["Anvisning"].iter_rows() for c in row if c.value]
    told = "\n".join(guide)
    for words in (
        *grant.areas,
        *grant.cost_kinds,
        *grant.not_for,
        *grant.repayment_grounds,
        "inga personuppgifter",
    ):
        assert words in told
    assert not {field.label for field in HEADER_FIELDS} & set(
        guide
    )  # intake finds a field by its label


def test_same_template_same_bytes(book: Rulebook, template: bytes) -> None:
    assert made(book, example.EQUAL, "jarva", date(2023, 12, 31)) == template


def test_text_of_a_grant_that_looks_like_a_formula_stays_text(book: Rulebook) -> None:
    board = Board("x", "=1+1", None, None, None, None, ())
    grant = _grant("=2+2", "https://example.org")
    wb = opened(
        return_template.template(
            book.organisation,
            grant,
            board,
            Assignment({WHOLE_GRANT: Decimal(1)}),
            date(2023, 3, 31),
            AS_OF,
        )
    )
    assert [wb["Listor"][ref].data_type for ref in ("A2", "A3")] == ["s", "s"]
    assert wb["Redovisning"]["D6"].data_type == "s"


# -- filled in -------------------------------------------------------------------------------------


def test_a_filled_template_is_read_as_it_was_written(template: bytes, tmp_path: Path) -> None:
    costs = [
        {
            "Insats": "Kurs",
            "Område": "Universellt stöd",
            "Kostnadsslag": "Resor",
            "Datum": date(2023, 5, 2),
            "Belopp": b,
        }
        for b in (Decimal("1250.50"), Decimal("-50"), *[Decimal("0.01")] * 400)
    ]
    activity = {"Insats": "Kurs", "Antal kvinnor": 3, "Resultat": "=Bra"}
    header = {
        "prognos": Decimal("1978155"),
        "annan_finansiering": "Nej",
        "intygas_den": date(2024, 1, 8),
    }
    path = tmp_path / "jarva.xlsx"
    path.write_bytes(filling.fill(template, header=header, costs=costs, activities=[activity]))
    seen = intake.read(path, "jarva.xlsx")
    assert not seen.problems
    assert [row.cells["amount_sek"].value for row in seen.costs] == [
        line["Belopp"] for line in costs
    ]
    assert seen.costs[0].cells["amount_sek"].ref == filling.at("Belopp", 0)
    assert seen.value("stated_total_sek") == Decimal("1204.50")
    assert seen.value("attested_on") == date(2024, 1, 8)
    assert seen.activities[0].cells["women_count"].value == 3
    formats = [
        [c.number_format for c in ws[row][:9]]
        for ws, row in ((opened(path.read_bytes())[n], 6) for n in TABLES)
    ]
    assert formats[0][6:8] == ["yyyy-mm-dd", "#,##0.00"]
    assert formats[1][5:6] == ["0"]


def test_csv_returns_are_read_as_they_were_written(tmp_path: Path) -> None:
    header = {
        "bidrag": example.EQUAL,
        "namnd": "farsta",
        "period_tom": date(2023, 12, 31),
        "version": 1,
    }
    line = {"Insats": 'a "b"; c', "Datum": date(2023, 5, 2), "Belopp": Decimal("1250.50")}
    for delimiter, encoding in ((";", "utf-8"), (",", "utf-8-sig")):
        path = tmp_path / "farsta.csv"
        path.write_bytes(
            filling.csv_return(header=header, costs=[line], delimiter=delimiter, encoding=encoding)
        )
        seen = intake.read(path, "farsta.csv")
        assert seen.costs[0].cells["amount_sek"].value == Decimal("1250.50")
        assert seen.costs[0].cells["activity"].value == 'a "b"; c'
        assert seen.value("period_end_on") == date(2023, 12, 31)


# -- the examples ----------------------------------------------------------------------------------


def test_the_examples_are_the_same_every_time_and_every_board_is_accounted_for(
    book: Rulebook,
) -> None:
    for grant_id, place in ((example.EQUAL, -1), (example.EQUAL, 9), (example.AREAS_2021, 1)):
        sending = example.SENDINGS[grant_id][place]
        made_once, made_again = (example.file(book, grant_id, sending) for _ in range(2))
        assert made_once == made_again
    silent: dict[str, set[str]] = {}
    for (grant_id, board_id), words in example.PLANTED.items():
        if "nothing" in words:
            silent.setdefault(grant_id, set()).add(board_id)
    for grant_id, sendings in example.SENDINGS.items():
        allocated = {board for board, _ in book.grant(grant_id).allocations_on(example.AS_OF)}
        senders = {sending.board_id for sending in sendings}
        assert allocated - senders == silent.get(grant_id, set())
    of_fund = {sending.board_id for sending in example_fund.SENDINGS}
    outer_city = {*four_years.BOARDS.values(), "hagersten-alvsjo"}
    assert outer_city - of_fund == silent[example.FUND]


def test_the_examples_of_the_fund_are_the_same_every_time(book: Rulebook) -> None:
    grant = book.grant(example.FUND)
    made_once, made_again = (example_fund.files(book, grant) for _ in range(2))
    assert made_once == made_again
    assert len(made_once) == len(example_fund.SENDINGS)


def test_the_examples_are_written_only_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(Path(__file__).parents[2] / "data")
    monkeypatch.setattr("sys.argv", ["example", "--out", str(tmp_path), "--data", data])
    monkeypatch.setattr(example, "files", lambda *_: {"a/b.xlsx": b"1"})
    example.main()
    before = (tmp_path / "a/b.xlsx").stat().st_mtime_ns
    example.main()
    assert (tmp_path / "a/b.xlsx").stat().st_mtime_ns == before


# -- helpers ---------------------------------------------------------------------------------------


def _fields() -> list[str]:
    return [field.defined_name for field in HEADER_FIELDS]


def _value(wb: Workbook, name: str) -> object:
    sheet, ref = filling.place(wb, name)
    return wb[sheet][ref].value


def _beside(wb: Workbook, name: str) -> object:
    sheet, ref = filling.place(wb, name)
    return wb[sheet].cell(wb[sheet][ref].row, wb[sheet][ref].column + 1).value


def _drop_downs(wb: Workbook, table: str) -> dict[str, tuple[str, ...]]:
    """Header -> what its drop-down lists, for the whole column."""
    sheet: Any = wb[table]
    _, top, _, bottom = range_boundaries(sheet.tables[table].ref)
    found = {}
    for validation in sheet.data_validations.dataValidation:
        if validation.type == "list":
            ((column, first, _, last),) = [r.bounds for r in validation.sqref.ranges]
            assert (first, last) == (top + 1, bottom)
            found[sheet.cell(top, column).value] = _listed(wb, validation)
    return found


def _listed(wb: Workbook, validation: Any) -> tuple[str, ...]:
    sheet, ref = filling.place(wb, validation.formula1)
    return tuple(c.value for row in wb[sheet][ref] for c in row)


def _grant(*areas: str) -> Grant:
    real = data_folder.load(Path(__file__).parents[2] / "data", [], AS_OF).grant(example.EQUAL)
    return replace(real, areas=areas, components=(replace(real.components[0], areas=areas),))


# -- a workbook that holds what the board sent last ------------------------------------------------


def filled_in(book: Rulebook, period_end: date, before: Return) -> bytes:
    grant, board = book.grant(example.EQUAL), book.board(planted.BOARD)
    assigned = filling.assigned(grant, planted.BOARD, AS_OF)
    return return_template.template(
        book.organisation, grant, board, assigned, period_end, AS_OF, before=before
    )


def rows(returned: Return) -> list[tuple[str, object, str]]:
    """What stands in the rows of a return."""
    cells = [row.cells for row in (*returned.costs, *returned.activities)]
    return [(name, c.value, c.raw) for row in cells for name, c in row.items() if c.raw]


def read(content: bytes) -> Return:
    return intake.read(content, "redovisning.xlsx")


def test_the_next_workbook_holds_the_rows_that_were_sent_last(book: Rulebook) -> None:
    before = read(planted.good())
    for period_end, version in ((date(2023, 12, 31), 2), (date(2024, 3, 31), 1)):
        again = read(filled_in(book, period_end, before))
        assert rows(again) == rows(before)
        assert again.value("version") == version
        assert again.value("contact") == before.value("contact")
        for name in ("stated_total_sek", "forecast_sek", "attested_by", "replaces_existing"):
            assert again.value(name) is None, "only the board can say it"


def test_there_are_as_many_empty_rows_below_them(book: Rulebook) -> None:
    before = read(planted.good())
    sheet = opened(filled_in(book, date(2023, 12, 31), before))["Kostnader"]
    _, top, _, bottom = range_boundaries(sheet.tables["Kostnader"].ref)
    assert bottom - top == 300 + len(before.costs)


def test_what_could_not_be_read_stands_there_as_it_did(book: Rulebook) -> None:
    before = read(planted.line(1, Belopp="tolv kronor", Datum="i våras")())
    again = read(filled_in(book, date(2023, 12, 31), before))
    assert rows(again) == rows(before)


def test_a_personal_number_that_was_sent_does_not_come_back(book: Rulebook) -> None:
    before = read(planted.line(1, Kommentar="Möte med 19121212-1212")())
    content = filled_in(book, date(2023, 12, 31), before)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"1212-1212" in archive.read(name) for name in archive.namelist())


@pytest.mark.long
@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not installed")
def test_the_workbook_says_whether_it_can_be_sent(book: Rulebook) -> None:
    """The cell is reckoned by the program that the board opens it in."""
    grant = example.EQUAL
    header: dict[str, object] = {**planted.HEADER, "summa_kostnader": planted.TOTAL}
    empty = made(book, grant, "jarva", date(2023, 12, 31))
    quarter = made(book, grant, "jarva", date(2023, 9, 30))
    contents = {
        "Klar att skicka": planted.good(),
        "Saknas: summan stämmer inte": planted.filled(header={**header, "summa_kostnader": 1}),
        "Saknas: röda celler i Kostnader": planted.line(1, Kostnadsslag="Lyx")(),
        "Saknas: den som intygar": planted.fields(intygas_av=None)(),
        "Saknas: summa kostnader, svar om befintlig verksamhet, svar om annan finansiering, den som "
        "intygar, befattning, dagen för intygandet": empty,
        "Saknas: summa kostnader, prognos, svar om befintlig verksamhet, svar om annan "
        "finansiering": quarter,
    }
    saved = filling.saved_by_libreoffice([*contents.values()])
    for words, content in zip(contents, saved, strict=True):
        sheet = load_workbook(io.BytesIO(content), data_only=True)["Redovisning"]
        assert (sheet["D1"].value or sheet["C1"].value) == words
        ready = "Inte klar att skicka" if "Saknas" in words else "Klar att skicka"
        assert sheet["C1"].value == ready
