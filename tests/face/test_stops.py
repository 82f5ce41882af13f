"""How a command ends: all is said and done, with its exit code, and nobody waits for more."""

import subprocess
import sys

import pytest


def ended(code: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own that leaves in the end."""
    told = f"from statsbidrag.face import stops\n{code}"
    return subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_what_was_said_is_out_and_what_is_to_be_done_at_the_end_is_done(code: int) -> None:
    much = "x" * 500_000
    done = ended(
        "import atexit, sys\n"
        "atexit.register(lambda: print('sist'))\n"
        f"print('x' * {len(much)})\n"
        "sys.stderr.write('fel')\n"
        f"stops.leave({code})"
    )
    assert done.returncode == code
    assert done.stdout == f"{much}\nsist\n"
    assert done.stderr == "fel"


def test_objects_are_not_let_go_of_one_by_one() -> None:
    done = ended(
        "class Held:\n"
        "    def __del__(self): print('släppt')\n"
        "held = Held()\n"
        "held.itself = held\n"
        "stops.leave(0)"
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_still_goes_on_is_waited_for() -> None:
    done = ended(
        "import threading, time\n"
        "def slow():\n"
        "    time.sleep(0.3)\n"
        "    print('färdig')\n"
        "threading.Thread(target=slow).start()\n"
        "stops.leave(3)"
    )
    assert (done.returncode, done.stdout) == (3, "färdig\n")


def test_what_can_not_be_said_is_a_failure() -> None:
    done = ended("import sys\nsys.stdout = open('/dev/full', 'w')\nprint('x')\nstops.leave(0)")
    assert done.returncode != 0
