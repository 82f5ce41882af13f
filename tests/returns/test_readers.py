"""What has been read of the folder of returns is read once, also by the next run; nothing else is
remembered."""

import os
import pickle
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.model.evidence import ExtractForms
from statsbidrag.model.packed_rows import PackedRows
from statsbidrag.model.returns import Return
from statsbidrag.returns import answer, intake, second_reader
from statsbidrag.returns import readers as asking
from statsbidrag.returns import readings as kept
from statsbidrag.returns.evidence.extracts import Extracts
from statsbidrag.returns.intake import Intake
from statsbidrag.returns.readers import Readers
from statsbidrag.returns.readings import Readings
from tests.support import packages, planted

SIE = """#FLAGGA 0
#SIETYP 4
#VER A 1 20230215
{
#TRANS 4010 {} 1000.00
#TRANS 2440 {} -1000.00
}
"""


class Counting(Readers):
    """Readers in this process, which count what they are asked to read."""

    count = 0

    def submit(self, function: Any, *args: Any) -> "Future[Any]":
        """Do it at once."""
        self.count += 1
        answered: Future[Any] = Future()
        answered.set_result(function(*args))
        return answered


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "eget" / "lasningar.sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def readers(place: Path) -> Iterator[Counting]:
    with Counting(Readings(place)) as readers:
        yield readers


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file was changed long before anybody read it."""
    monkeypatch.setattr(kept, "_FRESH_NS", -(10**15))


def returns_in(folder: Path, readers: Readers) -> list[Return]:
    return [returned for _, returned in Intake.of_folder(folder, readers).returns()]


def test_a_file_is_read_once_until_it_is_another(folder: Path, readers: Counting) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    (folder / "b.xlsx").write_bytes(planted.good())
    first = returns_in(folder, readers)
    assert readers.count == 2, "each by its own name"
    assert returns_in(folder, readers) == first
    assert readers.count == 2
    (folder / "b.xlsx").write_bytes(planted.line(1, Belopp="tolv kronor")())
    changed = returns_in(folder, readers)
    assert readers.count == 3
    assert changed[0] == first[0]
    assert changed[1].sha256 != first[1].sha256
    (folder / "b.xlsx").write_bytes(planted.good())
    assert returns_in(folder, readers) == first


def test_the_next_run_reads_nothing_of_what_the_last_one_has_read(
    folder: Path, place: Path, readers: Counting
) -> None:
    """Whatever a return holds, it comes back as it was read: amounts, days, problems, numbers."""
    for fault in planted.FAULTS:
        (folder / f"{fault.name}{fault.suffix}").write_bytes(fault.make())
    first = returns_in(folder, readers)
    with Counting(Readings(place)) as after:
        assert returns_in(folder, after) == first
        assert after.count == 0
    assert any(one.personal_numbers for one in first)
    assert any(one.problems for one in first)


def test_after_one_change_one_file_is_opened(
    folder: Path, place: Path, readers: Counting, long_ago: None
) -> None:
    """Taken in, recounted and sent back: only the return that is another is opened."""
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        (folder / name).write_bytes(planted.good())
    all_ways(folder, readers)
    (folder / "b.xlsx").write_bytes(planted.good("bromma"))
    with Counting(Readings(place)) as after, opened_under(folder) as opened:
        all_ways(folder, after)
    assert {Path(path).name for path in opened} == {"b.xlsx"}
    assert after.count == 3
    with Counting(Readings(place)) as again, opened_under(folder) as opened:
        all_ways(folder, again)
    assert not opened
    assert again.count == 0


def all_ways(folder: Path, readers: Readers) -> None:
    """What a run asks of its returns."""
    read = Intake.of_folder(folder, readers).returns()
    second_reader.totals(read, readers)
    for source, returned in read:
        assert isinstance(source, Path)
        about = f"{returned.file} {returned.sha256} []"
        asking.of_file(readers, answer.of_file, source, [], returned, about=about).result()


class opened_under:  # noqa: N801 - it is used as a function
    """The files under a folder that this process opens while it lasts."""

    _watching: "list[tuple[str, list[str]]]" = []  # noqa: RUF012 - a hook is for ever
    _is_hooked = False

    def __init__(self, folder: Path) -> None:
        self._folder, self._opened = str(folder), list[str]()

    def __enter__(self) -> list[str]:
        if not opened_under._is_hooked:
            sys.addaudithook(_hear)
            opened_under._is_hooked = True
        self._watching.append((self._folder, self._opened))
        return self._opened

    def __exit__(self, *_: object) -> None:
        self._watching.remove((self._folder, self._opened))


def _hear(event: str, told: tuple[Any, ...]) -> None:
    if event == "open" and opened_under._watching:
        for folder, opened in opened_under._watching:
            if str(told[0]).startswith(f"{folder}/"):
                opened.append(str(told[0]))


def test_of_a_file_that_has_just_been_changed_the_bytes_are_looked_at(
    folder: Path, place: Path, readers: Counting
) -> None:
    """A later change could leave it its size and its times."""
    (folder / "a.xlsx").write_bytes(planted.good())
    returns_in(folder, readers)
    with Counting(Readings(place)) as after, opened_under(folder) as opened:
        returns_in(folder, after)
        assert after.count == 0
    assert len(opened) == 1


def test_an_extract_is_read_once_for_the_forms_that_it_is_read_by(
    folder: Path, readers: Counting
) -> None:
    place = folder / planted.EQUAL / "huvudbok"
    place.mkdir(parents=True)
    (place / "utdrag.se").write_text(SIE, "cp437")
    first = Extracts.of_folder(folder, ExtractForms(), readers).extracts()
    assert Extracts.of_folder(folder, ExtractForms(), readers).extracts() == first
    assert readers.count == 1
    Extracts.of_folder(folder, ExtractForms(codes=frozenset({"810"})), readers).extracts()
    assert readers.count == 2


def test_a_finding_more_is_another_answer(folder: Path, readers: Counting) -> None:
    path = folder / "a.xlsx"
    path.write_bytes(planted.good())
    (returned,) = returns_in(folder, readers)
    with pytest.raises(answer.ChangedError):
        answer.of_file(path, [], replace(returned, sha256="0" * 64))
    for count, about in ((2, "[]"), (2, "[]"), (3, "[Finding]")):
        asking.of_file(readers, answer.of_file, path, [], returned, about=about).result()
        assert readers.count == count


def test_what_is_handed_over_without_a_file_is_not_kept(
    folder: Path, readers: Counting, place: Path
) -> None:
    for _ in range(2):
        Intake([(planted.good(), "a.xlsx")], readers).returns()
    assert readers.count == 2
    assert not kept_names(place)


def kept_names(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as con:
        paths = con.execute("SELECT DISTINCT path FROM reading ORDER BY path").fetchall()
        return [Path(os.fsdecode(path)).name for (path,) in paths]


def test_a_link_and_what_is_not_there_are_read_as_ever(
    folder: Path, readers: Counting, place: Path
) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    (folder / "länk.xlsx").symlink_to(folder / "a.xlsx")
    linked = returns_in(folder, readers)[1]
    assert [problem.rule_id for problem in linked.problems] == ["fil-ar-ingen-fil"]
    ((_, gone),) = Intake([(folder / "borta.xlsx", "borta.xlsx")], readers).returns()
    assert [problem.rule_id for problem in gone.problems] == ["fil-otillganglig"]
    assert kept_names(place) == ["a.xlsx"]


def test_a_name_that_is_no_text_is_kept_too(folder: Path, readers: Counting) -> None:
    name = os.fsdecode(b"f\xf6rskola.xlsx")
    (folder / name).write_bytes(planted.good())
    first = returns_in(folder, readers)
    assert returns_in(folder, readers) == first
    assert readers.count == 1


def test_a_folder_is_the_same_however_it_is_named(
    folder: Path, place: Path, long_ago: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    monkeypatch.chdir(folder.parent)
    with Counting(Readings(place)) as first:
        returns_in(Path(folder.name), first)
    with Counting(Readings(place)) as after, opened_under(folder) as opened:
        returns_in(folder, after)
        returns_in(Path(folder.name), after)
    assert (after.count, opened) == (0, [])


def test_of_a_file_that_is_taken_away_nothing_is_kept(
    folder: Path, readers: Counting, place: Path
) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (folder / name).write_bytes(planted.good())
    returns_in(folder, readers)
    (folder / "a.xlsx").unlink()
    returns_in(folder, readers)
    assert kept_names(place) == ["b.xlsx"]


def test_another_version_of_the_program_reads_anew(
    folder: Path, readers: Counting, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    returns_in(folder, readers)
    monkeypatch.setattr(kept, "version", lambda name: f"another {name}")
    with Counting(Readings(place)) as after:
        assert not kept_names(place)
        returns_in(folder, after)
        assert after.count == 1


def test_nobody_else_may_open_it(place: Path, readers: Counting) -> None:
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in place.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "spoiled",
    [b"", b"inte en databas" * 100, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["empty", "text", "damaged"],
)
def test_a_spoiled_file_is_made_anew(
    spoiled: bytes, folder: Path, place: Path, readers: Counting
) -> None:
    readers.close()
    for path in place.parent.iterdir():
        path.unlink()
    place.write_bytes(spoiled)
    (folder / "a.xlsx").write_bytes(planted.good())
    with Counting(Readings(place)) as after:
        assert returns_in(folder, after) == returns_in(folder, after)
        assert after.count == 1


def test_where_nothing_can_be_kept_all_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "fil").write_bytes(b"")
    (folder / "a.xlsx").write_bytes(planted.good())
    with Counting(Readings(tmp_path / "fil" / "x")) as readers:
        assert returns_in(folder, readers) == returns_in(folder, readers)
        assert readers.count == 2


def test_what_another_program_has_locked_is_left_alone(
    folder: Path, place: Path, readers: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    returns_in(folder, readers)
    readers.close()
    monkeypatch.setattr(kept, "_WAIT_SECONDS", 0)
    monkeypatch.setattr(kept, "version", lambda name: f"another {name}")
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Counting(Readings(place)) as after:
            assert returns_in(folder, after) == returns_in(folder, after)
            assert after.count == 2
    assert kept_names(place) == ["a.xlsx"]


class Harmful:
    """What runs something when it is unpacked."""

    def __reduce__(self) -> Any:
        return print, ("harm",)


@pytest.mark.parametrize("harm", [Harmful(), print, replace, Path("x")])
def test_what_is_no_answer_is_not_unpacked(
    harm: object, folder: Path, place: Path, readers: Counting, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    first = returns_in(folder, readers)
    packed = kept.zlib.compress(pickle.dumps(harm))
    with closing(sqlite3.connect(place, isolation_level=None)) as con:
        con.execute("UPDATE reading SET answer = ?", (packed,))
    assert returns_in(folder, readers) == first
    assert capsys.readouterr().out == ""
    assert readers.count == 2


def test_nothing_is_kept_by_who_has_not_asked_for_it(folder: Path) -> None:
    (folder / "a.xlsx").write_bytes(planted.good())
    with Counting() as forgetful:
        returns_in(folder, forgetful)
        returns_in(folder, forgetful)
        assert forgetful.count == 2


def test_what_is_read_of_each_kind_of_file_can_be_kept(folder: Path, readers: Counting) -> None:
    (folder / "stad.zip").write_bytes(packages.package())
    (folder / "namnd.csv").write_bytes(planted.as_csv()())
    (folder / "namnd.xlsx").write_bytes(planted.good())
    first = returns_in(folder, readers)
    assert [one.kind for one in first] == ["csv", "xlsx", "report"]
    assert returns_in(folder, readers) == first
    assert readers.count == len(first)


def test_cost_lines_are_handed_on_packed_and_say_the_same_opened() -> None:
    returned = intake.read(planted.good(), "a.xlsx")
    assert isinstance(returned.costs, PackedRows)
    opened = returned.opened()
    assert opened == returned
    assert opened.costs == tuple(returned.costs)
    assert (opened.total, opened.cells_key) == (returned.total, returned.cells_key)
    assert (len(returned.costs), returned.costs[0]) == (len(opened.costs), opened.costs[0])
    assert opened.packed() == returned
    gone = returned.without_rows()
    assert (gone.costs, gone.total, gone.cells_key) == ((), opened.total, opened.cells_key)


def test_what_is_no_row_is_not_unpacked() -> None:
    rows = PackedRows(pickle.dumps((_hear,)), 1)
    with pytest.raises(pickle.UnpicklingError, match="_hear is no part of a row"):
        list(rows)
