"""How often Python looks for what nobody holds any more, and that its memory goes back."""

import ctypes
import gc
from contextlib import suppress

_NEW_OBJECTS = 100_000
"""How many objects are made between two looks; by itself Python takes 700."""


def rest() -> None:
    """Let the collector look seldom, for a process of one run, which makes many objects and keeps
    most of them, such as the cells of returns.

    What nobody refers to is let go at once as always; only what refers to itself waits.
    """
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def give_back() -> None:
    """Give the memory that nobody holds back to the machine, where its C library can."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
