"""What is reported beside what is booked: for the controller as a page, for programs as JSON, and
for each board as a list to go through. Nothing of it goes to the agency."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ..base import swedish
from ..model.codes import MEETING, Meeting, Outcome
from ..model.rulebook import Rulebook
from ..money.evidence_tables import Evidence, Member, Pair
from ..money.results import GrantResult
from . import founded, pages, record
from .evidence_names import PAGE, list_name
from .founded import Figures
from .pages import View
from .record import Json
from .spreadsheet import Column, Sheet, book

DATA = "evidence.json"
_DIFFERENT = (Meeting.ONLY_RETURN, Meeting.OTHER_AMOUNT, Meeting.ONLY_BOOKED)
_MOST_ROWS = 200
"""How many differences of a board stand on the page; all of them stand in its list."""


@dataclass(frozen=True)
class Difference:
    """A pair as a person goes through it: what the two sides say, and by how much they differ."""

    how: Meeting
    lines: Sequence[Member]
    bookings: Sequence[Member]
    reported_sek: Decimal
    booked_sek: Decimal

    @property
    def difference_sek(self) -> Decimal:
        """How much more is reported than booked, in kronor."""
        return self.reported_sek - self.booked_sek


@dataclass(frozen=True)
class BoardEvidence:
    """A unit beside the accounts: its sums, and its pairs, the largest difference first."""

    sums: Evidence
    differences: Sequence[Difference]
    likely: Sequence[Difference]

    @property
    def shown(self) -> Sequence[Difference]:
        """Those differences that stand on the page."""
        return self.differences[:_MOST_ROWS]


def render(result: GrantResult, rulebook: Rulebook, folder: Path) -> None:
    """Write the page, the JSON and each board's list into the folder of a grant's reports; nothing
    where there are no extracts of the accounts that say anything of it."""
    if not result.tables.evidence:
        return
    told = evidence_json(result)
    record.write(folder / DATA, record.json_text(told))
    boards = list(_boards(result))
    view: View = {
        "trace": "#",
        "wording": rulebook.organisation.wording_of(result.grant.level),
        "names": {},
        "ore": True,
        "result": result,
        "grant": result.grant,
        "boards": boards,
        "extract_count": sum(f.outcome is Outcome.EVIDENCE for f in result.tables.manifest),
        "differences": MEETING,
    }
    body = founded.body(
        pages.render("avstamning.html.j2", view), Figures(_figures(result)), result.grant
    )
    downloads = [(f"boards/{list_name(b.sums.board_id)}", b.sums.name) for b in boards]
    title = f"Avstämning mot huvudboken: {result.grant.name}"
    page = pages.page(title, body.text, body.contents(), downloads)
    record.write(folder / PAGE, page)
    for board in boards:
        content = _list(board, result, rulebook)
        record.write(folder / "boards" / list_name(board.sums.board_id), content)


# -- as data ---------------------------------------------------------------------------------------


def evidence_json(result: GrantResult) -> Json:
    """What `evidence.json` holds (contract 6)."""
    members = record.grouped(result.tables.member, lambda one: (one.board_id, one.pair_no))
    pairs = record.grouped(result.tables.pair, lambda one: one.board_id)
    boards = []
    for row in result.tables.evidence:
        board: Json = {"board": row.board_id}
        for name in _SUMS:
            board[name] = _money(getattr(row, name))
        board["pairs"] = [
            _pair_json(pair, members[pair.board_id, pair.pair_no])
            for pair in pairs.get(row.board_id, ())
        ]
        boards.append(board)
    return {
        "schema": record.SCHEMA,
        "grant": result.grant.grant_id,
        "period_end": result.period_end.isoformat(),
        "boards": boards,
    }


_SUMS = (
    "reported_sek",
    "booked_sek",
    "difference_sek",
    "only_return_sek",
    "only_booked_sek",
    "other_amount_sek",
    "agreed_sek",
    "likely_sek",
    "other_period_sek",
    "after_period_sek",
)


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else record.money(amount)


def _pair_json(pair: Pair, members: Iterable[Member]) -> Json:
    lines: list[Json] = []
    bookings: list[Json] = []
    for member in members:
        (lines if member.is_line else bookings).append(_member_json(member))
    return {
        "how": pair.how,
        "lines": lines,
        "bookings": bookings,
        "reported_sek": record.money(pair.reported_sek),
        "booked_sek": record.money(pair.booked_sek),
    }


def _member_json(member: Member) -> Json:
    said: Json = {
        "file": member.file,
        "sheet": member.sheet or None,
        "cell": member.cell,
        "voucher": member.voucher,
        "date": member.day_on.isoformat() if member.day_on else None,
        "amount_sek": record.money(member.amount_sek),
    }
    if not member.is_line:
        said["account"] = member.account
    return said


def _figures(result: GrantResult) -> Mapping[str, Decimal]:
    """Every amount and share that the page may print, by a name of its own."""
    figures: dict[str, Decimal] = {}
    for row in result.tables.evidence:
        for name, value in vars(row).items():
            if name.endswith(("_sek", "_share")) and value is not None:
                figures[f"{row.board_id}.{name}"] = value
    for pair in result.tables.pair:
        about = f"{pair.board_id}.{pair.pair_no}"
        figures[f"{about}.reported_sek"] = pair.reported_sek
        figures[f"{about}.booked_sek"] = pair.booked_sek
        figures[f"{about}.difference_sek"] = pair.reported_sek - pair.booked_sek
    for member in result.tables.member:
        figures[f"{member.board_id}.{member.is_line}.{member.no}"] = member.amount_sek
    return figures


# -- for people ------------------------------------------------------------------------------------


def _boards(result: GrantResult) -> Iterator[BoardEvidence]:
    """The units, in the order of a Swedish list."""
    members = record.grouped(result.tables.member, lambda one: (one.board_id, one.pair_no))
    pairs = record.grouped(result.tables.pair, lambda one: one.board_id)
    for row in sorted(result.tables.evidence, key=lambda one: swedish.order(one.name)):
        differences: list[Difference] = []
        likely: list[Difference] = []
        for pair in pairs.get(row.board_id, ()):
            both = members[pair.board_id, pair.pair_no]
            one = Difference(
                pair.how,
                [member for member in both if member.is_line],
                [member for member in both if not member.is_line],
                pair.reported_sek,
                pair.booked_sek,
            )
            if pair.how in _DIFFERENT:
                differences.append(one)
            elif pair.how is Meeting.LIKELY:
                likely.append(one)
        differences.sort(key=lambda one: -abs(one.difference_sek))
        likely.sort(key=lambda one: -abs(one.reported_sek))
        yield BoardEvidence(row, differences, likely)


@dataclass(frozen=True)
class _ListRow:
    """A line or a booking on a board's list."""

    number: int
    what: str
    side: str
    file: str
    sheet: str
    cell: str
    voucher: str | None
    day_on: date | None
    account: str | None
    amount_sek: Decimal
    difference_sek: Decimal | None
    """Of the whole pair, on its first row."""


