"""What a report says as data, and the proof that every figure printed in it is there and leads to its origin."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..base import swedish
from ..base.errors import FigureError
from ..model.decisions import Grant
from ..model.findings import Finding
from ..model.results import RECKONED_GROUNDS, GrantResult
from ..money import redistribution
from ..money.figures import FIGURES, Hidden

SCHEMA = 2
"""The number of the contract that the JSON files follow."""

Row = Mapping[str, Any]


def write(path: Path, content: bytes | str) -> None:
    """Put a file's content in its place."""
    # A lone surrogate (a file name that is no UTF-8) is written as its escape, which is also what JSON wants.
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


def by(rows: Iterable[Row], name: str) -> dict[Any, list[Row]]:
    """Rows in groups by the value of a column."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    return groups


def json_text(content: object) -> str:
    """Any content as the text of a JSON file."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def money(amount: Decimal | None) -> str | None:
    """Kronor as JSON has them: text with two decimals."""
    # Adding zero turns a negative zero into a plain one.
    return None if amount is None else f"{amount + Decimal(0):.2f}"


def _monies(row: Row, *names: str) -> dict[str, str | None]:
    return {name: money(row[name]) for name in names}


_GROUNDS = {ground: f"{ground}_sek" for ground in RECKONED_GROUNDS}


def reconciliation(result: GrantResult) -> dict[str, Any]:
    """What `reconciliation.json` holds: the figures of contract section 3, and every other one that a report prints."""
    tables, city = result.tables, result.tables["city"][0]
    components = by(tables["board_component"], "board_id")
    inherited = by(tables["inherited"], "board_id")
    ahead = {} if result.is_final else _ahead(result)
    return {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        **_monies(city, "total_sek", "allocated_sek", "unallocated_sek"),
        "boards": [
            {
                "board": b["board_id"],
                "name": b["name"],
                "return_status": b["return_status"],
                **_monies(b, "allocated_sek", "reported_sek", "eligible_sek", "ineligible_sek"),
                **_monies(b, "remaining_sek", "overspent_sek"),
                "used_share": _plain("used_share", b["used_share"]),
                "liability_sek": money(b["liability_sek"]),
                "liability_grounds": [
                    {"ground": ground, "amount_sek": money(b[name])} for ground, name in _GROUNDS.items() if b[name]
                ],
                **_monies(b, "forecast_sek", "projected_unspent_sek"),
                "flag": b["flag"],
                "inherited": [
                    {"board": row["decided_board_id"], "amount_sek": money(row["amount_sek"])}
                    for row in inherited.get(b["board_id"], [])
                ],
                "components": [
                    {
                        "component": c["component_id"],
                        **_monies(c, "allocated_sek", "eligible_sek", "ineligible_sek", "liability_sek"),
                        **_monies(c, "reported_sek"),
                    }
                    for c in components.get(b["board_id"], [])
                ],
            }
            for b in tables["board"]
        ],
        "liability": {
            **_monies(city, "unallocated_sek", "boards_sek", "undetermined_sek"),
            **_monies(city, "namnd_basis_sek", "kommun_basis_sek", "set_off_sek"),
            "basis": city["basis"],
            "to_repay_sek": money(city["to_repay_sek"]),
        },
        "city": {
            **_monies(city, "reported_sek", "eligible_sek", "ineligible_sek", "remaining_sek"),
            **{name: count for name, count in _counted(result).items() if name.endswith("_count")},
        },
        "ineligible": [
            {"board": row["board_id"], "reason": row["reason"], **_figures("ineligible", row)}
            for row in tables["ineligible"]
        ],
        "areas": [{"area": row["area"], **_figures("area", row)} for row in tables["area"]],
        "gender": _figures("gender", tables["gender"][0]),
        "activities": [
            {
                "board": row["board_id"],
                "sender": row["sender_id"],
                "file": row["file"],
                "sheet": row["sheet"],
                "row": row["row_no"],
                **_figures("activity", row),
            }
            for row in tables["activity"]
        ],
        "decisions": [
            {
                "decision": row["decision_id"],
                "decided_on": row["decided_on"].isoformat(),
                "board": row["board_id"],
                "component": row["component_id"],
                **_figures("allocation", row),
                "is_in_force": row["is_in_force"],
            }
            for row in tables["allocation"]
        ],
        **ahead,
    }


