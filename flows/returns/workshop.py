"""The children of a run: two that read and write workbooks, one that holds Great Expectations, and
one that sets documents."""

from importlib import import_module

from ..base.children import Children
from .readers import Readers
from .readings import Readings
from .validator import Validator

VALIDATION_SECONDS = 1800
_SETTING_SECONDS = 1800
_PRESS_BYTES = 300_000_000
"""A press that holds more has set something large, and keeps it until ten others are set."""


class Workshop:
    """The children of a run, each started when it is first needed. `keeps` is whether what is read
    of files in a folder of returns is kept for the next run, `lasts` whether it is for more than
    one."""

    def __init__(self, *, keeps: bool = False, lasts: bool = True) -> None:
        self._lasts = lasts
        self.readers: Children = Readers(Readings() if keeps else None)
        self.validator = Validator(Children(1, memory_bytes=None, seconds=VALIDATION_SECONDS))
        self.press = Children(
            1, memory_bytes=None, seconds=_SETTING_SECONDS, rests_bytes=_PRESS_BYTES
        )
        """Sets documents from what is handed to it, while the run writes the rest."""

    def warm(self) -> None:
        """Let the children load their libraries while the run does something else."""
        self.validator.warm()
        for _ in range(2):
            self.readers.submit(import_module, "openpyxl")

    def has_validated(self) -> None:
        """Nothing more is validated in this run: where there is no other, the child ends."""
        if not self._lasts:
            self.validator.close()

    def close(self) -> None:
        """End the children."""
        self.readers.close()
        self.validator.close()
        self.press.close()

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
