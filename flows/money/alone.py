"""What some rules across tables say of returns that are each alone of their unit, in a database in
memory that is kept, while nothing of the returns is.

To make such a database takes as long as to ask it. What is decided is laid in it once; returns are
loaded in a transaction that is always rolled back.
"""

import threading
from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.findings import Finding
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from . import duck
from .loading import load_decided, load_returns
from .steps import DECIDED, STAGES, Stage, add_findings, make, run_stage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class _Ground:
    """A database with what is decided and no returns; for one who asks at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._con: DuckDBPyConnection | None = None
        self._laid: tuple[Rulebook, RunPlan] | None = None

    def told(
        self,
        rulebook: Rulebook,
        plan: RunPlan,
        returns: Sequence[Return],
        findings: Sequence[Finding],
        rules: Set[str],
    ) -> list[Finding]:
        """What some rules across tables say of returns that are alone of their units; of other
        grants of the plan something may be said too.

        `findings` are what is known of the returns already: what is held is not counted.
        """
        asked = [rule for rule in rulebook.rules.values() if rule.rule_id in rules]
        found: list[Finding] = []
        with self._turn:
            con = self._with(rulebook, plan)
            try:
                con.execute("BEGIN")
                load_returns(con, returns)
                add_findings(con, findings)
                for stage in STAGES[:2]:
                    steps = [step for step in stage.steps if step not in DECIDED]
                    found += run_stage(con, rulebook, plan, Stage(steps, stage.severities), asked)
                con.execute("ROLLBACK")
            except BaseException:
                self._drop()
                raise
        return found

    def _with(self, rulebook: Rulebook, plan: RunPlan) -> "DuckDBPyConnection":
        """The database, made anew when something else is decided than last."""
        if self._con is not None and self._laid == (rulebook, plan):
            return self._con
        self._drop()
        con = duck.connect(Path(":memory:"), read_only=False)
        try:
            duck.with_few_rows(con, 0)
            duck.run(con, duck.sql("000_schema"))
            duck.run(con, duck.sql("010_functions"))
            load_decided(con, rulebook, plan)
            make(con, DECIDED)
        except BaseException:
            con.close()
            raise
        self._con, self._laid = con, (rulebook, plan)
        return con

    def _drop(self) -> None:
        if self._con is not None:
            self._con.close()
        self._con = self._laid = None


_GROUND = _Ground()
told_of_alone = _GROUND.told
"""See `_Ground.told`; the database is this process' own."""
