"""What lies in the folder of returns and no run has taken in."""

from pathlib import Path

from ..case.audit_log import Log
from ..returns import inbox


def not_taken_in(returns: Path, log: Log) -> dict[str, str]:
    """The files that are new to the log: the SHA-256 of each, by the name that may be told."""
    taken_in = {event.details["sha256"] for event in log.events if event.kind == "taken_in"}
    new = {}
    for name, (_, sha256) in inbox.fingerprints(returns).items():
        if sha256 not in taken_in:
            new[name] = sha256
    return new
