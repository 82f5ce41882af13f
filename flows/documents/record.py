"""What a report says as data, and the proof that every figure printed in it is there and leads to
its origin."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree

from ..base import swedish
from ..base.errors import FigureError
from ..model.codes import RECKONED_GROUNDS
from ..model.decisions import Grant
from ..model.findings import Finding
from ..money import redistribution
from ..money.results import GrantResult
from ..money.shapes import Hidden, R, Row, figures_of
from ..money.tables import FIGURES, PrintedCity, Tables

SCHEMA = 2
"""The number of the contract that the JSON files follow."""

T = TypeVar("T")
K = TypeVar("K")


def write(path: Path, content: bytes | str) -> None:
    """Put a file's content in its place."""
    # A lone surrogate (a file name that is no UTF-8) is written as its escape, which is also what
    # JSON wants.
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    )


def grouped(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Rows in groups, each by what its key says of it, in the order that they come."""
    groups: dict[K, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def json_text(content: object) -> str:
    """Any content as the text of a JSON file."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def money(amount: Decimal | None) -> str | None:
    """Kronor as JSON has them: text with two decimals."""
    # Adding zero turns a negative zero into a plain one.
    return None if amount is None else f"{amount + Decimal(0):.2f}"


_GROUNDS = {ground: f"{ground}_sek" for ground in RECKONED_GROUNDS}
_AT_TOP = ("total_sek", "allocated_sek", "unallocated_sek")
_OF_LIABILITY = (
    *("unallocated_sek", "boards_sek", "undetermined_sek"),
    *("namnd_basis_sek", "kommun_basis_sek", "set_off_sek"),
)


def reconciliation(result: GrantResult) -> dict[str, Any]:
    """What `reconciliation.json` holds: the figures of contract section 3, and every other one that
    a report prints."""
    tables, city = result.tables, printed_city(result)
    told_of_city = _figures(city)
    elsewhere = {*_AT_TOP, *_OF_LIABILITY, "to_repay_sek"}
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        **{name: told_of_city[name] for name in _AT_TOP},
        "boards": _boards(tables),
        "liability": {
            **{name: told_of_city[name] for name in _OF_LIABILITY},
            "basis": city.basis,
            "to_repay_sek": told_of_city["to_repay_sek"],
        },
        "city": {name: value for name, value in told_of_city.items() if name not in elsewhere},
        "ineligible": [
            {"board": row.board_id, "reason": row.reason, **_figures(row)}
            for row in tables.ineligible
        ],
        "areas": [{"area": row.area, **_figures(row)} for row in tables.area],
        "gender": _figures(tables.gender[0]),
        "activities": [
            {
                "board": row.board_id,
                "sender": row.sender_id,
                "file": row.file,
                "sheet": row.sheet,
                "row": row.row_no,
                **_figures(row),
            }
            for row in tables.activity
        ],
        "decisions": [
            {
                "decision": row.decision_id,
                "decided_on": row.decided_on.isoformat(),
                "board": row.board_id,
                "component": row.component_id,
                **_figures(row),
                "is_in_force": row.is_in_force,
            }
            for row in tables.allocation
        ],
    }
    if not result.is_final:
        report |= _ahead(result)
    return report


def _boards(tables: Tables) -> list[dict[str, Any]]:
    """What is told of each board. What it owes is told by ground, in a list."""
    components = grouped(tables.board_component, lambda row: row.board_id)
    inherited = grouped(tables.inherited, lambda row: row.board_id)
    boards = []
    for board in tables.board:
        told: dict[str, Any] = {
            "board": board.board_id,
            "name": board.name,
            "return_status": board.return_status,
        }
        by_ground = {}
        for name, value in _figures(board).items():
            if name in _GROUNDS.values():
                by_ground[name] = value
                continue
            told[name] = value
            if name == "liability_sek":
                told["liability_grounds"] = [
                    {"ground": ground, "amount_sek": by_ground[column]}
                    for ground, column in _GROUNDS.items()
                    if getattr(board, column)
                ]
        told["flag"] = board.flag
        told["inherited"] = [
            {"board": row.decided_board_id, **_figures(row)}
            for row in inherited.get(board.board_id, [])
        ]
        told["components"] = [
            {"component": row.component_id, **_last(_figures(row), "reported_sek")}
            for row in components.get(board.board_id, [])
        ]
        boards.append(told)
    return boards


