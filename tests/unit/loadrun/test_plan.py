"""What a load shall be: checked before anything starts, and told to Locust."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.loadrun.plan import Kind
from tests.unit.loadrun.making import a_plan


def told(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = tomllib.loads(a_plan(**changes).to_toml())["tool"]["locust"]
    return values


def test_locust_is_told_all_by_long_names() -> None:
    assert told(users=400, workers=3, time="90s", options={"stream": "live/s[1-20]", "watch": "exponential:60s"}) == {
        "locustfile": "loadtests/flv.py",
        "host": "http://srs-edge-service.ns:8080",
        "stream": "live/s[1-20]",
        "watch": "exponential:60s",
        "users": 400,
        "spawn-rate": 40.0,
        "expect-workers": 3,
        "clip": "clip.flv",
        "only-summary": True,
        "progress": True,
        "run-time": "90s",
        "headless": True,
    }


def test_a_shape_says_how_many_come_and_when() -> None:
    made = a_plan(users=None, time=None, shape="ramp:users=1000,over=60s,hold=30s")
    assert (made.users, made.seconds) == (1000, 90)
    values = tomllib.loads(made.to_toml())["tool"]["locust"]
    assert values["shape"] == "ramp:users=1000,over=60s,hold=30s"
    assert "run-time" not in values


def test_what_must_hold_goes_along(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("cut: 0\n")
    assert a_plan(slo=file).slo == "cut: 0\n"
    assert told(slo=file)["slo"] == "/etc/load/slo.yaml"


def test_a_page_needs_a_run_that_begins_and_ends_by_itself() -> None:
    values = told(web=True)
    assert (values["autostart"], values["autoquit"]) == (True, 1)
    assert "headless" not in values


@pytest.mark.parametrize(
    ("users", "workers", "time", "rate"),
    [(5, 1, "60s", 1), (400, 2, "60s", 40), (400, 2, "20s", 80), (5000, 2, "10m", 200), (5000, 8, "10m", 500)],
)
def test_all_come_within_ten_seconds_as_far_as_workers_keep_up(
    users: int, workers: int, time: str, rate: float
) -> None:
    assert a_plan(users=users, workers=workers, time=time).spawn_rate == rate
    assert a_plan(users=users, workers=workers, time=time, spawn_rate=7.0).spawn_rate == 7


def test_the_locustfile_is_the_kinds() -> None:
    root = Path(__file__).parents[3]
    for kind in Kind:
        assert (root / told(kind=kind)["locustfile"]).is_file()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"users": None}, "--users is missing"),
        ({"users": 0}, "--users 0: expected 1 to"),
        ({"workers": 0}, "--workers 0: expected 1 to 500"),
        ({"time": "soon"}, "'soon' is no duration"),
        ({"time": "0.5s"}, "at least 1 s"),
        ({"spawn_rate": -1.0}, "--spawn-rate -1"),
        ({"shape": "ramp:users=10,over=1s,hold=1s"}, "leave out --users, --for and --spawn-rate"),
        ({"users": None, "time": None, "shape": "ramp:users=10"}, "over"),
        ({"options": {"deep": "2"}}, "--deep 2: expected a number from 0 to 1"),
        ({"options": {"stream": "nothing"}}, "stream"),
        ({"options": {"watch": "exponental:3s"}}, "unknown distribution"),
        ({"slo": Path("nowhere.yaml")}, "nowhere.yaml"),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        a_plan(**changes)
