"""The records that each suite of expectations is about, made from returns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from ..base import printable, swedish
from ..model.returns import (
    ACTIVITY_COLUMNS,
    COST_COLUMNS,
    HEADER_FIELDS,
    Cell,
    Column,
    HeaderField,
    Reading,
    Return,
)
from ..model.rulebook import Rulebook, RunPlan
from .oddities import (
    below_zero,
    in_thousands,
    is_within,
    last_day,
    lies_far,
    period_end_of,
    spending,
)
from .parameters import (
    code_of_grant,
    decided_amounts,
    decided_words,
    known_codes,
    stated_allocation,
)
from .read_values import UNREAD, amount_cells, grant_of, is_opened, text_in, value_in

if TYPE_CHECKING:
    pass


ATTEST = ("attested_by", "attested_title", "attested_on")


# -- what is checked: records and the parameters they are checked against --------------------------


@dataclass(frozen=True)
class Record:
    """A row of a frame: its values, and the cells and words that a finding about it needs."""

    returned: Return
    values: Mapping[str, object]
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    words: Mapping[str, object] = field(default_factory=dict)


def _problems(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[Record]:
    for returned in returns:
        for problem in returned.problems:
            cells = tuple(
                Cell(problem.sheet or "", ref, problem.value or "", Reading.OK, None)
                for ref in problem.cells or ("",)
            )
            yield Record(
                returned, {"problem": problem.rule_id}, {"problem": cells}, problem.details
            )


def _personal(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[Record]:
    for returned in returns:
        for place in returned.personal_numbers:
            cell = Cell(place.sheet, place.ref, "", Reading.OK, None)
            yield Record(
                returned,
                {"number_rule": place.rule_id},
                {"number_rule": (cell,)},
                {"where": place.where},
            )


def _files(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[Record]:
    ever, _ = decided_amounts(rulebook, plan)
    for returned in filter(is_opened, returns):
        header = returned.header
        is_workbook = returned.kind == "xlsx"
        named = {
            name: header[name].raw
            for name in ("grant", "board", "template_version")
            if returned.value(name)
        }
        allocated = stated_allocation(returned, rulebook, plan) if is_workbook else None
        missing = _missing_attest(returned)
        lines_sek = _lines_sum(returned)
        least_sek = max(Decimal(0), lines_sek or Decimal(0))
        total = returned.value("stated_total_sek")
        words: dict[str, object] = {
            "missing": missing,
            "decided": decided_words(returned, rulebook, plan),
        }
        words |= {
            "least": least_sek,
            "as_of": plan.as_of,
            "period_end": returned.value("period_end_on"),
        }
        grant = grant_of(returned, rulebook)
        if grant:
            words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
        if isinstance(total, Decimal) and lines_sek is not None:
            words |= {"lines": lines_sek, "difference": abs(total - lines_sek)}
        negative = below_zero(returned, grant)
        thousands = in_thousands(returned, rulebook, plan)
        words |= {
            "part": negative.name if negative else "",
            "negative": negative.amount_sek if negative else None,
        }
        words |= {"allocated": thousands, "sum": lines_sek}
        yield Record(
            returned,
            {
                **{
                    name: swedish.key(named[name]) if name in named else None
                    for name in ("grant", "board")
                },
                "template_version": named.get("template_version"),
                "allocated": allocated,
                "allocated_once": allocated if allocated in ever else None,
                "replaces_existing": returned.value("replaces_existing"),
                "other_funding": returned.value("other_funding"),
                "stated_total_sek": lines_sek if _agrees(returned, lines_sek) else total,
                "lines_sek": lines_sek,
                "missing_attest": missing or None,
                "period_end_on": returned.value("period_end_on"),
                "spend_from_on": grant and grant.spend_from_on,
                "spend_to_on": grant and grant.spend_to_on,
                "last_day_on": period_end_of(returned, grant),
                "attested_on": returned.value("attested_on"),
                "as_of_on": plan.as_of,
                "forecast_sek": returned.value("forecast_sek"),
                "least_sek": least_sek,
                "below_zero_sek": negative and negative.amount_sek,
                "thousands_sek": thousands and lines_sek,
                "spending": spending(returned, lines_sek),
            },
            {
                **{name: (cell,) for name, cell in header.items()},
                "attest": tuple(
                    header[n] for n in ATTEST if n in header and header[n].value is None
                ),
                "below_zero": negative.cells if negative else (),
                "amounts": amount_cells(returned.costs),
            },
            words,
        )


def _cells(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[Record]:
    for returned in filter(is_opened, returns):
        asked = [f for f in HEADER_FIELDS if returned.kind == "xlsx" or f.name in returned.header]
        for field_ in asked:
            cell = returned.header.get(field_.name) or Cell("", "", "", Reading.BLANK, None)
            yield _cell_record(
                returned, field_, cell, field_.label, is_printed=field_.name in _PRINTED
            )
        for columns, rows in (
            (COST_COLUMNS, returned.costs),
            (ACTIVITY_COLUMNS, returned.activities),
        ):
            is_printed = columns is ACTIVITY_COLUMNS
            for row in rows:
                for column in columns:
                    if column.name in row.cells:
                        cell = row.cells[column.name]
                        yield _cell_record(
                            returned, column, cell, column.header, is_printed=is_printed
                        )


_PRINTED = {"unspent_reason", "attested_by", "attested_title"}
"""The fields that stand in the report's PDF, as all that is said of an activity does."""


