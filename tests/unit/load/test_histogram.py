"""Histograms: range, percentiles, encoding."""

import base64

import pytest
from hdrh.histogram import HdrHistogram

from srs_conformance.load.histogram import Histogram


def recorded(*seconds):
    histogram = Histogram()
    for each in seconds:
        histogram.record(each)
    return histogram


def test_an_empty_one_tells_nothing():
    empty = Histogram()
    assert (empty.count, empty.minimum, empty.mean, empty.maximum, empty.percentile(50)) == (0, None, None, None, None)
    assert Histogram.decode(empty.encode()) == empty


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-9, float("-inf")])
def test_what_is_too_short_counts_as_a_microsecond(seconds):
    assert recorded(seconds).maximum == 1e-6


@pytest.mark.parametrize("seconds", [3600.0, 1e12, float("inf")])
def test_what_is_too_long_counts_as_an_hour(seconds):
    assert recorded(seconds).maximum == 3600.0


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        recorded(float("nan"))


def test_a_percentile_is_never_better_than_what_was_seen():
    histogram = recorded(*(0.001 * number for number in range(1, 101)))
    assert histogram.percentile(99) == pytest.approx(0.099, rel=0.001)
    assert histogram.percentile(99.1) == pytest.approx(0.1, rel=0.001)
    assert histogram.percentile(0) == pytest.approx(0.001, rel=0.001)
    assert histogram.percentile(100) == histogram.maximum >= 0.1


def test_the_rank_does_not_suffer_from_rounding():
    histogram = recorded(*[0.001] * 999, 1.0)
    assert histogram.percentile(99.9) == 0.001


def test_several_percentiles_come_in_the_order_asked():
    assert recorded(0.001, 0.002).percentiles([100, 0, 50]) == [0.002, 0.001, 0.001]


def test_other_writers_of_the_format_are_read():
    other = HdrHistogram(1, 3_600_000_000, 3)
    other.record_value(1500, 3)
    histogram = Histogram.decode(other.encode().decode())
    assert histogram.count == 3
    assert histogram.percentile(50) == 0.0015


@pytest.mark.parametrize(
    "text",
    ["", "?", "AAAA", base64.b64encode(b"x" * 40).decode(), HdrHistogram(1, 1000, 2).encode().decode(), "HISTFAAA"],
)
def test_what_is_no_such_histogram_is_refused(text):
    with pytest.raises(ValueError, match="HDR histogram"):
        Histogram.decode(text)


def test_the_curve_ends_with_all():
    assert recorded(0.001, 0.001, 0.002, 0.002).curve() == [(50.0, 0.001), (100.0, 0.002)]
