"""Edges that are updated, and viewers who watch them, made of words alone: what fixtures see without any server."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from fixtures.edge_cluster import EdgeCluster
from fixtures.places import Playable
from fixtures.releasing import ReleasedEdges
from srs_conformance.clusters.base import Capability, Container, Endpoint, Pod, ReplicaSet, Workload
from srs_conformance.observing import Missed, Observation
from srs_conformance.viewers import Protocol, Timeline
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Ending

EDGES, ORIGIN = EdgeCluster.EDGE_DEPLOYMENT, EdgeCluster.ORIGIN_DEPLOYMENT
OLD, NEW = "srs:3", "srs:6"


class Namespace:
    """Deployments of edges. A change is carried out at once, but one of a paused or `stuck` one has its first pod only.

    Old pods are gone at once, unless they `linger`: then they terminate until `linger` is no longer true. A pod whose
    image ends with "-none" never starts, and no old one goes for it.
    """

    name = "made-of-words"

    def __init__(self, replicas: Mapping[str, int] | None = None) -> None:
        self.stuck = self.linger = False
        self.calls: list[str] = []
        self.config = {"srs.conf": "listen 1935;"}
        self.keeps_config = True
        self._paused: set[str] = set()
        self._sets: dict[str, list[ReplicaSet]] = {}
        self._pods: list[Pod] = []
        self._wanted = {**(replicas or {EDGES: 2}), ORIGIN: 1}
        self._numbers = itertools.count(1)
        for deployment in self._wanted:
            self._sets[deployment] = [self._set(deployment, OLD, "")]
            self._fill(deployment)

    @property
    def deployments(self) -> list[str]:
        return list(self._wanted)

    def get(self, kind: str, name: str) -> dict[str, Any]:
        if kind == "ConfigMap":
            return {"data": self.config, "metadata": {"resourceVersion": "7"}}
        if name not in self._wanted:
            raise KeyError(f"{kind} {name}")
        run = name.removesuffix("-deploy")
        return {"spec": {"selector": {"matchLabels": {"run": run}}, "paused": name in self._paused}}

    def patch(self, kind: str, _: str, patch: Mapping[str, Any]) -> None:
        assert kind == "ConfigMap"
        if self.keeps_config:
            self.config |= patch["data"]

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        if not self.linger:
            self._pods = [pod for pod in self._pods if not pod.terminating]
        return [pod for pod in self._pods if (labels or {}).items() <= pod.labels.items()]

    def workload(self, name: str) -> Workload:
        newest, alive = self._sets[name][-1], self._alive(name)
        new = [pod for pod in alive if pod.owner == f"ReplicaSet/{newest.name}"]
        wanted, ready = self._wanted[name], len([pod for pod in alive if pod.ready])
        settled = len(new) == len(alive) == ready == wanted
        return Workload("Deployment", name, wanted, ready, len(new), ready, len(alive), settled)

    def replica_sets(self, deployment: str) -> list[ReplicaSet]:
        return [
            replace(each, total=len([pod for pod in self._alive(deployment) if pod.owner == f"ReplicaSet/{each.name}"]))
            for each in self._sets[deployment]
        ]

    def endpoints(self, *_: Any) -> list[Endpoint]:
        return [
            Endpoint(pod.ip, pod.name, pod.ready and not pod.terminating, pod.ready, pod.terminating)
            for pod in self.pods({"app": "srs-edge"})
        ]

    def service(self, name: str) -> Any:
        return SimpleNamespace(address=f"address-of-{name}", cluster_ip=f"address-of-{name}")

    def exec(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(
            code=0, stdout="cleanup\nsig=3, user start gracefully quit\nwait for 2 conns\n", stderr=""
        )

    def logs(self, *_: Any, **__: Any) -> str:
        return ""

    def scale(self, deployment: str, replicas: int) -> None:
        self.calls.append(f"scale {deployment} {replicas}")
        if self.stuck:
            return
        self._wanted[deployment] = replicas
        for pod in self._alive(deployment)[replicas:]:
            self._end(pod)
        self._fill(deployment)

    def set_image(self, deployment: str, image: str) -> None:
        self.calls.append(f"set image {deployment} {image}")
        self._roll(deployment, self._set(deployment, image, f"set image {image}"))

    def rollout_restart(self, deployment: str) -> None:
        self.calls.append(f"restart {deployment}")
        self._roll(deployment, self._set(deployment, self._sets[deployment][-1].images[0], ""))

    def rollout_undo(self, deployment: str) -> None:
        self.calls.append(f"undo {deployment}")
        old = self._sets[deployment].pop(-2)
        self._roll(deployment, replace(old, revision=self._sets[deployment][-1].revision + 1))

    def rollout_pause(self, deployment: str) -> None:
        self._paused.add(deployment)

    def rollout_resume(self, deployment: str) -> None:
        self._paused.discard(deployment)
        self.stuck = False
        self._finish(deployment)

    def delete(self, kind: str, name: str, *, grace: int | None = None) -> None:
        self.calls.append(f"delete {kind} {name}" + ("" if grace is None else f" {grace}"))
        if self.stuck:
            return
        if kind == "Deployment":
            self._pods = [pod for pod in self._pods if pod not in self._alive(name)]
            del self._wanted[name]
            return
        self._end(next(pod for pod in self._pods if pod.name == name))
        for deployment in self._wanted:
            self._fill(deployment)

    def _alive(self, deployment: str) -> list[Pod]:
        return [pod for pod in self.pods({"run": deployment.removesuffix("-deploy")}) if not pod.terminating]

    def _set(self, deployment: str, image: str, cause: str) -> ReplicaSet:
        number = next(self._numbers)
        revision = max((each.revision for each in self._sets.get(deployment, ())), default=0) + 1
        wanted = self._wanted[deployment]
        return ReplicaSet(f"{deployment}-{number}", f"set-{number}", revision, wanted, 0, 0, (image,), cause, "")

    def _roll(self, deployment: str, newest: ReplicaSet) -> None:
        self._sets[deployment].append(newest)
        if self.stuck or newest.images[0].endswith("-none"):
            self._create(deployment)
        else:
            self._finish(deployment)

    def _finish(self, deployment: str) -> None:
        owner = f"ReplicaSet/{self._sets[deployment][-1].name}"
        for pod in self._alive(deployment):
            if pod.owner != owner:
                self._end(pod)
        self._fill(deployment)

    def _fill(self, deployment: str) -> None:
        while len(self._alive(deployment)) < self._wanted[deployment]:
            self._create(deployment)

    def _create(self, deployment: str) -> None:
        number, newest = next(self._numbers), self._sets[deployment][-1]
        app = "srs-origin" if deployment == ORIGIN else "srs-edge"
        labels = {"app": app, "run": deployment.removesuffix("-deploy")}
        there = not newest.images[0].endswith("-none")
        container = Container("srs", newest.images[0], there, 0, "running" if there else "waiting: ImagePullBackOff")
        self._pods.append(
            Pod(
                f"{deployment}-{number}",
                f"uid-{number}",
                f"10.0.0.{number}",
                labels,
                there,
                False,
                "Running",
                (container,),
                owner=f"ReplicaSet/{newest.name}",
            )
        )

    def _end(self, pod: Pod) -> None:
        self._pods[self._pods.index(pod)] = replace(pod, terminating=True)


class Edges(ReleasedEdges):
    """An edge cluster whose servers say of themselves what the image of their pod is."""

    def __init__(self, namespace: Namespace | None = None, *, grace: float = 20.0) -> None:
        self.words: Any = namespace or Namespace()
        self.namespace = self.words
        self.cluster = SimpleNamespace(capabilities=frozenset(Capability))
        self.deployed = SimpleNamespace(names=lambda _: list(self.words.deployments), patches=[], roles=None)
        self.next_image, self.grace = NEW, grace
        self.web = Playable("nginx", "10.0.1.1", hls_port=80)
        self.edge_service = Playable("the edge Service", "10.0.1.2")
        self.silent = False

    def recovered(self, *_: Any) -> None:
        """It is never down."""

    def stream(self, *_: Any) -> Any:
        publisher = SimpleNamespace(restarts=[], url="rtmp://10.0.1.3/live/release-1")
        return SimpleNamespace(name="release-1", publisher=publisher, source=None)

    def version(self, pod: Pod) -> str:
        if self.silent:
            raise Missed(Observation(False, "a version", "no answer"))
        return pod.containers[0].image

    def pulls(self, _: str) -> dict[str, int]:
        return {pod.name: 1 for pod in self.edge_pods()}


class Viewer:
    """A viewer who has a picture as soon as it starts, and watches until it is stopped or `cut`."""

    made: list[Viewer] = []  # noqa: RUF012 - emptied by the fixture that puts viewers in place

    def __init__(self, url: str, *, label: str = "", defect: Exception | None = None) -> None:
        self.url, self.alive, self.defect = url, False, defect
        protocol = Protocol.RTMP if url.startswith("rtmp:") else Protocol.HTTP_FLV
        self.timeline = Timeline(label, url, Protocol.HLS if url.endswith("m3u8") else protocol)
        self.made.append(self)

    def start(self) -> Viewer:
        self.alive = True
        self.timeline.frames = [Frame(Kind.VIDEO, True, 0.0, 0.0, 10, self.timeline.started + 0.01, 1)]
        self.timeline.server = OLD
        return self

    def cut(self) -> None:
        self._over(Ending.CLOSED)

    def stop(self) -> Timeline:
        self._over(Ending.STOPPED)
        if self.defect is not None:
            raise self.defect
        return self.timeline

    def _over(self, ending: Ending) -> None:
        self.alive = False
        if self.timeline.ended is None:
            self.timeline.ended, self.timeline.ending = self.timeline.started + 1, ending


class Seat:
    """Who comes and goes: one visit, over when it is stopped."""

    def __init__(self, url: str, label: str, *, on_session: Any, seed: str = "") -> None:
        self.label, self.seed = label, seed
        self._viewer = Viewer(url, label=self._named(label))
        self._on_session = on_session

    def start(self) -> None:
        self._viewer.start()

    def stop(self) -> None:
        self._on_session(1, self._viewer.stop())

    def _named(self, label: str) -> str:
        return f"{label} 1"


class Returning(Seat):
    """Who returns: one session, under its own name."""

    @property
    def playing(self) -> bool:
        return self._viewer.alive and bool(self._viewer.timeline.frames)

    def _named(self, label: str) -> str:
        return label


class Visits(Seat):
    """Who comes and goes, and is not one of those who return."""


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def watching(monkeypatch: Any) -> list[Viewer]:
    """Have audiences of such viewers, and return them as they come."""
    Viewer.made = []
    for name, kind in (("watch", Viewer), ("Returning", Returning), ("Churn", Visits)):
        monkeypatch.setattr(f"fixtures.audience.{name}", kind)
    return Viewer.made


def hurried(monkeypatch: Any) -> None:
    """Let budgets and pauses take no time, and observers look as often as they can."""
    monkeypatch.setattr("srs_conformance.observing.time", Clock())
    monkeypatch.setattr("fixtures.observers.POLL_SECONDS", 0.001)


def observing() -> list[str]:
    """Return the names of the observers' threads that are alive."""
    return [each.name for each in threading.enumerate() if each.name.startswith("observer of ")]
