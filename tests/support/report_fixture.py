"""Grant results for the reports, reckoned by hand from the real allocations of the source
documents.

The lines are made up; the tables follow from them by the plain arithmetic of contract section 4,
written here a second time on purpose, so that the reports can be tested without the pipeline.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from statsbidrag.documents import report
from statsbidrag.model.boards import Board
from statsbidrag.model.conditions import FlagLimits
from statsbidrag.model.decisions import (
    WHOLE_GRANT,
    Allocation,
    Component,
    Decision,
    Grant,
    Term,
    Waiver,
)
from statsbidrag.model.findings import Finding, Rule, Severity
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.model.sources import Source
from statsbidrag.money.results import GrantResult
from statsbidrag.year import deadlines
from tests import example
from tests.support import planted
from tests.support.rows import tables_of

D = Decimal
ZERO = D(0)
NAMES = {
    "jarva": "Järva",
    "hasselby-vallingby": "Hässelby-Vällingby",
    "bromma": "Bromma",
    "kungsholmen": "Kungsholmen",
    "norra-innerstaden": "Norra innerstaden",
    "sodermalm": "Södermalm",
    "enskede-arsta-vantor": "Enskede-Årsta-Vantör",
    "skarpnack": "Skarpnäck",
    "farsta": "Farsta",
    "hagersten-alvsjo": "Hägersten-Älvsjö",
    "skarholmen": "Skärholmen",
    "spanga-tensta": "Spånga-Tensta",
    "rinkeby-kista": "Rinkeby-Kista",
}
MFOF = {
    "jarva": 1978155,
    "hasselby-vallingby": 1017996,
    "bromma": 438957,
    "kungsholmen": 249227,
    "norra-innerstaden": 599972,
    "sodermalm": 559876,
    "enskede-arsta-vantor": 1093127,
    "skarpnack": 382020,
    "farsta": 636208,
    "hagersten-alvsjo": 819232,
    "skarholmen": 678304,
}
SOCIAL = {
    "rinkeby-kista": (5900000, 1054200),
    "spanga-tensta": (4300000, 986200),
    "hasselby-vallingby": (4300000, 1779200),
    "enskede-arsta-vantor": (4700000, 1729200),
    "hagersten-alvsjo": (2900000, 1498000),
    "skarholmen": (3300000, 479200),
}
MFOF_AREAS = (
    "Systematiskt arbete",
    "Nationella rekommendationer",
    "Universellt stöd",
    "Föräldrar med särskilda behov",
    "Föräldrar under graviditet och småbarnsåren",
    "Barn med normbrytande beteenden",
    "Metodutveckling, implementering och spridning",
)
SOCIAL_AREAS = (
    "Förstärkning socialt uppsökande arbete",
    "Förstärkning myndighetsutövning barn och unga",
    "Samlokalisering polisen",
    "SIG unga vuxna insatsbudget",
    "Skolsociala team",
)
RULES = (
    *(
        "ersatter-befintlig",
        "fordelning-summa",
        "saknas",
        "datum-saknas",
        "utanfor-perioden",
        "overskridande",
    ),
    "okand-fil",
)
KINDS = ("Lönekostnader", "Konsulter och föreläsare", "Lokaler", "Material")


@dataclass(frozen=True)
class Sent:
    """One return: eligible kronor per area, and lines that are not eligible as (reason, area, kind,
    day, kronor)."""

    board_id: str
    eligible: Mapping[str, str]
    ineligible: tuple[tuple[str, str, str, date, str], ...] = ()
    sender_id: str | None = None
    forecast: str | None = None
    unspent_reason: str | None = None
    status: str = "accepted"
    period_end: date | None = None
    comment: str | None = None
    before: str | None = None
    """What an earlier return, for the first half of 2021, said was used."""
    said: str | None = None
    """What that one's forecast was."""


