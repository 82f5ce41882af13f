"""The columns of a table of allocations: where they begin and which of them are kronor."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from . import column_splits, table_doubts
from .column_splits import Amounts, Cells, Fit
from .table_doubts import Doubt, UnclearError
from .table_rows import Block, Row

_KRONOR = re.compile(
    r"\b(kr|sek)\b|kronor|belopp|fördel|medel|bidrag|tilldel|summa|total", re.IGNORECASE
)
_OTHER = re.compile(
    r"\b(antal|andel|befolkning|invånar|vikt|index|procent|folkmängd|barn|elever)|%", re.IGNORECASE
)
_WHY_NUMBERS = "talen är procent eller har fler än två decimaler"
_WHY_HEADING = "rubriken talar om annat än kronor"
_WHY_TOTAL = "summaraden har inget belopp där"
_UNIT = re.compile(r"[(]?(kr|kronor|sek)[)]?", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The kronor of a table, row by row."""

    headings: tuple[str, ...]
    """One a column, as it stands; empty where it isn't clear."""
    rows: tuple[Amounts, ...]
    totals: Amounts | None
    told: tuple[Doubt, ...]


def columns_of(block: Block, is_cells: bool) -> Columns:
    """The columns of a table's rows. `is_cells` says that the rows were cells, so that their edges
    are certain. Raises UnclearError where that would be a guess."""
    if is_cells or _has_certain_edges(block):
        return _of_cells(block)
    return _of_text(block)


def line_nos(block: Block) -> tuple[int, ...]:
    """The lines of a table's rows, the total too."""
    return tuple(row.line_no for row in _with_total(block))


def column_name(headings: Sequence[str], column: int) -> str:
    """How a column is told of: its heading, or its number."""
    return f"”{headings[column]}”" if headings[column] else str(column + 1)


def _with_total(block: Block) -> tuple[Row, ...]:
    return block.rows if block.total is None else (*block.rows, block.total)


# -- certain edges ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    kronor: Decimal | None
    """None for what can't be kronor."""
    is_nothing: bool = False
    """Whether it is empty or a dash."""


_EMPTY = _Cell(Decimal(0), is_nothing=True)


def _has_certain_edges(block: Block) -> bool:
    """Whether tabs tell the columns apart: in every row, each cell one number, and not only between
    the names and the numbers, unless the heading says that there is one column."""
    rows = _with_total(block)
    width = max(len(row.cells) for row in rows)
    is_told = width > 1 or (block.heading.has_tabs and len(block.heading.cells) == width)
    are_read = (_cell(cell) is not None for row in rows for cell in row.cells)
    return is_told and all(row.has_tabs for row in rows) and all(are_read)


def _cell(text: str) -> _Cell | None:
    """A cell with one number; None for any other."""
    pieces = column_splits.pieces_of([text])
    if not pieces:
        return None if text else _EMPTY
    whole = next((way for way in column_splits.splits(pieces, 1) if len(way) == 1), None)
    if whole is None:
        return None
    return _Cell(whole[0], is_nothing=pieces[0].kind is column_splits.Kind.NOTHING)


def _of_cells(block: Block) -> Columns:
    rows = [_cells_of(row) for row in block.rows]
    total = None if block.total is None else _cells_of(block.total)
    width = max(len(row) for row in (*rows, total or []))
    headings = _padded_headings(block, width)
    told: list[Doubt] = []
    kept: list[int] = []
    for column in range(width):
        cells = [_at(row, column) for row in rows]
        whole = None if total is None else _at(total, column)
        if all(cell is _EMPTY for cell in (*cells, whole or _EMPTY)):
            continue
        name = column_name(headings, column)
        why = _why_not_kronor(block, name, headings[column], cells, whole)
        if why is None:
            kept.append(column)
        else:
            told.append(table_doubts.kept_out(line_nos(block), name, why))
    if not kept:
        raise UnclearError(table_doubts.no_kronor(line_nos(block)))
    spoken = tuple(headings[column] for column in kept)
    if len(kept) > 1 and not any(spoken):
        told.append(table_doubts.unclear_headings(line_nos(block), block.heading.text))
    columns = Columns(
        spoken,
        tuple(_amounts(row, kept) for row in rows),
        None if total is None else _amounts(total, kept),
        (*told, *_told_of_headings(block, spoken)),
    )
    _must_add_up(block, columns)
    return columns


def _cells_of(row: Row) -> list[_Cell]:
    cells = []
    for text in row.cells:
        cell = _cell(text)
        if cell is None:
            raise UnclearError(table_doubts.unreadable(row.line_no, row.name))
        cells.append(cell)
    return cells


def _at(row: Sequence[_Cell], column: int) -> _Cell:
    """A cell of a row, which may end before the others."""
    return row[column] if column < len(row) else _EMPTY


def _amounts(row: Sequence[_Cell], kept: Sequence[int]) -> Amounts:
    return tuple(_at(row, column).kronor or Decimal(0) for column in kept)


def _padded_headings(block: Block, width: int) -> list[str]:
    cells = block.heading.cells
    if len(cells) == width:
        return list(cells)
    return [block.heading.text] if width == 1 else [""] * width


