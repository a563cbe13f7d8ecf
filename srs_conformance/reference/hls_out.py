"""HLS on disk: segments and the playlist of one stream."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from srs_conformance.media.aac import SAMPLE_RATES, AacConfig
from srs_conformance.media.avc import AvcConfig, nal_type, split_nal_units
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import parse_audio, parse_video
from srs_conformance.reference import ts_writer
from srs_conformance.reference.consumer import Clock
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.hls_playlist import SEGMENT_SUFFIX, HlsPlaylist
from srs_conformance.reference.hls_retired import Retired
from srs_conformance.reference.media import AUDIO, SCRIPT, Packet
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import Hls

_DELIMITER: Final = 9
#: Where a fault writes what belongs on the volume; the HTTP server finds it there all the same.
BESIDE: Final = "./objs/hls"
#: By how many ms a fault moves the timestamps of segments, and from which number on.
_JUMP_MS: Final = 10_000
_JUMPS_FROM: Final = 4
#: Seconds by which a segment is shorter that begins a picture late.
_PICTURE: Final = 0.1


@dataclass
class _Segment:
    number: int
    path: Path
    discontinuity: bool
    start: int
    end: int
    file: BinaryIO

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1000


class HlsOut:
    """Writes segments from keyframe to keyframe, and the playlist after each; numbers go on when a stream returns."""

    def __init__(self, context: Context, hls: Hls) -> None:
        self._context = context
        self._hls = hls
        beside = "hls-beside-the-volume" in context.faults
        self._folder = context.path(BESIDE if beside else hls.path)
        self._names: dict[str, str] = {}
        self._playlist, self._listing = self._folder, HlsPlaylist(context.faults)
        self._segments: list[_Segment] = []
        self._retired = Retired(at_once="hls-removes-segments-at-once" in context.faults)
        self._marks = 0  # discontinuities that have left the playlist
        self._late_cut = False
        self._current: _Segment | None = None
        self._disposal: asyncio.TimerHandle | None = None
        self._number = 0
        self._discontinuity = True
        self._avc: AvcConfig | None = None
        self._aac: AacConfig | None = None
        self._keyed = False
        self._clock = Clock()
        self._writer = ts_writer.TsWriter(
            gaps="ts-counter-gaps" in context.faults,
            clock="ts-no-pcr" not in context.faults,
            sound_crc="ts-wrong-crc" not in context.faults,
        )

    def begin(self, request: StreamRequest) -> None:
        """A publisher has come, perhaps again; the files bear the name that it gives the stream."""
        self._names = {"[vhost]": request.vhost, "[app]": request.app, "[stream]": request.stream}
        self._playlist = self._folder / self._named(self._hls.playlist)
        self._keep()
        if "hls-cleanup-forgets" in self._context.faults:
            self._marks += sum(segment.discontinuity for segment in self._segments)
            self._segments.clear()
        self._discontinuity = True
        self._clock = Clock()
        self._avc = self._aac = None
        self._keyed = False

    def write(self, packet: Packet) -> None:
        """Take a packet; what is not H.264 or AAC is passed over."""
        if packet.kind == SCRIPT or not packet.payload:
            return
        timestamp = self._clock.correct(packet.timestamp)
        try:
            if packet.kind == AUDIO:
                self._audio(packet, timestamp)
            else:
                self._video(packet, timestamp)
        except (ProtocolError, OSError) as error:
            log.warning("hls: %s: %s", self._playlist.name, error)

    def end(self) -> None:
        """The publisher has gone: the segment that was begun is finished, and hls_dispose begins to count."""
        self.finish()
        if self._hls.dispose > 0 and "hls-dispose-never-comes" not in self._context.faults:
            self._keep()
            self._disposal = asyncio.get_running_loop().call_later(self._hls.dispose, self.dispose)

    def finish(self) -> None:
        """Finish the segment that was begun."""
        try:
            self._close()
        except OSError as error:
            log.warning("hls: %s: %s", self._playlist.name, error)

    def change(self, hls: Hls) -> None:
        """Go on with other settings, from a new segment on."""
        self.finish()
        self._hls = hls

    def dispose(self) -> None:
        """Delete all files, as hls_dispose asks for."""
        self._keep()
        for segment in self._segments:
            segment.path.unlink(missing_ok=True)
        self._segments.clear()
        self._retired.clear()
        self._playlist.unlink(missing_ok=True)

    def _keep(self) -> None:
        """Delete nothing for now."""
        if self._disposal is not None:
            self._disposal.cancel()
            self._disposal = None

    def _audio(self, packet: Packet, timestamp: int) -> None:
        if packet.payload[0] >> 4 != 10:
            return
        tag = parse_audio(packet.payload)
        if tag.sequence_header:
            self._aac = AacConfig.parse(tag.data)
            return
        if self._aac is None or self._aac.sample_rate not in SAMPLE_RATES:
            return
        if self._current is None:
            self._open(timestamp)
        elif self._avc is None and self._seconds(timestamp) >= self._hls.fragment:
            self._cut(timestamp)
        rate = SAMPLE_RATES.index(self._aac.sample_rate)
        frame = ts_writer.adts(tag.data, self._aac.object_type, rate, min(self._aac.channels, 7))
        self._put(self._writer.audio(frame, self._moved(timestamp), pcr=self._avc is None), timestamp)

    def _video(self, packet: Packet, timestamp: int) -> None:
        if packet.payload[0] & 15 != 7:
            return
        tag = parse_video(packet.payload)
        if tag.sequence_header:
            self._avc = AvcConfig.parse(tag.data)
            self._discontinuity = self._discontinuity or self._current is not None
            return
        if self._avc is None:
            return
        nals = [nal for nal in split_nal_units(tag.data, self._avc.length_size) if nal_type(nal) != _DELIMITER]
        if not nals:
            return  # an end of sequence, with which ffmpeg leaves: no picture, and no timestamp of its own
        if packet.keyframe:
            self._cut_at_keyframe(timestamp)
            if not any(nal_type(nal) == 7 for nal in nals):
                nals = [*self._avc.sps, *self._avc.pps, *nals]
        elif self._late_cut:
            self._late_cut = False
            self._cut(timestamp)
        self._keyed = self._keyed or packet.keyframe
        if not self._keyed:
            return  # pictures before the first keyframe are of no use
        dts = self._moved(timestamp)
        self._put(self._writer.video(nals, dts + tag.composition_time, dts, keyframe=packet.keyframe), timestamp)

    def _cut_at_keyframe(self, timestamp: int) -> None:
        """Begin a segment where one is due; by a fault it begins with the next picture."""
        if self._current is None:
            self._open(timestamp)
            return
        late = "hls-cuts-after-keyframe" in self._context.faults
        if self._seconds(timestamp) >= self._hls.fragment - (_PICTURE if late else 0):
            self._late_cut = late
            if not late:
                self._cut(timestamp)

    def _moved(self, timestamp: int) -> int:
        """Return the timestamp as the segment has it: by a fault later ones are of another clock."""
        jumps = self._current is not None and self._current.number >= _JUMPS_FROM
        return timestamp + _JUMP_MS if jumps and "hls-hides-a-jump" in self._context.faults else timestamp

    def _seconds(self, timestamp: int) -> float:
        return (timestamp - self._current.start) / 1000 if self._current else 0.0

    def _put(self, data: bytes, timestamp: int) -> None:
        """Write into the segment, if one was begun."""
        if self._current is not None:
            self._current.file.write(data)
            self._current.end = max(self._current.end, timestamp)

    def _cut(self, timestamp: int) -> None:
        self._put(b"", timestamp)
        self._close()
        self._open(timestamp)

    def _open(self, timestamp: int) -> None:
        path = self._folder / self._named(self._hls.segment).replace("[seq]", str(self._number))
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _unfinished(path).open("wb")
        hidden = self._number > 0 and "hls-hides-a-new-publisher" in self._context.faults
        self._current = _Segment(self._number, path, self._discontinuity and not hidden, timestamp, timestamp, file)
        self._number += 1
        self._discontinuity = False
        file.write(self._writer.tables(audio=True, video=self._avc is not None))

    def _close(self) -> None:
        """Finish the segment, put it into the playlist, and drop what has left the window."""
        segment, self._current = self._current, None
        if segment is None:
            return
        segment.file.close()
        temporary = _unfinished(segment.path)
        if "segment-404" in self._context.faults:
            temporary.unlink(missing_ok=True)
        elif "playlist-names-unfinished" in self._context.faults:
            segment.path.unlink(missing_ok=True)
            segment.path.hardlink_to(temporary)  # whoever follows the playlist finds it by either name
        else:
            temporary.replace(segment.path)
        if segment.number % 2 and "hls-loses-segments" in self._context.faults:
            return
        self._segments.append(segment)
        self._shrink()
        self._listing.write(self._playlist, self._segments, self._hls, self._marks)
        self._retired.written(segment.seconds, sum(each.seconds for each in self._segments))

    def _shrink(self) -> None:
        kept = 0.0
        for index in range(len(self._segments) - 1, -1, -1):
            kept += self._segments[index].seconds
            if kept > self._hls.window:
                gone, self._segments = self._segments[:index], self._segments[index:]
                break
        else:
            return
        self._marks += sum(segment.discontinuity for segment in gone)
        for segment in gone if self._hls.cleanup else ():
            self._retired.leaves(segment.path, segment.seconds)

    def _named(self, template: str) -> str:
        for variable, value in self._names.items():
            template = template.replace(variable, value)
        return template


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + SEGMENT_SUFFIX)
