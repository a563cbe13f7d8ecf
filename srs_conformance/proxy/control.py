"""The control port: plans are put and counters read over HTTP.

GET  /counters    what was done so far
GET  /plan        the plan that holds, as it was put
PUT  /plan        another plan; it holds for all connections when the answer comes
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from srs_conformance.proxy.errors import PlanError

_LONGEST_PLAN: Final = 1 << 20


class Control(ThreadingHTTPServer):
    """Answers on a port in threads of its own; `counters` and `follow` are called there and must see to the rest."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], counters: Callable[[], dict[str, Any]], follow: Callable[[Any], None]
    ) -> None:
        super().__init__(address, _Handler)
        self.counters, self.follow = counters, follow
        self.plan: Any = {"faults": []}
        self._thread = threading.Thread(target=self.serve_forever, name="control", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Control
    timeout = 5.0

    def do_GET(self) -> None:
        """Answer counters or plan."""
        match self.path:
            case "/counters":
                self._answer(200, self.server.counters())
            case "/plan":
                self._answer(200, self.server.plan)
            case _:
                self._answer(404, {"error": f"no {self.path}; there are /counters and /plan"})

    def do_PUT(self) -> None:
        """Take a plan."""
        if self.path != "/plan":
            self._answer(404, {"error": f"no {self.path} to put; there is /plan"})
            return
        try:
            length = int(self.headers.get("Content-Length", "0"))
            plan = json.loads(self.rfile.read(min(length, _LONGEST_PLAN)))
            self.server.follow(plan)
        except (ValueError, PlanError) as error:
            self._answer(400, {"error": str(error)})
            return
        self.server.plan = plan
        self._answer(200, plan)

    def log_message(self, *_: Any) -> None:
        """Keep the log for what the proxy did."""

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
