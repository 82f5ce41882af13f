"""Comments on the cells of a workbook, put among those that its sender has.

A comment is stored in three places: its text, the box that shows it (VML, without which Excel shows
nothing), and perhaps a thread, which newer Excel shows instead of the text.
"""

import html
import re
from collections.abc import Mapping
from hashlib import sha256

from ..model.findings import Severity
from .cell_places import Place, letters_of, place_of, prefixed, ref_of
from .ooxml import MAIN, RELATIONS
from .parts import AFTER_DATA, DECLARED, OFFICE, SPREADSHEET, Parts, values_of
from .tags import PASSED_OVER, PREFIX, REST, WORKBOOK, Element, Text, escaped, said

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
    *(
        "sheetPr",
        "dimension",
        "sheetViews",
        "sheetFormatPr",
        "cols",
        "sheetData",
        "sheetCalcPr",
        "sheetProtection",
    ),
    *(
        "protectedRanges",
        "scenarios",
        "autoFilter",
        "sortState",
        "dataConsolidate",
        "customSheetViews",
        "mergeCells",
    ),
    *(
        "phoneticPr",
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "printOptions",
        "pageMargins",
    ),
    *(
        "pageSetup",
        "headerFooter",
        "rowBreaks",
        "colBreaks",
        "customProperties",
        "cellWatches",
        "ignoredErrors",
    ),
    *("smartTags", "drawing", "legacyDrawing"),
)
"""The sequence of CT_Worksheet up to the drawing of comments (ECMA-376 part 1, 18.3.1.99)."""


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
        made = "".join(_comment(place, 0, said(text)) for place, text in sorted(texts.items()))
        authors = f"<authors><author>{FEEDBACK}</author></authors>"
        xml = f'<comments xmlns="{MAIN}">{authors}<commentList>{made}</commentList></comments>'
        self._parts.add(self._part, f"{DECLARED}{xml}")
        self._parts.typed(self._part, f"{SPREADSHEET}.comments+xml")
        self._parts.relate(self._sheet, "comments", self._part)

    def _rewrite(self, texts: Mapping[Place, str]) -> set[Place]:
        """Put ours among the sender's comments: first in one that a cell has already, with the
        sender's own below."""
        text = self._parts.text(self._part)
        lists = {child.name: child for child in text.children()}
        authors = [html.unescape(found[2] or "") for found in _AUTHOR.finditer(text.xml)]
        ours = authors.index(FEEDBACK) if FEEDBACK in authors else len(authors)
        stale: set[Place] = set()
        told: set[Place] = set()
        for found in _COMMENT.finditer(text.xml):
            if not found["tag"]:
                continue
            values = values_of(found[0][: found[0].index(">") + 1])
            place = place_of(values.get("ref", ""))
            if place is None:
                continue
            is_ours = values.get("authorId", "") == str(ours)
            inside = _TEXT.search(found["content"])
            own, is_merged = _own_comment(letters_of(inside[2]) if inside else "")
            if is_ours or is_merged:
                stale.add(place)
            if is_ours and place not in texts:
                text.replace(*found.span(), "")
                self._gone.add(place)
            elif inside and (place in texts or is_merged):
                told.add(place)
                kept = _runs(inside[2], text.prefix)
                if is_merged:
                    kept = prefixed(_run(own), text.prefix)
                if is_ours:
                    kept = ""
                first = ""
                if place in texts:
                    first = prefixed(
                        _run(texts[place] + (_OWN_COMMENT if kept else "")), text.prefix
                    )
                start = found.start("content") + inside.start(2)
                text.replace(start, start + len(inside[2]), first + kept)
        new = {place: text_ for place, text_ in texts.items() if place not in told}
        if new:
            made = "".join(_comment(place, ours, said(new[place])) for place in sorted(new))
            _append(text, lists.get("commentList"), prefixed(made, text.prefix), "commentList")
            if ours == len(authors):
                author = prefixed(f"<author>{FEEDBACK}</author>", text.prefix)
                _append(text, lists.get("authors"), author, "authors")
        return stale

    def _draw(self, texts: Mapping[Place, str]) -> None:
        """A box for each comment of ours. Excel shows no comment that has none."""
        part = self._parts.related(self._sheet, "vmlDrawing")
        page = self._parts.text(self._sheet)
        named = re.search(rf"<{PREFIX}legacyDrawing\s[^>]*>", page.xml)
        if not part or not named:
            if texts:
                self._begin_drawing(texts, page)
            return
        text = self._parts.text(part)
        for found in _BOX.finditer(text.xml):
            place = _place_of_box(found[0])
            if place and (place in texts or place in self._gone):
                text.replace(*found.span(), "")
        if not texts:
            return
        used = [
            int(number)
            for number in re.findall(r"""\sid\s*=\s*["']_x0000_s([0-9]{1,9})["']""", text.xml)
        ]
        first = 1 + max(used, default=1024)
        made = "".join(
            _box(place, texts[place], first + n) for n, place in enumerate(sorted(texts))
        )
        if not re.search(r"""id\s*=\s*["']_x0000_t202["']""", text.xml):
            made = _BOX_KIND + made
        if not all(f"xmlns:{prefix}" in text.xml for prefix in "vox"):
            made = made.replace("<v:shape ", f"<v:shape {_VML_NAMES} ").replace(
                "<v:shapetype ", f"<v:shapetype {_VML_NAMES} "
            )
        end = text.xml.rfind("</")
        text.replace(end, end, made)

    def _begin_drawing(self, texts: Mapping[Place, str], page: Text) -> None:
        part = self._parts.unused("xl/drawings/vmlDrawing", ".vml")
        block = int(re.findall("[0-9]+", part)[-1])
        made = "".join(
            _box(place, texts[place], block * 1024 + 1 + n) for n, place in enumerate(sorted(texts))
        )
        blocks = ",".join(str(block + more) for more in range(1 + len(texts) // 1024))
        layout = (
            f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>'
        )
        self._parts.add(part, f"<xml {_VML_NAMES}>{layout}{_BOX_KIND}{made}</xml>")
        self._parts.typed_by_suffix(part, f"{OFFICE}.vmlDrawing")
        relation = self._parts.relate(self._sheet, "vmlDrawing", part)
        page = self._parts.text(self._sheet)
        after = AFTER_DATA.search(page.xml)
        assert after is not None
        tag = f'<{page.prefix}legacyDrawing xmlns:r="{RELATIONS}" r:id="{relation}"/>'
        page.put_in_order(tag, "legacyDrawing", _IN_SHEET, after.end())


def _append(text: Text, at: Element | None, new: str, name: str) -> None:
    """Put something last in an element, or in a new one where there is none."""
    if at is None:
        at_ = text.xml.rfind("</")
        text.replace(at_, at_, f"<{text.prefix}{name}>{new}</{text.prefix}{name}>")
    elif at.is_closed:
        text.replace(at.start, at.end, f"<{text.prefix}{name}>{new}</{text.prefix}{name}>")
    else:
        text.replace(at.content_end, at.content_end, new)


def _run(text: str) -> str:
    return _RUN.format(said(text))


def _comment(place: Place, author: int, said: str) -> str:
    return (
        f'<comment ref="{ref_of(place)}" '
        f'authorId="{author}"><text>{_RUN.format(said)}</text></comment>'
    )


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
_WIDTH, _LETTERS_A_LINE, _LINE_HEIGHT = 340, 48, 18
"""The width of a box in pixels, how many letters a line of it holds, and how high a line is."""


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
    row, column = (
        re.search(rf"<{PREFIX}{name}>\s*([0-9]+)\s*<", box) for name in ("Row", "Column")
    )
    if not row or not column or not re.search(r"""ObjectType\s*=\s*["']Note""", box):
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
        for found in _ENTRY.finditer(text.xml):
            values = values_of(found[0][: found[0].index(">") + 1])
            place = place_of(values.get("ref", ""))
            if values.get("personId", "").upper() == _US:
                text.replace(*found.span(), "")
            elif place and place in texts and "parentId" not in values and "id" in values:
                has_answered = True
                answer = _answer_in(values, texts[place])
                text.replace(found.end(), found.end(), prefixed(answer, text.prefix))
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
    name = sha256(asked["id"].encode()).hexdigest().upper()
    own = f"{{{name[:8]}-{name[8:12]}-4{name[13:16]}-8{name[17:20]}-{name[20:32]}}}"
    time = f' dT="{escaped(asked["dT"])}"' if "dT" in asked else ""
    ids = f'personId="{_US}" id="{own}" parentId="{escaped(asked["id"])}"'
    return (
        f'<threadedComment ref="{asked["ref"]}"{time} '
        f"{ids}><text>{escaped(text)}</text></threadedComment>"
    )
