"""The reference server's origin cluster as processes: coworkers, redirects, edges that follow them, and its faults."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from srs_conformance.viewers import Ending, watch
from srs_conformance.viewers.greeting import sent_on
from srs_conformance.viewers.wire import Ended
from tests.support.reference import Ffmpeg, Reference, address, make_clip, publish
from tests.support.waiting import wait_for

NAMES = ("o-0.socs", "o-1.socs", "o-2.socs")
ORIGIN = """
listen 1935; max_connections 100; daemon off; srs_log_tank console;
http_api {{ enabled on; listen 1985; }}
vhost __defaultVhost__ {{
    cluster {{ origin_cluster on; coworkers {coworkers}; }}
}}
"""
EDGE = f"""
listen 1935; max_connections 100; daemon off; srs_log_tank console;
http_api {{ enabled on; listen 1985; }}
http_server {{ enabled on; listen 8080; }}
vhost __defaultVhost__ {{
    cluster {{ mode remote; origin {" ".join(NAMES)}; }}
    http_remux {{ enabled on; }}
}}
"""
SECONDS_OF_A_PAUSE = 3.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.flv")


@dataclass
class Cluster:
    """Three origins, of which the last but one has the stream `a`, an edge, and the file with their names."""

    origins: list[Reference]
    edge: Reference
    hosts: Path
    publisher: Ffmpeg

    def name(self, *known: int) -> None:
        """Let the name service know just these origins."""
        lines = [f"{self.origins[at].host} {NAMES[at]}\n" for at in known]
        self.hosts.write_text("".join(lines))

    def addresses(self) -> dict[str, str]:
        return {name: origin.host for name, origin in zip(NAMES, self.origins, strict=True)}

    def pulls(self, stream: str) -> list[int]:
        return [
            sum(row["ip"] == self.edge.host and not row["publish"] for row in origin.clients(stream))
            for origin in self.origins
        ]

    def first_frame(self, stream: str) -> float:
        """Play at the edge until there is a picture; return how long that took, s."""
        with watch(self.edge.rtmp(stream)) as viewer:
            wait_for(lambda: viewer.timeline.video, f"pictures of {stream}")
        wait_for(lambda: not any(self.pulls(stream)), "the release")
        return viewer.timeline.first_frame_after() or -1.0


@pytest.fixture(scope="module", params=[3, 6])
def cluster(request: pytest.FixtureRequest, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    hosts = folder / "hosts"
    coworkers = " ".join(f"{name}:1985" for name in NAMES)
    with contextlib.ExitStack() as stack:
        configs = [ORIGIN.format(coworkers=coworkers)] * len(NAMES) + [EDGE]
        servers = [
            stack.enter_context(Reference(folder, request.param, config, "--hosts", str(hosts), host=address()))
            for config in configs
        ]
        made = Cluster(servers[:-1], servers[-1], hosts, stack.enter_context(publish(clip, servers[1].rtmp("a"))))
        made.name(0, 1, 2)
        wait_for(lambda: made.origins[1].streams().get("a", {}).get("publish", {}).get("active"), "the stream")
        yield made


def test_an_origin_tells_whether_it_has_a_stream_by_the_name_that_it_is_asked_by(cluster: Cluster) -> None:
    query = "clusters?vhost=__defaultVhost__&ip=x&app=live&stream=a&coworker=o-1.socs:1985"
    asked = {"ip": "x", "vhost": "__defaultVhost__", "app": "live", "stream": "a"}
    found = {"ip": "o-1.socs", "port": 1935, "vhost": "__defaultVhost__"}
    more = {"api": "o-1.socs:1985", "routers": ["o-1.socs:1985"]}
    assert cluster.origins[1].api(query) == {"code": 0, "data": {"query": asked, "origin": {**found, **more}}}
    assert cluster.origins[0].api(query) == {"code": 0, "data": {"query": asked, "origin": None}}


def test_a_player_is_sent_on_and_plays_there(cluster: Cluster) -> None:
    found = sent_on(cluster.origins[2].rtmp("a?token=x"))
    assert (found.tc_url, found.to) == ("rtmp://o-1.socs:1935/live", "rtmp://o-1.socs:1935/live/a?token=x")
    with watch(cluster.origins[0].rtmp("a"), hosts=cluster.addresses()) as viewer:
        wait_for(lambda: viewer.timeline.video, "pictures")
    assert viewer.hops == ["rtmp://o-1.socs:1935/live/a"]


def test_where_nobody_has_the_stream_the_player_is_hung_up_on(cluster: Cluster) -> None:
    with watch(cluster.origins[0].rtmp("nobody")) as viewer:
        wait_for(lambda: not viewer.alive, "the end", 2)
    assert viewer.timeline.ending is Ending.CLOSED


def test_an_edge_follows_at_once_and_pulls_from_the_origin_only(cluster: Cluster) -> None:
    with watch(cluster.edge.rtmp("a")) as one, watch(cluster.edge.web("live/a.flv")) as other:
        wait_for(lambda: one.timeline.video and other.timeline.video, "pictures")
        assert cluster.pulls("a") == [0, 1, 0]
        assert (one.timeline.first_frame_after() or 9) < SECONDS_OF_A_PAUSE
    wait_for(lambda: not any(cluster.pulls("a")), "the release")


def test_a_coworker_that_is_away_is_passed_over(cluster: Cluster) -> None:
    cluster.name(1, 2)
    assert sent_on(cluster.origins[2].rtmp("a")).to == "rtmp://o-1.socs:1935/live/a"
    with cluster.origins[2].faulty("a-dead-coworker-ends-the-search"), pytest.raises(Ended):
        sent_on(cluster.origins[2].rtmp("a"))
    cluster.name(0, 1, 2)


def test_a_stream_is_at_one_origin_and_by_a_fault_at_two(cluster: Cluster, clip: Path) -> None:
    other = cluster.origins[2]
    with publish(clip, other.rtmp("a")) as second:
        second.process.wait(10)
        assert not other.streams().get("a", {}).get("publish", {}).get("active")
    with other.faulty("origins-publish-a-stream-twice"), publish(clip, other.rtmp("a")):
        wait_for(lambda: other.streams().get("a", {}).get("publish", {}).get("active"), "the second one")


def test_streams_are_published_to_the_origins_in_turn_and_by_a_fault_to_the_first(cluster: Cluster, clip: Path) -> None:
    def where(*streams: str) -> set[int]:
        with contextlib.ExitStack() as stack:
            for stream in streams:
                stack.enter_context(publish(clip, cluster.edge.rtmp(stream)))
            wait_for(lambda: all(any(each.clients(one) for each in cluster.origins) for one in streams), "the streams")
            return {at for at, origin in enumerate(cluster.origins) for one in streams if origin.clients(one)}

    assert where("t1", "t2", "t3") == {0, 1, 2}
    with cluster.edge.faulty("edge-publishes-to-the-first-origin"):
        assert where("f1", "f2", "f3") == {0}


@pytest.mark.parametrize(
    "fault",
    ["redirects-to-an-origin-without-the-stream", "redirects-in-a-circle", "coworker-api-tells-its-own-address"],
)
def test_by_faults_a_player_is_sent_to_where_it_cannot_play(cluster: Cluster, fault: str) -> None:
    with contextlib.ExitStack() as stack:
        for origin in cluster.origins:
            stack.enter_context(origin.faulty(fault))
        with watch(cluster.origins[2].rtmp("a"), hosts={**cluster.addresses(), "127.0.0.1": address()}) as viewer:
            wait_for(lambda: not viewer.alive, "the end")
        assert viewer.hops
        assert not viewer.timeline.frames


def test_by_a_fault_only_the_first_coworker_is_asked(cluster: Cluster) -> None:
    with cluster.origins[2].faulty("only-the-first-coworker-is-asked"), pytest.raises(Ended):
        sent_on(cluster.origins[2].rtmp("a"))


@pytest.mark.parametrize("fault", ["edge-ignores-redirects", "edge-follows-to-another-origin"])
def test_by_faults_an_edge_comes_late_to_where_it_is_sent(cluster: Cluster, clip: Path, fault: str) -> None:
    stream = f"late-{fault}"  # of its own: an edge goes on with the origin after the last one that it asked
    with publish(clip, cluster.origins[2].rtmp(stream)):
        wait_for(lambda: stream in cluster.origins[2].streams(), "the stream")
        with cluster.edge.faulty(fault):
            assert cluster.first_frame(stream) > SECONDS_OF_A_PAUSE


def test_by_a_fault_an_address_is_kept_for_good(cluster: Cluster) -> None:
    assert cluster.first_frame("a") < SECONDS_OF_A_PAUSE
    cluster.name()
    with contextlib.ExitStack() as stack:
        for server in (*cluster.origins, cluster.edge):
            stack.enter_context(server.faulty("edge-keeps-an-origins-address"))
        assert cluster.first_frame("a") > 0
    with watch(cluster.edge.rtmp("a")) as viewer:
        wait_for(lambda: "name or service not known" in cluster.edge.log, "the failing look-up")
        assert not viewer.timeline.frames
    cluster.name(0, 1, 2)
