"""The tables by which a decision document divides a grant among boards, read without a guess: what
has two readings is a doubt, and what was read in spite of something odd is told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...base import swedish
from ...model.boards import Board
from . import column_splits, table_doubts, table_rows
from .board_names import BoardNames
from .column_splits import Amounts
from .table_columns import Columns, column_name, columns_of, line_nos
from .table_doubts import Doubt, UnclearError
from .table_rows import Block

_UNIT = re.compile(r"\b(tkr|kkr|mkr|mnkr|tusental|tusen kronor|miljoner kronor)\b", re.IGNORECASE)
_SHORT_UNIT = re.compile(r"\b(tkr|kkr|mkr|mnkr|tusental)\b", re.IGNORECASE)


@dataclass(frozen=True)
class NamedAmount:
    """A row: a name and its amounts."""

    text: str
    """The name as it stands; one that was broken over lines, put together."""
    board_id: str | None
    """None where the register has no such board."""
    is_nearest: bool
    """Whether the name is another than the board's own, read by a misspelling in the register or by
    what is nearest: it is always told."""
    amounts_sek: Amounts
    """Kronor, one a column."""
    line_no: int


@dataclass(frozen=True)
class AllocationTable:
    """A table of allocations, as it stands in a document."""

    columns: tuple[str, ...]
    """The headings as they stand, one for each column of kronor; empty texts where it isn't clear
    which column has which."""
    rows: tuple[NamedAmount, ...]
    totals: Amounts | None
    """The total row's kronor as they stand; None where there is none."""
    unallocated: Amounts
    """Each total minus its column's sum, in kronor; empty where there is no total."""
    first_line_no: int
    last_line_no: int
    sum_column: int | None = None
    """The column that is the sum of the others, from 0; None where there is none."""
    heading: str = ""
    """The heading as it stands, without the word for the boards."""
    caption: str = ""
    """The paragraph before the table."""

    def parts(self, row: NamedAmount) -> Amounts:
        """A row's kronor but for the column that only sums up the others."""
        return tuple(
            amount for place, amount in enumerate(row.amounts_sek) if place != self.sum_column
        )


def tables_in(
    lines: Sequence[str], boards: Sequence[Board]
) -> tuple[list[AllocationTable], list[Doubt]]:
    """The tables among the lines of a text, and all that a person has to look at. Amounts are
    kronor; line numbers count from 1."""
    return _tables(lines, BoardNames(boards), is_cells=False)


def tables_in_cells(
    rows: Sequence[Sequence[str]], boards: Sequence[Board]
) -> tuple[list[AllocationTable], list[Doubt]]:
    """The tables among rows of cells, as Word and PDF have them; a row's number stands for its
    line."""
    lines = ["\t".join(map(swedish.tidy, row)) for row in rows]
    return _tables(lines, BoardNames(boards), is_cells=True)


def merged(tables: Iterable[AllocationTable]) -> tuple[list[AllocationTable], list[Doubt]]:
    """Tables of one document or of several, each once: one that stands twice alike is the first of
    them. Of those that stand twice but differ none is left; the doubt names the rows."""
    groups: list[list[AllocationTable]] = []
    for table in tables:
        group = next((one for one in groups if _are_kin(one[0], table)), None)
        if group is None:
            groups.append([table])
        else:
            group.append(table)
    kept: list[AllocationTable] = []
    doubts: list[Doubt] = []
    for group in groups:
        differing = _differing(group)
        if differing:
            doubts.append(table_doubts.different([t.first_line_no for t in group], differing))
        else:
            kept.append(group[0])
    return kept, doubts


# -- one table -------------------------------------------------------------------------------------


def _tables(
    lines: Sequence[str], names: BoardNames, *, is_cells: bool
) -> tuple[list[AllocationTable], list[Doubt]]:
    tables: list[AllocationTable] = []
    doubts: list[Doubt] = []
    for block in table_rows.blocks_in(lines, names):
        try:
            table, told = _table(block, names, is_cells)
        except UnclearError as unclear:
            doubts.append(unclear.doubt)
            continue
        tables.append(table)
        doubts += told
    return tables, doubts


