"""Grants, boards and rules from files into nouns: the one place where Swedish keys meet English names.

The classes whose names end in `File` are the declaration of the files in `data/`: the program reads by them, and the
JSON Schema that helps an editor (`grant.schema.json`) is made from them.
"""

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path, PurePath
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from . import places, swedish
from .model import (
    LIABILITY_BASIS,
    WHOLE_GRANT,
    Allocation,
    Board,
    Component,
    DeadlineKind,
    Decision,
    Due,
    Finding,
    FlagLimits,
    Grant,
    InputError,
    Interest,
    ReferenceRate,
    Return,
    Rule,
    Rulebook,
    RunPlan,
    Severity,
    Source,
    Term,
    Waiver,
)

BOARDS = "boards.toml"
"""The name of the register of boards in the data folder."""
RATES = "referensranta.toml"
"""The name of the file of reference rates in the data folder; it may be left out where no grant's terms need it."""

# -- the declaration of the files ------------------------------------------------------------------------------------


def _exact(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
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
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise ValueError("ska vara procent per år utan citattecken, till exempel 2.5")
        percent = Decimal(value)
        if not least <= percent <= most or percent != round(percent, 4):
            raise ValueError(f"ska vara procent per år, från {least} till {most} och med högst fyra decimaler")
        return percent

    return exact


Percent = Annotated[
    Decimal,
    BeforeValidator(_percent(0, 100)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "description": "Procent per år"}),
]


def _working_days(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise ValueError("ska vara ett helt antal arbetsdagar från 1 till 100, utan citattecken")
    return value


WorkingDays = Annotated[
    int, BeforeValidator(_working_days), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100})
]
_LEAST_SHOWN: dict[str, Any] = {"minimum": 3, "maximum": 20}


def _least_shown(value: object) -> object:
    # Below 3 only 1 would be hidden, and then everybody knows which number it is.
    least, most = _LEAST_SHOWN["minimum"], _LEAST_SHOWN["maximum"]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"ska vara ett helt tal från {least} till {most}, utan citattecken")
    return value


Words = Annotated[str, Field(min_length=1)]
Ident = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)


class SourceFile(_File):
    """En mening i ett av filens dokument."""

    dokument: Ident = Field(description="Nyckeln för ett dokument under [dokument]")
    mening: Words = Field(description="Meningen som villkoret vilar på, ordagrant ur dokumentet")


