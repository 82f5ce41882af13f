"""The nouns of the house, frozen. Money is `Decimal` kronor to the öre; days are `date`; nothing here reads or writes.

Swedish words for these nouns are in GLOSSARY.md.
"""

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from . import places, swedish

TEMPLATE_VERSIONS = ("2026-1",)
"""The return workbooks that the program knows, newest last; `mallversion` in the workbook is one of them."""

WHOLE_GRANT = "alla"
"""The component of a grant that has no components of its own."""


MAIL_PASSWORD = "STATSBIDRAG_SMTP_PASSWORD"
"""The environment variable with the password to the mail server; only processes that send letters are given it."""

LONGEST_SAID = 500
"""How many characters of what stands in a cell, or of a list, a finding's sentence has room for."""


class InputError(Exception):
    """Somebody's folder, file or argument stops the run: one Swedish sentence, shown without a traceback."""


# -- the decisions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Where a term comes from: a sentence in a document, an assumption with its reason, or known only in words."""

    kind: Literal["kalla", "antagande", "okand"]
    text: str
    document: str | None = None
    quoted: str = ""
    """The sentence of the document that an assumption leans on; empty when it leans on none."""

    @property
    def sentence(self) -> str:
        """The source as a reader of the report sees it."""
        if self.kind == "kalla":
            return f"{self.document}: ”{self.text}”"
        leans_on = f" ({self.document}: ”{self.quoted}”)" if self.quoted else ""
        return f"{'Antagande' if self.kind == 'antagande' else 'Okänt'}: {self.text}{leans_on}"


@dataclass(frozen=True)
class Term:
    """One term of a grant as it is printed: Swedish label, value in words, and its source."""

    label: str
    value: str
    source: Source


@dataclass(frozen=True)
class Allocation:
    """What one decision gives one board for one component, in kronor."""

    board_id: str
    component_id: str
    amount_sek: Decimal
    ends: tuple[str, ...] = ()
    """The boards that became this one: what was decided for them for the component ends here (contract 2)."""


@dataclass(frozen=True)
class Decision:
    """A decision on allocations; from its day it replaces earlier amounts for the boards and components it names."""

    decision_id: str
    decided_on: date
    decided_by: str
    source: Source
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True)
class Component:
    """A part of a grant with its own money, and the areas whose spending belongs to it."""

    component_id: str
    name: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Waiver:
    """An exception from a rule (undantag), decided by somebody with a reason; it turns the finding into a note."""

    rule_id: str
    board_id: str
    reason: str
    decided_by: str
    decided_on: date
    until_on: date
    file: str | None = None
    cell: str | None = None


@dataclass(frozen=True)
class FlagLimits:
    """When unspent money is flagged (contract section 3); shares of the allocation, kronor and days."""

    act_unspent_share: Decimal = Decimal("0.10")
    act_unspent_sek: Decimal = Decimal("500000")
    act_days_left: int = 90
    act_used_numerator: int = 2
    act_used_denominator: int = 3
    watch_unspent_share: Decimal = Decimal("0.05")


@dataclass(frozen=True)
class Interest:
    """The interest that a grant's terms state on a claim from the day after its due date; rates in percent a year.

    One of the two rates is None. Simple interest: never interest on interest.
    """

    rate_percent: Decimal | None
    """The rate, where the terms state one."""
    margin_percent: Decimal | None
    """What 6 § räntelagen adds to the reference rate, where the terms point to that law."""
    days_per_year: int
    source: Source


DeadlineKind = Literal[
    "quarterly_return", "last_use", "final_return", "internal_review", "committee", "agency", "repayment"
]
"""What has a deadline in the life of a grant, in the order that they come."""


@dataclass(frozen=True)
class Due:
    """When something is due, as the grant file states it: a day, a count of working days, or no more than words."""

    words: str
    source: Source
    on: date | None = None
    working_days: int | None = None
    """Of a quarterly return, after the quarter's end; of the internal review, before what it prepares."""


