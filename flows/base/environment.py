"""Secrets: the environment variables that hold them, or files that only their owner may read."""

import os
import stat
from pathlib import Path

from .errors import InputError

MAIL_PASSWORD = "STATSBIDRAG_SMTP_PASSWORD"
"""The environment variable with the password to the mail server; only processes that send letters
are given it."""
OPENID_SECRET = "STATSBIDRAG_OPENID_SECRET"
"""That with the secret by which the login service knows the desk."""
PROXY_SECRET = "STATSBIDRAG_PROXY_SECRET"
"""That with the secret by which the desk knows its proxy."""
SECRETS = frozenset({MAIL_PASSWORD, OPENID_SECRET, PROXY_SECRET})
_MOST_BYTES = 1000


def secret(variable: str, file: Path | None, named: str, what: str) -> str:
    """The secret of an environment variable, else of a file; an empty text without either.

    `named` is what the file is called in a sentence, and `what` is what should stand in it. Raises
    InputError when the file isn't as it must be: others than its owner may do nothing with it. What
    stands in the settings or in the file is never said: somebody may have written the secret itself
    there.
    """
    if text := os.environ.get(variable):
        return text
    if file is None:
        return ""
    try:
        with open(file, "rb", opener=_without_waiting) as opened:
            status = os.fstat(opened.fileno())
            content = opened.read(_MOST_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    except OSError:
        raise InputError(
            f"{named} går inte att läsa. Kontrollera att den finns och att du äger den."
        ) from None
    if status.st_mode & 0o077:
        raise InputError(
            f"{named} kan läsas eller ändras av andra. Ta bort deras rätt till den med chmod 600, "
            f"och byt {what} om någon kan ha läst det."
        )
    text = content.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
    if not text or len(content) > _MOST_BYTES or "\n" in text or "\r" in text:
        raise InputError(f"{named} ska innehålla {what} på en rad, och inget annat.")
    return text


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, or a pipe that nobody writes to."""
    return os.open(path, flags | os.O_NONBLOCK)
