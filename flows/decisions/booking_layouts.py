"""The forms of extracts of the accounts, `data/huvudbok/*.toml`, into nouns: the layouts of
transaction lists, and the dimensions of SIE files.

An allow-list: what a layout can't name is never read. It has no key for a text, a supplier, a
customer, an employee or who signed, and a header that says that it is one is refused.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..base import swedish
from ..base.errors import InputError
from ..model.evidence import BookingLayout, SieDimensions
from .declaration import DeclaredFile, Words

LAYOUTS = "huvudbok"
"""The name of the folder of layouts in the data folder."""
SIE = f"{LAYOUTS}/sie.toml"
"""The file there that is about SIE files."""

_OF_PEOPLE = re.compile(
    r"leverantör|\bkund|anställd|personn|signatur|\bsign\b|attest|handlägg|motpart|mottag|betalar"
    r"|användare|registrerad-av|skapad-av"
)
_OF_TEXTS = re.compile("text|namn|benämning|beskrivning|kommentar|meddelande|rubrik")


def _header(words: str) -> str:
    """A header that doesn't say that people stand below it."""
    if _OF_PEOPLE.search(swedish.key(words)):
        raise ValueError(f"{words} är en kolumn om personer eller företag. {_REMEDY}")
    return words


def _header_of_values(words: str) -> str:
    """A header that says neither that nor that free text stands below it."""
    if _OF_TEXTS.search(swedish.key(words)):
        raise ValueError(f"{words} är en kolumn med text. {_REMEDY}")
    return _header(words)


_REMEDY = "Sådana läses aldrig. Ange en kolumn med nummer, koder, dagar eller belopp"


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


Header = Annotated[Words, AfterValidator(_header)]
ValueHeader = Annotated[Words, AfterValidator(_header_of_values)]


class ColumnsFile(DeclaredFile):
    """Vilken rubrik som är vad. Det som inte står här läses aldrig."""

    verifikation: Annotated[
        list[ValueHeader] | None, BeforeValidator(_listed), Field(min_length=1)
    ] = Field(None, description="En rubrik, eller en lista av dem")
    datum: ValueHeader | None = Field(None, description="Utelämnas när månaden står i filens namn")
    konto: Header
    ansvar: Header | None = None
    projekt: Header | None = None
    verksamhet: Header | None = None
    belopp: ValueHeader | None = None
    debet: ValueHeader | None = None
    kredit: ValueHeader | None = None

    @model_validator(mode="after")
    def _one_kind_of_amount(self) -> "ColumnsFile":
        two = [self.debet, self.kredit]
        if (self.belopp is None) == (two == [None, None]) or (None in two and two != [None, None]):
            raise ValueError("ange antingen belopp, eller både debet och kredit")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> "ColumnsFile":
        named = [*self.codes(), self.datum, self.belopp, self.debet, self.kredit]
        _once([header for header in named if header] + (self.verifikation or []))
        return self

    def codes(self) -> list[str]:
        """The headers of the columns whose cells may have a text after the code."""
        headers = [self.konto, self.ansvar, self.projekt, self.verksamhet]
        return [header for header in headers if header]


class InterpretationFile(DeclaredFile):
    """Hur det som står i kolumnerna ska förstås."""

    tecken: Literal["kostnad-plus", "kostnad-minus"] = Field(
        "kostnad-plus", description="Om en kostnad står med plus eller med minus"
    )
    datum: Literal["dag", "manad", "filnamn"] = Field(
        "dag", description="manad: ÅÅÅÅMM eller ÅÅÅÅ-MM; filnamn: månaden står så i filens namn"
    )
    konto_fore_text: bool = Field(
        False,
        description="Konto, ansvar, projekt och verksamhet står i samma cell som sin text; bara "
        "siffrorna först behålls",
    )
    hoppa_over: list[Words] = Field(
        [], description="Det som första ifyllda cellen börjar med på en rad som inte är en bokning"
    )


