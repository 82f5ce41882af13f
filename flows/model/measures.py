"""The nouns of what a grant asks boards to count beside their spending: measures (mått) and posts
(tjänster)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..base import swedish
from .sources import Source, Year

UNKNOWN_PART = "Okänt"
"""The part of every split for those of whom nobody knows where they belong."""
WHOLE = "Alla"
"""What stands in place of a split and of its part where all are counted together."""

PLAIN_COUNTS = ("count",)
RATING_COUNTS = ("agree_count", "answered_count", "asked_count")
"""The counts of a measure and of a rating, as the columns of a return are called in English."""


@dataclass(frozen=True)
class Split:
    """How a measure is divided (uppdelning), such as by sex or by language."""

    split_id: str
    name: str
    parts: tuple[str, ...]
    """As declared, without the unknown one."""
    is_by_sex: bool
    """Whether the parts are women and men, in that order."""

    @property
    def all_parts(self) -> tuple[str, ...]:
        """The parts that boards are asked for: those declared, and the unknown one last."""
        return (*self.parts, UNKNOWN_PART)


@dataclass(frozen=True)
class SeriesBreak:
    """From which day a measure's figures can't be compared with those before it, and why."""

    from_on: date
    reason: str


@dataclass(frozen=True)
class Measure:
    """Something that each board counts for each year (mått).

    A rating is counted as how many agree, of those who answered, of those who were asked
    (instämmer, svarande, tillfrågade). Everything else is one count (antal).
    """

    measure_id: str
    name: str
    unit: str
    """What is counted, in the plural, such as "föräldrar"."""
    question: str | None
    """What people are asked if they agree with; None where nobody is asked anything."""
    splits: tuple[Split, ...]
    target_area: str | None
    """The grant's target area that it tells of; None where it is tied to none."""
    breaks: tuple[SeriesBreak, ...]
    source: Source

    @property
    def is_rating(self) -> bool:
        """Whether it is counted as how many agree of those who answered."""
        return self.question is not None

    @property
    def count_names(self) -> tuple[str, ...]:
        """The counts that it has, as the columns of a return are called in English."""
        return RATING_COUNTS if self.is_rating else PLAIN_COUNTS

    def rows(self, year: Year) -> Iterator["AskedRow"]:
        """The rows that are asked for of a year: the total, then each split's parts."""
        yield AskedRow(self, year, None, WHOLE)
        for split in self.splits:
            for part in split.all_parts:
                yield AskedRow(self, year, split, part)


RowKey = tuple[str, str, str, str]
"""What a row is about as it is compared: `swedish.key` of its measure, year, split and part."""


@dataclass(frozen=True)
class AskedRow:
    """A row that each board is asked to fill in: a measure, a year, and all of it or a part of a
    split."""

    measure: Measure
    year: Year
    split: Split | None
    """None where all are counted together."""
    part: str

    @property
    def split_name(self) -> str:
        """What stands in the column Uppdelning."""
        return self.split.name if self.split else WHOLE

    @property
    def key(self) -> RowKey:
        """By what it is found among the rows that a board has sent."""
        return row_key(self.measure.name, self.year.words, self.split_name, self.part)

    @property
    def total_key(self) -> RowKey:
        """The key of the row in which all of the same measure and year are counted together."""
        return row_key(self.measure.name, self.year.words, WHOLE, WHOLE)

    @property
    def words(self) -> str:
        """As a sentence names it, such as "Hembesök 2018, Kön: Kvinnor"."""
        total = f"{self.measure.name} {self.year.words}"
        return f"{total}, {self.split.name}: {self.part}" if self.split else total


def row_key(measure: str, year: str, split: str, part: str) -> RowKey:
    """The key of a row by what stands in its cells, however it is cased and blanked."""
    return (swedish.key(measure), swedish.key(year), swedish.key(split), swedish.key(part))


def asked_rows(
    measures: Sequence[Measure], years: Sequence[Year], period_end: date
) -> tuple[AskedRow, ...]:
    """The rows that are asked for up to a period's end, in order: each measure, each year that has
    begun by then, the total, then each split's parts."""
    begun = [year for year in years if year.from_on <= period_end]
    rows: list[AskedRow] = []
    for measure in measures:
        for year in begun:
            rows += measure.rows(year)
    return tuple(rows)


@dataclass(frozen=True)
class Posts:
    """How many whole posts (hela tjänster) each board is to have for the grant's money."""

    least: Decimal
    most: Decimal
    roles: tuple[str, ...]
    """What the posts are called; none: the terms name no roles."""
    salary_kinds: tuple[str, ...]
    """The kinds of cost (kostnadsslag) that are salaries of them."""
    source: Source
