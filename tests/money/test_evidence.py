"""What is reported beside what is booked: differences that are planted in made-up ledgers are found
and called right, and nothing else is; whatever the two say, it adds up.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.accounts import LAST, Booked, Books, Found, Reported, breaches, found

D = Decimal
FIRST = date(2023, 1, 1)


# -- ledgers with planted differences --------------------------------------------------------------


@dataclass
class Planted(Books):
    """A ledger and a return, and what is to be found in them."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))
    how: dict[str, str] = field(default_factory=dict)
    """By the cell of a line or the place of a booking, how it is to meet the other side."""
    cells: dict[str, set[str]] = field(default_factory=dict)
    """By rule, the cells that are to be pointed at."""
    used: set[Decimal] = field(default_factory=set)

    def amount(self) -> Decimal:
        """An amount that no other line or booking has, so that nothing is found by chance."""
        while True:
            amount = D(self.chance.randrange(10_00, 90_000_00)).scaleb(-2)
            if amount not in self.used:
                self.used.add(amount)
                return amount

    def day(self) -> date:
        return FIRST + timedelta(self.chance.randrange(300))

    def line(self, voucher: str | None, day: date, amount: Decimal, kind: str = "resor") -> str:
        cell = f"H{len(self.lines) + 8}"
        self.lines.append(Reported(cell, voucher, day, kind, amount))
        return cell

    def booking(self, voucher: str, day: date, amount: Decimal, **other: Any) -> str:
        place = f"rad {len(self.bookings) + 1}"
        account = other.pop("account", "7100")
        self.bookings.append(Booked(place, voucher, day, account, amount, **other))
        return place

    def meet(self, how: str, *places: str) -> None:
        self.how |= dict.fromkeys(places, how)

    def point(self, rule: str, *cells: str) -> None:
        self.cells.setdefault(rule, set()).update(cells)

    def number(self) -> tuple[str, str]:
        """A voucher's number as the return and as the accounts write it."""
        number = 1000 + len(self.lines) + len(self.bookings)
        written = self.chance.choice([f"A{number}", f"a-{number}", f"Ver A {number}", str(number)])
        return written, f"A {number:07}"


def agreed(made: Planted) -> None:
    said, booked = made.number()
    day, amount = made.day(), made.amount()
    made.meet("agreed", made.line(said, day, amount), made.booking(booked, day, amount))


def agreed_in_parts(made: Planted) -> None:
    """Two lines against three bookings, one of them below zero."""
    said, booked = made.number()
    day, first, second, third = made.day(), made.amount(), made.amount(), made.amount()
    lines = [made.line(said, day, first), made.line(said, day, second)]
    rest = first + second - third
    bookings = [made.booking(booked, day, one) for one in (third, rest + 1, D(-1))]
    made.meet("agreed", *lines, *bookings)


def agreed_after_the_period(made: Planted) -> None:
    said, booked = made.number()
    amount = made.amount()
    line = made.line(said, date(2023, 12, 20), amount)
    made.meet("agreed", line, made.booking(booked, date(2024, 1, 9), amount))


def likely(made: Planted) -> None:
    _, booked = made.number()
    day, amount = made.day(), made.amount()
    line = made.line(made.chance.choice([None, "se bilaga"]), day, amount)
    made.meet("likely", line, made.booking(booked, day + timedelta(30), amount))


def only_return(made: Planted) -> None:
    said, _ = made.number()
    cell = made.line(said, made.day(), made.amount())
    made.meet("only_return", cell)
    made.point("bara-i-redovisningen", cell)


def only_booked(made: Planted) -> None:
    _, booked = made.number()
    made.meet("only_booked", made.booking(booked, made.day(), made.amount()))


def other_amount(made: Planted) -> None:
    said, booked = made.number()
    day = made.day()
    cell = made.line(said, day, made.amount())
    made.meet("other_amount", cell, made.booking(booked, day, made.amount()))
    made.point("annat-belopp-i-huvudboken", cell)


def credited(made: Planted) -> None:
    said, booked = made.number()
    day, amount = made.day(), made.amount()
    cell = made.line(said, day, amount + 5)
    parts = [made.booking(booked, day, one) for one in (amount, D(5), D("-7.25"))]
    made.meet("other_amount", cell, *parts)
    made.point("krediterat-i-huvudboken", cell)


def credited_apart(made: Planted) -> None:
    """The cost agrees; a voucher of its own takes some of it back."""
    agreed(made)
    _, booked = made.number()
    made.meet("only_booked", made.booking(booked, made.day(), -made.amount()))


