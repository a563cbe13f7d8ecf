"""Reference servers as processes on addresses of the loopback network, and ffmpeg around them."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from srs_conformance.publisher import arguments
from srs_conformance.reference.layout import write_tree
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
_numbers = itertools.count(1)

ORIGIN = """
listen 1935; max_connections 100; daemon off; srs_log_tank console;
grace_start_wait 100; grace_final_wait 100;
http_api { enabled on; listen 1985; }
http_server { enabled on; listen 8080; }
vhost __defaultVhost__ {
    hls { enabled on; hls_fragment 2; hls_window 20; }
    http_remux { enabled on; }
}
"""
EDGE = """
listen 1935; max_connections 100; daemon off; srs_log_tank console;
http_api { enabled on; listen 1985; }
http_server { enabled on; listen 8080; }
vhost __defaultVhost__ {
    cluster { mode remote; origin srs-origin-service; }
    http_remux { enabled on; }
}
"""


def address() -> str:
    """Return an address of 127.0.0.0/8 that no other test of this run uses."""
    return f"127.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}.{next(_numbers)}"


class Reference:
    """One reference server; ended by SIGTERM at the end of the block."""

    def __init__(self, folder: Path, version: int, config: str = ORIGIN, *arguments: str, host: str = "") -> None:
        self.host = host or address()
        self.folder = folder / self.host
        self._version = version
        self._arguments = arguments
        write_tree(self.folder, version)
        (self.folder / "conf/srs.conf").write_text(config)
        self._log = self.folder / "console.log"
        self.process: subprocess.Popen[bytes]

    def start(self) -> Self:
        """Start and wait until all its ports listen: the one for faults is the last."""
        command = [sys.executable, "-m", "srs_conformance.reference", "-c", "conf/srs.conf", "--bind", self.host]
        command += ["--workdir", str(self.folder), "--version-personality", str(self._version), *self._arguments]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        wait_for(self._answers, f"the reference server at {self.host}")
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()
        if error is not None:
            print(self.log)

    def end(self) -> int:
        """End by SIGTERM and return the exit code."""
        self.process.terminate()
        return self.process.wait(10)

    @property
    def log(self) -> str:
        """What it has logged to the console."""
        return self._log.read_text()

    def rtmp(self, stream: str) -> str:
        """Return the RTMP URL of a stream of the app live."""
        return f"rtmp://{self.host}/live/{stream}"

    def web(self, path: str) -> str:
        """Return a URL on port 8080."""
        return f"http://{self.host}:8080/{path}"

    def get(self, port: int, path: str, method: str = "GET", body: str | None = None) -> tuple[int, bytes]:
        """Ask over HTTP and return status and body."""
        connection = http.client.HTTPConnection(self.host, port, timeout=5)
        try:
            connection.request(method, path, body=body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def api(self, path: str) -> Any:
        """Return an answer of the API."""
        return json.loads(self.get(1985, f"/api/v1/{path}")[1])

    def clients(self, stream: str) -> list[dict[str, Any]]:
        """Return the clients of a stream."""
        return [row for row in self.api("clients/?count=100")["clients"] if row["url"] == f"/live/{stream}"]

    def streams(self) -> dict[str, dict[str, Any]]:
        """Return the streams by name."""
        return {row["name"]: row for row in self.api("streams/?count=100")["streams"]}

    @contextlib.contextmanager
    def faulty(self, *faults: str) -> Iterator[None]:
        """Switch exactly these faults on until the end of the block."""
        assert self.get(1986, "/faults", "PUT", json.dumps(faults))[0] == 200
        yield
        assert self.get(1986, "/faults", "PUT", "[]")[0] == 200

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        with contextlib.suppress(OSError):
            return self.get(1985, "/api/v1/versions")[0] == self.get(1986, "/faults")[0] == 200
        return False


class Ffmpeg:
    """An ffmpeg process that publishes or plays; killed at the end of the block."""

    def __init__(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        whole = [arguments.binary(), "-v", "error", "-nostdin", *command]
        self.process = subprocess.Popen(whole, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End it at once: while it waits for media it would not hear SIGTERM."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=10)

    def words(self) -> str:
        """Wait for the end and return what it complained of."""
        return self.process.communicate(timeout=30)[1].decode()


class Recording(Ffmpeg):
    """An ffmpeg that plays and writes what it gets to a file, as it comes."""

    def __init__(self, url: str, file: Path, *, seconds: float = 60) -> None:
        self.file = file
        copy = ("-c", "copy", "-flush_packets", "1", "-f", "mpegts" if url.endswith("m3u8") else "flv", "-y", str(file))
        super().__init__("-analyzeduration", "500000", "-i", url, "-t", str(seconds), *copy)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.file.stat().st_size if self.file.exists() else 0

    def grows(self, by: int = 20000, seconds: float = 20) -> None:
        """Wait until more has come."""
        before = self.size
        wait_for(lambda: self.size >= before + by, f"more of {self.file.name} than {before} bytes", seconds)


def publish(clip: Path, url: str) -> Ffmpeg:
    """Publish the clip in a loop at its own speed."""
    return Ffmpeg("-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy", "-f", "flv", url)


def make_clip(file: Path, seconds: int = 8, picture: str = "testsrc2") -> Path:
    """Encode a small clip: 25 frames a second, a keyframe every second, a tone."""
    pictures = ["-f", "lavfi", "-i", f"{picture}=size=160x120:rate=25"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "300k", "-g", "25", "-pix_fmt", "yuv420p"]
    command = [
        arguments.binary(),
        "-v",
        "error",
        *pictures,
        *sound,
        "-t",
        str(seconds),
        *video,
        "-c:a",
        "aac",
        "-ac",
        "2",
    ]
    subprocess.run([*command, "-y", str(file)], check=True)
    return file


@contextlib.contextmanager
def all_of(recordings: Sequence[Recording]) -> Iterator[Sequence[Recording]]:
    """Enter several recordings at once."""
    with contextlib.ExitStack() as stack:
        for recording in recordings:
            stack.enter_context(recording)
        yield recordings
