"""Decoding of H.264 pictures that a viewer has fetched, for the numbers drawn in them; never touches the network."""

from __future__ import annotations

import av
from av.video.codeccontext import VideoCodecContext

from srs_conformance import watermark
from srs_conformance.viewers.frames import Frame

WAITING = 64
"""More pictures than any H.264 decoder may hold back (16) mean that some never come out."""


class Decoder:
    """Decodes access units one by one in the caller's thread, and writes each picture's number into its frame.

    `undecodable` counts access units that the decoder refused; `pictures` those that came out.
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.undecodable = 0
        self._context: VideoCodecContext | None = None
        self._extradata: bytes | None = None
        self._waiting: dict[int, Frame] = {}

    def configure(self, record: bytes) -> None:
        """Take the decoder configuration record that goes with length-prefixed units; not needed for annex B."""
        if record != self._extradata:
            self._extradata = record
            self._context = None

    def decode(self, data: bytes, frame: Frame) -> None:
        """Decode one access unit; decoding begins at a keyframe."""
        if self._context is None:
            if not frame.keyframe:
                return
            self._context = self._open()
            self._waiting.clear()
        packet = av.Packet(data)
        packet.pts = packet.dts = round(frame.pts * 90)
        self._waiting[packet.pts] = frame
        try:
            pictures = self._context.decode(packet)
        except av.error.FFmpegError:
            self.undecodable += 1
            return
        for picture in pictures:
            self.pictures += 1
            shown = self._waiting.pop(picture.pts or 0, None)
            if shown is not None:
                shown.number = watermark.read(picture)
        if len(self._waiting) > WAITING:
            self._waiting.clear()

    def _open(self) -> VideoCodecContext:
        context = av.CodecContext.create("h264", "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        if self._extradata is not None:
            context.extradata = self._extradata
        return context
