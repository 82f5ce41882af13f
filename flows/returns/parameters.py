"""What the suites are given of decisions: names, codes and amounts that are known, and of which
grant."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..base import swedish
from ..model.boards import Unit
from ..model.decisions import Grant
from ..model.returns import TEMPLATE_VERSIONS, Return
from ..model.rulebook import Rulebook, RunPlan
from .read_values import UNREAD, grant_of

if TYPE_CHECKING:
    pass


def suite_parameters(rulebook: Rulebook, plan: RunPlan) -> dict[str, list[str]]:
    """What differs by grant, as lists that the suites name with $PARAMETER; the `*_words` are for
    messages."""
    grants = rulebook.grants
    known = known_codes(rulebook)
    ever, now = decided_amounts(rulebook, plan)
    return {
        "grant_names": sorted(
            {swedish.key(t) for g in grants for t in (g.grant_id, g.name, g.short_name)}
        ),
        "grant_words": sorted(g.grant_id for g in grants),
        "board_names": sorted(rulebook.spellings),
        "board_words": sorted(b.name for b in rulebook.boards),
        "template_versions": list(TEMPLATE_VERSIONS),
        "decided_ever": sorted(ever),
        "decided_now": sorted(now),
        "known_areas": sorted(known["area"]),
        "area_words": _every(grants, lambda g: (*g.areas, *g.unpaid_areas)),
        "paid_areas": [code_of_grant(g, swedish.key(a)) or "" for g in grants for a in g.areas],
        "known_cost_kinds": sorted(known["cost_kind"]),
        "cost_kind_words": _every(grants, lambda g: (*g.cost_kinds, *g.unpaid_cost_kinds)),
        "paid_cost_kinds": [
            code_of_grant(g, swedish.key(k)) or "" for g in grants for k in g.cost_kinds
        ],
        "target_area_words": _every(grants, lambda g: g.target_areas),
        "paid_target_areas": [
            code_of_grant(g, swedish.key(a)) or "" for g in grants for a in g.target_areas
        ],
    }


def _every(grants: Iterable[Grant], words: Any) -> list[str]:
    return sorted({word for grant in grants for word in words(grant)})


def known_codes(rulebook: Rulebook) -> dict[str, set[str]]:
    """Codes that are in some list, of this grant or another, paid for or not."""
    return {
        "area": {swedish.key(a) for g in rulebook.grants for a in (*g.areas, *g.unpaid_areas)},
        "cost_kind": {
            swedish.key(k) for g in rulebook.grants for k in (*g.cost_kinds, *g.unpaid_cost_kinds)
        },
    }


def code_of_grant(grant: Grant | None, code: str | None) -> str | None:
    """A code with the grant that it is asked of, as the lists of the suites have it; None when
    either is unknown."""
    return f"{grant.grant_id}: {code}" if grant and code else None


def decided_amounts(rulebook: Rulebook, plan: RunPlan) -> tuple[set[str], set[str]]:
    """Every "grant/sender: kronor" that some decision up to the as-of date has made true, and those
    true now.

    A sender may state its own amount or that of the unit that it counts under (contract 2); one
    that has none of its own may also state nothing.
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
                for amount in _assigned_amounts(
                    rulebook, board.board_id, grant, day, unit_on, units
                )
            }
            ever |= true
            if day == days[-1]:
                now = now | true
    return ever, now


def _assigned_amounts(
    rulebook: Rulebook,
    sender_id: str,
    grant: Grant,
    day: date,
    unit_on: date,
    units: Mapping[str, Unit],
) -> set[Decimal]:
    """The amounts in kronor that a sender may state as its allocation on a day; none when nothing
    is its to state."""
    unit_id = rulebook.counts_under(sender_id, grant, day, unit_on)
    if unit_id is None:
        return set()
    own_sek = grant.allocated_on(sender_id, day)
    unit_sek = units[unit_id].allocated_sek
    return {unit_sek} if unit_id == sender_id and not own_sek else {own_sek, unit_sek}


def _statement(grant: Grant, sender_id: str, amount: Decimal) -> str:
    return f"{grant.grant_id}/{sender_id}: {amount:.2f}"


def stated_allocation(returned: Return, rulebook: Rulebook, plan: RunPlan) -> str | None:
    """What the return says its board was given; None where another finding already says what is
    wrong."""
    grant = grant_of(returned, rulebook)
    cell = returned.header.get("allocated_sek")
    unit = unit_of(returned, rulebook, plan)
    if not grant or not unit or (cell and cell.reading in UNREAD):
        return None
    if not cell or not isinstance(cell.value, Decimal):
        is_own = unit.board_id == returned.sender_id
        return f"{grant.grant_id}/{returned.sender_id}: tomt" if is_own else None
    return _statement(grant, returned.sender_id or "", cell.value)


def decided_words(returned: Return, rulebook: Rulebook, plan: RunPlan) -> str:
    """What a return's unit has been given, in words; empty while it is unknown."""
    unit = unit_of(returned, rulebook, plan)
    return swedish.kr(unit.allocated_sek) if unit else ""


def unit_of(returned: Return, rulebook: Rulebook, plan: RunPlan) -> Unit | None:
    """The unit with an allocation that a return counts under; None while grant or sender is
    unknown, or without one."""
    grant = grant_of(returned, rulebook)
    if not grant or not returned.sender_id or grant.grant_id not in plan.periods:
        return None
    unit_on = plan.periods[grant.grant_id]
    unit_id = rulebook.counts_under(returned.sender_id, grant, plan.as_of, unit_on)
    return rulebook.units(grant, plan.as_of, unit_on)[unit_id] if unit_id else None
