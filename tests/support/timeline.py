"""Draws the played year of a grant as an SVG: its money at risk, and a lane for each board. Whole
pixels, no clock.

A lane is as high as the flag is grave, so that the picture can be read without its colours, and
striped while the board has not answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from statsbidrag.base import swedish
from statsbidrag.model.decisions import Grant
from statsbidrag.model.year import Deadline

if TYPE_CHECKING:
    from tests.tools.year import Arrival, Year

Row = Mapping[str, Any]

FIRST, LAST = date(2023, 8, 28), date(2024, 2, 5)
WIDTH, LEFT, PER_DAY = 1000, 174, 4
RIGHT = LEFT + (LAST - FIRST).days * PER_DAY
RISK_TOP, RISK_HEIGHT = 128, 96
LANES_TOP = RISK_TOP + RISK_HEIGHT + 40
LANE = 62
HEIGHTS: Mapping[str, int] = {"ok": 5, "watch": 12, "act": 20}
INK, SOFT, LINE, PALE, BLUE = "#16202a", "#51606e", "#cfd8df", "#f2f6f9", "#14507a"
CALM, AMBER, RUST = "#8fb3cc", "#e0a100", "#9a3412"
COLOURS: Mapping[str, str] = {"ok": CALM, "watch": AMBER, "act": RUST}
MONTHS = ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")
STYLE = f"""text{{font-family:"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-size:12px;fill:{INK};
paint-order:stroke;stroke:#fff;stroke-width:3px}}
.big{{font-size:19px;font-weight:600}}.strong{{font-weight:600}}.soft{{fill:{SOFT}}}.rust{{fill:{RUST}}}
.blue{{fill:{BLUE}}}.end{{text-anchor:end}}.mid{{text-anchor:middle}}.white{{fill:#fff;stroke:none;font-size:9px;font-weight:700}}"""

STRIPES = """<defs><pattern id="s" width="6" height="6" patternUnits="userSpaceOnUse">
<path d="M-1 7 7 -1" stroke="#fff" stroke-width="2.6" opacity=".8"/></pattern></defs>"""


def draw(year: "Year", grant_id: str) -> str:
    """The picture as the text of an SVG file; the same year gives the same bytes."""
    return _Picture(year, year.book.grant(grant_id)).svg()


@dataclass(frozen=True)
class Stretch:
    """Days on which a board's flag and return stand alike: from and to a day, in ids of the
    contract."""

    from_on: date
    to_on: date
    flag: str | None
    status: str


def stretches(year: "Year", grant_id: str, board_id: str) -> list[Stretch]:
    """A board's lane, from the first reconciliation to the final one."""
    days = [
        day for day in year.days if grant_id in day.figures and not day.figures[grant_id]["final"]
    ]
    ends = [
        *(day.on for day in days[1:]),
        next(d.on for d in year.days if d.figures.get(grant_id, {}).get("final")),
    ]
    found: list[Stretch] = []
    for day, end in zip(days, ends, strict=True):
        row = day.board(grant_id, board_id)
        here = Stretch(day.on, end, row["flag"], row["return_status"])
        last = found[-1] if found else None
        if last and (last.flag, last.status) == (here.flag, here.status):
            found[-1] = Stretch(last.from_on, end, here.flag, here.status)
        else:
            found.append(here)
    return found


def acted(year: "Year", grant_id: str, board_id: str) -> date | None:
    """The first day on which a board's flag is `act` by what it has answered, or because it never
    answers at all.

    None when that is after the last day of use: then every board that has not reported the whole
    grant has it.
    """
    last = year.book.grant(grant_id).spend_to_on
    lane = [s for s in stretches(year, grant_id, board_id) if s.from_on <= last]
    answered = [s for s in lane if s.status != "missing"] or lane
    return next((s.from_on for s in answered if s.flag == "act"), None)


class _Picture:
    """One grant's picture on its way."""

    def __init__(self, year: "Year", grant: Grant) -> None:
        self.year, self.grant = year, grant
        self.final = year.days[-1].figures[grant.grant_id]
        self.boards = sorted(self.final["boards"], key=self._order)
        self.bottom = LANES_TOP + LANE * len(self.boards)
        self.height = self.bottom + 110

    def _order(self, board: Row) -> tuple[int, Decimal]:
        """The longest flagged before the last day of use first, then who pays back the most."""
        flagged = sum(
            (min(s.to_on, self.grant.spend_to_on) - s.from_on).days
            for s in stretches(self.year, self.grant.grant_id, board["board"])
            if s.flag == "act" and s.from_on < self.grant.spend_to_on
        )
        return -flagged, -Decimal(board["liability_sek"])

    def svg(self) -> str:
        title = f"{self.grant.short_name}: flaggorna kommer medan pengarna ännu kan användas"
        size = f'viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" height="{self.height}"'
        sources = (
            "Fördelningen är verklig. Nämndernas redovisningar, och det som står om dem, är "
            "påhittade."
        )
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(self.described())}</desc>',
            f"<style>{STYLE}</style>",
            STRIPES,
            _rect(0, 0, WIDTH, self.height, "#fff"),
            _text(16, 30, title, "big"),
            _text(16, 50, sources, "soft"),
            *self.ground(),
            *self.risk(),
            *(
                part
                for place, board in enumerate(self.boards)
                for part in self.lane(board, LANES_TOP + place * LANE)
            ),
            *self.key(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def described(self) -> str:
        """The picture in words, for those who hear it."""
        told = []
        for board in self.boards:
            first = acted(self.year, self.grant.grant_id, board["board"])
            flag = (
                f"flaggan agera från {swedish.long_date(first)}"
                if first
                else "aldrig flaggan agera"
            )
            told.append(f"{board['name']}: {flag}, {_kr(board['liability_sek'])} tillbaka")
        return "; ".join(told) + "."

    # -- the ground that all stands on

    def ground(self) -> Iterator[str]:
        """The months, the deadlines, and the days on which the money can no longer be used."""
        top, last = RISK_TOP - 8, _x(self.grant.spend_to_on + timedelta(days=1))
        yield _rect(last, top, RIGHT - last, self.bottom - top, PALE)
        month = date(FIRST.year, FIRST.month + 1, 1)
        while month <= LAST:
            yield _line(_x(month), top, _x(month), self.bottom, LINE)
            yield _text(_x(month) + 4, self.bottom + 16, MONTHS[month.month - 1], "soft")
            month = (month + timedelta(days=31)).replace(day=1)
        decided = self.grant.decisions[0]
        marks = [(decided.decided_on, f"{decided.decided_by} beslutar", 0, False)]
        marks += [(d.on, *_mark(d)) for d in self.deadlines() if d.on]
        for on, words, row, is_before in marks:
            x, y = _x(on), 76 + 16 * row
            is_last = on == self.grant.spend_to_on
            yield _line(
                x,
                y - 9,
                x,
                self.bottom,
                INK if is_last else BLUE,
                2 if is_last else 1,
                "" if is_last else "4 3",
            )
            style = ("strong" if is_last else "blue") + (" end" if is_before else "")
            yield _text(
                x + (-6 if is_before else 6), y, f"{on.day} {MONTHS[on.month - 1]} {words}", style
            )

    def deadlines(self) -> list[Deadline]:
        """The grant's deadlines as the program counted them on the first day."""
        return [d for d in self.year.days[0].deadlines if d.grant_id == self.grant.grant_id]

    # -- the money

    def risk(self) -> Iterator[str]:
        """Kronor at risk through the year, and of them what the boards themselves expect to leave
        unspent."""
        risk = [
            (day.on, Decimal(day.standing[self.grant.grant_id]["at_risk_sek"]))
            for day in self.year.days
        ]
        unspent = [
            (day.on, Decimal(row["projected_unspent_sek"]))
            for day in self.year.days
            if (row := day.standing[self.grant.grant_id])["projected_unspent_sek"]
            and not row["final"]
        ]
        end = next(day.on for day in self.year.days if day.standing[self.grant.grant_id]["final"])
        base = RISK_TOP + RISK_HEIGHT
        yield f'<path d="{self.steps(risk, LAST)}" fill="{CALM}" opacity=".45"/>'
        yield f'<path d="{self.steps(unspent, end)}" fill="{RUST}"/>'
        yield _line(LEFT, base, RIGHT, base, SOFT)
        yield _text(16, RISK_TOP + 8, "Pengar i fara", "strong")
        yield _text(16, RISK_TOP + 24, "om inget mer kommer in", "soft")
        yield _text(16, base - 16, "Väntas bli över", "strong rust")
        yield _text(16, base, "enligt det som är redovisat", "soft")
        told = [
            risk[0],
            *(point for before, point in pairwise(risk) if self.is_told(before, point)),
        ]
        for on, amount in told:
            yield _text(
                _x(on) + 5,
                self.y(amount) - 5 if on != risk[0][0] else self.y(amount) + 15,
                swedish.kr(amount),
            )
        _, last = risk[-1]
        yield _text(
            RIGHT + 10,
            self.y(last) - 4,
            swedish.kr(Decimal(self.final["liability"]["to_repay_sek"])),
            "strong",
        )
        yield _text(RIGHT + 10, self.y(last) + 11, "ska betalas tillbaka", "soft")
        last_use = _x(self.grant.spend_to_on + timedelta(days=1))
        yield _text(last_use - 8, base + 20, "kan ännu användas", "soft end")
        yield _text(last_use + 8, base + 20, "för sent", "soft")

    def is_told(self, before: tuple[date, Decimal], point: tuple[date, Decimal]) -> bool:
        """Whether there is room to write an amount: the sum has moved and then lies still for a
        month."""
        after = [d.on for d in self.year.days if d.on > point[0]]
        still = next(
            (
                on
                for on in after
                if self.year.day(on).standing[self.grant.grant_id]["at_risk_sek"]
                != f"{point[1]:.2f}"
            ),
            LAST,
        )
        return before[1] != point[1] and (still - point[0]).days > 24 and still < LAST

    def y(self, amount: Decimal) -> int:
        return RISK_TOP + RISK_HEIGHT - int(amount * RISK_HEIGHT / self.grant.total_sek)

    def steps(self, points: list[tuple[date, Decimal]], end: date) -> str:
        """An area under steps, as the d of a path."""
        base = RISK_TOP + RISK_HEIGHT
        walk = "".join(f"H{_x(on)}V{self.y(amount)}" for on, amount in points)
        return f"M{_x(points[0][0])} {base}{walk}H{_x(end)}V{base}Z"

    # -- a board

    def lane(self, board: Row, top: int) -> Iterator[str]:
        """A board's year: its flag, what came from it, what was asked of it, and what became of its
        money."""
        board_id, grant_id = board["board"], self.grant.grant_id
        base = top + 40
        yield _line(16, top - 4, WIDTH - 16, top - 4, LINE)
        yield _text(16, top + 18, board["name"], "strong")
        yield _text(16, top + 34, _kr(board["allocated_sek"]), "soft")
        yield _line(LEFT, base, RIGHT, base, LINE)
        for s in stretches(self.year, grant_id, board_id):
            x, width = _x(s.from_on), (s.to_on - s.from_on).days * PER_DAY
            height, colour = (12, SOFT) if s.flag is None else (HEIGHTS[s.flag], COLOURS[s.flag])
            yield _rect(x, base - height, width, height, colour)
            if s.status in {"missing", "outdated", "held"}:
                yield _rect(x, base - height, width, height, "url(#s)")
        yield from self.expected(board_id, base)
        for day in self.year.days:
            if board_id in day.reminded[grant_id]:
                yield _envelope(_x(day.on), top + 4)
            for arrival in day.arrived:
                if (
                    arrival.grant_id == grant_id
                    and self.holder(arrival) == board_id == arrival.sender_id
                ):
                    yield from _coming(
                        _x(day.on),
                        base - 6,
                        arrival.version,
                        day.board(grant_id, board_id)["return_status"],
                    )
        yield _text(LEFT, base + 15, self.year.notes[grant_id, board_id], "soft")
        lost = Decimal(board["liability_sek"])
        is_much = lost >= self.grant.limits.watch_unspent_share * Decimal(board["allocated_sek"])
        used = (
            "inget redovisat"
            if board["return_status"] == "missing"
            else f"{swedish.percent(Decimal(board['used_share']))} använt"
        )
        yield _text(RIGHT + 10, top + 18, used, "strong")
        yield _text(
            RIGHT + 10,
            top + 34,
            f"{swedish.kr(lost)} tillbaka" if lost else "inget tillbaka",
            "rust" if is_much else "soft",
        )

    def holder(self, arrival: "Arrival") -> str | None:
        """The board whose lane a return belongs to."""
        return self.year.book.counts_under(
            arrival.sender_id, self.grant, arrival.on, arrival.period_end
        )

    def expected(self, board_id: str, base: int) -> Iterator[str]:
        """What the board expects to leave, where its flag is first raised and where it then changes
        its mind."""
        silent = [
            s for s in stretches(self.year, self.grant.grant_id, board_id) if s.status == "missing"
        ]
        if silent and (silent[-1].to_on - silent[-1].from_on).days > 14:
            # right of the two reminders that stand where the flag is raised
            yield _text(
                _x(silent[-1].from_on) + 34, base - HEIGHTS["act"] - 5, "allt i fara", "rust"
            )
        before: str | None = None
        for day in self.year.days:
            if self.grant.grant_id not in day.figures or day.on > self.grant.spend_to_on:
                continue
            row = day.board(self.grant.grant_id, board_id)
            amount = row["projected_unspent_sek"]
            if (
                amount is None
                or row["return_status"] == "outdated"
                or row["flag"] == "ok"
                or amount == before
            ):
                continue
            words = _kr(amount) if before else f"{_kr(amount)} väntas bli över"
            yield _text(
                _x(day.on) + 10,
                base - HEIGHTS[row["flag"]] - 5,
                words,
                "rust" if row["flag"] == "act" else "soft",
            )
            before = amount

    def key(self) -> Iterator[str]:
        """What the signs stand for."""
        y = self.bottom + 56
        yield _line(16, y - 30, WIDTH - 16, y - 30, LINE)
        x = 16
        for flag, words in (("act", "flaggan agera"), ("watch", "bevaka"), ("ok", "i fas")):
            yield _rect(x, y + 1 - HEIGHTS[flag], 26, HEIGHTS[flag], COLOURS[flag])
            yield _text(x + 33, y, words)
            x += 52 + 7 * len(words)
        yield _rect(x, y - 15, 26, 16, RUST) + _rect(x, y - 15, 26, 16, "url(#s)")
        yield _text(x + 33, y, "randigt: har inte redovisat perioden")
        yield _rect(x + 260, y - 11, 26, 12, SOFT) + _rect(x + 260, y - 11, 26, 12, "url(#s)")
        yield _text(x + 293, y, "grått: väntar på rättelse")
        y += 30
        for x, version, status, words in (
            (22, 1, "accepted", "redovisning som räknas"),
            (204, 2, "accepted", "ny version, med sitt nummer"),
            (420, 1, "outdated", "redovisning för fel period"),
            (618, 1, "held", "redovisning som inte gick att läsa"),
        ):
            yield from _coming(x, y - 4, version, status)
            yield _text(x + 13, y, words)
        yield _envelope(868, y - 9)
        yield _text(881, y, "påminnelse")


_LABELS: Mapping[str, tuple[str, int, bool]] = {
    "last_use": ("är sista dag att använda medlen", 0, True),
    "internal_review": ("ska rapporten vara granskad", 1, False),
    "agency": ("ska den vara hos MFoF", 2, False),
}


def _mark(deadline: Deadline) -> tuple[str, int, bool]:
    """The words of a deadline, the row that they stand in, and whether they stand before the
    line."""
    return _LABELS.get(
        deadline.kind,
        ("redovisar nämnderna", 1 if deadline.on and deadline.on.month == 10 else 0, False),
    )


def _x(on: date) -> int:
    return LEFT + (on - FIRST).days * PER_DAY


def _kr(amount: str) -> str:
    return swedish.kr(Decimal(amount))


def _rect(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>'


def _line(x: int, y: int, to_x: int, to_y: int, colour: str, width: int = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{x} {y}L{to_x} {to_y}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _text(x: int, y: int, words: str, style: str = "") -> str:
    styled = f' class="{style}"' if style else ""
    return f'<text x="{x}" y="{y}"{styled}>{escape(words)}</text>'


def _envelope(x: int, y: int) -> str:
    return f'<path d="M{x - 6} {y - 4}h12v9h-12zl6 5 6-5" fill="#fff" stroke="{SOFT}"/>'


def _coming(x: int, y: int, version: int, status: str) -> Iterator[str]:
    """A return that comes in, by how it then stands."""
    if status == "held":
        yield f'<circle cx="{x}" cy="{y}" r="6" fill="#fff" stroke="{INK}" stroke-width="2"/>'
        yield f'<path d="M{x - 3} {y - 3}l6 6m0-6-6 6" stroke="{INK}" stroke-width="2"/>'
        return
    yield f'<circle cx="{x}" cy="{y}" r="6" fill="{INK}" stroke="#fff" stroke-width="2"/>'
    if status == "outdated":
        yield f'<path d="M{x} {y - 5}a5 5 0 0 1 0 10z" fill="#fff"/>'
    elif version > 1:
        yield _text(x, y + 3, str(version), "white mid")
