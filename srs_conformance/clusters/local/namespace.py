"""One namespace of the local backend: objects that are wanted, and the pods and forwards that follow from them."""

from __future__ import annotations

import copy
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from srs_conformance.clusters.base import Ended, Endpoint, ExecResult, Manifest, Pod, Service, Workload
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.kube.rollouts import Rollouts
from srs_conformance.clusters.local import claims, rollout
from srs_conformance.clusters.local.addresses import AddressRange
from srs_conformance.clusters.local.admission import WORKLOADS, check_manifest
from srs_conformance.clusters.local.deployments import Deployments
from srs_conformance.clusters.local.files import SOURCES, keys_of
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.names import Names
from srs_conformance.clusters.local.pod import LocalPod
from srs_conformance.clusters.local.revisions import Revision
from srs_conformance.clusters.local.services import Services, headless
from srs_conformance.clusters.local.statefulsets import StatefulSets
from srs_conformance.errors import CouldNotTest, EngineError

DESTROY_SECONDS = 10.0
POLL_SECONDS = 0.01


class LocalNamespace(Rollouts):
    """A namespace; see `clusters.base.Namespace` for what each call promises.

    `reconcile` is called again and again by the cluster's thread; all else by anybody. `check` raises what that thread
    failed at.
    """

    def __init__(
        self,
        name: str,
        labels: Mapping[str, str],
        *,
        folder: Path,
        addresses: AddressRange,
        helper: Helper,
        lock: threading.RLock,
        check: Callable[[], None],
    ) -> None:
        self.name, self.labels = name, dict(labels)
        self._folder, self._addresses, self._helper = folder, addresses, helper
        self._lock, self._check = lock, check
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._pods: dict[str, LocalPod] = {}
        self._deployments = Deployments(self._pods)
        self._stateful_sets = StatefulSets(self._pods)
        self._ended: list[Pod] = []
        self._services = Services(addresses, helper)
        self._events: list[str] = []
        self.destroyed = False
        folder.mkdir(parents=True)
        self._names = Names(name, folder / "hosts")

    def apply(self, objects: Sequence[Manifest]) -> None:
        """Take the objects over as wanted, all at once."""
        given = {(each["kind"], each["metadata"]["name"]) for each in objects} | self._objects.keys()
        with self._entered():
            for each in objects:
                check_manifest(each, given)
            for each in objects:
                self._put(copy.deepcopy(dict(each)))

    def refusals(self, objects: Sequence[Manifest]) -> list[str]:
        """There is no API server here that could refuse anything."""
        raise CouldNotTest(f"no API server here judges these {len(objects)} objects")

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one object as it is wanted, with what there is of it as status."""
        with self._entered():
            if kind == "Pod":
                return _pod_object(self._pod(name).status())
            return self._live(kind, name)

    def objects(self) -> list[dict[str, Any]]:
        """Return all objects and pods, but no Secret."""
        with self._entered():
            wanted = [self._live(kind, name) for kind, name in self._objects if kind != "Secret"]
            for kind, name in self._objects:
                wanted += self.live_replica_sets(name) if kind == "Deployment" else []
            return wanted + [_pod_object(pod.status()) for pod in self._pods.values()]

    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        """Merge `patch` into an object (strategic merge); of a pod only its metadata, which nobody here looks at."""
        with self._entered():
            if kind == "Pod":
                self._pod(name)
                if patch.keys() - {"metadata"}:
                    raise CouldNotTest(f"Pod {name}: the local backend patches no more than a pod's metadata")
                return
            self._put(rollout.merge(self._object(kind, name), patch))

    def delete(self, kind: str, name: str, *, grace: int | None = None) -> None:
        """Delete one object or pod, and return without waiting."""
        with self._entered():
            if kind == "Pod":
                self._pod(name).leave(grace)
            else:
                self._object(kind, name)
                del self._objects[kind, name]
                if kind == "Deployment":
                    self._deployments.forget(name)

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        """Return the pods that carry all the labels, sorted by name."""
        with self._entered():
            found = [pod.status() for pod in self._listed() if _selects(labels or {}, pod)]
        return sorted(found, key=lambda pod: pod.name)

    def ended_pods(self, since: str = "") -> Ended:
        """Return the pods that have gone since a mark; without one only the mark."""
        with self._entered():
            return Ended(tuple(self._ended[int(since) :]) if since else (), str(len(self._ended)))

    def workload(self, name: str) -> Workload:
        """Return the Deployment or StatefulSet of that name."""
        return convert.workload(self.live_workload(name))

    def live_workload(self, name: str) -> dict[str, Any]:
        """Return the live Deployment or StatefulSet of that name."""
        with self._entered():
            return self._live(self._kind_of(name), name)

    def live_replica_sets(self, deployment: str) -> list[dict[str, Any]]:
        """Return the ReplicaSets of a Deployment as the API would give them."""
        with self._entered():
            self._object("Deployment", deployment)
            return self._deployments.live_revisions(deployment)

    def service(self, name: str) -> Service:
        """Return the Service of that name."""
        return convert.service(self.get("Service", name))

    def endpoints(self, service: str, port: int) -> list[Endpoint]:
        """Return the addresses behind one port of a Service."""
        with self._entered():
            wanted = self._object("Service", service)
            if port not in [int(each["port"]) for each in wanted["spec"]["ports"]]:
                return []
            pods = [pod for pod in self._listed() if _selects(wanted["spec"].get("selector") or {}, pod)]
            found = [_endpoint(pod) for pod in pods]
        return sorted(found, key=lambda endpoint: endpoint.ip)

    def scale(self, workload: str, replicas: int) -> None:
        """Set `replicas` as `kubectl scale` does.

        Raises:
            CouldNotTest: a rollout is paused half way; how Kubernetes spreads replicas over revisions is not played.
        """
        with self._entered():
            kind = self._kind_of(workload)
            paused = self._object(kind, workload)["spec"].get("paused")
            if paused and self._deployments.half_way(workload):
                raise CouldNotTest(f"Deployment {workload}: the local backend does not scale a rollout that is paused")
            self.patch(kind, workload, {"spec": {"replicas": replicas}})

    def exec(self, pod: str, argv: Sequence[str], *, container: str = "", timeout: float = 10.0) -> ExecResult:
        """Run a command in a container (the first one by default)."""
        with self._entered():
            found = self._pod(pod).container(container)
        return found.run(argv, timeout)

    def logs(self, pod: str, *, container: str = "", previous: bool = False, tail: int | None = None) -> str:
        """Return a container's log (the first one's by default)."""
        with self._entered():
            file = self._pod(pod).container(container).log_file(previous=previous)
            text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        return text if tail is None else "".join(text.splitlines(keepends=True)[-tail:] if tail else [])

    def events(self) -> list[str]:
        """Return the namespace's events, oldest first, one line each."""
        with self._lock:
            return list(self._events)

    def destroy(self) -> None:
        """Delete the namespace and all in it with no grace, and return when it is gone."""
        deadline = time.monotonic() + DESTROY_SECONDS
        with self._lock:
            if self.destroyed:
                return
            self._objects.clear()
            for pod in self._pods.values():
                pod.kill()
            while self._pods:
                self.reconcile()
                if time.monotonic() > deadline:
                    raise EngineError(f"namespace {self.name}: pods {', '.join(self._pods)} do not end")
                time.sleep(POLL_SECONDS)
            self.reconcile()
            shutil.rmtree(self._folder, ignore_errors=True)
            self.destroyed = True

    def killed(self) -> list[str]:
        """Return the containers that something outside of the cluster has killed; the caller holds the lock."""
        return [f"{pod.name}/{each.name}" for pod in self._pods.values() for each in pod.containers if each.killed]

    def reconcile(self) -> None:
        """Move everything on by one step; the caller holds the lock."""
        self._clear()
        deployments, stateful = (self._wanted(kind) for kind in WORKLOADS)
        for wanted in deployments.values():
            step, revision = self._deployments.next_step(wanted)
            for name in step.end:
                self._pods[name].leave()
            for _ in range(step.create):
                self._create_of(revision)
        for set_name, wanted in stateful.items():
            create, end = self._stateful_sets.next_step(wanted)
            for name in end:
                self._pods[name].leave()
            for name, template in create.items():
                self._create(name, template, f"StatefulSet/{set_name}")
                self._stateful_sets.own(name)
        for name in [*self._deployments.orphans(deployments), *self._stateful_sets.orphans(stateful)]:
            if not self._pods[name].terminating:
                self._pods[name].leave()
        self._services.forward(self._wanted("Service"), self.endpoints)
        self._name()

    def _clear(self) -> None:
        """Look after the pods, and clear away those that have ended."""
        for pod in list(self._pods.values()):
            pod.poll()
            if pod.gone:
                self._ended.append(pod.status())
                del self._pods[pod.name]
                self._deployments.disown(pod.name)
                self._stateful_sets.disown(pod.name)
                pod.remove()
                self._addresses.give_back(pod.address)

    def _wanted(self, kind: str) -> dict[str, dict[str, Any]]:
        return {name: live for (each, name), live in self._objects.items() if each == kind}

    def _create_of(self, revision: Revision) -> None:
        name = f"{revision.name}-{secrets.token_hex(3)[:5]}"
        self._create(name, revision.labelled, f"ReplicaSet/{revision.name}")
        self._deployments.own(name, revision)

    def _create(self, name: str, template: Mapping[str, Any], owner: str) -> None:
        self._name()
        pod = LocalPod(
            name,
            template,
            address=self._addresses.take(),
            folder=self._folder / name,
            names=self._names,
            sources={each: found for each, found in self._objects.items() if each[0] in SOURCES},
            claimed={claim: self._folder / "claimed" / volume for claim, volume in self._bound().items()},
            helper=self._helper,
            log=lambda text: self._event("Pod", name, text),
            owner=owner,
        )
        self._pods[name] = pod
        self._event("Pod", name, f"Normal Scheduled Assigned {pod.address}")
        pod.start()

    def _bound(self) -> dict[str, str]:
        """Return claim -> volume."""
        claimed, volumes = (self._wanted(kind).values() for kind in ("PersistentVolumeClaim", "PersistentVolume"))
        return claims.bound(claimed, volumes)

    def _listed(self) -> list[LocalPod]:
        """Return the pods that the API knows: those that were deleted by force are gone from it at once."""
        return [pod for pod in self._pods.values() if not pod.forced]

    def _name(self) -> None:
        """Tell the pods the names of Services, and of the pods behind those that have no address."""
        without_address = {
            name: [pod for pod in self._listed() if pod.template["spec"].get("subdomain") == name]
            for name, live in self._wanted("Service").items()
            if headless(live)
        }
        self._names.update(self._services.addresses, without_address)

    def _put(self, live: dict[str, Any]) -> None:
        kind, name = live["kind"], live["metadata"]["name"]
        before = self._objects.get((kind, name))
        generation = before["metadata"]["generation"] if before else 0
        told = ("spec", "data", "stringData")
        changed = before is None or any(before.get(field) != live.get(field) for field in told)
        live["metadata"] = {**live["metadata"], "namespace": self.name, "generation": generation + changed}
        self._objects[kind, name] = live
        if kind in SOURCES and changed:
            for pod in self._pods.values():
                pod.take_over((kind, name), keys_of(live))
        if kind == "Service":
            self._services.admit(name, self._wanted(kind))

    def _live(self, kind: str, name: str) -> dict[str, Any]:
        live = copy.deepcopy(self._object(kind, name))
        if kind == "Service":
            self._services.tell(live, self._wanted(kind))
        if kind == "Deployment":
            live["status"] = self._deployments.status(live)
        if kind == "StatefulSet":
            live["status"] = self._stateful_sets.status(live)
        if kind == "PersistentVolumeClaim" and (volume := self._bound().get(name)):
            live["spec"]["volumeName"] = volume
        if kind in ("PersistentVolume", "PersistentVolumeClaim"):
            pairs = self._bound()
            taken = name in (pairs if kind == "PersistentVolumeClaim" else pairs.values())
            live["status"] = {"phase": "Bound" if taken else "Available" if kind == "PersistentVolume" else "Pending"}
        return live

    def _kind_of(self, workload: str) -> str:
        for kind in WORKLOADS:
            if (kind, workload) in self._objects:
                return kind
        raise KeyError(f"{' or '.join(WORKLOADS)} {workload}")

    def _object(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self._objects:
            raise KeyError(f"{kind} {name}")
        return self._objects[kind, name]

    def _pod(self, name: str) -> LocalPod:
        if name not in self._pods or self._pods[name].forced:
            raise KeyError(f"Pod {name}")
        return self._pods[name]

    def _entered(self) -> threading.RLock:
        self._check()
        return self._lock

    def _event(self, kind: str, name: str, text: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        level, reason, message = text.split(" ", 2)
        self._events.append(f"{now} {level} {reason} {kind}/{name}: {message}")


def _selects(selector: Mapping[str, str], pod: LocalPod) -> bool:
    return selector.items() <= pod.labels.items()


def _endpoint(pod: LocalPod) -> Endpoint:
    return Endpoint(
        ip=pod.address,
        pod=pod.name,
        ready=pod.ready and not pod.terminating,
        serving=pod.ready,
        terminating=pod.terminating,
    )


def _pod_object(pod: Pod) -> dict[str, Any]:
    """Return what a report keeps of a pod."""
    containers = [vars(each) for each in pod.containers]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.name,
            "uid": pod.uid,
            "labels": dict(pod.labels),
            "creationTimestamp": pod.created,
            **({"deletionTimestamp": pod.deleted_at} if pod.terminating else {}),
        },
        "status": {"podIP": pod.ip, "phase": pod.phase, "ready": pod.ready, "containers": containers},
    }
