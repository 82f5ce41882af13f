"""What a report says as data."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from ..model import evidence
from ..model.codes import RECKONED_GROUNDS
from ..model.findings import Finding
from ..money import redistribution
from ..money.results import GrantResult
from ..money.shapes import Row, figures_of
from ..money.tables import (
    Activity,
    AllocationRow,
    Answered,
    BoardMoney,
    BoardYear,
    Measured,
    Outlook,
    PrintedCity,
    Redistribution,
    Since,
    Tables,
)
from ..returns import file_names

SCHEMA = 2
"""The number of the contract that the JSON files follow."""

Json = dict[str, Any]
"""An object of a JSON file."""
T = TypeVar("T")
K = TypeVar("K")


def write(path: Path, content: bytes | str) -> None:
    """Put a file's content in its place."""
    path.write_bytes(content if isinstance(content, bytes) else encoded(content))


def encoded(text: str) -> bytes:
    """Text as files hold it. A lone surrogate (a file name that is no UTF-8) is written as its
    escape, which is also what JSON wants."""
    return text.encode("utf-8", "backslashreplace")


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


GROUND_COLUMNS = {ground: f"{ground}_sek" for ground in RECKONED_GROUNDS}
_AT_TOP = ("total_sek", "allocated_sek", "unallocated_sek")
_OF_LIABILITY = (
    *("unallocated_sek", "boards_sek", "undetermined_sek"),
    *("namnd_basis_sek", "kommun_basis_sek", "set_off_sek"),
)


def reconciliation(result: GrantResult) -> Json:
    """What `reconciliation.json` holds: the figures of contract section 3, and every other one that
    a report prints."""
    tables, city = result.tables, printed_city(result)
    of_city = _figures(city)
    elsewhere = {*_AT_TOP, *_OF_LIABILITY, "to_repay_sek"}
    report = _run(result)
    report |= {name: of_city[name] for name in _AT_TOP}
    report["boards"] = _boards(tables)
    report["liability"] = {
        **{name: of_city[name] for name in _OF_LIABILITY},
        "basis": city.basis,
        "to_repay_sek": of_city["to_repay_sek"],
    }
    report["city"] = {name: value for name, value in of_city.items() if name not in elsewhere}
    report["ineligible"] = [
        {"board": row.board_id, "reason": row.reason, **_figures(row)} for row in tables.ineligible
    ]
    report["areas"] = [{"area": row.area, **_figures(row)} for row in tables.area]
    report["gender"] = _figures(tables.gender[0])
    report["activities"] = [_activity(row) for row in tables.activity]
    report |= _asked(tables)
    report |= _levels(tables)
    report |= _answered(tables)
    years: dict[int | None, Json] = {row.year_no: _days(row) for row in tables.board_year}
    report["decisions"] = [_allocation(row, years) for row in tables.allocation]
    if not result.is_final:
        report |= _ahead(result)
    return report


def _run(result: GrantResult) -> Json:
    """What stands first in a file: by which contract, of which grant, and for which day it is; of
    an interim report which one."""
    of_report = {"report": result.report_id} if result.report else {}
    return {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        **of_report,
    }


def _asked(tables: Tables) -> Json:
    """What boards were asked to count, and their posts; nothing where the grant asks for
    neither."""
    measures = []
    for same in grouped(tables.measured, lambda row: row.asked_no).values():
        total, *own = same
        boards = [{"board": row.board_id, **_figures(row)} for row in own]
        measures.append({**_about(total), **_figures(total), "boards": boards})
    asked: Json = {"measures": measures} if measures else {}
    for staffing in tables.staffing:
        if staffing.board_id is None:
            asked["posts"] = {**_figures(staffing), "boards": []}
    for staffing in tables.staffing:
        if staffing.board_id is not None:
            vacant = list(staffing.vacant_in or ())
            of_board = {"board": staffing.board_id, **_figures(staffing), "vacant_in": vacant}
            asked["posts"]["boards"].append(of_board)
    return asked


