"""Step 2: create a Service which exposes the live streaming service."""

from fixtures.binding import requirement
from fixtures.quick_start import QuickStart
from fixtures.roles import RTMP
from srs_conformance.observing import Budget, Observation, must, must_hold


@requirement("QS-03")
def test_the_service_has_an_address_and_endpoints(quick_start: QuickStart) -> None:
    service = quick_start.namespace.service(quick_start.roles["server"].service(RTMP))
    must(Observation(bool(service.address), "an external address", service.address or "none"))
    must(Observation(service.type == "LoadBalancer", "type LoadBalancer", service.type))

    def one_ready_endpoint_on_each_port() -> Observation:
        ip, ready = quick_start.pod().ip, quick_start.endpoints()
        right = all(addresses == [ip] for addresses in ready.values())
        return Observation(right, f"the pod's address {ip} behind each of {', '.join(ready)}", f"{ready}")

    must_hold(one_ready_endpoint_on_each_port, Budget.ENDPOINT)
