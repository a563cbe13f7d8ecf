"""Shapes and draws keep their bounds whatever they are given; any text is read or refused."""

from __future__ import annotations

import contextlib
import random

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import Draw, Popularity, duration, parse_streams
from srs_conformance.load.shapes import Shape
from srs_conformance.load.slo import Slo
from tests.property.media.quick import QUICK

USERS = st.integers(1, 1_000_000)
TIMES = st.one_of(
    st.integers(1, 10**6).map(lambda ms: f"{ms}ms"), st.integers(1, 1000).map(lambda minutes: f"{minutes}m")
)
PARTS = st.floats(0, 1.2)


@st.composite
def shapes(draw: st.DrawFn) -> str:
    most = draw(USERS)
    some = draw(st.integers(1, most))
    one, two = draw(TIMES), draw(TIMES)
    return draw(
        st.sampled_from(
            [
                f"ramp:users={most},over={one},hold={two}",
                f"ramp:users={most},over={one},hold=0",
                f"steps:users={most},step={some},each={one}",
                f"flash:users={most},within={one},hold={two}",
                f"flash:users={most},within={one},hold={two},base={some}",
                f"flash:users={most},within={one},hold={two},base={some},after={two}",
                f"diurnal:peak={most},low={some},day={one}",
                f"diurnal:peak={most},low=0,day={one},days={draw(st.integers(1, 9))}",
            ]
        )
    )


@QUICK
@given(shapes(), st.lists(PARTS, max_size=20))
def test_a_shape_keeps_its_peak_and_its_time(text: str, parts: list[float]) -> None:
    shape = Shape.parse(text)
    for seconds in [0.0, shape.duration, *(part * shape.duration for part in parts)]:
        found = shape.at(seconds)
        assert (found is None) == (seconds >= shape.duration)
        if found:
            users, rate = found
            assert 0 <= users <= shape.peak
            assert 0 < rate < float("inf")


@QUICK
@given(shapes())
def test_a_shape_comes_to_its_peak(text: str) -> None:
    shape = Shape.parse(text)
    reached = [found[0] for part in range(101) if (found := shape.at(shape.duration * (part - 0.5) / 100))]
    assert max(reached) >= 0.99 * shape.peak


@QUICK
@given(
    st.sampled_from(["fixed:{0}", "exponential:{0}", "uniform:{0}-2000m", "lognormal:{0},0.8", "forever"]),
    TIMES,
    st.integers(0, 2**32),
)
def test_no_draw_is_negative(form: str, time: str, seed: int) -> None:
    draw = Draw.parse(form.format(time))
    assert draw.draw(random.Random(seed)) >= 0
    assert draw.mean > 0


@QUICK
@given(st.integers(1, 50), st.floats(0, 10), st.integers(0, 2**32))
def test_every_draw_is_one_of_the_streams(streams: int, exponent: float, seed: int) -> None:
    names = parse_streams(f"live/s[1-{streams}]")
    assert len(names) == streams
    assert Popularity(names, exponent).draw(random.Random(seed)) in names


@QUICK
@given(st.text(max_size=40) | st.text("0123456789smhd.:-,=[]/ aupr%{}\n", max_size=40))
def test_any_text_is_read_or_refused_as_the_user_s(text: str) -> None:
    for read in (duration, Draw.parse, parse_streams, Shape.parse, lambda text: Slo.parse(text, "slo.yaml")):
        with contextlib.suppress(UsageError):
            read(text)
