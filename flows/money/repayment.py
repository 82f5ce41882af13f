"""The repayment ledger: what is owed, claimed, relieved and paid, and the interest, by the steps
610–660 of `sql/`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import swedish
from ..base.errors import FigureError, InputError
from ..model.case import Entry, EntryKind
from ..model.codes import LIABILITY_GROUND, Ground, ReturnStatus
from ..model.decisions import Grant
from ..model.rulebook import ReferenceRate
from . import duck
from .ledger_tables import LEDGER_SHAPES, LedgerTables, NamedAccount
from .shapes import rows_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


STEPS = ("610_owed", "620_entry", "630_ground", "640_interest", "650_account", "660_boards")
"""The steps of the repayment ledger, in the order that they work."""


def reckon(
    grant: Grant,
    filed: Mapping[str, Any],
    entries: Sequence[Entry],
    rates: Sequence[ReferenceRate],
    as_of: date,
) -> LedgerTables:
    """What is owed, claimed, relieved and paid, and the interest, as of a day: a table for each
    step.

    `filed` is the reconciliation.json that was filed; entries dated after the day are left out. A
    `board_id` of None is the city's account with the agency. Raises InputError for an entry that
    can't be right and when interest needs a reference rate that is not known; FigureError when the
    filed figures don't agree with each other.
    """
    if filed["liability"]["to_repay_sek"] is None:
        raise InputError(
            f"{grant.grant_id}: det som lämnades in är räknat utan bidragets belopp, så det finns "
            "inget att återföra och ingen reskontra."
        )
    names = {None: grant.grantor_short} | _board_names(filed)
    _refuse_entries(names, entries)
    tables = _reckoned(grant, filed, entries, rates, as_of)
    _refuse_filed(filed, tables)
    # An entry that takes too much back is wrong from the day that it is entered, so the accounts
    # are looked at with all entries counted.
    last_on = as_of
    for entry in entries:
        last_on = max(last_on, entry.on)
    in_the_end = tables
    if last_on != as_of:
        in_the_end = _reckoned(grant, filed, entries, rates, last_on)
    _refuse_accounts(names, in_the_end)
    _refuse_unknown_rates(tables)
    return tables


def accounts(filed: Mapping[str, Any], tables: LedgerTables) -> list[NamedAccount]:
    """The accounts with their `name`: the city's, which has none, and the boards' in the order of a
    Swedish list."""
    names = {None: ""} | _board_names(filed)
    named = [NamedAccount(**vars(row), name=names[row.board_id]) for row in tables.account]
    return sorted(named, key=lambda account: swedish.order(account.name))


def _board_names(filed: Mapping[str, Any]) -> dict[str | None, str]:
    return {board["board"]: board["name"] for board in filed["boards"]}


# -- reckoned by the steps -------------------------------------------------------------------------


def _reckoned(
    grant: Grant,
    filed: Mapping[str, Any],
    entries: Sequence[Entry],
    rates: Sequence[ReferenceRate],
    as_of: date,
) -> LedgerTables:
    con = duck.connect(Path(":memory:"), read_only=False)
    try:
        duck.run(con, duck.sql("600_ledger"))
        _load_filed(con, grant, filed, as_of)
        _load_entries(con, grant, entries, rates)
        for step in STEPS:
            duck.run(con, f"CREATE TABLE {step[4:]} AS {duck.sql(step)}")
        tables: dict[str, Any] = {}
        for name, shape in LEDGER_SHAPES.items():
            rows = duck.rows(con, f"SELECT * FROM {name} ORDER BY {shape.ORDER}")
            tables[name] = rows_of(shape, rows)
        return LedgerTables(**tables)
    finally:
        con.close()


def _load_filed(
    con: "DuckDBPyConnection", grant: Grant, filed: Mapping[str, Any], as_of: date
) -> None:
    city, boards = filed["liability"], filed["boards"]
    sources = {term.key: term.source.sentence for term in grant.terms}
    ledger = (
        as_of,
        date.fromisoformat(filed["as_of"]),
        city["basis"],
        city["unallocated_sek"],
        city["set_off_sek"],
        city[f"{city['basis']}_basis_sek"],
        city["to_repay_sek"],
        sources["aterbetalningsgrunder"],
        sources["aterbetalningsbas"],
    )
    duck.insert(con, "given_ledger", [ledger])
    accounts: list[tuple[str | None, bool]] = [(None, False)]
    for board in boards:
        accounts.append((board["board"], board["return_status"] == ReturnStatus.HELD))
    duck.insert(con, "given_account", accounts)
    duck.insert(con, "given_liability", _liabilities(boards))


def _liabilities(boards: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """What was filed of each board's liability: component by component where any of those has one
    of its own, since earmarked money can't be used in another."""
    components: list[Mapping[str, Any]] = []
    for board in boards:
        components += board["components"]
    is_earmarked = any(part["liability_sek"] for part in components)
    for board in boards:
        is_missing = board["return_status"] == ReturnStatus.MISSING
        parts = board["components"] if is_earmarked else [board]
        for part in parts:
            yield (
                board["board"],
                part.get("component"),
                is_missing,
                part["ineligible_sek"],
                part["liability_sek"],
            )


