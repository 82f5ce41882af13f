"""Files what the city reports of MFoF's 2023 grants, and writes the packages of it: what one level
up takes in. `python -m tests.example_city --out DIR`.

The returns are those of `example`, with what boards send when they have read the feedback and what
comes late, so that no board is held and none is missing. All is done by the command, each step by
its own person and at a fixed moment: the same program gives the same bytes.
"""

import argparse
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from statsbidrag.base import places
from statsbidrag.decisions import data_folder
from tests import example
from tests.support.commands import ROOT, call

GRANTS = (example.EQUAL, example.CRIME)
RUN_BY, REVIEWER, ATTESTER = "Maria Ek", "Ola Berg", "Sara Lind"
RECKONED, REVIEWED, ATTESTED, FILED = (
    date(2024, 1, 25),
    date(2024, 1, 26),
    date(2024, 1, 29),
    date(2024, 1, 31),
)


Command = Callable[..., CompletedProcess[str]]
"""Calls the command with its arguments, at a moment in seconds since 1970."""


def packages(
    folder: Path, data: Path = ROOT / "data", command: Command | None = None
) -> list[Path]:
    """File the final reports of the grants in a folder, which gets the returns and what comes of
    them, and give the paths to their packages, in the order of `GRANTS`.

    `command` calls the command; None: as it is installed.
    """
    _send_in(folder / "inbox", data)
    case = _Case(folder, data, command or _installed(folder))
    final = ("--final", "--as-of", str(RECKONED))
    case.do("run", RECKONED, RUN_BY, *GRANTS, *final)
    for step, on, by in (
        ("review", REVIEWED, REVIEWER),
        ("approve", ATTESTED, ATTESTER),
        ("file", FILED, RUN_BY),
    ):
        for grant_id in GRANTS:
            case.do(step, on, by, grant_id, "--on", str(on))
    made = []
    for grant_id in GRANTS:
        case.do("package", FILED, RUN_BY, grant_id)
        made += sorted((folder / "out" / grant_id / places.PACKAGES).iterdir())
    return made


def _send_in(inbox: Path, data: Path) -> None:
    """All that the boards send about the grants, as if it had come by the last day."""
    book = data_folder.load(data, [], example.AS_OF)
    for batch in example.BATCHES:
        for name, content in example.files(book, batch).items():
            if name.split("/")[0] in GRANTS:
                (inbox / name).parent.mkdir(parents=True, exist_ok=True)
                (inbox / name).write_bytes(content)


def _installed(folder: Path) -> Command:
    """The command as it is installed, with a Prefect server of its own."""

    def command(moment: str, *arguments: str) -> CompletedProcess[str]:
        state = str(folder / "state")
        return call(*arguments, XDG_STATE_HOME=state, SOURCE_DATE_EPOCH=moment)

    return command


class _Case:
    """The folders of the city, and the command upon them."""

    def __init__(self, folder: Path, data: Path, command: Command) -> None:
        self._command = command
        self._folders = (
            *("--data", str(data)),
            *("--returns", str(folder / "inbox")),
            *("--out", str(folder / "out")),
        )

    def do(self, name: str, on: date, by: str, *arguments: str) -> None:
        """One call of the command at noon of a day; it must succeed."""
        noon = datetime.combine(on, time(12), UTC)
        moment = str(int(noon.timestamp()))
        done = self._command(moment, name, *arguments, "--by", by, *self._folders)
        if done.returncode:
            raise RuntimeError(f"{done.args}: {done.stdout}{done.stderr}")


def main() -> None:
    """Write the packages, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder that they are put in")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for path in packages(Path(folder)):
            print(shutil.copy(path, out))


if __name__ == "__main__":
    main()
