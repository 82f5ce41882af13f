"""Returns read and validated by several processes, on this machine or on others, by Dask: an
option, for who has very many (docs/server.md).

Where `STATSBIDRAG_DASK` names a Dask scheduler the flows run with Prefect's Dask runner, and what
else the children of a run do its workers do: each in children of its own, within the same bounds. A
worker must see the files by the same paths and have the same program. All else stays in the run:
one process reckons, and writes.

Whoever may ask a Dask scheduler can run what they like on it. So one on another machine is only
asked over TLS, with the certificates that Dask's own settings name.
"""

import functools
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..base import program
from ..base.errors import InputError
from ..returns.workshop import Room, Workshop

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

ADDRESS = "STATSBIDRAG_DASK"
_HERE = {"127.0.0.1", "localhost", "::1"}
_WAIT_SECONDS = 10


def address() -> str | None:
    """The scheduler's address; None where there is none. Raises InputError for one that may not be
    asked."""
    text = os.environ.get(ADDRESS)
    if not text:
        return None
    form = f"{ADDRESS} är {text}, men ska vara som tls://dask.staden.se:8786"
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname and parts.port) and parts.scheme in {"tls", "tcp"}
    except ValueError:
        is_whole = False
    if not is_whole:
        raise InputError(f"{form}. Rätta den.")
    if parts.scheme == "tcp" and parts.hostname not in _HERE:
        raise InputError(
            f"{form}: till en annan dator ska förbindelsen vara krypterad. Starta Dask med TLS och "
            "skriv tls:// i stället för tcp://."
        )
    return text


def must_answer() -> None:
    """Raises InputError when there is a scheduler that nobody answers at."""
    text = address()
    if text is None:
        return
    parts = urlsplit(text)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), _WAIT_SECONDS).close()
    except OSError:
        raise InputError(
            f"Dask svarar inte på {text}, som {ADDRESS} anger. Starta det, eller ta bort "
            f"{ADDRESS}, och kör samma kommando igen. Inget är ändrat."
        ) from None


def task_runner() -> "TaskRunner[Any] | None":
    """What Prefect is to run a flow with: its Dask runner where there is a scheduler, else as it
    does by itself (None)."""
    text = address()
    if text is None:
        return None
    from prefect_dask.task_runners import DaskTaskRunner

    return DaskTaskRunner(address=text)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """The workshop of a flow that runs with `task_runner`, whose readers and judges are Dask's
    workers."""
    from prefect.context import FlowRunContext

    context = FlowRunContext.get()
    assert context is not None
    runner: Any = context.task_runner
    with Workshop(keeps=True, lasts=False, elsewhere=_Workers(runner.client)) as opened:
        yield opened


class _Workers:
    """Dask's workers."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._asked: set[Any] = set()

    def __call__(self, room: Room, function: Callable[..., Any], *args: object) -> "Future[Any]":
        answer: Future[Any] = Future()
        told = [arg.absolute() if isinstance(arg, Path) else arg for arg in args]
        sha256 = program.LOADED.sha256
        asked = self._client.submit(_done, sha256, room, function, *told, pure=False)
        self._asked.add(asked)  # Dask gives up what nobody holds

        def tell(done: Any) -> None:
            self._asked.discard(asked)
            _tell(done, answer)

        asked.add_done_callback(tell)
        return answer


def _tell(done: Any, answer: "Future[Any]") -> None:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        answer.set_result(done.result())
    except (KilledWorker, FutureCancelledError):
        lost = InputError(
            "Dasks arbetare försvann medan de läste. Se efter varför, och kör samma kommando igen. "
            "Inget är ändrat."
        )
        answer.set_exception(lost)
    except Exception as error:
        answer.set_exception(error)


# -- on a worker -----------------------------------------------------------------------------------


@functools.cache
def _own() -> Workshop:
    """The workshop of this worker."""
    return Workshop()


def _done(sha256: str, room: Room, function: Callable[..., Any], *args: object) -> Any:
    """What a function answers in a room of this worker's workshop; for the program of whoever asks
    alone."""
    if program.LOADED.sha256 != sha256:
        raise InputError(
            f"Dasks arbetare på {socket.gethostname()} har en annan version av Statsbidrag. "
            "Installera samma version överallt och kör samma kommando igen. Inget är ändrat."
        )
    return _own().room(room).submit(function, *args).result()
