"""Measures: what is recorded, told and handed on."""

import json

import pytest

from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending
from tests.unit.load.making import a_result


def some():
    measures = Measures()
    measures.visit(Visit(Kind.RTMP, "live/a", connect=0.001, first_byte=0.002, first_keyframe=0.1, watched=10))
    measures.visit(Visit(Kind.HLS, "live/a", connect=0.001, first_byte=0.003, first_keyframe=2, watched=20))
    measures.visit(Visit(Kind.HLS, "live/a", connect=0.001, ending=Ending.TIMEOUT, error="no answer"))
    measures.visit(Visit(Kind.PUBLISHER, "live/a", connect=0.001, first_keyframe=5, watched=60))
    measures.record(Kind.HLS, Measure.SEGMENT, 0.05)
    return measures


def test_a_visit_s_times_are_recorded_as_far_as_it_came():
    measures = some()
    assert measures.count(Kind.HLS, Measure.CONNECT) == 2
    assert measures.count(Kind.HLS, Measure.FIRST_BYTE) == 1
    assert measures.count(Kind.HLS, Measure.FIRST_KEYFRAME) == 1
    assert measures.percentile(Kind.HLS, Measure.SEGMENT, 50) == pytest.approx(0.05, rel=0.001)
    assert measures.percentile(Kind.RTMP, Measure.SEGMENT, 50) is None


def test_no_kind_means_all_viewers_and_not_the_publisher():
    measures = some()
    assert measures.count(None, Measure.FIRST_KEYFRAME) == 2
    assert measures.percentile(None, Measure.FIRST_KEYFRAME, 100) == pytest.approx(2, rel=0.001)
    counts = measures.counts(None)
    assert (counts.visits, counts.joined, counts.viewer_seconds) == (3, 2, 30.0)
    assert measures.kinds == [Kind.RTMP, Kind.HLS, Kind.PUBLISHER]


def test_a_delta_is_what_came_since_the_last_one():
    measures = some()
    assert set(measures.delta()) == {"rtmp", "hls", "publisher"}
    assert measures.delta() == {}
    measures.record(Kind.HLS, Measure.SEGMENT, 0.06)
    delta = measures.delta()
    assert list(delta) == ["hls"]
    assert delta["hls"]["counts"] == {}
    assert list(delta["hls"]["hdr"]) == ["segment"]
    assert measures.count(Kind.HLS, Measure.SEGMENT) == 2


def test_deltas_are_passed_on_by_who_gathers_them():
    worker, middle, top = some(), Measures(), Measures()
    middle.merge(json.loads(json.dumps(worker.delta())))
    top.merge(middle.delta())
    assert top.to_json() == worker.to_json()


def test_counts_are_copies():
    measures = some()
    measures.counts(Kind.HLS).endings["reset"] = 9
    measures.histogram(Kind.HLS, Measure.SEGMENT).record(1)
    assert measures.counts(Kind.HLS).endings == {"stopped": 1, "timeout": 1}
    assert measures.count(Kind.HLS, Measure.SEGMENT) == 1


def test_the_json_is_plain_and_comes_back():
    measures = a_result(visits=300).measures
    content = json.loads(json.dumps(measures.to_json(), allow_nan=False))
    assert Measures.from_json(content).to_json() == content
    figures = content["kinds"]["hls"]["measures"]["first keyframe"]
    assert list(figures) == ["count", "min", "mean", "p50", "p90", "p95", "p99", "p999", "max", "hdr"]
    assert "hdr" not in content["viewers"]["measures"]["first keyframe"]


def test_results_can_be_merged_later():
    one, two = some(), some()
    one.merge(two.to_json()["kinds"])
    assert one.counts(None).visits == 6


@pytest.mark.parametrize(
    "delta",
    [
        {"dash": {"counts": {}}},
        {"hls": {}},
        {"hls": 1},
        {"hls": {"counts": {}, "hdr": {"weight": ""}}},
        {"hls": {"counts": {}, "hdr": {"connect": "?"}}},
        {"hls": {"counts": {}, "measures": {"connect": {}}}},
        {"hls": {"counts": {}, "measures": 1}},
    ],
)
def test_what_is_no_delta_changes_nothing(delta):
    measures = some()
    before = measures.to_json()
    with pytest.raises(ValueError, match=r"expected|no encoded|is not a valid"):
        measures.merge({"rtmp": {"counts": {"visits": 1}}} | delta)
    assert measures.to_json() == before
