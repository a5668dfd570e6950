"""What processes cost: this one, and those that it has started."""

import os
import resource
import sys
from pathlib import Path


def megabytes() -> float:
    """The most that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def largest_child() -> int | None:
    """The process id of the largest that we have started, where the system tells (Linux)."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    ids = children.read_text().split() if children.exists() else []
    return max(map(int, ids), key=megabytes_of, default=None)


def megabytes_of(process: int | None) -> float:
    """That it has now; 0 where the system doesn't tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if process and status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def cpu_of(process: int | None) -> float:
    """Seconds so far; likewise."""
    stat = Path(f"/proc/{process}/stat")
    if not process or not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
