"""The characters of an XML part: encodings, references and Excel's own escapes, each decoded
once."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""Where something stands in a part's text: its first character and the one after its last."""


# -- characters ------------------------------------------------------------------------------------

CODE = re.compile("_x(?P<code>[0-9A-Fa-f]{4})_")
ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
REFERENCE = re.compile("&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);")
_DECLARED = re.compile(rb"""<\?xml[^>]{1,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{1,40})["']""")


def unescaped(text: str) -> str:
    """A text of a workbook with Excel's `_xHHHH_` decoded, once: `_x005F_x0041_` is `_x0041_`."""
    return CODE.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def _encoding(part: bytes) -> str:
    """How a part that is XML is written down, in a way that gives the same bytes again."""
    if part.startswith((b"\xff\xfe", b"<\0")):
        return "utf-16-le"
    if part.startswith((b"\xfe\xff", b"\0<")):
        return "utf-16-be"
    declared = _DECLARED.match(part[3:] if part.startswith(b"\xef\xbb\xbf") else part)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        is_same = (
            part.decode(name, "strict").encode(name, "strict") == part
            and "16" not in name
            and "32" not in name
        )
    except (LookupError, ValueError, AssertionError):
        is_same = False
    return name if is_same else "utf-8"


def as_text(part: bytes) -> tuple[str, str]:
    """A part that is XML as text, and the encoding that gives its bytes again."""
    encoding = _encoding(part)
    try:
        return part.decode(encoding, _lossless(encoding)), encoding
    except UnicodeDecodeError:  # a last half character of UTF-16
        return part.decode("latin-1"), "latin-1"


def as_bytes(xml: str, encoding: str) -> bytes:
    """The bytes of a part that is XML, from what `as_text` gave, changed or not.

    What is new in it is written as character references where the encoding has no such letters.
    """
    try:
        return xml.encode(encoding, _lossless(encoding))
    except UnicodeEncodeError:
        return xml.encode(encoding, "xmlcharrefreplace")


def _lossless(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


def is_xml(name: str, part: bytes) -> bool:
    """Whether a part is XML by its name or by how it begins, in whatever encoding and after however
    many blanks."""
    is_named = name.casefold().endswith((".xml", ".rels", ".vml"))
    return is_named or part.lstrip(b"\xef\xbb\xbf\xfe\xff\0\t\r\n ").startswith(b"<")


@dataclass(frozen=True)
class Said:
    """A text as it is read, with where each of its characters stands in the part."""

    text: str
    spans: Sequence[Span]

    def without(self, pattern: re.Pattern[str]) -> "Said":
        """The text with what the pattern finds left out."""
        gone = {place for match in pattern.finditer(self.text) for place in range(*match.span())}
        kept = [place for place in range(len(self.text)) if place not in gone]
        return Said(
            "".join(self.text[place] for place in kept), [self.spans[place] for place in kept]
        )


def said_in(xml: str, pieces: Iterable[tuple[int, int, bool]]) -> Said:
    """The text that pieces of a part make together; a piece has references to decode unless it is
    CDATA."""
    text: list[str] = []
    spans: list[Span] = []
    for start, end, has_references in pieces:
        if start == end:  # the end of a line
            text.append(" ")
            spans.append((start, end))
        at = start
        references = REFERENCE.finditer(xml, start, end) if has_references else ()
        for reference in references:
            text.append(xml[at : reference.start()])
            spans += [(place, place + 1) for place in range(at, reference.start())]
            decoded = html.unescape(reference[0])
            text.append(decoded)
            spans += [reference.span()] * len(decoded)
            at = reference.end()
        text.append(xml[at:end])
        spans += [(place, place + 1) for place in range(at, end)]
    return _without_codes("".join(text), spans)


def _without_codes(text: str, spans: list[Span]) -> Said:
    if "_x" not in text:
        return Said(text, spans)
    read: list[str] = []
    kept: list[Span] = []
    at = 0
    for code in CODE.finditer(text):
        read += [text[at : code.start()], chr(int(code[1], 16))]
        kept += [*spans[at : code.start()], (spans[code.start()][0], spans[code.end() - 1][1])]
        at = code.end()
    return Said("".join([*read, text[at:]]), [*kept, *spans[at:]])


def tag_values(tag: str) -> dict[str, str]:
    """The attributes of a tag, as they are written down."""
    return {m[1]: m[2] if m[2] is not None else m[3] for m in ATTRIBUTE.finditer(tag)}


def rewritten(xml: str, edits: Mapping[Span, str]) -> str:
    """The text of a part with the edits made, and all else as it was."""
    made: list[str] = []
    at = 0
    for (start, end), new in sorted(edits.items()):
        if start >= at:
            made += [xml[at:start], new]
            at = end
    return "".join([*made, xml[at:]])
