"""Runs whose decisions and returns are drawn at random, from a seed."""

import hashlib
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from statsbidrag.decisions import data_folder, plans
from statsbidrag.documents import record
from statsbidrag.model.decisions import Decision, Grant
from statsbidrag.model.findings import Finding
from statsbidrag.model.measures import PLAIN_COUNTS, RATING_COUNTS
from statsbidrag.model.returns import MEASURE_COLUMNS, Cell, Reading, Return, Row
from statsbidrag.model.rulebook import Rulebook, RunPlan
from statsbidrag.money import earlier_runs, reconciliation
from statsbidrag.returns import (
    return_template,
)
from tests.example import AREAS_2021 as AREAS
from tests.example import CRIME, EQUAL
from tests.support import filling as filled
from tests.support.planted import DATA
from tests.support.reckoning import Filling, Json, Line, Post, reckon

LAST = date(2024, 1, 20)


D = Decimal


Sent = Mapping[str, Sequence[Filling]]
"""Grant id -> what was sent in for it."""


@cache
def decided() -> Rulebook:
    return data_folder.load(DATA, [], LAST)


@dataclass(frozen=True)
class Run:
    """What was asked of the program, and the way to ask it."""

    rulebook: Rulebook
    as_of: date = LAST
    is_final: bool = False

    def plan(self, grants: Iterable[str] = ()) -> RunPlan:
        return plans.plan(self.rulebook, list(grants), self.as_of, is_final=self.is_final)[0]

    def reconciled(self, sent: Sent, shuffled: random.Random | None = None) -> dict[str, Json]:
        """reconciliation.json by grant, the returns given as flat rows."""
        returns, findings = self.given(sent, shuffled)
        return self.through(returns, findings, sent)

    def given(
        self, sent: Sent, shuffled: random.Random | None = None
    ) -> tuple[list[Return], list[Finding]]:
        """The returns as flat rows, and what Great Expectations would have found in them."""
        returns = [
            return_of(self.rulebook.grant(grant_id), filling, number)
            for grant_id, fillings in sent.items()
            for number, filling in enumerate(fillings)
        ]
        faults = {
            file: found
            for (file, *_), found in zip(
                files_of(sent), (f for fs in sent.values() for f in fs), strict=True
            )
        }
        if shuffled:
            shuffled.shuffle(returns)
        return returns, [x for r in returns for x in self._findings(r, faults[r.file])]

    def through(
        self, returns: Sequence[Return], findings: Sequence[Finding], grants: Iterable[str]
    ) -> dict[str, Json]:
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / earlier_runs.DATABASE
            results = reconciliation.reconcile(
                database,
                self.rulebook,
                self.plan(grants),
                returns,
                findings,
                {r.file: recount_of(r) for r in returns},
            )
        return {result.grant.grant_id: record.reconciliation(result) for result in results}

    def reckoned(self, sent: Sent) -> dict[str, Json]:
        """reconciliation.json by grant, reckoned by hand."""
        boards = self.rulebook.boards
        return {
            grant_id: reckon(
                self.rulebook.grant(grant_id), boards, self.as_of, fillings, is_final=self.is_final
            )
            for grant_id, fillings in sent.items()
        }

    def _findings(self, returned: Return, filling: Filling) -> list[Finding]:
        """What Great Expectations would have found in it."""
        rules = []
        if filling.has_fault:
            rules.append("summa-stammer-inte")
        grant = self.rulebook.grant(str(returned.grant_id))
        if filling.has_remark:
            rules.append("belopp-text")
        if (
            filling.period_end
            and not grant.spend_from_on <= filling.period_end <= grant.spend_to_on
        ):
            rules.append("period-utanfor-bidraget")
        if any(is_odd(grant, line) for line in filling.lines):
            rules.append("datum-utanfor")
        holder = self.rulebook.holder(returned, self.plan([grant.grant_id]))
        about: dict[str, Any] = {"grant": grant.grant_id, "board": holder, "file": returned.file}
        words = {"column": "Belopp", "lines": D(0), "difference": D(1), "period": ""}
        return [
            self.rulebook.rules[rule].finding(is_final=self.is_final, **about, details=words)
            for rule in rules
        ]


