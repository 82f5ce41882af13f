"""The repayment ledger as people read it: reskontra.html, .json and .xlsx."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ..base import swedish
from ..model.case import EntryKind
from ..model.codes import LIABILITY_GROUND, OwedItem
from ..model.decisions import Grant
from ..model.grant_words import GrantorKind
from ..model.rulebook import Rulebook
from ..money.ledger_tables import (
    LEDGER_SHAPES,
    Account,
    GroundSum,
    InterestSpan,
    LedgerTables,
    Owed,
    Posting,
)
from ..money.shapes import Row, known, shape_of
from . import pages, record
from .bodies import Body
from .pages import View
from .spreadsheet import Column, Say, Sheet, book, columns_of

_ACCOUNT = Column("Konto", "account", "text", 21)


def render(
    grant: Grant, tables: LedgerTables, as_of: date, rulebook: Rulebook, folder: Path
) -> None:
    """Write the repayment ledger as of a day, as `warehouse.ledger` has it, into an existing
    folder.

    Makes reskontra.html, reskontra.json and reskontra.xlsx: the same bytes for the same ledger.
    """
    in_order = _in_order(tables, {b.board_id: b.name for b in rulebook.boards})
    view = _ledger_view(grant, in_order, as_of, rulebook)
    body = pages.render("reskontra.html.j2", view)
    files_beside = [
        ("reskontra.xlsx", "Reskontran i Excel"),
        ("reskontra.json", "Reskontran som data"),
    ]
    page = pages.page(view["title"], body, Body.of(body).contents(), files_beside)
    record.write(folder / "reskontra.html", page)
    record.write(folder / "reskontra.json", record.json_text(_ledger_json(grant, tables, as_of)))
    record.write(folder / "reskontra.xlsx", _ledger_workbook(view, in_order, as_of))


def _in_order(tables: LedgerTables, names: Mapping[str, str]) -> LedgerTables:
    """The tables as people read them: the city's rows first, then the boards' in the order of a
    Swedish list."""

    def place(row: Any) -> str:
        return swedish.order(names[row.board_id]) if row.board_id else ""

    ordered: dict[str, Any] = {}
    for table in ("owed", "entry", "ground", "account"):
        ordered[table] = tuple(sorted(getattr(tables, table), key=place))
    return replace(tables, **ordered)


def _ledger_json(grant: Grant, tables: LedgerTables, as_of: date) -> record.Json:
    ledger: record.Json = {
        "schema": record.SCHEMA,
        "grant": grant.grant_id,
        "as_of": as_of.isoformat(),
    }
    for table in LEDGER_SHAPES:
        ledger[table] = [_row_json(row) for row in getattr(tables, table)]
    return ledger


def _row_json(row: Row) -> record.Json:
    columns = shape_of(type(row)).columns
    return {name: _plain(name, getattr(row, name)) for name in columns}


def _plain(name: str, value: Any) -> Any:
    """A value as JSON has it: kronor with two decimals and rates exact, as text; days as ISO 8601
    has them."""
    if isinstance(value, date):
        return value.isoformat()
    if name.endswith("_sek"):
        return record.money(value)
    if isinstance(value, Decimal):
        return _rate(value, ".")
    return value


def _rate(percent: Decimal, point: str = ",") -> str:
    """A rate in percent, exact and with at least two decimals."""
    whole, _, decimals = f"{percent:f}".partition(".")
    return f"{whole}{point}{decimals.rstrip('0'):0<2}"


def _ledger_view(grant: Grant, tables: LedgerTables, as_of: date, rulebook: Rulebook) -> View:
    """Everything the page may print, and the choices it may make."""
    # The city's account stands first.
    accounts = [_account_view(account, tables) for account in tables.account]
    view = _grant_view(grant, rulebook)
    view["as_of"] = as_of
    view["filed_on"] = tables.entry[0].entered_on
    view["ore"] = _has_ore(tables)
    view |= _accounts_view(accounts[0], accounts[1:], tables)
    view |= _owed_view(tables)
    view |= _interest_view(grant, tables, accounts[0]["interest_remaining_sek"])
    return view


def _grant_view(grant: Grant, rulebook: Rulebook) -> View:
    """The grant, what its ledger is called, and the names in it."""
    return {
        "mark": None,
        "grant": grant,
        "title": f"Reskontra för återbetalningen: {grant.name}",
        "organisation": rulebook.organisation,
        "names": {b.board_id: b.name for b in rulebook.boards} | {None: grant.grantor_short},
        "component_names": {c.component_id: c.name for c in grant.components},
        "components": len(grant.components) > 1,
        "agency_ref": _agency_ref(grant),
        "city_ref": grant.city_ref or grant.term_words("stadens_dnr"),
        "repay_by": grant.term_words("aterbetalning_senast"),
    }


def _agency_ref(grant: Grant) -> str | None:
    """What the agency calls the grant, or why that isn't known; None where no agency gives it."""
    if grant.grantor_kind is GrantorKind.OWN:
        return None
    return grant.agency_ref or grant.term_words("myndighetens_dnr")


