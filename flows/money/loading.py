"""What was decided and taken in, into the database.

Each row has its values in the order of the columns in `sql/000_schema.sql`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import __version__
from ..base import swedish
from ..model.asked_questions import PercentRounding
from ..model.boards import Board
from ..model.decisions import Grant
from ..model.evidence import Extract
from ..model.returns import Cell, Reading, Return
from ..model.rulebook import Rulebook, RunPlan
from . import asked_loading, duck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def load_all(
    con: "DuckDBPyConnection",
    rulebook: Rulebook,
    plan: RunPlan,
    returns: Sequence[Return],
    extracts: Sequence[Extract],
) -> int:
    """Load the decisions, the returns and what the accounts say, and give the number that the run
    gets."""
    load_decided(con, rulebook, plan)
    files = load_returns(con, returns, settles=True)
    _load_extracts(con, extracts)
    return _load_run(con, rulebook, plan, files)


def load_decided(con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan) -> None:
    """Load what is decided about the grants of a run, and the boards."""
    grants = [rulebook.grant(grant_id) for grant_id in sorted(plan.periods)]
    _load_terms(con, plan, grants)
    _load_areas(con, grants)
    _load_decisions(con, grants)
    _load_pledges(con, grants)
    for table, rows in asked_loading.asked_of(plan, grants).items():
        duck.insert(con, table, rows)
    _load_separate_accounts(con, grants)
    _load_boards(con, rulebook)


# -- what was decided ------------------------------------------------------------------------------


def _load_terms(con: "DuckDBPyConnection", plan: RunPlan, grants: Sequence[Grant]) -> None:
    rows = []
    for grant in grants:
        limits = grant.limits
        row = (
            grant.grant_id,
            plan.as_of,
            plan.periods[grant.grant_id],
            plan.is_final,
            grant.total_sek,
            grant.spend_from_on,
            grant.spend_to_on,
            grant.liability_basis,
            grant.is_earmarked,
            grant.carry_over,
            grant.carry_share,
            limits.act_unspent_share,
            limits.act_unspent_sek,
            limits.act_days_left,
            limits.act_used_numerator,
            limits.act_used_denominator,
            limits.watch_unspent_share,
            grant.percent_rounding is PercentRounding.CUT,
        )
        rows.append(row)
    duck.insert(con, "given_grant", rows)


def _load_areas(con: "DuckDBPyConnection", grants: Sequence[Grant]) -> None:
    """The components of the grants, what they pay for (areas and cost kinds), and what it is to
    serve (target areas)."""
    components: list[tuple[Any, ...]] = []
    areas: list[tuple[Any, ...]] = []
    target_areas: list[tuple[Any, ...]] = []
    cost_kinds: list[tuple[Any, ...]] = []
    for grant in grants:
        for position, component in enumerate(grant.components):
            components.append((grant.grant_id, component.component_id, component.name, position))
        for position, area in enumerate(grant.areas):
            component_id = _component_of(grant, area)
            areas.append((grant.grant_id, swedish.key(area), area, component_id, position))
        for position, target_area in enumerate(grant.target_areas):
            key = swedish.key(target_area)
            target_areas.append((grant.grant_id, key, target_area, position))
        for cost_kind in grant.cost_kinds:
            cost_kinds.append((grant.grant_id, swedish.key(cost_kind)))
    duck.insert(con, "given_component", components)
    duck.insert(con, "given_area", areas)
    duck.insert(con, "given_target_area", target_areas)
    duck.insert(con, "given_cost_kind", cost_kinds)


def _component_of(grant: Grant, area: str) -> str | None:
    """The component whose money pays for an area, None for an area that belongs to none."""
    for component in grant.components:
        if area in component.areas:
            return component.component_id
    return None


def _load_decisions(con: "DuckDBPyConnection", grants: Sequence[Grant]) -> None:
    rows: list[tuple[Any, ...]] = []
    years: list[tuple[Any, ...]] = []
    for grant in grants:
        of_grant = grant.years
        for number, year in enumerate(of_grant, start=1):
            is_last = number == len(of_grant)
            years.append((grant.grant_id, number, year.from_on, year.to_on, is_last))
        for decision in grant.decisions:
            if decision.year and decision.year not in of_grant:
                continue  # decided later, for days that the spending period is then extended to
            year_no = of_grant.index(decision.year) + 1 if decision.year else 0
            for allocation in decision.allocations:
                row = (
                    grant.grant_id,
                    decision.decision_id,
                    decision.decided_on,
                    decision.decided_by,
                    allocation.board_id,
                    allocation.component_id,
                    year_no,
                    allocation.amount_sek,
                )
                rows.append(row)
    duck.insert(con, "given_decision", rows)
    duck.insert(con, "given_year", years)


def _load_boards(con: "DuckDBPyConnection", rulebook: Rulebook) -> None:
    rows = []
    for board in rulebook.boards:
        row = (
            board.board_id,
            board.name,
            board.valid_from_on,
            board.valid_to_on,
            board.successor_id,
            board.level_id,
            board.above_id,
        )
        rows.append(row)
    duck.insert(con, "given_board", rows)
    codes = [(board.board_id, code) for board in rulebook.boards for code in _codes_of(board)]
    duck.insert(con, "given_board_code", codes)


def _codes_of(board: Board) -> list[str]:
    """What the cost centres of a board begin with."""
    number = [board.number] if board.number else []
    return sorted({*board.cost_centres, *number})


def _load_pledges(con: "DuckDBPyConnection", grants: Sequence[Grant]) -> None:
    """What the decisions promise."""
    rows: list[tuple[Any, ...]] = []
    for grant in grants:
        for position, pledge in enumerate(grant.pledges):
            about = (grant.grant_id, pledge.pledge_id, pledge.board_count)
            for area in pledge.areas:
                rows.append((*about, swedish.key(area), pledge.sentence, position))
    duck.insert(con, "given_pledge", rows)


def _load_separate_accounts(con: "DuckDBPyConnection", grants: Sequence[Grant]) -> None:
    """By what each grant is known in the accounts, where that is said."""
    limits: list[tuple[Any, ...]] = []
    codes: list[tuple[Any, ...]] = []
    for grant in grants:
        accounts = grant.separate_accounts
        if accounts is None:
            continue
        limits.append((grant.grant_id, accounts.limit_sek, accounts.most_days))
        wanted = {
            "project": accounts.projects,
            "activity": accounts.activities,
            "responsibility": accounts.responsibilities,
            "cost_account": accounts.cost_accounts,
        }
        for kind, those in wanted.items():
            codes += [(grant.grant_id, kind, code, None) for code in those]
        of_kinds = {
            "salary_account": accounts.salary_accounts,
            "kind_account": accounts.accounts_of_kinds,
        }
        for kind, by_cost_kind in of_kinds.items():
            for cost_kind, those in by_cost_kind.items():
                key = swedish.key(cost_kind)
                codes += [(grant.grant_id, kind, code, key) for code in those]
    duck.insert(con, "given_separate_accounts", limits)
    duck.insert(con, "given_separate_code", codes)


# -- what was taken in -----------------------------------------------------------------------------


class FileRow(NamedTuple):
    """A file of a run, as the database knows it."""

    file: str
    sha256: str
    size_bytes: int
    kind: str
    reading_id: str
    grant_id: str | None
    sender_id: str | None


_MOST_WAITING = 50_000
"""How many cells wait to be loaded together."""


def load_returns(
    con: "DuckDBPyConnection", returns: Sequence[Return], *, settles: bool = False
) -> list[FileRow]:
    """Load the files of a run, and the cells of each that no earlier run has read in the same way.

    `settles` is for a database that is the run's own: where there are many cells they are put down
    in its file as they come.
    """
    known = {row[0] for row in con.execute("SELECT reading_id FROM raw_reading").fetchall()}
    files: list[FileRow] = []
    readings: list[tuple[Any, ...]] = []
    cells: list[tuple[Any, ...]] = []
    words: set[str] = set()
    for returned in returns:
        rows = list(_cell_rows(returned))
        words |= _words_in(rows)
        # A reading is known by the file and by all that was read from it: a reader that is changed
        # makes another one of the same file.
        reading_id = hashlib.sha256(repr((returned.sha256, rows)).encode()).hexdigest()
        files.append(
            FileRow(
                file=returned.file,
                sha256=returned.sha256,
                size_bytes=returned.size_bytes,
                kind=returned.kind,
                reading_id=reading_id,
                grant_id=returned.grant_id,
                sender_id=returned.sender_id,
            )
        )
        if reading_id not in known:
            known.add(reading_id)
            readings.append((reading_id, returned.sha256, returned.kind, returned.size_bytes))
            cells += [(reading_id, *row) for row in rows]
        if len(cells) > _MOST_WAITING:
            duck.insert(con, "raw_cell", cells)
            cells = []
            if settles:
                duck.settle(con)
    duck.insert(con, "raw_reading", readings)
    duck.insert(con, "raw_cell", cells)
    duck.insert(con, "given_file", files)
    duck.insert(con, "given_word", [(word, swedish.key(word)) for word in sorted(words)])
    return files


def _cell_rows(returned: Return) -> Iterator[tuple[Any, ...]]:
    for name, cell in returned.header.items():
        yield ("header", cell.sheet, 0, name, *_cell_values(cell))
    parts = {
        "costs": returned.costs,
        "activities": returned.activities,
        "posts": returned.posts,
        "measures": returned.measures,
        "questions": returned.questions,
    }
    for part, rows in parts.items():
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


def _words_in(rows: Iterable[tuple[Any, ...]]) -> set[str]:
    """What stands in words in the tables of a return, which the steps compare by its key."""
    words: set[str] = set()
    for part, *_, text in rows:
        if part != "header" and text is not None:
            words.add(text)
    return words


def _load_extracts(con: "DuckDBPyConnection", extracts: Sequence[Extract]) -> None:
    """What the accounts say. Of the same bytes twice the bookings are loaded once."""
    files: list[tuple[Any, ...]] = []
    bookings: list[tuple[Any, ...]] = []
    seen: set[tuple[str | None, str]] = set()
    for extract in extracts:
        files.append((extract.file, extract.grant_id, extract.sha256, extract.size_bytes))
        if (extract.grant_id, extract.sha256) in seen:
            continue
        seen.add((extract.grant_id, extract.sha256))
        for position, booking in enumerate(extract.bookings):
            row = (
                extract.file,
                position,
                booking.sheet,
                booking.place,
                booking.voucher,
                booking.booked_on,
                booking.account,
                booking.responsibility,
                booking.project,
                booking.activity,
                booking.amount_sek,
                booking.is_balance,
            )
            bookings.append(row)
    duck.insert(con, "given_extract", files)
    duck.insert(con, "given_booking", bookings)


# -- the run ---------------------------------------------------------------------------------------


def _load_run(
    con: "DuckDBPyConnection", rulebook: Rulebook, plan: RunPlan, files: Sequence[FileRow]
) -> int:
    """Put down what the run covers and rests on, and give its number."""
    number = con.execute("SELECT coalesce(max(run_no), 0) + 1 FROM run").fetchall()[0][0]
    duck.insert(con, "run", [(number, plan.as_of, plan.is_final, __version__)])
    duck.insert(con, "run_file", [(number, row.file, row.sha256, row.reading_id) for row in files])
    report_id = plan.report.report_id if plan.report else None
    periods = sorted(plan.periods.items())
    covered = [(number, grant_id, end_on, report_id) for grant_id, end_on in periods]
    duck.insert(con, "run_grant", covered)
    data_files = enumerate(rulebook.files)
    duck.insert(con, "run_data_file", [(number, position, *file) for position, file in data_files])
    return int(number)
