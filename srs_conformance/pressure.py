"""Whether this machine has more to do than it can: the kernel's pressure stall information."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

FILE: Final = Path("/proc/pressure/cpu")
"""As in Documentation/accounting/psi.rst: `some` is how much of the time some task that could run had to wait."""
FULL: Final = 80.0
"""Percent of the last ten seconds. Where a run of all chapters left two processors idle for a third of the time it had
55 to 75; from 85 on, at a twentieth, servers got a processor too late for promises of 1.5 s (docs/budgets.md)."""
_SOME: Final = re.compile(r"^some avg10=(\d+(?:\.\d+)?)", re.MULTILINE)


def is_full(file: Path = FILE) -> bool:
    """Whether the processors are; where the kernel does not tell, they are taken not to be."""
    try:
        found = _SOME.search(file.read_text(encoding="ascii"))
    except OSError:  # also from a kernel that has the file and was told to keep no accounts
        return False
    return found is not None and float(found[1]) >= FULL
