"""What sparning.html prints: the figures with what they rest on, and the text of the rules."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ..base import swedish
from ..model.findings import Rule
from ..model.rulebook import Rulebook
from ..money import suppression
from ..money.results import GrantResult
from ..money.tables import FIGURES
from . import contract, record


def trace_view(view: Mapping[str, Any], rulebook: Rulebook) -> dict[str, Any]:
    """What sparning.html prints: the figures with what they rest on, and the text of the rules."""
    result: GrantResult = view["result"]
    tables = result.tables
    rows: dict[str, dict[str | None, list[Any]]] = {}
    for name in ("board_component", "inherited", "sender", "line", "activity", "outlook", "since"):
        rows[name] = record.grouped(getattr(tables, name), lambda row: row.board_id)
    rows["allocation"] = record.grouped(tables.allocation, lambda row: row.unit_id)
    lines = record.grouped(tables.line, suppression.area_key)
    activities = record.grouped(tables.activity, suppression.area_key)
    ahead = {"outlook", "since", "redistribution", "transfer", "moved"}
    shown = [table for table in FIGURES if table not in ahead or getattr(tables, table)]
    steps = {step for table in shown for figure in FIGURES[table].values() for step in figure.steps}
    rules = [rulebook.rules[rule_id] for rule_id in sorted({f.rule for f in view["findings"]})]
    return {
        "trace": "",
        "cited": contract.linked,
        "figures": FIGURES,
        "rows": {
            name: {b.board_id: rows[name].get(b.board_id, []) for b in tables.board}
            for name in rows
        },
        "city_outlook": rows["outlook"].get(None, []),
        "has_wishes": any(s.wanted_sek for s in tables.sender),
        "areas_traced": [
            {
                "row": area,
                "lines": [r for r in lines.get(swedish.key(area.area), []) if r.is_eligible],
                "activities": activities.get(swedish.key(area.area), []),
            }
            for area in tables.area
        ],
        "reasons_traced": [
            {
                "row": row,
                "lines": [r for r in rows["line"].get(row.board_id, []) if r.reason == row.reason],
            }
            for row in tables.ineligible
        ],
        "sources": {d.decision_id: d.source.sentence for d in result.grant.decisions},
        "steps": {
            step: files("statsbidrag.sql").joinpath(f"{step}.sql").read_text("utf-8")
            for step in sorted(steps)
        },
        "rules": [{"rule": rule, "text": _rule_text(rule)} for rule in rules],
    }


def _rule_text(rule: Rule) -> str:
    """A rule as the program has it: the SQL, or the expectations that lead to it; empty when it is
    code."""
    if rule.checked_by == "sql":
        return files("statsbidrag.sql.rules").joinpath(f"{rule.rule_id}.sql").read_text("utf-8")
    suites = sorted(
        path.name
        for path in files("statsbidrag.expectations").iterdir()
        if path.name.endswith(".yaml")
    )
    texts = (
        files("statsbidrag.expectations").joinpath(suite).read_text("utf-8") for suite in suites
    )
    blocks = (block for text in texts for block in re.split(r"^(?=- )", text, flags=re.MULTILINE))
    return "".join(
        block for block in blocks if re.search(rf"\brule: {re.escape(rule.rule_id)}[,}}]", block)
    )
