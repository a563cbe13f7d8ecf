"""Publishers: ffmpeg processes that send a demo stream, or a file of the user's own, over RTMP."""

from srs_conformance.publisher.clip import DemoClip
from srs_conformance.publisher.process import Publisher, PublisherDied, Restart

__all__ = ["DemoClip", "Publisher", "PublisherDied", "Restart"]
