"""What a grant file states of its deadlines, and of when boards are reminded of them."""

from collections.abc import Mapping
from itertools import combinations

from ..model.decisions import REMIND_BEFORE, DeadlineKind, Due
from .declaration import PeriodFile, RemindersFile
from .grant_reader import GrantReader
from .terms import term_words

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


def due(reader: GrantReader) -> dict[DeadlineKind, Due]:
    """What the file states of each deadline; those that must come in order do."""
    stated_due: dict[DeadlineKind, Due] = {}
    for kind, where in _DUE.items():
        section, key = where.split(".")
        stated = reader.term(key) if section == "villkor" else reader.own_deadline(key)
        if stated is None:
            continue
        days = getattr(stated, "arbetsdagar_efter", None) or getattr(
            stated, "arbetsdagar_fore", None
        )
        on = stated.till if isinstance(stated, PeriodFile) else getattr(stated, "datum", None)
        stated_due[kind] = Due(term_words(stated), reader.source(where, stated), on, days)
    in_order: tuple[DeadlineKind, ...] = ("final_return", "committee", "agency")
    for earlier, later in combinations(in_order, 2):
        first, last = (
            stated_due[kind].on if kind in stated_due else None for kind in (earlier, later)
        )
        if first and last and first > last:
            raise reader.wrong(
                _DUE[earlier],
                f"{first} ligger efter {_DUE[later].split('.')[1]}, som är {last}. Rätta dagarna.",
            )
    return stated_due


def remind_before(reader: GrantReader) -> tuple[int, ...]:
    """How many working days before a deadline reminders go out, the first one first; the
    program's own where the file says nothing."""
    stated: RemindersFile | None = reader.own_deadline("paminnelser")
    if stated is None:
        return REMIND_BEFORE
    return tuple(sorted(stated.arbetsdagar_fore, reverse=True))
