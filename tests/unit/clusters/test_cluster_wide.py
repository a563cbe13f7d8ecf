"""What belongs to no namespace is applied with the labels of one, and goes with it."""

from __future__ import annotations

from typing import Any

import pytest

from srs_conformance.clusters.base import OWNER_LABEL
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.clusters.kube.namespace import NAMESPACE_LABEL, KubeNamespace

NAMESPACES = "/api/v1/namespaces"
VOLUMES = "/api/v1/persistentvolumes"
VOLUME: dict[str, Any] = {
    "kind": "PersistentVolume",
    "metadata": {"name": "pv-nas-n", "labels": {"pv": "nfs-pv"}},
    "spec": {},
}


class Api:
    """Keeps what it is asked; a namespace is gone after its first look."""

    def __init__(self, *, refuses: int = 0, inner: bool = False) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self._refuses, self._inner = refuses, inner

    def call(self, method: str, path: str, *, query: Any = (), body: Any = None, **_: Any) -> dict[str, Any]:
        self.calls.append((method, path, body if body is not None else dict(query)))
        if method == "GET" and path in (f"{NAMESPACES}/n", f"{NAMESPACES}/made-in-it"):
            raise Refused(path, 404, "gone")
        if (method, path) == ("GET", VOLUMES):
            if self._refuses:
                raise Refused(path, self._refuses, "no")
            return {"items": [VOLUME]}
        if (method, path) == ("GET", NAMESPACES) and NAMESPACE_LABEL in str(query):
            made = "made-in-it" if f"{NAMESPACE_LABEL}=n" in str(query) else ""
            return {"items": [{"metadata": {"name": made}}] if made and self._inner else []}
        return {"items": []}


def namespace(api: Api) -> KubeNamespace:
    return KubeNamespace(api, "n")


def test_a_volume_gets_the_labels_of_its_namespace() -> None:
    api = Api()
    namespace(api).apply([VOLUME])
    method, path, body = api.calls[0]
    assert (method, path) == ("PATCH", f"{VOLUMES}/pv-nas-n")
    assert body["metadata"]["labels"] == {"pv": "nfs-pv", OWNER_LABEL: "true", NAMESPACE_LABEL: "n"}
    assert VOLUME["metadata"] == {"name": "pv-nas-n", "labels": {"pv": "nfs-pv"}}


def test_it_goes_with_its_namespace() -> None:
    api = Api()
    namespace(api).destroy()
    asked = next(query for method, path, query in api.calls if (method, path) == ("GET", VOLUMES))
    assert asked == {"labelSelector": f"{OWNER_LABEL}=true,{NAMESPACE_LABEL}=n"}
    assert ("DELETE", f"{VOLUMES}/pv-nas-n") in [call[:2] for call in api.calls]


def test_who_may_not_list_volumes_has_made_none() -> None:
    namespace(Api(refuses=403)).destroy()
    with pytest.raises(Refused):
        namespace(Api(refuses=500)).destroy()


def test_namespaces_that_a_pod_of_it_made_go_with_it() -> None:
    api = Api(inner=True)
    namespace(api).destroy()
    deleted = [path for method, path, _ in api.calls if method == "DELETE"]
    assert deleted == [
        *(f"{NAMESPACES}/n", f"{NAMESPACES}/n/pods"),
        *(f"{NAMESPACES}/made-in-it", f"{NAMESPACES}/made-in-it/pods"),
        *[f"{VOLUMES}/pv-nas-n"] * 2,
    ]


@pytest.mark.parametrize(("name", "bereft"), [("n", ["n"]), ("default", [])])
def test_namespaces_are_known_that_are_gone_and_have_left_something(
    monkeypatch: pytest.MonkeyPatch, name: str, bereft: list[str]
) -> None:
    cluster = KubeCluster.__new__(KubeCluster)
    cluster.api = Api()
    monkeypatch.setitem(VOLUME, "metadata", {"name": "pv", "labels": {OWNER_LABEL: "true", NAMESPACE_LABEL: name}})
    assert [each.name for each in cluster.bereft()] == bereft
