"""The children of a run: two that read and write workbooks, one that holds Great Expectations, and
one that sets documents."""

from importlib import import_module

from ..base.children import Children
from .readers import Readers
from .readings import Readings
from .validator import Validator

VALIDATION_SECONDS = 1800
_SETTING_SECONDS = 1800


class Workshop:
    """The children of a run, each started when it is first needed. `keeps` is whether what is read
    of files in a folder of returns is kept for the next run."""

    def __init__(self, *, keeps: bool = False) -> None:
        self.readers: Children = Readers(Readings() if keeps else None)
        self.validator = Validator(Children(1, memory_bytes=None, seconds=VALIDATION_SECONDS))
        self.press = Children(1, memory_bytes=None, seconds=_SETTING_SECONDS)
        """Sets documents from what is handed to it, while the run writes the rest."""

    def warm(self) -> None:
        """Let the children load their libraries while the run does something else."""
        self.validator.warm()
        for _ in range(2):
            self.readers.submit(import_module, "openpyxl")

    def close(self) -> None:
        """End the children."""
        self.readers.close()
        self.validator.close()
        self.press.close()

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
