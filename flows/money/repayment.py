"""The repayment ledger: what is owed, claimed, relieved and paid, and the interest, by the steps
610–660 of `sql/`."""

from collections.abc import Mapping, Sequence
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
    names = {None: grant.grantor_short} | {
        board["board"]: board["name"] for board in filed["boards"]
    }
    _refuse_entries(names, entries)
    tables = _reckoned(grant, filed, entries, rates, as_of)
    _refuse_filed(filed, tables)
    last = max([as_of, *(entry.on for entry in entries)])
    _refuse_accounts(
        names, tables if last == as_of else _reckoned(grant, filed, entries, rates, last)
    )
    for row in tables.interest:
        if row.rate_percent is None:
            day = row.from_on
            half = "första" if day.month <= 6 else "andra"
            raise InputError(
                f"Räntan kan inte räknas: referensräntan för {half} halvåret {day.year} saknas i "
                "referensranta.toml. Lägg till halvåret, med Riksbankens referensränta och källa."
            )
    return tables


def accounts(filed: Mapping[str, Any], tables: LedgerTables) -> list[NamedAccount]:
    """The accounts with their `name`: the city's, which has none, and the boards' in the order of a
    Swedish list."""
    names = {None: ""} | {board["board"]: board["name"] for board in filed["boards"]}
    named = [NamedAccount(**vars(row), name=names[row.board_id]) for row in tables.account]
    return sorted(named, key=lambda account: swedish.order(account.name))


def _reckoned(
    grant: Grant,
    filed: Mapping[str, Any],
    entries: Sequence[Entry],
    rates: Sequence[ReferenceRate],
    as_of: date,
) -> LedgerTables:
    con = duck.connect(Path(":memory:"), read_only=False)
    try:
        con.execute(duck.sql("600_ledger"))
        _load_filed(con, grant, filed, as_of)
        _load_entries(con, grant, entries, rates)
        for step in STEPS:
            con.execute(f"CREATE TABLE {step[4:]} AS {duck.sql(step)}")
        made: dict[str, Any] = {}
        for name, shape in LEDGER_SHAPES.items():
            made[name] = rows_of(
                shape, duck.rows(con, f"SELECT * FROM {name} ORDER BY {shape.ORDER}")
            )
        return LedgerTables(**made)
    finally:
        con.close()


def _load_filed(
    con: "DuckDBPyConnection", grant: Grant, filed: Mapping[str, Any], as_of: date
) -> None:
    text, money, day = "VARCHAR", "DECIMAL(18, 2)", "DATE"
    city, boards = filed["liability"], filed["boards"]
    sources = {term.label: term.source.sentence for term in grant.terms}
    duck.insert(
        con,
        "given_ledger",
        {
            "as_of_on": day,
            "filed_on": day,
            "basis": text,
            "unallocated_sek": money,
            "set_off_sek": money,
        }
        | {"basis_sek": money, "to_repay_sek": money, "grounds_clause": text, "basis_clause": text},
        [
            (
                *(as_of, date.fromisoformat(filed["as_of"]), city["basis"]),
                *(city["unallocated_sek"], city["set_off_sek"], city[f"{city['basis']}_basis_sek"]),
                *(
                    city["to_repay_sek"],
                    sources["Grunder för återbetalning"],
                    sources["Återbetalningen räknas"],
                ),
            )
        ],
    )
    duck.insert(
        con,
        "given_account",
        {"board_id": text, "is_held": "BOOLEAN"},
        [(None, False), *((b["board"], b["return_status"] == ReturnStatus.HELD) for b in boards)],
    )
    is_earmarked = any(part["liability_sek"] for board in boards for part in board["components"])
    parts = [
        (
            board["board"],
            part.get("component"),
            board["return_status"] == ReturnStatus.MISSING,
            part,
        )
        for board in boards
        for part in (board["components"] if is_earmarked else [board])
    ]
    duck.insert(
        con,
        "given_liability",
        {"board_id": text, "component_id": text, "is_missing": "BOOLEAN"}
        | {"ineligible_sek": money, "liability_sek": money},
        ((*place, part["ineligible_sek"], part["liability_sek"]) for *place, part in parts),
    )


