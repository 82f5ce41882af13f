"""Result tables -> templates -> files: the reports of a grant, the paper to the committee.

A report is said once: the agency's template renders the body of the återrapport; the web page, the PDF and the Word
file only dress that body (`pages`, `typeset`).
"""

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from . import charts, contract, deadlines, pages, record, suppression, swedish, typeset
from .figures import FIGURES, Hidden
from .model import (
    WHOLE_GRANT,
    Grant,
    GrantResult,
    Move,
    ReportState,
    Rule,
    Rulebook,
    Severity,
)
from .spreadsheet import appendix

Row = Mapping[str, Any]


def warm() -> None:
    """Load the libraries of the reports ahead of the first one."""
    importlib.import_module("xlsxwriter")
    typeset.warm()
    pages.environment()


def render_grant(result: GrantResult, rulebook: Rulebook, folder: Path) -> None:
    """Write every report of one grant into an existing, empty folder.

    The grant's `report` names the template; `rulebook.load` has seen that there is one.
    """
    grant, view, shown = result.grant, _view(result, rulebook), suppression.published(result)
    public = view if shown is result else _view(shown, rulebook)
    told = record.reconciliation(result)
    figures = record.anchored(told)
    body = record.must_be_founded(pages.render(f"{grant.report}.html.j2", public), figures, grant)
    blocks = typeset.blocks(body)
    look = typeset.Look(view["title"], view["kind"], grant.name, grant.short_name, result.as_of, view["mark"])
    answers = _answers(body)
    downloads = [
        ("aterrapport.pdf", "Rapporten som PDF"),
        ("aterrapport.docx", "Rapporten i Word"),
        ("bilaga.xlsx", "Alla belopp i Excel"),
        ("underlag.html", "Underlag: villkor, anmärkningar och filer"),
        ("sparning.html", "Varje siffra, spårad till fil och cell"),
        *([("svar.txt", "Svaren till webbformuläret som text")] if answers else []),
        *([("tjansteutlatande.docx", "Utkast till tjänsteutlåtande i Word")] if result.is_final else []),
        *([("omfordelning.html", "Förslag till omfördelning")] if view["redistribution"] else []),
    ]
    record.write(
        folder / "aterrapport.html", pages.page(view["title"], body, pages.contents(body), downloads, view["mark"])
    )
    record.write(folder / "aterrapport.docx", typeset.word(look, blocks))
    record.write(folder / "bilaga.xlsx", appendix(view))
    record.write(folder / "reconciliation.json", record.json_text(told))
    record.write(folder / "findings.json", record.json_text(record.findings(result)))
    record.write(folder / "manifest.json", record.json_text(record.manifest(result)))
    record.write(folder / "aterrapport.pdf", typeset.pdf(look, blocks, _attached(_FILED, grant, folder)))
    _render_basis(public, figures, folder)
    if answers:
        record.write(folder / "svar.json", record.json_text(answers))
        record.write(folder / "svar.txt", _pasted(answers, view))
    if result.is_final:
        record.write(folder / "tjansteutlatande.docx", paper([result], rulebook))
    elif view["redistribution"]:
        _render_redistribution(public, figures, folder)
    trace = pages.render("sparning.html.j2", view | _trace_view(view, rulebook))
    figures |= {line["amount_sek"].anchor: line["amount_sek"] for line in view["result"].tables["line"]}
    record.write(folder / contract.PAGE, contract.page())
    page = pages.page(
        f"Spårning: {grant.name}",
        record.must_be_founded(trace, figures, grant),
        pages.contents(trace),
        _TRACED,
        view["mark"],
    )
    record.write(folder / "sparning.html", page)
    (folder / "boards").mkdir(exist_ok=True)
    for board in view["boards"]:
        page = record.must_be_founded(pages.render("board.html.j2", view | _board_view(view, board)), figures, grant)
        record.write(
            folder / "boards" / f"{board['board_id']}.html", pages.page(f"{board['name']}: {view['title']}", page)
        )


def _render_redistribution(view: Mapping[str, Any], figures: Mapping[str, Decimal], folder: Path) -> None:
    """Write the draft decision on moving money between boards, as a page and in Word."""
    grant: Grant = view["grant"]
    title = f"Förslag till omfördelning av statsbidraget {grant.name}"
    body = record.must_be_founded(pages.render("omfordelning.html.j2", {**view, "title": title}), figures, grant)
    downloads = [("omfordelning.docx", "Förslaget i Word"), ("aterrapport.html", "Avstämningen")]
    page = pages.page(title, body, pages.contents(body), downloads, "UTKAST")
    record.write(folder / "omfordelning.html", page)
    look = typeset.Look(title, "Tjänsteutlåtande", title, grant.city_ref or "", view["result"].as_of, "UTKAST")
    record.write(folder / "omfordelning.docx", typeset.word(look, typeset.blocks(body), "tjansteutlatande.docx"))


