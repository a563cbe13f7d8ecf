"""HLS in a browser: hls.js in a page of another origin, and in one that nginx serves beside the segments."""

from fixtures.binding import requirement
from fixtures.browsing import Browsing
from fixtures.publish import Stream
from fixtures.volume_scene import SharedVolume
from srs_conformance.browser.watching import Player


@requirement("WEB-03")
def test_hls_js_plays_from_srs(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    browser.must_play(Player.HLS, scene.server, stream, frames=clip_frames)


@requirement("WEB-04")
def test_hls_js_plays_from_nginx_in_a_page_of_nginx(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    browser.must_play(Player.HLS, scene.nginx, stream, frames=clip_frames, origin=f"http://{scene.nginx.host}/")


@requirement("WEB-05")
def test_hls_js_plays_from_nginx_in_a_page_of_another_origin(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing
) -> None:
    scene, stream = browsed_volume
    browser.must_play(Player.HLS, scene.nginx, stream)


@requirement("WEB-06")
def test_hls_js_plays_from_nginx_that_lets_pages_of_any_origin_read(
    open_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = open_volume
    browser.must_play(Player.HLS, scene.nginx, stream, frames=clip_frames)
