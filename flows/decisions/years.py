"""The years of a grant whose decisions say which days their amounts are for, and what goes over
from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from ..base import swedish
from ..model.decisions import CarryOver, Decision
from ..model.sources import Year
from .declaration import CarryOverFile, DecisionFile
from .grant_reader import GrantReader

_RULE = "villkor.overforing_till_nasta_ar"


def year_of(stated: DecisionFile) -> Year | None:
    """The days that a decision's amounts are for; None: the whole grant's."""
    return Year(stated.avser.fran, stated.avser.till) if stated.avser else None


def must_cover(reader: GrantReader, decisions: Sequence[Decision]) -> None:
    """See that the years of the decisions cover the spending period without gap or overlap. Raises
    InputError where they don't, and where only some decisions say theirs (contract 8 w)."""
    with_year = [decision for decision in decisions if decision.year]
    if not with_year:
        return
    for decision in decisions:
        if decision.year is None:
            raise reader.wrong(
                f"beslut.{decision.decision_id}.avser",
                f"saknas. Beslutet {with_year[0].decision_id} säger vilka dagar beloppen är till "
                "för, och då ska alla göra det.",
            )
    period = reader.term("forbrukningsperiod")
    first_on, last_on = period.fran, period.till
    years = set()
    for decision in with_year:
        # What is decided later may be for days that the period is then extended to.
        is_later = decision.decided_on > reader.as_of
        if decision.year and not (is_later and decision.year.from_on > last_on):
            years.add(decision.year)
    _must_fit(reader, sorted(years, key=_first_day), first_on, last_on)


def _must_fit(reader: GrantReader, years: Sequence[Year], first_on: date, last_on: date) -> None:
    """See that the years lie one after the other, from the first day to the last."""
    for before, after in pairwise(years):
        if after.from_on <= before.to_on:
            raise reader.wrong(
                "beslut.avser",
                f"{_days(before)} och {_days(after)} överlappar. Samma dagar ska stå i alla beslut "
                "om samma år.",
            )
    missing = _gap(years, first_on, last_on)
    if missing:
        raise reader.wrong(
            "beslut.avser",
            f"inget beslut avser {_days(missing)}, som hör till förbrukningsperioden. Lägg till "
            "det beslut som fattas; är inget beslutat ännu kan fordelning vara tom.",
        )
    for year in years:
        if year.from_on < first_on or year.to_on > last_on:
            raise reader.wrong(
                "beslut.avser",
                f"{_days(year)} ligger inte inom förbrukningsperioden, "
                f"{swedish.period(first_on, last_on)}. Rätta dagarna.",
            )


def _first_day(year: Year) -> date:
    return year.from_on


def _gap(years: Sequence[Year], first_on: date, last_on: date) -> Year | None:
    """The first days of the spending period that no year has."""
    wanted = first_on
    for year in years:
        if year.from_on > wanted:
            return Year(wanted, year.from_on - timedelta(days=1))
        wanted = year.to_on + timedelta(days=1)
    return Year(wanted, last_on) if wanted <= last_on else None


def _days(year: Year) -> str:
    if year.from_on == year.to_on:
        return year.words
    return swedish.period(year.from_on, year.to_on)


@dataclass(frozen=True)
class CarryRule:
    """What goes over from a year to the next: the rule, and the share where it is one."""

    rule: CarryOver | None
    share: Decimal | None


def carry_rule(reader: GrantReader, *, has_years: bool) -> CarryRule:
    """The rule that is in force. Raises InputError where there are years and no rule."""
    term: CarryOverFile = reader.term("overforing_till_nasta_ar")
    wordings = reader.parsed.villkor.overforing_till_nasta_ar
    if has_years and len({(one.regel, one.andel) for one in wordings}) > 1:
        raise reader.wrong(
            f"{_RULE}.regel",
            "är en annan i en annan lydelse. Samma regel räknas för alla år, också för dem som är "
            "slut, så den kan inte ändras. Skriv samma regel i alla lydelser.",
        )
    if has_years and term.regel is None:
        raise reader.wrong(
            f"{_RULE}.regel",
            "saknas. Besluten avser var sitt år, och då behövs inget, allt eller andel för att "
            "räkna; ange den med antagande om källa saknas.",
        )
    return CarryRule(CarryOver(term.regel) if term.regel else None, term.andel)
