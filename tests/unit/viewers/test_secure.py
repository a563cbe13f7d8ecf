"""HTTPS: streams come over TLS from a server that proves its name, and from no other."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.certificates import issue
from srs_conformance.viewers import Ending, Timeline, Viewer, watch, wire
from srs_conformance.viewers.http1 import HttpUrl
from tests.support import media
from tests.support.servers import Handler, Server, request, response
from tests.support.waiting import wait_for


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A server's context for localhost, whose authority our viewers trust."""
    made = issue("localhost")
    (tmp_path / "authority.pem").write_text(made.authority)
    (tmp_path / "server.pem").write_text(made.certificate + made.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    wire._tls.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    yield context
    wire._tls.cache_clear()


def secured(context: ssl.SSLContext, handle: Handler) -> Handler:
    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            handle(secure)

    return serve


def answering(*bodies: bytes) -> Handler:
    def handle(connection: socket.socket) -> None:
        for body in bodies:
            request(connection)
            connection.sendall(response(body))

    return handle


def ended(viewer: Viewer) -> Timeline:
    wait_for(lambda: viewer.timeline.ended, "the end of the watch")
    return viewer.stop()


def test_http_flv_is_played_over_tls(tls: ssl.SSLContext) -> None:
    handler = secured(tls, answering(media.flv()))
    with Server(handler) as server, watch(f"https://localhost:{server.port}/live/a.flv") as viewer:
        timeline = ended(viewer)
    assert len(timeline.video) == 100
    assert timeline.ending is Ending.CLOSED


def test_hls_is_played_over_tls(tls: ssl.SSLContext) -> None:
    handler = secured(tls, answering(media.playlist(0, 2, ended=True), *media.segments()))
    with Server(handler) as server, watch(f"https://localhost:{server.port}/live/a.m3u8") as viewer:
        timeline = ended(viewer)
    assert timeline.ending is Ending.FINISHED
    assert len(timeline.video) == 100


def test_a_certificate_for_another_name_proves_nothing(tls: ssl.SSLContext) -> None:
    handler = secured(tls, answering(media.flv()))
    with Server(handler) as server, watch(f"https://127.0.0.1:{server.port}/live/a.flv") as viewer:
        timeline = ended(viewer)
    assert timeline.ending is Ending.UNREACHABLE
    assert "its certificate proves nothing" in timeline.error
    assert not timeline.frames


def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    with (
        Server(lambda connection: connection.sendall(b"SSH-2.0-Test\r\n")) as server,
        watch(f"https://localhost:{server.port}/live/a.flv") as viewer,
    ):
        timeline = ended(viewer)
    assert timeline.ending is Ending.PROTOCOL_ERROR
    assert "no TLS" in timeline.error


def test_a_waiting_viewer_leaves_at_once_over_tls_too(tls: ssl.SSLContext) -> None:
    asked: list[str] = []

    def wait(connection: socket.socket) -> None:
        asked.append(request(connection))
        connection.recv(1)

    with Server(secured(tls, wait)) as server, watch(f"https://localhost:{server.port}/live/a.flv") as viewer:
        wait_for(lambda: asked, "the request")
        viewer.stop()
        assert viewer.wait(0.5)


def test_only_who_speaks_tls_takes_https_urls() -> None:
    assert HttpUrl.parse("https://a.example/live/a.flv", secure=True).port == 443
    with pytest.raises(ValueError, match="no URL of the form"):
        HttpUrl.parse("https://a.example/live/a.flv")
