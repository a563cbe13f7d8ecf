"""The pod as it is seen from outside: how it stands, what it says, how it is ended, and the report that it leaves."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from srs_conformance.clusters.base import ExecResult, Namespace
from srs_conformance.clusters.kube.api import Api, Refused
from srs_conformance.clusters.kube.kinds import path_of
from srs_conformance.errors import ConformanceError, CouldNotTest, EngineError
from srs_conformance.inside.output import Output
from srs_conformance.inside.places import KEEPER, POD, SUITE
from srs_conformance.inside.state import State

PIECE = 4 * 1024**2
"""Bytes of the report that one command gives."""
PACK_SECONDS, PIECE_SECONDS, KILL_SECONDS = 300.0, 60.0, 15.0
TRIES = 3
_PACKING = ("python3", "-m", "srs_conformance.inside.packing")
_GONE = State(lost="it is gone")


class Progressing(Protocol):
    """Something that is told of what has come of a whole."""

    def say(self, what: str) -> None:
        """Tell it."""


class ProbePod:
    """The pod of one run."""

    def __init__(self, namespace: Namespace, api: Api) -> None:
        self.namespace, self._api = namespace, api
        self._output = Output()

    def state(self) -> State:
        """Return how it stands.

        Raises:
            CouldNotTest, EngineError: as the namespace's calls do.
        """
        try:
            return State.of(self.namespace.get("Pod", POD))
        except KeyError:
            return _GONE

    def output(self) -> list[str]:
        """Return the lines that the suite has written since the last call.

        Raises:
            CouldNotTest, EngineError: as the namespace's calls do.
        """
        query = [("container", SUITE), ("timestamps", "true")]
        if self._output.since:
            query.append(("sinceTime", self._output.since))
        try:
            return self._output.new(self._api.text(path_of("Pod", self.namespace.name, POD) + "/log", query=query))
        except Refused:  # there is no log yet, or none any more; how the pod stands tells which
            return []

    def end(self) -> None:
        """Interrupt the suite, as Ctrl-C does: it cleans up, and writes its report. Nothing happens where none runs."""
        with contextlib.suppress(ConformanceError):
            self._run(SUITE, ["sh", "-c", "kill -INT 1"], KILL_SECONDS)

    def fetch(self, to: Path, step: Progressing) -> bool:
        """Write the archive of the report to a file; return False where the suite has left none.

        Raises:
            CouldNotTest: the pod is gone, or does not let itself be asked.
            EngineError: it does not come whole.
        """
        told = self._packing([], PACK_SECONDS)
        try:
            about = json.loads(told)
        except ValueError as error:
            raise EngineError(f"the pod says of its report {told[:80]!r}; expected its size and digest") from error
        if not about:
            return False
        whole = hashlib.sha256()
        with to.open("wb") as file:
            for offset in range(0, about["size"], PIECE):
                data = self._piece(offset)
                whole.update(data)
                file.write(data)
                step.say(f"{min(offset + PIECE, about['size']) / 1e6:.1f} of {about['size'] / 1e6:.1f} MB")
        if whole.hexdigest() != about["sha256"]:
            raise EngineError("the report did not come whole from the pod: its digest differs")
        return True

    def _piece(self, offset: int) -> bytes:
        """Return a piece of the archive; one that does not come is asked for again."""
        for left in reversed(range(TRIES)):
            try:
                return base64.b64decode(self._packing([str(offset), str(PIECE)], PIECE_SECONDS), validate=True)
            except (EngineError, binascii.Error) as error:
                if not left:
                    raise EngineError(f"the report did not come whole from the pod: {error}") from error
        raise AssertionError

    def _packing(self, arguments: Sequence[str], timeout: float) -> str:
        done = self._run(KEEPER, [*_PACKING, *arguments], timeout)
        if done.code:
            raise EngineError(f"the pod does not give the report: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _run(self, container: str, command: Sequence[str], timeout: float) -> ExecResult:
        try:
            return self.namespace.exec(POD, command, container=container, timeout=timeout)
        except KeyError as error:
            raise CouldNotTest(f"pod {POD} of namespace {self.namespace.name} is gone") from error
