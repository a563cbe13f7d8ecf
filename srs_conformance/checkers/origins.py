"""Judgements about origin clusters: redirects, what coworkers answer, where streams are (SRS #1520, #1607)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from srs_conformance.media.rtmp.events import Redirected
from srs_conformance.observing import Observation

REJECTED = "NetConnection.Connect.Rejected"
REDIRECT = "RTMP 302 Redirect"
MOVED = 302.0


def redirects(found: Redirected, host: str, port: int, app: str, stream: str) -> Observation:
    """Judge a redirect: SRS's status of level error, whose `ex` names the origin at `host` and the stream there."""
    tc_url = f"rtmp://{host}:{port}/{app}"
    ex = found.status.info.get("ex")
    given = ex if isinstance(ex, dict) else {}
    wanted = {
        "level": "error",
        "code": REJECTED,
        "description": REDIRECT,
        "ex": {"code": MOVED, "redirect": tc_url, "redirect2": f"{tc_url}/{stream}"},
    }
    status = found.status
    seen = {
        "level": status.level,
        "code": status.code,
        "description": status.description,
        "ex": {name: given.get(name) for name in ("code", "redirect", "redirect2")},
    }
    return Observation(seen == wanted, f"onStatus {wanted}", f"{seen}")


def answers(answer: Mapping[str, Any], host: str, rtmp_port: int, api_port: int) -> Observation:
    """Judge what /api/v1/clusters answers where the stream is: the origin by the name that it was asked by."""
    api = f"{host}:{api_port}"
    wanted = {"ip": host, "port": rtmp_port, "vhost": "__defaultVhost__", "api": api, "routers": [api]}
    origin = _origin(answer)
    return Observation(origin == wanted, f"origin {wanted}", f"origin {origin}")


def answers_nobody(answer: Mapping[str, Any]) -> Observation:
    """Judge what /api/v1/clusters answers where the stream is not."""
    origin = _origin(answer)
    return Observation(origin is None, "origin null", f"origin {origin}")


def _origin(answer: Mapping[str, Any]) -> Any:
    data = answer.get("data")
    return data.get("origin", "missing") if isinstance(data, Mapping) else "missing"


def spread(counts: Mapping[str, int]) -> Observation:
    """Judge how many streams each origin has: within half of the even share."""
    share = sum(counts.values()) / len(counts)
    uneven = [name for name, count in counts.items() if abs(count - share) > share / 2]
    table = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
    return Observation(not uneven and share > 0, f"{share:g} streams at each origin, give or take half of that", table)


def at_one(holders: Collection[str], stream: str) -> Observation:
    """Judge where a stream is: at one origin."""
    return Observation(len(holders) == 1, f"{stream} at one origin", f"at {', '.join(sorted(holders)) or 'none'}")


def one_hop(hops: Collection[str], url: str) -> Observation:
    """Judge where a player was sent on: once, to where the stream is."""
    return Observation(list(hops) == [url], f"sent on once, to {url}", f"sent on to {', '.join(hops) or 'nowhere'}")
