"""Counts of visits and how errors are grouped."""

import pytest

from srs_conformance.load.counts import KEPT_ERRORS, OTHERS, SHOWN_ERRORS, Counts, grouped
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending


def counted(*visits):
    counts = Counts()
    for visit in visits:
        counts.visit(visit)
    return counts


def failed(error, stream="live/a"):
    return Visit(Kind.RTMP, stream, ending=Ending.REJECTED, error=error)


def test_every_visit_is_joined_or_refused():
    counts = counted(
        Visit(Kind.RTMP, "live/a", first_keyframe=0.1, watched=10, received=1000, stalls=2, stalled=1.5, gaps=1),
        Visit(Kind.RTMP, "live/a", first_keyframe=0.1, watched=5, ending=Ending.CLOSED, jumps=3),
        Visit(Kind.RTMP, "live/a", watched=7, received=10, ending=Ending.TIMEOUT),
    )
    assert (counts.visits, counts.joined, counts.refused, counts.cut) == (3, 2, 1, 1)
    assert (counts.viewer_seconds, counts.stalled_seconds) == (15.0, 1.5)
    assert (counts.stalls, counts.stalled_viewers, counts.gaps, counts.jumps, counts.received) == (2, 1, 1, 3, 1010)
    assert counts.endings == {"stopped": 1, "closed": 1, "timeout": 1}


def test_only_parsed_visits_are_held_against_stalls():
    counts = counted(
        Visit(Kind.RTMP, "live/a", first_keyframe=0.1, watched=10),
        Visit(Kind.RTMP, "live/a", deep=False, first_keyframe=0.1, watched=30),
    )
    assert (counts.viewer_seconds, counts.deep, counts.deep_seconds) == (40.0, 1, 10.0)


@pytest.mark.parametrize(
    ("error", "group"),
    [
        ("10.0.0.1:43512: reset", "10.0.0.1:*: reset"),
        ("no answer after 5.02 s", "no answer after * s"),
        ("no answer after 30 s", "no answer after 30 s"),
        ("HTTP/1.1 404 Not Found", "HTTP/1.1 404 Not Found"),
        ("[Errno 111] Connection refused", "[Errno 111] Connection refused"),
        ("at byte 123456 of live/s17", "at byte * of STREAM"),
        ("object at 0x7f00deadbeef", "object at *"),
        ("two\n  lines", "two lines"),
    ],
)
def test_errors_group_by_what_does_not_vary(error, group):
    assert grouped(error, "live/s17") == group


def test_an_error_s_text_is_bounded():
    assert len(grouped("x" * 10_000, "live/a")) == 200


def test_the_most_frequent_errors_are_told_and_none_is_lost():
    counts = counted(*(failed(f"error {chr(0x4E00 + number)}") for number in range(KEPT_ERRORS * 2)))
    for _ in range(3):
        counts.visit(failed("often"))
    assert len(counts.errors) <= KEPT_ERRORS + 1
    told = counts.told().errors
    assert len(told) == SHOWN_ERRORS + 1
    assert list(told)[-1] == OTHERS
    assert sum(told.values()) == KEPT_ERRORS * 2 + 3
    assert list(told.values())[: SHOWN_ERRORS - 1] == sorted(list(told.values())[: SHOWN_ERRORS - 1], reverse=True)


def test_changes_are_only_what_is_not_zero():
    assert Counts().changes() == {}
    assert counted(failed("")).changes() == {"visits": 1, "refused": 1, "endings": {"rejected": 1}}


@pytest.mark.parametrize("values", [{"visits": "1"}, {"visits": True}, {"errors": []}, {"endings": {"reset": None}}])
def test_what_are_no_counts_is_refused(values):
    with pytest.raises(ValueError, match="expected"):
        Counts.from_json(values)
