"""The terms of a grant in words, as a report prints them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ..base import swedish
from ..model.conditions import FlagLimits, SeparateAccounts
from ..model.decisions import LIABILITY_BASIS, LiabilityBasis
from ..model.grant_words import GrantorKind
from ..model.levels import PLAIN, Wording
from .declaration import (
    AmountFile,
    BasisFile,
    CarryOverFile,
    CodesFile,
    DayFile,
    DaysAfterFile,
    DaysBeforeFile,
    EarmarkFile,
    GrantorFile,
    InterestFile,
    LimitsFile,
    PercentFile,
    PeriodFile,
    PostsFile,
    RecipientLevelFile,
    SeparateAccountsFile,
    SmallCountsFile,
    TermFile,
    TextsFile,
)

# -- reading ---------------------------------------------------------------------------------------


def flag_limits(stated: LimitsFile | None) -> FlagLimits:
    """When unspent money is flagged: what the grant file states, else the program's own."""
    limits = {
        "act_unspent_share": stated and stated.agera_andel_ej_forbrukat,
        "act_unspent_sek": stated and stated.agera_ej_forbrukat_kronor,
        "act_days_left": stated and stated.agera_dagar_kvar,
        "watch_unspent_share": stated and stated.bevaka_andel_ej_forbrukat,
    }
    changes: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    return replace(FlagLimits(), **changes)


_COST_ACCOUNTS = ("4", "5", "6", "7")
"""Costs in Kommun-Bas, in which labour is class 5 (in the private chart of accounts it is 7)."""
_MOST_DAYS = 62


def separate_accounts(stated: SeparateAccountsFile) -> SeparateAccounts | None:
    """By what a grant's costs are known in the accounts, None while that is unknown."""
    if stated.okand:
        return None
    return SeparateAccounts(
        projects=tuple(stated.projekt),
        activities=tuple(stated.verksamhet),
        responsibilities=tuple(stated.ansvar),
        cost_accounts=tuple(stated.kostnadskonton) or _COST_ACCOUNTS,
        salary_accounts={kind: tuple(codes) for kind, codes in stated.lonekonton.items()},
        accounts_of_kinds={kind: tuple(codes) for kind, codes in stated.konton.items()},
        limit_sek=stated.grans_kronor or Decimal(0),
        most_days=_MOST_DAYS if stated.dagar is None else stated.dagar,
    )


# -- the terms in words ----------------------------------------------------------------------------

LABELS = {
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
    "sarredovisning": "Särredovisas i huvudboken",
    "tjanster": "Tjänster",
    "mottagarniva": "Fördelas till",
    "procent": "Andelar i hela procent",
}

_OWN_LABELS = {
    "aterrapport_till_myndigheten": "Slutrapporten lämnas",
    "aterbetalning_senast": "Återföring senast",
    "aterbetalningsbas": "Återföringen räknas",
    "aterbetalningsgrunder": "Grunder för återföring",
}
"""What terms are called where the city itself gives the money, if not the same."""


def label(key: str, kind: GrantorKind) -> str:
    """What a term is called in a grant of a kind."""
    if kind is GrantorKind.OWN and key in _OWN_LABELS:
        return _OWN_LABELS[key]
    return LABELS[key]


OF_THE_CITY_ALONE = frozenset({"sarredovisning"})
"""Terms that are between the city and its accounts: no report prints them, and nobody attests
them."""


def term_words(  # noqa: PLR0911, PLR0912 - one sentence for each kind of term
    term: TermFile, wording: Wording = PLAIN
) -> str:
    """A term's value as the report prints it; what the house says of it in the words of the grant's
    level."""
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
            return wording.said(LIABILITY_BASIS[LiabilityBasis(term.bas or "namnd")])
        case CarryOverFile(varde=None, regel=str() as rule):
            return _carry_over_words(rule, term.andel)
        case CarryOverFile(varde=str() as words, regel=str() as rule):
            return f"{words}. Räknas så: {_carry_over_words(rule, term.andel)}"
        case InterestFile(dagar_per_ar=int() as days):
            stated = f"{term.sats_procent} procent per år".replace(".", ",")
            rate = "enligt 6 § räntelagen" if term.enligt else stated
            return f"Ränta {rate} från dagen efter kravets förfallodag, med {days} dagar på ett år"
        case EarmarkFile():
            return "ja" if term.varde else "nej"
        case LimitsFile():
            limits = flag_limits(term)
            return (
                f"Agera vid minst {swedish.percent(limits.act_unspent_share)} eller "
                f"{swedish.kr(limits.act_unspent_sek)} ej förbrukat, eller när färre än "
                f"{limits.act_days_left} dagar är kvar och mindre än två tredjedelar är använt. "
                f"Bevaka vid minst {swedish.percent(limits.watch_unspent_share)} ej förbrukat"
            )
        case SeparateAccountsFile():
            return f"På projekt {swedish.listing(term.projekt)}"
        case PostsFile(minst=Decimal() as least, hogst=Decimal() as most):
            return wording.said(_post_words(least, most))
        case RecipientLevelFile():
            return wording.recipient.many
        case PercentFile():
            is_cut = term.avrundning == "kapa"
            return "Avrundas nedåt" if is_cut else "Avrundas till närmaste, halva uppåt"
        case SmallCountsFile():
            return str(term.dolj_under)
        case TextsFile():
            return "; ".join(term.varden)
        case DaysAfterFile(arbetsdagar_efter=int() as days):
            return f"{swedish.counted(days, 'arbetsdag', 'arbetsdagar')} efter kvartalets slut"
        case DaysBeforeFile(arbetsdagar_fore=int() as days):
            return f"{swedish.counted(days, 'arbetsdag', 'arbetsdagar')} före"
    return str(getattr(term, "varde", ""))


def _post_words(least: Decimal, most: Decimal) -> str:
    """How many whole posts a board is to have, in words."""
    posts = "hel tjänst" if most == 1 else "hela tjänster"
    if least == most:
        return f"{_plain(most)} {posts} per nämnd"
    return f"{_plain(least)} till {_plain(most)} {posts} per nämnd"


def _plain(number: Decimal) -> str:
    """A number with the decimals that it has."""
    return f"{number.normalize():f}".replace(".", ",")


def _carry_over_words(rule: str, share: Decimal | None) -> str:
    """What of a year's money may be used the next, in words."""
    if share is not None:
        return f"Ja, högst {_plain(share * 100)}{swedish.NBSP}% av årets tilldelning"
    if rule == "allt":
        return "Ja, allt som inte har använts under året"
    return "Nej, det som inte har använts när året är slut förfaller"
