"""What the suite may do on the cluster that it tests from within, and no more: the rules of its ClusterRole.

They are the cluster's and not a namespace's, since each deployment gets a namespace of its own, under a new name.
docs/inside.md tells what each is for.
"""

from __future__ import annotations

from typing import Any

_KEEPS = ("get", "list", "create", "patch", "delete")
"""An object that is applied, read, changed and deleted. To apply is to patch, and to create what is not there yet."""

_RULES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("", ("namespaces",), ("get", "list", "create", "delete")),
    ("", ("configmaps", "persistentvolumeclaims", "persistentvolumes", "services"), _KEEPS),
    ("", ("secrets",), ("create", "patch")),  # what it applies; none is ever read
    ("", ("serviceaccounts",), ("get", "create", "patch")),
    ("", ("pods",), (*_KEEPS, "watch", "deletecollection")),
    ("", ("pods/exec",), ("get", "create")),  # a WebSocket begins with a GET, for which newer servers ask both
    ("", ("pods/log",), ("get",)),
    ("", ("events", "nodes"), ("get", "list")),
    ("apps", ("deployments", "statefulsets"), _KEEPS),
    ("apps", ("deployments/scale", "statefulsets/scale"), ("get", "patch")),
    ("apps", ("replicasets",), ("get", "list")),
    ("batch", ("cronjobs", "jobs"), _KEEPS),
    ("discovery.k8s.io", ("endpointslices",), ("get", "list")),
)


def rules() -> list[dict[str, Any]]:
    """Return the rules as a ClusterRole has them."""
    return [
        {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)} for group, resources, verbs in _RULES
    ]
