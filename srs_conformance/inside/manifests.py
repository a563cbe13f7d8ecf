"""The objects of one run in a pod: who it is, what it may do, and the pod."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from srs_conformance.inside.places import KEEPER, PARCEL, PARCEL_FOLDER, POD, SUITE, WORK
from srs_conformance.inside.rights import rules

RBAC = "rbac.authorization.k8s.io"
GRACE_SECONDS = 150
"""For the suite's cleaning up, where somebody ends the pod: its namespaces take about 10 s each, side by side."""
_NOBODY = 65534
_KEEP = 'trap "exit 0" TERM; sleep infinity & wait'
"""A shell, since the first process of a container ends by no signal that it does not expect."""


def objects(
    namespace: str, image: str, arguments: Sequence[str], environment: Mapping[str, str], parcel: bytes = b""
) -> list[dict[str, Any]]:
    """Return the objects in the order in which they are applied.

    Args:
        namespace: the pod's; what belongs to none is called so too.
        image: the probe's, as the nodes know it.
        arguments: the context's name, and what follows for pytest.
        environment: of the suite.
        parcel: the archive of what the user's options name; b"" for none.
    """
    account = {"kind": "ServiceAccount", "name": POD, "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": POD}},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": namespace},
            "rules": rules(),
        },
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": namespace},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": namespace},
            "subjects": [account],
        },
        *([_secret(parcel)] if parcel else []),
        _pod(image, arguments, environment, parcel=bool(parcel)),
    ]


def _secret(parcel: bytes) -> dict[str, Any]:
    """Return what brings the user's files; manifests may hold passwords."""
    data = {PARCEL: base64.b64encode(parcel).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": POD}, "data": data}


def _literal(text: str) -> str:
    """Return a text in which Kubernetes takes nothing for a variable."""
    return text.replace("$(", "$$(")


def _pod(image: str, arguments: Sequence[str], environment: Mapping[str, str], *, parcel: bool) -> dict[str, Any]:
    """Return the pod; it asks for no more than the strictest of Kubernetes' pod security standards allows."""
    variables = {"HOME": WORK, "XDG_CACHE_HOME": f"{WORK}/cache", "XDG_STATE_HOME": f"{WORK}/state", **environment}
    suite = {
        "name": SUITE,
        "image": image,
        "command": ["python3", "-m", "srs_conformance.inside.within", *map(_literal, arguments)],
        "env": [{"name": name, "value": _literal(value)} for name, value in variables.items()],
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}},
    }
    keeper = {
        "name": KEEPER,
        "image": image,
        "command": ["sh", "-c", _KEEP],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    }
    shared: dict[str, Any] = {
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "work", "mountPath": WORK}, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - its own
    }
    volumes: list[dict[str, Any]] = [{"name": "work", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
    mounts: list[dict[str, Any]] = []
    if parcel:
        volumes.append({"name": "parcel", "secret": {"secretName": POD}})
        mounts.append({"name": "parcel", "mountPath": PARCEL_FOLDER})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": POD,
            "labels": {"app.kubernetes.io/name": POD},
            "annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
        },
        "spec": {
            "serviceAccountName": POD,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _NOBODY,
                "runAsGroup": _NOBODY,
                "fsGroup": _NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {**suite, **shared, "volumeMounts": [*shared["volumeMounts"], *mounts]},
                {**keeper, **shared},
            ],
            "volumes": volumes,
        },
    }
