"""What a person adds to the city's own files or settles in them, with all else as it stood.

A waiver and a decision become rows after those there are, with every other byte as it was. A term,
the city's own words and a board's address are put in their place by tomlkit, which keeps comments
and order. What comes out is read again before it is used, and has to say what the file said but for
what was to change.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import KeyType, SingleKey

from ..base import swedish
from ..base.errors import InputError
from ..model.decisions import WHOLE_GRANT, Waiver

Value = str | int | Decimal | date | Sequence[str] | None
"""What a key of a term is given; None: it is left out."""
_FOLDED_FROM = 2
"""A list of so many texts is written with each on a line of its own."""


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
    return _with_row(content, "undantag", row, note)


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
            allocations.add(_quoted(name), _item(parts[WHOLE_GRANT]))
            continue
        by_component = tomlkit.inline_table()
        for component_id, amount in parts.items():
            by_component.add(component_id, _item(amount))
        allocations.add(_quoted(name), by_component)
    row: dict[str, Any] = {
        "id": decision.decision_id,
        "datum": decision.on,
        "beslutat_av": decision.by,
        **decision.origin.table(),
        "summa": _item(decision.total_sek),
        "fordelning": allocations,
    }
    return _with_row(content, "beslut", row, note)


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
    shown = f"[dokument.{document.key}]\n{tomlkit.dumps(_table(row))}"
    after = _inserted(content, "dokument", shown)
    _must_say_the_same_but(content, after, {"dokument"})
    return after


def document_key(title: str, taken: Sequence[str]) -> str:
    """A key for a document, after its title."""
    base = "-".join(swedish.ident(title).split("-")[:4]) or "dokument"
    wanted, number = base, 1
    while wanted in taken:
        number += 1
        wanted = f"{base}-{number}"
    return wanted


def _with_row(content: bytes, name: str, row: Mapping[str, Any], note: str) -> bytes:
    """A file with a row more in one of its lists of tables. Raises InputError when it can't be put
    there without changing something else."""
    array = tomlkit.aot()
    array.append(_table(row))
    document = tomlkit.document()
    document.add(name, array)
    after = _inserted(content, name, f"# {note}\n{tomlkit.dumps(document)}")
    _must_say_the_same_but(content, after, {name})
    said, says = _said(content).get(name, []), _said(after)[name]
    if says[:-1] != said:
        raise _by_hand()
    return after


def _table(row: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for key, value in row.items():
        table.add(key, _item(value))
    return table


def _quoted(name: str) -> SingleKey:
    """A key as the files have those of boards: within quotes, whether it needs them or not."""
    return SingleKey(name, KeyType.Basic)


def _inserted(content: bytes, name: str, rows: str) -> bytes:
    """A file with rows after the last of its tables of a name, or last where it has none. What is
    written above the next table, such as a comment, stays with that."""
    lines = _text(content).replace("\r\n", "\n").rstrip("\n").split("\n")
    end = len(lines)
    own = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\[?{name}\b", line)]
    if own:
        later = [n for n, line in enumerate(lines) if n > own[-1] and re.match(r"\s*\[", line)]
        end = later[0] if later else len(lines)
        while lines[end - 1].strip() == "" or (later and lines[end - 1].lstrip().startswith("#")):
            end -= 1
    added = ["", *rows.strip("\n").split("\n")]
    return _with_newlines_of(content, "\n".join([*lines[:end], *added, *lines[end:], ""]))


def _with_newlines_of(content: bytes, text: str) -> bytes:
    """A text with its lines ended as those of a file are."""
    plain = text.replace("\r\n", "\n")
    return (plain.replace("\n", "\r\n") if b"\r\n" in content else plain).encode("utf-8")


# -- what is put in its place ----------------------------------------------------------------------


def with_term(
    content: bytes, place: str, wording: int, values: Mapping[str, Value], origin: Origin
) -> bytes:
    """A grant file in which a term has this origin instead of being unknown or assumed, and these
    values; keys that aren't named keep theirs.

    `place` is the key as the file has it, such as "villkor.ranta" or "frister.namndsammantrade",
    and `wording` the number of the wording where it has several.
    """
    section, key = place.split(".")
    if key not in _said(content).get(section, {}):
        row = {name: value for name, value in values.items() if value is not None}
        shown = f"[{place}]\n{tomlkit.dumps(_table(row | origin.table()))}"
        after = _inserted(content, section, shown)
        _must_say_the_same_but(content, after, {section})
        return after

    def put(document: MutableMapping[str, Any]) -> None:
        stated = document[section][key]
        term = stated[wording] if isinstance(stated, list) else stated
        for name in _ORIGIN:
            term.pop(name, None)
        for name, value in values.items():
            if value is None:
                term.pop(name, None)
            else:
                term[name] = _item(value)
        for name, value in origin.table().items():
            term[name] = value

    return _put(content, {section}, put)


_ORIGIN = ("okand", "antagande", "kalla")
"""The keys that say where a term comes from."""


def with_decision_origin(content: bytes, decision_id: str, origin: Origin) -> bytes:
    """A grant file in which a decision has this origin; its amounts are left alone."""

    def put(document: MutableMapping[str, Any]) -> None:
        for decision in document["beslut"]:
            if decision["id"] != decision_id:
                continue
            for name in _ORIGIN:
                decision.pop(name, None)
            for name, value in origin.table().items():
                decision[name] = value

    return _put(content, {"beslut"}, put)


def with_own_words(content: bytes, area: str, words: str) -> bytes:
    """A grant file in which the city says something of an area, or, with no words, nothing."""

    def put(document: MutableMapping[str, Any]) -> None:
        accounts = document.setdefault("redogorelse", tomlkit.table())
        if words:
            accounts[_quoted(area)] = tomlkit.string(f"{words}\n", multiline=True)
        else:
            accounts.pop(area, None)
        if not accounts:
            del document["redogorelse"]

    return _put(content, {"redogorelse"}, put)


def with_address(content: bytes, board_id: str, address: str) -> bytes:
    """The register of boards in which a board has an address for letters, or, with none, has
    not."""

    def put(document: MutableMapping[str, Any]) -> None:
        for board in document["namnd"]:
            if board["id"] == board_id and address:
                board["epost"] = address
            elif board["id"] == board_id:
                board.pop("epost", None)

    return _put(content, {"namnd"}, put)


def with_text(content: bytes, key: str, text: str) -> bytes:
    """A file with a text at a key of its own, outside its tables; with no text, without the key."""
    line = f"{key} = {tomlkit.string(text).as_string()}"
    lines = _text(content).replace("\r\n", "\n").split("\n")
    tables = [number for number, one in enumerate(lines) if re.match(r"\s*\[", one)]
    head = lines[: tables[0]] if tables else lines
    rest = lines[len(head) :]
    own = [number for number, one in enumerate(head) if re.match(rf"{key}\s*=", one)]
    if own:
        head[own[0] : own[0] + 1] = [line] if text else []
    elif text:
        last = max(number for number, one in enumerate(head) if re.match(r"[\w-]+\s*=", one))
        head.insert(last + 1, line)
    after = _with_newlines_of(content, "\n".join([*head, *rest]))
    _must_say_the_same_but(content, after, {key})
    return after


def _put(
    content: bytes, changed: set[str], put: Callable[[MutableMapping[str, Any]], None]
) -> bytes:
    try:
        document = tomlkit.parse(_text(content))
        put(document)
        after = _with_newlines_of(content, document.as_string())
    except (TOMLKitError, KeyError, IndexError, TypeError):
        raise _by_hand() from None
    _must_say_the_same_but(content, after, changed)
    return after


# -- how it is written -----------------------------------------------------------------------------


def _item(value: Any) -> Any:
    """A value as the file is to have it: kronor as digits, a longer list with a text on each
    line."""
    if isinstance(value, Decimal):
        exact = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
        return tomlkit.value(f"{exact:f}")
    if isinstance(value, str):
        return tomlkit.string(value)
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > _FOLDED_FROM)
    return value


def _must_say_the_same_but(before: bytes, after: bytes, changed: set[str]) -> None:
    """Raises InputError when a file can't be read as it now is, says anything else otherwise than
    it did, or has lost a comment."""
    said, says = _said(before), _said(after)
    for key in {*said, *says} - changed:
        if said.get(key) != says.get(key):
            raise _by_hand()
    if len(re.findall(rb"(?m)^\s*#", before)) > len(re.findall(rb"(?m)^\s*#", after)):
        raise _by_hand()


def _said(content: bytes) -> dict[str, Any]:
    """What a file says. Raises InputError when it can't be read."""
    try:
        return tomllib.loads(_text(content), parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        raise _by_hand() from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _by_hand() from None


def _by_hand() -> InputError:
    return InputError(
        "Filen är skriven så att det inte går att föra in det här utan att ändra annat. Be den som "
        "sköter Skrivbordet att föra in det. Inget är ändrat."
    )
