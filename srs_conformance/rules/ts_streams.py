"""Elementary streams of segments (ISO/IEC 13818-1 2.4.3.7, 2.7; ISO/IEC 13818-7 6.2; RFC 8216 3): PES, timestamps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from srs_conformance.media.aac import split_adts
from srs_conformance.media.avc import NalType, nal_type, split_annexb
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.pes import StreamKind
from srs_conformance.media.timestamps import unwrap33
from srs_conformance.rules.rule import Rule, Verdict, must, should
from srs_conformance.rules.ts_packets import RawPes, Segment
from srs_conformance.rules.ts_tables import SYSTEM, Check, begins_as, judge_each

PTS_INTERVAL: Final = 0.7
"""Seconds between presentation timestamps of a stream at most (2.7.4)."""
_VIDEO_IDS: Final = range(0xE0, 0xF0)
_AUDIO_IDS: Final = range(0xC0, 0xE0)
_VIDEO: Final = (StreamKind.AVC, StreamKind.HEVC)
_AUDIO: Final = (StreamKind.AAC, StreamKind.MP3)
_MARKERS: Final = 0x0100010001
_PREFIXES: Final = {2: (2,), 3: (3, 1)}  # by PTS_DTS_flags: the four bits before each timestamp (2.4.3.6)


def _tracks(segment: Segment) -> list[tuple[StreamKind, int, tuple[RawPes, ...]]]:
    """Return kind, PID and PES packets of the streams that we know and that have any."""
    found = [(each.kind, each.pid, segment.pes.get(each.pid, ())) for each in segment.streams]
    return [(kind, pid, track) for kind, pid, track in found if track and kind in (*_VIDEO, *_AUDIO)]


def _start(segment: Segment) -> list[str] | None:
    wrong = []
    for kind, pid, track in _tracks(segment):
        ids = _VIDEO_IDS if kind in _VIDEO else _AUDIO_IDS
        for pes in track:
            if pes.data[:3] != b"\0\0\1":
                wrong.append(f"byte {pes.offset}: {pes.data[:3].hex()} on PID {pid:#x}")
            elif len(pes.data) < 9 or pes.data[3] not in ids or pes.data[6] >> 6 != 2:
                wrong.append(f"byte {pes.offset}: header {pes.data[3:9].hex()} of {kind.value} on PID {pid:#x}")
    return wrong if _tracks(segment) else None


def _length(segment: Segment) -> list[str] | None:
    wrong = []
    for kind, pid, track in _tracks(segment):
        for pes in (each for each in track if each.started):
            if pes.size and pes.size != len(pes.data):
                wrong.append(f"byte {pes.offset}: {pes.size} bytes announced, {len(pes.data)} there, PID {pid:#x}")
            elif not pes.size and kind not in _VIDEO:
                wrong.append(f"byte {pes.offset}: length 0 of {kind.value} on PID {pid:#x}")
    return wrong if _tracks(segment) else None


def _stamps(segment: Segment) -> list[str] | None:
    """Judge the form of PTS and DTS: the flags, the bits before them, the marker bits, and room for them."""
    wrong, looked_at = [], 0
    for _, pid, track in _tracks(segment):
        for pes in (each for each in track if each.started and each.flags):
            looked_at += 1
            prefixes = _PREFIXES.get(pes.flags, ())
            fields = [int.from_bytes(pes.data[9 + 5 * n : 14 + 5 * n], "big") for n in range(len(prefixes))]
            right = prefixes and pes.data[8] >= 5 * len(prefixes) and len(pes.data) >= 9 + 5 * len(prefixes)
            pairs = zip(fields, prefixes, strict=True)
            if not right or any(value >> 36 != prefix or value & _MARKERS != _MARKERS for value, prefix in pairs):
                wrong.append(f"byte {pes.offset}: {pes.data[6:19].hex()} on PID {pid:#x}")
    return wrong if looked_at else None


def _presented(segment: Segment) -> list[str] | None:
    wrong = []
    for _, pid, track in _tracks(segment):
        timed = [(pes, pes.pts) for pes in track if pes.pts is not None]
        if not timed or timed[0][0] is not track[0]:
            wrong.append(f"byte {track[0].offset}: no PTS on PID {pid:#x}")
        times = sorted(unwrap33(pts or 0, timed[0][1]) for _, pts in timed)
        wrong += [
            f"PID {pid:#x}: {(after - before) / 90_000:.2f} s without a PTS"
            for before, after in pairwise(times)
            if after - before > PTS_INTERVAL * 90_000
        ]
    return wrong if _tracks(segment) else None


def _decoded(segment: Segment) -> list[str] | None:
    wrong, looked_at = [], 0
    for _, pid, track in _tracks(segment):
        last: int | None = None
        for pes in track:
            if pes.dts is None or pes.pts is None:
                continue
            looked_at += 1
            dts = unwrap33(pes.dts, last)
            if unwrap33(pes.pts, dts) < dts:
                wrong.append(f"byte {pes.offset}: PTS {pes.pts} before DTS {pes.dts} on PID {pid:#x}")
            if last is not None and dts <= last:
                wrong.append(f"byte {pes.offset}: DTS {pes.dts} after {last % (1 << 33)} on PID {pid:#x}")
            last = dts
    return wrong if looked_at else None


def _adts(segment: Segment) -> list[str] | None:
    track = segment.track(StreamKind.AAC)
    data = b"".join(pes.payload for pes in track)
    if not begins_as(StreamKind.AAC, data):  # TS-STREAM-TYPES judges that
        return None
    try:
        split_adts(data)
    except (ProtocolError, IndexError) as error:
        return [f"PID of AAC: {error}"]
    return []


def _keyframe(segment: Segment) -> list[str] | None:
    """Judge the first access unit with a slice; whether SPS and PPS stand before it, in it or in what comes first."""
    seen: set[int] = set()
    track = segment.track(StreamKind.AVC)
    for pes in track:
        kinds = [nal_type(nal) for nal in _nals(pes.payload)]
        seen |= set(kinds)
        if NalType.IDR in kinds or NalType.SLICE in kinds:
            missing = [each.name for each in (NalType.IDR, NalType.SPS, NalType.PPS) if each not in seen]
            return [f"byte {pes.offset}: no {', '.join(missing)} in the first picture"] if missing else []
    return ["no picture"] if track else None


def _random_access(segment: Segment) -> list[str] | None:
    keyed = [
        pes for pes in segment.track(StreamKind.AVC) if NalType.IDR in {nal_type(nal) for nal in _nals(pes.payload)}
    ]
    return [f"byte {pes.offset}" for pes in keyed if not pes.random_access] if keyed else None


def _nals(data: bytes) -> list[bytes]:
    try:
        return split_annexb(data)
    except ProtocolError:
        return []


CHECKS: Final[tuple[tuple[Rule, Check], ...]] = (
    (
        must("TS-PES-START", f"{SYSTEM} 2.4.3.7", "A PES packet has start code, header, a stream_id of its kind."),
        _start,
    ),
    (
        must("TS-PES-LENGTH", f"{SYSTEM} 2.4.3.7", "It is as long as it says; only of video that may be 0."),
        _length,
    ),
    (must("TS-STAMPS", f"{SYSTEM} 2.4.3.6", "PTS and DTS have their prefixes and marker bits."), _stamps),
    (
        must("TS-PTS", f"{SYSTEM} 2.7.4", "Each stream has a PTS in its first PES packet, and every 0.7 s at least."),
        _presented,
    ),
    (must("TS-DTS", f"{SYSTEM} 2.4.3.7", "No DTS is after its PTS, and each is after the one before."), _decoded),
    (must("TS-ADTS", "ISO/IEC 13818-7 6.2", "AAC is whole ADTS frames, one after the other."), _adts),
    (
        should("TS-KEYFRAME", "RFC 8216 3", "The first picture is an IDR picture, with its parameter sets."),
        _keyframe,
    ),
    (
        should("TS-RANDOM-ACCESS", f"{SYSTEM} 2.4.3.5", "random_access_indicator marks IDR pictures."),
        _random_access,
    ),
)
RULES: Final = tuple(rule for rule, _ in CHECKS)


def judge(segments: Sequence[Segment]) -> list[Verdict]:
    """Judge the streams of each segment: one verdict for each rule."""
    return judge_each(CHECKS, segments)