def mfof_grant() -> Grant:
    """The first grant of seeds/000."""
    document = (
        "Tjänsteutlåtande Fördelning av statsbidrag för förstärkt föräldraskapsstöd 2023, dnr SOF "
        "2023/329"
    )
    said = Source(
        "kalla",
        "Redovisning av vilka resultat som uppnåtts ska ske senast 1 februari 2024.",
        document,
    )
    return Grant(
        grant_id="mfof-2023-jamlik-tillgang",
        name="Statsbidrag för ökad och jämlik tillgång till föräldraskapsstöd 2023",
        short_name="Jämlik tillgång 2023",
        report=planted.decided().grant(planted.EQUAL).report,
        grantor="Myndigheten för familjerätt och föräldraskapsstöd",
        grantor_short="MFoF",
        total_sek=D(8453075),
        spend_from_on=date(2023, 1, 1),
        spend_to_on=date(2023, 12, 31),
        areas=MFOF_AREAS,
        unpaid_areas=("Öppen förskola, ordinarie verksamhet",),
        target_areas=(
            "Ett kunskapsbaserat arbetssätt",
            "Ett tillgängligt stöd",
            "En stödjande organisation",
        ),
        cost_kinds=KINDS,
        unpaid_cost_kinds=("Representation",),
        not_for=("insatser som genomförs efter 2023",),
        repayment_grounds=(
            "medel som inte har använts",
            "medel som har använts till annat än bidragets ändamål",
        ),
        components=(Component(WHOLE_GRANT, "Hela bidraget", MFOF_AREAS),),
        is_earmarked=True,
        liability_basis="namnd",
        board_deadline_on=None,
        board_deadline_words="i början av 2024",
        agency_deadline_on=date(2024, 2, 1),
        agency_deadline_words="Senast 1\u00a0februari\u00a02024",
        city_ref="SOF 2023/329",
        agency_ref=None,
        limits=FlagLimits(),
        decisions=(
            Decision(
                "sof-2023-329",
                date(2023, 8, 29),
                "Socialnämnden",
                Source("antagande", f"Förslaget antogs som det är skrivet ({document})"),
                tuple(Allocation(b, WHOLE_GRANT, D(a)) for b, a in MFOF.items()),
            ),
        ),
        waivers=(
            Waiver(
                rule_id="ersatter-befintlig",
                board_id="farsta",
                reason="Nämnden har visat att tjänsten är ny.",
                decided_by="Avdelningschef, socialförvaltningen",
                decided_on=date(2024, 1, 15),
                until_on=date(2024, 3, 31),
            ),
        ),
        terms=(
            Term("Bidragsgivare", "Myndigheten för familjerätt och föräldraskapsstöd (MFoF)", said),
            Term(
                "Myndighetens diarienummer",
                "framgår inte av stadens dokument",
                Source("okand", "framgår inte av stadens dokument"),
            ),
            Term("Stadens diarienummer", "SOF 2023/329", said),
            Term("Belopp", "8\u00a0453\u00a0075\u00a0kr", said),
            Term("Medlen får användas", "1\u00a0januari–31\u00a0december\u00a02023", said),
            Term(
                "Nämnderna redovisar till staden",
                "i början av 2024",
                Source("okand", "i början av 2024"),
            ),
            Term(
                "Återbetalningen räknas",
                "per nämnd",
                Source("antagande", "Dokumenten säger inget om kvittning."),
            ),
        ),
        file="grants/mfof-2023-jamlik-tillgang.toml",
        sha256="ab" * 32,
    )


def social_grant() -> Grant:
    """The grant of seeds/003, with its two components."""
    document = "Tjänsteutlåtande Sociala insatser i utsatta områden, 2021-05-25"
    said = Source(
        "kalla",
        "Om staden inte har använt hela statsbidraget ska återstoden återbetalas.",
        document,
    )
    components = (
        Component("fordelningsmodell", "Fördelningsmodell", SOCIAL_AREAS[:4]),
        Component("skolsociala-team", "Skolsociala team", SOCIAL_AREAS[4:]),
    )
    return replace(
        mfof_grant(),
        grant_id="socialstyrelsen-2021-utsatta-omraden",
        name="Statsbidrag för sociala insatser i utsatta områden 2021",
        short_name="Utsatta områden 2021",
        report=planted.decided().grant(example.AREAS_2021).report,
        grantor="Socialstyrelsen",
        grantor_short="Socialstyrelsen",
        total_sek=D(32926000),
        spend_from_on=date(2021, 1, 1),
        spend_to_on=date(2021, 12, 31),
        areas=SOCIAL_AREAS,
        unpaid_areas=(),
        target_areas=(),
        components=components,
        is_earmarked=True,
        liability_basis="kommun",
        board_deadline_words="framgår inte av stadens dokument",
        agency_deadline_on=None,
        agency_deadline_words="i slutet av 2021 eller i början av 2022",
        city_ref=None,
        decisions=(
            Decision(
                "sn-2021-05-25",
                date(2021, 5, 25),
                "Socialnämnden",
                Source("antagande", f"Förslaget antogs som det är skrivet ({document})"),
                tuple(
                    Allocation(b, c.component_id, D(a))
                    for b, pair in SOCIAL.items()
                    for c, a in zip(components, pair, strict=True)
                ),
            ),
        ),
        waivers=(),
        terms=(
            Term("Bidragsgivare", "Socialstyrelsen", said),
            Term(
                "Stadens diarienummer",
                "framgår inte av dokumentet",
                Source("okand", "framgår inte av dokumentet"),
            ),
            Term("Återbetalningen räknas", "för kommunen som helhet", said),
        ),
        file="grants/socialstyrelsen-2021-utsatta-omraden.toml",
    )


