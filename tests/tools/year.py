"""Plays the year of MFoF's 2023 grants, from the decision to the filed reports. `python -m
tests.tools.year --to FOLDER`.

The allocations and the terms are those of the grant files. What the boards spend, when they answer
and why is made up, and stands in `PLANS`, `ARRIVALS` and `NOTES`. What is said of it is the
program's own: on each day of `DAYS` the calendars and reminders are made as `serve` makes them,
what has arrived is put in the inbox, and the installed command takes it in. No clock.
"""

import argparse
import json
import os
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from statsbidrag.base import swedish
from statsbidrag.case import casefile
from statsbidrag.decisions import data_folder
from statsbidrag.model.boards import Assignment
from statsbidrag.model.decisions import Grant
from statsbidrag.model.rulebook import Rulebook
from statsbidrag.model.year import Deadline
from statsbidrag.returns import return_template
from statsbidrag.running import watch
from statsbidrag.running.prefect_server import Server, configure
from tests.example import ACTIVITIES, CRIME, EQUAL
from tests.example_rows import Activity, Line, answers, cost, result, split
from tests.support import timeline
from tests.support.commands import call, call_here
from tests.support.filling import allocation_of, fill
from tests.support.way import copied

GRANTS = (EQUAL, CRIME)
PICTURES = {EQUAL: "aret-2023-jamlik-tillgang", CRIME: "aret-2023-forebygga-kriminalitet"}
"""What the timelines are called."""
SHARE = Decimal
JUNE, SEPTEMBER, DECEMBER = date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)
FIRST_WORKING_DAY = date(2023, 8, 30)
"""The day after the decision."""
FINAL, REVIEWED, ATTESTED, FILED = (
    date(2024, 1, 22),
    date(2024, 1, 24),
    date(2024, 1, 25),
    date(2024, 1, 30),
)
RECKONED, REVIEWER, ATTESTER = "Maria Ek", "Ola Berg", "Sara Lind"