class TermFile(_File):
    """Det som gäller alla villkor: var det kommer från, och från när till när det gäller."""

    kalla: SourceFile | None = Field(None, description="Dokument och mening som villkoret vilar på")
    antagande: Words | None = Field(None, description="Villkoret är ett antagande; skriv varför det antas")
    okand: Words | None = Field(None, description="Värdet är okänt; skriv de ord som är kända")
    galler_fran: date | None = Field(None, description="Första dag som den här lydelsen gäller")
    galler_till: date | None = Field(None, description="Sista dag som den här lydelsen gäller")

    @model_validator(mode="after")
    def _has_source(self) -> "TermFile":
        if not (self.kalla or self.antagande or self.okand):
            raise ValueError("källa saknas. Lägg till kalla = { dokument = ..., mening = ... }, antagande eller okand")
        if self.okand and (self.kalla or self.antagande):
            raise ValueError("okand kan inte stå tillsammans med kalla eller antagande. Behåll det som är sant")
        blank = not any(getattr(self, name) not in (None, []) for name in self._values())
        if self.okand and not (blank and self._may_be_unknown):
            raise ValueError(
                "villkoret kan inte både vara okänt och ha ett värde. Behåll det som är sant"
                if self._may_be_unknown
                else "värdet behövs för att räkna och kan inte vara okänt. Ange det, med antagande om källa saknas"
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
    """Myndigheten som ger bidraget."""

    namn: Words
    kortnamn: Words


class TextFile(TermFile):
    """Ett villkor i ord."""

    varde: Words | None = None


class TextsFile(TermFile):
    """Ett villkor som är en lista av ord."""

    varden: list[Words] = []


class AmountFile(TermFile):
    """Ett belopp i kronor."""

    _may_be_unknown: ClassVar[bool] = False
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


class DayFile(TermFile):
    """En tidsfrist."""

    datum: date | None = None


class CodesFile(TermFile):
    """En kodlista: vad bidraget betalar, och vad nämnderna känner till men bidraget inte betalar."""

    _may_be_unknown: ClassVar[bool] = False
    tillatna: Annotated[list[Words], Field(min_length=1)]
    ej_tillatna: list[Words] = []

    @model_validator(mode="after")
    def _each_once(self) -> "CodesFile":
        for name, count in Counter(swedish.key(word) for word in [*self.tillatna, *self.ej_tillatna]).items():
            if count > 1:
                raise ValueError(f"{name} står mer än en gång. Behåll det i tillatna eller i ej_tillatna")
        return self


class BasisFile(TermFile):
    """Om återbetalningen räknas per nämnd eller för kommunen som helhet."""

    _may_be_unknown: ClassVar[bool] = False
    bas: Literal["namnd", "kommun"] | None = None


class InterestFile(TermFile):
    """Om ränta tas ut på ett krav: i ord, enligt räntelagen eller med en sats."""

    varde: Words | None = Field(None, description="Villkoret i ord, när ingen ränta ska räknas")
    enligt: Literal["rantelagen"] | None = Field(None, description="Räntan är den i 6 § räntelagen")
    sats_procent: Percent | None = Field(None, description="Räntesatsen i procent per år, när villkoren anger den")
    dagar_per_ar: Literal[360, 365] | None = Field(None, description="Hur många dagar ett år räknas som")
    fran: Literal["forfallodagen"] | None = Field(None, description="Räntan löper från dagen efter förfallodagen")

    @model_validator(mode="after")
    def _one_of_them(self) -> "InterestFile":
        ways = [self.varde, self.enligt, self.sats_procent]
        if not self.okand and sum(way is not None for way in ways) != 1:
            raise ValueError("ange ett av varde, enligt och sats_procent")
        counted = [self.dagar_per_ar, self.fran]
        if self.varde is not None and counted != [None, None]:
            raise ValueError("dagar_per_ar och fran hör till enligt eller sats_procent. Ta bort dem")
        if not self.okand and self.varde is None and None in counted:
            raise ValueError(
                "dagar_per_ar och fran behövs för att räkna ränta. Lägg till dem, med antagande om de antas"
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
        None, description="Antal från 1 och upp till det här talet skrivs inte ut", json_schema_extra=_LEAST_SHOWN
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


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _in_turn(versions: list[TermFile]) -> list[TermFile]:
    spans = sorted((v.galler_fran or date.min, v.galler_till or date.max) for v in versions)
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("två lydelser gäller samtidigt. Sätt galler_till på den äldre till dagen före den nyare")
    return versions


class _OneOrMany:
    """In the schema a term is one table, or a list of tables."""

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        wordings = handler(core)
        return {"anyOf": [wordings["items"], wordings]}


T = TypeVar("T", bound=TermFile)
Versions = Annotated[list[T], BeforeValidator(_as_list), AfterValidator(_in_turn), Field(min_length=1), _OneOrMany()]
"""A term, written once or as a list of its wordings over time."""


class TermsFile(_File):
    """Bidragets villkor. Varje villkor kan ha flera lydelser ([[villkor.x]]) med galler_fran och galler_till."""

    bidragsgivare: Versions[GrantorFile]
    andamal: Versions[TextFile]
    myndighetens_dnr: Versions[TextFile]
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
    overforing_till_nasta_ar: Versions[TextFile]
    ranta: Versions[InterestFile]
    oronmarkta_komponenter: Versions[EarmarkFile] | None = None
    varningsgranser: Versions[LimitsFile] | None = None
    sma_antal: Versions[SmallCountsFile] | None = None


class OwnDeadlinesFile(_File):
    """Stadens egna frister, på vägen till myndighetens. De skrivs inte ut i återrapporten."""

    kvartalsredovisning: Versions[DaysAfterFile] | None = Field(None, description="När nämnderna redovisar ett kvartal")
    intern_granskning: Versions[DaysBeforeFile] | None = Field(
        None, description="När återrapporten är granskad: före nämndens sammanträde, annars före myndighetens sista dag"
    )
    namndsammantrade: Versions[DayFile] | None = Field(None, description="Den dag återrapporten tas upp i nämnden")
    paminnelser: Versions[RemindersFile] | None = Field(None, description="När påminnelser går ut")


class DocumentFile(_File):
    """Ett dokument som villkoren hänvisar till."""

    titel: Words
    datum: date | None = None
    dnr: Words | None = None
    fil: Words | None = Field(None, description="Dokumentets text under data/, om den finns där")


class ComponentFile(_File):
    """En del av bidraget med egna pengar."""

    id: Ident
    namn: Words
    omraden: list[Words] = Field(description="De områden vars kostnader hör till komponenten")


class DecisionFile(_File):
    """Ett beslut om fördelning. Ett senare beslut läggs till; det äldre ändras aldrig."""

    id: Ident
    datum: date = Field(description="Den dag beslutet börjar gälla")
    beslutat_av: Words
    kalla: SourceFile | None = None
    antagande: Words | None = None
    summa: Kronor | None = Field(
        None, description="Fördelningens alla belopp sammanräknade: en kontroll av att inget är felskrivet eller fattas"
    )
    fordelning: dict[str, Kronor | dict[Ident, Kronor]] = Field(
        description="Kronor per nämnd, eller per nämnd och komponent"
    )

    @model_validator(mode="after")
    def _has_source(self) -> "DecisionFile":
        if not (self.kalla or self.antagande):
            raise ValueError("källa saknas. Lägg till kalla = { dokument = ..., mening = ... } eller antagande")
        return self


class WaiverFile(_File):
    """Ett undantag från en regel."""

    regel: Ident
    namnd: Words
    skal: Words
    beslutat_av: Words
    beslutat_den: date
    till: date = Field(description="Sista dag som undantaget gäller")
    fil: Words | None = Field(None, description="Bara för den här filen")
    cell: Words | None = Field(None, description="Bara för den här cellen, till exempel I6 eller Kostnader!I6")


class GrantFile(_File):
    """En fil för varje statsbidrag. Ett nytt bidrag är en ny fil, och ingen kod."""

    format: Literal[1]
    id: Ident = Field(description="Samma som filens namn utan .toml")
    namn: Words
    kortnamn: Words
    rapport: Ident = Field(description="Vilken rapportmall som används, till exempel mfof eller socialstyrelsen")
    dokument: dict[Ident, DocumentFile] = {}
    villkor: TermsFile
    frister: OwnDeadlinesFile | None = None
    redogorelse: dict[Words, Words] = Field(
        {}, description="Stadens egna ord om ett område, till återrapporten; området skrivs som i villkor.omraden"
    )
    komponent: list[ComponentFile] = []
    beslut: Annotated[list[DecisionFile], Field(min_length=1)]
    undantag: list[WaiverFile] = []


class BoardFile(_File):
    """En nämnd, de dagar den fanns och vem som tog över."""

    id: Ident
    namn: Words
    nummer: Words | None = Field(None, description="Förvaltningsnummer; utelämnas när det är okänt")
    fran: date | None = None
    till: date | None = None
    eftertradare: Ident | None = None
    stavningar: list[Words] = []
    kalla: Words


class BoardsFile(_File):
    """Stadens nämnder, med sammanslagningar och de stavningar som förekommer."""

    format: Literal[1]
    namnd: Annotated[list[BoardFile], Field(min_length=1)]


class MarginFile(_File):
    """Det som räntelagen lägger till referensräntan."""

    procentenheter: Percent
    kalla: Words


class ReferenceRateFile(_File):
    """Referensräntan för det halvår som börjar en dag; den kan vara lägre än noll."""

    fran: date
    procent: Annotated[Decimal, BeforeValidator(_percent(-100, 100))]
    kalla: Words

    @model_validator(mode="after")
    def _begins_a_half_year(self) -> "ReferenceRateFile":
        if (self.fran.month, self.fran.day) not in {(1, 1), (7, 1)}:
            raise ValueError("fran ska vara den 1 januari eller den 1 juli. Rätta dagen")
        return self


class ReferenceRatesFile(_File):
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
    """TOML has no null: a key that may be left out is not required, and that is all there is to say."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema of a grant file, for editors: made from the declaration above and from nothing else."""
    made = GrantFile.model_json_schema(schema_generator=_TomlSchema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def write_schema(path: str) -> None:
    """Write the JSON Schema where editors look for it."""
    Path(path).write_text(json.dumps(schema(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# -- reading ---------------------------------------------------------------------------------------------------------


def load(data: Path, named: Iterable[str], as_of: date) -> Rulebook:
    """All grants, boards and rules under a data folder, with the terms as they stand on the as-of date.

    A grant file that is broken becomes a finding; it raises InputError when it is one of the `named`, or when no
    grant is left to run. A broken register of boards always does: no return could be read without it.
    """
    rules = register()
    contents = {BOARDS: _content(data / BOARDS, BOARDS)}
    boards = _boards(_parse(contents[BOARDS], BoardsFile, BOARDS))
    spellings = {swedish.key(text): b.board_id for b in boards for text in (b.board_id, b.name, *b.spellings)}
    rates = None
    if (data / RATES).exists():
        contents[RATES] = _content(data / RATES, RATES)
        rates = _parse(contents[RATES], ReferenceRatesFile, RATES)
    margin = rates.paslag.procentenheter if rates else None
    grants: list[Grant] = []
    broken: list[Finding] = []
    folder = data / "grants"  # listed, since glob takes a folder that may not be read for an empty one
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml") if folder.is_dir() else []
    if not paths:
        raise InputError(f"Det finns inga bidragsfiler i {folder}. Ange mappen med --data.")
    for path in paths:
        name = f"grants/{path.name}"
        try:
            contents[name] = _content(path, name)
            parsed = _parse(contents[name], GrantFile, name)
            grant = _grant(parsed, name, contents[name], as_of, boards, spellings, rules, margin)
            for other in grants:
                if _names(grant) & _names(other):
                    raise InputError(
                        f"{name}, nyckeln namn: bidraget heter som {other.grant_id}. "
                        "Ge det ett namn och ett kortnamn som inget annat bidrag har."
                    )
            grants.append(grant)
        except InputError as error:
            if path.stem in named:
                raise
            broken.append(
                rules["bidragsfil-trasig"].finding(
                    is_final=False, grant=path.stem, file=name, details={"problem": str(error)}
                )
            )
    known = {g.grant_id for g in grants}
    for grant_id in named:
        if grant_id not in known:
            near = swedish.nearest(grant_id, known)
            hint = f"Menade du {near}?" if near else f"Välj bland {swedish.listing(sorted(known))}."
            raise InputError(f"Det finns inget statsbidrag med id {grant_id}. {hint}")
    if not grants:
        raise InputError(f"Inget statsbidrag kan köras. {broken[0].message}")
    return Rulebook(
        grants=tuple(grants),
        boards=boards,
        rules=rules,
        broken=tuple(broken),
        files=tuple((name, hashlib.sha256(content).hexdigest(), len(content)) for name, content in contents.items()),
        spellings=spellings,
        reference_rates=_reference_rates(rates) if rates else (),
    )


def _reference_rates(parsed: ReferenceRatesFile) -> tuple[ReferenceRate, ...]:
    ordered = sorted(parsed.referensranta, key=lambda rate: rate.fran)
    return tuple(ReferenceRate(rate.fran, rate.procent, rate.kalla) for rate in ordered)


def _names(grant: Grant) -> set[str]:
    return {swedish.key(name) for name in (grant.grant_id, grant.name, grant.short_name)}


def register() -> dict[str, Rule]:
    """Every rule of the register, by id."""
    rows = tomllib.loads(files("statsbidrag.expectations").joinpath("rules.toml").read_text("utf-8"))["rule"]
    rules = [
        Rule(
            rule_id=row["id"],
            checked_by=row["checked_by"],
            severity=Severity(row["severity"]),
            severity_final=Severity(row.get("severity_final", row["severity"])),
            can_be_waived=row.get("can_be_waived", False),
            message=row["message"],
            remedy=row["remedy"],
            source=row["source"],
        )
        for row in rows
    ]
    return {rule.rule_id: rule for rule in rules}


def identify(returned: Return, rulebook: Rulebook) -> Return:
    """The return with its grant and sender known by id, where their names are known."""
    grant, board = returned.value("grant"), returned.value("board")
    return replace(
        returned,
        grant_id=rulebook.grant_named(str(grant)) if grant else None,
        sender_id=rulebook.board_named(str(board)) if board else None,
    )


def plan(rulebook: Rulebook, named: Sequence[str], as_of: date, *, is_final: bool) -> tuple[RunPlan, list[str]]:
    """What a run reconciles, and a Swedish sentence for each grant that has nothing to reconcile yet.

    A quarter ends at the last quarter's end on or before the as-of date, at the latest with the grant. Raises
    InputError for a final report before the grant's end, when the grant was named or no other is left.
    """
    periods: dict[str, date] = {}
    waiting: list[str] = []
    for grant in rulebook.grants:
        if named and grant.grant_id not in named:
            continue
        ends_on = _period_end(grant, as_of)
        if is_final and as_of < grant.spend_to_on:
            last = swedish.long_date(grant.spend_to_on)
            sentence = f"{grant.grant_id} kan inte slutredovisas före {last}, som är bidragets sista dag."
            if named:
                raise InputError(f"{sentence} Kör utan --final för en delavstämning.")
            waiting.append(sentence)
        elif not grant.allocations_on(as_of):
            waiting.append(f"{grant.grant_id}: inget beslut gäller ännu {as_of}, så det finns inget att stämma av.")
        elif ends_on < grant.spend_from_on:
            waiting.append(
                f"{grant.grant_id}: första kvartalet är inte slut {as_of}, så det finns inget att stämma av."
            )
        else:
            periods[grant.grant_id] = grant.spend_to_on if is_final else ends_on
    if is_final and not periods:
        raise InputError(f"{' '.join(waiting)} Kör utan --final för en delavstämning.")
    return RunPlan(as_of, is_final, periods), waiting


def plan_of_checks(rulebook: Rulebook, as_of: date, *, is_final: bool = False) -> RunPlan:
    """What returns are checked against one by one: every grant, to the period that a run would have.

    Where the first quarter has not ended, and for a final report, that is the grant's last day.
    """
    periods: dict[str, date] = {}
    for grant in rulebook.grants:
        ends_on = _period_end(grant, as_of)
        has_ended = ends_on >= grant.spend_from_on and not is_final
        periods[grant.grant_id] = ends_on if has_ended else grant.spend_to_on
    return RunPlan(as_of, is_final, periods)


def _period_end(grant: Grant, as_of: date) -> date:
    """The day that a quarter's run reconciles a grant to; before the grant's first day when no quarter has ended."""
    return min(_quarter_end(as_of), grant.spend_to_on)


def _quarter_end(day: date) -> date:
    """The last quarter's end on or before a day."""
    tomorrow = day + timedelta(days=1)
    return date(tomorrow.year, 3 * ((tomorrow.month - 1) // 3) + 1, 1) - timedelta(days=1)


def waive(findings: Iterable[Finding], returns: Iterable[Return], rulebook: Rulebook, plan: RunPlan) -> list[Finding]:
    """The findings, with those that an undantag in force covers turned into notes that say so.

    An undantag is for a unit, and covers all that is sent under it, or for one of its senders.
    """
    senders = {returned.file: returned.sender_id for returned in returns}
    return [_waived(finding, senders.get(finding.file or ""), rulebook, plan.as_of) for finding in findings]


def _waived(finding: Finding, sender_id: str | None, rulebook: Rulebook, as_of: date) -> Finding:
    if finding.grant is None or finding.board is None:
        return finding
    grant = rulebook.grant(finding.grant)
    mine = [
        waiver
        for waiver in grant.waivers
        if waiver.rule_id == finding.rule
        and waiver.board_id in {finding.board, sender_id}
        and waiver.decided_on <= as_of <= waiver.until_on
        and waiver.file in {None, finding.file}
        and (waiver.cell is None or {waiver.cell, waiver.cell.removeprefix(f"{finding.sheet}!")} & set(finding.cells))
    ]
    covered = {(w.cell or "").removeprefix(f"{finding.sheet}!") for w in mine}
    if not mine or ("" not in covered and not set(finding.cells) <= covered):
        return finding
    told = " ".join(
        f"{w.reason} Beslutat av {w.decided_by} {w.decided_on}, gäller till och med {w.until_on}." for w in mine
    )
    return replace(
        finding,
        severity=Severity.INFO,
        message=f"{finding.message} Undantag: {told}",
        remedy="Inget behöver göras så länge undantaget gäller.",
    )


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"Filen {path} finns inte. Ange mappen med nämnder och bidrag med --data.") from None
    except PermissionError:
        raise InputError(f"Det går inte att komma åt {path}. Kontrollera att du har rätt till den.") from None
    except OSError:
        raise InputError(f"{name}: filen går inte att läsa. {_IS_TEXT}") from None


TOO_DEEP = "filen har för många parenteser i varandra. Ta bort dem, eller lägg tillbaka filen från en säkerhetskopia."
_IS_TEXT = "Kontrollera att den är en textfil i UTF-8."
F = TypeVar("F", bound=BaseModel)


def _parse(content: bytes, shape: type[F], name: str) -> F:
    try:
        text = content.decode("utf-8")
        raw = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise InputError(f"{name}: filen går inte att läsa. {_IS_TEXT}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}, {_line_of(error, text)}") from None
    except RecursionError:
        raise InputError(f"{name}: {TOO_DEEP}") from None
    except (ValueError, ArithmeticError):
        raise InputError(f"{name}: filen har ett tal med fler siffror än som går att läsa. Rätta talet.") from None
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        said: dict[str, str] = {}
        for e in error.errors():
            said.setdefault(_place(e["loc"], raw), _what(e))
        # A value that may be one thing or another is complained of twice; the deeper place is the one to mend.
        told = [f"nyckeln {p}: {what}" for p, what in said.items() if not any(q.startswith(f"{p}.") for q in said)]
        rest = f" Filen har {len(told) - 3} fel till." if len(told) > 3 else ""
        raise InputError(f"{name}, {'; '.join(told[:3])}.{rest}") from None


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Which line TOML stumbled on, and what is most often wrong there."""
    found = re.search(r"line ([0-9]+)", str(error))
    lines = text.splitlines()
    number = min(int(found[1]) if found else len(lines), len(lines))
    shown = f"rad {number} ({lines[number - 1].strip()})" if lines else "rad 1"
    return (
        f"{shown}: raden går inte att läsa. Skriv text inom raka citattecken, belopp utan mellanslag och med punkt "
        "före ören, datum som 2024-12-31 och nycklar med å, ä eller ö inom citattecken."
    )


def _place(loc: tuple[int | str, ...], raw: Any) -> str:
    """A place as the file has it: a decision or a board goes by its id, and a term written once has no number."""
    parts, here = [], raw
    for part in loc:
        if isinstance(part, int) and isinstance(here, list):
            here = here[part]
            parts.append(str(here.get("id", part + 1)) if isinstance(here, dict) else str(part + 1))
        elif isinstance(part, str) and "[" not in part and "(" not in part:
            here = here.get(part) if isinstance(here, dict) else None
            parts.append(part)
    return ".".join(parts) or "(hela filen)"


def _what(error: Any) -> str:
    kinds: Mapping[str, Callable[[], str]] = {
        "missing": lambda: "saknas. Lägg till den",
        "extra_forbidden": lambda: "är okänd. Ta bort den eller rätta stavningen",
        "string_pattern_mismatch": lambda: "ska vara små bokstäver a–z, siffror och bindestreck",
        "literal_error": lambda: f"ska vara {error['ctx']['expected'].replace(' or ', ' eller ')}. Rätta värdet",
        "value_error": lambda: str(error["ctx"]["error"]),
        "greater_than_equal": lambda: "får inte vara negativt. Skriv hela beloppet, inte en ändring",
        "less_than_equal": lambda: "är en andel och får inte vara större än 1. Skriv till exempel 0.10",
        "decimal_max_places": lambda: "har för många decimaler. Ange hela ören",
        "string_type": lambda: "ska vara text inom citattecken",
        "string_too_short": lambda: "är tom. Skriv vad som gäller eller ta bort nyckeln",
        "date_type": lambda: "ska vara ett datum utan citattecken, till exempel 2024-02-01",
        "bool_type": lambda: "ska vara true eller false, utan citattecken",
        "int_type": lambda: "ska vara ett helt tal utan citattecken",
        "list_type": lambda: "ska vara en lista inom hakparenteser",
        "too_short": lambda: "är en tom lista. Skriv vad som gäller",
    }
    return kinds.get(error["type"], lambda: "har fel slags värde. Jämför med data/grants/README.md")()


def _boards(parsed: BoardsFile) -> tuple[Board, ...]:
    boards = tuple(
        Board(b.id, b.namn, b.nummer, b.fran, b.till, b.eftertradare, tuple(b.stavningar)) for b in parsed.namnd
    )
    by_id = {b.board_id: b for b in boards}
    names = Counter(k for b in boards for k in {swedish.key(t) for t in (b.board_id, b.name, *b.spellings)})
    for name, count in names.items():
        if count > 1:
            raise InputError(f"boards.toml, namnd: namnet {name} står på {count} nämnder. Behåll det på en av dem.")
    for b in boards:
        heir = by_id.get(b.successor_id or "")
        if b.successor_id and heir is None:
            raise InputError(
                f"boards.toml, namnd {b.board_id}: efterträdaren {b.successor_id} finns inte. Lägg till den."
            )
        if heir and not (b.valid_to_on and heir.valid_from_on and b.valid_to_on < heir.valid_from_on):
            raise InputError(
                f"boards.toml, namnd {b.board_id}: perioden överlappar efterträdarens. "
                f"Sätt till på {b.board_id} till dagen före fran på {heir.board_id}."
            )
        if b.valid_from_on and b.valid_to_on and b.valid_to_on < b.valid_from_on:
            raise InputError(f"boards.toml, namnd {b.board_id}: till ligger före fran. Byt plats på dagarna.")
    return boards


class _Reader:
    """Turns one parsed grant file into a Grant; every complaint names the file and the key."""

    def __init__(self, parsed: GrantFile, name: str, as_of: date) -> None:
        self.parsed, self.name, self.as_of = parsed, name, as_of

    def wrong(self, where: str, what: str) -> InputError:
        return InputError(f"{self.name}, nyckeln {where}: {what}")

    def term(self, key: str) -> Any:
        """The wording of a term in force on the as-of date; the first one when the date is before them all."""
        return self._in_force(f"villkor.{key}", getattr(self.parsed.villkor, key))

    def own_deadline(self, key: str) -> Any:
        """What the file states of one of the city's own deadlines on the as-of date; None when it states nothing."""
        wordings = getattr(self.parsed.frister, key, None)
        return self._in_force(f"frister.{key}", wordings) if wordings else None

    def _in_force(self, where: str, stated: Sequence[TermFile]) -> TermFile:
        wordings = sorted(stated, key=lambda w: w.galler_fran or date.min)
        in_force = [w for w in wordings if (w.galler_fran or date.min) <= self.as_of <= (w.galler_till or date.max)]
        if not in_force and self.as_of > (wordings[0].galler_fran or date.min):
            raise self.wrong(where, f"ingen lydelse gäller {self.as_of}. Ta bort eller flytta galler_till.")
        return (in_force or wordings)[0]

    def source(self, where: str, stated: TermFile | DecisionFile) -> Source:
        """Where a statement of the file comes from; its document must be one that the file names."""
        unknown = getattr(stated, "okand", None)
        if unknown:
            return Source("okand", unknown)
        document = self.document(where, stated.kalla) if stated.kalla else None
        if stated.antagande:
            return Source("antagande", stated.antagande, document, stated.kalla.mening if stated.kalla else "")
        assert stated.kalla is not None
        return Source("kalla", stated.kalla.mening, document)

    def document(self, where: str, cited: SourceFile) -> str:
        document = self.parsed.dokument.get(cited.dokument)
        if document is None:
            raise self.wrong(where, f"dokumentet {cited.dokument} finns inte. Lägg till [dokument.{cited.dokument}].")
        return ", ".join(t for t in (document.titel, document.dnr and f"dnr {document.dnr}") if t)


def _grant(
    parsed: GrantFile,
    name: str,
    content: bytes,
    as_of: date,
    boards: tuple[Board, ...],
    spellings: Mapping[str, str],
    rules: Mapping[str, Rule],
    margin: Decimal | None,
) -> Grant:
    reader = _Reader(parsed, name, as_of)
    stem = PurePath(name).stem
    if parsed.id != stem:
        raise reader.wrong("id", f"ska vara samma som filens namn, {stem}. Ändra id eller byt namn på filen.")
    if parsed.id in places.RESERVED:
        raise reader.wrong(
            "id",
            f"så heter något som programmet självt skriver bland resultaten. Välj ett annat id än {parsed.id}, och ge "
            "filen samma namn.",
        )
    for where, ids in (("komponent", [c.id for c in parsed.komponent]), ("beslut", [d.id for d in parsed.beslut])):
        for twice in (i for i, count in Counter(ids).items() if count > 1):
            raise reader.wrong(where, f"id {twice} står {Counter(ids)[twice]} gånger. Ge var och en sitt eget id.")
    term = reader.term
    limits: LimitsFile | None = term("varningsgranser") if parsed.villkor.varningsgranser else None
    if parsed.rapport not in _report_templates():
        choices = swedish.listing(_report_templates())
        raise reader.wrong("rapport", f"rapportmallen {parsed.rapport} finns inte. Välj bland {choices}.")
    components = _components(reader)
    earmarked = parsed.villkor.oronmarkta_komponenter
    if parsed.komponent and earmarked is None:
        raise reader.wrong(
            "villkor.oronmarkta_komponenter", "saknas. Lägg till den; den behövs när bidraget har komponenter."
        )
    grant = Grant(
        grant_id=parsed.id,
        name=parsed.namn,
        short_name=parsed.kortnamn,
        report=parsed.rapport,
        grantor=term("bidragsgivare").namn,
        grantor_short=term("bidragsgivare").kortnamn,
        total_sek=term("belopp").kronor,
        spend_from_on=term("forbrukningsperiod").fran,
        spend_to_on=term("forbrukningsperiod").till,
        areas=tuple(term("omraden").tillatna),
        unpaid_areas=tuple(term("omraden").ej_tillatna),
        target_areas=tuple(term("malomraden").varden),
        cost_kinds=tuple(term("kostnadsslag").tillatna),
        unpaid_cost_kinds=tuple(term("kostnadsslag").ej_tillatna),
        not_for=tuple(term("far_inte_anvandas_till").varden),
        repayment_grounds=tuple(term("aterbetalningsgrunder").varden),
        components=components,
        is_earmarked=bool(earmarked and reader.term("oronmarkta_komponenter").varde) or not parsed.komponent,
        liability_basis=term("aterbetalningsbas").bas,
        board_deadline_on=term("redovisning_till_staden").datum,
        board_deadline_words=_words(term("redovisning_till_staden")),
        agency_deadline_on=term("aterrapport_till_myndigheten").datum,
        agency_deadline_words=_words(term("aterrapport_till_myndigheten")),
        city_ref=term("stadens_dnr").varde,
        agency_ref=term("myndighetens_dnr").varde,
        limits=_limits(limits),
        decisions=tuple(_decisions(reader, components, spellings, boards)),
        waivers=tuple(_waivers(reader, spellings, rules)),
        terms=tuple(
            Term(_LABELS[key], _words(term(key)), reader.source(f"villkor.{key}", term(key)))
            for key in TermsFile.model_fields
            if getattr(parsed.villkor, key) is not None
        ),
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        interest=_interest(reader, margin),
        due=_due(reader),
        least_shown_count=term("sma_antal").dolj_under if parsed.villkor.sma_antal else 0,
        accounts=_accounts(reader),
        **_remind_before(reader.own_deadline("paminnelser")),
    )
    for day in sorted({d.decided_on for d in grant.decisions}):  # what was inherited has ended where a decision says so
        allocated = sum(grant.allocations_on(day).values())
        if allocated > grant.total_sek:
            raise reader.wrong(
                "beslut",
                f"fördelningen {day} är {swedish.kr(allocated)}, mer än bidragets {swedish.kr(grant.total_sek)}. "
                "Rätta fördelningen eller beloppet.",
            )
    stated = {decision.id: decision.summa for decision in parsed.beslut if decision.summa is not None}
    for decision in grant.decisions:
        found = sum((allocation.amount_sek for allocation in decision.allocations), Decimal(0))
        wanted = stated.get(decision.decision_id, found)
        if wanted != found:
            raise reader.wrong(
                f"beslut.{decision.decision_id}.summa",
                f"är {swedish.kr(wanted)}, men beloppen i fordelning är tillsammans {swedish.kr(found)}. "
                "Jämför med beslutet och rätta det som är fel.",
            )
    return grant


def _report_templates() -> list[str]:
    """The reports that a grant can name: the templates that are neither a part of one nor made for every grant."""
    names = [found.name.removesuffix(".html.j2") for found in files("statsbidrag.reports").iterdir()]
    for_every = {"board", "index", "omfordelning", "reskontra", "sparning", "tjansteutlatande", "underlag"}
    return sorted(n for n in names if re.fullmatch("[a-z0-9-]+", n) and n not in for_every)


def _accounts(reader: _Reader) -> dict[str, str]:
    """The city's own words of each area. They go to the agency as they stand, so no personal number may be in them."""
    allowed = reader.term("omraden").tillatna
    for area, words in reader.parsed.redogorelse.items():
        if area not in allowed:
            raise reader.wrong("redogorelse", f"området {area} står inte i villkor.omraden.tillatna. Rätta det.")
        if swedish.holds_personal_number(words):
            raise reader.wrong(
                "redogorelse", f"texten om {area} innehåller något som kan vara ett personnummer. Ta bort det."
            )
    return dict(reader.parsed.redogorelse)


def _components(reader: _Reader) -> tuple[Component, ...]:
    if not reader.parsed.komponent:
        return (Component(WHOLE_GRANT, "Hela bidraget", tuple(reader.term("omraden").tillatna)),)
    allowed = set(reader.term("omraden").tillatna)
    named = Counter(area for c in reader.parsed.komponent for area in c.omraden)
    for area, count in named.items():
        if area not in allowed:
            raise reader.wrong("komponent.omraden", f"området {area} står inte i villkor.omraden.tillatna. Rätta det.")
        if count > 1:
            raise reader.wrong("komponent.omraden", f"området {area} står på två komponenter. Behåll det på en.")
    return tuple(Component(c.id, c.namn, tuple(c.omraden)) for c in reader.parsed.komponent)


def _decisions(
    reader: _Reader, components: tuple[Component, ...], spellings: Mapping[str, str], boards: tuple[Board, ...]
) -> Iterator[Decision]:
    known = {c.component_id for c in components}
    by_id = {b.board_id: b for b in boards}
    before = _predecessors(boards)
    decided: Counter[tuple[date, str]] = Counter()
    for decision in sorted(reader.parsed.beslut, key=lambda d: d.datum):
        where = f"beslut.{decision.id}"
        rows = []
        for written, given in decision.fordelning.items():
            board_id = spellings.get(swedish.key(written))
            if board_id is None:
                near = swedish.nearest(written, [b.name for b in boards])
                hint = f"Menas {near}?" if near else "Lägg till den i boards.toml."
                raise reader.wrong(f"{where}.fordelning", f"nämnden {written} är okänd. {hint}")
            board = by_id[board_id]
            if not (board.valid_from_on or date.min) <= decision.datum <= (board.valid_to_on or date.max):
                heir = (
                    f"Menas {by_id[board.successor_id].name}?" if board.successor_id else "Rätta nämnden eller dagen."
                )
                raise reader.wrong(f"{where}.fordelning", f"{board.name} fanns inte {decision.datum}. {heir}")
            decided[decision.datum, board_id] += 1
            if decided[decision.datum, board_id] > 1:
                raise reader.wrong(
                    f"{where}.fordelning", f"{written} har två belopp från {decision.datum}. Behåll det som gäller."
                )
            for component, amount in (given if isinstance(given, dict) else {WHOLE_GRANT: given}).items():
                if component not in known:
                    what = (
                        f"komponenten {component} finns inte" if isinstance(given, dict) else "beloppet är inte delat"
                    )
                    asked = (
                        "Ange ett belopp utan komponenter."
                        if known == {WHOLE_GRANT}
                        else f"Ange belopp för {swedish.listing(sorted(known))}."
                    )
                    raise reader.wrong(f"{where}.fordelning.{written}", f"{what}. {asked}")
                rows.append(Allocation(board_id, component, amount, ends=before[board_id]))
        yield Decision(decision.id, decision.datum, decision.beslutat_av, reader.source(where, decision), tuple(rows))


def _predecessors(boards: tuple[Board, ...]) -> dict[str, tuple[str, ...]]:
    """The boards that became each board, near and far, in the order of the register."""
    successors = {board.board_id: board.successor_id for board in boards}
    found: dict[str, list[str]] = {board.board_id: [] for board in boards}
    for board in boards:
        heir = board.successor_id
        while heir is not None:
            found[heir].append(board.board_id)
            heir = successors[heir]
    return {board_id: tuple(before) for board_id, before in found.items()}


def _waivers(reader: _Reader, spellings: Mapping[str, str], rules: Mapping[str, Rule]) -> Iterator[Waiver]:
    spans: dict[tuple[str, str, str | None, str | None], list[tuple[date, date]]] = {}
    for waiver in reader.parsed.undantag:
        board_id = spellings.get(swedish.key(waiver.namnd))
        rule = rules.get(waiver.regel)
        if board_id is None:
            raise reader.wrong("undantag.namnd", f"nämnden {waiver.namnd} är okänd. Rätta stavningen.")
        if rule is None or not rule.can_be_waived:
            allowed = swedish.listing(sorted(r.rule_id for r in rules.values() if r.can_be_waived))
            raise reader.wrong("undantag.regel", f"{waiver.regel} kan inte undantas. Undantag finns för {allowed}.")
        if waiver.till < waiver.beslutat_den:
            raise reader.wrong("undantag.till", "ligger före beslutat_den. Rätta dagarna.")
        span = (waiver.beslutat_den, waiver.till)
        others = spans.setdefault((waiver.regel, board_id, waiver.fil, waiver.cell), [])
        if any(span[0] <= last and first <= span[1] for first, last in others):
            raise reader.wrong(
                "undantag",
                f"två undantag från {waiver.regel} för {waiver.namnd} överlappar. Behåll ett för varje dag.",
            )
        others.append(span)
        yield Waiver(
            rule_id=waiver.regel,
            board_id=board_id,
            reason=waiver.skal,
            decided_by=waiver.beslutat_av,
            decided_on=waiver.beslutat_den,
            until_on=waiver.till,
            file=waiver.fil,
            cell=waiver.cell,
        )


def _interest(reader: _Reader, margin: Decimal | None) -> Interest | None:
    """The interest that the terms state; None when they state none that can be reckoned."""
    stated = reader.term("ranta")
    if stated.dagar_per_ar is None:
        return None
    if stated.enligt and margin is None:
        raise reader.wrong("villkor.ranta", f"räntelagens ränta räknas efter {RATES}, som inte finns. Lägg till den.")
    return Interest(
        rate_percent=stated.sats_procent,
        margin_percent=margin if stated.enligt else None,
        days_per_year=stated.dagar_per_ar,
        source=reader.source("villkor.ranta", stated),
    )


_DUE: Mapping[DeadlineKind, str] = {
    "quarterly_return": "frister.kvartalsredovisning",
    "last_use": "villkor.forbrukningsperiod",
    "final_return": "villkor.redovisning_till_staden",
    "internal_review": "frister.intern_granskning",
    "committee": "frister.namndsammantrade",
    "agency": "villkor.aterrapport_till_myndigheten",
    "repayment": "villkor.aterbetalning_senast",
}
"""Where a grant file states each deadline."""


def _due(reader: _Reader) -> dict[DeadlineKind, Due]:
    """What the file states of each deadline; those that must come in order do."""
    due: dict[DeadlineKind, Due] = {}
    for kind, where in _DUE.items():
        section, key = where.split(".")
        stated = reader.term(key) if section == "villkor" else reader.own_deadline(key)
        if stated is None:
            continue
        days = getattr(stated, "arbetsdagar_efter", None) or getattr(stated, "arbetsdagar_fore", None)
        on = stated.till if isinstance(stated, PeriodFile) else getattr(stated, "datum", None)
        due[kind] = Due(_words(stated), reader.source(where, stated), on, days)
    in_order: tuple[DeadlineKind, ...] = ("final_return", "committee", "agency")
    for earlier, later in combinations(in_order, 2):
        first, last = (due[kind].on if kind in due else None for kind in (earlier, later))
        if first and last and first > last:
            raise reader.wrong(
                _DUE[earlier], f"{first} ligger efter {_DUE[later].split('.')[1]}, som är {last}. Rätta dagarna."
            )
    return due


def _remind_before(stated: RemindersFile | None) -> dict[str, Any]:
    return {"remind_before": tuple(sorted(stated.arbetsdagar_fore, reverse=True))} if stated else {}


def _limits(stated: LimitsFile | None) -> FlagLimits:
    given = {
        "act_unspent_share": stated and stated.agera_andel_ej_forbrukat,
        "act_unspent_sek": stated and stated.agera_ej_forbrukat_kronor,
        "act_days_left": stated and stated.agera_dagar_kvar,
        "watch_unspent_share": stated and stated.bevaka_andel_ej_forbrukat,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(FlagLimits(), **changes)


# -- the terms in words ----------------------------------------------------------------------------------------------

_LABELS = {
    "bidragsgivare": "Bidragsgivare",
    "andamal": "Ändamål",
    "myndighetens_dnr": "Myndighetens diarienummer",
    "stadens_dnr": "Stadens diarienummer",
    "belopp": "Belopp",
    "forbrukningsperiod": "Medlen får användas",
    "retroaktiv_anvandning": "Retroaktiv användning",
    "omraden": "Områden",
    "malomraden": "Målområden",
    "kostnadsslag": "Kostnadsslag",
    "far_inte_anvandas_till": "Får inte användas till",
    "redovisning_till_staden": "Nämnderna redovisar till staden",
    "aterrapport_till_myndigheten": "Staden återrapporterar till myndigheten",
    "aterbetalning_senast": "Återbetalning senast",
    "aterbetalningsbas": "Återbetalningen räknas",
    "aterbetalningsgrunder": "Grunder för återbetalning",
    "overforing_till_nasta_ar": "Överföring till nästa år",
    "ranta": "Ränta",
    "oronmarkta_komponenter": "Komponenterna är öronmärkta",
    "varningsgranser": "Gränser för flaggning",
    "sma_antal": "Minsta antal personer som visas",
}


def _words(term: TermFile) -> str:  # noqa: PLR0911, PLR0912 - one sentence for each kind of term
    """A term's value as the report prints it."""
    if term.okand:
        return term.okand
    match term:
        case GrantorFile():
            return term.namn if term.namn == term.kortnamn else f"{term.namn} ({term.kortnamn})"
        case AmountFile():
            return swedish.say(term.kronor)
        case PeriodFile(fran=date() as first, till=date() as last):
            return swedish.period(first, last)
        case DayFile(datum=date() as day):
            return f"Senast {swedish.long_date(day)}"
        case CodesFile():
            unpaid = f" (inte: {'; '.join(term.ej_tillatna)})" if term.ej_tillatna else ""
            return "; ".join(term.tillatna) + unpaid
        case BasisFile():
            return LIABILITY_BASIS[term.bas or "namnd"]
        case InterestFile(dagar_per_ar=int() as days):
            stated = f"{term.sats_procent} procent per år".replace(".", ",")
            rate = "enligt 6 § räntelagen" if term.enligt else stated
            return f"Ränta {rate} från dagen efter kravets förfallodag, med {days} dagar på ett år"
        case EarmarkFile():
            return "ja" if term.varde else "nej"
        case LimitsFile():
            limits = _limits(term)
            return (
                f"Agera vid minst {swedish.percent(limits.act_unspent_share)} eller "
                f"{swedish.kr(limits.act_unspent_sek)} ej förbrukat, "
                f"eller när färre än {limits.act_days_left} dagar är kvar och mindre än två tredjedelar "
                f"är använt. Bevaka vid minst {swedish.percent(limits.watch_unspent_share)} ej förbrukat"
            )
        case SmallCountsFile():
            return str(term.dolj_under)
        case TextsFile():
            return "; ".join(term.varden)
        case DaysAfterFile(arbetsdagar_efter=int() as days):
            return f"{swedish.counted(days, 'arbetsdag', 'arbetsdagar')} efter kvartalets slut"
        case DaysBeforeFile(arbetsdagar_fore=int() as days):
            return f"{swedish.counted(days, 'arbetsdag', 'arbetsdagar')} före"
    return str(getattr(term, "varde", ""))