@dataclass(frozen=True)
class Grant:
    """A statsbidrag with its terms as they stand on the run's as-of date."""

    grant_id: str
    name: str
    short_name: str
    report: str
    grantor: str
    grantor_short: str
    total_sek: Decimal
    spend_from_on: date
    spend_to_on: date
    areas: tuple[str, ...]
    unpaid_areas: tuple[str, ...]
    target_areas: tuple[str, ...]
    cost_kinds: tuple[str, ...]
    unpaid_cost_kinds: tuple[str, ...]
    not_for: tuple[str, ...]
    repayment_grounds: tuple[str, ...]
    components: tuple[Component, ...]
    is_earmarked: bool
    liability_basis: Literal["namnd", "kommun"]
    board_deadline_on: date | None
    board_deadline_words: str
    agency_deadline_on: date | None
    agency_deadline_words: str
    city_ref: str | None
    agency_ref: str | None
    limits: FlagLimits
    decisions: tuple[Decision, ...]
    waivers: tuple[Waiver, ...]
    terms: tuple[Term, ...]
    file: str
    sha256: str
    interest: Interest | None = None
    """None: the terms state no interest, so none is reckoned."""
    due: Mapping[DeadlineKind, Due] = field(default_factory=dict)
    """What the grant file states of each deadline; the city's own that it leaves out are not here."""
    remind_before: tuple[int, ...] = (10, 3)
    """How many working days before a deadline reminders go out, the first reminder first."""
    least_shown_count: int = 0
    """The smallest count of persons, but for 0, that the public may see; 0 when the terms say nothing of it."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Area -> what the city itself says of it in the report to the agency, in as many lines as it was written."""

    @property
    def unsettled(self) -> tuple[Term, ...]:
        """What a person must settle before a report is attested: terms and decisions that are unknown or assumed."""
        decided = [Term(f"Beslutet {d.decided_on.isoformat()}", d.decided_by, d.source) for d in self.decisions]
        return tuple(term for term in (*self.terms, *decided) if term.source.kind != "kalla")

    def said(self, label: str) -> str:
        """The words of a term by its label, for what has no value of its own."""
        return next((term.value for term in self.terms if term.label == label), "okänt")

    def allocations_on(self, as_of: date) -> dict[tuple[str, str], Decimal]:
        """Kronor per (board, component) by the decisions in force on a day; empty before the first.

        The boards are those that the decisions name. What was decided for a board that has become another one stays
        with it until a decision names the successor.
        """
        amounts: dict[tuple[str, str], Decimal] = {}
        for decision in self.decisions:
            if decision.decided_on > as_of:
                continue
            for allocation in decision.allocations:
                amounts[allocation.board_id, allocation.component_id] = allocation.amount_sek
                for ended in allocation.ends:
                    amounts.pop((ended, allocation.component_id), None)
        return amounts

    def named_on(self, as_of: date) -> frozenset[str]:
        """The boards that some decision up to a day has given money, whether or not it is theirs still."""
        decided = (decision for decision in self.decisions if decision.decided_on <= as_of)
        return frozenset(allocation.board_id for decision in decided for allocation in decision.allocations)

    def allocated_on(self, board_id: str, as_of: date) -> Decimal:
        """What the decisions in force on a day give a board by its own name, in kronor over all components."""
        return sum((sek for (b, _), sek in self.allocations_on(as_of).items() if b == board_id), Decimal(0))


@dataclass(frozen=True)
class Board:
    """A nämnd with the days it existed, the spellings it goes by and the board that took over from it."""

    board_id: str
    name: str
    number: str | None
    valid_from_on: date | None
    valid_to_on: date | None
    successor_id: str | None
    spellings: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Boards that became one another, which answer for a grant's money as one (enhet, contract 2, Chains)."""

    board_id: str
    """The board whose id and name the unit bears: the one that exists on the unit day, or that a decision names."""
    amounts_sek: Mapping[str, Decimal]
    """Kronor per component: the living board's own, and what it inherited."""
    inherited_sek: Mapping[str, Decimal]
    """Of that, kronor over all components per predecessor that a decision named."""

    @property
    def allocated_sek(self) -> Decimal:
        """What the unit has in all, in kronor (A)."""
        return sum(self.amounts_sek.values(), Decimal(0))