def _cell_record(
    returned: Return, declared: Column | HeaderField, cell: Cell, label: str, *, is_printed: bool
) -> Record:
    reading = str(cell.reading)
    is_version = declared.name == "version"
    unseen = None
    if is_printed and declared.kind in {"text", "prose"} and isinstance(cell.value, str):
        unseen = printable.not_printed(cell.value) or None

    def about(applies: bool) -> str | None:
        return reading if applies else None

    return Record(
        returned,
        {
            "reading": reading,
            "required_reading": about(declared.is_required),
            "amount_reading": about(declared.kind == "amount"),
            "date_reading": about(declared.kind == "date"),
            "version_reading": about(is_version),
            "people_reading": about(declared.kind == "count" and not is_version),
            "choice_reading": about(declared.kind == "choice"),
            "not_printed": unseen,
        },
        dict.fromkeys(_READINGS, (cell,)),
        {
            "column": label,
            "row": _OR_THE_ROW if isinstance(declared, Column) else "",
            "signs": unseen,
        },
    )


_OR_THE_ROW = " Ta bort hela raden om den inte ska vara med."


_READINGS = (
    *("reading", "required_reading", "amount_reading", "date_reading"),
    *("version_reading", "people_reading", "choice_reading", "not_printed"),
)


def _lines(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[Record]:
    known = known_codes(rulebook)
    for returned in returns:
        grant = grant_of(returned, rulebook)
        for row in returned.costs:
            code = {
                name: swedish.key(text_in(row, name) or "") or None
                for name in ("area", "cost_kind")
            }
            values: dict[str, object] = {
                "file": returned.file,
                **{c.name: value_in(row, c.name) for c in COST_COLUMNS},
            }
            values |= code
            values |= {
                f"grant_{name}": code_of_grant(grant, code[name])
                if code[name] in known[name]
                else None
                for name in code
            }
            values |= {
                "spend_from_on": grant and grant.spend_from_on,
                "spend_to_on": grant and grant.spend_to_on,
            }
            is_far = grant is not None and lies_far(values["worked_on"], grant)
            last_on = last_day(returned, grant, plan)
            values |= {
                "far_on": values["worked_on"] if is_far else None,
                "near_on": None if is_far else values["worked_on"],
                "within_on": values["worked_on"] if is_within(values["worked_on"], grant) else None,
                "last_on": last_on,
            }
            words: dict[str, object] = {"last": last_on}
            if grant:
                words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
            yield Record(
                returned, values, {name: (cell,) for name, cell in row.cells.items()}, words
            )


def _activities(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    for returned in returns:
        grant = grant_of(returned, rulebook)
        for row in returned.activities:
            target = swedish.key(text_in(row, "target_area") or "") or None
            values = {
                "area": swedish.key(text_in(row, "area") or "") or None,
                "grant_target_area": code_of_grant(grant, target)
                if grant and grant.target_areas
                else None,
            }
            yield Record(returned, values, {name: (cell,) for name, cell in row.cells.items()})


FRAMES = {
    "problems": _problems,
    "personal": _personal,
    "files": _files,
    "cells": _cells,
    "lines": _lines,
    "activities": _activities,
}


def _missing_attest(returned: Return) -> str:
    labels = {f.name: f.label for f in HEADER_FIELDS}
    unread = [n for n in ATTEST if n in returned.header and returned.header[n].reading in UNREAD]
    return swedish.listing(
        labels[n] for n in ATTEST if returned.value(n) is None and n not in unread
    )


def _lines_sum(returned: Return) -> Decimal | None:
    """The sum of the cost lines in kronor; None while any amount, or the table itself, could not be
    read."""
    amounts = [row.cells.get("amount_sek") for row in returned.costs]
    fatal = {"tabell-saknas", "tabell-tvetydig", "kolumn-saknas", "kolumn-tvetydig"}
    if any(problem.rule_id in fatal for problem in returned.problems):
        return None
    values = [cell.value for cell in amounts if cell and isinstance(cell.value, Decimal)]
    return sum(values, Decimal(0)) if len(values) == len(returned.costs) else None


def _agrees(returned: Return, lines_sek: Decimal | None) -> bool:
    """Whether the board's own total is its lines', within half an öre for each amount that was
    rounded (contract 2)."""
    total = returned.header.get("stated_total_sek")
    if lines_sek is None or total is None or not isinstance(total.value, Decimal):
        return False
    amounts = [row.cells["amount_sek"] for row in returned.costs if "amount_sek" in row.cells]
    rounded = sum(cell.reading is Reading.ROUNDED for cell in (*amounts, total))
    return abs(total.value - lines_sek) <= rounded * swedish.ORE / 2
