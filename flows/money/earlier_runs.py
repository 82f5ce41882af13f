"""What earlier runs found, as the database has it."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import places
from ..base.errors import InputError
from ..model.decisions import Grant
from ..model.findings import Finding
from ..model.rulebook import Rulebook, RunPlan
from . import duck
from .results import GrantResult
from .shapes import rows_of
from .tables import (
    CHANGE_STEPS,
    OF_STEPS,
    SHAPES,
    Changes,
    LineChange,
    SenderChange,
    Tables,
    ToldFinding,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


DATABASE = places.DATABASE
SCHEMA_VERSION = 1


def copy(database: Path, to: Path) -> None:
    """A copy of a database, taken while nobody writes in it. Raises InputError when another program
    has it open."""
    with duck.reading(database):  # first, since whoever has it open has changes beside it too
        duck.must_stand_alone(database)
        shutil.copyfile(database, to)


def of_another_version(database: Path) -> InputError:
    """The sentence about a database that another version has made."""
    return InputError(
        f"Databasen {database.name} är gjord av en annan version. Flytta undan den och kör igen."
    )


# -- steps and rules -------------------------------------------------------------------------------


def keep(con: "DuckDBPyConnection", run_no: int) -> None:
    """The run's result tables are kept under its number, for `explain` and `status`.

    A table that a newer version of the program has given another column gets it here too; older
    runs have null there.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS kept")
    columns = _columns(con)
    for table in OF_STEPS:
        there = columns.get(f"kept.{table}")
        if there is None:
            con.execute(f"CREATE TABLE kept.{table} AS SELECT 0 AS run_no, * FROM {table} LIMIT 0")
            there = columns[f"main.{table}"]
        for name, kind in columns[f"main.{table}"].items():
            if name not in there:
                con.execute(f'ALTER TABLE kept.{table} ADD COLUMN "{name}" {kind}')
        duck.run(
            con,
            f"INSERT INTO kept.{table} BY NAME SELECT $run_no AS run_no, * FROM {table}",
            {"run_no": run_no},
        )


def _columns(con: "DuckDBPyConnection") -> dict[str, dict[str, str]]:
    """The columns of every table and their types, by schema and table."""
    columns: dict[str, dict[str, str]] = {}
    query = (
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal"
    )
    for schema, table, name, kind in con.execute(query).fetchall():
        columns.setdefault(f"{schema}.{table}", {})[name] = kind
    return columns


# -- results ---------------------------------------------------------------------------------------


def result_of(
    con: "DuckDBPyConnection", rulebook: Rulebook, grant: Grant, plan: RunPlan
) -> GrantResult:
    """What the run in an open database has found out about one of its grants."""
    wanted = {"grant_id": grant.grant_id}

    def rows(table: str, order: str) -> Iterable[Mapping[str, Any]]:
        return duck.each(
            con, f"SELECT * FROM {table} WHERE grant_id = $grant_id ORDER BY {order}", wanted
        )

    period_end = plan.periods[grant.grant_id]
    found = _result(_tables(rows), grant, plan.as_of, period_end, plan.is_final, rulebook.files)
    return replace(found, report=plan.report)


def _tables(rows: Callable[[str, str], Iterable[Mapping[str, Any]]]) -> Tables:
    """All tables of steps, each by what a function gives for its name and order."""
    made: dict[str, Any] = {}
    for name in OF_STEPS:
        shape = SHAPES[name]
        made[name] = rows_of(shape, rows(name, shape.ORDER))
    return Tables(**made)


def _result(
    tables: Tables,
    grant: Grant,
    as_of: date,
    period_end: date,
    is_final: bool,
    data_files: tuple[tuple[str, str, int], ...],
) -> GrantResult:
    return GrantResult(
        grant=grant,
        as_of=as_of,
        period_end=period_end,
        is_final=is_final,
        tables=tables,
        findings=tuple(map(_finding, tables.told)),
        data_files=data_files,
    )


def _finding(row: ToldFinding) -> Finding:
    return Finding(
        rule=row.rule_id,
        severity=row.severity,
        grant=row.about_grant_id,
        board=row.about_board_id,
        file=row.file,
        sheet=row.sheet,
        cell=row.cells[0] if row.cells else None,
        cells=row.cells,
        value=row.seen,
        message=row.message,
        remedy=row.remedy,
        source=row.source,
    )


