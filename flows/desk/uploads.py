"""What people send to the desk: forms and files, bounded, and in memory alone until one is to be
kept.

An upload that is broken off leaves nothing, for nothing of it has been put anywhere.
"""

import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from ..base import swedish
from ..base.bounds import BOUNDS
from ..base.environment import SECRETS
from ..base.errors import InputError
from ..returns import file_names

MOST_FILES = 20
"""How many files are tried at once."""
MOST_AT_ONCE = 16
"""How many uploads one person may have under way."""
_FORM_BYTES = 200_000
"""The most that a form without files may hold, and what a form with files may hold beside them."""
_MOST_FIELDS = 200
_SCAN_SECONDS = 60


class TooLargeError(InputError):
    """More has been sent than may be: a sentence that says how much that is."""


class TooManyError(InputError):
    """Somebody has more under way than may be: a sentence that says to wait."""


@dataclass(frozen=True)
class Upload:
    """A file that somebody has sent, whole."""

    name: str
    """As their machine calls it, without its folders; nobody's way of writing is believed."""
    content: bytes

    @property
    def shown_name(self) -> str:
        """The name as it may be told."""
        return file_names.tellable(self.name)


@dataclass(frozen=True)
class Form:
    """What somebody has sent: the fields of a form, each once, and its files."""

    fields: Mapping[str, str]
    files: Sequence[Upload]

    def text(self, name: str) -> str:
        """What stands in a field, without blanks around it; empty where it is left out."""
        return self.fields.get(name, "").strip()


class _InMemory(MultiPartParser):
    spool_max_size = MOST_FILES * BOUNDS.file_bytes + 1  # a file never goes to a temporary folder


async def form_of(request: Request, most_files: int) -> Form:
    """What a request sends.

    Raises TooLargeError before it is read whole when it is more than may be, and InputError when it
    is no form.
    """
    most_bytes = _FORM_BYTES + (BOUNDS.file_bytes if most_files else 0)
    if most_files > 1:
        most_bytes += BOUNDS.file_bytes
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > most_bytes:
        raise _too_large()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    stream = _bounded(request, most_bytes)
    parser: FormParser | MultiPartParser
    if kind == "multipart/form-data":
        parser = _InMemory(
            request.headers,
            stream,  # type: ignore[arg-type]
            max_files=most_files,
            max_fields=_MOST_FIELDS,
            max_part_size=_FORM_BYTES,
        )
    elif kind == "application/x-www-form-urlencoded":
        parser = FormParser(
            request.headers,
            stream,  # type: ignore[arg-type]
            max_fields=_MOST_FIELDS,
            max_part_size=_FORM_BYTES,
        )
    else:
        raise InputError("Det som skickades är inget formulär.")
    try:
        sent = await parser.parse()
    except MultiPartException:
        raise InputError(
            f"Det som skickades gick inte att läsa. Skicka högst {most_files} filer åt gången, och "
            "försök igen."
        ) from None
    fields: dict[str, str] = {}
    files: list[Upload] = []
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            if len(content) > BOUNDS.file_bytes:
                raise _too_large()
            if value.filename and name == "fil":
                files.append(Upload(_own_name(value.filename), content))
        elif _is_text(name) and _is_text(value):
            fields.setdefault(name, value)
        else:
            raise InputError("Det som skickades är inget formulär.")
    return Form(fields, files)


def _is_text(text: str) -> bool:
    """Whether it can be written in a file: halves of characters can't."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


async def _bounded(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """What comes of a request, until it is more than may be."""
    count = 0
    async for piece in request.stream():
        count += len(piece)
        if count > most_bytes:
            raise _too_large()
        yield piece


def _too_large() -> TooLargeError:
    limit = f"{BOUNDS.file_bytes // 1_000_000}{swedish.NBSP}MB"
    return TooLargeError(f"Det som skickades är för stort. En fil får vara högst {limit}.")


def _own_name(name: str) -> str:
    """A file's name without its folders, whichever way its machine writes them, and without what
    hides it."""
    own = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "").lstrip(".~$ ")
    return own[-200:] or "namnlös.xlsx"


class Under:
    """How many uploads each person has under way."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def way(self, login: str) -> Iterator[None]:
        """While one more is. Raises TooManyError when it would be too many."""
        with self._lock:
            if self._count.get(login, 0) >= MOST_AT_ONCE:
                raise TooManyError(
                    "Du har redan flera filer på väg. Vänta tills de är klara och försök igen."
                )
            self._count[login] = self._count.get(login, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._count[login] -= 1
                if not self._count[login]:
                    del self._count[login]


def must_be_clean(
    upload: Upload, scanner: Sequence[str] | None, environment: Mapping[str, str]
) -> None:
    """Raises InputError for a file in which the user's own scanner finds a virus, or that it can't
    look through. It gets the file on standard input before anything else reads it."""
    if scanner is None:
        return
    own = {name: value for name, value in environment.items() if name not in SECRETS}
    try:
        exit_code = subprocess.run(
            list(scanner),
            input=upload.content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SCAN_SECONDS,
            env=own,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        exit_code = -1
    if exit_code == 1:
        raise InputError(
            f"{upload.shown_name}: virusskannern stoppade filen. Ingenting av den är sparat. Säg "
            "till den som sköter datorn."
        )
    if exit_code != 0:
        raise InputError(
            f"{upload.shown_name}: virusskannern svarar inte som den ska, så filen togs inte emot. "
            "Säg till den som sköter Skrivbordet."
        )
