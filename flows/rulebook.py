"""Grants, boards and rules from files into nouns: the one place where Swedish keys meet English names.

The classes whose names end in `File` are the declaration of the files in `data/`: the program reads by them, and the
JSON Schema that helps an editor (`grant.schema.json`) is made from them.
"""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from . import swedish
from .model import (
    WHOLE_GRANT,
    Allocation,
    Board,
    Component,
    Decision,
    Finding,
    FlagLimits,
    Grant,
    InputError,
    Return,
    Rule,
    Rulebook,
    Severity,
    Source,
    Term,
    Waiver,
)

# -- the declaration of the files ------------------------------------------------------------------------------------


def _exact(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("ska vara ett tal utan citattecken, till exempel 1978155 eller 1978155.50")
    return value


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
Words = Annotated[str, Field(min_length=1)]
Ident = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
            raise ValueError(
                "källa saknas. Lägg till kalla = { dokument = ..., mening = ... }, antagande eller okand"
            )
        if self.okand and (self.kalla or self.antagande):
            raise ValueError("okand kan inte stå tillsammans med kalla eller antagande. Behåll det som är sant")
        blank = not any(getattr(self, name) not in (None, []) for name in self._values())
        if self.okand and not (blank and self._may_be_unknown):
            raise ValueError("villkoret kan inte både vara okänt och ha ett värde, och belopp måste vara kända")
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


class BasisFile(TermFile):
    """Om återbetalningen räknas per nämnd eller för kommunen som helhet."""

    _may_be_unknown: ClassVar[bool] = False
    bas: Literal["namnd", "kommun"] | None = None


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


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _in_turn(versions: list[TermFile]) -> list[TermFile]:
    spans = sorted((v.galler_fran or date.min, v.galler_till or date.max) for v in versions)
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("två lydelser gäller samtidigt. Sätt galler_till på den äldre till dagen före den nyare")
    return versions


T = TypeVar("T", bound=TermFile)
Versions = Annotated[list[T], BeforeValidator(_as_list), AfterValidator(_in_turn), Field(min_length=1)]
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
    ranta: Versions[TextFile]
    oronmarkta_komponenter: Versions[EarmarkFile] | None = None
    varningsgranser: Versions[LimitsFile] | None = None


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
    cell: Words | None = Field(None, description="Bara för den här cellen")


class GrantFile(_File):
    """En fil för varje statsbidrag. Ett nytt bidrag är en ny fil, och ingen kod."""

    format: Literal[1]
    id: Ident = Field(description="Samma som filens namn utan .toml")
    namn: Words
    kortnamn: Words
    rapport: Ident = Field(description="Vilken rapportmall som används, till exempel mfof eller socialstyrelsen")
    dokument: dict[Ident, DocumentFile] = {}
    villkor: TermsFile
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


def schema() -> dict[str, Any]:
    """The JSON Schema of a grant file, for editors: made from the declaration above and from nothing else."""
    made = GrantFile.model_json_schema()
    for term in made["$defs"]["TermsFile"]["properties"].values():
        for shape in term.get("anyOf", [term]):
            if shape.get("type") == "array":
                shape["anyOf"] = [shape.pop("items"), {"type": "array", "items": dict(shape.get("anyOf", [{}])[0])}]
                shape["anyOf"][1]["items"] = shape["anyOf"][0]
                del shape["type"]
                shape.pop("minItems", None)
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
    boards_path = data / "boards.toml"
    boards = _boards(_parse(boards_path, BoardsFile, "boards.toml"))
    spellings = {swedish.key(text): b.board_id for b in boards for text in (b.board_id, b.name, *b.spellings)}
    grants: list[Grant] = []
    broken: list[Finding] = []
    paths = sorted((data / "grants").glob("*.toml"))
    if not paths:
        raise InputError(f"Det finns inga bidragsfiler i {data / 'grants'}. Ange mappen med --data.")
    for path in paths:
        name = f"grants/{path.name}"
        try:
            parsed = _parse(path, GrantFile, name)
            grants.append(_grant(parsed, path, name, as_of, boards, spellings, rules))
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
        files=tuple(_fingerprint(data, path) for path in [boards_path, *paths]),
        spellings=spellings,
    )


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


