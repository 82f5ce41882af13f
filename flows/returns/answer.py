"""The sender's own workbook sent back, with every finding on its cell: the answer to a return.

It is the workbook as it came. Only what says the findings is put in: comments, the colour of their
cells, and a first sheet that lists them. Personal numbers are masked (`words`), and what runs or
fetches is made still (`live`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..model.findings import Finding, Severity
from ..model.returns import ANSWER_NAME, Return
from . import file_names, live
from .cell_places import Place, letters_of, place_of, prefixed
from .feedback_sheet import TITLE, FeedbackList, cell_refs
from .looks import FILLS, Page, Styles
from .notes import FEEDBACK, LABELS, Comments
from .ooxml import RELATIONS
from .parts import SHEET, SPREADSHEET, Parts, Sheet, relations_part, values_of
from .tags import (
    PREFIX,
    WORKBOOK,
    Text,
    children,
    escaped,
    started,
    tags,
    with_attribute,
    without_attribute,
)

_CELL = tags("c")


class ChangedError(Exception):
    """A file is no longer the one that was read."""


def annotate(
    content: bytes, findings: Sequence[Finding], mark: str = "", *, holds_numbers: bool = True
) -> bytes:
    """A sender's own workbook back, with every finding of the file; the same arguments give the
    same bytes.

    Each finding is a comment on each of its cells and a row of a first sheet. Every other part is
    byte for byte as it came, but for personal numbers, which are masked, and for what runs or
    fetches, which goes back as what it showed. What feedback an earlier run put into the same
    workbook is taken away first. Without anything to say the very bytes that came go back. `mark`
    is what the answer is known by when it comes in again (`Return.cells_key`); `holds_numbers` is
    false where a reader of these very bytes has found no personal number in them.

    Raises ValueError where the workbook can't be changed without becoming another one.
    """
    parts = Parts.read(content, holds_numbers=holds_numbers)
    stilled = live.still(parts)
    if not findings and not stilled.is_any:
        return parts.packed()
    return _Answer(parts, [*findings, *_about_stilled(parts, stilled)], mark).packed()


def of_return(content: bytes, findings: Sequence[Finding], returned: Return) -> bytes:
    """`annotate` for a return that has been read from these bytes."""
    return annotate(
        content, findings, returned.cells_key, holds_numbers=bool(returned.personal_numbers)
    )


def of_file(path: Path, findings: Sequence[Finding], returned: Return) -> bytes:
    """`of_return` for a return that lies in a file. Raises ChangedError where it is no longer the
    one that was read, and OSError."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != returned.sha256:
        raise ChangedError(returned.file)
    return of_return(content, findings, returned)


def _about_stilled(parts: Parts, stilled: live.Stilled) -> Iterator[Finding]:
    """That something has been made still, where it was: whoever opens the workbook must know that
    it was changed."""
    if not stilled.is_any:
        return
    titles = {sheet.part: told for told, sheet in _told_sheets(parts).items()}
    cells = [(titles.get(part), tuple(refs)) for part, refs in stilled.cells.items()]
    for title, refs in cells or [(None, ())]:
        yield Finding(
            rule="",
            severity=Severity.INFO,
            grant=None,
            board=None,
            file=None,
            sheet=title,
            cell=refs[0] if refs else None,
            cells=refs,
            value=None,
            message="Det som kör program eller hämtar något från nätet eller från andra filer är "
            "borttaget i den här arbetsboken, liksom inbäddade filer. En formel är ersatt med det "
            "värde som den visade.",
            remedy="Skriv in värden i stället för sådana formler och länkar innan ni skickar in en "
            "ändrad redovisning.",
            source="",
        )


def _told_sheets(parts: Parts) -> dict[str, Sheet]:
    """The sheets of cells by the names that findings know them by."""
    sheets = [sheet for sheet in parts.sheets() if sheet.is_worksheet]
    titles = file_names.sheets((sheet.title for sheet in sheets), parts.look.named)
    return dict(zip(titles, sheets, strict=True))


# -- the whole -------------------------------------------------------------------------------------


