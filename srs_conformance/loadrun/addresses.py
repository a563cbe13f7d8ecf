"""Where a load goes: the URLs that the user gives, or those of the Services in the namespace under test. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.errors import UsageError
from srs_conformance.loadrun.plan import MIXED, SCHEMES, Kind

PORTS = {Kind.RTMP: (1935,), Kind.PUBLISH: (1935,), Kind.FLV: (8080,), Kind.HLS: (80, 8080)}
"""Where SRS, or the web server beside it, serves each; the first one that a Service has is taken."""
_DEFAULT_PORTS = {"rtmp": 1935, "http": 80}
_INSIDE = "ClusterIP"


@dataclass(frozen=True)
class Service:
    """What matters here of a Service; its targets, which may be names, do not."""

    name: str
    type: str
    ports: frozenset[int]

    @classmethod
    def of(cls, live: Mapping[str, Any]) -> Service:
        """Return it from the live object."""
        ports = frozenset(int(each["port"]) for each in live["spec"].get("ports") or ())
        return cls(live["metadata"]["name"], live["spec"].get("type", _INSIDE), ports)


def given(kind: Kind, urls: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that the user gives, by Locust's option; empty where none is given.

    Args:
        kind: of the load.
        urls: `host`, `rtmp-url`, `flv-url`, `hls-url`; "" for what is not given.

    Raises:
        UsageError: one of them is not for this kind, or is no URL of its scheme.
    """
    wanted = {f"{each}-url": each for each in MIXED} if kind is Kind.MIXED else {"host": kind}
    found = {name: url.rstrip("/") for name, url in urls.items() if url}
    for name, url in found.items():
        if name not in wanted:
            expected = " or ".join(f"--{each}" for each in wanted)
            raise UsageError(f"--{name} {url}: a {kind} load goes where {expected} says")
        scheme, _, rest = url.partition("://")
        if scheme != SCHEMES[wanted[name]] or not rest or "/" in rest:
            form = f"{SCHEMES[wanted[name]]}://HOST[:PORT]"
            raise UsageError(f"--{name} {url}: expected {form} as pods of the cluster reach it")
    return found


def of_services(kind: Kind, services: Sequence[Service], namespace: str) -> dict[str, str]:
    """Return the in-cluster addresses of a deployment by Locust's option: of the Services that viewers come to.

    Those for the outside (LoadBalancer, NodePort) are taken where there are such, else those inside the cluster. Of a
    mixed load the kinds that nobody serves stay away.

    Raises:
        UsageError: no Service serves the kind, or several do.
    """
    if kind is not Kind.MIXED:
        return {"host": _address(kind, services, namespace)}
    served = {each: _served(each, services) for each in MIXED}
    if not any(served.values()):
        raise UsageError(
            _nobody("1935, 8080 or 80", services, namespace), hint="give --rtmp-url, --flv-url or --hls-url"
        )
    return {f"{each}-url": _address(each, services, namespace) for each in MIXED if served[each]}


def _address(kind: Kind, services: Sequence[Service], namespace: str) -> str:
    option = "--host" if kind is not Kind.MIXED else f"--{kind}-url"
    found = _served(kind, services)
    if not found:
        ports = " or ".join(map(str, PORTS[kind]))
        raise UsageError(_nobody(ports, services, namespace), hint=f"give {option} {SCHEMES[kind]}://HOST:PORT")
    if len(found) > 1:
        names = ", ".join(service.name for service, _ in found)
        raise UsageError(
            f"several Services of namespace {namespace} serve {kind}: {names}", hint=f"choose with {option}"
        )
    service, port = found[0]
    scheme = SCHEMES[kind]
    return f"{scheme}://{service.name}.{namespace}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")


def _served(kind: Kind, services: Sequence[Service]) -> list[tuple[Service, int]]:
    outside = [service for service in services if service.type != _INSIDE]
    for port in PORTS[kind]:
        for among in (outside, services):
            found = [(service, port) for service in among if port in service.ports]
            if found:
                return found
    return []


def _nobody(ports: str, services: Sequence[Service], namespace: str) -> str:
    there = ", ".join(f"{each.name} {'/'.join(map(str, sorted(each.ports)))}" for each in services) or "none"
    return f"no Service of namespace {namespace} has port {ports}; there: {there}"
