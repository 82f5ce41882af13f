"""What stops a command, as the person at the keyboard is told; and how one ends that nothing
stops."""

import atexit
import errno
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

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


def leave(code: int) -> NoReturn:
    """End this process when all is done and said, with an exit code.

    What is to be done at the end is done, and what has been said is out. But the objects of the
    process, a million of them after a run, are not let go of one by one, which takes half a second
    or more. Where something still goes on, or what was said can't get out, it ends as Python does.
    """
    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    if any(not one.daemon for one in others):
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)
    os._exit(code)
