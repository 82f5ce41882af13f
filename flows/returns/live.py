"""What in a workbook starts programs, or asks the net or other files, made still: it goes on as
what it showed.

The sender's own workbook is sent back to somebody who opens it in Excel and trusts it. Nothing here
is refused (that is the guard's): a formula becomes its stored value, a link out of the workbook
leads nowhere, code is left out. What only shows something, as HYPERLINK and links to web pages do
until somebody clicks on them, stays.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from . import ooxml, xml_text
from .formula_text import Formula, asks_outside, formulas_in
from .parts import AFTER_DATA, Parts, Relation, owner_of, relations_part, values_of
from .tags import (
    PASSED_OVER,
    PREFIX,
    REST,
    TYPES,
    WORKBOOK,
    Text,
    children,
    started,
    tags,
    with_attribute,
    without_attribute,
)

_CODE = {
    "vbaProject",
    "externalLink",
    "webextensiontaskpanes",
    "control",
    "oleObject",
    "package",
    "attachedToolbars",
}
"""What leads to code, to other files, or to files within the workbook; those parts are left out."""
_OF_CODE = ("xl/vbaproject", "xl/activex/", "xl/embeddings/", "xl/externallinks/")
"""How the names of such parts begin."""
_MACRO_SHEETS = {"xlMacrosheet", "xlIntlMacrosheet"}
_QUESTIONS = {"connections", "queryTable", "webextension"}
_DRAWINGS = {"drawing", "vmlDrawing", "drawingXml"}
_WEB = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_NOWHERE = "NULL"
"""What Excel itself writes where a link out of the workbook has been lost."""
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BLANK_SHEET = f'<worksheet xmlns="{ooxml.MAIN}"><sheetData/></worksheet>'
_ASKING = (
    "connection",
    "command",
    "serverCommand",
    "text",
    "url",
    "post",
    "editPage",
    "sourceFile",
    "odcFile",
    "localConnection",
    "sourceName",
)
_HASTY = ("refreshOnLoad", "interval", "autoRepublish", "autoUpdate")
_LEADS_OUT = re.compile(
    r"""\s(?:[\w.-]+:)?(?:src|href|althref)\s*=\s*(?:"(?!#)[^"]+"|'(?!#)[^']+')""", re.IGNORECASE
)
_MACRO = re.compile(r"""\smacro\s*=\s*(?:"[^"]+"|'[^']+')""")
_TEXT_LINK = re.compile(r"""\stextlink\s*=\s*(?:"([^"]+)"|'([^']+)')""")
_OPENING = re.compile(rf"{PASSED_OVER}|<(?P<tag>[^\s<>/=\"'!?]+){REST}>", re.DOTALL)
_HYPERLINK, _DEFINED = tags("hyperlink"), tags("definedName")


@dataclass(frozen=True)
class Stilled:
    """What was made still in a workbook."""

    cells: dict[str, list[str]]
    """The addresses of the cells whose formula became its value, or that lost a link, by the part
    of their sheet."""
    is_any: bool
    """Whether anything was, in a cell or not."""


def still(parts: Parts) -> Stilled:
    """Make still what runs or fetches in a workbook; the changes are settled in `parts`."""
    return _Still(parts).done()


