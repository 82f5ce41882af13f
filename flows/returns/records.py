"""What a suite of expectations is about, a record at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model.returns import Cell, Return


@dataclass(frozen=True)
class Record:
    """A row of a frame: its values, and the cells and words that a finding about it needs."""

    returned: Return
    values: Mapping[str, object]
    """Records that share one mapping, and don't only have the like, are checked as one; those of a
    suite that compares rows with one another have each their own."""
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    words: Mapping[str, object] = field(default_factory=dict)


def by_name(cells: Mapping[str, Cell]) -> dict[str, tuple[Cell, ...]]:
    """Single cells as a record has them."""
    return {name: (cell,) for name, cell in cells.items()}
