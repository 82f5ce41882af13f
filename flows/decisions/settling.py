"""What a person can settle in a grant file: each term, the city's own deadlines and the decisions,
with the fields that a form asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from ..base import swedish
from ..base.errors import InputError
from ..model.sources import Source
from .amendments import Value
from .data_files import parsed_as
from .declaration import (
    BasisFile,
    CarryOverFile,
    CodesFile,
    DayFile,
    DaysAfterFile,
    DaysBeforeFile,
    GrantFile,
    InterestFile,
    PercentFile,
    PostsFile,
    SeparateAccountsFile,
    TermFile,
    TermsFile,
    TextFile,
    TextsFile,
)
from .grant_reader import GrantReader
from .grantor_kinds import grantor_kind
from .terms import LABELS, OF_THE_CITY_ALONE, label, term_words

DECISION = "beslut"
"""The section of a point that is a decision."""


class FieldKind(Enum):
    """What is written in a field of the form."""

    TEXT = auto()
    LINES = auto()
    DAY = auto()
    NUMBER = auto()
    CHOICE = auto()


@dataclass(frozen=True)
class Field:
    """Something that the form asks for: a key of the file, and what stands there now."""

    key: str
    words: str
    kind: FieldKind
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """What can be chosen, and how it is called."""


@dataclass(frozen=True)
class Point:
    """A term, a deadline or a decision of a grant file, as it stands on a day."""

    section: str
    key: str
    """Of a decision its id."""
    label: str
    words: str
    """What the file says, as people read it."""
    source: Source
    wording: int = 0
    """The number of the wording in force, where there are several."""
    fields: tuple[Field, ...] = ()
    """What can be written there; none: only where it comes from."""

    @property
    def place(self) -> str:
        """Where it stands in the file, such as "villkor.ranta"."""
        return f"{self.section}.{self.key}"

    @property
    def is_of_the_city_alone(self) -> bool:
        """Whether it is one of the city's own deadlines, or about its accounts: nobody attests
        those."""
        return self.section == "frister" or self.key in OF_THE_CITY_ALONE

    @property
    def is_settled(self) -> bool:
        """Whether it stands in a document, rather than being assumed or unknown."""
        return self.source.kind == "kalla"


@dataclass(frozen=True)
class Settling:
    """A grant file as a person who settles something in it needs to see it."""

    points: tuple[Point, ...]
    """Everything that can be settled, in the order of the file's declaration."""
    documents: Mapping[str, str]
    """The titles of the documents that the file names, by their keys."""
    decision_ids: tuple[str, ...]

    def point(self, place: str) -> Point | None:
        """The point that stands at a place, such as "villkor.ranta"."""
        return next((point for point in self.points if point.place == place), None)


def settling(content: bytes, name: str, as_of: date) -> Settling:
    """What can be settled in a grant file as it stands on a day."""
    parsed = parsed_as(content, GrantFile, name)
    return Settling(
        tuple(_points(parsed, GrantReader(parsed, name, as_of))),
        {key: document.titel for key, document in parsed.dokument.items()},
        tuple(decision.id for decision in parsed.beslut),
    )


def _points(parsed: GrantFile, reader: GrantReader) -> Iterator[Point]:
    kind = grantor_kind(reader)
    for key in TermsFile.model_fields:
        stated = getattr(parsed.villkor, key)
        if key == "belopp" and reader.term(key).okand:
            continue  # it is written in the file itself, together with how it is divided
        if stated is not None:
            yield _point(reader, "villkor", key, label(key, kind), stated, reader.term(key))
        elif key in OF_THE_CITY_ALONE:
            yield Point("villkor", key, LABELS[key], "–", _UNSAID, fields=_ACCOUNTS)
    for key, (words, field) in _DEADLINES.items():
        stated = getattr(parsed.frister, key, None)
        if stated is None:
            yield Point("frister", key, words, "–", _UNSAID, fields=(field,))
        else:
            yield _point(reader, "frister", key, words, stated, reader.own_deadline(key))
    for decision in parsed.beslut:
        called = f"Beslutet {swedish.long_date(decision.datum)}"
        source = reader.source(f"beslut.{decision.id}", decision)
        yield Point(DECISION, decision.id, called, decision.beslutat_av, source)


