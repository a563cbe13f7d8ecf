"""Ctrl-C and SIGTERM at any moment of a run: its exit code, its report, and nothing left behind."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import leftovers
from tests.support.runs import Run, running
from tests.support.waiting import wait_for

QUICK_START = ("suites/quick_start",)
EDGES_PARALLEL = ("suites/edge_cluster", "-n", "2")
DRAWS = random.Random(20)


@dataclass(frozen=True)
class Moment:
    """When a run is interrupted: so long after it has written so many lines about tests, and how."""

    suites: tuple[str, ...]
    tests: int
    after: float  # s
    how: signal.Signals

    def __str__(self) -> str:
        parallel = "parallel" if "-n" in self.suites else "alone"
        return f"{parallel}-{self.tests}-{self.after:.1f}-{self.how.name}"


def _moments() -> Iterator[object]:
    """Yield twenty moments, of which the first two are for the fast gate."""
    for number in range(20):
        suites = EDGES_PARALLEL if number % 4 == 0 and number else QUICK_START
        how = (signal.SIGINT, signal.SIGTERM)[number % 2 if number < 5 else DRAWS.randrange(2)]
        moment = Moment(suites, number * 7 % 15, DRAWS.uniform(0, 3), how)
        yield pytest.param(moment, id=str(moment), marks=() if number < 2 else pytest.mark.long)


def interrupted_report(run: Run) -> None:
    report = json.loads((run.report / "conformance.json").read_text())
    assert (report["result"], report["exit_code"]) == ("interrupted", 2)
    assert not list(run.report.glob(".*.part"))


@pytest.mark.parametrize("moment", _moments())
def test_an_interrupted_run_says_so_and_leaves_nothing(tmp_path: Path, moment: Moment) -> None:
    with running(moment.suites, tmp_path) as run:
        wait_for(lambda: run.told(moment.tests) or not run.running, f"{moment.tests} tests", seconds=240)
        try:
            run.process.wait(moment.after)
        except subprocess.TimeoutExpired:
            pass
        else:
            pytest.fail(f"the run ended before it could be interrupted:\n{run.text}")
        ours = run.processes()
        assert run.process.pid in ours
        ports = leftovers.listening(ours)
        run.process.send_signal(moment.how)
        assert run.wait() == 2, run.text
        wait_for(lambda: not run.processes(), "all its processes to end")
        assert not ports & leftovers.listening()
        assert leftovers.temporary_files(run.temporary) == []
        assert "KeyboardInterrupt" in run.text  # the table of verdicts is left out where nothing was collected yet
        interrupted_report(run)


def test_a_run_that_is_killed_leaves_no_process_and_a_report_that_does_not_pass_for_whole(tmp_path: Path) -> None:
    with running(QUICK_START, tmp_path) as run:
        wait_for(lambda: run.told(3) or not run.running, "the third test", seconds=240)
        run.process.kill()
        run.wait()
        wait_for(lambda: not run.processes(), "all its processes to end")
        assert leftovers.temporary_files(run.temporary) == []
        interrupted_report(run)


def test_a_run_that_ends_before_it_is_interrupted_is_told_from_one_that_was(tmp_path: Path) -> None:
    """Or the checks above could not fail."""
    with running(("suites/quick_start", "--requirement", "QS-02"), tmp_path) as run:
        assert run.wait() == 0, run.text
        with pytest.raises(AssertionError):
            interrupted_report(run)


def test_what_is_left_is_found(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", "input('here\\n')", str(tmp_path)], stdin=pipe, stdout=pipe) as left:
        assert left.stdout
        assert left.stdout.readline() == b"here\n"  # while a program is replaced its command line is empty
        assert set(leftovers.processes(str(tmp_path))) == {left.pid}
        left.communicate(b"\n")
    assert not leftovers.processes(str(tmp_path))
    (tmp_path / "file").touch()
    assert leftovers.temporary_files(tmp_path) == ["file"]
