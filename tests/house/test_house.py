"""The house as house.md has it: who imports whom, what is shipped, and what the SQL and the
templates may hold."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from statsbidrag import FLOORS
from statsbidrag.decisions import register
from statsbidrag.money import repayment, steps
from statsbidrag.money.tables import CHANGE_STEPS

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / "flows").rglob("*.py"))
ENGINES = {
    "great_expectations": {"suites", "light_expectations", "gx_loading"},
    "pandas": {"suites"},
    "numpy": {"duck"},
    "duckdb": {"duck", "loading", "alone", "earlier_runs", "steps", "reconciliation", "repayment"},
    "openpyxl": {"excel", "opening"},
    "python_calamine": {"second_reader"},
    "jinja2": {"pages"},
    "xlsxwriter": {"spreadsheet", "template_book"},
    "typst": {"pdf"},
    "docxtpl": {"word"},
    "docx": {"word", "document_paragraphs"},
    "pdfplumber": {"document_pages"},
    "markdown_it": {"contract"},
    "holidays": {"working_days"},
    "icalendar": {"calendar_files"},
    "prefect": {
        "artifacts",
        "cluster",
        "moments",
        "pipeline",
        "stages",
        "prefect_door",
        "prefect_answers",
        "prefect_database",
        "prefect_server",
        "questions",
        "service",
    },
    "prefect_dask": {"cluster"},
    "distributed": {"cluster"},
    "uvicorn": {"door", "prefect_door"},
    "rich": {"terminal"},
    "pydantic": {"booking_layouts", "data_files", "declaration", "questions", "desk_settings"},
    "starlette": {
        "amending_forms",
        "asking",
        "boards_room",
        "deadlines_room",
        "decisions_room",
        "desk_app",
        "drafts_room",
        "entrance",
        "evidence_room",
        "files_room",
        "front_room",
        "grant_room",
        "ledger_room",
        "letters_room",
        "log_room",
        "openid",
        "report_room",
        "returns_room",
        "settling_room",
        "still_files",
        "uploads",
        "waivers_room",
    },
    "authlib": {"openid"},
    "tomlkit": {"toml_files"},
}
"""The modules that may import each heavy library."""


def imports(path: Path) -> tuple[set[str], set[str]]:
    """The floors of our own and other people's packages that a file imports, wherever in it."""
    own: set[str] = set()
    others: set[str] = set()
    to_the_floors = len(path.relative_to(ROOT / "flows").parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == to_the_floors:
            own |= {(node.module or "").split(".")[0]}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            others.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            others |= {name.name.split(".")[0] for name in node.names}
    return own - {""}, others


def floor_of(path: Path) -> str:
    """The floor that a module lies on, in a room of its own or not; none: beside the floors."""
    first, *rest = path.relative_to(ROOT / "flows").parts
    return first if rest else ""


@pytest.mark.parametrize("path", FLOWS, ids=lambda p: p.stem)
def test_a_floor_rests_on_those_below(path: Path) -> None:
    own, others = imports(path)
    floor = floor_of(path)
    assert own <= {*FLOORS[: FLOORS.index(floor)]} if floor in FLOORS else not own
    assert "statsbidrag" not in others, "a module of our own is imported by its place in the house"
    for engine, rooms in ENGINES.items():
        assert engine not in others or path.stem in rooms, f"{path.name} imports {engine}"


def test_every_module_lies_on_a_floor_and_no_two_have_one_name() -> None:
    modules = [path for path in FLOWS if path.name != "__init__.py"]
    assert {floor_of(path) for path in modules} == {*FLOORS}
    names = sorted(path.stem for path in modules)
    assert names == sorted(set(names))


LONG = {
    "tables": "the declaration of every table of the reconciliation, with its words",
    "declaration": "the declaration of every key of the files in data/",
}
"""The modules of more than 400 lines, and why."""


@pytest.mark.parametrize("path", FLOWS, ids=lambda p: p.stem)
def test_no_module_is_long_but_declarations(path: Path) -> None:
    is_long = len(path.read_text("utf-8").splitlines()) > 400
    assert is_long == (path.stem in LONG)


@pytest.mark.parametrize("floor", FLOORS)
def test_the_table_of_floors_names_every_module(floor: str) -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    row = next(line for line in table.splitlines() if line.startswith(f"| `{floor}` |"))
    named = set(re.findall(r"`(\w+)`", row))
    modules = {path.stem for path in (ROOT / "flows" / floor).rglob("*.py")} - {"__init__"}
    assert modules <= named, f"not in the row of {floor}: {sorted(modules - named)}"


FOLDERS = {*FLOORS, "runs", "house"}
"""Where tests lie: by the floor they are about, whole ways, and the house itself."""


def test_a_test_lies_in_the_folder_of_its_floor() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        assert path.parent.parent.name == "tests"
        assert path.parent.name in FOLDERS


def test_no_test_imports_a_test() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported = [node.module or "", *(name.name for name in node.names)]
                words = {word for name in imported for word in name.split(".")}
                tests = {word for word in words if word.startswith("test_") or word == "conftest"}
                assert not tests, f"{path.name}: what tests share is in tests/support"


def test_no_arrow_hides_in_a_string() -> None:
    for path in FLOWS:
        said = re.findall(r"statsbidrag(?:\.\w+)+:\w+", path.read_text("utf-8"))
        assert not said, f"{path.name}: a child is given a function, never its name"


@pytest.mark.parametrize("command", [["--help"], ["status"], ["template", "--help"]], ids=" ".join)
def test_light_commands_load_neither_prefect_nor_great_expectations(
    command: list[str], tmp_path: Path
) -> None:
    code = (
        "import sys; from statsbidrag.face.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'prefect', 'great_expectations', 'pandas'} & set(sys.modules); "
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    out = ["--out", str(tmp_path)] if command == ["status"] else []
    done = subprocess.run(
        [sys.executable, "-c", code, *command, *out], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_steps_and_rules_are_the_files_that_are_there_and_that_are_shipped() -> None:
    shipped = {p.name for p in files("statsbidrag.sql").iterdir() if p.name.endswith(".sql")}
    assert shipped == {
        f"{step}.sql"
        for step in (
            "000_schema",
            "010_functions",
            "600_ledger",
            *steps.STEPS,
            *repayment.STEPS,
            *CHANGE_STEPS,
        )
    }
    assert list(steps.STEPS) == sorted(steps.STEPS)
    assert list(repayment.STEPS) == sorted(repayment.STEPS)
    rules = {p.name for p in files("statsbidrag.sql.rules").iterdir() if p.name.endswith(".sql")}
    assert rules == {
        f"{rule.rule_id}.sql" for rule in register.register().values() if rule.is_in_sql
    }
    checks = {p.name for p in files("statsbidrag.sql.checks").iterdir() if p.name.endswith(".sql")}
    assert checks == {f"{check}.sql" for check in steps.CHECKS}


SQL = sorted((ROOT / "sql").rglob("*.sql"))


@pytest.mark.parametrize("path", SQL, ids=lambda p: p.stem)
def test_sql_is_plain(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("-- "), "the first line tells the grain or the rule"
    code = re.sub(r"--[^\n]*", "", text)
    for word in (
        "now()",
        "current_date",
        "current_timestamp",
        "random",
        "{",
        "}",
        "DOUBLE",
        "FLOAT",
        "avg(",
    ):
        assert word.casefold() not in code.casefold(), word
    assert not re.search(r"[^/]/[^/]", code), "a division makes a DOUBLE"


def test_templates_hold_no_sums() -> None:
    for path in (ROOT / "reports").glob("*.j2"):
        text = path.read_text("utf-8")
        assert not re.search(r"\|\s*sum\b|_sek\s*[-+*/]", text), path.name


def test_no_clock_or_chance_in_the_house() -> None:
    for path in FLOWS:
        _, others = imports(path)
        keys = {"secrets"} if path.stem in {"prefect_server", "sessions"} else set()
        assert not others & {"random", "secrets", "uuid"} - keys, path.name
        told = re.findall(r"\b(?:datetime\.now|date\.today|time\.time)\(", path.read_text("utf-8"))
        assert len(told) == (1 if path.stem == "moment" else 0), (
            f"{path.name}: the as-of date is an argument"
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    for name in ("flows", "sql", "expectations", "reports"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                target = source / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    (source / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_everything_into_statsbidrag_only(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    flows = [*FLOWS, ROOT / "flows" / "py.typed"]
    wanted = {f"statsbidrag/{path.relative_to(ROOT / 'flows').as_posix()}" for path in flows}
    for folder in ("sql", "sql/rules", "sql/checks", "expectations", "reports", "reports/desk"):
        wanted |= {
            f"statsbidrag/{folder}/{p.name}" for p in (ROOT / folder).iterdir() if p.is_file()
        }
    wanted |= {f"statsbidrag/docs/{name}" for name in ("__init__.py", "kontrakt.md")}
    assert names == wanted


def test_the_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import statsbidrag; from statsbidrag.money import duck;from statsbidrag.decisions import "
        "register;from statsbidrag.returns import suites;print(statsbidrag.__file__, "
        "len(register.register()), len(duck.sql('000_schema')), len(suites.suite('files')))"
    )
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path / "site"))


def test_the_lock_satisfies_the_project_and_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\]+)", lock, re.MULTILINE))
    assert lock.count("--hash=sha256:") >= len(locked)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    from packaging.requirements import Requirement

    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(locked[wanted.name.lower()]), text
