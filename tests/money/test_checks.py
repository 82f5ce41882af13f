"""The invariants of a run: each identity holds, each is seen to break, and a breach lets nothing
out."""

import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.table import Table

from statsbidrag.base import swedish
from statsbidrag.base.errors import FigureError, InputError
from statsbidrag.decisions import data_folder, plans
from statsbidrag.documents import record, second_proof
from statsbidrag.model.findings import Severity
from statsbidrag.model.returns import COST_COLUMNS, Reading, Return
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money import duck, earlier_runs, reconciliation, steps
from statsbidrag.money.breaches import Breach
from statsbidrag.money.results import GrantResult
from statsbidrag.returns import intake, placing, second_reader
from tests import example
from tests.support import drawn, filling, planted, workbooks
from tests.support.planted import (
    COSTS,
    EQUAL,
    FAULTS,
    TOTAL,
    Make,
    as_csv,
    edited,
    filled,
    repacked,
    rewritten,
)
from tests.support.rows import rows_in

D = Decimal
ROOT = Path(__file__).parents[2]


# -- the identities --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def returned() -> "Given":
    """The example returns with what the register of rules says of them, as a run has them before
    the database."""
    book = data_folder.load(ROOT / "data", [], example.AS_OF)
    returns = []
    for name, content in example.files(book).items():
        read = read_bytes(content, name)
        returns.append(placing.identify(read, book))
    plan, _ = plans.plan(book, [], example.AS_OF, is_final=False)
    held = [r for r in returns if r.sender_id == "skarholmen" and r.grant_id == EQUAL]
    findings = [
        book.rules["dolda-rader"].finding(
            is_final=False, grant=EQUAL, board="skarholmen", file=r.file
        )
        for r in held
    ]
    return book, returns, [replace(f, severity=Severity.BLOCKING) for f in findings], plan


def read_bytes(content: bytes, name: str) -> Return:
    """A file's content as the first reader reads it, in process."""
    folder = Path(os.environ["CHECKS_FOLDER"])
    path = folder / hashlib.sha256(name.encode()).hexdigest()[:12]
    path = path.with_suffix(Path(name).suffix)
    path.write_bytes(content)
    return replace(intake.read(path, path.name), file=name)


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CHECKS_FOLDER", str(tmp_path_factory.mktemp("files")))
        yield


Given = tuple[Rulebook, Sequence[Return], Sequence[Any], Any]


def settled(
    run: Given, database: Path, recounts: Mapping[str, tuple[int, Decimal]] | None = None
) -> list[GrantResult]:
    book, returns, findings, plan = run
    told = {r.file: drawn.recount_of(r) for r in returns} if recounts is None else recounts
    return reconciliation.reconcile(database, book, plan, returns, findings, told)


