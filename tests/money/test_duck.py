"""Rows into tables: the same values whether they are few or many."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statsbidrag.model.returns import Reading
from statsbidrag.money import duck

TABLE = """
    CREATE TABLE what (
        words VARCHAR,
        kind VARCHAR,
        amount_sek DECIMAL(18, 2),
        share DECIMAL(18, 6),
        row_no INTEGER,
        seen_on DATE,
        is_so BOOLEAN
    )
"""
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ROWS = st.tuples(
    st.none() | WORDS,
    st.sampled_from([None, *Reading]),
    st.none() | st.decimals(-(10**15), 10**15, places=2),
    st.none() | st.decimals(-1000, 1000, places=6),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.dates(),
    st.none() | st.booleans(),
)


@pytest.mark.parametrize(("many", "at_once"), [(0, 50_000), (0, 3), (5_000, 3)])
@given(rows=st.lists(ROWS, min_size=1, max_size=12))
@settings(max_examples=60)
def test_what_goes_in_comes_out(many: int, at_once: int, rows: list[tuple[object, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(duck, "_MANY", many)
        patched.setattr(duck, "_MOST_AT_ONCE", at_once)
        con = duck.connect(Path(":memory:"), read_only=False)
        con.execute(TABLE)
        duck.insert(con, "what", iter(rows))
        assert con.execute("SELECT * FROM what").fetchall() == rows
        assert (
            con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []
        )
        con.close()


@pytest.mark.parametrize("many", [0, 5_000])
def test_an_amount_however_it_is_written(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "_MANY", many)
    con = duck.connect(Path(":memory:"), read_only=False)
    con.execute(TABLE)
    amounts = [Decimal("1E+2"), Decimal("-0.00"), Decimal("1E-2"), Decimal("100.50")]
    empty = (None, None, Decimal(0), 0, date(2023, 1, 1), True)
    duck.insert(con, "what", [("x", None, amount, *empty[2:]) for amount in amounts])
    back = [row[0] for row in con.execute("SELECT amount_sek FROM what").fetchall()]
    assert back == [Decimal("100.00"), Decimal("0.00"), Decimal("0.01"), Decimal("100.50")]
    con.close()


def test_nothing_is_no_row() -> None:
    con = duck.connect(Path(":memory:"), read_only=False)
    con.execute(TABLE)
    duck.insert(con, "what", [])
    assert con.execute("SELECT count(*) FROM what").fetchall() == [(0,)]
    con.close()
