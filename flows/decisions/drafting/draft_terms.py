"""The terms of a draft that are money, names and days."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from ...base import swedish
from ..terms import LABELS
from . import decision_values as values
from .decision_values import Period
from .document_texts import Said, Text, different, matching, said
from .draft_basis import Basis, purposes_said
from .draft_values import (
    NOT_STATED,
    TO_SETTLE,
    Term,
    conflict,
    found,
    missing,
    proposed,
)
from .table_doubts import Doubt

T = TypeVar("T")

_MAY_GET = re.compile(r"\b(möjlighet|rekvirera|högst|upp till|ansöka|kan få)\b", re.IGNORECASE)
_GIVES = re.compile(r"\b(fördela|betala ut|betalar ut|utbetal|bevilja|utlys|ger)", re.IGNORECASE)
_MONEY = re.compile(r"bidrag|medel|satsning", re.IGNORECASE)
_REPORTED = re.compile(r"redovis|återrapport|slutrapport|delrapport|rapporter", re.IGNORECASE)
_BY_BOARDS = re.compile(
    r"nämnder(na)?\b.*\b(redovis|rapport|återrapport)|"
    r"(redovis|rapport)\w*\b.*\btill (social)?förvaltningen|(redovis|rapport)\w*\b.*\btill staden",
    re.IGNORECASE,
)
_REPAID = re.compile(r"återbetal|återkräv|betalas? tillbaka", re.IGNORECASE)
_BY_THE_CITY = re.compile(r"\b(staden|kommunen)\b", re.IGNORECASE)
_ABOUT_WHEN = re.compile(r"\b(i början|i mitten|i slutet) av\b|\bsenast\b", re.IGNORECASE)
_MONTH = "|".join(swedish.MONTHS)
_LATEST = re.compile(
    rf"\bsenast (?:den )?([0-9]{{1,2}} (?:{_MONTH}) [0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b20[0-9]{2}\b")


def _key(name: str) -> tuple[str, str]:
    """Where a term stands, and what it is called."""
    return f"villkor.{name}", LABELS[name]


def _only(
    name: str, stated: Sequence[Said[T]], written: str, words: Callable[[T], str]
) -> Term | None:
    """A term that the document says, or that it says in several ways; None where it doesn't."""
    key, label = _key(name)
    ways = different(stated)
    if not ways:
        return None
    if len(ways) == 1:
        return found(key, label, {written: ways[0].value}, words(ways[0].value), ways[0])
    doubt = conflict(label, ways, words)
    return Term(missing(key, label, doubt.text).shown, {}, (doubt,))


# -- whose money, how much and what for ------------------------------------------------------------


def grantor(basis: Basis) -> Term:
    """The agency that gives the grant: the only one that is named, that is said to give money, or
    that a sentence which says so begins with."""
    key, label = _key("bidragsgivare")
    named = [pair for pair in basis.agencies if _mentions(basis.texts, pair)]
    giving = [pair for pair in named if _giving(basis, pair)]
    leading = [pair for pair in giving if _begun(basis, pair)]
    for pairs, mentions in ((named, _named), (giving, _giving), (leading, _begun)):
        if len(pairs) == 1:
            first = mentions(basis, pairs[0])[0]
            return found(key, label, _names(pairs[0]), _in_words(pairs[0]), first)
    if not named:
        keys = _names((TO_SETTLE, TO_SETTLE))
        why = f"”{TO_SETTLE}”, tills myndigheten är inskriven. {NOT_STATED}."
        return proposed(key, label, keys, TO_SETTLE, why)
    return _one_of(basis, giving or named)


def _one_of(basis: Basis, pairs: Sequence[tuple[str, str]]) -> Term:
    """The first of several agencies that may give the grant, as a proposal."""
    key, label = _key("bidragsgivare")
    ways: list[Said[tuple[str, str]]] = []
    for pair in pairs:
        ways.append(Said(pair, *_place(_named(basis, pair)[0])))
    doubt = conflict(label, ways, _in_words)
    pair = ways[0].value
    why = f"en av de myndigheter som nämns. {doubt.text}"
    term = proposed(key, label, _names(pair), _in_words(pair), why, ways[0])
    return Term(term.shown, term.keys, (doubt,))


def _named(basis: Basis, pair: tuple[str, str]) -> list[Said[str]]:
    return _mentions(basis.texts, pair)


def _giving(basis: Basis, pair: tuple[str, str]) -> list[Said[str]]:
    return _mentions(basis.texts, pair, _GIVES, _MONEY)


