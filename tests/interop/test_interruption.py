"""Ctrl-C and SIGTERM at any moment of a run: its exit code, its report, and nothing left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import leftovers
from tests.support.suites import ROOT
from tests.support.waiting import wait_for

END_SECONDS = 60
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


class Run:
    """A run of suites in a process group of its own, whose output is read as it comes."""

    def __init__(self, suites: tuple[str, ...], folder: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.temporary, self.report = folder / "temporary", folder / "report"
        self.temporary.mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary), "INTERRUPTION_TEST": self.mark}
        command = [sys.executable, "-m", "pytest", *suites, "-v", "--cluster", "local", "--report", str(self.report)]
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for a job in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What it has written so far."""
        return "".join(self.lines)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.process.poll() is None

    def told(self, tests: int) -> bool:
        """Tell whether it has written so many lines about tests."""
        begun = "test session starts" in self.text
        return begun and sum("::test_" in line for line in list(self.lines)) >= tests

    def wait(self) -> int:
        """Return the exit code once it has ended."""
        code = self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        return code

    def processes(self) -> dict[int, str]:
        """Return what runs of it, itself included: by its mark, or by the folder of its temporary files."""
        return leftovers.processes(self.mark) | leftovers.processes(str(self.temporary))

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(iter(output.readline, ""))


@contextmanager
def running(suites: tuple[str, ...], folder: Path) -> Iterator[Run]:
    run = Run(suites, folder)
    try:
        yield run
    finally:
        if run.running:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()


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
    left = subprocess.Popen([sys.executable, "-c", "input()", str(tmp_path)], stdin=subprocess.PIPE)
    try:
        assert set(leftovers.processes(str(tmp_path))) == {left.pid}
    finally:
        left.communicate(b"\n")
    assert not leftovers.processes(str(tmp_path))
    (tmp_path / "file").touch()
    assert leftovers.temporary_files(tmp_path) == ["file"]
