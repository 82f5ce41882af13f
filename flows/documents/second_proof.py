"""The figures a second time: a written reconciliation.json against the result tables."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..base.errors import FigureError
from ..model.codes import LIABILITY_GROUND
from ..money import redistribution
from ..money.breaches import Breach
from ..money.results import GrantResult
from ..money.shapes import Row
from ..money.tables import FIGURES, SHAPES

if TYPE_CHECKING:
    pass


_WORDS = ("return_status", "flag", "basis")
"""What is told beside the figures."""
_NOT_TOLD = {"line"}
"""A table that the trace tells of, and the JSON only in sums."""


def check_written(written: bytes, result: GrantResult) -> None:
    """See that a reconciliation.json, as written, says exactly what the result tables do; raises
    FigureError."""
    tables = redistribution.with_proposal(result).tables
    rows: dict[tuple[object, ...], Row] = {}
    for table in FIGURES:
        for row in getattr(tables, table):
            if table not in _NOT_TOLD:
                rows[(table, *(getattr(row, key) for key in row.KEY))] = row
    try:
        shown = list(_shown(json.loads(written)))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):  # cut off, or not what we write: then it says nothing
        shown = []
    told: set[tuple[object, ...]] = set()
    for place, figures in shown:
        known = rows.get(place)
        for name, value in figures.items():
            expected = getattr(known, name, None)
            is_wrong = hasattr(known, name) and not _is_same(name, value, expected)
            if known is None or is_wrong:
                raise _breach(result, place, name, expected, value)
            told.add((*place, name))
    for place, row in rows.items():
        for name in (*FIGURES[str(place[0])], *_WORDS):
            if hasattr(row, name) and (*place, name) not in told:
                raise _breach(result, place, name, getattr(row, name), None)


def _shown(report: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], Mapping[str, Any]]]:
    """Which row of which table, and its figures, one after the other as they stand."""
    yield ("city",), {name: value for name, value in report.items() if name.endswith("_sek")}
    yield ("city",), report["liability"]
    yield ("city",), report["city"]
    yield ("gender",), report["gender"]
    for board in report["boards"]:
        place = ("board", board["board"])
        owed = {f"{row['ground']}_sek": row["amount_sek"] for row in board["liability_grounds"]}
        nothing = dict.fromkeys(
            (f"{ground}_sek" for ground in LIABILITY_GROUND), board["liability_sek"] and "0.00"
        )
        lists = ("liability_grounds", "components", "inherited")
        yield place, _without(board, "board", "name", *lists) | nothing | owed
        for row in board["inherited"]:
            yield ("inherited", board["board"], row["board"]), {"amount_sek": row["amount_sek"]}
        for part in board["components"]:
            yield (
                ("board_component", board["board"], part["component"]),
                _without(part, "component"),
            )
    for row in report["ineligible"]:
        yield ("ineligible", row["board"], row["reason"]), _without(row, "board", "reason")
    for row in report["areas"]:
        yield ("area", row["area"]), _without(row, "area")
    for row in report["activities"]:
        yield (
            ("activity", row["file"], row["sheet"], row["row"]),
            _without(row, "sender", "file", "sheet", "row"),
        )
    for row in report["decisions"]:
        yield (
            ("allocation", row["decision"], row["board"], row["component"]),
            {"amount_sek": row["amount_sek"]},
        )
    for row in report.get("outlook", []):
        yield (
            ("outlook", row["board"], row["component"]),
            _without(row, "board", "component", "reached_on"),
        )
    for row in report.get("since", []):
        earlier_on = date.fromisoformat(row["earlier_on"])
        yield ("since", row["board"], earlier_on), _without(row, "board", "earlier_on", "files")
    for proposal in report.get("redistribution", []):
        yield ("redistribution",), _without(proposal, "transfers", "boards")
        for row in proposal["transfers"]:
            yield (
                ("transfer", row["from"], row["to"], row["component"]),
                {"amount_sek": row["amount_sek"]},
            )
        for row in proposal["boards"]:
            yield ("moved", row["board"]), _without(row, "board")


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _is_same(name: str, shown: object, known: object) -> bool:
    """Money is a text with two decimals and a share one with four; a count is a number and the rest
    are words."""
    decimals = {"sek": "2", "share": "4"}.get(name.rpartition("_")[2])
    if known is None or decimals is None:
        return shown == known
    return (
        bool(re.fullmatch(rf"-?[0-9]+\.[0-9]{{{decimals}}}", str(shown)))
        and Decimal(str(shown)) == known
    )


def _breach(
    result: GrantResult, place: Sequence[object], name: str, expected: object, found: object
) -> FigureError:
    row = dict(zip(SHAPES[str(place[0])].KEY, place[1:], strict=True))
    names = {board.board_id: board.name for board in result.tables.board}
    board = str(row["board_id"]) if row.get("board_id") else None
    breach = Breach(
        check="rapport-ar-databas",
        figure=name,
        grant=result.grant.name,
        board=names.get(board, board) if board else None,
        component=str(row["component_id"]) if row.get("component_id") else None,
        file=None,
        expected=expected,
        found=found,
    )
    return FigureError(breach.sentence)
