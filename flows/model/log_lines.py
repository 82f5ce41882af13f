"""The lines of an audit log (händelselogg) as they are written: each with the hash of the line
before, so that none can be changed, moved or taken out unseen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..base.errors import InputError
from .case import Event
from .fingerprints import canonical, digest_of

NOTHING = "0" * 64
"""The hash before the first line."""
AS_IN = "as_in"
"""The detail that names the events in which other details of this one stand, by the name of the
detail."""


class BrokenLogError(InputError):
    """A line of the log is not what it was when it was written: a sentence that names the line."""

    last: Event | None = None
    """The last line that holds."""


def events(text: str, name: str, known: Sequence[Event] = ()) -> Iterator[Event]:
    """The events of a log's text, oldest first; `name` is what the file is called. `known` are
    those before, where the text is what comes after them. Raises BrokenLogError for the first wrong
    line."""
    before = list(known)
    previous = before[-1].sha256 if before else NOTHING
    lines = text.removesuffix("\n").split("\n") if text else []
    for number, line in enumerate(lines, len(before) + 1):
        try:
            read = event(_checked(line, previous, number), before)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BrokenLogError(
                f"{name}, rad {number}: raden är inte som när den skrevs, eller så fattas raden "
                "före. Lägg tillbaka loggen från en säkerhetskopia."
            ) from None
        previous = read.sha256
        before.append(read)
        yield read
    if text and not text.endswith("\n"):
        raise BrokenLogError(
            f"{name}: den sista raden är avbruten. Lägg tillbaka loggen från en säkerhetskopia."
        )


def _checked(line: str, previous: str, number: int) -> dict[str, Any]:
    """What a line says, once it is certain that it is as it was written and that the line before is
    its own."""
    body: dict[str, Any] = json.loads(line)
    stated = body.pop("sha256")
    shown = canonical(body)
    is_as_written = line == f'{shown[:-1]},"sha256":"{stated}"}}' and stated == digest_of(shown)
    is_next = body["previous"] == previous and body["number"] == number
    if not is_as_written or not is_next:
        raise ValueError
    return body | {"sha256": stated}


def event(body: Mapping[str, Any], before: Sequence[Event]) -> Event:
    """The event of a line; what its details leave out is taken from the events before it."""
    return Event(
        number=body["number"],
        recorded_at=body["recorded_at"],
        kind=body["kind"],
        grant_id=body["grant"],
        by=body["by"],
        sentence=body["sentence"],
        details=_whole(body["details"], before),
        previous=body["previous"],
        sha256=body["sha256"],
    )


def _whole(details: dict[str, Any], before: Sequence[Event]) -> dict[str, Any]:
    """Details with what they leave out. Raises KeyError when it does not stand where they say."""
    whole = {name: value for name, value in details.items() if name != AS_IN}
    for name, number in details.get(AS_IN, {}).items():
        if not 1 <= number <= len(before):
            raise KeyError(name)
        whole[name] = before[number - 1].details[name]
        if name in details:
            changed = whole[name] | details[name]
            whole[name] = {key: value for key, value in changed.items() if value is not None}
    return whole
