"""Progress of long steps: what is going on, how far, and how long it may take.

A `Progress` hands out steps, which are context managers. `Console` writes for people (a live line on a terminal,
plain lines elsewhere), `NullProgress` keeps still. `run_logged` runs a program inside a step with its output in a file.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO

from srs_conformance.errors import EngineError

HEARTBEAT = 30.0
"""Seconds between two signs of life of a step where there is no terminal."""

REDRAW = 0.5
"""Seconds between two drawings of the live line on a terminal."""

_TIE = ("setpriv", "--pdeathsig", "INT")

LAST_LINES = 15
"""How much of a log an error shows."""


class Step(Protocol):
    """A step that runs now."""

    def say(self, what: str) -> None:
        """Tell which part of the step is being done."""


class Progress(Protocol):
    """Something that can be told of steps."""

    def step(self, title: str, *, about: float | None = None) -> AbstractContextManager[Step]:
        """Open a step; `about` is how many seconds it is expected to take."""


class NullProgress:
    """A progress that says nothing."""

    def step(self, title: str, *, about: float | None = None) -> AbstractContextManager[Step]:  # noqa: ARG002 - the protocol's
        """Open a step that says nothing."""
        return _SilentStep()


class Console:
    """Progress for people, on `stream` (default: standard error)."""

    def __init__(self, stream: TextIO | None = None, *, heartbeat: float = HEARTBEAT) -> None:
        self._stream = stream or sys.stderr
        self._heartbeat = heartbeat

    def step(self, title: str, *, about: float | None = None) -> AbstractContextManager[Step]:
        """Open a step and show it until it ends."""
        if self._stream.isatty():
            return _LiveStep(self._stream, title, about, REDRAW)
        return _PlainStep(self._stream, title, about, self._heartbeat)


class _SilentStep:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def say(self, what: str) -> None:
        """Say nothing."""


class _ConsoleStep:
    """A step with a thread that shows from time to time that it goes on."""

    def __init__(self, stream: TextIO, title: str, about: float | None, every: float) -> None:
        self._stream = stream
        self._title = title
        self._about = about
        self._every = every
        self._what = ""
        self._ended = threading.Event()
        self._started = time.monotonic()
        self._ticker = threading.Thread(target=self._tick, name=f"progress of {title}", daemon=True)

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._begin()
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._ticker.join()
        outcome = "done" if kind is None else "interrupted" if issubclass(kind, KeyboardInterrupt) else "failed"
        self._end(f"{self._title}: {outcome} in {self._elapsed():.0f} s")

    def say(self, what: str) -> None:
        """Name the part being done; shown with the next sign of life."""
        self._what = what

    def _tick(self) -> None:
        while not self._ended.wait(self._every):
            self._show()

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _state(self) -> str:
        expected = f" of about {self._about:.0f} s" if self._about else " s"
        return f"{self._title}: {self._elapsed():.0f}{expected}" + (f", {self._what}" if self._what else "")

    def _begin(self) -> None:
        raise NotImplementedError

    def _show(self) -> None:
        raise NotImplementedError

    def _end(self, line: str) -> None:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class _PlainStep(_ConsoleStep):
    """One line per event."""

    def _begin(self) -> None:
        self._write(f"{self._title} ..." + (f" (about {self._about:.0f} s)" if self._about else "") + "\n")

    def _show(self) -> None:
        self._write(f"  {self._state()}\n")

    def _end(self, line: str) -> None:
        self._write(f"{line}\n")


class _LiveStep(_ConsoleStep):
    """One line, drawn again and again."""

    _CLEAR = "\r\x1b[K"

    def _begin(self) -> None:
        self._show()

    def _show(self) -> None:
        self._write(f"{self._CLEAR}{self._state()}")

    def _end(self, line: str) -> None:
        self._write(f"{self._CLEAR}{line}\n")


def run_logged(
    argv: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    step: Step | None = None,
    tied: bool = False,
) -> None:
    """Run a program with its output appended to `log`; `step` is told the program's name.

    The program ends with this call: an interrupt (or any other exception) ends it before it is passed on. A `tied`
    one ends even when this process is killed (where the system has setpriv).

    Raises:
        EngineError: the program is missing or exits with another code than 0; names the log and shows its last lines.
    """
    words = [str(word) for word in argv]
    if step:
        step.say(Path(words[0]).name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"$ {' '.join(words)}\n".encode())
        output.flush()
        try:
            child = subprocess.Popen(
                [*_TIE, *words] if tied and shutil.which(_TIE[0]) else words,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise EngineError(f"{words[0]} cannot be started: {error}") from error
        code = _wait(child)
    if code:
        raise EngineError(
            f"{Path(words[0]).name} failed with exit code {code}; the log {log} ends with:\n{last_lines(log)}"
        )


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    """Return the last lines of a log, indented, for an error message."""
    lines = log.read_text(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line}" for line in lines)


def _wait(child: subprocess.Popen[bytes]) -> int:
    """Wait for the child's end and see to it that there is one: it is asked as by Ctrl-C, then told, then forced."""
    try:
        return child.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if child.poll() is None:
                child.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=5)
