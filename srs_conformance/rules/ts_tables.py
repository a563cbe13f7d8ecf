"""Segments as transport streams (ISO/IEC 13818-1 2.4.3, 2.4.4; RFC 8216 3, 3.2): packets, tables, counters, clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from srs_conformance.media.mpegts import NULL_PID, PACKET_SIZE
from srs_conformance.media.pes import StreamKind
from srs_conformance.media.psi import PAT_PID, Pat
from srs_conformance.media.timestamps import unwrap33
from srs_conformance.rules.rule import Rule, Verdict, judged, must, should
from srs_conformance.rules.ts_packets import Packet, Segment

SYSTEM: Final = "ISO/IEC 13818-1"
PCR_INTERVAL: Final = 0.1
"""Seconds between program clock references at most (2.7.2)."""
_CLOCK: Final = 27_000_000
_WRAP: Final = (1 << 33) * 300

Check: TypeAlias = Callable[[Segment], "list[str] | None"]
"""What is wrong with one segment by one rule, in words that name bytes; None: it has nothing that the rule is about."""


def judge_each(checks: Sequence[tuple[Rule, Check]], segments: Sequence[Segment]) -> list[Verdict]:
    """Judge every segment by every rule; one that breaks a rule is named once, by its first places."""
    verdicts = []
    for rule, check in checks:
        results = [(each.name, check(each)) for each in segments]
        wrong = [f"{name}: {'; '.join(found[:3])}" for name, found in results if found]
        verdicts.append(judged(rule, wrong, sum(found is not None for _, found in results), "segments"))
    return verdicts


def _whole_packets(segment: Segment) -> list[str]:
    rest = len(segment.data) % PACKET_SIZE
    wrong = [f"byte {each.offset}: {each.head[0]:#04x}" for each in segment.packets if not each.synchronized]
    if not segment.data:
        wrong.append("no bytes")
    return wrong + ([f"{rest} bytes after the last packet"] if rest else [])


def _no_error(segment: Segment) -> list[str] | None:
    wrong = [f"byte {each.offset}: PID {each.pid:#x}" for each in segment.packets if each.error]
    return wrong if segment.packets else None


def _adaptation(segment: Segment) -> list[str] | None:
    """Null packets have no meaning, so nor has a field in them."""
    there = [each for each in segment.packets if each.pid != NULL_PID]
    return [f"byte {each.offset}: {each.wrong}" for each in there if each.wrong] if there else None


def _tables(segment: Segment) -> list[str]:
    missing = [name for name, table in (("PAT", segment.pat), ("PMT", segment.pmt)) if table is None]
    return [f"no {name}" for name in missing]


def _tables_first(segment: Segment) -> list[str] | None:
    if segment.pat is None or segment.pmt is None:
        return None
    pids = [each.pid for each in segment.packets[:2]]
    pmts = set(segment.pat.programs.values())
    right = len(pids) == 2 and pids[0] == PAT_PID and pids[1] in pmts
    return [] if right else [f"it begins with packets of PID {', '.join(f'{pid:#x}' for pid in pids)}"]


def _crc(segment: Segment) -> list[str] | None:
    if not segment.sections:
        return None
    return [
        f"byte {each.offset}: {'CRC ' + each.data[-4:].hex() if each.whole else 'not whole'}, PID {each.pid:#x}"
        for each in segment.sections
        if not each.sound
    ]


def _one_program(segment: Segment) -> list[str] | None:
    pats = [each.table for each in segment.sections if isinstance(each.table, Pat)]
    return [f"{len(each.programs)} programs" for each in pats if len(each.programs) != 1] if pats else None


def _continuity(segment: Segment) -> list[str] | None:
    """Judge 2.4.3.3: a packet with payload counts one more than the one before, or comes once again as it was."""
    last: dict[int, tuple[Packet, bool]] = {}  # by PID: the last packet, and whether it was a copy of the one before
    wrong = []
    for packet in segment.packets:
        if packet.pid == NULL_PID or not packet.synchronized:
            continue
        before, copied = last.get(packet.pid, (None, False))
        if before is None:
            if packet.has_payload:
                last[packet.pid] = packet, False
            continue
        if not packet.has_payload:
            continue
        again = packet.counter == before.counter and packet.payload == before.payload and not copied
        if not again and packet.counter != (before.counter + 1) & 15 and not packet.discontinuity:
            expected = (before.counter + 1) & 15
            wrong.append(f"byte {packet.offset}: PID {packet.pid:#x} counts {packet.counter} instead of {expected}")
        last[packet.pid] = packet, again
    return wrong if last else None


def _clock(segment: Segment) -> list[str] | None:
    """Judge 2.7.2: the PID that the PMT names for it carries a clock, every 100 ms at least, that goes forward."""
    if segment.pmt is None or not any(segment.pes.values()):
        return None
    pid = segment.pmt.pcr_pid
    found = [(each, each.pcr) for each in segment.packets if each.pid == pid and each.pcr is not None]
    if not found:
        return [f"no PCR on PID {pid:#x}"]
    wrong = []
    for (_, before), (packet, after) in pairwise(found):
        step = ((after or 0) - (before or 0)) % _WRAP / _CLOCK
        if step > PCR_INTERVAL and not packet.discontinuity:
            wrong.append(f"byte {packet.offset}: {step:.3f} s after the last PCR")
    return wrong


def _clock_near(segment: Segment) -> list[str] | None:
    """Judge 2.4.2.6: what is decoded at DTS has come before, and no more than a second before."""
    if segment.pmt is None:
        return None
    with_clock = [
        (pes, pes.pcr // 300, pes.dts)
        for pes in segment.pes.get(segment.pmt.pcr_pid, ())
        if pes.pcr is not None and pes.dts is not None
    ]
    wrong = []
    for pes, clock, dts in with_clock:
        ahead = (unwrap33(dts, clock) - clock) / 90_000
        if not 0 <= ahead <= 1:
            wrong.append(f"byte {pes.offset}: DTS {ahead:+.3f} s from the PCR")
    return wrong if with_clock else None


def begins_as(kind: StreamKind, data: bytes) -> bool:
    """Whether bytes begin as those of a kind: with a start code (annex B of H.264 and H.265), or with a syncword."""
    match kind:
        case StreamKind.AVC | StreamKind.HEVC:
            return data[:2] == b"\0\0" and data.lstrip(b"\0")[:1] == b"\1"
        case StreamKind.AAC:
            return data[:1] == b"\xff" and data[1:2] != b"" and data[1] & 0xF6 == 0xF0
        case StreamKind.MP3:
            return data[:1] == b"\xff" and data[1:2] != b"" and data[1] & 0xE0 == 0xE0
    return True


def _stream_types(segment: Segment) -> list[str] | None:
    tracks = [(each, segment.pes.get(each.pid, ())) for each in segment.streams]
    known = [(each, track[0]) for each, track in tracks if track and track[0].started]
    wrong = [
        f"byte {pes.offset}: type {each.stream_type:#04x} on PID {each.pid:#x}, and {pes.payload[:4].hex()}"
        for each, pes in known
        if not begins_as(each.kind, pes.payload)
    ]
    return wrong if known else None


CHECKS: Final[tuple[tuple[Rule, Check], ...]] = (
    (must("TS-PACKETS", f"{SYSTEM} 2.4.3.2", "Packets of 188 bytes, each with sync byte 0x47."), _whole_packets),
    (must("TS-NO-ERROR", f"{SYSTEM} 2.4.3.3", "transport_error_indicator is 0 in every packet."), _no_error),
    (
        must("TS-ADAPTATION", f"{SYSTEM} 2.4.3.3, 2.4.3.5", "Adaptation fields have lengths that fit."),
        _adaptation,
    ),
    (must("TS-TABLES", "RFC 8216 3.2", "A segment has a PAT and a PMT."), _tables),
    (should("TS-TABLES-FIRST", "RFC 8216 3.2", "Its first two packets are the PAT and the PMT."), _tables_first),
    (must("TS-CRC", f"{SYSTEM} 2.4.4.3, 2.4.4.8, A", "PAT and PMT are whole, their CRC-32 is right."), _crc),
    (must("TS-ONE-PROGRAM", "RFC 8216 3.2", "A segment has a single program."), _one_program),
    (
        must("TS-CONTINUITY", f"{SYSTEM} 2.4.3.3", "Within a segment continuity counters of each PID leave none out."),
        _continuity,
    ),
    (
        must("TS-PCR", f"{SYSTEM} 2.7.2", "The PID that the PMT names carries a PCR, every 100 ms at least."),
        _clock,
    ),
    (
        must("TS-PCR-NEAR", f"{SYSTEM} 2.4.2.6", "A picture is decoded after its PCR, and within a second of it."),
        _clock_near,
    ),
    (
        must("TS-STREAM-TYPES", f"{SYSTEM} 2.4.4.9, table 2-34", "What a PID carries begins as its stream type does."),
        _stream_types,
    ),
)
RULES: Final = tuple(rule for rule, _ in CHECKS)


def judge(segments: Sequence[Segment]) -> list[Verdict]:
    """Judge each segment by itself: one verdict for each rule."""
    return judge_each(CHECKS, segments)