def rulebook(*grants: Grant) -> Rulebook:
    """The boards and the few rules that the reports name."""
    return Rulebook(
        organisation=planted.decided().organisation,
        grants=grants,
        boards=tuple(Board(b, n, None, None, None, None, ()) for b, n in NAMES.items()),
        rules={
            rule_id: Rule(
                *(rule_id, "gx", Severity.BLOCKING, Severity.BLOCKING, True),
                *(
                    f"{rule_id} bryts i {{file}}.",
                    "Svara på återkopplingen.",
                    "Tjänsteutlåtandet",
                ),
            )
            for rule_id in RULES
        },
        broken=(),
        files=(("boards.toml", "cd" * 32, 4711),),
    )


def mfof_final() -> GrantResult:
    """The year's end: eleven boards, one missing, one held, one overspent, one with a
    predecessor."""
    universal, needs, early, method = MFOF_AREAS[2], MFOF_AREAS[3], MFOF_AREAS[4], MFOF_AREAS[6]
    sent = [
        Sent(
            "jarva",
            {universal: "612400.50", needs: "488120", early: "301000"},
            status="accepted_with_warnings",
        ),
        Sent("jarva", {universal: "420000", needs: "96500.25"}, sender_id="spanga-tensta"),
        Sent(
            "hasselby-vallingby",
            {universal: "455000", method: "402500"},
            unspent_reason="Rekryteringen av en föräldrarådgivare blev klar först i oktober.",
        ),
        Sent("bromma", {}, status="held"),
        Sent("kungsholmen", {universal: "261380"}, status="accepted_with_warnings"),
        Sent("norra-innerstaden", {universal: "310000", early: "289972"}),
        Sent("sodermalm", {}, status="missing"),
        Sent(
            "enskede-arsta-vantor",
            {universal: "500250", needs: "412300"},
            (
                ("outside_period", universal, KINDS[0], date(2024, 1, 9), "41200"),
                ("cost_kind", needs, "Representation", date(2023, 11, 3), "6480.50"),
                (
                    "area",
                    "Öppen förskola, ordinarie verksamhet",
                    KINDS[2],
                    date(2023, 6, 30),
                    "55000",
                ),
            ),
            status="accepted_with_warnings",
            unspent_reason="Två kurser ställdes in på grund av för få anmälda.",
        ),
        Sent("skarpnack", {universal: "382020"}),
        Sent("farsta", {early: "340000", needs: "250208"}),
        Sent(
            "hagersten-alvsjo",
            {universal: "402000"},
            unspent_reason="Lokalen var stängd under hösten.",
        ),
        Sent(
            "skarholmen",
            {universal: "350000.33", needs: "320000.67"},
            comment="Rättelse av dubbelbokad faktura",
        ),
    ]
    grant = mfof_grant()
    findings = (
        _finding(
            "fordelning-summa",
            Severity.WARNING,
            grant,
            message="Nämnderna har fått 8\u00a0453\u00a0074\u00a0kr men bidraget är "
            "8\u00a0453\u00a0075\u00a0kr.",
            remedy="Skillnaden, 1\u00a0kr, redovisas som ej fördelad och återbetalas.",
        ),
        _finding(
            "saknas",
            Severity.BLOCKING,
            grant,
            "sodermalm",
            message="Redovisningen från Södermalm saknas.",
            remedy="Nämnden behöver skicka in sin redovisning.",
        ),
        _finding(
            "datum-saknas",
            Severity.BLOCKING,
            grant,
            "bromma",
            file="bromma/redovisning.xlsx",
            sheet="Kostnader",
            cells=("G8", "G9"),
            message="Datum saknas på 2 rader.",
            remedy="Fyll i den dag arbetet utfördes.",
        ),
        _finding(
            "utanfor-perioden",
            Severity.WARNING,
            grant,
            "enskede-arsta-vantor",
            file="enskede-arsta-vantor.xlsx",
            sheet="Kostnader",
            cells=("G12",),
            value="2024-01-09",
            message="Datumet 2024-01-09 ligger utanför perioden.",
            remedy="Flytta kostnaden till rätt år.",
        ),
        _finding(
            "overskridande",
            Severity.WARNING,
            grant,
            "kungsholmen",
            message="Kungsholmen har använt 12\u00a0153\u00a0kr mer än sin tilldelning.",
            remedy="Nämnden bär kostnaden själv.",
        ),
        replace(
            _finding(
                "okand-fil",
                Severity.BLOCKING,
                grant,
                file="diverse.xlsx",
                message="Filen diverse.xlsx går inte att knyta till något bidrag.",
                remedy="Använd nämndens arbetsbok.",
            ),
            grant=None,
        ),
    )
    return result(grant, sent, findings, date(2024, 1, 20), date(2023, 12, 31), is_final=True)


