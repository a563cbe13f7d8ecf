"""The folder of a report: a run begins by emptying it, so it must be one that a run has left, or none yet."""

from __future__ import annotations

from pathlib import Path

from srs_conformance.errors import UsageError
from srs_conformance.report.conformance import FILE_NAME

#: What a run leaves in the folder of its report; a folder that has other things alone is none of ours to empty.
OURS = frozenset({FILE_NAME, "junit.xml", "evidence", "histories"})


def check(folder: Path) -> None:
    """Refuse a folder for the report that a run may not empty: it begins with an empty one.

    Raises:
        UsageError: it is no folder, or has things in it that no run has left there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name a folder for the report; it is made if need be")
    found = {path.name for path in folder.iterdir() if not path.name.endswith(".part")}
    if found and not found & OURS:
        raise UsageError(
            f"{folder} holds {', '.join(sorted(found)[:3])} and no report; a run begins by emptying the folder",
            hint="name a folder that is empty or not there yet",
        )