def _load_entries(
    con: "DuckDBPyConnection",
    grant: Grant,
    entries: Sequence[Entry],
    rates: Sequence[ReferenceRate],
) -> None:
    rows = []
    for number, entry in enumerate(entries, start=1):
        row = (
            number,
            entry.board_id,
            entry.kind,
            entry.ground,
            entry.amount_sek,
            entry.on,
            entry.due_on,
            entry.reference,
            entry.by,
            entry.why,
        )
        rows.append(row)
    duck.insert(con, "given_entry", rows)
    _load_interest(con, grant, rates)


def _load_interest(con: "DuckDBPyConnection", grant: Grant, rates: Sequence[ReferenceRate]) -> None:
    """The interest that the terms state, if any: a rate of their own, which then holds for all
    days, or the reference rate of each half-year and what is added to it. The steps add the margin
    in either case."""
    interest = grant.interest
    if interest is None:
        return
    margin = interest.margin_percent or Decimal(0)
    duck.insert(con, "given_interest", [(margin, interest.days_per_year)])
    if interest.rate_percent is not None:
        stated = (date.min, date.max, interest.rate_percent, interest.source.sentence)
        duck.insert(con, "given_rate", [stated])
        return
    known = [(rate.from_on, rate.to_on, rate.percent, rate.source) for rate in rates]
    duck.insert(con, "given_rate", known)


# -- what can't be right ---------------------------------------------------------------------------


def _refuse_entries(names: Mapping[str | None, str], entries: Sequence[Entry]) -> None:
    """What is wrong with an entry by itself, or with the claims that one takes back."""
    claims: dict[tuple[str | None, str | None, date | None], Decimal] = {}
    for entry in entries:
        _refuse_entry(names, entry)
        if entry.kind == EntryKind.CLAIM:
            place = (entry.board_id, entry.ground, entry.due_on)
            claims[place] = claims.get(place, Decimal(0)) + entry.amount_sek
    for (board_id, _, _), amount in claims.items():
        if amount < 0:
            raise InputError(
                f"Kravet på kontot {names[board_id]} blir {swedish.kr(amount)}. Ett krav som sätts "
                "ned rättas med samma grund och förfallodag som det hade."
            )


def _refuse_entry(names: Mapping[str | None, str], entry: Entry) -> None:
    is_claim = entry.kind == EntryKind.CLAIM
    if entry.board_id not in names:
        raise InputError(
            f"{entry.board_id} finns inte i den inlämnade rapporten, så den har inget att betala."
        )
    is_nothing = entry.amount_sek == 0 and not is_claim
    if entry.amount_sek != round(entry.amount_sek, 2) or is_nothing:
        raise InputError(
            "Beloppet ska vara hela ören och annat än noll. Bara ett krav kan vara på 0 kr."
        )
    if entry.ground is not None and entry.ground not in LIABILITY_GROUND:
        raise InputError(
            f"Grunden {entry.ground} är okänd. Välj bland {swedish.listing(LIABILITY_GROUND)}."
        )
    if is_claim and entry.due_on and entry.due_on < entry.on:
        raise InputError(
            f"Förfallodagen {entry.due_on} ligger före kravets dag, {entry.on}. Rätta dagarna."
        )


