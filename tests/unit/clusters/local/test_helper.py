"""The helper process of the local cluster: what it forwards, and that it ends in silence whatever goes on."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.local.helper import Helper
from tests.support.reference import address
from tests.support.waiting import wait_for


@pytest.fixture
def target() -> Iterator[tuple[str, int]]:
    """A server that sends back what comes on each connection."""
    with socket.create_server((address(), 0), backlog=512) as server:

        def echo(connection: socket.socket) -> None:
            with connection:
                try:
                    while data := connection.recv(4096):
                        connection.sendall(data)
                except OSError:
                    pass

        def serve() -> None:
            try:
                while True:
                    threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()
        server.shutdown(socket.SHUT_RDWR)


def connects(to: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(to, timeout=2) as one:
            one.sendall(b"x")
            return one.recv(1) == b"x"
    except OSError:
        return False


def test_it_ends_in_silence_while_connections_stand_break_and_come(
    target: tuple[str, int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listen = (address(), 1935)
    helper = Helper(tmp_path / "folder")
    helper.forward(listen, [target])
    wait_for(lambda: connects(listen), "the forwarder")
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            connects(listen)

    comers = [threading.Thread(target=come_and_go) for _ in range(8)]
    standing = [socket.create_connection(listen) for _ in range(8)]
    for comer in comers:
        comer.start()
    for one in standing[:4]:
        one.sendall(b"x" * 4096)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        one.close()  # with RST: it leaves what comes back unread
    helper.close()
    over.set()
    for comer in comers:
        comer.join()
    for one in standing[4:]:
        one.close()
    assert capfd.readouterr().err == ""


def test_a_client_who_reads_nothing_holds_the_server_back_as_it_would_on_a_cluster(tmp_path: Path) -> None:
    listen = (address(), 1935)
    helper = Helper(tmp_path / "folder")
    with socket.create_server((address(), 0)) as server:
        helper.forward(listen, [server.getsockname()])
        wait_for(lambda: connects_to(listen), "the forwarder")
        server.accept()[0].close()
        with socket.create_connection(listen, timeout=2), server.accept()[0] as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 14)
            sender.setblocking(False)
            sent = 0
            while select.select([], [sender], [], 0.5)[1]:
                sent += sender.send(bytes(1 << 14))
                assert sent < 1 << 23
    helper.close()
    assert sent < 3 << 18


def connects_to(to: tuple[str, int]) -> bool:
    try:
        socket.create_connection(to, timeout=2).close()
    except OSError:
        return False
    return True
