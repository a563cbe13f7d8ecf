"""What one viewer saw, frame by frame; the facts that follow from it are in `facts`.

All times are seconds of `time.monotonic()` unless a name says otherwise; dts and pts are milliseconds as the server
sent them, before any unwrapping.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from srs_conformance.viewers import facts, records
from srs_conformance.viewers.facts import Gap, Jump, NumberFaults, Stall
from srs_conformance.viewers.frames import Frame, Kind

FORMAT = 1


class Protocol(StrEnum):
    """How a viewer gets its stream."""

    RTMP = "rtmp"
    HTTP_FLV = "http-flv"
    HLS = "hls"


class Ending(StrEnum):
    """Why a viewer's watch ended."""

    STOPPED = "stopped"
    """We stopped it."""
    CLOSED = "closed"
    """The server closed the connection."""
    RESET = "reset"
    REFUSED = "refused"
    """Nobody listens at the address."""
    TIMEOUT = "timeout"
    """No connection, handshake or answer in time; silence in place of frames is no time-out."""
    REDIRECTED = "redirected"
    """The server sent us on once too often, or to where we cannot go."""
    REJECTED = "rejected"
    """The server refused to play, in the words of the protocol."""
    HTTP_STATUS = "http-status"
    PROTOCOL_ERROR = "protocol-error"
    """The server broke the protocol."""
    UNREACHABLE = "unreachable"
    """No route, or no such host."""
    FINISHED = "finished"
    """The stream said that it is complete (HLS: EXT-X-ENDLIST)."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that is no frame: a status, a redirect, a playlist that was not there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Config:
    """A decoder configuration as it came: a sequence header, or parameter sets before a keyframe in MPEG-TS.

    `position` is the number of frames that had come before it.
    """

    kind: Kind
    at: float
    position: int
    codec: str
    description: str


@dataclass(frozen=True, slots=True)
class PlaylistFetch:
    """One request for a playlist and what it said; the numbers are None where there was no valid media playlist."""

    url: str
    at: float
    took: float
    status: int | None
    size: int = 0
    master: bool = False
    media_sequence: int | None = None
    segments: int | None = None
    target_duration: float | None = None
    finished: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SegmentFetch:
    """One request for a segment; `first` and `last` bound its frames in the timeline (last exclusive)."""

    url: str
    sequence: int
    extinf: float
    at: float
    took: float
    status: int | None
    size: int = 0
    first: int = 0
    last: int = 0
    discontinuity: bool = False
    problem: str = ""


@dataclass
class Timeline:
    """All that one viewer saw.

    Attributes:
        viewer: the viewer's label.
        url: what it was asked to play.
        started: when its first connection was begun; `started_wall` is the same as seconds since 1970.
        connected: when the transport connection stood.
        first_byte: when the first byte from the server came.
        playing: when the server said that it plays: NetStream.Play.Start, HTTP status 200, a media playlist.
        first_picture: when the first picture had come that could be decoded, on viewers that decode.
        server: what the peer says it is; content_type: of the HTTP answer.
        ended, ending, error: when and why the watch ended; None while it goes on.
        as_of: for a timeline read from a file, when it was written.
    """

    viewer: str
    url: str
    protocol: Protocol
    started: float = field(default_factory=time.monotonic)
    started_wall: float = field(default_factory=time.time)
    connected: float | None = None
    first_byte: float | None = None
    playing: float | None = None
    first_picture: float | None = None
    frames: list[Frame] = field(default_factory=list)
    configs: list[Config] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    playlists: list[PlaylistFetch] = field(default_factory=list)
    segments: list[SegmentFetch] = field(default_factory=list)
    received: int = 0
    server: str = ""
    content_type: str = ""
    ended: float | None = None
    ending: Ending | None = None
    error: str = ""
    as_of: float | None = None

    @property
    def until(self) -> float:
        """Return up to when this timeline tells: its end, when it was written down, or now."""
        if self.ended is not None:
            return self.ended
        return self.as_of if self.as_of is not None else time.monotonic()

    @property
    def span(self) -> float:
        """Return the modulus of raw timestamps in ms: 32 bits of ms (RTMP, FLV), 33 bits of 90 kHz (MPEG-TS)."""
        return facts.TS_SPAN if self.protocol is Protocol.HLS else facts.RTMP_SPAN

    @property
    def lost(self) -> bool:
        """Tell whether the watch ended although nobody stopped it."""
        return self.ending is not None and self.ending is not Ending.STOPPED

    @property
    def video(self) -> list[Frame]:
        """Return the video frames in order of arrival."""
        return [frame for frame in tuple(self.frames) if frame.kind is Kind.VIDEO]

    @property
    def audio(self) -> list[Frame]:
        """Return the audio frames in order of arrival."""
        return [frame for frame in tuple(self.frames) if frame.kind is Kind.AUDIO]

    def first_frame_after(self, kind: Kind | None = None) -> float | None:
        """Return the seconds from the start to the first frame (of a kind), or None when none came."""
        first = next((f for f in tuple(self.frames) if kind is None or f.kind is kind), None)
        return None if first is None else first.arrival - self.started

    @property
    def first_is_keyframe(self) -> bool | None:
        """Tell whether the first video frame is a keyframe; None when there is no video."""
        first = next((f for f in tuple(self.frames) if f.kind is Kind.VIDEO), None)
        return None if first is None else first.keyframe

    def gaps(self, over: float, kind: Kind | None = None) -> list[Gap]:
        """Return the silences of more than `over` seconds after the first frame, the one that goes on now included."""
        return facts.gaps(self._only(kind), over, self.started, self.until)

    def stalls(self, buffer: float) -> list[Stall]:
        """Return when a player that starts, and starts again, with `buffer` seconds of media would stand still."""
        return facts.stalls(self.video or self.audio, buffer, self.started, self.until, self.span)

    def jumps(self, kind: Kind | None = None) -> list[Jump]:
        """Return where a track's dts goes back or more than a second ahead, timestamps unwrapped.

        Where an HLS playlist announces a discontinuity, timestamps may begin anew.
        """
        kinds = (Kind.VIDEO, Kind.AUDIO) if kind is None else (kind,)
        return [
            jump
            for run in self._runs()
            for each in kinds
            for jump in facts.jumps([frame for frame in run if frame.kind is each], self.span)
        ]

    @property
    def skew(self) -> float | None:
        """Return the largest distance in ms between the tracks' latest dts; None without both tracks."""
        skews = [facts.skew(run, self.span) for run in self._runs()]
        return max((skew for skew in skews if skew is not None), default=None)

    @property
    def numbers(self) -> list[int]:
        """Return the frame numbers read from the pictures, in the order in which a player shows them."""
        return facts.numbers(self.video, self.span)

    def missing_numbers(self, period: int) -> NumberFaults:
        """Return which frame numbers are missing, repeated or go back, when numbers begin again after `period`."""
        return facts.number_faults(self.numbers, period)

    def _runs(self) -> list[list[Frame]]:
        """Return the frames, cut where an HLS playlist announces a discontinuity."""
        frames = list(self.frames)
        cuts = [0, *(each.first for each in tuple(self.segments) if each.discontinuity), len(frames)]
        return [frames[first:last] for first, last in pairwise(cuts) if first < last]

    def _only(self, kind: Kind | None) -> list[Frame]:
        return [frame for frame in tuple(self.frames) if kind is None or frame.kind is kind]

    def to_json(self) -> dict[str, Any]:
        """Return the timeline as JSON values: lists as compact tables, times in seconds after the start."""
        zero = self.started
        plain = {name: getattr(self, name) for name in _PLAIN}
        times = {name: _shift(getattr(self, name), -zero) for name in _TIMES}
        tables = {name: records.table(getattr(self, name), record, zero) for name, record in _TABLES.items()}
        return {"format": FORMAT, **plain, **times, "as_of": _shift(self.until, -zero), **tables}

    @classmethod
    def from_json(cls, content: Mapping[str, Any], started: float = 0.0) -> Timeline:
        """Return the timeline that `to_json` wrote, with its start at the time `started`.

        Raises:
            ValueError: it is no such content, or of another format.
        """
        if content.get("format") != FORMAT:
            raise ValueError(f"a timeline of format {content.get('format')!r}; expected {FORMAT}")
        try:
            ending = None if content["ending"] is None else Ending(content["ending"])
            enums = {"protocol": Protocol(content["protocol"]), "ending": ending, "started": started}
            values = {name: content[name] for name in _PLAIN}
            values |= {name: _shift(content[name], started) for name in (*_TIMES, "as_of")}
            tables: dict[str, Any] = {
                name: records.rows(content[name], record, started) for name, record in _TABLES.items()
            }
        except KeyError as error:
            raise ValueError(f"a timeline without {error}") from error
        return cls(**{**values, **tables, **enums})


_PLAIN = ("viewer", "url", "protocol", "started_wall", "received", "server", "content_type", "ending", "error")
_TIMES = ("connected", "first_byte", "playing", "first_picture", "ended")
_TABLES: dict[str, type] = {
    "frames": Frame,
    "configs": Config,
    "notes": Note,
    "playlists": PlaylistFetch,
    "segments": SegmentFetch,
}


def _shift(at: float | None, by: float) -> float | None:
    return None if at is None else round(at + by, 4)
