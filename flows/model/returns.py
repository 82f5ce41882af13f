"""The nouns of a return as it came: cells with addresses, rows, problems; and the columns and
fields it has."""

import enum
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from .packed_rows import PackedRows

TEMPLATE_VERSIONS = ("2026-1",)
"""The return workbooks that the program knows, newest last; `mallversion` in the workbook is one of
them."""


# -- the returns -----------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell on its way from the board's file to a figure: where it stands, what stands there,
    and its value."""

    sheet: str
    ref: str
    raw: str
    """What stands in the cell, personal numbers masked."""
    reading: Reading
    value: Decimal | date | str | None
    """The parsed value; None unless the reading is OK, FROM_TEXT or ROUNDED."""

    def __reduce__(self) -> tuple[Any, ...]:
        """As a call with its values: there are hundreds of cells in a return, and each of them is
        handed from one process to another."""
        return Cell, (self.sheet, self.ref, self.raw, self.reading, self.value)


@dataclass(frozen=True)
class Column:
    """A column of a return's table: header in Excel, name in English, and what a cell of it
    holds."""

    header: str
    name: str
    kind: Literal["text", "prose", "amount", "percent", "date", "count", "choice", "answer"]
    is_required: bool = False


@dataclass(frozen=True)
class HeaderField:
    """A single cell of the return: its defined name in the workbook, English name, label and what
    it holds."""

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
"""The Excel tables of every return workbook (contract section 2), by the name of the table."""

POST_COLUMNS = (
    Column("Roll", "role", "text", True),
    Column("Procent av heltid", "full_time_percent", "percent", True),
    Column("Från", "from_on", "date", True),
    Column("Till", "to_on", "date"),
    Column("Finns kvar", "stays", "choice"),
)
"""A post for the grant's money. Nothing in it says who has it: no name, and no room for one."""
MEASURE_KEY_COLUMNS = (
    Column("Mått", "measure", "text", True),
    Column("År", "year", "text", True),
    Column("Uppdelning", "split", "text", True),
    Column("Del", "part", "text", True),
)
"""Of what a count is (`measures.row_key`)."""
MEASURE_COUNT_COLUMNS = (
    Column("Antal", "count", "count"),
    Column("Instämmer", "agree_count", "count"),
    Column("Svarande", "answered_count", "count"),
    Column("Tillfrågade", "asked_count", "count"),
)
MEASURE_COLUMNS = (*MEASURE_KEY_COLUMNS, *MEASURE_COUNT_COLUMNS)
"""A count for a year."""
QUESTION_COLUMNS = (
    Column("Fråga", "question", "text", True),
    Column("År", "question_year", "text", True),
    Column("Svar", "answer", "answer"),
)
"""What a board answers about itself for a year: yes, no or a number."""
POSTS, MEASURES, QUESTIONS = "Tjänster", "Mått", "Frågor"
ASKED_TABLES = {POSTS: POST_COLUMNS, MEASURES: MEASURE_COLUMNS, QUESTIONS: QUESTION_COLUMNS}
"""The tables that only some grants ask for (contract section 7)."""
ALL_TABLES = TABLES | ASKED_TABLES
"""Every table that a return workbook can have."""

