"""The segments of HLS: as transport streams by ISO/IEC 13818-1, and as their playlist announces them."""

from fixtures.binding import requirement
from fixtures.protocols import KeptHls
from srs_conformance.observing import must


@requirement("HLS-04")
def test_each_segment_is_a_transport_stream(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("transport streams", kept_hls.judged.transport))


@requirement("HLS-05")
def test_segments_are_what_their_playlist_says(kept_hls: KeptHls) -> None:
    must(kept_hls.keeps("segments and their playlist", kept_hls.judged.media))
