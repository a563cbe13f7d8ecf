"""Servers to put a load on, one of each for all tests of a process."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.locust import ROOT
from tests.support.reference import ORIGIN, Reference, address, make_clip, publish
from tests.support.waiting import wait_for


@pytest.fixture(scope="session")
def fanout() -> Iterator[str]:
    """The address of a server of prepared bytes: whoever asks there gets a stream, whatever its name."""
    host = address()
    command = [sys.executable, "-m", "benchmarks.fanout", "--address", host]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: _listens(host), f"the fan-out server at {host}", 60)
        yield host
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """A reference server with short HLS fragments, to which live/clip is published."""
    folder = tmp_path_factory.mktemp("reference")
    config = ORIGIN.replace("hls_fragment 2", "hls_fragment 1")
    clip = make_clip(folder / "clip.mp4")
    with Reference(folder, 6, config) as server, publish(clip, server.rtmp("clip")):
        wait_for(lambda: server.get(8080, "/live/clip.m3u8")[0] == 200, "the playlist of live/clip")
        yield server


def _listens(host: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, 8080), timeout=1):
        return True
    return False
