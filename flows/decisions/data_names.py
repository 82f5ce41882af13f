"""What the files of the data folder are called, and which of them a report rests on.

It stands apart from what reads them, since a report that was filed elsewhere is asked for the same
files by a reader that knows nothing of their content.
"""

from collections.abc import Iterable

BOARDS = "boards.toml"
"""The name of the register of boards in the data folder."""
GRANTS = "grants"
"""The name of the folder of grant files in the data folder."""
ORGANISATION = "organisation.toml"
"""The name of the file of the user's own names in the data folder."""
REPORTS = "rapporter"
"""The name of the folder of agencies' reports in the data folder."""
RATES = "referensranta.toml"
"""The name of the file of reference rates in the data folder; it may be left out where no grant's
terms need it."""
_LIST = ".csv"
"""How the names of lists end, which the register of boards reads; nothing else in the data folder
is called so."""


def rested_on(grant_file: str, report_id: str, read: Iterable[str]) -> tuple[str, ...]:
    """The files of the data folder that a grant's figures rest on, and what its report says beside
    them; `read` are all that a run has read there."""
    lists = [name for name in read if name.endswith(_LIST)]
    return (grant_file, BOARDS, ORGANISATION, f"{REPORTS}/{report_id}.toml", *lists)
