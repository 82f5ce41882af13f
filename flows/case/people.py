"""Whose name it is: which names may stand for a person in the audit log, and when two of them are
one person's.

Where somebody was logged in, the login says who it is. At a terminal nobody is, so four eyes can
only be counted by names. What can't be told apart is therefore taken for one person: a name too
many is refused with a sentence, one too few would let somebody attest their own work.
"""

import re
import unicodedata
from itertools import permutations, product

from ..base import swedish
from ..base.errors import InputError
from ..model.case import Actor

MOST_PARTS = 5
"""A name in more parts is refused: each part may be an initial and stand anywhere, which is tried
out."""
_BASE = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
"""Latin letters that are no plain letter with a mark on it."""
_ALIKE = (("rn", "m"), ("vv", "w"), ("i", "l"))
"""Small or capital, these are easily taken for one another."""
_HOW = "Skriv för- och efternamn, till exempel Maria Ek."


def named(name: str) -> str:
    """A person's name as it is to stand in the log: each character as it is usually written, with
    single spaces.

    Raises InputError for what can't be somebody's name, or could be made to look like another's.
    """
    plain = unicodedata.normalize("NFKC", name)
    for char in plain:
        kind = unicodedata.category(char)
        if kind[0] == "C" or kind in {"Zl", "Zp"}:
            raise InputError(
                f"Namnet innehåller en radbrytning eller ett tecken som inte syns. {_HOW}"
            )
        if kind[0] == "L" and not _plain(char):
            raise InputError(
                f"I namnet {plain} är {char} ({unicodedata.name(char, 'okänt tecken')}) ingen "
                f"bokstav i det latinska alfabetet, fast den kan se ut som en. {_HOW}"
            )
    if not re.search("[a-z]{2}", _letters(plain)):
        raise InputError(f"Ange med --by vem det är. {_HOW}")
    if re.search(r"\d[^\W\d_]", plain):
        raise InputError(f"I namnet {plain} står en siffra där en bokstav kan ha stått. {_HOW}")
    if len(_parts(plain)) > MOST_PARTS:
        raise InputError(f"Namnet {plain} har fler än {MOST_PARTS} delar. {_HOW}")
    return " ".join(plain.split())


def must_point_out_nobody(field: str, text: str | None) -> None:
    """Raises InputError for a text that holds a personal number, or what looks like one; `field` is
    what it is called where it is written. It would stand in the log, which is never changed."""
    if text is not None and swedish.personal_numbers(text):
        raise InputError(
            f"{field}: skriv inget personnummer eller något som ser ut som ett. Texten går inte "
            "att ta bort ur loggen. Inget är ändrat."
        )


def is_same(one: Actor, other: Actor) -> bool:
    """Whether two may be the same person: by their logins where both have one, else by their
    names."""
    if one.login is not None and other.login is not None:
        return one.login == other.login
    return same(one.name, other.name)


def same(one: str, other: str) -> bool:
    """Whether two names may be the same person's.

    They are when all that differs is capitals, marks on letters, blanks, dots, other signs, digits
    or the order; when one is part of the other (Maria, Maria Ek, Maria K. Ek), with or without
    initials (M. Ek); and when one is the other written together, as a user name is (mek, maria.e).
    """
    first, second = sorted((_parts(one), _parts(other)), key=len)
    if not first or not second:
        return False
    if _joined(first) & _written_together(second) or _joined(second) & _written_together(first):
        return True
    return any(
        all(map(_fits, first, chosen))
        and any(a == b and len(a) > 1 for a, b in zip(first, chosen, strict=True))
        for chosen in permutations(second[:MOST_PARTS], len(first))
    )


def _plain(char: str) -> str:
    """A character's letter of the Latin alphabet without marks, in lower case; empty for what is no
    such letter."""
    parts = unicodedata.normalize("NFKD", char).casefold()
    return "".join(_BASE.get(c, c if c.isascii() and c.isalpha() else "") for c in parts)


def _letters(name: str) -> str:
    """The letters of a name, with a blank for every other character; what only marks a letter
    leaves nothing."""
    plain = unicodedata.normalize("NFKC", name)
    return "".join(_plain(char) if unicodedata.category(char)[0] in "LM" else " " for char in plain)


def _parts(name: str) -> list[str]:
    """The parts of a name by their letters alone, with letters that look alike made one."""
    folded = _letters(name)
    for looks, like in _ALIKE:
        folded = folded.replace(looks, like)
    return folded.split()


def _fits(one: str, other: str) -> bool:
    """Whether two parts are the same, or one is the other's initial."""
    return one == other or (one[0] == other[0] and 1 in {len(one), len(other)})


def _joined(parts: list[str]) -> set[str]:
    return {"".join(order) for order in permutations(parts[:MOST_PARTS])}


def _written_together(parts: list[str]) -> set[str]:
    """A name as one word, in any order, each part whole or as its initial."""
    return {
        "".join(word)
        for order in permutations(parts[:MOST_PARTS])
        for word in product(*((part, part[0]) for part in order))
    }
