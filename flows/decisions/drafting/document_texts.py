"""The texts of one decision's documents, and what they say together: each value with the file and
the sentence that it was read from."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from ...base import swedish
from .decision_sentences import Sentence, sentences_in
from .decision_values import Found

T = TypeVar("T")
CellTable = tuple[tuple[str, ...], ...]
"""The rows of a table that was cells where it came from, a text for each cell."""

_KINDS = ("tjänsteutlåtande", "protokollsutdrag", "protokoll", "anvisning", "rekvisition", "beslut")
"""What a document is called, the more telling first."""


@dataclass(frozen=True)
class DocumentText:
    """What stands in a file, before anything has been made of it."""

    name: str
    """The name of the file."""
    lines: tuple[str, ...]
    """The running text, with blank lines between paragraphs; without the tables of cells."""
    cell_tables: tuple[CellTable, ...]
    """The tables, where the file had cells; a paragraph just before one is its first row."""
    sha256: str


@dataclass(frozen=True)
class Said(Generic[T]):
    """A value that a document says."""

    value: T
    sentence: str
    """The words that it was read from, as they stand."""
    line_no: int
    document: str
    """The name of the file."""


@dataclass(frozen=True)
class Text:
    """A document with its sentences."""

    document: DocumentText
    key: str
    """By which a grant file names it."""

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences, in their order."""
        return tuple(sentences_in(self.document.lines))

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.document.name

    def said(self, value: T, sentence: Sentence) -> Said[T]:
        """A value that a sentence of it says."""
        return Said(value, sentence.text, sentence.line_no, self.name)

    def line(self, line_no: int) -> str:
        """A line of it, by its number from 1; empty where there is none."""
        lines = self.document.lines
        return lines[line_no - 1] if 0 < line_no <= len(lines) else ""


def texts_of(documents: Sequence[DocumentText]) -> list[Text]:
    """The documents in their order, each with a key of its own."""
    texts: list[Text] = []
    for document in documents:
        taken = [text.key for text in texts]
        texts.append(Text(document, free(_kind(document), taken)))
    return texts


def free(ident: str, taken: Iterable[str]) -> str:
    """An id, with a number where another has it."""
    known = set(taken)
    wanted, number = ident, 1
    while wanted in known:
        number += 1
        wanted = f"{ident}-{number}"
    return wanted


def _kind(document: DocumentText) -> str:
    """What a document calls itself, as an id."""
    text = " ".join(document.lines).casefold()
    kinds = (kind for kind in _KINDS if re.search(rf"\b{kind}", text))
    return swedish.ident(next(kinds, "dokument"))


# -- what they say together ------------------------------------------------------------------------


def said(
    texts: Iterable[Text], find: Callable[[Sequence[Sentence]], Iterable[Found[T]]]
) -> list[Said[T]]:
    """What is found in the documents, in their order."""
    together: list[Said[T]] = []
    for text in texts:
        for found in find(text.sentences):
            together.append(Said(found.value, found.sentence, found.line_no, text.name))
    return together


def matching(
    texts: Iterable[Text], *patterns: re.Pattern[str], but: re.Pattern[str] | None = None
) -> list[Said[str]]:
    """The sentences that hold all of the patterns and not the last one, each wording once."""
    together: dict[str, Said[str]] = {}
    for text in texts:
        for sentence in text.sentences:
            is_wanted = all(pattern.search(sentence.text) for pattern in patterns)
            if is_wanted and not (but and but.search(sentence.text)):
                together.setdefault(sentence.text, text.said(sentence.text, sentence))
    return list(together.values())


def different(found: Iterable[Said[T]]) -> list[Said[T]]:
    """The first of each value: one alone where all of them agree."""
    by_value: dict[T, Said[T]] = {}
    for one in found:
        by_value.setdefault(one.value, one)
    return list(by_value.values())
