"""Prefect's own database: where it lies, and how it is put aside when it can't be used."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = "prefect.db"
ASIDE = f"{DATABASE}.undanlagd"
"""The name that a database gets that no server could start on; the next such takes its place."""
_FILES = ("", "-wal", "-shm")
"""What SQLite adds to the name of a database for the files beside it."""


def own_database() -> Path | None:
    """The database that a server of ours keeps by itself; None when the user has named another, or
    there is none."""
    names = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
    path = Path(os.environ["PREFECT_HOME"]) / DATABASE
    return path if path.exists() and not any(os.environ.get(name) for name in names) else None


def is_locked(database: Path) -> bool:
    """Whether another program keeps everybody else from writing in an SQLite database."""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as con:
            con.execute("BEGIN IMMEDIATE")
            con.execute("ROLLBACK")
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False


def put_aside(database: Path) -> list[tuple[Path, Path]]:
    """A database gets another name, with the files beside it; each move that was made, from and
    to."""
    moved = []
    for suffix in _FILES:
        old, new = (database.with_name(f"{name}{suffix}") for name in (database.name, ASIDE))
        new.unlink(missing_ok=True)
        if old.exists():
            moved.append((old, old.replace(new)))
    return moved


def put_back(moved: list[tuple[Path, Path]]) -> None:
    """It was not the database's fault; what was made in its place goes."""
    for suffix in _FILES:
        moved[0][0].with_name(f"{DATABASE}{suffix}").unlink(missing_ok=True)
    for old, new in moved:
        new.replace(old)
