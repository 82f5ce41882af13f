"""A rendered body -> blocks -> PDF and Word; alone imports typst, docxtpl and python-docx.

The body is read back as XML into blocks (headings, paragraphs, lists, tables, figures), which typst and Word lay out;
so text from a board is data all the way and never markup.
"""

import functools
import importlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from itertools import groupby
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from .archive import packed

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: Any) -> Any:
    """Text without the characters that no XML can hold; anything else as it is."""
    return _NOT_IN_XML.sub("", value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@dataclass(frozen=True)
class Look:
    """What stands around the blocks of a document: its title, kind and running head, and the day it is for."""

    title: str
    kind: str
    name: str
    running: str
    as_of: date
    mark: str | None = None
    """A word across every page, such as UTKAST; None for a document that is nothing but what it is."""


def warm() -> None:
    """Load the libraries ahead of the first document."""
    importlib.import_module("docxtpl")
    _fonts()


# -- the body as blocks ----------------------------------------------------------------------------------------------

Block = dict[str, Any]
Run = dict[str, str]

_DRAWING = re.compile(r"<svg .*?</svg>", re.DOTALL)
_SVG = "{http://www.w3.org/2000/svg}"
_BLANKS = re.compile("[ \t\r\n]+")
_INLINE = {"strong": "strong", "small": "small", "code": "code", "mark": "mark", "a": "", "span": ""}


def blocks(body: str) -> list[Block]:
    """The body's elements, in order, as what a typesetter needs to know; parts for the screen alone are left out."""
    return list(_blocks(ElementTree.fromstring(body), iter(_DRAWING.findall(body))))


def _blocks(parent: ElementTree.Element, drawings: Iterator[str]) -> Iterator[Block]:
    for element in parent:
        if element.get("data-only") == "html":
            continue
        match element.tag:
            case "section" if element.get("class") == "activity":
                yield {"kind": "group", "blocks": list(_blocks(element, drawings))}
            case "section" if "state" in element.get("class", "").split():
                yield {"kind": "frame", "items": [_runs(part) for part in element]}
            case "article" | "section" | "header" | "div":
                yield from _blocks(element, drawings)
            case "h1" | "h2" | "h3" | "p":
                yield {"kind": element.tag, "style": element.get("class", ""), "runs": _runs(element)}
            case "ul" | "ol":
                items = [_runs(item) for item in element]
                yield {"kind": element.tag, "style": element.get("class", ""), "items": items}
            case "dl":
                facts = [_runs(item) for item in element]
                pairs = list(zip(facts[::2], facts[1::2], strict=True))
                yield {"kind": "dl", "style": element.get("class", ""), "items": pairs}
            case "table":
                yield _table(element)
            case "figure":
                texts = [element.findtext(f"{_SVG}svg/{_SVG}{tag}", "") for tag in ("title", "desc")]
                caption = element.find("figcaption")
                assert caption is not None
                yield {
                    "kind": "figure",
                    "svg": next(drawings),
                    "alt": " ".join(texts),
                    "runs": _runs(caption),
                }
            case tag:
                raise ValueError(f"a report's body holds no <{tag}>")


def _table(element: ElementTree.Element) -> Block:
    parts = {tag: [list(row) for row in element.findall(f"{tag}/tr")] for tag in ("thead", "tbody", "tfoot")}
    caption = element.find("caption")
    assert caption is not None
    return {
        "kind": "table",
        "caption": _runs(caption),
        "is_number": [cell.get("class") == "n" for cell in parts["thead"][0]],
        **{tag: [[_runs(cell) for cell in row] for row in rows] for tag, rows in parts.items()},
    }


def _runs(element: ElementTree.Element) -> list[Run]:
    """The text of an element in pieces of one style each, blanks as a browser would show them."""
    pieces = groupby(_pieces(element, ""), key=lambda piece: piece["style"])
    runs = [{"text": "".join(piece["text"] for piece in same), "style": style} for style, same in pieces]
    if runs:
        runs[0]["text"] = runs[0]["text"].lstrip(" ")
        runs[-1]["text"] = runs[-1]["text"].rstrip(" ")
    return [run for run in runs if run["text"] or run["style"] == "break"]


def _pieces(element: ElementTree.Element, style: str) -> Iterator[Run]:
    yield {"text": _BLANKS.sub(" ", element.text or ""), "style": style}
    for child in element:
        if child.tag in {"wbr", "br"}:
            yield {"text": "", "style": "break"}
        elif child.get("data-only") != "html":
            yield from _pieces(child, _INLINE[child.tag] or style)
        yield {"text": _BLANKS.sub(" ", child.tail or ""), "style": style}


def plain(element: ElementTree.Element) -> str:
    """The text of an element as it stands on paper, a new line for each break."""
    return _plain(_runs(element))


def _plain(runs: Iterable[Run]) -> str:
    return "".join("\n" * (run["style"] in {"break", "small"}) + run["text"] for run in runs)


_SHORT = 26
"""A text column whose longest line is no longer than this is never broken in the PDF."""


def _weights(table: Block) -> list[int]:
    """How many characters each column wants: numbers and short text whole, long text by its usual length."""
    weights = []
    columns = zip(*table["thead"], *table["tbody"], *table["tfoot"], strict=True)
    for is_number, column in zip(table["is_number"], columns, strict=True):
        texts = [_plain(cell) for cell in column]
        lines = [len(line) for text in texts[is_number:] for line in text.split("\n")]
        words = [len(word) for text in texts for word in re.split("[ \n/-]", text)]
        longest = max(lines, default=0)
        usual = sum(map(len, texts)) // len(texts)
        weights.append(max(6, min(max(words), 44), longest if longest <= _SHORT else min(max(usual, _SHORT + 1), 80)))
    return weights


# -- PDF -------------------------------------------------------------------------------------------------------------

_TYPST_CHARTS = b"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#for chart in json(bytes(sys.inputs.charts)) { page(image(bytes(chart), format: "svg")) }"""


@functools.cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


_NOT_IN_FONTS = re.compile(
    "[^ -\u0377\u0384-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u1e00-\u1eff"
    "\u2000-\u200f\u2010-\u2027\u202f-\u2040\u2044-\u205e\u2070\u2074-\u208e\u20a0-\u20bf\u2100-\u211d\u2122\u2126-\u2150"
    "\u2153-\u2183\u2190-\u23ff\u2460-\u2603\ufb00-\ufb06\ufffd]"
)
"""What the fonts inside typst don't have, such as an emoji that a board has written: no PDF/A may hold it."""


def not_printed(text: str) -> str:
    """The signs of a text that the PDF can't show, each once, in the order that they come."""
    return "".join(dict.fromkeys(sign for sign in clean(text) if _NOT_IN_FONTS.match(sign) and not sign.isspace()))


_LONG = re.compile(r"\S{100}(?=\S)")
"""What needs a place to break: a PDF/A holds no word of more than some ten thousand characters."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a PDF, inside it."""

    name: str
    media_type: str
    words: str
    content: bytes


def pdf(look: Look, blocks: Sequence[Block], attachments: Sequence[Attachment] = ()) -> bytes:
    """The report as a tagged PDF, A4, by typst; the same bytes for the same report.

    It follows PDF/UA-1, for everybody to read, and PDF/A-3a, for the archive, with the files that the report rests on.
    """
    tables = (block | {"weights": _weights(block)} if block["kind"] == "table" else block for block in blocks)
    report = {
        "title": look.title,
        "running": look.running,
        "as_of": [look.as_of.year, look.as_of.month, look.as_of.day],
        "mark": look.mark,
        "blocks": list(tables),
    }
    given = {"attachments": [[a.name, a.media_type, a.words, list(a.content)] for a in attachments]}
    source = files("statsbidrag.reports").joinpath("aterrapport.typ").read_bytes()
    return _typst(
        source, {"report": json.dumps(_printable(report) | given)}, format="pdf", pdf_standards=["ua-1", "a-3a"]
    )[0]


_CODE = "code"
_WORD_IN_CELL = re.compile(r"\S{21,}")
_BREAKS_IN_WORD = re.compile(r"[_./-]+(?=[^\W_])|[^\s_./-]{24}(?=[^\s_./-])")


def _breakable(text: str) -> str:
    """A cell's text with places where a long word, such as the name of a file, may go on on the next line."""
    return _WORD_IN_CELL.sub(lambda word: _BREAKS_IN_WORD.sub("\\g<0>\u200b", word[0]), text)


def _printable(value: Any) -> Any:
    """The text in a report's values, as a PDF/A can hold it."""
    match value:
        case str():
            return _LONG.sub("\\g<0>\u200b", _NOT_IN_FONTS.sub("\ufffd", value))
        case dict() if value.get("kind") == "table" and "tbody" in value:
            return {name: _printable(part) for name, part in _with_breaks(value).items()}
        case dict():
            return {name: part if name == "svg" else _printable(part) for name, part in value.items()}
        case [*parts]:
            return [_printable(part) for part in parts]
    return value


def _with_breaks(table: Block) -> Block:
    """A table whose cells can break their long words; a fingerprint has its own places to break."""
    cells = {}
    for part in ("tbody", "tfoot"):
        cells[part] = [[[_run_with_breaks(run) for run in cell] for cell in row] for row in table[part]]
    return table | cells


def _run_with_breaks(run: Run) -> Run:
    return run if run["style"] == _CODE else run | {"text": _breakable(run["text"])}


def _pictures(blocks: Iterable[Block]) -> list[bytes]:
    """The charts as PNG for Word, at 200 dots an inch."""
    charts = [block["svg"] for block in blocks if block["kind"] == "figure"]
    return _typst(_TYPST_CHARTS, {"charts": json.dumps(charts)}, format="png", ppi=200) if charts else []


def _typst(source: bytes, inputs: dict[str, str], **output: Any) -> list[bytes]:
    """What typst makes of a source: one PDF, or one picture per page. Only its own fonts are used."""
    import typst

    made = typst.Compiler(source, font_paths=_fonts(), sys_inputs=inputs).compile(**output)
    return made if isinstance(made, list) else [bytes(made or b"")]


# -- Word ------------------------------------------------------------------------------------------------------------

_EMU_IN_TWIP = 635
_WHOLE = 11
"""A table with no more rows than this stays on one page, as in aterrapport.typ."""
_WORD_STYLES = {
    "h2": "Heading1",
    "h3": "Heading2",
    "frame": "Ruta",
    "ul": "ListBullet",
    "ol": "ListNumber",
    "lead": "Ingress",
    "head": "Insats",
    "note": "Not",
    "decision": "Beslutspunkt",
    "annex": "Bilagepunkt",
    "signature": "Underskrift",
}
"""The Word style of a kind of block, or of a class that a block has; a template keeps those that its document uses."""
_WORD_RUNS = {"strong": "Strong", "small": "Liten", "code": "Kod", "mark": "Fylli"}


def word(look: Look, blocks: Sequence[Block], template_name: str = "aterrapport.docx") -> bytes:
    """The document on a Word template of reports/, whose styles, page, header and footer it takes over."""
    from docx.shared import Cm
    from docxtpl import DocxTemplate
    from markupsafe import Markup

    day = datetime.combine(look.as_of, time())
    template = DocxTemplate(io.BytesIO(files("statsbidrag.reports").joinpath(template_name).read_bytes()))
    template.init_docx()
    document = template.docx
    if look.mark:
        _watermark(document, look.mark)
    drawn = []
    figures = [block for block in blocks if block["kind"] == "figure"]
    for figure, picture in zip(figures, _pictures(figures), strict=True):
        inline = document.part.new_pic_inline(io.BytesIO(picture), width=Cm(14.5))
        inline.docPr.set("descr", figure["alt"])
        drawn.append(inline.xml)
    page = document.sections[0]
    width = (page.page_width - page.left_margin - page.right_margin) // _EMU_IN_TWIP
    paper = _Paper(width, iter(drawn))
    body = "".join(_word_block(block, paper) for block in blocks if block["kind"] != "h1" and not _is_kicker(block))
    template.render(
        {
            "kind": clean(look.kind),
            "name": clean(look.name),
            "running": clean(look.running),
            "as_of": look.as_of.isoformat(),
            "body": Markup(body),
        },
        autoescape=True,
    )
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.language = look.title, "Stockholms stad", "", "sv-SE"
    core.created = core.modified = day
    core.revision = 1
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as archive:
        return packed((name, archive.read(name)) for name in archive.namelist())


_WATERMARK = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
  xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:rPr><w:noProof/></w:rPr>
<w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800"
  o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s{number}" type="#_x0000_t136" alt={mark}
  o:allowincell="f" fillcolor="#c9d1d8" stroked="f" style="position:absolute;margin-left:0;margin-top:0;width:440pt;
  height:125pt;rotation:315;z-index:-251658752;{centred}"><v:fill opacity=".5"/>
<v:textpath style="font-family:&quot;Arial&quot;;font-size:1pt;font-weight:bold" string={mark}/></v:shape>
</w:pict></w:r>"""
"""A watermark as Word itself makes it, so that Word can also take it away (Design, Watermark)."""
_CENTRED = ";".join(
    f"mso-position-{way}:center;mso-position-{way}-relative:margin" for way in ("horizontal", "vertical")
)


def _watermark(document: Any, mark: str) -> None:
    """Lay a word across every page: into each header that the template's sections use."""
    from docx.oxml import parse_xml

    for number, section in enumerate(document.sections):
        headers = [section.header, *([section.first_page_header] * section.different_first_page_header_footer)]
        for place, header in enumerate(headers):
            shape = _WATERMARK.format(number=2049 + 2 * number + place, mark=quoteattr(mark), centred=_CENTRED)
            header.paragraphs[0]._p.append(parse_xml(shape))


@dataclass(frozen=True)
class _Paper:
    """What the blocks need to know of the template they stand on: the width of its text, and what is drawn there."""

    width: int
    """In twips, twentieths of a point."""
    drawings: Iterator[str]


def _is_kicker(block: Block) -> bool:
    return bool(block.get("style") == "kicker")


def _word_block(block: Block, paper: _Paper) -> str:
    style = _WORD_STYLES.get(block.get("style", "")) or _WORD_STYLES.get(block["kind"], "Normal")
    match block["kind"]:
        case "group":
            return "".join(_word_block(part, paper) for part in block["blocks"])
        case "frame" | "ul" | "ol":
            return "".join(_word_p(style, runs) for runs in block["items"])
        case "dl":
            last = 3400 if block["style"] == "key" else 6000
            said = "Tabelltal" if block["style"] == "key" else "Tabelltext"
            rows = "".join(
                f"<w:tr>{_word_cell(paper.width - last, 'Tabelltext', term)}{_word_cell(last, said, text)}</w:tr>"
                for term, text in block["items"]
            )
            return _word_grid("Fakta", "Uppgifter", [paper.width - last, last], rows)
        case "table":
            return _word_table(block, paper.width)
        case "figure":
            picture = f"<w:r><w:drawing>{next(paper.drawings)}</w:drawing></w:r>"
            return f"<w:p><w:pPr><w:keepNext/></w:pPr>{picture}</w:p>" + _word_p("Bildtext", block["runs"])
        case _:
            return _word_p(style, block["runs"])


def _word_p(style: str, runs: Iterable[Run], *, keep_next: bool = False) -> str:
    keep = "<w:keepNext/>" * keep_next
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>{"".join(map(_word_run, runs))}</w:p>'


def _word_run(run: Run) -> str:
    style = _WORD_RUNS.get(run["style"])
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    line = "<w:br/>" if run["style"] in {"small", "break"} else ""
    # Written as entities, the braces of a board's text are never read as a field of the template.
    text = escape(run["text"], {"{": "&#123;", "}": "&#125;"})
    return f'<w:r>{look}{line}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _word_table(table: Block, page: int) -> str:
    weights, are_numbers = _weights(table), table["is_number"]
    whole = [w * 95 + 150 if is_number else 0 for w, is_number in zip(weights, are_numbers, strict=True)]
    texts = sum(w for w, is_number in zip(weights, are_numbers, strict=True) if not is_number)
    widths = [width or w * (page - sum(whole)) // texts for w, width in zip(weights, whole, strict=True)]
    styles = ["Tabelltal" if is_number else "Tabelltext" for is_number in are_numbers]
    sums = [[[run | {"style": run["style"] or "strong"} for run in cell] for cell in row] for row in table["tfoot"]]
    all_rows = [*table["thead"], *table["tbody"], *sums]
    together = len(all_rows) - 1 if len(table["tbody"]) <= _WHOLE else 1
    rows = "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * (place == 0)}</w:trPr>"
        + "".join(_word_cell(*cell, keep_next=place < together) for cell in zip(widths, styles, row, strict=True))
        + "</w:tr>"
        for place, row in enumerate(all_rows)
    )
    caption = _word_p("Caption", table["caption"])
    return caption + _word_grid("Tabell", _plain(table["caption"]), widths, rows, has_sum=bool(table["tfoot"]))


def _word_grid(style: str, caption: str, widths: Sequence[int], rows: str, *, has_sum: bool = False) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1" w:lastRow="{int(has_sum)}" w:firstColumn="0" '
        f'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={quoteattr(caption)}/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>{_word_p('Efter', [])}"
    )


def _word_cell(width: int, style: str, runs: Iterable[Run], *, keep_next: bool = False) -> str:
    text = _word_p(style, runs, keep_next=keep_next)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{text}</w:tc>'
