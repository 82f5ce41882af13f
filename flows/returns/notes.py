"""Comments on the cells of a workbook, put among those that its sender has.

A comment is stored in three places: its text, the box that shows it (VML, without which Excel shows
nothing), and perhaps a thread, which newer Excel shows instead of the text.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from ..model.findings import Severity
from .cell_places import Place, letters_of, place_of, prefixed, ref_of
from .ooxml import MAIN, RELATIONS
from .parts import AFTER_DATA, DECLARED, OFFICE, SPREADSHEET, Parts, values_of
from .tags import PASSED_OVER, PREFIX, REST, WORKBOOK, Element, Text, escaped, text_element
from .xml_text import Span

FEEDBACK = "Återkoppling"
"""The author of our comments, and the name of the sheet of all of them."""
LABELS = {
    Severity.BLOCKING: "Måste rättas",
    Severity.WARNING: "Varning",
    Severity.INFO: "För kännedom",
}
"""The word for each severity, the most severe first."""
_OWN_COMMENT = "\n\nEr kommentar: "
"""What stands between our comment and the sender's in the same cell."""


# -- comments --------------------------------------------------------------------------------------

_COMMENT = re.compile(
    rf"{PASSED_OVER}|<(?P<tag>{PREFIX}comment){REST}>(?P<content>.*?)</(?P=tag)\s*>", re.DOTALL
)
_TEXT = re.compile(rf"<({PREFIX}text)(?:\s[^>]*)?>(.*?)</\1\s*>", re.DOTALL)
_AUTHOR = re.compile(rf"<({PREFIX}author)(?:\s*/>|(?:\s[^>]*)?>([^<]*)</\1\s*>)")
_RUN = (
    '<r><rPr><sz val="9"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr>{}</r>'
)
_IN_SHEET = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
)
"""The sequence of CT_Worksheet up to the drawing of comments (ECMA-376 part 1, 18.3.1.99)."""


@dataclass(frozen=True)
class _Stored:
    """A comment as the workbook has it."""

    place: Place
    span: Span
    is_ours: bool
    """Whether it is an earlier answer and nothing else."""
    is_merged: bool
    """Whether an earlier answer stands first in a comment of the sender's."""
    own: str
    """What the sender has said in one that is merged."""
    inside: str | None
    """What its text holds, looks and all; None for a comment without a text."""
    inside_start: int


def _stored_comments(xml: str, ours: int) -> Iterator[_Stored]:
    """The comments on cells; `ours` is our number among the authors."""
    for comment in _COMMENT.finditer(xml):
        if not comment["tag"]:
            continue
        values = values_of(comment[0][: comment[0].index(">") + 1])
        place = place_of(values.get("ref", ""))
        if place is None:
            continue
        text = _TEXT.search(comment["content"])
        own, is_merged = _own_comment(letters_of(text[2]) if text else "")
        yield _Stored(
            place=place,
            span=comment.span(),
            is_ours=values.get("authorId", "") == str(ours),
            is_merged=is_merged,
            own=own,
            inside=text[2] if text else None,
            inside_start=comment.start("content") + text.start(2) if text else 0,
        )


def _of_the_sender(stored: _Stored, inside: str, prefix: str) -> str:
    """What of a comment the sender has said, as runs."""
    if stored.is_ours:
        return ""
    if stored.is_merged:
        return prefixed(_run(stored.own), prefix)
    return _runs(inside, prefix)


