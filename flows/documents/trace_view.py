"""What sparning.html prints: the figures with what they rest on, and the text of the rules.

Gives each figure the anchor that leads to it there.
"""

import re
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

from ..base import swedish
from ..model.findings import Rule
from ..model.rulebook import Rulebook
from ..money import redistribution, suppression
from ..money.results import GrantResult
from ..money.shapes import Hidden, R, figures_of
from ..money.tables import FIGURES, Tables, figures_of_run
from . import contract, record
from .pages import View


class Traced(Decimal):
    """A figure that knows its anchor in sparning.html; templates print it and never reckon with
    it."""

    __slots__ = ("anchor",)  # there is one for each line
    anchor: str


def traced(result: GrantResult) -> GrantResult:
    """The same result, each figure with its anchor, and each row with what its anchors begin
    with."""
    result = redistribution.with_proposal(result)
    tables = replace(result.tables, city=(record.printed_city(result),))
    rows: dict[str, Any] = {}
    for table in FIGURES:
        numbered = enumerate(getattr(tables, table), 1)
        rows[table] = tuple(_traced(row, place) for place, row in numbered)
    return replace(result, tables=replace(tables, **rows))


def _traced(row: R, place: int) -> R:
    anchor = row.ANCHOR.format_map({**vars(row), "place": place})
    figures: dict[str, Any] = {}
    for name in figures_of(row):
        value = getattr(row, name)
        if not isinstance(value, Hidden | None):
            figures[name] = Traced(value)
            figures[name].anchor = f"{anchor}.{name}"
    return replace(row, **figures, anchor=anchor)


def trace_view(view: View, rulebook: Rulebook) -> View:
    """What sparning.html prints: the figures with what they rest on, and the text of the rules."""
    result: GrantResult = view["result"]
    tables = result.tables
    rule_ids = sorted({finding.rule for finding in view["findings"]})
    rules = [rulebook.rules[rule_id] for rule_id in rule_ids]
    return {
        "trace": "",
        "cited": contract.linked,
        "figures": figures_of_run(tables, view["wording"]),
        "rows": _by_board(tables),
        "counted": record.grouped(tables.counted, lambda row: (row.board_id, row.asked_no)),
        "city_measured": [row for row in tables.measured if row.board_id is None],
        "city_staffing": [row for row in tables.staffing if row.board_id is None],
        "city_outlook": [row for row in tables.outlook if row.board_id is None],
        "has_wishes": any(sender.wanted_sek for sender in tables.sender),
        "areas_traced": _areas(tables),
        "reasons_traced": _reasons(tables),
        "sources": {d.decision_id: d.source.sentence for d in result.grant.decisions},
        "years_decided": {d.decision_id: d.year.words for d in result.grant.decisions if d.year},
        "steps": {step: _text("statsbidrag.sql", f"{step}.sql") for step in _steps(tables)},
        "rules": [{"rule": rule, "text": _rule_text(rule)} for rule in rules],
    }


_OF_BOARDS = (
    *("board_component", "inherited", "board_year", "sender", "line", "activity", "outlook"),
    *("since", "measured", "staffing", "answer"),
)
"""The tables that tell of one board a row."""


def _by_board(tables: Tables) -> dict[str, dict[str, list[Any]]]:
    """The rows of each board, by table."""
    rows = {}
    for table in _OF_BOARDS:
        rows[table] = record.grouped(getattr(tables, table), lambda row: row.board_id)
    rows["allocation"] = record.grouped(tables.allocation, lambda row: row.unit_id)
    by_board: dict[str, dict[str, list[Any]]] = {}
    for table, groups in rows.items():
        by_board[table] = {b.board_id: groups.get(b.board_id, []) for b in tables.board}
    return by_board


def _areas(tables: Tables) -> list[View]:
    """The areas, each with the lines and the activities that its sums are made of."""
    lines = record.grouped(tables.line, suppression.area_key)
    activities = record.grouped(tables.activity, suppression.area_key)
    areas = []
    for row in tables.area:
        key = swedish.key(row.area)
        eligible = [line for line in lines.get(key, []) if line.is_eligible]
        areas.append({"row": row, "lines": eligible, "activities": activities.get(key, [])})
    return areas


def _reasons(tables: Tables) -> list[View]:
    """What the grant doesn't pay for, by board and reason, each with its lines."""
    lines = record.grouped(tables.line, lambda line: (line.board_id, line.reason))
    reasons = []
    for row in tables.ineligible:
        reasons.append({"row": row, "lines": lines.get((row.board_id, row.reason), [])})
    return reasons


def _steps(tables: Tables) -> list[str]:
    """The steps that the figures shown rest on, in order."""
    not_in_all = {
        *("board_year", "outlook", "since", "measured", "staffing", "answer", "answered"),
        *("level", "coverage", "level_answer"),
        *("redistribution", "transfer", "moved"),
    }
    steps: set[str] = set()
    for table, figures in FIGURES.items():
        if table in not_in_all and not getattr(tables, table):
            continue
        for figure in figures.values():
            steps.update(figure.steps)
    return sorted(steps)


def _rule_text(rule: Rule) -> str:
    """A rule as the program has it: the SQL, or the expectations that lead to it; empty when it is
    code."""
    if rule.is_in_sql:
        return _text("statsbidrag.sql.rules", f"{rule.rule_id}.sql")
    named = re.compile(rf"\brule: {re.escape(rule.rule_id)}[,}}]")
    return "".join(block for block in _expectations() if named.search(block))


def _expectations() -> list[str]:
    """The text of every expectation, suite by suite."""
    package = "statsbidrag.expectations"
    suites = [path.name for path in files(package).iterdir() if path.name.endswith(".yaml")]
    blocks: list[str] = []
    for suite in sorted(suites):
        blocks += re.split(r"^(?=- )", _text(package, suite), flags=re.MULTILINE)
    return blocks


def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text("utf-8")
