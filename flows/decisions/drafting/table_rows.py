"""The rows of a table of allocations, found among a document's lines: each begins with a board's
name and holds numbers, and the last is the total."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...base import swedish
from .board_names import BoardNames
from .column_splits import is_numeric

_EDGE = re.compile("\t| {2,}")
_TOTALS = ("summa", "totalt", "total", "sammanlagt")
_NAME_HEADINGS = frozenset(
    (
        *("nämnd", "nämnder", "stadsdelsnämnd", "stadsdelsnämnder", "stadsdelsförvaltning"),
        *("stadsdel", "stadsdelar", "stadsdelsområde", "sdn", "sdf", "förvaltning", "mottagare"),
    )
)
"""What the column of names is called."""
_PAGE_MARK = re.compile(
    r"sida [0-9]+( ?\([0-9]+\))?|[0-9]+ ?\([0-9]+\)|tjänsteutlåtande|dnr .*|"
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
"""What the head or the foot of a page may put between two rows."""
_MOST_HEADING_LINES = 4
_MOST_BLANKS = 2
_MOST_LINES_BETWEEN = 15
"""How far apart a page can tear the rows of a table."""


@dataclass(frozen=True)
class Row:
    """A line with a name and numbers."""

    line_no: int
    name: str
    cells: tuple[str, ...]
    """The numbers, a text for each stretch between tabs or wide gaps."""
    has_tabs: bool
    last_line_no: int
    is_stacked: bool = False
    """Whether the numbers stand on lines of their own under the name."""

    @property
    def has_digits(self) -> bool:
        """Whether it holds a number, and not dashes alone."""
        return any(char.isdigit() for char in "".join(self.cells))

    @property
    def is_total(self) -> bool:
        """Whether it says that it is the total."""
        return swedish.key(self.name).partition("-")[0].rstrip(":") in _TOTALS


@dataclass(frozen=True)
class Heading:
    """What stands above the rows."""

    text: str
    """Its lines as they stand, in one, without the word for the boards."""
    cells: tuple[str, ...]
    """One a column, where tabs or wide gaps tell them apart; else none."""
    has_tabs: bool
    is_found: bool
    caption: str
    """The paragraph before it."""


@dataclass(frozen=True)
class Block:
    """The rows of a table, not yet read as amounts."""

    heading: Heading
    rows: tuple[Row, ...]
    total: Row | None

    @property
    def odd_row(self) -> Row | None:
        """A row with its numbers under the name, where other rows have them beside it and there is
        no total to tell whether they are that row's; None where there is none."""
        stacked = [row for row in self.rows if row.is_stacked]
        is_mixed = 0 < len(stacked) < len(self.rows)
        return stacked[0] if is_mixed and self.total is None else None

    @property
    def first_line_no(self) -> int:
        """The line of the first row."""
        return self.rows[0].line_no

    @property
    def last_line_no(self) -> int:
        """The line of the last row, or of the total."""
        return (self.total or self.rows[-1]).last_line_no


def row_of(line: str, line_no: int) -> Row | None:
    """A line as a row; None where it ends with neither a number, a dash nor an empty cell. The name
    of a row of numbers alone is empty."""
    spaced = re.sub(r"[^\S\t]", " ", line).strip(" ")
    cells = [swedish.tidy(cell) for cell in _EDGE.split(spaced)]
    numbers: list[str] = []
    while cells and _is_numbers(cells[-1]):
        numbers.insert(0, cells.pop())
    words = cells[-1].split() if cells else []
    last: list[str] = []
    while words and is_numeric(words[-1]):
        last.insert(0, words.pop())
    if last:
        numbers.insert(0, " ".join(last))
    if not numbers:
        return None
    name = swedish.tidy(" ".join([*cells[:-1], *words]))
    if not name and numbers[0] == "":
        numbers = numbers[1:]  # the empty cell under the names
    return Row(line_no, name, tuple(numbers), "\t" in spaced, line_no)


def _is_numbers(cell: str) -> bool:
    return all(is_numeric(token) for token in cell.split())


