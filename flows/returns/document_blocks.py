"""What is read of a document, piece by piece: its lines, and its tables of numbers as cells, within
bounds and with no personal numbers."""

from collections.abc import Sequence

from ..base import swedish
from ..base.bounds import BOUNDS
from ..base.errors import InputError

Rows = Sequence[Sequence[str]]
_MOST_CHARACTERS = 2_000_000
"""All lines and cells together: a thousand pages."""
_REPEATED_LINES = 6
"""How many lines a page's head may put between the two halves of a table."""


class Blocks:
    """The lines and tables of a document, in their order."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[str] = []
        self._tables: list[list[tuple[str, ...]]] = []
        self._characters = 0
        self._since_table = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, blank ones between paragraphs."""
        return tuple(self._lines)

    @property
    def tables(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The tables, each with the line just before it as its first row."""
        return tuple(tuple(rows) for rows in self._tables)

    def line(self, text: str) -> None:
        """One more line. Raises InputError for a text that is longer than any decision."""
        if len(text) > BOUNDS.text_characters or len(self._lines) >= BOUNDS.rows:
            raise self._too_much()
        self._lines.append(self._masked(text))
        self._since_table += 1

    def paragraph(self, text: str) -> None:
        """One more paragraph, in one line or several."""
        for line in text.split("\n"):
            self.line(line)
        self.blank()

    def blank(self) -> None:
        """A blank line, unless there is one."""
        if self._lines and self._lines[-1].strip():
            self._lines.append("")

    def table(self, rows: Rows) -> None:
        """One more table of numbers, after what has been read."""
        above = [line for line in self._lines[-2:] if line.strip()]
        rows_so_far: list[tuple[str, ...]] = []
        if above and self._since_table:
            rows_so_far.append((above[-1],))
        self._tables.append(rows_so_far)
        self.go_on(rows)
        self.blank()

    def go_on(self, rows: Rows) -> None:
        """More rows of the last table."""
        if sum(map(len, self._tables)) + len(rows) > BOUNDS.rows:
            raise self._too_much()
        for row in rows:
            self._tables[-1].append(tuple(self._masked(swedish.tidy(cell)) for cell in row))
        self._since_table = 0

    def last_table(self) -> Rows | None:
        """The rows of the last table; None where there is none."""
        return self._tables[-1] if self._tables else None

    def has_lines_since_table(self) -> bool:
        """Whether more has been read since the last table than the head of a page."""
        return self._since_table > _REPEATED_LINES

    @staticmethod
    def is_of_numbers(rows: Rows) -> bool:
        """Whether a table is one of numbers, rather than a way to place text: half of its rows at
        least end with a cell that has a digit."""
        ending = [row for row in rows if len(row) > 1 and any(map(str.isdigit, row[-1]))]
        return len(rows) > 1 and len(ending) * 2 >= len(rows)

    def _masked(self, text: str) -> str:
        self._characters += len(text)
        if self._characters > _MOST_CHARACTERS:
            raise self._too_much()
        return swedish.mask_personal_numbers(text)[0]

    def _too_much(self) -> InputError:
        return InputError(
            f"{self._name}: dokumentet är större än något beslut. Ta med bara de sidor där "
            "beslutet står."
        )
