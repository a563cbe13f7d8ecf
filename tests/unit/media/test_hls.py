from __future__ import annotations

from datetime import UTC, datetime

import pytest

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.hls import MasterPlaylist, MediaPlaylist, Segment, Variant, parse_playlist

URI = "http://edge:8080/live/livestream.m3u8"

# As SRS 3 writes it.
LIVE = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-TARGETDURATION:11
#EXT-X-DISCONTINUITY
#EXTINF:10.008, no desc
livestream-7.ts
#EXTINF:9.960, no desc
livestream-8.ts
"""


def test_a_media_playlist() -> None:
    playlist = parse_playlist(LIVE, URI)
    assert isinstance(playlist, MediaPlaylist)
    assert playlist == MediaPlaylist(
        URI,
        target_duration=11,
        media_sequence=7,
        segments=(
            Segment("http://edge:8080/live/livestream-7.ts", 10.008, "no desc", True, 7, 7),
            Segment("http://edge:8080/live/livestream-8.ts", 9.96, "no desc", False, 8, 9),
        ),
        version=3,
        raw=tuple(LIVE.splitlines()),
    )
    assert playlist.discontinuities == 1
    assert playlist.duration == pytest.approx(19.968)
    assert not playlist.ended


def test_a_master_playlist() -> None:
    text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/live/livestream.m3u8?hls_ctx=abc\n"
    assert parse_playlist(text, URI) == MasterPlaylist(
        URI,
        (Variant("http://edge:8080/live/livestream.m3u8?hls_ctx=abc", 1, 1),),
        tuple(text.splitlines()),
    )


def test_what_a_variant_says() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1,mp4a",RESOLUTION=64x48\na.m3u8\n'
    playlist = parse_playlist(text, URI)
    assert isinstance(playlist, MasterPlaylist)
    assert playlist.variants == (Variant("http://edge:8080/live/a.m3u8", 5, None, "avc1,mp4a", (64, 48)),)


def test_the_end_the_date_and_the_discontinuity_sequence() -> None:
    text = LIVE.replace("#EXT-X-VERSION:3", "#EXT-X-DISCONTINUITY-SEQUENCE:4")
    text = (
        text.replace("#EXT-X-DISCONTINUITY\n", "#EXT-X-PROGRAM-DATE-TIME:2020-01-02T03:04:05Z\n") + "#EXT-X-ENDLIST\n"
    )
    playlist = parse_playlist(text, URI)
    assert isinstance(playlist, MediaPlaylist)
    assert playlist.ended
    assert playlist.discontinuity_sequence == 4
    assert playlist.segments[0].program_date_time == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_uris_may_be_absolute() -> None:
    playlist = parse_playlist(LIVE.replace("livestream-7.ts", "https://cdn/x.ts?a=b"), URI)
    assert isinstance(playlist, MediaPlaylist)
    assert playlist.segments[0].uri == "https://cdn/x.ts?a=b"


def test_lines_may_end_with_crlf_and_the_last_may_not_end() -> None:
    for text in (LIVE.replace("\n", "\r\n"), LIVE.rstrip()):
        assert parse_playlist(text, URI) == parse_playlist(LIVE, URI)


def test_a_playlist_may_have_no_segments_and_comments() -> None:
    playlist = parse_playlist("#EXTM3U\n# a comment\n\n#EXT-X-TARGETDURATION:1\n", URI)
    assert isinstance(playlist, MediaPlaylist)
    assert (playlist.segments, playlist.media_sequence) == ((), 0)


HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "#EXTM3U"),
        ("<html>404</html>\n", 1, "#EXTM3U"),
        ("\ufeff" + LIVE, 1, "#EXTM3U"),
        ("\n" + LIVE, 1, "#EXTM3U"),
        ("#EXTM3U\n", 1, "#EXT-X-TARGETDURATION in a media playlist"),
        ("#EXTM3U\n#EXTINF:1,\na.ts\n", 3, "#EXT-X-TARGETDURATION in a media playlist"),
        (HEAD + "#EXT-X-MEDIA-SEQUENCE:-1\n", 3, "a decimal integer that is not negative"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:1.5\n", 2, "a decimal integer that is not negative"),
        (HEAD + "#EXT-X-MEDIA-SEQUENCE:\n", 3, "a decimal integer that is not negative"),
        (HEAD + "#EXTINF:-1,\na.ts\n", 3, "#EXTINF:<seconds>,<title>"),
        (HEAD + "#EXTINF:x,\na.ts\n", 3, "#EXTINF:<seconds>,<title>"),
        (HEAD + "#EXTINF:nan,\na.ts\n", 3, "#EXTINF:<seconds>,<title>"),
        (HEAD + "a.ts\n", 3, "#EXTINF or #EXT-X-STREAM-INF before a URI"),
        (HEAD + "#EXTINF:1,\n#EXTINF:1,\na.ts\n", 4, "the URI that line 3 announces"),
        (HEAD + "#EXTINF:1,\n", 3, "a URI after it"),
        (HEAD + "#EXTINF:1,\na\x0bb.ts\n", 4, "no control characters within a line"),
        (HEAD + "#EXTINF:1,\rb.ts\na.ts\n", 3, "no control characters within a line"),
        (HEAD + "#EXTINF:1,\nhttp://[a.ts\n", 4, "a URI (Invalid IPv6 URL)"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-ENDLIST\n", 4, "no tag of a media playlist in a master"),
        (HEAD + "#EXTINF:1,\na.ts\n#EXT-X-KEY:METHOD\n#EXTINF:1,\nb.ts\n", 5, "a line that can be read"),
        (HEAD + "#EXT-X-PROGRAM-DATE-TIME:yesterday\n#EXTINF:1,\na.ts\n", 3, "a line that can be read"),
    ],
)
def test_what_is_no_playlist_says_on_which_line(text: str, line: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_playlist(text, URI)
    assert (caught.value.unit, caught.value.offset) == ("line", line)
    assert caught.value.expected.startswith(expected)
    assert str(caught.value).startswith(f"playlist {URI}, line {line}: expected ")