def on_another_project(made: Planted) -> None:
    said, booked = made.number()
    day, amount = made.day(), made.amount()
    cell = made.line(said, day, amount)
    made.booking(booked, day, amount, project="9999")
    made.meet("only_return", cell)
    made.point("inte-sarredovisat", cell)


def at_another_board(made: Planted) -> None:
    said, booked = made.number()
    day, amount = made.day(), made.amount()
    cell = made.line(said, day, amount)
    made.booking(booked, day, amount, board_id="bromma")
    made.meet("only_return", cell)
    made.point("inte-sarredovisat", cell)


def on_an_account_that_does_not_fit(made: Planted) -> None:
    said, booked = made.number()
    day, amount = made.day(), made.amount()
    cell = made.line(said, day, amount, "löner")
    made.meet("agreed", cell, made.booking(booked, day, amount, account="6400"))
    made.point("konto-passar-inte", cell)


DIFFERENT = (
    *(only_return, only_booked, other_amount, credited, credited_apart),
    *(on_another_project, at_another_board, on_an_account_that_does_not_fit),
)


def salaries(made: Planted) -> None:
    """A month's lines against the month's bookings: the sums are the same, and no line is."""
    for month in range(1, 4):
        total, parts = D(0), []
        for _ in range(5):
            amount = made.amount()
            total += amount
            parts.append(made.line(None, date(2023, month, 25), amount, "löner"))
        half = made.amount()
        day = date(2023, month, 27)
        bookings = [
            made.booking(f"L {month}{n}", day, one, account="5020")
            for n, one in enumerate((half, total - half))
        ]
        made.meet("likely", *parts, *bookings)


def ledger(size: int) -> Planted:
    """A return of about so many lines and its accounts, with every kind of difference in them."""
    made = Planted()
    made.chance = random.Random(size)
    salaries(made)
    alike = (agreed, agreed, agreed, agreed_in_parts, likely, agreed_after_the_period)
    for kind in DIFFERENT:
        kind(made)
    while len(made.lines) < size:
        made.chance.choice([*alike * 3, *DIFFERENT])(made)
    return made


@pytest.mark.parametrize("size", [40, 400, 4000])
def test_every_planted_difference_is_found_and_none_is_invented(size: int) -> None:
    made = ledger(size)
    told = found(made)
    assert {place: told.how(place, is_line=place[0] == "H") for place in made.how} == made.how
    only = {place for place, how in made.how.items() if how == "only_booked"}
    pointed: Counter[tuple[str, str]] = Counter()
    for rule in made.cells:
        for finding in told.findings[rule]:
            pointed.update((rule, cell) for cell in finding["cells"] or ())
    wanted = Counter((rule, cell) for rule, cells in made.cells.items() for cell in cells)
    assert pointed == wanted
    apart = [row for row in told.findings["krediterat-i-huvudboken"] if row["cells"] is None]
    assert len(apart) == sum(one.amount_sek < 0 and one.place in only for one in made.bookings)
    silent = {rule for rule, rows in told.findings.items() if not rows}
    assert silent == {
        "huvudbok-okant-ansvar",
        "huvudbok-utan-namnd",
        "huvudbok-utan-villkor",
        "samma-bokning-i-tva-bidrag",
    }
    adds_up(made, told)


# -- whatever the two say --------------------------------------------------------------------------


def adds_up(books: Books, told: Found) -> None:
    """Every line and booking is in one pair, and the sums are those of the contract; reckoned anew
    from the members alone."""
    lines = Counter((m["grant_id"], m["cell"]) for m in told.members if m["is_line"])
    assert lines == Counter((one.grant_id, one.cell) for one in books.lines)
    pairs: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for member in told.members:
        pairs.setdefault((member["grant_id"], member["board_id"], member["pair_no"]), []).append(
            member
        )
    sums: dict[tuple[str, str], Counter[str]] = {}
    for (grant, board, _), members in pairs.items():
        (how,) = {member["how"] for member in members}
        reported = sum((m["amount_sek"] for m in members if m["is_line"]), D(0))
        booked = sum((m["amount_sek"] for m in members if not m["is_line"]), D(0))
        sides = {member["is_line"] for member in members}
        assert sides == {"only_return": {True}, "only_booked": {False}}.get(how, {True, False})
        assert (reported == booked) or how in {"only_return", "only_booked", "other_amount"}
        assert (reported != booked) or how != "other_amount"
        if how in {"only_return", "only_booked"}:
            assert len(members) == 1
        if how == "other_amount":
            numbers = {re.sub("[^0-9]", "", m["voucher"]).lstrip("0") for m in members}
            assert len(numbers) == 1
        of_board = sums.setdefault((grant, board), Counter())
        of_board["reported"] += reported
        of_board["booked"] += booked
        of_board[how] += (
            reported - booked
            if how == "other_amount"
            else reported + booked * (how == "only_booked")
        )
    for row in told.evidence:
        found_sums = sums.get((row["grant_id"], row["board_id"]), Counter())
        if row["booked_sek"] is None:
            continue
        assert row["reported_sek"] == found_sums["reported"]
        assert row["booked_sek"] == found_sums["booked"]
        for name in ("only_return", "only_booked", "other_amount", "agreed", "likely"):
            assert row[f"{name}_sek"] == found_sums[name], name
        difference = row["only_return_sek"] - row["only_booked_sek"] + row["other_amount_sek"]
        assert row["reported_sek"] - row["booked_sek"] == row["difference_sek"] == difference