def social_quarter() -> GrantResult:
    """A quarter with two components, forecasts and flags; one return is for the quarter before."""
    a, b, c, d, team = SOCIAL_AREAS
    sent = [
        Sent("rinkeby-kista", {a: "2400000", b: "1500000", team: "800000"}, forecast="6954200"),
        Sent(
            "spanga-tensta",
            {a: "1500000", c: "1100000.75", team: "500000"},
            forecast="4900000",
            before="2100000.25",
            said="5100000",
        ),
        Sent(
            "hasselby-vallingby",
            {b: "1200000", team: "620000"},
            unspent_reason="Vakanta tjänster under våren.",
        ),
        Sent(
            "enskede-arsta-vantor",
            {a: "2500000", d: "900000", team: "1100000"},
            forecast="6050000",
            status="outdated",
            period_end=date(2021, 6, 30),
        ),
        Sent("hagersten-alvsjo", {}, status="held"),
        Sent("skarholmen", {}, status="missing"),
    ]
    return result(social_grant(), sent, (), date(2021, 10, 15), date(2021, 9, 30), is_final=False)


def _finding(
    rule: str,
    severity: Severity,
    grant: Grant,
    board: str | None = None,
    *,
    file: str | None = None,
    sheet: str | None = None,
    cells: tuple[str, ...] = (),
    value: str | None = None,
    message: str = "",
    remedy: str = "",
) -> Finding:
    cell = cells[0] if cells else None
    return Finding(
        rule,
        severity,
        grant.grant_id,
        board,
        file,
        sheet,
        cell,
        cells,
        value,
        message,
        remedy,
        "Villkoren",
    )


