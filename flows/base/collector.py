"""How often Python looks for what nobody holds any more, and that its memory goes back."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

_NEW_OBJECTS = 100_000
"""How many objects are made between two looks; by itself Python takes 700."""


def rest() -> None:
    """Let the collector look seldom, for a process that makes many objects and keeps most of them,
    such as the cells of returns and all of its libraries.

    What nobody refers to is let go at once as always; only what refers to itself waits.
    """
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


@contextmanager
def loading() -> Iterator[None]:
    """While it lasts libraries are loaded, and nobody looks; what is there then stays, and is not
    looked through again.

    Nothing of a library goes away, and to look for it takes a third of the time to load it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load(module: str) -> None:
    """Load a module ahead of its use."""
    with loading():
        import_module(module)


def give_back() -> None:
    """Look for what nobody holds, and give its memory back to the machine."""
    gc.collect()
    trim()


def trim() -> None:
    """Give memory that is free back to the machine, where its C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
