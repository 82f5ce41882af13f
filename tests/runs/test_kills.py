"""Killed, full, two at once, damaged: the out folder is as before or as after, and what stopped it
is one sentence."""

import ctypes
import errno
import json
import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.case import store
from statsbidrag.decisions import data_folder
from tests.support.commands import COMMAND, ROOT, call, call_here, digests, inbox, run, server
from tests.tools.kills import CALLS, CHAIN, GRANT, Place, look, shoot

__all__ = ["inbox", "server"]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("server", "clock")]
RUN, REVIEW, APPROVE, FILE, CLAIM, REPAID, PACKAGE = CHAIN


@pytest.fixture(scope="module")
def clock() -> Iterator[None]:
    """The log's clock stands still."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOURCE_DATE_EPOCH", "1711929600")
        yield


@pytest.fixture(scope="module")
def draft(
    inbox: Path, clock: None, server: None, tmp_path_factory: pytest.TempPathFactory
) -> Place:
    """A final report, just run; nobody touches this one."""
    place = Place(tmp_path_factory.mktemp("draft"), inbox / GRANT)
    place.do(*RUN)
    return place


@pytest.fixture
def place(draft: Place, tmp_path: Path) -> Place:
    """A copy of it to work on."""
    copy = Place(tmp_path, draft.returns)
    copy.back_to(draft.out)
    return copy


def here(place: Place, *words: str) -> CompletedProcess[str]:
    """A command in this process, which must not show a traceback."""
    done = call_here(*place.words(*words))
    assert "Traceback" not in done.stderr
    return done


def under(limits: Callable[[], object], place: Place, *words: str) -> CompletedProcess[str]:
    """A command in a process that is under limits of its own."""
    command = [COMMAND, *place.words(*words)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limits
    )


def begun(place: Place) -> "subprocess.Popen[str]":
    """A run that is at work in the out folder."""
    command = [COMMAND, *place.words(*RUN)]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (place.out / ".pagar").exists():
        assert running.poll() is None, running.communicate()
        time.sleep(0.005)
    return running


# -- killed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "chain"), [(3, (REVIEW, PACKAGE)), (1, (RUN,))], ids=["decisions", "run"]
)
def test_killed_at_random_moments(count: int, chain: Any, draft: Place, tmp_path: Path) -> None:
    """`make kills` does this a hundred times, along the whole chain."""
    kinds = [kill.whole_group for kill in shoot(count, 5, tmp_path, chain=chain, first=draft.out)]
    assert len(kinds) == count


def test_killed_before_any_call_to_the_disk_a_decision_is_made_or_not(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each call that changes the disk the folder is copied: that is what a kill there would
    leave behind."""
    for words in (REVIEW, APPROVE, FILE, CLAIM, PACKAGE):
        before, copying = decided(place.out), Copying(place.out, tmp_path / words[0])
        with monkeypatch.context() as patched:
            for name in CALLS:
                patched.setattr(os, name, copying.first(getattr(os, name)))
            assert here(place, *words).returncode == 0
        after = decided(place.out)
        assert before != after
        seen = []
        for copy in copying.made:
            store.settle(copy)
            assert not (copy / ".pagar").exists()
            found = decided(copy)
            assert found in (before, after), words[0]
            seen.append(found == after)
        assert set(seen) == {False, True}
        assert seen == sorted(seen), "before up to the point of no return, after from there on"
        shutil.rmtree(tmp_path / words[0])


class Copying:
    """Copies a folder, by links, before each call of some functions; what is there is not written
    in again."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.folder, self.copies, self.is_at_it = folder, copies, False
        self.made: list[Path] = []

    def first(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, after a copy."""

        def after_a_copy(*args: Any, **kwargs: Any) -> Any:
            if not self.is_at_it:
                self.is_at_it = True
                copy = self.copies / str(len(self.made))
                shutil.copytree(self.folder, copy, copy_function=os.link)
                self.made.append(copy)
                self.is_at_it = False
            return function(*args, **kwargs)

        return after_a_copy


def decided(out: Path) -> dict[str, str]:
    """What a decision may change: all but the database, with the log."""
    return digests(out) | {"log": (out / "logg.jsonl").read_text("utf-8")}


def test_a_command_given_again_after_a_kill_is_not_done_twice(place: Place) -> None:
    for words in (REVIEW, APPROVE, FILE, CLAIM, REPAID):
        place.do(*words)
        shot = look(place.out)
        done = here(place, *words)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert look(place.out) == shot