@pytest.fixture(scope="module")
def database(returned: Given, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / earlier_runs.DATABASE
    settled(returned, path)
    return path


@pytest.fixture
def con(database: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The run's tables, to be tampered with."""
    shutil.copyfile(database, tmp_path / "copy.duckdb")
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as opened:
        yield opened


def breaches(con: duckdb.DuckDBPyConnection, check: str) -> list[dict[str, Any]]:
    done = con.execute(steps.unequal(check))
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


COLUMNS = ["grant_id", "board_id", "component_id", "file", "figure", "expected", "found"]


@pytest.mark.parametrize("check", steps.CHECKS)
def test_an_identity_holds_for_the_example(
    check: str, con: duckdb.DuckDBPyConnection, returned: Given
) -> None:
    assert breaches(con, check) == []
    assert list(steps.check(con, returned[0])) == []
    described = con.execute(f"DESCRIBE {steps.unequal(check)}").fetchall()
    assert [name for name, *_ in described] == COLUMNS
    assert all(
        "DECIMAL" in kind or kind in {"INTEGER", "BIGINT", "HUGEINT"}
        for _, kind, *_ in described[-2:]
    )


def test_the_example_has_a_board_of_every_standing(con: duckdb.DuckDBPyConnection) -> None:
    """The identities would prove little where nobody is missing or held."""
    found = con.execute("SELECT DISTINCT return_status FROM board").fetchall()
    assert {status for (status,) in found} >= {"missing", "held", "outdated", "accepted"}


HERE = f"grant_id = '{EQUAL}'"
BROMMA = f"{HERE} AND board_id = 'bromma'"
HELD, MISSING = f"{HERE} AND board_id = 'skarholmen'", f"{HERE} AND board_id = 'norra-innerstaden'"
TOGETHER = (
    f"UPDATE given_grant SET is_earmarked = FALSE WHERE {HERE};UPDATE board_component SET "
    f"liability_sek = NULL WHERE {HERE}"
)
_EVIDENCE = (
    "INSERT INTO evidence BY NAME SELECT grant_id, board_id, name, {reported} AS reported_sek, "
    "{booked} AS booked_sek, 5 AS only_return_sek, 0 AS only_booked_sek, 0 AS other_amount_sek "
    f"FROM standing WHERE {BROMMA}"
)
"""A board beside the accounts, of which no pair tells."""
_YEAR = (
    f"UPDATE given_grant SET carry_rule = 'inget' WHERE {HERE}; "
    f"UPDATE allocation SET year_no = 1 WHERE {HERE}; "
    "INSERT INTO given_year SELECT grant_id, 1, spend_from_on, spend_to_on, TRUE FROM given_grant "
    f"WHERE {HERE}; "
    "INSERT INTO part_year BY NAME SELECT grant_id, board_id, 'alla' AS component_id, 1 AS year_no, "
    "allocated_sek + {allocated} AS allocated_sek, 0 AS carried_in_sek, "
    "eligible_sek + {eligible} AS eligible_sek, {carried} AS carried_out_sek, "
    "allocated_sek - eligible_sek - {carried} AS lapsed_sek, 0 AS overspent_sek "
    f"FROM board WHERE {BROMMA}"
)
"""A year of a board."""
_ASKED = (
    f"INSERT INTO given_question SELECT '{EQUAL}', 1, 'plan', 'En plan?', FALSE, NULL, 1, "
    "DATE '2023-01-01', DATE '2023-12-31', 'en plan?', '2023'; "
    "INSERT INTO answer BY NAME SELECT grant_id, board_id, 1 AS asked_no, {is_number} AS is_number, "
    "CASE WHEN NOT {is_number} THEN TRUE END AS is_yes, "
    f"CASE WHEN {{is_number}} THEN 2 END AS number_count FROM board WHERE {HERE}; "
    "INSERT INTO answered BY NAME SELECT grant_id, 1 AS asked_no, count(*) AS asked_count, "
    "count(*) AS answering_count, CASE WHEN NOT {is_number} THEN count(*) END AS yes_count, "
    "CASE WHEN NOT {is_number} THEN 0 END AS no_count, "
    f"CASE WHEN {{is_number}} THEN 2 * count(*) END AS number_count FROM board WHERE {HERE} "
    "GROUP BY grant_id; UPDATE {wrong}"
)
"""A question that every board has answered alike, and something that is then changed."""
TAMPERED: Mapping[str, Sequence[tuple[str, str]]] = {
    "fil": [
        (
            (
                "UPDATE given_recount SET amount_sek = amount_sek + 0.01 WHERE file LIKE "
                f"'{EQUAL}/%bromma%v2%'"
            ),
            "Redovisat",
        ),
        (
            (
                "UPDATE given_recount SET line_count = line_count + 1 WHERE file LIKE "
                f"'{EQUAL}/%bromma%v2%'"
            ),
            "kostnadsrader",
        ),
        (
            f"DELETE FROM given_recount WHERE file LIKE '{EQUAL}/%bromma%v2%'",
            "gick inte att räkna en andra gång",
        ),
    ],
    "inlast": [
        (f"DELETE FROM line WHERE {BROMMA} AND row_no = 6", "bromma"),
        (f"UPDATE line SET amount_sek = amount_sek - 0.01 WHERE {BROMMA} AND row_no = 6", "bromma"),
        (f"UPDATE line SET file = 'annan.xlsx' WHERE {BROMMA} AND row_no = 6", "annan.xlsx"),
        (f"INSERT INTO line SELECT * FROM line WHERE {BROMMA} AND row_no = 6", "bromma"),
    ],
    "rader": [
        (
            f"UPDATE line SET is_eligible = NOT is_eligible WHERE {BROMMA} AND row_no = 6",
            "erättigat",
        ),
        (f"UPDATE board_component SET eligible_sek = eligible_sek + 1 WHERE {BROMMA}", "erättigat"),
        (f"UPDATE board_component SET eligible_sek = NULL WHERE {BROMMA}", "okänt"),
        (
            f"INSERT INTO line SELECT * REPLACE ('skarholmen' AS board_id) FROM line WHERE {BROMMA}",
            "Skärholmen",
        ),
    ],
    "skal": [
        (f"UPDATE ineligible SET amount_sek = amount_sek + 1 WHERE {HERE}", "nte "),
        (f"DELETE FROM ineligible WHERE {HERE}", "nte "),
    ],
    "omraden": [
        (
            f"UPDATE area SET eligible_sek = eligible_sek + 1 WHERE {HERE} AND position = 0",
            "staden",
        ),
        (f"UPDATE area SET women_count = women_count + 1 WHERE {HERE} AND position = 0", "Kvinnor"),
    ],
    "beviljat": [
        (f"UPDATE city SET unallocated_sek = unallocated_sek - 1 WHERE {HERE}", "Beviljat"),
        (f"DELETE FROM city WHERE {HERE}", "okänt"),
    ],
    "tilldelat": [
        (f"UPDATE board_component SET allocated_sek = allocated_sek + 1 WHERE {BROMMA}", "Bromma"),
        (
            f"DELETE FROM board_component WHERE {HERE} AND board_id = 'norra-innerstaden'",
            "Norra innerstaden",
        ),
    ],
    "redovisat": [
        (f"UPDATE board SET reported_sek = reported_sek + 1 WHERE {BROMMA}", "Bromma"),
        (f"UPDATE board_component SET reported_sek = reported_sek + 1 WHERE {BROMMA}", "Bromma"),
        (f"UPDATE city SET reported_sek = reported_sek + 1 WHERE {HERE}", "staden"),
    ],
    "aterstar": [
        (f"UPDATE board SET remaining_sek = remaining_sek + 1 WHERE {BROMMA}", "terstår"),
        (f"UPDATE board SET overspent_sek = 1 WHERE {BROMMA}", "Bromma"),
        (f"UPDATE city SET remaining_sek = remaining_sek + 1 WHERE {HERE}", "staden"),
    ],
    "ar": [
        (_YEAR.format(allocated=1, eligible=0, carried=0), "erättigat"),
        (_YEAR.format(allocated=0, eligible=1, carried=0), "erättigat"),
        (_YEAR.format(allocated=0, eligible=0, carried=1), "Till nästa år"),
    ],
    "aterbetalning": [
        (f"UPDATE board_component SET liability_sek = liability_sek + 1 WHERE {BROMMA}", "Bromma"),
        (f"UPDATE board_component SET liability_sek = -liability_sek WHERE {BROMMA}", "Bromma"),
        (f"UPDATE board_component SET liability_sek = allocated_sek + 1 WHERE {BROMMA}", "Bromma"),
        (f"UPDATE board_component SET liability_sek = 0 WHERE {MISSING}", "Norra innerstaden"),
        (f"UPDATE board_component SET liability_sek = 0 WHERE {HELD}", "Skärholmen"),
        (
            f"{TOGETHER}; UPDATE board SET liability_sek = liability_sek + 1 WHERE {BROMMA}",
            "Bromma",
        ),
        (f"{TOGETHER}; UPDATE board SET liability_sek = 0 WHERE {MISSING}", "Norra innerstaden"),
        (f"{TOGETHER}; UPDATE board_component SET liability_sek = 0 WHERE {BROMMA}", "Bromma"),
    ],
    "grunder": [
        (f"UPDATE board SET not_used_sek = not_used_sek + 1 WHERE {BROMMA}", "Bromma"),
        (
            (
                "UPDATE board SET not_used_sek = liability_sek + 1, wrong_purpose_sek = -1 WHERE "
                f"{BROMMA}"
            ),
            "Bromma",
        ),
    ],
    "komponenter": [
        (f"UPDATE board SET ineligible_sek = ineligible_sek + 1 WHERE {BROMMA}", "Bromma"),
        (
            f"UPDATE board SET eligible_sek = 0 WHERE {HERE} AND board_id = 'skarholmen'",
            "Skärholmen",
        ),
        (f"DELETE FROM board WHERE {BROMMA}", "okänt"),
    ],
    "staden": [
        (f"UPDATE city SET eligible_sek = eligible_sek + 1 WHERE {HERE}", "erättigat"),
        (f"UPDATE city SET boards_sek = boards_sek + 1 WHERE {HERE}", "Nämndernas återbetalning"),
        (f"UPDATE city SET undetermined_sek = 0 WHERE {HERE}", "staden"),
    ],
    "aterbetalas": [
        (f"UPDATE city SET namnd_basis_sek = namnd_basis_sek + 1 WHERE {HERE}", "staden"),
        (f"UPDATE city SET kommun_basis_sek = kommun_basis_sek + 1 WHERE {HERE}", "staden"),
        (f"UPDATE city SET set_off_sek = set_off_sek + 1 WHERE {HERE}", "staden"),
        (f"UPDATE city SET to_repay_sek = to_repay_sek - 1 WHERE {HERE}", "staden"),
        (f"UPDATE city SET at_risk_sek = 0 WHERE {HERE}", "i fara"),
    ],
    "nivasvar": [
        (
            (
                "INSERT INTO level_answer BY NAME SELECT grant_id, 'jarva' AS upper_id, "
                f"1 AS asked_no, 1 AS asked_count FROM city WHERE {HERE}"
            ),
            "Järva",
        ),
    ],
    "nivaer": [
        (
            (
                "INSERT INTO level BY NAME SELECT grant_id, 'jarva' AS upper_id, eligible_sek "
                f"FROM city WHERE {HERE}"
            ),
            "Järva",
        ),
    ],
    "avstamning": [
        (_EVIDENCE.format(reported=100, booked=90), "Skillnaden mot huvudboken"),
        (_EVIDENCE.format(reported=5, booked=0), "Redovisat"),
    ],
    "svar": [
        (
            _ASKED.format(is_number=False, wrong="answered SET asked_count = asked_count - 1"),
            "Tillfrågade",
        ),
        (
            _ASKED.format(is_number=False, wrong=f"answer SET is_yes = NULL WHERE {BROMMA}"),
            "Svarande",
        ),
        (_ASKED.format(is_number=False, wrong="answered SET no_count = 1"), "Ja"),
        (_ASKED.format(is_number=True, wrong="answered SET number_count = 1"), "Tal"),
    ],
}


@pytest.mark.parametrize(
    ("check", "tampering", "says"),
    [(c, *t) for c, ts in TAMPERED.items() for t in ts],
    ids=lambda text: text[:70],
)
def test_a_figure_that_was_tampered_with_is_named(
    check: str, tampering: str, says: str, con: duckdb.DuckDBPyConnection, returned: Given
) -> None:
    con.execute(tampering)
    found = breaches(con, check)
    assert found
    assert {row["grant_id"] for row in found} == {EQUAL}
    told = [breach for breach in steps.check(con, returned[0]) if breach.check == check]
    assert len(told) == 1
    sentence = told[0].sentence
    assert says in sentence
    assert "ökad och jämlik tillgång" in sentence
    assert sentence.endswith(
        f"Inget har skrivits. Anmäl felet till den som sköter programmet och ange ”{check}”."
    )


def test_every_check_is_seen_to_break() -> None:
    assert set(TAMPERED) == set(steps.CHECKS)


def test_a_sentence_names_figure_board_grant_and_both_amounts(
    con: duckdb.DuckDBPyConnection, returned: Given
) -> None:
    ((before, unspent),) = con.execute(
        f"SELECT liability_sek, liability_sek + 1 FROM board WHERE {BROMMA}"
    ).fetchall()
    con.execute(f"UPDATE board_component SET liability_sek = liability_sek + 1 WHERE {BROMMA}")
    breach = next(steps.check(con, returned[0]))
    assert breach.sentence == (
        "Kontrollräkningen går inte ihop: ”Att återbetala” för Bromma i "
        f"{returned[0].grant(EQUAL).name} är {swedish.kr(unspent)}, men ska vara "
        f"{swedish.kr(before)}. Inget har skrivits. Anmäl felet till den som sköter programmet och "
        "ange ”aterbetalning”."
    )


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (
            {},
            (
                f"”Fördelat till nämnderna” för staden i Bidraget är {swedish.kr(D(1))}, men ska vara "
                "okänt."
            ),
        ),
        (
            {"board": "Farsta"},
            f"”Fördelat” för Farsta i Bidraget är {swedish.kr(D(1))}, men ska vara okänt.",
        ),
        (
            {"board": "Farsta", "component": "team", "expected": D(2)},
            f"komponenten team i Bidraget är {swedish.kr(D(1))}",
        ),
        (
            {"file": "a.xlsx", "expected": D(2)},
            f"staden, filen a.xlsx i Bidraget är {swedish.kr(D(1))}, men ska vara",
        ),
        ({"file": "a.xlsx"}, f"är {swedish.kr(D(1))}, men gick inte att räkna en andra gång."),
    ],
)
def test_a_sentence_names_figures_and_places_as_the_reports_do(
    place: Mapping[str, Any], says: str
) -> None:
    nowhere = dict.fromkeys(("board", "component", "file", "expected"))
    breach = Breach(
        **{**nowhere, **place}, check="x", figure="allocated_sek", grant="Bidraget", found=D(1)
    )
    assert says in breach.sentence


