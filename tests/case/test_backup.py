"""A backup and what is restored of it: all that was there, nothing that wasn't, and nothing that a
zip from elsewhere can do."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from statsbidrag.base.errors import InputError
from statsbidrag.base.folders import Folders
from statsbidrag.case import backup, casefile, casework, proof, restoring, store
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.running import watch
from statsbidrag.year import sending
from tests.support.cases import NBSP, Case
from tests.support.commands import call_here
from tests.support.way import copied

AT = "2024-01-20T12:30:05+01:00"
NAME = "statsbidrag_2024-01-20_123005.zip"


@dataclass(frozen=True)
class City(Folders):
    """A city whose deadlines have been looked at, and which has been sent some returns."""

    root: Path

    def do(self, command: str, *arguments: str) -> tuple[int, str]:
        """What a command ends with, and what it says."""
        places = ["--returns", str(self.returns), "--data", str(self.data), "--out", str(self.out)]
        done = call_here(command, *arguments, *(places if command == "backup" else []))
        assert "Traceback" not in done.stderr
        return done.returncode, (done.stdout + done.stderr).replace(NBSP, " ")

    def backed_up(self) -> Path:
        """A backup of it."""
        return backup.make(self, self.root / "kopior", AT).path


def city_at(root: Path, returns: str) -> City:
    data = copied(root)
    city = City(data, root / returns, root / "out", root)
    (city.returns / "a").mkdir(parents=True)
    (city.returns / "a" / "Järva 1.xlsx").write_bytes(b"en redovisning")
    (city.returns / "b.csv").write_bytes(b"en till")
    watch.look(casefile.Occasion(data, city.returns, city.out, AT), date(2024, 1, 19), "Kim Kör")
    return city


@pytest.fixture
def city(tmp_path: Path) -> City:
    return city_at(tmp_path, "data/inbox")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != store.LOCK
    }


def changed(
    file: Path,
    parts: Callable[[dict[str, bytes]], None],
    told: Callable[[dict[str, dict[str, object]]], None] = lambda _: None,
) -> Path:
    """A backup in which somebody has changed parts, and what it tells of its files."""
    with zipfile.ZipFile(file) as old:
        content = {name: old.read(name) for name in old.namelist()}
    parts(content)
    manifest = json.loads(content.get(backup.MANIFEST, b'{"files": {}}'))
    told(manifest["files"])
    if backup.MANIFEST in content:
        content[backup.MANIFEST] = json.dumps(manifest).encode()
    other = file.with_name("annan.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in content.items():
            new.writestr(name, part)
    return other


# -- there and back --------------------------------------------------------------------------------


@pytest.mark.parametrize("returns", ["data/inbox", "data/in/kommit", "in"])
def test_what_is_restored_is_what_was_backed_up(returns: str, tmp_path: Path) -> None:
    city = city_at(tmp_path, returns)
    data, sent, out = files(city.data), files(city.returns), files(city.out)
    code, told = city.do("backup", "--to", str(tmp_path / "kopior"))
    assert code == 0, told
    (file,) = (tmp_path / "kopior").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"Säkerhetskopia: {file}\n" in told
    code, told = city.do("restore", str(file), "--to", str(tmp_path / "ny"))
    assert code == 0, told
    assert "Allt stämmer: " in told
    inbox = {name for name in data if f"data/{name}".startswith(f"{returns}/")}
    assert files(tmp_path / "ny" / "data") == {
        **{name: content for name, content in data.items() if name not in inbox},
        **{f"inbox/{name}": content for name, content in sent.items()},
    }
    assert files(tmp_path / "ny" / "out") == out
    assert sorted(path.name for path in (tmp_path / "ny").iterdir()) == ["data", "out"]


@pytest.mark.long
@pytest.mark.usefixtures("server")
def test_a_filed_report_holds_where_it_is_restored(filed: Case, tmp_path: Path) -> None:
    data = copied(tmp_path / "city")
    made = backup.make(Folders(data, filed.returns, filed.out), tmp_path / "kopior", AT)
    restored = restoring.restore(made.path, tmp_path / "ny")
    assert restored.holds
    assert restored.verdict is not None
    assert restored.verdict == proof.verify(
        filed.returns, filed.out, [str(made.manifest.log_sha256)]
    )
    assert restored.manifest == made.manifest
    assert files(filed.out) == files(tmp_path / "ny" / "out")


def test_the_same_city_at_the_same_moment_gives_the_same_bytes(city: City) -> None:
    first = city.backed_up().read_bytes()
    assert first == backup.make(city, city.root / "andra", AT).path.read_bytes()


def test_it_says_of_each_file_what_it_is(city: City) -> None:
    with zipfile.ZipFile(city.backed_up()) as archive:
        told = json.loads(archive.read(backup.MANIFEST))
        assert {*told["files"]} == {*archive.namelist()} - {backup.MANIFEST}
        assert archive.namelist()[-1] == backup.MANIFEST
        for name, kept in told["files"].items():
            content = archive.read(name)
            assert (kept["size"], kept["sha256"]) == (
                len(content),
                hashlib.sha256(content).hexdigest(),
            )
    assert told["made_at"] == AT
    assert told["log_sha256"] == Log.read(city.out / LOG).events[-1].sha256


def test_each_return_is_there_once(city: City) -> None:
    with zipfile.ZipFile(city.backed_up()) as archive:
        names = [name for name in archive.namelist() if name.endswith("b.csv")]
    assert names == ["returns/b.csv"]


def test_an_inbox_that_is_not_the_folder_of_returns_is_not_mixed_with_it(tmp_path: Path) -> None:
    city = city_at(tmp_path, "in")
    (city.data / "inbox").mkdir()
    (city.data / "inbox" / "gammal.csv").write_bytes(b"en annan")
    code, told = city.do("restore", str(city.backed_up()), "--to", str(tmp_path / "ny"))
    assert code == 0
    assert f"Redovisningarna ligger i {tmp_path / 'ny' / 'returns'}: " in told
    assert files(tmp_path / "ny" / "returns") == files(city.returns)
    assert [*files(tmp_path / "ny" / "data" / "inbox")] == ["gammal.csv"]


def test_a_folder_that_is_a_link_is_followed_and_no_link_in_it(city: City, tmp_path: Path) -> None:
    (tmp_path / "utanfor").write_text("hemligt", "utf-8")
    (city.data / "las").symlink_to(tmp_path / "utanfor")
    shutil.move(city.returns, tmp_path / "elsewhere")
    (city.data / "inbox").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(city.returns / "ror")
    code, told = city.do("backup", "--to", str(tmp_path / "kopior"))
    assert code == 3
    assert told.splitlines()[-2:] == [
        "data/las är en länk och är inte med.",
        "returns/ror är ingen vanlig fil och är inte med.",
    ]
    (file,) = (tmp_path / "kopior").iterdir()
    code, told = city.do("restore", str(file), "--to", str(tmp_path / "ny"))
    assert code == 0
    assert "När kopian gjordes: data/las är en länk och är inte med." in told
    assert files(tmp_path / "ny" / "data" / "inbox") == files(city.returns)


def test_a_name_that_is_no_text_keeps_its_content(city: City, tmp_path: Path) -> None:
    (city.returns / os.fsdecode(b"J\xe4rva.csv")).write_bytes(b"latin")
    restoring.restore(city.backed_up(), tmp_path / "ny")
    assert (tmp_path / "ny" / "data" / "inbox" / "J\\xe4rva.csv").read_bytes() == b"latin"


def test_a_city_where_nothing_has_been_run(city: City, tmp_path: Path) -> None:
    shutil.rmtree(city.out)
    city.out.mkdir()
    code, told = city.do("restore", str(city.backed_up()), "--to", str(tmp_path / "ny"))
    assert code == 0
    assert "inget hade körts" in told


def test_it_restores_where_one_stands(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = city.backed_up()
    (tmp_path / "ny").mkdir()
    monkeypatch.chdir(tmp_path / "ny")
    assert city.do("restore", str(file), "--to", ".")[0] == 0
    assert call_here("verify").returncode == 0


# -- while others are at work ----------------------------------------------------------------------


def test_it_waits_for_a_change_and_has_all_of_it(city: City, tmp_path: Path) -> None:
    is_begun = threading.Event()

    def change() -> None:
        with store.Change(city.out) as change:
            log = casefile.log_of(change, AT, "Kim Kör")
            is_begun.set()
            time.sleep(store.PATIENCE_SECONDS + 0.5)
            log.add("repaired", AT, by="Kim Kör", what="Något.")
            casework.publish(change, log)

    working = threading.Thread(target=change)
    working.start()
    is_begun.wait()
    made = backup.make(city, tmp_path / "kopior", AT)
    working.join()
    assert made.manifest.log_sha256 == Log.read(city.out / LOG).events[-1].sha256
    assert restoring.restore(made.path, tmp_path / "ny").holds


def test_nobody_changes_the_out_folder_while_it_is_read(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_still = backup._read_still
    refused: list[str] = []
    monkeypatch.setattr(store, "PATIENCE_SECONDS", 0)

    def meanwhile(path: Path, copy: object) -> backup.Kept | None:
        try:
            with store.Change(city.out, patience_seconds=0):
                pass
        except InputError:
            refused.append(path.name)
        with sending.alone(city.out) as is_alone:
            assert is_alone is path.is_relative_to(city.returns)
        return read_still(path, copy)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_read_still", meanwhile)
    kept = backup.make(city, tmp_path / "kopior", AT).manifest.files
    assert len(refused) == sum(not name.startswith("returns/") for name in kept)


def test_a_file_that_is_being_written_is_read_again_or_left_out(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_PAUSE_SECONDS", 0)
    fstat, seen = os.fstat, {"b.csv": 0, "Järva 1.xlsx": 0}

    def growing(handle: int) -> os.stat_result:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.name in seen:
            seen[path.name] += 1
            if path.name == "b.csv" or seen[path.name] == 1:
                with path.open("ab") as file:
                    file.write(b" mer")
                time.sleep(0.01)
        return fstat(handle)

    monkeypatch.setattr(os, "fstat", growing)
    made = backup.make(city, tmp_path / "kopior", AT)
    assert made.manifest.left_out == ("returns/b.csv ändrades medan den lästes och är inte med.",)
    kept = made.manifest.files["returns/a/Järva 1.xlsx"]
    assert kept.sha256 == hashlib.sha256(b"en redovisning mer").hexdigest()


def test_a_file_that_goes_away_is_told(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_still = backup._read_still

    def gone(path: Path, copy: object) -> backup.Kept | None:
        if path.name == "b.csv":
            path.unlink()
        return read_still(path, copy)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_read_still", gone)
    made = backup.make(city, tmp_path / "kopior", AT)
    assert made.manifest.left_out == (
        "returns/b.csv försvann innan den hann läsas och är inte med.",
    )


KILLED = """
import os, signal, sys
from statsbidrag.case import backup
from statsbidrag.face import cli
was = backup._read_still
def killed(path, copy):
    if path.name == "b.csv":
        os.kill(os.getpid(), signal.SIGKILL)
    return was(path, copy)
