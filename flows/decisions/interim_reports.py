"""The interim reports that a grant file names (delrapporter)."""

from collections.abc import Iterator

from ..base import swedish
from ..model.decisions import InterimReport
from .grant_reader import GrantReader


def interim_reports(reader: GrantReader) -> Iterator[InterimReport]:
    """Each of them, in the order of the file. Raises InputError for one id twice, for a day outside
    the spending period and for a deadline before it."""
    period = reader.term("forbrukningsperiod")
    seen: set[str] = set()
    for stated in reader.parsed.delrapport:
        where = f"delrapport.{stated.id}"
        if stated.id in seen:
            raise reader.wrong(where, "står två gånger. Ge var och en sitt eget id.")
        seen.add(stated.id)
        if not period.fran <= stated.dag < period.till:
            raise reader.wrong(
                f"{where}.dag",
                f"{stated.dag} ska ligga inom förbrukningsperioden, "
                f"{swedish.period(period.fran, period.till)}, och före dess sista dag: då är det "
                "slutredovisningen. Rätta dagen.",
            )
        if stated.senast and stated.senast < stated.dag:
            raise reader.wrong(f"{where}.senast", "ligger före dag. Rätta dagarna.")
        yield InterimReport(
            stated.id,
            stated.namn or f"Delrapport {swedish.long_date(stated.dag)}",
            stated.dag,
            tuple(stated.mottagare),
            tuple(stated.for_kannedom),
            stated.senast,
            reader.source(where, stated),
        )
