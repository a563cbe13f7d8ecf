"""Rows per second: of one worker, of several, over hours."""

import json

import pytest

from srs_conformance.load.series import LIMIT, Sample, Series


def a_series(*samples, worker=""):
    series = Series()
    for sample in samples:
        series.add(sample, worker)
    return series


def shown(series, name, **options):
    return [(row.at, getattr(row, name)) for row in series.rows(**options)]


def test_samples_of_one_worker_in_a_second_follow_each_other():
    series = a_series(
        Sample(4.6, viewers=10, received=100, joined=2, lag=0.2, stalled=3),
        Sample(5.4, viewers=12, received=50, joined=1, lag=0.1),
    )
    (row,) = series.rows()
    assert (row.at, row.viewers, row.received, row.joined, row.lag, row.stalled) == (5, 12, 150, 3, 0.2, 3)


def test_samples_of_several_workers_in_a_second_add_up_and_the_worst_lag_remains():
    series = Series()
    series.add(Sample(5, viewers=10, joining=1, stalled=2, received=100, joined=1, lag=0.2, users=11), "one")
    series.add(Sample(5, viewers=20, joining=2, stalled=3, received=200, joined=2, lag=0.1, users=22), "two")
    (row,) = series.rows()
    assert (row.viewers, row.joining, row.stalled, row.received, row.joined, row.lag, row.users) == (
        (30, 3, 5, 300, 3, 0.2, 33)
    )


def test_times_of_several_workers_make_one_percentile():
    series = Series()
    series.add(Sample(5, first_keyframe=[0.1] * 98), "one")
    series.add(Sample(5, first_keyframe=[2.0] * 2), "two")
    (row,) = series.rows()
    assert row.first_keyframe.percentiles([50, 98, 99]) == pytest.approx([0.1, 0.1, 2.0], rel=0.001)


def test_a_late_sample_does_not_mean_that_its_viewers_left():
    series = Series()
    for second in (1, 2, 3, 4):
        series.add(Sample(second, viewers=10), "one")
    series.add(Sample(1, viewers=5, received=1), "two")
    series.add(Sample(4, viewers=6, received=1), "two")
    assert shown(series, "viewers") == [(1, 15), (2, 15), (3, 15), (4, 16)]
    assert shown(series, "received") == [(1, 1), (2, 0), (3, 0), (4, 1)]


def test_a_worker_that_was_long_away_was_away():
    assert shown(a_series(Sample(1, viewers=5), Sample(20, viewers=5)), "viewers") == [(1, 5), (20, 5)]


def test_merging_adds_workers_even_of_the_same_name():
    one, two = a_series(Sample(1, viewers=1)), a_series(Sample(1, viewers=2), Sample(2, viewers=2))
    one.merge(two)
    one.merge(two)
    assert shown(one, "viewers") == [(1, 5), (2, 4)]
    assert shown(two, "viewers") == [(1, 2), (2, 2)]


def test_merging_takes_the_coarser_step():
    fine, coarse = a_series(Sample(0, received=1), Sample(1, received=2)), a_series(Sample(LIMIT, received=4))
    coarse.merge(fine)
    assert shown(coarse, "received") == [(0, 3), (LIMIT, 4)]
    fine.merge(a_series(Sample(LIMIT, received=4)))
    assert (fine.step, shown(fine, "received")) == (2, [(0, 3), (LIMIT, 4)])


def test_a_long_run_keeps_a_bounded_number_of_rows_and_every_byte():
    series = Series()
    for second in range(3 * LIMIT):
        series.add(Sample(second, received=1, viewers=second, stalled=second == 5, lag=float(second == 7)), "one")
    rows = series.rows()
    assert series.step == 4
    assert len(rows) == 3 * LIMIT // 4
    assert sum(row.received for row in rows) == 3 * LIMIT
    assert [row.seconds for row in rows[:2]] == [4, 4]
    assert (rows[1].at, rows[1].viewers, rows[1].stalled, rows[1].lag) == (4, 7, 1, 1.0)


def test_rows_can_be_asked_for_coarser():
    series = a_series(*(Sample(second, received=1) for second in range(100)))
    rows = series.rows(at_most=30)
    assert [row.seconds for row in rows] == [4] * 25
    assert {row.received for row in rows} == {4}
    assert len(series.rows()) == 100


def test_the_json_is_plain_and_comes_back():
    series = a_series(Sample(1, viewers=3, received=7, joined=2, lag=0.25, first_keyframe=[0.1, 3]), Sample(2, users=4))
    content = json.loads(json.dumps(series.to_json()))
    assert content["step"] == 1
    row = dict(zip(content["columns"], content["rows"][0], strict=True))
    assert (row["at"], row["viewers"], row["p50"], row["p99"]) == (1, 3, 0.100031, 3.000319)
    assert content["rows"][1][8:] == [None, None, None, []]
    assert Series.from_json(content).to_json() == content


def test_a_sample_travels_as_json():
    sample = Sample(1.5, viewers=3, first_keyframe=[0.1])
    assert Sample.from_json(json.loads(json.dumps(sample.to_json()))) == sample


@pytest.mark.parametrize("at", [-1.0, float("nan"), float("inf")])
def test_a_sample_has_a_time_within_the_run(at):
    with pytest.raises(ValueError, match="after the start"):
        Series().add(Sample(at))


@pytest.mark.parametrize(
    "content", [{}, {"step": 1, "columns": [], "rows": [[]]}, {"step": 1, "columns": 1, "rows": 1}]
)
def test_what_is_no_series_is_refused(content):
    with pytest.raises(ValueError, match="expected step, columns and rows"):
        Series.from_json(content)
