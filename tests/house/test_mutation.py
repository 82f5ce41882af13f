"""The mutation tool makes the errors it says, and tells a killed mutant from one that nobody
sees."""

from pathlib import Path

import pytest

from tests.tools import mutation
from tests.tools.mutation import KILLED, NONE, SURVIVED, Mutant

ROOT = Path(__file__).parents[2]

QUERY = """-- a < b, 'not' a condition
SELECT
    sum(CASE WHEN kind = 'x' THEN -amount_sek ELSE 0 END)::DECIMAL(18, 2) AS sek,
    coalesce(max(a.b), 1) AS most
FROM a
LEFT JOIN b USING (c, d)
WHERE e IS NOT NULL AND f BETWEEN 1 AND 2
"""
CHANGES = [
    "sum → max",
    "kind = 'x' → FALSE",
    "kind = 'x' → TRUE",
    "= → <>",
    "'x' → 'x?'",
    "- → (nothing)",
    "0 → (-1)",
    "0 → (1)",
    "max → min",
    "1 → (0)",
    "1 → (2)",
    "1 → NULL",
    "LEFT → INNER",
    "c, → (nothing)",
    ", d → (nothing)",
    "NOT → (nothing)",
    "AND → OR",
    "BETWEEN → BETWEEN 1 +",
    "1 → (0)",
    "1 → (2)",
    "AND → AND -1 +",
    "2 → (1)",
    "2 → (3)",
]


def test_every_part_of_a_query_is_made_wrong() -> None:
    found = list(mutation.mutants_of("sql/x.sql", QUERY))
    assert [mutant.change for mutant in found] == CHANGES
    assert found[0].line == 3
    assert found[0].of(QUERY) == QUERY.replace("sum", "max")


def test_the_keys_of_an_order_and_a_partition_are_made_wrong() -> None:
    query = "SELECT rank() OVER (PARTITION BY a, b ORDER BY c DESC, d NULLS FIRST) AS place FROM x"
    assert [mutant.change for mutant in mutation.mutants_of("sql/x.sql", query)] == [
        *("rank → row_number", "a, → (nothing)", ", b → (nothing)"),
        *("DESC → (nothing)", "(nothing) → DESC", "FIRST → LAST"),
    ]


def test_every_part_of_a_function_is_made_wrong() -> None:
    text = '''def half(amount, least=1):
    """Words, 2 < 3."""
    if amount < 0 and least:
        raise ValueError(f"{amount} < 0")
    return max(amount // 2, least) if not least else None
'''
    assert [mutant.change for mutant in mutation.mutants_of("flows/x.py", text)] == [
        "amount < 0 → (amount <= 0)",
        "amount < 0 → (amount >= 0)",
        "amount < 0 and least → (amount < 0 or least)",
        "0 → (-1)",
        "0 → (1)",
        "return max(amount // 2, least) if not least else None → return None",
        "max → (min)",
        "amount // 2 → (amount * 2)",
        "2 → (1)",
        "2 → (3)",
        "not least → (least)",
    ]
    assert not list(mutation.mutants_of("flows/x.py", text, ["other"]))


def _planted(file: str, old: str, new: str) -> Mutant:
    text = (ROOT / file).read_text("utf-8")
    start = text.index(old)
    return Mutant(file, text.count("\n", 0, start) + 1, start, start + len(old), old, new, old)


@pytest.mark.long
def test_a_mutant_that_a_test_sees_is_killed_and_another_survives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    planted = [
        _planted("sql/660_boards.sql", "board_id IS NOT NULL", "board_id IS NULL"),
        _planted("sql/660_boards.sql", "-- One row", "-- A row"),
        _planted("sql/660_boards.sql", "FROM account", "FROM nowhere"),
        _planted("sql/checks/beviljat.sql", "LEFT JOIN", "INNER JOIN"),
        _planted("flows/base/swedish.py", "exact < 0", "exact > 0"),
        _planted("flows/base/swedish.py", "exact = Decimal(amount)", "exact = Decimal(amount) + 0"),
    ]
    before = {mutant.file: (ROOT / mutant.file).read_bytes() for mutant in planted}
    verdicts = mutation.hunt(planted, 1)
    assert verdicts == [KILLED, SURVIVED, NONE, KILLED, KILLED, SURVIVED]
    assert {file: (ROOT / file).read_bytes() for file in before} == before
    assert mutation.report(planted, verdicts, {}) == 1
    said = capsys.readouterr().out
    assert "sql/660_boards.sql:1: -- One row → -- A row" in said
    assert "3 of 5 killed, 60.0 per cent" in said


def test_an_equivalent_mutant_is_counted_apart_and_may_not_be_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    planted = [_planted("sql/660_boards.sql", "FROM account", "FROM account AS a")]
    known = {(planted[0].file, planted[0].at, planted[0].change): "An alias changes nothing."}
    assert mutation.report(planted, [SURVIVED], known) == 0
    assert mutation.report(planted, [KILLED], known) == 1
    assert "named as equivalent, but a test fails for it" in capsys.readouterr().out
    assert mutation.report([], [], known, is_whole=True) == 1
    assert "named as equivalent, but is no mutant" in capsys.readouterr().out


def test_what_is_named_as_equivalent_is_a_mutant_and_has_a_reason() -> None:
    found = {(mutant.file, mutant.at, mutant.change) for mutant in mutation.mutants()}
    for place, why in mutation.equivalents().items():
        assert place in found
        assert why.endswith(".")