def _levels(tables: Tables) -> Json:
    """What those on higher levels have together, and what they work with; nothing where nobody is a
    part of anybody."""
    if not tables.level:
        return {}
    levels = []
    for row in tables.level:
        of_level = {"recipient": row.upper_id, "of_level": row.level_id}
        levels.append({**of_level, **_figures(row)})
    coverage = []
    for done in tables.coverage:
        about = {
            "recipient": done.upper_id,
            "area": done.area,
            "target_area": done.target_area,
        }
        coverage.append({**about, **_figures(done)})
    return {"levels": levels, "coverage": coverage}


def _answered(tables: Tables) -> Json:
    """What each board was asked about itself, and what it answered; nothing where the grant asks
    nothing."""
    answers = grouped(tables.answer, lambda row: row.asked_no)
    by_level = grouped(tables.level_answer, lambda row: row.asked_no)
    questions = []
    for row in tables.answered:
        about = {"question": row.question_id, "text": row.text, "unit": row.unit, **_days(row)}
        boards = []
        for own in answers.get(row.asked_no, []):
            boards.append({"board": own.board_id, "is_yes": own.is_yes, **_figures(own)})
        levels = []
        for of_level in by_level.get(row.asked_no, []):
            levels.append({"recipient": of_level.upper_id, **_figures(of_level)})
        question = {**about, **_figures(row), "boards": boards}
        questions.append({**question, "levels": levels} if levels else question)
    return {"questions": questions} if questions else {}


def _about(row: Measured) -> Json:
    """What is counted in a row that boards are asked to fill in."""
    return {
        "measure": row.measure_id,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "split": row.split,
        "part": row.part,
    }


def _activity(row: Activity) -> Json:
    return {
        "board": row.board_id,
        "sender": row.sender_id,
        "file": row.file,
        "sheet": row.sheet,
        "row": row.row_no,
        **_figures(row),
    }


def _allocation(row: AllocationRow, years: Mapping[int | None, Json]) -> Json:
    return {
        "decision": row.decision_id,
        "decided_on": row.decided_on.isoformat(),
        "board": row.board_id,
        "component": row.component_id,
        **years.get(row.year_no, {}),
        **_figures(row),
        "is_in_force": row.is_in_force,
    }


def _boards(tables: Tables) -> list[Json]:
    """What is told of each board. What it owes is told by ground, in a list."""
    components = grouped(tables.board_component, lambda row: row.board_id)
    inherited = grouped(tables.inherited, lambda row: row.board_id)
    years = grouped(tables.board_year, lambda row: (row.board_id, row.component_id))
    boards = []
    for row in tables.board:
        board = _board(row)
        board["inherited"] = [
            {"board": part.decided_board_id, **_figures(part)}
            for part in inherited.get(row.board_id, [])
        ]
        board["components"] = [
            {
                "component": part.component_id,
                **_last(_figures(part), "reported_sek"),
                **_years(years.get((part.board_id, part.component_id), [])),
            }
            for part in components.get(row.board_id, [])
        ]
        board |= _years(years.get((row.board_id, None), []))
        boards.append(board)
    return boards


def _years(rows: Iterable[BoardYear]) -> Json:
    """The years of a board or a component; nothing where the grant has none."""
    years = []
    for row in rows:
        years.append({**_days(row), **_figures(row)})
    return {"years": years} if years else {}


def _days(row: BoardYear | Answered) -> Json:
    """The days of a year."""
    return {"from": row.from_on.isoformat(), "to": row.to_on.isoformat()}


def _board(row: BoardMoney) -> Json:
    board: Json = {
        "board": row.board_id,
        "name": row.name,
        "return_status": row.return_status,
    }
    figures = _figures(row)
    for name, value in figures.items():
        if name in GROUND_COLUMNS.values():
            continue
        board[name] = value
        if name == "liability_sek":
            board["liability_grounds"] = [
                {"ground": ground, "amount_sek": figures[column]}
                for ground, column in GROUND_COLUMNS.items()
                if getattr(row, column)
            ]
    board["flag"] = row.flag
    return board


