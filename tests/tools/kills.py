"""Kills the program at random moments and looks for half states: `python -m tests.tools.kills --count 100
--seed 1`.

A chain of commands takes one grant from a quarter to a repaid and packaged final report. It is
first run in peace, and what the out folder holds is noted after each command. Then it is run again
and again while commands are killed with SIGKILL, the whole process group or its first process
alone. After each kill the folder must hold, to the byte, what it held before that command or what
it holds after it, and the next command must go on from there.

The clock of the log is fixed, so the log is compared too: a decision that was lost or made twice
would show.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from statsbidrag.case import store
from statsbidrag.decisions import data_folder
from statsbidrag.year import outbox
from tests import example
from tests.support.commands import COMMAND, ROOT, call

GRANT = example.CRIME
BOOKED = (GRANT, "--by", "Bo Bok", "--amount", "984558", "--as-of", "2024-04-01")
"""An entry of what the example's final report says is to be repaid."""
CHAIN: tuple[tuple[str, ...], ...] = (
    ("run", GRANT, "--final", "--by", "Kim Kör", "--as-of", "2024-01-20"),
    ("review", GRANT, "--by", "Gro Gransk", "--on", "2024-01-25"),
    ("approve", GRANT, "--by", "Alf Attest", "--on", "2024-01-26"),
    ("file", GRANT, "--by", "Ina In", "--on", "2024-01-29"),
    ("claim", *BOOKED, "--ref", "MFoF 2024/1", "--on", "2024-03-01", "--due", "2024-04-01"),
    ("repaid", *BOOKED, "--ref", "OCR 20240320", "--on", "2024-03-20"),
    ("package", GRANT, "--by", "Ina In"),
)
LIST = Path(".pagar") / "klar.json"
"""Where the store notes that a change is decided on; here it says when to shoot at the publishing
itself."""
CALLS = ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir")
"""The functions of `os` that change the disk, or see to it that a change is on it."""
ONCE = {"reviewed", "attested", "filed", "claimed", "paid", "repaid", "packaged"}
Shot = dict[str, str]


class HalfDoneError(AssertionError):
    """Something was neither as before nor as after, or the next call didn't go on."""


@dataclass(frozen=True)
class Kill:
    """One kill: of which command, how, how it left the folder, and as what the next command found
    it."""

    command: str
    whole_group: bool
    left: str
    found: str = "unseen"


class Place:
    """A folder of returns and one of results, and the commands on them."""

    def __init__(self, folder: Path, inbox: Path) -> None:
        self.folder, self.out, self.returns = folder, folder / "out", folder / "in"
        shutil.copytree(inbox, self.returns)

    def words(self, *words: str) -> list[str]:
        """The words of a command, with its folders."""
        returns = [] if words[0] in {"status", "explain"} else ["--returns", str(self.returns)]
        return [*words, *returns, "--out", str(self.out)]

    def do(self, *words: str, ends: Sequence[int] = (0,)) -> None:
        """A command in peace; its exit code must be one of those given."""
        done = call(*self.words(*words))
        if done.returncode not in ends or "Traceback" in done.stderr:
            raise HalfDoneError(f"{words[0]} ended {done.returncode}: {done.stdout}{done.stderr}")

    def back_to(self, earlier: Path) -> None:
        """The out folder as it was kept earlier."""
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(earlier, self.out)