# -- what earlier runs found -----------------------------------------------------------------------


@contextmanager
def _reading(database: Path) -> Iterator["DuckDBPyConnection"]:
    """A database that holds what this version asks for; one that an older version left gets it with
    its next run.

    Raises InputError for one that a newer version made, whose tables may say something else.
    """
    with duck.reading(database) as con:
        if not duck.columns_of(con, "run_grant"):
            raise InputError(
                f"Resultaten i {database.parent} är från en tidigare version av programmet. Kör "
                "statsbidrag run igen."
            )
        if con.execute("SELECT version FROM schema_version").fetchall() != [(SCHEMA_VERSION,)]:
            raise of_another_version(database)
        yield con


def latest_run(
    database: Path,
    grant_id: str,
    *,
    is_final: bool | None = None,
    report_id: str | None = None,
) -> int | None:
    """The number of the grant's latest run, of a kind or of either, or of an interim report; None
    when there is none."""
    if not database.exists():
        return None
    with _reading(database) as con:
        rows = con.execute(
            f"SELECT max(run_no) FROM ({_runs(con)}) INNER JOIN run USING (run_no) WHERE grant_id "
            "= ? AND coalesce(is_final = ?, true) AND report_id IS NOT DISTINCT FROM ?",
            [grant_id, is_final, report_id],
        ).fetchall()
    return rows[0][0] if rows else None


def _runs(con: "DuckDBPyConnection") -> str:
    """The query for what each run covered; an older version of the program knew no interim
    reports."""
    if "report_id" in duck.columns_of(con, "run_grant"):
        return "SELECT * FROM run_grant"
    return "SELECT *, NULL::VARCHAR AS report_id FROM run_grant"


def latest(database: Path, grants: Iterable[Grant]) -> dict[str, GrantResult]:
    """What each grant's latest run of either kind found out, interim reports aside, by its id;
    those that have none are left out."""
    grants = list(grants)
    if not grants or not database.exists():
        return {}
    with _reading(database) as con:
        numbers: dict[str, int] = dict(
            con.execute(
                f"SELECT grant_id, max(run_no) FROM ({_runs(con)}) WHERE report_id IS NULL GROUP "
                "BY grant_id"
            ).fetchall()
        )
        found = {}
        for grant in grants:
            if grant.grant_id in numbers:
                found[grant.grant_id] = _result_in(con, grant, numbers[grant.grant_id])
    return found


def last_as_of(database: Path) -> date:
    """The as-of day of the latest run of all."""
    with duck.reading(database) as con:
        [(as_of,)] = con.execute("SELECT as_of_on FROM run ORDER BY run_no DESC LIMIT 1").fetchall()
    found: date = as_of
    return found


def run_count(database: Path) -> int:
    """How many runs it has from versions of the program that also kept a log."""
    with duck.reading(database) as con:
        if not duck.columns_of(con, "run_grant"):
            return 0
        [(count,)] = con.execute("SELECT count(DISTINCT run_no) FROM run_grant").fetchall()
    return int(count)


def result(database: Path, grant: Grant, run_no: int) -> GrantResult:
    """What a run found out about a grant, as it was when it ran; the terms are those of the grant
    as given."""
    with duck.reading(database) as con:
        return _result_in(con, grant, run_no)


def _result_in(con: "DuckDBPyConnection", grant: Grant, run_no: int) -> GrantResult:
    wanted = {"run_no": run_no, "grant_id": grant.grant_id}
    tables = _tables(_kept_rows(con, wanted))
    files = "SELECT name, sha256, size_bytes FROM run_data_file WHERE run_no = ? ORDER BY position"
    data_files = con.execute(files, [run_no]).fetchall()
    [(as_of, is_final, period_end, report_id)] = con.execute(
        f"SELECT as_of_on, is_final, period_end_on, report_id FROM run INNER JOIN ({_runs(con)}) "
        "USING (run_no) WHERE run_no = $run_no AND grant_id = $grant_id",
        wanted,
    ).fetchall()
    found = _result(tables, grant, as_of, period_end, is_final, tuple(data_files))
    return replace(found, report=grant.interim(report_id))


