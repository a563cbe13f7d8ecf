"""Locust as a process of its own: importing it would make blocking calls cooperative in the tests' process too."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from srs_conformance.load.moment import Moment, Phase
from srs_conformance.load.result import Result

ROOT = Path(__file__).parents[2]
HEARD_SECONDS = 40.0


@dataclass(frozen=True)
class Ran:
    """What came of a run: exit code, everything on the terminal, and the folder of its result."""

    code: int
    out: str
    folder: Path

    @property
    def result(self) -> Result:
        """The result that it has written, which keeps its schema or cannot be read."""
        return Result.read(self.folder)


class Locust:
    """A run of a locustfile; killed at the end of the block unless it has ended by then.

    Args:
        kind: the name of the locustfile.
        folder: where the result goes.
        arguments: further options.
        before: a command that runs the command.
        at: the working folder.
    """

    def __init__(self, kind: str, folder: Path, *arguments: str, before: Sequence[str] = (), at: Path = ROOT) -> None:
        command = [*before, sys.executable, "-m", "locust", "-f", str(ROOT / f"loadtests/{kind}.py"), "--only-summary"]
        command += ["--result", str(folder), *arguments]
        pipe = subprocess.PIPE
        self.folder = folder
        self.process = subprocess.Popen(
            command,
            cwd=at,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_take_interrupts,  # noqa: PLW1509 - it makes one system call, and takes no lock
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def children(self) -> list[int]:
        """The workers' process ids."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in file.read_text().split()] if file.exists() else []

    def ended(self, seconds: float = 60) -> Ran:
        """Wait for its end."""
        out, _ = self.process.communicate(timeout=seconds)
        return Ran(self.process.returncode, out, self.folder)

    def heard(self, words: str) -> str:
        """Wait until it says something, and return the line."""
        return self._until(lambda line: words in line, repr(words))

    def watched(self, viewers: int) -> str:
        """Wait until so many watch, and return the line that says so; needs `--progress`.

        Locust's own "All users spawned" stays away where a busy worker reports its users more than a second late.
        """

        def there(line: str) -> bool:
            moment = Moment.parse(line)
            return moment is not None and moment.phase is Phase.RUNNING and moment.viewers >= viewers

        return self._until(there, f"that {viewers} watch")

    def _until(self, there: Callable[[str], bool], what: str) -> str:
        assert self.process.stdout is not None
        heard: list[str] = []
        deadline = threading.Timer(HEARD_SECONDS, self._kill)
        deadline.start()
        try:
            for line in self.process.stdout:
                heard.append(line)
                if there(line):
                    return line
        finally:
            deadline.cancel()
        raise AssertionError(f"it did not say {what} within {HEARD_SECONDS:g} s, but: {''.join(heard)}")

    def _kill(self) -> None:
        """End it and its workers, all of whom hold the pipe that is read."""
        for pid in (*self.children, self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _take_interrupts() -> None:
    """Take Ctrl-C also where the shell that started the tests in the background has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def processes(workers: int) -> list[str]:
    """Return the options of a run with several workers, whose master does not meet another run's workers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    return [
        "--processes",
        str(workers),
        "--master-bind-host",
        "127.0.0.1",
        "--master-bind-port",
        port,
        "--master-port",
        port,
    ]


def headless(kind: str, folder: Path, *arguments: str, users: int = 4, seconds: int = 2) -> Ran:
    """Run a locustfile for so long and return what came of it."""
    common = ("--headless", "-u", str(users), "-r", "100", "-t", f"{seconds}s", "--buffer", "3s")
    with Locust(kind, folder, *common, *arguments) as locust:
        return locust.ended()
