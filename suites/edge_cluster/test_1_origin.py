"""Step 1: Deployment and Services for the origin: SRS and nginx over a shared volume."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.edge_cluster import EdgeCluster
from fixtures.probing import connects
from fixtures.roles import RTMP
from srs_conformance.observing import Observation, must


@requirement("EDGE-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented("edge_cluster"))


@requirement("EDGE-01")
def test_the_origin_has_no_address_outside_the_cluster(edge_cluster: EdgeCluster) -> None:
    origin = edge_cluster.roles["origin"]
    name, port = origin.service(RTMP), origin.way(RTMP).port
    service = edge_cluster.namespace.service(name)
    outside = [service.address, *(str(port) for port in service.node_ports.values())]
    must(Observation(service.type == "ClusterIP", f"{name} of type ClusterIP", service.type))
    must(Observation(not any(outside), "no external address and no node port", f"{outside}"))
    # Another Service than the guide's may lead to the origin's API too: its file says so.
    right = port in service.ports if edge_cluster.roles.own else set(service.ports) == {port}
    expected = f"port {port}" if edge_cluster.roles.own else f"just port {port}"
    must(Observation(right, expected, f"{sorted(service.ports)}"))


@requirement("EDGE-01")
def test_the_origins_rtmp_is_not_at_the_web_service(edge_cluster: EdgeCluster) -> None:
    web, rtmp = edge_cluster.web, edge_cluster.roles["origin"].way(RTMP).port
    alive = web.hls_port is not None and connects(web.host, web.hls_port)
    must(Observation(alive, f"{web.host}:{web.hls_port} answers, so the address is alive", "it does not"))
    must(Observation(not connects(web.host, rtmp), f"{web.host}:{rtmp} refused", "connected"))


@requirement("EDGE-01")
def test_the_origin_answers_inside_the_cluster(edge_cluster: EdgeCluster) -> None:
    edge, way = edge_cluster.edge_pods()[0], edge_cluster.roles["origin"].way(RTMP)
    command = ["bash", "-c", f"exec 3<>/dev/tcp/{way.service}/{way.port}"]
    result = edge_cluster.namespace.exec(edge.name, command, container=edge_cluster.roles["edge"].container)
    seen = result.stderr.strip() or f"exit code {result.code}"
    must(Observation(result.code == 0, f"a connection from {edge.name} to {way.service}:{way.port}", seen))
