"""What the forms have in common that put something in the city's own files: where it comes from,
who does it, and that what was written stays in the form when it can't be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from ..base import swedish
from ..base.errors import InputError
from ..case import amending
from ..case.amending import Amendment
from ..decisions import amendments
from ..decisions.amendments import NewDocument, NewSource
from .asking import Ask, MissingError
from .desk_words import at_the_desk
from .rights import ForbiddenError

ASSUMED, NEW = "antas", "nytt"
"""What can be chosen as a source beside the documents that the file names."""


@dataclass(frozen=True)
class Sourced:
    """Where something comes from, as a form says it."""

    source: NewSource
    document: NewDocument | None
    """A document that the file doesn't name yet."""

    def put(self, content: bytes) -> bytes:
        """A file that names the document."""
        return (
            content if self.document is None else amendments.with_document(content, self.document)
        )


def sourced(ask: Ask, documents: Mapping[str, str]) -> Sourced:
    """The source that a form states. Raises InputError when it states none."""
    chosen, words = ask.form.text("kalla"), ask.lines("ord")
    if chosen not in {ASSUMED, NEW, *documents}:
        raise InputError("Välj var det står, eller att det antas.")
    if not words:
        raise InputError("Skriv meningen i dokumentet ordagrant, eller varför det antas.")
    amending.must_be_tellable([("Mening eller skäl", words)])
    words = " ".join(words.split())
    if chosen == ASSUMED:
        return Sourced(NewSource(assumption=words), None)
    if chosen != NEW:
        return Sourced(NewSource(chosen, words), None)
    title, reference = ask.form.text("ny_titel"), ask.form.text("ny_dnr")
    if not title:
        raise InputError("Skriv vad det nya dokumentet heter.")
    amending.must_be_tellable([("Dokumentets namn", title), ("Diarienummer", reference)])
    on = ask.day("ny_dag", "Dokumentets dag") if ask.form.text("ny_dag") else None
    key = amendments.document_key(title, [*documents])
    return Sourced(NewSource(key, words), NewDocument(key, title, on, reference))


def note(by: str, on: date) -> str:
    """The comment above a row that somebody has put in at the desk."""
    return f"Infört på Skrivbordet {on.isoformat()} av {' '.join(swedish.tidy(by).split())}."


def put(ask: Ask, by: str, amendment: Amendment) -> None:
    """Put something in a file, as whoever asks. Raises InputError when it can't be."""
    with ask.office.clerk.in_turn():
        amending.amend(ask.office.occasion(ask.person), by, amendment)


def again(
    ask: Ask, shown: Callable[[Ask, str], Response], done: Callable[[Ask], Response]
) -> Response:
    """What a form comes to; when it can't be done, the form with what was written in it, and the
    reason."""
    try:
        return done(ask)
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        return shown(ask, at_the_desk(str(error)))
