"""The Helm chart: what it stands for, and that its server publishes and plays, by the Quick Start's own tests."""

import suites.quick_start.test_3_publish as publishing
import suites.quick_start.test_4_api_and_page as api
import suites.quick_start.test_6_play as playing
from fixtures.binding import requirement
from fixtures.broadcast import Broadcast
from fixtures.evidence import Record
from fixtures.helm_chart import ChartScene
from fixtures.options import Options
from fixtures.publish import Publishing
from srs_conformance.checkers.charts import PORTS, as_promised
from srs_conformance.clusters.helm import Chart
from srs_conformance.observing import Observation, must


@requirement("CLOUD-03")
def test_the_chart_stands_for_a_server_and_its_load_balancer(chart: Chart) -> None:
    must(as_promised(chart.objects, chart.version))


@requirement("CLOUD-03")
def test_the_chart_rolls_out(chart_scene: ChartScene) -> None:
    must(chart_scene.deployed.documented)
    must(chart_scene.deployed.stands())


@requirement("CLOUD-03")
def test_rtmp_plays_from_a_keyframe_without_a_break(
    chart_scene: ChartScene, chart_broadcast: Broadcast, record: Record
) -> None:
    playing.test_rtmp_plays_from_a_keyframe_without_a_break(chart_scene, chart_broadcast, record)


@requirement("CLOUD-03")
def test_http_flv_plays_the_same_frames(chart_scene: ChartScene, chart_broadcast: Broadcast, record: Record) -> None:
    playing.test_http_flv_plays_the_same_frames(chart_scene, chart_broadcast, record)


@requirement("CLOUD-03")
def test_hls_plays_the_same_frames(chart_scene: ChartScene, chart_broadcast: Broadcast, record: Record) -> None:
    playing.test_hls_plays_the_same_frames(chart_scene, chart_broadcast, record)


@requirement("CLOUD-03")
def test_publishing_is_accepted(chart_scene: ChartScene, publisher: Publishing) -> None:
    publishing.test_publishing_is_accepted(chart_scene, publisher)


@requirement("CLOUD-03")
def test_the_api_tells_the_images_version(chart_scene: ChartScene, options: Options) -> None:
    api.test_the_api_tells_the_images_version(chart_scene, options)


@requirement("CLOUD-04")
def test_one_load_balancer_takes_tcp_and_udp(chart_scene: ChartScene) -> None:
    live = chart_scene.namespace.get("Service", chart_scene.SERVICE)
    ports = {each.get("name", ""): (each["port"], each.get("protocol", "TCP")) for each in live["spec"]["ports"]}
    must(Observation(ports == PORTS, f"the live Service with ports {PORTS}", f"{ports}"))
    address = chart_scene.namespace.service(chart_scene.SERVICE).address
    must(Observation(bool(address), "one external address for all of them", address or "none"))
