"""A TOML file that is changed in one place, with every comment kept and all else as it was.

What comes out is read again: it has to say what the file said, but for what was to change.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import KeyType, SingleKey

from ..base.errors import InputError

_FOLDED_FROM = 2
"""A list of so many texts is written with each on a line of its own."""


# -- read, and proven ------------------------------------------------------------------------------


def said(content: bytes) -> dict[str, Any]:
    """What a file says. Raises InputError when it can't be read."""
    try:
        return tomllib.loads(_text(content), parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        raise by_hand() from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise by_hand() from None


def must_say_the_same_but(before: bytes, after: bytes, changed: set[str]) -> None:
    """Raises InputError when a file can't be read as it now is, says anything else otherwise than
    it did, or has lost a comment."""
    then, now = said(before), said(after)
    for key in {*then, *now} - changed:
        if then.get(key) != now.get(key):
            raise by_hand()
    if len(re.findall(rb"(?m)^\s*#", before)) > len(re.findall(rb"(?m)^\s*#", after)):
        raise by_hand()


def by_hand() -> InputError:
    """That a file can't be changed without harm."""
    return InputError(
        "Filen är skriven så att det inte går att föra in det här utan att ändra annat. Be den som "
        "sköter Skrivbordet att föra in det. Inget är ändrat."
    )


# -- changed -------------------------------------------------------------------------------------


def with_row(content: bytes, name: str, row: Mapping[str, Any], note: str) -> bytes:
    """A file with a row more in one of its lists of tables. Raises InputError when it can't be put
    there without changing something else."""
    array = tomlkit.aot()
    array.append(table(row))
    document = tomlkit.document()
    document.add(name, array)
    after = with_table(content, name, f"# {note}\n{tomlkit.dumps(document)}")
    must_say_the_same_but(content, after, {name})
    if said(after)[name][:-1] != said(content).get(name, []):
        raise by_hand()
    return after


def with_table(content: bytes, name: str, rows: str) -> bytes:
    """A file with rows after the last of its tables of a name, or last where it has none. What is
    written above the next table, such as a comment, stays with that."""
    lines = _text(content).replace("\r\n", "\n").rstrip("\n").split("\n")
    end = len(lines)
    own = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\[?{name}\b", line)]
    if own:
        later = [n for n, line in enumerate(lines) if n > own[-1] and _is_header(line)]
        end = later[0] if later else len(lines)
        while lines[end - 1].strip() == "" or (later and lines[end - 1].lstrip().startswith("#")):
            end -= 1
    added = ["", *rows.strip("\n").split("\n")]
    return _with_newlines_of(content, "\n".join([*lines[:end], *added, *lines[end:], ""]))


def _with_lines(content: bytes, header: str, number: int, rows: str) -> bytes:
    """A file with lines last in a table, above what belongs to the next one."""
    lines = _text(content).replace("\r\n", "\n").split("\n")
    own = [place for place, line in enumerate(lines) if re.match(rf"\s*{header}", line)]
    if number >= len(own):
        raise by_hand()
    later = [place for place, line in enumerate(lines) if place > own[number] and _is_header(line)]
    end = later[0] if later else len(lines)
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    added = rows.strip("\n").split("\n")
    return _with_newlines_of(content, "\n".join([*lines[:end], *added, *lines[end:]]))


def _is_header(line: str) -> bool:
    """Whether a line opens a table; one that is part of a list over several lines may look so, and
    is found out when what comes of it is read."""
    return re.match(r"\s*\[", line) is not None


def _with_newlines_of(content: bytes, text: str) -> bytes:
    """A text with its lines ended as those of a file are."""
    plain = text.replace("\r\n", "\n")
    return (plain.replace("\n", "\r\n") if b"\r\n" in content else plain).encode("utf-8")


def with_keys(
    content: bytes,
    header: str,
    number: int,
    find: Callable[[Any], Any],
    changes: Mapping[str, Any],
) -> bytes:
    """A file in which the table that a header opens, of several the one with a number, has other
    keys; None takes one away.

    What is there already changes in its place, and what is new comes after it: tomlkit would put it
    after the comment that stands above the next table.
    """

    def put(document: Any) -> None:
        table = find(document)
        for name, value in changes.items():
            if name not in table:
                continue
            if table.item(name).trivia.comment:
                raise by_hand()
            if value is None:
                table.remove(name)
            else:
                table[name] = item(value)

    before = find(said(content))
    shown = changed(content, put)
    added = {
        name: item(value)
        for name, value in changes.items()
        if value is not None and name not in before
    }
    if added:
        table = tomlkit.table()
        for name, value in added.items():
            table.add(name, value)
        shown = _with_lines(shown, header, number, tomlkit.dumps(table))
    wanted = {**before, **changes}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if find(said(shown)) != _plain(wanted):
        raise by_hand()
    return shown


def _plain(values: Mapping[str, Any]) -> Any:
    """Values as a file that is read has them."""
    return tomllib.loads(tomlkit.dumps(table(values)), parse_float=Decimal)


def changed(content: bytes, put: Callable[[MutableMapping[str, Any]], None]) -> bytes:
    """A file that tomlkit has changed."""
    try:
        document = tomlkit.parse(_text(content))
        put(document)
        return _with_newlines_of(content, document.as_string())
    except (TOMLKitError, KeyError, IndexError, TypeError):
        raise by_hand() from None


def with_text(content: bytes, key: str, text: str) -> bytes:
    """A file with a text at a key of its own, outside its tables; with no text, without the key."""
    line = f"{key} = {tomlkit.string(text).as_string()}"
    lines = _text(content).replace("\r\n", "\n").split("\n")
    tables = [number for number, one in enumerate(lines) if re.match(r"\s*\[", one)]
    head = lines[: tables[0]] if tables else lines
    rest = lines[len(head) :]
    own = [number for number, one in enumerate(head) if re.match(rf"{key}\s*=", one)]
    if own:
        stated: Any = tomlkit.parse(head[own[0]]).item(key)
        if stated.trivia.comment:
            raise by_hand()
    if own:
        head[own[0] : own[0] + 1] = [line] if text else []
    elif text:
        last = max(number for number, one in enumerate(head) if re.match(r"[\w-]+\s*=", one))
        head.insert(last + 1, line)
    after = _with_newlines_of(content, "\n".join([*head, *rest]))
    must_say_the_same_but(content, after, {key})
    return after


# -- how it is written -----------------------------------------------------------------------------


def table(row: Mapping[str, Any]) -> Any:
    """A table of keys and values, as the files have them."""
    made = tomlkit.table()
    for key, value in row.items():
        made.add(key, item(value))
    return made


def quoted(name: str) -> SingleKey:
    """A key as the files have those of boards: within quotes, whether it needs them or not."""
    return SingleKey(name, KeyType.Basic)


def item(value: Any) -> Any:
    """A value as the file is to have it: kronor as digits, a longer list with a text on each
    line."""
    if isinstance(value, Decimal):
        exact = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
        return tomlkit.value(f"{exact:f}")
    if isinstance(value, str):
        return tomlkit.string(value)
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > _FOLDED_FROM)
    return value
