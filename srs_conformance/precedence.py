"""The processor for whoever measures first, on a machine that runs cluster and suite.

Viewers take a fraction of a processor, but get it late where servers, their control plane and the suite want more than
there is: what they then measure is their own waiting. A kernel that puts the tasks of each shell into a group weighs
that group as one task, however many viewers are in it, and niceness counts only among themselves (sched(7), "The
autogroup feature"). Who may, gives the group itself more weight for as long as a run lasts. Tasks that are in another
group already, by systemd's slices or a container's, are not affected.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NICENESS: Final = -10
"""Nine times the weight of other groups (sched(7)), of which a run of all chapters uses a third at most."""


@contextlib.contextmanager
def first(processes: Path = Path("/proc")) -> Iterator[bool]:
    """Have this shell's group go before others until the block ends; gives whether it does.

    Nothing changes where the kernel makes no such groups, where we may not, and where somebody chose a niceness before.
    """
    enabled, group = processes / "sys/kernel/sched_autogroup_enabled", processes / "self/autogroup"
    given = _text(enabled) == "1" and _text(group).endswith(" nice 0") and _told(group, NICENESS)
    try:
        yield given
    finally:
        if given:
            _told(group, 0)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _told(group: Path, niceness: int) -> bool:
    try:
        group.write_text(str(niceness), encoding="ascii")
    except OSError:
        return False
    return True