class Comments:
    """The comments of one sheet: the texts, the boxes that show them (VML), and the threads beside
    them."""

    def __init__(self, parts: Parts, sheet: str) -> None:
        self._parts, self._sheet = parts, sheet
        self._part = parts.related(sheet, "comments")
        self._gone: set[Place] = set()

    def write(self, texts: Mapping[Place, str]) -> set[Place]:
        """Put our comments on cells, and take those of an earlier answer away; the cells that had
        one of those."""
        stale = self._rewrite(texts) if self._part else set()
        if texts and not self._part:
            self._begin(texts)
        if texts or self._gone:
            self._draw(texts)
        if texts or stale:
            _Threads(self._parts, self._sheet).write(texts)
        return stale

    def _begin(self, texts: Mapping[Place, str]) -> None:
        self._part = self._parts.unused("xl/comments", ".xml")
        new = "".join(_comment(place, 0, text) for place, text in sorted(texts.items()))
        authors = f"<authors><author>{FEEDBACK}</author></authors>"
        xml = f'<comments xmlns="{MAIN}">{authors}<commentList>{new}</commentList></comments>'
        self._parts.add(self._part, f"{DECLARED}{xml}")
        self._parts.typed(self._part, f"{SPREADSHEET}.comments+xml")
        self._parts.relate(self._sheet, "comments", self._part)

    def _rewrite(self, texts: Mapping[Place, str]) -> set[Place]:
        """Put ours among the sender's comments: first in one that a cell has already, with the
        sender's own below."""
        text = self._parts.text(self._part)
        authors = [html.unescape(author[2] or "") for author in _AUTHOR.finditer(text.xml)]
        ours = authors.index(FEEDBACK) if FEEDBACK in authors else len(authors)
        stale: set[Place] = set()
        rewritten: set[Place] = set()
        for stored in _stored_comments(text.xml, ours):
            place, inside = stored.place, stored.inside
            if stored.is_ours or stored.is_merged:
                stale.add(place)
            if stored.is_ours and place not in texts:
                text.replace(*stored.span, "")
                self._gone.add(place)
            elif inside is not None and (place in texts or stored.is_merged):
                rewritten.add(place)
                senders = _of_the_sender(stored, inside, text.prefix)
                first = ""
                if place in texts:
                    mark = _OWN_COMMENT if senders else ""
                    first = prefixed(_run(texts[place] + mark), text.prefix)
                start = stored.inside_start
                text.replace(start, start + len(inside), first + senders)
        new = [place for place in texts if place not in rewritten]
        if new:
            comments = "".join(_comment(place, ours, texts[place]) for place in sorted(new))
            lists = {child.name: child for child in text.children()}
            _append(text, lists.get("commentList"), prefixed(comments, text.prefix), "commentList")
            if ours == len(authors):
                author = prefixed(f"<author>{FEEDBACK}</author>", text.prefix)
                _append(text, lists.get("authors"), author, "authors")
        return stale

    def _draw(self, texts: Mapping[Place, str]) -> None:
        """A box for each comment of ours. Excel shows no comment that has none."""
        part = self._parts.related(self._sheet, "vmlDrawing")
        page = self._parts.text(self._sheet)
        is_named = re.search(rf"<{PREFIX}legacyDrawing\s[^>]*>", page.xml)
        if not part or not is_named:
            if texts:
                self._begin_drawing(texts)
            return
        drawing = self._parts.text(part)
        for box in _BOX.finditer(drawing.xml):
            place = _place_of_box(box[0])
            if place and (place in texts or place in self._gone):
                drawing.replace(*box.span(), "")
        if texts:
            _draw_among_others(drawing, texts)

    def _begin_drawing(self, texts: Mapping[Place, str]) -> None:
        part = self._parts.unused("xl/drawings/vmlDrawing", ".vml")
        block = int(re.findall("[0-9]+", part)[-1])
        boxes = _boxes(texts, block * 1024 + 1)
        blocks = ",".join(str(block + more) for more in range(1 + len(texts) // 1024))
        layout = (
            f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>'
        )
        self._parts.add(part, f"<xml {_VML_NAMES}>{layout}{_BOX_KIND}{boxes}</xml>")
        self._parts.typed_by_suffix(part, f"{OFFICE}.vmlDrawing")
        relation = self._parts.relate(self._sheet, "vmlDrawing", part)
        page = self._parts.text(self._sheet)
        after = AFTER_DATA.search(page.xml)
        assert after is not None
        tag = f'<{page.prefix}legacyDrawing xmlns:r="{RELATIONS}" r:id="{relation}"/>'
        page.put_in_order(tag, "legacyDrawing", _IN_SHEET, after.end())


def _append(text: Text, element: Element | None, new: str, name: str) -> None:
    """Put something last in an element, or in a new one where there is none."""
    whole = f"<{text.prefix}{name}>{new}</{text.prefix}{name}>"
    if element is None:
        end = text.xml.rfind("</")
        text.replace(end, end, whole)
    elif element.is_closed:
        text.replace(element.start, element.end, whole)
    else:
        text.replace(element.content_end, element.content_end, new)


def _run(text: str) -> str:
    return _RUN.format(text_element(text))


def _comment(place: Place, author: int, text: str) -> str:
    return f'<comment ref="{ref_of(place)}" authorId="{author}"><text>{_run(text)}</text></comment>'


def _runs(inside: str, prefix: str) -> str:
    """What a comment says as runs, so that others can stand before them."""
    if re.search(rf"<{PREFIX}r[\s>]", inside) or not inside.strip():
        return inside
    return f"<{prefix}r>{inside}</{prefix}r>"


def _own_comment(text: str) -> tuple[str, bool]:
    """What the sender has said in a comment that an earlier answer stands first in, and whether one
    does."""
    ours, mark, own = text.partition(_OWN_COMMENT)
    is_merged = bool(mark) and ours.startswith(tuple(f"{label}: " for label in LABELS.values()))
    return (own, True) if is_merged else (text, False)


# -- the boxes that show comments (VML) ------------------------------------------------------------

_VML_NAMES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_BOX_KIND = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = re.compile(rf"<({PREFIX}shape)(?=[\s>])[^>]*>.*?</\1\s*>", re.DOTALL)
_NOTE_ROW = re.compile(rf"<{PREFIX}Row>\s*([0-9]+)\s*<")
_NOTE_COLUMN = re.compile(rf"<{PREFIX}Column>\s*([0-9]+)\s*<")
_IS_NOTE = re.compile(r"""ObjectType\s*=\s*["']Note""")
_NUMBER = re.compile(r"""\sid\s*=\s*["']_x0000_s([0-9]{1,9})["']""")
_WIDTH, _LETTERS_A_LINE, _LINE_HEIGHT = 340, 48, 18
"""The width of a box in pixels, how many letters a line of it holds, and how high a line is."""


def _boxes(texts: Mapping[Place, str], first: int) -> str:
    """The boxes of comments, numbered from some number on."""
    numbered = enumerate(sorted(texts), first)
    return "".join(_box(place, texts[place], number) for number, place in numbered)


def _draw_among_others(drawing: Text, texts: Mapping[Place, str]) -> None:
    """Boxes after those that a drawing has, with numbers above theirs."""
    used = [int(number) for number in _NUMBER.findall(drawing.xml)]
    boxes = _boxes(texts, 1 + max(used, default=1024))
    if not re.search(r"""id\s*=\s*["']_x0000_t202["']""", drawing.xml):
        boxes = _BOX_KIND + boxes
    if not all(f"xmlns:{prefix}" in drawing.xml for prefix in "vox"):
        for tag in ("<v:shape ", "<v:shapetype "):
            boxes = boxes.replace(tag, f"{tag}{_VML_NAMES} ")
    end = drawing.xml.rfind("</")
    drawing.replace(end, end, boxes)


def _box(place: Place, text: str, number: int) -> str:
    lines = sum(1 + len(line) // _LETTERS_A_LINE for line in text.split("\n"))
    size = f"width:{_WIDTH}px;height:{_LINE_HEIGHT * lines + 16}px"
    style = (
        f"position:absolute;margin-left:59.25pt;margin-top:1.5pt;{size};z-index:1;visibility:hidden"
    )
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="{style}" fillcolor="#ffffe1" '
        'o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path '
        'o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        "<x:ClientData "
        'ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
        f"<x:Row>{place[0] - 1}</x:Row><x:Column>{place[1] - 1}</x:Column></x:ClientData></v:shape>"
    )


def _place_of_box(box: str) -> Place | None:
    """The cell whose comment a box shows; None for a box that shows none."""
    row, column = _NOTE_ROW.search(box), _NOTE_COLUMN.search(box)
    if not row or not column or not _IS_NOTE.search(box):
        return None
    return int(row[1]) + 1, int(column[1]) + 1


# -- threads ---------------------------------------------------------------------------------------

_THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
_US = "{7B1E4C52-9A3D-4F60-8E21-0C5D2A9B6F14}"
"""Who we are in a thread, in every workbook alike."""
_ENTRY = re.compile(rf"<({PREFIX}threadedComment)\s[^>]*?(?:/>|>.*?</\1\s*>)", re.DOTALL)


class _Threads:
    """The threads of one sheet: newer Excel shows a thread and not the comment that is stored
    beside it."""

    def __init__(self, parts: Parts, sheet: str) -> None:
        self._parts = parts
        self._part = parts.related(sheet, "threadedComment")
        self._people = parts.related(WORKBOOK, "person")

    def write(self, texts: Mapping[Place, str]) -> None:
        """Answer in the threads of cells, and take away the answers of an earlier time."""
        if not self._part or not self._people:
            return
        text = self._parts.text(self._part)
        has_answered = False
        for entry in _ENTRY.finditer(text.xml):
            values = values_of(entry[0][: entry[0].index(">") + 1])
            place = place_of(values.get("ref", ""))
            is_first = "parentId" not in values and "id" in values
            if values.get("personId", "").upper() == _US:
                text.replace(*entry.span(), "")
            elif place and place in texts and is_first:
                has_answered = True
                answer = _answer_in(values, texts[place])
                text.replace(entry.end(), entry.end(), prefixed(answer, text.prefix))
        people = self._parts.text(self._people)
        if has_answered and _US not in people.xml:
            person = (
                f'<person displayName="{FEEDBACK}" id="{_US}" userId="{FEEDBACK}" '
                'providerId="None"/>'
            )
            end = people.xml.rfind("</")
            people.replace(end, end, prefixed(person, people.prefix))


def _answer_in(asked: Mapping[str, str], text: str) -> str:
    """A reply to the first entry of a thread; its id follows from that one's, its time is the
    same."""
    digits = sha256(asked["id"].encode()).hexdigest().upper()
    own = f"{{{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}}}"
    time = f' dT="{escaped(asked["dT"])}"' if "dT" in asked else ""
    ids = f'personId="{_US}" id="{own}" parentId="{escaped(asked["id"])}"'
    return (
        f'<threadedComment ref="{asked["ref"]}"{time} '
        f"{ids}><text>{escaped(text)}</text></threadedComment>"
    )
