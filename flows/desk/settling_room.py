"""What is to be settled before a report is attested: a grant's terms, who answers the agency, and
the city's own words on each area."""

from typing import Any

from starlette.responses import Response

from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments
from ..decisions.settling import DECISION, FieldKind, Point, Settling, settling, values
from ..model.decisions import Grant
from .amending_forms import again, put, sourced
from .asking import Ask, MissingError

CONTACT = "kontaktperson"
"""The point that is who answers the agency's questions."""


def settling_page(ask: Ask) -> Response:
    """What stands in a grant's file and where it comes from; or the form of one thing in it."""
    return _shown(ask, "")


def _shown(ask: Ask, wrong: str) -> Response:
    grant = ask.grant(ask.office.decided(), may_be_draft=True)
    content, sha256 = amending.seen(ask.office.folders.data, grant.file)
    file = settling(content, grant.file, ask.office.today)
    view: dict[str, Any] = {
        "grant": grant,
        "seen": sha256,
        "documents": file.documents,
        "kinds": FieldKind,
        "wrong": wrong,
    }
    status = 400 if wrong else 200
    area, place = ask.wish("omrade"), ask.wish("punkt")
    if area:
        _must_be_of(grant, area)
        view |= {"area": area, "words": grant.accounts.get(area, "")}
        return ask.page("egna_ord.html.j2", f"Egna ord om {area}", view, status)
    if place == CONTACT:
        return ask.page("kontaktperson.html.j2", "Kontaktperson", view, status)
    if place:
        point = _point(file, place)
        return ask.page("punkt.html.j2", point.label, view | {"point": point}, status)
    attested = [point for point in file.points if not point.is_of_the_city_alone]
    view |= {
        "open": [point for point in attested if not point.is_settled],
        "deadlines": [point for point in file.points if point.is_of_the_city_alone],
        "settled": [point for point in attested if point.is_settled],
    }
    return ask.page("klara_ut.html.j2", f"Villkor och uppgifter: {grant.short_name}", view)


def settle(ask: Ask) -> Response:
    """Put what somebody has settled in the grant's file."""
    return again(ask, _shown, _settled)


def _settled(ask: Ask) -> Response:
    grant = ask.grant(ask.office.decided(), may_be_draft=True)
    by = ask.by()
    amendment = _amendment(ask, grant)
    put(ask, by, amendment)
    path = f"/bidrag/{grant.grant_id}/klara-ut"
    return ask.go(path, "Det är infört. Räkna bidraget igen, så kommer det med i rapporten.")


def _amendment(ask: Ask, grant: Grant) -> Amendment:
    area, place, seen = ask.wish("omrade"), ask.wish("punkt"), ask.form.text("sett")
    if area:
        _must_be_of(grant, area)
        words = ask.lines("text")
        amending.must_be_tellable([("Texten", words)])
        return Amendment(
            grant.file,
            seen,
            f"stadens egna ord om {area}",
            lambda content: amendments.with_own_words(content, area, words),
            grant.grant_id,
        )
    if place == CONTACT:
        text = ask.form.text("text")
        amending.must_be_tellable([("Kontaktperson", text)])
        return Amendment(
            grant.file,
            seen,
            f"vem som svarar på {grant.words.recipient}s frågor",
            lambda content: amendments.with_contact(content, text),
            grant.grant_id,
        )
    return _of_point(ask, grant, place, seen)


def _of_point(ask: Ask, grant: Grant, place: str, seen: str) -> Amendment:
    content, _ = amending.seen(ask.office.folders.data, grant.file)
    file = settling(content, grant.file, ask.office.today)
    point = _point(file, place)
    source = sourced(ask, file.documents)
    sent = [field for field in point.fields if f"v-{field.key}" in ask.form.fields]
    written = {field.key: ask.lines(f"v-{field.key}") for field in sent}
    amending.must_be_tellable(
        (field.words, written[field.key]) for field in sent if field.kind is not FieldKind.DAY
    )
    settled = values(point, written)

    def changed(before: bytes) -> bytes:
        named = source.put(before)
        if point.section == DECISION:
            return amendments.with_decision_source(named, point.key, source.source)
        return amendments.with_term(named, point.place, point.wording, settled, source.source)

    return Amendment(grant.file, seen, point.label, changed, grant.grant_id)


def _point(file: Settling, place: str) -> Point:
    point = file.point(place)
    if point is None:
        raise MissingError("Det finns inget sådant villkor i bidragets fil.")
    return point


def _must_be_of(grant: Grant, area: str) -> None:
    if area not in grant.areas:
        raise InputError("Bidraget betalar inget sådant område.")
