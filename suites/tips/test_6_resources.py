"""Managing compute resources: what Kubernetes makes of the guide's limits. These disturb their deployment."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.resources import SMALL_MEMORY, TOO_MANY, Limited
from srs_conformance.observing import Budget, Observation, must, must_hold, must_stay

pytestmark = isolated("they change limits, and have a container killed for its memory")


@requirement("RES-00")
def test_the_documented_manifests_roll_out(limited: Limited) -> None:
    must(limited.deployed.documented)


@requirement("RES-01")
def test_limits_alone_make_a_guaranteed_pod(limited: Limited) -> None:
    classes = limited.classes()
    right = classes == {"srs-origin": "Guaranteed", "srs-edge": "Guaranteed"}
    must(Observation(right, "origin and edge Guaranteed", f"{classes}"))


@requirement("RES-03")
def test_a_container_at_its_limit_waits_and_is_not_ended(limited: Limited, record: Record) -> None:
    edge = limited.wait_for_one_edge()
    before = limited.throttled(edge)
    limited.busy(edge)
    waits = limited.throttled(edge) - before
    record.measure("waits for processor time", waits)
    must(Observation(waits > 0, "a container that had to wait for processor time", f"{waits} times"))
    must(limited.serves(edge))


@requirement("RES-04")
def test_a_pod_that_fits_on_no_node_says_so_and_the_old_one_serves_on(limited: Limited) -> None:
    edge = limited.wait_for_one_edge()
    limited.set_limits(cpu=TOO_MANY)
    try:
        must_hold(limited.refused_by_the_scheduler, Budget.RETURN, times=2)
        must_stay(lambda: limited.serves(edge), Budget.QUIET)
    finally:
        limited.namespace.rollout_undo("srs-edge-deploy")
    limited.wait_for_one_edge()


@requirement("RES-05")
def test_the_kernel_ends_pods_without_requests_first(limited: Limited, record: Record) -> None:
    limited.add("srs-best-effort", {})
    limited.add("srs-burstable", {"requests": {"cpu": "50m", "memory": "64Mi"}})
    scores = limited.scores()
    record.measure("oom_score_adj", scores)
    right = scores["BestEffort"] > scores["Burstable"] > scores["Guaranteed"]
    must(Observation(right, "BestEffort before Burstable before Guaranteed", f"{scores}"))


@requirement("RES-02")
def test_a_container_beyond_its_memory_is_killed_and_comes_back(limited: Limited, record: Record) -> None:
    limited.set_limits(memory=SMALL_MEMORY)
    edge = limited.wait_for_one_edge()
    limited.allocate(edge)
    record.did(f"allocated more than {SMALL_MEMORY} in {edge.name}")
    must_hold(lambda: limited.killed_and_back(edge), Budget.RETURN)
