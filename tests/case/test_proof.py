"""What `verify` sees: all that is under the out folder, the log's end, what is printed of it, the
program's rules."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from statsbidrag.base import program, tree
from statsbidrag.base.errors import InputError
from statsbidrag.case import (
    casefile,
    casework,
    intact,
    package,
    proof,
    store,
)
from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.model import fingerprints, log_lines
from statsbidrag.running import watch
from statsbidrag.year import correspondence, mail_settings, outbox, sending
from tests import example
from tests.support.cases import NBSP, Case
from tests.support.commands import ROOT, run

pytestmark = [pytest.mark.usefixtures("server"), pytest.mark.long]  # a case is played through first
GRANT = example.CRIME
AT = "2024-03-05T08:00:00+01:00"


@dataclass(frozen=True)
class Case(Case):
    """A case that has been played through, and what is tampered with in it."""

    def letter(self, box: str) -> Path:
        """The first letter of a folder."""
        return min((self.out / box).glob("*.eml"))

    def told(self, *arguments: str) -> tuple[int, list[str]]:
        """The exit code of `verify`, and what it says, line by line."""
        done = self.do("verify", *arguments)
        return done.returncode, done.stdout.replace(NBSP, " ").splitlines()

    def holds(self) -> list[str]:
        """That nothing is wrong, and what is said of it."""
        code, lines = self.told()
        assert code == 0, lines
        assert lines[0].startswith("Allt stämmer: ")
        return lines

    def fault(self, *arguments: str) -> str:
        """What is wrong, without the line about the last event."""
        code, lines = self.told(*arguments)
        assert code == 3, lines
        assert lines[-1].startswith(("Sista händelsen: nr ", "Den sista händelsen före felet: nr "))
        return "\n".join(lines[:-1])


def copied(case: Case, folder: Path) -> Case:
    """A copy to work on."""
    shutil.copytree(case.returns, folder / "in")
    shutil.copytree(case.out, folder / "out", symlinks=True)
    return Case(folder / "in", folder / "out")


@pytest.fixture(scope="module")
def played_once(filed_once: Case, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case from the quarter to the claim, with its package, calendars and letters; nobody touches
    this one."""
    case = copied(filed_once, tmp_path_factory.mktemp("played"))
    assert run(case.returns, case.out, GRANT, "--by", "Kim Kör").returncode == 0
    about = (
        "--ref",
        "MFoF 2024/1",
        "--amount",
        "100",
        "--due",
        "2024-04-01",
        "--as-of",
        "2024-03-01",
    )
    case.step("claim", "Bo Bok", "2024-03-01", *about)
    assert case.do("package", "--by", "Ina In").returncode == 0
    watch.look(
        casefile.Occasion(ROOT / "data", case.returns, case.out, AT), date(2024, 3, 5), "Kim Kör"
    )
    waiting = sorted((case.out / outbox.OUTBOX).glob("*.eml"))
    assert len(waiting) > 4
    by_hand, by_us, uncertain = waiting[:3]
    for box in (outbox.UNCERTAIN, outbox.SENT):
        (case.out / box).mkdir()
    by_hand.rename(case.out / outbox.SENT / by_hand.name)
    uncertain.rename(case.out / outbox.UNCERTAIN / uncertain.name)
    settings = mail_settings.Settings(
        "127.0.0.1", 25, "ingen", "statsbidrag@example.org", None, ("example.org", "stockholm.se")
    )
    content, _ = sending._outgoing(by_us.read_bytes(), settings, datetime.fromisoformat(AT))
    by_us.unlink()
    (case.out / outbox.SENT / by_us.name).write_bytes(content)
    (case.out / "mallar").mkdir()
    (case.out / "mallar" / f"{GRANT}_jarva_2023-12-31.xlsx").write_bytes(b"en mall")
    (case.out / "tjansteutlatande-mfof.docx").write_bytes(b"ett utkast")
    return case


@pytest.fixture
def played(played_once: Case, tmp_path: Path) -> Case:
    """A copy of it to work on."""
    return copied(played_once, tmp_path)


