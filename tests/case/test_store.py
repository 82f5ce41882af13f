"""The out folder changes whole or not at all: killed anywhere, full, two at once."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.case import store
from tests.tools import kills

NAMES = ("a.txt", "mapp", "djup/mapp/b.txt")


def stand(out: Path, word: str) -> None:
    with store.Change(out) as change:
        write(change, word)
        change.commit()


def write(change: store.Change, word: str) -> None:
    change.place("a.txt").write_text(word)
    change.place("mapp").mkdir()
    (change.place("mapp") / f"{word}.txt").write_text(word)
    change.place("djup/mapp/b.txt").write_text(word)


def interrupted(out: Path, error: Exception) -> None:
    with store.Change(out) as change:
        write(change, "ny")
        raise error


def words(out: Path) -> set[str]:
    """What the folder says; one word when it is whole."""
    return {path.read_text() for path in out.rglob("*.txt")} | {
        p.stem for p in (out / "mapp").iterdir()
    }


def test_a_change_is_made_whole(tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    stand(tmp_path, "ny")
    assert words(tmp_path) == {"ny"}
    assert {p.name for p in tmp_path.iterdir()} == {"a.txt", "mapp", "djup", store.LOCK}


def test_a_change_takes_away_what_it_says_and_nothing_when_it_is_thrown_away(
    tmp_path: Path,
) -> None:
    stand(tmp_path, "gammal")
    for is_made in (False, True):
        with store.Change(tmp_path) as change:
            change.remove("djup/mapp/b.txt")
            change.remove("finns/inte.txt")
            if is_made:
                change.commit()
        assert (tmp_path / "djup" / "mapp" / "b.txt").exists() is not is_made
    assert (tmp_path / "a.txt").exists()


def test_a_list_of_an_older_program_is_carried_out(tmp_path: Path) -> None:
    """It was killed when all was decided, and another program came next."""
    work = tmp_path / store.WORK
    work.mkdir()
    (work / "a.txt").write_text("ny")
    (work / "klar.json").write_text('["a.txt"]', "utf-8")
    store.settle(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "ny"
    assert not work.exists()


def test_a_change_that_is_not_committed_is_thrown_away(tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    with pytest.raises(ZeroDivisionError):
        interrupted(tmp_path, ZeroDivisionError())
    assert words(tmp_path) == {"gammal"}


CHILD = """
import os, signal, sys
from pathlib import Path
from statsbidrag.case import store
from tests.case.test_store import stand, write
left = 0
def killing(function):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return call
def change_until(out, count):
    global left
    left = count
    for name in sys.argv[2:]:
        setattr(os, name, killing(getattr(os, name)))
    with store.Change(out) as change:
        write(change, "ny")
        change.commit()
for count in range(200):
    out = Path(sys.argv[1]) / str(count)
    stand(out, "gammal")
    child = os.fork()
    if not child:
        change_until(out, count)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended != -signal.SIGKILL:
        break
print(count, ended)
"""


def test_killed_before_any_call_to_the_disk_the_folder_is_before_or_after(tmp_path: Path) -> None:
    """The process kills itself before its first, second, third ... call that changes the disk,
    until it is through."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), *kills.CALLS],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    count, ended = map(int, done.stdout.split())
    assert ended == 0, "the last one was let through"
    seen = []
    for number in range(count):
        out = tmp_path / str(number)
        store.settle(out)
        (word,) = words(out)
        seen.append(word)
        assert {p.name for p in out.iterdir()} == {"a.txt", "mapp", "djup", store.LOCK}
        stand(out, "nästa")
        assert words(out) == {"nästa"}
    assert seen == sorted(seen), "before up to the point of no return, after from there on"
    assert {"gammal", "ny"} == set(seen)


def test_a_reader_never_sees_a_change_half_made(tmp_path: Path) -> None:
    """One thread makes change after change; what another reads is whole each time, and not always
    the same."""
    seen, is_done = set(), threading.Event()

    def change() -> None:
        for number in range(60):
            stand(tmp_path, str(number))
        is_done.set()

    stand(tmp_path, "gammal")
    changing = threading.Thread(target=change)
    changing.start()
    while not is_done.is_set():
        with store.reading(tmp_path):
            places = [tmp_path / name for name in ("a.txt", "djup/mapp/b.txt")]
            found = {path.read_text() for path in places} | {
                path.stem for path in (tmp_path / "mapp").iterdir()
            }
        assert len(found) == 1
        seen |= found
    changing.join()
    assert len(seen) > 1


def test_a_change_waits_with_its_moves_for_a_reader(tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    changing = threading.Thread(target=stand, args=(tmp_path, "ny"))
    with store.reading(tmp_path):
        changing.start()
        while not (tmp_path / ".pagar" / "klar.json.ny").exists():
            pass
        changing.join(0.2)
        assert changing.is_alive()
        assert (tmp_path / "a.txt").read_text() == "gammal"
    changing.join()
    assert words(tmp_path) == {"ny"}


def test_a_reader_leaves_what_is_at_work_alone_and_finishes_what_was_killed(tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    with store.Change(tmp_path) as change:
        write(change, "ny")
        with store.reading(tmp_path):
            assert (tmp_path / "a.txt").read_text() == "gammal"
        assert change.current("a.txt").read_text() == "ny"
    work = tmp_path / ".pagar"
    work.mkdir()
    (work / "a.txt").write_text("ny")
    (work / "klar.json").write_text('["a.txt"]')
    with store.reading(tmp_path):
        assert (tmp_path / "a.txt").read_text() == "ny"
        assert not work.exists()


def test_a_file_alone_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    store.write(path, b"gammal")

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(InputError, match=r"Disken är full"):
            store.write(path, b"ny")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.txt", b"gammal")]


def test_two_changes_at_once_are_refused(tmp_path: Path) -> None:
    with (
        store.Change(tmp_path),
        pytest.raises(InputError, match="En annan körning skriver till"),
        store.Change(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "x"), RuntimeError("IO Error: No space left on device")]
)
def test_a_full_disk_is_a_sentence_and_leaves_what_was(error: Exception, tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    with pytest.raises(InputError, match=r"Disken är full\. Inget i .* har ändrats"):
        interrupted(tmp_path, error)
    assert words(tmp_path) == {"gammal"}


@pytest.mark.parametrize("count", range(6))
def test_a_disk_that_fills_while_the_change_is_committed(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(tmp_path, "gammal")
    left = count
    real = os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"Disken är full"):
            stand(tmp_path, "ny")
    store.settle(tmp_path)
    (word,) = words(tmp_path)
    assert word in {"gammal", "ny"}


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("")
    with (
        pytest.raises(InputError, match="Det går inte att skriva i mappen"),
        store.Change(tmp_path / "fil" / "ut"),
    ):
        pass


def test_the_next_change_says_what_was_done_about_one_that_was_cut_off(tmp_path: Path) -> None:
    stand(tmp_path, "gammal")
    with store.Change(tmp_path) as change:
        assert change.repaired == ""
    work = tmp_path / ".pagar"
    work.mkdir()
    (work / "a.txt").write_text("halv")
    with store.Change(tmp_path) as change:
        assert "Det den hade påbörjat är borttaget" in change.repaired
    assert (tmp_path / "a.txt").read_text() == "gammal"
    work.mkdir()
    (work / "a.txt").write_text("hel")
    (work / "klar.json").write_text('["a.txt"]')
    with store.Change(tmp_path) as change:
        assert "De är nu på plats" in change.repaired
    assert (tmp_path / "a.txt").read_text() == "hel"
