from collections.abc import Mapping
from typing import Any

import pytest

from srs_conformance.clusters.kind.loadbalancer import Controller
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.errors import EngineError

POOL = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


class FakeApi:
    """Services that can be listed and patched, and events that are kept."""

    def __init__(self) -> None:
        self.services: dict[str, dict[str, Any]] = {}
        self.events: list[Mapping[str, Any]] = []
        self.patches = 0
        self.refuse_patches = False

    def put(self, name: str, port: int = 80, kind: str = "LoadBalancer", asked: str = "") -> None:
        status = self.services.get(name, {}).get("status", {})
        self.services[name] = {
            "metadata": {"namespace": "ns", "name": name, "uid": f"uid-{name}"},
            "spec": {"type": kind, "ports": [{"port": port}], "loadBalancerIP": asked},
            "status": status,
        }

    def address(self, name: str) -> str | None:
        ingress = self.services[name]["status"].get("loadBalancer", {}).get("ingress")
        return ingress[0]["ip"] if ingress else None

    def call(self, method: str, path: str, *, query: object = (), body: Any = None, content_type: str = "") -> Any:  # noqa: ARG002 - what it stands in for has it
        if method == "GET":
            return {"items": list(self.services.values())}
        if method == "POST":
            self.events.append(body)
            return {}
        name = path.removesuffix("/status").rpartition("/")[2]
        if self.refuse_patches or name not in self.services:
            raise Refused(f"PATCH {path}", 404, "not found")
        self.patches += 1
        if "status" in body:
            self.services[name]["status"] = body["status"]
        else:
            self.services[name]["spec"] |= body["spec"]
        return {}


class FakeNode:
    def __init__(self, *addresses: str) -> None:
        self.addresses = {*addresses, "192.0.2.9"}

    def further_addresses(self) -> set[str]:
        return set(self.addresses)

    def add_address(self, address: str) -> None:
        self.addresses.add(address)

    def remove_address(self, address: str) -> None:
        self.addresses.remove(address)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def controller(api: FakeApi, node: FakeNode) -> Controller:
    return Controller(api, node, POOL)


def test_an_address_is_on_the_node_and_in_the_status(controller: Controller, api: FakeApi, node: FakeNode) -> None:
    api.put("a")
    controller.look()
    assert api.services["a"]["status"] == {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "ipMode": "VIP"}]}}
    assert node.addresses == {"10.0.0.1", "192.0.2.9"}


def test_nothing_is_written_where_nothing_is_due(controller: Controller, api: FakeApi) -> None:
    api.put("a")
    for _ in range(3):
        controller.look()
    assert api.patches == 1


@pytest.mark.parametrize("end", ["deleted", "another type"])
def test_an_address_is_freed_with_its_service(controller: Controller, api: FakeApi, node: FakeNode, end: str) -> None:
    api.put("a")
    controller.look()
    if end == "deleted":
        del api.services["a"]
    else:
        api.put("a", kind="ClusterIP")
    controller.look()
    assert node.addresses == {"192.0.2.9"}
    if "a" in api.services:
        assert api.address("a") is None


def test_a_shared_address_stays_until_its_last_service_goes(
    controller: Controller, api: FakeApi, node: FakeNode
) -> None:
    api.put("a", 1935, asked="10.0.0.3")
    api.put("b", 8080, asked="10.0.0.3")
    controller.look()
    assert (api.address("a"), api.address("b")) == ("10.0.0.3", "10.0.0.3")
    del api.services["a"]
    controller.look()
    assert "10.0.0.3" in node.addresses
    del api.services["b"]
    controller.look()
    assert "10.0.0.3" not in node.addresses


def test_a_clash_is_told_once_and_ends_when_the_other_goes(controller: Controller, api: FakeApi) -> None:
    api.put("a", 80, asked="10.0.0.3")
    api.put("b", 80, asked="10.0.0.3")
    controller.look()
    controller.look()
    assert api.address("b") is None
    (event,) = api.events
    assert (event["type"], event["reason"]) == ("Warning", "NoAddress")
    assert event["involvedObject"]["name"] == "b"
    assert event["message"] == "port 80/TCP of 10.0.0.3 is taken by the Service ns/a"
    del api.services["a"]
    controller.look()
    assert api.address("b") == "10.0.0.3"


def test_a_service_that_asks_for_another_address_moves(controller: Controller, api: FakeApi, node: FakeNode) -> None:
    api.put("a")
    controller.look()
    api.put("a", asked="10.0.0.3")
    controller.look()
    assert api.address("a") == "10.0.0.3"
    assert node.addresses == {"10.0.0.3", "192.0.2.9"}


def test_a_refused_change_is_tried_again(controller: Controller, api: FakeApi) -> None:
    api.put("a")
    api.refuse_patches = True
    controller.look()
    api.refuse_patches = False
    controller.look()
    assert api.address("a") == "10.0.0.1"


def test_a_new_controller_goes_on_where_the_last_one_ended(controller: Controller, api: FakeApi) -> None:
    api.put("a")
    api.put("b")
    controller.look()
    del api.services["a"]
    node = FakeNode("10.0.0.1", "10.0.0.2")
    Controller(api, node, POOL).look()
    assert api.address("b") == "10.0.0.2"
    assert node.addresses == {"10.0.0.2", "192.0.2.9"}


def test_an_address_that_the_node_does_not_take_is_tried_again(
    controller: Controller, api: FakeApi, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise EngineError("the node is busy")

    api.put("a")
    with monkeypatch.context() as patched:
        patched.setattr(node, "add_address", fail)
        with pytest.raises(EngineError):
            controller.look()
        assert api.address("a") is None
    controller.look()
    assert api.address("a") == "10.0.0.1"


ADDRESSES = ["127.18.4.1", "127.18.4.2"]


@pytest.fixture
def publishing(api: FakeApi, node: FakeNode) -> Controller:
    return Controller(api, node, ADDRESSES, publish=True)


def test_where_ports_are_published_a_service_gets_the_node_ports_behind_its_address(
    publishing: Controller, api: FakeApi, node: FakeNode
) -> None:
    api.put("a", 1935)
    api.put("b", 8080)
    for _ in range(2):
        publishing.look()
    assert api.services["a"]["status"] == {"loadBalancer": {"ingress": [{"ip": "127.18.4.1", "ipMode": "Proxy"}]}}
    assert api.services["a"]["spec"]["ports"] == [{"port": 1935, "protocol": "TCP", "nodePort": 30002}]
    assert api.services["b"]["spec"]["ports"] == [{"port": 8080, "protocol": "TCP", "nodePort": 30009}]
    assert api.patches == 4, "nothing is written where nothing is due"
    assert node.addresses == {"192.0.2.9"}


def test_a_port_that_is_not_published_is_told(publishing: Controller, api: FakeApi) -> None:
    api.put("a", 9999)
    publishing.look()
    assert api.address("a") is None
    (event,) = api.events
    assert event["message"] == (
        "only the TCP ports 80, 443, 1935, 1985, 8080 are published on this machine, not 9999/TCP"
    )


def test_a_node_port_that_is_refused_gives_no_address_yet(publishing: Controller, api: FakeApi) -> None:
    api.put("a", 1935)
    api.refuse_patches = True
    publishing.look()
    assert api.address("a") is None
    api.refuse_patches = False
    publishing.look()
    assert api.address("a") == "127.18.4.1"
