"""Where words can hide in a workbook."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

from statsbidrag.base.archive import packed
from statsbidrag.model.returns import (
    IN_CELL,
)
from statsbidrag.returns import (
    number_places,
)
from tests.support.planted import good

NUMBER = "191212121212"


COST_SHEET, BOOK = "xl/worksheets/sheet3.xml", "xl/workbook.xml"


Change = Callable[[dict[str, bytes]], None]


A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(change: Change) -> bytes:
    """The good workbook with its parts changed."""
    parts = parts_of(good())
    before = dict(parts)
    change(parts)
    assert parts != before
    return packed(parts.items())


def cell(ref: str, xml: str) -> Change:
    """Another cell in the place of one of the costs' sheet."""

    def change(parts: dict[str, bytes]) -> None:
        row = re.sub("[A-Z]+", "", ref)
        sheet = re.sub(rf'<c r="{ref}".*?(?:/>|</c>)', "", parts[COST_SHEET].decode(), count=1)
        parts[COST_SHEET] = re.sub(
            rf'(<row r="{row}".*?)</row>', rf"\g<1>{xml}</row>", sheet, count=1
        ).encode()

    return change


def part(name: str, xml: str | bytes) -> Change:
    """A part more, that nothing leads to."""
    return lambda parts: parts.update({name: xml if isinstance(xml, bytes) else xml.encode()})


def replaced(name: str, old: str, new: str) -> Change:
    return lambda parts: parts.update({name: parts[name].replace(old.encode(), new.encode(), 1)})


def both(*changes: Change) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        for one in changes:
            one(parts)

    return change


def text_cell(inner: str) -> Change:
    return cell("I9", f'<c r="I9" t="inlineStr"><is>{inner}</is></c>')


def shared(*items: str) -> Change:
    """Texts that cells may share; none of the good workbook does."""
    listed = "".join(f"<si>{item}</si>" for item in items)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    return both(
        part("xl/sharedStrings.xml", f"<sst {X}>{listed}</sst>"),
        replaced(
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>',
        ),
        replaced(
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{relation}" '
            'Target="sharedStrings.xml"/></Relationships>',
        ),
    )


def embedded() -> bytes:
    return packed(
        {"word/document.xml": f"<w><t>{NUMBER[:8]}</t><t>-{NUMBER[8:]}</t></w>".encode()}.items()
    )


MERGED = (
    '<mergeCells count="1"><mergeCell ref="L9:N9"/></mergeCells><conditionalFormatting '
    'sqref="A6:A25">'
)


LINKS = (
    f'<externalLink {X}><externalBook><sheetDataSet><sheetData sheetId="0"><row r="1"><cell '
    'r="A1" t="str">'
    "<v>{}</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>"
)


VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><div>om '
    "<font>1912</font><font>1212-1212</font><br></div>"
    "</v:textbox></xml>"
)


CHART = (
    '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:pt '
    'idx="0"><c:v>191212121212</c:v>'
    "</c:pt></c:chart>"
)


BOXES = (
    f"<x {A}><a:p><a:r><a:rPr b='1'><a:solidFill/></a:rPr><a:t>1912</a:t></a:r>\n "
    "<a:r><a:t>1212</a:t></a:r><a:br/>"
    "<a:r><a:t>1212</a:t></a:r></a:p></x>"
)