HEADER_FIELDS = (
    HeaderField("bidrag", "grant", "Statsbidrag", "text", True, is_required=True),
    HeaderField("namnd", "board", "Nämnd", "text", True, is_required=True),
    HeaderField(
        "period_tom",
        "period_end_on",
        "Redovisningen gäller till och med",
        "date",
        True,
        is_required=True,
    ),
    HeaderField("version", "version", "Version", "count", is_required=True),
    HeaderField("mallversion", "template_version", "Mallversion", "text", True, is_required=True),
    HeaderField("tilldelat", "allocated_sek", "Tilldelat belopp, kr", "amount", True),
    HeaderField(
        "summa_kostnader",
        "stated_total_sek",
        "Summa kostnader enligt nämnden, kr",
        "amount",
        is_required=True,
    ),
    HeaderField("prognos", "forecast_sek", "Prognos för hela bidraget, kr", "amount"),
    HeaderField("onskar_ytterligare", "wanted_sek", "Önskar ytterligare medel, kr", "amount"),
    HeaderField("orsak_ej_forbrukat", "unspent_reason", "Orsak om medel inte förbrukas", "prose"),
    HeaderField(
        "ersatter_befintlig", "replaces_existing", "Ersätter medlen befintlig verksamhet?", "choice"
    ),
    HeaderField(
        "annan_finansiering",
        "other_funding",
        "Finns annan finansiering av samma insatser?",
        "choice",
    ),
    HeaderField("kontaktperson", "contact", "Kontaktperson", "text"),
    HeaderField("epost", "email", "E-post", "text"),
    HeaderField("intygas_av", "attested_by", "Intygas av", "text"),
    HeaderField("intygas_befattning", "attested_title", "Befattning", "text"),
    HeaderField("intygas_den", "attested_on", "Intygas den", "date"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table in a return: cells by the English name of their column."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]

    def __reduce__(self) -> tuple[Any, ...]:
        """As a call with its values, like its cells."""
        return Row, (self.sheet, self.row, self.cells)


@dataclass(frozen=True)
class Problem:
    """Why a file, or a part of it, could not be taken in: a rule of the register and the details
    for its sentence."""

    rule_id: str
    sheet: str | None = None
    cells: tuple[str, ...] = ()
    value: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


NUMBER_RULE, FOR_A_VOUCHER = "personnummer", "personnummer-i-verifikation"
LIKE_A_VOUCHER = "verifikation-lik-personnummer"
"""The rules about what looks like a personal number. Only under the last one is it left as it
stands."""
IN_CELL = "i cellen"
VOUCHER_COLUMNS = {"verifikation", "konto", "projekt"}
"""What the bookkeeping numbers its things by, as names are compared."""
HIDDEN_TEXT = "(personnummer)"
"""What is told instead of a text that holds a personal number."""


@dataclass(frozen=True)
class NumberPlace:
    """Where in a return something stands that looks like a personal number; never what stands there
    or beside it."""

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
class Outline:
    """What is known of a return's cells where they are packed, or no longer held."""

    cells_key: str
    cost_count: int
    """How many rows its table of costs has; the same of its activities below."""
    activity_count: int
    total: tuple[int, Decimal]
    """How many cost lines have an amount, and their sum."""


@dataclass(frozen=True)
class Return:
    """A redovisning as it came: flat rows with every cell's address, nothing judged, personal
    numbers masked."""

    file: str
    """The name under the returns folder, with `/`; personal numbers masked."""
    sha256: str
    size_bytes: int
    kind: Literal["xlsx", "csv", "report", "other", "skipped"]
    """`report`: the package of a report that was filed one level down."""
    problems: tuple[Problem, ...] = ()
    header: Mapping[str, Cell] = field(default_factory=dict)
    costs: Sequence[Row] = ()
    """Packed as they came from whoever read them; see `opened`."""
    activities: tuple[Row, ...] = ()
    posts: tuple[Row, ...] = ()
    measures: tuple[Row, ...] = ()
    questions: tuple[Row, ...] = ()
    personal_numbers: tuple[NumberPlace, ...] = ()
    """Where personal numbers stood, and what looks like one."""
    grant_id: str | None = None
    sender_id: str | None = None
    """The board that sent it, once its name is known; None until `rulebook.identify`, or when
    nobody is known by it."""
    outline: Outline | None = field(default=None, compare=False)
    """Of a return whose rows are packed or have been let go of, what they are; see `packed`."""

    def packed(self) -> "Return":
        """The same return as it is handed on: with its cost lines in bytes, and what is asked of
        them most."""
        return replace(self, costs=PackedRows.of(self.costs), outline=self._outline())

    def opened(self) -> "Return":
        """The same return, for somebody who goes through its cost lines again and again."""
        return replace(self, costs=tuple(self.costs), outline=None)

    def without_rows(self) -> "Return":
        """The same return when all of its rows have been reckoned with: in a run of thousands they
        are most of what it holds in memory. Its header is kept."""
        none: dict[str, Any] = dict.fromkeys(_ROWS.values(), ())
        return replace(self, outline=self._outline(), **none)

    def _outline(self) -> Outline:
        if self.outline is not None:
            return self.outline
        # Only a workbook is sent back, and known again by its cells.
        cells_key = self.cells_key if self.kind == "xlsx" else ""
        return Outline(cells_key, self.cost_count, self.activity_count, self.total)

    @property
    def total(self) -> tuple[int, Decimal]:
        """How many cost lines have an amount, and their sum in kronor."""
        if self.outline is not None:
            return self.outline.total
        cells = [row.cells["amount_sek"] for row in self.costs if "amount_sek" in row.cells]
        amounts = [cell.value for cell in cells if isinstance(cell.value, Decimal)]
        return len(amounts), sum(amounts, Decimal(0))

    @property
    def cost_count(self) -> int:
        """How many rows its table of costs has."""
        return self.outline.cost_count if self.outline else len(self.costs)

    @property
    def activity_count(self) -> int:
        """How many rows its table of activities has."""
        return self.outline.activity_count if self.outline else len(self.activities)

    @property
    def is_opened(self) -> bool:
        """Whether it is a file that could be read at all. Of a package that is not what was filed
        no more is known than whose it says that it is."""
        if self.kind == "report":
            return "stated_total_sek" in self.header
        return self.kind in {"xlsx", "csv"}

    def value(self, name: str) -> Decimal | date | str | None:
        """The parsed value of a header cell, None when it is missing, blank or can't be read."""
        cell = self.header.get(name)
        return cell.value if cell else None

    def rows_of(self, table: str) -> Sequence[Row]:
        """The rows of one of `ALL_TABLES`, by the table's name."""
        rows: Sequence[Row] = getattr(self, _ROWS[table])
        return rows

    @property
    def row_count(self) -> int:
        """How many rows its tables have together."""
        return sum(len(self.rows_of(table)) for table in ALL_TABLES)

    @property
    def cells_key(self) -> str:
        """A fingerprint of what the cells that count say, wherever they stand, and of what stops
        them; letters only.

        Two returns with the same one are the same return, even where one of them has been saved by
        another program. No digits: among some hundred answers one would look like a personal
        number.
        """
        if self.outline is not None:
            return self.outline.cells_key
        parts: list[list[Mapping[str, Cell]]] = [[self.header]]
        for table in ALL_TABLES:
            rows = self.rows_of(table)
            # An answer that has been sent must be known again, so what a return without the
            # tables that only some grants ask for says is said without them.
            if rows or table in TABLES:
                parts.append([row.cells for row in rows])
        still = [p for p in self.problems if p.rule_id not in MADE_STILL]
        problems = [(p.rule_id, p.sheet, p.cells) for p in still]
        content = [*([_said_by(cells) for cells in rows] for rows in parts), problems]
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return digest.translate(_LETTERS)


_ROWS = {
    "Kostnader": "costs",
    "Insatser": "activities",
    POSTS: "posts",
    MEASURES: "measures",
    QUESTIONS: "questions",
}
"""Which field of a return has the rows of each of its tables."""


def _said_by(cells: Mapping[str, Cell]) -> list[tuple[str, str, str]]:
    """What each cell in which something stands says, and how it was read."""
    readings = [(name, str(cell.reading), cell.raw) for name, cell in cells.items()]
    return sorted(one for one in readings if one[1] != str(Reading.BLANK))


MADE_STILL = {"fil-makron", "fil-lankar", "fil-inbaddat"}
"""What is said of a workbook and is no longer so of our answer, from which it has been taken
away."""
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
ANSWER_NAME = "statsbidrag_svar"
"""The hidden defined name by which an answer workbook is known when it comes in again; it says
`Return.cells_key`."""
