"""What a file is, by its first bytes: a workbook, CSV, or something else that is named."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Literal

from .refusal import RefusedError

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
WORKBOOK = "xl/workbook.xml"


def kind_of(content: bytes, suffix: str) -> Literal["xlsx", "csv"]:
    """Which of our readers a file is for. Raises RefusedError, with a word of its own for what else
    it is."""
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
    rb"(?:<\?(?:(?!\?>).)*+\?>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:\w+:)?sie(?:entry)?[\s>]",
    re.DOTALL,
)


def _not_marked_up(start: bytes) -> None:
    if _SIE_IN_XML.match(start):
        raise RefusedError("fil-sie")
    if start.startswith(b"<?xml") and b"<html" not in start:
        raise RefusedError("fil-xml")
    if start.startswith(
        (b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<?xml")
    ):
        raise RefusedError("fil-webbsida")
    if re.match(
        rb"(mime-version|received|return-path|from|message-id|delivered-to|x-[a-z-]+):", start
    ):
        raise RefusedError("fil-webbsida" if b"x-document-type: workbook" in start else "fil-epost")
    if start.startswith(b"<"):
        raise RefusedError("fil-xml")


def no_workbook(archive: zipfile.ZipFile, names: Iterable[str]) -> RefusedError:
    """What a zip is that holds no Excel workbook."""
    types = part_of(archive, "[Content_Types].xml")
    if (
        b"spreadsheetml.sheet.main+xml" in types
    ):  # its main part lies elsewhere, as some services put it
        return RefusedError("fil-olasbar")
    odf = part_of(archive, "mimetype")
    for mark, rule in _IN_TYPES.items():
        if mark in types:
            return RefusedError(rule)
    if b"opendocument" in odf:
        return RefusedError("fil-ods" if b"spreadsheet" in odf else "fil-dokument")
    if any(name.casefold().endswith(".iwa") for name in names):
        return RefusedError("fil-numbers")
    return RefusedError("fil-fel-format" if types else "fil-arkiv")


def part_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a part of a zip; nothing where it can't be read."""
    try:
        with archive.open(name) as stream:
            return stream.read(100_000)
    except Exception:  # missing, damaged or encrypted: then it says nothing
        return b""
