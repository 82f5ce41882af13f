"""Returns beside the accounts, from the files to what is written: what is planted is told, nothing
else in the run is changed by it, and nothing of the texts of a ledger gets further than its file.
"""

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from statsbidrag.decisions import data_folder
from statsbidrag.model.evidence import RULES
from statsbidrag.returns import intake
from tests import example
from tests.support.commands import ROOT, inbox, run, server
from tests.support.contents import contents

__all__ = ["inbox", "server"]
pytestmark = pytest.mark.usefixtures("server")
GRANT = example.EQUAL
FOLDER = f"{GRANT}/huvudbok"
PROJECT = "41020"
SECRET = ("Hemlig", "Konsultbolaget", "sgn.qwx", "19121212-1212", "kund77")
"""What stands in the ledger and is nobody's business."""
BOARDS = {"skarpnack": "715", "sodermalm": "712", "hasselby-vallingby": "704"}
"""Boards of the example that send workbooks, and their codes."""
TERM = f"""[villkor.sarredovisning]
projekt = ["{PROJECT}"]
antagande = "Projektnumret är påhittat"
lonekonton = {{ "Personalkostnader" = ["50"] }}
konton = {{ "Personalkostnader" = ["5"] }}
grans_kronor = 100

[villkor.ranta]"""


@dataclass(frozen=True)
class Row:
    """A row of the made-up ledger."""

    voucher: str
    day: date
    account: str
    code: str
    amount: Decimal
    project: str = PROJECT


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city's decisions, with how the grant is kept apart in the accounts."""
    folder = tmp_path_factory.mktemp("decided") / "data"
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("inbox"))
    path = folder / "grants" / f"{GRANT}.toml"
    path.write_text(path.read_text("utf-8").replace("[villkor.ranta]", TERM, 1), "utf-8")
    return folder


def booked(returns: Path) -> list[Row]:
    """What three boards report, as it would be booked."""
    rows = []
    for board_id, code in BOARDS.items():
        (path,) = (returns / GRANT).glob(f"*{board_id}*2023-12-31*.xlsx")
        for row in intake.read(path, path.name).costs:
            cells = {name: cell.value for name, cell in row.cells.items()}
            kind = str(cells["cost_kind"])
            account = "5020" if kind == "Personalkostnader" else "7010"
            day, amount = cells["worked_on"], cells["amount_sek"]
            assert isinstance(day, date)
            assert isinstance(amount, Decimal)
            rows.append(Row(str(cells["voucher"]), day, account, code, amount))
    return rows


def sie(rows: list[Row]) -> bytes:
    """A SIE file of type 4, in the character set of the standard, full of what is not to be read:
    also after the codes and the vouchers' numbers."""
    name, supplier, signature, number, customer = SECRET
    lines = ["#FLAGGA 0", "#FORMAT PC8", "#SIETYP 4", f'#FNAMN "{supplier}"']
    lines += ['#DIM 1 "Ansvar"', '#DIM 6 "Projekt"', f'#OBJEKT 7 "12" "{name}"']
    for row in rows:
        objects = (
            f'{{1 "{row.code}01 {name}" 6 "{row.project} {supplier}" 7 "{number}" 8 "{customer}"}}'
        )
        lines += [
            f'#VER A "{row.voucher} {name}" {row.day:%Y%m%d} "{name}" {row.day:%Y%m%d} {signature}',
            "{",
            f'  #TRANS {row.account} {objects} {row.amount:.2f} {row.day:%Y%m%d} "{name}"',
            f"  #TRANS 1930 {{}} {-row.amount:.2f}",
            "}",
        ]
    return "\r\n".join(lines).encode("cp437")


def changed(rows: list[Row]) -> list[Row]:
    """The ledger with a difference at each board: one is missing, one is another, one is more."""
    first = {
        code: next(n for n, row in enumerate(rows) if row.code == code) for code in BOARDS.values()
    }
    found = list(rows)
    gone, other = found[first["715"]], found[first["712"]]
    found[first["712"]] = Row(other.voucher, other.day, other.account, "712", other.amount - 250)
    found.remove(gone)
    found.append(Row("9901", date(2023, 5, 2), "7010", "704", Decimal("4321.50")))
    return found