# -- what is made up -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """How a sender spends: the share of the allocation used by the end of each month named, from
    its first month on."""

    used: Mapping[int, Decimal]
    first: int = 1
    allocated_as: str | None = None
    """The board whose allocation the shares are of, where the sender has none."""


def _plan(september: str, december: str) -> Plan:
    return Plan({9: SHARE(september), 12: SHARE(december)})


PLANS: Mapping[tuple[str, str], Plan] = {
    (EQUAL, "spanga-tensta"): Plan({6: SHARE("0.217")}, allocated_as="jarva"),
    (EQUAL, "jarva"): Plan({9: SHARE("0.263"), 12: SHARE("0.745")}, first=7),
    (EQUAL, "hasselby-vallingby"): _plan("0.690", "0.864"),
    (EQUAL, "bromma"): _plan("0.702", "0.973"),
    (EQUAL, "norra-innerstaden"): _plan("0.698", "0.962"),
    (EQUAL, "sodermalm"): _plan("0.804", "1.031"),
    (EQUAL, "enskede-arsta-vantor"): _plan("0.520", "0.860"),
    (EQUAL, "skarpnack"): Plan({6: SHARE("0.440"), 9: SHARE("0.713"), 12: SHARE("0.968")}),
    (EQUAL, "farsta"): _plan("0.761", "0.991"),
    (EQUAL, "hagersten-alvsjo"): _plan("0.748", "0.994"),
    (EQUAL, "skarholmen"): _plan("0.705", "0.957"),
    (CRIME, "jarva"): _plan("0.553", "0.905"),
    (CRIME, "hasselby-vallingby"): _plan("0.731", "0.975"),
    (CRIME, "enskede-arsta-vantor"): _plan("0.755", "0.998"),
    (CRIME, "skarpnack"): _plan("0.772", "1.000"),
    (CRIME, "farsta"): _plan("0.783", "1.012"),
    (CRIME, "hagersten-alvsjo"): _plan("0.704", "0.941"),
    (CRIME, "skarholmen"): _plan("0.691", "0.982"),
}
"""Kungsholmen has an allocation in the first grant and no plan: it never sends in anything."""


def _unreadable(lines: list[Line]) -> None:
    lines[2]["Belopp"] = "ca 9 tkr"
    lines[7]["Område"] = str(lines[7]["Område"])[:-1]


def _a_nought_too_many(lines: list[Line]) -> None:
    lines[-1]["Belopp"] = Decimal(str(lines[-1]["Belopp"])) * 10


@dataclass(frozen=True)
class Arrival:
    """A return that comes in on a day: from whom, for which period, and what the board expects of
    the whole year."""

    on: date
    grant_id: str
    sender_id: str
    period_end: date
    forecast: Decimal | None = None
    """Share of the allocation; None: what it has used."""
    version: int = 1
    reason: str | None = None
    wanted_sek: int | None = None
    fault: Callable[[list[Line]], None] | None = None

    @property
    def file(self) -> str:
        """Where it is put under the inbox."""
        version = f"_v{self.version}" if self.version > 1 else ""
        return f"{self.grant_id}/redovisning_{self.sender_id}_{self.period_end}{version}.xlsx"


def _on(month: int, day: int) -> date:
    return date(2023 if month > 6 else 2024, month, day)


def _quarter(
    on: date, grant_id: str, sender_id: str, forecast: str, reason: str | None = None
) -> Arrival:
    return Arrival(on, grant_id, sender_id, SEPTEMBER, SHARE(forecast), reason=reason)


LEADERS = "Två grupper är inställda därför att gruppledare saknas."
VACANT = "Tjänsterna är utlysta men inte tillsatta."
ARRIVALS: tuple[Arrival, ...] = (
    # in time
    Arrival(_on(10, 6), EQUAL, "spanga-tensta", JUNE),
    _quarter(_on(10, 6), EQUAL, "jarva", "0.580", VACANT),
    Arrival(_on(10, 6), EQUAL, "sodermalm", SEPTEMBER, SHARE("1"), wanted_sek=120_000),
    _quarter(_on(10, 6), EQUAL, "farsta", "0.990"),
    _quarter(_on(10, 6), EQUAL, "hagersten-alvsjo", "0.992"),
    _quarter(_on(10, 6), CRIME, "hasselby-vallingby", "0.970"),
    _quarter(_on(10, 6), CRIME, "skarpnack", "1"),
    Arrival(_on(10, 6), CRIME, "farsta", SEPTEMBER, SHARE("1"), wanted_sek=90_000),
    _quarter(_on(10, 10), EQUAL, "hasselby-vallingby", "0.860", LEADERS),
    _quarter(_on(10, 10), EQUAL, "enskede-arsta-vantor", "0.790", VACANT),
    _quarter(_on(10, 10), CRIME, "jarva", "0.860", VACANT),
    _quarter(_on(10, 10), CRIME, "enskede-arsta-vantor", "0.998"),
    _quarter(
        _on(10, 10), CRIME, "hagersten-alvsjo", "0.930", "Vårens utbildningar fick ställas in."
    ),
    _quarter(_on(10, 10), CRIME, "skarholmen", "0.880", "En familjebehandlare har slutat."),
    # in time, but wrong: an amount with a nought too many, cells that can't be read, a return for
    # the wrong period
    Arrival(_on(10, 10), EQUAL, "bromma", SEPTEMBER, SHARE("0.990"), fault=_a_nought_too_many),
    Arrival(_on(10, 10), EQUAL, "skarholmen", SEPTEMBER, SHARE("0.930"), fault=_unreadable),
    Arrival(_on(10, 10), EQUAL, "skarpnack", JUNE, SHARE("0.965")),
    Arrival(
        _on(10, 16),
        EQUAL,
        "skarholmen",
        SEPTEMBER,
        SHARE("0.930"),
        version=2,
        reason="En utbildning blev billigare.",
    ),
    _quarter(_on(10, 18), EQUAL, "skarpnack", "0.965"),
    # late, after three reminders
    _quarter(
        _on(11, 2), EQUAL, "norra-innerstaden", "0.945", "En gruppledare började först i oktober."
    ),
    # a correction, and what the boards say once somebody has called them
    Arrival(
        _on(11, 13),
        EQUAL,
        "bromma",
        SEPTEMBER,
        SHARE("0.885"),
        version=2,
        reason="Ett belopp var fel.",
    ),
    Arrival(
        _on(11, 20),
        EQUAL,
        "jarva",
        SEPTEMBER,
        SHARE("0.735"),
        version=2,
        reason="Tjänsterna är tillsatta.",
    ),
    Arrival(_on(11, 20), CRIME, "jarva", SEPTEMBER, SHARE("0.900"), version=2, reason=VACANT),
    Arrival(_on(11, 20), CRIME, "skarholmen", SEPTEMBER, SHARE("0.975"), version=2),
    Arrival(_on(12, 4), EQUAL, "bromma", SEPTEMBER, SHARE("0.970"), version=3),
    # the whole year: everybody that has answered before, Enskede-Årsta-Vantör only after a reminder
    *(
        Arrival(_on(1, day), grant_id, sender_id, DECEMBER, reason=reason)
        for (day, reason), senders in {
            (8, None): (
                *(
                    (EQUAL, b)
                    for b in (
                        "sodermalm",
                        "farsta",
                        "hagersten-alvsjo",
                        "skarpnack",
                        "norra-innerstaden",
                    )
                ),
                *(
                    (CRIME, b)
                    for b in ("hasselby-vallingby", "enskede-arsta-vantor", "skarpnack", "farsta")
                ),
            ),
            (8, LEADERS): ((EQUAL, "hasselby-vallingby"),),
            (11, None): (
                *((EQUAL, b) for b in ("bromma", "skarholmen")),
                *((CRIME, b) for b in ("hagersten-alvsjo", "skarholmen")),
            ),
            (11, "Tjänsterna tillsattes först i december."): ((EQUAL, "jarva"), (CRIME, "jarva")),
            (15, "Två tjänster tillsattes aldrig."): ((EQUAL, "enskede-arsta-vantor"),),
        }.items()
        for grant_id, sender_id in senders
    ),
)
IN_TIME = "Redovisar i tid och utan fel."
NOTES: Mapping[tuple[str, str], str] = {
    (
        EQUAL,
        "jarva",
    ): "Tjänster står tomma. Efter ett samtal tillsätts de, och det mesta hinner användas.",
    (
        EQUAL,
        "enskede-arsta-vantor",
    ): "Två tjänster tillsätts aldrig. Förslag: flytta 120 000 kr till Södermalm.",
    (
        EQUAL,
        "hasselby-vallingby",
    ): "Gruppledare saknas hela hösten. Grupperna blir inte av, så pengarna går tillbaka.",
    (EQUAL, "kungsholmen"): "Svarar aldrig, trots sex påminnelser.",
    (
        EQUAL,
        "bromma",
    ): "Rättar en nolla för mycket. Då syns att pengar blir över, och en utbildning tidigareläggs.",
    (
        EQUAL,
        "norra-innerstaden",
    ): "Svarar först tre veckor efter sista dagen, efter tre påminnelser.",
    (
        EQUAL,
        "skarpnack",
    ): "Redovisar först fel period, till och med juni. Rättat åtta dagar senare.",
    (
        EQUAL,
        "skarholmen",
    ): "Två celler går inte att läsa, så ingenting räknas. Rättat sex dagar senare.",
    (EQUAL, "sodermalm"): "Har mer att göra än pengar till: önskar 120 000 kr ytterligare.",
    (EQUAL, "farsta"): IN_TIME,
    (EQUAL, "hagersten-alvsjo"): IN_TIME,
    (
        CRIME,
        "jarva",
    ): "Tjänster står tomma. En del hinner användas sedan någon har ringt i november.",
    (
        CRIME,
        "skarholmen",
    ): "En familjebehandlare har slutat. Nämnden hittar annat att göra, och prognosen höjs.",
    (
        CRIME,
        "hagersten-alvsjo",
    ): "Vårens utbildningar ställdes in. En del av dem tas igen under hösten.",
    (CRIME, "farsta"): "Har mer att göra än pengar till: önskar 90 000 kr ytterligare.",
    (CRIME, "hasselby-vallingby"): IN_TIME,
    (CRIME, "enskede-arsta-vantor"): IN_TIME,
    (CRIME, "skarpnack"): IN_TIME,
}
RUNS = {_on(10, 2), _on(1, 2), *(a.on for a in ARRIVALS)}
"""Of the Mondays and the days when something comes in, those on which there is something new to
say."""
WATCHES = {
    FIRST_WORKING_DAY,
    _on(9, 27),
    _on(10, 6),
    _on(10, 12),
    _on(12, 27),
    _on(1, 8),
    _on(1, 12),
    _on(2, 2),
}
"""Days on which only the calendars and the reminders are made; of every weekday, those on which a
reminder is due."""
DAYS = tuple(sorted(RUNS | WATCHES | {FINAL, REVIEWED, ATTESTED, FILED}))


# -- the returns -----------------------------------------------------------------------------------

WEIGHTS = (9, 10, 10, 11, 10, 8, 5, 9, 12, 12, 12, 10)
"""How a year's spending falls on its months."""
PARTS = (("Personalkostnader", 11), ("Köpta tjänster", 5), ("Material och trycksaker", 4))
"""What each month's spending goes to, one activity each."""


