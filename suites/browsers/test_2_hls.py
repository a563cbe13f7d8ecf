"""HLS in a browser: hls.js in a page of another origin, and in one that nginx serves beside the segments."""

from fixtures.binding import requirement
from fixtures.browsing import Browsing
from fixtures.publish import Stream
from fixtures.volume_scene import SharedVolume
from fixtures.watch import HLS
from srs_conformance.browser.watching import Player
from srs_conformance.checkers import browsing
from srs_conformance.observing import Budget, must


@requirement("WEB-03")
def test_hls_js_plays_from_srs(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    url = scene.server.url(HLS, stream.name)
    sight = browser.watch(Player.HLS, url, within=Budget.FIRST_PLAYLIST, host=scene.server.host)
    must(browsing.plays(sight, Budget.FIRST_PLAYLIST, Budget.BROWSED))
    must(browsing.numbers_go_on(sight, clip_frames))


@requirement("WEB-04")
def test_hls_js_plays_from_nginx_in_a_page_of_nginx(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    url, page = scene.nginx.url(HLS, stream.name), f"http://{scene.nginx.host}/"
    sight = browser.watch(Player.HLS, url, within=Budget.FIRST_PLAYLIST, host=scene.nginx.host, origin=page)
    must(browsing.plays(sight, Budget.FIRST_PLAYLIST, Budget.BROWSED))
    must(browsing.numbers_go_on(sight, clip_frames))


@requirement("WEB-05")
def test_hls_js_plays_from_nginx_in_a_page_of_another_origin(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing
) -> None:
    scene, stream = browsed_volume
    url = scene.nginx.url(HLS, stream.name)
    sight = browser.watch(Player.HLS, url, within=Budget.FIRST_PLAYLIST, host=scene.nginx.host)
    must(browsing.plays(sight, Budget.FIRST_PLAYLIST, Budget.BROWSED))


@requirement("WEB-06")
def test_hls_js_plays_from_nginx_that_lets_pages_of_any_origin_read(
    open_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = open_volume
    url = scene.nginx.url(HLS, stream.name)
    sight = browser.watch(Player.HLS, url, within=Budget.FIRST_PLAYLIST, host=scene.nginx.host)
    must(browsing.plays(sight, Budget.FIRST_PLAYLIST, Budget.BROWSED))
    must(browsing.numbers_go_on(sight, clip_frames))
