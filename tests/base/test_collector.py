"""The collector: what nobody holds goes back to the machine."""

import gc
import subprocess
import sys

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
