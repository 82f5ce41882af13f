"""What the city decides of a grant after its first decision: other amounts for boards, and
exceptions from rules."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments, settling
from ..decisions.amendments import NewDecision
from ..model.boards import Board
from ..model.decisions import Component, Grant, Waiver
from ..model.rulebook import Rulebook
from .amending_forms import again, note, put, sourced
from .asking import Ask

ZERO = Decimal(0)
Amounts = Mapping[tuple[str, str], Decimal]
"""Kronor by board and component."""


# -- other amounts ---------------------------------------------------------------------------------


def decision_page(ask: Ask) -> Response:
    """The form of a later decision: what each board has, and what it is to have."""
    return _decision(ask, "")


def decide_amounts(ask: Ask) -> Response:
    """Put a later decision in the grant's file."""
    return again(ask, _decision, _decided)


def _decision(ask: Ask, wrong: str) -> Response:
    decided = ask.office.decided()
    grant = ask.grant(decided)
    content, sha256 = amending.seen(ask.office.folders.data, grant.file)
    now = _with_inherited(decided, grant, ask)
    proposal = _proposal(ask, grant, now)
    proposed = proposal if ask.wish("forslag") else {}
    view: dict[str, Any] = {
        "grant": grant,
        "seen": sha256,
        "documents": settling.documents(content, grant.file),
        "boards": _boards(decided, grant, ask),
        "components": grant.components,
        "now": now,
        "inherited": _inherited_words(decided, grant, ask),
        "proposed": {key: _in_digits(amount) for key, amount in proposed.items()},
        "left": grant.total_sek - sum(grant.allocations_on(ask.office.today).values(), ZERO),
        "has_proposal": bool(proposal),
        "wrong": wrong,
    }
    title = f"Nytt beslut om {grant.short_name}"
    return ask.page("beslut.html.j2", title, view, 400 if wrong else 200)


def _boards(decided: Rulebook, grant: Grant, ask: Ask) -> list[Board]:
    """The boards that a decision may name: those that have money first."""
    today = ask.office.today
    having = {board_id for board_id, _ in _with_inherited(decided, grant, ask)}
    found = []
    for board in decided.boards:
        is_there = board.valid_to_on is None or board.valid_to_on >= grant.spend_from_on
        if board.board_id in having or is_there:
            found.append(board)
    gone = {board.board_id for board in found if board.valid_to_on and board.valid_to_on < today}
    return sorted(
        found,
        key=lambda board: (
            board.board_id in gone,
            board.board_id not in having,
            swedish.order(board.name),
        ),
    )


def _with_inherited(decided: Rulebook, grant: Grant, ask: Ask) -> dict[tuple[str, str], Decimal]:
    """What each board has today: its own, and what was decided for boards that have become it,
    which ends when a decision names it."""
    amounts = grant.allocations_on(ask.office.today)
    found = dict(amounts)
    for board in decided.boards:
        for part in grant.components:
            key = (board.board_id, part.component_id)
            for before in _ended(decided, board, ask):
                inherited = amounts.get((before.board_id, part.component_id))
                if inherited is not None:
                    found[key] = found.get(key, ZERO) + inherited
    return found


def _ended(decided: Rulebook, board: Board, ask: Ask) -> list[Board]:
    """The boards that have become another by now, near and far."""
    if board.valid_from_on is not None and board.valid_from_on > ask.office.today:
        return []
    found = []
    for before in decided.boards:
        if any(heir.board_id == board.board_id for heir in decided.heirs(before.board_id)):
            found.append(before)
    return found


def _inherited_words(decided: Rulebook, grant: Grant, ask: Ask) -> dict[str, str]:
    """Of a board with an inheritance, what of it was decided for whom."""
    words = {}
    for board in decided.boards:
        parts = []
        for before in _ended(decided, board, ask):
            inherited = grant.allocated_on(before.board_id, ask.office.today)
            if inherited:
                parts.append(f"{swedish.kr(inherited)} beslutat för {before.name}")
        if parts:
            words[board.board_id] = swedish.listing(parts)
    return words


