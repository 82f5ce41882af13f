"""The returns against the suites in `expectations/`: Great Expectations in, findings out.

One set of suites serves all grants: what differs by grant comes in as parameters and as columns
beside the rows. Returns are validated together, one batch per suite, in parts where they are many:
no expectation is about two of them. Nothing passes because its check crashed.
"""

import functools
import heapq
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from ..base import swedish
from ..model.findings import Finding
from ..model.returns import HIDDEN_TEXT, Cell, Return
from ..model.rulebook import Rulebook, RunPlan
from .frames import FRAMES
from .parameters import suite_parameters
from .records import Record
from .suites import Breach, Frame, gx_context, run_suite


@dataclass(frozen=True)
class Placed:
    """A finding, and by which expectation it was found: the number of its suite, and its own."""

    place: tuple[int, int]
    finding: Finding


_MOST_ROWS = 10_000
"""How many rows the returns of a part have, if they are several; what validation needs beside them
is some 10 kB a row."""


def parts(returns: Iterable[Return]) -> list[list[Return]]:
    """Returns in parts that can be validated one after the other, each whole, in their order."""
    made: list[list[Return]] = [[]]
    count = 0
    for returned in returns:
        if made[-1] and count + returned.row_count > _MOST_ROWS:
            made.append([])
            count = 0
        made[-1].append(returned)
        count += returned.row_count
    return made


def together(found: Iterable[Sequence[Placed]]) -> list[Finding]:
    """What is found in parts, as it is found in all of them at once: expectation by expectation,
    and then in the order of the returns."""
    return [placed.finding for placed in heapq.merge(*found, key=lambda placed: placed.place)]


def validate(
    returns: Sequence[Return], rulebook: Rulebook, plan: RunPlan, docs: Path | None = None
) -> list[Finding]:
    """What `validate_part` finds, as findings alone."""
    return together([validate_part(returns, rulebook, plan, docs)])


def validate_part(
    returns: Sequence[Return], rulebook: Rulebook, plan: RunPlan, docs: Path | None = None
) -> list[Placed]:
    """Every breach of a GX rule in the returns of the plan's grants, grouped, in the order of the
    expectations and then of the files.

    A return whose grant can't be told may be of any of them, so it is among them. `docs` is a
    folder for GX's own Data Docs (for developers; its pages load scripts from the net when opened).
    """
    return _placed(returns, rulebook, plan, suite_parameters(rulebook, plan), docs)


def packed(rulebook: Rulebook, plan: RunPlan) -> bytes:
    """What all parts of a validation are asked by, for `validate_packed`."""
    return pickle.dumps((rulebook, plan))


def validate_packed(returns: Sequence[Return], asked: bytes) -> list[Placed]:
    """`validate_part` for one part of several: what is decided is unpacked for the first of them
    alone, and what the suites are told of it reckoned once."""
    rulebook, plan, parameters = _unpacked(asked)
    return _placed(returns, rulebook, plan, parameters)


@functools.lru_cache(maxsize=1)
def _unpacked(asked: bytes) -> tuple[Rulebook, RunPlan, dict[str, list[str]]]:
    rulebook, plan = pickle.loads(asked)
    return rulebook, plan, suite_parameters(rulebook, plan)


def _placed(
    returns: Sequence[Return],
    rulebook: Rulebook,
    plan: RunPlan,
    parameters: Mapping[str, list[str]],
    docs: Path | None = None,
) -> list[Placed]:
    context = gx_context(docs) if docs else None
    breaches: list[_Found] = []
    concerned = _concerned(returns, plan)
    for number, (name, make) in enumerate(FRAMES.items()):
        records = list(make(concerned, rulebook, plan))
        for breach in run_suite(Frame(name, records), parameters, plan, context) if records else ():
            breaches.append(_Found(number, breach))
    if context:
        context.build_data_docs()
    return [*_grouped(breaches, rulebook, plan, parameters)]