def result(
    grant: Grant,
    sent: Iterable[Sent],
    findings: tuple[Finding, ...],
    as_of: date,
    period_end: date,
    *,
    is_final: bool,
) -> GrantResult:
    """The result tables that follow from what was sent."""
    returns = list(sent)
    allocated = grant.allocations_on(as_of)
    status = {s.board_id: s.status for s in reversed(returns)}
    counting = [s for s in returns if status[s.board_id] not in {"held", "missing"}]
    lines = [line for s in counting for line in _lines(grant, s)]
    tables: dict[str, tuple[Mapping[str, Any], ...]] = {}
    components, boards = [], []
    for board_id in sorted(status):
        state = status[board_id]
        parts = []
        for component in grant.components:
            rows = [
                r
                for r in lines
                if (r["board_id"], r["component_id"]) == (board_id, component.component_id)
            ]
            amount = allocated.get((board_id, component.component_id), ZERO)
            eligible = _sum(r["amount_sek"] for r in rows if r["is_eligible"])
            ineligible = _sum(r["amount_sek"] for r in rows if not r["is_eligible"])
            liability = min(amount, max(ZERO, amount - eligible))
            held = state == "held"
            parts.append(
                {
                    "board_id": board_id,
                    "component_id": component.component_id,
                    "name": component.name,
                    "allocated_sek": amount,
                    "reported_sek": None if held else eligible + ineligible,
                    "eligible_sek": None if held else eligible,
                    "ineligible_sek": None if held else ineligible,
                    "liability_sek": None if held else liability,
                }
            )
        components += parts
        boards.append(
            _board(grant, returns, board_id, state, parts, as_of=as_of, is_final=is_final)
        )
    tables["board"] = tuple(boards)
    tables["board_component"] = tuple(components)
    tables["city"] = (_city(grant, boards),)
    tables["line"] = tuple(lines)
    tables["sender"] = tuple(
        _sender(s, period_end, lines) for s in returns if s.status != "missing"
    )
    tables["activity"] = tuple(a for s in counting for a in _activities(s))
    tables["area"] = _areas(grant, lines, tables["activity"])
    tables["ineligible"] = tuple(
        {
            "board_id": b["board_id"],
            "name": b["name"],
            "reason": reason,
            "line_count": len(hits),
            "amount_sek": _sum(h["amount_sek"] for h in hits),
        }
        for b in boards
        for reason in ("outside_period", "cost_kind", "area")
        if (hits := [r for r in lines if r["board_id"] == b["board_id"] and r["reason"] == reason])
    )
    tables["gender"] = (_gender(tables["activity"]),)
    tables["outlook"] = () if is_final else _outlook(grant, returns, boards, components, period_end)
    tables["since"] = (
        ()
        if is_final
        else tuple(
            _since(s, b)
            for b in boards
            for s in returns
            if s.before and s.board_id == b["board_id"]
        )
    )
    tables["inherited"] = ()
    tables["manifest"] = (
        *(
            {
                "name": _file(s),
                "sha256": f"{i:064x}",
                "size_bytes": 18_000 + i,
                "outcome": "held" if s.status == "held" else "counted",
                "board_id": s.board_id,
                "sender_id": s.sender_id or s.board_id,
            }
            for i, s in enumerate(returns)
            if s.status != "missing"
        ),
        {
            "name": "diverse.xlsx",
            "sha256": "f" * 64,
            "size_bytes": 812,
            "outcome": "unidentified",
            "board_id": None,
            "sender_id": None,
        },
    )
    tables["allocation"] = tuple(
        {
            "decision_id": d.decision_id,
            "decided_on": d.decided_on,
            "decided_by": d.decided_by,
            "board_id": a.board_id,
            "name": NAMES[a.board_id],
            "component_id": a.component_id,
            "amount_sek": a.amount_sek,
            "is_in_force": True,
            "unit_id": a.board_id,
        }
        for d in grant.decisions
        for a in d.allocations
    )
    return GrantResult(
        grant,
        as_of,
        period_end,
        is_final,
        tables_of(**tables),
        findings,
        (("boards.toml", "cd" * 32, 4711),),
    )