def _ahead(result: GrantResult) -> dict[str, Any]:
    """What a quarter's report says of the time that is left: forecasts, what has changed, and what could be moved."""
    proposed = redistribution.tables(result)
    return {
        "outlook": [
            {
                "board": row["board_id"],
                "component": row["component_id"],
                "reached_on": row["reached_on"].isoformat(),
                **_figures("outlook", row),
            }
            for row in result.tables["outlook"]
        ],
        "since": [
            {
                "board": row["board_id"],
                "earlier_on": row["earlier_on"].isoformat(),
                "files": row["files"],
                **_figures("since", row),
            }
            for row in result.tables["since"]
        ],
        "redistribution": [
            {
                **_figures("redistribution", row),
                "transfers": [
                    {
                        "from": transfer["from_board_id"],
                        "to": transfer["to_board_id"],
                        "component": transfer["component_id"],
                        **_figures("transfer", transfer),
                    }
                    for transfer in proposed["transfer"]
                ],
                "boards": [{"board": moved["board_id"], **_figures("moved", moved)} for moved in proposed["moved"]],
            }
            for row in proposed["redistribution"]
        ],
    }


def _counted(result: GrantResult) -> dict[str, Any]:
    """The row of the city with the counts that its report prints over and above those of the step."""
    city = result.tables["city"][0]
    return {
        **city,
        "reported_count": city["board_count"] - city["missing_count"] - city["held_count"],
        "ineligible_line_count": sum(not line["is_eligible"] for line in result.tables["line"]),
        "finding_count": len(told(result)),
    }


def told(result: GrantResult) -> list[Finding]:
    """The findings that the report tells: the grant's own and those of files that nobody can place."""
    return [f for f in result.findings if f.grant in {result.grant.grant_id, None}]


def _plain(name: str, value: Any) -> Any:
    """A figure as JSON has it: kronor with two decimals and shares with four, as text; counts as numbers."""
    if value is None or name.endswith("_count"):
        return value
    return money(value) if name.endswith("_sek") else f"{value:.4f}"


def _figures(table: str, row: Row) -> dict[str, Any]:
    return {name: _plain(name, row[name]) for name in FIGURES[table]}


def findings(result: GrantResult) -> list[dict[str, Any]]:
    """What `findings.json` holds."""
    return [asdict(finding) | {"cells": list(finding.cells) or None} for finding in result.findings]


def manifest(result: GrantResult) -> dict[str, Any]:
    """What `manifest.json` holds: every file, and what became of it."""
    return {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        "files": [
            {
                "name": f["name"],
                "sha256": f["sha256"],
                "size": f["size_bytes"],
                "outcome": f["outcome"],
                "board": f["board_id"],
                "sender": f["sender_id"],
            }
            for f in result.tables["manifest"]
        ],
        "data": [{"name": name, "sha256": sha256, "size": size} for name, sha256, size in result.data_files],
    }


class Traced(Decimal):
    """A figure that knows its anchor in sparning.html; templates print it and never reckon with it."""

    anchor: str


_OWNER: Mapping[str, str] = {
    "city": "staden",
    "gender": "personer",
    "board": "{board_id}",
    "board_component": "{board_id}.{component_id}",
    "inherited": "{board_id}.arv.{decided_board_id}",
    "ineligible": "{board_id}.skal.{reason}",
    "outlook": "prognos.{subject}",
    "since": "prognos.{board_id}.{earlier_on}",
    "redistribution": "omfordelning",
    "transfer": "flytt-{place}",
    "moved": "omfordelning.{board_id}",
    "area": "omrade-{place}",
    "activity": "insats-{place}",
    "allocation": "beslut-{place}",
    "line": "rad-{place}",
}
"""Result table -> what the anchors of a row's figures begin with, from the row and its place in the table."""