def _render_basis(view: Mapping[str, Any], figures: Mapping[str, Decimal], folder: Path) -> None:
    """Write what the city and its auditor need beside the report, as a page and as a PDF with files inside."""
    grant: Grant = view["grant"]
    title = f"Underlag: {grant.name}"
    body = record.must_be_founded(pages.render("underlag.html.j2", view), figures, grant)
    downloads = [
        ("aterrapport.html", "Återrapporten" if view["result"].is_final else "Delavstämningen"),
        ("underlag.pdf", "Underlaget som PDF"),
        *_TRACED[1:],
        ("sparning.html", "Varje siffra, spårad till fil och cell"),
    ]
    page = pages.page(title, body, pages.contents(body), downloads, view["mark"])
    record.write(folder / "underlag.html", page)
    running = f"Underlag, {grant.short_name}"
    look = typeset.Look(title, "Underlag", grant.name, running, view["result"].as_of, view["mark"])
    content = typeset.pdf(look, typeset.blocks(body), _attached(_BASIS, grant, folder))
    record.write(folder / "underlag.pdf", content)


Inside = tuple[str, str, str]
"""A file that lies inside a PDF as well: its name, its media type and what it is."""

_FILED: Sequence[Inside] = (
    (
        "bilaga.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Alla belopp i Excel",
    ),
    ("reconciliation.json", "application/json", "Rapportens siffror"),
)
_BASIS: Sequence[Inside] = (
    ("findings.json", "application/json", "Anmärkningarna"),
    ("manifest.json", "application/json", "Filerna som rapporten bygger på"),
)


def _attached(inside: Sequence[Inside], grant: Grant, folder: Path) -> list[typeset.Attachment]:
    """The files that go inside a PDF; where small counts are hidden, only what holds no counts."""
    attached = []
    for name, media_type, words in inside:
        if name == "manifest.json" or not grant.least_shown_count:
            attached.append(typeset.Attachment(name, media_type, words, (folder / name).read_bytes()))
    return attached


def paper(results: Sequence[GrantResult], rulebook: Rulebook) -> bytes:
    """The draft of a tjänsteutlåtande to Socialnämnden, as a Word file, on the final results of one or several grants.

    What only a person can write stands in square brackets, in a style of its own. Grants that are decided together
    are one paper, as MFoF's two of 2023 were; each keeps its own amounts, and nothing is summed across them.
    """
    results = [suppression.published(result) for result in results]
    views = [_view(result, rulebook) for result in results]
    grants = [view | _proposal(view["result"]) for view in views]
    names = [g["grant"].name for g in grants]
    families = {name.partition(": ")[0] for name in names}
    named = families.pop() if len(names) > 1 == len(families) else swedish.listing(names)
    title = f"Återredovisning av {'statsbidraget' if len(grants) == 1 else 'statsbidragen'} {named}"
    refs = {g["grant"].city_ref for g in grants}
    view = {
        "grants": grants,
        "is_one": len(grants) == 1,
        "named": named,
        "grantors": list(dict.fromkeys(g["grant"].grantor_short for g in grants)),
        "names": grants[0]["names"],
        "ore": any(g["ore"] for g in grants),
        "as_of": max(result.as_of for result in results),
    }
    mark = next((g["mark"] for g in grants if g["mark"]), None)
    dnr = (refs.pop() if len(refs) == 1 else None) or ""
    look = typeset.Look(title, "Tjänsteutlåtande", title, dnr, view["as_of"], mark)
    return typeset.word(look, typeset.blocks(pages.render("tjansteutlatande.html.j2", view)), "tjansteutlatande.docx")


# -- answers for an agency's web form ----------------------------------------------------------------------------------

Answer = Mapping[str, str]

_TRACED = (
    ("aterrapport.html", "Rapporten"),
    ("bilaga.xlsx", "Alla belopp i Excel"),
    (contract.PAGE, "Kontraktet, som reglerna hänvisar till"),
)


