"""The repayment ledger as people read it: reskontra.html, .json and .xlsx."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..base import swedish
from ..model.decisions import Grant
from ..model.results import LIABILITY_GROUND
from ..model.rulebook import Rulebook
from . import pages, record
from .spreadsheet import Column, book

Row = Mapping[str, Any]

_ACCOUNT: Column = ("Konto", "account", "text", 21)
_SHEETS: Mapping[str, tuple[Column, ...]] = {
    "Konton": (
        _ACCOUNT,
        ("Framräknat, kr", "computed_sek", "money", 14),
        ("Krav, kr", "claimed_sek", "money", 14),
        ("Framräknat utan krav, kr", "awaiting_sek", "money", 14),
        ("Skillnad, kr", "difference_sek", "money", 14),
        ("Nedsatt, kr", "relief_sek", "money", 14),
        ("Att betala, kr", "to_pay_sek", "money", 14),
        ("Betalt, kr", "paid_sek", "money", 14),
        ("Kvar, kr", "remaining_sek", "money", 14),
        ("Förfaller", "due_on", "date", 11),
        ("Försenat", "is_overdue", "yes", 10),
        ("Ränta, kr", "interest_sek", "money", 14),
        ("Betald ränta, kr", "interest_paid_sek", "money", 14),
        ("Ränta kvar, kr", "interest_remaining_sek", "money", 14),
    ),
    "Grunder": (
        _ACCOUNT,
        ("Grund", "ground", "ground", 40),
        ("Framräknat, kr", "computed_sek", "money", 14),
        ("Krav, kr", "claimed_sek", "money", 14),
        ("Nedsatt, kr", "relief_sek", "money", 14),
    ),
    "Framräknat": (
        _ACCOUNT,
        ("Del", "item", "item", 30),
        ("Från nämnd", "from_board_id", "name", 21),
        ("Komponent", "component_id", "component", 24),
        ("Grund", "ground", "ground", 30),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Vilar på", "clause", "text", 60),
    ),
    "Ränta": (
        ("Från", "from_on", "date", 11),
        ("Till och med", "to_on", "date", 11),
        ("Dagar", "day_count", "count", 8),
        ("Förfallet, kr", "balance_sek", "money", 14),
        ("Procent per år", "rate_percent", "rate", 10),
        ("Ränta, kr", "amount_sek", "money", 14),
        ("Källa", "source", "text", 60),
    ),
    "Poster": (
        _ACCOUNT,
        ("Nr", "row_no", "count", 6),
        ("Dag", "entered_on", "date", 11),
        ("Post", "kind", "entry", 18),
        ("Grund", "ground", "ground", 30),
        ("Belopp, kr", "amount_sek", "money", 14),
        ("Kvar, kr", "balance_sek", "money", 14),
        ("Förfaller", "due_on", "date", 11),
        ("Referens", "reference", "text", 22),
        ("Av", "entered_by", "text", 22),
        ("Varför", "why", "text", 40),
    ),
}


def render(grant: Grant, tables: Mapping[str, Sequence[Row]], as_of: date, rulebook: Rulebook, folder: Path) -> None:
    """Write the repayment ledger as of a day, as `warehouse.ledger` has it, into an existing folder.

    Makes reskontra.html, reskontra.json and reskontra.xlsx: the same bytes for the same ledger.
    """
    read = _in_order(tables, {b.board_id: b.name for b in rulebook.boards})
    view = _ledger_view(grant, read, as_of, rulebook)
    body = pages.render("reskontra.html.j2", view)
    files_beside = [("reskontra.xlsx", "Reskontran i Excel"), ("reskontra.json", "Reskontran som data")]
    record.write(folder / "reskontra.html", pages.page(view["title"], body, pages.contents(body), files_beside))
    record.write(folder / "reskontra.json", record.json_text(_ledger_json(grant, tables, as_of)))
    record.write(folder / "reskontra.xlsx", _ledger_workbook(view, read, as_of))


def _in_order(tables: Mapping[str, Sequence[Row]], names: Mapping[str, str]) -> dict[str, Sequence[Row]]:
    """The tables as people read them: the city's rows first, then the boards' in the order of a Swedish list."""

    def place(row: Row) -> str:
        return swedish.order(names[row["board_id"]]) if row.get("board_id") else ""

    return {table: sorted(rows, key=place) for table, rows in tables.items()}


def _ledger_json(grant: Grant, tables: Mapping[str, Sequence[Row]], as_of: date) -> dict[str, Any]:
    def plain(name: str, value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return (
            record.money(value) if name.endswith("_sek") else _rate(value, ".") if isinstance(value, Decimal) else value
        )

    return {
        "schema": record.SCHEMA,
        "grant": grant.grant_id,
        "as_of": as_of.isoformat(),
        **{table: [{name: plain(name, row[name]) for name in row} for row in rows] for table, rows in tables.items()},
    }


def _rate(percent: Decimal, point: str = ",") -> str:
    """A rate in percent, exact and with at least two decimals."""
    whole, _, decimals = f"{percent:f}".partition(".")
    return f"{whole}{point}{decimals.rstrip('0'):0<2}"


def _ledger_view(grant: Grant, tables: Mapping[str, Sequence[Row]], as_of: date, rulebook: Rulebook) -> dict[str, Any]:
    city, *boards = (_account_view(row, tables) for row in tables["account"])
    amounts = [v for rows in tables.values() for row in rows for n, v in row.items() if v and n.endswith("_sek")]
    mine = [row for row in tables["owed"] if row["board_id"] is None]
    entries = [{**row, "is_correction": (row["amount_sek"] or 0) < 0} for row in tables["entry"]]
    left = city["interest_remaining_sek"]
    decided = {row["board_id"] for row in boards if row["is_claimed"] or row["is_relieved"]}
    kinds = {"unallocated": "Grunderna", "board": "Grunderna", "set_off": "Kvittningen"}
    return {
        "mark": None,
        "grant": grant,
        "title": f"Reskontra för återbetalningen: {grant.name}",
        "as_of": as_of,
        "filed_on": tables["entry"][0]["entered_on"],
        "names": {b.board_id: b.name for b in rulebook.boards} | {None: grant.grantor_short},
        "component_names": {c.component_id: c.name for c in grant.components},
        "components": len(grant.components) > 1,
        "agency_ref": grant.agency_ref or grant.said("Myndighetens diarienummer"),
        "city_ref": grant.city_ref or grant.said("Stadens diarienummer"),
        "repay_by": grant.said("Återbetalning senast"),
        "ore": any(amount % 1 for amount in amounts),
        "city": city,
        "boards": boards,
        "together": tables["boards"][0],
        "undetermined": [row for row in boards if row["state"] == "undetermined"],
        "claimed_boards": [row for row in boards if row["is_claimed"]],
        "owed": mine,
        "clauses": list(dict.fromkeys((kinds[row["item"]], row["clause"]) for row in mine if row["clause"])),
        "city_grounds": _grounds(row for row in tables["ground"] if row["board_id"] is None),
        "board_grounds": _grounds(row for row in tables["ground"] if row["board_id"] in decided),
        "has_interest": grant.interest is not None,
        "shows_interest": grant.interest is not None or bool(left),
        "interest": [{**row, "rate": _rate(row["rate_percent"])} for row in tables["interest"]],
        "interest_state": "left" if left > 0 else "overpaid" if left < 0 else "none",
        "interest_words": _interest_words(grant),
        "rate_sources": list(dict.fromkeys(row["source"] for row in tables["interest"])),
        "ledgers": [(board_id, rows) for board_id, rows in record.by(entries, "board_id").items() if len(rows) > 1],
    }


def _grounds(rows: Iterable[Row]) -> list[Row]:
    """Rows by account as they come, its grounds in the order of LIABILITY_GROUND and what has none last."""
    order = [*LIABILITY_GROUND, None]
    of_board = record.by(rows, "board_id")
    return [row for mine in of_board.values() for row in sorted(mine, key=lambda row: order.index(row["ground"]))]


def _account_view(account: Row, tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """An account with the words for where it stands and for how its claims compare with what was computed."""
    mine = _grounds(row for row in tables["ground"] if row["board_id"] == account["board_id"])
    claims = [e for e in tables["entry"] if e["board_id"] == account["board_id"] and e["kind"] == "claim"]
    remaining, difference = account["remaining_sek"], account["difference_sek"]
    is_claimed = account["claimed_sek"] is not None
    if remaining is None:
        state = "undetermined"
    elif remaining < 0:
        state = "overpaid"
    elif remaining == 0:
        state = "settled" if is_claimed or account["paid_sek"] or account["relief_sek"] else "nothing"
    elif account["due_on"]:
        state = "overdue" if account["is_overdue"] else "due"
    else:
        state = "unclaimed" if account["awaiting_sek"] else "undated"
    if not is_claimed:
        compared = "none"
    elif difference is None:
        compared = "unknown"
    elif account["awaiting_sek"]:
        compared = "added"
    else:
        compared = "högre" if difference > 0 else "lägre" if difference < 0 else "equal"
    is_by_ground = (
        is_claimed
        and not account["awaiting_sek"]
        and all(row["claimed_sek"] is None for row in mine if row["ground"] is None)
    )
    return {
        **account,
        "state": state,
        "is_claimed": is_claimed,
        "has_claims": len(claims) > 1,
        "compared": compared,
        "apart_sek": abs(difference or Decimal(0)),
        "adds": compared == "added",
        "is_relieved": bool(account["relief_sek"]),
        "overpaid_sek": abs(remaining or Decimal(0)),
        "interest_overpaid_sek": abs(account["interest_remaining_sek"]),
        "unclaimed": [
            r for r in mine if is_by_ground and r["claimed_sek"] is None and r["ground"] and r["computed_sek"]
        ],
    }


def _interest_words(grant: Grant) -> str:
    term = next(term for term in grant.terms if term.label == "Ränta")
    if grant.interest is not None:
        return f"{term.value}. {term.source.sentence}"
    if term.source.kind == "okand":
        return f"Ingen ränta: villkoren anger ingen. ({term.value}.)"
    return f"Ingen ränta räknas: villkoret anger ingen sats att räkna med. Det lyder ”{term.value}”."


def _ledger_workbook(view: Mapping[str, Any], tables: Mapping[str, Sequence[Row]], as_of: date) -> bytes:
    """The ledger's tables, a sheet for each; the last row of the accounts sums the boards'."""
    names = view["names"]

    def named(table: str) -> list[Row]:
        return [{**row, "account": names[row["board_id"]]} for row in tables[table]]

    accounts = named("account")
    total = {**dict.fromkeys(accounts[0]), **tables["boards"][0], "account": "Nämnderna, summa"}
    rows: Mapping[str, Sequence[Row]] = {
        "Konton": [*accounts, total],
        "Grunder": _grounds(named("ground")),
        "Framräknat": named("owed"),
        "Ränta": tables["interest"],
        "Poster": named("entry"),
    }
    say: Mapping[str, Any] = {
        "name": names.__getitem__,
        "component": view["component_names"].__getitem__,
        "ground": pages.GROUND_WORDS.__getitem__,
        "item": pages.ITEM_WORDS.__getitem__,
        "entry": pages.ENTRY_WORDS.__getitem__,
        "yes": lambda value: "ja" if value else "nej",
        "text": str,
    }
    return book(view, as_of, _SHEETS, rows, say, total_in="Konton")
