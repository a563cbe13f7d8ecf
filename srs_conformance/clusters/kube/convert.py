"""Live Kubernetes objects, as parsed JSON, into the words of the cluster protocol. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from srs_conformance.clusters.base import Container, Ended, Endpoint, Pod, ReplicaSet, Service, Workload
from srs_conformance.errors import CouldNotTest

Live = Mapping[str, Any]

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
HASH_LABEL = "pod-template-hash"
DEFAULT_GRACE = 30.0


def pod(live: Live) -> Pod:
    """Return a pod; a container that has no status yet is waiting."""
    meta, status = live["metadata"], live.get("status", {})
    statuses = {each["name"]: each for each in status.get("containerStatuses") or ()}
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or ()}
    return Pod(
        name=meta["name"],
        uid=meta.get("uid", ""),
        ip=status.get("podIP", ""),
        labels=dict(meta.get("labels") or {}),
        ready=conditions.get("Ready") == "True",
        terminating="deletionTimestamp" in meta,
        phase=status.get("phase", "Unknown"),
        containers=tuple(_container(each, statuses.get(each["name"], {})) for each in live["spec"]["containers"]),
        node=live["spec"].get("nodeName", ""),
        created=str(meta.get("creationTimestamp") or ""),
        deleted_at=str(meta.get("deletionTimestamp") or ""),
        grace=_grace(live),
        owner=_owner(meta),
    )


def _grace(live: Live) -> float:
    given = live["metadata"].get("deletionGracePeriodSeconds")
    stated = live["spec"].get("terminationGracePeriodSeconds")
    return next((float(each) for each in (given, stated) if each is not None), DEFAULT_GRACE)


def _owner(meta: Live) -> str:
    controllers = [each for each in meta.get("ownerReferences") or () if each.get("controller")]
    return f"{controllers[0]['kind']}/{controllers[0]['name']}" if controllers else ""


def _container(spec: Live, status: Live) -> Container:
    state, last_state = status.get("state") or {}, status.get("lastState") or {}
    return Container(
        name=spec["name"],
        image=spec["image"],  # the status may show another name of the same image
        ready=bool(status.get("ready")),
        restarts=int(status.get("restartCount", 0)),
        state=_state(state) or "waiting: Pending",
        last_state=_state(last_state),
        started_at=str((state.get("running") or {}).get("startedAt") or ""),
        image_id=str(status.get("imageID") or ""),
        exit_code=next(
            (each["terminated"].get("exitCode") for each in (state, last_state) if "terminated" in each), None
        ),
    )


def _state(state: Live) -> str:
    """Return a ContainerState in words: "running", "waiting: REASON" or "terminated: REASON (EXIT CODE)"."""
    if "running" in state:
        return "running"
    if "waiting" in state:
        return f"waiting: {state['waiting'].get('reason') or 'unknown reason'}"
    if "terminated" in state:
        ended = state["terminated"]
        return f"terminated: {ended.get('reason') or 'unknown reason'} ({ended.get('exitCode')})"
    return ""


def ended(events: Iterable[Live], mark: str) -> Ended:
    """Return the pods that a watch has seen deleted, and the mark after it.

    Raises:
        CouldNotTest: the API server refuses to go on from the mark before.
    """
    gone = []
    for each in events:
        if each["type"] == "ERROR":
            raise CouldNotTest(f"the API server cannot tell which pods have ended: {each['object'].get('message')}")
        mark = each["object"]["metadata"]["resourceVersion"]
        if each["type"] == "DELETED":
            gone.append(pod(each["object"]))
    return Ended(tuple(gone), mark)


def workload(live: Live) -> Workload:
    """Return a Deployment or StatefulSet.

    A terminating pod of an earlier revision does not count as left over: the controllers do not count it either.
    """
    meta, spec, status = live["metadata"], live["spec"], live.get("status", {})
    wanted = int(spec.get("replicas", 1))
    ready, updated, available, total = (
        int(status.get(name) or 0) for name in ("readyReplicas", "updatedReplicas", "availableReplicas", "replicas")
    )
    seen = int(status.get("observedGeneration") or 0) >= int(meta.get("generation") or 0)
    return Workload(
        kind=live["kind"],
        name=meta["name"],
        wanted=wanted,
        ready=ready,
        updated=updated,
        available=available,
        total=total,
        settled=seen and wanted == updated == available == ready == total,
        message="; ".join(_complaints(status.get("conditions") or ())),
    )


def _complaints(conditions: Iterable[Live]) -> Iterator[str]:
    for condition in conditions:
        stalled = condition["type"] == "Progressing" and condition["status"] == "False"
        failed = condition["type"] == "ReplicaFailure" and condition["status"] == "True"
        if stalled or failed:
            yield str(condition.get("message") or condition.get("reason") or condition["type"])


def replica_set(live: Live) -> ReplicaSet:
    """Return a ReplicaSet; one that the controller has not numbered yet has revision 0."""
    meta, spec, status = live["metadata"], live["spec"], live.get("status", {})
    annotations = meta.get("annotations") or {}
    return ReplicaSet(
        name=meta["name"],
        uid=meta.get("uid", ""),
        revision=int(annotations.get(REVISION) or 0),
        wanted=int(spec.get("replicas", 1)),
        total=int(status.get("replicas") or 0),
        ready=int(status.get("readyReplicas") or 0),
        images=tuple(each["image"] for each in spec["template"]["spec"]["containers"]),
        cause=annotations.get(CAUSE, ""),
        template_hash=(meta.get("labels") or {}).get(HASH_LABEL, ""),
    )


def service(live: Live) -> Service:
    """Return a Service."""
    meta, spec = live["metadata"], live["spec"]
    balancer: Live = live.get("status", {}).get("loadBalancer") or {}
    ingress: Live = (balancer.get("ingress") or ({},))[0]
    ports = spec.get("ports") or ()
    return Service(
        name=meta["name"],
        type=spec.get("type", "ClusterIP"),
        cluster_ip=spec.get("clusterIP", ""),
        address=ingress.get("ip") or ingress.get("hostname") or "",
        ports={int(each["port"]): each.get("targetPort", each["port"]) for each in ports},
        node_ports={int(each["port"]): int(each["nodePort"]) for each in ports if each.get("nodePort")},
    )


def endpoints(service_live: Live, slices: Iterable[Live], port: int) -> list[Endpoint]:
    """Return the addresses behind one port of a Service, sorted by address; none where it has no such port."""
    names = {int(each["port"]): each.get("name") or "" for each in service_live["spec"].get("ports") or ()}
    if port not in names:
        return []
    found: dict[str, Endpoint] = {}
    for each in slices:
        if any((offered.get("name") or "") == names[port] for offered in each.get("ports") or ()):
            found.update((endpoint.ip, endpoint) for endpoint in _endpoints(each))
    return sorted(found.values(), key=lambda endpoint: endpoint.ip)


def _endpoints(slice_live: Live) -> Iterator[Endpoint]:
    for each in slice_live.get("endpoints") or ():
        conditions = each.get("conditions") or {}
        ready = conditions.get("ready") is not False  # an unset condition means ready
        serving = conditions.get("serving")
        name = (each.get("targetRef") or {}).get("name", "")
        for address in each["addresses"]:
            yield Endpoint(
                ip=address,
                pod=name,
                ready=ready,
                serving=ready if serving is None else bool(serving),
                terminating=bool(conditions.get("terminating")),
            )


def event(live: Live) -> str:
    """Return an event in one line, its time first."""
    subject = live.get("involvedObject") or {}
    count = int((live.get("series") or {}).get("count") or live.get("count") or 1)
    times = f" (x{count})" if count > 1 else ""
    text = " ".join(str(live.get("message") or "").split())
    name = f"{subject.get('kind', '?')}/{subject.get('name', '?')}"
    return f"{event_time(live)} {live.get('type', '')} {live.get('reason', '')} {name}: {text}{times}"


def event_time(live: Live) -> str:
    """Return when an event was last seen, RFC 3339 in UTC, to the second."""
    series = live.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        live.get("lastTimestamp"),
        live.get("eventTime"),
        live.get("firstTimestamp"),
    )
    found = next((str(each) for each in times if each), live["metadata"].get("creationTimestamp", ""))
    return found[:19] + "Z" if found else ""


def digest_of(name: str, node: Live) -> str | None:
    """Return the digest that a node's status tells of the image with exactly this name, else None."""
    for image in node.get("status", {}).get("images") or ():
        names = image.get("names") or ()
        if name in names:
            return next((each.rpartition("@")[2] for each in names if "@sha256:" in each), None)
    return None
