"""The command from end to end, as a handläggare runs it: files, exit codes, sentences, and the same
bytes twice."""

import fcntl
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pypdf
import pytest
from openpyxl.comments import Comment

from statsbidrag.base import swedish
from tests import example
from tests.support import drawn
from tests.support.commands import ROOT, call, digests, inbox, run, server
from tests.support.contents import contents
from tests.support.reckoning import shared

__all__ = ["inbox", "server"]
pytestmark = pytest.mark.usefixtures("server")
GRANTS = (example.CRIME, example.EQUAL, example.AREAS_2021, example.FUND)
PERIODS = {example.AREAS_2021: "2021-12-31", example.FUND: "2020-12-31"}
"""The last day of a grant's last quarter, where it isn't that of 2023."""
PER_GRANT = {"aterrapport.html", "aterrapport.pdf", "aterrapport.docx", "bilaga.xlsx"} | {
    "reconciliation.json",
    "sparning.html",
    "underlag.html",
    "underlag.pdf",
    "kontrakt.html",
    "findings.json",
    "manifest.json",
}
OWN = {example.AREAS_2021: {"svar.json", "svar.txt"}, example.FUND: set[str]()}
"""What a quarter of a grant has beside that, where it isn't how money could be moved."""


def figures(out: Path, grant: str, place: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (out / grant / place / "reconciliation.json").read_text("utf-8")
    )
    return found