def blocks_in(lines: Sequence[str], names: BoardNames) -> list[Block]:
    """The tables of allocations among lines, in their order."""
    mended: list[Block] = []
    for block in reversed(_Finder(lines, names).blocks()):
        if mended and _is_torn(block, mended[-1]):
            mended[-1] = replace(
                mended[-1], heading=block.heading, rows=block.rows + mended[-1].rows
            )
        else:
            mended.append(block)
    return mended[::-1]


def _is_torn(block: Block, after: Block) -> bool:
    """Whether a page or a line of text has torn a table: its rows have no total, and near below
    them are more rows, which have one but no heading of their own. The total then tells if so."""
    is_near = after.first_line_no - block.last_line_no <= _MOST_LINES_BETWEEN
    has_own_heading = after.heading.is_found and after.heading.text != block.heading.text
    return is_near and block.total is None and after.total is not None and not has_own_heading


class _Finder:
    """Walks along the lines; a place is an index of them."""

    def __init__(self, lines: Sequence[str], names: BoardNames) -> None:
        self._lines = lines
        self._names = names
        self._rows = [self._row(at) for at in range(len(lines))]

    def _row(self, at: int) -> Row | None:
        """The row of a line; with no digits, only where a board has nothing."""
        row = row_of(self._lines[at], at + 1)
        if row is None or row.has_digits or self._names.known(row.name).is_known:
            return row
        return None

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        at = free = 0
        while at < len(self._lines):
            block = self._block(at, free)
            if block is None:
                at += 1
            else:
                found.append(block)
                at = free = block.last_line_no
        return found

    def _block(self, at: int, free: int) -> Block | None:
        """The table whose first row is at a place; no line before `free` is a part of it."""
        first = self._named(at)
        if first is None or not self._begins(first):
            return None
        heading = self._heading(at, free, first)
        rows = [first]
        place = first.last_line_no
        while True:
            place = self._past_nothing(place, heading)
            total = self._total(place, rows)
            row = None if total else self._named(place)
            if row is None or self._is_heading(place):
                return self._ended(heading, rows, total)
            rows.append(row)
            place = row.last_line_no

    def _ended(self, heading: Heading, rows: list[Row], total: Row | None) -> Block:
        """A table that has come to its end. With no total, lines of other names at its end are
        something else."""
        while total is None and not self._names.known(rows[-1].name).is_known and len(rows) > 1:
            rows = rows[:-1]
        return Block(heading, tuple(rows), total)

    def _begins(self, row: Row) -> bool:
        """Whether a table begins with a row: it has a board's name, or one that is near while the
        next row has a board's."""
        if self._names.known(row.name).is_known:
            return True
        if not self._names.read(row.name).is_known:
            return False
        after = self._named(self._past_blanks(row.last_line_no))
        return after is not None and self._names.known(after.name).is_known

    # -- one row ---------------------------------------------------------------------------------

    def _named(self, at: int) -> Row | None:
        """The row that begins at a place, with its name and its numbers put together."""
        if at >= len(self._lines) or self._is_blank(at) or self._is_heading(at):
            return None
        row = self._rows[at] or self._broken(at)
        if row is None or not row.name or row.is_total:
            return None
        return self._with_rest_of_name(row)

    def _broken(self, at: int) -> Row | None:
        """A row whose first line is (the beginning of) a name alone."""
        begun = swedish.tidy(self._lines[at])
        if not self._names.may_go_on(begun):
            return None
        after = self._past_blanks(at + 1)
        row = self._rows[after] if after < len(self._lines) else None
        if row is None:
            return None
        whole = self._names.joined(begun, row.name)
        if row.name and whole is not None:
            return replace(row, line_no=at + 1, name=whole)
        if not row.name and self._names.known(begun).is_known:
            return self._stacked(at, begun, after, len(self._lines))
        return None

    def _stacked(self, at: int, name: str, after: int, most: int) -> Row:
        """A row whose numbers stand under its name, a line for each."""
        cells: list[str] = []
        last = at
        while after < len(self._lines) and len(cells) < most:
            text = swedish.tidy(self._lines[after])
            if not _is_numbers(text):
                break
            cells.append(text)
            last = after
            after = self._past_blanks(after + 1)
        return Row(at + 1, name, tuple(cells), False, last + 1, is_stacked=True)

    def _with_rest_of_name(self, row: Row) -> Row:
        """A row with what the next line has of its name."""
        at = row.last_line_no
        if at >= len(self._lines) or self._rows[at] is not None or self._is_blank(at):
            return row
        whole = self._names.joined(row.name, swedish.tidy(self._lines[at]))
        return row if whole is None else replace(row, name=whole, last_line_no=at + 1)

    def _total(self, at: int, rows: Sequence[Row]) -> Row | None:
        """The total at a place: it says so, or it is numbers alone."""
        if at >= len(self._lines):
            return None
        row = self._rows[at]
        if row is not None:
            return row if row.is_total or not row.name else None
        alone = Row(at + 1, swedish.tidy(self._lines[at]), (), False, at + 1)
        after = self._past_blanks(at + 1)
        if not alone.is_total or after >= len(self._lines):
            return None
        below = self._rows[after]
        if below is None or below.name:
            return None
        return self._stacked(at, alone.name, after, len(rows[-1].cells))

    # -- what is between and above ---------------------------------------------------------------

    def _is_blank(self, at: int) -> bool:
        return not swedish.tidy(self._lines[at])

    def _is_heading(self, at: int) -> bool:
        """Whether a line begins with what boards are called, and no board's name."""
        if at >= len(self._lines) or self._is_blank(at):
            return False
        row = self._rows[at]
        if row is not None and self._names.known(row.name).is_known:
            return False
        first = swedish.tidy(self._lines[at]).split()[0]
        return first.casefold().rstrip(":") in _NAME_HEADINGS

    def _past_blanks(self, at: int) -> int:
        while at < len(self._lines) and self._is_blank(at):
            at += 1
        return at

    def _past_nothing(self, at: int, heading: Heading) -> int:
        """Past blank lines, the head and the foot of a page, and the heading once more."""
        while at < len(self._lines):
            text = swedish.tidy(self._lines[at])
            is_again = self._is_heading(at) and _without_name(text) == heading.text
            if text and not is_again and not _PAGE_MARK.fullmatch(text):
                break
            at += 1
        return at

    def _heading(self, at: int, free: int, first: Row) -> Heading:
        """The heading above the row at a place."""
        last = self._last_text(at, free)
        lines = range(max(free, last - _MOST_HEADING_LINES + 1), last + 1)
        start = next((one for one in reversed(lines) if self._is_heading(one)), None)
        if start is None and last >= free and self._has_columns_of(last, first):
            start = last
        if start is None:
            return Heading("", (), False, False, self._paragraph(last, free))
        text = " ".join(swedish.tidy(line) for line in self._lines[start:at])
        cells = self._heading_cells(start) if start == last else ()
        caption = self._paragraph(self._last_text(start, free), free)
        has_tabs = "\t" in self._lines[start].strip()
        return Heading(_without_name(swedish.tidy(text)), cells, has_tabs, True, caption)

    def _last_text(self, at: int, free: int) -> int:
        """The last line with text before a place, a blank or two further up at most; `free - 1`
        where there is none."""
        last = at - 1
        while last >= max(free, at - _MOST_BLANKS) and self._is_blank(last):
            last -= 1
        return last if last >= free and not self._is_blank(last) else free - 1

    def _has_columns_of(self, at: int, row: Row) -> bool:
        """Whether a line has as many cells between tabs as a row."""
        return row.has_tabs and self._lines[at].count("\t") == len(row.cells)

    def _heading_cells(self, at: int) -> tuple[str, ...]:
        spaced = re.sub(r"[^\S\t]", " ", self._lines[at]).strip(" ")
        cells = tuple(swedish.tidy(cell) for cell in _EDGE.split(spaced))
        return cells[1:] if "\t" in spaced or len(cells) > 1 else ()

    def _paragraph(self, last: int, free: int) -> str:
        """The lines of text that end with a line; none where that line is not free."""
        if last < free:
            return ""
        first = last
        while first > max(free, last - _MOST_HEADING_LINES + 1) and not self._is_blank(first - 1):
            first -= 1
        return swedish.tidy(" ".join(self._lines[first : last + 1]))


def _without_name(text: str) -> str:
    """A heading without its first word, where that is what the boards are called."""
    first, _, rest = text.partition(" ")
    return rest if first.casefold().rstrip(":") in _NAME_HEADINGS else text
