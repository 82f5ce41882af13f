"""The records about the answers to the questions that only some grants ask (frågor)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from ..base import swedish
from ..model.asked_questions import AskedQuestion, QuestionKey, QuestionRow, question_key
from ..model.decisions import Grant
from ..model.returns import Cell, Reading, Return, Row
from ..model.rulebook import Rulebook, RunPlan
from .oddities import period_end_of
from .read_values import asked_from, grant_of, is_filled_in, text_in
from .records import Record, by_name

_ASKED = ("stranger", "wrong_year", "again", "wrong_answer", "missing", "unasked")
"""What `expectations/questions.yaml` asks about."""


def question_records(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    """Of each return whose grant is known: a record for each row with an answer, and for what is
    not answered as a whole."""
    for returned in filter(is_filled_in, returns):
        grant = grant_of(returned, rulebook)
        if grant is None:
            continue
        answered = [row for row in returned.questions if _is_answered(row)]
        if not grant.questions:
            yield from _unasked(returned, answered)
            continue
        sent = _Sent(returned, grant, answered, asked_from(returned, rulebook, grant))
        yield from sent.rows()
        yield from sent.missing()


def _is_answered(row: Row) -> bool:
    """Whether any answer stands in a row, readable or not: one without is only the template's."""
    cell = row.cells.get("answer")
    return cell is not None and cell.reading is not Reading.BLANK


def _record(
    returned: Return,
    values: Mapping[str, object],
    cells: Mapping[str, tuple[Cell, ...]],
    words: Mapping[str, object],
) -> Record:
    """A record that says nothing of what it is not about."""
    return Record(returned, {**dict.fromkeys(_ASKED), **values}, cells, words)


def _unasked(returned: Return, answered: Sequence[Row]) -> Iterator[Record]:
    """That answers have come to what nobody asks."""
    if answered:
        cells = tuple(row.cells["answer"] for row in answered)
        yield _record(returned, {"unasked": "rows"}, {"unasked": cells}, {})


@dataclass(frozen=True)
class _Sent:
    """The rows with answers that a return has to a grant's questions."""

    returned: Return
    grant: Grant
    answered: Sequence[Row]
    since: date
    """The sender's first day: what it was before is not its to answer."""

    @cached_property
    def _asked(self) -> dict[QuestionKey, QuestionRow]:
        """Every row that the grant ever asks; one that comes early is no stranger."""
        return {row.key: row for row in self.grant.question_rows(self.grant.spend_to_on)}

    # -- each row by itself

    def rows(self) -> Iterator[Record]:
        """A record for each row: whether it is asked, there once, and answered as it can be."""
        first: dict[QuestionKey, Row] = {}
        for row in self.answered:
            question, year = text_in(row, "question"), text_in(row, "question_year")
            if not question or not year:
                continue  # a blank one has a finding of its own
            key = question_key(question, year)
            asked = self._asked.get(key)
            if asked is None:
                yield self._stranger(row, question, year)
            else:
                yield self._row_record(row, asked, first.setdefault(key, row))

    def _row_record(self, row: Row, asked: QuestionRow, first: Row) -> Record:
        cells: dict[str, tuple[Cell, ...]] = by_name(row.cells)
        answer = row.cells["answer"]
        values: dict[str, object] = {}
        if first is not row:
            values["again"] = asked.words
            cells["again"] = (first.cells["question"], row.cells["question"])
        # A cell that shows an error, or no value at all, has a finding of its own.
        is_told = answer.reading in {Reading.ERROR, Reading.NO_VALUE}
        if not is_told and not _is_an_answer(answer, asked.question):
            values["wrong_answer"] = asked.words
            cells["wrong_answer"] = (answer,)
        words = {"where": asked.words, "wanted": _wanted(asked.question)}
        return _record(self.returned, values, cells, words)

    def _stranger(self, row: Row, question: str, year: str) -> Record:
        """That a row is none that is asked: the question itself, or only its year."""
        for one in self.grant.questions:
            if swedish.key(one.text) == swedish.key(question):
                words = {"where": f"{one.text} {year}", "years": self._years()}
                cells = {"wrong_year": (row.cells["question_year"],)}
                return _record(self.returned, {"wrong_year": year}, cells, words)
        nearest = swedish.nearest(question, [one.text for one in self.grant.questions])
        words = {"where": question, "near": f" Menas ”{nearest}”?" if nearest else ""}
        cells = {"stranger": (row.cells["question"],)}
        return _record(self.returned, {"stranger": question}, cells, words)

    def _years(self) -> str:
        return swedish.listing(year.words for year in self.grant.measured_years)

    # -- what is missing

    def missing(self) -> Iterator[Record]:
        """Which questions have no answer for a year that has begun, in one record."""
        period_end = period_end_of(self.returned, self.grant)
        if period_end is None:
            return
        there = {_key_of(row) for row in self.answered}
        lacking: list[str] = []
        for row in self.grant.question_rows(period_end):
            if row.year.to_on >= self.since and row.key not in there:
                lacking.append(f"”{row.question.text}” ({row.year.words})")
        if lacking:
            words = {"missing": swedish.listing(lacking)}
            yield _record(self.returned, {"missing": words["missing"]}, {}, words)


def _is_an_answer(cell: Cell, question: AskedQuestion) -> bool:
    """Whether what was read in a cell answers a question: a number, or Ja or Nej."""
    return isinstance(cell.value, Decimal if question.is_number else str)


def _wanted(question: AskedQuestion) -> str:
    """With what a question can be answered, as a sentence goes on with it."""
    return "ett heltal som är 0 eller större" if question.is_number else "Ja eller Nej"


def _key_of(row: Row) -> QuestionKey:
    return question_key(text_in(row, "question") or "", text_in(row, "question_year") or "")
