"""The records about what only some grants ask for: posts (tjänster) and measures (mått)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from ..base import swedish
from ..model.decisions import Grant
from ..model.measures import PLAIN_COUNTS, RATING_COUNTS, AskedRow, Measure, RowKey, row_key
from ..model.returns import MEASURE_COLUMNS, MEASURE_KEY_COLUMNS, Cell, Reading, Return, Row
from ..model.rulebook import Rulebook, RunPlan
from .oddities import period_end_of
from .parameters import code_of_grant
from .read_values import asked_from, code_in, grant_of, is_filled_in, text_in, value_in
from .records import Record, by_name

# -- posts -----------------------------------------------------------------------------------------


def post_records(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    """A record for each post of the returns whose grant is known."""
    for returned in returns:
        grant = grant_of(returned, rulebook)
        if grant is None:
            continue
        for row in returned.posts:
            yield _post_record(returned, row, grant)


def _post_record(returned: Return, row: Row, grant: Grant) -> Record:
    percent = row.cells.get("full_time_percent")
    role = None
    if grant.posts is not None and grant.posts.roles:
        role = code_of_grant(grant, code_in(row, "role"))
    values = {
        "grant_role": role,
        "percent_reading": str(percent.reading) if percent else None,
        "full_time_percent": value_in(row, "full_time_percent"),
        "from_on": value_in(row, "from_on"),
        "to_on": value_in(row, "to_on"),
        "spend_from_on": grant.spend_from_on,
        "spend_to_on": grant.spend_to_on,
    }
    words = {"period": swedish.period(grant.spend_from_on, grant.spend_to_on)}
    return Record(returned, values, by_name(row.cells), words)


# -- measures --------------------------------------------------------------------------------------

_KEY_NAMES = tuple(column.name for column in MEASURE_KEY_COLUMNS)
_COUNT_NAMES = (*PLAIN_COUNTS, *RATING_COUNTS)
_HEADERS = {column.name: column.header for column in MEASURE_COLUMNS}


def measure_records(returns: Iterable[Return], rulebook: Rulebook, _: RunPlan) -> Iterator[Record]:
    """Of each return whose grant is known: a record for each row with a count, for each total
    beside its parts, and for what is missing as a whole."""
    for returned in filter(is_filled_in, returns):
        grant = grant_of(returned, rulebook)
        if grant is None:
            continue
        counted = [row for row in returned.measures if _is_counted(row)]
        if not grant.measures:
            yield from _unasked(returned, counted)
            continue
        sent = _Sent(returned, grant, counted, asked_from(returned, rulebook, grant))
        yield from sent.rows()
        yield from sent.sums()
        yield from sent.missing()


def _is_counted(row: Row) -> bool:
    """Whether any count stands in a row, readable or not: one without is only the template's."""
    return bool(_count_cells(row))


def _count_cells(row: Row) -> dict[str, Cell]:
    """The cells of a row in which a count stands, by their columns."""
    cells: dict[str, Cell] = {}
    for name in _COUNT_NAMES:
        cell = row.cells.get(name)
        if cell is not None and cell.reading is not Reading.BLANK:
            cells[name] = cell
    return cells


def _record(
    returned: Return,
    values: Mapping[str, object],
    cells: Mapping[str, tuple[Cell, ...]],
    words: Mapping[str, object],
) -> Record:
    """A record that says nothing of the questions that it is not about."""
    return Record(returned, {**dict.fromkeys(_QUESTIONS), **values}, cells, words)


_QUESTIONS = (
    "stranger",
    "again",
    "misplaced",
    "lacking",
    "agree_count",
    "answered_count",
    "asked_count",
    "total_count",
    "least_count",
    "most_count",
    "missing",
    "unasked",
)
"""What `expectations/measures.yaml` asks about."""


def _unasked(returned: Return, counted: Sequence[Row]) -> Iterator[Record]:
    """That counts have come of which nothing is asked."""
    if counted:
        cells = tuple(next(iter(_count_cells(row).values())) for row in counted)
        yield _record(returned, {"unasked": "rows"}, {"unasked": cells}, {})


