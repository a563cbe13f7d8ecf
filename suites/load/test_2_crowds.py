"""200 players of each protocol at once: what they get, and that the edges still merge."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.load import Crowd, Load, figures, keeps
from fixtures.places import APP, HTTP_PORT, NGINX_PORT, RTMP_PORT
from fixtures.publish import Stream
from fixtures.turns import Machine, alone
from srs_conformance.checkers.pulls import never_more_than_one
from srs_conformance.load.result import Result
from srs_conformance.load.visits import Kind
from srs_conformance.observing import Budget, Observation, must
from srs_conformance.srs.pulls import PullSample

pytestmark = alone("their crowd would miss the processor time that others take")

PLAYERS = 200
#: As many as an HLS player holds when it starts three target durations before the end (RFC 8216 6.3.3) of 10 s each.
SEGMENTS = 3
SLO = """
rtmp:
  first-keyframe p99: 1 s
  stalled-seconds: 0.1 %
  refused: 0 %
  cut: 0 %
http-flv:
  first-keyframe p99: 1 s
  stalled-seconds: 0.1 %
  refused: 0 %
  cut: 0 %
hls:
  first-keyframe p99: 3 s
  stalled-seconds: 0.1 %
  refused: 0 %
  cut: 0 %
"""


@dataclass(frozen=True)
class Watched:
    """A crowd that was there, and the pulls that the origin showed meanwhile."""

    result: Result
    pulls: list[PullSample]
    edges: int


@pytest.fixture(scope="module")
def watched(
    load_cluster: EdgeCluster, crowd_stream: Stream, machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """All three protocols at once, for half a minute."""
    load = Load(Record(), Path(tmp_path_factory.mktemp("crowd")))
    edges, stream = load_cluster.edge_service.host, crowd_stream
    try:
        load_cluster.must_have_segments(stream.name, SEGMENTS)
        pods = load_cluster.pods_by_address()
        with machine.alone(), load_cluster.sampling(stream.name, pods) as sampler:
            crowd = load.start(
                Crowd("mixed", 3 * PLAYERS, Budget.CROWD, SLO),
                f"{APP}/{stream.name}",
                rtmp_url=f"rtmp://{edges}:{RTMP_PORT}",
                flv_url=f"http://{edges}:{HTTP_PORT}",
                hls_url=f"http://{load_cluster.web.host}:{NGINX_PORT}",
            )
            result = crowd.result()
        yield Watched(result, sampler.history, len(pods))
    finally:
        load.close()


@requirement("LOAD-01")
def test_a_crowd_over_rtmp(watched: Watched, record: Record) -> None:
    record.measure("slo", figures(watched.result))
    must(keeps(watched.result, Kind.RTMP))


@requirement("LOAD-02")
def test_a_crowd_over_http_flv(watched: Watched) -> None:
    must(keeps(watched.result, Kind.HTTP_FLV))


@requirement("LOAD-03")
def test_a_crowd_over_hls(watched: Watched) -> None:
    must(keeps(watched.result, Kind.HLS))


@requirement("LOAD-04")
def test_edges_merge_under_a_crowd(watched: Watched) -> None:
    must(never_more_than_one(watched.pulls))
    pulled = {pod for sample in watched.pulls for pod, count in sample.counts.items() if count}
    must(
        Observation(
            len(pulled) == watched.edges, f"a pull from each of {watched.edges} edges", f"from {sorted(pulled)}"
        )
    )
