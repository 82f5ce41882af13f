"""The way of a return in process, and the city's data to be changed."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from statsbidrag.base.children import Children
from statsbidrag.decisions import data_folder, plans
from statsbidrag.model.decisions import Grant
from statsbidrag.model.findings import Finding
from statsbidrag.model.returns import Return
from statsbidrag.model.rulebook import Rulebook, RunPlan
from statsbidrag.money import earlier_runs, reconciliation
from statsbidrag.money.results import GrantResult
from statsbidrag.returns import (
    intake,
    placing,
    second_reader,
    validation,
    waivers,
)
from tests.support import planted


class Way:
    """The stages of a run, called in process; reading is done by two children, as in a run."""

    def __init__(self, readers: Children) -> None:
        self.readers = readers
        self._recounts: dict[str, tuple[int, Decimal]] = {}

    def take_in(self, files: Mapping[str, bytes], book: Rulebook) -> list[Return]:
        """The files as returns, each with its grant and sender where they can be told."""
        with TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).write_bytes(content)
            read = intake.Intake(
                [(Path(folder) / name, name) for name in files], self.readers
            ).returns()
            recounts = second_reader.totals(read, self.readers)
        self._recounts |= {r.sha256: recounts[r.file] for _, r in read if r.file in recounts}
        returns = [returned for _, returned in read]
        return [placing.identify(returned, book) for returned in returns]

    def judge(self, returns: Sequence[Return], book: Rulebook, plan: RunPlan) -> list[Finding]:
        """What the suites find, with exceptions turned into notes."""
        return waivers.waive(validation.validate(returns, book, plan), returns, book, plan)

    def settle(
        self, returns: Sequence[Return], findings: Sequence[Finding], book: Rulebook, plan: RunPlan
    ) -> list[GrantResult]:
        """The result of each grant of the plan, from a database of its own."""
        with TemporaryDirectory() as folder:
            database = Path(folder) / earlier_runs.DATABASE
            recounts = {
                r.file: self._recounts[r.sha256] for r in returns if r.sha256 in self._recounts
            }
            told = [*findings, *second_reader.doubts(returns, findings, recounts, book, plan)]
            return reconciliation.reconcile(database, book, plan, returns, told, recounts)

    def run(self, files: Mapping[str, bytes], book: Rulebook, plan: RunPlan) -> list[GrantResult]:
        """All of it."""
        returns = self.take_in(files, book)
        return self.settle(returns, self.judge(returns, book, plan), book, plan)


def planned(*grants: str, is_final: bool = False, as_of: date = planted.AS_OF) -> RunPlan:
    """What a run of these grants reconciles."""
    return plans.plan(planted.decided(), grants, as_of, is_final=is_final)[0]


PLANS = {is_final: planned(planted.EQUAL, is_final=is_final) for is_final in (False, True)}
"""The quarter's run and the final one, of the grant that most tests are about."""


class Sent(NamedTuple):
    """Returns that somebody sent in, and what the suites say about them in the quarter and in the
    final report."""

    returns: Sequence[Return]
    findings: Mapping[bool, Sequence[Finding]]


def copied(folder: Path, *but: str) -> Path:
    """The city's data in a folder, to be changed; without the returns, and without files of some
    names."""
    return shutil.copytree(
        planted.DATA, folder / "data", ignore=shutil.ignore_patterns("inbox", *but)
    )


def change(path: Path, old: str, new: str) -> None:
    """Another text in a file where the old one first stands."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def load_one(folder: Path, grant_id: str, content: str, as_of: date = planted.AS_OF) -> Grant:
    """One grant file, beside the city's boards and rates, read by its name."""
    (folder / "grants").mkdir(exist_ok=True)
    for name in ("boards.toml", "organisation.toml", "referensranta.toml"):
        shutil.copy(planted.DATA / name, folder)
    shutil.copytree(planted.DATA / "rapporter", folder / "rapporter", dirs_exist_ok=True)
    (folder / "grants" / f"{grant_id}.toml").write_text(content, "utf-8")
    return data_folder.load(folder, [grant_id], as_of).grant(grant_id)