@dataclass(frozen=True)
class Written:
    """What a run has written about the grant, and what it said."""

    out: Path
    place: Path
    exit_code: int

    def told(self, name: str) -> Any:
        return json.loads((self.place / name).read_text("utf-8"))


def written(returns: Path, data: Path, out: Path, *flags: str) -> Written:
    done = run(returns, out, GRANT, "--data", str(data), *flags)
    assert done.returncode in {0, 3}, done.stderr
    folder = "slutlig" if "--final" in flags else "2023-12-31"
    return Written(out, out / GRANT / folder, done.returncode)


@pytest.fixture(scope="module")
def returns(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with") / "inbox"
    shutil.copytree(inbox, folder)
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "hela.se").write_bytes(sie(changed(booked(folder))))
    return folder


@pytest.fixture(scope="module")
def quarter(returns: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(returns, data, tmp_path_factory.mktemp("quarter") / "out")


@pytest.fixture(scope="module")
def without(inbox: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The same run with no ledger."""
    return written(inbox, data, tmp_path_factory.mktemp("without") / "out")


def evidence(run: Written) -> dict[str, dict[str, Any]]:
    return {board["board"]: board for board in run.told("evidence.json")["boards"]}


def test_each_planted_difference_is_told_of_its_board_alone(quarter: Written) -> None:
    boards = evidence(quarter)
    hows = {
        board_id: Counter(
            pair["how"] for pair in boards[board_id]["pairs"] if pair["how"] != "agreed"
        )
        for board_id in BOARDS
    }
    assert hows == {
        "skarpnack": {"only_return": 1, "likely": 1},  # it has a line without a voucher, too
        "sodermalm": {"other_amount": 1},
        "hasselby-vallingby": {"only_booked": 1},
    }
    assert boards["sodermalm"]["other_amount_sek"] == "250.00"
    assert boards["hasselby-vallingby"]["only_booked_sek"] == "4321.50"
    assert boards["hasselby-vallingby"]["difference_sek"] == "-4321.50"
    assert boards["farsta"]["booked_sek"] is None, "the ledger says nothing of the board"


def test_it_adds_up_in_the_file_that_is_written(quarter: Written) -> None:
    for board in quarter.told("evidence.json")["boards"]:
        if board["booked_sek"] is None:
            assert board["pairs"] == []
            continue
        sek = {name: Decimal(value) for name, value in board.items() if name.endswith("_sek")}
        difference = sek["only_return_sek"] - sek["only_booked_sek"] + sek["other_amount_sek"]
        assert sek["reported_sek"] - sek["booked_sek"] == sek["difference_sek"] == difference
        pairs = board["pairs"]
        assert sum(Decimal(pair["reported_sek"]) for pair in pairs) == sek["reported_sek"]
        assert sum(Decimal(pair["booked_sek"]) for pair in pairs) == sek["booked_sek"]
        for pair in pairs:
            lines = sum(Decimal(line["amount_sek"]) for line in pair["lines"])
            assert lines == Decimal(pair["reported_sek"])


def test_the_accounts_change_nothing_of_what_the_agency_gets(
    quarter: Written, without: Written
) -> None:
    assert quarter.told("reconciliation.json") == without.told("reconciliation.json")
    for name in ("aterrapport.html", "aterrapport.docx", "aterrapport.pdf", "bilaga.xlsx"):
        assert (quarter.place / name).read_bytes() == (without.place / name).read_bytes(), name


def test_without_a_ledger_nothing_is_said_of_one(without: Written) -> None:
    assert not (without.place / "avstamning.html").exists()
    assert not RULES & {finding["rule"] for finding in without.told("findings.json")}


def test_nothing_of_the_texts_of_a_ledger_is_anywhere(quarter: Written) -> None:
    for path in quarter.out.rglob("*"):
        for text in contents(path) if path.is_file() else ():
            assert not any(secret in text for secret in SECRET), path
    with duckdb.connect(str(quarter.out / "statsbidrag.duckdb"), read_only=True) as con:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        for schema, table in tables:
            rows = str(con.execute(f'FROM "{schema}"."{table}"').fetchall())
            assert not any(secret in rows for secret in SECRET), table


def test_the_ledger_is_known_by_its_hash_and_never_copied(quarter: Written, returns: Path) -> None:
    (told,) = [
        file for file in quarter.told("manifest.json")["files"] if file["outcome"] == "evidence"
    ]
    assert told["name"] == f"{FOLDER}/hela.se"
    content = (returns / FOLDER / "hela.se").read_bytes()
    assert not any(
        path.read_bytes() == content for path in quarter.out.rglob("*") if path.is_file()
    )


def test_the_list_of_a_board_has_both_sides_of_its_difference(quarter: Written) -> None:
    book = openpyxl.load_workbook(quarter.place / "boards" / "sodermalm-avstamning.xlsx")
    header, *rows = book.active.iter_rows(values_only=True)
    assert [(row[1], row[2]) for row in rows] == [
        ("Annat belopp", "Redovisningen"),
        ("Annat belopp", "Huvudboken"),
    ]
    assert rows[0][header.index("Redovisat mer än bokfört, kr")] == 250


def test_in_the_final_report_what_lacks_support_blocks_and_holds_nobody(
    returns: Path, data: Path, tmp_path: Path
) -> None:
    final = written(returns, data, tmp_path / "out", "--final")
    blocking = {
        finding["board"]
        for finding in final.told("findings.json")
        if finding["rule"] == "saknar-stod-i-huvudboken" and finding["severity"] == "blocking"
    }
    assert blocking == {"skarpnack", "sodermalm"}
    boards = {board["board"]: board for board in final.told("reconciliation.json")["boards"]}
    assert boards["skarpnack"]["return_status"] == "accepted"
    assert final.exit_code == 3


def test_a_broken_ledger_blocks_itself_and_no_return(
    inbox: Path, data: Path, without: Written, tmp_path: Path
) -> None:
    shutil.copytree(inbox, tmp_path / "in")
    (tmp_path / "in" / FOLDER).mkdir(parents=True)
    whole = sie(booked(inbox))
    (tmp_path / "in" / FOLDER / "halv.se").write_bytes(whole[: len(whole) // 2])
    broken = written(tmp_path / "in", data, tmp_path / "out")
    assert broken.told("reconciliation.json") == without.told("reconciliation.json")
    told = [f for f in broken.told("findings.json") if f["file"] == f"{FOLDER}/halv.se"]
    assert [(f["rule"], f["severity"]) for f in told] == [("sie-avbruten", "blocking")]
    assert not (broken.place / "evidence.json").exists()


LAYOUT = """format = 1
namn = "Påhittat utdrag"
rubriker = ["Vernr", "Konto", "Belopp"]

[kolumner]
verifikation = "Vernr"
datum = "Bokföringsdatum"
konto = "Konto"
ansvar = "Ansvar"
projekt = "Projekt"
belopp = "Belopp"
"""


def test_a_transaction_list_says_the_same_as_a_sie_file(
    inbox: Path, data: Path, quarter: Written, tmp_path: Path
) -> None:
    shutil.copytree(inbox, tmp_path / "in")
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "data" / "huvudbok" / "utdrag.toml").write_text(LAYOUT, "utf-8")
    book = openpyxl.Workbook()
    book.active.append(["Vernr", "Bokföringsdatum", "Konto", "Text", "Ansvar", "Projekt", "Belopp"])
    for row in changed(booked(inbox)):
        cells = [f"A{row.voucher}", row.day, int(row.account), SECRET[0], f"{row.code}01"]
        book.active.append([*cells, row.project, row.amount])
    (tmp_path / "in" / FOLDER).mkdir(parents=True)
    book.save(tmp_path / "in" / FOLDER / "lista.xlsx")
    listed = written(tmp_path / "in", tmp_path / "data", tmp_path / "out")
    for board_id, board in evidence(quarter).items():
        sums = {name: value for name, value in board.items() if name.endswith("_sek")}
        assert sums.items() <= evidence(listed)[board_id].items()


def test_the_data_folder_knows_the_term(data: Path) -> None:
    (grant,) = [g for g in data_folder.load(data, [], example.AS_OF).grants if g.grant_id == GRANT]
    assert grant.separate_accounts is not None
    assert grant.separate_accounts.limit_sek == 100
    assert grant.separate_accounts.most_days == 62
    assert grant.separate_accounts.cost_accounts == ("4", "5", "6", "7")
