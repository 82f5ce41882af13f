"""The package (paket) of somebody else's filed report, unpacked in memory: every file of it as its
list of sums says, and no other.

As for workbooks (`guard`), everything is counted while it is unpacked, and nothing is put on disk.
"""

import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Mapping, Sequence

from ..base import places, swedish
from ..base.bounds import BOUNDS
from .refusal import RefusedError

SUMS, LOG = "SHA256SUMS", places.LOG
FIGURES = "rapport/reconciliation.json"
_MARKS = {SUMS, LOG, FIGURES}
"""The files by which a package is known, whatever it is called."""
_IS_ENCRYPTED = 1
_SMALL_BYTES = 1_000_000
"""A file that is no larger may be packed as tight as it likes."""
_SUM = re.compile("([0-9a-f]{64})  (.+)")


def is_package(content: bytes) -> bool:
    """Whether a file is the package of a report, whole or not."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return set(archive.namelist()) >= _MARKS
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def must_be_whole(files: Mapping[str, bytes]) -> None:
    """Raises RefusedError for a package in which a file has been changed, added or taken out, by
    its list of sums."""
    sums = _sums(files[SUMS])
    for name in sorted({*sums, *files} - {SUMS}):
        if name not in files:
            raise altered(f"filen {_told(name)} fattas")
        if name not in sums:
            raise altered(f"filen {_told(name)} har kommit till")
        if hashlib.sha256(files[name]).hexdigest() != sums[name]:
            raise altered(f"filen {_told(name)} har ändrats")


def altered(what: str) -> RefusedError:
    """That a package is not as it was made; `what` goes on after a colon."""
    return RefusedError("paket-andrat", what=what)


def _told(name: str) -> str:
    """The name of a file in the package, as it may be told."""
    return swedish.mask_personal_numbers(name.encode("unicode_escape").decode())[0][:200]


def _sums(content: bytes) -> dict[str, str]:
    """The SHA-256 of each file, as the list of sums has them."""
    sums: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").removesuffix("\n").split("\n"):
        stated = _SUM.fullmatch(line)
        if stated is None or stated[2] in sums:
            raise altered(f"listan {SUMS} går inte att läsa")
        sums[stated[2]] = stated[1]
    return sums


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a package by their names, while all of them together stay within bounds,
    whatever size the zip says. Raises RefusedError for one that no program of ours packs."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        _must_be_usual(members, len(content))
        left = BOUNDS.inflated_bytes
        for member in members:
            try:
                with archive.open(member) as stream:
                    part = stream.read(left + 1)
            except Exception:  # zlib, crc and zip errors of many kinds, all with one meaning
                raise altered(f"filen {_told(member.filename)} är skadad") from None
            left -= len(part)
            if left < 0:
                limit = f"{BOUNDS.inflated_bytes // 1_000_000}{swedish.NBSP}MB"
                raise _suspect(f"är större än {limit} när det är uppackat")
            if len(part) > max(_SMALL_BYTES, BOUNDS.inflated_ratio * member.compress_size):
                raise _suspect("är packat så tätt som inget av våra paket är")
            files[member.filename] = part
    return files


def _must_be_usual(members: Sequence[zipfile.ZipInfo], size_bytes: int) -> None:
    """Raises RefusedError for members that `statsbidrag package` doesn't write."""
    names = [member.filename for member in members]
    if any(member.flag_bits & _IS_ENCRYPTED for member in members):
        raise RefusedError("fil-losenord")
    if len(names) > BOUNDS.parts:
        raise _suspect(f"har fler än {swedish.number(BOUNDS.parts)} filer")
    if len(set(names)) < len(names):
        raise _suspect("har flera filer med samma namn")
    if any(map(_leads_out, names)):
        raise _suspect("har en fil vars namn leder ut ur paketet")
    if sum(member.compress_size for member in members) > size_bytes:
        raise _suspect("har filer som ligger över varandra")
    if any(map(_is_odd, members)):
        raise _suspect("har något i sig som inte är en vanlig fil")


def _suspect(what: str) -> RefusedError:
    return RefusedError("paket-misstankt", what=what)


def _leads_out(name: str) -> bool:
    # An empty part is what a name that begins or ends with a slash has.
    return bool({"", ".", ".."} & set(name.split("/")))


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """A folder, a link or another thing that is no file, or packed in another way than ours."""
    is_file = stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG}
    is_packed_as_ours = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return not is_file or not is_packed_as_ours


def of_folder(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """The files of a folder in a package, by their names there."""
    start = f"{folder}/"
    return {name[len(start) :]: part for name, part in files.items() if name.startswith(start)}
