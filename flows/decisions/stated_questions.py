"""The questions that a grant file asks each recipient about itself (frågor)."""

from collections.abc import Sequence

from ..base import swedish
from ..model.asked_questions import AnswerKind, AskedQuestion, PercentRounding
from ..model.sources import Year
from .asked_measures import breaks_of, target_area_of
from .declaration import AskedQuestionFile, PercentFile
from .grant_reader import GrantReader


def questions(reader: GrantReader, years: Sequence[Year]) -> tuple[AskedQuestion, ...]:
    """The questions that the file asks, in its order; `years` are those that they are answered for.
    Raises InputError for what doesn't hold together."""
    stated = reader.parsed.fraga
    _must_be_told_apart(reader, stated)
    built = []
    for one in stated:
        where = f"fraga.{one.id}"
        question = AskedQuestion(
            question_id=one.id,
            text=one.text,
            kind=AnswerKind(one.svar),
            unit=one.enhet,
            target_area=target_area_of(reader, where, one.malomrade),
            breaks=breaks_of(reader, where, one.brott, years),
            source=reader.source(where, one),
        )
        built.append(question)
    return tuple(built)


def _must_be_told_apart(reader: GrantReader, stated: Sequence[AskedQuestionFile]) -> None:
    """The years of a question are known by its id and boards' rows by its text, so no two may have
    the same."""
    ids: set[str] = set()
    texts: set[str] = set()
    for one in stated:
        if one.id in ids:
            raise reader.wrong(f"fraga.{one.id}", "står två gånger. Ge var och en sitt eget id.")
        if swedish.key(one.text) in texts:
            raise reader.wrong(
                f"fraga.{one.id}.text",
                f"en annan fråga lyder också ”{one.text}”. Ge var och en sin egen text.",
            )
        ids.add(one.id)
        texts.add(swedish.key(one.text))


def percent_rounding(reader: GrantReader) -> PercentRounding:
    """How shares become whole per cent: to the nearest one where the file says nothing of it."""
    if reader.parsed.villkor.procent is None:
        return PercentRounding.NEAREST
    term: PercentFile = reader.term("procent")
    return PercentRounding(term.avrundning or PercentRounding.NEAREST)