def look(out: Path) -> Shot:
    """What an out folder holds: each file by its bytes, each table of the database by its rows.

    Not the lock, which holds nothing.
    """
    shot = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                for schema, table in con.execute(
                    "SELECT schema_name, table_name FROM duckdb_tables()"
                ).fetchall():
                    rows = con.execute(
                        f'SELECT * FROM "{schema}"."{table}" ORDER BY ALL'
                    ).fetchall()
                    shot[f"{name}/{schema}.{table}"] = hashlib.sha256(
                        repr(rows).encode()
                    ).hexdigest()
        elif path.is_file() and name != store.LOCK:
            shot[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return shot


def events(out: Path) -> list[dict[str, Any]]:
    """What the log of an out folder tells."""
    return [json.loads(line) for line in (out / "logg.jsonl").read_text("utf-8").splitlines()]


def deeds(out: Path) -> list[Any]:
    """What was done, without the repairs and without what has the log's own hash in it, which a
    repair changes."""
    hashed = {"files", "sha256", "log_sha256"}
    return [
        (
            e["kind"],
            e["by"],
            e["grant"],
            {name: told for name, told in e["details"].items() if name not in hashed},
        )
        for e in events(out)
        if e["kind"] != "repaired"
    ]


def examine(out: Path) -> None:
    """The log's chain, the files it tells of and the runs it tells of, with nothing of the
    program's own."""
    previous, log = "0" * 64, events(out)
    for number, event in enumerate(log, 1):
        told = event.pop("sha256")
        plain = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        expect(
            (event["number"], event["previous"]) == (number, previous), f"log, line {number}: chain"
        )
        expect(hashlib.sha256(plain.encode()).hexdigest() == told, f"log, line {number}: hash")
        previous = told
    wanted: dict[str, str] = {}
    for event in log:
        details = event["details"]
        if event["kind"] == "written":
            wanted = {
                name: sha
                for name, sha in wanted.items()
                if not name.startswith(f"{details['place']}/")
            }
            wanted |= {f"{details['place']}/{name}": sha for name, sha in details["files"].items()}
        elif event["kind"] in {"packaged", "placed"}:
            wanted[details["file"]] = details["sha256"]
        elif event["kind"] == "drafted":
            wanted |= {f"{outbox.OUTBOX}/{name}": sha for name, sha in details["files"].items()}
            wanted = {
                name: sha
                for name, sha in wanted.items()
                if name.split("/")[-1] not in details["replaced"]
            }
    found = {
        name: sha
        for name, sha in look(out).items()
        if name != "logg.jsonl" and ".duckdb/" not in name
    }
    expect(
        found == wanted,
        f"files that are not as the log says: {sorted(set(found.items()) ^ set(wanted.items()))}",
    )
    decided = [
        json.dumps([e["kind"], e["details"]], sort_keys=True) for e in log if e["kind"] in ONCE
    ]
    expect(len(decided) == len(set(decided)), "a decision stands twice in the log")
    with duckdb.connect(str(out / "statsbidrag.duckdb"), read_only=True) as con:
        ((runs,),) = con.execute("SELECT count(*) FROM run").fetchall()
    expect(
        runs == sum(e["kind"] == "run" for e in log),
        "the database and the log tell of different runs",
    )


def expect(holds: bool, what: str) -> None:
    """Raise HalfDoneError when something doesn't hold."""
    if not holds:
        raise HalfDoneError(what)


class Range:
    """The chain as it goes in peace, and shots at it."""

    def __init__(
        self, folder: Path, chain: Sequence[tuple[str, ...]] = CHAIN, *, first: Path | None = None
    ) -> None:
        """`first` is the out folder to begin with; a quarter's run when none is given."""
        inbox = folder / "inbox"
        for name, content in example.files(
            data_folder.load(ROOT / "data", [GRANT], example.AS_OF)
        ).items():
            if name.startswith(f"{GRANT}/"):
                path = inbox / name.removeprefix(f"{GRANT}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self.chain, self.kept = (
            chain,
            [folder / f"kept-{number}" for number in range(len(chain) + 1)],
        )
        self.place = Place(folder, inbox)
        if first:
            self.place.back_to(first)
        else:
            self.place.do("run", GRANT, "--by", "Kim Kör", "--as-of", "2024-01-20")
        shutil.copytree(self.place.out, self.kept[0])
        self.states, self.seconds = [look(self.place.out)], []
        for words, kept in zip(chain, self.kept[1:], strict=True):
            begun = time.monotonic()
            self.place.do(*words)
            self.seconds.append(time.monotonic() - begun)
            self.states.append(look(self.place.out))
            examine(self.place.out)
            shutil.copytree(self.place.out, kept)

    def shots(self, chance: random.Random, most: int = 3) -> Iterator[Kill]:
        """The chain once, from its beginning, each command killed until it is done, `most` times at
        the most."""
        self.place.back_to(self.kept[0])
        for number in range(len(self.chain)):
            for _ in range(most):
                kill = self._shoot(number, chance)
                found = self._found(number, chance)
                if kill:
                    yield replace(kill, found=found)
                if found != "before":
                    break
            else:
                self.place.do(*self.chain[number])
            self._end(number)

    def _end(self, number: int) -> None:
        """A command is done: the folder is as in peace, but for a line in the log when its next
        call had to repair."""
        words, out, kept = self.chain[number], self.place.out, self.kept[number + 1]
        shot, state = look(out), self.states[number + 1]
        if any(event["kind"] == "repaired" for event in events(out)):
            self.place.do("verify")
            examine(out)
            expect(deeds(out) == deeds(kept), f"{words[0]} in the end: another story in the log")
            expect(tables(shot) == tables(state), f"{words[0]} in the end: another database")
            expect(shot.keys() == state.keys(), f"{words[0]} in the end: other files")
            self.place.back_to(kept)
        else:
            expect(shot == state, f"{words[0]} in the end: {differ(shot, self.states)}")

    def _shoot(self, number: int, chance: random.Random) -> Kill | None:
        """Start a command and kill it, at any moment or aiming at the publishing; None when it came
        through."""
        words, out = self.chain[number], self.place.out
        whole_group, is_aimed = chance.random() < 0.5, chance.random() < 0.4
        moment = chance.uniform(0, 0.02 if is_aimed else self.seconds[number])
        process = subprocess.Popen(
            [COMMAND, *self.place.words(*words)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if is_aimed:
            while process.poll() is None and not (out / LIST).exists():
                time.sleep(0.0002)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL) if whole_group else process.kill()
        code = process.wait()
        expect(code in {0, -signal.SIGKILL}, f"{words[0]} ended {code}")
        _wait_for_the_rest(process.pid)
        if code == 0:
            return None
        if (out / LIST).exists():
            left = "within the publishing"
        elif (out / LIST.parent).exists():
            left = "with a work folder"
        else:
            left = "without a work folder"
        return Kill(words[0], whole_group, left)

    def _found(self, number: int, chance: random.Random) -> str:
        """Whether the folder is as before or after the killed command, or unseen when the command
        was just repeated."""
        words, before, after = self.chain[number], *self.states[number : number + 2]
        if (
            words[0] != "run" and chance.random() < 0.3
        ):  # nobody looks first: the same command is given again
            self.place.do(*words, ends=(0, 2))
            examine(self.place.out)
            return "unseen"
        self.place.do("status", "--as-of", "2024-04-01")
        expect(not (self.place.out / LIST.parent).exists(), "a work folder is left after a reader")
        self.place.do("verify")
        examine(self.place.out)
        shot = look(self.place.out)
        expect(shot in (before, after), f"{words[0]} killed: {differ(shot, (before, after))}")
        if (
            shot == after and words[0] != "run"
        ):  # whoever doesn't know gives the command again; it is not done twice
            self.place.do(*words, ends=(0, 2))
            expect(
                look(self.place.out) == after,
                f"{words[0]} again: {differ(look(self.place.out), (after,))}",
            )
        return "after" if shot == after else "before"


def _wait_for_the_rest(group: int) -> None:
    """The children of a killed command end by themselves."""
    deadline = time.monotonic() + 20
    while alive := list(_living(group)):
        if time.monotonic() > deadline:
            os.killpg(group, signal.SIGKILL)
            raise HalfDoneError(f"processes outlived the command: {alive}")
        time.sleep(0.02)


def _living(group: int) -> Iterator[str]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, its_group, *_ = rest.split()
        if int(its_group) == group and state not in {"Z", "X"}:
            yield name


def tables(shot: Shot) -> Shot:
    """What a folder holds in its database."""
    return {name: sha256 for name, sha256 in shot.items() if ".duckdb/" in name}


def differ(shot: Shot, states: Sequence[Shot]) -> Any:
    """The names that differ from the nearest of some states."""
    return min((sorted(k for k in {*shot, *s} if shot.get(k) != s.get(k)) for s in states), key=len)


def shoot(count: int, seed: int, folder: Path, **settings: Any) -> list[Kill]:
    """Kills, one after the other; raises HalfDoneError at the first that left something half
    done."""
    chance, kills = random.Random(seed), list[Kill]()
    shooting = Range(folder, **settings)
    while len(kills) < count:
        for kill in shooting.shots(chance):
            kills.append(kill)
            if len(kills) >= count:
                break
    return kills


def main() -> None:
    """Kill, and say how many fell where."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.environ |= {
            "SOURCE_DATE_EPOCH": "1711929600",
            "XDG_STATE_HOME": str(Path(folder) / "state"),
        }
        begun = time.monotonic()
        kills = shoot(asked.count, asked.seed, Path(folder))
        print(
            f"{len(kills)} kills in {time.monotonic() - begun:.0f} s, seed {asked.seed}: nothing "
            "half done"
        )
    for title, key in (
        ("found", lambda k: k.found),
        ("left", lambda k: k.left),
        ("target", lambda k: "the whole group" if k.whole_group else "the first process alone"),
        ("command", lambda k: k.command),
    ):
        print(
            f"{title:8}"
            + ", ".join(f"{what} {n}" for what, n in Counter(map(key, kills)).most_common())
        )


if __name__ == "__main__":
    main()
