"""A final report on its way from draft to repaid: who may do what, what stops it, what is found
when tampered with."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from statsbidrag.base import tree
from tests import example
from tests.support.cases import GRANT, NBSP, Case
from tests.support.commands import call, digests, run

pytestmark = pytest.mark.usefixtures("server")


def change_a_cost(case: Case, board: str = "farsta", add: str = "-1") -> None:
    """A new version of a board's return in which one cost differs."""
    path = case.returns / f"redovisning_{board}_2023-12-31.xlsx"
    book = openpyxl.load_workbook(path)
    costs = book["Kostnader"]
    costs["H8"] = costs["H8"].value + float(add)
    for name, step in (("version", 1), ("summa_kostnader", float(add))):
        sheet, ref = next(iter(book.defined_names[name].destinations))
        cell = book[sheet][ref.replace("$", "")]
        cell.value = cell.value + step
    book.save(path.with_name(f"redovisning_{board}_ny.xlsx"))


# -- the states ------------------------------------------------------------------------------------


def test_from_draft_to_filed_the_report_says_where_it_stands(case: Case) -> None:
    assert "UTKAST" in case.read("aterrapport.html")
    assert "granskad" in case.step("review", "Gro Gransk")
    assert "UTKAST" in case.read("aterrapport.html")
    assert "attesterad" in case.step("approve", "Alf Attest")
    page = case.read("aterrapport.html")
    assert "UTKAST" not in page
    assert "Gro Gransk" in page
    assert "Alf Attest" in page
    assert "Läge: <strong>attesterad</strong>" in (case.out / "index.html").read_text("utf-8")
    assert "inlämnad" in case.step("file", "Ina In")
    filed = case.out / GRANT / "inlamnad" / "1"
    report = digests(case.out / GRANT / "slutlig")
    kept = digests(filed)
    assert {name: kept[name] for name in report} == report, (
        "what was filed is the report as it stood"
    )
    originals = {
        name.removeprefix("underlag/"): sha
        for name, sha in kept.items()
        if name.startswith("underlag/")
    }
    assert originals == digests(case.returns)
    assert [k for k in case.kinds() if k != "written"] == [
        "reconciled",
        "reviewed",
        "attested",
        "filed",
    ]


@pytest.mark.long
def test_a_run_with_nothing_new_leaves_an_attested_report_as_it_is(case: Case) -> None:
    case.step("review", "Gro Gransk")
    case.step("approve", "Alf Attest")
    before = digests(case.out)
    case.rerun("Någon Annan")
    assert digests(case.out) == before


@pytest.mark.parametrize(
    ("steps", "command", "said"),
    [
        (
            [],
            ("approve", "--by", "Alf"),
            "är utkast. Bara en rapport som är granskad kan attesteras",
        ),
        ([], ("file", "--by", "Ina"), "är utkast. Bara en rapport som är attesterad kan lämnas in"),
        (
            [],
            ("reject", "--by", "Alf"),
            "är utkast. Bara en rapport som är granskad eller attesterad kan återlämnas",
        ),
        ([], ("review", "--by", "kim  kör"), "har själv kört rapporten"),
        ([], ("review", "--by", "kör.kim"), "kan inte skiljas från Kim Kör"),
        ([], ("review", "--by", "K. Kör"), "kan inte skiljas från Kim Kör"),
        ([], ("review", "--by", "Kim K\u043er"), "CYRILLIC SMALL LETTER O"),
        ([], ("review", "--by", "."), "Ange med --by vem det är"),
        ([], ("review", "--by", "\n"), "en radbrytning"),
        (
            [],
            ("review", "--by", "Gro", "--on", "2999-01-01"),
            "2999-01-01 har inte varit ännu; i dag är det 20",
        ),
        (
            [],
            ("claim", "--by", ".", "--amount", "1", "--on", "2024-02-01", "--ref", "x"),
            "Ange med --by vem",
        ),
        (
            [],
            ("repaid", "--by", "Bo", "--amount", "1", "--on", "2999-01-01", "--ref", "x"),
            "har inte varit ännu",
        ),
        (
            [],
            ("relief", "--by", "Bo", "--amount", "1", "--on", "2999-01-01", "--ref", "x"),
            "har inte varit ännu",
        ),
        ([], ("package", "--by", "Bo\u200b"), "inte syns"),
        ([], ("review", "--by", "Gro", "--on", "2024-01-19"), "är före 2024-01-20"),
        (
            ["review"],
            ("review", "--by", "Alf"),
            "är granskad. Bara en rapport som är ett utkast kan granskas",
        ),
        (["review"], ("approve", "--by", "GRO GRANSK"), "har själv granskat rapporten"),
        (["review"], ("approve", "--by", "gransk_gro"), "kan inte skiljas från Gro Gransk"),
        (["review"], ("approve", "--by", "Alf", "--on", "2999-01-01"), "har inte varit ännu"),
        (["review"], ("approve", "--by", "Kim Kör"), "har själv kört rapporten"),
        (["review"], ("approve", "--by", "Alf", "--on", "2024-01-24"), "är före 2024-01-25"),
        (["review"], ("reject", "--by", "Alf"), "Ange med --why varför"),
        (["review"], ("file", "--by", "Ina"), "är granskad"),
        (
            [],
            ("repaid", "--by", "Bo", "--amount", "1", "--on", "2024-02-01", "--ref", "x"),
            "är inte inlämnad",
        ),
        (
            [],
            ("repaid", "--by", "Bo", "--amount", "en", "--on", "2024-02-01", "--ref", "x"),
            "är inte ett belopp",
        ),
    ],
)
def test_a_step_that_may_not_be_taken_is_refused_in_a_sentence(
    steps: list[str], command: tuple[str, ...], said: str, case: Case
) -> None:
    for step in steps:
        case.step(step, "Gro Gransk")
    on = () if "--on" in command or command[0] == "package" else ("--on", "2024-01-26")
    assert said in case.refused(command[0], *command[1:], *on)


