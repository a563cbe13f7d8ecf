"""Runs of suites in processes of their own, to which something is done while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import leftovers
from tests.support.suites import ROOT
from tests.support.waiting import wait_for

END_SECONDS = 60


class Run:
    """A run of suites in a process group of its own, whose output is read as it comes."""

    def __init__(self, suites: tuple[str, ...], folder: Path, cluster: tuple[str, ...]) -> None:
        self.mark = uuid.uuid4().hex
        self.temporary, self.report = folder / "temporary", folder / "report"
        self.temporary.mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary), "INTERRUPTION_TEST": self.mark}
        command = [sys.executable, "-m", "pytest", *suites, "-v", *cluster, "--report", str(self.report)]
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for a job in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
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
def running(
    suites: tuple[str, ...], folder: Path, *, cluster: tuple[str, ...] = ("--cluster", "local")
) -> Iterator[Run]:
    """Have a run until the block ends."""
    run = Run(suites, folder, cluster)
    try:
        yield run
    finally:
        if run.running:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()


SERVERS, HELPER = "srs_conformance.reference", "clusters/local/helper.py"
"""What stands in the command lines of the local cluster's servers and of its helper."""

PUBLISHER = "/live/livestream"
"""What stands in that of whoever publishes the guide's own stream, which is watched beside tests."""


def kill(mark: str | Path, command: str) -> None:
    """Wait until a run publishes the guide's stream, and SIGKILL its processes with a text in their command lines.

    `mark` is what all its processes have in their environment.
    """

    def those(words: str) -> list[int]:
        return [process for process, line in leftovers.processes(str(mark)).items() if words in line]

    wait_for(lambda: those(PUBLISHER), "a publisher", seconds=120)
    for process in those(command):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
