"""Where each figure of a report stands in sparning.html."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from .record import GROUND_COLUMNS, Json


def anchored(report: Json) -> dict[str, Decimal]:
    """Every figure of a `reconciliation.json` by its anchor in sparning.html; what isn't known is
    left out."""
    figures: dict[str, Decimal] = {}
    for owner, values in dict(_owners(report)).items():
        for name, value in values.items():
            if name.endswith(("_sek", "_share", "_months", "_count")) and value is not None:
                figures[f"{owner}.{name}"] = Decimal(value)
    return figures


_Owner = tuple[str, Json]
"""What the anchors of some figures begin with, and where the figures stand in the JSON."""


def _owners(report: Json) -> Iterator[_Owner]:
    yield "staden", {**report, **report["liability"], **report["city"]}
    yield "personer", report["gender"]
    for board in report["boards"]:
        yield from _owners_of_board(board)
    for row in report["ineligible"]:
        yield f"{row['board']}.skal.{row['reason']}", row
    for row in report.get("outlook", []):
        parts = [part for part in (row["board"], row["component"]) if part]
        yield f"prognos.{'.'.join(parts) or 'staden'}", row
    for row in report.get("since", []):
        yield f"prognos.{row['board']}.{row['earlier_on']}", row
    for proposal in report.get("redistribution", []):
        yield "omfordelning", proposal
        for row in proposal["boards"]:
            yield f"omfordelning.{row['board']}", row
        yield from _numbered("flytt", proposal["transfers"])
    yield from _asked_owners(report)
    for row in report.get("levels", []):
        parts = [part for part in (row["recipient"], row["of_level"]) if part]
        yield f"niva-{'.'.join(parts)}", row
    yield from _numbered("tackning", report.get("coverage", []))
    yield from _numbered("omrade", report["areas"])
    yield from _numbered("insats", report["activities"])
    yield from _numbered("beslut", report["decisions"])


def _asked_owners(report: Json) -> Iterator[_Owner]:
    """What boards were asked for: measures, questions and posts."""
    for key, word in (("measures", "matt"), ("questions", "fraga")):
        for asked_no, row in enumerate(report.get(key, []), 1):
            yield f"{word}-{asked_no}", row
            for of_board in row["boards"]:
                yield f"{of_board['board']}.{word}-{asked_no}", of_board
            for of_level in row.get("levels", []):
                yield f"niva-{of_level['recipient']}.{word}-{asked_no}", of_level
    if "posts" in report:
        yield "tjanster", report["posts"]
        for row in report["posts"]["boards"]:
            yield f"{row['board']}.tjanster", row


def _owners_of_board(board: Json) -> Iterator[_Owner]:
    # A ground that the list leaves out is no money, as soon as anything is known of what is owed.
    left_out = None if board["liability_sek"] is None else "0.00"
    by_ground = dict.fromkeys(GROUND_COLUMNS.values(), left_out)
    for row in board["liability_grounds"]:
        by_ground[GROUND_COLUMNS[row["ground"]]] = row["amount_sek"]
    yield board["board"], {**board, **by_ground}
    yield from _years_of(board["board"], board)
    for row in board["components"]:
        component = f"{board['board']}.{row['component']}"
        yield component, row
        yield from _years_of(component, row)
    for row in board["inherited"]:
        yield f"{board['board']}.arv.{row['board']}", row


def _years_of(owner: str, row: Json) -> Iterator[_Owner]:
    # No component's id has a point in it, so this is no component.
    for year_no, year in enumerate(row.get("years", []), 1):
        yield f"{owner}.ar.{year_no}", year


def _numbered(word: str, rows: Iterable[Json]) -> Iterator[_Owner]:
    """Rows that are known by their place in a list, from 1."""
    for place, row in enumerate(rows, 1):
        yield f"{word}-{place}", row
