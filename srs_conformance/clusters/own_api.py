"""Where a pod has the API server of its own cluster: Kubernetes tells it by two variables of the environment."""

from __future__ import annotations

from collections.abc import Mapping

_HOST, _PORT = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"


def url(environment: Mapping[str, str]) -> str:
    """Return the API server's URL, "" outside of a pod; the address may be one of IPv6."""
    host, port = environment.get(_HOST, ""), environment.get(_PORT, "")
    if not host or not port:
        return ""
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
