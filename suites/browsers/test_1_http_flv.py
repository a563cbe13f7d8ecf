"""HTTP-FLV in a browser: mpegts.js in a page that neither SRS nor nginx has served."""

from fixtures.binding import requirement
from fixtures.browsing import Browsing
from fixtures.publish import Stream
from fixtures.scenes import EdgeCluster
from fixtures.volume_scene import SharedVolume
from fixtures.watch import HTTP_FLV
from srs_conformance.browser.watching import Player
from srs_conformance.checkers import browsing
from srs_conformance.observing import Budget, must


@requirement("WEB-01")
def test_mpegts_js_plays_from_srs(
    browsed_volume: tuple[SharedVolume, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_volume
    url = scene.server.url(HTTP_FLV, stream.name)
    sight = browser.watch(Player.MPEGTS, url, within=Budget.FIRST_FRAME, host=scene.server.host)
    must(browsing.plays(sight, Budget.FIRST_FRAME, Budget.BROWSED))
    must(browsing.numbers_go_on(sight, clip_frames))


@requirement("WEB-02")
def test_mpegts_js_plays_from_the_edges(
    browsed_edges: tuple[EdgeCluster, Stream], browser: Browsing, clip_frames: int
) -> None:
    scene, stream = browsed_edges
    url = scene.edge_service.url(HTTP_FLV, stream.name)
    sight = browser.watch(Player.MPEGTS, url, within=Budget.FIRST_FRAME, host=scene.edge_service.host)
    must(browsing.plays(sight, Budget.FIRST_FRAME, Budget.BROWSED))
    must(browsing.numbers_go_on(sight, clip_frames))
