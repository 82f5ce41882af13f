"""Waiting for what other processes do, and not for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = 180) -> T:
    """The first thing that a function finds and that is something."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "Nothing came."
        time.sleep(0.1)
    return answer
