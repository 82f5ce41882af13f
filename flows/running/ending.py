"""How `serve` ends when it is told to (SIGTERM), at any moment: what is in its main thread is
stopped as by Ctrl+C, what is done in other threads gives up before its next step, and whoever
doesn't come to an end in time is stopped.

A run that gives up or is stopped has written nothing: its change is thrown away. Libraries put
handlers of their own in the place of ours, and swallow what a handler raises; so a thread hears of
the signal too, whoever answers it.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from ..base.errors import InputError

SECONDS = 15
"""How long all that is under way may take to end."""
_LAST_SECONDS = 1
"""How long the libraries' own threads may take after that."""
_is_told = threading.Event()
_is_answered = threading.Event()
_is_closing = threading.Event()
_is_put_away = threading.Event()


class EndedError(InputError):
    """What was under way is given up, since the program ends."""


def must_go_on() -> None:
    """Raises EndedError when the program ends."""
    if _is_closing.is_set():
        raise EndedError(
            "Statsbidrag stängs av, så det som pågick är avbrutet. Inget är ändrat. Gör om det när "
            "programmet är i gång igen."
        )


def close() -> None:
    """Let what is done in other threads give up."""
    _is_closing.set()


def tell(number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:  # noqa: ARG001
    """Answer the signal, in the main thread; a second one changes nothing."""
    if _is_answered.is_set():
        return
    _is_answered.set()
    _is_told.set()
    close()
    if signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, signal.SIG_DFL}:
        raise KeyboardInterrupt  # a shell lets what it runs in the background ignore Ctrl+C
    signal.raise_signal(signal.SIGINT)


@contextmanager
def ending() -> Iterator[list[Callable[[], None]]]:
    """While it lasts, a SIGTERM ends what is done, and that is no fault of it.

    Were it not to end in time, since a library swallows the interruption or waits for something,
    all that has been put into the list is called and the process ends there.
    """
    for event in (_is_told, _is_answered, _is_closing, _is_put_away):
        event.clear()
    at_the_latest: list[Callable[[], None]] = []
    heard, said = os.pipe()
    os.set_blocking(said, False)
    signal.set_wakeup_fd(said, warn_on_full_buffer=False)
    before = signal.signal(signal.SIGTERM, tell)
    threading.Thread(target=_see_to_it, args=(heard, at_the_latest), daemon=True).start()
    try:
        yield at_the_latest
    except BaseException:
        if not _is_told.is_set():
            raise
    finally:
        _is_put_away.set()
        if not _is_told.is_set():
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, before)
            os.close(said)


def _see_to_it(heard: int, at_the_latest: Sequence[Callable[[], None]]) -> None:
    """Wait for the signal, and then for the end."""
    while signal.SIGTERM not in (numbers := os.read(heard, 100)):
        if not numbers:
            os.close(heard)
            return
    _is_told.set()
    close()
    if _is_put_away.wait(SECONDS):
        time.sleep(_LAST_SECONDS)
    else:
        for put_away in at_the_latest:
            with suppress(Exception):
                put_away()
    for child in _children():
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
    os._exit(0)


def _children() -> list[int]:
    """The processes that this one has started and that are there."""
    children: list[int] = []
    for told in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, told.read_text("ascii").split())
    return children