def _fingerprint(data: Path, path: Path) -> tuple[str, str, int]:
    content = path.read_bytes()
    return path.relative_to(data).as_posix(), hashlib.sha256(content).hexdigest(), len(content)


F = TypeVar("F", bound=BaseModel)


def _parse(path: Path, shape: type[F], name: str) -> F:
    try:
        raw = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise InputError(f"Filen {path} finns inte. Ange mappen med nämnder och bidrag med --data.") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{name}: filen går inte att läsa. Kontrollera att den är en textfil i UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: filen följer inte TOML ({error}). Rätta raden och försök igen.") from None
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        told = [f"nyckeln {_place(e['loc'])}: {_what(e)}" for e in error.errors()]
        rest = f" Filen har {len(told) - 3} fel till." if len(told) > 3 else ""
        raise InputError(f"{name}, {'; '.join(told[:3])}.{rest}") from None


def _place(loc: tuple[int | str, ...]) -> str:
    parts = [str(p) for p in loc if not (isinstance(p, str) and ("[" in p or "(" in p))]
    return ".".join(parts) or "(hela filen)"


def _what(error: Any) -> str:
    kinds: Mapping[str, Callable[[], str]] = {
        "missing": lambda: "saknas. Lägg till den",
        "extra_forbidden": lambda: "är okänd. Ta bort den eller rätta stavningen",
        "string_pattern_mismatch": lambda: "ska vara små bokstäver a–z, siffror och bindestreck",
        "literal_error": lambda: f"ska vara {error['ctx']['expected'].replace(' or ', ' eller ')}",
        "value_error": lambda: str(error["ctx"]["error"]),
        "greater_than_equal": lambda: "får inte vara negativt",
        "decimal_max_places": lambda: "har för många decimaler. Ange hela ören",
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
        wordings = getattr(self.parsed.villkor, key)
        in_force = [w for w in wordings if (w.galler_fran or date.min) <= self.as_of <= (w.galler_till or date.max)]
        return (in_force or sorted(wordings, key=lambda w: w.galler_fran or date.min))[0]

    def source(self, where: str, stated: TermFile | DecisionFile) -> Source:
        """Where a statement of the file comes from; its document must be one that the file names."""
        unknown = getattr(stated, "okand", None)
        if unknown:
            return Source("okand", unknown)
        document = self.document(where, stated.kalla) if stated.kalla else None
        if stated.antagande:
            words = f"{stated.antagande} ({document}: ”{stated.kalla.mening}”)" if stated.kalla else stated.antagande
            return Source("antagande", words)
        assert stated.kalla is not None
        return Source("kalla", stated.kalla.mening, document)

    def document(self, where: str, cited: SourceFile) -> str:
        document = self.parsed.dokument.get(cited.dokument)
        if document is None:
            raise self.wrong(where, f"dokumentet {cited.dokument} finns inte. Lägg till [dokument.{cited.dokument}].")
        return ", ".join(t for t in (document.titel, document.dnr and f"dnr {document.dnr}") if t)


def _grant(
    parsed: GrantFile,
    path: Path,
    name: str,
    as_of: date,
    boards: tuple[Board, ...],
    spellings: Mapping[str, str],
    rules: Mapping[str, Rule],
) -> Grant:
    reader = _Reader(parsed, name, as_of)
    if parsed.id != path.stem:
        raise reader.wrong("id", f"ska vara samma som filens namn, {path.stem}.")
    term, limits = reader.term, parsed.villkor.varningsgranser and reader.term("varningsgranser")
    components = _components(reader)
    earmarked = parsed.villkor.oronmarkta_komponenter
    if parsed.komponent and earmarked is None:
        raise reader.wrong("villkor.oronmarkta_komponenter", "saknas. Den behövs när bidraget har komponenter.")
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
        decisions=tuple(_decisions(reader, components, spellings, [b.name for b in boards])),
        waivers=tuple(_waivers(reader, spellings, rules)),
        terms=tuple(
            Term(_LABELS[key], _words(term(key)), reader.source(f"villkor.{key}", term(key)))
            for key in TermsFile.model_fields
            if getattr(parsed.villkor, key) is not None
        ),
        file=name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    for day in sorted({d.decided_on for d in grant.decisions}):
        allocated = sum(grant.allocations_on(day).values())
        if allocated > grant.total_sek:
            raise reader.wrong(
                "beslut",
                f"fördelningen {day} är {swedish.kr(allocated)}, mer än bidragets {swedish.kr(grant.total_sek)}. "
                "Rätta fördelningen eller beloppet.",
            )
    return grant


def _components(reader: _Reader) -> tuple[Component, ...]:
    if not reader.parsed.komponent:
        return (Component(WHOLE_GRANT, "Hela bidraget", tuple(reader.term("omraden").tillatna)),)
    allowed = set(reader.term("omraden").tillatna)
    named = Counter(area for c in reader.parsed.komponent for area in c.omraden)
    for area, count in named.items():
        if area not in allowed:
            raise reader.wrong(
                "komponent.omraden", f"området {area} står inte i villkor.omraden.tillatna. Rätta det."
            )
        if count > 1:
            raise reader.wrong("komponent.omraden", f"området {area} står på två komponenter. Behåll det på en.")
    return tuple(Component(c.id, c.namn, tuple(c.omraden)) for c in reader.parsed.komponent)


def _decisions(
    reader: _Reader, components: tuple[Component, ...], spellings: Mapping[str, str], names: list[str]
) -> Iterator[Decision]:
    known = {c.component_id for c in components}
    decided: Counter[tuple[date, str]] = Counter()
    for decision in sorted(reader.parsed.beslut, key=lambda d: d.datum):
        where = f"beslut.{decision.id}"
        rows = []
        for written, given in decision.fordelning.items():
            board_id = spellings.get(swedish.key(written))
            if board_id is None:
                near = swedish.nearest(written, names)
                hint = f"Menas {near}?" if near else "Lägg till den i boards.toml."
                raise reader.wrong(f"{where}.fordelning", f"nämnden {written} är okänd. {hint}")
            decided[decision.datum, board_id] += 1
            if decided[decision.datum, board_id] > 1:
                raise reader.wrong(
                    f"{where}.fordelning", f"{written} har två belopp från {decision.datum}. Behåll det som gäller."
                )
            for component, amount in (given if isinstance(given, dict) else {WHOLE_GRANT: given}).items():
                if component not in known:
                    raise reader.wrong(
                        f"{where}.fordelning.{written}",
                        f"komponenten {component} finns inte. Ange belopp för {swedish.listing(sorted(known))}.",
                    )
                rows.append(Allocation(board_id, component, amount))
        yield Decision(decision.id, decision.datum, decision.beslutat_av, reader.source(where, decision), tuple(rows))


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
}


def _words(term: TermFile) -> str:
    """A term's value as the report prints it."""
    if term.okand:
        return term.okand
    match term:
        case GrantorFile():
            return f"{term.namn} ({term.kortnamn})"
        case AmountFile():
            return swedish.say(term.kronor)
        case PeriodFile(fran=date() as first, till=date() as last):
            return swedish.period(first, last)
        case DayFile(datum=date() as day):
            return f"Senast {swedish.long_date(day)}"
        case CodesFile():
            unpaid = f" (inte: {swedish.listing(term.ej_tillatna)})" if term.ej_tillatna else ""
            return swedish.listing(term.tillatna) + unpaid
        case BasisFile():
            return "per nämnd" if term.bas == "namnd" else "för kommunen som helhet"
        case EarmarkFile():
            return "ja" if term.varde else "nej"
        case LimitsFile():
            limits = _limits(term)
            return (
                f"Agera vid minst {swedish.percent(limits.act_unspent_share)} eller {swedish.kr(limits.act_unspent_sek)}"
                f" ej förbrukat, bevaka vid minst {swedish.percent(limits.watch_unspent_share)}"
            )
        case TextsFile():
            return "; ".join(term.varden)
    return str(getattr(term, "varde", ""))
