"""Templates -> bodies and web pages; alone imports jinja2. Filters write figures and words as
people read them."""

import functools
import re
import string
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ..base import printable, swedish
from ..model.case import Move
from ..model.codes import INELIGIBLE_REASON, LIABILITY_GROUND, RETURN_STATUS
from ..model.decisions import LIABILITY_BASIS
from ..money.breaches import label
from ..money.shapes import Figure, Hidden

if TYPE_CHECKING:
    import jinja2


WORDS: Mapping[Any, str] = {
    None: "–",
    **RETURN_STATUS,
    **INELIGIBLE_REASON,
    "counted": "räknas",
    "superseded": "ersatt av en senare",
    "duplicate": "samma fil en gång till",
    "later_period": "gäller en senare period",
    "other_grant": "hör till ett annat bidrag",
    "unidentified": "okänt bidrag eller okänd nämnd",
    "skipped": "är ingen redovisning",
    "ok": "i fas",
    "watch": "bevaka",
    "act": "agera",
    "blocking": "Hindrar",
    "warning": "Varning",
    "info": "Upplysning",
    **LIABILITY_BASIS,
}
"""Codes of the result tables, as people read them."""
ENTRY_WORDS = {
    "computed": "Framräknat",
    "claim": "Krav",
    "relief": "Nedsättning",
    "payment": "Betalning",
    "interest_payment": "Betalning av ränta",
}
ITEM_WORDS = {
    "board": "Nämnd",
    "unallocated": "Ej fördelat till någon nämnd",
    "set_off": "Kvittning mellan nämnder",
    "rounding": "Avrundning till hela kronor",
}
GROUND_WORDS: Mapping[Any, str] = {None: "ingen särskild grund", **LIABILITY_GROUND}


def _tally(count: int, one: str, many: str) -> str:
    """How many things stand on the page; no figure of the reconciliation."""
    return f"{swedish.number(count)}{swedish.NBSP}{one if count == 1 else many}"


def _cells(cells: Sequence[str]) -> str:
    rest = f" och {_tally(len(cells) - 6, 'cell', 'celler')} till" if len(cells) > 6 else ""
    listed = ", ".join(cells[:6]) if rest else swedish.listing(cells)
    return f"{'cell' if len(cells) == 1 else 'cellerna'} {listed}{rest}"


def _written(name: str, value: Decimal | None) -> str:
    """A figure by its name: kronor, a share or a count."""
    if value is None:
        return "–"
    if name.endswith("_share"):
        return swedish.percent(value)
    return swedish.kr(value) if name.endswith("_sek") else swedish.number(value)


def moved(move: Move) -> dict[str, str]:
    """A figure that has moved, in words: what it is called, before and after, and by how much."""
    difference = "–"
    if move.figure.endswith("_sek") and move.before is not None and move.after is not None:
        change = Decimal(move.after) - Decimal(move.before)
        difference = f"{'+' if change > 0 else ''}{swedish.number(change)}"
    return {
        "figure": label(move),
        "unit": "kr" if move.figure.endswith("_sek") else "",
        "before": _moved_value(move.figure, move.before),
        "after": _moved_value(move.figure, move.after),
        "difference": difference,
    }


def _moved_value(figure: str, value: str | None) -> str:
    if value is not None and figure.endswith("_sek"):
        return swedish.number(Decimal(value))
    return (
        swedish.percent(Decimal(value))
        if value is not None and figure.endswith("_share")
        else WORDS[value]
    )