def _outlook(
    grant: Grant,
    returns: list[Sent],
    boards: list[dict[str, Any]],
    components: list[dict[str, Any]],
    period_end: date,
) -> tuple[dict[str, Any], ...]:
    """How fast the money is used: the whole, each board that counts, and each of its components."""
    ends = {s.board_id: s.period_end or period_end for s in returns if s.sender_id is None}
    total = (grant.spend_to_on - grant.spend_from_on).days + 1
    counted = [b for b in boards if b["return_status"] not in {"held", "missing"}]
    parts = [(None, b) for b in counted]
    parts += [
        (c["component_id"], c)
        for c in components
        if c["board_id"] in {b["board_id"] for b in counted}
    ]
    rows = []
    for component, part in parts:
        days = (ends[part["board_id"]] - grant.spend_from_on).days + 1
        run_rate = (part["eligible_sek"] * total / days).quantize(
            D("0.01"), rounding="ROUND_HALF_UP"
        )
        rows.append(
            {
                "board_id": part["board_id"],
                "component_id": component,
                "subject": ".".join(filter(None, (part["board_id"], component))),
                "reached_on": ends[part["board_id"]],
                "allocated_sek": part["allocated_sek"],
                "eligible_sek": part["eligible_sek"],
                "used_share": (part["eligible_sek"] / part["allocated_sek"]).quantize(D("0.0001")),
                "elapsed_day_count": days,
                "total_day_count": total,
                "elapsed_share": (D(days) / total).quantize(D("0.0001")),
                "run_rate_sek": run_rate,
                "run_rate_unspent_sek": max(ZERO, part["allocated_sek"] - run_rate),
                "forecast_sek": None if component else part["forecast_sek"],
                "projected_unspent_sek": None if component else part["projected_unspent_sek"],
                "wanted_sek": None,
                "run_rate_count": None,
                "forecast_count": None,
            }
        )
    whole = [r for r in rows if r["component_id"] is None]
    allocated = _sum(b["allocated_sek"] for b in boards if b["return_status"] != "held")
    names = (
        "run_rate_sek",
        "run_rate_unspent_sek",
        "forecast_sek",
        "projected_unspent_sek",
        "wanted_sek",
    )
    known = {name: [r[name] for r in whole if r[name] is not None] for name in names}
    days = (period_end - grant.spend_from_on).days + 1
    city = {
        "board_id": None,
        "component_id": None,
        "subject": "staden",
        "reached_on": period_end,
        "allocated_sek": allocated,
        "eligible_sek": _sum(r["eligible_sek"] for r in whole),
        "used_share": (_sum(r["eligible_sek"] for r in whole) / allocated).quantize(D("0.0001")),
        "elapsed_day_count": days,
        "total_day_count": total,
        "elapsed_share": (D(days) / total).quantize(D("0.0001")),
        **{name: _sum(values) if values else None for name, values in known.items()},
        "run_rate_count": len(known["run_rate_sek"]),
        "forecast_count": len(known["forecast_sek"]),
    }
    return (city, *rows)


def _since(s: Sent, board: Mapping[str, Any]) -> dict[str, Any]:
    """What had been used at half the time, and what was said then of what is used now."""
    then, said = D(s.before or 0), D(s.said or 0)
    allocated, used = board["allocated_sek"], board["eligible_sek"]
    before, now = max(ZERO, allocated - said), board["projected_unspent_sek"]
    return {
        "board_id": s.board_id,
        "earlier_on": date(2021, 6, 30),
        "is_latest": True,
        "before_eligible_sek": then,
        "eligible_sek": used,
        "eligible_change_sek": used - then,
        "before_forecast_sek": said,
        "forecast_sek": board["forecast_sek"],
        "forecast_change_sek": board["forecast_sek"] - said,
        "before_unspent_sek": before,
        "projected_unspent_sek": now,
        "unspent_change_sek": now - before,
        "run_rate_said_sek": then + 1000,
        "run_rate_error_sek": then + 1000 - used,
        "forecast_said_sek": then + 2000,
        "forecast_error_sek": then + 2000 - used,
        "files": [f"{s.board_id}_2021-06-30.xlsx"],
    }


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _file(s: Sent) -> str:
    return (
        "bromma/redovisning.xlsx" if s.board_id == "bromma" else f"{s.sender_id or s.board_id}.xlsx"
    )


def _lines(grant: Grant, s: Sent) -> list[dict[str, Any]]:
    """Each area's kronor as four lines (the last two a correction pair), then the lines that are
    not eligible."""
    rows: list[tuple[str | None, str, str, date, Decimal]] = []
    for area, kronor in s.eligible.items():
        whole = D(kronor)
        half = (whole / 2).quantize(D("0.01"))
        year = grant.spend_from_on.year
        rows += [
            (None, area, KINDS[0], date(year, 3, 31), half),
            (None, area, KINDS[0], date(year, 6, 30), whole - half),
            (None, area, KINDS[3], date(year, 7, 5), D("1250.50")),
            (None, area, KINDS[3], date(year, 7, 6), D("-1250.50")),
        ]
    rows += [(reason, area, kind, day, D(kr)) for reason, area, kind, day, kr in s.ineligible]
    return [
        {
            "board_id": s.board_id,
            "sender_id": s.sender_id or s.board_id,
            "component_id": _component(grant, area),
            "file": _file(s),
            "sheet": "Kostnader",
            "row_no": row,
            "cell": f"H{row}",
            "activity": f"Insats {area.lower()}",
            "area": area,
            "cost_kind": kind,
            "account": "5020",
            "project": "41170",
            "voucher": f"V{row:04}",
            "worked_on": day,
            "amount_sek": amount,
            "comment": s.comment,
            "is_eligible": reason is None,
            "reason": reason,
        }
        for row, (reason, area, kind, day, amount) in enumerate(rows, 5)
    ]


