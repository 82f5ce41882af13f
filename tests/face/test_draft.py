"""`statsbidrag draft`: what it writes, and what it says."""

import re
import shutil
from pathlib import Path

import pytest

from statsbidrag.decisions import data_folder
from tests.support.commands import ROOT, call_here
from tests.support.planted import AS_OF

SOURCES = ROOT / "data" / "sources"
PARTS = (SOURCES / "000_ab17da66eb01f91d.txt", SOURCES / "001_d1b83a7c19c29397.txt")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("inbox"))
    for path in (folder / "grants").glob("mfof-*.toml"):
        text = re.sub(r'(?m)^((?:kort)?namn) = "', r'\1 = "Tidigare ', path.read_text("utf-8"))
        text = text.replace("Tidigare Myndigheten", "Myndigheten").replace(
            '"Tidigare MFoF"', '"MFoF"'
        )
        path.write_text(text, "utf-8")
    return folder


def test_a_decision_in_two_files_gives_a_draft_for_each_of_its_tables(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "utkast"
    done = call_here("draft", *map(str, PARTS), "--data", str(data), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "8\u00a0453\u00a0074\u00a0kr" in done.stdout, "the krona that is missing is told"
    drafts = sorted(out.glob("*.toml"))
    assert len(drafts) == 2
    page = (out / "utkast.html").read_text("utf-8")
    assert all(path.stem in page for path in drafts)
    for path in drafts:
        shutil.copyfile(path, data / "grants" / path.name)
    decided = data_folder.load(data, (), AS_OF)
    assert not decided.broken
    assert {g.grant_id for g in decided.grants if g.is_draft} == {path.stem for path in drafts}


def test_a_draft_is_refused_by_run_and_taken_by_template(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "utkast"
    call_here("draft", *map(str, PARTS), "--data", str(data), "--out", str(out))
    path = sorted(out.glob("*.toml"))[0]
    shutil.copyfile(path, data / "grants" / path.name)
    words = ["--data", str(data), "--out", str(tmp_path / "ut"), "--as-of", "2024-01-20"]
    run = call_here("run", path.stem, "--returns", str(ROOT / "tests"), *words)
    assert run.returncode == 2
    assert "är ett utkast" in run.stderr
    made = call_here("template", path.stem, "--period-end", "2023-12-31", *words)
    assert made.returncode == 0, made.stderr


def test_nothing_is_written_over(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "utkast"
    asked = ["draft", *map(str, PARTS), "--data", str(data), "--out", str(out)]
    assert call_here(*asked).returncode == 0
    before = {path: path.read_bytes() for path in out.iterdir()}
    again = call_here(*asked)
    assert again.returncode == 2
    assert "finns redan" in again.stderr
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_without_a_table_there_is_no_draft(data: Path, tmp_path: Path) -> None:
    letter = tmp_path / "brev.txt"
    letter.write_text("Här står ingen fördelning.\n", "utf-8")
    out = tmp_path / "utkast"
    done = call_here("draft", str(letter), "--data", str(data), "--out", str(out))
    assert done.returncode == 3
    assert "Inget utkast gick att göra" in done.stdout
    assert [path.name for path in out.iterdir()] == ["utkast.html"]


def test_a_file_that_is_not_there_is_told(data: Path, tmp_path: Path) -> None:
    done = call_here("draft", "saknas.txt", "--data", str(data), "--out", str(tmp_path / "u"))
    assert done.returncode == 2
    assert "saknas.txt finns inte" in done.stderr
