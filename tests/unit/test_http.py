"""The HTTP facade, against a small server of the standard library."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from srs_conformance import http


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SRS/3.0.170(OuXuli)"
    sys_version = ""
    release = threading.Event()

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/clients":
            self.send_response(302)
            self.send_header("Location", f"/clients/?{query}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/dribble":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            while not self.release.wait(0.02):
                self.wfile.write(b".")
        else:
            self.answer(404 if path == "/missing" else 200, {"path": self.path, "peer": self.client_address[0]})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"got": body.decode()})

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests do."""


@pytest.fixture
def base() -> Iterator[str]:
    Handler.release.clear()
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_response_has_status_headers_body_and_server(base: str) -> None:
    response = http.get(f"{base}/x", params={"count": 1000})
    assert response.status == 200
    assert response.server.startswith("SRS/3.0.170(OuXuli)")
    assert response.headers["content-length"] == str(len(response.body))
    assert response.json()["path"] == "/x?count=1000"


def test_an_error_status_is_a_response(base: str) -> None:
    assert http.get(f"{base}/missing").status == 404


def test_redirects_are_followed_unless_told_otherwise(base: str) -> None:
    assert http.get(f"{base}/clients", params={"count": 7}).json()["path"] == "/clients/?count=7"
    assert http.get(f"{base}/clients", follow_redirects=False).status == 302


def test_the_source_address_can_be_chosen(base: str) -> None:
    assert http.get(f"{base}/x", source="127.0.0.9").json()["peer"] == "127.0.0.9"


def test_put_sends_its_body(base: str) -> None:
    assert http.put(f"{base}/faults", b"a b").json() == {"got": "a b"}


def test_a_server_that_never_ends_its_answer_is_given_up_in_time(base: str) -> None:
    started = time.monotonic()
    with pytest.raises(http.Unreachable, match="did not end its answer"):
        http.get(f"{base}/dribble", timeout=0.2)
    assert time.monotonic() - started < 2


def test_a_proxy_of_the_environment_is_ignored(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert http.get(f"{base}/x").status == 200


def test_nobody_listening_names_the_url() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/api"
        with pytest.raises(http.Unreachable, match="/api"):
            http.get(url, timeout=1)


def test_an_invalid_url_is_unreachable() -> None:
    with pytest.raises(http.Unreachable):
        http.get("http://[::1/")


def test_no_json_is_shown() -> None:
    with pytest.raises(ValueError, match="no JSON but b'<html"):
        http.Response("u", 200, {}, b"<html>").json()
