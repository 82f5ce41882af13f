"""What a file is, by its bytes and whatever its name, and whether it would cost or deceive whoever reads it.

Everything here looks at bytes and counts. No link is followed, no macro run, no entity expanded; what is beyond the
bounds of `expectations/bounds.toml` is refused before a reader sees it.
"""

import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Literal
from xml.parsers import expat

from . import bare, swedish, words
from .bounds import Bounds
from .model import HIDDEN_TEXT, NumberPlace, Problem


class RefusedError(Exception):
    """A file is not read further; `problem` says why, with the rule's id and the details for its sentence."""

    def __init__(self, rule_id: str, **details: Any) -> None:
        super().__init__(rule_id)
        places = {name: details.pop(name) for name in ("sheet", "cells", "value") if name in details}
        self.problem = Problem(rule_id, **places, details=details)


# -- names -----------------------------------------------------------------------------------------------------------

_NOT_FILES = {
    stat.S_IFLNK: "en länk",
    stat.S_IFIFO: "ett rör mellan program (FIFO)",
    stat.S_IFSOCK: "en förbindelse mellan program (socket)",
    stat.S_IFDIR: "en mapp",
}


def called(mode: int) -> str:
    """What something in a folder that is no file is, by its `st_mode`."""
    return _NOT_FILES.get(stat.S_IFMT(mode), "en enhet i datorn")


def is_nobodys(name: str) -> bool:
    """Whether a file is one that programs leave behind: Excel's and LibreOffice's locks, and lists of pictures."""
    return name.startswith(("~$", ".")) or name.casefold() in {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}


def plain(name: str) -> str:
    r"""A file's or a sheet's name that can't steer whatever shows it: what is not seen is written out, as "\u202e"."""
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else _out(c) for c in name)


