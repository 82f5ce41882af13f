"""What a person puts in the city's own files: proven by reading the whole data folder as it would
be, written, and in the log."""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..base import disk, swedish
from ..base.errors import InputError
from ..decisions import data_folder
from ..decisions.data_files import file_content
from . import casefile, casework, people, store
from .audit_log import LOG, Log
from .casefile import Occasion

_OWN_MODE = 0o644
"""Of a file that is new."""
MOST_CHARACTERS = 4000
"""The longest text that is put in a file."""


NEW_FILE = ""
"""What is seen of a file that isn't there yet, in place of a hash."""


@dataclass(frozen=True)
class Amendment:
    """What somebody wants to put in a file of the data folder."""

    file: str
    """The file, by its name in the data folder."""
    seen_sha256: str
    """The hash of the file that they saw when they decided on it, or `NEW_FILE`."""
    what: str
    """What is put in, as the log tells it: a noun phrase in Swedish."""
    changed: Callable[[bytes], bytes]
    """The file's bytes as they are to be. Raises InputError when that can't be."""
    grant_id: str | None = None
    """The grant that it is about; None where it is about all."""


def seen(data: Path, file: str) -> tuple[bytes, str]:
    """A file of the data folder as it stands, and its hash."""
    content = file_content(data / file, file)
    return content, hashlib.sha256(content).hexdigest()


def amend(occasion: Occasion, by: str, amendment: Amendment) -> None:
    """Put something in a file of the data folder, and in the log that it was.

    The file is written first: a process that is killed before the log has its line leaves a file
    that is whole and that the next run states the hash of. Raises InputError, with nothing changed,
    when somebody else has changed the file meanwhile, when the folder could not be read with the
    file as it would be, and when the file can't be written.
    """
    by = people.named(by)
    path = (occasion.data / amendment.file).resolve()
    written = _Written(path)
    try:
        with store.Change(occasion.out) as change:
            log = casefile.log_of(change, occasion.at, by, occasion.login)
            before, after = _before_and_after(occasion, amendment)
            event = log.add(
                "amended",
                occasion.at,
                by=by,
                grant=amendment.grant_id,
                file=amendment.file,
                what=amendment.what,
                before_sha256=hashlib.sha256(before).hexdigest(),
                sha256=hashlib.sha256(after).hexdigest(),
                lines=_differences(before, after),
            )
            written.put(before, after, event.sha256)
            casework.publish(change, log)
    except BaseException as error:
        is_told = written.is_told_in(occasion.out)
        if not is_told:
            written.put_back()
        if not is_told or not isinstance(error, InputError | OSError):
            raise


def _before_and_after(occasion: Occasion, amendment: Amendment) -> tuple[bytes, bytes]:
    """A file as it stands and as it is to be. Raises InputError when it may not become so."""
    before, sha256 = b"", NEW_FILE
    if (occasion.data / amendment.file).exists() or amendment.seen_sha256 != NEW_FILE:
        before, sha256 = seen(occasion.data, amendment.file)
    if sha256 != amendment.seen_sha256:
        raise InputError(
            "Någon har ändrat filen sedan du öppnade sidan. Läs sidan igen och gör om det. Inget "
            "är ändrat."
        )
    after = amendment.changed(before)
    if after == before:
        raise InputError("Så står det redan. Inget är ändrat.")
    _must_be_readable(occasion, amendment, after)
    return before, after


class _Written:
    """A file that has been written ahead of the log's line on it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before: bytes | None = None
        self._event_sha256 = ""

    def put(self, before: bytes, after: bytes, event_sha256: str) -> None:
        """Write the file. Raises InputError when it can't be."""
        self._before, self._event_sha256 = before, event_sha256
        try:
            _write(self._path, after)
        except InputError:
            self._before = None
            raise

    def is_told_in(self, out: Path) -> bool:
        """Whether the log has the line, or will have it as soon as somebody carries out the change
        that is decided on."""
        if self._before is None:
            return False
        return store.is_decided(out) or Log.read(out / LOG).sha256 == self._event_sha256

    def put_back(self) -> None:
        """The file as it was before."""
        if self._before == b"":
            self._path.unlink(missing_ok=True)
        elif self._before is not None:
            _write(self._path, self._before)


def _must_be_readable(occasion: Occasion, amendment: Amendment, content: bytes) -> None:
    """Raises InputError when the data folder can't be read with a file as it would be, or when
    another grant could then not be run any more."""
    named = [amendment.grant_id] if amendment.grant_id else []
    instead = {amendment.file: content}
    try:
        then = data_folder.load(occasion.data, named, occasion.today, instead)
    except InputError as error:
        raise InputError(f"{_without_place(str(error))} Inget är ändrat.") from None
    if not then.broken:
        return
    already = {found.file for found in data_folder.load(occasion.data, (), occasion.today).broken}
    for found in then.broken:
        if found.file not in already:
            raise InputError(f"{found.message} Inget är ändrat.")


def _without_place(sentence: str) -> str:
    """What is said of a file, to somebody who has seen a form and no key of it."""
    what = re.sub(r"^\S+\.toml, nyckeln \S+: ", "", sentence)
    return f"{what[:1].upper()}{what[1:]}"


def _write(path: Path, content: bytes) -> None:
    try:
        mode = path.stat().st_mode if path.exists() else _OWN_MODE
        disk.write(path, content)
        path.chmod(mode)
    except OSError:
        raise InputError(
            f"Det går inte att skriva i {path.name}. Be den som sköter Skrivbordet att ge "
            "programmet rätt till mappen med bidragen. Inget är ändrat."
        ) from None


def _differences(before: bytes, after: bytes) -> list[str]:
    """The lines that went and those that came, each after its sign."""
    old, new = (content.decode("utf-8").splitlines() for content in (before, after))
    lines = [*difflib.unified_diff(old, new, n=0, lineterm="")][2:]  # without the files' names
    return [swedish.mask_personal_numbers(line)[0] for line in lines if not line.startswith("@@")]


def must_be_tellable(texts: Iterable[tuple[str, str]]) -> None:
    """Raises InputError for a text that holds a personal number or is too long; each comes after
    the name of its field. What is put in the files is printed in reports."""
    for name, text in texts:
        people.must_point_out_nobody(name, text)
        if len(text) > MOST_CHARACTERS:
            raise InputError(f"{name}: skriv högst {MOST_CHARACTERS} tecken.")
