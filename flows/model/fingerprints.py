"""What a line of the log binds to: hashes of figures, inputs and lines; and what has moved."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .case import Move
from .codes import RECKONED_GROUNDS


def flat(reconciliation: Mapping[str, Any]) -> dict[str, str | None]:
    """The figures of a reconciliation.json as one level: `board/component/figure` -> value; the
    city has no board."""
    figures = {
        f"//{name}": reconciliation[name]
        for name in ("total_sek", "allocated_sek", "unallocated_sek")
    }
    figures |= {f"//{name}": value for name, value in reconciliation["liability"].items()}
    for board in reconciliation["boards"]:
        for name, value in board.items():
            if not isinstance(value, list) and name not in {"board", "name"}:
                figures[f"{board['board']}//{name}"] = value
        known = board["liability_sek"] is not None
        figures |= {
            f"{board['board']}//{ground}_sek": "0.00" if known else None
            for ground in RECKONED_GROUNDS
        }
        for row in board["liability_grounds"]:
            figures[f"{board['board']}//{row['ground']}_sek"] = row["amount_sek"]
        for row in board["components"]:
            for name, value in row.items():
                if name != "component":
                    figures[f"{board['board']}/{row['component']}/{name}"] = value
    return figures


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Move]:
    """The figures that differ between two flat reconciliations; none when there was none before."""
    if not before:
        return
    for place in sorted({*before, *after}):
        if before.get(place) != after.get(place):
            board, component, figure = place.split("/")
            yield Move(
                figure, board or None, component or None, before.get(place), after.get(place)
            )


def sha256(content: bytes) -> str:
    """The fingerprint of a file's content."""
    return hashlib.sha256(content).hexdigest()


def figures_sha256(figures: Mapping[str, Any]) -> str:
    """The hash that an attest binds to: of everything in a reconciliation.json but the day it was
    made for."""
    return hash_of({name: value for name, value in figures.items() if name != "as_of"})


def inputs_sha256(files: Iterable[tuple[str, str]]) -> str:
    """The hash of what figures rest on: names and SHA-256 of files, in any order."""
    return hash_of(sorted(list(file) for file in files))


def canonical(value: object) -> str:
    """Any content as JSON, the same text for the same content."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def hash_of(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """SHA-256 of some content."""
    return digest_of(canonical(value))


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