_COLUMNS = (
    Column("Nr", "number", "count", 6),
    Column("Vad", "what", "text", 20),
    Column("Var", "side", "text", 14),
    Column("Fil", "file", "text", 34),
    Column("Blad", "sheet", "text", 12),
    Column("Cell eller rad", "cell", "text", 13),
    Column("Verifikation", "voucher", "text", 16),
    Column("Datum", "day_on", "date", 12),
    Column("Konto", "account", "text", 10),
    Column("Belopp, kr", "amount_sek", "money", 16),
    Column("Redovisat mer än bokfört, kr", "difference_sek", "money", 16),
)


def _list(board: BoardEvidence, result: GrantResult, rulebook: Rulebook) -> bytes:
    """What a board goes through: each difference, and what is likely the same."""
    rows: list[_ListRow] = []
    for number, difference in enumerate((*board.differences, *board.likely), 1):
        rows += _rows_of(number, difference)
    view = {
        "title": f"{board.sums.name}: avstämning mot huvudboken",
        "mark": None,
        "grant": result.grant,
        "organisation": rulebook.organisation,
    }
    sheet = Sheet("Att gå igenom", _COLUMNS, rows)
    return book(view, result.as_of, [sheet], {"text": str})


def _rows_of(number: int, difference: Difference) -> Iterator[_ListRow]:
    members = (*difference.lines, *difference.bookings)
    for place, member in enumerate(members):
        yield _ListRow(
            number=number,
            what=MEETING[difference.how],
            side="Redovisningen" if member.is_line else "Huvudboken",
            file=member.file,
            sheet=member.sheet,
            cell=member.cell,
            voucher=member.voucher,
            day_on=member.day_on,
            account=member.account,
            amount_sek=member.amount_sek,
            difference_sek=difference.difference_sek if place == 0 else None,
        )