# -- full ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all of a disk's room but some bytes."""
    ballast = disk / "barlast"
    free = shutil.disk_usage(disk).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - leave, 1))
    return ballast


@pytest.mark.parametrize(
    ("words", "leave"),
    [
        (REVIEW, 0),
        (REVIEW, 8192),
        (REVIEW, 600_000),
        (PACKAGE, 100_000),
        (RUN, 2_000_000),
        (RUN, 4_000_000),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value),
)
def test_a_full_disk_leaves_what_was_and_the_same_command_goes_on(
    words: tuple[str, ...], leave: int, draft: Place, small_disk: Path
) -> None:
    place = Place(small_disk / "plats", draft.returns)
    place.back_to(draft.out)
    before = look(place.out)
    ballast = fill(small_disk, leave)
    refused(place, call(*place.words(*words)))
    assert look(place.out) == before
    assert here(place, "verify").returncode == 0
    ballast.unlink()
    if words != RUN:  # which takes its time
        place.do(*words)


def refused(place: Place, done: CompletedProcess[str]) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Disken är full. Inget i ")
    assert len(done.stderr.splitlines()) == 1
    assert not (place.out / ".pagar").exists()


@pytest.mark.parametrize(
    ("words", "limit"),
    [(REVIEW, 60_000), (PACKAGE, 100_000), (RUN, 1_000_000), (RUN, 20_000)],
    ids=str,
)
def test_a_file_that_may_not_grow_is_as_a_full_disk(
    words: tuple[str, ...], limit: int, place: Place
) -> None:
    """As where the room of each user is limited; in a run it is DuckDB that meets it, from nothing
    and in a copy."""
    if limit == 1_000_000:
        shutil.rmtree(place.out)
    before = look(place.out)
    done = under(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), place, *words)
    refused(place, done)
    assert look(place.out) == before


def test_a_disk_that_is_full_when_the_log_is_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = look(place.out), Path.write_text

    def full(path: Path, *args: Any, **kwargs: Any) -> int:
        if path.name == "logg.jsonl":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        refused(place, here(place, *REVIEW))
    assert look(place.out) == before
    place.do(*REVIEW)


def test_a_run_says_so_when_prefect_has_no_room(
    draft: Place, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "plats", draft.returns)
    fill(small_disk, 1_000_000)
    done = call(*place.words(*RUN), PREFECT_HOME=str(small_disk / "prefect"))
    assert done.returncode == 2
    assert done.stderr.startswith("Disken är full: Prefect får inte plats i ")


# -- two at once -----------------------------------------------------------------------------------


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for another change to be made."""
    monkeypatch.setattr(store.Change.__init__, "__kwdefaults__", {"patience_seconds": 0})


@pytest.mark.usefixtures("_impatient")
def test_while_a_run_is_at_work_others_read_and_nobody_else_writes(place: Place) -> None:
    running = begun(place)
    for words in (REVIEW, PACKAGE):
        done = here(place, *words)
        assert done.returncode == 2
        assert done.stderr.startswith("En annan körning skriver till ")
    walks = 0
    while running.poll() is None:
        done = here(place, "verify")
        assert done.returncode == 0, done.stdout
        assert here(place, "status").returncode == here(place, "explain", GRANT).returncode == 0
        walks += 1
    assert "Traceback" not in "".join(running.communicate())
    assert running.returncode == 0
    assert walks > 1


@pytest.mark.usefixtures("_impatient")
def test_while_a_decision_is_written_no_run_begins(place: Place) -> None:
    before = look(place.out)
    with store.Change(place.out):
        done = run(place.returns, place.out, GRANT, "--final")
        assert here(place, "verify").returncode == 0
    assert done.returncode == 2
    assert done.stderr.startswith("En annan körning skriver till ")
    assert look(place.out) == before


# -- what can't be written, read or understood -----------------------------------------------------


def test_an_auditor_without_the_right_to_write_reads_it_all(place: Place) -> None:
    """Also when a killed process has left behind what it had not decided on."""
    (place.out / ".pagar").mkdir()
    bound = ["mount", "--bind", str(place.out), str(place.out)]
    if subprocess.run(bound, capture_output=True, check=False).returncode:
        pytest.skip("only root may make a folder that not even root may write in")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place.out)], check=True)
        for words in (("verify",), ("status",), ("explain", GRANT)):
            assert here(place, *words).returncode == 0
        for words in (REVIEW, PACKAGE, RUN):
            done = here(place, *words)
            assert done.returncode == 2
            assert done.stderr.startswith("Det går inte att skriva i mappen ")
    finally:
        subprocess.run(["umount", str(place.out)], check=True)


def test_a_folder_of_returns_that_cannot_be_read_is_not_taken_for_empty(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, real = place.returns / "stängd", os.scandir
    closed.mkdir()

    def scandir(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    done = here(place, "verify")
    assert done.returncode == 2
    assert (
        done.stderr
        == f"Det går inte att komma åt {closed}. Kontrollera att du har rätt till den.\n"
    )


LIBRARY = ctypes.CDLL(None)


def powerless() -> None:
    """What is closed is closed to root too, in the command that this process becomes."""
    for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
        LIBRARY.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def closed(place: Place, path: Path, *words: str) -> CompletedProcess[str]:
    """A command while nobody has any right to a file or a folder."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        return under(powerless, place, *words)
    finally:
        path.chmod(mode)


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("in", RUN, "Det går inte att komma åt {path}. "),
        ("out", RUN, "Det går inte att skriva i mappen {path}. "),
        ("out", ("verify",), "Det går inte att komma åt {path}/.pagar. "),
        ("out/statsbidrag.duckdb", ("status",), "Det går inte att komma åt {path}. "),
        ("out/logg.jsonl", REVIEW, "Det går inte att skriva logg.jsonl i {path.parent}. "),
        ("data/grants", ("status",), "Det går inte att komma åt {path}. "),
        ("data/boards.toml", ("status",), "Det går inte att komma åt {path}. "),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_what_may_not_be_read_is_named_and_nothing_is_changed(
    name: str, words: tuple[str, ...], says: str, place: Place, data: Path
) -> None:
    before, path = look(place.out), place.folder / name
    done = closed(place, path, *words, *([] if words[0] == "verify" else ["--data", str(data)]))
    assert done.returncode == 2
    assert done.stderr.startswith(says.format(path=path))
    assert len(done.stderr.splitlines()) == 1
    assert look(place.out) == before


