"""What the files in `data/` may hold: the program reads by these classes, and editors by the JSON
Schema of them.

The one place where Swedish keys meet English names.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ..base import swedish
from ..base.addresses import address
from ..model.measures import UNKNOWN_PART, WHOLE
from ..model.organisation import Answer, Section


def _exact(value: object) -> object:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | Decimal)
        or not Decimal(value).is_finite()
    ):
        raise ValueError("ska vara ett tal utan citattecken, till exempel 1978155 eller 1978155.50")
    return Decimal(value)


Kronor = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, max_digits=18, decimal_places=2),
    WithJsonSchema({"type": "number", "minimum": 0, "description": "Kronor, högst två decimaler"}),
]
Share = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, le=1, decimal_places=4),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]


def _percent(least: int, most: int) -> Callable[[object], object]:
    def exact(value: object) -> object:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | Decimal)
            or not Decimal(value).is_finite()
        ):
            raise ValueError("ska vara procent per år utan citattecken, till exempel 2.5")
        percent = Decimal(value)
        if not least <= percent <= most or percent != round(percent, 4):
            raise ValueError(
                f"ska vara procent per år, från {least} till {most} och med högst fyra decimaler"
            )
        return percent

    return exact


Percent = Annotated[
    Decimal,
    BeforeValidator(_percent(0, 100)),
    WithJsonSchema(
        {"type": "number", "minimum": 0, "maximum": 100, "description": "Procent per år"}
    ),
]


def _working_days(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise ValueError("ska vara ett helt antal arbetsdagar från 1 till 100, utan citattecken")
    return value


WorkingDays = Annotated[
    int,
    BeforeValidator(_working_days),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100}),
]
_LEAST_SHOWN: dict[str, Any] = {"minimum": 3, "maximum": 20}


def _least_shown(value: object) -> object:
    # Below 3 only 1 would be hidden, and then everybody knows which number it is.
    least, most = _LEAST_SHOWN["minimum"], _LEAST_SHOWN["maximum"]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"ska vara ett helt tal från {least} till {most}, utan citattecken")
    return value


def _mail_address(text: str) -> str:
    if address(text) != text:
        raise ValueError("är ingen e-postadress som går att skicka till. Skriv en, utan å, ä och ö")
    return text


def _list_in_the_folder(text: str) -> str:
    # It goes into packages by its name, so it may lead nowhere else.
    if not re.fullmatch(r"[\w-]+(/[\w-]+)*\.csv", text, re.ASCII):
        raise ValueError(
            "ska vara en fil i mappen med uppgifter, till exempel register/kommuner.csv, med "
            "bokstäver a–z, siffror, bindestreck och understreck"
        )
    return text


def _whole_posts(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("ska vara ett tal utan citattecken, till exempel 2 eller 2.5")
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= 1000 or number != round(number, 2):
        raise ValueError("ska vara ett tal från 0 till 1000 och med högst två decimaler")
    return number


PostCount = Annotated[
    Decimal,
    BeforeValidator(_whole_posts),
    WithJsonSchema(
        {"type": "number", "minimum": 0, "maximum": 1000, "description": "Hela tjänster"}
    ),
]
Words = Annotated[str, Field(min_length=1)]
Ident = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class DeclaredFile(BaseModel):
    """A table of a file, in which each key is known and of its own kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)


class SourceFile(DeclaredFile):
    """En mening i ett av filens dokument."""

    dokument: Ident = Field(description="Nyckeln för ett dokument under [dokument]")
    mening: Words = Field(description="Meningen som villkoret vilar på, ordagrant ur dokumentet")


