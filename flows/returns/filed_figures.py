"""The figures of a filed report that one level up counts with, once they are together what they say
that they are."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..base.bounds import BOUNDS
from ..model.codes import IneligibleReason, ReturnStatus
from .filed_package import FIGURES
from .refusal import RefusedError

Json = Mapping[str, Any]
_KRONOR = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")
_MOST_PEOPLE = 10**9
COUNTS = ("women_count", "men_count", "unknown_count")
_OF_MONEY = ("reported_sek", "eligible_sek", "ineligible_sek")


@dataclass(frozen=True)
class AreaSum:
    """What was used in an area, in kronor; `place` is where it stands in the list, from 0."""

    place: int
    area: str
    eligible_sek: Decimal


@dataclass(frozen=True)
class IneligibleSum:
    """What a board has used that the grant doesn't pay for, for one reason, in kronor."""

    place: int
    board: str
    """The board's name."""
    reason: IneligibleReason
    amount_sek: Decimal


@dataclass(frozen=True)
class Reached:
    """Whom an activity reached, and where in the board's return it stood; None: nobody has said."""

    place: int
    row: tuple[str, str, int]
    """File, sheet and row of the board's return."""
    counts: Mapping[str, int | None]


@dataclass(frozen=True)
class HeldBoard:
    """A board whose return waited for a correction when the report was filed."""

    name: str
    allocated_sek: Decimal


@dataclass(frozen=True)
class Figures:
    """What one level up takes over of a report."""

    period_end: date
    reported_sek: Decimal
    """All that the boards that count have reported."""
    to_repay_sek: Decimal
    areas: tuple[AreaSum, ...]
    """Those in which something was used."""
    ineligible: tuple[IneligibleSum, ...]
    activities: tuple[Reached, ...]
    held: tuple[HeldBoard, ...]


