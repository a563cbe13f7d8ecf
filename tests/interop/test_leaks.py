"""A server that keeps something of each player who has left is found by the trend of its process, and no other is."""

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.capacity import process
from srs_conformance.checkers.histories import run
from srs_conformance.clusters.base import ExecResult
from srs_conformance.clusters.local.programs import aim
from srs_conformance.histories.events import Event
from tests.support.histories import history, sample
from tests.support.reference import EDGE, Reference, address

#: Each look stands for so many seconds of a soak, in which so many players come and leave.
SECONDS, PLAYERS, LOOKS = 5.0, 5, 70


class Container:
    """A reference server as the container of a namespace."""

    def __init__(self, server: Reference) -> None:
        self._server = server

    def exec(self, _: str, argv: Sequence[str], **__: str) -> ExecResult:
        command = aim(argv, self._server.process.pid)
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        return ExecResult(done.returncode, done.stdout, done.stderr)


def come_and_leave(host: str) -> None:
    """Players of a stream that nobody publishes: they wait, and leave."""
    players = [socket.create_connection((host, 8080)) for _ in range(PLAYERS)]
    for player in players:
        player.sendall(b"GET /live/none.flv HTTP/1.1\r\nHost: a\r\n\r\n")
    for player in players:
        player.shutdown(socket.SHUT_WR)
        while player.recv(4096):
            pass
        player.close()


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        ("", {"memory": True, "descriptors": True}),
        ("leaks-memory", {"memory": False, "descriptors": True}),
        ("leaks-descriptors", {"memory": True, "descriptors": False}),
    ],
)
def test_what_leaks_is_found(tmp_path: Path, fault: str, holds: dict[str, bool]) -> None:
    found: list[Event] = []
    faults = [fault] if fault else []
    nobody = ("--host", f"srs-origin-service={address()}")
    with Reference(tmp_path, 6, EDGE, *nobody) as server, server.faulty(*faults):
        container: Any = Container(server)
        for number in range(LOOKS):
            come_and_leave(server.host)
            used = process.look(container, "edge-1")
            values = {"edge-1 #0": {"memory": used.memory, "descriptors": used.descriptors}}
            found.append(sample(number * SECONDS, "resources", values))
    made = history(found)
    seen = {name: run(made, "stays_bounded", {"of": [name]}) for name in holds}
    assert {name: each.holds for name, each in seen.items()} == holds, seen
