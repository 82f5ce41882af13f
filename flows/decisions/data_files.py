"""A TOML file into its declared shape, or one Swedish sentence on the key that is wrong."""

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    ValidationError,
)

from ..base.errors import InputError
from .data_names import ORGANISATION


def file_content(path: Path, name: str) -> bytes:
    """The bytes of a file of the data folder. Raises InputError, which says what to do, when it
    can't be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        remedy = "Ange mappen med nämnder och bidrag med --data."
        if name == ORGANISATION:
            remedy = (
                "Den säger vad staden, förvaltningen och nämnden heter. Skriv den som i "
                "data/grants/README.md, eller ange mappen med --data."
            )
        raise InputError(f"Filen {path} finns inte. {remedy}") from None
    except PermissionError:
        raise InputError(
            f"Det går inte att komma åt {path}. Kontrollera att du har rätt till den."
        ) from None
    except OSError:
        raise InputError(f"{name}: filen går inte att läsa. {_IS_TEXT}") from None


TOO_DEEP = (
    "filen har för många parenteser i varandra. Ta bort dem, eller lägg tillbaka filen från en "
    "säkerhetskopia."
)
_IS_TEXT = "Kontrollera att den är en textfil i UTF-8."
Shape = TypeVar("Shape", bound=BaseModel)


def parsed_as(content: bytes, shape: type[Shape], name: str) -> Shape:
    """A TOML file in its declared shape. Raises InputError, which names the line or the keys that
    are wrong."""
    try:
        text = content.decode("utf-8")
        raw = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise InputError(f"{name}: filen går inte att läsa. {_IS_TEXT}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}, {_line_of(error, text)}") from None
    except RecursionError:
        raise InputError(f"{name}: {TOO_DEEP}") from None
    except (ValueError, ArithmeticError):
        raise InputError(
            f"{name}: filen har ett tal med fler siffror än som går att läsa. Rätta talet."
        ) from None
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        said: dict[str, str] = {}
        for e in error.errors():
            said.setdefault(_place(e["loc"], raw), _what(e))
        # A value that may be one thing or another is complained of twice; the deeper place is the
        # one to mend.
        sentences = [
            f"nyckeln {p}: {what}"
            for p, what in said.items()
            if not any(q.startswith(f"{p}.") for q in said)
        ]
        rest = f" Filen har {len(sentences) - 3} fel till." if len(sentences) > 3 else ""
        raise InputError(f"{name}, {'; '.join(sentences[:3])}.{rest}") from None


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Which line TOML stumbled on, and what is most often wrong there."""
    line = re.search(r"line ([0-9]+)", str(error))
    lines = text.splitlines()
    number = min(int(line[1]) if line else len(lines), len(lines))
    shown = f"rad {number} ({lines[number - 1].strip()})" if lines else "rad 1"
    return (
        f"{shown}: raden går inte att läsa. Skriv text inom raka citattecken, belopp utan "
        "mellanslag och med punkt före ören, datum som 2024-12-31 och nycklar med å, ä eller ö "
        "inom citattecken."
    )


def _place(loc: tuple[int | str, ...], raw: Any) -> str:
    """A place as the file has it: a decision or a board goes by its id, and a term written once has
    no number."""
    parts, here = [], raw
    for part in loc:
        if isinstance(part, int) and isinstance(here, list):
            here = here[part]
            parts.append(str(here.get("id", part + 1)) if isinstance(here, dict) else str(part + 1))
        elif isinstance(part, str) and "[" not in part and "(" not in part:
            here = here.get(part) if isinstance(here, dict) else None
            parts.append(part)
    return ".".join(parts) or "(hela filen)"


def _what(error: Any) -> str:
    kinds: Mapping[str, Callable[[], str]] = {
        "missing": lambda: "saknas. Lägg till den",
        "extra_forbidden": lambda: "är okänd. Ta bort den eller rätta stavningen",
        "string_pattern_mismatch": lambda: "ska vara små bokstäver a–z, siffror och bindestreck",
        "enum": lambda: (
            f"ska vara {error['ctx']['expected'].replace(' or ', ' eller ')}. Rätta värdet"
        ),
        "literal_error": lambda: (
            f"ska vara {error['ctx']['expected'].replace(' or ', ' eller ')}. Rätta värdet"
        ),
        "value_error": lambda: str(error["ctx"]["error"]),
        "greater_than_equal": lambda: (
            "får inte vara negativt. Skriv hela beloppet, inte en ändring"
        ),
        "less_than_equal": lambda: (
            "är en andel och får inte vara större än 1. Skriv till exempel 0.10"
        ),
        "decimal_max_places": lambda: "har för många decimaler. Ange hela ören",
        "string_type": lambda: "ska vara text inom citattecken",
        "string_too_short": lambda: "är tom. Skriv vad som gäller eller ta bort nyckeln",
        "date_type": lambda: "ska vara ett datum utan citattecken, till exempel 2024-02-01",
        "bool_type": lambda: "ska vara true eller false, utan citattecken",
        "int_type": lambda: "ska vara ett helt tal utan citattecken",
        "list_type": lambda: "ska vara en lista inom hakparenteser",
        "too_short": lambda: "är en tom lista. Skriv vad som gäller",
    }
    return kinds.get(
        error["type"], lambda: "har fel slags värde. Jämför med data/grants/README.md"
    )()
