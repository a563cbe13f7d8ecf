"""One ffmpeg process under supervision: started, watched, started again where asked, and never left behind."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from srs_conformance.errors import CouldNotTest, UsageError
from srs_conformance.publisher import arguments
from srs_conformance.publisher.clip import DemoClip, sendable
from srs_conformance.publisher.sending import Sent, reports
from srs_conformance.runqueue import WATCHED_VARIABLE

LIMIT_SECONDS = 4 * 3600.0
STOP_SECONDS = 2.0
LAST_WORDS = 40

# Runs the command so that the kernel kills it when the thread that started it is gone, however that thread ended.
_GUARD = """
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
except (AttributeError, OSError):
    pass
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


class PublisherDied(CouldNotTest):
    """The publisher ended although nobody stopped it; the message has its last words."""


@dataclass(frozen=True)
class Restart:
    """One end of the publisher's process and the start that followed (`time.monotonic()` seconds)."""

    ended: float
    started: float
    code: int
    words: str


@dataclass(frozen=True)
class Killing:
    """An end of the publisher's process by a signal that nobody here sent: when (`time.monotonic()`, s), and by what.

    No server sends signals, so whatever is missed after it is not the server's.
    """

    at: float
    signal: str
    words: str


class Publisher:
    """Sends one stream to one RTMP URL, in real time, until it is stopped.

    Args:
        url: rtmp://host[:port]/app/stream[?params]
        source: the demo clip to send, or a video file of the user's own (H.264 and AAC, or with `live_encode` any).
        republish: seconds after an unexpected end until the next start; None: an end is final.
        live_encode: encode while sending. Of the clip, only its parameters are used then.
        limit: seconds after which ffmpeg ends by itself, should all else fail.
        measured: have ffmpeg report what it has sent, for `sent`.

    Raises:
        UsageError: a URL that is not RTMP, or a file that cannot be sent.
    """

    def __init__(
        self,
        url: str,
        source: DemoClip | Path | None = None,
        *,
        republish: float | None = None,
        live_encode: bool = False,
        limit: float = LIMIT_SECONDS,
        measured: bool = False,
    ) -> None:
        if not url.startswith(("rtmp://", "rtmps://")):
            raise UsageError(f"cannot publish to {url!r}; expected rtmp://host[:port]/app/stream")
        self.url = url
        self.source = DemoClip() if source is None else source
        self.republish = republish
        self.live_encode = live_encode
        self.limit = limit
        self._measured = measured
        self._sent: list[Sent] = []
        self.started: float | None = None
        self.restarts: list[Restart] = []
        self.killings: list[Killing] = []
        self._words: deque[str] = deque(maxlen=LAST_WORDS)
        self._process: subprocess.Popen[bytes] | None = None
        self._code: int | None = None
        self._thread: threading.Thread | None = None
        self._running = threading.Event()
        self._stopping = threading.Event()
        self._failure: OSError | None = None

    @property
    def sent(self) -> Sent:
        """Return what all its processes have sent, where that is measured: nothing until a server takes the stream."""
        return sum(tuple(self._sent), Sent())

    @property
    def alive(self) -> bool:
        """Tell whether ffmpeg runs at this moment; between an end and the next start it does not."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def died(self) -> bool:
        """Tell whether it ended although nobody stopped it, and will not come back."""
        return self.started is not None and not self._stopping.is_set() and not self._supervised

    @property
    def killed(self) -> str:
        """Name the signal that ended ffmpeg although nobody here sent one, "" where none did."""
        return self.killings[0].signal if self.killings else ""

    @property
    def pid(self) -> int | None:
        """Return the id of the process that runs now."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> Self:
        """Start ffmpeg and return once it runs; whether the server takes the stream is seen at the server.

        Raises:
            CouldNotTest: the machine cannot start ffmpeg.
            EngineError: the demo clip could not be encoded.
            UsageError: the file cannot be sent.
        """
        if self._thread is not None:
            raise UsageError(f"the publisher of {self.url} was started before")
        command = self._command()
        self._thread = threading.Thread(
            target=self._supervise, args=(command,), name=f"publisher {self.url}", daemon=True
        )
        atexit.register(self.stop)
        self._thread.start()
        self._running.wait()
        if self._failure is not None:
            raise CouldNotTest(f"cannot start ffmpeg: {self._failure}") from self._failure
        return self

    def check(self) -> None:
        """Do nothing while the stream is sent.

        Raises:
            PublisherDied: ffmpeg ended although nobody stopped it, and nothing starts it again.
        """
        if self.died:
            raise PublisherDied(f"the publisher of {self.url} ended with code {self._code}: {self.last_words()}")

    def last_words(self) -> str:
        """Return the last lines that ffmpeg wrote, warnings and errors only."""
        return "\n".join(self._words)

    def stop(self, *, abruptly: bool = False) -> None:
        """End the stream and the process, and wait until it is gone; may be called twice.

        Args:
            abruptly: kill it, so that the server sees a lost connection and no unpublish.
        """
        self._stopping.set()
        process, thread = self._process, self._thread
        if process is not None and process.poll() is None:
            _end(process, abruptly=abruptly)
        if thread is not None:
            thread.join()
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self if self._thread is not None else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def _supervised(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _command(self) -> list[str]:
        command = self._plain_command()
        return arguments.measured(command) if self._measured else command

    def _plain_command(self) -> list[str]:
        source, limit = self.source, self.limit
        if isinstance(source, DemoClip):
            if self.live_encode:
                return arguments.send_live(source, self.url, limit=limit)
            return arguments.send_copy(source.ensure(), self.url, limit=limit)
        file = sendable(source, live_encode=self.live_encode)
        if self.live_encode:
            return arguments.send_encoding(source, DemoClip(), self.url, sound=file.audio is not None, limit=limit)
        return arguments.send_copy(source, self.url, limit=limit)

    def _supervise(self, command: list[str]) -> None:
        """Run the process, and run it again where asked, in the thread whose end the kernel guards."""
        ended: tuple[float, int, str] | None = None
        while not self._stopping.is_set():
            try:
                process = _spawn(command, subprocess.PIPE if self._measured else subprocess.DEVNULL)
            except OSError as error:
                self._failure = error
                self._running.set()
                return
            now = time.monotonic()
            if self.started is None:
                self.started = now
            if ended is not None:
                self.restarts.append(Restart(ended[0], now, ended[1], ended[2]))
            self._process = process
            self._running.set()
            if self._stopping.is_set():
                _end(process, abruptly=True)
            if process.stdout is not None:
                threading.Thread(target=self._count, args=(process.stdout,), daemon=True).start()
            self._listen(process)
            ended = (time.monotonic(), self._code or 0, self.last_words())
            if ended[1] < 0 and not self._stopping.is_set():
                self.killings.append(Killing(ended[0], signal.Signals(-ended[1]).name, ended[2]))
            if self.republish is None:
                return
            self._stopping.wait(self.republish)

    def _count(self, output: IO[bytes]) -> None:
        self._sent.append(Sent())
        place = len(self._sent) - 1
        with output:
            for each in reports(output):
                self._sent[place] = each

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        self._words.clear()
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                self._words.append(line.decode("utf-8", "replace").rstrip())
        self._code = process.wait()


def _spawn(command: list[str], output: int) -> subprocess.Popen[bytes]:
    guarded = [sys.executable, "-I", "-S", "-c", _GUARD, str(os.getpid()), *command]
    return subprocess.Popen(
        guarded,
        env={**os.environ, WATCHED_VARIABLE: "publisher"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        process_group=0,
    )


def _end(process: subprocess.Popen[bytes], *, abruptly: bool) -> None:
    """End a process by its id: ask, so that ffmpeg says good-bye to the server, then kill."""
    with contextlib.suppress(ProcessLookupError):
        if not abruptly:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
                return
        process.kill()
        process.wait()
