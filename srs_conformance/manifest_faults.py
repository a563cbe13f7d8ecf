"""Faults of manifests: what a server cannot break, a deployment can that is not as the guide has it.

Each is a function over the rendered manifests of a chapter, put over them just before they are applied, so that the
suite meets a wrong deployment and must say so. They prove the suite, like the faults of the reference server, and work
with any image.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from srs_conformance.errors import UsageError

Manifest: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Manifest], None]

_WORKLOADS: Final = frozenset({"Deployment", "StatefulSet"})
_OLD_CONFIG: Final = "srs-conformance-old-config"


@dataclass(frozen=True)
class ManifestFault:
    """One fault.

    Attributes:
        name: how it is switched on.
        summary: what is wrong with the manifests then.
        seen_in: where it was seen in the field.
        breaks: the requirements that must fail with it.
    """

    name: str
    summary: str
    seen_in: str
    breaks: frozenset[str]
    change: Change
    adds: tuple[Manifest, ...] = ()


def _loses_http(manifest: Manifest) -> None:
    if _is_exposed(manifest):
        ports = manifest["spec"]["ports"]
        manifest["spec"]["ports"] = [port for port in ports if port["port"] != 8080] or ports


def _selects_nothing(manifest: Manifest) -> None:
    if _is_exposed(manifest):
        manifest["spec"]["selector"] = {name: f"{value}-none" for name, value in manifest["spec"]["selector"].items()}


def _is_not_exposed(manifest: Manifest) -> None:
    if _is_exposed(manifest):
        manifest["spec"]["type"] = "ClusterIP"


def _exposes_the_origin(manifest: Manifest) -> None:
    if manifest["kind"] == "Service" and manifest["metadata"]["name"] == "srs-origin-service":
        manifest["spec"]["type"] = "LoadBalancer"


def _one_replica_more(manifest: Manifest) -> None:
    if manifest["kind"] in _WORKLOADS:
        manifest["spec"]["replicas"] = manifest["spec"].get("replicas", 1) + 1


def _keeps_the_old_config(manifest: Manifest) -> None:
    if manifest["kind"] in _WORKLOADS:
        for volume in manifest["spec"]["template"]["spec"].get("volumes", ()):
            if volume.get("configMap", {}).get("name") == "srs-edge-config":
                volume["configMap"]["name"] = _OLD_CONFIG


def _parts_the_volume(manifest: Manifest) -> None:
    """Give nginx a volume of its own in place of the one that it shares with SRS."""
    if manifest["kind"] not in _WORKLOADS:
        return
    spec = manifest["spec"]["template"]["spec"]
    for container in spec["containers"]:
        if container["name"] == "nginx" and container.get("volumeMounts"):
            spec["volumes"] = [*spec["volumes"], {"name": "own-volume", "emptyDir": {}}]
            for mount in container["volumeMounts"]:
                if mount["mountPath"] == "/usr/share/nginx/html":
                    mount["name"] = "own-volume"


def _nginx_may_write(manifest: Manifest) -> None:
    if manifest["kind"] in _WORKLOADS:
        for container in manifest["spec"]["template"]["spec"]["containers"]:
            if container["name"] == "nginx":
                for mount in container.get("volumeMounts", ()):
                    mount["readOnly"] = False


def _has_a_balancer_of_its_own(manifest: Manifest) -> None:
    annotations = manifest["metadata"].get("annotations", {}) if manifest["kind"] == "Service" else {}
    for name in annotations:
        if name.endswith("loadbalancer-id"):
            annotations[name] += f"-{manifest['metadata']['name']}"


def _forgets_revisions(manifest: Manifest) -> None:
    if manifest["kind"] == "Deployment":
        manifest["spec"]["revisionHistoryLimit"] = 0


def _recreates(manifest: Manifest) -> None:
    if manifest["kind"] == "Deployment":
        manifest["spec"]["strategy"] = {"type": "Recreate"}


def _has_no_grace(manifest: Manifest) -> None:
    """Take away what the guide's graceful update stands on: the hook and the time that it has."""
    if manifest["kind"] == "Deployment":
        spec = manifest["spec"]["template"]["spec"]
        spec.pop("terminationGracePeriodSeconds", None)
        for container in spec["containers"]:
            container.pop("lifecycle", None)


def _is_exposed(manifest: Manifest) -> bool:
    return bool(manifest["kind"] == "Service" and manifest["spec"].get("type") == "LoadBalancer")


def _fault(
    name: str, change: Change, breaks: str, summary: str, seen_in: str, *, adds: Sequence[Manifest] = ()
) -> ManifestFault:
    return ManifestFault(name, summary, seen_in, frozenset(breaks.split()), change, tuple(adds))


