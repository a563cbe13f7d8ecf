"""Axes and lines of the charts."""

import pytest

from srs_conformance.load import plots
from srs_conformance.load.charts import HEIGHT, LEFT, WIDTH, across, curve, decades, round_steps, time_steps, upward
from srs_conformance.load.measures import Measures
from srs_conformance.load.series import Sample, Series
from tests.unit.load.making import a_result


@pytest.mark.parametrize(
    ("highest", "steps"),
    [
        (0, [0, 1]),
        (1000, [0, 500, 1000]),
        (900, [0, 500, 1000]),
        (0.07, [0, 0.02, 0.04, 0.06, 0.08]),
        (4, [0, 1, 2, 3, 4]),
    ],
)
def test_an_axis_has_round_steps_up_to_the_highest(highest, steps):
    assert round_steps(highest) == steps


def test_whole_things_have_whole_steps():
    assert round_steps(1, whole=True) == [0, 1]


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (1, ["0", "1 s"]),
        (60, ["0", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"]),
        (420, ["0", "2 min", "4 min", "6 min"]),
        (86400, ["0", "4 h", "8 h", "12 h", "16 h", "20 h", "24 h"]),
    ],
)
def test_an_axis_of_time_is_labelled_in_its_unit(seconds, labels):
    assert [label for _, label in time_steps(seconds)] == labels


def test_even_a_year_has_few_labels():
    assert len(time_steps(365 * 86400)) <= 8


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.3, 0.6, (0.2, 1.0, [0.2, 0.5, 1.0])),
        (1.0, 1.0, (1.0, 2.0, [1.0, 2.0])),
        (0.02, 17, (0.02, 20.0, [0.1, 1.0, 10.0])),
        (1e-6, 3600, (1e-6, 5000.0, [10.0**power for power in range(-6, 4)])),
    ],
)
def test_a_logarithmic_axis_covers_its_range(low, high, expected):
    first, last, ticks = decades(low, high)
    assert (first, last) == pytest.approx(expected[:2])
    assert ticks == pytest.approx(expected[2])


def test_a_hole_parts_a_line_and_a_single_point_is_a_dot():
    x, y = across(0, 4), upward(0, 1)
    drawn = curve("", "", [(0, 0), (1, 1), (2, None), (3, 1), (4, None)], x, y, filled=True)
    assert len(drawn.parts) == len(drawn.areas) == len(drawn.dots) == 1
    assert drawn.parts[0].startswith(f"{LEFT},")


def test_what_exceeds_an_axis_stays_in_the_plot():
    assert 0 <= upward(0, 1)(99) < HEIGHT
    assert across(0, 1)(-5) == LEFT


def test_a_run_of_nothing_has_no_charts():
    assert plots.over_time(Series()) == []
    assert plots.waiting(Measures()) is None


def test_a_run_of_one_second_has_charts():
    series = Series()
    series.add(Sample(0))
    assert next(chart.title for chart in plots.over_time(series)) == "Viewers"


def test_all_that_is_drawn_lies_in_the_view_box():
    result = a_result(visits=400)
    for chart in [*plots.over_time(result.series), plots.waiting(result.measures)]:
        assert chart.curves
        assert len(chart.y_ticks) >= 2
        for each in chart.curves:
            points = [point.split(",") for part in each.parts for point in part.split()] + [*each.dots]
            assert points
            assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