def checked(report: Json) -> Figures:
    """The figures of a reconciliation.json. Raises RefusedError when its sums don't meet, or when
    it is not written as ours are."""
    try:
        _must_be_few(report)
        boards = [one for one in report["boards"] if one["return_status"] != ReturnStatus.HELD]
        held = [one for one in report["boards"] if one["return_status"] == ReturnStatus.HELD]
        _must_meet(report, boards, held)
        names = {str(one["board"]): str(one["name"]) for one in report["boards"]}
        return Figures(
            period_end=date.fromisoformat(report["period_end"]),
            reported_sek=_kronor(report["city"]["reported_sek"]),
            to_repay_sek=_kronor(report["liability"]["to_repay_sek"]),
            areas=tuple(_areas(report)),
            ineligible=tuple(_ineligible(report, names)),
            activities=tuple(_activities(report)),
            held=tuple(HeldBoard(str(one["name"]), _kronor(one["allocated_sek"])) for one in held),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _apart("något fattas eller är inte skrivet som i våra rapporter") from None


def _must_be_few(report: Json) -> None:
    """Raises RefusedError for a report with more rows than a return may have."""
    for name in ("boards", "areas", "ineligible", "activities"):
        if len(report[name]) > BOUNDS.rows:
            limit = swedish.number(BOUNDS.rows)
            raise RefusedError("paket-misstankt", what=f"har en lista med fler än {limit} rader")


def _apart(what: str) -> RefusedError:
    return RefusedError("paket-gar-inte-ihop", file=FIGURES, what=what)


def _kronor(text: object) -> Decimal:
    """An amount as our files have it. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _KRONOR.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _count(value: object) -> int | None:
    """A number of people, None where nobody has said. Raises ValueError for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_PEOPLE:
        raise ValueError(value)
    return value


def _areas(report: Json) -> Iterable[AreaSum]:
    for place, row in enumerate(report["areas"]):
        eligible_sek = _kronor(row["eligible_sek"])
        if eligible_sek:
            yield AreaSum(place, str(row["area"]), eligible_sek)


def _ineligible(report: Json, names: Mapping[str, str]) -> Iterable[IneligibleSum]:
    for place, row in enumerate(report["ineligible"]):
        reason = IneligibleReason(row["reason"])
        yield IneligibleSum(place, names[row["board"]], reason, _kronor(row["amount_sek"]))


def _activities(report: Json) -> Iterable[Reached]:
    for place, row in enumerate(report["activities"]):
        counts = {name: _count(row[name]) for name in COUNTS}
        yield Reached(place, (str(row["file"]), str(row["sheet"]), int(row["row"])), counts)


# -- the sums --------------------------------------------------------------------------------------


def _must_meet(report: Json, boards: list[Json], held: list[Json]) -> None:
    """Raises RefusedError for the first sum that is not what it is of."""
    city, liability = report["city"], report["liability"]
    _same(
        "fördelat plus ej fördelat och det beviljade",
        _kronor(report["allocated_sek"]) + _kronor(report["unallocated_sek"]),
        _kronor(report["total_sek"]),
    )
    _same(
        "nämndernas tilldelning och det fördelade",
        _sum(report["boards"], "allocated_sek"),
        _kronor(report["allocated_sek"]),
    )
    for board in boards:
        _must_meet_of_board(board)
    for name in _OF_MONEY:
        _same(f"nämndernas {_CALLED[name]} och stadens", _sum(boards, name), _kronor(city[name]))
    _same(
        "områdenas berättigade belopp och nämndernas",
        _sum(report["areas"], "eligible_sek"),
        _kronor(city["eligible_sek"]),
    )
    _same(
        "nämndernas återbetalning och dess summa",
        _sum(boards, "liability_sek"),
        _kronor(liability["boards_sek"]),
    )
    _same(
        "det fördelade hos nämnder som väntar på rättelse och dess summa",
        _sum(held, "allocated_sek"),
        _kronor(liability["undetermined_sek"]),
    )
    _same(
        "de båda sätten att räkna återbetalningen, med kvittningen,",
        _kronor(liability["kommun_basis_sek"]) + _kronor(liability["set_off_sek"]),
        _kronor(liability["namnd_basis_sek"]),
    )
    for board in boards:
        own = [row for row in report["ineligible"] if row["board"] == board["board"]]
        _same(
            f"skälen till att kostnader inte är berättigade hos {_name(board)} och deras summa",
            _sum(own, "amount_sek"),
            _kronor(board["ineligible_sek"]),
        )
    _must_be_as_many(report)


_CALLED = {
    "reported_sek": "redovisade belopp",
    "eligible_sek": "berättigade belopp",
    "ineligible_sek": "inte berättigade belopp",
}


def _must_meet_of_board(board: Json) -> None:
    _same(
        f"berättigat plus inte berättigat och det redovisade hos {_name(board)}",
        _kronor(board["eligible_sek"]) + _kronor(board["ineligible_sek"]),
        _kronor(board["reported_sek"]),
    )
    for name in _OF_MONEY:
        _same(
            f"komponenternas {_CALLED[name]} och summan hos {_name(board)}",
            _sum(board["components"], name),
            _kronor(board[name]),
        )


def _must_be_as_many(report: Json) -> None:
    """Raises RefusedError when the people reached by activities, or in areas, are not all."""
    for name in COUNTS:
        stated = _count(report["gender"][name])
        for rows in (report["activities"], report["areas"]):
            if sum(_count(row[name]) or 0 for row in rows) != stated:
                raise _apart("antalet personer i insatser och områden är inte alla som har nåtts")


def _name(board: Json) -> str:
    return swedish.mask_personal_numbers(str(board["name"]))[0][:100]


def _sum(rows: Iterable[Json], name: str) -> Decimal:
    return sum((_kronor(row[name]) for row in rows), Decimal(0))


def _same(what: str, first: Decimal, second: Decimal) -> None:
    """Raises RefusedError when two amounts differ; `what` names both."""
    if first != second:
        raise _apart(f"{what} är {swedish.kr(first)} och {swedish.kr(second)}")
