"""The collector: what nobody holds goes back to the machine."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from statsbidrag.base.children import Children

_PROGRAM = """
from pathlib import Path
from statsbidrag.base import collector

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

collector.rest()
before = resident()
held = [[str(number)] for number in range(600_000)]
for one in held:
    one.append(one)  # what refers to itself waits for the collector
full = resident()
del held, one
collector.give_back()
after = resident()
assert full > 2 * before, (before, full)
assert after - before < (full - before) / 3, (before, full, after)
"""


def test_memory_that_nobody_holds_goes_back() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)


def test_a_child_with_a_limit_of_memory_lets_nothing_linger() -> None:
    limited = Children(1, memory_bytes=1_000_000_000, seconds=10)
    unlimited = Children(1, memory_bytes=None, seconds=10)
    try:
        often = limited.submit(gc.get_threshold).result()
        assert often < unlimited.submit(gc.get_threshold).result()
    finally:
        limited.close()
        unlimited.close()


def _answered(size: int) -> tuple[int, int]:
    """The number of this process, and how large a task it was given."""
    return os.getpid(), size


@pytest.mark.parametrize(("rests_bytes", "count"), [(None, 1), (10**12, 1), (1, 3)])
def test_a_child_that_holds_much_is_followed_by_a_new_one(
    rests_bytes: int | None, count: int
) -> None:
    """Each answers what it was asked, and none is left behind."""
    with Children(1, memory_bytes=None, seconds=10, rests_bytes=rests_bytes) as children:
        answers = [children.submit(_answered, size).result() for size in range(3)]
        assert [size for _, size in answers] == [0, 1, 2]
        processes = {process for process, _ in answers}
        assert len(processes) == count
        if rests_bytes == 1:
            assert not any(Path(f"/proc/{process}").exists() for process in processes)
