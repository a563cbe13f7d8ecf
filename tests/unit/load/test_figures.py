"""Figures in words."""

import pytest

from srs_conformance.load import figures


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0 s"),
        (0.00025, "250 us"),
        (0.8123, "812 ms"),
        (0.9996, "1 s"),
        (1.2345, "1.23 s"),
        (119.7, "2 min"),
        (125, "2 min 5 s"),
        (3720, "1 h 2 min"),
    ],
)
def test_durations(value, text):
    assert figures.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.107, "110 ms"), (0.000107, "110 us"), (107, "110 s"), (0.0996, "100 ms"), (0.01, "10 ms"), (1.24, "1.2 s")],
)
def test_durations_of_fewer_digits_have_no_exponent(value, text):
    assert figures.seconds(value, 2) == text


def test_shares_of_fewer_digits_have_no_exponent():
    assert (figures.percent(100, 2), figures.percent(107, 2)) == ("100 %", "110 %")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0 %"),
        (0.0001, "under 0.001 %"),
        (0.03412, "0.0341 %"),
        (99.98, "over 99.9 %"),
        (100, "100 %"),
        (2500, "2,500 %"),
    ],
)
def test_shares(value, text):
    assert figures.percent(value) == text


def test_rates_and_sizes():
    assert figures.bits(400_000, 1) == "3.2 Mbit/s"
    assert figures.bits(1, None) == "-"
    assert figures.bits(124_990, 1) == "1 Mbit/s"
    assert figures.size(0) == "0 B"
    assert figures.size(5e15) == "5e+03 TB"
    assert figures.number(1234567) == "1,234,567"
    assert figures.share(1, 0) is None
