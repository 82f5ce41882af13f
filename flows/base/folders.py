"""Where everything lies that the program reads and writes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The three folders that a city's work lies in."""

    data: Path
    """What has been decided: boards, grants, rates."""
    returns: Path
    """What the boards have sent in."""
    out: Path
    """All that the program has written."""
