"""The draft of a tjänsteutlåtande to the committee, on final reports or on an interim one."""

from collections.abc import Sequence
from typing import Any

from ..base import swedish
from ..model.decisions import Decision, LiabilityBasis
from ..model.rulebook import Rulebook
from ..money import suppression
from ..money.results import GrantResult
from . import bodies, pages, word
from .record import grouped
from .report_view import component_views, report_view


def paper(results: Sequence[GrantResult], rulebook: Rulebook) -> bytes:
    """The draft of a tjänsteutlåtande to the committee, as a Word file, on the final results of one
    or several grants.

    What only a person can write stands in square brackets, in a style of its own. Grants that are
    decided together are one paper; each keeps its own amounts, and
    nothing is summed across them.
    """
    results = [suppression.published(result) for result in results]
    views = [report_view(result, rulebook) for result in results]
    grants = [view | _proposal(view["result"]) for view in views]
    names = [g["grant"].name for g in grants]
    families = {name.partition(": ")[0] for name in names}
    named = families.pop() if len(names) > 1 == len(families) else swedish.listing(names)
    words = results[0].grant.words
    account = "Återredovisning av statsbidragen"
    if len(grants) == 1:
        account = f"{words.account} {words.of_the_grant}"
    title = f"{account} {named}"
    refs = {g["grant"].city_ref for g in grants}
    view = {
        "organisation": rulebook.organisation,
        "wording": grants[0]["wording"],
        "grants": grants,
        "is_one": len(grants) == 1,
        "named": named,
        "grantors": list(dict.fromkeys(g["grant"].grantor_short for g in grants)),
        "names": grants[0]["names"],
        "ore": any(g["ore"] for g in grants),
        "as_of": max(result.as_of for result in results),
    }
    mark = next((g["mark"] for g in grants if g["mark"]), None)
    dnr = (refs.pop() if len(refs) == 1 else None) or ""
    look = bodies.Look(
        title, "Tjänsteutlåtande", title, dnr, view["as_of"], rulebook.organisation, mark
    )
    body = bodies.Body.of(pages.render("tjansteutlatande.html.j2", view))
    return word.word(look, bodies.blocks(body), "tjansteutlatande.docx")


def approving_paper(result: GrantResult, rulebook: Rulebook) -> bytes:
    """The draft of a tjänsteutlåtande that asks for nothing but approval, as a Word file: on an
    interim report, or on a final one of a grant whose amount is unknown. What only a person can
    write stands in square brackets, in a style of its own."""
    result = suppression.published(result)
    view = report_view(result, rulebook) | _proposal(result)
    report, grant = result.report, result.grant
    name = report.name if report else grant.words.report.capitalize()
    view["report_name"] = name
    view["the_report"] = "delrapporten" if report else grant.words.the_report
    view["informed"] = report.informed if report else ()
    view["targets"] = _targets(result)
    title = f"{name}: {grant.name}"
    look = bodies.Look(
        title,
        "Tjänsteutlåtande",
        title,
        grant.city_ref or "",
        result.as_of,
        rulebook.organisation,
        view["mark"],
    )
    body = bodies.Body.of(pages.render("godkannande.html.j2", view))
    return word.word(look, bodies.blocks(body), "tjansteutlatande.docx")


def _targets(result: GrantResult) -> list[dict[str, Any]]:
    """What was done for each of the grant's target areas (målområden), in the order of the terms,
    and what was done for none."""
    activities = grouped(result.tables.activity, lambda row: swedish.key(row.target_area or ""))
    targets = []
    for name in result.grant.target_areas:
        targets.append({"name": name, "activities": activities.pop(swedish.key(name), [])})
    rest = [row for rows in activities.values() for row in rows]
    if rest:
        targets.append({"name": "Utan målområde, eller ett annat", "activities": rest})
    return targets


def _by_day(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Who decided when, and for which years; decisions of one day together."""
    days = grouped(decisions, lambda d: (d.decided_by, d.decided_on))
    told = []
    for (by, on), same in days.items():
        years = sorted({d.year for d in same if d.year}, key=lambda year: year.from_on)
        told.append({"by": by, "on": on, "years": [year.words for year in years]})
    return told


def _proposal(result: GrantResult) -> dict[str, Any]:
    """What the paper to the committee needs beside the report: which points the figures call for,
    and what to check."""
    grant, tables = result.grant, result.tables
    city = result.city
    terms = {t.key: t for t in grant.terms if t.source.kind != "okand"}
    in_force = [d for d in grant.decisions if d.decided_on <= result.as_of]
    assumed = [terms["aterbetalningsbas"].source] if "aterbetalningsbas" in terms else []
    return {
        "purpose": terms.get("andamal"),
        "repay_by": terms.get("aterbetalning_senast"),
        "decided_by_day": _by_day(in_force),
        "assumed_decisions": list(
            dict.fromkeys(d.source.text for d in in_force if d.source.kind == "antagande")
        ),
        "assumed_basis": [source.text for source in assumed if source.kind == "antagande"],
        "funded": [b for b in tables.board if b.allocated_sek],
        "overspent": [b for b in tables.board if b.overspent_sek],
        "active_areas": [a for a in tables.area if a.activity_count or a.eligible_sek],
        "counted_areas": [
            a for a in tables.area if a.women_count or a.men_count or a.unknown_count
        ],
        "earmarked": component_views(result) if grant.is_earmarked else [],
        "is_whole_city": city.basis == LiabilityBasis.WHOLE_CITY,
        "has_unallocated": bool(city.unallocated_sek),
        "has_set_off": (city.set_off_sek or 0) > 0,
    }