def _accounts_view(city: View, boards: Sequence[View], tables: LedgerTables) -> View:
    """The accounts, with the entries of those that have more than one, and the boards' grounds that
    somebody has decided on."""
    decided = {row["board_id"] for row in boards if row["is_claimed"] or row["is_relieved"]}
    entries = [vars(row) | {"is_correction": (row.amount_sek or 0) < 0} for row in tables.entry]
    ledgers = record.grouped(entries, lambda entry: entry["board_id"])
    return {
        "city": city,
        "boards": boards,
        "together": tables.together,
        "undetermined": [row for row in boards if row["state"] == "undetermined"],
        "claimed_boards": [row for row in boards if row["is_claimed"]],
        "city_grounds": _grounds(row for row in tables.ground if row.board_id is None),
        "board_grounds": _grounds(row for row in tables.ground if row.board_id in decided),
        "ledgers": [(board_id, rows) for board_id, rows in ledgers.items() if len(rows) > 1],
    }


_CLAUSE_OF = {
    OwedItem.UNALLOCATED: "Grunderna",
    OwedItem.BOARD: "Grunderna",
    OwedItem.SET_OFF: "Kvittningen",
}
"""What the clause behind an item is a clause about."""


def _owed_view(tables: LedgerTables) -> View:
    """What the city owes, and the clauses that it follows from, each once."""
    owed = [row for row in tables.owed if row.board_id is None]
    clauses = [(_CLAUSE_OF[row.item], row.clause) for row in owed if row.clause]
    return {"owed": owed, "clauses": list(dict.fromkeys(clauses))}


def _interest_view(grant: Grant, tables: LedgerTables, left_sek: Decimal) -> View:
    """The interest on what was paid late; `left_sek` of the city's is not paid."""
    spans = [vars(row) | {"rate": _rate(known(row.rate_percent))} for row in tables.interest]
    return {
        "has_interest": grant.interest is not None,
        "shows_interest": grant.interest is not None or bool(left_sek),
        "interest": spans,
        "interest_state": _interest_state(left_sek),
        "interest_words": _interest_words(grant),
        "rate_sources": list(dict.fromkeys(row.source for row in tables.interest)),
    }


def _interest_state(left_sek: Decimal) -> str:
    """Where the interest stands, as a word that the page chooses its sentence by."""
    if left_sek > 0:
        return "left"
    return "overpaid" if left_sek < 0 else "none"


def _has_ore(tables: LedgerTables) -> bool:
    """Whether any amount of the ledger is not whole kronor."""
    for table, kind in LEDGER_SHAPES.items():
        columns = [name for name in shape_of(kind).columns if name.endswith("_sek")]
        for row in getattr(tables, table):
            amounts = [getattr(row, name) or 0 for name in columns]
            if any(amount % 1 for amount in amounts):
                return True
    return False


def _grounds(rows: Iterable[GroundSum]) -> list[GroundSum]:
    """Rows by account as they come, its grounds in the order of LIABILITY_GROUND and what has none
    last."""
    order = [*LIABILITY_GROUND, None]
    ordered: list[GroundSum] = []
    for of_account in record.grouped(rows, lambda row: row.board_id).values():
        ordered += sorted(of_account, key=lambda row: order.index(row.ground))
    return ordered


