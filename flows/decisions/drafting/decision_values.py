"""What a decision document says about a grant, each value with the sentence that it was read from.

Nothing is concluded: what isn't said in so many words isn't found, and what is said in several ways
is given in all of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Generic, TypeVar

from ...base import swedish
from .decision_sentences import Sentence

T = TypeVar("T")
Period = tuple[date, date]
"""The first and the last day."""

_MONTH = "|".join(swedish.MONTHS)
_DAY = rf"(?:[0-9]{{1,2}} (?:{_MONTH}) [0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"
_IN_WORDS = re.compile(rf"([0-9]{{1,2}}) ({_MONTH}) ([0-9]{{4}})", re.IGNORECASE)
_DNR = re.compile(
    r"\b(?:dnr|diarienummer):? ?((?:[A-ZÅÄÖ]{1,6} )?[0-9][0-9.]*(?:-[0-9]+)?/[0-9]+(?:-[0-9]+)?)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![0-9,.\-–] )(?<![\w,.\-–])"
    r"([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(,[0-9]{1,2})? ?(?:kronor|kr)\b"
)
_COMMITTEE = re.compile(r"(?:.*\bTill )?[A-ZÅÄÖ]\w*(?:nämnden?|styrelsen|fullmäktige)")
_MEETING = re.compile(rf"\bsammanträde\w* (?:den )?({_DAY})", re.IGNORECASE)
_DATED = re.compile(rf"datum:? ({_DAY})", re.IGNORECASE)
_AFTER_DNR = 2
"""How many lines of their own after the diary number the document's day may stand."""
_SPENT = re.compile(r"\banvän[dt]", re.IGNORECASE)
_YEAR = re.compile(
    r"\b(?:ska|skall|får|kan|måste) (?:\S+ ){0,2}användas\b[^.]*\bunder (?:år )?(20[0-9]{2})"
    r"(?![0-9]|[–-][0-9])",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    rf"\b([0-9]{{1,2}}) ({_MONTH})(?: (20[0-9]{{2}}))?"
    r" ?(?:–|-|till och med|t\.o\.m\.|till)(?: den)? ?"
    rf"([0-9]{{1,2}} (?:{_MONTH}) (20[0-9]{{2}}))",
    re.IGNORECASE,
)
_REPORTED = re.compile(r"redovis|återrapport|slutrapport|delrapport|rapporter", re.IGNORECASE)
_LATEST = re.compile(rf"\bsenast (?:den )?({_DAY})", re.IGNORECASE)


@dataclass(frozen=True)
class Found(Generic[T]):
    """A value that a document says."""

    value: T
    sentence: str
    """The words that it was read from, as they stand."""
    line_no: int


def the_only(found: Sequence[Found[T]]) -> Found[T] | None:
    """The first of findings that all say the same; None where there are none, or several values."""
    values = {one.value for one in found}
    return found[0] if len(values) == 1 else None


def diary_numbers(sentences: Iterable[Sentence]) -> tuple[Found[str], ...]:
    """The diary numbers, such as "SOF 2023/329"."""
    found = []
    for sentence in sentences:
        for match in _DNR.finditer(sentence.text):
            found.append(_found(match[1].rstrip("."), sentence))
    return tuple(found)


def document_days(sentences: Sequence[Sentence]) -> tuple[Found[date], ...]:
    """The day of the document: alone on a line just after its diary number, or said to be its
    date."""
    found: list[Found[date]] = []
    for at, sentence in enumerate(sentences):
        match = _DATED.fullmatch(sentence.text)
        found += _day(match[1], sentence) if match else ()
        if _DNR.match(sentence.text):
            found += _alone(sentences[at + 1 : at + 1 + _AFTER_DNR])[:1]
    return tuple(found)


def meeting_days(sentences: Sequence[Sentence]) -> tuple[Found[date], ...]:
    """The day when the committee meets: alone on a line just after the committee's name, or said to
    be that of its meeting."""
    found: list[Found[date]] = []
    for before, sentence in pairwise(sentences):
        if _COMMITTEE.fullmatch(before.text):
            found += _alone([sentence])
    for sentence in sentences:
        for match in _MEETING.finditer(sentence.text):
            found += _day(match[1], sentence)
    return tuple(found)


def agencies(sentences: Iterable[Sentence], names: Iterable[str]) -> tuple[Found[str], ...]:
    """Those of the agencies' names that are mentioned, each with the first sentence that does."""
    told = list(sentences)
    found = []
    for name in names:
        wanted = re.compile(rf"(?<!\w){re.escape(name)}s?(?!\w)")
        first = next((one for one in told if wanted.search(one.text)), None)
        if first is not None:
            found.append(_found(name, first))
    return tuple(sorted(found, key=lambda one: one.line_no))


def amounts(sentences: Iterable[Sentence]) -> tuple[Found[Decimal], ...]:
    """All amounts that are said to be kronor; amounts in thousands or millions are left out."""
    found = []
    for sentence in sentences:
        for match in _AMOUNT.finditer(sentence.text):
            amount = swedish.parse_kronor(match[1] + (match[2] or ""))
            if amount is not None:
                found.append(_found(amount, sentence))
    return tuple(found)


def spending_periods(sentences: Iterable[Sentence]) -> tuple[Found[Period], ...]:
    """The days between which the money is to be spent: two days in a sentence about how it is used,
    or "ska användas ... under" a year."""
    found = []
    for sentence in sentences:
        for period in _periods(sentence.text):
            found.append(_found(period, sentence))
    return tuple(found)


def report_deadlines(sentences: Iterable[Sentence]) -> tuple[Found[date], ...]:
    """The last day for a report: "senast" and a day in a sentence about one."""
    found: list[Found[date]] = []
    for sentence in sentences:
        if not _REPORTED.search(sentence.text):
            continue
        for match in _LATEST.finditer(sentence.text):
            found += _day(match[1], sentence)
    return tuple(found)


def _found(value: T, sentence: Sentence) -> Found[T]:
    return Found(value, sentence.text, sentence.line_no)


def _periods(text: str) -> Iterator[Period]:
    if not _SPENT.search(text):
        return
    match = _YEAR.search(text)
    if match:
        year = int(match[1])
        yield date(year, 1, 1), date(year, 12, 31)
    for match in _FROM_TO.finditer(text):
        first = parse_day(f"{match[1]} {match[2]} {match[3] or match[5]}")
        last = parse_day(match[4])
        if first is not None and last is not None and first <= last:
            yield first, last


def parse_day(text: str) -> date | None:
    """A day written "1 februari 2024" or "2024-02-01"; None for any other writing and for days that
    don't exist."""
    match = _IN_WORDS.fullmatch(text)
    if not match:
        return swedish.parse_date(text)
    month = swedish.MONTHS.index(match[2].casefold()) + 1
    return swedish.parse_date(f"{match[3]}-{month:02}-{int(match[1]):02}")


def _day(text: str, sentence: Sentence) -> list[Found[date]]:
    day = parse_day(text)
    return [] if day is None else [_found(day, sentence)]


def _alone(sentences: Iterable[Sentence]) -> list[Found[date]]:
    """Days that are all that a line says."""
    found: list[Found[date]] = []
    for sentence in sentences:
        found += _day(sentence.text, sentence)
    return found
