"""Templates -> bodies and web pages; alone imports jinja2. Filters write figures and words as
people read them."""

import functools
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..base import name_lists, printable, swedish
from ..model.case import Move
from ..model.codes import INELIGIBLE_REASON, LIABILITY_GROUND, RETURN_STATUS
from ..model.decisions import LIABILITY_BASIS
from ..model.levels import PLAIN, Wording
from ..model.sources import Year
from ..money.breaches import label
from ..money.shapes import Figure, Hidden
from ..money.tables import SenderChange

if TYPE_CHECKING:
    import jinja2
    from jinja2.runtime import Context


View = dict[str, Any]
"""What a template may print, by the names that it has for it."""

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
    "evidence": "är ett huvudboksutdrag",
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
    return swedish.counted(count, one, many)


_MOST_CELLS = 6
"""More cells than this are not listed one by one."""


def _cells(cells: Sequence[str]) -> str:
    word = "cell" if len(cells) == 1 else "cellerna"
    more = len(cells) - _MOST_CELLS
    if more <= 0:
        return f"{word} {swedish.listing(cells)}"
    listed = ", ".join(cells[:_MOST_CELLS])
    return f"{word} {listed} och {_tally(more, 'cell', 'celler')} till"


def _written(name: str, value: Decimal | None) -> str:
    """A figure by its name: kronor, a share or a count."""
    if value is None:
        return "–"
    if name.endswith("_whole_share"):
        return _whole_percent(value)
    if name.endswith("_share"):
        return swedish.percent(value)
    if name.endswith("_sek"):
        return swedish.kr(value)
    return swedish.number(value)


def _whole_percent(share: Decimal) -> str:
    """A share that is a whole number of per cent."""
    return swedish.percent(share, decimals=0)


def moved(move: Move) -> dict[str, str]:
    """A figure that has moved, in words: what it is called, before and after, and by how much."""
    return {
        "figure": label(move),
        "unit": "kr" if move.figure.endswith("_sek") else "",
        "before": _moved_value(move.figure, move.before),
        "after": _moved_value(move.figure, move.after),
        "difference": _difference(move),
    }


def sender_change(sender: SenderChange) -> str:
    """What becomes of a sender's return, in words that go on from its name and a colon."""
    before = _versioned(sender.before_file, sender.before_version)
    after = _versioned(sender.after_file, sender.after_version)
    held = ", som väntar på rättelse" if sender.is_held else ""
    if sender.before_file is None:
        return f"ny redovisning, {after}{held}"
    if sender.after_file is None:
        return f"{before} räknas inte längre"
    if sender.is_held:
        return f"{after} väntar nu på rättelse"
    return f"{after} väntar inte längre på rättelse"


def _versioned(file: str | None, version: int | None) -> str:
    return f"{file} (version {version or 'okänd'})"


def _difference(move: Move) -> str:
    """By how much an amount has moved; a dash for what is no amount, or was or is unknown."""
    if not move.figure.endswith("_sek") or move.before is None or move.after is None:
        return "–"
    change = Decimal(move.after) - Decimal(move.before)
    sign = "+" if change > 0 else ""
    return f"{sign}{swedish.number(change)}"


def _moved_value(figure: str, value: str | None) -> str:
    if value is not None and figure.endswith("_sek"):
        return swedish.number(Decimal(value))
    if value is not None and figure.endswith("_share"):
        return swedish.percent(Decimal(value))
    return WORDS[value]


# -- filters that must know the page ---------------------------------------------------------------


def _marked(context: "Context", value: Decimal | int, text: str) -> str:
    """A figure is marked for `founded`, and leads to where it is explained; not on a page without
    a trace."""
    from markupsafe import Markup, escape

    trace = context.get("trace")
    if trace is None:
        return text
    # Put together and not formatted, which takes twenty times as long for each of all figures.
    if hasattr(value, "anchor"):
        place = f"{escape(trace)}#{escape(value.anchor)}"
        return Markup(f'<a class="figure" href="{place}">{escape(text)}</a>')
    return Markup(f'<span class="figure">{escape(text)}</span>')


def _figure(write: Callable[[Any], str], unknown: str = "–") -> Callable[..., str]:
    """The filter that writes figures of one kind."""

    def written(context: "Context", value: Decimal | int | Hidden | None) -> str:
        if isinstance(value, Hidden):
            return value
        if value is None:
            return unknown
        return _marked(context, value, write(value))

    return written


def _amount(context: "Context", value: Decimal | None) -> str:
    """A table's amount: with öre on every row as soon as one row of the report has any."""
    if value is None:
        return "–"
    text = swedish.number(value)
    if context["ore"] and "," not in text:
        text += ",00"
    return _marked(context, value, text)


def _plural(context: "Context", count: int, one: str, many: str) -> str:
    number = _marked(context, count, swedish.number(count))
    return number + swedish.NBSP + (one if count == 1 else many)


def _reckoned(context: "Context", row: object, figure: Figure) -> str:
    """How a figure is reckoned, with the row's own figures in their places."""
    from markupsafe import Markup, escape

    said = []
    for literal, name in _parts_of(figure.reckoned):
        said.append(literal)
        if not name:
            continue
        value = getattr(row, name)
        if hasattr(value, "anchor"):
            said.append(_marked(context, value, _written(name, value)))
        else:
            wording: Wording = context.get("wording", PLAIN)
            said.append(escape(wording.said(WORDS.get(value, "–"))))
    return Markup("".join(said))