def _proposal(ask: Ask, grant: Grant, now: Amounts) -> dict[tuple[str, str], Decimal]:
    """The whole new amounts of the boards that would give or take by the proposal of the latest
    quarter.

    None are proposed when it reckoned with other amounts than those that are decided now, or will
    be; nor where the parts of a grant are one sum, since a person has to say which part.
    """
    standings, _ = ask.office.seen()
    standing = next((s for s in standings if s.grant.grant_id == grant.grant_id), None)
    if standing is None or standing.result is None or standing.proposal is None:
        return {}
    if grant.allocations_on(ask.office.today) != grant.allocations_on(date.max):
        return {}
    only = grant.components[0].component_id if len(grant.components) == 1 else None
    amounts: dict[tuple[str, str], Decimal] = {}
    for transfer in standing.proposal.transfers:
        component_id = transfer.component_id or only
        if component_id is None:
            return {}
        for board_id, sek in (
            (transfer.from_board_id, -transfer.amount_sek),
            (transfer.to_board_id, transfer.amount_sek),
        ):
            key = (board_id, component_id)
            amounts[key] = amounts.get(key, now.get(key, ZERO)) + sek
    reckoned = {
        (row.board_id, row.component_id): row.allocated_sek
        for row in standing.result.tables.board_component
    }
    if any(reckoned.get(key) != now.get(key, ZERO) for key in amounts):
        return {}
    return amounts


def _in_digits(amount: Decimal) -> str:
    """An amount as it is written in a field."""
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f}" if whole else f"{amount:.2f}".replace(".", ",")


def _decided(ask: Ask) -> Response:
    decided = ask.office.decided()
    grant = ask.grant(decided)
    by, decided_by = ask.by(), ask.form.text("beslutat_av")
    on = ask.day("dag", "Dagen för beslutet")
    if not decided_by:
        raise InputError("Skriv vem som har beslutat.")
    amending.must_be_tellable([("Beslutat av", decided_by)])
    content, _ = amending.seen(ask.office.folders.data, grant.file)
    source = sourced(ask, settling.documents(content, grant.file))
    decision = NewDecision(
        amendments.decision_id(decided_by, on, settling.decision_ids(content, grant.file)),
        on,
        decided_by,
        source.origin,
        _amounts(ask, _boards(decided, grant, ask), grant.components),
    )
    comment = note(by, ask.office.today)
    amendment = Amendment(
        grant.file,
        ask.form.text("sett"),
        f"beslut av {decided_by} den {swedish.long_date(on)} om {_told(decision)}",
        lambda before: amendments.with_decision(source.put(before), decision, comment),
        grant.grant_id,
    )
    put(ask, by, amendment)
    path = f"/bidrag/{grant.grant_id}"
    return ask.go(path, f"Beslutet är infört. {_in_force(grant, decision, decided, ask)}")


def _in_force(grant: Grant, decision: NewDecision, decided: Rulebook, ask: Ask) -> str:
    """From when the amounts of a decision hold, and for whom a later one already does."""
    if decision.on > ask.office.today:
        return f"Det gäller från {swedish.long_date(decision.on)}."
    names = {board.board_id: board.name for board in decided.boards}
    overruled = set()
    for later in grant.decisions:
        if later.decided_on > decision.on:
            overruled |= {names[row.board_id] for row in later.allocations} & {*decision.amounts}
    if overruled:
        listed = swedish.listing(sorted(overruled, key=swedish.order))
        return f"Ett senare beslut gäller redan för {listed}, så där ändras inget."
    return "Räkna bidraget, så gäller de nya beloppen."


def _told(decision: NewDecision) -> str:
    parts = []
    for name, amounts in decision.amounts.items():
        parts.append(f"{name} {swedish.kr(sum(amounts.values(), ZERO))}")
    return swedish.listing(parts)


