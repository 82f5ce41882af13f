"""DuckDB: how a database is opened, filled and read; alone imports duckdb. Money goes in and out as
`Decimal`."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement


_BLOCK_BYTES = "16384"
"""What a column of a table takes in a new file at the least: there are hundreds of columns, and
most of them are short."""
_ROW_GROUP = 122_880
"""The rows that DuckDB gives to one thread."""


def connect(path: Path, *, read_only: bool) -> "DuckDBPyConnection":
    """A database file, or one in memory (`:memory:`).

    Raises InputError when it can't be opened, also when another program has it open to write in it,
    and PermissionError when it may not be read.
    """
    import duckdb

    quiet: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "default_block_size": _BLOCK_BYTES,
    }
    try:
        return duckdb.connect(str(path), read_only=read_only, config=quiet)
    except duckdb.Error as error:
        with suppress(FileNotFoundError, IsADirectoryError):
            path.open(
                "rb"
            ).close()  # one that may not be read is not to be moved aside: PermissionError says so
        raise _closed(path, str(error)) from None


def with_few_rows(con: "DuckDBPyConnection", most_rows: int) -> None:
    """Let an open database work in one thread when no table has more rows than one thread is
    given: to share out so little takes longer than to do it."""
    if most_rows <= _ROW_GROUP:
        con.execute("SET threads TO 1")


def settle(con: "DuckDBPyConnection") -> None:
    """Put what a transaction has done so far down in the file, which takes it out of the memory,
    and begin another."""
    con.execute("COMMIT")
    con.execute("CHECKPOINT")
    con.execute("BEGIN")


_HELD = re.compile(r"Could not set lock|lock is held|already open|used by another process")
_HOLDER = re.compile(r"(?:held in|open in)\s+(.+?) \(PID ([0-9]+)\)(?: by user (\w+))?")


def _closed(path: Path, error: str) -> InputError:
    """Why a database can't be opened, by what DuckDB says, and what to do; never the path of
    another program."""
    if _HELD.search(error):
        holder = _HOLDER.search(error)
        where = "ett annat program"
        if holder:
            user = f", användaren {holder[3]}" if holder[3] else ""
            program = holder[1].replace("\\", "/").rsplit("/", 1)[-1]
            where = f"{program} (process {holder[2]}{user})"
        return InputError(
            f"Databasen {path.name} är öppen i {where}. Stäng den där, eller öppna den bara för "
            "läsning, och kör samma kommando igen. Inget är ändrat."
        )
    return _left_behind(path) or InputError(
        f"Databasen {path.name} går inte att öppna. Lägg tillbaka den från en säkerhetskopia, "
        "eller flytta undan den och kör igen."
    )


def _left_behind(path: Path) -> InputError | None:
    """What to do about changes that another program has left beside a database; None when there are
    none."""
    left = path.with_name(f"{path.name}.wal")
    if not left.exists():
        return None
    return InputError(
        f"{left.name} ligger bredvid databasen: ett annat program har öppnat databasen för att "
        "skriva och avbröts. Flytta undan den filen och kör samma kommando igen. Inget är ändrat."
    )


def must_stand_alone(path: Path) -> None:
    """Raises InputError when another program has left changes beside a database: a copy would be
    without them."""
    left = _left_behind(path)
    if left:
        raise left


@contextmanager
def reading(path: Path) -> Iterator["DuckDBPyConnection"]:
    """A database file to read. Raises InputError when it can't be opened or turns out to be
    damaged."""
    con = connect(path, read_only=True)
    try:
        yield con
    except Exception as error:
        if is_damaged(error):
            raise damaged(path) from None
        raise
    finally:
        con.close()


def is_damaged(error: Exception) -> bool:
    """Whether DuckDB says that what it reads is not what it once wrote."""
    import duckdb

    words = ("Corrupt database", "Could not read")
    return isinstance(error, duckdb.Error) and any(word in str(error) for word in words)


def damaged(path: Path) -> InputError:
    """The sentence about a damaged database."""
    return InputError(
        f"Databasen {path.name} är skadad. Lägg tillbaka den från en säkerhetskopia, eller flytta "
        "undan den och kör om."
    )


def sql(step: str) -> str:
    """The text of a step of `sql/`."""
    return files("statsbidrag.sql").joinpath(f"{step}.sql").read_text("utf-8")


_parsed: "dict[str, list[Statement]]" = {}
"""What each text has been understood as. It takes a sixth of a small reconciliation, and the texts
are the same in all."""


def run(
    con: "DuckDBPyConnection", text: str, values: Mapping[str, Any] | None = None
) -> "DuckDBPyConnection":
    """Run a text of `sql/`, or a query that is asked again and again; what its last statement gives
    waits in the connection."""
    if text not in _parsed:
        _parsed[text] = con.extract_statements(text)
    for statement in _parsed[text]:
        con.execute(statement, values or {})
    return con


_MOST_AT_ONCE = 50_000
"""How many rows are handed over at once: what they take in memory beside the database."""
_MANY = 5_000
"""From how many rows it pays to load what hands them over sooner."""


def insert(con: "DuckDBPyConnection", table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows into a table, whole columns at a time.

    A row has a value for each column of the table, in the order in which SQL declares them.
    """
    waiting = iter(rows)
    columns: list[tuple[str, str]] = []
    while some := list(itertools.islice(waiting, _MOST_AT_ONCE)):
        columns = columns or _described(con, table)
        if len(some) >= _MANY and not any(kind.endswith("[]") for _, kind in columns):
            _insert_many(con, table, columns, some)
        else:
            _insert_few(con, table, columns, some)


