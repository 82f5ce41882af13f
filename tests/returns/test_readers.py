"""What has been read of the folder of returns is read once; nothing else is remembered."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.returns import readers as kept
from statsbidrag.returns.intake import Intake
from statsbidrag.returns.readers import Readers
from tests.support import planted


class Counting(Readers):
    """Readers in this process, which count what they read."""

    count = 0

    def submit(self, function: Any, *args: Any) -> "Future[Any]":
        """Do it at once."""
        self.count += 1
        answer: Future[Any] = Future()
        answer.set_result(function(*args))
        return answer


@pytest.fixture
def readers() -> Iterator[Counting]:
    with Counting(keeps=True) as readers:
        yield readers


def names_and_hashes(folder: Path, readers: Readers) -> list[tuple[str, str]]:
    return [(r.file, r.sha256) for _, r in Intake.of_folder(folder, readers).returns()]


def test_a_file_is_read_once_until_it_is_another(tmp_path: Path, readers: Counting) -> None:
    (tmp_path / "a.xlsx").write_bytes(planted.good())
    (tmp_path / "b.xlsx").write_bytes(planted.good())
    first = Intake.of_folder(tmp_path, readers).returns()
    assert readers.count == 2, "each by its own name"
    assert Intake.of_folder(tmp_path, readers).returns() == first
    assert readers.count == 2
    (tmp_path / "b.xlsx").write_bytes(planted.line(1, Belopp="tolv kronor")())
    changed = names_and_hashes(tmp_path, readers)
    assert readers.count == 3
    assert changed[0] == (first[0][1].file, first[0][1].sha256)
    assert changed[1][1] != first[1][1].sha256


def test_what_is_handed_over_without_a_file_is_not_kept(readers: Counting) -> None:
    for _ in range(2):
        Intake([(planted.good(), "a.xlsx")], readers).returns()
    assert readers.count == 2
    assert not readers._kept


def test_only_so_much_is_kept(
    tmp_path: Path, readers: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(planted.good())
    monkeypatch.setattr(kept, "_MOST_BYTES", 2 * size)
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        (tmp_path / name).write_bytes(planted.good())
    names_and_hashes(tmp_path, readers)
    assert [name for _, name in readers._kept] == ["b.xlsx", "c.xlsx"]


def test_a_link_and_what_is_not_there_are_read_as_ever(tmp_path: Path, readers: Counting) -> None:
    (tmp_path / "a.xlsx").write_bytes(planted.good())
    (tmp_path / "länk.xlsx").symlink_to(tmp_path / "a.xlsx")
    (_, linked) = Intake.of_folder(tmp_path, readers).returns()[1]
    assert [problem.rule_id for problem in linked.problems] == ["fil-ar-ingen-fil"]
    ((_, gone),) = Intake([(tmp_path / "borta.xlsx", "borta.xlsx")], readers).returns()
    assert [problem.rule_id for problem in gone.problems] == ["fil-otillganglig"]
    assert [name for _, name in readers._kept] == ["a.xlsx"]


def test_nothing_is_kept_by_who_has_not_asked_for_it(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(planted.good())
    with Counting() as forgetful:
        names_and_hashes(tmp_path, forgetful)
        names_and_hashes(tmp_path, forgetful)
        assert forgetful.count == 2
        assert not forgetful._kept