def test_a_final_run_is_made_by_somebody_whom_others_can_be_told_from(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user, arguments in (("4711", ()), ("kim", ("--by", ".")), ("kim", ("--by", "Kim\nKör"))):
        monkeypatch.setattr("getpass.getuser", lambda user=user: user)
        done = run(case.returns, case.out, GRANT, "--final", *arguments)
        assert done.returncode == 2
        assert "med --by vem" in done.stderr or "radbrytning" in done.stderr


def test_a_name_stands_in_the_log_as_it_is_usually_written(case: Case) -> None:
    case.step("review", " \uff27\uff52\uff4f   Gransk ")
    assert "Gro Gransk" in case.read("aterrapport.html")


def test_there_is_nothing_to_review_before_a_final_run(case: Case) -> None:
    done = call(
        "review",
        example.EQUAL,
        "--by",
        "Gro",
        "--out",
        str(case.out),
        "--returns",
        str(case.returns),
    )
    assert done.returncode == 2
    assert "Det finns ingen slutrapport" in done.stderr


def test_a_returned_report_is_a_draft_again_with_the_reason_in_the_log(case: Case) -> None:
    case.step("review", "Gro Gransk")
    case.step("approve", "Alf Attest")
    case.step("reject", "Alf Attest", "2024-01-26", "--why", "Fel kontaktperson")
    assert "UTKAST" in case.read("aterrapport.html")
    assert "Fel kontaktperson" in (case.out / "logg.jsonl").read_text("utf-8")
    case.step("review", "Gro Gransk", "2024-01-27")


@pytest.mark.long
def test_what_is_not_settled_is_attested_only_with_a_reason_that_the_report_shows(
    case: Case,
) -> None:
    (case.returns / "redovisning_farsta_2023-12-31.xlsx").unlink()
    case.rerun()
    case.step("review", "Gro Gransk")
    assert "Beloppen för Farsta är inte avgjorda" in case.refused(
        "approve", "--by", "Alf", "--on", "2024-01-25"
    )
    case.step(
        "approve",
        "Alf Attest",
        "2024-01-25",
        "--why",
        "Farsta kommer in med sin redovisning senare",
    )
    page = case.read("aterrapport.html")
    assert "Farsta kommer in med sin redovisning senare" in page.split("Utfallet i korthet", 1)[0]


def test_a_changed_figure_makes_an_attested_report_a_draft_and_says_by_how_much(case: Case) -> None:
    case.step("review", "Gro Gransk")
    case.step("approve", "Alf Attest")
    change_a_cost(case, "skarpnack")
    told = case.do("compare", "--final", "--as-of", "2024-01-20")
    assert told.returncode == 0, told.stderr
    said = told.stdout.replace(NBSP, " ")
    assert "redovisning_skarpnack_ny.xlsx (version 2)" in said
    assert "ändrad:" in said
    assert "(−1 kr)" in said
    assert "UTKAST" not in case.read("aterrapport.html"), "a comparison counts nothing"
    assert "Kör statsbidrag run" in case.refused("file", "--by", "Ina", "--on", "2024-01-26")
    case.rerun()
    page = case.read("aterrapport.html")
    assert "UTKAST" in page
    assert case.kinds()[-2:] == ["fell_back", "written"]


def test_a_change_after_filing_starts_a_correction_and_leaves_what_was_filed(filed: Case) -> None:
    kept = digests(filed.out / GRANT / "inlamnad")
    change_a_cost(filed)
    filed.rerun()
    assert "Rättelse" in filed.read("aterrapport.html")
    assert "corrected" in filed.kinds()
    for command, by in (("review", "Gro Gransk"), ("approve", "Alf Attest"), ("file", "Ina In")):
        filed.step(command, by, "2024-02-25")
    after = digests(filed.out / GRANT / "inlamnad")
    assert {name: sha for name, sha in after.items() if name.startswith("1/")} == kept
    assert "2/aterrapport.pdf" in after
    assert filed.do("verify").returncode == 0


# -- paying back -----------------------------------------------------------------------------------


def to_repay(case: Case) -> int:
    told = json.loads(
        (case.out / GRANT / "inlamnad" / "1" / "reconciliation.json").read_text("utf-8")
    )
    return int(Decimal(told["liability"]["to_repay_sek"]))


def test_a_filed_report_is_repaid_when_all_is_paid(filed: Case) -> None:
    amount = to_repay(filed)
    claim = ("--ref", "MFoF 2024/1", "--amount", str(amount))
    filed.step("claim", "Bo", "2024-03-01", *claim, "--due", "2024-04-01", "--as-of", "2024-03-01")
    filed.step(
        "repaid", "Bo", "2024-03-02", "--ref", "OCR 1", "--amount", "1", "--as-of", "2024-03-02"
    )
    assert "repaid" not in filed.kinds()
    filed.step(
        "repaid",
        "Bo",
        "2024-03-03",
        "--ref",
        "OCR 2",
        "--amount",
        str(amount - 1),
        "--as-of",
        "2024-03-03",
    )
    assert "repaid" in filed.kinds()
    assert "återbetalningen är gjord" in filed.read("aterrapport.html").casefold()
    assert {p.name for p in (filed.out / GRANT / "reskontra").iterdir()} == {
        "reskontra.html",
        "reskontra.json",
        "reskontra.xlsx",
    }
    told = filed.do("ledger", "--as-of", "2024-03-03").stdout.replace(NBSP, " ")
    assert "MFoF: återstår 0 kr" in told
    filed.step("claim", "Bo", "2024-05-01", *claim, "--due", "2024-06-01", "--as-of", "2024-05-01")
    assert "reopened" in filed.kinds()
    assert filed.do("verify").returncode == 0


def test_an_entry_that_cannot_be_is_refused(filed: Case) -> None:
    about = ("--by", "Bo", "--on", "2024-03-01", "--ref", "x", "--as-of", "2024-03-01")
    assert "har inga medel" in filed.refused("repaid", "--board", "Bromma", "--amount", "1", *about)
    assert "Det finns ingen nämnd som heter" in filed.refused(
        "repaid", "--board", "Nyby", "--amount", "1", *about
    )
    numbered = ("19121212-1212" if word == "x" else word for word in about)
    assert "Märkningen: skriv inget personnummer" in filed.refused(
        "repaid", "--amount", "1", *numbered
    )
    assert "mer än de" in filed.refused(
        "relief", "--amount", "99999999", "--ground", "ej-anvant", *about
    )


# -- what an auditor does --------------------------------------------------------------------------


def flip(path: Path) -> None:
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])


