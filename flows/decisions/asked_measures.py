"""The measures and posts that a grant file asks boards for (mått, tjänster)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ..base import swedish
from ..model.measures import Measure, Posts, SeriesBreak, Split
from ..model.sources import Year
from .declaration import BreakFile, MeasureFile, PostsFile
from .grant_reader import GrantReader


def posts(reader: GrantReader) -> Posts | None:
    """How many posts each board is to have; None where the file says nothing of it, or that it is
    unknown. Raises InputError for a kind of cost that the grant doesn't know."""
    if reader.parsed.villkor.tjanster is None:
        return None
    term: PostsFile = reader.term("tjanster")
    codes = reader.term("kostnadsslag")
    known = {swedish.key(kind) for kind in (*codes.tillatna, *codes.ej_tillatna)}
    for kind in term.kostnadsslag:
        if swedish.key(kind) not in known:
            raise reader.wrong(
                "villkor.tjanster",
                f"kostnadsslaget {kind} står inte i villkor.kostnadsslag. Rätta det.",
            )
    if term.minst is None or term.hogst is None:
        return None
    source = reader.source("villkor.tjanster", term)
    return Posts(term.minst, term.hogst, tuple(term.roller), tuple(term.kostnadsslag), source)


def measures(reader: GrantReader, years: Sequence[Year]) -> tuple[Measure, ...]:
    """The measures that the file asks for, in its order; `years` are those that they are counted
    for. Raises InputError for what doesn't hold together."""
    splits = _splits(reader)
    stated = reader.parsed.matt
    _must_be_once(reader, "matt", (one.id for one in stated))
    _must_have_own_names(reader, stated)
    built = []
    for one in stated:
        where = f"matt.{one.id}"
        measure = Measure(
            measure_id=one.id,
            name=one.namn,
            unit=one.enhet,
            question=one.fraga,
            splits=_splits_of(reader, one, splits),
            target_area=target_area_of(reader, where, one.malomrade),
            breaks=breaks_of(reader, where, one.brott, years),
            source=reader.source(where, one),
        )
        built.append(measure)
    return tuple(built)


def _splits(reader: GrantReader) -> dict[str, Split]:
    """The splits that the file declares, by their ids."""
    stated = reader.parsed.uppdelning
    _must_be_once(reader, "uppdelning", (one.id for one in stated))
    return {one.id: Split(one.id, one.namn, tuple(one.delar), one.kon) for one in stated}


def _must_be_once(reader: GrantReader, where: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise reader.wrong(f"{where}.{one}", "står två gånger. Ge var och en sitt eget id.")
        seen.add(one)


def _must_have_own_names(reader: GrantReader, stated: Iterable[MeasureFile]) -> None:
    """Boards' rows are known by the names of the measures, so no two may have one name."""
    seen: set[str] = set()
    for one in stated:
        if swedish.key(one.namn) in seen:
            raise reader.wrong(
                f"matt.{one.id}.namn",
                f"ett annat mått heter också {one.namn}. Ge vart och ett sitt eget namn.",
            )
        seen.add(swedish.key(one.namn))


def _splits_of(
    reader: GrantReader, stated: MeasureFile, splits: Mapping[str, Split]
) -> tuple[Split, ...]:
    where = f"matt.{stated.id}.delas"
    own: list[Split] = []
    names: set[str] = set()
    for split_id in stated.delas:
        split = splits.get(split_id)
        if split is None:
            raise reader.wrong(
                where, f"uppdelningen {split_id} finns inte. Lägg till den under [[uppdelning]]."
            )
        if swedish.key(split.name) in names:
            raise reader.wrong(
                where, f"två uppdelningar heter {split.name}. Behåll den ena, eller byt namn på en."
            )
        names.add(swedish.key(split.name))
        own.append(split)
    return tuple(own)


def target_area_of(reader: GrantReader, where: str, stated: str | None) -> str | None:
    """The target area that is stated at a key of the file. Raises InputError for one that the grant
    doesn't have."""
    areas = reader.term("malomraden").varden
    if stated is not None and stated not in areas:
        raise reader.wrong(
            f"{where}.malomrade",
            f"målområdet {stated} står inte i villkor.malomraden. Rätta det.",
        )
    return stated


def breaks_of(
    reader: GrantReader, key: str, stated: Sequence[BreakFile], years: Sequence[Year]
) -> tuple[SeriesBreak, ...]:
    """From when the figures of what stands at a key can't be compared with those before, the
    earliest first. Raises InputError for a day that is no first day of a year, or stands twice."""
    where = f"{key}.brott"
    period = reader.term("forbrukningsperiod")
    first_days = {year.from_on for year in years}
    reasons: dict[date, str] = {}
    for one in stated:
        if not period.fran <= one.fran <= period.till:
            raise reader.wrong(
                where,
                f"{one.fran} ligger inte inom förbrukningsperioden, "
                f"{swedish.period(period.fran, period.till)}. Rätta dagen.",
            )
        if one.fran not in first_days:
            raise reader.wrong(
                where,
                f"{one.fran} är inte första dagen av något av de år som räknas. Ett brott börjar "
                "med ett år. Rätta dagen.",
            )
        if one.fran in reasons:
            raise reader.wrong(where, f"{one.fran} står två gånger. Behåll ett brott för dagen.")
        reasons[one.fran] = one.skal
    return tuple(SeriesBreak(on, reasons[on]) for on in sorted(reasons))
