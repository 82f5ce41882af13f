"""The names that the program gives to what it writes under the out folder: all of them, and here
alone.

A grant's own folder stands directly under the out folder too, by the grant's id. So no grant may be
called as any of this is called (`RESERVED`), with or without what a file's name ends in.
"""

DATABASE = "statsbidrag.duckdb"
LOG = "logg.jsonl"
LOCK = "statsbidrag.las"
WORK = ".pagar"
"""Where a change is prepared."""
INDEX = "index.html"
"""The page of all grants."""
CALENDARS = "kalender"
"""The folder that holds a calendar for each grant, and one for all."""
OUTBOX, UNCERTAIN, SENT = "utkorg", "osakert", "skickat"
"""The folders that a letter goes through."""
TEMPLATES = "mallar"
"""Where the guide has people write the workbooks that the boards fill in."""
TOP = frozenset({DATABASE, LOG, LOCK, WORK, INDEX, CALENDARS, OUTBOX, UNCERTAIN, SENT, TEMPLATES})
"""What stands directly under the out folder beside the grants."""

ALL_GRANTS = "alla"
"""The calendar of all grants, beside one by each grant's id."""
FINAL, FILED, LEDGER, PACKAGES = "slutlig", "inlamnad", "reskontra", "paket"
"""The folders of a grant that hold its final report, what was filed, its repayment ledger, and its
packages."""
INTERIM = "delrapport"
"""What the folder of an interim report begins with."""
OF_A_GRANT = frozenset({FINAL, FILED, LEDGER, PACKAGES})

RESERVED = frozenset(
    name.removeprefix(".").split(".")[0] for name in TOP | OF_A_GRANT | {ALL_GRANTS}
)
"""What no grant may be called."""


def report_folder(report_id: str | None) -> str:
    """The folder of a grant that holds an interim report, by its id, or the final one (None)."""
    return FINAL if report_id is None else f"{INTERIM}-{report_id}"


def filed_folder(version: int, report_id: str | None) -> str:
    """The folder of a grant that holds a version of a report as it was filed."""
    name = version if report_id is None else f"{INTERIM}-{report_id}-{version}"
    return f"{FILED}/{name}"