@dataclass(frozen=True)
class Assignment:
    """What a sender is told that it has been given in a grant, as its return workbook says it."""

    amounts_sek: Mapping[str, Decimal]
    """Kronor per component; none for a board that has no money of its own, such as a predecessor."""
    inherited_sek: Mapping[str, Decimal] = field(default_factory=dict)
    """Of that, kronor per name of a predecessor that it was decided for."""
    counted_with: str | None = None
    """The name of the unit that its returns are counted under, when that is another board."""


class Severity(enum.StrEnum):
    """Blocking holds the return; a warning is counted; info is for the record."""

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """An anmärkning: somebody's data that must change, or be known. What does not apply is None."""

    rule: str
    severity: Severity
    grant: str | None
    board: str | None
    file: str | None
    sheet: str | None
    cell: str | None
    cells: tuple[str, ...]
    value: str | None
    message: str
    remedy: str
    source: str


@dataclass(frozen=True)
class Rule:
    """One rule of the register: its words are Swedish, with {names} that the finding's details fill in."""

    rule_id: str
    checked_by: Literal["gx", "sql", "rulebook", "recount"]
    severity: Severity
    severity_final: Severity
    can_be_waived: bool
    message: str
    remedy: str
    source: str

    def severity_in(self, is_final: bool) -> Severity:
        """How severe a breach is, in a quarter or in the final report."""
        return self.severity_final if is_final else self.severity

    def finding(
        self,
        *,
        is_final: bool,
        grant: str | None = None,
        board: str | None = None,
        file: str | None = None,
        sheet: str | None = None,
        cells: tuple[str, ...] = (),
        value: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> Finding:
        """The breach of this rule in words; `details` fill the places of the register's sentences."""
        words = {"value": swedish.say(value), "cells": swedish.listing(cells), "file": swedish.say(file)}
        words |= {name: swedish.say(detail) for name, detail in (details or {}).items()}
        words = {
            name: text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]} …" for name, text in words.items()
        }
        return Finding(
            rule=self.rule_id,
            severity=self.severity_in(is_final),
            grant=grant,
            board=board,
            file=file,
            sheet=sheet,
            cell=cells[0] if cells else None,
            cells=cells,
            value=value,
            message=self.message.format_map(words),
            remedy=self.remedy.format_map(words),
            source=self.source,
        )


@dataclass(frozen=True)
class ReferenceRate:
    """The Riksbank's reference rate (referensränta, 9 § räntelagen) of the half-year that begins on a day; percent."""

    from_on: date
    percent: Decimal
    source: str

    @property
    def to_on(self) -> date:
        """The half-year's last day."""
        return date(self.from_on.year, 6, 30) if self.from_on.month == 1 else date(self.from_on.year, 12, 31)


