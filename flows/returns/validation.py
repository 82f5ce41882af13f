"""The returns against the suites in `expectations/`: Great Expectations in, findings out.

One set of suites serves all grants: what differs by grant comes in as parameters and as columns
beside the rows. All returns are validated together, one batch per suite. Nothing passes because its
check crashed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import swedish
from ..base.children import Children
from ..model.findings import Finding
from ..model.returns import HIDDEN_TEXT, Cell, Return
from ..model.rulebook import Rulebook, RunPlan
from .frames import FRAMES, Record
from .parameters import suite_parameters
from .suites import Breach, Frame, gx_context, run_suite

if TYPE_CHECKING:
    pass


def validate(
    returns: Sequence[Return], rulebook: Rulebook, plan: RunPlan, docs: Path | None = None
) -> list[Finding]:
    """Every breach of a GX rule in the returns of the plan's grants, grouped, in the order of the
    files.

    A return whose grant can't be told may be of any of them, so it is among them. `docs` is a
    folder for GX's own Data Docs (for developers; its pages load scripts from the net when opened).
    """
    concerned = [r for r in returns if r.grant_id in {None, *plan.periods}]
    parameters = suite_parameters(rulebook, plan)
    context = gx_context(docs)
    source = context.data_sources.add_pandas("redovisningar")
    breaches: list[Breach] = []
    for name, make in FRAMES.items():
        records = list(make(concerned, rulebook, plan))
        if records:
            breaches += run_suite(context, source, Frame(name, records), parameters, plan)
    if docs:
        context.build_data_docs()
    return [*_grouped(breaches, rulebook, plan, parameters)]


def validate_apart(
    returns: Sequence[Return],
    rulebook: Rulebook,
    plan: RunPlan,
    validator: Children,
    docs: Path | None = None,
) -> list[Finding]:
    """`validate` in a child process, where Great Expectations loads while the run does something
    else."""
    return validator.submit(validate, returns, rulebook, plan, docs).result()


# -- findings --------------------------------------------------------------------------------------


def _grouped(
    breaches: Iterable[Breach],
    rulebook: Rulebook,
    plan: RunPlan,
    parameters: Mapping[str, list[str]],
) -> Iterator[Finding]:
    """Equal faults in one finding: same rule, file and sheet, and the same words about them."""
    groups: dict[tuple[object, ...], list[Breach]] = {}
    for breach in breaches:
        shown = breach.cells[0] if breach.cells else None
        words = breach.record.words
        value = _told(breach.record, shown) if shown and _says_value(breach, rulebook) else None
        said = words.get("column"), words.get("where"), value
        where = (breach.record.returned.file, shown.sheet if shown else "")
        groups.setdefault((breach.rule_id, breach.crashed, *where, *said), []).append(breach)
    for group in groups.values():
        yield _finding(group, rulebook, plan, parameters)


def _told(record: Record, cell: Cell) -> str:
    """What stands in a cell, as it may be told: nothing of one that holds a personal number."""
    hidden = {
        (place.sheet, place.ref) for place in record.returned.personal_numbers if place.is_of_cell
    }
    is_cells_own = "problem" not in record.values
    return (
        HIDDEN_TEXT if cell.raw and is_cells_own and (cell.sheet, cell.ref) in hidden else cell.raw
    )


def _says_value(breach: Breach, rulebook: Rulebook) -> bool:
    return "{value}" in rulebook.rules[breach.rule_id].message


def _finding(
    group: list[Breach], rulebook: Rulebook, plan: RunPlan, parameters: Mapping[str, list[str]]
) -> Finding:
    first = group[0]
    returned = first.record.returned
    if first.crashed:
        return rulebook.rules["kontroll-kunde-inte-goras"].finding(
            is_final=plan.is_final,
            grant=returned.grant_id,
            board=rulebook.holder(returned, plan),
            file=returned.file,
            details={"rule": first.rule_id},
        )
    cells = {cell.ref: cell for breach in group for cell in breach.cells}
    shown = next(iter(cells.values()), None)
    value = (_told(first.record, shown) or None) if shown else None
    is_hidden = value == HIDDEN_TEXT
    near = (
        swedish.nearest(value or "", parameters[first.near])
        if first.near and not is_hidden
        else None
    )
    words: dict[str, object] = {"near": f" Menas {near}?" if near else "", **first.record.words}
    if shown:
        words["value"] = shown.value if isinstance(shown.value, Decimal) else value or "tomt"
        words["example"] = value
    return rulebook.rules[first.rule_id].finding(
        is_final=plan.is_final,
        grant=returned.grant_id,
        board=rulebook.holder(returned, plan),
        file=returned.file,
        sheet=(shown.sheet or None) if shown else None,
        cells=tuple(ref for ref in cells if ref),
        value=value,
        details=words,
    )
