"""HLS viewers.

locust -f loadtests/hls.py --host http://HOST --stream live/livestream
"""

from loadtests.driver import HlsUser


class Hls(HlsUser):
    """A viewer over HLS."""
