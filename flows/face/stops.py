"""What stops a command, as the person at the keyboard is told."""

import errno
import sys
from contextlib import suppress

from ..base.errors import InputError

_FULL = {errno.ENOSPC, errno.EDQUOT}
"""The errors that say that there is no room for what is said."""


def sentence(error: BaseException) -> str | None:
    """What the person at the keyboard is told of what stopped a command; None for what is a bug."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "Avbrutet. Ingenting halvfärdigt har lämnats kvar; kör igen när du vill."
    if isinstance(error, PermissionError):
        return f"Det går inte att komma åt {error.filename}. Kontrollera att du har rätt till den."
    if isinstance(error, OSError) and error.errno in _FULL:
        # When it is what we say that has no room, it is not to be tried once more at the end.
        with suppress(OSError):
            sys.stdout.close()
        return "Disken är full. Frigör utrymme och kör samma kommando igen."
    return None
