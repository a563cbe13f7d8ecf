"""Runs Locust once, and keeps the container with its result until somebody has fetched it.

python3 -m loadtests.once --kept FOLDER LOCUST'S ARGUMENTS

A container that ends takes its files along, and one that Kubernetes starts again would begin another load. So this
program stays when Locust has ended, tells its exit code in the last line of the log, and where it finds that the
folder has seen a run already, it says so instead of running another one.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from srs_conformance.errors import ExitCode
from srs_conformance.load.moment import Moment, Phase

STARTED = "started"
"""Of the kept folder: a run has begun."""


def main(arguments: list[str]) -> None:
    """Run, and stay until SIGTERM."""
    if arguments[:1] != ["--kept"] or len(arguments) < 2:
        sys.exit(f"expected --kept FOLDER first, found {' '.join(arguments[:2]) or 'nothing'}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # a container's first process has no handlers but its own
    print(Moment(Phase.ENDED, code=run(Path(arguments[1]), arguments[2:])).line(), flush=True)
    while True:
        signal.pause()


def run(folder: Path, arguments: list[str]) -> int:
    """Run Locust and return its exit code; an engine error where it was ended from outside or has run before."""
    started = folder / STARTED
    try:
        started.touch(exist_ok=False)
    except FileExistsError:
        print("error: the master's container was started again in the middle of a run", file=sys.stderr, flush=True)
        return ExitCode.ENGINE_ERROR
    child = subprocess.Popen([sys.executable, "-m", "locust", *arguments])
    try:
        code = child.wait()
    except SystemExit:
        child.terminate()
        child.wait()
        raise
    if code < 0:
        print(f"error: Locust was ended by signal {-code}", file=sys.stderr, flush=True)
        return ExitCode.ENGINE_ERROR
    return code


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
