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
    texts = [archive.comment]
    for member in archive.infolist():
        texts += [member.comment, member.extra]
    return texts


def look(
    parts: Mapping[str, bytes], beside: Iterable[bytes] = (), *, is_within: bool = False
) -> Look:
    """Look through all parts of a workbook, and what its zip says beside them; `is_within`: it lies
    in another one."""
    return _Search(parts, is_within=is_within).done(beside)


class _Search:
    """One workbook being looked through: what is known of it, and what has been found so far."""

    def __init__(self, parts: Mapping[str, bytes], *, is_within: bool) -> None:
        self._parts, self._is_within = parts, is_within
        self._texts = {name: as_text(part) for name, part in parts.items() if is_xml(name, part)}
        self._map = WorkbookMap(self._texts)
        self._places: dict[NumberPlace, None] = {}
        self._edits: dict[str, dict[Span, str]] = {}

    def done(self, beside: Iterable[bytes]) -> Look:
        """Look through everything."""
        for name, (xml, _) in self._texts.items():
            if self._is_worth_a_walk(xml):
                for found in numbers_in(name, xml, self._map.ten_digit_styles):
                    self._take(found)
        new_parts: dict[str, bytes] = {}
        for name, part in self._parts.items():
            own_name, is_personal = swedish.mask_personal_numbers(name)
            new = self._masked(name, part)
            if is_personal:
                self._place(name, "i namnet på en del av filen")
            new_parts[_other_than(own_name, new_parts)] = new
        if any(in_bytes(text) for text in beside):
            self._place("", "i zip-filens kommentarer")
        return self._look(new_parts)

    def _is_worth_a_walk(self, xml: str) -> bool:
        if is_doubtful(xml):
            return True
        return bool(self._map.ten_digit_styles and SHORT.search(xml))

    def _masked(self, name: str, part: bytes) -> bytes:
        """A part with what has been found in it written over."""
        if name not in self._texts:
            return self._no_xml(name, part)
        xml, encoding = self._texts[name]
        return as_bytes(rewritten(xml, self._edits.get(name, {})), encoding)

    def _look(self, parts: dict[str, bytes]) -> Look:
        """What was found, with the sheets called by their names as those are now."""
        titles = self._map.titles_in(parts)
        places = [replace(place, sheet=titles.get(place.sheet, "")) for place in self._places]
        before = {part: title for title, part in self._map.sheets.items()}
        named = frozenset(title for part, title in titles.items() if before[part] != title)
        return Look(parts, tuple(dict.fromkeys(places)), named)

    # -- what is found

    def _take(self, found: Found) -> None:
        """Note where a number stands, and what is to be written over it."""
        cells = self._cells_of(found)
        if found.number.may_be_mobile and self._are_contacts(cells):
            return
        rule = self._strictest_rule(found.number, cells)
        for sheet, cell in cells:
            self._add(NumberPlace(sheet, cell.ref, self._where(found), rule))
        if not cells:
            self._place_outside_cells(found)
        if rule == LIKE_A_VOUCHER:
            return
        edits = self._edits.setdefault(found.part, {})
        edits.update(found.edits)
        cell_ = found.text.cell
        if cell_ and found.text.element == "v":
            edits.update(_as_words(self._texts[found.part][0], cell_))

    def _are_contacts(self, cells: Sequence[tuple[str, Cell]]) -> bool:
        """Whether a text is shown, and only where somebody says whom to ask."""
        return bool(cells) and all(self._map.is_contact(sheet, cell) for sheet, cell in cells)

    def _strictest_rule(
        self, number: swedish.PersonalNumber, cells: Iterable[tuple[str, Cell]]
    ) -> str:
        """The strictest rule about a number of those for the cells that show it; elsewhere it is a
        person's."""
        rules = {self._rule(number, sheet, cell) for sheet, cell in cells}
        for rule in (NUMBER_RULE, FOR_A_VOUCHER, LIKE_A_VOUCHER):
            if rule in rules:
                return rule
        return NUMBER_RULE

    def _place_outside_cells(self, found: Found) -> None:
        if found.text.element == "sheet":
            start, end, _ = found.text.pieces[0]
            title = html.unescape(self._texts[found.part][0][start:end])
            self._add(NumberPlace(self._map.sheets.get(title, ""), "", self._where(found)))
        else:
            self._place(found.part, self._where(found), found.text.ref)

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

    # -- where it stands

    def _where(self, found: Found) -> str:
        text = found.text
        is_shared = text.item >= 0 and text.element != "rph"
        if is_shared or found.part in self._map.sheets.values():
            return self._where_in_sheet(text)
        if text.element == "rph":
            return _IN_PHONETICS
        if text.element == "definedname":
            return "i ett namn i Namnhanteraren"
        if text.element == "sheet":
            return "i bladets namn"
        if "/drawings/" in found.part.casefold() and text.attribute:
            return "i namnet på en figur eller i dess alternativtext"
        return _where_by_name(found.part)

    def _where_in_sheet(self, text: Text) -> str:
        if text.element in MARGINS:
            return "i sidhuvudet eller sidfoten"
        if text.element == "rph":
            return _IN_PHONETICS
        if text.element == "f" and text.cell:
            return "i formeln"
        if text.cell or (text.item >= 0 and text.item in self._map.cells_of_shared):
            return IN_CELL
        if text.item >= 0:
            return "i en text som ingen cell visar längre"
        return IN_SETTINGS.get(text.element, "i bladets inställningar")

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
        if is_zip(part) and not self._is_within:
            within = self._opened(part)
            if within is not None:
                if not within.places:
                    return part
                self._place(name, "i en fil inuti arbetsboken")
                return within.packed()
        digits = in_bytes(part)
        if not digits:
            return part
        self._place(name, _where_by_name(name))
        changed = bytearray(part)
        for start, end in digits:
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


_IN_PHONETICS = "i uttalet av en text (fonetisk text)"


def _where_by_name(part: str) -> str:
    """Where a person looks for what a part holds, as far as its name says it."""
    for mark, where in WHERE.items():
        if mark in part.casefold():
            return where
    return HIDDEN


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
    typed = _TYPE.search(xml[start:end])
    if cell.type != "str" and typed:
        yield (start + typed.start(), start + typed.end()), ' t="str"'
    elif cell.type != "str":
        yield (end - 1, end - 1), ' t="str"'
    blanks = re.match(r"\s*", xml[end : end + 1000])
    assert blanks is not None
    formula = _FORMULA.match(xml, end + blanks.end())
    if not formula:
        return
    yield formula.span(), ""
    # A formula that others share is told in one of their cells only: without it they all go.
    shared = _shared_by(formula)
    if shared is not None:
        for other in _FORMULA.finditer(xml):
            if _shared_by(other) == shared:
                yield other.span(), ""


_TYPE = re.compile(r"""\st\s*=\s*(["'])[a-zA-Z]*\1""")
_FORMULA = re.compile(r"<(?P<tag>(?:\w+:)?f)\b(?P<attributes>[^>]*?)(?:/>|>[^<]*</(?P=tag)>)")


def _shared_by(formula: re.Match[str]) -> str | None:
    """The number of those that share a formula, None for one that is not shared."""
    return tag_values(f"<x {formula['attributes']}>").get("si")


def _other_than(name: str, names: Iterable[str]) -> str:
    """A name that none of the others is."""
    while name in names:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem}_{dot}{suffix}"
    return name
