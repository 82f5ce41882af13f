"""DuckDB: loads what was taken in, runs the steps and rules of `sql/`, and hands out the result tables.

A run works on a copy of the database and publishes it whole when it is done, so readers never wait for a writer and a
run that is cut off leaves nothing half done. One run is one transaction. Money leaves by `fetchall`, as `Decimal`.
"""

import hashlib
import importlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__, swedish
from .model import (
    Cell,
    Finding,
    Grant,
    GrantResult,
    InputError,
    Reading,
    Return,
    Rulebook,
    RunPlan,
    Severity,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DATABASE = "statsbidrag.duckdb"
SCHEMA_VERSION = 1

SELECTION = ("110_returned", "120_candidate", "130_allocation", "140_cost")
"""Which return of each sender counts. Blocking rules come after these: what they hold is not counted."""
MONEY = (
    *("210_sender", "220_standing", "230_line", "240_activity"),
    *("310_board_component", "320_board_money"),
)
"""What was spent and what is owed. Rules that warn come after these, since some of them speak of sums."""
OUTCOME = (
    *("410_forecast", "420_board"),
    *("510_city", "520_area", "530_ineligible", "540_gender", "550_manifest"),
)
"""What the reports say."""
STEPS = (*SELECTION, *MONEY, *OUTCOME)

RESULTS: Mapping[str, str] = {
    "city": "grant_id",
    "board": "board_id",
    "board_component": "board_id, position",
    "sender": "board_id, is_own DESC, sender_id, file",
    "line": "board_id, file, sheet, row_no",
    "activity": "board_id, file, sheet, row_no",
    "area": "position, area",
    "ineligible": "board_id, reason",
    "gender": "grant_id",
    "manifest": "name",
    "allocation": "decided_on, decision_id, board_id, component_id",
}
"""The tables that a report is made of, and the order of their rows."""


def warm() -> None:
    """Load DuckDB ahead of the first reconciliation."""
    importlib.import_module("duckdb")


def reconcile(
    database: Path, rulebook: Rulebook, plan: RunPlan, returns: Sequence[Return], findings: Sequence[Finding]
) -> list[GrantResult]:
    """Load the returns and findings, run every step and rule, publish the database, and give each grant's result.

    The caller holds `only_run`. Raises InputError when the database is of an unknown version.
    """
    work = database.with_suffix(".arbete")
    work.unlink(missing_ok=True)
    if database.exists():
        shutil.copyfile(database, work)
    con = _connect(work, read_only=False)
    try:
        con.execute("BEGIN")
        _define(con, database)
        number = _load(con, rulebook, plan, returns)
        _add_findings(con, findings)
        _run_steps(con, rulebook, plan)
        _keep(con, number)
        results = [_result(con, rulebook, rulebook.grant(g), plan) for g in sorted(plan.periods)]
        con.execute("COMMIT")
    finally:
        con.close()
    work.replace(database)
    return results


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """One run at a time per out folder; the lock goes with its process, however that ends.

    Raises InputError when another run has it.
    """
    import fcntl

    out.mkdir(parents=True, exist_ok=True)
    with (out / DATABASE).with_suffix(".las").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"En annan körning skriver till {out}. Vänta tills den är klar och försök igen.") from None
        yield


def _connect(path: Path, *, read_only: bool) -> "DuckDBPyConnection":
    import duckdb

    quiet: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        return duckdb.connect(str(path), read_only=read_only, config=quiet)
    except duckdb.Error:
        raise InputError(f"Databasen {path} går inte att öppna. Flytta undan den och kör igen.") from None


def _define(con: "DuckDBPyConnection", database: Path) -> None:
    con.execute(_sql("000_schema"))
    found = con.execute("SELECT version FROM schema_version").fetchall()
    if not found:
        con.execute("INSERT INTO schema_version VALUES ($version)", {"version": SCHEMA_VERSION})
    elif found != [(SCHEMA_VERSION,)]:
        raise InputError(f"Databasen {database} är gjord av en annan version. Flytta undan den och kör igen.")


