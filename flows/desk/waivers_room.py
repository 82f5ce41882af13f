"""The exceptions from rules (undantag) that the city has decided in a grant, and the form of one
more."""

from starlette.responses import Response

from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments
from ..model.decisions import Waiver
from ..model.rulebook import Rulebook
from ..returns.cell_places import place_of
from .amending_forms import again, note, put
from .asking import Ask
from .decisions_room import boards_of


def waiver_page(ask: Ask) -> Response:
    """The exceptions of a grant, and the form of one more."""
    return _shown(ask, "")


def waive(ask: Ask) -> Response:
    """Put an exception from a rule in the grant's file."""
    return again(ask, _shown, _waived)


def _shown(ask: Ask, wrong: str) -> Response:
    decided = ask.office.decided()
    grant = ask.grant(decided)
    _, sha256 = amending.seen(ask.office.folders.data, grant.file)
    view = {
        "grant": grant,
        "seen": sha256,
        "rules": _waivable(decided),
        "boards": boards_of(decided, grant, ask.office.today),
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
    if waiver.cell and place_of(waiver.cell.rpartition("!")[2]) is None:
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
