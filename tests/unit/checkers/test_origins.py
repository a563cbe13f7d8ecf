"""Judgements about origin clusters, on what real SRS was measured to say and on what it must not say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from srs_conformance.checkers import origins
from srs_conformance.media.rtmp.events import Redirected, Status

TC_URL, URL = "rtmp://oc-1.socs:1935/live", "rtmp://oc-1.socs:1935/live/a"
EX: dict[str, Any] = {"code": 302.0, "redirect": TC_URL, "redirect2": URL}
STATUS = Status("error", "NetConnection.Connect.Rejected", "RTMP 302 Redirect", {"ex": EX})
MEASURED = Redirected(URL, TC_URL, STATUS)


def test_the_measured_redirect_holds() -> None:
    assert origins.redirects(MEASURED, "oc-1.socs", 1935, "live", "a").holds


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "status"},
        {"code": "NetStream.Play.Failed"},
        {"info": {"ex": {**EX, "code": 301.0}}},
        {"info": {"ex": {**EX, "redirect2": "rtmp://oc-2.socs:1935/live/a"}}},
        {"info": {"ex": {"code": 302.0, "redirect": TC_URL}}},
        {"info": {}},
    ],
)
def test_another_redirect_does_not(wrong: dict[str, Any]) -> None:
    found = origins.redirects(replace(MEASURED, status=replace(STATUS, **wrong)), "oc-1.socs", 1935, "live", "a")
    assert not found.holds


ORIGIN = {
    "ip": "oc-1.socs",
    "port": 1935,
    "vhost": "__defaultVhost__",
    "api": "oc-1.socs:1985",
    "routers": ["oc-1.socs:1985"],
}


def answer(origin: Any) -> dict[str, Any]:
    return {"code": 0, "data": {"query": {}, "origin": origin}}


def test_what_a_coworker_answers() -> None:
    assert origins.answers(answer(ORIGIN), "oc-1.socs", 1935, 1985).holds
    assert origins.answers_nobody(answer(None)).holds
    for wrong in (answer(None), answer({**ORIGIN, "ip": "127.0.0.1"}), answer({**ORIGIN, "routers": []}), {"code": 0}):
        assert not origins.answers(wrong, "oc-1.socs", 1935, 1985).holds
    for wrong in (answer(ORIGIN), {"code": 0}, {"code": 0, "data": {}}):
        assert not origins.answers_nobody(wrong).holds


@pytest.mark.parametrize(
    ("counts", "holds"), [((2, 2, 2), True), ((3, 2, 1), True), ((6, 0, 0), False), ((4, 1, 1), False), ((0, 0), False)]
)
def test_streams_are_spread(counts: tuple[int, ...], *, holds: bool) -> None:
    assert origins.spread({str(at): count for at, count in enumerate(counts)}).holds is holds


def test_a_stream_is_at_one_origin() -> None:
    assert origins.at_one(["oc-1"], "a").holds
    assert not origins.at_one(["oc-1", "oc-2"], "a").holds
    assert not origins.at_one([], "a").holds


def test_a_player_is_sent_on_once() -> None:
    assert origins.one_hop([URL], URL).holds
    for hops in ([], [URL, URL], ["rtmp://oc-2.socs:1935/live/a"]):
        assert not origins.one_hop(hops, URL).holds