class _Answer:
    """An answer on its way: what came in parts, and one method for each thing that is put in."""

    def __init__(self, parts: Parts, findings: Sequence[Finding], mark: str) -> None:
        self._parts, self._mark = parts, mark
        order = list(LABELS)
        self._findings = sorted(findings, key=lambda one: order.index(one.severity))
        self._stale = _earlier_feedback(parts)
        self._sheets = _told_sheets(parts)
        self._styles = Styles(parts)
        self._pages: dict[str, Page] = {}

    def packed(self) -> bytes:
        """The finished workbook."""
        by_sheet = self._told_by_place()
        for title, sheet in self._sheets.items():
            if sheet.part != self._stale:
                self._comment(sheet.part, by_sheet.get(title, {}))
        self._put_list()
        self._styles.write()
        return self._parts.packed()

    def _page(self, part: str) -> "Page":
        if part not in self._pages:
            self._pages[part] = Page(self._parts.text(part))
        return self._pages[part]

    def _at(self, sheet: str | None, ref: str) -> Place | None:
        """The cell that a finding names, in a merged range its first one; None where there is no
        such place."""
        place, worksheet = place_of(ref), self._sheets.get(sheet or "")
        if place is None or worksheet is None:
            return None
        page = self._page(worksheet.part)
        return page.first_of_merged(place) if page.has_cells else None

    def _told_by_place(self) -> dict[str, dict[Place, list[Finding]]]:
        """The findings on each cell, by sheet, the most severe first."""
        told: dict[str, dict[Place, list[Finding]]] = {}
        for finding in self._findings:
            for ref in cell_refs(finding):
                place = self._at(finding.sheet, ref)
                if place is None:
                    continue
                there = told.setdefault(str(finding.sheet), {}).setdefault(place, [])
                if finding not in there:  # two cells of one merged range
                    there.append(finding)
        return told

    def _comment(self, part: str, told: Mapping[Place, list[Finding]]) -> None:
        """Comments and colours on one sheet, over those of an earlier answer."""
        texts = {place: _comment_text(findings) for place, findings in told.items()}
        stale = Comments(self._parts, part).write(texts)
        if not told and not stale:
            return
        page = self._page(part)
        has_tables = self._parts.related(part, "table") != ""
        styles: dict[Place, int] = {}
        for place in sorted({*told, *stale}):
            style = page.style(place)
            if place in stale:
                style = self._styles.unmarked(style, has_tables=has_tables)
            if place in told:
                style = self._styles.filled(style, FILLS[told[place][0].severity])
            styles[place] = style
        page.write_styles(styles)

    def _put_list(self) -> None:
        """The first sheet: every finding, the most severe first, with links to the cells."""
        wanted = FeedbackList(self._findings, self._sheets, self._at, self._styles).xml()
        titles = {
            sheet.title.casefold() for sheet in self._parts.sheets() if sheet.part != self._stale
        }
        title, number = FEEDBACK, 1
        while title.casefold() in titles:
            number += 1
            title = f"{FEEDBACK} ({number})"
        if self._stale:
            self._parts.gone.add(relations_part(self._stale))
            self._parts.add(self._stale, wanted)
        else:
            self._insert(wanted, title)
        self._parts.settle_one(WORKBOOK)
        self._write_mark()

    def _insert(self, wanted: str, title: str) -> None:
        """A new first sheet. What counts sheets by their place in the workbook counts one more."""
        part = self._parts.unused("xl/worksheets/sheet", ".xml")
        self._parts.add(part, wanted)
        self._parts.typed(part, f"{SPREADSHEET}.worksheet+xml")
        relation = self._parts.relate(WORKBOOK, "worksheet", part)
        text = self._parts.text(WORKBOOK)
        listed = list(started(SHEET, text.xml))
        number = 1 + max((int(values_of(tag[0]).get("sheetId", "0")) for tag in listed), default=0)
        values = (
            f'name="{escaped(title)}" sheetId="{number}" xmlns:r="{RELATIONS}" r:id="{relation}"'
        )
        text.replace(listed[0].start(), listed[0].start(), f"<{text.prefix}sheet {values}/>")
        for tag in started(_DEFINED, text.xml):
            local = values_of(tag[0]).get("localSheetId")
            if local is not None:
                text.replace(
                    *tag.span(), with_attribute(tag[0], "localSheetId", str(int(local) + 1))
                )
        self._keep_active(text)

    def _keep_active(self, text: Text) -> None:
        """The sheet that was in front stays there: its own part says so too, and is not to be
        changed.

        Were ours in front, both would be chosen, and what somebody writes in one would be written
        in the other.
        """
        views = list(started(_VIEW, text.xml))
        for view in views:
            active = int(values_of(view[0]).get("activeTab", "0")) + 1
            tag = without_attribute(view[0], "firstSheet")  # the tabs begin with ours
            text.replace(*view.span(), with_attribute(tag, "activeTab", str(active)))
        if not views:  # bookViews stands right before the list of sheets
            (sheets,) = [child for child in text.children() if child.name == "sheets"]
            added = prefixed('<bookViews><workbookView activeTab="1"/></bookViews>', text.prefix)
            text.replace(sheets.start, sheets.start, added)

    def _write_mark(self) -> None:
        """What the answer is known by, as a hidden name: it is there still when another program has
        saved the file."""
        text = self._parts.text(WORKBOOK)
        if not self._mark:
            return
        named = f'<definedName name="{ANSWER_NAME}" hidden="1">"{self._mark}"</definedName>'
        own = prefixed(named, text.prefix)
        lists = [child for child in text.children() if child.name == "definedNames"]
        if not lists:
            names = f"<{text.prefix}definedNames>{own}</{text.prefix}definedNames>"
            text.put_in_order(names, "definedNames", _IN_WORKBOOK)
            return
        for child in children(text.xml, lists[0].tag_end, lists[0].content_end):
            if (
                values_of(text.xml[child.start : child.tag_end]).get("name", "").casefold()
                == ANSWER_NAME
            ):
                text.replace(child.start, child.end, "")
        if lists[0].is_closed:
            names = f"<{text.prefix}definedNames>{own}</{text.prefix}definedNames>"
            text.replace(lists[0].start, lists[0].end, names)
        else:
            text.replace(lists[0].content_end, lists[0].content_end, own)