@dataclass(frozen=True)
class Rulebook:
    """All that is decided and known before any return is opened."""

    grants: tuple[Grant, ...]
    boards: tuple[Board, ...]
    rules: Mapping[str, Rule]
    broken: tuple[Finding, ...]
    files: tuple[tuple[str, str, int], ...]
    """Every file of the decisions: name, SHA-256, size in bytes."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """`swedish.key` of every name and spelling -> board id."""
    reference_rates: tuple[ReferenceRate, ...] = ()
    """The half-years whose rate is known, oldest first; none is guessed."""

    def grant(self, grant_id: str) -> Grant:
        """The grant with this id."""
        return next(g for g in self.grants if g.grant_id == grant_id)

    def board(self, board_id: str) -> Board:
        """The board with this id."""
        return next(b for b in self.boards if b.board_id == board_id)

    def grant_named(self, text: str | None) -> str | None:
        """The id of the grant that the text names (id or name), or None; also of one whose own file is broken."""
        wanted = swedish.key(text or "")
        names = {swedish.key(name): g.grant_id for g in self.grants for name in (g.grant_id, g.name, g.short_name)}
        names |= {finding.grant: finding.grant for finding in self.broken if finding.grant}
        return names.get(wanted)

    def board_named(self, text: str | None) -> str | None:
        """The id of the board that the text names in any known spelling, or None."""
        return self.spellings.get(swedish.key(text or ""))

    def heirs(self, board_id: str) -> Iterator[Board]:
        """The boards that a board became: its successor, that one's successor, and so on."""
        successor_id = self.board(board_id).successor_id
        while successor_id is not None:
            heir = self.board(successor_id)
            yield heir
            successor_id = heir.successor_id

    def unit_of(self, board_id: str, grant: Grant, as_of: date, unit_on: date) -> str:
        """The unit that a board is part of within a grant, with or without an allocation, by the unit's id.

        It is the last board of the chain that has begun by the unit day, or that a decision names.
        """
        named = grant.named_on(as_of)
        unit_id = board_id
        for heir in self.heirs(board_id):
            has_begun = heir.valid_from_on is not None and heir.valid_from_on <= unit_on
            if has_begun or heir.board_id in named:
                unit_id = heir.board_id
        return unit_id

    def units(self, grant: Grant, as_of: date, unit_on: date) -> dict[str, Unit]:
        """Every unit of a grant with an allocation by the decisions in force on a day, by its id."""
        amounts: dict[str, dict[str, Decimal]] = {}
        inherited: dict[str, dict[str, Decimal]] = {}
        for (board_id, component_id), sek in grant.allocations_on(as_of).items():
            unit_id = self.unit_of(board_id, grant, as_of, unit_on)
            own = amounts.setdefault(unit_id, {})
            own[component_id] = own.get(component_id, Decimal(0)) + sek
            if board_id != unit_id:
                given = inherited.setdefault(unit_id, {})
                given[board_id] = given.get(board_id, Decimal(0)) + sek
        return {unit_id: Unit(unit_id, own, inherited.get(unit_id, {})) for unit_id, own in amounts.items()}

    def counts_under(self, sender_id: str, grant: Grant, as_of: date, unit_on: date) -> str | None:
        """The unit with an allocation that a sender's returns count under, by its id; None when there is none.

        It is the one that the sender is part of. A successor that the grant knows nothing of counts under its
        predecessors' unit, where they have only one.
        """
        units = self.units(grant, as_of, unit_on)
        unit_id = self.unit_of(sender_id, grant, as_of, unit_on)
        if unit_id in units:
            return unit_id
        before = [one for one in units if any(heir.board_id == unit_id for heir in self.heirs(one))]
        return before[0] if len(before) == 1 else None

    def assignment(self, sender_id: str, grant: Grant, as_of: date, unit_on: date) -> Assignment | None:
        """What a sender has been given; None when neither it nor any unit that it counts under has an allocation."""
        unit_id = self.counts_under(sender_id, grant, as_of, unit_on)
        if unit_id is None:
            return None
        if unit_id == sender_id:
            unit = self.units(grant, as_of, unit_on)[unit_id]
            inherited = {self.board(board_id).name: sek for board_id, sek in unit.inherited_sek.items()}
            return Assignment(unit.amounts_sek, inherited)
        own = {part: sek for (board_id, part), sek in grant.allocations_on(as_of).items() if board_id == sender_id}
        return Assignment(own, counted_with=self.board(unit_id).name)

    def holder(self, returned: "Return", plan: "RunPlan") -> str | None:
        """The unit that a return is about: the one it counts under, else its sender's; None while that is unknown.

        Of a return whose grant is unknown, or outside the run, it is the sender itself.
        """
        sender_id, grant_id = returned.sender_id, returned.grant_id
        if sender_id is None or grant_id is None or grant_id not in plan.periods:
            return sender_id
        grant, unit_on = self.grant(grant_id), plan.periods[grant_id]
        counted = self.counts_under(sender_id, grant, plan.as_of, unit_on)
        return counted or self.unit_of(sender_id, grant, plan.as_of, unit_on)


# -- the returns -----------------------------------------------------------------------------------------------------


