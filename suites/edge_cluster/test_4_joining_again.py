"""A player who joins an edge shortly after the last one left (SRS #2911)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.publish import Publishing, Stream
from fixtures.watch import HTTP_FLV, RTMP, Viewers, wait_for_pictures
from srs_conformance.checkers import serving
from srs_conformance.checkers.combining import all_of
from srs_conformance.observing import Budget, must, pause
from srs_conformance.viewers import Protocol, Timeline

#: After how long the next player joins. Real 3.0 fails the first three, and at 4 s is just past its 3 s sleep.
DELAYS = (Budget.JOIN_AT_ONCE, Budget.JOIN_SOON, Budget.JOIN_LATE, Budget.JOIN_AFTER)


@requirement("EDGE-17")
def test_a_player_who_joins_after_the_last_one_left_gets_frames(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    edge = edge_cluster.edges[0]

    def join_again(stream: Stream, over: Protocol, delay: Budget) -> Timeline:
        with viewers.watching(stream.name, on=[edge], over=[over]) as first:
            wait_for_pictures(first)
        pause(delay)
        second = viewers.watch(stream.name, edge, over)
        pause(Budget.REJOINED)
        viewers.leave(second)
        return second.timeline

    cases = [(over, delay) for over in (RTMP, HTTP_FLV) for delay in DELAYS]
    streams = [publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api) for _ in cases]
    with ThreadPoolExecutor(len(cases)) as together:
        futures = [together.submit(join_again, stream, *case) for stream, case in zip(streams, cases, strict=True)]
    parts = []
    for (over, delay), future in zip(cases, futures, strict=True):
        kept = serving.kept_playing(future.result(), Budget.REJOINED)
        parts.append(replace(kept, seen=f"{over} after {delay.seconds:g} s: {kept.seen}"))
    must(all_of("frames to the end, whenever the player joins", parts))
