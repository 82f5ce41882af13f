"""The figures a second time: a written reconciliation.json against the result tables."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ..base.errors import FigureError
from ..model.codes import LIABILITY_GROUND
from ..money import redistribution
from ..money.breaches import Breach
from ..money.results import GrantResult
from ..money.shapes import Row
from ..money.tables import FIGURES, SHAPES

_WORDS = ("return_status", "flag", "basis", "is_yes")
"""What is told beside the figures."""
_NOT_TOLD = {"line"}
"""A table that the trace tells of, and the JSON only in sums."""


_Json = dict[str, Any]
_Place = tuple[object, ...]
"""A row: its table, and what tells it apart from the others there."""


def check_written(written: bytes, result: GrantResult) -> None:
    """See that a reconciliation.json, as written, says exactly what the result tables do; raises
    FigureError."""
    rows = _rows(result)
    shown: set[_Place] = set()
    for place, figures in _read(written):
        row = rows.get(place)
        for name, value in figures.items():
            if not _is_of(row, name, value):
                raise _breach(result, place, name, getattr(row, name, None), value)
            shown.add((*place, name))
    for place, row in rows.items():
        for name in (*FIGURES[str(place[0])], *_WORDS):
            if hasattr(row, name) and (*place, name) not in shown:
                raise _breach(result, place, name, getattr(row, name), None)


def _rows(result: GrantResult) -> dict[_Place, Row]:
    """Every row that the JSON must show."""
    tables = redistribution.with_proposal(result).tables
    rows: dict[_Place, Row] = {}
    for table in FIGURES:
        if table in _NOT_TOLD:
            continue
        for row in getattr(tables, table):
            key = [getattr(row, column) for column in row.KEY]
            rows[(table, *key)] = row
    return rows


def _is_of(row: Row | None, name: str, shown: object) -> bool:
    """Whether there is such a row and it has such a value; what is no column of it is let be."""
    if row is None:
        return False
    return not hasattr(row, name) or _is_same(name, shown, getattr(row, name))


_Shown = tuple[_Place, _Json]
"""A row and the figures of it that the JSON shows."""


def _read(written: bytes) -> list[_Shown]:
    """What a file shows. One that is cut off, or not what we write, shows nothing."""
    shown: list[_Shown] = []
    try:
        for place, figures in _shown(json.loads(written)):
            hash(place)  # a list where a name should be is a TypeError here
            shown.append((place, dict(figures)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return shown


def _shown(report: _Json) -> Iterator[_Shown]:
    """Which row of which table, and its figures, one after the other as they stand."""
    yield ("city",), {name: value for name, value in report.items() if name.endswith("_sek")}
    yield ("city",), report["liability"]
    yield ("city",), report["city"]
    yield ("gender",), report["gender"]
    for board in report["boards"]:
        yield from _shown_of_board(board)
    for row in report["ineligible"]:
        yield ("ineligible", row["board"], row["reason"]), _without(row, "board", "reason")
    for row in report["areas"]:
        yield ("area", row["area"]), _without(row, "area")
    for row in report["activities"]:
        cell = (row["file"], row["sheet"], row["row"])
        yield ("activity", *cell), _without(row, "sender", "file", "sheet", "row")
    for asked_no, row in enumerate(report.get("measures", []), 1):
        about = ("measure", "from", "to", "split", "part", "boards")
        yield ("measured", None, asked_no), _without(row, *about)
        for of_board in row["boards"]:
            yield ("measured", of_board["board"], asked_no), _without(of_board, "board")
    yield from _shown_of_questions(report.get("questions", []))
    if "posts" in report:
        yield ("staffing", None), _without(report["posts"], "boards")
        for row in report["posts"]["boards"]:
            yield ("staffing", row["board"]), _without(row, "board", "vacant_in")
    yield from _shown_of_levels(report)
    for row in report["decisions"]:
        allocated = (row["decision"], row["board"], row["component"])
        yield ("allocation", *allocated), {"amount_sek": row["amount_sek"]}
    for row in report.get("outlook", []):
        part = (row["board"], row["component"])
        yield ("outlook", *part), _without(row, "board", "component", "reached_on")
    for row in report.get("since", []):
        earlier_on = date.fromisoformat(row["earlier_on"])
        yield ("since", row["board"], earlier_on), _without(row, "board", "earlier_on", "files")
    for proposal in report.get("redistribution", []):
        yield from _shown_of_proposal(proposal)


def _shown_of_levels(report: _Json) -> Iterator[_Shown]:
    for row in report.get("levels", []):
        yield ("level", row["recipient"], row["of_level"]), _without(row, "recipient", "of_level")
    for row in report.get("coverage", []):
        place = (row["recipient"], row["area"], row["target_area"])
        yield ("coverage", *place), _without(row, "recipient", "area", "target_area")


def _shown_of_questions(questions: list[_Json]) -> Iterator[_Shown]:
    """The questions, which are numbered from 1 as they stand, each with its boards' answers."""
    for asked_no, row in enumerate(questions, 1):
        about = ("question", "text", "unit", "from", "to", "boards", "levels")
        yield ("answered", asked_no), _without(row, *about)
        for of_board in row["boards"]:
            yield ("answer", of_board["board"], asked_no), _without(of_board, "board")
        for of_level in row.get("levels", []):
            place = ("level_answer", of_level["recipient"], asked_no)
            yield place, _without(of_level, "recipient")


