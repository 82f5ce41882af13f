"""A command as it is seen from outside: how long it takes and each of its stages, and what all its
processes use of processor and memory."""

import itertools
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_STEP_SECONDS = 0.1
"""How often it is looked at what the processes use."""


@dataclass
class Observed:
    """What a command took."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    """Of all its processes, as far as they had come when they were last seen."""
    peak_megabytes: float = 0.0
    """Of all its processes together; what they share counts once (proportional set size)."""
    stages: dict[str, float] = field(default_factory=dict)
    """The seconds of each stage that it shows on a terminal, in order."""


def observed(command: Sequence[str], stages: Sequence[str] = ()) -> Observed:
    """Run a command to its end, as at a terminal. `stages` are the words by which it says what it
    does. Raises SystemExit when it fails."""
    ours, theirs = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    seen, used, shown = Observed(), dict[int, float](), ""
    begun: dict[str, float] = {}
    is_over, looked = False, 0.0
    while not is_over:
        is_over = process.poll() is not None
        if select.select([ours], [], [], 0.02)[0]:
            shown = (shown + _read(ours))[-2000:]
            for stage in stages:
                if stage in shown:
                    begun.setdefault(stage, time.perf_counter())
        if time.perf_counter() - looked > _STEP_SECONDS:
            looked = time.perf_counter()
            seen.peak_megabytes = max(seen.peak_megabytes, megabytes(process.pid))
            for one in _family(process.pid):
                used[one] = _processor_seconds(one) or used.get(one, 0.0)
    end = time.perf_counter()
    os.close(ours)
    if process.returncode not in {0, 3}:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{shown}")
    seen.seconds = end - start
    seen.processor_seconds = sum(used.values())
    moments = [("start", start), *begun.items(), ("", end)]
    for (name, at), (_, after) in itertools.pairwise(moments):
        seen.stages[name] = after - at
    return seen


def _read(terminal: int) -> str:
    try:
        text = os.read(terminal, 65536).decode("utf-8", "replace")
    except OSError:  # nobody is left at its other end
        return ""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def megabytes(root: int) -> float:
    """What a process and all that it has started hold together; what they share counts once
    (proportional set size)."""
    return sum(map(_megabytes, _family(root)))


def _family(root: int) -> list[int]:
    """A process and all that it has started, and they."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def _processor_seconds(process: int) -> float | None:
    """What a process has used of the processor; None when it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _megabytes(process: int) -> float:
    """What a process holds; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
