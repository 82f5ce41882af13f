"""Charts: where every bar, mark and text goes. How they look stands in `reports/_parts.html.j2`."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.codes import RETURN_STATUS, ReturnStatus
from ..money.shapes import known, not_hidden
from ..money.tables import Area, BoardMoney, Gender

_CHART_WIDTH = 478
"""The longest bar; the drawing is two wider, so that a mark at its end is seen whole."""
_CHART_ROW = 38
"""From one row to the next: its words, and its bar right under them."""
Drawn = dict[str, Any]
"""What the template draws: words, fills, places and widths."""
MOST_ROWS = 20
"""More rows than this don't fit on a page: the chart is left out, and the page says so."""


def _px(amount: Decimal | int, most: Decimal | int) -> Decimal:
    """How wide an amount is drawn where `most` is the longest bar; nothing has no width."""
    if not most:
        return Decimal(0)
    width = Decimal(max(amount, 0)) * _CHART_WIDTH / most
    return width.quantize(Decimal("0.1"))


def _chart(chart_id: str, title: str, keys: Mapping[str, str], rows: Sequence[Drawn]) -> Drawn:
    # The legend stands above the rows; `y` is where the words of a row stand.
    texts = [f"{row['label']}: {row['text']}" for row in rows]
    return {
        "id": chart_id,
        "title": title,
        "desc": f"{'; '.join(texts)}.",
        "legend": _legend(keys, rows),
        "most_rows": MOST_ROWS,
        "rows": [row | {"y": 40 + place * _CHART_ROW} for place, row in enumerate(rows)],
        "height": 24 + len(rows) * _CHART_ROW,
    }


def _legend(keys: Mapping[str, str], rows: Sequence[Drawn]) -> list[Drawn]:
    """What the fills mean, of those that the bars have, beside one another."""
    drawn: set[str] = set()
    for row in rows:
        drawn.update(bar["fill"] for bar in row["bars"])
    legend = []
    x = 0
    for fill, text in keys.items():
        if fill in drawn:
            legend.append({"fill": fill, "text": text, "x": x})
            # A square and the space around it are 34 wide, a letter about 5.
            x += 34 + 5 * len(text)
    return legend


def _stack(parts: Iterable[tuple[str, Decimal | int]], most: Decimal | int) -> list[Drawn]:
    """Bars after one another, the empty ones left out."""
    bars = []
    x = Decimal(0)
    for fill, amount in parts:
        width = _px(amount, most)
        if width:
            bars.append({"fill": fill, "x": x, "width": width})
            x += width
    return bars


def used(boards: Sequence[BoardMoney]) -> Drawn:
    """What each board has used of its allocation, and what is over it or not known; none of those
    whose allocation is unknown."""
    given = [board for board in boards if board.allocated_sek is not None]
    ends = [max(known(board.allocated_sek), board.eligible_sek or 0) for board in given]
    most = max(ends, default=Decimal(0))
    rows = []
    for board in given:
        rows.append(
            {
                "label": board.name,
                "text": _used_words(board),
                "bars": _stack(_used_parts(board), most),
                "mark": _px(known(board.allocated_sek), most),
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


def _is_uncounted(board: BoardMoney) -> bool:
    return board.return_status in {ReturnStatus.HELD, ReturnStatus.MISSING}


def _used_words(board: BoardMoney) -> str:
    allocated = swedish.kr(known(board.allocated_sek))
    if _is_uncounted(board):
        return f"{RETURN_STATUS[board.return_status]}, {allocated} fördelat"
    text = f"{swedish.number(known(board.eligible_sek))} av {allocated}"
    if board.overspent_sek:
        text += f", {swedish.kr(board.overspent_sek)} över"
    return text


def _used_parts(board: BoardMoney) -> list[tuple[str, Decimal | int]]:
    """What fills a board's bar: used within the allocation, left of it, and over it. All of it is
    one part where nothing is counted."""
    allocated, used = known(board.allocated_sek), board.eligible_sek
    if _is_uncounted(board):
        return [("unsure" if used is None else "light", allocated)]
    within = max(Decimal(0), min(used or Decimal(0), allocated))
    overspent = board.overspent_sek or 0
    return [("solid", within), ("light", allocated - within), ("hatch", overspent)]


def repay(owing: Sequence[BoardMoney]) -> Drawn:
    """What each board owes, by ground, the largest first."""
    most = max((known(board.liability_sek) for board in owing), default=Decimal(0))
    rows = []
    for board in owing:
        parts = [
            ("solid", known(board.not_used_sek)),
            ("hatch", known(board.wrong_purpose_sek)),
            ("light", known(board.no_report_sek)),
        ]
        text = swedish.kr(known(board.liability_sek))
        rows.append({"label": board.name, "text": text, "bars": _stack(parts, most), "mark": None})
    keys = {"solid": "inte använt", "hatch": "använt till annat", "light": "ingen redovisning"}
    return _chart("aterbetala", "Att återbetala per nämnd, störst belopp först.", keys, rows)


def gender(areas: Sequence[Area], everyone: Gender) -> Drawn:
    """Women, men and unknown among those reached, in all and in each area."""
    rows = []
    counted: list[tuple[str, Area | Gender]] = [("Alla områden", everyone)]
    counted += [(area.area, area) for area in areas]
    for label, row in counted:
        women = not_hidden(row.women_count)
        men = not_hidden(row.men_count)
        unknown = not_hidden(row.unknown_count)
        people = women + men + unknown
        if not people:
            continue
        counts = [("solid", women), ("grid", men), ("light", unknown)]
        text = (
            f"{swedish.number(women)} kvinnor, {swedish.number(men)} män, "
            f"{swedish.number(unknown)} uppgift saknas"
        )
        rows.append({"label": label, "text": text, "bars": _stack(counts, people), "mark": None})
    keys = {"solid": "kvinnor", "grid": "män", "light": "uppgift saknas"}
    return _chart("kon-per-omrade", "Andel kvinnor och män per område.", keys, rows)


def elapsed(standings: Iterable[Any]) -> Drawn:
    """How much of each grant whose amount is known is used, of what is allocated, against how much
    of its time has passed."""
    rows = []
    for standing in standings:
        if not standing.grant.has_amounts:
            continue
        used = swedish.percent(standing.used_share)
        elapsed = swedish.percent(standing.elapsed_share)
        rows.append(
            {
                "label": standing.grant.short_name,
                "text": f"använt {used}, tid {elapsed}",
                "bars": _stack(_elapsed_parts(standing), standing.grant.total_sek),
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


def _elapsed_parts(standing: Any) -> list[tuple[str, Decimal]]:
    """What fills a grant's bar: used, left of what is allocated, held, and not allocated. Before
    any reconciliation the allocations of the day are all that is known."""
    grant, city = standing.grant, standing.city
    if city:
        allocated = city.allocated_sek
        held = city.undetermined_sek
        used = max(Decimal(0), min(city.eligible_sek, allocated - held))
    else:
        allocated = sum(grant.allocations_on(standing.as_of).values(), Decimal(0))
        held = used = Decimal(0)
    return [
        ("solid", used),
        ("light", allocated - held - used),
        ("unsure", held),
        ("grid", grant.total_sek - allocated),
    ]
