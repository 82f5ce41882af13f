"""A whole workbook looked through for personal numbers, and masked in place."""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..base import swedish
from ..base.archive import packed
from ..model.returns import (
    FOR_A_VOUCHER,
    IN_CELL,
    LIKE_A_VOUCHER,
    NUMBER_RULE,
    NumberPlace,
)
from .number_doubts import SHORT, Doubts, in_bytes, is_doubtful, is_zip
from .number_places import HIDDEN, IN_SETTINGS, WHERE
from .part_numbers import Found, numbers_in
from .part_texts import FORMULAS, MARGINS, Cell, Text
from .workbook_map import WorkbookMap
from .xml_text import Span, as_bytes, as_text, is_xml, rewritten, tag_values

_IN_EMBEDDED = 20_000_000
"""How many bytes, unpacked, of a file within the workbook are looked at as more than bytes."""


@dataclass
class Look:
    """What was found in a workbook: its parts with the personal numbers masked, and where those
    stood."""

    parts: dict[str, bytes] = field(default_factory=dict)
    places: tuple[NumberPlace, ...] = ()
    named: frozenset[str] = frozenset()
    """The names, masked, of the sheets whose names held one."""

    @property
    def has_masked(self) -> bool:
        """Whether anything was written over."""
        return any(place.is_masked for place in self.places)

    def packed(self) -> bytes:
        """The parts as a zip."""
        return packed(self.parts.items())


def masked(content: bytes) -> Look:
    """A workbook with its personal numbers masked. Meant for one that the guard has let through."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return masked_parts(
            {name: archive.read(name) for name in archive.namelist()}, loose(archive)
        )


def masked_parts(parts: Mapping[str, bytes], beside: Sequence[bytes]) -> Look:
    """The same, for a workbook that has been unpacked; `beside` is what its zip says beside its
    parts."""
    doubts = Doubts()
    for name, part in parts.items():
        doubts.part(name, part)
    for text in beside:
        doubts.loose(text)
    return look(parts, beside) if doubts.are_there else Look()


def loose(archive: zipfile.ZipFile) -> list[bytes]:
    """What a zip says beside its parts: its comment, and each part's comment and extra field."""
    return [
        archive.comment,
        *(text for member in archive.infolist() for text in (member.comment, member.extra)),
    ]


def look(
    parts: Mapping[str, bytes], beside: Iterable[bytes] = (), *, is_within: bool = False
) -> Look:
    """Look through all parts of a workbook, and what its zip says beside them; `is_within`: it lies
    in another one."""
    return _Look(parts, is_within=is_within).done(beside)


