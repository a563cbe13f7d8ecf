"""Publishers, who send a prepared clip on schedule, its keyframes stamped with the time.

locust -f loadtests/publish.py --host rtmp://EDGE:1935 --stream live/load
"""

from loadtests.driver import PublishUser


class Publish(PublishUser):
    """A publisher over RTMP."""
