"""Step 2: create a Service which exposes the live streaming service."""

from fixtures.binding import requirement
from fixtures.quick_start import QuickStart
from srs_conformance.observing import Budget, Observation, must, must_hold


@requirement("QS-03")
def test_the_service_has_an_address_and_endpoints(quick_start: QuickStart) -> None:
    service = quick_start.namespace.service(QuickStart.SERVICE)
    must(Observation(bool(service.address), "an external address", service.address or "none"))
    must(Observation(service.type == "LoadBalancer", "type LoadBalancer", service.type))

    def one_ready_endpoint_on_each_port() -> Observation:
        ready = {
            port: [
                endpoint.ip for endpoint in quick_start.namespace.endpoints(QuickStart.SERVICE, port) if endpoint.ready
            ]
            for port in QuickStart.PORTS
        }
        right = all(addresses == [quick_start.pod().ip] for addresses in ready.values())
        return Observation(
            right, f"the pod's address {quick_start.pod().ip} behind each of {QuickStart.PORTS}", f"{ready}"
        )

    must_hold(one_ready_endpoint_on_each_port, Budget.ENDPOINT)
