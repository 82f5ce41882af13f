"""The folder of what the program keeps for itself between runs: nothing of it decides anything, and
all of it can be thrown away."""

import os
from pathlib import Path


def own_folder() -> Path:
    """The folder, under `XDG_STATE_HOME` where it is set; it needn't be there."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "statsbidrag"
