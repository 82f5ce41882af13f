"""Rows of a return as the bytes by which they are handed from process to process. Of a run with
thousands of returns all that is held would else be cells, of which nobody asks for more than one
return's at a time.
"""

import io
import pickle
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from .returns import Row

_MAY_BE_READ = {
    (f"{__package__}.returns", "Row"),
    (f"{__package__}.returns", "Cell"),
    (f"{__package__}.returns", "Reading"),
    ("decimal", "Decimal"),
    ("datetime", "date"),
}
"""All that rows are made of; nothing else is looked up by its name when they are unpacked."""


class PackedRows(Sequence["Row"]):
    """Rows that are unpacked each time they are gone through: whoever does so more than once asks
    the return for them opened."""

    __slots__ = ("_content", "_count")

    def __init__(self, content: bytes, count: int) -> None:
        """As they were packed; see `of`."""
        self._content, self._count = content, count

    @classmethod
    def of(cls, rows: "Sequence[Row]") -> "PackedRows":
        """Rows, packed."""
        if isinstance(rows, PackedRows):
            return rows
        return cls(pickle.dumps(tuple(rows), pickle.HIGHEST_PROTOCOL), len(rows))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> "Iterator[Row]":
        return iter(self._rows())

    @overload
    def __getitem__(self, place: int) -> "Row": ...
    @overload
    def __getitem__(self, place: slice) -> "Sequence[Row]": ...
    def __getitem__(self, place: int | slice) -> "Row | Sequence[Row]":
        return self._rows()[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PackedRows | tuple):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return PackedRows, (self._content, self._count)

    def _rows(self) -> "tuple[Row, ...]":
        rows: tuple[Row, ...] = _Unpacking(io.BytesIO(self._content)).load()
        return rows


class _Unpacking(pickle.Unpickler):
    """Rows as they were packed, and nothing that is no row."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the nouns that rows are made of. Raises UnpicklingError for anything else."""
        if (module, name) not in _MAY_BE_READ:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a row")
        return super().find_class(module, name)
