"""The values of a draft: each as it is written in the grant file, and as a person sees it beside
the place where it was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from ...base import swedish
from .document_texts import Said
from .table_doubts import Doubt

T = TypeVar("T")
State = Literal["found", "proposed", "missing"]
NOT_STATED = "Står inte i dokumentet"
TO_SETTLE = "Att fastställa"
"""What stands for a value that a grant file must have, where the document says nothing of it."""
_SETTLE = "Fastställ det innan utkastet används."


@dataclass(frozen=True)
class DraftValue:
    """A value of a draft, beside its place in the document."""

    key: str
    """Where it stands in the grant file, such as "villkor.belopp"."""
    label: str
    """What people call it."""
    state: State
    value: str
    """In words; empty where it is missing."""
    sentence: str | None = None
    """The words that it was read from, or that a proposal leans on, as they stand."""
    document: str | None = None
    """The name of the file where they stand."""
    line_no: int | None = None
    """The line where they begin, from 1; in a table of cells its row."""
    note: str = ""
    """Why it is proposed or missing, and what doesn't agree."""


@dataclass(frozen=True)
class Term:
    """A value, and how it is written in the grant file."""

    shown: DraftValue
    keys: Mapping[str, Any]
    """The keys that hold the value; none where it is missing."""
    doubts: tuple[Doubt, ...] = ()

    @property
    def key(self) -> str:
        """The last part of its key, such as "belopp"."""
        return self.shown.key.rpartition(".")[2]

    def written(self, document_keys: Mapping[str, str]) -> dict[str, Any]:
        """What the grant file has of it: the value, and where it comes from. The keys of documents
        are by the names of their files."""
        if self.shown.state == "missing":
            return {"okand": self.shown.note}
        source: dict[str, Any] = {}
        if self.shown.state == "proposed":
            source["antagande"] = self.shown.note
        if self.shown.sentence is not None and self.shown.document is not None:
            document = document_keys[self.shown.document]
            source["kalla"] = {"dokument": document, "mening": self.shown.sentence}
        return {**self.keys, **source}


def found(key: str, label: str, keys: Mapping[str, Any], words: str, one: Said[T]) -> Term:
    """A value that the document says."""
    return Term(
        DraftValue(key, label, "found", words, one.sentence, one.document, one.line_no), keys
    )


def proposed(
    key: str,
    label: str,
    keys: Mapping[str, Any],
    words: str,
    why: str,
    leans_on: Said[T] | None = None,
) -> Term:
    """A value that a person has to settle: it doesn't stand in the document, or not in so many
    words. `why` is one or more whole sentences."""
    note = f"Förslag: {why} {_SETTLE}"
    if leans_on is None:
        return Term(DraftValue(key, label, "proposed", words, note=note), keys)
    return Term(
        DraftValue(
            key,
            label,
            "proposed",
            words,
            leans_on.sentence,
            leans_on.document,
            leans_on.line_no,
            note,
        ),
        keys,
    )


def missing(key: str, label: str, why: str = NOT_STATED, near: Said[T] | None = None) -> Term:
    """A value that the document doesn't say; `near` is what it says about it."""
    if near is None:
        return Term(DraftValue(key, label, "missing", "", note=why), {})
    shown = DraftValue(key, label, "missing", "", near.sentence, near.document, near.line_no, why)
    return Term(shown, {})


def conflict(label: str, found: Sequence[Said[T]], words: Callable[[T], str]) -> Doubt:
    """That the document or its parts say different things."""
    told = [f"{words(one.value)} ({one.document}, rad {one.line_no})" for one in found]
    return Doubt(
        "uppgifter-olika",
        tuple(one.line_no for one in found),
        f"{label}: det står {swedish.listing(told)}. Ta reda på vad som gäller och skriv in det.",
    )
