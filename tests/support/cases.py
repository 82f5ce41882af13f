"""A final report to be worked on through the command."""

import json
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from tests import example
from tests.support.commands import call, call_here, digests, run

GRANT = example.CRIME


NBSP = "\u00a0"


@dataclass(frozen=True)
class Case:
    """A folder of returns, one of results, and the commands about one grant on them."""

    returns: Path
    out: Path
    grant: str = GRANT

    def do(self, command: str, *arguments: str) -> CompletedProcess[str]:
        """A command about the grant."""
        places = [
            "--out",
            str(self.out),
            *([] if command in {"ledger"} else ["--returns", str(self.returns)]),
        ]
        about = [] if command == "verify" else [self.grant]
        done = (call if command == "compare" else call_here)(command, *about, *places, *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def step(self, command: str, by: str, on: str = "2024-01-25", *arguments: str) -> str:
        """A step that must succeed."""
        done = self.do(command, "--by", by, "--on", on, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, command: str, *arguments: str) -> str:
        """What is said when a step is refused: one sentence or two on one line, and nothing has
        changed."""
        before = digests(self.out), (self.out / "logg.jsonl").read_bytes()
        done = self.do(command, *arguments)
        assert done.returncode == 2, done.stdout
        assert len(done.stderr.strip().splitlines()) == 1
        assert before == (digests(self.out), (self.out / "logg.jsonl").read_bytes())
        return done.stderr.replace(NBSP, " ")

    def rerun(self, by: str = "Kim Kör", as_of: str = "2024-01-20") -> CompletedProcess[str]:
        """The final run again."""
        done = run(self.returns, self.out, self.grant, "--final", "--by", by, as_of=as_of)
        assert done.returncode in {0, 3}, done.stderr
        return done

    def read(self, name: str) -> str:
        """A file of the final report."""
        return (self.out / self.grant / "slutlig" / name).read_text("utf-8").replace(NBSP, " ")

    def kinds(self) -> list[str]:
        """What the log says has happened with the grant."""
        lines = (self.out / "logg.jsonl").read_text("utf-8").splitlines()
        return [event["kind"] for event in map(json.loads, lines) if event["grant"] == self.grant]