def test_an_honest_case_holds_and_tells_what_is_not_ours(played: Case) -> None:
    lines = played.holds()
    log = Log.read(played.out / LOG)
    last = f"Sista händelsen: nr {len(log.events)}, 2024-03-05 08:00, hash {log.sha256}."
    assert lines[1:] == [
        (
            f"Det här i {played.out} är inte programmets och är inte prövat: mallar och "
            "tjansteutlatande-mfof.docx."
        ),
        f"{last} Spara den där ingen kommer åt den, och pröva med verify --hash nästa gång.",
    ]
    for event in (log.events[0], log.events[-1]):
        assert played.told("--hash", log.sha256, "--hash", event.sha256.upper())[0] == 0


# -- tampered with ---------------------------------------------------------------------------------


def put(name: str, content: bytes = b"x") -> Callable[[Case], None]:
    def change(case: Case) -> None:
        (case.out / name).parent.mkdir(parents=True, exist_ok=True)
        (case.out / name).write_bytes(content)

    return change


def more(name: str) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        (case.out / name).chmod(0o644)
        with (case.out / name).open("ab") as file:
            file.write(b" ")

    return change


def gone(name: str) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        path = case.out / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def linked(name: str) -> Callable[[Case], None]:
    """The same content, but elsewhere, with a link to it."""

    def change(case: Case) -> None:
        (case.out / name).rename(case.out.parent / "annanstans")
        (case.out / name).symlink_to(case.out.parent / "annanstans")

    return change


def piped(case: Case) -> None:
    (case.out / GRANT / "slutlig" / "aterrapport.pdf").unlink()
    os.mkfifo(case.out / GRANT / "slutlig" / "aterrapport.pdf")


def letter(box: str, change: Callable[[Path], object]) -> Callable[[Case], None]:
    return lambda case: change(case.letter(box)) and None


def reworded(path: Path) -> int:
    content = path.read_bytes()
    assert b"Hej!" in content
    return path.write_bytes(content.replace(b"Hej!", b"Nej!", 1))


def back_again(path: Path) -> Path:
    return Path(shutil.copy(path, path.parent.parent / outbox.OUTBOX))


