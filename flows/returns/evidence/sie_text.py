"""The text of a SIE file: its character set, its lines, their fields and its checksum.

A line is taken apart one byte a character. All that has a meaning in it is ASCII, and so it is in
every character set that such files come in; what stands in a field is decoded only if it is kept.
"""

import re
import zlib
from collections.abc import Iterable

from ...base import swedish
from ..refusal import RefusedError

LINES = 2_000_000
"""The most lines of a file: some years of a whole city's vouchers."""
LINE_CHARACTERS = 10_000

_MARK = b"\xef\xbb\xbf"
"""What some programs begin UTF-8 with."""
_END = b"\x1a\0 \t\r\n"
"""What DOS ends a text with and fills its last block with, and blank lines."""
_OF_DOS = bytes.fromhex("86 84 94 8F 8E 99 82 81")
_OF_WINDOWS = bytes.fromhex("E5 E4 F6 C5 C4 D6 E9 FC")
"""The bytes of å ä ö Å Ä Ö é ü: in CP437; in Windows-1252, Latin-1 and Latin-9."""
_ONE_BYTE = "latin-1"

_BEGINNING = 4_000
_LABEL = re.compile(rb"^[ \t]*(#\w+)", re.MULTILINE)
_TELLING = {b"#SIETYP", b"#PROGRAM", b"#FORMAT"}

# Nothing is tried twice (possessive), so that no line takes more time than its length.
_QUOTED = r'"(?:[^"\\]++|\\"?+)*+"?+'
_FIELD = re.compile(rf'{_QUOTED}|\{{(?:[^}}"]++|{_QUOTED})*+\}}?+|[^ \t{{}}"][^ \t{{}}]*+|\}}')
_CHECKSUM = re.compile(r"[ \t]*+#KSUMMA(?:[ \t]++(\S++)|[ \t]*+\Z)", re.IGNORECASE)
_NUMBER = re.compile("-?[0-9]{1,10}")


def is_sie(content: bytes) -> bool:
    """Whether the first lines of a file are those of a SIE file."""
    beginning = content[:_BEGINNING].removeprefix(_MARK).replace(b"\r", b"\n")
    labels = [label.upper() for label in _LABEL.findall(beginning)]
    return labels[:1] == [b"#FLAGGA"] or not _TELLING.isdisjoint(labels)


def charset_of(content: bytes) -> str:
    """The character set that a file is written in, whatever its #FORMAT says: that is PC8 (CP437)
    in most files, also in those that are not."""
    if content.startswith(_MARK) or _is_utf8(content):
        return "utf-8"
    return "cp1252" if _count(content, _OF_WINDOWS) > _count(content, _OF_DOS) else "cp437"


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _count(content: bytes, letters: bytes) -> int:
    return len(content) - len(content.translate(None, letters))


def lines_of(content: bytes) -> list[str]:
    """The lines of a file, one character for each byte. Raises RefusedError for more or longer
    lines than are read."""
    text = content.removeprefix(_MARK).rstrip(_END).decode(_ONE_BYTE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") >= LINES:
        raise RefusedError("fil-for-mycket", what="rader", limit=swedish.number(LINES))
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_CHARACTERS:
            limit = swedish.number(LINE_CHARACTERS)
            raise RefusedError("text-for-lang", cells=(f"rad {number}",), limit=limit)
    return lines


def fields_of(line: str) -> list[str]:
    """The label of a line and its fields, with their quotes; a list of objects, with its braces, is
    one field."""
    return _FIELD.findall(line.rstrip(" \t"))


def unquoted(field: str) -> str:
    """What a field says, without the quotes around it; one that is never closed ends with the
    line."""
    if not field.startswith('"'):
        return field
    inner = field[1:]
    if inner.endswith('"') and not inner.endswith('\\"'):
        inner = inner[:-1]
    return inner.replace('\\"', '"')


def decoded(text: str, charset: str) -> str:
    """A part of a line as people read it; a sign that the character set lacks becomes one that says
    so."""
    return text.encode(_ONE_BYTE).decode(charset, "replace")


def objects_in(field: str) -> dict[str, str]:
    """The objects of a list ({6 "P1" 1 100}), each by the number of its dimension; what it says
    first counts. None of them is decoded."""
    parts = [unquoted(part) for part in fields_of(_within(field))]
    objects: dict[str, str] = {}
    for dimension, code in zip(parts[::2], parts[1::2], strict=False):
        if code.strip():
            objects.setdefault(dimension, code)
    return objects


def _within(field: str) -> str:
    """What stands between the braces of a list."""
    return field[1:].removesuffix("}")


# -- the checksum ----------------------------------------------------------------------------------


def is_checksum_right(lines: list[str]) -> bool | None:
    """Whether the checksum that a file says of itself is that of its lines; None where it says
    none. Raises RefusedError for a file that begins with a promise of one and ends without.

    A sum that differs proves nothing: programs reckon it in more than one way. See `checksum`.
    """
    found = [(at, mark) for at, line in enumerate(lines) if (mark := _CHECKSUM.match(line))]
    if not found:
        return None
    first, mark = found[0]
    last, closing = found[-1]
    if first == last and mark[1]:
        return None  # a sum of we don't know which lines
    stated = unquoted(closing[1] or "")
    if not _NUMBER.fullmatch(stated):
        what = f"rad {first + 1} säger att kontrollsumman (#KSUMMA) står sist, men den saknas"
        raise RefusedError("sie-avbruten", cells=(f"rad {first + 1}",), what=what)
    # Some programs write it as a number with a sign: -1 is the same 32 bits as 4294967295.
    return int(stated) % 2**32 == checksum(lines[first + 1 : last])


def checksum(lines: Iterable[str]) -> int:
    """The CRC-32 of labels and what fields say, in the file's own bytes.

    Certain is the polynomial (EDB88320), that all 32 bits are set at first and turned about at
    last, which is what `zlib.crc32` does, and that labels and fields count but not blanks between
    fields, quotes around them, braces or the ends of lines. Read from how others have done it, and
    not from the standard: that a label counts with its #, that of `\\"` only the quote counts, and
    that blanks within quotes count.
    """
    crc = 0
    for line in lines:
        for field in fields_of(line):
            crc = zlib.crc32(_bare(field).encode(_ONE_BYTE), crc)
    return crc


def _bare(field: str) -> str:
    """What of a field counts in the checksum."""
    if field.startswith("{"):
        return "".join(unquoted(part) for part in fields_of(_within(field)))
    return unquoted(field) if field != "}" else ""
