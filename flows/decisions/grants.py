"""One parsed grant file into a grant; every complaint names the file and the key."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import PurePath

from ..base import places, swedish
from ..model.boards import Board
from ..model.conditions import SeparateAccounts
from ..model.decisions import (
    WHOLE_GRANT,
    Component,
    Grant,
    Interest,
    LiabilityBasis,
    Pledge,
    Term,
    Waiver,
)
from ..model.findings import Rule
from ..model.levels import BOARD_LEVEL, Level
from ..model.organisation import AgencyReport, Organisation
from . import allocations, years
from .asked_measures import measures, posts
from .data_names import RATES
from .declaration import (
    GrantFile,
    LimitsFile,
    SeparateAccountsFile,
    TermsFile,
)
from .grant_reader import GrantReader
from .grantor_kinds import grantor_kind
from .interim_reports import interim_reports
from .recipients import level_named
from .stated_deadlines import due, remind_before
from .stated_questions import percent_rounding, questions
from .terms import OF_THE_CITY_ALONE, flag_limits, label, separate_accounts, term_words


def grant_of(
    parsed: GrantFile,
    name: str,
    content: bytes,
    as_of: date,
    boards: tuple[Board, ...],
    spellings: Mapping[str, str],
    rules: Mapping[str, Rule],
    margin: Decimal | None,
    report: AgencyReport,
    levels: Mapping[str, Level],
    organisation: Organisation,
) -> Grant:
    """The grant that a parsed file declares, its terms as they stand on a day. Raises InputError
    with file and key."""
    reader = GrantReader(parsed, name, as_of)
    stem = PurePath(name).stem
    if parsed.id != stem:
        raise reader.wrong(
            "id", f"ska vara samma som filens namn, {stem}. Ändra id eller byt namn på filen."
        )
    if parsed.id in places.RESERVED:
        raise reader.wrong(
            "id",
            "så heter något som programmet självt skriver bland resultaten. Välj ett annat id än "
            f"{parsed.id}, och ge filen samma namn.",
        )
    for where, ids in (
        ("komponent", [c.id for c in parsed.komponent]),
        ("beslut", [d.id for d in parsed.beslut]),
    ):
        for twice in (i for i, count in Counter(ids).items() if count > 1):
            raise reader.wrong(
                where, f"id {twice} står {Counter(ids)[twice]} gånger. Ge var och en sitt eget id."
            )
    term = reader.term
    limits: LimitsFile | None = term("varningsgranser") if parsed.villkor.varningsgranser else None
    kind = grantor_kind(reader)
    level = _level(reader, levels)
    wording = organisation.wording_of(level)
    components = _components(reader)
    earmarked = parsed.villkor.oronmarkta_komponenter
    if parsed.komponent and earmarked is None:
        raise reader.wrong(
            "villkor.oronmarkta_komponenter",
            "saknas. Lägg till den; den behövs när bidraget har komponenter.",
        )
    decisions = tuple(allocations.decisions(reader, components, spellings, boards))
    years.must_cover(reader, decisions)
    carried = years.carry_rule(reader, has_years=any(decision.year for decision in decisions))
    grant = Grant(
        grant_id=parsed.id,
        name=parsed.namn,
        short_name=parsed.kortnamn,
        report=report,
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
        is_earmarked=bool(earmarked and reader.term("oronmarkta_komponenter").varde)
        or not parsed.komponent,
        liability_basis=LiabilityBasis(term("aterbetalningsbas").bas),
        board_deadline_on=term("redovisning_till_staden").datum,
        board_deadline_words=term_words(term("redovisning_till_staden")),
        agency_deadline_on=term("aterrapport_till_myndigheten").datum,
        agency_deadline_words=term_words(term("aterrapport_till_myndigheten")),
        city_ref=term("stadens_dnr").varde,
        agency_ref=term("myndighetens_dnr").varde if parsed.villkor.myndighetens_dnr else None,
        limits=flag_limits(limits),
        decisions=decisions,
        waivers=tuple(_waivers(reader, spellings, rules)),
        terms=tuple(
            Term(
                wording.said(label(key, kind)),
                term_words(term(key), wording),
                reader.source(f"villkor.{key}", term(key)),
                key,
            )
            for key in TermsFile.model_fields
            if getattr(parsed.villkor, key) is not None and key not in OF_THE_CITY_ALONE
        ),
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        interest=_interest(reader, margin),
        due=due(reader),
        least_shown_count=term("sma_antal").dolj_under if parsed.villkor.sma_antal else 0,
        accounts=_accounts(reader),
        pledges=tuple(_pledges(reader)),
        interim_reports=tuple(interim_reports(reader)),
        separate_accounts=_separate_accounts(reader),
        contact=parsed.kontaktperson,
        carry_over=carried.rule,
        carry_share=carried.share,
        grantor_kind=kind,
        is_draft=parsed.utkast is True,
        remind_before=remind_before(reader),
        posts=posts(reader),
        level=level,
        percent_rounding=percent_rounding(reader),
    )
    grant = replace(grant, measures=measures(reader, grant.measured_years))
    grant = replace(grant, questions=questions(reader, grant.measured_years))
    allocations.must_add_up(reader, grant)
    allocations.must_be_of_level(reader, grant, boards)
    return grant


def _level(reader: GrantReader, levels: Mapping[str, Level]) -> Level:
    """The level of those who are given the money: a city's boards where the file doesn't say."""
    if reader.parsed.villkor.mottagarniva is None:
        return BOARD_LEVEL
    where = f"{reader.name}, nyckeln villkor.mottagarniva"
    return level_named(levels, reader.term("mottagarniva").niva, where)


def _pledges(reader: GrantReader) -> Iterator[Pledge]:
    """What the decision promises. Raises InputError for an area that the grant doesn't know, and
    for one id twice."""
    allowed = reader.term("omraden").tillatna
    seen: set[str] = set()
    for pledge in reader.parsed.atagande:
        where = f"atagande.{pledge.id}"
        if pledge.id in seen:
            raise reader.wrong(where, "står två gånger. Ge vart och ett sitt eget id.")
        seen.add(pledge.id)
        for area in pledge.omraden:
            if area not in allowed:
                raise reader.wrong(
                    where, f"området {area} står inte i villkor.omraden.tillatna. Rätta det."
                )
        reader.document(where, pledge.kalla)
        yield Pledge(pledge.id, tuple(pledge.omraden), pledge.antal, pledge.kalla.mening)


def _separate_accounts(reader: GrantReader) -> SeparateAccounts | None:
    """By what the grant's costs are known in the accounts. Raises InputError for a kind of cost
    that the grant doesn't know."""
    if reader.parsed.villkor.sarredovisning is None:
        return None
    term: SeparateAccountsFile = reader.term("sarredovisning")
    codes = reader.term("kostnadsslag")
    known = {swedish.key(kind) for kind in (*codes.tillatna, *codes.ej_tillatna)}
    for kind in (*term.lonekonton, *term.konton):
        if swedish.key(kind) not in known:
            raise reader.wrong(
                "villkor.sarredovisning",
                f"kostnadsslaget {kind} står inte i villkor.kostnadsslag. Rätta det.",
            )
    return separate_accounts(term)


