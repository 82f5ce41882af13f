"""What a report prints of what only some grants ask for, measures (mått), posts (tjänster) and
questions: tables with their rows and columns in place. Nothing is reckoned here."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..base import swedish
from ..model.measures import Measure
from ..model.sources import Year
from ..money.results import GrantResult
from ..money.tables import BoardMoney, Measured
from .break_notes import break_notes
from .pages import View
from .question_view import question_view


@dataclass(frozen=True)
class SplitView:
    """A measure divided in one way, or not at all: a row for each year."""

    name: str | None
    """None: not divided."""
    parts: tuple[str, ...]
    years: tuple["YearView", ...]


@dataclass(frozen=True)
class YearView:
    """A year of a measure: all together, and the parts."""

    words: str
    total: Measured
    parts: tuple[Measured, ...]


@dataclass(frozen=True)
class BoardRow:
    """A unit's totals, a year each."""

    board: BoardMoney
    totals: tuple[Measured, ...]


@dataclass(frozen=True)
class MeasureView:
    """A measure as a report has it."""

    measure: Measure
    years: tuple[str, ...]
    splits: tuple[SplitView, ...]
    boards: tuple[BoardRow, ...]
    breaks: tuple[str, ...]
    """From when its figures can't be compared with those before, as sentences."""
    latest: YearView | None
    """By sex, the last year of which anything is known of both; None where nothing is."""


def measure_view(result: GrantResult) -> View:
    """The measures, the posts and the questions of a result whose boards stand in their order."""
    measures = []
    for measure in result.grant.measures:
        rows = [row for row in result.tables.measured if row.measure_id == measure.measure_id]
        # A grant file may have been given a measure since the run was made.
        if rows:
            measures.append(_measure(measure, rows, result.tables.board))
    staffing = {row.board_id: row for row in result.tables.staffing}
    staffed = []
    for board in result.tables.board:
        if board.board_id in staffing:
            staffed.append((board, staffing[board.board_id]))
    return {
        "measures": measures,
        "city_staffing": staffing.get(None),
        "staffed": staffed,
        "vacancies": {row.board_id: _months(row.vacant_in or ()) for row in staffing.values()},
        **question_view(result),
    }


def _measure(
    measure: Measure, rows: Sequence[Measured], boards: Sequence[BoardMoney]
) -> MeasureView:
    of_all = [row for row in rows if row.board_id is None]
    totals = [row for row in of_all if not row.split_no]
    splits = []
    for number, split in enumerate(measure.splits, start=1):
        years = [_year(total, of_all, number) for total in totals]
        splits.append(SplitView(split.name, split.all_parts, tuple(years)))
    if not splits:
        splits.append(SplitView(None, (), tuple(_year(total, of_all, 0) for total in totals)))
    own = {(row.board_id, row.year_no): row for row in rows if not row.split_no}
    of_boards = []
    for board in boards:
        of_board = [own[board.board_id, total.year_no] for total in totals]
        of_boards.append(BoardRow(board, tuple(of_board)))
    return MeasureView(
        measure,
        tuple(_words(total) for total in totals),
        tuple(splits),
        tuple(of_boards),
        tuple(break_notes(measure.breaks, totals)),
        _latest(measure, splits),
    )


def _year(total: Measured, of_all: Sequence[Measured], split_no: int) -> YearView:
    parts = [row for row in of_all if row.year_no == total.year_no and row.split_no == split_no]
    return YearView(_words(total), total, tuple(parts if split_no else ()))


def _words(row: Measured) -> str:
    return Year(row.from_on, row.to_on).words


def _latest(measure: Measure, splits: Sequence[SplitView]) -> YearView | None:
    for split, view in zip(measure.splits, splits, strict=False):
        if not split.is_by_sex:
            continue
        for year in reversed(view.years):
            if all(_is_known(part) for part in year.parts[:2]):
                return year
    return None


def _is_known(row: Measured) -> bool:
    return (row.answered_count if row.is_rating else row.people_count) is not None


def _months(vacant_in: Sequence[str]) -> str:
    """Months as people read them: those that follow on one another as a span."""
    spans: list[list[tuple[int, int]]] = []
    for text in vacant_in:
        year, month = (int(part) for part in text.split("-"))
        if spans and _after(spans[-1][-1]) == (year, month):
            spans[-1].append((year, month))
        else:
            spans.append([(year, month)])
    return swedish.listing(_span(span) for span in spans)


def _after(month: tuple[int, int]) -> tuple[int, int]:
    return (month[0] + month[1] // 12, month[1] % 12 + 1)


def _span(months: Sequence[tuple[int, int]]) -> str:
    first, last = months[0], months[-1]
    if first == last:
        return _month(first)
    if first[0] == last[0]:
        return f"{swedish.MONTHS[first[1] - 1]}–{_month(last)}"
    return f"{_month(first)}–{_month(last)}"


def _month(month: tuple[int, int]) -> str:
    return f"{swedish.MONTHS[month[1] - 1]}{swedish.NBSP}{month[0]}"
