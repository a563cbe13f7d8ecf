"""Whether a Helm chart stands for the objects that srs-server promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from srs_conformance.observing import Observation

COMMAND = ["./objs/srs", "-e"]
#: Port name -> number and protocol.
PORTS = {
    "rtmp": (1935, "TCP"),
    "http": (8080, "TCP"),
    "api": (1985, "TCP"),
    "srt": (10080, "UDP"),
    "rtc": (8000, "UDP"),
}
ENVIRONMENT = {
    "SRS_LISTEN": "1935",
    "SRS_HTTP_SERVER_LISTEN": "8080",
    "SRS_HTTP_API_LISTEN": "1985",
    "SRS_DAEMON": "off",
    "SRS_LOG_TANK": "console",
    "SRS_HTTP_SERVER_ENABLED": "on",
    "SRS_HTTP_API_ENABLED": "on",
    "SRS_VHOST_HTTP_REMUX_ENABLED": "on",
    "SRS_VHOST_HLS_ENABLED": "on",
}
OFF = ("HorizontalPodAutoscaler", "Ingress")

Objects = Sequence[dict[str, Any]]


def as_promised(objects: Objects, version: str) -> Observation:
    """Look whether rendered objects are a server that its environment configures, and a load balancer."""
    wrong = [*_deployment(of_kind(objects, "Deployment"), version), *_service(of_kind(objects, "Service"))]
    wrong += [f"a {kind}, which is off unless asked for" for kind in OFF if of_kind(objects, kind)]
    expected = "one Deployment that runs ./objs/srs -e with probes, one Service of type LoadBalancer with five ports"
    return Observation(not wrong, expected, "; ".join(wrong) or "so it is")


def of_kind(objects: Objects, kind: str) -> list[dict[str, Any]]:
    """Return the objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    """Return a Deployment's first container."""
    found: dict[str, Any] = deployment["spec"]["template"]["spec"]["containers"][0]
    return found


def _deployment(found: Objects, version: str) -> Iterator[str]:
    if len(found) != 1:
        yield f"{len(found)} Deployments"
        return
    srs = container(found[0])
    if found[0]["spec"].get("replicas") != 1:
        yield f"{found[0]['spec'].get('replicas')} replicas"
    name, _, tag = str(srs["image"]).rpartition(":")
    if not name.endswith("ossrs/srs") or tag.removeprefix("v") != version:
        yield f"image {srs['image']} in place of ossrs/srs:{version}"
    if [*(srs.get("command") or ()), *(srs.get("args") or ())] != COMMAND:
        yield f"command {srs.get('command')} {srs.get('args') or ''}".rstrip()
    for probe in ("livenessProbe", "readinessProbe"):
        get = (srs.get(probe) or {}).get("httpGet") or {}
        if (get.get("path"), get.get("port")) != ("/", "http"):
            yield f"{probe} {srs.get(probe)}"
    values = {each["name"]: str(each.get("value", "")) for each in srs.get("env") or ()}
    other = {name: values.get(name, "") for name, value in ENVIRONMENT.items() if values.get(name) != value}
    if other:
        yield f"environment {other}"


def _service(found: Objects) -> Iterator[str]:
    if len(found) != 1:
        yield f"{len(found)} Services"
        return
    spec = found[0]["spec"]
    if spec.get("type") != "LoadBalancer":
        yield f"a Service of type {spec.get('type')}"
    ports = {each.get("name", ""): (each["port"], each.get("protocol", "TCP")) for each in spec["ports"]}
    if ports != PORTS:
        yield f"ports {ports}"
