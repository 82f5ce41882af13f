"""The nation's sums reckoned plainly: from the lists, the grant file and what was sent, by adding."""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.example_nation import DATA, Sent

ROOT = Path(__file__).parents[2]
ZERO = Decimal(0)
WHOLE = "riket"


@dataclass
class Sums:
    """What some recipients have together."""

    allocated: Decimal = ZERO
    reported: Decimal = ZERO
    eligible: Decimal = ZERO
    ineligible: Decimal = ZERO
    liability: Decimal = ZERO
    undetermined: Decimal = ZERO
    asked: int = 0
    answered: int = 0
    held: int = 0
    working: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Area and target area -> who does something there."""
    answers: dict[str, list[object]] = field(default_factory=dict)
    """Question -> what those whose return counts have answered."""


@dataclass(frozen=True)
class Place:
    """A recipient by the lists: its level, and the county that it is in."""

    level: str
    county: str


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / DATA / "register" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def places() -> dict[str, Place]:
    """Every recipient by its name."""
    counties = {row["county_code"]: row["county_name"] for row in _rows("lan.csv")}
    found = {}
    for row in _rows("kommuner.csv"):
        found[row["municipality_name"]] = Place("kommun", counties[row["county_code"]])
    for row in _rows("regioner.csv"):
        found[row["namn"]] = Place("region", counties[row["lanskod"]])
    return found


def reckoned(
    grant_id: str, sent: Iterable[Sent], names: Mapping[str, str], held: Iterable[str] = ()
) -> dict[tuple[str, str | None], Sums]:
    """The sums of each county and of the nation, all together (level None) and level by level.

    `names` are the names of the recipients by their ids, `held` the ids of those whose return is
    not counted.
    """
    grant = tomllib.loads((ROOT / DATA / f"grants/{grant_id}.toml").read_text("utf-8"))
    allowed = set(grant["villkor"]["kostnadsslag"]["tillatna"])
    period = grant["villkor"]["forbrukningsperiod"]
    given = grant["beslut"][0]["fordelning"]
    by_name = {names[one.board_id]: one for one in sent}
    not_counted = {names[board_id] for board_id in held}
    where = places()
    sums: dict[tuple[str, str | None], Sums] = {}
    for name, kronor in given.items():
        place, answer = where[name], by_name.get(name)
        for upper in (place.county, WHOLE):
            for level in (None, place.level):
                total = sums.setdefault((upper, level), Sums())
                total.asked += 1
                total.allocated += kronor
                if answer is None:
                    total.liability += kronor
                elif name in not_counted:
                    total.answered += 1
                    total.held += 1
                    total.undetermined += kronor
                else:
                    total.answered += 1
                    _add(total, Decimal(kronor), answer, allowed, period["fran"], period["till"])
    return sums


def _add(
    total: Sums, given: Decimal, sent: Sent, allowed: set[str], first: date, last: date
) -> None:
    used = other = ZERO
    for line in sent.lines:
        amount, day = line["Belopp"], line["Datum"]
        assert isinstance(amount, Decimal)
        assert isinstance(day, date)
        if first <= day <= last and line["Kostnadsslag"] in allowed:
            used += amount
        else:
            other += amount
    total.reported += used + other
    total.eligible += used
    total.ineligible += other
    total.liability += max(ZERO, given - used)
    for activity in sent.activities:
        key = (str(activity["Område"]), str(activity["Målområde"]))
        total.working.setdefault(key, set()).add(sent.board_id)
    for (question, _), answer in sent.answers.items():
        total.answers.setdefault(question, []).append(answer)