WRONG_STEPS: Mapping[str, tuple[str, str]] = {
    "310_board_component": (
        "coalesce(spent.eligible_sek, 0)",
        "coalesce(spent.eligible_sek, 0) + 1",
    ),
    "320_board_money": ("(allocated_sek - eligible_sek)::", "(allocated_sek - reported_sek)::"),
    "510_city": ("round(CASE basis", "trunc(CASE basis"),
    "550_manifest": ("ELSE 'counted'", "ELSE 'duplicate'"),
}


@pytest.mark.parametrize("step", WRONG_STEPS)
def test_a_wrong_step_stops_the_run_and_nothing_is_kept(
    step: str, returned: Given, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / earlier_runs.DATABASE
    shutil.copyfile(database, work)
    before = earlier_runs.digests(work)
    right, wrong = WRONG_STEPS[step]
    as_it_is = duck.sql
    assert right in as_it_is(step)
    monkeypatch.setattr(
        duck, "sql", lambda name: as_it_is(name).replace(right, wrong if name == step else right)
    )
    assert wrong in duck.sql(step)
    with pytest.raises(FigureError):
        settled(returned, work)
    assert earlier_runs.digests(work) == before


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(1000, 10**9), chance=st.randoms(use_true_random=False))
def test_no_check_fires_on_what_boards_may_send_and_an_ore_more_always_does(
    seed: int, chance: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Over random fillings every identity holds; when a second reader finds an öre more in any
    file, none gets out."""
    run, sent = drawn.drawn_run(seed)
    returns, findings = run.given(sent)
    folder = tmp_path_factory.mktemp("drawn")
    whole: Given = (run.rulebook, returns, findings, run.plan(sent))
    results = settled(whole, folder / "a.duckdb")
    counted = [
        f["name"]
        for result in results
        for f in rows_in(result, "manifest")
        if f["outcome"] == "counted"
    ]
    if counted:
        file = chance.choice(sorted(counted))
        told = {r.file: drawn.recount_of(r) for r in returns}
        lines, amount = told[file]
        with pytest.raises(FigureError, match=re.escape(f"filen {file}")):
            settled(whole, folder / "b.duckdb", told | {file: (lines, amount + swedish.ORE)})


@pytest.mark.long
def test_a_tampered_run_says_so_and_leaves_the_old_out_folder_as_it_was(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    (inbox / "farsta.xlsx").write_bytes(planted.good())
    asked = ["run", EQUAL, "--returns", str(inbox), "--out", str(out), "--as-of", "2024-01-20"]
    tampering = (
        "import sys; from statsbidrag.money import duck; from statsbidrag.face import cli\n"
        "sql = duck.sql\n"
        "wrong = 'eligible_sek + ineligible_sek', '1 + eligible_sek + ineligible_sek'\n"
        "duck.sql = lambda step: sql(step).replace(*wrong)\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
    kept: list[dict[str, str]] = []
    for code in (
        "import sys; from statsbidrag.face import cli; sys.exit(cli.main(sys.argv[1:]))",
        tampering,
    ):
        (inbox / "bromma.xlsx").write_bytes(planted.filled("bromma", costs=COSTS[: 1 + len(kept)]))
        command = [sys.executable, "-c", code, *asked]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        kept.append(
            {
                p.relative_to(out).as_posix(): _digest(p)
                for p in sorted(out.rglob("*"))
                if p.is_file()
            }
        )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Kontrollräkningen går inte ihop: ”")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert kept[0] == kept[1]
    assert any(name.endswith("aterrapport.html") for name in kept[0])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# -- the report as it is written -------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(returned: Given, tmp_path_factory: pytest.TempPathFactory) -> list[GrantResult]:
    return settled(returned, tmp_path_factory.mktemp("results") / earlier_runs.DATABASE)


def _written(result: GrantResult) -> bytes:
    return json.dumps(record.reconciliation(result), ensure_ascii=False, indent=2).encode()


def test_a_report_that_says_what_the_database_says_is_let_out(
    results: Sequence[GrantResult],
) -> None:
    for result in results:
        second_proof.check_written(_written(result), result)


def test_every_figure_of_a_written_report_is_compared(results: Sequence[GrantResult]) -> None:
    """Each value in turn is another, or gone: none of it gets by."""
    (result,) = (r for r in results if r.grant.grant_id == EQUAL)
    figures = 0
    for path, value in _leaves(json.loads(_written(result))):
        if not re.search("_(sek|share|count)$", str(path[-1])) and path[-1] not in {
            "return_status",
            "flag",
            "basis",
        }:
            continue
        if path[-1] in {"reported_count", "ineligible_line_count", "finding_count"}:
            continue  # counted by the report itself
        figures += 1
        for other in (
            "0.02" if value != "0.02" else "0.03",
            None if value is not None else "0.00",
            77777,
        ):
            report_ = json.loads(_written(result))
            _put(report_, path, other)
            with pytest.raises(FigureError, match=r"Inget har skrivits.*”rapport-ar-databas”"):
                second_proof.check_written(json.dumps(report_).encode(), result)
    assert figures > 200


@pytest.mark.parametrize("other", [b"", b"{}", b"[]", b'{"boards": 1, "liability": {}}'])
def test_a_report_that_was_cut_off_is_not_let_out(
    other: bytes, results: Sequence[GrantResult]
) -> None:
    with pytest.raises(FigureError):
        second_proof.check_written(other, results[0])


@pytest.mark.parametrize(
    "path", [("liability",), ("city",), ("boards", 0), ("boards", 0, "board"), ("decisions", 0)]
)
@pytest.mark.parametrize("other", [5, "x", [], [[1]], None])
def test_a_report_of_another_shape_is_not_let_out(
    path: tuple[Any, ...], other: object, results: Sequence[GrantResult]
) -> None:
    report_ = json.loads(_written(results[0]))
    _put(report_, path, other)
    with pytest.raises(FigureError):
        second_proof.check_written(json.dumps(report_).encode(), results[0])


def test_a_board_that_fell_out_of_the_report_is_missed(results: Sequence[GrantResult]) -> None:
    told = json.loads(_written(results[0]))
    lost = told["boards"].pop()
    with pytest.raises(FigureError, match=re.escape(lost["name"])):
        second_proof.check_written(json.dumps(told).encode(), results[0])


@pytest.mark.parametrize("table", ["boards", "areas", "ineligible", "decisions"])
def test_a_row_of_the_report_that_the_database_does_not_have_is_found(
    table: str, results: Sequence[GrantResult]
) -> None:
    """One that says the same as another row, but of somebody who is not there."""
    (result,) = (r for r in results if r.grant.grant_id == EQUAL)
    report_ = json.loads(_written(result))
    key = {"areas": "area"}.get(table, "board")
    report_[table].append({**report_[table][0], key: "pahittad"})
    with pytest.raises(FigureError, match=r"Inget har skrivits.*”rapport-ar-databas”"):
        second_proof.check_written(json.dumps(report_).encode(), result)


def _leaves(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(told, dict | list):
        for key, value in told.items() if isinstance(told, dict) else enumerate(told):
            yield from _leaves(value, (*path, key))
    else:
        yield path, told


def _put(told: Any, path: Sequence[Any], value: object) -> None:
    for key in path[:-1]:
        told = told[key]
    told[path[-1]] = value


# -- the second reader -----------------------------------------------------------------------------


def second(content: bytes, name: str) -> tuple[int, Decimal] | None:
    path = Path(os.environ["CHECKS_FOLDER"]) / f"second{Path(name).suffix}"
    path.write_bytes(content)
    try:
        return second_reader.total(path, name, hashlib.sha256(content).hexdigest())
    except second_reader.UnreadableError:
        return None


def first(content: bytes, name: str) -> tuple[int, Decimal] | None:
    """The same of the first reader; None when an amount or the table can't be read, so that the
    return is held."""
    read = read_bytes(content, name)
    cells = [row.cells["amount_sek"] for row in read.costs if "amount_sek" in row.cells]
    unread = {Reading.UNREADABLE, Reading.DECIMALS, Reading.ERROR, Reading.NO_VALUE}
    if read.kind == "other" or {p.rule_id for p in read.problems} & {
        "tabell-saknas",
        "tabell-tvetydig",
    }:
        return None
    if any(cell.reading in unread for cell in cells):
        return None
    return drawn.recount_of(read)


def _formula(part: bytes) -> bytes:
    return re.sub(
        rb'(<c r="H8"[^>]*>)<v>30000.25</v>', rb"\1<f>10000.25+20000</f><v>30000.25</v>", part
    )


def _text_formula(part: bytes) -> bytes:
    stored = b'<c r="H8" t="str"><f>TEXT(1,"0")</f><v>30 000,25</v></c>'
    return re.sub(rb'<c r="H8".*?</c>', stored, part, count=1)


def _hide_rows(book: Workbook) -> None:
    for row in (7, 9, 15):
        book["Kostnader"].row_dimensions[row].hidden = True


def _format(look: str) -> Make:
    def change(book: Workbook) -> None:
        for row in range(6, 10):
            book["Kostnader"][f"H{row}"].number_format = look

    return edited(change)


def _working_copy(book: Workbook) -> None:
    copy: Any = book.copy_worksheet(book["Kostnader"])
    copy.title = "Arbetskopia"
    copy["H6"].value = 1


def _long_with_a_totals_row(book: Workbook) -> None:
    sheet = book["Kostnader"]
    for row in range(10, 14):
        for column in range(1, 10):
            sheet.cell(row, column).value = sheet.cell(9, column).value
    sheet["A14"].value, sheet["H14"].value = "Summa", 999
    sheet.tables["Kostnader"].ref, sheet.tables["Kostnader"].totalsRowCount = "A5:I14", 1


def _blank_above(book: Workbook) -> None:
    book["Kostnader"].delete_rows(1, 4)
    book["Kostnader"].insert_rows(1, 4)


def _blank_above_without_a_table(book: Workbook) -> None:
    del book["Kostnader"].tables["Kostnader"]
    _blank_above(book)


def _no_more_columns_than_needed(book: Workbook) -> None:
    """The optional columns taken away, so that the sheet without a table has no others, not even
    blank."""
    sheet = book["Kostnader"]
    del sheet.tables["Kostnader"]
    optional = {column.header for column in COST_COLUMNS if not column.is_required}
    for place in range(sheet.max_column, 0, -1):
        if sheet.cell(5, place).value in optional:
            sheet.delete_cols(place)


def _elsewhere(name: str, part: bytes) -> tuple[str, bytes]:
    """The table's part under another name, which the links of the workbook lead to as well."""
    is_link = name.endswith((".rels", "[Content_Types].xml"))
    return name.replace("/tables/", "/tabeller/"), part.replace(
        b"/tables/", b"/tabeller/"
    ) if is_link else part


def _shared_words(book: Workbook) -> None:
    book["Kostnader"]["H12"].value, book["Kostnader"]["A12"].value = "   ", " "


def _costs(*amounts: object) -> Make:
    return lambda: filled(
        header={"version": 1}, costs=[{**COSTS[0], "Belopp": amount} for amount in amounts]
    )


SHORT_TABLE = "a table that ends before its last lines"
GOOD_BOOKS: Mapping[str, Make] = {
    **workbooks.SAME,
    "as the board sent it": planted.good,
    "no lines at all": lambda: filled(costs=[]),
    "amounts as text": _costs("1 250 000,50 kr", "-1 250,5", "500:-", "30\u202f000,25", 7),
    "minus as reports and accounting systems write it": _costs(
        "\u22121 250,50\u00a0kr", "1 000-", "0,01- kr", 7
    ),
    "computed amounts at half an öre, both signs": planted.computed(
        {"H6": "1.005", "H7": "-1.005", "H8": "2.675", "H9": "-0.005"}
    ),
    "computed amounts with noise": planted.computed(
        {"H6": "0.30000000000000004", "H7": "-5.8E-11", "H8": "1234.00001"}
    ),
    "amounts to the öre, both signs": _costs(
        0.1 + 0.2, -0.01, 1.005 * 1000, 9_999_999_999, -250, 0
    ),
    "a formula with a stored value": rewritten(workbooks.KOSTNADER, _formula),
    "a formula with a stored text": rewritten(workbooks.KOSTNADER, _text_formula),
    "hidden rows": edited(_hide_rows),
    "a working copy beside the table": edited(_working_copy),
    "cells of blanks": edited(_shared_words),
    "a totals row below more lines than columns": edited(_long_with_a_totals_row),
    "a table below empty rows": edited(_blank_above),
    "headers below empty rows": edited(_blank_above_without_a_table),
    "no more columns than needed": edited(_no_more_columns_than_needed),
    "a table in a part of another name": repacked(_elsewhere, workbooks.SAME[SHORT_TABLE]),
    **{
        f"the amounts look like {look}": _format(look)
        for look in (
            '#,##0.00 "kr"',
            "[$kr-41D] #,##0",
            "0.00%",
            "[Red]-#,##0",
            "@",
            "_-* #,##0.00\\ [$kr-41D]_-",
        )
    },
}


@pytest.mark.parametrize("name", GOOD_BOOKS)
def test_both_readers_find_the_same_in_a_workbook(name: str) -> None:
    content = GOOD_BOOKS[name]()
    found = second(content, "farsta.xlsx")
    assert found is not None
    assert found == first(content, "farsta.xlsx")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_the_first_reader_can_read_the_second_reads_alike(fault: planted.Fault) -> None:
    content = fault.make()
    one = first(content, fault.name + fault.suffix)
    if one is not None and fault.rule not in {"kolumn-saknas", "kolumn-tvetydig", "personnummer"}:
        assert second(content, fault.name + fault.suffix) == one


HEADERS = [column.header for column in COST_COLUMNS]


def with_table(
    above: Sequence[str],
    lines: Sequence[Sequence[object]],
    *,
    has_headers: bool,
    headers: Sequence[str] = HEADERS,
) -> bytes:
    """A workbook with a table Kostnader below some rows; without headers by its own word, though
    they stand there."""
    book = Workbook()
    sheet = book.worksheets[0]
    for text in above:
        sheet.append([text])
    sheet.append([*headers])
    for line in lines:
        sheet.append([*line])
    begins = len(above) + 1
    table = Table(displayName="Kostnader", ref=f"A{begins}:I{begins + len(lines)}")
    table.headerRowCount = 1 if has_headers else 0
    sheet.add_table(table)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


BELOPP = ["Belopp", "Öppenvård", "Personal", "4010", "", "V1", date(2023, 3, 1), 100.5, "Belopp"]


@pytest.mark.parametrize("has_headers", [True, False])
@pytest.mark.parametrize(
    "above", [[], ["Rubrik"], ["Belopp", "Rubrik"], ["Rubrik", "Belopp", "Rubrik"]], ids=len
)
def test_headers_that_a_table_denies_are_found_by_the_second_reader(
    above: list[str], *, has_headers: bool
) -> None:
    """Some programs write headers into a table that says it has none; and a word of them may stand
    in a line."""
    lines = [BELOPP, [*BELOPP[:7], 99.25, "Belopp"], [*BELOPP[:7], 0.25, ""]]
    assert second(with_table(above, lines, has_headers=has_headers), "f.xlsx") == (3, D(200))


@pytest.mark.parametrize("above", [[], ["Rubrik"]], ids=len)
def test_the_last_row_of_a_sheet_is_not_the_headers_of_a_table_without_any_for_the_second_reader(
    above: list[str],
) -> None:
    headers = ["Summa" if header == "Belopp" else header for header in HEADERS]
    lines = [[*BELOPP[1:8], 100.5, ""], ["", "Belopp"]]
    content = with_table(above, lines, has_headers=False, headers=headers)
    assert second(content, "f.xlsx") is None


@pytest.mark.long
def test_both_readers_find_the_same_in_the_example(returned: Given) -> None:
    book = returned[0]
    read = {r.file: r for r in returned[1]}
    compared = 0
    for name, content in example.files(book).items():
        one = first(content, name)
        if one is not None:
            assert second(content, name) == one == drawn.recount_of(read[name])
            compared += 1
    assert compared > 20


CSV: Mapping[str, Make] = {
    "semicolon": as_csv(),
    "comma": as_csv(delimiter=","),
    "decimal point with semicolon": as_csv(lambda t: t.replace("40000,50", "40000.50")),
    "thousands and kr": as_csv(lambda t: t.replace("40000,50", "40 000,50 kr")),
    "quoted, with line ends and quotes within": as_csv(
        lambda t: t.replace("Juli till september", '"Juli; till\r\n""september"""')
    ),
    "an inch within a field": as_csv(lambda t: t.replace("Juli till september", 'Rör 5" långt')),
    "byte order mark": as_csv(encoding="utf-8-sig"),
    "windows": as_csv(encoding="cp1252"),
    "utf-16": as_csv(encoding="utf-16"),
    "sep": as_csv(lambda t: "sep=;\r\n" + t),
    "old line ends": as_csv(lambda t: t.replace("\r\n", "\r")),
    "no line end at the end": as_csv(lambda t: t.rstrip("\r\n")),
    "minus after the amount": as_csv(lambda t: t.replace("-500", "500-")),
    "minus as reports have it": as_csv(lambda t: t.replace("-500", "\u2212500")),
    "empty rows": as_csv(lambda t: t.replace("\r\n", "\r\n;;;;;;;;;;;;\r\n\r\n")),
    "header in capitals": as_csv(lambda t: t.replace("belopp", '" BELOPP "')),
    "columns more than needed": as_csv(lambda t: t.replace("\r\n", ";;\r\n")),
}


@pytest.mark.parametrize("name", CSV)
def test_both_readers_find_the_same_in_a_csv(name: str) -> None:
    content = CSV[name]()
    assert second(content, "farsta.csv") == first(content, "farsta.csv") == (4, TOTAL)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.integers(-(10**11), 10**11).map(lambda ore: Decimal(ore) / 100), min_size=1, max_size=8
    ),
    st.sampled_from(";,"),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
)
def test_both_readers_find_the_same_in_any_csv(
    amounts: list[Decimal], delimiter: str, comment: str
) -> None:
    rows = [{**COSTS[0], "Belopp": amount, "Kommentar": f"x{comment}"} for amount in amounts]
    content = filling.csv_return(header=planted.CSV_HEADER, costs=rows, delimiter=delimiter)
    one = first(content, "farsta.csv")
    if one is not None:
        assert second(content, "farsta.csv") == one == (len(amounts), sum(amounts))


