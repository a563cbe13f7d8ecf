"""Step 3: publish to the Service's address."""

from fixtures.binding import requirement
from fixtures.publish import Publishing, accepted
from fixtures.quick_start import QuickStart
from srs_conformance.observing import Budget, must_hold


@requirement("QS-04")
def test_publishing_is_accepted(quick_start: QuickStart, publisher: Publishing) -> None:
    stream = publisher.publish(quick_start.server)
    must_hold(lambda: accepted(stream, quick_start.api), Budget.PUBLISH)
