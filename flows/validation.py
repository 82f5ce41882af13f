"""The returns against the suites in `expectations/`: Great Expectations in, findings out.

One set of suites serves all grants: what differs by grant comes in as parameters and as columns beside the rows. All
returns are validated together, one batch per suite. Nothing passes because its check crashed.
"""

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import swedish, typeset
from .children import Children
from .model import (
    ACTIVITY_COLUMNS,
    COST_COLUMNS,
    HEADER_FIELDS,
    HIDDEN_TEXT,
    TEMPLATE_VERSIONS,
    Cell,
    Column,
    Component,
    Finding,
    Grant,
    HeaderField,
    Reading,
    Return,
    Row,
    Rulebook,
    RunPlan,
    Unit,
)

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext

ATTEST = ("attested_by", "attested_title", "attested_on")
_UNREAD = {Reading.UNREADABLE, Reading.DECIMALS, Reading.ERROR, Reading.NO_VALUE}


def validate(returns: Sequence[Return], rulebook: Rulebook, plan: RunPlan, docs: Path | None = None) -> list[Finding]:
    """Every breach of a GX rule in the returns of the plan's grants, grouped, in the order of the files.

    A return whose grant can't be told may be of any of them, so it is among them. `docs` is a folder for GX's own Data
    Docs (for developers; its pages load scripts from the net when opened).
    """
    concerned = [r for r in returns if r.grant_id in {None, *plan.periods}]
    parameters = _parameters(rulebook, plan)
    context = _context(docs)
    source = context.data_sources.add_pandas("redovisningar")
    breaches: list[_Breach] = []
    for name, make in _FRAMES.items():
        records = list(make(concerned, rulebook, plan))
        if records:
            breaches += _run(context, source, _Frame(name, records), parameters, plan)
    if docs:
        context.build_data_docs()
    return [*_grouped(breaches, rulebook, plan, parameters)]


def validate_apart(
    returns: Sequence[Return], rulebook: Rulebook, plan: RunPlan, validator: Children, docs: Path | None = None
) -> list[Finding]:
    """`validate` in a child process, where Great Expectations loads while the run does something else."""
    found: list[Finding] = validator.submit("statsbidrag.validation:validate", returns, rulebook, plan, docs).result()
    return found


# -- what is checked: records and the parameters they are checked against --------------------------------------------


@dataclass(frozen=True)
class _Record:
    """A row of a frame: its values, and the cells and words that a finding about it needs."""

    returned: Return
    values: Mapping[str, object]
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    words: Mapping[str, object] = field(default_factory=dict)


