"""What is reported and what is booked, laid straight in the tables that the steps of the evidence
read."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from statsbidrag.decisions import register
from statsbidrag.money import steps
from tests.support import spec

LAST = date(2023, 12, 31)
"""The period's end."""
PROJECT = "4100"
CODES = {"farsta": "718", "bromma": "706"}
"""What the boards' cost centres begin with."""
TERMS: Sequence[tuple[str, str, str | None]] = (
    ("project", PROJECT, None),
    *(("cost_account", code, None) for code in "4567"),
    ("salary_account", "50", "löner"),
    ("kind_account", "5", "löner"),
    ("kind_account", "7", "resor"),
)
RULES = [rule.rule_id for rule in register.register().values() if rule.checked_by == "accounts"]


@dataclass(frozen=True)
class Reported:
    """A cost line of a return."""

    cell: str
    voucher: str | None
    worked_on: date | None
    cost_kind: str
    amount_sek: Decimal
    board_id: str = "farsta"
    grant_id: str = "g"


@dataclass(frozen=True)
class Booked:
    """A row of an extract of the accounts."""

    place: str
    voucher: str
    booked_on: date
    account: str
    amount_sek: Decimal
    board_id: str = "farsta"
    project: str = PROJECT
    grant_id: str = "g"


@dataclass
class Books:
    """What both say."""

    lines: list[Reported] = field(default_factory=list)
    bookings: list[Booked] = field(default_factory=list)


Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What the steps and the rules make of it."""

    evidence: list[Row]
    pairs: list[Row]
    members: list[Row]
    findings: dict[str, list[Row]]

    def how(self, cell: str, grant_id: str = "g", *, is_line: bool = True) -> str:
        """How the line or the booking of a place meets the other side."""
        wanted = (grant_id, is_line, cell)
        (found,) = [m for m in self.members if (m["grant_id"], m["is_line"], m["cell"]) == wanted]
        return str(found["how"])


def found(books: Books, limit_sek: Decimal = Decimal(0)) -> Found:
    """What the steps and the rules make of lines and bookings, of one grant or several."""
    with _database(books, limit_sek) as con:
        findings = {}
        for rule_id in RULES:
            findings[rule_id] = _rows(con, spec.sql(f"rules/{rule_id}"))
        return Found(
            _rows(con, "SELECT * FROM evidence ORDER BY ALL"),
            _rows(con, "SELECT * FROM pair ORDER BY ALL"),
            _rows(con, "SELECT * FROM member ORDER BY ALL"),
            findings,
        )


def breaches(books: Books) -> list[Row]:
    """Where the identity of the evidence does not hold."""
    with _database(books, Decimal(0)) as con:
        return _rows(con, spec.sql("checks/avstamning"))


@contextmanager
def _database(books: Books, limit_sek: Decimal) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(config={"threads": 1})
    con.execute(spec.sql("000_schema"))
    con.execute(spec.sql("010_functions"))
    for table in ("line", "standing", "accountable"):
        columns = ", ".join(f"{name} {kind}" for name, kind in spec.types()[table].items())
        con.execute(f"CREATE TABLE {table} ({columns})")
    grants = sorted({one.grant_id for one in (*books.lines, *books.bookings)})
    for name, board_id in (("Farsta", "farsta"), ("Bromma", "bromma")):
        con.execute("INSERT INTO given_board (board_id, name) VALUES (?, ?)", [board_id, name])
        con.execute("INSERT INTO given_board_code VALUES (?, ?)", [board_id, CODES[board_id]])
    kinds = {line.cost_kind for line in books.lines}
    _insert(con, "given_word", ("words", "word_key"), [(kind, kind) for kind in sorted(kinds)])
    for name, rows in _of_grants(grants, limit_sek).items():
        columns = {
            "given_grant": (
                "grant_id, as_of_on, period_end_on, is_final, total_sek, spend_from_on, "
                "spend_to_on, liability_basis, is_earmarked, act_unspent_share, act_unspent_sek, "
                "act_days_left, act_used_numerator, act_used_denominator, watch_unspent_share, "
                "is_percent_cut"
            ),
            "given_separate_accounts": "grant_id, limit_sek, most_days",
            "given_separate_code": "grant_id, kind, code, cost_kind_key",
            "given_extract": "file, grant_id, sha256, size_bytes",
            "standing": "grant_id, board_id, name, allocated_sek, is_missing, is_held, is_outdated",
            "accountable": "grant_id, sender_id, board_id",
        }[name]
        _insert(con, name, tuple(columns.split(", ")), rows)
    _insert(con, "line", _LINE, [_line_row(one) for one in books.lines])
    bookings = [_booking_row(position, one) for position, one in enumerate(books.bookings)]
    _insert(con, "given_booking", tuple(spec.types()["given_booking"]), bookings)
    steps.make(con, steps.EVIDENCE)
    try:
        yield con
    finally:
        con.close()


_LINE = (
    *("grant_id", "board_id", "file", "sheet", "row_no", "cell", "voucher", "worked_on"),
    *("cost_kind", "amount_sek"),
)


def _line_row(one: Reported) -> tuple[Any, ...]:
    return (
        one.grant_id,
        one.board_id,
        f"{one.grant_id}/{one.board_id}.xlsx",
        "Kostnader",
        int(one.cell[1:]),
        one.cell,
        one.voucher,
        one.worked_on,
        one.cost_kind,
        one.amount_sek,
    )


def _booking_row(position: int, one: Booked) -> tuple[Any, ...]:
    return (
        f"{one.grant_id}/huvudbok/u.se",
        position,
        "",
        one.place,
        one.voucher,
        one.booked_on,
        one.account,
        f"{CODES.get(one.board_id, one.board_id)}12",
        one.project,
        "",
        one.amount_sek,
        False,
    )


def _of_grants(grants: Iterable[str], limit_sek: Decimal) -> dict[str, list[tuple[Any, ...]]]:
    """What is decided of each grant, by table."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for grant in grants:
        first = date(2023, 1, 1)
        rest = ("namnd", True, 0, 0, 0, 0, 1, 0, False)
        terms = (grant, LAST, LAST, True, Decimal(0), first, LAST, *rest)
        rows.setdefault("given_grant", []).append(terms)
        rows.setdefault("given_separate_accounts", []).append((grant, limit_sek, 62))
        rows.setdefault("given_separate_code", []).extend((grant, *term) for term in TERMS)
        extract = (f"{grant}/huvudbok/u.se", grant, "0" * 64, 1)
        rows.setdefault("given_extract", []).append(extract)
        for board_id in CODES:
            standing = (grant, board_id, board_id.title(), Decimal(0), False, False, False)
            rows.setdefault("standing", []).append(standing)
            rows.setdefault("accountable", []).append((grant, board_id, board_id))
    return rows


def _insert(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Rows, a whole column at a time."""
    if not rows:
        return
    kinds = spec.types()[table]
    turned = {
        name: list(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    unnested = ", ".join(f"unnest(${name}::{kinds[name]}[])" for name in columns)
    con.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {unnested}", turned)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    done = con.execute(query)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]