def _answers(body: str) -> list[Answer]:
    """The questions and answers of a report's body, for a web form; none where the agency has no form."""
    sections = [s for s in ElementTree.fromstring(body).iter("section") if s.get("class") == "answer"]
    return [
        {"question": section.findtext("h3", ""), "answer": "\n".join(typeset.plain(p) for p in section.iter("p"))}
        for section in sections
    ]


def _pasted(answers: Sequence[Answer], view: Mapping[str, Any]) -> str:
    """The answers as plain text, each paragraph one line: what is pasted in a form breaks where the form breaks it."""
    head = f"{view['mark']}\n{view['title']}" if view["mark"] else view["title"]
    parts = [head, *(f"{a['question']}\n\n{a['answer']}" for a in answers)]
    return "\n\n\n".join(parts) + "\n"


def _trace_view(view: Mapping[str, Any], rulebook: Rulebook) -> dict[str, Any]:
    """What sparning.html prints: the figures with what they rest on, and the text of the rules."""
    result: GrantResult = view["result"]
    tables = result.tables
    names = ("board_component", "inherited", "sender", "line", "activity", "outlook", "since")
    rows = {name: record.by(tables[name], "board_id") for name in names}
    rows["allocation"] = record.by(tables["allocation"], "unit_id")
    of_area = {table: _by_area(tables[table]) for table in ("line", "activity")}
    ahead = {"outlook", "since", "redistribution", "transfer", "moved"}
    told = [FIGURES[table].values() for table in FIGURES if table not in ahead or tables[table]]
    steps = dict.fromkeys(step for figures in told for figure in figures for step in figure.steps)
    rules = [rulebook.rules[rule_id] for rule_id in sorted({f.rule for f in view["findings"]})]
    return {
        "trace": "",
        "cited": contract.linked,
        "figures": FIGURES,
        "rows": {name: {b["board_id"]: rows[name].get(b["board_id"], []) for b in tables["board"]} for name in rows},
        "city_outlook": rows["outlook"].get(None, []),
        "has_wishes": any(s.get("wanted_sek") for s in tables["sender"]),
        "areas_traced": [
            {
                "row": area,
                "lines": [r for r in of_area["line"].get(swedish.key(area["area"]), []) if r["is_eligible"]],
                "activities": of_area["activity"].get(swedish.key(area["area"]), []),
            }
            for area in tables["area"]
        ],
        "reasons_traced": [
            {
                "row": row,
                "lines": [r for r in rows["line"].get(row["board_id"], []) if r["reason"] == row["reason"]],
            }
            for row in tables["ineligible"]
        ],
        "sources": {d.decision_id: d.source.sentence for d in result.grant.decisions},
        "steps": {step: files("statsbidrag.sql").joinpath(f"{step}.sql").read_text("utf-8") for step in sorted(steps)},
        "rules": [{"rule": rule, "text": _rule_text(rule)} for rule in rules],
    }