def _out(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte that is no UTF-8, as the operating system hands it over
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def told(name: str) -> str:
    """A file's name as it may be told: nothing of one that holds a personal number, but what kind of file it is."""
    parts = []
    for part in name.split("/"):
        is_personal = swedish.mask_personal_numbers(part)[1]
        suffix = re.search(r"\.[A-Za-z]{2,4}$|$", part)
        assert suffix is not None
        parts.append(f"{HIDDEN_TEXT}{suffix[0]}" if is_personal else plain(part))
    return "/".join(parts)


def sheets(titles: Iterable[str], named: Iterable[str]) -> list[str]:
    """The names of a workbook's sheets, in their order, as they may be told; `named`: those that held a number."""
    return apart(
        f"flik {number} {HIDDEN_TEXT}" if title.startswith(tuple(named)) else plain(title)
        for number, title in enumerate(titles, start=1)
    )


def apart(names: Iterable[str]) -> list[str]:
    """The names in their order, with a number on each that is there already: masked, two files may look alike."""
    found: dict[str, None] = {}
    for name in names:
        own, number = name, 1
        while own in found:
            number += 1
            own = str(PurePosixPath(name).with_stem(f"{PurePosixPath(name).stem} ({number})"))
        found[own] = None
    return list(found)


# -- what a file is --------------------------------------------------------------------------------------------------

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: Mapping[bytes, str] = {
    b"%PDF": "fil-pdf",
    b".pfile": "fil-etikett",
    b"\x89PNG": "fil-bild",
    b"\xff\xd8\xff": "fil-bild",
    b"GIF8": "fil-bild",
    b"BM": "fil-bild",
    b"RIFF": "fil-bild",
    b"II*\0": "fil-bild",
    b"MM\0*": "fil-bild",
    b"{\\rtf": "fil-dokument",
    b"MZ": "fil-program",
    b"\x7fELF": "fil-program",
    b"#!/": "fil-program",
    b"\x4c\0\0\0\x01\x14\x02\0": "fil-genvag",
    b"[InternetShortcut]": "fil-genvag",
    b"PK": "fil-arkiv",
    b"\x1f\x8b": "fil-arkiv",
    b"7z\xbc\xaf\x27\x1c": "fil-arkiv",
    b"Rar!": "fil-arkiv",
    b"\xfd7zXZ": "fil-arkiv",
    b"BZh": "fil-arkiv",
    b"\x09\0\x04\0": "fil-xls",
    b"\x09\x02\x06\0": "fil-xls",
    b"\x09\x04\x06\0": "fil-xls",
    b"\x09\x08\x10\0": "fil-xls",
}
_IN_OLE: Mapping[str, str] = {
    "DRMEncrypted": "fil-etikett",
    "\tDRMContent": "fil-etikett",
    "EncryptedPackage": "fil-losenord",
    "Workbook": "fil-xls",
    "Book": "fil-xls",
    "WordDocument": "fil-dokument",
    "PowerPoint Document": "fil-dokument",
    "__substg1.0_": "fil-epost",
}
_IN_TYPES: Mapping[bytes, str] = {
    b"ms-excel.sheet.binary": "fil-xlsb",
    b"wordprocessingml": "fil-dokument",
    b"presentationml": "fil-dokument",
}
_WORKBOOK = "xl/workbook.xml"


def kind_of(content: bytes, suffix: str) -> Literal["xlsx", "csv"]:
    """Which of our readers a file is for. Raises RefusedError, with a word of its own for what else it is."""
    if content.startswith(b"PK\x03\x04"):
        return "xlsx"
    if content.startswith(_OLE):
        names = (rule for name, rule in _IN_OLE.items() if name.encode("utf-16-le") in content)
        raise RefusedError(next(names, "fil-fel-format"))
    if not content.strip(b"\0\t\r\n \x1a\xef\xbb\xbf\xfe\xff"):
        raise RefusedError("fil-tom")
    for signature, rule in _SIGNATURES.items():
        if content.startswith(signature) and (len(signature) > 2 or b"\0" in content[:32]):
            raise RefusedError(rule)
    if content[4:8] == b"ftyp":
        raise RefusedError("fil-bild")
    start = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff\t\r\n ").lower()
    _not_marked_up(start)
    for pattern, rule in _BY_START.items():
        if pattern.match(start):
            raise RefusedError(rule)
    is_text = b"\0" not in content[:4096] and re.search(b"[;,\t]", content[:4096])
    if suffix in {".csv", ".txt", ".tsv", ".tab"} or is_text:
        return "csv"
    raise RefusedError("fil-fel-format")


_BY_START: Mapping[re.Pattern[bytes], str] = {
    re.compile(rb"#(flagga|program|format|gen|sietyp|prosa|fnr|orgnr|fnamn)[ \t]"): "fil-sie",
    # SYLK and DIF, which Excel still writes
    re.compile(rb"id;p[^\r\n]*+\r?\n[a-z];|table\r?\n0,1\r?\n"): "fil-fel-format",
    re.compile(rb"""[\[{]\s*(["{\[\]}]|-?[0-9]|true\b|false\b|null\b)"""): "fil-json",
}


_SIE_IN_XML = re.compile(
    rb"(?:<\?(?:(?!\?>).)*+\?>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:\w+:)?sie(?:entry)?[\s>]", re.DOTALL
)


def _not_marked_up(start: bytes) -> None:
    if _SIE_IN_XML.match(start):
        raise RefusedError("fil-sie")
    if start.startswith(b"<?xml") and b"<html" not in start:
        raise RefusedError("fil-xml")
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<?xml")):
        raise RefusedError("fil-webbsida")
    if re.match(rb"(mime-version|received|return-path|from|message-id|delivered-to|x-[a-z-]+):", start):
        raise RefusedError("fil-webbsida" if b"x-document-type: workbook" in start else "fil-epost")
    if start.startswith(b"<"):
        raise RefusedError("fil-xml")


def _no_workbook(archive: zipfile.ZipFile, names: Iterable[str]) -> RefusedError:
    """What a zip is that holds no Excel workbook."""
    types = _part(archive, "[Content_Types].xml")
    if b"spreadsheetml.sheet.main+xml" in types:  # its main part lies elsewhere, as some services put it
        return RefusedError("fil-olasbar")
    odf = _part(archive, "mimetype")
    for mark, rule in _IN_TYPES.items():
        if mark in types:
            return RefusedError(rule)
    if b"opendocument" in odf:
        return RefusedError("fil-ods" if b"spreadsheet" in odf else "fil-dokument")
    if any(name.casefold().endswith(".iwa") for name in names):
        return RefusedError("fil-numbers")
    return RefusedError("fil-fel-format" if types else "fil-arkiv")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as stream:
            return stream.read(100_000)
    except Exception:  # missing, damaged or encrypted: then it says nothing
        return b""


# -- a workbook's zip ------------------------------------------------------------------------------------------------

_MACROS = ("xl/vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_LINKS = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/webextensions/")
_EMBEDDED = ("xl/embeddings/",)
_TOLD: Mapping[str, tuple[str, ...]] = {"fil-makron": _MACROS, "fil-lankar": _LINKS, "fil-inbaddat": _EMBEDDED}
_TOLD_BY_LINK = {
    "fil-makron": {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "dialogsheet", "control"},
    "fil-lankar": {"externalLink", "connections", "queryTable", "externalLinkPath", "attachedTemplate"},
    "fil-inbaddat": {"oleObject", "package"},
}


@dataclass(frozen=True)
class Seen:
    """What there is to know of a workbook before a reader opens it."""

    told: list[Problem]
    """What its sender should know that its zip holds."""
    content: bytes
    """The workbook for whoever reads on: as it came, or with its personal numbers masked."""
    personal_numbers: tuple[NumberPlace, ...]
    """Where in it personal numbers stood, by the masked names of its sheets."""
    named: frozenset[str]
    """The names, masked, of the sheets whose names held one."""
    has_codes: bool
    """Whether a text in it may hold Excel's `_xHHHH_`."""


def workbook(content: bytes, bounds: Bounds) -> Seen:
    """Look through the parts of a workbook's zip.

    Raises RefusedError for what would cost or deceive a reader.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise RefusedError("fil-trasig") from None
    names = [member.filename.replace("\\", "/") for member in members]
    if any(member.flag_bits & 1 for member in members):
        raise RefusedError("fil-losenord")
    if _WORKBOOK not in names:
        raise _no_workbook(archive, names)
    if len(names) > bounds.parts or len({name.casefold() for name in names}) < len(names):
        raise RefusedError("fil-misstankt")
    if any(name.startswith("/") or ".." in name.split("/") or ":" in name for name in names):
        raise RefusedError("fil-misstankt")
    if sum(member.compress_size for member in members) > len(content) or any(_is_odd(member) for member in members):
        raise RefusedError("fil-misstankt")
    seen, doubts = _Parts(bounds), words.Doubts()
    for name, part in _inflated(archive, members, bounds):
        try:
            seen.part(name, _light(part, bounds))
        except RefusedError as refused:
            raise _placed(refused, archive, name) from None
        doubts.part(name, part)
    for text in words.loose(archive):
        doubts.loose(text)
    found = words.masked(content) if doubts.are_there else words.Look()
    by_name = {rule for rule, starts in _TOLD.items() if any(name.casefold().startswith(starts) for name in names)}
    told = [Problem(rule) for rule in _TOLD if rule in by_name | seen.told]
    kept = found.packed() if found.has_masked else content
    return Seen(told, kept, found.places, found.named, doubts.has_codes)


def _light(part: bytes, bounds: Bounds) -> bytes:
    """A part with no cells but those that hold something. Raises RefusedError for more format than is worth a look."""
    if b"sheetData" not in part:
        return part
    if bare.blank_cells(part) > bounds.blank_cells:
        raise RefusedError("fil-mycket-formatering", where="Filen", limit=swedish.number(bounds.blank_cells))
    return bare.light(part)


def _placed(refused: RefusedError, archive: zipfile.ZipFile, name: str) -> RefusedError:
    """The same refusal with the sheet that the part is, if it is one."""
    asked = {part: _part(archive, part) for part in (_WORKBOOK, "xl/_rels/workbook.xml.rels")}
    if any(b"<!" in part for part in asked.values()):
        return refused
    title = bare.titles(asked).get(name)
    if title is None:
        return refused
    shown = HIDDEN_TEXT if swedish.mask_personal_numbers(title)[1] else plain(title)
    details = {key: f"Bladet {shown}" if key == "where" else text for key, text in refused.problem.details.items()}
    refused.problem = replace(refused.problem, sheet=shown, details=details)
    return refused


def _too_large(part: bytes, bounds: Bounds) -> RefusedError:
    """What to say of a workbook that this part makes too large: that it is mostly formatting, if it is."""
    blank_cells = bare.blank_cells(part)
    if blank_cells * _BYTES_OF_A_BLANK_CELL > len(part) / 2:
        limit = swedish.number(min(bounds.blank_cells, blank_cells - 1))
        return RefusedError("fil-mycket-formatering", where="Filen", limit=limit)
    return RefusedError("fil-for-stor", limit=f"{bounds.inflated_bytes // 1_000_000}{swedish.NBSP}MB")


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """A symbolic link or other thing that is no file, or packed as no office program does."""
    is_file = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG, stat.S_IFDIR}
    return not is_file or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def _inflated(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], bounds: Bounds
) -> Iterator[tuple[str, bytes]]:
    """Each part unpacked, while all of them together stay within bounds, whatever size the zip says that they have."""
    left = bounds.inflated_bytes
    for member in members:
        try:
            with archive.open(member) as stream:
                part = stream.read(left + 1)
        except Exception:  # zlib, crc and zip errors of many kinds, all with one meaning
            raise RefusedError("fil-trasig") from None
        left -= len(part)
        if left < 0:
            raise _placed(_too_large(part, bounds), archive, member.filename)
        if len(part) > max(1_000_000, bounds.inflated_ratio * member.compress_size):
            raise RefusedError("fil-misstankt")
        yield member.filename, part


_BYTES_OF_A_BLANK_CELL = 16
"""What a cell that holds nothing but a format takes at least."""


# -- a workbook's XML ------------------------------------------------------------------------------------------------

_REF = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"\s*[-+]?([0-9]{1,310}\.?[0-9]{0,340}|\.[0-9]{1,340})([eE][-+]?[0-9]{1,4})?\s*", re.ASCII)
_VALUES: Mapping[str, re.Pattern[str]] = {
    "n": _NUMBER,
    "s": re.compile(r"\s*[0-9]{1,9}\s*", re.ASCII),
    "b": re.compile(r"\s*[01]\s*", re.ASCII),
}
"""What the value of a cell of a type may look like: a reader in Python takes far more, and another reader less."""
_TYPES = {"n", "s", "b", "e", "str", "inlineStr", "d"}
_CHEAP = {"v", "f", "t", "is"}
_STRICT = b"purl.oclc.org/ooxml"


class _Parts:
    """What has been counted in the XML of a workbook's parts, one part after the other."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._cells = self._texts = self._others = 0
        self._sheets: set[str] = set()
        self._targets: set[str] = set()
        self.told: set[str] = set()

    def part(self, name: str, content: bytes) -> None:
        """Count what is in one part. Raises RefusedError where it goes beyond the bounds, or deceives."""
        if not words.is_xml(name, content):
            return
        if name == _WORKBOOK and _STRICT in content:
            raise RefusedError("fil-strikt")
        self._row = self._column = 0
        self._is_of_others = name.casefold().startswith(_LINKS)  # what another workbook held, and no reader opens
        self._at: set[int] = set()
        self._type, self._has_value, self._text = "", False, ""
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            if name.casefold().endswith((".xml", ".rels")):  # what else begins as XML may be something of its own
                raise RefusedError("fil-trasig") from None
            return

    def _doctype(self, *_: object) -> None:
        raise RefusedError("fil-misstankt")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._parser.CharacterDataHandler:  # a value is a text and nothing else
            raise RefusedError("fil-misstankt")
        name = tag.rpartition(":")[2]
        if name == "c" and self._row:
            self._cell(attributes)
        elif name == "v" and self._type:
            if self._has_value:
                raise RefusedError("fil-misstankt")
            self._has_value, self._text = True, ""
            self._parser.CharacterDataHandler, self._parser.EndElementHandler = self._characters, self._end_value
        elif name == "row" and not self._is_of_others:
            self._begin_row(attributes.get("r"))
        elif name == "si":
            self._texts = self._counted(self._texts + 1, self._bounds.texts, "texter")
        elif name not in _CHEAP or attributes.get("t") == "shared":
            self._others = self._counted(self._others + 1, self._bounds.other_elements, "inställningar och format")
            self._other(name, attributes)

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self._column += 1
        row = self._row
        if "r" in attributes:
            row, self._column = self._place(attributes["r"])
            if row != self._row:
                raise RefusedError("fil-misstankt")
        else:
            self._within(row, self._column)
        self._cells = self._counted(self._cells + 1, self._bounds.cells, "celler")
        place = row << 15 | self._column
        if place in self._at:  # which of the two a person sees is up to the program
            raise RefusedError("fil-misstankt")
        self._at.add(place)
        self._type, self._has_value = attributes.get("t", "n"), False
        if self._type not in _TYPES:
            raise RefusedError("fil-misstankt")

    def _characters(self, text: str) -> None:
        self._text += text

    def _end_value(self, _: str) -> None:
        """Check the value that has just been read: a number that only one of two readers takes is no number."""
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        pattern = _VALUES.get(self._type)
        if pattern and self._text and not pattern.fullmatch(self._text):
            raise RefusedError("fil-misstankt")

    def _begin_row(self, number: str | None) -> None:
        """A row; one that says its number may stand anywhere until something stands in it."""
        if number is not None and not re.fullmatch("[0-9]{1,9}", number):
            raise RefusedError("fil-misstankt")
        self._row, self._column = self._row + 1 if number is None else int(number), 0
        if number is None or self._row < 1:
            self._within(self._row, 1)

    def _other(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in {"mergeCell", "hyperlink", "comment", "threadedComment", "table"} and "ref" in attributes:
            is_table = name == "table"  # its rows are its content; else only what lies among the cells costs anything
            corners = [self._place(ref.replace("$", ""), is_cut=not is_table) for ref in attributes["ref"].split(":")]
            (top, left), (bottom, right) = corners[0], corners[-1]
            area = 0 if is_table else (abs(bottom - top) + 1) * (abs(right - left) + 1)
            self._cells = self._counted(self._cells + area, self._bounds.cells, "celler")
        elif name == "sheet":
            self._once(self._sheets, next((v for k, v in attributes.items() if k.endswith(":id")), ""))
            self._counted(len(self._sheets), self._bounds.sheets, "blad")
        elif name == "Relationship":
            self._link(attributes)

    def _link(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.told |= {rule for rule, kinds in _TOLD_BY_LINK.items() if kind in kinds}
        if kind == "worksheet":
            target = attributes.get("Target", "")
            self._once(self._targets, target.removeprefix("/xl/"))
            if any(start in f"xl/{target.casefold().removeprefix('/xl/')}" for start in _LINKS):
                raise RefusedError("fil-misstankt")
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            self.told.add("fil-lankar")

    def _once(self, seen: set[str], name: str) -> None:
        if name in seen:
            raise RefusedError("fil-misstankt")
        seen.add(name)

    def _place(self, ref: str, *, is_cut: bool = False) -> tuple[int, int]:
        """The row and the column of a cell's address, both from 1, within bounds; `is_cut`: the nearest that are."""
        match = _REF.fullmatch(ref)
        if not match:
            raise RefusedError("fil-misstankt")
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        row = int(match[2])
        if is_cut:
            row, column = min(row, self._bounds.rows), min(column, self._bounds.columns)
        self._within(row, column, ref)
        return row, column

    def _within(self, row: int, column: int, ref: str = "") -> None:
        if row > self._bounds.rows or column > self._bounds.columns:
            limit = swedish.number(self._bounds.rows)
            value = ref or f"rad {swedish.number(row)}"
            raise RefusedError("fil-for-manga-rader", value=value, where="Filen", limit=limit)
        if row < 1:
            raise RefusedError("fil-misstankt")

    def _counted(self, number: int, limit: int, what: str) -> int:
        if number > limit:
            raise RefusedError("fil-for-mycket", what=what, limit=swedish.number(limit))
        return number