class TermFile(DeclaredFile):
    """Det som gäller alla villkor: var det kommer från, och från när till när det gäller."""

    kalla: SourceFile | None = Field(None, description="Dokument och mening som villkoret vilar på")
    antagande: Words | None = Field(
        None, description="Villkoret är ett antagande; skriv varför det antas"
    )
    okand: Words | None = Field(None, description="Värdet är okänt; skriv de ord som är kända")
    galler_fran: date | None = Field(None, description="Första dag som den här lydelsen gäller")
    galler_till: date | None = Field(None, description="Sista dag som den här lydelsen gäller")

    @model_validator(mode="after")
    def _has_source(self) -> "TermFile":
        if not (self.kalla or self.antagande or self.okand):
            raise ValueError(
                "källa saknas. Lägg till kalla = { dokument = ..., mening = ... }, antagande eller "
                "okand"
            )
        if self.okand and (self.kalla or self.antagande):
            raise ValueError(
                "okand kan inte stå tillsammans med kalla eller antagande. Behåll det som är sant"
            )
        blank = not any(getattr(self, name) not in (None, []) for name in self._values())
        if self.okand and not (blank and self._may_be_unknown):
            raise ValueError(
                "villkoret kan inte både vara okänt och ha ett värde. Behåll det som är sant"
                if self._may_be_unknown
                else "värdet behövs för att räkna och kan inte vara okänt. Ange det, med antagande "
                "om källa saknas"
            )
        if not self.okand and blank:
            raise ValueError("värdet saknas. Ange värdet, eller okand med de ord som är kända")
        if self.galler_fran and self.galler_till and self.galler_till < self.galler_fran:
            raise ValueError("galler_till ligger före galler_fran. Byt plats på dagarna")
        return self

    @classmethod
    def _values(cls) -> list[str]:
        return [name for name in cls.model_fields if name not in TermFile.model_fields]

    _may_be_unknown: ClassVar[bool] = True


class GrantorFile(TermFile):
    """Den som ger bidraget: en myndighet, eller staden själv ur en egen fond."""

    namn: Words
    kortnamn: Words
    slag: Literal["myndighet", "egen"] | None = Field(
        None, description="egen när staden själv ger medlen; utelämnad: en myndighet"
    )


class TextFile(TermFile):
    """Ett villkor i ord."""

    varde: Words | None = None


class TextsFile(TermFile):
    """Ett villkor som är en lista av ord."""

    varden: list[Words] = []


class AmountFile(TermFile):
    """Ett belopp i kronor."""

    kronor: Kronor | None = None


class PeriodFile(TermFile):
    """Första och sista dag som medlen får användas."""

    _may_be_unknown: ClassVar[bool] = False
    fran: date | None = None
    till: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "PeriodFile":
        if not (self.fran and self.till and self.fran <= self.till):
            raise ValueError("fran och till ska båda anges, och fran får inte ligga efter till")
        return self


class CarryOverFile(TermFile):
    """Vad som händer med det som inte har använts när året är slut."""

    varde: Words | None = Field(None, description="Villkoret i ord")
    regel: Literal["inget", "allt", "andel"] | None = Field(
        None,
        description="Hur mycket som får användas nästa år; behövs när besluten avser var sitt år",
    )
    andel: Share | None = Field(
        None, description="Hur stor del av årets tilldelning som högst får användas nästa år"
    )

    @model_validator(mode="after")
    def _share_has_its_rule(self) -> "CarryOverFile":
        if (self.regel == "andel") != (self.andel is not None):
            raise ValueError('andel och regel = "andel" hör ihop. Ange båda, eller ingen av dem')
        return self


class DayFile(TermFile):
    """En tidsfrist."""

    datum: date | None = None


class CodesFile(TermFile):
    """En kodlista: vad bidraget betalar, och kända värden som bidraget inte betalar."""

    _may_be_unknown: ClassVar[bool] = False
    tillatna: Annotated[list[Words], Field(min_length=1)]
    ej_tillatna: list[Words] = []

    @model_validator(mode="after")
    def _each_once(self) -> "CodesFile":
        for name, count in Counter(
            swedish.key(word) for word in [*self.tillatna, *self.ej_tillatna]
        ).items():
            if count > 1:
                raise ValueError(
                    f"{name} står mer än en gång. Behåll det i tillatna eller i ej_tillatna"
                )
        return self


class BasisFile(TermFile):
    """Om återbetalningen räknas per nämnd eller för kommunen som helhet."""

    _may_be_unknown: ClassVar[bool] = False
    bas: Literal["namnd", "kommun"] | None = None