class _Still:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sheets = {sheet.part for sheet in parts.sheets()}
        self._cells: dict[str, dict[str, None]] = {}
        self._is_any = False
        self._has_lost_formulas = parts.look.has_masked  # a masked formula has become its text

    def done(self) -> Stilled:
        """Everything, in an order in which each finds what it needs."""
        self._formulas_of_all_parts()
        self._parts.settle()
        self._relations()
        self._parts.settle()
        self._asking_parts()
        if self._has_lost_formulas:
            self._forget_chain()
        if self._is_any:
            self._be_plain_workbook()
        self._parts.settle()
        return Stilled({part: list(refs) for part, refs in self._cells.items()}, self._is_any)

    def _xml_parts(self) -> Iterator[str]:
        for name in self._parts.names():
            if xml_text.is_xml(
                name, self._parts.changed.get(name, self._parts.parts.get(name, b""))
            ):
                yield name

    # -- formulas

    def _formulas_of_all_parts(self) -> None:
        found: dict[str, list[Formula]] = {}
        for name in self._xml_parts():
            if not name.casefold().startswith(("xl/sharedstrings", "docprops/")):
                found[name] = list(formulas_in(self._parts.text(name).xml))
        uses = self._names_that_ask(found)
        for name, formulas in found.items():
            unsafe = [
                one
                for one in formulas
                if asks_outside(one.text) or (uses and uses.search(one.text))
            ]
            if unsafe:
                self._write_values(name, formulas, unsafe)

    def _names_that_ask(self, found: dict[str, list[Formula]]) -> re.Pattern[str] | None:
        """A pattern of the defined names that ask outside, also by way of each other; None where
        there are none."""
        names = {
            one.values.get("name", ""): one.text
            for one in found.get(WORKBOOK, ())
            if one.element == "definedName" and one.values.get("name")
        }
        asking = {name for name, text in names.items() if asks_outside(text)}
        pattern = _any_of(asking)
        while pattern:
            more = {
                name for name, text in names.items() if name not in asking and pattern.search(text)
            }
            if not more:
                break
            asking |= more
            pattern = _any_of(asking)
        return pattern

    def _write_values(self, name: str, formulas: list[Formula], unsafe: list[Formula]) -> None:
        """A cell keeps its stored value without its formula; anything else than a cell has none,
        and says #REF!."""
        self._is_any = True
        text = self._parts.text(name)
        shared = {one.values["si"] for one in unsafe if one.cell is not None and "si" in one.values}
        wholes = {one.whole for one in unsafe}
        for one in formulas:
            is_sharing = one.cell is not None and one.values.get("si") in shared
            if one.whole not in wholes and not is_sharing:
                continue
            if one.cell is not None:
                text.replace(*one.whole, "")
                self._has_lost_formulas = True
                self._tell(name, one.cell)
            elif one.element == "FmlaMacro":
                text.replace(*one.whole, "")
            else:
                text.replace(*one.content, "#REF!")

    def _tell(self, part: str, ref: str) -> None:
        self._is_any = True
        if ref:
            self._cells.setdefault(part, {})[ref] = None

    def _forget_chain(self) -> None:
        """The list of the cells that reckon: Excel repairs a workbook where it names one that has
        no formula."""
        for relation in self._parts.relations(WORKBOOK):
            if relation.kind in {"calcChain", "volatileDependencies"}:
                self._parts.unrelate(WORKBOOK, relation)
                self._parts.drop(relation.target)

    # -- relations

    def _relations(self) -> None:
        for rels in [name for name in self._parts.names() if name.casefold().endswith(".rels")]:
            owner = owner_of(rels)
            lost: set[str] = set()
            for relation in self._parts.relations(owner):
                if relation.kind in _CODE:
                    lost.add(relation.id)
                    self._leave_out(owner, relation)
                elif relation.kind in _MACRO_SHEETS:
                    self._make_blank(owner, relation)
                elif relation.is_external and not _may_stay(owner, relation):
                    lost.add(relation.id)
                    self._lead_nowhere(owner, relation)
            if lost and owner in self._parts:
                self._forget(owner, lost)
        for name in [name for name in self._parts.names() if name.casefold().startswith(_OF_CODE)]:
            self._is_any = True  # one that nothing leads to
            self._parts.drop(name)

    def _leave_out(self, owner: str, relation: Relation) -> None:
        self._is_any = True
        self._parts.unrelate(owner, relation)
        if relation.is_external:
            return
        waiting = [relation.target]
        while waiting:
            part = waiting.pop()
            if part in self._parts:
                inner = self._parts.relations(part)
                waiting += [
                    one.target
                    for one in inner
                    if not one.is_external and "/media/" not in one.target
                ]
                self._parts.drop(part)

    def _make_blank(self, owner: str, relation: Relation) -> None:
        """A sheet of macros becomes a blank one, so that no other sheet changes its place."""
        self._is_any = True
        rels = self._parts.text(relations_part(owner))
        start, end = relation.span
        tag = rels.xml[start:end]
        kind = values_of(tag)["Type"]
        for macro in _MACRO_SHEETS:
            if kind.endswith(f"/{macro}"):
                kind = f"{ooxml.RELATIONS}/worksheet"
        rels.replace(start, end, with_attribute(tag, "Type", kind))
        self._parts.drop(relation.target)
        self._parts.settle_one(TYPES)
        self._parts.add(relation.target, _BLANK_SHEET)
        self._parts.typed(relation.target, _SHEET)

    def _lead_nowhere(self, owner: str, relation: Relation) -> None:
        self._is_any = True
        rels = self._parts.text(relations_part(owner))
        start, end = relation.span
        if relation.kind == "hyperlink" and owner in self._sheets:
            rels.replace(start, end, "")
        else:
            rels.replace(start, end, with_attribute(rels.xml[start:end], "Target", _NOWHERE))

    def _forget(self, owner: str, lost: set[str]) -> None:
        """Take away what names a relation that is lost; a picture that was linked stays, and shows
        nothing."""
        text = self._parts.text(owner)
        if owner == WORKBOOK:
            for child in text.children():
                if child.name == "externalReferences":
                    text.replace(child.start, child.end, "")
        if owner not in self._sheets:
            return
        for child in children(text.xml, _tail(text), len(text.xml)):
            inside = text.xml[child.start : child.end]
            if child.name == "hyperlinks":
                self._forget_links(owner, text, child.start, child.end, lost)
            elif _holds_any(inside, lost) and re.search(
                rf"<{PREFIX}(?:oleObjects|controls)\b", inside
            ):
                text.replace(child.start, child.end, "")

    def _forget_links(self, owner: str, text: Text, start: int, end: int, lost: set[str]) -> None:
        links = list(started(_HYPERLINK, text.xml, start, end))
        gone = [link for link in links if _holds_any(link[0], lost)]
        for link in gone:
            self._tell(owner, values_of(link[0]).get("ref", "").partition(":")[0])
        if len(gone) == len(links):
            text.replace(start, end, "")  # a list of links without any is no valid one
            return
        for link in gone:
            stop = link.end()
            if not link[0].endswith("/>"):
                stop = text.xml.index(">", text.xml.index(f"</{link['tag']}", stop)) + 1
            text.replace(link.start(), stop, "")

    # -- what is asked outside by other things than formulas

    def _asking_parts(self) -> None:
        """By what leads to a part, and by its usual name: Excel goes by the first, and nothing need
        lead to it."""
        kinds = self._kinds()
        for name in self._xml_parts():
            folded, kind = name.casefold(), kinds.get(name, set())
            if kind & _QUESTIONS or folded.startswith(
                ("xl/connections", "xl/querytables/", "xl/webextensions/")
            ):
                self._change_tags(name, _without_questions)
            elif "pivotCacheDefinition" in kind or "pivotcachedefinition" in folded:
                self._change_tags(name, _without_haste)
            elif kind & _DRAWINGS or folded.startswith("xl/drawings/"):
                self._change_tags(name, _without_macro)
            elif name in self._sheets and "autoRepublish" in self._parts.text(name).xml:
                self._change_tags(name, _without_haste)

    def _kinds(self) -> dict[str, set[str]]:
        """By part, the kinds of the relations that lead to it."""
        found: dict[str, set[str]] = {}
        for rels in [name for name in self._parts.names() if name.casefold().endswith(".rels")]:
            for relation in self._parts.relations(owner_of(rels)):
                if not relation.is_external:
                    found.setdefault(relation.target, set()).add(relation.kind)
        return found

    def _change_tags(self, name: str, change: Callable[[str], str]) -> None:
        text = self._parts.text(name)
        for tag in _OPENING.finditer(text.xml):
            if tag["tag"]:
                new = change(tag[0])
                if new != tag[0]:
                    text.replace(*tag.span(), new)
                    self._is_any = True

    def _be_plain_workbook(self) -> None:
        """One without code says that it is one: Excel opens no .xlsx that says that it holds
        macros."""
        text = self._parts.text(TYPES)
        for tag in started(tags("Override"), text.xml):
            values = values_of(tag[0])
            if values.get("PartName") == f"/{WORKBOOK}" and "macroEnabled" in values.get(
                "ContentType", ""
            ):
                text.replace(*tag.span(), with_attribute(tag[0], "ContentType", _MAIN))