def _described(con: "DuckDBPyConnection", table: str) -> list[tuple[str, str]]:
    """The columns of a table and their types, in order."""
    return [(name, kind) for name, kind, *_ in run(con, f"DESCRIBE {table}").fetchall()]


def columns_of(con: "DuckDBPyConnection", table: str) -> list[str]:
    """The columns of a table, in order; none where there is no such table."""
    import duckdb

    try:
        return [name for name, _ in _described(con, table)]
    except duckdb.CatalogException:
        return []


def _insert_few(
    con: "DuckDBPyConnection",
    table: str,
    columns: Sequence[tuple[str, str]],
    some: Sequence[Sequence[Any]],
) -> None:
    """As lists: one statement however many rows there are."""
    values: dict[str, list[Any]] = {}
    unnested: list[str] = []
    for (name, kind), column in zip(columns, zip(*some, strict=True), strict=True):
        values[name] = list(column)
        unnested.append(f"unnest(${name}::{kind}[])")
    con.execute(f"INSERT INTO {table} SELECT {', '.join(unnested)}", values)


def _insert_many(
    con: "DuckDBPyConnection",
    table: str,
    columns: Sequence[tuple[str, str]],
    some: Sequence[Sequence[Any]],
) -> None:
    """As columns of text that DuckDB reads where they lie; to the same values, since each is
    written as DuckDB reads it, in a sixth of the time."""
    import numpy as np

    texts: dict[str, Any] = {}
    read: list[str] = []
    for (name, kind), column in zip(columns, zip(*some, strict=True), strict=True):
        texts[name] = np.array([_text(value) for value in column], dtype=object)
        read.append(f'"{name}"::{kind}')
    con.execute("SET pandas_analyze_sample = 0")  # it is all text: nothing is to be guessed
    con.register("handed_over", texts)
    try:
        con.execute(f"INSERT INTO {table} SELECT {', '.join(read)} FROM handed_over")
    finally:
        con.unregister("handed_over")


def _text(value: Any) -> str | None:
    """A value as DuckDB reads it from text."""
    if value is None or type(value) is str:
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


_ROWS_AT_ONCE = 5_000


def each(
    con: "DuckDBPyConnection", query: str, values: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """What a query gives, row by row, by the names of its columns; nothing else may be asked of the
    connection meanwhile."""
    done = run(con, query, values)
    names = [column[0] for column in done.description or ()]
    while some := done.fetchmany(_ROWS_AT_ONCE):
        for row in some:
            yield dict(zip(names, row, strict=True))


def rows(
    con: "DuckDBPyConnection", query: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What a query gives, by the names of its columns."""
    return list(each(con, query, values))
