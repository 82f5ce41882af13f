"""The proof that every figure printed in a report is one of the run's, and leads to its origin."""

import re
from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal

from ..base import swedish
from ..base.errors import FigureError
from ..model.decisions import Grant
from .bodies import Body

_WRITTEN = re.compile(
    rf"{swedish.MINUS}?[0-9](?:{swedish.NBSP}?[0-9])*(?:,[0-9]+)?(?:{swedish.NBSP}%)?"
)
"""A number as the reports write it."""
_ROUNDED = Decimal("0.0005")
"""How far a share may be from the percent with one decimal that is printed for it."""


class Figures:
    """The figures that a report may print, each by its anchor in sparning.html."""

    def __init__(self, by_anchor: Mapping[str, Decimal]) -> None:
        self._by_anchor = dict(by_anchor)
        self._all = frozenset(by_anchor.values())
        self._in_order = sorted(self._all)

    def beside(self, others: Mapping[str, Decimal]) -> "Figures":
        """These, and others."""
        return Figures({**self._by_anchor, **others})

    def unfounded(self, body: Body) -> list[str]:
        """The figures printed in a body that aren't among these, as they are printed.

        Each is parsed back from its text. One that leads to an anchor must be the figure of that
        anchor; any other, and each number in a chart, must be one of the figures.
        """
        wrong = []
        for element in body.tree.iter():
            if element.get("class") != "figure":
                continue
            text = "".join(element.itertext())
            anchor = element.get("href", "").partition("#")[2]
            if not self._are_founded(text, anchor):
                wrong.append(f"{text} ({anchor})" if anchor else text)
        return wrong

    def _are_founded(self, text: str, anchor: str) -> bool:
        """Whether a text holds numbers and each of them is the figure of its anchor, or one of all
        where it has none."""
        numbers = _WRITTEN.findall(text)
        for written in numbers:
            if anchor:
                is_founded = anchor in self._by_anchor and _says(written, self._by_anchor[anchor])
            else:
                is_founded = self._has(written)
            if not is_founded:
                return False
        return bool(numbers)

    def _has(self, written: str) -> bool:
        """Whether a written number is any of the figures."""
        printed = _read(written)
        if printed is None or not written.endswith("%"):
            return printed in self._all
        share = printed / 100
        place = bisect_left(self._in_order, share - _ROUNDED)
        return place < len(self._in_order) and self._in_order[place] <= share + _ROUNDED


def _says(written: str, value: Decimal) -> bool:
    """Whether a written number is this value: to the öre, or as percent with one decimal."""
    printed = _read(written)
    if printed is None or not written.endswith("%"):
        return printed == value
    return abs(printed / 100 - value) <= _ROUNDED


def _read(written: str) -> Decimal | None:
    return swedish.parse_amount(written.removesuffix("%").replace(swedish.MINUS, "-"))


def body(rendered: str, figures: Figures, grant: Grant) -> Body:
    """What a template has rendered, read, once every figure in it is one of the figures. Raises
    FigureError for one that isn't."""
    read = Body.of(rendered)
    wrong = figures.unfounded(read)
    if wrong:
        raise FigureError(
            f"Rapporterna för {grant.grant_id} har inte skrivits: {swedish.listing(wrong)} i "
            "rapporten stämmer inte med reconciliation.json."
        )
    return read
