"""Returns written by programs that nobody here made, kept as files in `tests/written/`."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import Cell, Return, Row
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import (
    intake,
    placing,
    second_reader,
    validation,
)
from tests.support import planted
from tests.support.planted import BOARD, COSTS, EQUAL, TOTAL
from tests.support.way import PLANS

WRITTEN = Path(__file__).parents[1] / "written"
AS_TEXT = {"belopp-olasligt", "belopp-text", "datum-text"}
SAID: Mapping[str, set[str]] = {
    "exceljs.xlsx": set(),
    "exceljs-mall.xlsx": {"obligatorisk-cell-tom", "svar-saknas"},
    "libreoffice.xlsx": set(),
    "pandas.xlsx": set(),
    # A column of one kind: the form's amounts and days are texts, with decimal points
    "polars.xlsx": AS_TEXT,
    "pyexcelerate.xlsx": {"datum-olasligt"},  # its days have no format, and are shown as numbers
    "sheetjs.xlsx": set(),
    "sheetjs-dates.xlsx": set(),
    "xlsx-populate.xlsx": {
        "obligatorisk-cell-tom",
        "cell-formel-utan-varde",
    },  # drops what formulas have come to
    "xlsxwriter.xlsx": set(),
}
"""What is said of each: nothing, or what is wrong in the file itself."""


def taken_in(name: str) -> Return:
    """A file as the first reader has it, with its grant and sender."""
    return placing.identify(intake.read(WRITTEN / name, name), planted.decided())


@pytest.fixture(scope="module")
def findings(decisions: Rulebook) -> list[Finding]:
    """What is found in all of them together, by both readers."""
    returns = [taken_in(name) for name in SAID]
    told = validation.validate(returns, decisions, PLANS[False])
    counts = {r.file: second_reader.total(WRITTEN / r.file, r.file, r.sha256) for r in returns}
    return [*told, *second_reader.doubts(returns, told, counts, decisions, PLANS[False])]


def test_every_file_is_known() -> None:
    assert {path.name for path in WRITTEN.glob("*.xlsx")} == set(SAID)
    assert len(SAID) >= 6


@pytest.mark.parametrize("name", SAID)
def test_what_another_program_has_written_is_read(
    name: str, findings: list[Finding], clean: Mapping[str, Return]
) -> None:
    returned, good = taken_in(name), clean[BOARD]
    assert {finding.rule for finding in findings if finding.file == name} == SAID[name]
    assert returned.problems == ()
    assert (returned.grant_id, returned.sender_id) == (EQUAL, BOARD)
    if name == "exceljs-mall.xlsx":
        assert returned.costs == ()
        return
    for now, then in zip(_filled(returned), good.costs, strict=True):
        asked = {
            n: _told(cell) for n, cell in then.cells.items() if n not in _OTHERWISE.get(name, ())
        }
        assert {n: _told(now.cells[n]) for n in asked} == asked
    assert len(returned.activities) == len(good.activities)


_OTHERWISE = {
    "pyexcelerate.xlsx": ("worked_on",),
    **dict.fromkeys(("exceljs.xlsx", "libreoffice.xlsx", "xlsx-populate.xlsx"), ("comment",)),
}
"""Columns that the program, or whoever filled in the return with it, has written otherwise."""


def _filled(returned: Return) -> list[Row]:
    return [row for row in returned.costs if row.row < 20]


def _told(cell: Cell) -> object:
    return cell.value


@pytest.mark.parametrize("name", [name for name in SAID if name != "exceljs-mall.xlsx"])
def test_the_second_reader_comes_to_the_same(name: str) -> None:
    returned = taken_in(name)
    assert second_reader.total(WRITTEN / name, name, returned.sha256) == (len(COSTS), TOTAL)


def test_rich_text_is_one_text() -> None:
    (row,) = (row for row in taken_in("exceljs.xlsx").costs if row.row == 7)
    assert row.cells["comment"].value == "rik text"