@dataclass(frozen=True)
class _Sent:
    """The rows with counts that a return has of a grant's measures."""

    returned: Return
    grant: Grant
    counted: Sequence[Row]
    since: date
    """The sender's first day: what others did before it is theirs to count."""

    @cached_property
    def _asked(self) -> dict[RowKey, AskedRow]:
        """Every row that the grant ever asks for; one that comes early is no stranger."""
        return {row.key: row for row in self.grant.asked_rows(self.grant.spend_to_on)}

    @cached_property
    def _by_key(self) -> dict[RowKey, list[Row]]:
        by_key: dict[RowKey, list[Row]] = {}
        for row in self.counted:
            by_key.setdefault(_key_of(row), []).append(row)
        return by_key

    def _one(self, key: RowKey) -> Row | None:
        """The row about something; None where there is none, or several and no telling which."""
        rows = self._by_key.get(key, [])
        return rows[0] if len(rows) == 1 else None

    # -- each row by itself

    def rows(self) -> Iterator[Record]:
        """A record for each row: whether it is asked for, there once, and has its own counts."""
        first: dict[RowKey, Row] = {}
        for row in self.counted:
            if any(not text_in(row, name) for name in _KEY_NAMES):
                continue  # a blank one has a finding of its own
            key = _key_of(row)
            asked = self._asked.get(key)
            if asked is None:
                yield self._stranger(row)
                continue
            yield self._row_record(row, asked, first.setdefault(key, row))

    def _row_record(self, row: Row, asked: AskedRow, first: Row) -> Record:
        cells: dict[str, tuple[Cell, ...]] = by_name(row.cells)
        counts = _count_cells(row)
        wanted = asked.measure.count_names
        values: dict[str, object] = {}
        if first is not row:
            values["again"] = asked.words
            cells["again"] = (first.cells["measure"], row.cells["measure"])
        misplaced = [name for name in counts if name not in wanted]
        if misplaced:
            values["misplaced"] = asked.words
            cells["misplaced"] = tuple(counts[name] for name in misplaced)
        given = [name for name in wanted if name in counts]
        if asked.measure.is_rating and given:
            values |= {name: value_in(row, name) for name in RATING_COUNTS}
            if len(given) < len(wanted):
                values["lacking"] = asked.words
                cells["lacking"] = tuple(counts[name] for name in given)
        words = {
            "where": asked.words,
            "wanted": swedish.listing(_HEADERS[name] for name in wanted),
            "counts": _rating_words(row),
        }
        return _record(self.returned, values, cells, words)

    def _stranger(self, row: Row) -> Record:
        """That a row is none that is asked for: all those of an unknown measure together."""
        measure = text_in(row, "measure") or ""
        known = {swedish.key(one.name) for one in self.grant.measures}
        where, near = _row_words(row), ""
        if swedish.key(measure) not in known:
            where = measure
            nearest = swedish.nearest(measure, [one.name for one in self.grant.measures])
            near = f" Menas {nearest}?" if nearest else ""
        cells = {"stranger": (row.cells["measure"],)}
        return _record(self.returned, {"stranger": where}, cells, {"where": where, "near": near})

    # -- totals and their parts

    def sums(self) -> Iterator[Record]:
        """A record for each count of a total that has parts beside it."""
        for asked in self._asked.values():
            total = self._one(asked.key)
            if asked.split is not None or total is None:
                continue
            for split in asked.measure.splits:
                parts = [row for row in asked.measure.rows(asked.year) if row.split == split]
                for name in asked.measure.count_names:
                    yield from self._sum_record(asked, total, parts, name)

    def _sum_record(
        self, asked: AskedRow, total: Row, parts: Sequence[AskedRow], name: str
    ) -> Iterator[Record]:
        whole = value_in(total, name)
        counts = [self._count(part, name) for part in parts]
        given = [count for count in counts if count is not None]
        if not isinstance(whole, Decimal) or not given:
            return
        parts_count = sum(given, Decimal(0))
        is_complete = len(given) == len(counts)
        values = {
            "total_count": whole,
            "least_count": parts_count,
            "most_count": parts_count if is_complete else None,
        }
        split_name = parts[0].split_name
        words = {
            "where": f"{asked.words}, {split_name}, {_HEADERS[name]}",
            "parts": swedish.number(parts_count),
            "total": swedish.number(whole),
        }
        cells = {"total_count": (total.cells[name],)}
        yield _record(self.returned, values, cells, words)

    def _count(self, asked: AskedRow, name: str) -> Decimal | None:
        """A count of an asked row; None where none is given, or none that can be read."""
        row = self._one(asked.key)
        value = value_in(row, name) if row else None
        return value if isinstance(value, Decimal) else None

    # -- what is missing

    def missing(self) -> Iterator[Record]:
        """Which measures have no count for a year that has begun, in one record."""
        period_end = period_end_of(self.returned, self.grant)
        if period_end is None:
            return
        lacking: dict[Measure, list[str]] = {}
        begun = [
            year
            for year in self.grant.measured_years
            if year.from_on <= period_end and year.to_on >= self.since
        ]
        for measure in self.grant.measures:
            for year in begun:
                if not self._is_told([*measure.rows(year)]):
                    lacking.setdefault(measure, []).append(year.words)
        if lacking:
            names = [_with_years(measure, years, len(begun)) for measure, years in lacking.items()]
            words = {"missing": swedish.listing(names)}
            yield _record(self.returned, {"missing": words["missing"]}, {}, words)

    def _is_told(self, asked: Sequence[AskedRow]) -> bool:
        """Whether a measure's rows of a year have a count of the total, or of all parts of a
        split."""
        of_splits: dict[str, list[bool]] = {}
        for row in asked:
            of_splits.setdefault(row.split_name, []).append(row.key in self._by_key)
        return any(all(has_counts) for has_counts in of_splits.values())


def _with_years(measure: Measure, years: Sequence[str], begun: int) -> str:
    """A measure's name, with the years that are missing unless all are."""
    if len(years) == begun:
        return measure.name
    return f"{measure.name} ({swedish.listing(years)})"


def _key_of(row: Row) -> RowKey:
    measure, year, split, part = (text_in(row, name) or "" for name in _KEY_NAMES)
    return row_key(measure, year, split, part)


def _row_words(row: Row) -> str:
    """What a row says that it is about."""
    return ", ".join(text_in(row, name) or "" for name in _KEY_NAMES)


def _rating_words(row: Row) -> str:
    """The counts of a rating's row in words, such as "12 instämmer och 10 svarande"."""
    said: list[str] = []
    for name in RATING_COUNTS:
        value = value_in(row, name)
        header = _HEADERS[name].casefold()
        if isinstance(value, Decimal):
            said.append(f"{swedish.number(value)} {header}")
    return swedish.listing(said) if said else "inget antal går att läsa"
