"""What makes a revision, how many are kept, and an update that cannot start."""

from fixtures.binding import requirement
from fixtures.changing import Stage
from fixtures.evidence import Record
from fixtures.places import API_PORT, APP
from fixtures.publish import Publishing
from fixtures.releasing import ReleasedEdges
from srs_conformance.observing import Budget, Observation, must_hold, must_stay
from srs_conformance.srs import SrsApi

#: More changes than old revisions are kept.
MORE = 12
KEPT = 10


@requirement("RB-05")
def test_an_update_that_cannot_start_takes_no_edge_away(bad_update: Stage) -> None:
    replicas = len(bad_update.versions["before"])
    bad_update.must("RB-05", "serving_throughout", least=replicas)
    bad_update.must("RB-05", "uncut", roles=["stays"])


@requirement("RB-05")
def test_undone_it_leaves_the_old_edges(bad_update: Stage) -> None:
    bad_update.must_have_seen("all edges old again")


@requirement("UPD-07")
def test_a_stream_published_to_an_edge_makes_two_connections(
    probed_edges: ReleasedEdges, publisher: Publishing
) -> None:
    edge = probed_edges.edges[0]
    stream = publisher.publish(edge, republish=Budget.REPUBLISH.seconds)
    api = SrsApi(f"http://{edge.host}:{API_PORT}")

    def two_connections() -> Observation:
        counts = {}
        for place, clients in (("edge", api.clients()), ("origin", probed_edges.origin_api.clients())):
            ours = [client for client in clients if (client.app, client.name) == (APP, stream.name)]
            counts[place] = [client.publish for client in ours]
        return Observation(
            counts == {"edge": [True], "origin": [True]},
            f"one client of {stream.name} at the edge and one at the origin, both publishing",
            f"{counts}",
        )

    must_hold(two_connections, Budget.PUBLISH)


@requirement("UPD-11")
def test_a_change_of_the_config_map_starts_no_rollout(probed_edges: ReleasedEdges, record: Record) -> None:
    namespace = probed_edges.namespace
    text = namespace.get("ConfigMap", "srs-edge-config")["data"]["srs.conf"]
    revisions, pods = probed_edges.replica_sets(), sorted(pod.uid for pod in probed_edges.edge_pods())
    namespace.patch("ConfigMap", "srs-edge-config", {"data": {"srs.conf": f"{text}\n# changed\n"}})
    record.did("added a line to the ConfigMap")

    def unchanged() -> Observation:
        now = [each.revision for each in probed_edges.replica_sets()]
        same = sorted(pod.uid for pod in probed_edges.edge_pods()) == pods
        expected = f"the same edges, revisions {[each.revision for each in revisions]}"
        seen = f"{'the same' if same else 'other'} edges, revisions {now}"
        return Observation(same and now == [each.revision for each in revisions], expected, seen)

    must_stay(unchanged, Budget.STEADY)


@requirement("RB-04")
def test_no_more_old_revisions_are_kept_than_the_limit_says(probed_edges: ReleasedEdges, record: Record) -> None:
    """Last of all, as it leaves no edges: with none, each change is rolled out at once."""
    namespace, deployment = probed_edges.namespace, probed_edges.EDGE_DEPLOYMENT
    namespace.scale(deployment, 0)
    first = probed_edges.replica_sets()[-1].revision
    for number in range(1, MORE + 1):
        change = {"metadata": {"annotations": {"change": str(number)}}}
        namespace.patch("Deployment", deployment, {"spec": {"template": change}})
        must_hold(lambda number=number: _newest(probed_edges, first + number), Budget.ROLLING, times=1)  # type: ignore[misc] # mypy infers no default
    record.did(f"changed the pod template {MORE} times")

    def kept() -> Observation:
        numbers = [each.revision for each in probed_edges.replica_sets()]
        return Observation(len(numbers) == KEPT + 1, f"{KEPT} old ReplicaSets and the newest", f"revisions {numbers}")

    must_hold(kept, Budget.SCALED)


def _newest(edges: ReleasedEdges, revision: int) -> Observation:
    numbers = [each.revision for each in edges.replica_sets()]
    return Observation(max(numbers) >= revision, f"revision {revision}", f"revisions {numbers}")