class Reading(enum.StrEnum):
    """How a cell was read. It says what stands there, not whether that is right."""

    OK = "ok"
    BLANK = "blank"
    FROM_TEXT = "from_text"
    """An amount or a date written as text, read without a guess."""
    UNREADABLE = "unreadable"
    ROUNDED = "rounded"
    """A computed amount with parts of öre, rounded half up to the öre."""
    DECIMALS = "decimals"
    """An amount with more than two decimals."""
    ERROR = "error"
    """An Excel error such as #REF!."""
    NO_VALUE = "no_value"
    """A formula without a stored value."""


@dataclass(frozen=True)
class Cell:
    """One cell on its way from the board's file to a figure: where it stands, what stands there, and its value."""

    sheet: str
    ref: str
    raw: str
    """What stands in the cell, personal numbers masked."""
    reading: Reading
    value: Decimal | date | str | None
    """The parsed value; None unless the reading is OK, FROM_TEXT or ROUNDED."""


@dataclass(frozen=True)
class Column:
    """A column of a return's table: header in Excel, name in English, and what a cell of it holds."""

    header: str
    name: str
    kind: Literal["text", "prose", "amount", "date", "count"]
    is_required: bool = False


@dataclass(frozen=True)
class HeaderField:
    """A single cell of the return: its defined name in the workbook, English name, label and what it holds."""

    defined_name: str
    name: str
    label: str
    kind: Literal["text", "prose", "amount", "date", "count", "choice"]
    is_locked: bool = False
    is_required: bool = False


COST_COLUMNS = (
    Column("Insats", "activity", "text", True),
    Column("Område", "area", "text", True),
    Column("Kostnadsslag", "cost_kind", "text", True),
    Column("Konto", "account", "text"),
    Column("Projekt", "project", "text"),
    Column("Verifikation", "voucher", "text"),
    Column("Datum", "worked_on", "date", True),
    Column("Belopp", "amount_sek", "amount", True),
    Column("Kommentar", "comment", "prose"),
)
ACTIVITY_COLUMNS = (
    Column("Insats", "activity", "text", True),
    Column("Område", "area", "text"),
    Column("Målområde", "target_area", "text"),
    Column("Målgrupp", "target_group", "text"),
    Column("Beskrivning", "description", "prose"),
    Column("Antal kvinnor", "women_count", "count"),
    Column("Antal män", "men_count", "count"),
    Column("Antal okänt kön", "unknown_count", "count"),
    Column("Resultat", "result", "prose"),
)
TABLES = {"Kostnader": COST_COLUMNS, "Insatser": ACTIVITY_COLUMNS}
"""The Excel tables of a return workbook (contract section 2), by the name of the table."""

HEADER_FIELDS = (
    HeaderField("bidrag", "grant", "Statsbidrag", "text", True, is_required=True),
    HeaderField("namnd", "board", "Nämnd", "text", True, is_required=True),
    HeaderField("period_tom", "period_end_on", "Redovisningen gäller till och med", "date", True, is_required=True),
    HeaderField("version", "version", "Version", "count", is_required=True),
    HeaderField("mallversion", "template_version", "Mallversion", "text", True, is_required=True),
    HeaderField("tilldelat", "allocated_sek", "Tilldelat belopp, kr", "amount", True),
    HeaderField(
        "summa_kostnader", "stated_total_sek", "Summa kostnader enligt nämnden, kr", "amount", is_required=True
    ),
    HeaderField("prognos", "forecast_sek", "Prognos för hela bidraget, kr", "amount"),
    HeaderField("onskar_ytterligare", "wanted_sek", "Önskar ytterligare medel, kr", "amount"),
    HeaderField("orsak_ej_forbrukat", "unspent_reason", "Orsak om medel inte förbrukas", "prose"),
    HeaderField("ersatter_befintlig", "replaces_existing", "Ersätter medlen befintlig verksamhet?", "choice"),
    HeaderField("annan_finansiering", "other_funding", "Finns annan finansiering av samma insatser?", "choice"),
    HeaderField("kontaktperson", "contact", "Kontaktperson", "text"),
    HeaderField("epost", "email", "E-post", "text"),
    HeaderField("intygas_av", "attested_by", "Intygas av", "text"),
    HeaderField("intygas_befattning", "attested_title", "Befattning", "text"),
    HeaderField("intygas_den", "attested_on", "Intygas den", "date"),
)


