"""What the chapter says that nginx is better at: HTTPS, authentication, HTTP/2. It asks for manifests of its own."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.secured_volume import SecuredVolume
from srs_conformance.observing import Budget, Observation, must, must_hold

pytestmark = isolated("nginx has a certificate and passwords here")


@requirement("SV-11", "SV-12")
def test_nginx_serves_hls_over_https_to_who_knows_the_password(
    secured_volume: SecuredVolume, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(secured_volume.server, listed_by=secured_volume.api)
    files = secured_volume.wait_for_files(stream.name)
    record.did(f"the volume has {', '.join(sorted(files))}")
    must(secured_volume.kept_from_strangers(files))
    segments = {path: digest for path, digest in files.items() if path.endswith(".ts")}
    must(secured_volume.served_securely(segments))


@requirement("SV-13")
def test_nginx_speaks_http_2(secured_volume: SecuredVolume) -> None:
    def chooses() -> Observation:
        spoken = secured_volume.protocol(["h2", "http/1.1"])
        return Observation(spoken == "h2", "HTTP/2 chosen by a server that is offered it (ALPN, RFC 7301)", spoken)

    must_hold(chooses, Budget.NGINX_BACK, times=1)  # nginx has no readiness probe, and may listen later
