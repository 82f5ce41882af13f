"""Whether the zip that a Word document is would cost or deceive whoever reads it.

As for workbooks (`guard`), everything is counted while it is unpacked, and no link is followed, no
macro run, no entity expanded.
"""

import io
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import replace

from ..base.bounds import BOUNDS
from .guarded_xml import Parts
from .refusal import RefusedError

DOCUMENT = "word/document.xml"
_IS_ENCRYPTED = 1
_SMALL_BYTES = 1_000_000
"""A part that is no larger may be packed as tight as it likes."""
_ELEMENTS = 10
"""How many times more elements running text has than a workbook's settings."""


def must_be_safe(content: bytes) -> None:
    """Looks through the parts of a Word document. Raises RefusedError for what is no such document,
    and for what would cost or deceive a reader."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise RefusedError("fil-trasig") from None
    with archive:
        members = archive.infolist()
        _must_be_usual(members, len(content))
        counted = Parts(replace(BOUNDS, other_elements=BOUNDS.other_elements * _ELEMENTS))
        left = BOUNDS.inflated_bytes
        for member in members:
            part = _unpacked(archive, member, left)
            left -= len(part)
            counted.part(member.filename, part)


def _must_be_usual(members: Sequence[zipfile.ZipInfo], size_bytes: int) -> None:
    """Raises RefusedError for members that no word processor writes."""
    names = [member.filename.replace("\\", "/") for member in members]
    if any(member.flag_bits & _IS_ENCRYPTED for member in members):
        raise RefusedError("fil-losenord")
    if DOCUMENT not in names:
        raise RefusedError("fil-fel-format")
    is_many = len(names) > BOUNDS.parts or len({name.casefold() for name in names}) < len(names)
    is_packed_over = sum(member.compress_size for member in members) > size_bytes
    if is_many or is_packed_over or any(map(_leads_out, names)) or any(map(_is_odd, members)):
        raise RefusedError("fil-misstankt")


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or ":" in name


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """A link or other thing that is no file, or packed in another way than is usual."""
    is_file = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG, stat.S_IFDIR}
    return not is_file or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """A part, while all of them together stay within bounds, whatever size the zip says."""
    try:
        with archive.open(member) as stream:
            part = stream.read(left + 1)
    except Exception:  # zlib, crc and zip errors of many kinds, all with one meaning
        raise RefusedError("fil-trasig") from None
    if len(part) > left:
        raise RefusedError("fil-for-stor")
    if len(part) > max(_SMALL_BYTES, BOUNDS.inflated_ratio * member.compress_size):
        raise RefusedError("fil-misstankt")
    return part
