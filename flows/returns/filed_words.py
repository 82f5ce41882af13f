"""What a filed report says in words of each activity (insats): the rows of a sheet in its
appendix."""

import io
import zipfile
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.bounds import BOUNDS
from ..model.returns import ACTIVITY_COLUMNS, Cell, NumberPlace, Reading
from . import bare, bare_sheet, guard, opening
from .cell_reading import read_cell
from .refusal import RefusedError

APPENDIX = "rapport/bilaga.xlsx"
_SHEET = "Insatser"
_PLACE = ("Fil", "Blad", "Rad")
"""The columns that say where in a board's return the activity stood."""
_WORDS = tuple(column for column in ACTIVITY_COLUMNS if column.kind != "count")
RowKey = tuple[str, str, int]
"""File, sheet and row of a board's return."""


@dataclass(frozen=True)
class Words:
    """The cells of each activity by where it stood, and where in them personal numbers stood."""

    rows: Mapping[RowKey, Mapping[str, Cell]]
    personal_numbers: tuple[NumberPlace, ...] = ()


def words_of(files: Mapping[str, bytes]) -> Words:
    """What the appendix of a package says of the activities; nothing where it has no such sheet.

    Raises RefusedError for an appendix that the guard doesn't let through.
    """
    if APPENDIX not in files:
        return Words({})
    seen = guard.workbook(files[APPENDIX], BOUNDS)
    book = opening.opened(_bared(seen.content), data_only=True, has_codes=seen.has_codes)
    if _SHEET not in book.sheetnames:
        return Words({})
    places = []
    for place in seen.personal_numbers:
        if place.sheet == _SHEET:
            ref = f"{_SHEET}!{place.ref}"
            places.append(NumberPlace(APPENDIX, ref, place.where, place.rule_id))
    hidden = {place.ref for place in places if place.is_of_cell}
    return Words(dict(_rows(book[_SHEET], hidden)), tuple(places))


def _bared(content: bytes) -> bytes:
    """What holds the content of a workbook that the guard has let through."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        return bare.workbook(parts, rows=BOUNDS.rows, columns=BOUNDS.columns).content
    except bare_sheet.OddError:
        raise RefusedError("fil-trasig") from None


def _rows(sheet: Any, hidden: Container[str]) -> Iterator[tuple[RowKey, Mapping[str, Cell]]]:
    """The words of each row below the headers."""
    header, *rows = sheet.iter_rows()
    places = {str(cell.value): at for at, cell in enumerate(header)}
    if not {*_PLACE} <= places.keys():
        return
    for row in rows:
        file, name, number = (row[places[header]].value for header in _PLACE)
        if not isinstance(number, int):
            continue
        cells = {}
        for column in _WORDS:
            if column.header in places:
                cell = _cell(row[places[column.header]], column.kind, hidden)
                if cell.reading is not Reading.BLANK:
                    cells[column.name] = cell
        yield (str(file), str(name or ""), number), cells


def _cell(cell: Any, kind: str, hidden: Container[str]) -> Cell:
    ref = f"{_SHEET}!{cell.coordinate}"
    return read_cell(APPENDIX, ref, cell.value, kind, is_hidden=ref in hidden)
