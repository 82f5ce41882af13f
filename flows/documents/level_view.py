"""What a report prints of those on higher levels (län, riket): tables with their rows in place, and
those that stick out. Nothing is reckoned here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..base import swedish
from ..model.codes import ReturnStatus
from ..model.levels import LevelWords
from ..model.rulebook import Rulebook
from ..money.level_tables import Coverage, LevelAnswer, LevelSum
from ..money.results import GrantResult
from ..money.shapes import known
from ..money.tables import BoardMoney
from .pages import View

MOST_NAMED = 15
"""So many of those that stick out in one way stand in the report; all of them are in Excel."""


@dataclass(frozen=True)
class OfLevel:
    """Those of one level within the whole, and what they are called."""

    words: LevelWords
    sums: LevelSum


@dataclass(frozen=True)
class Within:
    """Some recipients within one on a higher level."""

    name: str
    boards: tuple[BoardMoney, ...]


@dataclass(frozen=True)
class CoverageView:
    """Where those within a recipient on a higher level work: by area and target area."""

    name: str
    sums: LevelSum
    cells: Mapping[tuple[str | None, str | None], Coverage]
    """Area and target area -> how many do something there; None: all of them together."""


@dataclass(frozen=True)
class SticksOut:
    """Those that stick out in one way, those that do so most first."""

    boards: tuple[BoardMoney, ...]
    """No more than `MOST_NAMED`."""
    more: int
    """How many there are beside them."""


@dataclass(frozen=True)
class LevelView:
    """Everything that a report prints by level."""

    whole: LevelSum
    """The highest: all recipients."""
    of_levels: tuple[OfLevel, ...]
    """The same, level by level of the recipients; none where they are all on one."""
    upper_words: LevelWords
    """What those right below the highest are called, such as län."""
    uppers: tuple[LevelSum, ...]
    silent: tuple[Within, ...]
    """Who has sent nothing, by the one that they are within."""
    held: tuple[Within, ...]
    areas: tuple[str, ...]
    target_areas: tuple[str, ...]
    coverage: CoverageView
    coverage_of_uppers: tuple[CoverageView, ...]
    overspent: SticksOut
    least_used: SticksOut
    ineligible: SticksOut
    in_two_roles: tuple[tuple[str, str], ...]
    """The names of those who are one body."""
    answers: Mapping[int, tuple[LevelAnswer, ...]]
    """What those right below the highest have answered, by the number of the question and year."""


def level_view(result: GrantResult, rulebook: Rulebook) -> View:
    """The levels of a result whose boards stand in their order; None where nobody is a part of
    anybody."""
    sums = [row for row in result.tables.level if row.level_id is None]
    whole = next((row for row in sums if row.above_id is None), None)
    if whole is None:
        return {"levels": None, "repaid_to": result.grant.grantor_short}
    uppers = [row for row in sums if row.above_id == whole.upper_id]
    uppers.sort(key=lambda row: swedish.order(row.name))
    boards = result.tables.board
    silent = [b for b in boards if b.return_status is ReturnStatus.MISSING]
    held = [b for b in boards if b.return_status is ReturnStatus.HELD]
    coverage = _coverage(result.tables.coverage)
    view = LevelView(
        whole=whole,
        of_levels=_of_levels(result, rulebook, whole),
        upper_words=rulebook.levels[(uppers or [whole])[0].upper_level_id].words,
        uppers=tuple(uppers),
        silent=_within(silent, uppers, whole, rulebook),
        held=_within(held, uppers, whole, rulebook),
        areas=_named(result.grant.areas, (row.area for row in result.tables.coverage)),
        target_areas=_named(
            result.grant.target_areas, (row.target_area for row in result.tables.coverage)
        ),
        coverage=CoverageView(whole.name, whole, coverage.get(whole.upper_id, {})),
        coverage_of_uppers=tuple(
            CoverageView(row.name, row, coverage.get(row.upper_id, {})) for row in uppers
        ),
        overspent=_overspent(boards),
        least_used=_least_used(boards),
        ineligible=_ineligible(boards),
        in_two_roles=_in_two_roles(boards, rulebook),
        answers=_answers(result.tables.level_answer, uppers),
    )
    # Whoever divides money among those that are parts of a whole gets it back from each of them.
    return {"levels": view, "repaid_to": rulebook.organisation.department}


def _of_levels(result: GrantResult, rulebook: Rulebook, whole: LevelSum) -> tuple[OfLevel, ...]:
    of_levels = []
    for row in result.tables.level:
        if row.upper_id == whole.upper_id and row.level_id is not None:
            of_levels.append(OfLevel(rulebook.levels[row.level_id].words, row))
    return tuple(of_levels) if len(of_levels) > 1 else ()


def _within(
    boards: Iterable[BoardMoney], uppers: Sequence[LevelSum], whole: LevelSum, rulebook: Rulebook
) -> tuple[Within, ...]:
    """Some boards by the one right below the highest that they are within, and under the highest
    those that are within none; only those that have any."""
    order = [row.upper_id for row in (*uppers, whole)]
    by_upper: dict[str, list[BoardMoney]] = {upper_id: [] for upper_id in order}
    for board in boards:
        inside = [one for one in rulebook.above(board.board_id) if one in by_upper]
        upper_id = inside[0] if inside else whole.upper_id
        by_upper[upper_id].append(board)
    within = []
    for row in (*uppers, whole):
        if by_upper[row.upper_id]:
            within.append(Within(row.name, tuple(by_upper[row.upper_id])))
    return tuple(within)


def _named(known: Sequence[str], found: Iterable[str | None]) -> tuple[str, ...]:
    """What the terms know, and what else something was done in."""
    others = [word for word in found if word is not None and word not in known]
    return (*known, *dict.fromkeys(others))


def _coverage(rows: Iterable[Coverage]) -> dict[str, dict[tuple[str | None, str | None], Coverage]]:
    coverage: dict[str, dict[tuple[str | None, str | None], Coverage]] = {}
    for row in rows:
        coverage.setdefault(row.upper_id, {})[row.area, row.target_area] = row
    return coverage


def _answers(
    rows: Iterable[LevelAnswer], uppers: Sequence[LevelSum]
) -> dict[int, tuple[LevelAnswer, ...]]:
    order = [row.upper_id for row in uppers]
    answers: dict[int, list[LevelAnswer]] = {}
    for row in rows:
        if row.upper_id in order:
            answers.setdefault(row.asked_no, []).append(row)
    in_order = {}
    for asked_no, those in answers.items():
        in_order[asked_no] = tuple(sorted(those, key=lambda row: order.index(row.upper_id)))
    return in_order


def _most(boards: list[BoardMoney]) -> SticksOut:
    return SticksOut(tuple(boards[:MOST_NAMED]), max(0, len(boards) - MOST_NAMED))


def _overspent(boards: Iterable[BoardMoney]) -> SticksOut:
    """Those who have used more than they were given."""
    over = [board for board in boards if board.overspent_sek]
    return _most(sorted(over, key=lambda board: -known(board.overspent_sek)))


def _least_used(boards: Iterable[BoardMoney]) -> SticksOut:
    """Those who have answered and used less than half of what they were given."""
    least = []
    for board in boards:
        is_counted = board.return_status not in {ReturnStatus.MISSING, ReturnStatus.HELD}
        if is_counted and board.used_share is not None and board.used_share * 2 < 1:
            least.append(board)
    return _most(sorted(least, key=lambda board: known(board.used_share)))


def _ineligible(boards: Iterable[BoardMoney]) -> SticksOut:
    """Those who have reported what isn't paid for."""
    some = [board for board in boards if board.ineligible_sek]
    return _most(sorted(some, key=lambda board: -known(board.ineligible_sek)))


def _in_two_roles(boards: Iterable[BoardMoney], rulebook: Rulebook) -> tuple[tuple[str, str], ...]:
    names = {board.board_id: board.name for board in boards}
    roles = []
    for board_id, name in names.items():
        same_as_id = rulebook.board(board_id).same_as_id
        if same_as_id in names:
            roles.append((names[same_as_id], name))
    return tuple(roles)
