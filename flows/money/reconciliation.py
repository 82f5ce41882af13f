"""DuckDB: loads what was taken in, runs the steps and rules of `sql/`, and hands out the result
tables.

A run works on a copy of the database, which takes the old one's place whole when all is done, so
readers never wait for a writer, and a run that is broken off has changed nothing. Money leaves by
`fetchall`, as `Decimal`.
"""

import importlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from traceback import clear_frames
from typing import TYPE_CHECKING

from ..base.errors import FigureError
from ..model.evidence import Extract
from ..model.findings import Finding
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from . import duck
from .earlier_runs import SCHEMA_VERSION, keep, of_another_version, result_of
from .loading import load_all
from .results import GrantResult
from .steps import add_findings, check, run_steps

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
    extracts: Sequence[Extract] = (),
) -> list[GrantResult]:
    """Load the returns and findings, run every step and rule, and give each grant's result.

    `recounts` is what a second reader found in each file that may count: lines with an amount, and
    their sum; `extracts` is what the accounts say. The database is a copy that nobody else reads,
    or is made. Raises InputError when it is of an unknown version, and FigureError when the money
    doesn't meet itself.
    """
    con = duck.connect(database, read_only=False)
    try:
        duck.with_few_rows(con, sum(one.row_count for one in returns))
        con.execute("BEGIN")
        _define(con, database)
        number = load_all(con, rulebook, plan, returns, extracts)
        counted = ((file, *found) for file, found in recounts.items())
        duck.insert(con, "given_recount", counted)
        add_findings(con, findings)
        run_steps(con, rulebook, plan)
        breach = next(check(con, rulebook), None)
        if breach:
            raise FigureError(breach.sentence)
        keep(con, number)
        con.execute("COMMIT")
        con.execute(
            "CHECKPOINT"
        )  # all into the one file: on a full disk, closing would leave a part out in silence
        results = [result_of(con, rulebook, rulebook.grant(g), plan) for g in sorted(plan.periods)]
    except Exception as error:
        clear_frames(error.__traceback__)
        if duck.is_damaged(error):
            raise duck.damaged(database) from None
        raise
    finally:
        con.close()
        # An error that is kept keeps its frames, and DuckDB complains of a connection that is still
        # here
        del con
    return results


def _define(con: "DuckDBPyConnection", database: Path) -> None:
    duck.run(con, duck.sql("000_schema"))
    duck.run(con, duck.sql("010_functions"))
    versions = con.execute("SELECT version FROM schema_version").fetchall()
    if not versions:
        con.execute("INSERT INTO schema_version VALUES ($version)", {"version": SCHEMA_VERSION})
    elif versions != [(SCHEMA_VERSION,)]:
        raise of_another_version(database)