def _begun(basis: Basis, pair: tuple[str, str]) -> list[Said[str]]:
    return [one for one in _giving(basis, pair) if one.sentence.startswith(pair)]


def _place(one: Said[T]) -> tuple[str, int, str]:
    return one.sentence, one.line_no, one.document


def _names(pair: tuple[str, str]) -> dict[str, str]:
    return {"namn": pair[0], "kortnamn": pair[1]}


def _in_words(pair: tuple[str, str]) -> str:
    return pair[0] if pair[0] == pair[1] else f"{pair[0]} ({pair[1]})"


def _mentions(
    texts: Iterable[Text], pair: tuple[str, str], *about: re.Pattern[str]
) -> list[Said[str]]:
    """The sentences that name an agency, by its full name before its short one."""
    sentences: list[Said[str]] = []
    for name in dict.fromkeys(pair):
        wanted = re.compile(rf"(?<!\w){re.escape(name)}s?(?!\w)")
        sentences += matching(texts, wanted, *about)
    return sentences


def amount(basis: Basis) -> Term:
    """The whole grant: the table's total, beside the sentence that says it."""
    key, label = _key("belopp")
    total = basis.total_sek
    if basis.rows_sek > total:
        return proposed(
            key,
            label,
            {"kronor": basis.rows_sek},
            swedish.kr(basis.rows_sek),
            f"tabellens rader tillsammans. Summaraden säger {swedish.kr(total)}, som är mindre än "
            "det som fördelas.",
        )
    stated = basis.total_said()
    keys, words = {"kronor": total}, swedish.kr(total)
    if not stated:
        doubt = _unsaid(basis)
        term = proposed(
            key, label, keys, words, f"tabellens summa. Ingen mening i dokumentet säger {words}."
        )
        return Term(term.shown, term.keys, (doubt,))
    if _MAY_GET.search(stated[0].sentence):
        why = "hela beloppet. Meningen säger vad staden kan få, inte vad den har fått."
        return proposed(key, label, keys, words, why, stated[0])
    return found(key, label, keys, words, stated[0])


def _unsaid(basis: Basis) -> Doubt:
    table = basis.table
    return Doubt(
        "belopp-utan-mening",
        (table.last_line_no,),
        f"{basis.placed.text.name}: tabellen fördelar {swedish.kr(basis.total_sek)}, men ingen "
        "mening säger det beloppet. Kontrollera vad hela bidraget är.",
        is_unread=False,
    )


def purpose(basis: Basis) -> Term:
    """What the grant is for, in the document's own words."""
    stated = []
    for one in purposes_said(basis):
        stated.append(Said(swedish.capital(one.value), *_place(one)))
    return _only("andamal", stated, "varde", str) or missing(*_key("andamal"))


# -- references and the period ---------------------------------------------------------------------


def references(basis: Basis) -> tuple[Term, Term]:
    """The diary numbers of the agency and of the city. One is the agency's where its sentence names
    the agency."""
    names = [name for pair in basis.agencies for name in pair]
    of_agency: list[Said[str]] = []
    of_city: list[Said[str]] = []
    for one in said(basis.texts, values.diary_numbers):
        is_agency = any(name in one.sentence for name in names)
        (of_agency if is_agency else of_city).append(one)
    return (
        _only("myndighetens_dnr", of_agency, "varde", str) or missing(*_key("myndighetens_dnr")),
        _only("stadens_dnr", of_city, "varde", str) or missing(*_key("stadens_dnr")),
    )


def period(basis: Basis, year: int) -> Term:
    """The days on which the money may be used; the whole year where nothing is said of it."""
    key, label = _key("forbrukningsperiod")
    ways = different(said(basis.texts, values.spending_periods))
    if not ways:
        first, last = date(year, 1, 1), date(year, 12, 31)
        return proposed(
            key,
            label,
            {"fran": first, "till": last},
            swedish.period(first, last),
            f"hela {year}. Perioden står inte i dokumentet.",
        )
    (first, last), words = ways[0].value, _period_words(ways[0].value)
    keys = {"fran": first, "till": last}
    if len(ways) == 1:
        return found(key, label, keys, words, ways[0])
    doubt = conflict(label, ways, _period_words)
    why = f"den period som nämns först. {doubt.text}"
    term = proposed(key, label, keys, words, why, ways[0])
    return Term(term.shown, term.keys, (doubt,))


def _period_words(stated: Period) -> str:
    return swedish.period(*stated)


