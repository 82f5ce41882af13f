"""The moment and the person at the keyboard: the one clock of the house."""

import argparse
import getpass
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.errors import InputError

if TYPE_CHECKING:
    pass


def now() -> str:
    """The moment for the audit log, in Swedish time; SOURCE_DATE_EPOCH fixes it, as in other
    programs."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(_seconds(fixed), UTC) if fixed else datetime.now(UTC)
    return swedish.swedish_time(moment).isoformat(timespec="seconds")


_LAST_SECOND = 253_370_764_800
"""The first of January 9999: no day after it can be reckoned with in every time zone."""


def _seconds(text: str) -> int:
    """What SOURCE_DATE_EPOCH says. Raises InputError when that is no moment."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_SECOND))
    if not is_number or int(text) > _LAST_SECOND:
        raise InputError(
            f"Miljövariabeln SOURCE_DATE_EPOCH är {text[:40]}. Den ska vara antalet sekunder sedan "
            "1970, till exempel 1705741200. Rätta den eller ta bort den."
        )
    return int(text)


def runner(asked: argparse.Namespace) -> str:
    """Who runs: as stated, else who is logged in; a final report must have somebody that others can
    be told from."""
    from ..case import people

    if asked.by is not None:
        return people.named(asked.by)
    try:
        return people.named(getpass.getuser())
    except (OSError, KeyError, InputError):  # a machine whose user has no name, or a number for one
        if asked.final:
            raise InputError(
                "Det syns inte vem som är inloggad på datorn. Ange med --by vem som kör."
            ) from None
        return "okänd"


def today() -> date:
    """The day of that moment, in Sweden."""
    return date.fromisoformat(now()[:10])
