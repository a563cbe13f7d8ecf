"""Segments that ffmpeg wrote: an independent writer keeps what the rules demand of every transport stream."""

from __future__ import annotations

from srs_conformance.rules import hls_media, ts_streams, ts_tables
from srs_conformance.rules.rule import broken
from srs_conformance.rules.ts_packets import Segment
from tests.support import media


def test_ffmpegs_segments_keep_the_rules() -> None:
    segments = [Segment(f"{number}.ts", data, number, 2.0) for number, data in enumerate(media.segments())]
    assert len(segments) == 2
    verdicts = [*ts_tables.judge(segments), *ts_streams.judge(segments), *hls_media.judge(segments)]
    assert {each.rule.id for each in broken(verdicts)} <= {"TS-TABLES-FIRST"}  # its first packet is an SDT
    assert all(each.details for each in broken(verdicts))