_DEFINED, _VIEW = tags("definedName"), tags("workbookView")
_IN_WORKBOOK = (
    *(
        "fileVersion",
        "fileSharing",
        "workbookPr",
        "workbookProtection",
        "bookViews",
        "sheets",
        "functionGroups",
    ),
    *("externalReferences", "definedNames"),
)
"""The sequence of CT_Workbook, as far as we put anything in (ECMA-376 part 1, 18.2.27)."""


def _comment_text(findings: Iterable[Finding]) -> str:
    """What is said of one cell."""
    return "\n\n".join(
        f"{LABELS[one.severity]}: {one.message}\nGör så här: {one.remedy}" for one in findings
    )


def _earlier_feedback(parts: Parts) -> str:
    """The part of the sheet of findings that an earlier answer has left in the workbook; "" where
    there is none."""
    for sheet in parts.sheets():
        if (
            sheet.is_worksheet
            and sheet.title.startswith(FEEDBACK)
            and _first_text(parts, sheet.part) == TITLE
        ):
            return sheet.part
    return ""


def _first_text(parts: Parts, part: str) -> str:
    """What stands in the cell A1 of a sheet."""
    xml = parts.text(part).xml
    tag = next(started(_CELL, xml), None)
    if tag is None or tag[0].endswith("/>") or values_of(tag[0]).get("r", "A1") != "A1":
        return ""
    inside = xml[tag.end() : xml.find(f"</{tag['tag']}", tag.end())]
    shared = re.search(rf"<{PREFIX}v>\s*([0-9]+)\s*<", inside)
    if values_of(tag[0]).get("t") != "s" or not shared:
        return letters_of(inside)
    strings = parts.related(WORKBOOK, "sharedStrings")
    texts = (
        re.findall(rf"<({PREFIX}si)>(.*?)</\1\s*>", parts.text(strings).xml, re.DOTALL)
        if strings
        else []
    )
    number = int(shared[1])
    return letters_of(texts[number][1]) if number < len(texts) else ""