def is_odd(grant: Grant, line: Line) -> bool:
    in_time = grant.spend_from_on <= line.worked_on <= grant.spend_to_on
    return not (in_time and line.cost_kind in grant.cost_kinds and line.area in grant.areas)


def files_of(sent: Sent) -> list[tuple[str, str]]:
    return [
        (file_of(grant_id, f, n), grant_id)
        for grant_id, fillings in sent.items()
        for n, f in enumerate(fillings)
    ]


def file_of(grant_id: str, sent: Filling, number: int) -> str:
    return f"{grant_id}/{sent.sender}_{number}.{'csv' if sent.forecast is None else 'xlsx'}"


def return_of(grant: Grant, sent: Filling, number: int) -> Return:
    file = file_of(grant.grant_id, sent, number)
    cells = {
        "period_end_on": sent.period_end,
        "version": None if sent.version is None else D(sent.version),
        "forecast_sek": sent.forecast,
    }
    rows = [
        row_of(
            n,
            activity="Föräldrastöd",
            area=as_written(line.area, n),
            cost_kind=as_written(line.cost_kind, n + 1),
            voucher=f"{grant.grant_id}-{sent.sender}-{n}",
            worked_on=line.worked_on,
            amount_sek=line.amount,
        )
        for n, line in enumerate(sent.lines, start=6)
    ]
    return Return(
        file=file,
        sha256=hashlib.sha256((sent.content or file).encode()).hexdigest(),
        size_bytes=1,
        kind="csv" if file.endswith("csv") else "xlsx",
        header={name: cell_of("Redovisning", "C5", value) for name, value in cells.items()},
        costs=tuple(rows),
        activities=(row_of(6, activity="föräldrastöd", result="Bra"),),
        posts=tuple(_post_rows(sent)),
        measures=tuple(_measure_rows(sent)),
        questions=tuple(_question_rows(sent)),
        grant_id=grant.grant_id,
        sender_id=sent.sender,
    )


def _post_rows(sent: Filling) -> Iterator[Row]:
    for number, post in enumerate(sent.posts, start=6):
        yield row_of(
            number,
            role=post.role,
            full_time_percent=post.percent,
            from_on=post.from_on,
            to_on=post.to_on,
            stays=yes_or_no(post.stays),
        )


def _measure_rows(sent: Filling) -> Iterator[Row]:
    for number, (about, counts) in enumerate(sent.measures.items(), start=6):
        names = ("measure", "year", "split", "part", *counts_by_name(counts))
        values = (*about, *(D(count) for count in counts))
        yield row_of(number, **dict(zip(names, values, strict=True)))


def _question_rows(sent: Filling) -> Iterator[Row]:
    for number, ((question, year), answer) in enumerate(sent.answers.items(), start=6):
        value = D(answer) if isinstance(answer, int) else answer
        yield row_of(number, question=question, question_year=year, answer=value)


def yes_or_no(stays: bool | None) -> str | None:
    """What stands in the column Finns kvar; nothing where it is unknown."""
    if stays is None:
        return None
    return "Ja" if stays else "Nej"


def counts_by_name(counts: tuple[int, ...]) -> tuple[str, ...]:
    """The columns of a row's counts in English: of a measure, or of a rating."""
    return PLAIN_COUNTS if len(counts) == 1 else RATING_COUNTS


def recount_of(returned: Return) -> tuple[int, Decimal]:
    """What a second reader would find; the returns have no bytes for it to read."""
    amounts = [row.cells["amount_sek"].value for row in returned.costs]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    return len(known), sum(known, D(0))


def row_of(row: int, **values: Any) -> Row:
    return Row("Kostnader", row, {n: cell_of("Kostnader", f"A{row}", v) for n, v in values.items()})


def cell_of(sheet: str, ref: str, value: Any) -> Cell:
    return Cell(sheet, ref, str(value or ""), Reading.BLANK if value is None else Reading.OK, value)