def _component(grant: Grant, area: str) -> str:
    return next(
        (c.component_id for c in grant.components if area in c.areas),
        grant.components[0].component_id,
    )


def _activities(s: Sent) -> list[dict[str, Any]]:
    return [
        {
            "board_id": s.board_id,
            "sender_id": s.sender_id or s.board_id,
            "file": _file(s),
            "sheet": "Insatser",
            "row_no": row,
            "activity": f"Insats {area.lower()}",
            "area": area,
            "target_area": "Ett tillgängligt stöd",
            "target_group": "Föräldrar till barn 0–6 år",
            "description": "Kurs i grupp vid fem tillfällen, kvällstid, med tolk vid behov.",
            "women_count": None if row == 7 else 31 + row,
            "men_count": None if row == 7 else 17 + 2 * row,
            "unknown_count": None if row == 7 else row - 5,
            "women_cell": None if row == 7 else f"F{row}",
            "men_cell": None if row == 7 else f"G{row}",
            "unknown_cell": None if row == 7 else f"H{row}",
            "result": None
            if row == 6
            else "Åtta av tio föräldrar uppger att de har fått stöd i sitt föräldraskap.",
        }
        for row, area in enumerate(s.eligible, 5)
    ]


def _board(
    grant: Grant,
    returns: list[Sent],
    board_id: str,
    state: str,
    parts: list[dict[str, Any]],
    *,
    as_of: date,
    is_final: bool,
) -> dict[str, Any]:
    amount = _sum(p["allocated_sek"] for p in parts)
    row: dict[str, Any] = {
        "board_id": board_id,
        "name": NAMES[board_id],
        "return_status": state,
        "allocated_sek": amount,
    }
    figures = (
        *(
            "reported_sek",
            "eligible_sek",
            "ineligible_sek",
            "remaining_sek",
            "overspent_sek",
            "used_share",
        ),
        *("liability_sek", "not_used_sek", "wrong_purpose_sek", "no_report_sek"),
        *("forecast_sek", "projected_unspent_sek", "flag"),
    )
    if state == "held":
        return row | dict.fromkeys(figures)
    eligible = _sum(p["eligible_sek"] for p in parts)
    missing = state == "missing"
    liability = _sum(p["liability_sek"] for p in parts)
    wrong = (
        ZERO
        if missing
        else _sum(min(max(ZERO, p["ineligible_sek"]), p["liability_sek"]) for p in parts)
    )
    stated = [s.forecast for s in returns if s.board_id == board_id]
    forecast = D(stated[0]) if stated[0] else None
    unspent = max(ZERO, amount - forecast) if forecast is not None else None
    share = (eligible / amount).quantize(D("0.0001"))
    flag: str | None = None
    if not is_final:
        late = (grant.spend_to_on - as_of).days < 90 and share * 3 < 2
        much = unspent is not None and (unspent * 10 >= amount or unspent >= 500_000)
        flag = (
            "act"
            if late or much
            else "watch"
            if unspent is None or unspent * 20 >= amount
            else "ok"
        )
    values = (
        *(
            eligible + _sum(p["ineligible_sek"] for p in parts),
            eligible,
            _sum(p["ineligible_sek"] for p in parts),
        ),
        *(amount - eligible, max(ZERO, eligible - amount), share),
        *(liability, ZERO if missing else liability - wrong, wrong, liability if missing else ZERO),
        *(forecast, unspent, flag),
    )
    return row | dict(zip(figures, values, strict=True))


