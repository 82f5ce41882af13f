"""What in a return can hardly be: sums below zero, amounts in thousands, days far away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..base import swedish
from ..model.decisions import Component, Grant
from ..model.returns import Cell, Return, Row
from ..model.rulebook import Rulebook, RunPlan
from .parameters import unit_of
from .read_values import amount_cells, sum_of, text_in


@dataclass(frozen=True)
class Part:
    """A return's lines together, or those of one component: what people call it, its sum in kronor,
    and its cells."""

    name: str
    amount_sek: Decimal
    cells: tuple[Cell, ...]


def below_zero(returned: Return, grant: Grant | None) -> Part | None:
    """The first part of a return whose lines, paid for or not, sum to less than nothing: the whole,
    or a component."""
    parts = {"Redovisningen": list(returned.costs)}
    if grant and len(grant.components) > 1:
        for row in returned.costs:
            parts.setdefault(_component(row, grant).name, []).append(row)
    for name, rows in parts.items():
        amount_sek = sum_of(rows)
        if amount_sek < 0:
            return Part(name, amount_sek, tuple(_cells_below_zero(rows)))
    return None


def _cells_below_zero(rows: Iterable[Row]) -> Iterator[Cell]:
    for cell in amount_cells(rows):
        if isinstance(cell.value, Decimal) and cell.value < 0:
            yield cell


def _component(row: Row, grant: Grant) -> Component:
    """The component whose money a line is: its area's, or the first where the area belongs to none
    (contract 4)."""
    area = swedish.key(text_in(row, "area") or "")
    for component in grant.components:
        if area in map(swedish.key, component.areas):
            return component
    return grant.components[0]


_FEWEST_LINES = 3
_LARGEST_IN_THOUSANDS = Decimal(99_999)
_THOUSAND = 1000


def in_thousands(returned: Return, rulebook: Rulebook, plan: RunPlan) -> Decimal | None:
    """The allocation that a return's amounts come near when they are taken for thousands of kronor;
    else None.

    At least three lines, all whole kronor and none above 99 999 kr, whose sum times a thousand is
    between 50 and 110 percent of the allocation (contract 8 m).
    """
    unit = unit_of(returned, rulebook, plan)
    values = [cell.value for cell in amount_cells(returned.costs)]
    amounts = [value for value in values if isinstance(value, Decimal)]
    if unit is None or len(amounts) < _FEWEST_LINES or returned.kind == "report":
        return None
    if any(amount != int(amount) or amount > _LARGEST_IN_THOUSANDS for amount in amounts):
        return None
    thousandfold = sum(amounts, Decimal(0)) * _THOUSAND
    is_near = unit.allocated_sek * 50 <= thousandfold * 100 <= unit.allocated_sek * 110
    return unit.allocated_sek if is_near and unit.allocated_sek else None


def spending(returned: Return, lines_sek: Decimal | None) -> str | None:
    """`none` for a return in which nothing is spent and nothing is listed; None where there is
    something to look at."""
    is_empty = lines_sek == 0 and not returned.costs
    states_nothing = returned.value("stated_total_sek") == 0
    return "none" if is_empty and states_nothing else None


_YEARS_FAR = 5


def lies_far(day: object, grant: Grant) -> bool:
    """Whether a day lies more than five years outside a grant's spending period: then it is no day
    of work."""
    if not isinstance(day, date):
        return False
    first_on = _moved(grant.spend_from_on, -_YEARS_FAR)
    last_on = _moved(grant.spend_to_on, _YEARS_FAR)
    return not first_on <= day <= last_on


def _moved(day: date, years: int) -> date:
    """The same day some years later; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def is_within(day: object, grant: Grant | None) -> bool:
    """Whether a day lies within a grant's spending period, as far as the grant is known."""
    if not isinstance(day, date):
        return False
    return grant is None or grant.spend_from_on <= day <= grant.spend_to_on


def period_end_of(returned: Return, grant: Grant | None) -> date | None:
    """The day that a return goes to; None where another finding says that it can't be right."""
    period_end = returned.value("period_end_on")
    return period_end if isinstance(period_end, date) and is_within(period_end, grant) else None


def last_day(returned: Return, grant: Grant | None, plan: RunPlan) -> date:
    """The last day that a line of a return can be about: its own period's end, or the as-of date
    when that is first."""
    period_end = period_end_of(returned, grant)
    return min(period_end, plan.as_of) if period_end else plan.as_of