def _table(block: Block, names: BoardNames, is_cells: bool) -> tuple[AllocationTable, list[Doubt]]:
    """A table, and what is told of it. Raises UnclearError where it can't be read."""
    if block.total is None and len(block.rows) == 1:
        raise UnclearError(table_doubts.lonely(block.rows[0].line_no, block.rows[0].name))
    unit = _UNIT.search(block.heading.text) or _SHORT_UNIT.search(block.heading.caption)
    if unit:
        raise UnclearError(table_doubts.unclear_unit(line_nos(block), unit[0]))
    if block.odd_row is not None:
        raise UnclearError(table_doubts.unreadable(block.odd_row.line_no, block.odd_row.name))
    columns = columns_of(block, is_cells)
    rows = tuple(_rows(block, names, columns))
    _must_be_different(rows, names)
    summing, odd_rows = _sum_column(columns.rows)
    table = AllocationTable(
        columns.headings,
        rows,
        columns.totals,
        _unallocated(columns),
        block.first_line_no,
        block.last_line_no,
        summing,
        block.heading.text,
        block.heading.caption,
    )
    told = [*columns.told, *_told_of_totals(table), *_told_of_names(rows, names)]
    if summing is not None:
        name = column_name(columns.headings, summing)
        told += [table_doubts.row_sum(rows[r].line_no, rows[r].text, name) for r in odd_rows]
    return table, told


def _rows(block: Block, names: BoardNames, columns: Columns) -> Iterator[NamedAmount]:
    for row, amounts in zip(block.rows, columns.rows, strict=True):
        read = names.read(row.name)
        yield NamedAmount(row.name, read.board_id, read.is_nearest, amounts, row.line_no)


def _must_be_different(rows: Sequence[NamedAmount], names: BoardNames) -> None:
    """Raises UnclearError when two rows are the same board's."""
    lines: dict[str, int] = {}
    for row in rows:
        if row.board_id is None:
            continue
        if row.board_id in lines:
            both = [lines[row.board_id], row.line_no]
            raise UnclearError(table_doubts.twice(both, names.name(row.board_id)))
        lines[row.board_id] = row.line_no


def _unallocated(columns: Columns) -> Amounts:
    rest = []
    for column, total in enumerate(columns.totals or ()):
        rest.append(total - sum((row[column] for row in columns.rows), Decimal(0)))
    return tuple(rest)


def _sum_column(rows: Sequence[Amounts]) -> tuple[int | None, list[int]]:
    """The column that is the sum of the others in most rows, and the rows where it isn't."""
    summing = [row for row in rows if any(2 * part == sum(row) for part in row)]
    if len(summing) * 2 <= len(rows):
        return None, []
    column = column_splits.sum_column(summing)
    if column is None:
        return None, []
    return column, [place for place, row in enumerate(rows) if 2 * row[column] != sum(row)]


def _told_of_totals(table: AllocationTable) -> Iterator[Doubt]:
    if table.totals is None:
        yield table_doubts.no_total([row.line_no for row in table.rows])
        return
    for column, rest in enumerate(table.unallocated):
        if rest:
            total = table.totals[column]
            name = column_name(table.columns, column)
            yield table_doubts.cross_foot(table.last_line_no, name, total - rest, total)


def _told_of_names(rows: Sequence[NamedAmount], names: BoardNames) -> Iterator[Doubt]:
    for row in rows:
        if row.board_id is None:
            yield table_doubts.unknown_name(row.line_no, row.text)
        elif row.is_nearest:
            yield table_doubts.nearest_name(row.line_no, row.text, names.name(row.board_id))


# -- several tables --------------------------------------------------------------------------------


def _by_board(table: AllocationTable) -> dict[str, Amounts]:
    return {row.board_id or swedish.key(row.text): row.amounts_sek for row in table.rows}


def _are_kin(one: AllocationTable, other: AllocationTable) -> bool:
    """Whether two tables are meant to be the same: they stand under the same words about the same
    boards, or half of their rows at least are alike."""
    first, second = _by_board(one), _by_board(other)
    alike = sum(first[board] == second.get(board) for board in first)
    if 2 * alike >= max(len(first), len(second)):
        return True
    has_same_words = bool(one.caption) and swedish.key(one.caption) == swedish.key(other.caption)
    return has_same_words and one.columns == other.columns and first.keys() == second.keys()


def _differing(group: Sequence[AllocationTable]) -> list[str]:
    """The names of the rows that aren't the same in all tables of a group, the total too."""
    first = group[0]
    named = {row.board_id or swedish.key(row.text): row.text for row in _all_rows(group)}
    differing: dict[str, None] = {}
    for other in group[1:]:
        ours, theirs = _by_board(first), _by_board(other)
        for board, text in named.items():
            if ours.get(board) != theirs.get(board):
                differing[text] = None
        if first.totals != other.totals and not differing:
            differing["summaraden"] = None
    return list(differing)


def _all_rows(group: Sequence[AllocationTable]) -> Iterator[NamedAmount]:
    for table in reversed(group):  # of two ways to write a name, the first table's
        yield from table.rows
