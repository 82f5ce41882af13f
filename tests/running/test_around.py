"""Faults around the program: each is one sentence and exit code 2, and changes nothing."""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import duckdb
import httpx
import pytest

from statsbidrag.base import places
from statsbidrag.base.errors import InputError
from statsbidrag.case import store
from statsbidrag.decisions import data_folder
from statsbidrag.face import cli, moment, terminal
from statsbidrag.money import duck, earlier_runs
from statsbidrag.returns.workshop import Workshop
from statsbidrag.running import pipeline, prefect_answers, prefect_database
from statsbidrag.running.errand import Caller, Errand
from statsbidrag.running.prefect_answers import UnansweredError
from statsbidrag.running.prefect_server import Server
from statsbidrag.year import mail_settings
from tests.support.commands import COMMAND, ROOT, call_here
from tests.support.planted import EQUAL
from tests.support.way import change

DEEP = "a = " + "[" * 5000 + "]" * 5000 + "\n"


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, to see that nothing is changed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# -- a database that others have open --------------------------------------------------------------


@contextmanager
def elsewhere(database: Path, *, is_killed: bool = False) -> Iterator[int]:
    """Another program has a database open and has written in it; or had, and was killed."""
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(database)!r}); c.execute('CREATE TABLE mine "
        "(i INT)');print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        if not is_killed:
            yield other.pid
        other.kill()
    if is_killed:
        yield other.pid


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An out folder with a database in it."""
    (tmp_path / "out").mkdir()
    duck.connect(tmp_path / "out" / places.DATABASE, read_only=False).close()
    return tmp_path / "out"


def test_a_database_that_is_open_elsewhere_is_told_with_who_has_it(out: Path) -> None:
    with elsewhere(out / places.DATABASE) as pid:
        before = content(out)
        told = [
            call_here(*command, "--out", str(out)) for command in (["status"], ["explain", EQUAL])
        ]
        with pytest.raises(InputError) as of_a_run:  # what a run looks at first
            earlier_runs.run_count(out / places.DATABASE)
        assert content(out) == before
    for done in told:
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{of_a_run.value}\n")
    assert f"(process {pid})" in str(of_a_run.value)
    assert "Stäng den där" in str(of_a_run.value)
    assert "lytta undan" not in str(of_a_run.value)
    assert str(Path(sys.executable).parent) not in str(of_a_run.value)


def test_what_another_program_left_beside_the_database_is_told_as_that(out: Path) -> None:
    with elsewhere(out / places.DATABASE, is_killed=True):
        pass
    other = duck.connect(out.parent / "other.duckdb", read_only=False)
    other.close()
    (out.parent / "other.duckdb").replace(out / places.DATABASE)
    before = content(out)
    done = call_here("status", "--out", str(out))
    assert (done.returncode, content(out)) == (2, before)
    assert "statsbidrag.duckdb.wal ligger bredvid databasen" in done.stderr


def test_the_copy_that_a_run_works_on_is_never_taken_while_somebody_writes(
    out: Path, tmp_path: Path
) -> None:
    with elsewhere(out / places.DATABASE), pytest.raises(InputError, match="är öppen i"):
        earlier_runs.copy(out / places.DATABASE, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("said", "where"),
    [
        (('Could not set lock on file "x": Conflicting lock is held in /opt/dbeaver (PID 7) by '
         'user kim.'),
         "dbeaver (process 7, användaren kim)"),
        (("being used by another process. File is already open in\nC:\\Program Files\\dbeaver.exe "
         "(PID 71)"),
         "dbeaver.exe (process 71)"),
        ('Could not set lock on file "x": Resource temporarily unavailable', "ett annat program"),
    ],
)  # fmt: skip
def test_who_has_the_database_is_told_as_far_as_it_is_known(said: str, where: str) -> None:
    assert f"är öppen i {where}. Stäng den där" in str(duck._closed(Path("x.duckdb"), said))


# -- a folder that can't be written in as it should ------------------------------------------------


def put_index(out: Path) -> None:
    """A change of the page of all grants."""
    with store.Change(out) as made:
        made.place(places.INDEX).write_text("new")
        made.commit()


def test_a_file_that_is_held_while_the_change_is_made_is_named_and_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody has it open on Windows, in a folder that both reach."""
    replace = Path.replace

    def held(source: Path, target: Path) -> Path:
        if Path(target).name == places.INDEX:
            raise PermissionError(13, "held", str(source), None, str(target))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(InputError) as told:
        put_index(tmp_path)
    assert str(told.value).startswith(
        f"Det går inte att skriva {places.INDEX} i {tmp_path}. Är något därifrån öppet"
    )
    with pytest.raises(InputError, match=places.INDEX), store.reading(tmp_path):
        pass
    monkeypatch.undo()
    with store.reading(tmp_path):
        assert (tmp_path / places.INDEX).read_text() == "new"


@pytest.mark.parametrize("number", [5, 30, 116])
def test_whatever_the_disk_says_of_the_out_folder_is_a_sentence(
    number: int, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="Inget är ändrat"), store.Change(tmp_path) as made:
        raise OSError(number, os.strerror(number), str(made.place(places.INDEX)))
    assert set(content(tmp_path)) == {places.LOCK}


def test_an_error_about_other_places_is_still_ours(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output"), store.Change(tmp_path / "out"):
        raise OSError(5, "Input/output error", str(tmp_path / "elsewhere"))


@pytest.mark.parametrize(
    "listed",
    ["", '{"placed": ["index.html"], "go', "[]5", "5", '{"placed": 3, "gone": []}', '{"placed": ["../x"], "gone": []}',
     '{"placed": [], "gone": ["/etc/x"]}', '{"placed": [], "gone": ["a/../../x"]}', "[" * 100_000],
)  # fmt: skip
def test_a_list_that_is_cut_off_or_leads_elsewhere_is_a_sentence(
    listed: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / places.WORK).mkdir(parents=True)
    (out / places.WORK / "klar.json").write_text(listed)
    (tmp_path / "x").write_text("theirs")
    before = content(tmp_path)
    for attempt in (store.reading(out), store.Change(out)):
        with pytest.raises(InputError, match=r"klar\.json i .* är skadad"), attempt:
            pass
    assert {
        name: it for name, it in content(tmp_path).items() if not name.endswith(places.LOCK)
    } == before
    done = call_here("status", "--out", str(out))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


# -- a terminal of any encoding --------------------------------------------------------------------


SAID = "Årsta ”1\xa0000\xa0kr” −5 → é • 漢 Łukasz?"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("iso-8859-1", 'Årsta "1\xa0000\xa0kr" -5 -> é * ? Lukasz?'),
        ("ascii", 'Arsta "1 000 kr" -5 -> e * ? Lukasz?'),
        ("cp1252", "Årsta ”1\xa0000\xa0kr” -5 -> é • ? Lukasz?"),
        ("utf-8", SAID),
    ],
)
def test_what_a_terminal_does_not_have_comes_out_as_the_nearest(encoding: str, shown: str) -> None:
    got = io.BytesIO()
    stream = io.TextIOWrapper(got, encoding=encoding)
    terminal.any_encoding(stream)
    terminal.say(SAID, to=stream)
    assert got.getvalue().decode(encoding) == f"{shown}\n"


