"""What the Quick Start promises, of every platform's template: judged by the Quick Start's own tests."""

import suites.quick_start.test_1_deployment as deployment
import suites.quick_start.test_2_service as service
import suites.quick_start.test_3_publish as publishing
import suites.quick_start.test_4_api_and_page as api
import suites.quick_start.test_6_play as playing
from fixtures.binding import requirement
from fixtures.broadcast import Broadcast
from fixtures.cloud_platforms import Template
from fixtures.evidence import Record
from fixtures.options import Options
from fixtures.publish import Publishing


@requirement("CLOUD-01")
def test_the_deployment_is_available_with_one_replica(template: Template) -> None:
    deployment.test_the_deployment_is_available_with_one_replica(template)


@requirement("CLOUD-01")
def test_the_service_has_an_address_and_endpoints(template: Template) -> None:
    service.test_the_service_has_an_address_and_endpoints(template)


@requirement("CLOUD-01")
def test_rtmp_plays_from_a_keyframe_without_a_break(
    template: Template, template_broadcast: Broadcast, record: Record
) -> None:
    playing.test_rtmp_plays_from_a_keyframe_without_a_break(template, template_broadcast, record)


@requirement("CLOUD-01")
def test_http_flv_plays_the_same_frames(template: Template, template_broadcast: Broadcast, record: Record) -> None:
    playing.test_http_flv_plays_the_same_frames(template, template_broadcast, record)


@requirement("CLOUD-01")
def test_hls_plays_the_same_frames(template: Template, template_broadcast: Broadcast, record: Record) -> None:
    playing.test_hls_plays_the_same_frames(template, template_broadcast, record)


@requirement("CLOUD-01")
def test_publishing_is_accepted(template: Template, publisher: Publishing) -> None:
    publishing.test_publishing_is_accepted(template, publisher)


@requirement("CLOUD-01")
def test_the_api_tells_the_images_version(template: Template, options: Options) -> None:
    api.test_the_api_tells_the_images_version(template, options)


@requirement("CLOUD-01")
def test_the_api_follows_publishing(template: Template, publisher: Publishing) -> None:
    api.test_the_api_follows_publishing(template, publisher)
