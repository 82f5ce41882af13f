"""The sentences of a decision document, each with its line, so that a value can stand beside the
words that it was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...base import swedish

_PAGE = re.compile(r"sid(a|an)?\.? ?[0-9]+( ?(\([0-9]+\)|av [0-9]+))?|[0-9]+ ?\([0-9]+\)", re.I)
_PAGE_HEAD_LINES = 4
"""How far from the number of a page its head and foot may reach."""
_LEAST_WIDTH = 50
"""No page has narrower lines, though a short document may have no full one."""
_MARKER = re.compile(r"(?:[-–•*▪] +)?(?:[0-9]{1,2}[).] +)?")
"""What a point of a list begins with."""
_ENDS = '.:!?”")'
_JOINING = frozenset(
    (
        *("i", "på", "av", "för", "till", "från", "med", "om", "hos", "vid", "under", "över"),
        *("enligt", "mellan", "inom", "genom", "via", "per", "den", "det", "de", "en", "ett"),
        *("och", "eller", "samt", "som", "att", "än", "men", "dess", "deras", "sin", "sina"),
    )
)
"""Words that no line of its own ends with."""
_TOGETHER = frozenset({"och", "eller", "samt", "respektive", "till"})
"""Words after a hyphen that stands for the rest of a word: "social- och"."""
_ABBREVIATIONS = frozenset(
    (
        *("bl.a", "t.ex", "dvs", "d.v.s", "m.m", "m.fl", "s.k", "o.s.v", "osv", "p.g.a", "pga"),
        *("ca", "kap", "jfr", "resp", "f.d", "fr.o.m", "t.o.m", "st", "nr", "tel", "inkl", "exkl"),
        *("bl", "ev", "etc", "forts", "mom", "prop", "dnr", "kl", "kr", "milj", "mnkr", "doc"),
    )
)
_STOP = re.compile(r"[.!?][”\")]* +(?=[A-ZÅÄÖ0-9”\"(–-])")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NOTE = re.compile(r"(?P<no>[0-9]{1,2})(?: +\S.*)?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a line that stands alone: a heading, a point of a list, a day."""

    text: str
    """As it stands: in one line, with no marker of a list, the numbers of footnotes raised."""
    line_no: int
    """The line where it begins, from 1."""


def sentences_in(lines: Sequence[str]) -> list[Sentence]:
    """The sentences among a document's lines: without the heads, feet and notes of pages, with
    words and paragraphs put together that lines and pages have broken."""
    return [one for paragraph in _paragraphs(lines) for one in _split(paragraph)]


# -- paragraphs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    text: str
    line_no: int
    is_after_blank: bool


def _paragraphs(lines: Sequence[str]) -> list[list[_Line]]:
    """The lines that belong together."""
    vocabulary = _words(lines)
    width = _width(lines)
    paragraphs: list[list[_Line]] = []
    for line in _running(lines):
        if paragraphs and _goes_on(paragraphs[-1][-1], line, width):
            _add(paragraphs[-1], line, vocabulary)
        else:
            paragraphs.append([line])
    return paragraphs


def _running(lines: Sequence[str]) -> Iterator[_Line]:
    """The lines of the running text."""
    left_out = _page_lines(lines)
    notes = _notes(lines)
    numbers = {number for number, _ in notes}
    for _, places in notes:
        left_out |= places
    is_after_blank = True
    for at, raw in enumerate(lines):
        text = _seen(raw)
        if not text:
            is_after_blank = True
        elif at not in left_out:
            yield _Line(_raised(text, numbers), at + 1, is_after_blank)
            is_after_blank = False


def _seen(raw: str) -> str:
    """A line as it is seen, but for a soft hyphen at its end, where a word goes on."""
    text = swedish.tidy(raw.replace("**", " "))
    return f"{text}\u00ad" if raw.rstrip().endswith("\u00ad") else text