def _kept_rows(
    con: "DuckDBPyConnection", wanted: Mapping[str, Any]
) -> Callable[[str, str], Iterable[Mapping[str, Any]]]:
    """The kept rows of a run and a grant, by table and order; none of a table that an older version
    didn't keep."""
    there = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'kept'"
    ).fetchall()

    def rows(table: str, order: str) -> Iterable[Mapping[str, Any]]:
        if (table,) not in there:
            return ()
        query = (
            f"SELECT * FROM kept.{table} WHERE run_no = $run_no AND grant_id = $grant_id ORDER BY "
            f"{order}"
        )
        return duck.each(con, query, wanted)

    return rows


def changes(database: Path, grant_id: str, before: int, after: int) -> Changes:
    """What the returns of one run say that those of another don't."""
    with duck.reading(database) as con:
        for name, number in (("before", before), ("after", after)):
            for table in ("line", "sender"):
                con.execute(
                    f"CREATE TEMP TABLE {name}_{table} AS SELECT * FROM kept.{table} WHERE run_no "
                    "= ? AND grant_id = ?",
                    [number, grant_id],
                )
        lines, senders = (
            duck.rows(con, f"SELECT * FROM ({duck.sql(step)}) ORDER BY {shape.ORDER}")
            for step, shape in CHANGE_STEPS.items()
        )
    return Changes(rows_of(LineChange, lines), rows_of(SenderChange, senders))


def others_files(database: Path, grant_id: str) -> set[tuple[str, str]]:
    """Name and SHA-256 of the files that some run has found to be a return of another grant."""
    with duck.reading(database) as con:
        rows = con.execute(
            "SELECT DISTINCT name, sha256 FROM kept.manifest WHERE grant_id <> ? AND outcome NOT "
            "IN ('other_grant', 'unidentified', 'skipped')",
            [grant_id],
        ).fetchall()
    return {(name, sha256) for name, sha256 in rows}


def digests(database: Path) -> dict[str, str]:
    """SHA-256 of the content of every table, by schema and name: the same rows in any order give
    the same.

    Raises InputError when the database can't be opened.
    """
    with duck.reading(database) as con:
        tables = con.execute(
            "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() "
            "WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        duck.with_few_rows(con, max((size for *_, size in tables), default=0))
        # In one statement, which takes half the time of a hundred.
        names = [f"{schema}.{table}" for schema, table, _ in tables]
        of_each = (_digest(n, schema, table) for n, (schema, table, _) in enumerate(tables))
        found = con.execute(" UNION ALL ".join(of_each)).fetchall() if tables else []
        return {names[number]: digest for number, digest in found}


def _digest(number: int, schema: str, table: str) -> str:
    """The query for a table and its number."""
    return f"""
        SELECT {number}, sha256(coalesce(string_agg(row_hash, '' ORDER BY row_hash), ''))
        FROM (SELECT sha256(rows::VARCHAR) AS row_hash FROM "{schema}"."{table}" AS rows)
    """


@dataclass(frozen=True)
class KeptRun:
    """What a grant's latest run found, as it was kept."""

    as_of: date
    is_final: bool
    tables: Tables


def kept(database: Path, grant_id: str) -> KeptRun | None:
    """A grant's latest run of either kind, interim reports aside, without its terms; None when it
    has none.

    Raises InputError when nothing has been run in that folder.
    """
    if not database.exists():
        raise InputError(f"Det finns inga resultat i {database.parent}. Kör statsbidrag run först.")
    with _reading(database) as con:
        [(run_no,)] = con.execute(
            f"SELECT max(run_no) FROM kept.city INNER JOIN ({_runs(con)}) USING (run_no, grant_id) "
            "WHERE grant_id = ? AND report_id IS NULL",
            [grant_id],
        ).fetchall()
        if run_no is None:
            return None
        [(as_of, is_final)] = con.execute(
            "SELECT as_of_on, is_final FROM run WHERE run_no = ?", [run_no]
        ).fetchall()
        return KeptRun(
            as_of, is_final, _tables(_kept_rows(con, {"run_no": run_no, "grant_id": grant_id}))
        )