@pytest.fixture(scope="module")
def quarter(
    inbox: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The quarterly reconciliation of all grants on the example returns."""
    out = tmp_path_factory.mktemp("quarter")
    return out, run(inbox, out)


@pytest.fixture(scope="module")
def final(
    inbox: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The year-end återredovisning of all grants on the example returns."""
    out = tmp_path_factory.mktemp("final")
    return out, run(inbox, out, "--final")


def test_a_quarter_writes_what_the_contract_lists(
    quarter: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = quarter
    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    assert {p.name for p in out.iterdir()} >= {"index.html", "statsbidrag.duckdb", *GRANTS}
    for grant in GRANTS:
        place = out / grant / PERIODS.get(grant, "2023-12-31")
        own = OWN.get(grant, {"omfordelning.html", "omfordelning.docx"})
        assert {p.name for p in place.iterdir()} == {*PER_GRANT, *own, "boards"}
        told = json.loads((place / "reconciliation.json").read_text("utf-8"))
        assert {p.name for p in (place / "boards").glob("*.html")} == {
            f"{b['board']}.html" for b in told["boards"]
        }
        assert str(place / "aterrapport.html") in done.stdout
    books = {p.name for p in (out / example.EQUAL / "2023-12-31" / "boards").glob("*.xlsx")}
    assert {"jarva.xlsx", "jarva-spanga-tensta.xlsx", "skarholmen.xlsx"} <= books
    assert not {"norra-innerstaden.xlsx", "farsta.xlsx"} & books


@pytest.mark.parametrize("words", [["status"], ["explain", example.CRIME]], ids=" ".join)
def test_what_reads_the_database_says_nothing_beside_its_answer(
    words: list[str], quarter: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    out, _ = quarter
    done = call(*words, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_planted_returns_stand_as_planted(
    quarter: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    told = figures(quarter[0], example.EQUAL, "2023-12-31")
    status = {board["board"]: board["return_status"] for board in told["boards"]}
    assert status["skarholmen"] == "held"
    assert status["kungsholmen"] == "outdated"
    assert status["norra-innerstaden"] == "missing"
    assert status["bromma"] in {"accepted", "accepted_with_warnings"}
    by_board = {board["board"]: board for board in told["boards"]}
    assert Decimal(by_board["sodermalm"]["overspent_sek"]) > 0
    assert Decimal(by_board["hagersten-alvsjo"]["ineligible_sek"]) > 0
    assert "spanga-tensta" not in by_board
    assert told["unallocated_sek"] == "1.00"
    findings = json.loads(
        (quarter[0] / example.EQUAL / "2023-12-31" / "findings.json").read_text("utf-8")
    )
    assert {"fordelning-avviker-fran-belopp", "foretradare-inraknad", "overforbrukning"} <= {
        f["rule"] for f in findings
    }
    manifest = json.loads(
        (quarter[0] / example.EQUAL / "2023-12-31" / "manifest.json").read_text("utf-8")
    )
    outcomes = {f["name"]: f["outcome"] for f in manifest["files"]}
    assert outcomes[f"{example.EQUAL}/redovisning_bromma_2023-12-31.xlsx"] == "superseded"
    assert outcomes[f"{example.EQUAL}/redovisning_bromma_2023-12-31_v2.xlsx"] == "counted"


def test_the_funds_returns_stand_as_planted(
    quarter: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    told = figures(quarter[0], example.FUND, PERIODS[example.FUND])
    status = {board["board"]: board["return_status"] for board in told["boards"]}
    assert status == {
        "enskede-arsta-vantor": "accepted_with_warnings",
        "farsta": "accepted_with_warnings",
        "hagersten-alvsjo": "accepted",
        "hasselby-vallingby": "accepted",
        "rinkeby-kista": "accepted",
    }
    place = quarter[0] / example.FUND / PERIODS[example.FUND]
    findings = json.loads((place / "findings.json").read_text("utf-8"))
    assert [(f["rule"], f["board"]) for f in findings] == [
        ("matt-delar", "enskede-arsta-vantor"),
        ("matt-saknas", "farsta"),
        ("foretradare-inraknad", "hagersten-alvsjo"),
        ("foretradare-inraknad", "hagersten-alvsjo"),
    ]


@pytest.mark.parametrize("kind", ["quarter", "final"])
def test_the_identities_of_the_contract_hold(kind: str, request: pytest.FixtureRequest) -> None:
    out, _ = request.getfixturevalue(kind)
    for path in out.glob("*/*/reconciliation.json"):
        told = json.loads(path.read_text("utf-8"))
        if told["total_sek"] is None:
            continue
        boards, liability = told["boards"], told["liability"]
        allocated = sum(Decimal(b["allocated_sek"]) for b in boards)
        assert allocated + Decimal(told["unallocated_sek"]) == Decimal(told["total_sek"])
        for b in boards:
            if b["return_status"] not in {"held", "missing"}:
                assert Decimal(b["reported_sek"]) == Decimal(b["eligible_sek"]) + Decimal(
                    b["ineligible_sek"]
                )
            if b["return_status"] != "held":
                grounds = sum(Decimal(g["amount_sek"]) for g in b["liability_grounds"])
                assert grounds == Decimal(b["liability_sek"])
        assert Decimal(liability["namnd_basis_sek"]) == Decimal(
            liability["kommun_basis_sek"]
        ) + Decimal(liability["set_off_sek"])


def test_the_final_report_holds_what_is_not_attested(
    final: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, done = final
    assert done.returncode == 3, done.stderr
    told = figures(out, example.EQUAL, "slutlig")
    assert told["final"] is True
    status = {board["board"]: board["return_status"] for board in told["boards"]}
    assert status["farsta"] == "held", "a CSV return has no attest"
    assert status["kungsholmen"] == "held", "an earlier period is not enough at year-end"
    assert status["norra-innerstaden"] == "missing"
    assert {board["flag"] for board in told["boards"]} == {None}
    rules = {
        f["rule"]
        for f in json.loads((out / example.EQUAL / "slutlig" / "findings.json").read_text("utf-8"))
    }
    assert {"attest-saknas", "redovisning-aldre-period", "redovisning-saknas"} <= rules


@pytest.mark.long
def test_the_same_run_twice_gives_the_same_bytes(
    inbox: Path, quarter: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    before = digests(inbox), digests(ROOT / "data" / "grants")
    assert run(inbox, tmp_path).returncode == 3
    assert digests(tmp_path) == digests(quarter[0])
    assert before == (digests(inbox), digests(ROOT / "data" / "grants")), (
        "a run changes nothing it reads"
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_command_reconciles_as_reckoned_by_hand(seed: int, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    asked = drawn.Run(drawn.decided())
    sent = drawn.real_files(asked, seed, tmp_path / "in")
    assert run(tmp_path / "in", tmp_path / "out", as_of=asked.as_of.isoformat()).returncode == 3
    told = {
        path.parts[-3]: json.loads(path.read_text("utf-8"))
        for path in tmp_path.glob("out/*/*/reconciliation.json")
    }
    reckoned = asked.reckoned(sent)
    assert shared(told, reckoned) == reckoned


def test_the_trace_leads_to_the_bytes_and_the_cell(quarter: tuple[Path, Any], inbox: Path) -> None:
    place = quarter[0] / example.EQUAL / "2023-12-31"
    root = ElementTree.fromstring(
        (place / "sparning.html").read_text("utf-8").removeprefix("<!DOCTYPE html>")
    )
    codes = {"".join(code.itertext()) for code in root.iter("code")}
    manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    sent = [inbox / file["name"] for file in manifest["files"] if file["outcome"] == "counted"]
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in sent} <= codes
    cells = {cell.get("id", ""): cell for cell in root.iter("td")}
    checked = 0
    for number, row in enumerate(figures(quarter[0], example.EQUAL, "2023-12-31")["activities"], 1):
        if not row["file"].endswith(".xlsx"):
            continue
        sheet = openpyxl.load_workbook(inbox / row["file"], data_only=True)[row["sheet"]]
        for name in ("women_count", "men_count", "unknown_count"):
            ref = cells[f"insats-{number}.{name}"].findtext("small")
            assert (sheet[ref].value if ref else None) == row[name]
            checked += row[name] is not None
    assert checked > 10


def prose(page: Path) -> str:
    """The report as a person reads it: text only, one line per block."""
    body = re.sub(r"<(style|svg|head)\b.*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL)
    lines = re.sub(
        r"<(?:/?(?:p|h[1-6]|li|tr|dt|dd|caption|section|table|div|summary|figcaption)\b)[^>]*>",
        "\n",
        body,
    )
    cells = re.sub(r"</t[hd]>", " | ", lines)
    text = html.unescape(re.sub(r"<[^>]+>", "", cells))
    return (
        "\n".join(
            line
            for line in (re.sub(r"[ \t]+", " ", row).strip() for row in text.splitlines())
            if line
        )
        + "\n"
    )


def test_what_is_filed_is_read_at_one_sitting(
    final: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    for grant in GRANTS:
        pages = pypdf.PdfReader(final[0] / grant / "slutlig" / "aterrapport.pdf").pages
        assert len(pages) <= 6, grant


@pytest.mark.parametrize(
    "name", [f"{grant}/{kind}" for grant in GRANTS for kind in ("quarter", "final")]
)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    """The figures and the words of the example's reports; `pytest --update-golden` writes what is
    new."""
    grant, kind = name.split("/")
    out, _ = request.getfixturevalue(kind)
    place = next((out / grant).iterdir())
    for golden, made in {
        f"{grant}_{kind}.json": (place / "reconciliation.json").read_text("utf-8"),
        f"{grant}_{kind}.txt": prose(place / "aterrapport.html"),
        f"{grant}_{kind}_underlag.txt": prose(place / "underlag.html"),
    }.items():
        path = ROOT / "tests" / "golden" / golden
        if request.config.getoption("--update-golden"):
            path.write_text(made, "utf-8")
        assert made == path.read_text("utf-8"), (
            f"{golden} has changed; see the difference, then --update-golden"
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "finns-inte"], "Det finns inget statsbidrag med id finns-inte"),
        (["run", "--returns", "finns-inte"], "Mappen finns-inte finns inte"),
        (["run", "--as-of", "igår"], "igår är inte ett datum"),
        (["run", "--data", "finns-inte"], "finns inte"),
        (
            ["run", example.EQUAL, "--final", "--as-of", "2023-11-01"],
            "kan inte slutredovisas före 31",
        ),
        (["run", "--fel"], "det här känns inte igen"),
        (["template", example.EQUAL], "följande måste anges: --period-end"),
        (
            ["template", example.EQUAL, "--period-end", "2023-12-31", "--board", "Brommma"],
            "Menas Bromma?",
        ),
        (["check", "finns-inte.xlsx"], "Filen eller mappen finns-inte.xlsx finns inte"),
        (["explain", example.EQUAL, "--out", "finns-inte"], "Det finns inga resultat"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_could_not_start_is_one_sentence_and_exit_2(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    if arguments[0] == "run" and "--returns" not in arguments:
        arguments = [*arguments, "--returns", str(tmp_path / "in")]
    done = call(*arguments)
    assert done.returncode == 2
    assert said in done.stderr.replace("\u00a0", " ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_to_reconcile_yet(inbox: Path, tmp_path: Path) -> None:
    done = run(inbox, tmp_path, example.EQUAL, as_of="2023-07-15")
    assert done.returncode == 0
    assert "det finns inget att stämma av" in done.stdout


def test_a_broken_grant_file_stops_that_grant_only(inbox: Path, data: Path, tmp_path: Path) -> None:
    with (data / "grants" / f"{example.AREAS_2021}.toml").open("a", encoding="utf-8") as file:
        file.write("\nokand_nyckel = 1\n")
    named = call(
        "run",
        example.AREAS_2021,
        "--returns",
        str(inbox),
        "--data",
        str(data),
        "--out",
        str(tmp_path / "o"),
    )
    assert named.returncode == 2
    assert "okand_nyckel" in named.stderr
    others = run(inbox, tmp_path / "out", "--data", str(data))
    assert others.returncode == 3
    findings = json.loads(
        (tmp_path / "out" / example.CRIME / "2023-12-31" / "findings.json").read_text("utf-8")
    )
    assert [f["rule"] for f in findings if f["severity"] == "blocking"] == ["bidragsfil-trasig"]
    assert (tmp_path / "out" / example.CRIME).is_dir()
    assert not (tmp_path / "out" / example.AREAS_2021).exists()
    assert "okand_nyckel" in others.stdout
    assert "okand_nyckel" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_a_clean_run_ends_0_and_is_explained_to_the_cell(inbox: Path, tmp_path: Path) -> None:
    done = run(inbox / example.CRIME, tmp_path, example.CRIME)
    assert done.returncode == 0, done.stdout
    told = call("explain", example.CRIME, "Farsta", "--out", str(tmp_path))
    assert told.returncode == 0
    lines = told.stdout.replace("\u00a0", " ").splitlines()
    assert any("redovisning_farsta_2023-12-31.xlsx Kostnader H" in line for line in lines)
    farsta = next(
        b
        for b in figures(tmp_path, example.CRIME, "2023-12-31")["boards"]
        if b["board"] == "farsta"
    )
    assert sum(_kronor(line) for line in lines if " Kostnader H" in line) == Decimal(
        farsta["reported_sek"]
    )
    for name, value in farsta.items():
        assert (
            not name.endswith("_sek") or value is None or swedish.kr(Decimal(value)) in told.stdout
        ), name
    status = json.loads(
        call("status", "--json", "--out", str(tmp_path), "--as-of", "2024-01-20").stdout
    )
    mine = next(row for row in status if row["grant"] == example.CRIME)
    assert mine["days_to_agency_deadline"] == 12
    assert mine["missing"] == []


def _kronor(line: str) -> Decimal:
    return Decimal(
        line.split(" kr ", maxsplit=1)[0]
        .strip()
        .replace(" ", "")
        .replace(",", ".")
        .replace("\u2212", "-")
    )


def test_check_speaks_of_each_file(inbox: Path) -> None:
    folder = inbox / example.EQUAL
    done = call(
        "check",
        *(str(folder / f"redovisning_{b}_2023-12-31.xlsx") for b in ("skarholmen", "skarpnack")),
    )
    assert done.returncode == 3
    assert "redovisning_skarpnack_2023-12-31.xlsx: inga anmärkningar" in done.stdout
    assert "HINDRAR Kostnader" in done.stdout


def test_no_personal_number_gets_out_of_the_inbox(inbox: Path, tmp_path: Path) -> None:
    """Skatteverket's test number in cells, a note, a sheet's name and a file's name; looked for in
    all we write."""
    folder, number = tmp_path / "in", "19121212-1212"
    shutil.copytree(inbox / example.CRIME, folder)
    path = folder / "redovisning_farsta_2023-12-31.xlsx"
    book = openpyxl.load_workbook(path)
    costs = book["Kostnader"]
    costs["I8"] = f"gäller {number}"
    costs["A9"].comment = Comment(f"ring {number}", "ekonom")
    costs["F8"] = 191212121212
    book.create_sheet(f"om {number}")
    book.properties.title = f"om {number}"
    book.save(folder / f"farsta {number}.xlsx")
    path.unlink()
    done = run(folder, tmp_path / "out", example.CRIME)
    assert done.returncode == 3
    farsta = next(
        b
        for b in figures(tmp_path / "out", example.CRIME, "2023-12-31")["boards"]
        if b["board"] == "farsta"
    )
    assert farsta["return_status"] == "held"
    findings = (tmp_path / "out" / example.CRIME / "2023-12-31" / "findings.json").read_text(
        "utf-8"
    )
    assert "Något som ser ut som ett personnummer står i cellen." in findings
    assert "gäller" not in "".join(
        row["message"] for row in json.loads(findings) if row["rule"] == "personnummer"
    )
    written = [done.stdout, done.stderr]
    for found in [*(tmp_path / "out").rglob("*"), *Path(os.environ["PREFECT_HOME"]).rglob("*")]:
        written += [str(found), *contents(found)] if found.is_file() else []
    text = "\n".join(written)
    for leak in ("1212-1212", "191212121212", "1212121212"):
        assert leak not in text


def test_two_runs_at_once_do_not_write_the_same_folder(inbox: Path, tmp_path: Path) -> None:
    with (tmp_path / "statsbidrag.las").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run(inbox / example.CRIME, tmp_path, example.CRIME)
    assert done.returncode == 2
    assert done.stderr.startswith("En annan körning skriver till")
    assert not (tmp_path / example.CRIME).exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("en fil, ingen mapp")
    done = run(inbox, tmp_path / "fil" / "ut")
    assert done.returncode == 2
    assert "Det går inte att skriva i mappen" in done.stderr
