"""The fault port: faults are looked at and switched over HTTP, without a new deployment."""

from __future__ import annotations

import json
from typing import Final

from srs_conformance.reference.context import log
from srs_conformance.reference.faults import CATALOGUE, Switches, UnknownFaultError
from srs_conformance.reference.http_server import Request, Response

PORT: Final = 1986
_PATH: Final = "/faults"


class FaultPort:
    """GET /faults answers the faults that are on; PUT /faults with a JSON list of names switches exactly these on."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.path != _PATH:
            return _json(404, {"error": f"no {request.path}; there is {_PATH}"})
        if request.method == "GET":
            return _json(200, sorted(self._switches.on))
        if request.method != "PUT":
            return _json(405, {"error": f"{request.method}; there are GET and PUT"})
        return self._put(request)

    def _put(self, request: Request) -> Response:
        try:
            names = json.loads(request.body)
        except ValueError as error:
            return _json(400, {"error": f"no JSON: {error}", "known": list(CATALOGUE)})
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return _json(400, {"error": "expected a JSON list of names", "known": list(CATALOGUE)})
        try:
            self._switches.set(names)
        except UnknownFaultError as error:
            return _json(400, {"error": str(error), "known": list(CATALOGUE)})
        log.warning("faults: %s", ", ".join(sorted(self._switches.on)) or "none")
        return _json(200, sorted(self._switches.on))


def _json(status: int, value: object) -> Response:
    return Response(status, json.dumps(value).encode(), "application/json")
