"""What this machine allows one load generator, found out before it starts."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Final

from srs_conformance.errors import CouldNotTest

SPARE: Final = 200
"""File descriptors for everything that is no viewer's connection."""
_OPEN: Final = Path("/proc/self/fd")
_SINGLE_LAG: Final = 2.0
_LATE: Final = 0.5
_LATE_SHARE: Final = 0.02


def make_room(users: int) -> None:
    """Raise the limit of open files as far as the machine lets it, and see that it holds a number of users.

    Raises:
        CouldNotTest: it does not; names limit and need.
    """
    need = users + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < need:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(need, hard), hard))
        soft = min(need, hard)
    open_now = sum(1 for _ in _OPEN.iterdir()) if _OPEN.is_dir() else 0
    if soft < users + open_now + SPARE // 4:
        raise CouldNotTest(
            f"{users} users need {need} open files, and this process may have {soft} (ulimit -n; hard limit {hard})",
            hint=f"raise the limit, or share {users} users among several workers (--processes, or worker machines)",
        )


def why_not_valid(lags: list[float]) -> str:
    """Judge the generator's own lag, the worst of each second; return why its figures are not valid, or "".

    A viewer that is read half a second late sees stalls that are none; now and then that does not change the figures,
    often it does.
    """
    if not lags:
        return ""
    worst, late = max(lags), sum(lag > _LATE for lag in lags)
    if worst > _SINGLE_LAG:
        return f"the load generator itself stood still for {worst:.1f} s: give it more processes or fewer users"
    if late > max(1, _LATE_SHARE * len(lags)):
        return (
            f"the load generator itself was more than {_LATE:g} s late in {late} of {len(lags)} s "
            f"(worst {worst:.1f} s): give it more processes or fewer users"
        )
    return ""