def validate_together(
    each: Sequence[Sequence[Return]], rulebook: Rulebook, plan: RunPlan
) -> list[list[Finding]] | None:
    """What `validate` finds in the returns of each of several who know nothing of one another.

    None when a check crashed: it can't be told in whose returns.
    """
    parameters = suite_parameters(rulebook, plan)
    breaches: list[list[_Found]] = [[] for _ in each]
    concerned = [_concerned(returns, plan) for returns in each]
    for number, (name, make) in enumerate(FRAMES.items()):
        records: list[Record] = []
        owners: dict[int, int] = {}
        for owner, returns in enumerate(concerned):
            for record in make(returns, rulebook, plan):
                records.append(_apart(record, owner))
                owners[id(records[-1])] = owner
        for breach in run_suite(Frame(name, records), parameters, plan) if records else ():
            if breach.crashed:
                return None
            breaches[owners[id(breach.record)]].append(_Found(number, breach))
    return [together([[*_grouped(own, rulebook, plan, parameters)]]) for own in breaches]


def _concerned(returns: Iterable[Return], plan: RunPlan) -> list[Return]:
    return [one.opened() for one in returns if one.grant_id in {None, *plan.periods}]


def _apart(record: Record, owner: int) -> Record:
    """A record whose file is nobody else's, though another may send one of the same name."""
    if "file" not in record.values:
        return replace(record)
    return replace(record, values={**record.values, "file": f"{owner}/{record.returned.file}"})


# -- findings --------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """A breach, and the number of the suite that it is of."""

    suite: int
    breach: Breach


def _grouped(
    found: Iterable[_Found],
    rulebook: Rulebook,
    plan: RunPlan,
    parameters: Mapping[str, list[str]],
) -> Iterator[Placed]:
    """Equal faults in one finding: same rule, file and sheet, and the same words about them; where
    the first of them was found."""
    groups: dict[tuple[object, ...], list[_Found]] = {}
    for one in found:
        groups.setdefault(_alike(one.breach, rulebook), []).append(one)
    for group in groups.values():
        first = group[0]
        place = (first.suite, first.breach.place)
        if first.breach.crashed:
            yield Placed(place, _crash(first.breach, rulebook, plan))
        else:
            breaches = [one.breach for one in group]
            yield Placed(place, _finding(breaches, rulebook, plan, parameters))


def _alike(breach: Breach, rulebook: Rulebook) -> tuple[object, ...]:
    """What breaches have in common that become one finding."""
    cell = breach.cells[0] if breach.cells else None
    words = breach.record.words
    value = None
    if cell and "{value}" in rulebook.rules[breach.rule_id].message:
        value = _quotable(breach.record, cell)
    return (
        breach.rule_id,
        breach.crashed,
        breach.record.returned.file,
        cell.sheet if cell else "",
        words.get("column"),
        words.get("where"),
        value,
    )


def _quotable(record: Record, cell: Cell) -> str:
    """What stands in a cell, as it may be quoted: nothing of one that holds a personal number."""
    # A problem's value is the reader's own words, and no cell's text.
    if not cell.raw or "problem" in record.values:
        return cell.raw
    for place in record.returned.personal_numbers:
        if place.is_of_cell and (place.sheet, place.ref) == (cell.sheet, cell.ref):
            return HIDDEN_TEXT
    return cell.raw


def _crash(breach: Breach, rulebook: Rulebook, plan: RunPlan) -> Finding:
    """That a check could not be made of a file."""
    returned = breach.record.returned
    return rulebook.rules["kontroll-kunde-inte-goras"].finding(
        is_final=plan.is_final,
        grant=returned.grant_id,
        board=rulebook.holder(returned, plan),
        file=returned.file,
        details={"rule": breach.rule_id},
    )


def _finding(
    group: list[Breach], rulebook: Rulebook, plan: RunPlan, parameters: Mapping[str, list[str]]
) -> Finding:
    first = group[0]
    returned = first.record.returned
    cells: dict[str, Cell] = {}
    for breach in group:
        for cell in breach.cells:
            cells[cell.ref] = cell
    shown = next(iter(cells.values()), None)
    sheet = value = None
    if shown:
        sheet = shown.sheet or None
        value = _quotable(first.record, shown) or None
    near = ""
    if first.near and value != HIDDEN_TEXT:
        nearest = swedish.nearest(value or "", parameters[first.near])
        near = f" Menas {nearest}?" if nearest else ""
    words: dict[str, object] = {"near": near, **first.record.words}
    if shown:
        words["value"] = shown.value if isinstance(shown.value, Decimal) else value or "tomt"
        words["example"] = value
    return rulebook.rules[first.rule_id].finding(
        is_final=plan.is_final,
        grant=returned.grant_id,
        board=rulebook.holder(returned, plan),
        file=returned.file,
        sheet=sheet,
        cells=tuple(ref for ref in cells if ref),
        value=value,
        details=words,
    )
