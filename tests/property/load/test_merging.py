"""However visits, durations and samples are spread over workers and deltas, the sum is the same."""

from __future__ import annotations

import json

from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.load import counts as counting
from srs_conformance.load.counts import Counts
from srs_conformance.load.histogram import HIGHEST_US, Histogram, bounds, bucket
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.series import Sample, Series
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending
from tests.property.media.quick import QUICK

SECONDS = st.floats(0, 4000)
PERHAPS = st.none() | SECONDS
SMALL = st.integers(0, 3)
VISITS = st.builds(
    Visit,
    st.sampled_from(Kind),
    st.sampled_from(["live/a", "live/s17"]),
    st.booleans(),
    PERHAPS,
    PERHAPS,
    PERHAPS,
    SECONDS,
    st.integers(0, 2**40),
    SMALL,
    SECONDS,
    SMALL,
    SMALL,
    st.sampled_from(Ending),
    st.sampled_from(["", "reset", "10.0.0.1:4711: no answer after 1.5 s", "10.0.0.1:4712: no answer after 1.6 s"]),
)
DURATIONS = st.tuples(st.sampled_from(Kind), st.sampled_from(Measure), SECONDS)
WORKER = st.integers(0, 3)
EVENTS = st.lists(st.tuples(WORKER, st.booleans(), VISITS | DURATIONS), max_size=60)


def take(measures: Measures, event: Visit | tuple[Kind, Measure, float]) -> None:
    if isinstance(event, Visit):
        measures.visit(event)
    else:
        measures.record(*event)


@QUICK
@given(EVENTS)
def test_deltas_of_workers_merge_to_the_same_as_one_alone(
    events: list[tuple[int, bool, Visit | tuple[Kind, Measure, float]]],
) -> None:
    alone, gathered, workers = Measures(), Measures(), [Measures() for _ in range(4)]
    for worker, send, event in events:
        take(alone, event)
        take(workers[worker], event)
        if send:
            gathered.merge(json.loads(json.dumps(workers[worker].delta())))
    for each in reversed(workers):
        gathered.merge(json.loads(json.dumps(each.delta())))
        assert each.delta() == {}
    assert gathered.to_json() == alone.to_json()
    assert gathered.counts(None) == alone.counts(None)
    assert Measures.from_json(json.loads(json.dumps(alone.to_json()))).to_json() == alone.to_json()


@QUICK
@given(st.lists(st.tuples(WORKER, st.integers(0, 12)), max_size=80), st.integers(1, 8))
def test_bounded_errors_do_not_depend_on_who_saw_them_first(errors: list[tuple[int, int]], kept: int) -> None:
    before, counting.KEPT_ERRORS = counting.KEPT_ERRORS, kept
    try:
        alone, total, workers = Counts(), Counts(), [Counts() for _ in range(4)]
        for worker, number in errors:
            visit = Visit(Kind.RTMP, "", error=f"error {number}")
            alone.visit(visit)
            workers[worker].visit(visit)
        for each in reversed(workers):
            total.add(each)
    finally:
        counting.KEPT_ERRORS = before
    assert total.told() == alone.told()
    assert sum(alone.errors.values()) == len(errors)


@QUICK
@given(st.lists(st.tuples(SECONDS, st.integers(1, 10**9)), max_size=50))
def test_histograms_come_back_from_both_encodings(values: list[tuple[float, int]]) -> None:
    histogram = Histogram()
    for seconds, times in values:
        histogram.record(seconds, times)
    assert Histogram.decode(histogram.encode()) == histogram
    assert Histogram.from_pairs(json.loads(json.dumps(histogram.pairs()))) == histogram


@QUICK
@given(st.lists(st.integers(1, HIGHEST_US) | st.integers(1, 5000), min_size=1, max_size=60))
def test_the_buckets_are_those_of_hdr(values: list[int]) -> None:
    reference, ours = HdrHistogram(1, HIGHEST_US, 3), Histogram()
    for value in values:
        reference.record_value(value)
        ours.record(value / 1e6)
        low, high = bounds(bucket(value))
        assert low <= value <= high
        assert (low, high) == (
            reference.get_lowest_equivalent_value(value),
            reference.get_highest_equivalent_value(value),
        )
        assert high - low <= value / 1000
    assert ours.encode() == reference.encode().decode()
    worst = max(values)
    maximum = ours.maximum
    assert maximum is not None
    assert worst <= round(maximum * 1e6) <= worst * 1.001


@QUICK
@given(st.lists(SECONDS, min_size=1, max_size=60), st.floats(0, 100))
def test_a_percentile_covers_its_share_and_not_a_visit_more(values: list[float], q: float) -> None:
    histogram = Histogram()
    values = [min(seconds, 3600.0) for seconds in values]
    for seconds in values:
        histogram.record(seconds)
    found = histogram.percentile(q)
    assert found is not None
    least = bounds(bucket(max(1, round(found * 1e6))))[0] / 1e6
    assert sum(seconds <= found + 1e-6 for seconds in values) >= q / 100 * len(values) - 1e-4
    assert sum(seconds < least - 1e-6 for seconds in values) <= q / 100 * len(values) + 1e-4


SAMPLES = st.builds(
    Sample,
    st.integers(0, 40).map(float),
    SMALL,
    SMALL,
    SMALL,
    st.integers(0, 2**40),
    SMALL,
    st.lists(SECONDS, max_size=4),
    st.floats(0, 1),
    SMALL,
)


@QUICK
@given(st.lists(st.tuples(WORKER, SAMPLES), max_size=40))
def test_series_of_workers_merge_to_the_same_as_one_alone(samples: list[tuple[int, Sample]]) -> None:
    alone, gathered, workers = Series(), Series(), [Series() for _ in range(4)]
    for worker, sample in samples:
        alone.add(sample, str(worker))
        workers[worker].add(sample)
    for each in reversed(workers):
        gathered.merge(each)
    assert gathered.to_json() == alone.to_json()
    rows = alone.rows()
    assert sum(row.received for row in rows) == sum(sample.received for _, sample in samples)
    assert sum(row.first_keyframe.count for row in rows) == sum(len(sample.first_keyframe) for _, sample in samples)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 20_000).map(float), SMALL), max_size=40), st.integers(1, 50))
def test_rows_are_bounded_in_order_and_lose_nothing(samples: list[tuple[float, int]], most: int) -> None:
    series = Series()
    for at, received in samples:
        series.add(Sample(at, received=received))
    rows = series.rows(at_most=most)
    assert len(rows) <= most
    assert [row.at for row in rows] == sorted({row.at for row in rows})
    assert sum(row.received for row in rows) == sum(received for _, received in samples)
    assert Series.from_json(json.loads(json.dumps(series.to_json()))).to_json() == series.to_json()