def year_of(basis: Basis, title: str) -> int | None:
    """The year that the grant is for: that of its period, of the document's heading or of its day;
    None where no year is told."""
    periods = [one.value for one in said(basis.texts, values.spending_periods)]
    days = [one.value for one in said(basis.texts, values.meeting_days)]
    days += [one.value for one in said(basis.texts, values.document_days)]
    in_title = _YEAR.findall(title)
    if periods:
        return periods[0][0].year
    if in_title:
        return int(in_title[0])
    return days[0].year if days else None


# -- deadlines -------------------------------------------------------------------------------------


def deadlines(basis: Basis) -> tuple[Term, Term, Term]:
    """By when the boards report to the city, the city to the agency, and what is left is repaid."""
    texts = basis.texts
    boards = _deadline("redovisning_till_staden", texts, [_REPORTED, _BY_BOARDS], but=_REPAID)
    agency = _deadline(
        "aterrapport_till_myndigheten",
        texts,
        [_REPORTED],
        but=re.compile(f"{_REPAID.pattern}|{_BY_BOARDS.pattern}", re.IGNORECASE),
    )
    repaid = _deadline("aterbetalning_senast", texts, [_REPAID], but=_REPORTED)
    first, last = boards.keys.get("datum"), agency.keys.get("datum")
    if first is not None and last is not None and first > last:
        boards = _too_late(boards, agency)
    return boards, agency, repaid


def _deadline(
    name: str, texts: Iterable[Text], about: Sequence[re.Pattern[str]], but: re.Pattern[str]
) -> Term:
    texts = tuple(texts)
    sentences = matching(texts, *about, but=but)
    stated: list[Said[date]] = []
    for one in sentences:
        for match in _LATEST.finditer(one.sentence):
            day = values.parse_day(match[1])
            stated += [] if day is None else [Said(day, *_place(one))]
    term = _only(name, stated, "datum", swedish.long_date)
    if term is not None:
        return term
    near = [one for one in sentences if _ABOUT_WHEN.search(one.sentence)]
    if not near:
        return missing(*_key(name))
    return missing(
        *_key(name), f"Dagen står inte i dokumentet, bara: ”{near[0].sentence}”", near[0]
    )


def _too_late(boards: Term, agency: Term) -> Term:
    """The boards' deadline where it comes after the agency's: neither is believed to be wrong."""
    key, label = _key("redovisning_till_staden")
    shown = boards.shown
    assert shown.sentence is not None
    assert shown.document is not None
    assert shown.line_no is not None
    near = Said(shown.value, shown.sentence, shown.line_no, shown.document)
    text = (
        f"{label}: dokumentet säger {shown.value}, men staden ska återrapportera redan "
        f"{agency.shown.value}. Ta reda på vilken dag som gäller och skriv in den."
    )
    doubt = Doubt("uppgifter-olika", (shown.line_no,), text)
    return Term(missing(key, label, text, near).shown, {}, (doubt,))


# -- repayment -------------------------------------------------------------------------------------


def liability_basis(basis: Basis) -> Term:
    """Whether repayment is reckoned per board or for the city: always a proposal, since documents
    say who repays and not how it is reckoned."""
    key, label = _key("aterbetalningsbas")
    of_the_city = matching(basis.texts, _REPAID, _BY_THE_CITY)
    if not of_the_city:
        return proposed(
            key, label, {"bas": "namnd"}, "per nämnd", f"varje nämnd för sig. {NOT_STATED}."
        )
    return proposed(
        key,
        label,
        {"bas": "kommun"},
        "för kommunen som helhet",
        "kommunen som helhet, eftersom meningen säger att staden eller kommunen betalar tillbaka.",
        of_the_city[0],
    )


def decision_day(
    basis: Basis, begins_on: date
) -> tuple[date, Said[date] | None, str, tuple[Doubt, ...]]:
    """The day of the decision, the sentence that says it, why it is a proposal if it is one, and
    what is unclear."""
    meetings = different(said(basis.texts, values.meeting_days))
    if len(meetings) == 1:
        return meetings[0].value, meetings[0], "", ()
    if meetings:
        doubt = conflict("Beslutets dag", meetings, swedish.long_date)
        return meetings[0].value, meetings[0], doubt.text, (doubt,)
    written = different(said(basis.texts, values.document_days))
    if written:
        why = "Sammanträdets dag står inte i dokumentet; dagen är den som dokumentet är skrivet."
        return written[0].value, written[0], why, ()
    return begins_on, None, "Beslutets dag står inte i dokumentet; dagen är periodens första.", ()