def as_written(words: str, turn: int) -> str:
    """The same code as boards write it: other case, fixed spaces, an en dash."""
    return (words, words.upper(), words.replace(" ", "\u00a0"), f" {words.lower()} ")[turn % 4]


class Sender:
    """Draws what the boards of a grant may send in."""

    def __init__(self, rng: random.Random, run: Run, grant: Grant) -> None:
        self.rng, self.run, self.grant = rng, run, grant
        self.period_end = run.plan([grant.grant_id]).periods[grant.grant_id]
        amounts = grant.allocations_on(run.as_of)
        self.allocated = {
            b: sum((s for (x, _), s in amounts.items() if x == b), D(0)) for b, _ in amounts
        }

    def all(self) -> list[Filling]:
        boards = self.run.rulebook.boards
        under = {
            b.board_id: self.run.rulebook.counts_under(
                b.board_id, self.grant, self.run.as_of, self.period_end
            )
            for b in boards
        }
        senders = [*self.allocated, *(board_id for board_id, unit_id in under.items() if unit_id)]
        strangers = [board_id for board_id, unit_id in under.items() if unit_id is None]
        senders += self.rng.sample(strangers, min(len(strangers), self.rng.choice([0, 0, 1])))
        sent = [f for sender in dict.fromkeys(senders) for f in self.from_one(sender)]
        self.rng.shuffle(sent)
        return sent

    def from_one(self, sender: str) -> list[Filling]:
        """One sender's files: none, one, corrected, later, tied, unreadable, or the same one
        twice."""
        end, rng = self.period_end, self.rng
        quarter_before = end.replace(day=1) - timedelta(days=62)
        quarter_before = quarter_before.replace(day=1) - timedelta(days=1)
        after = end + timedelta(days=rng.choice([1, 90]))
        version = rng.randint(1, 3)
        now = self.one(sender, end, version)
        before = self.one(sender, quarter_before, rng.randint(1, 5))
        others: list[Callable[[], list[Filling]]] = [
            list,
            lambda: [replace(now, has_fault=True)],
            lambda: [before],
            lambda: [before, replace(now, lines=(*before.lines, *now.lines))],
            lambda: [now, self.one(sender, end, version + 1)],
            lambda: [self.one(sender, end, version + 9), now],
            lambda: [replace(now, has_fault=True), self.one(sender, end, version + 1)],
            lambda: [now, replace(self.one(sender, end, version + 1), has_fault=True)],
            lambda: [self.one(sender, after, 9)] * (after <= self.grant.spend_to_on),
            lambda: [self.one(sender, after, 9), now, before],
            lambda: [replace(now, content=f"{sender}-samma")] * 2,
            lambda: [now, self.one(sender, end, version)],
            lambda: [now, replace(now, period_end=None, has_fault=True)],
            lambda: [replace(now, version=None, has_fault=True), now],
            lambda: [replace(now, has_remark=True)],
        ]
        return rng.choice(others)() if rng.random() < 0.5 else [now]

    def one(self, sender: str, period_end: date, version: int) -> Filling:
        rng = self.rng
        allocated = self.allocated.get(sender, D(100000))
        target = allocated * rng.choice([0, 10, 50, 66, 67, 90, 95, 99, 100, 101, 150]) / 100
        count = rng.randint(0, 6)
        lines = tuple(self.line(target / count) for _ in range(count))
        forecast = rng.choice(
            [None, allocated, allocated * 19 / 20, allocated * 9 / 10, allocated * D("1.2")]
        )
        return Filling(
            sender, period_end, version, lines, forecast and forecast.quantize(D("0.01"))
        )

    def line(self, about: Decimal) -> Line:
        rng, grant = self.rng, self.grant
        first, last = grant.spend_from_on, grant.spend_to_on
        day = first + timedelta(days=rng.randint(0, (last - first).days))
        odd = rng.random()
        if odd < 0.08:
            day = rng.choice([first - timedelta(days=1), last + timedelta(days=1)])
        kind = rng.choice(grant.unpaid_cost_kinds if 0.05 < odd < 0.15 else grant.cost_kinds)
        others = [a for g in self.run.rulebook.grants for a in g.areas if a not in grant.areas]
        area = rng.choice(others if 0.12 < odd < 0.2 else grant.areas)
        amount = (about + D(rng.randint(-200000, 200000)) / 100).quantize(D("0.01"))
        if rng.random() < 0.1:
            amount = -amount / 4
        elif rng.random() < 0.2:
            amount = rng.choice([first, last]).day * D("0.5")
        return Line(
            rng.choice([day, day, first, last]) if odd > 0.2 else day,
            kind,
            area,
            amount.quantize(D("0.01")),
        )


