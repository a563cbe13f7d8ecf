"""Pods that are killed: an edge, the origin, and nginx beside it."""

from fixtures.binding import isolated, requirement
from fixtures.failing import Failure
from fixtures.watch import HTTP_FLV, RTMP
from srs_conformance.observing import Budget

pytestmark = isolated("they kill pods under viewers")

#: Frames come in bursts of 350 ms a hop; this is a gap that a player's buffer of a second does not bridge.
BREAK = Budget.BREAK.seconds


@requirement("FLT-01")
def test_a_killed_edge_takes_only_its_own_viewers_along(killed_edge: Failure) -> None:
    killed_edge.must("FLT-01", "uncut")
    killed_edge.must("FLT-01", "no_gap", over=BREAK)


@requirement("FLT-02")
def test_viewers_of_a_killed_edge_are_back_soon(killed_edge: Failure) -> None:
    killed_edge.must_have_cut("returns")
    killed_edge.must("FLT-02", "returns_within", seconds=Budget.EDGE_LOST.seconds)


@requirement("FLT-03")
def test_viewers_of_edges_outlast_the_origin(killed_origin: Failure) -> None:
    killed_origin.must("FLT-03", "uncut")
    killed_origin.must("FLT-03", "no_gap", over=Budget.ORIGIN_GAP.seconds)


@requirement("FLT-04")
def test_hls_viewers_get_segments_of_the_new_origin(killed_origin: Failure) -> None:
    killed_origin.must("FLT-04", "no_gap", over=Budget.HLS_BACK.seconds, roles=["control"])


@requirement("FLT-05")
def test_nginx_matters_to_hls_viewers_only_and_is_back_soon(ended_nginx: Failure) -> None:
    ended_nginx.must("FLT-05", "uncut")
    ended_nginx.must("FLT-05", "no_gap", over=BREAK, protocols=[RTMP, HTTP_FLV])
    ended_nginx.must("FLT-05", "no_gap", over=Budget.NGINX_BACK.seconds, roles=["control"])
