"""Zip files whose bytes follow from what is in them alone, and zip files with some of their parts
changed."""

import io
import struct
import zipfile
from collections.abc import Container, Iterable, Mapping


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of named parts in their order, each with the same time: the same parts give the same
    bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


_LOCAL_HEADER = 30
"""The bytes of what stands before a part's name in a zip; the lengths of name and extra field are
its last four."""


def repacked(content: bytes, changed: Mapping[str, bytes], gone: Container[str] = ()) -> bytes:
    """A zip with some parts changed or added, and those `gone` left out; the same arguments give
    the same bytes.

    The other parts are copied as they are packed, with their times, in their order. What the zip
    says beside its parts (comments, extra fields) is left out: programs fill them with what is
    nobody's.
    """
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        members = old.infolist()
        for member in members:
            if member.filename in changed:
                new.writestr(_same(member), changed[member.filename], zipfile.ZIP_DEFLATED)
            elif member.filename not in gone:
                _copy(content, member, new)
        names = {member.filename for member in members}
        for name, part in changed.items():
            if name not in names:
                new.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _same(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(member.filename, member.date_time)


def _copy(content: bytes, member: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
    """Put a part into another zip as it is packed. zipfile can't; what it writes for a part is
    written here."""
    at = member.header_offset
    lengths: tuple[int, int] = struct.unpack_from("<HH", content, at + _LOCAL_HEADER - 4)
    start = at + _LOCAL_HEADER + sum(lengths)
    copy = _same(member)
    copy.compress_type, copy.external_attr = member.compress_type, member.external_attr
    copy.CRC, copy.file_size, copy.compress_size = (
        member.CRC,
        member.file_size,
        member.compress_size,
    )
    assert new.fp is not None
    new.fp.seek(new.start_dir)
    copy.header_offset = new.fp.tell()
    new.fp.write(copy.FileHeader(zip64=False))
    new.fp.write(content[start : start + member.compress_size])
    new.start_dir = new.fp.tell()
    new.filelist.append(copy)
    new.NameToInfo[copy.filename] = copy
