"""From the bytes of an MPEG-TS segment to frames."""

from __future__ import annotations

from collections.abc import Iterable

from srs_conformance.media.aac import SAMPLES_PER_FRAME, split_adts
from srs_conformance.media.avc import NalType, Sps, nal_type, split_annexb
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.mpegts import ContinuityError, Pes, StreamKind, TsParser
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.recorder import Recorder, describe_aac, describe_avc


class SegmentReader:
    """Reads one segment, which must stand for itself: tables first, then whole PES packets (RFC 8216 3.2).

    `problem` says what is wrong with it; what could be read before that is in the timeline.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.problem = ""
        self._recorder = recorder
        self._parser = TsParser()
        self._frames = 0

    def receive(self, data: bytes, arrival: float) -> None:
        """Take bytes as they come."""
        if self.problem:
            return
        try:
            self._take(self._parser.receive_data(data), arrival)
        except ProtocolError as error:
            self._fail(error, arrival)

    def finish(self, arrival: float) -> None:
        """Take the end of the segment."""
        if self.problem:
            return
        try:
            self._take(self._parser.flush(), arrival)
        except ProtocolError as error:
            self._fail(error, arrival)
        if not self._frames and not self.problem:
            self.problem = "no audio or video frame in it"

    def _fail(self, error: ProtocolError, arrival: float) -> None:
        try:
            self._take(error.before, arrival)
        except ProtocolError as earlier:
            error = earlier
        self.problem = str(error)

    def _take(self, events: Iterable[object], arrival: float) -> None:
        for event in events:
            if isinstance(event, ContinuityError):
                self.problem = (
                    f"MPEG-TS packets are missing on PID {event.pid}, byte {event.offset}: "
                    f"continuity counter {event.found} instead of {event.expected}"
                )
            elif isinstance(event, Pes) and event.pts is not None:
                dts = event.pts if event.dts is None else event.dts
                if event.kind is StreamKind.AVC:
                    self._video(event.data, dts / 90, event.pts / 90, arrival)
                elif event.kind is StreamKind.AAC:
                    self._audio(event.data, dts / 90, arrival)

    def _video(self, data: bytes, dts: float, pts: float, arrival: float) -> None:
        nals = split_annexb(data)
        keyframe = any(nal_type(nal) == NalType.IDR for nal in nals)
        for nal in nals:
            if nal_type(nal) == NalType.SPS:
                sps = Sps.parse(nal)
                self._recorder.config(Kind.VIDEO, "AVC", describe_avc(sps.profile, sps.level, sps.width, sps.height))
        self._recorder.avc_video(nals, data, Frame(Kind.VIDEO, keyframe, dts, pts, len(data), arrival, 0))
        self._frames += 1

    def _audio(self, data: bytes, dts: float, arrival: float) -> None:
        for index, frame in enumerate(split_adts(data)):
            self._recorder.config(Kind.AUDIO, "AAC", describe_aac(frame.object_type, frame.sample_rate, frame.channels))
            self._recorder.audio_frame(frame.data, dts + index * SAMPLES_PER_FRAME * 1000 / frame.sample_rate, arrival)
            self._frames += 1
