"""Shapes of a load: the users at each time, and what is wrong with a shape."""

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.load.shapes import Shape


def users(shape, *times):
    return [None if (at := shape.at(time)) is None else at[0] for time in times]


def test_a_ramp_is_made_by_its_rate():
    shape = Shape.parse("ramp:users=1000,over=50s,hold=1m")
    assert (shape.peak, shape.duration) == (1000, 110)
    assert shape.at(0) == shape.at(109.9) == (1000, 20)
    assert shape.at(110) is None


def test_steps_bring_their_users_early():
    shape = Shape.parse("steps:users=250,step=100,each=30s")
    assert shape.duration == 90
    assert users(shape, 0, 29.9, 30, 60, 89.9, 90) == [100, 100, 200, 250, 250, None]
    assert shape.at(0)[1] == pytest.approx(100 / 3)


def test_a_flash_comes_at_once():
    shape = Shape.parse("flash:users=1000,within=5s,hold=60s")
    assert shape.duration == 65
    assert shape.at(0) == (1000, 200)


def test_a_flash_comes_to_a_base_that_was_there():
    shape = Shape.parse("flash:users=1000,within=5s,hold=60s,base=100")
    assert shape.duration == 95
    assert users(shape, 0, 29.9, 30, 94.9, 95) == [100, 100, 1000, 1000, None]
    assert shape.at(30)[1] == 180
    assert shape.at(0)[1] * 15 == pytest.approx(100)
    assert Shape.parse("flash:users=10,within=5s,hold=0s,base=1,after=2m").duration == 125


def test_a_day_begins_and_ends_at_its_low():
    shape = Shape.parse("diurnal:peak=1000,low=100,day=10m,days=2")
    assert shape.duration == 1200
    assert users(shape, 0, 300, 600, 900, 1199.999, 1200) == [100, 1000, 100, 1000, 100, None]
    assert Shape.parse("diurnal:peak=1000,low=0,day=10m").at(0)[0] == 0


def test_a_time_before_the_start_is_the_start():
    assert users(Shape.parse("diurnal:peak=1000,low=100,day=10m"), -100) == [100]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unknown shape ''"),
        ("rampe:users=1", "unknown shape 'rampe'; did you mean 'ramp'"),
        ("ramp", "shape ramp: users is missing"),
        ("ramp:users=1,over=1s", "hold is missing"),
        ("ramp:users=1,over=1s,hold=1s,user=2", "unknown field 'user'; did you mean 'users'"),
        ("ramp:users=1,over=1s,hold=1s,zzz=2", "unknown field 'zzz'; known are users, over, hold"),
        ("ramp:users=1,users=2", "users stands there twice"),
        ("ramp:users", "'users' is no field"),
        ("ramp:users=1.5,over=1s,hold=1s", "users=1.5: expected a whole number"),
        ("ramp:users=-1,over=1s,hold=1s", "users=-1: expected a whole number"),
        ("ramp:users=0,over=1s,hold=1s", "users=0: expected more than 0"),
        ("ramp:users=9999999,over=1s,hold=1s", "whole number up to 1000000"),
        ("ramp:users=1,over=soon,hold=1s", "over=soon: expected a duration"),
        ("ramp:users=1,over=0s,hold=1s", "over=0s: expected more than 0"),
        ("steps:users=10,step=20,each=1s", "step=20: expected no more than users=10"),
        ("flash:users=10,within=1s,hold=1s,base=11", "base=11: expected no more than users=10"),
        ("diurnal:peak=10,low=11,day=1m", "low=11: expected no more than peak=10"),
        ("diurnal:peak=10,low=1,day=1m,days=0", "days=0: expected more than 0"),
    ],
)
def test_what_is_no_shape_names_the_field(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        Shape.parse(text)
    assert "ramp:" in caught.value.hint or text.partition(":")[0] in caught.value.hint
