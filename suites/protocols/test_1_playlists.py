"""HLS by RFC 8216: the playlist by itself, over time, and how it and the segments are delivered."""

from fixtures.binding import requirement
from fixtures.protocols import KeptHls
from srs_conformance.observing import must
from srs_conformance.requirements import Level


@requirement("HLS-01")
def test_each_playlist_is_written_as_it_must(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("playlists", kept_hls.judged.playlists))


@requirement("HLS-02")
def test_a_playlist_changes_as_it_may_and_in_time(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("playlists over time", kept_hls.judged.time))


@requirement("HLS-03")
def test_playlists_and_segments_come_whole_and_stay_as_long_as_they_must(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("delivery", kept_hls.judged.delivery))


@requirement("HLS-06")
def test_what_the_specifications_recommend_is_done(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("HLS and its segments", kept_hls.judged.all, Level.SHOULD))
