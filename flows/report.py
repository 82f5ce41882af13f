"""Result tables -> templates -> files; alone imports jinja2.

A report is said once: the agency's template renders the body of the återrapport; the web page, the PDF and the Word
file only dress that body (`typeset`).
"""

import functools
import importlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from . import swedish, typeset
from .model import INELIGIBLE_REASON, LIABILITY_BASIS, RETURN_STATUS, Finding, Grant, GrantResult, Rulebook, Severity

if TYPE_CHECKING:
    import jinja2

SCHEMA = 1
"""The number of the contract that the JSON files follow."""

Row = Mapping[str, Any]

_WORDS: Mapping[Any, str] = {
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


def warm() -> None:
    """Load the libraries of the reports ahead of the first one."""
    importlib.import_module("xlsxwriter")
    typeset.warm()
    _environment()


def render_grant(result: GrantResult, rulebook: Rulebook, folder: Path) -> None:
    """Write every report of one grant into an existing, empty folder.

    The grant's `report` names the template; `rulebook.load` has seen that there is one.
    """
    grant, view = result.grant, _view(result, rulebook)
    body = _render(f"{result.grant.report}.html.j2", view)
    sections = ElementTree.fromstring(body).iter("section")
    contents = [(s.get("id", ""), s.findtext("h2", "")) for s in sections if s.get("id")]
    blocks = typeset.blocks(body)
    look = typeset.Look(view["title"], view["kind"], grant.name, grant.short_name, result.as_of)
    _write(folder / "aterrapport.html", _page(view["title"], body, contents))
    _write(folder / "aterrapport.pdf", typeset.pdf(look, blocks))
    _write(folder / "aterrapport.docx", typeset.word(look, blocks))
    _write(folder / "bilaga.xlsx", _workbook(view))
    _write(folder / "reconciliation.json", _json(_reconciliation(result)))
    _write(folder / "findings.json", _json([_finding(f) for f in result.findings]))
    _write(folder / "manifest.json", _json(_manifest(result)))
    (folder / "boards").mkdir(exist_ok=True)
    for board in result.tables["board"]:
        page = _render("board.html.j2", view | _board_view(view, board))
        _write(folder / "boards" / f"{board['board_id']}.html", _page(f"{board['name']}: {view['title']}", page))


def render_index(results: Sequence[GrantResult], rulebook: Rulebook, broken: Sequence[Finding], path: Path) -> None:
    """Write the page that leads to all reports of a run, with what to do next and the grants that could not run."""
    grants = [_view(result, rulebook) | _next_steps(result) for result in results]
    view = {"grants": grants, "broken": broken, "as_of": results[0].as_of if results else None}
    _write(path, _page("Statsbidrag, Stockholms stad", _render("index.html.j2", view)))


def _write(path: Path, content: bytes | str) -> None:
    # A lone surrogate (a file name that is no UTF-8) is written as its escape, which is also what JSON wants.
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


# -- JSON ------------------------------------------------------------------------------------------------------------


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _money(amount: Decimal | None) -> str | None:
    # Adding zero turns a negative zero into a plain one.
    return None if amount is None else f"{amount + Decimal(0):.2f}"


def _monies(row: Row, *names: str) -> dict[str, str | None]:
    return {name: _money(row[name]) for name in names}


_GROUNDS = {"not_used": "not_used_sek", "wrong_purpose": "wrong_purpose_sek", "no_report": "no_report_sek"}


def _reconciliation(result: GrantResult) -> dict[str, Any]:
    city = result.tables["city"][0]
    components = _by(result.tables["board_component"], "board_id")
    return {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        **_monies(city, "total_sek", "allocated_sek", "unallocated_sek"),
        "boards": [
            {
                "board": b["board_id"],
                "name": b["name"],
                "return_status": b["return_status"],
                **_monies(b, "allocated_sek", "reported_sek", "eligible_sek", "ineligible_sek"),
                **_monies(b, "remaining_sek", "overspent_sek"),
                "used_share": None if b["used_share"] is None else f"{b['used_share']:.4f}",
                "liability_sek": _money(b["liability_sek"]),
                "liability_grounds": [
                    {"ground": ground, "amount_sek": _money(b[name])} for ground, name in _GROUNDS.items() if b[name]
                ],
                **_monies(b, "forecast_sek", "projected_unspent_sek"),
                "flag": b["flag"],
                "components": [
                    {
                        "component": c["component_id"],
                        **_monies(c, "allocated_sek", "eligible_sek", "ineligible_sek", "liability_sek"),
                    }
                    for c in components.get(b["board_id"], [])
                ],
            }
            for b in result.tables["board"]
        ],
        "liability": {
            **_monies(city, "unallocated_sek", "boards_sek", "undetermined_sek"),
            **_monies(city, "namnd_basis_sek", "kommun_basis_sek", "set_off_sek"),
            "basis": city["basis"],
            "to_repay_sek": _money(city["to_repay_sek"]),
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"cells": list(finding.cells) or None}


def _manifest(result: GrantResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "grant": result.grant.grant_id,
        "as_of": result.as_of.isoformat(),
        "period_end": result.period_end.isoformat(),
        "final": result.is_final,
        "files": [
            {
                "name": f["name"],
                "sha256": f["sha256"],
                "size": f["size_bytes"],
                "outcome": f["outcome"],
                "board": f["board_id"],
                "sender": f["sender_id"],
            }
            for f in result.tables["manifest"]
        ],
        "data": [{"name": name, "sha256": sha256, "size": size} for name, sha256, size in result.data_files],
    }


# -- what the templates see ------------------------------------------------------------------------------------------


def _by(rows: Iterable[Row], name: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    return groups


def _view(result: GrantResult, rulebook: Rulebook) -> dict[str, Any]:
    """Everything a template may print, and the choices it may make: counts, signs and lists, never sums of money."""
    grant, tables = result.grant, result.tables
    city, boards, gender = tables["city"][0], tables["board"], tables["gender"][0]
    by_status = _by(boards, "return_status")
    activities = _by(tables["activity"], "area")
    difference = gender["women_count"] - gender["men_count"]
    kind = "Återrapport av statsbidrag" if result.is_final else "Delavstämning av statsbidrag"
    findings = [f for f in result.findings if f.grant in {grant.grant_id, None}]
    owing = sorted((b for b in boards if b["liability_sek"]), key=lambda b: (-b["liability_sek"], b["board_id"]))
    return {
        "result": result,
        "grant": grant,
        "city": city,
        "boards": boards,
        "gender": gender,
        "kind": kind,
        "title": f"{kind}: {grant.name}",
        "names": {b.board_id: b.name for b in rulebook.boards} | {None: "–"},
        "component_names": {c.component_id: c.name for c in grant.components},
        "agency_ref": grant.agency_ref or _said(grant, "Myndighetens diarienummer"),
        "city_ref": grant.city_ref or _said(grant, "Stadens diarienummer"),
        "agency_deadline": _deadline(grant.agency_deadline_on, grant.agency_deadline_words),
        "board_deadline": _deadline(grant.board_deadline_on, grant.board_deadline_words),
        "ore": any(line["amount_sek"] % 1 for line in tables["line"]),
        "repays": city["to_repay_sek"] > 0,
        "reported_count": city["board_count"] - city["missing_count"] - city["held_count"],
        "missing": by_status.get("missing", []),
        "held": by_status.get("held", []),
        "outdated": by_status.get("outdated", []),
        "owing": owing,
        "components": _components(result),
        "ineligible_lines": [line for line in tables["line"] if not line["is_eligible"]],
        "areas": [
            {"area": area or "Utan område", "activities": activities[area]}
            for area in sorted(activities, key=[*(a["area"] for a in tables["area"]), *activities].index)
        ],
        "reasons": [s for s in tables["sender"] if s["unspent_reason"]],
        "senders": tables["sender"],
        "predecessors": [s for s in tables["sender"] if not s["is_own"] and not s["is_held"]],
        "decisions_made": [
            {
                "decided_by": rows[0]["decided_by"],
                "decided_on": rows[0]["decided_on"],
                "source": next(d.source for d in result.grant.decisions if d.decision_id == decision_id).sentence,
                "allocations": rows,
            }
            for decision_id, rows in _by(tables["allocation"], "decision_id").items()
        ],
        "findings": sorted(findings, key=lambda f: list(Severity).index(f.severity)),
        "majority": "kvinnor" if difference > 0 else "män" if difference < 0 else None,
        "minority": "män" if difference > 0 else "kvinnor",
        "widest": _widest(tables["area"], difference),
        "used_chart": _used_chart(boards),
        "repay_chart": _repay_chart(owing),
        "gender_chart": _gender_chart(tables["area"], gender),
    }


def _said(grant: Grant, label: str) -> str:
    """The words of a term that has no value of its own."""
    return next((t.value for t in grant.terms if t.label == label), "okänt")


def _deadline(day: date | None, words: str) -> str:
    return f"senast {swedish.long_date(day)}" if day else words


def _components(result: GrantResult) -> list[dict[str, Any]]:
    """The components with their boards; none when the grant is one whole."""
    if len(result.grant.components) == 1:
        return []
    rows = _by(result.tables["board_component"], "component_id")
    return [{"name": c.name, "boards": rows.get(c.component_id, [])} for c in result.grant.components]


def _widest(areas: Sequence[Row], difference: int) -> Row | None:
    """The area where the majority is ahead by most people; None when one area is all there is."""
    counted = [a for a in areas if a["women_count"] or a["men_count"]]
    sign = 1 if difference > 0 else -1
    ahead = max(counted, key=lambda a: sign * (a["women_count"] - a["men_count"]), default=None)
    return ahead if len(counted) > 1 else None


def _board_view(view: Mapping[str, Any], board: Row) -> dict[str, Any]:
    tables, board_id = view["result"].tables, board["board_id"]
    # A missing return is the city's to ask for; the page itself tells the board that nothing has come.
    mine = [f for f in view["findings"] if f.board == board_id and f.rule != "redovisning-saknas"]
    stops = [f for f in mine if f.severity == Severity.BLOCKING]
    return {
        "b": board,
        "mine": mine,
        "stops": stops,
        "notes": [f for f in mine if f.severity == Severity.WARNING],
        "is_commented": any(f.cells and (f.file or "").lower().endswith(".xlsx") for f in mine),
        "senders": [s for s in tables["sender"] if s["board_id"] == board_id],
        "lines": [line for line in tables["line"] if line["board_id"] == board_id],
        "is_overspent": bool(board["overspent_sek"]),
    }


def _next_steps(result: GrantResult) -> dict[str, Any]:
    names = {key: [b["name"] for b in rows] for key, rows in _by(result.tables["board"], "return_status").items()}
    return {
        "folder": result.place,
        "missing": names.get("missing"),
        "held": names.get("held"),
        "outdated": names.get("outdated"),
        "act": [b["name"] for b in result.tables["board"] if b["flag"] == "act" and b["return_status"] != "missing"],
        "unplaced": sum(f["outcome"] == "unidentified" for f in result.tables["manifest"]),
    }


# -- charts: where everything goes; how it looks stands in _parts.html.j2 --------------------------------------------

_CHART_WIDTH = 478
"""The longest bar; the drawing is two wider, so that a mark at its end is seen whole."""
_CHART_ROW = 38


def _px(amount: Decimal | int, most: Decimal | int) -> Decimal:
    return (Decimal(max(amount, 0)) * _CHART_WIDTH / most).quantize(Decimal("0.1")) if most else Decimal(0)


def _chart(chart_id: str, title: str, keys: Mapping[str, str], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    used = {bar["fill"] for row in rows for bar in row["bars"]}
    x, placed = 0, []
    for fill, text in keys.items():
        if fill in used:
            placed.append({"fill": fill, "text": text, "x": x})
            x += 34 + 5 * len(text)
    return {
        "id": chart_id,
        "title": title,
        "desc": "; ".join(f"{row['label']}: {row['text']}" for row in rows) + ".",
        "legend": placed,
        "rows": [row | {"y": 40 + place * _CHART_ROW} for place, row in enumerate(rows)],
        "height": 24 + len(rows) * _CHART_ROW,
    }


def _stack(parts: Iterable[tuple[str, Decimal | int]], most: Decimal | int) -> list[dict[str, Any]]:
    """Bars after one another, the empty ones left out."""
    bars, x = [], Decimal(0)
    for fill, amount in parts:
        width = _px(amount, most)
        if width:
            bars.append({"fill": fill, "x": x, "width": width})
            x += width
    return bars


def _used_chart(boards: Sequence[Row]) -> dict[str, Any]:
    most = max((max(b["allocated_sek"], b["eligible_sek"] or 0) for b in boards), default=Decimal(0))
    rows = []
    for b in boards:
        allocated, used = b["allocated_sek"], b["eligible_sek"]
        within = max(Decimal(0), min(used or Decimal(0), allocated))
        parts = [("solid", within), ("light", allocated - within), ("hatch", b["overspent_sek"] or 0)]
        if b["return_status"] in {"held", "missing"}:
            text = f"{_WORDS[b['return_status']]}, {swedish.kr(allocated)} fördelat"
            parts = [("unsure" if used is None else "light", allocated)]
        elif b["overspent_sek"]:
            text = f"{swedish.number(used)} av {swedish.kr(allocated)}, {swedish.kr(b['overspent_sek'])} över"
        else:
            text = f"{swedish.number(used)} av {swedish.kr(allocated)}"
        rows.append(
            {"label": b["name"], "text": text, "bars": _stack(parts, most), "mark": _px(allocated, most)},
        )
    keys = {
        "solid": "använt",
        "light": "kvar av tilldelningen",
        "hatch": "över tilldelningen",
        "unsure": "väntar på rättelse",
    }
    return _chart("anvant", "Använt mot fördelat per nämnd. Det svarta strecket är tilldelningen.", keys, rows)


def _repay_chart(owing: Sequence[Row]) -> dict[str, Any]:
    most = max((b["liability_sek"] for b in owing), default=Decimal(0))
    fills = dict(zip(("solid", "hatch", "light"), _GROUNDS.values(), strict=True))
    rows = [
        {
            "label": b["name"],
            "text": swedish.kr(b["liability_sek"]),
            "bars": _stack([(fill, b[name]) for fill, name in fills.items()], most),
            "mark": None,
        }
        for b in owing
    ]
    keys = {"solid": "inte använt", "hatch": "använt till annat", "light": "ingen redovisning"}
    return _chart("aterbetala", "Att återbetala per nämnd, störst belopp först.", keys, rows)


def _gender_chart(areas: Sequence[Row], gender: Row) -> dict[str, Any]:
    rows = []
    for row in ({**gender, "area": "Alla områden"}, *areas):
        women, men, unknown = row["women_count"], row["men_count"], row["unknown_count"]
        everyone = women + men + unknown
        if everyone:
            counts = [("solid", women), ("grid", men), ("light", unknown)]
            text = f"{swedish.number(women)} kvinnor, {swedish.number(men)} män, {swedish.number(unknown)} okänt"
            rows.append({"label": row["area"], "text": text, "bars": _stack(counts, everyone), "mark": None})
    keys = {"solid": "kvinnor", "grid": "män", "light": "uppgift saknas"}
    return _chart("kon-per-omrade", "Andel kvinnor och män per område.", keys, rows)


# -- templates -------------------------------------------------------------------------------------------------------


def _plural(count: int, one: str, many: str) -> str:
    return f"{swedish.number(count)}{swedish.NBSP}{one if count == 1 else many}"


def _cells(cells: Sequence[str]) -> str:
    rest = f" och {_plural(len(cells) - 6, 'cell', 'celler')} till" if len(cells) > 6 else ""
    listed = ", ".join(cells[:6]) if rest else swedish.listing(cells)
    return f"{'cell' if len(cells) == 1 else 'cellerna'} {listed}{rest}"


@functools.cache
def _environment() -> "jinja2.Environment":
    import jinja2

    @jinja2.pass_context
    def amount(context: "jinja2.runtime.Context", value: Decimal | None) -> str:
        """A table's amount: with öre on every row as soon as one row of the report has any."""
        text = "–" if value is None else swedish.number(value)
        return f"{text},00" if value is not None and context["ore"] and "," not in text else text

    @jinja2.pass_context
    def name(context: "jinja2.runtime.Context", board_id: str | None) -> str:
        return str(context["names"][board_id])

    @jinja2.pass_context
    def component(context: "jinja2.runtime.Context", component_id: str) -> str:
        return str(context["component_names"][component_id])

    env = jinja2.Environment(
        loader=jinja2.PackageLoader("statsbidrag.reports", ""),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=typeset.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["nbsp"] = swedish.NBSP
    env.filters |= {
        "amount": amount,
        "name": name,
        "component": component,
        "kr": swedish.kr,
        "number": swedish.number,
        "date": swedish.long_date,
        "period": swedish.period,
        "listing": swedish.listing,
        "plural": _plural,
        "cells": _cells,
        "share": lambda share: "–" if share is None else swedish.percent(share),
        "count": lambda count: "uppgift saknas" if count is None else swedish.number(count),
        "or_missing": lambda value: "uppgift saknas" if value is None else value,
        "word": _WORDS.__getitem__,
        "full_stop": lambda text: text if text.endswith((".", "!", "?")) else f"{text}.",
        "groups": lambda rows, key: [(k, list(g)) for k, g in groupby(rows, key=lambda row: getattr(row, key))],
    }
    return env


def _render(template: str, view: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(view)


def _page(title: str, body: str, contents: Sequence[tuple[str, str]] = ()) -> str:
    """A whole web page that needs nothing but itself; wide tables can be scrolled on a narrow screen."""
    from markupsafe import Markup

    scrolled = body.replace("<table>", '<div class="scroll" tabindex="0" role="group" aria-label="Tabell"><table>')
    css = files("statsbidrag.reports").joinpath("report.css").read_text("utf-8").rstrip()
    return _render(
        "_base.html.j2",
        {
            "title": title,
            "css": Markup(css),
            "body": Markup(scrolled.replace("</table>", "</table></div>")),
            "contents": contents,
        },
    )


# -- Excel -----------------------------------------------------------------------------------------------------------

_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"valign": "top", "text_wrap": True},
    "money": {"valign": "top", "num_format": "#,##0.00_-"},
    "count": {"valign": "top", "num_format": "#,##0_-"},
    "share": {"valign": "top", "num_format": "0.0%"},
    "date": {"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"},
    "header": {"valign": "top", "text_wrap": True, "bold": True, "bg_color": "#DCE6EE", "bottom": 1},
}
_EXCEL_TEXT = 32767
"""The longest text that an Excel cell can hold."""

Column = tuple[str, str, str, int]
"""Header, key in the row, kind of cell, width in characters."""

_BOARD: Column = ("Nämnd", "board_id", "name", 21)
_SENDER: Column = ("Avsändare", "sender_id", "name", 21)
_FILE: Column = ("Fil", "file", "text", 24)
_MONEY: tuple[Column, ...] = (
    ("Fördelat, kr", "allocated_sek", "money", 14),
    ("Redovisat, kr", "reported_sek", "money", 14),
    ("Berättigat, kr", "eligible_sek", "money", 14),
    ("Inte berättigat, kr", "ineligible_sek", "money", 14),
)
_PEOPLE: tuple[Column, ...] = (
    ("Kvinnor", "women_count", "count", 10),
    ("Män", "men_count", "count", 10),
    ("Uppgift saknas", "unknown_count", "count", 10),
)
_SHEETS: Mapping[str, tuple[Column, ...]] = {
    "Sammanställning": (
        _BOARD,
        ("Läge", "return_status", "word", 25),
        *_MONEY,
        ("Återstår, kr", "remaining_sek", "money", 14),
        ("Över tilldelningen, kr", "overspent_sek", "money", 14),
        ("Använt", "used_share", "share", 9),
        ("Inte använt, kr", "not_used_sek", "money", 14),
        ("Använt till annat, kr", "wrong_purpose_sek", "money", 14),
        ("Ingen redovisning, kr", "no_report_sek", "money", 14),
        ("Att återbetala, kr", "liability_sek", "money", 14),
        ("Prognos, kr", "forecast_sek", "money", 14),
        ("Väntas bli över, kr", "projected_unspent_sek", "money", 14),
        ("Flagga", "flag", "word", 9),
    ),
    "Staden": (
        ("Beviljat, kr", "total_sek", "money", 16),
        ("Fördelat, kr", "allocated_sek", "money", 16),
        ("Ej fördelat, kr", "unallocated_sek", "money", 14),
        ("Nämndernas återbetalning, kr", "boards_sek", "money", 16),
        ("Ännu inte avgjort, kr", "undetermined_sek", "money", 16),
        ("Räknat per nämnd, kr", "namnd_basis_sek", "money", 16),
        ("Räknat för kommunen, kr", "kommun_basis_sek", "money", 16),
        ("Kvittning, kr", "set_off_sek", "money", 14),
        ("Räknas", "basis", "word", 22),
        ("Att återbetala, hela kr", "to_repay_sek", "money", 16),
    ),
    "Komponenter": (
        _BOARD,
        ("Komponent", "name", "text", 24),
        *_MONEY,
        ("Att återbetala, kr", "liability_sek", "money", 14),
    ),
    "Rader": (
        _BOARD,
        _SENDER,
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Cell", "cell", "text", 7),
        ("Insats", "activity", "text", 28),
        ("Område", "area", "text", 26),
        ("Komponent", "component_id", "component", 18),
        ("Kostnadsslag", "cost_kind", "text", 20),
        ("Konto", "account", "text", 8),
        ("Projekt", "project", "text", 8),
        ("Verifikation", "voucher", "text", 11),
        ("Datum", "worked_on", "date", 11),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Berättigat", "is_eligible", "yes", 10),
        ("Skäl", "reason", "word", 26),
        ("Kommentar", "comment", "text", 30),
    ),
    "Insatser": (
        _BOARD,
        _SENDER,
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Rad", "row_no", "count", 6),
        ("Insats", "activity", "text", 28),
        ("Område", "area", "text", 26),
        ("Målområde", "target_area", "text", 24),
        ("Målgrupp", "target_group", "text", 24),
        ("Beskrivning", "description", "text", 40),
        *_PEOPLE,
        ("Resultat", "result", "text", 40),
    ),
    "Anmärkningar": (
        ("Grad", "severity", "word", 12),
        ("Nämnd", "board", "name", 21),
        ("Anmärkning", "message", "text", 50),
        ("Gör så här", "remedy", "text", 40),
        _FILE,
        ("Blad", "sheet", "text", 11),
        ("Celler", "cells", "list", 16),
        ("Värde", "value", "text", 20),
        ("Regel", "rule", "text", 22),
        ("Källa", "source", "text", 40),
    ),
    "Beslut": (
        ("Beslut", "decision_id", "text", 20),
        ("Datum", "decided_on", "date", 11),
        ("Beslutat av", "decided_by", "text", 20),
        ("Nämnd", "name", "text", 22),
        ("Komponent", "component_id", "component", 20),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Gäller nu", "is_in_force", "yes", 10),
    ),
    "Filer": (
        ("Fil", "name", "text", 40),
        _BOARD,
        _SENDER,
        ("Utfall", "outcome", "word", 26),
        ("Byte", "size_bytes", "count", 10),
        ("SHA-256", "sha256", "text", 68),
    ),
}


def _workbook(view: Mapping[str, Any]) -> bytes:
    """Every figure down to file, sheet and cell, in typed cells; text stays text whatever it begins with."""
    import xlsxwriter

    result = view["result"]
    tables = result.tables
    city = tables["city"][0]
    total = {**dict.fromkeys(tables["board"][0]), **city, "board_id": "summa", "liability_sek": city["boards_sek"]}
    rows: Mapping[str, Sequence[Row]] = {
        "Sammanställning": [*tables["board"], total],
        "Staden": tables["city"],
        "Komponenter": tables["board_component"],
        "Rader": tables["line"],
        "Insatser": tables["activity"],
        "Anmärkningar": [asdict(finding) for finding in view["findings"]],
        "Beslut": tables["allocation"],
        "Filer": tables["manifest"],
    }
    say: Mapping[str, Any] = {
        "name": (view["names"] | {"summa": "Summa"}).__getitem__,
        "component": view["component_names"].__getitem__,
        "word": _WORDS.__getitem__,
        "yes": lambda value: "ja" if value else "nej",
        "list": ", ".join,
        "text": str,
    }
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": view["title"], "created": datetime.combine(result.as_of, time())})
    looks = {kind: book.add_format(look) for kind, look in _LOOKS.items()}
    for title, columns in _SHEETS.items():
        sheet = book.add_worksheet(title)
        sheet.set_row(0, 32)
        for at, (header, _, _, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, header, looks["header"])
        for place, row in enumerate(rows[title], 1):
            height = 1
            for at, (_, key, kind, width) in enumerate(columns):
                value = row[key]
                if value is None:
                    continue
                if kind in say:
                    text = typeset.clean(say[kind](value))[:_EXCEL_TEXT]
                    sheet.write_string(place, at, text, looks["text"])
                    height = max(height, min(-(-len(text) // width), 12))
                elif kind == "date":
                    sheet.write_datetime(place, at, value, looks["date"])
                else:
                    sheet.write_number(place, at, float(value), looks[kind])
            sheet.set_row(place, 15 * height)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(rows[title]) - (title == "Sammanställning")), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1 if sum(width for *_, width in columns) < 220 else 2, 0)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        sheet.set_footer(f"&L{view['grant'].short_name.replace('&', '&&')}&RSida &P (&N)")
    book.close()
    return made.getvalue()
