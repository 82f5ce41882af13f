"""What may not matter to the money does not move it; what must matter moves its own chain and
nothing else.

The example's own files go the whole way from bytes to `reconciliation.json`, again and again: in
another order, under other names, saved by other programs, with an öre more.
"""

import io
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from statsbidrag.decisions import data_folder, plans
from statsbidrag.documents import record
from statsbidrag.model import fingerprints
from statsbidrag.model.case import Move
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from statsbidrag.returns import placing
from tests import example
from tests.support import filling
from tests.support.filling import csv_return, place
from tests.support.planted import DATA
from tests.support.rows import rows_in
from tests.support.way import Way, change

pytestmark = pytest.mark.long

D = Decimal
EQUAL, AREAS = example.EQUAL, example.AREAS_2021
Files = Mapping[str, bytes]
Json = dict[str, Any]


# -- the way, and what comes out of it -------------------------------------------------------------


@dataclass
class Office:
    """Takes files the whole way, reading the same bytes under the same name only once."""

    way: Way
    book: Rulebook
    read: dict[tuple[str, bytes], Return] = field(default_factory=dict)

    def results(
        self,
        files: Files,
        *,
        book: Rulebook | None = None,
        as_of: date = example.AS_OF,
        is_final: bool = False,
        grants: Sequence[str] = (EQUAL, AREAS),
    ) -> dict[str, GrantResult]:
        """The result of each grant, all the files in one run."""
        book = book or self.book
        fresh = {
            name: content for name, content in files.items() if (name, content) not in self.read
        }
        for name, returned in zip(fresh, self.way.take_in(fresh, book), strict=True):
            self.read[name, fresh[name]] = returned
        returns = [placing.identify(self.read[file], book) for file in sorted(files.items())]
        plan, _ = plans.plan(book, grants, as_of, is_final=is_final)
        results = self.way.settle(returns, self.way.judge(returns, book, plan), book, plan)
        return {result.grant.grant_id: result for result in results}


@pytest.fixture(scope="module")
def office(way: Way) -> Office:
    return Office(way, data_folder.load(DATA, [], example.AS_OF))


@pytest.fixture(scope="module")
def files(office: Office) -> Files:
    """The example's files of two grants: the one with most kinds of returns, and the one with
    components."""
    return {
        name: content
        for name, content in example.files(office.book).items()
        if name.startswith((f"{EQUAL}/", f"{AREAS}/"))
    }


@pytest.fixture(scope="module")
def before(office: Office, files: Files) -> dict[str, GrantResult]:
    return office.results(files)


def told(result: GrantResult) -> Json:
    return record.reconciliation(result)


def moves(before: GrantResult, after: GrantResult) -> list[Move]:
    return list(fingerprints.moved(fingerprints.flat(told(before)), fingerprints.flat(told(after))))


def placeless(value: Any, but: str = "$") -> Any:
    """A reconciliation without where things stand and in which order, and without the figures that
    match `but`."""
    if isinstance(value, dict):
        gone = {"file", "files", "sheet", "row"}
        return {
            k: placeless(v, but)
            for k, v in value.items()
            if k not in gone and not re.fullmatch(but, k)
        }
    if isinstance(value, list):
        return sorted(
            (placeless(row, but) for row in value), key=lambda row: json.dumps(row, sort_keys=True)
        )
    return value


def remarks(result: GrantResult) -> list[tuple[str, ...]]:
    """The findings without where they stand."""
    return sorted((f.rule, str(f.severity), f.board or "") for f in result.findings)


def must_be_the_same(
    before: Mapping[str, GrantResult],
    after: Mapping[str, GrantResult],
    *,
    with_remarks: bool = True,
) -> None:
    for grant_id, result in before.items():
        assert moves(result, after[grant_id]) == []
        assert placeless(told(after[grant_id])) == placeless(told(result))
        if with_remarks:
            assert remarks(after[grant_id]) == remarks(result)


# -- workbooks, changed as people and programs do --------------------------------------------------