class BookingLayoutFile(DeclaredFile):
    """En fil för varje slags transaktionslista. En ny lista är en ny fil, och ingen kod."""

    format: Literal[1]
    namn: Words = Field(description="Vad ni kallar listan")
    rubriker: list[Words] = Field(
        description="De rubriker som listan känns igen på; alla står på samma rad"
    )
    blad: Words | None = Field(None, description="Det enda blad som läses")
    kolumner: ColumnsFile
    tolkning: InterpretationFile = InterpretationFile.model_validate({})

    @model_validator(mode="after")
    def _is_known_by_several(self) -> "BookingLayoutFile":
        if len(self.rubriker) < 2:
            raise ValueError(
                "rubriker ska vara minst två rubriker, så att inget annat blad tas för listan"
            )
        _once(self.rubriker)
        return self

    @model_validator(mode="after")
    def _is_dated_in_one_way(self) -> "BookingLayoutFile":
        is_by_name = self.tolkning.datum == "filnamn"
        if is_by_name and self.kolumner.datum:
            raise ValueError(
                "månaden kan inte både stå i filens namn och i kolumner.datum. Ta bort det ena"
            )
        if not is_by_name and not self.kolumner.datum:
            raise ValueError(
                'kolumner.datum saknas. Lägg till den, eller tolkning.datum = "filnamn"'
            )
        return self

    @model_validator(mode="after")
    def _reads_no_texts(self) -> "BookingLayoutFile":
        if not self.tolkning.konto_fore_text:
            for header in self.kolumner.codes():
                _header_of_values(header)
        return self


def _once(headers: Iterable[str]) -> None:
    """Raises ValueError for a header that is named twice."""
    for name, count in Counter(map(swedish.key, headers)).items():
        if count > 1:
            raise ValueError(f"rubriken {name} står {count} gånger. Behåll den på ett ställe")


_DATED_BY: Mapping[str, Literal["day", "month", "file_name"]] = {
    "dag": "day",
    "manad": "month",
    "filnamn": "file_name",
}


def layout_of(parsed: BookingLayoutFile, name: str) -> BookingLayout:
    """How a list is laid out, as its file says; `name` is the file's in the data folder."""
    columns, interpretation = parsed.kolumner, parsed.tolkning
    return BookingLayout(
        file=name,
        name=parsed.namn,
        known_by=tuple(parsed.rubriker),
        account=columns.konto,
        amount=columns.belopp or "",
        debit=columns.debet or "",
        credit=columns.kredit or "",
        booked_on=columns.datum or "",
        voucher=tuple(columns.verifikation or ()),
        responsibility=columns.ansvar or "",
        project=columns.projekt or "",
        activity=columns.verksamhet or "",
        sheet=parsed.blad or "",
        is_cost_negative=interpretation.tecken == "kostnad-minus",
        dated_by=_DATED_BY[interpretation.datum],
        has_text_after_code=interpretation.konto_fore_text,
        passed_over=tuple(interpretation.hoppa_over),
    )


def layouts_of(files: Mapping[str, BookingLayoutFile]) -> tuple[BookingLayout, ...]:
    """Every layout of a data folder, from its files by their names. Raises InputError for two with
    one name."""
    layouts: dict[str, BookingLayout] = {}
    for name, parsed in files.items():
        layout = layout_of(parsed, name)
        other = layouts.setdefault(swedish.key(layout.name), layout)
        if other is not layout:
            raise InputError(
                f"{name}, nyckeln namn: listan heter som den i {other.file}. Ge den ett eget namn."
            )
    return tuple(layouts.values())


# -- SIE -------------------------------------------------------------------------------------------

Dimension = Annotated[int, Field(ge=1, le=999)]
_OF_PEOPLE_AND_COMPANIES = {7, 8, 9}
"""Employees, customers and suppliers, by the standard."""


class SieFile(DeclaredFile):
    """Vilka dimensioner i en SIE-fil som är projekt, ansvar och verksamhet."""

    format: Literal[1]
    projekt: Dimension = 6
    ansvar: Dimension = 1
    verksamhet: Dimension | None = None

    @model_validator(mode="after")
    def _reads_no_people(self) -> "SieFile":
        if _OF_PEOPLE_AND_COMPANIES & {self.projekt, self.ansvar, self.verksamhet}:
            raise ValueError(
                "dimensionerna 7, 8 och 9 är anställda, kunder och leverantörer och läses aldrig. "
                "Ange en annan dimension"
            )
        return self


def dimensions_of(parsed: SieFile) -> SieDimensions:
    """By which dimensions the codes of a SIE file are known."""
    return SieDimensions(parsed.projekt, parsed.ansvar, parsed.verksamhet)
