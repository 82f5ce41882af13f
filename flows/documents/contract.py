"""The contract (docs/kontrakt.md) as a page beside a report, and links to the places in it; alone
imports markdown-it.

What a rule or a figure rests on is cited as "Kontraktet avsnitt 2: kedjor". Whoever reads that must
be able to open it.
"""

import functools
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from ..base import swedish
from . import pages

if TYPE_CHECKING:
    from markupsafe import Markup


PAGE = "kontrakt.html"
"""The file beside a report that holds the contract."""
_CITED = re.compile(r"[Kk]ontraktet avsnitt (?P<section>\d)(?: och \d)?(?:: (?P<words>[^;.]+))?")


@dataclass(frozen=True)
class Heading:
    """A heading of the contract: of a section, or of a part of one."""

    level: int
    title: str
    section: str
    """The number of the section, as it is cited."""

    @property
    def anchor(self) -> str:
        """What leads to it in the page."""
        part = f"-{swedish.key(self.title)}" if self.level > 2 else ""
        return f"avsnitt-{self.section}{part}"


@dataclass(frozen=True)
class _Contract:
    """The contract as it is shown."""

    body: str
    headings: tuple[Heading, ...]


@functools.cache
def _read() -> _Contract:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
    text = files("statsbidrag.docs").joinpath("kontrakt.md").read_text("utf-8")
    tokens = reader.parse(text)
    headings: list[Heading] = []
    section = ""
    for at, token in enumerate(tokens):
        if token.type != "heading_open" or token.tag == "h1":
            continue
        title = tokens[at + 1].content
        if token.tag == "h2":
            section = title.partition(".")[0]
        heading = Heading(int(token.tag[1:]), title, section)
        headings.append(heading)
        token.attrSet("id", heading.anchor)
    return _Contract(
        f"<article>\n{reader.renderer.render(tokens, reader.options, {})}</article>",
        tuple(headings),
    )


def headings() -> tuple[Heading, ...]:
    """The headings of the contract's sections and of their parts, in order."""
    return _read().headings


def page() -> str:
    """The contract as a web page that needs nothing but itself."""
    sections = [(heading.anchor, heading.title) for heading in headings() if heading.level == 2]
    return pages.page("Kontraktet", _read().body, sections, [("aterrapport.html", "Rapporten")])


def place(section: str, words: str = "") -> Heading | None:
    """The part of a section that words name, else the section itself; None when the contract has no
    such section."""
    section_heading = None
    for heading in headings():
        if heading.section != section:
            continue
        is_named = swedish.key(words).startswith(swedish.key(heading.title))
        if heading.level == 2 or (words and is_named):
            section_heading = heading
    return section_heading


def cited(text: str) -> list[Heading | None]:
    """The places that a text cites."""
    return [place(match["section"], match["words"] or "") for match in _CITED.finditer(text)]


@functools.lru_cache(maxsize=1024)
def linked(text: str) -> "Markup":
    """A text whose citations lead to their places in the page."""
    from markupsafe import Markup, escape

    parts: list[Markup] = []
    last = 0
    for match in _CITED.finditer(text):
        heading = place(match["section"], match["words"] or "")
        parts.append(escape(text[last : match.start()]))
        if heading:
            parts.append(Markup('<a href="{}#{}">{}</a>').format(PAGE, heading.anchor, match[0]))
        else:
            parts.append(escape(match[0]))
        last = match.end()
    return Markup("").join([*parts, escape(text[last:])])