def _sql(step: str) -> str:
    return files("statsbidrag.sql").joinpath(f"{step}.sql").read_text("utf-8")


def _rule_sql(rule_id: str) -> str:
    return files("statsbidrag.sql.rules").joinpath(f"{rule_id}.sql").read_text("utf-8")


# -- loading ---------------------------------------------------------------------------------------------------------


def _insert(con: "DuckDBPyConnection", table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows into a table, a whole column at a time: one statement however many rows there are."""
    turned = list(zip(*rows, strict=True))
    if turned:
        values = {name: list(column) for name, column in zip(columns, turned, strict=True)}
        unnested = ", ".join(f"unnest(${name}::{kind}[])" for name, kind in columns.items())
        con.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {unnested}", values)


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
    _insert(con, "raw_reading", {"reading_id": text, "sha256": text, "kind": text, "size_bytes": "BIGINT"}, readings)
    _insert(
        con,
        "raw_cell",
        {"reading_id": text, "part": text, "sheet": text, "row_no": "INTEGER", "column_name": text, "cell": text}
        | {"raw": text, "reading": text, "amount_sek": "DECIMAL(18, 2)", "day_on": "DATE", "words": text},
        cells,
    )
    _insert(
        con,
        "given_file",
        {"file": text, "sha256": text, "size_bytes": "BIGINT", "kind": text, "reading_id": text}
        | {"grant_id": text, "sender_id": text},
        file_rows,
    )
    _insert(con, "given_word", {"words": text, "word_key": text}, ((w, swedish.key(w)) for w in sorted(words)))
    number = con.execute("SELECT coalesce(max(run_no), 0) + 1 FROM run").fetchall()[0][0]
    _insert(
        con,
        "run",
        {"run_no": "INTEGER", "as_of_on": "DATE", "is_final": "BOOLEAN", "program_version": text},
        [(number, plan.as_of, plan.is_final, __version__)],
    )
    _insert(
        con,
        "run_file",
        {"run_no": "INTEGER", "file": text, "sha256": text, "reading_id": text},
        [(number, row[0], row[1], row[4]) for row in file_rows],
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
    _insert(
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
    _insert(
        con,
        "given_component",
        {"grant_id": text, "component_id": text, "name": text, "position": whole},
        ((g.grant_id, c.component_id, c.name, n) for g in grants for n, c in enumerate(g.components)),
    )
    _insert(
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
    _insert(
        con,
        "given_cost_kind",
        {"grant_id": text, "cost_kind_key": text},
        ((g.grant_id, swedish.key(kind)) for g in grants for kind in g.cost_kinds),
    )
    _insert(
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
    _insert(
        con,
        "given_sender",
        {"grant_id": text, "sender_id": text, "name": text, "board_id": text, "board_name": text, "last_on": day},
        (
            (g.grant_id, b.board_id, b.name, holder, rulebook.board(holder).name if holder else None, b.valid_to_on)
            for g in grants
            for b in rulebook.boards
            for holder in [rulebook.counts_under(b.board_id, g, plan.as_of)]
        ),
    )


# -- steps and rules -------------------------------------------------------------------------------------------------


def _run_steps(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan) -> None:
    for steps, severities in (
        (SELECTION, {Severity.BLOCKING}),
        (MONEY, {Severity.WARNING, Severity.INFO}),
        (OUTCOME, set[Severity]()),
    ):
        for step in steps:
            con.execute(f"CREATE OR REPLACE TABLE {step[4:]} AS {_sql(step)}")
        for rule in rulebook.rules.values():
            if rule.checked_by == "sql" and rule.severity_in(plan.is_final) in severities:
                rows = _rows(con, f"SELECT * FROM ({_rule_sql(rule.rule_id)}) ORDER BY ALL")
                _add_findings(con, [_finding(rulebook, rule.rule_id, plan, row) for row in rows])


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
    _insert(
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
    for table in (*RESULTS, "finding"):
        con.execute(f"CREATE TABLE IF NOT EXISTS kept.{table} AS SELECT 0 AS run_no, * FROM {table} LIMIT 0")
        for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall():
            con.execute(f'ALTER TABLE kept.{table} ADD COLUMN IF NOT EXISTS "{name}" {kind}')
        con.execute(f"INSERT INTO kept.{table} BY NAME SELECT $run_no AS run_no, * FROM {table}", {"run_no": run_no})


# -- results ---------------------------------------------------------------------------------------------------------


def _rows(con: "DuckDBPyConnection", query: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    done = con.execute(query, values or {})
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _result(con: "DuckDBPyConnection", rulebook: Rulebook, grant: Grant, plan: RunPlan) -> GrantResult:
    wanted = {"grant_id": grant.grant_id}
    tables = {
        table: tuple(
            {name: value for name, value in row.items() if name != "grant_id"}
            for row in _rows(con, f"SELECT * FROM {table} WHERE grant_id = $grant_id ORDER BY {order}", wanted)
        )
        for table, order in RESULTS.items()
    }
    return GrantResult(
        grant=grant,
        as_of=plan.as_of,
        period_end=plan.periods[grant.grant_id],
        is_final=plan.is_final,
        tables=tables,
        findings=tuple(_findings(con, grant.grant_id)),
        data_files=rulebook.files,
    )


def _findings(con: "DuckDBPyConnection", grant_id: str) -> Iterator[Finding]:
    """The grant's findings, and those of files that nobody can place; not those of files passed over."""
    for row in _rows(
        con,
        """
        SELECT finding.* FROM finding
        LEFT JOIN given_file ON finding.file = given_file.file
        LEFT JOIN returned ON finding.file = returned.file
        WHERE coalesce(returned.outcome, 'candidate') = 'candidate'
            AND (finding.grant_id = $grant_id
                OR (given_file.file IS NOT NULL AND (given_file.grant_id IS NULL OR given_file.sender_id IS NULL))
                OR finding.rule_id = 'bidragsfil-trasig')
        ORDER BY
            CASE finding.severity WHEN 'blocking' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
            finding.board_id NULLS FIRST, finding.file NULLS FIRST, finding.finding_no
        """,
        {"grant_id": grant_id},
    ):
        cells = tuple(row["cells"])
        yield Finding(
            rule=row["rule_id"],
            severity=Severity(row["severity"]),
            grant=row["grant_id"],
            board=row["board_id"],
            file=row["file"],
            sheet=row["sheet"],
            cell=cells[0] if cells else None,
            cells=cells,
            value=row["seen"],
            message=row["message"],
            remedy=row["remedy"],
            source=row["source"],
        )


@contextmanager
def kept(database: Path) -> Iterator[Callable[[str, str], list[dict[str, Any]]]]:
    """What earlier runs found: a function from result table and grant id to the rows of the grant's latest run.

    Each row also has the run's `as_of_on` and `is_final`. Raises InputError when nothing has been run in that folder.
    """
    if not database.exists():
        raise InputError(f"Det finns inga resultat i {database.parent}. Kör statsbidrag run först.")
    con = _connect(database, read_only=True)

    def latest(table: str, grant_id: str) -> list[dict[str, Any]]:
        query = f"""
            SELECT found.*, run.as_of_on, run.is_final
            FROM kept.{table} AS found INNER JOIN run USING (run_no)
            WHERE grant_id = $grant_id
                AND run_no = (SELECT max(run_no) FROM kept.city WHERE grant_id = $grant_id)
            ORDER BY {RESULTS[table]}
        """
        return _rows(con, query, {"grant_id": grant_id})

    try:
        yield latest
    finally:
        con.close()
