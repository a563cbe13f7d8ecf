"""What the chapter says that nginx is better at: HTTPS, authentication, HTTP/2. It asks for manifests of its own."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.scenes import HTTP_PORT
from fixtures.volume_scene import SecuredVolume
from srs_conformance.observing import Observation, must

pytestmark = isolated("nginx has a certificate and passwords here")


@requirement("SV-11", "SV-12")
def test_nginx_serves_hls_over_https_to_who_knows_the_password(
    secured_volume: SecuredVolume, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(secured_volume.server, listed_by=secured_volume.api)
    paths = secured_volume.must_have_segments(stream.name)
    record.did(f"waited for segments: {paths}")
    must(secured_volume.kept_from_strangers([f"live/{stream.name}.m3u8", *paths]))
    for path in paths:
        securely, plainly = secured_volume.get(path), secured_volume.get(path, HTTP_PORT)
        must(Observation(securely.status == 200, f"200 for {path} over HTTPS", f"{securely.status}"))
        same = securely.body == plainly.body and len(plainly.body) > 0
        seen = f"{len(securely.body)} B, {len(plainly.body)} B"
        must(Observation(same, f"{path}: the bytes that SRS serves", seen))
        must(Observation(securely.server.startswith("nginx"), "Server: nginx...", securely.server))


@requirement("SV-13")
def test_nginx_speaks_http_2(secured_volume: SecuredVolume) -> None:
    spoken = secured_volume.protocol(["h2", "http/1.1"])
    must(Observation(spoken == "h2", "HTTP/2 chosen by a server that is offered it (ALPN, RFC 7301)", f"{spoken}"))