def _problems(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[_Record]:
    for returned in returns:
        for problem in returned.problems:
            cells = tuple(
                Cell(problem.sheet or "", ref, problem.value or "", Reading.OK, None) for ref in problem.cells or ("",)
            )
            yield _Record(returned, {"problem": problem.rule_id}, {"problem": cells}, problem.details)


def _personal(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[_Record]:
    for returned in returns:
        for place in returned.personal_numbers:
            cell = Cell(place.sheet, place.ref, "", Reading.OK, None)
            yield _Record(returned, {"number_rule": place.rule_id}, {"number_rule": (cell,)}, {"where": place.where})


def _files(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[_Record]:
    ever, _ = _decided(rulebook, plan)
    for returned in filter(_is_opened, returns):
        header = returned.header
        is_workbook = returned.kind == "xlsx"
        named = {name: header[name].raw for name in ("grant", "board", "template_version") if returned.value(name)}
        allocated = _allocated(returned, rulebook, plan) if is_workbook else None
        missing = _missing_attest(returned)
        lines_sek = _lines_sum(returned)
        least_sek = max(Decimal(0), lines_sek or Decimal(0))
        total = returned.value("stated_total_sek")
        words: dict[str, object] = {"missing": missing, "decided": _decided_words(returned, rulebook, plan)}
        words |= {"least": least_sek, "as_of": plan.as_of, "period_end": returned.value("period_end_on")}
        grant = _grant(returned, rulebook)
        if grant:
            words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
        if isinstance(total, Decimal) and lines_sek is not None:
            words |= {"lines": lines_sek, "difference": abs(total - lines_sek)}
        negative = _below_zero(returned, grant)
        thousands = _in_thousands(returned, rulebook, plan)
        words |= {"part": negative.name if negative else "", "negative": negative.amount_sek if negative else None}
        words |= {"allocated": thousands, "sum": lines_sek}
        yield _Record(
            returned,
            {
                **{name: swedish.key(named[name]) if name in named else None for name in ("grant", "board")},
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
                "last_day_on": _period_end(returned, grant),
                "attested_on": returned.value("attested_on"),
                "as_of_on": plan.as_of,
                "forecast_sek": returned.value("forecast_sek"),
                "least_sek": least_sek,
                "below_zero_sek": negative and negative.amount_sek,
                "thousands_sek": thousands and lines_sek,
                "spending": _spending(returned, lines_sek),
            },
            {
                **{name: (cell,) for name, cell in header.items()},
                "attest": tuple(header[n] for n in ATTEST if n in header and header[n].value is None),
                "below_zero": negative.cells if negative else (),
                "amounts": _amount_cells(returned.costs),
            },
            words,
        )


def _cells(returns: Iterable[Return], _: Rulebook, __: RunPlan) -> Iterator[_Record]:
    for returned in filter(_is_opened, returns):
        asked = [f for f in HEADER_FIELDS if returned.kind == "xlsx" or f.name in returned.header]
        for field_ in asked:
            cell = returned.header.get(field_.name) or Cell("", "", "", Reading.BLANK, None)
            yield _cell_record(returned, field_, cell, field_.label, is_printed=field_.name in _PRINTED)
        for columns, rows in ((COST_COLUMNS, returned.costs), (ACTIVITY_COLUMNS, returned.activities)):
            is_printed = columns is ACTIVITY_COLUMNS
            for row in rows:
                for column in columns:
                    if column.name in row.cells:
                        cell = row.cells[column.name]
                        yield _cell_record(returned, column, cell, column.header, is_printed=is_printed)


_PRINTED = {"unspent_reason", "attested_by", "attested_title"}
"""The fields that stand in the report's PDF, as all that is said of an activity does."""


def _cell_record(
    returned: Return, declared: Column | HeaderField, cell: Cell, label: str, *, is_printed: bool
) -> _Record:
    reading = str(cell.reading)
    is_version = declared.name == "version"
    unseen = None
    if is_printed and declared.kind in {"text", "prose"} and isinstance(cell.value, str):
        unseen = typeset.not_printed(cell.value) or None

    def about(applies: bool) -> str | None:
        return reading if applies else None

    return _Record(
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
        {"column": label, "row": _OR_THE_ROW if isinstance(declared, Column) else "", "signs": unseen},
    )


_OR_THE_ROW = " Ta bort hela raden om den inte ska vara med."


_READINGS = (
    *("reading", "required_reading", "amount_reading", "date_reading"),
    *("version_reading", "people_reading", "choice_reading", "not_printed"),
)


def _lines(returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> Iterator[_Record]:
    known = _known(rulebook)
    for returned in returns:
        grant = _grant(returned, rulebook)
        for row in returned.costs:
            code = {name: swedish.key(_text(row, name) or "") or None for name in ("area", "cost_kind")}
            values: dict[str, object] = {"file": returned.file, **{c.name: _value(row, c.name) for c in COST_COLUMNS}}
            values |= code
            values |= {
                f"grant_{name}": _of_grant(grant, code[name]) if code[name] in known[name] else None for name in code
            }
            values |= {"spend_from_on": grant and grant.spend_from_on, "spend_to_on": grant and grant.spend_to_on}
            is_far = grant is not None and _is_far(values["worked_on"], grant)
            last_on = _last_day(returned, grant, plan)
            values |= {
                "far_on": values["worked_on"] if is_far else None,
                "near_on": None if is_far else values["worked_on"],
                "within_on": values["worked_on"] if _is_within(values["worked_on"], grant) else None,
                "last_on": last_on,
            }
            words: dict[str, object] = {"last": last_on}
            if grant:
                words["period"] = swedish.period(grant.spend_from_on, grant.spend_to_on)
            yield _Record(returned, values, {name: (cell,) for name, cell in row.cells.items()}, words)


def _activities(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[_Record]:
    for returned in returns:
        grant = _grant(returned, rulebook)
        for row in returned.activities:
            target = swedish.key(_text(row, "target_area") or "") or None
            values = {
                "area": swedish.key(_text(row, "area") or "") or None,
                "grant_target_area": _of_grant(grant, target) if grant and grant.target_areas else None,
            }
            yield _Record(returned, values, {name: (cell,) for name, cell in row.cells.items()})


_FRAMES = {
    "problems": _problems,
    "personal": _personal,
    "files": _files,
    "cells": _cells,
    "lines": _lines,
    "activities": _activities,
}


def _parameters(rulebook: Rulebook, plan: RunPlan) -> dict[str, list[str]]:
    """What differs by grant, as lists that the suites name with $PARAMETER; the `*_words` are for messages."""
    grants = rulebook.grants
    known = _known(rulebook)
    ever, now = _decided(rulebook, plan)
    return {
        "grant_names": sorted({swedish.key(t) for g in grants for t in (g.grant_id, g.name, g.short_name)}),
        "grant_words": sorted(g.grant_id for g in grants),
        "board_names": sorted(rulebook.spellings),
        "board_words": sorted(b.name for b in rulebook.boards),
        "template_versions": list(TEMPLATE_VERSIONS),
        "decided_ever": sorted(ever),
        "decided_now": sorted(now),
        "known_areas": sorted(known["area"]),
        "area_words": _every(grants, lambda g: (*g.areas, *g.unpaid_areas)),
        "paid_areas": [_of_grant(g, swedish.key(a)) or "" for g in grants for a in g.areas],
        "known_cost_kinds": sorted(known["cost_kind"]),
        "cost_kind_words": _every(grants, lambda g: (*g.cost_kinds, *g.unpaid_cost_kinds)),
        "paid_cost_kinds": [_of_grant(g, swedish.key(k)) or "" for g in grants for k in g.cost_kinds],
        "target_area_words": _every(grants, lambda g: g.target_areas),
        "paid_target_areas": [_of_grant(g, swedish.key(a)) or "" for g in grants for a in g.target_areas],
    }


def _every(grants: Iterable[Grant], words: Any) -> list[str]:
    return sorted({word for grant in grants for word in words(grant)})


def _known(rulebook: Rulebook) -> dict[str, set[str]]:
    """Codes that are in some list, of this grant or another, paid for or not."""
    return {
        "area": {swedish.key(a) for g in rulebook.grants for a in (*g.areas, *g.unpaid_areas)},
        "cost_kind": {swedish.key(k) for g in rulebook.grants for k in (*g.cost_kinds, *g.unpaid_cost_kinds)},
    }


def _of_grant(grant: Grant | None, code: str | None) -> str | None:
    return f"{grant.grant_id}: {code}" if grant and code else None


def _decided(rulebook: Rulebook, plan: RunPlan) -> tuple[set[str], set[str]]:
    """Every "grant/sender: kronor" that some decision up to the as-of date has made true, and those true now.

    A sender may state its own amount or that of the unit that it counts under (contract 2); one that has none of its
    own may also state nothing.
    """
    ever: set[str] = set()
    now: set[str] = set()
    for grant in rulebook.grants:
        unit_on = plan.periods.get(grant.grant_id, grant.spend_to_on)
        days = sorted({d.decided_on for d in grant.decisions if d.decided_on <= plan.as_of})
        for day in days:
            units = rulebook.units(grant, day, unit_on)
            true = {
                _statement(grant, board.board_id, amount)
                for board in rulebook.boards
                for amount in _assigned_amounts(rulebook, board.board_id, grant, day, unit_on, units)
            }
            ever |= true
            if day == days[-1]:
                now = now | true
    return ever, now


def _assigned_amounts(
    rulebook: Rulebook, sender_id: str, grant: Grant, day: date, unit_on: date, units: Mapping[str, Unit]
) -> set[Decimal]:
    """The amounts in kronor that a sender may state as its allocation on a day; none when nothing is its to state."""
    unit_id = rulebook.counts_under(sender_id, grant, day, unit_on)
    if unit_id is None:
        return set()
    own_sek = grant.allocated_on(sender_id, day)
    unit_sek = units[unit_id].allocated_sek
    return {unit_sek} if unit_id == sender_id and not own_sek else {own_sek, unit_sek}


def _statement(grant: Grant, sender_id: str, amount: Decimal) -> str:
    return f"{grant.grant_id}/{sender_id}: {amount:.2f}"


def _allocated(returned: Return, rulebook: Rulebook, plan: RunPlan) -> str | None:
    """What the return says its board was given; None where another finding already says what is wrong."""
    grant = _grant(returned, rulebook)
    cell = returned.header.get("allocated_sek")
    unit = _unit(returned, rulebook, plan)
    if not grant or not unit or (cell and cell.reading in _UNREAD):
        return None
    if not cell or not isinstance(cell.value, Decimal):
        is_own = unit.board_id == returned.sender_id
        return f"{grant.grant_id}/{returned.sender_id}: tomt" if is_own else None
    return _statement(grant, returned.sender_id or "", cell.value)


def _decided_words(returned: Return, rulebook: Rulebook, plan: RunPlan) -> str:
    unit = _unit(returned, rulebook, plan)
    return swedish.kr(unit.allocated_sek) if unit else ""


def _unit(returned: Return, rulebook: Rulebook, plan: RunPlan) -> Unit | None:
    """The unit with an allocation that a return counts under; None while grant or sender is unknown, or without one."""
    grant = _grant(returned, rulebook)
    if not grant or not returned.sender_id or grant.grant_id not in plan.periods:
        return None
    unit_on = plan.periods[grant.grant_id]
    unit_id = rulebook.counts_under(returned.sender_id, grant, plan.as_of, unit_on)
    return rulebook.units(grant, plan.as_of, unit_on)[unit_id] if unit_id else None


def _missing_attest(returned: Return) -> str:
    labels = {f.name: f.label for f in HEADER_FIELDS}
    unread = [n for n in ATTEST if n in returned.header and returned.header[n].reading in _UNREAD]
    return swedish.listing(labels[n] for n in ATTEST if returned.value(n) is None and n not in unread)


def _lines_sum(returned: Return) -> Decimal | None:
    """The sum of the cost lines in kronor; None while any amount, or the table itself, could not be read."""
    amounts = [row.cells.get("amount_sek") for row in returned.costs]
    fatal = {"tabell-saknas", "tabell-tvetydig", "kolumn-saknas", "kolumn-tvetydig"}
    if any(problem.rule_id in fatal for problem in returned.problems):
        return None
    values = [cell.value for cell in amounts if cell and isinstance(cell.value, Decimal)]
    return sum(values, Decimal(0)) if len(values) == len(returned.costs) else None


def _agrees(returned: Return, lines_sek: Decimal | None) -> bool:
    """Whether the board's own total is its lines', within half an öre for each amount that was rounded (contract 2)."""
    total = returned.header.get("stated_total_sek")
    if lines_sek is None or total is None or not isinstance(total.value, Decimal):
        return False
    amounts = [row.cells["amount_sek"] for row in returned.costs if "amount_sek" in row.cells]
    rounded = sum(cell.reading is Reading.ROUNDED for cell in (*amounts, total))
    return abs(total.value - lines_sek) <= rounded * swedish.ORE / 2


# -- what can hardly be ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """A return's lines together, or those of one component: what people call it, its sum in kronor, and its cells."""

    name: str
    amount_sek: Decimal
    cells: tuple[Cell, ...]


def _below_zero(returned: Return, grant: Grant | None) -> _Part | None:
    """The first part of a return whose lines, paid for or not, sum to less than nothing: the whole, or a component."""
    parts = {"Redovisningen": list(returned.costs)}
    if grant and len(grant.components) > 1:
        for row in returned.costs:
            parts.setdefault(_component(row, grant).name, []).append(row)
    for name, rows in parts.items():
        amount_sek = _sum(rows)
        if amount_sek < 0:
            below = [cell for cell in _amount_cells(rows) if isinstance(cell.value, Decimal) and cell.value < 0]
            return _Part(name, amount_sek, tuple(below))
    return None


def _component(row: Row, grant: Grant) -> Component:
    """The component whose money a line is: its area's, or the first where the area belongs to none (contract 4)."""
    area = swedish.key(_text(row, "area") or "")
    own = [c for c in grant.components if area in {swedish.key(name) for name in c.areas}]
    return own[0] if own else grant.components[0]


_FEWEST_LINES = 3
_LARGEST_IN_THOUSANDS = Decimal(99_999)
_THOUSAND = 1000


def _in_thousands(returned: Return, rulebook: Rulebook, plan: RunPlan) -> Decimal | None:
    """The allocation that a return's amounts come near when they are taken for thousands of kronor; else None.

    At least three lines, all whole kronor and none above 99 999 kr, whose sum times a thousand is between 50 and
    110 percent of the allocation (contract 8 m).
    """
    unit = _unit(returned, rulebook, plan)
    amounts = [cell.value for cell in _amount_cells(returned.costs) if isinstance(cell.value, Decimal)]
    if unit is None or len(amounts) < _FEWEST_LINES:
        return None
    if any(amount != int(amount) or amount > _LARGEST_IN_THOUSANDS for amount in amounts):
        return None
    thousandfold = sum(amounts, Decimal(0)) * _THOUSAND
    is_near = unit.allocated_sek * 50 <= thousandfold * 100 <= unit.allocated_sek * 110
    return unit.allocated_sek if is_near and unit.allocated_sek else None


def _spending(returned: Return, lines_sek: Decimal | None) -> str | None:
    """`none` for a return in which nothing is spent and nothing is listed; None where there is something to look at."""
    is_empty = lines_sek == 0 and not returned.costs
    return "none" if is_empty and returned.value("stated_total_sek") == 0 else None


_YEARS_FAR = 5


def _is_far(day: object, grant: Grant) -> bool:
    """Whether a day lies more than five years outside a grant's spending period: then it is no day of work."""
    if not isinstance(day, date):
        return False
    return day < _moved(grant.spend_from_on, -_YEARS_FAR) or day > _moved(grant.spend_to_on, _YEARS_FAR)


def _moved(day: date, years: int) -> date:
    """The same day some years later; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _is_within(day: object, grant: Grant | None) -> bool:
    """Whether a day lies within a grant's spending period, as far as the grant is known."""
    return isinstance(day, date) and (grant is None or grant.spend_from_on <= day <= grant.spend_to_on)


def _period_end(returned: Return, grant: Grant | None) -> date | None:
    """The day that a return goes to; None where another finding says that it can't be right."""
    period_end = returned.value("period_end_on")
    return period_end if isinstance(period_end, date) and _is_within(period_end, grant) else None


def _last_day(returned: Return, grant: Grant | None, plan: RunPlan) -> date:
    """The last day that a line of a return can be about: its own period's end, or the as-of date when that is first."""
    period_end = _period_end(returned, grant)
    return min(period_end, plan.as_of) if period_end else plan.as_of


def _amount_cells(rows: Iterable[Row]) -> tuple[Cell, ...]:
    return tuple(row.cells["amount_sek"] for row in rows if "amount_sek" in row.cells)


def _sum(rows: Iterable[Row]) -> Decimal:
    amounts = (cell.value for cell in _amount_cells(rows))
    return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))


def _is_opened(returned: Return) -> bool:
    return returned.kind in {"xlsx", "csv"}


def _grant(returned: Return, rulebook: Rulebook) -> Grant | None:
    return rulebook.grant(returned.grant_id) if returned.grant_id else None


def _value(row: Row, name: str) -> object:
    cell = row.cells.get(name)
    return cell.value if cell else None


def _text(row: Row, name: str) -> str | None:
    value = _value(row, name)
    return value if isinstance(value, str) else None


# -- Great Expectations ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Breach:
    rule_id: str
    record: _Record
    cells: tuple[Cell, ...]
    near: str | None = None
    crashed: bool = False


def load() -> Any:
    """Great Expectations, without the two heavy libraries that only expectations we don't use need.

    scipy.stats and altair serve the tests of distributions; they are put off until somebody touches them, which halves
    the time to load. STATSBIDRAG_GX_WHOLE=1 turns that off.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    if "great_expectations" not in sys.modules and not os.environ.get("STATSBIDRAG_GX_WHOLE"):
        for name in ("scipy.stats", "altair"):
            _put_off(name)
    import great_expectations

    return great_expectations


def warm() -> None:
    """Load what `validate` needs and use it once, ahead of the first call."""
    context = _context(None)
    nothing_wrong = _Frame("problems", [_Record(Return("", "", 0, "other"), {"problem": None})])
    plan = RunPlan(date.min, False, {})
    assert not list(_run(context, context.data_sources.add_pandas("prov"), nothing_wrong, {}, plan))


def _put_off(name: str) -> None:
    """Let a module be loaded when something is first taken from it, not when it is imported."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def _context(docs: Path | None) -> "AbstractDataContext":
    gx = load()
    context: AbstractDataContext = (
        gx.get_context(mode="file", project_root_dir=docs) if docs else gx.get_context(mode="ephemeral")
    )
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def suite(name: str) -> list[dict[str, Any]]:
    """The expectations of one suite file, as they stand there."""
    import yaml

    text = files("statsbidrag.expectations").joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: list[dict[str, Any]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


@dataclass(frozen=True)
class _Frame:
    """The records that one suite is about."""

    name: str
    records: Sequence[_Record]

    def by_place(self) -> Any:
        """As pandas wants it, each row with its place among the records."""
        import pandas as pd

        frame = pd.DataFrame([record.values for record in self.records], dtype=object)
        frame["record"] = range(len(self.records))
        return frame


def _run(
    context: "AbstractDataContext",
    source: Any,
    frame: _Frame,
    parameters: Mapping[str, list[str]],
    plan: RunPlan,
) -> Iterator[_Breach]:
    """One suite over one frame of all returns."""
    gx = load()
    wanted = [e for e in suite(frame.name) if plan.is_final or not e["meta"].get("only_final")]
    loaded = gx.ExpectationSuite(name=frame.name, expectations=wanted)
    if len(loaded.expectations) != len(wanted):
        raise RuntimeError(f"{frame.name}.yaml: {len(wanted)} expectations, {len(loaded.expectations)} understood")
    batches = source.add_dataframe_asset(frame.name).add_batch_definition_whole_dataframe(frame.name)
    how: dict[str, Any] = {
        "expectation_parameters": dict(parameters),
        "result_format": {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["record"],
            "partial_unexpected_count": 0,
        },
    }
    given = {"dataframe": frame.by_place()}
    if context.root_directory:  # with Data Docs, GX keeps the definition and its result
        stored = context.suites.add_or_update(loaded)
        definition = gx.ValidationDefinition(name=frame.name, data=batches, suite=stored)
        result = context.validation_definitions.add_or_update(definition).run(batch_parameters=given, **how)
    else:
        result = batches.get_batch(given).validate(loaded, **how)
    for outcome in result.results:
        config = outcome.expectation_config
        assert config is not None
        meta = config.meta
        if _crashed(outcome.exception_info):
            by_file = {record.returned.file: record for record in frame.records}
            yield from (_Breach(meta["rule"], record, (), crashed=True) for record in by_file.values())
            continue
        hits = outcome.result.get("unexpected_index_list") or []
        if not outcome.success and not hits:
            raise RuntimeError(f"{frame.name}.yaml: {meta['rule']} failed without saying where")
        for hit in hits:
            record = frame.records[hit["record"]]
            cells = record.cells.get(meta.get("cell") or config.kwargs["column"], ())
            yield _Breach(meta["rule"].format_map(record.values), record, cells, meta.get("near"))


def _crashed(info: Any) -> bool:
    """GX tells a crash either flat or by metric."""
    told = [info, *(v for v in (info or {}).values() if isinstance(v, dict))]
    return any(t.get("raised_exception") for t in told if t)


# -- findings --------------------------------------------------------------------------------------------------------


def _grouped(
    breaches: Iterable[_Breach], rulebook: Rulebook, plan: RunPlan, parameters: Mapping[str, list[str]]
) -> Iterator[Finding]:
    """Equal faults in one finding: same rule, file and sheet, and the same words about them."""
    groups: dict[tuple[object, ...], list[_Breach]] = {}
    for breach in breaches:
        shown = breach.cells[0] if breach.cells else None
        words = breach.record.words
        value = _told(breach.record, shown) if shown and _says_value(breach, rulebook) else None
        said = words.get("column"), words.get("where"), value
        where = (breach.record.returned.file, shown.sheet if shown else "")
        groups.setdefault((breach.rule_id, breach.crashed, *where, *said), []).append(breach)
    for group in groups.values():
        yield _finding(group, rulebook, plan, parameters)


def _told(record: _Record, cell: Cell) -> str:
    """What stands in a cell, as it may be told: nothing of one that holds a personal number."""
    hidden = {(place.sheet, place.ref) for place in record.returned.personal_numbers if place.is_of_cell}
    is_cells_own = "problem" not in record.values
    return HIDDEN_TEXT if cell.raw and is_cells_own and (cell.sheet, cell.ref) in hidden else cell.raw


def _says_value(breach: _Breach, rulebook: Rulebook) -> bool:
    return "{value}" in rulebook.rules[breach.rule_id].message


def _finding(group: list[_Breach], rulebook: Rulebook, plan: RunPlan, parameters: Mapping[str, list[str]]) -> Finding:
    first = group[0]
    returned = first.record.returned
    if first.crashed:
        return rulebook.rules["kontroll-kunde-inte-goras"].finding(
            is_final=plan.is_final,
            grant=returned.grant_id,
            board=rulebook.holder(returned, plan),
            file=returned.file,
            details={"rule": first.rule_id},
        )
    cells = {cell.ref: cell for breach in group for cell in breach.cells}
    shown = next(iter(cells.values()), None)
    value = (_told(first.record, shown) or None) if shown else None
    is_hidden = value == HIDDEN_TEXT
    near = swedish.nearest(value or "", parameters[first.near]) if first.near and not is_hidden else None
    words: dict[str, object] = {"near": f" Menas {near}?" if near else "", **first.record.words}
    if shown:
        words["value"] = shown.value if isinstance(shown.value, Decimal) else value or "tomt"
        words["example"] = value
    return rulebook.rules[first.rule_id].finding(
        is_final=plan.is_final,
        grant=returned.grant_id,
        board=rulebook.holder(returned, plan),
        file=returned.file,
        sheet=(shown.sheet or None) if shown else None,
        cells=tuple(ref for ref in cells if ref),
        value=value,
        details=words,
    )