def _account_view(account: Account, tables: LedgerTables) -> View:
    """An account with the words for where it stands and for how its claims compare with what was
    computed."""
    grounds = _grounds(row for row in tables.ground if row.board_id == account.board_id)
    postings = [row for row in tables.entry if row.board_id == account.board_id]
    claims = [row for row in postings if row.kind == EntryKind.CLAIM]
    compared = _compared(account)
    return {
        **vars(account),
        "state": _state(account),
        "is_claimed": account.claimed_sek is not None,
        "has_claims": len(claims) > 1,
        "compared": compared,
        "apart_sek": abs(account.difference_sek or Decimal(0)),
        "adds": compared == "added",
        "is_relieved": bool(account.relief_sek),
        "overpaid_sek": abs(account.remaining_sek or Decimal(0)),
        "interest_overpaid_sek": abs(account.interest_remaining_sek),
        "unclaimed": _unclaimed(account, grounds),
    }


def _unclaimed(account: Account, grounds: Sequence[GroundSum]) -> list[GroundSum]:
    """The grounds that the claims on an account say nothing of; none where more claims are awaited,
    or where a claim names no ground and may be for any of them."""
    if account.claimed_sek is None or account.awaiting_sek:
        return []
    if any(row.ground is None and row.claimed_sek is not None for row in grounds):
        return []
    return [row for row in grounds if row.claimed_sek is None and row.ground and row.computed_sek]


def _state(account: Account) -> str:
    """Where an account stands, as a word that the page chooses its sentence by."""
    if account.remaining_sek is None:
        return "undetermined"
    if account.remaining_sek < 0:
        return "overpaid"
    if account.remaining_sek == 0:
        has_moved = account.claimed_sek is not None or account.paid_sek or account.relief_sek
        return "settled" if has_moved else "nothing"
    if account.due_on:
        return "overdue" if account.is_overdue else "due"
    return "unclaimed" if account.awaiting_sek else "undated"


def _compared(account: Account) -> str:
    """How the claims compare with what was computed, as a word that the page chooses its sentence
    by."""
    difference = account.difference_sek
    if account.claimed_sek is None:
        return "none"
    if difference is None:
        return "unknown"
    if account.awaiting_sek:
        return "added"
    if difference == 0:
        return "equal"
    return "högre" if difference > 0 else "lägre"


def _interest_words(grant: Grant) -> str:
    term = known(grant.term("ranta"))
    if grant.interest is not None:
        return f"{term.value}. {term.source.sentence}"
    if term.source.kind == "okand":
        return f"Ingen ränta: villkoren anger ingen. ({term.value}.)"
    return (
        f"Ingen ränta räknas: villkoret anger ingen sats att räkna med. Det lyder ”{term.value}”."
    )


def _ledger_workbook(view: View, tables: LedgerTables, as_of: date) -> bytes:
    """The ledger's tables, a sheet for each; the last row of the accounts sums the boards'."""
    names = view["names"]

    def named(rows: Iterable[Any]) -> list[SimpleNamespace]:
        return [SimpleNamespace(**vars(row), account=names[row.board_id]) for row in rows]

    sums = dict.fromkeys(shape_of(Account).columns) | vars(tables.together)
    total = SimpleNamespace(**sums, account="Nämnderna, summa")
    sheets = [
        Sheet(Account.SHEET, (_ACCOUNT, *columns_of(Account)), named(tables.account), total),
        Sheet(GroundSum.SHEET, (_ACCOUNT, *columns_of(GroundSum)), named(_grounds(tables.ground))),
        Sheet(Owed.SHEET, (_ACCOUNT, *columns_of(Owed)), named(tables.owed)),
        Sheet(InterestSpan.SHEET, columns_of(InterestSpan), tables.interest),
        Sheet(Posting.SHEET, (_ACCOUNT, *columns_of(Posting)), named(tables.entry)),
    ]
    words = {**pages.ITEM_WORDS, **pages.ENTRY_WORDS, **pages.GROUND_WORDS}
    say: Say = {
        "name": names.__getitem__,
        "component": view["component_names"].__getitem__,
        "word": words.__getitem__,
        "yes": lambda value: "ja" if value else "nej",
        "text": str,
    }
    return book(view, as_of, sheets, say)
