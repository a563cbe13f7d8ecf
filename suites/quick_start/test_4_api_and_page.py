"""The ports of Step 1: the API on 1985, the pages on 8080."""

from fixtures.binding import requirement
from fixtures.options import Options
from fixtures.probing import page
from fixtures.publish import Publishing, unlisted
from fixtures.quick_start import QuickStart
from fixtures.roles import FLV
from srs_conformance.images.archive import major_of
from srs_conformance.observing import Budget, Observation, Unsupported, must, must_hold


@requirement("QS-08")
def test_the_api_tells_the_images_version(quick_start: QuickStart, options: Options) -> None:
    expected = major_of(options.srs_image)
    version = quick_start.api.versions()
    if expected is None:
        raise Unsupported(f"the tag of {options.srs_image} names no version")
    must(Observation(version.major == expected, f"major version {expected}, as {options.srs_image} says", version.text))


@requirement("QS-09")
def test_the_api_follows_publishing(quick_start: QuickStart, publisher: Publishing) -> None:
    stream = publisher.must_publish(quick_start.server, listed_by=quick_start.api)
    publisher.stop(stream)
    must_hold(lambda: unlisted(quick_start.api, stream.name, stream.app), Budget.API, times=2)


@requirement("QS-10")
def test_the_root_page_is_there(quick_start: QuickStart) -> None:
    port = quick_start.roles["server"].way(FLV).port
    must(page(f"http://{quick_start.server.host}:{port}/", Budget.API))
