"""The records that each suite of expectations is about, made from returns."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..base import printable, swedish
from ..model.decisions import Grant
from ..model.levels import Wording
from ..model.returns import (
    ALL_TABLES,
    COST_COLUMNS,
    HEADER_FIELDS,
    POSTS,
    Cell,
    Column,
    HeaderField,
    Reading,
    Return,
    Row,
)
from ..model.rulebook import Rulebook, RunPlan
from .follow_up_frames import measure_records, post_records
from .oddities import (
    Part,
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
    stated_of_unknown,
)
from .question_frames import question_records
from .read_values import UNREAD, amount_cells, code_in, grant_of, is_opened, value_in
from .records import Record, by_name

ATTEST = ("attested_by", "attested_title", "attested_on")
_NOT_IN_A_REPORT = {"attested_title"}
"""What a filed report doesn't say: its log has who attested it and when."""


# -- what stood in the way, and personal numbers ---------------------------------------------------


def _problems(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[Record]:
    for returned in returns:
        for problem in returned.problems:
            sheet, value = problem.sheet or "", problem.value or ""
            refs = problem.cells or ("",)
            cells = tuple(Cell(sheet, ref, value, Reading.OK, None) for ref in refs)
            values = {"problem": problem.rule_id}
            yield Record(returned, values, {"problem": cells}, problem.details)


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


# -- a file as a whole -----------------------------------------------------------------------------


def _files(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[Record]:
    ever, _ = decided_amounts(rulebook, plan)
    for returned in filter(is_opened, returns):
        facts = _facts(returned, rulebook, plan)
        values = _file_values(returned, facts, plan)
        if returned.kind == "xlsx":
            allocated = stated_allocation(returned, rulebook, plan)
            values["allocated"] = allocated
            values["allocated_once"] = allocated if allocated in ever else None
            values["allocated_of_unknown"] = stated_of_unknown(returned, rulebook)
        words = _file_words(returned, facts, plan)
        words["decided"] = decided_words(returned, rulebook, plan)
        yield Record(returned, values, _file_cells(returned, facts), words)


@dataclass(frozen=True)
class _Facts:
    """What of a file both rules and messages ask for."""

    grant: Grant | None
    lines_sek: Decimal | None
    """The sum of the cost lines, while it is known."""
    least_sek: Decimal
    """The least that the forecast can be: what has been used already."""
    negative: Part | None
    """The first part that sums to less than nothing."""
    as_thousands_sek: Decimal | None
    """The allocation that the amounts come near if they are thousands of kronor."""
    missing_attest: str
    """What is missing of the attest, in words."""


def _facts(returned: Return, rulebook: Rulebook, plan: RunPlan) -> _Facts:
    grant = grant_of(returned, rulebook)
    lines_sek = _lines_sum(returned)
    return _Facts(
        grant=grant,
        lines_sek=lines_sek,
        least_sek=max(Decimal(0), lines_sek or Decimal(0)),
        negative=below_zero(returned, grant),
        as_thousands_sek=in_thousands(returned, rulebook, plan),
        missing_attest=_missing_attest(returned),
    )


def _file_values(returned: Return, facts: _Facts, plan: RunPlan) -> dict[str, object]:
    grant, lines_sek, negative = facts.grant, facts.lines_sek, facts.negative
    stated_total = returned.value("stated_total_sek")
    return {
        "grant": _key_as_written(returned, "grant"),
        "board": _key_as_written(returned, "board"),
        "template_version": _as_written(returned, "template_version"),
        "allocated": None,
        "allocated_once": None,
        "allocated_of_unknown": None,
        "replaces_existing": returned.value("replaces_existing"),
        "other_funding": returned.value("other_funding"),
        "stated_total_sek": lines_sek if _agrees(returned, lines_sek) else stated_total,
        "lines_sek": lines_sek,
        "missing_attest": facts.missing_attest or None,
        "period_end_on": returned.value("period_end_on"),
        "spend_from_on": grant.spend_from_on if grant else None,
        "spend_to_on": grant.spend_to_on if grant else None,
        "last_day_on": period_end_of(returned, grant),
        "attested_on": returned.value("attested_on"),
        "as_of_on": plan.as_of,
        "forecast_sek": returned.value("forecast_sek"),
        "least_sek": facts.least_sek,
        "below_zero_sek": negative.amount_sek if negative else None,
        "thousands_sek": lines_sek if facts.as_thousands_sek else None,
        "spending": spending(returned, lines_sek),
    }


def _file_words(returned: Return, facts: _Facts, plan: RunPlan) -> dict[str, object]:
    grant, lines_sek, negative = facts.grant, facts.lines_sek, facts.negative
    words: dict[str, object] = {
        "missing": facts.missing_attest,
        "least": facts.least_sek,
        "as_of": plan.as_of,
        "period_end": returned.value("period_end_on"),
        "part": negative.name if negative else "",
        "negative": negative.amount_sek if negative else None,
        "allocated": facts.as_thousands_sek,
        "sum": lines_sek,
    }
    if grant:
        words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
    stated_total = returned.value("stated_total_sek")
    if isinstance(stated_total, Decimal) and lines_sek is not None:
        words["lines"] = lines_sek
        words["difference"] = abs(stated_total - lines_sek)
    return words


def _file_cells(returned: Return, facts: _Facts) -> dict[str, tuple[Cell, ...]]:
    header = returned.header
    cells = by_name(header)
    attest = [header[name] for name in ATTEST if name in header]
    cells["attest"] = tuple(cell for cell in attest if cell.value is None)
    cells["below_zero"] = facts.negative.cells if facts.negative else ()
    cells["amounts"] = amount_cells(returned.costs)
    return cells


def _as_written(returned: Return, name: str) -> str | None:
    """A header field as it is written, None where it has no value."""
    return returned.header[name].raw if returned.value(name) else None


def _key_as_written(returned: Return, name: str) -> str | None:
    written = _as_written(returned, name)
    return None if written is None else swedish.key(written)


# -- each cell by itself ---------------------------------------------------------------------------


def _cells(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    wording = rulebook.organisation.wording
    for returned in filter(is_opened, returns):
        yield from _header_cells(returned, wording)
        for table, columns in ALL_TABLES.items():
            is_printed = table in _PRINTED_TABLES
            rows = returned.rows_of(table)
            yield from _table_cells(returned, columns, rows, is_printed=is_printed)


def _header_cells(returned: Return, wording: Wording) -> Iterator[Record]:
    """Every field of a workbook's header, blank where it is missing; of a CSV file those that it
    has."""
    for field_ in HEADER_FIELDS:
        cell = returned.header.get(field_.name)
        if cell is None and returned.kind != "xlsx":
            continue
        cell = cell or Cell("", "", "", Reading.BLANK, None)
        is_printed = field_.name in _PRINTED
        label = wording.said(field_.label)
        yield _cell_record(returned, field_, cell, label, is_printed=is_printed)


def _table_cells(
    returned: Return, columns: Iterable[Column], rows: Iterable[Row], *, is_printed: bool
) -> Iterator[Record]:
    for row in rows:
        for column in columns:
            if column.name in row.cells:
                cell = row.cells[column.name]
                yield _cell_record(returned, column, cell, column.header, is_printed=is_printed)


_PRINTED = {"unspent_reason", "attested_by", "attested_title"}
"""The fields that stand in the report's PDF."""
_PRINTED_TABLES = {"Insatser", POSTS}
"""The tables whose words do. Of a measure it is the grant's own words that are printed."""


def _cell_record(
    returned: Return, declared: Column | HeaderField, cell: Cell, label: str, *, is_printed: bool
) -> Record:
    unseen = None
    if is_printed and declared.kind in {"text", "prose"} and isinstance(cell.value, str):
        unseen = printable.not_printed(cell.value) or None
    values = _cell_values(declared, cell.reading, unseen)
    words = _cell_words(label, unseen, is_of_table=isinstance(declared, Column))
    return Record(returned, values, {"cell": (cell,)}, words)


@functools.lru_cache(maxsize=4096)
def _cell_values(
    declared: Column | HeaderField, read: Reading, unseen: str | None
) -> Mapping[str, object]:
    """What the expectations see of a cell: the same values, and not their like, for all that are
    of one kind and were read alike, so that they are checked once."""
    reading = str(read)
    # A question of the form is to be answered; in a table a blank says that nobody knows.
    is_open_choice = isinstance(declared, Column) and read is Reading.BLANK
    is_version = declared.name == "version"

    def about(applies: bool) -> str | None:
        return reading if applies else None

    return {
        "reading": reading,
        "required_reading": about(declared.is_required),
        "amount_reading": about(declared.kind == "amount"),
        "date_reading": about(declared.kind == "date"),
        "version_reading": about(is_version),
        "people_reading": about(declared.kind == "count" and not is_version),
        "choice_reading": about(declared.kind == "choice" and not is_open_choice),
        "not_printed": unseen,
    }


@functools.lru_cache(maxsize=4096)
def _cell_words(label: str, unseen: str | None, *, is_of_table: bool) -> Mapping[str, object]:
    return {"column": label, "row": _OR_THE_ROW if is_of_table else "", "signs": unseen}


_OR_THE_ROW = " Ta bort hela raden om den inte ska vara med."


# -- the rows of the tables ------------------------------------------------------------------------


def _lines(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[Record]:
    known = known_codes(rulebook)
    for returned in returns:
        grant = grant_of(returned, rulebook)
        for row in returned.costs:
            yield _line_record(returned, row, grant, known, plan)


def _line_record(
    returned: Return,
    row: Row,
    grant: Grant | None,
    known: Mapping[str, set[str]],
    plan: RunPlan,
) -> Record:
    values: dict[str, object] = {"file": returned.file}
    for column in COST_COLUMNS:
        values[column.name] = value_in(row, column.name)
    for name in ("area", "cost_kind"):
        code = code_in(row, name)
        values[name] = code
        values[f"grant_{name}"] = code_of_grant(grant, code) if code in known[name] else None
    worked_on = values["worked_on"]
    is_far = grant is not None and lies_far(worked_on, grant)
    last_on = last_day(returned, grant, plan)
    values |= {
        "spend_from_on": grant.spend_from_on if grant else None,
        "spend_to_on": grant.spend_to_on if grant else None,
        "far_on": worked_on if is_far else None,
        "near_on": None if is_far else worked_on,
        "within_on": worked_on if is_within(worked_on, grant) else None,
        "last_on": last_on,
    }
    words: dict[str, object] = {"last": last_on}
    if grant:
        words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
    return Record(returned, values, by_name(row.cells), words)


def _activities(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    for returned in returns:
        grant = grant_of(returned, rulebook)
        for row in returned.activities:
            values: dict[str, object] = {"area": code_in(row, "area"), "grant_target_area": None}
            if grant and grant.target_areas:
                values["grant_target_area"] = code_of_grant(grant, code_in(row, "target_area"))
            yield Record(returned, values, by_name(row.cells))


FRAMES = {
    "problems": _problems,
    "personal": _personal,
    "files": _files,
    "cells": _cells,
    "lines": _lines,
    "activities": _activities,
    "posts": post_records,
    "measures": measure_records,
    "questions": question_records,
}


# -- what is reckoned of a file --------------------------------------------------------------------


def _missing_attest(returned: Return) -> str:
    """What is missing of the attest, in words; a cell that could not be read has a finding of its
    own."""
    labels = {header_field.name: header_field.label for header_field in HEADER_FIELDS}
    missing = []
    for name in ATTEST:
        if returned.kind == "report" and name in _NOT_IN_A_REPORT:
            continue
        cell = returned.header.get(name)
        is_unread = cell is not None and cell.reading in UNREAD
        if returned.value(name) is None and not is_unread:
            missing.append(labels[name])
    return swedish.listing(missing)


_NO_TABLE = {"tabell-saknas", "tabell-tvetydig", "kolumn-saknas", "kolumn-tvetydig"}
"""The problems with which not all lines of a return are known."""


def _lines_sum(returned: Return) -> Decimal | None:
    """The sum of the cost lines in kronor; None while any amount, or the table itself, could not be
    read."""
    if any(problem.rule_id in _NO_TABLE for problem in returned.problems):
        return None
    amounts = [cell.value for cell in amount_cells(returned.costs)]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(known, Decimal(0)) if len(known) == len(returned.costs) else None


def _agrees(returned: Return, lines_sek: Decimal | None) -> bool:
    """Whether the board's own total is its lines', within half an öre for each amount that was
    rounded (contract 2)."""
    total = returned.header.get("stated_total_sek")
    if lines_sek is None or total is None or not isinstance(total.value, Decimal):
        return False
    cells = (*amount_cells(returned.costs), total)
    rounded = sum(cell.reading is Reading.ROUNDED for cell in cells)
    return abs(total.value - lines_sek) <= rounded * swedish.ORE / 2