FORGED = b"<html>forged</html>"
ZIP = f"{GRANT}/paket/{GRANT}_1_inlamnad.zip"
TAMPERED: dict[str, tuple[Callable[[Case], None], str]] = {
    "index": (more("index.html"), "Filen index.html har ändrats"),
    "index gone": (gone("index.html"), "Filen index.html fattas"),
    "index a link": (linked("index.html"), "index.html är en länk"),
    "calendar": (more("kalender/alla.ics"), "Filen kalender/alla.ics har ändrats"),
    "calendar come": (
        put("kalender/annan.ics"),
        "Filen kalender/annan.ics är inte skriven av programmet",
    ),
    "calendar gone": (gone(f"kalender/{GRANT}.ics"), f"Filen kalender/{GRANT}.ics fattas"),
    "calendars gone": (gone("kalender"), "Mappen kalender fattas"),
    "calendars a link": (linked("kalender"), "kalender är en länk"),
    "report forged": (
        put(f"{GRANT}/2022-12-31/aterrapport.html", FORGED),
        f"{GRANT}/2022-12-31 finns men",
    ),
    "report beside": (
        put(f"{GRANT}/rattelse/aterrapport.html", FORGED),
        f"{GRANT}/rattelse finns men",
    ),
    "file beside": (put(f"{GRANT}/aterrapport.pdf", FORGED), f"{GRANT}/aterrapport.pdf finns men"),
    "filed forged": (
        put(f"{GRANT}/inlamnad/2/aterrapport.html", FORGED),
        f"{GRANT}/inlamnad/2 finns men",
    ),
    "package forged": (
        put(f"{GRANT}/paket/annat.zip"),
        f"Paketet {GRANT}/paket/annat.zip finns men",
    ),
    "grant forged": (
        put("mfof-2024-annat/slutlig/aterrapport.html", FORGED),
        "mfof-2024-annat/slutlig finns men",
    ),
    "grant forged flat": (put("annat/Aterrapport.PDF", FORGED), "annat/Aterrapport.PDF finns men"),
    "log of another": (put("mallar/logg.jsonl"), "mallar/logg.jsonl finns men"),
    "changes to the database beside it": (
        put("statsbidrag.duckdb.wal"),
        "statsbidrag.duckdb.wal finns men",
    ),
    "report a link": (
        linked(f"{GRANT}/slutlig/aterrapport.pdf"),
        f"{GRANT}/slutlig/aterrapport.pdf är en länk",
    ),
    "boards a link": (linked(f"{GRANT}/slutlig/boards"), f"{GRANT}/slutlig/boards är en länk"),
    "report folder a link": (linked(f"{GRANT}/slutlig"), f"{GRANT}/slutlig är en länk"),
    "filed a link": (linked(f"{GRANT}/inlamnad"), f"{GRANT}/inlamnad är en länk"),
    "grant a link": (linked(GRANT), f"{GRANT} är en länk"),
    "package a link": (linked(ZIP), f"{ZIP} är en länk"),
    "log a link": (linked("logg.jsonl"), "logg.jsonl är ingen vanlig fil"),
    "database a link": (linked("statsbidrag.duckdb"), "statsbidrag.duckdb är ingen vanlig fil"),
    "report a pipe": (piped, f"{GRANT}/slutlig/aterrapport.pdf är ingen vanlig fil"),
    "report gone": (gone(f"{GRANT}/slutlig"), f"Mappen {GRANT}/slutlig fattas"),
    "ledger": (
        more(f"{GRANT}/reskontra/reskontra.html"),
        f"Filen {GRANT}/reskontra/reskontra.html har ändrats",
    ),
    "rules that were kept": (
        more(f"{GRANT}/inlamnad/1/regler.zip"),
        f"Filen {GRANT}/inlamnad/1/regler.zip har ändrats",
    ),
    "letter": (letter("utkorg", reworded), r"Brevet utkorg/\S+.eml har ändrats"),
    "uncertain letter": (letter("osakert", reworded), r"Brevet osakert/\S+.eml har ändrats"),
    "letter sent by hand": (letter("skickat", reworded), r"Brevet skickat/\S+.eml har ändrats"),
    "letter sent": (
        lambda case: (reworded(max((case.out / "skickat").glob("*.eml"))), None)[1],
        r"Brevet skickat/\S+.eml har ändrats",
    ),
    "letter gone": (
        letter("skickat", lambda path: path.unlink() or True),
        r"Brevet \S+.eml fattas",
    ),
    "letter sent again": (letter("skickat", back_again), "ligger både i utkorg och i skickat"),
    "letter forged": (put("utkorg/paminnelse_x_0_0.eml"), "utkorg/paminnelse_x_0_0.eml finns men"),
    "letters a link": (linked("utkorg"), "utkorg är ingen mapp"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_what_was_tampered_with(name: str, played: Case) -> None:
    change, said = TAMPERED[name]
    change(played)
    told = played.fault()
    assert re.search(said, told), told


def rehashed(out: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The log made anew by somebody who knows how: every line changed as wanted, and the chain made
    to hold."""
    previous, lines = log_lines.NOTHING, []
    for line in (out / LOG).read_text("utf-8").splitlines():
        body = json.loads(line)
        del body["sha256"]
        change(body)
        body["previous"] = previous
        previous = fingerprints.hash_of(body)
        lines.append(fingerprints.canonical(body | {"sha256": previous}))
    (out / LOG).write_text("\n".join(lines) + "\n", "utf-8")
    Log.read(out / LOG)


def another_attester(body: dict[str, Any]) -> None:
    if body["kind"] == "attested":
        body["by"] = "Falk Falsk"


def another_day(body: dict[str, Any]) -> None:
    if body["kind"] == "filed":
        body["details"]["on"] = "2024-01-26"


def test_a_log_that_was_made_anew_is_told_by_the_report_and_by_the_package(played: Case) -> None:
    kept = Log.read(played.out / LOG).sha256
    rehashed(played.out, another_attester)
    told = played.fault("--hash", kept)
    assert (
        f"{GRANT}/inlamnad/1/underlag.html säger ”attesterad av Alf Attest 2024-01-25”, men loggen "
        "säger ”attesterad av Falk Falsk 2024-01-25”" in told
    )
    assert f"{GRANT}/slutlig/underlag.html har loggens hash vid attest" in told
    assert f"Loggen i paketet {ZIP} skiljer sig från logg.jsonl på rad" in told
    assert f"Loggen har ingen händelse med hashen {kept}" in told
    assert "Falk Falsk" in played.refused("package", "--by", "Ina In")


def test_another_day_in_a_log_that_was_made_anew_is_told(played: Case) -> None:
    rehashed(played.out, another_day)
    assert (
        "säger ”inlämnad av Ina In 2024-01-25”, men loggen säger ”inlämnad av Ina In 2024-01-26”"
        in played.fault()
    )


def test_a_log_that_has_lost_its_end_with_what_it_told_of_is_told_by_a_hash(filed: Case) -> None:
    case = Case(filed.returns, filed.out)
    before = (case.out / LOG).read_text("utf-8")
    assert case.do("package", "--by", "Ina In").returncode == 0
    kept = case.holds()[-1].split("hash ")[1].split(".")[0]
    shutil.rmtree(case.out / GRANT / "paket")
    (case.out / LOG).write_text(before, "utf-8")
    case.holds()  # nothing in the folder can tell
    assert f"Loggen har ingen händelse med hashen {kept}" in case.fault("--hash", kept)


def test_an_older_copy_of_the_whole_folder_is_told_by_a_hash(filed: Case) -> None:
    case = Case(filed.returns, filed.out)
    shutil.copytree(case.out, case.out.with_name("kopia"))
    assert case.do("package", "--by", "Ina In").returncode == 0
    kept = Log.read(case.out / LOG).sha256
    older = Case(case.returns, case.out.with_name("kopia"))
    older.holds()
    assert "mappen är en äldre säkerhetskopia" in older.fault("--hash", kept)
    assert case.told("--hash", kept)[0] == 0


def test_what_is_no_hash_is_a_sentence(filed: Case) -> None:
    done = filed.do("verify", "--hash", "abc")
    assert done.returncode == 2
    assert "abc är ingen hash. Den är 64 tecken lång" in done.stderr


def test_a_broken_log_ends_with_the_last_event_that_holds(filed: Case) -> None:
    case = Case(filed.returns, filed.out)
    events = Log.read(case.out / LOG).events
    lines = (case.out / LOG).read_text("utf-8").splitlines()
    (case.out / LOG).write_text("\n".join([*lines[:4], lines[5]]) + "\n", "utf-8")
    code, told = case.told()
    assert code == 3
    assert told[0].startswith("logg.jsonl, rad 5: raden är inte som när den skrevs")
    assert told[1].startswith("Den sista händelsen före felet: nr 4, ")
    assert events[3].sha256 in told[1]


# -- letters on the move ---------------------------------------------------------------------------


def test_a_letter_that_is_sent_meanwhile_is_no_fault(
    played: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves on as soon as its folder has been looked at, and a temporary file lies beside the
    one being written."""
    look = tree.look
    moves = {outbox.OUTBOX: outbox.UNCERTAIN, outbox.UNCERTAIN: outbox.SENT}

    def moving(folder: Path) -> dict[str, tree.Kind]:
        found = look(folder)
        if folder.name in moves:
            path = min(folder.glob("*.eml"))
            path.rename(folder.parent / moves[folder.name] / path.name)
            (folder.parent / outbox.SENT / f".{path.name}.ny").write_bytes(b"half")
        return found

    monkeypatch.setattr(tree, "look", moving)
    verdict = proof.verify(played.returns, played.out)
    assert verdict.faults == ()


def test_a_letter_that_gave_way_to_a_newer_one_may_be_gone_or_sent(played: Case) -> None:
    by_hand = correspondence.letter("paminnelse", "g b", "dag", "b@example.org", "Ett", "Hej!")
    newer = correspondence.letter("paminnelse", "g b", "dag", "b@example.org", "Två", "Hej!")
    for one in (by_hand, newer):
        with store.Change(played.out) as change:
            log = Log.read(played.out / LOG)
            casework.put_letters(change, log, AT, "Kim Kör", [one])
            casework.publish(change, log)
    assert not (played.out / outbox.OUTBOX / by_hand.file_name).exists()
    played.holds()
    (played.out / outbox.SENT / by_hand.file_name).write_bytes(by_hand.draft())
    played.holds()


# -- the program's rules ---------------------------------------------------------------------------


def another_program(monkeypatch: pytest.MonkeyPatch, version: str | None = None) -> None:
    """A later process, where one file of sql/ is another, and perhaps the version too."""
    parts = program.parts()
    parts["sql/510_city.sql"] += b"-- x\n"
    monkeypatch.setattr(program, "parts", lambda: parts)
    if version:
        monkeypatch.setattr(program, "__version__", version)
    monkeypatch.setattr(program, "LOADED", program.rules(parts))


def test_rules_that_have_changed_without_their_version_are_named(
    played: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_program(monkeypatch)
    told = played.fault()
    assert f"när {GRANT} 2023-12-31 kördes, fast versionen är densamma" in told
    assert "Det som skiljer: sql/510_city.sql." in told


def test_without_kept_rules_the_room_that_has_changed_is_named(
    ran: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_program(monkeypatch)
    assert "Det som skiljer: något i sql/." in Case(ran.returns, ran.out).fault()


def test_another_version_is_told_and_no_fault(
    played: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_program(monkeypatch, "9.0.0")
    assert f"Kört med program 0.1.0, inte med det här, 9.0.0: {GRANT} 2023-12-31." in played.holds()


def test_a_filed_report_is_packed_with_its_own_rules(
    played: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = program.parts()
    another_program(monkeypatch, "9.0.0")
    made = package.make(
        casefile.Occasion(ROOT / "data", played.returns, played.out, AT), GRANT, "Ina In"
    )
    with zipfile.ZipFile(made) as opened:
        packed = {
            n.removeprefix("regler/"): opened.read(n)
            for n in opened.namelist()
            if n.startswith("regler/")
        }
        read_me = opened.read("LÄS MIG.txt").decode()
    assert packed == was
    assert "som de var när rapporten lämnades in: program 0.1.0" in read_me
    assert "Programmet är ett annat nu (9.0.0)" in read_me
    played.holds()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (None, "Programmets regler har ändrats sedan rapporten om .* kördes, i sql"),
        ("9.0.0", "kördes med program 0.1.0, och det här är 9.0.0"),
    ],
)
def test_nothing_is_decided_under_other_rules_than_those_of_the_run(
    version: str | None, said: str, ran: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = copied(ran, tmp_path)
    with monkeypatch.context() as patched:
        another_program(patched, version)
        for command in ("review", "package"):
            on = ("--on", "2024-01-25") if command == "review" else ()
            told = case.refused(command, "--by", "Gro Gransk", *on)
            assert re.search(said, told), told
            assert f"Kör statsbidrag run {GRANT} --final igen." in told
    for command, by in (("review", "Gro Gransk"), ("approve", "Alf Attest")):
        case.step(command, by)
    another_program(monkeypatch, version)
    assert "Kör statsbidrag run" in case.refused("file", "--by", "Ina In", "--on", "2024-01-25")
    case.rerun()
    assert "UTKAST" in case.read("aterrapport.html"), (
        "what was attested was reckoned by other rules"
    )
    assert [kind for kind in case.kinds() if kind != "written"][-1] == "rules_changed"
    case.step("review", "Gro Gransk")
    case.holds()


def test_a_program_whose_files_change_under_it_stops(
    ran: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = program.parts() | {"sql/510_city.sql": b"SELECT 1"}
    monkeypatch.setattr(program, "parts", lambda: parts)
    with pytest.raises(InputError, match="medan det var igång"):
        proof.verify(ran.returns, ran.out)


def test_the_rules_are_every_file_that_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set(program.parts())
    for folder, suffixes in {
        "sql": {".sql"},
        "expectations": {".yaml", ".toml"},
        "reports": {".j2", ".css", ".typ", ".docx"},
        "flows": {".py"},
    }.items():
        there = {
            p.relative_to(ROOT).as_posix()
            for p in (ROOT / folder).rglob("*")
            if p.suffix in suffixes
        }
        assert there
        assert there <= names
    before = program.rules(program.parts())
    for name in (
        "sql/rules/" + min(n for n in names if "/rules/" in n).rsplit("/", 1)[1],
        "reports/aterrapport.docx",
    ):
        changed = program.rules(program.parts() | {name: b"x"})
        assert changed.sha256 != before.sha256
        assert [r for r in before.rooms if before.rooms[r] != changed.rooms[r]] == [
            name.split("/")[0]
        ]
    assert program.unpacked(program.kept()) == program.parts()
    assert program.kept() == program.kept()


# -- an older log ----------------------------------------------------------------------------------


@pytest.fixture
def old(ran: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case that was filed by a program that told its log less, and wrote calendars and letters
    without telling."""
    shutil.copytree(ran.returns, tmp_path / "in")
    case, add = Case(tmp_path / "in", tmp_path / "out"), Log.add

    def telling_less(self: Log, kind: str, at: str, **details: Any) -> Any:
        if (
            kind in {"inventoried", "placed", "drafted"}
            or details.get("place") == casefile.CALENDARS
        ):
            return None
        for name in ("program_version", "rules_sha256", "rules"):
            details.pop(name, None)
        if "files" in details:
            details["files"] = {
                name: s for name, s in details["files"].items() if name != casefile.RULES
            }
        return add(self, kind, at, **details)

    with monkeypatch.context() as patched:
        patched.setattr(Log, "add", telling_less)
        patched.setattr(intact, "other_rules", lambda *_: None)
        case.rerun()
        for command, by in (
            ("review", "Gro Gransk"),
            ("approve", "Alf Attest"),
            ("file", "Ina In"),
        ):
            case.step(command, by)
        watch.look(
            casefile.Occasion(ROOT / "data", case.returns, case.out, AT),
            date(2024, 3, 5),
            "Kim Kör",
        )
    (case.out / GRANT / "inlamnad" / "1" / casefile.RULES).unlink()
    return case


def test_an_older_log_is_read_and_what_it_does_not_tell_is_said(old: Case) -> None:
    notes = "\n".join(old.holds())
    assert "säger inte med vilka regler det här kördes" in notes
    assert "säger inget om översikten, kalendrarna och breven" in notes
    more(f"{GRANT}/slutlig/bilaga.xlsx")(old)
    assert f"Filen {GRANT}/slutlig/bilaga.xlsx har ändrats" in old.fault()


def test_an_older_log_goes_on_and_tells_all_from_then_on(old: Case) -> None:
    assert old.do("package", "--by", "Ina In").returncode == 0
    with zipfile.ZipFile(next((old.out / GRANT / "paket").iterdir())) as opened:
        assert "Hur de var vid inlämningen skrevs inte upp" in opened.read("LÄS MIG.txt").decode()
    old.holds()
    old.rerun()
    assert "corrected" not in old.kinds(), "what was filed is still filed"
    assert "rules_changed" not in old.kinds()
    assert len(old.holds()) == 2
    reworded(old.letter("utkorg"))
    assert "Brevet utkorg/" in old.fault()


def test_a_draft_of_an_older_log_is_run_again_before_it_is_decided_on(
    ran: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = copied(ran, tmp_path)

    def told_less(body: dict[str, Any]) -> None:
        for name in ("program_version", "rules_sha256", "rules"):
            body["details"].pop(name, None)
            body["details"].get(log_lines.AS_IN, {}).pop(name, None)

    rehashed(case.out, told_less)
    assert "säger inte med vilka regler" in case.refused(
        "review", "--by", "Gro Gransk", "--on", "2024-01-25"
    )
    case.rerun()
    case.step("review", "Gro Gransk")
