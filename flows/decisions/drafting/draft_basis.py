"""What one draft is made of: a table, the documents that have it, and where it stands in them."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...base import swedish
from ...model.boards import Board
from .allocation_tables import AllocationTable, NamedAmount
from .decision_sentences import Sentence
from .decision_values import amounts
from .document_texts import Said, Text, said

_PURPOSE = re.compile(r"\bi syfte att (?P<what>.+?)(?=,? varav\b|[,.;:]? *$)")
_AIM = re.compile(
    r"\bsyftet med (?P<whose>\S+)(?: \S+){0,3}? är att (?P<what>.+?)[.]?$", re.IGNORECASE
)
_OF_THE_GRANT = re.compile("bidrag", re.IGNORECASE)
_KRONOR = re.compile(r"[0-9] (kr|kronor)\b")
_CAPTION_LINES = 6
"""How far above a table its caption may begin."""
_ALIKE = 0.9
"""How like each other two wordings of one purpose are, where one of them is misspelt."""


@dataclass(frozen=True)
class Placed:
    """A table where it stands in a document."""

    table: AllocationTable
    text: Text
    cell_table: int | None = None
    """The number of the table of cells, from 0; None for one among the lines."""

    def row_text(self, row: NamedAmount) -> str:
        """A row as it stands."""
        if self.cell_table is None:
            return swedish.tidy(self.text.line(row.line_no))
        cells = self.text.document.cell_tables[self.cell_table][row.line_no - 1]
        return swedish.tidy(" ".join(cells))


@dataclass(frozen=True)
class Basis:
    """What one draft is made of."""

    texts: tuple[Text, ...]
    """The documents that have the table, and those that have none."""
    placed: Placed
    copies: tuple[Placed, ...]
    """All places where the table stands, the first of them too."""
    agencies: tuple[tuple[str, str], ...]
    """The full and the short names of the agencies that may give grants."""
    boards: tuple[Board, ...]
    reports: tuple[str, ...]

    @property
    def table(self) -> AllocationTable:
        """The table that is drafted."""
        return self.placed.table

    @property
    def rows_sek(self) -> Decimal:
        """All rows together, in kronor."""
        return sum((sum(self.table.parts(row), Decimal(0)) for row in self.table.rows), Decimal(0))

    @property
    def total_sek(self) -> Decimal:
        """What the table says that it divides, in kronor; the rows together where it says
        nothing."""
        totals = self.table.totals
        if totals is None:
            return self.rows_sek
        return sum(totals, Decimal(0)) if self._summing is None else totals[self._summing]

    @property
    def _summing(self) -> int | None:
        return self.table.sum_column

    def total_said(self) -> list[Said[Decimal]]:
        """The sentences that say the total: one that tells what it is for comes first, then those
        that speak of the grant."""
        stated = [one for one in said(self.texts, amounts) if one.value == self.total_sek]
        return sorted(
            stated,
            key=lambda one: (
                not _PURPOSE.search(one.sentence),
                not _OF_THE_GRANT.search(one.sentence),
            ),
        )

    def board(self, row: NamedAmount) -> Board | None:
        """The board of a row, if it has one."""
        return next((one for one in self.boards if one.board_id == row.board_id), None)

    def may_have(self, board: Board, on: date) -> bool:
        """Whether a board exists on a day."""
        return (board.valid_from_on or date.min) <= on <= (board.valid_to_on or date.max)


# -- what the grant is for -------------------------------------------------------------------------


def purposes_said(basis: Basis) -> list[Said[str]]:
    """What the grant is for, in the words that stand nearest: beside its amount, else above its
    table, else where the aim of the grant is told."""
    beside = _purposes(basis.total_said())
    above = [one for one in _purposes(_sentences(basis.texts)) if _is_in(one.value, basis)]
    aims = list(_aims(basis.texts))
    of_the_grant = [one for one, is_of_the_grant in aims if is_of_the_grant]
    captioned = [one for one in beside if _is_in(one.value, basis)]
    anywhere = [one for one, _ in aims]
    for stated in (captioned, beside, above, of_the_grant, anywhere):
        if stated:
            return stated
    return []


def _sentences(texts: Iterable[Text]) -> Iterable[Said[str]]:
    for text in texts:
        for sentence in text.sentences:
            yield text.said(sentence.text, sentence)


def _purposes(stated: Iterable[Said[Decimal]] | Iterable[Said[str]]) -> list[Said[str]]:
    found = []
    for one in stated:
        match = _PURPOSE.search(one.sentence)
        if match:
            found.append(Said(match["what"], one.sentence, one.line_no, one.document))
    return found


def _aims(texts: Iterable[Text]) -> Iterable[tuple[Said[str], bool]]:
    """What "syftet med" something is said to be, and whether that is the grant."""
    for one in _sentences(texts):
        match = _AIM.search(one.sentence)
        if match:
            aim = Said(match["what"], one.sentence, one.line_no, one.document)
            yield aim, bool(_OF_THE_GRANT.search(match["whose"]))


def _is_in(purpose: str, basis: Basis) -> bool:
    """Whether the words above a table tell its purpose, spelt as it may be."""
    match = _PURPOSE.search(basis.table.caption)
    return match is not None and _is_alike(purpose, match["what"])


def _is_alike(one: str, other: str) -> bool:
    likeness = difflib.SequenceMatcher(None, swedish.key(one), swedish.key(other)).ratio()
    return likeness >= _ALIKE


# -- whose part of the document --------------------------------------------------------------------


def owner(text: Text, at: int, purposes: Sequence[str], tables: Iterable[Placed]) -> str | None:
    """Of which purpose the part of a document is that a sentence stands in, by the heading above
    it; None where no heading tells one."""
    lines = _caption_lines(text, tables)
    for sentence in reversed(text.sentences[:at]):
        if sentence.line_no in lines or not _is_heading(sentence):
            continue
        match = _PURPOSE.search(sentence.text)
        whose = match and [one for one in purposes if _is_alike(one, match["what"])]
        if whose:
            return whose[0]
    return None


def _caption_lines(text: Text, tables: Iterable[Placed]) -> set[int]:
    """The lines of the tables, and of what stands above them."""
    lines: set[int] = set()
    for one in tables:
        if one.text is text and one.cell_table is None:
            first = one.table.first_line_no - _CAPTION_LINES
            lines |= set(range(first, one.table.last_line_no + 1))
    return lines


def _is_heading(sentence: Sentence) -> bool:
    return sentence.text[-1] not in ".:!?" and not _KRONOR.search(sentence.text)