def _refuse_accounts(names: Mapping[str | None, str], tables: LedgerTables) -> None:
    """What is wrong with an account when all its entries are counted."""
    for row in tables.account:
        name = names[row.board_id]
        owed = (row.claimed_sek or Decimal(0)) + (row.awaiting_sek or Decimal(0))
        if row.relief_sek > owed:
            raise InputError(
                f"Nedsättningen på kontot {name} är {swedish.kr(row.relief_sek)}, mer än de "
                f"{swedish.kr(owed)} som ska betalas. Rätta beloppet; kravet skrivs in så stort "
                "som det är före nedsättningen."
            )
        for column, what in (
            ("relief_sek", "Nedsättningen"),
            ("paid_sek", "Betalningarna"),
            ("interest_paid_sek", "Den betalda räntan"),
        ):
            amount_sek: Decimal = getattr(row, column)
            if amount_sek < 0:
                raise InputError(
                    f"{what} på kontot {name} blir {swedish.kr(amount_sek)}. En rättelse kan inte "
                    "vara större än det som den rättar."
                )


def _refuse_unknown_rates(tables: LedgerTables) -> None:
    for row in tables.interest:
        if row.rate_percent is None:
            day = row.from_on
            half = "första" if day.month <= 6 else "andra"
            raise InputError(
                f"Räntan kan inte räknas: referensräntan för {half} halvåret {day.year} saknas i "
                "referensranta.toml. Lägg till halvåret, med Riksbankens referensränta och källa."
            )


def _refuse_filed(filed: Mapping[str, Any], tables: LedgerTables) -> None:
    """The filed figures must agree: to the agency, and per board and ground."""
    sums = _owed_by_place(tables)
    for place, (figure, amount) in _filed_by_place(filed).items():
        owed = sums.get(place, Decimal(0))
        if owed != Decimal(amount):
            raise FigureError(
                f"Den inlämnade avstämningen går inte ihop: {figure} är "
                f"{swedish.kr(Decimal(amount))}, men delarna är {swedish.kr(owed)}."
            )


_PlaceOfSum = tuple[str | None, Ground | None]
"""A board, or None for the city; and a ground, or None for all of them."""


def _owed_by_place(tables: LedgerTables) -> dict[_PlaceOfSum, Decimal]:
    """What is owed by the steps, of each account in all and by ground."""
    sums: dict[_PlaceOfSum, Decimal] = {}
    for row in tables.owed:
        places: list[_PlaceOfSum] = [(row.board_id, None)]
        if row.ground:
            places.append((row.board_id, row.ground))
        for place in places:
            sums[place] = sums.get(place, Decimal(0)) + row.amount_sek
    return sums


def _filed_by_place(filed: Mapping[str, Any]) -> dict[_PlaceOfSum, tuple[str, str]]:
    """What was filed for the same places: what the figure is called, and the figure."""
    figures: dict[_PlaceOfSum, tuple[str, str]] = {}
    figures[None, None] = ("det som ska återbetalas", filed["liability"]["to_repay_sek"])
    for board in filed["boards"]:
        board_id, name = board["board"], board["name"]
        stated = {ground["ground"]: ground["amount_sek"] for ground in board["liability_grounds"]}
        figures[board_id, None] = (f"{name}, att återbetala", board["liability_sek"] or "0")
        for ground, words in LIABILITY_GROUND.items():
            figures[board_id, ground] = (f"{name}, {words}", stated.get(ground, "0"))
    return figures
