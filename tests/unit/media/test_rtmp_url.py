from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError
from srs_conformance.media.rtmp.url import RtmpUrl


@pytest.mark.parametrize(
    ("url", "parsed", "tc_url"),
    [
        ("rtmp://h/live/s", RtmpUrl("h", 1935, "live", "s"), "rtmp://h/live"),
        ("rtmp://h:19350/live/s", RtmpUrl("h", 19350, "live", "s"), "rtmp://h:19350/live"),
        ("rtmp://h/a/b/s", RtmpUrl("h", 1935, "a/b", "s"), "rtmp://h/a/b"),
        ("rtmp://[::1]:1/live/s", RtmpUrl("::1", 1, "live", "s"), "rtmp://[::1]:1/live"),
        ("rtmp://h/live/s?vhost=v&a=1", RtmpUrl("h", 1935, "live", "s", "vhost=v&a=1"), "rtmp://h/live"),
    ],
)
def test_a_url_is_split_and_put_together(url: str, parsed: RtmpUrl, tc_url: str) -> None:
    assert RtmpUrl.parse(url) == parsed
    assert parsed.tc_url == tc_url
    assert str(parsed) == url


def test_play_names_the_parameters_too() -> None:
    assert RtmpUrl.parse("rtmp://h/live/s?token=1").play_name == "s?token=1"
    assert RtmpUrl.parse("rtmp://h/live/s").play_name == "s"


@pytest.mark.parametrize(
    "url", ["", "http://h/live/s", "rtmp://h/live", "rtmp://h/", "rtmp:///live/s", "rtmp://h:x/live/s", "rtmp://[h/a/b"]
)
def test_what_is_no_rtmp_url_is_refused(url: str) -> None:
    with pytest.raises(LocalProtocolError, match="is no RTMP URL"):
        RtmpUrl.parse(url)