@dataclass(frozen=True)
class Row:
    """A row of a table in a return: cells by the English name of their column."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Problem:
    """Why a file, or a part of it, could not be taken in: a rule of the register and the details for its sentence."""

    rule_id: str
    sheet: str | None = None
    cells: tuple[str, ...] = ()
    value: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


NUMBER_RULE, FOR_A_VOUCHER = "personnummer", "personnummer-i-verifikation"
LIKE_A_VOUCHER = "verifikation-lik-personnummer"
"""The rules about what looks like a personal number. Only under the last one is it left as it stands."""
IN_CELL = "i cellen"
VOUCHER_COLUMNS = {"verifikation", "konto", "projekt"}
"""What the bookkeeping numbers its things by, as names are compared."""
HIDDEN_TEXT = "(personnummer)"
"""What is told instead of a text that holds a personal number."""


@dataclass(frozen=True)
class NumberPlace:
    """Where in a return something stands that looks like a personal number; never what stands there or beside it."""

    sheet: str
    """The name of the sheet; empty for what is in none, as in a CSV file."""
    ref: str
    """The cell, or the one that a note or a link is on; empty where there is none."""
    where: str = IN_CELL
    """Where a person looks for it, in words."""
    rule_id: str = NUMBER_RULE

    @property
    def is_masked(self) -> bool:
        """Whether it has been written over."""
        return self.rule_id != LIKE_A_VOUCHER

    @property
    def is_of_cell(self) -> bool:
        """Whether what its cell holds is told nowhere."""
        return self.is_masked and self.where == IN_CELL


@dataclass(frozen=True)
class Return:
    """A redovisning as it came: flat rows with every cell's address, nothing judged, personal numbers masked."""

    file: str
    """The name under the returns folder, with `/`; personal numbers masked."""
    sha256: str
    size_bytes: int
    kind: Literal["xlsx", "csv", "other", "skipped"]
    problems: tuple[Problem, ...] = ()
    header: Mapping[str, Cell] = field(default_factory=dict)
    costs: tuple[Row, ...] = ()
    activities: tuple[Row, ...] = ()
    personal_numbers: tuple[NumberPlace, ...] = ()
    """Where personal numbers stood, and what looks like one."""
    grant_id: str | None = None
    sender_id: str | None = None
    """The board that sent it, once its name is known; None until `rulebook.identify`, or when nobody is known by it."""

    def value(self, name: str) -> Decimal | date | str | None:
        """The parsed value of a header cell, None when it is missing, blank or can't be read."""
        cell = self.header.get(name)
        return cell.value if cell else None

    @property
    def cells_key(self) -> str:
        """A fingerprint of what the cells that count say, wherever they stand, and of what stops them; letters only.

        Two returns with the same one are the same return, even where one of them has been saved by another program. No
        digits: among some hundred answers one would look like a personal number.
        """
        parts = [(self.header,), [row.cells for row in self.costs], [row.cells for row in self.activities]]
        told = [(p.rule_id, p.sheet, p.cells) for p in self.problems if p.rule_id not in MADE_STILL]
        said = [*([_said_by(cells) for cells in rows] for rows in parts), told]
        digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        return digest.translate(_LETTERS)


def _said_by(cells: Mapping[str, Cell]) -> list[tuple[str, str, str]]:
    """What each cell in which something stands says, and how it was read."""
    said = [(name, str(cell.reading), cell.raw) for name, cell in cells.items()]
    return sorted(one for one in said if one[1] != str(Reading.BLANK))


MADE_STILL = {"fil-makron", "fil-lankar", "fil-inbaddat"}
"""What is said of a workbook and is no longer so of our answer, from which it has been taken away."""
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
ANSWER_NAME = "statsbidrag_svar"
"""The hidden defined name by which an answer workbook is known when it comes in again; it says `Return.cells_key`."""


# -- the run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunPlan:
    """What is reconciled: which grants, as of which day, in a quarter or finally."""

    as_of: date
    is_final: bool
    periods: Mapping[str, date]
    """Grant id -> the period's end that the run reconciles to."""


