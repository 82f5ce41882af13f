"""The terms of a draft that are the document's own sentences, and those that are lists in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...base import swedish
from ..terms import LABELS
from .decision_sentences import Sentence
from .decision_values import amounts
from .document_texts import Said, Text, matching, said
from .draft_basis import Basis, Placed, owner, purposes_said
from .draft_values import NOT_STATED, TO_SETTLE, Term, found, missing, proposed

_MONEY = re.compile(r"\b(medel|medlen|\w*bidrag\w*|pengar\w*)\b", re.IGNORECASE)
_BACK_IN_TIME = re.compile(r"retroaktiv", re.IGNORECASE)
_NOT_FOR = re.compile(
    r"\b(får|kan|ska|skall) (dock |heller |alltså )?(inte|ej)\b.*\b"
    r"(använd|ersätt|finansier|täck|omfatt|gå till|avse)",
    re.IGNORECASE,
)
_REPAID = re.compile(r"återbetal|återkräv|betalas? tillbaka", re.IGNORECASE)
_CONDITION = re.compile(r"\b(om|inte|ej|felaktigt)\b", re.IGNORECASE)
_CARRIED = re.compile(
    r"(\bföras?\b.*\böver\b|överför|sparas?\b|användas?\b).*"
    r"\b(nästa|kommande|följande|nästkommande) (år|kalenderår|verksamhetsår)",
    re.IGNORECASE,
)
_USED_UNTIL = re.compile(r"\banvändas? till och med\b", re.IGNORECASE)
_INTEREST = re.compile(r"\b(dröjsmåls)?ränta\b|räntelagen", re.IGNORECASE)
_EARMARKED = re.compile(
    r"öronmärk|\bsärskilt? medel\b|\bavsätter särskilt\b|\bsärskilda medel\b", re.I
)


def _key(name: str) -> tuple[str, str]:
    return f"villkor.{name}", LABELS[name]


def _sentence(name: str, stated: Sequence[Said[str]]) -> Term:
    """A term that is the first of some sentences."""
    key, label = _key(name)
    if not stated:
        return missing(key, label)
    return found(key, label, {"varde": stated[0].value}, stated[0].value, stated[0])


def _sentences(name: str, stated: Sequence[Said[str]]) -> Term:
    """A term that is a list of sentences; the first of them is cited."""
    key, label = _key(name)
    if not stated:
        return missing(key, label)
    told = [one.value for one in stated]
    return found(key, label, {"varden": told}, " ".join(told), stated[0])


def back_in_time(basis: Basis) -> Term:
    """Whether costs before the decision count."""
    return _sentence("retroaktiv_anvandning", matching(basis.texts, _BACK_IN_TIME))


def not_for(basis: Basis) -> Term:
    """What the money may not be used for."""
    return _sentences("far_inte_anvandas_till", matching(basis.texts, _MONEY, _NOT_FOR))


def grounds(basis: Basis) -> Term:
    """Why money is to be repaid."""
    return _sentences("aterbetalningsgrunder", matching(basis.texts, _REPAID, _CONDITION))


def carried_over(basis: Basis) -> Term:
    """Whether money may be used the next year; what only says until when it may be used is a
    proposal."""
    told = matching(basis.texts, _MONEY, _CARRIED)
    until = matching(basis.texts, _USED_UNTIL)
    if told or not until:
        return _sentence("overforing_till_nasta_ar", told)
    return proposed(
        *_key("overforing_till_nasta_ar"),
        {"varde": until[0].value},
        until[0].value,
        "meningen säger till när medlen kan användas, men inget om överföring.",
        until[0],
    )


def interest(basis: Basis) -> Term:
    """Interest, always for a person to put in: how it is reckoned is more than one word."""
    told = matching(basis.texts, _INTEREST)
    if not told:
        return missing(*_key("ranta"))
    why = f"Ränta nämns, men hur den räknas är inte infört: ”{told[0].sentence}”"
    return missing(*_key("ranta"), why, told[0])


def earmarked(basis: Basis) -> Term:
    """Whether the money of a component may be used there alone: the document says so where a
    component's total is said to be set apart."""
    key, label = _key("oronmarkta_komponenter")
    totals = set(basis.table.totals or ()) - {basis.total_sek}
    for one in said(basis.texts, amounts):
        if one.value in totals and _EARMARKED.search(one.sentence):
            return found(key, label, {"varde": True}, "ja", one)
    why = f"ja, eftersom tabellen delar pengarna i kolumner. {NOT_STATED}."
    return proposed(key, label, {"varde": True}, "ja", why)


# -- lists -----------------------------------------------------------------------------------------

_COUNTS = ("två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio")
_COUNT = rf"(?P<count>{'|'.join(_COUNTS)}|[0-9]{{1,2}})"
_AREAS = re.compile(rf"\b{_COUNT} (?:\w+ )?(?P<what>(?!mål)\w*områden)\b", re.IGNORECASE)
_TARGETS = re.compile(rf"\b{_COUNT} (?:\w+ )?målområden\b", re.IGNORECASE)
_COST_KINDS = re.compile(rf"\b{_COUNT} (?:\w+ )?kostnadsslag\b", re.IGNORECASE)
_USED = re.compile(r"\banvän[dt]|\bgå till\b", re.IGNORECASE)
_POINT = re.compile(r"\W*(?:(?P<no>[0-9]{1,2})[).]|[-–•*▪])\s")
_MOST_BETWEEN = 6
"""Sentences that may stand between two points: a note, or what is said of a point."""
_LONGEST_NAME = 100
_LONGEST_HEADING = 70


@dataclass(frozen=True)
class Listed:
    """Names that a document counts up, with the sentence that says how many."""

    names: tuple[str, ...]
    said: Said[str]
    owner: str | None
    """The purpose of the part of the document where they stand; None where it tells none."""


