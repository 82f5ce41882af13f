"""What a report says of breaks (brott): from when a series can't be compared with what is before
it."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.measures import SeriesBreak
from ..model.sources import Year
from ..money.tables import Answered, Measured


def break_notes(
    breaks: Iterable[SeriesBreak], years: Sequence[Measured | Answered]
) -> Iterator[str]:
    """The breaks in the years that are shown, where there is something before them, as
    sentences."""
    for one in breaks:
        after = [year for year in years if year.from_on >= one.from_on]
        if after and len(after) < len(years):
            why = one.reason if one.reason.endswith(".") else f"{one.reason}."
            first = Year(after[0].from_on, after[0].to_on).words
            yield f"Från {first} går siffrorna inte att jämföra med dem före. {why}"