def sql(statement: str) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        with duckdb.connect(str(case.out / "statsbidrag.duckdb")) as con:
            con.execute(statement)

    return change


def a_line_of_the_log(case: Case) -> None:
    path = case.out / "logg.jsonl"
    lines = path.read_text("utf-8").splitlines()
    lines[2] = lines[2].replace('"by":"Kim Kör"', '"by":"Kim Kor"')
    path.write_text("\n".join(lines) + "\n", "utf-8")


TAMPERED: dict[str, tuple[Callable[[Case], None], str]] = {
    "original": (
        lambda d: flip(d.returns / "redovisning_jarva_2023-12-31.xlsx"),
        "Redovisningen redovisning_jarva_2023-12-31.xlsx har ändrats",
    ),
    "original gone": (
        lambda d: (d.returns / "redovisning_jarva_2023-12-31.xlsx").unlink(),
        "Redovisningen redovisning_jarva_2023-12-31.xlsx fattas",
    ),
    "kept figure": (
        sql("UPDATE kept.board SET eligible_sek = eligible_sek + 1"),
        "tabellen kept.board",
    ),
    "one cell": (
        sql("UPDATE raw_cell SET amount_sek = amount_sek + 1 WHERE cell = 'H8' AND part = 'costs'"),
        "tabellen main.raw_cell",
    ),
    "row gone": (sql("DELETE FROM kept.line WHERE row_no = 8"), "tabellen kept.line"),
    "table gone": (sql("DROP TABLE kept.manifest"), "tabellen kept.manifest"),
    "table come": (sql("CREATE TABLE extra AS SELECT 1 AS x"), "tabellen main.extra"),
    "log": (a_line_of_the_log, "logg.jsonl, rad 3"),
    "report": (
        lambda d: flip(d.out / GRANT / "slutlig" / "bilaga.xlsx"),
        "Filen .*slutlig/bilaga.xlsx har ändrats",
    ),
    "figures": (
        lambda d: flip(d.out / GRANT / "slutlig" / "reconciliation.json"),
        "Filen .*slutlig/reconciliation.json har ändrats",
    ),
    "report file gone": (
        lambda d: (d.out / GRANT / "slutlig" / "findings.json").unlink(),
        "findings.json fattas",
    ),
    "report file come": (
        lambda d: (d.out / GRANT / "slutlig" / "extra.txt").write_text("x"),
        "extra.txt är inte skriven av programmet",
    ),
    "database gone": (
        lambda d: (d.out / "statsbidrag.duckdb").unlink(),
        "Databasen statsbidrag.duckdb fattas",
    ),
}