def _by_area(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(suppression.area_key(row), []).append(row)
    return found


def _rule_text(rule: Rule) -> str:
    """A rule as the program has it: the SQL, or the expectations that lead to it; empty when it is code."""
    if rule.checked_by == "sql":
        return files("statsbidrag.sql.rules").joinpath(f"{rule.rule_id}.sql").read_text("utf-8")
    suites = sorted(path.name for path in files("statsbidrag.expectations").iterdir() if path.name.endswith(".yaml"))
    texts = (files("statsbidrag.expectations").joinpath(suite).read_text("utf-8") for suite in suites)
    blocks = (block for text in texts for block in re.split(r"^(?=- )", text, flags=re.MULTILINE))
    return "".join(block for block in blocks if re.search(rf"\brule: {re.escape(rule.rule_id)}[,}}]", block))


# -- what the templates see ------------------------------------------------------------------------------------------


def _view(result: GrantResult, rulebook: Rulebook) -> dict[str, Any]:
    """Everything a template may print, and the choices it may make: counts, signs and lists, never sums of money."""
    names = {b.board_id: b.name for b in rulebook.boards} | {None: "–"}
    result = _in_order(record.traced(result), names)
    grant, tables = result.grant, result.tables
    city, boards, gender = tables["city"][0], tables["board"], tables["gender"][0]
    by_status = record.by(boards, "return_status")
    is_told = not any(map(_hides, (gender, *tables["area"])))
    difference = 0 if _hides(gender) else gender["women_count"] - gender["men_count"]
    kind = "Återrapport av statsbidrag" if result.is_final else "Delavstämning av statsbidrag"
    owing = sorted((b for b in boards if b["liability_sek"]), key=lambda b: -b["liability_sek"])
    return {
        "trace": "sparning.html",
        "result": result,
        "grant": grant,
        "city": city,
        "boards": boards,
        "gender": {**gender, **_told_of_hidden(result)},
        "kind": kind,
        "title": f"{kind}: {grant.name}",
        "names": names,
        "component_names": {c.component_id: c.name for c in grant.components},
        "agency_deadline": _deadline(grant.agency_deadline_on, grant.agency_deadline_words),
        "returns_by": _returns_by(result, rulebook),
        "answer_by": deadlines.answer_by(rulebook, result),
        "ore": any(line["amount_sek"] % 1 for line in tables["line"]),
        "repays": city["to_repay_sek"] > 0,
        "reported_count": city["reported_count"],
        "missing": by_status.get("missing", []),
        "held": by_status.get("held", []),
        "outdated": by_status.get("outdated", []),
        "owing": owing,
        "components": _components(result),
        "areas": _areas(result),
        "unwritten": [a["area"] for a in tables["area"] if a["activity_count"] and a["area"] not in grant.accounts],
        "unexplained": _unexplained(result),
        "reasons": [s for s in tables["sender"] if s["unspent_reason"]],
        "senders": tables["sender"],
        "inherited": record.by(tables["inherited"], "board_id"),
        "predecessors": [s for s in tables["sender"] if not s["is_own"] and not s["is_held"]],
        "decisions_made": [
            {
                "decided_by": rows[0]["decided_by"],
                "decided_on": rows[0]["decided_on"],
                "source": next(d.source for d in result.grant.decisions if d.decision_id == decision_id).sentence,
                "allocations": rows,
            }
            for decision_id, rows in record.by(tables["allocation"], "decision_id").items()
        ],
        "findings": sorted(
            record.told(result),
            key=lambda f: (list(Severity).index(f.severity), swedish.order(names.get(f.board) or "")),
        ),
        "majority": "kvinnor" if difference > 0 else "män" if difference < 0 else None,
        "minority": "män" if difference > 0 else "kvinnor",
        "widest": _widest(tables["area"], difference) if is_told else None,
        "used_chart": charts.used(boards),
        "repay_chart": charts.repay(owing),
        "gender_chart": charts.gender(tables["area"], gender) if is_told else None,
        **_standing(result, rulebook),
        **_ahead(result),
    }


_BY_BOARD = ("board", "board_component", "inherited", "sender", "ineligible", "activity", "since", "moved")
"""The tables whose rows people read board by board."""


def _in_order(result: GrantResult, names: Mapping[str | None, str]) -> GrantResult:
    """The same result, its boards in the order of a Swedish list; a board's own return before its predecessors'."""

    def place(row: Row) -> tuple[str, bool, str]:
        board_id, sender_id = row["board_id"], row.get("sender_id") or row["board_id"]
        return swedish.order(names[board_id]), sender_id != board_id, swedish.order(names[sender_id])

    tables = {**result.tables}
    for table in _BY_BOARD:
        tables[table] = tuple(sorted(tables[table], key=place))
    tables["allocation"] = tuple(
        sorted(
            tables["allocation"],
            key=lambda row: (row["decided_on"], row["decision_id"], swedish.order(row["name"])),
        )
    )
    return replace(result, tables=tables)


def _areas(result: GrantResult) -> list[dict[str, Any]]:
    """The areas that anything was done in, in the order of the terms: the city's own words, and what the boards did."""
    by_area = record.by(result.tables["activity"], "area")
    order = [*(row["area"] for row in result.tables["area"]), *by_area]
    areas = []
    for area in sorted(by_area, key=order.index):
        areas.append(
            {
                "area": area or "Utan område",
                "account": result.grant.accounts.get(area or ""),
                "activities": by_area[area],
                "named": _named(by_area[area]),
            }
        )
    return areas


def _named(activities: Sequence[Row]) -> list[dict[str, Any]]:
    """The activities of an area, those of one name together: who did them, and what was written, each text once."""
    named = []
    for same in _alike(activities, "activity"):
        named.append(
            {
                "activity": same[0]["activity"],
                "senders": _senders(same),
                "descriptions": _texts(same, "description"),
                "results": _texts(same, "result"),
            }
        )
    return named


def _texts(activities: Sequence[Row], column: str) -> list[dict[str, Any]]:
    """What senders have written in a column, each text once, and who wrote it; a blank is nothing."""
    written = [row for row in activities if row[column]]
    return [{"text": same[0][column], "senders": _senders(same)} for same in _alike(written, column)]


def _alike(rows: Sequence[Row], column: str) -> list[list[Row]]:
    """Rows in groups of one spelling of a column, in the order that they come."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(swedish.key(row[column] or ""), []).append(row)
    return list(groups.values())


def _senders(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["sender_id"] for row in rows))


def _unexplained(result: GrantResult) -> list[Row]:
    """The boards that have money left, or that nothing has come from, and have given no reason."""
    explained = {row["board_id"] for row in result.tables["sender"] if row["unspent_reason"]}
    return [b for b in result.tables["board"] if b["liability_sek"] and b["board_id"] not in explained]


def _ahead(result: GrantResult) -> dict[str, Any]:
    """What the section on forecasts prints, and the proposal to move money; empty in the final report."""
    tables, boards = result.tables, {b["board_id"]: b for b in result.tables["board"]}
    outlook = {(o["board_id"], o["component_id"]): o for o in tables["outlook"]}
    latest = [s for s in tables["since"] if s["is_latest"]]
    reasons = record.by([s for s in tables["sender"] if s["unspent_reason"]], "board_id")
    whole = tables["redistribution"][0] if tables["redistribution"] else None
    return {
        "outlook": outlook,
        "city_outlook": outlook.get((None, None)),
        "paced": next((o for o in outlook.values() if o["board_id"] and o["run_rate_sek"] is not None), None),
        "changes": [
            {
                "caption": caption,
                "before": f"before_{name}_sek",
                "now": now,
                "change": f"{name}_change_sek",
                "rows": sorted(
                    (s for s in latest if s[f"{name}_change_sek"] is not None),
                    key=lambda s: -abs(s[f"{name}_change_sek"]),
                ),
            }
            for caption, name, now in _CHANGES
        ]
        if latest
        else [],
        "reviews": tables["since"],
        "flagged": [
            {"board": b, "reasons": reasons.get(b["board_id"], [])}
            for b in sorted(boards.values(), key=lambda b: b["flag"] != "act")
            if b["flag"] in {"act", "watch"} and b["return_status"] != "missing"
        ],
        "redistribution": whole,
        "transfers": tables["transfer"],
        "moved": tables["moved"],
        "unknown": [boards[board_id] for board_id in whole["unknown"]] if whole else [],
        "is_over": result.as_of > result.grant.spend_to_on,
        "is_apart": any(t["component_id"] for t in tables["transfer"]),
    }


_CHANGES = (
    ("Väntas bli över", "unspent", "projected_unspent_sek"),
    ("Nämndens prognos", "forecast", "forecast_sek"),
    ("Använt", "eligible", "eligible_sek"),
)
"""What is compared with the earlier return: words, the figure's name there, and now."""


def _standing(result: GrantResult, rulebook: Rulebook) -> dict[str, Any]:
    """How far a final report has come, who has done what with it, and what has moved since somebody last did."""
    review = result.review
    state = review.state if review else ReportState.DRAFT
    is_draft = state in {ReportState.DRAFT, ReportState.REVIEWED}
    latest = {act.state: act for act in review.acts} if review else {}
    # A grant that is one whole has the figures of its only component already.
    moves = [m for m in review.moved if m.component_id != WHOLE_GRANT] if review else []
    open_boards = [b for b in result.tables["board"] if b["return_status"] in {"missing", "held"}]
    return {
        "review": review,
        "mark": "UTKAST" if result.is_final and is_draft else None,
        "is_unsettled": result.is_final and is_draft,
        "reviewed": latest.get(ReportState.REVIEWED),
        "attested": latest.get(ReportState.ATTESTED),
        "filed": latest.get(ReportState.FILED),
        "repaid": latest.get(ReportState.REPAID),
        "correction_no": review.version - 1 if review else 0,
        "undecided": [] if is_draft else open_boards,
        "moves": [_move(m, result.grant, rulebook) for m in moves],
        "city_moves": [_move(m, result.grant, rulebook) for m in moves if m.board_id is None],
    }


def _move(move: Move, grant: Grant, rulebook: Rulebook) -> dict[str, str]:
    names = [rulebook.board(move.board_id).name] if move.board_id else []
    names += [c.name for c in grant.components if c.component_id == move.component_id]
    told = pages.moved(move)
    return told | {"figure": ", ".join(filter(None, (told["figure"], told["unit"]))), "place": ", ".join(names)}


def _proposal(result: GrantResult) -> dict[str, Any]:
    """What the paper to Socialnämnden needs beside the report: which points the figures call for, and what to check."""
    grant, tables = result.grant, result.tables
    city = tables["city"][0]
    terms = {t.label: t for t in grant.terms if t.source.kind != "okand"}
    in_force = [d for d in grant.decisions if d.decided_on <= result.as_of]
    assumed = [terms["Återbetalningen räknas"].source] if "Återbetalningen räknas" in terms else []
    return {
        "purpose": terms.get("Ändamål"),
        "repay_by": terms.get("Återbetalning senast"),
        "decisions_in_force": in_force,
        "assumed_decisions": [d.source.text for d in in_force if d.source.kind == "antagande"],
        "assumed_basis": [source.text for source in assumed if source.kind == "antagande"],
        "funded": [b for b in tables["board"] if b["allocated_sek"]],
        "overspent": [b for b in tables["board"] if b["overspent_sek"]],
        "active_areas": [a for a in tables["area"] if a["activity_count"] or a["eligible_sek"]],
        "counted_areas": [a for a in tables["area"] if a["women_count"] or a["men_count"] or a["unknown_count"]],
        "earmarked": _components(result) if grant.is_earmarked else [],
        "is_whole_city": city["basis"] == "kommun",
        "has_unallocated": city["unallocated_sek"] > 0,
        "has_set_off": city["set_off_sek"] > 0,
    }


def _deadline(day: date | None, words: str) -> str:
    return f"senast {swedish.long_date(day)}" if day else words


def _returns_by(result: GrantResult, rulebook: Rulebook) -> str:
    """When the boards return the period: the day, or what the terms say where they state no day."""
    due = deadlines.return_day(rulebook, result.grant, result.as_of, result.period_end)
    return f"senast {due.words}" if due else result.grant.board_deadline_words


def _components(result: GrantResult) -> list[dict[str, Any]]:
    """The components with their boards; none when the grant is one whole."""
    if len(result.grant.components) == 1:
        return []
    rows = record.by(result.tables["board_component"], "component_id")
    return [{"name": c.name, "boards": rows.get(c.component_id, [])} for c in result.grant.components]


def _widest(areas: Sequence[Row], difference: int) -> Row | None:
    """The area where the majority is ahead by most people; None when one area is all there is."""
    counted = [a for a in areas if a["women_count"] or a["men_count"]]
    sign = 1 if difference > 0 else -1
    ahead = max(counted, key=lambda a: sign * (a["women_count"] - a["men_count"]), default=None)
    return ahead if len(counted) > 1 else None


def _hides(row: Row) -> bool:
    return any(isinstance(value, Hidden) for value in row.values())


def _told_of_hidden(result: GrantResult) -> dict[str, Any]:
    """What the row of all persons says of small counts: what the reader must know, and whether its own are hidden."""
    least, tables = result.grant.least_shown_count, result.tables
    if not any(_hides(row) for table in ("gender", "area", "activity") for row in tables[table]):
        return {}
    words = f"Antal personer från 1 till {least - 1} visas inte, och inte heller de antal som avslöjar dem."
    return {"hidden": words, **({"is_hidden": True} if _hides(tables["gender"][0]) else {})}


def _board_view(view: Mapping[str, Any], board: Row) -> dict[str, Any]:
    tables, board_id = view["result"].tables, board["board_id"]
    # A missing return is the city's to ask for; the page itself tells the board that nothing has come.
    mine = [f for f in view["findings"] if f.board == board_id and f.rule != "redovisning-saknas"]
    stops = [f for f in mine if f.severity == Severity.BLOCKING]
    return {
        "trace": "../sparning.html",
        "b": board,
        "mine": mine,
        "stops": stops,
        "notes": [f for f in mine if f.severity == Severity.WARNING],
        "is_commented": any(f.cells and (f.file or "").lower().endswith(".xlsx") for f in mine),
        "senders": [s for s in tables["sender"] if s["board_id"] == board_id],
        "lines": [line for line in tables["line"] if line["board_id"] == board_id],
        "others": [row for row in tables["inherited"] if row["board_id"] == board_id],
        "is_overspent": bool(board["overspent_sek"]),
        "is_unspent": board["flag"] == "act" and view["result"].as_of <= view["result"].grant.spend_to_on,
    }
