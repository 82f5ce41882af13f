"""What a person adds to the city's own files or settles in them, with all else as it stood.

A waiver and a decision become rows after those there are, with every other byte as it was. A term,
the city's own words and a board's address are put in their place by tomlkit, which keeps comments
and order. What comes out is read again before it is used, and has to say what the file said but for
what was to change.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import tomlkit

from ..base import swedish
from ..model.decisions import WHOLE_GRANT, Waiver
from . import toml_files

Value = str | int | Decimal | date | Sequence[str] | None
"""What a key of a term is given; None: it is left out."""


@dataclass(frozen=True)
class Document:
    """A document that a grant file is to name: by which key, and what it is called there."""

    key: str
    title: str
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class Origin:
    """Where what is written comes from: a sentence of a document, or an assumption with its
    reason."""

    document: str = ""
    """The key of the document in the file."""
    sentence: str = ""
    assumption: str = ""

    def table(self) -> dict[str, Any]:
        """The keys of it, as a grant file has them."""
        written: dict[str, Any] = {}
        if self.document:
            document, sentence = (
                tomlkit.string(text).as_string() for text in (self.document, self.sentence)
            )
            written["kalla"] = tomlkit.value(f"{{ dokument = {document}, mening = {sentence} }}")
        if self.assumption:
            written["antagande"] = self.assumption
        return written


# -- rows that are added ---------------------------------------------------------------------------


def with_waiver(content: bytes, waiver: Waiver, board_name: str, note: str) -> bytes:
    """A grant file with an exception from a rule; `note` is a comment above it."""
    row: dict[str, Any] = {
        "regel": waiver.rule_id,
        "namnd": board_name,
        "skal": waiver.reason,
        "beslutat_av": waiver.decided_by,
        "beslutat_den": waiver.decided_on,
        "till": waiver.until_on,
    }
    if waiver.file:
        row["fil"] = waiver.file
    if waiver.cell:
        row["cell"] = waiver.cell
    return toml_files.with_row(content, "undantag", row, note)


@dataclass(frozen=True)
class NewDecision:
    """A later decision on allocations, as it is to stand in a grant file."""

    decision_id: str
    on: date
    by: str
    origin: Origin
    amounts: Mapping[str, Mapping[str, Decimal]]
    """Kronor by the name of the board and the component; the whole new amount, never a change."""

    @property
    def total_sek(self) -> Decimal:
        """All its amounts together."""
        return sum((sum(parts.values(), Decimal(0)) for parts in self.amounts.values()), Decimal(0))


def with_decision(content: bytes, decision: NewDecision, note: str) -> bytes:
    """A grant file with a later decision; the earlier ones are left as they are."""
    allocations = tomlkit.table()
    for name, parts in decision.amounts.items():
        if set(parts) == {WHOLE_GRANT}:
            allocations.add(toml_files.quoted(name), toml_files.item(parts[WHOLE_GRANT]))
            continue
        by_component = tomlkit.inline_table()
        for component_id, amount in parts.items():
            by_component.add(component_id, toml_files.item(amount))
        allocations.add(toml_files.quoted(name), by_component)
    row: dict[str, Any] = {
        "id": decision.decision_id,
        "datum": decision.on,
        "beslutat_av": decision.by,
        **decision.origin.table(),
        "summa": toml_files.item(decision.total_sek),
        "fordelning": allocations,
    }
    return toml_files.with_row(content, "beslut", row, note)


def decision_id(by: str, on: date, taken: Sequence[str]) -> str:
    """An id for a decision, after who decided and when; with a number where another has it."""
    plain = swedish.ident(by) or "beslut"
    base = f"{plain}-{on.isoformat()}"
    wanted, number = base, 1
    while wanted in taken:
        number += 1
        wanted = f"{base}-{number}"
    return wanted


def with_document(content: bytes, document: Document) -> bytes:
    """A grant file that names one more document."""
    row: dict[str, Any] = {"titel": document.title}
    if document.on:
        row["datum"] = document.on
    if document.reference:
        row["dnr"] = document.reference
    shown = f"[dokument.{document.key}]\n{tomlkit.dumps(toml_files.table(row))}"
    after = toml_files.with_table(content, "dokument", shown)
    toml_files.must_say_the_same_but(content, after, {"dokument"})
    return after


def document_key(title: str, taken: Sequence[str]) -> str:
    """A key for a document, after its title."""
    base = "-".join(swedish.ident(title).split("-")[:4]) or "dokument"
    wanted, number = base, 1
    while wanted in taken:
        number += 1
        wanted = f"{base}-{number}"
    return wanted


# -- what is put in its place ----------------------------------------------------------------------


def with_term(
    content: bytes, place: str, wording: int, values: Mapping[str, Value], origin: Origin
) -> bytes:
    """A grant file in which a term has this origin instead of being unknown or assumed, and these
    values; keys that aren't named keep theirs.

    `place` is the key as the file has it, such as "villkor.ranta" or "frister.namndsammantrade",
    and `wording` the number of the wording where it has several. What is assumed still may lean on
    the sentence that it leant on.
    """
    section, key = place.split(".")
    stated = toml_files.said(content).get(section, {}).get(key)
    if stated is None:
        row = {name: value for name, value in values.items() if value is not None}
        shown = f"[{place}]\n{tomlkit.dumps(toml_files.table(row | origin.table()))}"
        after = toml_files.with_table(content, section, shown)
        toml_files.must_say_the_same_but(content, after, {section})
        return after
    said = stated[wording] if isinstance(stated, list) else stated
    changes: dict[str, Any] = dict.fromkeys(_ORIGIN) | dict(values) | origin.table()
    if origin.assumption and "antagande" in said:
        changes["kalla"] = said.get("kalla")
    is_kept = changes["kalla"] is not None and not origin.document
    if is_kept:
        del changes["kalla"]

    def find(document: Any) -> Any:
        found = document[section][key]
        return found[wording] if isinstance(found, list) else found

    after = toml_files.with_keys(content, rf"\[\[?{section}\.{key}\]", wording, find, changes)
    toml_files.must_say_the_same_but(content, after, {section})
    return after


_ORIGIN = ("okand", "antagande", "kalla")
"""The keys that say where a term comes from."""


def with_decision_origin(content: bytes, decision_id: str, origin: Origin) -> bytes:
    """A grant file in which a decision has this origin; its amounts are left alone."""
    ids = [decision["id"] for decision in toml_files.said(content)["beslut"]]
    number = ids.index(decision_id)
    changes: dict[str, Any] = dict.fromkeys(_ORIGIN) | origin.table()
    find = lambda document: document["beslut"][number]  # noqa: E731
    after = toml_files.with_keys(content, r"\[\[beslut\]\]", number, find, changes)
    toml_files.must_say_the_same_but(content, after, {"beslut"})
    return after


def with_own_words(content: bytes, area: str, words: str) -> bytes:
    """A grant file in which the city says something of an area, or, with no words, nothing."""

    def put(document: MutableMapping[str, Any]) -> None:
        accounts = document.setdefault("redogorelse", tomlkit.table())
        if words:
            accounts[toml_files.quoted(area)] = tomlkit.string(f"{words}\n", multiline=True)
        else:
            accounts.pop(area, None)
        if not accounts:
            del document["redogorelse"]

    after = toml_files.changed(content, put)
    toml_files.must_say_the_same_but(content, after, {"redogorelse"})
    return after


def with_address(content: bytes, board_id: str, address: str) -> bytes:
    """The register of boards in which a board has an address for letters, or, with none, has
    not."""

    ids = [board["id"] for board in toml_files.said(content)["namnd"]]
    number = ids.index(board_id)
    find = lambda document: document["namnd"][number]  # noqa: E731
    after = toml_files.with_keys(
        content, r"\[\[namnd\]\]", number, find, {"epost": address or None}
    )
    toml_files.must_say_the_same_but(content, after, {"namnd"})
    return after
