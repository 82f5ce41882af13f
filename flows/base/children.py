"""Child processes: a function of ours run apart from the run, within limits of memory and processor
time.

A file that kills or hangs its reader costs one answer, not the run. The time that counts is the
child's own on the processor, so that a busy machine changes no outcome; the clock on the wall is a
far guard against what waits for ever. A heavy library can load in a child while the run does
something else. A child ends with its parent: it reads its tasks from a pipe and stops when the pipe
closes.
"""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from . import collector

Answer = TypeVar("Answer")
_LARGE_BYTES = 1_000_000
"""A task that takes more leaves memory behind that is worth giving back."""
WAITS = 20
"""How many times its processor time a task may take by the clock, where nobody says otherwise."""


class Stop(StrEnum):
    """Why a child was stopped before it answered."""

    PROCESSOR = "processor"
    """It took more processor time than a task may."""
    MEMORY = "memory"
    CLOCK = "clock"
    """It was waited for much longer than a task may take: the machine, or a disk in it, hardly
    moves."""
    DEATH = "death"
    """It died: something in what it read made its library crash."""


class StoppedError(Exception):
    """The child was stopped before it answered; `stop` says why."""

    def __init__(self, function: str, stop: Stop) -> None:
        super().__init__(function, stop)
        self.stop = stop


class Children:
    """A number of child processes that take tasks in turn; each is started when first needed and
    after every stop.

    `seconds` is what a task may take of the processor, `wait_seconds` how long it is waited for by
    the clock. A child that holds more than `rests_bytes` when a task is done is followed by a new
    one: some libraries keep what they have made.
    """

    def __init__(
        self,
        count: int,
        *,
        memory_bytes: int | None,
        seconds: float,
        wait_seconds: float | None = None,
        rests_bytes: int | None = None,
    ) -> None:
        self._memory_bytes, self._seconds = memory_bytes, seconds
        self._rests_bytes = rests_bytes
        self._wait_seconds = seconds * WAITS if wait_seconds is None else wait_seconds
        self._own = threading.local()
        self._started: list[subprocess.Popen[bytes]] = []
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="child")

    def submit(self, function: Callable[..., Answer], *args: object) -> "Future[Answer]":
        """Call a function of some module in a child; the future raises what it raised."""
        return self._threads.submit(self._call, function, args)

    def _call(self, function: Callable[..., Answer], args: tuple[object, ...]) -> Answer:
        child = getattr(self._own, "child", None)
        if child is None or child.poll() is not None:
            child = self._start()
        begun = time.monotonic()
        timer = threading.Timer(self._wait_seconds, child.kill)
        timer.start()
        try:
            # Packed twice: what the child has to import for the function is loaded within the
            # task's limits.
            pickle.dump(pickle.dumps((function, args)), child.stdin)
            child.stdin.flush()
            answer: Answer
            answer, error = pickle.load(child.stdout)
            if self._rests_bytes is not None and _held_bytes(child.pid) > self._rests_bytes:
                _end(child)
                self._own.child = None
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            is_late = time.monotonic() - begun >= self._wait_seconds
            child.kill()
            self._own.child = None
            raise StoppedError(function.__qualname__, _why(child.wait(), is_late=is_late)) from None
        finally:
            timer.cancel()
        if isinstance(error, MemoryError):
            raise StoppedError(function.__qualname__, Stop.MEMORY)
        if error is not None:
            raise error
        return answer

    def _start(self) -> Any:
        limit = "" if self._memory_bytes is None else str(self._memory_bytes)
        child = subprocess.Popen(
            [sys.executable, "-m", "statsbidrag.base.children", str(self._seconds), limit],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._started.append(child)
        self._own.child = child
        return child

    def rest(self) -> None:
        """End the children, of which none may be at work; there are others when there is something
        to do again."""
        for child in self._started:
            _end(child)
        self._started.clear()

    def close(self) -> None:
        """End the children; tasks that are still waiting are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in self._started:
            _end(child)

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):
            pipe.close() if pipe else None


def _held_bytes(process_id: int) -> int:
    """What a process holds in memory; 0 where the machine doesn't say."""
    try:
        pages = Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _why(exit_code: int, *, is_late: bool) -> Stop:
    """Why a child is gone, by how it ended and whether it had been waited for to the end."""
    if exit_code == -signal.SIGPROF:
        return Stop.PROCESSOR
    return Stop.CLOCK if is_late and exit_code == -signal.SIGKILL else Stop.DEATH


def _serve(seconds: float, memory_bytes: int | None) -> None:
    """The child's side: tasks from standard input, answers to what was standard output; prints go
    to standard error.

    When a task has had its processor time the kernel ends the process, whatever it is in the midst
    of.
    """
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        os.nice(
            5
            # Readers give way to what takes longer to start: the run, its server and Great
            # Expectations
        )
    else:
        # Within a limit nothing may linger: what was read before would take the room of a file.
        collector.rest()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the run, which then closes the pipe
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as is what ends all processes of a service
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answers.write(_done(task, seconds))
        answers.flush()
        is_large = len(task) > _LARGE_BYTES
        del task  # while the child waits for the next it holds nothing of this one
        if is_large:
            collector.give_back()


def _done(task: bytes, seconds: float) -> bytes:
    """Do a task within its processor time, and pack what it comes to or what it raised."""
    answer, error = None, None
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        function, args = pickle.loads(task)
        answer = function(*args)
    except BaseException as raised:  # whatever it is belongs to whoever asked
        raised.add_note(traceback.format_exc())
        error = raised
    try:
        packed = pickle.dumps((answer, error))
    except Exception:
        packed = pickle.dumps((None, RuntimeError(f"what cannot be sent back: {error!r}")))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return packed


if __name__ == "__main__":
    _serve(float(sys.argv[1]), int(sys.argv[2]) if sys.argv[2] else None)