def drawn(cases: int, seed: int) -> Books:
    """So many small cases, each a grant of its own, drawn from few numbers and few amounts so that
    much is alike."""
    chance = random.Random(seed)
    books = Books()
    for case in range(cases):
        grant = f"g{case:04}"
        amounts = [D(chance.choice([1, 2, 3, 5, -2, 10])) for _ in range(4)]
        vouchers = [None, "", "7", "A 7", "B7", "A 08", "8", "9", "lön"]

        def day() -> date:
            return FIRST + timedelta(chance.choice([0, 20, 40, 70, 200, 363, 380]))

        for row in range(chance.randrange(1, 7)):
            books.lines.append(
                Reported(
                    f"H{row + 8}",
                    chance.choice(vouchers),
                    chance.choice([day(), None]),
                    chance.choice(["löner", "resor"]),
                    chance.choice(amounts),
                    grant_id=grant,
                )
            )
        for row in range(chance.randrange(1, 7)):
            books.bookings.append(
                Booked(
                    f"rad {row + 1}",
                    chance.choice(vouchers) or "",
                    day(),
                    chance.choice(["5020", "7100"]),
                    chance.choice(amounts),
                    board_id=chance.choice(["farsta", "farsta", "farsta", "bromma", "999"]),
                    project=chance.choice(["4100", "4100", "4100", "42"]),
                    grant_id=grant,
                )
            )
        # So that the accounts speak of the board whatever is drawn.
        never = Booked("rad 99", "X 99", LAST, "7100", D(1), project="42", grant_id=grant)
        books.bookings.append(never)
    return books


def test_in_a_thousand_random_cases_it_adds_up() -> None:
    books = drawn(1000, seed=7)
    told = found(books)
    assert {row["how"] for row in told.pairs} == {
        *("agreed", "other_amount", "likely", "only_return", "only_booked"),
    }
    adds_up(books, told)
    assert breaches(books) == []


def test_the_order_that_the_rows_come_in_changes_nothing_that_is_told() -> None:
    books = drawn(60, seed=8)
    turned = Books(list(books.lines), books.bookings[::-1])
    sums = [
        {name: value for name, value in row.items() if name != "pair_no"}
        for row in found(books).evidence
    ]
    assert [
        {name: value for name, value in row.items() if name != "pair_no"}
        for row in found(turned).evidence
    ] == sums


# -- two grants, and limits ------------------------------------------------------------------------


def test_a_booking_under_two_grants_agrees_in_one_and_is_told_in_both() -> None:
    line = Reported("H8", "A 7", date(2023, 3, 1), "resor", D(100))
    booking = Booked("rad 1", "A 7", date(2023, 3, 1), "7100", D(100))
    elsewhere = replace(booking, place="rad 9", voucher="A 9", amount_sek=D(3), grant_id="h")
    told = found(Books([line, replace(line, grant_id="h")], [booking, elsewhere]))
    assert (told.how("H8"), told.how("H8", "h")) == ("agreed", "only_return")
    twice = told.findings["samma-bokning-i-tva-bidrag"]
    assert sorted((row["grant_id"], row["other_grant"], *row["cells"]) for row in twice) == [
        ("g", "h", "H8"),
        ("h", "g", "H8"),
    ]


@pytest.mark.parametrize(("limit", "is_told"), [("99.99", True), ("100", False)])
def test_what_lacks_support_is_told_above_the_limit(limit: str, is_told: bool) -> None:
    line = Reported("H8", "A 7", date(2023, 3, 1), "resor", D(100))
    booking = Booked("rad 1", "A 8", date(2023, 3, 1), "7100", D(40))
    told = found(Books([line], [booking]), D(limit))
    assert bool(told.findings["saknar-stod-i-huvudboken"]) is is_told