def content(book: Rulebook, arrival: Arrival) -> bytes:
    """The workbook that arrives: the program's own template, filled in."""
    grant, board = book.grant(arrival.grant_id), book.board(arrival.sender_id)
    plan = PLANS[arrival.grant_id, arrival.sender_id]
    decided = allocation_of(grant, plan.allocated_as or board.board_id, FIRST_WORKING_DAY)
    allocated_sek = sum(decided.values(), Decimal(0))
    activities = ACTIVITIES[grant.grant_id][: len(PARTS)]
    lines = _lines(grant, arrival, plan, allocated_sek, activities)
    spent = max(
        (share for month, share in plan.used.items() if month <= arrival.period_end.month),
        default=Decimal(0),
    )
    forecast = spent if arrival.forecast is None else arrival.forecast
    header = {
        "version": arrival.version,
        "prognos": (allocated_sek * forecast).quantize(Decimal(1), ROUND_CEILING),
        "onskar_ytterligare": arrival.wanted_sek,
        "orsak_ej_forbrukat": arrival.reason,
        **answers(board, arrival.on),
    }
    known = {} if plan.allocated_as else decided
    template = return_template.template(
        book.organisation, grant, board, Assignment(known), arrival.period_end, FIRST_WORKING_DAY
    )
    return fill(
        template,
        header=header,
        costs=lines,
        activities=[_reached(a, arrival.period_end) for a in activities],
    )


