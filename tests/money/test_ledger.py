"""The repayment ledger: what is owed, claimed, relieved and paid, and the interest, reckoned a
second time by hand."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from statsbidrag.base import swedish
from statsbidrag.base.errors import FigureError, InputError
from statsbidrag.decisions import data_folder
from statsbidrag.model.case import Entry
from statsbidrag.model.codes import LIABILITY_GROUND
from statsbidrag.model.decisions import Grant, Interest
from statsbidrag.model.sources import Source
from statsbidrag.money import repayment
from tests.example import AREAS_2021 as AREAS
from tests.example import EQUAL
from tests.support.ledgers import (
    AS_OF,
    LATE,
    LIFE,
    D,
    account,
    book,
    days,
    entries,
    entry,
    filed,
    reckoned,
    render,
)
from tests.support.planted import DATA
from tests.support.rows import every_row, rows_in
from tests.support.way import change, load_one

ZERO = D(0)


# -- what is owed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("grant_id", [g.grant_id for g in book().grants if g.has_amounts])
def test_what_is_owed_is_what_was_filed(grant_id: str) -> None:
    figures, tables = filed(grant_id), reckoned(grant_id=grant_id)
    mine = [row for row in rows_in(tables, "owed") if row["board_id"] is None]
    assert sum(row["amount_sek"] for row in mine) == D(figures["liability"]["to_repay_sek"])
    assert account(tables)["computed_sek"] == D(figures["liability"]["to_repay_sek"])
    for board in figures["boards"]:
        rows = [row for row in rows_in(tables, "owed") if row["board_id"] == board["board"]]
        there = [row for row in mine if row["from_board_id"] == board["board"]]
        assert [{**row, "board_id": None} for row in rows] == there
        assert sum(row["amount_sek"] for row in rows) == D(board["liability_sek"] or 0)
        for part in board["components"]:
            of_part = [
                row["amount_sek"] for row in rows if row["component_id"] == part["component"]
            ]
            assert sum(of_part) == D(part["liability_sek"] or 0)
        for ground in board["liability_grounds"]:
            on_it = [row["amount_sek"] for row in rows if row["ground"] == ground["ground"]]
            assert sum(on_it) == D(ground["amount_sek"])


def test_every_part_leads_to_its_term() -> None:
    tables = reckoned(grant_id=AREAS)
    terms = {term.label: term.source.sentence for term in book().grant(AREAS).terms}
    clauses = {row["item"]: row["clause"] for row in rows_in(tables, "owed")}
    assert clauses == {
        "board": terms["Grunder för återbetalning"],
        "set_off": terms["Återbetalningen räknas"],
        "rounding": None,
    }


def test_a_board_that_was_held_is_not_determined() -> None:
    held = [b["board"] for b in filed(EQUAL)["boards"] if b["return_status"] == "held"]
    tables = reckoned()
    assert held
    for board_id in held:
        row = account(tables, board_id)
        assert (row["computed_sek"], row["to_pay_sek"], row["remaining_sek"]) == (None, None, None)
    assert rows_in(tables, "boards")[0]["undetermined_count"] == len(held)


def test_a_grant_whose_components_are_not_earmarked_owes_per_board() -> None:
    figures = filed(AREAS)
    for board in figures["boards"]:
        for part in board["components"]:
            part["liability_sek"] = None
    tables = repayment.reckon(book().grant(AREAS), figures, [], (), AS_OF)
    assert {row["component_id"] for row in rows_in(tables, "owed")} == {None}
    assert account(tables)["computed_sek"] == D(figures["liability"]["to_repay_sek"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f["liability"].update(unallocated_sek="2.00"), "det som ska återbetalas"),
        (
            lambda f: f["boards"][0]["components"][0].update(liability_sek="1.00"),
            "Bromma, att återbetala|det som ska",
        ),
        (
            lambda f: f["boards"][0]["liability_grounds"][0].update(ground="no_report"),
            "Bromma, inte använt",
        ),
    ],
)
def test_filed_figures_that_do_not_agree_are_named(change: Any, says: str) -> None:
    figures = filed(EQUAL)
    change(figures)
    with pytest.raises(FigureError, match=says):
        repayment.reckon(book().grant(EQUAL), figures, [], (), AS_OF)


# -- accounts --------------------------------------------------------------------------------------


def test_a_whole_life_from_filed_to_nothing_left() -> None:
    steps = [
        entry("claim", "1000000", "2024-03-01", "2024-03-31", ground="not_used"),
        entry("payment", "400000", "2024-04-10"),
        entry("relief", "100000", "2024-04-20", ground="not_used"),
        entry("payment", "500000", "2024-04-30"),
        entry("interest_payment", "6904.12", "2024-05-15"),
    ]
    computed = D(filed(EQUAL)["liability"]["to_repay_sek"])
    left = [computed, *map(D, (1000000, 600000, 500000, 0, 0))]
    for count, remaining in enumerate(left):
        tables = reckoned(*steps[:count])
        assert account(tables)["remaining_sek"] == remaining
    # 1 000 000 in 10 days, 600 000 in 10, 500 000 in 10, at 4 + 8 percent
    assert [row["amount_sek"] for row in rows_in(tables, "interest")] == [
        D("3287.67"),
        D("1972.60"),
        D("1643.84"),
    ]
    assert account(tables)["interest_remaining_sek"] == D("-0.01")
    assert account(tables)["due_on"] is None


def test_grounds_are_told_apart() -> None:
    claims = [
        entry("claim", str(n), "2024-03-01", ground=g)
        for n, g in enumerate(LIABILITY_GROUND, start=1)
    ]
    on_board = entry("claim", "10", "2024-03-01", board="bromma", ground="breach_of_terms")
    tables = reckoned(*claims, on_board)
    told = {
        row["ground"]: row["claimed_sek"]
        for row in rows_in(tables, "ground")
        if row["board_id"] is None
    }
    assert told == {ground: D(n) for n, ground in enumerate(LIABILITY_GROUND, start=1)} | {
        None: None
    }
    board = account(tables, "bromma")
    assert board["to_pay_sek"] == board["computed_sek"] + 10


REFUSED = {
    "relief of more than is owed": (
        [
            entry("claim", "100", "2024-03-01", "2024-03-31"),
            entry("relief", "100.01", "2024-03-02"),
        ],
        "Nedsättningen på kontot MFoF är 100,01 kr, mer än de 100 kr som ska betalas",
    ),
    "relief where nothing is determined": (
        [entry("relief", "1", "2024-03-02", board="farsta")],
        "Nedsättningen på kontot Farsta är 1 kr, mer än de 0 kr",
    ),
    "relief that a later day would make too large": (
        [entry("claim", "100", "2024-03-01"), entry("relief", "200", "2025-03-02")],
        "Nedsättningen på kontot MFoF",
    ),
    "an unknown board": (
        [entry("payment", "1", "2024-03-01", board="kista")],
        "kista finns inte i den inlämnade",
    ),
    "an unknown ground": (
        [entry("claim", "1", "2024-03-01", ground="whim")],
        "Grunden whim är okänd. Välj bland",
    ),
    "nothing paid": (
        [entry("payment", "0", "2024-03-01")],
        "Beloppet ska vara hela ören och annat än noll",
    ),
    "half an öre": ([entry("claim", "1.005", "2024-03-01")], "Beloppet ska vara hela ören"),
    "due before it is claimed": (
        [entry("claim", "1", "2024-03-01", "2024-02-29")],
        "Förfallodagen 2024-02-29 ligger före kravets dag, 2024-03-01",
    ),
    "more taken back than was claimed": (
        [entry("claim", "10", "2024-03-01", "2024-03-31"), entry("claim", "-10", "2024-03-01")],
        (
            "Kravet på kontot MFoF blir −10 kr. Ett krav som sätts ned rättas med samma grund och "
            "förfallodag"
        ),
    ),
    "more taken back than was paid": (
        [entry("payment", "-1", "2024-03-01")],
        "Betalningarna på kontot MFoF blir −1 kr",
    ),
    "more interest taken back": (
        [entry("interest_payment", "-1", "2024-03-01")],
        "Den betalda räntan på kontot MFoF",
    ),
    "relief below nothing": (
        [entry("relief", "-1", "2024-03-01")],
        "Nedsättningen på kontot MFoF blir −1 kr",
    ),
}


@pytest.mark.parametrize(("entries", "says"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_right_is_refused(entries: list[Entry], says: str) -> None:
    figures = filed(EQUAL)
    farsta = next(b for b in figures["boards"] if b["board"] == "farsta")
    assert "Farsta" not in says or farsta["return_status"] == "held"
    with pytest.raises(InputError) as refused:
        reckoned(*entries)
    assert says in str(refused.value).replace(swedish.NBSP, " ")


def test_a_wrong_payment_is_taken_back_as_if_it_never_was() -> None:
    claim = entry("claim", "1000000", "2024-03-01", "2024-03-31")
    slip = [entry("payment", "700000", "2024-04-10"), entry("payment", "-700000", "2024-04-10")]
    with_slip, without = reckoned(claim, *slip), reckoned(claim)
    assert with_slip.account == without.account
    assert with_slip.interest == without.interest


# -- interest --------------------------------------------------------------------------------------


def test_a_half_year_that_is_not_known_is_named() -> None:
    claim = entry("claim", "1000", "2024-03-01", "2024-03-31")
    assert reckoned(claim, as_of=date(2024, 12, 31)).interest
    with pytest.raises(InputError, match="första halvåret 2025 saknas"):
        reckoned(claim, as_of=date(2025, 1, 1))
    paid = entry("payment", "1000", "2024-12-31")
    assert account(reckoned(claim, paid, as_of=date(2026, 1, 1)))["remaining_sek"] == 0
    hole = [rate for rate in book().reference_rates if rate.from_on != date(2024, 7, 1)]
    with pytest.raises(InputError, match="andra halvåret 2024"):
        reckoned(claim, rates=hole)


def test_a_stated_rate_needs_no_reference_rate() -> None:
    stated = Interest(D("2.5"), None, 360, Source("antagande", "Prov."))
    claim = entry("claim", "360000", "2024-03-01", "2024-03-31")
    (row,) = reckoned(claim, as_of=date(2030, 3, 31), interest=stated, rates=()).interest
    assert (row.day_count, row.rate_percent, row.amount_sek) == (2191, D("2.5"), D(2191 * 25))
    assert row.source == "Antagande: Prov."


def test_no_term_no_interest() -> None:
    tables = reckoned(
        entry("claim", "1000", "2024-03-01", "2024-03-31"), interest=None, as_of=date(2030, 1, 1)
    )
    assert rows_in(tables, "interest") == ()
    assert account(tables)["interest_sek"] is None
    assert account(tables)["interest_remaining_sek"] == 0


def by_hand(
    entries: Sequence[Entry], as_of: date, interest: Interest
) -> list[tuple[date, date, Decimal, Decimal]]:
    """Interest day by day: first and last day of each stretch, what was overdue in it, and the öre
    it cost."""
    mine = [e for e in entries if e.board_id is None and e.on <= as_of]
    day, days = date(2023, 1, 1), []
    while day <= as_of:
        due = sum(
            (e.amount_sek for e in mine if e.kind == "claim" and e.due_on and e.due_on < day), ZERO
        )
        settled = sum(
            (e.amount_sek for e in mine if e.kind in {"payment", "relief"} and e.on < day), ZERO
        )
        if due > settled:
            days.append((day, due - settled))
        day += timedelta(days=1)
    made = []
    for (balance, _, half, _), stretch in groupby(
        enumerate(days),
        key=lambda at: (at[1][1], at[1][0].year, at[1][0].month > 6, at[1][0].toordinal() - at[0]),
    ):
        of_stretch = [day for _, (day, _) in stretch]
        year = of_stretch[0].year
        rate = next(
            r for r in book().reference_rates if r.from_on == date(year, 7 if half else 1, 1)
        )
        percent = Fraction(rate.percent + (interest.margin_percent or ZERO))
        ore = Fraction(balance) * percent * len(of_stretch) / interest.days_per_year
        rounded = int(ore + Fraction(1, 2))
        made.append((of_stretch[0], of_stretch[-1], balance, D(rounded) / 100))
    return made


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(entries(), max_size=8), days)
def test_the_ledger_is_what_it_is_by_hand(told: list[Entry], as_of: date) -> None:
    try:
        tables = reckoned(*told, as_of=as_of)
    except InputError as error:
        assume("Nedsättningen" not in str(error))
        raise
    for row in rows_in(tables, "account"):
        mine = [e for e in told if e.board_id == row["board_id"] and e.on <= as_of]
        total = {
            kind: sum((e.amount_sek for e in mine if e.kind == kind), ZERO)
            for kind in ("relief", "payment")
        }
        claims = [e for e in mine if e.kind == "claim"]
        is_decided = any(e.ground not in {"breach_of_terms", "wrongly_received"} for e in claims)
        owed = sum((e.amount_sek for e in claims), ZERO)
        if row["computed_sek"] is not None or is_decided:
            to_pay = owed + (ZERO if is_decided else row["computed_sek"]) - total["relief"]
            assert row["to_pay_sek"] == to_pay
            assert row["remaining_sek"] == row["to_pay_sek"] - total["payment"]
        assert row["claimed_sek"] == (owed if claims else None)
        listed = [e for e in rows_in(tables, "entry") if e["board_id"] == row["board_id"]]
        assert listed[-1]["balance_sek"] == row["remaining_sek"]
        assert [e["row_no"] for e in listed] == list(range(1, len(mine) + 2))
        on_grounds = [g for g in rows_in(tables, "ground") if g["board_id"] == row["board_id"]]
        assert sum(g["computed_sek"] for g in on_grounds) == (row["computed_sek"] or ZERO)
        assert sum(g["relief_sek"] for g in on_grounds) == row["relief_sek"]
        assert sum(g["claimed_sek"] or ZERO for g in on_grounds) == owed
    made = [
        (r["from_on"], r["to_on"], r["balance_sek"], r["amount_sek"])
        for r in rows_in(tables, "interest")
    ]
    assert made == by_hand(told, as_of, LATE)
    assert account(tables)["interest_sek"] == sum(amount for *_, amount in made)


# -- the terms and the rates as data ---------------------------------------------------------------


def with_term(folder: Path, term: str) -> Grant:
    """The grant with another wording of its interest term."""
    text = (DATA / "grants" / f"{EQUAL}.toml").read_text("utf-8")
    return load_one(
        folder,
        EQUAL,
        re.sub(r"\[villkor\.ranta\]\n.*\n", f"[villkor.ranta]\n{term}\n", text),
        AS_OF,
    )


def test_the_terms_of_the_real_grants_state_no_interest() -> None:
    assert [grant.interest for grant in book().grants] == [None] * 4


def test_a_term_may_point_to_the_law_or_state_a_rate(tmp_path: Path) -> None:
    counted = 'dagar_per_ar = 365\nfran = "forfallodagen"\nantagande = "Prov."'
    law = with_term(tmp_path, f'enligt = "rantelagen"\n{counted}')
    assert law.interest == Interest(None, D(8), 365, Source("antagande", "Prov."))
    rate = with_term(tmp_path, f"sats_procent = 2.125\n{counted}")
    assert rate.interest == Interest(D("2.125"), None, 365, Source("antagande", "Prov."))
    said = [term.value for term in (*law.terms, *rate.terms) if term.label == "Ränta"]
    assert said == [
        f"Ränta {what} från dagen efter kravets förfallodag, med 365 dagar på ett år"
        for what in ("enligt 6 § räntelagen", "2,125 procent per år")
    ]
    assert with_term(tmp_path, 'varde = "Ingen ränta"\nantagande = "Prov."').interest is None


@pytest.mark.parametrize(
    ("term", "says"),
    [
        ('enligt = "rantelagen"', "dagar_per_ar och fran behövs"),
        ('enligt = "rantelagen"\ndagar_per_ar = 365', "dagar_per_ar och fran behövs"),
        ("sats_procent = 2.5\ndagar_per_ar = 365.25", "dagar_per_ar: ska vara 360 eller 365"),
        ('sats_procent = "2.5"', "sats_procent: ska vara procent per år utan citattecken"),
        ("sats_procent = -1", "från 0 till 100"),
        ("sats_procent = 2.12345", "högst fyra decimaler"),
        ('enligt = "rantelagen"\nsats_procent = 2.5', "ange ett av varde, enligt och sats_procent"),
        ('varde = "Nej"\ndagar_per_ar = 365', "hör till enligt eller sats_procent"),
        ('fran = "forfallodagen"', "ange ett av"),
    ],
)
def test_a_term_that_can_not_be_reckoned_is_refused(tmp_path: Path, term: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        with_term(tmp_path, f'{term}\nantagande = "Prov."')
    assert "villkor.ranta" in str(refused.value)
    assert says in str(refused.value)


def test_the_reference_rates_are_exact_dated_and_cited() -> None:
    rates = book().reference_rates
    assert [rate.from_on for rate in rates] == [
        date(y, m, 1) for y in range(2020, 2025) for m in (1, 7)
    ]
    assert [str(rate.percent) for rate in rates[4:]] == [
        "0.00",
        "0.50",
        "2.50",
        "3.50",
        "4.00",
        "4.00",
    ]
    assert all("riksbank.se" in rate.source for rate in rates)
    assert "referensranta.toml" in {name for name, _, _ in book().files}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("2020-07-01", "2020-07-02", "fran ska vara den 1 januari eller den 1 juli"),
        ("2020-07-01", "2020-01-01", "halvåret från 2020-01-01 står 2 gånger"),
        ("procent = 0.50", "procent = -8.50", "blir lägre än noll"),
        ("procent = 0.50", 'procent = "0,50"', "procent per år utan citattecken"),
        ("procentenheter = 8\n", "", "procentenheter: saknas"),
    ],
)
def test_a_broken_register_of_rates_is_refused(data: Path, old: str, new: str, says: str) -> None:
    change(data / "referensranta.toml", old, new)
    with pytest.raises(InputError) as refused:
        data_folder.load(data, [], AS_OF)
    assert "referensranta.toml" in str(refused.value)
    assert says in str(refused.value)


def test_the_law_can_not_be_followed_without_the_register(tmp_path: Path) -> None:
    term = 'enligt = "rantelagen"\ndagar_per_ar = 365\nfran = "forfallodagen"\nantagande = "Prov."'
    with_term(tmp_path, term)
    (tmp_path / "referensranta.toml").unlink()
    with pytest.raises(InputError, match="som inte finns"):
        data_folder.load(tmp_path, [EQUAL], AS_OF)


# -- the page, the data and the workbook -----------------------------------------------------------


def text_of(folder: Path) -> str:
    page = (folder / "reskontra.html").read_text("utf-8").removeprefix("<!DOCTYPE html>")
    main = ElementTree.fromstring(page).find("body/main")
    assert main is not None
    return " ".join("|".join(main.itertext()).split(" "))


def money_in(value: object) -> set[Decimal]:
    """Every amount of the JSON file."""
    if isinstance(value, dict):
        here = {abs(D(v)) for k, v in value.items() if k.endswith("_sek") and v is not None}
        return here.union(*(money_in(v) for v in value.values()))
    return set().union(*(money_in(v) for v in value)) if isinstance(value, list) else set()


AMOUNT = re.compile(
    rf"(?<![\d,])\d{{1,3}}(?:{swedish.NBSP}\d{{3}})*(?:,\d\d(?!\d)|(?={swedish.NBSP}kr))"
)


@pytest.mark.parametrize("grant_id", [EQUAL, AREAS])
@pytest.mark.parametrize("told", [(), LIFE], ids=["filed", "life"])
def test_every_amount_on_the_page_is_in_the_data(
    tmp_path: Path, grant_id: str, told: tuple[Entry, ...]
) -> None:
    here = {board["board"] for board in filed(grant_id)["boards"]}
    tables, folder = render(
        tmp_path / "r", *(e for e in told if e.board_id in {None, *here}), grant_id=grant_id
    )
    data = json.loads((folder / "reskontra.json").read_text("utf-8"))
    shown = {swedish.parse_amount(text) for text in AMOUNT.findall(text_of(folder))}
    rates = {abs(row["rate_percent"]) for row in rows_in(tables, "interest")}
    assert len(shown) > 10
    assert shown <= money_in(data) | rates
    for name, reckoned_rows in every_row(tables).items():
        for row, written in zip(reckoned_rows, data[name], strict=True):
            assert list(row) == list(written)
            for key in (key for key in row if key.endswith("_sek")):
                assert written[key] == (None if row[key] is None else f"{row[key]:.2f}")
    assert {
        abs(row["amount_sek"]) for row in rows_in(tables, "owed") if row["board_id"] is None
    } <= shown


def test_the_same_ledger_gives_the_same_bytes(tmp_path: Path) -> None:
    _, one = render(tmp_path / "a", *LIFE)
    _, two = render(tmp_path / "b", *LIFE)
    for name in ("reskontra.html", "reskontra.json", "reskontra.xlsx"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_workbook_has_typed_cells(tmp_path: Path) -> None:
    tables, folder = render(tmp_path / "r", *LIFE)
    made = openpyxl.load_workbook(folder / "reskontra.xlsx")
    assert made.sheetnames == ["Konton", "Grunder", "Framräknat", "Ränta", "Poster"]
    head, city, *_, total = made["Konton"].iter_rows(values_only=True)
    remaining = head.index("Kvar, kr")
    assert (city[0], city[remaining]) == ("MFoF", float(account(tables)["remaining_sek"]))
    assert (total[0], total[remaining]) == (
        "Nämnderna, summa",
        float(rows_in(tables, "boards")[0]["remaining_sek"]),
    )
    assert made["Ränta"]["A2"].is_date
    assert made["Ränta"]["E2"].value == 12
    assert made["Poster"].max_row == len(rows_in(tables, "entry")) + 1


COMPUTED = D(filed(EQUAL)["liability"]["to_repay_sek"])
SAID: Mapping[str, tuple[Sequence[Entry], Interest | None, Sequence[str]]] = {
    "no claim": (
        [],
        None,
        [
            (
                f"Staden har |{swedish.kr(COMPUTED)}| kvar att betala till MFoF. MFoF har inte krävt "
                "det ännu."
            ),
            "Ingen ränta: villkoren anger ingen. (Tjänsteutlåtandet anger ingen ränta.)",
        ],
    ),
    "claimed as computed": (
        [entry("claim", str(COMPUTED), "2024-03-01", "2024-10-31")],
        LATE,
        [
            "kvar att betala till MFoF, senast den 31 oktober 2024.",
            f"Kravet är {swedish.kr(COMPUTED)}, lika mycket som staden räknade fram.",
        ],
    ),
    "claimed lower, on one ground": (
        [entry("claim", str(COMPUTED - 167), "2024-03-01", ground="not_used")],
        None,
        [
            "Det är 167 kr lägre än det staden räknade fram",
            "Inget krav gäller grunden ”använt till annat än ändamålet”",
        ],
    ),
    "claimed higher": (
        [entry("claim", str(COMPUTED + 167), "2024-03-01")],
        None,
        ["Det är 167 kr högre än det staden räknade fram", "Kravet har ingen förfallodag."],
    ),
    "paid too much": (
        [entry("claim", "100", "2024-03-01"), entry("payment", "150", "2024-03-02")],
        None,
        ["Staden har betalat |50 kr| för mycket till MFoF."],
    ),
    "paid": (
        [entry("claim", "100", "2024-03-01"), entry("payment", "100", "2024-03-02")],
        None,
        ["Staden har inget kvar att betala till MFoF."],
    ),
    "a claim that is added": (
        [entry("claim", "100", "2024-03-01", ground="breach_of_terms")],
        None,
        [
            f"Staden har |{swedish.kr(COMPUTED + 100)}| kvar",
            "Kravet är 100 kr, på grunder som inte räknas fram, och läggs till",
            "har inte krävt det framräknade ännu",
        ],
    ),
    "late": (
        [entry("claim", "1000000", "2024-03-01", "2024-03-31"), entry("claim", "5", "2024-03-01")],
        LATE,
        [
            "|Betalningen är försenad:| kravet förföll den 31 mars 2024.",
            "Kraven är sammanlagt 1 000 005 kr.",
            "Till det kommer ränta: |60 164,39 kr| till och med den 30 september 2024.",
        ],
    ),
    "interest that no term states": (
        [entry("interest_payment", "7", "2024-03-01")],
        None,
        ["Av räntan har |7 kr| betalats för mycket."],
    ),
    "a claim of nothing": (
        [entry("claim", "0", "2024-03-01")],
        None,
        ["inget kvar att betala", f"Kravet är 0 kr. Det är {swedish.kr(COMPUTED)} lägre än"],
    ),
}


@pytest.mark.parametrize(("told", "interest", "says"), SAID.values(), ids=SAID)
def test_the_page_says_first_what_remains(
    tmp_path: Path, told: Sequence[Entry], interest: Interest | None, says: Sequence[str]
) -> None:
    _, folder = render(tmp_path / "r", *told, interest=interest)
    text = text_of(folder).replace(swedish.NBSP, " ")
    for words in says:
        assert words.replace(swedish.NBSP, " ") in text


def test_hostile_words_are_only_words(tmp_path: Path) -> None:
    nasty = '<b>"x"</b> & {{ 7*7 }}'
    claim = replace(LIFE[0], reference=nasty, by=nasty, why=f"=1+1 {nasty}")
    _, folder = render(tmp_path / "r", claim)
    assert nasty in text_of(folder)
    sheet = openpyxl.load_workbook(folder / "reskontra.xlsx")["Poster"]
    assert sheet["K3"].data_type == "s"
