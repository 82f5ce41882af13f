"""All that a folder of results holds, decoded."""

import contextlib
import io
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path

import duckdb
from pypdf import PdfReader


def held_in(text: str, number: str) -> bool:
    """Whether the ten digits of a number stand in a text, whatever stands between them; markup is
    no text."""
    return any(number[2:] in plain for plain in plains(text))


def plains(text: str) -> tuple[str, str]:
    """The letters and digits of a text with nothing between them, as they are and with markup left
    out."""
    plain = re.sub(
        r"_x[0-9A-Fa-f]{4}_|&#x?[0-9A-Fa-f]+;", "", text
    )  # characters as Excel and XML write them
    if not plain.isascii():
        plain = "".join(
            str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", plain)
        )
    return re.sub(r"[\W_]+", "", plain), re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", plain))


def contents(path: Path) -> Iterator[str]:
    """All that a file holds: its own bytes, and what they are when the file is unpacked and
    read."""
    whole = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(whole)):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            for name in archive.namelist():
                yield name
                yield as_text(archive.read(name))
        return
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        yield "\n".join(page.extract_text() for page in reader.pages)
        yield repr(reader.metadata)
        return
    yield as_text(whole)
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield repr(con.execute(f'SELECT * FROM "{table}"').fetchall())
    elif whole.startswith(b"SQLite format 3"):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            for (table,) in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                yield repr(base.execute(f'SELECT * FROM "{table}"').fetchall())


def as_text(content: bytes) -> str:
    return content.decode("utf-8", "ignore")


def decoded(letter: bytes) -> Iterator[str]:
    """A letter as its reader sees it, with what is attached."""
    message = BytesParser(policy=policy.default).parsebytes(letter)
    yield repr(message.items())
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield as_text(content)
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    yield from (as_text(archive.read(name)) for name in archive.namelist())