@pytest.mark.long
@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not on this machine")
def test_both_readers_find_the_same_in_what_libreoffice_saved() -> None:
    saved = filling.saved_by_libreoffice([make() for make in GOOD_BOOKS.values()])
    for (name, make), content in zip(GOOD_BOOKS.items(), saved, strict=True):
        one = first(content, "farsta.xlsx")
        assert one == first(make(), "farsta.xlsx"), name
        assert one is not None
        assert second(content, "farsta.xlsx") == one, name


def test_a_file_that_changed_after_it_was_read_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "farsta.xlsx"
    path.write_bytes(planted.good())
    with pytest.raises(InputError, match=r"Filen nämnder/farsta\.xlsx ändrades medan"):
        second_reader.total(path, "nämnder/farsta.xlsx", "0" * 64)
    path.unlink()
    with pytest.raises(
        InputError, match=r"försvann medan körningen läste den\. Vänta .* och kör igen\."
    ):
        second_reader.total(path, "farsta.xlsx", "0" * 64)


@pytest.mark.parametrize("amount", ["125,125", "hundra", "-5-"])
def test_what_is_no_amount_to_the_ore_is_not_counted(amount: object) -> None:
    assert second(_costs(250, amount)(), "farsta.xlsx") is None
    assert second(_costs(250)(), "farsta.xlsx") == (1, 250)


