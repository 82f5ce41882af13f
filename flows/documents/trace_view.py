"""What sparning.html prints: the figures with what they rest on, and the text of the rules."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from ..base import swedish
from ..model.findings import Rule
from ..model.results import GrantResult
from ..model.rulebook import Rulebook
from ..money import suppression
from ..money.figures import FIGURES
from . import contract, record
from .record import Row


def trace_view(view: Mapping[str, Any], rulebook: Rulebook) -> dict[str, Any]:
    """What sparning.html prints: the figures with what they rest on, and the text of the rules."""
    result: GrantResult = view["result"]
    tables = result.tables
    names = ("board_component", "inherited", "sender", "line", "activity", "outlook", "since")
    rows = {name: record.by(tables[name], "board_id") for name in names}
    rows["allocation"] = record.by(tables["allocation"], "unit_id")
    of_area = {table: _by_area(tables[table]) for table in ("line", "activity")}
    ahead = {"outlook", "since", "redistribution", "transfer", "moved"}
    told = [FIGURES[table].values() for table in FIGURES if table not in ahead or tables[table]]
    steps = dict.fromkeys(step for figures in told for figure in figures for step in figure.steps)
    rules = [rulebook.rules[rule_id] for rule_id in sorted({f.rule for f in view["findings"]})]
    return {
        "trace": "",
        "cited": contract.linked,
        "figures": FIGURES,
        "rows": {name: {b["board_id"]: rows[name].get(b["board_id"], []) for b in tables["board"]} for name in rows},
        "city_outlook": rows["outlook"].get(None, []),
        "has_wishes": any(s.get("wanted_sek") for s in tables["sender"]),
        "areas_traced": [
            {
                "row": area,
                "lines": [r for r in of_area["line"].get(swedish.key(area["area"]), []) if r["is_eligible"]],
                "activities": of_area["activity"].get(swedish.key(area["area"]), []),
            }
            for area in tables["area"]
        ],
        "reasons_traced": [
            {
                "row": row,
                "lines": [r for r in rows["line"].get(row["board_id"], []) if r["reason"] == row["reason"]],
            }
            for row in tables["ineligible"]
        ],
        "sources": {d.decision_id: d.source.sentence for d in result.grant.decisions},
        "steps": {step: files("statsbidrag.sql").joinpath(f"{step}.sql").read_text("utf-8") for step in sorted(steps)},
        "rules": [{"rule": rule, "text": _rule_text(rule)} for rule in rules],
    }


def _by_area(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(suppression.area_key(row), []).append(row)
    return found


def _rule_text(rule: Rule) -> str:
    """A rule as the program has it: the SQL, or the expectations that lead to it; empty when it is code."""
    if rule.checked_by == "sql":
        return files("statsbidrag.sql.rules").joinpath(f"{rule.rule_id}.sql").read_text("utf-8")
    suites = sorted(path.name for path in files("statsbidrag.expectations").iterdir() if path.name.endswith(".yaml"))
    texts = (files("statsbidrag.expectations").joinpath(suite).read_text("utf-8") for suite in suites)
    blocks = (block for text in texts for block in re.split(r"^(?=- )", text, flags=re.MULTILINE))
    return "".join(block for block in blocks if re.search(rf"\brule: {re.escape(rule.rule_id)}[,}}]", block))