@functools.cache
def environment() -> "jinja2.Environment":
    """Jinja2 with the house's filters; made once."""
    import jinja2
    from markupsafe import Markup

    def mark(context: "jinja2.runtime.Context", value: Decimal | int, text: str) -> str:
        """A figure is marked for `unfounded`, and leads to where it is explained; not on a page
        without a trace."""
        trace = context.get("trace")
        if trace is None:
            return text
        if hasattr(value, "anchor"):
            return Markup('<a class="figure" href="{}#{}">{}</a>').format(trace, value.anchor, text)
        return Markup('<span class="figure">{}</span>').format(text)

    def figure(write: Callable[[Any], str], unknown: str = "–") -> Any:
        """The filter that writes figures of one kind."""

        @jinja2.pass_context
        def written(context: "jinja2.runtime.Context", value: Decimal | int | Hidden | None) -> str:
            if isinstance(value, Hidden):
                return value
            return unknown if value is None else mark(context, value, write(value))

        return written

    @jinja2.pass_context
    def amount(context: "jinja2.runtime.Context", value: Decimal | None) -> str:
        """A table's amount: with öre on every row as soon as one row of the report has any."""
        text = "–" if value is None else swedish.number(value)
        text += ",00" if value is not None and context["ore"] and "," not in text else ""
        return text if value is None else mark(context, value, text)

    @jinja2.pass_context
    def plural(context: "jinja2.runtime.Context", count: int, one: str, many: str) -> str:
        return (
            mark(context, count, swedish.number(count))
            + swedish.NBSP
            + (one if count == 1 else many)
        )

    @jinja2.pass_context
    def reckoned(context: "jinja2.runtime.Context", row: object, said: Figure) -> str:
        """How a figure is reckoned, with the row's own figures in their places."""
        places = {}
        for _, name, _, _ in string.Formatter().parse(said.reckoned):
            if name:
                value = getattr(row, name)
                is_figure = hasattr(value, "anchor")
                places[name] = (
                    mark(context, value, _written(name, value))
                    if is_figure
                    else WORDS.get(value, "–")
                )
        return Markup(said.reckoned).format_map(places)

    @jinja2.pass_context
    def name(context: "jinja2.runtime.Context", board_id: str | None) -> str:
        return str(context["names"][board_id])

    def prose(text: str) -> str:
        """A longer text with the line breaks that its writer made."""
        return Markup("<br/>").join(
            printable.clean(line.strip()) for line in text.strip().splitlines()
        )

    @jinja2.pass_context
    def component(context: "jinja2.runtime.Context", component_id: str) -> str:
        return str(context["component_names"][component_id])

    env = jinja2.Environment(
        loader=jinja2.PackageLoader("statsbidrag.reports", ""),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=printable.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["nbsp"] = swedish.NBSP
    env.filters |= {
        "amount": amount,
        "name": name,
        "component": component,
        "kr": figure(swedish.kr),
        "number": figure(swedish.number),
        "plain": swedish.number,
        "date": swedish.long_date,
        "period": swedish.period,
        "listing": swedish.listing,
        "plural": plural,
        "tally": _tally,
        "reckoned": reckoned,
        "value": lambda row, name: _written(name, getattr(row, name)),
        "cells": _cells,
        "share": figure(swedish.percent),
        "count": figure(swedish.number, "uppgift saknas"),
        "or_missing": lambda value: "uppgift saknas" if value is None else value,
        "word": WORDS.__getitem__,
        "ground": GROUND_WORDS.__getitem__,
        "item": ITEM_WORDS.__getitem__,
        "entry": ENTRY_WORDS.__getitem__,
        "full_stop": lambda text: text if text.endswith((".", "!", "?")) else f"{text}.",
        "prose": prose,
        "by_file": lambda rows: [(k, list(g)) for k, g in groupby(rows, key=lambda row: row.file)],
        "groups": lambda rows, key: [
            (k, list(g)) for k, g in groupby(rows, key=lambda row: getattr(row, key))
        ],
    }
    return env


def render(template: str, view: Mapping[str, Any]) -> str:
    """A template of `reports/` with what it may print."""
    return environment().get_template(template).render(view)


def contents(body: str) -> list[tuple[str, str]]:
    """The sections of a body that have a heading of the second level: id and heading."""
    sections = ElementTree.fromstring(body).iter("section")
    return [
        (s.get("id", ""), s.findtext("h2", ""))
        for s in sections
        if s.get("id") and s.findtext("h2")
    ]


def page(
    title: str,
    body: str,
    sections: Sequence[tuple[str, str]] = (),
    downloads: Sequence[tuple[str, str]] = (),
    mark: str | None = None,
) -> str:
    """A whole web page that needs nothing but itself; a table without a class can be scrolled on a
    narrow screen.

    Beside it stand its contents (id and heading) and what lies in its folder (file and words); the
    mark is for a draft.
    """
    from markupsafe import Markup

    scroll = r'<div class="scroll" tabindex="0" role="group" aria-label="Tabell">\g<0></div>'
    css = files("statsbidrag.reports").joinpath("report.css").read_text("utf-8").rstrip()
    return render(
        "_base.html.j2",
        {
            "title": title,
            "css": Markup(css),
            "body": Markup(re.sub(r"<table>.*?</table>", scroll, body, flags=re.DOTALL)),
            "contents": sections,
            "downloads": downloads,
            "mark": mark,
        },
    )
