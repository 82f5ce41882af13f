"""What a statement of a grant file has beside it: the source that it comes from, and the days
that it is about."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..base import swedish


@dataclass(frozen=True)
class Source:
    """Where a term comes from: a sentence in a document, an assumption with its reason, or known
    only in words."""

    kind: Literal["kalla", "antagande", "okand"]
    text: str
    document: str | None = None
    quoted: str = ""
    """The sentence of the document that an assumption leans on; empty when it leans on none."""

    @property
    def sentence(self) -> str:
        """The source as a reader of the report sees it."""
        if self.kind == "kalla":
            return f"{self.document}: ”{self.text}”"
        leans_on = f" ({self.document}: ”{self.quoted}”)" if self.quoted else ""
        return f"{'Antagande' if self.kind == 'antagande' else 'Okänt'}: {self.text}{leans_on}"


@dataclass(frozen=True)
class Year:
    """The days that some amounts are for (avser), both of them included. It need not be a calendar
    year."""

    from_on: date
    to_on: date

    @property
    def words(self) -> str:
        """As people read it: a calendar year by its number."""
        whole = (date(self.from_on.year, 1, 1), date(self.from_on.year, 12, 31))
        if (self.from_on, self.to_on) == whole:
            return str(self.from_on.year)
        if self.from_on == self.to_on:
            return swedish.long_date(self.from_on)
        return swedish.period(self.from_on, self.to_on)


def calendar_years(first: date, last: date) -> tuple[Year, ...]:
    """The calendar years from a day to another one, in order; what of the first and the last lies
    outside the two days is cut off."""
    years = []
    for number in range(first.year, last.year + 1):
        from_on = max(first, date(number, 1, 1))
        to_on = min(last, date(number, 12, 31))
        years.append(Year(from_on, to_on))
    return tuple(years)
