"""What the documents say is true: every command of the README is run, every file and option that is named exists."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [ROOT / name for name in ("README.md", "GLOSSARY.md", "CONTRIBUTING.md", "CHANGELOG.md")] + DECISIONS
README = (ROOT / "README.md").read_text("utf-8")
MADE_BY_US = ("data/inbox", "out/")
"""Folders that the documents name and that only a run makes."""


def commands(text: str) -> list[str]:
    """Every command of the fenced shell blocks, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


COMMANDS = commands(README)
RUN = [command for command in COMMANDS if not command.startswith("make ")]


@dataclass(frozen=True)
class Done:
    """A command that has been run, and the folder it was run in."""

    code: int
    told: str
    folder: Path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Done]:
    """The README's commands, run in order in a folder that looks as after `make run`, but for its reports."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("inbox"))
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    example = [sys.executable, "-m", "tests.example", "--out", str(folder / "data" / "inbox")]
    subprocess.run(example, cwd=ROOT, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment["XDG_STATE_HOME"] = str(folder / "state")
    results = {}
    for command in RUN:
        ended = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        results[command] = Done(ended.returncode, ended.stdout + ended.stderr, folder)
    return results


@pytest.mark.parametrize("command", RUN)
def test_a_command_ends_as_the_readme_says(command: str, done: Mapping[str, Done]) -> None:
    said = re.search(r"# exit (\d)", command)
    assert done[command].code == (int(said[1]) if said else 0), done[command].told
    assert "Traceback" not in done[command].told


def test_the_files_that_the_readme_promises_are_there(done: Mapping[str, Done]) -> None:
    folder = next(iter(done.values())).folder
    quarter = folder / "out" / "mfof-2023-jamlik-tillgang" / "2023-12-31"
    assert len(list((folder / "out" / "mallar").glob("*_2023-12-31.xlsx"))) == 11
    assert len(list((folder / "out" / "mallar").glob("*_spanga-tensta_2023-06-30.xlsx"))) == 1
    for place in (quarter, quarter.with_name("slutlig")):
        names = {path.name for path in place.iterdir()}
        assert names == {
            *(f"aterrapport.{kind}" for kind in ("html", "pdf", "docx")),
            *(f"{name}.json" for name in ("reconciliation", "findings", "manifest")),
            *("bilaga.xlsx", "sparning.html", "boards"),
        }
    assert {"skarholmen.html", "skarholmen.xlsx", "jarva-spanga-tensta.xlsx"} <= {
        path.name for path in (quarter / "boards").iterdir()
    }
    assert (folder / "out" / "index.html").is_file()
    assert (folder / "out" / "statsbidrag.duckdb").is_file()
    assert (folder / "state" / "statsbidrag" / "prefect").is_dir()


def test_what_the_readme_says_of_the_example_is_so(done: Mapping[str, Done]) -> None:
    grant = next(iter(done.values())).folder / "out" / "mfof-2023-jamlik-tillgang"
    stands = {
        place: Counter(board["return_status"] for board in json.loads(text)["boards"])
        for place in ("2023-12-31", "slutlig")
        for text in [(grant / place / "reconciliation.json").read_text("utf-8")]
    }
    assert [stands["2023-12-31"][status] for status in ("missing", "held", "outdated")] == [1, 1, 1]
    assert [stands["slutlig"][status] for status in ("missing", "held", "outdated")] == [1, 3, 0]
    explained = next(result.told for command, result in done.items() if " explain " in command)
    assert "redovisning_spanga-tensta_2023-06-30.xlsx Kostnader H6" in explained


@pytest.mark.parametrize(
    ("target", "does"),
    [
        ("setup", "--require-hashes requirements.lock"),
        ("run", "statsbidrag run --returns data/inbox --out out --as-of 2024-01-20"),
        ("test", "-m pytest"),
        ("check", "mypy"),
        ("bench", "-m tests.bench"),
        ("schema", "grant.schema.json"),
        ("lock", "uv pip compile"),
    ],
)
def test_a_make_target_does_what_the_documents_say(target: str, does: str) -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert does in shown.stdout


def test_every_make_target_that_is_named_is_there() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"\bmake ([a-z]+)`", path.read_text("utf-8"))}
    named |= {command.split()[1] for command in COMMANDS if command.startswith("make ")}
    assert named
    assert named <= rules


def test_every_shell_block_is_marked_so_that_it_is_run() -> None:
    for path in DOCUMENTS:
        fences = re.findall(r"^```(\w*)$", path.read_text("utf-8"), re.MULTILINE)
        assert set(fences[::2]) <= {"sh", "text", "yaml", "toml", "sql"}, path.name
        assert path.name == "README.md" or "sh" not in fences, f"{path.name}: only the README's commands are run"


def test_every_option_that_the_readme_names_is_one() -> None:
    statsbidrag = Path(sys.executable).with_name("statsbidrag")
    for name, words in re.findall(r"^\| `statsbidrag (\w+).*?` (\|.*)$", README, re.MULTILINE):
        shown = subprocess.run([statsbidrag, name, "--help"], capture_output=True, text=True, check=True).stdout
        for option in re.findall(r"--[a-z-]+", words):
            assert option in shown, f"statsbidrag {name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_or_linked_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    linked = [path.parent / link for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)]
    rooms = "flows|sql|expectations|reports|data|tests|docs"
    named = [name for name in re.findall(rf"`((?:{rooms})/[\w./-]+)`", text) if not name.startswith(MADE_BY_US)]
    for place in [*linked, *(ROOT / name for name in named)]:
        assert place.exists(), place


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.suffix == ".png"
        assert picture.stat().st_size < 200_000, picture.name
        assert picture.name in README


def test_the_words_of_the_glossary_stand_where_it_says() -> None:
    rooms = [path for room in ("flows", "sql", "data") for path in sorted((ROOT / room).rglob("*.*")) if path.is_file()]
    code = "\n".join(path.read_text("utf-8") for path in rooms if path.suffix in {".py", ".sql", ".toml"})
    rows = re.findall(r"^\| .* \| (.*) \|$", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    names = [name for where in rows for name in re.findall(r"`([A-Za-z_.]+)`", where)]
    assert len(names) > 50
    for name in names:
        for part in name.split("."):
            assert re.search(rf"\b{part}\b", code), name