backup._read_still = killed
cli.main(sys.argv[1:])
"""


def test_one_that_is_killed_leaves_nothing_that_looks_like_a_backup(
    city: City, tmp_path: Path
) -> None:
    to = tmp_path / "kopior"
    words = ["backup", "--to", to, "--data", city.data, "--returns", city.returns]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, words), "--out", str(city.out)], check=False
    )
    assert done.returncode == -9
    assert [path.name for path in to.iterdir()] == [".statsbidrag.zip.ny"]
    with pytest.raises(InputError, match="är ingen hel säkerhetskopia"):
        restoring.restore(to / ".statsbidrag.zip.ny", tmp_path / "ny")
    made = backup.make(city, to, AT)
    assert [path.name for path in to.iterdir()] == [NAME]
    assert restoring.restore(made.path, tmp_path / "ny").holds


def test_a_change_that_was_cut_off_is_put_right_first(city: City, tmp_path: Path) -> None:
    (city.out / store.WORK).mkdir()
    made = backup.make(city, tmp_path / "kopior", AT)
    assert made.repaired
    assert Log.read(city.out / LOG).events[-1].kind == "repaired"
    assert restoring.restore(made.path, tmp_path / "ny").holds


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["data", "data/kopior", "data/inbox/x", "out", "out/x", "lank/x"])
def test_it_is_not_made_in_what_it_is_a_copy_of(to: str, city: City) -> None:
    (city.root / "lank").symlink_to(city.out)
    code, told = city.do("backup", "--to", str(city.root / to))
    assert code == 2
    assert "Välj en annan mapp med --to." in told


@pytest.mark.parametrize("gone", ["data/inbox", "out", "data"])
def test_a_folder_that_is_not_there_is_refused(gone: str, city: City) -> None:
    shutil.rmtree(city.root / gone)
    code, told = city.do("backup", "--to", str(city.root / "kopior"))
    assert code == 2
    assert "finns inte. Ange rätt mapp med --" in told


def test_two_at_once_and_one_that_is_there(city: City) -> None:
    file = city.backed_up()
    with pytest.raises(InputError, match="finns redan"):
        city.backed_up()
    with (
        backup._unfinished(file.parent),
        pytest.raises(InputError, match="En annan säkerhetskopia görs"),
    ):
        city.backed_up()
    assert file.exists()


@pytest.mark.parametrize("inside", ["x.txt", ".x"])
def test_it_is_not_restored_among_other_files(inside: str, city: City, tmp_path: Path) -> None:
    (tmp_path / "ny").mkdir()
    (tmp_path / "ny" / inside).touch()
    code, told = city.do("restore", str(city.backed_up()), "--to", str(tmp_path / "ny"))
    assert (code, told.count("\n")) == (2, 1)
    assert "är inte tom" in told
    assert [path.name for path in (tmp_path / "ny").iterdir()] == [inside]


def test_what_a_killed_restore_left_is_in_nobodys_way(city: City, tmp_path: Path) -> None:
    (tmp_path / "ny" / ".aterstalls" / "data").mkdir(parents=True)
    assert restoring.restore(city.backed_up(), tmp_path / "ny").holds


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: content})


PATHS = (
    "../utanfor",
    "data/../../utanfor",
    "/etc/utanfor",
    "out/./x",
    "out//x",
    "utanfor",
    "out",
    "out/logg.jsonl/x",
    "out/" + "x" * 256,
)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("is_told", [True, False])
def test_a_name_that_leads_elsewhere_is_refused(
    name: str, city: City, tmp_path: Path, *, is_told: bool
) -> None:
    kept = {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}
    told = (lambda f: f.update({name: kept})) if is_told else (lambda _: None)
    other = changed(city.backed_up(), put(name, b"x"), told)
    code, said = city.do("restore", str(other), "--to", str(tmp_path / "ny"))
    assert (code, said.count("\n")) == (2, 1)
    assert "otillåtet namn" in said
    assert not (tmp_path / "ny").exists()
    assert not (tmp_path / "utanfor").exists()


def test_a_part_that_is_there_twice_is_refused(city: City, tmp_path: Path) -> None:
    file = city.backed_up()
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("returns/b.csv", b"en annan")
    with pytest.raises(InputError, match="otillåtet namn"):
        restoring.restore(file, tmp_path / "ny")


def test_a_zip_that_swells_is_stopped(city: City, tmp_path: Path) -> None:
    bomb = changed(city.backed_up(), put("returns/b.csv", bytes(50_000_000)))
    restored = restoring.restore(bomb, tmp_path / "ny")
    assert restored.faults == ("returns/b.csv är skadad i säkerhetskopian och är inte återställd.",)
    huge = changed(
        bomb.with_name(NAME), lambda _: None, lambda f: f["returns/b.csv"].update(size=10**18)
    )
    with pytest.raises(InputError, match="får inte plats"):
        restoring.restore(huge, tmp_path / "annan")
    assert not (tmp_path / "annan").exists()


# -- what is no longer as it was -------------------------------------------------------------------


@pytest.mark.long
def test_every_damaged_byte_is_seen(city: City, tmp_path: Path) -> None:
    """A byte of a file, of a header, of the list at the end: never a restoring that holds and
    differs, never a traceback."""
    shutil.rmtree(city.data / "sources")
    shutil.rmtree(city.data / "grants")
    content = city.backed_up().read_bytes()
    wanted = files(city.root / "data"), files(city.out)
    step = len(content) // 40
    for at in [*range(0, len(content), step), *range(len(content) - 60, len(content), 7)]:
        damaged = tmp_path / "skadad.zip"
        damaged.write_bytes(bytes([*content[:at], content[at] ^ 0x55, *content[at + 1 :]]))
        to = tmp_path / "ny"
        try:
            restored = restoring.restore(damaged, to)
        except InputError:
            assert not to.exists() or not [*to.iterdir()]
        else:
            same = (files(to / "data"), files(to / "out")) == wanted
            assert restored.holds is same, at
        shutil.rmtree(to, ignore_errors=True)


def test_what_is_missing_extra_or_other_is_named_and_the_rest_is_restored(
    city: City, tmp_path: Path
) -> None:
    letter = min((city.out / "utkorg").iterdir()).name

    def other(parts: dict[str, bytes]) -> None:
        del parts[f"out/utkorg/{letter}"]
        parts["data/boards.toml"] += b" "
        parts["out/annat.txt"] = b"dit lagt"

    code, told = city.do(
        "restore", str(changed(city.backed_up(), other)), "--to", str(tmp_path / "ny")
    )
    assert code == 3
    lines = told.splitlines()
    assert lines[1:4] == [
        "data/boards.toml är skadad i säkerhetskopian och är inte återställd.",
        f"out/utkorg/{letter} fattas i säkerhetskopian.",
        "out/annat.txt hör inte till säkerhetskopian och är inte återställd.",
    ]
    assert lines[4].startswith(f"Brevet {letter} fattas: ")
    assert (tmp_path / "ny" / "out" / LOG).exists()


def test_a_log_that_was_altered_before_the_backup_is_told_by_both(
    city: City, tmp_path: Path
) -> None:
    log = city.out / LOG
    log.write_text(log.read_text("utf-8").replace("Kim Kör", "Kim Kar"), "utf-8")
    code, told = city.do("backup", "--to", str(tmp_path / "kopior"))
    assert code == 3
    assert "Loggen är med som den är, men är skadad." in told
    (file,) = (tmp_path / "kopior").iterdir()
    assert city.do("restore", str(file), "--to", str(tmp_path / "ny"))[0] == 3


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"hej", json.dumps({"format": 1}).encode()], ids=range(4)
)
def test_what_is_no_backup_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    for path in (tmp_path / "x.zip", tmp_path / "y.zip"):
        path.write_bytes(content)
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr(backup.MANIFEST, content)
    for name in ("x.zip", "y.zip", "finns-inte.zip", "."):
        done = call_here("restore", str(tmp_path / name), "--to", str(tmp_path / "ny"))
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "ny").exists()
