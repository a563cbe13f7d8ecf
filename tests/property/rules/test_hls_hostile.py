"""Whatever a server sends, judging it ends with a verdict for each rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.rules import hls, hls_media, ts_streams, ts_tables
from srs_conformance.rules.catalogue import FAMILIES
from srs_conformance.rules.ts_packets import Segment
from srs_conformance.viewers.keeping import Piece, Response
from tests.property.media.quick import QUICK
from tests.unit.rules.making import PACKET, good

URL = "http://127.0.0.1/live/a.m3u8"
WHOLE = good().bodies[3][: 40 * PACKET]
COUNT = sum(len(rules) for title, rules in FAMILIES if title.startswith(("HLS", "MPEG-TS")))

#: Lines as playlists have them, whole and broken.
LINES = st.sampled_from(
    [
        *("#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-VERSION:", "#EXT-X-TARGETDURATION:2", "#EXT-X-TARGETDURATION:x"),
        *("#EXT-X-MEDIA-SEQUENCE:4", "#EXT-X-MEDIA-SEQUENCE:99999999999999999999", "#EXT-X-DISCONTINUITY-SEQUENCE:1"),
        *("#EXT-X-DISCONTINUITY", "#EXTINF:2.000,", "#EXTINF:", "#EXTINF:1e3,", "a-1.ts", "a-2.ts", "http://[", "//"),
        *('#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="', "#EXT-X-STREAM-INF:=", "#EXT-X-ENDLIST", "#EXT", "#", "", "\ud800"),
        *('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1', '#EXT-X-MAP:URI="m"', "http://a:99999/b.ts", "a-3.ts?x=\u00a0"),
    ]
)
BODIES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=12).map(
        lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")
    ),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "content-length", "cache-control", "expires", "date"]), st.text(max_size=30)
    ),
    max_size=4,
)
RESPONSES = st.builds(
    lambda url, at, status, headers, body, why: Response(url, at, 0.1, status, tuple(headers), [Piece(at, body)], why),
    st.sampled_from([URL, URL + "?x=1", "http://127.0.0.1/live/a-1.ts", "http://127.0.0.1/live/a-2.ts", "x"]),
    st.floats(0, 100),
    st.sampled_from([200, 404, None, 302]),
    HEADERS,
    BODIES,
    st.sampled_from(["", "", "cut"]),
)


@QUICK
@given(st.lists(RESPONSES, max_size=8))
def test_any_responses_are_judged(responses: list[Response]) -> None:
    assert len(hls.judge(responses).all) == COUNT


@QUICK
@given(st.binary(max_size=1500))
def test_any_bytes_are_judged_as_a_segment(data: bytes) -> None:
    for judge in (ts_tables.judge, ts_streams.judge):
        assert all(verdict.seen for verdict in judge([Segment("a", data)]))


@QUICK
@given(st.data())
def test_a_segment_with_any_bytes_changed_is_judged(data: st.DataObject) -> None:
    body = bytearray(WHOLE[: data.draw(st.integers(0, len(WHOLE)))])
    for _ in range(data.draw(st.integers(0, 30)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    segments = [Segment("a", WHOLE, 1, 2.0), Segment("b", bytes(body), 2, 2.0), Segment("c", WHOLE, 3, 2.0)]
    for judge in (ts_tables.judge, ts_streams.judge, hls_media.judge):
        assert all(verdict.seen for verdict in judge(segments))
