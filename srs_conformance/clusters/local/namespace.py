"""One namespace of the local backend: objects that are wanted, and the pods and forwards that follow from them."""

from __future__ import annotations

import copy
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from srs_conformance.clusters.base import Endpoint, ExecResult, Manifest, Pod, Service, Workload
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.local import rollout
from srs_conformance.clusters.local.addresses import AddressRange
from srs_conformance.clusters.local.files import check_volume
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.pod import LocalPod
from srs_conformance.clusters.local.programs import check_image
from srs_conformance.errors import EngineError, UsageError

KINDS = ("Deployment", "Service", "ConfigMap")
DESTROY_SECONDS = 10.0
POLL_SECONDS = 0.01
HASH_LABEL = "pod-template-hash"


class LocalNamespace:
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
        self._owners: dict[str, str] = {}
        self._service_addresses: dict[str, str] = {}
        self._forwards: dict[tuple[str, int], list[tuple[str, int]]] = {}
        self._observed: dict[str, int] = {}
        self._events: list[str] = []
        self.destroyed = False
        folder.mkdir(parents=True)

    def apply(self, objects: Sequence[Manifest]) -> None:
        """Take the objects over as wanted, all at once."""
        given = {each["metadata"]["name"] for each in objects if each["kind"] == "ConfigMap"}
        with self._entered():
            for each in objects:
                _check_manifest(each, given | {name for kind, name in self._objects if kind == "ConfigMap"})
            for each in objects:
                self._put(copy.deepcopy(dict(each)))

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one object as it is wanted, with what there is of it as status."""
        with self._entered():
            if kind == "Pod":
                return _pod_object(self._pod(name).status())
            return self._live(kind, name)

    def objects(self) -> list[dict[str, Any]]:
        """Return all objects and pods."""
        with self._entered():
            wanted = [self._live(kind, name) for kind, name in self._objects]
            return wanted + [_pod_object(pod.status()) for pod in self._pods.values()]

    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        """Merge `patch` into an object (strategic merge)."""
        with self._entered():
            self._put(rollout.merge(self._object(kind, name), patch))

    def delete(self, kind: str, name: str, *, grace: int | None = None) -> None:
        """Delete one object or pod, and return without waiting."""
        with self._entered():
            if kind == "Pod":
                self._pod(name).leave(grace)
            else:
                self._object(kind, name)
                del self._objects[kind, name]

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        """Return the pods that carry all the labels, sorted by name."""
        with self._entered():
            found = [pod.status() for pod in self._pods.values() if _selects(labels or {}, pod)]
        return sorted(found, key=lambda pod: pod.name)

    def workload(self, name: str) -> Workload:
        """Return the Deployment of that name."""
        with self._entered():
            wanted = self._object("Deployment", name)
            observed = self._observed.get(name) == wanted["metadata"]["generation"]
            replicas = int(wanted["spec"].get("replicas", 1))
            return rollout.workload(name, replicas, self._replicas(name), observed=observed)

    def service(self, name: str) -> Service:
        """Return the Service of that name."""
        return convert.service(self.get("Service", name))

    def endpoints(self, service: str, port: int) -> list[Endpoint]:
        """Return the addresses behind one port of a Service."""
        with self._entered():
            wanted = self._object("Service", service)
            if port not in [int(each["port"]) for each in wanted["spec"]["ports"]]:
                raise KeyError(f"Service {service} port {port}")
            pods = [pod for pod in self._pods.values() if _selects(wanted["spec"].get("selector") or {}, pod)]
            found = [_endpoint(pod) for pod in pods]
        return sorted(found, key=lambda endpoint: endpoint.ip)

    def scale(self, workload: str, replicas: int) -> None:
        """Set `replicas` as `kubectl scale` does."""
        self.patch("Deployment", workload, {"spec": {"replicas": replicas}})

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
                pod.leave(0)
            while self._pods:
                self.reconcile()
                if time.monotonic() > deadline:
                    raise EngineError(f"namespace {self.name}: pods {', '.join(self._pods)} do not end")
                time.sleep(POLL_SECONDS)
            self.reconcile()
            shutil.rmtree(self._folder, ignore_errors=True)
            self.destroyed = True

    def reconcile(self) -> None:
        """Move everything on by one step; the caller holds the lock."""
        for pod in list(self._pods.values()):
            pod.poll()
            if pod.gone:
                del self._pods[pod.name], self._owners[pod.name]
                pod.remove()
                self._addresses.give_back(pod.address)
        deployments = [name for kind, name in self._objects if kind == "Deployment"]
        for name in deployments:
            self._roll(name)
        for pod_name, owner in self._owners.items():
            if owner not in deployments and not self._pods[pod_name].terminating:
                self._pods[pod_name].leave()
        self._forward()

    def _roll(self, name: str) -> None:
        wanted = self._object("Deployment", name)
        step = rollout.next_step(int(wanted["spec"].get("replicas", 1)), self._replicas(name))
        for pod in step.end:
            self._pods[pod].leave()
        for _ in range(step.create):
            self._create(name, wanted["spec"]["template"])
        self._observed[name] = wanted["metadata"]["generation"]

    def _create(self, deployment: str, template: Mapping[str, Any]) -> None:
        mark = rollout.template_hash(template)
        name = f"{deployment}-{mark}-{secrets.token_hex(3)[:5]}"
        labelled = rollout.merge(template, {"metadata": {"labels": {HASH_LABEL: mark}}})
        pod = LocalPod(
            name,
            labelled,
            address=self._addresses.take(),
            folder=self._folder / name,
            hosts=self._hosts(),
            config_maps={each: found for (kind, each), found in self._objects.items() if kind == "ConfigMap"},
            helper=self._helper,
            log=lambda text: self._event("Pod", name, text),
        )
        self._pods[name], self._owners[name] = pod, deployment
        self._event("Pod", name, f"Normal Scheduled Assigned {pod.address}")
        pod.start()

    def _replicas(self, deployment: str) -> list[rollout.Replica]:
        mark = rollout.template_hash(self._object("Deployment", deployment)["spec"]["template"])
        mine = [self._pods[name] for name, owner in self._owners.items() if owner == deployment]
        return [
            rollout.Replica(pod.name, new=pod.labels[HASH_LABEL] == mark, ready=pod.ready)
            for pod in mine
            if not pod.terminating
        ]

    def _hosts(self) -> dict[str, str]:
        """Return the names of the Services as the cluster's DNS has them, short and long."""
        forms = ("{0}", "{0}.{1}", "{0}.{1}.svc", "{0}.{1}.svc.cluster.local")
        return {
            form.format(name, self.name): address for name, address in self._service_addresses.items() for form in forms
        }

    def _forward(self) -> None:
        """Tell the helper where the Services' connections go now."""
        wanted: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for (kind, name), live in self._objects.items():
            if kind == "Service":
                address = self._service_addresses[name]
                for port, target in convert.service(live).ports.items():
                    ready = [each.ip for each in self.endpoints(name, port) if each.ready]
                    wanted[address, port] = [(ip, target) for ip in ready]
        for listen in {*self._forwards, *wanted}:
            targets = wanted.get(listen, [])
            if targets != self._forwards.get(listen, []):
                self._helper.forward(listen, targets)
        self._forwards = wanted
        names = {name for kind, name in self._objects if kind == "Service"}
        for name in [each for each in self._service_addresses if each not in names]:
            self._addresses.give_back(self._service_addresses.pop(name))

    def _put(self, live: dict[str, Any]) -> None:
        kind, name = live["kind"], live["metadata"]["name"]
        before = self._objects.get((kind, name))
        generation = before["metadata"]["generation"] if before else 0
        changed = before is None or before.get("spec") != live.get("spec") or before.get("data") != live.get("data")
        live["metadata"] = {**live["metadata"], "namespace": self.name, "generation": generation + changed}
        self._objects[kind, name] = live
        if kind == "Service" and name not in self._service_addresses:
            self._service_addresses[name] = self._addresses.take()

    def _live(self, kind: str, name: str) -> dict[str, Any]:
        live = copy.deepcopy(self._object(kind, name))
        if kind == "Service":
            address = self._service_addresses[name]
            live["spec"]["clusterIP"] = address
            if live["spec"].get("type") == "LoadBalancer":
                live["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}
        return live

    def _object(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self._objects:
            raise KeyError(f"{kind} {name}")
        return self._objects[kind, name]

    def _pod(self, name: str) -> LocalPod:
        if name not in self._pods:
            raise KeyError(f"Pod {name}")
        return self._pods[name]

    def _entered(self) -> threading.RLock:
        self._check()
        return self._lock

    def _event(self, kind: str, name: str, text: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        level, reason, message = text.split(" ", 2)
        self._events.append(f"{now} {level} {reason} {kind}/{name}: {message}")


def _check_manifest(manifest: Manifest, config_maps: Collection[str]) -> None:
    """Refuse what the local backend cannot play, before anything is started."""
    if manifest["kind"] not in KINDS:
        raise UsageError(f"kind {manifest['kind']}: the local backend plays {', '.join(KINDS)} only")
    if manifest["kind"] == "Deployment":
        spec = manifest["spec"]["template"]["spec"]
        for container in spec["containers"]:
            check_image(container["image"])
        for volume in spec.get("volumes") or ():
            check_volume(volume, config_maps)


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
        "metadata": {"name": pod.name, "uid": pod.uid, "labels": dict(pod.labels)},
        "status": {"podIP": pod.ip, "phase": pod.phase, "ready": pod.ready, "containers": containers},
    }
