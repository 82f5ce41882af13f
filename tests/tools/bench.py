"""Whole-process time and peak memory of the main job, beside a floor that does the same sums with
no checks.

`make bench`. Everything is measured in the same run, in turn, and told as ratios: seconds of one
machine say little about another. The floor is plain openpyxl, DuckDB and Jinja2; the yardstick for
the main job is the floor plus plain `import prefect` plus plain `import great_expectations`, which
no program on this stack can do without.
"""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from statsbidrag.decisions import data_folder
from statsbidrag.returns import return_template
from statsbidrag.running.prefect_server import Server, configure
from tests import example
from tests.support.filling import assigned, fill
from tests.tools.observed import observed

GRANT = example.EQUAL
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
COMMAND = str(Path(sys.executable).with_name("statsbidrag"))

FLOOR = """
import sys
from pathlib import Path
import duckdb, jinja2, openpyxl
con = duckdb.connect()
con.execute("CREATE TABLE line (board VARCHAR, area VARCHAR, amount DECIMAL(18, 2))")
for path in sorted(Path(sys.argv[1]).rglob("*.xlsx")):
    book = openpyxl.load_workbook(path, data_only=True)
    sheet, table = next((s, t) for s in book for t in s.tables.values() if t.name == "Kostnader")
    rows = sheet.iter_rows(min_row=int(table.ref.split(":")[0][1:]) + 1, values_only=True)
    lines = [(path.stem, row[1], f"{row[7]:.2f}") for row in rows if isinstance(row[7], int | float)]
    con.executemany("INSERT INTO line VALUES (?, ?, ?)", lines)
boards = con.execute("SELECT board, sum(amount) FROM line GROUP BY board ORDER BY board").fetchall()
page = jinja2.Template("<table>{% for b, s in boards %}<tr><td>{{ b }}<td>{{ s }}{% endfor %}</table>")
Path(sys.argv[2]).write_text(page.render(boards=boards))
"""


def timed(arguments: list[str]) -> float:
    """Seconds until a process has ended."""
    start = time.perf_counter()
    code = subprocess.run(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode
    if code not in {0, 3}:
        raise SystemExit(f"{arguments} ended with {code}")
    return time.perf_counter() - start


def first_sign(arguments: list[str]) -> float:
    """Seconds until whoever waits at a terminal sees that a process is at work; then it is told to
    stop."""
    ours, theirs = pty.openpty()
    start = time.perf_counter()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.read(ours, 1)
        seconds = time.perf_counter() - start
        process.terminate()
    os.close(ours)
    os.close(theirs)
    return seconds


def two_hundred_lines(folder: Path) -> list[str]:
    """Eleven workbooks of 200 lines each, on the real allocations."""
    as_of = example.AS_OF
    book = data_folder.load(Path("data"), [], as_of)
    grant = book.grant(GRANT)
    paths = []
    for board_id in sorted({b for b, _ in grant.allocations_on(as_of)}):
        told = assigned(grant, board_id, as_of)
        blank = return_template.template(
            book.organisation, grant, book.board(board_id), told, date(2023, 12, 31), as_of
        )
        costs = [
            {
                "Insats": "Föräldrastöd",
                "Område": grant.areas[n % 7],
                "Kostnadsslag": grant.cost_kinds[n % 3],
            }
            | {
                "Datum": date(2023, 1 + n % 12, 28),
                "Belopp": Decimal(n) + Decimal("0.25"),
                "Verifikation": f"{n}",
            }
            for n in range(200)
        ]
        header = {
            "version": 1,
            "prognos": 1,
            "ersatter_befintlig": "Nej",
            "annan_finansiering": "Nej",
        }
        path = folder / f"{board_id}.xlsx"
        path.write_bytes(
            fill(
                blank,
                header=header,
                costs=costs,
                activities=[{"Insats": "Föräldrastöd", "Resultat": "x"}],
            )
        )
        paths.append(str(path))
    return paths


def medians(jobs: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median seconds of each job, all jobs in turn in each round; the first round warms up and
    is not counted."""
    seen: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(ROUNDS + 1):
        for name, job in jobs.items():
            seconds = job()
            if number:
                seen[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in seen.items()}


def main() -> None:
    """Measure and tell."""
    configure()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "many").mkdir()
        for name, content in example.files(
            data_folder.load(Path("data"), [], example.AS_OF)
        ).items():
            (folder / "inbox" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "inbox" / name).write_bytes(content)
        inbox = folder / "inbox" / GRANT
        many = two_hundred_lines(folder / "many")
        page = str(folder / "floor.html")
        run = [
            COMMAND,
            "run",
            GRANT,
            "--returns",
            str(inbox),
            "--out",
            str(folder / "out"),
            "--as-of",
            "2024-01-20",
        ]
        python = sys.executable
        yardstick: dict[str, Callable[[], float]] = {
            "import prefect": lambda: timed([python, "-c", "import prefect"]),
            "import great_expectations": lambda: timed([python, "-c", "import great_expectations"]),
            "golv, 11 nämnder": lambda: timed([python, "-c", FLOOR, str(inbox), page]),
        }
        alone = medians(
            yardstick
            | {
                "run, egen server": lambda: timed(run),
                "golv, 11 × 200 rader": lambda: timed(
                    [python, "-c", FLOOR, str(folder / "many"), page]
                ),
                "check, 11 × 200 rader": lambda: timed(
                    [COMMAND, "check", *many, "--as-of", "2024-01-20"]
                ),
                "första tecknet": lambda: first_sign(run),
                "--help": lambda: timed([COMMAND, "--help"]),
                "status": lambda: timed([COMMAND, "status", "--out", str(folder / "out")]),
                "template": lambda: timed(
                    [
                        *(
                            COMMAND,
                            "template",
                            GRANT,
                            "--period-end",
                            "2023-12-31",
                            "--board",
                            "farsta",
                        ),
                        *("--out", str(folder / "template")),
                    ]
                ),
            }
        )
        with Server() as server:
            server.wait()
            served = medians(yardstick | {"run, server i gång": lambda: timed(run)})
        peak = observed(run).peak_megabytes
        floor_peak = observed([python, "-c", FLOOR, str(inbox), page]).peak_megabytes
    print(f"median av {ROUNDS} varv, sekunder")
    for group, words in ((alone, "utan server"), (served, "med en server i gång")):
        print(words)
        for name, seconds in group.items():
            print(f"  {name:28}{seconds:6.2f}")
    print("mot måttstocken: import prefect + import great_expectations + golv, i samma omgång")
    for group, name, goal in (
        (served, "run, server i gång", "0,9"),
        (alone, "run, egen server", "1,2"),
    ):
        print(
            f"  {name:28}{group[name] / sum(group[part] for part in yardstick):6.2f}  (mål högst "
            f"{goal})"
        )
    least = alone["import great_expectations"] + alone["golv, 11 × 200 rader"]
    print(
        "check, 11 × 200 rader, mot import great_expectations + golv: "
        f"{alone['check, 11 × 200 rader'] / least:.2f}"
    )
    print(f"första tecknet på en terminal efter {alone['första tecknet']:.2f} s (mål högst 0,3)")
    print(f"minne: run {peak:.0f} MB i alla processer tillsammans, golv {floor_peak:.0f} MB")


if __name__ == "__main__":
    main()