@pytest.mark.parametrize("errors", ["ignore", "xmlcharrefreplace"])
def test_a_stream_that_somebody_has_told_what_to_do_does_that(errors: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=errors)
    terminal.any_encoding(stream)
    assert stream.errors == errors


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["status"], ["finns-inte"], ["check", "ö”.xlsx"]]
)
def test_every_stream_of_a_command_gets_its_sentences(
    arguments: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, content in got.items():
        monkeypatch.setattr(sys, name, io.TextIOWrapper(content, encoding=encoding))
    try:
        code: object = cli.main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    sys.stdout.flush()
    sys.stderr.flush()
    said = [content.getvalue().decode(encoding) for content in got.values()]
    monkeypatch.undo()
    assert code == (2 if arguments[0] in {"finns-inte", "check"} else 0)
    assert any(said)
    assert "\\u" not in "".join(said)


def test_json_stays_the_same_json_whatever_the_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for encoding in ("ascii", "utf-8"):
        got = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(got, encoding=encoding))
        assert cli.main(["status", "--json"]) == 0
        sys.stdout.flush()
        told.append(json.loads(got.getvalue().decode(encoding)))
        monkeypatch.undo()
    assert told[0] == told[1]


def test_a_full_disk_under_what_is_said_is_a_sentence() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [COMMAND, "status"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("Disken är full.")


# -- what the environment and the files say --------------------------------------------------------


@pytest.mark.parametrize("text", ["abc", "-5", "1.5", "9" * 30, "1_000", "٣", " 5", "253370764801"])
def test_a_moment_that_is_none_is_a_sentence(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    done = call_here("status", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("Miljövariabeln SOURCE_DATE_EPOCH är ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["0", "1705741200", "253370764800"])
def test_a_moment_that_is_one_is_taken(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert moment.today() >= date(1970, 1, 1)


ODD = {
    "deep": DEEP,
    "tables": "a = " + "{a=" * 5000 + "1" + "}" * 5000 + "\n",
    "long": f"format = {'9' * 5000}\n",
    "nan": "a = nan\n",
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_grant_file_stops_no_other(odd: str, data: Path) -> None:
    (data / "grants" / "udda.toml").write_text(ODD[odd])
    decided = data_folder.load(data, (), date(2024, 1, 20))
    assert [finding.grant for finding in decided.broken] == ["udda"]
    assert decided.broken[0].severity == "blocking"
    assert EQUAL in {grant.grant_id for grant in decided.grants}
    with pytest.raises(InputError, match=r"^grants/udda\.toml"):
        data_folder.load(data, ["udda"], date(2024, 1, 20))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_percentage_that_is_no_number_makes_its_file_broken(number: str, data: Path) -> None:
    change(data / "referensranta.toml", "procentenheter = ", f"procentenheter = {number} # ")
    with pytest.raises(InputError, match=r"^referensranta\.toml"):
        data_folder.load(data, (), date(2024, 1, 20))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999999999999999999999"])
def test_an_amount_that_is_no_number_stops_no_other_grant(number: str, data: Path) -> None:
    path = data / "grants" / f"{EQUAL}.toml"
    path.write_text(
        re.sub(r"kronor = [0-9.]+", f"kronor = {number}", path.read_text("utf-8"), count=1), "utf-8"
    )
    decided = data_folder.load(data, (), date(2024, 1, 20))
    assert [finding.grant for finding in decided.broken] == [EQUAL]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["boards.toml", "referensranta.toml"])
def test_an_odd_register_is_a_sentence(name: str, odd: str, data: Path) -> None:
    (data / name).write_text(ODD[odd])
    done = call_here("status", "--data", str(data), "--out", str(data / "out"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(name)


@pytest.mark.parametrize("odd", ODD)
def test_odd_settings_of_the_mail_are_a_sentence(odd: str, tmp_path: Path) -> None:
    (tmp_path / "post.toml").write_text(ODD[odd])
    with pytest.raises(InputError, match=r"post\.toml"):
        mail_settings.settings(tmp_path / "post.toml")


@pytest.mark.parametrize("name", sorted(places.RESERVED))
def test_no_grant_is_called_as_what_the_program_writes(name: str, data: Path) -> None:
    text = (data / "grants" / f"{EQUAL}.toml").read_text("utf-8")
    (data / "grants" / f"{name}.toml").write_text(
        text.replace(f'id = "{EQUAL}"', f'id = "{name}"', 1), "utf-8"
    )
    with pytest.raises(InputError) as told:
        data_folder.load(data, [name], date(2024, 1, 20))
    assert str(told.value).startswith(
        f"grants/{name}.toml, nyckeln id: så heter något som programmet självt skriver"
    )


def test_what_is_reserved_is_all_that_the_program_writes_beside_the_grants() -> None:
    """The words that others know; a name that is added to `places` is reserved by that alone."""
    assert {
        "kalender",
        "utkorg",
        "osakert",
        "skickat",
        "mallar",
        "index",
        "logg",
        "statsbidrag",
    } <= places.RESERVED
    assert {"slutlig", "inlamnad", "reskontra", "paket", "alla"} <= places.RESERVED


# -- what Prefect can't do -------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prefect's folder, with a database in it."""
    for name in list(os.environ):
        if name.startswith("PREFECT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    (tmp_path / prefect_database.DATABASE).write_bytes(b"no database at all")
    return tmp_path


class Started(Server):
    """A server whose process ends at once, until it has been started as often as it takes."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()

    def _start(self) -> None:
        self.count -= 1
        self._process = subprocess.Popen(["true"])
        self._process.wait()
        self._is_closed = threading.Event()
        home = Path(os.environ["PREFECT_HOME"])
        if not (home / prefect_database.DATABASE).exists():
            (home / prefect_database.DATABASE).write_bytes(b"new")

    def _answers(self) -> bool:
        return self.count == 0


def test_a_database_that_no_server_can_start_on_is_put_aside(home: Path) -> None:
    with Started(2) as server:
        server.wait()
        assert "en ny är gjord" in server.repaired
    assert content(home) == {
        "prefect.db": b"new",
        "prefect.db.undanlagd": b"no database at all",
    }


def test_what_lies_beside_a_database_goes_with_it_and_comes_back(home: Path) -> None:
    (home / "prefect.db-wal").write_bytes(b"what was to go in it")
    (home / "prefect.db.undanlagd-shm").write_bytes(b"of an earlier one")
    before = content(home)
    moved = prefect_database.put_aside(home / prefect_database.DATABASE)
    assert content(home) == {name.replace("prefect.db", "prefect.db.undanlagd"): it for name, it in before.items()
                             if "undanlagd" not in name}  # fmt: skip
    (home / "prefect.db-shm").write_bytes(b"made meanwhile")
    prefect_database.put_back(moved)
    assert content(home) == {name: it for name, it in before.items() if "undanlagd" not in name}


def test_a_database_that_was_not_at_fault_lies_where_it_lay(home: Path) -> None:
    before = content(home)
    with Started(3) as server, pytest.raises(InputError, match="startade inte"):
        server.wait()
    assert content(home) == before
    assert "PREFECT_API_URL" not in os.environ


def test_a_database_that_is_locked_is_left_to_whoever_has_it(home: Path) -> None:
    database = home / prefect_database.DATABASE
    for path in home.iterdir():
        path.unlink()
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("CREATE TABLE mine (i INT)")
    holder.execute("BEGIN EXCLUSIVE")
    with (
        Started(2) as server,
        pytest.raises(InputError, match=r"har låst den\. Stäng det programmet"),
    ):
        server.wait()
    holder.execute("ROLLBACK")
    holder.close()
    assert database.exists()
    assert not list(home.glob("*undanlagd*"))


def test_a_database_of_the_users_own_is_never_touched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PREFECT_API_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{home}/prefect.db"
    )
    before = content(home)
    with Started(2) as server, pytest.raises(InputError, match="startade inte"):
        server.wait()
    assert content(home) == before


THRESHOLD = "Service exceeded error threshold."
UNANSWERED: dict[str, Callable[[], Exception]] = {
    "gone": lambda: httpx.ReadError("reset"),
    "silent": lambda: httpx.ConnectTimeout("silent"),
    "told": lambda: RuntimeError("Cannot run. Failed to reach API at http://127.0.0.1:1/api/."),
    "many": lambda: ExceptionGroup("of a runner", [httpx.ReadError("x"), RuntimeError(THRESHOLD)]),
}  # fmt: skip


@pytest.mark.parametrize("how", UNANSWERED)
def test_a_server_that_is_gone_is_a_sentence_and_a_bug_is_a_bug(how: str, home: Path) -> None:
    with (
        pytest.raises(UnansweredError, match=r"Prefects server slutade svara"),
        prefect_answers.asked(),
    ):
        raise UNANSWERED[how]()
    with pytest.raises(ExceptionGroup), prefect_answers.asked():
        raise ExceptionGroup("x", [UNANSWERED[how](), ValueError("ours")])
    with pytest.raises(RuntimeError, match="ours"), prefect_answers.asked():
        raise RuntimeError("ours")


class Heard(terminal.Listener):
    """Remembers what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


@pytest.mark.parametrize("is_done", [True, False])
def test_what_a_flow_has_done_stands_though_prefect_is_gone(
    is_done: bool, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way with a real server that is killed is in the long tests."""

    def for_whom(caller: Caller) -> Callable[..., None]:
        def flow(*_: object) -> None:
            if is_done:
                caller.done(None)
            raise httpx.ReadError("reset")

        return flow

    monkeypatch.setattr(pipeline, "_quarterly", for_whom)
    heard = Heard()
    errand = Errand(tmp_path, tmp_path, tmp_path / "out", [], date(2024, 1, 20), "Kim Kör")

    def run() -> None:
        with Workshop() as workshop:
            pipeline.run(
                errand, is_final=False, at="", workshop=workshop, reading=[], listener=heard
            )

    if is_done:
        run()
        assert [s.endswith("allt som den skulle skriva är skrivet.") for s in heard.sentences] == [
            True
        ]
    else:
        with pytest.raises(
            InputError, match=r"Inget i .*out är ändrat\. Kör samma kommando igen\.$"
        ):
            run()
        assert not heard.sentences


def test_what_must_last_is_stopped_when_its_server_is_gone(home: Path) -> None:
    server = Started(1)
    server._process = subprocess.Popen(["sleep", "0.2"])
    waited = threading.Event()
    with pytest.raises(UnansweredError), server.lasting():
        waited.wait(30)
    server.close()


def test_a_person_who_stops_it_is_no_fault(home: Path) -> None:
    server = Started(1)
    server._process = subprocess.Popen(["sleep", "30"])
    with pytest.raises(KeyboardInterrupt), server.lasting():
        raise KeyboardInterrupt
    server._process.kill()
    server.close()


# -- the same with Prefect's own server ------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | {"XDG_STATE_HOME": str(folder / "state")}


@pytest.mark.long
def test_two_first_runs_at_once_both_come_to_their_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    ran = ["run", EQUAL, "--returns", str(tmp_path / "in"), "--as-of", "2024-01-20"]
    runs = [
        subprocess.Popen(
            [COMMAND, *ran, "--out", str(tmp_path / out)],
            cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for out in ("one", "two")
    ]  # fmt: skip
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said


KILLED = """
import sys, time
from statsbidrag.face import cli, terminal
from statsbidrag.running import prefect_server
started, start, stage = [], prefect_server.Server._start, terminal.Listener.stage
def starting(self):
    start(self)
    started.append(self._process)
def killing(self, name, *count):
    if name == sys.argv[1] and started:
        started.pop().kill()
    stage(self, name, *count)
prefect_server.Server._start, terminal.Listener.stage = starting, killing
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.mark.long
@pytest.mark.parametrize("stage", ["Ta in redovisningar", "Stäm av", "Visa läget"])
def test_a_server_that_is_killed_at_any_stage_leaves_all_or_nothing(
    stage: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    home = tmp_path / "state" / "statsbidrag" / "prefect"
    home.mkdir(parents=True)
    (home / prefect_database.DATABASE).write_bytes(b"no database at all" * 1000)
    out = tmp_path / "out"
    given = [
        "run",
        EQUAL,
        "--returns",
        str(tmp_path / "in"),
        "--out",
        str(out),
        "--as-of",
        "2024-01-20",
    ]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, stage, *given],
        cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout
    assert "Prefects databas gick inte att använda, så en ny är gjord." in done.stdout
    if done.returncode == 2:
        assert not (out / places.INDEX).exists()
        assert "är ändrat. Kör samma kommando igen." in done.stderr
    else:
        assert done.returncode == 0
        assert "allt som den skulle skriva är skrivet" in done.stdout
        assert (
            call_here("verify", "--returns", str(tmp_path / "in"), "--out", str(out)).returncode
            == 0
        )


def test_a_database_with_changes_left_beside_it_is_not_copied_without_them(tmp_path: Path) -> None:
    database = tmp_path / "statsbidrag.duckdb"
    with closing(duckdb.connect(str(database))) as con:
        con.execute("CREATE TABLE t (n INTEGER)")
    (tmp_path / "statsbidrag.duckdb.wal").write_bytes(b"")
    with pytest.raises(InputError, match=r"statsbidrag\.duckdb\.wal ligger bredvid databasen"):
        earlier_runs.copy(database, tmp_path / "copy.duckdb")
    assert not (tmp_path / "copy.duckdb").exists()
