"""The edge of `max_connections 1000`."""

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.places import RTMP_PORT
from fixtures.probing import Connections
from fixtures.publish import Publishing
from fixtures.turns import Machine, alone
from fixtures.watch import HTTP_FLV, RTMP, Viewers, must_play
from srs_conformance.checkers import playback
from srs_conformance.observing import Budget, Observation, must, must_hold

pytestmark = alone("their crowd would miss the processor time that others take")

LIMIT = 1000
BEYOND = 20
#: Connections of others that may come and go meanwhile: a look at the API, a health check of the cluster.
OTHERS = 5


@requirement("LOAD-06")
def test_a_full_edge_turns_away_whom_it_cannot_take_and_nobody_else(
    load_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers, record: Record, machine: Machine
) -> None:
    stream = publisher.publish(load_cluster.origin, listed_by=load_cluster.origin_api)
    edge = load_cluster.edges[0]
    with machine.alone(), viewers.watching(stream.name, on=[edge], each=2, over=(RTMP, HTTP_FLV)) as inside:
        must_play(inside)
        room = LIMIT - len(inside)
        with Connections(edge.host, RTMP_PORT, room + BEYOND) as crowd:
            record.did(f"opened {room + BEYOND} more connections to {edge.name}")

            def full() -> Observation:
                closed, data = crowd.look()
                right = BEYOND <= closed <= BEYOND + OTHERS and not data
                expected = f"{BEYOND} to {BEYOND + OTHERS} of {room + BEYOND} closed without data, all others kept"
                return Observation(right, expected, f"{closed} closed, {data} bytes came")

            must_hold(full, Budget.FULL)
            record.measure("connections kept", room + BEYOND - crowd.look()[0] + len(inside))
        for viewer in inside:
            must(playback.uninterrupted(viewer.timeline))
        with viewers.watching(stream.name, on=[edge], each=2, over=(RTMP, HTTP_FLV)) as again:
            must_play(again)