def _load_entries(
    con: "DuckDBPyConnection",
    grant: Grant,
    entries: Sequence[Entry],
    rates: Sequence[ReferenceRate],
) -> None:
    text, day, percent = "VARCHAR", "DATE", "DECIMAL(9, 4)"
    duck.insert(
        con,
        "given_entry",
        {
            "entry_no": "INTEGER",
            "board_id": text,
            "kind": text,
            "ground": text,
            "amount_sek": "DECIMAL(18, 2)",
        }
        | {"entered_on": day, "due_on": day, "reference": text, "entered_by": text, "why": text},
        (
            (
                n,
                e.board_id,
                e.kind,
                e.ground,
                e.amount_sek,
                e.on,
                e.due_on,
                e.reference,
                e.by,
                e.why,
            )
            for n, e in enumerate(entries, start=1)
        ),
    )
    interest = grant.interest
    if interest is None:
        return
    if interest.rate_percent is not None:
        known = [(date.min, date.max, interest.rate_percent, interest.source.sentence)]
    else:
        known = [(rate.from_on, rate.to_on, rate.percent, rate.source) for rate in rates]
    duck.insert(
        con,
        "given_interest",
        {"margin_percent": percent, "days_per_year": "INTEGER"},
        [(interest.margin_percent or Decimal(0), interest.days_per_year)],
    )
    duck.insert(
        con, "given_rate", {"from_on": day, "to_on": day, "percent": percent, "source": text}, known
    )


def _refuse_entries(names: Mapping[str | None, str], entries: Sequence[Entry]) -> None:
    """What is wrong with an entry by itself, or with the claims that one takes back."""
    claims: dict[tuple[str | None, str | None, date | None], Decimal] = {}
    for entry in entries:
        if entry.board_id not in names:
            raise InputError(
                f"{entry.board_id} finns inte i den inlämnade rapporten, så den har inget att "
                "betala."
            )
        if entry.amount_sek != round(entry.amount_sek, 2) or (
            entry.amount_sek == 0 and entry.kind != EntryKind.CLAIM
        ):
            raise InputError(
                "Beloppet ska vara hela ören och annat än noll. Bara ett krav kan vara på 0 kr."
            )
        if entry.ground is not None and entry.ground not in LIABILITY_GROUND:
            raise InputError(
                f"Grunden {entry.ground} är okänd. Välj bland {swedish.listing(LIABILITY_GROUND)}."
            )
        if entry.kind == EntryKind.CLAIM:
            if entry.due_on and entry.due_on < entry.on:
                raise InputError(
                    f"Förfallodagen {entry.due_on} ligger före kravets dag, {entry.on}. Rätta "
                    "dagarna."
                )
            place = (entry.board_id, entry.ground, entry.due_on)
            claims[place] = claims.get(place, Decimal(0)) + entry.amount_sek
    for (board_id, _, _), amount in claims.items():
        if amount < 0:
            raise InputError(
                f"Kravet på kontot {names[board_id]} blir {swedish.kr(amount)}. Ett krav som sätts "
                "ned rättas med samma grund och förfallodag som det hade."
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


def _refuse_filed(filed: Mapping[str, Any], tables: LedgerTables) -> None:
    """The filed figures must agree: to the agency, and per board and ground."""
    sums: dict[tuple[str | None, Ground | None], Decimal] = {}
    for row in tables.owed:
        for ground in (None, row.ground) if row.ground else (None,):
            place = (row.board_id, ground)
            sums[place] = sums.get(place, Decimal(0)) + row.amount_sek
    wanted: dict[tuple[str | None, Ground | None], tuple[str, str]] = {}
    wanted[None, None] = ("det som ska återbetalas", filed["liability"]["to_repay_sek"])
    for board in filed["boards"]:
        told = {ground["ground"]: ground["amount_sek"] for ground in board["liability_grounds"]}
        wanted[board["board"], None] = (
            f"{board['name']}, att återbetala",
            board["liability_sek"] or "0",
        )
        for ground, words in LIABILITY_GROUND.items():
            wanted[board["board"], ground] = (f"{board['name']}, {words}", told.get(ground, "0"))
    for place, (figure, amount) in wanted.items():
        found = sums.get(place, Decimal(0))
        if found != Decimal(amount):
            raise FigureError(
                f"Den inlämnade avstämningen går inte ihop: {figure} är "
                f"{swedish.kr(Decimal(amount))}, men delarna är {swedish.kr(found)}."
            )