def test_one_file_that_may_not_be_read_is_told_and_the_others_count(place: Place) -> None:
    path = next(path for path in place.returns.iterdir() if "farsta" in path.name)
    done = closed(place, path, *RUN)
    assert (done.returncode, done.stderr) == (3, "")
    folder = place.out / GRANT / "slutlig"
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    assert [f["file"] for f in findings if f["rule"] == "fil-otillganglig"] == [path.name]
    boards = json.loads((folder / "reconciliation.json").read_text("utf-8"))["boards"]
    assert {b["board"] for b in boards if b["return_status"] == "missing"} == {"farsta"}


@pytest.mark.parametrize("what", ["folder", "file"])
def test_returns_that_vanish_while_they_are_read_are_not_taken_for_missing(
    what: str, place: Place
) -> None:
    """As when a disk in the network is lost: the files were there when the run began."""
    before = look(place.out)
    running = begun(place)
    shutil.rmtree(place.returns) if what == "folder" else sorted(place.returns.iterdir())[
        -1
    ].unlink()
    _, said = running.communicate()
    assert running.returncode == 2
    assert " försvann medan " in said
    assert len(said.splitlines()) == 1
    assert look(place.out) == before


@pytest.mark.parametrize("name", ["boards.toml", "referensranta.toml", f"grants/{GRANT}.toml"])
def test_a_file_of_decisions_that_was_cut_off_is_refused(name: str, data: Path) -> None:
    """At every tenth of its bytes."""
    content = (data / name).read_bytes()
    for tenth in range(10):
        (data / name).write_bytes(content[: len(content) * tenth // 10])
        with pytest.raises(InputError, match=Path(name).name):
            data_folder.load(data, [GRANT], date(2024, 1, 20))


def test_a_database_that_was_cut_off_is_told_of(place: Place) -> None:
    """At every tenth of its bytes; who reads only what is left of it reads what stood there."""
    whole, told = (
        (place.out / "statsbidrag.duckdb").read_bytes(),
        here(place, "explain", GRANT).stdout,
    )
    for tenth in range(10):
        (place.out / "statsbidrag.duckdb").write_bytes(whole[: len(whole) * tenth // 10])
        for words, code in ((REVIEW, 2), (("verify",), 3), (("explain", GRANT), 2)):
            done = here(place, *words)
            if words[0] != "explain" or done.stdout != told:
                assert done.returncode == code
                assert (done.stdout + done.stderr).startswith("Databasen statsbidrag.duckdb")


def cut(place: Place, share: float) -> None:
    path = place.out / "statsbidrag.duckdb"
    os.truncate(path, int(path.stat().st_size * share))


def flipped(place: Place) -> None:
    path = place.out / "statsbidrag.duckdb"
    content = bytearray(path.read_bytes())
    for at in random.Random(1).sample(range(20_000, len(content)), 200):
        content[at] ^= 1
    path.write_bytes(content)


def sql(*statements: str) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        with duckdb.connect(str(place.out / "statsbidrag.duckdb")) as con:
            for statement in statements:
                con.execute(statement)

    return change


def older(place: Place) -> None:
    """As the version before the audit log left it."""
    sql(
        "DROP TABLE run_grant",
        "DROP TABLE run_data_file",
        "ALTER TABLE kept.sender DROP forecast_sheet",
    )(place)
    (place.out / "logg.jsonl").unlink()


ANOTHER = "Databasen statsbidrag.duckdb är gjord av en annan version"
LOST = "Händelseloggen logg.jsonl saknar körningar som databasen har"
BROKEN: dict[str, tuple[Callable[[Place], None], dict[str, tuple[int, str]]]] = {
    "empty database": (
        lambda place: cut(place, 0),
        dict.fromkeys(
            ("status", "verify", "review"), (2, "Databasen statsbidrag.duckdb går inte att öppna")
        ),
    ),
    "a tenth of a database": (
        lambda place: cut(place, 0.1),
        dict.fromkeys(
            ("status", "explain", "verify", "review"), (2, "Databasen statsbidrag.duckdb")
        ),
    ),
    "bits of the database": (
        flipped,
        dict.fromkeys(("verify", "review", "run"), (2, "Databasen statsbidrag.duckdb")),
    ),
    "another version's database": (
        sql(
            "UPDATE schema_version SET version = 99",
            "ALTER TABLE kept.board RENAME liability_sek TO owed_sek",
        ),
        {
            **dict.fromkeys(("status", "explain", "run"), (2, ANOTHER)),
            "verify": (3, "är inte som den senaste körningen lämnade den"),
        },
    ),
    "a version's database before all": (
        sql("UPDATE schema_version SET version = 0"),
        {"status": (2, ANOTHER), "verify": (3, "tabellen main.schema_version")},
    ),
    "empty log": (
        lambda place: (place.out / "logg.jsonl").write_text(""),
        {
            "status": (0, ""),
            "verify": (3, LOST),
            "review": (2, "Det finns ingen slutrapport"),
            "run": (2, LOST),
        },
    ),
    "no log": (lambda place: (place.out / "logg.jsonl").unlink(), {"verify": (3, LOST)}),
    "older": (
        older,
        {
            **dict.fromkeys(
                ("status", "explain"), (2, "är från en tidigare version av programmet")
            ),
            "verify": (2, "Det finns ingen händelselogg"),
            "run": (0, ""),
        },
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_used_is_told_in_a_sentence(name: str, place: Place) -> None:
    break_it, told = BROKEN[name]
    break_it(place)
    commands = {
        "status": ("status",),
        "explain": ("explain", GRANT),
        "verify": ("verify",),
        "review": REVIEW,
    }
    for command, (code, said) in told.items():
        done = call(*place.words(*RUN)) if command == "run" else here(place, *commands[command])
        # a damaged database is what `verify` is there to find
        assert done.returncode == (3 if command == "verify" and "Databasen" in said else code), (
            done.stderr
        )
        assert said in done.stdout + done.stderr
        assert len(done.stderr.splitlines()) == (done.returncode == 2)
    if name == "older":
        assert here(place, "verify").returncode == here(place, "explain", GRANT).returncode == 0


def test_a_log_without_its_end_is_found_out(place: Place) -> None:
    for words in (REVIEW, APPROVE, FILE, CLAIM):
        place.do(*words)
    log = place.out / "logg.jsonl"
    lines = log.read_text("utf-8").splitlines(keepends=True)
    filed = next(number for number, line in enumerate(lines) if '"kind":"filed"' in line)
    entered = next(number for number, line in enumerate(lines) if '"kind":"claimed"' in line)
    log.write_text("".join(lines[:entered]), "utf-8")
    assert f"{GRANT}/reskontra finns men står inte i loggen" in here(place, "verify").stdout
    log.write_text("".join(lines[:filed]), "utf-8")
    assert f"{GRANT}/inlamnad finns men står inte i loggen" in here(place, "verify").stdout
    kept = digests(place.out / GRANT / "inlamnad")
    place.do(*RUN)
    for words in (REVIEW, APPROVE, FILE):
        here(place, *words)
    assert digests(place.out / GRANT / "inlamnad") == kept, "what was filed is never written over"