def test_a_typed_third_decimal_holds_the_return_so_that_the_second_reader_need_not_tell_it_from_a_computed_one() -> (
    None
):
    typed, computed_ = _costs(250, 125.125)(), planted.computed({"H7": "125.125"}, _costs(250, 7))()
    assert (first(typed, "farsta.xlsx"), second(typed, "farsta.xlsx")) == (None, (2, D("375.13")))
    assert first(computed_, "farsta.xlsx") == second(computed_, "farsta.xlsx") == (2, D("375.13"))


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(st.lists(st.decimals(-99_999, 99_999, places=4), min_size=4, max_size=4))
def test_both_readers_round_whatever_is_computed_alike(stored: list[Decimal]) -> None:
    places = ("H6", "H7", "H8", "H9")
    content = planted.computed(
        {ref: str(value) for ref, value in zip(places, stored, strict=True)}
    )()
    one = first(content, "farsta.xlsx")
    assert one is not None
    assert second(content, "farsta.xlsx") == one
    assert abs(one[1] - sum(stored)) <= 4 * swedish.ORE / 2


@pytest.mark.parametrize("content", [planted.good(), b"PK nothing"])
def test_what_is_said_on_standard_error_is_seen_again_afterwards(content: bytes) -> None:
    kept, opened = os.fstat(2), len(list(Path("/proc/self/fd").iterdir()))
    second(content, "farsta.xlsx")
    assert os.path.samestat(os.fstat(2), kept)
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_panic_of_the_library_is_not_heard_on_standard_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with second_reader._silence():
        os.write(1, b"heard")
        os.write(2, b"not heard")
    assert capfd.readouterr() == ("heard", "")


def test_a_personal_number_is_in_no_error(tmp_path: Path) -> None:
    path = tmp_path / "farsta.xlsx"
    content = filled(header={"version": 1}, costs=[{**COSTS[0], "Belopp": planted.NUMBER}])
    path.write_bytes(content)
    with pytest.raises(second_reader.UnreadableError) as raised:
        second_reader.total(path, "farsta.xlsx", hashlib.sha256(content).hexdigest())
    assert str(raised.value) == "farsta.xlsx"
    assert raised.value.__cause__ is None