def traced(result: GrantResult) -> GrantResult:
    """The same result, each figure with its anchor, and each row with what its anchors begin with."""

    def trace(table: str, row: Row, place: int) -> Row:
        anchor = _OWNER[table].format_map({**row, "place": place})
        figures = {name: Traced(row[name]) for name in FIGURES[table] if not isinstance(row[name], Hidden | None)}
        for name, figure in figures.items():
            figure.anchor = f"{anchor}.{name}"
        return {**row, **figures, "anchor": anchor}

    tables = {**result.tables, "city": (_counted(result),), **redistribution.tables(result)}
    traced = {table: tuple(trace(table, row, n) for n, row in enumerate(tables[table], 1)) for table in FIGURES}
    return replace(result, tables={**tables, **traced})


def anchored(told: Mapping[str, Any]) -> dict[str, Decimal]:
    """Every figure of a `reconciliation.json` by its anchor in sparning.html; what isn't known is left out."""
    owners: dict[str, Mapping[str, Any]] = {"staden": {**told, **told["liability"], **told["city"]}}
    owners["personer"] = told["gender"]
    for board in told["boards"]:
        grounds = dict.fromkeys(_GROUNDS, "0.00" if board["liability_sek"] is not None else None)
        grounds |= {row["ground"]: row["amount_sek"] for row in board["liability_grounds"]}
        owners[board["board"]] = {**board, **{_GROUNDS[ground]: sek for ground, sek in grounds.items()}}
        owners |= {f"{board['board']}.{c['component']}": c for c in board["components"]}
        owners |= {f"{board['board']}.arv.{row['board']}": row for row in board["inherited"]}
    owners |= {f"{row['board']}.skal.{row['reason']}": row for row in told["ineligible"]}
    for row in told.get("outlook", []):
        subject = ".".join(filter(None, (row["board"], row["component"]))) or "staden"
        owners[f"prognos.{subject}"] = row
    owners |= {f"prognos.{row['board']}.{row['earlier_on']}": row for row in told.get("since", [])}
    for proposal in told.get("redistribution", []):
        owners["omfordelning"] = proposal
        owners |= {f"omfordelning.{row['board']}": row for row in proposal["boards"]}
        owners |= {f"flytt-{place}": row for place, row in enumerate(proposal["transfers"], 1)}
    for word, rows in (("omrade", "areas"), ("insats", "activities"), ("beslut", "decisions")):
        owners |= {f"{word}-{place}": row for place, row in enumerate(told[rows], 1)}
    return {
        f"{owner}.{name}": Decimal(value)
        for owner, values in owners.items()
        for name, value in values.items()
        if name.endswith(("_sek", "_share", "_count")) and value is not None
    }


_WRITTEN = re.compile(rf"{swedish.MINUS}?[0-9](?:{swedish.NBSP}?[0-9])*(?:,[0-9]+)?(?:{swedish.NBSP}%)?")
"""A number as the reports write it."""


def unfounded(body: str, figures: Mapping[str, Decimal]) -> list[str]:
    """The figures printed in a body that `figures` (by anchor, see `anchored`) doesn't have, as they are printed.

    Each is parsed back from its text. One that leads to an anchor must be the figure of that anchor; any other, and
    each number in a chart, must be one of the figures.
    """
    wrong = []
    for element in ElementTree.fromstring(body).iter():
        if element.get("class") == "figure":
            text, anchor = "".join(element.itertext()), element.get("href", "").partition("#")[2]
            known = [figures[anchor]] if anchor in figures else [] if anchor else [*figures.values()]
            written = _WRITTEN.findall(text)
            if not written or not all(any(_says(number, value) for value in known) for number in written):
                wrong.append(f"{text} ({anchor})" if anchor else text)
    return wrong


def _says(written: str, value: Decimal) -> bool:
    """Whether a written number is this value: to the öre, or as percent with one decimal."""
    printed = swedish.parse_amount(written.removesuffix("%").replace(swedish.MINUS, "-"))
    if printed is None or not written.endswith("%"):
        return printed == value
    return abs(printed / 100 - value) <= Decimal("0.0005")


def must_be_founded(body: str, figures: Mapping[str, Decimal], grant: Grant) -> str:
    """The same body, once every figure in it is one of the figures. Raises FigureError for one that isn't."""
    wrong = unfounded(body, figures)
    if wrong:
        raise FigureError(
            f"Rapporterna för {grant.grant_id} har inte skrivits: {swedish.listing(wrong)} i rapporten stämmer inte "
            "med reconciliation.json."
        )
    return body
