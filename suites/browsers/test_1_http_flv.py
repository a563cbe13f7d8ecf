"""HTTP-FLV in a browser: mpegts.js in a page that neither SRS nor nginx has served."""

from fixtures.binding import requirement
from fixtures.browsing import Browsing
from fixtures.edge_cluster import EdgeCluster
from fixtures.publish import Stream
from fixtures.volume_scene import SharedVolume
from srs_conformance.browser.watching import Player


@requirement("WEB-01")
def test_mpegts_js_plays_from_srs(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    browser.must_play(Player.MPEGTS, scene.server, stream, frames=clip_frames)


@requirement("WEB-02")
def test_mpegts_js_plays_from_the_edges(
    browsed_edges: tuple[EdgeCluster, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_edges
    browser.must_play(Player.MPEGTS, scene.edge_service, stream, frames=clip_frames)