def _point(
    reader: GrantReader,
    section: str,
    key: str,
    label: str,
    wordings: Sequence[TermFile],
    term: TermFile,
) -> Point:
    source = reader.source(f"{section}.{key}", term)
    wording = next(number for number, one in enumerate(wordings) if one is term)
    return Point(section, key, label, term_words(term), source, wording, tuple(_fields(term)))


def _fields(term: TermFile) -> Iterator[Field]:
    """What a form asks for about a term; nothing where the value decides the money's frame, which
    is for the file itself."""
    match term:
        case CarryOverFile(regel=str()):
            return  # what is reckoned by the rule is for the file itself
        case TextFile() | CarryOverFile():
            yield Field("varde", "Det som gäller", FieldKind.TEXT, term.varde or "")
        case TextsFile():
            yield Field("varden", "En rad för varje sak", FieldKind.LINES, "\n".join(term.varden))
        case DayFile():
            yield Field(
                "datum", "Sista dag", FieldKind.DAY, term.datum.isoformat() if term.datum else ""
            )
        case CodesFile():
            yield Field(
                "tillatna", "Betalas, en rad för varje", FieldKind.LINES, "\n".join(term.tillatna)
            )
            unpaid = "\n".join(term.ej_tillatna)
            yield Field("ej_tillatna", "Betalas inte, en rad för varje", FieldKind.LINES, unpaid)
        case BasisFile():
            yield Field("bas", "Återbetalningen räknas", FieldKind.CHOICE, term.bas or "", _BASES)
        case InterestFile():
            rate = "" if term.sats_procent is None else str(term.sats_procent).replace(".", ",")
            days = str(term.dagar_per_ar or "")
            yield Field("enligt", "Räntan", FieldKind.CHOICE, term.enligt or "", _LAWS)
            yield Field("sats_procent", "Eller satsen i procent per år", FieldKind.NUMBER, rate)
            yield Field("dagar_per_ar", "Dagar på ett år", FieldKind.CHOICE, days, _YEARS)
            yield Field(
                "varde", "Eller i ord, om ingen ränta ska räknas", FieldKind.TEXT, term.varde or ""
            )
        case SeparateAccountsFile():
            yield replace(_ACCOUNTS[0], value="\n".join(term.projekt))
            yield replace(_ACCOUNTS[1], value=_said(term.grans_kronor))
        case PostsFile():
            yield Field(
                "minst", "Minst så många hela tjänster", FieldKind.NUMBER, _said(term.minst)
            )
            yield Field(
                "hogst", "Högst så många hela tjänster", FieldKind.NUMBER, _said(term.hogst)
            )
            roles, kinds = "\n".join(term.roller), "\n".join(term.kostnadsslag)
            yield Field("roller", "Vad tjänsterna heter, en på varje rad", FieldKind.LINES, roles)
            yield Field(
                "kostnadsslag",
                "Kostnadsslag som är löner, ett på varje rad",
                FieldKind.LINES,
                kinds,
            )
        case PercentFile():
            chosen = term.avrundning or ""
            yield Field("avrundning", "Andelar avrundas", FieldKind.CHOICE, chosen, _ROUNDINGS)
        case DaysAfterFile():
            yield Field(*_DAYS_AFTER, str(term.arbetsdagar_efter or ""))
        case DaysBeforeFile():
            yield Field(*_DAYS_BEFORE, str(term.arbetsdagar_fore or ""))


def _said(number: Decimal | None) -> str:
    """A number of the file as a form shows it."""
    return "" if number is None else f"{number:f}".replace(".", ",")


