"""What the documents say is true: every command of the README and the guide is run, all that is
named exists."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from statsbidrag.case.audit_log import LOG, Log
from statsbidrag.model.case import ReportState
from tests.example import FUND
from tests.support.way import copied

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "arsslut.md"
SKRIVBORDET = ROOT / "docs" / "skrivbordet.md"
PAGES = sorted({*(ROOT / "docs").glob("*.md")} - {GUIDE})
DOCUMENTS = [
    *(README, GUIDE),
    *(ROOT / name for name in ("GLOSSARY.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *PAGES,
    *DECISIONS,
]
MADE_BY_US = ("data/inbox", "out/", "data/post.toml", "data/skrivbord.toml", "data/huvudbok/")
"""What the documents name and only a run, or the user, makes."""
LATE_ENOUGH = "1717149600"
"""The end of May 2024, when all that the documents tell of has happened: the day that a command
takes for today."""


@dataclass(frozen=True)
class Block:
    """A fenced shell block: its commands, and what the block after it says that they print."""

    commands: tuple[str, ...]
    shown: tuple[str, ...]


def blocks(path: Path) -> list[Block]:
    """Every shell block of a document that can be run in a scratch folder, in order."""
    found = re.findall(
        r"^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?",
        path.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    split = [
        ([c for c in told.replace("\\\n", " ").splitlines() if c.strip()], shown)
        for told, shown in found
    ]
    return [
        Block(tuple(told), tuple(shown.splitlines()))
        for told, shown in split
        if not told[0].startswith("make ")
    ]


@dataclass(frozen=True)
class Done:
    """A command that has been run."""

    command: str
    code: int
    told: str


@dataclass(frozen=True)
class Ran:
    """A document whose commands have been run in order, block by block, and the folder they were
    run in."""

    folder: Path
    blocks: list[list[Done]]

    @property
    def commands(self) -> list[Done]:
        """All of them."""
        return [done for block in self.blocks for done in block]


def run(document: Path, folder: Path, *, example: bool) -> Ran:
    """Run a document's commands where a newcomer stands after `make setup`, with the example
    returns or without."""
    copied(folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "tests").symlink_to(ROOT / "tests")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
    }
    environment |= {"XDG_STATE_HOME": str(folder / "state"), "SOURCE_DATE_EPOCH": LATE_ENOUGH}

    def call(command: str) -> Done:
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(command, ended.returncode, (ended.stdout + ended.stderr).replace("\u00a0", " "))

    if example:
        call(".venv/bin/python -m tests.example --out data/inbox")
    return Ran(
        folder, [[call(command) for command in block.commands] for block in blocks(document)]
    )


@pytest.fixture(scope="module")
def readme(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The README's commands, run in a folder that looks as after `make run`, but for its
    reports."""
    return run(README, tmp_path_factory.mktemp("readme"), example=True)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The year-end of the guide."""
    return run(GUIDE, tmp_path_factory.mktemp("guide"), example=False)


@pytest.mark.parametrize("document", ["readme", pytest.param("guide", marks=pytest.mark.long)])
def test_a_command_ends_as_the_document_says(document: str, request: pytest.FixtureRequest) -> None:
    ran: Ran = request.getfixturevalue(document)
    assert len(ran.commands) > 5
    for done in ran.commands:
        said = re.search(r"# (?:exit|slutkod) (\d)", done.command)
        assert done.code == (int(said[1]) if said else 0), f"{done.command}\n{done.told}"
        assert "Traceback" not in done.told


@pytest.mark.long
def test_the_guide_shows_what_comes_out(guide: Ran) -> None:
    for block, ended in zip(blocks(GUIDE), guide.blocks, strict=True):
        told = iter("".join(done.told for done in ended).splitlines())
        for line in (line for line in block.shown if line != "…"):
            pattern = re.escape(line).replace("…", ".+")
            assert any(re.fullmatch(pattern, printed) for printed in told), line


@pytest.mark.long
def test_the_guide_ends_with_every_grant_repaid_and_all_in_its_place(guide: Ran) -> None:
    out = guide.folder / "out"
    names = {
        "mfof-2023-jamlik-tillgang": ["1", "2"],
        "mfof-2023-forebygga-kriminalitet": ["1"],
        "socialstyrelsen-2021-utsatta-omraden": ["1"],
    }
    log = Log.read(out / LOG)
    assert {path.name for path in (guide.folder / "data" / "grants").glob("*.toml")} == {
        f"{name}.toml" for name in (*names, FUND)
    }
    of_fund = log.review(FUND)
    assert of_fund
    assert of_fund.state is ReportState.DRAFT
    for name, filed in names.items():
        review = log.review(name)
        assert review
        assert review.state is ReportState.REPAID
        assert sorted(path.name for path in (out / name / "inlamnad").iterdir()) == filed
        assert {path.suffix for path in (out / name / "reskontra").iterdir()} == {
            ".html",
            ".xlsx",
            ".json",
        }
        state = "_".join((name, filed[-1], "aterbetald"))
        assert (out / name / "paket" / f"{state}.zip").is_file()
        for file in ("sparning.html", "tjansteutlatande.docx", "aterrapport.pdf", "bilaga.xlsx"):
            assert (out / name / "slutlig" / file).is_file()
        assert (out / name / "slutlig" / "svar.txt").exists() is name.startswith("socialstyrelsen")
    assert len(list((out / "mallar").glob("*.xlsx"))) == 11 + 7 + 6
    assert (out / "tjansteutlatande-mfof-2023.docx").is_file()


def test_the_files_that_the_readme_promises_are_there(readme: Ran) -> None:
    out = readme.folder / "out"
    quarter = out / "mfof-2023-jamlik-tillgang" / "2023-12-31"
    assert len(list((out / "mallar").glob("*_2023-12-31.xlsx"))) == 11
    assert len(list((out / "mallar").glob("*_spanga-tensta_2023-06-30.xlsx"))) == 1
    moved = {"omfordelning.html", "omfordelning.docx"}
    for place, only in (
        (quarter, moved),
        (quarter.with_name("slutlig"), {"tjansteutlatande.docx"}),
    ):
        assert {path.name for path in place.iterdir()} == only | {
            *(f"aterrapport.{kind}" for kind in ("html", "pdf", "docx")),
            *(f"{name}.json" for name in ("reconciliation", "findings", "manifest")),
            *(
                "bilaga.xlsx",
                "sparning.html",
                "underlag.html",
                "underlag.pdf",
                "kontrakt.html",
                "boards",
            ),
        }
    assert {"skarholmen.html", "skarholmen.xlsx", "jarva-spanga-tensta.xlsx"} <= {
        path.name for path in (quarter / "boards").iterdir()
    }
    assert {"index.html", "statsbidrag.duckdb", "logg.jsonl"} <= {
        path.name for path in out.iterdir()
    }
    assert (readme.folder / "state" / "statsbidrag" / "prefect").is_dir()


def test_what_the_readme_says_of_the_example_is_so(readme: Ran) -> None:
    grant = readme.folder / "out" / "mfof-2023-jamlik-tillgang"
    stands = {
        place: Counter(board["return_status"] for board in json.loads(text)["boards"])
        for place in ("2023-12-31", "slutlig")
        for text in [(grant / place / "reconciliation.json").read_text("utf-8")]
    }
    assert [stands["2023-12-31"][status] for status in ("missing", "held", "outdated")] == [1, 1, 1]
    assert [stands["slutlig"][status] for status in ("missing", "held", "outdated")] == [1, 3, 0]
    explained = next(done.told for done in readme.commands if " explain " in done.command)
    assert "redovisning_spanga-tensta_2023-06-30.xlsx Kostnader H6" in explained


@pytest.mark.parametrize(
    ("target", "does"),
    [
        ("setup", "--require-hashes requirements.lock"),
        ("run", "statsbidrag run --returns data/inbox --out out --as-of 2024-01-20"),
        ("test", "-m pytest"),
        ("check", "mypy"),
        ("bench", "-m tests.tools.bench"),
        ("schema", "grant.schema.json"),
        ("lock", "uv pip compile"),
    ],
)
def test_a_make_target_does_what_the_documents_say(target: str, does: str) -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert does in shown.stdout


def test_every_make_target_that_is_named_is_there() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        name
        for path in DOCUMENTS
        for name in re.findall(r"\bmake ([a-z]+)`", path.read_text("utf-8"))
    }
    named |= set(re.findall(r"^make (\w+)", README.read_text("utf-8"), re.MULTILINE))
    assert named
    assert named <= rules


def test_every_shell_block_is_marked_so_that_it_is_run() -> None:
    for path in DOCUMENTS:
        fences = re.findall(r"^```(\w*)$", path.read_text("utf-8"), re.MULTILINE)
        assert set(fences[::2]) <= {"sh", "text", "json", "yaml", "toml", "sql"}, path.name
        assert path in {README, GUIDE} or "sh" not in fences, (
            f"{path.name}: only commands of these two are run"
        )


def test_every_option_that_the_readme_names_is_one() -> None:
    statsbidrag = Path(sys.executable).with_name("statsbidrag")
    for name, words in re.findall(
        r"^\| `statsbidrag (\w+).*?` (\|.*)$", README.read_text("utf-8"), re.MULTILINE
    ):
        shown = subprocess.run(
            [statsbidrag, name, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for option in re.findall(r"--[a-z-]+", words):
            assert option in shown, f"statsbidrag {name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_or_linked_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    linked = [path.parent / link for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)]
    rooms = "flows|sql|expectations|reports|data|tests|docs"
    named = [
        name
        for name in re.findall(rf"`((?:{rooms})/[\w./-]+)`", text)
        if not name.startswith(MADE_BY_US)
    ]
    for place in [*linked, *(ROOT / name for name in named)]:
        assert place.exists(), place


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.suffix in {".png", ".svg"}
        assert picture.stat().st_size < 200_000, picture.name
        assert any(picture.name in text.read_text("utf-8") for text in (README, SKRIVBORDET))


def test_the_words_of_the_glossary_stand_where_it_says() -> None:
    rooms = [
        path
        for room in ("flows", "sql", "data")
        for path in sorted((ROOT / room).rglob("*.*"))
        if path.is_file()
    ]
    code = "\n".join(
        path.read_text("utf-8") for path in rooms if path.suffix in {".py", ".sql", ".toml"}
    )
    rows = re.findall(
        r"^\| .* \| (.*) \|$", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE
    )
    names = [name for where in rows for name in re.findall(r"`([A-Za-z_.]+)`", where)]
    assert len(names) > 50
    for name in names:
        for part in name.split("."):
            assert re.search(rf"\b{part}\b", code), name
