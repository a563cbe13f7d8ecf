"""Viewers over RTMP, HTTP-FLV and HLS at once; a kind whose URL is not given stays away.

locust -f loadtests/mixed.py --rtmp-url rtmp://EDGE:1935 --flv-url http://EDGE:8080 --hls-url http://HOST
"""

from loadtests.driver import FlvUser, HlsUser, RtmpUser


class Rtmp(RtmpUser):
    """A viewer over RTMP."""

    url_option = "rtmp_url"


class Flv(FlvUser):
    """A viewer over HTTP-FLV."""

    url_option = "flv_url"


class Hls(HlsUser):
    """A viewer over HLS."""

    url_option = "hls_url"
