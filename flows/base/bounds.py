"""What a return may cost to read, as `expectations/bounds.toml` has it."""

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files

from .errors import InputError

FILE = "bounds.toml"


@dataclass(frozen=True)
class Bounds:
    """The most that a file may hold, and that reading it may take, before it is refused; each name
    is a key."""

    file_bytes: int
    inflated_bytes: int
    inflated_ratio: int
    parts: int
    sheets: int
    rows: int
    columns: int
    cells: int
    blank_cells: int
    texts: int
    other_elements: int
    text_characters: int
    reader_bytes: int
    reader_seconds: int
    reader_wait_seconds: int


def parsed(text: str) -> Bounds:
    """The bounds that a file states. Raises InputError for one that is missing, unknown or no
    count."""
    names = {field.name for field in fields(Bounds)}
    try:
        stated = tomllib.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{FILE} går inte att läsa. Skriv varje gräns som namn = tal.") from None
    for name in sorted(names ^ stated.keys()):
        raise InputError(
            f"{FILE}, nyckeln {name}: {'saknas. Lägg till den' if name in names else 'är okänd'}."
        )
    for name, value in stated.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{FILE}, nyckeln {name}: ska vara ett helt tal större än noll.")
    return Bounds(**stated)


BOUNDS = parsed(files("statsbidrag.expectations").joinpath(FILE).read_text("utf-8"))