def _last(figures: Json, name: str) -> Json:
    """The same, with one of them at the end: where it stood when it was added to the contract."""
    others = {key: value for key, value in figures.items() if key != name}
    return {**others, name: figures[name]}


def _ahead(result: GrantResult) -> Json:
    """What a quarter's report says of the time that is left: forecasts, what has changed, and what
    could be moved."""
    tables = redistribution.with_proposal(result).tables
    return {
        "outlook": [_outlook(row) for row in tables.outlook],
        "since": [_since(row) for row in tables.since],
        "redistribution": [_proposal(row, tables) for row in tables.redistribution],
    }


def _outlook(row: Outlook) -> Json:
    return {
        "board": row.board_id,
        "component": row.component_id,
        "reached_on": row.reached_on.isoformat(),
        **_figures(row),
    }


def _since(row: Since) -> Json:
    return {
        "board": row.board_id,
        "earlier_on": row.earlier_on.isoformat(),
        "files": list(row.files),
        **_figures(row),
    }


def _proposal(row: Redistribution, tables: Tables) -> Json:
    transfers = []
    for transfer in tables.transfer:
        transfers.append(
            {
                "from": transfer.from_board_id,
                "to": transfer.to_board_id,
                "component": transfer.component_id,
                **_figures(transfer),
            }
        )
    boards = [{"board": moved.board_id, **_figures(moved)} for moved in tables.moved]
    return {**_figures(row), "transfers": transfers, "boards": boards}


def printed_city(result: GrantResult) -> PrintedCity:
    """The city with the counts that its report prints over and above those of the step."""
    city = result.city
    return PrintedCity(
        **vars(city),
        reported_count=city.board_count - city.missing_count - city.held_count,
        ineligible_line_count=sum(not line.is_eligible for line in result.tables.line),
        finding_count=len(told_findings(result)),
    )


def told_findings(result: GrantResult) -> list[Finding]:
    """The findings that the report tells: the grant's own and those of files that nobody can place,
    but nothing of what the accounts say."""
    own = {result.grant.grant_id, None}
    return [f for f in result.findings if f.grant in own and not is_of_the_accounts(f)]


def is_of_the_accounts(finding: Finding) -> bool:
    """Whether a finding is about what the accounts say, or about an extract of them."""
    return finding.rule in evidence.RULES or file_names.is_extract(finding.file or "")


def _plain(name: str, value: Any) -> Any:
    """A figure as JSON has it: kronor with two decimals and shares with four, as text; counts as
    numbers."""
    if value is None or name.endswith("_count"):
        return value
    return money(value) if name.endswith(("_sek", "_months")) else f"{value:.4f}"


def _figures(row: Row) -> Json:
    """The figures of a row, by their columns, as JSON has them."""
    return {name: _plain(name, getattr(row, name)) for name in figures_of(row)}


def findings(result: GrantResult) -> list[Json]:
    """What `findings.json` holds."""
    return [finding_of(finding) for finding in result.findings]


def finding_of(finding: Finding) -> Json:
    """A finding as `findings.json` has it."""
    return asdict(finding) | {"cells": list(finding.cells) or None}


def manifest(result: GrantResult) -> Json:
    """What `manifest.json` holds: every file, and what became of it."""
    files = []
    for row in result.tables.manifest:
        files.append(
            {
                "name": row.name,
                "sha256": row.sha256,
                "size": row.size_bytes,
                "outcome": row.outcome,
                "board": row.board_id,
                "sender": row.sender_id,
            }
        )
    data = [{"name": name, "sha256": sha, "size": size} for name, sha, size in result.data_files]
    return {**_run(result), "files": files, "data": data}
