"""What new versions of the returns would change, before they count: a run that is thrown away."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import audit, intake, record, recount, rulebook, store, validation, warehouse
from .casefile import Desk
from .children import Workshop
from .model import Grant, InputError, Move, Severity


@dataclass(frozen=True)
class Comparison:
    """What would change if the returns as they are now were run: since which run, figures, lines and senders."""

    grant: Grant
    since: date
    moved: tuple[Move, ...]
    lines: list[dict[str, Any]]
    senders: list[dict[str, Any]]
    names: Mapping[str, str]
    has_blocking: bool


def compare(desk: Desk, grant_id: str, as_of: date, *, is_final: bool, workshop: Workshop) -> Comparison:
    """Read, validate and reconcile as a run would, in a copy that is thrown away, and set it beside the latest run.

    Raises InputError when the grant has not been run in that way yet.
    """
    store.settle(desk.out)
    database = desk.out / warehouse.DATABASE
    before = warehouse.latest_run(database, grant_id, is_final=is_final)
    if before is None:
        flag = " --final" if is_final else ""
        raise InputError(f"Det finns inget att jämföra med. Kör statsbidrag run {grant_id}{flag} först.")
    decided = rulebook.load(desk.data, [grant_id], as_of)
    plan, _ = rulebook.plan(decided, [grant_id], as_of, is_final=is_final)
    read = intake.Intake.of(desk.returns, workshop.readers).returns()
    returns = [rulebook.identify(returned, decided) for _, returned in read]
    recounts = recount.totals(((path, returned) for path, returned in read), workshop.readers)
    told = validation.validate_apart(returns, decided, plan, workshop.validator)
    findings = [*decided.broken, *rulebook.waive(told, returns, decided, plan)]
    findings += recount.doubts(returns, findings, recounts, decided, plan)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / warehouse.DATABASE
        shutil.copyfile(database, copy)
        (after,) = warehouse.reconcile(copy, decided, plan, returns, findings, recounts)
        number = warehouse.latest_run(copy, grant_id, is_final=is_final)
        assert number is not None
        changes = warehouse.changes(copy, grant_id, before, number)
    earlier = warehouse.result(database, decided.grant(grant_id), before)
    return Comparison(
        grant=decided.grant(grant_id),
        since=earlier.as_of,
        moved=tuple(audit.moved(*(audit.flat(record.reconciliation(result)) for result in (earlier, after)))),
        lines=changes["line_change"],
        senders=changes["sender_change"],
        names={b["board_id"]: b["name"] for b in (*earlier.tables["board"], *after.tables["board"])},
        has_blocking=any(f.severity is Severity.BLOCKING for f in after.findings),
    )