def _shown_of_board(board: _Json) -> Iterator[_Shown]:
    board_id = board["board"]
    # A ground that is not listed is no money, as soon as anything is known of what is owed.
    nothing = board["liability_sek"] and "0.00"
    by_ground = {f"{ground}_sek": nothing for ground in LIABILITY_GROUND}
    for row in board["liability_grounds"]:
        by_ground[f"{row['ground']}_sek"] = row["amount_sek"]
    lists = ("liability_grounds", "components", "inherited", "years")
    yield ("board", board_id), {**_without(board, "board", "name", *lists), **by_ground}
    for row in board["inherited"]:
        yield ("inherited", board_id, row["board"]), {"amount_sek": row["amount_sek"]}
    for row in board["components"]:
        component_id = row["component"]
        yield ("board_component", board_id, component_id), _without(row, "component", "years")
        yield from _shown_of_years((board_id, component_id), row)
    yield from _shown_of_years((board_id, None), board)


def _shown_of_years(part: _Place, row: _Json) -> Iterator[_Shown]:
    """The years of a board or of its component, which are numbered from 1 as they stand."""
    for year_no, year in enumerate(row.get("years", []), 1):
        days = {f"{name}_on": date.fromisoformat(year[name]) for name in ("from", "to")}
        yield ("board_year", *part, year_no), {**_without(year, "from", "to"), **days}


def _shown_of_proposal(proposal: _Json) -> Iterator[_Shown]:
    yield ("redistribution",), _without(proposal, "transfers", "boards")
    for row in proposal["transfers"]:
        way = (row["from"], row["to"], row["component"])
        yield ("transfer", *way), {"amount_sek": row["amount_sek"]}
    for row in proposal["boards"]:
        yield ("moved", row["board"]), _without(row, "board")


def _without(row: _Json, *names: str) -> _Json:
    return {name: value for name, value in row.items() if name not in names}


def _is_same(name: str, shown: object, known: object) -> bool:
    """Money and months are a text with two decimals and a share one with four; a count is a number
    and the rest are words."""
    decimals = {"sek": "2", "months": "2", "share": "4"}.get(name.rpartition("_")[2])
    if known is None or decimals is None:
        return shown == known
    text = str(shown)
    if not re.fullmatch(rf"-?[0-9]+\.[0-9]{{{decimals}}}", text):
        return False
    return Decimal(text) == known


def _breach(
    result: GrantResult, place: Sequence[object], name: str, expected: object, found: object
) -> FigureError:
    table, *values = place
    key = dict(zip(SHAPES[str(table)].KEY, values, strict=True))
    names = {board.board_id: board.name for board in result.tables.board}
    board_id = str(key["board_id"]) if key.get("board_id") else None
    breach = Breach(
        check="rapport-ar-databas",
        figure=name,
        grant=result.grant.name,
        board=names.get(board_id, board_id) if board_id else None,
        component=str(key["component_id"]) if key.get("component_id") else None,
        file=None,
        expected=expected,
        found=found,
    )
    return FigureError(breach.sentence)
