"""DuckDB: loads what was taken in, runs the steps and rules of `sql/`, and hands out the result tables.

A run works on a copy of the database, which takes the old one's place whole when all is done, so readers never wait for
a writer. One run is one transaction. Money leaves by `fetchall`, as `Decimal`.
"""

import hashlib
import importlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from . import __version__, duck, places, swedish
from .figures import Breach, FigureError
from .model import (
    Cell,
    Finding,
    Grant,
    GrantResult,
    InputError,
    Reading,
    Return,
    Rule,
    Rulebook,
    RunPlan,
    Severity,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DATABASE = places.DATABASE
SCHEMA_VERSION = 1

SELECTION = (
    *("101_heir", "102_unit", "103_allocation", "104_accountable"),
    *("110_returned", "120_candidate", "140_cost"),
)
"""Whose money it is, and which return of each sender counts.

Blocking rules come after these: what they hold is not counted.
"""
MONEY = (
    *("210_sender", "220_standing", "225_judged", "230_line", "240_activity"),
    *("310_board_component", "320_board_money", "330_inherited"),
)
"""What was spent and what is owed. Rules that warn come after these, since some of them speak of sums."""
OUTCOME = (
    *("410_forecast", "420_board"),
    *("430_reach", "432_expected", "435_outlook", "440_since"),
    *("510_city", "520_area", "530_ineligible", "540_gender", "550_manifest", "560_told"),
)
"""What the reports say."""
STEPS = (*SELECTION, *MONEY, *OUTCOME)
CHANGES: Mapping[str, str] = {
    "710_line_change": "board_id, sender_id, file, sheet, row_no, change",
    "720_sender_change": "board_id, sender_name, after_file, before_file",
}
"""What a new version of a return would change, and the order of the rows."""

CHECKS = (
    *("fil", "inlast", "rader", "skal", "omraden"),
    *("beviljat", "tilldelat", "redovisat", "aterstar"),
    *("aterbetalning", "grunder", "komponenter", "staden", "aterbetalas"),
)
"""The identities of the money, in `sql/checks`, from the files inward to what the city repays."""

RESULTS: Mapping[str, str] = {
    "city": "grant_id",
    "board": "board_id",
    "board_component": "board_id, position",
    "inherited": "board_id, decided_board_id",
    "sender": "board_id, is_own DESC, sender_id, file",
    "line": "board_id, file, sheet, row_no",
    "activity": "board_id, file, sheet, row_no",
    "area": "position, area",
    "ineligible": "board_id, reason",
    "outlook": "board_id NULLS FIRST, component_id NULLS FIRST",
    "since": "board_id, earlier_on DESC",
    "gender": "grant_id",
    "manifest": "name",
    "allocation": "decided_on, decision_id, board_id, component_id",
    "told": "position",
}
"""The tables that a report is made of, and the order of their rows."""


def warm() -> None:
    """Load DuckDB ahead of the first reconciliation."""
    importlib.import_module("duckdb")


def reconcile(
    database: Path,
    rulebook: Rulebook,
    plan: RunPlan,
    returns: Sequence[Return],
    findings: Sequence[Finding],
    recounts: Mapping[str, tuple[int, Decimal]],
) -> list[GrantResult]:
    """Load the returns and findings, run every step and rule, and give each grant's result.

    `recounts` is what a second reader found in each file that may count: lines with an amount, and their sum. The
    database is a copy that nobody else reads, or is made. Raises InputError when it is of an unknown version, and
    FigureError when the money doesn't meet itself.
    """
    con = duck.connect(database, read_only=False)
    try:
        con.execute("BEGIN")
        _define(con, database)
        number = _load(con, rulebook, plan, returns)
        counted = ((file, *found) for file, found in recounts.items())
        columns = {"file": "VARCHAR", "line_count": "INTEGER", "amount_sek": "DECIMAL(18, 2)"}
        duck.insert(con, "given_recount", columns, counted)
        _add_findings(con, findings)
        _run_steps(con, rulebook, plan)
        breach = next(check(con, rulebook), None)
        if breach:
            raise FigureError(breach.sentence)
        _keep(con, number)
        results = [_result(con, rulebook, rulebook.grant(g), plan) for g in sorted(plan.periods)]
        con.execute("COMMIT")
        con.execute("CHECKPOINT")  # all into the one file: on a full disk, closing would leave a part out in silence
    except Exception as error:
        clear_frames(error.__traceback__)
        if duck.is_damaged(error):
            raise duck.damaged(database) from None
        raise
    finally:
        con.close()
        del con  # an error that is kept keeps its frames, and DuckDB complains of a connection that is still here
    return results


def told_of_alone(
    rulebook: Rulebook, plan: RunPlan, returns: Sequence[Return], findings: Sequence[Finding], rules: Set[str]
) -> list[Finding]:
    """What some rules across tables say of returns that are alone of their units, in a database that nobody keeps.

    `findings` are what is known of the returns already: what is held is not counted.
    """
    con = duck.connect(Path(":memory:"), read_only=False)
    try:
        con.execute(duck.sql("000_schema"))
        con.execute(duck.sql("010_functions"))
        _load(con, rulebook, plan, returns)
        _add_findings(con, findings)
        asked = [rule for rule in rulebook.rules.values() if rule.rule_id in rules]
        return [found for stage in _STAGES[:2] for found in _run_stage(con, rulebook, plan, stage, asked)]
    finally:
        con.close()


def _define(con: "DuckDBPyConnection", database: Path) -> None:
    con.execute(duck.sql("000_schema"))
    con.execute(duck.sql("010_functions"))
    found = con.execute("SELECT version FROM schema_version").fetchall()
    if not found:
        con.execute("INSERT INTO schema_version VALUES ($version)", {"version": SCHEMA_VERSION})
    elif found != [(SCHEMA_VERSION,)]:
        raise _of_another_version(database)


def copy(database: Path, to: Path) -> None:
    """A copy of a database, taken while nobody writes in it. Raises InputError when another program has it open."""
    with duck.reading(database):  # first, since whoever has it open has changes beside it too
        duck.must_stand_alone(database)
        shutil.copyfile(database, to)


def _of_another_version(database: Path) -> InputError:
    return InputError(f"Databasen {database.name} är gjord av en annan version. Flytta undan den och kör igen.")


def _rule_sql(rule_id: str) -> str:
    return files("statsbidrag.sql.rules").joinpath(f"{rule_id}.sql").read_text("utf-8")


# -- loading ---------------------------------------------------------------------------------------------------------


def _load(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, returns: Sequence[Return]) -> int:
    grants = [rulebook.grant(g) for g in sorted(plan.periods)]
    _load_decisions(con, rulebook, plan, grants)
    known = {row[0] for row in con.execute("SELECT reading_id FROM raw_reading").fetchall()}
    cells: list[tuple[Any, ...]] = []
    readings: list[tuple[Any, ...]] = []
    file_rows: list[tuple[Any, ...]] = []
    words: set[str] = set()
    for returned in returns:
        rows = list(_cell_rows(returned))
        words |= {w for part, *_, w in rows if part != "header" and w is not None}
        digest = hashlib.sha256(repr((returned.sha256, rows)).encode()).hexdigest()
        file_rows.append(
            (
                returned.file,
                returned.sha256,
                returned.size_bytes,
                returned.kind,
                digest,
                returned.grant_id,
                returned.sender_id,
            )
        )
        if digest not in known:
            known.add(digest)
            readings.append((digest, returned.sha256, returned.kind, returned.size_bytes))
            cells += [(digest, *row) for row in rows]
    text = "VARCHAR"
    duck.insert(
        con, "raw_reading", {"reading_id": text, "sha256": text, "kind": text, "size_bytes": "BIGINT"}, readings
    )
    duck.insert(
        con,
        "raw_cell",
        {"reading_id": text, "part": text, "sheet": text, "row_no": "INTEGER", "column_name": text, "cell": text}
        | {"raw": text, "reading": text, "amount_sek": "DECIMAL(18, 2)", "day_on": "DATE", "words": text},
        cells,
    )
    duck.insert(
        con,
        "given_file",
        {"file": text, "sha256": text, "size_bytes": "BIGINT", "kind": text, "reading_id": text}
        | {"grant_id": text, "sender_id": text},
        file_rows,
    )
    duck.insert(con, "given_word", {"words": text, "word_key": text}, ((w, swedish.key(w)) for w in sorted(words)))
    number = con.execute("SELECT coalesce(max(run_no), 0) + 1 FROM run").fetchall()[0][0]
    duck.insert(
        con,
        "run",
        {"run_no": "INTEGER", "as_of_on": "DATE", "is_final": "BOOLEAN", "program_version": text},
        [(number, plan.as_of, plan.is_final, __version__)],
    )
    duck.insert(
        con,
        "run_file",
        {"run_no": "INTEGER", "file": text, "sha256": text, "reading_id": text},
        [(number, row[0], row[1], row[4]) for row in file_rows],
    )
    duck.insert(
        con,
        "run_grant",
        {"run_no": "INTEGER", "grant_id": text, "period_end_on": "DATE"},
        [(number, grant_id, period_end) for grant_id, period_end in sorted(plan.periods.items())],
    )
    duck.insert(
        con,
        "run_data_file",
        {"run_no": "INTEGER", "position": "INTEGER", "name": text, "sha256": text, "size_bytes": "BIGINT"},
        [(number, position, *file) for position, file in enumerate(rulebook.files)],
    )
    return int(number)


def _cell_rows(returned: Return) -> Iterator[tuple[Any, ...]]:
    for name, cell in returned.header.items():
        yield ("header", cell.sheet, 0, name, *_cell_values(cell))
    for part, rows in (("costs", returned.costs), ("activities", returned.activities)):
        for row in rows:
            for name, cell in row.cells.items():
                if cell.reading is not Reading.BLANK:
                    yield (part, row.sheet, row.row, name, *_cell_values(cell))


def _cell_values(cell: Cell) -> tuple[Any, ...]:
    value = cell.value
    return (
        cell.ref,
        cell.raw,
        str(cell.reading),
        value if isinstance(value, Decimal) else None,
        value if isinstance(value, date) else None,
        value if isinstance(value, str) else None,
    )


def _load_decisions(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, grants: Sequence[Grant]) -> None:
    text, whole, money, day = "VARCHAR", "INTEGER", "DECIMAL(18, 2)", "DATE"
    duck.insert(
        con,
        "given_grant",
        {"grant_id": text, "as_of_on": day, "period_end_on": day, "is_final": "BOOLEAN", "total_sek": money}
        | {"spend_from_on": day, "spend_to_on": day, "liability_basis": text, "is_earmarked": "BOOLEAN"}
        | {"act_unspent_share": "DECIMAL(9, 4)", "act_unspent_sek": money, "act_days_left": whole}
        | {"act_used_numerator": whole, "act_used_denominator": whole, "watch_unspent_share": "DECIMAL(9, 4)"},
        (
            (
                *(g.grant_id, plan.as_of, plan.periods[g.grant_id], plan.is_final, g.total_sek),
                *(g.spend_from_on, g.spend_to_on, g.liability_basis, g.is_earmarked),
                *(g.limits.act_unspent_share, g.limits.act_unspent_sek, g.limits.act_days_left),
                *(g.limits.act_used_numerator, g.limits.act_used_denominator, g.limits.watch_unspent_share),
            )
            for g in grants
        ),
    )
    duck.insert(
        con,
        "given_component",
        {"grant_id": text, "component_id": text, "name": text, "position": whole},
        ((g.grant_id, c.component_id, c.name, n) for g in grants for n, c in enumerate(g.components)),
    )
    duck.insert(
        con,
        "given_area",
        {"grant_id": text, "area_key": text, "area": text, "component_id": text, "position": whole},
        (
            (
                *(g.grant_id, swedish.key(area), area),
                next((c.component_id for c in g.components if area in c.areas), None),
                n,
            )
            for g in grants
            for n, area in enumerate(g.areas)
        ),
    )
    duck.insert(
        con,
        "given_cost_kind",
        {"grant_id": text, "cost_kind_key": text},
        ((g.grant_id, swedish.key(kind)) for g in grants for kind in g.cost_kinds),
    )
    duck.insert(
        con,
        "given_decision",
        {"grant_id": text, "decision_id": text, "decided_on": day, "decided_by": text}
        | {"board_id": text, "component_id": text, "amount_sek": money},
        (
            (g.grant_id, d.decision_id, d.decided_on, d.decided_by, a.board_id, a.component_id, a.amount_sek)
            for g in grants
            for d in g.decisions
            for a in d.allocations
        ),
    )
    duck.insert(
        con,
        "given_board",
        {"board_id": text, "name": text, "first_on": day, "last_on": day, "successor_id": text},
        ((b.board_id, b.name, b.valid_from_on, b.valid_to_on, b.successor_id) for b in rulebook.boards),
    )


# -- steps and rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stage:
    """Steps, and the severities of the rules that come after them."""

    steps: Sequence[str]
    severities: Set[Severity]


_STAGES = (
    _Stage(SELECTION, {Severity.BLOCKING}),
    _Stage(MONEY, {Severity.WARNING, Severity.INFO}),
    _Stage(OUTCOME, frozenset()),
)


def _run_steps(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan) -> None:
    for stage in _STAGES:
        _run_stage(con, rulebook, plan, stage, rulebook.rules.values())


def _run_stage(
    con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, stage: _Stage, rules: Iterable[Rule]
) -> list[Finding]:
    """The steps of a stage and those of the rules that come after it; what the rules say is added to the findings."""
    for step in stage.steps:
        con.execute(f"CREATE OR REPLACE TABLE {step[4:]} AS {duck.sql(step)}")
    told: list[Finding] = []
    for rule in rules:
        if rule.checked_by == "sql" and rule.severity_in(plan.is_final) in stage.severities:
            rows = duck.rows(con, f"SELECT * FROM ({_rule_sql(rule.rule_id)}) ORDER BY ALL")
            found = [_finding(rulebook, rule.rule_id, plan, row) for row in rows]
            _add_findings(con, found)
            told += found
    return told


def _finding(rulebook: Rulebook, rule_id: str, plan: RunPlan, row: Mapping[str, Any]) -> Finding:
    return rulebook.rules[rule_id].finding(
        is_final=plan.is_final,
        grant=row["grant_id"],
        board=row.get("board_id"),
        file=row.get("file"),
        sheet=row.get("sheet") or None,
        cells=tuple(row.get("cells") or ()),
        value=row.get("seen"),
        details=row,
    )


def _add_findings(con: "DuckDBPyConnection", findings: Iterable[Finding]) -> None:
    text = "VARCHAR"
    start = con.execute("SELECT count(*) FROM finding").fetchall()[0][0]
    duck.insert(
        con,
        "finding",
        {"finding_no": "INTEGER", "rule_id": text, "severity": text, "grant_id": text, "board_id": text, "file": text}
        | {"sheet": text, "cells": "VARCHAR[]", "seen": text, "message": text, "remedy": text, "source": text},
        (
            (
                *(number, f.rule, str(f.severity), f.grant, f.board, f.file),
                *(f.sheet, list(f.cells), f.value, f.message, f.remedy, f.source),
            )
            for number, f in enumerate(findings, start=start)
        ),
    )


def _keep(con: "DuckDBPyConnection", run_no: int) -> None:
    """The run's result tables are kept under its number, for `explain` and `status`.

    A table that a newer version of the program has given another column gets it here too; older runs have null there.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS kept")
    for table in RESULTS:
        con.execute(f"CREATE TABLE IF NOT EXISTS kept.{table} AS SELECT 0 AS run_no, * FROM {table} LIMIT 0")
        for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall():
            con.execute(f'ALTER TABLE kept.{table} ADD COLUMN IF NOT EXISTS "{name}" {kind}')
        con.execute(f"INSERT INTO kept.{table} BY NAME SELECT $run_no AS run_no, * FROM {table}", {"run_no": run_no})


_PLACE = "grant_id, board_id, component_id, file, figure, expected, found"


def unequal(check: str) -> str:
    """The query for where an identity doesn't hold: its file gives what must be equal, and the columns of the place."""
    pairs = files("statsbidrag.sql.checks").joinpath(f"{check}.sql").read_text("utf-8")
    whole = "SELECT NULL::VARCHAR AS board_id, NULL::VARCHAR AS component_id, NULL::VARCHAR AS file WHERE false"
    return f"SELECT {_PLACE} FROM ({whole} UNION ALL BY NAME ({pairs})) WHERE expected IS DISTINCT FROM found"


def check(con: "DuckDBPyConnection", rulebook: Rulebook) -> Iterator[Breach]:
    """Each identity of the money that doesn't hold in the run's tables, and the first place where it doesn't."""
    for name in CHECKS:
        for found in duck.rows(con, f"{unequal(name)} ORDER BY ALL LIMIT 1"):
            grant = rulebook.grant(found.pop("grant_id")).name
            board_id, component = found.pop("board_id"), found.pop("component_id")
            board = rulebook.board(board_id).name if board_id else None
            yield Breach(check=name, grant=grant, board=board, component=component, **found)


# -- results ---------------------------------------------------------------------------------------------------------


def _result(con: "DuckDBPyConnection", rulebook: Rulebook, grant: Grant, plan: RunPlan) -> GrantResult:
    wanted = {"grant_id": grant.grant_id}
    tables = {
        table: duck.rows(con, f"SELECT * FROM {table} WHERE grant_id = $grant_id ORDER BY {order}", wanted)
        for table, order in RESULTS.items()
    }
    return _made(tables, grant, plan.as_of, plan.periods[grant.grant_id], plan.is_final, rulebook.files)


def _made(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    grant: Grant,
    as_of: date,
    period_end: date,
    is_final: bool,
    data_files: tuple[tuple[str, str, int], ...],
) -> GrantResult:
    inner = {"grant_id", "run_no"}
    return GrantResult(
        grant=grant,
        as_of=as_of,
        period_end=period_end,
        is_final=is_final,
        tables={
            table: tuple({name: value for name, value in row.items() if name not in inner} for row in rows)
            for table, rows in tables.items()
        },
        findings=tuple(map(_told, tables["told"])),
        data_files=data_files,
    )


def _told(row: Mapping[str, Any]) -> Finding:
    cells = tuple(row["cells"])
    return Finding(
        rule=row["rule_id"],
        severity=Severity(row["severity"]),
        grant=row["about_grant_id"],
        board=row["about_board_id"],
        file=row["file"],
        sheet=row["sheet"],
        cell=cells[0] if cells else None,
        cells=cells,
        value=row["seen"],
        message=row["message"],
        remedy=row["remedy"],
        source=row["source"],
    )


# -- what earlier runs found -----------------------------------------------------------------------------------------


@contextmanager
def _reading(database: Path) -> Iterator["DuckDBPyConnection"]:
    """A database that holds what this version asks for; one that an older version left gets it with its next run.

    Raises InputError for one that a newer version made, whose tables may say something else.
    """
    with duck.reading(database) as con:
        if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'run_grant'").fetchall():
            raise InputError(
                f"Resultaten i {database.parent} är från en tidigare version av programmet. Kör statsbidrag run igen."
            )
        if con.execute("SELECT version FROM schema_version").fetchall() != [(SCHEMA_VERSION,)]:
            raise _of_another_version(database)
        yield con


def latest_run(database: Path, grant_id: str, *, is_final: bool | None = None) -> int | None:
    """The number of the grant's latest run, of a kind or of either; None when there is none."""
    if not database.exists():
        return None
    with _reading(database) as con:
        found = con.execute(
            "SELECT max(run_no) FROM run_grant INNER JOIN run USING (run_no)"
            " WHERE grant_id = ? AND coalesce(is_final = ?, true)",
            [grant_id, is_final],
        ).fetchall()
    return found[0][0] if found else None


def last_as_of(database: Path) -> date:
    """The as-of day of the latest run of all."""
    with duck.reading(database) as con:
        [(as_of,)] = con.execute("SELECT as_of_on FROM run ORDER BY run_no DESC LIMIT 1").fetchall()
    found: date = as_of
    return found


def run_count(database: Path) -> int:
    """How many runs it has from versions of the program that also kept a log."""
    with duck.reading(database) as con:
        found = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'run_grant'").fetchall()
        if found != [(0,)]:
            found = con.execute("SELECT count(DISTINCT run_no) FROM run_grant").fetchall()
    return int(found[0][0])


def result(database: Path, grant: Grant, run_no: int) -> GrantResult:
    """What a run found out about a grant, as it was when it ran; the terms are those of the grant as given."""
    wanted = {"run_no": run_no, "grant_id": grant.grant_id}
    with duck.reading(database) as con:
        there = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'kept'").fetchall()
        tables = {
            table: duck.rows(
                con,
                f"SELECT * FROM kept.{table} WHERE run_no = $run_no AND grant_id = $grant_id ORDER BY {order}",
                wanted,
            )
            if (table,) in there  # an older version of the program kept fewer
            else ()
            for table, order in RESULTS.items()
        }
        files = "SELECT name, sha256, size_bytes FROM run_data_file WHERE run_no = ? ORDER BY position"
        data_files = con.execute(files, [run_no]).fetchall()
        [(as_of, is_final, period_end)] = con.execute(
            "SELECT as_of_on, is_final, period_end_on FROM run INNER JOIN run_grant USING (run_no) "
            "WHERE run_no = $run_no AND grant_id = $grant_id",
            wanted,
        ).fetchall()
    return _made(tables, grant, as_of, period_end, is_final, tuple(data_files))


def changes(database: Path, grant_id: str, before: int, after: int) -> dict[str, list[dict[str, Any]]]:
    """What the returns of one run say that those of another don't: a table for each step of `CHANGES`."""
    with duck.reading(database) as con:
        for name, number in (("before", before), ("after", after)):
            for table in ("line", "sender"):
                con.execute(
                    f"CREATE TEMP TABLE {name}_{table} AS SELECT * FROM kept.{table} WHERE run_no = ? AND grant_id = ?",
                    [number, grant_id],
                )
        return {
            step[4:]: duck.rows(con, f"SELECT * FROM ({duck.sql(step)}) ORDER BY {by}") for step, by in CHANGES.items()
        }


def others_files(database: Path, grant_id: str) -> set[tuple[str, str]]:
    """Name and SHA-256 of the files that some run has found to be a return of another grant."""
    with duck.reading(database) as con:
        found = con.execute(
            "SELECT DISTINCT name, sha256 FROM kept.manifest "
            "WHERE grant_id <> ? AND outcome NOT IN ('other_grant', 'unidentified', 'skipped')",
            [grant_id],
        ).fetchall()
    return {(name, sha256) for name, sha256 in found}


def digests(database: Path) -> dict[str, str]:
    """SHA-256 of the content of every table, by schema and name: the same rows in any order give the same.

    Raises InputError when the database can't be opened.
    """
    with duck.reading(database) as con:
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        return {f"{schema}.{table}": _digest(con, schema, table) for schema, table in tables}


def _digest(con: "DuckDBPyConnection", schema: str, table: str) -> str:
    query = f"""
        SELECT sha256(coalesce(string_agg(row_hash, '' ORDER BY row_hash), ''))
        FROM (SELECT sha256(rows::VARCHAR) AS row_hash FROM "{schema}"."{table}" AS rows)
    """
    return str(con.execute(query).fetchall()[0][0])


@contextmanager
def kept(database: Path) -> Iterator[Callable[[str, str], list[dict[str, Any]]]]:
    """What earlier runs found: a function from result table and grant id to the rows of the grant's latest run.

    Each row also has the run's `as_of_on` and `is_final`. Raises InputError when nothing has been run in that folder.
    """
    if not database.exists():
        raise InputError(f"Det finns inga resultat i {database.parent}. Kör statsbidrag run först.")

    def latest(table: str, grant_id: str) -> list[dict[str, Any]]:
        query = f"""
            SELECT found.*, run.as_of_on, run.is_final
            FROM kept.{table} AS found INNER JOIN run USING (run_no)
            WHERE grant_id = $grant_id
                AND run_no = (SELECT max(run_no) FROM kept.city WHERE grant_id = $grant_id)
            ORDER BY {RESULTS[table]}
        """
        return duck.rows(con, query, {"grant_id": grant_id})

    with _reading(database) as con:
        yield latest
