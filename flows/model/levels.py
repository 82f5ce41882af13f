"""The nouns of the levels that money is given down through (nivåer), and what those on each are
called."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LevelWords:
    """What one of a level is called, in the four forms of a Swedish noun; the genitive is each with
    an s."""

    one: str
    the_one: str
    many: str
    the_many: str

    @property
    def forms(self) -> tuple[str, ...]:
        """All of them, in an order that those of every level have."""
        return (self.one, self.the_one, self.many, self.the_many)


@dataclass(frozen=True)
class Level:
    """A level (nivå): nämnd, kommun, region, län, riket; or several of them under one name."""

    level_id: str
    words: LevelWords
    comprises: tuple[str, ...] = ()
    """The levels that it is a name for, by their ids; none where it is a level by itself."""

    @property
    def level_ids(self) -> tuple[str, ...]:
        """The levels that those who are on it have."""
        return self.comprises or (self.level_id,)


BOARD_LEVEL = Level("namnd", LevelWords("nämnd", "nämnden", "nämnder", "nämnderna"))
"""Where a register says nothing of levels, everybody in it is a board of a city."""
CITY_LEVEL = Level("stad", LevelWords("stad", "staden", "städer", "städerna"))
"""Where nothing is said of the level of the user's own organisation, it is a city."""
AGENCY_LEVEL = Level(
    "myndighet", LevelWords("myndighet", "myndigheten", "myndigheter", "myndigheterna")
)
"""Where nothing is said of the level of whoever the money comes from, it is an agency."""


@dataclass(frozen=True)
class Wording:
    """In which words the house's own sentences are told: they are written for boards that answer to
    a city for what an agency has given it, and the words of other levels take those words' places.

    Only what the house itself has written is passed through it, before any value is put in: what
    people have written, and what stands in a document, is told as it is.
    """

    giver: LevelWords = CITY_LEVEL.words
    """The organisation that the others answer to: the user's own."""
    recipient: LevelWords = BOARD_LEVEL.words
    """Those who answer for the money."""
    grantor: LevelWords = AGENCY_LEVEL.words
    """Whom the money comes from."""

    @property
    def is_plain(self) -> bool:
        """Whether the sentences are told as they are written."""
        return self == PLAIN

    def said(self, text: str) -> str:
        """A text of the house in these words."""
        return text if self.is_plain else _WRITTEN.sub(self._instead, text)

    def _instead(self, match: re.Match[str]) -> str:
        word = self._words[match["word"].lower()]
        if match["word"][0].isupper():
            word = word[0].upper() + word[1:]
        return word + match["genitive"]

    @functools.cached_property
    def _words(self) -> Mapping[str, str]:
        told = (*self.giver.forms, *self.recipient.forms, *self.grantor.forms)
        words = dict(zip(_FORMS, told, strict=True))
        return words | dict.fromkeys(_AS_ONE, f"{self.recipient.the_many} tillsammans")


PLAIN = Wording()
"""The words that the sentences are written in."""


_FORMS = (*CITY_LEVEL.words.forms, *BOARD_LEVEL.words.forms, *AGENCY_LEVEL.words.forms)
_AS_ONE = ("kommunen som helhet", "kommunen")
"""What the sentences say of the boards reckoned as the one recipient that they are together."""


_ANY = "|".join(map(re.escape, (*_AS_ONE, *_FORMS)))
# The anchors of a page are called after a level too, and are no words of a sentence.
_WRITTEN = re.compile(rf'(?<!id=")(?<!#)\b(?P<word>{_ANY})(?P<genitive>s?)\b', re.IGNORECASE)
