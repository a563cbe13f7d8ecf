"""Two sets of edges, each with a Service of its own: the guide's way to keep CDNs apart."""

from fixtures.binding import isolated, requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.load import Crowd, Load, figures, keeps
from fixtures.places import APP, HTTP_PORT
from fixtures.publish import Publishing
from fixtures.turns import Machine, alone
from srs_conformance.clusters.base import Capability
from srs_conformance.errors import CouldNotTest
from srs_conformance.load.visits import Kind
from srs_conformance.observing import Budget, Unsupported, must

pytestmark = [
    isolated("they starve one set of edges of processor time"),
    alone("their crowds would miss the processor time that others take"),
]

#: Of a processor, for the set that is to be overloaded, and how many come to it.
SHARE, TOO_MANY, FEW = "30m", 600, 30
SLO = """
http-flv:
  first-keyframe p99: 1 s
  stalled-seconds: 0.5 %
  refused: 0 %
  cut: 0 %
"""


@requirement("EDGE-14")
def test_overload_of_one_set_of_edges_leaves_the_other_alone(
    separate_cluster: EdgeCluster, publisher: Publishing, load: Load, record: Record, machine: Machine
) -> None:
    if Capability.KUBERNETES not in separate_cluster.cluster.capabilities:
        raise Unsupported("this is no Kubernetes")
    other = separate_cluster.add_edge_set("b", replicas=1)
    separate_cluster.limit_edges(SHARE, replicas=1)
    record.did(f"gave the first set of edges {SHARE} of a processor, and made a second set behind srs-edge-b-service")
    stream = publisher.publish(separate_cluster.origin, listed_by=separate_cluster.origin_api)
    name = f"{APP}/{stream.name}"
    starved = f"http://{separate_cluster.edge_service.host}:{HTTP_PORT}"
    with machine.alone():
        many = load.start(Crowd("flv", TOO_MANY, Budget.OVERLOAD, SLO, rate=200), name, host=starved)
        few = load.start(Crowd("flv", FEW, Budget.CHURN, SLO), name, host=f"http://{other.host}:{HTTP_PORT}")
        undisturbed, overloaded = few.result(), many.result()
    record.measure("overloaded set", figures(overloaded))
    record.measure("other set", figures(undisturbed))
    if keeps(overloaded, Kind.HTTP_FLV).holds:
        raise CouldNotTest(f"{TOO_MANY} players did not overload an edge with {SHARE} of a processor")
    must(keeps(undisturbed, Kind.HTTP_FLV))
