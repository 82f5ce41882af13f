"""What a person adds to the city's own files or settles in them, with all else as it stood.

A waiver and a decision become rows after those there are, with every other byte as it was. A term,
the city's own words and a board's address are put in their place by tomlkit, which keeps comments
and order. What comes out is read again before it is used, and has to say what the file said but for
what was to change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.decisions import WHOLE_GRANT, Waiver
from ..model.sources import Year
from . import toml_files

Value = str | int | Decimal | date | Sequence[str] | None
"""What a key of a term is given; None: it is left out."""


@dataclass(frozen=True)
class NewDocument:
    """A document that a grant file is to name: by which key, and what it is called there."""

    key: str
    title: str
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class NewSource:
    """Where what is written comes from: a sentence of a document, or an assumption with its
    reason."""

    document: str = ""
    """The key of the document in the file."""
    sentence: str = ""
    assumption: str = ""

    def as_keys(self) -> dict[str, Any]:
        """What a grant file has of it; None for what it does not."""
        cited = {"dokument": self.document, "mening": self.sentence} if self.document else None
        return {"okand": None, "antagande": self.assumption or None, "kalla": cited}


# -- rows that are added ---------------------------------------------------------------------------


def with_waiver(content: bytes, waiver: Waiver, board_name: str, note: str) -> bytes:
    """A grant file with an exception from a rule; `note` is a comment above it."""
    row = {
        "regel": waiver.rule_id,
        "namnd": board_name,
        "skal": waiver.reason,
        "beslutat_av": waiver.decided_by,
        "beslutat_den": waiver.decided_on,
        "till": waiver.until_on,
        "fil": waiver.file,
        "cell": waiver.cell,
    }
    return toml_files.with_row(content, "undantag", _given(row), note)


@dataclass(frozen=True)
class NewDecision:
    """A later decision on allocations, as it is to stand in a grant file."""

    decision_id: str
    on: date
    by: str
    source: NewSource
    amounts: Mapping[str, Mapping[str, Decimal]]
    """Kronor by the name of the board and the component; the whole new amount, never a change."""
    year: Year | None = None
    """Which of the grant's years the amounts are for; None where it has none."""

    @property
    def total_sek(self) -> Decimal:
        """All its amounts together."""
        return sum((sum(parts.values(), Decimal(0)) for parts in self.amounts.values()), Decimal(0))


def with_decision(content: bytes, decision: NewDecision, note: str) -> bytes:
    """A grant file with a later decision; the earlier ones are left as they are."""
    amounts: dict[str, Any] = {}
    for name, parts in decision.amounts.items():
        is_whole = set(parts) == {WHOLE_GRANT}
        amounts[name] = parts[WHOLE_GRANT] if is_whole else parts
    row = {
        "id": decision.decision_id,
        "datum": decision.on,
        "beslutat_av": decision.by,
        **decision.source.as_keys(),
        "avser": None,
        "summa": decision.total_sek,
    }
    if decision.year:
        row["avser"] = {"fran": decision.year.from_on, "till": decision.year.to_on}
    return toml_files.with_row(content, "beslut", _given(row), note, {"fordelning": amounts})


def with_document(content: bytes, document: NewDocument) -> bytes:
    """A grant file that names one more document."""
    row = {"titel": document.title, "datum": document.on, "dnr": document.reference or None}
    return toml_files.with_table(content, ("dokument", document.key), _given(row))


def decision_id(by: str, on: date, taken: Sequence[str]) -> str:
    """An id for a decision, after who decided and when."""
    return _free(f"{swedish.ident(by) or 'beslut'}-{on.isoformat()}", taken)


def document_key(title: str, taken: Sequence[str]) -> str:
    """A key for a document, after the first words of its title."""
    return _free("-".join(swedish.ident(title).split("-")[:4]) or "dokument", taken)


def _free(ident: str, taken: Sequence[str]) -> str:
    """An id, with a number where another has it."""
    wanted, number = ident, 1
    while wanted in taken:
        number += 1
        wanted = f"{ident}-{number}"
    return wanted


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without the keys that have nothing."""
    return {key: value for key, value in row.items() if value is not None}


# -- what is put in its place ----------------------------------------------------------------------


def with_term(
    content: bytes, place: str, wording: int, values: Mapping[str, Value], source: NewSource
) -> bytes:
    """A grant file in which a term has this source instead of being unknown or assumed, and these
    values; keys that aren't named keep theirs.

    `place` is the key as the file has it, such as "villkor.ranta" or "frister.namndsammantrade",
    and `wording` the number of the wording where it has several.
    """
    section, key = place.split(".")
    stated = toml_files.said(content).get(section, {}).get(key)
    changes = {**values, **source.as_keys()}
    if stated is None:
        return toml_files.with_table(content, (section, key), _given(changes))
    path: toml_files.TablePath = (section, key)
    if isinstance(stated, list):
        path = (section, key, wording)
        stated = stated[wording]
    if source.assumption and "antagande" in stated:
        del changes["kalla"]  # what is assumed still leans on the sentence that it leant on
    return toml_files.with_keys(content, path, changes)


def with_decision_source(content: bytes, decision_id: str, source: NewSource) -> bytes:
    """A grant file in which a decision has this source; its amounts are left alone."""
    return toml_files.with_keys(
        content, ("beslut", _number(content, "beslut", decision_id)), source.as_keys()
    )


def with_own_words(content: bytes, area: str, words: str) -> bytes:
    """A grant file in which the city says something of an area, or, with no words, nothing."""
    return toml_files.with_prose(content, "redogorelse", area, words)


def with_contact(content: bytes, contact: str) -> bytes:
    """A grant file that says who answers the agency, or, with nobody, does not."""
    return toml_files.with_text(content, "kontaktperson", contact)


def with_workbook_words(content: bytes, contact: str, handed_in_at: str) -> bytes:
    """The organisation's file with what workbooks say of whom to ask and where to hand in."""
    with_contact = toml_files.with_text(content, "kontakt", contact)
    return toml_files.with_text(with_contact, "lamnas_in", handed_in_at)


def with_address(content: bytes, board_id: str, address: str) -> bytes:
    """The register of boards in which a board has an address for letters, or, with none, has
    not."""
    number = _number(content, "namnd", board_id)
    return toml_files.with_keys(content, ("namnd", number), {"epost": address or None})


def without_draft_mark(content: bytes) -> bytes:
    """A grant file that is no draft any more."""
    return toml_files.with_text(content, "utkast", "")


def _number(content: bytes, name: str, ident: str) -> int:
    """The number of the table with an id, in a list of tables of a file."""
    return [table["id"] for table in toml_files.said(content)[name]].index(ident)