RETURN_STATUS: Mapping[str, str] = {
    "missing": "ingen redovisning",
    "held": "väntar på rättelse",
    "outdated": "gäller en tidigare period",
    "accepted_with_warnings": "räknas, med anmärkningar",
    "accepted": "räknas",
}
"""The standing of a board's return (contract 3), as people read it."""

INELIGIBLE_REASON: Mapping[str, str] = {
    "outside_period": "arbetet är utfört utanför bidragets period",
    "cost_kind": "bidraget betalar inte kostnadsslaget",
    "area": "bidraget betalar inte området",
}
"""Why a grant doesn't pay for a line (contract 4), the first reason in this order."""

LIABILITY_BASIS: Mapping[str, str] = {"namnd": "per nämnd", "kommun": "för kommunen som helhet"}
"""How the city's repayment is reckoned (contract 4)."""


# -- what people decide about a final report -------------------------------------------------------------------------


class ReportState(enum.StrEnum):
    """How far a final report has come (läge), in this order; the value is the word that people read."""

    DRAFT = "utkast"
    REVIEWED = "granskad"
    ATTESTED = "attesterad"
    FILED = "inlämnad"
    REPAID = "återbetald"


NEXT_STEP: Mapping[ReportState, str] = {
    ReportState.DRAFT: "Någon annan än den som körde den behöver granska den: statsbidrag review {grant}.",
    ReportState.REVIEWED: "En tredje person behöver attestera den: statsbidrag approve {grant}.",
    ReportState.ATTESTED: "Den är klar att lämna in: statsbidrag file {grant}.",
    ReportState.FILED: "Betala tillbaka till myndigheten och bokför det: statsbidrag repaid {grant}.",
    ReportState.REPAID: "Myndigheten har fått allt tillbaka.",
}
"""What somebody does next with a report in each state, a sentence with a place for the grant's id."""


@dataclass(frozen=True)
class Event:
    """One line of the audit log (händelselogg); its hash covers all of it and the hash of the line before."""

    number: int
    recorded_at: str
    """When the line was written, ISO 8601 in Swedish time. Nothing is decided by it."""
    kind: str
    grant_id: str | None
    by: str | None
    """Who, as stated; there is no login."""
    sentence: str
    details: Mapping[str, Any]
    previous: str
    sha256: str


@dataclass(frozen=True)
class Act:
    """A step that somebody took with a final report: to which state, who, which day and why."""

    state: ReportState
    by: str
    on: date
    why: str | None = None


@dataclass(frozen=True)
class Move:
    """A figure of a report that has changed: where it stands, and its value before and after; None: it had none."""

    figure: str
    board_id: str | None
    component_id: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Review:
    """Where a final report stands: what people have done with exactly these figures and inputs."""

    figures_sha256: str
    inputs_sha256: str
    state: ReportState = ReportState.DRAFT
    version: int = 1
    """1 is the first report; a change after filing starts the next one, a correction (rättelse)."""
    run_by: str | None = None
    """Whom the report names: those who had run it when it was reviewed."""
    runners: tuple[str, ...] = field(default=(), compare=False)
    """All who have run it with these figures and inputs; they can neither review nor attest it."""
    acts: tuple[Act, ...] = ()
    log_sha256: str | None = None
    """The hash of the audit log at the moment of attest."""
    moved: tuple[Move, ...] = ()
    """What has changed since the figures that were last reviewed, attested or filed."""


@dataclass(frozen=True)
class Entry:
    """A row that somebody has entered in the repayment ledger (reskontra), in kronor."""

    kind: Literal["claim", "payment", "interest_payment", "relief"]
    board_id: str | None
    """None: between the city and the agency; else between that board and Socialnämnden."""
    amount_sek: Decimal
    on: date
    reference: str
    """The dnr of the decision, or what the payment is marked with."""
    by: str
    ground: str | None = None
    """A key of LIABILITY_GROUND, for a claim or a relief."""
    due_on: date | None = None
    why: str | None = None


