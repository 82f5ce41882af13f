"""Great Expectations in a child of its own, for several who ask at once: those who wait for their
turn are taken together, since a batch costs the same whoever is in it."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from ..base.children import Children
from ..model.findings import Finding
from ..model.returns import Return
from ..model.rulebook import Rulebook, RunPlan
from . import suites, validation

_MOST_TOGETHER = 32
"""How many are taken at once."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """Returns that somebody wants validated, and what it comes to."""

    returns: Sequence[Return]
    rulebook: Rulebook
    plan: RunPlan
    answer: "Future[list[Finding]]" = field(default_factory=Future)

    def is_asked_like(self, other: "_Asked") -> bool:
        """Whether the same expectations are asked of both."""
        return self.plan == other.plan and self.rulebook == other.rulebook


class Validator:
    """Great Expectations in a child, where it loads while the run does something else."""

    def __init__(self, child: Children) -> None:
        self._child = child
        self._waiting: list[_Asked] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def warm(self) -> None:
        """Let the child load what it needs."""
        self._child.submit(suites.warm)

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def validate(
        self,
        returns: Sequence[Return],
        rulebook: Rulebook,
        plan: RunPlan,
        docs: Path | None = None,
    ) -> list[Finding]:
        """What `validation.validate` finds; nobody else's returns make it another."""
        if docs is not None:
            return self._child.submit(validation.validate, returns, rulebook, plan, docs).result()
        mine = _Asked(returns, rulebook, plan)
        with self._guard:
            self._waiting.append(mine)
        # Whoever gets the turn asks for all that wait; the others find their answer there already.
        with self._turn:
            if not mine.answer.done():
                self._answer(self._taken_with(mine))
        return mine.answer.result()

    def _taken_with(self, mine: _Asked) -> list[_Asked]:
        """Who is taken now: mine, and those who wait and ask the same."""
        taken = [mine]
        with self._guard:
            for other in self._waiting:
                if other is not mine and other.is_asked_like(mine):
                    taken.append(other)
            del taken[_MOST_TOGETHER:]
            self._waiting = [one for one in self._waiting if one not in taken]
        return taken

    def _answer(self, taken: Sequence[_Asked]) -> None:
        if len(taken) > 1 and self._answer_together(taken):
            return
        for one in taken:
            asked = validation.packed(one.rulebook, one.plan)
            parts = [
                self._child.submit(validation.validate_packed, part, asked)
                for part in validation.parts(one.returns)
            ]
            try:
                one.answer.set_result(validation.together(part.result() for part in parts))
            except Exception as error:
                one.answer.set_exception(error)

    def _answer_together(self, taken: Sequence[_Asked]) -> bool:
        """Whether all could be answered in one batch. Where something went wrong in it, nobody is
        told so for another's return: each is then asked for alone."""
        each = [one.returns for one in taken]
        asking = self._child.submit(
            validation.validate_together, each, taken[0].rulebook, taken[0].plan
        )
        try:
            answers = asking.result()
        except Exception:  # it comes again to whoever caused it
            return False
        if answers is None:
            return False
        for one, findings in zip(taken, answers, strict=True):
            one.answer.set_result(findings)
        return True
