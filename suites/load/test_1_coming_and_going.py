"""Players who come, stay for some seconds and leave, all the time."""

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.load import Crowd, Load, figures, keeps
from fixtures.places import APP, HTTP_PORT
from fixtures.publish import Stream
from fixtures.turns import Machine, alone
from srs_conformance.load.visits import Kind
from srs_conformance.observing import Budget, must

pytestmark = alone("their crowd would miss the processor time that others take")

SLO = """
http-flv:
  first-keyframe p99: 1 s
  refused: 0 %
  cut: 0 %
"""


@requirement("LOAD-05")
def test_nobody_is_refused_while_players_come_and_go(
    load_cluster: EdgeCluster, crowd_stream: Stream, load: Load, record: Record, machine: Machine
) -> None:
    crowd = Crowd("flv", 100, Budget.CHURN, SLO, watch="exponential:3s", rest="exponential:0.5s")
    host = f"http://{load_cluster.edge_service.host}:{HTTP_PORT}"
    with machine.alone():
        result = load.start(crowd, f"{APP}/{crowd_stream.name}", host=host).result()
    record.measure("slo", figures(result))
    record.measure("visits", result.measures.counts(Kind.HTTP_FLV).visits)
    must(keeps(result, Kind.HTTP_FLV))
