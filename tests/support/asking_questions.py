"""Questions that the made-up grant of four years asks, and answers to them."""

from collections.abc import Mapping
from datetime import date

from tests.support.four_years import YEARS
from tests.support.reckoning import Asked

MAPPED, TRAINED = "Har behoven hos föräldrar kartlagts?", "Hur många gruppledare har utbildats?"
"""What `with_questions` asks: yes or no, and a number."""
_QUESTIONS = """
[[fraga]]
id = "kartlaggning"
text = "Har behoven hos föräldrar kartlagts?"
svar = "ja-nej"
malomrade = "Universellt stöd"
brott = [{ fran = 2019-01-01, skal = "Från 2019 räknas bara skriftliga kartläggningar." }]
antagande = "Påhittat."

[[fraga]]
id = "utbildade"
text = "Hur många gruppledare har utbildats?"
svar = "tal"
enhet = "utbildade gruppledare"
antagande = "Påhittat."
"""
CUT = """
[villkor.procent]
avrundning = "kapa"
antagande = "Påhittat."
"""


def with_questions(text: str) -> str:
    """A grant file that also asks a question of yes or no, and one of a number."""
    return text + _QUESTIONS


def answers(period_end: date, mapped: str = "Ja", trained: int = 4) -> Mapping[Asked, object]:
    """An answer in every row that `with_questions` asks up to a day, the same for each year."""
    given: dict[Asked, object] = {}
    for year in YEARS:
        if date(year, 1, 1) <= period_end:
            given[MAPPED, str(year)] = mapped
            given[TRAINED, str(year)] = trained
    return given
