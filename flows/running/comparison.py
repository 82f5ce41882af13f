"""What new versions of the returns would change, before they count: a run that is thrown away."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ..base.errors import InputError
from ..case import store
from ..case.casefile import Occasion
from ..decisions import data_folder, plans
from ..documents import record
from ..model import fingerprints
from ..model.case import Move
from ..model.decisions import Grant
from ..model.findings import Severity
from ..money import earlier_runs
from ..money.tables import LineChange, SenderChange
from ..returns.evidence.extracts import Extracts
from ..returns.intake import Intake
from ..returns.workshop import Workshop
from . import way


@dataclass(frozen=True)
class Comparison:
    """What would change if the returns as they are now were run: since which run, figures, lines
    and senders."""

    grant: Grant
    since: date
    moved: tuple[Move, ...]
    lines: tuple[LineChange, ...]
    senders: tuple[SenderChange, ...]
    names: Mapping[str, str]
    has_blocking: bool


def compare(
    occasion: Occasion, grant_id: str, as_of: date, *, is_final: bool, workshop: Workshop
) -> Comparison:
    """Read, validate and reconcile as a run would, in a copy that is thrown away, and set it beside
    the latest run.

    Raises InputError when the grant has not been run in that way yet.
    """
    store.settle(occasion.out)
    database = occasion.out / earlier_runs.DATABASE
    before = earlier_runs.latest_run(database, grant_id, is_final=is_final)
    if before is None:
        flag = " --final" if is_final else ""
        raise InputError(
            f"Det finns inget att jämföra med. Kör statsbidrag run {grant_id}{flag} först."
        )
    decided = data_folder.load(occasion.data, [grant_id], as_of)
    plan, waiting = plans.plan(decided, [grant_id], as_of, is_final=is_final)
    if waiting:
        raise InputError(" ".join(waiting))
    taken = way.take_in(
        Intake.of_folder(occasion.returns, workshop.readers),
        decided,
        extracts=Extracts.of_folder(occasion.returns, decided.extract_forms, workshop.readers),
    )
    judged = way.judge(taken, decided, plan, workshop)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / earlier_runs.DATABASE
        shutil.copyfile(database, copy)
        (after,) = way.reconcile(judged, decided, plan, copy)
        number = earlier_runs.latest_run(copy, grant_id, is_final=is_final)
        assert number is not None
        changes = earlier_runs.changes(copy, grant_id, before, number)
    earlier = earlier_runs.result(database, decided.grant(grant_id), before)
    return Comparison(
        grant=decided.grant(grant_id),
        since=earlier.as_of,
        moved=tuple(
            fingerprints.moved(
                *(fingerprints.flat(record.reconciliation(result)) for result in (earlier, after))
            )
        ),
        lines=changes.lines,
        senders=changes.senders,
        names={b.board_id: b.name for b in (*earlier.tables.board, *after.tables.board)},
        has_blocking=any(f.severity is Severity.BLOCKING for f in after.findings),
    )
