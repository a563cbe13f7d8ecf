"""Step 1: Deployment and Services for the origin: SRS and nginx over a shared volume."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.edge_cluster import EdgeCluster
from fixtures.places import NGINX_PORT, RTMP_PORT
from fixtures.probing import connects
from srs_conformance.observing import Observation, must


@requirement("EDGE-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented("edge_cluster"))


@requirement("EDGE-01")
def test_the_origin_has_no_address_outside_the_cluster(edge_cluster: EdgeCluster) -> None:
    service = edge_cluster.namespace.service(EdgeCluster.ORIGIN_SERVICE)
    outside = [service.address, *(str(port) for port in service.node_ports.values())]
    must(Observation(service.type == "ClusterIP", "srs-origin-service of type ClusterIP", service.type))
    must(Observation(not any(outside), "no external address and no node port", f"{outside}"))
    must(Observation(set(service.ports) == {RTMP_PORT}, "just port 1935", f"{sorted(service.ports)}"))


@requirement("EDGE-01")
def test_the_origins_rtmp_is_not_at_the_web_service(edge_cluster: EdgeCluster) -> None:
    web = edge_cluster.web.host
    must(Observation(connects(web, NGINX_PORT), f"{web}:80 answers, so the address is alive", "it does not"))
    must(Observation(not connects(web, RTMP_PORT), f"{web}:1935 refused", "connected"))


@requirement("EDGE-01")
def test_the_origin_answers_inside_the_cluster(edge_cluster: EdgeCluster) -> None:
    edge = edge_cluster.edge_pods()[0]
    script = f"exec 3<>/dev/tcp/{EdgeCluster.ORIGIN_SERVICE}/{RTMP_PORT}"
    result = edge_cluster.namespace.exec(edge.name, ["bash", "-c", script])
    seen = result.stderr.strip() or f"exit code {result.code}"
    must(Observation(result.code == 0, f"a connection from {edge.name} to srs-origin-service:1935", seen))
