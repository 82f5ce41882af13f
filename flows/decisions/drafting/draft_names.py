"""What a draft and its parts are called: proposals, made of the document's own words."""

import re
from collections.abc import Iterable, Sequence

from ...base import swedish
from .document_texts import Said, Text
from .draft_basis import Placed

_GRANT = re.compile(r"statsbidrag|bidrag", re.IGNORECASE)
_YEAR = re.compile(r"\b20[0-9]{2}\b")
_BEFORE = re.compile(
    r"^(?:förslag till )?fördelning av (?:\w+ )?\w*bidrag\w*(?: (?:för|till|om|avseende))? ",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*[–-]\s*(?:förslag till )?fördelning av \w*bidrag\w*.*$", re.IGNORECASE)
_LEAD = re.compile(r"^(?:att )?(?:bidra till )?(?:(?:en|ett|den|det) )?", re.IGNORECASE)
_DECIDES = re.compile(r"\b(godkänner|beslutar|föreslår|fastställer|fördelas)\b", re.IGNORECASE)
_FIRST_SENTENCES = 40
"""How far down a document its heading may stand, among officials, addresses and a table."""
_LONGEST_TITLE = 150
_LONGEST_PHRASE = 36
_SMALL_WORDS = frozenset(
    (
        *("i", "på", "av", "för", "till", "från", "med", "om", "hos", "vid", "under", "över"),
        *("enligt", "mellan", "inom", "genom", "via", "per", "den", "det", "de", "en", "ett"),
        *("och", "eller", "samt", "som", "att", "bland", "hela", "sin", "sina", "dess"),
    )
)
_MOST_WORDS_OF_ID = 4


def title_of(text: Text, tables: Iterable[Placed]) -> Said[str] | None:
    """The heading of a document about a grant; None where it has none."""
    captions = [swedish.key(one.table.caption) for one in tables if one.table.caption]
    for sentence in text.sentences[:_FIRST_SENTENCES]:
        key = swedish.key(sentence.text)
        is_caption = any(key in caption or caption in key for caption in captions)
        is_about = _GRANT.search(sentence.text) and not _DECIDES.search(sentence.text)
        is_line = sentence.text[-1] not in ".:!?," and len(sentence.text) <= _LONGEST_TITLE
        if is_about and is_line and not is_caption:
            return text.said(sentence.text, sentence)
    return None


def subject_of(title: str) -> str:
    """What a heading is about, without the words that every such heading has."""
    bare = _AFTER.sub("", _BEFORE.sub("", title)).strip()
    return swedish.capital(bare) if bare else title


def with_year(words: str, year: int) -> str:
    """Words with a year after them, unless they have one."""
    return words if _YEAR.search(words) else f"{words} {year}"


def phrase(words: str) -> str:
    """The first words of what something is about: no more than a narrow table has room for, and no
    small word last."""
    kept: list[str] = []
    for word in _LEAD.sub("", _YEAR.sub("", words)).split():
        if kept and len(" ".join([*kept, word])) > _LONGEST_PHRASE:
            break
        kept.append(word)
    while len(kept) > 1 and kept[-1].casefold() in _SMALL_WORDS:
        kept.pop()
    told = " ".join(kept).rstrip(".,;:–- ")
    return swedish.capital(told) if told else swedish.tidy(words)


def grant_id(agency: str, year: int, words: str) -> str:
    """An id of the agency's short name, the year and a few words, such as
    "agency-2023-words-of-purpose"."""
    telling = [word for word in words.split() if word.casefold() not in _SMALL_WORDS]
    few = swedish.ident(" ".join(telling[:_MOST_WORDS_OF_ID]))
    parts = (swedish.ident(agency), str(year), few)
    return "-".join(part for part in parts if part)


def apart(name: str, taken: Sequence[str]) -> str:
    """A name that none of those that are taken is, capitals and dashes alike."""
    known = {swedish.key(one) for one in taken}
    wanted, number = name, 1
    while swedish.key(wanted) in known:
        number += 1
        wanted = f"{name} ({number})"
    return wanted