def _width(lines: Sequence[str]) -> int:
    """How long a full line is: nine of ten are shorter."""
    lengths = sorted(len(swedish.tidy(line)) for line in lines if swedish.tidy(line))
    return max(_LEAST_WIDTH, lengths[len(lengths) * 9 // 10]) if lengths else _LEAST_WIDTH


def _goes_on(last: _Line, line: _Line, width: int) -> bool:
    """Whether a line goes on with the paragraph of the last one."""
    if last.text.endswith("\u00ad"):
        return True
    is_point = _marker_end(line.text, 0) > 0
    is_small = _is_small(line.text)
    if line.is_after_blank or is_point:
        return is_small and not is_point and last.text[-1] not in _ENDS
    if is_small or last.text[-1] in ",-" or last.text.split()[-1].casefold() in _JOINING:
        return True
    room = width - len(last.text)
    return len(line.text.split()[0]) >= room


def _is_small(text: str) -> bool:
    """Whether a line begins as the middle of a sentence does: with a small letter, or three digits
    of a number."""
    first = text.lstrip('(”"')
    return first[:1].islower() or bool(re.match(r"[0-9]{3} (kr|kronor|[0-9]{3})\b", first))


def _add(paragraph: list[_Line], line: _Line, vocabulary: frozenset[str]) -> None:
    """Adds a line to a paragraph; a word that the line broke is put together in the last one."""
    last = paragraph[-1]
    first, _, rest = line.text.partition(" ")
    whole = _whole(last.text, first, vocabulary)
    if whole is None:
        paragraph.append(line)
        return
    paragraph[-1] = _Line(whole, last.line_no, last.is_after_blank)
    if rest:
        paragraph.append(_Line(rest, line.line_no, False))


def _whole(before: str, first: str, vocabulary: frozenset[str]) -> str | None:
    """A line with the rest of the word that it broke; None where it broke none. A hyphen is kept
    where the document has it within a line, and before a capital."""
    if before.endswith("\u00ad"):
        return before.removesuffix("\u00ad") + first
    if not before.endswith("-") or before.endswith(" -") or first in _TOGETHER:
        return None
    begun = before.rsplit(maxsplit=1)[-1]
    kept = _WORD.match(begun + first)
    is_kept = not first[:1].islower() or (kept is not None and kept[0].casefold() in vocabulary)
    return before + first if is_kept else before.removesuffix("-") + first


def _words(lines: Sequence[str]) -> frozenset[str]:
    """The words with a hyphen within a line."""
    found = []
    for line in lines:
        found += [word.casefold() for word in _WORD.findall(line) if "-" in word]
    return frozenset(found)


# -- pages and notes -------------------------------------------------------------------------------


def _page_lines(lines: Sequence[str]) -> set[int]:
    """The places of page numbers, and of lines near them that have stood before: the head of each
    page."""
    texts = [swedish.tidy(line) for line in lines]
    pages = [at for at, text in enumerate(texts) if _PAGE.fullmatch(text)]
    found = set(pages)
    for page in pages:
        near = range(max(0, page - _PAGE_HEAD_LINES), page + _PAGE_HEAD_LINES + 1)
        for at in near:
            if at < len(texts) and texts[at] and texts[at] in texts[:at]:
                found.add(at)
    return found


def _notes(lines: Sequence[str]) -> list[tuple[str, set[int]]]:
    """The footnotes: their numbers, and the places of their lines. A note begins after a blank line
    with a number that stands after a word elsewhere in the text."""
    text = " ".join(map(swedish.tidy, lines))
    found = []
    for at, line in enumerate(lines):
        match = _NOTE.fullmatch(swedish.tidy(line))
        is_after_blank = at == 0 or not swedish.tidy(lines[at - 1])
        if match and is_after_blank and re.search(rf"[^\W\d_]{match['no']}(?![\w-])", text):
            found.append((match["no"], _note_lines(lines, at)))
    return found


def _note_lines(lines: Sequence[str], at: int) -> set[int]:
    """The lines of a note: its first, and those of an address on the net after it."""
    places = {at}
    is_address = len(swedish.tidy(lines[at])) < 3
    for place in range(at + 1, len(lines)):
        text = swedish.tidy(lines[place])
        if not text or not (is_address and " " not in text):
            break
        places.add(place)
    return places


def _raised(text: str, numbers: set[str]) -> str:
    """A line with the numbers of notes raised, as they stood before they became plain digits."""
    for number in numbers:
        raised = number.translate(_SUPERSCRIPTS)
        text = re.sub(rf"(?<=[^\W\d_]){number}(?![\w-])", raised, text)
    return text


# -- sentences -------------------------------------------------------------------------------------


def _split(paragraph: Sequence[_Line]) -> Iterator[Sentence]:
    """The sentences of a paragraph."""
    text = " ".join(line.text for line in paragraph)
    starts = [0]
    for match in _STOP.finditer(text):
        if _is_stop(text, starts[-1], match.start()):
            starts.append(match.end())
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        first = _marker_end(text, start)
        said = text[first:end].strip().removesuffix("\u00ad")
        if said:
            yield Sentence(said, _line_at(paragraph, first))


def _marker_end(text: str, start: int) -> int:
    """Where the words begin after the marker of a point of a list; `start` where there is none."""
    match = _MARKER.match(text, start)
    return match.end() if match else start


def _is_stop(text: str, start: int, at: int) -> bool:
    """Whether a full stop ends a sentence, rather than an abbreviation, an initial or the number of
    a point."""
    before = text[start:at].split()
    word = before[-1].lstrip('(”"').casefold() if before else ""
    if text[at] != ".":
        return True
    is_number = len(before) == 1 and word.isdigit()
    is_initial = len(word) == 1 and word.isalpha()
    return not (is_number or is_initial or word in _ABBREVIATIONS)


def _line_at(paragraph: Sequence[_Line], place: int) -> int:
    """The line where a place in a paragraph's text is."""
    end = 0
    for line in paragraph:
        end += len(line.text) + 1
        if place < end:
            return line.line_no
    return paragraph[-1].line_no
