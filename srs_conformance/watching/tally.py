"""Figures of a stream that is being watched, kept as frames come: what they cost does not grow with the watch."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from srs_conformance.viewers.facts import JUMP_MS, Player, step
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Protocol, Timeline

WINDOW_SECONDS = 5.0
"""Of media, over which rates are told: some GOPs, so that a keyframe does not show as a leap."""
LEAST_SECONDS = 1.0
"""Of media, before which no rate is told: one keyframe would be most of it."""
BUFFER_SECONDS = 3.0


def buffer_of(timeline: Timeline, asked: float) -> float:
    """Return the seconds of media that the modelled player waits for: of HLS a target duration more than asked for.

    A player of HLS gets whole segments, and learns of a new one a target duration later at worst (RFC 8216 6.3.4).
    """
    if timeline.protocol is not Protocol.HLS:
        return asked
    return asked + max((each.target_duration or 0.0 for each in tuple(timeline.playlists)), default=0.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """How a stream stands.

    Attributes:
        pictures, sounds, keyframes: frames that have come; every frame of sound is one.
        rate: pictures per second, bits: bits per second of payload, both of the latest media by its timestamps.
        keyframe_every: seconds from the last keyframe but one to the last.
        skew: ms by which the latest picture's dts is ahead of the latest sound's.
        ahead: seconds of media that a player would hold.
        playing: whether it plays; False before it has begun and while it stands still.
        stalls, stalled: how often and for how many seconds it has stood still, the present time included.
        silent: seconds since the last frame came; None before the first.
    """

    pictures: int = 0
    sounds: int = 0
    keyframes: int = 0
    rate: float | None = None
    bits: float | None = None
    keyframe_every: float | None = None
    skew: float | None = None
    ahead: float = 0.0
    playing: bool = False
    stalls: int = 0
    stalled: float = 0.0
    silent: float | None = None


class _Track:
    """One track: the latest media as (seconds since its first frame, bytes), and a player of this track alone."""

    def __init__(self, buffer: float, span: float) -> None:
        self.count = self.keyframes = self.stalls = 0
        self.stalled = 0.0
        self.every: float | None = None
        self.last: Frame | None = None
        self.player = Player(buffer)
        self._span = span
        self._media = 0.0
        self._key: float | None = None
        self._window: deque[tuple[float, int]] = deque()

    def take(self, frame: Frame) -> None:
        ms = 0.0 if self.last is None else step(self.last.dts, frame.dts, self._span)
        if not 0 <= ms <= JUMP_MS:  # a jump is played over, and tells nothing of rates
            ms, self._key = 0.0, None
            self._window.clear()
        self._media += ms / 1000
        self.count += 1
        self.last = frame
        self._window.append((self._media, frame.size))
        while self._media - self._window[0][0] > WINDOW_SECONDS:
            self._window.popleft()
        if frame.keyframe:
            self.keyframes += 1
            self.every = self.every if self._key is None else self._media - self._key
            self._key = self._media
        dry = self.player.hold(ms / 1000, frame.arrival)
        if dry is not None:
            self.stalls += 1
            self.stalled += frame.arrival - dry

    @property
    def seconds(self) -> float:
        """Seconds of media in the window."""
        return self._window[-1][0] - self._window[0][0] if self._window else 0.0

    @property
    def rate(self) -> float | None:
        return (len(self._window) - 1) / self.seconds if self.seconds >= LEAST_SECONDS else None

    @property
    def bits(self) -> float | None:
        sizes = sum(size for _, size in self._window) - (self._window[-1][1] if self._window else 0)
        return sizes * 8 / self.seconds if self.seconds >= LEAST_SECONDS else None


class Tally:
    """Takes frames in the order of their arrival.

    Args:
        span: the modulus of raw timestamps in ms (`Timeline.span`).
        buffer: seconds of media that the modelled player waits for before it starts, and goes on after a stall.
    """

    def __init__(self, span: float, buffer: float) -> None:
        self.buffer = buffer
        self._span = span
        self._tracks = {kind: _Track(buffer, span) for kind in Kind}
        self._arrival: float | None = None

    def take(self, frames: Sequence[Frame]) -> None:
        """Take the next frames."""
        for frame in frames:
            self._tracks[frame.kind].take(frame)
            self._arrival = frame.arrival

    def figures(self, now: float) -> Figures:
        """Return the figures at a time, in seconds of `time.monotonic()`."""
        video, audio = self._tracks[Kind.VIDEO], self._tracks[Kind.AUDIO]
        seen = video if video.count else audio
        bits = [each.bits for each in (video, audio) if each.bits is not None]
        dry = seen.player.dry_at(now)
        return Figures(
            pictures=video.count,
            sounds=audio.count,
            keyframes=video.keyframes,
            rate=video.rate,
            bits=sum(bits) if bits else None,
            keyframe_every=video.every,
            skew=step(audio.last.dts, video.last.dts, self._span) if audio.last and video.last else None,
            ahead=seen.player.ahead(now),
            playing=seen.player.playing and dry is None,
            stalls=seen.stalls + (dry is not None),
            stalled=seen.stalled + (0.0 if dry is None else now - dry),
            silent=None if self._arrival is None else max(now - self._arrival, 0.0),
        )