@functools.cache
def _parts_of(reckoned: str) -> list[tuple[str, str | None]]:
    """How a figure is reckoned: what is said before each value's name, and the name."""
    return [(literal, name) for literal, name, _, _ in string.Formatter().parse(reckoned)]


def _name(context: "Context", board_id: str | None) -> str:
    return str(context["names"][board_id])


def _component(context: "Context", component_id: str) -> str:
    return str(context["component_names"][component_id])


_IN_CONTEXT: Mapping[str, Callable[..., str]] = {
    "amount": _amount,
    "component": _component,
    "count": _figure(swedish.number, "uppgift saknas"),
    "kr": _figure(swedish.kr),
    "name": _name,
    "number": _figure(swedish.number),
    "plural": _plural,
    "reckoned": _reckoned,
    "share": _figure(swedish.percent),
    "whole_share": _figure(_whole_percent),
}
"""The filters that are given what the page may print, too."""


# -- filters that need nothing but the value -------------------------------------------------------


def _prose(text: str) -> str:
    """A longer text with the line breaks that its writer made."""
    from markupsafe import Markup

    lines = [printable.clean(line.strip()) for line in text.strip().splitlines()]
    return Markup("<br/>").join(lines)


def _full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _or_missing(value: object) -> object:
    return "uppgift saknas" if value is None else value


def _value(row: object, name: str) -> str:
    return _written(name, getattr(row, name))


def _groups(rows: Iterable[Any], column: str) -> list[tuple[Any, list[Any]]]:
    """Rows that follow on one another and have the same value in a column, under that value."""
    groups = []
    for value, same in groupby(rows, key=lambda row: getattr(row, column)):
        groups.append((value, list(same)))
    return groups


def _by_file(rows: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    return _groups(rows, "file")


_OF_VALUE: Mapping[str, Callable[..., Any]] = {
    "by_file": _by_file,
    "cells": _cells,
    "date": swedish.long_date,
    "entry": ENTRY_WORDS.__getitem__,
    "full_stop": _full_stop,
    "ground": GROUND_WORDS.__getitem__,
    "groups": _groups,
    "listing": swedish.listing,
    "minute": swedish.to_the_minute,
    "or_missing": _or_missing,
    "period": swedish.period,
    "year": lambda row: Year(row.from_on, row.to_on).words,
    "plain": swedish.number,
    "sender_change": sender_change,
    "some_of": name_lists.some_of,
    "prose": _prose,
    "tally": _tally,
    "value": _value,
}


# -- templates and pages ---------------------------------------------------------------------------


@functools.cache
def environment(wording: Wording = PLAIN) -> "jinja2.Environment":
    """Jinja2 with the house's filters, its templates in the words of a level; made once for each.

    The templates are the house's own sentences: what is put into them is not passed through the
    wording.
    """
    import jinja2

    def template(name: str) -> str | None:
        path = files("statsbidrag.reports").joinpath(name)
        return wording.said(path.read_text("utf-8")) if path.is_file() else None

    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(template),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=printable.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["nbsp"] = swedish.NBSP
    env.filters |= _OF_VALUE
    env.filters["item"] = lambda code: wording.said(ITEM_WORDS[code])
    env.filters["said"] = wording.said
    env.filters["word"] = lambda code: wording.said(WORDS[code])
    for name, write in _IN_CONTEXT.items():
        env.filters[name] = jinja2.pass_context(write)
    return env


def render(template: str, view: View) -> str:
    """A template of `reports/` with what it may print, in the view's own `wording` where it has
    one."""
    return environment(view.get("wording", PLAIN)).get_template(template).render(view)


PIECE = "<!--|-->"
"""The mark in a template between the pieces in which it is written; it is not written itself."""


def pieces(template: str, view: View) -> Iterator[str]:
    """What `render` gives in the pieces that the template is parted into, each as soon as it is
    rendered."""
    wording = view.get("wording", PLAIN)
    parts: list[str] = []
    for part in environment(wording).get_template(template).generate(view):
        begun, *after = part.split(PIECE) if PIECE in part else [part]
        parts.append(begun)
        for begun in after:
            yield "".join(parts)
            parts = [begun]
    yield "".join(parts)


def page(
    title: str,
    body: str,
    sections: Sequence[tuple[str, str]] = (),
    downloads: Sequence[tuple[str, str]] = (),
    mark: str | None = None,
) -> str:
    """A whole web page that needs nothing but itself.

    Beside it stand its contents (id and heading) and what lies in its folder (file and words); the
    mark is for a draft.
    """
    before, after = around(title, sections, downloads, mark)
    return before + scrollable(body) + after


def scrollable(body: str) -> str:
    """A body in which a table without a class can be scrolled on a narrow screen."""
    scroll = r'<div class="scroll" tabindex="0" role="group" aria-label="Tabell">\g<0></div>'
    return re.sub(r"<table>.*?</table>", scroll, body, flags=re.DOTALL)


def around(
    title: str,
    sections: Sequence[tuple[str, str]] = (),
    downloads: Sequence[tuple[str, str]] = (),
    mark: str | None = None,
) -> tuple[str, str]:
    """What stands before and after the body of a web page; see `page`."""
    from markupsafe import Markup

    css = files("statsbidrag.reports").joinpath("report.css").read_text("utf-8").rstrip()
    view: View = {"title": title, "css": Markup(css), "body": Markup(PIECE), "mark": mark}
    whole = render("_base.html.j2", view | {"contents": sections, "downloads": downloads})
    before, _, after = whole.partition(PIECE)
    return before, after
