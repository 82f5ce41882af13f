"""What a person at a terminal sees of a long command; and that nobody else sees it."""

import os
import pty
import subprocess
import sys

import pytest

from statsbidrag.base import swedish
from statsbidrag.face import terminal

CODE = """
from statsbidrag.face.terminal import Listener
with Listener() as listener:
    listener.stage("Tar in")
    for number in range(4):
        listener.stage("Läser", number, 3)
        listener._bar and listener._bar.refresh()
    listener.say("Något att veta.")
"""


def test_on_a_terminal_it_says_how_far_it_has_come() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        stderr=theirs,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "Läser (3 av 3 filer)" in seen
    assert done.stdout == "Något att veta.\n"


def test_where_nobody_looks_it_is_quiet() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("Något att veta.\n", "")


def test_nothing_that_is_said_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say(
        "rad ett\nrad två",
        "fil\x1b[31m\u202exslx\r\udcff.xlsx",
        f"1{swedish.NBSP}000{swedish.NBSP}kr",
    )
    said = capsys.readouterr().out
    assert said == "rad ett\nrad två\nfil\\x1b[31m\\u202exslx\\r\\xff.xlsx\n1\u00a0000\u00a0kr\n"