def changed(files: Files, change: Callable[[Workbook, random.Random], object]) -> Files:
    """Every workbook with something done to it; other files as they are."""

    def make(name: str, content: bytes) -> bytes:
        if not name.endswith(".xlsx"):
            return content
        return filling.edited(content, lambda book: change(book, random.Random(name)))

    return {name: make(name, content) for name, content in files.items()}


def rows(sheet: Worksheet) -> Iterator[list[Any]]:
    """The values of a table's rows, those that are blank left out."""
    for row in sheet.iter_rows(min_row=6, max_col=9, values_only=True):
        if any(value is not None for value in row):
            yield list(row)


def put(sheet: Any, values: Sequence[Sequence[Any]]) -> None:
    """Other rows in a table, from its first one."""
    for number, row in enumerate(values, start=6):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            cell._style = copy(sheet.cell(6, column)._style)


def turn_rows(book: Workbook, chance: random.Random) -> None:
    for name in ("Kostnader", "Insatser"):
        put(book[name], chance.sample(found := list(rows(book[name])), len(found)))


def turn_columns(book: Workbook, chance: random.Random) -> None:
    for name in ("Kostnader", "Insatser"):
        sheet: Any = book[name]
        order = chance.sample(range(9), 9)
        for row in sheet.iter_rows(min_row=5, max_row=6 + len(list(rows(sheet))), max_col=9):
            cells = [(cell.value, copy(cell._style)) for cell in row]
            for cell, at in zip(row, order, strict=True):
                cell.value, cell._style = cells[at]
        for column, cell in zip(sheet.tables[name].tableColumns, sheet[5], strict=False):
            column.name = cell.value


def turn_sheets(book: Workbook, chance: random.Random) -> None:
    """In another order and under other titles, which the defined names follow, as in Excel."""
    sheets: Any = book
    chance.shuffle(sheets._sheets)
    for sheet in book.worksheets:
        if sheet.title in {"Redovisning", "Kostnader", "Insatser"}:
            old, sheet.title = sheet.title, f"Blad {sheet.title[::-1]}"
            for name in book.defined_names.values():
                name.attr_text = re.sub(rf"(?<![\w']){old}!", f"'{sheet.title}'!", name.attr_text)


def halve(book: Workbook, chance: random.Random) -> None:
    """Each line as two, with the öre that don't divide on the second; what is no number stays
    whole."""
    split = []
    for *first, amount, comment in rows(book["Kostnader"]):
        if isinstance(amount, int | float):
            part = (D(str(amount)) * chance.choice((-40, 0, 33, 140)) / 100).quantize(D("0.01"))
            split += [[*first, part, comment], [*first, D(str(amount)) - part, comment]]
        else:
            split.append([*first, amount, comment])
    put(book["Kostnader"], split)


def respell(book: Workbook, chance: random.Random) -> None:
    """Every text as another keyboard writes it: å as a and a ring, fixed and thin and double
    spaces, blanks about."""
    blanks = (" ", "\u00a0", "\u2009", "\u202f", "  ", "\t")
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=1 if sheet.title == "Redovisning" else 6):
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "s":
                    text = unicodedata.normalize("NFD", cell.value)
                    cell.value = f" {re.sub(' ', lambda _: chance.choice(blanks), text)}\u00a0"


def write_amounts(book: Workbook, chance: random.Random) -> None:
    """Amounts and days as text: with fixed, thin and no spaces, with and without kr."""
    sheet = book["Kostnader"]
    for row in sheet.iter_rows(min_row=6, max_col=9):
        for cell in row:
            if isinstance(cell.value, datetime):
                cell.value = cell.value.date().isoformat()
            elif isinstance(cell.value, int | float):
                whole, _, decimals = f"{D(str(cell.value)):,.2f}".partition(".")
                blank, unit = (
                    chance.choice(("\u00a0", "\u2009")),
                    chance.choice(("", " kr", "\u202fkr", ":-")),
                )
                cell.value = f"{whole.replace(',', blank)},{decimals}{unit}"