def _amounts(
    ask: Ask, boards: list[Board], components: tuple[Component, ...]
) -> dict[str, dict[str, Decimal]]:
    """The new amounts that have been written, by the board's name. Raises InputError for what is no
    amount, and for none."""
    amounts: dict[str, dict[str, Decimal]] = {}
    for board in boards:
        for component in components:
            name = f"a-{board.board_id}-{component.component_id}"
            if ask.form.text(name):
                whole = amounts.setdefault(board.name, {})
                amount = ask.amount(name, board.name)
                if amount < 0:
                    raise InputError(f"{board.name}: skriv hela det nya beloppet, inte ändringen.")
                whole[component.component_id] = amount
    if not amounts:
        raise InputError("Skriv det nya hela beloppet för de nämnder som får ett annat.")
    return amounts


# -- exceptions ------------------------------------------------------------------------------------


def waiver_page(ask: Ask) -> Response:
    """The exceptions of a grant, and the form of one more."""
    return _waivers(ask, "")


def waive(ask: Ask) -> Response:
    """Put an exception from a rule in the grant's file."""
    return again(ask, _waivers, _waived)


def _waivers(ask: Ask, wrong: str) -> Response:
    decided = ask.office.decided()
    grant = ask.grant(decided)
    _, sha256 = amending.seen(ask.office.folders.data, grant.file)
    view = {
        "grant": grant,
        "seen": sha256,
        "rules": _waivable(decided),
        "boards": _boards(decided, grant, ask),
        "board_names": {board.board_id: board.name for board in decided.boards},
        "asked": {name: ask.wish(name) for name in ("regel", "namnd", "fil", "cell")},
        "wrong": wrong,
    }
    title = f"Undantag i {grant.short_name}"
    return ask.page("undantag.html.j2", title, view, 400 if wrong else 200)


def _waivable(decided: Rulebook) -> list[str]:
    return sorted(rule.rule_id for rule in decided.rules.values() if rule.can_be_waived)


def _waived(ask: Ask) -> Response:
    decided = ask.office.decided()
    grant = ask.grant(decided)
    by = ask.by()
    names = {board.board_id: board.name for board in decided.boards}
    board_id = ask.form.text("namnd")
    if board_id not in names or ask.form.text("regel") not in _waivable(decided):
        raise InputError("Välj regel och nämnd i listorna.")
    waiver = Waiver(
        rule_id=ask.form.text("regel"),
        board_id=board_id,
        reason=" ".join(ask.lines("skal").split()),
        decided_by=ask.form.text("beslutat_av"),
        decided_on=ask.day("beslutat_den", "Beslutat den"),
        until_on=ask.day("till", "Gäller till och med"),
        file=ask.form.text("fil") or None,
        cell=ask.form.text("cell") or None,
    )
    if not waiver.reason or not waiver.decided_by:
        raise InputError("Skriv skälet, och vem som har beslutat.")
    if waiver.until_on < waiver.decided_on:
        raise InputError("Undantaget kan inte sluta gälla innan det är beslutat. Rätta dagarna.")
    amending.must_be_tellable(
        [
            ("Skälet", waiver.reason),
            ("Beslutat av", waiver.decided_by),
            ("Filen", waiver.file or ""),
            ("Cellen", waiver.cell or ""),
        ]
    )
    if waiver.cell and not re.fullmatch(r"([^!]+!)?[A-Z]{1,3}[0-9]{1,7}", waiver.cell):
        raise InputError("Cellen: skriv den som Kostnader!I6, eller lämna fältet tomt.")
    comment = note(by, ask.office.today)
    amendment = Amendment(
        grant.file,
        ask.form.text("sett"),
        f"undantag från {waiver.rule_id} för {names[board_id]}, beslutat av {waiver.decided_by}",
        lambda before: amendments.with_waiver(before, waiver, names[board_id], comment),
        grant.grant_id,
    )
    put(ask, by, amendment)
    path = f"/bidrag/{grant.grant_id}"
    return ask.go(path, "Undantaget är infört. Räkna bidraget igen, så gäller det.")