LIABILITY_GROUND: Mapping[str, str] = {
    "not_used": "inte använt",
    "wrong_purpose": "använt till annat än ändamålet",
    "no_report": "ingen redovisning",
    "breach_of_terms": "villkor har inte följts",
    "wrongly_received": "mottaget på felaktig grund eller med för högt belopp",
}
"""Why money is to be repaid."""
RECKONED_GROUNDS = ("not_used", "wrong_purpose", "no_report")
"""The grounds that follow from the returns (contract 4); the others only somebody can decide."""


@dataclass(frozen=True)
class GrantResult:
    """What a run found out about one grant: the result tables of sql/, the findings and the files it rests on."""

    grant: Grant
    as_of: date
    period_end: date
    is_final: bool
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    """Table name (a step of sql/ without its number) -> its rows for this grant, in a fixed order."""
    findings: tuple[Finding, ...]
    data_files: tuple[tuple[str, str, int], ...]
    review: Review | None = None
    """Where the report stands, once that is known; None in a quarter."""

    @property
    def place(self) -> str:
        """Where its reports lie under the out folder."""
        return f"{self.grant.grant_id}/{places.FINAL if self.is_final else self.period_end.isoformat()}"

    @property
    def can_use_more(self) -> bool:
        """Whether any of the money can still be used after the period: not when it reaches the grant's last day."""
        return not self.is_final and self.period_end < self.grant.spend_to_on


# -- the year between the papers -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deadline:
    """The day by which something must be done with a grant (frist), as it stands on the as-of date."""

    grant_id: str
    grant_name: str
    kind: DeadlineKind
    as_of: date
    label: str
    """What is to be done, without the grant's name."""
    owner: str
    """Whose it is."""
    on: date | None
    words: str
    """The day as people read it; where none is known, what is known of it."""
    source: Source
    at_risk_sek: Decimal
    """Kronor that may have to be paid back if it is missed; 0 once it is closed."""
    consequence: str
    """What happens otherwise, as a sentence."""
    standing: Literal["open", "done", "passed"]
    """Passed: nobody can do it any longer, or need not, since what came after covers it."""
    period_end: date | None = None
    """Of a return, the last day that it covers."""
    working_days_left: int | None = None
    """Working days after the as-of date up to and with the deadline; negative: how many it is late."""
    last_working_day: date | None = None
    """The day itself, or when that is no working day the last one before it."""
    remind_on: tuple[date, ...] = ()
    """The days on which to remind of it, earliest first."""

    @property
    def days_left(self) -> int | None:
        """Calendar days to the deadline, negative when it has passed; None when no day is known."""
        return (self.on - self.as_of).days if self.on else None

    @property
    def is_closed(self) -> bool:
        """Nobody has anything left to do about it."""
        return self.standing != "open"

    @property
    def is_overdue(self) -> bool:
        """The day has passed and it is not done."""
        return not self.is_closed and self.on is not None and self.on < self.as_of

    @property
    def left(self) -> str:
        """How long there is to go, in a few words; of what is overdue, what is at risk."""
        days, working = self.days_left, self.working_days_left
        if self.is_closed:
            return "klart" if self.standing == "done" else "har passerat"
        if days is None or working is None:
            return "ingen dag är känd"
        if days == 0:
            return "i dag"
        if days > 0:
            left = swedish.counted(days, "dag", "dagar")
            return f"{left} kvar, varav {swedish.counted(working, 'arbetsdag', 'arbetsdagar')}"
        late = f"försenat {swedish.counted(-days, 'dag', 'dagar')}"
        return f"{late}, det gäller {swedish.kr(self.at_risk_sek)}" if self.at_risk_sek else late


@dataclass(frozen=True)
class Reminder:
    """A text that reminds a board of a return that it has not sent in, or not put right (påminnelse)."""

    reminder_id: str
    """The same for the same reminder however often it is made, so that it is sent once."""
    board_id: str
    deadline: Deadline
    remind_on: date
    """The day that it was due to go out."""
    at_risk_sek: Decimal
    """The board's own kronor that are at risk."""
    subject: str
    text: str