class InterestFile(TermFile):
    """Om ränta tas ut på ett krav: i ord, enligt räntelagen eller med en sats."""

    varde: Words | None = Field(None, description="Villkoret i ord, när ingen ränta ska räknas")
    enligt: Literal["rantelagen"] | None = Field(None, description="Räntan är den i 6 § räntelagen")
    sats_procent: Percent | None = Field(
        None, description="Räntesatsen i procent per år, när villkoren anger den"
    )
    dagar_per_ar: Literal[360, 365] | None = Field(
        None, description="Hur många dagar ett år räknas som"
    )
    fran: Literal["forfallodagen"] | None = Field(
        None, description="Räntan löper från dagen efter förfallodagen"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> "InterestFile":
        ways = [self.varde, self.enligt, self.sats_procent]
        if not self.okand and sum(way is not None for way in ways) != 1:
            raise ValueError("ange ett av varde, enligt och sats_procent")
        counted = [self.dagar_per_ar, self.fran]
        if self.varde is not None and counted != [None, None]:
            raise ValueError(
                "dagar_per_ar och fran hör till enligt eller sats_procent. Ta bort dem"
            )
        if not self.okand and self.varde is None and None in counted:
            raise ValueError(
                "dagar_per_ar och fran behövs för att räkna ränta. Lägg till dem, med antagande om "
                "de antas"
            )
        return self


class EarmarkFile(TermFile):
    """Om komponenternas pengar är öronmärkta."""

    _may_be_unknown: ClassVar[bool] = False
    varde: bool | None = None


class LimitsFile(TermFile):
    """När outnyttjade medel flaggas; det som inte anges har programmets förval."""

    _may_be_unknown: ClassVar[bool] = False
    agera_andel_ej_forbrukat: Share | None = None
    agera_ej_forbrukat_kronor: Kronor | None = None
    agera_dagar_kvar: Annotated[int, Field(ge=0)] | None = None
    bevaka_andel_ej_forbrukat: Share | None = None


class SmallCountsFile(TermFile):
    """Vilka antal personer som inte skrivs ut i det som lämnas utanför staden."""

    _may_be_unknown: ClassVar[bool] = False
    dolj_under: Annotated[int, BeforeValidator(_least_shown)] | None = Field(
        None,
        description="Antal från 1 och upp till det här talet skrivs inte ut",
        json_schema_extra=_LEAST_SHOWN,
    )


class SeparateAccountsFile(TermFile):
    """Vad bidragets kostnader känns igen på i huvudboken, och hur stor skillnad som godtas."""

    projekt: list[Words] = Field([], description="Bidragets projekt i huvudboken")
    verksamhet: list[Words] = Field(
        [], description="Vad verksamheten börjar med; utelämnad: vilken som helst"
    )
    ansvar: list[Words] = Field(
        [], description="Vad ansvaret börjar med; utelämnad: vilket som helst"
    )
    kostnadskonton: list[Words] = Field(
        [], description="Vad konton för kostnader börjar med; utelämnad: 4, 5, 6 och 7 (Kommun-Bas)"
    )
    lonekonton: dict[Words, list[Words]] = Field(
        {},
        description="De kostnadsslag som är löner, och vad deras konton börjar med. Löner jämförs "
        "månad för månad",
    )
    konton: dict[Words, list[Words]] = Field(
        {}, description="Kostnadsslag, och vad de konton börjar med som passar till det"
    )
    grans_kronor: Kronor | None = Field(
        None, description="Hur mycket av det redovisade som får sakna stöd; utelämnad: inget"
    )
    dagar: Annotated[int, Field(ge=0, le=366)] | None = Field(
        None,
        description="Hur långt ifrån varandra en rad och en bokning får ligga som bara har "
        "beloppet gemensamt; utelämnad: 62 dagar",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "SeparateAccountsFile":
        if not self.okand and not self.projekt:
            raise ValueError("projekt saknas. Ange bidragets projekt i huvudboken")
        codes = [code for codes in self.lonekonton.values() for code in codes]
        for code, count in Counter(codes).items():
            begun = any(other != code and other.startswith(code) for other in codes)
            if count > 1 or begun:
                raise ValueError(
                    f"lonekonton: konto {code} hör till mer än ett kostnadsslag. Behåll det på ett"
                )
        return self


class PostsFile(TermFile):
    """Hur många hela tjänster varje nämnd ska ha för medlen."""

    minst: PostCount | None = None
    hogst: PostCount | None = None
    roller: list[Words] = Field([], description="Vad tjänsterna heter; utelämnad: vad som helst")
    kostnadsslag: list[Words] = Field(
        [], description="De kostnadsslag som är löner för tjänsterna, som i villkor.kostnadsslag"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "PostsFile":
        if self.okand:
            return self
        if self.minst is None or self.hogst is None:
            raise ValueError("minst och hogst behövs båda. De kan vara samma tal")
        if self.minst > self.hogst:
            raise ValueError("minst är större än hogst. Byt plats på talen")
        if not self.kostnadsslag:
            raise ValueError(
                "kostnadsslag saknas. Ange de kostnadsslag som är löner för tjänsterna"
            )
        _must_differ(self.roller, "rollen")
        return self


class RecipientLevelFile(TermFile):
    """Vilka bidraget fördelas till, när det inte är stadens nämnder."""

    _may_be_unknown: ClassVar[bool] = False
    niva: Ident | None = Field(None, description="Nivåns id, som under [[niva]] i boards.toml")


class PercentFile(TermFile):
    """Hur andelar blir hela procent i svaren på frågor."""

    _may_be_unknown: ClassVar[bool] = False
    avrundning: Literal["narmaste", "kapa"] | None = Field(
        None,
        description="narmaste: halva procent uppåt, som är förvalet; kapa: det som är mindre än en "
        "hel procent tas bort",
    )


class DaysAfterFile(TermFile):
    """En frist som räknas i arbetsdagar efter kvartalets slut."""

    arbetsdagar_efter: WorkingDays | None = None


class DaysBeforeFile(TermFile):
    """En frist som räknas i arbetsdagar före det den förbereder."""

    arbetsdagar_fore: WorkingDays | None = None


class RemindersFile(TermFile):
    """Hur många arbetsdagar före en frist som den som inte har redovisat påminns."""

    _may_be_unknown: ClassVar[bool] = False
    arbetsdagar_fore: list[WorkingDays] = []

    @model_validator(mode="after")
    def _each_once(self) -> "RemindersFile":
        if len(set(self.arbetsdagar_fore)) < len(self.arbetsdagar_fore):
            raise ValueError("arbetsdagar_fore har samma tal två gånger. Behåll ett av dem")
        return self


def _must_differ(words: Sequence[str], what: str) -> None:
    """Raises ValueError when one of some words stands twice, however it is cased."""
    for name, count in Counter(swedish.key(word) for word in words).items():
        if count > 1:
            raise ValueError(f"{what} {name} står mer än en gång. Behåll den ena")


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _in_turn(versions: list[TermFile]) -> list[TermFile]:
    spans = sorted((v.galler_fran or date.min, v.galler_till or date.max) for v in versions)
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError(
            "två lydelser gäller samtidigt. Sätt galler_till på den äldre till dagen före den nyare"
        )
    return versions


class _OneOrMany:
    """In the schema a term is one table, or a list of tables."""

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        wordings = handler(core)
        return {"anyOf": [wordings["items"], wordings]}


T = TypeVar("T", bound=TermFile)
Versions = Annotated[
    list[T], BeforeValidator(_as_list), AfterValidator(_in_turn), Field(min_length=1), _OneOrMany()
]
"""A term, written once or as a list of its wordings over time."""


class TermsFile(DeclaredFile):
    """Bidragets villkor. Ett villkor kan ha flera lydelser, [[villkor.x]], var och en med dagar."""

    bidragsgivare: Versions[GrantorFile]
    andamal: Versions[TextFile]
    myndighetens_dnr: Versions[TextFile] | None = Field(
        None, description="Behövs när en myndighet ger bidraget, och bara då"
    )
    stadens_dnr: Versions[TextFile]
    belopp: Versions[AmountFile]
    forbrukningsperiod: Versions[PeriodFile]
    retroaktiv_anvandning: Versions[TextFile]
    omraden: Versions[CodesFile]
    malomraden: Versions[TextsFile]
    kostnadsslag: Versions[CodesFile]
    far_inte_anvandas_till: Versions[TextsFile]
    redovisning_till_staden: Versions[DayFile]
    aterrapport_till_myndigheten: Versions[DayFile]
    aterbetalning_senast: Versions[DayFile]
    aterbetalningsbas: Versions[BasisFile]
    aterbetalningsgrunder: Versions[TextsFile]
    overforing_till_nasta_ar: Versions[CarryOverFile]
    ranta: Versions[InterestFile]
    oronmarkta_komponenter: Versions[EarmarkFile] | None = None
    varningsgranser: Versions[LimitsFile] | None = None
    sma_antal: Versions[SmallCountsFile] | None = None
    sarredovisning: Versions[SeparateAccountsFile] | None = None
    tjanster: Versions[PostsFile] | None = None
    mottagarniva: Versions[RecipientLevelFile] | None = None
    procent: Versions[PercentFile] | None = None


class OwnDeadlinesFile(DeclaredFile):
    """Stadens egna frister, på vägen till myndighetens. De skrivs inte ut i återrapporten."""

    kvartalsredovisning: Versions[DaysAfterFile] | None = Field(
        None, description="När nämnderna redovisar ett kvartal"
    )
    intern_granskning: Versions[DaysBeforeFile] | None = Field(
        None,
        description="När återrapporten är granskad: före nämndens sammanträde, annars före "
        "myndighetens sista dag",
    )
    namndsammantrade: Versions[DayFile] | None = Field(
        None, description="Den dag återrapporten tas upp i nämnden"
    )
    paminnelser: Versions[RemindersFile] | None = Field(None, description="När påminnelser går ut")


class DocumentFile(DeclaredFile):
    """Ett dokument som villkoren hänvisar till."""

    titel: Words
    datum: date | None = None
    dnr: Words | None = None
    fil: Words | None = Field(None, description="Dokumentets text under data/, om den finns där")


class ComponentFile(DeclaredFile):
    """En del av bidraget med egna pengar."""

    id: Ident
    namn: Words
    omraden: list[Words] = Field(description="De områden vars kostnader hör till komponenten")


class SourcedFile(DeclaredFile):
    """Det som kommer ur ett dokument, eller antas."""

    kalla: SourceFile | None = None
    antagande: Words | None = None

    @model_validator(mode="after")
    def _has_source(self) -> "SourcedFile":
        if not (self.kalla or self.antagande):
            raise ValueError(
                "källa saknas. Lägg till kalla = { dokument = ..., mening = ... } eller antagande"
            )
        return self


class YearFile(DeclaredFile):
    """De dagar som beslutets belopp är till för."""

    fran: date = Field(description="Första dagen")
    till: date = Field(description="Sista dagen")

    @model_validator(mode="after")
    def _in_order(self) -> "YearFile":
        if self.fran > self.till:
            raise ValueError("fran får inte ligga efter till. Byt plats på dagarna")
        return self


class DecisionFile(SourcedFile):
    """Ett beslut om fördelning. Ett senare beslut läggs till; det äldre ändras aldrig."""

    id: Ident
    datum: date = Field(description="Den dag beslutet börjar gälla")
    beslutat_av: Words
    avser: YearFile | None = Field(
        None,
        description="Dagarna som beloppen är till för, när bidraget har ett belopp för varje år. "
        "Står det i ett beslut ska det stå i alla",
    )
    summa: Kronor | None = Field(
        None,
        description="Fördelningens alla belopp sammanräknade: en kontroll av att inget är "
        "felskrivet eller fattas",
    )
    fordelning: dict[str, Kronor | dict[Ident, Kronor]] | None = Field(
        None,
        description="Kronor per nämnd, eller per nämnd och komponent; utelämnas när bidragets "
        "belopp är okänt, och bara då",
    )


class WaiverFile(DeclaredFile):
    """Ett undantag från en regel."""

    regel: Ident
    namnd: Words
    skal: Words
    beslutat_av: Words
    beslutat_den: date
    till: date = Field(description="Sista dag som undantaget gäller")
    fil: Words | None = Field(None, description="Bara för den här filen")
    cell: Words | None = Field(
        None, description="Bara för den här cellen, till exempel I6 eller Kostnader!I6"
    )


class PledgeFile(DeclaredFile):
    """Ett åtagande i beslutet: hur många nämnder som ska arbeta inom ett område."""

    id: Ident
    omraden: Annotated[list[Words], Field(min_length=1)] = Field(
        description="Något av de här områdena; de skrivs som i villkor.omraden"
    )
    antal: Annotated[int, Field(ge=1)] = Field(description="Hur många nämnder")
    kalla: SourceFile


class InterimReportFile(SourcedFile):
    """En delrapport medan bidraget används: den granskas, attesteras och lämnas som en slutrapport,
    men inget krävs tillbaka."""

    id: Annotated[Ident, Field(max_length=40)] = Field(
        description="Ett eget namn, högst 40 tecken; med det görs den"
    )
    namn: Words | None = Field(None, description="Vad den heter, till exempel Halvtidsrapport")
    dag: date = Field(description="Den sista dag som den redovisar")
    senast: date | None = Field(None, description="När den ska vara lämnad")
    mottagare: Annotated[list[Words], Field(min_length=1)] = Field(
        description="De som den lämnas till"
    )
    for_kannedom: list[Words] = Field([], description="De som får den för kännedom")


class SplitFile(DeclaredFile):
    """Hur ett mått delas upp, till exempel efter kön."""

    id: Ident
    namn: Words = Field(description="Så som den står i arbetsböcker och rapporter")
    delar: Annotated[list[Words], Field(min_length=1)] = Field(
        description="Delarna i ordning. Okänt läggs till sist och ska inte stå här"
    )
    kon: bool = Field(
        False, description="true när delarna är kvinnor och män, i den ordningen och bara de två"
    )

    @model_validator(mode="after")
    def _parts_hold_together(self) -> "SplitFile":
        _must_differ(self.delar, "delen")
        for part in self.delar:
            if swedish.key(part) in {swedish.key(UNKNOWN_PART), swedish.key(WHOLE)}:
                raise ValueError(f"delen {part} läggs till av programmet. Ta bort den ur delar")
        if swedish.key(self.namn) == swedish.key(WHOLE):
            raise ValueError(f"namn kan inte vara {WHOLE}: så heter raden för alla. Byt namn")
        if self.kon and len(self.delar) != 2:
            raise ValueError("kon = true kräver två delar: kvinnor och män, i den ordningen")
        return self


class BreakFile(DeclaredFile):
    """Från när ett mått inte går att jämföra med det som är räknat före."""

    fran: date = Field(description="Första dagen av det år som är räknat på ett annat sätt")
    skal: Words = Field(description="Varför det inte går att jämföra")


class MeasureFile(SourcedFile):
    """Ett mått som varje nämnd räknar för varje år."""

    id: Ident
    namn: Words = Field(description="Så som det står i arbetsböcker och rapporter")
    enhet: Words = Field(description="Det som räknas, i plural, till exempel föräldrar")
    fraga: Words | None = Field(
        None, description="Bara för en skattning: det som de tillfrågade instämmer i eller inte"
    )
    delas: list[Ident] = Field([], description="De uppdelningar som måttet har, med deras id")
    malomrade: Words | None = Field(
        None, description="Det målområde som måttet säger något om, som i villkor.malomraden"
    )
    brott: list[BreakFile] = Field(
        [], description="Från när antalen inte går att jämföra med dem före"
    )


class AskedQuestionFile(SourcedFile):
    """En fråga som varje nämnd svarar på om sig själv för varje år."""

    id: Ident = Field(description="Samma alla år: svaren med ett id är en serie")
    text: Words = Field(description="Frågan så som den står i arbetsböcker och rapporter")
    svar: Literal["ja-nej", "tal"] = Field(
        description="ja-nej, eller tal: ett heltal som är 0 eller större"
    )
    enhet: Words | None = Field(
        None, description="Bara för tal: det som räknas, i plural, till exempel gruppledare"
    )
    malomrade: Words | None = Field(
        None, description="Det målområde som frågan gäller, som i villkor.malomraden"
    )
    brott: list[BreakFile] = Field(
        [], description="Från när svaren inte går att jämföra med dem före"
    )

    @model_validator(mode="after")
    def _has_its_unit(self) -> "AskedQuestionFile":
        if self.svar == "tal" and self.enhet is None:
            raise ValueError("enhet saknas. Ange vad talet räknar, till exempel gruppledare")
        if self.svar == "ja-nej" and self.enhet is not None:
            raise ValueError('enhet hör bara till svar = "tal". Ta bort den')
        return self


class GrantFile(DeclaredFile):
    """En fil för varje statsbidrag. Ett nytt bidrag är en ny fil, och ingen kod."""

    format: Literal[1]
    utkast: Literal[True] | None = Field(
        None,
        description="Filen är ett utkast som ingen har gått igenom: run tar inte emot den förrän "
        "raden är borttagen",
    )
    id: Ident = Field(description="Samma som filens namn utan .toml")
    namn: Words
    kortnamn: Words
    rapport: Ident = Field(
        description="Vilken återrapport som skrivs: namnet på en fil i rapporter/, utan .toml"
    )
    kontaktperson: Words | None = Field(
        None, description="Den hos er som svarar på myndighetens frågor om bidraget"
    )
    dokument: dict[Ident, DocumentFile] = {}
    villkor: TermsFile
    frister: OwnDeadlinesFile | None = None
    redogorelse: dict[Words, Words] = Field(
        {},
        description="Stadens egna ord om ett område, till återrapporten; området skrivs som i "
        "villkor.omraden",
    )
    komponent: list[ComponentFile] = []
    atagande: list[PledgeFile] = []
    delrapport: list[InterimReportFile] = []
    uppdelning: list[SplitFile] = []
    matt: list[MeasureFile] = []
    fraga: list[AskedQuestionFile] = []
    beslut: Annotated[list[DecisionFile], Field(min_length=1)]
    undantag: list[WaiverFile] = []


class BoardFile(DeclaredFile):
    """En nämnd, de dagar den fanns och vem som tog över."""

    id: Ident
    namn: Words
    nummer: Words | None = Field(None, description="Förvaltningsnummer; utelämnas när det är okänt")
    fran: date | None = None
    till: date | None = None
    eftertradare: Ident | None = None
    stavningar: list[Words] = []
    kalla: Words
    ansvar: list[Words] = Field(
        [],
        description="Vad nämndens ansvar eller förvaltning börjar med i huvudboken, utöver numret",
    )
    epost: Annotated[str, AfterValidator(_mail_address)] | None = Field(
        None, description="Dit breven till nämnden går, i stället för dit redovisningen säger"
    )
    niva: Ident | None = Field(
        None, description="Nivån den är på, som under [[niva]]; utelämnad: en stads nämnd"
    )
    over: Ident | None = Field(
        None, description="Id för den som den är en del av, på en högre nivå"
    )


class LevelFile(DeclaredFile):
    """En nivå, och vad de som är på den kallas. Böjningen är den för ord med en."""

    id: Ident
    en: Words = Field(description="Obestämd form i ental, till exempel kommun")
    den: Words = Field(description="Bestämd form i ental, till exempel kommunen")
    flera: Words = Field(description="Obestämd form i flertal, till exempel kommuner")
    de: Words = Field(description="Bestämd form i flertal, till exempel kommunerna")
    omfattar: list[Ident] = Field(
        [], description="De nivåer som den är ett samlande namn på; utelämnad: den är en egen nivå"
    )


class RecipientListFile(DeclaredFile):
    """En förteckning i CSV med mottagare, till exempel SCB:s över kommuner. Ett id blir det korta
    namnet och koden: habo-0643."""

    fil: Annotated[str, AfterValidator(_list_in_the_folder)] = Field(
        description="Filens plats i mappen med uppgifter, till exempel register/kommuner.csv"
    )
    niva: Ident = Field(description="Nivån som alla i den är på")
    kod: Words = Field(description="Kolumnen med koden")
    namn: Words = Field(description="Kolumnen med namnet")
    kort: Words | None = Field(None, description="Kolumnen med det korta namnet, om den finns")
    over: Ident | None = Field(None, description="Id för den som alla är en del av")
    over_kod: Words | None = Field(
        None, description="Kolumnen med koden för den som var och en är en del av"
    )
    over_niva: Ident | None = Field(None, description="Nivån som den koden är en mottagares på")
    kalla: Words

    @model_validator(mode="after")
    def _has_one_above(self) -> "RecipientListFile":
        if (self.over_kod is None) != (self.over_niva is None):
            raise ValueError("over_kod och over_niva hör ihop. Ange båda, eller ingen av dem")
        if self.over is not None and self.over_kod is not None:
            raise ValueError("over och over_kod kan inte stå båda två. Behåll den som är rätt")
        return self


class RecipientNoteFile(DeclaredFile):
    """Det som är känt om en mottagare i en förteckning utöver det som står där."""

    id: Ident
    stavningar: list[Words] = []
    samma_som: Ident | None = Field(
        None, description="En annan mottagare som är samma organisation i en annan roll"
    )
    epost: Annotated[str, AfterValidator(_mail_address)] | None = None
    kalla: Words


class BoardsFile(DeclaredFile):
    """De som redovisar: stadens nämnder, med sammanslagningar och de stavningar som förekommer; på
    andra nivåer till exempel landets kommuner."""

    format: Literal[1]
    niva: list[LevelFile] = []
    namnd: list[BoardFile] = []
    lista: list[RecipientListFile] = []
    mottagare: list[RecipientNoteFile] = Field(
        [], description="Mer om dem som står i förteckningarna"
    )

    @model_validator(mode="after")
    def _has_somebody(self) -> "BoardsFile":
        if not self.namnd and not self.lista:
            raise ValueError("namnd saknas. Lägg till minst en nämnd, eller en förteckning")
        return self


class OrganisationFile(DeclaredFile):
    """Vilka ni är, så som det ska stå i rapporter, brev och arbetsböcker."""

    format: Literal[1]
    namn: Words
    forvaltning: Words
    namnd: Words
    direktor: Words
    webbplats: Words
    kontakt: Words | None = Field(
        None, description="Den som svarar på nämndernas frågor; står i arbetsböckerna"
    )
    lamnas_in: Words | None = Field(
        None, description="Dit nämnderna lämnar in sina arbetsböcker; står i dem"
    )
    niva: Ident | None = Field(
        None, description="Er egen nivå, som under [[niva]] i boards.toml; utelämnad: en stad"
    )
    mottagarniva: Ident | None = Field(
        None, description="Nivån för dem som redovisar till er; utelämnad: en stads nämnder"
    )
    givarniva: Ident | None = Field(
        None, description="Nivån för den som ni får pengarna av; utelämnad: en myndighet"
    )


class QuestionFile(DeclaredFile):
    """En fråga i myndighetens webbformulär, och det som svarar på den."""

    fraga: Words
    svar: Annotated[Answer, Field(strict=False)]


class ReportFile(DeclaredFile):
    """En myndighets återrapport. En ny rapport är en ny fil, och ingen kod."""

    format: Literal[1]
    avsnitt: Annotated[list[Annotated[Section, Field(strict=False)]], Field(min_length=1)]
    insatser: Words = Field(description="Rubriken över insatserna, med myndighetens ord")
    titel: Words | None = Field(
        None, description="Vad slutrapporten heter; utelämnad: Återrapport av statsbidrag"
    )
    fraga: list[QuestionFile] = []

    @model_validator(mode="after")
    def _each_once(self) -> "ReportFile":
        for section, count in Counter(self.avsnitt).items():
            if count > 1:
                raise ValueError(f"avsnittet {section} står {count} gånger. Behåll det ena")
        if bool(self.fraga) != (Section.ANSWERS in self.avsnitt):
            raise ValueError(
                "avsnittet svar behövs när det finns frågor, och bara då. Lägg till eller ta bort "
                "det ena"
            )
        return self


class MarginFile(DeclaredFile):
    """Det som räntelagen lägger till referensräntan."""

    procentenheter: Percent
    kalla: Words


class ReferenceRateFile(DeclaredFile):
    """Referensräntan för det halvår som börjar en dag; den kan vara lägre än noll."""

    fran: date
    procent: Annotated[Decimal, BeforeValidator(_percent(-100, 100))]
    kalla: Words

    @model_validator(mode="after")
    def _begins_a_half_year(self) -> "ReferenceRateFile":
        if (self.fran.month, self.fran.day) not in {(1, 1), (7, 1)}:
            raise ValueError("fran ska vara den 1 januari eller den 1 juli. Rätta dagen")
        return self


class ReferenceRatesFile(DeclaredFile):
    """Räntelagens tillägg, och Riksbankens referensränta för de halvår som är kända."""

    format: Literal[1]
    paslag: MarginFile
    referensranta: Annotated[list[ReferenceRateFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once_and_never_below_zero(self) -> "ReferenceRatesFile":
        for day, count in Counter(rate.fran for rate in self.referensranta).items():
            if count > 1:
                raise ValueError(f"halvåret från {day} står {count} gånger. Behåll det som är rätt")
        if min(rate.procent for rate in self.referensranta) + self.paslag.procentenheter < 0:
            raise ValueError("referensräntan med tillägg blir lägre än noll. Rätta talen")
        return self


class _TomlSchema(GenerateJsonSchema):
    """TOML has no null: a key that may be left out is not required, and that is all there is to
    say."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def schema(declared: type[DeclaredFile] = GrantFile) -> dict[str, Any]:
    """The JSON Schema of a file, such as a grant's, for editors: made from its declaration and from
    nothing else."""
    content = declared.model_json_schema(schema_generator=_TomlSchema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **content}


def write_schema(path: str, declared: type[DeclaredFile] = GrantFile) -> None:
    """Write the JSON Schema where editors look for it."""
    Path(path).write_text(
        json.dumps(schema(declared), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
