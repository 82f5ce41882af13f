"""How often Python looks for what nobody holds any more."""

import gc

_NEW_OBJECTS = 100_000
"""How many objects are made between two looks; by itself Python takes 700."""


def rest() -> None:
    """Let the collector look seldom, for a process that makes many objects and keeps most of them,
    such as the cells of returns.

    What nobody refers to is let go at once as always; only what refers to itself waits.
    """
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
