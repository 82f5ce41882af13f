"""The children of a run: two that read and write workbooks, and one that holds Great
Expectations."""

from importlib import import_module

from ..base.bounds import BOUNDS
from ..base.children import Children
from .validator import Validator

VALIDATION_SECONDS = 1800


class Workshop:
    """The children of a run: two that read and write workbooks, and one that holds Great
    Expectations."""

    def __init__(self) -> None:
        self.readers = Children(
            2,
            memory_bytes=BOUNDS.reader_bytes,
            seconds=BOUNDS.reader_seconds,
            wait_seconds=BOUNDS.reader_wait_seconds,
        )
        self.validator = Validator(Children(1, memory_bytes=None, seconds=VALIDATION_SECONDS))

    def warm(self) -> None:
        """Let the children load their libraries while the run does something else."""
        self.validator.warm()
        for _ in range(2):
            self.readers.submit(import_module, "openpyxl")

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.readers.close()
        self.validator.close()
