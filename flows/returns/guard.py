"""What a file is, by its bytes and whatever its name, and whether it would cost or deceive whoever
reads it.

Everything here looks at bytes and counts. No link is followed, no macro run, no entity expanded;
what is beyond the bounds of `expectations/bounds.toml` is refused before a reader sees it.
"""

import io
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..base import swedish
from ..base.bounds import Bounds
from ..model.returns import HIDDEN_TEXT, NumberPlace, Problem
from . import bare, bare_sheet, masking, number_doubts
from .file_kinds import WORKBOOK, no_workbook, part_of
from .file_names import plain
from .guarded_xml import LINKS, Parts
from .refusal import RefusedError

_MACROS = ("xl/vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_EMBEDDED = ("xl/embeddings/",)
_TOLD: Mapping[str, tuple[str, ...]] = {
    "fil-makron": _MACROS,
    "fil-lankar": LINKS,
    "fil-inbaddat": _EMBEDDED,
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
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise RefusedError("fil-trasig") from None
    members = archive.infolist()
    names = [member.filename.replace("\\", "/") for member in members]
    if any(member.flag_bits & _IS_ENCRYPTED for member in members):
        raise RefusedError("fil-losenord")
    if WORKBOOK not in names:
        raise no_workbook(archive, names)
    if _are_odd_names(names, bounds) or _are_odd_members(members, len(content)):
        raise RefusedError("fil-misstankt")
    counted, doubts = Parts(bounds), number_doubts.Doubts()
    for name, part in _inflated(archive, members, bounds):
        try:
            counted.part(name, _light(part, bounds))
        except RefusedError as refused:
            raise _placed(refused, archive, name) from None
        doubts.part(name, part)
    for text in masking.loose(archive):
        doubts.loose(text)
    look = masking.masked(content) if doubts.are_there else masking.Look()
    rules = counted.told | _rules_by_name(names)
    problems = [Problem(rule) for rule in _TOLD if rule in rules]
    kept = look.packed() if look.has_masked else content
    return Seen(problems, kept, look.places, look.named, doubts.has_codes)


_IS_ENCRYPTED = 1
"""The flag of a member that a password is needed for."""


def _are_odd_names(names: Sequence[str], bounds: Bounds) -> bool:
    """Whether a zip's names are too many, not all different, or lead out of the zip."""
    if len(names) > bounds.parts or len({name.casefold() for name in names}) < len(names):
        return True
    return any(name.startswith("/") or ".." in name.split("/") or ":" in name for name in names)


def _are_odd_members(members: Sequence[zipfile.ZipInfo], size_bytes: int) -> bool:
    """Whether a zip's members lie over one another, or are packed as no office program does."""
    if sum(member.compress_size for member in members) > size_bytes:
        return True
    return any(_is_odd(member) for member in members)


def _rules_by_name(names: Iterable[str]) -> set[str]:
    """What the names of the parts alone say that the sender should know."""
    rules: set[str] = set()
    for name in names:
        for rule, starts in _TOLD.items():
            if name.casefold().startswith(starts):
                rules.add(rule)
    return rules


def _light(part: bytes, bounds: Bounds) -> bytes:
    """A part with no cells but those that hold something. Raises RefusedError for more format than
    is worth a look."""
    if b"sheetData" not in part:
        return part
    if bare_sheet.blank_cells(part) > bounds.blank_cells:
        raise RefusedError(
            "fil-mycket-formatering", where="Filen", limit=swedish.number(bounds.blank_cells)
        )
    return bare_sheet.light(part)


def _placed(refused: RefusedError, archive: zipfile.ZipFile, name: str) -> RefusedError:
    """The same refusal with the sheet that the part is, if it is one."""
    parts = {part: part_of(archive, part) for part in (WORKBOOK, "xl/_rels/workbook.xml.rels")}
    # What declares something of its own is not read: it may be what the guard refuses.
    if any(b"<!" in part for part in parts.values()):
        return refused
    title = bare.titles(parts).get(name)
    if title is None:
        return refused
    is_personal = swedish.mask_personal_numbers(title)[1]
    shown = HIDDEN_TEXT if is_personal else plain(title)
    details = dict(refused.problem.details)
    if "where" in details:
        details["where"] = f"Bladet {shown}"
    refused.problem = replace(refused.problem, sheet=shown, details=details)
    return refused


def _too_large(part: bytes, bounds: Bounds) -> RefusedError:
    """What to say of a workbook that this part makes too large: that it is mostly formatting, if it
    is."""
    blank_cells = bare_sheet.blank_cells(part)
    if blank_cells * _BYTES_OF_A_BLANK_CELL > len(part) / 2:
        limit = swedish.number(min(bounds.blank_cells, blank_cells - 1))
        return RefusedError("fil-mycket-formatering", where="Filen", limit=limit)
    return RefusedError(
        "fil-for-stor", limit=f"{bounds.inflated_bytes // 1_000_000}{swedish.NBSP}MB"
    )


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """A symbolic link or other thing that is no file, or packed as no office program does."""
    is_file = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG, stat.S_IFDIR}
    is_packed_as_usual = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return not is_file or not is_packed_as_usual


def _inflated(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], bounds: Bounds
) -> Iterator[tuple[str, bytes]]:
    """Each part unpacked, while all of them together stay within bounds, whatever size the zip says
    that they have."""
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
