"""Charts: where every bar, mark and text goes. How they look stands in `reports/_parts.html.j2`."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.codes import RETURN_STATUS, ReturnStatus
from ..money.shapes import known, told
from ..money.tables import Area, BoardMoney, Gender

_CHART_WIDTH = 478
"""The longest bar; the drawing is two wider, so that a mark at its end is seen whole."""
_CHART_ROW = 38
MOST_ROWS = 20
"""More rows than this don't fit on a page: the chart is left out, and the page says so."""


def _px(amount: Decimal | int, most: Decimal | int) -> Decimal:
    return (
        (Decimal(max(amount, 0)) * _CHART_WIDTH / most).quantize(Decimal("0.1"))
        if most
        else Decimal(0)
    )


def _chart(
    chart_id: str, title: str, keys: Mapping[str, str], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
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
        "most_rows": MOST_ROWS,
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


def used(boards: Sequence[BoardMoney]) -> dict[str, Any]:
    """What each board has used of its allocation, and what is over it or not known."""
    most = max((max(b.allocated_sek, b.eligible_sek or 0) for b in boards), default=Decimal(0))
    rows = []
    for b in boards:
        allocated, used = b.allocated_sek, b.eligible_sek
        within = max(Decimal(0), min(used or Decimal(0), allocated))
        parts = [("solid", within), ("light", allocated - within), ("hatch", b.overspent_sek or 0)]
        if b.return_status in {ReturnStatus.HELD, ReturnStatus.MISSING}:
            text = f"{RETURN_STATUS[b.return_status]}, {swedish.kr(allocated)} fördelat"
            parts = [("unsure" if used is None else "light", allocated)]
        elif b.overspent_sek:
            text = (
                f"{swedish.number(known(used))} av {swedish.kr(allocated)}, "
                f"{swedish.kr(b.overspent_sek)} över"
            )
        else:
            text = f"{swedish.number(known(used))} av {swedish.kr(allocated)}"
        rows.append(
            {
                "label": b.name,
                "text": text,
                "bars": _stack(parts, most),
                "mark": _px(allocated, most),
            },
        )
    keys = {
        "solid": "använt",
        "light": "kvar av tilldelningen",
        "hatch": "över tilldelningen",
        "unsure": "väntar på rättelse",
    }
    return _chart(
        "anvant", "Använt mot fördelat per nämnd. Det svarta strecket är tilldelningen.", keys, rows
    )


def repay(owing: Sequence[BoardMoney]) -> dict[str, Any]:
    """What each board owes, by ground, the largest first."""
    most = max((known(b.liability_sek) for b in owing), default=Decimal(0))
    rows = []
    for b in owing:
        parts = [
            ("solid", known(b.not_used_sek)),
            ("hatch", known(b.wrong_purpose_sek)),
            ("light", known(b.no_report_sek)),
        ]
        text = swedish.kr(known(b.liability_sek))
        rows.append({"label": b.name, "text": text, "bars": _stack(parts, most), "mark": None})
    keys = {"solid": "inte använt", "hatch": "använt till annat", "light": "ingen redovisning"}
    return _chart("aterbetala", "Att återbetala per nämnd, störst belopp först.", keys, rows)


def gender(areas: Sequence[Area], everyone: Gender) -> dict[str, Any]:
    """Women, men and unknown among those reached, in all and in each area."""
    rows = []
    counted: list[tuple[str, Area | Gender]] = [("Alla områden", everyone)]
    counted += [(area.area, area) for area in areas]
    for label, row in counted:
        women, men, unknown = told(row.women_count), told(row.men_count), told(row.unknown_count)
        people = women + men + unknown
        if people:
            counts = [("solid", women), ("grid", men), ("light", unknown)]
            text = (
                f"{swedish.number(women)} kvinnor, {swedish.number(men)} män, "
                f"{swedish.number(unknown)} uppgift saknas"
            )
            rows.append(
                {"label": label, "text": text, "bars": _stack(counts, people), "mark": None}
            )
    keys = {"solid": "kvinnor", "grid": "män", "light": "uppgift saknas"}
    return _chart("kon-per-omrade", "Andel kvinnor och män per område.", keys, rows)


def elapsed(standings: Iterable[Any]) -> dict[str, Any]:
    """How much of each grant is used, of what is allocated, against how much of its time has
    passed."""
    rows = []
    for standing in standings:
        grant, city = standing.grant, standing.city
        allocated = sum(grant.allocations_on(standing.as_of).values(), Decimal(0))
        held = used = Decimal(0)
        if city:
            allocated, held = city.allocated_sek, city.undetermined_sek
            used = max(Decimal(0), min(city.eligible_sek, allocated - held))
        parts = [("solid", used), ("light", allocated - held - used), ("unsure", held)]
        parts.append(("grid", grant.total_sek - allocated))
        rows.append(
            {
                "label": grant.short_name,
                "text": f"använt {swedish.percent(standing.used_share)}, tid "
                f"{swedish.percent(standing.elapsed_share)}",
                "bars": _stack(parts, grant.total_sek),
                "mark": _px(standing.elapsed_share, 1),
            }
        )
    keys = {
        "solid": "använt",
        "light": "kvar av det fördelade",
        "unsure": "väntar på rättelse",
        "grid": "inte fördelat",
    }
    title = (
        "Använt och fördelat av varje bidrag. Det svarta strecket är hur mycket av tiden som har "
        "gått."
    )
    return _chart("lage", title, keys, rows)
