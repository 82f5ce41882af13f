"""A whole workbook looked through for personal numbers, and masked in place."""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from posixpath import dirname, join, normpath

from ..base import swedish
from ..base.archive import packed
from ..model.returns import (
    FOR_A_VOUCHER,
    IN_CELL,
    LIKE_A_VOUCHER,
    NUMBER_RULE,
    VOUCHER_COLUMNS,
    NumberPlace,
)
from .number_doubts import SHORT, Doubts, in_bytes, is_doubtful, is_ten_digits, is_zip
from .part_numbers import Found, numbers_in
from .part_texts import ATTRIBUTE, CELL_REF, FORMULAS, MARGINS, Cell, Text, Walk
from .xml_text import Span, as_bytes, as_text, is_xml, said_in

_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_NAMED = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>([^<]*)<")
_IN_EMBEDDED = 20_000_000
"""How many bytes, unpacked, of a file within the workbook are looked at as more than bytes."""
_CONTACTS = {"kontaktperson", "epost", "e-post"}


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
        self._places: dict[NumberPlace, None] = {}
        self._edits: dict[str, dict[Span, str]] = {}

    def done(self, beside: Iterable[bytes]) -> Look:
        """Look through everything."""
        made: dict[str, bytes] = {}
        for name, (xml, _) in self._texts.items():
            if is_doubtful(xml) or (self._ten_digit_styles and SHORT.search(xml)):
                for found in numbers_in(name, xml, self._ten_digit_styles):
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
        titles = self._titles_now(made)
        told = (replace(place, sheet=titles.get(place.sheet, "")) for place in self._places)
        before = {part: title for title, part in self._sheets.items()}
        named = {title for part, title in titles.items() if before[part] != title}
        return Look(made, tuple(dict.fromkeys(told)), frozenset(named))

    # -- what is found

    def _found(self, found: Found) -> None:
        cells = self._cells_of(found)
        if found.number.may_be_mobile and cells and all(self._is_contact(*cell) for cell in cells):
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
            self._add(NumberPlace(self._sheets.get(title, ""), "", self._where(found)))
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
        self._add(NumberPlace(self._sheet_of(part), ref, where))

    def _cells_of(self, found: Found) -> list[tuple[str, Cell]]:
        """The cells that show a text, each with the part of its sheet; none for what is no
        cell's."""
        if found.text.attribute or found.text.element in FORMULAS:
            return []
        if found.text.cell:
            return [(found.part, found.text.cell)]
        if found.text.item >= 0:
            return self._shared.get(found.text.item, [])
        return []

    def _where(self, found: Found) -> str:
        text = found.text
        if found.part in self._sheets.values() or (text.item >= 0 and text.element != "rph"):
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
            (where for mark, where in _WHERE.items() if mark in found.part.casefold()), _HIDDEN
        )

    def _where_in_sheet(self, text: Text) -> str:
        if text.element in MARGINS:
            return "i sidhuvudet eller sidfoten"
        if text.element == "rph":
            return "i uttalet av en text (fonetisk text)"
        if text.element == "f" and text.cell:
            return "i formeln"
        if text.cell or (text.item >= 0 and text.item in self._shared):
            return IN_CELL
        if text.item >= 0:
            return "i en text som ingen cell visar längre"
        return _IN_SETTINGS.get(text.element, "i bladets inställningar")

    # -- where it stands

    @cached_property
    def _sheets(self) -> dict[str, str]:
        """The part of each sheet, by its name."""
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {
            title: part for title, part in zip(titles, self._parts_of_sheets, strict=True) if part
        }

    @cached_property
    def _parts_of_sheets(self) -> list[str]:
        """The part of each sheet, in their order; empty for one that leads nowhere."""
        targets = self._targets("xl/workbook.xml")
        tags = _SHEET.findall(self._texts.get("xl/workbook.xml", ("", ""))[0])
        links = [
            [value for key, value in tag_values(tag).items() if key.endswith(":id")] for tag in tags
        ]
        return [targets.get(link[0], "") if link else "" for link in links]

    def _targets(self, part: str) -> dict[str, str]:
        """The parts that a part leads to, by the id of the relation."""
        folder, _, name = part.rpartition("/")
        xml, _ = self._texts.get(f"{folder}/_rels/{name}.rels", ("", ""))
        found = {}
        for tag in _RELATION.findall(xml):
            values = tag_values(tag)
            target = html.unescape(values.get("Target", ""))
            if values.get("TargetMode") != "External":
                found[values.get("Id", "")] = normpath(
                    join(folder, target) if target[:1] != "/" else target[1:]
                )
        return found

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The sheet, by its part, that each part is for."""
        found: dict[str, str] = {}
        for sheet in self._sheets.values():
            waiting = [sheet]
            while waiting:
                part = waiting.pop()
                if part not in found:
                    found[part] = sheet
                    waiting += self._targets(part).values()
        return found

    def _sheet_of(self, part: str) -> str:
        if part.endswith(".rels"):
            part = join(dirname(dirname(part)), part.rpartition("/")[2].removesuffix(".rels"))
        return self._owners.get(part, "")

    def _titles_now(self, made: Mapping[str, bytes]) -> dict[str, str]:
        """The names of the sheets, masked, by their parts."""
        tags = _SHEET.findall(as_text(made.get("xl/workbook.xml", b""))[0])
        titles = [html.unescape(tag_values(tag).get("name", "")) for tag in tags]
        return {
            part: title for part, title in zip(self._parts_of_sheets, titles, strict=True) if part
        }

    # -- what stands beside it

    @cached_property
    def _cells(self) -> dict[str, dict[tuple[int, int], tuple[Cell, str]]]:
        """The cells of each sheet, by its part, by row and column, with what is stored in each."""
        found: dict[str, dict[tuple[int, int], tuple[Cell, str]]] = {}
        for sheet in self._sheets.values():
            cells = found[sheet] = {}
            xml, _ = self._texts.get(sheet, ("", ""))
            for text in Walk(xml).texts():
                if text.cell and text.element in {"v", "t"}:
                    cells[text.cell.row, text.cell.column] = (
                        text.cell,
                        said_in(xml, text.pieces).text,
                    )
        return found

    @cached_property
    def _shared(self) -> dict[int, list[tuple[str, Cell]]]:
        """The cells that show each shared text, by its number, with the part of their sheet."""
        found: dict[int, list[tuple[str, Cell]]] = {}
        for sheet, cells in self._cells.items():
            for cell, stored in cells.values():
                if cell.type == "s" and stored.strip().isdecimal():
                    found.setdefault(int(stored), []).append((sheet, cell))
        return found

    @cached_property
    def _strings(self) -> dict[int, str]:
        """The shared texts, by their numbers."""
        xml = self._part_called("sharedstrings.xml")
        texts = (text for text in Walk(xml).texts() if text.item >= 0 and text.element == "t")
        return {text.item: said_in(xml, text.pieces).text for text in texts}

    def _part_called(self, name: str) -> str:
        return next(
            (xml for part, (xml, _) in self._texts.items() if part.casefold().endswith(name)), ""
        )

    def _key(self, sheet: str, row: int, column: int) -> str:
        """What stands in a cell, as names are compared."""
        return swedish.key(self._stored(sheet, row, column).rstrip(": "))

    def _header(self, sheet: str, cell: Cell) -> int | None:
        """The row of the header that says that a column holds what the bookkeeping numbers its
        things by."""
        rows = {
            row
            for row, column in self._cells.get(sheet, {})
            if column == cell.column and row < cell.row
        }
        return max(
            (row for row in rows if self._key(sheet, row, cell.column) in VOUCHER_COLUMNS),
            default=None,
        )

    def _rule(self, number: swedish.PersonalNumber, sheet: str, cell: Cell) -> str:
        """The rule about a number in a cell of a sheet, by the header that the cell stands
        under."""
        header = self._header(sheet, cell)
        if header is None:
            return NUMBER_RULE
        days = [
            place
            for place in self._cells.get(sheet, {})
            if place[0] == header and self._key(sheet, *place) == "datum"
        ]
        return rule_for_voucher(
            [number], self._year(self._stored(sheet, cell.row, days[0][1])) if days else None
        )

    def _stored(self, sheet: str, row: int, column: int) -> str:
        """What is stored in a cell, shared texts too."""
        cell, stored = self._cells.get(sheet, {}).get((row, column), (None, ""))
        is_shared = cell is not None and cell.type == "s" and stored.strip().isdecimal()
        return self._strings.get(int(stored), "") if is_shared else stored.strip()

    def _year(self, stored: str) -> int | None:
        if re.match("20[0-9]{2}-?[0-9]{2}-?[0-9]{2}", stored):
            return int(stored[:4])
        if not re.fullmatch(r"[0-9]{5}(?:\.[0-9]*)?", stored):
            return None
        is_old = re.search(
            r"""date1904\s*=\s*["'](?:1|true)""", self._texts.get("xl/workbook.xml", ("", ""))[0]
        )
        return (
            (date(1904, 1, 1) if is_old else date(1899, 12, 30))
            + timedelta(int(stored.partition(".")[0]))
        ).year

    def _is_contact(self, sheet: str, cell: Cell) -> bool:
        """Whether a cell is for whom to ask: there ten digits that begin with 07 are a
        telephone's."""
        if (sheet, cell.ref) in self._contacts:
            return True
        return self._key(sheet, cell.row, cell.column - 1) in _CONTACTS

    @cached_property
    def _contacts(self) -> set[tuple[str, str]]:
        found = set()
        for attributes, places in _NAMED.findall(self._texts.get("xl/workbook.xml", ("", ""))[0]):
            title, _, ref = html.unescape(places).rpartition("!")
            name = tag_values(f"<x {attributes}>").get("name", "").casefold()
            match = CELL_REF.match(ref)
            if name in _CONTACTS and match:
                title = title.strip("'").replace("''", "'")
                found.add((self._sheets.get(title, ""), f"{match[1]}{match[2]}"))
        return found

    @cached_property
    def _ten_digit_styles(self) -> set[int]:
        """The styles of cells that show ten digits."""
        xml = self._part_called("styles.xml")
        formats = (tag_values(tag) for tag in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", xml))
        ten = {
            f.get("numFmtId")
            for f in formats
            if is_ten_digits(html.unescape(f.get("formatCode", "")))
        }
        listed = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
        styles = re.findall(r"<(?:\w+:)?xf\b[^>]*>", listed[0] if listed else "")
        return {
            number for number, tag in enumerate(styles) if tag_values(tag).get("numFmtId") in ten
        }

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
            next((where for mark, where in _WHERE.items() if mark in name.casefold()), _HIDDEN),
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
        except (
            Exception
        ):  # zip and zlib have many errors, and all of them mean that it can't be opened
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


def tag_values(tag: str) -> dict[str, str]:
    """The attributes of a tag, as they are written down."""
    return {m[1]: m[2] if m[2] is not None else m[3] for m in ATTRIBUTE.finditer(tag)}


def rewritten(xml: str, edits: Mapping[Span, str]) -> str:
    """The text of a part with the edits made, and all else as it was."""
    made: list[str] = []
    at = 0
    for (start, end), new in sorted(edits.items()):
        if start >= at:
            made += [xml[at:start], new]
            at = end
    return "".join([*made, xml[at:]])


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


_HIDDEN = "i en del av filen som inte visas i Excel"
_WHERE = {
    "comments": "i en anteckning",
    "persons/": "i namnet på den som har skrivit en anteckning",
    "vmldrawing": "i en textruta, en knapp eller en anteckning",
    "/drawings/": "i en textruta",
    "/diagrams/": "i ett diagram",
    "/charts/": "i ett diagram",
    "docprops/": "i filens egenskaper",
    "externallinks/": "i det som sparats från en annan fil",
    "/tables/": "i en tabells rubriker eller namn",
    "pivot": "i en pivottabell",
    "slicer": "i ett utsnitt",
    "connections": "i en datakoppling",
    "querytables": "i en datakoppling",
    "printersettings": "i skrivarens inställningar",
    "vba": "i ett makro",
    "/media/": "i en bild",
    "embeddings/": "i en fil inuti arbetsboken",
    "_rels/": "i en länk",
}
"""Where a person looks for what a part holds, by what is in its name; the first that fits."""
_IN_SETTINGS: Mapping[str, str] = {
    "hyperlink": "i en länk",
    "datavalidation": "i en rullista eller ett meddelande om vad som får skrivas",
    "formula1": "i en rullista eller ett villkor för vad som får skrivas",
    "formula2": "i en rullista eller ett villkor för vad som får skrivas",
    "formula": "i en regel för färger",
    "filter": "i ett filter",
}
