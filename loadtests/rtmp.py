"""RTMP viewers.

locust -f loadtests/rtmp.py --host rtmp://EDGE:1935 --stream live/livestream
"""

from loadtests.driver import RtmpUser


class Rtmp(RtmpUser):
    """A viewer over RTMP."""
