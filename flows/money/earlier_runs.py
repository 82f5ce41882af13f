"""What earlier runs found, as the database has it."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import places
from ..base.errors import InputError
from ..model.decisions import Grant
from ..model.findings import Finding, Severity
from ..model.results import GrantResult
from ..model.rulebook import Rulebook, RunPlan
from . import duck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


DATABASE = places.DATABASE
SCHEMA_VERSION = 1

CHANGES: Mapping[str, str] = {
    "710_line_change": "board_id, sender_id, file, sheet, row_no, change",
    "720_sender_change": "board_id, sender_name, after_file, before_file",
}
"""What a new version of a return would change, and the order of the rows."""

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


def copy(database: Path, to: Path) -> None:
    """A copy of a database, taken while nobody writes in it. Raises InputError when another program has it open."""
    with duck.reading(database):  # first, since whoever has it open has changes beside it too
        duck.must_stand_alone(database)
        shutil.copyfile(database, to)


def of_another_version(database: Path) -> InputError:
    """The sentence about a database that another version has made."""
    return InputError(f"Databasen {database.name} är gjord av en annan version. Flytta undan den och kör igen.")


# -- steps and rules -------------------------------------------------------------------------------------------------


def keep(con: "DuckDBPyConnection", run_no: int) -> None:
    """The run's result tables are kept under its number, for `explain` and `status`.

    A table that a newer version of the program has given another column gets it here too; older runs have null there.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS kept")
    for table in RESULTS:
        con.execute(f"CREATE TABLE IF NOT EXISTS kept.{table} AS SELECT 0 AS run_no, * FROM {table} LIMIT 0")
        for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall():
            con.execute(f'ALTER TABLE kept.{table} ADD COLUMN IF NOT EXISTS "{name}" {kind}')
        con.execute(f"INSERT INTO kept.{table} BY NAME SELECT $run_no AS run_no, * FROM {table}", {"run_no": run_no})


# -- results ---------------------------------------------------------------------------------------------------------


def result_of(con: "DuckDBPyConnection", rulebook: Rulebook, grant: Grant, plan: RunPlan) -> GrantResult:
    """What the run in an open database has found out about one of its grants."""
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
            raise of_another_version(database)
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
