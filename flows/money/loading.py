"""What was decided and taken in, into the database."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..base import swedish
from ..model.decisions import Grant
from ..model.returns import Cell, Reading, Return
from ..model.rulebook import Rulebook, RunPlan
from . import duck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def load_all(
    con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, returns: Sequence[Return]
) -> int:
    """Load the decisions and the returns of a run, and give the number that the run gets."""
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
        con,
        "raw_reading",
        {"reading_id": text, "sha256": text, "kind": text, "size_bytes": "BIGINT"},
        readings,
    )
    duck.insert(
        con,
        "raw_cell",
        {
            "reading_id": text,
            "part": text,
            "sheet": text,
            "row_no": "INTEGER",
            "column_name": text,
            "cell": text,
        }
        | {
            "raw": text,
            "reading": text,
            "amount_sek": "DECIMAL(18, 2)",
            "day_on": "DATE",
            "words": text,
        },
        cells,
    )
    duck.insert(
        con,
        "given_file",
        {"file": text, "sha256": text, "size_bytes": "BIGINT", "kind": text, "reading_id": text}
        | {"grant_id": text, "sender_id": text},
        file_rows,
    )
    duck.insert(
        con,
        "given_word",
        {"words": text, "word_key": text},
        ((w, swedish.key(w)) for w in sorted(words)),
    )
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
        {
            "run_no": "INTEGER",
            "position": "INTEGER",
            "name": text,
            "sha256": text,
            "size_bytes": "BIGINT",
        },
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


def _load_decisions(
    con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, grants: Sequence[Grant]
) -> None:
    text, whole, money, day = "VARCHAR", "INTEGER", "DECIMAL(18, 2)", "DATE"
    duck.insert(
        con,
        "given_grant",
        {
            "grant_id": text,
            "as_of_on": day,
            "period_end_on": day,
            "is_final": "BOOLEAN",
            "total_sek": money,
        }
        | {
            "spend_from_on": day,
            "spend_to_on": day,
            "liability_basis": text,
            "is_earmarked": "BOOLEAN",
        }
        | {"act_unspent_share": "DECIMAL(9, 4)", "act_unspent_sek": money, "act_days_left": whole}
        | {
            "act_used_numerator": whole,
            "act_used_denominator": whole,
            "watch_unspent_share": "DECIMAL(9, 4)",
        },
        (
            (
                *(g.grant_id, plan.as_of, plan.periods[g.grant_id], plan.is_final, g.total_sek),
                *(g.spend_from_on, g.spend_to_on, g.liability_basis, g.is_earmarked),
                *(g.limits.act_unspent_share, g.limits.act_unspent_sek, g.limits.act_days_left),
                *(
                    g.limits.act_used_numerator,
                    g.limits.act_used_denominator,
                    g.limits.watch_unspent_share,
                ),
            )
            for g in grants
        ),
    )
    duck.insert(
        con,
        "given_component",
        {"grant_id": text, "component_id": text, "name": text, "position": whole},
        (
            (g.grant_id, c.component_id, c.name, n)
            for g in grants
            for n, c in enumerate(g.components)
        ),
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
            (
                g.grant_id,
                d.decision_id,
                d.decided_on,
                d.decided_by,
                a.board_id,
                a.component_id,
                a.amount_sek,
            )
            for g in grants
            for d in g.decisions
            for a in d.allocations
        ),
    )
    duck.insert(
        con,
        "given_board",
        {"board_id": text, "name": text, "first_on": day, "last_on": day, "successor_id": text},
        (
            (b.board_id, b.name, b.valid_from_on, b.valid_to_on, b.successor_id)
            for b in rulebook.boards
        ),
    )
