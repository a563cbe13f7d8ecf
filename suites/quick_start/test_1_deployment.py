"""Step 1: create a Deployment for the SRS origin server."""

from fixtures.binding import requirement
from fixtures.deploying import Deployer
from fixtures.quick_start import QuickStart
from srs_conformance.clusters.base import Capability, Cluster
from srs_conformance.observing import Observation, Unsupported, must


@requirement("QS-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented("quick_start"))


@requirement("QS-01")
def test_the_cluster_answers(cluster: Cluster) -> None:
    if Capability.KUBERNETES not in cluster.capabilities:
        raise Unsupported("this is no Kubernetes")
    version = cluster.describe().version
    must(Observation(version.startswith("v1."), "the API server tells its version", version))


@requirement("QS-02")
def test_the_deployment_is_available_with_one_replica(quick_start: QuickStart) -> None:
    workload = quick_start.namespace.workload(quick_start.roles["server"].workload)
    counts = (workload.wanted, workload.ready, workload.available, workload.total)
    must(
        Observation(
            workload.settled and counts == (1, 1, 1, 1), "1 replica wanted, ready, available, in all", f"{counts}"
        )
    )
    must(quick_start.deployed.stands())
