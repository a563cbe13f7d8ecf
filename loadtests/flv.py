"""HTTP-FLV viewers.

locust -f loadtests/flv.py --host http://EDGE:8080 --stream live/livestream
"""

from loadtests.driver import FlvUser


class Flv(FlvUser):
    """A viewer over HTTP-FLV."""