def varied(rng: random.Random) -> Rulebook:
    """The city's grants, those whose amounts are known at times on other terms."""

    def other(grant: Grant) -> Grant:
        if grant.total_sek is None or rng.random() < 0.5:
            return grant
        areas, components = grant.areas, grant.components
        if rng.random() < 0.5:
            areas = (*areas, "Övrigt")
        decisions = grant.decisions
        if rng.random() < 0.6:
            decisions = (*decisions, moving_decision(grant, rng))
        return replace(
            grant,
            areas=areas,
            components=components,
            decisions=decisions,
            total_sek=grant.total_sek + rng.choice([D(0), D("0.50"), D("0.49"), D(100000)]),
            is_earmarked=len(components) == 1 or rng.random() < 0.5,
            liability_basis=rng.choice(["namnd", "kommun"]),
            limits=replace(
                grant.limits, act_unspent_sek=D(rng.choice([50000, 500000])), act_days_left=75
            ),
        )

    book = decided()
    return replace(book, grants=tuple(other(grant) for grant in book.grants))


def moving_decision(grant: Grant, rng: random.Random) -> Decision:
    """A later decision that moves money from one board to another, to the öre."""
    first = grant.decisions[0]
    giver, taker = rng.sample(
        [a for a in first.allocations if a.component_id == grant.components[0].component_id], 2
    )
    moved = rng.choice([D(0), D("0.01"), giver.amount_sek / 2, giver.amount_sek]).quantize(
        D("0.01")
    )
    return replace(
        first,
        decision_id="omfordelning",
        decided_on=rng.choice([first.decided_on + timedelta(days=1), date(2023, 12, 1), LAST]),
        allocations=(
            replace(giver, amount_sek=giver.amount_sek - moved),
            replace(taker, amount_sek=taker.amount_sek + moved),
        ),
    )


def drawn_run(seed: int) -> tuple[Run, dict[str, list[Filling]]]:
    rng = random.Random(seed)
    as_of = rng.choice(
        [date(2023, 10, 2), date(2023, 10, 3), date(2023, 12, 31), LAST, LAST, date(2021, 10, 15)]
    )
    book = varied(rng)
    run = Run(book, as_of, is_final=as_of >= date(2023, 12, 31) and rng.random() < 0.3)
    grants = [AREAS] if as_of.year == 2021 else [EQUAL, CRIME, AREAS]
    return run, {grant_id: Sender(rng, run, book.grant(grant_id)).all() for grant_id in grants}


def real_files(run: Run, seed: int, folder: Path) -> dict[str, list[Filling]]:
    """Filled templates and CSV files of all grants whose amounts are known, some with faults,
    written under a folder."""
    rng = random.Random(seed)
    sent: dict[str, list[Filling]] = {}
    for grant in run.rulebook.grants:
        if not grant.has_amounts:
            continue
        sender = Sender(rng, run, grant)
        names = [*sender.allocated, *(["spanga-tensta"] if "jarva" in sender.allocated else [])]
        sent[grant.grant_id] = [
            replace(
                sender.one(name, sender.period_end, 1),
                has_fault=number % 5 == 3,
                lines=corrected([sender.line(D(50000)) for _ in range(1 + number % 5)]),
                forecast=None if number % 3 == 2 else D("9000000.25"),
            )
            for number, name in enumerate(names)
            if number != seed % 5
        ]
        for number, one in enumerate(sent[grant.grant_id]):
            path = folder / file_of(grant.grant_id, one, number)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content_of(run, grant, one))
    return sent


