"""A stand-in for a Kubernetes API server that answers what a run asks first, and then dies or falls silent."""

from __future__ import annotations

import contextlib
import json
import socket
from types import TracebackType
from typing import Self

from tests.support.servers import Server, request, response

ANSWERS = {
    "/version": {"gitVersion": "v1.34.0"},
    "/api/v1/namespaces/kube-system/pods": {"items": []},
    "/api/v1/nodes": {"items": []},
}


class ApiServer:
    """Answers the paths of ANSWERS until it is told otherwise; `dies_at` is a path, asked for which it dies."""

    def __init__(self, dies_at: str = "") -> None:
        self.asked: list[str] = []
        self.silent_about = ""
        self._dies_at, self._silent = dies_at, False
        self._refused: set[str] = set()
        self._server = Server(self._serve)
        self.port = self._server.port

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.__exit__(kind, error, at)

    def die(self) -> None:
        """Close every connection, and take no more."""
        self._server.__exit__(None, None, None)

    def come_back(self) -> None:
        """Listen again, where it did before."""
        self._server = Server(self._serve, port=self.port)
        self._server.__enter__()

    def fall_silent(self) -> None:
        """Take connections and questions, and answer none."""
        self._silent = True

    def refuse(self, path: str) -> None:
        """Answer a path with 403 from now on."""
        self._refused.add(path)

    def _serve(self, connection: socket.socket) -> None:
        path = request(connection).partition("?")[0]
        self.asked.append(path)
        if self._dies_at and path.startswith(self._dies_at):
            with contextlib.suppress(OSError):  # another question has had it die already
                self._server._listener.shutdown(socket.SHUT_RDWR)
            self._server._listener.close()
        elif self._silent or path == self.silent_about:
            self._server.closing.wait()
        else:
            status = "403 Forbidden" if path in self._refused else "200 OK"
            body = json.dumps(ANSWERS.get(path, {"items": []})).encode()
            connection.sendall(response(body, "Content-Type: application/json", "Connection: close", status=status))
