"""Where grants stand: runs of the example data and a deadline each."""

from dataclasses import replace
from datetime import date

from statsbidrag.model.case import Review
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.money.results import GrantResult
from statsbidrag.year import deadlines
from statsbidrag.year.overview import Standing
from tests.support import quarters, report_fixture

DAY = date(2024, 2, 5)


FINAL, QUARTER = report_fixture.mfof_final(), quarters.quarter("kommun", "100000.50")


BROKEN = replace(
    FINAL.findings[0],
    file="grants/trasig.toml",
    message="Nyckeln ”belopp” saknas i avsnittet bidrag.",
    remedy="Skriv beloppet i kronor.",
)


def standing(
    book: Rulebook,
    result: GrantResult,
    day: date = DAY,
    review: Review | None = None,
    *,
    is_run: bool = True,
) -> Standing:
    """A result of the fixture as of a day, with the deadlines that the real grant file states."""
    grant = replace(result.grant, due=book.grant(result.grant.grant_id).due)
    found = replace(result, grant=grant, review=review) if is_run else None
    return Standing(
        grant, day, found, review, tuple(deadlines.deadlines_of(book, grant, day, found, review))
    )
