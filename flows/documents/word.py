"""Blocks as a Word file, by docxtpl."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..base.archive import packed
from ..base.beside import beside
from ..base.printable import clean
from .bodies import Block, Look, Run, column_weights, text_of_runs
from .pdf import pictures_of

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
"""The Word style of a kind of block, or of a class that a block has; a template keeps those that
its document uses."""
_WORD_RUNS = {"strong": "Strong", "small": "Liten", "code": "Kod", "mark": "Fylli"}


def word(look: Look, blocks: Sequence[Block], template_name: str = "aterrapport.docx") -> bytes:
    """The document on a Word template of reports/, whose styles, page, header and footer it takes
    over."""
    from docx.shared import Cm
    from docxtpl import DocxTemplate
    from markupsafe import Markup

    figures = [block for block in blocks if block["kind"] == "figure"]
    pictures = beside(pictures_of, figures)
    day = datetime.combine(look.as_of, time())
    template = DocxTemplate(
        io.BytesIO(files("statsbidrag.reports").joinpath(template_name).read_bytes())
    )
    template.init_docx()
    document = template.docx
    if look.mark:
        _watermark(document, look.mark)
    drawn = []
    for figure, picture in zip(figures, pictures.result(), strict=True):
        inline = document.part.new_pic_inline(io.BytesIO(picture), width=Cm(14.5))
        inline.docPr.set("descr", figure["alt"])
        drawn.append(inline.xml)
    page = document.sections[0]
    width = (page.page_width - page.left_margin - page.right_margin) // _EMU_IN_TWIP
    paper = _Paper(width, iter(drawn))
    body = "".join(
        _word_block(block, paper)
        for block in blocks
        if block["kind"] != "h1" and not _is_kicker(block)
    )
    template.render(
        {
            "kind": clean(look.kind),
            "name": clean(look.name),
            "running": clean(look.running),
            "as_of": look.as_of.isoformat(),
            "city": clean(look.organisation.name),
            "department": clean(look.organisation.department),
            "committee": clean(look.organisation.committee),
            "website": clean(look.organisation.website),
            "body": Markup(body),
        },
        autoescape=True,
    )
    core = document.core_properties
    core.title = look.title
    core.author = look.organisation.name
    core.last_modified_by = ""
    core.language = "sv-SE"
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
</w:pict></w:r>"""  # noqa: E501 - as Word writes it
"""A watermark as Word itself makes it, so that Word can also take it away (Design, Watermark)."""
_CENTRED = ";".join(
    f"mso-position-{way}:center;mso-position-{way}-relative:margin"
    for way in ("horizontal", "vertical")
)


def _watermark(document: Any, mark: str) -> None:
    """Lay a word across every page: into each header that the template's sections use."""
    from docx.oxml import parse_xml

    for number, section in enumerate(document.sections):
        headers = [
            section.header,
            *([section.first_page_header] * section.different_first_page_header_footer),
        ]
        for place, header in enumerate(headers):
            shape = _WATERMARK.format(
                number=2049 + 2 * number + place, mark=quoteattr(mark), centred=_CENTRED
            )
            header.paragraphs[0]._p.append(parse_xml(shape))


@dataclass(frozen=True)
class _Paper:
    """What the blocks need to know of the template they stand on: the width of its text, and what
    is drawn there."""

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
            style = "Tabelltal" if block["style"] == "key" else "Tabelltext"
            rows = "".join(
                f"<w:tr>{_word_cell(paper.width - last, 'Tabelltext', term)}"
                f"{_word_cell(last, style, text)}</w:tr>"
                for term, text in block["items"]
            )
            return _word_grid("Fakta", "Uppgifter", [paper.width - last, last], rows)
        case "table":
            return _word_table(block, paper.width)
        case "figure":
            picture = f"<w:r><w:drawing>{next(paper.drawings)}</w:drawing></w:r>"
            return f"<w:p><w:pPr><w:keepNext/></w:pPr>{picture}</w:p>" + _word_p(
                "Bildtext", block["runs"]
            )
        case _:
            return _word_p(style, block["runs"])


def _word_p(style: str, runs: Iterable[Run], *, keep_next: bool = False) -> str:
    keep = "<w:keepNext/>" * keep_next
    return (
        "<w:p><w:pPr><w:pStyle "
        f'w:val="{style}"/>{keep}</w:pPr>{"".join(map(_word_run, runs))}</w:p>'
    )


def _word_run(run: Run) -> str:
    style = _WORD_RUNS.get(run["style"])
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    line = "<w:br/>" if run["style"] in {"small", "break"} else ""
    # Written as entities, the braces of a board's text are never read as a field of the template.
    text = escape(run["text"], {"{": "&#123;", "}": "&#125;"})
    return f'<w:r>{look}{line}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _word_table(table: Block, page: int) -> str:
    weights, are_numbers = column_weights(table), table["is_number"]
    whole = [
        w * 95 + 150 if is_number else 0 for w, is_number in zip(weights, are_numbers, strict=True)
    ]
    texts = sum(w for w, is_number in zip(weights, are_numbers, strict=True) if not is_number)
    widths = [
        width or w * (page - sum(whole)) // texts for w, width in zip(weights, whole, strict=True)
    ]
    styles = ["Tabelltal" if is_number else "Tabelltext" for is_number in are_numbers]
    sums = [
        [[run | {"style": run["style"] or "strong"} for run in cell] for cell in row]
        for row in table["tfoot"]
    ]
    all_rows = [*table["thead"], *table["tbody"], *sums]
    together = len(all_rows) - 1 if len(table["tbody"]) <= _WHOLE else 1
    rows = "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * (place == 0)}</w:trPr>"
        + "".join(
            _word_cell(*cell, keep_next=place < together)
            for cell in zip(widths, styles, row, strict=True)
        )
        + "</w:tr>"
        for place, row in enumerate(all_rows)
    )
    caption = _word_p("Caption", table["caption"])
    return caption + _word_grid(
        "Tabell", text_of_runs(table["caption"]), widths, rows, has_sum=bool(table["tfoot"])
    )


def _word_grid(
    style: str, caption: str, widths: Sequence[int], rows: str, *, has_sum: bool = False
) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1" w:lastRow="{int(has_sum)}" '
        'w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption '
        f"w:val={quoteattr(caption)}/></w:tblPr>"
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>{_word_p('Efter', [])}"
    )


def _word_cell(width: int, style: str, runs: Iterable[Run], *, keep_next: bool = False) -> str:
    text = _word_p(style, runs, keep_next=keep_next)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{text}</w:tc>'
