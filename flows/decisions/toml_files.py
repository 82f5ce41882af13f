"""A TOML file that is changed in one place, with every comment kept and all else as it was.

What comes out is read again: it has to say what the file said, but for what was to change.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import KeyType, SingleKey

from ..base.errors import InputError

_FOLDED_FROM = 2
"""A list of so many texts is written with each on a line of its own."""


# -- read, and proven ------------------------------------------------------------------------------

TablePath = Sequence[str | int]
"""The keys and numbers that lead to a table: "villkor", "ranta", or "beslut", 0."""


def said(content: bytes) -> dict[str, Any]:
    """What a file says. Raises InputError when it can't be read."""
    try:
        return tomllib.loads(_text(content), parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        raise _by_hand() from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _by_hand() from None


def _proven(before: bytes, after: bytes, root: str) -> bytes:
    """A file as it now is. Raises InputError when it can't be read, says anything else otherwise
    than it did but under one of its keys, or has lost a comment."""
    then, now = said(before), said(after)
    for key in {*then, *now} - {root}:
        if then.get(key) != now.get(key):
            raise _by_hand()
    if _comments(before) > _comments(after):
        raise _by_hand()
    return after


def _comments(content: bytes) -> int:
    """How many comments a file has; a text may hold what looks like one."""
    return sum(found.startswith(b"#") for found in _COMMENT_OR_TEXT.findall(content))


_COMMENT_OR_TEXT = re.compile(
    rb"#[^\n]*"
    rb'|"{3}(?:\\.|[^\\])*?"{3,5}'
    rb"|'{3}.*?'{3,5}"
    rb'|"(?:\\.|[^\\"\n])*"'
    rb"|'[^'\n]*'",
    re.DOTALL,
)


def _by_hand() -> InputError:
    return InputError(
        "Filen är skriven så att det inte går att föra in det här utan att ändra annat. Be den som "
        "sköter Skrivbordet att föra in det. Inget är ändrat."
    )


# -- changed ---------------------------------------------------------------------------------------


def with_row(
    content: bytes,
    name: str,
    row: Mapping[str, Any],
    note: str,
    under: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> bytes:
    """A file with a row more in one of its lists of tables, and with the tables that stand under
    it; `note` is a comment above it. Raises InputError when it can't be put there without changing
    something else."""
    shown = f"# {note}\n[[{name}]]\n{tomlkit.dumps(_table(row))}"
    for key, values in under.items():
        quoted = {_quoted(one): value for one, value in values.items()}
        shown += f"\n[{name}.{key}]\n{tomlkit.dumps(_table(quoted))}"
    after = _with_tables(content, name, shown)
    if said(after)[name][:-1] != said(content).get(name, []):
        raise _by_hand()
    return after


def with_table(content: bytes, path: Sequence[str], row: Mapping[str, Any]) -> bytes:
    """A file with one more table, by the keys that lead to it. Raises InputError when it can't be
    put there without changing something else."""
    shown = f"[{'.'.join(path)}]\n{tomlkit.dumps(_table(row))}"
    return _with_tables(content, path[0], shown)


def _with_tables(content: bytes, root: str, shown: str) -> bytes:
    """A file with tables after the last of those under a key, or last where it has none."""
    lines = _lines(content)
    own = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\[?{root}\b", line)]
    end = _end_of_table(lines, own[-1] if own else len(lines) - 1)
    added = ["", *shown.strip("\n").split("\n")]
    after = "\n".join([*lines[:end], *added, *lines[end:], ""])
    return _proven(content, _with_newlines_of(content, after), root)


def with_keys(content: bytes, path: TablePath, changes: Mapping[str, Any]) -> bytes:
    """A file in which a table has other keys; None takes one away.

    What is there already changes in its place, and what is new comes after it: tomlkit would put it
    after the comment that stands above the next table. Raises InputError when it can't be done
    without changing something else.
    """
    before = _at(said(content), path)
    shown = _changed(content, lambda document: _change(_at(document, path), changes))
    added = {}
    for name, value in changes.items():
        if value is not None and name not in before:
            added[name] = value
    if added:
        shown = _with_lines(shown, path, tomlkit.dumps(_table(added)))
    wanted = {name: value for name, value in (before | changes).items() if value is not None}
    if _at(said(shown), path) != tomllib.loads(tomlkit.dumps(_table(wanted)), parse_float=Decimal):
        raise _by_hand()
    return _proven(content, shown, str(path[0]))


def _at(document: Any, path: TablePath) -> Any:
    """The table that a path leads to."""
    for step in path:
        document = document[step]
    return document


def _change(found: Any, changes: Mapping[str, Any]) -> None:
    """Change the keys that a table has. Raises InputError for one with a comment beside it, which
    may be about what it said."""
    for name, value in changes.items():
        if name not in found:
            continue
        if found.item(name).trivia.comment:
            raise _by_hand()
        if value is None:
            found.remove(name)
        else:
            found[name] = _item(value)


def _with_lines(content: bytes, path: TablePath, shown: str) -> bytes:
    """A file with lines last in the table that a path leads to."""
    keys = r"\.".join(str(step) for step in path if isinstance(step, str))
    number = next((step for step in path if isinstance(step, int)), 0)
    lines = _lines(content)
    own = [place for place, line in enumerate(lines) if re.match(rf"\s*\[\[?{keys}\]", line)]
    if number >= len(own):
        raise _by_hand()
    end = _end_of_table(lines, own[number])
    after = "\n".join([*lines[:end], *shown.strip("\n").split("\n"), *lines[end:], ""])
    return _with_newlines_of(content, after)


def _end_of_table(lines: Sequence[str], opened: int) -> int:
    """The line after a table that is opened on a line. What is written above the next table, such
    as a comment, belongs to that.

    A line of a list over several lines may look as if it opened a table; that is found out when
    what comes of it is read.
    """
    later = [place for place in range(opened + 1, len(lines)) if re.match(r"\s*\[", lines[place])]
    end = later[0] if later else len(lines)
    while not lines[end - 1].strip() or (later and lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _lines(content: bytes) -> list[str]:
    return _text(content).replace("\r\n", "\n").rstrip("\n").split("\n")


def _with_newlines_of(content: bytes, text: str) -> bytes:
    """A text with its lines ended as those of a file are."""
    plain = text.replace("\r\n", "\n")
    return (plain.replace("\n", "\r\n") if b"\r\n" in content else plain).encode("utf-8")


def with_prose(content: bytes, root: str, key: str, prose: str) -> bytes:
    """A file with a text of several lines at a key of one of its tables, whether the table is there
    or not; with no text, without the key, and without the table when nothing else is in it."""

    def put(document: MutableMapping[str, Any]) -> None:
        found = document.setdefault(root, tomlkit.table())
        if prose:
            found[_quoted(key)] = tomlkit.string(f"{prose}\n", multiline=True)
        else:
            found.pop(key, None)
        if not found:
            del document[root]

    return _proven(content, _changed(content, put), root)


def _changed(content: bytes, put: Callable[[MutableMapping[str, Any]], None]) -> bytes:
    """A file that tomlkit has changed."""
    try:
        document = tomlkit.parse(_text(content))
        put(document)
        return _with_newlines_of(content, document.as_string())
    except (TOMLKitError, KeyError, IndexError, TypeError):
        raise _by_hand() from None


def with_text(content: bytes, key: str, text: str) -> bytes:
    """A file with a text at a key of its own, outside its tables; with no text, without the key."""
    line = f"{key} = {tomlkit.string(text).as_string()}"
    lines = _lines(content)
    tables = [number for number, one in enumerate(lines) if re.match(r"\s*\[", one)]
    head = lines[: tables[0]] if tables else lines
    rest = lines[len(head) :]
    own = [number for number, one in enumerate(head) if re.match(rf"{key}\s*=", one)]
    if own:
        stated: Any = tomlkit.parse(head[own[0]]).item(key)
        if stated.trivia.comment:
            raise _by_hand()
        head[own[0] : own[0] + 1] = [line] if text else []
    elif text:
        last = max(number for number, one in enumerate(head) if re.match(r"[\w-]+\s*=", one))
        head.insert(last + 1, line)
    after = "\n".join([*head, *rest, ""])
    return _proven(content, _with_newlines_of(content, after), key)


# -- how it is written -----------------------------------------------------------------------------


def _table(row: Mapping[Any, Any]) -> Any:
    """A table of keys and values, as the files have them."""
    made = tomlkit.table()
    for key, value in row.items():
        made.add(key, _item(value))
    return made


def _quoted(name: str) -> SingleKey:
    """A key as the files have those of boards: within quotes, whether it needs them or not."""
    return SingleKey(name, KeyType.Basic)


def _item(value: Any) -> Any:
    """A value as the file is to have it: kronor as digits, a longer list with a text on each line,
    a mapping on one line."""
    if isinstance(value, Decimal):
        exact = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
        return tomlkit.value(f"{exact:f}")
    if isinstance(value, str):
        return tomlkit.string(value)
    if isinstance(value, Mapping):
        shown = []
        for key, one in value.items():
            value_shown = tomlkit.item(_item(one)).as_string()
            shown.append(f"{tomlkit.key(key).as_string()} = {value_shown}")
        return tomlkit.value(f"{{ {', '.join(shown)} }}")
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > _FOLDED_FROM)
    return value
