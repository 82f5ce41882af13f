"""How long people wait at the desk, beside a floor that does the same sums with no checks: the rows
of `make bench` that are about `serve`.

The desk is started as a person starts it and asked as a browser and a program ask it, all in the same
run; `bench.FLOOR` is measured between the jobs.
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from statsbidrag.decisions import data_folder
from tests import example
from tests.tools import bench, observed

GOALS = {
    "prova, 1 arbetsbok": 0.4,
    "prova, 11 arbetsböcker i ett anrop": 1.2,
    "prova, 11 personer samtidigt": 3.0,
    "första sidan efter kvartalet": 0.05,
    "första sidan": 0.05,
    "bidragets sida": 0.05,
    "loggen": 0.05,
}
"""The most seconds that each should take with all warm, on two cores."""
UPLOADS = 200


class Desk:
    """`statsbidrag serve` on a folder of returns, and somebody who asks it."""

    def __init__(self, folder: Path, inbox: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1] // 2 * 2
        words = [bench.COMMAND, "serve", "--returns", str(inbox), "--out", str(folder / "out")]
        own = os.environ | {
            "XDG_STATE_HOME": str(folder / "state"),
            "SOURCE_DATE_EPOCH": "1705741200",
        }
        self.process = subprocess.Popen(
            [*words, "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={name: value for name, value in own.items() if not name.startswith("PREFECT_")},
        )
        assert self.process.stdout
        address = next(line for line in self.process.stdout if line.startswith("Skrivbordet:"))
        self.base, _, self.key = address.split()[1].partition("/?nyckel=")
        self.program = httpx.Client(
            base_url=self.base,
            headers={"Authorization": f"Bearer {self.key}", "Accept": "application/json"},
            trust_env=False,
            timeout=120,
        )
        self.person = httpx.Client(
            base_url=self.base, trust_env=False, timeout=120, follow_redirects=True
        )
        self.person.get("/", params={"nyckel": self.key})

    def close(self) -> None:
        """Stop it."""
        self.program.close()
        self.person.close()
        self.process.terminate()
        self.process.wait(60)

    def tried(self, *paths: Path) -> None:
        """Try workbooks as a program does."""
        files = [("fil", (path.name, path.read_bytes())) for path in paths]
        answer = self.program.post("/prova", files=files)
        assert answer.status_code == 200, answer.text

    def page(self, path: str) -> None:
        """Read a page."""
        assert self.person.get(path).status_code == 200

    def reconciled(self) -> None:
        """A quarter, from the button to the reports."""
        grant = f"/bidrag/{bench.GRANT}"
        token = re.search('name="biljett" value="([^"]+)"', self.person.get(grant).text)
        assert token
        fields = {"biljett": token[1], "namn": "Maria Ek", "slutlig": "nej", "per": "2024-01-20"}
        answer = self.person.post(f"{grant}/rakna", data=fields)
        while "data-again" in answer.text:
            time.sleep(0.05)
            answer = self.person.get(answer.url.path)
        assert "Att återbetala" in answer.text, answer.text

    @property
    def megabytes(self) -> float:
        """What the process and its children hold now."""
        return observed.megabytes(self.process.pid)


def seconds(job: Callable[[], None]) -> float:
    """How long a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        inbox = folder / "inbox"
        for name, content in example.files(
            data_folder.load(Path("data"), [], example.AS_OF)
        ).items():
            if name.startswith(f"{bench.GRANT}/"):
                (inbox / name).parent.mkdir(parents=True, exist_ok=True)
                (inbox / name).write_bytes(content)
        workbooks = sorted(inbox.rglob("*.xlsx"))[:11]
        desk = Desk(folder, inbox)
        try:
            _tell(desk, workbooks, inbox, folder)
        finally:
            desk.close()


def _tell(desk: Desk, workbooks: list[Path], inbox: Path, folder: Path) -> None:
    def all_at_once() -> None:
        with ThreadPoolExecutor(len(workbooks)) as people:
            list(people.map(desk.tried, workbooks))

    floor = [sys.executable, "-c", bench.FLOOR, str(inbox), str(folder / "floor.html")]
    jobs: dict[str, Callable[[], None]] = {
        "kvartal, 11 nämnder, från knapp till rapporter": desk.reconciled,
        "första sidan efter kvartalet": lambda: desk.page("/"),
        "jämför": lambda: desk.page(f"/bidrag/{bench.GRANT}/jamfor?per=2024-01-20"),
        "prova, 1 arbetsbok": lambda: desk.tried(workbooks[0]),
        "prova, 11 arbetsböcker i ett anrop": lambda: desk.tried(*workbooks),
        "prova, 11 personer samtidigt": all_at_once,
        "första sidan": lambda: desk.page("/"),
        "bidragets sida": lambda: desk.page(f"/bidrag/{bench.GRANT}"),
        "loggen": lambda: desk.page("/logg"),
        "golv, 11 nämnder": lambda: bench.timed(floor) and None,
    }
    seen: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(bench.ROUNDS + 1):
        for name, job in jobs.items():
            taken = seconds(job)
            if number:
                seen[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in seen.items()}
    print(f"Skrivbordet, varmt, median av {bench.ROUNDS} varv, sekunder")
    for name, taken in medians.items():
        goal = f"  (mål högst {GOALS[name]:g})".replace(".", ",") if name in GOALS else ""
        print(f"  {name:48}{taken:6.2f}{goal}")
    quarter = next(iter(medians.values())) / medians["golv, 11 nämnder"]
    print(f"  kvartalet mot golvet                            {quarter:6.2f}  (mål högst 2)")
    before = desk.megabytes
    for number in range(UPLOADS):
        desk.tried(workbooks[number % len(workbooks)])
    print(f"  minne före och efter {UPLOADS} prov: {before:.0f} och {desk.megabytes:.0f} MB")


if __name__ == "__main__":
    main()