_OLD_EDGE = """\
listen 1935; max_connections 1000; daemon off;
http_api { enabled on; listen 1985; }
http_server { enabled on; listen 8080; }
vhost __defaultVhost__ {
    cluster { mode remote; origin srs-origin-service; }
    http_remux { enabled on; }
}
# of the release before
"""

CATALOGUE: Final = {
    fault.name: fault
    for fault in (
        _fault(
            "service-lacks-http",
            _loses_http,
            "QS-03 QS-06 QS-07 QS-10 QS-11 QS-12",
            "no Service of type LoadBalancer has the port 8080, unless it has no other",
            "the Services of the guide's tips chapter, which have fewer ports than the chapter uses",
        ),
        _fault(
            "service-selects-nothing",
            _selects_nothing,
            "QS-03 QS-04 QS-08 QS-09 QS-10 QS-11 QS-12",
            "no pod has the labels that Services of type LoadBalancer select",
            "labels that were renamed in the pods' template alone",
        ),
        _fault(
            "service-is-not-exposed",
            _is_not_exposed,
            "QS-03 QS-04 QS-08 QS-09 QS-10 QS-11 QS-12",
            "Services that the guide gives an address outside are of type ClusterIP",
            "platforms on which type LoadBalancer was taken out for want of a controller",
        ),
        _fault(
            "origin-is-exposed",
            _exposes_the_origin,
            "EDGE-01",
            "the origin's Service has an address outside the cluster",
            "clusters that were opened for an encoder and not closed again",
        ),
        _fault(
            "one-replica-too-many",
            _one_replica_more,
            "EDGE-02 EDGE-05 EDGE-10 EDGE-16 QS-02 QS-04 QS-05 QS-06 QS-07",
            "each workload has one replica more than the guide gives it",
            "autoscalers on servers that keep a stream's state, as the guide's origin does",
        ),
        _fault(
            "edges-keep-an-old-config",
            _keeps_the_old_config,
            "EDGE-12",
            "edges mount another ConfigMap than the one that is applied beside them",
            "names of ConfigMaps with a hash or a date in them that the pods' template did not follow",
            adds=[
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": _OLD_CONFIG},
                    "data": {"srs.conf": _OLD_EDGE},
                }
            ],
        ),
        _fault(
            "volume-is-not-shared",
            _parts_the_volume,
            "EDGE-06 SV-03 SV-04 SV-05 SV-10 SV-11 SV-12",
            "nginx has an emptyDir of its own in place of the one that SRS writes to",
            "two volumes where one was meant, each of them valid",
        ),
        _fault(
            "nginx-may-write",
            _nginx_may_write,
            "SV-06",
            "nginx mounts the shared volume without readOnly",
            "manifests that were copied from the writer's container",
        ),
        _fault(
            "each-service-has-its-balancer",
            _has_a_balancer_of_its_own,
            "SLB-01 SLB-02 SLB-03",
            "Services that shall share a load balancer name one each",
            "templates that put the release's or the Service's name into the annotation",
        ),
        _fault(
            "revisions-are-forgotten",
            _forgets_revisions,
            "UPD-01 RB-01 RB-02 RB-03 RB-04",
            "Deployments keep no old ReplicaSet (revisionHistoryLimit 0)",
            "clusters that were tidied up by a policy",
        ),
        _fault(
            "pods-are-recreated",
            _recreates,
            "UPD-12",
            "Deployments end all old pods before they start new ones (strategy Recreate)",
            "volumes that only one pod may mount, for which it is the usual remedy",
        ),
        _fault(
            "pods-have-no-grace",
            _has_no_grace,
            "UPD-09",
            "Deployments have neither the preStop hook nor the longer grace period",
            "the guide's own Deployments before its chapter about updates",
        ),
    )
}


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, each once, in order.

    Raises:
        UsageError: there is no such fault.
    """
    for name in names:
        if name not in CATALOGUE:
            raise UsageError(
                f"--manifest-fault {name}: there is no such fault; there are {', '.join(CATALOGUE)}",
                hint="`srs-conformance faults` tells what each does",
            )
    return tuple(dict.fromkeys(names))


def with_faults(manifests: Sequence[Manifest], names: Iterable[str]) -> list[Manifest]:
    """Return the manifests with faults put over them; the given ones stay as they are."""
    changed = copy.deepcopy(list(manifests))
    for fault in (CATALOGUE[name] for name in known(names)):
        before = copy.deepcopy(changed)
        for manifest in changed:
            fault.change(manifest)
        if changed != before:
            changed = [*copy.deepcopy(list(fault.adds)), *changed]
    return changed