def areas(basis: Basis, purposes: Sequence[str]) -> Term:
    """The areas that the grant pays for: those that the document says that the money is used in, or
    else a proposal."""
    key, label = _key("omraden")
    listed = _listed(basis, _AREAS, purposes)
    if listed is None:
        return proposed(key, label, {"tillatna": [TO_SETTLE]}, TO_SETTLE, _until("områdena"))
    keys, words = {"tillatna": list(listed.names)}, "; ".join(listed.names)
    if _is_anothers(listed, basis, purposes):
        return proposed(key, label, keys, words, f"områdena. {_ANOTHERS}", listed.said)
    if _USED.search(listed.said.sentence):
        return found(key, label, keys, words, listed.said)
    why = "de områden som dokumentet räknar upp. Det säger inte att bidraget bara betalar dem."
    return proposed(key, label, keys, words, why, listed.said)


def target_areas(basis: Basis, purposes: Sequence[str]) -> Term:
    """The aims of the grantor that activities serve."""
    key, label = _key("malomraden")
    listed = _listed(basis, _TARGETS, purposes)
    if listed is None:
        return missing(key, label)
    keys, words = {"varden": list(listed.names)}, "; ".join(listed.names)
    if _is_anothers(listed, basis, purposes):
        return proposed(key, label, keys, words, f"målområdena. {_ANOTHERS}", listed.said)
    return found(key, label, keys, words, listed.said)


def cost_kinds(basis: Basis, purposes: Sequence[str]) -> Term:
    """What the grant pays for; nothing but what the document counts up is proposed."""
    key, label = _key("kostnadsslag")
    listed = _listed(basis, _COST_KINDS, purposes)
    if listed is None:
        keys = {"tillatna": [TO_SETTLE]}
        return proposed(key, label, keys, TO_SETTLE, _until("kostnadsslagen"))
    keys, words = {"tillatna": list(listed.names)}, "; ".join(listed.names)
    return found(key, label, keys, words, listed.said)


def _until(what: str) -> str:
    return f"”{TO_SETTLE}”, tills {what} är inskrivna. {NOT_STATED}."


_ANOTHERS = "De står i dokumentets text om ett annat av bidragen."


def _is_anothers(listed: Listed, basis: Basis, purposes: Sequence[str]) -> bool:
    """Whether a list stands in what the document says of another of its grants."""
    return listed.owner is not None and listed.owner != purpose_key(basis, purposes)


def purpose_key(basis: Basis, purposes: Sequence[str]) -> str | None:
    """Which of the document's purposes is that of a draft."""
    own = {one.value for one in purposes_said(basis)}
    return next((purpose for purpose in purposes if purpose in own), None)


def _listed(basis: Basis, intro: re.Pattern[str], purposes: Sequence[str]) -> Listed | None:
    """The names that the first such sentence counts up, one of the grant's own part before those of
    another."""
    found_lists = list(_lists(basis.texts, intro, purposes, basis.copies))
    own = purpose_key(basis, purposes)
    return next(
        (one for one in found_lists if one.owner in {None, own}), next(iter(found_lists), None)
    )


def _lists(
    texts: Sequence[Text], intro: re.Pattern[str], purposes: Sequence[str], tables: Sequence[Placed]
) -> Iterator[Listed]:
    for text in texts:
        for at, sentence in enumerate(text.sentences):
            match = intro.search(sentence.text)
            if match is None:
                continue
            count = _number(match["count"])
            names = _points(text, at, count) or _headings(text, at, count)
            if names:
                whose = owner(text, at, purposes, tables)
                yield Listed(names, text.said(sentence.text, sentence), whose)


def _number(word: str) -> int:
    lower = word.casefold()
    return int(lower) if lower.isdigit() else _COUNTS.index(lower) + 2


def _points(text: Text, at: int, count: int) -> tuple[str, ...]:
    """The names of so many points after a sentence; none where there are fewer, or where they are
    numbered otherwise."""
    names: list[str] = []
    between, last_line = 0, text.sentences[at].line_no
    for sentence in text.sentences[at + 1 :]:
        marker = _POINT.match(text.line(sentence.line_no))
        if sentence.line_no == last_line or marker is None:
            between += 1
        elif marker["no"] and int(marker["no"]) != len(names) + 1:
            return ()
        else:
            names.append(sentence.text.rstrip(".,;"))
            between, last_line = 0, sentence.line_no
        if len(names) == count or between > _MOST_BETWEEN:
            break
    return _if_names(names, count)


def _headings(text: Text, at: int, count: int) -> tuple[str, ...]:
    """The first so many headings after a sentence, each above what is said of it."""
    names = []
    for before, sentence in enumerate(text.sentences[at + 1 :], at):
        is_first = sentence.line_no != text.sentences[before].line_no
        if is_first and _is_heading(text, sentence):
            names.append(sentence.text)
        if len(names) == count:
            break
    return _if_names(names, count)


def _is_heading(text: Text, sentence: Sentence) -> bool:
    """Whether a sentence is a short line alone, without a full stop."""
    line = text.line(sentence.line_no)
    is_alone = swedish.tidy(line) == sentence.text and not text.line(sentence.line_no + 1).strip()
    is_short = len(sentence.text) <= _LONGEST_HEADING and not re.search("[0-9]", sentence.text)
    return (
        is_alone and is_short and sentence.text[-1] not in ".:!?,;" and sentence.text[0].isupper()
    )


def _if_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Names, if there are as many as was said, and they differ and are no sentences."""
    is_whole = len(names) == count and len({swedish.key(name) for name in names}) == count
    return tuple(names) if is_whole and all(len(name) <= _LONGEST_NAME for name in names) else ()
