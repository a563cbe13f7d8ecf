"""ffmpeg as an independent RTMP receiver for tests: it listens for one publisher and writes down what came."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from srs_conformance.publisher import arguments
from tests.support.nginx import free_port
from tests.support.waiting import WAIT_SECONDS, wait_for


class Listener:
    """An ffmpeg that listens at `url` and copies what a publisher sends to `file`, at most `seconds` of it."""

    def __init__(self, file: Path, *, seconds: float = 60, port: int | None = None) -> None:
        self.port = port if port is not None else free_port()
        self.url = f"rtmp://127.0.0.1:{self.port}/live/a"
        self.file = file
        listen = [
            arguments.binary(),
            "-v",
            "error",
            "-analyzeduration",
            "500000",
            "-listen",
            "1",
            "-i",
            self.url,
            "-t",
            str(seconds),
        ]
        self._command = [*listen, "-c", "copy", "-flush_packets", "1", "-f", "flv", "-y", str(file)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def written(self) -> int:
        """Return how many bytes came so far."""
        return self.file.stat().st_size if self.file.exists() else 0

    def __enter__(self) -> Self:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)
        wait_for(lambda: listens(self.port) or self.written, "ffmpeg to listen")
        return self

    def wait(self) -> int:
        """Return the exit code once ffmpeg has ended by itself."""
        assert self._process is not None
        return self._process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


def listens(port: int) -> bool:
    """Tell whether someone listens on a port of 127.0.0.1, without connecting: ffmpeg takes one connection only."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)
