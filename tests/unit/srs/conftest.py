"""Answers captured from real servers, and a server that gives them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"

#: A publisher, an RTMP player, an HTTP-FLV player, an HLS player where it is listed, and an RTMP player
#: of a stream that nobody sends; "-after": 1.5 s after the publisher has left.
CAPTURED = {path.stem.removeprefix("srs-"): json.loads(path.read_text()) for path in sorted(DATA.glob("srs-*.json"))}


class Answering:
    """An HTTP server whose answers are set by the test: path without query -> (status, body)."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        answering = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answering.asked.append(self.path)
                status, body = answering.answers.get(self.path.partition("?")[0], (404, b"Not Found"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def give(self, path: str, answer: Any) -> None:
        self.answers[path] = (200, json.dumps(answer).encode())

    def give_captured(self, captured: dict[str, Any], suffix: str = "") -> None:
        for name in ("versions", "summaries"):
            self.give(f"/api/v1/{name}", captured[name])
        for name in ("streams", "clients"):
            self.give(f"/api/v1/{name}/", captured[name + suffix])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Answering]:
    answering = Answering()
    yield answering
    answering.close()


@pytest.fixture(params=CAPTURED)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def captured(version: str) -> dict[str, Any]:
    answers: dict[str, Any] = CAPTURED[version]
    return answers