def _lines(
    grant: Grant,
    arrival: Arrival,
    plan: Plan,
    allocated_sek: Decimal,
    activities: tuple[Activity, ...],
) -> list[Line]:
    """Each month's spending, the same in every return that covers the month, then the fault that
    this one has."""
    lines: list[Line] = []
    voucher = 10_000 + 1_000 * [*PLANS].index((arrival.grant_id, arrival.sender_id))
    steps = [(plan.first - 1, Decimal(0)), *plan.used.items()]
    for (before, had), (upto, has) in pairwise(steps):
        if upto > arrival.period_end.month:
            break
        months = range(before + 1, upto + 1)
        ore = int(allocated_sek * has * 100) - int(allocated_sek * had * 100)
        for month, amount in zip(months, split(ore, [WEIGHTS[m - 1] for m in months]), strict=True):
            for activity, (kind, _), part in zip(
                activities, PARTS, split(amount, [weight for _, weight in PARTS]), strict=True
            ):
                day = date(2023, month, monthrange(2023, month)[1])
                lines.append(
                    cost(activity, kind, day, part) | {"Verifikation": f"{voucher + len(lines)}"}
                )
    if arrival.fault:
        arrival.fault(lines)
    return lines


def _reached(activity: Activity, period_end: date) -> Line:
    women, men = (count * period_end.month // 12 for count in activity.reached)
    return result(activity, women, men, 0, activity.results[0])


# -- the year --------------------------------------------------------------------------------------

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Day:
    """What came in on a day, and what the program then said; of a grant or a board by its id."""

    on: date
    arrived: tuple[Arrival, ...]
    reminded: Mapping[str, tuple[str, ...]]
    """Grant -> the boards that a reminder was written to."""
    deadlines: tuple[Deadline, ...]
    standing: Mapping[str, Row]
    """Grant -> its row of `statsbidrag status --json`."""
    figures: Mapping[str, Row]
    """Grant -> the reconciliation.json of its latest run."""

    def board(self, grant_id: str, board_id: str) -> Row:
        """A board's figures."""
        row: Row = next(b for b in self.figures[grant_id]["boards"] if b["board"] == board_id)
        return row


@dataclass(frozen=True)
class Year:
    """The year as it was played."""

    days: tuple[Day, ...]
    book: Rulebook
    out: Path
    notes: Mapping[tuple[str, str], str]
    """What happens to each grant and board, in the words of the story."""

    def day(self, on: date) -> Day:
        """One of its days."""
        return next(day for day in self.days if day.on == on)


def play(
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    run: Callable[..., CompletedProcess[str]] | None = None,
) -> Year:
    """Play the year in a folder: `data`, `inbox` and `out` in it. A Prefect server must be running.

    `run` calls `statsbidrag run` with the options that it is given; None: the installed command.
    """
    copied(folder, "socialstyrelsen-*")
    desk = _Desk(folder, run or partial(call, "run"))
    days = []
    for on in DAYS:
        days.append(desk.day(on))
        for sentence in told(days[-1]):
            say(sentence)
    return Year(tuple(days), desk.book, desk.out, NOTES)


class _Desk:
    """The handläggare's desk: where things lie, and what the latest run said."""

    def __init__(self, folder: Path, run: Callable[..., CompletedProcess[str]]) -> None:
        self.call_run = run
        self.data, self.inbox, self.out = folder / "data", folder / "inbox", folder / "out"
        self.inbox.mkdir()
        self.book = data_folder.load(self.data, [], FIRST_WORKING_DAY)
        self.figures: dict[str, Row] = {}

    def day(self, on: date) -> Day:
        """The watch of the morning, then what arrives and is taken in, then how it stands."""
        desk = casefile.Occasion(self.data, self.inbox, self.out, f"{on}T06:00:00+02:00")
        watched = watch.look(desk, on, "enligt schema")
        arrived = tuple(a for a in ARRIVALS if a.on == on)
        for arrival in arrived:
            path = self.inbox / arrival.file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content(self.book, arrival))
        if on in RUNS:
            self.run(on)
        self.decide(on)
        standing = json.loads(self.light("status", "--json", "--as-of", str(on)))
        return Day(
            on,
            arrived,
            {grant_id: _reminded(grant_id, watched.letters) for grant_id in GRANTS},
            watched.deadlines,
            {row["grant"]: row for row in standing},
            dict(self.figures),
        )

    def run(self, on: date, *options: str) -> None:
        """A run as of the day, and the figures of the reports that it says it wrote."""
        folders = ("--returns", str(self.inbox), "--data", str(self.data), "--out", str(self.out))
        said = _well(self.call_run(*options, "--as-of", str(on), "--by", RECKONED, *folders))
        for report in re.findall(r"^ +Rapport: (.+)$", said, re.MULTILINE):
            figures = json.loads(Path(report).with_name("reconciliation.json").read_text("utf-8"))
            self.figures[figures["grant"]] = figures

    def decide(self, on: date) -> None:
        """The final report and the steps with it, each by its own person."""
        if on == FINAL:
            self.run(on, "--final")
        steps = {
            REVIEWED: ("review", REVIEWER, ()),
            ATTESTED: (
                "approve",
                ATTESTER,
                ("--why", "Kungsholmen har inte svarat trots sex påminnelser."),
            ),
            FILED: ("file", ATTESTER, ()),
        }
        if on in steps:
            step, by, why = steps[on]
            for grant_id in GRANTS:
                self.light(
                    step, grant_id, "--by", by, "--on", str(on), *why, "--returns", str(self.inbox)
                )

    def light(self, *arguments: str) -> str:
        """What a command that needs no Prefect prints."""
        return _well(call_here(*arguments, "--data", str(self.data), "--out", str(self.out)))


