"""The nouns of what a grant asks each recipient about itself (frågor): yes or no, or a number, for
each year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..base import swedish
from .measures import SeriesBreak
from .sources import Source, Year


class AnswerKind(StrEnum):
    """With what a question is answered."""

    YES_OR_NO = "ja-nej"
    NUMBER = "tal"
    """A whole number, 0 or more."""


class PercentRounding(StrEnum):
    """How a share becomes a whole number of per cent (villkor.procent)."""

    NEAREST = "narmaste"
    """Half up: 86.5 becomes 87."""
    CUT = "kapa"
    """What is less than a whole per cent is left out: 86.84 becomes 86."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question that each recipient answers about itself for each year, such as whether it has
    mapped what parents need. The answer is about an organisation and never about a person."""

    question_id: str
    """The same over the years: the answers of one id are a series."""
    text: str
    """As it stands in workbooks and reports."""
    kind: AnswerKind
    unit: str | None
    """What a number counts, in the plural, such as "gruppledare"; None of yes or no."""
    target_area: str | None
    """The grant's target area that it is about; None where it is tied to none."""
    breaks: tuple[SeriesBreak, ...]
    source: Source

    @property
    def is_number(self) -> bool:
        """Whether it is answered with a number, and not with yes or no."""
        return self.kind is AnswerKind.NUMBER


QuestionKey = tuple[str, str]
"""What a row is about as it is compared: `swedish.key` of its question and its year."""


@dataclass(frozen=True)
class QuestionRow:
    """A row that each recipient is asked to answer: a question and a year."""

    question: AskedQuestion
    year: Year

    @property
    def key(self) -> QuestionKey:
        """By what it is found among the rows that a board has sent."""
        return question_key(self.question.text, self.year.words)

    @property
    def words(self) -> str:
        """As a sentence names it, such as "Har ni en plan? 2018"."""
        return f"{self.question.text} {self.year.words}"


def question_key(text: str, year: str) -> QuestionKey:
    """The key of a row by what stands in its cells, however it is cased and blanked."""
    return (swedish.key(text), swedish.key(year))


def question_rows(
    questions: Sequence[AskedQuestion], years: Sequence[Year], period_end: date
) -> tuple[QuestionRow, ...]:
    """The rows that are asked up to a period's end, in order: each question, and of it each year
    that has begun by then."""
    begun = [year for year in years if year.from_on <= period_end]
    rows: list[QuestionRow] = []
    for question in questions:
        rows += [QuestionRow(question, year) for year in begun]
    return tuple(rows)
