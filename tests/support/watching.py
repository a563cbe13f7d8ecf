"""`srs-conformance` as a user runs it, in a process of its own, and what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.suites import ROOT
from tests.support.waiting import wait_for

SECONDS = 60


@dataclass(frozen=True)
class Said:
    """The exit code and the words of a command that is over."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return what it wrote, which must be JSON and nothing else."""
        assert not self.err
        return json.loads(self.out)


def run(*arguments: str, **environment: str) -> Said:
    """Run a command to its end."""
    done = subprocess.run(
        command(*arguments),
        env=surroundings(**environment),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def interrupted(*arguments: str, log: Path, when: Callable[[str], Any], how: signal.Signals = signal.SIGINT) -> Said:
    """Run a command until what it has written is such, then send it a signal."""
    with log.open("wb") as out, log.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(
            command(*arguments), env=surroundings(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        try:
            wait_for(lambda: when(log.read_text()) or process.poll() is not None, "what it says", SECONDS)
            process.send_signal(how)
            code = process.wait(SECONDS)
        finally:
            process.kill()
            process.wait()
    return Said(code, log.read_text(), log.with_suffix(".err").read_text())


def command(*arguments: str) -> list[str]:
    """Return the command line."""
    return [sys.executable, "-m", "srs_conformance", *arguments]


def surroundings(**more: str) -> dict[str, str]:
    """Return the environment of a user."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}