def _last(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The same, with one of them at the end: where it stood when it was added to the contract."""
    return {**{key: value for key, value in told.items() if key != name}, name: told[name]}


def _ahead(result: GrantResult) -> dict[str, Any]:
    """What a quarter's report says of the time that is left: forecasts, what has changed, and what
    could be moved."""
    tables = redistribution.with_proposal(result).tables
    proposals = [
        {
            **_figures(proposal),
            "transfers": [
                {
                    "from": row.from_board_id,
                    "to": row.to_board_id,
                    "component": row.component_id,
                    **_figures(row),
                }
                for row in tables.transfer
            ],
            "boards": [{"board": row.board_id, **_figures(row)} for row in tables.moved],
        }
        for proposal in tables.redistribution
    ]
    return {
        "outlook": [
            {
                "board": row.board_id,
                "component": row.component_id,
                "reached_on": row.reached_on.isoformat(),
                **_figures(row),
            }
            for row in tables.outlook
        ],
        "since": [
            {
                "board": row.board_id,
                "earlier_on": row.earlier_on.isoformat(),
                "files": list(row.files),
                **_figures(row),
            }
            for row in tables.since
        ],
        "redistribution": proposals,
    }


def printed_city(result: GrantResult) -> PrintedCity:
    """The city with the counts that its report prints over and above those of the step."""
    city = result.city
    return PrintedCity(
        **vars(city),
        reported_count=city.board_count - city.missing_count - city.held_count,
        ineligible_line_count=sum(not line.is_eligible for line in result.tables.line),
        finding_count=len(told(result)),
    )


def told(result: GrantResult) -> list[Finding]:
    """The findings that the report tells: the grant's own and those of files that nobody can
    place."""
    return [f for f in result.findings if f.grant in {result.grant.grant_id, None}]


def _plain(name: str, value: Any) -> Any:
    """A figure as JSON has it: kronor with two decimals and shares with four, as text; counts as
    numbers."""
    if value is None or name.endswith("_count"):
        return value
    return money(value) if name.endswith("_sek") else f"{value:.4f}"


def _figures(row: Row) -> dict[str, Any]:
    """The figures of a row, by their columns, as JSON has them."""
    return {name: _plain(name, getattr(row, name)) for name in figures_of(row)}


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
                "name": f.name,
                "sha256": f.sha256,
                "size": f.size_bytes,
                "outcome": f.outcome,
                "board": f.board_id,
                "sender": f.sender_id,
            }
            for f in result.tables.manifest
        ],
        "data": [
            {"name": name, "sha256": sha256, "size": size}
            for name, sha256, size in result.data_files
        ],
    }


class Traced(Decimal):
    """A figure that knows its anchor in sparning.html; templates print it and never reckon with
    it."""

    anchor: str


def traced(result: GrantResult) -> GrantResult:
    """The same result, each figure with its anchor, and each row with what its anchors begin
    with."""
    result = redistribution.with_proposal(result)
    tables = replace(result.tables, city=(printed_city(result),))
    rows = {name: tuple(map(_traced, getattr(tables, name), count(1))) for name in FIGURES}
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


def anchored(told: Mapping[str, Any]) -> dict[str, Decimal]:
    """Every figure of a `reconciliation.json` by its anchor in sparning.html; what isn't known is
    left out."""
    owners: dict[str, Mapping[str, Any]] = {"staden": {**told, **told["liability"], **told["city"]}}
    owners["personer"] = told["gender"]
    for board in told["boards"]:
        grounds = dict.fromkeys(_GROUNDS, "0.00" if board["liability_sek"] is not None else None)
        grounds |= {row["ground"]: row["amount_sek"] for row in board["liability_grounds"]}
        owners[board["board"]] = {
            **board,
            **{_GROUNDS[ground]: sek for ground, sek in grounds.items()},
        }
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


_WRITTEN = re.compile(
    rf"{swedish.MINUS}?[0-9](?:{swedish.NBSP}?[0-9])*(?:,[0-9]+)?(?:{swedish.NBSP}%)?"
)
"""A number as the reports write it."""


def unfounded(body: str, figures: Mapping[str, Decimal]) -> list[str]:
    """The figures printed in a body that `figures` (by anchor, see `anchored`) doesn't have, as
    they are printed.

    Each is parsed back from its text. One that leads to an anchor must be the figure of that
    anchor; any other, and each number in a chart, must be one of the figures.
    """
    wrong = []
    for element in ElementTree.fromstring(body).iter():
        if element.get("class") == "figure":
            text, anchor = "".join(element.itertext()), element.get("href", "").partition("#")[2]
            known = (
                [figures[anchor]] if anchor in figures else [] if anchor else [*figures.values()]
            )
            written = _WRITTEN.findall(text)
            if not written or not all(
                any(_says(number, value) for value in known) for number in written
            ):
                wrong.append(f"{text} ({anchor})" if anchor else text)
    return wrong


def _says(written: str, value: Decimal) -> bool:
    """Whether a written number is this value: to the öre, or as percent with one decimal."""
    printed = swedish.parse_amount(written.removesuffix("%").replace(swedish.MINUS, "-"))
    if printed is None or not written.endswith("%"):
        return printed == value
    return abs(printed / 100 - value) <= Decimal("0.0005")


def must_be_founded(body: str, figures: Mapping[str, Decimal], grant: Grant) -> str:
    """The same body, once every figure in it is one of the figures. Raises FigureError for one that
    isn't."""
    wrong = unfounded(body, figures)
    if wrong:
        raise FigureError(
            f"Rapporterna för {grant.grant_id} har inte skrivits: {swedish.listing(wrong)} i "
            "rapporten stämmer inte med reconciliation.json."
        )
    return body
