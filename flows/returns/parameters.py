"""What the suites are given of decisions: names, codes and amounts that are known, and of which
grant."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ..base import swedish
from ..model.boards import Unit
from ..model.decisions import Grant
from ..model.grant_words import GrantorKind
from ..model.returns import TEMPLATE_VERSIONS, Return
from ..model.rulebook import Rulebook, RunPlan
from .read_values import UNREAD, grant_of


def suite_parameters(rulebook: Rulebook, plan: RunPlan) -> dict[str, list[str]]:
    """What differs by grant, as lists that the suites name with $PARAMETER; the `*_words` are for
    messages."""
    known = known_codes(rulebook)
    ever, now = decided_amounts(rulebook, plan)
    parameters = {
        "grant_names": sorted(_grant_names(rulebook.grants_in_use)),
        "grant_words": sorted(grant.grant_id for grant in rulebook.grants_in_use),
        "board_names": sorted(rulebook.spellings),
        "board_words": sorted(board.name for board in rulebook.boards),
        "template_versions": list(TEMPLATE_VERSIONS),
        "decided_ever": sorted(ever),
        "decided_now": sorted(now),
        "known_areas": sorted(known["area"]),
        "known_cost_kinds": sorted(known["cost_kind"]),
    }
    areas: set[str] = set()
    cost_kinds: set[str] = set()
    target_areas: set[str] = set()
    paid_areas: list[str] = []
    paid_cost_kinds: list[str] = []
    paid_target_areas: list[str] = []
    roles: set[str] = set()
    roles_of_grants: list[str] = []
    for grant in rulebook.grants_in_use:
        areas |= {*grant.areas, *grant.unpaid_areas}
        cost_kinds |= {*grant.cost_kinds, *grant.unpaid_cost_kinds}
        target_areas |= {*grant.target_areas}
        paid_areas += _codes_of_grant(grant, grant.areas)
        paid_cost_kinds += _codes_of_grant(grant, grant.cost_kinds)
        paid_target_areas += _codes_of_grant(grant, grant.target_areas)
        if grant.posts is not None:
            roles |= {*grant.posts.roles}
            roles_of_grants += _codes_of_grant(grant, grant.posts.roles)
    return parameters | {
        "area_words": sorted(areas),
        "paid_areas": paid_areas,
        "cost_kind_words": sorted(cost_kinds),
        "paid_cost_kinds": paid_cost_kinds,
        "target_area_words": sorted(target_areas),
        "paid_target_areas": paid_target_areas,
        "role_words": sorted(roles),
        "roles": roles_of_grants,
    }


def _grant_names(grants: Iterable[Grant]) -> set[str]:
    """Everything that a grant may be called by, as names are compared."""
    names: set[str] = set()
    for grant in grants:
        names |= _keys((grant.grant_id, grant.name, grant.short_name))
    return names


def _keys(words: Iterable[str]) -> set[str]:
    return {swedish.key(word) for word in words}


def known_codes(rulebook: Rulebook) -> dict[str, set[str]]:
    """Codes that are in some list, of this grant or another, paid for or not."""
    areas: set[str] = set()
    cost_kinds: set[str] = set()
    for grant in rulebook.grants_in_use:
        areas |= _keys(grant.areas) | _keys(grant.unpaid_areas)
        cost_kinds |= _keys(grant.cost_kinds) | _keys(grant.unpaid_cost_kinds)
    return {"area": areas, "cost_kind": cost_kinds}


def _codes_of_grant(grant: Grant, words: Iterable[str]) -> list[str]:
    return [code_of_grant(grant, swedish.key(word)) or "" for word in words]


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
    for grant in rulebook.grants_in_use:
        if not grant.has_amounts:
            continue
        unit_on = plan.periods.get(grant.grant_id, grant.spend_to_on)
        days = {decision.decided_on for decision in grant.decisions}
        past = sorted(day for day in days if day <= plan.as_of)
        statements: set[str] = set()
        for day in past:
            statements = _statements(rulebook, grant, day, unit_on)
            ever |= statements
        # The day gone through last is the one whose decisions are in force.
        now |= statements
    return ever, now


def _statements(rulebook: Rulebook, grant: Grant, day: date, unit_on: date) -> set[str]:
    """Every "grant/sender: kronor" that the decisions up to a day make true."""
    units = rulebook.units(grant, day, unit_on)
    allocated = grant.allocated_by_board(day)
    statements: set[str] = set()
    for board in rulebook.boards:
        sender_id = board.board_id
        unit_id = rulebook.counts_under(sender_id, grant, day, unit_on)
        if unit_id is None:
            continue
        own_sek = allocated.get(sender_id, Decimal(0))
        unit_sek = units[unit_id].allocated_sek
        statements.add(_statement(grant, sender_id, unit_sek))
        if unit_id != sender_id or own_sek:
            statements.add(_statement(grant, sender_id, own_sek))
    return statements


def _statement(grant: Grant, sender_id: str, amount: Decimal) -> str:
    return f"{grant.grant_id}/{sender_id}: {amount:.2f}"


def stated_allocation(returned: Return, rulebook: Rulebook, plan: RunPlan) -> str | None:
    """What the return says its board was given; None where another finding already says what is
    wrong."""
    grant = grant_of(returned, rulebook)
    cell = returned.header.get("allocated_sek")
    unit = unit_of(returned, rulebook, plan)
    if not grant or not unit or not grant.has_amounts:
        return None
    if cell and cell.reading in UNREAD:
        return None
    if cell and isinstance(cell.value, Decimal):
        return _statement(grant, returned.sender_id or "", cell.value)
    # Of the city's own money the workbook may have been made before the amount was known.
    is_own = unit.board_id == returned.sender_id and grant.grantor_kind is GrantorKind.AGENCY
    return f"{grant.grant_id}/{returned.sender_id}: tomt" if is_own else None


def stated_of_unknown(returned: Return, rulebook: Rulebook) -> Decimal | None:
    """The kronor that the return says its board was given of a grant whose amount is unknown."""
    grant = grant_of(returned, rulebook)
    stated = returned.value("allocated_sek")
    is_known = grant is None or grant.has_amounts
    return None if is_known or not isinstance(stated, Decimal) else stated


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
