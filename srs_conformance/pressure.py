"""Whether this machine has more to do than it can: the kernel's pressure stall information."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

FILE: Final = Path("/proc/pressure/cpu")
"""As in Documentation/accounting/psi.rst: `some` is how much of the time some task that could run had to wait."""
FULL: Final = 88.0
"""Percent of the last ten seconds. Two processors with fifteen tasks for each that could run had 77 to 86, and timed
promises still held; from 92 on, with thirty, servers got a processor too late for them (docs/budgets.md)."""
_SOME: Final = re.compile(r"^some avg10=(\d+(?:\.\d+)?)", re.MULTILINE)


def is_full(file: Path = FILE) -> bool:
    """Whether the processors are; where the kernel does not tell, they are taken not to be."""
    try:
        found = _SOME.search(file.read_text(encoding="ascii"))
    except OSError:  # also from a kernel that has the file and was told to keep no accounts
        return False
    return found is not None and float(found[1]) >= FULL
