"""Great Expectations loaded, without the heavy libraries that only expectations we don't use
need."""

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

PLAIN = "STATSBIDRAG_GX_WHOLE"
"""The environment variable with which Great Expectations is used exactly as it comes."""
_PUT_OFF = ("scipy.stats", "altair")
"""They serve the tests of distributions."""


def loaded() -> Any:
    """Great Expectations; whoever needs it or a part of it asks for it here first.

    What is put off is loaded as soon as somebody takes something from it, which halves the time to
    load.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    if "great_expectations" not in sys.modules and not os.environ.get(PLAIN):
        for name in _PUT_OFF:
            _put_off(name)
    return importlib.import_module("great_expectations")


class _PutOff(ModuleType):
    """Stands for a module until something is taken from it.

    Python's own LazyLoader doesn't do: to import what is there already looks at its `__spec__`, and
    that alone loads it.
    """

    def __getattr__(self, name: str) -> Any:
        sys.modules.pop(self.__name__, None)
        parent, _, child = self.__name__.rpartition(".")
        if parent:  # while it is loaded its own parts must find it, and not what stands for it
            vars(sys.modules[parent]).pop(child, None)
        real = importlib.import_module(self.__name__)
        self.__dict__.update(real.__dict__)
        return getattr(real, name)


def _put_off(name: str) -> None:
    """Let a module be loaded when something is first taken from it, not when it is imported."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None:
        return
    module = _PutOff(name)
    module.__spec__ = spec
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
