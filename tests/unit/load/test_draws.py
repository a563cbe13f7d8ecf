"""Durations, distributions, popularity, lists of streams."""

import math
import random
from collections import Counter

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import Draw, Popularity, duration, parse_streams


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("2m", 120),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("60", 60),
        ("1.5h", 5400),
        ("1d", 86400),
        ("1m30s500ms", 90.5),
        (" 0 ", 0),
    ],
)
def test_durations(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "s", "-5s", "5 s", "5x", "30s1m", "1m1m", "1e3", "inf", "nan", "5S", "٣s", "9" * 400]
)
def test_what_is_no_duration(text):
    with pytest.raises(UsageError, match="is no duration") as caught:
        duration(text)
    assert "1h30m" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "mean"),
    [
        ("60s", 60),
        ("fixed:60s", 60),
        ("exponential:60s", 60),
        ("uniform:10s-2m", 65),
        ("lognormal:60s,0.8", 60 * math.exp(0.32)),
        ("lognormal:60s,0", 60),
        ("forever", math.inf),
        ("fixed:0", 0),
    ],
)
def test_draws_come_around_their_mean(text, mean):
    draw, rng = Draw.parse(text), random.Random(7)
    drawn = [draw.draw(rng) for _ in range(4000)]
    assert draw.mean == pytest.approx(mean)
    assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.06)
    assert draw.text == text


def test_the_first_value_of_lognormal_is_its_median():
    draw, rng = Draw.parse("lognormal:60s,0.8"), random.Random(7)
    assert sorted(draw.draw(rng) for _ in range(4001))[2000] == pytest.approx(60, rel=0.06)


def test_a_uniform_draw_keeps_its_range():
    draw, rng = Draw.parse("uniform:1s-2s"), random.Random(7)
    assert all(1 <= draw.draw(rng) <= 2 for _ in range(1000))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unknown distribution"),
        ("exponentil:60s", "did you mean 'exponential'"),
        ("forevr", "did you mean 'forever'"),
        ("forever:1s", "takes no value"),
        ("fixed", "is no duration"),
        ("fixed:1s,2", "is no duration"),
        ("5x", "is no duration"),
        ("exponential:0s", "more than 0 s"),
        ("exponential:5s,1", "is no duration"),
        ("uniform:10s", "is no range"),
        ("uniform:2m-10s", "goes backwards"),
        ("uniform:-2m", "is no duration"),
        ("lognormal:60s", "sigma '' is no number"),
        ("lognormal:60s,-1", "sigma '-1' is no number"),
        ("lognormal:60s,9", "sigma '9' is no number"),
        ("lognormal:0s,1", "more than 0 s"),
    ],
)
def test_what_is_no_distribution(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        Draw.parse(text)
    assert caught.value.message.startswith(repr(text))
    assert caught.value.hint


def test_the_first_stream_is_the_most_popular_by_zipf_s_law():
    popularity, rng = Popularity(["a", "b", "c", "d"]), random.Random(7)
    counts = Counter(popularity.draw(rng) for _ in range(25_000))
    assert [counts[name] / counts["a"] for name in "abcd"] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4], rel=0.06)


def test_without_an_exponent_all_are_alike():
    popularity, rng = Popularity(["a", "b", "c", "d"], 0), random.Random(7)
    counts = Counter(popularity.draw(rng) for _ in range(20_000))
    assert [counts[name] for name in "abcd"] == pytest.approx([5000] * 4, rel=0.05)


def test_popularity_needs_streams_and_a_sensible_exponent():
    with pytest.raises(UsageError, match="no stream"):
        Popularity([])
    for exponent in (-1, 11, math.nan):
        with pytest.raises(UsageError, match="no exponent from 0 to 10"):
            Popularity(["a"], exponent)


@pytest.mark.parametrize(
    ("text", "streams"),
    [
        ("live/livestream", ["live/livestream"]),
        ("live/a, live/b", ["live/a", "live/b"]),
        ("live/s[1-3]", ["live/s1", "live/s2", "live/s3"]),
        ("live/s[08-10]_hd,x/y", ["live/s08_hd", "live/s09_hd", "live/s10_hd", "x/y"]),
        ("live/[7-7]", ["live/7"]),
    ],
)
def test_lists_of_streams(text, streams):
    assert parse_streams(text) == streams


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no stream"),
        ("livestream", "is no stream"),
        ("live/", "is no stream"),
        ("/a", "is no stream"),
        ("live/a/b", "is no stream"),
        ("live/a,", "'' is no stream"),
        ("live/s[1-]", "is no stream"),
        ("live/s[1-2][3-4]", "is no stream"),
        ("live/a b", "is no stream"),
        ("live/ü", "is no stream"),
        ("live/s[3-1]", "goes backwards"),
        ("live/a,live/a", "names live/a twice"),
        ("live/s[1-20000]", "more than 10,000"),
        ("live/a[1-9000],live/b[1-9000]", "more than 10,000"),
    ],
)
def test_what_is_no_list_of_streams(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        parse_streams(text)
    assert caught.value.hint