def _accounts(reader: GrantReader) -> dict[str, str]:
    """The city's own words of each area. They go to the agency as they stand, so no personal number
    may be in them."""
    allowed = reader.term("omraden").tillatna
    for area, words in reader.parsed.redogorelse.items():
        if area not in allowed:
            raise reader.wrong(
                "redogorelse", f"området {area} står inte i villkor.omraden.tillatna. Rätta det."
            )
        if swedish.personal_numbers(words):
            raise reader.wrong(
                "redogorelse",
                f"texten om {area} innehåller något som kan vara ett personnummer. Ta bort det.",
            )
    return dict(reader.parsed.redogorelse)


def _components(reader: GrantReader) -> tuple[Component, ...]:
    if not reader.parsed.komponent:
        return (Component(WHOLE_GRANT, "Hela bidraget", tuple(reader.term("omraden").tillatna)),)
    allowed = set(reader.term("omraden").tillatna)
    named = Counter(area for c in reader.parsed.komponent for area in c.omraden)
    for area, count in named.items():
        if area not in allowed:
            raise reader.wrong(
                "komponent.omraden",
                f"området {area} står inte i villkor.omraden.tillatna. Rätta det.",
            )
        if count > 1:
            raise reader.wrong(
                "komponent.omraden", f"området {area} står på två komponenter. Behåll det på en."
            )
    return tuple(Component(c.id, c.namn, tuple(c.omraden)) for c in reader.parsed.komponent)


def _waivers(
    reader: GrantReader, spellings: Mapping[str, str], rules: Mapping[str, Rule]
) -> Iterator[Waiver]:
    spans: dict[tuple[str, str, str | None, str | None], list[tuple[date, date]]] = {}
    for waiver in reader.parsed.undantag:
        board_id = spellings.get(swedish.key(waiver.namnd))
        rule = rules.get(waiver.regel)
        if board_id is None:
            raise reader.wrong(
                "undantag.namnd", f"nämnden {waiver.namnd} är okänd. Rätta stavningen."
            )
        if rule is None or not rule.can_be_waived:
            allowed = swedish.listing(sorted(r.rule_id for r in rules.values() if r.can_be_waived))
            raise reader.wrong(
                "undantag.regel", f"{waiver.regel} kan inte undantas. Undantag finns för {allowed}."
            )
        if waiver.till < waiver.beslutat_den:
            raise reader.wrong("undantag.till", "ligger före beslutat_den. Rätta dagarna.")
        span = (waiver.beslutat_den, waiver.till)
        others = spans.setdefault((waiver.regel, board_id, waiver.fil, waiver.cell), [])
        if any(span[0] <= last and first <= span[1] for first, last in others):
            raise reader.wrong(
                "undantag",
                f"två undantag från {waiver.regel} för {waiver.namnd} överlappar. Behåll ett för "
                "varje dag.",
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


def _interest(reader: GrantReader, margin: Decimal | None) -> Interest | None:
    """The interest that the terms state; None when they state none that can be reckoned."""
    stated = reader.term("ranta")
    if stated.dagar_per_ar is None:
        return None
    if stated.enligt and margin is None:
        raise reader.wrong(
            "villkor.ranta",
            f"räntelagens ränta räknas efter {RATES}, som inte finns. Lägg till den.",
        )
    return Interest(
        rate_percent=stated.sats_procent,
        margin_percent=margin if stated.enligt else None,
        days_per_year=stated.dagar_per_ar,
        source=reader.source("villkor.ranta", stated),
    )
