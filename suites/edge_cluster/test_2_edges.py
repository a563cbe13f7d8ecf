"""Step 2: ConfigMap, Deployment and Service for the edges."""

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.watch import HLS, HTTP_FLV, RTMP, Viewers, must_play, wait_for_pictures
from srs_conformance import http
from srs_conformance.observing import Budget, Observation, must, must_hold


@requirement("EDGE-12")
def test_each_edge_has_the_config_maps_srs_conf(edge_cluster: EdgeCluster) -> None:
    edge = edge_cluster.roles["edge"]
    config = edge.configured()
    wanted = edge_cluster.namespace.get("ConfigMap", config.config_map)["data"][config.key]
    for pod in edge_cluster.edge_pods():
        result = edge_cluster.namespace.exec(pod.name, ["cat", config.file], container=edge.container)
        expected = f"the ConfigMap's {config.key} in {pod.name}"
        must(Observation(result.stdout == wanted, expected, repr(result.stdout[:200])))


@requirement("EDGE-02")
def test_a_stream_published_to_an_edge_reaches_the_origin(edge_cluster: EdgeCluster, publisher: Publishing) -> None:
    stream = publisher.publish(edge_cluster.edge_service)

    def one_publisher_at_the_origin() -> Observation:
        row = edge_cluster.origin_api.stream(stream.app, stream.name)
        clients = edge_cluster.origin_api.clients() if row else []
        publishers = [client.ip for client in clients if row and client.stream == row.id and client.publish]
        right = row is not None and row.active and len(publishers) == 1
        seen = f"{'active' if row and row.active else 'not active'}, publishers from {publishers}"
        return Observation(right, f"{stream.app}/{stream.name} active at the origin with one publisher", seen)

    must_hold(one_publisher_at_the_origin, Budget.PUBLISH)


@requirement("EDGE-07")
def test_an_edge_serves_no_hls(edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    edge = edge_cluster.edges[0]
    with viewers.watching(stream.name, on=[edge], over=[HTTP_FLV]) as watching:
        wait_for_pictures(watching)
        url = f"http://{edge.host}:{edge.flv_port}{edge.path(HLS, stream.name)}"
        response = http.get(url, timeout=Budget.API.seconds)
        must(
            Observation(response.status == 404, f"GET {url} answers 404 while its HTTP-FLV plays", f"{response.status}")
        )


@requirement("EDGE-09")
def test_the_first_http_flv_player_makes_an_edge_pull(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    edge = edge_cluster.edges[-1]
    must_hold(lambda: edge_cluster.merged(stream.name, []), Budget.PULL)
    with viewers.watching(stream.name, on=[edge], over=[HTTP_FLV]) as watching:
        must_play(watching)
        record.measure("first frame of a cold edge, s", watching[0].timeline.first_frame_after() or -1)
        must_hold(lambda: edge_cluster.merged(stream.name, [edge]), Budget.PULL)


@requirement("EDGE-15")
def test_players_who_come_before_the_publisher_get_the_stream(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    name, edge = publisher.name(), edge_cluster.edges[0]
    with viewers.watching(name, on=[edge], each=2, over=(RTMP, HTTP_FLV)) as watching:
        for viewer in watching:
            viewers.must_be_kept_waiting(viewer, Budget.UNPUBLISHED)
        publisher.publish(edge_cluster.origin, name, listed_by=edge_cluster.origin_api)
        must_play(watching)
