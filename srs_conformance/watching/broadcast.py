"""A stream published for a person: one publisher, looked at until it ends, the time is over, or somebody interrupts."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from srs_conformance.errors import UsageError
from srs_conformance.media.errors import LocalProtocolError
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.publisher import DemoClip, Publisher
from srs_conformance.watching.screen import Screen
from srs_conformance.watching.sending import Sending, line, rows

LOOK_SECONDS = 0.5
REPUBLISH_SECONDS = 0.5
"""As `observing.Budget.REPUBLISH`: an encoder that was cut tries again twice a second."""
LIMIT_SECONDS = 366 * 86400.0


class Broadcast:
    """Publishes to one URL.

    Args:
        url: rtmp://host[:port]/app/stream[?params], or rtmps://.
        source: the demo clip, or a file.
        republish: begin again whenever it was cut or refused.
        live_encode: encode while sending.

    Raises:
        UsageError: no such URL, or a file that cannot be sent.
    """

    def __init__(self, url: str, source: DemoClip | Path, *, republish: bool, live_encode: bool) -> None:
        try:
            RtmpUrl.parse(url.replace("rtmps://", "rtmp://", 1))
        except LocalProtocolError as error:
            raise UsageError(f"cannot publish to {url!r}; expected rtmp://host[:port]/app/stream") from error
        self._what = described(source, live_encode=live_encode)
        self._publisher = Publisher(
            url,
            source,
            republish=REPUBLISH_SECONDS if republish else None,
            live_encode=live_encode,
            limit=LIMIT_SECONDS,
            measured=True,
        )
        self.interrupted = False

    def run(self, seconds: float, screen: Screen) -> Sending:
        """Publish for so long at most, and show how it stands; Ctrl-C ends it, and is remembered."""
        publisher, wait = self._publisher, threading.Event()
        try:
            publisher.start()
            until = (publisher.started or 0.0) + seconds
            while (now := time.monotonic()) < until:
                sending = self.look(now)
                screen.show(rows(sending), line(sending), now)
                if sending.hopeless:
                    break
                wait.wait(min(LOOK_SECONDS, until - now))
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            ended = self.look(time.monotonic())  # what ends it from here on is nobody else
            publisher.stop()
            screen.clear()
        return ended

    def look(self, now: float) -> Sending:
        """Return how it stands at a time (s of `time.monotonic()`)."""
        publisher = self._publisher
        return Sending(
            publisher.url,
            self._what,
            0.0 if publisher.started is None else now - publisher.started,
            publisher.sent,
            len(publisher.restarts),
            publisher.died,
            publisher.killed,
            publisher.last_words(),
            publisher.republish is not None,
        )


def described(source: DemoClip | Path, *, live_encode: bool) -> str:
    """Return what is sent, in words."""
    how = ", encoded while it is sent" if live_encode else ""
    if isinstance(source, Path):
        return f"{source} in a loop{how}"
    b_frames = f", {source.b_frames} B-frames" if source.b_frames else ""
    return (
        f"the demo clip: {source.size}, {source.rate} pictures/s, a keyframe every {source.gop:g} s, "
        f"{source.video_bitrate}bit/s of H.264 {source.profile}{b_frames}, {source.audio_bitrate}bit/s of AAC{how}"
    )
