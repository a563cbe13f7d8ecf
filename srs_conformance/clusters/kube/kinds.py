"""Where the API keeps each kind of object that the manifests and the scenarios use."""

from __future__ import annotations

from srs_conformance.errors import UsageError

#: Kind -> API group and version as in `apiVersion`, and the plural name in the path.
_KINDS = {
    "ConfigMap": ("v1", "configmaps"),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
    "PersistentVolume": ("v1", "persistentvolumes"),
    "Pod": ("v1", "pods"),
    "Secret": ("v1", "secrets"),
    "Service": ("v1", "services"),
    "ServiceAccount": ("v1", "serviceaccounts"),
    "Event": ("v1", "events"),
    "DaemonSet": ("apps/v1", "daemonsets"),
    "Deployment": ("apps/v1", "deployments"),
    "ReplicaSet": ("apps/v1", "replicasets"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "CronJob": ("batch/v1", "cronjobs"),
    "Job": ("batch/v1", "jobs"),
    "EndpointSlice": ("discovery.k8s.io/v1", "endpointslices"),
    "ClusterRole": ("rbac.authorization.k8s.io/v1", "clusterroles"),
    "ClusterRoleBinding": ("rbac.authorization.k8s.io/v1", "clusterrolebindings"),
}

#: Kinds that belong to no namespace.
CLUSTER_WIDE = frozenset({"PersistentVolume", "ClusterRoleBinding", "ClusterRole"})

#: What a report's bundle keeps of a namespace: never Secrets.
EVIDENCE = (
    "Deployment",
    "StatefulSet",
    "ReplicaSet",
    "Pod",
    "Service",
    "EndpointSlice",
    "ConfigMap",
    "PersistentVolumeClaim",
)


def path_of(kind: str, namespace: str, name: str = "") -> str:
    """Return the path of an object, or of its collection where no name is given.

    Raises:
        UsageError: a kind that the suite does not know.
    """
    if kind not in _KINDS:
        raise UsageError(f"kind {kind}: not one that the suite handles; known are {', '.join(sorted(_KINDS))}")
    version, plural = _KINDS[kind]
    root = "/api/v1" if version == "v1" else f"/apis/{version}"
    path = f"{root}/{plural}" if kind in CLUSTER_WIDE else f"{root}/namespaces/{namespace}/{plural}"
    return f"{path}/{name}" if name else path


def version_of(kind: str) -> str:
    """Return the `apiVersion` under which the suite reads a kind."""
    return _KINDS[kind][0]