def _without_questions(tag: str) -> str:
    """A tag of a connection, without what it asks for and whom; that it is there stays, since
    others name it."""
    values = xml_text.tag_values(tag)
    for name in _ASKING:
        if values.get(name):
            tag = with_attribute(tag, name, "")
    if re.match(rf"<{PREFIX}reference\b", tag):  # which add-in, and from where
        for name in ("id", "store"):
            if values.get(name):
                tag = with_attribute(tag, name, "")
    return _without_haste(tag)


def _without_haste(tag: str) -> str:
    """A tag that asks for nothing by itself when the workbook is opened."""
    for name in _HASTY:
        if xml_text.tag_values(tag).get(name) not in {None, "0", "false"}:
            tag = without_attribute(tag, name)
    return tag


def _without_macro(tag: str) -> str:
    """A tag of a drawing that starts nothing when it is clicked on, and shows nothing from
    elsewhere."""
    tag = _MACRO.sub(' macro=""', tag)
    linked = _TEXT_LINK.search(tag)
    if linked and asks_outside(html.unescape(linked[1] or linked[2])):
        tag = without_attribute(tag, "textlink")
    return _LEADS_OUT.sub("", tag)


def _may_stay(owner: str, relation: Relation) -> bool:
    """Whether a link out of the workbook may stay: a web page or an address, that is asked for by a
    click."""
    is_clicked_on = relation.kind == "hyperlink" and "/richdata/" not in owner.casefold()
    return is_clicked_on and bool(_WEB.match(relation.target) or relation.target.startswith("#"))


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = "|".join(re.escape(name) for name in sorted(names))
    if not alternatives:
        return None
    return re.compile(rf"(?<![\w.\\])(?:{alternatives})(?![\w.(])", re.IGNORECASE)


def _holds_any(inside: str, lost: set[str]) -> bool:
    """Whether an element names one of the relations."""
    named = re.findall(r"""\s[\w.-]+:id\s*=\s*["']([^"']*)["']""", inside)
    return any(html.unescape(name) in lost for name in named)


def _tail(text: Text) -> int:
    after = AFTER_DATA.search(text.xml)
    return after.end() if after else text.root_end
