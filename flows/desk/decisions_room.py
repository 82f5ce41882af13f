"""What the city decides of a grant after its first decision: other amounts for its boards."""

from datetime import date
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments
from ..decisions.amendments import NewDecision
from ..decisions.settling import settling
from ..model.boards import Board
from ..model.decisions import Component, Grant
from ..model.rulebook import Rulebook
from ..model.sources import Year
from ..money import redistribution
from .amending_forms import again, note, put, sourced
from .asking import Ask

ZERO = Decimal(0)


def decision_page(ask: Ask) -> Response:
    """The form of a later decision: what each board has, and what it is to have."""
    return _shown(ask, "")


def decide_amounts(ask: Ask) -> Response:
    """Put a later decision in the grant's file."""
    return again(ask, _shown, _decided)


def _shown(ask: Ask, wrong: str) -> Response:
    decided, today = ask.office.decided(), ask.office.today
    grant = ask.grant(decided)
    if grant.total_sek is None:
        raise InputError(
            f"Beloppet för {grant.short_name} är okänt. Skriv in det i bidragets fil först, i "
            "villkor.belopp, och fördelningen i besluten."
        )
    content, sha256 = amending.seen(ask.office.folders.data, grant.file)
    boards = boards_of(decided, grant, today)
    year = _year(ask, grant)
    inherited = {}
    for board in boards:
        parts = decided.inherited_on(board.board_id, grant, today, year)
        told = [f"{swedish.kr(sek)} beslutat för {name}" for name, sek in parts.items()]
        inherited[board.board_id] = swedish.listing(told)
    proposal = _proposal(ask, decided, grant)
    proposed = proposal if ask.wish("forslag") else {}
    view: dict[str, Any] = {
        "grant": grant,
        "seen": sha256,
        "documents": settling(content, grant.file, today).documents,
        "boards": boards,
        "components": grant.components,
        "year": year,
        "now": decided.held_on(grant, today, year),
        "inherited": inherited,
        "proposed": {place: _in_digits(amount) for place, amount in proposed.items()},
        "left": grant.total_sek - sum(grant.allocations_on(today).values(), ZERO),
        "has_proposal": bool(proposal),
        "wrong": wrong,
    }
    title = f"Nytt beslut om {grant.short_name}"
    return ask.page("beslut.html.j2", title, view, 400 if wrong else 200)


def _year(ask: Ask, grant: Grant) -> Year | None:
    """The year that is decided about: the one that is asked for, else the one of today, else the
    last; None where the grant has no years."""
    if not grant.years:
        return None
    wanted = ask.form.text("ar") or ask.wish("ar")
    for year in grant.years:
        if year.from_on.isoformat() == wanted:
            return year
    for year in grant.years:
        if year.from_on <= ask.office.today <= year.to_on:
            return year
    return grant.years[-1]


def boards_of(decided: Rulebook, grant: Grant, today: date) -> list[Board]:
    """The boards that something can be decided about in a grant: those that have money first, and
    those that are no more last."""
    having = {board_id for board_id, _ in decided.held_on(grant, today)}
    found = []
    for board in decided.boards:
        was_there = board.valid_to_on is None or board.valid_to_on >= grant.spend_from_on
        if board.board_id in having or was_there:
            is_gone = board.valid_to_on is not None and board.valid_to_on < today
            has_none = board.board_id not in having
            found.append(((is_gone, has_none, swedish.order(board.name)), board))
    found.sort(key=lambda placed: placed[0])
    return [board for _, board in found]


def _proposal(ask: Ask, decided: Rulebook, grant: Grant) -> dict[tuple[str, str], Decimal]:
    """The whole new amounts by the latest quarter's proposal to move money; none where there is no
    such proposal, or it is no longer about what is decided."""
    standings, _ = ask.office.seen()
    for standing in standings:
        is_ours = standing.grant.grant_id == grant.grant_id
        if is_ours and standing.result is not None and standing.proposal is not None:
            return redistribution.whole_amounts(
                standing.result, standing.proposal, decided, ask.office.today
            )
    return {}


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
    file = settling(content, grant.file, ask.office.today)
    source = sourced(ask, file.documents)
    decision = NewDecision(
        amendments.decision_id(decided_by, on, file.decision_ids),
        on,
        decided_by,
        source.source,
        _amounts(ask, boards_of(decided, grant, ask.office.today), grant.components),
        _year(ask, grant),
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
        if later.decided_on > decision.on and later.year == decision.year:
            overruled |= {names[row.board_id] for row in later.allocations} & {*decision.amounts}
    if overruled:
        listed = swedish.listing(sorted(overruled, key=swedish.order))
        return f"Ett senare beslut gäller redan för {listed}, så där ändras inget."
    return "Räkna bidraget, så gäller de nya beloppen."


def _told(decision: NewDecision) -> str:
    parts = []
    for name, amounts in decision.amounts.items():
        parts.append(f"{name} {swedish.kr(sum(amounts.values(), ZERO))}")
    of_year = f" för {decision.year.words}" if decision.year else ""
    return f"{swedish.listing(parts)}{of_year}"


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
