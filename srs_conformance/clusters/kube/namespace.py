"""One namespace over the Kubernetes API."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from srs_conformance.clusters.base import (
    OWNER_LABEL,
    Ended,
    Endpoint,
    ExecResult,
    Manifest,
    Pod,
    Service,
    Workload,
)
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.kube.api import MERGE_PATCH, SERVER_SIDE_APPLY, STRATEGIC_PATCH, Api, Refused
from srs_conformance.clusters.kube.kinds import CLUSTER_WIDE, EVIDENCE, path_of, version_of
from srs_conformance.clusters.kube.rollouts import Rollouts
from srs_conformance.errors import CouldNotTest, EngineError, UsageError

#: On what belongs to no namespace: the one that it was made for, and goes with.
NAMESPACE_LABEL = "srs-conformance.io/namespace"
FIELD_MANAGER = "srs-conformance"
DESTROY_SECONDS = 90.0
PREPARE_SECONDS = 15.0
POLL_SECONDS = 0.2

#: What the kubelet says, with an error or in the place of a log, of a container that has none (any more).
_LOG_LOST = "unable to retrieve container logs for"
_NO_LOG_YET = ("is waiting to start", "previous terminated container", "has not been started", "is not available")


class KubeNamespace(Rollouts):
    """A namespace that the suite made; see `clusters.base.Namespace` for what each call promises."""

    def __init__(self, api: Api, name: str) -> None:
        self._api, self.name = api, name

    @classmethod
    def create(cls, api: Api, name: str, labels: Mapping[str, str]) -> Self:
        """Create the namespace, and wait until pods can start in it.

        Raises:
            CouldNotTest: refused, be it because the name is taken.
        """
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}}
        api.call("POST", "/api/v1/namespaces", query=_MANAGER, body=manifest)
        namespace = cls(api, name)
        try:
            namespace._wait_for_defaults()
        except CouldNotTest:  # whoever asked for it would not know of it
            api.call("DELETE", f"/api/v1/namespaces/{name}")
            raise
        return namespace

    def _wait_for_defaults(self) -> None:
        """Wait for what every pod mounts; a pod that comes before it waits for a retry of seconds."""
        deadline = time.monotonic() + PREPARE_SECONDS
        for kind, name in (("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")):
            while not self._exists(kind, name):
                if time.monotonic() > deadline:
                    raise CouldNotTest(
                        f"namespace {self.name}: no {kind} {name} after {PREPARE_SECONDS:g} s",
                        hint="does the cluster's controller manager run?",
                    )
                time.sleep(POLL_SECONDS)

    def _exists(self, kind: str, name: str) -> bool:
        try:
            self.get(kind, name)
        except KeyError:
            return False
        return True

    def apply(self, objects: Sequence[Manifest]) -> None:
        """Apply the objects by server-side apply, in the order given."""
        for each in objects:
            self._apply(each)

    def refusals(self, objects: Sequence[Manifest]) -> list[str]:
        """Return the API server's words about each object that it would not take, by a dry-run that keeps none."""
        refused = []
        for each in objects:
            try:
                self._apply(each, ("dryRun", "All"), ("fieldValidation", "Strict"))
            except Refused as error:
                refused.append(f"{each['kind']} {each['metadata']['name']}: {error.words}")
        return refused

    def _apply(self, each: Manifest, *query: tuple[str, str]) -> None:
        stated = each["metadata"].get("namespace", self.name)
        if stated != self.name:
            raise UsageError(f"{each['kind']} {each['metadata']['name']} names namespace {stated}, not {self.name}")
        path = path_of(each["kind"], self.name, each["metadata"]["name"])
        each = self._ours(each) if each["kind"] in CLUSTER_WIDE else each
        parameters = [*_MANAGER, ("force", "true"), *query]
        self._api.call("PATCH", path, query=parameters, body=each, content_type=SERVER_SIDE_APPLY)

    def _ours(self, manifest: Manifest) -> dict[str, Any]:
        """Return an object that belongs to no namespace with the labels by which it goes with this one."""
        labels = {**(manifest["metadata"].get("labels") or {}), OWNER_LABEL: "true", NAMESPACE_LABEL: self.name}
        return {**manifest, "metadata": {**manifest["metadata"], "labels": labels}}

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one live object as the API gives it."""
        return self._found("GET", kind, name)

    def objects(self) -> list[dict[str, Any]]:
        """Return the live objects of the namespace that matter as evidence (no Secrets)."""
        found: list[dict[str, Any]] = []
        for kind in EVIDENCE:
            for each in self._list(kind):
                each["metadata"].pop("managedFields", None)
                found.append({"apiVersion": version_of(kind), "kind": kind, **each})
        return found

    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        """Merge `patch` into a live object (strategic merge)."""
        self._found("PATCH", kind, name, query=_MANAGER, body=patch, content_type=STRATEGIC_PATCH)

    def delete(self, kind: str, name: str, *, grace: int | None = None) -> None:
        """Delete one object, with the given grace period in seconds (pods only), and return without waiting."""
        query = [("propagationPolicy", "Background")]
        if grace is not None:
            query.append(("gracePeriodSeconds", str(grace)))
        self._found("DELETE", kind, name, query=query)

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        """Return the pods that carry all the labels, sorted by name."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        found = self._list("Pod", query=[("labelSelector", selector)] if selector else [])
        return sorted((convert.pod(each) for each in found), key=lambda pod: pod.name)

    def ended_pods(self, since: str = "") -> Ended:
        """Return the pods that have gone since a mark, by a watch of a second; without one only the mark."""
        path = path_of("Pod", self.name)
        if not since:
            return Ended((), self._api.call("GET", path)["metadata"]["resourceVersion"])
        query = [("watch", "true"), ("timeoutSeconds", "1"), ("allowWatchBookmarks", "true")]
        lines = self._api.text(path, query=[*query, ("resourceVersion", since)]).splitlines()
        return convert.ended([json.loads(line) for line in lines], since)

    def workload(self, name: str) -> Workload:
        """Return the Deployment or StatefulSet of that name."""
        return convert.workload(self.live_workload(name))

    def service(self, name: str) -> Service:
        """Return the Service of that name."""
        return convert.service(self.get("Service", name))

    def endpoints(self, service: str, port: int) -> list[Endpoint]:
        """Return the addresses behind one port of a Service, from its EndpointSlices."""
        slices = self._list("EndpointSlice", query=[("labelSelector", f"kubernetes.io/service-name={service}")])
        return convert.endpoints(self.get("Service", service), slices, port)

    def scale(self, workload: str, replicas: int) -> None:
        """Set `replicas` as `kubectl scale` does."""
        path = path_of(self.live_workload(workload)["kind"], self.name, workload) + "/scale"
        self._api.call("PATCH", path, query=_MANAGER, body={"spec": {"replicas": replicas}}, content_type=MERGE_PATCH)

    def live_workload(self, name: str) -> dict[str, Any]:
        """Return the live Deployment or StatefulSet of that name."""
        for kind in ("Deployment", "StatefulSet"):
            try:
                return self.get(kind, name)
            except KeyError:
                continue
        raise KeyError(f"Deployment or StatefulSet {name}")

    def live_replica_sets(self, deployment: str) -> list[dict[str, Any]]:
        """Return the live ReplicaSets that a Deployment controls."""
        uid = self.get("Deployment", deployment)["metadata"]["uid"]
        owners = [(each, each["metadata"].get("ownerReferences") or ()) for each in self._list("ReplicaSet")]
        return [each for each, references in owners if any(owner["uid"] == uid for owner in references)]

    def exec(self, pod: str, argv: Sequence[str], *, container: str = "", timeout: float = 10.0) -> ExecResult:
        """Run a command in a container (the first one by default)."""
        containers = [each["name"] for each in self.get("Pod", pod)["spec"]["containers"]]
        if container and container not in containers:
            raise KeyError(f"container {container} of pod {pod}")
        query = [("container", container or containers[0]), ("stdout", "true"), ("stderr", "true")]
        query += [("command", word) for word in argv]
        return self._api.run(path_of("Pod", self.name, pod) + "/exec", query=query, timeout=timeout)

    def logs(self, pod: str, *, container: str = "", previous: bool = False, tail: int | None = None) -> str:
        """Return a container's log (the first one's by default); "" while there is none."""
        name = container or self.get("Pod", pod)["spec"]["containers"][0]["name"]
        query = [("container", name), ("previous", str(previous).lower())]
        if tail is not None:
            query.append(("tailLines", str(tail)))
        try:
            log = self._api.text(path_of("Pod", self.name, pod) + "/log", query=query)
        except Refused as refused:
            if refused.status == 404:
                raise KeyError(f"Pod {pod}") from refused
            if any(words in refused.words for words in _NO_LOG_YET):
                return ""
            raise
        return "" if log.startswith(_LOG_LOST) else log

    def events(self) -> list[str]:
        """Return the namespace's events, oldest first, one line each."""
        return [convert.event(each) for each in sorted(self._list("Event"), key=convert.event_time)]

    def destroy(self) -> None:
        """Delete the namespace and all in it with no grace, and return when it is gone.

        Pods go by force: the guide's helper container ignores SIGTERM and would hold the namespace for 30 s. The rest
        takes about 5 s, which Kubernetes' namespace controller waits before it begins.
        """
        path = f"/api/v1/namespaces/{self.name}"
        deadline = time.monotonic() + DESTROY_SECONDS
        try:
            self._api.call("DELETE", path, query=[("propagationPolicy", "Background")])
            while True:
                self._api.call("DELETE", path_of("Pod", self.name), query=[("gracePeriodSeconds", "0")])
                remains = self._api.call("GET", path)
                if time.monotonic() > deadline:
                    raise EngineError(f"namespace {self.name} is not gone after {DESTROY_SECONDS:g} s: {_why(remains)}")
                time.sleep(POLL_SECONDS)
        except Refused as refused:
            if refused.status != 404:
                raise
        self._delete_cluster_wide()

    def _delete_cluster_wide(self) -> None:
        """Delete what belongs to no namespace and was made for this one, namespaces among it."""
        selector = f"{OWNER_LABEL}=true,{NAMESPACE_LABEL}={self.name}"
        for each in labelled(self._api, "/api/v1/namespaces", selector):
            type(self)(self._api, each["metadata"]["name"]).destroy()
        for kind in CLUSTER_WIDE:
            for each in labelled(self._api, path_of(kind, self.name), selector):
                with contextlib.suppress(KeyError):
                    self.delete(kind, each["metadata"]["name"])

    def _found(self, method: str, kind: str, name: str, **request: Any) -> dict[str, Any]:
        try:
            return self._api.call(method, path_of(kind, self.name, name), **request)
        except Refused as refused:
            if refused.status == 404:
                raise KeyError(f"{kind} {name}") from refused
            raise

    def _list(self, kind: str, *, query: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._api.call("GET", path_of(kind, self.name), query=query)["items"]
        return found


_MANAGER = (("fieldManager", FIELD_MANAGER),)


def labelled(api: Api, path: str, selector: str) -> list[dict[str, Any]]:
    """Return the live objects that carry the labels; who may not, or cannot, even list them has made none."""
    try:
        found: list[dict[str, Any]] = api.call("GET", path, query=[("labelSelector", selector)])["items"]
    except Refused as refused:
        if refused.status in (403, 404):
            return []
        raise
    return found


def _why(live: Mapping[str, Any]) -> str:
    """Return what the namespace controller says that holds a namespace."""
    conditions = live.get("status", {}).get("conditions") or ()
    messages = [str(each.get("message")) for each in conditions if each.get("status") == "True"]
    return "; ".join(messages) or "no reason given"
