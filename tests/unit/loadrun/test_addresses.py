"""Where a load goes."""

from __future__ import annotations

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.loadrun.addresses import Service, given, of_services
from srs_conformance.loadrun.plan import Kind

EDGE_CLUSTER = [
    Service("srs-origin-service", "ClusterIP", frozenset({1935})),
    Service("srs-http-service", "LoadBalancer", frozenset({80, 1985})),
    Service("srs-edge-service", "LoadBalancer", frozenset({1935, 8080})),
]
QUICK_START = [Service("srs-service", "LoadBalancer", frozenset({1935, 1985, 8080}))]


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (Kind.RTMP, "rtmp://srs-edge-service.ns"),
        (Kind.PUBLISH, "rtmp://srs-edge-service.ns"),
        (Kind.FLV, "http://srs-edge-service.ns:8080"),
        (Kind.HLS, "http://srs-http-service.ns"),
    ],
)
def test_viewers_come_to_the_services_for_the_outside(kind: Kind, url: str) -> None:
    assert of_services(kind, EDGE_CLUSTER, "ns") == {"host": url}


def test_one_service_may_serve_all() -> None:
    assert of_services(Kind.MIXED, QUICK_START, "q") == {
        "rtmp-url": "rtmp://srs-service.q",
        "flv-url": "http://srs-service.q:8080",
        "hls-url": "http://srs-service.q:8080",
    }


def test_those_inside_do_where_there_are_no_others() -> None:
    inside = [Service("a", "ClusterIP", frozenset({1935}))]
    assert of_services(Kind.RTMP, inside, "ns") == {"host": "rtmp://a.ns"}
    assert of_services(Kind.MIXED, inside, "ns") == {"rtmp-url": "rtmp://a.ns"}


def test_a_live_service_may_name_its_targets() -> None:
    live = {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80, "targetPort": "web"}]}}
    assert Service.of(live) == Service("a", "ClusterIP", frozenset({80}))


def test_nobody_and_several_are_named() -> None:
    with pytest.raises(UsageError, match="no Service of namespace ns has port 8080; there: none"):
        of_services(Kind.FLV, [], "ns")
    with pytest.raises(UsageError, match="has port 1935, 8080 or 80; there: a 443"):
        of_services(Kind.MIXED, [Service("a", "NodePort", frozenset({443}))], "ns")
    twice = [*EDGE_CLUSTER, Service("other", "NodePort", frozenset({8080}))]
    with pytest.raises(UsageError, match="serve flv: srs-edge-service, other"):
        of_services(Kind.FLV, twice, "ns")


def test_urls_of_the_user() -> None:
    none = {"host": "", "rtmp-url": "", "flv-url": "", "hls-url": ""}
    assert given(Kind.FLV, none) == {}
    assert given(Kind.FLV, none | {"host": "http://e:8080/"}) == {"host": "http://e:8080"}
    both = {"rtmp-url": "rtmp://e", "hls-url": "http://o"}
    assert given(Kind.MIXED, none | both) == both


@pytest.mark.parametrize(
    ("kind", "urls", "words"),
    [
        (Kind.FLV, {"host": "rtmp://e"}, "--host rtmp://e: expected http://HOST"),
        (Kind.RTMP, {"host": "e:1935"}, "expected rtmp://HOST"),
        (Kind.HLS, {"host": "http://e/live/a.m3u8"}, "expected http://HOST"),
        (Kind.MIXED, {"host": "http://e"}, "goes where --rtmp-url or --flv-url or --hls-url says"),
        (Kind.FLV, {"flv-url": "http://e"}, "a flv load goes where --host says"),
    ],
)
def test_urls_that_cannot_be(kind: Kind, urls: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        given(kind, urls)
