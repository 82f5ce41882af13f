"""A draft written as a grant file: the keys in the order of the files that are there, and above
them what a person has to look at."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ...base import swedish
from .document_texts import Text
from .draft_decision import DraftComponent, DraftDecision
from .draft_values import Term
from .table_doubts import Doubt

_FOLDED_FROM = 2
"""A list of more texts than this is written with each on a line of its own."""
_WIDTH = 110
"""Signs on a line of a comment."""


@dataclass(frozen=True)
class FileHead:
    """What a draft is called."""

    grant_id: str
    name: str
    short_name: str
    report: str


@dataclass(frozen=True)
class NamedDocument:
    """A document as a grant file names it."""

    text: Text
    title: str
    on: date | None
    reference: str | None


def written(
    head: FileHead,
    documents: Sequence[NamedDocument],
    terms: Sequence[Term],
    components: Sequence[DraftComponent],
    decision: DraftDecision,
    doubts: Sequence[Doubt],
) -> str:
    """The text of the grant file."""
    keys = {document.text.name: document.text.key for document in documents}
    tables = [
        "\n".join(_head(head)),
        *(_document(document) for document in documents),
        *(_table(f"villkor.{term.key}", term.written(keys)) for term in terms),
        "\n".join(_OWN_DEADLINES),
        *(_component(component) for component in components),
        _decision(decision, keys),
    ]
    comment = "\n".join(_comment(documents, doubts))
    return f"#:schema ./grant.schema.json\n{comment}\n\n" + "\n\n".join(tables) + "\n"


_OWN_DEADLINES = (
    "# Stadens egna frister läses inte ur dokumentet. De läggs till under [frister.…], som i",
    "# data/grants/README.md, eller i Skrivbordet.",
)


def _comment(documents: Sequence[NamedDocument], doubts: Sequence[Doubt]) -> Iterator[str]:
    names = swedish.listing(document.text.name for document in documents)
    yield "#"
    yield from _wrapped(
        f"Ett utkast, gjort ur {names}. Jämför varje värde med dokumentet och fastställ det som är "
        "föreslaget. Ta sedan bort raden utkast = true."
    )
    if doubts:
        yield "#"
        yield "# Att kontrollera:"
    for doubt in doubts:
        yield from _wrapped(f"- {doubt.text}")


def _wrapped(text: str) -> Iterator[str]:
    """A text as lines of a comment; an amount stays on one line."""
    words = text.replace("\n", " ").replace("\r", " ")
    for line in textwrap.wrap(words, _WIDTH, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def _head(head: FileHead) -> Iterator[str]:
    yield "format = 1"
    yield "utkast = true"
    yield "# Förslag: id, namn, kortnamn och rapport. De står inte i dokumentet."
    yield f"id = {_shown(head.grant_id)}"
    yield f"namn = {_shown(head.name)}"
    yield f"kortnamn = {_shown(head.short_name)}"
    yield f"rapport = {_shown(head.report)}"


def _document(document: NamedDocument) -> str:
    comment = f"# {swedish.tidy(document.text.name)}, SHA-256 {document.text.document.sha256}"
    keys = {"titel": document.title, "datum": document.on, "dnr": document.reference}
    given = {key: value for key, value in keys.items() if value is not None}
    return f"{comment}\n{_table(f'dokument.{document.text.key}', given)}"


def _component(component: DraftComponent) -> str:
    keys = {
        "id": component.component_id,
        "namn": component.name,
        "omraden": list(component.areas),
    }
    comment = "# Förslag: namnet är kolumnens rubrik. Vilka områden som hör till ska fastställas."
    return f"{comment}\n[[komponent]]\n{_lines(keys)}"


def _decision(decision: DraftDecision, document_keys: Mapping[str, str]) -> str:
    keys = {
        "id": decision.decision_id,
        "datum": decision.on,
        "beslutat_av": decision.by,
        **decision.source.written(document_keys),
        "summa": decision.total_sek,
    }
    rows = [f"{_quoted(name)} = {_shown(amount)}" for name, amount in decision.amounts.items()]
    notes: list[str] = []
    for told in decision.left_out:
        notes += _wrapped(f"Inte infört: {told}")
    table = "\n".join(["[beslut.fordelning]", *notes, *rows])
    return f"[[beslut]]\n{_lines(keys)}\n\n{table}"


# -- how it is written -----------------------------------------------------------------------------


def _table(path: str, keys: Mapping[str, Any]) -> str:
    return f"[{path}]\n{_lines(keys)}"


def _lines(keys: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_shown(value)}" for key, value in keys.items())


def _shown(value: Any) -> str:
    """A value as TOML has it: kronor as digits, a longer list with a text on each line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        exact = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
        return f"{exact:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_shown(one)}' for key, one in value.items())} }}"
    if isinstance(value, str):
        return _quoted(value)
    return _list([_shown(one) for one in value])


def _quoted(text: str) -> str:
    """A text within quotes; what JSON escapes, TOML reads alike, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(shown: Iterable[str]) -> str:
    items = list(shown)
    if len(items) <= _FOLDED_FROM and sum(map(len, items)) < _WIDTH:
        return f"[{', '.join(items)}]"
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
