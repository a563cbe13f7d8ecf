"""The end of the chapter: the templates still stand as they were applied."""

from fixtures.binding import requirement
from fixtures.cloud_platforms import Platform, Templates
from srs_conformance.observing import must


@requirement("CLOUD-00")
def test_no_container_has_restarted(platform: Platform, templates: Templates) -> None:
    must(templates.of(platform).deployed.stands())
