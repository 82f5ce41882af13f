"""Names in a row in a sentence, no more of them than people read."""

from collections.abc import Sequence

from . import swedish

MOST = 20
"""No more names than this stand in a sentence whole."""
_SHOWN = 15
"""Of more than that so many, and how many there are beside them."""


def some_of(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a, b och c"; of very many the first, and how many more there
    are. All of them stand in a table somewhere else."""
    if len(names) <= MOST:
        return swedish.listing(names)
    return f"{', '.join(names[:_SHOWN])} och {len(names) - _SHOWN} till"