def corrected(lines: list[Line]) -> tuple[Line, ...]:
    """The lines without a minus, and a small correction of the first: no sum is below zero, or it
    is asked about."""
    plain = [replace(line, amount=abs(line.amount)) for line in lines]
    return (*plain, replace(plain[0], amount=D("-0.25")))


def content_of(run: Run, grant: Grant, sent: Filling, attested_on: date | None = None) -> bytes:
    costs = [
        {
            "Insats": "Föräldrastöd",
            "Område": line.area,
            "Kostnadsslag": line.cost_kind,
            "Verifikation": f"{grant.grant_id}-{sent.sender}-{n}",
            "Datum": line.worked_on,
            "Belopp": line.amount,
        }
        for n, line in enumerate(sent.lines)
    ]
    total = sum((line.amount for line in sent.lines), D(0))
    if sent.forecast is None:
        header = {
            "bidrag": grant.grant_id,
            "namnd": sent.sender,
            "period_tom": sent.period_end,
            "version": 1,
        }
        if sent.has_fault:
            costs.append({"Insats": "Föräldrastöd", "Område": grant.areas[0], "Belopp": "ca 5"})
        return filled.csv_return(header=header, costs=costs)
    assert sent.period_end
    unit_on = run.plan([grant.grant_id]).periods[grant.grant_id]
    assigned = run.rulebook.assignment(sent.sender, grant, run.as_of, unit_on)
    assert assigned
    template = return_template.template(
        run.rulebook.organisation,
        grant,
        run.rulebook.board(sent.sender),
        assigned,
        sent.period_end,
        run.as_of,
    )
    header = {
        "version": sent.version or 1,
        "prognos": sent.forecast,
        "summa_kostnader": total + (1 if sent.has_fault else 0),
        "ersatter_befintlig": "Nej",
        "annan_finansiering": "Nej",
    }
    if attested_on:
        header["intygas_av"] = "Eva Ek"
        header["intygas_befattning"] = "Enhetschef"
        header["intygas_den"] = attested_on
    return filled.fill(
        template,
        header=header,
        costs=costs,
        activities=[{"Insats": "Föräldrastöd", "Resultat": "Bra"}],
        posts=[_post_cells(post) for post in sent.posts],
        measures={about: _count_cells(counts) for about, counts in sent.measures.items()},
        answers=sent.answers,
    )


def _post_cells(post: Post) -> filled.Row:
    return {
        "Roll": post.role,
        "Procent av heltid": post.percent,
        "Från": post.from_on,
        "Till": post.to_on,
        "Finns kvar": yes_or_no(post.stays),
    }


def _count_cells(counts: tuple[int, ...]) -> filled.Row:
    headers = {column.name: column.header for column in MEASURE_COLUMNS}
    names = [headers[name] for name in counts_by_name(counts)]
    return dict(zip(names, counts, strict=True))


lines_of = st.builds(
    Line,
    worked_on=st.sampled_from(
        [date(2022, 12, 31), date(2023, 1, 1), date(2023, 7, 1), date(2023, 12, 31)]
    ),
    cost_kind=st.sampled_from(["Personalkostnader", "Representation"]),
    area=st.sampled_from(["Universellt stöd", "Systematiskt arbete", "Fritidsgård"]),
    amount=st.decimals(D("-300000"), D("3000000"), places=2),
)


fillings = st.builds(
    Filling,
    sender=st.sampled_from(
        ["jarva", "spanga-tensta", "farsta", "hasselby-vallingby", "rinkeby-kista", "alvsjo"]
    ),
    period_end=st.sampled_from([date(2023, 9, 30), date(2023, 12, 31), date(2024, 3, 31)]),
    version=st.integers(1, 3),
    lines=st.lists(lines_of, max_size=4).map(tuple),
    forecast=st.none() | st.decimals(D(0), D(3000000), places=2),
    has_fault=st.sampled_from([False, False, False, True]),
)
