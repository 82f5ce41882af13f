"""How the main job grows with what is sent: the rows of `make bench` that are about many returns and
many lines.

Each size is run anew and once more with nothing changed, beside a floor that reads the same workbooks
and sums them with no checks. What is told is seconds, processor, memory and each stage;
and as JSON, so that what grew between two runs of it can be seen.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from statsbidrag.base import state
from statsbidrag.returns import readings
from statsbidrag.running.prefect_server import configure
from tests.tools import bench, many
from tests.tools.many import City
from tests.tools.observed import Observed, observed


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--returns", type=int, nargs="*", default=[11, 110, 330, 1100])
    asked.add_argument("--nation", type=int, nargs="*", default=[1100, 5800])
    asked.add_argument("--lines", type=int, nargs="*", default=[100_000])
    asked.add_argument("--keep", type=Path, help="where what is sent is kept from time to time")
    asked.add_argument("--json", type=Path, default=Path("build/bench.json"))
    told = asked.parse_args()
    configure()
    with tempfile.TemporaryDirectory() as temporary:
        folder = told.keep or Path(temporary)
        rows: dict[str, Observed] = {}
        for size in told.returns:
            rows |= _workbooks(folder / f"r{size}", size)
        for size in told.nation:
            rows |= _workbooks(folder / f"n{size}", size, " i landet", many.nation)
        for count in told.lines:
            rows |= _lines(folder / f"l{count}", count)
    told.json.parent.mkdir(parents=True, exist_ok=True)
    content = {name: asdict(row) for name, row in rows.items()}
    told.json.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def _workbooks(
    folder: Path, size: int, where: str = "", make: Callable[[Path, int], City] = many.city
) -> dict[str, Observed]:
    """Runs of so many workbooks, in a city or elsewhere."""
    if not folder.exists():
        many.workbooks(make(folder / "data", size), folder / "in")
    _forget(folder)
    page = str(folder / "floor.html")
    rows = {
        f"golv, {size}{where}": observed(
            [sys.executable, "-c", bench.FLOOR, str(folder / "in"), page]
        ),
        f"run, {size}{where}": observed(_run(folder), _stages()),
        f"run igen, {size}{where}": observed(_run(folder), _stages()),
    }
    _tell(rows)
    return rows


def _lines(folder: Path, count: int) -> dict[str, Observed]:
    """A run of so many lines in CSV."""
    if not folder.exists():
        size = max(11, count // 10_000)
        many.csv_files(many.city(folder / "data", size), folder / "in", count)
    _forget(folder)
    rows = {f"run, {count} rader i CSV": observed(_run(folder), _stages())}
    _tell(rows)
    return rows


def _forget(folder: Path) -> None:
    """Let there be no run before, and nothing that has been read."""
    for known in (folder / "out", state.own_folder() / readings.FOLDER):
        shutil.rmtree(known, ignore_errors=True)


def _run(folder: Path) -> Sequence[str]:
    places = ["--data", folder / "data", "--returns", folder / "in", "--out", folder / "out"]
    return [bench.COMMAND, "run", *map(str, places), "--as-of", many.AS_OF.isoformat()]


def _stages() -> list[str]:
    """What a run says that it does, stage by stage; `start` is all before."""
    from statsbidrag.running import stages  # Prefect is loaded with it

    return [stage.name for stage in stages.STAGES]


def _tell(rows: dict[str, Observed]) -> None:
    for name, row in rows.items():
        print(
            f"  {name:28}{row.seconds:7.1f} s {row.processor_seconds:7.1f} s CPU "
            f"{row.peak_megabytes:6.0f} MB  "
            + ", ".join(f"{stage} {took:.1f}" for stage, took in row.stages.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