# -- what may not matter ---------------------------------------------------------------------------


def turn_all(book: Workbook, chance: random.Random) -> None:
    for turn in (turn_rows, turn_columns, turn_sheets):
        turn(book, chance)


@pytest.mark.parametrize("change", [turn_all, respell], ids=lambda change: change.__name__)
def test_how_a_workbook_is_arranged_does_not_matter(
    change: Callable[[Workbook, random.Random], None],
    office: Office,
    files: Files,
    before: dict[str, GrantResult],
) -> None:
    """Saved again by openpyxl, too: rows, columns and sheets in another order; texts with other
    characters."""
    other = changed(files, change)
    assert sum(other[name] != content for name, content in files.items()) == len(files) - 1
    must_be_the_same(before, office.results(other))


def test_a_row_split_in_two_does_not_matter(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    after = office.results(changed(files, halve))
    for grant_id, result in before.items():
        assert moves(result, after[grant_id]) == []
        counts = ".*line_count|finding_count"
        assert placeless(told(after[grant_id]), counts) == placeless(told(result), counts)
        assert {rule for rule, *_ in remarks(after[grant_id])} == {
            rule for rule, *_ in remarks(result)
        }
        assert len(rows_in(after[grant_id], "line")) > 1.8 * len(rows_in(result, "line"))


def test_amounts_and_days_written_as_text_are_the_same_amounts(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    """The boards are asked to write numbers, and that is all."""
    after = office.results(changed(files, write_amounts))
    for grant_id, result in before.items():
        assert {move.figure for move in moves(result, after[grant_id])} <= {"return_status"}
        remarked = "return_status|finding_count"
        assert placeless(told(after[grant_id]), remarked) == placeless(told(result), remarked)
        fresh = {rule for rule, *_ in set(remarks(after[grant_id])) - set(remarks(result))}
        assert fresh == {"belopp-text", "datum-text"}


def test_names_and_folders_of_files_do_not_matter(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    """Also when the order of the names is turned about, and å is an a and a ring."""
    names = sorted(files, reverse=True)
    other = {
        unicodedata.normalize(
            "NFD",
            f"{'åäö'[n % 3]}/{n % 4}/{n:02} Redovisning, nämnd (kopia){Path(name).suffix.upper()}",
        ): (files[name])
        for n, name in enumerate(names)
    }
    must_be_the_same(before, office.results(other))


@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not on this machine")
def test_a_workbook_saved_again_by_libreoffice_is_the_same(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    books = [name for name in files if name.endswith(".xlsx")]
    saved = filling.saved_by_libreoffice([files[name] for name in books])
    must_be_the_same(before, office.results({**files, **dict(zip(books, saved, strict=True))}))


def test_a_csv_with_the_same_lines_has_the_same_money(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    """A CSV has no place for the forecast and the activities; all else is the same, to the öre."""

    def as_csv(name: str, delimiter: str) -> bytes:
        returned = office.read[name, files[name]]
        sheet = load_workbook(io.BytesIO(files[name]))["Kostnader"]
        heads = [str(cell.value) for cell in sheet[5]]
        days = [[v.date() if isinstance(v, datetime) else v for v in row] for row in rows(sheet)]
        header = {"bidrag": returned.grant_id, "namnd": returned.sender_id}
        header |= {
            "period_tom": returned.value("period_end_on"),
            "version": returned.value("version"),
        }
        return csv_return(
            header=header,
            costs=[dict(zip(heads, row, strict=True)) for row in days],
            delimiter=delimiter,
        )

    books = [name for name in files if name.endswith(".xlsx")]
    lists = {
        f"{Path(name).with_suffix('.csv')}": as_csv(name, ",;"[n % 2])
        for n, name in enumerate(books)
    }
    after = office.results({**{name: files[name] for name in files.keys() - set(books)}, **lists})
    for grant_id, result in before.items():
        ahead = {"forecast_sek", "projected_unspent_sek", "flag", "return_status"}
        assert {move.figure for move in moves(result, after[grant_id])} <= ahead
        lost = "activities|gender|redistribution|areas|since|.*_count|return_status|flag|.*forecast.*|projected.*"
        assert placeless(told(after[grant_id]), lost) == placeless(told(result), lost)
        spent = [
            {r["area"]: r["eligible_sek"] for r in told(r)["areas"]}
            for r in (result, after[grant_id])
        ]
        assert spent[0] == spent[1]


def test_the_same_file_twice_counts_once_and_is_told(
    office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    twice = {**files, **{f"kopior/{name}": content for name, content in files.items()}}
    after = office.results(twice)
    must_be_the_same(before, after)
    for grant_id, result in after.items():
        once, now = (
            {f["name"]: f["outcome"] for f in rows_in(r, "manifest")}
            for r in (before[grant_id], result)
        )
        for name in (name for name in files if name.startswith(f"{grant_id}/")):
            assert [now[f"kopior/{name}"], now[name]] == [once[name], "duplicate"], (
                "the first by name is the one"
            )


def in_the_form(content: bytes, change: Callable[[Workbook], object], **fields: object) -> bytes:
    """A workbook with a change, and with other values in the single cells of its form."""

    def both(book: Workbook) -> None:
        change(book)
        for name, value in fields.items():
            sheet, ref = place(book, name)
            book[sheet][ref].value = value

    return filling.edited(content, both)


def test_a_higher_version_stands_alone(office: Office, files: Files) -> None:
    """What it replaces moves nothing, whatever its name and wherever it sorts."""
    (name,) = (name for name in files if name.startswith(f"{EQUAL}/") and "sodermalm" in name)

    def smaller(book: Workbook) -> None:
        book["Kostnader"]["H6"].value = 1000

    old = D(str(load_workbook(io.BytesIO(files[name]))["Kostnader"]["H6"].value))
    stated = office.read[name, files[name]].value("stated_total_sek")
    assert isinstance(stated, Decimal)
    ninth = in_the_form(files[name], smaller, version=9, summa_kostnader=stated - old + 1000)
    eighth = in_the_form(files[name], lambda _: None, version=8)
    alone = office.results(
        {other: c for other, c in files.items() if other != name} | {"m.xlsx": ninth}
    )
    beside = office.results({**files, "a.xlsx": eighth, "m.xlsx": ninth, "z.xlsx": eighth})
    must_be_the_same(alone, beside)
    assert moves(office.results(files)[EQUAL], alone[EQUAL]) != []


# -- what must matter, and only there --------------------------------------------------------------


@dataclass(frozen=True)
class Chain:
    """A line of the example to which something is added, and the figures that then move: by it, or
    by its opposite."""

    grant_id: str
    sender: str
    component: str
    is_eligible: bool
    board: Mapping[str, int]
    part: Mapping[str, int]
    city: Mapping[str, int]


LEFT = {"remaining_sek": -1, "projected_unspent_sek": -1}
"""What is left, and on the grant's last day as much of it is expected to be."""
LESS = LEFT | {"liability_sek": -1, "not_used_sek": -1}
BASES = {"boards_sek": -1, "namnd_basis_sek": -1, "kommun_basis_sek": -1}
PAID = {"reported_sek": 1, "eligible_sek": 1}
CHAINS = {
    "within the allocation": Chain(
        EQUAL, "skarpnack", "alla", True, PAID | LESS, PAID | {"liability_sek": -1}, BASES
    ),
    "beyond the allocation": Chain(
        *(EQUAL, "sodermalm", "alla", True),
        PAID | {"remaining_sek": -1, "overspent_sek": 1},
        PAID,
        {"kommun_basis_sek": -1, "set_off_sek": 1},
    ),
    "not eligible": Chain(
        *(EQUAL, "hagersten-alvsjo", "alla", False),
        {"reported_sek": 1, "ineligible_sek": 1, "wrong_purpose_sek": 1, "not_used_sek": -1},
        {"reported_sek": 1, "ineligible_sek": 1},
        {},
    ),
    "in one component": Chain(
        AREAS,
        "spanga-tensta",
        "fordelningsmodell",
        True,
        PAID | LESS,
        PAID | {"liability_sek": -1},
        BASES,
    ),
    "beyond one component": Chain(
        *(AREAS, "spanga-tensta", "skolsociala-team", True),
        PAID | LEFT,
        PAID,
        {"kommun_basis_sek": -1, "set_off_sek": 1},
    ),
    "of a predecessor": Chain(
        EQUAL, "spanga-tensta", "alla", True, PAID | LESS, PAID | {"liability_sek": -1}, BASES
    ),
    "of a board that is held": Chain(EQUAL, "skarholmen", "alla", True, {}, {}, {}),
}


@pytest.mark.parametrize("added", [D(1), D("0.01"), D("-0.01")], ids=["krona", "ore", "minus"])
def test_an_amount_moves_its_own_chain_only(
    added: Decimal, office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    """Each chain in a run of its own: the board, its component, the city and what it repays, by
    exactly as much."""
    chains = CHAINS.values() if added == D("0.01") else [CHAINS["within the allocation"]]
    for chain in chains:
        name, content = with_more(chain, added, office, files, before[chain.grant_id])
        after = office.results({**files, name: content})
        was = before[chain.grant_id]
        board = office.book.counts_under(chain.sender, was.grant, example.AS_OF, was.period_end)
        wanted: dict[tuple[str | None, ...], Decimal] = {}
        for owner, figures in (
            ((board, None), chain.board),
            ((board, chain.component), chain.part),
            ((None,) * 2, chain.city),
        ):
            wanted |= {(*owner, figure): sign * added for figure, sign in figures.items()}
        if added == 1:
            wanted[board, None, "forecast_sek"] = added
        city = told(before[chain.grant_id])["liability"]
        basis = f"{city['basis']}_basis_sek"
        filed = D(city[basis]) + chain.city.get(basis, 0) * added
        repaid = filed.quantize(D(1), ROUND_HALF_UP) - D(city["to_repay_sek"])
        wanted |= {(None, None, "to_repay_sek"): repaid} if repaid else {}
        found = {
            (move.board_id, move.component_id, move.figure): D(move.after or 0)
            - D(move.before or 0)
            for move in moves(before[chain.grant_id], after[chain.grant_id])
            if move.figure != "used_share"
        }
        assert found == wanted
        assert remarks(after[chain.grant_id]) == remarks(before[chain.grant_id])
        assert rest(told(after[chain.grant_id]), board) == rest(told(before[chain.grant_id]), board)
        (other,) = before.keys() - {chain.grant_id}
        assert told(after[other]) == told(before[other])


def with_more(
    chain: Chain, added: Decimal, office: Office, files: Files, before: GrantResult
) -> tuple[str, bytes]:
    """The sender's file with more on one line of the kind, and on its own total."""
    name = max(
        name for name in files if name.startswith(f"{chain.grant_id}/redovisning_{chain.sender}_")
    )
    lines = [
        line
        for line in rows_in(before, "line")
        if (line["file"], line["component_id"], line["is_eligible"])
        == (name, chain.component, chain.is_eligible)
    ]
    ref = lines[-1]["cell"] if lines else "H6"
    stated = office.read[name, files[name]].value("stated_total_sek")
    assert isinstance(stated, Decimal)

    def more(book: Workbook) -> None:
        cell: Any = book["Kostnader"][ref]
        cell.value = D(str(cell.value)) + added

    forecast = office.read[name, files[name]].value("forecast_sek")
    assert isinstance(forecast, Decimal)
    raised = (
        {"prognos": forecast + added} if added == 1 else {}
    )  # or it would be below what is spent
    return name, in_the_form(files[name], more, summa_kostnader=stated + added, **raised)


def rest(told: Json, board: str | None) -> Json:
    """All that a reconciliation says of other boards than one, and of no money."""
    return {
        table: [row for row in told[table] if row["board"] not in {board, None}]
        for table in ("boards", "ineligible", "activities", "decisions", "outlook", "since")
    } | {"gender": told["gender"]}


# -- more in the data, and later days --------------------------------------------------------------


def test_a_new_grant_moves_nothing_of_the_others(
    data: Path, office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    text = (data / "grants" / f"{EQUAL}.toml").read_text("utf-8")
    old = office.book.grant(EQUAL)
    for word, new in (
        (EQUAL, "mfof-2023-provet"),
        (old.name, "Provet"),
        (old.short_name, "Prov 2023"),
    ):
        assert word in text
        text = text.replace(word, new)
    (data / "grants" / "mfof-2023-provet.toml").write_text(text, "utf-8")
    book = data_folder.load(data, [], example.AS_OF)
    assert book.broken == ()
    after = office.results(files, book=book, grants=(EQUAL, AREAS, "mfof-2023-provet"))
    must_be_the_same(before, after)
    assert {row["return_status"] for row in told(after["mfof-2023-provet"])["boards"]} == {
        "missing"
    }


def test_a_new_board_moves_nothing_of_the_others(
    data: Path, office: Office, files: Files, before: dict[str, GrantResult]
) -> None:
    """A board that is new in the city, and then also in a decision, with money of its own."""
    with (data / "boards.toml").open("a", encoding="utf-8") as boards:
        boards.write(
            '\n[[namnd]]\nid = "provnamnden"\nnamn = "Provnämnden"\nstavningar = []\nkalla = '
            '"Prov"\n'
        )
    must_be_the_same(before, office.results(files, book=data_folder.load(data, [], example.AS_OF)))

    path = data / "grants" / f"{EQUAL}.toml"
    whole = int(office.book.grant(EQUAL).total_sek)
    change(path, f"kronor = {whole}", f"kronor = {whole + 1000}")
    change(
        path,
        "summa = 8453074\n\n[beslut.fordelning]\n",
        '\n[beslut.fordelning]\n"Provnämnden" = 1000\n',
    )
    book = data_folder.load(data, [], example.AS_OF)
    assert book.broken == ()
    after = office.results(files, book=book)
    assert told(after[AREAS]) == told(before[AREAS])
    moved = moves(before[EQUAL], after[EQUAL])
    assert {move.board_id for move in moved} == {None, "provnamnden"}
    city = {
        move.figure: D(move.after or 0) - D(move.before or 0) for move in moved if not move.board_id
    }
    money = (
        "total_sek",
        "allocated_sek",
        "boards_sek",
        "namnd_basis_sek",
        "kommun_basis_sek",
        "to_repay_sek",
    )
    assert city == dict.fromkeys(money, D(1000))
    assert rest(told(after[EQUAL]), "provnamnden") == rest(told(before[EQUAL]), "provnamnden")


@pytest.mark.parametrize(
    ("first", "later", "may_move"),
    [
        (date(2024, 1, 20), date(2024, 12, 30), set[str]()),
        (date(2023, 10, 2), date(2023, 12, 30), {"flag", "return_status"}),
    ],
    ids=["after the grant", "within a quarter"],
)
def test_a_later_day_without_news_moves_only_what_depends_on_the_day(
    first: date, later: date, may_move: set[str], office: Office, files: Files
) -> None:
    """Only the flag, which asks how many days are left, and what is said of an attest by a day that
    has not come."""
    one, other = (office.results(files, as_of=day) for day in (first, later))
    for grant_id in one:
        assert {move.figure for move in moves(one[grant_id], other[grant_id])} <= may_move
        skipped = "as_of|flag|return_status|finding_count" if may_move else "as_of"
        assert placeless(told(one[grant_id]), skipped) == placeless(told(other[grant_id]), skipped)
        of_the_day = (
            {("attest-orimlig-dag", "warning", "kungsholmen")}
            if "return_status" in may_move
            else set()
        )
        assert {*remarks(one[grant_id])} - of_the_day == {*remarks(other[grant_id])}
