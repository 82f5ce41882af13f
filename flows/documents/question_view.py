"""What a report prints of the questions (frågor) that boards were asked about themselves: a row for
each year. Nothing is reckoned here."""

from dataclasses import dataclass

from ..model.asked_questions import AskedQuestion
from ..model.sources import Year
from ..money.results import GrantResult
from ..money.tables import Answered, BoardAnswer
from . import record
from .break_notes import break_notes
from .pages import View


@dataclass(frozen=True)
class AnsweredYear:
    """What all units together have answered for a year."""

    words: str
    row: Answered


@dataclass(frozen=True)
class QuestionView:
    """A question as a report has it: the series of its years."""

    question: AskedQuestion
    years: tuple[AnsweredYear, ...]
    breaks: tuple[str, ...]
    """From when its answers can't be compared with those before, as sentences."""


def question_view(result: GrantResult) -> View:
    """The questions of a result with what was answered, and each unit's own answers."""
    questions = []
    for question in result.grant.questions:
        rows = [row for row in result.tables.answered if row.question_id == question.question_id]
        # A grant file may have been given a question since the run was made.
        if rows:
            years = [AnsweredYear(Year(row.from_on, row.to_on).words, row) for row in rows]
            notes = break_notes(question.breaks, rows)
            questions.append(QuestionView(question, tuple(years), tuple(notes)))
    told = filter(_is_answered, result.tables.answer)
    return {
        "asked_questions": questions,
        "own_answers": record.grouped(told, lambda row: row.board_id),
    }


def _is_answered(row: BoardAnswer) -> bool:
    return row.is_yes is not None or row.number_count is not None
