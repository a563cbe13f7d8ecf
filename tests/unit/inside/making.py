"""A cluster on which the suite runs in a pod as a script says, and what it was asked for."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from srs_conformance.clusters.base import OWNER_LABEL, Capability, ExecResult
from srs_conformance.inside.places import KEEPER, SUITE
from srs_conformance.report.conformance import FILE_NAME

Live = dict[str, Any]
REPORT = {FILE_NAME: b"{}", "evidence/EDGE-03/pod.log": b"a log\n"}


def a_pod(state: Mapping[str, Any], *, keeper: bool = True, status: Mapping[str, Any] | None = None) -> Live:
    """Return the live pod whose suite is in a state; `status` is what is said of the pod itself."""
    containers = [{"name": SUITE, "state": dict(state)}]
    containers.append({"name": KEEPER, "state": {"running": {}} if keeper else {"terminated": {"exitCode": 137}}})
    return {"metadata": {"name": "srs-inside"}, "status": {"containerStatuses": containers, **(status or {})}}


def ended(code: int, reason: str = "Completed", **more: Any) -> Live:
    return a_pod({"terminated": {"exitCode": code, "reason": reason}}, **more)


PULLING = a_pod({"waiting": {"reason": "ContainerCreating"}}, keeper=False)
RUNNING = a_pod({"running": {"startedAt": "2026-11-29T00:00:00Z"}})


def packed(files: Mapping[str, bytes], **members: Mapping[str, Any]) -> bytes:
    """Return an archive of files; `members` are fields of others by their names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, fields in members.items():
            member = tarfile.TarInfo(name)
            for key, value in fields.items():
                setattr(member, key, value)
            archive.addfile(member)
    return out.getvalue()


@dataclass
class Namespace:
    """Shows the pod in one state after the other, the last one again and again.

    Attributes:
        states: of the pod; an error is raised in its place.
        report: the archive that the pod keeps; None for none.
        stops: how the pod is when it has been interrupted.
    """

    states: Sequence[Live | BaseException]
    report: bytes | None = field(default_factory=lambda: packed(REPORT))
    stops: Live = field(default_factory=lambda: ended(2))
    name: str = ""
    applied: list[Any] = field(default_factory=list)
    refuses: Mapping[str, Exception] = field(default_factory=dict)
    asked: int = 0
    interrupted: bool = False
    destroyed: bool = False

    def apply(self, objects: Sequence[Any]) -> None:
        for each in objects:
            if each["kind"] in self.refuses:
                raise self.refuses[each["kind"]]
            self.applied.append(each)

    def get(self, kind: str, name: str) -> Live:
        assert (kind, name) == ("Pod", "srs-inside")
        if self.interrupted:
            return self.stops
        state = self.states[min(self.asked, len(self.states) - 1)]
        self.asked += 1
        if isinstance(state, BaseException):
            raise state
        return state

    def exec(self, pod: str, argv: Sequence[str], *, container: str, **_: Any) -> ExecResult:
        assert pod == "srs-inside"
        if container == SUITE:
            assert list(argv) == ["sh", "-c", "kill -INT 1"]
            self.interrupted = True
            return ExecResult(0, "", "")
        assert container == KEEPER
        return self.packing(argv[3:])

    def packing(self, arguments: Sequence[str]) -> ExecResult:
        """Do what the pod's own program does."""
        if self.report is None:
            return ExecResult(0, "{}\n", "")
        if not arguments:
            about = {"size": len(self.report), "sha256": hashlib.sha256(self.report).hexdigest()}
            return ExecResult(0, json.dumps(about), "")
        offset, length = map(int, arguments)
        return ExecResult(0, base64.b64encode(self.report[offset:][:length]).decode(), "")

    def destroy(self) -> None:
        self.destroyed = True


@dataclass
class Cluster:
    """A cluster that gives the one namespace; `logs` are pieces of the suite's log, one for each time it is asked."""

    space: Namespace
    logs: Sequence[str | BaseException] = ()
    name: str = "mine"
    capabilities: frozenset[Capability] = frozenset({Capability.KUBERNETES})
    labels: Mapping[str, str] = field(default_factory=dict)
    queries: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.api = SimpleNamespace(patience=10.0, text=self._text)

    def namespace(self, name: str, labels: Mapping[str, str]) -> Namespace:
        self.space.name, self.labels = name, {**labels, OWNER_LABEL: "true"}
        return self.space

    def owned(self, labels: Mapping[str, str]) -> list[Namespace]:
        return [self.space] if labels.items() <= self.labels.items() else []

    def _text(self, path: str, *, query: Sequence[tuple[str, str]]) -> str:
        assert path == f"/api/v1/namespaces/{self.space.name}/pods/srs-inside/log"
        self.queries.append(dict(query))
        number = len(self.queries) - 1
        piece = self.logs[number] if number < len(self.logs) else ""
        if isinstance(piece, BaseException):
            raise piece
        return piece
