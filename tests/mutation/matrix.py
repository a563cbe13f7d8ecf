"""Faults x requirements: collected from the rows that runs leave, printed, and kept as JSON.

A file that is there already is gone on with: a matrix of all chapters takes hours, and may be made in parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.suites import MISSED

#: The property by which a run's row gets into the matrix, whichever process has made it.
ROW = "fault-row"
FORMAT = 1


class Matrix:
    """Collects rows in the process that sees all reports, and writes them after each, lest a cut run lose its hours."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._rows: dict[str, dict[str, Any]] = read(path) if path and path.exists() else {}
        self._came: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a row."""
        row = dict(report.user_properties).get(ROW)
        if report.when != "call" or not isinstance(row, dict):
            return
        self._came.append(row["fault"])
        self._rows[row["fault"]] = joined(self._rows.get(row["fault"], {}), row)
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            content = {"format": FORMAT, "rows": [self._rows[name] for name in sorted(self._rows)]}
            self._path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what has come in this run."""
        if self._came:
            terminalreporter.section("faults and what finds them")
            for line in lines([self._rows[name] for name in sorted(set(self._came))]):
                terminalreporter.write_line(line)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a file that a matrix wrote, by fault.

    Raises:
        UsageError: it is no such file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = {row["fault"]: row for row in content["rows"]} if content["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError) as error:
        raise pytest.UsageError(
            f"--matrix {path}: no matrix of format {FORMAT} ({error}); name another file"
        ) from error
    if rows is None:
        raise pytest.UsageError(f"--matrix {path}: no matrix of format {FORMAT}; name another file")
    return rows


def joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what another run of the same fault has added; the newer verdict of a requirement counts."""
    return {**old, **new, "verdicts": dict(sorted({**old.get("verdicts", {}), **new["verdicts"]}.items()))}


def uncaught(row: Mapping[str, Any]) -> list[str]:
    """Return what a fault is said to break, was judged with it, and was not missed."""
    verdicts = row["verdicts"]
    return [name for name in row["breaks"] if verdicts.get(name) == "pass"]


def alarms(row: Mapping[str, Any]) -> list[str]:
    """Return what was missed although the fault is not said to break it."""
    return [name for name, verdict in row["verdicts"].items() if verdict in MISSED and name not in row["breaks"]]


def lines(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Return a line for each fault, and one for all: found by what, uncaught by what, false alarms."""
    width = max(len(row["fault"] or "(none)") for row in rows)
    for row in rows:
        found = [name for name in row["breaks"] if row["verdicts"].get(name) in MISSED]
        asked = [name for name in row["breaks"] if name in row["verdicts"]]
        parts = [f"found by {' '.join(found)}" if found else "found by nothing" if row["fault"] else ""]
        parts += [f"{verdict}: {' '.join(names)}" for verdict, names in _others(row, asked).items()]
        if wrong := alarms(row):
            parts.append(f"FALSE ALARM: {' '.join(wrong)}")
        yield f"{row['fault'] or '(none)':{width}}  {'; '.join(part for part in parts if part) or 'everything holds'}"
    faults = [row for row in rows if row["fault"]]
    caught = sum(any(row["verdicts"].get(name) in MISSED for name in row["breaks"]) for row in faults)
    false = sum(bool(alarms(row)) for row in rows)
    verdicts = sum(len(row["verdicts"]) for row in rows)
    yield f"{caught} of {len(faults)} faults found, {false} rows with false alarms, {verdicts} verdicts"


def _others(row: Mapping[str, Any], asked: Iterable[str]) -> dict[str, list[str]]:
    """Return what a fault breaks and did not miss, by verdict."""
    found: dict[str, list[str]] = {}
    for name in asked:
        if row["verdicts"][name] not in MISSED:
            found.setdefault("UNCAUGHT" if name in uncaught(row) else row["verdicts"][name], []).append(name)
    return found