def _well(done: CompletedProcess[str]) -> str:
    assert done.returncode in {0, 3}, f"{done.args}: {done.stdout}{done.stderr}"
    return done.stdout


def _reminded(grant_id: str, letters: tuple[str, ...]) -> tuple[str, ...]:
    """The boards that reminders were written to, by the names of the letters."""
    found = (
        re.fullmatch(rf"paminnelse_{grant_id}-([a-z-]+)_[0-9a-f]+_[0-9a-f]+\.eml", name)
        for name in letters
    )
    return tuple(match[1] for match in found if match)


def told(day: Day) -> Iterator[str]:
    """A day in words, one line for each grant."""
    for grant_id, standing in day.standing.items():
        boards: list[Row] = [*day.figures.get(grant_id, {}).get("boards", ())]
        senders = ", ".join(a.sender_id for a in day.arrived if a.grant_id == grant_id)
        flagged = ", ".join(b["board"] for b in boards if b["flag"] == "act")
        parts = {
            "in": senders,
            "påminda": swedish.number(len(day.reminded[grant_id]))
            if day.reminded[grant_id]
            else "",
            "hålls": ", ".join(standing["held"]),
            "agera": flagged,
            "läge": standing["report_state"] or "",
            "i fara": swedish.kr(Decimal(standing["at_risk_sek"])),
        }
        said = "; ".join(f"{what}: {words}" for what, words in parts.items() if words)
        yield f"{day.on} {grant_id}\n  {said}"


@contextmanager
def one_server(state: Path) -> Iterator[None]:
    """A Prefect server for all the runs, with its files in a folder of its own."""
    os.environ["XDG_STATE_HOME"] = str(state)
    configure()
    with Server() as running:
        running.wait()
        yield


def main() -> None:
    """Play the year and draw it."""
    parser = argparse.ArgumentParser(
        description="Spelar upp året för MFoF:s bidrag 2023 och ritar tidslinjen."
    )
    parser.add_argument(
        "--to", type=Path, required=True, metavar="MAPP", help="en mapp som inte finns än"
    )
    folder: Path = parser.parse_args().to.absolute()
    folder.mkdir(parents=True)
    with one_server(folder / "state"):
        year = play(folder, print)
    for grant_id in GRANTS:
        path = folder / f"{PICTURES[grant_id]}.svg"
        path.write_text(timeline.draw(year, grant_id), "utf-8")
        print(f"Tidslinje: {path}")


if __name__ == "__main__":
    main()