def _why_not_kronor(
    block: Block, name: str, heading: str, cells: Sequence[_Cell], total: _Cell | None
) -> str | None:
    """Why a column isn't kronor; None for one that is. Raises UnclearError where it may be."""
    has_kronor = any(cell.kronor for cell in cells)
    has_other = any(cell.kronor is None for cell in cells)
    if has_other and has_kronor:
        raise UnclearError(table_doubts.unclear_column(line_nos(block), name))
    if has_other:
        return _WHY_NUMBERS
    if _speaks_of_other(heading):
        return _WHY_HEADING
    if total is None or not has_kronor:
        return None
    return _WHY_TOTAL if total.is_nothing or total.kronor is None else None


def _must_add_up(block: Block, columns: Columns) -> None:
    """Raises UnclearError for a column that is further from its total than rounding can explain."""
    if columns.totals is None:
        return
    for column, total in enumerate(columns.totals):
        summed = sum((row[column] for row in columns.rows), Decimal(0))
        if abs(summed - total) >= column_splits.slack(len(columns.rows)):
            name = column_name(columns.headings, column)
            raise UnclearError(table_doubts.not_the_total(line_nos(block), name, summed, total))


# -- blanks that may be edges ----------------------------------------------------------------------


def _of_text(block: Block) -> Columns:
    fit = _only_fit(block)
    headings = _padded_headings(block, len(fit.is_other))
    if not any(headings) and not any(fit.is_other) and _OTHER.search(block.heading.text):
        raise UnclearError(table_doubts.unclear_column(line_nos(block), block.heading.text))
    spoken = [text for text, is_other in zip(headings, fit.is_other, strict=True) if not is_other]
    places = [place for place, text in enumerate(spoken) if not _speaks_of_other(text)]
    if not places:
        raise UnclearError(table_doubts.no_kronor(line_nos(block)))
    kept = tuple(spoken[place] for place in places)
    return Columns(
        kept,
        tuple(_chosen(row, places) for row in fit.rows),
        None if fit.totals is None else _chosen(fit.totals, places),
        (*_told_of_text(block, headings, fit.is_other), *_told_of_headings(block, kept)),
    )


def _told_of_text(
    block: Block, headings: Sequence[str], is_other: Sequence[bool]
) -> Iterator[Doubt]:
    """The columns that are kept out, and whether the headings of the others are unclear."""
    for column, heading in enumerate(headings):
        name = column_name(headings, column)
        if is_other[column]:
            yield table_doubts.kept_out(line_nos(block), name, _WHY_NUMBERS)
        elif _speaks_of_other(heading):
            yield table_doubts.kept_out(line_nos(block), name, _WHY_HEADING)
    if len(headings) > 1 and not any(headings):
        yield table_doubts.unclear_headings(line_nos(block), block.heading.text)


def _chosen(amounts: Amounts, places: Sequence[int]) -> Amounts:
    return tuple(amounts[place] for place in places)


def _speaks_of_other(heading: str) -> bool:
    """Whether a heading is of other numbers than kronor."""
    return bool(_OTHER.search(heading)) and not _KRONOR.search(heading)


def _told_of_headings(block: Block, headings: Sequence[str]) -> Iterator[Doubt]:
    """What is told of headings that speak of kronor and of something else."""
    for column, heading in enumerate(headings):
        if _OTHER.search(heading):
            yield table_doubts.ambiguous_heading(line_nos(block), column_name(headings, column))


def _only_fit(block: Block) -> Fit:
    """The only way to read the rows by which they add up."""
    most = _most_columns(block)
    try:
        rows = [_ways(row, most) for row in block.rows]
        total = None if block.total is None else _ways(block.total, most)
        fits = column_splits.fits(rows, total)
    except column_splits.TooManyWaysError as error:
        raise UnclearError(table_doubts.too_many_ways(line_nos(block))) from error
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise UnclearError(table_doubts.contradictory(line_nos(block)))
    unclear = table_doubts.unsummed if total is None else table_doubts.ambiguous
    raise UnclearError(unclear(line_nos(block)))


def _ways(row: Row, most: int) -> list[Cells]:
    pieces = column_splits.pieces_of(row.cells)
    if any(piece.kind is column_splits.Kind.UNREADABLE for piece in pieces):
        raise UnclearError(table_doubts.unreadable(row.line_no, row.name or "summaraden"))
    return column_splits.splits(pieces, most)


def _most_columns(block: Block) -> int:
    """The most columns that the heading has words for; a unit ("i kronor") is no heading of its
    own. The words before it count too, unless they are a sentence: they may be its upper line."""
    heading = block.heading
    words = heading.text.split()
    if not heading.is_found or not words:
        return column_splits.MOST_COLUMNS
    if heading.caption and heading.caption[-1] not in ".:":
        words = [*heading.caption.split(), *words]
    count = len(words)
    for before, word in pairwise(words):
        if _UNIT.fullmatch(word) and before.casefold() == "i":
            count -= 2
        elif _UNIT.fullmatch(word) and word.startswith("("):
            count -= 1
    return max(1, min(count, column_splits.MOST_COLUMNS))