_UNSAID = Source("okand", "Bidragsfilen säger inget om det")
_ACCOUNTS = (
    Field("projekt", "Bidragets projekt i huvudboken, ett på varje rad", FieldKind.LINES),
    Field("grans_kronor", "Så många kronor får sakna stöd i huvudboken", FieldKind.NUMBER),
)
"""What a form asks for of the accounts; the rest of it is for the file itself."""
_DAY = ("datum", "Sista dag", FieldKind.DAY)
_DAYS_AFTER = ("arbetsdagar_efter", "Arbetsdagar efter kvartalets slut", FieldKind.NUMBER)
_DAYS_BEFORE = ("arbetsdagar_fore", "Arbetsdagar före", FieldKind.NUMBER)
_DEADLINES: Mapping[str, tuple[str, Field]] = {
    "kvartalsredovisning": ("Nämnderna redovisar ett kvartal", Field(*_DAYS_AFTER)),
    "intern_granskning": ("Återrapporten är granskad", Field(*_DAYS_BEFORE)),
    "namndsammantrade": ("Återrapporten tas upp i nämnden", Field(*_DAY)),
}
"""The city's own deadlines that can be settled: what people call each, and what is asked for where
the file doesn't state it."""
_BASES = (("namnd", "för varje nämnd"), ("kommun", "för kommunen som helhet"))
_LAWS = (("", "ingen, eller en sats"), ("rantelagen", "enligt 6 § räntelagen"))
_ROUNDINGS = (("narmaste", "till närmaste hela procent"), ("kapa", "nedåt till hela procent"))
_YEARS = (("", "–"), ("365", "365"), ("360", "360"))


def values(point: Point, written: Mapping[str, str]) -> dict[str, Value]:
    """What the keys of a point are to be, by what has been written in its fields; a field that was
    not sent is left as it is. Raises InputError for what can't be read."""
    read: dict[str, Value] = {}
    for field in point.fields:
        if field.key in written:
            read[field.key] = _read(field, written[field.key])
    if "dagar_per_ar" in read:  # interest is always reckoned from one day, or not at all
        read["fran"] = "forfallodagen" if read["dagar_per_ar"] is not None else None
    if "enligt" in read:
        _must_be_one_way(read)
    if point.fields and all(value in (None, ()) for value in read.values()):
        raise InputError(f"{point.label}: skriv vad som gäller.")
    return read


def _must_be_one_way(read: Mapping[str, Value]) -> None:
    """Raises InputError when interest isn't said in one way."""
    ways = [read.get(key) is not None for key in ("enligt", "sats_procent", "varde")]
    has_days = read.get("dagar_per_ar") is not None
    is_reckoned = read.get("varde") is None
    if sum(ways) != 1 or has_days != is_reckoned:
        raise InputError(
            "Ränta: välj räntelagen eller skriv satsen, båda med antalet dagar på ett år. Eller "
            "skriv villkoret i ord, utan dagar."
        )


def _read(field: Field, text: str) -> Value:
    if field.kind is FieldKind.LINES:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    if not text:
        return None
    if field.kind is FieldKind.DAY:
        day = swedish.parse_date(text)
        if day is None:
            raise InputError(f"{field.words}: skriv dagen som 2024-12-31.")
        return day
    if field.kind is FieldKind.CHOICE and text not in {value for value, _ in field.choices}:
        raise InputError(f"{field.words}: välj i listan.")
    is_count = field.kind is FieldKind.CHOICE and text.isdigit()
    return _number(field, text) if is_count or field.kind is FieldKind.NUMBER else text


def _number(field: Field, text: str) -> Value:
    number = swedish.parse_amount(text)
    if number is None:
        raise InputError(f"{field.words}: skriv ett tal, till exempel 8 eller 2,5.")
    return int(number) if number == number.to_integral_value() else Decimal(number)
