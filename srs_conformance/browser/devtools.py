"""One page of a browser, over the Chrome DevTools Protocol."""

from __future__ import annotations

import json
from itertools import count
from types import TracebackType
from typing import Any, Self

import websocket

from srs_conformance.errors import EngineError

_SECONDS = 20.0


class Page:
    """A page. Commands are sent one after the other; not for use by several threads at once."""

    def __init__(self, url: str) -> None:
        try:
            self._socket = websocket.create_connection(url, timeout=_SECONDS, suppress_origin=True)
        except (OSError, websocket.WebSocketException) as error:
            raise EngineError(f"the browser's page at {url} takes no commands: {error}") from error
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are passed over.

        Raises:
            EngineError: the browser refuses it, or does not answer.
        """
        number = next(self._numbers)
        try:
            self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while (answer := json.loads(self._socket.recv())).get("id") != number:
                pass
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise EngineError(f"the browser does not answer {method}: {error}") from error
        if "error" in answer:
            raise EngineError(f"the browser refuses {method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def evaluate(self, script: str) -> Any:
        """Run a script in the page and return its value, waiting for one that is promised.

        Raises:
            EngineError: it throws.
        """
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise EngineError(f"a script throws in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")
