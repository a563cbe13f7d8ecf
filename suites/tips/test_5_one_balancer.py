"""One SLB and EIP for all streaming services: two Services that name the same load balancer share its address."""

from fixtures.balancing import CHAPTER, OneBalancer
from fixtures.binding import requirement
from fixtures.deploying import Deployer, Setting
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.watch import HLS, HTTP_FLV, RTMP, Viewers, must_play
from srs_conformance.clusters.base import Capability
from srs_conformance.observing import Budget, Observation, Unsupported, must, must_hold, must_stay


@requirement("SLB-00")
def test_the_documented_manifests_roll_out(deployer: Deployer, one_balancer_setting: Setting) -> None:
    must(deployer.documented(CHAPTER, "one-balancer", one_balancer_setting))


@requirement("SLB-01")
def test_two_services_share_one_address_with_the_ports_of_both(one_balancer: OneBalancer) -> None:
    must_hold(one_balancer.shared, Budget.ADDRESS)


@requirement("SLB-02")
def test_a_port_that_is_taken_is_refused_or_overridden(one_balancer: OneBalancer, record: Record) -> None:
    must_hold(one_balancer.shared, Budget.ADDRESS)
    one_balancer.add_another()
    try:
        must_stay(one_balancer.refused_or_overridden, Budget.QUIET)
        must(one_balancer.shared())
        record.measure("events", [line for line in one_balancer.namespace.events() if "NoAddress" in line][-1:])
    finally:
        one_balancer.remove_another()


@requirement("SLB-03")
def test_one_address_serves_rtmp_flv_hls_and_api(
    one_balancer: OneBalancer, publisher: Publishing, viewers: Viewers
) -> None:
    place = one_balancer.place()
    stream = publisher.must_publish(place, listed_by=one_balancer.origin_api)
    with viewers.watching(stream.name, on=[place], each=2, over=(RTMP, HTTP_FLV)) as watching:
        must_play(watching)
        must_play([viewers.watch(stream.name, place, HLS)], Budget.FIRST_PLAYLIST)
    must(Observation(bool(one_balancer.origin_api.versions().text), "an API that tells its version", "so"))


@requirement("SLB-04")
def test_annotations_are_strings(one_balancer: OneBalancer) -> None:
    annotations = one_balancer.annotations()
    values = [value for each in annotations.values() for value in each.values()]
    right = len(values) == 6 and all(isinstance(value, str) for value in values)
    must(Observation(right, "three annotations of each of the two Services, all strings", f"{annotations}"))
    if Capability.KUBERNETES not in one_balancer.cluster.capabilities:
        raise Unsupported("this is no Kubernetes, which refuses what is no string")
    must(one_balancer.refuses_other_values())
