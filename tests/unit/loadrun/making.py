"""A cluster on which a load runs as a script says, and what it is asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from srs_conformance.clusters.base import OWNER_LABEL, Capability, Container, ExecResult, Pod
from srs_conformance.load.moment import Moment, Phase
from srs_conformance.loadrun.manifests import MASTER, NAME_LABEL, WORKER
from srs_conformance.loadrun.plan import Kind, Plan, plan

WAITING = Moment(Phase.WAITING)
CONNECTED = Moment(Phase.WAITING, workers=2)
RUNNING = Moment(Phase.RUNNING, at=3, workers=2, users=4, viewers=4, rate=1e6, keyframe_p99=0.04)
ENDED = Moment(Phase.ENDED, code=0)


def a_plan(**changes: Any) -> Plan:
    given: dict[str, Any] = {
        "addresses": {"host": "http://srs-edge-service.ns:8080"},
        "users": 4,
        "workers": 2,
        "time": "10s",
        "spawn_rate": None,
        "shape": None,
        "slo": None,
        "web": False,
        "options": {"stream": "live/livestream"},
    }
    return plan(changes.pop("kind", Kind.FLV), **(given | changes))


def a_pod(name: str, **changes: Any) -> Pod:
    """Return a pod that runs; changes are of the pod or its one container."""
    of_container = {key: changes.pop(key) for key in ("state", "last_state", "restarts") if key in changes}
    container = replace(Container("locust", "image", ready=True, restarts=0, state="running"), **of_container)
    label = MASTER if name.startswith(MASTER) else WORKER
    pod = Pod(name, f"uid-{name}", "10.0.0.1", {NAME_LABEL: label}, True, False, "Running", (container,))
    return replace(pod, **changes)


PODS = (a_pod(f"{MASTER}-0"), a_pod(f"{WORKER}-1"), a_pod(f"{WORKER}-2"))


@dataclass
class Namespace:
    """Tells of the moments one after the other, the last one again and again.

    Attributes:
        moments: what the master says, or what is raised instead.
        files: what it keeps at /results.
        said: other lines of its log.
        crowd: the pods; a function is asked anew each time.
    """

    moments: Sequence[Moment | BaseException]
    files: Mapping[str, bytes] = field(default_factory=dict)
    said: str = ""
    crowd: Callable[[], Sequence[Pod]] = lambda: PODS
    name: str = "srs-load"
    applied: list[Any] = field(default_factory=list)
    destroyed: bool = False
    told: int = 0

    def apply(self, objects: Sequence[Any]) -> None:
        self.applied += objects

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        return [pod for pod in self.crowd() if not labels or labels.items() <= pod.labels.items()]

    def logs(self, pod: str, *, tail: int | None = None, **_: Any) -> str:
        if tail is None or tail > 100 or not pod.startswith(MASTER):
            return self.said
        moment = self.moments[min(self.told, len(self.moments) - 1)]
        self.told += 1
        if isinstance(moment, BaseException):
            raise moment
        return f"{self.said}\n{moment.line()}\nload-moment {{half a li"

    def exec(self, pod: str, argv: Sequence[str], **_: Any) -> ExecResult:
        assert pod.startswith(MASTER)
        name = argv[-1].rpartition("/")[2]
        if name not in self.files:
            return ExecResult(1, "", "base64: no such file")
        return ExecResult(0, base64.b64encode(self.files[name]).decode(), "")

    def service(self, name: str) -> Any:
        assert name == MASTER
        return SimpleNamespace(cluster_ip="10.0.0.9")

    def events(self) -> list[str]:
        return ["event"]

    def destroy(self) -> None:
        self.destroyed = True


@dataclass
class Cluster:
    """A cluster that gives the one namespace, and remembers what it is given."""

    space: Namespace
    capabilities: frozenset[Capability] = frozenset(Capability)
    name: str = "test"
    labels: Mapping[str, str] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    loaded: list[tuple[Path, str, str]] = field(default_factory=list)

    def namespace(self, name: str, labels: Mapping[str, str]) -> Namespace:
        self.space.name, self.labels = name, {**labels, OWNER_LABEL: "true"}
        return self.space

    def owned(self, labels: Mapping[str, str]) -> list[Namespace]:
        return [self.space] if labels.items() <= self.labels.items() else []

    def image_digest(self, name: str) -> str | None:
        return "sha256:1" if name in self.there else None

    def load_image(self, archive: Path, source: str, name: str) -> None:
        self.loaded.append((archive, source, name))
        self.there.add(name)
