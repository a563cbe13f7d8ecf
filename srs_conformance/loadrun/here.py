"""Locust in a process of its own on this machine, and the result that it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from srs_conformance.errors import CouldNotTest, EngineError, ExitCode
from srs_conformance.load.result import FILE_NAME, Result

_TOLD = (ExitCode.HOLDS, ExitCode.MISSED, ExitCode.COULD_NOT_TEST)
"""Exit codes with which a result was written."""
_TAIL = 2000
OUTPUT = "output.txt"


class LoadProcess:
    """A crowd that is there, or was.

    Args:
        kind: flv, rtmp, hls, mixed or publish: which locustfile.
        root: the checkout.
        folder: made where it is not there; gets slo.yaml, the output, result.json and index.html.
        slo: the text of the SLO file.
        options: of Locust and of ours, without their dashes (`_` stands for `-`).
        limit: seconds after which it has not come to an end.
    """

    def __init__(
        self, kind: str, root: Path, folder: Path, *, slo: str, options: Mapping[str, object], limit: float
    ) -> None:
        self.folder, self._limit = folder, limit
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "slo.yaml").write_text(slo, encoding="utf-8")
        command = [sys.executable, "-m", "locust", "-f", str(root / "loadtests" / f"{kind}.py"), "--headless"]
        command += ["--only-summary", "--loglevel", "WARNING", "--no-probe"]
        command += ["--slo", str(folder / "slo.yaml"), "--result", str(folder)]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self._process = _started(command, root, folder)

    @property
    def there(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def result(self) -> Result:
        """Wait until it is over and return what it found, be it valid or not.

        Raises:
            CouldNotTest: the load could not begin.
            EngineError: it did not come to an end, or ended without a result.
        """
        try:
            code = self._process.wait(self._limit)
        except subprocess.TimeoutExpired as late:
            self.end()
            raise EngineError(f"the load did not end within {self._limit:g} s: {self._words()}") from late
        if code not in _TOLD or not (self.folder / FILE_NAME).exists():
            kind = CouldNotTest if code == ExitCode.COULD_NOT_TEST else EngineError
            raise kind(f"the load ended with code {code} and without a result: {self._words()}")
        return Result.read(self.folder)

    def end(self) -> None:
        """End it now, if it is there."""
        if self.there:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _words(self) -> str:
        return (self.folder / OUTPUT).read_text("utf-8", "replace")[-_TAIL:]


def _started(command: Sequence[str], root: Path, folder: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with (folder / OUTPUT).open("wb") as output:
        return subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=output)
