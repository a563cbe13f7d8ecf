"""The node's part of the processor on a machine with control groups v1.

There the kernel weighs a group against each single task that is in none, and a shell's tasks often are in none: a whole
cluster then gets as much as one of the many threads in which viewers read, and its servers stall for seconds as soon as
the machine is busy. The node's group is given the weight of several tasks, so that cluster and suite share the machine.
"""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath
from typing import Final

SHARES: Final = 4096
"""Of which a task in no group has 1024 (cgroups v1, cpu.shares)."""
_OURS: Final = "libpod"  # how the names of podman's groups begin, that of all containers and that of one


def weigh(pid: int, groups: Path = Path("/sys/fs/cgroup/cpu"), processes: Path = Path("/proc")) -> list[Path]:
    """Give the group of a container's first process, and those of podman above it, more weight; return what was set.

    Nothing is set where control groups v2 or systemd's slices weigh them already, or where we may not.

    Args:
        pid: of the container's first process.
        groups: where the cpu controller of control groups v1 is mounted.
        processes: where the kernel tells of processes.
    """
    try:
        lines = (processes / str(pid) / "cgroup").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    told = (line.split(":", 2) for line in lines)
    path = next((where for _, controllers, where in told if "cpu" in controllers.split(",")), "/")
    found = []
    for group in (PurePosixPath(path), *PurePosixPath(path).parents):
        shares = groups / str(group).lstrip("/") / "cpu.shares"
        if group.name.startswith(_OURS) and shares.is_file():
            with contextlib.suppress(OSError):
                shares.write_text(f"{SHARES}\n", encoding="ascii")
                found.append(shares)
    return found