PLACES: Mapping[str, tuple[Change, str]] = {
    "a hyphen as a code": (text_cell("<t>19121212_x002D_1212</t>"), IN_CELL),
    "a digit as a code": (text_cell("<t>1912121_x0032_1212</t>"), IN_CELL),
    "an invisible code": (text_cell("<t>19121212_x200B_1212</t>"), IN_CELL),
    "references": (text_cell("<t>&#49;9121212&#x2d;1212</t>"), IN_CELL),
    "all of it references": (
        text_cell(f"<t>{''.join(f'&#{ord(c)};' for c in NUMBER)}</t>"),
        IN_CELL,
    ),
    "CDATA": (text_cell("<t>19121<![CDATA[212-12]]>12</t>"), IN_CELL),
    "runs of a cell": (
        text_cell("<r><t>191212</t></r><r><rPr><b/><sz val='11'/></rPr><t>12-1212</t></r>"),
        IN_CELL,
    ),
    "a blank run between": (
        text_cell("<r><t>5</t></r><r><t> </t></r><r><t>1212121212</t></r>"),
        IN_CELL,
    ),
    "a covered cell": (
        both(
            replaced(COST_SHEET, '<conditionalFormatting sqref="A6:A25">', MERGED),
            cell("M9", '<c r="M9" t="inlineStr"><is><t>19121212-1212</t></is></c>'),
        ),
        IN_CELL,
    ),
    "the cell of an array": (
        cell(
            "N9", '<c r="N9" t="str"><f t="array" ref="N9">"19121212"&amp;"-1212"</f><v>x</v></c>'
        ),
        "i formeln",
    ),
    "a formula with the number": (
        cell("N9", "<c r='N9'><f>191212121212+0</f><v>1</v></c>"),
        "i formeln",
    ),
    "a formula's value": (cell("N9", '<c r="N9"><f>1+1</f><v>1.91212121212E11</v></c>'), IN_CELL),
    "a value with noughts after the point": (
        cell("N9", '<c r="N9"><v>191212121212.0</v></c>'),
        IN_CELL,
    ),
    "a shared text": (
        both(
            shared("<t>a</t>", "<r><t>19121212</t></r><r><t>-1212</t></r>"),
            cell("I9", '<c r="I9" t="s"><v>1</v></c>'),
        ),
        IN_CELL,
    ),
    "a shared text that no cell uses": (
        shared("<t>a</t>", "<t>19121212-1212</t>"),
        "i en text som ingen cell visar längre",
    ),
    "phonetics": (
        text_cell(
            '<t>a</t><rPh sb="0" eb="1"><t>19121212</t></rPh><rPh sb="1" '
            'eb="2"><t>19121212-1212</t></rPh>'
        ),
        "i uttalet av en text (fonetisk text)",
    ),
    "a text box in runs": (part("xl/drawings/drawing9.xml", BOXES), "i en textruta"),
    "an alternative text": (
        part("xl/drawings/drawing9.xml", '<x><y id="4" descr="Foto av 19121212-1212"/></x>'),
        "i namnet på en figur eller i dess alternativtext",
    ),
    "a figure named by the number alone": (
        part("xl/drawings/drawing9.xml", '<x><y id="4" name="1212121212"/></x>'),
        "i namnet på en figur eller i dess alternativtext",
    ),
    "VML": (
        part("xl/drawings/vmlDrawing9.vml", VML),
        "i en textruta, en knapp eller en anteckning",
    ),
    "a chart": (part("xl/charts/chart9.xml", CHART), "i ett diagram"),
    "codes of a page header": (
        replaced(
            COST_SHEET,
            "<oddHeader></oddHeader>",
            '<oddHeader>&amp;L191212&amp;B12-1&amp;"Arial,Bold"&amp;K00FF00212</oddHeader>',
        ),
        "i sidhuvudet eller sidfoten",
    ),
    "what is kept of another file": (
        part("xl/externalLinks/externalLink1.xml", LINKS.format("19121212-1212")),
        "i det som sparats från en annan fil",
    ),
    "a connection": (
        part("xl/connections.xml", '<c command="SELECT 19121212-1212"/>'),
        "i en datakoppling",
    ),
    "a pivot table's memory": (
        part("xl/pivotCache/pivotCacheDefinition1.xml", '<s><n v="191212121212"/></s>'),
        "i en pivottabell",
    ),
    "XML of one's own": (
        part("customXml/item1.xml", "<a><b>19121212-1212</b></a>"),
        number_places.HIDDEN,
    ),
    "a remark in XML": (
        part("customXml/item1.xml", "<a><!-- 19121212-1212 --></a>"),
        number_places.HIDDEN,
    ),
    "UTF-16": (
        part("customXml/item1.xml", "<a>19121212-1212</a>".encode("utf-16")),
        number_places.HIDDEN,
    ),
    "UTF-16 without a mark": (
        part("customXml/item1.xml", "<a>19121212-1212</a>".encode("utf-16-be")),
        number_places.HIDDEN,
    ),
    "latin-1": (
        part(
            "customXml/item1.xml",
            "<?xml version='1.0' encoding='iso-8859-1'?><a å='ä'>19121212-1212</a>".encode(
                "latin-1"
            ),
        ),
        number_places.HIDDEN,
    ),
    "a printer's settings": (
        part(
            "xl/printerSettings/printerSettings1.bin",
            b"\1" + "HP 19121212-1212".encode("utf-16-le"),
        ),
        "i skrivarens inställningar",
    ),
    "bytes": (part("xl/vbaProject.bin", b"\0\1Dim x 19121212-1212\xff"), "i ett makro"),
    "a document within": (part("xl/embeddings/a.docx", embedded()), "i en fil inuti arbetsboken"),
    "a damaged document within": (
        part("xl/embeddings/a.docx", b"PK\x03\x04 19121212-1212"),
        "i en fil inuti arbetsboken",
    ),
    "a part's name": (part("customXml/19121212-1212.xml", "<a/>"), "i namnet på en del av filen"),
}
