"""Ledgers made of a few entries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from hypothesis import strategies as st

from statsbidrag.decisions import data_folder
from statsbidrag.documents import ledger_report
from statsbidrag.model.case import Entry, EntryKind
from statsbidrag.model.codes import LIABILITY_GROUND
from statsbidrag.model.decisions import Grant, Interest
from statsbidrag.model.rulebook import ReferenceRate, Rulebook
from statsbidrag.model.sources import Source
from statsbidrag.money import repayment
from tests.example import EQUAL
from tests.support.planted import DATA
from tests.support.rows import plain

GOLDEN = Path(__file__).parents[1] / "golden"


AS_OF = date(2024, 9, 30)


D = Decimal


LATE = Interest(None, D(8), 365, Source("antagande", "Prov."))


Json = dict[str, Any]


Tables = Mapping[str, Sequence[Mapping[str, Any]]]


Kind = Literal["claim", "payment", "interest_payment", "relief"]


@cache
def book() -> Rulebook:
    return data_folder.load(DATA, [], date(2024, 1, 20))


def filed(grant_id: str) -> Json:
    """The figures of the example's final report."""
    return dict(json.loads((GOLDEN / f"{grant_id}_final.json").read_text("utf-8")))


def charging(grant: Grant, interest: Interest | None = LATE) -> Grant:
    return replace(grant, interest=interest)


def entry(
    kind: Kind,
    amount: str,
    on: str,
    due: str | None = None,
    *,
    board: str | None = None,
    ground: str | None = None,
) -> Entry:
    due_on = date.fromisoformat(due) if due else None
    return Entry(
        EntryKind(kind), board, D(amount), date.fromisoformat(on), "D 1", "Bo Ek", ground, due_on
    )


def reckoned(
    *entries: Entry,
    grant_id: str = EQUAL,
    as_of: date = AS_OF,
    interest: Interest | None = LATE,
    rates: Sequence[ReferenceRate] | None = None,
) -> Tables:
    known = book().reference_rates if rates is None else rates
    return repayment.reckon(
        charging(book().grant(grant_id), interest), filed(grant_id), entries, known, as_of
    )


def account(tables: Tables, board_id: str | None = None) -> Mapping[str, Any]:
    return plain(next(row for row in tables.account if row.board_id == board_id))


amounts = st.integers(1, 60_000_000).map(lambda ore: D(ore) / 100)


days = st.dates(date(2023, 6, 1), date(2024, 12, 31))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind: Kind = draw(
        st.sampled_from(("claim", "claim", "payment", "payment", "interest_payment", "relief"))
    )
    amount, on = draw(amounts), draw(days)
    board = draw(st.sampled_from((None, None, "bromma", "jarva")))
    ground = (
        draw(st.sampled_from((None, *LIABILITY_GROUND))) if kind in {"claim", "relief"} else None
    )
    due = (
        on + timedelta(days=draw(st.integers(0, 200)))
        if kind == "claim" and draw(st.booleans())
        else None
    )
    small = (amount / 100).quantize(D("0.01"), ROUND_HALF_UP) or D("0.01")
    return Entry(
        EntryKind(kind),
        board,
        small if kind == "relief" else amount,
        on,
        "D 1",
        "Bo Ek",
        ground,
        due,
    )


LIFE = (
    entry("claim", "1250000", "2024-02-20", "2024-03-31", ground="not_used"),
    entry("claim", "30000", "2024-05-02", "2024-05-31", ground="breach_of_terms"),
    entry("relief", "50000.50", "2024-03-15", ground="not_used"),
    entry("payment", "700000", "2024-04-10"),
    entry("interest_payment", "1000", "2024-07-10"),
    entry("claim", "5000", "2024-03-01", "2024-04-15", board="bromma", ground="not_used"),
    entry("payment", "6000", "2024-04-15", board="bromma"),
    entry("claim", "12.25", "2024-03-01", board="jarva", ground="wrongly_received"),
)


def render(
    folder: Path,
    *told: Entry,
    grant_id: str = EQUAL,
    interest: Interest | None = LATE,
    as_of: date = AS_OF,
) -> tuple[Tables, Path]:
    folder.mkdir()
    grant = charging(book().grant(grant_id), interest)
    tables = reckoned(*told, grant_id=grant_id, interest=interest, as_of=as_of)
    ledger_report.render(grant, tables, as_of, book(), folder)
    return tables, folder
