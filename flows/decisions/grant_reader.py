"""A parsed grant file asked for what is in force on a day; each complaint names file and key."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ..base.errors import InputError
from ..model.sources import Source
from .declaration import (
    GrantFile,
    SourcedFile,
    SourceFile,
    TermFile,
)


class GrantReader:
    """Turns one parsed grant file into a Grant; every complaint names the file and the key."""

    def __init__(self, parsed: GrantFile, name: str, as_of: date) -> None:
        self.parsed, self.name, self.as_of = parsed, name, as_of

    def wrong(self, where: str, what: str) -> InputError:
        """A complaint about a key of the file."""
        return InputError(f"{self.name}, nyckeln {where}: {what}")

    def term(self, key: str) -> Any:
        """The wording of a term in force on the as-of date; the first one when the date is before
        them all."""
        return self._in_force(f"villkor.{key}", getattr(self.parsed.villkor, key))

    def own_deadline(self, key: str) -> Any:
        """What the file states of one of the city's own deadlines on the as-of date; None when it
        states nothing."""
        wordings = getattr(self.parsed.frister, key, None)
        return self._in_force(f"frister.{key}", wordings) if wordings else None

    def _in_force(self, where: str, stated: Sequence[TermFile]) -> TermFile:
        wordings = sorted(stated, key=lambda w: w.galler_fran or date.min)
        in_force = [
            w
            for w in wordings
            if (w.galler_fran or date.min) <= self.as_of <= (w.galler_till or date.max)
        ]
        if not in_force and self.as_of > (wordings[0].galler_fran or date.min):
            raise self.wrong(
                where, f"ingen lydelse gäller {self.as_of}. Ta bort eller flytta galler_till."
            )
        return (in_force or wordings)[0]

    def source(self, where: str, stated: TermFile | SourcedFile) -> Source:
        """Where a statement of the file comes from; its document must be one that the file
        names."""
        unknown = getattr(stated, "okand", None)
        if unknown:
            return Source("okand", unknown)
        document = self.document(where, stated.kalla) if stated.kalla else None
        if stated.antagande:
            return Source(
                "antagande", stated.antagande, document, stated.kalla.mening if stated.kalla else ""
            )
        assert stated.kalla is not None
        return Source("kalla", stated.kalla.mening, document)

    def document(self, where: str, cited: SourceFile) -> str:
        """The title of a document that the file cites."""
        document = self.parsed.dokument.get(cited.dokument)
        if document is None:
            raise self.wrong(
                where,
                f"dokumentet {cited.dokument} finns inte. Lägg till [dokument.{cited.dokument}].",
            )
        return ", ".join(t for t in (document.titel, document.dnr and f"dnr {document.dnr}") if t)