def _city(grant: Grant, boards: list[dict[str, Any]]) -> dict[str, Any]:
    clear = [b for b in boards if b["return_status"] != "held"]
    allocated = _sum(b["allocated_sek"] for b in boards)
    undetermined = allocated - _sum(b["allocated_sek"] for b in clear)
    eligible = _sum(b["eligible_sek"] for b in clear)
    unallocated = grant.total_sek - allocated
    owed = _sum(b["liability_sek"] for b in clear)
    namnd = unallocated + owed
    kommun = min(grant.total_sek, max(ZERO, grant.total_sek - eligible - undetermined))
    chosen = namnd if grant.liability_basis == "namnd" else kommun
    return {
        "total_sek": grant.total_sek,
        "allocated_sek": allocated,
        "unallocated_sek": unallocated,
        "reported_sek": _sum(b["reported_sek"] for b in clear),
        "eligible_sek": eligible,
        "ineligible_sek": _sum(b["ineligible_sek"] for b in clear),
        "remaining_sek": _sum(b["remaining_sek"] for b in clear),
        "boards_sek": owed,
        "undetermined_sek": undetermined,
        "namnd_basis_sek": namnd,
        "kommun_basis_sek": kommun,
        "set_off_sek": namnd - kommun,
        "basis": grant.liability_basis,
        "to_repay_sek": chosen.quantize(D(1), rounding="ROUND_HALF_UP"),
        "at_risk_sek": chosen.quantize(D(1), rounding="ROUND_HALF_UP") + undetermined,
        "board_count": len(boards),
        "missing_count": sum(b["return_status"] == "missing" for b in boards),
        "held_count": sum(b["return_status"] == "held" for b in boards),
        "outdated_count": sum(b["return_status"] == "outdated" for b in boards),
    }


def _sender(s: Sent, period_end: date, lines: list[dict[str, Any]]) -> dict[str, Any]:
    sender_id = s.sender_id or s.board_id
    return {
        "board_id": s.board_id,
        "sender_id": sender_id,
        "sender_name": NAMES[sender_id],
        "file": _file(s),
        "sha256": "0" * 64,
        "period_end_on": s.period_end or period_end,
        "version": 1,
        "is_held": s.status == "held",
        "is_own": s.sender_id is None,
        "is_by_predecessor": False,
        "forecast_sek": D(s.forecast) if s.forecast else None,
        "forecast_sheet": "Redovisning" if s.forecast else None,
        "forecast_cell": "C14" if s.forecast else None,
        "wanted_sek": None,
        "stated_total_sek": _sum(r["amount_sek"] for r in lines if r["sender_id"] == sender_id),
        "unspent_reason": s.unspent_reason,
        "contact": "Controller, avdelningen för barn och unga",
        "email": "stadsdelsforvaltning@example.org",
        "attested_by": None if s.status == "held" else "Ekonomichefen",
        "attested_title": None if s.status == "held" else "Ekonomichef",
        "attested_on": None if s.status == "held" else s.period_end or period_end,
        "replaces_existing": "Nej",
        "other_funding": "Nej",
    }


def _areas(
    grant: Grant, lines: list[dict[str, Any]], activities: tuple[Mapping[str, Any], ...]
) -> tuple[dict[str, Any], ...]:
    named = [*grant.areas, *sorted({r["area"] for r in lines} - set(grant.areas))]
    rows = []
    for area in named:
        here = [r for r in lines if r["area"] == area]
        acts = [a for a in activities if a["area"] == area]
        rows.append(
            {
                "area": area,
                "component_id": _component(grant, area),
                "reported_sek": _sum(r["amount_sek"] for r in here),
                "eligible_sek": _sum(r["amount_sek"] for r in here if r["is_eligible"]),
                "ineligible_sek": _sum(r["amount_sek"] for r in here if not r["is_eligible"]),
                "activity_count": len(acts),
                **{
                    k: sum(a[k] or 0 for a in acts)
                    for k in ("women_count", "men_count", "unknown_count")
                },
            }
        )
    return tuple(rows)


def _gender(activities: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    women, men, unknown = (
        sum(a[k] or 0 for a in activities) for k in ("women_count", "men_count", "unknown_count")
    )
    everyone = women + men + unknown
    return {
        "women_count": women,
        "men_count": men,
        "unknown_count": unknown,
        "women_share": D(women) / everyone if everyone else None,
        "men_share": D(men) / everyone if everyone else None,
        "unknown_share": D(unknown) / everyone if everyone else None,
        "people_count": everyone,
        "activity_count": len(activities),
        "uncounted_activity_count": sum(
            a["women_count"] is None and a["men_count"] is None and a["unknown_count"] is None
            for a in activities
        ),
    }


def render(result: GrantResult, book: Rulebook, folder: Path) -> None:
    """Every report of a result, with the days that a run would name."""
    report.render_grant(result, book, deadlines.return_days(book, result), folder)