class _Look:
    def __init__(self, parts: Mapping[str, bytes], *, is_within: bool) -> None:
        self._parts, self._is_within = parts, is_within
        self._texts = {name: as_text(part) for name, part in parts.items() if is_xml(name, part)}
        self._map = WorkbookMap(self._texts)
        self._places: dict[NumberPlace, None] = {}
        self._edits: dict[str, dict[Span, str]] = {}

    def done(self, beside: Iterable[bytes]) -> Look:
        """Look through everything."""
        made: dict[str, bytes] = {}
        for name, (xml, _) in self._texts.items():
            if is_doubtful(xml) or (self._map.ten_digit_styles and SHORT.search(xml)):
                for found in numbers_in(name, xml, self._map.ten_digit_styles):
                    self._found(found)
        for name, part in self._parts.items():
            if name in self._texts:
                xml, encoding = self._texts[name]
                new = as_bytes(rewritten(xml, self._edits.get(name, {})), encoding)
            else:
                new = self._no_xml(name, part)
            own, is_personal = swedish.mask_personal_numbers(name)
            if is_personal:
                self._place(name, "i namnet på en del av filen")
            made[_other_than(own, made)] = new
        if any(in_bytes(text) for text in beside):
            self._place("", "i zip-filens kommentarer")
        titles = self._map.titles_in(made)
        told = (replace(place, sheet=titles.get(place.sheet, "")) for place in self._places)
        before = {part: title for title, part in self._map.sheets.items()}
        named = {title for part, title in titles.items() if before[part] != title}
        return Look(made, tuple(dict.fromkeys(told)), frozenset(named))

    # -- what is found

    def _found(self, found: Found) -> None:
        cells = self._cells_of(found)
        if (
            found.number.may_be_mobile
            and cells
            and all(self._map.is_contact(*cell) for cell in cells)
        ):
            return
        rules = {self._rule(found.number, *cell) for cell in cells}
        rule = next(
            (one for one in (NUMBER_RULE, FOR_A_VOUCHER, LIKE_A_VOUCHER) if one in rules),
            NUMBER_RULE,
        )
        for sheet, cell in cells:
            self._add(NumberPlace(sheet, cell.ref, self._where(found), rule))
        if not cells and found.text.element == "sheet":
            start, end, _ = found.text.pieces[0]
            title = html.unescape(self._texts[found.part][0][start:end])
            self._add(NumberPlace(self._map.sheets.get(title, ""), "", self._where(found)))
        elif not cells:
            self._place(found.part, self._where(found), found.text.ref)
        if rule == LIKE_A_VOUCHER:
            return
        self._edits.setdefault(found.part, {}).update(found.edits)
        cell_ = found.text.cell
        if cell_ and found.text.element == "v":
            self._edits[found.part].update(_as_words(self._texts[found.part][0], cell_))

    def _add(self, place: NumberPlace) -> None:
        self._places[place] = None

    def _place(self, part: str, where: str, ref: str = "") -> None:
        self._add(NumberPlace(self._map.sheet_of(part), ref, where))

    def _cells_of(self, found: Found) -> list[tuple[str, Cell]]:
        """The cells that show a text, each with the part of its sheet; none for what is no
        cell's."""
        if found.text.attribute or found.text.element in FORMULAS:
            return []
        if found.text.cell:
            return [(found.part, found.text.cell)]
        if found.text.item >= 0:
            return self._map.cells_of_shared.get(found.text.item, [])
        return []

    def _where(self, found: Found) -> str:
        text = found.text
        if found.part in self._map.sheets.values() or (text.item >= 0 and text.element != "rph"):
            return self._where_in_sheet(text)
        if text.element == "rph":
            return "i uttalet av en text (fonetisk text)"
        if text.element == "definedname":
            return "i ett namn i Namnhanteraren"
        if text.element == "sheet":
            return "i bladets namn"
        if "/drawings/" in found.part.casefold() and text.attribute:
            return "i namnet på en figur eller i dess alternativtext"
        return next(
            (where for mark, where in WHERE.items() if mark in found.part.casefold()), HIDDEN
        )

    def _where_in_sheet(self, text: Text) -> str:
        if text.element in MARGINS:
            return "i sidhuvudet eller sidfoten"
        if text.element == "rph":
            return "i uttalet av en text (fonetisk text)"
        if text.element == "f" and text.cell:
            return "i formeln"
        if text.cell or (text.item >= 0 and text.item in self._map.cells_of_shared):
            return IN_CELL
        if text.item >= 0:
            return "i en text som ingen cell visar längre"
        return IN_SETTINGS.get(text.element, "i bladets inställningar")

    # -- where it stands

    # -- what stands beside it

    def _rule(self, number: swedish.PersonalNumber, sheet: str, cell: Cell) -> str:
        """The rule about a number in a cell of a sheet, by the header that the cell stands
        under."""
        header = self._map.voucher_header(sheet, cell)
        if header is None:
            return NUMBER_RULE
        return rule_for_voucher([number], self._map.year_beside(sheet, cell, header))

    # -- parts that are no XML

    def _no_xml(self, name: str, part: bytes) -> bytes:
        within = self._opened(part) if is_zip(part) and not self._is_within else None
        if within is not None:
            if within.places:
                self._place(name, "i en fil inuti arbetsboken")
                return within.packed()
            return part
        found = in_bytes(part)
        if not found:
            return part
        self._place(
            name,
            next((where for mark, where in WHERE.items() if mark in name.casefold()), HIDDEN),
        )
        changed = bytearray(part)
        for start, end in found:
            changed[start:end] = b"X"
        return bytes(changed)

    def _opened(self, part: bytes) -> Look | None:
        """A file within the workbook; None for one that is too large or damaged, which is looked at
        as bytes."""
        try:
            with zipfile.ZipFile(io.BytesIO(part)) as archive:
                parts = dict(_within_bounds(archive))
                return look(parts, loose(archive), is_within=True)
        except Exception:
            # zip and zlib have many errors, and all of them mean that it can't be opened.
            return None


def _within_bounds(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    left = _IN_EMBEDDED
    for member in archive.infolist():
        with archive.open(member) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise ValueError("larger than what is looked at")
        yield member.filename, part


def rule_for_voucher(numbers: Iterable[swedish.PersonalNumber], year: int | None) -> str:
    """The rule about personal numbers in a text that the bookkeeping numbers something by.

    Ten bare digits may be its own. They are taken for that when they begin with a day, YYMMDD, of
    the line's `year` or the one after it.
    """
    bare = [number.bare for number in numbers]
    if None in bare:
        return NUMBER_RULE
    years = {f"{(year + more) % 100:02}" for more in (0, 1)} if year else set()
    is_day = all(digits[:2] in years and int(digits[4:6]) <= 31 for digits in bare if digits)
    return LIKE_A_VOUCHER if is_day else FOR_A_VOUCHER


def _as_words(xml: str, cell: Cell) -> Iterator[tuple[Span, str]]:
    """What makes a cell one that holds a text, and no longer reckons it."""
    start, end = cell.tag
    tag = xml[start:end]
    typed = re.search(r"""\st\s*=\s*(["'])[a-zA-Z]*\1""", tag)
    if cell.type != "str" and typed:
        yield (start + typed.start(), start + typed.end()), ' t="str"'
    elif cell.type != "str":
        yield (end - 1, end - 1), ' t="str"'
    formula = re.compile(r"<(?P<tag>(?:\w+:)?f)\b(?P<attributes>[^>]*?)(?:/>|>[^<]*</(?P=tag)>)")
    found = formula.match(xml, end + len(re.match(r"\s*", xml[end : end + 1000])[0]))  # type: ignore[index]
    if not found:
        return
    yield found.span(), ""
    shared = tag_values(f"<x {found['attributes']}>").get("si")
    if shared is not None:
        for other in formula.finditer(xml):
            if tag_values(f"<x {other['attributes']}>").get("si") == shared:
                yield other.span(), ""


def _other_than(name: str, names: Iterable[str]) -> str:
    """A name that none of the others is."""
    while name in names:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem}_{dot}{suffix}"
    return name