def test_all_holds_when_nobody_has_touched_it(case: Case) -> None:
    done = case.do("verify")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Allt stämmer: ")


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_what_was_tampered_with(name: str, case: Case) -> None:
    change, said = TAMPERED[name]
    change(case)
    done = case.do("verify")
    assert done.returncode == 3
    line, last = done.stdout.splitlines()
    assert re.search(said, line.replace(NBSP, " ")), line
    assert re.match("(?:Sista händelsen|Den sista händelsen före felet): nr ", last)


@pytest.mark.parametrize("name", TAMPERED)
def test_nothing_is_decided_on_what_was_tampered_with(name: str, case: Case) -> None:
    TAMPERED[name][0](case)
    done = case.do("review", "--by", "Gro Gransk", "--on", "2024-01-25")
    assert done.returncode == 2, done.stdout
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_was_filed_is_verified_for_ever(filed: Case) -> None:
    assert filed.do("verify").returncode == 0
    shutil.rmtree(filed.returns)
    assert filed.do("verify").returncode == 0, "the originals are kept beside what was filed"
    flip(filed.out / GRANT / "inlamnad" / "1" / "underlag" / "redovisning_jarva_2023-12-31.xlsx")
    assert (
        "inlamnad/1/underlag/redovisning_jarva_2023-12-31.xlsx har ändrats"
        in filed.do("verify").stdout
    )


def test_the_package_holds_it_all_and_is_the_same_bytes_twice(filed: Case) -> None:
    made = Path(filed.do("package", "--by", "Ina In").stdout.strip())
    first = made.read_bytes()
    assert Path(filed.do("package", "--by", "Någon Annan").stdout.strip()).read_bytes() == first
    with zipfile.ZipFile(made) as package:
        names = set(package.namelist())
        sums = dict(
            line.split("  ")[::-1] for line in package.read("SHA256SUMS").decode().splitlines()
        )
        package.extractall(filed.out.parent / "upp")
        read_me = package.read("LÄS MIG.txt").decode()
    assert {f"underlag/{name}" for name in digests(filed.returns)} <= names
    assert {
        "rapport/aterrapport.pdf",
        "rapport/sparning.html",
        "rapport/reconciliation.json",
        "logg.jsonl",
    } <= names
    assert {
        f"beslut/grants/{GRANT}.toml",
        "regler/expectations/rules.toml",
        "regler/sql/510_city.sql",
    } <= names
    assert not any(other in name for name in names for other in (example.EQUAL, example.AREAS_2021))
    assert sums == {
        name: sha
        for name, sha in tree.digests(filed.out.parent / "upp").items()
        if name != "SHA256SUMS"
    }
    assert "Läge: inlämnad, version 1" in read_me
    assert filed.do("verify").returncode == 0
    flip(made)
    assert "har ändrats sedan det gjordes" in filed.do("verify").stdout


@pytest.mark.long
def test_a_return_with_a_personal_number_is_in_the_package_by_its_hash_only(case: Case) -> None:
    path = case.returns / "redovisning_farsta_2023-12-31.xlsx"
    book = openpyxl.load_workbook(path)
    book["Kostnader"]["I8"] = "gäller 19121212-1212"
    book.save(path)
    case.rerun()
    made = Path(case.do("package", "--by", "Ina In").stdout.strip())
    with zipfile.ZipFile(made) as package:
        assert "underlag/redovisning_farsta_2023-12-31.xlsx" not in package.namelist()
        assert "underlag/redovisning_jarva_2023-12-31.xlsx" in package.namelist()
        assert (
            "- redovisning_farsta_2023-12-31.xlsx, SHA-256 " in package.read("LÄS MIG.txt").decode()
        )
