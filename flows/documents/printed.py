"""What a final report prints of its own review: who has done what, and the hashes that the attest
binds to.

Read back from the web page, which is what people see, so that a log that was made anew can be held
against it.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SECTION = "granskning"
"""The id of the section in `reports/_review.html.j2`."""
CAPTION = "Vem som har gjort vad med rapporten"
LOG_HASH = "Händelseloggen vid attesten"
"""What stands over its table, and before the hash of the log."""


@dataclass
class Printed:
    """The section as it stands: rows of state, name, day and reason, and the hashes by their
    words."""

    rows: list[list[str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def acts(self) -> list[tuple[str, str, str]]:
        """State, name and day of each step."""
        return [(row[0], row[1], row[2]) for row in self.rows if len(row) == 4]

    @property
    def log_sha256(self) -> str | None:
        """The log's hash at attest, when the report prints one."""
        return self.facts.get(LOG_HASH)


def read(page: str) -> Printed | None:
    """What a report's page prints of its review; None when it has no such section."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.printed if reader.has_section else None


class _Reader(HTMLParser):
    """The table of the section that has the caption, and the section's list of facts."""

    def __init__(self) -> None:
        super().__init__()
        self.printed = Printed()
        self.has_section = False
        self._depth = 0
        """How many sections deep the page stands within ours; 0 outside it."""
        self._is_ours = False
        """Whether the table that the page stands in is the one with the caption."""
        self._row: list[str] = []
        self._words: list[str] = []
        self._term = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section" and (self._depth or ("id", SECTION) in attrs):
            self._depth += 1
            self.has_section = True
        elif tag == "tr":
            self._row = []
        elif tag in {"caption", "td", "th", "dt", "dd"}:
            self._words = []

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if not self._depth:
            return
        words = "".join(self._words).strip()
        if tag == "section":
            self._depth -= 1
        elif tag == "caption":
            self._is_ours = words == CAPTION
        elif tag == "table":
            self._is_ours = False
        elif tag in {"td", "th"}:
            self._row.append(words)
        elif tag == "thead" and self._is_ours:
            self.printed.rows.clear()
        elif tag == "tr" and self._is_ours:
            self.printed.rows.append(self._row)
        elif tag == "dt":
            self._term = words
        elif tag == "dd":
            self.printed.facts[self._term] = words
