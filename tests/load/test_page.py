"""Locust's page with ours on it, as a browser asks for it."""

import json

import httpx
import pytest

from tests.support.locust import Locust
from tests.support.reference import address
from tests.support.waiting import wait_for


class Page:
    """The page of a running Locust."""

    def __init__(self, base):
        self.base = base

    def get(self, path):
        answer = httpx.get(f"{self.base}/{path}", timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path, **form):
        return httpx.post(f"{self.base}/{path}", data=form, timeout=20).json()

    def start(self, **form):
        return self.post("swarm", **{"user_count": "3", "spawn_rate": "100", **form})

    def row(self):
        rows = json.loads(self.get("stats/requests"))["extended_stats"][0]["data"]
        return rows[0] if rows else {}

    def answers(self):
        try:
            return bool(self.get("viewers"))
        except httpx.TransportError:
            return False


@pytest.fixture
def page(fanout, tmp_path):
    host = address()
    arguments = ("--web-host", host, "--web-port", "8089", "--host", f"http://{fanout}:8080")
    with Locust("flv", tmp_path, *arguments) as locust:
        page = Page(f"http://{host}:8089")
        wait_for(page.answers, "the page")
        yield page
        locust.process.terminate()
        page.ran = locust.ended()
        assert page.ran.code == page.expected, page.ran.out


def test_a_test_from_the_form(page, tmp_path):
    slo = tmp_path / "slo.yaml"
    slo.write_text("first-keyframe p50: 1 us\n")
    page.expected = 1
    assert '"percentiles_to_chart": [0.5, 0.95, 0.99]' in page.get("")
    assert "Nothing has been measured yet" in page.get("viewers")
    assert httpx.get(f"{page.base}/result").status_code == 404
    for bad, words in (
        ({"slo": "nowhere.yaml"}, "--slo: nowhere.yaml: no such file (give the path of an existing file)"),
        ({"deep": "2"}, "--deep: '2': expected a number from 0 to 1"),
        ({"host": "rtmp://h"}, "--host rtmp://h: Flv users need a URL of the form http://HOST:PORT"),
        ({"host": f"http://{address()}:1"}, "(refused)"),
    ):
        answer = page.start(**bad)
        assert (answer["success"], words in answer["message"]) == (False, True), answer
    assert page.start(slo=str(slo), stream="live/x")["success"] is True
    wait_for(lambda: page.row().get("viewers") == "3", "three viewers", 10)
    row = page.row()
    assert row["name"] == "http-flv"
    assert row["p50"].endswith(" ms")
    wait_for(lambda: page.get("viewers").count("<svg") == 4, "the charts", 5)
    assert page.start(user_count="5", slo="ignored while it runs")["success"] is True
    wait_for(lambda: page.row().get("viewers") == "5", "five viewers", 10)
    assert page.post("stop")["success"] is True
    assert "MISSED" in page.get("result")
    assert json.loads(page.get("result.json"))["streams"] == ["live/x"]
    assert 'href="./result"' in page.get("viewers")
    assert page.row()["viewers"] == "0"


def test_a_shape_from_the_form_and_another_test_after_it(page):
    page.expected = 0
    assert page.start(shape="ramp:users=2,over=1s,hold=1s")["success"] is True
    wait_for(lambda: "HOLDS" in page.get("viewers") or 'href="./result"' in page.get("viewers"), "the end", 15)
    assert json.loads(page.get("result.json"))["options"]["users"] == "2"
    assert page.start(shape="")["success"] is True
    wait_for(lambda: page.row().get("viewers") == "3", "three viewers", 10)
    before = page.get("viewers")
    wait_for(lambda: page.get("viewers") != before, "a newer page", 10)
    assert 'href="./result"' not in page.get("viewers")
